//! Blocking: which pairs are looked at. The union of the rules, every pair once, at its first rule.

use crate::dictionary::mix;
use crate::model::{RULES_MAX, Rule};
use crate::prepare::{Prepared, Records};

/// A block whose number of pairs passed the model's limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OversizedBlock {
    /// Name of the rule.
    pub rule: String,
    /// Records of the left list in the block.
    pub left: u32,
    /// Records of the right list in the block.
    pub right: u32,
    /// True when the block was refined by further features, false when its pairs were left out.
    pub refined: bool,
}

/// The left records of one rule, by key.
struct RuleIndex {
    on: Vec<(usize, usize)>,
    refine: Vec<usize>,
    /// Key in the upper half, position in the lower; sorted.
    entries: Vec<u64>,
    /// First entry whose key has these upper bits.
    starts: Vec<u32>,
    shift: u32,
    /// Keys of blocks that are refined, sorted.
    oversized: Vec<u32>,
    /// Refined keys still too large, or keys that cannot be refined, sorted: their pairs are left out.
    dropped: Vec<u32>,
}

/// Where a right record looks for its pairs under one rule.
#[derive(Clone, Copy)]
struct Probe {
    key: u32,
    is_refined: bool,
}

/// All rules over one pair of lists.
pub(crate) struct Blocks {
    rules: Vec<RuleIndex>,
    pub oversized: Vec<OversizedBlock>,
    dedupe: bool,
}

/// 32-bit key of the codes; `None` when one is missing. Collisions are sorted out by [`RuleIndex::covers`].
fn key_of(codes: impl Iterator<Item = u32>) -> Option<u32> {
    let mut state = 0u64;
    for code in codes {
        if code == 0 {
            return None;
        }
        state = mix(state ^ u64::from(code));
    }
    Some((state >> 32) as u32)
}

impl RuleIndex {
    fn left_key(&self, record: &[u32]) -> Option<u32> {
        key_of(self.on.iter().map(|&(left, _)| record[left]))
    }

    fn right_key(&self, record: &[u32]) -> Option<u32> {
        key_of(self.on.iter().map(|&(_, right)| record[right]))
    }

    fn refined_key(&self, key: u32, record: &[u32]) -> Option<u32> {
        key_of(std::iter::once(key | 1).chain(self.refine.iter().map(|&feature| record[feature])))
    }

    /// The key under which a record of the right side finds its pairs, `None` when it has none here.
    fn probe(&self, record: &[u32]) -> Option<Probe> {
        let mut key = self.right_key(record)?;
        let is_refined = self.oversized.binary_search(&key).is_ok();
        if is_refined {
            key = self.refined_key(key, record)?;
        }
        self.dropped
            .binary_search(&key)
            .is_err()
            .then_some(Probe { key, is_refined })
    }

    /// True when this rule produces the pair.
    #[inline]
    fn covers(&self, left: &[u32], right: &[u32]) -> bool {
        self.agrees(left, right)
            && (self.oversized.is_empty() && self.dropped.is_empty()
                || self
                    .probe(right)
                    .is_some_and(|probe| !probe.is_refined || self.refines(left, right)))
    }

    /// The same when the right record's probe is known: one for many left records.
    #[inline]
    fn covers_probed(&self, left: &[u32], right: &[u32], probe: Option<Probe>) -> bool {
        probe.is_some_and(|probe| {
            self.agrees(left, right) && (!probe.is_refined || self.refines(left, right))
        })
    }

    #[inline]
    fn agrees(&self, left: &[u32], right: &[u32]) -> bool {
        self.on
            .iter()
            .all(|&(l, r)| left[l] != 0 && left[l] == right[r])
    }

    #[inline]
    fn refines(&self, left: &[u32], right: &[u32]) -> bool {
        self.refine
            .iter()
            .all(|&f| left[f] != 0 && left[f] == right[f])
    }

