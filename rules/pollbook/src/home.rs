//! Voting at home (S-22, S-23): the frozen home list, the mobile kits, and the chair's release for the hall.

use std::sync::Arc;

use lexicon::RefusalReason;
use lexicon::handover::envelope::Kid;
use lexicon::handover::event::HomeReleased;

use crate::act::{Act, Body};
use crate::book::Book;
use crate::charter::Charter;
use crate::clock::Reading;
use crate::decide::Refusal;
use crate::draft::Draft;

impl Charter {
    /// The mobile kits, in the order in which the home list is divided among them.
    pub fn mobile_kits(&self) -> impl Iterator<Item = Kid> {
        let names = self.policy().home.iter().flat_map(|home| &home.kits);
        names.filter_map(|name| {
            let at = self
                .manifest()
                .kits
                .iter()
                .position(|kit| kit.name == *name)?;
            self.kits().get(at).copied()
        })
    }

    /// Whether a kit is a mobile one: it serves the home list and nobody else.
    #[must_use]
    pub fn is_mobile(&self, kit: Kid) -> bool {
        self.mobile_kits().any(|mobile| mobile == kit)
    }
}

impl Book {
    /// The frozen home list, ascending.
    #[must_use]
    pub fn home_lines(&self) -> &[u32] {
        self.home_list()
    }

    /// The event by which the chair released a line of the home list for the hall; the first when there are several.
    #[must_use]
    pub fn home_release(&self, line: u32) -> Option<&Arc<Act>> {
        self.state(line).home_release.as_ref()
    }

    /// The mobile kit in whose share a line of the home list lies: equal contiguous parts, by line.
    #[must_use]
    pub fn mobile_owner(&self, line: u32) -> Option<Kid> {
        let at = self.home_lines().binary_search(&line).ok()?;
        let kits: Vec<Kid> = self.charter().mobile_kits().collect();
        let each = self.home_lines().len().div_ceil(kits.len().max(1)).max(1);
        kits.get(at / each).copied()
    }

    /// Whether the mobile kit of a line may still serve it unknown to this kit: then the paper home register decides.
    pub(crate) fn may_be_visited(&self, line: u32, reading: Reading) -> bool {
        self.mobile_owner(line).is_some_and(|mobile| {
            mobile != self.me()
                && self.closed(mobile).is_none()
                && !self.is_in_touch(mobile, reading)
        })
    }

    /// Releases a line of the home list for the hall; the chair consents.
    ///
    /// # Errors
    /// [`Refusal`]: not reserved, voted already, or the kit is stopped.
    pub fn release_home(&mut self, line: u32, reading: Reading) -> Result<Draft, Refusal> {
        self.inspect_clock(reading);
        if self.block().is_some() || self.opened(self.me()).is_none() {
            return Err(Refusal::of(RefusalReason::KitBlocked));
        }
        if let Some(act) = &self.state(line).counted {
            return Err(Refusal {
                reason: RefusalReason::Already,
                evidence: Some(Arc::clone(act)),
                kit: Some(act.name.kit),
            });
        }
        if !self.is_home(line) {
            return Err(Refusal::of(RefusalReason::NotHere));
        }
        let body = HomeReleased {
            line,
            officers: Vec::new(),
        };
        let hlc = self.stamp(reading);
        Ok(Draft::new(self, hlc, Body::HomeReleased(body)))
    }

    /// Whether a mobile kit may visit now: open, within the hours of the visits, not closed.
    pub(crate) fn is_visiting(&self, reading: Reading) -> bool {
        let now = reading.wall.micros();
        let home = self.charter().policy().home.as_ref();
        home.is_some_and(|home| (home.opens..home.closes).contains(&now))
            && self.opened(self.me()).is_some()
            && self.closed(self.me()).is_none()
    }

    /// Why a mobile kit does not serve a line that is not its own.
    pub(crate) fn not_at_home(&self, line: u32) -> Option<Refusal> {
        if self.home_release(line).is_some() {
            return Some(Refusal::of(RefusalReason::HomeReleased));
        }
        match self.mobile_owner(line) {
            Some(kit) if kit == self.me() => None,
            Some(kit) => Some(Refusal::naming(RefusalReason::NotMyShare, kit)),
            None => Some(Refusal::of(RefusalReason::HomeOnly)),
        }
    }
}

#[cfg(test)]
mod tests;
