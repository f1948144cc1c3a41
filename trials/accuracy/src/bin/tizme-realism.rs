//! Compares synthetic prints with real ones through the same matcher.
//!
//! `tizme-realism --out DIR [--shared DIR] [--fingers N] [--quick]`: writes
//! `synthetic-prints.csv` (a line a set), `synthetic-prints-histogram.csv` and
//! `synthetic-prints.svg`. Real sets are looked for in `DIR/data/fingerprints` (default: the
//! environment variable `TIZME_SHARED`, then `../shared`); without them only the synthetic ones
//! are compared and a line says so.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use accuracy::plot::{Panel, svg};
use accuracy::rates::{Scores, fmr1000_interval, quantile, rates, sorted};
use accuracy::sets::{PrintSet, Shape};
use anyhow::{Context as _, bail};
use ridges::ImpressionParams;

struct Options {
    out: PathBuf,
    shared: PathBuf,
    fingers: usize,
    quick: bool,
}

fn main() -> anyhow::Result<()> {
    let options = options()?;
    std::fs::create_dir_all(&options.out).with_context(|| options.out.display().to_string())?;
    let mut table = String::from(
        "set,synthetic,genuine,impostor,eer_pct,fmr100_pct,fmr1000_pct,fmr1000_low_pct,\
         fmr1000_high_pct,genuine_q05,genuine_q25,genuine_median,genuine_q75,impostor_q99,\
         fmr_at_300_pct,fnmr_at_300_pct,minutiae,quality,recall,precision\n",
    );
    let mut histogram = String::from("set,kind,score_from,pairs\n");
    let mut panels = Vec::new();
    let mut take = |set: &PrintSet| {
        let scores = set.scores();
        panels.push(record(set, &scores, &mut table, &mut histogram));
    };
    for folder in real_sets(&options.shared) {
        take(&PrintSet::from_folder(&folder, Some(500))?);
    }
    let shape = Shape {
        seed: 2015,
        fingers: options.fingers,
        captures: 8,
    };
    let small = Shape {
        fingers: options.fingers.min(24),
        captures: 4,
        ..shape
    };
    let (enrolment, election) = (
        ImpressionParams::enrolment(),
        ImpressionParams::election_day(),
    );
    take(&PrintSet::from_pictures(
        "pictures_election_day",
        &election,
        shape,
    ));
    take(&PrintSet::from_skeletons(
        "templates_election_day",
        &election,
        shape,
    ));
    if !options.quick {
        take(&PrintSet::from_pictures(
            "pictures_enrolment",
            &enrolment,
            shape,
        ));
        take(&PrintSet::from_skeletons(
            "templates_enrolment",
            &enrolment,
            shape,
        ));
        let cases = [
            ("worn", ImpressionParams::worn()),
            ("wet", ImpressionParams::wet()),
            ("dry", ImpressionParams::dry()),
            ("partial", ImpressionParams::partial()),
        ];
        for (name, params) in cases {
            take(&PrintSet::from_pictures(
                &format!("pictures_{name}"),
                &params,
                small,
            ));
            take(&PrintSet::from_skeletons(
                &format!("templates_{name}"),
                &params,
                small,
            ));
        }
    }
    print!("{table}");
    let plot = svg(
        "Scores of real and synthetic prints, same extractor and matcher",
        1200.0,
        &panels,
    );
    let files = [
        ("synthetic-prints.csv", table),
        ("synthetic-prints-histogram.csv", histogram),
        ("synthetic-prints.svg", plot),
    ];
    for (name, text) in files {
        let path = options.out.join(name);
        std::fs::write(&path, text).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

fn options() -> anyhow::Result<Options> {
    let shared = std::env::var_os("TIZME_SHARED").map_or(PathBuf::from("../shared"), PathBuf::from);
    let mut options = Options {
        out: PathBuf::new(),
        shared,
        fingers: 65,
        quick: false,
    };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut value = || args.next().with_context(|| format!("{arg} needs a value"));
        match arg.as_str() {
            "--out" => options.out = value()?.into(),
            "--shared" => options.shared = value()?.into(),
            "--fingers" => {
                options.fingers = value()?.parse().context("--fingers takes a number")?
            }
            "--quick" => options.quick = true,
            other => bail!("unknown option {other}"),
        }
    }
    if options.out.as_os_str().is_empty() || options.fingers < 2 {
        bail!("use: tizme-realism --out DIR [--shared DIR] [--fingers N of at least 2] [--quick]");
    }
    Ok(options)
}

fn real_sets(shared: &Path) -> Vec<PathBuf> {
    let root = shared.join("data/fingerprints");
    let sets: Vec<PathBuf> = ["neuro_uareu", "fvc2002_db1b", "fvc2004_db2b"]
        .iter()
        .map(|name| root.join(name))
        .filter(|folder| folder.is_dir())
        .collect();
    if sets.is_empty() {
        eprintln!(
            "no real prints in {}: only synthetic sets are compared",
            root.display()
        );
    }
    sets
}

/// Percent of sorted scores below 300, the score that should stand for a false match rate of 0.1 %.
fn below(sorted: &[f32]) -> f64 {
    100.0 * sorted.partition_point(|score| *score < 300.0) as f64 / sorted.len() as f64
}

/// Adds a set to both tables and makes its panel.
fn record(set: &PrintSet, scores: &Scores, table: &mut String, histogram: &mut String) -> Panel {
    let figures = rates(scores);
    let (low, high) = fmr1000_interval(scores, 400);
    let genuine = sorted(scores.genuine.iter().map(|g| g.1));
    let impostor = sorted(scores.impostor.iter().copied());
    let found = set.extraction;
    let _ = writeln!(
        table,
        "{},{},{},{},{:.2},{:.2},{:.2},{:.2},{:.2},{:.0},{:.0},{:.0},{:.0},{:.0},{:.3},{:.2},{:.1},{:.1},{:.2},{:.2}",
        set.name,
        set.synthetic,
        genuine.len(),
        impostor.len(),
        100.0 * figures.eer,
        100.0 * figures.fmr100,
        100.0 * figures.fmr1000,
        100.0 * low,
        100.0 * high,
        quantile(&genuine, 0.05),
        quantile(&genuine, 0.25),
        quantile(&genuine, 0.5),
        quantile(&genuine, 0.75),
        quantile(&impostor, 0.99),
        100.0 - below(&impostor),
        below(&genuine),
        found.minutiae,
        found.quality,
        found.recall,
        found.precision,
    );
    for (kind, scores) in [("genuine", &genuine), ("impostor", &impostor)] {
        for from in (0..2000).step_by(25) {
            let end = from as f32 + 25.0;
            let count =
                scores.partition_point(|s| *s < end) - scores.partition_point(|s| *s < from as f32);
            if count > 0 {
                let _ = writeln!(histogram, "{},{kind},{from},{count}", set.name);
            }
        }
    }
    Panel {
        title: set.name.clone(),
        note: format!(
            "EER {:.2} %, FNMR at FMR 0.1 %: {:.2} %\n{:.0} minutiae, quality {:.0}",
            100.0 * figures.eer,
            100.0 * figures.fmr1000,
            found.minutiae,
            found.quality
        ),
        synthetic: set.synthetic,
        genuine,
        impostor,
    }
}
