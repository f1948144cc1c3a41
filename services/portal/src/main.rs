//! `tizme-portal`: the public site.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Parser;
use lexicon::{Clock, Instant};
use portal::{Config, Publication, serve};

/// Serves a publication and answers voters through the oracle.
#[derive(Parser)]
struct Arguments {
    /// The configuration: TOML with `listen`, `publication`, `oracle` and, if need be, `demo`, `questions_per_address`
    /// (200 in 24 hours; an IPv6 network of 64 bits counts as one) and `behind_proxy`.
    #[arg(long)]
    config: PathBuf,
}

/// The machine's clock. The portal links no key, so it has its own small door to the time.
struct WallClock;

impl Clock for WallClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the portal's one door to the machine's clock"
    )]
    fn now(&self) -> Instant {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Instant::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let text = std::fs::read_to_string(&arguments.config)
        .with_context(|| format!("reading {}", arguments.config.display()))?;
    let config: Config =
        toml::from_str(&text).with_context(|| format!("in {}", arguments.config.display()))?;
    let publication = Publication::read(&config.publication)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(serve(&config, publication, Arc::new(WallClock)))?;
    Ok(())
}
