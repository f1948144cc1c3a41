#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use proptest::prelude::*;

use super::*;
use crate::testkit::{Country, day, find, id, law};

fn names(snapshot: &Snapshot, roll: &Roll, precinct: u16) -> Vec<String> {
    let list = roll.list(PrecinctCode::new(precinct).unwrap()).unwrap();
    let surname = |p: &PersonAt| snapshot.words.text(snapshot.person(*p).surname).to_owned();
    list.persons.iter().map(surname).collect()
}

#[test]
fn lines_follow_the_kyrgyz_alphabet() {
    let mut country = Country::new();
    for name in [
        "Үсөнова",
        "Уметова",
        "Оторбаева",
        "Өмүрова",
        "Нурова",
        "Ңарова",
        "Мамытова",
        "Асанова",
    ] {
        country.voter(name);
    }
    let (snapshot, roll) = country.formed();
    let want = [
        "Асанова",
        "Мамытова",
        "Нурова",
        "Ңарова",
        "Оторбаева",
        "Өмүрова",
        "Уметова",
        "Үсөнова",
    ];
    assert_eq!(names(&snapshot, &roll, 1001), want);
}

#[test]
fn a_page_has_as_many_lines_as_the_law_says() {
    let mut country = Country::new();
    for i in 0..51 {
        country.voter(&format!("Асанова{i:02}"));
    }
    let (snapshot, roll) = country.formed();
    let list = roll.list(PrecinctCode::new(1001).unwrap()).unwrap();
    let place = |at: usize| roll.place(list.persons[at]).unwrap();
    assert_eq!((place(0).line, place(0).page), (1, 1));
    assert_eq!((place(24).line, place(24).page), (25, 1));
    assert_eq!((place(25).line, place(25).page), (26, 2));
    assert_eq!((place(50).line, place(50).page), (51, 3));
    assert_eq!(roll.count.total, 51);
    assert_eq!(snapshot.persons.len(), 51);
}

#[test]
fn people_of_one_name_stand_by_birth_date() {
    let mut country = Country::new();
    country.voter("Асанова").born = day("1970-01-01");
    let older = country.voter("Б");
    older.name = lexicon::CivilName::parse(lexicon::NameParts {
        surname: "Асанова",
        given: "Айгүл",
        patronymic: "",
    })
    .unwrap();
    older.born = day("1960-01-01");
    let (snapshot, roll) = country.formed();
    assert_eq!(roll.place(find(&snapshot, "Б")).unwrap().line, 1);
    assert_eq!(roll.place(find(&snapshot, "Асанова")).unwrap().line, 2);
}

#[test]
fn the_second_count_notices_a_lost_and_a_doubled_person() {
    let mut country = Country::new();
    country.voter("Асанова");
    country.voter("Усенова");
    let (snapshot, roll) = country.formed();
    let mut lost = roll.clone();
    lost.lists[0].persons.pop();
    assert!(matches!(lost.check(&snapshot), Err(FormError::Sums { .. })));
    let mut doubled = roll.clone();
    let person = doubled.lists[0].persons[0];
    doubled.lists[1].persons.push(person);
    assert!(matches!(
        doubled.check(&snapshot),
        Err(FormError::NotDisjoint { .. })
    ));
    let mut miscounted = roll;
    miscounted.count.excluded[0] += 1;
    assert!(matches!(
        miscounted.check(&snapshot),
        Err(FormError::Sums { .. })
    ));
}

// S-14, negative control: the same PIN in both lists must not leave the builder.
#[test]
fn one_pin_on_two_lines_is_refused() {
    let mut country = Country::new();
    country.voter("Асанова");
    country.voter("Усенова");
    let (mut snapshot, roll) = country.formed();
    snapshot.persons[0].pin = snapshot.persons[1].pin;
    assert!(matches!(
        roll.check(&snapshot),
        Err(FormError::NotDisjoint { .. })
    ));
}

/// A person drawn by the property test: which facts are wrong.
#[derive(Clone, Debug)]
struct Drawn {
    faults: u16,
    address: u8,
    pin: u8,
    form2: Option<u8>,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    (any::<u16>(), 0u8..5, 0u8..40, proptest::option::of(0u8..4)).prop_map(
        |(faults, address, pin, form2)| {
            // Most people have few faults.
            let faults = if faults % 3 == 0 {
                faults
            } else {
                faults & faults.rotate_left(3) & 0x111
            };
            Drawn {
                faults,
                address,
                pin,
                form2,
            }
        },
    )
}

fn country_of(people: &[Drawn]) -> Country {
    let mut country = Country::new();
    country.house("far", "Алыс", "1", (70_000_000, 40_000_000));
    for (at, person) in people.iter().enumerate() {
        let name = format!("А{at}");
        let has = |bit: u16| person.faults >> bit & 1 == 1;
        let row = country.voter(&name);
        row.pin = Some(Pin::from_stored(20_905_198_000_000 + u64::from(person.pin)));
        if has(0) {
            row.citizenship = "UZB".to_owned();
        }
        if has(1) {
            row.born = day("2001-01-01");
        }
        if has(2) {
            row.standing = "duplicate".to_owned();
            row.duplicate_of = Some(id("А0"));
        }
        if has(3) {
            row.standing = "pending".to_owned();
        }
        if has(4) {
            country.event(&name, "death", "2015-01-01");
        }
        if has(5) {
            country.event(&name, "court", "2015-01-01");
        }
        if has(6) {
            country.tables.enrolments.retain(|e| e.person != id(&name));
        }
        if has(7) {
            country.tables.documents.last_mut().unwrap().expires = Some(day("2014-12-31"));
        }
        country.without_residence(&name);
        if let Some(address) = ["w1", "w2", "e1", "far"].get(usize::from(person.address)) {
            country.resident(&name, address);
        }
        if let Some(target) = person.form2 {
            let target = [1001, 1002, 9001, 7777][usize::from(target)];
            country.form2(&format!("f{at}"), &name, target, "2015-09-01T10:00:00");
        }
    }
    country
}

