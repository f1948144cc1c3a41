//! A run of lists that is killed: nothing half-written stands, and the next run finishes it with the same bytes.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod paper;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use paper::{Scratch, hash_of, job, lines, print, write_roll};

const LISTS: u16 = 24;

/// PDFs of a folder with their hashes; a file that a run writes beside has another name.
fn pdfs(dir: &Path) -> BTreeMap<String, String> {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return BTreeMap::new();
    };
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.') && name.ends_with(".pdf"))
        .map(|name| (name.clone(), hash_of(&dir.join(name))))
        .collect()
}

fn command(dir: &Path, threads: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tizme-print"));
    command
        .args(["lists", "--roll", "roll", "--publication", "publication"])
        .args(["--out", "killed", "--threads", threads, "--json"])
        .current_dir(dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

#[test]
fn a_killed_run_leaves_whole_lists_and_the_next_one_prints_only_the_rest() {
    let dir = Scratch::new("killed");
    let lists: Vec<_> = (0..LISTS)
        .map(|n| (1001 + n, lines(1001 + n, 90 + u32::from(n))))
        .collect();
    write_roll(dir.path(), &lists, "pkcs11");
    let whole = print(&job(dir.path(), "whole", 2));
    assert_eq!(whole.printed, usize::from(LISTS));
    let expected = pdfs(&dir.path().join("whole"));
    let out = dir.path().join("killed");
    // Several stops, each a little later, so that one falls into the middle of a file.
    let mut stood = 0;
    for stop in 1..=4 {
        let mut child = command(dir.path(), "2").spawn().unwrap();
        for _ in 0..2_000 {
            if pdfs(&out).len() >= stop * 4 {
                break;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        // SIGKILL: nothing of the program runs after it.
        child.kill().unwrap();
        child.wait().unwrap();
        let there = pdfs(&out);
        assert!(
            there.len() >= stop * 4,
            "stop {stop}: {} lists",
            there.len()
        );
        assert!(there.len() >= stood, "a list that stood is gone");
        stood = there.len();
        for (name, hash) in &there {
            assert_eq!(Some(hash), expected.get(name), "{name} is half-written");
        }
    }
    assert!(
        stood < usize::from(LISTS),
        "every run came to its end: nothing was stopped"
    );
    let done = command(dir.path(), "1").output().unwrap();
    assert!(done.status.success());
    let told: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    let (printed, skipped) = (&told["printed"], &told["skipped"]);
    assert!(printed.as_u64().unwrap() + skipped.as_u64().unwrap() == u64::from(LISTS));
    assert!(
        skipped.as_u64() >= Some(4),
        "finished lists were printed again"
    );
    assert_eq!(pdfs(&out), expected);
    let manifest =
        |folder: &str| std::fs::read(dir.path().join(folder).join("lists.json")).unwrap();
    assert!(manifest("killed") == manifest("whole"));
}
