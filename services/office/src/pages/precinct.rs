//! Precincts: all of them with their lists, and one with its place, boundaries, turnout and lines.

use std::collections::BTreeMap;

use lexicon::handover::snapshot::{BoundaryRow, Extent, PrecinctRow};
use lexicon::{Instant, Language, Method, PersonId, PrecinctCode};
use maud::{Markup, html};
use screen::chart::columns;
use screen::components::{Tone, note, tag};
use screen::format::{number, percent};
use store::{DecisionRow, DeltaLine, Hit, ListPlace, ReleaseRow, TurnoutRow};

use super::after;
use super::parts::{Pager, empty, pager};
use super::search::linked;
use super::staff::in_force;
use super::{Section, heading, panel, print_button, shell};
use crate::role::Right;
use crate::territory::Territory;
use crate::visit::Visit;

mod map;

/// All precincts of a release.
pub(crate) struct Precincts<'a> {
    pub release: &'a ReleaseRow,
    pub rows: &'a [PrecinctRow],
    pub lines: &'a BTreeMap<PrecinctCode, u64>,
    pub turnout: &'a BTreeMap<PrecinctCode, u64>,
    pub pager: Pager,
}

pub(crate) fn table(visit: &Visit<'_>, shown: &Precincts<'_>) -> Markup {
    let n = shown.release.number.to_string();
    let title = visit.f("precinct.all", &[("n", &n)]);
    let has_turnout = !shown.turnout.is_empty();
    let crumbs = html! { a href={ "/list/" (n) } { (visit.f("list.name", &[("n", &n)])) } " · " (visit.t("precinct.crumb")) };
    let body = html! {
        (heading(crumbs, html! { (title) }, print_button(visit)))
        div.mt { (panel(&visit.t("precinct.crumb"), html! {}, html! {
            table.t.dense {
                caption.vh { (title) }
                thead { tr {
                    th scope="col" { (visit.t("precinct.number")) } th scope="col" { (visit.t("precinct.kind")) } th scope="col" { (visit.t("enrolment.region")) }
                    th scope="col" { (visit.t("precinct.address")) } th.num scope="col" { (visit.t("precinct.lines")) }
                    @if has_turnout { th.num scope="col" { (visit.t("turnout.counted")) } th.num scope="col" { (visit.t("turnout.share")) } }
                } }
                tbody { @for row in shown.rows {
                    @let lines = shown.lines.get(&row.precinct).copied().unwrap_or(0);
                    tr {
                        td { a href={ "/list/" (n) "/precinct/" (row.precinct) } { b { (row.precinct) } } }
                        td { (kind(visit, &row.kind)) } td { (visit.t(&format!("region.{}", row.region))) } td { (address(visit, row)) }
                        td.num { (number(lines)) }
                        @if has_turnout {
                            @let counted = shown.turnout.get(&row.precinct).copied().unwrap_or(0);
                            td.num { (number(counted)) } td.num { (percent(visit.language, counted, lines)) }
                        }
                    }
                } }
            }
            (pager(visit, &shown.pager))
        })) }
    };
    shell(visit, Section::List, &title, body)
}

fn kind(visit: &Visit<'_>, code: &str) -> String {
    visit.t(&format!("precinct_kind.{code}"))
}

fn address<'r>(visit: &Visit<'_>, row: &'r PrecinctRow) -> &'r str {
    match visit.language {
        Language::Ky => &row.address_ky,
        Language::Ru | Language::En => &row.address_ru,
    }
}

/// One precinct.
pub(crate) struct Precinct<'a> {
    pub release: &'a ReleaseRow,
    pub row: &'a PrecinctRow,
    pub lines: u64,
    /// Signed changes of its list after the release.
    pub changes: &'a [DeltaLine],
    pub boundaries: &'a [BoundaryRow],
    /// Printed names of the streets in the boundaries.
    pub streets: &'a BTreeMap<String, String>,
    /// The moment of the latest report, and its rows.
    pub turnout: Option<(Instant, Vec<TurnoutRow>)>,
    /// Where precincts lie.
    pub territory: &'a Territory,
    /// Houses from which people stand on the list, microdegrees; none when the role may not see the list.
    pub homes: &'a [(i32, i32)],
    /// The lines of this page with the persons on them; none when the role may not see them.
    pub list: Option<Lines<'a>>,
}

