//! The people behind a figure that is no code of a decision: one statement counts and lists each group, so that a figure
//! and its list cannot part. No table is its own; the captures of a group are the registry's, everything else the electoral
//! schema's.

use lexicon::{Date, ExclusionReason, PersonId, ReconciliationClass};
use register::Region;

use super::electoral_decision::LISTED;
use crate::engine::{Value, values};
use crate::error::StoreError;
use crate::transact::Tx;

/// Codes of the places of one raion: its own digits, and six that follow.
pub const RAION: u64 = 1_000_000;

/// Who is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeopleGroup {
    /// Whoever was captured; a person once for each capture.
    Captures {
        /// In one region of the campaign.
        region: Option<Region>,
        /// In one month, `2014-12`.
        month: Option<String>,
        /// With the duplicate check ended in one month.
        processed: Option<String>,
    },
    /// On a release by the record of one table: `residences`, `claims`, `overrides`.
    Placed {
        /// The release.
        release: u32,
        /// The table.
        table: String,
    },
    /// With biometrics in time, and no row of a run's list means them.
    WithoutRow {
        /// The release.
        release: u32,
        /// The run of the reconciliation.
        run: u32,
    },
    /// By a Form 2 that counts on a release, for a precinct of a region; a person once.
    Form2 {
        /// The release.
        release: u32,
        /// Of the precinct asked for.
        region: String,
    },
    /// On the lists of a region's precincts.
    Region {
        /// The release.
        release: u32,
        /// Of the precincts.
        region: String,
        /// Additional precincts, or all others; none: both.
        additional: Option<bool>,
    },
    /// On the lists of a raion's precincts.
    Raion {
        /// The release.
        release: u32,
        /// The raion's code in the classifier, its last digits zero.
        soate: u64,
    },
}

/// A person of a group with the key that follows it in the order.
pub type GroupMember = (String, PersonId);

/// A capture with its person, in the order of persons.
pub type CaptureOf = (PersonId, Region, Date, Option<Date>);

impl PeopleGroup {
    /// The statement that gives `place` (unique, the order) and `person`, and its values.
    fn statement(&self) -> (&'static str, Vec<Value>) {
        match self {
            PeopleGroup::Captures {
                region,
                month,
                processed,
            } => (
                "SELECT e.enrolment AS place, e.person AS person FROM registry_enrolment e \
                 LEFT JOIN registry_processing p ON p.enrolment = e.enrolment \
                 WHERE ($1 = '' OR e.region = $1) AND ($2 = '' OR SUBSTR(e.captured, 1, 7) = $2) \
                   AND ($3 = '' OR SUBSTR(COALESCE(e.processed, p.done_on), 1, 7) = $3)",
                values![
                    region.map_or("", Region::code),
                    month.as_deref().unwrap_or(""),
                    processed.as_deref().unwrap_or("")
                ],
            ),
            PeopleGroup::Placed { release, table } => (
                "SELECT d.person AS place, d.person AS person FROM electoral_decision d \
                 WHERE d.number = $1 AND d.code = $2 AND d.evidence LIKE $3",
                values![*release, LISTED, format!("{table}/%")],
            ),
            PeopleGroup::WithoutRow { release, run } => (
                "SELECT m.person AS place, m.person AS person FROM (SELECT person FROM electoral_decision \
                 WHERE number = $1 AND code <> $3 EXCEPT SELECT person FROM electoral_reconciliation \
                 WHERE run = $2 AND class <> $4 AND person IS NOT NULL) AS m",
                values![
                    *release,
                    *run,
                    ExclusionReason::NoBiometrics.code(),
                    ReconciliationClass::New.code()
                ],
            ),
            PeopleGroup::Form2 { release, region } => (
                "SELECT o.claim AS place, o.person AS person FROM electoral_claim_outcome o \
                 JOIN electoral_claim c ON c.claim = o.claim JOIN electoral_precinct t ON t.precinct = c.target \
                 WHERE o.number = $1 AND o.outcome = 'COUNTS' AND c.kind = 'form2' AND t.region = $2",
                values![*release, region.as_str()],
            ),
            PeopleGroup::Region {
                release,
                region,
                additional,
            } => (
                "SELECT d.person AS place, d.person AS person FROM electoral_decision d \
                 JOIN electoral_precinct t ON t.precinct = d.precinct \
                 WHERE d.number = $1 AND d.code = $2 AND t.region = $3 \
                   AND ($4 = '' OR (CASE WHEN t.kind = 'additional' THEN 'yes' ELSE 'no' END) = $4)",
                values![
                    *release,
                    LISTED,
                    region.as_str(),
                    additional.map_or("", |additional| if additional { "yes" } else { "no" })
                ],
            ),
            PeopleGroup::Raion { release, soate } => (
                "SELECT d.person AS place, d.person AS person FROM electoral_decision d \
                 JOIN electoral_precinct t ON t.precinct = d.precinct \
                 WHERE d.number = $1 AND d.code = $2 AND t.soate >= $3 AND t.soate < $4",
                values![*release, LISTED, *soate, *soate + RAION],
            ),
        }
    }
}

impl Tx<'_> {
    /// How many a group has. Cost: a pass over its table.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn count_group(&mut self, group: &PeopleGroup) -> Result<u64, StoreError> {
        let (statement, values) = group.statement();
        let row = self.row(&format!("SELECT COUNT(*) FROM ({statement}) AS g"), values)?;
        row.map_or(Ok(0), |row| row.number(0))
    }

    /// People of a group after a key, at most so many.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn people_of_group(
        &mut self,
        group: &PeopleGroup,
        after: &str,
        limit: u32,
    ) -> Result<Vec<GroupMember>, StoreError> {
        let (statement, mut values) = group.statement();
        let at = values.len() + 1;
        values.extend(values![after, limit]);
        self.collect(
            &format!(
                "SELECT g.place, g.person FROM ({statement}) AS g WHERE g.place > ${at} ORDER BY g.place LIMIT ${}",
                at + 1
            ),
            values,
            |row| Ok((row.text(0)?.to_owned(), row.parsed(1)?)),
        )
    }

    /// Captures of persons after one, by person, at most so many rows.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn captures_after(
        &mut self,
        after: Option<PersonId>,
        limit: u32,
    ) -> Result<Vec<CaptureOf>, StoreError> {
        let after = after.map(|person| person.to_string()).unwrap_or_default();
        self.collect(
            "SELECT e.person, e.region, e.captured, COALESCE(e.processed, p.done_on) \
             FROM registry_enrolment e LEFT JOIN registry_processing p ON p.enrolment = e.enrolment \
             WHERE e.person > $1 ORDER BY e.person LIMIT $2",
            values![after, limit],
            |row| {
                let region = row.code(1, Region::from_code)?;
                Ok((row.parsed(0)?, region, row.parsed(2)?, row.some_parsed(3)?))
            },
        )
    }
}
