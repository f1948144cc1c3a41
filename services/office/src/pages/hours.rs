//! The turnout desk: one field for what a station says, the country by the hour, a precinct's hours, a file's result.

use std::collections::BTreeMap;

use lexicon::handover::turnout::Scope;
use lexicon::{Instant, PrecinctCode};
use maud::{Markup, html};
use roll::hours::{Figure, Hours, Place, Proof, RegionHour, Station};
use screen::chart::{Bar, bars};
use screen::components::{Tone, note, tag};
use screen::format::{number, percent};
use store::{HourBatch, HourRefusedRow, HourRow};

use super::parts::{empty, error_summary};
use super::{Section, heading, panel, print_button, shell};
use crate::hours::HourRefused;
use crate::role::Right;
use crate::visit::Visit;

/// What became of what was entered last.
pub(crate) enum Entered {
    /// It was taken, or is known.
    Taken {
        row: Box<HourRow>,
        is_known: bool,
        is_late: bool,
    },
    /// It was refused; what was typed stays.
    Refused { typed: String, refused: HourRefused },
    /// A file was not taken; the key of the reason.
    File(&'static str),
}

/// The country by the hour.
pub(crate) struct Country<'a> {
    /// The moment whose regions are shown.
    pub at: Option<Instant>,
    /// In the order of UTC.
    pub by_hour: &'a [(Instant, RegionHour)],
    /// The clocks of the precincts that reported, minutes, ascending.
    pub offsets: &'a [i64],
    /// Precincts abroad whose clock nobody said: the country's stands for it.
    pub guessed: usize,
    pub regions: &'a BTreeMap<String, RegionHour>,
    pub entered: Option<&'a Entered>,
    /// Whether a release says which precincts there are.
    pub has_lists: bool,
    /// Precincts whose kits' keys are here.
    pub certificates: usize,
    pub stations: usize,
}

/// An hour by the precinct's own clock: `10:00`, or `10:00 (05.10)` on a day after election day.
pub(crate) fn clock(visit: &Visit<'_>, hour: u8) -> String {
    let end = Instant::at_local(visit.office.law.election.day, i64::from(hour) * 60, 0);
    local(visit, end, 0)
}

/// Why a message was refused, in words; `code` with what stands in place of `{n}` behind it.
pub(crate) fn reason(visit: &Visit<'_>, code: &str) -> String {
    let (code, detail) = code.split_once(' ').unwrap_or((code, ""));
    let detail = if code == "field" {
        visit.t(&format!("hours_field.{detail}"))
    } else {
        detail.to_owned()
    };
    visit.f(&format!("hours_refused.{code}"), &[("n", &detail)])
}

fn proof_tag(visit: &Visit<'_>, proof: Proof) -> Markup {
    let tone = match proof {
        Proof::Signed | Proof::Vouched => Tone::Ok,
        Proof::Unchecked => Tone::Warn,
    };
    tag(tone, &visit.t(&format!("hours_proof.{}", proof.code())))
}

fn place_tag(visit: &Visit<'_>, place: Place) -> Markup {
    let tone = match place {
        Place::Counts => Tone::Ok,
        Place::Superseded => Tone::Wait,
        Place::Waits => Tone::Warn,
        Place::Contradicted => Tone::Stop,
    };
    tag(tone, &visit.t(&format!("hours_place.{}", place.code())))
}

fn crumbs(visit: &Visit<'_>) -> Markup {
    super::day::tabs(visit)
}

pub(crate) fn country(visit: &Visit<'_>, shown: &Country<'_>) -> Markup {
    let name = visit.t("hours.title");
    let is_wrong = matches!(
        shown.entered,
        Some(Entered::Refused { .. } | Entered::File(_))
    );
    let title = if is_wrong {
        format!("{} {name}", visit.t("error.title"))
    } else {
        name.clone()
    };
    let tables = html! {
        a href="/hours/table/regions" { (visit.t("hours.csv_regions")) }
        a href="/hours/table/precincts" { (visit.t("hours.csv_precincts")) }
        (print_button(visit))
    };
    let body = html! {
        (heading(crumbs(visit), html! { (name) }, tables))
        @if shown.guessed > 0 { (note(Tone::Warn, html! { p { (visit.n("hours.guessed", shown.guessed as u64)) } })) }
        @if !shown.has_lists { (note(Tone::Warn, html! { p { (visit.t("hours.no_lists")) } })) }
        @else if shown.certificates < shown.stations {
            (note(Tone::Warn, html! { p { (visit.f("hours.no_certificates", &[("n", &number(shown.certificates as u64)), ("m", &number(shown.stations as u64))])) } }))
        }
        div.cols.start.mt {
            div.stack { (by_hour(visit, shown)) (regions(visit, shown)) }
            div.stack {
                @if visit.may(Right::TakeHours) { (entry(visit, shown.entered)) (file(visit, shown.entered)) }
                @else { (entered(visit, shown.entered)) }
            }
        }
    };
    shell(visit, Section::Day, &title, body)
}

