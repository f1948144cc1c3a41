//! Rehearsals: by day, by region, by sex and age, and the corrections with their claims.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};
use screen::components::{Tone, note, tag};
use screen::format::{number, percent};
use store::{RehearsalCell, RehearsalCorrection, RehearsalPrecinct};

use super::parts::{empty, error_summary};
use super::{Section, heading, panel, print_button, sentences, shell};
use crate::desks::rehearsal::is_telling;
use crate::rehearsal::OUTCOMES;
use crate::role::Right;
use crate::visit::Visit;

/// The fewest people that a cell by sex and age tells apart.
pub(crate) const CELL_MIN: u64 = 10;

/// Corrections shown.
const SHOWN_MAX: usize = 100;

/// Who came, added up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub precincts: BTreeSet<u16>,
    pub finger: u64,
    pub pin: u64,
    pub absent: u64,
    pub failures: u64,
}

impl Sum {
    pub fn add(&mut self, day: &RehearsalPrecinct) {
        self.precincts.insert(day.precinct.number());
        self.finger += day.finger;
        self.pin += day.pin;
        self.absent += day.absent;
        self.failures += day.failures;
    }

    pub fn join(&mut self, other: &Self) {
        self.precincts.extend(&other.precincts);
        self.finger += other.finger;
        self.pin += other.pin;
        self.absent += other.absent;
        self.failures += other.failures;
    }

    pub fn came(&self) -> u64 {
        self.finger + self.pin + self.absent
    }
}

/// What the page shows.
pub(crate) struct Overview<'a> {
    pub days: &'a BTreeMap<String, Sum>,
    pub regions: &'a BTreeMap<String, Sum>,
    /// Identified visits, and the different persons among them.
    pub persons: (u64, u64),
    pub cells: &'a [RehearsalCell],
    pub corrections: &'a [RehearsalCorrection],
    pub is_taken: bool,
    /// Why a file was not taken, as a code.
    pub wrong: Option<&'a str>,
}

pub(crate) fn overview(visit: &Visit<'_>, shown: &Overview<'_>) -> Markup {
    let name = visit.t("rehearsal.title");
    let title = match shown.wrong {
        Some(_) => format!("{} {name}", visit.t("error.title")),
        None => name.clone(),
    };
    let tables = html! {
        a href="/rehearsal/table/days" { (visit.t("rehearsal.csv_days")) } " "
        a href="/rehearsal/table/regions" { (visit.t("rehearsal.csv_regions")) } " "
        a href="/rehearsal/table/days-regions" { (visit.t("rehearsal.csv_both")) } " "
        a href="/rehearsal/table/ages" { (visit.t("rehearsal.csv_ages")) } (print_button(visit))
    };
    let (visits, persons) = shown.persons;
    let body = html! {
        (heading(super::day::tabs(visit), html! { (name) }, tables))
        @if shown.is_taken { div role="status" { (note(Tone::Ok, html! { p { (visit.t("rehearsal.taken")) } })) } }
        p.muted { (visit.f("rehearsal.persons", &[("v", &number(visits)), ("p", &number(persons))])) }
        div.cols.start.mt {
            div.stack {
                (sums(visit, "rehearsal.by_day", "rehearsal.day", shown.days, Clone::clone))
                (sums(visit, "rehearsal.by_region", "enrolment.region", shown.regions, |region| super::day::region_name(visit, region)))
                (ages(visit, shown.cells))
            }
            div.stack {
                @if visit.may(Right::TakeDay) { (form(visit, shown.wrong)) }
                @if visit.may(Right::SeeClaims) { (corrections(visit, shown.corrections)) }
            }
        }
    };
    shell(visit, Section::Day, &title, body)
}

fn sums(
    visit: &Visit<'_>,
    key: &str,
    first: &str,
    sums: &BTreeMap<String, Sum>,
    named: impl Fn(&String) -> String,
) -> Markup {
    let title = visit.t(key);
    if sums.is_empty() {
        return panel(
            &title,
            html! {},
            empty(
                &visit.t("rehearsal.none"),
                html! { (visit.t("rehearsal.none_next")) },
            ),
        );
    }
    let mut all = Sum::default();
    for sum in sums.values() {
        all.join(sum);
    }
    let row = |name: &str, sum: &Sum| {
        let came = sum.came();
        let share = |n: u64| {
            html! { td.num { (number(n)) @if came > 0 { " " span.small.muted { (percent(visit.language, n, came)) } } } }
        };
        html! { tr {
            th scope="row" { (name) } td.num { (number(sum.precincts.len() as u64)) } td.num { b { (number(came)) } }
            (share(sum.finger)) (share(sum.pin)) (share(sum.absent)) td.num { (number(sum.failures)) }
        } }
    };
    panel(
        &title,
        html! {},
        html! { div.scroll-x tabindex="0" role="region" aria-label=(title) { table.t.dense {
            caption.vh { (title) }
            thead { tr {
                th scope="col" { (visit.t(first)) } th.num scope="col" { (visit.t("rehearsal.precincts")) } th.num scope="col" { (visit.t("rehearsal.came")) }
                th.num scope="col" { (visit.t("rehearsal.finger")) } th.num scope="col" { (visit.t("rehearsal.pin")) } th.num scope="col" { (visit.t("rehearsal.absent")) } th.num scope="col" { (visit.t("rehearsal.failures")) }
            } }
            tbody { @for (name, sum) in sums { (row(&named(name), sum)) } }
            tfoot { (row(&visit.t("hours.all"), &all)) }
        } } },
    )
}

