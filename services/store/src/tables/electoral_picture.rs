//! Tables `electoral_picture` and `electoral_picture_step`: sealed pictures of voters whom two officers identified, and
//! every step of opening one. Rows never change.

use lexicon::Instant;

use super::electoral_approval::Institution;
use crate::engine::{Row, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

/// A sealed picture, byte for byte as a kit handed it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureRow {
    /// SHA-256 of the file, hexadecimal: by it the act names the picture.
    pub sha256: String,
    /// Precinct number.
    pub precinct: u16,
    /// The kit whose act names it, `K1`.
    pub kit: String,
    /// The act's counter.
    pub seq: u32,
    /// Line of the list.
    pub line: u32,
    /// When the act was signed.
    pub taken: Instant,
}

/// What was done with a picture.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PictureAct {
    /// Somebody of one institution asked to open it, with a reason.
    Asked,
    /// Somebody of the other one allowed it.
    Allowed,
    /// One of the two looked.
    Looked,
}

impl PictureAct {
    /// Every act.
    pub const ALL: [PictureAct; 3] = [PictureAct::Asked, PictureAct::Allowed, PictureAct::Looked];

    /// The code that the store keeps.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            PictureAct::Asked => "asked",
            PictureAct::Allowed => "allowed",
            PictureAct::Looked => "looked",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.code() == code)
    }
}

/// One step with a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureStep {
    /// What.
    pub act: PictureAct,
    /// Why, a code; empty for a look.
    pub reason: String,
    /// The decision or complaint it rests on, by its number. No personal data.
    pub basis: String,
    /// Whose account.
    pub institution: Institution,
    /// The account.
    pub staff: String,
    /// When.
    pub at: Instant,
}

fn read_picture(row: &Row) -> Result<PictureRow, StoreError> {
    Ok(PictureRow {
        sha256: row.text(0)?.to_owned(),
        precinct: row.number(1)?,
        kit: row.text(2)?.to_owned(),
        seq: row.number(3)?,
        line: row.number(4)?,
        taken: Instant::from_micros(row.int(5)?),
    })
}

impl Tx<'_> {
    /// Keeps a sealed picture; false when the same bytes are kept.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn record_picture(&mut self, row: &PictureRow, bytes: &[u8]) -> Result<bool, StoreError> {
        if self.find_picture(&row.sha256)?.is_some() {
            return Ok(false);
        }
        let (staff, at) = (self.author.clone(), self.at);
        self.execute(
            "INSERT INTO electoral_picture (sha256, precinct, kit, seq, line, taken, bytes, staff, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            values![
                row.sha256.as_str(),
                u32::from(row.precinct),
                row.kit.as_str(),
                row.seq,
                row.line,
                row.taken,
                bytes.to_vec(),
                staff,
                at
            ],
        )?;
        let body = format!("{:04} {} {} {}", row.precinct, row.kit, row.seq, row.sha256);
        self.journal_bytes(
            Journal::Electoral,
            None,
            "picture_received",
            body.into_bytes(),
        )?;
        Ok(true)
    }

    /// A picture by the hash of its file.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_picture(&mut self, sha256: &str) -> Result<Option<PictureRow>, StoreError> {
        let row = self.row(
            "SELECT sha256, precinct, kit, seq, line, taken FROM electoral_picture WHERE sha256 = $1",
            values![sha256],
        )?;
        row.as_ref().map(read_picture).transpose()
    }

    /// The sealed file of a picture.
    ///
    /// # Errors
    /// As [`Tx::find_picture`].
    pub fn picture_file(&mut self, sha256: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row = self.row(
            "SELECT bytes FROM electoral_picture WHERE sha256 = $1",
            values![sha256],
        )?;
        row.map(|row| Ok(row.blob(0)?.to_vec())).transpose()
    }

    /// Pictures of a precinct, by line and counter, at most 500.
    ///
    /// # Errors
    /// As [`Tx::find_picture`].
    pub fn pictures_of(&mut self, precinct: u16) -> Result<Vec<PictureRow>, StoreError> {
        self.collect(
            "SELECT sha256, precinct, kit, seq, line, taken FROM electoral_picture WHERE precinct = $1 \
             ORDER BY line, kit, seq LIMIT 500",
            values![u32::from(precinct)],
            read_picture,
        )
    }

    /// How many pictures each precinct handed in, and how many of them somebody looked at; by precinct.
    ///
    /// # Errors
    /// As [`Tx::find_picture`].
    pub fn picture_counts(&mut self) -> Result<Vec<(u16, u64, u64)>, StoreError> {
        self.collect(
            "SELECT p.precinct, COUNT(*), COUNT(s.sha256) FROM electoral_picture p LEFT JOIN \
             (SELECT DISTINCT sha256 FROM electoral_picture_step WHERE act = 'looked') s ON s.sha256 = p.sha256 \
             GROUP BY p.precinct ORDER BY p.precinct",
            Vec::new(),
            |row| Ok((row.number(0)?, row.number(1)?, row.number(2)?)),
        )
    }

    /// Records a step with a picture.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when another step was recorded at the same time.
    pub fn record_picture_step(
        &mut self,
        sha256: &str,
        step: &PictureStep,
    ) -> Result<(), StoreError> {
        let number = self.picture_steps(sha256)?.len() as u64 + 1;
        self.execute(
            "INSERT INTO electoral_picture_step (sha256, step, act, reason, basis, institution, staff, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            values![
                sha256,
                number,
                step.act.code(),
                step.reason.as_str(),
                step.basis.as_str(),
                step.institution.code(),
                step.staff.as_str(),
                step.at
            ],
        )?;
        let body = format!(
            "{sha256} {} {} {} {}",
            step.act.code(),
            step.institution.code(),
            step.reason,
            step.basis
        );
        self.journal_bytes(Journal::Electoral, None, "picture_step", body.into_bytes())
            .map(|_| ())
    }

    /// The steps with a picture, in their order.
    ///
    /// # Errors
    /// As [`Tx::find_picture`].
    pub fn picture_steps(&mut self, sha256: &str) -> Result<Vec<PictureStep>, StoreError> {
        self.collect(
            "SELECT act, reason, basis, institution, staff, at FROM electoral_picture_step WHERE sha256 = $1 \
             ORDER BY step",
            values![sha256],
            |row| {
                Ok(PictureStep {
                    act: row.code(0, PictureAct::from_code)?,
                    reason: row.text(1)?.to_owned(),
                    basis: row.text(2)?.to_owned(),
                    institution: row.code(3, Institution::from_code)?,
                    staff: row.text(4)?.to_owned(),
                    at: Instant::from_micros(row.int(5)?),
                })
            },
        )
    }
}
