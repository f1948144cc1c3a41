//! The commissions' protocols from a CSV: how many voters received a ballot in each precinct, and why some of them
//! bear no electronic mark.
//!
//! Columns `precinct` and `received`; `not_on_list`, `finger`, `fallback`, `fault` may be left out. Any order, UTF-8,
//! comma or semicolon.

use std::collections::BTreeSet;

use roll::comparison::Protocol;
use store::{ProtocolRefused, Store, StoreError};

use crate::hours::stations;
use crate::lines::Lines;

/// Why nothing of a file was taken.
#[derive(Debug, thiserror::Error)]
pub enum ProtocolsError {
    /// A column is missing, or there is no header: whoever made the file acts.
    #[error("there is no column {0}")]
    Column(&'static str),
    /// It cannot be read as CSV.
    #[error("this is no CSV: {0}")]
    Csv(#[from] csv::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The causes that a protocol names, in the order of its columns.
pub const CAUSES: [&str; 4] = ["not_on_list", "finger", "fallback", "fault"];
/// Reasons for which a row is left out.
pub const REASONS: [&str; 4] = ["number", "precinct", "twice", "causes"];

/// Takes a file in as a new edition; a bad row is left out with its line, field and reason, the rest goes on.
///
/// # Errors
/// [`ProtocolsError`]; nothing was written then.
pub fn receive_protocols(store: &Store, staff: &str, file: &[u8]) -> Result<u32, ProtocolsError> {
    let head = file.split(|byte| *byte == b'\n').next().unwrap_or(b"");
    let separator = if head.contains(&b';') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .delimiter(separator)
        .trim(csv::Trim::All)
        .from_reader(file);
    let names = reader.headers()?.clone();
    let place = |name: &str| {
        names
            .iter()
            .position(|cell| cell.trim_start_matches('\u{feff}') == name)
    };
    let precinct = place("precinct").ok_or(ProtocolsError::Column("precinct"))?;
    let received = place("received").ok_or(ProtocolsError::Column("received"))?;
    let causes = CAUSES.map(place);
    let known: BTreeSet<u16> = store
        .read("stations", stations)?
        .into_iter()
        .map(|station| station.precinct)
        .collect();
    let (mut rows, mut refused) = (Vec::new(), Vec::new());
    let mut seen = BTreeSet::new();
    let mut lines = Lines::new(file);
    for record in reader.records() {
        let record = record?;
        let line = lines.of(&record);
        let judged = row(&record, precinct, received, causes).and_then(|row| {
            if !known.contains(&row.precinct) {
                return Err(("precinct", "precinct"));
            }
            if !seen.insert(row.precinct) {
                return Err(("precinct", "twice"));
            }
            Ok(row)
        });
        match judged {
            Ok(row) => rows.push(row),
            Err((field, reason)) => refused.push(ProtocolRefused {
                line,
                field: field.to_owned(),
                reason: reason.to_owned(),
            }),
        }
    }
    let edition = store.transact("receive_protocols", staff, |tx| {
        tx.record_protocols(&rows, &refused, staff)
    })?;
    Ok(edition)
}

fn row(
    record: &csv::StringRecord,
    precinct: usize,
    received: usize,
    causes: [Option<usize>; 4],
) -> Result<Protocol, (&'static str, &'static str)> {
    let cell = |at: usize| record.get(at).unwrap_or("");
    let whole = |text: &str| text.parse::<u32>().ok().map(u64::from);
    let number = cell(precinct)
        .parse::<u16>()
        .map_err(|_| ("precinct", "number"))?;
    let received = whole(cell(received)).ok_or(("received", "number"))?;
    let mut counts = [0u64; 4];
    for ((count, at), name) in counts.iter_mut().zip(causes).zip(CAUSES) {
        if let Some(text) = at.map(cell).filter(|text| !text.is_empty()) {
            *count = whole(text).ok_or((name, "number"))?;
        }
    }
    let [not_on_list, finger, fallback, fault] = counts;
    let said = Protocol {
        precinct: number,
        received,
        not_on_list,
        finger,
        fallback,
        fault,
    };
    if said.explained() > received {
        return Err(("received", "causes"));
    }
    Ok(said)
}
