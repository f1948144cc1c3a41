//! How likely a print is to fail later, and what the person at the scanner can do about it.

mod measures;
mod reason;

pub use measures::QualityMeasures;
pub(crate) use measures::{Evidence, measure};
pub use reason::QualityReason;

use crate::trig;

/// How good a print is.
#[derive(Debug, Clone, PartialEq)]
pub struct Quality {
    /// 0–100. A value of 25·k says: of the comparisons of such a print with other prints of its
    /// finger one in 10^k fails where one stranger in 1,000 passes (25 = 10 %, 50 = 1 %, 75 = 1 ‰).
    pub value: u8,
    /// What can be done about it, in the order of [`QualityReason::ALL`]; empty when nothing is
    /// the matter. A print may have a reason and still be good enough.
    pub reasons: Vec<QualityReason>,
    /// What the value and the reasons were read from.
    pub measures: QualityMeasures,
}

impl Quality {
    pub(crate) fn of(measures: QualityMeasures) -> Quality {
        Quality {
            value: value(&measures),
            reasons: QualityReason::all_of(&measures),
            measures,
        }
    }
}

/// 0–100 from the measures.
fn value(measures: &QualityMeasures) -> u8 {
    let failing = FAILING.0 + FAILING.1 * difficulty(measures);
    // −log10 of 1 / (1 + e^−failing).
    let tens = trig::ln(1.0 + trig::exp(-failing)) * std::f32::consts::LOG10_E;
    (25.0 * tens).round().clamp(0.0, 100.0) as u8
}

/// How much harder than others the print is to compare, in log odds.
///
/// Weights: `trials/accuracy/quality.py`, from the four FVC sets of the shared prints and 90
/// synthetic fingers in eleven conditions, each set with equal weight; checked on `neuro_uareu`.
/// Tried beside these and not better held out: area, clear area, the net's certainty, coherence,
/// correlation with the filtered ridges, light ridges, dark valleys, place, smear, period.
fn difficulty(m: &QualityMeasures) -> f32 {
    let mean = m.reliable / m.minutiae.max(1.0);
    let core = if m.core_mm >= 0.5 { 1.0 } else { 0.0 };
    6.371 - 9.223 * mean - 0.376 * trig::ln(m.reliable + 3.0) - 1.012 * core
}

/// From difficulty to the log odds that a comparison fails at a false match rate of 1 in 1,000:
/// offset and factor, by logistic regression on the five shared sets with equal weight (same
/// script).
const FAILING: (f32, f32) = (-4.83, 1.33);

#[cfg(test)]
mod tests;
