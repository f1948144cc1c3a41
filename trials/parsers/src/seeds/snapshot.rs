//! The image of a small snapshot, as a run keeps it for the next.

use lexicon::handover::snapshot::{
    AddressRow, BoundaryRow, CivilEventRow, ClaimRow, CommissionRow, DocumentRow, EnrolmentRow,
    Extent, PersonRow, PrecinctRow, ResidenceRow, SecondAddressRow, SnapshotTables, StreetNameRow,
};
use lexicon::{
    CivilName, Date, DocumentNumber, ElectionLaw, Instant, NameParts, PersonId, Pin, PrecinctCode,
    Sex,
};
use roll::snapshot::image::Part;
use roll::{Snapshot, SnapshotBuilder};

/// A snapshot of two persons with a row of each table.
pub fn sample_snapshot() -> Snapshot {
    let day = |text: &str| text.parse::<Date>().expect("a date");
    let person = |name: &str| PersonId::of_source("sample", name);
    let row = |name: &str, standing: &str, duplicate_of| PersonRow {
        person: person(name),
        pin: Some(Pin::from_stored(20_905_198_000_017)),
        name: CivilName::parse(NameParts {
            surname: name,
            given: "Айгүл",
            patronymic: "Асановна",
        })
        .expect("a name"),
        sex: Sex::Female,
        born: day("1980-05-09"),
        citizenship: "KGZ".to_owned(),
        standing: standing.to_owned(),
        duplicate_of,
        died: None,
        pin_conflict: false,
    };
    let precinct = PrecinctCode::new(1001).expect("a precinct");
    let tables = SnapshotTables {
        persons: vec![
            row("Асанова", "unique", None),
            row("Үсөнова", "duplicate", Some(person("Асанова"))),
        ],
        documents: vec![DocumentRow {
            number: DocumentNumber::parse("AN0000001").expect("a number"),
            person: person("Асанова"),
            issued: day("2010-01-01"),
            expires: None,
            status: "valid".to_owned(),
        }],
        addresses: vec![AddressRow {
            address: "a1".to_owned(),
            soate: "41711000000000".parse().expect("a place"),
            street: "s1".to_owned(),
            street_name: "Манас".to_owned(),
            house: "1".to_owned(),
            lon_microdegrees: 74_505_000,
            lat_microdegrees: 42_805_000,
        }],
        street_names: vec![StreetNameRow {
            street: "s1".to_owned(),
            name: "ул. Правды".to_owned(),
            from: None,
            until: Some(day("1993-01-01")),
        }],
        second_addresses: vec![SecondAddressRow {
            address: "a1".to_owned(),
            soate: "41711000000000".parse().expect("a place"),
            street: "s2".to_owned(),
            street_name: "Чүй проспектиси".to_owned(),
            house: "7".to_owned(),
        }],
        residences: vec![ResidenceRow {
            person: person("Асанова"),
            address: "a1".to_owned(),
            kind: "residence".to_owned(),
            from: day("2010-01-01"),
            until: None,
        }],
        civil_events: vec![CivilEventRow {
            event: "e1".to_owned(),
            person: person("Үсөнова"),
            kind: "name_change".to_owned(),
            date: day("2012-01-01"),
            act: "№ 1".to_owned(),
            surname: "Үсөнова".to_owned(),
            given: "Айгүл".to_owned(),
            patronymic: String::new(),
        }],
        enrolments: vec![EnrolmentRow {
            enrolment: "n1".to_owned(),
            person: person("Асанова"),
            captured: day("2014-12-01"),
            processed: Some(day("2014-12-20")),
            region: "bishkek".to_owned(),
        }],
        precincts: vec![PrecinctRow {
            precinct,
            kind: "territorial".to_owned(),
            region: "bishkek".to_owned(),
            soate: "41711000000000".parse().expect("a place"),
            address_ky: "мектеп".to_owned(),
            address_ru: "школа".to_owned(),
            lon_microdegrees: 74_500_000,
            lat_microdegrees: 42_800_000,
        }],
        boundaries: vec![BoundaryRow {
            precinct,
            extent: Extent::Range {
                street: "s1".to_owned(),
                parity: "all".to_owned(),
                from: 1,
                to: 9,
            },
        }],
        claims: vec![ClaimRow {
            claim: "c1".to_owned(),
            kind: "form2".to_owned(),
            person: Some(person("Асанова")),
            filed: Instant::from_micros(1_441_000_000_000_000),
            target: Some(precinct),
            field: String::new(),
            value: String::new(),
            identified: true,
        }],
        commission: vec![CommissionRow {
            row: "r1".to_owned(),
            pin: "20905198000017".to_owned(),
            surname: "Асанова".to_owned(),
            given: "Айгул".to_owned(),
            patronymic: String::new(),
            born: "1980-05-09".to_owned(),
            address: "Манас, 1".to_owned(),
            precinct: "1001".to_owned(),
        }],
        ..SnapshotTables::default()
    };
    SnapshotBuilder::tables(&tables).expect("the sample fits together")
}

/// Every part of the image of a small snapshot, and its reconciliation.
pub fn snapshot_images() -> Vec<Vec<u8>> {
    let snapshot = sample_snapshot();
    let law = ElectionLaw::shipped("kg-2015").expect("a shipped law");
    let roll = roll::form(&snapshot, &law).expect("a list");
    let found = roll::reconcile::reconcile(&snapshot, &roll, &law);
    let parts = Part::ALL.map(|part| snapshot.image(part));
    let all = parts
        .into_iter()
        .chain([roll::reconcile::image::image(&found)]);
    (0u8..)
        .zip(all)
        .map(|(at, bytes)| [vec![at], bytes].concat())
        .collect()
}
