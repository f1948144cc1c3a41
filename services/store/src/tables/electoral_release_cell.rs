//! Tables `electoral_release_cell`, `electoral_release_code` and `electoral_release_precinct`: what was counted over a
//! release when it was received. Rows never change.

use lexicon::PrecinctCode;

use super::electoral_precinct::read_precinct;
use crate::engine::{Insert, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "electoral_release_cell (number, cell, code, region, sex, band, persons)",
    columns: 7,
    then: "",
};

/// One cell of a release: how many persons of one code, region, sex and age band.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellRow {
    /// Number within the release, from 1.
    pub cell: u32,
    /// `LISTED` or the reason's code.
    pub code: String,
    /// Region of the precinct; empty for who is on no list.
    pub region: String,
    /// `F` or `M`; empty when the register has no such person any more.
    pub sex: String,
    /// Age band on election day, as `18-24`; empty as above.
    pub band: String,
    /// How many.
    pub persons: u64,
}

impl Tx<'_> {
    pub(crate) fn record_cells(
        &mut self,
        release: u32,
        cells: &[CellRow],
    ) -> Result<(), StoreError> {
        let mut table = Vec::with_capacity(cells.len() * INSERT.columns);
        for row in cells {
            table.extend(values![
                release,
                row.cell,
                row.code.as_str(),
                row.region.as_str(),
                row.sex.as_str(),
                row.band.as_str(),
                row.persons
            ]);
        }
        self.insert(&INSERT, table).map(|_| ())
    }

    /// Lets the database count the decisions of a release by code and by precinct, and keeps both.
    pub(crate) fn record_counts(&mut self, release: u32) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO electoral_release_code (number, code, persons) \
             SELECT number, code, COUNT(*) FROM electoral_decision WHERE number = $1 GROUP BY number, code",
            values![release],
        )?;
        self.execute(
            "INSERT INTO electoral_release_precinct (number, precinct, lines) \
             SELECT number, precinct, COUNT(*) FROM electoral_decision \
             WHERE number = $1 AND precinct IS NOT NULL GROUP BY number, precinct",
            values![release],
        )
        .map(|_| ())
    }

    /// The cells of a release, by number.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn release_cells(&mut self, release: u32) -> Result<Vec<CellRow>, StoreError> {
        self.collect(
            "SELECT cell, code, region, sex, band, persons FROM electoral_release_cell \
             WHERE number = $1 ORDER BY cell",
            values![release],
            |row| {
                Ok(CellRow {
                    cell: row.number(0)?,
                    code: row.text(1)?.to_owned(),
                    region: row.text(2)?.to_owned(),
                    sex: row.text(3)?.to_owned(),
                    band: row.text(4)?.to_owned(),
                    persons: row.number(5)?,
                })
            },
        )
    }

    /// The cells of one code; the one of what is not broken down when there are none.
    pub(crate) fn cells_of_code(
        &mut self,
        release: u32,
        code: &str,
    ) -> Result<Vec<u32>, StoreError> {
        let cells = self.collect(
            "SELECT cell FROM electoral_release_cell WHERE number = $1 AND code = $2 ORDER BY cell",
            values![release, code],
            |row| row.number(0),
        )?;
        Ok(if cells.is_empty() { vec![0] } else { cells })
    }

    /// How many persons by code, as the database counted them when the release was received; empty for a release
    /// that was received before such counts were kept.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn release_codes(&mut self, release: u32) -> Result<Vec<(String, u64)>, StoreError> {
        self.collect(
            "SELECT code, persons FROM electoral_release_code WHERE number = $1 ORDER BY code",
            values![release],
            |row| Ok((row.text(0)?.to_owned(), row.number(1)?)),
        )
    }

    /// Lines by precinct, as the database counted them when the release was received.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn release_precincts(
        &mut self,
        release: u32,
    ) -> Result<Vec<(PrecinctCode, u64)>, StoreError> {
        self.collect(
            "SELECT precinct, lines FROM electoral_release_precinct WHERE number = $1 ORDER BY precinct",
            values![release],
            |row| Ok((read_precinct(row, 0)?, row.number(1)?)),
        )
    }
}
