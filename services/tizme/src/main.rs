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

/// What a shell gives to a program that SIGPIPE ended: whoever read the output has read enough.
const CUT_OFF: i32 = 141;

/// Printing to a reader that has gone ends the command quietly, as it does any other of a shell's commands.
fn end_when_nobody_reads() {
    let others = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let said = panic.payload_as_str().unwrap_or_default();
        if said.starts_with("failed printing to stdout") && said.contains("Broken pipe") {
            std::process::exit(CUT_OFF);
        }
        others(panic);
    }));
}

fn main() -> ExitCode {
    end_when_nobody_reads();
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
