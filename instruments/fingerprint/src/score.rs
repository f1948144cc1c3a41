//! The scale of scores and what a threshold means.

/// How much evidence a comparison gave, as a false match rate.
///
/// A score of 100·k says: two different fingers reach it once in 10^k comparisons (200 = 1 %,
/// 300 = 1 ‰, 400 = 1 in 10,000). Range 0 (no evidence) to [`Score::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Score(u16);

impl Score {
    /// No evidence at all.
    pub const NONE: Score = Score(0);
    /// The end of the scale; beyond about 490 it is extrapolated.
    pub const MAX: Score = Score(2000);

    /// The score with this value, cut off at [`Score::MAX`].
    pub fn new(value: u16) -> Score {
        Score(value.min(Score::MAX.0))
    }

    /// The value, 0 to 2000.
    pub fn value(self) -> u16 {
        self.0
    }

    /// The lowest threshold that two different fingers reach with probability `fmr` at most
    /// (0 < `fmr` ≤ 1); the inverse of [`Score::fmr`].
    ///
    /// ```
    /// use fingerprint::Score;
    /// assert_eq!(Score::at_fmr(1e-4).value(), 400);
    /// assert!(Score::at_fmr(3e-4).fmr() <= 3e-4);
    /// ```
    pub fn at_fmr(fmr: f64) -> Score {
        let exponent = if fmr > 0.0 {
            -fmr.min(1.0).log10()
        } else {
            f64::from(Score::MAX.0)
        };
        // What is a millionth over a whole score is that score.
        let value = (100.0 * exponent - 1e-6).ceil().max(0.0);
        Score(value.min(f64::from(Score::MAX.0)) as u16)
    }

    /// The rate at which two different fingers reach this score.
    pub fn fmr(self) -> f64 {
        10f64.powf(-f64::from(self.0) / 100.0)
    }

    /// The upper end of the 95 % interval of [`Score::fmr`]: what the real prints behind the scale
    /// still allow. Beyond 490 it is extrapolated as the scale is.
    ///
    /// ```
    /// use fingerprint::Score;
    /// let score = Score::new(300);
    /// assert!(score.fmr() < score.fmr_upper() && score.fmr_upper() < 2e-3);
    /// ```
    pub fn fmr_upper(self) -> f64 {
        let value = f64::from(self.0);
        let margin = between(&MARGIN, value as f32, 0.0);
        10f64.powf(-(value - f64::from(margin)) / 100.0)
    }

    /// The evidence of several fingers of one person together, on the same scale.
    ///
    /// Fisher's method: if each finger's false match rate is p, −2 Σ ln p follows χ² with two
    /// degrees of freedom a finger when the persons differ and the fingers are independent. They
    /// nearly are: what is left is taken off, 12 points for two fingers and 24 for four, so that
    /// the stated rate holds (`docs/fingerprint.md`).
    ///
    /// ```
    /// use fingerprint::Score;
    /// let two = Score::fused_fingers(&[Score::new(300), Score::new(300)]);
    /// assert!(two > Score::new(450) && two < Score::new(600));
    /// assert_eq!(Score::fused_fingers(&[Score::new(300)]), Score::new(300));
    /// assert_eq!(Score::fused_fingers(&[]), Score::NONE);
    /// ```
    pub fn fused_fingers(scores: &[Score]) -> Score {
        let x: f64 = scores
            .iter()
            .map(|s| f64::from(s.0) * std::f64::consts::LN_10 / 100.0)
            .sum();
        // P(Gamma(k) > x) = e^−x Σ x^i / i!; taken as a logarithm, so nothing underflows.
        let (mut term, mut series) = (1.0f64, 0.0f64);
        for i in 0..scores.len() {
            series += term;
            term *= x / (i as f64 + 1.0);
        }
        let value = if scores.is_empty() {
            0.0
        } else {
            let price = FINGERS_PRICE * (scores.len() as f64).log2();
            (x - series.ln()) * 100.0 / std::f64::consts::LN_10 - price
        };
        Score((value.round().max(0.0) as u16).min(Score::MAX.0))
    }

