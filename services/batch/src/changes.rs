//! The folder of changes: what a newer snapshot says otherwise than an earlier one, signed by the register.
//!
//! Docs/formats.md, section 2.1. It holds the newer rows of everybody about whom something changed, and it names both
//! snapshots by id. With the earlier snapshot at hand it is read in place of the newer one ([`crate::kept`]).

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::path::Path;

use lexicon::handover::envelope::{DocumentId, Signer, hex};
use lexicon::handover::snapshot::{
    AddressRow, BoundaryRow, CivilEventRow, ClaimRow, CommissionRow, DocumentRow, EnrolmentRow,
    PersonRow, PrecinctRow, ResidenceRow, ReviewAnswerRow, SecondAddressRow, SnapshotTables,
    StreetNameRow,
};
use lexicon::{ElectionLaw, PersonId};
use roll::snapshot::{Changes, Replaced};

use crate::columns::{
    CellError, Column, Kind, Put, RawRow, ReadRow, Row, TableError, Take, each_raw, must,
    read_table, write_table,
};
use crate::folder::{Contents, FolderWriter, Trust, open_folder};
use crate::snapshot::{SnapshotFileError, check_snapshot, file_of};

/// The folder's name in its manifest.
pub const CHANGES: &str = "changes";

/// A row of `touched.parquet`: somebody about whom something changed.
struct TouchedRow(PersonId);

impl Row for TouchedRow {
    const TABLE: &'static str = "touched";
    const COLUMNS: &'static [Column] = &[must("person", Kind::Text)];

    fn put(&self, cells: &mut Put<'_>) {
        cells.shown(self.0);
    }
}

impl ReadRow for TouchedRow {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        Ok(Self(cells.parsed()?))
    }
}

/// A row of `touched_addresses.parquet`: a house that changed, came or went.
struct TouchedAddressRow(String);

impl Row for TouchedAddressRow {
    const TABLE: &'static str = "touched_addresses";
    const COLUMNS: &'static [Column] = &[must("address", Kind::Text)];

    fn put(&self, cells: &mut Put<'_>) {
        cells.text(self.0.as_str());
    }
}

impl ReadRow for TouchedAddressRow {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        Ok(Self(cells.text()?.to_owned()))
    }
}

/// Two snapshots, the earlier and the newer one.
#[derive(Clone, Copy, Debug)]
pub struct Between<'a> {
    /// The earlier one.
    pub base: &'a Path,
    /// The newer one.
    pub newer: &'a Path,
}

/// The tables that come whole when they differ.
const WHOLE: [&str; 7] = [
    StreetNameRow::TABLE,
    SecondAddressRow::TABLE,
    PrecinctRow::TABLE,
    BoundaryRow::TABLE,
    ClaimRow::TABLE,
    CommissionRow::TABLE,
    ReviewAnswerRow::TABLE,
];

/// Whether a table may be missing: snapshots and changes of before have none of these.
fn is_later<R: Row>() -> bool {
    [
        ReviewAnswerRow::TABLE,
        StreetNameRow::TABLE,
        SecondAddressRow::TABLE,
    ]
    .contains(&R::TABLE)
}

