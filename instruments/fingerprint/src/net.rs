//! A small convolutional net that sees where ridges run, taught on synthetic prints alone.
//!
//! Input: the normalised picture. Output per cell of 8×8 pixels: cos 2θ and sin 2θ of the ridge's
//! direction, shorter where the net is less sure, and the log odds of skin.
//! How it was taught: `trials/orientation`; what it gains: `docs/fingerprint-algorithm.md`.
//!
//! Cost: 330 multiply-adds a pixel. Sums run in one fixed order, so the result has the same bits
//! on every CPU.

use crate::raster::Plane;
use crate::simd::{self, Loop};

/// Side of an output cell in pixels.
pub(crate) const CELL: usize = 8;
const FIRST: usize = 16;
const WIDE: usize = 32;
const OUT: usize = 4;
/// Distance between the taps of each block's 5×5 filter.
const DILATIONS: [usize; 5] = [1, 2, 3, 2, 1];
/// Furthest tap of a block.
const MARGIN: usize = 6;

/// Weights in the order in which `teach.py` writes them.
struct Weights {
    first: Vec<[f32; FIRST]>,
    second: Vec<[f32; WIDE]>,
    blocks: Vec<Block>,
    head: Vec<[f32; OUT]>,
}

/// A 5×5 filter on each channel (25 taps, then the offsets), then a mix of the channels.
struct Block {
    each: Vec<[f32; WIDE]>,
    mix: Vec<[f32; WIDE]>,
}

static WEIGHTS: std::sync::LazyLock<Weights> = std::sync::LazyLock::new(|| {
    let bytes = include_bytes!("net/weights.bin");
    let mut values = bytes
        .as_chunks::<4>()
        .0
        .iter()
        .map(|b| f32::from_le_bytes(*b));
    Weights {
        first: rows(&mut values, 8 * 8 + 1),
        second: rows(&mut values, 4 * 4 * FIRST + 1),
        blocks: DILATIONS
            .iter()
            .map(|_| Block {
                each: rows(&mut values, 5 * 5 + 1),
                mix: rows(&mut values, WIDE + 1),
            })
            .collect(),
        head: rows(&mut values, WIDE + 1),
    }
});

/// The next `count` rows of `N` values; the last one holds the offsets.
fn rows<const N: usize>(values: &mut impl Iterator<Item = f32>, count: usize) -> Vec<[f32; N]> {
    (0..count)
        .map(|_| std::array::from_fn(|_| values.next().unwrap_or(0.0)))
        .collect()
}

/// What the net says, one value a cell of [`CELL`] pixels.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen {
    /// cos 2θ and sin 2θ times the net's certainty; y downwards.
    pub cos2: Plane,
    pub sin2: Plane,
    /// Log odds that skin touches here.
    pub skin: Plane,
}

/// A grid of cells with channels innermost and a margin of zeros.
struct Grid<const N: usize> {
    stride: usize,
    margin: usize,
    data: Vec<[f32; N]>,
}

impl<const N: usize> Grid<N> {
    fn new(width: usize, height: usize, margin: usize) -> Grid<N> {
        let stride = width + 2 * margin;
        Grid {
            stride,
            margin,
            data: vec![[0.0; N]; stride * (height + 2 * margin)],
        }
    }

    #[inline(always)]
    fn index(&self, x: usize, y: usize) -> usize {
        (y + self.margin) * self.stride + x + self.margin
    }
}

/// Looks at a picture normalised by `field::normalised`.
pub(crate) fn see(normalised: &Plane) -> Seen {
    simd::fastest(See(normalised))
}

struct See<'a>(&'a Plane);

impl Loop for See<'_> {
    type Made = Seen;

    #[inline(always)]
    fn run(self) -> Seen {
        let weights = &*WEIGHTS;
        let (width, height) = (self.0.width.div_ceil(CELL), self.0.height.div_ceil(CELL));
        let size = (width, height);
        let mut a = second(&first(self.0, &weights.first, size), &weights.second, size);
        let mut b = Grid::new(width, height, MARGIN);
        for (block, dilation) in weights.blocks.iter().zip(DILATIONS) {
            block_pass((&a, &mut b), block, dilation, size);
            std::mem::swap(&mut a, &mut b);
        }
        head(&a, &weights.head, size)
    }
}

/// 8×8 filters every four pixels.
#[inline(always)]
fn first(
    picture: &Plane,
    weights: &[[f32; FIRST]],
    (width, height): (usize, usize),
) -> Grid<FIRST> {
    let (columns, rows) = (2 * width, 2 * height);
    // Two pixels before the picture, and zeros behind it up to whole cells.
    let stride = 4 * columns + 8;
    let mut padded = vec![0.0f32; stride * (4 * rows + 8)];
    for y in 0..picture.height {
        let at = (y + 2) * stride + 2;
        padded[at..at + picture.width].copy_from_slice(picture.row(y));
    }
    let mut result = Grid::new(columns, rows, 1);
    for y in 0..rows {
        for x in (0..columns).step_by(2) {
            let (mut one, mut two) = (weights[64], weights[64]);
            for ky in 0..8 {
                let source = &padded[(4 * y + ky) * stride + 4 * x..][..12];
                for (kx, w) in weights[ky * 8..ky * 8 + 8].iter().enumerate() {
                    accumulate(&mut one, source[kx], w);
                    accumulate(&mut two, source[kx + 4], w);
                }
            }
            let at = result.index(x, y);
            result.data[at] = one.map(positive);
            result.data[at + 1] = two.map(positive);
        }
    }
    result
}

