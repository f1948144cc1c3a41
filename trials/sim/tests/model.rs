//! Every order of events in the hall of the daily bounds, for the three policies, and what the walk rests on.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use sim::model::{Bounds, check, check_plainly, compare_shapes, walk_randomly};
use sim::mutation::Mutation;

const POLICIES: [&str; 3] = ["segment", "paper_lock", "quorum"];

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// 3 kits, 2 voters × 2 attempts, 1 crash, 1 partition, 1 retirement.
fn check_holds(policy: &str) {
    let checked = check(Bounds::DAILY, policy, None, threads(), None).unwrap();
    println!(
        "{policy}: {} states, {} lines of healed halls, paths up to {} steps",
        checked.states, checked.lines, checked.depth
    );
    assert!(checked.broken.is_empty(), "{policy}: {:#?}", checked.broken);
    assert!(
        checked.states >= 1_000_000,
        "only {} states",
        checked.states
    );
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

/// eight kits, too many for all orders: random ones. A planted fault is found by them as well.
#[test]
fn random_walks_of_eight_kits_hold() {
    let bounds = Bounds {
        kits: 8,
        voters: 3,
        crashes: 2,
        ..Bounds::DAILY
    };
    for policy in POLICIES {
        let walked = walk_randomly(bounds, policy, None, threads(), 300, 7).unwrap();
        println!("{policy}: {walked:?}");
        assert_eq!(walked.broken, None, "{policy}");
        assert!(walked.steps > 300 * 10, "{walked:?}");
    }
    let fault = Some(Mutation::GrantTwice);
    let walked = walk_randomly(bounds, "segment", fault, threads(), 600, 7).unwrap();
    assert!(walked.broken.is_some(), "{walked:?}");
}

/// One voter who comes twice; the precinct may be closed before its time and votes on the next day; one takeover, and one
/// power cut. One partition in the cut's place: `./test --long model`.
#[test]
fn the_second_day_holds() {
    let bounds = Bounds {
        voters: 1,
        partitions: 0,
        second_day: true,
        ..Bounds::DAILY
    };
    for policy in POLICIES {
        let checked = check(bounds, policy, None, threads(), None).unwrap();
        println!(
            "{policy}, second day: {} states, {} lines of healed halls",
            checked.states, checked.lines
        );
        assert!(checked.broken.is_empty(), "{policy}: {:#?}", checked.broken);
        assert!(checked.states > 20_000, "only {} states", checked.states);
    }
}

/// One voter who comes twice; kits exchange two by two, one power cut and one partition: a kit that starts again acts before
/// it heard of anybody. Takeovers and a second power cut: `./test --long model`.
#[test]
fn kits_that_exchange_in_pairs_hold() {
    for policy in POLICIES {
        let checked = check(in_pairs(), policy, None, threads(), None).unwrap();
        println!("{policy}, in pairs: {} states", checked.states);
        assert!(checked.broken.is_empty(), "{policy}: {:#?}", checked.broken);
        assert!(checked.states > 100_000, "only {} states", checked.states);
    }
}

fn in_pairs() -> Bounds {
    Bounds {
        voters: 1,
        retirements: 0,
        pairs: true,
        ..Bounds::DAILY
    }
}

/// A pending receipt that comes out as soon as its kit runs again.
#[test]
fn a_hasty_slip_breaks_the_model() {
    let small = Bounds {
        partitions: 0,
        ..in_pairs()
    };
    for policy in POLICIES {
        let fault = Some(Mutation::HastyPrint);
        let checked = check(small, policy, fault, threads(), None).unwrap();
        assert!(!checked.broken.is_empty(), "{policy}: {}", checked.states);
    }
}

/// The walk goes over shapes: all plain states of one shape must have the same properties and lead to the same shapes.
#[test]
fn states_of_one_shape_have_one_future() {
    let once = Bounds {
        voters: 1,
        attempts: 1,
        ..Bounds::DAILY
    };
    for policy in POLICIES {
        let (plain, shapes) = compare_shapes(once, policy, None).unwrap();
        let walked = check(once, policy, None, threads(), None).unwrap();
        println!("{policy}: {plain} plain states, {shapes} shapes");
        assert_eq!(walked.states, shapes, "{policy}");
        assert!(plain > 3 * shapes, "{policy}: {plain} and {shapes}");
    }
}

/// The same where the precinct may vote on the next day.
#[test]
fn states_of_one_shape_have_one_future_on_a_second_day() {
    let once = Bounds {
        voters: 1,
        attempts: 1,
        crashes: 0,
        partitions: 0,
        second_day: true,
        ..Bounds::DAILY
    };
    for policy in POLICIES {
        let (plain, shapes) = compare_shapes(once, policy, None).unwrap();
        println!("{policy}: {plain} plain states, {shapes} shapes");
        let walked = check(once, policy, None, threads(), None).unwrap();
        assert_eq!(walked.states, shapes, "{policy}");
    }
}

/// Two walkers of the plain states, one by stateright.
#[test]
fn stateright_counts_the_same_plain_states() {
    let two_kits = Bounds {
        kits: 2,
        voters: 1,
        attempts: 1,
        ..Bounds::DAILY
    };
    for policy in POLICIES {
        let checked = check_plainly(two_kits, policy, None).unwrap();
        let (plain, _) = compare_shapes(two_kits, policy, None).unwrap();
        assert_eq!(checked.states, plain, "{policy}");
        // Of two kits both are the majority: with one retired the quorum is gone, and the paper list decides.
        let is_expected = |name: &str| policy == "quorum" && name == "nobody is stuck";
        let broken: Vec<_> = checked
            .broken
            .iter()
            .filter(|(name, _)| !is_expected(name))
            .collect();
        assert!(broken.is_empty(), "{policy}: {broken:?}");
    }
}

/// Seven of the nine planted faults show in a hall of one voter who comes twice; forged signatures and wrong clocks,
/// which the hall does not have, only in the simulated days.
#[test]
fn planted_faults_break_the_model() {
    let small = Bounds {
        voters: 1,
        ..Bounds::DAILY
    };
    for (mutation, policies) in [
        (Mutation::GrantTwice, &POLICIES[..]),
        (Mutation::NoResume, &POLICIES),
        (Mutation::NoFsync, &POLICIES),
        (Mutation::FallingCounter, &POLICIES),
        (Mutation::AcceptAfterRetire, &POLICIES),
        // Under `quorum` there is no second act that could win, and nobody looks at the paper.
        (Mutation::LastWriteWins, &POLICIES[..2]),
        (Mutation::NoPaper, &POLICIES[..2]),
    ] {
        for policy in policies {
            let checked = check(small, policy, Some(mutation), threads(), None).unwrap();
            println!("{mutation} under {policy}: {:?}", checked.broken);
            assert!(
                !checked.broken.is_empty(),
                "{mutation} under {policy} breaks nothing in {} states",
                checked.states
            );
        }
    }
}

/// A kit that serves on after it heard that the precinct was closed, and one that begins the second day with nobody marked.
#[test]
fn planted_faults_break_the_second_day() {
    let small = Bounds {
        voters: 1,
        crashes: 0,
        partitions: 0,
        retirements: 0,
        second_day: true,
        ..Bounds::DAILY
    };
    for (mutation, policies) in [
        (Mutation::ServeSuspended, &POLICIES[..]),
        // Under `paper_lock` the officer who looks finds the line signed.
        (Mutation::ForgetYesterday, &["segment", "quorum"]),
    ] {
        for policy in policies {
            let checked = check(small, policy, Some(mutation), threads(), None).unwrap();
            assert!(
                !checked.broken.is_empty(),
                "{mutation} under {policy} breaks nothing in {} states",
                checked.states
            );
            let sound = check(small, policy, None, threads(), None).unwrap();
            assert!(sound.broken.is_empty(), "{policy}: {:#?}", sound.broken);
        }
    }
}
