//! What happened and must be explained: a list with time, kit, sentence and next step; alarms; silences between kits.

use lexicon::handover::envelope::Kid;
use lexicon::handover::event::Incident;
use lexicon::{Instant, Language};
use maud::{Markup, html};
use screen::components::{Tone, note, tag, verdict};
use screen::format;

use super::parts::{clock, closed, document, kit_word};
use super::{View, catalogue};
use crate::kit::{Alarm, Kit};

/// Codes of incidents that have a sentence and a next step: `incident.CODE`, `incident.CODE_do`.
pub(crate) const CODES: [&str; 37] = [
    "AFTER_RETIREMENT",
    "BALLOT_NOT_COUNTED",
    "BALLOT_TWICE",
    "BALLOT_UNSIGNED",
    "BREAK_GLASS",
    "BREAK_GLASS_UNSAID",
    "CARD_ADMITTED",
    "CLOCK",
    "CONFLICT",
    "DAY_TWICE",
    "DELTA_TWICE",
    "DUPLICATE",
    "EQUIVOCATION",
    "FOREIGN_DEVICE",
    "GRANT_OVER",
    "HOME_RELEASED",
    "JOURNAL_RESTORED",
    "LATE",
    "MEMORY",
    "MENDED",
    "MONITOR_LOST",
    "NO_DECISION",
    "NO_RIGHT",
    "ONE_FINGER",
    "OVERRIDE_PAIR",
    "OVERRIDE_QUOTA",
    "PAPER_COUNT",
    "PAPER_OVERLAP",
    "PHOTO",
    "RECEIPT_DIFFERS",
    "REPLAYED",
    "SLIP_TWICE",
    "STOP_NOTE",
    "TAKEOVER_TWICE",
    "TOTALS_TWICE",
    "WHILE_SUSPENDED",
    "WITHDRAWN_CARD",
];

/// An incident in words; a code that this station has no words for is said to be one.
pub(crate) fn incident_words(code: &str, language: Language) -> String {
    of_code(code, "", language)
}

fn of_code(code: &str, suffix: &str, language: Language) -> String {
    if CODES.contains(&code) {
        let key = format!("incident.{}{suffix}", code.to_lowercase());
        catalogue().text(language, &key)
    } else {
        catalogue().text(language, &format!("incident.other{suffix}"))
    }
}

/// The chair's page.
pub(super) fn page(view: &View, is_unprinted: bool) -> Markup {
    let title = view.t("incident.title");
    let body = html! {
        header.kitbar {
            h1.pc { (title) }
            (super::parts::simulated(view))
            span.grow {}
            (screen::components::languages(view.language, "/chair/incidents", &view.t("bar.language")))
            a.dev href="/chair" data-key="F2" data-back { (view.t("approve.open")) }
        }
        main.shell.stack-l #main {
            @match view.kit() {
                None => (closed(view)),
                Some(kit) => {
                    (alarms(view, &kit))
                    (doubted(view, &kit, is_unprinted))
                    (list(view, &kit))
                    div.cols.chair { (silences(view, &kit)) (pairs(view, &kit)) }
                }
            }
        }
    };
    document(view, &title, "", body)
}

