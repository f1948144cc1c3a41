//! `tizme fingerprint score`: pairs of prints to scores, with the times that matter.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ::fingerprint::{FingerPosition, Prepared, score};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use rayon::prelude::*;
use serde_json::json;

use super::prints::{Print, Sources, bar, with_threads};

/// Arguments of `score`.
#[derive(Args)]
pub struct ScoreArguments {
    /// The folder of images (or templates) named FINGER_IMPRESSION.ext.
    #[arg(long, value_name = "DIR")]
    images: PathBuf,
    /// The pairs to compare: CSV lines `a,b` of file names without extension. Default: each with each, once.
    #[arg(long, value_name = "CSV")]
    pairs: Option<PathBuf>,
    /// Resolution in pixels per inch, whatever the files say.
    #[arg(long, value_name = "D")]
    dpi: Option<u32>,
    /// Threads; 0: as many as the machine has. Times are only comparable with 1.
    #[arg(long, default_value_t = 0, value_name = "N")]
    threads: usize,
    /// Where `a,b,score` is written; a print that gives no template scores 0.
    #[arg(long, value_name = "CSV")]
    out: PathBuf,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Places of two prints in the list.
type Pair = (u32, u32);

/// Runs the command.
pub fn run(arguments: &ScoreArguments) -> Result<ExitCode> {
    let mut sources = Sources::default();
    if !arguments.images.is_dir() {
        bail!("{}: no such folder", arguments.images.display());
    }
    sources.add(&arguments.images)?;
    let (prints, pairs, scored) = with_threads(arguments.threads, || {
        let prints = sources.extract(arguments.dpi)?;
        let pairs = match &arguments.pairs {
            Some(path) => pairs_of(path, &prints)?,
            None => every_pair(prints.len()),
        };
        let prepared: Vec<Option<Prepared>> = prints
            .par_iter()
            .map(|print| {
                print
                    .view
                    .as_ref()
                    .ok()
                    .map(|view| Prepared::new(&view.template))
            })
            .collect();
        let bar = bar("compare", pairs.len());
        let one = |&(a, b): &Pair| {
            timed_score(prepared[a as usize].as_ref(), prepared[b as usize].as_ref())
        };
        let scored: Vec<Vec<(u16, Option<u32>)>> = pairs
            .par_chunks(1024)
            .map(|chunk| {
                let scored = chunk.iter().map(one).collect();
                bar.inc(chunk.len() as u64);
                scored
            })
            .collect();
        bar.finish_and_clear();
        Ok((prints, pairs, scored.concat()))
    })?;
    write(&arguments.out, &prints, &pairs, &scored)?;
    report(arguments, &prints, &scored);
    Ok(ExitCode::SUCCESS)
}

fn every_pair(count: usize) -> Vec<Pair> {
    let count = count as u32;
    (0..count)
        .flat_map(|a| (a + 1..count).map(move |b| (a, b)))
        .collect()
}

/// The pairs of a CSV file; a first line `a,b` is a header.
fn pairs_of(path: &Path, prints: &[Print]) -> Result<Vec<Pair>> {
    let at: HashMap<&str, u32> = prints
        .iter()
        .zip(0..)
        .map(|(print, at)| (print.stem.as_str(), at))
        .collect();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_path(path)
        .with_context(|| path.display().to_string())?;
    let mut pairs = Vec::new();
    for (row, record) in reader.records().enumerate() {
        let record = record.with_context(|| path.display().to_string())?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |at: usize| record.get(at).map(|c| c.trim_start_matches('\u{feff}'));
        let (Some(a), Some(b)) = (cell(0), cell(1)) else {
            bail!("{}: line {line} is not of the form a,b", path.display());
        };
        if row == 0 && (a, b) == ("a", "b") {
            continue;
        }
        let find = |stem: &str| {
            at.get(stem).copied().with_context(|| {
                format!(
                    "{}: line {line} names {stem}, which is not in the folder",
                    path.display()
                )
            })
        };
        pairs.push((find(a)?, find(b)?));
    }
    Ok(pairs)
}

/// The score, and the nanoseconds it took when there was something to compare.
#[expect(
    clippy::disallowed_methods,
    reason = "the command prints how long comparison takes"
)]
fn timed_score(a: Option<&Prepared>, b: Option<&Prepared>) -> (u16, Option<u32>) {
    let (Some(a), Some(b)) = (a, b) else {
        return (0, None);
    };
    let start = std::time::Instant::now();
    let value = score(a, b).value();
    (value, u32::try_from(start.elapsed().as_nanos()).ok())
}

fn write(
    path: &Path,
    prints: &[Print],
    pairs: &[Pair],
    scored: &[(u16, Option<u32>)],
) -> Result<()> {
    let at_path = || path.display().to_string();
    let mut out = BufWriter::new(File::create(path).with_context(at_path)?);
    writeln!(out, "a,b,score").with_context(at_path)?;
    for (&(a, b), (score, _)) in pairs.iter().zip(scored) {
        let (a, b) = (&prints[a as usize].stem, &prints[b as usize].stem);
        writeln!(out, "{a},{b},{score}").with_context(at_path)?;
    }
    out.flush().with_context(at_path)
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    let middle = values.len() / 2;
    (!values.is_empty()).then(|| *values.select_nth_unstable_by(middle, f64::total_cmp).1)
}

fn report(arguments: &ScoreArguments, prints: &[Print], scored: &[(u16, Option<u32>)]) {
    let extraction = median(
        prints
            .iter()
            .filter_map(|print| print.extraction_ms)
            .collect(),
    );
    let times: Vec<f64> = scored
        .iter()
        .filter_map(|s| s.1)
        .map(|ns| f64::from(ns) / 1e3)
        .collect();
    let mean = (!times.is_empty()).then(|| times.iter().sum::<f64>() / times.len() as f64);
    let comparison = median(times);
    let bytes = median(
        prints
            .iter()
            .filter_map(|print| print.view.as_ref().ok())
            .map(|view| view.template.to_iso(FingerPosition::Unknown).len() as f64)
            .collect(),
    );
    let failed: Vec<_> = prints
        .iter()
        .filter_map(|print| {
            print
                .view
                .as_ref()
                .err()
                .map(|why| (print.path.display().to_string(), why))
        })
        .collect();
    if arguments.json {
        let failures: Vec<_> = failed
            .iter()
            .map(|(path, why)| json!({ "image": path, "error": why }))
            .collect();
        println!(
            "{}",
            json!({
                "prints": prints.len(), "pairs": scored.len(), "extraction_ms_median": extraction,
                "comparison_us_median": comparison, "comparison_us_mean": mean, "template_bytes_median": bytes,
                "failures": failures,
            })
        );
        return;
    }
    let figure = |value: Option<f64>, digits: usize| {
        value.map_or_else(|| "–".to_owned(), |v| format!("{v:.digits$}"))
    };
    println!(
        "{} prints, {} pairs: {}",
        prints.len(),
        scored.len(),
        arguments.out.display()
    );
    println!("extraction, median    {} ms", figure(extraction, 2));
    println!(
        "comparison, median    {} µs (mean {})",
        figure(comparison, 2),
        figure(mean, 2)
    );
    println!("template, median      {} bytes", figure(bytes, 0));
    println!("failures to extract   {}", failed.len());
    failed
        .iter()
        .for_each(|(path, why)| eprintln!("{path}: {why}"));
}
