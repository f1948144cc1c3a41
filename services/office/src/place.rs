//! Where a person stands on the last list that decided about them.

use lexicon::{ExclusionReason, PrecinctCode};
use store::{ListPlace, PersonPage};

/// The precinct of the last decision, or why it excludes the person; neither when no list has decided yet.
#[must_use]
pub(crate) fn last_place(page: &PersonPage) -> (Option<PrecinctCode>, Option<ExclusionReason>) {
    match page.decisions.last().map(|(_, decision)| decision.place) {
        Some(ListPlace::Listed { precinct, .. }) => (Some(precinct), None),
        Some(ListPlace::Excluded(why)) => (None, Some(why)),
        None => (None, None),
    }
}
