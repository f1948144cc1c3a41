//! What is measured of a print's quality.

use crate::field::{CELL, Mask, Orientation, Sums};
use crate::net::{self, Seen};
use crate::period::{self, Period};
use crate::raster::Plane;
use crate::skeleton::RawMinutia;
use crate::trig;

/// What is measured of a print's quality, before the model.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct QualityMeasures {
    /// Skin on the glass, mm².
    pub area_mm2: f32,
    /// Skin whose ridges the ridge filter explains (correlation of at least 0.5 in a block), mm².
    pub clear_mm2: f32,
    /// Minutiae found.
    pub minutiae: f32,
    /// Their reliabilities together: 1 for one that is certain.
    pub reliable: f32,
    /// How sure the net is of the ridges' direction, 0–1, mean over the skin.
    pub certainty: f32,
    /// How parallel the ridges are, 0–1, mean over the skin.
    pub coherence: f32,
    /// Correlation of the picture with its filtered ridges, 0–1.
    pub clarity: f32,
    /// Distance from ridge to ridge, pixels, mean.
    pub period_px: f32,
    /// Deviation of that distance, pixels.
    pub period_spread_px: f32,
    /// Deviation of the grey values in the skin about their local mean, grey levels.
    pub contrast: f32,
    /// How much darker the skin is than the empty glass, 0–1.
    pub darkness: f32,
    /// Share of the ridges that is light.
    pub broken: f32,
    /// Share of the valleys that is dark.
    pub filled: f32,
    /// Third moment of the evened grey values: positive when few dark spots lie on light skin.
    pub skew: f32,
    /// How far the skin's middle lies to the right of the picture's, mm.
    pub right_mm: f32,
    /// How far the skin's middle lies below the picture's, mm.
    pub below_mm: f32,
    /// Share of the skin's outline that is the picture's edge.
    pub cut: f32,
    /// How much ridge strength depends on the ridges' direction, 0–1: a moving finger smears the
    /// ridges across its motion.
    pub smear: f32,
    /// Gradient outside the skin as a share of that inside.
    pub residue: f32,
    /// Structure on the glass apart from the skin, mm².
    pub dirt_mm2: f32,
    /// Depth of the deepest core (a point around which ridges turn back) inside the skin, mm; 0
    /// when none is seen.
    pub core_mm: f32,
}

impl QualityMeasures {
    /// Names of [`QualityMeasures::list`].
    pub const NAMES: [&'static str; 21] = [
        "area_mm2",
        "clear_mm2",
        "minutiae",
        "reliable",
        "certainty",
        "coherence",
        "clarity",
        "period_px",
        "period_spread_px",
        "contrast",
        "darkness",
        "broken",
        "filled",
        "skew",
        "right_mm",
        "below_mm",
        "cut",
        "smear",
        "residue",
        "dirt_mm2",
        "core_mm",
    ];

    /// All measures in the order of [`QualityMeasures::NAMES`], as the model's fit reads them.
    pub fn list(&self) -> [f32; 21] {
        [
            self.area_mm2,
            self.clear_mm2,
            self.minutiae,
            self.reliable,
            self.certainty,
            self.coherence,
            self.clarity,
            self.period_px,
            self.period_spread_px,
            self.contrast,
            self.darkness,
            self.broken,
            self.filled,
            self.skew,
            self.right_mm,
            self.below_mm,
            self.cut,
            self.smear,
            self.residue,
            self.dirt_mm2,
            self.core_mm,
        ]
    }
}

/// What the extraction made, as far as quality is read from it.
pub(crate) struct Evidence<'a> {
    pub sums: &'a Sums,
    pub normalised: &'a Plane,
    pub seen: &'a Seen,
    pub mask: &'a Mask,
    pub orientation: &'a Orientation,
    pub period: &'a Period,
    pub enhanced: &'a Plane,
    pub coherence: f32,
    pub minutiae: &'a [RawMinutia],
}

/// Millimetres a pixel at 500 dpi.
const MM_PER_PX: f32 = 25.4 / 500.0;
/// Square millimetres a cell of the mask.
const MM2_PER_CELL: f32 = (CELL * CELL) as f32 * MM_PER_PX * MM_PER_PX;

