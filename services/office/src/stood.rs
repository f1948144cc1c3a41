//! Where a person stands on a release after its signed changes: a fold over what was received, nothing is decided here.

use lexicon::PrecinctCode;
use lexicon::handover::delta::ChangeKind;
use store::{DecisionRow, DeltaLine, ListPlace, PersonPage};

/// One person on one release, with the changes of their lines up to a delta.
#[derive(Clone, Debug)]
pub struct Stood<'a> {
    /// The release.
    pub release: u32,
    /// Its decision; none for a person whom a delta added and the release did not know.
    pub decision: Option<&'a DecisionRow>,
    /// Changes of their lines, in their order.
    pub changes: Vec<&'a DeltaLine>,
}

/// Where that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand<'a> {
    /// As the release decided.
    Release(ListPlace),
    /// On a line that a delta wrote; `added` says that it stands on a supplementary page.
    Line {
        /// The change that wrote it.
        by: &'a DeltaLine,
        /// Whether a delta added the line.
        added: bool,
    },
    /// On the list no more.
    Struck(&'a DeltaLine),
}

impl<'a> Stood<'a> {
    /// A person on a release after its deltas 1 to `upto`; none: after all of them. None when neither names the person.
    #[must_use]
    pub fn of(page: &'a PersonPage, release: u32, upto: Option<u32>) -> Option<Self> {
        let mut decisions = page.decisions.iter();
        let decision = decisions.find(|(number, _)| *number == release);
        let changes = page.deltas.iter().filter(|change| {
            change.release == release && upto.is_none_or(|upto| change.delta <= upto)
        });
        let stood = Self {
            release,
            decision: decision.map(|(_, decision)| decision),
            changes: changes.collect(),
        };
        (stood.decision.is_some() || !stood.changes.is_empty()).then_some(stood)
    }

    /// The newest list that knows the person, after all its deltas.
    #[must_use]
    pub fn latest(page: &'a PersonPage) -> Option<Self> {
        Self::of(page, Self::latest_release(page)?, None)
    }

    /// The newest release that knows the person, by itself or by a delta.
    #[must_use]
    pub fn latest_release(page: &PersonPage) -> Option<u32> {
        let decided = page.decisions.last().map(|(number, _)| *number);
        decided.max(page.deltas.last().map(|change| change.release))
    }

    /// Where they stand.
    #[must_use]
    pub fn stand(&self) -> Option<Stand<'a>> {
        let Some(last) = self.changes.last() else {
            return self.decision.map(|decision| Stand::Release(decision.place));
        };
        Some(match last.kind {
            ChangeKind::Strike => Stand::Struck(last),
            ChangeKind::Add | ChangeKind::Change => Stand::Line {
                by: last,
                added: self.changes.iter().any(|change| {
                    change.kind == ChangeKind::Add && line_of(change) == line_of(last)
                }),
            },
        })
    }
}

/// Precinct and line of a change.
fn line_of(change: &DeltaLine) -> (PrecinctCode, u32) {
    (change.precinct, change.line)
}

#[cfg(test)]
mod tests;
