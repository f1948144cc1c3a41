//! A register, its list, a new act, and the list again from what changed: through the commands, as an office runs them.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod stage;

use std::path::Path;
use std::process::Command;

use stage::{files, sample, with_keys};

fn check(dir: &Path, arguments: &str, code: i32) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tizme"))
        .args(arguments.split(' '))
        .env("TIZME_STORE", "sqlite:office.db")
        .current_dir(dir)
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        output.status.code(),
        Some(code),
        "{arguments}\n{out}\n{err}"
    );
    out
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text.trim()).unwrap()
}

#[test]
fn a_list_from_what_changed_is_the_list_from_scratch() {
    let dir = with_keys("rerun");
    let import = format!("office import {} --rejects rejects.csv", sample().display());
    check(&dir, &import, 0);
    let law = "--law kg-2015";
    check(&dir, &format!("office snapshot {law} --out s1 --json"), 0);
    check(
        &dir,
        &format!("batch form --snapshot s1 {law} --out one --keep --json"),
        0,
    );

    // Somebody on the list dies; the register knows of it a day later.
    let one = check(
        &dir,
        &format!("batch form --snapshot s1 {law} --out one --json"),
        0,
    );
    let before = json(&one);
    std::fs::create_dir(dir.join("later")).unwrap();
    for entry in std::fs::read_dir(sample()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::copy(&path, dir.join("later").join(path.file_name().unwrap())).unwrap();
        }
    }
    let events = dir.join("later/civil_events.csv");
    let mut text = std::fs::read_to_string(&events).unwrap();
    text.push_str("VX1,P00000002,death,2015-09-20,01-2015-1,,,\n");
    std::fs::write(&events, text).unwrap();
    check(&dir, "office import later", 0);
    let made = json(&check(
        &dir,
        &format!("office snapshot {law} --out s2 --since s1 --changes d --json"),
        0,
    ));
    assert_eq!(made["changes"]["persons"].as_u64(), Some(1), "{made}");
    let told = check(
        &dir,
        &format!("batch form --snapshot s2 {law} --out one --since d"),
        0,
    );
    assert!(told.contains("1 persons touched since"), "{told}");
    let fresh = json(&check(
        &dir,
        &format!("batch form --snapshot s2 {law} --out two --json"),
        0,
    ));
    assert_ne!(before["root"], fresh["root"], "{before} {fresh}");
    let (kept, scratch) = (files(&dir.join("one/roll")), files(&dir.join("two/roll")));
    assert_eq!(
        kept.keys().collect::<Vec<_>>(),
        scratch.keys().collect::<Vec<_>>()
    );
    for (name, bytes) in &kept {
        assert_eq!(Some(bytes), scratch.get(name), "{}", name.display());
    }

    // Changes of another pair of snapshots are passed over: the list is read anew and is that of its snapshot.
    check(
        &dir,
        &format!("office snapshot {law} --out s3 --since s2 --changes none --json"),
        0,
    );
    let anew = json(&check(
        &dir,
        &format!("batch form --snapshot s1 {law} --out one --since none --json"),
        0,
    ));
    assert_eq!(anew["root"], before["root"]);
    std::fs::remove_dir_all(&dir).unwrap();
}
