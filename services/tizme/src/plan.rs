//! `tizme plan …`: kits, operators, things and queues of election day, precinct by precinct.

mod deployed;
mod measured;
mod precincts;
mod queue;
mod report;
mod sheet;
mod tables;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ::logistics::{Flag, Planned, Planning, RegionPlan, Terms, compare, plan, regions};
use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use lexicon::Language;
use lexicon::handover::envelope::{hex, sha256};
use rayon::prelude::*;
use serde_json::json;

use crate::batch::rejects::Rejects;

/// Planning of election day.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Plan {
    #[command(subcommand)]
    command: Option<PlanCommand>,
    #[command(flatten)]
    country: Country,
}

#[derive(Subcommand)]
enum PlanCommand {
    /// Waiting times of one hall by hour: no precinct is needed.
    Queue(queue::Queue),
}

/// Which numbers are reckoned with.
#[derive(Args)]
pub struct Rules {
    /// The planning file (docs/planning.md); default: the one shipped for Kyrgyzstan.
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// The law: opening hours, longest list, and voters per kit where the planning file has none.
    #[arg(long, default_value = "kg-2015", value_name = "L")]
    law: String,
    /// Measured times in place of the file's: a CSV with the columns path,seconds and, for many alike, count.
    #[arg(long, value_name = "CSV")]
    service: Option<PathBuf>,
    /// Everything random follows from it; the same seed gives the same bytes.
    #[arg(long, default_value_t = 20_151_004, value_name = "S")]
    seed: u64,
    /// Days that are simulated of each hall, up to 10,000; default: as the planning file has it.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    days: Option<u32>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Arguments of the plan of a country.
#[derive(Args)]
pub struct Country {
    /// The precincts: a CSV with the columns precinct,voters and, where known, region, turnout_percent, kits; or the folder
    /// `publication/` of a run.
    #[arg(long, value_name = "CSV|DIR", required = true)]
    precincts: Option<PathBuf>,
    /// What was really sent out, to set the plan beside: a CSV with the columns region,voters,kits,operators,precincts.
    #[arg(long, value_name = "CSV")]
    deployed: Option<PathBuf>,
    /// Language of report.html.
    #[arg(long, default_value = "ru", value_name = "ky|ru|en", value_parser = language)]
    lang: Language,
    /// Threads; 0: as many as the machine has. They never change a byte.
    #[arg(long, default_value_t = 0, value_name = "N")]
    threads: usize,
    /// The folder to write to.
    #[arg(long, value_name = "DIR", required = true)]
    out: Option<PathBuf>,
    #[command(flatten)]
    rules: Rules,
}

fn language(tag: &str) -> Result<Language, String> {
    Language::from_tag(tag).ok_or_else(|| "ky, ru or en is expected".to_owned())
}

/// What a plan rests on.
struct Ground {
    terms: Terms,
    rules_sha256: String,
    days: u32,
}

impl Rules {
    /// Reads planning file, law and measured times; rows of the last that cannot be used go to `rejects`.
    fn ground(&self, rejects: &mut Rejects) -> Result<Ground> {
        let law = crate::law::read(&self.law)?;
        let (name, text) = match &self.rules {
            None => (
                "planning.toml (shipped)".to_owned(),
                Planning::kg_text().to_owned(),
            ),
            Some(path) => {
                let name = path.display().to_string();
                let text = std::fs::read_to_string(path).with_context(|| name.clone())?;
                (name, text)
            }
        };
        let planning = Planning::parse(&text).with_context(|| name.clone())?;
        let mut terms = planning.terms(&law).with_context(|| name)?;
        if let Some(path) = &self.service {
            measured::put(path, &mut terms, rejects)?;
        }
        Ok(Ground {
            rules_sha256: hex(&sha256(text.as_bytes())),
            days: self.days.unwrap_or(terms.edition.kits.days.get()),
            terms,
        })
    }
}

/// Runs a command.
pub fn run(command: &Plan) -> Result<ExitCode> {
    let country = &command.country;
    match (&command.command, &country.precincts, &country.out) {
        (Some(PlanCommand::Queue(arguments)), _, _) => queue::run(arguments),
        (None, Some(precincts), Some(out)) => plan_country(country, precincts, out),
        // Only `queue` goes without them; the parser asks for both before.
        (None, _, _) => bail!("--precincts and --out are expected"),
    }
}

/// A plan that is made.
struct Made<'m> {
    ground: &'m Ground,
    seed: u64,
    planned: &'m [Planned],
    regions: &'m [RegionPlan],
}

