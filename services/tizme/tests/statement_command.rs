//! What the office says under its key, from the register to a final list and its publication, as two institutions run it.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use std::path::{Path, PathBuf};
use std::process::Command;

use keys::FileKey;
use lexicon::handover::envelope::hex;

fn scratch() -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("statement");
    if dir.exists() {
        std::fs::remove_dir_all(&dir).unwrap();
    }
    let keys = dir.join("keys");
    std::fs::create_dir_all(&keys).unwrap();
    let mut points = Vec::new();
    for (name, seed) in [
        ("srs-release", 1u8),
        ("cec-release", 2),
        ("register", 3),
        ("office", 4),
    ] {
        let key = FileKey::from_seed(&[seed; 32], name);
        key.write(&keys.join(format!("{name}.key"))).unwrap();
        points.push(hex(&key.public_key().0));
    }
    std::fs::write(keys.join("randomness.key"), hex(&[9; 32])).unwrap();
    let config = format!(
        "store = \"sqlite:office.db\"\nlisten = \"127.0.0.1:0\"\nlaw = \"kg-2015\"\npublishers = [\"{}\", \"{}\"]\n\
         simulated_time = \"2015-09-25T12:00:00+06:00\"\nstatement_key = \"keys/office.key\"\n",
        points[0], points[1]
    );
    std::fs::write(dir.join("office.toml"), config).unwrap();
    dir
}

fn check(dir: &Path, arguments: &str, code: i32) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tizme"))
        .args(arguments.split(' '))
        .env("TIZME_STORE", "sqlite:office.db")
        .current_dir(dir)
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(
        output.status.code(),
        Some(code),
        "{arguments}\n{out}\n{err}"
    );
    out + &err
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text.trim()).unwrap()
}

#[test]
fn the_offices_own_counts_hold_a_final_list_back_and_nobody_types_them() {
    let dir = scratch();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/sample-import");
    std::fs::create_dir(dir.join("import")).unwrap();
    for entry in std::fs::read_dir(sample).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::copy(&path, dir.join("import").join(path.file_name().unwrap())).unwrap();
        }
    }
    // A row of the commission that nobody fits is work in the field.
    let list = dir.join("import/commission.csv");
    let mut text = std::fs::read_to_string(&list).unwrap();
    text.push_str("C9000001,,Жокбеков,Жок,Жокович,1950-01-01,\"гор. Джалал-Абад\",3001\n");
    std::fs::write(&list, text).unwrap();
    check(&dir, "office import import --rejects rejects.csv", 0);
    let snapshot = |out: &str| {
        let take = format!("office snapshot --law kg-2015 --key keys/register.key --out {out}");
        check(&dir, &take, 0);
    };
    let counts = |out: &str, code: i32| {
        let say = format!(
            "office statement counts --config office.toml --snapshot {out} --out counts.cose --json"
        );
        check(&dir, &say, code)
    };
    snapshot("first");
    // Nothing was received yet: there is no stage before, and nothing to count beside.
    assert!(counts("first", 2).contains("receive its roll first"));
    check(
        &dir,
        "batch form --snapshot first --law kg-2015 --out out --stage control --keys keys",
        0,
    );
    // The office takes no list that both have not signed.
    check(&dir, "office receive out/roll --config office.toml", 2);
    for key in ["srs-release", "cec-release"] {
        let sign = format!("batch sign --law kg-2015 --keys keys --out out --key keys/{key}.key");
        check(&dir, &sign, 0);
    }
    std::fs::copy(dir.join("out/roll/release.cose"), dir.join("control.cose")).unwrap();
    check(&dir, "office receive out/roll --config office.toml", 0);
    // The office worked on since the snapshot: it says nothing beside it.
    let moved = counts("first", 2);
    assert!(moved.contains("take the snapshot again"), "{moved}");
    snapshot("frozen");
    let said = json(&counts("frozen", 0));
    let of = |source: &str| {
        let counts = said["counts"].as_array().unwrap();
        let found = counts.iter().find(|of| of["source"] == source);
        found.map(|of| of["count"].as_u64().unwrap())
    };
    assert_eq!(of("duplicate_cases"), Some(0), "named also with none");
    let open: u64 = [
        "open_claims",
        "field_waiting",
        "field_work",
        "field_contradictions",
        "link_queue",
        "address_queue",
    ]
    .iter()
    .map(|source| of(source).unwrap())
    .sum();
    assert!(open > 0, "{said}");
    let form = "batch form --snapshot frozen --law kg-2015 --out out --stage final --release 2 --before control.cose --json";
    let held = json(&check(&dir, &format!("{form} --office counts.cose"), 1));
    let told: u64 = held["blockers"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|b| {
            [
                "CLAIM_UNANSWERED",
                "FIELD_LOT_OPEN",
                "ROW_UNDECIDED",
                "CASE_OPEN",
            ]
            .contains(&b["code"].as_str().unwrap())
        })
        .map(|b| b["count"].as_u64().unwrap())
        .sum();
    assert!(
        told >= open,
        "what the office counts is what holds back: {held} {said}"
    );
    // Said beside the earlier snapshot, the same numbers mean nothing.
    let other = form.replace("frozen", "first");
    let silent = json(&check(&dir, &format!("{other} --office counts.cose"), 1));
    let codes: Vec<&str> = silent["blockers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|b| b["code"].as_str().unwrap())
        .collect();
    assert!(codes.contains(&"OFFICE_STATEMENT_MISSING"), "{codes:?}");
    // Nobody approved yet, and the office says so under its key.
    let approvals = "office statement approvals --config office.toml --out approvals.cose --json";
    let said = json(&check(&dir, approvals, 0));
    assert_eq!(said["release"], 1);
    assert_eq!(said["approved_by"].as_array().unwrap().len(), 0);
}
