//! Precinct boundaries: places, the editor with its map and its form, what a change does, a proposed change.

use std::collections::BTreeMap;

use lexicon::PrecinctCode;
use lexicon::handover::snapshot::{AddressRow, BoundaryRow, Extent, PrecinctRow};
use maud::{Markup, html};
use screen::MapView;
use screen::components::{Tone, note, tag};
use screen::format::number;
use store::{BoundaryChange, Hit, Institution};

use super::parts::{empty, error_summary, name as person_name};
use super::staff::in_force;
use super::{Section, heading, panel, shell};
use crate::boundaries::{Effect, micro};
use crate::desks::boundaries::rings;
use crate::planner::Street;
use crate::role::Right;
use crate::territory::Ring;
use crate::visit::Visit;

/// A place in an address: its code with a dash, so that no address holds fourteen digits in a row as a PIN does.
pub(crate) fn place_key(soate: u64) -> String {
    let code = format!("{soate:014}");
    let (area, rest) = code.split_at(5);
    format!("{area}-{rest}")
}

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 520.0;

/// Faults of a change that are shown, those that forbid saving first: a range says the same of every house.
const FAULTS_SHOWN: usize = 25;

/// Places with their territorial precincts.
pub(crate) struct Places<'a, N> {
    pub places: &'a BTreeMap<u64, Vec<PrecinctRow>>,
    pub names: &'a N,
    pub changes: &'a [BoundaryChange],
}

pub(crate) fn places<N: Fn(u64) -> String>(visit: &Visit<'_>, shown: &Places<'_, N>) -> Markup {
    let title = visit.t("borders.title");
    let body = html! {
        (heading(html! { (visit.t("nav.boundaries")) }, html! { (title) }, html! {}))
        div.cols.mt {
            (panel(&visit.t("borders.places"), html! {}, html! {
                table.t.dense {
                    caption.vh { (visit.t("borders.places")) }
                    thead { tr { th scope="col" { (visit.t("borders.place")) } th scope="col" { (visit.t("borders.precincts")) } } }
                    tbody { @for (soate, precincts) in shown.places { tr {
                        td { a href={ "/boundaries/" (place_key(*soate)) } { ((shown.names)(*soate)) } }
                        td { @for (at, row) in precincts.iter().enumerate() { @if at > 0 { ", " } (row.precinct) } }
                    } } }
                }
            }))
            (panel(&visit.t("borders.changes"), html! {}, html! {
                @if shown.changes.is_empty() { (empty(&visit.t("borders.no_changes"), html! {})) } @else {
                    table.t.dense {
                        caption.vh { (visit.t("borders.changes")) }
                        thead { tr { th.num scope="col" { (visit.t("upload.edition")) } th scope="col" { (visit.t("borders.valid_from")) } th.num scope="col" { (visit.t("borders.voters")) } th scope="col" { (visit.t("upload.state")) } } }
                        tbody { @for change in shown.changes.iter().rev() { tr {
                            td.num { a href={ "/boundaries/change/" (change.change) } { b { (change.change) } } }
                            td { (visit.day(visit.date(change.valid_from))) }
                            td.num { (number(change.moved)) }
                            td { (state(visit, change)) }
                        } } }
                    }
                }
            }))
        }
    };
    shell(visit, Section::Boundaries, &title, body)
}

fn state(visit: &Visit<'_>, change: &BoundaryChange) -> Markup {
    let (tone, key) = if !change.is_approved() {
        (Tone::Wait, "boundary_state.proposed")
    } else if change.valid_from > visit.office.now() {
        (Tone::Ok, "boundary_state.approved")
    } else {
        (Tone::Ok, "boundary_state.in_force")
    };
    tag(tone, &visit.t(key))
}

/// What the form holds.
pub(crate) struct Written {
    pub corners: String,
    pub ranges: String,
    pub reason: String,
    pub valid_from: String,
}

pub(crate) use planner::Planner;

mod planner;