fn entered(visit: &Visit<'_>, entered: Option<&Entered>) -> Markup {
    let Some(Entered::Taken {
        row,
        is_known,
        is_late,
    }) = entered
    else {
        return html! {};
    };
    let said = row.kept.said;
    html! { div role="status" {
        (note(Tone::Ok, html! {
            p { b { (visit.t(if *is_known { "hours.known" } else { "hours.taken" })) } }
            p { (visit.f("hours.said", &[
                ("p", &format!("{:04}", said.precinct)), ("t", &clock(visit, said.hour)), ("n", &number(u64::from(said.count))),
            ])) " " (visit.t(scope_key(said.scope))) }
            p { (proof_tag(visit, row.kept.proof)) @if *is_late { " " (tag(Tone::Warn, &visit.t("hours.late"))) } }
            p { a href={ "/hours/precinct/" (said.precinct) } { (visit.t("hours.to_precinct")) } }
        }))
    } }
}

fn scope_key(scope: Scope) -> &'static str {
    match scope {
        Scope::Precinct => "hours.whole",
        Scope::Kit => "hours.own",
    }
}

/// The one field: text or digits, as they come.
fn entry(visit: &Visit<'_>, last: Option<&Entered>) -> Markup {
    let (typed, refused) = match last {
        Some(Entered::Refused { typed, refused }) => (typed.as_str(), Some(refused)),
        Some(Entered::Taken { .. } | Entered::File(_)) | None => ("", None),
    };
    let said = refused.map(|refused| {
        let code = format!("{} {}", refused.code(), refused.detail());
        let next = visit.t(&format!("hours_next.{}", refused.code()));
        (reason(visit, code.trim_end()), next)
    });
    let summary: Vec<(&str, String)> = said
        .iter()
        .map(|(why, _)| ("message", why.clone()))
        .collect();
    panel(
        &visit.t("hours.enter"),
        html! {},
        html! {
            form.body.stack method="post" action="/hours" {
                (entered(visit, last))
                @if !summary.is_empty() { (error_summary(visit, &summary)) }
                div class={ "field" @if said.is_some() { " err" } } {
                    label for="message" { (visit.t("hours.message")) }
                    p.hint id="message-hint" { (visit.t("hours.message_hint")) }
                    @if let Some((why, next)) = &said { p.msg { (why) " " (next) } }
                    textarea #message .input.mono name="message" rows="3" required autocomplete="off" spellcheck="false" aria-describedby="message-hint" autofocus[said.is_none()] { (typed) }
                }
                button.btn.js-once type="submit" { (visit.t("hours.take")) }
            }
        },
    )
}

fn file(visit: &Visit<'_>, last: Option<&Entered>) -> Markup {
    let said = match last {
        Some(Entered::File(key)) => Some(visit.t(key)),
        Some(Entered::Taken { .. } | Entered::Refused { .. }) | None => None,
    };
    panel(
        &visit.t("hours.file"),
        html! {},
        html! {
            form.body.stack method="post" action="/hours/file" enctype="multipart/form-data" {
                div class={ "field" @if said.is_some() { " err" } } {
                    label for="list" { (visit.t("hours.file_label")) }
                    p.hint id="list-hint" { (visit.t("hours.file_hint")) }
                    @if let Some(said) = &said { p.msg role="alert" { (said) } }
                    input.input id="list" name="list" type="file" accept=".txt,.csv,text/plain" required aria-describedby="list-hint";
                }
                button.btn.sec.js-once type="submit" { (visit.t("hours.file_send")) }
            }
        },
    )
}