    /// [`Score::fused_fingers`] by its shorter name.
    pub fn fused(scores: &[Score]) -> Score {
        Score::fused_fingers(scores)
    }

    /// The evidence of several prints of **one** finger against another print, on the same scale:
    /// views kept at the desk, or captures of one visit.
    ///
    /// The best of k views is reached by a stranger at most k times as often as one, however alike
    /// the views are, so 100·log10 k is taken off. Measured for two views: `docs/fingerprint.md`.
    ///
    /// ```
    /// use fingerprint::Score;
    /// let views = [Score::new(420), Score::new(150)];
    /// assert_eq!(Score::fused_views(&views), Score::new(389));
    /// assert_eq!(Score::fused_views(&[Score::new(300)]), Score::new(300));
    /// assert_eq!(Score::fused_views(&[]), Score::NONE);
    /// ```
    pub fn fused_views(scores: &[Score]) -> Score {
        let best = scores.iter().max().copied().unwrap_or(Score::NONE);
        let price = 100.0 * (scores.len().max(1) as f64).log10();
        // Rounded to the safe side.
        Score((f64::from(best.0) - price).floor().max(0.0) as u16)
    }

    /// From the raw value of the fusion.
    pub(crate) fn from_raw(raw: f32) -> Score {
        let value = between(&CALIBRATION, raw, BEYOND);
        Score((value.round().max(0.0) as u16).min(Score::MAX.0))
    }
}

/// Straight between the points, the first value before them, `slope` a unit behind them.
fn between(points: &[(f32, f32)], at: f32, slope: f32) -> f32 {
    let (first, last) = (points[0], points[points.len() - 1]);
    if at <= first.0 {
        return first.1;
    }
    match points.iter().position(|&(x, _)| x > at) {
        Some(i) => {
            let (low, high) = (points[i - 1], points[i]);
            low.1 + (high.1 - low.1) * (at - low.0) / (high.0 - low.0)
        }
        None => last.1 + slope * (at - last.0),
    }
}

/// Raw value → score.
///
/// Two impostor distributions: the mean of the five shared sets (144,640 pairs of 105 fingers) and
/// 10,030,720 synthetic pairs of a crowd of 2,240 fingers. Up to 369 each point is the lower score of
/// the two: the synthetic one, as strangers of one mixed crowd pass more often than those of the
/// real sets. From there to 483 the tail is exponential: fitted 2.41 ± 0.05 a unit of log odds on
/// synthetic pairs, 2.1 ± 0.5 on real ones, taken 1.75, which the lower end of the real interval
/// allows. `trials/accuracy/calibration.py`.
const CALIBRATION: [(f32, f32); 18] = [
    (-10.0, 0.0),
    (-6.0, 18.0),
    (-5.5, 34.0),
    (-5.0, 38.0),
    (-4.0, 48.0),
    (-3.5, 56.0),
    (-3.0, 67.0),
    (-2.5, 81.0),
    (-2.0, 99.0),
    (-1.5, 120.0),
    (-1.0, 145.0),
    (-0.5, 174.0),
    (0.0, 205.0),
    (0.5, 240.0),
    (1.0, 277.0),
    (1.5, 320.0),
    (2.0, 369.0),
    (3.5, 483.0),
];

/// Beyond the data the raw value is taken at its word as log odds: a pair with odds e^r is an
/// impostor at most once in e^r. The synthetic tail falls more than twice as fast.
const BEYOND: f32 = 43.43;

/// What a doubling of the fingers costs: two persons with prints of one look (both dry, both
/// pressed hard) resemble each other a little more in every finger. Measured on a million fused
/// impostor pairs, Fisher's method alone passes 1.3 times too many with two fingers, 1.6 with four.
const FINGERS_PRICE: f64 = 12.0;

/// Score → how many points lower the upper end of the 95 % interval of its rate lies: by drawing
/// fingers again up to 374, at 488 by the three strongest of 144,640 real impostors, all pairs alike.
const MARGIN: [(f32, f32); 5] = [
    (0.0, 0.0),
    (200.0, 8.0),
    (300.0, 20.0),
    (374.0, 50.0),
    (488.0, 66.0),
];

#[cfg(test)]
mod tests;
