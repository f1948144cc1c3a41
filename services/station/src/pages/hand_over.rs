//! S3, the hand-over after the final report: where to, what was written, what is missing.

use lexicon::handover::envelope::hex;
use maud::{Markup, html};
use screen::components::{Tone, note};
use screen::format;

use super::View;
use super::parts::{chair_bar, closed, document, kit_word};
use super::trouble;
use crate::kit::{HandOverRefused, HandedOver, Missing};

/// The page; `done` is what became of the last try.
pub(super) fn page(view: &View, done: Option<&Result<HandedOver, HandOverRefused>>) -> Markup {
    let title = view.t("handover.title");
    let body = html! {
        (chair_bar(view, &title, "/chair/handover"))
        main.shell.stack-l #main data-reader="none" {
            @match done {
                Some(Ok(done)) => (written(view, done)),
                Some(Err(error)) => div.errsum role="alert" tabindex="-1" { b { (error.code()) ". " } (why(view, error)) },
                None => "",
            }
            @if view.kit().is_none() { (closed(view)) } @else { section.panel { form.body.stack method="post" action="/chair/handover" {
                p { (view.t("handover.note")) }
                div.field { label for="handover-place" { (view.t("list.place")) } input #handover-place .input name="place" autocomplete="off" spellcheck="false" required; }
                button.btn { (view.t("handover.do")) }
            } } }
        }
    };
    document(view, &title, "", body)
}

fn written(view: &View, done: &HandedOver) -> Markup {
    let bytes: usize = done.files.iter().map(|file| file.bytes).sum();
    let values = [
        ("n", &*format::number(done.files.len() as u64)),
        ("b", &format::number(bytes as u64 / 1024)),
        ("f", &done.folder.to_string_lossy()),
    ];
    html! {
        (note(Tone::Ok, html! { b { (view.f("handover.written", &values)) } " SHA-256 " span.mono { (hex(&done.sha256[..8])) } }))
        @if !done.is_printed { (note(Tone::Warn, html! { (view.t("handover.not_printed")) })) }
        @for missing in &done.missing { (note(Tone::Warn, html! { (absent(view, missing)) })) }
    }
}

fn absent(view: &View, missing: &Missing) -> String {
    match missing {
        Missing::Final => view.t("handover.no_final"),
        Missing::Totals => view.t("handover.no_totals"),
        Missing::Medium => view.t("handover.no_medium"),
        Missing::Pictures(lost) => view.f("handover.no_pictures", &[("n", &lost.to_string())]),
        Missing::Captures(lost) => view.f("handover.no_captures", &[("n", &lost.to_string())]),
        Missing::Kit(name) => view.f("handover.no_kit", &[("k", &kit_word(view, name))]),
    }
}

fn why(view: &View, error: &HandOverRefused) -> String {
    match error {
        HandOverRefused::NotClosed => view.t("totals.after_close"),
        HandOverRefused::NoFolder => view.t("handover.no_folder"),
        HandOverRefused::NotWhole(_) => trouble::engineer(view, &error.to_string()),
        HandOverRefused::Stick { .. } => view.f("handover.stick", &[("w", &error.to_string())]),
    }
}
