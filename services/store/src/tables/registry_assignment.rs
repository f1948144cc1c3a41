//! Tables `registry_assignment` and `registry_opinion`: who was drawn for a case, and what each said. Rows never change.

use dedup::{Opinion, Panel, Says};
use lexicon::{Instant, PersonId};
use register::CaseId;

use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "registry_assignment (id, round, seat, officer, assigned_at)",
    columns: 5,
    then: "",
};
const INSERT_OPINION: Insert = Insert {
    into: "registry_opinion (id, round, officer, says, keeps, policy, given_at)",
    columns: 7,
    then: "",
};

/// What waits for an officer: drawn, own opinion missing, no verdict; the third only after two opinions.
const WAITING: &str = "FROM registry_assignment a \
     LEFT JOIN registry_opinion own ON own.id = a.id AND own.round = a.round AND own.officer = a.officer \
     LEFT JOIN registry_verdict v ON v.id = a.id AND v.round = a.round \
     WHERE a.officer = $1 AND own.id IS NULL AND v.id IS NULL AND (a.seat < 3 OR 2 = ( \
       SELECT COUNT(*) FROM registry_opinion o WHERE o.id = a.id AND o.round = a.round))";

/// A case waiting for one adjudicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueuedCase {
    /// The case.
    pub case: CaseId,
    /// How many verdicts were reversed before.
    pub round: u32,
    /// 1 and 2 the blind ones, 3 the one asked on a split.
    pub seat: u8,
    /// Since when.
    pub since: Instant,
}

/// An opinion as its officer sees it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnOpinion {
    /// The case.
    pub case: CaseId,
    /// The round it was given in.
    pub round: u32,
    /// What was said.
    pub says: Says,
    /// When.
    pub at: Instant,
    /// Whether that round has its verdict.
    pub is_decided: bool,
}