    fn set_entries(&mut self, mut entries: Vec<u64>) {
        entries.sort_unstable();
        let bits = entries
            .len()
            .next_power_of_two()
            .trailing_zeros()
            .clamp(1, 24);
        self.shift = 64 - bits;
        let mut starts = vec![0u32; (1 << bits) + 1];
        for &entry in &entries {
            starts[(entry >> self.shift) as usize + 1] += 1;
        }
        for bucket in 1..starts.len() {
            starts[bucket] += starts[bucket - 1];
        }
        self.starts = starts;
        self.entries = entries;
    }

    /// Entries with this key.
    fn block(&self, key: u32) -> &[u64] {
        let (start, end) = self.bucket(key);
        self.block_in(key, start, end)
    }

    /// Range of entries whose keys begin like this one.
    #[inline]
    fn bucket(&self, key: u32) -> (u32, u32) {
        let bucket = ((u64::from(key) << 32) >> self.shift) as usize;
        (self.starts[bucket], self.starts[bucket + 1])
    }

    /// Entries with this key inside its bucket.
    #[inline]
    fn block_in(&self, key: u32, start: u32, end: u32) -> &[u64] {
        let wanted = u64::from(key) << 32;
        let bucket = &self.entries[start as usize..end as usize];
        let start = bucket.partition_point(|&entry| entry < wanted);
        let length = bucket[start..]
            .iter()
            .take_while(|&&entry| entry >> 32 == u64::from(key))
            .count();
        &bucket[start..start + length]
    }

    /// Blocks with more pairs than allowed: key, left records, right records; by key.
    ///
    /// Buckets of keys are counted first: only the few that could hold such a block are looked into.
    fn too_large(&self, right: &Records, pairs_max: u64) -> Vec<(u32, u32, u32)> {
        let keys = || {
            let records = right.codes.chunks_exact(right.stride.max(1));
            records.filter_map(|record| self.probe(record).map(|probe| probe.key))
        };
        let bucket_of = |key: u32| ((u64::from(key) << 32) >> self.shift) as usize;
        let mut in_bucket = vec![0u32; self.starts.len()];
        keys().for_each(|key| in_bucket[bucket_of(key)] += 1);
        let is_full: Vec<bool> = in_bucket
            .iter()
            .zip(self.starts.windows(2))
            .map(|(&right, left)| u64::from(left[1] - left[0]) * u64::from(right) > pairs_max)
            .collect();
        let mut full: Vec<u32> = keys()
            .filter(|&key| is_full.get(bucket_of(key)).is_some_and(|full| *full))
            .collect();
        full.sort_unstable();
        full.chunk_by(|a, b| a == b)
            .filter_map(|same| {
                let left = u32::try_from(self.block(same[0]).len()).unwrap_or(u32::MAX);
                let right = u32::try_from(same.len()).unwrap_or(u32::MAX);
                (u64::from(left) * u64::from(right) > pairs_max).then_some((same[0], left, right))
            })
            .collect()
    }
}

impl Blocks {
    /// Indexes the left records under every rule and refines blocks above `pairs_max` pairs.
    pub fn new(prepared: &Prepared, rules: &[Rule], pairs_max: u64) -> Blocks {
        let mut oversized = Vec::new();
        let rules = rules
            .iter()
            .map(|rule| index_rule(prepared, rule, pairs_max, &mut oversized))
            .collect();
        Blocks {
            rules,
            oversized,
            dedupe: prepared.is_dedupe(),
        }
    }

