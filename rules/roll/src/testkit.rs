//! A tiny country for tests: one call a fact.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use std::collections::BTreeSet;

use lexicon::handover::snapshot::{
    AddressRow, BoundaryRow, CivilEventRow, ClaimRow, CommissionRow, DocumentRow, EnrolmentRow,
    Extent, PersonRow, PrecinctRow, ResidenceRow, ReviewAnswerRow, SnapshotTables,
};
use lexicon::{
    CivilName, Date, DocumentNumber, ElectionLaw, Instant, NameParts, PersonId, Pin, PrecinctCode,
    Sex,
};

use crate::form::{Decision, Roll, form};
use crate::review::subject_of;
use crate::snapshot::{Changes, PersonAt, Replaced, Snapshot, SnapshotBuilder};

pub(crate) fn law() -> ElectionLaw {
    ElectionLaw::shipped("kg-2015").unwrap()
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn moment(text: &str) -> Instant {
    Instant::parse(&format!("{text}+06:00")).unwrap()
}

pub(crate) fn precinct(number: u16) -> PrecinctCode {
    PrecinctCode::new(number).unwrap()
}

pub(crate) fn id(name: &str) -> PersonId {
    PersonId::of_source("test", name)
}

/// Facts about a country of two precincts, 1001 (west) and 1002 (east), and an abroad one, 9001.
#[derive(Clone)]
pub(crate) struct Country {
    pub(crate) tables: SnapshotTables,
}

pub(crate) fn square(lon: i32, lat: i32, side: i32) -> String {
    let degrees = |v: i32| f64::from(v) / 1e6;
    let corners = [(0, 0), (side, 0), (side, side), (0, side), (0, 0)]
        .map(|(x, y)| format!("[{},{}]", degrees(lon + x), degrees(lat + y)));
    format!(
        r#"{{"type":"Polygon","coordinates":[[{}]]}}"#,
        corners.join(",")
    )
}

impl Country {
    pub(crate) fn new() -> Self {
        let mut country = Self {
            tables: SnapshotTables::default(),
        };
        for (number, kind) in [
            (1001, "territorial"),
            (1002, "territorial"),
            (9001, "abroad"),
        ] {
            country.precinct(number, kind);
        }
        country.polygon(1001, &square(74_500_000, 42_800_000, 10_000));
        country.polygon(1002, &square(74_510_000, 42_800_000, 10_000));
        country.house("w1", "Манас", "1", (74_505_000, 42_805_000));
        country.house("w2", "Манас", "2", (74_505_000, 42_806_000));
        country.house("e1", "Чүй", "1", (74_515_000, 42_805_000));
        country
    }

    pub(crate) fn precinct(&mut self, number: u16, kind: &str) {
        self.tables.precincts.push(PrecinctRow {
            precinct: precinct(number),
            kind: kind.to_owned(),
            region: "bishkek".to_owned(),
            soate: "41711000000000".parse().unwrap(),
            address_ky: "мектеп".to_owned(),
            address_ru: "школа".to_owned(),
            lon_microdegrees: 74_500_000,
            lat_microdegrees: 42_800_000,
        });
    }

    pub(crate) fn polygon(&mut self, number: u16, geojson: &str) {
        let extent = Extent::Polygon(geojson.to_owned());
        self.tables.boundaries.push(BoundaryRow {
            precinct: precinct(number),
            extent,
        });
    }

    pub(crate) fn range(&mut self, number: u16, street: &str, parity: &str, houses: (u32, u32)) {
        let extent = Extent::Range {
            street: street.to_owned(),
            parity: parity.to_owned(),
            from: houses.0,
            to: houses.1,
        };
        self.tables.boundaries.push(BoundaryRow {
            precinct: precinct(number),
            extent,
        });
    }

    pub(crate) fn house(&mut self, address: &str, street: &str, house: &str, at: (i32, i32)) {
        self.tables.addresses.push(AddressRow {
            address: address.to_owned(),
            soate: "41711000000000".parse().unwrap(),
            street: format!("s-{street}"),
            street_name: street.to_owned(),
            house: house.to_owned(),
            lon_microdegrees: at.0,
            lat_microdegrees: at.1,
        });
    }

    /// A citizen of age, unique, enrolled in 2014, living at `w1`; everything can be changed after.
    pub(crate) fn voter(&mut self, name: &str) -> &mut PersonRow {
        self.resident(name, "w1");
        let serial = self.tables.persons.len() + 1;
        let pin = Pin::from_stored(20_905_198_000_000 + serial as u64);
        self.tables.enrolments.push(EnrolmentRow {
            enrolment: format!("enr-{name}"),
            person: id(name),
            captured: day("2014-12-01"),
            processed: Some(day("2014-12-20")),
            region: "bishkek".to_owned(),
        });
        self.tables.documents.push(DocumentRow {
            number: DocumentNumber::parse(&format!("AN{serial:07}")).unwrap(),
            person: id(name),
            issued: day("2010-01-01"),
            expires: None,
            status: "valid".to_owned(),
        });
        let parts = NameParts {
            surname: name,
            given: "Айгүл",
            patronymic: "",
        };
        self.tables.persons.push(PersonRow {
            person: id(name),
            pin: Some(pin),
            name: CivilName::parse(parts).unwrap(),
            sex: Sex::Female,
            born: day("1980-05-09"),
            citizenship: "KGZ".to_owned(),
            standing: "unique".to_owned(),
            duplicate_of: None,
            died: None,
            pin_conflict: false,
        });
        self.tables.persons.last_mut().unwrap()
    }

    pub(crate) fn resident(&mut self, name: &str, address: &str) {
        self.tables.residences.push(ResidenceRow {
            person: id(name),
            address: address.to_owned(),
            kind: "residence".to_owned(),
            from: day("2010-01-01"),
            until: None,
        });
    }

    pub(crate) fn without_residence(&mut self, name: &str) {
        self.tables.residences.retain(|row| row.person != id(name));
    }

    pub(crate) fn event(&mut self, name: &str, kind: &str, on: &str) {
        self.tables.civil_events.push(CivilEventRow {
            event: format!("ev-{name}-{kind}"),
            person: id(name),
            kind: kind.to_owned(),
            date: day(on),
            act: "№ 12".to_owned(),
            surname: String::new(),
            given: String::new(),
            patronymic: String::new(),
        });
    }

    /// A claim in the order of filing; identified.
    pub(crate) fn claim(
        &mut self,
        claim: &str,
        kind: &str,
        name: &str,
        filed: &str,
    ) -> &mut ClaimRow {
        self.tables.claims.push(ClaimRow {
            claim: claim.to_owned(),
            kind: kind.to_owned(),
            person: Some(id(name)),
            filed: moment(filed),
            target: None,
            field: String::new(),
            value: String::new(),
            identified: true,
        });
        self.tables.claims.last_mut().unwrap()
    }

    pub(crate) fn form2(
        &mut self,
        claim: &str,
        name: &str,
        target: u16,
        filed: &str,
    ) -> &mut ClaimRow {
        let row = self.claim(claim, "form2", name, filed);
        row.target = Some(precinct(target));
        row
    }

    pub(crate) fn commission(&mut self, row: &str, pin: &str, names: [&str; 3], rest: [&str; 3]) {
        self.tables.commission.push(CommissionRow {
            row: row.to_owned(),
            pin: pin.to_owned(),
            surname: names[0].to_owned(),
            given: names[1].to_owned(),
            patronymic: names[2].to_owned(),
            born: rest[0].to_owned(),
            address: rest[1].to_owned(),
            precinct: rest[2].to_owned(),
        });
    }

    /// An answer of the review about the row as it stands now; of a person by name, or of the row's address.
    pub(crate) fn review(
        &mut self,
        row: &str,
        name: Option<&str>,
        says: &str,
    ) -> &mut ReviewAnswerRow {
        let snapshot = self.snapshot();
        let at = snapshot.commission.find(row).unwrap();
        let person = name.map(id);
        self.tables.review_answers.push(ReviewAnswerRow {
            subject: subject_of(&snapshot.commission.get(at), person),
            row: row.to_owned(),
            person,
            says: says.to_owned(),
            address: None,
            decided: moment("2015-09-19T01:00:00"),
        });
        self.tables.review_answers.last_mut().unwrap()
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        SnapshotBuilder::tables(&self.tables).unwrap()
    }

    pub(crate) fn formed(&self) -> (Snapshot, Roll) {
        self.formed_by(&law())
    }

    pub(crate) fn formed_by(&self, law: &ElectionLaw) -> (Snapshot, Roll) {
        let snapshot = self.snapshot();
        let roll = form(&snapshot, law).unwrap();
        (snapshot, roll)
    }

    pub(crate) fn decision(&self, name: &str) -> Decision {
        let (snapshot, roll) = self.formed();
        roll.decisions[find(&snapshot, name).at()]
    }
}

pub(crate) fn find(snapshot: &Snapshot, name: &str) -> PersonAt {
    snapshot.find_person(id(name)).unwrap()
}

/// Precincts on whose lists a person stands.
pub(crate) fn lists_of(snapshot: &Snapshot, roll: &Roll, name: &str) -> Vec<u16> {
    let person = find(snapshot, name);
    let holding = roll
        .lists
        .iter()
        .filter(|list| list.persons.contains(&person));
    holding.map(|list| list.precinct.number()).collect()
}

/// What differs between two states of a country, row by row: the plain twin of what compares files.
pub(crate) fn changes(before: &SnapshotTables, after: &SnapshotTables) -> Changes {
    // Numbers and names do not show themselves.
    let person = |r: &PersonRow| {
        let name = [r.name.surname(), r.name.given(), r.name.patronymic()];
        let rest = (
            r.born,
            r.sex,
            &r.citizenship,
            &r.standing,
            r.duplicate_of,
            r.died,
        );
        format!(
            "{:?} {name:?} {rest:?} {}",
            r.pin.map(Pin::as_u64),
            r.pin_conflict
        )
    };
    let document = |r: &DocumentRow| {
        let rest = (r.issued, r.expires, &r.status);
        format!("{} {rest:?}", r.number.as_str())
    };
    let rows = |tables: &SnapshotTables| -> BTreeSet<(PersonId, String)> {
        (tables.persons.iter().map(|r| (r.person, person(r))))
            .chain(tables.documents.iter().map(|r| (r.person, document(r))))
            .chain(
                tables
                    .residences
                    .iter()
                    .map(|r| (r.person, format!("{r:?}"))),
            )
            .chain(
                tables
                    .civil_events
                    .iter()
                    .map(|r| (r.person, format!("{r:?}"))),
            )
            .chain(
                tables
                    .enrolments
                    .iter()
                    .map(|r| (r.person, format!("{r:?}"))),
            )
            .collect()
    };
    let houses = |tables: &SnapshotTables| -> BTreeSet<(String, String)> {
        let rows = tables.addresses.iter();
        rows.map(|r| (r.address.clone(), format!("{r:?}")))
            .collect()
    };
    let people = |tables: &SnapshotTables| -> BTreeSet<PersonId> {
        tables.persons.iter().map(|row| row.person).collect()
    };
    let differ = rows(before);
    let differ = differ
        .symmetric_difference(&rows(after))
        .map(|row| row.0)
        .collect::<Vec<_>>();
    let mut touched: BTreeSet<PersonId> = differ.into_iter().collect();
    let (old, new) = (houses(before), houses(after));
    let addresses: BTreeSet<String> = old
        .symmetric_difference(&new)
        .map(|row| row.0.clone())
        .collect();
    for tables in [before, after] {
        let there = tables
            .residences
            .iter()
            .filter(|row| addresses.contains(&row.address));
        touched.extend(there.map(|row| row.person));
    }
    let (old, new) = (people(before), people(after));
    let moved: BTreeSet<PersonId> = old.symmetric_difference(&new).copied().collect();
    for tables in [before, after] {
        let linked = tables
            .persons
            .iter()
            .filter(|row| row.duplicate_of.is_some_and(|of| moved.contains(&of)));
        touched.extend(linked.map(|row| row.person));
    }
    let names_moved = |tables: &SnapshotTables| {
        let claims = tables
            .claims
            .iter()
            .any(|row| row.person.is_some_and(|p| moved.contains(&p)));
        let answers = tables.review_answers.iter().any(|row| {
            row.person.is_some_and(|p| moved.contains(&p))
                || row.address.as_ref().is_some_and(|a| addresses.contains(a))
        });
        (claims, answers)
    };
    let (one, two) = (names_moved(before), names_moved(after));
    let seconds_moved = |tables: &SnapshotTables| {
        let mut rows = tables.second_addresses.iter();
        rows.any(|row| addresses.contains(&row.address))
    };
    let replaced = Replaced {
        street_names: before.street_names != after.street_names,
        second_addresses: before.second_addresses != after.second_addresses
            || seconds_moved(before)
            || seconds_moved(after),
        precincts: before.precincts != after.precincts,
        boundaries: before.boundaries != after.boundaries,
        claims: before.claims != after.claims || one.0 || two.0,
        commission: before.commission != after.commission,
        review_answers: before.review_answers != after.review_answers || one.1 || two.1,
    };
    let mut rows = after.clone();
    rows.persons.retain(|row| touched.contains(&row.person));
    rows.documents.retain(|row| touched.contains(&row.person));
    rows.residences.retain(|row| touched.contains(&row.person));
    rows.civil_events
        .retain(|row| touched.contains(&row.person));
    rows.enrolments.retain(|row| touched.contains(&row.person));
    rows.addresses
        .retain(|row| addresses.contains(&row.address));
    if !replaced.street_names {
        rows.street_names.clear();
    }
    if !replaced.second_addresses {
        rows.second_addresses.clear();
    }
    if !replaced.precincts {
        rows.precincts.clear();
    }
    if !replaced.boundaries {
        rows.boundaries.clear();
    }
    if !replaced.claims {
        rows.claims.clear();
    }
    if !replaced.commission {
        rows.commission.clear();
    }
    if !replaced.review_answers {
        rows.review_answers.clear();
    }
    Changes {
        touched: touched.into_iter().collect(),
        addresses: addresses.into_iter().map(String::into_boxed_str).collect(),
        replaced,
        rows,
    }
}
