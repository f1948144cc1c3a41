//! Finding a person and looking at their page. Both leave an entry among the reads, in the same transaction.

use std::collections::{BTreeMap, BTreeSet};

use lexicon::handover::snapshot::AddressRow;
use lexicon::{CivilName, Date, DocumentNumber, PersonId, Pin, Purpose, Sealed};
use register::door::rows::Claim;
use register::{Entry, PersonState, Standing, fold};
use script::search::skeleton;
use script::{Query, SearchName};

use crate::engine::{Value, values};
use crate::error::StoreError;
use crate::tables::electoral_claim::read_claim;
use crate::tables::electoral_decision::DecisionRow;
use crate::tables::registry_read::ReadRow;
use crate::transact::{Store, Tx};

/// What is searched by.
#[derive(Clone, Debug)]
pub enum Find {
    /// Everybody who claims a PIN.
    Pin(Pin),
    /// The holder of a document.
    Document(DocumentNumber),
    /// A name as typed: any spelling, Latin letters, slipped layout.
    Name(String),
}

/// One person found. The name is sealed; the PIN is masked.
#[derive(Clone, Debug)]
pub struct Hit {
    /// Who.
    pub person: PersonId,
    /// The name in force.
    pub name: Sealed<CivilName>,
    /// The PIN in force, masked.
    pub pin_masked: Option<String>,
    /// Birth date.
    pub born: Sealed<Date>,
    /// Standing; none when never enrolled.
    pub standing: Option<Standing>,
    /// How well the name fits, 1 to 1000; 1000 for a number.
    pub score: u16,
}

/// Everything the office shows about one person.
#[derive(Clone, Debug)]
pub struct PersonPage {
    /// Who.
    pub person: PersonId,
    /// The fold of their acts.
    pub state: Sealed<PersonState>,
    /// Their standing.
    pub standing: Option<Standing>,
    /// An open case says that their PIN is somebody else's too.
    pub pin_conflict: bool,
    /// Their acts with who entered each, the oldest first.
    pub timeline: Sealed<Vec<(Entry, String)>>,
    /// The addresses of their residences, by id.
    pub addresses: Sealed<BTreeMap<String, AddressRow>>,
    /// Claims filed with their PINs, the latest first.
    pub claims: Sealed<Vec<Claim>>,
    /// Decisions of all releases, the latest last.
    pub decisions: Vec<(u32, DecisionRow)>,
    /// The photograph of their latest capture.
    pub photo: Option<Sealed<Vec<u8>>>,
    /// Who looked at them lately, the latest first.
    pub reads: Vec<ReadRow>,
}

/// Figures of the whole register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegisterCounts {
    /// Persons.
    pub persons: u64,
    /// Captures.
    pub enrolments: u64,
    /// Captures collected, not yet processed.
    pub not_processed: u64,
    /// Persons with a death act.
    pub deceased: u64,
    /// Addresses.
    pub addresses: u64,
    /// Rows of the commission's list.
    pub commission: u64,
    /// Claims.
    pub claims: u64,
    /// Precincts.
    pub precincts: u64,
}

impl Store {
    /// Searches persons, the best first, at most `limit`; the search is recorded among the reads.
    ///
    /// # Errors
    /// The engine's.
    pub fn find_persons(
        &self,
        staff: &str,
        purpose: Purpose,
        find: &Find,
        limit: usize,
    ) -> Result<Vec<Hit>, StoreError> {
        self.transact("find_persons", staff, |tx| {
            let (detail, found) = match find {
                Find::Pin(pin) => ("search by PIN", fit_completely(tx.persons_of_pin(*pin)?)),
                Find::Document(number) => {
                    let found = tx.find_person_of_document(number)?;
                    (
                        "search by document",
                        fit_completely(found.into_iter().collect()),
                    )
                }
                Find::Name(text) => ("search by name", tx.persons_by_name(text, limit)?),
            };
            let mut hits = tx.hits(found)?;
            hits.truncate(limit);
            tx.record_read(None, purpose, detail)?;
            Ok(hits)
        })
    }

