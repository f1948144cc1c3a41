//! S2, the public monitor: the voter and the room see the same verdict. Kyrgyz large, Russian below.
//!
//! No PIN, birth date or address; red shows neither name nor photograph, and while two officers are asked the photograph of
//! the list stands there without a name. How many were identified by two officers stands at the top all day (S-17).

use lexicon::{Language, RefusalReason};
use maud::{Markup, html};
use screen::components::{Page, Tone, symbol};
use screen::format;

use super::parts::{clock, frame, name, photo, shown, simulated};
use super::{View, catalogue, sentences};
use crate::kit::{Alarm, CheckedIn, Kit, Paper, Refused};
use crate::scene::{LastTry, Scene};

fn ky(key: &str) -> String {
    catalogue().text(Language::Ky, key)
}

fn ru(key: &str) -> String {
    catalogue().text(Language::Ru, key)
}

/// The page; without names it shows neither name nor photograph.
pub(super) fn page(view: &View, names: bool) -> Markup {
    let kit = view.kit();
    let scene = view.station.monitor_scene();
    let (title, main) = match &kit {
        None => ("tv.shut", shut()),
        Some(kit)
            if !kit.read(|book| book.is_voting(kit.read_clock()))
                && matches!(scene, Scene::Idle) =>
        {
            ("tv.shut", shut())
        }
        Some(kit) => main_part(view, kit, &scene, names),
    };
    let body = html! {
        header.tvbar {
            @if let Some(kit) = &kit {
                @let counted = u64::from(kit.read(pollbook::Book::counted));
                @let share = format::percent(Language::Ky, counted, u64::from(kit.charter().lines()));
                span { "№ " (kit.charter().manifest().precinct) }
                span { (catalogue().fill(Language::Ky, "tv.count", &[("n", &format::number(counted)), ("s", &share)])) }
                @let by_hand = u64::from(kit.read(pollbook::Book::overrides));
                span.by { (catalogue().fill(Language::Ky, "tv.by_hand", &[("n", &format::number(by_hand))])) }
                @if let Some(table) = kit.read(pollbook::Book::table_count) {
                    span { (catalogue().fill(Language::Ky, "tv.ballots", &[("n", &format::number(u64::from(table.issued)))])) }
                }
                (simulated(view))
                span { (clock(kit, kit.read_clock().wall)) }
            } @else { span {} (simulated(view)) span {} }
        }
        (main)
        div.tvlost lang="ky" { (ky("tv.wait")) }
        (frame(view))
        (shown(view))
    };
    screen::page(
        Page {
            language: Language::Ky,
            title: &ky(title),
            body_class: "tv",
            theme: "default",
            scripts: &["kit.js"],
            styles: &["kit.css"],
        },
        body,
    )
}

fn both(key: &str) -> Markup {
    html! { (ky(key)) small lang="ru" { (ru(key)) } }
}

fn shut() -> Markup {
    html! { main.tvidle { h1 { (both("tv.shut")) } } }
}

/// The hall is told when two officers have signed instead of a finger more often than the law's share (S-19).
fn quota(view: &View, kit: &Kit) -> Markup {
    let alarms = view.station.alarms(kit);
    let over = alarms.iter().find_map(|alarm| match alarm {
        Alarm::Quota(count) => Some(count.to_string()),
        Alarm::Pair(_)
        | Alarm::Clock(..)
        | Alarm::OtherList(_)
        | Alarm::Monitor
        | Alarm::Paper(_)
        | Alarm::Battery(..)
        | Alarm::Peer(_)
        | Alarm::Mismatch
        | Alarm::Foreign(_) => None,
    });
    let permille = u64::from(kit.charter().policy().override_quota_permille);
    html! {
        @if let Some(count) = over {
            @let text = |language| catalogue().fill(language, "tv.quota", &[("n", &count), ("q", &format::percent(language, permille, 1000))]);
            p.tvalarm { "▲ " (text(Language::Ky)) " " span lang="ru" { (text(Language::Ru)) } }
        }
    }
}

fn idle(view: &View, kit: &Kit) -> Markup {
    html! {
        main.tvidle {
            h1 { (both("tv.ready")) }
            ol {
                @for (number, key) in [("1", "tv.step1"), ("2", "tv.step2"), ("3", "tv.step3")] {
                    li { span.n { (number) } span { (both(key)) } }
                }
            }
            (quota(view, kit))
        }
    }
}

fn band(tone: Tone, key: &str) -> Markup {
    html! { div.band { (symbol(tone, &ky(key))) h1 { (both(key)) } } }
}

