//! Parts that the kit's pages share.

use std::path::Path;

use lexicon::handover::package::{Exercise, PackageVoter};
use lexicon::{FingerPosition, Instant, Language};
use maud::{Markup, html};
use screen::components::{Page, languages};
use screen::{Icon, format, icon};

use super::View;
use crate::kit::{Kit, age_on};
use crate::machine;
use crate::printer::Supply;

/// A document of the kit.
pub(super) fn document(view: &View, title: &str, class: &str, body: Markup) -> Markup {
    screen::page(
        Page {
            language: view.language,
            title,
            body_class: class,
            theme: view.station.theme().name(),
            scripts: &["kit.js"],
            styles: &["kit.css"],
        },
        html! { (body) (frame(view)) (shown(view)) a hidden href="/keys" data-key="F1" {} },
    )
}

/// The striped frame with the word, on every screen of a training kit; it lies over the page and takes no clicks.
pub(super) fn frame(view: &View) -> Markup {
    html! {
        @if view.station.exercise() == Some(Exercise::Training) {
            div.trainframe aria-hidden="true" { span { (view.t("exercise.training")) } }
        }
    }
}

/// What the page shows, for the stream of changes.
pub(super) fn shown(view: &View) -> Markup {
    html! { span hidden data-shown=(view.shown) {} }
}

/// `К1` on screens in Cyrillic, `K1` in English.
pub(super) fn kit_word(view: &View, name: &str) -> String {
    if view.language == Language::En {
        name.to_owned()
    } else {
        name.replace('K', "К")
    }
}

fn offset(kit: &Kit) -> i64 {
    i64::from(kit.charter().policy().offset_minutes)
}

/// Hours and minutes by the station's clock.
pub(super) fn clock(kit: &Kit, at: Instant) -> String {
    at.local_time(offset(kit)).chars().take(5).collect()
}

/// Day, hours and minutes: `2015-10-04 10:03`.
pub(super) fn day_clock(kit: &Kit, at: Instant) -> String {
    at.local_minute(offset(kit))
}

/// Hours, minutes and seconds.
pub(super) fn clock_seconds(kit: &Kit, at: Instant) -> String {
    at.local_time(offset(kit))
}

/// What is simulated, said on every screen.
pub(super) fn simulated(view: &View) -> Markup {
    match view.station.exercise() {
        // A training is simulated through and through: one word says so.
        Some(Exercise::Training) => {
            return html! { span.demo { (view.t("exercise.training")) } };
        }
        Some(Exercise::Rehearsal) => {
            let rest = devices(view);
            return html! { span.demo { (view.t("exercise.rehearsal")) } (rest) };
        }
        None => {}
    }
    devices(view)
}

fn devices(view: &View) -> Markup {
    let is_time = view.kit().is_some_and(|kit| kit.is_time_simulated());
    let is_finger = view.station.scanner.as_folder().is_some();
    let is_camera = view.station.camera_is_simulated() == Some(true);
    let is_card = view.station.cards.has_files();
    let parts: Vec<String> = [
        (is_time, "demo.time"),
        (is_finger, "demo.finger"),
        (is_card, "demo.cards"),
        (is_camera, "demo.camera"),
    ]
    .into_iter()
    .filter(|(is_so, _)| *is_so)
    .map(|(_, key)| view.t(key))
    .collect();
    html! {
        @if !parts.is_empty() { span.demo { (view.f("demo.label", &[("w", &parts.join(", "))])) } }
    }
}

/// The dark bar: precinct, kit, list, devices, clock.
pub(super) fn bar(view: &View, kit: &Kit, path: &str) -> Markup {
    let manifest = kit.charter().manifest();
    let precinct = manifest.precinct.to_string();
    let name = kit_word(view, &kit.name());
    // A retired kit is expected to be silent.
    let others: Vec<_> = kit
        .kits()
        .into_iter()
        .filter(|peer| !peer.is_me && peer.heir.is_none())
        .collect();
    let is_whole = others.iter().all(|peer| peer.is_reachable);
    let peers: Vec<String> = others
        .iter()
        .map(|peer| {
            let mark = if peer.is_reachable { "" } else { " ✕" };
            format!("{}{mark}", kit_word(view, &peer.name))
        })
        .collect();
    let release = manifest.release.to_string();
    let lines = format::number(u64::from(manifest.lines));
    html! {
        header.kitbar {
            span.pc { (view.f("bar.kit", &[("p", &precinct), ("k", &name)])) }
            span.sep {}
            span { (view.f("bar.list", &[("r", &release), ("n", &lines)])) }
            (simulated(view))
            span.grow {}
            (languages(view.language, path, &view.t("bar.language")))
            (glass(view))
            (reader(view))
            (slips(view, kit))
            @if !others.is_empty() {
                span class={ "dev" @if !is_whole { " bad" } } { (icon(Icon::Peers)) (peers.join(" ")) }
            }
            (monitor(view))
            (medium(view, kit))
            (machine(view, kit))
            (memory(view))
            (alarm(view, kit))
            span.sep {}
            b.clock { (clock(kit, kit.read_clock().wall)) }
        }
    }
}

