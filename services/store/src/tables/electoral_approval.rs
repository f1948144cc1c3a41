//! Tables `electoral_sign_off`, `electoral_approval` and `electoral_published`: how a release goes from formed to
//! published. Rows never change.

use lexicon::Instant;

use super::registry_print::hex;
use crate::engine::{Row, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

/// Who approves a release: two institutions, one person of each.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Institution {
    /// The registration service, which keeps the register and forms the list.
    Registration,
    /// The election commission, which takes the list over.
    Commission,
}

impl Institution {
    /// Both.
    pub const ALL: [Institution; 2] = [Institution::Registration, Institution::Commission];

    /// The code that the store keeps.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Institution::Registration => "registration",
            Institution::Commission => "commission",
        }
    }

    pub(crate) fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.code() == code)
    }
}

/// One institution's approval of exactly one root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalRow {
    /// Whose.
    pub institution: Institution,
    /// The account.
    pub staff: String,
    /// The root that was approved.
    pub root: [u8; 32],
    /// When.
    pub at: Instant,
}

/// Somebody answers for what is not settled at the freeze.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignOffRow {
    /// The blocker's code.
    pub blocker: String,
    /// How many were waiting when it was signed off: another number is not covered.
    pub waiting: u64,
    /// Whose.
    pub institution: Institution,
    /// The account.
    pub staff: String,
    /// Why, in the account's words. No personal data.
    pub reason: String,
    /// When.
    pub at: Instant,
}

/// A release that was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishedRow {
    /// The root in the publication.
    pub root: [u8; 32],
    /// When the office saw it.
    pub at: Instant,
}

impl Tx<'_> {
    /// Records that an account answers for a blocker of a release.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when the institution has signed off the same number before.
    pub fn record_sign_off(&mut self, release: u32, row: &SignOffRow) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO electoral_sign_off (number, blocker, waiting, institution, staff, reason, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![
                release,
                row.blocker.as_str(),
                row.waiting,
                row.institution.code(),
                row.staff.as_str(),
                row.reason.as_str(),
                row.at
            ],
        )?;
        let body = format!(
            "{release} {} {} {} {}",
            row.blocker,
            row.waiting,
            row.institution.code(),
            row.reason
        );
        self.journal_bytes(
            Journal::Electoral,
            None,
            "blocker_signed_off",
            body.into_bytes(),
        )
        .map(|_| ())
    }

    /// Who answers for which blockers of a release, the earliest first.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn sign_offs(&mut self, release: u32) -> Result<Vec<SignOffRow>, StoreError> {
        self.collect(
            "SELECT blocker, waiting, institution, staff, reason, at FROM electoral_sign_off \
             WHERE number = $1 ORDER BY at, blocker, institution",
            values![release],
            |row| {
                Ok(SignOffRow {
                    blocker: row.text(0)?.to_owned(),
                    waiting: row.number(1)?,
                    institution: row.code(2, Institution::from_code)?,
                    staff: row.text(3)?.to_owned(),
                    reason: row.text(4)?.to_owned(),
                    at: Instant::from_micros(row.int(5)?),
                })
            },
        )
    }

    /// Records an institution's approval of a release.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when the institution or the account has approved it before.
    pub fn record_approval(&mut self, release: u32, row: &ApprovalRow) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO electoral_approval (number, institution, staff, root, at) VALUES ($1, $2, $3, $4, $5)",
            values![
                release,
                row.institution.code(),
                row.staff.as_str(),
                row.root.to_vec(),
                row.at
            ],
        )?;
        let body = format!("{release} {} {}", row.institution.code(), hex(&row.root));
        self.journal_bytes(
            Journal::Electoral,
            None,
            "release_approved",
            body.into_bytes(),
        )
        .map(|_| ())
    }

    /// The approvals of a release, the earliest first.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn approvals(&mut self, release: u32) -> Result<Vec<ApprovalRow>, StoreError> {
        self.collect(
            "SELECT institution, staff, root, at FROM electoral_approval WHERE number = $1 ORDER BY at, institution",
            values![release],
            |row| {
                Ok(ApprovalRow {
                    institution: row.code(0, Institution::from_code)?,
                    staff: row.text(1)?.to_owned(),
                    root: read_root(row, 2)?,
                    at: Instant::from_micros(row.int(3)?),
                })
            },
        )
    }

    /// Records that a release was seen in a publication.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when it is recorded already.
    pub fn record_published(&mut self, release: u32, row: PublishedRow) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO electoral_published (number, root, at) VALUES ($1, $2, $3)",
            values![release, row.root.to_vec(), row.at],
        )?;
        let body = format!("{release} {}", hex(&row.root));
        self.journal_bytes(
            Journal::Electoral,
            None,
            "release_published",
            body.into_bytes(),
        )
        .map(|_| ())
    }

    /// When a release was published.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_published(&mut self, release: u32) -> Result<Option<PublishedRow>, StoreError> {
        let row = self.row(
            "SELECT root, at FROM electoral_published WHERE number = $1",
            values![release],
        )?;
        row.map(|row| {
            Ok(PublishedRow {
                root: read_root(&row, 0)?,
                at: Instant::from_micros(row.int(1)?),
            })
        })
        .transpose()
    }
}

fn read_root(row: &Row, column: usize) -> Result<[u8; 32], StoreError> {
    row.blob(column)?
        .try_into()
        .map_err(|_| StoreError::Stored { column })
}
