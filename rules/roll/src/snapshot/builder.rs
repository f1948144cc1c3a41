//! Rows in, sorted tables out.

use std::collections::HashMap;

use lexicon::PersonId;
use lexicon::handover::snapshot as rows;
use lexicon::handover::snapshot::Extent;

use super::amend::{Amended, Moves};
use super::{
    Address, AddressAt, Beginnings, Boundary, CivilEvent, Claim, Document, Enrolment, EventKind,
    Person, PersonAt, Residence, RowAnswer, RowSays, SecondAddress, Snapshot, SnapshotError,
    Standing, Starts, StreetName, starts_of,
};
use crate::review::Says;
use crate::words::{Word, Words};

/// Takes rows one by one.
#[derive(Debug, Default)]
pub struct SnapshotBuilder {
    pub(super) made: Snapshot,
    pub(super) duplicate_of: HashMap<PersonId, PersonId>,
    pub(super) pending: Pending,
    pub(super) amended: Option<Amended>,
}

/// Rows whose persons and addresses are not resolved yet.
#[derive(Debug, Default)]
pub(super) struct Pending {
    documents: Vec<(PersonId, Document)>,
    /// Ids of addresses that residences name; they are no words of the snapshot.
    places: Words,
    pub(super) second_addresses: Vec<(Box<str>, SecondAddress)>,
    residences: Vec<(PersonId, Word, Residence)>,
    events: Vec<(PersonId, CivilEvent)>,
    enrolments: Vec<(PersonId, Enrolment)>,
    pub(super) claims: Vec<(Option<PersonId>, Claim)>,
    pub(super) answers: Vec<(Option<PersonId>, Box<str>, RowAnswer)>,
}

const NOBODY: PersonAt = PersonAt(u32::MAX);
const NOWHERE: AddressAt = AddressAt(u32::MAX);

impl SnapshotBuilder {
    /// An empty snapshot.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a row of `persons`.
    ///
    /// # Errors
    /// [`SnapshotError::Code`] for an unknown standing.
    pub fn person(&mut self, row: &rows::PersonRow) -> Result<(), SnapshotError> {
        let standing = match row.standing.as_str() {
            "unique" => Standing::Unique,
            "pending" => Standing::Pending,
            "duplicate" => Standing::Duplicate(None),
            "deceased" => Standing::Deceased(row.died),
            "none" => Standing::NotEnrolled,
            _ => {
                let row = row.person.to_string();
                return Err(SnapshotError::Code {
                    table: "persons",
                    field: "standing",
                    row,
                });
            }
        };
        if let Some(of) = row.duplicate_of {
            self.duplicate_of.insert(row.person, of);
        }
        let words = &mut self.made.words;
        self.made.persons.push(Person {
            id: row.person,
            pin: row.pin,
            surname: words.word(row.name.surname()),
            given: words.word(row.name.given()),
            patronymic: words.word(row.name.patronymic()),
            sex: row.sex,
            born: row.born,
            citizenship: words.word(&row.citizenship),
            standing,
            pin_conflict: row.pin_conflict,
        });
        Ok(())
    }

    /// Takes a row of `documents`.
    pub fn document(&mut self, row: &rows::DocumentRow) {
        let document = Document {
            person: NOBODY,
            number: self.made.ids.keep(row.number.as_str()),
            issued: row.issued,
            expires: row.expires,
            valid: row.status == "valid",
        };
        self.pending.documents.push((row.person, document));
    }

    /// Takes a row of `addresses`.
    pub fn address(&mut self, row: &rows::AddressRow) {
        let words = &mut self.made.words;
        self.made.addresses.push(Address {
            id: row.address.as_str().into(),
            soate: row.soate,
            street: words.word(&row.street),
            street_name: words.word(&row.street_name),
            house: words.word(&row.house),
            lon: row.lon_microdegrees,
            lat: row.lat_microdegrees,
        });
    }

