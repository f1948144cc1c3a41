//! Claims of an office that was cut off, signed by the first institution's key.

use lexicon::handover::claim_file::{ClaimFile, TakenClaim};
use lexicon::handover::envelope::SUITE;

use super::{ELECTION, hands};

/// Two claims, one, and none.
pub fn claim_files() -> Vec<Vec<u8>> {
    let claim = |number: u32, kind: &str, target| TakenClaim {
        number,
        kind: kind.to_owned(),
        pin: 20_901_195_070_040,
        taken: 1_441_900_000_000_000 + i64::from(number),
        target,
        field: String::new(),
        value: "ordinary".to_owned(),
        identified: true,
    };
    let signed = |claims: Vec<TakenClaim>| {
        let file = ClaimFile {
            suite: SUITE.to_owned(),
            election: ELECTION,
            office: "TK07".to_owned(),
            made_at: 1_441_900_100_000_000,
            claims,
        };
        file.sign(&hands().institutions[0])
            .expect("a key of a file signs")
    };
    vec![
        signed(vec![
            claim(1, "form2", Some(1002)),
            claim(2, "inclusion", None),
        ]),
        signed(vec![claim(9_999_999, "form2", None)]),
        signed(Vec::new()),
    ]
}
