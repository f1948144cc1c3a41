//! `tizme linkage …`: which records of two lists, or of one, mean the same person.

mod lists;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use ::linkage::model::{SHIPPED, shipped};
use ::linkage::{Band, Effort, Link, Linked, Model, Table, dedupe, level_at, link};
use anyhow::{Context as _, Result};
use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use clap::{Args, Subcommand};
use serde_json::json;

/// Record linkage.
#[derive(Subcommand)]
pub enum Linkage {
    /// Links two lists: for each pair above the review threshold a row `left_id,right_id,weight,probability,band,levels`.
    Link(LinkLists),
    /// Finds the duplicates of one list; the same columns.
    Dedupe(Dedupe),
}

/// Arguments of both.
#[derive(Args)]
pub struct Terms {
    /// The model: `febrl`, `kg-persons`, or a TOML file (docs/linkage.md).
    #[arg(long, value_name = "M")]
    model: String,
    /// Where the links are written; the extension names the format: csv or parquet.
    #[arg(long, value_name = "OUT")]
    out: PathBuf,
    /// Writes the model with the probabilities of this run frozen into it, for later runs without training.
    #[arg(long, value_name = "TOML")]
    freeze: Option<PathBuf>,
    /// Threads; 0: as many as the machine has. They never change the result.
    #[arg(long, default_value_t = 0, value_name = "N")]
    threads: usize,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
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
    }
}

fn link_lists(arguments: &LinkLists) -> Result<ExitCode> {
    let terms = &arguments.terms;
    let (text, model) = terms.model()?;
    let left = lists::read(&arguments.left, &model)?;
    let right = lists::read(&arguments.right, &model)?;
    let linked = link(&left, &right, &model, terms.effort())?;
    terms.keep(&linked, [&left, &right], &text, &model)?;
    Ok(ExitCode::SUCCESS)
}

fn find_duplicates(arguments: &Dedupe) -> Result<ExitCode> {
    let terms = &arguments.terms;
    let (text, model) = terms.model()?;
    let list = lists::read(&arguments.input, &model)?;
    let linked = dedupe(&list, &model, terms.effort())?;
    if let Some(path) = &arguments.clusters {
        write_clusters(path, &linked, &list, &model)?;
    }
    terms.keep(&linked, [&list, &list], &text, &model)?;
    Ok(ExitCode::SUCCESS)
}

impl Terms {
    /// The model and its text.
    fn model(&self) -> Result<(String, Model)> {
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
        let model = Model::parse(&text).with_context(|| format!("model {}", self.model))?;
        Ok((text, model))
    }

    fn effort(&self) -> Effort {
        let machine =
            || std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
        Effort {
            workers: if self.threads == 0 {
                machine()
            } else {
                self.threads
            },
            spread: |workers, work| {
                std::thread::scope(|scope| {
                    (0..workers).for_each(|_| {
                        scope.spawn(work);
                    });
                });
            },
        }
    }

    /// Writes the links and says what was done.
    fn keep(&self, linked: &Linked, tables: [&Table; 2], text: &str, model: &Model) -> Result<()> {
        write_links(&self.out, linked, tables, model)?;
        if let Some(path) = &self.freeze {
            let frozen =
                Model::freeze(text, &linked.report.trained, linked.report.prior_milli_bits)?;
            std::fs::write(path, frozen).with_context(|| path.display().to_string())?;
        }
        self.report(linked, tables, model);
        Ok(())
    }

    fn report(&self, linked: &Linked, [left, right]: [&Table; 2], model: &Model) {
        let report = &linked.report;
        let of = |band| linked.links.iter().filter(|link| link.band == band).count();
        let (auto, clerical) = (of(Band::Auto), of(Band::Clerical));
        let oversized = report.oversized.len();
        if self.json {
            let comparisons: Vec<_> = model
                .comparisons
                .iter()
                .map(|c| {
                    let levels: Vec<_> = c.levels.iter().map(|level| &level.name).collect();
                    json!({ "name": c.name, "levels": levels })
                })
                .collect();
            println!(
                "{}",
                json!({
                    "left_rows": left.rows(), "right_rows": right.rows(), "auto": auto, "clerical": clerical,
                    "clusters": linked.clusters.len(), "pairs_compared": report.pairs_compared,
                    "expected_mated": report.trained.mated, "prior_bits": bits(report.prior_milli_bits),
                    "oversized_blocks": oversized, "missing_columns": report.missing,
                    "contradictions": report.contradictions, "comparisons": comparisons,
                })
            );
            return;
        }
        println!(
            "{} and {} rows, {} pairs compared",
            left.rows(),
            right.rows(),
            report.pairs_compared
        );
        println!(
            "{auto} links without review, {clerical} for clerical review: {}",
            self.out.display()
        );
        if !linked.clusters.is_empty() {
            println!(
                "{} clusters, {} pairs joined only through a third record",
                linked.clusters.len(),
                report.contradictions
            );
        }
        if !report.missing.is_empty() {
            println!("columns that are not there: {}", report.missing.join(", "));
        }
        if oversized > 0 {
            println!("{oversized} blocks were too large and were refined or left out");
        }
    }
}