/// The editor of one place.
pub(crate) struct Editor<'a> {
    pub soate: u64,
    pub name: &'a str,
    pub boundaries: &'a [BoundaryRow],
    pub houses: &'a [AddressRow],
    /// The streets that ranges name, by id.
    pub streets: &'a BTreeMap<String, Street>,
    /// The name of a place.
    pub names: &'a dyn Fn(u64) -> String,
    /// Changes that wait for approval.
    pub waiting: usize,
    pub planner: &'a Planner,
    pub written: &'a Written,
    pub effect: Option<&'a Effect>,
    pub wrong: Option<&'a str>,
}

pub(crate) fn editor(visit: &Visit<'_>, shown: &Editor<'_>) -> Markup {
    let title = match shown.wrong {
        Some(_) => format!("{} {}", visit.t("error.title"), shown.name),
        None => format!("{}: {}", visit.t("borders.title"), shown.name),
    };
    let crumbs = html! { a href="/boundaries" { (visit.t("nav.boundaries")) } " · " (shown.name) };
    let body = html! {
        (heading(crumbs, html! { (shown.name) }, html! { span.keys { (visit.t("borders.keys")) } }))
        @if shown.waiting > 0 { div.mt { (note(Tone::Warn, html! { p { (visit.n("borders.waiting", shown.waiting as u64)) } })) } }
        (map(visit, shown))
        @if !shown.planner.too_large.is_empty() || shown.planner.split.is_some() { div.mt { (planner::panel(visit, shown)) } }
        @if let Some(effect) = shown.effect { div.mt { (effect_panel(visit, effect, None)) } }
        @if visit.may(Right::EditBoundaries) { div.mt { (form(visit, shown)) } }
        div.mt { (ranges(visit, shown)) }
    };
    shell_with_map(visit, &title, body)
}

/// The page with the script of the map beside the office's.
fn shell_with_map(visit: &Visit<'_>, title: &str, body: Markup) -> Markup {
    super::shell_with(
        visit,
        Section::Boundaries,
        title,
        body,
        &["office.js", "leaflet.js", "boundaries.js"],
        &["office.css", "leaflet.css"],
    )
}

/// The map: drawn on the server, and what the script needs to take its place.
fn map(visit: &Visit<'_>, shown: &Editor<'_>) -> Markup {
    let outlines: Vec<(PrecinctCode, Vec<Ring>)> = shown
        .boundaries
        .iter()
        .map(|row| (row.precinct, rings(row)))
        .filter(|(_, rings)| !rings.is_empty())
        .collect();
    if outlines.is_empty() && shown.houses.is_empty() {
        return html! { div.mt { (panel(&visit.t("map.title"), html! {}, empty(&visit.t("borders.no_outlines"), html! {}))) } };
    }
    let degrees = |row: &AddressRow| {
        (
            f64::from(row.lon_microdegrees) / 1e6,
            f64::from(row.lat_microdegrees) / 1e6,
        )
    };
    let corners = outlines
        .iter()
        .flat_map(|(_, rings)| rings.iter().flatten());
    // A house far outside does not shrink the place to a dot.
    let view = if outlines.is_empty() {
        MapView::of(shown.houses.iter().map(degrees), WIDTH, HEIGHT)
    } else {
        MapView::of(corners.copied(), WIDTH, HEIGHT)
    };
    let is_inside = |(x, y): (f64, f64)| (0.0..WIDTH).contains(&x) && (0.0..HEIGHT).contains(&y);
    let label = visit.f(
        "borders.map_label",
        &[
            ("p", &outlines.len().to_string()),
            ("h", &shown.houses.len().to_string()),
        ],
    );
    panel_map(
        visit,
        &label,
        &data(visit, shown, &outlines),
        html! {
            svg.office-map viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(label) {
                rect.m-land width=(WIDTH) height=(HEIGHT) {}
                @for (_, rings) in &outlines { path.m-own d=(view.path(rings)) {} }
                @for (at, part) in shown.planner.split.iter().flat_map(|split| &split.parts).enumerate() { @for [lon, lat] in &part.houses {
                    @let (x, y) = view.point((f64::from(*lon) / 1e6, f64::from(*lat) / 1e6));
                    @if is_inside((x, y)) { circle class={ "m-part-" (at % 6) } cx=(format!("{x:.1}")) cy=(format!("{y:.1}")) r="3" {} }
                } }
                @for house in shown.houses {
                    @let (x, y) = view.point(degrees(house));
                    @if is_inside((x, y)) { circle.m-home cx=(format!("{x:.1}")) cy=(format!("{y:.1}")) r="1.2" {} }
                }
            }
        },
    )
}

