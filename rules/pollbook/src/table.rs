//! The scanned ballot table: a slip is presented, the voter signs the paper line, the ballot is given.
//!
//! INVARIANT (one ballot): LINE_SIGNED is the lock. The line's owner gives a ballot when its own book shows no
//! LINE_SIGNED of another kit; any other kit writes LINE_SIGNED, has the owner hold it (under `quorum`, a
//! majority), and gives the ballot only when nothing that came back shows another kit's LINE_SIGNED. Whoever asks
//! the owner second sees the first. A line that was signed and shows no ballot is two officers' matter, always.

use std::sync::Arc;

use lexicon::RefusalReason;
use lexicon::handover::envelope::Kid;
use lexicon::handover::event::{BallotIssued, Incident, LineSigned};
use lexicon::handover::report::TableCount;

use crate::act::{Act, Body, outcome};
use crate::book::Book;
use crate::charter::{BallotTable, Partition};
use crate::clock::Reading;
use crate::decide::{Refusal, identified};
use crate::draft::Draft;
use crate::incidents::incident;
use crate::standing::Place;
use crate::voter::VoterState;

/// The reason of an undo after the ballot: it came back and was spoilt before the officers' eyes.
pub const BALLOT_RETURNED: &str = "BALLOT_RETURNED";

/// What a ballot table may do with a slip that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableRight {
    /// The voter signs; before the ballot, `needed` of these kits must hold the LINE_SIGNED event.
    Clear {
        /// Kits to tell, and to hear.
        ask: Vec<Kid>,
        /// How many of them must have it.
        needed: usize,
    },
    /// Two officers look at the paper line and the stubs first.
    Officers,
}

/// The slip that a table event names.
pub(crate) fn slip_of(act: &Act) -> Option<(Kid, u32)> {
    if let Body::LineSigned(body) = &act.body {
        Some((Kid(*body.kit), body.seq))
    } else if let Body::BallotIssued(body) = &act.body {
        Some((Kid(*body.kit), body.seq))
    } else {
        None
    }
}

fn names(act: &Act, slip: &Act) -> bool {
    slip_of(act) == Some((slip.name.kit, slip.name.seq))
}

/// Whether the counted act is the slip's, or was entered from this very slip.
fn is_of_slip(counted: &Act, slip: &Act) -> bool {
    if let Body::Reconstructed(body) = &counted.body {
        let receipt = identified(slip).map_or(0, |body| body.receipt);
        return Kid(*body.kit) == slip.name.kit && body.receipt == receipt;
    }
    counted.name == slip.name
}

impl Book {
    /// Whether this slip may be exchanged for a ballot here now, and what it takes.
    ///
    /// # Errors
    /// [`Refusal`]: no check-in known, a ballot given already (with its event), the line being served at another
    /// table, or a kit that must be reached first.
    pub fn at_table(&mut self, slip: &Act, reading: Reading) -> Result<TableRight, Refusal> {
        self.table_ground(slip, reading)?;
        let state = self.state(slip.body.line());
        let mut signed = state.signed.iter().filter(|act| names(act, slip));
        // Two officers found that the ballot had been given: they are not asked again, by no table.
        let first = state.signed.iter().find(|act| names(act, slip));
        let given = first.and_then(|first| self.found_given(slip.body.line(), first));
        if let Some(found) = given {
            return Err(Refusal {
                reason: RefusalReason::LineSigned,
                evidence: Some(Arc::clone(found)),
                kit: Some(found.name.kit),
            });
        }
        if self.has_signed(slip) {
            // Both events are written at once: this table was interrupted between them.
            return Ok(TableRight::Officers);
        }
        if let Some(other) = signed.next() {
            let age = reading.wall.micros() - other.hlc.moment().micros();
            let is_lost = self.standing().retirement(other.name.kit).is_some()
                || !self.is_reachable(other.name.kit, reading)
                || age > i64::from(self.charter().limits().release_seconds) * 1_000_000;
            return if is_lost {
                Ok(TableRight::Officers)
            } else {
                Err(interrupted(other))
            };
        }
        // A ballot went to somebody whose act on this line was undone: two officers look at line and stubs, so that
        // the voter whose line it is gets one, and both ballots are shown.
        if !state.ballots.is_empty() {
            return Ok(TableRight::Officers);
        }
        self.table_share(slip.body.line(), reading)
    }

    /// What two officers said after the line was signed at a table: it is signed, and the ballot gone.
    fn found_given(&self, line: u32, signed: &Act) -> Option<&Arc<Act>> {
        self.acts_on(line).find(|act| {
            matches!(&act.body, Body::Resumed(body) if body.outcome == outcome::REFUSED)
                && act.order() > signed.order()
        })
    }

