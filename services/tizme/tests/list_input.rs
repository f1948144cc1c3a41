//! Input as it really comes: each fault is refused by file, line, field and code, and the rest goes on.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

#[path = "../../batch/tests/small/mod.rs"]
mod small;

use std::path::Path;
use std::process::Command;

use lexicon::PrecinctCode;
use lexicon::handover::envelope::hex;
use lexicon::handover::snapshot::{BoundaryRow, ClaimRow, Extent, SnapshotTables};
use small::{PERSONS, Run, Scratch, moment, person, tables};

fn begin(name: &str, tables: &SnapshotTables) -> Scratch {
    let scratch = Scratch::new(name);
    let run = Run::new(scratch.path(), tables);
    let keys = scratch.path().join("keys");
    std::fs::create_dir(&keys).unwrap();
    run.chain.srs.write(&keys.join("srs-release.key")).unwrap();
    run.chain.cec.write(&keys.join("cec-release.key")).unwrap();
    let put = |name: &str, text: &str| std::fs::write(keys.join(name), text).unwrap();
    put("randomness.key", &hex(&[9; 32]));
    put("register.pub", &hex(&run.chain.register.public_key().0));
    scratch
}

fn run(dir: &Path, arguments: &str, code: i32) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tizme"))
        .args(arguments.split(' '))
        .current_dir(dir)
        .output()
        .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(code), "{arguments}: {said}");
    said
}

const RECONCILE: &str =
    "batch reconcile --snapshot snapshot --law kg-2015 --out o --commission list.csv";
const HEADER: &str = "row_id,pin,surname,given,patronymic,birth_date,address,precinct\n";

/// The small country's list as the commission would send it.
fn list() -> String {
    let rows = tables().commission.into_iter().map(|r| {
        format!(
            "{},{},{},{},{},{},\"{}\",{}\n",
            r.row, r.pin, r.surname, r.given, r.patronymic, r.born, r.address, r.precinct
        )
    });
    HEADER.to_owned() + &rows.collect::<String>()
}

/// Reconciles a list; the rejects must be those given, the other rows must all be classed.
fn check(name: &str, list: &[u8], rejects: &[&str], rows: usize) {
    let dir = begin(&format!("bad-{name}"), &tables());
    std::fs::write(dir.path().join("list.csv"), list).unwrap();
    let told = run(dir.path(), &format!("{RECONCILE} --json"), 0);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        told["rejects"].as_u64(),
        Some(rejects.len() as u64),
        "{name}"
    );
    assert_eq!(told["rows"].as_u64(), Some(rows as u64), "{name}");
    // Every code is said in the three languages, with the next step.
    for (code, reason) in told["reject_reasons"].as_object().unwrap() {
        for part in ["sentence", "next"] {
            for language in ["ky", "ru", "en"] {
                let said = reason[part][language].as_str().unwrap_or_default();
                assert!(!said.is_empty(), "{code} {part} {language}");
            }
        }
    }
    let file = dir.path().join("o/rejects.csv");
    if rejects.is_empty() {
        assert!(!file.exists());
        return;
    }
    let text = std::fs::read_to_string(file).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("file,line,field,code,reason"));
    for (line, expected) in lines.zip(rejects) {
        assert!(line.starts_with(expected), "{name}: {line}");
    }
}

/// A list that is refused whole, and why.
fn refused(name: &str, list: &[u8], why: &str) {
    let dir = begin(&format!("bad-{name}"), &tables());
    std::fs::write(dir.path().join("list.csv"), list).unwrap();
    let said = run(dir.path(), RECONCILE, 2);
    assert!(said.contains(why), "{name}: {said}");
    assert!(!dir.path().join("o/reconciliation.parquet").exists());
}

#[test]
fn a_good_list_from_a_file_is_reconciled_as_that_of_the_snapshot() {
    check("none", list().as_bytes(), &[], PERSONS);
    let dir = begin("bad-same", &tables());
    std::fs::write(dir.path().join("list.csv"), list()).unwrap();
    run(dir.path(), RECONCILE, 0);
    let read = || std::fs::read(dir.path().join("o/reconciliation.parquet")).unwrap();
    let of_file = read();
    let own = RECONCILE.replace(" --commission list.csv", "");
    run(dir.path(), &own, 0);
    assert!(of_file == read());
}

