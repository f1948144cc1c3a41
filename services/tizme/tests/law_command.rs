//! `tizme batch` over laws, claims, the freeze and deltas.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

#[path = "../../batch/tests/small/mod.rs"]
mod small;

use std::path::Path;
use std::process::Command;

use batch::write_snapshot;
use lexicon::handover::envelope::hex;
use lexicon::handover::snapshot::{AddressRow, CivilEventRow, SnapshotTables};
use small::{Run, Scratch, person, tables};

fn check(dir: &Path, arguments: &[&str], code: i32) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tizme"))
        .args(arguments)
        .current_dir(dir)
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(
        output.status.code(),
        Some(code),
        "{arguments:?}\n{out}\n{err}"
    );
    out + &err
}

fn words(text: &str) -> Vec<&str> {
    text.split(' ').collect()
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text.trim()).unwrap()
}

const AT: &str = "--snapshot snapshot --law kg-2015 --out out";

/// A snapshot `snapshot` and the keys beside it.
fn begin(name: &str, tables: &SnapshotTables) -> (Scratch, Run) {
    let scratch = Scratch::new(name);
    let run = Run::new(scratch.path(), tables);
    let keys = scratch.path().join("keys");
    std::fs::create_dir(&keys).unwrap();
    run.chain.srs.write(&keys.join("srs-release.key")).unwrap();
    run.chain.cec.write(&keys.join("cec-release.key")).unwrap();
    std::fs::write(keys.join("randomness.key"), hex(&[9; 32])).unwrap();
    let point = hex(&run.chain.register.public_key().0);
    std::fs::write(keys.join("register.pub"), point).unwrap();
    (scratch, run)
}

fn address_in_no_precinct(tables: &mut SnapshotTables) {
    tables.addresses.push(AddressRow {
        address: "far".to_owned(),
        soate: "41711000000000".parse().unwrap(),
        street: "s9".to_owned(),
        street_name: "Алыс көчөсү".to_owned(),
        house: "1".to_owned(),
        lon_microdegrees: 0,
        lat_microdegrees: 0,
    });
}

