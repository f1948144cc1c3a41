use super::contradicting_rows;
use crate::reconcile::{FoundBy, Reconciled, Reconciliation, reconcile};
use crate::snapshot::Snapshot;
use crate::testkit::{Country, find, law, precinct};

const HOME: &str = "Бишкек, Манас көч., 1";
const NAMES: [&str; 3] = ["Асанова", "Айгүл", ""];

/// `Асанова` and perhaps `Усенова` at one house, and one row without a PIN.
fn country(names: &[&str], born: &str) -> Country {
    let mut country = Country::new();
    for name in names {
        country.voter(name);
    }
    country.commission("r1", "", NAMES, [born, HOME, "1001"]);
    country
}

fn reconciled(country: &Country) -> (Snapshot, Reconciliation) {
    let (snapshot, roll) = country.formed();
    let found = reconcile(&snapshot, &roll, &law());
    (snapshot, found)
}

fn row(country: &Country) -> Reconciled {
    reconciled(country).1.rows[0].clone()
}

#[test]
fn an_accepted_link_joins_the_row_with_the_person() {
    // Another birth date and no PIN: by the rules the row means nobody.
    let mut country = country(&["Асанова"], "09.05.1979");
    assert_eq!(row(&country).record, None);
    let subject = country
        .review("r1", Some("Асанова"), "same")
        .subject
        .clone();
    let (snapshot, found) = reconciled(&country);
    let row = &found.rows[0];
    assert_eq!(row.record, Some(find(&snapshot, "Асанова")));
    assert_eq!(row.found_by, FoundBy::Review);
    assert_eq!(row.classes.joined(), "pin_corrected");
    assert_eq!(row.precinct, Some(precinct(1001)));
    // The day is that of the country: 1 in the morning of the 19th there is the 18th in Greenwich.
    let source = format!("joined=review/{subject}@2015-09-19");
    assert!(row.evidence.ends_with(&source), "{}", row.evidence);
    assert!(found.new.is_empty());
}

#[test]
fn a_refused_link_never_joins_again() {
    let mut country = country(&["Асанова"], "09.05.1980");
    assert_eq!(row(&country).found_by, FoundBy::Details);
    let refused = country
        .review("r1", Some("Асанова"), "distinct")
        .subject
        .clone();
    let (snapshot, found) = reconciled(&country);
    assert_eq!(found.rows[0].record, None);
    assert_eq!(found.rows[0].classes.joined(), "not_found");
    assert_eq!(
        found.rows[0].evidence,
        format!("apart=review/{refused}@2015-09-19")
    );
    assert_eq!(found.new, [find(&snapshot, "Асанова")], "no row means her");

    // Nor by the PIN of somebody whom the row does not mean.
    country.tables.review_answers.clear();
    country.tables.commission[0].pin = "20905198000001".to_owned();
    country.tables.commission[0].born = "08.05.1980".to_owned();
    assert_eq!(row(&country).found_by, FoundBy::Pin);
    country.review("r1", Some("Асанова"), "distinct");
    assert_eq!(row(&country).record, None);
}

#[test]
fn where_one_link_is_refused_the_next_best_person_may_be_meant() {
    let mut country = country(&["Асанова", "Усенова"], "09.05.1980");
    country.review("r1", Some("Асанова"), "distinct");
    let (snapshot, found) = reconciled(&country);
    assert_eq!(found.rows[0].record, Some(find(&snapshot, "Усенова")));
    assert_eq!(found.rows[0].found_by, FoundBy::Details);
}

#[test]
fn what_nobody_can_tell_stays_as_the_rules_find_it() {
    let mut country = country(&["Асанова"], "09.05.1980");
    let before = row(&country);
    country.review("r1", Some("Асанова"), "cannot_tell");
    let after = row(&country);
    assert_eq!(
        (after.record, after.found_by),
        (before.record, before.found_by)
    );
    assert!(after.evidence.contains("cannot_tell=review/"));
    assert!(contradicting_rows(&country.snapshot()).is_empty());
}

