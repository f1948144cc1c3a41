//! Training: u from frequencies and random pairs, m by expectation–maximisation, the prior as a fixed point.
//!
//! Only counts of level vectors enter, summed in a fixed order, so threads and row order change nothing.
//! Sources: Fellegi and Sunter 1969; Winkler 1988 (EM); Enamorado, Fifield and Imai 2019 (EM over the
//! histogram of level vectors); Splink (EM by blocking rule, averaged).

use crate::compare::{Levels, level_at, share_column};
use crate::dictionary::mix;
use crate::level::{Ask, Clause};
use crate::model::{Comparison, Model};
use crate::prepare::{Prepared, Records};

/// Counts of level vectors of candidate pairs, with the rules that produce them; sorted.
pub(crate) type Histogram = Vec<((u32, Levels), u64)>;

/// What training found. Probabilities are indexed by comparison and level − 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// P(level | mated pair).
    pub m: Vec<Vec<f64>>,
    /// P(level | non-mated pair).
    pub u: Vec<Vec<f64>>,
    /// Share of mated pairs among all pairs of the two lists.
    pub prior: f64,
    /// Expected number of mated pairs.
    pub mated: f64,
}

/// Rounds of EM within one blocking rule.
const ROUNDS: usize = 60;
/// Rounds of prior and u after m.
const OUTER_ROUNDS: usize = 4;
/// No probability is estimated below this share of what was counted: the rest is taken for mated pairs.
const U_FLOOR_SHARE: f64 = 1.0 / 64.0;

/// Frozen parameters of a model.
pub(crate) fn frozen(model: &Model) -> Trained {
    let of = |pick: fn(&crate::model::Level) -> Option<f64>| -> Vec<Vec<f64>> {
        model
            .comparisons
            .iter()
            .map(|c| {
                c.levels
                    .iter()
                    .map(|level| pick(level).unwrap_or(0.5))
                    .collect()
            })
            .collect()
    };
    let odds = crate::fixed::odds(model.training.prior_milli_bits.unwrap_or(0));
    Trained {
        m: of(|level| level.m),
        u: of(|level| level.u),
        prior: odds / (1.0 + odds),
        mated: 0.0,
    }
}

/// Estimates all parameters.
///
/// `candidates` counts the level vectors of candidate pairs of a share `sampled` of the right records,
/// `random` those of random pairs.
pub(crate) fn train(
    prepared: &Prepared,
    model: &Model,
    candidates: &Histogram,
    sampled: f64,
    random: &Histogram,
) -> Trained {
    let start = start_values(model);
    let counted = exact_chances(prepared, model);
    let mut trained = Trained {
        m: start.clone(),
        u: Vec::new(),
        prior: 0.0,
        mated: 0.0,
    };
    let pairs = prepared.pairs().max(1.0);
    trained.prior =
        (prepared.left.len().min(prepared.right().len()) as f64 / pairs * 0.5).clamp(1e-12, 0.5);
    trained.u = estimate_u(model, &trained, random, &counted);
    for _ in 0..OUTER_ROUNDS {
        trained.m = estimate_m(prepared, model, &trained, candidates, &start);
        for _ in 0..20 {
            trained.mated = candidates
                .iter()
                .map(|&((_, levels), count)| count as f64 * posterior(model, &trained, levels))
                .sum::<f64>()
                / sampled.max(1e-9);
            trained.prior = (trained.mated / pairs).clamp(1e-12, 0.5);
        }
        trained.u = estimate_u(model, &trained, random, &counted);
    }
    trained
}

/// m of the file, completed and normalised: the rest is spread evenly over levels without a value.
fn start_values(model: &Model) -> Vec<Vec<f64>> {
    let complete = |comparison: &Comparison| {
        let given: f64 = comparison.levels.iter().filter_map(|level| level.m).sum();
        let open = comparison
            .levels
            .iter()
            .filter(|level| level.m.is_none())
            .count();
        let rest = (1.0 - given).max(0.001 * open as f64) / open.max(1) as f64;
        let total = given + rest * open as f64;
        comparison
            .levels
            .iter()
            .map(|level| level.m.unwrap_or(rest) / total)
            .collect()
    };
    model.comparisons.iter().map(complete).collect()
}

/// Ratio m/u of one level; hand-set weights count as their ratio.
fn ratio(model: &Model, trained: &Trained, comparison: usize, level: usize) -> f64 {
    match model.comparisons[comparison].levels[level - 1].fixed_milli_bits {
        Some(weight) => crate::fixed::odds(weight),
        None => trained.m[comparison][level - 1] / trained.u[comparison][level - 1],
    }
}

