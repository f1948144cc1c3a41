//! Linking two lists and de-duplicating one: prepare, block, train, score, assign.

use crate::assign::{Chosen, Scored, all, best_per_right, clusters, one_to_one};
use crate::block::{Blocks, OversizedBlock};
use crate::budget::{expected_wrong_milli, weight_within};
use crate::compare::{Comparer, Levels};
use crate::contradict::{Contradicting, Side, contradictions};
use crate::dictionary::mix;
use crate::fixed::probability_ppm;
use crate::model::{Assignment, Decision, Model};
use crate::prepare::{LinkError, Prepared, Unreadable, id_column};
use crate::table::Table;
use crate::train::{Histogram, Trained, frozen, train};
use crate::weigh::Weights;
use std::collections::HashMap;

/// What happens with a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Band {
    /// Linked without review.
    Auto,
    /// For clerical review.
    Clerical,
    /// Not linked.
    No,
}

impl Band {
    /// The word written to outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Band::Auto => "auto",
            Band::Clerical => "clerical",
            Band::No => "no",
        }
    }
}

/// One pair in the output; rows are those of the tables given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Row of the left table (the record with the smaller id when de-duplicating).
    pub left: u32,
    /// Row of the right table (of the same table when de-duplicating).
    pub right: u32,
    /// log2 of the odds that the pair is mated, milli-bits, prior included.
    pub weight_milli_bits: i32,
    /// The same as a probability in millionths.
    pub probability_ppm: u32,
    /// What happens with it.
    pub band: Band,
    /// Level of every comparison; see [`crate::level_at`].
    pub levels: Levels,
}

/// What a run did besides its links: for the operator and the manifest.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Candidate pairs compared.
    pub pairs_compared: u64,
    /// Blocks that were refined or left out.
    pub oversized: Vec<OversizedBlock>,
    /// Features without a column, as `left: pin`.
    pub missing: Vec<String>,
    /// The parameters used.
    pub trained: Trained,
    /// The prior used, milli-bits.
    pub prior_milli_bits: i32,
    /// Pairs joined through a third record although their own weight speaks against it (de-duplication).
    pub joined_through_others: u64,
    /// Weight from which pairs were linked without review, milli-bits: the model's, or that of the budget of wrong
    /// links. When de-duplicating, the mean weight from which clusters were joined.
    pub auto_milli_bits: i32,
    /// Wrong links to be expected among those made without review, thousandths of a link, if every pair is as likely
    /// mated as its weight says.
    pub expected_wrong_milli: u64,
    /// Columns with values that could not be read and counted as missing.
    pub unreadable: Vec<Unreadable>,
}

/// What the assignment adds to the report.
#[derive(Default)]
struct Outcome {
    compared: u64,
    joined_through_others: u64,
    auto_milli_bits: i32,
    expected_wrong_milli: u64,
}

/// Links and what led to them.
#[derive(Clone, Debug, PartialEq)]
pub struct Linked {
    /// Sorted by left id, then right id.
    pub links: Vec<Link>,
    /// Clusters of rows when de-duplicating, each in the order of ids; empty when linking.
    pub clusters: Vec<Vec<u32>>,
    /// Records of one cluster (linking: records linked without review to one left record) that cannot both be one
    /// person's by the model's contradictions; in the order of clusters. They stay linked: a person decides.
    pub contradictions: Vec<Contradicting>,
    /// The rest.
    pub report: Report,
}

/// Calls the work it is given once for each worker, at the same time if it can, and returns when all are done.
///
/// This room starts no threads: whoever calls it does, or takes [`alone`].
pub type Spread = fn(workers: usize, work: &(dyn Fn() + Sync));

/// Effort: what may change how fast a result comes, never the result.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Workers, at least 1.
    pub workers: usize,
    /// Who runs them.
    pub spread: Spread,
}

/// One worker, here and now.
pub fn alone(_workers: usize, work: &(dyn Fn() + Sync)) {
    work();
}

