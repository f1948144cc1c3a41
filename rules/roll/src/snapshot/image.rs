//! The compact tables as bytes, in parts, so that they need not be made of rows again.
//!
//! For one machine and one program: little-endian, without a promise to be read by another version. Whoever keeps
//! the parts keeps a checksum beside them; here every place is checked to lie in its table, so that bytes of any
//! origin give an error and never a fault.

use lexicon::handover::snapshot::{Extent, PrecinctRow};
use lexicon::{Date, Instant, PersonId, Pin, PrecinctCode, Sex, Soate};
use uuid::Uuid;

use super::{
    Address, AddressAt, Beginnings, Boundary, CivilEvent, Claim, CommissionList, Document,
    Enrolment, EventKind, Person, PersonAt, Residence, RowAnswer, RowSays, SecondAddress, Snapshot,
    Standing, StreetName,
};
use crate::review::Says;
use crate::words::{Arena, Entry, Word, Words};

/// Rises when the bytes of a part change.
pub const VERSION: u32 = 2;

/// The bytes are no part of an image, or the parts do not fit together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the bytes are no image of a snapshot")]
pub struct ImageError;

/// A part of the image; parts are written and read in any order, and beside each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// Texts that repeat.
    Words,
    /// Texts that do not.
    Ids,
    /// Persons.
    Persons,
    /// Documents.
    Documents,
    /// Addresses.
    Addresses,
    /// Residences.
    Residences,
    /// Civil events.
    Events,
    /// Enrolments.
    Enrolments,
    /// Names of streets, second addresses, precincts, boundaries, claims, answers of the review, rows about nobody.
    Rest,
    /// The commission's list.
    Commission,
}

impl Part {
    /// Every part, the largest first.
    pub const ALL: [Part; 10] = [
        Part::Persons,
        Part::Commission,
        Part::Residences,
        Part::Ids,
        Part::Documents,
        Part::Enrolments,
        Part::Addresses,
        Part::Words,
        Part::Rest,
        Part::Events,
    ];

    /// The part's name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Part::Words => "words",
            Part::Ids => "ids",
            Part::Persons => "persons",
            Part::Documents => "documents",
            Part::Addresses => "addresses",
            Part::Residences => "residences",
            Part::Events => "events",
            Part::Enrolments => "enrolments",
            Part::Rest => "rest",
            Part::Commission => "commission",
        }
    }
}

/// Fills a part, number by number.
#[derive(Debug, Default)]
pub(crate) struct Fill(pub(crate) Vec<u8>);

