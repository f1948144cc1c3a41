//! Table `electoral_claim`: Form 2, corrections, inclusions and exclusions as filed. Rows never change.

use lexicon::{ClaimOutcome, Instant, Pin, PrecinctCode};
use register::ClaimKind;
use register::door::rows::Claim;

use super::electoral_claim_outcome::ClaimOutcomeRow;
use super::registry_pin_claim::pin_key;
use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "electoral_claim (claim, kind, pin, filed, target, field, value, identified, import_hash)",
    columns: 9,
    then: "",
};

/// What stands in a filter for a claim that no release has settled.
const NOT_SETTLED: &str = "-";

/// Which claims are wanted; nothing named means all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClaimFilter {
    /// Of one kind.
    pub kind: Option<ClaimKind>,
    /// For or from one precinct.
    pub precinct: Option<PrecinctCode>,
    /// By what became of them.
    pub outcome: Option<OutcomeFilter>,
}

/// What became of the claims that are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutcomeFilter {
    /// This outcome.
    Is(ClaimOutcome),
    /// The release has not settled them: filed later.
    NotSettled,
}

/// The place of a claim in the order of the desk: [`Tx::claims_filed`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimPlace {
    /// Whether the release has settled it.
    pub settled: bool,
    /// When it was filed.
    pub filed: Instant,
    /// Its number.
    pub claim: String,
}

/// A claim with what became of it in a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiledClaim {
    /// As filed.
    pub claim: Claim,
    /// What became of it; none when the release was formed without it.
    pub outcome: Option<ClaimOutcomeRow>,
}

impl Tx<'_> {
    /// Records claims, each with its mark.
    pub(crate) fn record_claims(&mut self, claims: &[(Claim, i64)]) -> Result<(), StoreError> {
        let mut table = Vec::with_capacity(claims.len() * INSERT.columns);
        for (row, mark) in claims {
            table.extend(values![row.claim.as_str(), row.kind.code()]);
            table.push(pin_key(row.pin));
            table.extend(values![
                row.filed,
                row.target.map(|p| u32::from(p.number())),
                row.field.as_str(),
                row.value.as_str(),
                row.identified,
                *mark
            ]);
        }
        self.insert(&INSERT, table)?;
        Ok(())
    }

    /// Id and mark of every claim.
    pub(crate) fn marks_of_claims(
        &mut self,
        take: &mut dyn FnMut(&str, i64),
    ) -> Result<(), StoreError> {
        self.each(
            "SELECT claim, import_hash FROM electoral_claim",
            Vec::new(),
            |row| {
                take(row.text(0)?, row.int(1)?);
                Ok(())
            },
        )
    }

    /// Claims with what became of them in a release, after a given one: those that wait first, the earliest filed first,
    /// which is the order of the days by which they are answered; then those that are settled, the latest first.
    ///
    /// A precinct means: the one asked for, or the one on whose list the person stands.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn claims_filed(
        &mut self,
        release: u32,
        only: &ClaimFilter,
        after: Option<&ClaimPlace>,
        limit: u32,
    ) -> Result<Vec<FiledClaim>, StoreError> {
        let first = ClaimPlace {
            settled: false,
            filed: Instant::from_micros(i64::MIN),
            claim: String::new(),
        };
        let after = after.unwrap_or(&first);
        let filed = after.filed.micros();
        let outcome = match only.outcome {
            None => "",
            Some(OutcomeFilter::Is(outcome)) => outcome.code(),
            Some(OutcomeFilter::NotSettled) => NOT_SETTLED,
        };
        self.collect(
            include_str!("../../queries/claims_filed.sql"),
            values![
                release,
                only.kind.map_or("", ClaimKind::code),
                only.precinct.map_or(0u32, |p| u32::from(p.number())),
                outcome,
                i64::from(after.settled),
                if after.settled { -filed } else { filed },
                after.claim.as_str(),
                limit
            ],
            read_filed,
        )
    }

    /// How many claims wait for an outcome on a release: all, and those filed before a moment.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn claims_waiting(
        &mut self,
        release: u32,
        before: Instant,
    ) -> Result<(u64, u64), StoreError> {
        let row = self.row(
            "SELECT COUNT(*), COALESCE(SUM(CASE WHEN c.filed < $2 THEN 1 ELSE 0 END), 0) \
             FROM electoral_claim c WHERE NOT EXISTS ( \
               SELECT 1 FROM electoral_claim_outcome o WHERE o.number = $1 AND o.claim = c.claim)",
            values![release, before],
        )?;
        row.map_or(Ok((0, 0)), |row| Ok((row.number(0)?, row.number(1)?)))
    }

    /// One claim.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_claim(&mut self, claim: &str) -> Result<Option<Claim>, StoreError> {
        let row = self.row(
            "SELECT claim, kind, pin, filed, target, field, value, identified FROM electoral_claim \
             WHERE claim = $1",
            values![claim],
        )?;
        row.as_ref().map(read_claim).transpose()
    }

    /// Numbers of all claims: a receipt's number follows from one of them.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn claim_numbers(&mut self) -> Result<Vec<String>, StoreError> {
        self.collect(
            "SELECT claim FROM electoral_claim ORDER BY claim",
            Vec::new(),
            |row| Ok(row.text(0)?.to_owned()),
        )
    }

    /// All claims, by id.
    pub(crate) fn claims(&mut self) -> Result<Vec<Claim>, StoreError> {
        self.collect(
            "SELECT claim, kind, pin, filed, target, field, value, identified FROM electoral_claim \
             ORDER BY claim",
            Vec::new(),
            read_claim,
        )
    }
}

/// Reads a claim and its outcome.
fn read_filed(row: &Row) -> Result<FiledClaim, StoreError> {
    let claim = read_claim(row)?;
    let outcome = match row.some_text(8)? {
        None => None,
        Some(_) => Some(ClaimOutcomeRow {
            claim: claim.claim.clone(),
            outcome: row.code(8, ClaimOutcome::from_code)?,
            person: row.some_parsed(9)?,
            superseded_by: row.some_text(10)?.map(str::to_owned),
        }),
    };
    Ok(FiledClaim { claim, outcome })
}

/// Reads a claim.
pub(crate) fn read_claim(row: &Row) -> Result<Claim, StoreError> {
    let target = match row.some_int(4)? {
        None => None,
        Some(_) => {
            Some(PrecinctCode::new(row.number(4)?).map_err(|_| StoreError::Stored { column: 4 })?)
        }
    };
    Ok(Claim {
        claim: row.text(0)?.to_owned(),
        kind: row.code(1, ClaimKind::from_code)?,
        pin: Pin::from_stored(row.number(2)?),
        filed: Instant::from_micros(row.int(3)?),
        target,
        field: row.text(5)?.to_owned(),
        value: row.text(6)?.to_owned(),
        identified: row.int(7)? == 1,
    })
}
