//! Tables `electoral_institution_edition`, `electoral_institution_member`, `electoral_institution_refused`: lists that the
//! heads of institutions hand over. Rows never change.

use lexicon::{Instant, PersonId, PrecinctCode};

use super::electoral_claim_receipt::Filing;
use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

const MEMBERS: Insert = Insert {
    into: "electoral_institution_member (edition, line, precinct, category, letter, person, claim, origin)",
    columns: 8,
    then: "",
};
const REFUSED: Insert = Insert {
    into: "electoral_institution_refused (edition, line, field, reason)",
    columns: 4,
    then: "",
};

/// A list as it came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstitutionEdition {
    /// Its number.
    pub edition: u32,
    /// SHA-256 of the file, hexadecimal: the head's letter can carry it.
    pub sha256: String,
    /// Id of the key that signed it, 16 hexadecimal digits; empty when the head signed a letter on paper.
    pub signer: String,
    /// Rows taken.
    pub taken: u64,
    /// Rows refused.
    pub refused: u64,
    /// Who took it in.
    pub staff: String,
    /// When.
    pub at: Instant,
}

/// A row that was taken: a person, and the claim that moves them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstitutionMember {
    /// Line of the file, from 1.
    pub line: u64,
    /// The institution's precinct.
    pub precinct: PrecinctCode,
    /// Category of the law's table.
    pub category: String,
    /// Number and day of the head's letter.
    pub letter: String,
    /// Who.
    pub person: PersonId,
    /// The Form 2 that it became.
    pub claim: String,
    /// Where the person stood on the latest list.
    pub origin: Option<PrecinctCode>,
}

/// A row as it is to be taken; its claim has no number yet.
#[derive(Clone, Debug)]
pub struct InstitutionRow {
    /// Everything but the claim's number.
    pub member: InstitutionMember,
    /// The claim.
    pub filing: Filing,
}

/// A row that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstitutionRefused {
    /// Line of the file, from 1.
    pub line: u64,
    /// The column.
    pub field: String,
    /// The code of the reason: an own one, or a `ClaimOutcome`.
    pub reason: String,
}

impl Tx<'_> {
    /// Records a list: each row becomes a claim under this moment; gives the list's number.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses; the same file twice is a broken constraint.
    pub fn record_institution_list(
        &mut self,
        (sha256, signer): (&str, &str),
        rows: &[InstitutionRow],
        refused: &[InstitutionRefused],
        staff: &str,
    ) -> Result<u32, StoreError> {
        let edition: u32 =
            self.next_number("SELECT MAX(edition) FROM electoral_institution_edition")?;
        let at = self.at();
        self.execute(
            "INSERT INTO electoral_institution_edition (edition, sha256, signer, taken, refused, staff, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![edition, sha256, signer, rows.len() as u64, refused.len() as u64, staff, at],
        )?;
        let mut table = Vec::with_capacity(rows.len() * MEMBERS.columns);
        for row in rows {
            let member = &row.member;
            let (receipt, _) = self.file_claim(staff, &row.filing, false)?;
            table.extend(values![
                edition,
                member.line,
                u32::from(member.precinct.number()),
                member.category.as_str(),
                member.letter.as_str(),
                member.person,
                receipt.claim.as_str(),
                member.origin.map(|p| u32::from(p.number()))
            ]);
        }
        self.insert(&MEMBERS, table)?;
        let mut table = Vec::with_capacity(refused.len() * REFUSED.columns);
        for row in refused {
            table.extend(values![
                edition,
                row.line,
                row.field.as_str(),
                row.reason.as_str()
            ]);
        }
        self.insert(&REFUSED, table)?;
        let body = format!(
            "{edition} {sha256} {signer} {} {}",
            rows.len(),
            refused.len()
        );
        self.journal_bytes(
            Journal::Electoral,
            None,
            "institution_list_received",
            body.into_bytes(),
        )?;
        Ok(edition)
    }

    /// Every list, the latest first.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn institution_editions(&mut self) -> Result<Vec<InstitutionEdition>, StoreError> {
        self.collect(
            "SELECT edition, sha256, signer, taken, refused, staff, at FROM electoral_institution_edition \
             ORDER BY edition DESC",
            Vec::new(),
            read_edition,
        )
    }

    /// The list of a file, by its SHA-256.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_institution_file(&mut self, sha256: &str) -> Result<Option<u32>, StoreError> {
        let row = self.row(
            "SELECT edition FROM electoral_institution_edition WHERE sha256 = $1",
            values![sha256],
        )?;
        row.map(|row| row.number(0)).transpose()
    }

    /// The rows of a list that were taken, by line.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn institution_members(
        &mut self,
        edition: u32,
    ) -> Result<Vec<InstitutionMember>, StoreError> {
        self.collect(
            "SELECT line, precinct, category, letter, person, claim, origin FROM electoral_institution_member \
             WHERE edition = $1 ORDER BY line",
            values![edition],
            |row| {
                Ok(InstitutionMember {
                    line: row.number(0)?,
                    precinct: super::electoral_precinct::read_precinct(row, 1)?,
                    category: row.text(2)?.to_owned(),
                    letter: row.text(3)?.to_owned(),
                    person: row.parsed(4)?,
                    claim: row.text(5)?.to_owned(),
                    origin: row
                        .some_number(6)?
                        .map(PrecinctCode::new)
                        .transpose()
                        .map_err(|_| StoreError::Stored { column: 6 })?,
                })
            },
        )
    }

    /// The rows of a list that were refused, by line.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn institution_refused(
        &mut self,
        edition: u32,
    ) -> Result<Vec<InstitutionRefused>, StoreError> {
        self.collect(
            "SELECT line, field, reason FROM electoral_institution_refused WHERE edition = $1 ORDER BY line",
            values![edition],
            |row| {
                Ok(InstitutionRefused {
                    line: row.number(0)?,
                    field: row.text(1)?.to_owned(),
                    reason: row.text(2)?.to_owned(),
                })
            },
        )
    }
}

fn read_edition(row: &Row) -> Result<InstitutionEdition, StoreError> {
    Ok(InstitutionEdition {
        edition: row.number(0)?,
        sha256: row.text(1)?.to_owned(),
        signer: row.text(2)?.to_owned(),
        taken: row.number(3)?,
        refused: row.number(4)?,
        staff: row.text(5)?.to_owned(),
        at: Instant::from_micros(row.int(6)?),
    })
}
