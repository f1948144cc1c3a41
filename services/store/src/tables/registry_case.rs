//! Tables `registry_case`, `registry_case_person`, `registry_verdict`, `registry_reversal`: open questions about
//! records and their answers. Rows never change: a reversal is a row, and its case is open again.

use std::collections::BTreeMap;

use lexicon::{PersonId, Pin};
use register::state::shared_pin_case;
use register::{Act, CaseId, CaseKind, VerdictId};

use super::registry_pin_claim::pin_key;
use crate::engine::{Insert, Value, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "registry_case (id, kind, pin, opened_at)",
    columns: 4,
    then: "ON CONFLICT (id) DO NOTHING",
};
const INSERT_PERSON: Insert = Insert {
    into: "registry_case_person (id, person, score, position)",
    columns: 4,
    then: "ON CONFLICT (id, person) DO NOTHING",
};

impl Tx<'_> {
    /// Opens a case for every PIN that more than one person claims, and adds new claimants; gives how many were opened.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn open_shared_pin_cases(&mut self) -> Result<u64, StoreError> {
        let mut claimants: BTreeMap<u64, Vec<PersonId>> = BTreeMap::new();
        for (pin, person) in self.pins_claimed_twice()? {
            claimants.entry(pin.as_u64()).or_default().push(person);
        }
        let known = self.persons_of_cases(CaseKind::SharedPin)?;
        let mut opened = 0;
        let (mut cases, mut persons) = (Vec::new(), Vec::new());
        // A PIN that one person is left with after the others' claims ended is no conflict any more.
        claimants.retain(|_, holders| holders.len() > 1);
        for (pin, holders) in claimants {
            let pin = Pin::from_stored(pin);
            let case = shared_pin_case(pin);
            let before = known.get(&case).cloned().unwrap_or_default();
            if before.is_empty() {
                opened += 1;
                cases.extend([
                    Value::from(case.to_string()),
                    Value::from(CaseKind::SharedPin.code()),
                    pin_key(pin),
                    Value::from(self.at()),
                ]);
            }
            for (place, person) in holders.iter().enumerate() {
                if before.contains(person) {
                    continue;
                }
                let other = holders[usize::from(place == 0)];
                let act = Act::CaseOpened {
                    case,
                    kind: CaseKind::SharedPin,
                    other,
                };
                let position = self.journal_act(Some(*person), &act)?;
                persons.extend(values![case.to_string(), *person, 0i64, position]);
            }
        }
        self.insert(&INSERT, cases)?;
        self.insert(&INSERT_PERSON, persons)?;
        Ok(opened)
    }

    /// Opens cases about pairs of records; gives how many are new. The score is the matcher's.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn open_duplicate_cases(
        &mut self,
        pairs: &[(PersonId, PersonId, u16)],
    ) -> Result<u64, StoreError> {
        let known = self.persons_of_cases(CaseKind::Duplicate)?;
        let (mut cases, mut persons) = (Vec::new(), Vec::new());
        let mut opened = 0;
        for (a, b, score) in pairs {
            let case = register::case::duplicate_case(*a, *b);
            if known.contains_key(&case) {
                continue;
            }
            opened += 1;
            cases.extend(values![
                case.to_string(),
                CaseKind::Duplicate.code(),
                None::<i64>,
                self.at()
            ]);
            for (person, other) in [(*a, *b), (*b, *a)] {
                let act = Act::CaseOpened {
                    case,
                    kind: CaseKind::Duplicate,
                    other,
                };
                let position = self.journal_act(Some(person), &act)?;
                persons.extend(values![
                    case.to_string(),
                    person,
                    i64::from(*score),
                    position
                ]);
            }
        }
        self.insert(&INSERT, cases)?;
        self.insert(&INSERT_PERSON, persons)?;
        Ok(opened)
    }

    /// The persons of every case of a kind, open or answered.
    pub(crate) fn persons_of_cases(
        &mut self,
        kind: CaseKind,
    ) -> Result<BTreeMap<CaseId, Vec<PersonId>>, StoreError> {
        let mut cases: BTreeMap<CaseId, Vec<PersonId>> = BTreeMap::new();
        self.each(
            "SELECT c.id, p.person FROM registry_case c JOIN registry_case_person p ON p.id = c.id \
             WHERE c.kind = $1 ORDER BY c.id, p.person",
            values![kind.code()],
            |row| {
                cases
                    .entry(row.parsed(0)?)
                    .or_default()
                    .push(row.parsed(1)?);
                Ok(())
            },
        )?;
        Ok(cases)
    }

    /// Every verdict in force: case, verdict, outcome, struck record, kept record.
    pub(crate) fn verdicts_in_force(&mut self) -> Result<Vec<VerdictRow>, StoreError> {
        self.collect(
            "SELECT v.id, v.verdict, v.outcome, v.person, v.keeps FROM registry_verdict v \
             LEFT JOIN registry_reversal r ON r.verdict = v.verdict WHERE r.verdict IS NULL \
             ORDER BY v.id, v.round",
            Vec::new(),
            |row| {
                Ok(VerdictRow {
                    case: row.parsed(0)?,
                    verdict: row.parsed(1)?,
                    outcome: row.text(2)?.to_owned(),
                    struck: row.some_parsed(3)?,
                    keeps: row.some_parsed(4)?,
                })
            },
        )
    }
}

/// A verdict in force.
#[derive(Clone, Debug)]
pub(crate) struct VerdictRow {
    pub(crate) case: CaseId,
    pub(crate) verdict: VerdictId,
    pub(crate) outcome: String,
    pub(crate) struck: Option<PersonId>,
    pub(crate) keeps: Option<PersonId>,
}
