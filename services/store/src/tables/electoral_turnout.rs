//! Table `electoral_turnout`: counts of check-ins as stations reported them. Rows never change; a later report has a
//! later moment.

use lexicon::{Instant, Method, PrecinctCode};

use super::electoral_precinct::read_precinct;
use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "electoral_turnout (as_of, precinct, hour, method, voters)",
    columns: 5,
    then: "",
};

/// Check-ins of one precinct, hour and method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TurnoutRow {
    /// Where.
    pub precinct: PrecinctCode,
    /// Local hour of the day, 0 to 23.
    pub hour: u8,
    /// How.
    pub method: Method,
    /// How many.
    pub voters: u32,
}

impl Tx<'_> {
    /// Records a report of the whole turnout.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn record_turnout(
        &mut self,
        as_of: Instant,
        rows: &[TurnoutRow],
    ) -> Result<(), StoreError> {
        let mut table = Vec::with_capacity(rows.len() * INSERT.columns);
        for row in rows {
            table.extend(values![
                as_of,
                u32::from(row.precinct.number()),
                i64::from(row.hour),
                row.method.code(),
                row.voters
            ]);
        }
        self.insert(&INSERT, table)?;
        let body = format!("{} {}", as_of.micros(), rows.len());
        self.journal_bytes(
            Journal::Electoral,
            None,
            "turnout_reported",
            body.into_bytes(),
        )
        .map(|_| ())
    }

    /// The moment of the latest report.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_last_turnout(&mut self) -> Result<Option<Instant>, StoreError> {
        let row = self.row("SELECT MAX(as_of) FROM electoral_turnout", Vec::new())?;
        let moment = row.map_or(Ok(None), |row| row.some_int(0))?;
        Ok(moment.map(Instant::from_micros))
    }

    /// The latest report, by precinct, hour and method.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn turnout(&mut self) -> Result<Vec<TurnoutRow>, StoreError> {
        self.collect(
            "SELECT precinct, hour, method, voters FROM electoral_turnout \
             WHERE as_of = (SELECT MAX(as_of) FROM electoral_turnout) ORDER BY precinct, hour, method",
            Vec::new(),
            read_turnout,
        )
    }

    /// The latest report about one precinct, by hour and method.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn turnout_of(&mut self, precinct: PrecinctCode) -> Result<Vec<TurnoutRow>, StoreError> {
        self.collect(
            "SELECT precinct, hour, method, voters FROM electoral_turnout \
             WHERE as_of = (SELECT MAX(as_of) FROM electoral_turnout) AND precinct = $1 ORDER BY hour, method",
            values![u32::from(precinct.number())],
            read_turnout,
        )
    }

    /// Check-ins of the latest report by precinct.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn turnout_by_precinct(&mut self) -> Result<Vec<(PrecinctCode, u64)>, StoreError> {
        self.collect(
            "SELECT precinct, CAST(SUM(voters) AS BIGINT) FROM electoral_turnout \
             WHERE as_of = (SELECT MAX(as_of) FROM electoral_turnout) GROUP BY precinct ORDER BY precinct",
            Vec::new(),
            |row| Ok((read_precinct(row, 0)?, row.number(1)?)),
        )
    }
}

fn read_turnout(row: &Row) -> Result<TurnoutRow, StoreError> {
    Ok(TurnoutRow {
        precinct: read_precinct(row, 0)?,
        hour: row.number(1)?,
        method: row.code(2, Method::from_code)?,
        voters: row.number(3)?,
    })
}
