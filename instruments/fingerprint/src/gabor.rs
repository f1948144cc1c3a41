//! Ridge enhancement by Gabor filters that follow orientation and period.

use crate::field::{CELL, Mask, Orientation};
use crate::period::Period;
use crate::raster::Plane;
use crate::simd::{self, Loop};
use crate::trig;

/// Filters change from block to block of this many pixels.
const BLOCK: usize = 8;
/// Width of the filter in periods. 0.36 gave 3.7 % mean EER on the FVC sets where 5/12 gave 3.0;
/// 0.5 was no better.
const SIGMA_PERIODS: f32 = 5.0 / 12.0;
const RADIUS_MAX: usize = 20;
const TAPS_MAX: usize = 2 * RADIUS_MAX + 1;

/// The normalised image filtered along its ridges; ridges positive, 0 outside the mask.
///
/// The filter is isotropic with σ = 5/12 of the period. A plane wave times an isotropic Gaussian is
/// separable in complex numbers, so a block costs two one-dimensional passes instead of 2D taps:
/// cos(a+b) = cos a · cos b − sin a · sin b.
pub(crate) fn enhance(
    normalised: &Plane,
    mask: &Mask,
    orientation: &Orientation,
    period: &Period,
) -> Plane {
    simd::fastest(Enhance(normalised, mask, orientation, period))
}

pub(crate) struct Enhance<'a>(
    pub &'a Plane,
    pub &'a Mask,
    pub &'a Orientation,
    pub &'a Period,
);

impl Loop for Enhance<'_> {
    type Made = Plane;

    #[inline(always)]
    fn run(self) -> Plane {
        let Enhance(normalised, mask, orientation, period) = self;
        let (w, h) = (normalised.width, normalised.height);
        let stride = w.div_ceil(BLOCK) * BLOCK + 2 * RADIUS_MAX;
        let tall = h.div_ceil(BLOCK) * BLOCK + 2 * RADIUS_MAX;
        let mut padded = vec![0.0f32; stride * tall];
        for y in 0..h {
            let at = (y + RADIUS_MAX) * stride + RADIUS_MAX;
            padded[at..at + w].copy_from_slice(normalised.row(y));
        }
        let mut result = Plane::new(w, h);
        for y in (0..h).step_by(BLOCK) {
            for x in (0..w).step_by(BLOCK) {
                if !touches(mask, x, y) {
                    continue;
                }
                let (cx, cy) = (x as f32 + 3.5, y as f32 + 3.5);
                let wave = Wave::new(orientation.angle_at(cx, cy), period.at(cx, cy));
                let block = wave.filter(&padded, stride, x, y);
                for (dy, line) in block.iter().enumerate().take(h - y) {
                    let count = BLOCK.min(w - x);
                    let at = (y + dy) * w + x;
                    result.data[at..at + count].copy_from_slice(&line[..count]);
                }
            }
        }
        result
    }
}

fn touches(mask: &Mask, x: usize, y: usize) -> bool {
    (0..BLOCK).step_by(CELL).any(|dy| {
        (0..BLOCK)
            .step_by(CELL)
            .any(|dx| mask.depth_at(x + dx, y + dy) > 0)
    })
}

/// Sine and cosine of the sum of two angles.
fn turned(a: (f32, f32), by: (f32, f32)) -> (f32, f32) {
    (a.0 * by.1 + a.1 * by.0, a.1 * by.1 - a.0 * by.0)
}

struct Wave {
    radius: usize,
    row: [[f32; TAPS_MAX]; 2],
    column: [[f32; TAPS_MAX]; 2],
}

impl Wave {
    fn new(angle: f32, period_px: f32) -> Wave {
        let sigma = period_px * SIGMA_PERIODS;
        let radius = ((3.0 * sigma).ceil() as usize).min(RADIUS_MAX);
        // The wave runs across the ridge.
        let (sine, cosine) = trig::sin_cos(angle);
        let (kx, ky) = (
            -sine * 2.0 * trig::PI / period_px,
            cosine * 2.0 * trig::PI / period_px,
        );
        let mut wave = Wave {
            radius,
            row: [[0.0; TAPS_MAX]; 2],
            column: [[0.0; TAPS_MAX]; 2],
        };
        let fade = -1.0 / (2.0 * sigma * sigma);
        let norm = 1.0 / (2.0 * trig::PI * sigma * sigma);
        // Turning by one pixel after the other: cosines are even, sines odd.
        let (row_step, column_step) = (trig::sin_cos(kx), trig::sin_cos(ky));
        let (mut row, mut column) = ((0.0f32, 1.0f32), (0.0f32, 1.0f32));
        for u in 0..=radius {
            let gauss = trig::exp((u * u) as f32 * fade);
            let (before, behind) = (radius - u, radius + u);
            for (t, sign) in [(before, -gauss), (behind, gauss)] {
                (wave.row[0][t], wave.row[1][t]) = (gauss * row.1, sign * row.0);
                (wave.column[0][t], wave.column[1][t]) =
                    (gauss * column.1 * norm, -sign * column.0 * norm);
            }
            (row, column) = (turned(row, row_step), turned(column, column_step));
        }
        wave
    }

    /// Rows first, then columns; several sums run side by side, each in its own fixed order.
    #[inline(always)]
    fn filter(&self, padded: &[f32], stride: usize, x: usize, y: usize) -> [[f32; BLOCK]; BLOCK] {
        let taps = 2 * self.radius + 1;
        let lines = BLOCK + 2 * self.radius;
        let mut passed = [[[0.0f32; BLOCK]; 2]; BLOCK + 2 * RADIUS_MAX];
        let first = (y + RADIUS_MAX - self.radius) * stride + x + RADIUS_MAX - self.radius;
        // The number of lines is even.
        for line in (0..lines).step_by(2) {
            let at = [first + line * stride, first + (line + 1) * stride];
            let source = at.map(|at| &padded[at..at + taps + BLOCK - 1]);
            let mut sums = [[[0.0f32; BLOCK]; 2]; 2];
            for t in 0..taps {
                let (c, s) = (self.row[0][t], self.row[1][t]);
                for (sum, source) in sums.iter_mut().zip(&source) {
                    let window = &source[t..t + BLOCK];
                    for i in 0..BLOCK {
                        sum[0][i] += c * window[i];
                        sum[1][i] += s * window[i];
                    }
                }
            }
            passed[line..line + 2].copy_from_slice(&sums);
        }
        let mut block = [[0.0f32; BLOCK]; BLOCK];
        for (group, four) in block.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            let mut sums = [[0.0f32; BLOCK]; 4];
            for t in 0..taps {
                let (c, s) = (self.column[0][t], self.column[1][t]);
                for (k, sum) in sums.iter_mut().enumerate() {
                    let source = &passed[4 * group + k + t];
                    for i in 0..BLOCK {
                        sum[i] += c * source[0][i] + s * source[1][i];
                    }
                }
            }
            *four = sums;
        }
        block
    }
}