fn panel_map(visit: &Visit<'_>, label: &str, data: &str, drawn: Markup) -> Markup {
    html! { div.mt { (panel(&visit.t("map.title"), html! { (label) }, html! {
        div.body.stack {
            div.editor-bar hidden {
                div.field { label for="e-precinct" { (visit.t("borders.corners_of")) } select.input id="e-precinct" {} }
                div.field { label for="e-lon" { (visit.t("borders.lon")) } input.input id="e-lon" inputmode="decimal" autocomplete="off"; }
                div.field { label for="e-lat" { (visit.t("borders.lat")) } input.input id="e-lat" inputmode="decimal" autocomplete="off"; }
                button.btn.sec id="e-place" type="button" { (visit.t("borders.put_there")) }
                button.btn.sec id="e-add" type="button" { (visit.t("borders.add_corner")) }
                button.btn.sec id="e-out" type="button" { (visit.t("borders.take_out")) }
                button.btn.sec id="e-undo" type="button" { (visit.t("borders.undo")) }
            }
            p.small id="e-said" role="status" {}
            div id="map-editor" class="map-editor" data-map=(data) { (drawn) }
        }
    })) } }
}

/// The place for the script, in microdegrees: outlines by precinct, houses, texts.
fn data(visit: &Visit<'_>, shown: &Editor<'_>, outlines: &[(PrecinctCode, Vec<Ring>)]) -> String {
    let corner = |(lon, lat): &(f64, f64)| [micro(*lon), micro(*lat)];
    let outlines: Vec<_> = outlines
        .iter()
        .map(|(precinct, rings)| {
            let rings: Vec<Vec<[i32; 2]>> = rings
                .iter()
                .map(|ring| ring.iter().map(corner).collect())
                .collect();
            serde_json::json!({ "precinct": precinct.to_string(), "rings": rings })
        })
        .collect();
    let mut streets: BTreeMap<&str, (&str, Vec<[i32; 2]>)> = BTreeMap::new();
    let mut houses: Vec<&AddressRow> = shown.houses.iter().collect();
    houses.sort_by_key(|row| (roll::boundary::house_number(&row.house), row.house.clone()));
    for row in houses {
        let street = streets
            .entry(&row.street)
            .or_insert((&row.street_name, Vec::new()));
        street.1.push([row.lon_microdegrees, row.lat_microdegrees]);
    }
    let streets: Vec<_> = streets
        .into_values()
        .map(|(name, houses)| {
            let name = match name.trim() {
                "" => visit.t("split.no_street"),
                name => name.to_owned(),
            };
            serde_json::json!({ "name": name, "houses": houses })
        })
        .collect();
    let texts = [
        "corner", "moved", "added", "out", "few", "undone", "nothing", "all", "kept",
    ]
    .map(|key| (key, visit.t(&format!("boundary_said.{key}"))));
    let texts: BTreeMap<&str, String> = texts.into_iter().collect();
    let parts: Vec<_> = shown
        .planner
        .split
        .iter()
        .flat_map(|split| &split.parts)
        .enumerate()
        .map(|(at, part)| {
            let name = visit.f(
                "split.part_n",
                &[
                    ("n", &(at + 1).to_string()),
                    ("v", &number(u64::from(part.voters))),
                ],
            );
            serde_json::json!({ "name": name, "houses": part.houses })
        })
        .collect();
    serde_json::json!({
        "outlines": outlines,
        "parts": parts,
        "streets": streets,
        "texts": texts,
        "may": visit.may(Right::EditBoundaries),
    })
    .to_string()
}

