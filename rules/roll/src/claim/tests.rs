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

// L-04: one line for each cell of the policy.
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
        "NOT_ELIGIBLE",
    );
    check(
        &|c| c.event("Асанова", "death", "2015-09-01"),
        "NOT_ELIGIBLE",
    );
    check(&|c| c.without_residence("Асанова"), "COUNTS");
}

#[test]
fn categories_and_the_switch_of_the_law_decide_form_2() {
    let mut country = one();
    country
        .form2("a", "Асанова", 1002, "2015-09-10T10:00:00")
        .value = "detention".to_owned();
    let outcome = |change: &dyn Fn(&mut lexicon::ElectionLaw)| {
        let mut law = law();
        change(&mut law);
        country.formed_by(&law).1.claims.outcomes[0].code()
    };
    assert_eq!(outcome(&|law| law.form2.enabled = false), "NOT_ENABLED");
    assert_eq!(
        outcome(&|law| law.form2.categories = vec!["abroad".to_owned()]),
        "NOT_IN_CATEGORY"
    );
    assert_eq!(
        outcome(&|law| law.form2.categories = vec!["detention".to_owned()]),
        "COUNTS"
    );
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
