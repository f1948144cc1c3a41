//! `tizme batch form` killed in the middle of its work: the next run takes up what was finished and writes the same bytes.
//!
//! The process stops at an exact moment because the next file that it opens is a pipe that nobody reads; there it is killed.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod stage;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use stage::{files, sample, with_keys};
/// What a run writes below its output, in the order of its steps; two tables are written beside each other.
const LINES: [&str; 2] = ["lines/3001.cbor", "lines/5001.cbor"];
const TABLES: [&str; 4] = [
    "claims.parquet",
    "decisions.parquet",
    "findings.parquet",
    "reconciliation.parquet",
];
/// The notes of what is finished.
const NOTES: [&str; 7] = [
    "commit-3001",
    "commit-5001",
    "reconcile",
    "claims.parquet",
    "decisions.parquet",
    "findings.parquet",
    "reconciliation.parquet",
];

struct Stage {
    dir: PathBuf,
}

impl Stage {
    /// The register of `docs/import.md` with its snapshot, and the list formed without a stop in `whole`.
    fn new(name: &str) -> Self {
        let dir = with_keys(name);
        let stage = Self { dir };
        let import = format!("office import {} --rejects r.csv", sample().display());
        stage.run(&import);
        stage.run("office snapshot --law kg-2015 --out s1");
        stage.form("whole", "");
        stage
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tizme"));
        command
            .args(arguments.split_whitespace())
            .env("TIZME_STORE", "sqlite:office.db")
            .current_dir(&self.dir);
        command
    }

    fn run(&self, arguments: &str) -> String {
        let output = self.command(arguments).output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments}\n{err}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Forms the list; how the snapshot was read, and how many parts of each step were taken up.
    fn formed(&self, out: &str, more: &str) -> (String, BTreeMap<String, u64>) {
        let told = self.run(&format!(
            "batch form --snapshot s1 --law kg-2015 --out {out} --json {more}"
        ));
        let told: serde_json::Value = serde_json::from_str(told.trim()).unwrap();
        let taken_up = serde_json::from_value(told["taken_up"].clone()).unwrap();
        (told["reading"].as_str().unwrap().to_owned(), taken_up)
    }

    fn form(&self, out: &str, more: &str) -> BTreeMap<String, u64> {
        self.formed(out, more).1
    }

    fn path(&self, out: &str, below: &str) -> PathBuf {
        self.dir.join(out).join(below)
    }

    fn part(&self, out: &str, file: &str) -> PathBuf {
        self.path(out, ".roll.partial").join(file)
    }

    /// Where a run looks for signatures of an earlier release, once it has written everything else.
    fn release(&self, out: &str) -> PathBuf {
        self.path(out, "roll/release.cose")
    }

    fn note(&self, out: &str, name: &str) -> PathBuf {
        self.path(out, ".steps/form.unfinished").join(name)
    }

    fn notes(&self, out: &str) -> BTreeSet<String> {
        let Ok(found) = std::fs::read_dir(self.path(out, ".steps/form.unfinished")) else {
            return BTreeSet::new();
        };
        let names = found.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names
            .filter(|name| NOTES.contains(&name.as_str()))
            .collect()
    }

