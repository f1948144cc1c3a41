//! Slips handed in for a ballot at a table that does not scan: a kit takes each once, and every kit that heard of it
//! takes no copy.
//!
//! Two tables that do not hear each other may both take one slip, or its photocopy. Both events are kept, and
//! `SLIP_TWICE` shows them when the kits meet.

use std::collections::BTreeMap;
use std::sync::Arc;

use lexicon::RefusalReason;
use lexicon::handover::envelope::Kid;
use lexicon::handover::event::{Incident, SlipTaken};

use crate::act::{Act, Body};
use crate::book::Book;
use crate::charter::BallotTable;
use crate::clock::Reading;
use crate::decide::{Refusal, identified};
use crate::draft::Draft;
use crate::incidents::incident;

fn taken_of(act: &Act) -> Option<&SlipTaken> {
    if let Body::SlipTaken(body) = &act.body {
        Some(body)
    } else {
        None
    }
}

impl Book {
    /// The first event by which this slip was taken, at any table that is known of.
    #[must_use]
    pub fn slip_taken(&self, slip: &Act) -> Option<&Arc<Act>> {
        let name = (slip.name.kit, slip.name.seq);
        let is_of =
            |act: &&Arc<Act>| taken_of(act).is_some_and(|body| (Kid(*body.kit), body.seq) == name);
        self.acts_on(slip.body.line()).find(is_of)
    }

    /// Takes a slip in for a ballot: the event is durable before the slip is called good.
    ///
    /// # Errors
    /// [`RefusalReason::KitBlocked`] when this kit must not write or was never opened; [`RefusalReason::NotHere`] where the
    /// table scans, or for an act that is no identification; [`RefusalReason::BallotIssued`] with the event by which it
    /// was taken before.
    pub fn take_slip(&mut self, slip: &Act, reading: Reading) -> Result<Draft, Refusal> {
        self.inspect_clock(reading);
        if self.block().is_some() || self.opened(self.me()).is_none() {
            return Err(Refusal::of(RefusalReason::KitBlocked));
        }
        let is_paper = self.charter().ballot_table() == BallotTable::Paper;
        if !is_paper || identified(slip).is_none() {
            return Err(Refusal::of(RefusalReason::NotHere));
        }
        if let Some(before) = self.slip_taken(slip) {
            return Err(Refusal {
                reason: RefusalReason::BallotIssued,
                kit: Some(before.name.kit),
                evidence: Some(Arc::clone(before)),
            });
        }
        let body = SlipTaken {
            line: slip.body.line(),
            kit: slip.name.kit.0.into(),
            seq: slip.name.seq,
        };
        let hlc = self.stamp(reading);
        Ok(Draft::new(self, hlc, Body::SlipTaken(body)))
    }

    /// The slips of a line that were taken, each with its events in the order of the day.
    fn taken_on(&self, line: u32) -> BTreeMap<(Kid, u32), Vec<&Arc<Act>>> {
        let mut taken: BTreeMap<(Kid, u32), Vec<&Arc<Act>>> = BTreeMap::new();
        for act in self.acts_on(line) {
            if let Some(body) = taken_of(act) {
                let name = (Kid(*body.kit), body.seq);
                taken.entry(name).or_default().push(act);
            }
        }
        taken
    }

    /// How many slips were taken, each once; `None` when none was.
    #[must_use]
    pub fn slips_taken(&self) -> Option<u32> {
        let slips: usize = self
            .states()
            .map(|(line, _)| self.taken_on(line).len())
            .sum();
        u32::try_from(slips).ok().filter(|slips| *slips > 0)
    }

    /// A slip that was taken twice: two tables did not hear each other.
    pub(crate) fn slip_incidents(&self, line: u32, found: &mut Vec<Incident>) {
        for acts in self.taken_on(line).into_values() {
            if acts.len() > 1 {
                found.push(incident("SLIP_TWICE", line, &acts));
            }
        }
    }
}

#[cfg(test)]
mod tests;
