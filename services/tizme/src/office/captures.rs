//! `tizme office compare-captures`: which two marks one person may stand behind, for people to decide.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use lexicon::handover::capture::PairSide;
use lexicon::handover::envelope::hex;
use office::captures::CompareKeys;
use serde_json::{Value, json};

use super::{Configured, opened};

/// Arguments of `compare-captures`.
#[derive(Args)]
pub struct Compare {
    #[command(flatten)]
    configured: Configured,
    /// Where the signed packet is written; it is kept in the store as well.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Print the pairs as JSON.
    #[arg(long)]
    json: bool,
}

/// Compares what was allowed, once.
pub fn compare(arguments: &Compare) -> Result<ExitCode> {
    let config = office::Config::read(&arguments.configured.config)?;
    let captures = config.captures_key.as_deref();
    let statement = config.statement_key.as_deref();
    let keys = CompareKeys {
        captures: captures.context("the configuration names no captures_key")?,
        statement: statement.context("the configuration names no statement_key")?,
    };
    let store = opened(&config)?;
    let now = config.clock.now();
    let (found, bytes) = office::captures::compare(&store, &config.law, keys, now)?;
    let out = &arguments.out;
    std::fs::write(out, bytes).with_context(|| out.display().to_string())?;
    if arguments.json {
        let pairs = found.pairs.iter().map(|pair| {
            json!({
                "first": side(&pair.first), "second": side(&pair.second), "score": pair.score,
                "of_day": pair.of_day, "fingers": pair.fingers,
            })
        });
        let shown = json!({
            "compared": found.compared, "unreadable": found.unreadable, "left_out": found.left_out,
            "threshold": found.threshold, "exhaustive": found.exhaustive,
            "pairs": pairs.collect::<Vec<Value>>(),
        });
        println!("{shown}");
    } else {
        println!(
            "{} voters compared, {} not read, {} of marks that do not stand; {} pairs at score {} and more",
            found.compared,
            found.unreadable,
            found.left_out,
            found.pairs.len(),
            found.threshold
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn side(side: &PairSide) -> Value {
    json!({
        "precinct": side.precinct, "line": side.line, "kit": side.kit_name, "event": side.seq,
        "receipt": side.receipt, "at": side.at, "finger": side.finger, "capture": hex(&*side.capture),
        "captures": hex(&*side.captures),
    })
}
