//! Tables `electoral_captures`, `electoral_captures_step` and `electoral_captures_found`: sealed captures of the day, every
//! step of opening them, and what comparing them found. Rows never change.

use lexicon::Instant;

use super::electoral_approval::Institution;
use crate::engine::{Row, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

/// One kit's signed list of captures, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapturesRow {
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// Precinct number.
    pub precinct: u16,
    /// The kit that signed it, `K1`.
    pub kit: String,
    /// How many captures.
    pub captures: u64,
}

/// What was done with the captures of the day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CapturesAct {
    /// Somebody of one institution asked to compare them, with a reason.
    Asked(Institution),
    /// Somebody of this other one allowed it.
    Allowed(Institution),
    /// The comparison opened them, in memory.
    Opened,
}

impl CapturesAct {
    /// The code that the store keeps.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            CapturesAct::Asked(_) => "asked",
            CapturesAct::Allowed(_) => "allowed",
            CapturesAct::Opened => "opened",
        }
    }

    /// Whose account did it; none for the comparison.
    #[must_use]
    pub fn institution(self) -> Option<Institution> {
        match self {
            CapturesAct::Asked(of) | CapturesAct::Allowed(of) => Some(of),
            CapturesAct::Opened => None,
        }
    }

    fn read(code: &str, of: Option<Institution>) -> Option<Self> {
        match (code, of) {
            ("asked", Some(of)) => Some(CapturesAct::Asked(of)),
            ("allowed", Some(of)) => Some(CapturesAct::Allowed(of)),
            ("opened", None) => Some(CapturesAct::Opened),
            _ => None,
        }
    }
}

/// One step with the captures of the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapturesStep {
    /// What.
    pub act: CapturesAct,
    /// Why, a code.
    pub reason: String,
    /// The decision it rests on, by its number. No personal data.
    pub basis: String,
    /// The account, or the name of the job.
    pub staff: String,
    /// When.
    pub at: Instant,
}

/// What one comparison found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapturesFound {
    /// Number of the step that opened the captures, from 1.
    pub step: u64,
    /// How many pairs.
    pub pairs: u64,
    /// The signed evidence packet.
    pub bytes: Vec<u8>,
    /// When.
    pub at: Instant,
}

fn read_captures(row: &Row) -> Result<CapturesRow, StoreError> {
    Ok(CapturesRow {
        sha256: row.text(0)?.to_owned(),
        precinct: row.number(1)?,
        kit: row.text(2)?.to_owned(),
        captures: row.number(3)?,
    })
}

impl Tx<'_> {
    /// Keeps a signed list of captures; false when the same bytes are kept.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn record_captures(&mut self, row: &CapturesRow, bytes: &[u8]) -> Result<bool, StoreError> {
        let known = self.row(
            "SELECT precinct FROM electoral_captures WHERE sha256 = $1",
            values![row.sha256.as_str()],
        )?;
        if known.is_some() {
            return Ok(false);
        }
        let (staff, at) = (self.author.clone(), self.at);
        self.execute(
            "INSERT INTO electoral_captures (sha256, precinct, kit, captures, bytes, staff, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![
                row.sha256.as_str(),
                u32::from(row.precinct),
                row.kit.as_str(),
                row.captures,
                bytes.to_vec(),
                staff,
                at
            ],
        )?;
        let body = format!(
            "{:04} {} {} {}",
            row.precinct, row.kit, row.captures, row.sha256
        );
        self.journal_bytes(
            Journal::Electoral,
            None,
            "captures_received",
            body.into_bytes(),
        )?;
        Ok(true)
    }

    /// The lists of captures that are kept, by precinct and kit, the fullest of a kit last.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn all_captures(&mut self) -> Result<Vec<CapturesRow>, StoreError> {
        self.collect(
            "SELECT sha256, precinct, kit, captures FROM electoral_captures ORDER BY precinct, kit, captures, sha256",
            Vec::new(),
            read_captures,
        )
    }

    /// The signed file of a list of captures.
    ///
    /// # Errors
    /// As [`Tx::all_captures`].
    pub fn captures_file(&mut self, sha256: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row = self.row(
            "SELECT bytes FROM electoral_captures WHERE sha256 = $1",
            values![sha256],
        )?;
        row.map(|row| Ok(row.blob(0)?.to_vec())).transpose()
    }

    /// Records a step with the captures, and gives its number.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when another step was recorded at the same time.
    pub fn record_captures_step(&mut self, step: &CapturesStep) -> Result<u64, StoreError> {
        let number = self.captures_steps()?.len() as u64 + 1;
        let of = step.act.institution().map(Institution::code);
        self.execute(
            "INSERT INTO electoral_captures_step (step, act, reason, basis, institution, staff, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![
                number,
                step.act.code(),
                step.reason.as_str(),
                step.basis.as_str(),
                of,
                step.staff.as_str(),
                step.at
            ],
        )?;
        let body = format!(
            "{number} {} {} {} {}",
            step.act.code(),
            of.unwrap_or("-"),
            step.reason,
            step.basis
        );
        self.journal_bytes(Journal::Electoral, None, "captures_step", body.into_bytes())?;
        Ok(number)
    }

    /// The steps with the captures, in their order.
    ///
    /// # Errors
    /// As [`Tx::all_captures`].
    pub fn captures_steps(&mut self) -> Result<Vec<CapturesStep>, StoreError> {
        self.collect(
            "SELECT act, reason, basis, institution, staff, at FROM electoral_captures_step ORDER BY step",
            Vec::new(),
            |row| {
                let of = row.some_text(3)?;
                let of = of
                    .map(|code| Institution::from_code(code).ok_or(StoreError::Stored { column: 3 }))
                    .transpose()?;
                let act = CapturesAct::read(row.text(0)?, of);
                Ok(CapturesStep {
                    act: act.ok_or(StoreError::Stored { column: 0 })?,
                    reason: row.text(1)?.to_owned(),
                    basis: row.text(2)?.to_owned(),
                    staff: row.text(4)?.to_owned(),
                    at: Instant::from_micros(row.int(5)?),
                })
            },
        )
    }

    /// Records what the comparison of a step found.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when that step's result is kept.
    pub fn record_captures_found(&mut self, found: &CapturesFound) -> Result<(), StoreError> {
        let staff = self.author.clone();
        self.execute(
            "INSERT INTO electoral_captures_found (step, pairs, bytes, staff, at) VALUES ($1, $2, $3, $4, $5)",
            values![found.step, found.pairs, found.bytes.clone(), staff, found.at],
        )?;
        let hash =
            lexicon::handover::envelope::hex(&lexicon::handover::envelope::sha256(&found.bytes));
        let body = format!("{} {} {hash}", found.step, found.pairs);
        self.journal_bytes(
            Journal::Electoral,
            None,
            "captures_found",
            body.into_bytes(),
        )
        .map(|_| ())
    }

    /// What comparisons found, in their order.
    ///
    /// # Errors
    /// As [`Tx::all_captures`].
    pub fn captures_found(&mut self) -> Result<Vec<CapturesFound>, StoreError> {
        self.collect(
            "SELECT step, pairs, bytes, at FROM electoral_captures_found ORDER BY step",
            Vec::new(),
            |row| {
                Ok(CapturesFound {
                    step: row.number(0)?,
                    pairs: row.number(1)?,
                    bytes: row.blob(2)?.to_vec(),
                    at: Instant::from_micros(row.int(3)?),
                })
            },
        )
    }
}
