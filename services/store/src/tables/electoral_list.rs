//! Tables `electoral_list_edition`, `electoral_list_row` and `electoral_list_step`: lists of the commission uploaded
//! in the office. Rows never change; the latest edition that was read to its end is the list in force.

use lexicon::Instant;
use lexicon::handover::snapshot::CommissionRow;

use super::electoral_commission::{commission_values, read_commission};
use crate::engine::{Insert, Row, Value, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "electoral_list_row (edition, id, pin, surname, given, patronymic, born, address, precinct, import_hash)",
    columns: 10,
    then: "",
};

/// A file that was uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListEdition {
    /// Its number, from 1.
    pub edition: u32,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// `csv` or `parquet`.
    pub form: String,
    /// Its size.
    pub bytes: u64,
    /// Who uploaded it.
    pub staff: String,
    /// When.
    pub at: Instant,
}

/// A step that an edition has behind it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ListStepKind {
    /// Every row is taken in or stands in the rejects file.
    Read,
    /// It was reconciled with the register.
    Reconciled,
    /// The file cannot be used as a whole.
    Refused,
}

impl ListStepKind {
    /// The code that the store keeps.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            ListStepKind::Read => "read",
            ListStepKind::Reconciled => "reconciled",
            ListStepKind::Refused => "refused",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [
            ListStepKind::Read,
            ListStepKind::Reconciled,
            ListStepKind::Refused,
        ]
        .into_iter()
        .find(|known| known.code() == code)
    }
}

/// A finished step with what it gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListStep {
    /// Which.
    pub step: ListStepKind,
    /// Rows of the file.
    pub rows: u64,
    /// Rows in the rejects file.
    pub rejected: u64,
    /// The run of the reconciliation.
    pub run: Option<u32>,
    /// Why it was refused, or columns that are not read; no personal data.
    pub detail: String,
    /// When.
    pub at: Instant,
}

impl Tx<'_> {
    /// Records an uploaded file; gives its number, or that of the same bytes uploaded before and false.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn record_list_edition(
        &mut self,
        sha256: &str,
        form: &str,
        bytes: u64,
    ) -> Result<(u32, bool), StoreError> {
        let known = self.row(
            "SELECT edition FROM electoral_list_edition WHERE sha256 = $1",
            values![sha256],
        )?;
        if let Some(row) = known {
            return Ok((row.number(0)?, false));
        }
        let edition: u32 = self.next_number("SELECT MAX(edition) FROM electoral_list_edition")?;
        let (staff, at) = (self.author.clone(), self.at);
        self.execute(
            "INSERT INTO electoral_list_edition (edition, sha256, form, bytes, staff, at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            values![edition, sha256, form, bytes, staff, at],
        )?;
        let body = format!("{edition} {form} {bytes} {sha256}");
        self.journal_bytes(Journal::Electoral, None, "list_uploaded", body.into_bytes())?;
        Ok((edition, true))
    }

    /// Every uploaded file with its finished steps, the latest first.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn list_editions(&mut self) -> Result<Vec<(ListEdition, Vec<ListStep>)>, StoreError> {
        let mut all = self.collect(
            "SELECT edition, sha256, form, bytes, staff, at FROM electoral_list_edition ORDER BY edition DESC",
            vec![],
            |row| Ok((read_edition(row)?, Vec::new())),
        )?;
        for (edition, steps) in &mut all {
            *steps = self.list_steps(edition.edition)?;
        }
        Ok(all)
    }

    /// The finished steps of an edition, the earliest first.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn list_steps(&mut self, edition: u32) -> Result<Vec<ListStep>, StoreError> {
        self.collect(
            "SELECT step, read_rows, rejected_rows, run, detail, at FROM electoral_list_step \
             WHERE edition = $1 ORDER BY at, step",
            values![edition],
            |row| {
                Ok(ListStep {
                    step: row.code(0, ListStepKind::from_code)?,
                    rows: row.number(1)?,
                    rejected: row.number(2)?,
                    run: row.some_number(3)?,
                    detail: row.text(4)?.to_owned(),
                    at: Instant::from_micros(row.int(5)?),
                })
            },
        )
    }

    /// Records that a step of an edition is finished.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when it was finished before.
    pub fn record_list_step(
        &mut self,
        edition: u32,
        step: ListStepKind,
        (rows, rejected): (u64, u64),
        run: Option<u32>,
        detail: &str,
    ) -> Result<(), StoreError> {
        let at = self.at;
        self.execute(
            "INSERT INTO electoral_list_step (edition, step, read_rows, rejected_rows, run, detail, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![edition, step.code(), rows, rejected, run, detail, at],
        )?;
        let body = format!("{edition} {} {rows} {rejected}", step.code());
        self.journal_bytes(Journal::Electoral, None, "list_step", body.into_bytes())
            .map(|_| ())
    }

    /// The edition in force: the latest one read to its end. None when the list came with an import folder or not at
    /// all.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn find_list_in_force(&mut self) -> Result<Option<u32>, StoreError> {
        let row = self.row(
            "SELECT MAX(edition) FROM electoral_list_step WHERE step = 'read'",
            vec![],
        )?;
        row.map_or(Ok(None), |row| row.some_number(0))
    }

    pub(crate) fn record_list_rows(
        &mut self,
        edition: u32,
        rows: &[(CommissionRow, i64)],
    ) -> Result<(), StoreError> {
        let mut table = Vec::with_capacity(rows.len() * INSERT.columns);
        for (row, mark) in rows {
            table.push(Value::from(edition));
            table.extend(commission_values(row, *mark));
        }
        self.insert(&INSERT, table)?;
        Ok(())
    }

    pub(crate) fn marks_of_list(
        &mut self,
        edition: u32,
        take: &mut dyn FnMut(&str, i64),
    ) -> Result<(), StoreError> {
        self.each(
            "SELECT id, import_hash FROM electoral_list_row WHERE edition = $1",
            values![edition],
            |row| {
                take(row.text(0)?, row.int(1)?);
                Ok(())
            },
        )
    }

    pub(crate) fn list_rows(&mut self, edition: u32) -> Result<Vec<CommissionRow>, StoreError> {
        self.collect(
            "SELECT id, pin, surname, given, patronymic, born, address, precinct FROM electoral_list_row \
             WHERE edition = $1 ORDER BY id",
            values![edition],
            read_commission,
        )
    }

    pub(crate) fn find_list_row(
        &mut self,
        edition: u32,
        row: &str,
    ) -> Result<Option<CommissionRow>, StoreError> {
        let found = self.row(
            "SELECT id, pin, surname, given, patronymic, born, address, precinct FROM electoral_list_row \
             WHERE edition = $1 AND id = $2",
            values![edition, row],
        )?;
        found.as_ref().map(read_commission).transpose()
    }

    /// How many rows the list in force has.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn count_list_in_force(&mut self) -> Result<u64, StoreError> {
        let row = match self.find_list_in_force()? {
            Some(edition) => self.row(
                "SELECT COUNT(*) FROM electoral_list_row WHERE edition = $1",
                values![edition],
            )?,
            None => self.row("SELECT COUNT(*) FROM electoral_commission", vec![])?,
        };
        row.map_or(Ok(0), |row| row.number(0))
    }
}

fn read_edition(row: &Row) -> Result<ListEdition, StoreError> {
    Ok(ListEdition {
        edition: row.number(0)?,
        sha256: row.text(1)?.to_owned(),
        form: row.text(2)?.to_owned(),
        bytes: row.number(3)?,
        staff: row.text(4)?.to_owned(),
        at: Instant::from_micros(row.int(5)?),
    })
}
