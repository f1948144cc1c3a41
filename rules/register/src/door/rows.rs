//! One parser for each import table.

use lexicon::handover::snapshot::{
    AddressRow, BoundaryRow, CommissionRow, Extent, PrecinctRow, SecondAddressRow, StreetNameRow,
};
use lexicon::person::NameParts;
use lexicon::{
    CivilName, Date, DocumentNumber, FingerPosition, Instant, Pin, PrecinctCode, Sex, Soate,
};

use super::{Reason, Reject, Row};
use crate::act::{CivilEvent, Document, Enrolment, Residence};
use crate::words::{
    CivilEventKind, ClaimKind, DocumentStatus, PrecinctKind, Region, ResidenceKind,
};

/// Largest photograph, bytes: a station package holds no larger one.
pub const PHOTO_MAX_BYTES: usize = 8_192;

/// A row of `persons`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The source's row id.
    pub source_row: String,
    /// PIN, if assigned.
    pub pin: Option<Pin>,
    /// Name.
    pub name: CivilName,
    /// Sex.
    pub sex: Sex,
    /// Birth date.
    pub born: Date,
    /// ISO 3166-1 alpha-3.
    pub citizenship: String,
    /// When the source recorded it.
    pub recorded_at: Option<Instant>,
}

impl Person {
    /// True when the PIN's own sex or birth date differs from the record: a finding, not a refusal.
    #[must_use]
    pub fn pin_disagrees(&self) -> bool {
        self.pin
            .is_some_and(|pin| pin.sex() != Some(self.sex) || pin.birth_date() != Some(self.born))
    }
}

/// A typed row that names a person of the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfPerson<T> {
    /// The source's person row id.
    pub source_row: String,
    /// The row.
    pub row: T,
}

/// A row of `prints`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Print {
    /// Which enrolment.
    pub enrolment: String,
    /// Which finger.
    pub finger: FingerPosition,
    /// The record, or where its image is.
    pub source: Bytes,
}

/// Bytes given in the row, or the name of a file below the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bytes {
    /// In the row.
    Given(Vec<u8>),
    /// Path relative to the folder; no `..`, not absolute.
    File(String),
}

/// A row of `photos`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Photo {
    /// Which enrolment.
    pub enrolment: String,
    /// PNG or JPEG, or where it is.
    pub source: Bytes,
}

/// A row of `claims`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The source's id.
    pub claim: String,
    /// What is asked.
    pub kind: ClaimKind,
    /// The applicant's PIN.
    pub pin: Pin,
    /// When it was filed.
    pub filed: Instant,
    /// Precinct wanted, for `form2`.
    pub target: Option<PrecinctCode>,
    /// Field to correct.
    pub field: String,
    /// Value claimed.
    pub value: String,
    /// Whether the applicant was identified at the desk.
    pub identified: bool,
}

/// Parses a row of `persons`; `today` bounds dates.
///
/// # Errors
/// [`Reject`] naming the first field that fails.
pub fn person(row: &Row<'_>, today: Date) -> Result<Person, Reject> {
    Ok(Person {
        source_row: row.required("person_id")?.to_owned(),
        pin: optional(row, "pin", |text| Ok(Pin::parse(text, today)?))?,
        name: name(row)?.ok_or(Reject {
            field: "surname",
            reason: lexicon::person::ParsePersonError::EmptyName.into(),
        })?,
        sex: field(row, "sex", |text| Ok(text.parse::<Sex>()?))?,
        born: past_day(row, "birth_date", today)?,
        citizenship: field(row, "citizenship", country)?,
        recorded_at: optional(row, "recorded_at", moment)?,
    })
}

/// Parses a row of `addresses`.
///
/// # Errors
/// [`Reject`] naming the first field that fails.
pub fn address(row: &Row<'_>) -> Result<AddressRow, Reject> {
    Ok(AddressRow {
        address: row.required("address_id")?.to_owned(),
        soate: field(row, "soate", |text| Ok(text.parse::<Soate>()?))?,
        street: row.required("street_id")?.to_owned(),
        street_name: row.required("street_name")?.to_owned(),
        house: row.required("house")?.to_owned(),
        lon_microdegrees: field(row, "lon", |text| microdegrees(text, 180.0))?,
        lat_microdegrees: field(row, "lat", |text| microdegrees(text, 90.0))?,
    })
}

