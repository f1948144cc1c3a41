//! The two-channel filter bank in one dimension and over the whole tree.
//!
//! Sums run over the taps in rising order from 0 in `f32`, so every machine has the same bits.

use super::tree::{Region, Tree};

/// Columns that are filtered downwards at a time: their window stays in the cache.
const STRIP: usize = 64;
/// The longest filter that is taken from a file.
pub(super) const TAPS_MAX: usize = 32;

/// Analysis filters, low and high; both of odd length (symmetric) or both of even length (low
/// symmetric, high antisymmetric).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Filters {
    pub low: Vec<f32>,
    pub high: Vec<f32>,
}

impl Filters {
    /// The symmetric 9/7 bank of the FBI's first encoder.
    pub fn nine_seven() -> Filters {
        Filters {
            low: mirrored(&[
                0.852_698_7,
                0.377_402_85,
                -0.110_624_4,
                -0.023_849_465,
                0.037_828_456,
            ]),
            high: mirrored(&[0.788_485_65, -0.418_092_28, -0.040_689_416, 0.064_538_88]),
        }
    }

    fn even(&self) -> bool {
        self.low.len().is_multiple_of(2)
    }
}

/// The whole of an odd symmetric filter from its centre outwards.
fn mirrored(from_centre: &[f32]) -> Vec<f32> {
    let left = from_centre.iter().skip(1).rev();
    left.chain(from_centre).copied().collect()
}

/// One tap: the neighbour's distance and its weight.
type Tap = (isize, f32);

/// The filter bank taken apart into what each output sample sums.
#[derive(Debug)]
pub(super) struct Bank {
    even: bool,
    /// Taps on the samples `2i + distance` for low and high sample `i`.
    analysis: [Vec<Tap>; 2],
    /// For sample `2i + phase`: taps on the low and on the high samples `i + distance`.
    synthesis: [[Vec<Tap>; 2]; 2],
}

impl Bank {
    pub fn new(filters: &Filters) -> Bank {
        let even = filters.even();
        let (low, high) = (&filters.low, &filters.high);
        // An antisymmetric filter is kept with the other sign: right minus left.
        let sign = if even { -1.0 } else { 1.0 };
        let centred = |taps: &[f32], back: isize, sign: f32| -> Vec<Tap> {
            let numbered = taps.iter().enumerate();
            numbered
                .map(|(k, &w)| (k as isize - back, sign * w))
                .collect()
        };
        let middle = |taps: &[f32]| (taps.len() as isize - 1) / 2;
        // A high sample of odd filters lies between two low ones.
        let between = if even { 0 } else { 1 };
        let analysis = [
            centred(low, middle(low), 1.0),
            centred(high, middle(high) - between, sign),
        ];
        // The answer to a filter is the other one with every second sign changed.
        let answer_low = alternated(high, even, -1.0);
        let answer_high = alternated(low, even, 1.0);
        let phase = |phase: isize| {
            [
                polyphase(&answer_low, phase, half(&answer_low, even)),
                polyphase(&answer_high, phase, half(&answer_high, even) + between),
            ]
        };
        Bank {
            even,
            analysis,
            synthesis: [phase(0), phase(1)],
        }
    }

    /// How far outside of its line a tap reaches.
    fn reach(&self) -> usize {
        let all = self
            .analysis
            .iter()
            .chain(self.synthesis.iter().flatten())
            .flatten();
        all.map(|tap| tap.0.unsigned_abs()).max().unwrap_or(0) + 2
    }
}

fn half(filter: &[f32], even: bool) -> isize {
    let half = filter.len() / 2;
    if even {
        half as isize
    } else {
        (filter.len() as isize - 1) / 2
    }
}

/// The filter with every second sign changed, counted from its centre; even ones become
/// symmetric from antisymmetric (`sign` −1) and the other way round (`sign` +1).
fn alternated(filter: &[f32], even: bool, sign: f32) -> Vec<f32> {
    let half = filter.len() / 2;
    let alternate = |cnt: usize| if cnt.is_multiple_of(2) { 1.0 } else { -1.0 };
    (0..filter.len())
        .map(|i| {
            if !even {
                return alternate(i.abs_diff(half)) * filter[i];
            }
            let right = i >= half;
            let cnt = if right { i - half } else { half - 1 - i };
            let value = alternate(cnt) * filter[half + cnt];
            // Low: −(±high), the same on both sides. High: −(±low), left with the other sign.
            if right || sign < 0.0 { -value } else { value }
        })
        .collect()
}

