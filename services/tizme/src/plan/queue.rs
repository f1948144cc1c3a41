//! `tizme plan queue`: one hall's waiting by hour.

use std::process::ExitCode;

use ::logistics::plan::{KITS_MAX, VOTERS_MAX, hall};
use ::logistics::queue::{Trials, enough};
use ::logistics::{Hall, Outlook, Spread, outlook};
use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

use super::tables::{a_day, minutes, time};
use super::{Ground, Rules};
use crate::batch::rejects::Rejects;

/// Arguments of `queue`.
#[derive(Args)]
pub struct Queue {
    /// Voters on the list.
    #[arg(long, value_name = "V", value_parser = clap::value_parser!(u32).range(0..=i64::from(VOTERS_MAX)))]
    voters: u32,
    /// Kits in the hall.
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..=i64::from(KITS_MAX)))]
    kits: u32,
    /// How many of 100 come, in whole per cent; default: as the planning file has it.
    #[arg(long, value_name = "P", value_parser = clap::value_parser!(u32).range(0..=100))]
    turnout_percent: Option<u32>,
    #[command(flatten)]
    rules: Rules,
}

/// Simulates the hall; exit 1 when more than five in 100 wait above the limit, with the number of kits that suffices.
pub fn run(arguments: &Queue) -> Result<ExitCode> {
    let mut rejects = Rejects::default();
    let ground = arguments.rules.ground(&mut rejects)?;
    let terms = &ground.terms;
    let turnout = arguments.turnout_percent.map(|percent| percent * 10);
    let turnout = turnout.unwrap_or_else(|| terms.edition.turnout.permille.get());
    let hall = hall(terms, arguments.voters, turnout, arguments.kits);
    let trials = Trials {
        days: ground.days,
        limit_ms: terms.limit_ms(),
        over: terms.edition.kits.wait_over,
        seed: arguments.rules.seed,
    };
    let found = outlook(&hall, 0, trials);
    let waits_long = found.p95_ms(trials.over) > trials.limit_ms;
    let suffices = if waits_long {
        let more = Hall {
            kits: hall.kits + 1,
            ..hall.clone()
        };
        enough(&more, hall.kits * 4 + 20, 0, trials)
    } else {
        Some(hall.kits)
    };
    if arguments.rules.json {
        println!("{}", document(arguments, &ground, &found, suffices));
    } else {
        print(&ground, &found);
        let limit = trials.limit_ms / 60_000;
        match suffices {
            Some(kits) if kits == hall.kits => println!("within {limit} min: yes"),
            Some(kits) => println!("within {limit} min: no; {kits} kits suffice"),
            None => println!("within {limit} min: no, with no number of kits"),
        }
        if rejects.len() > 0 {
            println!("{} rows of measured times left out", rejects.len());
        }
    }
    Ok(ExitCode::from(u8::from(waits_long || rejects.len() > 0)))
}

fn print(ground: &Ground, found: &Outlook) {
    println!("waits in minutes, {} days\n", found.days);
    println!("hour   visitors    p50    p95    max  longest line");
    let row = |name: String, spread: &Spread| {
        println!(
            "{name:5} {:>9} {:>6} {:>6} {:>6} {:>13}",
            a_day(spread.visitors, found.days),
            minutes(spread.p50_ms),
            minutes(spread.p95_ms),
            minutes(spread.max_ms),
            spread.queue_max
        );
    };
    for (hour, spread) in found.hours.iter().enumerate() {
        row(time(ground.terms.opens_minutes, hour), spread);
    }
    row("day".to_owned(), &found.all);
    println!(
        "\nlast visitor at most {} min after closing; {} of {} days with more than 5 in 100 above the limit; {} breakdowns",
        minutes(found.late_ms),
        found.days_over,
        found.days,
        found.breakdowns
    );
}

fn document(arguments: &Queue, ground: &Ground, found: &Outlook, suffices: Option<u32>) -> Value {
    let spread = |spread: &Spread| {
        json!({
            "visitors": spread.visitors, "p50_ms": spread.p50_ms, "p95_ms": spread.p95_ms, "max_ms": spread.max_ms,
            "queue_max": spread.queue_max,
        })
    };
    let hours = found.hours.iter().enumerate().map(|(hour, of)| {
        let mut cell = spread(of);
        cell["from"] = json!(time(ground.terms.opens_minutes, hour));
        cell
    });
    json!({
        "rules_sha256": ground.rules_sha256, "seed": arguments.rules.seed, "days": found.days,
        "voters": arguments.voters, "kits": arguments.kits, "kits_enough": suffices,
        "wait_limit_ms": ground.terms.limit_ms(), "day": spread(&found.all), "hours": hours.collect::<Vec<_>>(),
        "days_over": found.days_over, "late_max_ms": found.late_ms, "breakdowns": found.breakdowns,
    })
}