/// Parses a row of `street_names`. Whether the name stands beside the street's others, `street::settle` says.
///
/// # Errors
/// [`Reject`] naming the first field that fails.
pub fn street_name(row: &Row<'_>) -> Result<StreetNameRow, Reject> {
    let from = optional(row, "from", day)?;
    Ok(StreetNameRow {
        street: row.required("street_id")?.to_owned(),
        name: row.required("name")?.to_owned(),
        from,
        until: match from {
            Some(first) => later_day(row, "until", first)?,
            None => optional(row, "until", day)?,
        },
    })
}

/// Parses a row of `second_addresses`.
///
/// # Errors
/// [`Reject`] naming the first field that fails.
pub fn second_address(row: &Row<'_>) -> Result<SecondAddressRow, Reject> {
    Ok(SecondAddressRow {
        address: row.required("address_id")?.to_owned(),
        soate: field(row, "soate", |text| Ok(text.parse::<Soate>()?))?,
        street: row.required("street_id")?.to_owned(),
        street_name: row.required("street_name")?.to_owned(),
        house: row.required("house")?.to_owned(),
    })
}

/// Parses a row of `documents`.
///
/// # Errors
/// [`Reject`] naming the first field that fails.
pub fn document(row: &Row<'_>, today: Date) -> Result<OfPerson<Document>, Reject> {
    let issued = past_day(row, "issued", today)?;
    Ok(OfPerson {
        source_row: row.required("person_id")?.to_owned(),
        row: Document {
            number: field(row, "number", |text| Ok(DocumentNumber::parse(text)?))?,
            issued,
            expires: later_day(row, "expires", issued)?,
            status: field(row, "status", |text| {
                listed(text, DocumentStatus::from_code)
            })?,
        },
    })
}

/// Parses a row of `residences`.
///
/// # Errors
/// [`Reject`] naming the first field that fails.
pub fn residence(row: &Row<'_>) -> Result<OfPerson<Residence>, Reject> {
    let from = field(row, "from", day)?;
    Ok(OfPerson {
        source_row: row.required("person_id")?.to_owned(),
        row: Residence {
            address: row.required("address_id")?.to_owned(),
            kind: field(row, "kind", |text| listed(text, ResidenceKind::from_code))?,
            from,
            until: later_day(row, "until", from)?,
        },
    })
}

/// Parses a row of `civil_events`.
///
/// # Errors
/// [`Reject`] naming the first field that fails.
pub fn civil_event(row: &Row<'_>, today: Date) -> Result<OfPerson<CivilEvent>, Reject> {
    let kind = field(row, "kind", |text| listed(text, CivilEventKind::from_code))?;
    let name = match kind {
        CivilEventKind::NameChange => Some(name(row)?.ok_or(Reject {
            field: "surname",
            reason: lexicon::person::ParsePersonError::EmptyName.into(),
        })?),
        CivilEventKind::Death | CivilEventKind::CitizenshipLoss | CivilEventKind::Court => None,
    };
    Ok(OfPerson {
        source_row: row.required("person_id")?.to_owned(),
        row: CivilEvent {
            event: row.required("event_id")?.to_owned(),
            kind,
            day: past_day(row, "date", today)?,
            act_number: row.required("act")?.to_owned(),
            name,
        },
    })
}

/// What a correction of the civil registry says, before it is held against the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorrectionRow {
    /// The source's id.
    pub event: String,
    /// On which day the act was made.
    pub day: Date,
    /// Number of the act record.
    pub act_number: String,
    /// The right birth date, where it was wrong.
    pub born: Option<Date>,
    /// The right name, where it was wrong.
    pub name: Option<CivilName>,
}

/// A row of `civil_events`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CivilAct {
    /// Something happened on a day.
    Event(CivilEvent),
    /// A record was wrong since birth.
    Correction(CorrectionRow),
}

/// Value of `kind` in `civil_events` for [`CivilAct::Correction`].
pub const CORRECTION: &str = "correction";

/// Parses a row of `civil_events` of any kind.
///
/// # Errors
/// [`Reject`] naming the first field that fails; [`Reason::Empty`] when a correction corrects nothing.
pub fn civil_act(row: &Row<'_>, today: Date) -> Result<OfPerson<CivilAct>, Reject> {
    if row.text("kind")? != CORRECTION {
        let event = civil_event(row, today)?;
        return Ok(OfPerson {
            source_row: event.source_row,
            row: CivilAct::Event(event.row),
        });
    }
    let born = match row.text("birth_date")? {
        "" => None,
        _ => Some(past_day(row, "birth_date", today)?),
    };
    let name = name(row)?;
    if born.is_none() && name.is_none() {
        return Err(Reject::of("birth_date", Reason::Empty));
    }
    Ok(OfPerson {
        source_row: row.required("person_id")?.to_owned(),
        row: CivilAct::Correction(CorrectionRow {
            event: row.required("event_id")?.to_owned(),
            day: past_day(row, "date", today)?,
            act_number: row.required("act")?.to_owned(),
            born,
            name,
        }),
    })
}

