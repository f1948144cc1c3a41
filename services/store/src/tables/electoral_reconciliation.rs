//! Tables `electoral_reconciliation` and `electoral_reconciliation_run`: what was found about the rows of the
//! commission's list, and what each run reconciled. Rows never change; a later run has another number.

use lexicon::handover::snapshot::CommissionRow;
use lexicon::{PersonId, ReconciliationClass};

use crate::engine::{Insert, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "electoral_reconciliation (run, id, class, person, detail)",
    columns: 5,
    then: "",
};

/// One class of one row; a row may have several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReconciledRow {
    /// The commission's row id; for `new` the person's id.
    pub row: String,
    /// What was found.
    pub class: ReconciliationClass,
    /// The person the row was linked to.
    pub person: Option<PersonId>,
    /// What differs, in words without personal data.
    pub detail: String,
}

impl Tx<'_> {
    /// Records a run's findings.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn record_reconciliation(
        &mut self,
        run: u32,
        rows: &[ReconciledRow],
    ) -> Result<(), StoreError> {
        for chunk in rows.chunks(20_000) {
            let mut table = Vec::with_capacity(chunk.len() * INSERT.columns);
            for row in chunk {
                table.extend(values![
                    run,
                    row.row.as_str(),
                    row.class.code(),
                    row.person,
                    row.detail.as_str()
                ]);
            }
            self.insert(&INSERT, table)?;
        }
        let body = format!("{run} {}", rows.len());
        self.journal_bytes(
            Journal::Electoral,
            None,
            "list_reconciled",
            body.into_bytes(),
        )
        .map(|_| ())
    }

    /// Records a run under the next free number, with what it reconciled: the register of a release (none: as it is
    /// now) and the list in force. Gives the number.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn record_run(
        &mut self,
        release: Option<u32>,
        rows: &[ReconciledRow],
    ) -> Result<u32, StoreError> {
        let run: u32 = self.next_number(
            "SELECT MAX(run) FROM (SELECT MAX(run) AS run FROM electoral_reconciliation \
               UNION ALL SELECT MAX(run) FROM electoral_reconciliation_run) r",
        )?;
        let edition = self.find_list_in_force()?;
        let at = self.at;
        self.execute(
            "INSERT INTO electoral_reconciliation_run (run, number, edition, at) VALUES ($1, $2, $3, $4)",
            values![run, release, edition, at],
        )?;
        self.record_reconciliation(run, rows)?;
        Ok(run)
    }

    /// The edition of the list that a run reconciled; none: the list of the import folder.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn find_edition_of_run(&mut self, run: u32) -> Result<Option<u32>, StoreError> {
        let row = self.row(
            "SELECT edition FROM electoral_reconciliation_run WHERE run = $1",
            values![run],
        )?;
        row.map_or(Ok(None), |row| row.some_number(0))
    }

    /// The number of the latest run.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_last_reconciliation(&mut self) -> Result<Option<u32>, StoreError> {
        let row = self.row("SELECT MAX(run) FROM electoral_reconciliation", Vec::new())?;
        row.map_or(Ok(None), |row| row.some_number(0))
    }

    /// How many rows by class, in the order of [`ReconciliationClass::ALL`].
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn reconciliation_counts(
        &mut self,
        run: u32,
    ) -> Result<Vec<(ReconciliationClass, u64)>, StoreError> {
        let mut counts = self.collect(
            "SELECT class, COUNT(*) FROM electoral_reconciliation WHERE run = $1 GROUP BY class",
            values![run],
            |row| Ok((row.code(0, ReconciliationClass::from_code)?, row.number(1)?)),
        )?;
        counts.sort_unstable();
        Ok(counts)
    }

    /// What was found about one row of the list, by class.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn reconciled_of_row(
        &mut self,
        run: u32,
        row: &str,
    ) -> Result<Vec<ReconciledRow>, StoreError> {
        let mut found = self.collect(
            "SELECT id, class, person, detail FROM electoral_reconciliation WHERE run = $1 AND id = $2",
            values![run, row],
            |row| {
                Ok(ReconciledRow {
                    row: row.text(0)?.to_owned(),
                    class: row.code(1, ReconciliationClass::from_code)?,
                    person: row.some_parsed(2)?,
                    detail: row.text(3)?.to_owned(),
                })
            },
        )?;
        found.sort_unstable_by_key(|row| row.class);
        Ok(found)
    }

    /// Rows of one class with the commission's cells (none for `new`), by row id, after a given one.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn reconciled_rows(
        &mut self,
        run: u32,
        class: ReconciliationClass,
        after: &str,
        limit: u32,
    ) -> Result<Vec<(ReconciledRow, Option<CommissionRow>)>, StoreError> {
        let edition = self.find_edition_of_run(run)?;
        let of_list = of_list(edition);
        let sql = format!(
            "SELECT r.id, r.class, r.person, r.detail, c.pin, c.surname, c.given, c.patronymic, c.born, \
                    c.address, c.precinct \
             FROM electoral_reconciliation r LEFT JOIN {of_list} \
             WHERE r.run = $1 AND r.class = $2 AND r.id > $4 ORDER BY r.id LIMIT $5"
        );
        self.collect(
            &sql,
            values![run, class.code(), edition.unwrap_or(0), after, limit],
            |row| {
                let found = ReconciledRow {
                    row: row.text(0)?.to_owned(),
                    class: row.code(1, ReconciliationClass::from_code)?,
                    person: row.some_parsed(2)?,
                    detail: row.text(3)?.to_owned(),
                };
                let cell = |column: usize| row.text(column).map(str::to_owned);
                let list = match row.some_text(4)? {
                    None => None,
                    Some(_) => Some(CommissionRow {
                        row: found.row.clone(),
                        pin: cell(4)?,
                        surname: cell(5)?,
                        given: cell(6)?,
                        patronymic: cell(7)?,
                        born: cell(8)?,
                        address: cell(9)?,
                        precinct: cell(10)?,
                    }),
                };
                Ok((found, list))
            },
        )
    }

    /// Hands over the ids of a class's rows that stand in the list, without what they say.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub(crate) fn each_reconciled_id(
        &mut self,
        run: u32,
        class: ReconciliationClass,
        take: &mut dyn FnMut(&str),
    ) -> Result<(), StoreError> {
        let edition = self.find_edition_of_run(run)?;
        let sql = format!(
            "SELECT r.id FROM electoral_reconciliation r JOIN {} WHERE r.run = $1 AND r.class = $2",
            of_list(edition)
        );
        let values = values![run, class.code(), edition.unwrap_or(0)];
        self.each(&sql, values, |row| {
            take(row.text(0)?);
            Ok(())
        })
    }
}

/// Where a run's rows stand: a list of the import folder has no edition.
fn of_list(edition: Option<u32>) -> &'static str {
    match edition {
        None => "electoral_commission c ON c.id = r.id AND $3 = 0",
        Some(_) => "electoral_list_row c ON c.id = r.id AND c.edition = $3",
    }
}