#[test]
fn other_encodings_are_named() {
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(list().encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    refused(
        "utf16",
        &utf16,
        "list.csv: is UTF-16 text; save the file as UTF-8",
    );
    let swapped: Vec<u8> = [0xfe, 0xff]
        .into_iter()
        .chain(list().encode_utf16().flat_map(u16::to_be_bytes))
        .collect();
    refused("utf16-be", &swapped, "list.csv: is UTF-16 text");
    // One row in Windows-1251, `Асанова` there; the others are taken.
    let mut list = list().into_bytes();
    list.extend_from_slice(b"w1,,\xc0\xf1\xe0\xed\xee\xe2\xe0,,,1980-01-01,,\n");
    let at = format!("list.csv,{},surname,NOT_UTF8,", PERSONS + 2);
    check("cp1251", &list, &[&at], PERSONS);
}

#[test]
fn swapped_columns_and_a_missing_one_refuse_the_file() {
    let swapped = list().replacen("pin,surname", "surname,pin", 1);
    refused(
        "swapped",
        swapped.as_bytes(),
        "list.csv, line 2, column pin: 120 of 120 rows hold no digit; are columns swapped?",
    );
    let missing = list().replacen("row_id", "id", 1);
    refused(
        "missing",
        missing.as_bytes(),
        "missing required column(s) row_id",
    );
}

#[test]
fn an_endless_line_a_short_row_and_a_second_key_are_refused_and_the_rest_goes_on() {
    let mut list = list().into_bytes();
    let line = |list: &[u8]| list.iter().filter(|byte| **byte == b'\n').count() + 1;
    let mut expected = Vec::new();
    expected.push(format!("list.csv,{},,ROW_TOO_LONG,", line(&list)));
    list.extend_from_slice(b"long,,");
    list.extend(std::iter::repeat_n(b'x', 9 << 20));
    list.extend_from_slice(b",,,,,\n");
    expected.push(format!("list.csv,{},,FIELD_COUNT,", line(&list)));
    list.extend_from_slice(b"short,1\n");
    expected.push(format!("list.csv,{},row_id,DUPLICATE_ID,", line(&list)));
    list.extend_from_slice("r1,,Асанова,,,1980-01-01,,\n".as_bytes());
    expected.push(format!("list.csv,{},row_id,EMPTY,", line(&list)));
    list.extend_from_slice(",,Асанова,,,1980-01-01,,\nlast,,Асанова,,,1980-01-01,,\n".as_bytes());
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    check("rows", &list, &expected, PERSONS + 1);
}

#[test]
fn a_crossing_outline_and_form_2_of_the_dead_are_named_and_the_list_is_formed() {
    let mut t = tables();
    t.boundaries.push(BoundaryRow {
        precinct: PrecinctCode::new(1002).unwrap(),
        extent: Extent::Polygon(
            r#"{"type":"Polygon","coordinates":[[[74,42],[75,43],[75,42],[74,43],[74,42]]]}"#
                .to_owned(),
        ),
    });
    t.persons[21].standing = "deceased".to_owned();
    t.persons[21].died = Some("2015-05-01".parse().unwrap());
    t.claims.push(ClaimRow {
        claim: "dead-1".to_owned(),
        kind: "form2".to_owned(),
        person: Some(person(21)),
        filed: moment("2015-09-10T10:00:00+06:00"),
        target: Some(PrecinctCode::new(1003).unwrap()),
        field: String::new(),
        value: String::new(),
        identified: true,
    });
    let dir = begin("bad-list", &t);
    let form = "batch form --snapshot snapshot --law kg-2015 --out o --json";
    let told: serde_json::Value = serde_json::from_str(&run(dir.path(), form, 0)).unwrap();
    assert_eq!(told["rejects"], 2);
    assert_eq!(told["considered"].as_u64(), Some(PERSONS as u64));
    let text = std::fs::read_to_string(dir.path().join("o/rejects.csv")).unwrap();
    assert!(
        text.contains("boundaries.parquet,1002,geojson,CROSSING,the outline crosses itself"),
        "{text}"
    );
    assert!(
        text.contains("claims.parquet,dead-1,person,APPLICANT_DEAD,"),
        "{text}"
    );
}

#[test]
fn a_key_that_stands_twice_in_a_signed_snapshot_stops_before_anything_is_written() {
    let mut t = tables();
    let twin = t.persons[7].clone();
    t.persons.push(twin);
    let dir = begin("bad-twice", &t);
    let form = "batch form --snapshot snapshot --law kg-2015 --out o";
    let said = run(dir.path(), form, 2);
    assert!(said.contains("table persons: key"), "{said}");
    assert!(!dir.path().join("o/roll").exists());
}
