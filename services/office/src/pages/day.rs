//! The end of the day: regions with who is missing, a precinct's worksheet, the marked roll, doubles, incidents.

use std::collections::BTreeMap;

use lexicon::{Method, PersonId, PrecinctCode};
use maud::{Markup, html};
use screen::components::{Tone, note, tag};
use screen::format::{number, percent};
use store::{DayIncident, DayKit, DayMark, DayPrecinct, DecisionRow, Hit, ListPlace};

use super::parts::{Pager, empty, error_summary, name, pager};
use super::{Section, heading, panel, paper_day, print_button, shell};
use crate::paper_day::PaperDay;
use crate::role::Right;
use crate::visit::Visit;

/// Incidents that have words of their own.
pub(crate) const INCIDENTS: [&str; 11] = [
    "DUPLICATE",
    "LATE",
    "AFTER_RETIREMENT",
    "NO_RIGHT",
    "RECEIPT_DIFFERS",
    "EQUIVOCATION",
    "TAKEOVER_TWICE",
    "OVERRIDE_QUOTA",
    "CLOCK",
    "SLIP_TWICE",
    "TOTALS_TWICE",
];

/// A region's day.
#[derive(Default)]
pub(crate) struct Region {
    pub stations: u64,
    pub handed_in: u64,
    pub lines: u64,
    pub counted: u64,
    pub incidents: u64,
    pub missing: Vec<u16>,
    /// Precincts of which a journal or a final report is missing.
    pub parts: Vec<u16>,
    /// Precincts whose final report counts otherwise than the journals.
    pub differing: Vec<u16>,
}

/// The country.
pub(crate) struct Overview<'a> {
    pub regions: &'a BTreeMap<String, Region>,
    /// The precinct whose file was just taken.
    pub taken: Option<u16>,
    pub is_known: bool,
    /// Why a file was not taken, as a code.
    pub wrong: Option<&'a str>,
}

/// Links between the pages of election day.
pub(crate) fn tabs(visit: &Visit<'_>) -> Markup {
    html! {
        a href="/hours" { (visit.t("hours.title")) } " · " a href="/tickets" { (visit.t("tickets.title")) } " · " a href="/day" { (visit.t("day.title")) } " · " a href="/day/incidents" { (visit.t("day.incidents")) } " · " a href="/day/paper" { (visit.t("day_paper.title")) } " · " a href="/day/days" { (visit.t("second_day.title")) } " · " a href="/protocols" { (visit.t("protocols.title")) } " · " a href="/rehearsal" { (visit.t("rehearsal.title")) }
        @if visit.may(Right::SeeMarked) { " · " a href="/day/doubles" { (visit.t("day.doubles")) } " · " a href="/day/pictures" { (visit.t("picture.title")) } " · " a href="/day/captures" { (visit.t("captures.title")) } }
    }
}

pub(crate) fn region_name(visit: &Visit<'_>, region: &str) -> String {
    if region.is_empty() {
        visit.t("hours.no_region")
    } else {
        visit.t(&format!("region.{region}"))
    }
}

fn incident_name(visit: &Visit<'_>, code: &str) -> String {
    if INCIDENTS.contains(&code) {
        visit.t(&format!("day_incident.{}", code.to_lowercase()))
    } else {
        code.to_owned()
    }
}

pub(crate) fn overview(visit: &Visit<'_>, shown: &Overview<'_>) -> Markup {
    let name = visit.t("day.title");
    let title = match shown.wrong {
        Some(_) => format!("{} {name}", visit.t("error.title")),
        None => name.clone(),
    };
    let tables = html! {
        a href="/day/table/precincts" { (visit.t("hours.csv_precincts")) } a href="/day/table/incidents" { (visit.t("day.csv_incidents")) } (print_button(visit))
    };
    let body = html! {
        (heading(tabs(visit), html! { (name) }, tables))
        @if let Some(precinct) = shown.taken { div role="status" { (note(Tone::Ok, html! { p {
            (visit.f("day.taken", &[("p", &format!("{precinct:04}"))])) " " a href={ "/day/precinct/" (precinct) } { (visit.t("day.worksheet")) }
        } })) } }
        @if shown.is_known { div role="status" { (note(Tone::Ok, html! { p { (visit.t("day.known")) } })) } }
        div.cols.start.mt {
            div.stack { (regions(visit, shown)) }
            @if visit.may(Right::TakeDay) { (form(visit, shown.wrong)) }
        }
    };
    shell(visit, Section::Day, &title, body)
}

