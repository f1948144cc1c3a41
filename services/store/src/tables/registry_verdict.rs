//! Tables `registry_verdict` and `registry_reversal`: answers to cases, and which of them no longer hold. Rows never change.

use dedup::PolicyHash;
use lexicon::{Instant, PersonId};
use register::{Act, CaseId, CaseKind, Outcome, VerdictId};

use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "registry_verdict (verdict, id, round, outcome, person, keeps, policy, given_at)",
    columns: 8,
    then: "",
};
const INSERT_REVERSAL: Insert = Insert {
    into: "registry_reversal (verdict, reason, officer, reversed_at)",
    columns: 4,
    then: "",
};

/// A case with its state, for lists and the adjudication page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseView {
    /// The case.
    pub case: CaseId,
    /// What it asks.
    pub kind: CaseKind,
    /// The persons, by id, each with the matcher's score (0 for a PIN).
    pub persons: Vec<(PersonId, u16)>,
    /// When it was opened.
    pub opened_at: Instant,
    /// The present round: how many verdicts were reversed before.
    pub round: u32,
    /// The verdict in force.
    pub verdict: Option<(VerdictId, Outcome)>,
}

impl Tx<'_> {
    /// Records a verdict, with an act for each person of the case.
    pub(crate) fn record_verdict(
        &mut self,
        case: &CaseView,
        outcome: Outcome,
        policy: PolicyHash,
    ) -> Result<VerdictId, StoreError> {
        let verdict = VerdictId::of(&[&case.case.to_string(), &case.round.to_string()]);
        let (person, keeps) = match outcome {
            Outcome::Distinct => (None, None),
            Outcome::Duplicate { person, of } => (Some(person), Some(of)),
            Outcome::PinKept { keeper } => (None, Some(keeper)),
        };
        let at = self.at();
        self.insert(
            &INSERT,
            values![
                verdict.to_string(),
                case.case.to_string(),
                case.round,
                outcome.code(),
                person,
                keeps,
                policy.to_string(),
                at
            ],
        )?;
        let act = Act::VerdictGiven {
            verdict,
            case: case.case,
            outcome,
            policy: policy.to_string(),
        };
        for (person, _) in &case.persons {
            self.journal_act(Some(*person), &act)?;
        }
        Ok(verdict)
    }

    pub(crate) fn insert_reversal(
        &mut self,
        case: &CaseView,
        verdict: VerdictId,
        reason: &str,
    ) -> Result<(), StoreError> {
        let (at, officer) = (self.at(), self.author.clone());
        self.insert(
            &INSERT_REVERSAL,
            values![verdict.to_string(), reason, officer, at],
        )?;
        let act = Act::VerdictReversed {
            verdict,
            case: case.case,
            reason: reason.to_owned(),
        };
        for (person, _) in &case.persons {
            self.journal_act(Some(*person), &act)?;
        }
        Ok(())
    }

    /// One case.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_case(&mut self, case: CaseId) -> Result<Option<CaseView>, StoreError> {
        let id = case.to_string();
        let Some(row) = self.row(
            "SELECT kind, opened_at FROM registry_case WHERE id = $1",
            values![id.as_str()],
        )?
        else {
            return Ok(None);
        };
        let persons = self.collect(
            "SELECT person, score FROM registry_case_person WHERE id = $1 ORDER BY person",
            values![id.as_str()],
            |row| Ok((row.parsed(0)?, row.number(1)?)),
        )?;
        let reversed = self.row(
            "SELECT COUNT(*) FROM registry_verdict v JOIN registry_reversal r ON r.verdict = v.verdict \
             WHERE v.id = $1",
            values![id.as_str()],
        )?;
        let in_force = self.row(
            "SELECT v.verdict, v.outcome, v.person, v.keeps FROM registry_verdict v \
             LEFT JOIN registry_reversal r ON r.verdict = v.verdict WHERE v.id = $1 AND r.verdict IS NULL",
            values![id.as_str()],
        )?;
        Ok(Some(CaseView {
            case,
            kind: row.code(0, CaseKind::from_code)?,
            persons,
            opened_at: Instant::from_micros(row.int(1)?),
            round: reversed.map_or(Ok(0), |row| row.number(0))?,
            verdict: in_force
                .as_ref()
                .map(|row| Ok::<_, StoreError>((row.parsed(0)?, read_outcome(row, 1)?)))
                .transpose()?,
        }))
    }

    /// The ids of cases without a verdict in force, by id, after a given one.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn open_cases(
        &mut self,
        kind: CaseKind,
        after: Option<CaseId>,
        limit: u32,
    ) -> Result<Vec<CaseId>, StoreError> {
        self.collect(
            "SELECT c.id FROM registry_case c WHERE c.kind = $1 AND c.id > $2 AND NOT EXISTS ( \
               SELECT 1 FROM registry_verdict v LEFT JOIN registry_reversal r ON r.verdict = v.verdict \
               WHERE v.id = c.id AND r.verdict IS NULL) ORDER BY c.id LIMIT $3",
            values![kind.code(), after.map(|c| c.to_string()).unwrap_or_default(), limit],
            |row| row.parsed(0),
        )
    }

    /// How many cases by kind: all, and those with a verdict in force.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn case_counts(&mut self) -> Result<Vec<(CaseKind, u64, u64)>, StoreError> {
        self.collect(
            "SELECT c.kind, COUNT(*), CAST(SUM(CASE WHEN EXISTS ( \
               SELECT 1 FROM registry_verdict v LEFT JOIN registry_reversal r ON r.verdict = v.verdict \
               WHERE v.id = c.id AND r.verdict IS NULL) THEN 1 ELSE 0 END) AS BIGINT) \
             FROM registry_case c GROUP BY c.kind ORDER BY c.kind",
            Vec::new(),
            |row| Ok((row.code(0, CaseKind::from_code)?, row.number(1)?, row.number(2)?)),
        )
    }
}

fn read_outcome(row: &Row, column: usize) -> Result<Outcome, StoreError> {
    Ok(match row.text(column)? {
        "distinct" => Outcome::Distinct,
        "duplicate" => Outcome::Duplicate {
            person: row.parsed(column + 1)?,
            of: row.parsed(column + 2)?,
        },
        "pin_kept" => Outcome::PinKept {
            keeper: row.parsed(column + 2)?,
        },
        _ => return Err(StoreError::Stored { column }),
    })
}
