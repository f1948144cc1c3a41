//! Table `registry_pin_claim`: who claims which PIN. Rows never change; a claim lost by verdict ends by the verdict.

use lexicon::{PersonId, Pin};
use register::act::PinClaim;

use crate::engine::{Insert, Value, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "registry_pin_claim (pin, person, source, from_day, until_day, position)",
    columns: 6,
    then: "ON CONFLICT (pin, person, source) DO NOTHING",
};

/// A claim and the act that made it.
pub(crate) struct NewPinClaim {
    pub(crate) person: PersonId,
    pub(crate) position: u64,
    pub(crate) claim: PinClaim,
}

/// What a PIN is stored and looked up by: the one place to change when the column is sealed.
pub(crate) fn pin_key(pin: Pin) -> Value {
    Value::from(pin.as_u64())
}

/// Claims that nothing has ended: person, PIN, position.
const IN_FORCE: &str = "SELECT c.person, c.pin, c.position FROM registry_pin_claim c \
     WHERE c.until_day IS NULL AND NOT EXISTS (SELECT 1 FROM registry_pin_claim_end e \
       WHERE e.pin = c.pin AND e.person = c.person AND e.position > c.position)";

impl Tx<'_> {
    /// Records claims to PINs.
    pub(crate) fn record_pin_claims(&mut self, claims: &[NewPinClaim]) -> Result<(), StoreError> {
        let mut table = Vec::with_capacity(claims.len() * INSERT.columns);
        for new in claims {
            table.push(pin_key(new.claim.pin));
            table.extend(values![
                new.person,
                new.claim.source.as_str(),
                new.claim.from,
                new.claim.until,
                new.position
            ]);
        }
        self.insert(&INSERT, table)?;
        Ok(())
    }

    /// Who claims a PIN, in the order of ids.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn persons_of_pin(&mut self, pin: Pin) -> Result<Vec<PersonId>, StoreError> {
        self.collect(
            "SELECT DISTINCT person FROM registry_pin_claim WHERE pin = $1 ORDER BY person",
            vec![pin_key(pin)],
            |row| row.parsed(0),
        )
    }

    /// Every claim that has not ended, by person, the latest last.
    pub(crate) fn each_pin_claim(
        &mut self,
        take: &mut dyn FnMut(PersonId, Pin),
    ) -> Result<(), StoreError> {
        self.each(
            &format!("{IN_FORCE} ORDER BY c.person, c.position"),
            Vec::new(),
            |row| {
                take(row.parsed(0)?, Pin::from_stored(row.number(1)?));
                Ok(())
            },
        )
    }

    /// Every claim in force and its position, in no order.
    pub(crate) fn each_pin_claim_unsorted(
        &mut self,
        take: &mut dyn FnMut(PersonId, Pin, u64),
    ) -> Result<(), StoreError> {
        self.each(IN_FORCE, Vec::new(), |row| {
            take(
                row.parsed(0)?,
                Pin::from_stored(row.number(1)?),
                row.number(2)?,
            );
            Ok(())
        })
    }

    /// Claims to PINs that more than one person claims and no case is open about, by PIN and person.
    pub(crate) fn pins_claimed_twice(&mut self) -> Result<Vec<(Pin, PersonId)>, StoreError> {
        self.collect(
            "SELECT DISTINCT c.pin, c.person FROM registry_pin_claim c WHERE c.pin IN (\
               SELECT pin FROM registry_pin_claim GROUP BY pin HAVING COUNT(DISTINCT person) > 1) \
             AND NOT EXISTS (SELECT 1 FROM registry_pin_claim_end e \
               WHERE e.pin = c.pin AND e.person = c.person AND e.position > c.position) \
             ORDER BY c.pin, c.person",
            Vec::new(),
            |row| Ok((Pin::from_stored(row.number(0)?), row.parsed(1)?)),
        )
    }
}
