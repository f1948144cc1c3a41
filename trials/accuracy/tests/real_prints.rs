//! Real prints on exactly the pairs that the peers scored (docs/fingerprint.md). Skips where they are not.
#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use accuracy::peers::{ours, read, sorted_out};
use accuracy::rates::{Rates, rates};
use accuracy::shared::prints;

/// NBIS reaches 6.56 % on these pairs, SourceAFIS 6.80 %.
const MEAN_EER_MAX: f64 = 0.028;
/// SourceAFIS reaches 13.69 %.
const MEAN_FMR1000_MAX: f64 = 0.065;

fn show(name: &str, rates: Rates) {
    let [eer, fmr100, fmr1000] = [rates.eer, rates.fmr100, rates.fmr1000].map(|rate| 100.0 * rate);
    println!("{name:14} EER {eer:.2} %, FMR100 {fmr100:.2} %, FMR1000 {fmr1000:.2} %");
}

#[test]
fn mean_rates_over_the_shared_sets_are_far_under_the_peers() {
    let Some(folder) = prints() else { return };
    let peer = read(&folder.join("peer_scores/nbis.csv")).unwrap();
    assert_eq!(peer.len(), 5);
    let (mut eers, mut fmr1000s) = (Vec::new(), Vec::new());
    for (set, pairs) in &peer {
        let found = rates(&ours(&folder.join(set), pairs).unwrap());
        show(set, found);
        eers.push(found.eer);
        fmr1000s.push(found.fmr1000);
    }
    let mean = |rates: &[f64]| rates.iter().sum::<f64>() / rates.len() as f64;
    let (eer, fmr1000) = (mean(&eers), mean(&fmr1000s));
    println!(
        "mean           EER {:.2} %, FMR1000 {:.2} %",
        100.0 * eer,
        100.0 * fmr1000
    );
    assert!(eer <= MEAN_EER_MAX, "mean EER {:.2} %", 100.0 * eer);
    assert!(
        fmr1000 <= MEAN_FMR1000_MAX,
        "mean FMR1000 {:.2} %",
        100.0 * fmr1000
    );
}

/// The ruler itself: the peers' own scores give the peers' published figures.
#[test]
fn the_peers_scores_give_the_peers_figures() {
    let Some(folder) = prints() else { return };
    for (peer, mean) in [
        ("nbis", 0.0656),
        ("sourceafis", 0.0680),
        ("openafis_fjfx", 0.0816),
    ] {
        let sets = read(&folder.join(format!("peer_scores/{peer}.csv"))).unwrap();
        let eers = sets
            .values()
            .map(|pairs| rates(&sorted_out(pairs.iter().map(|pair| (pair, pair.score)))).eer);
        let found = eers.sum::<f64>() / sets.len() as f64;
        assert!((found - mean).abs() < 0.0006, "{peer}: {found}");
    }
}
