//! `tizme sim`: election days with faults, and the model check.

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use sim::mutation::Mutation;
use sim::plan::Fault;
use sim::precinct::Table;
use sim::run::{Job, Summary, run};

/// Plays election days of one polling station with faults, and checks the invariants.
///
/// Exit code 0: clean; 1: an invariant broke, its shortest story is printed; 2: bad use.
#[derive(Parser)]
#[command(name = "tizme sim", version, args_conflicts_with_subcommands = true)]
struct Options {
    #[command(subcommand)]
    what: Option<Command>,
    #[command(flatten)]
    days: Days,
}

#[derive(Subcommand)]
enum Command {
    /// Plays days (the default).
    Days(Days),
    /// Checks every order of events in a small hall.
    Check(Check),
    /// One voter at two kits within a fifth of a second, on a LAN that delays, doubles and reorders (S-01).
    Race(Race),
    /// Plays the second rehearsal of 2015 again and counts its tables twice; the first one's table is checked.
    Replay(Replay),
}

#[derive(Args)]
struct Check {
    /// segment, paper_lock, quorum, or all three one after another.
    #[arg(long, default_value = "all")]
    policy: String,
    /// Kits, each with a share: up to 5, with `--random` up to 8.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=8))]
    kits: u8,
    /// Voters who come.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=5))]
    voters: u32,
    /// How often each comes.
    #[arg(long, default_value_t = 2)]
    attempts: u8,
    /// Power cuts.
    #[arg(long, default_value_t = 1)]
    crashes: u8,
    /// Partitions.
    #[arg(long, default_value_t = 1)]
    partitions: u8,
    /// Takeovers.
    #[arg(long, default_value_t = 1)]
    retirements: u8,
    /// The precinct may be closed before its time, and votes on the next day.
    #[arg(long)]
    second_day: bool,
    /// Lets two kits exchange without the others in reach: many more orders.
    #[arg(long)]
    pairs: bool,
    /// Plants a fault in the rules.
    #[arg(long)]
    mutate: Option<String>,
    /// Walks the plain states as well and compares those of one shape: for small halls.
    #[arg(long)]
    plain: bool,
    /// Walks so many ways at random instead of all: for halls that are too large, which is no proof.
    #[arg(long)]
    random: Option<u64>,
    /// The seed of random walks.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Stops after so many states, which is no proof.
    #[arg(long)]
    most: Option<usize>,
    /// Threads; all cores when left out.
    #[arg(long)]
    threads: Option<usize>,
}

#[derive(Args)]
struct Race {
    /// How many races of each policy.
    #[arg(long, default_value_t = 10_000)]
    runs: u64,
    /// The seed: the same seed gives the same races.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// segment, paper_lock, quorum, or all three one after another.
    #[arg(long, default_value = "all")]
    policy: String,
    /// Plants a fault in the rules.
    #[arg(long)]
    mutate: Option<String>,
}