    /// Lets a run reach the opening of `blocked` and no further, with exactly these notes made, and kills it.
    fn killed_at(&self, out: &str, blocked: &Path, expected: &[&str], more: &str) {
        std::fs::create_dir_all(blocked.parent().unwrap()).unwrap();
        let made = Command::new("mkfifo").arg(blocked).status().unwrap();
        assert!(made.success());
        let arguments =
            format!("batch form --snapshot s1 --law kg-2015 --out {out} --threads 2 {more}");
        let mut process = self
            .command(&arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let expected: BTreeSet<String> = expected.iter().map(|name| (*name).to_owned()).collect();
        // Where the last thing before the pipe is not a note: the folder that was renamed.
        let renamed = blocked.ends_with(".steps/.form.partial");
        let reached = || self.notes(out) == expected && self.path(out, "roll").exists() >= renamed;
        for _ in 0..6_000 {
            if reached() || process.try_wait().unwrap().is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(process.try_wait().unwrap(), None, "{out}: it did not stop");
        process.kill().unwrap();
        process.wait().unwrap();
        assert_eq!(self.notes(out), expected, "{out}");
        std::fs::remove_file(blocked).unwrap();
    }

    /// A run that was stopped with nothing finished, so that the next may go on.
    fn begun(&self, out: &str) {
        std::fs::create_dir_all(self.path(out, ".roll.partial")).unwrap();
        std::fs::create_dir_all(self.path(out, ".steps/form.unfinished")).unwrap();
        std::fs::copy(self.dir.join("inputs"), self.note(out, "inputs")).unwrap();
    }

    /// The list is the one without a stop, and nothing is left of the stopped run.
    fn is_whole(&self, out: &str) {
        let (found, whole) = (
            files(&self.path(out, "roll")),
            files(&self.path("whole", "roll")),
        );
        assert_eq!(
            found.keys().collect::<Vec<_>>(),
            whole.keys().collect::<Vec<_>>(),
            "{out}"
        );
        for (name, bytes) in &whole {
            assert_eq!(Some(bytes), found.get(name), "{out}: {}", name.display());
        }
        for left in [".roll.partial", ".steps/form.unfinished"] {
            assert!(!self.path(out, left).exists(), "{out}: {left}");
        }
    }
}

fn taken(steps: &[(&str, u64)]) -> BTreeMap<String, u64> {
    let steps = steps.iter().filter(|(_, n)| *n > 0);
    steps.map(|(step, n)| ((*step).to_owned(), *n)).collect()
}

/// All notes but some.
fn all_but(left_out: &[&str]) -> Vec<&'static str> {
    let kept = NOTES.iter().filter(|name| !left_out.contains(name));
    kept.copied().collect()
}

#[test]
fn a_killed_run_goes_on_from_what_it_had_finished_and_writes_the_same_bytes() {
    let stage = Stage::new("stopped");
    // Killed with everything written and renamed, before the step is marked as finished.
    let mark = stage.path("at-the-mark", ".steps/.form.partial");
    stage.killed_at("at-the-mark", &mark, &NOTES, "");
    std::fs::copy(
        stage.note("at-the-mark", "inputs"),
        stage.dir.join("inputs"),
    )
    .unwrap();
    assert_eq!(stage.form("at-the-mark", ""), taken(&[("reconcile", 1)]));
    stage.is_whole("at-the-mark");

    // What stands before each moment, and what the next run takes up.
    let moments: [(&str, PathBuf, Vec<&str>, [u64; 3]); 7] = [
        (
            "in-the-lines",
            stage.part("in-the-lines", LINES[1]),
            vec![NOTES[0]],
            [1, 0, 0],
        ),
        (
            "lines-without-a-note",
            stage.note("lines-without-a-note", "commit-5001.partial"),
            vec![NOTES[0]],
            [1, 0, 0],
        ),
        (
            "in-the-reconciliation",
            stage.note("in-the-reconciliation", "reconcile.partial"),
            vec![NOTES[0], NOTES[1]],
            [2, 0, 0],
        ),
        (
            "in-the-decisions",
            stage.part("in-the-decisions", TABLES[1]),
            all_but(&[TABLES[1]]),
            [2, 1, 3],
        ),
        (
            "in-the-claims",
            stage.part("in-the-claims", TABLES[0]),
            all_but(&[TABLES[0], TABLES[2], TABLES[3]]),
            [2, 1, 1],
        ),
        (
            "in-the-last-table",
            stage.part("in-the-last-table", TABLES[3]),
            all_but(&[TABLES[3]]),
            [2, 1, 3],
        ),
        (
            "at-the-release",
            stage.release("at-the-release"),
            NOTES.to_vec(),
            [2, 1, 4],
        ),
    ];
    for (out, blocked, notes, [lines, reconciled, tables]) in moments {
        stage.begun(out);
        stage.killed_at(out, &blocked, &notes, "");
        assert!(!stage.path(out, "roll/MANIFEST.cose").exists(), "{out}");
        // Somebody's file in the unfinished folder never comes into the list.
        std::fs::write(stage.part(out, "left-over"), b"of somebody").unwrap();
        let expected = taken(&[
            ("commit", lines),
            ("reconcile", reconciled),
            ("tables", tables),
        ]);
        assert_eq!(stage.form(out, ""), expected, "{out}");
        stage.is_whole(out);
    }
    std::fs::remove_dir_all(&stage.dir).unwrap();
}

#[test]
fn what_is_torn_changed_or_of_another_run_is_made_again() {
    let stage = Stage::new("stopped-changed");
    let stopped = |out: &str| {
        stage.killed_at(out, &stage.release(out), &NOTES, "");
    };
    let whole = [("commit", 2), ("reconcile", 1), ("tables", 4)];
    let flip = |path: PathBuf| {
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, bytes).unwrap();
    };
    let check = |out: &str, change: &dyn Fn(&str), step: &str, left: u64| {
        stopped(out);
        change(out);
        let expected = whole.map(|(of, n)| (of, if of == step { left } else { n }));
        assert_eq!(stage.form(out, ""), taken(&expected), "{out}");
        stage.is_whole(out);
    };
    check("nothing", &|_| {}, "", 0);
    let table = |out: &str| flip(stage.part(out, TABLES[1]));
    check("a-byte-of-a-table", &table, "tables", 3);
    let lines = |out: &str| flip(stage.part(out, LINES[0]));
    check("a-byte-of-lines", &lines, "commit", 1);
    let torn = |out: &str| {
        let path = stage.part(out, LINES[1]);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    };
    check("torn-lines", &torn, "commit", 1);
    let gone = |out: &str| std::fs::remove_file(stage.part(out, TABLES[3])).unwrap();
    check("a-table-that-is-gone", &gone, "tables", 3);
    let note = |out: &str| flip(stage.note(out, "reconcile"));
    check("a-byte-of-a-note", &note, "reconcile", 0);
    // Another precinct's note does not vouch for these lines, even with its file beside it.
    let another = |out: &str| {
        std::fs::copy(stage.note(out, NOTES[0]), stage.note(out, NOTES[1])).unwrap();
        std::fs::copy(stage.part(out, LINES[0]), stage.part(out, LINES[1])).unwrap();
    };
    check("a-note-of-another-precinct", &another, "commit", 1);
    // Another release is another list.
    stopped("another-release");
    assert_eq!(stage.form("another-release", "--release 2"), taken(&[]));
    std::fs::remove_dir_all(&stage.dir).unwrap();
}

#[test]
fn a_run_that_keeps_an_image_reads_it_after_a_stop_and_completes_it() {
    let stage = Stage::new("stopped-keeping");
    let blocked = stage.release("out");
    stage.killed_at("out", &blocked, &NOTES, "--keep");
    let kept = |reading: &str| reading.starts_with("read from kept/, 0 persons touched");
    let (reading, taken_up) = stage.formed("out", "--keep");
    assert!(kept(&reading), "{reading}");
    assert_eq!(
        taken_up,
        taken(&[("commit", 2), ("reconcile", 1), ("tables", 4)])
    );
    stage.is_whole("out");
    let image = || files(&stage.path("out", "kept"));
    assert!(image().contains_key(Path::new("reconciliation.bin")));
    stage.form("another", "--keep");
    assert_eq!(files(&stage.path("another", "kept")), image());
    std::fs::remove_dir_all(&stage.dir).unwrap();
}
