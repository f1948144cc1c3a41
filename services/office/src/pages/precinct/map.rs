//! A map drawn on the server: the precinct, its neighbours, its station, and for those who may see the list the
//! houses from which people stand on it. No script, no tiles, no third party.

use lexicon::PrecinctCode;
use maud::{Markup, html};
use screen::MapView;

use super::Precinct;
use crate::pages::panel;
use crate::pages::parts::empty;
use crate::territory::Ring;
use crate::visit::Visit;

const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 260.0;

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
    let view = MapView::of(
        rings.iter().flatten().copied().chain([station]),
        WIDTH,
        HEIGHT,
    );
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
