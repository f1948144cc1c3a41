//! Tables `electoral_day_decision` and `electoral_voting_day`: decisions that a precinct votes on another day, and the days of
//! voting as reports name them (S-37). Rows never change.

use lexicon::Instant;

use crate::engine::{Insert, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

const DAYS: Insert = Insert {
    into: "electoral_voting_day (sha256, place, precinct, opens, closes, decision, suspended, reason, counted, outside, reported)",
    columns: 11,
    then: "ON CONFLICT (sha256, place) DO NOTHING",
};

/// A decision of the commission above, byte for byte as it was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayDecisionRow {
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// Precinct number.
    pub precinct: u16,
    /// Number of the decision, from 1.
    pub number: u8,
    /// When the day opens.
    pub opens: Instant,
    /// When it closes.
    pub closes: Instant,
    /// Why, a code.
    pub reason: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// A day of voting, as a report names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VotingDayRow {
    /// Precinct number.
    pub precinct: u16,
    /// Its place among the precinct's days, from 0: election day.
    pub place: u32,
    /// When it opens.
    pub opens: Instant,
    /// When it closes by the law or the decision.
    pub closes: Instant,
    /// Id of the decision, hexadecimal; none for election day.
    pub decision: Option<String>,
    /// When it was closed before its time and why, a code.
    pub suspended: Option<(Instant, String)>,
    /// Voters counted on it.
    pub counted: u32,
    /// Those of them outside its hours.
    pub outside: u32,
    /// When the report was made.
    pub reported: Instant,
}

impl Tx<'_> {
    /// Keeps a decision; false when the same bytes are kept.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn record_day_decision(&mut self, row: &DayDecisionRow) -> Result<bool, StoreError> {
        let known = self.row(
            "SELECT sha256 FROM electoral_day_decision WHERE sha256 = $1",
            values![row.sha256.as_str()],
        )?;
        if known.is_some() {
            return Ok(false);
        }
        let (staff, at) = (self.author.clone(), self.at);
        self.execute(
            "INSERT INTO electoral_day_decision (sha256, precinct, number, opens, closes, reason, bytes, staff, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            values![
                row.sha256.as_str(),
                u32::from(row.precinct),
                u32::from(row.number),
                row.opens,
                row.closes,
                row.reason.as_str(),
                row.bytes.clone(),
                staff,
                at
            ],
        )?;
        let body = format!("{:04} {} {}", row.precinct, row.number, row.sha256);
        self.journal_bytes(
            Journal::Electoral,
            None,
            "day_decision_received",
            body.into_bytes(),
        )?;
        Ok(true)
    }

    /// Every decision, by precinct, number and receipt.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn day_decisions(&mut self) -> Result<Vec<DayDecisionRow>, StoreError> {
        self.collect(
            "SELECT sha256, precinct, number, opens, closes, reason, bytes FROM electoral_day_decision \
             ORDER BY precinct, number, at, sha256",
            Vec::new(),
            |row| {
                Ok(DayDecisionRow {
                    sha256: row.text(0)?.to_owned(),
                    precinct: row.number(1)?,
                    number: row.number(2)?,
                    opens: Instant::from_micros(row.int(3)?),
                    closes: Instant::from_micros(row.int(4)?),
                    reason: row.text(5)?.to_owned(),
                    bytes: row.blob(6)?.to_vec(),
                })
            },
        )
    }

    /// Keeps the days that a report names, under the SHA-256 of the report.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn record_voting_days(
        &mut self,
        sha256: &str,
        days: &[VotingDayRow],
    ) -> Result<(), StoreError> {
        let mut table = Vec::with_capacity(days.len() * DAYS.columns);
        for day in days {
            let suspended = day.suspended.as_ref();
            table.extend(values![
                sha256,
                day.place,
                u32::from(day.precinct),
                day.opens,
                day.closes,
                day.decision.as_deref(),
                suspended.map(|(at, _)| *at),
                suspended.map(|(_, reason)| reason.as_str()),
                day.counted,
                day.outside,
                day.reported
            ]);
        }
        self.insert(&DAYS, table)?;
        Ok(())
    }

    /// The days of voting of every precinct that was closed before its time or votes on, from the report that was made
    /// last; by precinct and place.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn voting_days(&mut self) -> Result<Vec<VotingDayRow>, StoreError> {
        self.collect(
            "SELECT d.precinct, d.place, d.opens, d.closes, d.decision, d.suspended, d.reason, d.counted, d.outside, d.reported \
             FROM electoral_voting_day d WHERE d.sha256 = (SELECT MAX(e.sha256) FROM electoral_voting_day e \
             WHERE e.precinct = d.precinct AND e.reported = (SELECT MAX(f.reported) FROM electoral_voting_day f \
             WHERE f.precinct = d.precinct)) ORDER BY d.precinct, d.place",
            Vec::new(),
            |row| {
                let suspended = row.some_int(5)?.map(Instant::from_micros);
                let reason = row.some_text(6)?.map(str::to_owned);
                Ok(VotingDayRow {
                    precinct: row.number(0)?,
                    place: row.number(1)?,
                    opens: Instant::from_micros(row.int(2)?),
                    closes: Instant::from_micros(row.int(3)?),
                    decision: row.some_text(4)?.map(str::to_owned),
                    suspended: suspended.zip(reason),
                    counted: row.number(7)?,
                    outside: row.number(8)?,
                    reported: Instant::from_micros(row.int(9)?),
                })
            },
        )
    }
}
