//! S3, spare kits: which ones grants admit, a grant that comes on a stick, and that this kit must be started again for it.

use maud::{Markup, html};
use screen::components::{Tone, note, tag};

use super::View;
use super::parts::{day_clock, document, kit_word};
use crate::kit::{Kit, SpareRefused, SpareView};
use crate::spares::Brought;

/// The page; `brought` is what became of the files just given.
pub(super) fn page(view: &View, brought: &[Brought]) -> Markup {
    let title = view.t("spares.title");
    let body = html! {
        header.kitbar {
            h1.pc { (title) }
            (super::parts::simulated(view))
            span.grow {}
            (screen::components::languages(view.language, "/chair/spares", &view.t("bar.language")))
            a.dev href="/chair/trouble" { (view.t("rescue.link")) }
            a.dev href="/chair" data-key="F2" data-back { (view.t("approve.open")) }
        }
        main.shell #main data-reader="none" {
            @match view.kit() {
                None => p { (view.t("closed.next")) },
                Some(kit) => {
                    @for (name, done) in brought { (result(view, &kit, name, done)) }
                    (waiting(view, &kit))
                    section.panel.mt {
                        div.body.dayrow {
                            section { h2.h-small { (view.t("spares.known")) } (known(view, &kit)) }
                            section { h2.h-small { (view.t("spares.bring")) } (form(view)) }
                        }
                    }
                }
            }
        }
    };
    document(view, &title, "", body)
}

/// That the kit must be started again; nothing when no grant waits.
pub(super) fn waiting(view: &View, kit: &Kit) -> Markup {
    let waiting = kit.waits_for_start();
    if waiting.is_empty() {
        return html! {};
    }
    let names: Vec<String> = waiting.iter().map(|spare| shown(view, spare)).collect();
    let me = kit_word(view, &kit.name());
    note(
        Tone::Warn,
        html! { (view.f("spares.start_again", &[("k", &names.join(", ")), ("me", &me)])) },
    )
}

fn result(view: &View, kit: &Kit, name: &str, done: &Result<SpareView, SpareRefused>) -> Markup {
    match done {
        Ok(spare) => note(
            Tone::Ok,
            html! { b { (name) } " · " (view.f("spares.taken", &[("k", &shown(view, spare)), ("f", &day_clock(kit, spare.from)), ("t", &day_clock(kit, spare.until))])) },
        ),
        Err(error) => html! {
            div.errsum role="alert" tabindex="-1" { b { (name) " · " (error.code()) ". " } (why(view, error)) }
        },
    }
}

/// A kit's word, or whose card it is.
fn shown(view: &View, spare: &SpareView) -> String {
    if spare.is_card {
        view.f("spares.card", &[("n", &spare.name)])
    } else {
        kit_word(view, &spare.name)
    }
}

/// What is wrong with a grant, and what the chair does.
fn why(view: &View, error: &SpareRefused) -> String {
    match error {
        SpareRefused::Nothing => view.t("spares.nothing"),
        SpareRefused::Unreadable => view.t("spares.unreadable"),
        SpareRefused::OtherPackage => view.t("spares.other_package"),
        SpareRefused::BadSignature => view.t("spares.bad_signature"),
        SpareRefused::Signers => view.t("spares.signers"),
        SpareRefused::Entry(_) => view.t("spares.entry"),
        SpareRefused::Known => view.t("spares.already"),
        SpareRefused::NotKept(error) => super::trouble::engineer(view, &error.to_string()),
    }
}

fn known(view: &View, kit: &Kit) -> Markup {
    let spares = kit.spares();
    html! {
        @if spares.is_empty() { p.small.muted { (view.t("spares.none")) } }
        @for spare in &spares {
            p {
                b { (shown(view, spare)) } " · " (day_clock(kit, spare.from)) " – " (day_clock(kit, spare.until)) " "
                @if spare.is_in_force { (tag(Tone::Ok, &view.t("spares.in_force"))) } @else { (tag(Tone::Warn, &view.t("spares.after_start"))) }
            }
        }
    }
}

fn form(view: &View) -> Markup {
    html! {
        form.stack method="post" action="/chair/spares" {
            p.small { (view.t("spares.note")) }
            div.field { label for="grant-place" { (view.t("list.place")) } input #grant-place .input name="place" autocomplete="off" spellcheck="false" required; }
            button.btn.sec { (view.t("spares.do")) }
        }
    }
}