fn by_hour(visit: &Visit<'_>, shown: &Country<'_>) -> Markup {
    let title = visit.t("hours.country");
    if shown.by_hour.is_empty() {
        return panel(
            &title,
            html! {},
            empty(
                &visit.t("hours.none"),
                html! { (visit.t("hours.none_next")) },
            ),
        );
    }
    let drawn: Vec<Bar> = shown
        .by_hour
        .iter()
        .map(|(at, all)| Bar {
            name: format!(
                "{} · {}/{}",
                local(visit, *at, visit.office.offset()),
                number(all.reported),
                number(all.stations - all.not_due)
            ),
            value: all.count,
            href: Some(format!("/hours?at={}#regions", at.micros())),
        })
        .collect();
    panel(
        &title,
        html! { (visit.t("hours.cumulative")) },
        html! { div.body { p.small.muted { (visit.t("hours.chart")) } (bars(&drawn, &title)) } (clocks(visit, shown)) },
    )
}

/// `10:00`, or `01:00 (05.10)` on another day than election day, by a clock.
fn local(visit: &Visit<'_>, at: Instant, offset_minutes: i64) -> String {
    let time: String = at.local_time(offset_minutes).chars().take(5).collect();
    // The end of the day is its 24:00, not the next one's midnight.
    let day = at.plus_micros(-1).local_date(offset_minutes);
    let time = if time == "00:00" {
        "24:00".to_owned()
    } else {
        time
    };
    if day == visit.office.law.election.day {
        return time;
    }
    let day: String = visit.day(day).chars().take(5).collect();
    format!("{time} ({day})")
}

/// `UTC+9`, `UTC−5:30`.
fn zone(offset_minutes: i64) -> String {
    let (hours, minutes) = (offset_minutes.abs() / 60, offset_minutes.abs() % 60);
    let sign = if offset_minutes < 0 { '\u{2212}' } else { '+' };
    if minutes == 0 {
        format!("UTC{sign}{hours}")
    } else {
        format!("UTC{sign}{hours}:{minutes:02}")
    }
}

/// The same moments by UTC and by each clock, when there is more than one.
fn clocks(visit: &Visit<'_>, shown: &Country<'_>) -> Markup {
    if shown
        .offsets
        .iter()
        .all(|offset| *offset == visit.office.offset())
    {
        return html! {};
    }
    let title = visit.t("hours.clocks");
    html! { div.scroll-x tabindex="0" role="region" aria-label=(title) { table.t.dense #clocks {
        caption.vh { (title) }
        thead { tr {
            th scope="col" { "UTC" } @for offset in shown.offsets { th scope="col" { (zone(*offset)) } }
            th.num scope="col" { (visit.t("hours.voters")) } th.num scope="col" { (visit.t("hours.reported")) } th.num scope="col" { (visit.t("hours.not_due")) }
        } }
        tbody { @for (at, all) in shown.by_hour { tr {
            th.nowrap scope="row" { (local(visit, *at, 0)) } @for offset in shown.offsets { td.nowrap { (local(visit, *at, *offset)) } }
            td.num { b { (number(all.count)) } } td.num { (number(all.reported)) " / " (number(all.stations - all.not_due)) } td.num { (number(all.not_due)) }
        } } }
    } } }
}

fn regions(visit: &Visit<'_>, shown: &Country<'_>) -> Markup {
    let Some(at) = shown.at else {
        return html! {};
    };
    let title = visit.f(
        "hours.by_region",
        &[("t", &local(visit, at, visit.office.offset()))],
    );
    let all = RegionHour::sum(shown.regions.values());
    let row = |name: &str, found: &RegionHour| {
        html! {
            th scope="row" { (name) }
            td.num { (number(found.reported)) " / " (number(found.stations - found.not_due)) }
            td.num { b { (number(found.count)) } }
            td.num { @if found.lines > 0 { (percent(visit.language, found.count, found.lines)) } @else { "–" } }
            td.num { @if found.unchecked > 0 { (tag(Tone::Warn, &number(found.unchecked))) } @else { "0" } }
            td.num { @if found.doubtful > 0 { (tag(Tone::Warn, &number(found.doubtful))) } @else { "0" } }
        }
    };
    html! { div #regions { (panel(
        &title,
        html! {},
        html! {
            div.scroll-x tabindex="0" role="region" aria-label=(title) {
                table.t.dense {
                    caption.vh { (title) }
                    thead { tr {
                        th scope="col" { (visit.t("enrolment.region")) } th.num scope="col" { (visit.t("hours.reported")) } th.num scope="col" { (visit.t("hours.voters")) }
                        th.num scope="col" { (visit.t("hours.share")) } th.num scope="col" { (visit.t("hours.unchecked")) } th.num scope="col" { (visit.t("hours.doubtful")) }
                    } }
                    tbody { @for (region, found) in shown.regions { tr { (row(&region_name(visit, region), found)) } } }
                    tfoot { tr { (row(&visit.t("hours.all"), &all)) } }
                }
            }
            @if !all.missing.is_empty() { (missing(visit, shown.regions)) }
        },
    )) } }
}

