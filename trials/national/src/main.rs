//! `tizme-national`: the voter list at the size of a country.
//!
//! `snapshot --country DIR --out DIR [--shuffle SEED] [--times K]` writes `snapshot/` and `keys/`;
//! `chain --snapshot DIR --out DIR [--threads N] [--country DIR]` forms, reconciles and packs, with times,
//! memory and, with the country's truth, the fit of every class. Exit 1 when a class misses its rates;
//! `paper --out DIR --paper DIR` compares printed lists with the packages.

use std::path::PathBuf;
use std::process::ExitCode;

use batch::{Reading, Rerun};
use clap::{Args, Parser, Subcommand};
use lexicon::ElectionLaw;
use lexicon::handover::envelope::hex;
use national::{acts, chain, paper, snapshot, truth};
use serde_json::json;

/// Millions of small pieces of text are taken and given back: this allocator needs a ninth of the chain's time less.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Rates that every class must reach: precision and recall.
const RATES: (f64, f64) = (0.995, 0.99);

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Writes a signed snapshot from the tables of a country.
    Snapshot(Snapshot),
    /// Runs the chain from a snapshot to packages.
    Chain(Chain),
    /// Lets some acts happen after a snapshot: `snapshot/` and `changes/`.
    Acts(Acts),
    /// Compares printed lists with the packages: all lines, and a sample of pages read again.
    Paper(Paper),
}

#[derive(Args)]
struct Paper {
    /// The directory of `chain --out`.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The folder of `tizme-print lists --out`.
    #[arg(long, value_name = "DIR")]
    paper: PathBuf,
    /// Of so many printed pages one is drawn and its code read.
    #[arg(long, default_value_t = 50, value_name = "N")]
    every: u32,
    /// Threads; 0: as many as the machine has.
    #[arg(long, default_value_t = 0, value_name = "N")]
    threads: usize,
}

#[derive(Args)]
struct Acts {
    /// The earlier snapshot folder.
    #[arg(long, value_name = "DIR")]
    snapshot: PathBuf,
    /// Where `snapshot/`, `changes/` and `keys/` go.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How many acts, all kinds in turn.
    #[arg(long, default_value_t = 1000, value_name = "N")]
    acts: u64,
    /// Who is drawn.
    #[arg(long, default_value_t = 1, value_name = "SEED")]
    seed: u64,
}

#[derive(Args)]
struct Snapshot {
    /// Tables of `tizme-country`, with `truth/`.
    #[arg(long, value_name = "DIR")]
    country: PathBuf,
    /// Where `snapshot/` and `keys/` go.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Rows in another order.
    #[arg(long, value_name = "SEED")]
    shuffle: Option<u64>,
    /// How many times the country.
    #[arg(long, default_value_t = 1, value_name = "K")]
    times: u32,
}

