//! The demo as its user runs it: the whole way, a stranger's check, a flipped byte, a rerun, the other engine.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use demo::run::FOLDERS;
use demo::summary::Summary;

// A server of the installed PostgreSQL, as the store's own tests start it.
#[path = "../../../services/store/tests/kit/postgres.rs"]
#[allow(dead_code, reason = "this test uses a part")]
mod postgres;

/// A directory of one test, made anew and removed after.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("tizme-whole-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Persons of the test's country: enough for every kind of visit, few enough for seconds.
const PERSONS: &str = "900";

fn demo(out: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tizme-demo"));
    command
        .args(["--once", "--no-paper", "--images", "2", "--seed", "11"])
        .args(["--persons", PERSONS, "--precincts", "3", "--out"])
        .arg(out)
        .args(more);
    command
}

fn run(out: &Path, more: &[&str]) -> Summary {
    let output = demo(out, more).output().unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    let text = fs::read_to_string(out.join("summary.json")).unwrap();
    let mut summary: Summary = serde_json::from_str(&text).unwrap();
    assert!(!summary.seconds_by_stage.is_empty());
    summary.seconds_by_stage = BTreeMap::new();
    summary
}

// A country of 900 persons goes the whole way. Nobody is counted twice, no impostor is admitted, the stranger finds
// nothing. A second run in the same directory stands on the first; a run with PostgreSQL elsewhere gives the same
// summary, root included; one flipped byte in any of the five folders is found and its file named first.
#[test]
fn the_whole_way_holds_resumes_repeats_and_shows_a_flipped_byte() {
    let scratch = Scratch::new("way");
    let out = scratch.path().join("out");
    let summary = run(&out, &[]);
    assert_eq!(summary.verify, "ok");
    assert_eq!((summary.double_admitted, summary.impostor_admitted), (0, 0));
    assert!(summary.double_attempts > 0 && summary.impostor_attempts > 0);
    let excluded: u64 = summary.excluded_by_reason.values().sum();
    assert_eq!(summary.considered, summary.list_total + excluded);
    assert_eq!(summary.duplicates_found, summary.duplicates_planted);
    for (class, recall) in &summary.truth_recall_by_class {
        assert!(*recall >= 0.95, "{class}: {recall}");
    }
    assert_eq!(run(&out, &[]), summary, "a rerun stands on the first run");
    if let Some(server) = postgres::Server::start() {
        let url = server.create("demo");
        let other = run(&scratch.path().join("pg"), &["--postgres", &url]);
        assert_eq!(other, summary, "the engine changes nothing");
    }
    for folder in FOLDERS {
        flip_and_find(&out, folder);
    }
}

/// Flips the middle byte of the last file of a folder; the check must name that file first, and hold again after.
fn flip_and_find(out: &Path, folder: &str) {
    let files = batch::folder::files_below(&out.join(folder)).unwrap();
    let name = format!("{folder}/{}", files.last().unwrap());
    let whole = fs::read(out.join(&name)).unwrap();
    let mut changed = whole.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    fs::write(out.join(&name), &changed).unwrap();
    let report = verifier::verify(out, &[]);
    fs::write(out.join(&name), &whole).unwrap();
    assert_eq!(
        report.findings.first().map(|f| f.file.as_str()),
        Some(name.as_str())
    );
    assert!(verifier::verify(out, &[]).holds());
}

// Somebody else's directory is left alone; a wish that cannot be met is told before anything is written.
#[test]
fn bad_use_is_refused_and_writes_nothing() {
    let scratch = Scratch::new("bad");
    let out = scratch.path().join("out");
    fs::create_dir_all(&out).unwrap();
    fs::write(out.join("diary.txt"), b"mine").unwrap();
    let refused = |command: &mut Command, words: &str| {
        let output = command.output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(words), "{told}");
    };
    refused(&mut demo(&out, &[]), "not empty");
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
    let fresh = scratch.path().join("fresh");
    refused(&mut demo(&fresh, &["--law", "kg-1900"]), "kg-1900");
    refused(
        &mut demo(&fresh, &["--fingerprints", "/nowhere/at/all"]),
        "/nowhere/at/all",
    );
    assert!(!fresh.exists());
}
