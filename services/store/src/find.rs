//! Finding a person and looking at their page. Both leave an entry among the reads, in the same transaction.

use std::collections::{BTreeMap, BTreeSet};

use lexicon::handover::snapshot::AddressRow;
use lexicon::{CivilName, Date, DocumentNumber, Instant, PersonId, Pin, Purpose, Sealed};
use register::door::rows::Claim;
use register::{Entry, PersonState, Standing, fold};
use script::search::skeleton;
use script::{Query, SearchName};

use crate::engine::{Value, values};
use crate::error::StoreError;
use crate::tables::electoral_claim::read_claim;
use crate::tables::electoral_claim_outcome::ClaimOutcomeRow;
use crate::tables::electoral_decision::DecisionRow;
use crate::tables::electoral_delta::DeltaLine;
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

/// Who looks, what for, and the reason they gave; every look is recorded with these.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The account.
    pub staff: &'a str,
    /// What the data is opened for.
    pub purpose: Purpose,
    /// The code of the reason the account gave, as `citizen`; may be empty. No personal data.
    pub reason: &'a str,
}

impl Look<'_> {
    /// What stands in the record of this look: `page`, or `page/citizen` with a reason.
    pub(crate) fn detail(&self, what: &str) -> String {
        if self.reason.is_empty() {
            what.to_owned()
        } else {
            format!("{what}/{}", self.reason)
        }
    }
}

/// Which part of a ranking is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How many of the best are left out.
    pub skip: usize,
    /// At most so many of the rest.
    pub take: usize,
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
    /// What became of the claims in the latest release that decided about the person.
    pub outcomes: Vec<ClaimOutcomeRow>,
    /// Decisions of all releases, the latest last.
    pub decisions: Vec<(u32, DecisionRow)>,
    /// What signed deltas did to their lines, by release and delta.
    pub deltas: Vec<DeltaLine>,
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
    /// Searches persons, the best first, a window of the ranking; the search is recorded among the reads.
    ///
    /// # Errors
    /// The engine's.
    pub fn find_persons(
        &self,
        look: Look<'_>,
        find: &Find,
        window: Window,
    ) -> Result<Vec<Hit>, StoreError> {
        let best = window.skip.saturating_add(window.take);
        self.transact("find_persons", look.staff, |tx| {
            let (what, mut found) = match find {
                Find::Pin(pin) => ("search by PIN", fit_completely(tx.persons_of_pin(*pin)?)),
                Find::Document(number) => {
                    let found = tx.find_person_of_document(number)?;
                    (
                        "search by document",
                        fit_completely(found.into_iter().collect()),
                    )
                }
                Find::Name(text) => ("search by name", tx.persons_by_name(text, best)?),
            };
            found.truncate(best);
            let found = found.split_off(window.skip.min(found.len()));
            let hits = tx.hits(found)?;
            tx.record_read(None, look.purpose, &look.detail(what))?;
            Ok(hits)
        })
    }

    /// Shows named persons as a list does, in the order given; the look is recorded once, as `what`.
    ///
    /// A person who is not in the register is left out.
    ///
    /// # Errors
    /// The engine's.
    pub fn show_persons(
        &self,
        look: Look<'_>,
        what: &str,
        persons: &[PersonId],
    ) -> Result<Vec<Hit>, StoreError> {
        self.transact("show_persons", look.staff, |tx| {
            let hits = tx.hits(fit_completely(persons.to_vec()))?;
            tx.record_read(None, look.purpose, &look.detail(what))?;
            Ok(hits)
        })
    }

    /// Records a look at a list that names persons without opening their records: claims, rows of the
    /// commission's list, an export.
    ///
    /// # Errors
    /// The engine's.
    pub fn record_look(&self, look: Look<'_>, what: &str) -> Result<(), StoreError> {
        self.transact("record_look", look.staff, |tx| {
            tx.record_read(None, look.purpose, &look.detail(what))
        })
    }

    /// Opens a person's page; the look is recorded among the reads. None when there is no such person.
    ///
    /// # Errors
    /// The engine's.
    pub fn open_person(
        &self,
        look: Look<'_>,
        person: PersonId,
    ) -> Result<Option<PersonPage>, StoreError> {
        self.transact("open_person", look.staff, |tx| {
            let page = tx.person_page(person)?;
            if page.is_some() {
                tx.record_read(Some(person), look.purpose, &look.detail("page"))?;
            }
            Ok(page)
        })
    }

    /// Opens a person's page once more for the same work: a form that says what the law says while it is filled in. A look
    /// that the same account recorded since a moment stands for this one; otherwise it is recorded as
    /// [`Store::open_person`] does.
    ///
    /// # Errors
    /// The engine's.
    pub fn open_person_again(
        &self,
        look: Look<'_>,
        person: PersonId,
        since: Instant,
    ) -> Result<Option<PersonPage>, StoreError> {
        self.transact("open_person_again", look.staff, |tx| {
            let page = tx.person_page(person)?;
            if page.is_some() && !tx.has_looked(look.staff, person, since)? {
                tx.record_read(Some(person), look.purpose, &look.detail("page"))?;
            }
            Ok(page)
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
    /// Everything the office shows about one person; nothing is recorded here.
    fn person_page(&mut self, person: PersonId) -> Result<Option<PersonPage>, StoreError> {
        if !self.has_person(person)? {
            return Ok(None);
        }
        let timeline = self.timeline_of(person)?;
        let state = fold(person, timeline.iter().map(|(entry, _)| entry));
        let addresses = self.addresses_of(&state)?;
        let pins: BTreeSet<Pin> = state.pins.iter().map(|claim| claim.pin).collect();
        let mut claims = Vec::new();
        for pin in pins {
            claims.extend(self.claims_of_pin(pin)?);
        }
        claims.sort_by(|a, b| b.filed.cmp(&a.filed).then(a.claim.cmp(&b.claim)));
        let decisions = self.decisions_of(person)?;
        let mut outcomes = Vec::new();
        if let Some((release, _)) = decisions.last() {
            for claim in &claims {
                outcomes.extend(self.find_claim_outcome(*release, &claim.claim)?);
            }
        }
        // Without an open case of their own nobody else's verdict matters.
        let pin_conflict = state.pin_conflict() && {
            let verdicts = self.verdicts()?;
            self.pin_conflicts(&verdicts)?.contains(&person)
        };
        let page = PersonPage {
            person,
            standing: state.standing(person),
            pin_conflict,
            state: state.into(),
            timeline: timeline.into(),
            addresses: addresses.into(),
            claims: claims.into(),
            outcomes,
            decisions,
            deltas: self.delta_lines_of(person)?,
            photo: self.find_photo_of(person)?.map(Sealed::new),
            reads: self.reads_of(person, 20)?,
        };
        Ok(Some(page))
    }

    /// The addresses of a person's residences, by id.
    pub(crate) fn addresses_of(
        &mut self,
        state: &PersonState,
    ) -> Result<BTreeMap<String, AddressRow>, StoreError> {
        let mut addresses = BTreeMap::new();
        for residence in &state.residences {
            if let Some(address) = self.find_address(&residence.address)? {
                addresses.insert(address.address.clone(), address);
            }
        }
        Ok(addresses)
    }

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

    /// Figures of the whole register.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn register_counts(&mut self) -> Result<RegisterCounts, StoreError> {
        let commission = self.count_list_in_force()?;
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
            commission,
            claims: count("SELECT COUNT(*) FROM electoral_claim")?,
            precincts: count("SELECT COUNT(*) FROM electoral_precinct")?,
        })
    }
}
