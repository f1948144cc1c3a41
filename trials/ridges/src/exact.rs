//! Arithmetic that gives the same bits on every machine, and seeded draws.
//!
//! The C library picks its `sin` and `exp` by processor (with or without fused multiply-add), so
//! their last bit differs between machines and a golden hash would not travel. The few functions
//! needed here are short polynomials of plain additions and multiplications, which IEEE 754 fixes.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Sine and cosine of `x` radians, each within 1e-7.
pub(crate) fn sin_cos(x: f32) -> (f32, f32) {
    const HALF_PI: f64 = core::f64::consts::FRAC_PI_2;
    let x = f64::from(x);
    let quarter = (x / HALF_PI).round();
    let r = x - quarter * HALF_PI;
    let r2 = r * r;
    let s =
        r * (1.0 + r2 * (-1.0 / 6.0 + r2 * (1.0 / 120.0 + r2 * (-1.0 / 5040.0 + r2 / 362_880.0))));
    let c = 1.0 + r2 * (-0.5 + r2 * (1.0 / 24.0 + r2 * (-1.0 / 720.0 + r2 * (1.0 / 40320.0))));
    let (s, c) = match (quarter as i64).rem_euclid(4) {
        0 => (s, c),
        1 => (c, -s),
        2 => (-s, -c),
        _ => (-c, s),
    };
    (s as f32, c as f32)
}

/// Angle of the vector (`x`, `y`) in (−π, π], within 2e-6; 0 for the zero vector.
pub(crate) fn atan2(y: f32, x: f32) -> f32 {
    let (ay, ax) = (f64::from(y.abs()), f64::from(x.abs()));
    let largest = ay.max(ax);
    if largest == 0.0 {
        return 0.0;
    }
    let ratio = ay.min(ax) / largest;
    let (base, t) = if ratio > 0.414_213_56 {
        (core::f64::consts::FRAC_PI_4, (ratio - 1.0) / (ratio + 1.0))
    } else {
        (0.0, ratio)
    };
    let t2 = t * t;
    let tail = t2 * (0.2 + t2 * (-1.0 / 7.0 + t2 * (1.0 / 9.0 + t2 * (-1.0 / 11.0))));
    let mut angle = base + t * (1.0 + t2 * (-1.0 / 3.0) + t2 * tail);
    if ay > ax {
        angle = core::f64::consts::FRAC_PI_2 - angle;
    }
    if x < 0.0 {
        angle = core::f64::consts::PI - angle;
    }
    (if y < 0.0 { -angle } else { angle }) as f32
}

/// e to the power `x`, relative error below 1e-7; `x` between −80 and 80.
pub(crate) fn exp(x: f32) -> f32 {
    const LN_2: f64 = core::f64::consts::LN_2;
    let x = f64::from(x.clamp(-80.0, 80.0));
    let power = (x / LN_2).round();
    let r = x - power * LN_2;
    let series = 1.0
        + r * (1.0
            + r * (0.5
                + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * (1.0 / 120.0 + r * (1.0 / 720.0))))));
    let scale = f64::from_bits(((1023 + power as i64) as u64) << 52);
    (series * scale) as f32
}

/// Angle brought into [0, 2π).
pub(crate) fn full_turn(angle: f32) -> f32 {
    let turn = core::f32::consts::TAU;
    let wrapped = angle - (angle / turn).floor() * turn;
    if wrapped >= turn { 0.0 } else { wrapped }
}

/// A stream of draws; the same seed and lane give the same stream on every machine.
pub(crate) struct Draw(ChaCha8Rng);

impl Draw {
    /// Opens the stream `lane` of `seed`; different lanes are independent.
    pub(crate) fn new(seed: u64, lane: Lane) -> Draw {
        Draw::keyed([seed, lane as u64, 0, 0])
    }

    /// Opens the stream of a four-word key.
    pub(crate) fn keyed(words: [u64; 4]) -> Draw {
        let mut key = [0_u8; 32];
        for (bytes, word) in key.chunks_exact_mut(8).zip(words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        Draw(ChaCha8Rng::from_seed(key))
    }

    /// Sixty-four random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Fills `bytes` with random bytes.
    pub(crate) fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill_bytes(bytes);
    }

    /// Uniform in [0, 1).
    pub(crate) fn unit(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 * (1.0 / 16_777_216.0)
    }

    /// Uniform in [`low`, `high`).
    pub(crate) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// True with probability `p`.
    pub(crate) fn chance(&mut self, p: f32) -> bool {
        self.unit() < p
    }

    /// Nearly normal, mean 0 and standard deviation 1, never beyond ±6 (sum of twelve uniforms).
    pub(crate) fn normal(&mut self) -> f32 {
        let mut sum = 0_u32;
        for _ in 0..3 {
            let bits = self.0.next_u64();
            sum += (bits & 0xffff) as u32
                + ((bits >> 16) & 0xffff) as u32
                + ((bits >> 32) & 0xffff) as u32
                + (bits >> 48) as u32;
        }
        sum as f32 * (1.0 / 65536.0) - 6.0
    }

    /// Poisson with the given mean (0 to 60).
    pub(crate) fn poisson(&mut self, mean: f32) -> usize {
        let floor = exp(-mean.max(0.0));
        let mut product = self.unit();
        let mut count = 0;
        while product > floor && count < 400 {
            product *= self.unit();
            count += 1;
        }
        count
    }
}

/// What a stream of draws is for; separate streams keep one part's draws from shifting another's.
#[derive(Clone, Copy)]
pub(crate) enum Lane {
    Class = 1,
    Field = 2,
    Growth = 3,
    Skin = 4,
    Minutiae = 5,
    Pose = 6,
    Surface = 7,
    Losses = 8,
}

#[cfg(test)]
mod tests;