    /// Takes a row of `street_names`.
    pub fn street_name(&mut self, row: &rows::StreetNameRow) {
        let words = &mut self.made.words;
        self.made.street_names.push(StreetName {
            street: words.word(&row.street),
            name: words.word(&row.name),
            from: row.from,
            until: row.until,
        });
    }

    /// Takes a row of `second_addresses`.
    pub fn second_address(&mut self, row: &rows::SecondAddressRow) {
        let words = &mut self.made.words;
        let second = SecondAddress {
            address: NOWHERE,
            soate: row.soate,
            street: words.word(&row.street),
            street_name: words.word(&row.street_name),
            house: words.word(&row.house),
        };
        let building = row.address.as_str().into();
        self.pending.second_addresses.push((building, second));
    }

    /// Takes a row of `residences`.
    pub fn residence(&mut self, row: &rows::ResidenceRow) {
        let residence = Residence {
            person: NOBODY,
            address: NOWHERE,
            settled: row.kind == "residence",
            from: row.from,
            until: row.until,
        };
        let address = self.pending.places.word(&row.address);
        self.pending
            .residences
            .push((row.person, address, residence));
    }

    /// Takes a row of `civil_events`.
    ///
    /// # Errors
    /// [`SnapshotError::Code`] for an unknown kind.
    pub fn civil_event(&mut self, row: &rows::CivilEventRow) -> Result<(), SnapshotError> {
        let kind = match row.kind.as_str() {
            "death" => EventKind::Death,
            "name_change" => EventKind::NameChange,
            "citizenship_loss" => EventKind::CitizenshipLoss,
            "court" => EventKind::Court,
            _ => {
                let row = row.event.clone();
                return Err(SnapshotError::Code {
                    table: "civil_events",
                    field: "kind",
                    row,
                });
            }
        };
        let words = &mut self.made.words;
        let names = [&row.surname, &row.given, &row.patronymic].map(|name| words.word(name));
        let (id, act) = (self.made.ids.keep(&row.event), self.made.ids.keep(&row.act));
        let event = CivilEvent {
            person: NOBODY,
            kind,
            date: row.date,
            id,
            act,
            names,
        };
        self.pending.events.push((row.person, event));
        Ok(())
    }

    /// Takes a row of `enrolments`.
    pub fn enrolment(&mut self, row: &rows::EnrolmentRow) {
        let enrolment = Enrolment {
            person: NOBODY,
            captured: row.captured,
            processed: row.processed,
            region: self.made.words.word(&row.region),
            id: self.made.ids.keep(&row.enrolment),
        };
        self.pending.enrolments.push((row.person, enrolment));
    }

    /// Takes a row of `precincts`.
    pub fn precinct(&mut self, row: rows::PrecinctRow) {
        self.made.precincts.push(row);
    }

    /// Takes a row of `boundaries`.
    pub fn boundary(&mut self, row: rows::BoundaryRow) {
        self.made.boundaries.push(Boundary {
            precinct: row.precinct,
            extent: row.extent,
        });
    }

    /// Takes a row of `claims`.
    pub fn claim(&mut self, row: &rows::ClaimRow) {
        let value = row.value.split_whitespace().collect::<Vec<_>>().join(" ");
        let claim = Claim {
            id: row.claim.as_str().into(),
            kind: row.kind.as_str().into(),
            person: None,
            filed: row.filed,
            target: row.target,
            field: row.field.trim().into(),
            value: self.made.words.word(&value),
            identified: row.identified,
        };
        self.pending.claims.push((row.person, claim));
    }

    /// Takes a row of `commission`.
    pub fn commission(&mut self, row: &rows::CommissionRow) {
        self.made.commission.keep(row);
    }