impl Default for Effort {
    fn default() -> Self {
        Effort {
            workers: 1,
            spread: alone,
        }
    }
}

/// Links the records of two lists.
///
/// Only pairs of the bands auto and clerical are returned. Cost: about a microsecond for each candidate
/// pair; memory about 100 bytes for each record and 24 for each pair above the review threshold.
///
/// # Errors
/// [`LinkError`] when the tables lack what the model needs.
pub fn link(
    left: &Table,
    right: &Table,
    model: &Model,
    effort: Effort,
) -> Result<Linked, LinkError> {
    Ok(Session::new(left, Some(right), model, effort)?.link())
}

/// The decision with the threshold that the budget of wrong links allows, where the model sets one.
fn within_budget(decision: &Decision, weights: impl FnOnce() -> Vec<i32>) -> Decision {
    let Some(links_max) = decision.false_links_max else {
        return *decision;
    };
    let auto = weight_within(&weights(), links_max, decision.review_milli_bits);
    Decision {
        auto_milli_bits: auto,
        cluster_milli_bits: auto,
        ..*decision
    }
}

/// Finds the duplicates inside one list.
///
/// Records of one cluster are linked pair by pair (band auto, also pairs that only a third record joins);
/// pairs above the review threshold that clustering kept apart are clerical.
///
/// # Errors
/// [`LinkError`] when the table lacks what the model needs.
pub fn dedupe(input: &Table, model: &Model, effort: Effort) -> Result<Linked, LinkError> {
    let session = Session::new(input, None, model, effort)?;
    let scored = session.score_all();
    let mut comparer = Comparer::new(&session.prepared, model);
    let mut weigh = |a: u32, b: u32| {
        let (left, right) = (
            session.prepared.left.at(a.min(b)),
            session.prepared.left.at(a.max(b)),
        );
        let levels = comparer.compare(left, right);
        Scored {
            left: a.min(b),
            right: a.max(b),
            weight: session.weights.weigh(levels, left, right),
            levels,
        }
    };
    let decision = &within_budget(&model.decision, || {
        scored.pairs.iter().map(|pair| pair.weight).collect()
    });
    let len = session.prepared.left.len();
    let groups = clusters(
        &scored.pairs,
        len,
        decision.review_milli_bits,
        decision.cluster_milli_bits,
        |a, b| weigh(a, b).weight,
    );
    let mut cluster_of = vec![u32::MAX; len];
    for (number, group) in groups.iter().enumerate() {
        group.iter().for_each(|&position| {
            cluster_of[position as usize] = u32::try_from(number).unwrap_or(u32::MAX)
        });
    }
    let mut pairs: Vec<(Scored, Band)> = Vec::new();
    let mut joined_through_others = 0;
    for group in &groups {
        for (place, &a) in group.iter().enumerate() {
            for &b in &group[place + 1..] {
                let pair = weigh(a, b);
                joined_through_others += u64::from(pair.weight < decision.review_milli_bits);
                pairs.push((pair, Band::Auto));
            }
        }
    }
    let apart = |pair: &&Scored| {
        let cluster = cluster_of[pair.left as usize];
        pair.weight >= decision.review_milli_bits
            && (cluster == u32::MAX || cluster != cluster_of[pair.right as usize])
    };
    pairs.extend(
        scored
            .pairs
            .iter()
            .filter(apart)
            .map(|pair| (*pair, Band::Clerical)),
    );
    let auto = pairs.iter().filter(|(_, band)| *band == Band::Auto);
    let outcome = Outcome {
        compared: scored.compared,
        joined_through_others,
        auto_milli_bits: decision.cluster_milli_bits,
        expected_wrong_milli: expected_wrong_milli(auto.map(|(pair, _)| pair.weight)),
    };
    pairs.sort_unstable_by_key(|(pair, _)| (pair.left, pair.right));
    let links = pairs
        .iter()
        .map(|(pair, band)| session.link_of(pair, *band))
        .collect();
    let members = |group: &Vec<u32>| group.iter().map(|&at| (Side::Left, at)).collect();
    let numbered: Vec<(u32, Vec<(Side, u32)>)> = (0..).zip(groups.iter().map(members)).collect();
    let order = &session.prepared.left.order;
    let clusters = groups
        .iter()
        .map(|group| {
            group
                .iter()
                .map(|&position| order[position as usize])
                .collect()
        })
        .collect();
    Ok(Linked {
        links,
        clusters,
        contradictions: contradictions(&session.prepared, model, &numbered),
        report: session.report(outcome),
    })
}

