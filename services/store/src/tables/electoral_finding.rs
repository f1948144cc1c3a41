//! Table `electoral_finding`: what is wrong with boundaries, as a release found it. Rows never change.

use lexicon::PrecinctCode;

use super::electoral_precinct::read_precinct;
use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "electoral_finding (number, position, code, blocks, address, precinct, other_precinct, detail)",
    columns: 8,
    then: "",
};

/// One thing that is wrong with a boundary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingRow {
    /// The finding's code.
    pub code: String,
    /// Whether it stops the signing.
    pub blocks: bool,
    /// The address it shows at.
    pub address: Option<String>,
    /// The precinct.
    pub precinct: Option<PrecinctCode>,
    /// The other precinct, for an overlap or a conflict.
    pub other_precinct: Option<PrecinctCode>,
    /// What more there is to say.
    pub detail: String,
}

impl Tx<'_> {
    /// Records the findings of a release, in the order given.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn record_findings(
        &mut self,
        release: u32,
        findings: &[FindingRow],
    ) -> Result<(), StoreError> {
        let code = |precinct: Option<PrecinctCode>| precinct.map(|p| u32::from(p.number()));
        let mut table = Vec::with_capacity(findings.len() * INSERT.columns);
        for (position, row) in (1u64..).zip(findings) {
            table.extend(values![
                release,
                position,
                row.code.as_str(),
                row.blocks,
                row.address.as_deref(),
                code(row.precinct),
                code(row.other_precinct),
                row.detail.as_str()
            ]);
        }
        self.insert(&INSERT, table).map(|_| ())
    }

    /// How many findings of a release by code, with whether the code stops the signing.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn finding_counts(&mut self, release: u32) -> Result<Vec<(String, bool, u64)>, StoreError> {
        self.collect(
            "SELECT code, blocks, COUNT(*) FROM electoral_finding WHERE number = $1 \
             GROUP BY code, blocks ORDER BY blocks DESC, code",
            values![release],
            |row| Ok((row.text(0)?.to_owned(), row.int(1)? == 1, row.number(2)?)),
        )
    }

    /// How many precincts have a finding that stops the signing.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn count_faulty_precincts(&mut self, release: u32) -> Result<u64, StoreError> {
        let row = self.row(
            "SELECT COUNT(DISTINCT precinct) FROM ( \
               SELECT precinct FROM electoral_finding WHERE number = $1 AND blocks = 1 \
               UNION ALL SELECT other_precinct FROM electoral_finding WHERE number = $1 AND blocks = 1) f",
            values![release],
        )?;
        row.map_or(Ok(0), |row| row.number(0))
    }

    /// Findings of a release with their places, after a given place.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn findings(
        &mut self,
        release: u32,
        after: u64,
        limit: u32,
    ) -> Result<Vec<(u64, FindingRow)>, StoreError> {
        self.collect(
            "SELECT code, blocks, address, precinct, other_precinct, detail, position FROM electoral_finding \
             WHERE number = $1 AND position > $2 ORDER BY position LIMIT $3",
            values![release, after, limit],
            |row| Ok((row.number(6)?, read_finding(row)?)),
        )
    }
}

fn read_finding(row: &Row) -> Result<FindingRow, StoreError> {
    let precinct = |column| match row.some_int(column)? {
        None => Ok(None),
        Some(_) => read_precinct(row, column).map(Some),
    };
    Ok(FindingRow {
        code: row.text(0)?.to_owned(),
        blocks: row.int(1)? == 1,
        address: row.some_text(2)?.map(str::to_owned),
        precinct: precinct(3)?,
        other_precinct: precinct(4)?,
        detail: row.text(5)?.to_owned(),
    })
}