    /// Takes a row of `review_answers`.
    ///
    /// # Errors
    /// [`SnapshotError::Code`] for an answer that is none, or that does not fit what was asked.
    pub fn review_answer(&mut self, row: &rows::ReviewAnswerRow) -> Result<(), SnapshotError> {
        let says = match (row.says.as_str(), Says::from_code(&row.says)) {
            (_, Some(says)) if row.person.is_some() => RowSays::Link(NOBODY, says),
            ("house", None) if row.person.is_none() && row.address.is_some() => {
                RowSays::House(NOWHERE)
            }
            ("no_house", None) if row.person.is_none() => RowSays::NoHouse,
            (_, _) => {
                return Err(SnapshotError::Code {
                    table: "review_answers",
                    field: "says",
                    row: row.subject.clone(),
                });
            }
        };
        let answer = RowAnswer {
            subject: row.subject.as_str().into(),
            row: row.row.as_str().into(),
            says,
            decided: row.decided,
        };
        let address = row.address.as_deref().unwrap_or("").into();
        self.pending.answers.push((row.person, address, answer));
        Ok(())
    }

    /// Takes every table of a small snapshot.
    ///
    /// # Errors
    /// [`SnapshotError`] as [`SnapshotBuilder::finish`].
    pub fn tables(tables: &rows::SnapshotTables) -> Result<Snapshot, SnapshotError> {
        let mut builder = Self::new();
        builder.take(tables)?;
        builder.finish()
    }

    /// Takes rows of any tables; a large snapshot comes in parts.
    ///
    /// # Errors
    /// [`SnapshotError`] for a person or a civil event that cannot be.
    pub fn take(&mut self, tables: &rows::SnapshotTables) -> Result<(), SnapshotError> {
        tables.persons.iter().try_for_each(|row| self.person(row))?;
        tables.documents.iter().for_each(|row| self.document(row));
        tables.addresses.iter().for_each(|row| self.address(row));
        let names = tables.street_names.iter();
        names.for_each(|row| self.street_name(row));
        let seconds = tables.second_addresses.iter();
        seconds.for_each(|row| self.second_address(row));
        tables.residences.iter().for_each(|row| self.residence(row));
        tables
            .civil_events
            .iter()
            .try_for_each(|row| self.civil_event(row))?;
        tables.enrolments.iter().for_each(|row| self.enrolment(row));
        let precincts = tables.precincts.iter().cloned();
        precincts.for_each(|row| self.precinct(row));
        let boundaries = tables.boundaries.iter().cloned();
        boundaries.for_each(|row| self.boundary(row));
        tables.claims.iter().for_each(|row| self.claim(row));
        tables
            .commission
            .iter()
            .for_each(|row| self.commission(row));
        let mut answers = tables.review_answers.iter();
        answers.try_for_each(|row| self.review_answer(row))
    }

    /// Sorts the tables and resolves who and where.
    ///
    /// A row that names nobody is left out and named in [`Snapshot::dangling`].
    ///
    /// # Errors
    /// [`SnapshotError::Twice`] when a person, an address, a precinct or a claim stands twice.
    pub fn finish(self) -> Result<Snapshot, SnapshotError> {
        Ok(self.finish_amended()?.0)
    }

