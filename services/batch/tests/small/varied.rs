//! The small country with every oddity that joins records or moves them, by seed.

use lexicon::handover::snapshot::{
    BoundaryRow, CivilEventRow, ClaimRow, CommissionRow, Extent, ReviewAnswerRow, SecondAddressRow,
    SnapshotTables, StreetNameRow,
};
use lexicon::{Pin, PrecinctCode};
use roll::review::subject_of;
use roll::snapshot::CommissionEntry;

use super::{PERSONS, moment, person, pin, tables};

/// Numbers that follow from a seed (a linear congruential generator: tests need no better).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end.max(1)
    }

    pub fn shuffle<T>(&mut self, rows: &mut [T]) {
        for last in (1..rows.len()).rev() {
            rows.swap(last, self.below(last + 1));
        }
    }
}

fn code(number: u16) -> PrecinctCode {
    PrecinctCode::new(number).unwrap()
}

/// Shared PINs, verdicts, deaths, changed names, races of Form 2, corrections, odd rows of the commission.
pub fn varied(seed: u64) -> SnapshotTables {
    let mut dice = Dice::new(seed);
    let mut t = tables();
    // Polygons beside the ranges; a point on their common edge, a house outside both.
    for (number, west) in [(1001, 74.0), (1002, 74.5)] {
        let east = west + 0.5;
        t.boundaries.push(BoundaryRow {
            precinct: code(number),
            extent: Extent::Polygon(format!(
                r#"{{"type":"Polygon","coordinates":[[[{west},42],[{east},42],[{east},43],[{west},43],[{west},42]]]}}"#
            )),
        });
    }
    for row in &mut t.addresses {
        row.lon_microdegrees = 73_900_000 + 100_000 * i32::try_from(dice.below(13)).unwrap();
        row.lat_microdegrees = 42_500_000;
        if dice.below(6) == 0 {
            row.street = "s2".to_owned();
            row.street_name = "Чүй проспектиси".to_owned();
        }
    }
    for n in 1..PERSONS {
        let other = dice.below(n);
        let row = &mut t.persons[n];
        match dice.below(12) {
            0 => row.pin = Some(Pin::from_stored(pin(other).parse().unwrap())),
            1 => {
                row.standing = "duplicate".to_owned();
                row.duplicate_of = Some(person(other));
            }
            2 => row.standing = "pending".to_owned(),
            3 => row.pin = None,
            4 => row.citizenship = "UZB".to_owned(),
            5 => row.pin_conflict = true,
            _ => {}
        }
    }
    for n in 0..PERSONS {
        let kind = ["death", "name_change", "citizenship_loss", "court"][dice.below(4)];
        if dice.below(8) == 0 {
            t.civil_events.push(CivilEventRow {
                event: format!("v{n}"),
                person: person(n),
                kind: kind.to_owned(),
                date: format!("2015-0{}-11", 1 + dice.below(9)).parse().unwrap(),
                act: format!("акт {n}"),
                surname: if kind == "name_change" {
                    "Жаңыева"
                } else {
                    ""
                }
                .to_owned(),
                given: if kind == "name_change" {
                    "Айгүл"
                } else {
                    ""
                }
                .to_owned(),
                patronymic: String::new(),
            });
        }
        claims_of(&mut t, &mut dice, n);
        match dice.below(10) {
            0 => t.residences[n].until = Some("2015-03-01".parse().unwrap()),
            1 => t.residences[n].kind = "stay".to_owned(),
            _ => {}
        }
        let row = &mut t.commission[n];
        match dice.below(6) {
            0 => row.pin = String::new(),
            1 => row.pin = pin(dice.below(PERSONS)),
            2 => row.surname = "Белгисиз".to_owned(),
            3 => row.precinct = String::new(),
            4 => {
                let twin = CommissionRow {
                    row: format!("t{n}"),
                    ..row.clone()
                };
                t.commission.push(twin);
            }
            _ => {}
        }
    }
    answers_of(&mut t, &mut dice);
    streets_of(&mut t, &mut dice);
    t
}