/// Taps of a synthesis filter on sample `i + distance` for the output `2i + phase`.
fn polyphase(filter: &[f32], phase: isize, half: isize) -> Vec<Tap> {
    let taps = filter.iter().enumerate().filter_map(|(k, &weight)| {
        let twice = k as isize - half + phase;
        (twice.rem_euclid(2) == 0).then_some((twice.div_euclid(2), weight))
    });
    taps.collect()
}

/// Sample `i` of a line of `length` continued by mirroring.
fn mirrored_sample(i: isize, length: usize, even: bool) -> usize {
    let length = length as isize;
    if even {
        let i = i.rem_euclid(2 * length);
        return (if i < length { i } else { 2 * length - 1 - i }) as usize;
    }
    if length == 1 {
        return 0;
    }
    let i = i.rem_euclid(2 * (length - 1));
    (if i < length { i } else { 2 * (length - 1) - i }) as usize
}

/// Low (`high` = 0) or high sample `i` of a line of `length`, continued: index and sign.
fn mirrored_coefficient(i: isize, high: usize, length: usize, even: bool) -> Option<(usize, f32)> {
    let (count, length_i) = (
        if high == 1 {
            length / 2
        } else {
            length.div_ceil(2)
        },
        length as isize,
    );
    if count == 0 {
        return None;
    }
    if even {
        let i = i.rem_euclid(length_i);
        if (i as usize) < count {
            return Some((i as usize, 1.0));
        }
        let back = (length_i - 1 - i) as usize;
        let sign = if high == 1 { -1.0 } else { 1.0 };
        // With odd length the antisymmetric half has a nought in its middle.
        return (back < count).then_some((back, sign));
    }
    let at = mirrored_sample(2 * i + high as isize, length, false);
    Some((at / 2, 1.0))
}

/// `out[i] += weight · source[i]`.
#[inline(always)]
fn add(out: &mut [f32], weight: f32, source: &[f32]) {
    for (o, &s) in out.iter_mut().zip(source) {
        *o += weight * s;
    }
}

/// Sums under 1e-15 are 0: a crafted file would else compute with the slow numbers near 0.
#[inline(always)]
fn settle(sums: &mut [f32]) {
    for sum in sums {
        *sum = if sum.abs() < 1e-15 { 0.0 } else { *sum };
    }
}

/// Where each coefficient of a line lies: low part and high part by the flip.
fn starts(length: usize, flip: bool) -> [usize; 2] {
    if flip {
        [length / 2, 0]
    } else {
        [0, length.div_ceil(2)]
    }
}

/// Takes a plane of `width` columns apart, in place.
pub(super) fn take_apart(plane: &mut [f32], width: usize, tree: &Tree, bank: &Bank) {
    for region in &tree.splits {
        rows(plane, width, region, |line, work| {
            part_line(line, region.flip_x, bank, work)
        });
        columns(plane, width, region, |read, length, write| {
            part_rows(read, length, region.flip_y, bank, write)
        });
    }
}

/// Puts a plane together again, in place.
pub(super) fn put_together(plane: &mut [f32], width: usize, tree: &Tree, bank: &Bank) {
    for region in tree.splits.iter().rev() {
        columns(plane, width, region, |read, length, write| {
            join_rows(read, length, region.flip_y, bank, write)
        });
        rows(plane, width, region, |line, work| {
            join_line(line, region.flip_x, bank, work)
        });
    }
}

fn rows(
    plane: &mut [f32],
    width: usize,
    region: &Region,
    mut each: impl FnMut(&mut [f32], &mut Work),
) {
    if region.width == 0 {
        return;
    }
    let mut work = Work::default();
    for y in region.y..region.y + region.height {
        let start = y * width + region.x;
        each(&mut plane[start..start + region.width], &mut work);
    }
}

/// Hands over strips of columns: a copy of the strip, its height, and where row `y` is written.
fn columns(
    plane: &mut [f32],
    width: usize,
    region: &Region,
    mut each: impl FnMut(&Strip, usize, &mut dyn FnMut(usize, &[f32])),
) {
    if region.height == 0 {
        return;
    }
    let mut strip = Strip::default();
    for first in (0..region.width).step_by(STRIP) {
        let columns = STRIP.min(region.width - first);
        let at = |y: usize| (region.y + y) * width + region.x + first;
        strip.columns = columns;
        strip.data.clear();
        for y in 0..region.height {
            strip.data.extend_from_slice(&plane[at(y)..at(y) + columns]);
        }
        each(&strip, region.height, &mut |y, row| {
            plane[at(y)..at(y) + columns].copy_from_slice(row);
        });
    }
}

