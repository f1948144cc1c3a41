//! The list beside the last election's, place by place: regions, raions or precincts, the largest differences first.

use maud::{Markup, html};
use screen::format::number;
use store::ReleaseRow;

use super::compare::{LOOK, change, region_name, verdict};
use crate::pages::parts::empty;
use crate::pages::{Section, heading, print_button, shell};
use crate::role::Right;
use crate::visit::Visit;

/// Of what places a row is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum By {
    Region,
    Raion,
    Precinct,
}

impl By {
    const ALL: [By; 3] = [By::Region, By::Raion, By::Precinct];

    pub fn code(self) -> &'static str {
        match self {
            By::Region => "region",
            By::Raion => "raion",
            By::Precinct => "precinct",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.code() == code)
    }
}

/// A place, then and now.
pub(crate) struct Row {
    /// Code of the region or raion, or the precinct's number; empty when a figure of then has no place now.
    pub key: String,
    /// What the classifier calls it.
    pub name: Option<String>,
    /// The raion that a precinct lies in.
    pub within: Option<String>,
    pub region: String,
    pub was: u64,
    pub now: u64,
}

pub(crate) struct Shown<'a> {
    pub release: &'a ReleaseRow,
    pub by: By,
    /// The last election; none when no figures were taken in.
    pub label: Option<&'a str>,
    pub rows: &'a [Row],
    pub all: usize,
    /// Whether the figures of then name such places at all.
    pub has_then: bool,
}

/// What a place is called.
pub(crate) fn name(visit: &Visit<'_>, by: By, row: &Row) -> String {
    match (by, &row.name) {
        (By::Region, _) => region_name(visit, &row.key),
        (_, _) if row.key.is_empty() => visit.t("compare.no_place"),
        (_, Some(name)) => {
            let mut letters = name.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_uppercase().chain(letters).collect()
            })
        }
        (_, None) => visit.f("compare.precinct_n", &[("p", &row.key)]),
    }
}

pub(crate) fn page(visit: &Visit<'_>, shown: &Shown<'_>) -> Markup {
    let n = shown.release.number;
    let title = visit.t("compare.title");
    let list = visit.f("list.name", &[("n", &n.to_string())]);
    let crumbs = html! { a href={ "/list/" (n) } { (list) } };
    let base = format!("/list/{n}/compare");
    let file = format!("{base}/table?by={}", shown.by.code());
    let body = html! {
        (heading(crumbs, html! { (title) @if let Some(label) = shown.label { " · " (label) } }, html! {
            @if shown.label.is_some() { a.btn.sec href=(file) { (visit.t("compare.csv")) } }
            (print_button(visit))
        }))
        nav.tabs.mt aria-label=(visit.t("compare.by")) { @for by in By::ALL {
            a.btn.quiet href={ (base) "?by=" (by.code()) } aria-current=[(by == shown.by).then_some("page")] { (visit.t(&format!("compare_by.{}", by.code()))) }
        } }
        div.mt { (super::panel(&visit.t(&format!("compare_by.{}", shown.by.code())), html! { (number(shown.rows.len() as u64)) " / " (number(shown.all as u64)) }, html! {
            @if shown.label.is_none() { (empty(&visit.t("compare.none"), html! { (visit.t("compare.none_next")) " " code { "tizme office reference" } })) }
            @else if !shown.has_then { (empty(&visit.t("compare.only_regions"), html! { a href={ (base) "?by=region" } { (visit.t("compare_by.region")) } })) }
            @else { (rows(visit, shown, &base)) }
        })) }
    };
    shell(visit, Section::List, &title, body)
}

fn rows(visit: &Visit<'_>, shown: &Shown<'_>, base: &str) -> Markup {
    let n = shown.release.number;
    html! {
        div.scroll-x tabindex="0" role="region" aria-label=(visit.t("compare.title")) { table.t.dense {
            caption.vh { (visit.t("compare.title")) }
            thead { tr {
                th scope="col" { (visit.t("compare.place")) } th scope="col" { (visit.t("enrolment.region")) } th.num scope="col" { (visit.t("compare.was")) }
                th.num scope="col" { (visit.t("compare.now")) } th.num scope="col" { "Δ" } th scope="col" { (visit.t("compare.verdict")) }
            } }
            tbody { @for row in shown.rows { @let (text, hundredths) = apart(visit, row); tr {
                th scope="row" { @match shown.by {
                    By::Raion if !row.key.is_empty() => a href={ (base) "?by=precinct&raion=" (row.key) } { (name(visit, shown.by, row)) },
                    By::Precinct if row.within.is_some() => a href={ "/list/" (n) "/precinct/" (row.key) } { (name(visit, shown.by, row)) },
                    By::Region | By::Raion | By::Precinct => (name(visit, shown.by, row)),
                } }
                td { (region_name(visit, &row.region)) }
                td.num { (number(row.was)) } td.num { (people(visit, shown, row)) } td.num.nowrap { (text) } td { (verdict(visit, hundredths)) }
            } } }
        } }
    }
}

/// The number of now, which leads to its voters; a figure of then names nobody.
fn people(visit: &Visit<'_>, shown: &Shown<'_>, row: &Row) -> Markup {
    let n = shown.release.number;
    let leads = row.now > 0 && !row.key.is_empty();
    let to = match shown.by {
        By::Region => Some(format!(
            "/figure/{n}/voters?region={}&additional=all",
            row.key
        )),
        // The raion's own eight digits.
        By::Raion => row
            .key
            .get(..8)
            .map(|raion| format!("/figure/{n}/raion?raion={raion}")),
        By::Precinct => row
            .within
            .as_ref()
            .map(|_| format!("/list/{n}/precinct/{}", row.key)),
    };
    let right = match shown.by {
        By::Region | By::Raion => Right::SeePeople,
        By::Precinct => Right::SeeLines,
    };
    html! { @match to.filter(|_| leads && visit.may(right)) {
        Some(to) => a href=(to) { (number(row.now)) },
        None => (number(row.now)),
    } }
}

/// The difference in words; a place that was not there has no share to be of, and is looked at.
fn apart(visit: &Visit<'_>, row: &Row) -> (String, u64) {
    match row.was {
        0 => ("–".to_owned(), LOOK),
        was => change(visit, was, row.now),
    }
}
