//! Table `electoral_claim`: Form 2, corrections, inclusions and exclusions as filed. Rows never change.

use lexicon::{Instant, Pin, PrecinctCode};
use register::ClaimKind;
use register::door::rows::Claim;

use super::registry_pin_claim::pin_key;
use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "electoral_claim (claim, kind, pin, filed, target, field, value, identified, import_hash)",
    columns: 9,
    then: "",
};

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
