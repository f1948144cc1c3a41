//! The address register as its keeper hands it over: places, streets with their names by date, houses, second addresses.
//!
//! A folder of `addresses.csv`, `.parquet` or `.geojson`, and, where there are any, `street_names.csv`,
//! `second_addresses.csv` and `places.csv`. A row that cannot stand goes to the rejects; the rest goes on.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use lexicon::handover::snapshot::{AddressRow, BoundaryRow};
use lexicon::{Date, Soate};
use register::address::index::HouseRow;
use register::address::{Builder, Index, PlaceReject, PlaceRow, Places};
use register::door::{Column, Reason, Reject, Row, Table, geojson, rows, tables};
use roll::boundary::{Placed, place_all};
use roll::{Snapshot, SnapshotBuilder};

use super::super::rejects::Rejects;

const fn column(name: &'static str, required: bool) -> Column {
    Column { name, required }
}

/// Names of a street: those that it had, has, or has in another language.
const STREET_NAMES: Table = Table {
    name: "street_names",
    columns: &[
        column("street_id", true),
        column("name", true),
        column("from", false),
        column("until", false),
    ],
};

/// Further addresses of a building: a corner house has one on each street.
const SECOND_ADDRESSES: Table = Table {
    name: "second_addresses",
    columns: &[
        column("address_id", true),
        column("soate", true),
        column("street_id", true),
        column("street_name", true),
        column("house", true),
    ],
};

/// The hierarchy of places; without it the shipped classifier is taken.
const PLACES: Table = Table {
    name: "places",
    columns: &[
        column("soate", true),
        column("parent", false),
        column("name", true),
    ],
};

/// A house number beside the building's own.
struct Second {
    building: String,
    row: AddressRow,
}

/// A name of a street and the days it is in force.
struct StreetName {
    street: String,
    name: String,
    from: Option<Date>,
    until: Option<Date>,
}

/// Houses arranged for the search, and whose they are.
pub(in crate::batch) struct Land {
    /// The arranged houses.
    pub index: Index,
    /// The building of each house of the index, by its id at the source.
    pub ids: Vec<Box<str>>,
}

