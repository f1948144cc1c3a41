//! S3, what was counted on paper after the close: beside what the kits counted, with the differences.

use lexicon::Instant;
use lexicon::handover::event::{CORRECTION_REASONS, DIFFERENCE_REASONS};
use lexicon::handover::report::TotalsSaid;
use maud::{Markup, html};
use screen::components::{Tone, note, tag};
use screen::{Icon, icon};

use super::View;
use super::chair::{two_cards, wrong};
use super::parts::{chair_bar, clock, closed, document, kit_word};
use crate::kit::Kit;
use crate::scene::ChairError;
use crate::totals::{FIELDS, TypedTotals};

/// The page; `typed` is given back when an entry failed.
pub(super) fn page(view: &View, typed: &TypedTotals, problem: Option<&ChairError>) -> Markup {
    let title = view.t("totals.title");
    let body = html! {
        (chair_bar(view, &title, "/chair/totals"))
        main.shell #main data-reader="none" {
            (wrong(view, problem))
            @match view.kit() {
                None => (closed(view)),
                Some(kit) => section.panel.mt {
                    div.body.cols.chair {
                        section { h2.h-small { (view.t("totals.known")) } (known(view, &kit)) }
                        section { h2.h-small { (view.t("totals.enter")) } (form(view, &kit, typed)) }
                    }
                },
            }
        }
    };
    document(view, &title, "", body)
}

/// What the kits counted, and what was entered with its differences.
fn known(view: &View, kit: &Kit) -> Markup {
    let (counted, slips, said) =
        kit.read(|book| (book.counted(), book.slips_taken(), book.totals_said()));
    html! {
        table.t.dense {
            caption.vh { (view.t("totals.known")) }
            tbody {
                tr { th scope="row" { (view.t("totals.counted")) } td.num { (counted) } }
                @if let Some(slips) = slips { tr { th scope="row" { (view.t("totals.slips")) } td.num { (slips) } } }
                @if let Some(said) = &said {
                    @for (label, count) in labels(view).iter().zip([said.signatures, said.received, said.issued, said.spoilt, said.left]) {
                        tr { th scope="row" { (label) } td.num { (count) } }
                    }
                }
            }
        }
        @match &said {
            Some(said) => (differences(view, kit, said, counted)),
            None => p.small.muted { (view.t("totals.none")) },
        }
    }
}

fn labels(view: &View) -> [String; 5] {
    [
        view.t("totals.signatures"),
        view.t("totals.received"),
        view.t("totals.issued"),
        view.t("totals.spoilt"),
        view.t("totals.left"),
    ]
}

fn differences(view: &View, kit: &Kit, said: &TotalsSaid, counted: u32) -> Markup {
    let off = said.differences(counted);
    let name = kit
        .charter()
        .kit_name(lexicon::handover::envelope::Kid(*said.kit));
    let at = clock(kit, Instant::from_micros(said.at));
    let entered = [("k", &*kit_word(view, &name)), ("t", &at)];
    html! {
        @if off.is_any() {
            (note(Tone::Warn, html! {
                b { (view.t("totals.differ")) } " "
                (view.f("totals.differences", &[("s", &off.signatures.to_string()), ("i", &off.issued.to_string()), ("b", &off.ballots.to_string())]))
                @if !said.difference.is_empty() { " " (reason(view, &said.difference)) "." }
            }))
        } @else { p { (tag(Tone::Ok, &view.t("totals.agree"))) } }
        p.small.muted {
            (view.f("totals.entered", &entered))
            @if said.before > 0 { " " (view.f("totals.corrected", &[("n", &said.before.to_string())])) }
        }
    }
}

fn reason(view: &View, code: &str) -> String {
    match code {
        "LEFT_WITHOUT" => view.t("totals.left_without"),
        "SIGNATURE_WRONG" => view.t("totals.signature_wrong"),
        "BALLOT_LOST" => view.t("totals.ballot_lost"),
        "COUNTED_TWICE" => view.t("totals.counted_twice"),
        "TYPED_WRONG" => view.t("totals.typed_wrong"),
        "COUNTED_AGAIN" => view.t("totals.counted_again"),
        _ => view.t("totals.other"),
    }
}

fn form(view: &View, kit: &Kit, typed: &TypedTotals) -> Markup {
    let (is_closed, is_again) = kit.read(|book| {
        (
            book.closed(book.me()).is_some(),
            book.totals_said().is_some(),
        )
    });
    if !is_closed {
        return html! { p.muted { (view.t("totals.after_close")) } };
    }
    html! {
        form.stack method="post" action="/chair/totals" {
            div.twocards {
                @for ((name, label), number) in FIELDS.iter().zip(labels(view)).zip(&typed.numbers) {
                    @let id = format!("totals-{name}");
                    div.field { label for=(id) { (label) } input .input id=(id) name=(name) value=(number) inputmode="numeric" autocomplete="off" required; }
                }
                div.field { label for="totals-why" { (view.t("totals.why")) } select #totals-why .input name="difference" {
                    option value="" { "—" }
                    @for code in DIFFERENCE_REASONS { option value=(code) selected[typed.difference == code] { (reason(view, code)) } }
                } }
                @if is_again {
                    div.field { label for="totals-correction" { (view.t("totals.correction")) } select #totals-correction .input name="correction" {
                        option value="" { "—" }
                        @for code in CORRECTION_REASONS { option value=(code) selected[typed.correction == code] { (reason(view, code)) } }
                    } }
                }
            }
            p.small.muted { (view.t("totals.note")) }
            (two_cards(view, "totals"))
            button.btn { (icon(Icon::Lock)) (view.t("totals.do")) }
        }
    }
}
