//! Another day of voting: where each precinct stands that was closed before its time, the decisions that were handed in, the
//! command that makes one.

use std::collections::BTreeMap;

use lexicon::Instant;
use maud::{Markup, html};
use roll::hours::Station;
use screen::components::{Tone, note, tag};
use screen::format::number;

use super::parts::{empty, error_summary};
use super::{Section, heading, panel, print_button, shell};
use crate::role::Right;
use crate::second_day::{DayStanding, Prolonged};
use crate::visit::Visit;

/// What the page shows.
pub(crate) struct Shown<'a> {
    pub stations: &'a [Station],
    /// By number.
    pub precincts: &'a BTreeMap<u16, Prolonged>,
    /// The precinct whose decision was just taken.
    pub taken: Option<u16>,
    /// The file is kept already.
    pub is_known: bool,
    /// Why a file was not taken, a code.
    pub wrong: Option<&'a str>,
}

fn reason(visit: &Visit<'_>, code: &str) -> String {
    visit.t(&format!("second_day_reason.{}", code.to_lowercase()))
}

/// `05.10.2015 09:00–20:00`.
fn hours(visit: &Visit<'_>, opens: Instant, closes: Instant) -> String {
    format!("{}\u{2013}{}", visit.moment(opens), visit.time(closes))
}

fn standing(visit: &Visit<'_>, standing: DayStanding) -> Markup {
    let tone = match standing {
        DayStanding::Waits => Tone::Stop,
        DayStanding::Decided => Tone::Wait,
        DayStanding::Votes | DayStanding::Over => Tone::Ok,
        DayStanding::Ended => Tone::Warn,
    };
    tag(
        tone,
        &visit.t(&format!("second_day_standing.{}", standing.code())),
    )
}

pub(crate) fn page(visit: &Visit<'_>, shown: &Shown<'_>) -> Markup {
    let name = visit.t("second_day.title");
    let title = match shown.wrong {
        Some(_) => format!("{} {name}", visit.t("error.title")),
        None => name.clone(),
    };
    let now = visit.office.now();
    let count = |wanted: DayStanding| {
        let standings = shown.precincts.values().map(|one| one.standing(now));
        standings.filter(|standing| *standing == wanted).count() as u64
    };
    let stat = |class: &str, value: u64, key: &str| html! { div class={ "stat " (class) } { b { (number(value)) } span { (visit.t(key)) } } };
    let waits = count(DayStanding::Waits);
    let body = html! {
        (heading(super::day::tabs(visit), html! { (name) }, print_button(visit)))
        p.muted { (visit.t("second_day.lead")) }
        @if let Some(precinct) = shown.taken { div.mt role="status" { (note(Tone::Ok, html! { p { (visit.f("second_day.taken", &[("p", &format!("{precinct:04}"))])) } })) } }
        @if shown.is_known { div.mt role="status" { (note(Tone::Ok, html! { p { (visit.t("second_day.known")) } })) } }
        div.stats.three.mt {
            (stat(if waits > 0 { "bad" } else { "good" }, waits, "second_day.wait"))
            (stat("", count(DayStanding::Decided) + count(DayStanding::Votes), "second_day.vote_on"))
            (stat("", count(DayStanding::Over) + count(DayStanding::Ended), "second_day.are_over"))
        }
        div.cols.start.mt {
            div.stack { (precincts(visit, shown)) (decisions(visit, shown)) }
            div.stack { @if visit.may(Right::TakeDay) { (form(visit, shown.wrong)) } (commands(visit, shown)) }
        }
    };
    shell(visit, Section::Day, &title, body)
}

fn precincts(visit: &Visit<'_>, shown: &Shown<'_>) -> Markup {
    let title = visit.t("second_day.precincts");
    if shown.precincts.is_empty() {
        return panel(
            &title,
            html! {},
            empty(
                &visit.t("second_day.none"),
                html! { (visit.t("second_day.none_next")) },
            ),
        );
    }
    let now = visit.office.now();
    let region = |precinct: u16| {
        let station = shown.stations.iter().find(|s| s.precinct == precinct);
        station.map_or_else(String::new, |s| super::day::region_name(visit, &s.region))
    };
    panel(
        &title,
        html! { (visit.t("second_day.from_reports")) },
        html! { div.scroll-x tabindex="0" role="region" aria-label=(title) { table.t.dense {
            caption.vh { (title) }
            thead { tr {
                th scope="col" { (visit.t("tickets.precinct")) } th scope="col" { (visit.t("tickets.state")) } th scope="col" { (visit.t("second_day.day")) }
                th scope="col" { (visit.t("second_day.closed")) } th.num scope="col" { (visit.t("second_day.counted")) } th.num scope="col" { (visit.t("second_day.outside")) }
            } }
            tbody { @for (precinct, one) in shown.precincts {
                @let rows = one.days.len().max(1);
                tr {
                    th scope="row" rowspan=(rows) { (format!("{precinct:04}")) br; span.small.muted { (region(*precinct)) } }
                    td rowspan=(rows) { (standing(visit, one.standing(now))) }
                    @match one.days.first() {
                        Some(day) => { (cells(visit, day)) }
                        None => { td colspan="4" { (visit.t("second_day.no_report")) } }
                    }
                }
                @for day in one.days.iter().skip(1) { tr { (cells(visit, day)) } }
            } }
        } } },
    )
}