fn plan_country(arguments: &Country, precincts: &Path, out: &Path) -> Result<ExitCode> {
    let mut rejects = Rejects::default();
    let ground = arguments.rules.ground(&mut rejects)?;
    let found = precincts::read(precincts, &mut rejects)?;
    let deployed = match &arguments.deployed {
        Some(path) => Some(deployed::read(path, &mut rejects)?),
        None => None,
    };
    let bar = ProgressBar::new(found.len() as u64).with_style(
        ProgressStyle::with_template("{msg:14} {wide_bar} {pos}/{len} {eta}")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    bar.set_message("precincts");
    let seed = arguments.rules.seed;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(arguments.threads)
        .build()?;
    // Large precincts take longest: the smallest pieces keep all threads at work.
    let planned: Vec<Planned> = pool.install(|| {
        found
            .par_iter()
            .with_max_len(1)
            .map(|precinct| {
                let planned = plan(precinct, &ground.terms, ground.days, seed);
                bar.inc(1);
                planned
            })
            .collect()
    });
    bar.finish_and_clear();
    let by_region = regions(&planned, &ground.terms);
    let made = Made {
        ground: &ground,
        seed,
        planned: &planned,
        regions: &by_region,
    };
    let compared = deployed.map(|deployed| compare(&by_region, &deployed));
    std::fs::create_dir_all(out).with_context(|| out.display().to_string())?;
    tables::write(out, &made, compared.as_deref())?;
    report::write(out, &made, compared.as_deref(), arguments.lang)?;
    let listed = rejects.write(out)?;
    if let Some(listed) = listed.filter(|_| !arguments.rules.json) {
        println!("{} rows left out: {}", rejects.len(), listed.display());
    }
    tell(arguments, out, &made, &rejects)
}

/// Says what was planned; exit 1 when a precinct is flagged or a row was left out.
fn tell(arguments: &Country, out: &Path, made: &Made<'_>, rejects: &Rejects) -> Result<ExitCode> {
    let flagged = |flag: Flag| {
        let has = |planned: &&Planned| planned.flags.contains(&flag);
        made.planned.iter().filter(has).count()
    };
    let mut document = tables::summary(made);
    document["rejects"] = json!(rejects.len());
    let said = rejects
        .explained()?
        .into_iter()
        .map(|(code, (rows, said))| {
            let next = said
                .map(|said| json!({ "ky": said.next.ky, "ru": said.next.ru, "en": said.next.en }));
            (code.to_owned(), json!({ "rows": rows, "next": next }))
        });
    document["reject_reasons"] = said.collect::<serde_json::Map<_, _>>().into();
    document["out"] = json!(out.display().to_string());
    if arguments.rules.json {
        println!("{document}");
    } else if let Some(total) = made.regions.last() {
        println!(
            "{} precincts, {} voters: {} kits, {} operators",
            total.precincts, total.voters, total.kits, total.operators
        );
        let limit = made.ground.terms.limit_ms() / 60_000;
        match flagged(Flag::LongWait) {
            0 => println!("nowhere more than 5 in 100 wait over {limit} min"),
            long => println!(
                "LONG_WAIT: {long} precincts, more than 5 in 100 wait over {limit} min; {} kits in all would do",
                total.kits_enough
            ),
        }
        for flag in [Flag::FewerThanRule, Flag::TooLarge] {
            println!("{}: {} precincts", flag.code(), flagged(flag));
        }
        println!("{}", out.join("report.html").display());
    }
    let is_fine = rejects.len() == 0 && made.planned.iter().all(|p| p.flags.is_empty());
    Ok(ExitCode::from(u8::from(!is_fine)))
}
