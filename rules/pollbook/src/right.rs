//! By what right a kit may serve a voter now: shares, grants, the paper line, the majority.

use std::sync::Arc;

use lexicon::RefusalReason;
use lexicon::handover::envelope::Kid;
use lexicon::handover::package::stop_note;

use crate::act::{Act, Body};
use crate::book::Book;
use crate::charter::Partition;
use crate::clock::Reading;
use crate::decide::{Refusal, grant_of, granted_elsewhere};

/// By what right a kit may serve a line now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Right {
    /// The line is in the kit's own share.
    Own,
    /// The owner granted it, and the grant is unused.
    Grant(Arc<Act>),
    /// A named officer found the paper line unsigned.
    Paper(Arc<Act>),
    /// More than half of the kits promised it; the own promise is named.
    Majority(Arc<Act>),
    /// The owner must be asked first.
    Ask(Kid),
    /// An officer must look at the paper line first.
    CheckLine,
    /// This kit's own promise must be written first.
    Promise,
    /// These kits must be asked for their promises first.
    AskMajority(Vec<Kid>),
}

impl Book {
    /// Before a finger is asked for: may this voter be served here now, and by what right?
    ///
    /// # Errors
    /// [`Refusal`]: what the operator and the voter are told.
    pub fn gate(&mut self, line: u32, reading: Reading) -> Result<Right, Refusal> {
        self.right(line, false, reading)
    }

    pub(crate) fn right(
        &mut self,
        line: u32,
        home_visit: bool,
        reading: Reading,
    ) -> Result<Right, Refusal> {
        self.inspect_clock(reading);
        if self.block().is_some() {
            return Err(Refusal::of(RefusalReason::KitBlocked));
        }
        if !self
            .charter()
            .is_admitted_at(self.me(), reading.wall.micros())
        {
            return Err(Refusal::of(RefusalReason::KitBlocked));
        }
        if let Some(act) = self.suspension() {
            return Err(Refusal {
                reason: RefusalReason::Suspended,
                kit: Some(act.name.kit),
                evidence: Some(act),
            });
        }
        let is_mobile = self.charter().is_mobile(self.me());
        if !(if is_mobile {
            self.is_visiting(reading)
        } else {
            self.is_voting(reading)
        }) {
            return Err(Refusal::of(RefusalReason::OutOfHours));
        }
        let Some(owner) = self.owner(line) else {
            return Err(Refusal::of(RefusalReason::NotHere));
        };
        // A change of the list that this kit heard of and has not recorded yet: its own chain lacks the line.
        if line > self.own_lines() {
            return Err(Refusal::of(RefusalReason::NotHere));
        }
        let state = self.state(line);
        if let Some(act) = &state.counted {
            return Err(Refusal {
                reason: RefusalReason::Already,
                evidence: Some(Arc::clone(act)),
                kit: Some(act.name.kit),
            });
        }
        if self.list().struck(line).is_some() {
            return Err(Refusal::of(RefusalReason::Struck));
        }
        if self.list().stopped(line).is_some()
            && self.charter().policy().stop_note == Some(stop_note::REFUSE)
        {
            return Err(Refusal::of(RefusalReason::StopNote));
        }
        if is_mobile {
            return self.not_at_home(line).map_or(Ok(Right::Own), Err);
        }
        let has_mobile = self.charter().mobile_kits().next().is_some();
        if self.is_home(line) && (!home_visit || has_mobile) {
            return Err(Refusal {
                kit: self.mobile_owner(line),
                ..Refusal::of(RefusalReason::HomeReserved)
            });
        }
        if let Some(check) = self.last_look(line)
            && matches!(&check.body, Body::LineChecked(body) if !body.unsigned)
        {
            return Err(Refusal {
                reason: RefusalReason::LineSigned,
                evidence: Some(Arc::clone(check)),
                kit: None,
            });
        }
        let asks_first = !state.set_aside.is_empty()
            || self.is_in_doubt()
            || self.charter().partition() == Partition::Quorum
                && self.may_be_visited(line, reading);
        if asks_first && self.fresh_look(line, reading).is_none() {
            return Ok(Right::CheckLine);
        }
        match self.charter().partition() {
            Partition::Segment | Partition::PaperLock => self.shared_right(line, owner, reading),
            Partition::Quorum => self.majority_right(line, reading),
        }
    }