/// Measures a print. Cost: about 0.2 ms for 388×374 px, nearly all in one pass over the pixels.
pub(crate) fn measure(evidence: &Evidence<'_>) -> QualityMeasures {
    let mask = evidence.mask;
    let mut measures = QualityMeasures {
        area_mm2: mask.cells() as f32 * MM2_PER_CELL,
        minutiae: evidence.minutiae.len() as f32,
        reliable: evidence.minutiae.iter().map(|m| m.reliability).sum(),
        coherence: evidence.coherence,
        smear: smear(evidence.sums, mask, evidence.orientation),
        core_mm: core_mm(evidence.seen, mask),
        ..QualityMeasures::default()
    };
    ridges(evidence, &mut measures);
    grey(evidence.sums, mask, &mut measures);
    place(mask, &mut measures);
    periods(evidence.period, mask, &mut measures);
    measures.certainty = certainty(evidence.seen, mask);
    measures
}

/// Sums over the pixels of a block or of a print.
#[derive(Clone, Copy, Default)]
struct Ridges {
    count: f32,
    picture: f32,
    filtered: f32,
    both: f32,
    cubes: f32,
    ridge: f32,
    light_ridge: f32,
    valley: f32,
    dark_valley: f32,
}

impl Ridges {
    fn add(&mut self, other: &Ridges) {
        self.count += other.count;
        self.picture += other.picture;
        self.filtered += other.filtered;
        self.both += other.both;
        self.cubes += other.cubes;
        self.ridge += other.ridge;
        self.light_ridge += other.light_ridge;
        self.valley += other.valley;
        self.dark_valley += other.dark_valley;
    }

    /// Correlation of the picture with the filtered ridges.
    fn clarity(&self) -> f32 {
        (self.both / (self.picture * self.filtered + 1e-12).sqrt()).clamp(0.0, 1.0)
    }
}

/// Side of a block in cells.
const BLOCK: usize = 2;
/// A block whose picture correlates so much with its filtered ridges is clear.
const CLEAR_MIN: f32 = 0.5;

/// How well the picture is explained by ridges; every second row is looked at.
fn ridges(evidence: &Evidence<'_>, measures: &mut QualityMeasures) {
    let mask = evidence.mask;
    let (width, height) = (evidence.normalised.width, evidence.normalised.height);
    let mut all = Ridges::default();
    let mut clear = 0usize;
    let side = BLOCK * CELL;
    for y in (0..height - side + 1).step_by(side) {
        for x in (0..width - side + 1).step_by(side) {
            let cell = y / CELL * mask.width + x / CELL;
            let whole = mask.inside[cell]
                && mask.inside[cell + 1]
                && mask.inside[cell + mask.width]
                && mask.inside[cell + mask.width + 1];
            if !whole {
                continue;
            }
            let mut block = Ridges::default();
            for row in (y..y + side).step_by(2) {
                let at = row * width + x;
                let pairs = evidence.normalised.data[at..at + side]
                    .iter()
                    .zip(&evidence.enhanced.data[at..at + side]);
                for (&n, &e) in pairs {
                    block.picture += n * n;
                    block.filtered += e * e;
                    block.both += n * e;
                    block.cubes += n * n * n;
                    let (ridge, valley) = (e.max(0.0), (-e).max(0.0));
                    block.ridge += ridge;
                    block.valley += valley;
                    block.light_ridge += if n < 0.0 { ridge } else { 0.0 };
                    block.dark_valley += if n > 0.0 { valley } else { 0.0 };
                }
            }
            block.count = (side * side / 2) as f32;
            clear += usize::from(block.clarity() >= CLEAR_MIN);
            all.add(&block);
        }
    }
    measures.clear_mm2 = (clear * BLOCK * BLOCK) as f32 * MM2_PER_CELL;
    measures.clarity = all.clarity();
    measures.broken = all.light_ridge / (all.ridge + 1e-6);
    measures.filled = all.dark_valley / (all.valley + 1e-6);
    let square = all.picture / all.count.max(1.0);
    measures.skew = all.cubes / all.count.max(1.0) / (square * square.sqrt() + 1e-6);
}