impl Fill {
    pub(crate) fn byte(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(crate) fn two(&mut self, value: u16) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(crate) fn four(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(crate) fn eight(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(crate) fn count(&mut self, value: usize) {
        self.eight(value as u64);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    pub(crate) fn date(&mut self, date: Option<Date>) {
        self.four(date.map_or(NO_DATE, packed));
    }

    fn word(&mut self, word: Word) {
        self.four(u32::try_from(word.at()).unwrap_or(u32::MAX));
    }

    pub(crate) fn place(&mut self, person: Option<PersonAt>) {
        self.four(person.map_or(NO_PLACE, |at| at.0));
    }

    pub(crate) fn arena(&mut self, arena: &Arena) {
        let (text, ends) = arena.parts();
        self.text(text);
        self.count(ends.len());
        ends.iter().for_each(|end| self.eight(*end));
    }
}

/// No date: years lie below 10,000.
const NO_DATE: u32 = u32::MAX;
/// No person.
const NO_PLACE: u32 = u32::MAX;

fn packed(date: Date) -> u32 {
    let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
    u32::from(date.year().cast_unsigned()) << 16 | u32::from(month) << 8 | u32::from(day)
}

/// Takes a part apart, number by number.
#[derive(Debug)]
pub(crate) struct Taken<'a>(&'a [u8]);

impl<'a> Taken<'a> {
    pub(crate) fn of(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], ImageError> {
        let (first, rest) = self.0.split_first_chunk::<N>().ok_or(ImageError)?;
        self.0 = rest;
        Ok(*first)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, ImageError> {
        Ok(self.fixed::<1>()?[0])
    }

    pub(crate) fn two(&mut self) -> Result<u16, ImageError> {
        Ok(u16::from_le_bytes(self.fixed()?))
    }

    pub(crate) fn four(&mut self) -> Result<u32, ImageError> {
        Ok(u32::from_le_bytes(self.fixed()?))
    }

    pub(crate) fn eight(&mut self) -> Result<u64, ImageError> {
        Ok(u64::from_le_bytes(self.fixed()?))
    }

    /// How many rows follow, each of at least `bytes` bytes.
    pub(crate) fn count(&mut self, bytes: usize) -> Result<usize, ImageError> {
        let count = usize::try_from(self.eight()?).map_err(|_| ImageError)?;
        if count > self.0.len() / bytes.max(1) {
            return Err(ImageError);
        }
        Ok(count)
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, ImageError> {
        let length = self.count(1)?;
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        std::str::from_utf8(text).map_err(|_| ImageError)
    }

    pub(crate) fn date_if(&mut self) -> Result<Option<Date>, ImageError> {
        let packed = self.four()?;
        if packed == NO_DATE {
            return Ok(None);
        }
        let [day, month, low, high] = packed.to_le_bytes();
        let year = u16::from_le_bytes([low, high]).cast_signed();
        let date = Date::new(year, month.cast_signed(), day.cast_signed());
        date.map(Some).map_err(|_| ImageError)
    }

    fn date(&mut self) -> Result<Date, ImageError> {
        self.date_if()?.ok_or(ImageError)
    }

    /// Checked against the words when the parts come together.
    fn word(&mut self) -> Result<Word, ImageError> {
        Ok(Word::unchecked(self.four()?))
    }

    pub(crate) fn place(&mut self) -> Result<Option<PersonAt>, ImageError> {
        let at = self.four()?;
        Ok((at != NO_PLACE).then_some(PersonAt(at)))
    }

    pub(crate) fn precinct(&mut self) -> Result<Option<PrecinctCode>, ImageError> {
        match self.two()? {
            0 => Ok(None),
            number => PrecinctCode::new(number).map(Some).map_err(|_| ImageError),
        }
    }

    pub(crate) fn flag(&mut self) -> Result<bool, ImageError> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(ImageError),
        }
    }

    pub(crate) fn arena(&mut self) -> Result<Arena, ImageError> {
        let text = self.text()?.to_owned();
        let count = self.count(8)?;
        let ends = (0..count).map(|_| self.eight()).collect::<Result<_, _>>()?;
        Arena::of_parts(text, ends).ok_or(ImageError)
    }

    /// Rows of at least `bytes` bytes, in order.
    pub(crate) fn rows<T>(
        &mut self,
        bytes: usize,
        mut row: impl FnMut(&mut Self) -> Result<T, ImageError>,
    ) -> Result<Vec<T>, ImageError> {
        let count = self.count(bytes)?;
        let mut rows = Vec::with_capacity(count);
        for _ in 0..count {
            rows.push(row(self)?);
        }
        Ok(rows)
    }

    pub(crate) fn end(&self) -> Result<(), ImageError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(ImageError)
        }
    }
}

/// Bytes of the smallest row of a part whose rows have one length; what [`Fill`] wrote.
const PERSON: usize = 49;
const DOCUMENT: usize = 17;
const RESIDENCE: usize = 17;
const STREET_NAME: usize = 16;
const SECOND_ADDRESS: usize = 24;
const EVENT: usize = 29;
const ENROLMENT: usize = 20;

impl Snapshot {
    /// A part as bytes.
    #[must_use]
    pub fn image(&self, part: Part) -> Vec<u8> {
        let mut fill = Fill::default();
        match part {
            Part::Words => {
                fill.count(self.words.len());
                self.words.map(|text| fill.text(text));
            }
            Part::Ids => fill.arena(&self.ids),
            Part::Persons => {
                fill.0.reserve(8 + PERSON * self.persons.len());
                fill.count(self.persons.len());
                self.persons
                    .iter()
                    .for_each(|row| fill_person(&mut fill, row));
            }
            Part::Documents => {
                fill.0.reserve(8 + DOCUMENT * self.documents.len());
                fill.count(self.documents.len());
                for row in &self.documents {
                    fill.four(row.person.0);
                    fill.four(row.number.0);
                    fill.date(Some(row.issued));
                    fill.date(row.expires);
                    fill.byte(u8::from(row.valid));
                }
            }
            Part::Addresses => {
                fill.count(self.addresses.len());
                for row in &self.addresses {
                    fill.text(&row.id);
                    fill.eight(row.soate.as_u64());
                    fill.word(row.street);
                    fill.word(row.street_name);
                    fill.word(row.house);
                    fill.four(row.lon.cast_unsigned());
                    fill.four(row.lat.cast_unsigned());
                }
            }
            Part::Residences => {
                fill.0.reserve(8 + RESIDENCE * self.residences.len());
                fill.count(self.residences.len());
                for row in &self.residences {
                    fill.four(row.person.0);
                    fill.four(row.address.0);
                    fill.byte(u8::from(row.settled));
                    fill.date(Some(row.from));
                    fill.date(row.until);
                }
            }
            Part::Events => {
                fill.count(self.events.len());
                for row in &self.events {
                    fill.four(row.person.0);
                    fill.byte(row.kind as u8);
                    fill.date(Some(row.date));
                    fill.four(row.id.0);
                    fill.four(row.act.0);
                    row.names.iter().for_each(|name| fill.word(*name));
                }
            }
            Part::Enrolments => {
                fill.0.reserve(8 + ENROLMENT * self.enrolments.len());
                fill.count(self.enrolments.len());
                for row in &self.enrolments {
                    fill.four(row.person.0);
                    fill.date(Some(row.captured));
                    fill.date(row.processed);
                    fill.word(row.region);
                    fill.four(row.id.0);
                }
            }
            Part::Rest => self.fill_rest(&mut fill),
            Part::Commission => {
                fill.arena(&self.commission.texts);
                fill.count(self.commission.rows.len());
                self.commission.rows.iter().for_each(|row| fill.four(row.0));
            }
        }
        fill.0
    }

