//! S3, the chair: runs the day and signs exceptions, always two cards.

use std::ops::RangeInclusive;

use maud::{Markup, html};
use pollbook::DeviceStates;
use screen::components::{Tone, note, tag};
use screen::{Icon, format, icon};

use super::View;
use super::parts::{born, clock, document, kit_word, name, photo};
use super::{days, lesson, rescue, trouble};
use crate::kit::{Kit, Method2, PeerView, REASONS_TWO, TWO_PERSONS};
use crate::mend::Damage;
use crate::scene::{ChairError, Scene, Wanted};

pub(super) fn page(view: &View, problem: Option<&ChairError>) -> Markup {
    let problem = wrong(view, problem);
    match view.kit() {
        None => opening(view, &problem),
        Some(kit) => running(view, &kit, &problem),
    }
}

/// Why the last act was not done.
pub(super) fn wrong(view: &View, problem: Option<&ChairError>) -> Markup {
    html! {
        @if let Some(problem) = problem {
            div.errsum role="alert" tabindex="-1" autofocus { b { (view.t("chair.error")) ". " } (trouble::chair(view, problem)) }
        }
    }
}

fn opening(view: &View, problem: &Markup) -> Markup {
    let title = view.t("chair.open");
    let body = html! {
        main.shell.stack-l #main {
            (lesson::strip(view))
            h1 { (title) }
            (problem)
            section.panel.needed {
                header {
                    h2 { @if let Some(opening) = view.station.opening() {
                        (view.f("chair.title", &[("p", &opening.config.precinct.to_string())]))
                    } }
                    (super::parts::simulated(view))
                }
                @if let Some(damage) = view.station.damage() { (mend(view, &damage)) } @else {
                    form.body.stack method="post" action="/chair/open" {
                        @if let Some(opening) = view.station.opening() { p.small.muted { (publishers(view, opening)) } }
                        (two_cards(view, "open"))
                        details {
                            summary { (view.t("glass.opening")) }
                            div.field { label for="open-glass" { (view.t("glass.why")) } select #open-glass .input name="glass" {
                                option value="" { "—" }
                                @for code in lexicon::handover::event::GLASS_REASONS { option value=(code) { (days::glass_reason(view, code)) } }
                            } }
                        }
                        button.btn.big { (icon(Icon::Lock)) (title) }
                    }
                }
            }
            p.row { a href="/" data-back { (view.t("chair.operator")) } a href="/monitor" { (view.t("bar.screen")) } }
        }
    };
    document(view, &title, "", body)
}

/// Who published the package that this kit takes: the chair compares it with the letter of the commission above.
fn publishers(view: &View, opening: &crate::config::Opening) -> String {
    let kids = opening.publishers.iter().map(|key| key.kid().hex());
    let words: Vec<String> = kids
        .map(|kid| {
            let (first, second) = kid.split_at(8);
            format!("{first} {second}").to_uppercase()
        })
        .collect();
    view.f("chair.publishers", &[("w", &words.join(" · "))])
}

/// What is wrong with the journal, and the act that puts it together: the kit identifies nobody before.
fn mend(view: &View, damage: &Damage) -> Markup {
    html! {
        form.body.stack method="post" action="/chair/mend" {
            (note(Tone::Stop, html! {
                b { (view.t("mend.title")) ". " } (view.t("mend.stopped")) " "
                (view.f("mend.held", &[("n", &damage.held.to_string())]))
                @if !damage.missing.is_empty() { " " (view.f("mend.missing", &[("e", &ranges(&damage.missing))])) }
            }))
            p { (view.t("mend.ask")) }
            p.small.muted { (damage.why) }
            @if !damage.is_end_known {
                div.field.line {
                    label for="slip" { (view.t("mend.slip")) }
                    input #slip .input name="slip" inputmode="numeric" autocomplete="off" required;
                }
            }
            (two_cards(view, "mend"))
            button.btn.big { (icon(Icon::Lock)) (view.t("mend.do")) }
            p.small.muted { (view.t("mend.else")) }
        }
    }
}

/// `3, 7–9`: counters of events; not more than twelve ranges.
pub(super) fn ranges(missing: &[RangeInclusive<u32>]) -> String {
    let one = |range: &RangeInclusive<u32>| match (range.start(), range.end()) {
        (from, to) if from == to => from.to_string(),
        (from, to) => format!("{from}–{to}"),
    };
    let mut shown: Vec<String> = missing.iter().take(12).map(one).collect();
    if missing.len() > shown.len() {
        shown.push("…".to_owned());
    }
    shown.join(", ")
}

