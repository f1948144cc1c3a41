//! S1, the operator: from document to "issue" or "do not issue" in one glance.

use lexicon::handover::package::{Exercise, PackageVoter};
use lexicon::person::ParsePersonError;
use lexicon::{FingerPosition, Language, Method, RefusalReason};
use maud::{Markup, html};
use pollbook::{BrokenScan, ZoneField};
use screen::components::{Tone, note, tag, verdict};
use screen::{Icon, format, icon};

use super::parts::{
    Act, act, bar, born, clock, clock_seconds, document, finger_word, hand, kit_word, name, photo,
};
use super::{View, lesson, lock, rescue, sentences, trouble};
use crate::kit::{CheckedIn, Kit, Paper, Refused, TWO_PERSONS};
use crate::print::mark_name;
use crate::printer::PrinterError;
use crate::reader::ReaderNote;
use crate::scene::{LastTry, Scene, is_finger_trouble};

pub(super) fn page(view: &View) -> Markup {
    let Some(kit) = view.kit() else {
        let body = html! {
            main.shell #main {
                (lesson::strip(view))
                (verdict(Tone::Wait, &view.t("closed.title"), &view.t("closed.next")))
                p.mt { a.btn href="/chair" data-key="F2" { kbd { "F2" } " " (view.t("approve.open")) } }
            }
        };
        return document(view, &view.t("closed.title"), "", body);
    };
    if view.station.is_locked() {
        return lock::locked(view, &kit);
    }
    let scene = view.station.scene();
    let (title, main) = match kit.stopped() {
        Some(why) => (
            view.t("stopped.title"),
            verdict(
                Tone::Stop,
                &view.t("stopped.title"),
                &trouble::stopped(view, &kit, &why),
            ),
        ),
        None => main_part(view, &kit, &scene),
    };
    let query = match &scene {
        Scene::Malformed(text, _) | Scene::Hits(text, _) | Scene::Nobody(text) => text.as_str(),
        Scene::Idle
        | Scene::Finger { .. }
        | Scene::Look { .. }
        | Scene::Approval { .. }
        | Scene::Green(_)
        | Scene::Red(..)
        | Scene::Fault(_) => "",
    };
    let policy = kit.charter().policy();
    let opens = clock(&kit, lexicon::Instant::from_micros(policy.opens));
    let closes = clock(&kit, lexicon::Instant::from_micros(policy.closes));
    let body = html! {
        (bar(view, &kit, "/"))
        div.kitbody {
            (side(view, &kit, query, &scene))
            main.kitmain #main data-reader="operator" { (main) }
        }
        footer.kitfoot {
            div.keys { (keys(view, &scene)) (act(&Act { action: "/lock", key: "F12", label: &view.t("lock.do"), class: "quiet foot", is_opposite: false }, &[])) }
            div.small.muted {
                @if let Some(name) = kit.operator() { (name) " · " }
                (view.f("foot.shift", &[("a", &opens), ("b", &closes)]))
            }
        }
    };
    document(view, &title, "kit", body)
}

