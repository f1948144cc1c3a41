//! kill -9 between any two steps of a check-in: no acknowledged event is ever lost.
//!
//! A child process serves voters and says so on its output after each acknowledgement; the parent kills
//! it after a delay that walks through a check-in, opens the same folder and compares. (The page cache
//! survives a kill: what a power cut leaves of a record is `journal::tests`' matter, byte by byte.)

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod precinct;

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use lexicon::handover::envelope::hex;
use precinct::{Precinct, at, capture, open};
use station::Verdict;

const CUTS: u64 = 220;
const LINES: u32 = 1_800;
const FOLDER: &str = "TIZME_KILL_FOLDER";

/// The child's part; without the variable there is nothing to do.
#[test]
fn child_serves_until_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let precinct = Precinct::new(1001, LINES);
    let bench = open(&precinct, "K1", std::path::Path::new(&folder), 10);
    let from = bench.kit.read(|book| book.acts_of(book.me())) + 1;
    println!("READY");
    for line in (from..).filter(|line| *line != 13) {
        bench.clock.set(at(10 + i64::from(line)));
        if let Verdict::Green(done) = bench.kit.present(line, &capture(line * 10)).unwrap() {
            println!(
                "ACK {} {} {}",
                line,
                done.act.name.seq,
                hex(&done.act.name.id.0)
            );
        }
    }
}

#[test]
fn no_acknowledged_event_is_lost_over_220_kills() {
    let precinct = Precinct::new(1001, LINES);
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged: Vec<(u32, u32, String)> = Vec::new();
    for cut in 0..CUTS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "child_serves_until_killed",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        while lines
            .next()
            .is_some_and(|line| !line.unwrap().ends_with("READY"))
        {}
        // A check-in takes a few milliseconds: the delays walk through it in steps of 397 µs, on a busy machine through one and more.
        std::thread::sleep(Duration::from_micros(cut * 397));
        child.kill().unwrap();
        child.wait().unwrap();
        for line in lines.map_while(Result::ok) {
            let mut words = line.split(' ').skip_while(|word| *word != "ACK").skip(1);
            // The last line may be cut too: only a whole id counts as told.
            if let (Some(line), Some(seq), Some(id)) = (words.next(), words.next(), words.next())
                && id.len() == 64
            {
                acknowledged.push((line.parse().unwrap(), seq.parse().unwrap(), id.to_owned()));
            }
        }
    }
    let bench = open(&precinct, "K1", folder.path(), 10_000);
    for (line, seq, id) in &acknowledged {
        let act = bench.kit.read(|book| book.event(book.me(), *seq).cloned());
        assert_eq!(
            act.map(|act| hex(&act.name.id.0)).as_ref(),
            Some(id),
            "line {line}"
        );
        assert!(
            bench.kit.gate(*line).unwrap().is_some(),
            "line {line} is not red"
        );
    }
    let counted = bench.kit.read(pollbook::Book::counted);
    println!(
        "{CUTS} kills, {} acknowledged, {counted} on disk",
        acknowledged.len()
    );
    assert!(
        acknowledged.len() > 50,
        "the child did too little: {}",
        acknowledged.len()
    );
    assert!(usize::try_from(counted).unwrap() >= acknowledged.len());
    let report = bench
        .kit
        .report(pollbook::ReportKind::Running, &precinct.pair())
        .unwrap();
    assert_eq!(pollbook::arithmetic_fault(&report.report), None);
}
