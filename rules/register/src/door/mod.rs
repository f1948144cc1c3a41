//! The door: one row of an import table becomes a typed row, or a [`Reject`].
//!
//! [`Layout`] reads a header; [`Row`] gives the cells by column name; one function for each table
//! in [`rows`] parses the row. Columns and rules are those of `docs/import.md`. A reason never
//! quotes the value.

pub mod geojson;
pub mod rows;
pub mod tables;

use lexicon::person::ParsePersonError;
use lexicon::place::ParsePlaceError;

pub use tables::{Column, TABLES, Table};

use crate::change::Unlawful;

/// Longest text of an ordinary cell, bytes; geometries and byte columns are exempt.
pub const TEXT_MAX_BYTES: usize = 2_000;

/// One cell: text, or the bytes of a Parquet binary column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell<'a> {
    /// Text; empty means absent.
    Text(&'a str),
    /// Bytes; empty means absent.
    Bytes(&'a [u8]),
}

/// Why a header was refused: whoever prepares the folder must fix the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    /// Required columns are missing; nothing of the file is read.
    #[error("missing required column(s) {}", .0.join(", "))]
    Missing(Vec<&'static str>),
    /// A column stands twice.
    #[error("column {0} stands twice")]
    Twice(&'static str),
}

/// Where each column of a table stands in a file.
#[derive(Clone, Debug)]
pub struct Layout {
    table: &'static Table,
    places: Vec<Option<usize>>,
    width: usize,
    unknown: Vec<String>,
}

impl Layout {
    /// Finds a table's columns in a header. Letter case and surrounding spaces do not matter.
    ///
    /// # Errors
    /// [`LayoutError`] when a required column is missing or a known one stands twice.
    pub fn of(table: &'static Table, header: &[&str]) -> Result<Layout, LayoutError> {
        let names: Vec<String> = header
            .iter()
            .map(|name| name.trim().to_lowercase())
            .collect();
        let mut places = Vec::with_capacity(table.columns.len());
        let mut missing = Vec::new();
        for column in table.columns {
            let mut found = names
                .iter()
                .enumerate()
                .filter(|(_, name)| *name == column.name);
            let place = found.next().map(|(place, _)| place);
            if found.next().is_some() {
                return Err(LayoutError::Twice(column.name));
            }
            if place.is_none() && column.required {
                missing.push(column.name);
            }
            places.push(place);
        }
        if !missing.is_empty() {
            return Err(LayoutError::Missing(missing));
        }
        let unknown = names
            .iter()
            .filter(|name| {
                !table
                    .columns
                    .iter()
                    .any(|column| column.name == name.as_str())
            })
            .cloned()
            .collect();
        Ok(Layout {
            table,
            places,
            width: header.len(),
            unknown,
        })
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> &'static Table {
        self.table
    }

    /// Columns that no table has: reported and ignored.
    #[must_use]
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// Binds the cells of one row.
    ///
    /// # Errors
    /// [`Reason::FieldCount`] when the row is shorter or longer than the header.
    pub fn row<'a>(&'a self, cells: &'a [Cell<'a>]) -> Result<Row<'a>, Reject> {
        if cells.len() == self.width {
            Ok(Row {
                layout: self,
                cells,
            })
        } else {
            Err(Reject {
                field: "",
                reason: Reason::FieldCount {
                    got: cells.len(),
                    expected: self.width,
                },
            })
        }
    }
}

/// Why a row was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Reject {
    /// The column; empty when the whole row is meant.
    pub field: &'static str,
    /// What is wrong with it.
    pub reason: Reason,
}

impl Reject {
    /// A column and what is wrong with it.
    #[must_use]
    pub fn of(field: &'static str, reason: Reason) -> Self {
        Self { field, reason }
    }
}

