//! Corrections of the interim list: what a citizen says is wrong, at a rehearsal.

use lexicon::handover::correction::CorrectionKind;
use maud::{Markup, html};
use screen::components::{Tone, languages, note};

use super::parts::{clock, closed, document, simulated};
use super::{View, trouble};
use crate::kit::{CorrectError, Kit, SaidCorrection};
use crate::rehearsal::Refused;

/// The page; `line` is a line to begin with, `taken` the number of what was just taken.
pub(super) fn page(
    view: &View,
    line: Option<u32>,
    taken: Option<u32>,
    refused: Option<&Refused>,
) -> Markup {
    let title = view.t("correct.title");
    let body = html! {
        header.kitbar {
            h1.pc { (title) }
            (simulated(view))
            span.grow {}
            (languages(view.language, "/corrections", &view.t("bar.language")))
            a.dev href="/" { (view.t("lesson.screen_operator")) }
        }
        main.shell #main {
            @match view.kit() {
                None => (closed(view)),
                Some(kit) => {
                    @if let Some(refused) = refused {
                        div.errsum role="alert" tabindex="-1" autofocus { b { (view.t("correct.not_taken")) " " } (why(view, &refused.why)) }
                    }
                    @if let Some(number) = taken {
                        div role="status" { (note(Tone::Ok, html! { (view.f("correct.taken", &[("n", &number.to_string())])) })) }
                    }
                    div.lessoncols.mt-s { (form(view, &kit, line, refused)) (list(view, &kit)) }
                }
            }
        }
    };
    document(view, &title, "", body)
}

fn why(view: &View, error: &CorrectError) -> String {
    match error {
        CorrectError::NoRehearsal => view.t("correct.no_rehearsal"),
        CorrectError::NoDesk => view.t("correct.no_desk"),
        CorrectError::Line => view.t("correct.no_line"),
        CorrectError::Text => view.t("correct.no_text"),
        CorrectError::Date => view.t("correct.no_date"),
        CorrectError::Pin => view.t("bad.pin"),
        CorrectError::Seal(_) | CorrectError::Sign(_) | CorrectError::Storage(_) => {
            trouble::engineer(view, &error.to_string())
        }
    }
}

fn kind_word(view: &View, kind: CorrectionKind) -> String {
    match kind {
        CorrectionKind::Name => view.t("correct.name"),
        CorrectionKind::Born => view.t("correct.born"),
        CorrectionKind::Address => view.t("correct.address"),
        CorrectionKind::Missing => view.t("correct.missing"),
        CorrectionKind::Extra => view.t("correct.extra"),
    }
}

fn form(view: &View, kit: &Kit, line: Option<u32>, refused: Option<&Refused>) -> Markup {
    let said = refused.map_or_else(
        || SaidCorrection {
            kind: if line == Some(0) {
                CorrectionKind::Missing
            } else {
                CorrectionKind::Name
            },
            line: line.unwrap_or(0),
            pin: String::new(),
            right: String::new(),
        },
        |refused| refused.said.clone(),
    );
    let number = if said.line > 0 {
        said.line.to_string()
    } else {
        String::new()
    };
    html! {
        section.panel { header { h2 { (view.t("correct.form")) } } div.body.stack {
            @if !kit.takes_corrections() { (note(Tone::Stop, html! { (view.t("correct.no_desk")) })) }
            form.stack method="post" action="/corrections" {
                div.field {
                    label for="kind" { (view.t("correct.kind")) }
                    select #kind .input name="kind" {
                        @for kind in CorrectionKind::ALL { option value=(kind.code()) selected[kind == said.kind] { (kind_word(view, kind)) } }
                    }
                }
                div.field { label for="line" { (view.t("card.line")) } input #line .input name="line" inputmode="numeric" autocomplete="off" value=(number); p.hint { (view.t("correct.line_hint")) } }
                div.field { label for="pin" { (view.t("correct.pin")) } input #pin .input name="pin" inputmode="numeric" autocomplete="off" value=(said.pin); p.hint { (view.t("correct.pin_hint")) } }
                div.field { label for="right" { (view.t("correct.right")) } input #right .input name="right" autocomplete="off" maxlength="200" value=(said.right); p.hint { (view.t("correct.right_hint")) } }
                button.btn { (view.t("correct.take")) }
            }
        } }
    }
}

/// What this kit took: kind and line, nothing that was said.
fn list(view: &View, kit: &Kit) -> Markup {
    let mut taken = kit.corrections();
    taken.reverse();
    html! {
        section.panel { header { h2 { (view.t("correct.list")) } span { (taken.len()) } } div.body {
            @if taken.is_empty() { p.muted { (view.t("correct.none")) } } @else {
                table.t.dense {
                    caption.vh { (view.t("correct.list")) }
                    thead { tr { th.num scope="col" { "№" } th scope="col" { (view.t("green.time")) } th.num scope="col" { (view.t("card.line")) } th scope="col" { (view.t("correct.kind")) } } }
                    tbody { @for one in taken.iter().take(10) { tr {
                        td.num { (one.number) } td { (clock(kit, one.at)) } td.num { @if one.line > 0 { (one.line) } @else { "—" } } td { (kind_word(view, one.kind)) }
                    } } }
                }
            }
            p.small.muted.mt-s { (view.t("correct.sealed")) }
        } }
    }
}
