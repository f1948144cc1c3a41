//! Captures of the day: how many came in, who opened them, and the pairs that comparing them found.

use lexicon::Instant;
use lexicon::handover::capture::{CapturePair, CapturePairs, PairSide};
use lexicon::handover::envelope::hex;
use maud::{Markup, html};
use screen::components::{Tone, note, tag};
use screen::format::number;
use store::{CapturesRow, CapturesStep};

use super::parts::empty;
use super::{Section, heading, panel, print_button, shell};
use crate::captures::Opening;
use crate::visit::Visit;

/// What to correct.
#[derive(Clone, Copy)]
pub(crate) enum Wrong {
    /// No reason was chosen.
    Reason,
    /// No decision was named.
    Basis,
}

/// What one comparison found.
pub(crate) struct Found {
    pub at: Instant,
    /// Of the signed packet.
    pub sha256: String,
    pub packet: CapturePairs,
}

/// The page.
pub(crate) struct Shown<'a> {
    pub rows: &'a [CapturesRow],
    pub steps: &'a [CapturesStep],
    /// The latest last.
    pub found: &'a [Found],
    pub standing: Opening,
    /// Whether the law lets captures be kept and compared.
    pub is_lawful: bool,
    pub wrong: Option<Wrong>,
}

pub(crate) fn overview(visit: &Visit<'_>, shown: &Shown<'_>) -> Markup {
    let name = visit.t("captures.title");
    let title = match shown.wrong {
        Some(_) => format!("{} {name}", visit.t("error.title")),
        None => name.clone(),
    };
    let body = html! {
        (heading(super::day::tabs(visit), html! { (name) }, print_button(visit)))
        p.muted { (visit.t("captures.lead")) }
        @if !shown.is_lawful { div.mt { (note(Tone::Wait, html! { p { (visit.t("captures.silent")) } })) } }
        div.cols.start.mt {
            div.stack {
                @for found in shown.found.iter().rev() { (result(visit, found)) }
                (handed_in(visit, shown.rows))
                (steps(visit, shown.steps))
            }
            @if shown.is_lawful { (opening(visit, shown)) }
        }
    };
    shell(visit, Section::Day, &title, body)
}

fn handed_in(visit: &Visit<'_>, rows: &[CapturesRow]) -> Markup {
    let title = visit.t("captures.handed_in");
    let inside = html! {
        @if rows.is_empty() { (empty(&visit.t("captures.none"), html! { a href="/day" { (visit.t("day.form")) } })) } @else { table.t.dense.tight {
            caption.vh { (title) }
            thead { tr { th scope="col" { (visit.t("precinct.number")) } th scope="col" { (visit.t("day.kit")) } th.num scope="col" { (visit.t("captures.count")) } } }
            tbody { @for row in rows { tr { th scope="row" { (format!("{:04}", row.precinct)) } td { (row.kit) } td.num { (number(row.captures)) } } } }
        } }
    };
    panel(&title, html! {}, inside)
}

fn result(visit: &Visit<'_>, found: &Found) -> Markup {
    let packet = &found.packet;
    let title = visit.f("captures.found", &[("t", &visit.moment(found.at))]);
    let rate = format!("{:e}", f64::from(packet.false_hits_ppb) / 1e9);
    let sums = [
        ("n", number(u64::from(packet.compared))),
        ("u", number(u64::from(packet.unreadable))),
        ("o", number(u64::from(packet.left_out))),
        ("s", packet.threshold.to_string()),
        ("p", rate),
    ];
    let sums: Vec<(&str, &str)> = sums
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    let inside = html! {
        div.body.stack {
            p { (visit.f("captures.sums", &sums)) @if !packet.exhaustive { " " (visit.t("captures.screened")) } }
            @if packet.pairs.is_empty() { p { (tag(Tone::Ok, &visit.t("captures.no_pairs"))) } } @else { p { (visit.t("captures.pairs_note")) } }
            p.small { "SHA-256 " span.mono { (found.sha256) } }
        }
        @if !packet.pairs.is_empty() { table.t.dense {
            caption.vh { (title) }
            thead { tr {
                th scope="col" { (visit.t("captures.pair")) } th scope="col" { (visit.t("precinct.number")) } th.num scope="col" { (visit.t("day.line")) } th scope="col" { (visit.t("captures.slip")) }
                th scope="col" { (visit.t("captures.when")) } th.num scope="col" { (visit.t("captures.score")) } th.num scope="col" { (visit.t("captures.of_day")) } th scope="col" { (visit.t("captures.evidence")) }
            } }
            tbody { @for (at, pair) in (1..).zip(&packet.pairs) {
                (side(visit, at, pair, &pair.first)) (side(visit, at, pair, &pair.second))
            } }
        } }
    };
    panel(&title, html! {}, inside)
}

fn side(visit: &Visit<'_>, at: u32, pair: &CapturePair, side: &PairSide) -> Markup {
    html! { tr {
        th scope="row" { (at) } td { (format!("{:04}", side.precinct)) } td.num { (side.line) }
        td { (side.kit_name) "-" (format!("{:04}", side.receipt)) } td { (visit.moment(Instant::from_micros(side.at))) }
        td.num { (pair.score) " (" (pair.fingers) ")" } td.num { (pair.of_day) } td.mono.small { (hex(&side.capture[..8])) }
    } }
}

fn steps(visit: &Visit<'_>, steps: &[CapturesStep]) -> Markup {
    let title = visit.t("captures.steps");
    panel(
        &title,
        html! {},
        html! {
            @if steps.is_empty() { div.body { p { (visit.t("captures.no_steps")) } } } @else { table.t.dense {
                caption.vh { (title) }
                thead { tr { th scope="col" { (visit.t("captures.when")) } th scope="col" { (visit.t("picture.who")) } th scope="col" { (visit.t("picture.what")) } th scope="col" { (visit.t("picture.why")) } } }
                tbody { @for step in steps { tr {
                    td { (visit.moment(step.at)) }
                    td { (step.staff) @if let Some(of) = step.act.institution() { " · " (visit.t(&format!("institution.{}", of.code()))) } }
                    td { (visit.t(&format!("captures_act.{}", step.act.code()))) }
                    td { (visit.t(&format!("picture_reason.{}", step.reason))) ", " (step.basis) }
                } } }
            } }
        },
    )
}

fn opening(visit: &Visit<'_>, shown: &Shown<'_>) -> Markup {
    let inside = match shown.standing {
        Opening::Allowed(until) => html! { div.body.stack {
            p { (tag(Tone::Ok, &visit.f("captures.allowed_until", &[("t", &visit.moment(until))]))) }
            p { (visit.t("captures.job")) }
            p.mono { "tizme office compare-captures" }
        } },
        Opening::Asked => html! {
            div.body { p { (visit.t("captures.asked_note")) } }
            form.body.stack method="post" action="/day/captures" { button.btn.js-once type="submit" name="do" value="allow" { (visit.t("picture.allow")) } }
        },
        Opening::Waits => html! { div.body { p { (visit.t("picture.waits")) } } },
        Opening::Closed => ask(visit, shown.wrong),
    };
    panel(&visit.t("captures.opening"), html! {}, inside)
}

fn ask(visit: &Visit<'_>, wrong: Option<Wrong>) -> Markup {
    let wrong = wrong.map(|wrong| match wrong {
        Wrong::Reason => ("reason", visit.t("picture.no_reason")),
        Wrong::Basis => ("basis", visit.t("picture.no_basis")),
    });
    let keys = ["captures.ask_note", "captures.ask"];
    super::pictures::ask_form(visit, "/day/captures", keys, wrong)
}
