//! `tizme office …`: the register's store from the command line.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

mod audit;
mod captures;
mod claims;
mod conflicts;
mod field;
mod outside;
mod staff;
mod statement;

use ::batch::folder::Trust;
use ::batch::{Between, write_changes};
use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use dedup::Policy;
use indicatif::{ProgressBar, ProgressStyle};
use keys::{FileKey, KeyRing, SystemClock};
use lexicon::handover::envelope::Signer as _;
use serde_json::json;
use store::import::{self, ImportReport};
use store::{CheckOptions, Journal, Store, StoreError};

/// What to do with the register.
#[derive(Subcommand)]
pub enum Office {
    /// Imports a folder of tables (docs/import.md); a bad row goes to the rejects file. Exit 1 when there is one.
    Import(Import),
    /// Compares everybody's prints with everybody's and opens a case for each pair that resembles.
    Deduplicate(Deduplicate),
    /// Opens a conflict for every PIN that several people hold and every person with several; again changes nothing.
    FindConflicts(conflicts::Where),
    /// PIN conflicts: where they stand, lots for the issuing agency, its answers, notices for the people.
    #[command(subcommand)]
    Conflicts(conflicts::Conflicts),
    /// Field verification: lots for local commissions, their answers, how far it is.
    #[command(subcommand)]
    Field(field::Field),
    /// Recomputes the hash chains of the journals and of the reads. Exit 1 when one is broken.
    Verify(Place),
    /// Serves the staff web application (docs/office.md) until it is stopped.
    Serve(Configured),
    /// Hands the register over as a signed snapshot, which `tizme batch` works from.
    Snapshot(Snapshot),
    /// Takes a formed and signed roll in, or the signed deltas after it, so that the pages show them. Exit 1 when deltas
    /// are refused.
    Receive(Receive),
    /// Takes in figures from outside: voters of the last election, kits that regions were given (CSV: region,
    /// precinct, value). Exit 1 when a row was left out.
    Reference(outside::Reference),
    /// Asks people about the pairs that the linkage is unsure of: the commission's list in force against the register.
    /// Each question of the review then says why, as a picture and a sentence.
    Pairs(outside::Pairs),
    /// What the office says under its own key: what is not settled at a freeze, who approved a release.
    #[command(subcommand)]
    Statement(statement::Statement),
    /// Looks for the latest release in a publication and records that it was published.
    Published(outside::Published),
    /// Takes the public manifests of the station packages in: whose kits they are, with which keys they sign.
    Packages(outside::Packages),
    /// Takes journals and reports of stations in after close: each event is checked, the precincts are counted anew.
    /// Exit 1 when a file was refused.
    Day(outside::Day),
    /// Compares the voters whose captures kits kept sealed, each with every other, once two people of two institutions allowed it
    /// on the page; writes the signed packet of the pairs.
    CompareCaptures(captures::Compare),
    /// Takes the days of a rehearsal in: manifests, journals and sealed corrections of a folder, at any depth; who came
    /// is counted, corrections become claims. Exit 1 when a file was refused.
    Rehearsal(outside::Rehearsal),
    /// Takes in the lists that heads of institutions hand over (CSV: precinct, category, letter, pin, surname,
    /// birth_date); each row becomes a Form 2 of its category. Exit 1 when a row was refused.
    Institutions(outside::Institutions),
    /// Signs an institution's list by its key: the folder that holds list.csv.
    SignInstitutions(outside::SignInstitutions),
    /// Takes a signed file of claims in that an office took while it was cut off.
    Claims(claims::Claims),
    /// At an office that was cut off: signs the claims that its desk took, for the centre.
    HandOverClaims(claims::HandOverClaims),
    /// Takes the commissions' protocols in (CSV: precinct, received, and by cause). Exit 1 when a row was refused.
    Protocols(outside::Protocols),
    /// The statistical audit of the day: a sample drawn by a public seed, and what people found on paper.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Makes an account, or gives one another role, name or password. The password comes from stdin or a file.
    AddStaff(staff::AddStaff),
    /// Closes an account and ends its sessions.
    CloseStaff(staff::CloseStaff),
}

