//! From coefficients to whole numbers and back.

use super::tree::{BANDS, Region, Tree};
use super::wavelet;
use crate::trig;

/// Where in its bin a coefficient is put back (the standard's C).
pub(super) const BIN_CENTRE: f32 = 0.44;
/// The bin around nought is so much wider than the others.
const ZERO_BIN_RATIO: f32 = 1.2;
/// Bands that vary less are left out.
const VARIANCE_MIN: f64 = 1.01;
/// When the four lowest bands vary less than this together, variances are of whole bands.
const WINDOW_VARIANCE_MIN: f64 = 20_000.0;
/// First band of the second and of the third block.
pub(super) const BLOCKS: [std::ops::Range<usize>; 3] = [0..19, 19..52, 52..60];

/// Width of a band's bins and of the one around nought; 0 = the band is left out.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Bins {
    pub width: f32,
    pub zero: f32,
}

/// Bin widths of all bands but for the factor `1 / q`: the standard's Q′.
///
/// 1 for the four lowest, 10 / (A·ln σ²) for the others, 0 for bands without variance.
pub(super) fn relative_widths(plane: &[f32], width: usize, tree: &Tree) -> [f32; BANDS] {
    let variances = variances(plane, width, tree);
    std::array::from_fn(|k| {
        if variances[k] < VARIANCE_MIN {
            0.0
        } else if k < 4 {
            1.0
        } else {
            // At σ² just above the limit the logarithm is near 0 and the bin wider than any value.
            10.0 / (weight(k) * trig::ln(variances[k] as f32).max(1e-3))
        }
    })
}

/// The standard's A: how much a band counts for the eye.
fn weight(band: usize) -> f32 {
    match band {
        52 | 56 => 1.32,
        53 | 55 | 58 | 59 => 1.08,
        54 | 57 => 1.42,
        _ => 1.0,
    }
}

fn variances(plane: &[f32], width: usize, tree: &Tree) -> [f64; BANDS] {
    let of = |inner: bool| -> [f64; BANDS] {
        std::array::from_fn(|k| variance(plane, width, &tree.bands[k], inner))
    };
    let inner = of(true);
    if inner[..4].iter().sum::<f64>() < WINDOW_VARIANCE_MIN {
        of(false)
    } else {
        inner
    }
}

/// Variance of a band, of its middle (3/4 across, 7/16 down) when `inner`.
fn variance(plane: &[f32], width: usize, band: &Region, inner: bool) -> f64 {
    let (x, y, columns, rows) = if inner {
        (
            band.width / 8,
            9 * band.height / 32,
            3 * band.width / 4,
            7 * band.height / 16,
        )
    } else {
        (0, 0, band.width, band.height)
    };
    let count = columns * rows;
    if count < 2 {
        return 0.0;
    }
    let (mut sum, mut squares) = (0.0f64, 0.0f64);
    for row in band.y + y..band.y + y + rows {
        let start = row * width + band.x + x;
        for &value in &plane[start..start + columns] {
            sum += f64::from(value);
            squares += f64::from(value) * f64::from(value);
        }
    }
    (squares - sum * sum / count as f64) / (count as f64 - 1.0)
}

/// The narrowest bins that hold every coefficient of the plane as 16 bits.
pub(super) fn narrowest(plane: &[f32]) -> f32 {
    let most = plane
        .iter()
        .fold(0.0f32, |most, value| most.max(value.abs()));
    (most / 32_000.0).max(1e-3)
}

/// Bins at a fineness of `q`, as the file can state them.
pub(super) fn bins(relative: &[f32; BANDS], q: f32, narrowest: f32) -> [Bins; BANDS] {
    relative.map(|relative| {
        if relative == 0.0 {
            return Bins::default();
        }
        let width = (relative / q).clamp(narrowest, 5e4);
        Bins {
            width: Scaled::nearest(width).value(),
            zero: Scaled::nearest(ZERO_BIN_RATIO * width).value(),
        }
    })
}

/// The coefficients of some bands as whole numbers, −32767 to 32767, appended to `out`.
pub(super) fn quantise(
    plane: &[f32],
    width: usize,
    bands: &[Region],
    bins: &[Bins],
    out: &mut Vec<i16>,
) {
    for (band, bins) in bands.iter().zip(bins) {
        if bins.width == 0.0 {
            continue;
        }
        let half = bins.zero / 2.0;
        for row in band.y..band.y + band.height {
            let start = row * width + band.x;
            out.extend(plane[start..start + band.width].iter().map(|&value| {
                let beyond = value.abs() - half;
                if beyond <= 0.0 {
                    return 0;
                }
                let size = (beyond / bins.width + 1.0).min(32_767.0) as i16;
                if value < 0.0 { -size } else { size }
            }));
        }
    }
}

