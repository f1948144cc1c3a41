//! Fixed-point weights: milli-bits and millionths, from IEEE operations that round the same everywhere.
//!
//! No `ln` or `exp` of the platform is called: their last digit differs between machines, and a weight on
//! the edge of a band must not.

/// Weights are clamped to this many milli-bits either way, per comparison.
pub const MILLI_BITS_MAX: i32 = 60_000;

/// Binary logarithm of a positive ratio in milli-bits, clamped to ±[`MILLI_BITS_MAX`].
///
/// Digits by repeated squaring; exact to half a milli-bit.
#[must_use]
pub fn milli_bits(ratio: f64) -> i32 {
    if ratio.is_nan() || ratio <= f64::MIN_POSITIVE {
        return -MILLI_BITS_MAX;
    }
    if ratio.is_infinite() {
        return MILLI_BITS_MAX;
    }
    let bits = ratio.to_bits();
    let exponent = i32::try_from(bits >> 52 & 0x7FF).unwrap_or(0) - 1023;
    let mut mantissa = f64::from_bits(bits & 0x000F_FFFF_FFFF_FFFF | 1023 << 52);
    let mut fraction = 0.0f64;
    let mut digit = 0.5;
    for _ in 0..24 {
        mantissa *= mantissa;
        if mantissa >= 2.0 {
            mantissa /= 2.0;
            fraction += digit;
        }
        digit /= 2.0;
    }
    (exponent * 1000 + (fraction * 1000.0).round() as i32).clamp(-MILLI_BITS_MAX, MILLI_BITS_MAX)
}

/// Two to the power of a weight in milli-bits: the odds.
#[must_use]
pub fn odds(weight_milli_bits: i32) -> f64 {
    let weight = weight_milli_bits.clamp(-300_000, 300_000);
    let mut odds = 2f64.powi(0);
    for _ in 0..weight.div_euclid(1000).unsigned_abs() {
        odds *= if weight < 0 { 0.5 } else { 2.0 };
    }
    let mut fraction = f64::from(weight.rem_euclid(1000)) / 1000.0;
    let mut root = 2.0f64;
    for _ in 0..30 {
        root = root.sqrt();
        fraction *= 2.0;
        if fraction >= 1.0 {
            fraction -= 1.0;
            odds *= root;
        }
    }
    odds
}

/// The probability that belongs to a weight (log-odds), in millionths, 0 to 1,000,000.
#[must_use]
pub fn probability_ppm(weight_milli_bits: i32) -> u32 {
    let odds = odds(weight_milli_bits);
    (odds / (1.0 + odds) * 1e6).round() as u32
}

/// One minus the probability that belongs to a weight, in units of 10⁻¹², 0 to 10¹²: fine enough to add up over
/// millions of sure links.
#[must_use]
pub fn doubt_pico(weight_milli_bits: i32) -> u64 {
    (1e12 / (1.0 + odds(weight_milli_bits))).round() as u64
}

/// The smallest weight whose probability is at least that of the argument, for 1 to 999,999 millionths.
#[must_use]
pub fn weight_of_ppm(ppm: u32) -> i32 {
    let p = f64::from(ppm.clamp(1, 999_999)) / 1e6;
    milli_bits(p / (1.0 - p))
}

#[cfg(test)]
mod tests {
    //! Against the platform's own logarithm, which is right to far more digits than are used here.

    use super::{MILLI_BITS_MAX, doubt_pico, milli_bits, odds, probability_ppm, weight_of_ppm};

    #[test]
    fn milli_bits_are_the_binary_logarithm() {
        for ratio in [1.0, 2.0, 0.5, 3.0, 1e-9, 0.999, 1e6, 0.013] {
            let exact: f64 = f64::log2(ratio) * 1000.0;
            assert!(
                (f64::from(milli_bits(ratio)) - exact).abs() <= 0.51,
                "{ratio}"
            );
        }
        assert_eq!(milli_bits(0.0), -MILLI_BITS_MAX);
        assert_eq!(milli_bits(f64::INFINITY), MILLI_BITS_MAX);
    }

    #[test]
    fn odds_and_probabilities_come_back() {
        for weight in [-12_345, -1000, -1, 0, 1, 999, 5_432, 20_000] {
            let exact = f64::powf(2.0, f64::from(weight) / 1000.0);
            assert!((odds(weight) / exact - 1.0).abs() < 1e-8, "{weight}");
        }
        assert_eq!(probability_ppm(0), 500_000);
        assert_eq!(probability_ppm(-100_000), 0);
        assert_eq!(probability_ppm(100_000), 1_000_000);
        assert_eq!(doubt_pico(0), 500_000_000_000);
        // 2^20 to one.
        assert_eq!(doubt_pico(20_000), 953_673);
        for ppm in [1, 500_000, 990_000, 999_000] {
            assert!(probability_ppm(weight_of_ppm(ppm)).abs_diff(ppm) <= 400);
        }
    }
}