/// An alarm: what it is, and what to do.
pub(crate) fn alarm_words(language: Language, alarm: &Alarm) -> (String, String) {
    let text = |key| catalogue().text(language, key);
    let fill = |key, values: &[(&str, &str)]| catalogue().fill(language, key, values);
    let word = |kit: &String| match language {
        Language::En => kit.clone(),
        Language::Ky | Language::Ru => kit.replace('K', "К"),
    };
    match alarm {
        Alarm::Quota(count) => (
            fill("alarm.quota", &[("n", &count.to_string())]),
            text("incident.override_quota_do"),
        ),
        Alarm::Pair(run) => (
            fill("alarm.pair", &[("n", &run.to_string())]),
            text("incident.override_pair_do"),
        ),
        Alarm::Clock(kit, micros) => (
            fill(
                "alarm.clock",
                &[
                    ("k", &word(kit)),
                    ("n", &(micros.unsigned_abs() / 1_000_000).to_string()),
                ],
            ),
            text("alarm.clock_do"),
        ),
        Alarm::OtherList(kit) => (
            fill("alarm.list", &[("k", &word(kit))]),
            text("alarm.list_do"),
        ),
        Alarm::Monitor => (text("alarm.monitor"), text("alarm.monitor_do")),
        Alarm::Paper(kit) => (
            fill("alarm.paper", &[("k", &word(kit))]),
            text("alarm.paper_do"),
        ),
        Alarm::Battery(kit, percent) => (
            fill(
                "alarm.battery",
                &[("k", &word(kit)), ("n", &percent.to_string())],
            ),
            text("alarm.battery_do"),
        ),
        Alarm::Peer(kit) => (
            fill("alarm.peer", &[("k", &word(kit))]),
            text("alarm.peer_do"),
        ),
        Alarm::Mismatch => (text("alarm.mismatch"), text("alarm.mismatch_do")),
        Alarm::Foreign(kit) => (
            fill("alarm.foreign", &[("k", &word(kit))]),
            text("incident.foreign_device_do"),
        ),
    }
}

fn alarms(view: &View, kit: &Kit) -> Markup {
    let mut alarms = view.station.alarms(kit);
    alarms.extend(kit.doubts());
    html! {
        @for alarm in &alarms {
            @let (what, next) = alarm_words(view.language, alarm);
            @let ticket = kit.ticket_number(alarm);
            (note(Tone::Warn, html! { b { (what) } " " (next) @if *alarm != Alarm::Monitor { " " (view.f("alarm.ticket", &[("n", &ticket)])) } }))
        }
    }
}

/// Lines whose number perhaps two people have, each with the chair's protocol to print.
fn doubted(view: &View, kit: &Kit, is_unprinted: bool) -> Markup {
    let lines = kit.doubted_lines();
    let caption = view.t("doubt.title");
    html! {
        @if is_unprinted { div role="alert" { (note(Tone::Stop, html! { (view.t("doubt.unprinted")) })) } }
        @if !lines.is_empty() {
            section.panel {
                header { h2 { (caption) } (tag(Tone::Warn, &lines.len().to_string())) }
                table.t {
                    caption.vh { (caption) }
                    thead { tr {
                        th.num scope="col" { (view.t("hits.line")) } th.num scope="col" { (view.t("doubt.page")) } th scope="col" { (view.t("doubt.tries")) }
                        th scope="col" { (view.t("doubt.mark")) } th scope="col" { (view.t("doubt.protocol")) }
                    } }
                    tbody { @for doubted in &lines { tr {
                        th.num scope="row" { (doubted.line) } td.num { (doubted.page) }
                        td { @for tried in &doubted.tries { (kit_word(view, &tried.kit)) " " (clock(kit, tried.at)) " " (view.f("doubt.captures", &[("n", &tried.captures.to_string())])) br; } }
                        td { (view.t(if doubted.is_marked { "doubt.marked" } else { "doubt.free" })) }
                        td { form method="post" action="/chair/protocol" { input type="hidden" name="line" value=(doubted.line); button.btn.sec { (view.f("doubt.print", &[("n", &doubted.line.to_string())])) } } }
                    } } }
                }
            }
        }
    }
}

/// The kits that an incident's events are of, and when the last of them was made; the alarm's none.
fn where_and_when(kit: &Kit, incident: &Incident) -> (Vec<String>, Option<Instant>) {
    let mut kits: Vec<Kid> = incident
        .evidence
        .iter()
        .map(|event| Kid(*event.kit))
        .collect();
    kits.sort_unstable();
    kits.dedup();
    let moments = incident.evidence.iter();
    let last = kit.read(|book| moments.filter_map(|event| book.moment_of(event)).max());
    let names = kits.into_iter().map(|kid| kit.charter().kit_name(kid));
    (names.collect(), last)
}