/// Puts coefficients back into the plane, band by band, in the order of the file.
#[derive(Debug)]
pub(super) struct Filler<'a> {
    tree: &'a Tree,
    bins: &'a [Bins; 64],
    centre: f32,
    band: usize,
    /// Coefficients of the band that are filled.
    done: usize,
}

impl<'a> Filler<'a> {
    pub fn new(tree: &'a Tree, bins: &'a [Bins; 64], centre: f32) -> Filler<'a> {
        let mut filler = Filler {
            tree,
            bins,
            centre,
            band: 0,
            done: 0,
        };
        filler.settle();
        filler
    }

    /// Coefficients that the file must hold.
    pub fn expected(tree: &Tree, bins: &[Bins; 64]) -> usize {
        let pairs = tree.bands.iter().zip(bins);
        pairs
            .filter(|(_, bins)| bins.width != 0.0)
            .map(|(band, _)| band.width * band.height)
            .sum()
    }

    fn size(&self) -> usize {
        self.tree.bands[self.band].width * self.tree.bands[self.band].height
    }

    /// Goes on to a band that has room.
    fn settle(&mut self) {
        while self.band < BANDS && (self.bins[self.band].width == 0.0 || self.done >= self.size()) {
            self.band += 1;
            self.done = 0;
        }
    }

    /// Whether every coefficient has been written or skipped.
    pub fn is_full(&self) -> bool {
        self.band >= BANDS
    }

    /// Leaves `count` coefficients at 0.
    pub fn skip(&mut self, mut count: usize) {
        while count > 0 && self.band < BANDS {
            let step = count.min(self.size() - self.done);
            self.done += step;
            count -= step;
            self.settle();
        }
    }

    /// Writes the next coefficient.
    pub fn put(&mut self, value: i32, plane: &mut [f32], width: usize) {
        if self.band >= BANDS {
            return;
        }
        let (band, bins) = (&self.tree.bands[self.band], self.bins[self.band]);
        let (x, y) = (self.done % band.width, self.done / band.width);
        let value = value as f32;
        plane[(band.y + y) * width + band.x + x] = if value > 0.0 {
            bins.width * (value - self.centre) + bins.zero / 2.0
        } else if value < 0.0 {
            bins.width * (value + self.centre) - bins.zero / 2.0
        } else {
            0.0
        };
        self.skip(1);
    }
}

/// A number as the file states it: digits and a power of ten that divides them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scaled {
    pub digits: u32,
    pub power: u8,
}

impl Scaled {
    /// As many digits of `value` (0 to 65,535) as 16 bits hold.
    pub fn nearest(value: f32) -> Scaled {
        Scaled::within(value, f64::from(u16::MAX))
    }

    /// As many digits of `value` (from 0) as 32 bits hold.
    pub fn nearest_long(value: f32) -> Scaled {
        Scaled::within(value, f64::from(u32::MAX))
    }

    fn within(value: f32, most: f64) -> Scaled {
        let (mut scaled, mut power) = (f64::from(value), 0u8);
        while value > 0.0 && power < 30 && scaled * 10.0 + 0.5 < most {
            scaled *= 10.0;
            power += 1;
        }
        Scaled {
            digits: (scaled + 0.5) as u32,
            power,
        }
    }

    /// The number; division by ten, one after the other, as other programs do it.
    pub fn value(self) -> f32 {
        (0..self.power).fold(self.digits as f32, |value, _| value / 10.0)
    }
}

/// The grey values as numbers around 0: shift M, scale R and the plane.
pub(super) fn centred(pixels: &[u8]) -> (Scaled, Scaled, Vec<f32>) {
    let sum: u64 = pixels.iter().map(|&p| u64::from(p)).sum();
    let mean = (sum as f64 / pixels.len().max(1) as f64) as f32;
    let low = pixels.iter().min().copied().unwrap_or(0);
    let high = pixels.iter().max().copied().unwrap_or(0);
    let reach = (mean - f32::from(low)).max(f32::from(high) - mean) / 128.0;
    let shift = Scaled::nearest(mean);
    // A single grey value has no reach.
    let scale = Scaled::nearest(if reach > 0.0 { reach } else { 1.0 });
    let (m, r) = (shift.value(), scale.value());
    let plane = pixels.iter().map(|&p| (f32::from(p) - m) / r).collect();
    (shift, scale, plane)
}

/// Grey values from a plane.
pub(super) fn greys(plane: &[f32], shift: f32, scale: f32) -> Vec<u8> {
    // A cast saturates and takes what is no number for 0.
    plane
        .iter()
        .map(|v| (v * scale + shift + 0.5) as u8)
        .collect()
}

/// Takes a plane apart with the bank of the first encoder.
pub(super) fn analysed(pixels_plane: &mut [f32], width: usize, tree: &Tree) {
    let bank = wavelet::Bank::new(&wavelet::Filters::nine_seven());
    wavelet::take_apart(pixels_plane, width, tree, &bank);
}
