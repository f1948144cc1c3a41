//! Tables `electoral_precinct` and `electoral_precinct_premises`: polling stations, and where they moved. Rows never
//! change: the last recorded premises are in force.

use lexicon::handover::snapshot::PrecinctRow;
use lexicon::{Date, PrecinctCode};

use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "electoral_precinct (precinct, kind, region, soate, address_ky, address_ru, lon_microdegrees, \
           lat_microdegrees, import_hash)",
    columns: 9,
    then: "",
};

const INSERT_PREMISES: Insert = Insert {
    into: "electoral_precinct_premises (precinct, position, address_ky, address_ru, lon_microdegrees, \
           lat_microdegrees, from_day, import_hash)",
    columns: 8,
    then: "",
};

/// Where a polling station is from a day on, by which act, with the mark of the row.
pub(crate) struct NewPremises<'a> {
    pub(crate) row: &'a PrecinctRow,
    pub(crate) from: Date,
    pub(crate) position: u64,
    pub(crate) mark: i64,
}

impl Tx<'_> {
    /// Records where a polling station moved.
    pub(crate) fn record_premises(&mut self, new: &NewPremises<'_>) -> Result<(), StoreError> {
        let row = values![
            u32::from(new.row.precinct.number()),
            new.position,
            new.row.address_ky.as_str(),
            new.row.address_ru.as_str(),
            new.row.lon_microdegrees,
            new.row.lat_microdegrees,
            new.from,
            new.mark
        ];
        self.insert(&INSERT_PREMISES, row)?;
        Ok(())
    }

    /// The day from which a precinct's premises are where they are; none when they never moved.
    pub(crate) fn find_premises_since(
        &mut self,
        precinct: PrecinctCode,
    ) -> Result<Option<Date>, StoreError> {
        let row = self.row(
            "SELECT from_day FROM electoral_precinct_premises WHERE precinct = $1 ORDER BY position DESC LIMIT 1",
            values![u32::from(precinct.number())],
        )?;
        row.map(|row| row.parsed(0)).transpose()
    }

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

    /// Number and last mark of every precinct.
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
        )?;
        self.each(
            "SELECT precinct, import_hash FROM electoral_precinct_premises ORDER BY position",
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
        let mut rows = self.collect(
            "SELECT precinct, kind, region, soate, address_ky, address_ru, lon_microdegrees, lat_microdegrees \
             FROM electoral_precinct ORDER BY precinct",
            Vec::new(),
            read_precinct_row,
        )?;
        self.each(
            "SELECT precinct, address_ky, address_ru, lon_microdegrees, lat_microdegrees \
             FROM electoral_precinct_premises ORDER BY position",
            Vec::new(),
            |row| {
                let precinct = read_precinct(row, 0)?;
                match rows.binary_search_by_key(&precinct, |held: &PrecinctRow| held.precinct) {
                    Ok(at) => move_to(&mut rows[at], row),
                    Err(_) => Ok(()),
                }
            },
        )?;
        Ok(rows)
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
        let Some(row) = row else { return Ok(None) };
        let mut found = read_precinct_row(&row)?;
        let moved = self.row(
            "SELECT precinct, address_ky, address_ru, lon_microdegrees, lat_microdegrees \
             FROM electoral_precinct_premises WHERE precinct = $1 ORDER BY position DESC LIMIT 1",
            values![u32::from(precinct.number())],
        )?;
        if let Some(moved) = moved {
            move_to(&mut found, &moved)?;
        }
        Ok(Some(found))
    }
}

/// Puts a precinct where a row of its premises says.
fn move_to(precinct: &mut PrecinctRow, premises: &Row) -> Result<(), StoreError> {
    premises.text(1)?.clone_into(&mut precinct.address_ky);
    premises.text(2)?.clone_into(&mut precinct.address_ru);
    precinct.lon_microdegrees = premises.number(3)?;
    precinct.lat_microdegrees = premises.number(4)?;
    Ok(())
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
