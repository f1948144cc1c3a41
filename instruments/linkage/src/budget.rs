//! From a budget of wrong links to the weight from which a pair is linked without review.

use crate::fixed::doubt_pico;

/// Sum of doubts of one link.
const ONE_LINK_PICO: u64 = 1_000_000_000_000;

/// The smallest weight so that the links of at least that weight are expected to hold no more than `links_max` wrong
/// ones, if every pair is as likely mated as its weight says; never below `least`. Milli-bits.
///
/// Links of one weight stand or fall together, so the order of pairs does not matter.
pub(crate) fn weight_within(weights: &[i32], links_max: u32, least: i32) -> i32 {
    let mut sorted: Vec<i32> = weights.to_vec();
    sorted.sort_unstable_by_key(|&weight| std::cmp::Reverse(weight));
    let budget = u64::from(links_max).saturating_mul(ONE_LINK_PICO);
    let mut spent = 0u64;
    // With nothing inside the budget, only what is heavier than everything seen would be linked.
    let mut reached = sorted
        .first()
        .map_or(least, |&weight| weight.saturating_add(1));
    for same in sorted.chunk_by(|a, b| a == b) {
        spent = spent.saturating_add(doubt_pico(same[0]).saturating_mul(same.len() as u64));
        if same[0] < least {
            break;
        }
        if spent > budget {
            return reached.max(least);
        }
        reached = same[0];
    }
    least
}

/// Wrong links to be expected among links of these weights, in thousandths of a link.
pub(crate) fn expected_wrong_milli(weights: impl Iterator<Item = i32>) -> u64 {
    let sum = weights.fold(0u64, |sum, weight| sum.saturating_add(doubt_pico(weight)));
    (sum + ONE_LINK_PICO / 2000) / (ONE_LINK_PICO / 1000)
}

#[cfg(test)]
mod tests {
    //! Against sums that are easy by hand: weight 1000 is odds 2 to 1, doubt one third; 0 is one half.

    use super::{expected_wrong_milli, weight_within};

    #[test]
    fn the_budget_decides_where_links_end() {
        // Doubts: ~0, ~0, 1/3, 1/3, 1/2.
        let weights = [0, 1000, 40_000, 1000, 30_000];
        assert_eq!(weight_within(&weights, 1, -5_000), 1000);
        assert_eq!(weight_within(&weights, 2, -5_000), -5_000);
        // Both pairs of one weight together would pass the budget of none: neither is linked.
        assert_eq!(weight_within(&[1000, 40_000, 1000], 0, -5_000), 40_001);
        assert_eq!(weight_within(&weights, 9, 20_000), 20_000);
        assert_eq!(weight_within(&[], 1, 7), 7);
    }

    #[test]
    fn expected_wrong_links_add_up() {
        assert_eq!(expected_wrong_milli([0, 0, 1000].into_iter()), 1333);
        assert_eq!(expected_wrong_milli([40_000; 3].into_iter()), 0);
    }
}
