//! What one engine cost and how well it told fingers apart.

use std::fmt::Write as _;

use accuracy::rates::{Scores, rates};
use serde::Serialize;

use crate::prints::Pair;

/// Figures of one engine over the images of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// The engine.
    pub engine: String,
    /// Median processor time of an extraction, milliseconds.
    pub extraction_ms: f64,
    /// Mean processor time of a comparison of two fingers, microseconds.
    pub impostor_us: f64,
    /// Mean processor time of a comparison of one finger with itself, microseconds.
    pub genuine_us: f64,
    /// Images that gave no template.
    pub failures: usize,
    /// Equal error rate, percent.
    pub eer_pct: f64,
    /// False non-match rate at a false match rate of 0.1 %, percent.
    pub fmr1000_pct: f64,
}

impl Figures {
    /// Error rates from the score of each pair; a pair without score counts as most different.
    #[must_use]
    pub fn with_scores(mut self, pairs: &[Pair], scores: &[Option<f32>]) -> Figures {
        let mut sorted = Scores::default();
        for (pair, score) in pairs.iter().zip(scores) {
            let score = score.unwrap_or(f32::MIN);
            if pair.genuine {
                sorted.genuine.push((0, score));
            } else {
                sorted.impostor.push(score);
            }
        }
        let rates = rates(&sorted);
        self.eer_pct = 100.0 * rates.eer;
        self.fmr1000_pct = 100.0 * rates.fmr1000;
        self
    }
}

/// All engines as a table, the first with ratios of its times to each other's (under 1: faster).
#[must_use]
pub fn table(all: &[Figures]) -> String {
    let mut out = format!(
        "{:<26}{:>14}{:>14}{:>14}{:>10}{:>10}{:>9}  {}\n",
        "engine",
        "extract ms",
        "impostor µs",
        "genuine µs",
        "EER %",
        "FMR1000",
        "failed",
        "ours ÷ its (extract, impostor, genuine)"
    );
    for (at, one) in all.iter().enumerate() {
        let _ = write!(
            out,
            "{:<26}{:>14.2}{:>14.1}{:>14.1}{:>10.2}{:>10.2}{:>9}",
            one.engine,
            one.extraction_ms,
            one.impostor_us,
            one.genuine_us,
            one.eer_pct,
            one.fmr1000_pct,
            one.failures
        );
        if at > 0 {
            let ours = &all[0];
            let _ = write!(
                out,
                "  {:.4}, {:.4}, {:.4}",
                ours.extraction_ms / one.extraction_ms,
                ours.impostor_us / one.impostor_us,
                ours.genuine_us / one.genuine_us
            );
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_without_score_is_a_miss_and_ratios_are_ours_by_theirs() {
        let none = Figures {
            engine: "ours".to_owned(),
            extraction_ms: 10.0,
            impostor_us: 20.0,
            genuine_us: 40.0,
            failures: 0,
            eer_pct: 0.0,
            fmr1000_pct: 0.0,
        };
        let pair = |genuine| Pair {
            a: 0,
            b: 1,
            genuine,
        };
        let pairs = [pair(true), pair(true), pair(false), pair(false)];
        let scored = none
            .clone()
            .with_scores(&pairs, &[Some(9.0), None, Some(1.0), Some(2.0)]);
        assert!((scored.fmr1000_pct - 50.0).abs() < 1e-9);
        let slower = Figures {
            engine: "peer".to_owned(),
            extraction_ms: 40.0,
            ..none.clone()
        };
        assert!(table(&[none, slower]).contains("0.2500, 1.0000, 1.0000"));
    }
}