    /// The same, and where the rows of the snapshot that was amended stand now.
    ///
    /// # Errors
    /// As [`SnapshotBuilder::finish`].
    pub fn finish_amended(self) -> Result<(Snapshot, Moves), SnapshotError> {
        let Self {
            mut made,
            duplicate_of,
            pending,
            amended,
        } = self;
        // Stable sorts: they take what stands sorted already as it is.
        made.persons.sort_by_key(|row| row.id);
        made.addresses.sort_by(|a, b| a.id.cmp(&b.id));
        made.precincts.sort_by_key(|row| row.precinct);
        unique("persons", &made.persons, |p| p.id, |p| p.id.to_string())?;
        unique(
            "addresses",
            &made.addresses,
            |a| &a.id,
            |a| a.id.to_string(),
        )?;
        unique(
            "precincts",
            &made.precincts,
            |p| p.precinct,
            |p| p.precinct.to_string(),
        )?;
        made.beginnings = Beginnings::of(&made.persons);
        let mut links: Vec<(PersonId, PersonId)> = duplicate_of.into_iter().collect();
        links.sort_unstable();
        for (record, counted) in links {
            let counted = made.find_person(counted);
            if let Some(at) = made.find_person(record)
                && matches!(made.persons[at.at()].standing, Standing::Duplicate(_))
            {
                made.persons[at.at()].standing = Standing::Duplicate(counted);
            }
        }
        let moves = amended.map_or_else(Moves::default, |amended| amended.move_rows(&mut made));
        made.resolve(pending);
        made.boundaries.sort_by(|a, b| {
            a.precinct
                .cmp(&b.precinct)
                .then_with(|| extent_key(a).cmp(&extent_key(b)))
        });
        made.boundaries.dedup();
        let commission = &mut made.commission;
        let texts = &commission.texts;
        commission
            .rows
            .sort_by(|a, b| texts.text(*a).cmp(texts.text(*b)));
        let mut claims: Vec<&str> = made.claims.iter().map(|c| &*c.id).collect();
        claims.sort_unstable();
        unique("claims", &claims, |id| *id, |id| (*id).to_owned())?;
        let subject = |answer: &RowAnswer| answer.subject.to_string();
        unique("review_answers", &made.answers, |a| &a.subject, subject)?;
        made.dangling.sort();
        Ok((made, moves))
    }
}

fn extent_key(row: &Boundary) -> (&str, &str, u32, u32) {
    match &row.extent {
        Extent::Polygon(text) => (text, "", 0, 0),
        Extent::Range {
            street,
            parity,
            from,
            to,
        } => (street, parity, *from, *to),
    }
}

fn unique<'a, T, K: PartialEq>(
    table: &'static str,
    rows: &'a [T],
    key: impl Fn(&'a T) -> K,
    name: impl Fn(&T) -> String,
) -> Result<(), SnapshotError> {
    match rows.windows(2).find(|pair| key(&pair[0]) == key(&pair[1])) {
        Some(pair) => Err(SnapshotError::Twice {
            table,
            row: name(&pair[1]),
        }),
        None => Ok(()),
    }
}

impl Snapshot {
    fn resolve(&mut self, pending: Pending) {
        for (person, mut row) in pending.documents {
            match self.find_person(person) {
                Some(at) => {
                    row.person = at;
                    self.documents.push(row);
                }
                None => self.dangling.push(("documents", person.to_string())),
            }
        }
        for (building, mut row) in pending.second_addresses {
            match self.address_with_id(&building) {
                Some(at) => {
                    row.address = at;
                    self.second_addresses.push(row);
                }
                None => self.dangling.push(("second_addresses", building.into())),
            }
        }
        let places = self.addresses_of(&pending.places);
        let mut lost = Vec::new();
        let mut kept = std::mem::take(&mut self.residences);
        kept.reserve(pending.residences.len());
        for (person, address, mut row) in pending.residences {
            let place = places[address.at()];
            match (self.find_person(person), place) {
                (Some(at), Some(place)) => {
                    row.person = at;
                    row.address = place;
                    kept.push(row);
                }
                (None, _) | (_, None) => lost.push(("residences", person.to_string())),
            }
        }
        self.residences = kept;
        self.dangling.extend(lost);
        for (person, mut row) in pending.events {
            match self.find_person(person) {
                Some(at) => {
                    row.person = at;
                    self.events.push(row);
                }
                None => self.dangling.push(("civil_events", person.to_string())),
            }
        }
        for (person, mut row) in pending.enrolments {
            match self.find_person(person) {
                Some(at) => {
                    row.person = at;
                    self.enrolments.push(row);
                }
                None => self.dangling.push(("enrolments", person.to_string())),
            }
        }
        for (person, mut claim) in pending.claims {
            claim.person = person.and_then(|id| self.find_person(id));
            self.claims.push(claim);
        }
        for (person, address, answer) in pending.answers {
            self.resolve_answer(person, &address, answer);
        }
        self.sort_facts();
    }