    /// Opens a person's page; the look is recorded among the reads. None when there is no such person.
    ///
    /// # Errors
    /// The engine's.
    pub fn open_person(
        &self,
        staff: &str,
        purpose: Purpose,
        person: PersonId,
    ) -> Result<Option<PersonPage>, StoreError> {
        self.transact("open_person", staff, |tx| {
            if !tx.has_person(person)? {
                return Ok(None);
            }
            let timeline = tx.timeline_of(person)?;
            let state = fold(person, timeline.iter().map(|(entry, _)| entry));
            let mut addresses = BTreeMap::new();
            for residence in &state.residences {
                if let Some(address) = tx.find_address(&residence.address)? {
                    addresses.insert(address.address.clone(), address);
                }
            }
            let pins: BTreeSet<Pin> = state.pins.iter().map(|claim| claim.pin).collect();
            let mut claims = Vec::new();
            for pin in pins {
                claims.extend(tx.claims_of_pin(pin)?);
            }
            claims.sort_by(|a, b| b.filed.cmp(&a.filed).then(a.claim.cmp(&b.claim)));
            let verdicts = tx.verdicts()?;
            let page = PersonPage {
                person,
                standing: state.standing(person),
                pin_conflict: tx.pin_conflicts(&verdicts)?.contains(&person),
                state: state.into(),
                timeline: timeline.into(),
                addresses: addresses.into(),
                claims: claims.into(),
                decisions: tx.decisions_of(person)?,
                photo: tx.find_photo_of(person)?.map(Sealed::new),
                reads: tx.reads_of(person, 20)?,
            };
            tx.record_read(Some(person), purpose, "page")?;
            Ok(Some(page))
        })
    }
}

/// Numbers fit completely.
fn fit_completely(persons: Vec<PersonId>) -> Vec<(PersonId, u16)> {
    persons
        .into_iter()
        .map(|person| (person, script::search::SCORE_MAX))
        .collect()
}

/// A person, the parts of one of their names, and its sort key.
type NamedPerson = (PersonId, [String; 3], Vec<u8>);

/// Most persons that are looked at for one name.
const LOOKED_AT_MAX: i64 = 5_000;

