//! The columns of the snapshot's tables.

use lexicon::handover::snapshot::{
    AddressRow, BoundaryRow, CivilEventRow, ClaimRow, CommissionRow, DocumentRow, EnrolmentRow,
    Extent, PersonRow, PrecinctRow, Reference, ReferenceRow, ResidenceRow, ReviewAnswerRow,
    SecondAddressRow, StreetNameRow,
};
use lexicon::{CivilName, DocumentNumber, FingerPosition, Instant, NameParts, Pin, PrecinctCode};

use crate::columns::{CellError, Column, Kind, Put, ReadRow, Row, Take, may, must};

fn precinct(number: u32) -> Result<PrecinctCode, CellError> {
    Ok(PrecinctCode::new(u16::try_from(number)?)?)
}

fn refuse<T>(why: &str) -> Result<T, CellError> {
    Err(CellError(why.to_owned()))
}

impl Row for PersonRow {
    const TABLE: &'static str = "persons";
    const COLUMNS: &'static [Column] = &[
        must("person", Kind::Text),
        may("pin", Kind::Text),
        must("surname", Kind::Text),
        must("given", Kind::Text),
        must("patronymic", Kind::Text),
        must("sex", Kind::Text),
        must("born", Kind::Text),
        must("citizenship", Kind::Text),
        must("standing", Kind::Text),
        may("duplicate_of", Kind::Text),
        may("died", Kind::Text),
        must("pin_conflict", Kind::Flag),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        cells
            .shown(self.person)
            .text(self.pin.map(Pin::digits).as_deref())
            .text(self.name.surname())
            .text(self.name.given())
            .text(self.name.patronymic())
            .shown(self.sex.letter())
            .shown(self.born)
            .text(self.citizenship.as_str())
            .text(self.standing.as_str())
            .shown_if(self.duplicate_of)
            .shown_if(self.died)
            .flag(self.pin_conflict);
    }
}

impl ReadRow for PersonRow {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        let person = cells.parsed()?;
        let pin = match cells.text_if() {
            // The register parsed the number; here only its shape is looked at again.
            Some(digits) if digits.len() == 14 => Some(Pin::from_stored(digits.parse()?)),
            Some(_) => return refuse("a PIN has 14 digits"),
            None => None,
        };
        let parts = NameParts {
            surname: cells.text()?,
            given: cells.text()?,
            patronymic: cells.text()?,
        };
        Ok(Self {
            person,
            pin,
            name: CivilName::parse(parts)?,
            sex: cells.parsed()?,
            born: cells.parsed()?,
            citizenship: cells.text()?.to_owned(),
            standing: cells.text()?.to_owned(),
            duplicate_of: cells.parsed_if()?,
            died: cells.parsed_if()?,
            pin_conflict: cells.flag()?,
        })
    }
}

impl Row for DocumentRow {
    const TABLE: &'static str = "documents";
    const COLUMNS: &'static [Column] = &[
        must("number", Kind::Text),
        must("person", Kind::Text),
        must("issued", Kind::Text),
        may("expires", Kind::Text),
        must("status", Kind::Text),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        cells
            .text(self.number.as_str())
            .shown(self.person)
            .shown(self.issued)
            .shown_if(self.expires)
            .text(self.status.as_str());
    }
}

impl ReadRow for DocumentRow {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        Ok(Self {
            number: DocumentNumber::parse(cells.text()?)?,
            person: cells.parsed()?,
            issued: cells.parsed()?,
            expires: cells.parsed_if()?,
            status: cells.text()?.to_owned(),
        })
    }
}

impl Row for AddressRow {
    const TABLE: &'static str = "addresses";
    const COLUMNS: &'static [Column] = &[
        must("address", Kind::Text),
        must("soate", Kind::Text),
        must("street", Kind::Text),
        must("street_name", Kind::Text),
        must("house", Kind::Text),
        must("lon_microdegrees", Kind::Signed),
        must("lat_microdegrees", Kind::Signed),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        cells
            .text(self.address.as_str())
            .shown(self.soate)
            .text(self.street.as_str())
            .text(self.street_name.as_str())
            .text(self.house.as_str())
            .signed(self.lon_microdegrees)
            .signed(self.lat_microdegrees);
    }
}

