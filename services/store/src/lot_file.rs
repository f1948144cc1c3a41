//! The files of numbered lots: tables handed to others to be filled in, and taken back line by line.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use lexicon::handover::envelope::{hex, sha256};

/// The largest file that is taken back, bytes: two million short rows.
pub const LOT_FILE_MAX_BYTES: u64 = 256 << 20;

/// Why a file is not taken at all. Whoever filled it in mends it; nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LotFileError {
    /// It is larger than [`LOT_FILE_MAX_BYTES`].
    #[error("the file is larger than 256 MB")]
    TooLarge,
    /// It is not UTF-8 text.
    #[error("line {line}: the file is not UTF-8 text; save it as UTF-8")]
    NotUtf8 {
        /// The first line that is none.
        line: u64,
    },
    /// A column is missing.
    #[error("the header has no column {0}")]
    Column(&'static str),
    /// A column stands twice.
    #[error("the header has the column {0} twice")]
    Twice(&'static str),
}

/// A row that was not taken: it goes to the rejects file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedRow {
    /// The line of the file, from 1.
    pub line: u64,
    /// The column that is wrong; empty when the whole row is.
    pub field: &'static str,
    /// What is wrong with it, without personal data.
    pub reason: String,
}

impl RejectedRow {
    pub(crate) fn new(line: u64, field: &'static str, reason: impl ToString) -> Self {
        Self {
            line,
            field,
            reason: reason.to_string(),
        }
    }
}

/// Writes a rejects file: file, line, field, reason. An earlier one is replaced; without rows it is removed.
///
/// # Errors
/// The system's.
pub fn write_rejects(path: &Path, file: &str, rows: &[RejectedRow]) -> std::io::Result<()> {
    if rows.is_empty() {
        return match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        };
    }
    let mut out = std::fs::File::create(path)?;
    out.write_all(&rejects_table(file, rows))?;
    out.sync_all()
}

/// The bytes of a rejects file.
#[must_use]
pub fn rejects_table(file: &str, rows: &[RejectedRow]) -> Vec<u8> {
    let cells = rows.iter().map(|row| {
        vec![
            file.to_owned(),
            row.line.to_string(),
            row.field.to_owned(),
            row.reason.clone(),
        ]
    });
    table(&["file", "line", "field", "reason"], cells)
}

/// A table as CSV with the mark of UTF-8; no cell of it runs as a formula in a spreadsheet.
pub(crate) fn table(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut out = "\u{feff}".as_bytes().to_vec();
    {
        let mut writer = csv::Writer::from_writer(&mut out);
        let mut put = |cells: &[String]| {
            writer
                .write_record(cells)
                .expect("a Vec takes every record of the header's length");
        };
        let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
        put(&header);
        for row in rows {
            let cells: Vec<String> = row.into_iter().map(harmless).collect();
            put(&cells);
        }
    }
    out
}

fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell
    }
}

/// A file taken back, in memory.
#[derive(Debug)]
pub(crate) struct LotFile {
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    places: BTreeMap<&'static str, usize>,
    rows: Vec<(u64, csv::StringRecord)>,
    /// Rows that cannot be read.
    pub rejected: Vec<RejectedRow>,
}

/// A row of a file taken back.
#[derive(Clone, Copy)]
pub(crate) struct LotRow<'f> {
    file: &'f LotFile,
    /// The line, from 1.
    pub line: u64,
    cells: &'f csv::StringRecord,
}

impl LotFile {
    /// Reads a file; every column of `columns` must be there, others are not read.
    pub(crate) fn read(bytes: &[u8], columns: &[&'static str]) -> Result<Self, LotFileError> {
        if bytes.len() as u64 > LOT_FILE_MAX_BYTES {
            return Err(LotFileError::TooLarge);
        }
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let ends = before.iter().filter(|byte| **byte == b'\n').count();
            LotFileError::NotUtf8 {
                line: ends as u64 + 1,
            }
        })?;
        let text = text.trim_start_matches('\u{feff}');
        let header = text.lines().next().unwrap_or("");
        let is_semicolon = header.matches(';').count() > header.matches(',').count();
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(if is_semicolon { b';' } else { b',' })
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut places = BTreeMap::new();
        let names = reader.headers().cloned().unwrap_or_default();
        let width = names.len();
        for column in columns {
            let mut at = names
                .iter()
                .enumerate()
                .filter(|(_, name)| name.trim().eq_ignore_ascii_case(column));
            let (place, _) = at.next().ok_or(LotFileError::Column(column))?;
            if at.next().is_some() {
                return Err(LotFileError::Twice(column));
            }
            places.insert(*column, place);
        }
        let (mut rows, mut rejected) = (Vec::new(), Vec::new());
        for record in reader.into_records() {
            // The text is UTF-8 and any length is read, so that no other error is left.
            let Ok(record) = record else { continue };
            let line = record.position().map_or(0, |at| line_of(text, at));
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if record.len() == width {
                rows.push((line, record));
            } else {
                let reason = format!("the row has {} cells, the header {width}", record.len());
                rejected.push(RejectedRow::new(line, "", reason));
            }
        }
        Ok(Self {
            sha256: hex(&sha256(bytes)),
            places,
            rows,
            rejected,
        })
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = LotRow<'_>> {
        self.rows.iter().map(|(line, cells)| LotRow {
            file: self,
            line: *line,
            cells,
        })
    }
}

/// The line where a row begins: the reader counts empty lines before it to the row.
fn line_of(text: &str, at: &csv::Position) -> u64 {
    let start = usize::try_from(at.byte()).unwrap_or(usize::MAX);
    let rest = text.get(start..).unwrap_or_default();
    let empty = rest.bytes().take_while(|byte| b"\r\n".contains(byte));
    at.line() + empty.filter(|byte| *byte == b'\n').count() as u64
}

impl<'f> LotRow<'f> {
    /// A cell without blanks around it; empty for a column that was not asked for.
    pub(crate) fn cell(&self, column: &str) -> &'f str {
        let place = self.file.places.get(column);
        place
            .and_then(|place| self.cells.get(*place))
            .map_or("", str::trim)
    }

    /// A cell that is parsed, or the reject that says what it must be.
    pub(crate) fn parsed<T: std::str::FromStr>(
        &self,
        column: &'static str,
        must_be: &str,
    ) -> Result<T, RejectedRow> {
        self.cell(column)
            .parse()
            .map_err(|_| RejectedRow::new(self.line, column, must_be))
    }
}

#[cfg(test)]
mod tests;