/// Contrast, darkness and what lies beside the finger.
fn grey(sums: &Sums, mask: &Mask, measures: &mut QualityMeasures) {
    let mut lightest = sums.mean.data.clone();
    let (_, &mut paper, _) =
        lightest.select_nth_unstable_by(sums.mean.data.len() * 95 / 100, f32::total_cmp);
    let (mut inside, mut outside) = ([0.0f32; 4], [0.0f32; 2]);
    let cells = mask
        .inside
        .iter()
        .zip(&sums.mean.data)
        .zip(sums.square.data.iter().zip(&sums.magnitude.data));
    for ((&skin, &mean), (&square, &magnitude)) in cells {
        if skin {
            inside[0] += 1.0;
            inside[1] += mean;
            inside[2] += (square - mean * mean).max(0.0);
            inside[3] += magnitude;
        } else {
            outside[0] += 1.0;
            outside[1] += magnitude;
        }
    }
    let count = inside[0].max(1.0);
    measures.darkness = 1.0 - inside[1] / count / paper.max(1.0);
    measures.contrast = (inside[2] / count).sqrt();
    measures.residue = outside[1] / outside[0].max(1.0) / (inside[3] / count + 1e-3);
    let limit = DIRT_SHARE * inside[3] / count;
    measures.dirt_mm2 = dirt(sums, mask, limit) as f32 * MM2_PER_CELL;
}

/// Dirt has this share of the skin's mean gradient. (Darker than the glass would not do: thermal and
/// some optical sensors shade the glass themselves.)
const DIRT_SHARE: f32 = 0.4;
/// Nearer to the skin than this it is the skin's own faint margin, cells.
const DIRT_APART: usize = 5;

/// Cells beside the sensor's glass are whiter than this: a trapezium of glass in a white picture has
/// an edge that is no dirt.
const OFF_GLASS_MIN: f32 = 253.0;

/// Cells of more gradient than `limit` that lie apart from the skin and from the edges of glass and
/// picture.
fn dirt(sums: &Sums, mask: &Mask, limit: f32) -> usize {
    let (w, h) = (mask.width, mask.height);
    let near = |x: usize, y: usize| {
        let (left, right) = (x - DIRT_APART, x + DIRT_APART);
        let (top, bottom) = (y - DIRT_APART, y + DIRT_APART);
        [
            (left, top),
            (x, top),
            (right, top),
            (left, y),
            (right, y),
            (left, bottom),
            (x, bottom),
            (right, bottom),
        ]
        .iter()
        .any(|&(x, y)| mask.inside[y * w + x])
    };
    let on_glass = |x: usize, y: usize| {
        [(x - 2, y), (x + 2, y), (x, y - 2), (x, y + 2)]
            .iter()
            .all(|&(x, y)| sums.mean.data[y * w + x] < OFF_GLASS_MIN)
    };
    (DIRT_APART..h.saturating_sub(DIRT_APART))
        .flat_map(|y| (DIRT_APART..w.saturating_sub(DIRT_APART)).map(move |x| (x, y)))
        .filter(|&(x, y)| {
            let at = y * w + x;
            !mask.inside[at] && sums.magnitude.data[at] > limit && on_glass(x, y) && !near(x, y)
        })
        .count()
}

/// Where the skin lies in the picture.
fn place(mask: &Mask, measures: &mut QualityMeasures) {
    let (mut count, mut right, mut below) = (0.0f32, 0.0f32, 0.0f32);
    let (mut outline, mut edge) = (0.0f32, 0.0f32);
    for y in 0..mask.height {
        for x in 0..mask.width {
            let at = y * mask.width + x;
            if !mask.inside[at] {
                continue;
            }
            count += 1.0;
            right += x as f32;
            below += y as f32;
            let sides = [
                (x == 0, at.wrapping_sub(1)),
                (x + 1 == mask.width, at + 1),
                (y == 0, at.wrapping_sub(mask.width)),
                (y + 1 == mask.height, at + mask.width),
            ];
            for (at_edge, beside) in sides {
                if at_edge {
                    edge += 1.0;
                    outline += 1.0;
                } else if !mask.inside[beside] {
                    outline += 1.0;
                }
            }
        }
    }
    let middle = |sum: f32, cells: usize| {
        (sum / count.max(1.0) - (cells - 1) as f32 * 0.5) * CELL as f32 * MM_PER_PX
    };
    measures.right_mm = middle(right, mask.width);
    measures.below_mm = middle(below, mask.height);
    measures.cut = edge / f32::max(outline, 1.0);
}

fn periods(period: &Period, mask: &Mask, measures: &mut QualityMeasures) {
    let (mut count, mut sum, mut square) = (0.0f32, 0.0f32, 0.0f32);
    for (at, &px) in period.px.data.iter().enumerate() {
        let (x, y) = (at % period.px.width, at / period.px.width);
        let middle = |i: usize| i * period::STEP + period::STEP / 2;
        if mask.depth_at(middle(x), middle(y)) > 0 {
            count += 1.0;
            sum += px;
            square += px * px;
        }
    }
    let mean = sum / f32::max(count, 1.0);
    measures.period_px = mean;
    measures.period_spread_px = (square / f32::max(count, 1.0) - mean * mean)
        .max(0.0)
        .sqrt();
}

