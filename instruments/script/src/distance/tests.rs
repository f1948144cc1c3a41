//! Known values, and the fast ways against the plain ones.

use super::{common_letters_64, common_letters_any, jaro_winkler, osa, osa_within};
use crate::letters;

fn close(a: &str, b: &str, expected: f64) {
    let got = jaro_winkler(a.as_bytes(), b.as_bytes());
    assert!((got - expected).abs() < 0.0005, "{a} {b}: {got}");
}

/// Winkler's own table of examples (1990 and 2006 papers).
#[test]
fn jaro_winkler_has_the_published_values() {
    close("martha", "marhta", 0.9611);
    close("dwayne", "duane", 0.84);
    close("dixon", "dicksonx", 0.8133);
    close("", "", 1.0);
    close("a", "", 0.0);
    close("abc", "xyz", 0.0);
}

#[test]
fn distances_count_letters_not_bytes() {
    assert_eq!(osa(&letters("асанов"), &letters("осанов")), 1);
    assert_eq!(osa(&letters("асанов"), &letters("саанов")), 1);
    assert_eq!(osa(&letters("ca"), &letters("abc")), 3);
    assert_eq!(osa(b"", b"abc"), 3);
    let far = jaro_winkler(&letters("асан"), &letters("үмүт"));
    assert!(far < 0.1, "no letter in common: {far}");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(2000))]
    #[test]
    fn jaro_winkler_is_symmetric_and_bit_parallel_equals_plain(a in "[a-d]{1,12}", b in "[a-d]{1,14}") {
        let (x, y) = (a.as_bytes(), b.as_bytes());
        proptest::prop_assert_eq!(jaro_winkler(x, y).to_bits(), jaro_winkler(y, x).to_bits());
        for window in 0..4 {
            proptest::prop_assert_eq!(common_letters_64(x, y, window), common_letters_any(x, y, window));
        }
    }

    #[test]
    fn the_limited_distance_equals_the_full_one(a in "[a-c]{0,7}", b in "[a-c]{0,7}", limit in 0usize..4) {
        let full = osa(a.as_bytes(), b.as_bytes());
        proptest::prop_assert_eq!(osa_within(a.as_bytes(), b.as_bytes(), limit), (full <= limit).then_some(full));
        proptest::prop_assert_eq!(full, osa(b.as_bytes(), a.as_bytes()));
    }
}