fn side(view: &View, kit: &Kit, query: &str, scene: &Scene) -> Markup {
    let lines = u64::from(kit.charter().lines());
    let counted = u64::from(kit.read(pollbook::Book::counted));
    let mine = u64::from(kit.read(|book| book.acts_of(book.me())));
    let share = format::percent(view.language, counted, lines);
    let is_answer_first = view.station.reader_note() == Some(ReaderNote::AnswerFirst);
    // Among several voters the digits choose: the field would take them.
    let is_first = matches!(scene, Scene::Idle | Scene::Malformed(..) | Scene::Nobody(_));
    html! {
        aside.kitside {
            form.field.query method="post" action="/find" {
                label for="q" { (view.t("side.query")) }
                input #q .input.id name="q" value=(query) autocomplete="off" spellcheck="false"
                    aria-describedby="qh" autofocus[is_first];
                button.btn.sec { (icon(Icon::Search)) span.vh { (view.t("side.find")) } }
                @if is_answer_first { div #qh role="alert" { (note(Tone::Warn, html! { b { (view.t("scan.first")) } " " (view.t("scan.first_next")) })) } }
                @else { p #qh .hint { (view.t("side.hint")) } }
            }
            @if view.station.school().is_some() { (lesson::strip(view)) } @else { div.tally {
                div { b { (format::number(mine)) } span { (view.f("side.receipts", &[("k", &kit_word(view, &kit.name()))])) } }
                div { b { (format::number(counted)) } span { (view.f("side.counted", &[("s", &share)])) } }
            } }
            @if view.station.exercise() == Some(Exercise::Rehearsal) {
                p { a.btn.sec href={ "/corrections" @if let Some(line) = line_of(scene) { "?line=" (line) } } data-key="F11" { kbd { "F11" } " " (view.t("correct.title")) } }
            }
            section.fill {
                h2.h-small { (view.t("side.recent")) }
                (recent(view, kit, if matches!(scene, Scene::Finger { .. }) { 4 } else { 6 }))
            }
            @if let Some(folder) = view.station.scanner.as_folder() {
                @if let Scene::Finger { line, finger, .. } = scene { (glass(view, folder, *line, *finger)) }
            }
        }
    }
}

/// The line on the screen, for a correction; 0 for a person who is not on the list.
fn line_of(scene: &Scene) -> Option<u32> {
    match scene {
        Scene::Finger { line, .. } | Scene::Look { line, .. } | Scene::Approval { line, .. } => {
            Some(*line)
        }
        Scene::Green(done) => Some(done.line),
        Scene::Red(refused, _) => Some(refused.line),
        Scene::Nobody(_) => Some(0),
        Scene::Idle | Scene::Malformed(..) | Scene::Hits(..) | Scene::Fault(_) => None,
    }
}

fn recent(view: &View, kit: &Kit, count: usize) -> Markup {
    let recent = kit.recent(count);
    html! {
        @if recent.is_empty() { p.muted.small { (view.t("side.none")) } }
        ul.recent {
            @for act in recent {
                @let who = if act.line == 0 { view.t("side.nobody") } else { short_name(kit, act.line) };
                li {
                    span.muted { (clock(kit, act.at)) }
                    @match (act.refusal, act.method) {
                        (Some(reason), _) => {
                            span.stop { (icon(Icon::Cross)) } span { (who) } span.muted { (reason_short(view, reason)) }
                        }
                        (None, 1) => { span.ok { (icon(Icon::Tick)) } span { (who) } span.muted { (view.t("side.finger")) } }
                        (None, _) => { span.warn { (icon(Icon::Warn)) } span { (who) } span.muted { (view.t("side.two")) } }
                    }
                }
            }
        }
    }
}

fn short_name(kit: &Kit, line: u32) -> String {
    kit.voter(line).map_or_else(String::new, |voter| {
        let initials = script::Initials::of(&[&voter.given, &voter.patronymic]);
        format!("{line} · {} {initials}", voter.surname)
    })
}

/// The demo's stand-in for a hand: which file lies on the glass, first the finger asked for.
fn glass(
    view: &View,
    folder: &crate::scanner::ImageFolder,
    line: u32,
    finger: Option<FingerPosition>,
) -> Markup {
    let own = folder.names(&format!("{line:04}_"), 20);
    let asked = finger.map(|finger| format!("{line:04}_{}", finger.number()));
    let is_asked = |name: &str| {
        asked
            .as_deref()
            .and_then(|asked| name.strip_prefix(asked))
            .is_some_and(|rest| rest.starts_with(['.', '_']))
    };
    let at = own.iter().position(|name| is_asked(name)).unwrap_or(0);
    let others = folder
        .names("", 60)
        .into_iter()
        .filter(|name| !own.contains(name));
    html! {
        div.glass {
            form method="post" action="/glass" {
                div.field.grow {
                    label for="glass" { (view.t("demo.glass")) }
                    select #glass .input name="file" {
                        @for (place, name) in own.iter().enumerate() { option value=(name) selected[place == at] { (name) } }
                        optgroup label=(view.t("demo.other")) {
                            @for name in others { option value=(name) { (name) } }
                        }
                    }
                }
                button.btn data-key="Enter" autofocus { (icon(Icon::Finger)) (view.t("demo.place")) }
            }
        }
    }
}

fn main_part(view: &View, kit: &Kit, scene: &Scene) -> (String, Markup) {
    let band = |tone, title: String, detail: String| {
        let shown = verdict(tone, &title, &detail);
        (title, shown)
    };
    match scene {
        Scene::Idle => match view.station.reader_note() {
            Some(ReaderNote::Broken(why)) => {
                let (title, shown) = band(Tone::Warn, view.t("scan.title"), broken(view, why));
                let absent = absent(view);
                let leave = Act {
                    action: "/next",
                    key: "Escape",
                    label: &view.t("finger.cancel"),
                    class: "quiet",
                    is_opposite: false,
                };
                (
                    title,
                    html! { (shown) div.actions { (absent) span.grow {} (act(&leave, &[])) } },
                )
            }
            Some(ReaderNote::AnswerFirst) | None => rescue::pending(view, kit)
                .unwrap_or_else(|| band(Tone::Wait, view.t("idle.title"), view.t("idle.next"))),
        },
        Scene::Look { line, problem } => rescue::look(view, kit, *line, problem.as_deref()),
        Scene::Malformed(_, error) => {
            band(Tone::Warn, view.t("bad.title"), malformed(view, *error))
        }
        Scene::Hits(query, lines) => hits(view, kit, query, lines),
        Scene::Nobody(_) => {
            let (title, shown) = band(Tone::Warn, view.t("nobody.title"), view.t("nobody.detail"));
            let absent = absent(view);
            (title, html! { (shown) div.actions { (absent) } })
        }
        Scene::Finger {
            line,
            finger,
            last,
            attempts,
        } => {
            let Some(voter) = kit.voter(*line) else {
                return (String::new(), html! {});
            };
            finger_part(view, kit, voter, *finger, last, *attempts)
        }
        Scene::Approval { line, .. } => {
            let (title, shown) = band(
                Tone::Warn,
                view.t("approve.title"),
                view.t("approve.detail"),
            );
            let card = kit
                .voter(*line)
                .map(|voter| card(view, kit, voter, html! {}, false));
            let shown = html! {
                (shown) @if let Some(card) = card { (card) }
                div.actions {
                    a.btn.big href="/chair" data-key="F2" { kbd { "F2" } " " (view.t("approve.open")) }
                    (act(&Act { action: "/next", key: "Escape", label: &view.t("finger.cancel"), class: "quiet", is_opposite: false }, &[]))
                }
            };
            (title, shown)
        }
        Scene::Green(done) => green(view, kit, done),
        Scene::Red(refused, elsewhere) => red(view, kit, refused, *elsewhere),
        Scene::Fault(why) => {
            let (title, shown) = band(Tone::Stop, view.t("fault.title"), view.t("fault.next"));
            let next = Act {
                action: "/next",
                key: "Enter",
                label: &view.t("green.next"),
                class: "sec",
                is_opposite: false,
            };
            (
                title,
                html! { (shown) p.mono { (why) } div.actions { (act(&next, &[])) } },
            )
        }
    }
}

/// Why what was read is not believed, and what to do.
fn broken(view: &View, why: BrokenScan) -> String {
    match why {
        BrokenScan::Empty | BrokenScan::Unknown => view.t("scan.unknown"),
        BrokenScan::Length { got } => view.f("scan.length", &[("n", &got.to_string())]),
        BrokenScan::Letter => view.t("scan.letter"),
        BrokenScan::Foreign => view.t("scan.foreign"),
        BrokenScan::Pin(error) => malformed(view, error),
        BrokenScan::Check(field) => {
            let field = match field {
                ZoneField::Number => view.t("scan.number"),
                ZoneField::Birth => view.t("scan.birth"),
                ZoneField::Expiry => view.t("scan.expiry"),
                ZoneField::Personal => view.t("scan.personal"),
                ZoneField::Whole => view.t("scan.whole"),
            };
            view.f("scan.check", &[("f", &field)])
        }
    }
}

fn malformed(view: &View, error: ParsePersonError) -> String {
    match error {
        ParsePersonError::PinLength { got } => view.f("bad.pin_len", &[("n", &got.to_string())]),
        ParsePersonError::Document => view.t("bad.document"),
        ParsePersonError::Id
        | ParsePersonError::PinDigit
        | ParsePersonError::PinSex
        | ParsePersonError::PinDate
        | ParsePersonError::PinFuture
        | ParsePersonError::Sex
        | ParsePersonError::EmptyName => view.t("bad.pin"),
    }
}

fn absent(view: &View) -> Markup {
    let label = view.t("side.nobody");
    act(
        &Act {
            action: "/absent",
            key: "F4",
            label: &label,
            class: "sec",
            is_opposite: false,
        },
        &[],
    )
}

fn hits(view: &View, kit: &Kit, query: &str, lines: &[u32]) -> (String, Markup) {
    let title = view.f(
        "hits.title",
        &[("n", &lines.len().to_string()), ("q", query)],
    );
    let rows: Vec<_> = lines
        .iter()
        .filter_map(|line| kit.voter_view(*line))
        .collect();
    let shown = html! {
        div.row.spread { h1 tabindex="-1" { (title) } span.muted { (view.t("hits.check")) } }
        div.panel.hits {
            table.t {
                caption.vh { (title) }
                thead { tr {
                    th scope="col" { span.vh { (view.t("hits.key")) } }
                    th scope="col" { (view.t("hits.photo")) }
                    th scope="col" { (view.t("hits.name")) }
                    th scope="col" { (view.t("hits.born")) }
                    th.num scope="col" { (view.t("hits.line")) }
                } }
                tbody {
                    @for (at, hit) in rows.iter().enumerate() {
                        @let (surname, rest) = name(&hit.voter);
                        @let number = (at + 1).to_string();
                        tr {
                            td { form method="post" action="/choose" {
                                input type="hidden" name="line" value=(hit.voter.line);
                                button.choose data-key=(number) { kbd { (number) } span.vh { " " (view.t("hits.choose")) ": " (surname) " " (rest) } }
                            } }
                            td { (photo(view, &hit.voter, "hitph")) }
                            td {
                                span.hitname { (surname) " " (rest) }
                                @if let Some(done) = &hit.state.counted {
                                    " " (tag(Tone::Ok, &view.f("hits.marked", &[("t", &clock(kit, done.hlc.moment()))])))
                                }
                            }
                            td.hitborn { (born(view, kit, &hit.voter)) }
                            td.num { span.hitline { (hit.voter.line) } div.small.muted { (view.f("hits.page", &[("n", &hit.voter.page.to_string())])) } }
                        }
                    }
                }
            }
        }
        div.note { (icon(Icon::Info)) div { b { (view.t("hits.absent")) } " " (view.t("hits.absent_next")) } }
        div.actions { (absent(view)) }
    };
    (title.clone(), shown)
}

pub(super) fn card(
    view: &View,
    kit: &Kit,
    voter: &PackageVoter,
    right: Markup,
    small: bool,
) -> Markup {
    let (surname, rest) = name(voter);
    let sex = if voter.sex == "F" {
        view.t("card.f")
    } else {
        view.t("card.m")
    };
    let where_ = view.f(
        "card.where",
        &[
            ("l", &voter.line.to_string()),
            ("p", &voter.page.to_string()),
        ],
    );
    html! {
        section class={ "vcard" @if small { " sm" } } aria-label=(view.t("card.voter")) {
            (photo(view, voter, "ph"))
            div {
                div.nm { (surname) small { (rest) } }
                dl.kv {
                    dt { (view.t("card.born")) } dd { (born(view, kit, voter)) }
                    dt { (view.t("card.sex")) } dd { (sex) }
                    dt { (view.t("card.line")) } dd { (where_) }
                }
            }
            div { (right) }
        }
    }
}

fn finger_part(
    view: &View,
    kit: &Kit,
    voter: &PackageVoter,
    finger: Option<FingerPosition>,
    last: &LastTry,
    attempts: u8,
) -> (String, Markup) {
    let word = finger_word(view, finger);
    let title = view.t("finger.title");
    let (tone, detail) = match last {
        LastTry::None if finger.is_none() => (Tone::Warn, view.t("finger.none")),
        LastTry::None => (Tone::Wait, view.f("finger.hold", &[("f", &word)])),
        LastTry::Unread => (Tone::Warn, view.t("finger.unread")),
        LastTry::Differed => (Tone::Warn, view.f("finger.differed", &[("f", &word)])),
        LastTry::Pause(seconds) => (
            Tone::Warn,
            view.f("finger.pause", &[("n", &seconds.to_string())]),
        ),
        LastTry::Scanner(why) => (Tone::Warn, trouble::scanner(view, why)),
        LastTry::Replayed => (Tone::Stop, view.t("finger.replayed")),
        LastTry::Photo => (Tone::Wait, view.t("finger.photo_noted")),
        LastTry::Monitor => (Tone::Warn, view.t("trouble.monitor")),
        LastTry::Printer(why) => (
            Tone::Warn,
            view.f("finger.printer", &[("w", &paper_fault(view, why))]),
        ),
    };
    let steps = html! {
        ul.steps {
            li.done { span.n { (icon(Icon::Tick)) } span { (view.f("finger.step1", &[("r", &kit.charter().manifest().release.to_string())])) } }
            li.done { span.n { (icon(Icon::Tick)) } span { (view.t("finger.step2")) } }
            li.now { span.n { "3" } span { (word) br; span.small.muted { (view.f("finger.tries", &[("n", &(attempts + 1).to_string())])) } } }
            li { span.n { "4" } span.muted { (view.t("finger.step4")) } }
        }
        @if let Some(finger) = finger { (hand(view, finger)) }
    };
    let face = [("method", "face"), ("reason", "FINGERS_UNREADABLE")];
    let document = [("method", "document"), ("reason", "SCANNER_FAULT")];
    let is_live = view.station.scanner.as_folder().is_none();
    let shown = html! {
        (verdict(tone, &title, &detail))
        (card(view, kit, voter, steps, false))
        div.actions {
            @if is_live { (act(&Act { action: "/scan", key: "Enter", label: &view.t("finger.scan"), class: "big", is_opposite: false }, &[])) }
            (act(&Act { action: "/photo", key: "F3", label: &view.t("finger.photo"), class: "quiet", is_opposite: false }, &[]))
            (act(&Act { action: "/another", key: "F6", label: &view.t("finger.other"), class: "sec", is_opposite: false }, &[]))
            (act(&Act { action: "/two", key: "F7", label: &view.t("finger.unreadable"), class: "sec", is_opposite: false }, &face))
            (act(&Act { action: "/two", key: "", label: &view.t("finger.document"), class: "quiet", is_opposite: false }, &document))
            span.grow {}
            (act(&Act { action: "/next", key: "Escape", label: &view.t("finger.cancel"), class: "quiet", is_opposite: false }, &[]))
        }
    };
    (title.clone(), shown)
}

fn green(view: &View, kit: &Kit, done: &CheckedIn) -> (String, Markup) {
    let Some(voter) = kit.voter(done.line) else {
        return (String::new(), html! {});
    };
    let (line, page) = (done.line.to_string(), done.page.to_string());
    let receipt = kit_word(view, &done.receipt);
    let (tone, title, detail) = match &done.paper {
        Paper::Printed => (
            Tone::Ok,
            view.t("green.title"),
            view.f("green.detail", &[("p", &page), ("l", &line)]),
        ),
        Paper::Pending(why) => (
            Tone::Warn,
            view.t("amber.paper"),
            view.f(
                "amber.paper_next",
                &[("r", &receipt), ("w", &paper_fault(view, why))],
            ),
        ),
    };
    let (mark_ky, mark_ru) = mark_name(kit.day().mark());
    let mark = if view.language == Language::Ky {
        mark_ky
    } else {
        mark_ru
    };
    let right = html! {
        div.lineno { span { (view.t("green.linebox")) } b { (line) } em { (view.f("green.page", &[("n", &page)])) } }
        dl.kv.side-kv {
            dt { (view.t("green.receipt")) } dd { (receipt) }
            dt { (view.t("green.time")) } dd { (clock_seconds(kit, done.at)) }
            dt { (view.t("green.method")) } dd { (method(view, done)) }
            dt { (view.t("green.mark")) } dd { (mark) " · " (kit.day().code(done.line)) }
        }
    };
    let is_printed = done.paper == Paper::Printed;
    let shown = html! {
        (verdict(tone, &title, &detail))
        (card(view, kit, voter, right, false))
        div.green-grid {
            div.actions {
                (act(&Act { action: "/next", key: if is_printed { "Enter" } else { "" }, label: &view.t("green.next"), class: if is_printed { "big" } else { "sec" }, is_opposite: false }, &[]))
                (act(&Act { action: "/receipt", key: "F9", label: &view.t("green.noslip"), class: "sec", is_opposite: false }, &[]))
                (act(&Act { action: "/undo", key: "F10", label: &view.t("green.undo"), class: "quiet", is_opposite: true }, &[]))
            }
            a.slip href={ "/paper/receipt/" (done.line) ".png" } { img src={ "/paper/receipt/" (done.line) ".png" } alt=(view.f("green.preview", &[("p", &page), ("l", &line)])); }
        }
    };
    (title.clone(), shown)
}

/// Why a slip did not come out; what only an engineer understands stays in the printer's words.
pub(super) fn paper_fault(view: &View, why: &PrinterError) -> String {
    match why {
        PrinterError::Paper => view.t("amber.no_paper"),
        PrinterError::Cover => view.t("amber.cover"),
        PrinterError::Stuck => view.t("amber.stuck"),
        PrinterError::Off(_) => view.t("amber.off"),
        PrinterError::Fault(said) => said.clone(),
    }
}

fn method(view: &View, done: &CheckedIn) -> String {
    let word = view.t(&format!("method.{}", done.method.code()));
    match done.finger {
        Some(finger) if done.method == Method::Finger => {
            format!("{word} · {}", finger_word(view, Some(finger)))
        }
        Some(_) | None => word,
    }
}

fn reason_short(view: &View, reason: RefusalReason) -> String {
    sentences().refusal.get(reason.code()).map_or_else(
        || reason.code().to_owned(),
        |said| said.short.get(view.language).to_owned(),
    )
}

/// A heading's words in the middle of a sentence.
fn within_sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next();
    first
        .map(|letter| letter.to_lowercase().chain(letters).collect())
        .unwrap_or_default()
}