/// Two cards with their passphrases; ids are unique on the page by `form`.
pub(super) fn two_cards(view: &View, form: &str) -> Markup {
    html! {
        p.small.muted { (view.t("chair.rule")) }
        div.twocards {
            @for (at, label) in [(0, "chair.card1"), (1, "chair.card2")] {
                @let card = format!("{form}-card{at}");
                @let pass = format!("{form}-pass{at}");
                div.field {
                    label for=(card) { (view.t(label)) }
                    select .input id=(card) name={ "card" (at) } autofocus[at == 0 && matches!(form, "open" | "mend" | "approve")] {
                        @for (place, known) in view.station.cards.cards().iter().enumerate() {
                            option value=(known.kid) selected[place == at * 2] { (known.holder) " · " (known.body) }
                        }
                    }
                }
                div.field {
                    label for=(pass) { (view.t("chair.pass")) }
                    input .input id=(pass) name={ "pass" (at) } type="password" autocomplete="off" required;
                }
            }
        }
    }
}

fn running(view: &View, kit: &Kit, problem: &Markup) -> Markup {
    let manifest = kit.charter().manifest();
    let precinct = manifest.precinct.to_string();
    let kits = kit.kits();
    let at_work = kits.iter().filter(|peer| peer.heir.is_none());
    let (near, all) = at_work.fold((0, 0), |(near, all), peer| {
        (near + usize::from(peer.is_reachable), all + 1)
    });
    let offset = i64::from(manifest.policy.offset_minutes);
    let day =
        format::date_short(lexicon::Instant::from_micros(manifest.policy.opens).local_date(offset));
    let title = view.f("chair.title", &[("p", &precinct)]);
    let is_stopped = kit.is_stopped_by_clock();
    let body = html! {
        header.kitbar {
            h1.pc { (title) }
            span.sep {}
            span { (view.f("chair.day", &[("d", &day), ("r", &manifest.release.to_string())])) }
            (super::parts::simulated(view))
            span.grow {}
            (screen::components::languages(view.language, "/chair", &view.t("bar.language")))
            a.dev href="/" data-back { (view.t("chair.operator")) }
            (super::parts::alarm(view, kit))
            (rescue::link(view, &kits, is_stopped))
            span.dev { (icon(Icon::Peers)) (view.f("chair.reach", &[("n", &near.to_string()), ("m", &all.to_string())])) }
            span.sep {}
            b.clock { (clock(kit, kit.read_clock().wall)) }
        }
        main.shell #main data-reader="none" {
            (lesson::strip(view))
            (problem)
            @if let Some(why) = kit.stopped() { (note(Tone::Stop, html! { b { (view.t("stopped.title")) ". " } (trouble::stopped(view, kit, &why)) })) }
            @if is_stopped { (note(Tone::Stop, html! { (view.t("rescue.clock_stopped")) " " a href="/chair/trouble" { (view.t("rescue.title")) } })) }
            @if kit.medium().is_some_and(|medium| medium.why.is_some()) { (note(Tone::Warn, html! { (super::parts::medium_words(view, kit)) })) }
            (super::spares::waiting(view, kit))
            (totals(view, kit))
            div.cols.chair { (kits_panel(view, kit, &kits)) (needed(view, kit)) }
            (steps(view, kit))
        }
    };
    document(view, &title, "", body)
}

fn totals(view: &View, kit: &Kit) -> Markup {
    let lines = u64::from(kit.read(|book| book.list().voters()));
    let (counted, overrides, alarm, incidents, refusals) = kit.read(|book| {
        let refusals: u32 = book.refusals().iter().map(|reason| reason.count).sum();
        (
            book.counted(),
            book.overrides(),
            book.override_alarm(),
            book.incidents().len(),
            refusals,
        )
    });
    let share = format::percent(view.language, u64::from(counted), lines);
    let by_hand = format::percent(view.language, u64::from(overrides), lines);
    let quota = format::percent(
        view.language,
        u64::from(kit.charter().policy().override_quota_permille),
        1000,
    );
    html! {
        div.stats.four {
            div.stat.good { b { (format::number(u64::from(counted))) } span { (view.f("chair.counted", &[("m", &format::number(lines)), ("s", &share)])) } }
            div class={ "stat" @if alarm { " mid" } } { b { (overrides) } span { (view.f("chair.overrides", &[("s", &by_hand), ("q", &quota)])) } }
            a class={ "stat" @if incidents > 0 { " mid" } } href="/chair/incidents" data-part="3" { b { (incidents) } span { (view.t("chair.incidents")) } }
            div.stat { b { (refusals) } span { (view.t("chair.refusals")) } }
        }
    }
}

