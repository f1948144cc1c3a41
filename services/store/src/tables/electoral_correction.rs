//! Table `electoral_correction_decision`: what people decided about corrections of a rehearsal's list. Rows never change.

use lexicon::Instant;

use crate::engine::{Row, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decided {
    /// It became claims: their ids, separated by blanks.
    Claim(String),
    /// It was refused: the code of a `ClaimOutcome`.
    Refused(String),
    /// A registrar is to look at it.
    Registrar,
}

impl Decided {
    /// The code that the store keeps.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Decided::Claim(_) => "claim",
            Decided::Refused(_) => "refused",
            Decided::Registrar => "registrar",
        }
    }

    /// Whether nothing is decided after it.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Decided::Claim(_) | Decided::Refused(_) => true,
            Decided::Registrar => false,
        }
    }
}

/// A decision about a correction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectionDecision {
    /// Document id of the correction, hexadecimal.
    pub correction: String,
    /// What.
    pub decided: Decided,
    /// Who.
    pub staff: String,
    /// When.
    pub at: Instant,
}

const COLUMNS: &str = "correction, decision, reason, claims, staff, at";

impl Tx<'_> {
    /// Records a decision about a correction; false when a final one stands, or the same reference.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn decide_correction(
        &mut self,
        correction: &str,
        decided: &Decided,
        staff: &str,
    ) -> Result<bool, StoreError> {
        let before = self.decisions_of_correction(correction)?;
        let is_over = before
            .last()
            .is_some_and(|last| last.decided.is_final() || last.decided == *decided);
        if is_over {
            return Ok(false);
        }
        let (reason, claims) = match decided {
            Decided::Claim(claims) => ("", claims.as_str()),
            Decided::Refused(reason) => (reason.as_str(), ""),
            Decided::Registrar => ("", ""),
        };
        let at = self.at();
        self.execute(
            "INSERT INTO electoral_correction_decision (correction, place, decision, reason, claims, staff, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![
                correction,
                before.len() as u64 + 1,
                decided.code(),
                reason,
                claims,
                staff,
                at
            ],
        )?;
        let body = format!("{correction} {} {reason}{claims}", decided.code());
        self.journal_bytes(
            Journal::Electoral,
            None,
            "correction_decided",
            body.trim_end().as_bytes().to_vec(),
        )?;
        Ok(true)
    }

    /// The decisions about a correction, the last one last.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn decisions_of_correction(
        &mut self,
        correction: &str,
    ) -> Result<Vec<CorrectionDecision>, StoreError> {
        self.collect(
            &format!(
                "SELECT {COLUMNS} FROM electoral_correction_decision WHERE correction = $1 ORDER BY place"
            ),
            values![correction],
            read_decision,
        )
    }

    /// Every decision, each correction's last one last.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn correction_decisions(&mut self) -> Result<Vec<CorrectionDecision>, StoreError> {
        self.collect(
            &format!(
                "SELECT {COLUMNS} FROM electoral_correction_decision ORDER BY correction, place"
            ),
            Vec::new(),
            read_decision,
        )
    }
}

fn read_decision(row: &Row) -> Result<CorrectionDecision, StoreError> {
    let decided = match row.text(1)? {
        "claim" => Decided::Claim(row.text(3)?.to_owned()),
        "refused" => Decided::Refused(row.text(2)?.to_owned()),
        "registrar" => Decided::Registrar,
        _ => return Err(StoreError::Stored { column: 1 }),
    };
    Ok(CorrectionDecision {
        correction: row.text(0)?.to_owned(),
        decided,
        staff: row.text(4)?.to_owned(),
        at: Instant::from_micros(row.int(5)?),
    })
}