#[test]
fn an_answer_counts_only_for_the_row_that_was_asked_about() {
    let mut country = country(&["Асанова"], "09.05.1979");
    country.review("r1", Some("Асанова"), "same");
    country.tables.commission[0].given = "Айжан".to_owned();
    let row = row(&country);
    assert_eq!((row.record, row.evidence.as_str()), (None, ""));
}

#[test]
fn answers_that_contradict_each_other_count_for_nothing_and_are_named() {
    let mut country = country(&["Асанова", "Усенова"], "09.05.1979");
    country.review("r1", Some("Асанова"), "same");
    country.review("r1", Some("Усенова"), "same");
    let row = row(&country);
    assert_eq!(row.record, None);
    assert_eq!(row.evidence.matches("contradicts=review/").count(), 2);
    assert_eq!(contradicting_rows(&country.snapshot()), ["r1"]);
    let (snapshot, roll) = country.formed();
    let waiting = crate::blockers::Waiting {
        signed_stage: Some(crate::commit::Stage::Control),
        ..crate::blockers::Waiting::default()
    };
    let held = crate::blockers::blockers(&snapshot, &roll, crate::commit::Stage::Final, waiting);
    let held: Vec<_> = held.iter().map(|h| (h.blocker.code(), h.count)).collect();
    assert_eq!(held, [("ROW_UNDECIDED", 1)]);
}

#[test]
fn one_person_both_meant_and_not_meant_is_a_contradiction() {
    // Two records that a verdict joined are one person.
    let mut country = country(&["Асанова", "Усенова"], "09.05.1980");
    country.tables.persons[1].standing = "duplicate".to_owned();
    country.tables.persons[1].duplicate_of = Some(country.tables.persons[0].person);
    country.review("r1", Some("Асанова"), "same");
    country.review("r1", Some("Усенова"), "distinct");
    assert_eq!(contradicting_rows(&country.snapshot()), ["r1"]);
    assert_eq!(row(&country).found_by, FoundBy::Details);
}

#[test]
fn a_placed_address_places_the_row_of_whom_the_register_has_no_home() {
    let mut country = country(&[], "09.05.1980");
    assert_eq!(row(&country).precinct, None);
    country.review("r1", None, "house").address = Some("e1".to_owned());
    let placed = row(&country);
    assert_eq!(placed.classes.joined(), "not_found");
    assert_eq!(placed.precinct, Some(precinct(1002)));
    assert!(
        placed.evidence.starts_with("placed=review/"),
        "{}",
        placed.evidence
    );

    // A person without residence: the answer places the row; a home of the register goes before it.
    let mut country = self::country(&["Асанова"], "09.05.1980");
    country.review("r1", None, "house").address = Some("e1".to_owned());
    assert_eq!(row(&country).precinct, Some(precinct(1001)));
    country.without_residence("Асанова");
    assert_eq!(row(&country).precinct, Some(precinct(1002)));
    country.tables.review_answers[0].says = "no_house".to_owned();
    let nowhere = row(&country);
    assert_eq!(nowhere.precinct, None);
    assert!(
        nowhere.evidence.contains("no_house=review/"),
        "{}",
        nowhere.evidence
    );
}

#[test]
fn answers_that_cannot_be_are_refused_and_those_about_nobody_are_named() {
    let mut country = country(&["Асанова"], "09.05.1980");
    country.review("r1", Some("Асанова"), "perhaps");
    let refused = crate::snapshot::SnapshotBuilder::tables(&country.tables);
    assert!(matches!(refused, Err(error) if error.to_string().contains("review_answers")));
    country.tables.review_answers.clear();
    country.review("r1", Some("Nobody"), "same");
    let snapshot = country.snapshot();
    assert!(snapshot.answers.is_empty());
    assert_eq!(snapshot.dangling[0].0, "review_answers");
}
