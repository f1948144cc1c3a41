//! What two officers do when a kit, a grant, a receipt or a clock is lost.

use std::sync::Arc;

use lexicon::handover::envelope::Kid;
use lexicon::handover::event::{Declined, LineChecked, Reconstructed, Resumed, Retired, TimeSet};
use lexicon::{Method, RefusalReason};

use crate::act::{Act, Body, outcome};
use crate::book::Book;
use crate::clock::Reading;
use crate::decide::{Refusal, grant_of, identified};
use crate::draft::Draft;

impl Book {
    /// Retires kits and takes their lines over; two officers consent. Names their last known heads.
    ///
    /// Every other kit at work must be in touch, so that no grant of the retired kits is unknown here,
    /// and the retired ones must have been silent for as long as makes a kit unreachable.
    ///
    /// # Errors
    /// [`Refusal`] names the kit that must be reached, or retired with them.
    pub fn take_over(
        &mut self,
        dead: &[Kid],
        reason: &str,
        reading: Reading,
    ) -> Result<Draft, Refusal> {
        self.inspect_clock(reading);
        if self.block().is_some() || self.opened(self.me()).is_none() {
            return Err(Refusal::of(RefusalReason::KitBlocked));
        }
        if dead.is_empty()
            || dead.iter().any(|kit| {
                *kit == self.me()
                    || self.charter().kit(*kit).is_none()
                    || self.standing().retirement(*kit).is_some()
            })
        {
            return Err(Refusal::of(RefusalReason::NotHere));
        }
        if let Some(kit) = dead.iter().find(|kit| self.is_reachable(**kit, reading)) {
            return Err(Refusal::naming(RefusalReason::NotMyShare, *kit));
        }
        let lost = self
            .charter()
            .kits()
            .iter()
            .filter(|kit| **kit != self.me() && !dead.contains(kit) && self.is_at_work(**kit))
            .find(|kit| !self.is_in_touch(**kit, reading));
        if let Some(kit) = lost {
            return Err(Refusal::naming(RefusalReason::NoMajority, *kit));
        }
        let kits = dead.iter().map(|kit| self.head(*kit).into()).collect();
        let body = Retired {
            kits,
            reason: reason.to_owned(),
            officers: Vec::new(),
        };
        let hlc = self.stamp(reading);
        Ok(Draft::new(self, hlc, Body::Retired(body)))
    }

    /// Enters an act of a retired kit from its paper receipt; two officers consent.
    ///
    /// # Errors
    /// [`Refusal`]: the kit is not retired, or the receipt's act is known ([`RefusalReason::Already`]).
    pub fn reconstruct(
        &mut self,
        line: u32,
        kit: Kid,
        receipt: u32,
        method: Method,
        reading: Reading,
    ) -> Result<Draft, Refusal> {
        if self.block().is_some() {
            return Err(Refusal::of(RefusalReason::KitBlocked));
        }
        if self.standing().retirement(kit).is_none() || !self.has_line(line) || receipt == 0 {
            return Err(Refusal::of(RefusalReason::NotHere));
        }
        let entered = self.acts_on(line).find(|act| {
            matches!(&act.body, Body::Reconstructed(body) if Kid(*body.kit) == kit && body.receipt == receipt)
        });
        let known = self.act_of_receipt(kit, receipt);
        let is_set_aside = |act: &Arc<Act>| {
            self.state(act.body.line())
                .set_aside
                .iter()
                .any(|other| other.name == act.name)
        };
        if let Some(act) = entered.or(known.filter(|act| !is_set_aside(act))) {
            return Err(Refusal {
                reason: RefusalReason::Already,
                evidence: Some(Arc::clone(act)),
                kit: Some(kit),
            });
        }
        let body = Reconstructed {
            line,
            kit: kit.0.into(),
            receipt,
            method: method.number(),
            officers: Vec::new(),
        };
        let hlc = self.stamp(reading);
        Ok(Draft::new(self, hlc, Body::Reconstructed(body)))
    }

