//! Open data: precincts with their boundaries, and statistics without small cells.

use lexicon::ElectionLaw;
use lexicon::handover::snapshot::Extent;
use roll::statistics::{CELL_MIN, Group, publishable, publishable_count, statistics};
use roll::{Roll, Snapshot};
use serde_json::{Map, Value, json};

use crate::form::{BatchError, Formed};

fn bytes(value: &Value) -> Result<Vec<u8>, BatchError> {
    let mut text = serde_json::to_vec(value).map_err(|e| BatchError::Log(e.to_string()))?;
    text.push(b'\n');
    Ok(text)
}

fn degrees(micro: i32) -> f64 {
    f64::from(micro) / 1e6
}

/// All polygons of a precinct as one geometry: a Polygon, or a MultiPolygon of several.
fn geometry(polygons: &[Value]) -> Value {
    match polygons {
        [] => Value::Null,
        [one] => one.clone(),
        several => {
            let parts: Vec<Value> = several
                .iter()
                .flat_map(|polygon| {
                    let coordinates = polygon["coordinates"].clone();
                    match (polygon["type"].as_str(), coordinates) {
                        (Some("MultiPolygon"), Value::Array(parts)) => parts,
                        (_, coordinates) => vec![coordinates],
                    }
                })
                .collect();
            json!({"type": "MultiPolygon", "coordinates": parts})
        }
    }
}

/// `precincts.geojson`: where each precinct is, what it covers, how many lines its list has.
pub(crate) fn precincts_geojson(formed: &Formed) -> Result<Vec<u8>, BatchError> {
    let snapshot = &formed.snapshot;
    let features: Vec<Value> = snapshot
        .precincts
        .iter()
        .zip(&formed.roll.lists)
        .map(|(row, list)| {
            let from = snapshot
                .boundaries
                .partition_point(|b| b.precinct < row.precinct);
            let own = snapshot.boundaries[from..]
                .iter()
                .take_while(|b| b.precinct == row.precinct);
            let (mut polygons, mut streets) = (Vec::new(), Vec::new());
            for boundary in own {
                match &boundary.extent {
                    // A polygon that is no JSON was refused as a finding and is not published.
                    Extent::Polygon(text) => polygons.extend(serde_json::from_str::<Value>(text)),
                    Extent::Range {
                        street,
                        parity,
                        from,
                        to,
                    } => {
                        streets.push(
                            json!({"street": street, "parity": parity, "from": from, "to": to}),
                        );
                    }
                }
            }
            json!({
                "type": "Feature",
                "geometry": geometry(&polygons),
                "properties": {
                    "precinct": row.precinct.number(),
                    "kind": row.kind,
                    "region": row.region,
                    "soate": row.soate.to_string(),
                    "address_ky": row.address_ky,
                    "address_ru": row.address_ru,
                    "lon": degrees(row.lon_microdegrees),
                    "lat": degrees(row.lat_microdegrees),
                    "lines": list.persons.len(),
                    "streets": streets,
                },
            })
        })
        .collect();
    bytes(&json!({"type": "FeatureCollection", "features": features}))
}

fn group(group: &Group) -> Value {
    json!({
        "voters": publishable_count(group.voters),
        "by_sex": publishable(group.by_sex.clone()),
        "by_age": publishable(group.by_age.clone()),
    })
}

/// `statistics.json`: voters by region, sex and age band, exclusions, claims; no cell under ten.
///
/// # Errors
/// [`BatchError`], which does not occur for counts.
pub fn statistics_of(
    law: &ElectionLaw,
    snapshot: &Snapshot,
    roll: &Roll,
) -> Result<Vec<u8>, BatchError> {
    let found = statistics(snapshot, roll, law);
    let regions: Map<String, Value> = found
        .regions
        .iter()
        .map(|(code, counts)| (code.clone(), group(counts)))
        .collect();
    let large = |count: &u64| *count >= CELL_MIN;
    let claims: Map<String, Value> = found
        .claims
        .iter()
        .filter(|(_, count)| large(count))
        .map(|(name, count)| (name.clone(), json!(count)))
        .collect();
    let form2: Map<String, Value> = found
        .form2_into
        .iter()
        .filter(|(_, count)| large(count))
        .map(|(precinct, count)| (format!("{precinct:04}"), json!(count)))
        .collect();
    bytes(&json!({
        "election": law.election.number,
        "considered": roll.count.considered,
        "country": group(&found.country),
        "regions": regions,
        "excluded": found.excluded,
        "claims": claims,
        "form2_into": form2,
        "smallest_cell": CELL_MIN,
    }))
}
