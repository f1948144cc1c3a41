//! Figures from outside: good rows once, bad ones by line and column, and nothing of a file that has none.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use std::sync::Arc;

use lexicon::{Clock, Instant};
use office::reference::{Rejected, import};
use store::{ReferenceKind, Store};

struct Still;

impl Clock for Still {
    fn now(&self) -> Instant {
        Instant::from_micros(0)
    }
}

fn store() -> Store {
    Store::open("sqlite::memory:", Arc::new(Still)).unwrap()
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    file
}

#[test]
fn good_rows_are_taken_and_bad_ones_named_by_line_and_column() {
    let store = store();
    let text = "\u{feff}value,region,precinct\n\
        120,chui,1001\n\
        80,chui,\n\
        9,atlantis,\n\
        9,chui,12345\n\
        -1,osh,\n\
        7,chui,1001\n\
        33,osh_additional,\n";
    let file = file(text);
    let taken = import(
        &store,
        file.path(),
        ReferenceKind::LastElection,
        "10.10.2010",
    )
    .unwrap();
    assert_eq!((taken.edition, taken.rows), (1, 3));
    let bad: Vec<(u64, &str)> = taken.rejected.iter().map(|r| (r.line, r.column)).collect();
    assert_eq!(
        bad,
        [
            (4, "region"),
            (5, "precinct"),
            (6, "value"),
            (7, "precinct")
        ]
    );
    let kept = store
        .read("kept", |tx| tx.find_reference(ReferenceKind::LastElection))
        .unwrap()
        .unwrap();
    assert_eq!(kept.label, "10.10.2010");
    let values: Vec<(&str, u32, u64)> = kept
        .values
        .iter()
        .map(|row| (row.region.as_str(), row.precinct, row.value))
        .collect();
    assert_eq!(
        values,
        [
            ("chui", 0, 80),
            ("chui", 1001, 120),
            ("osh_additional", 0, 33)
        ]
    );
}

#[test]
fn a_bad_row_keeps_its_line_whatever_ends_the_lines() {
    for end in ["\n", "\r\n"] {
        // The second record holds a line break of its own, an empty line stands before the last.
        let rows = ["region,value", "chui,5", "\"atlan", "tis\",1", "", "osh,x"];
        let file = file(&rows.join(end));
        let taken = import(&store(), file.path(), ReferenceKind::Kits, "now").unwrap();
        let bad: Vec<(u64, &str)> = taken.rejected.iter().map(|r| (r.line, r.column)).collect();
        assert_eq!(bad, [(3, "region"), (6, "value")], "{end:?}");
    }
}

#[test]
fn a_later_file_stands_in_place_and_a_file_without_a_good_row_changes_nothing() {
    let store = store();
    let kind = ReferenceKind::Kits;
    let take = |text: &str, label: &str| import(&store, file(text).path(), kind, label);
    take("region,value\nchui,5\n", "first").unwrap();
    let second = take("region,value\nosh,6\n", "second").unwrap();
    assert_eq!(second.rejected, Vec::<Rejected>::new());
    for (text, said) in [
        ("region,count\nchui,5\n", "no column value"),
        ("region,value\natlantis,5\n", "no row can be used"),
        ("region,value\n", "no row can be used"),
    ] {
        let error = take(text, "third").unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    let kept = store
        .read("kept", |tx| tx.find_reference(kind))
        .unwrap()
        .unwrap();
    assert_eq!((kept.label.as_str(), kept.values.len()), ("second", 1));
    let other = store.read("kept", |tx| tx.find_reference(ReferenceKind::LastElection));
    assert!(other.unwrap().is_none());
}
