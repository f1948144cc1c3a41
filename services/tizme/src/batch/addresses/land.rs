//! The address register as its keeper hands it over: places, streets with their names by date, houses, second addresses.
//!
//! A folder of `addresses.csv`, `.parquet` or `.geojson`, and, where there are any, `street_names.csv`,
//! `second_addresses.csv` and `places.csv`. A row that cannot stand goes to the rejects; the rest goes on.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use lexicon::handover::snapshot::{AddressRow, BoundaryRow, SecondAddressRow, StreetNameRow};
use lexicon::{Date, Soate};
use register::address::{Index, PlaceReject, PlaceRow, Places};
use register::door::tables::{ADDRESSES, SECOND_ADDRESSES, STREET_NAMES};
use register::door::{Column, Reason, Reject, Row, Table, rows};
use register::street::{self, Known};
use roll::boundary::{Finding, place_all};
use roll::houses::Houses;
use roll::{Snapshot, SnapshotBuilder};

use super::super::rejects::Rejects;

const fn column(name: &'static str, required: bool) -> Column {
    Column { name, required }
}

/// The hierarchy of places; without it the shipped classifier is taken.
const PLACES: Table = Table {
    name: "places",
    columns: &[
        column("soate", true),
        column("parent", false),
        column("name", true),
    ],
};

/// Houses arranged for the search, and whose they are.
pub(in crate::batch) struct Land {
    /// The arranged houses.
    pub index: Index,
    /// The building of each house of the index, by its id at the source.
    pub ids: Vec<Box<str>>,
}

impl Land {
    /// The houses of a snapshot on a day, under the shipped classifier.
    pub fn of_snapshot(snapshot: &Snapshot, day: Date) -> Self {
        let (placed, _) = place_all(snapshot);
        let houses = Houses::of(snapshot, &placed, Places::shipped(), day);
        Self::of(snapshot, houses)
    }

    fn of(snapshot: &Snapshot, houses: Houses) -> Self {
        let id = |building: roll::snapshot::AddressAt| snapshot.addresses[building.at()].id.clone();
        Self {
            ids: houses.buildings().map(id).collect(),
            index: houses.index,
        }
    }

    /// The register in a folder, on a day; precincts are found by the snapshot's boundaries.
    ///
    /// # Errors
    /// A file that cannot be read at all, by name; a folder without houses.
    pub fn read(
        folder: &Path,
        snapshot: &Snapshot,
        day: Date,
        rejects: &mut Rejects,
    ) -> Result<Self> {
        let places = places(folder, rejects)?;
        let houses = houses(folder, rejects)?;
        let known: HashSet<&str> = houses.iter().map(|row| row.address.as_str()).collect();
        let seconds = seconds(folder, &known, rejects)?;
        let printed: HashMap<&str, &str> = (seconds.iter())
            .map(|row| (row.street.as_str(), row.street_name.as_str()))
            .chain((houses.iter()).map(|row| (row.street.as_str(), row.street_name.as_str())))
            .collect();
        let names = names(folder, &printed, day, rejects)?;
        let land = territory(snapshot, &houses, &seconds, &names)?;
        let (placed, findings) = place_all(&land);
        one_precinct_each(&land, &findings, rejects);
        let houses = Houses::of(&land, &placed, places, day);
        Ok(Self::of(&land, houses))
    }
}

/// A table's file in the folder; none where it is not there.
fn file_of(folder: &Path, table: &Table) -> Result<Option<PathBuf>> {
    let endings: &[&str] = match table.name {
        "addresses" => &["csv", "parquet", "geojson"],
        _ => &["csv", "parquet"],
    };
    let there: Vec<PathBuf> = endings
        .iter()
        .map(|ending| folder.join(format!("{}.{ending}", table.name)))
        .filter(|path| path.is_file())
        .collect();
    match there.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one.clone())),
        _ => bail!("{}: {} stands there twice", folder.display(), table.name),
    }
}

/// Reads a table row by row; what `parse` refuses goes to the rejects.
fn read<T>(
    file: &Path,
    table: &'static Table,
    rejects: &mut Rejects,
    parse: impl Fn(&Row<'_>) -> Result<T, Reject>,
) -> Result<Vec<(u64, T)>> {
    let mut taken = Vec::new();
    let mut take = |line: u64, row: Result<Row<'_>, Reject>| match row.and_then(|row| parse(&row)) {
        Ok(row) => taken.push((line, row)),
        Err(reject) => rejects.refuse(file, line, &reject),
    };
    store::import::rows_of_file(file, table, &mut take)
        .map_err(|error| anyhow!("{}: {error}", file.display()))?;
    Ok(taken)
}

fn soate(row: &Row<'_>, field: &'static str) -> Result<Soate, Reject> {
    let text = row.required(field)?;
    text.parse::<Soate>()
        .map_err(|why| Reject::of(field, Reason::Place(why)))
}

fn places(folder: &Path, rejects: &mut Rejects) -> Result<Places> {
    let Some(file) = file_of(folder, &PLACES)? else {
        return Ok(Places::shipped());
    };
    let rows = read(&file, &PLACES, rejects, |row| {
        Ok(PlaceRow {
            soate: soate(row, "soate")?,
            parent: match row.text("parent")? {
                "" => None,
                _ => Some(soate(row, "parent")?),
            },
            name: row.required("name")?.to_owned(),
        })
    })?;
    let (lines, rows): (Vec<u64>, Vec<PlaceRow>) = rows.into_iter().unzip();
    let (places, refused) = Places::of(&rows);
    for (at, why) in refused {
        let (field, code) = match why {
            PlaceReject::Twice => ("soate", "DUPLICATE_ID"),
            PlaceReject::NoParent => ("parent", "UNKNOWN"),
            PlaceReject::Circular => ("parent", "CIRCULAR"),
            PlaceReject::Unreadable => ("soate", "PLACE"),
        };
        rejects.name(
            "places.csv",
            lines[at].to_string(),
            field,
            code,
            &why.to_string(),
        );
    }
    Ok(places)
}