    fn fill_rest(&self, fill: &mut Fill) {
        fill.count(self.street_names.len());
        for row in &self.street_names {
            fill.word(row.street);
            fill.word(row.name);
            fill.date(row.from);
            fill.date(row.until);
        }
        fill.count(self.second_addresses.len());
        for row in &self.second_addresses {
            fill.four(row.address.0);
            fill.eight(row.soate.as_u64());
            fill.word(row.street);
            fill.word(row.street_name);
            fill.word(row.house);
        }
        fill.count(self.precincts.len());
        for row in &self.precincts {
            fill.two(row.precinct.number());
            fill.text(&row.kind);
            fill.text(&row.region);
            fill.eight(row.soate.as_u64());
            fill.text(&row.address_ky);
            fill.text(&row.address_ru);
            fill.four(row.lon_microdegrees.cast_unsigned());
            fill.four(row.lat_microdegrees.cast_unsigned());
        }
        fill.count(self.boundaries.len());
        for row in &self.boundaries {
            fill.two(row.precinct.number());
            match &row.extent {
                Extent::Polygon(text) => {
                    fill.byte(0);
                    fill.text(text);
                }
                Extent::Range {
                    street,
                    parity,
                    from,
                    to,
                } => {
                    fill.byte(1);
                    fill.text(street);
                    fill.text(parity);
                    fill.four(*from);
                    fill.four(*to);
                }
            }
        }
        fill.count(self.claims.len());
        for row in &self.claims {
            fill.text(&row.id);
            fill.text(&row.kind);
            fill.place(row.person);
            fill.eight(row.filed.micros().cast_unsigned());
            fill.two(row.target.map_or(0, PrecinctCode::number));
            fill.text(&row.field);
            fill.word(row.value);
            fill.byte(u8::from(row.identified));
        }
        fill.count(self.answers.len());
        for row in &self.answers {
            fill.text(&row.subject);
            fill.text(&row.row);
            fill.eight(row.decided.micros().cast_unsigned());
            match row.says {
                RowSays::Link(person, says) => {
                    fill.byte(0);
                    fill.four(person.0);
                    fill.text(says.code());
                }
                RowSays::House(address) => {
                    fill.byte(1);
                    fill.four(address.0);
                }
                RowSays::NoHouse => fill.byte(2),
            }
        }
        fill.count(self.dangling.len());
        for (table, id) in &self.dangling {
            let known = TABLES.iter().position(|known| known == table);
            fill.byte(
                known
                    .and_then(|at| u8::try_from(at).ok())
                    .unwrap_or(u8::MAX),
            );
            fill.text(id);
        }
    }