    /// The act that counts a voter who stands here without a receipt, when this kit may resume it: it
    /// is another kit's, its receipt is not known to have come out, and that kit does not answer, though this kit has run
    /// long enough to hear it.
    #[must_use]
    pub fn resumable(&self, line: u32, reading: Reading) -> Option<Arc<Act>> {
        let act = self.state(line).counted.clone()?;
        identified(&act)?;
        let paper = self.paper(&act);
        let is_lost = self.standing().retirement(act.name.kit).is_some()
            || !self.is_reachable(act.name.kit, reading) && self.has_listened(reading);
        let is_open = act.name.kit != self.me() && is_lost;
        (is_open && paper.copies == 0 && !paper.void && !paper.resumed).then_some(act)
    }

    /// RESUME: two officers looked at the paper line and the stubs. `is_line_signed` sends the voter
    /// away; otherwise this event is the receipt of the act that stands without one, counted once.
    ///
    /// # Errors
    /// [`Refusal`] when no act stands without a receipt here and the line is not signed either.
    pub fn resume(
        &mut self,
        line: u32,
        is_line_signed: bool,
        reading: Reading,
    ) -> Result<Draft, Refusal> {
        self.inspect_clock(reading);
        if !self.has_line(line) {
            return Err(Refusal::of(RefusalReason::NotHere));
        }
        let (kit, seq, decided) = if is_line_signed {
            let known = self.state(line).counted.as_ref();
            let known = known.map_or((self.me(), 0), |act| (act.name.kit, act.name.seq));
            (known.0, known.1, outcome::REFUSED)
        } else {
            if self.block().is_some() {
                return Err(Refusal::of(RefusalReason::KitBlocked));
            }
            if let Some(act) = self.suspension() {
                return Err(Refusal {
                    reason: RefusalReason::Suspended,
                    kit: Some(act.name.kit),
                    evidence: Some(act),
                });
            }
            let act = self
                .resumable(line, reading)
                .ok_or_else(|| Refusal::of(RefusalReason::Already))?;
            (act.name.kit, act.name.seq, outcome::SERVED)
        };
        let body = Resumed {
            line,
            kit: kit.0.into(),
            seq,
            outcome: decided,
            officers: Vec::new(),
        };
        let hlc = self.stamp(reading);
        Ok(Draft::new(self, hlc, Body::Resumed(body)))
    }

    /// Records what a named officer saw on the paper line; one officer consents.
    pub fn check_line(&mut self, line: u32, unsigned: bool, reading: Reading) -> Draft {
        let body = LineChecked {
            line,
            unsigned,
            officers: Vec::new(),
        };
        let hlc = self.stamp(reading);
        Draft::new(self, hlc, Body::LineChecked(body))
    }

    /// Gives back a grant or promise to this kit that it will never use: the voter went elsewhere, or
    /// there was no majority. `None` when it holds none.
    pub fn decline(&mut self, line: u32, reading: Reading) -> Option<Draft> {
        let me = self.me();
        let grant = self
            .state(line)
            .grants_unused
            .iter()
            .find(|act| grant_of(act).is_some_and(|grant| Kid(*grant.to) == me))?;
        let body = Declined {
            line,
            kit: grant.name.kit.0.into(),
            seq: grant.name.seq,
        };
        let hlc = self.stamp(reading);
        Some(Draft::new(self, hlc, Body::Declined(body)))
    }

    /// Records that two officers set the clock; once committed, [`Book::clock_was_set`] trusts it.
    pub fn set_clock(&mut self, reading: Reading) -> Draft {
        let body = TimeSet {
            wall: reading.wall.micros(),
            officers: Vec::new(),
        };
        let hlc = self.clock_step(reading);
        Draft::new(self, hlc, Body::TimeSet(body))
    }
}

#[cfg(test)]
mod tests;