    /// Records that the voter signed the paper line at this table.
    ///
    /// # Errors
    /// As [`Book::at_table`].
    pub fn sign_line(&mut self, slip: &Act, reading: Reading) -> Result<Draft, Refusal> {
        self.at_table(slip, reading)?;
        let body = LineSigned {
            line: slip.body.line(),
            kit: slip.name.kit.0.into(),
            seq: slip.name.seq,
        };
        let hlc = self.stamp(reading);
        Ok(Draft::new(self, hlc, Body::LineSigned(body)))
    }

    /// Gives the ballot of a line that was signed here. `holders` are the kits that hold this kit's LINE_SIGNED;
    /// `is_resumed` says that two officers looked at line and stubs, and consent.
    ///
    /// # Errors
    /// [`Refusal`]: as [`Book::at_table`], or another table signed the same slip meanwhile, or too few hold it:
    /// [`RefusalReason::BallotInterrupted`], two officers decide.
    pub fn give_ballot(
        &mut self,
        slip: &Act,
        is_resumed: bool,
        holders: &[Kid],
        reading: Reading,
    ) -> Result<Draft, Refusal> {
        self.table_ground(slip, reading)?;
        let line = slip.body.line();
        if !self.has_signed(slip) {
            return Err(Refusal::of(RefusalReason::BallotInterrupted));
        }
        if !is_resumed {
            let me = self.me();
            let mut signed = self.state(line).signed.iter();
            if let Some(rival) = signed.find(|act| act.name.kit != me && names(act, slip)) {
                return Err(interrupted(rival));
            }
            let is_held = match self.table_share(line, reading)? {
                _ if !self.state(line).ballots.is_empty() => false,
                TableRight::Clear { ask, needed } => {
                    ask.iter().filter(|kit| holders.contains(kit)).count() >= needed
                }
                TableRight::Officers => false,
            };
            if !is_held {
                return Err(Refusal::of(RefusalReason::BallotInterrupted));
            }
        }
        let body = BallotIssued {
            line,
            kit: slip.name.kit.0.into(),
            seq: slip.name.seq,
            resumed: is_resumed,
            officers: Vec::new(),
        };
        let hlc = self.stamp(reading);
        Ok(Draft::new(self, hlc, Body::BallotIssued(body)))
    }

    /// Whether this kit wrote that the slip's line was signed here.
    #[must_use]
    pub fn has_signed(&self, slip: &Act) -> bool {
        let me = self.me();
        let mut signed = self.state(slip.body.line()).signed.iter();
        signed.any(|act| act.name.kit == me && names(act, slip))
    }

    /// Whether the slip is the counted act of its line, as far as this kit knows.
    #[must_use]
    pub fn is_slip_counted(&self, slip: &Act) -> bool {
        let counted = self.state(slip.body.line()).counted.as_ref();
        counted.is_some_and(|counted| is_of_slip(counted, slip))
    }

    fn table_ground(&mut self, slip: &Act, reading: Reading) -> Result<(), Refusal> {
        self.inspect_clock(reading);
        let is_scanned = self.charter().ballot_table() == BallotTable::Scanned;
        if !is_scanned || self.block().is_some() || self.opened(self.me()).is_none() {
            return Err(Refusal::of(RefusalReason::KitBlocked));
        }
        let state = self.state(slip.body.line());
        let at_home = state.counted.as_ref().filter(|act| self.is_at_home(act));
        let mut ballots = state.ballots.iter();
        let given = ballots.find(|ballot| names(ballot, slip) || !state.is_stray(ballot));
        // Whoever was served on paper while no kit worked has a ballot, whichever act counts.
        if let Some(done) = given.or(at_home).or(state.on_paper()) {
            return Err(Refusal {
                reason: RefusalReason::BallotIssued,
                evidence: Some(Arc::clone(done)),
                kit: Some(done.name.kit),
            });
        }
        if !self.is_slip_counted(slip) {
            return Err(Refusal::naming(RefusalReason::NotIdentified, slip.name.kit));
        }
        Ok(())
    }