fn red(view: &View, kit: &Kit, refused: &Refused, elsewhere: Option<u16>) -> (String, Markup) {
    let reason = refused.refusal.reason;
    let evidence = refused
        .refusal
        .evidence
        .as_ref()
        .filter(|_| reason == RefusalReason::Already);
    let what = evidence.map_or_else(
        || within_sentence(&reason_short(view, reason)),
        |act| view.f("red.already", &[("t", &clock(kit, act.hlc.moment()))]),
    );
    let title = view.f("red.title", &[("w", &what)]);
    let detail = match (evidence, elsewhere, refused.refusal.kit) {
        (Some(act), _, _) => {
            let receipt = kit_word(view, &kit.receipt_name(act));
            let name = kit_word(view, &kit.charter().kit_name(act.name.kit));
            view.f(
                "red.evidence",
                &[
                    ("k", &name),
                    ("r", &receipt),
                    ("l", &refused.line.to_string()),
                ],
            )
        }
        (None, Some(precinct), _) => super::parts::elsewhere(view, kit, precinct),
        (None, None, Some(other)) => view.f(
            "red.go_kit",
            &[("k", &kit_word(view, &kit.charter().kit_name(other)))],
        ),
        (None, None, None) => sentences()
            .refusal
            .get(reason.code())
            .map_or_else(String::new, |said| {
                said.sentence.get(view.language).to_owned()
            }),
    };
    let attempts = kit.read(|book| {
        let state = book.state(refused.line);
        state.refused + u32::try_from(state.acts().count()).unwrap_or(0)
    });
    let right = html! {
        div.lineno.void { span { (view.t("green.linebox")) } b { (refused.line) } }
        dl.kv.side-kv {
            dt { (view.t("red.code")) } dd.code { (reason.code()) }
            @if refused.line > 0 { dt { (view.t("red.attempt")) } dd { (attempts) } }
        }
    };
    let is_trouble = is_finger_trouble(refused);
    let fits = refused.fits.map(|line| line.to_string());
    let open_other = |line: &str| {
        let label = view.f("red.open_other", &[("l", line)]);
        let open = Act {
            action: "/choose",
            key: "F6",
            label: &label,
            class: "sec big",
            is_opposite: true,
        };
        act(&open, &[("line", line)])
    };
    let is_marked = reason == RefusalReason::FingerMarked;
    let (two, because) = if is_marked {
        ("red.two_persons", TWO_PERSONS)
    } else {
        ("finger.unreadable", "FINGER_MISMATCH")
    };
    let face = [("method", "face"), ("reason", because)];
    let shown = html! {
        @match (&fits, refused.fits.filter(|_| is_marked)) {
            (_, Some(line)) => (verdict(Tone::Stop, &title, &marked_line(view, kit, line))),
            (Some(line), None) => (verdict(Tone::Stop, &title, &view.f("red.other_line", &[("l", line)]))),
            (None, None) => (verdict(Tone::Stop, &title, &detail)),
        }
        @if let Some(voter) = kit.voter(refused.line) { (card(view, kit, voter, right, true)) }
        @else { p.small.muted { (view.t("red.code")) " " b { (reason.code()) } } }
        div.panel { div.body.two {
            div {
                h2 { (view.t("red.say")) }
                @for language in said_in(view.language) {
                    p.say lang=(language.tag()) { (spoken(language, reason)) }
                }
            }
            div {
                h2 { (view.t("red.do")) }
                ol { li { (view.t("red.do1")) } li { (view.t("red.do2")) } li { (view.t("red.do3")) } }
            }
        } }
        div.actions {
            @if let Some(line) = fits.as_ref().filter(|_| !is_marked) { (open_other(line)) }
            @if is_trouble {
                (act(&Act { action: "/two", key: "F7", label: &view.t(two), class: "sec", is_opposite: true }, &face))
            }
            @match rescue::help(view, kit, refused) {
                Some(help) => (help),
                None => a.btn.big href="/chair" data-key="F2" { kbd { "F2" } " " (view.t("red.chair")) },
            }
            (act(&Act { action: "/slip", key: "F5", label: &view.t("red.slip"), class: "sec", is_opposite: false }, &[]))
            (act(&Act { action: "/next", key: "Enter", label: &view.t("green.next"), class: "sec", is_opposite: false }, &[]))
            @if view.station.slip().is_some() { a href="/paper/slip.png" { (view.t("red.slip_done")) } }
        }
    };
    (title.clone(), shown)
}

