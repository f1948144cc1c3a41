//! The pairs that open-source peers scored, and what they scored.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use fingerprint::{Prepared, extract, score};
use rayon::prelude::*;

use crate::rates::Scores;
use crate::shared;

/// One pair of a peer's file `db,a,b,score`.
#[derive(Clone, Debug, PartialEq)]
pub struct PeerPair {
    /// First image, `FINGER_IMPRESSION`.
    pub a: String,
    /// Second image.
    pub b: String,
    /// What the peer gave.
    pub score: f32,
}

/// Pairs by set.
pub type PeerPairs = BTreeMap<String, Vec<PeerPair>>;

/// The resolution of a shared set, pixels per inch; its files do not say.
#[must_use]
pub fn dpi_of(set: &str) -> u32 {
    if set == "fvc2004_db3b" { 512 } else { 500 }
}

/// Reads a peer's file.
///
/// # Errors
/// Naming the line that is not `db,a,b,score`.
pub fn read(path: &Path) -> anyhow::Result<PeerPairs> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let mut pairs = PeerPairs::new();
    for (at, line) in text.lines().enumerate().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [set, a, b, given] = cells.as_slice() else {
            bail!("{}: line {} is not db,a,b,score", path.display(), at + 1);
        };
        let score = given
            .parse()
            .with_context(|| format!("{}: line {}", path.display(), at + 1))?;
        pairs.entry((*set).to_owned()).or_default().push(PeerPair {
            a: (*a).to_owned(),
            b: (*b).to_owned(),
            score,
        });
    }
    Ok(pairs)
}

/// Genuine and impostor scores of some pairs; the finger is all before the last underscore.
pub fn sorted_out<'p>(pairs: impl IntoIterator<Item = (&'p PeerPair, f32)>) -> Scores {
    let finger = |stem: &'p str| stem.rsplit_once('_').map_or(stem, |(finger, _)| finger);
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    let mut scores = Scores::default();
    for (pair, score) in pairs {
        let (a, b) = (finger(&pair.a), finger(&pair.b));
        if a == b {
            let next = numbers.len();
            scores
                .genuine
                .push((*numbers.entry(a).or_insert(next), score));
        } else {
            scores.impostor.push(score);
        }
    }
    scores
}

/// Our scores of a set's pairs; an image that gives no template scores 0.
///
/// # Errors
/// When a named image cannot be read.
pub fn ours(folder: &Path, pairs: &[PeerPair]) -> anyhow::Result<Scores> {
    let set = folder
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let mut files: HashMap<String, PathBuf> = HashMap::new();
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) {
            files.insert(stem.to_owned(), path.clone());
        }
    }
    let mut stems: Vec<&str> = pairs
        .iter()
        .flat_map(|pair| [pair.a.as_str(), pair.b.as_str()])
        .collect();
    stems.sort_unstable();
    stems.dedup();
    let prints = stems
        .par_iter()
        .map(|stem| {
            let path = files
                .get(*stem)
                .with_context(|| format!("{}: no image {stem}", folder.display()))?;
            let image = shared::image(path, set)?;
            Ok(extract(&image)
                .ok()
                .map(|template| Prepared::new(&template)))
        })
        .collect::<anyhow::Result<Vec<Option<Prepared>>>>()?;
    // Every stem was listed from the pairs.
    let print = |stem: &str| {
        stems
            .binary_search(&stem)
            .ok()
            .and_then(|at| prints[at].as_ref())
    };
    let scored: Vec<f32> = pairs
        .par_iter()
        .map(|pair| match (print(&pair.a), print(&pair.b)) {
            (Some(a), Some(b)) => f32::from(score(a, b).value()),
            (None, Some(_) | None) | (Some(_), None) => 0.0,
        })
        .collect();
    Ok(sorted_out(pairs.iter().zip(scored)))
}
