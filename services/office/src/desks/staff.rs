//! Accounts, and the reason for which personal data is opened.

use crate::pages::staff::{accounts_page, reason_page};
use crate::reason::Reason;
use crate::serve::next_of;
use crate::visit::{Answer, Answered, Problem, Visit};

pub(crate) fn ask_reason(visit: &Visit<'_>) -> Answered {
    Ok(Answer::Page(reason_page(visit, &next_of(&visit.query))))
}

pub(crate) fn keep_reason(visit: &Visit<'_>) -> Answered {
    let chosen = Reason::from_code(visit.field("reason"));
    match Reason::in_force(visit.role, chosen) {
        Some(reason) => Ok(Answer::Keep(reason, next_of(&visit.form))),
        None => Err(Problem::Unreadable),
    }
}

pub(crate) fn accounts(visit: &Visit<'_>) -> Answered {
    let staff = visit.office.store.read("accounts", |tx| tx.all_staff())?;
    Ok(Answer::Page(accounts_page(
        visit,
        &staff,
        visit.office.now(),
    )))
}
