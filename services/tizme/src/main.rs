//! `tizme`: the command. Each subcommand is a thin shell over one room of the house.
//!
//! Exit codes: 0 success, 1 a finding (violation, mismatch, rejects), 2 bad use or unreadable input.

mod batch;
mod fingerprint;
mod law;
mod linkage;
mod office;
mod plan;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Lists of a country are made of millions of small pieces of text; this allocator gives and takes them fastest.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// From one register, a voter list anyone can check, and a polling station that lets every voter in once.
#[derive(Parser)]
#[command(name = "tizme", version, arg_required_else_help = true)]
struct Tizme {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Forms, reconciles, assigns, de-duplicates and counts from a snapshot of the register.
    #[command(subcommand)]
    Batch(Box<batch::Batch>),
    /// Extracts, compares, converts and shows fingerprints.
    #[command(subcommand)]
    Fingerprint(fingerprint::Fingerprint),
    /// Finds the records of one person in two lists or in one.
    #[command(subcommand)]
    Linkage(linkage::Linkage),
    /// Imports, checks and keeps the register.
    #[command(subcommand)]
    Office(office::Office),
    /// Plans kits, operators, reserve, queues and budget of election day.
    Plan(Box<plan::Plan>),
}

fn main() -> ExitCode {
    let outcome = match Tizme::parse().command {
        Command::Batch(command) => batch::run(&command),
        Command::Fingerprint(command) => fingerprint::run(command),
        Command::Linkage(command) => linkage::run(&command),
        Command::Office(command) => office::run(command),
        Command::Plan(command) => plan::run(&command),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("tizme: {error:#}");
            ExitCode::from(2)
        }
    }
}