/// Precincts that did not report the hour, named.
fn missing(visit: &Visit<'_>, regions: &BTreeMap<String, RegionHour>) -> Markup {
    let without = regions
        .iter()
        .filter(|(_, found)| !found.missing.is_empty());
    html! {
        div.body {
            h3 { (visit.t("hours.missing")) }
            dl.kv { @for (region, found) in without {
                dt { (region_name(visit, region)) " (" (number(found.missing.len() as u64)) ")" }
                dd { @for precinct in &found.missing { a href={ "/hours/precinct/" (precinct) } { (format!("{precinct:04}")) } " " } }
            } }
        }
    }
}

fn region_name(visit: &Visit<'_>, region: &str) -> String {
    if region.is_empty() {
        visit.t("hours.no_region")
    } else {
        visit.t(&format!("region.{region}"))
    }
}

/// One precinct.
pub(crate) struct Precinct<'a> {
    pub code: PrecinctCode,
    pub station: Option<&'a Station>,
    /// Kits of its package; none: the package is not here.
    pub kits: Option<usize>,
    /// Hours whose figure is below an earlier one.
    pub falls: &'a [u8],
    pub hours: &'a Hours,
    pub rows: &'a [&'a HourRow],
    /// Whether each row came late, in their order.
    pub late: &'a [bool],
    /// Its local time minus UTC, minutes.
    pub offset_minutes: i64,
    /// When each figure's hour ended, in their order.
    pub ends: &'a [Instant],
}

pub(crate) fn precinct(visit: &Visit<'_>, shown: &Precinct<'_>) -> Markup {
    let title = visit.f("hours.precinct", &[("p", &shown.code.to_string())]);
    let lines = shown.station.map_or(0, |station| station.lines);
    let aside = html! { @if let Some(station) = shown.station {
        (region_name(visit, &station.region)) " · " (visit.f("hours.on_list", &[("n", &number(station.lines))]))
        @if shown.offset_minutes != visit.office.offset() { " · " (visit.t("hours.own_clock")) " " (zone(shown.offset_minutes)) }
    } };
    let body = html! {
        (heading(crumbs(visit), html! { (title) }, print_button(visit)))
        p.muted { (aside) }
        @if shown.kits.is_none() { (note(Tone::Warn, html! { p { (visit.t("hours.no_certificate")) } })) }
        div.mt { (panel(&visit.t("hours.figures"), html! { (visit.t("hours.cumulative")) }, figures(visit, shown, lines))) }
        div.mt { (panel(&visit.t("hours.everything"), html! { (visit.t("hours.kept")) }, messages(visit, shown))) }
    };
    shell(visit, Section::Day, &title, body)
}

fn figures(visit: &Visit<'_>, shown: &Precinct<'_>, lines: u64) -> Markup {
    if shown.hours.figures.is_empty() {
        return empty(
            &visit.t("hours.none"),
            html! { (visit.t("hours.none_next")) },
        );
    }
    html! { table.t.dense {
        caption.vh { (visit.t("hours.figures")) }
        thead { tr {
            th scope="col" { (visit.t("hours.by")) } th.num scope="col" { (visit.t("hours.voters")) } th.num scope="col" { (visit.t("hours.share")) }
            th scope="col" { (visit.t("hours.whose")) } th scope="col" { (visit.t("hours.origin")) } th scope="col" { (visit.t("hours.remarks")) }
        } }
        tbody { @for ((hour, figure), end) in shown.hours.figures.iter().zip(shown.ends) { tr {
            th scope="row" { (clock(visit, *hour)) @if shown.offset_minutes != visit.office.offset() { " " span.small.muted { "UTC " (local(visit, *end, 0)) } } } td.num { b { (number(figure.count)) } }
            td.num { @if lines > 0 { (percent(visit.language, figure.count, lines)) } }
            td { (whose(visit, figure, shown.kits)) } td { (proof_tag(visit, figure.proof)) }
            td {
                @if figure.number > 1 { (tag(Tone::Wait, &visit.t("hours.corrected"))) " " }
                @if figure.is_disputed { (tag(Tone::Stop, &visit.t("hours.disputed"))) " " }
                @if shown.falls.contains(hour) { (tag(Tone::Stop, &visit.t("hours.falls"))) }
            }
        } } }
    } }
}