fn bits(milli_bits: i32) -> f64 {
    f64::from(milli_bits) / 1000.0
}

/// One hexadecimal digit for each comparison of the model, in its order; 0 is "missing".
fn levels(link: &Link, model: &Model) -> String {
    (0..model.comparisons.len())
        .map(|at| {
            let digit = u32::try_from(level_at(link.levels, at)).unwrap_or(0);
            char::from_digit(digit, 16).unwrap_or('0')
        })
        .collect()
}

fn write_links(
    path: &Path,
    linked: &Linked,
    [left, right]: [&Table; 2],
    model: &Model,
) -> Result<()> {
    let at_path = || path.display().to_string();
    let (left, right) = (lists::ids(left, model)?, lists::ids(right, model)?);
    let ids = |link: &Link| (left.get(link.left as usize), right.get(link.right as usize));
    if lists::is_parquet(path) {
        return write_parquet(path, linked, ids, model);
    }
    let mut out = csv::Writer::from_path(path).with_context(at_path)?;
    out.write_record([
        "left_id",
        "right_id",
        "weight",
        "probability",
        "band",
        "levels",
    ])
    .with_context(at_path)?;
    for link in &linked.links {
        let (left, right) = ids(link);
        let weight = format!("{:.3}", bits(link.weight_milli_bits));
        let probability = format!("{:.6}", f64::from(link.probability_ppm) / 1e6);
        let levels = levels(link, model);
        out.write_record([
            left,
            right,
            &weight,
            &probability,
            link.band.as_str(),
            &levels,
        ])
        .with_context(at_path)?;
    }
    out.flush().with_context(at_path)
}

fn write_parquet<'a>(
    path: &Path,
    linked: &Linked,
    ids: impl Fn(&Link) -> (&'a str, &'a str),
    model: &Model,
) -> Result<()> {
    let at_path = || path.display().to_string();
    let text = |of: &dyn Fn(&Link) -> String| -> ArrayRef {
        Arc::new(
            linked
                .links
                .iter()
                .map(|link| Some(of(link)))
                .collect::<StringArray>(),
        )
    };
    let number = |of: &dyn Fn(&Link) -> f64| -> ArrayRef {
        Arc::new(
            linked
                .links
                .iter()
                .map(|link| Some(of(link)))
                .collect::<Float64Array>(),
        )
    };
    let batch = RecordBatch::try_from_iter([
        ("left_id", text(&|link| ids(link).0.to_owned())),
        ("right_id", text(&|link| ids(link).1.to_owned())),
        ("weight", number(&|link| bits(link.weight_milli_bits))),
        (
            "probability",
            number(&|link| f64::from(link.probability_ppm) / 1e6),
        ),
        ("band", text(&|link| link.band.as_str().to_owned())),
        ("levels", text(&|link| levels(link, model))),
    ])?;
    let file = std::fs::File::create(path).with_context(at_path)?;
    let properties = parquet::file::properties::WriterProperties::builder()
        .set_compression(parquet::basic::Compression::SNAPPY)
        .set_created_by("tizme".to_owned())
        .build();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), Some(properties))
        .with_context(at_path)?;
    writer.write(&batch).with_context(at_path)?;
    writer.close().with_context(at_path)?;
    Ok(())
}

fn write_clusters(path: &Path, linked: &Linked, list: &Table, model: &Model) -> Result<()> {
    let at_path = || path.display().to_string();
    let ids = lists::ids(list, model)?;
    let mut out = std::io::BufWriter::new(std::fs::File::create(path).with_context(at_path)?);
    let mut rows = csv::Writer::from_writer(&mut out);
    rows.write_record(["cluster", "id"]).with_context(at_path)?;
    for (number, cluster) in linked.clusters.iter().enumerate() {
        for &row in cluster {
            rows.write_record([&(number + 1).to_string(), ids.get(row as usize)])
                .with_context(at_path)?;
        }
    }
    rows.flush().with_context(at_path)?;
    drop(rows);
    out.flush().with_context(at_path)
}
