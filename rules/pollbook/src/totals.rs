//! What two officers counted on paper after the close: signatures and ballots. A correction is a further event.

use std::sync::Arc;

use lexicon::RefusalReason;
use lexicon::handover::event::{CORRECTION_REASONS, DIFFERENCE_REASONS, Incident, TotalsEntered};
use lexicon::handover::report::{Differences, TotalsSaid};

use crate::act::{Act, Body};
use crate::book::Book;
use crate::clock::Reading;
use crate::decide::Refusal;
use crate::draft::Draft;
use crate::incidents::incident;
use crate::standing::Place;

/// What was counted on paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaperTotals {
    /// Signatures on the paper list and in the home register.
    pub signatures: u32,
    /// Ballots that the precinct received.
    pub received: u32,
    /// Ballots given to voters.
    pub issued: u32,
    /// Ballots spoilt and cancelled.
    pub spoilt: u32,
    /// Ballots left over.
    pub left: u32,
}

impl PaperTotals {
    /// What these numbers are off by, beside the voters counted as identified.
    #[must_use]
    pub fn differences(&self, counted: u32) -> Differences {
        let ballots = [self.received, self.issued, self.spoilt, self.left];
        Differences::between(counted, self.signatures, ballots)
    }
}

/// Why totals were not entered: the chair acts. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TotalsRefused {
    /// The kit is not closed yet, or must not write.
    #[error("{}", .0.reason)]
    Refused(Refusal),
    /// A number differs from another, and no reason of [`DIFFERENCE_REASONS`] is given.
    #[error("the numbers differ and no reason is given: {0:?}")]
    Unexplained(Differences),
    /// Totals stand already, and no reason of [`CORRECTION_REASONS`] is given; or one is given and none stand.
    #[error(
        "totals stand already and no reason for another entry is given, or none stand and one is"
    )]
    Correction,
}

impl From<Refusal> for TotalsRefused {
    fn from(refusal: Refusal) -> Self {
        TotalsRefused::Refused(refusal)
    }
}

fn totals_of(act: &Act) -> Option<&TotalsEntered> {
    if let Body::TotalsEntered(body) = &act.body {
        Some(body)
    } else {
        None
    }
}

impl Book {
    /// Entries of totals in the order of the day; what a kit wrote after its retirement is not among them.
    fn totals(&self) -> impl Iterator<Item = (&Arc<Act>, &TotalsEntered)> {
        let on_time = |act: &&Arc<Act>| self.standing().place(act) != Place::After;
        let acts = self.facts().totals().filter(on_time);
        acts.filter_map(|act| Some((act, totals_of(act)?)))
    }

    /// The totals in force: the last that were entered; `None` before any.
    #[must_use]
    pub fn totals_said(&self) -> Option<TotalsSaid> {
        let (before, (act, body)) = self.totals().enumerate().last()?;
        Some(TotalsSaid {
            kit: act.name.kit.0.into(),
            seq: act.name.seq,
            at: act.hlc.moment().micros(),
            signatures: body.signatures,
            received: body.received,
            issued: body.issued,
            spoilt: body.spoilt,
            left: body.left,
            difference: body.difference.clone(),
            correction: body.correction.clone(),
            before: u32::try_from(before).unwrap_or(u32::MAX),
        })
    }

    /// Enters what was counted on paper; two officers consent. A difference is asked about, and never holds the day up.
    ///
    /// `difference` and `correction` are codes of [`DIFFERENCE_REASONS`] and [`CORRECTION_REASONS`], or empty.
    ///
    /// # Errors
    /// [`TotalsRefused`].
    pub fn enter_totals(
        &mut self,
        totals: PaperTotals,
        difference: &str,
        correction: &str,
        reading: Reading,
    ) -> Result<Draft, TotalsRefused> {
        self.inspect_clock(reading);
        if self.block().is_some() {
            return Err(Refusal::of(RefusalReason::KitBlocked).into());
        }
        if self.closed(self.me()).is_none() {
            return Err(Refusal::of(RefusalReason::OutOfHours).into());
        }
        let differences = totals.differences(self.counted());
        if differences.is_any() && !DIFFERENCE_REASONS.contains(&difference) {
            return Err(TotalsRefused::Unexplained(differences));
        }
        let is_again = self.totals().next().is_some();
        let is_fit = if is_again {
            CORRECTION_REASONS.contains(&correction)
        } else {
            correction.is_empty()
        };
        if !is_fit {
            return Err(TotalsRefused::Correction);
        }
        let body = TotalsEntered {
            signatures: totals.signatures,
            received: totals.received,
            issued: totals.issued,
            spoilt: totals.spoilt,
            left: totals.left,
            difference: if differences.is_any() { difference } else { "" }.to_owned(),
            correction: correction.to_owned(),
            officers: Vec::new(),
        };
        let hlc = self.stamp(reading);
        Ok(Draft::new(self, hlc, Body::TotalsEntered(body)))
    }

    /// Totals entered at two kits, each as the first: the chair says by a correction which hold.
    pub(crate) fn totals_incidents(&self, found: &mut Vec<Incident>) {
        let firsts: Vec<&Arc<Act>> = self
            .totals()
            .filter(|(_, body)| body.correction.is_empty())
            .map(|(act, _)| act)
            .collect();
        if firsts.len() > 1 {
            found.push(incident("TOTALS_TWICE", 0, &firsts));
        }
    }
}

#[cfg(test)]
mod tests;
