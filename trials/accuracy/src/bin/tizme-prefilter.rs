//! What the 1:N prefilter loses: searches that an exhaustive comparison finds and the screened one does not.
//!
//! `tizme-prefilter --out CSV [--shared DIR] [--entries N] [--probes N]`: a gallery of synthetic persons, four
//! fingers each, searched by their election-day captures; and real fingers (`neuro_uareu`, `fvc2004_db2b`), one
//! finger each, hidden in a gallery of synthetic ones.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use accuracy::sets::PrintSet;
use anyhow::{Context as _, bail};
use fingerprint::{EntryId, FingerPosition, Gallery, Prepared, SearchPolicy, Template};
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

/// Searches exhaustively and screened, and counts where the mate came first.
fn measure(name: &str, entries: &[(EntryId, Fingers)], probes: &Probes, table: &mut String) {
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
    let run = |gallery: &Gallery| -> (Vec<bool>, f64, usize) {
        let start = now();
        let found: Vec<(bool, usize)> = probes
            .par_iter()
            .map(|(mate, fingers)| {
                let search = gallery.search(fingers);
                (
                    search
                        .candidates
                        .iter()
                        .any(|candidate| candidate.id == *mate),
                    search.compared,
                )
            })
            .collect();
        let ms = start.elapsed().as_secs_f64() * 1e3 / probes.len().max(1) as f64;
        let compared = found.iter().map(|found| found.1).max().unwrap_or(0);
        (
            found.into_iter().map(|found| found.0).collect(),
            ms,
            compared,
        )
    };
    let (full, full_ms, _) = run(&gallery(usize::MAX));
    let (screened, screened_ms, compared) = run(&gallery(0));
    let found = full.iter().filter(|found| **found).count();
    let lost = full
        .iter()
        .zip(&screened)
        .filter(|(full, screened)| **full && !**screened)
        .count();
    let (low, high) = wilson(lost, found);
    let line = format!(
        "{name},{},{},{found},{lost},{:.2},{:.2},{:.2},{compared},{full_ms:.1},{screened_ms:.1}",
        entries.len(),
        probes.len(),
        100.0 * lost as f64 / found.max(1) as f64,
        100.0 * low,
        100.0 * high
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
        "probes_from,entries,probes,found_exhaustively,lost,lost_pct,lost_low_pct,lost_high_pct,compared_at_most,\
         exhaustive_ms,screened_ms\n",
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
