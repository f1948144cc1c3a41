//! `tizme batch` over a signed snapshot.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

#[path = "../../batch/tests/small/mod.rs"]
mod small;

use std::path::Path;
use std::process::Command;

use lexicon::handover::envelope::hex;
use small::{PERSONS, Run, Scratch, tables};

fn check(dir: &Path, arguments: &str, code: i32) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tizme"))
        .args(arguments.split(' '))
        .current_dir(dir)
        .output()
        .unwrap();
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert_eq!(
        output.status.code(),
        Some(code),
        "{arguments}\n{out}\n{err}"
    );
    format!("{out}{err}")
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text.trim()).unwrap()
}

const AT: &str = "--snapshot snapshot --law kg-2015";

/// A snapshot with the keys beside it.
fn begin(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    let run = Run::new(scratch.path(), &tables());
    let keys = scratch.path().join("keys");
    std::fs::create_dir(&keys).unwrap();
    run.chain.srs.write(&keys.join("srs-release.key")).unwrap();
    run.chain.cec.write(&keys.join("cec-release.key")).unwrap();
    std::fs::write(keys.join("randomness.key"), hex(&[9; 32])).unwrap();
    std::fs::write(
        keys.join("register.pub"),
        hex(&run.chain.register.public_key().0),
    )
    .unwrap();
    scratch
}

#[test]
fn form_gives_the_same_list_again_and_skips_what_stands() {
    let dir = begin("batch-form");
    let first = json(&check(
        dir.path(),
        &format!("batch form {AT} --out one --json"),
        0,
    ));
    assert_eq!(first["considered"].as_u64(), Some(PERSONS as u64));
    let excluded: u64 = first["excluded_by_reason"]
        .as_object()
        .unwrap()
        .values()
        .map(|v| v.as_u64().unwrap())
        .sum();
    assert_eq!(
        first["list_total"].as_u64().unwrap() + excluded,
        PERSONS as u64
    );
    let release = dir.path().join("one/roll/release.cose");
    let written = std::fs::metadata(&release).unwrap().modified().unwrap();
    let again = json(&check(
        dir.path(),
        &format!("batch form {AT} --out one --json --threads 2"),
        0,
    ));
    assert_eq!(first, again);
    assert_eq!(
        std::fs::metadata(&release).unwrap().modified().unwrap(),
        written
    );
    check(dir.path(), &format!("batch form {AT} --out two"), 0);
    assert_eq!(
        std::fs::read(&release).unwrap(),
        std::fs::read(dir.path().join("two/roll/release.cose")).unwrap()
    );
}

#[test]
fn the_other_commands_need_no_private_key() {
    let dir = begin("batch-others");
    let keys = dir.path().join("keys");
    for private in ["srs-release.key", "cec-release.key", "randomness.key"] {
        std::fs::remove_file(keys.join(private)).unwrap();
    }
    let reconciled = json(&check(
        dir.path(),
        &format!("batch reconcile {AT} --out o --json"),
        0,
    ));
    assert_eq!(reconciled["rows"].as_u64(), Some(PERSONS as u64));
    assert!(reconciled["by_class"]["same"].as_u64() > Some(0));
    let assigned = json(&check(
        dir.path(),
        &format!("batch assign {AT} --out o --json"),
        0,
    ));
    assert_eq!(
        (
            assigned["addresses"].as_u64(),
            assigned["blocking"].as_u64()
        ),
        (Some(PERSONS as u64), Some(0))
    );
    let counted = json(&check(
        dir.path(),
        &format!("batch stats {AT} --out o --json"),
        0,
    ));
    assert_eq!(counted["considered"].as_u64(), Some(PERSONS as u64));
    for file in [
        "reconciliation.parquet",
        "assignment.parquet",
        "findings.parquet",
        "statistics.json",
    ] {
        assert!(dir.path().join("o").join(file).is_file(), "{file}");
    }
    // The references of this country are no records of minutiae.
    let text = check(dir.path(), &format!("batch dedup {AT} --out o"), 2);
    assert!(text.contains("ISO/IEC 19794-2"), "{text}");
    let text = check(dir.path(), &format!("batch form {AT} --out o"), 2);
    assert!(text.contains("randomness.key"), "{text}");
}

#[test]
fn an_address_without_a_precinct_is_a_finding() {
    let dir = Scratch::new("batch-gap");
    let mut tables = tables();
    tables.boundaries.pop();
    let run = Run::new(dir.path(), &tables);
    std::fs::create_dir(dir.path().join("publication")).unwrap();
    std::fs::write(dir.path().join("publication/trust.cose"), run.chain.trust()).unwrap();
    // The register's key by the trust anchors beside the snapshot.
    let found = json(&check(
        dir.path(),
        &format!("batch assign {AT} --out o --json"),
        1,
    ));
    assert_eq!(found["blocking"].as_u64(), Some(PERSONS as u64 / 2));
}

#[test]
fn a_changed_snapshot_another_key_and_a_missing_law_are_named() {
    let dir = begin("batch-wrong");
    assert!(
        check(
            dir.path(),
            "batch stats --snapshot snapshot --law kg-1999 --out o",
            2
        )
        .contains("law kg-1999: neither shipped nor a file")
    );
    std::fs::write(dir.path().join("keys/register.pub"), "04ff").unwrap();
    assert!(
        check(dir.path(), &format!("batch stats {AT} --out o"), 2)
            .contains("register.pub: no public key")
    );
    std::fs::remove_file(dir.path().join("keys/register.pub")).unwrap();
    assert!(
        check(dir.path(), &format!("batch stats {AT} --out o"), 2)
            .contains("no key of the register")
    );
    let dir = begin("batch-changed");
    let persons = dir.path().join("snapshot/persons.parquet");
    let mut bytes = std::fs::read(&persons).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&persons, bytes).unwrap();
    assert!(check(dir.path(), &format!("batch stats {AT} --out o"), 2).contains("persons.parquet"));
}