impl ReadRow for AddressRow {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        Ok(Self {
            address: cells.text()?.to_owned(),
            soate: cells.parsed()?,
            street: cells.text()?.to_owned(),
            street_name: cells.text()?.to_owned(),
            house: cells.text()?.to_owned(),
            lon_microdegrees: cells.signed()?,
            lat_microdegrees: cells.signed()?,
        })
    }
}

impl Row for StreetNameRow {
    const TABLE: &'static str = "street_names";
    const COLUMNS: &'static [Column] = &[
        must("street", Kind::Text),
        must("name", Kind::Text),
        may("from", Kind::Text),
        may("until", Kind::Text),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        cells
            .text(self.street.as_str())
            .text(self.name.as_str())
            .shown_if(self.from)
            .shown_if(self.until);
    }
}

impl ReadRow for StreetNameRow {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        Ok(Self {
            street: cells.text()?.to_owned(),
            name: cells.text()?.to_owned(),
            from: cells.parsed_if()?,
            until: cells.parsed_if()?,
        })
    }
}

impl Row for SecondAddressRow {
    const TABLE: &'static str = "second_addresses";
    const COLUMNS: &'static [Column] = &[
        must("address", Kind::Text),
        must("soate", Kind::Text),
        must("street", Kind::Text),
        must("street_name", Kind::Text),
        must("house", Kind::Text),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        cells
            .text(self.address.as_str())
            .shown(self.soate)
            .text(self.street.as_str())
            .text(self.street_name.as_str())
            .text(self.house.as_str());
    }
}

impl ReadRow for SecondAddressRow {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        Ok(Self {
            address: cells.text()?.to_owned(),
            soate: cells.parsed()?,
            street: cells.text()?.to_owned(),
            street_name: cells.text()?.to_owned(),
            house: cells.text()?.to_owned(),
        })
    }
}

impl Row for ResidenceRow {
    const TABLE: &'static str = "residences";
    const COLUMNS: &'static [Column] = &[
        must("person", Kind::Text),
        must("address", Kind::Text),
        must("kind", Kind::Text),
        must("from", Kind::Text),
        may("until", Kind::Text),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        cells
            .shown(self.person)
            .text(self.address.as_str())
            .text(self.kind.as_str())
            .shown(self.from)
            .shown_if(self.until);
    }
}

impl ReadRow for ResidenceRow {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        Ok(Self {
            person: cells.parsed()?,
            address: cells.text()?.to_owned(),
            kind: cells.text()?.to_owned(),
            from: cells.parsed()?,
            until: cells.parsed_if()?,
        })
    }
}

impl Row for CivilEventRow {
    const TABLE: &'static str = "civil_events";
    const COLUMNS: &'static [Column] = &[
        must("event", Kind::Text),
        must("person", Kind::Text),
        must("kind", Kind::Text),
        must("date", Kind::Text),
        must("act", Kind::Text),
        must("surname", Kind::Text),
        must("given", Kind::Text),
        must("patronymic", Kind::Text),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        cells
            .text(self.event.as_str())
            .shown(self.person)
            .text(self.kind.as_str())
            .shown(self.date)
            .text(self.act.as_str())
            .text(self.surname.as_str())
            .text(self.given.as_str())
            .text(self.patronymic.as_str());
    }
}

impl ReadRow for CivilEventRow {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        Ok(Self {
            event: cells.text()?.to_owned(),
            person: cells.parsed()?,
            kind: cells.text()?.to_owned(),
            date: cells.parsed()?,
            act: cells.text()?.to_owned(),
            surname: cells.text()?.to_owned(),
            given: cells.text()?.to_owned(),
            patronymic: cells.text()?.to_owned(),
        })
    }
}