impl Land {
    /// The houses of a snapshot, under the shipped classifier.
    pub fn of_snapshot(snapshot: &Snapshot) -> Self {
        let (placed, _) = place_all(snapshot);
        let mut builder = Builder::new(Places::shipped());
        add(&mut builder, snapshot, &placed);
        let ids = snapshot.addresses.iter().map(|row| row.id.clone());
        Self {
            index: builder.finish(),
            ids: ids.collect(),
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
        let land = territory(snapshot, &houses, &seconds)?;
        let (placed, _) = place_all(&land);
        let mut builder = Builder::new(places);
        add(&mut builder, &land, &placed);
        let streets: HashSet<&str> = land
            .addresses
            .iter()
            .map(|row| land.words.text(row.street))
            .collect();
        name_streets(folder, &streets, day, &mut builder, rejects)?;
        let building: HashMap<&str, &str> = seconds
            .iter()
            .map(|second| (second.row.address.as_str(), second.building.as_str()))
            .collect();
        let ids: Vec<Box<str>> = land
            .addresses
            .iter()
            .map(|row| {
                building
                    .get(&*row.id)
                    .map_or_else(|| row.id.clone(), |id| (*id).into())
            })
            .collect();
        one_precinct_each(&ids, &placed, rejects);
        Ok(Self {
            index: builder.finish(),
            ids,
        })
    }
}

fn add(builder: &mut Builder, land: &Snapshot, placed: &[Option<Placed>]) {
    let text = |word| land.words.text(word);
    for (row, placed) in land.addresses.iter().zip(placed) {
        builder.house(&HouseRow {
            soate: row.soate,
            street: text(row.street),
            street_name: text(row.street_name),
            house: text(row.house),
            precinct: placed.map(|placed| placed.precinct),
        });
    }
}

/// A table's file in the folder; none where it is not there.
fn file_of(folder: &Path, table: &Table) -> Result<Option<PathBuf>> {
    let there: Vec<PathBuf> = ["csv", "parquet"]
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

fn day_if(row: &Row<'_>, field: &'static str) -> Result<Option<Date>, Reject> {
    let text = row.text(field)?;
    if text.is_empty() {
        return Ok(None);
    }
    text.parse()
        .map(Some)
        .map_err(|_| Reject::of(field, Reason::Date))
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
    let geo = folder.join("addresses.geojson");
    let (file, read) = match (file_of(folder, &tables::ADDRESSES)?, geo.is_file()) {
        (Some(file), false) => {
            let rows = read(&file, &tables::ADDRESSES, rejects, rows::address)?;
            (file, rows)
        }
        (None, true) => {
            let rows = geojson_houses(&geo, rejects)?;
            (geo, rows)
        }
        (Some(_), true) => bail!("{}: addresses stands there twice", folder.display()),
        (None, false) => bail!("{}: holds no addresses", folder.display()),
    };
    let mut kept: BTreeMap<String, AddressRow> = BTreeMap::new();
    for (line, row) in read {
        if kept.contains_key(&row.address) {
            rejects.refuse(&file, line, &Reject::of("address_id", Reason::DuplicateId));
        } else {
            kept.insert(row.address.clone(), row);
        }
    }
    Ok(kept.into_values().collect())
}

/// Houses of a GeoJSON file with the number of their feature.
fn geojson_houses(file: &Path, rejects: &mut Rejects) -> Result<Vec<(u64, AddressRow)>> {
    let at_file = || file.display().to_string();
    if std::fs::metadata(file).with_context(at_file)?.len() > geojson::FILE_MAX_BYTES {
        bail!(
            "{}: is larger than 1 GiB; hand the houses over as CSV or Parquet",
            file.display()
        );
    }
    let text = std::fs::read(file).with_context(at_file)?;
    let mut houses = Vec::new();
    geojson::houses(&text, &mut |number, house| match house {
        Ok(row) => houses.push((number, row)),
        Err(reject) => rejects.refuse(file, number, &reject),
    })
    .map_err(|error| anyhow!("{}: {error}", file.display()))?;
    Ok(houses)
}

fn seconds(folder: &Path, known: &HashSet<&str>, rejects: &mut Rejects) -> Result<Vec<Second>> {
    let Some(file) = file_of(folder, &SECOND_ADDRESSES)? else {
        return Ok(Vec::new());
    };
    let rows = read(&file, &SECOND_ADDRESSES, rejects, |row| {
        let building = row.required("address_id")?.to_owned();
        if !known.contains(building.as_str()) {
            return Err(Reject::of("address_id", Reason::Unknown));
        }
        let (street, house) = (row.required("street_id")?, row.required("house")?);
        // The building's own id, street and number tell its addresses apart.
        let address = format!("{building}\u{1f}{street}\u{1f}{house}");
        let row = AddressRow {
            address,
            soate: soate(row, "soate")?,
            street: street.to_owned(),
            street_name: row.required("street_name")?.to_owned(),
            house: house.to_owned(),
            lon_microdegrees: 0,
            lat_microdegrees: 0,
        };
        Ok(Second { building, row })
    })?;
    let mut seen = HashSet::new();
    let mut kept = Vec::new();
    for (line, second) in rows {
        if seen.insert(second.row.address.clone()) {
            kept.push(second);
        } else {
            rejects.refuse(&file, line, &Reject::of("house", Reason::DuplicateId));
        }
    }
    Ok(kept)
}

/// Houses with the precincts and boundaries of the snapshot; a second address stands where its building stands.
fn territory(snapshot: &Snapshot, houses: &[AddressRow], seconds: &[Second]) -> Result<Snapshot> {
    let mut builder = SnapshotBuilder::new();
    let points: HashMap<&str, (i32, i32)> = houses
        .iter()
        .map(|row| {
            (
                row.address.as_str(),
                (row.lon_microdegrees, row.lat_microdegrees),
            )
        })
        .collect();
    houses.iter().for_each(|row| builder.address(row));
    for second in seconds {
        let (lon_microdegrees, lat_microdegrees) = points[second.building.as_str()];
        builder.address(&AddressRow {
            lon_microdegrees,
            lat_microdegrees,
            ..second.row.clone()
        });
    }
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

/// Gives streets their other names: a name that ended by the day is a former one, one that has not begun is left out.
fn name_streets(
    folder: &Path,
    known: &HashSet<&str>,
    day: Date,
    builder: &mut Builder,
    rejects: &mut Rejects,
) -> Result<()> {
    let Some(file) = file_of(folder, &STREET_NAMES)? else {
        return Ok(());
    };
    let rows = read(&file, &STREET_NAMES, rejects, |row| {
        let named = StreetName {
            street: row.required("street_id")?.to_owned(),
            name: row.required("name")?.to_owned(),
            from: day_if(row, "from")?,
            until: day_if(row, "until")?,
        };
        if !known.contains(named.street.as_str()) {
            return Err(Reject::of("street_id", Reason::Unknown));
        }
        match (named.from, named.until) {
            (Some(from), Some(until)) if until < from => {
                Err(Reject::of("until", Reason::DateOrder))
            }
            _ => Ok(named),
        }
    })?;
    for (line, named) in rows {
        if named.from.is_some_and(|from| from > day) {
            let why = "begins after the day of the election";
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            rejects.name(&name, line.to_string(), "from", "NOT_IN_FORCE", why);
            continue;
        }
        let is_former = named.until.is_some_and(|until| until <= day);
        builder.other_name(&named.street, &named.name, is_former);
    }
    Ok(())
}

/// A building whose addresses lie in two precincts is named: someone must say where its people vote.
fn one_precinct_each(ids: &[Box<str>], placed: &[Option<Placed>], rejects: &mut Rejects) {
    let mut first: HashMap<&str, Option<Placed>> = HashMap::new();
    let mut named: HashSet<&str> = HashSet::new();
    for (id, placed) in ids.iter().zip(placed) {
        let own = *first.entry(id).or_insert(*placed);
        let is_other = own.map(|p| p.precinct) != placed.map(|p| p.precinct);
        if is_other && named.insert(id) {
            let why = "the building's addresses lie in two precincts";
            rejects.name(
                "second_addresses.csv",
                &**id,
                "street_id",
                "TWO_PRECINCTS",
                why,
            );
        }
    }
}
