#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use super::*;
use crate::snapshot::SnapshotBuilder;
use crate::testkit::{Country, day, find, law, lists_of};

fn outcomes(country: &Country) -> Vec<(String, &'static str)> {
    let (snapshot, roll) = country.formed();
    let names = snapshot.claims.iter().map(|c| c.id.to_string());
    names
        .zip(roll.claims.outcomes.iter().map(|o| o.code()))
        .collect()
}

fn one() -> Country {
    let mut country = Country::new();
    country.voter("Асанова");
    country
}

fn said(pairs: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
    pairs
        .iter()
        .map(|(id, code)| ((*id).to_owned(), *code))
        .collect()
}

// L-02: V in 1001 files to 1002 (10 Sept), then to 9001 (12 Sept); a third one after the cut-off.
#[test]
fn the_last_valid_form_2_wins_and_the_chain_stays() {
    let mut country = one();
    country.form2("a", "Асанова", 1002, "2015-09-10T10:00:00");
    country.form2("b", "Асанова", 9001, "2015-09-12T10:00:00");
    country.form2("c", "Асанова", 1002, "2015-09-20T00:00:00");
    let (snapshot, roll) = country.formed();
    assert_eq!(lists_of(&snapshot, &roll, "Асанова"), vec![9001]);
    let want = [
        ("a", "SUPERSEDED"),
        ("b", "COUNTS"),
        ("c", "AFTER_DEADLINE"),
    ];
    assert_eq!(outcomes(&country), said(&want));
    assert_eq!(roll.claims.superseded_by, vec![Some(1), None, None]);
}

#[test]
fn the_last_second_of_the_last_day_is_in_time() {
    let mut country = one();
    country.form2("a", "Асанова", 1002, "2015-09-19T23:59:59");
    assert_eq!(outcomes(&country), said(&[("a", "COUNTS")]));
}

#[test]
fn taking_back_before_the_cut_off_returns_the_voter_home() {
    let mut country = one();
    country.form2("a", "Асанова", 1002, "2015-09-10T10:00:00");
    country
        .claim("b", "form2", "Асанова", "2015-09-11T10:00:00")
        .value = CANCEL.to_owned();
    let (snapshot, roll) = country.formed();
    assert_eq!(lists_of(&snapshot, &roll, "Асанова"), vec![1001]);
    assert_eq!(
        outcomes(&country),
        said(&[("a", "SUPERSEDED"), ("b", "COUNTS")])
    );
}

fn permutations(n: usize) -> Vec<Vec<usize>> {
    if n == 0 {
        return vec![Vec::new()];
    }
    permutations(n - 1)
        .into_iter()
        .flat_map(|shorter| {
            (0..n).map(move |at| {
                let mut longer = shorter.clone();
                longer.insert(at, n - 1);
                longer
            })
        })
        .collect()
}

// L-03: two offices, offline, the same minute; then every order of arrival, with re-sends.
#[test]
fn the_winner_does_not_depend_on_the_order_of_arrival() {
    let mut country = one();
    country.voter("Усенова");
    country.form2("x-2", "Асанова", 9001, "2015-09-12T10:00:00");
    country.form2("x-1", "Асанова", 1002, "2015-09-12T10:00:00");
    country.form2("y", "Усенова", 1002, "2015-09-12T10:00:00");
    country.form2("z", "Асанова", 1002, "2015-09-01T10:00:00");
    let again = country.tables.claims[0].clone();
    country.tables.claims.push(again);
    let claims = country.tables.claims.clone();
    for order in permutations(claims.len()) {
        let mut other = country.clone();
        other.tables.claims = order.iter().map(|at| claims[*at].clone()).collect();
        let (snapshot, roll) = other.formed();
        // One time of capture: the greater claim id is the later one.
        assert_eq!(
            lists_of(&snapshot, &roll, "Асанова"),
            vec![9001],
            "{order:?}"
        );
        assert_eq!(lists_of(&snapshot, &roll, "Усенова"), vec![1002]);
        let want = [
            ("z", "SUPERSEDED"),
            ("x-1", "SUPERSEDED"),
            ("x-2", "COUNTS"),
            ("y", "COUNTS"),
        ];
        assert_eq!(outcomes(&other), said(&want));
    }
}

#[test]
fn two_contents_under_one_claim_id_refuse_the_snapshot() {
    let mut country = one();
    country.form2("a", "Асанова", 1002, "2015-09-10T10:00:00");
    country.form2("a", "Асанова", 9001, "2015-09-11T10:00:00");
    assert!(SnapshotBuilder::tables(&country.tables).is_err());
}