fn regions(visit: &Visit<'_>, shown: &Overview<'_>) -> Markup {
    let title = visit.t("day.by_region");
    if shown.regions.is_empty() {
        return panel(
            &title,
            html! {},
            empty(
                &visit.t("hours.none"),
                html! { (visit.t("hours.no_lists")) },
            ),
        );
    }
    let sum = |of: fn(&Region) -> u64| shown.regions.values().map(of).sum::<u64>();
    let row = |first: &str, n: [u64; 6]| {
        html! {
            th scope="row" { (first) } td.num { (number(n[1])) " / " (number(n[0])) } td.num { b { (number(n[3])) } }
            td.num { @if n[2] > 0 { (percent(visit.language, n[3], n[2])) } @else { "–" } }
            td.num { (number(n[4])) } td.num { @if n[5] > 0 { (tag(Tone::Warn, &number(n[5]))) } @else { "0" } }
        }
    };
    panel(
        &title,
        html! {},
        html! {
            div.scroll-x tabindex="0" role="region" aria-label=(title) { table.t.dense {
                caption.vh { (title) }
                thead { tr {
                    th scope="col" { (visit.t("enrolment.region")) } th.num scope="col" { (visit.t("day.handed_in")) } th.num scope="col" { (visit.t("hours.voters")) }
                    th.num scope="col" { (visit.t("day.of_lists")) } th.num scope="col" { (visit.t("day.incidents")) } th.num scope="col" { (visit.t("day.parts")) }
                } }
                tbody { @for (region, r) in shown.regions {
                    tr { (row(&region_name(visit, region), [r.stations, r.handed_in, r.lines, r.counted, r.incidents, r.parts.len() as u64])) }
                } }
                tfoot { tr { (row(&visit.t("hours.all"), [sum(|r| r.stations), sum(|r| r.handed_in), sum(|r| r.lines), sum(|r| r.counted), sum(|r| r.incidents), sum(|r| r.parts.len() as u64)])) } }
            } }
            (named(visit, "day.missing", shown.regions, |r| &r.missing, None))
            (named(visit, "day.parts_list", shown.regions, |r| &r.parts, Some("/day/precinct/")))
            (named(visit, "day.differing", shown.regions, |r| &r.differing, Some("/day/precinct/")))
        },
    )
}

/// Precincts by region, by number.
fn named(
    visit: &Visit<'_>,
    key: &str,
    regions: &BTreeMap<String, Region>,
    of: fn(&Region) -> &Vec<u16>,
    link: Option<&str>,
) -> Markup {
    let with: Vec<(&String, &Vec<u16>)> = regions
        .iter()
        .map(|(name, region)| (name, of(region)))
        .filter(|(_, precincts)| !precincts.is_empty())
        .collect();
    html! { @if !with.is_empty() { div.body {
        h3 { (visit.t(key)) }
        dl.kv { @for (region, precincts) in with {
            dt { (region_name(visit, region)) " (" (number(precincts.len() as u64)) ")" }
            dd { @for precinct in precincts {
                @match link { Some(link) => a href={ (link) (precinct) } { (format!("{precinct:04}")) }, None => (format!("{precinct:04}")) } " "
            } }
        } }
    } } }
}

fn form(visit: &Visit<'_>, wrong: Option<&str>) -> Markup {
    let said = wrong.map(|code| visit.t(&format!("day_refused.{code}")));
    let summary: Vec<(&str, String)> = said.iter().map(|said| ("list", said.clone())).collect();
    panel(
        &visit.t("day.form"),
        html! {},
        html! {
            form.body.stack method="post" action="/day" enctype="multipart/form-data" {
                @if !summary.is_empty() { (error_summary(visit, &summary)) }
                div class={ "field" @if said.is_some() { " err" } } {
                    label for="list" { (visit.t("day.file")) }
                    p.hint id="list-hint" { (visit.t("day.file_hint")) }
                    @if let Some(said) = &said { p.msg { (said) } }
                    input.input id="list" name="list" type="file" accept=".journal,.cose,.grant,.sealed" required aria-describedby="list-hint";
                }
                button.btn.js-once type="submit" { (visit.t("day.take")) }
            }
        },
    )
}

/// A page of the paper list.
pub(crate) struct Sheet {
    pub page: u32,
    pub from: u32,
    pub to: u32,
    pub marks: u64,
    /// Signatures that people counted on it, and the marks of the hall minus them.
    pub counted: Option<(u32, i64)>,
}