/// A page of the list.
pub(crate) struct Lines<'a> {
    pub decisions: &'a [DecisionRow],
    pub persons: &'a BTreeMap<PersonId, Hit>,
    pub pager: Pager,
}

pub(crate) fn page(visit: &Visit<'_>, shown: &Precinct<'_>) -> Markup {
    let n = shown.release.number.to_string();
    let code = shown.row.precinct.to_string();
    let title = visit.f("precinct.title", &[("p", &code)]);
    let crumbs = html! {
        a href={ "/list/" (n) } { (visit.f("list.name", &[("n", &n)])) } " · "
        a href={ "/list/" (n) "/precincts" } { (visit.t("precinct.crumb")) } " · " (code)
    };
    let stage = visit.t(&format!("stage.{}", shown.release.stage));
    let body = html! {
        (heading(crumbs, html! { (title) ", " (kind(visit, &shown.row.kind)) }, html! { (in_force(visit)) (print_button(visit)) }))
        div.precinct {
            div.stack {
                (after::of_precinct(visit, shown.changes, shown.lines, shown.list.as_ref().map(|lines| lines.persons)))
                (list(visit, shown))
            }
            div.stack { (place(visit, shown, &stage)) (map::show(visit, shown)) (boundaries(visit, shown)) (turnout(visit, shown)) }
        }
    };
    shell(visit, Section::List, &title, body)
}

fn place(visit: &Visit<'_>, shown: &Precinct<'_>, stage: &str) -> Markup {
    let row = shown.row;
    let max = u64::from(visit.office.law.list.precinct_voters_max);
    let degrees = |micro: i32| {
        let text = format!("{:.5}", f64::from(micro) / 1e6);
        if visit.language == Language::En {
            text
        } else {
            text.replace('.', ",")
        }
    };
    panel(
        &visit.t("precinct.place"),
        html! { (visit.f("list.name", &[("n", &shown.release.number.to_string())])) ", " (stage) },
        html! {
            div.body { dl.kv.side-kv-flat {
                dt { (visit.t("precinct.lines")) } dd { (number(shown.lines)) @if shown.lines > max { " " (tag(Tone::Warn, &visit.t("precinct.too_large"))) } }
                dt { (visit.t("precinct.pages")) } dd { (number(shown.lines.div_ceil(u64::from(visit.office.law.list.lines_per_page)))) }
                dt { (visit.t("precinct.address")) } dd { (address(visit, row)) br; span.muted.light lang=(if visit.language == Language::Ky { "ru" } else { "ky" }) { (if visit.language == Language::Ky { &row.address_ru } else { &row.address_ky }) } }
                dt { (visit.t("enrolment.region")) } dd { (visit.t(&format!("region.{}", row.region))) }
                dt { (visit.t("precinct.soate")) } dd { (row.soate) }
                dt { (visit.t("precinct.point")) } dd { (degrees(row.lat_microdegrees)) "; " (degrees(row.lon_microdegrees)) }
            } }
        },
    )
}

fn boundaries(visit: &Visit<'_>, shown: &Precinct<'_>) -> Markup {
    let title = visit.t("boundary.title");
    let polygons = shown
        .boundaries
        .iter()
        .filter(|b| matches!(b.extent, Extent::Polygon(_)))
        .count() as u64;
    let ranges = shown.boundaries.len() as u64 - polygons;
    if shown.boundaries.is_empty() {
        return panel(&title, html! {}, empty(&visit.t("boundary.none"), html! {}));
    }
    panel(
        &title,
        html! { (visit.n("boundary.polygons", polygons)) " · " (visit.n("boundary.ranges", ranges)) },
        html! {
            @if ranges == 0 { div.body { p { (visit.t("boundary.polygon_only")) } } } @else {
                table.t.dense {
                    caption.vh { (title) }
                    thead { tr { th scope="col" { (visit.t("boundary.street")) } th scope="col" { (visit.t("boundary.side")) } th.num scope="col" { (visit.t("boundary.houses")) } } }
                    tbody { @for row in shown.boundaries {
                        @if let Extent::Range { street, parity, from, to } = &row.extent {
                            tr {
                                td { (shown.streets.get(street).unwrap_or(street)) } td { (visit.t(&format!("parity.{parity}"))) }
                                td.num { (from) "–" (to) }
                            }
                        }
                    } }
                }
            }
        },
    )
}