// L-04: what no category changes.
#[test]
fn form_2_is_refused_with_a_reason() {
    let check = |change: &dyn Fn(&mut Country), code: &'static str| {
        let mut country = one();
        country.form2("a", "Асанова", 1002, "2015-09-10T10:00:00");
        change(&mut country);
        assert_eq!(outcomes(&country), said(&[("a", code)]));
    };
    check(&|_| {}, "COUNTS");
    check(&|c| c.tables.claims[0].identified = false, "NOT_IDENTIFIED");
    check(&|c| c.tables.claims[0].person = None, "UNKNOWN_PERSON");
    check(&|c| c.tables.claims[0].target = None, "NO_SUCH_PRECINCT");
    check(
        &|c| c.tables.precincts.retain(|p| p.precinct.number() != 1002),
        "NO_SUCH_PRECINCT",
    );
    check(
        &|c| c.tables.claims[0].target = Some(crate::testkit::precinct(1001)),
        "SAME_PRECINCT",
    );
    check(
        &|c| c.tables.persons[0].born = day("2000-01-01"),
        "APPLICANT_UNDER_AGE",
    );
    check(
        &|c| c.event("Асанова", "death", "2015-09-01"),
        "APPLICANT_DEAD",
    );
    check(&|c| c.tables.enrolments.clear(), "NOT_ELIGIBLE");
    check(&|c| c.without_residence("Асанова"), "COUNTS");
}

/// A country with a precinct of every kind, each with its number.
const KINDS: [(u16, &str); 7] = [
    (1002, "territorial"),
    (1003, "additional"),
    (1004, "hospital"),
    (1005, "detention"),
    (1006, "military"),
    (9001, "abroad"),
    (1007, "mobile"),
];

fn of_category(category: &str, target: u16, filed: &str, identified: bool) -> Country {
    let mut country = one();
    for (number, kind) in KINDS.iter().filter(|(n, _)| (1003..9000).contains(n)) {
        country.precinct(*number, kind);
    }
    let row = country.form2("a", "Асанова", target, filed);
    row.value = category.to_owned();
    row.identified = identified;
    country
}

fn outcome_under(law: &str, country: &Country) -> &'static str {
    let mut law = lexicon::ElectionLaw::shipped(law).unwrap();
    // One register for all laws: the day and the terms are those of 2015, the switches are the law's own.
    law.election = crate::testkit::law().election;
    law.shortening = lexicon::law::Shortening::default();
    country.formed_by(&law).1.claims.outcomes[0].code()
}

// L-04: one assertion for each cell: category × kind of precinct, under the law of 2015.
#[test]
fn each_category_fills_its_own_kinds_of_precinct_and_no_other() {
    let filed = "2015-09-10T10:00:00";
    let (yes, no) = ("COUNTS", "PRECINCT_KIND");
    let (none, closed) = ("NOT_IN_CATEGORY", "NOT_IN_CATEGORY");
    //               territorial additional hospital detention military abroad mobile
    let cells = [
        ("", [yes, yes, no, no, no, yes, no]),
        ("ordinary", [yes, yes, no, no, no, yes, no]),
        ("any", [yes, yes, no, no, no, yes, no]),
        ("abroad", [no, no, no, no, no, yes, no]),
        ("hospital", [no, no, yes, no, no, no, no]),
        ("detention", [no, no, no, yes, no, no, no]),
        ("military", [no, no, no, no, yes, no, no]),
        ("mobile", [no, no, no, no, no, no, yes]),
        ("proxy", [closed; 7]),
        ("friend", [none; 7]),
    ];
    for (category, row) in cells {
        for ((number, kind), want) in KINDS.iter().zip(row) {
            let country = of_category(category, *number, filed, true);
            assert_eq!(
                outcome_under("kg-2015", &country),
                want,
                "{category} into {kind}"
            );
        }
    }
}

// After the reform of 2020: the ordinary application is closed, the categories stand.
#[test]
fn the_laws_of_2020_and_2025_close_the_ordinary_form_2_and_keep_the_categories() {
    let filed = "2015-09-10T10:00:00";
    for law in ["kg-2020", "kg-2025"] {
        for (category, target, want) in [
            ("", 1002, "NOT_IN_CATEGORY"),
            ("", 1003, "NOT_IN_CATEGORY"),
            ("", 9001, "NOT_IN_CATEGORY"),
            ("abroad", 9001, "COUNTS"),
            ("abroad", 1002, "PRECINCT_KIND"),
            ("hospital", 1004, "COUNTS"),
            ("military", 1006, "COUNTS"),
            ("proxy", 1002, "NOT_IN_CATEGORY"),
        ] {
            let country = of_category(category, target, filed, true);
            assert_eq!(
                outcome_under(law, &country),
                want,
                "{law}: {category} into {target}"
            );
        }
    }
}