/// 4×4 filters every two cells.
#[inline(always)]
fn second(
    from: &Grid<FIRST>,
    weights: &[[f32; WIDE]],
    (width, height): (usize, usize),
) -> Grid<WIDE> {
    let mut result = Grid::new(width, height, MARGIN);
    let offsets = weights[weights.len() - 1];
    for y in 0..height {
        for x in (0..width).step_by(2) {
            let mut sums = [offsets; 2];
            // With an odd width the last cell is computed twice.
            let cells = [x, (x + 1).min(width - 1)];
            for ky in 0..4 {
                for kx in 0..4 {
                    // A margin of one: cell 2x − 1 of the source lies at 2x.
                    let at = cells.map(|x| (2 * y + ky) * from.stride + 2 * x + kx);
                    let w = &weights[(ky * 4 + kx) * FIRST..][..FIRST];
                    let source = at.map(|at| from.data[at]);
                    for channel in 0..FIRST {
                        for (sum, s) in sums.iter_mut().zip(&source) {
                            accumulate(sum, s[channel], &w[channel]);
                        }
                    }
                }
            }
            for (x, sum) in cells.into_iter().zip(&sums) {
                let at = result.index(x, y);
                result.data[at] = sum.map(positive);
            }
        }
    }
    result
}

/// `to = positive(from + mix(positive(each(from))))`, two cells side by side.
#[inline(always)]
fn block_pass(
    (from, to): (&Grid<WIDE>, &mut Grid<WIDE>),
    block: &Block,
    dilation: usize,
    (width, height): (usize, usize),
) {
    for y in 0..height {
        for x in (0..width).step_by(2) {
            // With an odd width the last cell is computed twice.
            let cells = [x, (x + 1).min(width - 1)];
            let corner = cells
                .map(|x| (y + MARGIN - 2 * dilation) * from.stride + x + MARGIN - 2 * dilation);
            let (mut one, mut two) = (block.each[25], block.each[25]);
            for ky in 0..5 {
                for kx in 0..5 {
                    let w = &block.each[ky * 5 + kx];
                    let step = (ky * from.stride + kx) * dilation;
                    let sources = (&from.data[corner[0] + step], &from.data[corner[1] + step]);
                    for i in 0..WIDE {
                        one[i] += sources.0[i] * w[i];
                    }
                    for i in 0..WIDE {
                        two[i] += sources.1[i] * w[i];
                    }
                }
            }
            let each = (one.map(positive), two.map(positive));
            let (mut one, mut two) = (block.mix[WIDE], block.mix[WIDE]);
            for channel in 0..WIDE {
                accumulate(&mut one, each.0[channel], &block.mix[channel]);
                accumulate(&mut two, each.1[channel], &block.mix[channel]);
            }
            let mut sums = [one, two];
            for (x, sum) in cells.into_iter().zip(&mut sums) {
                let at = from.index(x, y);
                for (s, f) in sum.iter_mut().zip(&from.data[at]) {
                    *s = positive(*s + f);
                }
                to.data[at] = *sum;
            }
        }
    }
}

#[inline(always)]
fn head(from: &Grid<WIDE>, weights: &[[f32; OUT]], (width, height): (usize, usize)) -> Seen {
    let mut planes: [Plane; OUT] = std::array::from_fn(|_| Plane::new(width, height));
    for y in 0..height {
        for x in 0..width {
            let source = &from.data[from.index(x, y)];
            let mut sum = weights[WIDE];
            for channel in 0..WIDE {
                accumulate(&mut sum, source[channel], &weights[channel]);
            }
            for (plane, value) in planes.iter_mut().zip(sum) {
                plane.data[y * width + x] = value;
            }
        }
    }
    // The last one, the ridge frequency, helped the others to be learned. Measured, the period by
    // spectrum is better (mean EER of the FVC sets 1.24 against 1.53 %).
    let [cos2, sin2, skin, _] = planes;
    Seen { cos2, sin2, skin }
}

#[inline(always)]
fn accumulate<const N: usize>(sum: &mut [f32; N], value: f32, weights: &[f32; N]) {
    for i in 0..N {
        sum[i] += value * weights[i];
    }
}

#[inline(always)]
fn positive(value: f32) -> f32 {
    if value > 0.0 { value } else { 0.0 }
}

#[cfg(test)]
mod tests;
