//! Table `registry_read`: who looked at whose record, and what for. A chain of its own; rows never change.

use lexicon::{Instant, PersonId, Purpose};

use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::journal::{ChainHead, Link};
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "registry_read (position, at, staff, person, purpose, detail, hash)",
    columns: 7,
    then: "",
};

/// One look at personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadRow {
    /// When.
    pub at: Instant,
    /// Who looked.
    pub staff: String,
    /// At whom; none for a search.
    pub person: Option<PersonId>,
    /// What for.
    pub purpose: String,
    /// What was asked for, without personal data, and after a slash the reason given: `page`,
    /// `search by name/citizen`.
    pub detail: String,
}

/// The code of a purpose.
pub(crate) fn purpose_code(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::FormRoll => "form_roll",
        Purpose::Print => "print",
        Purpose::Serve => "serve",
        Purpose::Identify => "identify",
        Purpose::Reconcile => "reconcile",
        Purpose::Store => "store",
    }
}

impl Tx<'_> {
    /// Records a look at personal data, in the transaction that shows it.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn record_read(
        &mut self,
        person: Option<PersonId>,
        purpose: Purpose,
        detail: &str,
    ) -> Result<(), StoreError> {
        let last = self.rows(
            "SELECT position, hash FROM registry_read ORDER BY position DESC LIMIT 1",
            Vec::new(),
        )?;
        let head = ChainHead::of_rows(&last)?;
        let shown = person.map(|p| p.to_string());
        let staff = self.author.clone();
        let link = Link {
            position: head.position + 1,
            at: self.at(),
            texts: [
                staff.as_str(),
                shown.as_deref().unwrap_or(""),
                purpose_code(purpose),
                detail,
            ],
            body: &[],
        };
        let hash = head.follow(&link);
        let row = values![
            link.position,
            self.at(),
            staff.as_str(),
            shown.clone(),
            purpose_code(purpose),
            detail,
            hash.to_vec()
        ];
        self.insert(&INSERT, row).map(|_| ())
    }

    /// Who looked at a person, the latest first.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn reads_of(&mut self, person: PersonId, limit: u32) -> Result<Vec<ReadRow>, StoreError> {
        self.collect(
            "SELECT at, staff, person, purpose, detail FROM registry_read WHERE person = $1 \
             ORDER BY position DESC LIMIT $2",
            values![person, limit],
            read_read,
        )
    }

    /// Whether an account looked at a person since a moment.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn has_looked(
        &mut self,
        staff: &str,
        person: PersonId,
        since: Instant,
    ) -> Result<bool, StoreError> {
        let row = self.row(
            "SELECT 1 FROM registry_read WHERE person = $1 AND staff = $2 AND at >= $3 LIMIT 1",
            values![person, staff, since],
        )?;
        Ok(row.is_some())
    }

    /// How often an account looked at records since a moment: for budgets and alarms.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn count_reads(&mut self, staff: &str, since: Instant) -> Result<u64, StoreError> {
        let row = self.row(
            "SELECT COUNT(*) FROM registry_read WHERE staff = $1 AND at >= $2",
            values![staff, since],
        )?;
        row.map_or(Ok(0), |row| row.number(0))
    }

    /// Recomputes the chain of reads; gives its head.
    ///
    /// # Errors
    /// [`StoreError::BrokenChain`] at the first entry that was changed, removed or put in.
    pub fn verify_reads(&mut self) -> Result<ChainHead, StoreError> {
        let mut head = ChainHead::EMPTY;
        self.each(
            "SELECT at, staff, person, purpose, detail, position, hash FROM registry_read ORDER BY position",
            Vec::new(),
            |row| {
                let position: u64 = row.number(5)?;
                let link = Link {
                    position,
                    at: Instant::from_micros(row.int(0)?),
                    texts: [row.text(1)?, row.some_text(2)?.unwrap_or(""), row.text(3)?, row.text(4)?],
                    body: &[],
                };
                let hash = head.follow(&link);
                if position != head.position + 1 || row.blob(6)? != hash {
                    return Err(StoreError::BrokenChain { journal: "read", position: head.position + 1 });
                }
                head = ChainHead { position, hash };
                Ok(())
            },
        )?;
        Ok(head)
    }
}

fn read_read(row: &Row) -> Result<ReadRow, StoreError> {
    Ok(ReadRow {
        at: Instant::from_micros(row.int(0)?),
        staff: row.text(1)?.to_owned(),
        person: row.some_parsed(2)?,
        purpose: row.text(3)?.to_owned(),
        detail: row.text(4)?.to_owned(),
    })
}