impl Row for EnrolmentRow {
    const TABLE: &'static str = "enrolments";
    const COLUMNS: &'static [Column] = &[
        must("enrolment", Kind::Text),
        must("person", Kind::Text),
        must("captured", Kind::Text),
        may("processed", Kind::Text),
        must("region", Kind::Text),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        cells
            .text(self.enrolment.as_str())
            .shown(self.person)
            .shown(self.captured)
            .shown_if(self.processed)
            .text(self.region.as_str());
    }
}

impl ReadRow for EnrolmentRow {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        Ok(Self {
            enrolment: cells.text()?.to_owned(),
            person: cells.parsed()?,
            captured: cells.parsed()?,
            processed: cells.parsed_if()?,
            region: cells.text()?.to_owned(),
        })
    }
}

impl Row for PrecinctRow {
    const TABLE: &'static str = "precincts";
    const COLUMNS: &'static [Column] = &[
        must("precinct", Kind::Number),
        must("kind", Kind::Text),
        must("region", Kind::Text),
        must("soate", Kind::Text),
        must("address_ky", Kind::Text),
        must("address_ru", Kind::Text),
        must("lon_microdegrees", Kind::Signed),
        must("lat_microdegrees", Kind::Signed),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        cells
            .number(u32::from(self.precinct.number()))
            .text(self.kind.as_str())
            .text(self.region.as_str())
            .shown(self.soate)
            .text(self.address_ky.as_str())
            .text(self.address_ru.as_str())
            .signed(self.lon_microdegrees)
            .signed(self.lat_microdegrees);
    }
}

impl ReadRow for PrecinctRow {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        Ok(Self {
            precinct: precinct(cells.number()?)?,
            kind: cells.text()?.to_owned(),
            region: cells.text()?.to_owned(),
            soate: cells.parsed()?,
            address_ky: cells.text()?.to_owned(),
            address_ru: cells.text()?.to_owned(),
            lon_microdegrees: cells.signed()?,
            lat_microdegrees: cells.signed()?,
        })
    }
}

impl Row for BoundaryRow {
    const TABLE: &'static str = "boundaries";
    const COLUMNS: &'static [Column] = &[
        must("precinct", Kind::Number),
        may("geojson", Kind::Text),
        may("street", Kind::Text),
        may("parity", Kind::Text),
        may("house_from", Kind::Number),
        may("house_to", Kind::Number),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        cells.number(u32::from(self.precinct.number()));
        match &self.extent {
            Extent::Polygon(text) => cells
                .text(text.as_str())
                .text(None)
                .text(None)
                .number(None)
                .number(None),
            Extent::Range {
                street,
                parity,
                from,
                to,
            } => cells
                .text(None)
                .text(street.as_str())
                .text(parity.as_str())
                .number(*from)
                .number(*to),
        };
    }
}

impl ReadRow for BoundaryRow {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        let precinct = precinct(cells.number()?)?;
        let extent = match cells.text_if() {
            Some(text) => Extent::Polygon(text.to_owned()),
            None => Extent::Range {
                street: cells.text()?.to_owned(),
                parity: cells.text()?.to_owned(),
                from: cells.number()?,
                to: cells.number()?,
            },
        };
        Ok(Self { precinct, extent })
    }
}

impl Row for ClaimRow {
    const TABLE: &'static str = "claims";
    const COLUMNS: &'static [Column] = &[
        must("claim", Kind::Text),
        must("kind", Kind::Text),
        may("person", Kind::Text),
        must("filed", Kind::Moment),
        may("target", Kind::Number),
        must("field", Kind::Text),
        must("value", Kind::Text),
        must("identified", Kind::Flag),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        cells
            .text(self.claim.as_str())
            .text(self.kind.as_str())
            .shown_if(self.person)
            .moment(self.filed.micros())
            .number(self.target.map(|p| u32::from(p.number())))
            .text(self.field.as_str())
            .text(self.value.as_str())
            .flag(self.identified);
    }
}

