//! S3, the second day (S-37): the precinct is closed before its time, a decision comes on a stick, the kit is opened for the
//! new day; and why keys of the commission above sign here.

use lexicon::handover::day_decision::REASONS;
use lexicon::handover::event::GLASS_REASONS;
use maud::{Markup, html};
use screen::components::{Tone, note, tag};
use screen::{Icon, icon};

use super::View;
use super::chair::{two_cards, wrong};
use super::parts::{day_clock, document, kit_word};
use super::trouble;
use crate::days::Brought;
use crate::kit::{DayRefused, DayView, Kit};
use crate::scene::ChairError;

/// The page; `brought` is what became of the files just given.
pub(super) fn page(view: &View, brought: &[Brought], problem: Option<&ChairError>) -> Markup {
    let title = view.t("days.title");
    let body = html! {
        header.kitbar {
            h1.pc { (title) }
            (super::parts::simulated(view))
            span.grow {}
            (screen::components::languages(view.language, "/chair/days", &view.t("bar.language")))
            a.dev href="/chair/trouble" { (view.t("rescue.link")) }
            a.dev href="/chair" data-key="F2" data-back { (view.t("approve.open")) }
        }
        main.shell #main data-reader="none" {
            (wrong(view, problem))
            @match view.kit() {
                None => p { (view.t("closed.next")) },
                Some(kit) => {
                    @for (name, done) in brought { (result(view, name, done)) }
                    section.panel.mt {
                        div.body.dayrow {
                            section { h2.h-small { (view.t("days.now")) } (now(view, &kit)) (suspend(view, &kit)) }
                            section { h2.h-small { (view.t("days.decision")) } (decision(view)) (session(view, &kit)) }
                            section { h2.h-small { (view.t("glass.title")) } (glass(view, &kit)) }
                        }
                    }
                }
            }
        }
    };
    document(view, &title, "", body)
}

fn result(view: &View, name: &str, done: &Result<(), DayRefused>) -> Markup {
    match done {
        Ok(()) => note(
            Tone::Ok,
            html! { b { (name) } " · " (view.t("days.taken")) },
        ),
        Err(error) => html! {
            div.errsum role="alert" tabindex="-1" { b { (name) " · " (error.code()) ". " } (why(view, error)) }
        },
    }
}

/// What is wrong with a decision, and what the chair does.
fn why(view: &View, error: &DayRefused) -> String {
    match error {
        DayRefused::Nothing => view.t("days.nothing"),
        DayRefused::Unreadable => view.t("days.unreadable"),
        DayRefused::Unsigned => view.t("days.unsigned"),
        DayRefused::BadSignature => view.t("days.bad_signature"),
        DayRefused::WrongElection(_) => view.t("days.election"),
        DayRefused::WrongPrecinct(found) => {
            view.f("days.precinct", &[("p", &format!("{found:04}"))])
        }
        DayRefused::OtherPackage => view.t("days.package"),
        DayRefused::NotAllowed(_) => view.t("days.not_allowed"),
        DayRefused::Known => view.t("days.known"),
        DayRefused::Act(error) => trouble::act(view, error),
    }
}

fn reason(view: &View, code: &str) -> String {
    match code {
        "FIRE" => view.t("days.fire"),
        "POWER" => view.t("days.power"),
        "FLOOD" => view.t("days.flood"),
        "THREAT" => view.t("days.threat"),
        _ => view.t("days.other"),
    }
}

fn one(view: &View, kit: &Kit, day: &DayView) -> Markup {
    let hours = view.f(
        "days.hours",
        &[
            ("f", &day_clock(kit, day.opens)),
            ("t", &day_clock(kit, day.closes)),
            ("n", &day.counted.to_string()),
        ],
    );
    let kits: Vec<String> = day.kits.iter().map(|name| kit_word(view, name)).collect();
    html! {
        p { b { (hours) } @if let Some(id) = &day.decision { " · " (id) } }
        @if let Some((at, code, by)) = &day.suspended {
            p { (tag(Tone::Stop, &view.f("days.suspended", &[("t", &day_clock(kit, *at)), ("w", &reason(view, code)), ("k", &kit_word(view, by))]))) }
        }
        p.small { (if kits.is_empty() { view.t("days.nobody_open") } else { view.f("days.open", &[("k", &kits.join(", "))]) }) }
    }
}

fn now(view: &View, kit: &Kit) -> Markup {
    html! { @for day in &kit.days() { (one(view, kit, day)) } }
}

fn suspend(view: &View, kit: &Kit) -> Markup {
    let days = kit.days();
    let wall = kit.read_clock().wall;
    let day = days.iter().rev().find(|day| day.opens <= wall);
    let day = day.or(days.first());
    if day.is_none_or(|day| day.suspended.is_some() || wall >= day.closes) {
        return html! {};
    }
    html! {
        details {
            summary { (view.t("days.suspend")) }
            form.stack method="post" action="/chair/suspend" {
                p.small { (view.t("days.suspend_note")) }
                div.field { label for="suspend-reason" { (view.t("rescue.reason")) } select #suspend-reason .input name="reason" required {
                    option value="" { "—" }
                    @for code in REASONS { option value=(code) { (reason(view, code)) } }
                } }
                (two_cards(view, "suspend"))
                button.btn.danger { (icon(Icon::Lock)) (view.t("days.suspend_do")) }
            }
        }
    }
}

fn decision(view: &View) -> Markup {
    html! {
        form.stack method="post" action="/chair/days" {
            p.small { (view.t("days.decision_note")) }
            div.field { label for="day-place" { (view.t("list.place")) } input #day-place .input name="place" autocomplete="off" spellcheck="false" required; }
            button.btn.sec { (view.t("days.decision_do")) }
        }
    }
}

fn session(view: &View, kit: &Kit) -> Markup {
    if !kit.waits_for_session() {
        return html! {};
    }
    html! {
        form.stack.mt method="post" action="/chair/session" {
            (note(Tone::Warn, html! { (view.f("days.session_note", &[("k", &kit_word(view, &kit.name()))])) }))
            (two_cards(view, "session"))
            button.btn { (icon(Icon::Lock)) (view.t("days.session_do")) }
        }
    }
}

/// Why keys of the commission above sign here.
pub(super) fn glass_reason(view: &View, code: &str) -> String {
    match code {
        "CARDS_LOST" => view.t("glass.cards_lost"),
        "CARDS_BROKEN" => view.t("glass.cards_broken"),
        "OFFICERS_ABSENT" => view.t("glass.officers_absent"),
        _ => view.t("glass.other"),
    }
}

fn glass(view: &View, kit: &Kit) -> Markup {
    if kit.charter().manifest().break_glass.is_none() {
        return html! { p.small.muted { (view.t("glass.nobody")) } };
    }
    let said = kit.glass_said();
    html! {
        @if said.is_empty() { p.small.muted { (view.t("glass.none")) } }
        @for (name, at, code) in &said {
            p { (tag(Tone::Warn, &format!("{} · {} · {}", kit_word(view, name), day_clock(kit, *at), glass_reason(view, code)))) }
        }
        details {
            summary { (view.t("glass.open")) }
            form.stack method="post" action="/chair/glass" {
                p.small { (view.t("glass.note")) }
                div.field { label for="glass-reason" { (view.t("rescue.reason")) } select #glass-reason .input name="reason" required {
                    option value="" { "—" }
                    @for code in GLASS_REASONS { option value=(code) { (glass_reason(view, code)) } }
                } }
                (two_cards(view, "glass"))
                button.btn.sec { (view.t("glass.do")) }
            }
        }
    }
}