    /// Reads one part; the rest of the snapshot stays empty.
    ///
    /// # Errors
    /// [`ImageError`].
    pub fn of_image(part: Part, bytes: &[u8]) -> Result<Self, ImageError> {
        let mut taken = Taken::of(bytes);
        let mut made = Self::default();
        match part {
            Part::Words => made.words = words(&mut taken)?,
            Part::Ids => made.ids = taken.arena()?,
            Part::Persons => made.persons = taken.rows(PERSON, person)?,
            Part::Documents => {
                made.documents = taken.rows(DOCUMENT, |row| {
                    Ok(Document {
                        person: PersonAt(row.four()?),
                        number: Entry(row.four()?),
                        issued: row.date()?,
                        expires: row.date_if()?,
                        valid: row.flag()?,
                    })
                })?;
            }
            Part::Addresses => made.addresses = addresses(&mut taken)?,
            Part::Residences => {
                made.residences = taken.rows(RESIDENCE, |row| {
                    Ok(Residence {
                        person: PersonAt(row.four()?),
                        address: AddressAt(row.four()?),
                        settled: row.flag()?,
                        from: row.date()?,
                        until: row.date_if()?,
                    })
                })?;
            }
            Part::Events => made.events = taken.rows(EVENT, event)?,
            Part::Enrolments => {
                made.enrolments = taken.rows(ENROLMENT, |row| {
                    Ok(Enrolment {
                        person: PersonAt(row.four()?),
                        captured: row.date()?,
                        processed: row.date_if()?,
                        region: row.word()?,
                        id: Entry(row.four()?),
                    })
                })?;
            }
            Part::Rest => made.take_rest(&mut taken)?,
            Part::Commission => {
                let texts = taken.arena()?;
                let rows = taken.rows(4, |row| Ok(Entry(row.four()?)))?;
                made.commission = CommissionList { texts, rows };
            }
        }
        taken.end()?;
        Ok(made)
    }

    fn take_rest(&mut self, taken: &mut Taken<'_>) -> Result<(), ImageError> {
        self.street_names = taken.rows(STREET_NAME, |row| {
            Ok(StreetName {
                street: row.word()?,
                name: row.word()?,
                from: row.date_if()?,
                until: row.date_if()?,
            })
        })?;
        self.second_addresses = taken.rows(SECOND_ADDRESS, |row| {
            Ok(SecondAddress {
                address: AddressAt(row.four()?),
                soate: soate(row.eight()?)?,
                street: row.word()?,
                street_name: row.word()?,
                house: row.word()?,
            })
        })?;
        let precinct = |row: &mut Taken<'_>| row.precinct()?.ok_or(ImageError);
        self.precincts = taken.rows(1, |row| {
            Ok(PrecinctRow {
                precinct: precinct(row)?,
                kind: row.text()?.to_owned(),
                region: row.text()?.to_owned(),
                soate: soate(row.eight()?)?,
                address_ky: row.text()?.to_owned(),
                address_ru: row.text()?.to_owned(),
                lon_microdegrees: row.four()?.cast_signed(),
                lat_microdegrees: row.four()?.cast_signed(),
            })
        })?;
        self.boundaries = taken.rows(1, |row| {
            let precinct = precinct(row)?;
            let extent = if row.flag()? {
                Extent::Range {
                    street: row.text()?.to_owned(),
                    parity: row.text()?.to_owned(),
                    from: row.four()?,
                    to: row.four()?,
                }
            } else {
                Extent::Polygon(row.text()?.to_owned())
            };
            Ok(Boundary { precinct, extent })
        })?;
        self.claims = taken.rows(1, |row| {
            Ok(Claim {
                id: row.text()?.into(),
                kind: row.text()?.into(),
                person: row.place()?,
                filed: Instant::from_micros(row.eight()?.cast_signed()),
                target: row.precinct()?,
                field: row.text()?.into(),
                value: row.word()?,
                identified: row.flag()?,
            })
        })?;
        self.answers = taken.rows(1, |row| {
            let (subject, name) = (row.text()?.into(), row.text()?.into());
            let decided = Instant::from_micros(row.eight()?.cast_signed());
            let says = match row.byte()? {
                0 => {
                    let person = PersonAt(row.four()?);
                    let says = Says::from_code(row.text()?).ok_or(ImageError)?;
                    RowSays::Link(person, says)
                }
                1 => RowSays::House(AddressAt(row.four()?)),
                2 => RowSays::NoHouse,
                _ => return Err(ImageError),
            };
            Ok(RowAnswer {
                subject,
                row: name,
                says,
                decided,
            })
        })?;
        self.dangling = taken.rows(1, |row| {
            let table = TABLES.get(usize::from(row.byte()?)).ok_or(ImageError)?;
            Ok((*table, row.text()?.to_owned()))
        })?;
        Ok(())
    }

