//! Quality predicts error: without the worst tenth of the prints at most half of the errors remain.
//! Skips where the real prints are not.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use accuracy::peers::{PeerPair, read};
use accuracy::shared::{self, prints};
use fingerprint::{Prepared, compare, extract};
use rayon::prelude::*;

/// By stem: the print and its quality.
fn taken(folder: &Path, set: &str) -> HashMap<String, (Prepared, u8)> {
    let files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files
        .par_iter()
        .map(|path| {
            let image = shared::image(path, set).unwrap();
            let template = extract(&image).unwrap();
            let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (stem, (Prepared::new(&template), template.quality))
        })
        .collect()
}

/// FNMR at the set's own FMR of 1 in 1,000, with all prints and without the worst tenth.
fn rates(folder: &Path, set: &str, pairs: &[PeerPair]) -> [f64; 2] {
    let prints = taken(folder, set);
    let finger = |stem: &str| stem.rsplit_once('_').unwrap().0.to_owned();
    let scored: Vec<(bool, f32, bool)> = {
        let mut order: Vec<(u8, &str)> = prints.iter().map(|(s, p)| (p.1, s.as_str())).collect();
        order.sort_unstable();
        let gone: Vec<&str> = order.iter().take(order.len() / 10).map(|o| o.1).collect();
        let one = |pair: &PeerPair| {
            let raw = compare(&prints[&pair.a].0, &prints[&pair.b].0).raw;
            let kept = !gone.contains(&pair.a.as_str()) && !gone.contains(&pair.b.as_str());
            (finger(&pair.a) == finger(&pair.b), raw, kept)
        };
        pairs.par_iter().map(one).collect()
    };
    let mut impostors: Vec<f32> = scored.iter().filter(|s| !s.0).map(|s| s.1).collect();
    impostors.sort_by(|a, b| b.total_cmp(a));
    let limit = impostors[impostors.len() / 1000];
    [false, true].map(|only_kept| {
        let counted: Vec<f32> = scored
            .iter()
            .filter(|s| s.0 && (s.2 || !only_kept))
            .map(|s| s.1)
            .collect();
        counted.iter().filter(|raw| **raw <= limit).count() as f64 / counted.len() as f64
    })
}

#[test]
fn turning_away_the_worst_tenth_halves_the_errors() {
    let Some(folder) = prints() else { return };
    let sets = read(&folder.join("peer_scores/nbis.csv")).unwrap();
    let found: Vec<[f64; 2]> = sets
        .iter()
        .map(|(set, pairs)| rates(&folder.join(set), set, pairs))
        .collect();
    let [all, kept] = [0, 1].map(|k| 100.0 * found.iter().map(|f| f[k]).sum::<f64>() / 5.0);
    println!("FMR1000: {all:.2} % of all prints, {kept:.2} % without the worst tenth of each set");
    assert!(kept <= 0.5 * all, "{all:.2} {kept:.2}");
}