#[derive(Args)]
struct Replay {
    /// A folder with `pilot1_region.csv`, `pilot2_day.csv` and `pilot2_region_2015_09_16.csv`; the kept copies otherwise.
    #[arg(long)]
    tables: Option<std::path::PathBuf>,
    /// One person in so many comes.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
    share: u64,
    /// The seed: the same seed gives the same days.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Args, Clone)]
struct Days {
    /// How many days.
    #[arg(long, default_value_t = 200)]
    days: u64,
    /// Number of the first day: `--first 521 --days 1` runs the day again that broke something.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// The seed: the same seed gives the same days.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Kits with a share of the list, 1 to 8; a spare stands by.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=8))]
    kits: u32,
    /// Lines on the list, at least as many as kits.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    voters: u32,
    /// segment, paper_lock or quorum; segment unless a mutation needs another.
    #[arg(long)]
    policy: Option<String>,
    /// The ballot table scans slips: whoever got one goes there.
    #[arg(long)]
    scanned: bool,
    /// The ballot table's kit reads slips and takes each once; some voters come with a copy of theirs.
    #[arg(long, conflicts_with = "scanned")]
    slips: bool,
    /// Faults that may happen, by name, separated by commas; `all` or `none`.
    #[arg(long, default_value = "all")]
    faults: String,
    /// Plants a fault in the rules that must be found.
    #[arg(long)]
    mutate: Option<String>,
    /// Threads; all cores when left out. The output does not depend on it.
    #[arg(long)]
    threads: Option<usize>,
    /// Prints the result as JSON.
    #[arg(long)]
    json: bool,
}

fn faults(list: &str) -> Result<Vec<Fault>, String> {
    match list {
        "all" => return Ok(Fault::ALL.iter().map(|(fault, _)| *fault).collect()),
        "none" | "" => return Ok(Vec::new()),
        _ => {}
    }
    let mut named: Vec<Fault> = Vec::new();
    for name in list.split(',') {
        let fault = Fault::from_name(name.trim()).ok_or_else(|| {
            let known: Vec<&str> = Fault::ALL.iter().map(|(_, name)| *name).collect();
            format!(
                "no fault is called {name:?}; known are all, none, {}",
                known.join(", ")
            )
        })?;
        named.push(fault);
    }
    named.sort_unstable();
    named.dedup();
    Ok(named)
}

fn job(days: &Days) -> Result<Job, String> {
    let mutation = days.mutate.as_deref().map(mutation_named).transpose()?;
    let needed = if mutation == Some(Mutation::NoPaper) {
        "paper_lock"
    } else {
        "segment"
    };
    let policy = days.policy.clone().unwrap_or_else(|| needed.to_owned());
    if pollbook::Partition::from_name(&policy).is_none() {
        return Err(format!(
            "no policy is called {policy:?}; known are segment, paper_lock, quorum"
        ));
    }
    let kits = usize::try_from(days.kits).unwrap_or(1);
    if let Some((mutation, why)) =
        mutation.and_then(|mutation| Some((mutation, mutation.idle(kits, &policy)?)))
    {
        return Err(format!("{mutation} would change nothing: {why}"));
    }
    if days.voters < days.kits {
        return Err("fewer voters than kits: a kit would have no share".to_owned());
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Ok(Job {
        days: days.days,
        first: days.first,
        seed: days.seed,
        kits,
        voters: days.voters,
        policy,
        table: match (days.slips, days.scanned) {
            (true, _) => Table::Read,
            (_, true) => Table::Scanned,
            (false, false) => Table::Paper,
        },
        faults: faults(&days.faults)?,
        mutation,
        threads: days.threads.unwrap_or(cores).clamp(1, 256),
    })
}

fn print(job: &Job, summary: &Summary, as_json: bool) {
    let tally = &summary.tally;
    if as_json {
        let finding = summary.finding.as_ref().map(|finding| {
            serde_json::json!({
                "day": finding.day,
                "invariant": finding.violation.invariant,
                "text": finding.violation.text,
                "steps": finding.ops.len(),
                "steps_before": finding.ops_before,
                "story": finding.story,
            })
        });
        let told = serde_json::json!({
            "seed": job.seed,
            "days": summary.days,
            "kits": job.kits,
            "voters": job.voters,
            "policy": job.policy,
            "mutation": job.mutation.map(Mutation::name),
            "receipts": tally.receipts,
            "ballots": tally.ballots,
            "slips": tally.slips,
            "copies_refused": tally.copies,
            "refusals": tally.refusals,
            "events": tally.events,
            "messages": tally.messages,
            "explained_duplicates": tally.duplicates,
            "acts_by_two_officers_in_trouble": tally.mended,
            "incidents": tally.incidents,
            "identified_at_home": tally.at_home,
            "served_on_paper": tally.on_paper,
            "second_days": tally.second_days,
            "signed_by_the_commission_above": tally.by_commission,
            "acts_without_right_each_with_a_cause": tally.rightless,
            "entered_for_kits_whose_takeover_did_not_stand": tally.entered_unretired,
            "violation": finding,
        });
        println!("{told:#}");
        return;
    }
    println!(
        "seed {}: {} days, {} kits, {} voters, policy {}{}",
        job.seed,
        summary.days,
        job.kits,
        job.voters,
        job.policy,
        job.mutation
            .map_or(String::new(), |one| format!(", mutation {one}"))
    );
    match job.table {
        Table::Paper => {}
        Table::Read => println!(
            "{} slips taken, {} copies refused",
            tally.slips, tally.copies
        ),
        Table::Scanned => println!("{} ballots given at scanned tables", tally.ballots),
    }
    println!(
        "{} receipts, {} refusals, {} events, {} messages; {} second receipts, each explained by an \
         error or attack; {} acts by two officers in trouble; {} incidents reported; {} identified at home, \
         {} served on paper while no kit worked, {} second days, {} acts by the commission above; {} acts \
         without a right and {} receipts entered for a kit that stayed, each with a cause",
        tally.receipts,
        tally.refusals,
        tally.events,
        tally.messages,
        tally.duplicates,
        tally.mended,
        tally.incidents,
        tally.at_home,
        tally.on_paper,
        tally.second_days,
        tally.by_commission,
        tally.rightless,
        tally.entered_unretired
    );
    match &summary.finding {
        None => println!("no invariant broke"),
        Some(finding) => {
            println!(
                "day {} broke {}\nseed {}, shrunk from {} things that happened to {}:",
                finding.day,
                finding.violation,
                job.seed,
                finding.ops_before,
                finding.ops.len()
            );
            for line in &finding.story {
                println!("  {line}");
            }
            println!("  => {}", finding.violation);
        }
    }
}

fn policies(named: &str) -> Vec<&str> {
    if named == "all" {
        vec!["segment", "paper_lock", "quorum"]
    } else {
        vec![named]
    }
}

fn race(options: &Race) -> Result<bool, String> {
    let mutation = options.mutate.as_deref().map(mutation_named).transpose()?;
    let mut is_clean = true;
    for policy in policies(&options.policy) {
        let races = sim::race::run(options.runs, options.seed, policy, mutation)?;
        println!(
            "{policy}: {} races, {} won by the second kit, {} in which that one died ({} left a grant that \
             nobody used); the loser's screen red within {} ms, all books equal within {} ms",
            races.runs, races.second_wins, races.deaths, races.unused, races.red, races.equal
        );
        if let Some((number, violation)) = &races.finding {
            println!("  race {number} of seed {} broke {violation}", options.seed);
        }
        is_clean &= races.finding.is_none();
    }
    Ok(is_clean)
}

fn check(options: &Check) -> Result<bool, String> {
    let policies = policies(&options.policy);
    let bounds = sim::model::Bounds {
        kits: options.kits.into(),
        voters: options.voters,
        attempts: options.attempts,
        crashes: options.crashes,
        partitions: options.partitions,
        retirements: options.retirements,
        second_day: options.second_day,
        pairs: options.pairs,
    };
    let mutation = options.mutate.as_deref().map(mutation_named).transpose()?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut is_clean = true;
    for policy in policies {
        let threads = options.threads.unwrap_or(cores);
        if let Some(walks) = options.random {
            is_clean &= walk(options, bounds, policy, mutation, (threads, walks))?;
            continue;
        }
        if options.kits > 5 {
            return Err("more than 5 kits are walked at random only: --random N".to_owned());
        }
        if options.plain {
            let (plain, shapes) = sim::model::compare_shapes(bounds, policy, mutation)?;
            println!("{policy}: {plain} plain states, {shapes} shapes, each with one future");
        }
        let checked = sim::model::check(bounds, policy, mutation, threads, options.most)?;
        println!(
            "{policy}: {} states, {} lines of healed halls, paths up to {} steps, {}",
            checked.states,
            checked.lines,
            checked.depth,
            match (checked.broken.is_empty(), checked.is_cut_short) {
                (true, false) => "every property holds",
                (true, true) => "not finished; nothing broke so far",
                (false, _) => "broken:",
            }
        );
        for (name, steps) in &checked.broken {
            println!("  {name}\n    {}", steps.join("\n    "));
        }
        is_clean &= checked.broken.is_empty();
    }
    Ok(is_clean)
}

/// Random walks of one policy; whether every property held.
fn walk(
    options: &Check,
    bounds: sim::model::Bounds,
    policy: &str,
    mutation: Option<Mutation>,
    (threads, walks): (usize, u64),
) -> Result<bool, String> {
    let walked = sim::model::walk_randomly(bounds, policy, mutation, threads, walks, options.seed)?;
    println!(
        "{policy}: {} random walks of {} kits, {} steps, {} lines of healed halls, {}",
        walked.walks,
        bounds.kits,
        walked.steps,
        walked.lines,
        if walked.broken.is_none() {
            "every property held"
        } else {
            "broken:"
        }
    );
    if let Some((number, properties, steps)) = &walked.broken {
        println!("  walk {number}: {}", properties.join(", "));
        println!("    {}", steps.join("\n    "));
    }
    Ok(walked.broken.is_none())
}

fn replay(options: &Replay) -> Result<bool, String> {
    let read = |name: &str, kept: &str| match &options.tables {
        None => Ok(kept.to_owned()),
        Some(folder) => {
            std::fs::read_to_string(folder.join(name)).map_err(|error| format!("{name}: {error}"))
        }
    };
    let first = read(
        "pilot1_region.csv",
        include_str!("../data/rehearsal1_region.csv"),
    )?;
    let days = read("pilot2_day.csv", include_str!("../data/rehearsal2_day.csv"))?;
    let regions = read(
        "pilot2_region_2015_09_16.csv",
        include_str!("../data/rehearsal2_region.csv"),
    )?;
    let mut is_clean = true;
    for (title, text) in [("by region", regions), ("by day", days)] {
        let (rows, _) = sim::replay::second_rehearsal(&text).map_err(|error| error.to_string())?;
        println!(
            "{title}, from journals alone: came, by finger, by PIN, not on the list, failures"
        );
        for row in &rows {
            let done = sim::replay::replay(row, options.share, options.seed)?;
            let said = &done.journals;
            let verdict = if done.agrees() {
                ""
            } else {
                "  DIFFERS from the count of people"
            };
            println!(
                "  {:<12} {:>7} {:>7} {:>7} {:>7} {:>5}   {} precinct-days{verdict}",
                said.name,
                said.came,
                said.finger,
                said.pin,
                said.not_in_list,
                said.failures,
                done.precincts
            );
            is_clean &= done.agrees();
        }
    }
    println!("the first rehearsal's table, sums that do not hold: computed, printed");
    for misprint in sim::replay::first_rehearsal(&first).map_err(|error| error.to_string())? {
        println!(
            "  {}: {}, {}",
            misprint.what, misprint.computed, misprint.printed
        );
    }
    Ok(is_clean)
}

fn mutation_named(name: &str) -> Result<Mutation, String> {
    Mutation::from_name(name).ok_or_else(|| {
        let known: Vec<&str> = Mutation::ALL.iter().map(|one| one.name()).collect();
        format!(
            "no mutation is called {name:?}; known are {}",
            known.join(", ")
        )
    })
}

fn main() -> ExitCode {
    let options = Options::parse();
    let days = match options.what {
        Some(Command::Check(options)) => return ended(check(&options)),
        Some(Command::Race(options)) => return ended(race(&options)),
        Some(Command::Replay(options)) => return ended(replay(&options)),
        Some(Command::Days(days)) => days,
        None => options.days,
    };
    ended(job(&days).and_then(|job| {
        let summary = run(&job)?;
        print(&job, &summary, days.json);
        Ok(summary.finding.is_none())
    }))
}

/// 0 when everything held, 1 when something broke, 2 when it could not be run.
fn ended(done: Result<bool, String>) -> ExitCode {
    match done {
        Ok(is_clean) => ExitCode::from(u8::from(!is_clean)),
        Err(text) => {
            eprintln!("tizme sim: {text}");
            ExitCode::from(2)
        }
    }
}
