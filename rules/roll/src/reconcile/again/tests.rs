#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use lexicon::handover::snapshot::SnapshotTables;
use lexicon::{CivilName, DocumentNumber, NameParts, Pin};
use proptest::prelude::*;

use super::*;
use crate::commit::line_of;
use crate::form::form;
use crate::reconcile::{image, reconcile};
use crate::snapshot::image::Part;
use crate::testkit::{Country, changes, day, id, law};

const SURNAMES: [&str; 5] = ["Асанов", "Асанова", "Үсөнов", "Жаныбек уулу", "Токтоматов"];
const GIVEN: [&str; 4] = ["Айгүл", "Айгул", "Нурлан", "Бакыт"];
const FATHERS: [&str; 4] = ["", "Жаныбекович", "Асановна", "Токтогулович"];
const BORN: [&str; 4] = ["1980-05-09", "1980-05-10", "1961-01-02", "2001-03-03"];
const HOUSES: [&str; 5] = ["w1", "w2", "e1", "n1", "n2"];
const WRITTEN: [&str; 4] = ["Манас, 1", "ул. Манас 2", "Чүй, 1", "?"];

/// One act of the register, by numbers that are taken as far as they go.
#[derive(Clone, Copy, Debug)]
struct Act {
    kind: u8,
    who: u8,
    what: u8,
}

fn act() -> impl Strategy<Value = Act> {
    (0u8..18, any::<u8>(), any::<u8>()).prop_map(|(kind, who, what)| Act { kind, who, what })
}

fn pick<'a>(from: &[&'a str], at: u8) -> &'a str {
    from[usize::from(at) % from.len()]
}

fn name(at: u8) -> CivilName {
    let parts = NameParts {
        surname: pick(&SURNAMES, at),
        given: pick(&GIVEN, at / 5),
        patronymic: pick(&FATHERS, at / 20),
    };
    CivilName::parse(parts).unwrap()
}

fn pin(at: u8) -> Pin {
    // Few numbers, so that several people hold one; some are one slip apart.
    Pin::from_stored(20_905_198_000_100 + u64::from(at % 12))
}

fn born(country: &mut Country, label: &str, drawn: u8) {
    let row = country.voter(label);
    row.name = name(drawn);
    row.pin = (!drawn.is_multiple_of(9)).then(|| pin(drawn));
    row.born = day(pick(&BORN, drawn / 3));
}

