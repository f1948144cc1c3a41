//! Error rates from genuine and impostor scores.

/// The scores of one set of prints. Higher means more alike.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    /// Two impressions of one finger, with the number of the finger.
    pub genuine: Vec<(usize, f32)>,
    /// Two fingers.
    pub impostor: Vec<f32>,
}

/// The usual figures of a set, as shares (0 to 1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// Where the false match rate equals the false non-match rate.
    pub eer: f64,
    /// False non-match rate at a false match rate of 1 %.
    pub fmr100: f64,
    /// False non-match rate at a false match rate of 1 in 1,000.
    pub fmr1000: f64,
}

/// Computes the rates. Both lists must hold at least one score.
pub fn rates(scores: &Scores) -> Rates {
    let genuine = sorted(scores.genuine.iter().map(|g| g.1));
    let impostor = sorted(scores.impostor.iter().copied());
    Rates {
        eer: eer(&genuine, &impostor),
        fmr100: fnmr_at(&genuine, &impostor, 0.01),
        fmr1000: fnmr_at(&genuine, &impostor, 0.001),
    }
}

/// The 95 % interval of FNMR at FMR 1 in 1,000 when fingers are drawn again with replacement
/// (bootstrap by finger, `rounds` times; deterministic).
pub fn fmr1000_interval(scores: &Scores, rounds: usize) -> (f64, f64) {
    let impostor = sorted(scores.impostor.iter().copied());
    let threshold = threshold_at(&impostor, 0.001);
    let fingers = scores.genuine.iter().map(|g| g.0 + 1).max().unwrap_or(0);
    let mut counts = vec![(0_u32, 0_u32); fingers];
    for &(finger, score) in &scores.genuine {
        counts[finger].0 += u32::from(score < threshold);
        counts[finger].1 += 1;
    }
    // SplitMix64: enough to draw fingers, and the same on every machine.
    let mut state = 1_u64;
    let mut draw = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % fingers.max(1) as u64) as usize
    };
    let mut shares: Vec<f64> = (0..rounds)
        .map(|_| {
            let (missed, all) = (0..fingers)
                .map(|_| counts[draw()])
                .fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
            f64::from(missed) / f64::from(all.max(1))
        })
        .collect();
    shares.sort_by(f64::total_cmp);
    let at = |share: f64| {
        shares
            .get((share * rounds as f64) as usize)
            .copied()
            .unwrap_or(0.0)
    };
    (at(0.025), at(0.975))
}

/// The score below which a share of the sorted scores lies.
pub fn quantile(sorted: &[f32], share: f64) -> f32 {
    let last = sorted.len().saturating_sub(1);
    sorted
        .get((share * last as f64).round() as usize)
        .copied()
        .unwrap_or(f32::NAN)
}

/// Scores in rising order.
pub fn sorted(scores: impl Iterator<Item = f32>) -> Vec<f32> {
    let mut scores: Vec<f32> = scores.collect();
    scores.sort_by(f32::total_cmp);
    scores
}

/// The lowest score that at most a share of the impostors reaches.
fn threshold_at(impostor: &[f32], fmr: f64) -> f32 {
    let allowed = (fmr * impostor.len() as f64).floor() as usize;
    match impostor.len().checked_sub(allowed + 1) {
        // Just above the first impostor that may not pass.
        Some(index) => impostor[index].next_up(),
        None => f32::MIN,
    }
}

fn fnmr_at(genuine: &[f32], impostor: &[f32], fmr: f64) -> f64 {
    let threshold = threshold_at(impostor, fmr);
    genuine.partition_point(|&score| score < threshold) as f64 / genuine.len() as f64
}

fn eer(genuine: &[f32], impostor: &[f32]) -> f64 {
    let mut thresholds: Vec<f32> = genuine.iter().chain(impostor).copied().collect();
    thresholds.sort_by(f32::total_cmp);
    thresholds.dedup();
    thresholds.push(f32::MAX);
    // The rule of the FVC competitions: the last threshold before the curves cross, or the first after, whichever errs less.
    let (mut before, mut after) = ((0.0, 1.0), None);
    for threshold in thresholds {
        let missed = genuine.partition_point(|&s| s < threshold) as f64 / genuine.len() as f64;
        let below = impostor.partition_point(|&s| s < threshold) as f64;
        let passed = 1.0 - below / impostor.len() as f64;
        if missed <= passed {
            before = (missed, passed);
        }
        if missed >= passed && after.is_none() {
            after = Some((missed, passed));
        }
    }
    let after = after.unwrap_or((1.0, 0.0));
    let chosen = if before.0 + before.1 <= after.0 + after.1 {
        before
    } else {
        after
    };
    0.5 * (chosen.0 + chosen.1)
}

#[cfg(test)]
mod tests;