    /// The address of each id: a few are searched, many are looked up.
    fn addresses_of(&self, ids: &Words) -> Vec<Option<AddressAt>> {
        if ids.len() < self.addresses.len() / 16 {
            return ids.map(|id| self.address_with_id(id));
        }
        let places: HashMap<&str, AddressAt> = self
            .addresses
            .iter()
            .enumerate()
            .map(|(at, row)| (&*row.id, AddressAt::from_index(at)))
            .collect();
        ids.map(|id| places.get(id).copied())
    }

    /// An answer about a person or a house that is not there is named and left out.
    fn resolve_answer(&mut self, person: Option<PersonId>, address: &str, mut answer: RowAnswer) {
        let says = match answer.says {
            RowSays::Link(_, says) => person
                .and_then(|id| self.find_person(id))
                .map(|at| RowSays::Link(at, says)),
            RowSays::House(_) => self.address_with_id(address).map(RowSays::House),
            RowSays::NoHouse => Some(RowSays::NoHouse),
        };
        match says {
            Some(says) => {
                answer.says = says;
                self.answers.push(answer);
            }
            None => self
                .dangling
                .push(("review_answers", answer.subject.into())),
        }
    }

    /// INVARIANT (total): rows that are told apart by nothing here are equal, so that no order of arrival decides.
    fn sort_facts(&mut self) {
        let (ids, words) = (&self.ids, &self.words);
        self.documents.sort_by(|a, b| {
            a.person
                .cmp(&b.person)
                .then_with(|| ids.text(a.number).cmp(ids.text(b.number)))
                .then_with(|| (a.issued, a.expires, a.valid).cmp(&(b.issued, b.expires, b.valid)))
        });
        let name = |row: &StreetName| (words.text(row.street), words.text(row.name));
        self.street_names
            .sort_by(|a, b| (name(a), a.from, a.until).cmp(&(name(b), b.from, b.until)));
        self.second_addresses.sort_by(|a, b| {
            let texts = |row: &SecondAddress| {
                [row.street, row.house, row.street_name].map(|word| words.text(word))
            };
            (a.address, texts(a), a.soate).cmp(&(b.address, texts(b), b.soate))
        });
        let key = |r: &Residence| (r.person, r.from, r.address, r.until, r.settled);
        self.residences.sort_by_key(key);
        self.events.sort_by(|a, b| {
            (a.person, a.date, a.kind)
                .cmp(&(b.person, b.date, b.kind))
                .then_with(|| ids.text(a.id).cmp(ids.text(b.id)))
                .then_with(|| ids.text(a.act).cmp(ids.text(b.act)))
                .then_with(|| {
                    let names = |row: &CivilEvent| row.names.map(|name| words.text(name));
                    names(a).cmp(&names(b))
                })
        });
        self.enrolments.sort_by(|a, b| {
            (a.person, a.captured)
                .cmp(&(b.person, b.captured))
                .then_with(|| ids.text(a.id).cmp(ids.text(b.id)))
                .then_with(|| a.processed.cmp(&b.processed))
                .then_with(|| words.text(a.region).cmp(words.text(b.region)))
        });
        // The same claim sent twice is one claim; two contents under one id are refused.
        self.claims
            .sort_by(|a, b| a.filed.cmp(&b.filed).then_with(|| a.id.cmp(&b.id)));
        self.claims.dedup();
        self.answers.sort_by(|a, b| a.subject.cmp(&b.subject));
        self.mark_starts();
    }

    /// Notes where each person's rows begin; the tables stand sorted.
    pub(crate) fn mark_starts(&mut self) {
        let persons = self.persons.len();
        self.starts = Starts {
            documents: starts_of(persons, &self.documents, |row| row.person),
            residences: starts_of(persons, &self.residences, |row| row.person),
            events: starts_of(persons, &self.events, |row| row.person),
            enrolments: starts_of(persons, &self.enrolments, |row| row.person),
        };
    }
}