/// The form: corners, ranges, day, reason; works without the map.
fn form(visit: &Visit<'_>, shown: &Editor<'_>) -> Markup {
    let written = shown.written;
    let may_propose = shown.effect.is_some_and(|effect| !effect.is_red());
    let summary: Vec<(&str, String)> = shown
        .wrong
        .iter()
        .map(|said| ("corners", (*said).to_owned()))
        .collect();
    panel(
        &visit.t("borders.form"),
        html! { (visit.t("borders.form_aside")) },
        html! {
            form.body.stack id="boundary-form" method="post" action={ "/boundaries/" (place_key(shown.soate)) } {
                @if !summary.is_empty() { (error_summary(visit, &summary)) }
                div.field { label for="corners" { (visit.t("borders.corners")) }
                    p.hint id="corners-hint" { (visit.t("borders.corners_hint")) }
                    textarea.input.mono id="corners" name="corners" rows="4" aria-describedby="corners-hint" spellcheck="false" { (written.corners) } }
                div.field { label for="ranges" { (visit.t("borders.ranges")) }
                    p.hint id="ranges-hint" { (visit.t("borders.ranges_hint")) }
                    textarea.input.mono id="ranges" name="ranges" rows="3" aria-describedby="ranges-hint" spellcheck="false" { (written.ranges) } }
                div.row.wrap {
                    div.field { label for="valid_from" { (visit.t("borders.valid_from")) } p.hint id="day-hint" { (visit.t("borders.day_hint")) }
                        input.input id="valid_from" name="valid_from" value=(written.valid_from) aria-describedby="day-hint" autocomplete="off"; }
                    div.field { label for="reason" { (visit.t("borders.reason")) } p.hint id="reason-hint" { (visit.t("borders.reason_hint")) }
                        input.input id="reason" name="reason" value=(written.reason) maxlength="400" aria-describedby="reason-hint" autocomplete="off"; }
                }
                div.row.wrap {
                    button.btn type="submit" name="do" value="show" { (visit.t("borders.show")) }
                    @if let (true, Some(effect)) = (may_propose, shown.effect) {
                        input type="hidden" name="moved" value=(effect.voters_moved());
                        button.btn.sec type="submit" name="do" value="propose" { (visit.t("borders.propose")) }
                    }
                    @if shown.effect.is_some_and(Effect::is_red) { span.stops { (visit.t("boundary_wrong.red")) } }
                }
            }
        },
    )
}

/// The ranges of the place as they are now, in the words of the form.
fn ranges(visit: &Visit<'_>, shown: &Editor<'_>) -> Markup {
    let rows = shown.boundaries.iter().filter_map(|row| match &row.extent {
        Extent::Polygon(_) => None,
        Extent::Range {
            street,
            parity,
            from,
            to,
        } => Some((row.precinct, street, parity, *from, *to)),
    });
    let rows: Vec<_> = rows.collect();
    let name = |street: &str| street_name(visit, shown.streets.get(street));
    let place = |street: &str| {
        let found = shown.streets.get(street);
        found.map_or_else(|| "–".to_owned(), |street| (shown.names)(street.place))
    };
    panel(
        &visit.t("borders.ranges_now"),
        html! {},
        html! {
            @if rows.is_empty() { (empty(&visit.t("borders.no_ranges"), html! {})) } @else {
                div.scroll-x tabindex="0" role="region" aria-label=(visit.t("borders.ranges_now")) {
                    table.t.dense {
                        caption.vh { (visit.t("borders.ranges_now")) }
                        thead { tr {
                            th scope="col" { (visit.t("borders.place")) } th scope="col" { (visit.t("borders.street")) } th scope="col" { (visit.t("borders.street_id")) } th scope="col" { (visit.t("borders.parity")) }
                            th.num scope="col" { (visit.t("borders.first")) } th.num scope="col" { (visit.t("borders.last")) } th.num scope="col" { (visit.t("borders.precinct")) }
                        } }
                        tbody { @for (precinct, street, parity, from, to) in &rows { tr {
                            td { (place(street)) } td { (name(street)) } td.mono { (street) } td { (visit.t(&format!("boundary_parity.{parity}"))) " " span.small.muted { (parity) } }
                            td.num { (from) } td.num { (to) } td.num { (precinct) }
                        } } }
                    }
                }
            }
        },
    )
}

