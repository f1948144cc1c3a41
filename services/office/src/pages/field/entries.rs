//! The entries behind a sum over all lots.

use lexicon::Purpose;
use maud::{Markup, html};
use store::field::{FieldAt, FieldListed};

use super::progress_tag;
use crate::pages::parts::{Pager, empty, pager};
use crate::pages::staff::in_force;
use crate::pages::{Section, heading, panel, print_button, shell};
use crate::visit::Visit;

/// What the page shows.
pub(crate) struct Shown<'a> {
    pub title: &'a str,
    /// How many there are.
    pub all: u64,
    pub rows: &'a [FieldListed],
    pub pager: Pager,
}

pub(crate) fn page(visit: &Visit<'_>, shown: &Shown<'_>) -> Markup {
    let crumbs = html! { a href="/field" { (visit.t("nav.field")) } " · " (shown.title) };
    let title = format!("{}: {}", visit.t("fieldwork.title"), shown.title);
    let body = html! {
        (heading(crumbs, html! { (title) }, html! { (in_force(visit)) (print_button(visit)) }))
        div.mt { (panel(&visit.n("fieldwork.entry_count", shown.all), html! { (visit.t("fieldwork.as_now")) }, html! {
            @if shown.rows.is_empty() { (empty(&visit.t("fieldwork.no_entries"), html! { a href="/field" { (visit.t("fieldwork.title")) } })) } @else {
                div.scroll-x tabindex="0" role="region" aria-label=(shown.title) { table.t.dense {
                    caption.vh { (shown.title) }
                    thead { tr { th scope="col" { (visit.t("fieldwork.lot")) } th scope="col" { (visit.t("fieldwork.subject")) } th scope="col" { (visit.t("fieldwork.who")) } th scope="col" { (visit.t("fieldwork.born")) } th scope="col" { (visit.t("fieldwork.address")) } th scope="col" { (visit.t("fieldwork.stands")) } th scope="col" { (visit.t("claim.person")) } } }
                    tbody { @for row in shown.rows { (entry(visit, row)) } }
                } }
                (pager(visit, &shown.pager))
            }
        })) }
    };
    shell(visit, Section::Field, &title, body)
}

fn entry(visit: &Visit<'_>, row: &FieldListed) -> Markup {
    let cells = row.cells.open(Purpose::Reconcile);
    html! { tr {
        td.nowrap { @match row.at {
            FieldAt::Entry(lot, place) => { a href={ "/field/lot/" (lot) } { (lot) } " / " (place) },
            FieldAt::NotHanded(..) => span.muted { "–" },
        } }
        td { (visit.t(&format!("field_subject.{}", row.kind.code()))) }
        td { b { (cells[0].to_uppercase()) } " " (cells[1]) " " (cells[2]) }
        td.nowrap { (cells[3]) } td { (cells[4]) }
        td { @match row.progress { Some(progress) => (progress_tag(visit, progress)), None => (visit.t("fieldwork.not_handed")) } }
        td { @match row.person.and_then(|person| visit.person_url(person)) { Some(url) => a href=(url) { (visit.t("claim.open_person")) }, None => span.muted { "–" } } }
    } }
}