/// Every page, and what stands on the supplement.
pub(crate) struct Sheets {
    pub rows: Vec<Sheet>,
    pub supplement: u64,
    pub supplement_counted: Option<(u32, i64)>,
}

/// One precinct.
pub(crate) struct Precinct<'a> {
    pub day: &'a DayPrecinct,
    pub kits: &'a [DayKit],
    pub marks: &'a [DayMark],
    pub incidents: &'a [&'a DayIncident],
    pub sheets: &'a Sheets,
    /// What the precinct counted on paper, where its final report says so.
    pub paper: Option<&'a PaperDay>,
}

pub(crate) fn precinct(visit: &Visit<'_>, shown: &Precinct<'_>) -> Markup {
    let day = shown.day;
    let code = day.precinct.to_string();
    let title = visit.f("day.precinct", &[("p", &code)]);
    let right = html! {
        a href={ "/day/worksheet/" (code) } { (visit.t("day.csv_worksheet")) }
        @if visit.may(Right::SeeMarked) { a href={ "/day/marked/" (code) } { (visit.t("day.marked")) } }
        (print_button(visit))
    };
    let body = html! {
        (heading(tabs(visit), html! { (title) }, right))
        div.stack.mt {
            @if !day.is_whole { (note(Tone::Warn, html! { p { (visit.t("day.not_whole")) } })) }
        @match day.reported {
            Some(reported) if reported != day.counted => (note(Tone::Stop, html! { p { (visit.f("day.report_differs", &[("r", &number(reported)), ("n", &number(day.counted))])) } })),
            Some(_) => (note(Tone::Ok, html! { p { (visit.f("day.report_agrees", &[("n", &number(day.counted))])) } })),
            None => (note(Tone::Warn, html! { p { (visit.t("day.no_report")) } })),
        }
        }
        div.cols.start.mt {
            (panel(&visit.t("day.worksheet"), html! { a href={ "/day/pages/" (code) } { (visit.t("page_count.link")) } }, worksheet(visit, shown)))
            div.stack { (paper_day::panel_of(visit, day.counted, shown.paper)) (methods(visit, shown.marks)) (kits(visit, shown.kits)) (precinct_incidents(visit, shown.incidents)) }
        }
    };
    shell(visit, Section::Day, &title, body)
}

fn worksheet(visit: &Visit<'_>, shown: &Precinct<'_>) -> Markup {
    let blank = || html! { td.num { "______" } td.num { "______" } };
    let counted = |of: Option<(u32, i64)>| match of {
        Some((signatures, off)) => html! { td.num { (signatures) } td.num { (off) } },
        None => blank(),
    };
    html! { div.scroll-x tabindex="0" role="region" aria-label=(visit.t("day.worksheet")) { table.t.dense {
        caption.vh { (visit.t("day.worksheet")) }
        thead { tr {
            th.num scope="col" { (visit.t("day.page")) } th scope="col" { (visit.t("day.lines")) } th.num scope="col" { (visit.t("day.marks")) }
            th.num scope="col" { (visit.t("day.signatures")) } th.num scope="col" { (visit.t("day.difference")) }
        } }
        tbody {
            @for sheet in &shown.sheets.rows { tr {
                th.num scope="row" { (sheet.page) } td { (sheet.from) "–" (sheet.to) } td.num { (sheet.marks) } (counted(sheet.counted))
            } }
            tr { th scope="row" colspan="2" { (visit.t("day.supplement")) } td.num { (shown.sheets.supplement) } (counted(shown.sheets.supplement_counted)) }
        }
        tfoot {
            @match shown.paper {
                Some(paper) => {
                    @let off = paper.differences(shown.day.counted);
                    tr { th scope="row" colspan="2" { (visit.t("hours.all")) } td.num { b { (number(shown.day.counted)) } } td.num { b { (paper.totals.signatures) } } td.num { (off.signatures) } }
                    tr { th scope="row" colspan="2" { (visit.t("day.ballots")) } td.num {} td.num { (paper.totals.issued) } td.num { (off.issued) } }
                },
                None => {
                    tr { th scope="row" colspan="2" { (visit.t("hours.all")) } td.num { b { (number(shown.day.counted)) } } (blank()) }
                    tr { th scope="row" colspan="2" { (visit.t("day.ballots")) } td.num {} (blank()) }
                },
            }
        }
    } } }
}

