//! What the register hands to the roll: the rows of every snapshot table, sorted, the same from both engines.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use lexicon::handover::snapshot::{ClaimRow, PersonRow, Reference, ReferenceRow, SnapshotTables};
use lexicon::{PersonId, Pin};
use register::standing::{NEVER_ENROLLED, StandingFacts};
use register::{CaseId, CaseKind, Standing};

use crate::error::StoreError;
use crate::journal::{ChainHead, Journal};
use crate::tables::registry_print::Prints;
use crate::transact::{ReadJob, Store, Tx};

/// Fingers of a person that a station may hold at most (DESIGN.md §5).
pub const FINGERS_MAX: usize = 4;

/// Persons whose references are held at once.
const PERSONS_AT_ONCE: usize = 1_000;

/// A snapshot and the place of the journals it was taken at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenSnapshot {
    /// The rows.
    pub tables: SnapshotTables,
    /// Where the register's journal ended.
    pub registry: ChainHead,
    /// Where the elections' journal ended.
    pub electoral: ChainHead,
}

/// Where the journals ended at the moment of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotHeads {
    /// The register's journal.
    pub registry: ChainHead,
    /// The elections' journal.
    pub electoral: ChainHead,
}

impl Store {
    /// Takes every table at one moment, without references (they are large: [`Store::snapshot_references`]).
    ///
    /// For a small register and tests; [`Store::each_snapshot_table`] holds one table at a time.
    ///
    /// # Errors
    /// The engine's.
    pub fn snapshot(&self) -> Result<TakenSnapshot, StoreError> {
        let tables = Mutex::new(SnapshotTables::default());
        let heads = self.each_snapshot_table(1, &|part| {
            let mut tables = tables.lock().unwrap_or_else(PoisonError::into_inner);
            let SnapshotTables {
                persons,
                documents,
                addresses,
                street_names,
                second_addresses,
                residences,
                civil_events,
                enrolments,
                precincts,
                boundaries,
                claims,
                commission,
                review_answers,
                references,
            } = part;
            tables.persons.extend(persons);
            tables.documents.extend(documents);
            tables.addresses.extend(addresses);
            tables.street_names.extend(street_names);
            tables.second_addresses.extend(second_addresses);
            tables.residences.extend(residences);
            tables.civil_events.extend(civil_events);
            tables.enrolments.extend(enrolments);
            tables.precincts.extend(precincts);
            tables.boundaries.extend(boundaries);
            tables.claims.extend(claims);
            tables.commission.extend(commission);
            tables.review_answers.extend(review_answers);
            tables.references.extend(references);
            Ok::<(), StoreError>(())
        })?;
        Ok(TakenSnapshot {
            tables: tables.into_inner().unwrap_or_else(PoisonError::into_inner),
            registry: heads.registry,
            electoral: heads.electoral,
        })
    }

