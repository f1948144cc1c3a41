//! Tables `electoral_field_lot`, `_entry`, `_answer`: lots handed to local commissions and what came back. Rows never
//! change: a further answer is a further row.

use std::collections::BTreeMap;

use lexicon::{Date, Instant, PersonId, PrecinctCode};
use roll::field::{Finding, Merged, Subject};

use super::electoral_precinct::read_precinct;
use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

const INSERT_LOT: Insert = Insert {
    into: "electoral_field_lot (lot, precinct, aimak, made_at, due_day, entries, sha256)",
    columns: 7,
    then: "",
};
const INSERT_ENTRY: Insert = Insert {
    into: "electoral_field_entry (lot, place, kind, subject, version)",
    columns: 5,
    then: "",
};
const INSERT_ANSWER: Insert = Insert {
    into: "electoral_field_answer (answer, file, line, lot, place, version, finding, precinct, visited, member, state, \
           received_at)",
    columns: 12,
    then: "",
};

/// A lot handed to a local commission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldLot {
    /// Its number, from 1.
    pub lot: u32,
    /// The precinct, when its entries name one.
    pub precinct: Option<PrecinctCode>,
    /// The first eleven digits of the SOATE code: the ayil aimak; empty when no place is known.
    pub aimak: String,
    /// When it was made.
    pub made_at: Instant,
    /// The day until which the answer is due.
    pub due: Date,
    /// How many entries are in it.
    pub entries: u64,
    /// SHA-256 of its file, hexadecimal.
    pub sha256: String,
}

/// An entry of a lot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldEntry {
    /// Place in the lot, from 1.
    pub place: u32,
    /// What it is about.
    pub kind: Subject,
    /// The row, person or address.
    pub subject: String,
    /// The version handed out.
    pub version: String,
}

/// An answer from the field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldAnswer {
    /// The lot and the place in it.
    pub entry: (u32, u32),
    /// SHA-256 of the file it came in, hexadecimal.
    pub file: String,
    /// The line of that file.
    pub line: u64,
    /// The version it saw.
    pub version: String,
    /// What was found.
    pub finding: Finding,
    /// The precinct found.
    pub precinct: Option<PrecinctCode>,
    /// The day of the visit.
    pub visited: Option<Date>,
    /// The member of the commission who was there.
    pub member: String,
    /// What became of it.
    pub state: Merged,
    /// When it was taken.
    pub received_at: Instant,
}

impl FieldAnswer {
    /// What it says, for comparison with another.
    #[must_use]
    pub fn says(&self) -> String {
        let precinct = self.precinct.map_or_else(String::new, |p| format!(" {p}"));
        format!("{}{precinct}", self.finding.code())
    }
}

