//! Field verification: how far it is, one lot with its answers, and the lot as a sheet to print.

use lexicon::ReconciliationClass;
use roll::reconcile::Act;

use crate::pages::field;
use crate::visit::{Answer, Answered, Problem, Visit};

/// The classes of the commission's rows whose proposed act is that the local commission verifies.
#[must_use]
pub fn field_classes() -> Vec<ReconciliationClass> {
    let verifies = |class: &ReconciliationClass| Act::of(*class) == Act::Verify;
    ReconciliationClass::ALL
        .iter()
        .copied()
        .filter(verifies)
        .collect()
}

pub(crate) fn progress(visit: &Visit<'_>) -> Answered {
    let shown = visit.office.store.field_progress(&field_classes())?;
    let today = visit.date(visit.office.now());
    Ok(Answer::Page(field::progress(visit, &shown, today)))
}

pub(crate) fn lot(visit: &Visit<'_>) -> Answered {
    let number: u32 = visit.parsed("lot")?;
    visit.within_budget()?;
    let page = visit.office.store.open_field_lot(visit.look(), number)?;
    let page = page.ok_or(Problem::NotFound)?;
    Ok(Answer::Page(field::lot(visit, &page)))
}
