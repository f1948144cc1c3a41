//! What a 1:N search loses above its exhaustive size: mates that a complete comparison of all fingers finds and
//! the screened search does not, and how many of them only because a comparison ended early.
//!
//! `tizme-prefilter --out CSV [--shared DIR] [--entries N] [--probes N]`: a gallery of synthetic persons, four
//! fingers each, searched by their election-day captures; and real fingers (`neuro_uareu`, `fvc2004_db2b`), one
//! finger each, hidden in a gallery of synthetic ones.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use accuracy::sets::PrintSet;
use anyhow::{Context as _, bail};
use fingerprint::{
    EntryId, FingerPosition, Gallery, Prepared, Score, SearchPolicy, Template, compare_fingers,
    score,
};
use rayon::prelude::*;
use ridges::{ImpressionParams, Position, Skeleton, finger_seed, iso_19794_2};

/// Fingers of a synthetic person: both thumbs and both index fingers.
const FINGERS: [(usize, FingerPosition); 4] = [
    (0, FingerPosition::RightThumb),
    (1, FingerPosition::RightIndex),
    (5, FingerPosition::LeftThumb),
    (6, FingerPosition::LeftIndex),
];

type Fingers = Vec<(FingerPosition, Prepared)>;

struct Options {
    out: PathBuf,
    shared: PathBuf,
    entries: usize,
    probes: usize,
}

/// A person's captures of some fingers, drawn without pictures.
fn captured(
    person: u64,
    fingers: &[(usize, FingerPosition)],
    params: &ImpressionParams,
    capture: u64,
) -> Fingers {
    fingers
        .iter()
        .filter_map(|&(at, code)| {
            let position = Position::ALL[at];
            let seed = finger_seed(77, person, position);
            let minutiae = Skeleton::draw(seed, position).impression(params, seed ^ (capture + 1));
            let bytes = iso_19794_2(&minutiae, (params.width, params.height), position, 70);
            Template::from_iso(&bytes)
                .ok()
                .map(|template| (code, Prepared::new(&template)))
        })
        .collect()
}

/// Probes with the entry each is mated with.
type Probes = Vec<(EntryId, Fingers)>;

/// Searches whose time is measured exhaustively too.
const TIMED_EXHAUSTIVELY: usize = 24;

/// Every finger against the mate's same finger, nothing left out.
fn evidence(probe: &Fingers, mate: &Fingers) -> Score {
    let scores: Vec<Score> = probe
        .iter()
        .filter_map(|(position, print)| {
            let same = mate.iter().filter(|(other, _)| other == position);
            same.map(|(_, other)| score(print, other)).max()
        })
        .collect();
    Score::fused(&scores)
}

/// Counts mates that a complete comparison finds, that one with an early end finds, and that the screen lets pass.
fn measure(name: &str, entries: &[(EntryId, Fingers)], probes: &Probes, table: &mut String) {
    let threshold = SearchPolicy::default().threshold;
    let gallery = |exhaustive_max| {
        let mut gallery = Gallery::new(SearchPolicy {
            exhaustive_max,
            ..SearchPolicy::default()
        });
        entries
            .iter()
            .for_each(|(id, fingers)| gallery.insert(*id, fingers));
        gallery
    };
    let by_id: HashMap<EntryId, &Fingers> = entries.iter().map(|(id, f)| (*id, f)).collect();
    let complete: Vec<bool> = probes
        .par_iter()
        .map(|(mate, fingers)| evidence(fingers, by_id[mate]) >= threshold)
        .collect();
    let ended: Vec<bool> = probes
        .par_iter()
        .map(|(mate, fingers)| {
            let scores: Vec<Score> = compare_fingers(fingers, by_id[mate])
                .into_iter()
                .map(|finger| finger.1)
                .collect();
            Score::fused(&scores) >= threshold
        })
        .collect();
    let screen = gallery(0);
    let start = now();
    let screened: Vec<(bool, usize)> = probes
        .iter()
        .map(|(mate, fingers)| {
            let search = screen.search(fingers);
            let found = search.candidates.iter().any(|c| c.id == *mate);
            (found, search.compared)
        })
        .collect();
    let screened_ms = start.elapsed().as_secs_f64() * 1e3 / probes.len().max(1) as f64;
    let full = gallery(usize::MAX);
    let timed = &probes[..TIMED_EXHAUSTIVELY.min(probes.len())];
    let start = now();
    timed
        .iter()
        .for_each(|(_, fingers)| drop(full.search(fingers)));
    let full_ms = start.elapsed().as_secs_f64() * 1e3 / timed.len().max(1) as f64;
    let found = complete.iter().filter(|found| **found).count();
    let lost_early = complete
        .iter()
        .zip(&ended)
        .filter(|(c, e)| **c && !**e)
        .count();
    let lost = complete
        .iter()
        .zip(&screened)
        .filter(|(c, s)| **c && !s.0)
        .count();
    let (low, high) = wilson(lost, found);
    let line = format!(
        "{name},{},{},{found},{lost_early},{lost},{:.2},{:.2},{:.2},{},{full_ms:.1},{screened_ms:.1}",
        entries.len(),
        probes.len(),
        100.0 * lost as f64 / found.max(1) as f64,
        100.0 * low,
        100.0 * high,
        screened.iter().map(|s| s.1).max().unwrap_or(0),
    );
    println!("{line}");
    let _ = writeln!(table, "{line}");
}

