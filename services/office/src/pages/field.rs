//! Field verification: the sums in which every entry stands once, the lots, and one lot as a sheet to print.

use std::collections::BTreeMap;

use lexicon::{Date, Purpose};
use maud::{Markup, html};
use roll::field::{Merged, Progress, Subject};
use screen::components::{Tone, note, tag};
use screen::format::{number, percent};
use store::field::{FieldLotPage, FieldProgress};
use store::{FieldAnswer, FieldLot};

use super::field_answers::decided;
use super::parts::{empty, error_summary};
use super::staff::in_force;
use super::{Section, heading, panel, print_button, shell};
use crate::desks::boundaries::roll_places;
use crate::role::Right;
use crate::visit::Visit;

pub(crate) mod entries;

const ORDER: [Progress; 4] = [
    Progress::Open,
    Progress::Late,
    Progress::Conflict,
    Progress::Done,
];

pub(crate) fn progress_code(progress: Progress) -> &'static str {
    match progress {
        Progress::Done => "done",
        Progress::Conflict => "conflict",
        Progress::Late => "late",
        Progress::Open => "open",
    }
}

pub(crate) fn progress_tag(visit: &Visit<'_>, progress: Progress) -> Markup {
    let tone = match progress {
        Progress::Done => Tone::Ok,
        Progress::Conflict => Tone::Stop,
        Progress::Late => Tone::Warn,
        Progress::Open => Tone::Wait,
    };
    tag(
        tone,
        &visit.t(&format!("field_progress.{}", progress_code(progress))),
    )
}

/// Where a lot belongs, in words.
pub(crate) fn place(visit: &Visit<'_>, lot: &FieldLot) -> String {
    match (lot.precinct, lot.aimak.as_str()) {
        (Some(precinct), _) => visit.f("fieldwork.precinct", &[("p", &precinct.to_string())]),
        (None, "") => visit.t("fieldwork.no_place"),
        (None, aimak) => aimak_name(aimak),
    }
}

/// An ayil aimak as the classifier prints it; a lot has the first eleven digits of its code.
fn aimak_name(aimak: &str) -> String {
    match format!("{aimak}000").parse::<u64>() {
        Ok(code) if aimak.len() == 11 => roll_places()(code),
        Ok(_) | Err(_) => aimak.to_owned(),
    }
}

/// The form that makes lots: what was typed, and what is wrong with it.
#[derive(Default)]
pub(crate) struct HandOut<'a> {
    pub due: &'a str,
    pub entries: &'a str,
    pub wrong: Option<(&'static str, String)>,
}

/// How far field verification is.
pub(crate) fn progress(
    visit: &Visit<'_>,
    shown: &FieldProgress,
    today: Date,
    typed: &HandOut<'_>,
) -> Markup {
    let name = visit.t("fieldwork.title");
    let title = match typed.wrong {
        Some(_) => format!("{} {name}", visit.t("error.title")),
        None => name.clone(),
    };
    let stat = |class: &str, value: u64, sum: &str, said: &str| html! { div class={ "stat " (class) } { b { (behind(visit, sum, value)) } span { (visit.t(said)) } } };
    let unfinished = shown.unfinished();
    let body = html! {
        (heading(html! { (visit.t("nav.field")) }, html! { (name) }, html! {
            @if visit.may(Right::Reconcile) { a.btn.sec href="/field/answers" { (visit.t("fieldwork.answers")) } }
            a.btn.sec href="/field/table" { (visit.t("fieldwork.table")) }
            (print_button(visit))
        }))
        @if let Some(made) = visit.asked("made") { div.mt role="status" { (note(Tone::Ok, html! { p { (visit.f("fieldwork.made", &[("n", made)])) } })) } }
        @if visit.asked("nothing").is_some() { div.mt role="status" { (note(Tone::Wait, html! { p { (visit.t("fieldwork.nothing")) } })) } }
        div.stats.three.mt {
            (stat("", shown.all(), "all", "fieldwork.all"))
            (stat("good", shown.at(Progress::Done), "done", "fieldwork.done"))
            (stat(if unfinished > 0 { "mid" } else { "good" }, unfinished, "unfinished", "fieldwork.unfinished"))
        }
        @if shown.stray_answers > 0 { div.mt { (note(Tone::Warn, html! { p { (visit.n("fieldwork.stray", shown.stray_answers)) } })) } }
        div.cols.wide.mt {
            (lots(visit, shown, today))
            div.stack {
                (sums(visit, shown))
                @if visit.may(Right::Reconcile) { (hand_out(visit, shown, typed)) (paper(visit)) }
            }
        }
    };
    shell(visit, Section::Field, &title, body)
}

