//! Numbers that look random and follow from a seed alone, bit for bit on every machine.

/// `SplitMix64`: one word of state. Only additions, multiplications, divisions and shifts, which are exact or fixed by
/// IEEE 754; the C library's `ln`, whose last bit differs between machines, is not asked.
#[derive(Clone, Copy, Debug)]
pub struct Dice(u64);

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

fn mixed(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Dice {
    /// The dice of one lane of a seed; other lanes are other dice.
    #[must_use]
    pub fn new(seed: u64, lane: &[u64]) -> Self {
        let place = |state: u64, part: &u64| mixed(state.wrapping_add(STEP) ^ mixed(*part ^ STEP));
        Self(lane.iter().fold(mixed(seed), place))
    }

    /// The next 64 bits.
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mixed(self.0)
    }

    /// A number below `bound`; 0 when the bound is 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        let wide = (self.word() >> 32) * u64::from(bound);
        u32::try_from(wide >> 32).unwrap_or(0)
    }

    /// An exponential variate with mean 1, from 0 to 36.8.
    pub fn exponential(&mut self) -> f64 {
        let odds = (self.word() >> 11) + 1;
        // odds / 2^53 is in (0, 1]; its logarithm is that of the leading power of two and of the rest, 1 to 2.
        let power = odds.ilog2();
        let rest = odds as f64 / (1_u64 << power) as f64;
        let t = (rest - 1.0) / (rest + 1.0);
        let t2 = t * t;
        let (mut term, mut sum) = (t, 0.0);
        for odd in (1..22_u32).step_by(2) {
            sum += term / f64::from(odd);
            term *= t2;
        }
        (f64::from(53 - power) * std::f64::consts::LN_2 - 2.0 * sum).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_is_that_of_the_library() {
        let mut dice = Dice::new(7, &[]);
        let mut twin = dice;
        for _ in 0..10_000 {
            let odds = (twin.word() >> 11) + 1;
            let expected = -(odds as f64 / 9_007_199_254_740_992.0).ln();
            assert!((dice.exponential() - expected).abs() < 1e-9);
        }
    }

    #[test]
    fn lanes_are_other_dice_and_a_seed_is_always_the_same() {
        let first = |lane: &[u64]| Dice::new(1, lane).word();
        assert_eq!(first(&[1, 2]), first(&[1, 2]));
        let lanes: [&[u64]; 5] = [&[], &[1], &[2], &[1, 2], &[2, 1]];
        let words: std::collections::BTreeSet<u64> = lanes.iter().map(|lane| first(lane)).collect();
        assert_eq!(words.len(), lanes.len());
        // Golden: another generator would give other plans.
        assert_eq!(Dice::new(20_151_004, &[1001]).below(1_000_000), GOLDEN);
    }

    const GOLDEN: u32 = 160_267;

    #[test]
    fn numbers_below_a_bound_are_even() {
        let mut dice = Dice::new(3, &[]);
        let mut seen = [0_u32; 6];
        (0..60_000).for_each(|_| seen[dice.below(6) as usize] += 1);
        // Five standard deviations of 10,000 expected.
        assert!(seen.iter().all(|n| n.abs_diff(10_000) < 460), "{seen:?}");
    }
}
