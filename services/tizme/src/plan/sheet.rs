//! A small table that people wrote: named columns in any order, `,` or `;`, with or without a byte-order mark.
//!
//! A bad row goes to the rejects and the next one is read; what makes the whole table doubtful is refused.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};

use crate::batch::rejects::Rejects;
use crate::linkage::rejects::Reason;
use crate::linkage::rows::{Row, Rows};

/// The largest table that is read, bytes.
const FILE_MAX_BYTES: u64 = 256 << 20;

/// A column that is read: its name, and others it may have.
pub struct Column {
    pub names: &'static [&'static str],
    pub is_needed: bool,
}

/// A column that must be there.
pub const fn must(names: &'static [&'static str]) -> Column {
    Column {
        names,
        is_needed: true,
    }
}

/// A column that may be there.
pub const fn may(names: &'static [&'static str]) -> Column {
    Column {
        names,
        is_needed: false,
    }
}

/// What is wrong with a cell: its column, a code of the rejects, and words that never quote it.
pub type Wrong = (&'static str, &'static str, &'static str);

/// A cell that is no whole number of its range.
pub fn number(column: &'static str, text: &str, least: u32, most: u32) -> Result<u32, Wrong> {
    let found = text.parse().ok().filter(|n| (least..=most).contains(n));
    found.ok_or((column, "NUMBER", "is no whole number in range"))
}

/// A region's code, as `osh` or `bishkek_additional`.
pub fn region(column: &'static str, text: &str) -> Result<String, Wrong> {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if text.is_empty() || text.len() > 40 || !text.chars().all(is_word) {
        return Err((
            column,
            "NOT_LISTED",
            "is no code of 1 to 40 of the letters a to z, digits and _",
        ));
    }
    Ok(text.to_owned())
}

/// Reads a table; `take` gets the line and the cells in the order of `columns`, empty where there is none. Rows whose
/// first column says `total`, as in published tables, are passed over.
///
/// # Errors
/// When the file cannot be read, is no text of this kind, or lacks a column; the message names file and column.
pub fn read(
    path: &Path,
    columns: &[Column],
    rejects: &mut Rejects,
    mut take: impl FnMut(u64, &[&str]) -> Result<(), Wrong>,
) -> Result<()> {
    let name = path.display().to_string();
    let about = std::fs::metadata(path).with_context(|| name.clone())?;
    ensure!(
        about.len() <= FILE_MAX_BYTES,
        "{name}: larger than {} MiB",
        FILE_MAX_BYTES >> 20
    );
    let bytes = std::fs::read(path).with_context(|| name.clone())?;
    ensure!(
        !bytes.starts_with(b"\xff\xfe") && !bytes.starts_with(b"\xfe\xff"),
        "{name}: the file is UTF-16; save it as UTF-8"
    );
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let head = text.split(|byte| *byte == b'\n').next().unwrap_or(text);
    let count = |wanted: u8| head.iter().filter(|byte| **byte == wanted).count();
    let delimiter = if count(b';') > count(b',') {
        b';'
    } else {
        b','
    };
    let mut rows = Rows::new(text, delimiter);
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let width = match rows.next(None)? {
        Some(Row::Good(_, fields)) => {
            for place in 0..fields.len() {
                let cell = String::from_utf8_lossy(fields.get(place)).trim().to_owned();
                places.entry(cell).or_insert(place);
            }
            fields.len()
        }
        Some(Row::Bad(_, reason)) => bail!("{name}: line 1 is no header: {reason}"),
        None => bail!("{name}: the file is empty"),
    };
    let mut found = Vec::with_capacity(columns.len());
    for column in columns {
        let place = column.names.iter().find_map(|name| places.get(*name));
        if place.is_none() && column.is_needed {
            bail!(
                "{name}: line 1 names no column {}",
                column.names.join(" or ")
            );
        }
        found.push(place.copied());
    }
    while let Some(row) = rows.next(Some(width))? {
        let (line, fields) = match row {
            Row::Good(line, fields) => (line, fields),
            Row::Bad(line, reason) => {
                let code = match reason {
                    Reason::TooLong => "ROW_TOO_LONG",
                    Reason::OpenQuote => "TRUNCATED",
                    Reason::Fields { .. } => "FIELD_COUNT",
                    Reason::NotUtf8 => "NOT_UTF8",
                    Reason::NoId => "EMPTY",
                    Reason::SharedId => "DUPLICATE_ID",
                };
                rejects.name(&name, line.to_string(), "", code, &reason.to_string());
                continue;
            }
        };
        let mut cells = Vec::with_capacity(found.len());
        let mut wrong = None;
        for (place, column) in found.iter().zip(columns) {
            let bytes = place.map_or(&b""[..], |place| fields.get(place));
            match std::str::from_utf8(bytes) {
                Ok(cell) => cells.push(cell.trim()),
                Err(_) => {
                    wrong = Some((column.names[0], "NOT_UTF8", "is not UTF-8 text"));
                    break;
                }
            }
        }
        let is_total = cells
            .first()
            .is_some_and(|cell| cell.eq_ignore_ascii_case("total"));
        let taken = match wrong {
            Some(wrong) => Err(wrong),
            None if is_total => Ok(()),
            None => take(line, &cells),
        };
        if let Err((field, code, reason)) = taken {
            rejects.name(&name, line.to_string(), field, code, reason);
        }
    }
    Ok(())
}