/// What is wrong with a cell or a row. Messages never quote the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// A required cell is empty.
    #[error("is required and empty")]
    Empty,
    /// The bytes are no UTF-8; often a file saved as Latin-1 or Windows-1251.
    #[error("is not UTF-8 text; save the file as UTF-8")]
    NotUtf8,
    /// Longer than any real value.
    #[error("is longer than {TEXT_MAX_BYTES} bytes")]
    TooLong,
    /// A control character stands in the text.
    #[error("holds a control character")]
    ControlCharacter,
    /// Not a calendar date.
    #[error("is no date YYYY-MM-DD or DD.MM.YYYY")]
    Date,
    /// A date before 1850 or after tomorrow.
    #[error("is a date before 1850 or in the future")]
    DateRange,
    /// The later of two dates stands before the earlier.
    #[error("lies before the first day")]
    DateOrder,
    /// Not a moment with an offset.
    #[error("is no moment such as 2015-09-12T10:15:00+06:00")]
    Moment,
    /// Not one of the listed words.
    #[error("is none of the words listed in docs/import.md")]
    NotListed,
    /// A PIN, name, sex or document number that cannot be read.
    #[error("{0}")]
    Person(#[from] ParsePersonError),
    /// A precinct or SOATE code that cannot be read.
    #[error("{0}")]
    Place(#[from] ParsePlaceError),
    /// Not three capital letters.
    #[error("is no ISO 3166-1 alpha-3 code")]
    Country,
    /// Not a coordinate in degrees.
    #[error("is no coordinate in degrees")]
    Coordinate,
    /// Not a whole number in range.
    #[error("is no whole number in range")]
    Number,
    /// A finger position is 1 to 10.
    #[error("is no finger position 1 to 10")]
    Finger,
    /// An odd number of digits or a letter after F.
    #[error("is no hexadecimal text")]
    Hexadecimal,
    /// The bytes are no ISO/IEC 19794-2:2005 record.
    #[error("is no ISO/IEC 19794-2:2005 record")]
    Minutiae,
    /// No fingerprint could be read from the image.
    #[error("is no image a fingerprint can be read from")]
    FingerImage,
    /// The photograph is neither PNG nor JPEG.
    #[error("is neither PNG nor JPEG")]
    Photo,
    /// The photograph is too large for a station package.
    #[error("is larger than 8 KiB")]
    PhotoSize,
    /// The named file is not there or lies outside the folder.
    #[error("names no file below the folder")]
    File,
    /// Neither of two columns holds anything, or both do.
    #[error("exactly one of the two forms must be given")]
    OneOfTwo,
    /// Not a Polygon or MultiPolygon in GeoJSON.
    #[error("is no GeoJSON Polygon or MultiPolygon")]
    Geometry,
    /// The row has more or fewer fields than the header; often a truncated file.
    #[error("row has {got} fields, the header has {expected}")]
    FieldCount {
        /// Fields of the row.
        got: usize,
        /// Fields of the header.
        expected: usize,
    },
    /// The row goes on beyond any real one; it was not read to its end.
    #[error("the row is longer than 4 MiB; a quote or a line end is missing")]
    RowTooLong,
    /// The file ends within a quoted field.
    #[error("the file ends within this row")]
    Truncated,
    /// An earlier line of the file has this id.
    #[error("an earlier line has this id")]
    DuplicateId,
    /// A row with this id and other content was imported before.
    #[error("was imported before with other content; {0}")]
    Changed(Unlawful),
    /// Another name of the street is in force on a day of this one.
    #[error(
        "two names of the street are in force on one day: send the day on which the one ended and the other began"
    )]
    TwoNames,
    /// A name that begins after the day for which the register is read.
    #[error("begins after the day for which the register is read")]
    NotInForce,
    /// The referenced row is not in the register.
    #[error("names a row that is not in the register")]
    Unknown,
}

