//! S3, the return from a total failure: the interval on paper, the lines served in it, and slips declared void.

use lexicon::handover::report::PaperInterval;
use lexicon::{Instant, Method};
use maud::{Markup, html};
use screen::components::{Tone, note, tag};

use super::View;
use super::chair::{two_cards, wrong};
use super::parts::{clock_seconds, closed, day_clock, document, kit_word};
use crate::kit::{EnteredView, Kit, REASONS_VOID};
use crate::paper_only::{TypedPaper, act_name};
use crate::scene::ChairError;

/// Entries that the page lists; the reports count them all.
const SHOWN: usize = 6;

/// The page; `typed` is given back when an act failed.
pub(super) fn page(view: &View, typed: &TypedPaper, problem: Option<&ChairError>) -> Markup {
    let title = view.t("paper.title");
    let body = html! {
        header.kitbar {
            h1.pc { (title) }
            (super::parts::simulated(view))
            span.grow {}
            (screen::components::languages(view.language, "/chair/paper", &view.t("bar.language")))
            a.dev href="/chair/trouble" { (view.t("rescue.link")) }
            a.dev href="/chair" data-key="F2" data-back { (view.t("approve.open")) }
        }
        main.shell #main {
            (wrong(view, problem))
            @match view.kit() {
                None => (closed(view)),
                Some(kit) => section.panel.mt {
                    div.body.dayrow {
                        section { h2.h-small { (view.t("paper.interval")) } (intervals(view, &kit, typed)) }
                        section { h2.h-small { (view.t("paper.lines")) } (lines(view, &kit, typed)) }
                        section { h2.h-small { (view.t("paper.void")) } (void(view, &kit, typed)) }
                    }
                },
            }
        }
    };
    document(view, &title, "", body)
}

/// `2015-10-04 10:03`, local.
fn short(kit: &Kit, micros: i64) -> String {
    day_clock(kit, Instant::from_micros(micros))
}

fn said(view: &View, kit: &Kit, interval: &PaperInterval) -> Markup {
    let tone = if interval.entered == interval.count {
        Tone::Ok
    } else {
        Tone::Warn
    };
    let name = kit
        .charter()
        .kit_name(lexicon::handover::envelope::Kid(*interval.kit));
    let words = view.f(
        "paper.said",
        &[
            ("f", &short(kit, interval.from)),
            ("t", &short(kit, interval.to)),
            ("k", &kit_word(view, &name)),
            ("n", &interval.count.to_string()),
            ("e", &interval.entered.to_string()),
            ("c", &interval.served.to_string()),
        ],
    );
    html! { p { (tag(tone, &words)) } }
}

