//! From level vectors to weights, in integers only.

use crate::compare::{Levels, frequency_part, level_at};
use crate::fixed::{MILLI_BITS_MAX, milli_bits};
use crate::model::{Frequency, Model};
use crate::prepare::Prepared;
use crate::train::Trained;

/// The weight of one comparison of one pair, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Index of the comparison.
    pub comparison: usize,
    /// Its level, 0 = missing.
    pub level: usize,
    /// log2(m/u) of the level, milli-bits.
    pub level_milli_bits: i32,
    /// Adjustment for a common (negative) or rare (positive) value, milli-bits.
    pub frequency_milli_bits: i32,
}

/// Frozen weights of one run.
pub(crate) struct Weights {
    pub prior: i32,
    /// By comparison and level, level 0 included.
    table: Vec<[i32; 16]>,
    /// Largest weight of a level and all after it, by comparison and level.
    most_from: Vec<[i32; 16]>,
    /// Frequency adjustment by comparison.
    frequencies: Vec<Option<FrequencyTable>>,
    /// Comparisons by the distance between their largest and smallest weight, the widest first.
    widest_first: Vec<usize>,
}

struct FrequencyTable {
    feature: usize,
    /// Adjustment of full agreement by code, milli-bits.
    by_code: Vec<i32>,
    /// Thousandths of the adjustment a level gets, by level.
    part: [i32; 16],
    /// With `Shared`, both codes' adjustments are added; else the more common value's counts.
    is_shared: bool,
}

impl Weights {
    pub fn new(prepared: &Prepared, model: &Model, trained: &Trained) -> Weights {
        let mut table = vec![[0i32; 16]; model.comparisons.len()];
        for (c, comparison) in model.comparisons.iter().enumerate() {
            for (l, level) in comparison.levels.iter().enumerate() {
                table[c][l + 1] = level
                    .fixed_milli_bits
                    .unwrap_or_else(|| milli_bits(trained.m[c][l] / trained.u[c][l]));
            }
        }
        let mut most_from = table.clone();
        let mut widest_first: Vec<usize> = (0..table.len()).collect();
        for (most, comparison) in most_from.iter_mut().zip(&model.comparisons) {
            for level in (1..comparison.levels.len()).rev() {
                most[level] = most[level].max(most[level + 1]);
            }
        }
        widest_first.sort_by_key(|&c| {
            let levels = &table[c][1..=model.comparisons[c].levels.len()];
            let span = levels.iter().max().zip(levels.iter().min());
            std::cmp::Reverse(span.map_or(0, |(most, least)| most - least))
        });
        let frequencies = (0..model.comparisons.len())
            .map(|c| frequency_table(prepared, model, trained, c))
            .collect();
        Weights {
            prior: milli_bits(trained.prior / (1.0 - trained.prior)),
            table,
            most_from,
            frequencies,
            widest_first,
        }
    }

    /// Weight of one comparison, milli-bits.
    #[inline]
    pub fn of(&self, comparison: usize, level: usize, left: &[u32], right: &[u32]) -> i32 {
        self.table[comparison][level]
            + self.frequencies[comparison]
                .as_ref()
                .map_or(0, |frequency| frequency.adjustment(level, left, right))
    }

    /// The most that a comparison can weigh when its level is this or a later one, milli-bits.
    #[inline]
    pub fn most_from(&self, comparison: usize, level: usize, left: &[u32], right: &[u32]) -> i32 {
        self.most_from[comparison][level]
            + self.frequencies[comparison]
                .as_ref()
                .map_or(0, |frequency| frequency.most(left, right))
    }

    /// Comparisons in the order in which their levels are best found out.
    pub fn widest_first(&self) -> &[usize] {
        &self.widest_first
    }