/// A copy of a few neighbouring columns.
#[derive(Default)]
struct Strip {
    columns: usize,
    data: Vec<f32>,
}

impl Strip {
    fn row(&self, y: usize) -> &[f32] {
        &self.data[y * self.columns..(y + 1) * self.columns]
    }
}

fn part_rows(
    read: &Strip,
    length: usize,
    flip: bool,
    bank: &Bank,
    write: &mut dyn FnMut(usize, &[f32]),
) {
    let mut sum = [0.0f32; STRIP];
    for (high, start) in starts(length, flip).into_iter().enumerate() {
        let count = if high == 1 {
            length / 2
        } else {
            length.div_ceil(2)
        };
        for i in 0..count {
            let sum = &mut sum[..read.columns];
            sum.fill(0.0);
            for &(distance, weight) in &bank.analysis[high] {
                let at = mirrored_sample(2 * i as isize + distance, length, bank.even);
                add(sum, weight, read.row(at));
            }
            write(start + i, sum);
        }
    }
}

fn join_rows(
    read: &Strip,
    length: usize,
    flip: bool,
    bank: &Bank,
    write: &mut dyn FnMut(usize, &[f32]),
) {
    let starts = starts(length, flip);
    let mut sum = [0.0f32; STRIP];
    for y in 0..length {
        let sum = &mut sum[..read.columns];
        sum.fill(0.0);
        for (high, taps) in bank.synthesis[y % 2].iter().enumerate() {
            for &(distance, weight) in taps {
                let i = (y / 2) as isize + distance;
                if let Some((at, sign)) = mirrored_coefficient(i, high, length, bank.even) {
                    add(sum, sign * weight, read.row(starts[high] + at));
                }
            }
        }
        settle(sum);
        write(y, sum);
    }
}

/// Room for one line continued on both sides, by halves, and for its sums.
#[derive(Default)]
struct Work {
    continued: [Vec<f32>; 2],
    sums: [Vec<f32>; 2],
}

fn part_line(line: &mut [f32], flip: bool, bank: &Bank, work: &mut Work) {
    let (length, reach) = (line.len(), bank.reach() as isize);
    // Even and odd samples apart, so that a tap runs over neighbours.
    let ends = -reach..length.div_ceil(2) as isize + reach;
    for (phase, continued) in work.continued.iter_mut().enumerate() {
        continued.clear();
        continued.extend(
            ends.clone()
                .map(|i| line[mirrored_sample(2 * i + phase as isize, length, bank.even)]),
        );
    }
    for (high, start) in starts(length, flip).into_iter().enumerate() {
        let count = if high == 1 {
            length / 2
        } else {
            length.div_ceil(2)
        };
        let out = &mut line[start..start + count];
        out.fill(0.0);
        for &(distance, weight) in &bank.analysis[high] {
            let phase = distance.rem_euclid(2) as usize;
            let from = (reach + distance.div_euclid(2)) as usize;
            add(out, weight, &work.continued[phase][from..]);
        }
    }
}

fn join_line(line: &mut [f32], flip: bool, bank: &Bank, work: &mut Work) {
    let (length, reach) = (line.len(), bank.reach() as isize);
    let starts = starts(length, flip);
    let half = length.div_ceil(2);
    for (high, continued) in work.continued.iter_mut().enumerate() {
        continued.clear();
        continued.extend((-reach..half as isize + reach).map(|i| {
            mirrored_coefficient(i, high, length, bank.even)
                .map_or(0.0, |(at, sign)| sign * line[starts[high] + at])
        }));
    }
    for (phase, sums) in work.sums.iter_mut().enumerate() {
        sums.clear();
        sums.resize(half, 0.0);
        for (taps, continued) in bank.synthesis[phase].iter().zip(&work.continued) {
            for &(distance, weight) in taps {
                add(sums, weight, &continued[(reach + distance) as usize..]);
            }
        }
        settle(sums);
    }
    for (i, out) in line.iter_mut().enumerate() {
        *out = work.sums[i % 2][i / 2];
    }
}