#[derive(Args)]
struct Chain {
    /// The snapshot folder.
    #[arg(long, value_name = "DIR")]
    snapshot: PathBuf,
    /// Where `roll/` and `packages/` go.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Threads; 0: as many as the machine has.
    #[arg(long, default_value_t = 0, value_name = "N")]
    threads: usize,
    /// The country with `truth/`.
    #[arg(long, value_name = "DIR")]
    country: Option<PathBuf>,
    /// The changes since the snapshot whose image an earlier run kept below `--out`.
    #[arg(long, value_name = "DIR")]
    since: Option<PathBuf>,
    /// Keep an image for the next run: `kept/` below `--out`.
    #[arg(long)]
    keep: bool,
    /// No packages.
    #[arg(long)]
    list_only: bool,
    /// Print as JSON.
    #[arg(long)]
    json: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let law = ElectionLaw::shipped("kg-2015")?;
    let keys = chain::KeyChain::new(2015);
    match Cli::parse().what {
        What::Snapshot(arguments) => {
            let terms = snapshot::Terms {
                times: arguments.times,
                shuffle: arguments.shuffle,
                today: law.election.day,
            };
            std::fs::create_dir_all(&arguments.out)?;
            keys.write(&arguments.out.join("keys"))?;
            let folder = arguments.out.join("snapshot");
            let made = snapshot::write(&arguments.country, &folder, &law, &keys.register, terms)?;
            println!(
                "{} persons, {} rows rejected, snapshot {}",
                made.persons,
                made.rejected,
                made.id.hex()
            );
            Ok(ExitCode::SUCCESS)
        }
        What::Acts(arguments) => {
            std::fs::create_dir_all(&arguments.out)?;
            keys.write(&arguments.out.join("keys"))?;
            let terms = acts::Terms {
                acts: arguments.acts,
                seed: arguments.seed,
            };
            let (base, out) = (&arguments.snapshot, &arguments.out);
            let made = acts::write(base, out, &law, &keys.register, keys.ring(), terms)?;
            println!(
                "{} persons touched, changes {}",
                made.touched,
                made.id.hex()
            );
            Ok(ExitCode::SUCCESS)
        }
        What::Chain(arguments) => run(&law, &keys, &arguments),
        What::Paper(arguments) => {
            let terms = paper::Terms {
                out: &arguments.out,
                paper: &arguments.paper,
                every: arguments.every,
                threads: arguments.threads,
            };
            let found = paper::compare(&law, &keys, terms)?;
            println!(
                "{} packages with {} lines equal the lines printed from, 100 %\n{} lists read again: {} pages, {} lines, {} codes equal\n{} of the packages were compared by an earlier run",
                found.packages,
                found.lines,
                found.lists,
                found.pages,
                found.printed_lines,
                found.codes,
                found.taken_up
            );
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn run(law: &ElectionLaw, keys: &chain::KeyChain, arguments: &Chain) -> anyhow::Result<ExitCode> {
    let terms = chain::Terms {
        snapshot: &arguments.snapshot,
        out: &arguments.out,
        threads: arguments.threads,
        packages: !arguments.list_only,
        rerun: Rerun {
            changes: arguments.since.as_deref(),
            keep: arguments.keep,
        },
    };
    let run = chain::run(law, keys, terms)?;
    let formed = &run.formed;
    let fits = arguments
        .country
        .as_deref()
        .map(|dir| truth::reconciliation(dir, &formed.snapshot, &formed.reconciliation))
        .transpose()?
        .unwrap_or_default();
    let missed = fits
        .iter()
        .filter(|(_, fit)| fit.precision() < RATES.0 || fit.recall() < RATES.1)
        .count();
    let root = hex(formed.release.root.as_slice());
    if arguments.json {
        let fits: serde_json::Map<String, serde_json::Value> = fits
            .iter()
            .map(|(class, fit)| {
                let shown = json!({ "truth": fit.truth, "given": fit.given, "both": fit.both,
                    "precision": fit.precision(), "recall": fit.recall() });
                (class.code().to_owned(), shown)
            })
            .collect();
        let parts: Vec<_> = run
            .parts
            .iter()
            .map(|part| json!({ "part": part.name, "seconds": part.wall.as_secs_f64(), "cpu_seconds": part.cpu.as_secs_f64() }))
            .collect();
        println!(
            "{}",
            json!({ "root": root, "considered": formed.roll.count.considered, "lines": formed.roll.count.total,
                "rows": formed.reconciliation.rows.len(), "parts": parts, "classes": fits })
        );
    } else {
        for part in &run.parts {
            let (wall, cpu) = (part.wall.as_secs_f64(), part.cpu.as_secs_f64());
            println!("{wall:>8.2} s {cpu:>8.2} CPU-s {}", part.name);
        }
        println!(
            "{} considered, {} lines, {} rows of the commission, {} packages",
            formed.roll.count.considered,
            formed.roll.count.total,
            formed.reconciliation.rows.len(),
            run.packed
                .as_ref()
                .map_or(0, |packed| packed.packages.len())
        );
        println!("root {root}");
        match &formed.reading {
            Reading::Kept(persons) => println!("from the image kept, {persons} persons touched"),
            Reading::Anew(Some(why)) => println!("read anew: {why}"),
            Reading::Anew(None) => {}
        }
        for (class, fit) in &fits {
            println!(
                "{:16} truth {:>8} given {:>8} precision {:.5} recall {:.5}",
                class.code(),
                fit.truth,
                fit.given,
                fit.precision(),
                fit.recall()
            );
        }
    }
    Ok(ExitCode::from(u8::from(missed > 0)))
}
