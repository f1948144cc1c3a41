//! Table `registry_second_address`: further addresses of buildings. Rows never change.

use lexicon::handover::snapshot::SecondAddressRow;
use register::Act;

use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "registry_second_address (address, street, house, soate, street_name, position, import_hash)",
    columns: 7,
    then: "",
};

/// What tells the addresses of a building apart, as one text.
pub(crate) fn second_address_key(row: &SecondAddressRow) -> String {
    [&*row.address, &*row.street, &*row.house].join("\u{1f}")
}

impl Tx<'_> {
    /// Records second addresses, each with its mark.
    pub(crate) fn record_second_addresses(
        &mut self,
        rows: &[(SecondAddressRow, i64)],
    ) -> Result<(), StoreError> {
        let mut table = Vec::with_capacity(rows.len() * INSERT.columns);
        for (row, mark) in rows {
            let position = self.journal_act(None, &Act::SecondAddressGiven(row.clone()))?;
            table.extend(values![
                row.address.as_str(),
                row.street.as_str(),
                row.house.as_str(),
                row.soate.as_u64(),
                row.street_name.as_str(),
                position,
                *mark
            ]);
        }
        self.insert(&INSERT, table)?;
        Ok(())
    }

    /// Key and mark of every second address.
    pub(crate) fn marks_of_second_addresses(
        &mut self,
        take: &mut dyn FnMut(&str, i64),
    ) -> Result<(), StoreError> {
        self.each(
            "SELECT address, street, house, import_hash FROM registry_second_address",
            Vec::new(),
            |row| {
                let key = [row.text(0)?, row.text(1)?, row.text(2)?].join("\u{1f}");
                take(&key, row.int(3)?);
                Ok(())
            },
        )
    }

    /// One second address of a building, with the name of its street that is in force.
    pub(crate) fn find_second_address(
        &mut self,
        of: &SecondAddressRow,
    ) -> Result<Option<SecondAddressRow>, StoreError> {
        let row = self.row(
            "SELECT s.address, s.soate, s.street, COALESCE((SELECT r.name_after FROM registry_street_rename r \
             WHERE r.street = s.street ORDER BY r.position DESC LIMIT 1), s.street_name), s.house \
             FROM registry_second_address s WHERE s.address = $1 AND s.street = $2 AND s.house = $3",
            values![of.address.as_str(), of.street.as_str(), of.house.as_str()],
        )?;
        row.as_ref().map(read_second).transpose()
    }

    /// Second addresses of a building, by street and house, with the names in force.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn second_addresses_of(
        &mut self,
        building: &str,
    ) -> Result<Vec<SecondAddressRow>, StoreError> {
        self.collect(
            "SELECT s.address, s.soate, s.street, COALESCE((SELECT r.name_after FROM registry_street_rename r \
             WHERE r.street = s.street ORDER BY r.position DESC LIMIT 1), s.street_name), s.house \
             FROM registry_second_address s WHERE s.address = $1 ORDER BY s.street, s.house",
            values![building],
            read_second,
        )
    }

    /// All second addresses, sorted, with the names in force.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn snapshot_second_addresses(&mut self) -> Result<Vec<SecondAddressRow>, StoreError> {
        let renamed = self.renamed_streets()?;
        let mut rows = self.collect(
            "SELECT address, soate, street, street_name, house FROM registry_second_address",
            Vec::new(),
            read_second,
        )?;
        for row in &mut rows {
            if let Some(name) = renamed.get(&row.street) {
                row.street_name.clone_from(name);
            }
        }
        rows.sort();
        Ok(rows)
    }
}

fn read_second(row: &Row) -> Result<SecondAddressRow, StoreError> {
    Ok(SecondAddressRow {
        address: row.text(0)?.to_owned(),
        soate: super::read_soate(row, 1)?,
        street: row.text(2)?.to_owned(),
        street_name: row.text(3)?.to_owned(),
        house: row.text(4)?.to_owned(),
    })
}