    /// Hands over every table of one moment, sorted; of each call only one table has rows.
    ///
    /// Up to `hands` tables are read beside each other, each on a connection of its own, and `take` is called from all
    /// of them; with one hand they come one after the other, the persons first.
    ///
    /// # Errors
    /// The engine's, or what `take` returns; the rows handed over until then are no snapshot.
    pub fn each_snapshot_table<E: From<StoreError> + Send>(
        &self,
        hands: usize,
        take: &(dyn Fn(SnapshotTables) -> Result<(), E> + Sync),
    ) -> Result<SnapshotHeads, E> {
        let heads = Mutex::new(None);
        let mut jobs: Vec<ReadJob<'_, E>> = Vec::new();
        macro_rules! table {
            ($table:ident, $read:ident) => {
                jobs.push(Box::new(move |tx: &mut Tx<'_>| {
                    take(SnapshotTables {
                        $table: tx.$read()?,
                        ..SnapshotTables::default()
                    })
                }));
            };
        }
        // The longest first, so that the hands end together.
        table!(persons, snapshot_persons);
        table!(residences, snapshot_residences);
        table!(documents, snapshot_documents);
        table!(commission, snapshot_commission);
        table!(enrolments, snapshot_enrolments);
        table!(addresses, snapshot_addresses);
        table!(civil_events, snapshot_civil_events);
        table!(street_names, snapshot_street_names);
        table!(second_addresses, snapshot_second_addresses);
        table!(claims, snapshot_claims);
        table!(boundaries, snapshot_boundaries);
        table!(precincts, snapshot_precincts);
        table!(review_answers, snapshot_review_answers);
        jobs.push(Box::new(|tx: &mut Tx<'_>| {
            let found = SnapshotHeads {
                registry: tx.journal_head(Journal::Registry)?,
                electoral: tx.journal_head(Journal::Electoral)?,
            };
            *heads.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
            Ok(())
        }));
        self.read_together("snapshot", jobs, hands)?;
        // INVARIANT: the last job ran, or its error was told.
        Ok(heads
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
            .expect("the heads were read"))
    }

    /// Hands over the references of persons, by person: at most four fingers, the best first, then the photograph.
    ///
    /// `wanted` says whose. Persons are read a thousand at a time, so that a national run never holds them all.
    ///
    /// # Errors
    /// The engine's.
    pub fn each_reference(
        &self,
        wanted: &dyn Fn(PersonId) -> bool,
        take: &mut dyn FnMut(ReferenceRow),
    ) -> Result<(), StoreError> {
        // A reading transaction meets no conflict on either engine, so the body runs once and may hand rows over.
        self.read("snapshot_references", |tx| {
            // Millions of captures are not looked through for images that nobody gave.
            let (with_prints, with_photos) = (tx.has_prints()?, tx.has_photos()?);
            if !with_prints && !with_photos {
                return Ok(());
            }
            let mut persons = tx.captured_persons()?;
            persons.retain(|person| wanted(*person));
            for group in persons.chunks(PERSONS_AT_ONCE) {
                let (Some(first), Some(last)) = (group.first(), group.last()) else {
                    continue;
                };
                let mut captures: BTreeMap<PersonId, Vec<Prints>> = BTreeMap::new();
                if with_prints {
                    tx.each_prints_between(*first, *last, &mut |prints| {
                        if wanted(prints.person) {
                            captures.entry(prints.person).or_default().push(prints);
                        }
                        Ok(())
                    })?;
                }
                let mut photos: BTreeMap<PersonId, Vec<u8>> = BTreeMap::new();
                if with_photos {
                    tx.each_photo_between(*first, *last, &mut |person, image| {
                        if wanted(person) {
                            photos.insert(person, image);
                        }
                    })?;
                }
                for person in group {
                    let fingers = captures.remove(person).unwrap_or_default();
                    best_fingers(*person, fingers)
                        .into_iter()
                        .for_each(&mut *take);
                    if let Some(image) = photos.remove(person) {
                        take(ReferenceRow {
                            person: *person,
                            reference: Reference::Photo(image),
                        });
                    }
                }
            }
            Ok(())
        })
    }

    /// The references of persons as one table; see [`Store::each_reference`].
    ///
    /// # Errors
    /// The engine's.
    pub fn snapshot_references(
        &self,
        persons: &BTreeSet<PersonId>,
    ) -> Result<Vec<ReferenceRow>, StoreError> {
        let mut rows = Vec::new();
        self.each_reference(&|person| persons.contains(&person), &mut |row| {
            rows.push(row)
        })?;
        Ok(rows)
    }
}