#[test]
fn the_calendar_is_computed_for_every_law_and_for_an_early_election() {
    let dir = Scratch::new("law-calendar");
    let day = |arguments: &str, code: &str| {
        let shown = json(&check(dir.path(), &words(arguments), 0));
        let days = shown["days"].as_array().unwrap().clone();
        let found = days.into_iter().find(|day| day["code"] == code);
        found.unwrap()["day"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        day("batch calendar --law kg-2015 --json", "final"),
        "2015-09-25"
    );
    assert_eq!(
        day(
            "batch calendar --law kg-2015 --shortening 1/3 --json",
            "final"
        ),
        "2015-09-28"
    );
    assert_eq!(
        day("batch calendar --law kg-2020 --json", "corrections_until"),
        "2020-09-19"
    );
    // Fifteen days less a quarter are twelve, a begun day counting whole.
    assert_eq!(
        day("batch calendar --law kg-2025 --json", "corrections_until"),
        "2025-11-18"
    );
    let text = check(dir.path(), &words("batch calendar --law kg-2025"), 0);
    assert!(text.contains("every term shortened by 1/4"), "{text}");
    let text = check(
        dir.path(),
        &words("batch calendar --law kg-2015 --shortening 5/4"),
        2,
    );
    assert!(text.contains("--shortening: 5/4"), "{text}");
}

#[test]
fn a_final_list_waits_for_its_blockers_and_a_gap_is_not_signed_off() {
    let mut with_gap = tables();
    address_in_no_precinct(&mut with_gap);
    let (dir, _run) = begin("law-freeze", &with_gap);
    let at = dir.path();
    let form = format!("batch form {AT} --json");
    check(at, &words(&format!("{form} --stage control")), 0);
    std::fs::rename(at.join("out/roll/release.cose"), at.join("control.cose")).unwrap();
    // Without the stage before, and over a gap in the boundaries, nothing is written.
    let held = json(&check(
        at,
        &words(
            "batch form --snapshot snapshot --law kg-2015 --out fin --json --stage final --open-lots 2",
        ),
        1,
    ));
    let codes: Vec<&str> = held["blockers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|b| b["code"].as_str().unwrap())
        .collect();
    assert_eq!(
        codes,
        ["BOUNDARY", "FIELD_LOT_OPEN", "STAGE_BEFORE_UNSIGNED"]
    );
    assert_eq!(held["blockers"][0]["owner"], "territorial_commission");
    assert!(held["blockers"][0]["next"]["ky"].as_str().is_some());
    assert!(!at.join("fin/roll").exists());
    // Both institutions together do not sign the gap off.
    let mut sign = words(
        "batch sign-off --snapshot snapshot --law kg-2015 --out signed --before control.cose --open-lots 2 --at 2015-09-25T12:00:00+06:00 --json --reason",
    );
    sign.push("Даректе эч ким жашабайт");
    let refused = json(&check(at, &sign, 1));
    assert_eq!(refused["refused"]["code"], "NOT_FOR_SIGN_OFF");
    for said in ["sentence", "next"] {
        for language in ["ky", "ru", "en"] {
            assert!(refused["refused"][said][language].as_str().is_some());
        }
    }
    let blockers = refused["blockers"].as_array().unwrap();
    assert_eq!(blockers.len(), 1, "the lots could be: {refused}");
    assert_eq!(blockers[0]["code"], "BOUNDARY");
    assert!(!at.join("signed").exists(), "nothing was signed");
}

#[test]
fn a_final_list_passes_over_unfinished_lots_with_a_sign_off() {
    let (dir, _run) = begin("law-sign-off", &tables());
    let at = dir.path();
    let form = format!("batch form {AT} --json");
    check(at, &words(&format!("{form} --stage control")), 0);
    std::fs::rename(at.join("out/roll/release.cose"), at.join("control.cose")).unwrap();
    let final_form = "batch form --snapshot snapshot --law kg-2015 --out fin --json --release 2 --stage final --before control.cose --open-lots 2";
    let held = json(&check(at, &words(final_form), 1));
    assert_eq!(held["blockers"].as_array().unwrap().len(), 1);
    assert_eq!(held["blockers"][0]["may_be_signed_off"], true);
    let blockers = "batch blockers --snapshot snapshot --law kg-2015 --out fin --before control.cose --open-lots 2";
    assert!(check(at, &words(blockers), 1).contains("precinct_commission"));
    let mut sign = words(
        "batch sign-off --snapshot snapshot --law kg-2015 --out signed --before control.cose --open-lots 2 --at 2015-09-25T12:00:00+06:00 --reason",
    );
    sign.push("Эки бөлүк тоодо, жол жабык");
    check(at, &sign, 0);
    // It covers two lots, not three.
    let more = final_form.replace("--open-lots 2", "--open-lots 3");
    let sign_off = "--sign-off signed/sign-off.cose";
    check(at, &words(&format!("{more} {sign_off}")), 1);
    check(at, &words(&format!("{final_form} {sign_off}")), 0);
    assert!(at.join("fin/roll/release.cose").exists());
    // A file that is no sign-off is refused by name.
    let text = check(
        at,
        &words(&format!("{final_form} --sign-off control.cose")),
        2,
    );
    assert!(text.contains("control.cose"), "{text}");
}

#[test]
fn claims_have_clocks_and_receipts_and_one_voter_is_placed_by_two_hands() {
    let (dir, _run) = begin("law-claims", &tables());
    let at = dir.path();
    let claims = format!("batch claims {AT} --json --today");
    let waiting = json(&check(at, &words(&format!("{claims} 2015-09-17")), 0));
    let count = waiting["claims"].as_u64().unwrap();
    assert!(count > 0);
    assert_eq!(waiting["by_state"]["waiting"].as_u64(), Some(count));
    let overdue = json(&check(at, &words(&format!("{claims} 2015-09-18")), 1));
    assert_eq!(overdue["by_state"]["overdue"].as_u64(), Some(count));
    let table = std::fs::read_to_string(at.join("out/claims-due.csv")).unwrap();
    let receipt = table.lines().nth(1).unwrap().split(',').nth(1).unwrap();
    assert!(roll::claim::receipt_number_holds(receipt), "{receipt}");
    let first = table.lines().nth(1).unwrap().split(',').next().unwrap();
    std::fs::write(
        at.join("answered.csv"),
        format!("claim_id,answered\n{first},2015-09-16\n"),
    )
    .unwrap();
    let answered = json(&check(
        at,
        &words(&format!("{claims} 2015-09-18 --answered answered.csv")),
        1,
    ));
    assert_eq!(answered["by_state"]["answered"].as_u64(), Some(1));
    std::fs::write(at.join("answered.csv"), "claim_id,answered\nx,yesterday\n").unwrap();
    let text = check(
        at,
        &words(&format!("{claims} 2015-09-18 --answered answered.csv")),
        2,
    );
    assert!(
        text.contains("answered.csv: line 2: column answered"),
        "{text}"
    );
    let transfers = json(&check(
        at,
        &words(&format!("batch transfers {AT} --json")),
        0,
    ));
    assert_eq!(
        (
            transfers["applications"].as_u64(),
            transfers["alarms"].as_u64()
        ),
        (Some(count), Some(0))
    );
    let id = person(0).to_string();
    let place = format!(
        "batch override --law kg-2015 --keys keys --person {id} --precinct 1002 --at 2015-09-20T12:00:00+06:00 --out act.cose --reason decision-12"
    );
    check(at, &words(&place), 0);
    check(at, &words(&format!("batch form {AT} --json")), 0);
    let before = std::fs::read(at.join("out/roll/lines/1002.cbor")).unwrap();
    check(
        at,
        &words(&format!("batch form {AT} --json --override act.cose")),
        0,
    );
    let after = std::fs::read(at.join("out/roll/lines/1002.cbor")).unwrap();
    assert!(after.len() > before.len());
    let text = check(
        at,
        &words(&format!(
            "batch form {AT} --json --override keys/register.pub"
        )),
        2,
    );
    assert!(text.contains("register.pub"), "{text}");
}

#[test]
fn a_delta_follows_from_a_newer_snapshot() {
    let (dir, run) = begin("law-delta", &tables());
    let at = dir.path();
    check(
        at,
        &words("batch form --snapshot snapshot --law kg-2015 --out . --json"),
        0,
    );
    let mut later = tables();
    later.civil_events.push(CivilEventRow {
        event: "ev".to_owned(),
        person: person(0),
        kind: "death".to_owned(),
        date: "2015-09-28".parse().unwrap(),
        act: "№ 7".to_owned(),
        surname: String::new(),
        given: String::new(),
        patronymic: String::new(),
    });
    write_snapshot(
        &at.join("newer"),
        &later,
        &run.law,
        "1",
        &run.chain.register,
    )
    .unwrap();
    let delta = "batch delta --from . --to newer --law kg-2015 --json --at";
    let made = json(&check(
        at,
        &words(&format!("{delta} 2015-09-30T12:00:00+06:00")),
        0,
    ));
    assert_eq!(
        (made["delta"].as_u64(), made["strikes"].as_u64()),
        (Some(1), Some(1))
    );
    let again = json(&check(
        at,
        &words(&format!("{delta} 2015-09-30T13:00:00+06:00")),
        0,
    ));
    assert!(again["delta"].is_null());
    let text = check(
        at,
        &words("batch delta --from . --to newer --law kg-2020 --at 2015-09-30T12:00:00+06:00"),
        2,
    );
    assert!(!text.is_empty());
}
