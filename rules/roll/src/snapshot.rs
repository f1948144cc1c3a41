//! The register's snapshot as compact tables.
//!
//! Rows arrive in any order and leave sorted; a person, an address or a text is a number here.
//! About 64 bytes a person: six million take 0.4 GB, their residences and enrolments as much again.

use std::ops::Range;

use lexicon::handover::snapshot as rows;
use lexicon::handover::snapshot::Extent;
use lexicon::{Date, Instant, PersonId, Pin, PrecinctCode, Sex, Soate};

use crate::review::Says;
use crate::words::{Arena, Entry, Word, Words};

/// A person's place in [`Snapshot::persons`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PersonAt(u32);

/// An address's place in [`Snapshot::addresses`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AddressAt(u32);

impl PersonAt {
    /// The place as an index.
    #[must_use]
    pub fn at(self) -> usize {
        self.0 as usize
    }

    /// The place with this index.
    ///
    /// # Panics
    /// Never for an index of a table: tables have fewer than 4 G rows.
    #[must_use]
    pub fn from_index(index: usize) -> Self {
        Self(u32::try_from(index).expect("fewer than 4 G persons"))
    }
}

impl AddressAt {
    /// The place as an index.
    #[must_use]
    pub fn at(self) -> usize {
        self.0 as usize
    }

    /// The place with this index.
    ///
    /// # Panics
    /// Never for an index of a table: tables have fewer than 4 G rows.
    #[must_use]
    pub fn from_index(index: usize) -> Self {
        Self(u32::try_from(index).expect("fewer than 4 G addresses"))
    }
}

/// What the register says a record is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// The duplicate check is finished and found nobody else.
    Unique,
    /// Enrolled, the duplicate check is not finished.
    Pending,
    /// Another record of the same person is counted, if it is in the snapshot.
    Duplicate(Option<PersonAt>),
    /// Dead.
    Deceased(Option<Date>),
    /// Never enrolled.
    NotEnrolled,
}

/// A person of the register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Person {
    /// The id.
    pub id: PersonId,
    /// The PIN claimed.
    pub pin: Option<Pin>,
    /// Surname.
    pub surname: Word,
    /// Given name.
    pub given: Word,
    /// Patronymic, may be empty.
    pub patronymic: Word,
    /// Sex.
    pub sex: Sex,
    /// Birth date.
    pub born: Date,
    /// Citizenship, ISO 3166-1 alpha-3.
    pub citizenship: Word,
    /// Standing.
    pub standing: Standing,
    /// An open case on the PIN.
    pub pin_conflict: bool,
}

/// A document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Document {
    /// Whose.
    pub person: PersonAt,
    /// Number.
    pub number: Entry,
    /// Issued on.
    pub issued: Date,
    /// Last day of validity.
    pub expires: Option<Date>,
    /// Whether its status is `valid`.
    pub valid: bool,
}

/// A house.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address {
    /// The source's id.
    pub id: Box<str>,
    /// Place.
    pub soate: Soate,
    /// Street id.
    pub street: Word,
    /// Street as printed.
    pub street_name: Word,
    /// House as printed.
    pub house: Word,
    /// Longitude, micro-degrees.
    pub lon: i32,
    /// Latitude, micro-degrees.
    pub lat: i32,
}

/// A name of a street beside the one that its houses print.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StreetName {
    /// Street id.
    pub street: Word,
    /// The name as printed.
    pub name: Word,
    /// First day, when known.
    pub from: Option<Date>,
    /// First day on which it is no longer in force.
    pub until: Option<Date>,
}

/// A further address of a building.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SecondAddress {
    /// The building.
    pub address: AddressAt,
    /// Place.
    pub soate: Soate,
    /// Street id.
    pub street: Word,
    /// Street as printed.
    pub street_name: Word,
    /// House as printed.
    pub house: Word,
}

/// A residence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Residence {
    /// Who.
    pub person: PersonAt,
    /// Where.
    pub address: AddressAt,
    /// `residence`; otherwise a mere stay.
    pub settled: bool,
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Option<Date>,
}