fn methods(visit: &Visit<'_>, marks: &[DayMark]) -> Markup {
    let count = |method: Method| marks.iter().filter(|mark| mark.method == method).count() as u64;
    panel(
        &visit.t("day.methods"),
        html! {},
        html! { div.body { dl.kv {
            @for method in Method::ALL { dt { (visit.t(&format!("method.{}", method.code()))) } dd { (number(count(*method))) } }
            dt { b { (visit.t("hours.all")) } } dd { b { (number(marks.len() as u64)) } }
        } } },
    )
}

fn kits(visit: &Visit<'_>, kits: &[DayKit]) -> Markup {
    let state = |kit: &DayKit| match (kit.is_retired, kit.events, kit.is_closed, kit.has_report) {
        (true, _, _, _) => (Tone::Wait, "day.kit_retired"),
        (_, 0, _, _) => (Tone::Stop, "day.kit_missing"),
        (_, _, false, _) => (Tone::Warn, "day.kit_open"),
        (_, _, true, false) => (Tone::Warn, "day.kit_no_report"),
        (_, _, true, true) => (Tone::Ok, "day.kit_whole"),
    };
    panel(
        &visit.t("day.kits"),
        html! {},
        html! { table.t.dense.tight {
            caption.vh { (visit.t("day.kits")) }
            thead { tr { th scope="col" { (visit.t("day.kit")) } th.num scope="col" { (visit.t("day.events")) } th.num scope="col" { (visit.t("day.acts")) } th scope="col" { (visit.t("day.state")) } } }
            tbody { @for kit in kits { @let (tone, key) = state(kit); tr {
                th scope="row" { (kit.name) } td.num { (number(kit.events)) } td.num { (number(kit.acts)) } td { (tag(tone, &visit.t(key))) }
            } } }
        } },
    )
}

fn precinct_incidents(visit: &Visit<'_>, incidents: &[&DayIncident]) -> Markup {
    panel(
        &visit.t("day.incidents"),
        html! {},
        html! {
            @if incidents.is_empty() { div.body { p { (visit.t("day.no_incidents")) } } } @else { table.t.dense {
                caption.vh { (visit.t("day.incidents")) }
                thead { tr { th scope="col" { (visit.t("day.incident")) } th.num scope="col" { (visit.t("day.line")) } th scope="col" { (visit.t("day.evidence")) } } }
                tbody { @for incident in incidents { tr {
                    td { (incident_name(visit, &incident.code)) } td.num { @if incident.line > 0 { (incident.line) } } td.small { (incident.evidence) }
                } } }
            } }
        },
    )
}

/// A part of the marked roll.
pub(crate) struct Marked<'a> {
    pub day: &'a DayPrecinct,
    pub lines: &'a [DecisionRow],
    pub names: &'a BTreeMap<PersonId, Hit>,
    pub marks: &'a BTreeMap<u32, &'a DayMark>,
    pub is_first: bool,
}

pub(crate) fn marked(visit: &Visit<'_>, shown: &Marked<'_>) -> Markup {
    let code = shown.day.precinct.to_string();
    let title = visit.f("day.marked_of", &[("p", &code)]);
    let base = format!("/day/marked/{code}");
    let line = |row: &DecisionRow| match row.place {
        ListPlace::Listed { line, .. } => line,
        ListPlace::Excluded(_) => 0,
    };
    let is_full = shown.lines.len() >= super::parts::PAGE_ROWS as usize;
    let next = shown.lines.last().filter(|_| is_full).map(line);
    let body = html! {
        (heading(tabs(visit), html! { (title) }, html! { a href={ "/day/precinct/" (code) } { (visit.t("day.worksheet")) } (print_button(visit)) }))
        p.muted { (visit.f("day.marked_sum", &[("n", &number(shown.day.counted)), ("m", &number(shown.day.lines))])) }
        section.panel.mt {
            table.t.dense {
                caption.vh { (title) }
                thead { tr {
                    th.num scope="col" { (visit.t("day.line")) } th scope="col" { (visit.t("day.name")) } th scope="col" { (visit.t("day.mark")) }
                } }
                tbody { @for row in shown.lines { @let at = line(row); tr {
                    th.num scope="row" { (at) }
                    td { @if let Some(hit) = shown.names.get(&row.person) { (name(hit.name.open(lexicon::Purpose::Serve))) } }
                    td { @match shown.marks.get(&at) {
                        Some(mark) => { (tag(Tone::Ok, &visit.t("day.voted"))) " " span.small { (visit.time(mark.at)) ", " (mark.kit) ", " (visit.t(&format!("method.{}", mark.method.code()))) } },
                        None => span.muted { "–" },
                    } }
                } } }
            }
            (pager(visit, &Pager {
                first: (!shown.is_first).then(|| base.clone()),
                next: next.map(|line| format!("{base}?after={line}")),
                shown: visit.n("pager.rows", shown.lines.len() as u64),
            }))
        }
    };
    shell(visit, Section::Day, &title, body)
}