fn state(view: &View, peer: &PeerView) -> Markup {
    if peer.heir.is_some() {
        tag(Tone::Wait, &view.t("rescue.out"))
    } else if peer.is_of_other_list {
        tag(Tone::Stop, &view.t("alarm.other_list"))
    } else if !peer.is_reachable {
        tag(Tone::Warn, &view.t("chair.silent"))
    } else if peer.is_closed {
        tag(Tone::Wait, &view.t("chair.is_closed"))
    } else if peer.is_open {
        tag(Tone::Ok, &view.t("chair.works"))
    } else {
        tag(Tone::Warn, &view.t("chair.not_open"))
    }
}

fn skew(language: lexicon::Language, peer: &PeerView) -> String {
    match peer.skew_micros {
        None if peer.is_me => "0".to_owned(),
        None => "—".to_owned(),
        Some(micros) => {
            let tenths = micros.unsigned_abs().saturating_add(50_000) / 100_000;
            let sign = if micros < 0 { '\u{2212}' } else { '+' };
            let point = if language == lexicon::Language::En {
                '.'
            } else {
                ','
            };
            format!("{sign}{}{point}{}", tenths / 10, tenths % 10)
        }
    }
}

fn kits_panel(view: &View, kit: &Kit, kits: &[PeerView]) -> Markup {
    let shares = &kit.charter().manifest().kits;
    let total: u32 = kits.iter().map(|peer| peer.acts).sum();
    let pending = kit.pending_receipts().len();
    let unused: Vec<u32> = kit.read(|book| {
        let me = book.me();
        let mine = book
            .states()
            .filter(|(_, state)| state.grants_unused.iter().any(|g| g.name.kit == me));
        mine.map(|(line, _)| line).collect()
    });
    html! {
        section.panel data-part="1" {
            header { h2 { (view.t("chair.kits")) " " kbd { "Alt+1" } } }
            table.t {
                caption.vh { (view.t("chair.kits")) }
                thead { tr {
                    th scope="col" { (view.t("chair.kit")) } th scope="col" { (view.t("chair.state")) }
                    th.num scope="col" { (view.t("chair.acts")) } th.num scope="col" { (view.t("chair.share")) }
                    th.num scope="col" { (view.t("chair.slips")) } th scope="col" { (view.t("chair.devices")) }
                    th.num scope="col" { (view.t("chair.clock")) } th scope="col" { (view.t("chair.seen")) }
                } }
                tbody {
                    @for (peer, share) in kits.iter().zip(shares) {
                        @let (devices, seen) = kit.devices_of(peer.kit);
                        tr {
                            td { b { (kit_word(view, &peer.name)) } @if peer.is_me { " " span.muted { (view.t("chair.me")) } } }
                            td { (state(view, peer)) }
                            td.num { (peer.acts) }
                            td.num { (share.from) "–" (share.to) }
                            td.num { (kit.last_receipt_of(peer.kit)) @if let Some(devices) = devices.filter(|devices| devices.pending > 0) { b.warn title=(view.f("chair.pending_of", &[("n", &devices.pending.to_string())])) { " ▲" (devices.pending) } } }
                            td { (devices_shown(view, devices)) }
                            td.num { @if peer.is_clock_off { b.warn title=(view.t("alarm.clock_do")) { "▲ " (skew(view.language, peer)) } } @else { (skew(view.language, peer)) } }
                            td { @if let Some(seen) = seen { (clock(kit, seen)) } @else { "—" } }
                        }
                    }
                }
                tfoot { tr { td { (view.t("chair.total")) } td {} td.num { (total) } td colspan="5" { span.small.muted { (pace(view, kit)) } } } }
            }
            div.body.stack {
                @if pending > 0 { (note(Tone::Warn, html! { (view.f("chair.pending", &[("n", &pending.to_string())])) })) }
                @if !unused.is_empty() {
                    @let list = unused.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
                    details {
                        summary { (view.f("chair.unused", &[("l", &list)])) }
                        form.stack method="post" action="/chair/release" {
                            select.input name="line" aria-label=(view.t("chair.release")) { @for line in &unused { option value=(line) { (line) } } }
                            (two_cards(view, "release"))
                            button.btn.sec { (view.t("chair.release")) }
                        }
                    }
                }
            }
        }
    }
}