/// Hands out everything that is in no lot yet.
fn hand_out(visit: &Visit<'_>, shown: &FieldProgress, typed: &HandOut<'_>) -> Markup {
    let wrong = |field: &str| {
        let wrong = typed.wrong.as_ref();
        wrong
            .filter(|(at, _)| *at == field)
            .map(|(_, said)| said.as_str())
    };
    let summary: Vec<(&str, String)> = typed.wrong.iter().cloned().collect();
    panel(
        &visit.t("fieldwork.hand_out"),
        html! {},
        html! {
            form.body.stack method="post" action="/field" {
                @if !summary.is_empty() { (error_summary(visit, &summary)) }
                p { (visit.n("fieldwork.to_hand", shown.waiting())) }
                p.small.muted { (visit.t("fieldwork.hand_out_text")) }
                div class={ "field" @if wrong("due").is_some() { " err" } } {
                    label for="due" { (visit.t("conflict.due_field")) }
                    @if let Some(said) = wrong("due") { p.msg { (said) } }
                    input.input id="due" name="due" value=(typed.due) inputmode="numeric" autocomplete="off" required;
                }
                div class={ "field" @if wrong("entries").is_some() { " err" } } {
                    label for="entries" { (visit.t("fieldwork.entries_max")) }
                    @if let Some(said) = wrong("entries") { p.msg { (said) } }
                    input.input.w-4 id="entries" name="entries" value=(typed.entries) inputmode="numeric" autocomplete="off" required;
                }
                button.btn type="submit" { (visit.t("fieldwork.make")) }
            }
        },
    )
}

/// How lots come to paper: by a process of its own, from the files that were handed out.
fn paper(visit: &Visit<'_>) -> Markup {
    panel(
        &visit.t("fieldwork.paper"),
        html! { "PDF/A" },
        html! { div.body.stack {
            p { (visit.t("fieldwork.paper_text")) }
            p { code { "tizme-print lots --table field-lots.csv --files DIR --out PAPER" } }
            p.small.muted { a href="/field/table" { "field-lots.csv" } " · " (visit.t("fieldwork.paper_files")) " " code { "field-lot-00001.csv" } }
        } },
    )
}

/// A sum over all lots, which leads to its entries.
fn behind(visit: &Visit<'_>, sum: &str, n: u64) -> Markup {
    html! { @if n > 0 && visit.may(Right::Reconcile) { a href={ "/field/sum/" (sum) } { (number(n)) } } @else { (number(n)) } }
}

/// Not handed out, open, late, in conflict and done add up to all.
fn sums(visit: &Visit<'_>, shown: &FieldProgress) -> Markup {
    let title = visit.t("fieldwork.sums");
    let share = |n: u64| percent(visit.language, n, shown.all());
    panel(
        &title,
        html! { (visit.t("fieldwork.once")) },
        html! {
            table.t.dense {
                caption.vh { (title) }
                tbody {
                    @for kind in Subject::ALL {
                        @let n = shown.not_handed.get(&kind).copied().unwrap_or(0);
                        tr { td { (visit.t("fieldwork.not_handed")) br; span.small.muted { (visit.t(&format!("field_subject.{}", kind.code()))) } } td.num { b { (behind(visit, kind.code(), n)) } } td.num { (share(n)) } }
                    }
                    @for progress in ORDER { tr { td { (progress_tag(visit, progress)) } td.num { b { (behind(visit, progress_code(progress), shown.at(progress))) } } td.num { (share(shown.at(progress))) } } }
                    tr { td { b { (visit.t("fieldwork.all")) } } td.num { b { (behind(visit, "all", shown.all())) } } td.num { (share(shown.all())) } }
                }
            }
        },
    )
}

fn lots(visit: &Visit<'_>, shown: &FieldProgress, today: Date) -> Markup {
    let title = visit.t("fieldwork.lots");
    let cell = |lot: &FieldLot, counts: &BTreeMap<Progress, u64>, progress| {
        let n = counts.get(&progress).copied().unwrap_or(0);
        html! { td.num { @if n > 0 && visit.may(Right::Reconcile) { a href={ "/field/lot/" (lot.lot) "?progress=" (progress_code(progress)) } { (number(n)) } } @else { (number(n)) } } }
    };
    let overdue = |lot: &FieldLot, counts: &BTreeMap<Progress, u64>| {
        lot.due < today && counts.get(&Progress::Open).is_some_and(|n| *n > 0)
    };
    panel(
        &title,
        html! { (visit.n("fieldwork.lot_count", shown.lots.len() as u64)) },
        html! {
            @if shown.lots.is_empty() { (empty(&visit.t("fieldwork.none"), html! { (visit.t("fieldwork.none_next")) })) } @else {
                div.scroll-x tabindex="0" role="region" aria-label=(title) { table.t.dense {
                    caption.vh { (title) }
                    thead { tr { th.num scope="col" { (visit.t("fieldwork.lot")) } th scope="col" { (visit.t("fieldwork.place")) } th scope="col" { (visit.t("fieldwork.due")) } th.num scope="col" { (visit.t("fieldwork.entries")) }
                        @for progress in ORDER { th.num scope="col" { (visit.t(&format!("field_progress.{}", progress_code(progress)))) } } } }
                    tbody { @for (lot, counts) in &shown.lots { tr {
                        td.num { @if visit.may(Right::Reconcile) { a href={ "/field/lot/" (lot.lot) } { (lot.lot) } } @else { (lot.lot) } }
                        td { (place(visit, lot)) }
                        td.nowrap { (visit.day(lot.due)) @if overdue(lot, counts) { " " (tag(Tone::Stop, &visit.t("fieldwork.overdue"))) } }
                        td.num { @if visit.may(Right::Reconcile) { a href={ "/field/lot/" (lot.lot) } { (number(lot.entries)) } } @else { (number(lot.entries)) } }
                        @for progress in ORDER { (cell(lot, counts, progress)) }
                    } } }
                } }
            }
        },
    )
}

