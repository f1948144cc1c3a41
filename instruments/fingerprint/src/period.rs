//! The distance from ridge to ridge.

use crate::field::{Mask, Orientation, PERIOD_MAX_PX, PERIOD_MIN_PX};
use crate::raster::Plane;
use crate::simd::{self, Loop};
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

    /// The middle one of the blocks whose centre lies in the foreground; 0 without any.
    pub fn median(&self, mask: &Mask) -> f32 {
        let centre = |i: usize| i * STEP + STEP / 2;
        let mut inside: Vec<f32> = (0..self.px.data.len())
            .filter(|i| mask.depth_at(centre(i % self.px.width), centre(i / self.px.width)) > 0)
            .map(|i| self.px.data[i])
            .collect();
        let middle = inside.len() / 2;
        if inside.is_empty() {
            return 0.0;
        }
        *inside.select_nth_unstable_by(middle, f32::total_cmp).1
    }
}

/// Ridge period by the spectrum of the x-signature: grey values averaged along the ridge over
/// 23 px, 43 px across it (Hong, Wan & Jain 1998, 2.4, with a spectrum in place of peak counting).
///
/// `normalised` has local mean 0. Blocks without a clear peak take their neighbours' period.
pub(crate) fn period(normalised: &Plane, mask: &Mask, orientation: &Orientation) -> Period {
    simd::fastest(PeriodOf(normalised, mask, orientation))
}

pub(crate) struct PeriodOf<'a>(pub &'a Plane, pub &'a Mask, pub &'a Orientation);

impl Loop for PeriodOf<'_> {
    type Made = Period;

    #[inline(always)]
    fn run(self) -> Period {
        measured(self.0, self.1, self.2)
    }
}

#[inline(always)]
fn measured(normalised: &Plane, mask: &Mask, orientation: &Orientation) -> Period {
    let (columns, rows) = (
        normalised.width.div_ceil(STEP),
        normalised.height.div_ceil(STEP),
    );
    let mut weighted = Plane::new(columns, rows);
    let mut weight = Plane::new(columns, rows);
    let waves = &*WAVES;
    for by in 0..rows {
        for bx in 0..columns {
            let (x, y) = (bx * STEP + STEP / 2, by * STEP + STEP / 2);
            if mask.depth_at(x, y) == 0 {
                continue;
            }
            let angle = orientation.angle_at(x as f32, y as f32);
            if let Some((frequency, trust)) = block(normalised, x as f32, y as f32, angle, waves) {
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

/// Cosines and sines of all candidate frequencies at each place of the signature, with a Hann-like
/// window folded in.
struct Waves {
    frequency: [f32; CANDIDATES],
    cosine: [[f32; CANDIDATES]; LENGTH],
    sine: [[f32; CANDIDATES]; LENGTH],
}

static WAVES: std::sync::LazyLock<Waves> = std::sync::LazyLock::new(|| {
    let (low, high) = (1.0 / 20.0f32, 1.0 / 4.0f32);
    let frequency =
        std::array::from_fn(|i| low + (high - low) * i as f32 / (CANDIDATES - 1) as f32);
    let mut waves = Waves {
        frequency,
        cosine: [[0.0; CANDIDATES]; LENGTH],
        sine: [[0.0; CANDIDATES]; LENGTH],
    };
    for t in 0..LENGTH {
        let u = t as f32 - (LENGTH / 2) as f32;
        let window = 0.5 + 0.5 * trig::sin_cos(trig::PI * u / (LENGTH as f32 * 0.5 + 1.0)).1;
        for (i, frequency) in frequency.iter().enumerate() {
            let (s, c) = trig::sin_cos(2.0 * trig::PI * frequency * u);
            (waves.cosine[t][i], waves.sine[t][i]) = (c * window, s * window);
        }
    }
    waves
});

/// Frequency in cycles per pixel and how much of the power its peak holds.
#[inline(always)]
fn block(normalised: &Plane, x: f32, y: f32, angle: f32, waves: &Waves) -> Option<(f32, f32)> {
    let signature = signature(normalised, x, y, angle);
    let mean = signature.iter().sum::<f32>() / LENGTH as f32;
    let (mut re, mut im) = ([0.0f32; CANDIDATES], [0.0f32; CANDIDATES]);
    for (t, value) in signature.iter().enumerate() {
        let v = value - mean;
        for i in 0..CANDIDATES {
            re[i] += v * waves.cosine[t][i];
            im[i] += v * waves.sine[t][i];
        }
    }
    let power: [f32; CANDIDATES] = std::array::from_fn(|i| re[i] * re[i] + im[i] * im[i]);
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
    let step = waves.frequency[1] - waves.frequency[0];
    let frequency = waves.frequency[best] + shift * step;
    let share = (l + m + r) / total;
    (1.0 / frequency >= PERIOD_MIN_PX * 0.9 && 1.0 / frequency <= PERIOD_MAX_PX * 1.1)
        .then_some((frequency, share * share))
}

#[inline(always)]
fn signature(normalised: &Plane, x: f32, y: f32, angle: f32) -> [f32; LENGTH] {
    let (sine, cosine) = trig::sin_cos(angle);
    let (w, h) = (normalised.width as i32, normalised.height as i32);
    let reach = (LENGTH / 2) as f32 + (BREADTH / 2) as f32 + 1.0;
    let inner = x > reach && y > reach && x < w as f32 - reach && y < h as f32 - reach;
    let mut signature = [0.0f32; LENGTH];
    for (t, value) in signature.iter_mut().enumerate() {
        let across = t as f32 - (LENGTH / 2) as f32;
        let (left, top) = (x - across * sine + 0.5, y + across * cosine + 0.5);
        let (mut sum, mut count) = (0.0, 0);
        for d in (0..BREADTH).step_by(2) {
            let along = d as f32 - (BREADTH / 2) as f32;
            let (px, py) = ((left + along * cosine) as i32, (top + along * sine) as i32);
            if inner || (px >= 0 && py >= 0 && px < w && py < h) {
                sum += normalised.data[(py * w + px) as usize];
                count += 1;
            }
        }
        *value = if count > 0 { sum / count as f32 } else { 0.0 };
    }
    signature
}