impl Tx<'_> {
    /// The number of the next lot.
    pub(crate) fn next_field_lot(&mut self) -> Result<u32, StoreError> {
        self.next_number("SELECT MAX(lot) FROM electoral_field_lot")
    }

    /// Keeps a lot and its entries.
    pub(crate) fn record_field_lot(
        &mut self,
        lot: &FieldLot,
        entries: &[FieldEntry],
    ) -> Result<(), StoreError> {
        self.insert(
            &INSERT_LOT,
            values![
                lot.lot,
                lot.precinct.map(|p| u32::from(p.number())),
                lot.aimak.as_str(),
                lot.made_at,
                lot.due,
                lot.entries,
                lot.sha256.as_str()
            ],
        )?;
        let rows = entries.iter().flat_map(|entry| {
            values![
                lot.lot,
                entry.place,
                entry.kind.code(),
                entry.subject.as_str(),
                entry.version.as_str()
            ]
        });
        let rows = rows.collect();
        self.insert(&INSERT_ENTRY, rows)?;
        let body = format!("{} {} {}", lot.lot, lot.entries, lot.sha256);
        self.journal_bytes(
            Journal::Electoral,
            None,
            "field_lot_made",
            body.into_bytes(),
        )
        .map(|_| ())
    }

    /// Every lot, by number.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn field_lots(&mut self) -> Result<Vec<FieldLot>, StoreError> {
        self.collect(
            "SELECT lot, precinct, aimak, made_at, due_day, entries, sha256 FROM electoral_field_lot ORDER BY lot",
            Vec::new(),
            |row| {
                Ok(FieldLot {
                    lot: row.number(0)?,
                    precinct: some_precinct(row, 1)?,
                    aimak: row.text(2)?.to_owned(),
                    made_at: Instant::from_micros(row.int(3)?),
                    due: row.parsed(4)?,
                    entries: row.number(5)?,
                    sha256: row.text(6)?.to_owned(),
                })
            },
        )
    }

    /// The entries of a lot, by place.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn field_entries(&mut self, lot: u32) -> Result<Vec<FieldEntry>, StoreError> {
        self.collect(
            "SELECT place, kind, subject, version FROM electoral_field_entry WHERE lot = $1 ORDER BY place",
            values![lot],
            |row| {
                Ok(FieldEntry {
                    place: row.number(0)?,
                    kind: row.code(1, Subject::from_code)?,
                    subject: row.text(2)?.to_owned(),
                    version: row.text(3)?.to_owned(),
                })
            },
        )
    }

    /// Every subject that is in a lot.
    pub(crate) fn each_field_subject(
        &mut self,
        take: &mut dyn FnMut(Subject, &str),
    ) -> Result<(), StoreError> {
        self.each(
            "SELECT kind, subject FROM electoral_field_entry",
            Vec::new(),
            |row| {
                take(row.code(0, Subject::from_code)?, row.text(1)?);
                Ok(())
            },
        )
    }

    /// Keeps an answer.
    pub(crate) fn record_field_answer(&mut self, row: &FieldAnswer) -> Result<(), StoreError> {
        let answer: i64 = self.next_number("SELECT MAX(answer) FROM electoral_field_answer")?;
        self.insert(
            &INSERT_ANSWER,
            values![
                answer,
                row.file.as_str(),
                row.line,
                row.entry.0,
                row.entry.1,
                row.version.as_str(),
                row.finding.code(),
                row.precinct.map(|p| u32::from(p.number())),
                row.visited,
                row.member.as_str(),
                row.state.code(),
                row.received_at
            ],
        )
        .map(|_| ())
    }

    /// The answers to the entries of one lot, in the order they were taken.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn field_answers(&mut self, lot: u32) -> Result<Vec<FieldAnswer>, StoreError> {
        self.collect(
            "SELECT lot, place, file, line, version, finding, precinct, visited, member, state, received_at \
             FROM electoral_field_answer WHERE lot = $1 ORDER BY answer",
            values![lot],
            |row| {
                Ok(FieldAnswer {
                    entry: (row.number(0)?, row.number(1)?),
                    file: row.text(2)?.to_owned(),
                    line: row.number(3)?,
                    version: row.text(4)?.to_owned(),
                    finding: row.code(5, Finding::from_code)?,
                    precinct: some_precinct(row, 6)?,
                    visited: row.some_parsed(7)?,
                    member: row.text(8)?.to_owned(),
                    state: row.code(9, Merged::from_code)?,
                    received_at: Instant::from_micros(row.int(10)?),
                })
            },
        )
    }

    /// The states of all answers, by entry.
    pub(crate) fn field_states(&mut self) -> Result<BTreeMap<(u32, u32), Vec<Merged>>, StoreError> {
        let mut states: BTreeMap<(u32, u32), Vec<Merged>> = BTreeMap::new();
        self.each(
            "SELECT lot, place, state FROM electoral_field_answer ORDER BY lot, place, answer",
            Vec::new(),
            |row| {
                let entry = (row.number(0)?, row.number(1)?);
                let state = row.code(2, Merged::from_code)?;
                states.entry(entry).or_default().push(state);
                Ok(())
            },
        )?;
        Ok(states)
    }

    /// Whether a line of a file was taken before.
    pub(crate) fn has_field_line(&mut self, file: &str, line: u64) -> Result<bool, StoreError> {
        let found = self.row(
            "SELECT 1 FROM electoral_field_answer WHERE file = $1 AND line = $2",
            values![file, line],
        )?;
        Ok(found.is_some())
    }

    /// What is known now of a row of the commission's list: its cells, and its classes of the latest run.
    pub(crate) fn row_version_text(&mut self, row: &str) -> Result<String, StoreError> {
        let cells: Vec<String> = match self.find_commission_row(row)? {
            None => Vec::new(),
            Some(row) => vec![
                row.pin,
                row.surname,
                row.given,
                row.patronymic,
                row.born,
                row.address,
                row.precinct,
            ],
        };
        let classes = self.collect(
            "SELECT class, detail FROM electoral_reconciliation WHERE id = $1 AND run = (\
               SELECT MAX(run) FROM electoral_reconciliation) ORDER BY class",
            values![row],
            |found| Ok(format!("{} {}", found.text(0)?, found.text(1)?)),
        )?;
        Ok(format!("{} | {}", cells.join("\u{1f}"), classes.join(" ")))
    }

    /// What the latest release found about an address.
    pub(crate) fn address_findings_text(&mut self, address: &str) -> Result<String, StoreError> {
        let codes = self.collect(
            "SELECT code, detail FROM electoral_finding WHERE address = $1 AND number = (\
               SELECT MAX(number) FROM electoral_release) ORDER BY position",
            values![address],
            |found| Ok(format!("{} {}", found.text(0)?, found.text(1)?)),
        )?;
        Ok(codes.join(" "))
    }

    /// Addresses that the latest release found in doubt, each with the precinct named there first.
    pub(crate) fn addresses_in_doubt(
        &mut self,
    ) -> Result<Vec<(String, Option<PrecinctCode>)>, StoreError> {
        let mut found: Vec<(String, Option<PrecinctCode>)> = Vec::new();
        self.each(
            "SELECT address, precinct FROM electoral_finding WHERE address IS NOT NULL AND number = (\
               SELECT MAX(number) FROM electoral_release) ORDER BY address, position",
            Vec::new(),
            |row| {
                let address = row.text(0)?;
                if found.last().is_none_or(|(last, _)| last != address) {
                    found.push((address.to_owned(), some_precinct(row, 1)?));
                }
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// The decision about a person in the latest release, as text.
    pub(crate) fn decision_text(&mut self, person: PersonId) -> Result<String, StoreError> {
        let row = self.row(
            "SELECT code, evidence FROM electoral_decision WHERE person = $1 ORDER BY number DESC LIMIT 1",
            values![person],
        )?;
        row.map_or(Ok(String::new()), |row| {
            Ok(format!("{} {}", row.text(0)?, row.text(1)?))
        })
    }
}

fn some_precinct(row: &Row, column: usize) -> Result<Option<PrecinctCode>, StoreError> {
    row.some_int(column)?
        .map(|_| read_precinct(row, column))
        .transpose()
}