/// Kinds of civil event that bear on the list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum EventKind {
    /// Death.
    Death,
    /// Change of name.
    NameChange,
    /// Loss of citizenship.
    CitizenshipLoss,
    /// A court act on the right to vote.
    Court,
}

/// A civil event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CivilEvent {
    /// Whom it is about.
    pub person: PersonAt,
    /// Kind.
    pub kind: EventKind,
    /// Date of the fact.
    pub date: Date,
    /// The source's id.
    pub id: Entry,
    /// Number of the act.
    pub act: Entry,
    /// Names after a change.
    pub names: [Word; 3],
}

/// An enrolment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Enrolment {
    /// Whose.
    pub person: PersonAt,
    /// Captured on.
    pub captured: Date,
    /// Processed on.
    pub processed: Option<Date>,
    /// Region code.
    pub region: Word,
    /// The source's id.
    pub id: Entry,
}

/// A boundary row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Boundary {
    /// Precinct.
    pub precinct: PrecinctCode,
    /// Extent.
    pub extent: Extent,
}

/// A claim as filed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claim {
    /// The source's id.
    pub id: Box<str>,
    /// `form2`, `correction`, `inclusion`, `exclusion`.
    pub kind: Box<str>,
    /// Who it is about.
    pub person: Option<PersonAt>,
    /// Captured at.
    pub filed: Instant,
    /// Precinct wanted.
    pub target: Option<PrecinctCode>,
    /// Field to be corrected.
    pub field: Box<str>,
    /// Value claimed, spaces folded.
    pub value: Word,
    /// Applicant identified.
    pub identified: bool,
}

/// What people decided about a row of the commission's list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowAnswer {
    /// The question, by [`crate::review::subject_of`].
    pub subject: Box<str>,
    /// The row's id.
    pub row: Box<str>,
    /// The decision.
    pub says: RowSays,
    /// When.
    pub decided: Instant,
}

/// A decision about a row of the commission's list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RowSays {
    /// Whether the row means this record.
    Link(PersonAt, Says),
    /// The house that its address means.
    House(AddressAt),
    /// Its address means no house of the register.
    NoHouse,
}

/// The electoral commission's rows, as written, end to end.
#[derive(Clone, Debug, Default)]
pub struct CommissionList {
    texts: Arena,
    rows: Vec<Entry>,
}

/// One row of the commission's list.
#[derive(Clone, Copy, Debug)]
pub struct CommissionEntry<'a> {
    /// The source's row id.
    pub row: &'a str,
    /// PIN as written.
    pub pin: &'a str,
    /// Surname as written.
    pub surname: &'a str,
    /// Given name as written.
    pub given: &'a str,
    /// Patronymic as written.
    pub patronymic: &'a str,
    /// Birth date as written.
    pub born: &'a str,
    /// Address as written.
    pub address: &'a str,
    /// Precinct as written.
    pub precinct: &'a str,
}

/// Separates the fields of one row; a field that holds it loses it.
const UNIT: char = '\u{1f}';

impl CommissionList {
    fn keep(&mut self, row: &rows::CommissionRow) {
        let fields = [
            &row.row,
            &row.pin,
            &row.surname,
            &row.given,
            &row.patronymic,
            &row.born,
            &row.address,
            &row.precinct,
        ];
        let text = fields.map(|field| field.replace(UNIT, " ")).join("\u{1f}");
        self.rows.push(self.texts.keep(&text));
    }

    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A row by its place, sorted by row id.
    #[must_use]
    pub fn get(&self, at: usize) -> CommissionEntry<'_> {
        let mut fields = self.texts.text(self.rows[at]).split(UNIT);
        let mut next = || fields.next().unwrap_or("");
        CommissionEntry {
            row: next(),
            pin: next(),
            surname: next(),
            given: next(),
            patronymic: next(),
            born: next(),
            address: next(),
            precinct: next(),
        }
    }

    /// The place of a row by its id.
    #[must_use]
    pub fn find(&self, row: &str) -> Option<usize> {
        // INVARIANT (rows): sorted by text, of which the id is the first field.
        let at = self.rows.partition_point(|entry| {
            let text = self.texts.text(*entry);
            text.split(UNIT).next().unwrap_or("") < row
        });
        (at < self.len() && self.get(at).row == row).then_some(at)
    }

    /// All rows in order.
    pub fn iter(&self) -> impl Iterator<Item = CommissionEntry<'_>> {
        (0..self.len()).map(|at| self.get(at))
    }
}

