//! Every order of events in the hall of the daily bounds, for the three policies.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use sim::model::{Bounds, check};
use sim::mutation::Mutation;

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn check_holds(policy: &str, least: usize) {
    let checked = check(Bounds::DAILY, policy, None, threads()).unwrap();
    println!("{policy}: {} states, depth {}", checked.states, checked.depth);
    assert!(checked.broken.is_empty(), "{policy}: {:#?}", checked.broken);
    assert!(checked.states >= least, "only {} states", checked.states);
}

#[test]
fn segment_holds() {
    check_holds("segment", 10_000);
}

#[test]
fn paper_lock_holds() {
    check_holds("paper_lock", 10_000);
}

#[test]
fn quorum_holds() {
    check_holds("quorum", 10_000);
}

#[test]
fn planted_faults_break_the_model() {
    let small = Bounds {
        voters: 1,
        retirements: 0,
        ..Bounds::DAILY
    };
    for (mutation, policy) in [
        (Mutation::GrantTwice, "segment"),
        (Mutation::GrantTwice, "quorum"),
        (Mutation::NoPaper, "paper_lock"),
        (Mutation::NoResume, "segment"),
        (Mutation::NoFsync, "segment"),
    ] {
        let checked = check(small, policy, Some(mutation), threads()).unwrap();
        assert!(!checked.broken.is_empty(), "{mutation} under {policy} breaks nothing");
    }
}
