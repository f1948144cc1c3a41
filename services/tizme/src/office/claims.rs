//! `tizme office claims` and `hand-over-claims`: claims between an office that was cut off and the centre.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use keys::FileKey;
use roll::filing::answered_by;
use roll::taken::Arrival;

use super::{Configured, opened};

/// Arguments of `claims`.
#[derive(Args)]
pub struct Claims {
    /// The signed file.
    file: PathBuf,
    #[command(flatten)]
    configured: Configured,
}

/// Arguments of `hand-over-claims`.
#[derive(Args)]
pub struct HandOverClaims {
    #[command(flatten)]
    configured: Configured,
    /// This office's private key: a file of 64 hexadecimal digits.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Where the signed file goes.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Only claims above this number; those handed over before change nothing at the centre.
    #[arg(long, value_name = "N", default_value_t = 0)]
    after: u32,
}

pub fn take(arguments: &Claims) -> Result<ExitCode> {
    let config = office::Config::read(&arguments.configured.config)?;
    let store = opened(&config)?;
    let name = arguments.file.display().to_string();
    let bytes = std::fs::read(&arguments.file).with_context(|| name.clone())?;
    let law = &config.law;
    let due = |at: lexicon::Instant| answered_by(law, at.local_date(law.election.offset_minutes));
    let (file, is_new) = office::claim_files::take(&store, &config, "command", &bytes, &due)
        .with_context(|| name.clone())?;
    let files = store.read("claim_files", |tx| tx.claim_files())?;
    let row = files.iter().find(|row| row.file == file);
    let states = row.map(|row| row.states.clone()).unwrap_or_default();
    let of = |state: Arrival| states.get(&state).copied().unwrap_or(0);
    let words: Vec<String> = Arrival::ALL
        .iter()
        .map(|state| format!("{} {}", of(*state), state.code()))
        .collect();
    let again = if is_new { "" } else { " (taken before)" };
    println!("file {file}{again}: {}", words.join(", "));
    let refused: u64 = [
        Arrival::Differs,
        Arrival::Future,
        Arrival::Order,
        Arrival::Unreadable,
    ]
    .map(of)
    .iter()
    .sum();
    Ok(ExitCode::from(u8::from(refused > 0)))
}

pub fn hand_over(arguments: &HandOverClaims) -> Result<ExitCode> {
    let config = office::Config::read(&arguments.configured.config)?;
    let store = opened(&config)?;
    let key = FileKey::read(&arguments.key)?;
    let (file, count) = office::claim_files::hand_over(&store, &config, arguments.after, &key)?;
    let name = arguments.out.display().to_string();
    std::fs::write(&arguments.out, file).with_context(|| name.clone())?;
    println!("{count} claims in {name}");
    Ok(ExitCode::SUCCESS)
}