fn flags(replaced: Replaced) -> [bool; 7] {
    [
        replaced.street_names,
        replaced.second_addresses,
        replaced.precincts,
        replaced.boundaries,
        replaced.claims,
        replaced.commission,
        replaced.review_answers,
    ]
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangesMade {
    /// The folder's id.
    pub id: DocumentId,
    /// Persons about whom something changed.
    pub touched: u64,
}

/// Compares two snapshot folders of one register and writes the signed folder of changes at `out`.
///
/// Both are checked byte by byte. Cost: a pass over each table of both.
///
/// # Errors
/// [`SnapshotFileError`].
pub fn write_changes(
    out: &Path,
    between: Between<'_>,
    law: &ElectionLaw,
    trust: Trust<'_>,
    register: &dyn Signer,
) -> Result<ChangesMade, SnapshotFileError> {
    let (_, base) = check_snapshot(between.base, law, trust)?;
    let (_, newer) = check_snapshot(between.newer, law, trust)?;
    let changes = compare(between)?;
    let mut folder = FolderWriter::create(out)?;
    let mut contents = Contents::default();
    contents
        .fact("base", base.hex())
        .fact("snapshot", newer.hex())
        .fact("law", hex(&law.hash));
    let whole = WHOLE.iter().zip(flags(changes.replaced));
    let replaced: Vec<&str> = whole
        .filter(|(_, replaced)| *replaced)
        .map(|(table, _)| *table)
        .collect();
    contents.fact("replaced", replaced.join(" "));
    let Changes {
        touched,
        addresses,
        rows,
        ..
    } = changes;
    let touched_persons = touched.len() as u64;
    macro_rules! put {
        ($rows:expr) => {{
            fn name<R: Row>(_: &[R]) -> &'static str {
                R::TABLE
            }
            let rows = $rows;
            let table = name(&rows);
            let file = file_of(table);
            contents.count(table, write_table(&folder.place(&file)?, rows)?);
            folder.adopt(&file)?;
        }};
    }
    put!(touched.into_iter().map(TouchedRow).collect::<Vec<_>>());
    let addresses = addresses.into_iter().map(|id| TouchedAddressRow(id.into()));
    put!(addresses.collect::<Vec<_>>());
    put!(rows.persons);
    put!(rows.documents);
    put!(rows.addresses);
    put!(rows.street_names);
    put!(rows.second_addresses);
    put!(rows.residences);
    put!(rows.civil_events);
    put!(rows.enrolments);
    put!(rows.precincts);
    put!(rows.boundaries);
    put!(rows.claims);
    put!(rows.commission);
    put!(rows.review_answers);
    let id = folder.finish(CHANGES, law.election.number, contents, register)?;
    Ok(ChangesMade {
        id,
        touched: touched_persons,
    })
}

/// Changes that were read: which snapshot they lead from and to.
#[derive(Debug)]
pub struct ReadChanges {
    /// Id of the earlier snapshot's manifest, hexadecimal.
    pub base: String,
    /// Id of the newer one's.
    pub newer: String,
    /// What changed.
    pub changes: Changes,
}

/// Checks every byte of a folder of changes and reads it.
///
/// # Errors
/// [`SnapshotFileError`] naming the file.
pub fn read_changes(
    dir: &Path,
    law: &ElectionLaw,
    trust: Trust<'_>,
) -> Result<ReadChanges, SnapshotFileError> {
    let (manifest, _) = open_folder(dir, CHANGES, trust)?;
    let fact = |name: &str| {
        let facts = manifest.facts.iter();
        facts
            .filter(|fact| fact.name == name)
            .map(|fact| fact.value.clone())
            .next()
            .unwrap_or_default()
    };
    if fact("law") != hex(&law.hash) {
        return Err(SnapshotFileError::OtherLaw {
            law: law.id.clone(),
        });
    }
    let replaced = fact("replaced");
    let whole = |table: &str| replaced.split(' ').any(|name| name == table);
    let [
        street_names,
        second_addresses,
        precincts,
        boundaries,
        claims,
        commission,
        review_answers,
    ] = WHOLE.map(whole);
    fn all<R: ReadRow>(dir: &Path) -> Result<Vec<R>, TableError> {
        let mut rows = Vec::new();
        let path = dir.join(file_of(R::TABLE));
        if !path.exists() && is_later::<R>() {
            return Ok(rows);
        }
        read_table(&path, |row| {
            rows.push(row);
            Ok::<(), TableError>(())
        })?;
        Ok(rows)
    }
    let touched = all::<TouchedRow>(dir)?;
    let addresses = all::<TouchedAddressRow>(dir)?;
    Ok(ReadChanges {
        base: fact("base"),
        newer: fact("snapshot"),
        changes: Changes {
            touched: touched.into_iter().map(|row| row.0).collect(),
            addresses: addresses.into_iter().map(|row| row.0.into()).collect(),
            replaced: Replaced {
                street_names,
                second_addresses,
                precincts,
                boundaries,
                claims,
                commission,
                review_answers,
            },
            rows: SnapshotTables {
                persons: all(dir)?,
                documents: all(dir)?,
                addresses: all(dir)?,
                street_names: all(dir)?,
                second_addresses: all(dir)?,
                residences: all(dir)?,
                civil_events: all(dir)?,
                enrolments: all(dir)?,
                precincts: all(dir)?,
                boundaries: all(dir)?,
                claims: all(dir)?,
                commission: all(dir)?,
                review_answers: all(dir)?,
                references: Vec::new(),
            },
        },
    })
}