impl Tx<'_> {
    pub(crate) fn record_panel(
        &mut self,
        case: CaseId,
        round: u32,
        panel: &Panel,
    ) -> Result<(), StoreError> {
        let at = self.at();
        let seats = panel.blind.iter().chain(&panel.third).zip(1i64..);
        let table = seats
            .flat_map(|(officer, seat)| {
                values![case.to_string(), round, seat, officer.as_str(), at]
            })
            .collect();
        self.insert(&INSERT, table).map(|_| ())
    }

    pub(crate) fn find_panel(
        &mut self,
        case: CaseId,
        round: u32,
    ) -> Result<Option<Panel>, StoreError> {
        let officers = self.collect(
            "SELECT officer FROM registry_assignment WHERE id = $1 AND round = $2 ORDER BY seat",
            values![case.to_string(), round],
            |row| Ok(row.text(0)?.to_owned()),
        )?;
        let mut officers = officers.into_iter();
        Ok(match (officers.next(), officers.next()) {
            (Some(first), Some(second)) => Some(Panel {
                blind: [first, second],
                third: officers.next(),
            }),
            _ => None,
        })
    }

    pub(crate) fn opinions(
        &mut self,
        case: CaseId,
        round: u32,
    ) -> Result<Vec<Opinion>, StoreError> {
        self.collect(
            "SELECT officer, says, keeps, policy FROM registry_opinion WHERE id = $1 AND round = $2 \
             ORDER BY given_at, officer",
            values![case.to_string(), round],
            |row| {
                Ok(Opinion {
                    officer: row.text(0)?.to_owned(),
                    says: read_says(row, 1)?,
                    policy: row.parsed(3)?,
                })
            },
        )
    }

    pub(crate) fn insert_opinion(
        &mut self,
        case: CaseId,
        round: u32,
        opinion: &Opinion,
    ) -> Result<(), StoreError> {
        let (says, keeps): (&str, Option<PersonId>) = match opinion.says {
            Says::Same => ("same", None),
            Says::Distinct => ("distinct", None),
            Says::Keep(person) => ("keep", Some(person)),
        };
        let at = self.at();
        self.insert(
            &INSERT_OPINION,
            values![
                case.to_string(),
                round,
                opinion.officer.as_str(),
                says,
                keeps,
                opinion.policy.to_string(),
                at
            ],
        )
        .map(|_| ())
    }

    /// Cases that wait for an officer, the oldest first: drawn, own opinion missing, no verdict; the third only
    /// sees a case when two differ. What the other said is not in the answer.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn queue_of(&mut self, officer: &str, limit: u32) -> Result<Vec<QueuedCase>, StoreError> {
        let sql = format!(
            "SELECT a.id, a.round, a.seat, a.assigned_at {WAITING} ORDER BY a.assigned_at, a.id LIMIT $2"
        );
        self.collect(&sql, values![officer, limit], read_queued)
    }

    /// One case of an officer's queue; none when it does not wait for them.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_turn(
        &mut self,
        officer: &str,
        case: CaseId,
    ) -> Result<Option<QueuedCase>, StoreError> {
        let sql = format!("SELECT a.id, a.round, a.seat, a.assigned_at {WAITING} AND a.id = $2");
        let row = self.row(&sql, values![officer, case.to_string()])?;
        row.as_ref().map(read_queued).transpose()
    }

    /// How many cases wait for an officer.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn count_queue(&mut self, officer: &str) -> Result<u64, StoreError> {
        let row = self.row(&format!("SELECT COUNT(*) {WAITING}"), values![officer])?;
        row.map_or(Ok(0), |row| row.number(0))
    }

    /// What an officer said lately, the latest first: case, round, what, when.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn opinions_by(
        &mut self,
        officer: &str,
        limit: u32,
    ) -> Result<Vec<OwnOpinion>, StoreError> {
        self.collect(
            "SELECT o.id, o.round, o.says, o.keeps, o.given_at, v.verdict FROM registry_opinion o \
             LEFT JOIN registry_verdict v ON v.id = o.id AND v.round = o.round \
             WHERE o.officer = $1 ORDER BY o.given_at DESC, o.id LIMIT $2",
            values![officer, limit],
            |row| {
                Ok(OwnOpinion {
                    case: row.parsed(0)?,
                    round: row.number(1)?,
                    says: read_says(row, 2)?,
                    at: Instant::from_micros(row.int(4)?),
                    is_decided: row.some_text(5)?.is_some(),
                })
            },
        )
    }

    /// Cases with no panel in their present round: newly opened, or open again after a reversal.
    pub(crate) fn cases_without_panel(&mut self) -> Result<Vec<(CaseId, u32)>, StoreError> {
        self.collect(
            "WITH rounds AS (SELECT c.id AS id, (SELECT COUNT(*) FROM registry_verdict v \
               JOIN registry_reversal r ON r.verdict = v.verdict WHERE v.id = c.id) AS round FROM registry_case c) \
             SELECT n.id, n.round FROM rounds n \
             LEFT JOIN registry_assignment a ON a.id = n.id AND a.round = n.round \
             LEFT JOIN registry_verdict v ON v.id = n.id AND v.round = n.round \
             WHERE a.id IS NULL AND v.id IS NULL ORDER BY n.id",
            Vec::new(),
            |row| Ok((row.parsed(0)?, row.number(1)?)),
        )
    }
}

fn read_queued(row: &Row) -> Result<QueuedCase, StoreError> {
    Ok(QueuedCase {
        case: row.parsed(0)?,
        round: row.number(1)?,
        seat: row.number(2)?,
        since: Instant::from_micros(row.int(3)?),
    })
}

fn read_says(row: &Row, column: usize) -> Result<Says, StoreError> {
    Ok(match row.text(column)? {
        "same" => Says::Same,
        "distinct" => Says::Distinct,
        "keep" => Says::Keep(row.parsed(column + 1)?),
        _ => return Err(StoreError::Stored { column }),
    })
}