/// The country after an act.
fn after(mut country: Country, act: Act, count: usize) -> Country {
    let Act { kind, who, what } = act;
    let people = country.tables.persons.len();
    if kind == 0 || people == 0 {
        born(&mut country, &format!("new{count}"), what);
        return country;
    }
    let at = usize::from(who) % people;
    let tables = &mut country.tables;
    let person = tables.persons[at].person;
    let other = tables.persons[usize::from(what) % people].person;
    match kind {
        1 => {
            tables.persons[at].standing = "deceased".to_owned();
            tables.persons[at].died = Some(day("2015-03-03"));
        }
        2 => {
            let open = |row: &&mut lexicon::handover::snapshot::ResidenceRow| {
                row.person == person && row.until.is_none()
            };
            if let Some(row) = tables.residences.iter_mut().find(open) {
                row.until = Some(day("2015-05-05"));
                let mut next = row.clone();
                next.address = pick(&HOUSES, what).to_owned();
                (next.from, next.until) = (day("2015-05-05"), None);
                tables.residences.push(next);
            }
        }
        3 => {
            tables
                .documents
                .retain(|row| row.person != person || what > 200);
            let number = format!("ID{:07}", 100 + count);
            tables
                .documents
                .push(lexicon::handover::snapshot::DocumentRow {
                    number: DocumentNumber::parse(&number).unwrap(),
                    person,
                    issued: day("2015-02-02"),
                    expires: None,
                    status: "valid".to_owned(),
                });
        }
        4 => {
            let new = name(what);
            tables
                .civil_events
                .push(lexicon::handover::snapshot::CivilEventRow {
                    event: format!("ev{count}"),
                    person,
                    kind: "name_change".to_owned(),
                    date: day("2015-01-20"),
                    act: "№ 3".to_owned(),
                    surname: new.surname().to_owned(),
                    given: new.given().to_owned(),
                    patronymic: new.patronymic().to_owned(),
                });
            tables.persons[at].name = new;
        }
        5 => tables.persons[at].pin = Some(pin(what)),
        6 => tables.persons[at].pin = None,
        7 => tables.persons[at].born = day(pick(&BORN, what)),
        8 if other != person => {
            tables.persons[at].standing = "duplicate".to_owned();
            tables.persons[at].duplicate_of = Some(other);
        }
        9 => {
            tables.persons[at].standing = "unique".to_owned();
            tables.persons[at].duplicate_of = None;
        }
        10 => tables.enrolments.retain(|row| row.person != person),
        11 => {
            tables
                .enrolments
                .push(lexicon::handover::snapshot::EnrolmentRow {
                    enrolment: format!("enr{count}"),
                    person,
                    captured: day("2015-04-04"),
                    processed: (what.is_multiple_of(2)).then(|| day("2015-04-05")),
                    region: "osh".to_owned(),
                });
        }
        12 => {
            // Somebody vanishes; rows about them may stay.
            tables.persons.remove(at);
            if what.is_multiple_of(2) {
                tables.residences.retain(|row| row.person != person);
            }
        }
        13 => {
            let house = pick(&HOUSES[3..], what);
            if !tables.addresses.iter().any(|row| row.address == house) {
                country.house(house, "Манас", "2", (74_515_000, 42_805_000));
            }
        }
        14 => {
            let house = usize::from(what) % tables.addresses.len();
            let row = &mut tables.addresses[house];
            row.lon_microdegrees = if who.is_multiple_of(2) {
                74_505_000
            } else {
                74_515_000
            };
            row.house = pick(&["1", "2", "7"], who).to_owned();
        }
        15 if tables.addresses.len() > 1 => {
            let house = usize::from(what) % tables.addresses.len();
            tables.addresses.remove(house);
        }
        16 => {
            let name = format!("claim{count}");
            country.form2(&name, "p1", 1002, "2015-08-01T10:00:00");
            country.tables.claims.last_mut().unwrap().person = Some(person);
        }
        17 => {
            let rows = country.tables.commission.len();
            if rows > 0 {
                let row = country.tables.commission[usize::from(what) % rows]
                    .row
                    .clone();
                let says = if who.is_multiple_of(3) {
                    "distinct"
                } else {
                    "same"
                };
                let asked = country.snapshot();
                let entry = asked.commission.get(asked.commission.find(&row).unwrap());
                let subject = crate::review::subject_of(&entry, Some(person));
                country
                    .tables
                    .review_answers
                    .retain(|answer| answer.subject != subject);
                country
                    .tables
                    .review_answers
                    .push(lexicon::handover::snapshot::ReviewAnswerRow {
                        subject,
                        row,
                        person: Some(person),
                        says: says.to_owned(),
                        address: None,
                        decided: crate::testkit::moment("2015-09-19T01:00:00"),
                    });
            }
        }
        _ => {}
    }
    country
}

fn country(people: &[u8], rows: &[(u8, u8, u8)]) -> Country {
    let mut country = Country::new();
    for (at, drawn) in people.iter().enumerate() {
        born(&mut country, &format!("p{at}"), *drawn);
    }
    for (at, (one, two, three)) in rows.iter().enumerate() {
        let number = match one % 4 {
            0 => String::new(),
            1 => "2090519800010".to_owned(),
            _ => pin(*two).digits(),
        };
        let named = name(*three);
        let names = [named.surname(), named.given(), named.patronymic()];
        let precinct = pick(&["1001", "1002", ""], one / 4);
        let rest = [pick(&BORN, two / 12), pick(&WRITTEN, three / 7), precinct];
        country.commission(&format!("r{at:03}"), &number, names, rest);
    }
    country
}

