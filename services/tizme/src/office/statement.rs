//! `tizme office statement …`: what the office says under its own key to those who freeze and publish.

use std::path::PathBuf;
use std::process::ExitCode;

use ::batch::folder::Trust;
use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use keys::{FileKey, KeyRing};
use lexicon::handover::envelope::{PublicKey, hex};
use serde_json::json;

use super::{Configured, opened};

/// What is to be said.
#[derive(Subcommand)]
pub enum Statement {
    /// What is not settled, beside the snapshot that the list is formed from: for `batch form --office`.
    Counts(Counts),
    /// Who approved a release: for `batch publish --approvals`.
    Approvals(Approvals),
}

/// Where it is said.
#[derive(Args)]
pub struct Said {
    #[command(flatten)]
    configured: Configured,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Arguments of `counts`.
#[derive(Args)]
pub struct Counts {
    #[command(flatten)]
    said: Said,
    /// The snapshot of this store, taken just before; an act about the list since then is a reason to take it again.
    #[arg(long, value_name = "DIR")]
    snapshot: PathBuf,
    /// The register's public key, 130 hexadecimal digits in a file; default: `keys/register.pub` beside the snapshot, or
    /// its private key there.
    #[arg(long, value_name = "FILE")]
    register: Option<PathBuf>,
}

/// Arguments of `approvals`.
#[derive(Args)]
pub struct Approvals {
    #[command(flatten)]
    said: Said,
    /// Number of the release; default: the latest.
    #[arg(long, value_name = "N")]
    release: Option<u32>,
}

/// Runs a command.
pub fn run(command: &Statement) -> Result<ExitCode> {
    match command {
        Statement::Counts(arguments) => counts(arguments),
        Statement::Approvals(arguments) => approvals(arguments),
    }
}

fn key_of(config: &office::Config) -> Result<&FileKey> {
    config
        .statement_key
        .as_deref()
        .context("the configuration names no statement_key")
}

fn register(arguments: &Counts) -> Result<PublicKey> {
    if let Some(file) = &arguments.register {
        let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
        return crate::batch::public_key(&text)
            .with_context(|| format!("{}: no public key", file.display()));
    }
    let beside = arguments
        .snapshot
        .parent()
        .filter(|path| !path.as_os_str().is_empty());
    let folder = beside.map_or_else(|| PathBuf::from("keys"), |path| path.join("keys"));
    crate::batch::register_key(&folder)?.with_context(|| {
        format!(
            "{}: neither register.pub nor register.key",
            folder.display()
        )
    })
}

fn counts(arguments: &Counts) -> Result<ExitCode> {
    let config = office::Config::read(&arguments.said.configured.config)?;
    let store = opened(&config)?;
    let register = register(arguments)?;
    let ring = KeyRing::of([register]);
    let trust = Trust {
        verifier: &ring,
        signer: register.kid(),
        election: config.law.election.number,
    };
    let key = key_of(&config)?;
    let place = (arguments.snapshot.as_path(), trust);
    let (said, bytes) = office::statement::state_counts(&store, &config.law, place, key)?;
    let out = &arguments.said.out;
    std::fs::write(out, bytes).with_context(|| out.display().to_string())?;
    if arguments.said.json {
        let counts: Vec<_> = said
            .counts
            .iter()
            .map(|of| json!({ "source": of.source, "blocker": of.blocker, "count": of.count }))
            .collect();
        println!(
            "{}",
            json!({ "snapshot": hex(&*said.snapshot), "counts": counts, "file": out.display().to_string() })
        );
    } else {
        for of in &said.counts {
            println!("{:>10} {} ({})", of.count, of.source, of.blocker);
        }
        println!("{}", out.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn approvals(arguments: &Approvals) -> Result<ExitCode> {
    let config = office::Config::read(&arguments.said.configured.config)?;
    let store = opened(&config)?;
    let key = key_of(&config)?;
    let (said, bytes) =
        office::statement::state_approvals(&store, &config.law, arguments.release, key)?;
    let out = &arguments.said.out;
    std::fs::write(out, bytes).with_context(|| out.display().to_string())?;
    if arguments.said.json {
        let by: Vec<&str> = said
            .approvals
            .iter()
            .map(|of| of.institution.as_str())
            .collect();
        println!(
            "{}",
            json!({ "release": said.release, "root": hex(&*said.root), "approved_by": by, "file": out.display().to_string() })
        );
    } else {
        println!(
            "release {}: {} approvals: {}",
            said.release,
            said.approvals.len(),
            out.display()
        );
    }
    Ok(ExitCode::SUCCESS)
}
