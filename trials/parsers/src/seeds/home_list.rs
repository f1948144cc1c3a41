//! Frozen home lists, signed by the first institution's key.

use lexicon::handover::envelope::SUITE;
use lexicon::handover::home_list::{HomeList, rows};

use super::{ELECTION, hands};

/// Two precincts, and one alone.
pub fn home_lists() -> Vec<Vec<u8>> {
    let signed = |precinct: u16, lines: Vec<u32>, lists: u32| {
        let list = HomeList {
            suite: SUITE.to_owned(),
            election: ELECTION,
            precinct,
            release: 7,
            root: [7; 32].into(),
            cut_off: 1_443_722_400_000_000,
            frozen: 1_443_722_460_000_000,
            lines,
            lists,
        };
        list.sign(&hands().institutions[0])
            .expect("a key of a file signs")
    };
    let two = [signed(1001, vec![3, 17, 18], 2), signed(1002, vec![1], 2)];
    vec![
        rows(&two).into_bytes(),
        rows(&[signed(1001, vec![3], 1)]).into_bytes(),
        rows(&[signed(9001, Vec::new(), 1)]).into_bytes(),
    ]
}