/// Former names, another language's, corner houses, and texts that mean them.
fn streets_of(t: &mut SnapshotTables, dice: &mut Dice) {
    let until = format!("2010-0{}-01", 1 + dice.below(9)).parse().unwrap();
    for (street, name, until) in [
        ("s1", "Белинский көчөсү", Some(until)),
        ("s2", "Дзержинский проспектиси", Some(until)),
        ("s1", "Manas street", None),
        ("s9", "Ээн көчө", None),
    ] {
        if dice.below(4) > 0 {
            t.street_names.push(StreetNameRow {
                street: street.to_owned(),
                name: name.to_owned(),
                from: None,
                until,
            });
        }
    }
    for n in 0..PERSONS {
        if dice.below(8) == 0 {
            t.second_addresses.push(SecondAddressRow {
                address: format!("a{n}"),
                soate: "41711000000000".parse().unwrap(),
                street: "s2".to_owned(),
                street_name: "Чүй проспектиси".to_owned(),
                house: (500 + n).to_string(),
            });
        }
        match dice.below(8) {
            0 => t.commission[n].address = format!("Бишкек, Белинский көч., {}", n + 1),
            1 => t.commission[n].address = format!("Бишкек, Чүй пр., {}", 500 + n),
            _ => {}
        }
        if dice.below(12) == 0 {
            let value = ["Белинский көчөсү, 7", "Бишкек, Белинский көч., 8-үй"][dice.below(2)];
            t.claims.push(ClaimRow {
                claim: format!("y{n}"),
                kind: "correction".to_owned(),
                person: Some(person(n)),
                filed: moment("2015-09-05T10:00:00+06:00"),
                target: None,
                field: "address".to_owned(),
                value: value.to_owned(),
                identified: true,
            });
        }
    }
}

/// Answers of the review about a third of the rows: joined, kept apart, undecided, placed; some contradict each other,
/// some are about a row that was written anew.
fn answers_of(t: &mut SnapshotTables, dice: &mut Dice) {
    for at in 0..t.commission.len() {
        for _ in 0..dice.below(5).saturating_sub(2) {
            let row = &t.commission[at];
            let entry = CommissionEntry {
                row: &row.row,
                pin: &row.pin,
                surname: &row.surname,
                given: &row.given,
                patronymic: &row.patronymic,
                born: if dice.below(9) == 0 { "" } else { &row.born },
                address: &row.address,
                precinct: &row.precinct,
            };
            let (person, says, address) = match dice.below(7) {
                0 => (None, "house", Some(format!("a{}", dice.below(PERSONS)))),
                1 => (None, "no_house", None),
                2 => (Some(person(dice.below(PERSONS))), "cannot_tell", None),
                3 | 4 => (Some(person(dice.below(PERSONS))), "same", None),
                _ => (Some(person(at % PERSONS)), "distinct", None),
            };
            let subject = subject_of(&entry, person);
            if t.review_answers
                .iter()
                .all(|known| known.subject != subject)
            {
                t.review_answers.push(ReviewAnswerRow {
                    subject,
                    row: row.row.clone(),
                    person,
                    says: says.to_owned(),
                    address,
                    decided: moment(&format!("2015-09-{:02}T10:00:00+06:00", 1 + dice.below(25))),
                });
            }
        }
    }
}

fn claims_of(t: &mut SnapshotTables, dice: &mut Dice, n: usize) {
    for at in 0..dice.below(4) {
        let (kind, field, value) = match dice.below(6) {
            0 => ("correction", "surname", "Оңдолова".to_owned()),
            1 => ("correction", "born", "1999-12-31".to_owned()),
            2 => ("correction", "address", format!("a{}", dice.below(PERSONS))),
            3 => ("inclusion", "", String::new()),
            4 => ("exclusion", "", String::new()),
            _ => ("form2", "", String::new()),
        };
        let target = (kind == "form2").then(|| code(1001 + u16::try_from(dice.below(3)).unwrap()));
        t.claims.push(ClaimRow {
            claim: format!("x{n}.{at}"),
            kind: kind.to_owned(),
            person: (dice.below(9) > 0).then(|| person(n)),
            filed: moment(&format!("2015-09-{:02}T10:00:00+06:00", 1 + dice.below(25))),
            target,
            field: field.to_owned(),
            value,
            identified: dice.below(5) > 0,
        });
    }
}