/// The best prints of a person: by quality, at most one of each finger, at most four.
fn best_fingers(person: PersonId, captures: Vec<Prints>) -> Vec<ReferenceRow> {
    let mut prints: Vec<(u8, usize, lexicon::FingerPosition, Vec<u8>)> = Vec::new();
    for capture in captures {
        for (finger, minutiae) in capture.fingers {
            let (quality, count) = fingerprint::Template::from_iso(&minutiae)
                .map_or((0, 0), |template| {
                    (template.quality, template.minutiae.len())
                });
            prints.push((quality, count, finger, minutiae));
        }
    }
    prints.sort_by(|a, b| {
        (b.0, b.1)
            .cmp(&(a.0, a.1))
            .then(a.2.cmp(&b.2))
            .then(a.3.cmp(&b.3))
    });
    let mut seen = BTreeSet::new();
    prints.retain(|(_, _, finger, _)| seen.insert(*finger));
    prints
        .into_iter()
        .take(FINGERS_MAX)
        .zip(1u8..)
        .map(|((_, _, position, minutiae), rank)| ReferenceRow {
            person,
            reference: Reference::Finger {
                position,
                rank,
                minutiae,
            },
        })
        .collect()
}

/// Finds persons in a sorted table. Tables come in the order of their rows, which an import wrote sorted piece by
/// piece: the next person stands near behind the last one, and few neighbours are looked at.
struct Places {
    ids: Vec<PersonId>,
    at: usize,
}

impl Places {
    fn find(&mut self, person: PersonId) -> Option<usize> {
        let from = match self.ids.get(self.at) {
            Some(here) if *here <= person => self.at,
            Some(_) | None => 0,
        };
        let rest = &self.ids[from..];
        let mut step = 1;
        while rest.get(step).is_some_and(|id| *id < person) {
            step *= 2;
        }
        let near = &rest[step / 2..rest.len().min(step + 1)];
        let found = near.binary_search(&person).ok();
        self.at = found.map_or(self.at, |place| from + step / 2 + place);
        found.map(|_| self.at)
    }
}

impl Tx<'_> {
    /// Everybody, by id: name and PIN in force, standing by the fold's rules, open PIN conflicts.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn snapshot_persons(&mut self) -> Result<Vec<PersonRow>, StoreError> {
        let mut rows = self.bare_persons()?;
        let mut places = Places {
            ids: rows.iter().map(|row| row.person).collect(),
            at: 0,
        };
        let mut named = vec![(None, 0); rows.len()];
        self.each_name(&mut |person, since, name| {
            if let Some(place) = places.find(person)
                && named[place] <= since
            {
                named[place] = since;
                rows[place].name = name;
            }
        })?;
        let verdicts = self.verdicts()?;
        // Claims come by PIN and captures by their own ids: sorted by person they find their places in one walk.
        let mut claims = Vec::with_capacity(rows.len());
        self.each_pin_claim_unsorted(&mut |person, pin, position| {
            if verdicts.keeps_pin(person, pin) {
                claims.push((person, position, pin));
            }
        })?;
        claims.sort_unstable_by_key(|(person, position, _)| (*person, *position));
        for (person, _, pin) in claims {
            if let Some(place) = places.find(person) {
                rows[place].pin = Some(pin);
            }
        }
        let mut captures = Vec::new();
        self.each_enrolment(&mut |person, captured, processed| {
            captures.push((person, captured, processed));
        })?;
        captures.sort_unstable();
        let mut facts = vec![StandingFacts::default(); rows.len()];
        for (person, captured, processed) in captures {
            if let Some(place) = places.find(person) {
                facts[place].see_enrolment(captured, processed);
            }
        }
        self.each_death(&mut |person, on| {
            if let Some(place) = places.find(person) {
                facts[place].see_death(on);
            }
        })?;
        for (row, facts) in rows.iter_mut().zip(&mut facts) {
            facts.duplicate = verdicts.duplicates.get(&row.person).copied();
            settle(row, facts.standing());
        }
        for person in self.pin_conflicts(&verdicts)? {
            if let Ok(place) = rows.binary_search_by_key(&person, |row| row.person) {
                rows[place].pin_conflict = true;
            }
        }
        Ok(rows)
    }

    /// All claims, by id; the person is named when the PIN leads to one who is nobody's duplicate.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn snapshot_claims(&mut self) -> Result<Vec<ClaimRow>, StoreError> {
        let claims = self.claims()?;
        let verdicts = self.verdicts()?;
        let mut persons: HashMap<u64, Option<PersonId>> = HashMap::new();
        let mut rows = Vec::with_capacity(claims.len());
        for claim in claims {
            let person = match persons.get(&claim.pin.as_u64()) {
                Some(person) => *person,
                None => {
                    let mut holders = self.persons_of_pin(claim.pin)?;
                    holders.retain(|p| {
                        !verdicts.duplicates.contains_key(p) && verdicts.keeps_pin(*p, claim.pin)
                    });
                    let only = if let [only] = holders[..] {
                        Some(only)
                    } else {
                        None
                    };
                    persons.insert(claim.pin.as_u64(), only);
                    only
                }
            };
            rows.push(ClaimRow {
                claim: claim.claim,
                kind: claim.kind.code().to_owned(),
                person,
                filed: claim.filed,
                target: claim.target,
                field: claim.field,
                value: claim.value,
                identified: claim.identified,
            });
        }
        Ok(rows)
    }

    /// The verdicts in force, by what they say.
    pub(crate) fn verdicts(&mut self) -> Result<Verdicts, StoreError> {
        let mut verdicts = Verdicts::default();
        for row in self.verdicts_in_force()? {
            verdicts.answered.insert(row.case);
            match (row.outcome.as_str(), row.struck, row.keeps) {
                ("duplicate", Some(person), Some(of)) => {
                    verdicts.duplicates.insert(person, (of, row.verdict));
                }
                ("pin_kept", _, Some(keeper)) => {
                    verdicts.keepers.insert(row.case, keeper);
                }
                _ => {}
            }
        }
        Ok(verdicts)
    }

    /// Everybody in an open case about a PIN that at least two persons claim who are not one another's duplicates.
    pub(crate) fn pin_conflicts(
        &mut self,
        verdicts: &Verdicts,
    ) -> Result<BTreeSet<PersonId>, StoreError> {
        let mut conflicts = BTreeSet::new();
        for (case, persons) in self.persons_of_cases(CaseKind::SharedPin)? {
            let distinct: BTreeSet<PersonId> =
                persons.iter().map(|p| verdicts.counted(*p)).collect();
            if !verdicts.answered.contains(&case) && distinct.len() > 1 {
                conflicts.extend(persons);
            }
        }
        Ok(conflicts)
    }
}

