//! A map drawn on the server: the precinct, its neighbours, its station, and for those who may see the list the
//! houses from which people stand on it. No script, no tiles, no third party.

use lexicon::PrecinctCode;
use maud::{Markup, html};

use super::Precinct;
use crate::pages::panel;
use crate::pages::parts::empty;
use crate::territory::Ring;
use crate::visit::Visit;

const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 260.0;

/// Degrees to picture units: equal scale in metres, north up.
struct View {
    west: f64,
    north: f64,
    per_lon: f64,
    per_lat: f64,
}

impl View {
    fn of(rings: &[Ring], station: (f64, f64)) -> Self {
        let (mut west, mut south) = station;
        let (mut east, mut north) = station;
        for (lon, lat) in rings.iter().flatten() {
            west = west.min(*lon);
            east = east.max(*lon);
            south = south.min(*lat);
            north = north.max(*lat);
        }
        // A degree of longitude is shorter than one of latitude by the cosine of the latitude.
        let squeeze = north.to_radians().cos().max(0.2);
        let wide = ((east - west) * squeeze).max(0.002);
        let tall = (north - south).max(0.002);
        let scale = (WIDTH * 0.86 / wide).min(HEIGHT * 0.86 / tall);
        let middle = (f64::midpoint(west, east), f64::midpoint(south, north));
        Self {
            west: middle.0 - WIDTH / 2.0 / (scale * squeeze),
            north: middle.1 + HEIGHT / 2.0 / scale,
            per_lon: scale * squeeze,
            per_lat: scale,
        }
    }

    fn point(&self, (lon, lat): (f64, f64)) -> (f64, f64) {
        (
            (lon - self.west) * self.per_lon,
            (self.north - lat) * self.per_lat,
        )
    }

    fn path(&self, rings: &[Ring]) -> String {
        use std::fmt::Write as _;
        let mut d = String::new();
        for ring in rings {
            for (at, point) in ring.iter().enumerate() {
                let (x, y) = self.point(*point);
                // Far corners of large neighbours are pulled in: the picture needs no more.
                let (x, y) = (x.clamp(-900.0, 1300.0), y.clamp(-900.0, 1160.0));
                let _ = write!(d, "{}{x:.1} {y:.1}", if at == 0 { 'M' } else { 'L' });
            }
            d.push('Z');
        }
        d
    }
}

fn degrees((lon, lat): (i32, i32)) -> (f64, f64) {
    (f64::from(lon) / 1e6, f64::from(lat) / 1e6)
}

/// The middle of a precinct's first ring, where its number is written.
fn label_at(rings: &[Ring]) -> Option<(f64, f64)> {
    let ring = rings.first()?;
    let n = f64::from(u32::try_from(ring.len()).ok().filter(|n| *n > 0)?);
    let sum = ring
        .iter()
        .fold((0.0, 0.0), |sum, p| (sum.0 + p.0, sum.1 + p.1));
    Some((sum.0 / n, sum.1 / n))
}

/// The panel with the map and the links to the neighbours.
pub(super) fn show(visit: &Visit<'_>, shown: &Precinct<'_>) -> Markup {
    let title = visit.t("map.title");
    let own = shown.row.precinct;
    let territory = shown.territory;
    let Some(rings) = territory.rings.get(&own).filter(|rings| !rings.is_empty()) else {
        return panel(&title, html! {}, empty(&visit.t("map.none"), html! {}));
    };
    let neighbours: Vec<PrecinctCode> = territory
        .neighbours
        .get(&own)
        .map(|found| found.iter().copied().collect())
        .unwrap_or_default();
    let n = shown.release.number;
    let station = degrees((shown.row.lon_microdegrees, shown.row.lat_microdegrees));
    let view = View::of(rings, station);
    let label = visit.f(
        "map.label",
        &[
            ("p", &own.to_string()),
            ("n", &neighbours.len().to_string()),
        ],
    );
    let is_inside =
        |(x, y): (f64, f64)| (0.0..WIDTH - 24.0).contains(&x) && (10.0..HEIGHT).contains(&y);
    let aside = if shown.homes.is_empty() {
        html! {}
    } else {
        html! { (visit.n("map.homes", shown.homes.len() as u64)) }
    };
    panel(
        &title,
        aside,
        html! {
            div.body {
                svg.office-map viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(label) {
                    rect.m-land width=(WIDTH) height=(HEIGHT) {}
                    @for other in &neighbours { @if let Some(rings) = territory.rings.get(other) {
                        path.m-other d=(view.path(rings)) {}
                        @if let Some(at) = label_at(rings).map(|at| view.point(at)).filter(|at| is_inside(*at)) {
                            text.m-text x=(format!("{:.1}", at.0)) y=(format!("{:.1}", at.1)) { (other) }
                        }
                    } }
                    path.m-own d=(view.path(rings)) {}
                    @for home in shown.homes {
                        @let (x, y) = view.point(degrees(*home));
                        @if (0.0..WIDTH).contains(&x) && (0.0..HEIGHT).contains(&y) {
                            circle.m-home cx=(format!("{x:.1}")) cy=(format!("{y:.1}")) r="1.8" {}
                        }
                    }
                    @let (x, y) = view.point(station);
                    g transform=(format!("translate({x:.1} {y:.1})")) {
                        path.m-pin d="M0 0c-9-11-13-17-13-23a13 13 0 0126 0c0 6-4 12-13 23z" {}
                        circle.m-hole cy="-23" r="5" {}
                    }
                }
                @if !neighbours.is_empty() {
                    p.small.mt-s {
                        (visit.t("map.neighbours")) " "
                        @for (at, other) in neighbours.iter().enumerate() {
                            @if at > 0 { ", " }
                            a href={ "/list/" (n) "/precinct/" (other) } { (other) }
                        }
                    }
                }
            }
        },
    )
}
