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
const TIMED_EXHAUSTIVELY: usize = 8;

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

/// What searches found, one flag a probe.
#[derive(Default)]
struct Found {
    complete: Vec<bool>,
    ended: Vec<bool>,
    screened: Vec<bool>,
    compared: usize,
    screened_ms: f64,
    exhaustive_ms: f64,
}

fn measure(name: &str, entries: &[(EntryId, Fingers)], probes: &Probes, table: &mut String) {
    let found = search(entries, probes);
    record(name, entries.len(), &found, table);
}

fn measure_all(name: &str, galleries: &[(Vec<(EntryId, Fingers)>, Probes)], table: &mut String) {
    let mut all = Found::default();
    for (entries, probes) in galleries {
        let found = search(entries, probes);
        all.complete.extend(found.complete);
        all.ended.extend(found.ended);
        all.screened.extend(found.screened);
        all.compared = all.compared.max(found.compared);
        all.screened_ms += found.screened_ms / galleries.len() as f64;
        all.exhaustive_ms += found.exhaustive_ms / galleries.len() as f64;
    }
    let entries = galleries.first().map_or(0, |(entries, _)| entries.len());
    record(name, entries, &all, table);
}

/// Mates that a complete comparison finds, that one with an early end finds, and that the screened search finds.
fn search(entries: &[(EntryId, Fingers)], probes: &Probes) -> Found {
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
    let complete = probes
        .par_iter()
        .map(|(mate, fingers)| evidence(fingers, by_id[mate]) >= threshold)
        .collect();
    let ended = probes
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
    Found {
        complete,
        ended,
        compared: screened.iter().map(|s| s.1).max().unwrap_or(0),
        screened: screened.into_iter().map(|s| s.0).collect(),
        screened_ms,
        exhaustive_ms: start.elapsed().as_secs_f64() * 1e3 / timed.len().max(1) as f64,
    }
}

fn record(name: &str, entries: usize, found: &Found, table: &mut String) {
    let without = |flags: &[bool]| {
        let pairs = found.complete.iter().zip(flags);
        pairs
            .filter(|(complete, flag)| **complete && !**flag)
            .count()
    };
    let complete = found.complete.iter().filter(|found| **found).count();
    let (early, lost) = (without(&found.ended), without(&found.screened));
    let (low, high) = wilson(lost, complete);
    let line = format!(
        "{name},{entries},{},{complete},{early},{lost},{:.2},{:.2},{:.2},{},{:.1},{:.1}",
        found.complete.len(),
        100.0 * lost as f64 / complete.max(1) as f64,
        100.0 * low,
        100.0 * high,
        found.compared,
        found.exhaustive_ms,
        found.screened_ms,
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

/// Synthetic persons by enrolment, in their order.
fn enrolled(options: &Options) -> Vec<Fingers> {
    let enrolment = ImpressionParams::enrolment();
    (0..options.entries as u64)
        .into_par_iter()
        .map(|person| captured(person, &FINGERS, &enrolment, 0))
        .collect()
}

fn numbered(fingers: impl Iterator<Item = Fingers>) -> Vec<(EntryId, Fingers)> {
    fingers.zip(0..).map(|(f, at)| (EntryId(at), f)).collect()
}

fn synthetic(options: &Options, persons: &[Fingers], table: &mut String) {
    let election = ImpressionParams::election_day();
    let entries = numbered(persons.iter().cloned());
    for count in [4, 2, 1] {
        let probes: Probes = (0..options.probes.min(persons.len()) as u32)
            .into_par_iter()
            .map(|person| {
                let probe = captured(u64::from(person), &FINGERS[..count], &election, 1);
                (EntryId(person), probe)
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

/// Real fingers among synthetic ones, `together` of them as one person: impression 1 is enrolled, the others search.
///
/// With several fingers a person these are chimeras of different real fingers, drawn `SHUFFLES` times; within a
/// gallery no finger belongs to two of them.
fn real(
    set: &Path,
    together: usize,
    persons: &[Fingers],
    table: &mut String,
) -> anyhow::Result<()> {
    const SHUFFLES: usize = 4;
    let prints = PrintSet::from_folder(set, Some(500))?;
    let whole = |finger: &&Vec<Option<Prepared>>| finger.iter().all(Option::is_some);
    let fingers: Vec<&Vec<Option<Prepared>>> = prints.fingers.iter().filter(whole).collect();
    let capture = |group: &[&Vec<Option<Prepared>>], number: usize| -> Fingers {
        let codes = FINGERS.iter().skip(usize::from(together == 1));
        let print = |finger: &&Vec<Option<Prepared>>| finger.get(number)?.clone();
        codes
            .zip(group)
            .filter_map(|((_, code), finger)| Some((*code, print(finger)?)))
            .collect()
    };
    let mut galleries = Vec::new();
    for shuffle in 0..if together == 1 { 1 } else { SHUFFLES } {
        // Strides without a factor of 10 or 65 meet every finger once and put others together each time.
        let stride = [1, 3, 7, 9][shuffle];
        let order: Vec<_> = (0..fingers.len())
            .map(|at| fingers[at * stride % fingers.len()])
            .collect();
        let groups: Vec<_> = order.chunks_exact(together).collect();
        let others = persons.iter().skip(groups.len()).map(|person| {
            let skip = usize::from(together == 1);
            person[skip..skip + together].to_vec()
        });
        let entries = numbered(groups.iter().map(|group| capture(group, 0)).chain(others));
        let captures = fingers.first().map_or(0, |finger| finger.len());
        let probes: Probes = groups
            .iter()
            .zip(0..)
            .flat_map(|(group, at)| {
                (1..captures).map(move |number| (EntryId(at), capture(group, number)))
            })
            .collect();
        galleries.push((entries, probes));
    }
    let name = format!("{}_{together}_fingers_among_synthetic", prints.name);
    measure_all(&name, &galleries, table);
    Ok(())
}

fn main() -> anyhow::Result<()> {
    let options = options()?;
    let mut table = String::from(
        "probes_from,entries,probes,found_completely,lost_by_early_end,lost_in_all,lost_pct,lost_low_pct,lost_high_pct,\
         compared_at_most,exhaustive_ms,screened_ms\n",
    );
    print!("{table}");
    let persons = enrolled(&options);
    synthetic(&options, &persons, &mut table);
    for set in ["neuro_uareu", "fvc2002_db1b", "fvc2004_db2b"] {
        let folder = options.shared.join("data/fingerprints").join(set);
        if folder.is_dir() {
            for together in [4, 1] {
                real(&folder, together, &persons, &mut table)?;
            }
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
