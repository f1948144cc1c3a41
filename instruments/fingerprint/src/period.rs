//! The distance from ridge to ridge.

use crate::field::{Mask, Orientation, PERIOD_MAX_PX, PERIOD_MIN_PX};
use crate::raster::Plane;
use crate::trig;

/// Blocks are this many pixels apart.
pub(crate) const STEP: usize = 16;
const LENGTH: usize = 43;
const BREADTH: usize = 23;
const CANDIDATES: usize = 28;

/// Ridge period in pixels on a grid of [`STEP`] pixels.
#[derive(Debug, Clone)]
pub(crate) struct Period {
    pub px: Plane,
}

impl Period {
    pub fn at(&self, x: f32, y: f32) -> f32 {
        self.px
            .sample((x + 0.5) / STEP as f32 - 0.5, (y + 0.5) / STEP as f32 - 0.5)
    }
}

/// Ridge period by the spectrum of the x-signature: grey values averaged along the ridge over
/// 23 px, 43 px across it (Hong, Wan & Jain 1998, 2.4, with a spectrum in place of peak counting).
///
/// `normalised` has local mean 0. Blocks without a clear peak take their neighbours' period.
pub(crate) fn period(normalised: &Plane, mask: &Mask, orientation: &Orientation) -> Period {
    let (columns, rows) = (
        normalised.width.div_ceil(STEP),
        normalised.height.div_ceil(STEP),
    );
    let mut weighted = Plane::new(columns, rows);
    let mut weight = Plane::new(columns, rows);
    let waves = waves();
    for by in 0..rows {
        for bx in 0..columns {
            let (x, y) = (bx * STEP + STEP / 2, by * STEP + STEP / 2);
            if mask.depth_at(x, y) == 0 {
                continue;
            }
            let angle = orientation.angle_at(x as f32, y as f32);
            if let Some((frequency, trust)) = block(normalised, x as f32, y as f32, angle, &waves) {
                weighted.data[by * columns + bx] = frequency * trust;
                weight.data[by * columns + bx] = trust;
            }
        }
    }
    let total: f32 = weight.data.iter().sum();
    let overall = if total > 0.0 {
        weighted.data.iter().sum::<f32>() / total
    } else {
        1.0 / 9.0
    };
    // A slight pull to the print's own mean, so that empty surroundings are defined.
    let (numerator, denominator) = (weighted.smooth(1.2), weight.smooth(1.2));
    let mut px = Plane::new(columns, rows);
    for ((p, n), d) in px
        .data
        .iter_mut()
        .zip(&numerator.data)
        .zip(&denominator.data)
    {
        let frequency = (n + 0.02 * overall) / (d + 0.02);
        *p = (1.0 / frequency).clamp(PERIOD_MIN_PX, PERIOD_MAX_PX);
    }
    Period { px }
}

/// Cosine and sine rows for each candidate frequency, with a Hann-like window folded in.
fn waves() -> Vec<(f32, [f32; LENGTH], [f32; LENGTH])> {
    let (low, high) = (1.0 / 20.0f32, 1.0 / 4.0f32);
    (0..CANDIDATES)
        .map(|i| {
            let frequency = low + (high - low) * i as f32 / (CANDIDATES - 1) as f32;
            let (mut cosine, mut sine) = ([0.0; LENGTH], [0.0; LENGTH]);
            for t in 0..LENGTH {
                let u = t as f32 - (LENGTH / 2) as f32;
                let window =
                    0.5 + 0.5 * trig::sin_cos(trig::PI * u / (LENGTH as f32 * 0.5 + 1.0)).1;
                let (s, c) = trig::sin_cos(2.0 * trig::PI * frequency * u);
                (cosine[t], sine[t]) = (c * window, s * window);
            }
            (frequency, cosine, sine)
        })
        .collect()
}

/// Frequency in cycles per pixel and how much of the power its peak holds.
fn block(
    normalised: &Plane,
    x: f32,
    y: f32,
    angle: f32,
    waves: &[(f32, [f32; LENGTH], [f32; LENGTH])],
) -> Option<(f32, f32)> {
    let signature = signature(normalised, x, y, angle);
    let mean = signature.iter().sum::<f32>() / LENGTH as f32;
    let mut power = [0.0f32; CANDIDATES];
    for (p, (_, cosine, sine)) in power.iter_mut().zip(waves) {
        let (mut re, mut im) = (0.0, 0.0);
        for ((v, c), s) in signature.iter().zip(cosine).zip(sine) {
            re += (v - mean) * c;
            im += (v - mean) * s;
        }
        *p = re * re + im * im;
    }
    let total: f32 = power.iter().sum();
    let best = (1..CANDIDATES - 1).max_by(|&a, &b| power[a].total_cmp(&power[b]))?;
    let (l, m, r) = (power[best - 1], power[best], power[best + 1]);
    if total < 1.0 || m < l || m < r {
        return None;
    }
    let bend = l - 2.0 * m + r;
    let shift = if bend < 0.0 {
        (0.5 * (l - r) / bend).clamp(-0.5, 0.5)
    } else {
        0.0
    };
    let step = waves[1].0 - waves[0].0;
    let frequency = waves[best].0 + shift * step;
    let share = (l + m + r) / total;
    (1.0 / frequency >= PERIOD_MIN_PX * 0.9 && 1.0 / frequency <= PERIOD_MAX_PX * 1.1)
        .then_some((frequency, share * share))
}

fn signature(normalised: &Plane, x: f32, y: f32, angle: f32) -> [f32; LENGTH] {
    let (sine, cosine) = trig::sin_cos(angle);
    let (w, h) = (normalised.width as i32, normalised.height as i32);
    let reach = (LENGTH / 2) as f32 + (BREADTH / 2) as f32 + 1.0;
    let inner = x > reach && y > reach && x < w as f32 - reach && y < h as f32 - reach;
    std::array::from_fn(|t| {
        let across = t as f32 - (LENGTH / 2) as f32;
        let (mut sum, mut count) = (0.0, 0);
        for d in (0..BREADTH).step_by(2) {
            let along = d as f32 - (BREADTH / 2) as f32;
            let px = (x + along * cosine - across * sine + 0.5) as i32;
            let py = (y + along * sine + across * cosine + 0.5) as i32;
            if inner || (px >= 0 && py >= 0 && px < w && py < h) {
                sum += normalised.data[(py * w + px) as usize];
                count += 1;
            }
        }
        if count > 0 { sum / count as f32 } else { 0.0 }
    })
}