fn cells(visit: &Visit<'_>, day: &store::VotingDayRow) -> Markup {
    html! {
        td.nowrap { (hours(visit, day.opens, day.closes)) }
        td { @match &day.suspended { Some((at, code)) => { (visit.moment(*at)) ", " (reason(visit, code)) } None => "–" } }
        td.num { b { (number(u64::from(day.counted))) } } td.num { (number(u64::from(day.outside))) }
    }
}

fn decisions(visit: &Visit<'_>, shown: &Shown<'_>) -> Markup {
    let title = visit.t("second_day.decisions");
    let mut rows = shown.precincts.values().flat_map(|one| &one.decisions);
    let first = rows.next();
    if first.is_none() {
        return panel(
            &title,
            html! {},
            empty(&visit.t("second_day.no_decision"), html! {}),
        );
    }
    panel(
        &title,
        html! { (visit.t("second_day.checked")) },
        html! { div.scroll-x tabindex="0" role="region" aria-label=(title) { table.t.dense {
            caption.vh { (title) }
            thead { tr {
                th scope="col" { (visit.t("tickets.precinct")) } th.num scope="col" { (visit.t("second_day.number")) } th scope="col" { (visit.t("second_day.day")) }
                th scope="col" { (visit.t("second_day.why")) } th scope="col" { (visit.t("second_day.file")) }
            } }
            tbody { @for row in first.into_iter().chain(rows) { tr {
                th scope="row" { (format!("{:04}", row.precinct)) } td.num { (row.number) } td.nowrap { (hours(visit, row.opens, row.closes)) } td { (reason(visit, &row.reason)) }
                td { a href={ "/day/days/" (row.sha256) } { (format!("{:04}-day-{}.cose", row.precinct, row.number)) } }
            } } }
        } } },
    )
}

fn form(visit: &Visit<'_>, wrong: Option<&str>) -> Markup {
    let said = wrong.map(|code| visit.t(&format!("second_day_refused.{code}")));
    let summary: Vec<(&str, String)> = said.iter().map(|said| ("list", said.clone())).collect();
    panel(
        &visit.t("second_day.attach"),
        html! {},
        html! {
            form.body.stack method="post" action="/day/days" enctype="multipart/form-data" {
                @if !summary.is_empty() { (error_summary(visit, &summary)) }
                div class={ "field" @if said.is_some() { " err" } } {
                    label for="list" { (visit.t("second_day.choose")) }
                    p.hint id="list-hint" { (visit.t("second_day.hint")) }
                    @if let Some(said) = &said { p.msg { (said) } }
                    input.input id="list" name="list" type="file" accept=".cose" required aria-describedby="list-hint";
                }
                button.btn.js-once type="submit" { (visit.t("second_day.take")) }
            }
        },
    )
}

/// How a decision is made: where the commission's cards are, not here.
fn commands(visit: &Visit<'_>, shown: &Shown<'_>) -> Markup {
    let now = visit.office.now();
    let law = &visit.office.law;
    let waiting = shown
        .precincts
        .iter()
        .filter(|(_, one)| one.standing(now) == DayStanding::Waits);
    let waiting: Vec<(String, String)> = waiting
        .map(|(precinct, one)| (format!("{precinct:04}"), one.command(law)))
        .collect();
    panel(
        &visit.t("second_day.make"),
        html! {},
        html! { div.body.stack {
            p { (visit.t("second_day.make_how")) }
            @if waiting.is_empty() { p.mono.sum { (Prolonged::default().command(law)) } }
            @for (precinct, command) in &waiting { p { b { (precinct) } } p.mono.sum { (command) } }
            p.small.muted { (visit.t("second_day.make_then")) }
        } },
    )
}
