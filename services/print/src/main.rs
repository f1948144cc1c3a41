//! `tizme-print`: paper from signed documents, as PDF/A.
//!
//! Exit codes: 0 success, 1 a finding (a list that is not of the release, a list not printed),
//! 2 bad use or unreadable input.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use lexicon::PrecinctCode;
use tizme_print::form::PaperLanguage;
use tizme_print::lists::{ListsJob, ListsOutcome, Progress, print_lists};
use tizme_print::lots::{LotsJob, print_lots};
use tizme_print::report::OpenReport;
use tizme_print::report_page::print_report;
use tizme_print::supplements::{SupplementsJob, print_supplements};

/// Paper from signed documents, as PDF/A.
#[derive(Parser)]
#[command(name = "tizme-print", version, arg_required_else_help = true)]
struct Print {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Prints precinct lists, one PDF each.
    Lists(Lists),
    /// Prints what the deltas after the freeze change: one PDF for each delta and precinct, to be bound with the list.
    Supplements(Supplements),
    /// Prints lots of field verification, one PDF each, with boxes for the answers.
    Lots(Lots),
    /// Prints the A4 copy of a station's signed report.
    Report(Report),
}

/// Languages of the paper.
#[derive(Clone, Copy, ValueEnum)]
enum Lang {
    Ky,
    Ru,
    En,
    Both,
}

impl From<Lang> for PaperLanguage {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Ky => PaperLanguage::Ky,
            Lang::Ru => PaperLanguage::Ru,
            Lang::En => PaperLanguage::En,
            Lang::Both => PaperLanguage::Both,
        }
    }
}

#[derive(Args)]
struct Lists {
    /// The folder `roll/` of an output directory.
    #[arg(long)]
    roll: PathBuf,
    /// Its folder `publication/`: signatures, law and addresses. Without it every page says that it is a draft.
    #[arg(long)]
    publication: Option<PathBuf>,
    /// Where PDFs and `lists.json` go.
    #[arg(long)]
    out: PathBuf,
    /// Only this precinct; may be repeated.
    #[arg(long = "precinct", value_name = "PPPP")]
    precincts: Vec<PrecinctCode>,
    /// Kyrgyz, Russian, English, or Kyrgyz and Russian.
    #[arg(long, value_enum, default_value = "both")]
    lang: Lang,
    /// Lists set at the same time; 0: as many as the machine has processors.
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// The law, when no publication is given.
    #[arg(long, default_value = "kg-2015")]
    law: String,
    /// Print the outcome as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct Supplements {
    #[command(flatten)]
    lists: Lists,
    /// The folder `deltas/` of the output directory.
    #[arg(long)]
    deltas: PathBuf,
    /// Only what this delta changes.
    #[arg(long, value_name = "N")]
    delta: Option<u32>,
}

#[derive(Args)]
struct Lots {
    /// The table of lots: `field-lots.csv` of the office's page /field, or `lots.csv` of `tizme office field export`.
    #[arg(long)]
    table: PathBuf,
    /// The folder with the lots' files, `field-lot-00001.csv` and so on.
    #[arg(long)]
    files: PathBuf,
    /// Where PDFs and `lots.json` go.
    #[arg(long)]
    out: PathBuf,
    /// Only this lot; may be repeated.
    #[arg(long = "lot", value_name = "N")]
    lots: Vec<u32>,
    /// Kyrgyz, Russian, English, or Kyrgyz and Russian.
    #[arg(long, value_enum, default_value = "both")]
    lang: Lang,
    /// Lots set at the same time; 0: as many as the machine has processors.
    #[arg(long, default_value_t = 0)]
    threads: usize,
    /// Print the outcome as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
struct Report {
    /// The signed report, as `journals/1001/K1.final.cose`.
    #[arg(long)]
    report: PathBuf,
    /// The manifest of its package, as `packages/1001.manifest.cose`.
    #[arg(long)]
    manifest: PathBuf,
    /// The folder `publication/`, for the keys.
    #[arg(long)]
    publication: PathBuf,
    /// A grant of that day, as `K9.grant.cose`: the spare kit or the card that it admits may have signed. Once for each.
    #[arg(long = "grant", value_name = "FILE")]
    grants: Vec<PathBuf>,
    /// The PDF to write.
    #[arg(long)]
    out: PathBuf,
    /// Kyrgyz, Russian, English, or Kyrgyz and Russian.
    #[arg(long, value_enum, default_value = "both")]
    lang: Lang,
    /// Print the outcome as JSON.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    match Print::parse().command {
        Command::Lists(arguments) => lists(arguments),
        Command::Supplements(arguments) => supplements(arguments),
        Command::Lots(arguments) => lots(arguments),
        Command::Report(arguments) => report(&arguments),
    }
}

fn lots(arguments: Lots) -> ExitCode {
    let threads = match threads(arguments.threads) {
        Ok(threads) => threads,
        Err(code) => return code,
    };
    let job = LotsJob {
        table: arguments.table,
        files: arguments.files,
        out: arguments.out,
        lots: arguments.lots,
        language: arguments.lang.into(),
        threads,
    };
    let outcome = match print_lots(&job, &|progress| tell(progress, "lot", 5)) {
        Ok(outcome) => outcome,
        Err(error) => return refuse(&error, 2),
    };
    for bad in &outcome.refused {
        eprintln!("tizme-print: {bad}");
    }
    if arguments.json {
        let counts = (outcome.printed, outcome.skipped);
        say_json(&outcome, counts, &outcome.refused);
    } else {
        let pages: u64 = outcome.lots.iter().map(|lot| u64::from(lot.pages)).sum();
        println!(
            "{} lots printed, {} stood, {} refused; {} lots with {pages} pages stand",
            outcome.printed,
            outcome.skipped,
            outcome.refused.len(),
            outcome.lots.len(),
        );
    }
    ExitCode::from(u8::from(!outcome.refused.is_empty()))
}