    /// By what right this kit gives the ballot of a line that no table has signed.
    fn table_share(&self, line: u32, reading: Reading) -> Result<TableRight, Refusal> {
        let me = self.me();
        let clear = |ask: Vec<Kid>, needed| Ok(TableRight::Clear { ask, needed });
        if self.is_in_doubt() {
            return Ok(TableRight::Officers);
        }
        if self.charter().partition() == Partition::Quorum {
            let others: Vec<Kid> = self
                .charter()
                .voting_kits()
                .filter(|kit| *kit != me && self.standing().retirement(*kit).is_none())
                .collect();
            let votes = self.charter().voting_kits().any(|kit| kit == me);
            let needed = self.charter().majority() - usize::from(votes);
            let reachable = others
                .iter()
                .filter(|kit| self.is_reachable(**kit, reading));
            // More than half of the kits can never hold it again: two officers decide, so that nobody is stranded.
            return if others.len() < needed {
                Ok(TableRight::Officers)
            } else if reachable.count() < needed {
                Err(Refusal::of(RefusalReason::NoMajority))
            } else {
                clear(others, needed)
            };
        }
        let owners = self.standing().owners(self.charter(), line);
        let Some(owner) = owners.last().copied() else {
            return Err(Refusal::of(RefusalReason::NotHere));
        };
        let is_paper = self.charter().partition() == Partition::PaperLock;
        if is_paper && owner != me && !self.is_known_in_hall() {
            return Err(self.isolated(owner));
        }
        // A retired owner may have given the ballot unknown to its heir; under `paper_lock` so may whoever is away or lost.
        if owners.len() > 1 || is_paper && !self.hears_all(reading) {
            return Ok(TableRight::Officers);
        }
        if owner == me {
            clear(Vec::new(), 0)
        } else if self.is_reachable(owner, reading) {
            clear(vec![owner], 1)
        } else {
            Err(self.isolated(owner))
        }
    }

    /// Whether the voter of an act got the ballot at home: a mobile kit did it, or it was entered from its slip. An act
    /// at home without a slip, which two officers resumed in the hall, is served in the hall from then on.
    fn is_at_home(&self, act: &Act) -> bool {
        if self.is_resumed_in_hall(act) {
            return false;
        }
        let kit = if let Body::Reconstructed(body) = &act.body {
            Kid(*body.kit)
        } else {
            act.name.kit
        };
        self.charter().is_mobile(kit)
    }

    /// What the table adds up to; `None` where the law says `paper`.
    #[must_use]
    pub fn table_count(&self) -> Option<TableCount> {
        if self.charter().ballot_table() != BallotTable::Scanned {
            return None;
        }
        let kits = self.charter().kits();
        let mut count = TableCount {
            signed: 0,
            issued: 0,
            waiting: 0,
            surplus: 0,
            returned: 0,
            home: 0,
            ballots: vec![0; kits.len()],
            paper: 0,
        };
        let number = |list: &Vec<Arc<Act>>| u32::try_from(list.len()).unwrap_or(u32::MAX);
        for (_, state) in self.states() {
            let ballots = number(&state.ballots);
            let at_home = state
                .counted
                .as_ref()
                .is_some_and(|act| self.is_at_home(act));
            let on_paper = matches!(
                state.counted.as_deref(),
                Some(Act {
                    body: Body::PaperServed(_),
                    ..
                })
            );
            let at_home = at_home && !on_paper;
            let in_hall = state.counted.is_some() && !at_home && !on_paper;
            let has_ballot = in_hall && state.ballots.iter().any(|ballot| !state.is_stray(ballot));
            count.home += u32::from(at_home);
            count.paper += u32::from(on_paper);
            count.signed += u32::from(in_hall && !state.signed.is_empty());
            count.issued += u32::from(has_ballot);
            count.waiting += u32::from(in_hall && !has_ballot);
            count.surplus += ballots - u32::from(has_ballot);
            count.returned += number(&state.returned);
            for act in state.ballots.iter().chain(&state.returned) {
                let at = kits.iter().position(|kit| *kit == act.name.kit);
                if let Some(ballots) = at.and_then(|at| count.ballots.get_mut(at)) {
                    *ballots += 1;
                }
            }
        }
        Some(count)
    }

    pub(crate) fn table_incidents(&self, line: u32, state: &VoterState, found: &mut Vec<Incident>) {
        let ballots: Vec<&Arc<Act>> = state.ballots.iter().collect();
        if ballots.len() > 1 {
            found.push(incident("BALLOT_TWICE", line, &ballots));
        }
        let is_loose = |ballot: &&Arc<Act>| state.counted.is_none() || state.is_stray(ballot);
        let loose: Vec<&Arc<Act>> = ballots.iter().copied().filter(is_loose).collect();
        if !loose.is_empty() {
            found.push(incident("BALLOT_NOT_COUNTED", line, &loose));
        }
        for act in ballots {
            let is_before = |signed: &&Arc<Act>| {
                signed.name.kit == act.name.kit
                    && signed.order() < act.order()
                    && slip_of(signed) == slip_of(act)
            };
            if !self
                .acts_on(line)
                .any(|signed| matches!(signed.body, Body::LineSigned(_)) && is_before(&signed))
            {
                found.push(incident("BALLOT_UNSIGNED", line, &[act]));
            }
            if self.standing().place(act) == Place::After {
                found.push(incident("AFTER_RETIREMENT", line, &[act]));
            }
        }
    }
}

fn interrupted(signed: &Arc<Act>) -> Refusal {
    Refusal {
        reason: RefusalReason::BallotInterrupted,
        evidence: Some(Arc::clone(signed)),
        kit: Some(signed.name.kit),
    }
}

#[cfg(test)]
mod tests;