    /// The snapshot of all its parts.
    ///
    /// # Errors
    /// [`ImageError`] when a row names what no other part holds, or rows do not stand sorted by whom they are about.
    pub fn of_parts(parts: impl IntoIterator<Item = (Part, Snapshot)>) -> Result<Self, ImageError> {
        let mut made = Self::default();
        for (part, one) in parts {
            match part {
                Part::Words => made.words = one.words,
                Part::Ids => made.ids = one.ids,
                Part::Persons => made.persons = one.persons,
                Part::Documents => made.documents = one.documents,
                Part::Addresses => made.addresses = one.addresses,
                Part::Residences => made.residences = one.residences,
                Part::Events => made.events = one.events,
                Part::Enrolments => made.enrolments = one.enrolments,
                Part::Rest => {
                    made.street_names = one.street_names;
                    made.second_addresses = one.second_addresses;
                    made.precincts = one.precincts;
                    made.boundaries = one.boundaries;
                    made.claims = one.claims;
                    made.answers = one.answers;
                    made.dangling = one.dangling;
                }
                Part::Commission => made.commission = one.commission,
            }
        }
        if !made.holds_together() {
            return Err(ImageError);
        }
        made.beginnings = Beginnings::of(&made.persons);
        made.mark_starts();
        Ok(made)
    }