/// Probability that a pair with these levels is mated.
fn posterior(model: &Model, trained: &Trained, levels: Levels) -> f64 {
    let mut odds = trained.prior / (1.0 - trained.prior);
    for comparison in 0..model.comparisons.len() {
        let level = level_at(levels, comparison);
        if level > 0 {
            odds *= ratio(model, trained, comparison, level);
        }
    }
    if odds.is_finite() {
        odds / (1.0 + odds)
    } else {
        1.0
    }
}

/// m: within each rule, EM over the comparisons that the rule leaves free; then the mean over rules.
fn estimate_m(
    prepared: &Prepared,
    model: &Model,
    trained: &Trained,
    candidates: &Histogram,
    start: &[Vec<f64>],
) -> Vec<Vec<f64>> {
    let mut sums: Vec<Vec<f64>> = start
        .iter()
        .map(|levels| {
            levels
                .iter()
                .map(|m| m * model.training.start_pairs)
                .collect()
        })
        .collect();
    for (place, rule) in model.rules.iter().enumerate() {
        let entries: Vec<(Levels, f64)> = candidates
            .iter()
            .filter(|((rules, _), _)| rules >> place & 1 == 1)
            .map(|&((_, levels), count)| (levels, count as f64))
            .collect();
        if entries.is_empty() {
            continue;
        }
        let free: Vec<usize> = (0..model.comparisons.len())
            .filter(|&c| {
                let feature = model.comparisons[c].feature;
                !rule.on.iter().any(|&(left, right)| {
                    share_column(prepared, left, feature) || share_column(prepared, right, feature)
                })
            })
            .collect();
        let counts = em_within_rule(model, trained, &entries, &free);
        for &comparison in &free {
            sums[comparison]
                .iter_mut()
                .zip(&counts[comparison])
                .for_each(|(sum, count)| *sum += count);
        }
    }
    sums.into_iter()
        .map(|levels| {
            let total: f64 = levels.iter().sum::<f64>() + 1e-3 * levels.len() as f64;
            levels.iter().map(|sum| (sum + 1e-3) / total).collect()
        })
        .collect()
}

/// Expected counts of levels among mated pairs of one rule, for the free comparisons.
fn em_within_rule(
    model: &Model,
    trained: &Trained,
    entries: &[(Levels, f64)],
    free: &[usize],
) -> Vec<Vec<f64>> {
    let total: f64 = entries.iter().map(|entry| entry.1).sum();
    let mut m = trained.m.clone();
    let mut share = 0.5f64;
    let mut counts = Vec::new();
    for _ in 0..ROUNDS {
        counts = m
            .iter()
            .map(|levels| vec![0.0; levels.len()])
            .collect::<Vec<Vec<f64>>>();
        let mut mated = 0.0;
        for &(levels, count) in entries {
            let mut odds = share / (1.0 - share);
            for &comparison in free {
                let level = level_at(levels, comparison);
                if level > 0
                    && model.comparisons[comparison].levels[level - 1]
                        .fixed_milli_bits
                        .is_none()
                {
                    odds *= m[comparison][level - 1] / trained.u[comparison][level - 1];
                }
            }
            let expected = count
                * if odds.is_finite() {
                    odds / (1.0 + odds)
                } else {
                    1.0
                };
            mated += expected;
            for &comparison in free {
                let level = level_at(levels, comparison);
                if level > 0 {
                    counts[comparison][level - 1] += expected;
                }
            }
        }
        share = (mated / total).clamp(1e-9, 1.0 - 1e-9);
        for &comparison in free {
            let sum: f64 = counts[comparison].iter().sum();
            let floor = 1e-6;
            for (m, count) in m[comparison].iter_mut().zip(&counts[comparison]) {
                *m = (count + floor) / (sum + floor * counts[comparison].len() as f64);
            }
        }
    }
    counts
}

/// u: exact levels from the frequencies of values, the others from random pairs; mated pairs taken out.
fn estimate_u(
    model: &Model,
    trained: &Trained,
    random: &Histogram,
    counted: &[Vec<Option<f64>>],
) -> Vec<Vec<f64>> {
    let mut sums: Vec<Vec<f64>> = trained
        .m
        .iter()
        .map(|levels| vec![0.5; levels.len()])
        .collect();
    for &((_, levels), count) in random {
        let non_mated = if trained.u.is_empty() {
            1.0
        } else {
            1.0 - posterior(model, trained, levels)
        };
        for (comparison, sums) in sums.iter_mut().enumerate() {
            let level = level_at(levels, comparison);
            if level > 0 {
                sums[level - 1] += count as f64 * non_mated;
            }
        }
    }
    let mut u = Vec::with_capacity(sums.len());
    for (comparison, sums) in sums.iter().enumerate() {
        let total: f64 = sums.iter().sum();
        let probabilities =
            sums.iter()
                .enumerate()
                .map(|(level, sum)| match counted[comparison][level] {
                    Some(chance) => {
                        let mated = if trained.u.is_empty() {
                            0.0
                        } else {
                            trained.prior * trained.m[comparison][level]
                        };
                        (chance - mated).max(chance * U_FLOOR_SHARE).max(1e-12)
                    }
                    None => sum / total,
                });
        u.push(probabilities.collect());
    }
    u
}

