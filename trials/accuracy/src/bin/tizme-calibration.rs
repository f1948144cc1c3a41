//! Scores millions of pairs of different fingers, for `calibration.py`.
//!
//! `tizme-calibration --out DIR [--pairs N] [--seed S]`: grows a crowd of synthetic persons large
//! enough for `N` pairs (default 10 million) and compares every capture with every other. Written
//! are `crowd.txt` (seed and persons), `prints-NNNNN.bin` (templates of 8 persons) and
//! `scores-NNNNN.bin`: for each finger i of the block, each finger j ≥ i and each pair of captures
//! (00, 01, 10, 11) the log odds, f32 little-endian. Fingers count 4·person + finger.
//! What is there already is kept, so a run that was stopped goes on where it was.
//!
//! `tizme-calibration --out DIR --images DIR`: compares every real print of each set below `DIR`
//! with every other of the set and writes `real.csv` (`set,a,b,raw`).

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use accuracy::crowd::{self, CAPTURES, Crowd, FINGERS, Person};
use accuracy::shared::{self, name_of};
use anyhow::{Context as _, bail};
use fingerprint::{Prepared, compare, extract};
use rayon::prelude::*;

/// Persons a file of templates or scores is about.
const BLOCK: usize = 8;
/// The captures of one finger, `None` where nothing could be extracted.
type Finger = [Option<Prepared>; CAPTURES];

/// What a print scores that gave no template.
const FAILED: f32 = -99.0;

struct Options {
    out: PathBuf,
    images: Option<PathBuf>,
    pairs: u64,
    seed: u64,
}

fn main() -> anyhow::Result<()> {
    let options = options()?;
    std::fs::create_dir_all(&options.out).with_context(|| options.out.display().to_string())?;
    match &options.images {
        Some(images) => real(images, &options.out),
        None => synthetic(&options),
    }
}

fn options() -> anyhow::Result<Options> {
    let mut options = Options {
        out: PathBuf::new(),
        images: None,
        pairs: 10_000_000,
        seed: 2026,
    };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().with_context(|| format!("{arg} needs a value"));
        match arg.as_str() {
            "--out" => options.out = value()?.into(),
            "--images" => options.images = Some(value()?.into()),
            "--pairs" => options.pairs = value()?.parse().context("--pairs takes a number")?,
            "--seed" => options.seed = value()?.parse().context("--seed takes a number")?,
            other => bail!("unknown option {other}"),
        }
    }
    if options.out.as_os_str().is_empty() {
        bail!("use: tizme-calibration --out DIR [--pairs N] [--seed S] | --out DIR --images DIR");
    }
    Ok(options)
}

fn synthetic(options: &Options) -> anyhow::Result<()> {
    let crowd = Crowd::with_pairs(options.seed, options.pairs);
    let said = format!("seed {} persons {}\n", crowd.seed, crowd.persons);
    let manifest = options.out.join("crowd.txt");
    match std::fs::read_to_string(&manifest) {
        Ok(known) if known != said => bail!("{} is of another crowd", options.out.display()),
        Ok(_) => {}
        Err(_) => write_whole(&manifest, said.as_bytes())?,
    }
    let persons = grown(&options.out, crowd)?;
    let fingers: Vec<Finger> = persons
        .iter()
        .flatten()
        .map(|captures| captures.each_ref().map(|t| t.as_ref().map(Prepared::new)))
        .collect();
    let step = BLOCK * FINGERS.len();
    for (block, start) in (0..fingers.len()).step_by(step).enumerate() {
        let path = options.out.join(format!("scores-{block:05}.bin"));
        if path.exists() {
            continue;
        }
        let rows: Vec<Vec<u8>> = (start..(start + step).min(fingers.len()))
            .into_par_iter()
            .map(|i| row(&fingers, i))
            .collect();
        write_whole(&path, &rows.concat())?;
        eprintln!(
            "compared {} of {} fingers",
            start + rows.len(),
            fingers.len()
        );
    }
    Ok(())
}

/// The persons of a crowd, from the files that are there, else grown.
fn grown(out: &Path, crowd: Crowd) -> anyhow::Result<Vec<Person>> {
    let mut persons = Vec::with_capacity(crowd.persons);
    for (block, start) in (0..crowd.persons).step_by(BLOCK).enumerate() {
        let path = out.join(format!("prints-{block:05}.bin"));
        let end = (start + BLOCK).min(crowd.persons);
        if !path.exists() {
            let made = (start..end)
                .into_par_iter()
                .map(|number| Ok(crowd::to_bytes(&crowd.person(number)?)))
                .collect::<anyhow::Result<Vec<Vec<u8>>>>()?;
            write_whole(&path, &made.concat())?;
            eprintln!("grown {end} of {} persons", crowd.persons);
        }
        let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
        let mut rest = bytes.as_slice();
        for _ in start..end {
            persons.push(crowd::from_bytes(&mut rest).with_context(|| path.display().to_string())?);
        }
    }
    Ok(persons)
}

/// Finger `i` with itself and all after it.
fn row(fingers: &[Finger], i: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity((fingers.len() - i) * 4 * CAPTURES * CAPTURES);
    for other in &fingers[i..] {
        for (a, b) in fingers[i]
            .iter()
            .flat_map(|a| other.iter().map(move |b| (a, b)))
        {
            bytes.extend(raw(a, b).to_le_bytes());
        }
    }
    bytes
}

fn raw(a: &Option<Prepared>, b: &Option<Prepared>) -> f32 {
    match (a, b) {
        (Some(a), Some(b)) => compare(a, b).raw,
        (None, Some(_) | None) | (Some(_), None) => FAILED,
    }
}

/// Writes beside the file and renames, so that a file is whole or not there.
fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let beside = path.with_extension("part");
    std::fs::write(&beside, bytes).with_context(|| beside.display().to_string())?;
    std::fs::rename(&beside, path).with_context(|| path.display().to_string())
}

fn real(images: &Path, out: &Path) -> anyhow::Result<()> {
    let mut text = String::from("set,a,b,raw\n");
    for folder in &shared::sets(images)? {
        let set = name_of(folder);
        let files = shared::entries(folder)?;
        let prints = files
            .par_iter()
            .map(|path| {
                let image = shared::image(path, set)?;
                Ok(extract(&image).ok().map(|t| Prepared::new(&t)))
            })
            .collect::<anyhow::Result<Vec<Option<Prepared>>>>()?;
        let rows: Vec<String> = (0..prints.len())
            .into_par_iter()
            .map(|i| {
                let mut rows = String::new();
                for j in i + 1..prints.len() {
                    let raw = raw(&prints[i], &prints[j]);
                    let (a, b) = (name_of(&files[i]), name_of(&files[j]));
                    let _ = writeln!(rows, "{set},{a},{b},{raw}");
                }
                rows
            })
            .collect();
        text += &rows.concat();
        eprintln!("{set}: {} prints", prints.len());
    }
    write_whole(&out.join("real.csv"), text.as_bytes())
}