/// Paper and battery of a kit, as it said.
fn devices_shown(view: &View, devices: Option<DeviceStates>) -> Markup {
    let Some(devices) = devices else {
        return html! { "—" };
    };
    let (is_bad, words) = match devices.paper {
        0 => (false, view.t("chair.paper_enough")),
        1 => (true, view.t("bar.paper_low")),
        _ => (true, view.t("chair.paper_out")),
    };
    let battery = crate::kit::battery_of(&devices);
    html! {
        @if is_bad { b.warn { "▲ " (words) } } @else { (words) }
        @if let Some(battery) = battery {
            @let words = format!("{}{} %", if battery.is_draining { "▾" } else { "▴" }, battery.percent);
            ", " @if battery.is_low() { b.warn { "▲ " (words) } } @else { (words) }
        }
    }
}

/// How fast the hall works, and how long ten people wait at that pace.
fn pace(view: &View, kit: &Kit) -> String {
    match kit.pace() {
        None => String::new(),
        Some(0) => view.t("chair.pace_none"),
        // Of a handful no wait can be told.
        Some(count @ 1..5) => view.f("chair.pace_few", &[("n", &count.to_string())]),
        Some(count) => view.f(
            "chair.pace",
            &[
                ("n", &count.to_string()),
                ("m", &300u32.div_ceil(count).to_string()),
            ],
        ),
    }
}

fn needed(view: &View, kit: &Kit) -> Markup {
    let Scene::Approval { line, wanted } = view.station.scene() else {
        return html! {
            section.panel data-part="2" { header { h2 { (view.t("chair.sign")) " " kbd { "Alt+2" } } } div.body { p.muted { (view.t("chair.nothing")) } } }
        };
    };
    let attempts = kit.read(|book| book.state(line).refused);
    let (why, label) = match &wanted {
        Wanted::CheckIn(_, reason) if *reason == TWO_PERSONS => {
            let others: Vec<String> = kit.marked_twins(line).iter().map(u32::to_string).collect();
            let values = [("l", others.join(", "))];
            let values = values.each_ref().map(|(key, value)| (*key, value.as_str()));
            (view.f("chair.two_persons", &values), "chair.approve")
        }
        Wanted::CheckIn(Method2::Document, _) => (view.t("chair.document"), "chair.approve"),
        Wanted::CheckIn(Method2::Face | Method2::Override, _) => (
            view.f("chair.face", &[("n", &attempts.to_string())]),
            "chair.approve",
        ),
        Wanted::Undo if !kit.read(|book| book.state(line).ballots.is_empty()) => {
            (view.t("chair.undo_ballot"), "chair.sign_undo")
        }
        Wanted::Undo => (view.t("chair.undo"), "chair.sign_undo"),
        Wanted::Reprint => (view.t("chair.reprint"), "chair.sign_reprint"),
        Wanted::Resume => (view.t("rescue.resume_ask"), "rescue.resume_do"),
    };
    html! {
        section.panel.needed data-part="2" {
            header { h2 { (view.t("chair.sign")) " " kbd { "Alt+2" } } (tag(Tone::Warn, &kit_word(view, &kit.name()))) }
            div.body.stack {
                @if let Some(voter) = kit.voter(line) {
                    @let (surname, rest) = name(voter);
                    @let live = view.station.live();
                    div.person.two[matches!(live, Some(Ok(_)))] {
                        (photo(view, voter, ""))
                        // Another address for each state of the screen: a picture taken again is fetched again.
                        @if let Some(Ok(_)) = live { img src={ "/live?" (view.shown) } alt=(view.t("chair.live")) title=(view.t(if kit.keeps_pictures() { "chair.live_kept" } else { "chair.live_note" })); }
                        div {
                            h3 { (surname) " " (rest) }
                            p { (born(view, kit, voter)) " · " (view.f("chair.where", &[("l", &line.to_string()), ("p", &voter.page.to_string())])) }
                            p.mt-s { (why) @if matches!(live, Some(Ok(_))) && kit.keeps_pictures() { " " (view.t("chair.live_kept")) } @if let Some(Err(_)) = live { " " b { (view.t("chair.live_none")) } } }
                        }
                    }
                }
                form.stack method="post" action="/chair/approve" data-approve {
                    input type="hidden" name="line" value=(line);
                    @if let Some(Ok(picture)) = view.station.live() { input type="hidden" name="picture" value=(picture.digits()); }
                    (two_cards(view, "approve"))
                    div.row {
                        button.btn { (view.t(label)) }
                        @if wanted == Wanted::Resume { button.btn.danger.sec formaction="/chair/signed" { (view.t("look.signed")) } }
                        button.btn.danger.sec formaction="/chair/decline" formnovalidate { (view.t("chair.decline")) }
                        (ground(view, kit, line, &wanted))
                    }
                }
            }
        }
    }
}