/// The column `changed`: the day from which what the row now says holds; none where it is empty or absent.
///
/// # Errors
/// [`Reject`] when it is no day, or one that has not come.
pub fn changed(row: &Row<'_>, today: Date) -> Result<Option<Date>, Reject> {
    match row.text("changed")? {
        "" => Ok(None),
        _ => past_day(row, "changed", today).map(Some),
    }
}

/// Parses a row of `enrolments`.
///
/// # Errors
/// [`Reject`] naming the first field that fails.
pub fn enrolment(row: &Row<'_>, today: Date) -> Result<OfPerson<Enrolment>, Reject> {
    let captured = past_day(row, "captured", today)?;
    Ok(OfPerson {
        source_row: row.required("person_id")?.to_owned(),
        row: Enrolment {
            enrolment: row.required("enrolment_id")?.to_owned(),
            captured,
            processed: later_day(row, "processed", captured)?,
            region: field(row, "region", |text| listed(text, Region::from_code))?,
            kit: row.text("kit")?.to_owned(),
            operator: row.text("operator")?.to_owned(),
        },
    })
}

/// Parses a row of `prints`. The record itself is read by `fingerprint`, not here.
///
/// # Errors
/// [`Reject`] naming the first field that fails.
pub fn print(row: &Row<'_>) -> Result<Print, Reject> {
    let finger = field(row, "finger", |text| {
        text.parse()
            .ok()
            .and_then(FingerPosition::new)
            .ok_or(Reason::Finger)
    })?;
    let source = bytes_or_file(row, "minutiae")?;
    if let Bytes::Given(bytes) = &source
        && !bytes.starts_with(b"FMR\0 20\0")
    {
        return Err(Reject {
            field: "minutiae",
            reason: Reason::Minutiae,
        });
    }
    Ok(Print {
        enrolment: row.required("enrolment_id")?.to_owned(),
        finger,
        source,
    })
}

/// Parses a row of `photos`.
///
/// # Errors
/// [`Reject`] naming the first field that fails.
pub fn photo(row: &Row<'_>) -> Result<Photo, Reject> {
    let source = bytes_or_file(row, "image")?;
    if let Bytes::Given(bytes) = &source {
        photo_bytes(bytes).map_err(|reason| Reject {
            field: "image",
            reason,
        })?;
    }
    Ok(Photo {
        enrolment: row.required("enrolment_id")?.to_owned(),
        source,
    })
}

/// Looks at size and first bytes of a photograph.
///
/// # Errors
/// [`Reason::PhotoSize`] above 8 KiB, [`Reason::Photo`] when it is neither PNG nor JPEG.
pub fn photo_bytes(bytes: &[u8]) -> Result<(), Reason> {
    if bytes.len() > PHOTO_MAX_BYTES {
        return Err(Reason::PhotoSize);
    }
    let png = bytes.starts_with(b"\x89PNG\r\n\x1a\n");
    let jpeg = bytes.starts_with(&[0xff, 0xd8, 0xff]);
    if png || jpeg {
        Ok(())
    } else {
        Err(Reason::Photo)
    }
}

/// Parses a row of `precincts`.
///
/// # Errors
/// [`Reject`] naming the first field that fails.
pub fn precinct(row: &Row<'_>) -> Result<PrecinctRow, Reject> {
    Ok(PrecinctRow {
        precinct: field(row, "precinct", |text| Ok(text.parse::<PrecinctCode>()?))?,
        kind: field(row, "kind", |text| listed(text, PrecinctKind::from_code))?
            .code()
            .to_owned(),
        region: field(row, "region", |text| listed(text, Region::from_code))?
            .code()
            .to_owned(),
        soate: field(row, "soate", |text| Ok(text.parse::<Soate>()?))?,
        address_ky: row.required("address_ky")?.to_owned(),
        address_ru: row.required("address_ru")?.to_owned(),
        lon_microdegrees: field(row, "lon", |text| microdegrees(text, 180.0))?,
        lat_microdegrees: field(row, "lat", |text| microdegrees(text, 90.0))?,
    })
}

