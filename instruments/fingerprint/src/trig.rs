//! Angles and the few transcendental functions, written out.
//!
//! The system's `sinf`, `expf` and `atan2f` differ in the last bit between C libraries and CPUs.
//! These use only operations that IEEE 754 fixes, so a template has the same bytes everywhere.

/// π.
pub(crate) const PI: f32 = std::f32::consts::PI;

/// Arc tangent of `y / x` in −π to π; error under 2e-6 rad.
pub(crate) fn atan2(y: f32, x: f32) -> f32 {
    let (ax, ay) = (x.abs(), y.abs());
    let (small, large) = if ax < ay { (ax, ay) } else { (ay, ax) };
    if large == 0.0 {
        return 0.0;
    }
    let z = small / large;
    let s = z * z;
    // Abramowitz & Stegun 4.4.49.
    let poly = 1.0
        + s * (-0.333_331_4
            + s * (0.199_935_51
                + s * (-0.142_089
                    + s * (0.106_562_64
                        + s * (-0.075_289_64
                            + s * (0.042_909_614 + s * (-0.016_165_737 + s * 0.002_866_225_7)))))));
    let mut angle = z * poly;
    if ay > ax {
        angle = PI / 2.0 - angle;
    }
    if x < 0.0 {
        angle = PI - angle;
    }
    if y < 0.0 { -angle } else { angle }
}

/// Sine and cosine; `angle` in −1000 to 1000 rad, error under 1e-6.
pub(crate) fn sin_cos(angle: f32) -> (f32, f32) {
    let turns = f64::from(angle) * std::f64::consts::FRAC_2_PI;
    let quarter = turns.round();
    let r = ((turns - quarter) * std::f64::consts::FRAC_PI_2) as f32;
    let s = r * r;
    let sine = r * (1.0 + s * (-1.0 / 6.0 + s * (1.0 / 120.0 + s * (-1.0 / 5040.0))));
    let cosine = 1.0 + s * (-0.5 + s * (1.0 / 24.0 + s * (-1.0 / 720.0 + s * (1.0 / 40320.0))));
    match (quarter as i64).rem_euclid(4) {
        0 => (sine, cosine),
        1 => (cosine, -sine),
        2 => (-sine, -cosine),
        _ => (-cosine, sine),
    }
}

/// Exponential; `x` in −80 to 80, relative error under 1e-6.
pub(crate) fn exp(x: f32) -> f32 {
    let x = f64::from(x.clamp(-80.0, 80.0));
    let halves = (x * std::f64::consts::LOG2_E).round();
    let r = x - halves * std::f64::consts::LN_2;
    let poly = 1.0
        + r * (1.0
            + r * (0.5
                + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * (1.0 / 120.0 + r * (1.0 / 720.0))))));
    let power = f64::from_bits(((halves as i64 + 1023) as u64) << 52);
    (poly * power) as f32
}

/// Nearest of 256 steps of a whole turn to an angle in −1000 to 1000 rad.
pub(crate) fn to_step(angle: f32) -> u8 {
    // Rounding by truncation of a positive number: `round` is a call on the oldest CPUs.
    (angle * (128.0 / PI) + 65_536.5) as i32 as u8
}

/// The smallest distance between two angles in steps of 1/256 turn: 0 to 128.
pub(crate) fn step_distance(a: u8, b: u8) -> u8 {
    let d = a.wrapping_sub(b);
    d.min(d.wrapping_neg())
}

/// Natural logarithm; `x` from 1e-30, relative error under 1e-6.
pub(crate) fn ln(x: f32) -> f32 {
    let bits = f64::from(x.max(1e-30)).to_bits();
    let mut halves = ((bits >> 52) as i64 - 1023) as f64;
    let mut m = f64::from_bits((bits & 0x000F_FFFF_FFFF_FFFF) | (1023 << 52));
    if m > std::f64::consts::SQRT_2 {
        m *= 0.5;
        halves += 1.0;
    }
    let z = (m - 1.0) / (m + 1.0);
    let s = z * z;
    let series = 2.0
        * z
        * (1.0 + s * (1.0 / 3.0 + s * (0.2 + s * (1.0 / 7.0 + s * (1.0 / 9.0 + s / 11.0)))));
    (series + halves * std::f64::consts::LN_2) as f32
}

#[cfg(test)]
mod tests;