fn report(arguments: &Report) -> ExitCode {
    let opened = OpenReport::open(
        &arguments.report,
        &arguments.manifest,
        &arguments.publication,
        &arguments.grants,
    );
    let open = match opened {
        Ok(open) => open,
        Err(error) => return refuse(&error, if error.is_finding() { 1 } else { 2 }),
    };
    match print_report(&open, arguments.lang.into(), &arguments.out) {
        Err(error) => refuse(&error, 2),
        Ok(sha256) => {
            let (precinct, counted) = (open.report.precinct, open.report.counted);
            if arguments.json {
                let value = serde_json::json!({
                    "precinct": precinct, "number": open.report.number, "counted": counted,
                    "file": arguments.out, "sha256": sha256,
                });
                println!("{value:#}");
            } else {
                println!("precinct {precinct:04}: report with {counted} counted printed");
            }
            ExitCode::SUCCESS
        }
    }
}

/// How many documents are set at the same time, or how the process ends; 0 asks the machine.
fn threads(asked: usize) -> Result<usize, ExitCode> {
    let threads = match asked {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        n => n,
    };
    // Typst lays pages out in parallel on the shared pool; the flag bounds that too.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    match pool.build_global() {
        Ok(()) => Ok(threads),
        Err(error) => Err(refuse(&error, 2)),
    }
}

/// The job that the arguments ask for, or how the process ends.
fn job(arguments: Lists) -> Result<ListsJob, ExitCode> {
    let threads = threads(arguments.threads)?;
    if arguments.publication.is_none() {
        eprintln!("tizme-print: no publication: signatures are not checked, every page says so");
    }
    Ok(ListsJob {
        roll: arguments.roll,
        publication: arguments.publication,
        law_id: arguments.law,
        out: arguments.out,
        precincts: arguments.precincts,
        language: arguments.lang.into(),
        threads,
    })
}

fn lists(arguments: Lists) -> ExitCode {
    let as_json = arguments.json;
    let job = match job(arguments) {
        Ok(job) => job,
        Err(code) => return code,
    };
    match print_lists(&job, &|progress| tell(progress, "precinct", 4)) {
        Err(error) => refuse(&error, if error.is_finding() { 1 } else { 2 }),
        Ok(outcome) => {
            say(&outcome, as_json);
            ExitCode::from(u8::from(!outcome.refused.is_empty()))
        }
    }
}

fn supplements(arguments: Supplements) -> ExitCode {
    let as_json = arguments.lists.json;
    let lists = match job(arguments.lists) {
        Ok(job) => job,
        Err(code) => return code,
    };
    let job = SupplementsJob {
        lists,
        deltas: arguments.deltas,
        number: arguments.delta,
    };
    match print_supplements(&job, &|progress| tell(progress, "precinct", 4)) {
        Err(error) => refuse(&error, if error.is_finding() { 1 } else { 2 }),
        Ok(outcome) => {
            if as_json {
                let counts = (outcome.printed, outcome.skipped);
                say_json(&outcome, counts, &outcome.refused);
            } else {
                let pages = outcome.supplements.iter();
                let pages: u64 = pages.map(|of| u64::from(of.printed.pages)).sum();
                println!(
                    "release {}: {} supplements printed, {} stood, {} refused; {} with {pages} sheets stand",
                    outcome.release,
                    outcome.printed,
                    outcome.skipped,
                    outcome.refused.len(),
                    outcome.supplements.len(),
                );
            }
            ExitCode::from(u8::from(!outcome.refused.is_empty()))
        }
    }
}

fn refuse(error: &dyn std::error::Error, code: u8) -> ExitCode {
    eprintln!("tizme-print: {error}");
    ExitCode::from(code)
}

/// Says on stderr how far the run is; `noun` is whose papers are printed, `digits` how long its number is.
fn tell(progress: Progress<'_>, noun: &str, digits: usize) {
    match progress {
        Progress::Proven { done, total } if done == total || done.is_multiple_of(200) => {
            eprintln!("lists proven against the release: {done} of {total}");
        }
        Progress::Proven { .. } => {}
        Progress::Printed {
            list,
            done,
            total,
            is_skipped,
        } => {
            let word = if is_skipped { "stands" } else { "printed" };
            let (of, pages, lines) = (list.of, list.pages, list.lines);
            eprintln!("{done}/{total} {noun} {of:0digits$}: {word}, {pages} pages, {lines} lines");
        }
        Progress::Refused { of, why } => {
            eprintln!("{noun} {of:0digits$}: not printed: {why}");
        }
    }
}

/// What stands as JSON, with what this run printed, passed over and refused.
fn say_json(
    outcome: &impl serde::Serialize,
    (printed, skipped): (usize, usize),
    refused: &impl serde::Serialize,
) {
    let mut value = serde_json::json!(outcome);
    value["printed"] = printed.into();
    value["skipped"] = skipped.into();
    value["refused"] = serde_json::json!(refused);
    println!("{value:#}");
}

fn say(outcome: &ListsOutcome, as_json: bool) {
    if as_json {
        let counts = (outcome.printed, outcome.skipped);
        say_json(outcome, counts, &outcome.refused);
        return;
    }
    let pages: u64 = outcome.lists.iter().map(|l| u64::from(l.pages)).sum();
    println!(
        "release {}: {} lists printed, {} stood, {} refused; {} lists with {pages} pages stand",
        outcome.release,
        outcome.printed,
        outcome.skipped,
        outcome.refused.len(),
        outcome.lists.len(),
    );
}
