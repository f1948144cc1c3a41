//! What the set of events shows to be explained, and what kits recorded to be explained.

use std::sync::Arc;

use lexicon::handover::envelope::Kid;
use lexicon::handover::event::{EventRef, Incident};

use lexicon::Method;

use crate::act::{Act, Body};
use crate::book::Book;
use crate::charter::Partition;
use crate::standing::Place;
use crate::voter::VoterState;
use crate::{grant_of, identified};

pub(crate) fn incident(code: &str, line: u32, acts: &[&Arc<Act>]) -> Incident {
    let mut evidence: Vec<EventRef> = acts.iter().map(|act| act.reference()).collect();
    evidence.sort();
    Incident {
        code: code.to_owned(),
        line,
        evidence,
    }
}

impl Book {
    /// Incidents that the set of events shows, and those that kits recorded; sorted, each once.
    ///
    /// `DUPLICATE`: two acts of one voter, or two receipts of one act. `LATE`: what a retired kit
    /// brought afterwards. `AFTER_RETIREMENT`: what it did although retired. `RECEIPT_DIFFERS`: a
    /// receipt entered from paper for another line than its act. `EQUIVOCATION`: two events under one
    /// counter. `NO_RIGHT`: an act whose grant, promise or look at the paper is not in the set.
    /// `TAKEOVER_TWICE`: one kit retired by two takeovers. `CONFLICT`: a counted act on a line that was struck.
    /// `BREAK_GLASS`: an act that the commission above signed in place of officers.
    /// `STOP_NOTE`: the register believes the voter dead, and the finger fitted. `DELTA_TWICE`: two
    /// different changes of the list under one number. `PAPER_COUNT`, `PAPER_OVERLAP`: an interval without kits whose
    /// lines are not as many as its slips, or within which a kit identified somebody. At a scanned ballot table `BALLOT_TWICE`: two ballots of a
    /// line; `BALLOT_NOT_COUNTED`: a ballot and no counted act; `BALLOT_UNSIGNED`: no LINE_SIGNED of its kit before it.
    /// `SLIP_TWICE`: one slip handed in at two tables that do not scan and did not hear each other. `TOTALS_TWICE`: what was
    /// counted on paper entered twice, each time as the first.
    /// `WITHDRAWN_CARD`: signed with a card after it was withdrawn. `OVERRIDE_QUOTA`: more identifications by two officers
    /// than the law's share; `OVERRIDE_PAIR`: more of them in a row by the same two than the law lets pass.
    /// `BREAK_GLASS_UNSAID`: such keys signed, and the kit's journal does not say why before. `GRANT_OVER`: a spare kit
    /// identified somebody outside the dates of its grant. `WHILE_SUSPENDED`, `DAY_TWICE`, `NO_DECISION`: of a precinct
    /// closed before its time and its second day.
    #[must_use]
    pub fn incidents(&self) -> Vec<Incident> {
        let mut found = Vec::new();
        for (line, state) in self.states() {
            self.line_incidents(line, state, &mut found);
        }
        for act in self.events() {
            if let Body::Incident(body) = &act.body {
                found.push(body.clone());
            }
            self.glass_incidents(act, &mut found);
        }
        self.day_incidents(&mut found);
        for chain in self.chains.values() {
            for bearers in chain.events.values().filter(|bearers| bearers.len() > 1) {
                found.push(incident(
                    "EQUIVOCATION",
                    0,
                    &bearers.iter().collect::<Vec<_>>(),
                ));
            }
        }
        for rival in self.list().rivals() {
            let acts: Vec<_> = self.list_change(rival).into_iter().collect();
            found.push(incident("DELTA_TWICE", 0, &acts));
        }
        self.paper_incidents(&mut found);
        if self.has_rival_takeovers() {
            let acts: Vec<_> = self.takeovers().collect();
            found.push(incident("TAKEOVER_TWICE", 0, &acts));
        }
        self.card_incidents(&mut found);
        self.totals_incidents(&mut found);
        if self.override_alarm() {
            found.push(incident("OVERRIDE_QUOTA", 0, &[]));
        }
        found.sort_by(|a, b| (&a.code, a.line, &a.evidence).cmp(&(&b.code, b.line, &b.evidence)));
        found.dedup();
        found
    }

