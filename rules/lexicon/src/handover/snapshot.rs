//! The snapshot: what the register hands to the roll, one row type for each Parquet table.
//!
//! Column names are the field names; dates are `YYYY-MM-DD` text, moments microseconds UTC,
//! coordinates micro-degrees (WGS 84). Rows stand sorted by their first column(s).

use super::super::clock::{Date, Instant};
use super::super::{
    CivilName, DocumentNumber, FingerPosition, PersonId, Pin, PrecinctCode, Sex, Soate,
};

/// Table `persons`: everybody in the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// The person.
    pub person: PersonId,
    /// The PIN they claim, if any was assigned.
    pub pin: Option<Pin>,
    /// Current name.
    pub name: CivilName,
    /// Sex.
    pub sex: Sex,
    /// Birth date.
    pub born: Date,
    /// ISO 3166-1 alpha-3.
    pub citizenship: String,
    /// Standing code: `unique`, `pending`, `duplicate`, `deceased`, `none` (never enrolled).
    pub standing: String,
    /// The record that is counted instead, for `duplicate`.
    pub duplicate_of: Option<PersonId>,
    /// Day of death, for `deceased`.
    pub died: Option<Date>,
    /// An open case says that this PIN is claimed by somebody else too.
    pub pin_conflict: bool,
}

/// Table `documents`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentRow {
    /// Number.
    pub number: DocumentNumber,
    /// Whose.
    pub person: PersonId,
    /// Issued on.
    pub issued: Date,
    /// Last day of validity.
    pub expires: Option<Date>,
    /// In force when the snapshot was taken: `valid`, or `invalid`, `lost`, `stolen`, `exchanged`, `expired`, `withdrawn`.
    pub status: String,
}

/// Table `addresses`: houses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressRow {
    /// The source's id.
    pub address: String,
    /// Place.
    pub soate: Soate,
    /// Street id.
    pub street: String,
    /// Street name as printed.
    pub street_name: String,
    /// House number with letter or fraction, as `18а`.
    pub house: String,
    /// Longitude, micro-degrees.
    pub lon_microdegrees: i32,
    /// Latitude, micro-degrees.
    pub lat_microdegrees: i32,
}

/// Table `street_names`: names of streets beside the one that the houses print: former ones, other languages'.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StreetNameRow {
    /// Street id.
    pub street: String,
    /// The name as printed.
    pub name: String,
    /// First day; none: as long as anybody knows.
    pub from: Option<Date>,
    /// First day on which the street is no longer called so; none: it still is.
    pub until: Option<Date>,
}

/// Table `second_addresses`: a further address of a building, as a corner house has one on each street.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SecondAddressRow {
    /// The building, by the id of its row in `addresses`.
    pub address: String,
    /// Place.
    pub soate: Soate,
    /// Street id.
    pub street: String,
    /// Street name as printed.
    pub street_name: String,
    /// House number.
    pub house: String,
}

/// Table `residences`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResidenceRow {
    /// Who.
    pub person: PersonId,
    /// Where.
    pub address: String,
    /// `residence` or `stay`.
    pub kind: String,
    /// First day.
    pub from: Date,
    /// Last day, if it ended.
    pub until: Option<Date>,
}

/// Table `civil_events`: acts of the civil registry and of courts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CivilEventRow {
    /// The source's id.
    pub event: String,
    /// Whom it is about.
    pub person: PersonId,
    /// `death`, `name_change`, `citizenship_loss`, `court`.
    pub kind: String,
    /// Date of the fact.
    pub date: Date,
    /// Number of the act.
    pub act: String,
    /// Surname after a `name_change`, empty otherwise.
    pub surname: String,
    /// Given name after a `name_change`, empty otherwise.
    pub given: String,
    /// Patronymic after a `name_change`, may be empty.
    pub patronymic: String,
}

/// Table `enrolments`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrolmentRow {
    /// The source's id.
    pub enrolment: String,
    /// Whose.
    pub person: PersonId,
    /// Captured on.
    pub captured: Date,
    /// Duplicate check finished on; none: collected, not yet processed.
    pub processed: Option<Date>,
    /// Region code of the report (`bishkek`, `osh` …).
    pub region: String,
}

/// Table `precincts`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrecinctRow {
    /// Number.
    pub precinct: PrecinctCode,
    /// `territorial`, `additional`, `hospital`, `detention`, `military`, `abroad`.
    pub kind: String,
    /// Region code of the report.
    pub region: String,
    /// Place.
    pub soate: Soate,
    /// Address of the station, Kyrgyz.
    pub address_ky: String,
    /// Address of the station, Russian.
    pub address_ru: String,
    /// Longitude of the station, micro-degrees.
    pub lon_microdegrees: i32,
    /// Latitude of the station, micro-degrees.
    pub lat_microdegrees: i32,
}