fn turnout(visit: &Visit<'_>, shown: &Precinct<'_>) -> Markup {
    let title = visit.t("turnout.title");
    let Some((as_of, rows)) = &shown.turnout else {
        return panel(&title, html! {}, empty(&visit.t("turnout.none"), html! {}));
    };
    let mut hours: BTreeMap<u8, u64> = BTreeMap::new();
    let mut methods: BTreeMap<Method, u64> = BTreeMap::new();
    for row in rows {
        *hours.entry(row.hour).or_default() += u64::from(row.voters);
        *methods.entry(row.method).or_default() += u64::from(row.voters);
    }
    let counted: u64 = hours.values().sum();
    let values: Vec<(String, u64)> = hours
        .iter()
        .map(|(hour, voters)| (format!("{hour:02}"), *voters))
        .collect();
    let share = percent(visit.language, counted, shown.lines);
    panel(
        &title,
        html! { (visit.f("home.as_of", &[("t", &visit.moment(*as_of))])) },
        html! {
            div.body {
                p { b.big-figure { (number(counted)) } " " (visit.f("turnout.of_list", &[("n", &number(shown.lines)), ("p", &share)])) }
                @if !values.is_empty() { (columns(&values, &visit.t("turnout.by_hour"))) }
                dl.kv.mt-s { @for (method, voters) in &methods {
                    dt { (visit.t(&format!("method.{}", method.code()))) } dd { (number(*voters)) }
                } }
            }
        },
    )
}

fn list(visit: &Visit<'_>, shown: &Precinct<'_>) -> Markup {
    let title = visit.t("precinct.list");
    let Some(lines) = &shown.list else {
        let roles: Vec<String> = Right::SeeLines
            .roles()
            .iter()
            .map(|role| visit.t(&format!("role.{}", role.code())))
            .collect();
        let said = if visit.may(Right::SeeLines) {
            let url = format!("/reason?next={}", crate::serve::encode(&visit.url));
            html! { p { (visit.t("precinct.needs_reason")) } p { a.btn.sec href=(url) { (visit.t("reason.title")) } } }
        } else {
            html! { p { (visit.f("precinct.names_for", &[("roles", &roles.join(", "))])) } }
        };
        return panel(
            &title,
            html! {},
            html! { div.body { (note(Tone::Wait, said)) } },
        );
    };
    if lines.decisions.is_empty() {
        return panel(
            &title,
            html! {},
            empty(&visit.t("precinct.empty"), html! {}),
        );
    }
    let purpose = visit.look().purpose;
    panel(
        &title,
        html! { (visit.t("precinct.names_now")) },
        html! {
            table.t.dense {
                caption.vh { (title) }
                thead { tr {
                    th.num scope="col" { (visit.t("precinct.page")) } th.num scope="col" { (visit.t("precinct.line")) } th scope="col" { (visit.t("person.name")) }
                    @if visit.may(Right::FindPersons) { th scope="col" { (visit.t("person.born")) } th scope="col" { (visit.t("precinct.by")) } }
                } }
                tbody { @for decision in lines.decisions {
                    @if let ListPlace::Listed { line, page, .. } = decision.place {
                        tr id={ "line-" (line) } {
                            td.num { (page) } td.num { b { (line) } @if let Some(change) = shown.changes.iter().rfind(|change| change.line == line) { " " (after::act_tag(visit, change.kind)) } }
                            @match lines.persons.get(&decision.person) {
                                Some(hit) => {
                                    td { (linked(visit, hit)) }
                                    @if visit.may(Right::FindPersons) { td { (visit.day(*hit.born.open(purpose))) } td { (by(visit, decision)) } }
                                },
                                None => td { span.muted { (visit.t("precinct.gone")) } },
                            }
                        }
                    }
                } }
            }
            (pager(visit, &lines.pager))
        },
    )
}

/// How the precinct was found: by residence or by Form 2.
fn by(visit: &Visit<'_>, decision: &DecisionRow) -> Markup {
    match decision.evidence.split_once('/') {
        Some(("claims", id)) => {
            html! { @if visit.may(Right::SeeClaims) { a href={ "/claim/" (id) } { (visit.t("precinct.by_claim")) } } @else { (visit.t("precinct.by_claim")) } }
        }
        Some(_) | None => html! { span.muted { (visit.t("precinct.by_residence")) } },
    }
}