/// The alarms on the bar, with what each of them is.
pub(super) fn alarm(view: &View, kit: &Kit) -> Markup {
    let alarms = view.station.alarms(kit);
    let words: Vec<String> = alarms
        .iter()
        .map(|alarm| super::incidents::alarm_words(view.language, alarm).0)
        .collect();
    html! {
        @if !words.is_empty() {
            a.dev.bad href="/chair/incidents" title=(words.join(" ")) { (icon(Icon::Warn)) (view.f("alarm.bar", &[("n", &words.len().to_string())])) }
        }
    }
}

/// The scanner on the bar: amber when none of the kit answers, with what to do.
fn glass(view: &View) -> Markup {
    let why = view.station.glass().err();
    let words = why.as_ref().map(|why| super::trouble::scanner(view, why));
    html! {
        span class={ "dev" @if why.is_some() { " bad" } } title=[words] {
            (icon(Icon::Finger)) (view.t("bar.finger")) @if why.is_some() { " ✕" }
        }
    }
}

/// A document reader on a line: whether it is there.
fn reader(view: &View) -> Markup {
    html! {
        @if let Some(is_there) = view.station.serial.is_there() {
            span class={ "dev" @if !is_there { " bad" } } title=[(!is_there).then(|| view.t("bar.reader_next"))] {
                (icon(Icon::Search)) (view.t("bar.reader")) @if !is_there { " ✕" }
            }
        }
    }
}

/// Memory that is not kept out of swap, on a real day.
fn memory(view: &View) -> Markup {
    html! {
        @if view.station.is_memory_open() { span.dev.bad title=(view.t("bar.memory_next")) { (icon(Icon::Warn)) (view.t("bar.memory")) } }
    }
}

/// The monitor on the bar: only when it was there and is lost.
fn monitor(view: &View) -> Markup {
    html! {
        @if view.station.is_monitor_lost() { span.dev.bad title=(view.t("alarm.monitor")) { (view.t("bar.screen")) " ✕" } }
    }
}

/// The printer on the bar: amber when slips wait, when it does not print, and when its roll is near the end.
fn slips(view: &View, kit: &Kit) -> Markup {
    let told = kit.printer();
    let is_bad = !kit.pending_acts().is_empty() || told != Ok(Supply::Enough);
    let words = match &told {
        Ok(Supply::Enough) => String::new(),
        Ok(Supply::Low) => view.t("bar.paper_low"),
        Err(why) => super::operator::paper_fault(view, why),
    };
    html! {
        span class={ "dev" @if is_bad { " bad" } } title=[(!words.is_empty()).then_some(words)] {
            (icon(Icon::Printer)) (view.t("bar.receipt"))
        }
    }
}

/// The machine on the bar: its battery, where it has one; its disk, when there is little room.
fn machine(view: &View, kit: &Kit) -> Markup {
    let battery = machine::battery(Path::new(machine::SUPPLIES));
    let room = kit.room().filter(|room| *room < machine::ROOM_MIN);
    html! {
        @if let Some(battery) = battery {
            @let percent = battery.percent.to_string();
            @let words = if battery.is_draining { "bar.draining" } else { "bar.mains" };
            span class={ "dev" @if battery.is_low() { " bad" } } title=(view.f(words, &[("n", &percent)])) {
                @if battery.is_draining { "▾" } @else { "▴" } (percent) "%"
            }
        }
        @if let Some(room) = room {
            span.dev.bad title=(view.t("bar.disk_next")) { (view.f("bar.disk", &[("n", &(room >> 20).to_string())])) }
        }
    }
}

/// The medium on the operator's bar: amber when nothing can be copied to it.
pub(super) fn medium(view: &View, kit: &Kit) -> Markup {
    let shown = kit.medium();
    html! {
        @if let Some(shown) = shown {
            span class={ "dev" @if shown.why.is_some() { " bad" } } title=(medium_words(view, kit)) {
                (icon(Icon::Document)) (view.t("bar.medium"))
            }
        }
    }
}

/// When the medium was last written, or that it is missing since when.
pub(super) fn medium_words(view: &View, kit: &Kit) -> String {
    let Some(shown) = kit.medium() else {
        return String::new();
    };
    let at = |moment: Option<Instant>| moment.map_or_else(|| "—".to_owned(), |at| clock(kit, at));
    let (copied, pages) = (at(shown.copied), at(shown.pages));
    let key = if shown.why.is_some() {
        "medium.lost"
    } else {
        "medium.fine"
    };
    view.f(key, &[("t", &copied), ("p", &pages)])
}