    /// Weight of a pair including the prior, milli-bits: log2 of the odds that it is mated.
    #[inline]
    pub fn weigh(&self, levels: Levels, left: &[u32], right: &[u32]) -> i32 {
        (0..self.table.len()).fold(self.prior, |sum, comparison| {
            sum + self.of(comparison, level_at(levels, comparison), left, right)
        })
    }

    /// The same weight taken apart; prior and bars add up to [`Weights::weigh`].
    pub fn bars(&self, levels: Levels, left: &[u32], right: &[u32]) -> Vec<Bar> {
        (0..self.table.len())
            .map(|comparison| {
                let level = level_at(levels, comparison);
                let frequency_milli_bits = self.frequencies[comparison]
                    .as_ref()
                    .map_or(0, |frequency| frequency.adjustment(level, left, right));
                Bar {
                    comparison,
                    level,
                    level_milli_bits: self.table[comparison][level],
                    frequency_milli_bits,
                }
            })
            .collect()
    }
}

impl FrequencyTable {
    #[inline]
    fn adjustment(&self, level: usize, left: &[u32], right: &[u32]) -> i32 {
        let part = self.part[level];
        if part == 0 {
            return 0;
        }
        if self.is_shared {
            // One code: the level is full agreement.
            return self.by_code[left[self.feature] as usize];
        }
        self.of_commoner(left, right) * part / 1000
    }

    /// No adjustment of this pair is larger, whatever its level.
    #[inline]
    fn most(&self, left: &[u32], right: &[u32]) -> i32 {
        if self.is_shared {
            return 0; // a shared value only loses
        }
        self.of_commoner(left, right).max(0)
    }

    /// Adjustment of the more common of both values.
    #[inline]
    fn of_commoner(&self, left: &[u32], right: &[u32]) -> i32 {
        let of = |record: &[u32]| self.by_code[record[self.feature] as usize];
        of(left).min(of(right))
    }
}

fn frequency_table(
    prepared: &Prepared,
    model: &Model,
    trained: &Trained,
    c: usize,
) -> Option<FrequencyTable> {
    let comparison = &model.comparisons[c];
    let feature = comparison.feature;
    let left = &prepared.counts_left[feature];
    let right = prepared.counts_right.get(feature);
    let count = |code: usize| left[code] + right.map_or(0, |right| right[code]);
    let records = prepared.left.len()
        + prepared
            .right
            .as_ref()
            .map_or(0, crate::prepare::Records::len);
    let exact = comparison
        .levels
        .iter()
        .position(|level| comparison.is_exact(level));
    let (by_code, fuzzy) = match comparison.frequency {
        Frequency::None => return None,
        Frequency::Shared => {
            let loss = |n: u32| milli_bits(f64::from(n.max(1)));
            let by_code = (0..left.len()).map(|code| match right {
                Some(right) => -loss(left[code]) - loss(right[code]),
                None => -2 * loss(left[code].saturating_sub(1)),
            });
            (by_code.collect::<Vec<i32>>(), 0.0)
        }
        Frequency::Value { floor, fuzzy } => {
            let u_exact = trained.u[c][exact.unwrap_or(0)];
            let present = (records - count(0) as usize).max(1) as f64;
            let by_code = (0..left.len())
                .map(|code| milli_bits(u_exact / (f64::from(count(code)) / present).max(floor)));
            (by_code.collect(), fuzzy)
        }
    };
    let mut part = [0i32; 16];
    for level in 0..comparison.levels.len() {
        // A weight set by hand is that weight, whatever the value.
        if comparison.levels[level].fixed_milli_bits.is_none() {
            part[level + 1] =
                (frequency_part(prepared, comparison, level, fuzzy) * 1000.0).round() as i32;
        }
    }
    let by_code = by_code
        .into_iter()
        .map(|adjustment| adjustment.clamp(-MILLI_BITS_MAX, MILLI_BITS_MAX))
        .collect();
    Some(FrequencyTable {
        feature,
        by_code,
        part,
        is_shared: comparison.frequency == Frequency::Shared,
    })
}