/// Marks of one person, or of persons who share a PIN, in several precincts.
pub(crate) struct Doubled {
    pub shares_pin: bool,
    pub marks: Vec<(PrecinctCode, DayMark)>,
}

pub(crate) fn doubles(
    visit: &Visit<'_>,
    found: &[Doubled],
    names: &BTreeMap<PersonId, Hit>,
) -> Markup {
    let title = visit.t("day.doubles");
    let body = html! {
        (heading(tabs(visit), html! { (title) }, print_button(visit)))
        p.muted { (visit.t("day.doubles_lead")) }
        div.mt { (panel(&title, html! {}, html! {
            @if found.is_empty() { (empty(&visit.t("day.no_doubles"), html! { a href="/day" { (visit.t("day.title")) } })) } @else { table.t.dense {
                caption.vh { (title) }
                thead { tr { th scope="col" { (visit.t("day.who")) } th scope="col" { (visit.t("day.how_known")) } th scope="col" { (visit.t("day.where")) } } }
                tbody { @for doubled in found { tr {
                    td { @for person in persons(doubled) { p {
                        @if let Some(hit) = names.get(&person) { (name(hit.name.open(lexicon::Purpose::Serve))) " " }
                        @if let Some(url) = visit.person_url(person) { a href=(url) { (visit.t("day.person")) } }
                    } } }
                    td { (visit.t(if doubled.shares_pin { "day.same_pin" } else { "day.same_person" })) }
                    td { @for (precinct, mark) in &doubled.marks { p {
                        a href={ "/day/precinct/" (precinct) } { (precinct) } ", " (visit.f("day.line_n", &[("n", &mark.line.to_string())])) ", " (visit.moment(mark.at)) ", " (mark.kit)
                    } } }
                } } }
            } }
        })) }
    };
    shell(visit, Section::Day, &title, body)
}

fn persons(doubled: &Doubled) -> Vec<PersonId> {
    let mut persons: Vec<PersonId> = doubled
        .marks
        .iter()
        .filter_map(|(_, mark)| mark.person)
        .collect();
    persons.sort_unstable();
    persons.dedup();
    persons
}

pub(crate) fn incidents(
    visit: &Visit<'_>,
    counts: &BTreeMap<String, u64>,
    code: Option<&str>,
    shown: &[&(PrecinctCode, DayIncident)],
) -> Markup {
    let title = visit.t("day.incidents");
    let all: u64 = code.map_or_else(
        || counts.values().sum(),
        |code| counts.get(code).copied().unwrap_or(0),
    );
    let body = html! {
        (heading(tabs(visit), html! { (title) }, html! { a href="/day/table/incidents" { (visit.t("day.csv_incidents")) } (print_button(visit)) }))
        nav.classes aria-label=(title) {
            a href="/day/incidents" aria-current=[code.is_none().then_some("true")] { (visit.t("hours.all")) }
            @for (known, n) in counts {
                a href={ "/day/incidents?code=" (known) } aria-current=[(code == Some(known.as_str())).then_some("true")] { (incident_name(visit, known)) " (" (number(*n)) ")" }
            }
        }
        div.mt { (panel(&title, html! { (visit.f("day.shown_of", &[("n", &number(shown.len() as u64)), ("m", &number(all))])) }, html! {
            @if shown.is_empty() { div.body { p { (visit.t("day.no_incidents")) } } } @else { table.t.dense {
                caption.vh { (title) }
                thead { tr { th scope="col" { (visit.t("precinct.number")) } th scope="col" { (visit.t("day.incident")) } th.num scope="col" { (visit.t("day.line")) } th scope="col" { (visit.t("day.evidence")) } } }
                tbody { @for (precinct, incident) in shown { tr {
                    th scope="row" { a href={ "/day/precinct/" (precinct) } { (precinct) } } td { (incident_name(visit, &incident.code)) }
                    td.num { @if incident.line > 0 { (incident.line) } } td.small { (incident.evidence) }
                } } }
            } }
        })) }
    };
    shell(visit, Section::Day, &title, body)
}
