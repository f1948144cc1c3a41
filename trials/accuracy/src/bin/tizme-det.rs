//! Draws the error trade-off of several engines on the same pairs.
//!
//! `tizme-det --out DIR NAME=CSV…`: each `CSV` holds `db,a,b,score` (more columns are ignored), higher for more
//! alike; the first engine is drawn boldest. Writes `det-SET.svg` for each set that every file scores, on the
//! pairs that all of them score, and `det-pooled.svg` with one threshold over all sets.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use accuracy::det::{Curve, Plot, svg};
use accuracy::rates::Scores;
use anyhow::{Context as _, bail};

/// Scores of one engine, by set and pair.
type Scored = BTreeMap<String, BTreeMap<(String, String), f32>>;

fn main() -> anyhow::Result<()> {
    let (out, engines) = options()?;
    std::fs::create_dir_all(&out).with_context(|| out.display().to_string())?;
    let scored: Vec<(String, Scored)> = engines
        .into_iter()
        .map(|(name, path)| Ok((name, read(&path)?)))
        .collect::<anyhow::Result<_>>()?;
    let sets: BTreeSet<&String> = scored[0]
        .1
        .keys()
        .filter(|set| scored.iter().all(|s| s.1.contains_key(*set)))
        .collect();
    if sets.is_empty() {
        bail!("no set is scored in every file");
    }
    let mut pooled: Vec<Scores> = vec![Scores::default(); scored.len()];
    for set in sets {
        let pairs: Vec<&(String, String)> = scored[0].1[set]
            .keys()
            .filter(|pair| scored.iter().all(|s| s.1[set].contains_key(*pair)))
            .collect();
        let mut curves = Vec::new();
        let mut counts = (0, 0);
        for ((name, engine), pool) in scored.iter().zip(&mut pooled) {
            let scores = sorted_out(&pairs, &engine[set]);
            counts = (scores.genuine.len(), scores.impostor.len());
            if counts.0 == 0 || counts.1 == 0 {
                bail!("{set}: pairs of one finger and of two are needed");
            }
            curves.push(Curve::of(name, &scores));
            pool.genuine.extend(scores.genuine);
            pool.impostor.extend(scores.impostor);
        }
        write(&out, set, set, counts, curves)?;
    }
    let counts = (pooled[0].genuine.len(), pooled[0].impostor.len());
    let curves = scored
        .iter()
        .zip(&pooled)
        .map(|((name, _), scores)| Curve::of(name, scores))
        .collect();
    write(&out, "pooled", "All sets, one threshold", counts, curves)
}

fn write(
    out: &Path,
    file: &str,
    title: &str,
    counts: (usize, usize),
    curves: Vec<Curve>,
) -> anyhow::Result<()> {
    let plot = Plot {
        title: title.to_owned(),
        note: format!(
            "{} pairs of one finger, {} pairs of two, the same for every engine",
            counts.0, counts.1
        ),
        curves,
    };
    let path = out.join(format!("det-{file}.svg"));
    std::fs::write(&path, svg(&plot)).with_context(|| path.display().to_string())?;
    println!("{}", path.display());
    Ok(())
}

fn options() -> anyhow::Result<(PathBuf, Vec<(String, PathBuf)>)> {
    let mut out = None;
    let mut engines = Vec::new();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        if arg == "--out" {
            out = Some(PathBuf::from(args.next().context("--out needs a folder")?));
        } else if let Some((name, path)) = arg.split_once('=') {
            engines.push((name.to_owned(), PathBuf::from(path)));
        } else {
            bail!("{arg} is not NAME=CSV");
        }
    }
    match out {
        Some(out) if !engines.is_empty() => Ok((out, engines)),
        Some(_) | None => bail!("use: tizme-det --out DIR NAME=CSV…"),
    }
}

fn read(path: &Path) -> anyhow::Result<Scored> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let mut scored = Scored::new();
    for (at, line) in text.lines().enumerate().skip(1) {
        let mut cells = line.split(',');
        let (Some(set), Some(a), Some(b), Some(score)) =
            (cells.next(), cells.next(), cells.next(), cells.next())
        else {
            bail!("{}: line {} is not db,a,b,score", path.display(), at + 1);
        };
        let score = score
            .parse()
            .with_context(|| format!("{}: line {}", path.display(), at + 1))?;
        // Either order of the two names is the same pair.
        let pair = if a <= b { (a, b) } else { (b, a) };
        scored
            .entry(set.to_owned())
            .or_default()
            .insert((pair.0.to_owned(), pair.1.to_owned()), score);
    }
    Ok(scored)
}

fn sorted_out(pairs: &[&(String, String)], engine: &BTreeMap<(String, String), f32>) -> Scores {
    let finger = |stem: &str| {
        stem.rsplit_once('_')
            .map_or(stem, |(finger, _)| finger)
            .to_owned()
    };
    let mut scores = Scores::default();
    for pair in pairs {
        if finger(&pair.0) == finger(&pair.1) {
            scores.genuine.push((0, engine[*pair]));
        } else {
            scores.impostor.push(engine[*pair]);
        }
    }
    scores
}
