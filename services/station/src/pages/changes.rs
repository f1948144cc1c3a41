//! The chair's page for changes of the list during the day (S-20, S-35).

use lexicon::handover::envelope::hex;
use lexicon::handover::station_delta::{StationChange, StationChangeKind};
use maud::{Markup, html};
use screen::components::{Tone, note, tag};

use super::View;
use super::parts::{chair_bar, clock, closed, document, kit_word};
use super::trouble;
use crate::changes::Offered;
use crate::kit::{ChangeView, DeltaRefused, Kit, Paper};

/// The page; `offered` is what became of the files just given.
pub(super) fn page(view: &View, offered: &[Offered]) -> Markup {
    let title = view.t("list.title");
    let body = html! {
        (chair_bar(view, &title, "/chair/list"))
        main.shell.stack-l #main {
            @match view.kit() {
                None => (closed(view)),
                Some(kit) => {
                    @for (name, done) in offered { (result(view, name, done)) }
                    (in_force(view, &kit))
                    (give(view))
                }
            }
        }
    };
    document(view, &title, "", body)
}

fn result(view: &View, name: &str, done: &Result<crate::kit::ChangeTaken, DeltaRefused>) -> Markup {
    match done {
        Ok(taken) if taken.view.is_held => note(
            Tone::Warn,
            html! { b { (name) } " · " (view.f("list.held_now", &[("n", &taken.view.number.to_string())])) },
        ),
        Ok(taken) => {
            let said = view.f("list.taken", &[("n", &taken.view.number.to_string())]);
            match &taken.paper {
                Paper::Printed => note(
                    Tone::Ok,
                    html! { b { (name) } " · " (said) " " (view.t("list.slip_out")) },
                ),
                Paper::Pending(_) => note(
                    Tone::Warn,
                    html! { b { (name) } " · " (said) " " (view.t("list.slip_waits")) },
                ),
            }
        }
        Err(error) => html! {
            div.errsum role="alert" tabindex="-1" { b { (name) " · " (error.code()) ". " } (why(view, error)) }
        },
    }
}

/// What is wrong with a change, and what the chair does.
fn why(view: &View, error: &DeltaRefused) -> String {
    match error {
        DeltaRefused::Nothing => view.t("list.nothing"),
        DeltaRefused::Unreadable => view.t("list.unreadable"),
        DeltaRefused::Unsigned => view.t("list.unsigned"),
        DeltaRefused::OneSignature => view.t("list.one_signature"),
        DeltaRefused::BadSignature => view.t("list.bad_signature"),
        DeltaRefused::WrongElection(_) => view.t("list.election"),
        DeltaRefused::WrongPrecinct(found) => {
            view.f("list.precinct", &[("p", &format!("{found:04}"))])
        }
        DeltaRefused::OtherPackage => view.t("list.package"),
        DeltaRefused::DoesNotFit => view.t("list.misfit"),
        DeltaRefused::Incomplete => view.t("list.incomplete"),
        DeltaRefused::Known => view.t("list.known"),
        DeltaRefused::Act(error) => trouble::act(view, error),
    }
}

fn in_force(view: &View, kit: &Kit) -> Markup {
    let release = kit.charter().manifest().release;
    let (lines, voters, root, number) = kit.read(|book| {
        let list = book.list();
        (list.lines(), list.voters(), list.root(), list.number())
    });
    let list = number.map_or_else(|| format!("L{release}"), |n| format!("L{release}.{n}"));
    let changes = kit.changes();
    html! {
        section.panel {
            header { h2 { (view.f("list.in_force", &[("l", &list)])) } (tag(Tone::Ok, &hex(&root[..6]))) }
            div.body.stack {
                p { (view.f("list.counts", &[("v", &voters.to_string()), ("n", &lines.to_string())])) }
                @if changes.is_empty() { p.small.muted { (view.t("list.none")) } }
                @for change in &changes { (one(view, kit, release, change)) }
                @if changes.iter().any(|change| !change.is_held) {
                    p.small.muted { (by_kit(view, kit, release)) }
                }
            }
        }
    }
}

/// Which list each kit works by: `К1 L7.1 · К2 L7`.
fn by_kit(view: &View, kit: &Kit, release: u32) -> String {
    let lists: Vec<String> = kit.read(|book| {
        let kits = kit.charter().kits().iter();
        kits.map(|kid| {
            let list = book
                .list_of(*kid)
                .map_or_else(|| format!("L{release}"), |n| format!("L{release}.{n}"));
            format!("{} {list}", kit_word(view, &kit.charter().kit_name(*kid)))
        })
        .collect()
    });
    lists.join(" · ")
}

fn one(view: &View, kit: &Kit, release: u32, change: &ChangeView) -> Markup {
    let at = clock(kit, change.effective_at);
    html! {
        div.stack {
            h3 {
                "L" (release) "." (change.number) " · " (change.id) " · " (view.f("list.from", &[("t", &at)])) " "
                @if change.is_held { (tag(Tone::Warn, &view.t("list.held"))) }
                @if change.missing > 0 { (tag(Tone::Warn, &view.f("list.missing", &[("n", &change.missing.to_string())]))) }
            }
            ul { @for one in &change.changes { li { (line(view, kit, one)) } } }
            form method="post" action="/chair/list" {
                input type="hidden" name="slip" value=(change.number);
                button.btn.sec { (view.t("list.slip")) }
            }
        }
    }
}

fn line(view: &View, kit: &Kit, change: &StationChange) -> Markup {
    let what = match change.kind {
        StationChangeKind::Strike => "list.strike",
        StationChangeKind::Add => "list.add",
        StationChangeKind::Correct => "list.correct",
        StationChangeKind::Stop => "list.stop",
    };
    let page = kit.voter(change.line).map_or(0, |voter| voter.page);
    let is_marked = kit.read(|book| book.state(change.line).counted.is_some());
    let is_conflict = change.kind == StationChangeKind::Strike && is_marked;
    html! {
        (view.f(what, &[("l", &change.line.to_string()), ("p", &page.to_string())])) " · " (change.reason)
        @if is_conflict { " " (tag(Tone::Stop, &view.t("list.conflict"))) }
    }
}

fn give(view: &View) -> Markup {
    html! {
        section.panel {
            header { h2 { (view.t("list.give")) } }
            form.body.stack method="post" action="/chair/list" {
                p.small.muted { (view.t("list.give_note")) }
                div.field {
                    label for="list-place" { (view.t("list.place")) }
                    input #list-place .input name="place" autocomplete="off" spellcheck="false" required;
                }
                button.btn { (view.t("list.take")) }
            }
        }
    }
}