impl Reason {
    /// The code in rejects files.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Reason::Empty => "EMPTY",
            Reason::NotUtf8 => "NOT_UTF8",
            Reason::TooLong => "TOO_LONG",
            Reason::ControlCharacter => "CONTROL_CHARACTER",
            Reason::Date => "DATE",
            Reason::DateRange => "DATE_RANGE",
            Reason::DateOrder => "DATE_ORDER",
            Reason::Moment => "MOMENT",
            Reason::NotListed => "NOT_LISTED",
            Reason::Person(_) => "PERSON",
            Reason::Place(_) => "PLACE",
            Reason::Country => "COUNTRY",
            Reason::Coordinate => "COORDINATE",
            Reason::Number => "NUMBER",
            Reason::Finger => "FINGER",
            Reason::Hexadecimal => "HEXADECIMAL",
            Reason::Minutiae => "MINUTIAE",
            Reason::FingerImage => "FINGER_IMAGE",
            Reason::Photo => "PHOTO",
            Reason::PhotoSize => "PHOTO_SIZE",
            Reason::File => "FILE",
            Reason::OneOfTwo => "ONE_OF_TWO",
            Reason::Geometry => "GEOMETRY",
            Reason::FieldCount { .. } => "FIELD_COUNT",
            Reason::RowTooLong => "ROW_TOO_LONG",
            Reason::Truncated => "TRUNCATED",
            Reason::DuplicateId => "DUPLICATE_ID",
            Reason::Changed(_) => "CHANGED",
            Reason::TwoNames => "TWO_NAMES",
            Reason::NotInForce => "NOT_IN_FORCE",
            Reason::Unknown => "UNKNOWN",
        }
    }
}

/// A text of an ordinary cell: not too long, without control characters.
fn checked<'a>(field: &'static str, text: &'a str) -> Result<&'a str, Reject> {
    if text.len() > TEXT_MAX_BYTES {
        return Err(Reject::of(field, Reason::TooLong));
    }
    if text.chars().any(char::is_control) {
        return Err(Reject::of(field, Reason::ControlCharacter));
    }
    Ok(text)
}

/// The cells of one row, by column name.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    layout: &'a Layout,
    cells: &'a [Cell<'a>],
}

impl<'a> Row<'a> {
    fn cell(&self, column: &'static str) -> Cell<'a> {
        let place = self
            .layout
            .table
            .columns
            .iter()
            .position(|c| c.name == column);
        place
            .and_then(|p| self.layout.places.get(p).copied().flatten())
            .and_then(|p| self.cells.get(p).copied())
            .unwrap_or(Cell::Text(""))
    }

    /// A text cell, trimmed; empty when the column is absent.
    ///
    /// # Errors
    /// When the cell holds bytes that are no text, is too long, or has control characters.
    pub fn text(&self, column: &'static str) -> Result<&'a str, Reject> {
        checked(column, self.long_text(column)?)
    }

    /// A text cell of any length, trimmed.
    ///
    /// # Errors
    /// When the cell holds bytes that are no text.
    pub fn long_text(&self, column: &'static str) -> Result<&'a str, Reject> {
        match self.cell(column) {
            Cell::Text(text) => Ok(text.trim()),
            Cell::Bytes(bytes) => std::str::from_utf8(bytes)
                .map(str::trim)
                .map_err(|_| Reject {
                    field: column,
                    reason: Reason::NotUtf8,
                }),
        }
    }

    /// A text cell that must not be empty.
    ///
    /// # Errors
    /// As [`Row::text`], and when it is empty.
    pub fn required(&self, column: &'static str) -> Result<&'a str, Reject> {
        let text = self.text(column)?;
        if text.is_empty() {
            Err(Reject {
                field: column,
                reason: Reason::Empty,
            })
        } else {
            Ok(text)
        }
    }

    /// A byte cell: bytes as they are, text as hexadecimal.
    ///
    /// # Errors
    /// [`Reason::Hexadecimal`] when the text is none.
    pub fn bytes(&self, column: &'static str) -> Result<Vec<u8>, Reject> {
        match self.cell(column) {
            Cell::Bytes(bytes) => Ok(bytes.to_vec()),
            Cell::Text(text) => from_hex(text.trim()).ok_or(Reject {
                field: column,
                reason: Reason::Hexadecimal,
            }),
        }
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let value = |c: u8| {
        char::from(c)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    digits
        .chunks_exact(2)
        .map(|pair| Some(value(pair[0])? * 16 + value(pair[1])?))
        .collect()
}

#[cfg(test)]
mod tests;
