//! The start page.

use store::StoreError;

use crate::pages::home::{Start, page};
use crate::role::Right;
use crate::visit::{Answer, Answered, Visit};

pub(crate) fn show(visit: &Visit<'_>) -> Answered {
    let figures = visit.office.figures()?;
    let staff = &visit.staff;
    let adjudicates = visit.may(Right::Adjudicate);
    let (cases, releases, queue) = visit.office.store.read("start_page", |tx| {
        let queue = if adjudicates {
            tx.count_queue(staff)?
        } else {
            0
        };
        Ok::<_, StoreError>((tx.case_counts()?, tx.releases()?, queue))
    })?;
    Ok(Answer::Page(page(
        visit,
        &Start {
            counts: &figures.counts,
            campaign: &figures.campaign,
            taken: figures.taken,
            cases: &cases,
            release: releases.last(),
            queue,
        },
    )))
}
