//! Tables `electoral_reference_edition` and `electoral_reference`: figures from outside that ours are held against
//! or that override a rule. Rows never change; a later edition stands in place of an earlier one of its kind.

use lexicon::Instant;

use crate::engine::{Insert, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "electoral_reference (edition, region, precinct, value)",
    columns: 4,
    then: "",
};

/// What a reference is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ReferenceKind {
    /// Voters on the lists of an earlier election.
    LastElection,
    /// Kits of a region, in place of the planner's rule.
    Kits,
}

impl ReferenceKind {
    /// Every kind.
    pub const ALL: [ReferenceKind; 2] = [ReferenceKind::LastElection, ReferenceKind::Kits];

    /// The code that the store keeps.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            ReferenceKind::LastElection => "last_election",
            ReferenceKind::Kits => "kits",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A figure of one region, or of one precinct of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceValue {
    /// Region code.
    pub region: String,
    /// Precinct number; 0: the region as a whole.
    pub precinct: u32,
    /// The figure.
    pub value: u64,
}

/// An edition with its figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edition {
    /// What it is, in words: `2010-10-10`, `Order 14 of 2015`.
    pub label: String,
    /// When it was taken in.
    pub at: Instant,
    /// Its figures, by region and precinct.
    pub values: Vec<ReferenceValue>,
}

impl Tx<'_> {
    /// Records a new edition; gives its number.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses; a region or precinct twice is a broken constraint.
    pub fn record_reference(
        &mut self,
        kind: ReferenceKind,
        label: &str,
        figures: &[ReferenceValue],
    ) -> Result<u32, StoreError> {
        let edition: u32 =
            self.next_number("SELECT MAX(edition) FROM electoral_reference_edition")?;
        let at = self.at();
        self.execute(
            "INSERT INTO electoral_reference_edition (edition, kind, label, at) VALUES ($1, $2, $3, $4)",
            values![edition, kind.code(), label, at],
        )?;
        let mut table = Vec::with_capacity(figures.len() * INSERT.columns);
        for row in figures {
            table.extend(values![
                edition,
                row.region.as_str(),
                row.precinct,
                row.value
            ]);
        }
        self.insert(&INSERT, table)?;
        let body = format!("{edition} {} {}", kind.code(), figures.len());
        self.journal_bytes(
            Journal::Electoral,
            None,
            "reference_recorded",
            body.into_bytes(),
        )?;
        Ok(edition)
    }

    /// The latest edition of a kind.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_reference(&mut self, kind: ReferenceKind) -> Result<Option<Edition>, StoreError> {
        let found = self.row(
            "SELECT edition, label, at FROM electoral_reference_edition WHERE kind = $1 ORDER BY edition DESC LIMIT 1",
            values![kind.code()],
        )?;
        let Some(row) = found else { return Ok(None) };
        let edition: u32 = row.number(0)?;
        let figures = self.collect(
            "SELECT region, precinct, value FROM electoral_reference WHERE edition = $1 ORDER BY region, precinct",
            values![edition],
            |row| {
                Ok(ReferenceValue {
                    region: row.text(0)?.to_owned(),
                    precinct: row.number(1)?,
                    value: row.number(2)?,
                })
            },
        )?;
        Ok(Some(Edition {
            label: row.text(1)?.to_owned(),
            at: Instant::from_micros(row.int(2)?),
            values: figures,
        }))
    }
}
