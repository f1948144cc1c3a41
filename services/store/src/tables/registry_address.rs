//! Table `registry_address`: houses with a point. Rows never change; what is read prints the name of the street that is in
//! force.

use std::collections::BTreeSet;

use lexicon::handover::snapshot::AddressRow;

use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::transact::Tx;

/// Streets that one statement asks about.
const STREETS_AT_ONCE: usize = 500;

const INSERT: Insert = Insert {
    into: "registry_address (address, soate, street, street_name, house, lon_microdegrees, \
           lat_microdegrees, import_hash)",
    columns: 8,
    then: "",
};

/// The columns of [`read_address`] from `registry_address a`.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT a.address, a.soate, a.street, COALESCE((SELECT r.name_after FROM registry_street_rename r \
             WHERE r.street = a.street ORDER BY r.position DESC LIMIT 1), a.street_name), a.house, \
             a.lon_microdegrees, a.lat_microdegrees FROM registry_address a ",
            $rest
        )
    };
}

impl Tx<'_> {
    /// Records addresses, each with its mark.
    pub(crate) fn record_addresses(
        &mut self,
        addresses: &[(AddressRow, i64)],
    ) -> Result<(), StoreError> {
        let mut table = Vec::with_capacity(addresses.len() * INSERT.columns);
        for (row, mark) in addresses {
            table.extend(values![
                row.address.as_str(),
                row.soate.as_u64(),
                row.street.as_str(),
                row.street_name.as_str(),
                row.house.as_str(),
                row.lon_microdegrees,
                row.lat_microdegrees,
                *mark
            ]);
        }
        self.insert(&INSERT, table)?;
        Ok(())
    }

    /// Id and mark of every address.
    pub(crate) fn marks_of_addresses(
        &mut self,
        take: &mut dyn FnMut(&str, i64),
    ) -> Result<(), StoreError> {
        self.each(
            "SELECT address, import_hash FROM registry_address",
            Vec::new(),
            |row| {
                take(row.text(0)?, row.int(1)?);
                Ok(())
            },
        )
    }

    /// Addresses within a box (west, south, east, north; microdegrees), at most so many, by id. Cost: a pass over all.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn addresses_within(
        &mut self,
        [west, south, east, north]: [i32; 4],
        limit: u32,
    ) -> Result<Vec<AddressRow>, StoreError> {
        self.collect(
            select!(
                "WHERE a.lon_microdegrees BETWEEN $1 AND $2 AND a.lat_microdegrees BETWEEN $3 AND $4 \
                 ORDER BY a.address LIMIT $5"
            ),
            values![west, east, south, north, limit],
            read_address,
        )
    }

    /// Addresses of one place of the classifier, at most so many, by id.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn addresses_of_place(
        &mut self,
        soate: u64,
        limit: u32,
    ) -> Result<Vec<AddressRow>, StoreError> {
        self.collect(
            select!("WHERE a.soate = $1 ORDER BY a.address LIMIT $2"),
            values![soate, limit],
            read_address,
        )
    }

    /// Every address on some streets, by id.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn addresses_on_streets(
        &mut self,
        streets: &BTreeSet<String>,
    ) -> Result<Vec<AddressRow>, StoreError> {
        let streets: Vec<&String> = streets.iter().collect();
        let mut found = Vec::new();
        for part in streets.chunks(STREETS_AT_ONCE) {
            let marks: Vec<String> = (1..=part.len()).map(|at| format!("${at}")).collect();
            let sql = format!(select!("WHERE a.street IN ({})"), marks.join(", "));
            let keys = part.iter().map(|street| street.as_str().into()).collect();
            found.extend(self.collect(&sql, keys, read_address)?);
        }
        found.sort_unstable_by(|a: &AddressRow, b| a.address.cmp(&b.address));
        Ok(found)
    }

    /// All addresses, by id.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn snapshot_addresses(&mut self) -> Result<Vec<AddressRow>, StoreError> {
        let mut rows = self.collect(
            "SELECT address, soate, street, street_name, house, lon_microdegrees, lat_microdegrees FROM registry_address",
            Vec::new(),
            read_address,
        )?;
        let renamed = self.renamed_streets()?;
        for row in &mut rows {
            if let Some(name) = renamed.get(&row.street) {
                row.street_name.clone_from(name);
            }
        }
        rows.sort_unstable_by(|a, b| a.address.cmp(&b.address));
        Ok(rows)
    }

    /// How many addresses there are.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn count_addresses(&mut self) -> Result<u64, StoreError> {
        let row = self.row("SELECT COUNT(*) FROM registry_address", Vec::new())?;
        row.map_or(Ok(0), |row| row.number(0))
    }

    /// The name of a street that is in force; of houses that print several, that of the first.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_street_name(&mut self, street: &str) -> Result<Option<String>, StoreError> {
        let streets = BTreeSet::from([street]);
        Ok(self.printed_names(&streets)?.remove(street))
    }

    /// One address.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_address(&mut self, address: &str) -> Result<Option<AddressRow>, StoreError> {
        let row = self.row(select!("WHERE a.address = $1"), values![address])?;
        row.as_ref().map(read_address).transpose()
    }
}

fn read_address(row: &Row) -> Result<AddressRow, StoreError> {
    Ok(AddressRow {
        address: row.text(0)?.to_owned(),
        soate: super::read_soate(row, 1)?,
        street: row.text(2)?.to_owned(),
        street_name: row.text(3)?.to_owned(),
        house: row.text(4)?.to_owned(),
        lon_microdegrees: row.number(5)?,
        lat_microdegrees: row.number(6)?,
    })
}