// L-25 of the station's S-25: hospital lists until E-12 although Form 2 ended at E-15; a day later they are flagged.
#[test]
fn an_institution_has_a_last_day_of_its_own_and_needs_no_finger() {
    let check = |category: &str, target: u16, filed: &str, identified: bool, want: &str| {
        let country = of_category(category, target, filed, identified);
        assert_eq!(
            outcome_under("kg-2015", &country),
            want,
            "{category} at {filed}"
        );
    };
    check("hospital", 1004, "2015-09-22T23:59:59", false, "COUNTS");
    check("hospital", 1004, "2015-09-23T00:00:00", false, "LATE_LIST");
    check("detention", 1005, "2015-09-23T00:00:00", true, "LATE_LIST");
    check("military", 1006, "2015-09-19T23:59:59", false, "COUNTS");
    check("military", 1006, "2015-09-20T00:00:00", false, "LATE_LIST");
    // A mobile precinct is filled by the commission's decision under the law of 2015, by application under the later ones.
    check("mobile", 1007, "2015-09-10T10:00:00", false, "COUNTS");
    check("mobile", 1007, "2015-09-20T00:00:00", true, "LATE_LIST");
    let country = of_category("mobile", 1007, "2015-09-10T10:00:00", false);
    for law in ["kg-2020", "kg-2025"] {
        assert_eq!(outcome_under(law, &country), "NOT_IDENTIFIED", "{law}");
    }
    check(
        "ordinary",
        1002,
        "2015-09-22T10:00:00",
        true,
        "AFTER_DEADLINE",
    );
}

#[test]
fn the_switches_of_the_law_decide_form_2() {
    let country = of_category("detention", 1005, "2015-09-10T10:00:00", true);
    let outcome = |change: &dyn Fn(&mut lexicon::ElectionLaw)| {
        let mut law = law();
        change(&mut law);
        country.formed_by(&law).1.claims.outcomes[0].code()
    };
    assert_eq!(outcome(&|law| law.form2.enabled = false), "NOT_ENABLED");
    let switch = |law: &mut lexicon::ElectionLaw, on: bool| {
        let row = law
            .form2
            .category
            .iter_mut()
            .find(|c| c.code == "detention");
        row.unwrap().enabled = on;
    };
    assert_eq!(outcome(&|law| switch(law, false)), "NOT_IN_CATEGORY");
    assert_eq!(outcome(&|law| switch(law, true)), "COUNTS");
}

// L-02, whole: two applications, a third after the cut-off, then the same story with a cancellation.
#[test]
fn form_2_twice_then_late_then_taken_back() {
    let mut country = one();
    country.precinct(1003, "additional");
    country.form2("a", "Асанова", 1002, "2015-09-10T10:00:00");
    country.form2("b", "Асанова", 1003, "2015-09-12T10:00:00");
    let (snapshot, roll) = country.formed();
    assert_eq!(lists_of(&snapshot, &roll, "Асанова"), [1003]);
    country.form2("c", "Асанова", 1002, "2015-09-20T00:00:00");
    assert_eq!(outcomes(&country)[2].1, "AFTER_DEADLINE");
    country
        .claim("d", "form2", "Асанова", "2015-09-19T12:00:00")
        .value = CANCEL.to_owned();
    let (snapshot, roll) = country.formed();
    assert_eq!(lists_of(&snapshot, &roll, "Асанова"), [1001]);
    let want = [
        ("a", "SUPERSEDED"),
        ("b", "SUPERSEDED"),
        ("d", "COUNTS"),
        ("c", "AFTER_DEADLINE"),
    ];
    assert_eq!(outcomes(&country), said(&want));
    assert_eq!(roll.claims.chain(0), [0, 1, 2]);
    assert_eq!(roll.claims.chain(2), [2]);
}

#[test]
fn a_cancellation_stands_even_where_the_ordinary_form_is_closed() {
    let mut country = of_category("abroad", 9001, "2015-09-10T10:00:00", true);
    country
        .claim("b", "form2", "Асанова", "2015-09-11T10:00:00")
        .value = CANCEL.to_owned();
    let mut law = law();
    for row in &mut law.form2.category {
        row.enabled = row.code != "ordinary";
    }
    let (snapshot, roll) = country.formed_by(&law);
    assert_eq!(lists_of(&snapshot, &roll, "Асанова"), [1001]);
}

