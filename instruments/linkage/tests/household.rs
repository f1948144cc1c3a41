//! People who share much without being one person, and people who share little and are: kg-persons on a small register.
#![expect(clippy::unwrap_used, reason = "tests")]

use linkage::model::shipped;
use linkage::{Band, Column, Effort, LinkError, Model, Session, Side, Table, dedupe, link};

use names::{GIVEN, SURNAME};

mod names;
const COLUMNS: [&str; 10] = [
    "id",
    "pin",
    "surname",
    "given",
    "patronymic",
    "sex",
    "dob",
    "street",
    "house",
    "apt",
];

type Person = [String; 10];

fn person(n: usize) -> Person {
    let (day, month, year) = (n % 28 + 1, n / 3 % 12 + 1, 1950 + n * 13 % 50);
    [
        format!("P{n:04}"),
        format!("2{day:02}{month:02}{year}{:05}", n * 7919 % 100_000),
        SURNAME[n / 12 % 10].to_owned(),
        GIVEN[n % 12].to_owned(),
        format!("{}ович", GIVEN[(n * 7 + n / 5) % 12]),
        "М".to_owned(),
        format!("{year}-{month:02}-{day:02}"),
        format!("Көчө {}", n / 40),
        (n / 4).to_string(),
        (n % 90).to_string(),
    ]
}

/// A person with some columns changed.
fn with(n: usize, changes: &[(&str, &str)]) -> Person {
    let mut changed = person(n);
    for (name, value) in changes {
        changed[COLUMNS.iter().position(|column| column == name).unwrap()] = (*value).to_owned();
    }
    changed
}

fn table(rows: &[Person]) -> Table {
    let columns = COLUMNS.iter().enumerate().map(|(at, name)| {
        let mut column = Column::new(name);
        rows.iter().for_each(|row| column.push(&row[at]).unwrap());
        column
    });
    Table::new(columns.collect()).unwrap()
}

fn model() -> Model {
    Model::parse(shipped("kg-persons").unwrap()).unwrap()
}

/// The register of 900, and the same people once more (under other ids) followed by those who are to be judged.
fn lists(judged: &[Person]) -> (Table, Table) {
    let register: Vec<Person> = (0..900).map(person).collect();
    let mut right: Vec<Person> = register.clone();
    right.extend_from_slice(judged);
    for (row, person) in right.iter_mut().enumerate() {
        person[0] = format!("R{row:04}");
    }
    (table(&register), table(&right))
}

/// Band and weight of register person `n` with the judged one.
fn judge(n: usize, judged: Person) -> (Band, i32) {
    let (left, right) = lists(&[judged]);
    let model = model();
    let session = Session::new(&left, Some(&right), &model, Effort::default()).unwrap();
    let pair = session.pair(n as u32, 900).unwrap();
    (pair.band, pair.weight_milli_bits)
}

/// A PIN one digit away, as the registrar gives to the second of two twins.
fn neighbour(n: usize) -> String {
    let pin = person(n)[1].clone();
    let last = if pin.ends_with('9') { '8' } else { '9' };
    format!("{}{last}", &pin[..13])
}

#[test]
fn a_twin_with_the_next_pin_is_another_person() {
    let twin = with(100, &[("given", "Рысбүбү"), ("pin", &neighbour(100))]);
    assert_eq!(judge(100, twin.clone()).0, Band::No);
    // Without the patronymic there is less to hold against it, and still nothing for it.
    let mut bare = twin;
    bare[4] = String::new();
    assert_eq!(judge(100, bare).0, Band::No);
}

#[test]
fn a_slip_in_the_pin_of_one_person_is_forgiven() {
    let slip = with(
        100,
        &[
            ("pin", &neighbour(100)),
            ("house", "7777"),
            ("patronymic", ""),
        ],
    );
    assert_eq!(judge(100, slip).0, Band::Auto);
}

#[test]
fn a_sibling_and_a_father_in_the_house_are_other_people() {
    let sibling = with(
        100,
        &[
            ("given", "Рысбүбү"),
            ("pin", "20101200012345"),
            ("dob", "2000-01-01"),
        ],
    );
    assert_eq!(judge(100, sibling).0, Band::No);
    let father = with(
        100,
        &[
            ("given", "Рысбек"),
            ("patronymic", "Токтобекович"),
            ("pin", "20505193512345"),
            ("dob", "1935-05-05"),
        ],
    );
    assert_eq!(judge(100, father).0, Band::No);
}

/// Surname, father and house agree in every family: with another given name they add nothing at all.
#[test]
fn what_a_family_shares_does_not_add_up() {
    let (left, right) = lists(&[with(
        100,
        &[("given", "Рысбүбү"), ("pin", ""), ("dob", "2000-01-01")],
    )]);
    let model = model();
    let session = Session::new(&left, Some(&right), &model, Effort::default()).unwrap();
    let pair = session.pair(100, 900).unwrap();
    for reason in session.explain(&pair).unwrap().reasons {
        if ["surname", "patronymic", "address"].contains(&reason.label.en.as_str()) {
            assert_eq!(
                reason.milli_bits(),
                0,
                "{}: {}",
                reason.label.en,
                reason.level
            );
        }
    }
}