fn certainty(seen: &Seen, mask: &Mask) -> f32 {
    let (mut count, mut sum) = (0.0f32, 0.0f32);
    let cells = seen.cos2.data.iter().zip(&seen.sin2.data).enumerate();
    for (at, (c, s)) in cells {
        let (x, y) = (at % seen.cos2.width, at / seen.cos2.width);
        if mask.depth_at(x * net::CELL, y * net::CELL) > 0 {
            count += 1.0;
            sum += (c * c + s * s).sqrt();
        }
    }
    sum / count.max(1.0)
}

/// Fits gradient energy = m + a·cos 2θ + b·sin 2θ over the skin, θ the ridges' direction; the
/// smear is the length of (a, b) over m. A small pull to 0 keeps prints with one direction only
/// from being called smeared.
fn smear(sums: &Sums, mask: &Mask, orientation: &Orientation) -> f32 {
    let mut sum = [0.0f32; 9];
    for (at, _) in mask
        .inside
        .iter()
        .enumerate()
        .filter(|(_, inside)| **inside)
    {
        let (c, s) = (orientation.cos2.data[at], orientation.sin2.data[at]);
        let length = (c * c + s * s).sqrt() + 1e-6;
        let (c, s, e) = (c / length, s / length, sums.magnitude.data[at]);
        for (sum, value) in sum
            .iter_mut()
            .zip([1.0, c, s, e, c * c, s * s, c * s, c * e, s * e])
        {
            *sum += value;
        }
    }
    let n = sum[0].max(1.0);
    let m = sum.map(|v| v / n);
    // Covariances of the two cosines and of each with the energy.
    let (cc, ss, cs) = (
        m[4] - m[1] * m[1] + PULL,
        m[5] - m[2] * m[2] + PULL,
        m[6] - m[1] * m[2],
    );
    let (ce, se) = (m[7] - m[1] * m[3], m[8] - m[2] * m[3]);
    let determinant = (cc * ss - cs * cs).max(1e-6);
    let (a, b) = (
        (ce * ss - se * cs) / determinant,
        (se * cc - ce * cs) / determinant,
    );
    ((a * a + b * b).sqrt() / (m[3] + 1e-3)).min(1.0)
}

/// Variance of a cosine that is taken for granted; of evenly spread directions it is 0.5.
const PULL: f32 = 0.1;

/// How deep in the skin the deepest core lies, mm; the mask's depth ends at 36 px, 1.83 mm.
fn core_mm(seen: &Seen, mask: &Mask) -> f32 {
    let (cos2, sin2) = (seen.cos2.smooth(CORE_SIGMA), seen.sin2.smooth(CORE_SIGMA));
    let (w, h) = (cos2.width, cos2.height);
    let angle: Vec<f32> = cos2
        .data
        .iter()
        .zip(&sin2.data)
        .map(|(&c, &s)| trig::atan2(s, c))
        .collect();
    let mut deepest = 0u8;
    for y in 1..h.saturating_sub(1) {
        for x in 1..w.saturating_sub(1) {
            let depth = mask.depth_at(x * net::CELL, y * net::CELL);
            if depth <= deepest {
                continue;
            }
            let ring = [
                (x - 1, y - 1),
                (x, y - 1),
                (x + 1, y - 1),
                (x + 1, y),
                (x + 1, y + 1),
                (x, y + 1),
                (x - 1, y + 1),
                (x - 1, y),
            ]
            .map(|(x, y)| angle[y * w + x]);
            let turned: f32 = (0..8).map(|i| turn(ring[i], ring[(i + 1) % 8])).sum();
            if turned > trig::PI {
                deepest = depth;
            }
        }
    }
    f32::from(deepest) * MM_PER_PX
}

/// Smoothing of the net's directions before cores are looked for, in its cells.
const CORE_SIGMA: f32 = 1.5;

/// The shorter way from one angle to another, −π to π.
fn turn(from: f32, to: f32) -> f32 {
    let turn = to - from;
    if turn > trig::PI {
        turn - 2.0 * trig::PI
    } else if turn < -trig::PI {
        turn + 2.0 * trig::PI
    } else {
        turn
    }
}