/// The register's hand-over, every table sorted.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Texts that repeat.
    pub words: Words,
    /// Texts that do not.
    pub ids: Arena,
    /// Persons by id.
    pub persons: Vec<Person>,
    /// Documents by person and number.
    pub documents: Vec<Document>,
    /// Addresses by id.
    pub addresses: Vec<Address>,
    /// Names of streets beside the printed ones, by street and name.
    pub street_names: Vec<StreetName>,
    /// Second addresses by building, street and house.
    pub second_addresses: Vec<SecondAddress>,
    /// Residences by person, first day and address.
    pub residences: Vec<Residence>,
    /// Civil events by person, date, kind and id.
    pub events: Vec<CivilEvent>,
    /// Enrolments by person, day and id.
    pub enrolments: Vec<Enrolment>,
    /// Precincts by number.
    pub precincts: Vec<rows::PrecinctRow>,
    /// Boundaries by precinct.
    pub boundaries: Vec<Boundary>,
    /// Claims by time of capture, then id: the order that decides.
    pub claims: Vec<Claim>,
    /// The commission's list by row id.
    pub commission: CommissionList,
    /// What people decided about its rows, by question.
    pub answers: Vec<RowAnswer>,
    /// Rows that name a person or an address that is not there, as (table, id).
    pub dangling: Vec<(&'static str, String)>,
    /// Where each person's rows begin.
    starts: Starts,
    /// Where ids of each beginning stand in [`Snapshot::persons`].
    beginnings: Beginnings,
}

/// Places of persons by the first bits of their id: a search looks at a few neighbours instead of six million.
#[derive(Clone, Debug, Default)]
struct Beginnings {
    /// Bits that are looked at; 0 before the persons stand sorted.
    bits: u32,
    /// First place of each beginning, and the table's end.
    starts: Vec<u32>,
}

impl Beginnings {
    /// INVARIANT (beginnings): `persons` stands sorted by id.
    fn of(persons: &[Person]) -> Self {
        let bits = (persons.len() / 4 + 1).ilog2().clamp(1, 24);
        let mut starts = vec![0u32; (1usize << bits) + 1];
        for person in persons {
            starts[beginning(person.id, bits) + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        Self { bits, starts }
    }

    fn span(&self, id: PersonId, persons: usize) -> Range<usize> {
        if self.bits == 0 {
            return 0..persons;
        }
        let at = beginning(id, self.bits);
        self.starts[at] as usize..self.starts[at + 1] as usize
    }
}

fn beginning(id: PersonId, bits: u32) -> usize {
    let bytes = id.as_bytes();
    let first = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    (first >> (32 - bits)) as usize
}

/// For each table, the place of each person's first row, and the table's end.
#[derive(Clone, Debug, Default)]
struct Starts {
    documents: Vec<u32>,
    residences: Vec<u32>,
    events: Vec<u32>,
    enrolments: Vec<u32>,
}

/// INVARIANT (starts): `rows` stands sorted by person and names persons below `persons` only.
fn starts_of<T>(persons: usize, rows: &[T], of: impl Fn(&T) -> PersonAt) -> Vec<u32> {
    let mut starts = vec![0u32; persons + 1];
    for row in rows {
        starts[of(row).at() + 1] += 1;
    }
    for at in 0..persons {
        starts[at + 1] += starts[at];
    }
    starts
}

fn span(starts: &[u32], person: PersonAt) -> Range<usize> {
    starts[person.at()] as usize..starts[person.at() + 1] as usize
}

/// Why a snapshot was refused: the register's engineer acts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// A code that the format does not know.
    #[error("snapshot: table {table}, field {field}: unknown code in row {row}")]
    Code {
        /// Table.
        table: &'static str,
        /// Field.
        field: &'static str,
        /// The row's id.
        row: String,
    },
    /// Changes hold a row about what is not said to have changed.
    #[error("changes: table {table}: row {row} is about what did not change")]
    Stray {
        /// Table.
        table: &'static str,
        /// Whom or what it is about.
        row: String,
    },
    /// One key twice.
    #[error("snapshot: table {table}: key {row} stands twice")]
    Twice {
        /// Table.
        table: &'static str,
        /// The key.
        row: String,
    },
}

impl Snapshot {
    /// A person by place.
    #[must_use]
    pub fn person(&self, person: PersonAt) -> &Person {
        &self.persons[person.at()]
    }

