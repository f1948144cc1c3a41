//! The rows behind a figure of the review.

use lexicon::PersonId;
use lexicon::handover::snapshot::{AddressRow, CommissionRow};
use maud::{Markup, html};

use crate::pages::parts::{Pager, address, empty, pager};
use crate::pages::reconciliation::masked;
use crate::pages::staff::in_force;
use crate::pages::{Section, heading, panel, print_button, shell};
use crate::visit::Visit;

/// A row of the commission's list.
pub(crate) struct Row {
    pub row: CommissionRow,
    /// Whom it is thought to mean.
    pub person: Option<PersonId>,
    /// The house that its address was given.
    pub house: Option<AddressRow>,
}

/// What the page shows.
pub(crate) struct Shown<'a> {
    pub title: &'a str,
    /// How many there are.
    pub all: u64,
    /// How many of them are not shown to this account, which may be asked about them.
    pub left_out: u64,
    /// Whether rows of the sample stand among them.
    pub with_sample: bool,
    pub rows: &'a [Row],
    pub pager: Pager,
}

pub(crate) fn page(visit: &Visit<'_>, shown: &Shown<'_>) -> Markup {
    let crumbs = html! { a href="/review" { (visit.t("nav.review")) } " · " (shown.title) };
    let body = html! {
        (heading(crumbs, html! { (shown.title) }, html! { (in_force(visit)) (print_button(visit)) }))
        @if shown.with_sample { p.mt-s.muted { (visit.t("review.with_sample")) } }
        @if shown.left_out > 0 { p.mt-s.muted { (visit.n("review.left_out", shown.left_out)) } }
        div.mt { (panel(&visit.n("recon.count", shown.all), html! { (visit.t("recon.as_written")) }, html! {
            @if shown.rows.is_empty() { (empty(&visit.t("recon.no_rows"), html! { a href="/review" { (visit.t("review.back")) } })) } @else {
                div.scroll-x tabindex="0" role="region" aria-label=(shown.title) { table.t.dense {
                    caption.vh { (shown.title) }
                    thead { tr {
                        th scope="col" { (visit.t("recon.row")) } th scope="col" { (visit.t("person.name")) } th scope="col" { (visit.t("person.born")) } th scope="col" { (visit.t("person.pin")) }
                        th scope="col" { (visit.t("recon.address_precinct")) } th scope="col" { (visit.t("claim.person")) }
                    } }
                    tbody { @for row in shown.rows { (one(visit, row)) } }
                } }
                (pager(visit, &shown.pager))
            }
        })) }
    };
    shell(visit, Section::Reconciliation, shown.title, body)
}

fn one(visit: &Visit<'_>, found: &Row) -> Markup {
    let list = &found.row;
    html! { tr {
        td { (list.row) }
        td { b { (script::display_name(&list.surname, "", None)) } " " (list.given) " " (list.patronymic) }
        td { (list.born) } td.nowrap { (masked(visit, &list.pin)) }
        td { (list.address) @if !list.precinct.is_empty() { " · " (list.precinct) }
            @if let Some(house) = &found.house { br; span.small { "→ " b { (address(house)) } } } }
        td { @match found.person.and_then(|person| visit.person_url(person)) { Some(url) => a href=(url) { (visit.t("claim.open_person")) }, None => span.muted { "–" } } }
    } }
}