/// On what ground the two sign: the method and reason of a check-in, the reason of an undo.
fn ground(view: &View, kit: &Kit, line: u32, wanted: &Wanted) -> Markup {
    let reason = |name: &str| match name {
        "FINGERS_UNREADABLE" => view.t("ground.unreadable"),
        "NO_FINGERS" => view.t("ground.no_fingers"),
        "FINGER_MISMATCH" => view.t("ground.mismatch"),
        "SCANNER_FAULT" => view.t("ground.scanner"),
        TWO_PERSONS => view.t("ground.two_persons"),
        "LEFT_WITHOUT_BALLOT" => view.t("ground.left"),
        "OPERATOR_SLIP" => view.t("ground.slip"),
        _ => view.t("ground.wrong_voter"),
    };
    match wanted {
        Wanted::CheckIn(method, asked) => html! {
            details {
                summary { (view.t("ground.other")) }
                div.twocards {
                    div.field {
                        label for="ground-method" { (view.t("ground.method")) }
                        select #ground-method .input name="method" {
                            option value="face" selected[*method == Method2::Face] { (view.t("method.face2")) }
                            option value="document" selected[*method == Method2::Document] { (view.t("method.document2")) }
                            option value="override" selected[*method == Method2::Override] { (view.t("method.override2")) }
                        }
                    }
                    div.field {
                        label for="ground-reason" { (view.t("rescue.reason")) }
                        select #ground-reason .input name="reason" {
                            @for known in REASONS_TWO { option value=(known) selected[*known == *asked] { (reason(known)) } }
                        }
                    }
                }
            }
        },
        Wanted::Undo if kit.read(|book| book.state(line).ballots.is_empty()) => html! {
            div.field {
                label for="ground-reason" { (view.t("rescue.reason")) }
                select #ground-reason .input name="reason" {
                    @for known in ["WRONG_VOTER", "LEFT_WITHOUT_BALLOT", "OPERATOR_SLIP"] { option value=(known) { (reason(known)) } }
                }
            }
        },
        Wanted::Undo => {
            html! { input type="hidden" name="reason" value=(pollbook::BALLOT_RETURNED); }
        }
        Wanted::Reprint | Wanted::Resume => html! {},
    }
}

/// Why a kit is missing from the final report: asked while one is.
fn missing(view: &View, kit: &Kit) -> Markup {
    let me = kit.kid();
    let silent: Vec<String> = kit
        .kits()
        .iter()
        .filter(|peer| {
            peer.kit != me && peer.is_at_work && kit.read(|book| book.closed(peer.kit).is_none())
        })
        .map(|peer| kit_word(view, &peer.name))
        .collect();
    if silent.is_empty() {
        return html! {};
    }
    html! {
        div.field {
            label for="missing" { (view.f("missing.ask", &[("k", &silent.join(", "))])) }
            select #missing .input name="missing" {
                option value="UNREACHABLE" { (view.t("missing.unreachable")) }
                option value="BROKEN" { (view.t("missing.broken")) }
                option value="LOST" { (view.t("missing.lost")) }
                option value="NOT_RETURNED" { (view.t("missing.not_returned")) }
            }
        }
    }
}

/// What was counted on paper: entered, or still to be entered before the final report.
fn totals_link(view: &View, kit: &Kit) -> Markup {
    let (counted, said) = kit.read(|book| (book.counted(), book.totals_said()));
    let (tone, words) = match said {
        None => (Tone::Warn, view.t("totals.to_enter")),
        Some(said) if said.differences(counted).is_any() => {
            (Tone::Warn, view.t("totals.differ_short"))
        }
        Some(_) => (Tone::Ok, view.t("totals.agree")),
    };
    html! { a href="/chair/totals" { (view.t("totals.title")) } " " (tag(tone, &words)) }
}

