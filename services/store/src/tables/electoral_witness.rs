//! Table `electoral_witness`: who cosigned the log in which a release was published. Rows never change.

use lexicon::Instant;

use crate::engine::values;
use crate::error::StoreError;
use crate::transact::Tx;

/// A witness's cosignature under the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessRow {
    /// The witness's name, as its key bears it.
    pub name: String,
    /// When it says that it saw the log.
    pub stamped: Instant,
    /// The log's name.
    pub origin: String,
    /// Entries of the log.
    pub size: u64,
    /// How many witnesses the anchors ask for.
    pub needed: u32,
}

impl Tx<'_> {
    /// Records who cosigned the log that a release was published in.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when a witness is recorded already.
    pub fn record_witnesses(
        &mut self,
        release: u32,
        witnesses: &[WitnessRow],
    ) -> Result<(), StoreError> {
        for row in witnesses {
            self.execute(
                "INSERT INTO electoral_witness (number, name, stamped, origin, size, needed) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
                values![
                    release,
                    row.name.as_str(),
                    row.stamped,
                    row.origin.as_str(),
                    row.size,
                    row.needed
                ],
            )?;
        }
        Ok(())
    }

    /// Who cosigned the log that a release was published in, by name.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn witnesses(&mut self, release: u32) -> Result<Vec<WitnessRow>, StoreError> {
        self.collect(
            "SELECT name, stamped, origin, size, needed FROM electoral_witness WHERE number = $1 ORDER BY name",
            values![release],
            |row| {
                Ok(WitnessRow {
                    name: row.text(0)?.to_owned(),
                    stamped: Instant::from_micros(row.int(1)?),
                    origin: row.text(2)?.to_owned(),
                    size: row.number(3)?,
                    needed: row.number(4)?,
                })
            },
        )
    }
}