/// For levels that only ask for equality: the chance that a random pair of present values has the level,
/// counted exactly. `None` for other levels.
fn exact_chances(prepared: &Prepared, model: &Model) -> Vec<Vec<Option<f64>>> {
    model
        .comparisons
        .iter()
        .map(|comparison| {
            let mut earlier: Vec<Vec<usize>> = Vec::new();
            comparison
                .levels
                .iter()
                .map(|level| {
                    let features = equality_only(&level.when)?;
                    let own = chance(prepared, &features, comparison.feature);
                    // Levels above take their part away first; nested ones exactly, others by the largest overlap.
                    let taken = earlier
                        .iter()
                        .map(|above| {
                            let mut joint = [above.as_slice(), &features].concat();
                            joint.sort_unstable();
                            joint.dedup();
                            chance(prepared, &joint, comparison.feature)
                        })
                        .fold(0.0, f64::max);
                    earlier.push(features);
                    Some((own - taken).max(own * 1e-3))
                })
                .collect()
        })
        .collect()
}

fn equality_only(clauses: &[Clause]) -> Option<Vec<usize>> {
    let mut features: Vec<usize> = clauses
        .iter()
        .map(|clause| (clause.ask == Ask::Exact).then_some(clause.feature))
        .collect::<Option<_>>()?;
    features.sort_unstable();
    features.dedup();
    Some(features)
}

/// Chance that a random pair, both with the comparison's feature present, agrees on all these features.
fn chance(prepared: &Prepared, features: &[usize], own: usize) -> f64 {
    let present =
        |records: &Records, counts: &[Vec<u32>]| records.len() as f64 - f64::from(counts[own][0]);
    let left_present = present(&prepared.left, &prepared.counts_left);
    let (agreeing, pairs) = match &prepared.right {
        Some(right) => {
            let agreeing = match features {
                [one] => sum_of_products(&prepared.counts_left[*one], &prepared.counts_right[*one]),
                _ => agreeing_pairs(
                    &tuple_hashes(&prepared.left, features),
                    &tuple_hashes(right, features),
                ),
            };
            (
                agreeing,
                left_present * present(right, &prepared.counts_right),
            )
        }
        None => {
            let agreeing = match features {
                [one] => prepared.counts_left[*one][1..]
                    .iter()
                    .map(|&n| f64::from(n) * (f64::from(n) - 1.0) / 2.0)
                    .sum(),
                _ => {
                    let hashes = tuple_hashes(&prepared.left, features);
                    (agreeing_pairs(&hashes, &hashes) - hashes.len() as f64) / 2.0
                }
            };
            (agreeing, left_present * (left_present - 1.0) / 2.0)
        }
    };
    (agreeing / pairs.max(1.0))
        .max(1.0 / pairs.max(1.0) / 64.0)
        .min(1.0)
}

fn sum_of_products(left: &[u32], right: &[u32]) -> f64 {
    // Whole numbers far below 2^53, so the sum is exact in any order.
    left[1..]
        .iter()
        .zip(&right[1..])
        .map(|(&l, &r)| f64::from(l) * f64::from(r))
        .sum()
}

/// Sorted hashes of the records' values of several features, records with a missing one left out.
fn tuple_hashes(records: &Records, features: &[usize]) -> Vec<u64> {
    let mut hashes: Vec<u64> = records
        .codes
        .chunks_exact(records.stride.max(1))
        .filter(|record| features.iter().all(|&feature| record[feature] != 0))
        .map(|record| {
            features
                .iter()
                .fold(0, |state, &feature| mix(state ^ u64::from(record[feature])))
        })
        .collect();
    hashes.sort_unstable();
    hashes
}

fn agreeing_pairs(left: &[u64], right: &[u64]) -> f64 {
    let (mut i, mut j, mut sum) = (0, 0, 0.0);
    while i < left.len() && j < right.len() {
        match left[i].cmp(&right[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                let value = left[i];
                let a = left[i..].iter().take_while(|&&x| x == value).count();
                let b = right[j..].iter().take_while(|&&x| x == value).count();
                sum += a as f64 * b as f64;
                i += a;
                j += b;
            }
        }
    }
    sum
}