fn intervals(view: &View, kit: &Kit, typed: &TypedPaper) -> Markup {
    let known = kit.paper_intervals();
    html! {
        @if known.is_empty() { p.small.muted { (view.t("paper.none")) } }
        @for interval in &known { (said(view, kit, interval)) }
        details open[!typed.from.is_empty()] {
            summary { (view.t("paper.declare")) }
            form.stack method="post" action="/chair/paper_only" {
                p.small { (view.t("paper.declare_note")) }
                div.twocards {
                    div.field { label for="paper-from" { (view.t("paper.from")) } input #paper-from .input name="from" value=(typed.from) placeholder=(short(kit, kit.read_clock().wall.micros())) autocomplete="off" required; }
                    div.field { label for="paper-to" { (view.t("paper.to")) } input #paper-to .input name="to" value=(typed.to) autocomplete="off" required; }
                }
                div.field { label for="paper-count" { (view.t("paper.count")) } input #paper-count .input name="count" value=(typed.count) inputmode="numeric" autocomplete="off" required; }
                (two_cards(view, "paper"))
                button.btn.sec { (view.t("paper.declare_do")) }
            }
        }
    }
}

fn lines(view: &View, kit: &Kit, typed: &TypedPaper) -> Markup {
    let known = kit.paper_intervals();
    let own: Vec<&PaperInterval> = known
        .iter()
        .filter(|interval| *interval.kit == kit.kid().0)
        .collect();
    let entered = kit.entered();
    html! {
        @if own.is_empty() { p.small.muted { (view.t("paper.lines_none")) } } @else {
            details open[!typed.rows.is_empty()] {
                summary { (view.t("paper.enter")) }
                form.stack method="post" action="/chair/paper_served" {
                    div.twocards {
                        div.field { label for="paper-interval" { (view.t("paper.interval")) } select #paper-interval .input name="interval" {
                            @for interval in own.iter().rev() { option value=(interval.seq) selected[typed.interval == interval.seq.to_string()] { (short(kit, interval.from)) } }
                        } }
                        div.field { label for="paper-method" { (view.t("green.method")) } select #paper-method .input name="method" {
                            @for method in [Method::Document2, Method::Face2, Method::Override2] { option value=(method.number()) selected[typed.method == method.number().to_string()] { (view.t(&format!("method.{}", method.code()))) } }
                        } }
                    }
                    div.field { label for="paper-rows" { (view.t("paper.rows")) } textarea #paper-rows .input name="rows" rows="4" spellcheck="false" required { (typed.rows) } }
                    (two_cards(view, "paper-lines"))
                    button.btn.sec { (view.t("paper.enter_do")) }
                }
            }
        }
        @if !entered.is_empty() { (list(view, kit, &entered)) (take_back(view, typed)) }
    }
}

fn list(view: &View, kit: &Kit, entered: &[EnteredView]) -> Markup {
    // What must be explained first, then the last ones.
    let mut shown: Vec<&EnteredView> = entered.iter().filter(|view| view.is_duplicate).collect();
    shown.extend(entered.iter().rev().filter(|view| !view.is_duplicate));
    html! {
        table.t {
            caption.vh { (view.t("paper.lines")) }
            thead { tr { th.num scope="col" { (view.t("paper.slip")) } th.num scope="col" { (view.t("hits.line")) } th scope="col" { (view.t("chair.kit")) } th scope="col" {} } }
            tbody { @for entry in shown.iter().take(SHOWN) { tr {
                td.num { (entry.entry.slip) } td.num { (entry.entry.line) }
                td { (kit_word(view, &kit.charter().kit_name(entry.kit))) }
                td { @if entry.is_duplicate { (tag(Tone::Stop, &view.t("paper.twice"))) } }
            } } }
        }
    }
}

fn take_back(view: &View, typed: &TypedPaper) -> Markup {
    html! {
        details open[!typed.slip.is_empty()] {
            summary { (view.t("paper.undo")) }
            form.stack method="post" action="/chair/paper_undo" {
                div.twocards {
                    div.field { label for="undo-line" { (view.t("hits.line")) } input #undo-line .input name="line" value=(typed.line) inputmode="numeric" autocomplete="off" required; }
                    div.field { label for="undo-slip" { (view.t("paper.slip")) } input #undo-slip .input name="slip" value=(typed.slip) inputmode="numeric" autocomplete="off" required; }
                }
                (two_cards(view, "paper-undo"))
                button.btn.sec { (view.t("paper.undo_do")) }
            }
        }
    }
}

/// A line is asked for; its slips that may be declared void stand below.
fn void(view: &View, kit: &Kit, typed: &TypedPaper) -> Markup {
    let line = typed.line.trim().parse::<u32>().ok();
    let line = line.filter(|_| typed.slip.is_empty());
    let acts = line.map(|line| kit.voidable(line)).unwrap_or_default();
    html! {
        form.stack method="get" action="/chair/paper" {
            div.field { label for="void-line" { (view.t("hits.line")) } input #void-line .input name="line" value=[line] inputmode="numeric" autocomplete="off" required; }
            button.btn.sec { (view.t("paper.void_find")) }
        }
        @if let Some(line) = line {
            @for (receipt, at) in kit.voided(line) {
                p { (tag(Tone::Stop, &view.f("paper.voided", &[("r", &kit_word(view, &receipt)), ("t", &clock_seconds(kit, at))]))) }
            }
            @if acts.is_empty() { p.small.muted { (view.t("paper.void_none")) } } @else {
                form.stack method="post" action="/chair/void" {
                    input type="hidden" name="line" value=(line);
                    div.field { label for="void-act" { (view.t("green.receipt")) } select #void-act .input name="act" {
                        @for act in &acts { option value=(act_name(act)) { (kit_word(view, &kit.receipt_name(act))) " · " (clock_seconds(kit, act.hlc.moment())) } }
                    } }
                    div.field { label for="void-reason" { (view.t("rescue.reason")) } select #void-reason .input name="reason" {
                        @for reason in REASONS_VOID { option value=(reason) { (view.t(&format!("paper.{}", reason.to_lowercase()))) } }
                    } }
                    (note(Tone::Warn, html! { (view.t("paper.void_note")) }))
                    (two_cards(view, "void"))
                    button.btn.danger { (view.t("paper.void_do")) }
                }
            }
        }
    }
}