    /// `segment` and `paper_lock`: the owner alone decides while it can be reached.
    fn shared_right(&self, line: u32, owner: Kid, reading: Reading) -> Result<Right, Refusal> {
        let owners = self.standing().owners(self.charter(), line);
        let (lost, grants): (Vec<_>, Vec<_>) = self
            .state(line)
            .grants_unused
            .iter()
            .filter(|act| owners.contains(&act.name.kit))
            .partition(|act| {
                grant_of(act)
                    .is_some_and(|grant| self.standing().retirement(Kid(*grant.to)).is_some())
            });
        let released = &self.state(line).grants_released;
        let is_released = released.iter().any(|act| owners.contains(&act.name.kit));
        // A retired owner, a retired kit that held a grant, or one whose grant was taken back may have
        // served the voter unknown to this kit.
        let is_inherited = owners.len() > 1 || !lost.is_empty() || is_released;
        let is_paper = self.charter().partition() == Partition::PaperLock;
        // Another kit may have served this line by its paper while it was not in touch with this one, and be lost since.
        let needs_look = is_inherited
            || self.may_be_visited(line, reading)
            || is_paper && !self.hears_all(reading);
        let look = self.fresh_look(line, reading);
        let mut elsewhere = None;
        for act in grants {
            if is_to(act, self.me()) {
                if !self.is_running(act, reading) || self.is_beyond(act, reading) {
                    continue;
                }
                return Ok(if needs_look && look.is_none() {
                    Right::CheckLine
                } else {
                    Right::Grant(Arc::clone(act))
                });
            }
            elsewhere.get_or_insert(act);
        }
        let is_mine = owner == self.me();
        if is_mine && let Some(act) = elsewhere {
            return Err(granted_elsewhere(act));
        }
        let asks_paper = if is_mine {
            needs_look
        } else {
            is_paper && !self.is_reachable(owner, reading) && self.is_known_in_hall()
        };
        Ok(match (asks_paper, look, is_mine) {
            (true, None, _) => Right::CheckLine,
            (true, Some(look), _) if is_paper => Right::Paper(Arc::clone(look)),
            (_, _, true) => Right::Own,
            (_, _, false) => Right::Ask(owner),
        })
    }

    /// Whether every kit with a share that is not retired signed that it saw this kit open. Kits with a share are expected
    /// by everybody; a spare is not, before it was seen.
    ///
    /// INVARIANT (no unseen spare): a kit that is in touch with all that it knows of looks at no paper, so one that it
    /// cannot know of serves no line of its by the paper. What is countersigned is on the disk of whoever signed it.
    pub(crate) fn is_known_in_hall(&self) -> bool {
        let me = self.me();
        let mut voting = self.charter().voting_kits();
        if voting.any(|kit| kit == me) {
            return true;
        }
        let Some(opened) = self.opened(me).map(|act| act.name.seq) else {
            return false;
        };
        let mut others = self
            .charter()
            .voting_kits()
            .filter(|kit| self.standing().retirement(*kit).is_none());
        others.all(|kit| {
            self.events_after(kit, 0).any(|act| {
                matches!(&act.body, Body::PeerHead(seen) if *seen.kit == me.0 && seen.seq >= opened)
            })
        })
    }

    /// `quorum`: whoever the owner is, more than half of the kits must promise the line.
    ///
    /// INVARIANT (majority): a kit promises a line to one kit at a time; two majorities share a kit.
    fn majority_right(&self, line: u32, reading: Reading) -> Result<Right, Refusal> {
        let votes = self.charter().voting_kits().any(|kit| kit == self.me());
        let own = self.promised(line);
        if votes {
            match &own {
                None => return Ok(Right::Promise),
                Some(act) if !is_to(act, self.me()) => return Err(granted_elsewhere(act)),
                Some(_) => {}
            }
        }
        let mut promised = Vec::new();
        let mut missing = Vec::new();
        for kit in self.charter().voting_kits() {
            let given = self
                .state(line)
                .grants_unused
                .iter()
                .find(|act| act.name.kit == kit);
            match given {
                Some(act) if is_to(act, self.me()) && !self.is_beyond(act, reading) => {
                    promised.push(Arc::clone(act));
                }
                Some(_) => {}
                None if self.standing().retirement(kit).is_none() => missing.push(kit),
                None => {}
            }
        }
        if promised.len() < self.charter().majority() {
            return Ok(Right::AskMajority(missing));
        }
        let named = own.or_else(|| promised.first().cloned());
        named
            .map(Right::Majority)
            .ok_or_else(|| Refusal::of(RefusalReason::NoMajority))
    }

