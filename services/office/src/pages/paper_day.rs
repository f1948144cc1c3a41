//! The electronic list against the paper list: the country by cause, precincts that differ, one precinct's sums.

use std::collections::BTreeMap;

use maud::{Markup, html};
use screen::components::{Tone, note, tag};
use screen::format::number;

use super::day::{region_name, tabs};
use super::parts::empty;
use super::{Section, heading, panel, print_button, shell};
use crate::paper_day::{self, PaperDay};
use crate::visit::Visit;

/// A precinct whose count on paper is here.
pub(crate) struct Row {
    pub precinct: u16,
    pub region: String,
    /// Voters that its journals count.
    pub counted: u64,
    pub paper: PaperDay,
}

/// Rows that the page lists; the file has all.
const SHOWN: usize = 200;

fn cause(visit: &Visit<'_>, code: &str) -> String {
    visit.t(&format!("day_cause.{}", code.to_lowercase()))
}

pub(crate) fn overview(visit: &Visit<'_>, rows: &[Row]) -> Markup {
    let title = visit.t("day_paper.title");
    let body = html! {
        (heading(tabs(visit), html! { (title) }, html! { a href="/day/table/paper" { (visit.t("day_paper.csv")) } a href="/day/table/pages" { (visit.t("page_count.csv")) } (print_button(visit)) }))
        p.muted { (visit.t("day_paper.lead")) }
        @if rows.is_empty() {
            div.mt { (panel(&title, html! {}, empty(&visit.t("day_paper.none"), html! { a href="/day" { (visit.t("day.title")) } }))) }
        } @else {
            div.stack.mt { (causes(visit, rows)) (differing(visit, rows)) }
        }
    };
    shell(visit, Section::Day, &title, body)
}

/// Precincts and what they are off by, for each cause.
fn causes(visit: &Visit<'_>, rows: &[Row]) -> Markup {
    let mut sums: BTreeMap<&str, [u64; 4]> = BTreeMap::new();
    for row in rows {
        let off = row.paper.differences(row.counted);
        let sum = sums.entry(row.paper.cause(row.counted)).or_default();
        let off = [off.signatures, off.issued, off.ballots].map(i64::unsigned_abs);
        sum[0] += 1;
        for (sum, off) in sum[1..].iter_mut().zip(off) {
            *sum += off;
        }
    }
    let title = visit.t("day_paper.by_cause");
    panel(
        &title,
        html! { (visit.f("day_paper.precincts_of", &[("n", &number(rows.len() as u64))])) },
        html! { table.t.dense {
            caption.vh { (title) }
            thead { tr {
                th scope="col" { (visit.t("day_paper.cause")) } th.num scope="col" { (visit.t("day_paper.precincts")) }
                th.num scope="col" { (visit.t("day_paper.off_signatures")) } th.num scope="col" { (visit.t("day_paper.off_issued")) } th.num scope="col" { (visit.t("day_paper.off_ballots")) }
            } }
            tbody { @for code in paper_day::causes() { @if let Some(sum) = sums.get(code) { tr {
                th scope="row" { (cause(visit, code)) } @for n in sum { td.num { (number(*n)) } }
            } } } }
        } },
    )
}

fn differing(visit: &Visit<'_>, rows: &[Row]) -> Markup {
    let with: Vec<&Row> = rows
        .iter()
        .filter(|row| row.paper.differences(row.counted).is_any())
        .collect();
    let title = visit.t("day_paper.differing");
    panel(
        &title,
        html! { (number(with.len() as u64)) },
        html! { @if with.is_empty() { div.body { p { (tag(Tone::Ok, &visit.t("day_paper.agree"))) } } } @else { table.t.dense {
            caption.vh { (title) }
            thead { tr {
                th.num scope="col" { (visit.t("day_paper.precinct")) } th scope="col" { (visit.t("enrolment.region")) } th.num scope="col" { (visit.t("day_paper.counted")) }
                th.num scope="col" { (visit.t("day.signatures")) } th.num scope="col" { (visit.t("day_paper.off_signatures")) } th.num scope="col" { (visit.t("day_paper.off_issued")) }
                th.num scope="col" { (visit.t("day_paper.off_ballots")) } th scope="col" { (visit.t("day_paper.cause")) }
            } }
            tbody { @for row in with.iter().take(SHOWN) { @let off = row.paper.differences(row.counted); tr {
                th.num scope="row" { a href={ "/day/precinct/" (row.precinct) } { (format!("{:04}", row.precinct)) } } td { (region_name(visit, &row.region)) }
                td.num { (number(row.counted)) } td.num { (row.paper.totals.signatures) } td.num { (off.signatures) } td.num { (off.issued) } td.num { (off.ballots) }
                td { (cause(visit, row.paper.cause(row.counted))) }
            } } }
        } } },
    )
}

/// One precinct: what was counted on paper beside its journals, and what may explain a difference.
pub(crate) fn panel_of(visit: &Visit<'_>, counted: u64, paper: Option<&PaperDay>) -> Markup {
    let title = visit.t("day_paper.title");
    let Some(paper) = paper else {
        return panel(
            &title,
            html! {},
            html! { div.body { p { (visit.t("day_paper.not_said")) } } },
        );
    };
    let (totals, off) = (&paper.totals, paper.differences(counted));
    let row = |key: &str, n: String| html! { dt { (visit.t(key)) } dd { (n) } };
    panel(
        &title,
        html! {},
        html! { div.body.stack {
            @if off.is_any() { (note(Tone::Warn, html! { p { (cause(visit, paper.cause(counted))) } })) } @else { p { (tag(Tone::Ok, &visit.t("day_paper.agree"))) } }
            dl.kv {
                (row("day_paper.counted", number(counted)))
                (row("day_paper.home", paper.home.to_string()))
                (row("day_paper.on_paper", paper.on_paper.to_string()))
                @if let Some(slips) = paper.slips { (row("day_paper.slips", slips.to_string())) }
                @if let Some(without) = paper.without_slip(counted) { (row("day_paper.without_slip", without.to_string())) }
                (row("day_paper.twice", paper.twice.to_string()))
                (row("day.signatures", totals.signatures.to_string()))
                (row("day_paper.off_signatures", off.signatures.to_string()))
                (row("day.ballots", totals.issued.to_string()))
                (row("day_paper.off_issued", off.issued.to_string()))
                (row("day_paper.received", totals.received.to_string()))
                (row("day_paper.spoilt", totals.spoilt.to_string()))
                (row("day_paper.left", totals.left.to_string()))
                (row("day_paper.off_ballots", off.ballots.to_string()))
                (row("day_paper.corrections", totals.before.to_string()))
            }
        } },
    )
}