/// Which configuration.
#[derive(Args)]
pub struct Configured {
    /// The configuration: TOML, unknown keys are refused.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// Arguments of `snapshot`.
#[derive(Args)]
pub struct Snapshot {
    #[command(flatten)]
    place: Place,
    /// The law: `kg-2015`, or a TOML file.
    #[arg(long, value_name = "L")]
    law: String,
    /// The folder to write; an older snapshot there is replaced when the new one is signed.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The register's private key: 64 hexadecimal digits; default: `keys/register.key` beside the snapshot.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// An earlier snapshot of this register: what has changed since is written too, to `--changes`.
    #[arg(long, value_name = "DIR", requires = "changes")]
    since: Option<PathBuf>,
    /// The folder of changes to write; with it and the image that an earlier run kept, a list is formed in less time.
    #[arg(long, value_name = "DIR", requires = "since")]
    changes: Option<PathBuf>,
}

/// Arguments of `receive`.
#[derive(Args)]
pub struct Receive {
    /// The folder `roll/` of a run, or its `deltas/` with the `roll/` beside it.
    folder: PathBuf,
    #[command(flatten)]
    configured: Configured,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Which store.
#[derive(Args)]
pub struct Place {
    /// The store: a file path, sqlite:PATH or postgres://…; a URL with a password belongs into TIZME_STORE,
    /// where other users of the machine do not see it.
    #[arg(
        long,
        env = "TIZME_STORE",
        hide_env_values = true,
        default_value = "sqlite:tizme.db",
        value_name = "URL"
    )]
    store: String,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Arguments of `import`.
#[derive(Args)]
pub struct Import {
    /// The folder with the tables.
    folder: PathBuf,
    #[command(flatten)]
    place: Place,
    /// Where rejected rows are listed; default: rejects.csv in the folder.
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
}

/// Arguments of `deduplicate`.
#[derive(Args)]
pub struct Deduplicate {
    #[command(flatten)]
    place: Place,
    /// Threads; 0: as many as the machine has.
    #[arg(long, default_value_t = 0)]
    threads: usize,
}

/// Runs a command.
pub fn run(command: Office) -> Result<ExitCode> {
    match command {
        Office::Import(arguments) => import_folder(&arguments),
        Office::Deduplicate(arguments) => deduplicate(&arguments),
        Office::FindConflicts(at) => conflicts::find(&at),
        Office::Conflicts(command) => conflicts::run(&command),
        Office::Field(command) => field::run(&command),
        Office::Verify(place) => verify(&place),
        Office::Serve(configured) => serve(&configured),
        Office::Snapshot(arguments) => snapshot(&arguments),
        Office::Receive(arguments) => receive(&arguments),
        Office::Reference(arguments) => outside::reference(&arguments),
        Office::Pairs(arguments) => outside::pairs(&arguments),
        Office::Day(arguments) => outside::day(&arguments),
        Office::CompareCaptures(arguments) => captures::compare(&arguments),
        Office::Rehearsal(arguments) => outside::rehearsal(&arguments),
        Office::Institutions(arguments) => outside::institutions(&arguments),
        Office::SignInstitutions(arguments) => outside::sign_institutions(&arguments),
        Office::Claims(arguments) => claims::take(&arguments),
        Office::HandOverClaims(arguments) => claims::hand_over(&arguments),
        Office::Protocols(arguments) => outside::protocols(&arguments),
        Office::Packages(arguments) => outside::packages(&arguments),
        Office::Statement(command) => statement::run(&command),
        Office::Published(arguments) => outside::published(&arguments),
        Office::Audit(command) => audit::run(&command),
        Office::AddStaff(arguments) => staff::add(&arguments),
        Office::CloseStaff(arguments) => staff::close(&arguments),
    }
}

fn open(place: &Place) -> Result<Store> {
    Store::open(&place.store, Arc::new(SystemClock)).context("the store cannot be opened")
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:14} {wide_bar} {percent:>3} % {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(1).with_style(style)
}

fn import_folder(arguments: &Import) -> Result<ExitCode> {
    let store = open(&arguments.place)?;
    let options = import::Options {
        rejects: arguments.rejects.clone(),
        ..import::Options::default()
    };
    let bar = bar();
    let report = import::folder(&store, &arguments.folder, &options, &mut |progress| {
        bar.set_message(progress.table.to_owned());
        bar.set_length(progress.total);
        bar.set_position(progress.done);
    });
    bar.finish_and_clear();
    let report = report?;
    if arguments.place.json {
        println!("{}", as_json(&report));
    } else {
        print_report(&report);
    }
    Ok(ExitCode::from(u8::from(report.rejected() > 0)))
}

fn snapshot(arguments: &Snapshot) -> Result<ExitCode> {
    let law = crate::law::read(&arguments.law)?;
    let key = match &arguments.key {
        Some(file) => file.clone(),
        None => {
            let beside = arguments.out.parent().unwrap_or(Path::new("."));
            beside.join("keys/register.key")
        }
    };
    let key = FileKey::read(&key)?;
    let store = open(&arguments.place)?;
    let bar = bar();
    let handed = office::hand_over(&store, &law, &arguments.out, &key, &|progress| {
        bar.set_message(progress.step.to_owned());
        bar.set_length(progress.total);
        bar.set_position(progress.done);
    });
    bar.finish_and_clear();
    let handed = handed?;
    let made = match (&arguments.since, &arguments.changes) {
        (Some(base), Some(out)) => {
            let ring = KeyRing::of([key.public_key()]);
            let trust = Trust {
                verifier: &ring,
                signer: key.kid(),
                election: law.election.number,
            };
            let between = Between {
                base,
                newer: &arguments.out,
            };
            Some(write_changes(out, between, &law, trust, &key)?)
        }
        (Some(_) | None, _) => None,
    };
    if arguments.place.json {
        let changes = made.map(|made| json!({ "persons": made.touched, "id": made.id.hex() }));
        println!(
            "{}",
            json!({ "persons": handed.persons, "snapshot": handed.id.hex(), "changes": changes })
        );
    } else {
        println!("{} persons\nsnapshot {}", handed.persons, handed.id.hex());
        if let Some(made) = made {
            println!(
                "changes  {}, {} persons touched",
                made.id.hex(),
                made.touched
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn as_json(report: &ImportReport) -> serde_json::Value {
    let tables: Vec<_> = report
        .tables
        .iter()
        .map(|t| {
            json!({
                "table": t.table, "file": t.file, "rows": t.rows, "added": t.added, "changed": t.changed, "unchanged": t.unchanged,
                "rejected": t.rejected, "unknown_columns": t.unknown_columns, "pin_disagrees": t.pin_disagrees,
            })
        })
        .collect();
    json!({
        "tables": tables,
        "shared_pin_cases": report.shared_pin_cases,
        "reasons": report.reasons,
        "rejects": report.rejects.as_ref().map(|path| path.display().to_string()),
    })
}

fn print_report(report: &ImportReport) {
    println!(
        "{:14} {:>10} {:>10} {:>10} {:>10} {:>10}",
        "table", "rows", "added", "changed", "unchanged", "rejected"
    );
    for table in &report.tables {
        println!(
            "{:14} {:>10} {:>10} {:>10} {:>10} {:>10}",
            table.table, table.rows, table.added, table.changed, table.unchanged, table.rejected
        );
        if !table.unknown_columns.is_empty() {
            println!("{:14} not read: {}", "", table.unknown_columns.join(", "));
        }
        if table.pin_disagrees > 0 {
            println!(
                "{:14} PIN disagrees with sex or birth date: {}",
                "", table.pin_disagrees
            );
        }
    }
    if report.shared_pin_cases > 0 {
        println!(
            "cases opened because two persons claim one PIN: {}",
            report.shared_pin_cases
        );
    }
    for (reason, rows) in &report.reasons {
        println!("{rows:>10} × {reason}");
    }
    if let Some(path) = &report.rejects {
        println!("rejected rows: {}", path.display());
    }
}

fn deduplicate(arguments: &Deduplicate) -> Result<ExitCode> {
    let store = open(&arguments.place)?;
    let threads = match arguments.threads {
        0 => std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get),
        given => given,
    };
    let bar = bar();
    bar.set_message("compare");
    let options = CheckOptions {
        policy: Policy::standard(),
        threads,
    };
    let report = store.check_duplicates("deduplicate", options, &|done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    let report = report?;
    if arguments.place.json {
        let shown = json!({
            "captures": report.captures, "exhaustive": report.exhaustive, "pairs": report.pairs.len(),
            "cases_opened": report.cases_opened, "policy": report.policy.to_string(),
        });
        println!("{shown}");
    } else {
        let how = if report.exhaustive {
            "each compared with each in full"
        } else {
            "a prefilter chose whom to compare in full; its loss is in docs/fingerprint.md"
        };
        println!("{} captures, {how}", report.captures);
        println!(
            "{} pairs referred, {} new cases",
            report.pairs.len(),
            report.cases_opened
        );
        println!("policy {}", report.policy);
    }
    Ok(ExitCode::SUCCESS)
}

fn verify(place: &Place) -> Result<ExitCode> {
    let store = open(place)?;
    let mut broken = false;
    let mut shown = Vec::new();
    let mut note = |name: &str, outcome: Result<store::ChainHead, StoreError>| match outcome {
        Ok(head) => {
            shown.push(json!({ "journal": name, "entries": head.position, "ok": true }));
            Ok(())
        }
        Err(StoreError::BrokenChain { position, .. }) => {
            broken = true;
            shown.push(json!({ "journal": name, "broken_at": position, "ok": false }));
            Ok(())
        }
        Err(other) => Err(other),
    };
    for journal in [Journal::Registry, Journal::Electoral] {
        note(
            journal.name(),
            store.read("verify_journal", |tx| tx.verify_journal(journal)),
        )?;
    }
    note("read", store.read("verify_reads", |tx| tx.verify_reads()))?;
    for line in &shown {
        if place.json {
            println!("{line}");
        } else if line["ok"] == true {
            println!(
                "{}: {} entries, the chain is whole",
                line["journal"].as_str().unwrap_or(""),
                line["entries"]
            );
        } else {
            println!(
                "{}: BROKEN at entry {}",
                line["journal"].as_str().unwrap_or(""),
                line["broken_at"]
            );
        }
    }
    Ok(ExitCode::from(u8::from(broken)))
}

fn serve(configured: &Configured) -> Result<ExitCode> {
    let config = office::Config::read(&configured.config)?;
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let serving = office::serve(config).await?;
        println!("office http://{}/", serving.address);
        tokio::select! {
            () = serving.ended() => bail!("the office stopped"),
            stopped = tokio::signal::ctrl_c() => stopped.context("waiting for Ctrl-C"),
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

fn receive(arguments: &Receive) -> Result<ExitCode> {
    let config = office::Config::read(&arguments.configured.config)?;
    let store = opened(&config)?;
    let source = source(&config)?;
    let is_deltas = arguments
        .folder
        .file_name()
        .is_some_and(|name| name == ::batch::deltas::DELTAS);
    if is_deltas {
        return receive_deltas(arguments, &store, source);
    }
    let received = office::receive_roll(&store, &arguments.folder, source)?;
    if arguments.json {
        let shown = json!({
            "release": received.release, "is_new": received.is_new, "decisions": received.decisions,
            "claims": received.claims, "findings": received.findings, "reconciled": received.reconciled,
        });
        println!("{shown}");
    } else if received.is_new {
        println!(
            "release {}: {} decisions, {} claims, {} findings, {} classes of rows",
            received.release,
            received.decisions,
            received.claims,
            received.findings,
            received.reconciled
        );
    } else {
        println!("release {} was there already", received.release);
    }
    Ok(ExitCode::SUCCESS)
}

fn receive_deltas(
    arguments: &Receive,
    store: &Store,
    source: office::Source<'_>,
) -> Result<ExitCode> {
    let received = match office::receive_deltas(store, &arguments.folder, source) {
        Ok(received) => received,
        Err(error) => {
            return match error.refusal() {
                Some((refusal, detail)) => {
                    Ok(crate::batch::sign::refuse(arguments.json, refusal, detail))
                }
                None => Err(error.into()),
            };
        }
    };
    if arguments.json {
        let shown = json!({
            "release": received.release, "deltas": received.deltas, "new": received.new,
            "struck": received.struck, "added": received.added, "changed": received.changed,
        });
        println!("{shown}");
    } else if received.new == 0 {
        println!(
            "release {}: deltas 1 to {} were there already",
            received.release, received.deltas
        );
    } else {
        println!(
            "release {}: {} new deltas of {}: {} lines struck, {} added, {} changed",
            received.release,
            received.new,
            received.deltas,
            received.struck,
            received.added,
            received.changed
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn opened(config: &office::Config) -> Result<Store> {
    Store::open(&config.store, Arc::clone(&config.clock)).context("the store cannot be opened")
}

/// Whom a roll or a publication must come from, by the configuration.
fn source(config: &office::Config) -> Result<office::Source<'_>> {
    let [srs, cec] = config.publishers.required[..] else {
        bail!("this needs two publishers in the configuration: srs-release, then cec-release");
    };
    Ok(office::Source {
        verifier: config.publishers.ring.as_ref(),
        srs,
        cec,
        law: &config.law,
        doubled_percent: config.uploads.doubled_percent,
        sampled_per_100000: config.uploads.sampled_per_100000,
    })
}
