//! The table of lots and the files of lots as the office hands them out, read at the door: what is wrong is named by file,
//! line and field, never by its content.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use lexicon::handover::envelope::{hex, sha256};
use lexicon::handover::field_lot::HANDED;
use lexicon::{Date, PrecinctCode};
use serde::Serialize;

/// Largest file that is read, bytes: a lot of 5,000 long rows is a tenth of it.
const FILE_BYTES_MAX: u64 = 16 << 20;

/// Most entries of a lot: its pages are numbered, and a person walks them.
pub const ENTRIES_MAX: u32 = 20_000;

const TABLE: [&str; 7] = [
    "lot", "precinct", "aimak", "made", "due", "entries", "sha256",
];

/// What is wrong, and where: whoever prepared the files mends it. It quotes no cell.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, thiserror::Error)]
#[error("{file}, line {line}, {}: {why}", if .field.is_empty() { "the row" } else { .field.as_str() })]
pub struct BadCell {
    /// The file's name.
    pub file: String,
    /// The line, from 1; the header is line 1.
    pub line: u64,
    /// The column; empty when the whole row is wrong.
    pub field: String,
    /// What it must be.
    pub why: String,
}

/// A lot as the table names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LotFacts {
    /// Its number, from 1.
    pub lot: u32,
    /// The precinct whose commission takes it.
    pub precinct: Option<PrecinctCode>,
    /// The ayil aimak: the first eleven digits of its code; empty when unknown.
    pub aimak: String,
    /// The day it was made on.
    pub made: Date,
    /// The day until which answers are due.
    pub due: Date,
    /// How many entries it has.
    pub entries: u32,
    /// SHA-256 of its file, hexadecimal.
    pub sha256: String,
    /// Its line in the table.
    pub line: u64,
}

impl LotFacts {
    /// The name of its file.
    #[must_use]
    pub fn file(&self) -> String {
        format!("field-lot-{:05}.csv", self.lot)
    }
}

/// What an entry is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A row of the commission's list.
    Row,
    /// A person of the register.
    Person,
    /// An address.
    Address,
}

/// One entry of a lot.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number in the lot, from 1.
    pub number: u32,
    /// Its line in the file.
    pub line: u64,
    /// What it is about.
    pub kind: Kind,
    /// What the commission sees of it: 16 hexadecimal digits that come back with the answer.
    pub version: String,
    /// Surname; empty for an address.
    pub surname: String,
    /// Given name.
    pub given: String,
    /// Patronymic.
    pub patronymic: String,
    /// Birth date, as the source has it.
    pub born: String,
    /// Address.
    pub address: String,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Entry({}, sealed)", self.number)
    }
}

/// A row of a file: its line and its cells by column.
struct Cells<'f> {
    file: &'f str,
    line: u64,
    of: BTreeMap<&'static str, String>,
}

impl Cells<'_> {
    fn text(&self, column: &str) -> &str {
        self.of.get(column).map_or("", String::as_str)
    }

    fn wrong(&self, field: &str, why: impl Into<String>) -> BadCell {
        BadCell {
            file: self.file.to_owned(),
            line: self.line,
            field: field.to_owned(),
            why: why.into(),
        }
    }

    fn parsed<T: std::str::FromStr>(&self, column: &str, must: &str) -> Result<T, BadCell> {
        let cell = self.text(column).parse();
        cell.map_err(|_| self.wrong(column, must))
    }
}

/// The bytes of a file that is not too large.
pub(crate) fn bytes_of(path: &Path, name: &str) -> Result<Vec<u8>, BadCell> {
    let wrong = |why: String| BadCell {
        file: name.to_owned(),
        line: 1,
        field: String::new(),
        why,
    };
    let length = fs::metadata(path).map_err(|error| wrong(error.to_string()))?;
    if length.len() > FILE_BYTES_MAX {
        return Err(wrong(format!(
            "the file is larger than {FILE_BYTES_MAX} bytes"
        )));
    }
    fs::read(path).map_err(|error| wrong(error.to_string()))
}

/// The rows of a CSV file with all of these columns; others are not read. A row of another width is wrong.
fn rows<'f>(
    file: &'f str,
    bytes: &[u8],
    columns: &[&'static str],
) -> Result<Vec<Result<Cells<'f>, BadCell>>, BadCell> {
    let wrong = |line, field: &str, why: &str| BadCell {
        file: file.to_owned(),
        line,
        field: field.to_owned(),
        why: why.to_owned(),
    };
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let ends = before.iter().filter(|byte| **byte == b'\n').count() as u64;
        wrong(ends + 1, "", "is not UTF-8 text")
    })?;
    let text = text.trim_start_matches('\u{feff}');
    let head = text.lines().next().unwrap_or("");
    let is_semicolon = head.matches(';').count() > head.matches(',').count();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(if is_semicolon { b';' } else { b',' })
        .flexible(true)
        .from_reader(text.as_bytes());
    let names = reader.headers().cloned().unwrap_or_default();
    let mut places = BTreeMap::new();
    for column in columns {
        let mut at = names
            .iter()
            .enumerate()
            .filter(|(_, name)| name.trim() == *column);
        let (place, _) = at
            .next()
            .ok_or_else(|| wrong(1, column, "the header has no such column"))?;
        if at.next().is_some() {
            return Err(wrong(1, column, "the header has this column twice"));
        }
        places.insert(*column, place);
    }
    let mut found = Vec::new();
    for record in reader.into_records() {
        // The text is UTF-8 and any length is read, so that no other error is left.
        let Ok(record) = record else { continue };
        let line = record.position().map_or(0, |at| line_of(text, at));
        found.push(if record.len() == names.len() {
            let cell = |place: &usize| record.get(*place).unwrap_or("").trim().to_owned();
            Ok(Cells {
                file,
                line,
                of: places
                    .iter()
                    .map(|(name, place)| (*name, cell(place)))
                    .collect(),
            })
        } else {
            let (has, of) = (record.len(), names.len());
            Err(wrong(
                line,
                "",
                &format!("has {has} cells, the header {of}"),
            ))
        });
    }
    Ok(found)
}