/// A street as the register writes it, or in words that it has no name.
pub(crate) fn street_name(visit: &Visit<'_>, street: Option<&Street>) -> String {
    match street.map(|street| street.name.trim()) {
        None | Some("") => visit.t("split.no_street"),
        Some(name) => name.to_owned(),
    }
}

/// What a change does: voters from precinct to precinct, sizes, faults. `change`: links to the voters.
fn effect_panel(visit: &Visit<'_>, effect: &Effect, change: Option<u32>) -> Markup {
    let code =
        |precinct: Option<PrecinctCode>| precinct.map_or_else(|| "–".to_owned(), |p| p.to_string());
    let mut shown_faults: Vec<_> = effect.faults.iter().collect();
    shown_faults.sort_by_key(|fault| !fault.blocks);
    panel(
        &visit.t("borders.effect"),
        html! { b { (visit.n("borders.moved", effect.voters_moved())) } ", " (visit.n("borders.houses_moved", effect.houses_moved)) },
        html! {
            div.body.stack {
                @if effect.moved.is_empty() { p { (visit.t("borders.nobody")) } } @else {
                    table.t.dense {
                        caption.vh { (visit.t("borders.effect")) }
                        thead { tr { th scope="col" { (visit.t("borders.from")) } th scope="col" { (visit.t("borders.to")) } th.num scope="col" { (visit.t("borders.voters")) } } }
                        tbody { @for ((from, to), persons) in &effect.moved { tr {
                            td { (code(*from)) } td { (code(*to)) }
                            td.num { b {
                                @match change {
                                    Some(change) if visit.may(Right::SeePeople) => a href={ "/boundaries/change/" (change) "?from=" (code(*from)) "&to=" (code(*to)) } { (number(persons.len() as u64)) },
                                    Some(_) | None => (number(persons.len() as u64)),
                                }
                            } }
                        } } }
                    }
                }
                @if !effect.sizes.is_empty() {
                    dl.kv { @for (precinct, (now, then)) in &effect.sizes {
                        dt { (visit.t("borders.precinct")) " " (precinct) } dd { (number(*now)) " → " b { (number(*then)) } }
                    } }
                }
                @if effect.faults.is_empty() { (note(Tone::Ok, html! { p { (visit.t("borders.no_faults")) } })) } @else {
                    ul.plain { @for fault in shown_faults.iter().take(FAULTS_SHOWN) { li {
                        @if fault.blocks { (tag(Tone::Stop, &visit.t("blockers.blocks"))) } @else { (tag(Tone::Warn, &visit.t("borders.look"))) } " "
                        (visit.t(&format!("finding.{}", fault.code))) " "
                        @for precinct in &fault.precincts { (precinct) " " }
                        (fault.at)
                    } } }
                    @if effect.faults.len() > FAULTS_SHOWN { p.small { (visit.f("borders.more_faults", &[("n", &number((effect.faults.len() - FAULTS_SHOWN) as u64))])) } }
                }
                @if effect.mended > 0 { p { (visit.n("borders.mended", effect.mended)) } }
            }
        },
    )
}

