//! Figures from outside, taken in from a CSV: voters of the last election, kits that a region was given.
//!
//! Columns `region`, `precinct` (may be empty: the region as a whole), `value`. Any order, UTF-8, comma.

use std::collections::BTreeSet;
use std::path::Path;

use register::Region;
use store::{ReferenceKind, ReferenceValue, Store, StoreError};

use crate::lines::Lines;

/// Why nothing was taken in.
#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
    /// The file cannot be read, or is no CSV.
    #[error("{file}: {why}")]
    File {
        /// Which file.
        file: String,
        /// What is wrong.
        why: String,
    },
    /// A column is missing.
    #[error("{file}: there is no column {column}")]
    Column {
        /// Which file.
        file: String,
        /// Which column.
        column: &'static str,
    },
    /// Not one row could be used.
    #[error("{file}: no row can be used")]
    Empty {
        /// Which file.
        file: String,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A row that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Its line in the file, from 1.
    pub line: u64,
    /// The column that is wrong.
    pub column: &'static str,
    /// What is wrong.
    pub why: &'static str,
}

/// What was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The edition's number.
    pub edition: u32,
    /// Rows taken.
    pub rows: usize,
    /// Rows left out.
    pub rejected: Vec<Rejected>,
}

/// Where the columns are.
struct Columns {
    region: usize,
    precinct: Option<usize>,
    value: usize,
}

/// Takes a file in as a new edition of its kind; a bad row is left out and named, the rest goes on.
///
/// # Errors
/// [`ReferenceError`]; nothing was written then.
pub fn import(
    store: &Store,
    path: &Path,
    kind: ReferenceKind,
    label: &str,
) -> Result<Imported, ReferenceError> {
    let file = path.display().to_string();
    let wrong = |error: csv::Error| ReferenceError::File {
        file: file.clone(),
        why: error.to_string(),
    };
    let bytes = std::fs::read(path).map_err(|error| ReferenceError::File {
        file: file.clone(),
        why: error.to_string(),
    })?;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(bytes.as_slice());
    let head = reader.headers().map_err(wrong)?.clone();
    let place = |name: &str| {
        head.iter()
            .position(|cell| cell.trim_start_matches('\u{feff}') == name)
    };
    let need = |name: &'static str| {
        place(name).ok_or_else(|| ReferenceError::Column {
            file: file.clone(),
            column: name,
        })
    };
    let columns = Columns {
        region: need("region")?,
        precinct: place("precinct"),
        value: need("value")?,
    };
    let (mut taken, mut rejected) = (Vec::new(), Vec::new());
    let (mut seen, mut lines) = (BTreeSet::new(), Lines::new(&bytes));
    for record in reader.records() {
        let record = record.map_err(wrong)?;
        let line = lines.of(&record);
        match row(&record, &columns) {
            Err((column, why)) => rejected.push(Rejected { line, column, why }),
            Ok(value) if seen.insert((value.region.clone(), value.precinct)) => taken.push(value),
            Ok(_) => rejected.push(Rejected {
                line,
                column: "precinct",
                why: "the same region and precinct stand in an earlier line",
            }),
        }
    }
    if taken.is_empty() {
        return Err(ReferenceError::Empty { file });
    }
    let edition = store.transact("import_reference", "reference", |tx| {
        tx.record_reference(kind, label, &taken)
    })?;
    Ok(Imported {
        edition,
        rows: taken.len(),
        rejected,
    })
}

fn row(
    record: &csv::StringRecord,
    columns: &Columns,
) -> Result<ReferenceValue, (&'static str, &'static str)> {
    let region = record.get(columns.region).unwrap_or("");
    let plain = region.strip_suffix("_additional").unwrap_or(region);
    if Region::from_code(plain).is_none() {
        return Err(("region", "this is no region of the campaign"));
    }
    let precinct = match columns.precinct.and_then(|at| record.get(at)).unwrap_or("") {
        "" => 0,
        text => text
            .parse::<u32>()
            .ok()
            .filter(|number| (1..=9_999).contains(number))
            .ok_or(("precinct", "a precinct number has at most four digits"))?,
    };
    let value = record.get(columns.value).unwrap_or("");
    let value: u32 = value
        .parse()
        .map_err(|_| ("value", "this is no whole number of 0 and more"))?;
    Ok(ReferenceValue {
        region: region.to_owned(),
        precinct,
        value: u64::from(value),
    })
}
