//! Every order of events in the halls of the daily bounds, for the three policies.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use sim::model::{Bounds, check};
use sim::mutation::Mutation;

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Two voters who come once, and one who comes twice; both together are a long run.
fn check_holds(policy: &str) {
    let twice = Bounds {
        voters: 1,
        attempts: 2,
        ..Bounds::DAILY
    };
    for (bounds, least) in [(Bounds::DAILY, 100_000), (twice, 20_000)] {
        let checked = check(bounds, policy, None, threads()).unwrap();
        println!(
            "{policy}, {} voters × {}: {} states, depth {}",
            bounds.voters, bounds.attempts, checked.states, checked.depth
        );
        assert!(checked.broken.is_empty(), "{policy}: {:#?}", checked.broken);
        assert!(checked.states >= least, "only {} states", checked.states);
    }
}

#[test]
fn segment_holds() {
    check_holds("segment");
}

#[test]
fn paper_lock_holds() {
    check_holds("paper_lock");
}

#[test]
fn quorum_holds() {
    check_holds("quorum");
}

#[test]
fn planted_faults_break_the_model() {
    let small = Bounds {
        voters: 1,
        attempts: 2,
        ..Bounds::DAILY
    };
    for (mutation, policy) in [
        (Mutation::GrantTwice, "segment"),
        (Mutation::NoResume, "segment"),
        (Mutation::NoFsync, "segment"),
    ] {
        let checked = check(small, policy, Some(mutation), threads()).unwrap();
        assert!(
            !checked.broken.is_empty(),
            "{mutation} under {policy} breaks nothing"
        );
    }
}
