//! Ten thousand days with every fault are clean; each planted fault is found.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

use sim::mutation::Mutation;
use sim::plan::Fault;
use sim::precinct::Table;
use sim::run::{Job, run};

fn job(days: u64, seed: u64, kits: usize, policy: &str) -> Job {
    Job {
        days,
        first: 0,
        seed,
        kits,
        voters: 60,
        policy: policy.to_owned(),
        table: Table::Paper,
        faults: Fault::ALL.iter().map(|(fault, _)| *fault).collect(),
        mutation: None,
        threads: std::thread::available_parallelism().map_or(1, usize::from),
    }
}

fn check_clean(job: &Job) {
    let summary = run(job).unwrap();
    if let Some(finding) = summary.finding {
        panic!(
            "seed {}, day {}: {}\n{}",
            job.seed,
            finding.day,
            finding.violation,
            finding.story.join("\n")
        );
    }
    assert_eq!(summary.days, job.days);
    assert!(
        summary.tally.receipts > job.days * 20,
        "the days are empty: {:?}",
        summary.tally
    );
}

/// Story: three kits, sixty voters, every fault and attack, a third of the days under each policy.
/// Expect: no invariant breaks.
#[test]
fn ten_thousand_days_with_every_fault_are_clean() {
    for (policy, days) in [("segment", 4000), ("paper_lock", 3000), ("quorum", 3000)] {
        check_clean(&job(days, 20_151_004, 3, policy));
    }
}

/// Story: the same with a ballot table that scans: whoever got a slip goes to a table, often another kit's; one visit
/// in forty ends in a power cut between the two events. Expect: nobody holds two ballots, and nobody with a slip that
/// counts is left without one.
#[test]
fn days_with_a_scanned_table_are_clean() {
    for policy in ["segment", "paper_lock", "quorum"] {
        let job = Job {
            table: Table::Scanned,
            ..job(200, 20_151_004, 3, policy)
        };
        check_clean(&job);
        let tally = run(&job).unwrap().tally;
        assert!(tally.ballots * 10 > tally.receipts * 9, "{tally:?}");
    }
}

/// Story: the same with a table whose kit reads the slips; one voter in eight comes to another kit with a copy. Expect: no
/// kit takes what it knows to be taken, none refuses a slip that nobody took, and each slip that two tables took is named.
#[test]
fn days_with_slips_that_are_read_are_clean() {
    for policy in ["segment", "paper_lock", "quorum"] {
        let job = Job {
            table: Table::Read,
            ..job(200, 20_151_004, 3, policy)
        };
        check_clean(&job);
        let tally = run(&job).unwrap().tally;
        assert!(tally.slips * 10 > tally.receipts * 8, "{tally:?}");
        assert!(tally.copies * 20 > tally.slips, "{tally:?}");
    }
}

#[test]
fn halls_of_one_to_five_kits_are_clean() {
    for kits in [1, 2, 4, 5] {
        for policy in ["segment", "paper_lock", "quorum"] {
            check_clean(&job(60, 7, kits, policy));
        }
    }
}

fn check_found(mutation: Mutation) {
    let policy = if mutation == Mutation::NoPaper {
        "paper_lock"
    } else {
        "segment"
    };
    let job = Job {
        mutation: Some(mutation),
        ..job(600, 3, 3, policy)
    };
    let finding = run(&job).unwrap().finding;
    let finding = finding.unwrap_or_else(|| panic!("{mutation} is not found in 600 days"));
    assert!(
        finding.ops.len() < finding.ops_before && finding.ops.len() <= 20,
        "{mutation}: the story has {} of {} steps",
        finding.ops.len(),
        finding.ops_before
    );
    // The same shortened day is clean without the planted fault.
    let precinct = job.precinct(false).unwrap();
    let clean = sim::day::run(&precinct, &finding.ops, &job.faults, None, true);
    assert_eq!(clean.violation, None, "{mutation}: {:?}", clean.log);
}

#[test]
fn all_planted_faults_are_found_and_their_stories_are_clean_without_them() {
    for mutation in Mutation::ALL {
        check_found(*mutation);
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let told = |threads| {
        let job = Job {
            threads,
            mutation: Some(Mutation::GrantTwice),
            ..job(120, 11, 3, "segment")
        };
        format!("{:?}", run(&job).unwrap())
    };
    assert_eq!(told(1), told(7));
}
