//! The ballot table: a receipt is handed in, the kit says whether a ballot is given for it.

use maud::{Markup, html};
use screen::components::{Tone, verdict};

use super::chair::two_cards;
use super::parts::{Act, act, bar, clock_seconds, document, kit_word};
use super::{View, sentences, trouble};
use crate::ballots::TableScene;
use crate::kit::{ActError, Kit, ReceiptAnswer, Slip};

/// The page; `answer` is what was said of the last receipt.
pub(super) fn page(view: &View, answer: Option<&Result<ReceiptAnswer, ActError>>) -> Markup {
    let title = view.t("table.title");
    let Some(kit) = view.kit() else {
        let body = html! { main.shell #main { (verdict(Tone::Wait, &view.t("closed.title"), &view.t("closed.next"))) } };
        return document(view, &title, "", body);
    };
    if kit.is_table_scanned() {
        return scanned(view, &kit);
    }
    let body = html! {
        (bar(view, &kit, "/receipts"))
        main.shell.stack-l #main data-reader="table" {
            @match answer {
                Some(Ok(answer)) => (said(view, &kit, answer)),
                Some(Err(error)) => (verdict(Tone::Stop, &view.t("table.bad"), &trouble::act(view, error))),
                None => (verdict(Tone::Wait, &title, &view.t("table.next"))),
            }
            (field(view))
            p { a href="/chair" { (view.t("approve.open")) } }
        }
    };
    document(view, &title, "", body)
}

/// The field that the reader types into.
fn field(view: &View) -> Markup {
    html! {
        form.stack method="post" action="/receipts" {
            div.field { label for="qr" { (view.t("rescue.qr")) } input #qr .input.id name="qr" autocomplete="off" spellcheck="false" autofocus; }
            button.btn { (view.t("table.check")) }
        }
    }
}

/// The small screen of a scanned ballot table: one slip after another, and what stands against it.
fn scanned(view: &View, kit: &Kit) -> Markup {
    let scene = view.station.table();
    let (title, main) = match &scene {
        TableScene::Idle => {
            let title = view.t("table.scan");
            let said = verdict(Tone::Wait, &title, &view.t("table.next"));
            (title, html! { (said) (field(view)) })
        }
        TableScene::Sign(slip) => sign(view, slip),
        TableScene::Officers(slip, problem) => {
            let title = place(view, "table.officers", slip);
            let said = verdict(
                Tone::Warn,
                &title,
                &of_slip(view, "table.officers_next", slip),
            );
            let forms = html! {
                @if let Some(problem) = problem { p.err role="alert" { b { (view.t("chair.error")) ". " } (trouble::chair(view, problem)) } }
                form.panel method="post" action="/receipts/resume" { div.body.stack {
                    (two_cards(view, "table"))
                    div.actions {
                        // Enter in a field above presses a form's first button: neither answer is given so.
                        button hidden disabled {}
                        button.btn.danger.big formaction="/receipts/given" { (view.t("table.gone_do")) }
                        span.grow {}
                        button.btn.sec.big { (view.t("table.resume_do")) }
                        button.btn.quiet formaction="/receipts/next" formnovalidate data-key="Escape" { kbd { "Esc" } " " (view.t("table.cancel")) }
                    }
                } }
            };
            (title, html! { (said) (forms) })
        }
        TableScene::Given(slip) => {
            let title = view.t("table.given");
            let said = verdict(Tone::Ok, &title, &of_slip(view, "table.given_next", slip));
            (title, html! { (said) (box_of(view, slip)) (field(view)) })
        }
        TableScene::No(answer) => (
            view.t("table.bad"),
            html! { (said(view, kit, answer)) (field(view)) },
        ),
        TableScene::Refused(slip, refusal) => {
            let title = view.t("table.bad");
            let words = sentences().refusal.get(refusal.reason.code());
            let words = words.map_or_else(String::new, |said| {
                format!(
                    "{} {}",
                    said.sentence.get(view.language),
                    said.next.get(view.language)
                )
            });
            let line = slip.line.to_string();
            let detail = view.f(
                "table.not_now",
                &[
                    ("r", &kit_word(view, &slip.receipt)),
                    ("l", &line),
                    ("w", &words),
                ],
            );
            let other = refusal
                .kit
                .map(|kid| kit_word(view, &kit.charter().kit_name(kid)));
            let shown = html! {
                (verdict(Tone::Stop, &title, &detail))
                p.small.muted {
                    (view.t("red.code")) " " b { (refusal.reason.code()) }
                    @if let Some(other) = other { " · " (view.f("table.kit", &[("k", &other)])) }
                }
                (field(view))
            };
            (title, shown)
        }
        TableScene::Fault(why) => {
            let title = view.t("table.bad");
            let said = verdict(Tone::Stop, &title, &view.t("table.fault"));
            (
                title,
                html! { (said) p.small.muted { (trouble::engineer(view, why)) } (field(view)) },
            )
        }
    };
    let body = html! {
        (bar(view, kit, "/receipts"))
        main.shell.stack-l #main data-reader="table" {
            (main)
            p.small.muted { (sums(view, kit)) " · " a href="/chair" data-back { (view.t("approve.open")) } }
        }
    };
    document(view, &title, "", body)
}

