//! `tizme office field …`: what nobody could place, handed to local commissions as numbered lots and taken back.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use lexicon::Purpose;
use office::field_classes;
use roll::field::Progress;
use serde_json::json;
use store::field::FieldTerms;
use store::write_rejects;

use super::conflicts::{AUTHOR, Where, look, lot_terms, read_lot, rejects_of, write};

/// What to do with field verification.
#[derive(Subcommand)]
pub enum Field {
    /// Says how far it is. Exit 1 while anything is unfinished.
    Status(Where),
    /// Writes a file for every lot of what is in none yet, and `lots.csv` that lists them with their SHA-256.
    Export(Export),
    /// Takes files back, filled in; a bad row goes to the rejects file. Exit 1 when there is one.
    Answer(Answer),
}

/// Arguments of `field export`.
#[derive(Args)]
pub struct Export {
    #[command(flatten)]
    at: Where,
    /// The day until which answers are due, YYYY-MM-DD.
    #[arg(long)]
    due: String,
    /// Most entries of one lot.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    entries: u32,
    /// The folder for the files.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Arguments of `field answer`.
#[derive(Args)]
pub struct Answer {
    /// Lots as the commissions filled them in.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    at: Where,
}

/// Runs a command.
pub fn run(command: &Field) -> Result<ExitCode> {
    match command {
        Field::Status(at) => status(at),
        Field::Export(arguments) => export(arguments),
        Field::Answer(arguments) => answer(arguments),
    }
}

const PROGRESS: [(Progress, &str); 4] = [
    (Progress::Done, "done"),
    (Progress::Open, "open"),
    (Progress::Late, "late"),
    (Progress::Conflict, "conflict"),
];

fn status(at: &Where) -> Result<ExitCode> {
    let (store, _) = at.open()?;
    let shown = store.field_progress(&field_classes())?;
    if at.place.json {
        let mut counts: serde_json::Map<String, serde_json::Value> = PROGRESS
            .iter()
            .map(|(progress, word)| ((*word).to_owned(), json!(shown.at(*progress))))
            .collect();
        for (key, n) in [
            ("all", shown.all()),
            ("not_handed", shown.waiting()),
            ("unfinished", shown.unfinished()),
            ("stray_answers", shown.stray_answers),
            ("lots", shown.lots.len() as u64),
        ] {
            counts.insert(key.to_owned(), json!(n));
        }
        println!("{}", serde_json::Value::Object(counts));
    } else {
        println!("{:>8} to verify in all", shown.all());
        println!("{:>8} not handed out", shown.waiting());
        for (progress, word) in PROGRESS {
            println!("{:>8} {word}", shown.at(progress));
        }
        println!("{:>8} answers about no entry", shown.stray_answers);
        println!(
            "{} lots, {} entries unfinished",
            shown.lots.len(),
            shown.unfinished()
        );
    }
    Ok(ExitCode::from(u8::from(shown.unfinished() > 0)))
}

fn export(arguments: &Export) -> Result<ExitCode> {
    let (store, today) = arguments.at.open()?;
    let due = lot_terms(&arguments.due, today, &arguments.out)?;
    let terms = FieldTerms {
        verify: field_classes(),
        due,
        entries_max: arguments.entries as usize,
    };
    let made = store.make_field_lots(look(), &terms)?;
    let list = arguments.out.join("lots.csv");
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "lot", "precinct", "aimak", "made", "due", "entries", "file", "sha256",
    ])?;
    for one in &made {
        let name = format!("field-lot-{:05}.csv", one.lot.lot);
        write(
            &arguments.out.join(&name),
            one.file.open(Purpose::Reconcile),
        )?;
        writer.write_record([
            &one.lot.lot.to_string(),
            &one.lot.precinct.map_or_else(String::new, |p| p.to_string()),
            &one.lot.aimak,
            &today.to_string(),
            &one.lot.due.to_string(),
            &one.lot.entries.to_string(),
            &name,
            &one.lot.sha256,
        ])?;
    }
    let bytes = writer.into_inner().context("the list of lots")?;
    write(&list, &bytes)?;
    let entries: u64 = made.iter().map(|one| one.lot.entries).sum();
    if arguments.at.place.json {
        println!(
            "{}",
            json!({ "lots": made.len(), "entries": entries, "list": list.display().to_string() })
        );
    } else {
        println!(
            "{} lots with {entries} entries, due {due}: {}",
            made.len(),
            list.display()
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn answer(arguments: &Answer) -> Result<ExitCode> {
    let (store, today) = arguments.at.open()?;
    let mut rejected = 0;
    for path in &arguments.files {
        let shown = path.display().to_string();
        let report = store
            .take_field_answers(AUTHOR, &read_lot(path)?, today)
            .with_context(|| shown.clone())?;
        let rejects = rejects_of(path, None);
        write_rejects(&rejects, &shown, &report.rejected)
            .with_context(|| format!("writing {}", rejects.display()))?;
        rejected += report.rejected.len();
        let states: Vec<String> = report
            .answers
            .iter()
            .map(|(state, n)| format!("{n} {}", state.code()))
            .collect();
        if arguments.at.place.json {
            let answers: serde_json::Map<String, serde_json::Value> = report
                .answers
                .iter()
                .map(|(state, n)| (state.code().to_owned(), json!(n)))
                .collect();
            let line = json!({
                "file": shown, "answers": answers, "left_blank": report.left_blank,
                "known": report.known, "rejected": report.rejected.len(),
            });
            println!("{line}");
        } else {
            println!(
                "{shown}: {}; {} blank, {} taken before, {} rejected",
                if states.is_empty() {
                    "nothing new".to_owned()
                } else {
                    states.join(", ")
                },
                report.left_blank,
                report.known,
                report.rejected.len()
            );
        }
    }
    Ok(ExitCode::from(u8::from(rejected > 0)))
}
