//! Growing a ridge pattern: noise, filtered again and again along the orientation field.
//!
//! After Cappelli, Maio and Maltoni's SFinGe ("Synthetic fingerprint-database generation", ICPR
//! 2002): a filter tuned to the local direction and period turns any start into ridges, and
//! minutiae appear by themselves where the flow needs them. Here the growth runs at half
//! resolution (a ridge is 4 to 5 px there), and the settled wave, which has no finer detail, is
//! brought to 500 dpi by a cubic spline: eight times cheaper than growing at full size.

use std::sync::OnceLock;

use crate::exact::{Draw, Lane, exp, sin_cos};
use crate::field::{Field, MASTER_HEIGHT, MASTER_WIDTH};

const WIDTH: usize = MASTER_WIDTH / 2;
const HEIGHT: usize = MASTER_HEIGHT / 2;
const RADIUS: usize = 5;
/// Kernel rows hold 11 weights and one zero, so that a row is three vectors of four.
const KERNEL_ROW: usize = 12;
const KERNEL: usize = (2 * RADIUS + 1) * KERNEL_ROW;
const STRIDE: usize = WIDTH + 2 * RADIUS + 2;
const DIRECTIONS: usize = 96;
const PERIODS: usize = 8;
const PERIOD_MIN_PX: f32 = 3.4;
const PERIOD_STEP_PX: f32 = 0.4;
/// Passes of the filter. More passes heal more of the faults of the first noise: fewer minutiae.
const PASSES: usize = 13;
/// The response is amplified and softly limited after every pass, so weak regions catch up. A hard
/// limit would make overtones that the coarse grid folds back: ridges would lock to rows of pixels.
const GAIN: f32 = 2.0;

/// Grows the pattern of a field; row-major `MASTER_WIDTH × MASTER_HEIGHT`, 127 = top of a ridge,
/// −127 = bottom of a valley. Cost: about 19 × 40,000 × 132 multiply-adds.
pub(crate) fn grow(field: &Field, seed: u64) -> Vec<i8> {
    let bank = bank();
    let cells = active_cells(field);
    let mut pattern = first_noise(seed);
    let mut next = vec![0.0_f32; pattern.len()];
    for pass in 0..=PASSES {
        for cell in &cells {
            let start = cell.start as usize;
            let kernel = &bank[usize::from(cell.filter) * KERNEL..][..KERNEL];
            let value = GAIN * respond(&pattern[start..], kernel);
            // The last pass is linear: what the limiter added is filtered out again.
            next[start + RADIUS * STRIDE + RADIUS] =
                if pass < PASSES { limited(value) } else { value };
        }
        std::mem::swap(&mut pattern, &mut next);
    }
    enlarge(&pattern)
}

/// Bends a value into ±1, smoothly.
fn limited(value: f32) -> f32 {
    let v = value.clamp(-1.5, 1.5);
    v - v * v * v * (4.0 / 27.0)
}

/// A pixel to grow: where its neighbourhood starts, and its filter in the bank.
struct Cell {
    start: u32,
    filter: u16,
}

fn active_cells(field: &Field) -> Vec<Cell> {
    let mut cells = Vec::with_capacity(WIDTH * HEIGHT);
    for row in 0..HEIGHT {
        for column in 0..WIDTH {
            let (x, y) = (2.0 * column as f32 + 0.5, 2.0 * row as f32 + 0.5);
            if Field::depth(x, y) < -0.12 {
                continue;
            }
            let turn = field.orientation(x, y) * (DIRECTIONS as f32 / core::f32::consts::PI);
            let direction = (turn + 0.5) as usize % DIRECTIONS;
            let step = (field.period_px(x, y) * 0.5 - PERIOD_MIN_PX) / PERIOD_STEP_PX + 0.5;
            let period = (step.max(0.0) as usize).min(PERIODS - 1);
            cells.push(Cell {
                start: (row * STRIDE + column) as u32,
                filter: (direction * PERIODS + period) as u16,
            });
        }
    }
    cells
}

fn first_noise(seed: u64) -> Vec<f32> {
    let mut bytes = vec![0_u8; STRIDE * (HEIGHT + 2 * RADIUS)];
    Draw::new(seed, Lane::Growth).fill(&mut bytes);
    bytes
        .iter()
        .map(|&byte| (f32::from(byte) - 127.5) * (1.0 / 255.0))
        .collect()
}

