//! Table `electoral_precinct`: polling stations. Rows never change.

use lexicon::PrecinctCode;
use lexicon::handover::snapshot::PrecinctRow;

use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "electoral_precinct (precinct, kind, region, soate, address_ky, address_ru, lon_microdegrees, \
           lat_microdegrees, import_hash)",
    columns: 9,
    then: "",
};

impl Tx<'_> {
    /// Records precincts, each with its mark.
    pub(crate) fn record_precincts(
        &mut self,
        precincts: &[(PrecinctRow, i64)],
    ) -> Result<(), StoreError> {
        let mut table = Vec::with_capacity(precincts.len() * INSERT.columns);
        for (row, mark) in precincts {
            table.extend(values![
                u32::from(row.precinct.number()),
                row.kind.as_str(),
                row.region.as_str(),
                row.soate.as_u64(),
                row.address_ky.as_str(),
                row.address_ru.as_str(),
                row.lon_microdegrees,
                row.lat_microdegrees,
                *mark
            ]);
        }
        self.insert(&INSERT, table)?;
        Ok(())
    }

    /// Number and mark of every precinct.
    pub(crate) fn marks_of_precincts(
        &mut self,
        take: &mut dyn FnMut(&str, i64),
    ) -> Result<(), StoreError> {
        self.each(
            "SELECT precinct, import_hash FROM electoral_precinct",
            Vec::new(),
            |row| {
                take(&row.int(0)?.to_string(), row.int(1)?);
                Ok(())
            },
        )
    }

    /// All precincts, by number.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn snapshot_precincts(&mut self) -> Result<Vec<PrecinctRow>, StoreError> {
        self.collect(
            "SELECT precinct, kind, region, soate, address_ky, address_ru, lon_microdegrees, lat_microdegrees \
             FROM electoral_precinct ORDER BY precinct",
            Vec::new(),
            read_precinct_row,
        )
    }

    /// How many precincts there are.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn count_precincts(&mut self) -> Result<u64, StoreError> {
        let row = self.row("SELECT COUNT(*) FROM electoral_precinct", Vec::new())?;
        row.map_or(Ok(0), |row| row.number(0))
    }

    /// One precinct.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_precinct(
        &mut self,
        precinct: PrecinctCode,
    ) -> Result<Option<PrecinctRow>, StoreError> {
        let row = self.row(
            "SELECT precinct, kind, region, soate, address_ky, address_ru, lon_microdegrees, lat_microdegrees \
             FROM electoral_precinct WHERE precinct = $1",
            values![u32::from(precinct.number())],
        )?;
        row.as_ref().map(read_precinct_row).transpose()
    }
}

fn read_precinct_row(row: &Row) -> Result<PrecinctRow, StoreError> {
    Ok(PrecinctRow {
        precinct: read_precinct(row, 0)?,
        kind: row.text(1)?.to_owned(),
        region: row.text(2)?.to_owned(),
        soate: super::read_soate(row, 3)?,
        address_ky: row.text(4)?.to_owned(),
        address_ru: row.text(5)?.to_owned(),
        lon_microdegrees: row.number(6)?,
        lat_microdegrees: row.number(7)?,
    })
}

/// Reads a precinct number.
pub(crate) fn read_precinct(row: &Row, column: usize) -> Result<PrecinctCode, StoreError> {
    PrecinctCode::new(row.number(column)?).map_err(|_| StoreError::Stored { column })
}