/// Parses a row of `boundaries`. Rings are read by `roll`; here only the kind of geometry is seen.
///
/// # Errors
/// [`Reject`] naming the first field that fails.
pub fn boundary(row: &Row<'_>) -> Result<BoundaryRow, Reject> {
    let precinct = field(row, "precinct", |text| Ok(text.parse::<PrecinctCode>()?))?;
    let geojson = row.long_text("geojson")?;
    let street = row.text("street_id")?;
    let extent = match (geojson.is_empty(), street.is_empty()) {
        (false, true) => {
            let polygon = geojson.starts_with('{')
                && geojson.ends_with('}')
                && geojson.contains("\"coordinates\"")
                && (geojson.contains("\"Polygon\"") || geojson.contains("\"MultiPolygon\""));
            if !polygon {
                return Err(Reject {
                    field: "geojson",
                    reason: Reason::Geometry,
                });
            }
            Extent::Polygon(geojson.to_owned())
        }
        (true, false) => {
            let from: u32 = field(row, "house_from", |text| {
                text.parse().map_err(|_| Reason::Number)
            })?;
            let to: u32 = field(row, "house_to", |text| {
                text.parse().map_err(|_| Reason::Number)
            })?;
            if to < from {
                return Err(Reject {
                    field: "house_to",
                    reason: Reason::Number,
                });
            }
            let parity = field(row, "parity", |text| match text {
                "all" | "odd" | "even" => Ok(text.to_owned()),
                _ => Err(Reason::NotListed),
            })?;
            Extent::Range {
                street: street.to_owned(),
                parity,
                from,
                to,
            }
        }
        (true, true) | (false, false) => {
            return Err(Reject {
                field: "geojson",
                reason: Reason::OneOfTwo,
            });
        }
    };
    Ok(BoundaryRow { precinct, extent })
}

/// Parses a row of `commission`: everything but the id is kept as written.
///
/// # Errors
/// [`Reject`] when the id is empty or a cell is no text.
pub fn commission(row: &Row<'_>) -> Result<CommissionRow, Reject> {
    Ok(CommissionRow {
        row: row.required("row_id")?.to_owned(),
        pin: row.text("pin")?.to_owned(),
        surname: row.text("surname")?.to_owned(),
        given: row.text("given")?.to_owned(),
        patronymic: row.text("patronymic")?.to_owned(),
        born: row.text("birth_date")?.to_owned(),
        address: row.text("address")?.to_owned(),
        precinct: row.text("precinct")?.to_owned(),
    })
}

/// Value of a Form 2 that takes back the earlier ones and names no precinct; the roll's word for it is the same.
const TAKES_BACK: &str = "cancel";

/// Parses a row of `claims`.
///
/// # Errors
/// [`Reject`] naming the first field that fails.
pub fn claim(row: &Row<'_>, today: Date) -> Result<Claim, Reject> {
    let kind = field(row, "kind", |text| listed(text, ClaimKind::from_code))?;
    let target = optional(row, "target_precinct", |text| {
        Ok(text.parse::<PrecinctCode>()?)
    })?;
    let subject = row.text("field")?;
    match kind {
        ClaimKind::Form2 if target.is_none() && row.text("value")? != TAKES_BACK => {
            return Err(Reject {
                field: "target_precinct",
                reason: Reason::Empty,
            });
        }
        ClaimKind::Correction
            if !matches!(
                subject,
                "surname" | "given" | "patronymic" | "born" | "address"
            ) =>
        {
            return Err(Reject {
                field: "field",
                reason: Reason::NotListed,
            });
        }
        ClaimKind::Form2 | ClaimKind::Correction | ClaimKind::Inclusion | ClaimKind::Exclusion => {}
    }
    Ok(Claim {
        claim: row.required("claim_id")?.to_owned(),
        kind,
        pin: field(row, "pin", |text| Ok(Pin::parse(text, today)?))?,
        filed: field(row, "filed", moment)?,
        target,
        field: subject.to_owned(),
        value: row.text("value")?.to_owned(),
        identified: field(row, "identified", |text| match text {
            "1" => Ok(true),
            "0" => Ok(false),
            _ => Err(Reason::NotListed),
        })?,
    })
}