fn list(view: &View, kit: &Kit) -> Markup {
    let mut rows: Vec<_> = kit
        .read(pollbook::Book::incidents)
        .into_iter()
        .map(|incident| {
            let (kits, at) = where_and_when(kit, &incident);
            (at, incident, kits)
        })
        .collect();
    // The newest first; what has no moment of its own stands above them.
    rows.sort_by_key(|row| std::cmp::Reverse((row.0.is_none(), row.0)));
    let caption = view.t("incident.list");
    let is_calm = view.station.alarms(kit).is_empty() && kit.doubts().is_empty();
    html! {
        @if rows.is_empty() { @if is_calm { (verdict(Tone::Ok, &view.t("incident.none"), &view.t("incident.none_next"))) } } @else {
            section.panel {
                header { h2 { (caption) } (tag(Tone::Warn, &rows.len().to_string())) }
                table.t {
                    caption.vh { (caption) }
                    thead { tr {
                        th scope="col" { (view.t("green.time")) } th scope="col" { (view.t("chair.kit")) }
                        th.num scope="col" { (view.t("hits.line")) } th scope="col" { (view.t("incident.what")) } th scope="col" { (view.t("incident.next")) }
                    } }
                    tbody { @for (at, incident, kits) in &rows {
                        @let names: Vec<String> = kits.iter().map(|name| kit_word(view, name)).collect();
                        tr {
                            td { @match at { Some(at) => (clock(kit, *at)), None => "—" } }
                            td { @if names.is_empty() { "—" } @else { (names.join(", ")) } }
                            td.num { @if incident.line > 0 { (incident.line) } @else { "—" } }
                            td { b { (of_code(&incident.code, "", view.language)) } @if !CODES.contains(&incident.code.as_str()) { " " span.mono { (incident.code) } } }
                            td { (of_code(&incident.code, "_do", view.language)) }
                        }
                    } }
                }
            }
        }
    }
}

fn silences(view: &View, kit: &Kit) -> Markup {
    let silences = kit.read(pollbook::Book::silences);
    let word = |kid: [u8; 8]| kit_word(view, &kit.charter().kit_name(Kid(kid)));
    let at = |micros: i64| clock(kit, Instant::from_micros(micros));
    html! {
        section.panel {
            header { h2 { (view.t("silence.title")) } }
            @if silences.is_empty() { div.body { p.muted { (view.t("silence.none")) } } } @else {
                table.t {
                    caption.vh { (view.t("silence.title")) }
                    thead { tr { th scope="col" { (view.t("silence.by")) } th scope="col" { (view.t("silence.kit")) } th scope="col" { (view.t("silence.from")) } th scope="col" { (view.t("silence.until")) } } }
                    tbody { @for silence in silences.iter().rev() { tr {
                        td { (word(*silence.by)) } td { (word(*silence.kit)) } td { (at(silence.from)) }
                        td { @match silence.until { Some(until) => (at(until)), None => (tag(Tone::Warn, &view.t("silence.now"))) } }
                    } } }
                }
            }
        }
    }
}

/// How often each pair of officers signed instead of a finger.
fn pairs(view: &View, kit: &Kit) -> Markup {
    let pairs = kit.read(pollbook::Book::pairs);
    let holder = |kid: &Kid| {
        kit.charter()
            .officer(*kid)
            .map_or_else(|| kid.hex(), |officer| officer.name.clone())
    };
    html! {
        section.panel {
            header { h2 { (view.t("pair.title")) } }
            @if pairs.is_empty() { div.body { p.muted { (view.t("pair.none")) } } } @else {
                table.t {
                    caption.vh { (view.t("pair.title")) }
                    thead { tr { th scope="col" { (view.t("pair.officers")) } th.num scope="col" { (view.t("pair.count")) } } }
                    tbody { @for (cards, count) in &pairs { tr {
                        td { (cards.iter().map(holder).collect::<Vec<_>>().join(", ")) }
                        td.num { (format::number(u64::from(*count))) }
                    } } }
                }
            }
        }
    }
}
