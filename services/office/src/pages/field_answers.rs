//! Field verification: a lot taken back, and the entries whose answers contradict each other or came late. Every answer
//! is kept; a clerk says which one stands.

use lexicon::Purpose;
use maud::{Markup, html};
use screen::components::{Tone, note};
use screen::format::number;
use store::FieldDecision;
use store::field::Disputed;

use super::field::{place, progress_tag, said};
use super::lot_report::{Taken, form, report};
use super::parts::{empty, error_summary};
use super::staff::in_force;
use super::{Section, heading, panel, print_button, shell};
use crate::visit::Visit;

/// The page.
pub(crate) struct Shown<'a> {
    /// What waits, the first of it.
    pub waiting: &'a [Disputed],
    /// How many wait in all: in conflict, late.
    pub all: (u64, u64),
    /// Lots whose day passed with entries unanswered: lot, open entries, lateness in days.
    pub overdue: &'a [(u32, u64, i32)],
    /// What came of the file just handed in.
    pub taken: Option<&'a Taken>,
    /// Why the file was not taken.
    pub wrong_file: Option<&'a str>,
    /// Why a decision was not taken, and about which entry.
    pub wrong: Option<((u32, u32), &'a str)>,
}

pub(crate) fn page(visit: &Visit<'_>, shown: &Shown<'_>) -> Markup {
    let name = visit.t("fieldwork.answers");
    let title = if shown.wrong.is_some() || shown.wrong_file.is_some() {
        format!("{} {name}", visit.t("error.title"))
    } else {
        name.clone()
    };
    let crumbs = html! { a href="/field" { (visit.t("nav.field")) } };
    let (conflict, late) = shown.all;
    let body = html! {
        (heading(crumbs, html! { (name) }, html! { (in_force(visit)) (print_button(visit)) }))
        p.muted { (visit.t("fieldwork.answers_lead")) }
        @if visit.asked("done").is_some() { div.mt role="status" { (note(Tone::Ok, html! { p { (visit.t("fieldwork.decided_now")) } })) } }
        @if let Some(taken) = shown.taken { (report(visit, taken)) }
        @if let Some((_, said)) = shown.wrong { div.mt { (error_summary(visit, &[("waiting", said.to_owned())])) } }
        div.cols.wide.mt {
            div.stack {
                (panel(&visit.t("fieldwork.waiting"), html! { (visit.f("fieldwork.waiting_of", &[("c", &number(conflict)), ("l", &number(late))])) }, html! {
                    div.body.stack id="waiting" tabindex="-1" {
                        @if shown.waiting.is_empty() { (empty(&visit.t("fieldwork.none_waiting"), html! { a href="/field" { (visit.t("fieldwork.to_lots")) } })) }
                        @for one in shown.waiting { (entry(visit, one, shown.wrong)) }
                    }
                }))
            }
            div.stack {
                (form(visit, "/field/answers", &visit.t("fieldwork.file_hint"), shown.wrong_file, &html! {}))
                (overdue(visit, shown.overdue))
            }
        }
    };
    shell(visit, Section::Field, &title, body)
}

/// One entry with its answers side by side and the choice between them.
fn entry(visit: &Visit<'_>, one: &Disputed, wrong: Option<((u32, u32), &str)>) -> Markup {
    let row = &one.entry.row;
    let at = (one.lot.lot, row.entry.place);
    let key = format!("e{}-{}", at.0, at.1);
    let cells = row.cells.open(Purpose::Reconcile);
    let is_wrong = wrong.is_some_and(|(entry, _)| entry == at);
    html! {
        form.choice-card.stack method="post" action="/field/decide" id=(key) {
            p { (progress_tag(visit, one.entry.progress)) " "
                a href={ "/field/lot/" (at.0) } { (visit.f("fieldwork.entry_n", &[("l", &at.0.to_string()), ("n", &at.1.to_string())])) }
                " · " (place(visit, &one.lot)) " · " (visit.t(&format!("field_subject.{}", row.entry.kind.code()))) }
            p { b { (cells[0].to_uppercase()) } " " (cells[1]) " " (cells[2]) @if let Ok(born) = cells[3].parse() { ", " (visit.day(born)) } @if !cells[4].is_empty() { " · " (cells[4]) } }
            @if let Some(before) = &one.entry.decision { p.small.muted { (decided(visit, before)) " " (visit.t("fieldwork.overtaken")) } }
            input type="hidden" name="lot" value=(at.0);
            input type="hidden" name="place" value=(at.1);
            input type="hidden" name="seen" value=(one.entry.answers.len());
            fieldset.choices {
                legend.small { (visit.t("fieldwork.which")) }
                @for (n, answer) in one.entry.answers.iter().enumerate() {
                    label.choice for={ (key) "-" (n + 1) } {
                        input type="radio" id={ (key) "-" (n + 1) } name="chosen" value=(n + 1) required disabled[answer.state == roll::field::Merged::Unknown];
                        span { (said(visit, answer)) br; span.small.muted { (visit.f("fieldwork.taken_at", &[("t", &visit.moment(answer.received_at)), ("n", &answer.line.to_string())])) } }
                    }
                }
            }
            div class={ "field" @if is_wrong { " err" } } {
                label for={ (key) "-why" } { (visit.t("fieldwork.why")) }
                @if let Some((_, text)) = wrong.filter(|_| is_wrong) { p.msg { (text) } }
                input.input id={ (key) "-why" } name="why" maxlength="400" required autocomplete="off";
            }
            div { button.btn.sec type="submit" { (visit.t("fieldwork.decide")) } }
        }
    }
}

/// A decision, in words.
pub(crate) fn decided(visit: &Visit<'_>, decision: &FieldDecision) -> String {
    visit.f(
        "fieldwork.decided",
        &[
            ("n", &decision.chosen.to_string()),
            ("who", &decision.staff),
            ("t", &visit.moment(decision.at)),
            ("why", &decision.reason),
        ],
    )
}

/// Lots whose day passed and that are not all answered.
fn overdue(visit: &Visit<'_>, lots: &[(u32, u64, i32)]) -> Markup {
    let title = visit.t("fieldwork.overdue_lots");
    panel(
        &title,
        html! { (number(lots.len() as u64)) },
        html! {
            @if lots.is_empty() { (empty(&visit.t("fieldwork.none_overdue"), html! {})) } @else {
                table.t.dense {
                    caption.vh { (title) }
                    thead { tr { th.num scope="col" { (visit.t("fieldwork.lot")) } th.num scope="col" { (visit.t("field_progress.open")) } th.num scope="col" { (visit.t("fieldwork.days_late")) } } }
                    tbody { @for (lot, open, days) in lots { tr {
                        td.num { a href={ "/field/lot/" (lot) } { (lot) } } td.num { (number(*open)) } td.num { (days) }
                    } } }
                }
            }
        },
    )
}
