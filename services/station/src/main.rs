//! `tizme-station`: the polling-station kit as a program of its own.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use station::config::Config;

#[derive(Parser)]
#[command(
    name = "tizme-station",
    about = "Polling-station kit: operator, monitor and chair pages"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves a kit: pages on one address, other kits on another.
    Serve {
        /// Typed TOML; unknown keys are refused.
        #[arg(long)]
        config: PathBuf,
    },
}

fn main() -> std::process::ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let Command::Serve { config } = Arguments::parse().command;
    match run(&config) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            std::process::ExitCode::from(2)
        }
    }
}

fn run(path: &std::path::Path) -> anyhow::Result<()> {
    let config = Config::read(path)?;
    let runtime = tokio::runtime::Runtime::new().context("threads for the pages")?;
    runtime.block_on(async {
        let serving = station::serve(config)
            .await
            .context("an address of the configuration")?;
        println!(
            "operator http://{0}/  monitor http://{0}/monitor  chair http://{0}/chair",
            serving.pages
        );
        println!("kits ask http://{}/kit/exchange", serving.lan);
        tokio::signal::ctrl_c()
            .await
            .context("waiting for the stop signal")
    })
}