/// Table `boundaries`: polygons and street ranges, either or both for a precinct.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundaryRow {
    /// Precinct.
    pub precinct: PrecinctCode,
    /// The extent.
    pub extent: Extent,
}

/// A part of a precinct's territory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    /// A GeoJSON Polygon or MultiPolygon geometry, WGS 84.
    Polygon(String),
    /// Houses of one street.
    Range {
        /// Street id.
        street: String,
        /// `all`, `odd` or `even`.
        parity: String,
        /// Lowest house number.
        from: u32,
        /// Highest house number.
        to: u32,
    },
}

/// Table `claims`: corrections and Form 2, as filed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimRow {
    /// The source's id.
    pub claim: String,
    /// `form2`, `correction`, `inclusion`, `exclusion`.
    pub kind: String,
    /// Who it is about, when the PIN led to one person.
    pub person: Option<PersonId>,
    /// When it was captured at the desk.
    pub filed: Instant,
    /// Precinct wanted, for `form2`.
    pub target: Option<PrecinctCode>,
    /// Field to be corrected, for `correction`: `surname`, `given`, `patronymic`, `born`, `address`.
    pub field: String,
    /// The value claimed.
    pub value: String,
    /// Whether the applicant was identified by finger or document at the desk.
    pub identified: bool,
}

/// Table `commission`: the electoral commission's own list, as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommissionRow {
    /// The source's row id.
    pub row: String,
    /// PIN as written.
    pub pin: String,
    /// Surname as written.
    pub surname: String,
    /// Given name as written.
    pub given: String,
    /// Patronymic as written.
    pub patronymic: String,
    /// Birth date as written.
    pub born: String,
    /// Address as written.
    pub address: String,
    /// Precinct as written, may be empty.
    pub precinct: String,
}

/// Table `review_answers`: what people decided about rows of the commission's list; one row a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewAnswerRow {
    /// The question: a mark of the row's cells with the person it was held against. The answer counts for a row that
    /// still gives this mark.
    pub subject: String,
    /// The row of the commission's list.
    pub row: String,
    /// The person that the row was held against; none: asked was which house its address means.
    pub person: Option<PersonId>,
    /// `same`, `distinct` or `cannot_tell`; of an address `house` or `no_house`.
    pub says: String,
    /// The house, for `house`.
    pub address: Option<String>,
    /// When it was decided.
    pub decided: Instant,
}

/// Table `references`: what a station may hold of a person; at most 4 fingers and a photograph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceRow {
    /// Whose.
    pub person: PersonId,
    /// What.
    pub reference: Reference,
}

/// A biometric reference for identification at a station.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// Minutiae of one finger, ISO/IEC 19794-2:2005.
    Finger {
        /// Which finger.
        position: FingerPosition,
        /// 1 the best.
        rank: u8,
        /// The record.
        minutiae: Vec<u8>,
    },
    /// A photograph, PNG or JPEG, at most 8 KiB.
    Photo(Vec<u8>),
}

/// Every table of a snapshot in memory; rows in any order.
///
/// For a small country and tests; a national snapshot is written and read row by row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SnapshotTables {
    /// Table `persons`.
    pub persons: Vec<PersonRow>,
    /// Table `documents`.
    pub documents: Vec<DocumentRow>,
    /// Table `addresses`.
    pub addresses: Vec<AddressRow>,
    /// Table `street_names`.
    pub street_names: Vec<StreetNameRow>,
    /// Table `second_addresses`.
    pub second_addresses: Vec<SecondAddressRow>,
    /// Table `residences`.
    pub residences: Vec<ResidenceRow>,
    /// Table `civil_events`.
    pub civil_events: Vec<CivilEventRow>,
    /// Table `enrolments`.
    pub enrolments: Vec<EnrolmentRow>,
    /// Table `precincts`.
    pub precincts: Vec<PrecinctRow>,
    /// Table `boundaries`.
    pub boundaries: Vec<BoundaryRow>,
    /// Table `claims`.
    pub claims: Vec<ClaimRow>,
    /// Table `commission`.
    pub commission: Vec<CommissionRow>,
    /// Table `review_answers`.
    pub review_answers: Vec<ReviewAnswerRow>,
    /// Table `references`.
    pub references: Vec<ReferenceRow>,
}
