//! A map drawn on the server: the precinct, its neighbours, the station. No script, no tiles, no third party.

use std::collections::BTreeMap;

use geojson::{Geometry, GeometryValue};
use maud::{Markup, html};
use screen::MapView;

use crate::publication::{Lines, Precinct};

const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 230.0;

/// The outer rings of a GeoJSON polygon or multipolygon, degrees.
#[must_use]
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "only areas have an outer ring, whatever geometries may come"
)]
pub fn outer_rings(geometry: &Geometry) -> Vec<Vec<(f64, f64)>> {
    let ring = |positions: &[geojson::Position]| -> Vec<(f64, f64)> {
        positions
            .iter()
            .filter(|p| p.as_slice().len() >= 2)
            .map(|p| (p.as_slice()[0], p.as_slice()[1]))
            .collect()
    };
    match &geometry.value {
        GeometryValue::Polygon { coordinates } => coordinates
            .first()
            .map(|outer| vec![ring(outer)])
            .unwrap_or_default(),
        GeometryValue::MultiPolygon { coordinates } => coordinates
            .iter()
            .filter_map(|polygon| polygon.first())
            .map(|outer| ring(outer))
            .collect(),
        _ => Vec::new(),
    }
}

/// Metres in a degree of latitude.
const METRES_PER_DEGREE: f64 = 111_320.0;

/// The view of a precinct with its station.
fn view_of(precinct: &Precinct) -> MapView {
    let points = precinct.rings.iter().flatten().copied();
    MapView::of(points.chain([precinct.at]), WIDTH, HEIGHT)
}

/// A round distance that is 40 to 120 units long, with its length.
fn scale_bar(view: &MapView) -> (f64, String) {
    for metres in [
        50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10_000.0, 20_000.0, 50_000.0,
    ] {
        let length = metres / METRES_PER_DEGREE * view.per_latitude();
        if length >= 40.0 {
            return (length.min(160.0), metres_text(metres));
        }
    }
    (80.0, String::new())
}

fn metres_text(metres: f64) -> String {
    if metres >= 1000.0 {
        format!("{:.0} км / km", metres / 1000.0)
    } else {
        format!("{metres:.0} м / m")
    }
}

/// The map of one precinct; `label` describes it to readers, `name` stands beside the pin.
#[must_use]
pub fn precinct_map(
    precinct: &Precinct,
    all: &BTreeMap<u16, Precinct>,
    label: &str,
    name: &str,
) -> Markup {
    let view = view_of(precinct);
    let (x, y) = view.point(precinct.at);
    let (bar, metres) = scale_bar(&view);
    html! {
        svg.map viewBox="0 0 400 230" role="img" aria-label=(label) {
            rect.m-land width="400" height="230" {}
            @for other in all.values().filter(|p| p.number != precinct.number) {
                path.m-other d=(view.path(&other.rings)) {}
            }
            path.m-own d=(view.path(&precinct.rings)) {}
            @for other in all.values().filter(|p| p.number != precinct.number) {
                @let (ox, oy) = view.point(other.at);
                @if (0.0..WIDTH - 30.0).contains(&ox) && (12.0..HEIGHT).contains(&oy) {
                    circle.m-dot cx=(format!("{ox:.1}")) cy=(format!("{oy:.1}")) r="3" {}
                    text.m-text.m-small x=(format!("{:.1}", ox + 6.0)) y=(format!("{:.1}", oy + 4.0)) { (other.number) }
                }
            }
            g transform=(format!("translate({x:.1} {y:.1})")) {
                path.m-pin d="M0 0c-12-15-17-22-17-30a17 17 0 0134 0c0 8-5 15-17 30z" {}
                circle.m-hole cy="-30" r="6.5" {}
            }
            text.m-text.f-b x=(format!("{:.1}", (x + 22.0).min(330.0))) y=(format!("{:.1}", (y - 24.0).max(16.0))) { (name) }
            path.m-bar d=(format!("M{:.1} 218h{bar:.1}", 390.0 - bar)) {}
            text.m-text.m-small x=(format!("{:.1}", 384.0 - bar)) y="222" text-anchor="end" { (metres) }
        }
    }
}

/// The map of all precincts, each leading to its page.
#[must_use]
pub fn overview(all: &BTreeMap<u16, Precinct>, label: &str) -> Markup {
    let rings: Vec<Vec<(f64, f64)>> = all
        .values()
        .filter(|p| p.kind == "territorial")
        .flat_map(|p| p.rings.clone())
        .collect();
    let centre = rings
        .iter()
        .flatten()
        .next()
        .copied()
        .unwrap_or((74.6, 42.87));
    let whole = Precinct {
        number: 0,
        kind: String::new(),
        region: String::new(),
        address_ky: String::new(),
        address_ru: String::new(),
        at: centre,
        lines: Lines::Withheld,
        rings,
    };
    let view = view_of(&whole);
    html! {
        svg.map viewBox="0 0 400 230" role="img" aria-label=(label) {
            rect.m-land width="400" height="230" {}
            @for precinct in all.values().filter(|p| !p.rings.is_empty()) {
                path.m-all d=(view.path(&precinct.rings)) {}
            }
            @for precinct in all.values().filter(|p| !p.rings.is_empty()) {
                @let (x, y) = view.point(precinct.at);
                circle.m-dot cx=(format!("{x:.1}")) cy=(format!("{y:.1}")) r="2.4" {}
            }
        }
    }
}
