//! Open data: precincts with their boundaries, statistics and changes without small cells. What a release states of
//! each list it states by law; here nothing is added that would tell of fewer than ten people.

use std::collections::{BTreeMap, BTreeSet};

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

/// The count of each precinct as published, and why it is not: `fewer_than_10`, or `beside_one` that would follow from
/// the sum of the list.
fn lines_shown(counts: &[u64]) -> Vec<(Option<u64>, Option<&'static str>)> {
    let open = open_counts(counts);
    let shown = |(&count, is_open): (&u64, bool)| match (is_open, count < CELL_MIN) {
        (true, _) => (Some(count), None),
        (false, true) => (None, Some("fewer_than_10")),
        (false, false) => (None, Some("beside_one")),
    };
    counts.iter().zip(open).map(shown).collect()
}

/// `precincts.geojson`: where each precinct is, what it covers, how many lines its list has.
pub(crate) fn precincts_geojson(formed: &Formed) -> Result<Vec<u8>, BatchError> {
    let snapshot = &formed.snapshot;
    let lists = formed.roll.lists.iter();
    let counts: Vec<u64> = lists.map(|list| list.persons.len() as u64).collect();
    let features: Vec<Value> = snapshot
        .precincts
        .iter()
        .zip(lines_shown(&counts))
        .map(|(row, (lines, withheld))| {
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
                    "lines": lines,
                    "lines_withheld": withheld,
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

/// Precincts whose lists changed, with the change, and how many others changed that are not named: a change by fewer
/// than ten, and what would let it follow from the change of the whole list.
fn changed_precincts(before: &ListRelease, release: &ListRelease) -> (Map<String, Value>, usize) {
    let lines_of = |release: &ListRelease| -> BTreeMap<u16, i64> {
        let totals = release.precincts.iter();
        totals
            .map(|total| (total.precinct, i64::from(total.lines)))
            .collect()
    };
    let (was, now) = (lines_of(before), lines_of(release));
    let numbers: BTreeSet<u16> = was.keys().chain(now.keys()).copied().collect();
    let of = |lines: &BTreeMap<u16, i64>, number| lines.get(&number).copied().unwrap_or(0);
    let changed: Vec<(u16, i64)> = numbers
        .into_iter()
        .map(|number| (number, of(&now, number) - of(&was, number)))
        .filter(|(_, change)| *change != 0)
        .collect();
    let sizes: Vec<u64> = changed.iter().map(|(_, n)| n.unsigned_abs()).collect();
    let named: Map<String, Value> = changed
        .iter()
        .zip(open_counts(&sizes))
        .filter(|(_, is_open)| *is_open)
        .map(|((number, change), _)| (format!("{number:04}"), json!(change)))
        .collect();
    let others = changed.len() - named.len();
    (named, others)
}

/// `changes.json`: what changed from release to release, by the day of the freeze; no change by fewer than ten lines
/// stands there, nor does one follow by subtraction.
///
/// Only net changes are known here: releases state totals, not persons. Who came and who left apart is the office's page
/// of changes.
pub(crate) fn changes_of(
    releases: &[ListRelease],
    law: &ElectionLaw,
) -> Result<Vec<u8>, BatchError> {
    let mut rows = Vec::new();
    let mut before: Option<&ListRelease> = None;
    // The last count that stands in the file: a total that differs from it by fewer than ten is not written either.
    let (mut lines, mut considered) = (None, None);
    let shown = |kept: &mut Option<u64>, now: u64| {
        let is_open = kept.is_none_or(|kept| kept == now || kept.abs_diff(now) >= CELL_MIN);
        if is_open {
            *kept = Some(now);
        }
        is_open.then_some(now)
    };
    for release in releases {
        let day = Instant::from_micros(release.frozen_at).local_date(law.election.offset_minutes);
        let (named, others) = before.map_or_else(Default::default, |earlier| {
            changed_precincts(earlier, release)
        });
        let was_shown = lines.is_some() && lines == before.map(|earlier| earlier.total);
        let now_shown = shown(&mut lines, release.total);
        let is_told = was_shown && now_shown.is_some();
        let change = before.filter(|_| is_told).and_then(|earlier| {
            let size = release.total.abs_diff(earlier.total);
            let size = i64::try_from(size)
                .ok()
                .filter(|n| n.unsigned_abs() >= CELL_MIN)?;
            Some(if release.total < earlier.total {
                -size
            } else {
                size
            })
        });
        rows.push(json!({
            "release": release.release,
            "day": day.to_string(),
            "stage": release.stage,
            "lines": now_shown,
            "considered": shown(&mut considered, release.considered),
            "since": before.map(|earlier| earlier.release),
            "change": change,
            "precincts": named,
            "precincts_changed_not_named": others,
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