/// Every row of a snapshot as text: two are equal when these are.
fn told(snapshot: &Snapshot) -> Vec<String> {
    let word = |word| snapshot.words.text(word);
    let text = |entry| snapshot.ids.text(entry);
    let mut told: Vec<String> = Vec::new();
    for p in &snapshot.persons {
        let words = [p.surname, p.given, p.patronymic, p.citizenship].map(word);
        told.push(format!(
            "{:?} {:?} {words:?} {:?} {:?} {:?} {}",
            p.id,
            p.pin.map(Pin::as_u64),
            p.sex,
            p.born,
            p.standing,
            p.pin_conflict
        ));
    }
    for d in &snapshot.documents {
        told.push(format!(
            "{:?} {} {:?} {:?} {}",
            d.person,
            text(d.number),
            d.issued,
            d.expires,
            d.valid
        ));
    }
    for a in &snapshot.addresses {
        let words = [a.street, a.street_name, a.house].map(word);
        told.push(format!(
            "{} {:?} {words:?} {} {}",
            a.id, a.soate, a.lon, a.lat
        ));
    }
    for row in &snapshot.street_names {
        let words = [row.street, row.name].map(word);
        told.push(format!("{words:?} {:?} {:?}", row.from, row.until));
    }
    for row in &snapshot.second_addresses {
        let words = [row.street, row.street_name, row.house].map(word);
        told.push(format!("{:?} {:?} {words:?}", row.address, row.soate));
    }
    told.extend(snapshot.residences.iter().map(|row| format!("{row:?}")));
    for e in &snapshot.events {
        let words = e.names.map(word);
        told.push(format!(
            "{:?} {:?} {:?} {} {} {words:?}",
            e.person,
            e.kind,
            e.date,
            text(e.id),
            text(e.act)
        ));
    }
    for e in &snapshot.enrolments {
        told.push(format!(
            "{:?} {:?} {:?} {} {}",
            e.person,
            e.captured,
            e.processed,
            word(e.region),
            text(e.id)
        ));
    }
    told.extend(snapshot.precincts.iter().map(|row| format!("{row:?}")));
    told.extend(snapshot.boundaries.iter().map(|row| format!("{row:?}")));
    for c in &snapshot.claims {
        let rest = (
            &c.person,
            &c.filed,
            &c.target,
            &c.field,
            word(c.value),
            c.identified,
        );
        told.push(format!("{} {} {rest:?}", c.id, c.kind));
    }
    told.extend(snapshot.commission.iter().map(|row| format!("{row:?}")));
    told.extend(snapshot.answers.iter().map(|row| format!("{row:?}")));
    told.extend(snapshot.dangling.iter().map(|row| format!("{row:?}")));
    for person in snapshot.people() {
        let spans = [
            snapshot.documents_at(person),
            snapshot.residences_of(person),
            snapshot.events_of(person),
            snapshot.enrolments_of(person),
        ];
        told.push(format!(
            "{spans:?} {:?}",
            snapshot.find_person(snapshot.person(person).id)
        ));
    }
    told
}

/// The list of a snapshot as text.
fn listed(snapshot: &Snapshot, roll: &Roll) -> Vec<String> {
    let mut told: Vec<String> = roll.decisions.iter().map(|d| format!("{d:?}")).collect();
    told.extend(roll.lists.iter().map(|list| format!("{list:?}")));
    told.extend(roll.findings.iter().map(|f| format!("{f:?}")));
    told.push(format!(
        "{:?} {:?}",
        roll.claims.outcomes, roll.claims.superseded_by
    ));
    told.extend(snapshot.people().map(|p| {
        let line = line_of(snapshot, roll, p);
        [
            line.surname,
            line.given,
            line.patronymic,
            line.born,
            line.address,
        ]
        .join("|")
    }));
    told
}