fn band(choice: &Chosen, decision: &Decision) -> Band {
    if choice.pair.weight < decision.review_milli_bits {
        Band::No
    } else if choice.pair.weight < decision.auto_milli_bits
        || choice.margin < decision.margin_milli_bits
    {
        Band::Clerical
    } else {
        Band::Auto
    }
}

/// Pairs worth keeping and how many were compared.
struct ScoredPairs {
    pairs: Vec<Scored>,
    compared: u64,
}

/// Two prepared lists with their weights: scores any pair. Also what explanations are made from.
pub struct Session<'a> {
    pub(crate) model: &'a Model,
    pub(crate) prepared: Prepared,
    pub(crate) weights: Weights,
    blocks: Blocks,
    trained: Trained,
    effort: Effort,
}

/// Pairs this far below the review threshold are kept for margins, milli-bits.
const KEEP_BELOW_MILLI_BITS: i32 = 4_000;
/// Right records scored by one task.
const CHUNK: usize = 4096;

impl<'a> Session<'a> {
    /// Links the two lists of the session; as [`link`], for who asks the session more than that.
    #[must_use]
    pub fn link(&self) -> Linked {
        let scored = self.score_all();
        let right_len = self.prepared.right().len();
        let chosen = match self.model.decision.assignment {
            Assignment::All => all(scored.pairs),
            Assignment::BestPerRight => best_per_right(scored.pairs),
            Assignment::OneToOne => one_to_one(scored.pairs, self.prepared.left.len(), right_len),
        };
        let decision = within_budget(&self.model.decision, || {
            let sure = |choice: &&Chosen| choice.margin >= self.model.decision.margin_milli_bits;
            chosen.iter().filter(sure).map(|c| c.pair.weight).collect()
        });
        let mut chosen: Vec<(Chosen, Band)> = chosen
            .into_iter()
            .map(|choice| (choice, band(&choice, &decision)))
            .collect();
        chosen.retain(|(_, band)| *band != Band::No);
        chosen.sort_unstable_by_key(|(choice, _)| (choice.pair.left, choice.pair.right));
        let links = chosen
            .iter()
            .map(|(choice, band)| self.link_of(&choice.pair, *band))
            .collect();
        let auto = chosen.iter().filter(|(_, band)| *band == Band::Auto);
        let outcome = Outcome {
            compared: scored.compared,
            auto_milli_bits: decision.auto_milli_bits,
            expected_wrong_milli: expected_wrong_milli(auto.clone().map(|(c, _)| c.pair.weight)),
            joined_through_others: 0,
        };
        let mut groups: Vec<(u32, Vec<(Side, u32)>)> = Vec::new();
        for (choice, _) in auto {
            let (left, right) = (choice.pair.left, (Side::Right, choice.pair.right));
            match groups.last_mut().filter(|group| group.1[0].1 == left) {
                Some(group) => group.1.push(right),
                None => {
                    let row = self.prepared.left.order[left as usize];
                    groups.push((row, vec![(Side::Left, left), right]));
                }
            }
        }
        Linked {
            links,
            clusters: Vec::new(),
            contradictions: contradictions(&self.prepared, self.model, &groups),
            report: self.report(outcome),
        }
    }