/// What verdicts in force say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verdicts {
    pub(crate) answered: BTreeSet<CaseId>,
    pub(crate) duplicates: BTreeMap<PersonId, (PersonId, register::VerdictId)>,
    keepers: BTreeMap<CaseId, PersonId>,
}

impl Verdicts {
    /// Whom a verdict gave the PIN of a case.
    pub(crate) fn keeper(&self, case: CaseId) -> Option<PersonId> {
        self.keepers.get(&case).copied()
    }

    /// False when a verdict gave the PIN to somebody else.
    pub(crate) fn keeps_pin(&self, person: PersonId, pin: Pin) -> bool {
        if self.keepers.is_empty() {
            return true;
        }
        self.keepers
            .get(&register::state::shared_pin_case(pin))
            .is_none_or(|keeper| *keeper == person)
    }

    /// The record that is counted for a person.
    pub(crate) fn counted(&self, person: PersonId) -> PersonId {
        let mut counted = person;
        // A chain of verdicts is short; the bound keeps a circle of wrong ones from running on.
        for _ in 0..8 {
            match self.duplicates.get(&counted) {
                Some((of, _)) => counted = *of,
                None => break,
            }
        }
        counted
    }
}

/// Writes a standing into a row.
fn settle(row: &mut PersonRow, standing: Option<Standing>) {
    row.standing = standing.map_or(NEVER_ENROLLED, |s| s.code()).to_owned();
    match standing {
        Some(Standing::Duplicate { of, .. }) => row.duplicate_of = Some(of),
        Some(Standing::Deceased { on }) => row.died = Some(on),
        Some(Standing::Pending { .. } | Standing::Unique { .. }) | None => {}
    }
}