#[test]
fn an_additional_precinct_has_no_land_even_when_a_boundary_is_drawn() {
    let mut country = one();
    country.precinct(1003, "additional");
    country.polygon(
        1003,
        &crate::testkit::square(74_530_000, 42_800_000, 10_000),
    );
    country.house("x", "Жаңы", "1", (74_535_000, 42_805_000));
    country.tables.residences[0].address = "x".to_owned();
    let (snapshot, roll) = country.formed();
    let person = find(&snapshot, "Асанова");
    assert_eq!(roll.decisions[person.at()].code(), "NO_ADDRESS");
    let named: Vec<_> = roll
        .blockers()
        .map(crate::boundary::Finding::code)
        .collect();
    assert_eq!(named, ["UNUSABLE"]);
    country.form2("a", "Асанова", 1003, "2015-09-10T10:00:00");
    let (snapshot, roll) = country.formed();
    assert_eq!(lists_of(&snapshot, &roll, "Асанова"), [1003]);
}

#[test]
fn a_claim_is_answered_within_its_term_and_before_the_final_list() {
    let law = law();
    let at = |on: &str| crate::testkit::moment(&format!("{on}T23:00:00"));
    let check = |filed: &str, answered: Option<&str>, today: &str, want: (&str, AnswerClock)| {
        let (due, clock) = answer_clock(&law, at(filed), answered.map(day), day(today));
        assert_eq!((due, clock), (day(want.0), want.1), "{filed} on {today}");
    };
    use AnswerClock::{Answered, Overdue, Waiting};
    check(
        "2015-09-01",
        None,
        "2015-09-05",
        ("2015-09-08", Waiting { left_days: 3 }),
    );
    check(
        "2015-09-01",
        None,
        "2015-09-08",
        ("2015-09-08", Waiting { left_days: 0 }),
    );
    check(
        "2015-09-01",
        None,
        "2015-09-09",
        ("2015-09-08", Overdue { days: 1 }),
    );
    check(
        "2015-09-01",
        Some("2015-09-08"),
        "2015-09-30",
        ("2015-09-08", Answered { late_days: 0 }),
    );
    check(
        "2015-09-01",
        Some("2015-09-10"),
        "2015-09-30",
        ("2015-09-08", Answered { late_days: 2 }),
    );
    // Seven days after the 19th would be the 26th: the list is final on the 25th.
    check(
        "2015-09-19",
        None,
        "2015-09-26",
        ("2015-09-25", Overdue { days: 1 }),
    );
}

#[test]
fn a_receipt_number_follows_from_the_claim_and_shows_a_slip() {
    let number = receipt_number(20_151_004, "GQ1001");
    assert_eq!(number.len(), 12);
    assert!(receipt_number_holds(&number) && receipt_number_holds(&number.to_lowercase()));
    assert_ne!(number, receipt_number(20_151_004, "GQ1002"));
    assert_ne!(number, receipt_number(20_201_004, "GQ1001"));
    let letters: Vec<char> = number.chars().collect();
    for at in (0..9).filter(|at| *at != 4) {
        for other in RECEIPT_LETTERS.iter().map(|letter| char::from(*letter)) {
            let mut slip = letters.clone();
            slip[at] = other;
            let text: String = slip.iter().collect();
            assert_eq!(receipt_number_holds(&text), text == number, "{text}");
        }
        let mut turned = letters.clone();
        turned.swap(at, if at == 3 { 5 } else { at + 1 });
        let text: String = turned.iter().collect();
        if at < 8 {
            assert_eq!(receipt_number_holds(&text), text == number, "{text}");
        }
    }
    for wrong in ["", "1234", "ЖЖЖЖ-ЖЖЖЖ-11", "0000-0000-0x", "0000-0000-000"] {
        assert!(!receipt_number_holds(wrong), "{wrong}");
    }
}

#[test]
fn an_address_by_the_streets_former_name_is_taken_and_says_so() {
    let mut country = one();
    country
        .tables
        .street_names
        .push(lexicon::handover::snapshot::StreetNameRow {
            street: "s-Чүй".to_owned(),
            name: "Белинский".to_owned(),
            from: None,
            until: Some(day("2010-06-01")),
        });
    for (id, value) in [
        ("1", "e1"),
        ("2", "Чүй, 1"),
        ("3", "Белинский, 1"),
        ("4", "Бишкек шаары, Белинский көчөсү, 1-үй"),
        ("5", "Белинский, 9"),
    ] {
        let at = format!("2015-09-0{id}T10:00:00");
        let row = country.claim(id, "correction", "Асанова", &at);
        row.field = "address".to_owned();
        row.value = value.to_owned();
    }
    let (snapshot, roll) = country.formed();
    let person = snapshot.people().next().unwrap();
    let place = roll.place(person).unwrap();
    assert_eq!(place.precinct.number(), 1002);
    let streets = roll.claims.streets.iter();
    let streets: Vec<_> = streets.map(|(at, fit)| (*at, fit.code())).collect();
    assert_eq!(streets, [(1, "same"), (2, "former"), (3, "former")]);
    let want = [
        ("1", "SUPERSEDED"),
        ("2", "SUPERSEDED"),
        ("3", "SUPERSEDED"),
        ("4", "COUNTS"),
        ("5", "UNREADABLE_VALUE"),
    ];
    assert_eq!(outcomes(&country), said(&want));
}

