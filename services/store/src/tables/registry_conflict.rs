//! Tables `registry_conflict`, `registry_conflict_record` and `registry_pin_claim_end`: PIN conflicts with their
//! records, and claims that ended. Rows never change: a new holder is a further record.

use std::collections::{BTreeMap, BTreeSet};

use lexicon::{Date, Instant, PersonId, Pin};
use register::act::PinClaim;
use register::conflict::{ConflictKind, Holding, two_pins_case};
use register::{Act, CaseId, CaseKind};

use super::registry_pin_claim::{NewPinClaim, pin_key};
use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::snapshot::Verdicts;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "registry_conflict (id, kind, opened_at)",
    columns: 3,
    then: "",
};
const INSERT_RECORD: Insert = Insert {
    into: "registry_conflict_record (id, place, person, pin)",
    columns: 4,
    then: "",
};
const INSERT_END: Insert = Insert {
    into: "registry_pin_claim_end (pin, person, on_day, source, position)",
    columns: 5,
    then: "",
};

/// A conflict with its records, the first sent as `A`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The case.
    pub case: CaseId,
    /// What kind.
    pub kind: ConflictKind,
    /// When it was opened.
    pub opened_at: Instant,
    /// The records, in the order of their letters.
    pub records: Vec<Holding>,
}

