//! Table `electoral_commission`: the electoral commission's own list, kept as written. Rows never change.

use lexicon::handover::snapshot::CommissionRow;

use crate::engine::{Insert, Row, Value, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "electoral_commission (id, pin, surname, given, patronymic, born, address, precinct, import_hash)",
    columns: 9,
    then: "",
};

impl Tx<'_> {
    /// Records rows of the commission's list, each with its mark.
    pub(crate) fn record_commission(
        &mut self,
        rows: &[(CommissionRow, i64)],
    ) -> Result<(), StoreError> {
        let mut table = Vec::with_capacity(rows.len() * INSERT.columns);
        for (row, mark) in rows {
            table.extend(commission_values(row, *mark));
        }
        self.insert(&INSERT, table)?;
        Ok(())
    }

    /// Id and mark of every row.
    pub(crate) fn marks_of_commission(
        &mut self,
        take: &mut dyn FnMut(&str, i64),
    ) -> Result<(), StoreError> {
        self.each(
            "SELECT id, import_hash FROM electoral_commission",
            Vec::new(),
            |row| {
                take(row.text(0)?, row.int(1)?);
                Ok(())
            },
        )
    }

    /// One row of the list in force.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_commission_row(&mut self, row: &str) -> Result<Option<CommissionRow>, StoreError> {
        let edition = self.find_list_in_force()?;
        self.find_row_of_list(edition, row)
    }

    /// One row of an edition of the list; of the import folder's when there is no edition.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_row_of_list(
        &mut self,
        edition: Option<u32>,
        row: &str,
    ) -> Result<Option<CommissionRow>, StoreError> {
        if let Some(edition) = edition {
            return self.find_list_row(edition, row);
        }
        let found = self.row(
            "SELECT id, pin, surname, given, patronymic, born, address, precinct FROM electoral_commission \
             WHERE id = $1",
            values![row],
        )?;
        found.as_ref().map(read_commission).transpose()
    }

    /// The whole list in force, by row id.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn snapshot_commission(&mut self) -> Result<Vec<CommissionRow>, StoreError> {
        if let Some(edition) = self.find_list_in_force()? {
            return self.list_rows(edition);
        }
        let mut rows = self.collect(
            "SELECT id, pin, surname, given, patronymic, born, address, precinct FROM electoral_commission",
            Vec::new(),
            read_commission,
        )?;
        rows.sort_unstable_by(|a, b| a.row.cmp(&b.row));
        Ok(rows)
    }
}

/// The columns that [`read_commission`] reads, and the mark.
pub(super) fn commission_values(row: &CommissionRow, mark: i64) -> Vec<Value> {
    values![
        row.row.as_str(),
        row.pin.as_str(),
        row.surname.as_str(),
        row.given.as_str(),
        row.patronymic.as_str(),
        row.born.as_str(),
        row.address.as_str(),
        row.precinct.as_str(),
        mark
    ]
}

/// Reads a row of the list.
pub(crate) fn read_commission(row: &Row) -> Result<CommissionRow, StoreError> {
    Ok(CommissionRow {
        row: row.text(0)?.to_owned(),
        pin: row.text(1)?.to_owned(),
        surname: row.text(2)?.to_owned(),
        given: row.text(3)?.to_owned(),
        patronymic: row.text(4)?.to_owned(),
        born: row.text(5)?.to_owned(),
        address: row.text(6)?.to_owned(),
        precinct: row.text(7)?.to_owned(),
    })
}
