//! What the map of a claim shows: outlines and polling places around a place.

use lexicon::PrecinctCode;
use lexicon::handover::snapshot::PrecinctRow;

use crate::address_book::away;
use crate::boundaries::micro;
use crate::territory::{Ring, Territory};

/// How far around the middle is shown, microdegrees: about 20 km to each side.
const AROUND: u32 = 200_000;

/// Most outlines that are drawn.
const OUTLINES_MAX: usize = 300;

/// The map around a place.
pub(crate) struct Map {
    centre: [i32; 2],
    outlines: Vec<(PrecinctCode, Vec<Vec<[i32; 2]>>)>,
    /// Polling places with their precincts.
    polls: Vec<(PrecinctCode, [i32; 2])>,
    houses: Vec<[i32; 2]>,
}

impl Map {
    /// Outlines and polling places around a place (longitude, latitude; microdegrees), the nearest first.
    pub fn around(
        centre: [i32; 2],
        rows: &[PrecinctRow],
        territory: &Territory,
        houses: Vec<[i32; 2]>,
    ) -> Self {
        let away = |at: [i32; 2]| away(at, centre);
        let mut polls: Vec<(PrecinctCode, [i32; 2])> = rows
            .iter()
            .map(|row| (row.precinct, [row.lon_microdegrees, row.lat_microdegrees]))
            .filter(|(_, at)| away(*at) <= AROUND)
            .collect();
        polls.sort_by_key(|(precinct, at)| (away(*at), *precinct));
        let corner = |(lon, lat): &(f64, f64)| [micro(*lon), micro(*lat)];
        let ring = |ring: &Ring| ring.iter().map(corner).collect();
        let outlines = polls.iter().filter_map(|(precinct, _)| {
            let rings = territory.rings.get(precinct)?;
            Some((*precinct, rings.iter().map(ring).collect()))
        });
        Self {
            centre,
            outlines: outlines.take(OUTLINES_MAX).collect(),
            polls,
            houses,
        }
    }

    /// The map for the script.
    pub(super) fn data(&self) -> String {
        let outlines: Vec<_> = self
            .outlines
            .iter()
            .map(|(precinct, rings)| serde_json::json!({ "precinct": precinct.to_string(), "rings": rings }))
            .collect();
        let polls: Vec<_> = self
            .polls
            .iter()
            .map(|(precinct, at)| serde_json::json!({ "precinct": precinct.to_string(), "at": at }))
            .collect();
        serde_json::json!({
            "centre": self.centre,
            "outlines": outlines,
            "polls": polls,
            "houses": self.houses,
        })
        .to_string()
    }
}