impl ReadRow for ClaimRow {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        Ok(Self {
            claim: cells.text()?.to_owned(),
            kind: cells.text()?.to_owned(),
            person: cells.parsed_if()?,
            filed: Instant::from_micros(cells.moment()?),
            target: cells.number_if().map(precinct).transpose()?,
            field: cells.text()?.to_owned(),
            value: cells.text()?.to_owned(),
            identified: cells.flag()?,
        })
    }
}

impl Row for CommissionRow {
    const TABLE: &'static str = "commission";
    const COLUMNS: &'static [Column] = &[
        must("row", Kind::Text),
        must("pin", Kind::Text),
        must("surname", Kind::Text),
        must("given", Kind::Text),
        must("patronymic", Kind::Text),
        must("born", Kind::Text),
        must("address", Kind::Text),
        must("precinct", Kind::Text),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        cells
            .text(self.row.as_str())
            .text(self.pin.as_str())
            .text(self.surname.as_str())
            .text(self.given.as_str())
            .text(self.patronymic.as_str())
            .text(self.born.as_str())
            .text(self.address.as_str())
            .text(self.precinct.as_str());
    }
}

impl ReadRow for CommissionRow {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        Ok(Self {
            row: cells.text()?.to_owned(),
            pin: cells.text()?.to_owned(),
            surname: cells.text()?.to_owned(),
            given: cells.text()?.to_owned(),
            patronymic: cells.text()?.to_owned(),
            born: cells.text()?.to_owned(),
            address: cells.text()?.to_owned(),
            precinct: cells.text()?.to_owned(),
        })
    }
}

impl Row for ReviewAnswerRow {
    const TABLE: &'static str = "review_answers";
    const COLUMNS: &'static [Column] = &[
        must("subject", Kind::Text),
        must("row", Kind::Text),
        may("person", Kind::Text),
        must("says", Kind::Text),
        may("address", Kind::Text),
        must("decided", Kind::Moment),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        cells
            .text(self.subject.as_str())
            .text(self.row.as_str())
            .shown_if(self.person)
            .text(self.says.as_str())
            .text(self.address.as_deref())
            .moment(self.decided.micros());
    }
}

impl ReadRow for ReviewAnswerRow {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        Ok(Self {
            subject: cells.text()?.to_owned(),
            row: cells.text()?.to_owned(),
            person: cells.parsed_if()?,
            says: cells.text()?.to_owned(),
            address: cells.text_if().map(str::to_owned),
            decided: Instant::from_micros(cells.moment()?),
        })
    }
}

impl Row for ReferenceRow {
    const TABLE: &'static str = "references";
    const COLUMNS: &'static [Column] = &[
        must("person", Kind::Text),
        may("finger", Kind::Number),
        may("rank", Kind::Number),
        must("data", Kind::Bytes),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        cells.shown(self.person);
        match &self.reference {
            Reference::Finger {
                position,
                rank,
                minutiae,
            } => cells
                .number(u32::from(position.number()))
                .number(u32::from(*rank))
                .bytes(minutiae.as_slice()),
            Reference::Photo(image) => cells.number(None).number(None).bytes(image.as_slice()),
        };
    }
}

impl ReadRow for ReferenceRow {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        let person = cells.parsed()?;
        let (finger, rank) = (cells.number_if(), cells.number_if());
        let data = cells.bytes()?.to_vec();
        let reference = match (finger, rank) {
            (Some(finger), Some(rank)) => {
                let position = FingerPosition::new(u8::try_from(finger)?)
                    .ok_or_else(|| CellError("a finger is 1 to 10".to_owned()))?;
                Reference::Finger {
                    position,
                    rank: u8::try_from(rank)?,
                    minutiae: data,
                }
            }
            (None, None) => Reference::Photo(data),
            (Some(_), None) | (None, Some(_)) => return refuse("finger and rank go together"),
        };
        Ok(Self { person, reference })
    }
}
