//! Tables `electoral_hour_message`, `electoral_hour_batch`, `electoral_hour_refused`: what stations said of their
//! turnout by the hour, files of such messages, and lines that were refused. Rows never change.

use lexicon::handover::turnout::{HourTurnout, Scope};
use lexicon::{Instant, PrecinctCode};
use roll::hours::{Heard, Proof};

use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

const COLUMNS: &str = "number, precinct, kit, scope, hour, correction, voters, channel, proof, message, batch, staff, at";

const REFUSED: Insert = Insert {
    into: "electoral_hour_refused (batch, line, message, reason)",
    columns: 4,
    then: "",
};

/// How a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// As text: SMS or QR.
    Text,
    /// Read aloud.
    Digits,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Channel; 2] = [Channel::Text, Channel::Digits];

    /// The code that the store keeps.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Channel::Text => "text",
            Channel::Digits => "digits",
        }
    }

    /// The channel with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.code() == code)
    }
}

/// A message to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewHour {
    /// What it says.
    pub said: HourTurnout,
    /// How it came.
    pub channel: Channel,
    /// How sure its origin is.
    pub proof: Proof,
    /// As it was received, without spaces.
    pub message: String,
}

/// A message that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HourRow {
    /// Its number in the order of receipt.
    pub number: u64,
    /// What it says; its election is the store's.
    pub kept: NewHour,
    /// The file it came in.
    pub batch: Option<u32>,
    /// Who took it.
    pub staff: String,
    /// When.
    pub at: Instant,
}

impl HourRow {
    /// As the rule takes it.
    #[must_use]
    pub fn heard(&self) -> Heard {
        Heard {
            order: self.number,
            said: self.kept.said,
            proof: self.kept.proof,
        }
    }
}

/// What became of a message that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HourKept {
    /// It is new, under this number.
    New(u64),
    /// The same statement, at least as sure, stands under this number.
    Known(u64),
}

/// A file of messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HourBatch {
    /// Its number.
    pub batch: u32,
    /// Lines that were not empty.
    pub lines: u64,
    /// Taken as new.
    pub taken: u64,
    /// Known already.
    pub known: u64,
    /// Refused.
    pub refused: u64,
    /// Who sent it.
    pub staff: String,
    /// When.
    pub at: Instant,
}

/// A line of a file that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HourRefusedRow {
    /// Its line in the file, from 1.
    pub line: u64,
    /// As it stood there, cut after 200 characters.
    pub message: String,
    /// The code of the reason.
    pub reason: String,
}