    /// Whether a grant's stamp lies where this kit's clock does not follow: an act on it would come before it.
    fn is_beyond(&self, grant: &Act, reading: Reading) -> bool {
        grant.hlc >= self.next_stamp(reading)
    }

    /// This kit's own grant or promise on a line that is neither used nor taken back. An heir is bound
    /// by what the kits before it granted to a kit that is still at work.
    pub(crate) fn promised(&self, line: u32) -> Option<Arc<Act>> {
        let owners = match self.charter().partition() {
            Partition::Segment | Partition::PaperLock => {
                self.standing().owners(self.charter(), line)
            }
            Partition::Quorum => vec![self.me()],
        };
        self.state(line)
            .grants_unused
            .iter()
            .filter(|act| act.name.kit == self.me() || owners.contains(&act.name.kit))
            .find(|act| {
                act.name.kit == self.me()
                    || grant_of(act)
                        .is_some_and(|grant| self.standing().retirement(Kid(*grant.to)).is_none())
            })
            .cloned()
    }

    /// This kit's last look at the paper line that no act has used.
    fn last_look(&self, line: u32) -> Option<&Arc<Act>> {
        let look = self
            .state(line)
            .checks
            .iter()
            .rev()
            .find(|act| act.name.kit == self.me())?;
        let is_used = self
            .state(line)
            .acts()
            .any(|act| act.name.kit == self.me() && act.order() > look.order());
        (!is_used).then_some(look)
    }

    fn fresh_look(&self, line: u32, reading: Reading) -> Option<&Arc<Act>> {
        let look = self.last_look(line)?;
        let is_unsigned = matches!(&look.body, Body::LineChecked(body) if body.unsigned);
        (is_unsigned && self.is_look_of_now(look, reading)).then_some(look)
    }

    /// Whether a look at the paper line is still a word about now.
    pub(crate) fn is_look_of_now(&self, look: &Act, reading: Reading) -> bool {
        let age = self.age_micros(look, reading);
        age.is_some_and(|age| age <= i64::from(self.charter().limits().look_seconds) * 1_000_000)
    }

    /// Whether a grant may still be used, by the clock of whoever asks. One whose stamp lies where two wrong clocks stood
    /// has no age here; it is followed within the bound of the own stamps ([`Book::is_beyond`]).
    pub(crate) fn is_running(&self, grant: &Act, reading: Reading) -> bool {
        let age = self.age_micros(grant, reading);
        age.is_none_or(|age| age <= i64::from(self.charter().limits().grant_seconds) * 1_000_000)
    }

    /// The refusal when a line's owner does not answer: policy `segment`.
    #[must_use]
    pub fn isolated(&self, owner: Kid) -> Refusal {
        Refusal::naming(RefusalReason::NotMyShare, owner)
    }

    /// The refusal when too few kits promised the line: policy `quorum`. A kit at work that holds a promise in vain is
    /// named: there the voter is served, or the promise is given back.
    #[must_use]
    pub fn no_majority(&self, line: u32) -> Refusal {
        let held = self.state(line).grants_unused.iter().find(|act| {
            grant_of(act).is_some_and(|grant| {
                let to = Kid(*grant.to);
                to != self.me() && self.standing().retirement(to).is_none()
            })
        });
        held.map_or_else(|| Refusal::of(RefusalReason::NoMajority), granted_elsewhere)
    }
}

fn is_to(act: &Act, kit: Kid) -> bool {
    grant_of(act).is_some_and(|grant| Kid(*grant.to) == kit)
}
