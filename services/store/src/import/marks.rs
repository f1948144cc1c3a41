//! Content marks of rows that become no act of their own: with them a repeated import knows them again.

use lexicon::handover::snapshot::{
    AddressRow, BoundaryRow, CommissionRow, Extent, PrecinctRow, SecondAddressRow,
};
use lexicon::{CivilName, PersonId};
use register::door::rows;

use crate::tables::content_mark;

pub(super) fn mark_of_person(row: &rows::Person) -> i64 {
    let name = [row.name.surname(), row.name.given(), row.name.patronymic()].map(str::as_bytes);
    content_mark(&[
        row.pin
            .map(lexicon::Pin::digits)
            .unwrap_or_default()
            .as_bytes(),
        name[0],
        name[1],
        name[2],
        row.sex.letter().to_string().as_bytes(),
        row.born.to_string().as_bytes(),
        row.citizenship.as_bytes(),
    ])
}

pub(super) fn mark_of_correction(person: PersonId, row: &rows::CorrectionRow) -> i64 {
    let name = row.name.as_ref();
    let part = |take: fn(&CivilName) -> &str| name.map_or("", take).as_bytes();
    content_mark(&[
        person.as_bytes(),
        row.day.to_string().as_bytes(),
        row.act_number.as_bytes(),
        row.born
            .map(|born| born.to_string())
            .unwrap_or_default()
            .as_bytes(),
        part(CivilName::surname),
        part(CivilName::given),
        part(CivilName::patronymic),
    ])
}

pub(super) fn mark_of_address(row: &AddressRow) -> i64 {
    content_mark(&[
        &row.soate.as_u64().to_be_bytes(),
        row.street.as_bytes(),
        row.street_name.as_bytes(),
        row.house.as_bytes(),
        &row.lon_microdegrees.to_be_bytes(),
        &row.lat_microdegrees.to_be_bytes(),
    ])
}

pub(super) fn mark_of_second_address(row: &SecondAddressRow) -> i64 {
    content_mark(&[
        &row.soate.as_u64().to_be_bytes(),
        row.street.as_bytes(),
        row.street_name.as_bytes(),
        row.house.as_bytes(),
    ])
}

pub(super) fn mark_of_precinct(row: &PrecinctRow) -> i64 {
    content_mark(&[
        row.kind.as_bytes(),
        row.region.as_bytes(),
        &row.soate.as_u64().to_be_bytes(),
        row.address_ky.as_bytes(),
        row.address_ru.as_bytes(),
        &row.lon_microdegrees.to_be_bytes(),
        &row.lat_microdegrees.to_be_bytes(),
    ])
}

pub(super) fn mark_of_boundary(row: &BoundaryRow) -> i64 {
    match &row.extent {
        Extent::Polygon(text) => content_mark(&[text.as_bytes()]),
        Extent::Range {
            street,
            parity,
            from,
            to,
        } => content_mark(&[
            street.as_bytes(),
            parity.as_bytes(),
            &from.to_be_bytes(),
            &to.to_be_bytes(),
        ]),
    }
}

pub(super) fn mark_of_commission(row: &CommissionRow) -> i64 {
    let cells = [
        &row.pin,
        &row.surname,
        &row.given,
        &row.patronymic,
        &row.born,
        &row.address,
        &row.precinct,
    ];
    content_mark(&cells.map(|cell| cell.as_bytes()))
}

pub(super) fn mark_of_claim(row: &rows::Claim) -> i64 {
    content_mark(&[
        row.kind.code().as_bytes(),
        &row.pin.as_u64().to_be_bytes(),
        &row.filed.micros().to_be_bytes(),
        &row.target
            .map_or(0, lexicon::PrecinctCode::number)
            .to_be_bytes(),
        row.field.as_bytes(),
        row.value.as_bytes(),
        &[u8::from(row.identified)],
    ])
}
