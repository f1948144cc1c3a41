//! The ballot table: a receipt is handed in, the kit says whether a ballot is given for it.

use maud::{Markup, html};
use screen::components::{Tone, verdict};

use super::View;
use super::parts::{bar, clock_seconds, document, kit_word};
use crate::kit::{Kit, ReceiptAnswer};

/// The page; `answer` is what was said of the last receipt.
pub(super) fn page(view: &View, answer: Option<&ReceiptAnswer>) -> Markup {
    let title = view.t("table.title");
    let Some(kit) = view.kit() else {
        let body = html! { main.shell #main { (verdict(Tone::Wait, &view.t("closed.title"), &view.t("closed.next"))) } };
        return document(view, &title, "", body);
    };
    let body = html! {
        (bar(view, &kit, "/receipts"))
        main.shell.stack-l #main {
            @match answer {
                Some(answer) => (said(view, &kit, answer)),
                None => (verdict(Tone::Wait, &title, &view.t("table.next"))),
            }
            form.stack method="post" action="/receipts" {
                div.field { label for="qr" { (view.t("rescue.qr")) } input #qr .input.id name="qr" autocomplete="off" spellcheck="false" autofocus; }
                button.btn { (view.t("table.check")) }
            }
            p { a href="/chair" { (view.t("approve.open")) } }
        }
    };
    document(view, &title, "", body)
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