fn whose(visit: &Visit<'_>, figure: &Figure, kits: Option<usize>) -> String {
    match (figure.parts, kits) {
        (None, _) => visit.t("hours.whole"),
        (Some(n), Some(m)) => visit.f(
            "hours.parts_of",
            &[("n", &n.to_string()), ("m", &m.to_string())],
        ),
        (Some(n), None) => visit.f("hours.parts", &[("n", &n.to_string())]),
    }
}

fn messages(visit: &Visit<'_>, shown: &Precinct<'_>) -> Markup {
    html! { div.scroll-x tabindex="0" role="region" aria-label=(visit.t("hours.everything")) { table.t.dense {
        caption.vh { (visit.t("hours.everything")) }
        thead { tr {
            th scope="col" { (visit.t("hours.by")) } th.num scope="col" { (visit.t("hours.voters")) } th scope="col" { (visit.t("hours.whose")) } th.num scope="col" { (visit.t("hours.number")) }
            th scope="col" { (visit.t("hours.received")) } th scope="col" { (visit.t("hours.channel")) } th scope="col" { (visit.t("hours.origin")) } th scope="col" { (visit.t("hours.place")) }
        } }
        tbody { @for ((row, place), is_late) in shown.rows.iter().zip(&shown.hours.places).zip(shown.late).rev() {
            @let said = row.kept.said;
            tr {
                th scope="row" { (clock(visit, said.hour)) } td.num { (number(u64::from(said.count))) }
                td { (visit.f("hours.kit", &[("n", &said.kit.to_string())])) ", " (visit.t(scope_key(said.scope))) } td.num { (said.number) }
                td { (visit.moment(row.at)) ", " (row.staff) @if *is_late { " " (tag(Tone::Warn, &visit.t("hours.late"))) } }
                td { (visit.t(&format!("hours_channel.{}", row.kept.channel.code()))) }
                td { (proof_tag(visit, row.kept.proof)) } td { (place_tag(visit, *place)) }
            }
        } }
    } } }
}

/// What a file of messages led to.
pub(crate) fn batch(visit: &Visit<'_>, batch: &HourBatch, refused: &[HourRefusedRow]) -> Markup {
    let n = batch.batch.to_string();
    let title = visit.f("hours.batch", &[("n", &n)]);
    let rejects = html! { @if !refused.is_empty() { a href={ "/hours/file/" (n) "/rejects" } { (visit.t("hours.rejects")) } } };
    let stat = |value: u64, key: &str, class: &str| html! { div class={ "stat " (class) } { b { (number(value)) } span { (visit.t(key)) } } };
    let body = html! {
        (heading(crumbs(visit), html! { (title) }, rejects))
        p.muted { (visit.moment(batch.at)) ", " (batch.staff) }
        div.stats.mt {
            (stat(batch.lines, "hours.lines", "")) (stat(batch.taken, "hours.new", "good")) (stat(batch.known, "hours.known_already", ""))
            (stat(batch.refused, "hours.refused", if batch.refused > 0 { "mid" } else { "" }))
        }
        @if !refused.is_empty() {
            div.mt { (panel(&visit.t("hours.refused_lines"), html! {}, html! { table.t.dense {
                caption.vh { (visit.t("hours.refused_lines")) }
                thead { tr { th.num scope="col" { (visit.t("hours.line")) } th scope="col" { (visit.t("hours.why")) } th scope="col" { (visit.t("hours.message")) } } }
                tbody { @for row in refused { tr { td.num { (row.line) } td { (reason(visit, &row.reason)) } td.mono.sum { (row.message) } } } }
            } })) }
        }
        p.mt { a href="/hours" { (visit.t("hours.back")) } }
    };
    shell(visit, Section::Day, &title, body)
}
