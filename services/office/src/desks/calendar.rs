//! The days of this election.

use crate::pages::calendar;
use crate::visit::{Answer, Answered, Visit};

/// The calendar that the law gives.
pub(crate) fn show(visit: &Visit<'_>) -> Answered {
    Ok(Answer::Page(calendar::page(visit)))
}
