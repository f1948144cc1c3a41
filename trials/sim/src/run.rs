//! Many days on every core: the same bytes whatever the number of threads.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;

use crate::day::{self, Outcome};
use crate::mutation::Mutation;
use crate::plan::{Fault, Op, Recipe};
use crate::precinct::{Precinct, Table};
use crate::world::{Tally, Violation};

/// One day in so many has real signatures.
pub const REAL_EVERY: u64 = 100;

/// What is run.
#[derive(Clone, Debug)]
pub struct Job {
    /// How many days.
    pub days: u64,
    /// Number of the first of them: a day that broke is run again alone.
    pub first: u64,
    /// The seed.
    pub seed: u64,
    /// Kits with a share.
    pub kits: usize,
    /// Lines on the list.
    pub voters: u32,
    /// `segment`, `paper_lock` or `quorum`.
    pub policy: String,
    /// Where a voter goes with a slip.
    pub table: Table,
    /// Faults that may happen.
    pub faults: Vec<Fault>,
    /// A planted fault.
    pub mutation: Option<Mutation>,
    /// Threads.
    pub threads: usize,
}

/// The first day, by number, that broke an invariant, and its shortest story.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The day's number.
    pub day: u64,
    /// What broke.
    pub violation: Violation,
    /// The things that must happen for it.
    pub ops: Vec<Op>,
    /// How many things happened that day.
    pub ops_before: usize,
    /// The story in plain lines.
    pub story: Vec<String>,
}

/// What a run came to.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Days run.
    pub days: u64,
    /// Sums over the days.
    pub tally: Tally,
    /// The first violation.
    pub finding: Option<Finding>,
}

impl Job {
    /// The recipe of its days.
    #[must_use]
    pub fn recipe(&self) -> Recipe {
        Recipe {
            kits: self.kits,
            voters: self.voters,
            faults: self.faults.clone(),
            favoured: self.mutation.map_or(Vec::new(), |mutation| {
                let near = mutation.near().iter().copied();
                near.filter(|fault| self.faults.contains(fault)).collect()
            }),
        }
    }

    /// The precinct of a day.
    ///
    /// # Errors
    /// A text when shares cannot be cut.
    pub fn precinct(&self, is_real: bool) -> Result<Precinct, String> {
        Precinct::with_table(self.kits, self.voters, &self.policy, self.table, is_real)
            .map_err(|error| error.to_string())
    }
}

/// Runs days until all are done or one breaks an invariant; days before it are always finished.
///
/// # Errors
/// A text when the job makes no precinct.
pub fn run(job: &Job) -> Result<Summary, String> {
    let stub = job.precinct(false)?;
    let real = job.precinct(true)?;
    let recipe = job.recipe();
    let next = AtomicU64::new(job.first);
    let end = job.first.saturating_add(job.days);
    // The lowest day that broke something: later days need not be begun.
    let lowest = AtomicU64::new(u64::MAX);
    let stop = AtomicBool::new(false);
    let (send, receive) = mpsc::channel::<(u64, Outcome)>();
    let mut summary = Summary::default();
    let mut found: Option<(u64, Violation)> = None;
    let mut tallies: Vec<(u64, Tally)> = Vec::new();
    std::thread::scope(|scope| {
        for _ in 0..job.threads.max(1) {
            let send = send.clone();
            let (stub, real, recipe, next, lowest, stop) =
                (&stub, &real, &recipe, &next, &lowest, &stop);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let day = next.fetch_add(1, Ordering::Relaxed);
                    if day >= end || day > lowest.load(Ordering::Relaxed) {
                        break;
                    }
                    let precinct = if day % REAL_EVERY == REAL_EVERY - 1 {
                        real
                    } else {
                        stub
                    };
                    let ops = recipe.day(job.seed, day);
                    let outcome = day::run(precinct, &ops, &job.faults, job.mutation, false);
                    if outcome.violation.is_some() {
                        lowest.fetch_min(day, Ordering::Relaxed);
                    }
                    if send.send((day, outcome)).is_err() {
                        stop.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
        drop(send);
        for (day, outcome) in receive {
            if let Some(violation) = outcome.violation {
                if found.as_ref().is_none_or(|(known, _)| day < *known) {
                    found = Some((day, violation));
                }
            } else {
                tallies.push((day, outcome.tally));
            }
        }
    });
    let until = found.as_ref().map_or(u64::MAX, |(day, _)| *day);
    for (_, tally) in tallies.iter().filter(|(day, _)| *day < until) {
        summary.days += 1;
        add(&mut summary.tally, tally);
    }
    if let Some((day, violation)) = found {
        summary.days += 1;
        let precinct = if day % REAL_EVERY == REAL_EVERY - 1 {
            &real
        } else {
            &stub
        };
        summary.finding = Some(tell(job, precinct, &recipe, day, violation));
    }
    Ok(summary)
}

fn tell(
    job: &Job,
    precinct: &Precinct,
    recipe: &Recipe,
    day: u64,
    violation: Violation,
) -> Finding {
    let all = recipe.day(job.seed, day);
    let ops = day::shrink(
        precinct,
        &all,
        &job.faults,
        job.mutation,
        violation.invariant,
    );
    let told = day::run(precinct, &ops, &job.faults, job.mutation, true);
    Finding {
        day,
        violation: told.violation.unwrap_or(violation),
        ops,
        ops_before: all.len(),
        story: told.log,
    }
}

fn add(sum: &mut Tally, one: &Tally) {
    sum.receipts += one.receipts;
    sum.ballots += one.ballots;
    sum.slips += one.slips;
    sum.copies += one.copies;
    sum.refusals += one.refusals;
    sum.events += one.events;
    sum.messages += one.messages;
    sum.incidents += one.incidents;
    sum.duplicates += one.duplicates;
    sum.mended += one.mended;
    sum.rightless += one.rightless;
    sum.entered_unretired += one.entered_unretired;
    sum.at_home += one.at_home;
    sum.on_paper += one.on_paper;
    sum.second_days += one.second_days;
    sum.by_commission += one.by_commission;
}