fn steps(view: &View, kit: &Kit) -> Markup {
    let me = kit.kid();
    let (opened, closed, counted) = kit.read(|book| {
        (
            book.opened(me).map(|act| act.hlc.moment()),
            book.closed(me).map(|act| act.hlc.moment()),
            book.counted(),
        )
    });
    let (last, of_session) = kit.read(|book| {
        let last = book.voting_days().pop().map_or(0, |day| day.closes);
        (last, book.acts_of_session())
    });
    let closes = lexicon::Instant::from_micros(last);
    let waits = kit.waits_for_session() || kit.read(|book| book.suspension().is_some());
    let may_close = kit.read_clock().wall >= closes;
    let until = clock(kit, closes);
    let reports = view.station.reports();
    let has = |word: &str| reports.iter().any(|(known, _)| *known == word);
    html! {
        section.panel.mt data-part="4" {
            header {
                h2 { (view.t("chair.steps")) " " kbd { "Alt+4" } }
                span.row {
                    @if !kit.home_list().is_empty() { a href="/chair/home" { (view.t("home.title")) } }
                    @if closed.is_none() && !has("initial") { a href="/chair/pages" { (view.t("pages.title")) } }
                    a href="/chair/list" { (view.t("list.title")) }
                    a href="/chair/turnout" { (view.t("hours.title")) }
                    @if waits { a href="/chair/days" { (tag(Tone::Stop, &view.t("days.title"))) } }
                    @if let Some(at) = opened { (tag(Tone::Ok, &view.f("chair.opened", &[("t", &clock(kit, at))]))) }
                    @match closed {
                        Some(at) => (tag(Tone::Wait, &view.f("chair.closed_at", &[("t", &clock(kit, at))]))),
                        None => (tag(Tone::Wait, &view.f("chair.voting", &[("t", &until)]))),
                    }
                    @for (word, key) in [("initial", "chair.initial"), ("running", "chair.running"), ("final", "chair.final"), ("addendum", "chair.addendum")] {
                        @if has(word) {
                            a href={ "/paper/report/" (word) ".png" } { (view.t(key)) }
                            a href={ "/paper/report/" (word) ".json" } { (view.t("chair.json")) }
                        }
                    }
                    @if has("initial") { a href="/paper/day.png" { (view.t("chair.table")) } }
                }
            }
            div.body.dayrow {
                section {
                    div.row.spread {
                        h3 { (view.t("chair.initial")) }
                        @if has("initial") { (tag(Tone::Ok, &view.t("chair.initial_done"))) }
                    }
                    @if counted > 0 && closed.is_none() && !may_close {
                        details {
                            summary { (view.t("chair.running")) }
                            form.stack method="post" action="/chair/running" { (two_cards(view, "running")) button.btn.sec { (icon(Icon::Printer)) (view.t("chair.running")) } }
                        }
                    }
                    @if of_session == 0 && closed.is_none() {
                        details open[!has("initial") && !may_close] {
                            summary { (view.t(if has("initial") { "chair.initial_again" } else { "chair.initial_now" })) }
                            form.stack method="post" action="/chair/initial" {
                                (two_cards(view, "initial"))
                                // One row: the page does not scroll.
                                div.row {
                                    button.btn.sec { (icon(Icon::Printer)) (view.t("chair.initial")) }
                                    div.field.line { label for="seal" { (view.t("chair.seal")) } input #seal .input name="seal" autocomplete="off" maxlength="20"; }
                                }
                            }
                        }
                    }
                }
                section {
                    h3 { (view.t("chair.close")) }
                    @if closed.is_none() && may_close {
                        form.stack method="post" action="/chair/close" {
                            div.field.line { label for="in_line" { (view.t("chair.in_line")) } input #in_line .input name="in_line" inputmode="numeric" value="0"; }
                            (two_cards(view, "close"))
                            button.btn.danger { (icon(Icon::Lock)) (view.t("chair.close")) }
                        }
                    } @else if closed.is_none() {
                        p { button.btn.off aria-disabled="true" type="button" { (icon(Icon::Lock)) (view.t("chair.close")) } }
                        p.small.muted { (view.f("chair.close_off", &[("t", &until)])) }
                    } @else { p { a href="/chair/handover" { (view.t("handover.title")) } } }
                }
                section {
                    div.row.spread { h3 { (view.t("chair.final")) } @if closed.is_some() { span { (totals_link(view, kit)) } } }
                    @if closed.is_some() {
                        form.stack method="post" action="/chair/final" { (missing(view, kit)) (two_cards(view, "final")) button.btn.sec { (icon(Icon::Printer)) (view.t("chair.final")) } }
                    } @else {
                        p.small.muted { (view.t("chair.after_close")) }
                        @if kit.medium().is_none() && kit.charter().exercise().is_none() { p.small { (tag(Tone::Warn, &view.t("handover.medium_none"))) } }
                    }
                }
            }
        }
    }
}