#[expect(clippy::disallowed_methods, reason = "this trial measures time")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

/// The 95 % interval of a share (Wilson).
fn wilson(hits: usize, of: usize) -> (f64, f64) {
    if of == 0 {
        return (0.0, 1.0);
    }
    let (z, n) = (1.96_f64, of as f64);
    let share = hits as f64 / n;
    let middle = share + z * z / (2.0 * n);
    let half = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    (
        ((middle - half) / scale).max(0.0),
        ((middle + half) / scale).min(1.0),
    )
}

fn synthetic(options: &Options, table: &mut String) {
    let (enrolment, election) = (
        ImpressionParams::enrolment(),
        ImpressionParams::election_day(),
    );
    let persons: Vec<u64> = (0..options.entries as u64).collect();
    let entries: Vec<(EntryId, Fingers)> = persons
        .par_iter()
        .map(|&person| {
            (
                EntryId(person as u32),
                captured(person, &FINGERS, &enrolment, 0),
            )
        })
        .collect();
    for count in [4, 2, 1] {
        let probes: Probes = persons[..options.probes.min(persons.len())]
            .par_iter()
            .map(|&person| {
                (
                    EntryId(person as u32),
                    captured(person, &FINGERS[..count], &election, 1),
                )
            })
            .collect();
        measure(
            &format!("synthetic_{count}_fingers"),
            &entries,
            &probes,
            table,
        );
    }
}

/// Real fingers among synthetic ones: impression 1 is enrolled, the others search.
fn real(options: &Options, set: &Path, table: &mut String) -> anyhow::Result<()> {
    let prints = PrintSet::from_folder(set, Some(500))?;
    let enrolment = ImpressionParams::enrolment();
    let unknown = |print: &Prepared| vec![(FingerPosition::RightIndex, print.clone())];
    let mut entries: Vec<(EntryId, Fingers)> = Vec::new();
    let mut probes = Probes::new();
    for (finger, captures) in prints.fingers.iter().enumerate() {
        let id = EntryId(finger as u32);
        let Some(Some(first)) = captures.first() else {
            continue;
        };
        entries.push((id, unknown(first)));
        probes.extend(
            captures[1..]
                .iter()
                .flatten()
                .map(|print| (id, unknown(print))),
        );
    }
    let known = prints.fingers.len();
    let others: Vec<(EntryId, Fingers)> = (known..options.entries)
        .into_par_iter()
        .map(|at| {
            (
                EntryId(at as u32),
                captured(at as u64, &FINGERS[1..2], &enrolment, 0),
            )
        })
        .collect();
    entries.extend(others);
    measure(
        &format!("{}_among_synthetic", prints.name),
        &entries,
        &probes,
        table,
    );
    Ok(())
}

fn main() -> anyhow::Result<()> {
    let options = options()?;
    let mut table = String::from(
        "probes_from,entries,probes,found_completely,lost_by_early_end,lost_in_all,lost_pct,lost_low_pct,lost_high_pct,\
         compared_at_most,exhaustive_ms,screened_ms\n",
    );
    print!("{table}");
    synthetic(&options, &mut table);
    for set in ["neuro_uareu", "fvc2002_db1b", "fvc2004_db2b"] {
        let folder = options.shared.join("data/fingerprints").join(set);
        if folder.is_dir() {
            real(&options, &folder, &mut table)?;
        } else {
            eprintln!("{} is not there", folder.display());
        }
    }
    std::fs::write(&options.out, table).with_context(|| options.out.display().to_string())
}

fn options() -> anyhow::Result<Options> {
    let mut options = Options {
        out: PathBuf::new(),
        shared: std::env::var_os("TIZME_SHARED").map_or(PathBuf::from("../shared"), PathBuf::from),
        entries: 10_000,
        probes: 500,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments
            .next()
            .with_context(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--out" => options.out = value.into(),
            "--shared" => options.shared = value.into(),
            "--entries" => options.entries = value.parse().context("--entries takes a number")?,
            "--probes" => options.probes = value.parse().context("--probes takes a number")?,
            other => bail!("unknown option {other}"),
        }
    }
    if options.out.as_os_str().is_empty() {
        bail!("use: tizme-prefilter --out CSV [--shared DIR] [--entries N] [--probes N]");
    }
    Ok(options)
}