/// Houses by id; of two with one id the first stands.
fn houses(folder: &Path, rejects: &mut Rejects) -> Result<Vec<AddressRow>> {
    let Some(file) = file_of(folder, &ADDRESSES)? else {
        bail!("{}: holds no addresses", folder.display());
    };
    let mut kept: BTreeMap<String, AddressRow> = BTreeMap::new();
    for (line, row) in read(&file, &ADDRESSES, rejects, rows::address)? {
        if kept.contains_key(&row.address) {
            rejects.refuse(&file, line, &Reject::of("address_id", Reason::DuplicateId));
        } else {
            kept.insert(row.address.clone(), row);
        }
    }
    Ok(kept.into_values().collect())
}

fn seconds(
    folder: &Path,
    known: &HashSet<&str>,
    rejects: &mut Rejects,
) -> Result<Vec<SecondAddressRow>> {
    let Some(file) = file_of(folder, &SECOND_ADDRESSES)? else {
        return Ok(Vec::new());
    };
    let rows = read(&file, &SECOND_ADDRESSES, rejects, |row| {
        let row = rows::second_address(row)?;
        if known.contains(row.address.as_str()) {
            Ok(row)
        } else {
            Err(Reject::of("address_id", Reason::Unknown))
        }
    })?;
    let mut seen = HashSet::new();
    let mut kept = Vec::new();
    for (line, row) in rows {
        // The building's own id, street and number tell its addresses apart.
        if seen.insert((row.address.clone(), row.street.clone(), row.house.clone())) {
            kept.push(row);
        } else {
            rejects.refuse(&file, line, &Reject::of("house", Reason::DuplicateId));
        }
    }
    Ok(kept)
}

/// Other names of streets that stand; `printed` are the streets and the names that their houses print.
fn names(
    folder: &Path,
    printed: &HashMap<&str, &str>,
    day: Date,
    rejects: &mut Rejects,
) -> Result<Vec<StreetNameRow>> {
    let Some(file) = file_of(folder, &STREET_NAMES)? else {
        return Ok(Vec::new());
    };
    let rows = read(&file, &STREET_NAMES, rejects, |row| {
        let row = rows::street_name(row)?;
        if printed.contains_key(row.street.as_str()) {
            Ok(row)
        } else {
            Err(Reject::of("street_id", Reason::Unknown))
        }
    })?;
    let mut streets: BTreeMap<String, (Vec<u64>, Vec<StreetNameRow>)> = BTreeMap::new();
    for (line, row) in rows {
        let (lines, rows) = streets.entry(row.street.clone()).or_default();
        lines.push(line);
        rows.push(row);
    }
    let mut kept = Vec::new();
    for (street, (lines, rows)) in streets {
        let known = Known {
            street: &street,
            printed: printed.get(street.as_str()).copied().unwrap_or_default(),
            renames: &[],
            names: &[],
        };
        let fates = street::settle(known, &BTreeSet::new(), &rows, day).rows;
        for ((line, row), fate) in lines.into_iter().zip(rows).zip(fates) {
            match fate {
                Ok(_) => kept.push(row),
                Err(reject) => rejects.refuse(&file, line, &reject),
            }
        }
    }
    Ok(kept)
}

/// Houses with the precincts and boundaries of the snapshot.
fn territory(
    snapshot: &Snapshot,
    houses: &[AddressRow],
    seconds: &[SecondAddressRow],
    names: &[StreetNameRow],
) -> Result<Snapshot> {
    let mut builder = SnapshotBuilder::new();
    houses.iter().for_each(|row| builder.address(row));
    seconds.iter().for_each(|row| builder.second_address(row));
    names.iter().for_each(|row| builder.street_name(row));
    for row in &snapshot.precincts {
        builder.precinct(row.clone());
    }
    for row in &snapshot.boundaries {
        builder.boundary(BoundaryRow {
            precinct: row.precinct,
            extent: row.extent.clone(),
        });
    }
    Ok(builder.finish()?)
}

/// A building whose addresses lie in two precincts is named: someone must say where its people vote.
fn one_precinct_each(land: &Snapshot, findings: &[Finding], rejects: &mut Rejects) {
    let two = findings.iter().filter_map(|finding| match finding {
        Finding::TwoPrecincts { address, .. } => Some(*address),
        Finding::Gap { .. }
        | Finding::Overlap { .. }
        | Finding::Conflict { .. }
        | Finding::Unusable { .. }
        | Finding::Crossing { .. }
        | Finding::AreaOverlap { .. }
        | Finding::AreaGap { .. }
        | Finding::Enclave { .. }
        | Finding::Empty { .. }
        | Finding::TooLarge { .. } => None,
    });
    let two: BTreeSet<_> = two.collect();
    for address in two {
        let why = "the building's addresses lie in two precincts";
        let id = &land.addresses[address.at()].id;
        rejects.name(
            "second_addresses.csv",
            &**id,
            "street_id",
            "TWO_PRECINCTS",
            why,
        );
    }
}