#[test]
fn corrections_change_name_birth_date_and_address_when_identified() {
    let mut country = one();
    let mut correct = |id: &str, field: &str, value: &str, at: &str| {
        let row = country.claim(id, "correction", "Асанова", at);
        row.field = field.to_owned();
        row.value = value.to_owned();
    };
    correct("1", "surname", "Осмонова", "2015-09-01T10:00:00");
    correct("2", "surname", "Османова", "2015-09-02T10:00:00");
    correct("3", "born", "01.02.1981", "2015-09-02T10:00:00");
    correct("4", "address", "Чүй, 1", "2015-09-02T10:00:00");
    correct("5", "born", "31.02.1981", "2015-09-03T10:00:00");
    correct("6", "shoe_size", "38", "2015-09-03T10:00:00");
    correct("7", "given", "Айг?л", "2015-09-03T10:00:00");
    correct("8", "given", "Айгуль", "2015-09-20T10:00:00");
    let (snapshot, roll) = country.formed();
    let line = crate::commit::line(
        &snapshot,
        &roll,
        roll.list(crate::testkit::precinct(1002)).unwrap(),
        0,
        1,
    );
    assert_eq!(
        (line.surname.as_str(), line.born.as_str()),
        ("Османова", "1981-02-01")
    );
    assert_eq!(
        (line.address.as_str(), line.given.as_str()),
        ("Чүй, 1", "Айгүл")
    );
    let want = [
        ("1", "SUPERSEDED"),
        ("2", "COUNTS"),
        ("3", "COUNTS"),
        ("4", "COUNTS"),
        ("5", "UNREADABLE_VALUE"),
        ("6", "UNREADABLE_VALUE"),
        ("7", "UNREADABLE_VALUE"),
        ("8", "AFTER_DEADLINE"),
    ];
    assert_eq!(outcomes(&country), said(&want));
}

#[test]
fn a_corrected_birth_date_may_make_a_person_a_voter() {
    let mut country = one();
    country.tables.persons[0].born = day("1998-01-01");
    assert_eq!(country.decision("Асанова").code(), "UNDER_AGE");
    let row = country.claim("a", "correction", "Асанова", "2015-09-01T10:00:00");
    row.field = "born".to_owned();
    row.value = "1997-01-01".to_owned();
    assert_eq!(country.decision("Асанова").code(), "LISTED");
}

#[test]
fn inclusion_and_exclusion_are_heard_but_only_sources_decide() {
    let mut country = one();
    country.voter("Усенова");
    country.event("Усенова", "death", "2015-01-01");
    country.claim("1", "inclusion", "Асанова", "2015-09-01T10:00:00");
    country.claim("2", "exclusion", "Асанова", "2015-09-01T10:00:00");
    country.claim("3", "inclusion", "Усенова", "2015-09-01T10:00:00");
    country.claim("4", "exclusion", "Усенова", "2015-09-01T10:00:00");
    country.claim("5", "poem", "Усенова", "2015-09-01T10:00:00");
    let want = [
        ("1", "ALREADY_SO"),
        ("2", "NO_GROUND"),
        ("3", "NOT_ELIGIBLE"),
        ("4", "ALREADY_SO"),
        ("5", "UNREADABLE_VALUE"),
    ];
    assert_eq!(outcomes(&country), said(&want));
    let (snapshot, roll) = country.formed();
    assert!(roll.place(find(&snapshot, "Асанова")).is_some());
}

#[test]
fn dates_are_read_in_both_forms() {
    assert_eq!(parse_date("04.10.1997"), Some(day("1997-10-04")));
    assert_eq!(parse_date(" 1997-10-04 "), Some(day("1997-10-04")));
    for wrong in [
        "",
        "04.10.97",
        "32.01.1997",
        "1997",
        "04.10.1997.1",
        "a.b.cccc",
    ] {
        assert_eq!(parse_date(wrong), None, "{wrong}");
    }
}