    /// Prepares and trains; `right` is `None` for de-duplication.
    ///
    /// # Errors
    /// [`LinkError`] when the tables lack what the model needs.
    pub fn new(
        left: &Table,
        right: Option<&Table>,
        model: &'a Model,
        effort: Effort,
    ) -> Result<Session<'a>, LinkError> {
        id_column(left, "left", model)?;
        let prepared = Prepared::new(left, right, model)?;
        let blocks = Blocks::new(&prepared, &model.rules, model.decision.block_pairs_max);
        let trained = if model.training.estimate {
            let (candidates, sampled) = candidate_histogram(&prepared, &blocks, model);
            train(
                &prepared,
                model,
                &candidates,
                sampled,
                &random_histogram(&prepared, model),
            )
        } else {
            frozen(model)
        };
        let weights = Weights::new(&prepared, model, &trained);
        Ok(Session {
            model,
            prepared,
            weights,
            blocks,
            trained,
            effort,
        })
    }

    /// The parameters in use.
    #[must_use]
    pub fn trained(&self) -> &Trained {
        &self.trained
    }

    /// Compares two rows, whether or not a blocking rule pairs them; the band follows the weight alone.
    ///
    /// `None` when a row does not exist. Cost: one pass over the order of rows.
    #[must_use]
    pub fn pair(&self, left_row: u32, right_row: u32) -> Option<Link> {
        let left = self
            .prepared
            .left
            .order
            .iter()
            .position(|&row| row == left_row)?;
        let right = self
            .prepared
            .right()
            .order
            .iter()
            .position(|&row| row == right_row)?;
        let (left, right) = (u32::try_from(left).ok()?, u32::try_from(right).ok()?);
        let records = (self.prepared.left.at(left), self.prepared.right().at(right));
        let levels = Comparer::new(&self.prepared, self.model).compare(records.0, records.1);
        let weight = self.weights.weigh(levels, records.0, records.1);
        let scored = Scored {
            left,
            right,
            weight,
            levels,
        };
        let band = band(
            &Chosen {
                pair: scored,
                margin: i32::MAX,
            },
            &self.model.decision,
        );
        Some(self.link_of(&scored, band))
    }

    /// Scores every candidate pair, by as many workers as allowed.
    fn score_all(&self) -> ScoredPairs {
        let right_len = self.prepared.right().len();
        let next = std::sync::atomic::AtomicUsize::new(0);
        let parts = std::sync::Mutex::new(Vec::new());
        let work = || {
            let mut comparer = Comparer::new(&self.prepared, self.model);
            let mut scored = ScoredPairs {
                pairs: Vec::new(),
                compared: 0,
            };
            loop {
                let start = next.fetch_add(CHUNK, std::sync::atomic::Ordering::Relaxed);
                if start >= right_len {
                    break;
                }
                for right in start..(start + CHUNK).min(right_len) {
                    self.score_right(&mut comparer, right as u32, &mut scored);
                }
            }
            parts
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .push(scored);
        };
        (self.effort.spread)(self.effort.workers.max(1), &work);
        let parts: Vec<ScoredPairs> = parts
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let compared = parts.iter().map(|part| part.compared).sum();
        let mut pairs = Vec::with_capacity(parts.iter().map(|part| part.pairs.len()).sum());
        parts.into_iter().for_each(|part| pairs.extend(part.pairs));
        // Which worker found a pair must not show: the order of pairs is a function of the pairs.
        pairs.sort_unstable_by_key(|pair| (pair.left, pair.right));
        ScoredPairs { pairs, compared }
    }

    fn score_right(&self, comparer: &mut Comparer, right_position: u32, scored: &mut ScoredPairs) {
        let keep = self.model.decision.review_milli_bits
            - KEEP_BELOW_MILLI_BITS.max(self.model.decision.margin_milli_bits);
        let dedupe = self.prepared.is_dedupe();
        self.blocks
            .for_each_left(&self.prepared, right_position, |left_position| {
                let (a, b) = if dedupe {
                    (
                        left_position.min(right_position),
                        left_position.max(right_position),
                    )
                } else {
                    (left_position, right_position)
                };
                let (left, right) = (self.prepared.left.at(a), self.prepared.right().at(b));
                scored.compared += 1;
                let found = comparer.compare_from(left, right, &self.weights, keep);
                if let Some((levels, weight)) = found {
                    scored.pairs.push(Scored {
                        left: a,
                        right: b,
                        weight,
                        levels,
                    });
                }
            });
    }

    fn link_of(&self, pair: &Scored, band: Band) -> Link {
        Link {
            left: self.prepared.left.order[pair.left as usize],
            right: self.prepared.right().order[pair.right as usize],
            weight_milli_bits: pair.weight,
            probability_ppm: probability_ppm(pair.weight),
            band,
            levels: pair.levels,
        }
    }

    fn report(&self, outcome: Outcome) -> Report {
        let missing_on = |side: &str, present: &[bool]| -> Vec<String> {
            let absent = present
                .iter()
                .zip(&self.model.features)
                .filter(|(present, _)| !**present);
            absent
                .map(|(_, feature)| format!("{side}: {}", feature.name))
                .collect()
        };
        let mut missing = missing_on("left", &self.prepared.left.present);
        if let Some(right) = &self.prepared.right {
            missing.extend(missing_on("right", &right.present));
        }
        let mut unreadable = self.prepared.left.unreadable.clone();
        if let Some(right) = &self.prepared.right {
            unreadable.extend(right.unreadable.iter().cloned());
        }
        Report {
            pairs_compared: outcome.compared,
            oversized: self.blocks.oversized.clone(),
            missing,
            trained: self.trained.clone(),
            prior_milli_bits: self.weights.prior,
            joined_through_others: outcome.joined_through_others,
            auto_milli_bits: outcome.auto_milli_bits,
            expected_wrong_milli: outcome.expected_wrong_milli,
            unreadable,
        }
    }
}