    /// A person by id.
    #[must_use]
    pub fn find_person(&self, id: PersonId) -> Option<PersonAt> {
        let span = self.beginnings.span(id, self.persons.len());
        self.persons[span.clone()]
            .binary_search_by(|p| p.id.cmp(&id))
            .ok()
            .map(|at| PersonAt::from_index(span.start + at))
    }

    /// All places of persons.
    pub fn people(&self) -> impl Iterator<Item = PersonAt> + use<> {
        (0..self.persons.len()).map(PersonAt::from_index)
    }

    /// Places of a person's residences.
    #[must_use]
    pub fn residences_of(&self, person: PersonAt) -> Range<usize> {
        span(&self.starts.residences, person)
    }

    /// Places of a person's enrolments.
    #[must_use]
    pub fn enrolments_of(&self, person: PersonAt) -> Range<usize> {
        span(&self.starts.enrolments, person)
    }

    /// Places of a person's civil events.
    #[must_use]
    pub fn events_of(&self, person: PersonAt) -> Range<usize> {
        span(&self.starts.events, person)
    }

    /// Places of a person's documents.
    #[must_use]
    pub fn documents_at(&self, person: PersonAt) -> Range<usize> {
        span(&self.starts.documents, person)
    }

    /// A person's documents.
    #[must_use]
    pub fn documents_of(&self, person: PersonAt) -> &[Document] {
        &self.documents[span(&self.starts.documents, person)]
    }

    /// A precinct by number.
    #[must_use]
    pub fn precinct(&self, code: PrecinctCode) -> Option<&rows::PrecinctRow> {
        self.precincts
            .binary_search_by_key(&code, |p| p.precinct)
            .ok()
            .map(|at| &self.precincts[at])
    }

    /// An address by the source's id.
    #[must_use]
    pub fn address_with_id(&self, id: &str) -> Option<AddressAt> {
        let found = self.addresses.binary_search_by(|row| (*row.id).cmp(id));
        found.ok().map(AddressAt::from_index)
    }

    /// Names of a street beside the printed one, on a day: those it had, and those it also has.
    pub fn other_names(&self, street: Word, day: Date) -> impl Iterator<Item = &StreetName> {
        let text = |word| self.words.text(word);
        // INVARIANT (street names): sorted by the text of the street.
        let from = (self.street_names).partition_point(|row| text(row.street) < text(street));
        self.street_names[from..]
            .iter()
            .take_while(move |row| row.street == street)
            .filter(move |row| row.from.is_none_or(|from| from <= day))
    }

    /// Second addresses of a building.
    #[must_use]
    pub fn second_addresses_of(&self, building: AddressAt) -> &[SecondAddress] {
        let rows = &self.second_addresses;
        let from = rows.partition_point(|row| row.address < building);
        let count = rows[from..].partition_point(|row| row.address == building);
        &rows[from..from + count]
    }

    /// The residence that counts on a day: begun by then, not ended by then, the latest begun.
    #[must_use]
    pub fn residence_on(&self, person: PersonAt, day: Date) -> Option<usize> {
        self.residences_of(person).rev().find(|&at| {
            let row = &self.residences[at];
            row.settled && row.from <= day && row.until.is_none_or(|until| until > day)
        })
    }
}

pub use amend::{Changes, Moves, Replaced};
pub use builder::SnapshotBuilder;

mod amend;
mod builder;
pub mod image;

#[cfg(test)]
mod tests;