fn sign(view: &View, slip: &Slip) -> (String, Markup) {
    let title = place(view, "table.sign", slip);
    let press = |action, key, label: &str, class| {
        let label = view.t(label);
        act(
            &Act {
                action,
                key,
                label: &label,
                class,
                is_opposite: true,
            },
            &[],
        )
    };
    let shown = html! {
        (verdict(Tone::Wait, &title, &of_slip(view, "table.sign_next", slip)))
        (box_of(view, slip))
        div.actions {
            (press("/receipts/refuse", "F5", "table.refuse_do", "danger big"))
            span.grow {}
            (press("/receipts/signed", "F8", "table.signed_do", "big"))
            (press("/receipts/next", "Escape", "table.cancel", "quiet"))
        }
    };
    (title, shown)
}

fn place(view: &View, key: &str, slip: &Slip) -> String {
    view.f(
        key,
        &[("l", &slip.line.to_string()), ("p", &slip.page.to_string())],
    )
}

fn of_slip(view: &View, key: &str, slip: &Slip) -> String {
    view.f(
        key,
        &[
            ("r", &kit_word(view, &slip.receipt)),
            ("l", &slip.line.to_string()),
        ],
    )
}

fn box_of(view: &View, slip: &Slip) -> Markup {
    html! {
        div.lineno { span { (view.t("green.linebox")) } b { (slip.line) } em { (view.f("green.page", &[("n", &slip.page.to_string())])) } }
    }
}

/// What the table adds up to now.
fn sums(view: &View, kit: &Kit) -> String {
    let (counted, table) = kit.read(|book| (book.counted(), book.table_count()));
    let of = |field: fn(&lexicon::handover::report::TableCount) -> u32| {
        table.as_ref().map_or(0, field).to_string()
    };
    view.f(
        "table.sums",
        &[
            ("c", &counted.to_string()),
            ("s", &of(|table| table.signed)),
            ("i", &of(|table| table.issued)),
            ("w", &of(|table| table.waiting)),
        ],
    )
}

fn said(view: &View, kit: &Kit, answer: &ReceiptAnswer) -> Markup {
    let (tone, title) = match answer {
        ReceiptAnswer::Good { .. } => (Tone::Ok, view.t("table.good")),
        ReceiptAnswer::AlreadyUsed { .. }
        | ReceiptAnswer::BadSignature
        | ReceiptAnswer::UnknownKey
        | ReceiptAnswer::WrongPrecinct { .. }
        | ReceiptAnswer::WrongElection
        | ReceiptAnswer::Void
        | ReceiptAnswer::Unreadable => (Tone::Stop, view.t("table.bad")),
    };
    let detail = match answer {
        ReceiptAnswer::Good { line, receipt } => view.f(
            "table.good_next",
            &[("r", &kit_word(view, receipt)), ("l", &line.to_string())],
        ),
        ReceiptAnswer::AlreadyUsed { at: Some(at) } => {
            view.f("table.used_at", &[("t", &clock_seconds(kit, *at))])
        }
        ReceiptAnswer::AlreadyUsed { at: None } => view.t("table.used"),
        ReceiptAnswer::BadSignature => view.t("table.signature"),
        ReceiptAnswer::UnknownKey => view.t("table.key"),
        ReceiptAnswer::WrongPrecinct { precinct } => {
            view.f("table.precinct", &[("p", &precinct.to_string())])
        }
        ReceiptAnswer::WrongElection => view.t("table.election"),
        ReceiptAnswer::Void => view.t("table.void"),
        ReceiptAnswer::Unreadable => view.t("table.unreadable"),
    };
    html! {
        (verdict(tone, &title, &detail))
        p.small.muted { (view.t("red.code")) " " b { (answer.code()) } }
    }
}