impl Tx<'_> {
    /// Every conflict, by id, with its records.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn conflicts(&mut self) -> Result<Vec<Conflict>, StoreError> {
        let mut conflicts: Vec<Conflict> = Vec::new();
        self.each(
            "SELECT c.id, c.kind, c.opened_at, r.person, r.pin FROM registry_conflict c \
             JOIN registry_conflict_record r ON r.id = c.id ORDER BY c.id, r.place",
            Vec::new(),
            |row| take_record(&mut conflicts, row),
        )?;
        Ok(conflicts)
    }

    /// One conflict.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_conflict(&mut self, case: CaseId) -> Result<Option<Conflict>, StoreError> {
        let mut conflicts = Vec::new();
        self.each(
            "SELECT c.id, c.kind, c.opened_at, r.person, r.pin FROM registry_conflict c \
             JOIN registry_conflict_record r ON r.id = c.id WHERE c.id = $1 ORDER BY r.place",
            values![case.to_string()],
            |row| take_record(&mut conflicts, row),
        )?;
        Ok(conflicts.pop())
    }

    /// Opens conflicts and adds records to known ones; gives how many were opened, and to whom each is news.
    pub(crate) fn record_conflicts(
        &mut self,
        found: &[(CaseId, ConflictKind, Vec<Holding>)],
    ) -> Result<(u64, Vec<(CaseId, PersonId)>), StoreError> {
        let known: BTreeMap<CaseId, Vec<Holding>> = self
            .conflicts()?
            .into_iter()
            .map(|conflict| (conflict.case, conflict.records))
            .collect();
        let at = self.at();
        let (mut cases, mut records) = (Vec::new(), Vec::new());
        let (mut opened, mut news) = (0, Vec::new());
        for (case, kind, holdings) in found {
            let before = known.get(case).map_or(&[][..], Vec::as_slice);
            if before.is_empty() {
                opened += 1;
                cases.extend(values![case.to_string(), kind.code(), at]);
            }
            let fresh = holdings.iter().filter(|h| !before.contains(h));
            for (place, holding) in (before.len()..).zip(fresh) {
                records.extend(values![case.to_string(), place as u64 + 1, holding.person]);
                records.push(pin_key(holding.pin));
                let is_told = before.iter().any(|h| h.person == holding.person)
                    || news.contains(&(*case, holding.person));
                if !is_told {
                    news.push((*case, holding.person));
                    let act = Act::ConflictOpened {
                        case: *case,
                        kind: *kind,
                    };
                    self.journal_act(Some(holding.person), &act)?;
                }
            }
        }
        self.insert(&INSERT, cases)?;
        self.insert(&INSERT_RECORD, records)?;
        Ok((opened, news))
    }

    /// PINs that are shared by people who are not one person, and no verdict says whose they are.
    pub(crate) fn shared_pins(
        &mut self,
        verdicts: &Verdicts,
    ) -> Result<Vec<(CaseId, ConflictKind, Vec<Holding>)>, StoreError> {
        let persons = self.persons_of_cases(CaseKind::SharedPin)?;
        let pins = self.collect(
            "SELECT id, pin FROM registry_case WHERE kind = $1 ORDER BY id",
            values![CaseKind::SharedPin.code()],
            |row| {
                let case: CaseId = row.parsed(0)?;
                Ok((case, Pin::from_stored(row.number(1)?)))
            },
        )?;
        let mut found = Vec::new();
        for (case, pin) in pins {
            let holders = persons.get(&case).map_or(&[][..], Vec::as_slice);
            let distinct: BTreeSet<PersonId> =
                holders.iter().map(|p| verdicts.counted(*p)).collect();
            if distinct.len() > 1 && !verdicts.answered.contains(&case) {
                let records = holders.iter().map(|person| Holding {
                    person: *person,
                    pin,
                });
                found.push((case, ConflictKind::SharedPin, records.collect()));
            }
        }
        Ok(found)
    }

    /// People whose records hold more than one PIN, records joined by verdicts that they are one person.
    pub(crate) fn people_with_two_pins(
        &mut self,
        verdicts: &Verdicts,
    ) -> Result<Vec<(CaseId, ConflictKind, Vec<Holding>)>, StoreError> {
        // Only people with several records or several claims are held: the register has millions of others.
        let joined: BTreeSet<PersonId> = verdicts
            .duplicates
            .keys()
            .flat_map(|struck| [*struck, verdicts.counted(*struck)])
            .collect();
        let mut held: BTreeMap<PersonId, Vec<Holding>> = BTreeMap::new();
        let mut last: Option<Holding> = None;
        self.each_pin_claim(&mut |person, pin| {
            if !verdicts.keeps_pin(person, pin) {
                return;
            }
            let holding = Holding { person, pin };
            if joined.contains(&person) {
                held.entry(verdicts.counted(person))
                    .or_default()
                    .push(holding);
            } else if let Some(before) = last.filter(|b| b.person == person && b.pin != pin) {
                held.entry(person)
                    .or_insert_with(|| vec![before])
                    .push(holding);
            }
            last = Some(holding);
        })?;
        let mut found = Vec::new();
        for (counted, mut holdings) in held {
            holdings.sort_unstable();
            holdings.dedup();
            let mut pins: Vec<Pin> = holdings.iter().map(|h| h.pin).collect();
            pins.sort_unstable();
            pins.dedup();
            if pins.len() > 1 {
                let case = two_pins_case(counted, &pins);
                found.push((case, ConflictKind::TwoPins, holdings));
            }
        }
        Ok(found)
    }

    /// The PINs that persons of conflicts hold now, by person.
    pub(crate) fn pins_of_conflicts(
        &mut self,
    ) -> Result<BTreeMap<PersonId, BTreeSet<Pin>>, StoreError> {
        let mut held: BTreeMap<PersonId, BTreeSet<Pin>> = BTreeMap::new();
        self.each(
            "SELECT DISTINCT c.person, c.pin FROM registry_pin_claim c \
             WHERE c.person IN (SELECT person FROM registry_conflict_record) \
               AND c.until_day IS NULL AND NOT EXISTS (SELECT 1 FROM registry_pin_claim_end e \
               WHERE e.pin = c.pin AND e.person = c.person AND e.position > c.position) \
             ORDER BY c.person, c.pin",
            Vec::new(),
            |row| {
                let pin = Pin::from_stored(row.number(1)?);
                held.entry(row.parsed(0)?).or_default().insert(pin);
                Ok(())
            },
        )?;
        Ok(held)
    }

    /// Enters that a person claims a PIN from a day on, by an act of the agency.
    pub(crate) fn claim_pin(
        &mut self,
        holding: Holding,
        from: Date,
        source: &str,
    ) -> Result<(), StoreError> {
        let claim = PinClaim {
            pin: holding.pin,
            source: source.to_owned(),
            from: Some(from),
            until: None,
        };
        let position = self.journal_act(Some(holding.person), &Act::PinClaimed(claim.clone()))?;
        self.record_pin_claims(&[NewPinClaim {
            person: holding.person,
            position,
            claim,
        }])
    }

    /// Enters that a person's claims to a PIN end, by an act of the agency.
    pub(crate) fn end_pin_claim(
        &mut self,
        holding: Holding,
        on: Date,
        source: &str,
    ) -> Result<(), StoreError> {
        let act = Act::PinClaimEnded {
            pin: holding.pin,
            on,
            source: source.to_owned(),
        };
        let position = self.journal_act(Some(holding.person), &act)?;
        let mut row = vec![pin_key(holding.pin)];
        row.extend(values![holding.person, on, source, position]);
        self.insert(&INSERT_END, row).map(|_| ())
    }
}

/// Adds a row of case and record to the conflicts read so far.
fn take_record(conflicts: &mut Vec<Conflict>, row: &Row) -> Result<(), StoreError> {
    let case: CaseId = row.parsed(0)?;
    if conflicts.last().is_none_or(|last| last.case != case) {
        conflicts.push(Conflict {
            case,
            kind: row.code(1, ConflictKind::from_code)?,
            opened_at: Instant::from_micros(row.int(2)?),
            records: Vec::new(),
        });
    }
    let holding = Holding {
        person: row.parsed(3)?,
        pin: Pin::from_stored(row.number(4)?),
    };
    if let Some(last) = conflicts.last_mut() {
        last.records.push(holding);
    }
    Ok(())
}