fn next(ky_text: &str, ru_text: &str) -> Markup {
    html! { div.tvnext { div.big { (ky_text) } div.sub lang="ru" { (ru_text) } } }
}

fn whole(tone: Tone, key: &str, below: Markup) -> Markup {
    html! { main.tvmain { div class={ "tvout " (tone.class()) } role="status" { (band(tone, key)) (below) } } }
}

fn main_part(view: &View, kit: &Kit, scene: &Scene, names: bool) -> (&'static str, Markup) {
    match scene {
        Scene::Idle | Scene::Malformed(..) | Scene::Hits(..) | Scene::Nobody(_) => {
            ("tv.ready", idle(view, kit))
        }
        Scene::Finger { last, .. } => {
            let key = match last {
                LastTry::None | LastTry::Photo => "tv.step2",
                LastTry::Unread | LastTry::Differed | LastTry::Replayed | LastTry::Scanner(_) => {
                    "tv.again"
                }
                LastTry::Pause(_) | LastTry::Printer(_) | LastTry::Monitor => "tv.wait",
            };
            (
                "tv.finger",
                whole(Tone::Wait, "tv.finger", next(&ky(key), &ru(key))),
            )
        }
        // Two officers compare a face: whoever is in the hall sees which photograph they look at (S-17).
        Scene::Approval { line, .. } if names => ("tv.wait", approval(view, kit, *line)),
        Scene::Look { .. } | Scene::Approval { .. } | Scene::Fault(_) => (
            "tv.wait",
            whole(
                Tone::Warn,
                "tv.wait",
                next(&ky("tv.wait_sub"), &ru("tv.wait_sub")),
            ),
        ),
        Scene::Green(done) => match done.paper {
            Paper::Printed => ("tv.ok", green(view, kit, done, names)),
            // Nothing is green before the receipt is in the hand.
            Paper::Pending(_) => (
                "tv.wait",
                whole(Tone::Warn, "tv.wait", html! { div.tvnext {} }),
            ),
        },
        Scene::Red(refused, elsewhere) => ("tv.no", red(refused, *elsewhere)),
    }
}

fn green(view: &View, kit: &Kit, done: &CheckedIn, names: bool) -> Markup {
    let voter = kit.voter(done.line);
    html! {
        main.tvmain.ok.split[names] {
            @if names { div.tvph {
                @if let Some(voter) = voter {
                    (photo(view, voter, ""))
                    div.who { (name(voter).0) br; (voter.given) }
                }
            } }
            div.tvout role="status" {
                (band(Tone::Ok, "tv.ok"))
                div.tvnext {
                    div.tvline { b { (done.line) } span { (ky("tv.line")) br; b.inline { (done.page) } " " (ky("tv.page")) } }
                    div { div.sub { b { (ky("tv.take")) } } div.sub lang="ru" { (ru("tv.take")) } }
                }
            }
        }
    }
}

/// The photograph of the list while two officers are asked, without a name: nothing is decided yet.
fn approval(view: &View, kit: &Kit, line: u32) -> Markup {
    html! {
        main.tvmain.split {
            div.tvph { @if let Some(voter) = kit.voter(line) { (photo(view, voter, "")) } }
            div class={ "tvout " (Tone::Warn.class()) } role="status" { (band(Tone::Warn, "tv.wait")) (next(&ky("tv.officers"), &ru("tv.officers"))) }
        }
    }
}

fn red(refused: &Refused, elsewhere: Option<u16>) -> Markup {
    let key = if refused.refusal.reason == RefusalReason::NotHere {
        "tv.desk"
    } else {
        "tv.chair"
    };
    // The hall is not told whose finger it may be.
    let reason = refused.refusal.reason;
    let public = if reason == RefusalReason::FingerOtherLine {
        RefusalReason::FingerMismatch
    } else {
        reason
    };
    // Nor that somebody may be here a second time: it may be a false alarm.
    let said = Some(public).filter(|public| *public != RefusalReason::FingerMarked);
    let said = said.and_then(|public| sentences().refusal.get(public.code()));
    let below = match elsewhere {
        Some(precinct) => {
            let number = precinct.to_string();
            let text = |language| catalogue().fill(language, "tv.precinct", &[("p", &number)]);
            next(&text(Language::Ky), &text(Language::Ru))
        }
        None => html! {
            div.tvnext {
                div.big { (ky(key)) }
                @if let Some(said) = said { div.sub { (said.short.ky) } }
                div.sub lang="ru" { (ru(key)) }
            }
        },
    };
    whole(Tone::Stop, "tv.no", below)
}