/// Which marked line the finger fits too, and when and by which slip it was marked.
fn marked_line(view: &View, kit: &Kit, line: u32) -> String {
    let counted = kit.read(|book| book.state(line).counted.clone());
    let (at, receipt) = counted.map_or_else(Default::default, |act| {
        let receipt = kit_word(view, &kit.slip_name(&act));
        (clock(kit, act.hlc.moment()), receipt)
    });
    let line = line.to_string();
    let values = [("l", line.as_str()), ("t", &at), ("r", &receipt)];
    view.f("red.marked_line", &values)
}

/// What is read to the voter: the country's two languages, the operator's own first.
fn said_in(language: Language) -> Vec<Language> {
    match language {
        Language::Ky => vec![Language::Ky, Language::Ru],
        Language::Ru => vec![Language::Ru, Language::Ky],
        Language::En => vec![Language::Ky, Language::Ru],
    }
}

fn spoken(language: Language, reason: RefusalReason) -> String {
    sentences()
        .refusal
        .get(reason.code())
        .map_or_else(String::new, |said| {
            format!(
                "«{} {}»",
                said.sentence.get(language),
                said.next.get(language)
            )
        })
}

fn keys(view: &View, scene: &Scene) -> Markup {
    let list: &[(&str, &str)] = match scene {
        Scene::Hits(..) => &[("1–9", "key.choose"), ("F4", "key.absent")],
        Scene::Nobody(_) => &[("F4", "key.absent")],
        Scene::Finger { .. } => &[
            ("F6", "finger.other"),
            ("F7", "finger.unreadable"),
            ("Esc", "finger.cancel"),
        ],
        Scene::Green(_) => &[
            ("Enter", "key.next"),
            ("F9", "green.noslip"),
            ("F10", "green.undo"),
        ],
        Scene::Red(..) => &[
            ("F2", "key.chair"),
            ("F5", "red.slip"),
            ("Enter", "key.next"),
        ],
        Scene::Look { .. } => &[
            ("F8", "look.clean"),
            ("F5", "look.signed"),
            ("Esc", "finger.cancel"),
        ],
        Scene::Idle | Scene::Malformed(..) | Scene::Approval { .. } | Scene::Fault(_) => {
            &[("Enter", "side.find"), ("F2", "key.chair")]
        }
    };
    html! {
        @for (key, text) in list { span { kbd { (key) } " " (view.t(text)) } }
        @if !matches!(scene, Scene::Red(..) | Scene::Approval { .. }) { a.vh href="/chair" data-key="F2" tabindex="-1" { (view.t("key.chair")) } }
    }
}
