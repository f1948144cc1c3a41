//! Chance as a function: each thing draws from its own stream, so threads and order never matter.

/// What a stream is for. Two lanes of one index never share numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u64)]
pub(crate) enum Lane {
    Settlement = 1,
    Street,
    House,
    Family,
    Member,
    Residence,
    Document,
    Event,
    Enrolment,
    Plant,
    Commission,
    CommissionText,
    Claim,
    Day,
    Finger,
    Portrait,
    Precinct,
    Choice,
}

/// A stream of numbers drawn from (seed, lane, index). SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

/// The finaliser of SplitMix64: every input bit moves every output bit.
pub(crate) fn mix(value: u64) -> u64 {
    let a = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let b = (a ^ (a >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    b ^ (b >> 31)
}

impl Dice {
    pub(crate) fn new(seed: u64, lane: Lane, index: u64) -> Self {
        let lane_seed = mix(seed ^ (lane as u64).wrapping_mul(0xD1B5_4A32_D192_ED03));
        Self(mix(lane_seed ^ index.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number below `limit`; 0 when `limit` is 0.
    pub(crate) fn below(&mut self, limit: u32) -> u32 {
        ((u128::from(self.next()) * u128::from(limit)) >> 64) as u32
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i32, high: i32) -> i32 {
        if high <= low {
            return low;
        }
        low + self.below((high - low + 1) as u32) as i32
    }

    /// From 0 to 1, 1 excluded.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub(crate) fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// One of a slice. The slice must not be empty.
    pub(crate) fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u32) as usize]
    }

    /// An index by cumulative weights (the last is the sum).
    pub(crate) fn weighted(&mut self, cumulative: &[u32]) -> usize {
        let total = cumulative.last().copied().unwrap_or(0);
        let lot = self.below(total);
        cumulative.partition_point(|&c| c <= lot)
    }

    /// An index by plain weights.
    pub(crate) fn by_share(&mut self, shares: &[f64]) -> usize {
        let mut lot = self.unit() * shares.iter().sum::<f64>();
        for (index, share) in shares.iter().enumerate() {
            if lot < *share {
                return index;
            }
            lot -= share;
        }
        shares.len().saturating_sub(1)
    }
}

/// Chooses `count` of `from` by chance, keeping their order. Independent of how `from` was made.
pub(crate) fn choose(seed: u64, salt: u64, from: &[u32], count: usize) -> Vec<u32> {
    if count >= from.len() {
        return from.to_vec();
    }
    let lot = |item: u32| Dice::new(seed, Lane::Choice, salt << 40 | u64::from(item)).0;
    let mut keyed: Vec<(u64, u32)> = from.iter().map(|&item| (lot(item), item)).collect();
    keyed.select_nth_unstable(count);
    let mut chosen: Vec<u32> = keyed[..count].iter().map(|&(_, item)| item).collect();
    chosen.sort_unstable();
    chosen
}

/// Splits `total` by weights so that the parts sum to it (largest remainder, earlier first).
pub(crate) fn apportion(total: usize, weights: &[f64], least: usize) -> Vec<usize> {
    let sum: f64 = weights.iter().sum();
    let held = least * weights.len();
    if weights.is_empty() || sum <= 0.0 || total < held {
        let mut parts = vec![0; weights.len()];
        for part in parts.iter_mut().take(total) {
            *part = 1;
        }
        return parts;
    }
    let exact: Vec<f64> = weights.iter().map(|w| w / sum * total as f64).collect();
    let mut parts: Vec<usize> = exact
        .iter()
        .map(|e| (e.floor() as usize).max(least))
        .collect();
    while parts.iter().sum::<usize>() != total {
        let over = parts.iter().sum::<usize>() > total;
        let gap = |i: usize| exact[i] - parts[i] as f64;
        let ranked = (0..parts.len()).filter(|&i| !over || parts[i] > least);
        let best = ranked.max_by(|&a, &b| {
            let (x, y) = if over {
                (-gap(a), -gap(b))
            } else {
                (gap(a), gap(b))
            };
            x.total_cmp(&y).then(b.cmp(&a))
        });
        match best {
            Some(i) if over => parts[i] -= 1,
            Some(i) => parts[i] += 1,
            None => break,
        }
    }
    parts
}