/// A photograph from the package, or a drawn head when there is none.
pub(super) fn photo(view: &View, voter: &PackageVoter, class: &str) -> Markup {
    if voter.photo.is_empty() {
        return html! {
            svg class={ (class) " face" } viewBox="0 0 200 250" role="img" aria-label=(view.t("card.nophoto")) {
                path d="M10 250c6-44 38-58 90-58s84 14 90 58z" fill="#7B8794" {}
                ellipse cx="100" cy="124" rx="44" ry="58" fill="#AEB8C2" {}
            }
        };
    }
    html! { img class=(class) src={ "/photo/" (voter.line) } alt=(view.t("card.photo")); }
}

/// `15.04.1985 · 30 лет`, the age on election day.
pub(super) fn born(view: &View, kit: &Kit, voter: &PackageVoter) -> String {
    let Ok(date) = voter.born.parse::<lexicon::Date>() else {
        return voter.born.clone();
    };
    let day = Instant::from_micros(kit.charter().policy().opens).local_date(offset(kit));
    let age = u64::try_from(age_on(date, day)).unwrap_or(0);
    let age = super::catalogue().count(view.language, "card.age", age);
    format!("{} · {age}", format::date_short(date))
}

/// `АСАНОВ` and the rest, as cards show it.
pub(super) fn name(voter: &PackageVoter) -> (String, String) {
    let rest = [voter.given.as_str(), voter.patronymic.as_str()].join(" ");
    (
        script::display_name(&voter.surname, "", None),
        rest.trim().to_owned(),
    )
}

/// A finger in words.
pub(super) fn finger_word(view: &View, finger: Option<FingerPosition>) -> String {
    finger.map_or_else(String::new, |finger| {
        view.t(&format!("finger.p{}", finger.number()))
    })
}

/// The five fingers of the hand asked for, the one asked for filled.
pub(super) fn hand(view: &View, finger: FingerPosition) -> Markup {
    let number = finger.number();
    let at = if number > 5 { number - 5 } else { number };
    let mirror = (number > 5).then_some("translate(250 0) scale(-1 1)");
    let class = |n: u8| if n == at { "on" } else { "f" };
    html! {
        svg.hand viewBox="0 0 250 120" role="img" aria-label=(finger_word(view, Some(finger))) {
            g transform=[mirror] {
                rect class=(class(1)) x="30" y="66" width="24" height="40" rx="12" transform="rotate(-38 42 86)" {}
                rect class=(class(2)) x="96" y="26" width="26" height="78" rx="13" {}
                rect class=(class(3)) x="128" y="18" width="26" height="84" rx="13" {}
                rect class=(class(4)) x="160" y="26" width="25" height="76" rx="12.5" {}
                rect class=(class(5)) x="191" y="42" width="23" height="62" rx="11.5" {}
            }
        }
    }
}

/// The voter's own precinct, with its address where the package says it.
pub(super) fn elsewhere(view: &View, kit: &Kit, precinct: u16) -> String {
    let number = precinct.to_string();
    let address = kit.place_of(precinct).map(|(ky, ru)| match view.language {
        Language::Ky => ky,
        Language::Ru | Language::En => ru,
    });
    match address.filter(|address| !address.is_empty()) {
        Some(address) => view.f("red.elsewhere_at", &[("p", &number), ("a", address)]),
        None => view.f("red.elsewhere", &[("p", &number)]),
    }
}

/// The bar of one of the chair's pages: its title, its languages, the way back.
pub(super) fn chair_bar(view: &View, title: &str, path: &str) -> Markup {
    html! {
        header.kitbar {
            h1.pc { (title) }
            (simulated(view))
            span.grow {}
            (languages(view.language, path, &view.t("bar.language")))
            a.dev href="/chair" data-key="F2" data-back { (view.t("approve.open")) }
        }
    }
}

/// What stands on a page of a kit that is not open: a sentence, and the way on.
pub(super) fn closed(view: &View) -> Markup {
    html! {
        (screen::components::verdict(screen::components::Tone::Wait, &view.t("closed.title"), &view.t("closed.next")))
        p.mt { a.btn href="/chair" { (view.t("approve.open")) } }
    }
}

/// A button that is a form of its own.
pub(super) struct Act<'a> {
    pub action: &'a str,
    pub key: &'a str,
    pub label: &'a str,
    pub class: &'a str,
    /// Opposite answers wait 400 ms.
    pub is_opposite: bool,
}

/// Draws the button; `fields` are hidden inputs.
pub(super) fn act(act: &Act<'_>, fields: &[(&str, &str)]) -> Markup {
    let shown = if act.key == "Escape" { "Esc" } else { act.key };
    html! {
        form.inline method="post" action=(act.action) {
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            button class={ "btn " (act.class) } data-key=[(!act.key.is_empty()).then_some(act.key)]
                data-opposite=[act.is_opposite.then_some("1")] {
                @if !act.key.is_empty() { kbd { (shown) } " " }
                (act.label)
            }
        }
    }
}