fn respond(pattern: &[f32], kernel: &[f32]) -> f32 {
    let mut sums = [0.0_f32; KERNEL_ROW];
    for (row, weights) in kernel.chunks_exact(KERNEL_ROW).enumerate() {
        let values = &pattern[row * STRIDE..][..KERNEL_ROW];
        for lane in 0..KERNEL_ROW {
            sums[lane] += values[lane] * weights[lane];
        }
    }
    sums.iter().sum()
}

/// All filters, built once: direction-major, then period.
fn bank() -> &'static [f32] {
    static BANK: OnceLock<Vec<f32>> = OnceLock::new();
    BANK.get_or_init(|| {
        let mut all = Vec::with_capacity(DIRECTIONS * PERIODS * KERNEL);
        for direction in 0..DIRECTIONS {
            for period in 0..PERIODS {
                let angle = direction as f32 * (core::f32::consts::PI / DIRECTIONS as f32);
                all.extend(kernel(
                    angle,
                    PERIOD_MIN_PX + PERIOD_STEP_PX * period as f32,
                ));
            }
        }
        all
    })
}

/// An even Gabor filter without response to a constant, weights summing to 1 in magnitude.
fn kernel(angle: f32, period_px: f32) -> [f32; KERNEL] {
    let (sine, cosine) = sin_cos(angle);
    let (across_sd, along_sd) = (0.32 * period_px, 0.50 * period_px);
    let mut wave = [0.0_f32; KERNEL];
    let mut bell = [0.0_f32; KERNEL];
    let (mut wave_sum, mut bell_sum) = (0.0_f32, 0.0_f32);
    for row in 0..=2 * RADIUS {
        for column in 0..=2 * RADIUS {
            let (x, y) = (column as f32 - RADIUS as f32, RADIUS as f32 - row as f32);
            let (u, v) = (cosine * x + sine * y, -sine * x + cosine * y);
            let weight =
                exp(-0.5 * ((u / along_sd) * (u / along_sd) + (v / across_sd) * (v / across_sd)));
            let index = row * KERNEL_ROW + column;
            wave[index] = weight * sin_cos(core::f32::consts::TAU * v / period_px).1;
            bell[index] = weight;
            wave_sum += wave[index];
            bell_sum += weight;
        }
    }
    let mut magnitude = 0.0;
    for (value, weight) in wave.iter_mut().zip(bell) {
        *value -= weight * wave_sum / bell_sum;
        magnitude += value.abs();
    }
    wave.map(|value| value / magnitude)
}

/// Doubles the resolution with the cubic B-spline (which also rounds off the cut tops).
fn enlarge(half: &[f32]) -> Vec<i8> {
    // The spline's weights at a quarter and at three quarters of a cell.
    const NEAR: [f32; 4] = [0.070_312_5, 0.611_979_2, 0.315_104_2, 0.002_604_166_7];
    let mut wide = vec![0.0_f32; MASTER_WIDTH * (HEIGHT + 4)];
    for row in 0..HEIGHT + 4 {
        let line = &half[(row + RADIUS - 2) * STRIDE..][..STRIDE];
        let out = &mut wide[row * MASTER_WIDTH..][..MASTER_WIDTH];
        for column in 0..WIDTH {
            let near = &line[column + RADIUS - 2..][..5];
            let (mut left, mut right) = (0.0, 0.0);
            for tap in 0..4 {
                left += near[3 - tap] * NEAR[tap];
                right += near[tap + 1] * NEAR[tap];
            }
            out[2 * column] = left;
            out[2 * column + 1] = right;
        }
    }
    let mut pattern = vec![0_i8; MASTER_WIDTH * MASTER_HEIGHT];
    for row in 0..HEIGHT {
        for column in 0..MASTER_WIDTH {
            let (mut above, mut below) = (0.0, 0.0);
            for tap in 0..4 {
                above += wide[(row + 3 - tap) * MASTER_WIDTH + column] * NEAR[tap];
                below += wide[(row + tap + 1) * MASTER_WIDTH + column] * NEAR[tap];
            }
            for (line, value) in [(2 * row, above), (2 * row + 1, below)] {
                pattern[line * MASTER_WIDTH + column] = (value * 200.0).clamp(-127.0, 127.0) as i8;
            }
        }
    }
    pattern
}