    fn line_incidents(&self, line: u32, state: &VoterState, found: &mut Vec<Incident>) {
        let standing: Vec<&Arc<Act>> = state.counted.iter().chain(&state.duplicates).collect();
        let all: Vec<&Arc<Act>> = standing
            .iter()
            .copied()
            .chain(&state.set_aside)
            .filter(|act| self.may_have_been_issued(act))
            .collect();
        if all.len() > 1 {
            found.push(incident("DUPLICATE", line, &all));
        }
        for act in &standing {
            let paper = self.paper(act);
            if paper.resumed && paper.copies > 0 {
                found.push(incident("DUPLICATE", line, &[act]));
            }
            if let Body::Reconstructed(_) | Body::PaperServed(_) = &act.body {
                continue;
            }
            if self.standing().place(act) == Place::Late {
                found.push(incident("LATE", line, &[act]));
            }
            if !self.has_right(act, state) {
                found.push(incident("NO_RIGHT", line, &[act]));
            }
            let at = act.hlc.moment().micros();
            if !self.charter().is_admitted_at(act.name.kit, at) {
                found.push(incident("GRANT_OVER", line, &[act]));
            }
        }
        self.list_incidents(line, state, found);
        self.table_incidents(line, state, found);
        self.slip_incidents(line, found);
        if let Some(release) = &state.home_release {
            for act in &standing {
                let is_visit = identified(act).is_some() && self.charter().is_mobile(act.name.kit);
                if is_visit && act.order() > release.order() {
                    found.push(incident("HOME_RELEASED", line, &[act, release]));
                }
            }
        }
        for act in &state.set_aside {
            found.push(incident("AFTER_RETIREMENT", line, &[act]));
        }
        for act in self.acts_on(line) {
            let Body::Reconstructed(body) = &act.body else {
                continue;
            };
            let other = self
                .act_of_receipt(Kid(*body.kit), body.receipt)
                .filter(|other| other.body.line() != line);
            if let Some(other) = other {
                found.push(incident("RECEIPT_DIFFERS", line, &[act, other]));
            }
        }
    }

    /// Late evidence whose receipt never came out shows a check-in that ended before the paper.
    /// A line that was struck and a voter who is counted on it; a stop-note and a voter whose finger fitted.
    fn list_incidents(&self, line: u32, state: &VoterState, found: &mut Vec<Incident>) {
        let Some(act) = &state.counted else {
            return;
        };
        let list = self.list();
        for (code, taken) in [
            ("CONFLICT", list.struck(line)),
            ("STOP_NOTE", list.stopped(line)),
        ] {
            if let Some(change) = taken.and_then(|(taken, _)| self.list_change(taken.id)) {
                found.push(incident(code, line, &[act, change]));
            }
        }
    }

    fn may_have_been_issued(&self, act: &Act) -> bool {
        let paper = self.paper(act);
        self.standing().place(act) == Place::OnTime || paper.copies > 0 || paper.resumed
    }

    /// Whether the set holds what allowed a kit to serve: its share, a grant, a look, a majority.
    pub(crate) fn has_right(&self, act: &Act, state: &VoterState) -> bool {
        let Some(body) = identified(act) else {
            return true;
        };
        let grant_kit = Kid(*body.grant_kit);
        let named = self.event(grant_kit, body.grant_seq);
        let owners = self.standing().owners(self.charter(), body.line);
        let looked = state
            .checks
            .iter()
            .any(|check| check.name.kit == act.name.kit && check.order() < act.order());
        // A mobile kit's right is the home list, which is sealed: the commission's register shows it.
        if self.charter().is_mobile(act.name.kit) && body.method == Method::Home.number() {
            return true;
        }
        match self.charter().partition() {
            Partition::Quorum => self.promises(act) >= self.charter().majority(),
            Partition::Segment | Partition::PaperLock if body.grant_seq == 0 => {
                owners.first() == Some(&act.name.kit) || owners.contains(&act.name.kit) && looked
            }
            // A grant or a look at another line, or one that came afterwards, is no right to this one.
            Partition::Segment | Partition::PaperLock => named
                .filter(|named| named.body.line() == body.line && named.order() < act.order())
                .is_some_and(|named| {
                    if let Some(grant) = grant_of(named) {
                        owners.contains(&grant_kit) && *grant.to == act.name.kit.0
                    } else {
                        matches!(&named.body, Body::LineChecked(check) if check.unsigned)
                            && grant_kit == act.name.kit
                            && self.charter().partition() == Partition::PaperLock
                    }
                }),
        }
    }

    fn promises(&self, act: &Act) -> usize {
        let mut kits: Vec<_> = self
            .acts_on(act.body.line())
            .filter(|other| other.order() < act.order())
            .filter(|other| grant_of(other).is_some_and(|grant| *grant.to == act.name.kit.0))
            .map(|other| other.name.kit)
            .filter(|kit| self.charter().voting_kits().any(|voting| voting == *kit))
            .collect();
        kits.sort_unstable();
        kits.dedup();
        kits.len()
    }
}
