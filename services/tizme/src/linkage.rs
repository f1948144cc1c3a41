//! `tizme linkage …`: which records of two lists, or of one, mean the same person.

mod explain;
mod lists;
pub mod rejects;
mod report;
mod results;
pub mod rows;

use std::path::PathBuf;
use std::process::ExitCode;

use ::linkage::model::{SHIPPED, shipped};
use ::linkage::{Effort, Linked, Model, Table, dedupe, link};
use anyhow::{Context as _, Result, ensure};
use clap::{Args, Subcommand};

use rejects::Rejects;

/// Record linkage.
#[derive(Subcommand)]
pub enum Linkage {
    /// Links two lists: for each pair above the review threshold a row `left_id,right_id,weight,probability,band,levels`.
    Link(LinkLists),
    /// Finds the duplicates of one list; the same columns.
    Dedupe(Dedupe),
    /// Says why a pair of records has its weight: a sentence in Kyrgyz, Russian or English, and a waterfall picture.
    Explain(explain::Explain),
}

/// The model and how much of the machine it may take.
#[derive(Args)]
pub struct With {
    /// The model: `febrl`, `kg-persons`, or a TOML file (docs/linkage.md).
    #[arg(long, value_name = "M")]
    model: String,
    /// Refuses any model but the one with this SHA-256, as a run before printed it.
    #[arg(long, value_name = "HEX")]
    model_sha256: Option<String>,
    /// Threads; 0: as many as the machine has. They never change the result.
    #[arg(long, default_value_t = 0, value_name = "N")]
    threads: usize,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Arguments of `link` and `dedupe`.
#[derive(Args)]
pub struct Terms {
    #[command(flatten)]
    with: With,
    /// Where the links are written; the extension names the format: csv or parquet.
    #[arg(long, value_name = "OUT")]
    out: PathBuf,
    /// Writes the model with the probabilities of this run frozen into it, for later runs without training.
    #[arg(long, value_name = "TOML")]
    freeze: Option<PathBuf>,
    /// Links without review as many as are expected to hold no more than so many wrong ones, instead of the model's
    /// threshold.
    #[arg(long, value_name = "N")]
    false_links: Option<u32>,
    /// Where linked records that contradict each other are written as `cluster,one,other,contradiction`.
    #[arg(long, value_name = "CSV")]
    contradictions: Option<PathBuf>,
    /// Where rows that cannot be read are listed as `file,line,field,reason`; default: `rejects.csv` beside `--out`.
    #[arg(long, value_name = "CSV")]
    rejects: Option<PathBuf>,
    /// Where the run is described: hashes of model, lists and links, thresholds, blocks that were too large.
    #[arg(long, value_name = "JSON")]
    manifest: Option<PathBuf>,
}

/// Arguments of `link`.
#[derive(Args)]
pub struct LinkLists {
    /// The left list, CSV or Parquet.
    #[arg(long, value_name = "A")]
    left: PathBuf,
    /// The right list, CSV or Parquet.
    #[arg(long, value_name = "B")]
    right: PathBuf,
    #[command(flatten)]
    terms: Terms,
}

/// Arguments of `dedupe`.
#[derive(Args)]
pub struct Dedupe {
    /// The list, CSV or Parquet.
    #[arg(long, value_name = "A")]
    input: PathBuf,
    /// Where the clusters are written as `cluster,id`, one record a row.
    #[arg(long, value_name = "CSV")]
    clusters: Option<PathBuf>,
    #[command(flatten)]
    terms: Terms,
}

/// Runs a command.
pub fn run(command: &Linkage) -> Result<ExitCode> {
    match command {
        Linkage::Link(arguments) => link_lists(arguments),
        Linkage::Dedupe(arguments) => find_duplicates(arguments),
        Linkage::Explain(arguments) => explain::run(arguments),
    }
}

fn link_lists(arguments: &LinkLists) -> Result<ExitCode> {
    let terms = &arguments.terms;
    let chosen = terms.model()?;
    let mut rejects = Rejects::default();
    let left = lists::read(&arguments.left, &chosen.model, &mut rejects)?;
    let right = lists::read(&arguments.right, &chosen.model, &mut rejects)?;
    let linked = link(&left, &right, &chosen.model, terms.with.effort())?;
    let files = [arguments.left.as_path(), arguments.right.as_path()];
    terms.keep(&linked, [&left, &right], &chosen, &rejects, &files)
}

fn find_duplicates(arguments: &Dedupe) -> Result<ExitCode> {
    let terms = &arguments.terms;
    let chosen = terms.model()?;
    let mut rejects = Rejects::default();
    let list = lists::read(&arguments.input, &chosen.model, &mut rejects)?;
    let linked = dedupe(&list, &chosen.model, terms.with.effort())?;
    if let Some(path) = &arguments.clusters {
        results::write_clusters(path, &linked, &list, &chosen.model)?;
    }
    let files = [arguments.input.as_path()];
    terms.keep(&linked, [&list, &list], &chosen, &rejects, &files)
}

/// A model with its text and the hash of it.
pub struct ChosenModel {
    text: String,
    sha256: String,
    model: Model,
}

/// SHA-256 as 64 hexadecimal digits.
fn sha256_hex(bytes: &[u8]) -> String {
    let hash = lexicon::handover::envelope::sha256(bytes);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl With {
    /// The model.
    fn model(&self) -> Result<ChosenModel> {
        let text = match shipped(&self.model) {
            Some(text) => text.to_owned(),
            None => std::fs::read_to_string(&self.model).with_context(|| {
                let known: Vec<_> = SHIPPED.iter().map(|(name, _)| *name).collect();
                format!(
                    "model {}: neither shipped ({}) nor a file",
                    self.model,
                    known.join(", ")
                )
            })?,
        };
        let sha256 = sha256_hex(text.as_bytes());
        if let Some(expected) = &self.model_sha256 {
            ensure!(
                expected.eq_ignore_ascii_case(&sha256),
                "model {}: its SHA-256 is {sha256}, not the one that was asked for",
                self.model
            );
        }
        let model = Model::parse(&text).with_context(|| format!("model {}", self.model))?;
        Ok(ChosenModel {
            text,
            sha256,
            model,
        })
    }

    fn effort(&self) -> Effort {
        effort(self.threads)
    }
}

/// So many workers, 0: as many as the machine has.
pub fn effort(threads: usize) -> Effort {
    let machine = || std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
    Effort {
        workers: if threads == 0 { machine() } else { threads },
        spread: |workers, work| {
            std::thread::scope(|scope| {
                (0..workers).for_each(|_| {
                    scope.spawn(work);
                });
            });
        },
    }
}

impl Terms {
    /// The model, with the budget of wrong links put into it.
    fn model(&self) -> Result<ChosenModel> {
        let mut chosen = self.with.model()?;
        if self.false_links.is_some() {
            chosen.model.decision.false_links_max = self.false_links;
        }
        Ok(chosen)
    }

    /// Writes what was found and says what was done; exit 1 when rows were left out.
    fn keep(
        &self,
        linked: &Linked,
        tables: [&Table; 2],
        chosen: &ChosenModel,
        rejects: &Rejects,
        files: &[&std::path::Path],
    ) -> Result<ExitCode> {
        let model = &chosen.model;
        results::write_links(&self.out, linked, tables, model)?;
        if let Some(path) = &self.contradictions {
            results::write_contradictions(path, linked, tables, model)?;
        }
        let mut frozen_sha256 = None;
        if let Some(path) = &self.freeze {
            let report = &linked.report;
            let frozen = Model::freeze(&chosen.text, &report.trained, report.prior_milli_bits)?;
            std::fs::write(path, &frozen).with_context(|| path.display().to_string())?;
            frozen_sha256 = Some(sha256_hex(frozen.as_bytes()));
        }
        let beside = || self.out.with_file_name("rejects.csv");
        let path = self.rejects.clone().unwrap_or_else(beside);
        let told = report::Told {
            linked,
            tables,
            chosen,
            out: &self.out,
            frozen_sha256,
            rejected: rejects.len(),
            rejects: rejects.write(&path)?,
        };
        if let Some(path) = &self.manifest {
            let text = serde_json::to_string_pretty(&told.manifest(files)?)?;
            std::fs::write(path, text + "\n").with_context(|| path.display().to_string())?;
        }
        if self.with.json {
            println!("{}", told.json());
        } else {
            told.print();
        }
        Ok(ExitCode::from(u8::from(rejects.len() > 0)))
    }
}