    /// Calls `visit(left position)` once for every left record that some rule pairs with this right record.
    pub fn for_each_left(
        &self,
        prepared: &Prepared,
        right_position: u32,
        mut visit: impl FnMut(u32),
    ) {
        let right = prepared.right().at(right_position);
        // Two rounds over the rules, so that the cache misses of one round overlap.
        let mut probes: [Option<Probe>; RULES_MAX] = [None; RULES_MAX];
        let mut buckets = [(0u32, 0u32); RULES_MAX];
        for ((rule, probe), bucket) in self.rules.iter().zip(&mut probes).zip(&mut buckets) {
            *probe = rule.probe(right);
            if let Some(probe) = probe {
                *bucket = rule.bucket(probe.key);
            }
        }
        let mut blocks: [&[u64]; RULES_MAX] = [&[]; RULES_MAX];
        for (place, rule) in self.rules.iter().enumerate() {
            let (start, end) = buckets[place];
            if let Some(probe) = probes[place].filter(|_| start < end) {
                blocks[place] = rule.block_in(probe.key, start, end);
            }
        }
        let is_earlier = |place: usize, left: &[u32]| {
            let earlier = self.rules[..place].iter().zip(&probes);
            earlier.into_iter().any(|(rule, probe)| {
                rule.covers_probed(left, right, *probe) || self.dedupe && rule.covers(right, left)
            })
        };
        for (place, rule) in self.rules.iter().enumerate() {
            for &entry in blocks[place] {
                let left_position = entry as u32;
                if self.dedupe && left_position == right_position {
                    continue;
                }
                let left = prepared.left.at(left_position);
                if !rule.covers_probed(left, right, probes[place]) || is_earlier(place, left) {
                    continue;
                }
                if self.dedupe && left_position > right_position && rule.covers(right, left) {
                    continue; // the other orientation of the same pair is visited instead
                }
                visit(left_position);
            }
        }
    }

    /// True when a rule produces this pair in either orientation.
    #[inline]
    fn pairs_up(&self, rule: &RuleIndex, left: &[u32], right: &[u32]) -> bool {
        rule.covers(left, right) || self.dedupe && rule.covers(right, left)
    }

    /// One bit for each rule that produces the pair.
    pub fn rules_of(&self, left: &[u32], right: &[u32]) -> u32 {
        self.rules
            .iter()
            .enumerate()
            .fold(0, |bits, (place, rule)| {
                bits | u32::from(self.pairs_up(rule, left, right)) << place
            })
    }
}

fn index_rule(
    prepared: &Prepared,
    rule: &Rule,
    pairs_max: u64,
    report: &mut Vec<OversizedBlock>,
) -> RuleIndex {
    let left = &prepared.left;
    let mut index = RuleIndex {
        on: rule.on.clone(),
        refine: rule.refine.clone(),
        entries: Vec::new(),
        starts: Vec::new(),
        shift: 0,
        oversized: Vec::new(),
        dropped: Vec::new(),
    };
    let entry = |key: u32, position: usize| u64::from(key) << 32 | position as u64;
    let records = || left.codes.chunks_exact(left.stride.max(1)).enumerate();
    index.set_entries(
        records()
            .filter_map(|(position, record)| Some(entry(index.left_key(record)?, position)))
            .collect(),
    );
    let large = index.too_large(prepared.right(), pairs_max);
    if large.is_empty() {
        return index;
    }
    let keys: Vec<u32> = large.iter().map(|block| block.0).collect();
    let can_refine = !index.refine.is_empty();
    report.extend(large.iter().map(|block| OversizedBlock {
        rule: rule.name.clone(),
        left: block.1,
        right: block.2,
        refined: can_refine,
    }));
    if !can_refine {
        index.dropped = keys;
        return index;
    }
    index.oversized = keys;
    let refined = |record: &[u32]| {
        let key = index.left_key(record)?;
        if index.oversized.binary_search(&key).is_err() {
            Some(key)
        } else {
            index.refined_key(key, record)
        }
    };
    let entries = records()
        .filter_map(|(position, record)| Some(entry(refined(record)?, position)))
        .collect();
    index.set_entries(entries);
    let still_large = index.too_large(prepared.right(), pairs_max);
    report.extend(still_large.iter().map(|block| OversizedBlock {
        rule: rule.name.clone(),
        left: block.1,
        right: block.2,
        refined: false,
    }));
    index.dropped = still_large.iter().map(|block| block.0).collect();
    index
}

#[cfg(test)]
mod tests;
