//! Table `electoral_claim_outcome`: what became of each claim when a release was formed. Rows never change.

use lexicon::{ClaimOutcome, PersonId};

use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "electoral_claim_outcome (number, claim, person, outcome, superseded_by)",
    columns: 5,
    then: "",
};

/// What became of one claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimOutcomeRow {
    /// The claim's id.
    pub claim: String,
    /// Who it is about, when its PIN led to one person.
    pub person: Option<PersonId>,
    /// The outcome.
    pub outcome: ClaimOutcome,
    /// The claim that took its place; there is one exactly when the outcome is `SUPERSEDED`.
    pub superseded_by: Option<String>,
}

impl Tx<'_> {
    /// Records what became of the claims when a release was formed.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn record_claim_outcomes(
        &mut self,
        release: u32,
        outcomes: &[ClaimOutcomeRow],
    ) -> Result<(), StoreError> {
        for chunk in outcomes.chunks(20_000) {
            let mut table = Vec::with_capacity(chunk.len() * INSERT.columns);
            for row in chunk {
                table.extend(values![
                    release,
                    row.claim.as_str(),
                    row.person,
                    row.outcome.code(),
                    row.superseded_by.as_deref()
                ]);
            }
            self.insert(&INSERT, table)?;
        }
        Ok(())
    }

    /// What became of one claim in a release.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_claim_outcome(
        &mut self,
        release: u32,
        claim: &str,
    ) -> Result<Option<ClaimOutcomeRow>, StoreError> {
        let row = self.row(
            "SELECT claim, person, outcome, superseded_by FROM electoral_claim_outcome \
             WHERE number = $1 AND claim = $2",
            values![release, claim],
        )?;
        row.as_ref().map(read_outcome).transpose()
    }

    /// Form 2 that count on a release, by the precinct asked for.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn form2_by_target(
        &mut self,
        release: u32,
    ) -> Result<Vec<(lexicon::PrecinctCode, u64)>, StoreError> {
        self.collect(
            "SELECT c.target, COUNT(*) FROM electoral_claim_outcome o JOIN electoral_claim c ON c.claim = o.claim \
             WHERE o.number = $1 AND o.outcome = 'COUNTS' AND c.kind = 'form2' AND c.target IS NOT NULL \
             GROUP BY c.target ORDER BY c.target",
            values![release],
            |row| Ok((super::electoral_precinct::read_precinct(row, 0)?, row.number(1)?)),
        )
    }

    /// How many claims that were filed by a moment have no outcome on a release.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn count_open_claims(
        &mut self,
        release: u32,
        filed_by: lexicon::Instant,
    ) -> Result<u64, StoreError> {
        let row = self.row(
            "SELECT COUNT(*) FROM electoral_claim c WHERE c.filed <= $2 AND NOT EXISTS ( \
               SELECT 1 FROM electoral_claim_outcome o WHERE o.number = $1 AND o.claim = c.claim)",
            values![release, filed_by],
        )?;
        row.map_or(Ok(0), |row| row.number(0))
    }

    /// How many claims of a release by kind and outcome.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn claim_outcome_counts(
        &mut self,
        release: u32,
    ) -> Result<Vec<(register::ClaimKind, ClaimOutcome, u64)>, StoreError> {
        self.collect(
            "SELECT c.kind, o.outcome, COUNT(*) FROM electoral_claim_outcome o \
             JOIN electoral_claim c ON c.claim = o.claim WHERE o.number = $1 \
             GROUP BY c.kind, o.outcome ORDER BY c.kind, o.outcome",
            values![release],
            |row| {
                Ok((
                    row.code(0, register::ClaimKind::from_code)?,
                    row.code(1, ClaimOutcome::from_code)?,
                    row.number(2)?,
                ))
            },
        )
    }
}

fn read_outcome(row: &Row) -> Result<ClaimOutcomeRow, StoreError> {
    Ok(ClaimOutcomeRow {
        claim: row.text(0)?.to_owned(),
        person: row.some_parsed(1)?,
        outcome: row.code(2, ClaimOutcome::from_code)?,
        superseded_by: row.some_text(3)?.map(str::to_owned),
    })
}
