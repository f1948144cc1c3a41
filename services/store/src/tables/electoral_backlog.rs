//! Table `electoral_backlog`: days from enrolment to the list, as counted when a release was received. Rows never
//! change.

use crate::engine::{Insert, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "electoral_backlog (number, region, step, days, persons)",
    columns: 5,
    then: "",
};

/// What a count of days is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum BacklogStep {
    /// From capture to the end of the duplicate check, for whom it ended by the freeze.
    Processed,
    /// From capture to the freeze, for whom the check had not ended by then.
    Waiting,
    /// From capture to the freeze, for who came onto the list with this release.
    Listed,
    /// From capture to the freeze, for who stood on the release before already.
    ListedBefore,
    /// From capture to the freeze, for who was processed and is not on the list, for another reason.
    NotListed,
}

impl BacklogStep {
    /// Every step.
    pub const ALL: [BacklogStep; 5] = [
        BacklogStep::Processed,
        BacklogStep::Waiting,
        BacklogStep::Listed,
        BacklogStep::ListedBefore,
        BacklogStep::NotListed,
    ];

    /// The code that the store keeps.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            BacklogStep::Processed => "processed",
            BacklogStep::Waiting => "waiting",
            BacklogStep::Listed => "listed",
            BacklogStep::ListedBefore => "listed_before",
            BacklogStep::NotListed => "not_listed",
        }
    }

    /// The step with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.code() == code)
    }
}

/// How many persons of a region took so many days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BacklogRow {
    /// Region of the campaign.
    pub region: String,
    /// What the days are.
    pub step: BacklogStep,
    /// Days, 0 and more.
    pub days: u32,
    /// Persons.
    pub persons: u64,
}

impl Tx<'_> {
    pub(crate) fn record_backlog(
        &mut self,
        release: u32,
        rows: &[BacklogRow],
    ) -> Result<(), StoreError> {
        let mut table = Vec::with_capacity(rows.len() * INSERT.columns);
        for row in rows {
            table.extend(values![
                release,
                row.region.as_str(),
                row.step.code(),
                row.days,
                row.persons
            ]);
        }
        self.insert(&INSERT, table).map(|_| ())
    }

    /// Days from enrolment to the list of a release, by region, step and days; empty for a release that was
    /// received before they were counted.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn backlog(&mut self, release: u32) -> Result<Vec<BacklogRow>, StoreError> {
        self.collect(
            "SELECT region, step, days, persons FROM electoral_backlog WHERE number = $1 ORDER BY region, step, days",
            values![release],
            |row| {
                Ok(BacklogRow {
                    region: row.text(0)?.to_owned(),
                    step: row.code(1, BacklogStep::from_code)?,
                    days: row.number(2)?,
                    persons: row.number(3)?,
                })
            },
        )
    }
}
