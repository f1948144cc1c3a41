//! The persons behind a figure or a change.

use lexicon::ExclusionReason;
use maud::{Markup, html};
use roll::eligibility::rule_id;
use store::{Hit, LISTED, ReleaseRow};

use crate::pages::parts::{Pager, empty, pager};
use crate::pages::search::{Kind, row};
use crate::pages::staff::in_force;
use crate::pages::{Section, heading, panel, print_button, shell};
use crate::visit::Visit;

/// What the page shows.
pub(crate) struct People<'a> {
    pub release: &'a ReleaseRow,
    pub title: &'a str,
    /// The country's sentence about the figure, may be empty.
    pub said: &'a str,
    /// How many there are.
    pub all: u64,
    pub hits: &'a [Hit],
    pub paging: &'a Pager,
}

/// Title and sentence of a figure: a reason, or the list when there is none; with what of it was asked for.
pub(crate) fn figure_title(visit: &Visit<'_>, reason: Option<ExclusionReason>) -> (String, String) {
    let (title, said) = match reason {
        Some(reason) => (
            format!(
                "{} {}",
                rule_id(reason),
                visit.short(visit.exclusion(reason))
            ),
            visit
                .exclusion(reason)
                .map_or("", |said| said.sentence.get(visit.language)),
        ),
        None => (visit.t("list.listed"), ""),
    };
    let mut parts = vec![title];
    if let Some(region) = visit.asked("region").and_then(register::Region::from_code) {
        parts.push(visit.t(&format!("region.{}", region.code())));
    }
    match visit.asked("sex") {
        Some("F") => parts.push(visit.t("breakdown.women")),
        Some("M") => parts.push(visit.t("breakdown.men")),
        Some(_) | None => {}
    }
    // What is no age band finds nobody; it is not said back.
    let is_band = |text: &&str| text.chars().all(|c| c.is_ascii_digit() || "-+".contains(c));
    parts.extend(visit.asked("age").filter(is_band).map(str::to_owned));
    (parts.join(", "), said.to_owned())
}

/// Where somebody stood, in words.
pub(crate) fn change_word(visit: &Visit<'_>, code: &str) -> String {
    match (code, ExclusionReason::from_code(code)) {
        (_, Some(reason)) => visit.short(visit.exclusion(reason)),
        (LISTED, None) => visit.t("list.listed"),
        (_, None) => visit.t("changes.not_considered"),
    }
}

/// Title of the page about one change.
pub(crate) fn change_title(visit: &Visit<'_>, was: &str, now: &str) -> String {
    if (was, now) == (LISTED, LISTED) {
        return visit.t("changes.moved");
    }
    format!("{} → {}", change_word(visit, was), change_word(visit, now))
}

pub(crate) fn page(visit: &Visit<'_>, shown: &People<'_>) -> Markup {
    let n = shown.release.number.to_string();
    let title = shown.title;
    let crumbs = html! {
        a href={ "/list/" (n) } { (visit.f("list.name", &[("n", &n)])) } " · " (visit.t("people.crumb"))
    };
    let body = html! {
        (heading(crumbs, html! { (title) }, html! { (in_force(visit)) (print_button(visit)) }))
        @if !shown.said.is_empty() { p.mt-s.muted { (shown.said) } }
        div.mt {
            (panel(&visit.n("people.count", shown.all), html! { (visit.t("people.order")) }, html! {
                @if shown.hits.is_empty() { (empty(&visit.t("people.none"), html! {})) } @else {
                    table.t {
                        caption.vh { (title) }
                        thead { tr { th scope="col" { (visit.t("person.name")) } th scope="col" { (visit.t("person.born")) } th scope="col" { (visit.t("person.pin")) } th scope="col" { (visit.t("person.standing")) } } }
                        tbody { @for hit in shown.hits { (row(visit, Kind::Pin, hit)) } }
                    }
                    (pager(visit, shown.paging))
                }
            }))
        }
    };
    shell(visit, Section::List, title, body)
}