fn ages(visit: &Visit<'_>, cells: &[RehearsalCell]) -> Markup {
    let title = visit.t("rehearsal.by_age");
    // Few are told as few.
    let told = |n: u64| {
        if n > 0 && n < CELL_MIN {
            format!("<\u{a0}{CELL_MIN}")
        } else {
            number(n)
        }
    };
    let sex = |code: &str| match code {
        "F" => visit.t("sex.F"),
        "M" => visit.t("sex.M"),
        _ => "–".to_owned(),
    };
    html! { @if !cells.is_empty() { (panel(&title, html! { (visit.f("rehearsal.small", &[("n", &CELL_MIN.to_string())])) }, html! { table.t.dense {
        caption.vh { (title) }
        thead { tr { th scope="col" { (visit.t("rehearsal.sex")) } th scope="col" { (visit.t("rehearsal.age")) } th.num scope="col" { (visit.t("rehearsal.visits")) } th.num scope="col" { (visit.t("rehearsal.pin")) } } }
        tbody { @for cell in cells { tr {
            td { (sex(&cell.sex)) } td { (if cell.band.is_empty() { "–" } else { &cell.band }) } td.num { (told(cell.visits)) } td.num { @if is_telling(cell) { "–" } @else { (told(cell.by_pin)) } }
        } } }
    } })) } }
}

fn form(visit: &Visit<'_>, wrong: Option<&str>) -> Markup {
    let said = wrong.map(|code| visit.t(&format!("day_refused.{code}")));
    let summary: Vec<(&str, String)> = said.iter().map(|said| ("list", said.clone())).collect();
    panel(
        &visit.t("rehearsal.form"),
        html! {},
        html! {
            form.body.stack method="post" action="/rehearsal" enctype="multipart/form-data" {
                @if !summary.is_empty() { (error_summary(visit, &summary)) }
                div class={ "field" @if said.is_some() { " err" } } {
                    label for="list" { (visit.t("rehearsal.file")) }
                    p.hint id="list-hint" { (visit.t("rehearsal.file_hint")) }
                    @if let Some(said) = &said { p.msg { (said) } }
                    input.input id="list" name="list" type="file" accept=".cose,.journal,.corrections" required aria-describedby="list-hint";
                }
                button.btn.js-once type="submit" { (visit.t("day.take")) }
            }
        },
    )
}

fn outcome(visit: &Visit<'_>, code: &str) -> (Tone, String) {
    let known = OUTCOMES.contains(&code);
    let word = if known {
        visit.t(&format!("rehearsal_outcome.{code}"))
    } else {
        visit.short(sentences().claim.get(&code.to_uppercase()))
    };
    match code {
        "filed" => (Tone::Ok, word),
        "review" | "registrar" | "nothing_new" => (Tone::Wait, word),
        _ => (Tone::Warn, word),
    }
}

/// What comes next where the law's word stands in the way.
fn next(visit: &Visit<'_>, code: &str) -> Option<&'static str> {
    let said = sentences().claim.get(&code.to_uppercase())?;
    Some(said.next.get(visit.language))
}

fn corrections(visit: &Visit<'_>, all: &[RehearsalCorrection]) -> Markup {
    let title = visit.t("rehearsal.corrections");
    let may_see = visit.may(Right::SeeClaims);
    let waits = |one: &RehearsalCorrection| matches!(one.outcome.as_str(), "review" | "registrar");
    let waiting = all.iter().filter(|one| waits(one)).count() as u64;
    panel(
        &title,
        html! { (number(all.len() as u64)) @if waiting > 0 { " · " (visit.n("rehearsal.waiting", waiting)) } },
        html! {
            @if all.is_empty() { div.body { p { (visit.t("rehearsal.no_corrections")) } } } @else { table.t.dense {
                caption.vh { (title) }
                thead { tr {
                    th scope="col" { (visit.t("precinct.number")) } th.num scope="col" { (visit.t("day.line")) } th scope="col" { (visit.t("rehearsal.wrong")) } th scope="col" { (visit.t("rehearsal.became")) }
                } }
                tbody { @for one in all.iter().take(SHOWN_MAX) { @let (tone, word) = outcome(visit, &one.outcome); tr {
                    th scope="row" { (format!("{:04}", one.precinct)) } td.num { @if one.line > 0 { (one.line) } @else { "–" } }
                    td { (visit.t(&format!("rehearsal_kind.{}", one.kind))) }
                    td { (tag(tone, &word)) @if let Some(next) = next(visit, &one.outcome) { br; span.small.muted { (next) } } @if may_see { @for claim in one.claims.split_whitespace() { " " a href={ "/claim/" (claim) "/receipt" } { (claim) } } }
                        @if waits(one) && visit.may(Right::FileClaims) { " " a href={ "/rehearsal/correction/" (one.id) } { (visit.t("rehearsal.decide")) } } }
                } } }
            } }
        },
    )
}
