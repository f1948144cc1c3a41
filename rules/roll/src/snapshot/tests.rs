#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
use super::*;
use crate::testkit::{Country, day, find, id};

#[test]
fn rows_come_back_sorted_and_by_person() {
    let mut country = Country::new();
    for name in ["В", "А", "Б"] {
        country.voter(name);
    }
    country.resident("Б", "e1");
    let snapshot = country.snapshot();
    assert!(snapshot.persons.is_sorted_by_key(|p| p.id));
    assert_eq!(snapshot.residences_of(find(&snapshot, "Б")).len(), 2);
    assert_eq!(snapshot.residences_of(find(&snapshot, "А")).len(), 1);
    assert_eq!(snapshot.documents_of(find(&snapshot, "В")).len(), 1);
    assert_eq!(snapshot.events_of(find(&snapshot, "В")).len(), 0);
}

#[test]
fn a_row_about_nobody_is_left_out_and_named() {
    let mut country = Country::new();
    country.voter("А");
    country.resident("Жок", "w1");
    country.resident("А", "no such house");
    country.event("Жок", "death", "2015-01-01");
    let snapshot = country.snapshot();
    let tables: Vec<_> = snapshot.dangling.iter().map(|(table, _)| *table).collect();
    assert_eq!(tables, vec!["civil_events", "residences", "residences"]);
    assert_eq!(snapshot.residences.len(), 1);
}

#[test]
fn a_key_that_stands_twice_and_an_unknown_code_refuse_the_snapshot() {
    let mut country = Country::new();
    country.voter("А");
    let twice = country.tables.persons[0].clone();
    country.tables.persons.push(twice);
    let error = SnapshotBuilder::tables(&country.tables).unwrap_err();
    assert_eq!(
        error,
        SnapshotError::Twice {
            table: "persons",
            row: id("А").to_string()
        }
    );
    country.tables.persons.pop();
    country.tables.persons[0].standing = "ghost".to_owned();
    let error = SnapshotBuilder::tables(&country.tables).unwrap_err();
    assert!(matches!(
        error,
        SnapshotError::Code {
            table: "persons",
            field: "standing",
            ..
        }
    ));
}

#[test]
fn of_residences_the_latest_begun_that_is_not_over_counts() {
    let mut country = Country::new();
    country.voter("А");
    country.resident("А", "e1");
    country.tables.residences[1].from = day("2012-01-01");
    country.tables.residences[1].until = Some(day("2014-01-01"));
    let snapshot = country.snapshot();
    let on = |text: &str| {
        let at = snapshot.residence_on(find(&snapshot, "А"), day(text))?;
        Some(&*snapshot.addresses[snapshot.residences[at].address.at()].id)
    };
    assert_eq!(on("2011-01-01"), Some("w1"));
    assert_eq!(on("2013-12-31"), Some("e1"));
    assert_eq!(on("2014-01-01"), Some("w1"));
    assert_eq!(on("2009-01-01"), None);
}

#[test]
fn a_commission_row_keeps_what_was_written() {
    let mut country = Country::new();
    country.commission(
        "r2",
        " 1-2",
        ["А\u{1f}Б", "?", ""],
        ["31.02.1990", "көч. 1", ""],
    );
    country.commission("r1", "", ["", "", ""], ["", "", "77"]);
    let snapshot = country.snapshot();
    let rows: Vec<_> = snapshot.commission.iter().collect();
    assert_eq!((rows[0].row, rows[0].precinct), ("r1", "77"));
    assert_eq!(
        (rows[1].surname, rows[1].pin, rows[1].address),
        ("А Б", " 1-2", "көч. 1")
    );
}