    /// INVARIANT (places): every place lies in its table, and rows about people stand in the order of people.
    fn holds_together(&self) -> bool {
        let person = |at: PersonAt| at.at() < self.persons.len();
        let word = |word: Word| word.at() < self.words.len();
        let id = |entry: Entry| (entry.0 as usize) < self.ids.len();
        let house = |at: AddressAt| at.at() < self.addresses.len();
        let commission = self.commission.texts.len();
        self.persons.is_sorted_by(|a, b| a.id < b.id)
            && self.persons.iter().all(|row| {
                let linked = match row.standing {
                    Standing::Duplicate(Some(counted)) => person(counted),
                    Standing::Duplicate(None)
                    | Standing::Unique
                    | Standing::Pending
                    | Standing::Deceased(_)
                    | Standing::NotEnrolled => true,
                };
                linked
                    && [row.surname, row.given, row.patronymic, row.citizenship]
                        .into_iter()
                        .all(word)
            })
            && self.documents.is_sorted_by_key(|row| row.person)
            && self
                .documents
                .iter()
                .all(|row| person(row.person) && id(row.number))
            && self.addresses.is_sorted_by(|a, b| a.id < b.id)
            && self.addresses.iter().all(|row| {
                [row.street, row.street_name, row.house]
                    .into_iter()
                    .all(word)
            })
            && self
                .street_names
                .iter()
                .all(|row| word(row.street) && word(row.name))
            && (self.street_names).is_sorted_by_key(|row| self.words.text(row.street))
            && (self.second_addresses).is_sorted_by_key(|row| row.address)
            && self.second_addresses.iter().all(|row| {
                house(row.address)
                    && [row.street, row.street_name, row.house]
                        .into_iter()
                        .all(word)
            })
            && self.residences.is_sorted_by_key(|row| row.person)
            && self
                .residences
                .iter()
                .all(|row| person(row.person) && house(row.address))
            && self.events.is_sorted_by_key(|row| row.person)
            && self.events.iter().all(|row| {
                person(row.person) && id(row.id) && id(row.act) && row.names.into_iter().all(word)
            })
            && self.enrolments.is_sorted_by_key(|row| row.person)
            && self
                .enrolments
                .iter()
                .all(|row| person(row.person) && id(row.id) && word(row.region))
            && self.precincts.is_sorted_by(|a, b| a.precinct < b.precinct)
            && self
                .claims
                .iter()
                .all(|row| row.person.is_none_or(person) && word(row.value))
            && self.answers.iter().all(|row| match row.says {
                RowSays::Link(at, _) => person(at),
                RowSays::House(at) => house(at),
                RowSays::NoHouse => true,
            })
            && self
                .commission
                .rows
                .iter()
                .all(|row| (row.0 as usize) < commission)
    }
}

/// Tables that may hold rows about nobody.
const TABLES: [&str; 6] = [
    "documents",
    "residences",
    "civil_events",
    "enrolments",
    "review_answers",
    "second_addresses",
];

fn fill_person(fill: &mut Fill, row: &Person) {
    fill.0.extend_from_slice(row.id.as_bytes());
    fill.eight(row.pin.map_or(0, Pin::as_u64));
    for word in [row.surname, row.given, row.patronymic, row.citizenship] {
        fill.word(word);
    }
    fill.date(Some(row.born));
    let sex = match row.sex {
        Sex::Female => 0,
        Sex::Male => 1,
    };
    let standing = match row.standing {
        Standing::Unique => 0,
        Standing::Pending => 1,
        Standing::Duplicate(_) => 2,
        Standing::Deceased(_) => 3,
        Standing::NotEnrolled => 4,
    };
    fill.byte(sex | u8::from(row.pin_conflict) << 1 | standing << 2);
    match row.standing {
        Standing::Duplicate(counted) => fill.place(counted),
        Standing::Deceased(on) => fill.date(on),
        Standing::Unique | Standing::Pending | Standing::NotEnrolled => fill.four(0),
    }
}

fn person(row: &mut Taken<'_>) -> Result<Person, ImageError> {
    let id = PersonId::from_uuid(Uuid::from_bytes(row.fixed()?));
    let pin = match row.eight()? {
        0 => None,
        number => Some(Pin::from_stored(number)),
    };
    let [surname, given, patronymic, citizenship] =
        [row.word()?, row.word()?, row.word()?, row.word()?];
    let born = row.date()?;
    let marks = row.byte()?;
    let standing = match marks >> 2 {
        0 => Standing::Unique,
        1 => Standing::Pending,
        2 => Standing::Duplicate(row.place()?),
        3 => Standing::Deceased(row.date_if()?),
        4 => Standing::NotEnrolled,
        _ => return Err(ImageError),
    };
    if matches!(marks >> 2, 0 | 1 | 4) {
        row.four()?;
    }
    Ok(Person {
        id,
        pin,
        surname,
        given,
        patronymic,
        sex: if marks & 1 == 0 {
            Sex::Female
        } else {
            Sex::Male
        },
        born,
        citizenship,
        standing,
        pin_conflict: marks & 2 == 2,
    })
}

fn event(row: &mut Taken<'_>) -> Result<CivilEvent, ImageError> {
    Ok(CivilEvent {
        person: PersonAt(row.four()?),
        kind: match row.byte()? {
            0 => EventKind::Death,
            1 => EventKind::NameChange,
            2 => EventKind::CitizenshipLoss,
            3 => EventKind::Court,
            _ => return Err(ImageError),
        },
        date: row.date()?,
        id: Entry(row.four()?),
        act: Entry(row.four()?),
        names: [row.word()?, row.word()?, row.word()?],
    })
}

fn words(taken: &mut Taken<'_>) -> Result<Words, ImageError> {
    let count = taken.count(8)?;
    let mut words = Words::of_size(count);
    for at in 0..count {
        // INVARIANT (words): the number of a word is its place; the first one is empty.
        if words.word(taken.text()?).at() != at {
            return Err(ImageError);
        }
    }
    Ok(words)
}

fn soate(number: u64) -> Result<Soate, ImageError> {
    format!("{number:014}").parse().map_err(|_| ImageError)
}

fn addresses(taken: &mut Taken<'_>) -> Result<Vec<Address>, ImageError> {
    // Houses of one place follow each other: its code is read once.
    let mut known: Option<(u64, Soate)> = None;
    taken.rows(36, |row| {
        let id = row.text()?.into();
        let number = row.eight()?;
        let soate = match known {
            Some((last, soate)) if last == number => soate,
            Some(_) | None => soate(number)?,
        };
        known = Some((number, soate));
        Ok(Address {
            id,
            soate,
            street: row.word()?,
            street_name: row.word()?,
            house: row.word()?,
            lon: row.four()?.cast_signed(),
            lat: row.four()?.cast_signed(),
        })
    })
}