/// What a key's rows add up to: hashes of the base's less those of the newer one's, and how many.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Sum {
    hashes: u64,
    rows: i64,
}

/// Adds up the rows of one table by key; equal rows of both sides cancel each other.
///
/// The keys of the hash are drawn anew for each run, so that nobody can write two rows that look equal.
fn differing<R: Row, K: Hash + Eq + Send>(
    between: Between<'_>,
    key: impl Fn(&RawRow<'_>) -> Result<K, TableError> + Sync,
) -> Result<HashMap<K, Sum>, TableError> {
    let state = RandomState::new();
    let sums = |dir: &Path, sign: i64| {
        let mut sums: HashMap<K, Sum> = HashMap::new();
        let path = dir.join(file_of(R::TABLE));
        if !path.exists() && is_later::<R>() {
            return Ok(sums);
        }
        each_raw::<R>(&path, |row| {
            let sum = sums.entry(key(row)?).or_default();
            let hash = state.hash_one(row);
            sum.hashes = sum.hashes.wrapping_add(match sign {
                1 => hash,
                _ => hash.wrapping_neg(),
            });
            sum.rows += sign;
            Ok(())
        })?;
        Ok::<_, TableError>(sums)
    };
    let (base, newer) = rayon::join(|| sums(between.base, 1), || sums(between.newer, -1));
    let (mut base, newer) = (base?, newer?);
    for (key, other) in newer {
        let sum = base.entry(key).or_default();
        sum.hashes = sum.hashes.wrapping_add(other.hashes);
        sum.rows += other.rows;
    }
    base.retain(|_, sum| *sum != Sum::default());
    Ok(base)
}

/// The person whom a row names in a column.
fn person_in(row: &RawRow<'_>, column: usize) -> Result<PersonId, TableError> {
    let id = row.text(column).and_then(|text| text.parse().ok());
    id.ok_or_else(|| row.refused("no person's id"))
}

/// The column of a table that names the person.
fn person_column<R: Row>() -> usize {
    let named = |column: &Column| column.name == "person";
    R::COLUMNS.iter().position(named).unwrap_or(0)
}

fn touched_by<R: Row>(between: Between<'_>) -> Result<Vec<(PersonId, Sum)>, TableError> {
    let column = person_column::<R>();
    let found = differing::<R, _>(between, |row| person_in(row, column))?;
    Ok(found.into_iter().collect())
}

fn differs<R: Row>(between: Between<'_>) -> Result<bool, TableError> {
    Ok(!differing::<R, ()>(between, |_| Ok(()))?.is_empty())
}

/// Whether a row of either side names, in one of the columns, one of the ids.
fn names_one<R: Row>(
    between: Between<'_>,
    columns: &[&str],
    ids: &HashSet<String>,
) -> Result<bool, TableError> {
    let mut named = false;
    each_naming::<R>(between, columns, ids, |_| {
        named = true;
        Ok(())
    })?;
    Ok(named)
}

/// Rows of either side that name one of the ids.
fn each_naming<R: Row>(
    between: Between<'_>,
    columns: &[&str],
    ids: &HashSet<String>,
    mut each: impl FnMut(&RawRow<'_>) -> Result<(), TableError>,
) -> Result<(), TableError> {
    if ids.is_empty() {
        return Ok(());
    }
    let at: Vec<usize> = (0..R::COLUMNS.len())
        .filter(|at| columns.contains(&R::COLUMNS[*at].name))
        .collect();
    for dir in [between.base, between.newer] {
        let path = dir.join(file_of(R::TABLE));
        if !path.exists() && is_later::<R>() {
            continue;
        }
        each_raw::<R>(&path, |row| {
            let mut texts = at.iter().filter_map(|at| row.text(*at));
            if texts.any(|text| ids.contains(text)) {
                each(row)?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Rows of the newer snapshot that name one of the ids in a column.
fn rows_naming<R: ReadRow>(
    newer: &Path,
    column: usize,
    ids: &HashSet<String>,
) -> Result<Vec<R>, TableError> {
    let mut rows = Vec::new();
    if !ids.is_empty() {
        each_raw::<R>(&newer.join(file_of(R::TABLE)), |row| {
            if row.text(column).is_some_and(|text| ids.contains(text)) {
                rows.push(row.take()?);
            }
            Ok(())
        })?;
    }
    Ok(rows)
}

fn rows_of<R: ReadRow>(newer: &Path, wanted: bool) -> Result<Vec<R>, TableError> {
    let mut rows = Vec::new();
    let path = newer.join(file_of(R::TABLE));
    if wanted && path.exists() {
        read_table(&path, |row| {
            rows.push(row);
            Ok::<(), TableError>(())
        })?;
    }
    Ok(rows)
}

fn compare(between: Between<'_>) -> Result<Changes, TableError> {
    let people = touched_by::<PersonRow>(between)?;
    let came_or_went = people.iter().filter(|(_, sum)| sum.rows != 0);
    let moved: HashSet<String> = came_or_went.map(|(id, _)| id.to_string()).collect();
    let mut touched: HashSet<PersonId> = people.into_iter().map(|(id, _)| id).collect();
    for found in [
        touched_by::<DocumentRow>(between)?,
        touched_by::<ResidenceRow>(between)?,
        touched_by::<CivilEventRow>(between)?,
        touched_by::<EnrolmentRow>(between)?,
    ] {
        touched.extend(found.into_iter().map(|(id, _)| id));
    }
    let text = |row: &RawRow<'_>| Ok(row.text(0).unwrap_or("").to_owned());
    let houses: HashSet<String> = differing::<AddressRow, _>(between, text)?
        .into_keys()
        .collect();
    each_naming::<ResidenceRow>(between, &["address"], &houses, |row| {
        touched.insert(person_in(row, person_column::<ResidenceRow>())?);
        Ok(())
    })?;
    each_naming::<PersonRow>(between, &["duplicate_of"], &moved, |row| {
        touched.insert(person_in(row, 0)?);
        Ok(())
    })?;
    let of_answers: HashSet<String> = moved.union(&houses).cloned().collect();
    let replaced = Replaced {
        street_names: differs::<StreetNameRow>(between)?,
        second_addresses: differs::<SecondAddressRow>(between)?
            || names_one::<SecondAddressRow>(between, &["address"], &houses)?,
        precincts: differs::<PrecinctRow>(between)?,
        boundaries: differs::<BoundaryRow>(between)?,
        claims: differs::<ClaimRow>(between)?
            || names_one::<ClaimRow>(between, &["person"], &moved)?,
        commission: differs::<CommissionRow>(between)?,
        review_answers: differs::<ReviewAnswerRow>(between)?
            || names_one::<ReviewAnswerRow>(between, &["person", "address"], &of_answers)?,
    };
    let mut touched: Vec<PersonId> = touched.into_iter().collect();
    touched.sort_unstable();
    let ids: HashSet<String> = touched.iter().map(PersonId::to_string).collect();
    fn of<R: ReadRow>(newer: &Path, ids: &HashSet<String>) -> Result<Vec<R>, TableError> {
        rows_naming(newer, person_column::<R>(), ids)
    }
    let newer = between.newer;
    let rows = SnapshotTables {
        persons: of(newer, &ids)?,
        documents: of(newer, &ids)?,
        addresses: rows_naming(newer, 0, &houses)?,
        street_names: rows_of(newer, replaced.street_names)?,
        second_addresses: rows_of(newer, replaced.second_addresses)?,
        residences: of(newer, &ids)?,
        civil_events: of(newer, &ids)?,
        enrolments: of(newer, &ids)?,
        precincts: rows_of(newer, replaced.precincts)?,
        boundaries: rows_of(newer, replaced.boundaries)?,
        claims: rows_of(newer, replaced.claims)?,
        commission: rows_of(newer, replaced.commission)?,
        review_answers: rows_of(newer, replaced.review_answers)?,
        references: Vec::new(),
    };
    let mut addresses: Vec<Box<str>> = houses.into_iter().map(String::into_boxed_str).collect();
    addresses.sort_unstable();
    Ok(Changes {
        touched,
        addresses,
        replaced,
        rows,
    })
}
