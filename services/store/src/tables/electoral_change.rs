//! Tables `electoral_change` and `electoral_change_count`: who stands elsewhere than on the release before. Rows
//! never change.

use lexicon::PersonId;

use crate::engine::{Insert, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "electoral_change (number, was, now, person)",
    columns: 4,
    then: "",
};

/// One person who stands elsewhere than on the release before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeRow {
    /// Code before; empty for who was not considered then.
    pub was: &'static str,
    /// Code now; empty for who is not considered any more. `LISTED` twice: on another precinct's list.
    pub now: &'static str,
    /// Who.
    pub person: PersonId,
}

/// How many persons changed, by code before and now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The release before.
    pub since: u32,
    /// Code before, code now, persons.
    pub rows: Vec<(String, String, u64)>,
}

impl Tx<'_> {
    pub(crate) fn record_changes(
        &mut self,
        release: u32,
        since: u32,
        changes: &[ChangeRow],
    ) -> Result<(), StoreError> {
        for chunk in changes.chunks(20_000) {
            let mut table = Vec::with_capacity(chunk.len() * INSERT.columns);
            for row in chunk {
                table.extend(values![release, row.was, row.now, row.person]);
            }
            self.insert(&INSERT, table)?;
        }
        self.execute(
            "INSERT INTO electoral_change_count (number, since, was, now, persons) \
             SELECT number, CAST($2 AS BIGINT), was, now, COUNT(*) FROM electoral_change WHERE number = $1 GROUP BY number, was, now",
            values![release, since],
        )
        .map(|_| ())
    }

    /// How many persons changed since the release before; none when nothing was kept or nobody did.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_changes(&mut self, release: u32) -> Result<Option<Changes>, StoreError> {
        let rows = self.collect(
            "SELECT since, was, now, persons FROM electoral_change_count WHERE number = $1 ORDER BY was, now",
            values![release],
            |row| {
                let change = (row.text(1)?.to_owned(), row.text(2)?.to_owned(), row.number(3)?);
                Ok((row.number(0)?, change))
            },
        )?;
        Ok(rows.first().map(|(since, _)| *since).map(|since| Changes {
            since,
            rows: rows.into_iter().map(|(_, change)| change).collect(),
        }))
    }

    /// Persons of one change, by id, after a given one.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn persons_of_change(
        &mut self,
        release: u32,
        change: (&str, &str),
        after: Option<PersonId>,
        limit: u32,
    ) -> Result<Vec<PersonId>, StoreError> {
        self.collect(
            "SELECT person FROM electoral_change WHERE number = $1 AND was = $2 AND now = $3 AND person > $4 \
             ORDER BY person LIMIT $5",
            values![
                release,
                change.0,
                change.1,
                after.map(|p| p.to_string()).unwrap_or_default(),
                limit
            ],
            |row| row.parsed(0),
        )
    }
}