/// Level vectors of the candidate pairs of a sample of right records, and the sample's share.
///
/// The sample is drawn by the hash of the id, so row order does not show.
fn candidate_histogram(prepared: &Prepared, blocks: &Blocks, model: &Model) -> (Histogram, f64) {
    let right = prepared.right();
    let every = right.len().div_ceil(model.training.right_records).max(1) as u64;
    let sample: Vec<u32> = (0..right.len())
        .filter(|&position| mix(right.id_hash[position]).is_multiple_of(every))
        .map(|position| position as u32)
        .collect();
    let mut comparer = Comparer::new(prepared, model);
    let mut counts: HashMap<(u32, Levels), u64> = HashMap::new();
    for &position in &sample {
        let right_record = right.at(position);
        blocks.for_each_left(prepared, position, |left_position| {
            let left_record = prepared.left.at(left_position);
            let levels = comparer.compare(left_record, right_record);
            *counts
                .entry((blocks.rules_of(left_record, right_record), levels))
                .or_insert(0) += 1;
        });
    }
    (
        sorted(counts),
        sample.len() as f64 / right.len().max(1) as f64,
    )
}

/// Level vectors of random pairs, drawn by a fixed scrambling of the pair's number.
fn random_histogram(prepared: &Prepared, model: &Model) -> Histogram {
    let (left_len, right_len) = (prepared.left.len() as u64, prepared.right().len() as u64);
    let mut comparer = Comparer::new(prepared, model);
    let mut counts: HashMap<(u32, Levels), u64> = HashMap::new();
    if left_len == 0 || right_len == 0 {
        return Vec::new();
    }
    for number in 0..model.training.random_pairs as u64 {
        let (left, right) = (mix(2 * number) % left_len, mix(2 * number + 1) % right_len);
        if prepared.is_dedupe() && left == right {
            continue;
        }
        let levels = comparer.compare(
            prepared.left.at(left as u32),
            prepared.right().at(right as u32),
        );
        *counts.entry((0, levels)).or_insert(0) += 1;
    }
    sorted(counts)
}

/// Fixed order: sums over the histogram must not depend on the order of a hash table.
fn sorted(counts: HashMap<(u32, Levels), u64>) -> Histogram {
    let mut histogram: Histogram = counts.into_iter().collect();
    histogram.sort_unstable();
    histogram
}