/// A change that was proposed.
pub(crate) struct Proposed<'a> {
    pub change: &'a BoundaryChange,
    /// Another change was approved since it was drawn.
    pub is_stale: bool,
    pub effect: Option<&'a Effect>,
    pub persons: &'a [Hit],
    pub wrong: Option<&'a str>,
}

pub(crate) fn proposed(visit: &Visit<'_>, shown: &Proposed<'_>) -> Markup {
    let change = shown.change;
    let name = visit.f("borders.change_n", &[("n", &change.change.to_string())]);
    let title = match shown.wrong {
        Some(_) => format!("{} {name}", visit.t("error.title")),
        None => name.clone(),
    };
    let crumbs =
        html! { a href="/boundaries" { (visit.t("nav.boundaries")) } " · " (change.change) };
    let body = html! {
        (heading(crumbs, html! { (name) }, html! { (state(visit, change)) }))
        @if shown.is_stale { div.mt { (note(Tone::Stop, html! { p { (visit.t("boundary_wrong.stale")) } })) } }
        div.cols.mt {
            div.stack {
                @if let Some(effect) = shown.effect { (effect_panel(visit, effect, Some(change.change))) }
                @if !shown.persons.is_empty() { (people(visit, shown.persons)) }
            }
            div.stack {
                (panel(&visit.t("borders.facts"), html! {}, html! { div.body { dl.kv {
                    dt { (visit.t("borders.valid_from")) } dd { b { (visit.day(visit.date(change.valid_from))) } }
                    dt { (visit.t("borders.reason")) } dd { (change.reason) }
                    dt { (visit.t("borders.voters")) } dd { (number(change.moved)) }
                    dt { (visit.t("borders.proposed_by")) } dd { (change.staff) ", " (visit.moment(change.at)) }
                    @if !change.corners.is_empty() { dt { (visit.t("borders.corners")) } dd.mono.sum { (change.corners) } }
                    @if !change.ranges.is_empty() { dt { (visit.t("borders.ranges")) } dd.mono.sum { (change.ranges) } }
                } } }))
                (approvals(visit, shown))
            }
        }
    };
    shell(visit, Section::Boundaries, &title, body)
}

/// The two signatures.
fn approvals(visit: &Visit<'_>, shown: &Proposed<'_>) -> Markup {
    let change = shown.change;
    let own = visit.role.institution();
    let may = own.is_some_and(|own| change.approvals.iter().all(|(known, _, _)| *known != own));
    panel(
        &visit.t("borders.two"),
        html! {},
        html! { div.body.stack {
            dl.kv { @for institution in Institution::ALL {
                @let found = change.approvals.iter().find(|(known, _, _)| *known == institution);
                dt { (visit.t(&format!("institution.{}", institution.code()))) }
                dd { @match found { Some((_, who, at)) => { (who) ", " (visit.moment(*at)) }, None => (tag(Tone::Wait, &visit.t("borders.not_yet"))) } }
            } }
            @if may && !shown.is_stale && visit.may(Right::Approve) {
                form.stack method="post" action={ "/boundaries/change/" (change.change) } {
                    @if let Some(said) = shown.wrong { (error_summary(visit, &[("seen", said.to_owned())])) }
                    label.choice for="seen" { input type="checkbox" id="seen" name="seen" value="yes" required; (visit.t("borders.seen")) }
                    button.btn type="submit" { (visit.t("borders.approve")) }
                }
            } @else if let Some(said) = shown.wrong { (note(Tone::Warn, html! { p { (said) } })) }
        } },
    )
}

fn people(visit: &Visit<'_>, persons: &[Hit]) -> Markup {
    panel(
        &visit.t("borders.people"),
        html! { (in_force(visit)) },
        html! {
            ul.plain.body { @for hit in persons { li {
                @let name = person_name(hit.name.open(visit.look().purpose));
                @match visit.person_url(hit.person) { Some(url) => a href=(url) { (name) }, None => (name) }
                ", " (visit.day(*hit.born.open(visit.look().purpose)))
            } } }
        },
    )
}