/// One lot: the sheet that a commission takes along, with what came back.
pub(crate) fn lot(visit: &Visit<'_>, page: &FieldLotPage, only: Option<Progress>) -> Markup {
    let lot = &page.lot;
    let title = visit.f("fieldwork.lot_n", &[("n", &lot.lot.to_string())]);
    let crumbs = html! { a href="/field" { (visit.t("nav.field")) } " · " (lot.lot) };
    let body = html! {
        (heading(crumbs, html! { (title) }, html! { (in_force(visit)) a.btn.sec href={ "/field/lot/" (lot.lot) "/file" } { (visit.t("fieldwork.csv")) } (print_button(visit)) }))
        p.mt-s { b { (place(visit, lot)) } " · " (visit.f("conflict.due", &[("d", &visit.day(lot.due))])) " · " (visit.n("fieldwork.entry_count", lot.entries)) }
        p.small.muted.mono.hash { "SHA-256 " (lot.sha256) }
        p.small.muted.no-print { (visit.t("fieldwork.paper")) " (PDF/A): " code { "tizme-print lots --table field-lots.csv --files DIR --out PAPER --lot " (lot.lot) } }
        @if let Some(only) = only { p.mt-s.no-print { (progress_tag(visit, only)) " · " a href={ "/field/lot/" (lot.lot) } { (visit.t("fieldwork.whole_lot")) } } }
        div.mt { (panel(&visit.t("fieldwork.sheet"), html! { (visit.t("fieldwork.as_now")) }, html! {
            div.scroll-x tabindex="0" role="region" aria-label=(title) { table.t.dense {
                caption.vh { (title) }
                thead { tr { th.num scope="col" { "№" } th scope="col" { (visit.t("fieldwork.subject")) } th scope="col" { (visit.t("fieldwork.who")) } th scope="col" { (visit.t("fieldwork.born")) } th scope="col" { (visit.t("fieldwork.address")) } th scope="col" { (visit.t("fieldwork.version")) } th scope="col" { (visit.t("fieldwork.answer")) } } }
                tbody { @for entry in page.rows.iter().filter(|entry| only.is_none_or(|only| only == entry.progress)) {
                    @let (row, progress, answers) = (&entry.row, &entry.progress, &entry.answers);
                    @let cells = row.cells.open(Purpose::Reconcile);
                    tr {
                        td.num { (row.entry.place) }
                        td { (visit.t(&format!("field_subject.{}", row.entry.kind.code()))) }
                        td { b { (cells[0].to_uppercase()) } " " (cells[1]) " " (cells[2]) }
                        td.nowrap { (cells[3]) } td { (cells[4]) }
                        td.mono.small { (row.entry.version) }
                        td { (progress_tag(visit, *progress)) @for answer in answers { br; (said(visit, answer)) }
                            @if let Some(decision) = &entry.decision { br; span.small { b { (decided(visit, decision)) } } } }
                    }
                } }
            } }
        })) }
    };
    shell(visit, Section::Field, &title, body)
}

pub(crate) fn said(visit: &Visit<'_>, answer: &FieldAnswer) -> Markup {
    let state = match answer.state {
        Merged::Taken => Tone::Ok,
        Merged::Repeated => Tone::Wait,
        Merged::Late => Tone::Warn,
        Merged::Contradicts | Merged::ChangedSince | Merged::Unknown => Tone::Stop,
    };
    html! {
        span.small {
            (tag(state, &visit.t(&format!("field_merged.{}", answer.state.code())))) " "
            (visit.t(&format!("field_finding.{}", answer.finding.code())))
            @if let Some(precinct) = answer.precinct { " " (precinct) }
            " · " (visit.day_if(answer.visited)) " · " (answer.member)
        }
    }
}
