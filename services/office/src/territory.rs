//! Where precincts lie, read once and kept for maps: rings in degrees, and which precincts touch.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use lexicon::handover::snapshot::Extent;
use lexicon::{Instant, PrecinctCode};
use serde::Deserialize;
use store::{Store, StoreError};

/// Boundaries are read again after this time, microseconds: an editor may have moved them.
const KEPT_MICROS: i64 = 60_000_000;

/// A closed line of longitudes and latitudes, degrees.
pub(crate) type Ring = Vec<(f64, f64)>;

/// Where precincts lie.
#[derive(Default)]
pub(crate) struct Territory {
    /// Outer rings by precinct.
    pub rings: BTreeMap<PrecinctCode, Vec<Ring>>,
    /// Precincts that share a corner.
    pub neighbours: BTreeMap<PrecinctCode, BTreeSet<PrecinctCode>>,
}

/// The latest reading.
#[derive(Default)]
pub(crate) struct Territories(Mutex<Option<(Instant, Arc<Territory>)>>);

impl Territories {
    /// Where precincts lie, at most a minute old.
    pub(crate) fn get(&self, store: &Store) -> Result<Arc<Territory>, StoreError> {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = store.now();
        if let Some((taken, kept)) = lock().as_ref()
            && now.micros() - taken.micros() < KEPT_MICROS
        {
            return Ok(Arc::clone(kept));
        }
        let rows = store.read("boundaries", |tx| tx.snapshot_boundaries())?;
        let mut rings: BTreeMap<PrecinctCode, Vec<Ring>> = BTreeMap::new();
        for row in &rows {
            if let Extent::Polygon(text) = &row.extent {
                rings
                    .entry(row.precinct)
                    .or_default()
                    .extend(outer_rings(text));
            }
        }
        let kept = Arc::new(Territory {
            neighbours: neighbours(&rings),
            rings,
        });
        *lock() = Some((now, Arc::clone(&kept)));
        Ok(kept)
    }
}

/// An area of GeoJSON.
#[derive(Deserialize)]
#[serde(tag = "type")]
enum Area {
    Polygon {
        coordinates: Vec<Vec<Vec<f64>>>,
    },
    MultiPolygon {
        coordinates: Vec<Vec<Vec<Vec<f64>>>>,
    },
}

/// The outer rings of a GeoJSON area; none when the text is none: the roll names that as a finding.
pub(crate) fn outer_rings(text: &str) -> Vec<Ring> {
    let ring = |positions: &Vec<Vec<f64>>| {
        positions
            .iter()
            .filter_map(|p| Some((*p.first()?, *p.get(1)?)))
            .collect()
    };
    match serde_json::from_str(text) {
        Ok(Area::Polygon { coordinates }) => coordinates.first().map(ring).into_iter().collect(),
        Ok(Area::MultiPolygon { coordinates }) => coordinates
            .iter()
            .filter_map(|polygon| polygon.first().map(ring))
            .collect(),
        Err(_) => Vec::new(),
    }
}

/// A corner in microdegrees, which is how finely boundaries are compared; degrees of a place on Earth fit.
fn corner((lon, lat): (f64, f64)) -> (i64, i64) {
    ((lon * 1e6).round() as i64, (lat * 1e6).round() as i64)
}

fn neighbours(
    rings: &BTreeMap<PrecinctCode, Vec<Ring>>,
) -> BTreeMap<PrecinctCode, BTreeSet<PrecinctCode>> {
    let mut at: HashMap<(i64, i64), BTreeSet<PrecinctCode>> = HashMap::new();
    for (precinct, rings) in rings {
        for point in rings.iter().flatten() {
            at.entry(corner(*point)).or_default().insert(*precinct);
        }
    }
    let mut found: BTreeMap<PrecinctCode, BTreeSet<PrecinctCode>> = BTreeMap::new();
    for together in at.values().filter(|precincts| precincts.len() > 1) {
        for precinct in together {
            let others = together.iter().filter(|other| *other != precinct);
            found.entry(*precinct).or_default().extend(others);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_are_read_and_precincts_that_share_a_corner_are_neighbours() {
        let square = |west: i32| {
            format!(
                "{{\"type\":\"Polygon\",\"coordinates\":[[[{west},42],[{},42],[{},43],[{west},43],[{west},42]]]}}",
                west + 1,
                west + 1
            )
        };
        assert_eq!(outer_rings(&square(74))[0].len(), 5);
        assert!(outer_rings("{\"type\":\"Point\",\"coordinates\":[1,2]}").is_empty());
        let code = |n| PrecinctCode::new(n).expect("a precinct");
        let rings: BTreeMap<_, _> = [(1001, 74), (1002, 75), (1003, 77)]
            .map(|(n, west)| (code(n), outer_rings(&square(west))))
            .into();
        let found = neighbours(&rings);
        assert_eq!(found[&code(1001)], BTreeSet::from([code(1002)]));
        assert!(!found.contains_key(&code(1003)));
    }
}
