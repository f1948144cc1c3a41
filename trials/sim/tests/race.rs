//! S-01 at its size: ten thousand races of one voter to two kits.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use sim::mutation::Mutation;
use sim::race::run;

/// Story: see `sim::race`. Expect: one check-in, ever, whoever was first, and a red screen within a second.
#[test]
fn of_two_kits_that_race_for_a_voter_one_serves() {
    for (policy, runs) in [("segment", 4_000), ("paper_lock", 3_000), ("quorum", 3_000)] {
        let races = run(runs, 1, policy, None).unwrap();
        assert_eq!(races.finding, None, "{policy}");
        // Both orders are seen, and kits that died with a grant.
        assert!(races.second_wins > runs / 5, "{policy}: {races:?}");
        assert!(races.unused > runs / 200, "{policy}: {races:?}");
    }
}

#[test]
fn an_owner_that_grants_twice_loses_the_race() {
    let races = run(2_000, 1, "segment", Some(Mutation::GrantTwice)).unwrap();
    assert!(races.finding.is_some(), "{races:?}");
}
