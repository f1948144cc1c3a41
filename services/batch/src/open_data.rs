//! Open data: precincts with their boundaries, statistics and changes without small cells. What a release states of
//! each list it states by law; here nothing is added that would tell of fewer than ten people.

use std::collections::BTreeMap;

use lexicon::handover::release::ListRelease;
use lexicon::handover::snapshot::Extent;
use lexicon::{ElectionLaw, Instant};
use roll::statistics::{
    CELL_MIN, Group, open_counts, open_rows, publishable, publishable_count, statistics,
};
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

/// The regions, beside the country's own figures: what is withheld of one does not follow from the country's.
fn regions_of(regions: &BTreeMap<String, Group>, country: &Group) -> Map<String, Value> {
    let counts: Vec<u64> = regions.values().map(|group| group.voters).collect();
    let voters = open_counts(&counts);
    // A region whose count is withheld has no breakdown either: its cells would come to the count.
    let rows = |of: &dyn Fn(&Group) -> &BTreeMap<String, u64>| {
        let row = |(group, is_open): (&Group, &bool)| -> Vec<u64> {
            let cell = |name| of(group).get(name).copied().unwrap_or(0);
            if *is_open {
                of(country).keys().map(cell).collect()
            } else {
                Vec::new()
            }
        };
        open_rows(&regions.values().zip(&voters).map(row).collect::<Vec<_>>())
    };
    let (by_sex, by_age) = (rows(&|group| &group.by_sex), rows(&|group| &group.by_age));
    let shown = |is_open: bool, value: Value| if is_open { value } else { Value::Null };
    regions
        .iter()
        .enumerate()
        .map(|(at, (code, group))| {
            let value = json!({
                "voters": shown(voters[at], json!(group.voters)),
                "by_sex": shown(by_sex[at], json!(group.by_sex)),
                "by_age": shown(by_age[at], json!(group.by_age)),
            });
            (code.clone(), value)
        })
        .collect()
}

/// `changes.json`: what changed from release to release, by the day of the freeze; no precinct whose list changed by
/// fewer than ten lines is named.
pub(crate) fn changes_of(
    releases: &[ListRelease],
    law: &ElectionLaw,
) -> Result<Vec<u8>, BatchError> {
    let mut rows = Vec::new();
    let mut before: Option<&ListRelease> = None;
    for release in releases {
        let day = Instant::from_micros(release.frozen_at).local_date(law.election.offset_minutes);
        let was: BTreeMap<u32, u64> = before
            .iter()
            .flat_map(|earlier| &earlier.precincts)
            .map(|total| (u32::from(total.precinct), u64::from(total.lines)))
            .collect();
        let mut named = Map::new();
        let mut others = 0u64;
        for total in release.precincts.iter().filter(|_| before.is_some()) {
            let earlier = was.get(&u32::from(total.precinct)).copied().unwrap_or(0);
            let lines = u64::from(total.lines);
            if lines.abs_diff(earlier) >= CELL_MIN {
                let change = i128::from(lines) - i128::from(earlier);
                let change = i64::try_from(change).unwrap_or(i64::MAX);
                named.insert(format!("{:04}", total.precinct), json!(change));
            } else if lines != earlier {
                others += 1;
            }
        }
        rows.push(json!({
            "release": release.release,
            "day": day.to_string(),
            "stage": release.stage,
            "lines": release.total,
            "considered": release.considered,
            "since": before.map(|earlier| earlier.release),
            "came": before.map(|earlier| release.total.saturating_sub(earlier.total)).filter(|n| *n >= CELL_MIN),
            "left": before.map(|earlier| earlier.total.saturating_sub(release.total)).filter(|n| *n >= CELL_MIN),
            "precincts": named,
            "precincts_changed_by_fewer": others,
        }));
        before = Some(release);
    }
    bytes(&json!({"election": law.election.number, "smallest_cell": CELL_MIN, "changes": rows}))
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
    let regions = regions_of(&found.regions, &found.country);
    let large = |count: &u64| *count >= CELL_MIN;
    let claims: Map<String, Value> = found
        .claims
        .iter()
        .filter(|(_, count)| large(count))
        .map(|(name, count)| (name.clone(), json!(count)))
        .collect();
    // Their sum stands among the claims.
    let into: Vec<u64> = found.form2_into.values().copied().collect();
    let form2: Map<String, Value> = found
        .form2_into
        .iter()
        .zip(open_counts(&into))
        .filter(|(_, is_open)| *is_open)
        .map(|((precinct, count), _)| (format!("{precinct:04}"), json!(count)))
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

#[cfg(test)]
mod tests;