#[test]
fn spellings_slips_and_exchanges_of_one_person_are_forgiven() {
    let n = 100;
    let [_, _, surname, given, _, _, dob, ..] = person(n);
    let swapped_date = format!("{}-{}-{}", &dob[..4], &dob[8..], &dob[5..7]);
    let father = person(n)[4].replace("ович", " уулу");
    for changes in [
        vec![("surname", given.as_str()), ("given", surname.as_str())],
        vec![("dob", swapped_date.as_str()), ("pin", "")],
        vec![("patronymic", father.as_str()), ("pin", "")],
        vec![("surname", "Иссаков"), ("house", "7777")],
    ] {
        assert_eq!(judge(n, with(n, &changes)).0, Band::Auto, "{changes:?}");
    }
    // The form of the patronymic is no difference at all.
    let (forms, plain) = (
        judge(n, with(n, &[("patronymic", &father)])),
        judge(n, person(n)),
    );
    assert_eq!(forms.0, plain.0);
    assert!((forms.1 - plain.1).abs() < 10, "{forms:?} {plain:?}");
}

#[test]
fn two_pins_and_two_birth_dates_in_one_cluster_are_reported() {
    let mut rows: Vec<Person> = (0..900).map(person).collect();
    let mut again = with(100, &[("pin", "20101195012345")]);
    again[0] = "X1".to_owned();
    rows.push(again);
    let mut dated = with(300, &[("dob", "1999-12-31")]);
    dated[0] = "X2".to_owned();
    rows.push(dated);
    let model = model();
    let found = dedupe(&table(&rows), &model, Effort::default()).unwrap();
    let told: Vec<(u32, u32, &str)> = found
        .contradictions
        .iter()
        .map(|c| {
            (
                c.one.1,
                c.other.1,
                model.contradictions[c.what].name.as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [(100, 900, "two PINs"), (300, 901, "two birth dates")]
    );
    // Linking: two right records of one left record are looked at together, the right ones with each other too.
    let (left, right) = lists(&[with(100, &[("pin", "20101195012345")])]);
    let linked = link(&left, &right, &model, Effort::default()).unwrap();
    let told: Vec<_> = linked
        .contradictions
        .iter()
        .map(|c| (c.one, c.other))
        .collect();
    let (register, good, bad) = ((Side::Left, 100), (Side::Right, 100), (Side::Right, 900));
    assert_eq!(told, [(register, bad), (good, bad)]);
}

#[test]
fn a_budget_of_wrong_links_moves_the_threshold() {
    let judged: Vec<Person> = (0..60)
        .map(|n| {
            with(
                n,
                &[
                    ("pin", ""),
                    ("dob", ""),
                    ("house", "7777"),
                    ("patronymic", ""),
                ],
            )
        })
        .collect();
    let (left, right) = lists(&judged);
    let mut model = model();
    let mut run = |links_max: Option<u32>| {
        model.decision.false_links_max = links_max;
        let linked = link(&left, &right, &model, Effort::default()).unwrap();
        let auto = linked.links.iter().filter(|link| link.band == Band::Auto);
        let least = auto.clone().map(|link| link.weight_milli_bits).min();
        (auto.count(), least.unwrap_or(i32::MAX), linked.report)
    };
    let (none, _, report) = run(Some(0));
    assert_eq!(report.expected_wrong_milli, 0);
    let (few, least, report) = run(Some(5));
    assert!(none <= few);
    assert!(report.expected_wrong_milli <= 5_000);
    assert!(least >= report.auto_milli_bits);
    let (many, _, report) = run(Some(1_000));
    assert!(few <= many);
    assert_eq!(
        report.auto_milli_bits, 0,
        "review_ppm of the model is one half"
    );
}

#[test]
fn swapped_columns_are_refused_and_a_few_bad_values_are_told() {
    let model = model();
    let (left, _) = lists(&[]);
    let swapped: Vec<Person> = (0..900)
        .map(|n| {
            let mut row = person(n);
            row.swap(2, 6);
            row
        })
        .collect();
    let refused = link(&left, &table(&swapped), &model, Effort::default()).unwrap_err();
    assert!(
        matches!(&refused, LinkError::Unreadable { side: "right", column, kind: "date", .. } if column == "dob")
    );
    let (_, right) = lists(&[with(1, &[("pin", "12"), ("dob", "31 May")])]);
    let report = link(&left, &right, &model, Effort::default())
        .unwrap()
        .report;
    let told: Vec<_> = report
        .unreadable
        .iter()
        .map(|bad| (bad.side, bad.column.as_str(), bad.unreadable, bad.present))
        .collect();
    assert_eq!(told, [("right", "pin", 1, 901), ("right", "dob", 1, 901)]);
}