/// Through bytes and back, as between two runs.
fn kept(snapshot: &Snapshot, found: &Reconciliation) -> (Snapshot, Reconciliation) {
    let parts = Part::ALL.map(|part| {
        (
            part,
            Snapshot::of_image(part, &snapshot.image(part)).unwrap(),
        )
    });
    let again = Snapshot::of_parts(parts).unwrap();
    let found = image::of_image(&image::image(found)).unwrap();
    assert!(found.fits(&again));
    (again, found)
}

/// Goes from one state to the next and demands what the next gives from scratch.
fn step(
    kept: (Snapshot, Reconciliation),
    before: &SnapshotTables,
    country: &Country,
) -> (Snapshot, Reconciliation) {
    let law = law();
    let newer = country.snapshot();
    let changes = changes(before, &country.tables);
    let what = Before::of(&kept.0, &changes.touched);
    let (amended, moves) = changes.apply(kept.0).unwrap();
    assert_eq!(told(&amended), told(&newer));
    let (roll, fresh) = (form(&amended, &law).unwrap(), form(&newer, &law).unwrap());
    assert_eq!(listed(&amended, &roll), listed(&newer, &fresh));
    let change = Change {
        before: &what,
        moves: &moves,
        touched: &changes.touched,
    };
    let again = reconcile_again(kept.1, &change, &amended, &roll, &law);
    let whole = reconcile(&newer, &fresh, &law);
    assert_eq!(again.rows, whole.rows);
    assert_eq!(again.new, whole.new);
    assert_eq!(again.marks, whole.marks);
    (amended, again)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Several changes in a row, each through the kept bytes, give what the whole snapshot gives.
    #[test]
    fn amended_equals_anew(
        people in proptest::collection::vec(any::<u8>(), 0..14),
        rows in proptest::collection::vec((any::<u8>(), any::<u8>(), any::<u8>()), 0..14),
        rounds in proptest::collection::vec(proptest::collection::vec(act(), 0..6), 1..4),
    ) {
        let mut country = country(&people, &rows);
        let first = country.snapshot();
        let roll = form(&first, &law()).unwrap();
        let found = reconcile(&first, &roll, &law());
        let mut state = (first, found);
        let mut count = 0;
        for round in rounds {
            let before = country.tables.clone();
            for act in round {
                count += 1;
                country = after(country, act, count);
            }
            let (snapshot, found) = kept(&state.0, &state.1);
            state = step((snapshot, found), &before, &country);
        }
    }

    /// Cut or changed bytes are refused or give a snapshot; never a fault.
    #[test]
    fn garbled_images_are_refused(people in proptest::collection::vec(any::<u8>(), 1..5), at in any::<usize>(), to in any::<u8>(), cut in any::<bool>()) {
        let country = country(&people, &[(7, 7, 7), (2, 3, 4)]);
        let snapshot = country.snapshot();
        let found = reconcile(&snapshot, &form(&snapshot, &law()).unwrap(), &law());
        let garble = |mut bytes: Vec<u8>| {
            let place = at % bytes.len();
            if cut { bytes.truncate(place) } else { bytes[place] = to }
            bytes
        };
        for garbled in Part::ALL {
            let parts = Part::ALL.map(|part| {
                let bytes = snapshot.image(part);
                (part, if part == garbled { garble(bytes) } else { bytes })
            });
            let read: Result<Vec<_>, _> = parts.iter().map(|(part, bytes)| Ok((*part, Snapshot::of_image(*part, bytes)?))).collect();
            let _: Result<Snapshot, crate::snapshot::image::ImageError> = read.and_then(Snapshot::of_parts);
        }
        let _ = image::of_image(&garble(image::image(&found))).map(|read| read.fits(&snapshot));
    }
}

#[test]
fn a_row_about_what_did_not_change_is_refused() {
    let country = country(&[1, 2, 3], &[]);
    let mut changes = changes(&country.tables, &country.tables);
    assert!(changes.touched.is_empty() && changes.rows == SnapshotTables::default());
    changes
        .rows
        .documents
        .push(country.tables.documents[0].clone());
    assert!(changes.apply(country.snapshot()).is_err());
    assert!(id("p0") == country.tables.persons[0].person);
}