/// The line where a row begins: the reader counts empty lines before it to the row.
fn line_of(text: &str, at: &csv::Position) -> u64 {
    let start = usize::try_from(at.byte()).unwrap_or(usize::MAX);
    let rest = text.get(start..).unwrap_or_default();
    let empty = rest.bytes().take_while(|byte| b"\r\n".contains(byte));
    at.line() + empty.filter(|byte| *byte == b'\n').count() as u64
}

/// Reads the table of lots: each row's lot, or what is wrong with it; the others stand.
///
/// # Errors
/// [`BadCell`] when the table as a whole cannot be read.
pub fn read_table(file: &str, bytes: &[u8]) -> Result<Vec<Result<LotFacts, BadCell>>, BadCell> {
    let mut seen = std::collections::BTreeSet::new();
    let rows = rows(file, bytes, &TABLE)?.into_iter();
    let lots = rows.map(|row| {
        let row = row?;
        let facts = facts(&row)?;
        if !seen.insert(facts.lot) {
            return Err(row.wrong("lot", "stands in an earlier row already"));
        }
        Ok(facts)
    });
    Ok(lots.collect())
}

fn facts(row: &Cells<'_>) -> Result<LotFacts, BadCell> {
    let lot: u32 = row.parsed("lot", "must be the number of the lot")?;
    if lot == 0 {
        return Err(row.wrong("lot", "must be the number of the lot"));
    }
    let precinct = match row.text("precinct") {
        "" => None,
        _ => Some(row.parsed("precinct", "must be a precinct number of four digits")?),
    };
    let aimak = row.text("aimak");
    if !(aimak.is_empty() || aimak.len() == 11 && aimak.bytes().all(|b| b.is_ascii_digit())) {
        return Err(row.wrong("aimak", "must be the eleven digits of an ayil aimak"));
    }
    let entries: u32 = row.parsed("entries", "must be a number")?;
    if !(1..=ENTRIES_MAX).contains(&entries) {
        return Err(row.wrong("entries", format!("must be from 1 to {ENTRIES_MAX}")));
    }
    let mark = row.text("sha256");
    if mark.len() != 64 || !mark.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(row.wrong("sha256", "must be 64 hexadecimal digits"));
    }
    Ok(LotFacts {
        lot,
        precinct,
        aimak: aimak.to_owned(),
        made: row.parsed("made", "must be a day as YYYY-MM-DD")?,
        due: row.parsed("due", "must be a day as YYYY-MM-DD")?,
        entries,
        sha256: mark.to_ascii_lowercase(),
        line: row.line,
    })
}

/// Reads a lot's file, which must be byte for byte what was handed out. `table`: the table's name, for what differs from it.
///
/// # Errors
/// [`BadCell`]: the first thing that is wrong.
pub fn read_lot(lot: &LotFacts, table: &str, bytes: &[u8]) -> Result<Vec<Entry>, BadCell> {
    let file = lot.file();
    let of_table = |field: &str, why: String| BadCell {
        file: table.to_owned(),
        line: lot.line,
        field: field.to_owned(),
        why,
    };
    let precinct = lot.precinct.map_or_else(String::new, |p| p.to_string());
    let mut entries = Vec::new();
    for (number, row) in (1u32..).zip(rows(&file, bytes, &HANDED)?) {
        let row = row?;
        let must = [
            (
                "lot",
                lot.lot.to_string(),
                "is not the lot of the file's name",
            ),
            (
                "entry",
                number.to_string(),
                "must count from 1 without a gap",
            ),
            ("precinct", precinct.clone(), "is not the lot's precinct"),
            ("aimak", lot.aimak.clone(), "is not the lot's ayil aimak"),
        ];
        if let Some((field, _, why)) = must.iter().find(|(name, is, _)| row.text(name) != is) {
            return Err(row.wrong(field, *why));
        }
        let kind = match row.text("kind") {
            "ROW" => Kind::Row,
            "PERSON" => Kind::Person,
            "ADDRESS" => Kind::Address,
            _ => return Err(row.wrong("kind", "must be ROW, PERSON or ADDRESS")),
        };
        let version = row.text("version");
        if version.len() != 16 || !version.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(row.wrong("version", "must be 16 hexadecimal digits"));
        }
        let text = |column: &str| row.text(column).to_owned();
        entries.push(Entry {
            number,
            line: row.line,
            kind,
            version: version.to_owned(),
            surname: text("surname"),
            given: text("given"),
            patronymic: text("patronymic"),
            born: text("birth_date"),
            address: text("address"),
        });
    }
    let found = entries.len();
    if u32::try_from(found) != Ok(lot.entries) {
        return Err(of_table("entries", format!("{file} has {found} entries")));
    }
    if hex(&sha256(bytes)) != lot.sha256 {
        let why = format!("{file} is not byte for byte the file that was handed out");
        return Err(of_table("sha256", why));
    }
    Ok(entries)
}
