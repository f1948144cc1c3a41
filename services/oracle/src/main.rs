//! `tizme-oracle`: answers the portal's questions on a local socket.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Parser;
use keys::SystemClock;
use oracle::budget::Limits;
use oracle::{Oracle, serve};
use serde::Deserialize;

/// Holds the look-up key and answers the portal over a local socket.
#[derive(Parser)]
struct Arguments {
    /// The configuration: TOML with `lookup`, `key`, `socket` and optional limits.
    #[arg(long)]
    config: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    lookup: PathBuf,
    key: PathBuf,
    socket: PathBuf,
    per_second: Option<u32>,
    failures_per_day: Option<u32>,
    questions_per_day: Option<u32>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let text = std::fs::read_to_string(&arguments.config)
        .with_context(|| format!("reading {}", arguments.config.display()))?;
    let config: Config =
        toml::from_str(&text).with_context(|| format!("in {}", arguments.config.display()))?;
    let file = std::fs::read(&config.lookup)
        .with_context(|| format!("reading {}", config.lookup.display()))?;
    let key: [u8; 32] = std::fs::read(&config.key)
        .with_context(|| format!("reading {}", config.key.display()))?
        .try_into()
        .map_err(|_| anyhow::anyhow!("{} must hold 32 bytes", config.key.display()))?;
    let usual = Limits::default();
    let limits = Limits {
        per_second: config.per_second.unwrap_or(usual.per_second),
        failures_per_day: config.failures_per_day.unwrap_or(usual.failures_per_day),
        questions_per_day: config.questions_per_day.unwrap_or(usual.questions_per_day),
    };
    let oracle = Oracle::new(file, &key, limits)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(serve(&config.socket, oracle, Arc::new(SystemClock)))?;
    Ok(())
}
