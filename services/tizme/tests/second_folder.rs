//! A second folder a month later, through the commands as an office runs them.
//!
//! Folder 1 becomes a list. A month later the same register comes again: a passport is lost, somebody has moved, a
//! capture that waited is processed, a birth date was put right; beside them rows that are no lawful act. Expected: the
//! list changes by exactly those persons, each for its reason, and the other rows are refused by line with what to send
//! instead.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod stage;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use arrow::array::{Array as _, StringArray, UInt32Array};
use lexicon::PersonId;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use stage::with_register;

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The sample folder, keys, and a law under which a valid document is asked for.
fn scratch(name: &str) -> PathBuf {
    let dir = with_register(name);
    let law = std::fs::read_to_string(home().join("countries/kg/laws/2015.toml")).unwrap();
    let strict = law.replacen(
        "[documents]\nrequired = false",
        "[documents]\nrequired = true",
        1,
    );
    assert_ne!(strict, law);
    std::fs::write(dir.join("law.toml"), strict).unwrap();
    dir
}

fn run(dir: &Path, arguments: &str, code: i32) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tizme"))
        .args(arguments.split(' '))
        .env("TIZME_STORE", "sqlite:office.db")
        .current_dir(dir)
        .output()
        .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(code), "{arguments}\n{said}");
    said
}

/// Replaces texts in a table of the folder; each must stand there once.
fn edit(dir: &Path, table: &str, pairs: &[(&str, &str)]) {
    let path = dir.join(format!("register/{table}.csv"));
    let mut text = std::fs::read_to_string(&path).unwrap();
    for (before, after) in pairs {
        assert_eq!(text.matches(before).count(), 1, "{table}: {before}");
        text = text.replace(before, after);
    }
    std::fs::write(path, text).unwrap();
}

/// Gives a table one more column, empty in every row.
fn widen(dir: &Path, table: &str, column: &str) {
    let path = dir.join(format!("register/{table}.csv"));
    let text = std::fs::read_to_string(&path).unwrap();
    let wider = text.lines().enumerate().map(|(at, line)| match at {
        0 => format!("{line},{column}\n"),
        _ => format!("{line},\n"),
    });
    std::fs::write(path, wider.collect::<String>()).unwrap();
}

/// Imports, takes the snapshot and forms the list; gives the reason or the precinct of everybody.
fn to_the_list(dir: &Path, number: u32, code: i32) -> BTreeMap<String, String> {
    run(
        dir,
        "office import register --rejects rejects.csv --json",
        code,
    );
    let (s, o) = (format!("s{number}"), format!("o{number}"));
    run(dir, &format!("office snapshot --law law.toml --out {s}"), 0);
    run(
        dir,
        &format!("batch form --snapshot {s} --law law.toml --out {o} --json"),
        0,
    );
    let file = std::fs::File::open(dir.join(o).join("roll/decisions.parquet")).unwrap();
    let mut found = BTreeMap::new();
    for batch in ParquetRecordBatchReaderBuilder::try_new(file)
        .unwrap()
        .build()
        .unwrap()
    {
        let batch = batch.unwrap();
        let text = |name: &str| -> StringArray {
            let column = batch.column_by_name(name).unwrap();
            column
                .as_any()
                .downcast_ref::<StringArray>()
                .unwrap()
                .clone()
        };
        let precincts = batch.column_by_name("precinct").unwrap();
        let precincts: &UInt32Array = precincts.as_any().downcast_ref().unwrap();
        let (persons, outcomes) = (text("person"), text("outcome"));
        for at in 0..batch.num_rows() {
            let place = match precincts.is_valid(at) {
                true => precincts.value(at).to_string(),
                false => outcomes.value(at).to_owned(),
            };
            found.insert(persons.value(at).to_owned(), place);
        }
    }
    found
}

fn of(row: &str) -> String {
    PersonId::of_source("register", row).to_string()
}

#[test]
fn the_list_follows_the_world_by_exactly_those_who_changed() {
    let dir = scratch("second-folder");
    // This capture was collected, not yet processed, when the first folder was written.
    edit(
        &dir,
        "enrolments",
        &[("2015-03-05,2015-03-26", "2015-03-05,")],
    );
    let first = to_the_list(&dir, 1, 0);

    widen(&dir, "documents", "changed");
    widen(&dir, "civil_events", "birth_date");
    edit(
        &dir,
        "documents",
        &[
            (
                "AN8078502,P00000006,2009-02-24,2019-02-24,valid,",
                "AN8078502,P00000006,2009-02-24,2019-02-24,lost,2015-08-20",
            ),
            // A passport does not get another holder.
            ("AN1241520,P00000020,", "AN1241520,P00000021,"),
        ],
    );
    edit(
        &dir,
        "residences",
        &[
            (
                "P00000012,A0000003,residence,2003-12-24,",
                "P00000012,A0000003,residence,2003-12-24,2015-08-21\nP00000012,A0000005,residence,2015-08-22,",
            ),
            // What ended in 2011 ended then.
            ("1998-10-24,2011-04-25", "1998-10-24,2015-04-25"),
        ],
    );
    edit(
        &dir,
        "enrolments",
        &[("2015-03-05,,", "2015-03-05,2015-03-26,")],
    );
    edit(
        &dir,
        "persons",
        &[
            (
                "Гүлмира,Жеңишбековна,F,1989-03-03",
                "Гүлмира,Жеңишбековна,F,1989-03-13",
            ),
            // The same without an act.
            ("1972-09-27", "1973-09-27"),
        ],
    );
    let path = dir.join("register/civil_events.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    let correction = "V00000033c,P00000033,correction,2015-08-23,03-2015-1,,,,1989-03-13\n";
    std::fs::write(path, format!("{text}{correction}")).unwrap();
    let second = to_the_list(&dir, 2, 1);

    let changed: BTreeMap<&str, (&str, &str)> = second
        .iter()
        .filter(|(person, place)| first.get(*person) != Some(place))
        .map(|(person, place)| (person.as_str(), (first[person].as_str(), place.as_str())))
        .collect();
    let (lost, moved, waited) = (of("P00000006"), of("P00000012"), of("P00000018"));
    let expected = BTreeMap::from([
        (lost.as_str(), ("5001", "NO_VALID_DOCUMENT")),
        (moved.as_str(), ("5001", "3001")),
        (waited.as_str(), ("NOT_YET_PROCESSED", "5001")),
    ]);
    assert_eq!(changed, expected);
    assert_eq!(first.len(), second.len(), "nobody vanishes");

    let rejects = std::fs::read_to_string(dir.join("rejects.csv")).unwrap();
    let lines: Vec<String> = rejects
        .lines()
        .skip(1)
        .map(|line| line.splitn(4, ',').take(3).collect::<Vec<_>>().join(","))
        .collect();
    assert_eq!(
        lines,
        [
            "documents.csv,13,status",
            "residences.csv,3,until",
            "persons.csv,35,person_id"
        ],
        "{rejects}"
    );
    assert!(rejects.contains("send it in civil_events"), "{rejects}");
    run(&dir, "office verify", 0);

    // The third time nothing is new, and what was refused is refused again.
    let third = to_the_list(&dir, 3, 1);
    assert_eq!(third, second);
    let told = run(
        &dir,
        "office import register --rejects rejects.csv --json",
        1,
    );
    let line = told.lines().find(|line| line.starts_with('{')).unwrap();
    let told: serde_json::Value = serde_json::from_str(line).unwrap();
    for table in told["tables"].as_array().unwrap() {
        assert_eq!(
            (&table["added"], &table["changed"]),
            (&0.into(), &0.into()),
            "{table}"
        );
    }
}
