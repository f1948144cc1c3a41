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
    /// The end of the scale; beyond about 450 it is extrapolated.
    pub const MAX: Score = Score(2000);

    /// The score with this value, cut off at [`Score::MAX`].
    pub fn new(value: u16) -> Score {
        Score(value.min(Score::MAX.0))
    }

    /// The value, 0 to 2000.
    pub fn value(self) -> u16 {
        self.0
    }

    /// The threshold that two different fingers reach with probability `fmr` (0 < `fmr` ≤ 1).
    ///
    /// ```
    /// use fingerprint::Score;
    /// assert_eq!(Score::at_fmr(1e-4).value(), 400);
    /// ```
    pub fn at_fmr(fmr: f64) -> Score {
        let exponent = if fmr > 0.0 {
            -fmr.min(1.0).log10()
        } else {
            f64::from(Score::MAX.0)
        };
        Score((100.0 * exponent).round().min(f64::from(Score::MAX.0)) as u16)
    }

    /// The rate at which two different fingers reach this score.
    pub fn fmr(self) -> f64 {
        10f64.powf(-f64::from(self.0) / 100.0)
    }

    /// The evidence of several fingers of one person together, on the same scale.
    ///
    /// Fisher's method: if each finger's false match rate is p, −2 Σ ln p follows χ² with two
    /// degrees of freedom a finger when the persons differ; fingers count as independent.
    ///
    /// ```
    /// use fingerprint::Score;
    /// let two = Score::fused(&[Score::new(300), Score::new(300)]);
    /// assert!(two > Score::new(450) && two < Score::new(600));
    /// assert_eq!(Score::fused(&[Score::new(300)]), Score::new(300));
    /// assert_eq!(Score::fused(&[]), Score::NONE);
    /// ```
    pub fn fused(scores: &[Score]) -> Score {
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
            (x - series.ln()) * 100.0 / std::f64::consts::LN_10
        };
        Score((value.round().max(0.0) as u16).min(Score::MAX.0))
    }

    /// From the raw value of the fusion.
    pub(crate) fn from_raw(raw: f32) -> Score {
        let first = CALIBRATION[0];
        let last = CALIBRATION[CALIBRATION.len() - 1];
        if raw <= first.0 {
            return Score::NONE;
        }
        let above = CALIBRATION.iter().position(|&(r, _)| r > raw);
        let value = match above {
            Some(i) => {
                let (low, high) = (CALIBRATION[i - 1], CALIBRATION[i]);
                low.1 + (high.1 - low.1) * (raw - low.0) / (high.0 - low.0)
            }
            None => last.1 + BEYOND * (raw - last.0),
        };
        Score((value.round().max(0.0) as u16).min(Score::MAX.0))
    }
}

/// Raw value → score, straight between the points.
///
/// From the impostor distribution of the five shared sets together: 144,640 pairs of 105 fingers,
/// three sensor kinds, 133,120 of them from the set that no weight was fitted on. Up to 308 each
/// point rests on 120 or more impostors, 373 on 27, 426 on 8. `trials/accuracy/fusion.py`.
const CALIBRATION: [(f32, f32); 16] = [
    (-10.0, 0.0),
    (-6.18, 27.0),
    (-5.07, 53.0),
    (-3.23, 77.0),
    (-2.41, 100.0),
    (-1.82, 123.0),
    (-1.30, 147.0),
    (-0.82, 170.0),
    (-0.41, 192.0),
    (-0.10, 209.0),
    (0.31, 232.0),
    (0.80, 266.0),
    (1.09, 288.0),
    (1.34, 308.0),
    (1.91, 373.0),
    (2.30, 426.0),
];

/// Beyond the data the raw value is taken at its word as log odds: a pair with odds e^r is an
/// impostor at most once in e^r. Two of 133,120 impostors of `neuro_uareu` reach 3.58, which is 482
/// by this line and by their count.
const BEYOND: f32 = 43.43;

#[cfg(test)]
mod tests;