fn field<T>(
    row: &Row<'_>,
    column: &'static str,
    parse: impl FnOnce(&str) -> Result<T, Reason>,
) -> Result<T, Reject> {
    parse(row.required(column)?).map_err(|reason| Reject {
        field: column,
        reason,
    })
}

fn optional<T>(
    row: &Row<'_>,
    column: &'static str,
    parse: impl FnOnce(&str) -> Result<T, Reason>,
) -> Result<Option<T>, Reject> {
    let text = row.text(column)?;
    if text.is_empty() {
        return Ok(None);
    }
    parse(text).map(Some).map_err(|reason| Reject {
        field: column,
        reason,
    })
}

fn name(row: &Row<'_>) -> Result<Option<CivilName>, Reject> {
    let parts = NameParts {
        surname: row.text("surname")?,
        given: row.text("given")?,
        patronymic: row.text("patronymic")?,
    };
    Ok(CivilName::parse(parts).ok())
}

fn bytes_or_file(row: &Row<'_>, column: &'static str) -> Result<Bytes, Reject> {
    let bytes = row.bytes(column)?;
    let file = row.text("file")?;
    match (bytes.is_empty(), file.is_empty()) {
        (false, true) => Ok(Bytes::Given(bytes)),
        (true, false) => {
            let below = !file.starts_with('/')
                && !file.contains('\\')
                && !file.contains(':')
                && file
                    .split('/')
                    .all(|part| !part.is_empty() && part != ".." && part != ".");
            if below {
                Ok(Bytes::File(file.to_owned()))
            } else {
                Err(Reject {
                    field: "file",
                    reason: Reason::File,
                })
            }
        }
        (true, true) | (false, false) => Err(Reject {
            field: column,
            reason: Reason::OneOfTwo,
        }),
    }
}

fn listed<T>(text: &str, from_code: fn(&str) -> Option<T>) -> Result<T, Reason> {
    from_code(text).ok_or(Reason::NotListed)
}

fn past_day(row: &Row<'_>, column: &'static str, today: Date) -> Result<Date, Reject> {
    let found = field(row, column, day)?;
    if found > today {
        Err(Reject {
            field: column,
            reason: Reason::DateRange,
        })
    } else {
        Ok(found)
    }
}

fn later_day(row: &Row<'_>, column: &'static str, first: Date) -> Result<Option<Date>, Reject> {
    match optional(row, column, day)? {
        Some(last) if last < first => Err(Reject {
            field: column,
            reason: Reason::DateOrder,
        }),
        found => Ok(found),
    }
}

/// Reads `YYYY-MM-DD` or `DD.MM.YYYY`, 1850 to 2200.
fn day(text: &str) -> Result<Date, Reason> {
    let bytes = text.as_bytes();
    let (y, m, d) = match bytes {
        [_, _, _, _, b'-', _, _, b'-', _, _] => (text.get(0..4), text.get(5..7), text.get(8..10)),
        [_, _, b'.', _, _, b'.', _, _, _, _] => (text.get(6..10), text.get(3..5), text.get(0..2)),
        _ => return Err(Reason::Date),
    };
    let number = |part: Option<&str>| -> Option<i16> {
        part.filter(|p| p.bytes().all(|b| b.is_ascii_digit()))?
            .parse()
            .ok()
    };
    let (Some(y), Some(m), Some(d)) = (number(y), number(m), number(d)) else {
        return Err(Reason::Date);
    };
    let (Ok(m), Ok(d)) = (i8::try_from(m), i8::try_from(d)) else {
        return Err(Reason::Date);
    };
    let day = Date::new(y, m, d).map_err(|_| Reason::Date)?;
    if (1850..=2200).contains(&y) {
        Ok(day)
    } else {
        Err(Reason::DateRange)
    }
}

fn moment(text: &str) -> Result<Instant, Reason> {
    Instant::parse(text).ok_or(Reason::Moment)
}

fn country(text: &str) -> Result<String, Reason> {
    let code = text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase());
    if code {
        Ok(text.to_owned())
    } else {
        Err(Reason::Country)
    }
}

/// Degrees as text to micro-degrees; a decimal comma is accepted.
fn microdegrees(text: &str, limit: f64) -> Result<i32, Reason> {
    let degrees: f64 = text
        .replace(',', ".")
        .parse()
        .map_err(|_| Reason::Coordinate)?;
    if !degrees.is_finite() || degrees.abs() > limit {
        return Err(Reason::Coordinate);
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "at most 180,000,000 after the line above"
    )]
    Ok((degrees * 1e6).round() as i32)
}