impl Tx<'_> {
    /// Keeps a message, unless the same statement with at least the same proof is kept.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn record_hour(
        &mut self,
        new: &NewHour,
        batch: Option<u32>,
        staff: &str,
    ) -> Result<HourKept, StoreError> {
        let said = new.said;
        let same = self.collect(
            "SELECT number, proof FROM electoral_hour_message WHERE precinct = $1 AND kit = $2 AND scope = $3 \
             AND hour = $4 AND correction = $5 AND voters = $6 ORDER BY number",
            values![
                u32::from(said.precinct),
                u32::from(said.kit),
                u32::from(said.scope.number()),
                u32::from(said.hour),
                u32::from(said.number),
                said.count
            ],
            |row| Ok((row.number::<u64>(0)?, row.code(1, Proof::from_code)?)),
        )?;
        if let Some((number, _)) = same.iter().find(|(_, proof)| *proof >= new.proof) {
            return Ok(HourKept::Known(*number));
        }
        let number: u32 = self.next_number("SELECT MAX(number) FROM electoral_hour_message")?;
        let at = self.at();
        self.execute(
            &format!(
                "INSERT INTO electoral_hour_message ({COLUMNS}) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
            ),
            values![
                number,
                u32::from(said.precinct),
                u32::from(said.kit),
                u32::from(said.scope.number()),
                u32::from(said.hour),
                u32::from(said.number),
                said.count,
                new.channel.code(),
                new.proof.code(),
                new.message.as_str(),
                batch,
                staff,
                at
            ],
        )?;
        let body = format!(
            "{number} {:04} {} {} {} {} {} {}",
            said.precinct,
            said.kit,
            said.scope.number(),
            said.hour,
            said.number,
            said.count,
            new.proof.code()
        );
        self.journal_bytes(
            Journal::Electoral,
            None,
            "hour_turnout_received",
            body.into_bytes(),
        )?;
        Ok(HourKept::New(u64::from(number)))
    }

    /// The number that the next file gets.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn next_hour_batch(&mut self) -> Result<u32, StoreError> {
        self.next_number("SELECT MAX(batch) FROM electoral_hour_batch")
    }

    /// Closes a file whose messages were kept under its number, with the lines that were refused.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses; a number twice is a broken constraint.
    pub fn record_hour_batch(
        &mut self,
        batch: &HourBatch,
        refused: &[HourRefusedRow],
    ) -> Result<(), StoreError> {
        let at = self.at();
        self.execute(
            "INSERT INTO electoral_hour_batch (batch, read_lines, taken, known, refused, staff, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![
                batch.batch,
                batch.lines,
                batch.taken,
                batch.known,
                batch.refused,
                batch.staff.as_str(),
                at
            ],
        )?;
        let mut table = Vec::with_capacity(refused.len() * REFUSED.columns);
        for row in refused {
            table.extend(values![
                batch.batch,
                row.line,
                row.message.as_str(),
                row.reason.as_str()
            ]);
        }
        self.insert(&REFUSED, table).map(|_| ())
    }

    /// A file of messages with its refused lines.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_hour_batch(
        &mut self,
        batch: u32,
    ) -> Result<Option<(HourBatch, Vec<HourRefusedRow>)>, StoreError> {
        let found = self.row(
            "SELECT batch, read_lines, taken, known, refused, staff, at FROM electoral_hour_batch WHERE batch = $1",
            values![batch],
        )?;
        let Some(row) = found else { return Ok(None) };
        let refused = self.collect(
            "SELECT line, message, reason FROM electoral_hour_refused WHERE batch = $1 ORDER BY line",
            values![batch],
            |row| {
                Ok(HourRefusedRow {
                    line: row.number(0)?,
                    message: row.text(1)?.to_owned(),
                    reason: row.text(2)?.to_owned(),
                })
            },
        )?;
        let batch = HourBatch {
            batch: row.number(0)?,
            lines: row.number(1)?,
            taken: row.number(2)?,
            known: row.number(3)?,
            refused: row.number(4)?,
            staff: row.text(5)?.to_owned(),
            at: Instant::from_micros(row.int(6)?),
        };
        Ok(Some((batch, refused)))
    }

    /// Every message, in the order of receipt.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn hour_messages(&mut self, election: u32) -> Result<Vec<HourRow>, StoreError> {
        self.collect(
            &format!("SELECT {COLUMNS} FROM electoral_hour_message ORDER BY number"),
            Vec::new(),
            |row| read(row, election),
        )
    }

    /// The messages of one precinct, in the order of receipt.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn hour_messages_of(
        &mut self,
        precinct: PrecinctCode,
        election: u32,
    ) -> Result<Vec<HourRow>, StoreError> {
        self.collect(
            &format!(
                "SELECT {COLUMNS} FROM electoral_hour_message WHERE precinct = $1 ORDER BY number"
            ),
            values![u32::from(precinct.number())],
            |row| read(row, election),
        )
    }
}

fn read(row: &Row, election: u32) -> Result<HourRow, StoreError> {
    Ok(HourRow {
        number: row.number(0)?,
        kept: NewHour {
            said: HourTurnout {
                election,
                precinct: row.number(1)?,
                kit: row.number(2)?,
                scope: Scope::from_number(row.number(3)?)
                    .ok_or(StoreError::Stored { column: 3 })?,
                hour: row.number(4)?,
                number: row.number(5)?,
                count: row.number(6)?,
            },
            channel: row.code(7, Channel::from_code)?,
            proof: row.code(8, Proof::from_code)?,
            message: row.text(9)?.to_owned(),
        },
        batch: row
            .some_int(10)?
            .and_then(|batch| u32::try_from(batch).ok()),
        staff: row.text(11)?.to_owned(),
        at: Instant::from_micros(row.int(12)?),
    })
}