impl Tx<'_> {
    fn hits(&mut self, found: Vec<(PersonId, u16)>) -> Result<Vec<Hit>, StoreError> {
        let mut hits = Vec::new();
        for (person, score) in found {
            let entries = self.acts_of(person)?;
            let state = fold(person, &entries);
            if let (Some((_, born, _)), Some(name)) = (&state.recorded, state.name()) {
                hits.push(Hit {
                    person,
                    name: name.clone().into(),
                    pin_masked: state.pin().map(|claim| claim.pin.masked()),
                    born: (*born).into(),
                    standing: state.standing(person),
                    score,
                });
            }
        }
        Ok(hits)
    }

    /// Persons whose consonants answer every word typed, ranked by how well their names fit.
    fn persons_by_name(
        &mut self,
        text: &str,
        limit: usize,
    ) -> Result<Vec<(PersonId, u16)>, StoreError> {
        let query = Query::parse(text);
        if query.is_empty() {
            return Ok(Vec::new());
        }
        let mut readings = vec![text.to_owned()];
        if !text.chars().any(script::clean::is_cyrillic) {
            readings.push(script::search::slip_to_cyrillic(text));
        }
        let mut scored: BTreeMap<PersonId, (u16, Vec<u8>)> = BTreeMap::new();
        for reading in readings {
            let words: BTreeSet<String> = reading
                .split_whitespace()
                .map(skeleton)
                .filter(|word| !word.is_empty())
                .collect();
            for (person, names, sort_key) in self.names_by_words(&words)? {
                let parts: Vec<&str> = names.iter().map(String::as_str).collect();
                if let Some(score) = query.score(&SearchName::of(&parts)) {
                    let best = scored.entry(person).or_insert((score, sort_key));
                    best.0 = best.0.max(score);
                }
            }
        }
        let mut ranked: Vec<(PersonId, u16, Vec<u8>)> = scored
            .into_iter()
            .map(|(person, (score, key))| (person, score, key))
            .collect();
        ranked.sort_by(|a, b| b.1.cmp(&a.1).then(a.2.cmp(&b.2)).then(a.0.cmp(&b.0)));
        ranked.truncate(limit);
        Ok(ranked
            .into_iter()
            .map(|(person, score, _)| (person, score))
            .collect())
    }

    /// Names of persons who have, for every word, a word whose consonants begin with its consonants.
    fn names_by_words(&mut self, words: &BTreeSet<String>) -> Result<Vec<NamedPerson>, StoreError> {
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = String::from(
            "SELECT person, surname, given, patronymic, sort_key FROM registry_name WHERE person IN (",
        );
        let mut values: Vec<Value> = Vec::new();
        for (place, word) in words.iter().enumerate() {
            if place > 0 {
                sql.push_str(" INTERSECT ");
            }
            let (from, to) = (values.len() + 1, values.len() + 2);
            sql.push_str(&format!(
                "SELECT person FROM registry_name_word WHERE skeleton >= ${from} AND skeleton < ${to}"
            ));
            // Keys are Cyrillic letters and digits, all of them below this character.
            values.extend(values![word.as_str(), format!("{word}\u{10ffff}")]);
        }
        sql.push_str(&format!(
            ") ORDER BY sort_key, person LIMIT ${}",
            values.len() + 1
        ));
        values.push(LOOKED_AT_MAX.into());
        self.collect(&sql, values, |row| {
            let part = |column| row.text(column).map(str::to_owned);
            Ok((
                row.parsed(0)?,
                [part(1)?, part(2)?, part(3)?],
                row.blob(4)?.to_vec(),
            ))
        })
    }

    /// Claims filed with a PIN.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn claims_of_pin(&mut self, pin: Pin) -> Result<Vec<Claim>, StoreError> {
        self.collect(
            "SELECT claim, kind, pin, filed, target, field, value, identified FROM electoral_claim \
             WHERE pin = $1 ORDER BY filed, claim",
            vec![crate::tables::registry_pin_claim::pin_key(pin)],
            read_claim,
        )
    }

    /// Claims in the order of filing, after a given one.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn claims_page(
        &mut self,
        after: Option<(lexicon::Instant, &str)>,
        limit: u32,
    ) -> Result<Vec<Claim>, StoreError> {
        let (filed, claim) = after.map_or((i64::MIN, ""), |(filed, claim)| (filed.micros(), claim));
        self.collect(
            "SELECT claim, kind, pin, filed, target, field, value, identified FROM electoral_claim \
             WHERE filed > $1 OR (filed = $2 AND claim > $3) ORDER BY filed, claim LIMIT $4",
            values![filed, filed, claim, limit],
            read_claim,
        )
    }

    /// Figures of the whole register.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn register_counts(&mut self) -> Result<RegisterCounts, StoreError> {
        let mut count = |sql: &str| -> Result<u64, StoreError> {
            self.row(sql, Vec::new())?
                .map_or(Ok(0), |row| row.number(0))
        };
        Ok(RegisterCounts {
            persons: count("SELECT COUNT(*) FROM registry_person")?,
            enrolments: count("SELECT COUNT(*) FROM registry_enrolment")?,
            not_processed: count(
                "SELECT COUNT(*) FROM registry_enrolment e \
                 LEFT JOIN registry_processing p ON p.enrolment = e.enrolment \
                 WHERE e.processed IS NULL AND p.enrolment IS NULL",
            )?,
            deceased: count(
                "SELECT COUNT(DISTINCT person) FROM registry_civil_event WHERE kind = 'death'",
            )?,
            addresses: count("SELECT COUNT(*) FROM registry_address")?,
            commission: count("SELECT COUNT(*) FROM electoral_commission")?,
            claims: count("SELECT COUNT(*) FROM electoral_claim")?,
            precincts: count("SELECT COUNT(*) FROM electoral_precinct")?,
        })
    }
}