/// The decisions and lists as text, by person id: what must not depend on the order of rows.
fn told(country: &Country) -> String {
    let (snapshot, roll) = country.formed();
    let mut text = String::new();
    for person in snapshot.people() {
        let decision = roll.decisions[person.at()];
        let record = decision.evidence.record(&snapshot, person);
        text += &format!(
            "{} {} {record:?} {:?}\n",
            snapshot.person(person).id,
            decision.code(),
            decision.date
        );
    }
    for list in &roll.lists {
        let ids: Vec<_> = list
            .persons
            .iter()
            .map(|p| snapshot.person(*p).id)
            .collect();
        text += &format!("{} {ids:?}\n", list.precinct);
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn considered_is_listed_plus_excluded(people in proptest::collection::vec(drawn(), 0..60)) {
        let country = country_of(&people);
        let (snapshot, roll) = country.formed();
        let excluded: u64 = roll.count.excluded.iter().sum();
        prop_assert_eq!(roll.count.considered, roll.count.total + excluded);
        prop_assert_eq!(roll.count.considered, people.len() as u64);
        let lines: usize = roll.lists.iter().map(|l| l.persons.len()).sum();
        prop_assert_eq!(roll.count.total, lines as u64);
        for list in &roll.lists {
            for (at, person) in list.persons.iter().enumerate() {
                let place = roll.place(*person).unwrap();
                prop_assert_eq!(place.line as usize, at + 1);
                prop_assert_eq!(place.precinct, list.precinct);
            }
        }
        prop_assert!(roll.check(&snapshot).is_ok());
    }

    // Under each shipped law, with and without a demand for documents: everybody is counted once, and the
    // sums by precinct, by reason and by person agree.
    #[test]
    fn the_sums_agree_under_every_law(people in proptest::collection::vec(drawn(), 0..40), documents in any::<bool>()) {
        let country = country_of(&people);
        for id in lexicon::ElectionLaw::shipped_ids() {
            let mut law = lexicon::ElectionLaw::shipped(id).unwrap();
            law.documents.required = documents;
            let (snapshot, roll) = country.formed_by(&law);
            let mut by_code = std::collections::BTreeMap::<&str, u64>::new();
            for person in snapshot.people() {
                let decision = roll.decisions[person.at()];
                *by_code.entry(decision.code()).or_default() += 1;
                let listed = roll.lists.iter().filter(|list| list.persons.contains(&person)).count();
                prop_assert_eq!(listed, usize::from(decision.code() == "LISTED"));
                prop_assert_eq!(decision.rule().is_empty(), decision.code() == "LISTED");
            }
            let lines: usize = roll.lists.iter().map(|list| list.persons.len()).sum();
            prop_assert_eq!(by_code.remove("LISTED").unwrap_or(0), lines as u64);
            for (reason, count) in ExclusionReason::ALL.iter().zip(roll.count.excluded) {
                prop_assert_eq!(by_code.remove(reason.code()).unwrap_or(0), count);
            }
            prop_assert!(by_code.is_empty());
        }
    }

    #[test]
    fn the_order_of_rows_changes_nothing(people in proptest::collection::vec(drawn(), 0..30), turn in any::<usize>()) {
        let country = country_of(&people);
        let mut turned = country.clone();
        let t = &mut turned.tables;
        let by = |len: usize| if len == 0 { 0 } else { turn % len };
        let n = by(t.persons.len()); t.persons.rotate_left(n); t.persons.reverse();
        let n = by(t.residences.len()); t.residences.rotate_left(n);
        let n = by(t.enrolments.len()); t.enrolments.rotate_left(n);
        let n = by(t.claims.len()); t.claims.rotate_left(n);
        let n = by(t.civil_events.len()); t.civil_events.rotate_left(n);
        let n = by(t.boundaries.len()); t.boundaries.rotate_left(n);
        t.addresses.reverse();
        t.precincts.reverse();
        prop_assert_eq!(told(&country), told(&turned));
    }
}

#[test]
fn the_law_alone_moves_the_cut_off() {
    let mut country = Country::new();
    country.voter("Асанова");
    country.tables.enrolments[0].captured = day("2015-09-25");
    country.tables.enrolments[0].processed = Some(day("2015-09-25"));
    let mut later = law();
    later.list.enrolment_until_days = 5;
    let (snapshot, roll) = country.formed_by(&later);
    assert_eq!(
        roll.decisions[find(&snapshot, "Асанова").at()].code(),
        "LISTED"
    );
    assert_eq!(country.decision("Асанова").code(), "NO_BIOMETRICS");
}
