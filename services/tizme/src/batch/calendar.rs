//! `tizme batch calendar`: the named days of an election.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use lexicon::Date;
use lexicon::law::Shortening;
use serde_json::json;

/// Arguments of `calendar`.
#[derive(Args)]
pub struct Calendar {
    /// The law: `kg-2015`, `kg-2020`, `kg-2025`, or a TOML file.
    #[arg(long, value_name = "L")]
    law: String,
    /// Look at another election day than the law's.
    #[arg(long, value_name = "DAY")]
    day: Option<String>,
    /// Look at an early election: every term is shortened by this part, as 1/4; a begun day counts whole.
    #[arg(long, value_name = "PART")]
    shortening: Option<String>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Prints the calendar.
pub fn run(arguments: &Calendar) -> Result<ExitCode> {
    let mut law = crate::law::read(&arguments.law)?;
    if let Some(day) = &arguments.day {
        law.election.day = day
            .parse::<Date>()
            .with_context(|| format!("--day: {day} is no day as 2015-10-04"))?;
    }
    if let Some(part) = &arguments.shortening {
        law.shortening = Shortening::parse(part)
            .with_context(|| format!("--shortening: {part} is no part as 1/4"))?;
    }
    let early = law.shortening.is_early().then(|| law.shortening.part());
    let days = law.calendar();
    if arguments.json {
        let rows: Vec<_> = days
            .iter()
            .map(|day| {
                json!({
                    "code": day.milestone.code(), "day": day.day.to_string(), "days_before": day.days_before,
                    "term_days": day.term_days, "source": day.source,
                })
            })
            .collect();
        let shown = json!({
            "law": law.id, "election": law.election.day.to_string(), "shortened_by": early,
            "answer_days": law.answer_days(), "days": rows,
        });
        println!("{shown}");
        return Ok(ExitCode::SUCCESS);
    }
    match early {
        Some(part) => println!("{}: every term shortened by {part}", law.id),
        None => println!("{}: terms as the law writes them", law.id),
    }
    for day in days {
        let words = day.milestone.words();
        println!(
            "{}  E-{:<3} {words} (term {})",
            day.day, day.days_before, day.term_days
        );
    }
    Ok(ExitCode::SUCCESS)
}
