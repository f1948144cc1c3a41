//! `tizme batch` over laws, claims, the freeze and deltas.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

#[path = "../../batch/tests/small/mod.rs"]
mod small;

use std::path::Path;
use std::process::Command;

use batch::write_snapshot;
use lexicon::handover::envelope::{DocumentType, Subject, hex, open1};
use lexicon::handover::office_statement::{OfficeCount, OfficeCounts, state};
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

/// Each institution signs the list in `out` alone.
fn sign(dir: &Path, out: &str) {
    for key in ["srs-release", "cec-release"] {
        let sign = format!("batch sign --law kg-2015 --keys keys --out {out} --key keys/{key}.key");
        check(dir, &words(&sign), 0);
    }
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
    sign(at, "out");
    std::fs::rename(at.join("out/roll/release.cose"), at.join("control.cose")).unwrap();
    // Without the stage before, and over a gap in the boundaries, nothing is written.
    let held = json(&check(
        at,
        &words(
            "batch form --snapshot snapshot --law kg-2015 --out fin --json --stage final --exercise --open-lots 2",
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
        "batch sign-off --snapshot snapshot --law kg-2015 --out signed --before control.cose --exercise --open-lots 2 --at 2015-09-25T12:00:00+06:00 --json --reason",
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
    sign(at, "out");
    std::fs::rename(at.join("out/roll/release.cose"), at.join("control.cose")).unwrap();
    let final_form = "batch form --snapshot snapshot --law kg-2015 --out fin --json --release 2 --stage final --before control.cose --exercise --open-lots 2";
    let held = json(&check(at, &words(final_form), 1));
    assert_eq!(held["blockers"].as_array().unwrap().len(), 1);
    assert_eq!(held["blockers"][0]["may_be_signed_off"], true);
    let blockers = "batch blockers --snapshot snapshot --law kg-2015 --out fin --before control.cose --exercise --open-lots 2";
    assert!(check(at, &words(blockers), 1).contains("precinct_commission"));
    let mut sign = words(
        "batch sign-off --snapshot snapshot --law kg-2015 --out signed --before control.cose --exercise --open-lots 2 --at 2015-09-25T12:00:00+06:00 --reason",
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
fn typed_counts_are_for_a_training_and_a_silent_office_holds_a_final_list_back() {
    let (dir, run) = begin("law-typed", &tables());
    let at = dir.path();
    check(
        at,
        &words(&format!("batch form {AT} --json --stage control")),
        0,
    );
    sign(at, "out");
    std::fs::rename(at.join("out/roll/release.cose"), at.join("control.cose")).unwrap();
    let form = "batch form --snapshot snapshot --law kg-2015 --out fin --json --release 2 --stage final --before control.cose";
    let codes = |held: &serde_json::Value| -> Vec<String> {
        let held = held["blockers"].as_array().unwrap();
        held.iter()
            .map(|b| b["code"].as_str().unwrap().to_owned())
            .collect()
    };
    let silent = json(&check(at, &words(form), 1));
    assert_eq!(codes(&silent), ["OFFICE_STATEMENT_MISSING"]);
    assert_eq!(silent["blockers"][0]["may_be_signed_off"], false);
    // A number without the word that it is a training is bad use.
    assert!(check(at, &words(&format!("{form} --open-lots 0")), 2).contains("--exercise"));
    // What the office says counts, beside this snapshot alone.
    let keys = at.join("keys");
    let office = hex(&run.chain.office.public_key().0);
    std::fs::write(keys.join("office.pub"), office).unwrap();
    let manifest = std::fs::read(at.join("snapshot/MANIFEST.cose")).unwrap();
    let subject = Subject {
        kind: DocumentType::FolderManifest,
        election: run.law.election.number,
    };
    let snapshot = open1(subject, &manifest, &run.chain.ring).unwrap().id;
    let mut said = OfficeCounts {
        suite: "kg1".to_owned(),
        election: run.law.election.number,
        snapshot: snapshot.0.into(),
        journals: [1, 1],
        counts: vec![
            OfficeCount {
                source: "link_queue".to_owned(),
                blocker: "ROW_UNDECIDED".to_owned(),
                count: 2,
            },
            OfficeCount {
                source: "address_queue".to_owned(),
                blocker: "ROW_UNDECIDED".to_owned(),
                count: 1,
            },
            OfficeCount {
                source: "duplicate_cases".to_owned(),
                blocker: "CASE_OPEN".to_owned(),
                count: 4,
            },
        ],
        at: 0,
    };
    let say = |said: &OfficeCounts, key: &keys::FileKey| {
        std::fs::write(at.join("counts.cose"), state(said, key).unwrap()).unwrap();
    };
    let with = format!("{form} --office counts.cose");
    say(&said, &run.chain.office);
    let held = json(&check(at, &words(&with), 1));
    assert_eq!(codes(&held), ["ROW_UNDECIDED", "CASE_OPEN"]);
    assert_eq!(held["blockers"][0]["count"], 3);
    say(&said, &run.chain.cec);
    assert!(check(at, &words(&with), 2).contains("counts.cose"));
    said.counts.iter_mut().for_each(|of| of.count = 0);
    said.snapshot = [1; 32].into();
    say(&said, &run.chain.office);
    assert_eq!(
        codes(&json(&check(at, &words(&with), 1))),
        ["OFFICE_STATEMENT_MISSING"]
    );
    said.snapshot = snapshot.0.into();
    say(&said, &run.chain.office);
    check(at, &words(&with), 0);
    // Anchors of a real day: no typed number comes in.
    std::fs::write(keys.join("trust.cose"), run.chain.trust()).unwrap();
    check(at, &words(&format!("{form} --exercise")), 0);
    std::fs::write(keys.join("trust.cose"), run.chain.trust_of("pkcs11")).unwrap();
    assert!(
        check(at, &words(&format!("{form} --exercise")), 2).contains("keys of a real election")
    );
}

#[test]
fn each_institution_signs_alone_and_without_the_keys_of_the_other() {
    let (dir, run) = begin("law-alone", &tables());
    let at = dir.path();
    // Who forms the list has no private key of the commission, and the commission none of the service.
    let cec = at.join("cec");
    std::fs::create_dir(&cec).unwrap();
    std::fs::rename(at.join("keys/cec-release.key"), cec.join("cec-release.key")).unwrap();
    for (folder, role, key) in [
        ("keys", "cec-release", &run.chain.cec),
        ("cec", "srs-release", &run.chain.srs),
    ] {
        let path = at.join(folder).join(format!("{role}.pub"));
        std::fs::write(path, hex(&key.public_key().0)).unwrap();
    }
    std::fs::copy(at.join("keys/register.pub"), cec.join("register.pub")).unwrap();
    let formed = json(&check(at, &words(&format!("batch form {AT} --json")), 0));
    let root = formed["root"].as_str().unwrap();
    let look = "batch sign --law kg-2015 --out out --json";
    let looked = json(&check(at, &words(&format!("{look} --keys keys")), 0));
    assert_eq!(looked["root"], formed["root"]);
    assert_eq!(looked["signed"]["registration_service"], false);
    let srs = format!("{look} --keys keys --key keys/srs-release.key");
    let cec = format!("{look} --keys cec --key cec/cec-release.key --snapshot snapshot");
    let refused = json(&check(
        at,
        &words(&format!("{cec} --root {}", hex(&[1; 32]))),
        1,
    ));
    assert_eq!(refused["refused"]["code"], "NOT_AS_EXPECTED");
    for said in ["sentence", "next"] {
        for language in ["ky", "ru", "en"] {
            assert!(refused["refused"][said][language].as_str().is_some());
        }
    }
    let one = json(&check(
        at,
        &words(&format!("{cec} --root {root} --release 1")),
        0,
    ));
    assert_eq!(one["signed"]["commission"], true);
    assert_eq!(one["signed"]["registration_service"], false);
    let twice = json(&check(at, &words(&cec), 1));
    assert_eq!(twice["refused"]["code"], "SIGNED_ALREADY");
    let both = json(&check(at, &words(&srs), 0));
    assert_eq!(both["signed"]["registration_service"], true);
    // The same for an act of two: one half first, and it counts with both.
    let place = format!(
        "batch override --law kg-2015 --keys keys --person {} --precinct 1002 --at 2015-09-20T12:00:00+06:00 --out act.cose --reason decision-12",
        person(0)
    );
    check(at, &words(&place), 0);
    let form = format!("batch form {AT} --json --override act.cose");
    check(at, &words(&form), 2);
    let act = "batch sign --law kg-2015 --file act.cose --keys cec";
    let told = check(at, &words(act), 0);
    assert!(
        told.contains("decision-12") && told.contains("commission has not signed yet"),
        "{told}"
    );
    check(at, &words(&format!("{act} --key cec/cec-release.key")), 0);
    check(at, &words(&form), 0);
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
    sign(at, ".");
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
    // Half signed, it holds back the next one; signed by both it is in force.
    let sign = |key: &str| {
        let sign = "batch sign --law kg-2015 --out . --drawn deltas --json --key";
        let told = json(&check(at, &words(&format!("{sign} keys/{key}.key")), 0));
        assert_eq!(told["counts"]["strikes"], 1);
        let join = "batch join --law kg-2015 --out . --drawn deltas --json";
        json(&check(at, &words(join), 0))
    };
    assert_eq!(sign("srs-release")["whole"], false);
    let held = json(&check(
        at,
        &words(&format!("{delta} 2015-09-30T13:00:00+06:00")),
        1,
    ));
    assert_eq!(held["refused"]["code"], "BEFORE_UNSIGNED");
    assert_eq!(sign("cec-release")["whole"], true);
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
