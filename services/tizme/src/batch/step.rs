//! `tizme batch step`: one step of the chain as a filter of Arrow streams, for any engine with a shuffle.

mod addressed;
mod pairs;

use std::io::{BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ::batch::Randomness;
use ::batch::columns::{Column, schema_of, write_batch};
use ::batch::filter::{FILTERS, Filter, Need, Params, SideTables, read_stream};
use anyhow::{Context as _, Result, bail};
use arrow::array::RecordBatch;
use arrow::ipc::writer::StreamWriter;
use clap::Args;
use lexicon::ElectionLaw;
use serde_json::{Value, json};

use super::trust;

/// Rows of one batch of the output stream.
const BATCH_ROWS: usize = 65_536;

/// Arguments of `step`.
#[derive(Args)]
pub struct Step {
    /// The step.
    #[arg(value_name = "NAME", required_unless_present = "list")]
    name: Option<String>,
    /// Parameters, JSON: `law`, `snapshot`, `keys`, `trust`, `release`. Paths are taken from the file's own folder.
    #[arg(long, value_name = "FILE")]
    params: Option<PathBuf>,
    /// Write the table file that the chain would write, instead of a stream to the standard output.
    #[arg(long, value_name = "FILE")]
    parquet: Option<PathBuf>,
    /// The input is the step's own answers from several partitions: puts them in order and decides nothing.
    #[arg(long)]
    gather: bool,
    /// Name the steps with their columns, partition key and sort order.
    #[arg(long, conflicts_with_all = ["name", "params", "parquet", "gather"])]
    list: bool,
    /// With `--list`: as JSON.
    #[arg(long, requires = "list")]
    json: bool,
}

/// Steps of this room beside those of `batch`: they need the register's addresses and the duplicate check.
const OWN: &[Filter] = &[addressed::ADDRESSED, pairs::PAIRS];

fn filters() -> impl Iterator<Item = &'static Filter> {
    FILTERS.iter().chain(OWN)
}

/// Runs the command.
///
/// # Errors
/// A field of the input that does not fit, by name; a parameter that is missing; a stream that is none.
pub fn run(arguments: &Step) -> Result<ExitCode> {
    if arguments.list {
        return list(arguments.json);
    }
    let name = arguments.name.as_deref().unwrap_or_default();
    let filter = filters()
        .find(|filter| filter.name == name)
        .with_context(|| {
            let names: Vec<_> = filters().map(|filter| filter.name).collect();
            format!("no step {name}; there are {}", names.join(", "))
        })?;
    let params = match arguments.gather {
        true => Params::default(),
        false => read_params(filter, arguments.params.as_deref())?,
    };
    let batches = read_stream(BufReader::new(std::io::stdin().lock())).context("standard input")?;
    let output = if arguments.gather {
        filter.gather(&batches)
    } else {
        filter.apply(&batches, &params)
    }
    .with_context(|| format!("step {name}"))?;
    match &arguments.parquet {
        Some(path) => write_file(path, filter, &output)?,
        None => write_stream(&output)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn write_file(path: &Path, filter: &Filter, output: &RecordBatch) -> Result<()> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    write_batch(&partial, filter.output, output)?;
    std::fs::rename(&partial, path).with_context(|| path.display().to_string())
}

fn write_stream(output: &RecordBatch) -> Result<()> {
    let to = BufWriter::new(std::io::stdout().lock());
    let mut writer = StreamWriter::try_new(to, &output.schema())?;
    for from in (0..output.num_rows()).step_by(BATCH_ROWS) {
        writer.write(&output.slice(from, BATCH_ROWS.min(output.num_rows() - from)))?;
    }
    writer.finish()?;
    writer.into_inner()?.flush()?;
    Ok(())
}

/// What the parameter file holds.
#[derive(Default)]
struct Named {
    law: Option<String>,
    snapshot: Option<PathBuf>,
    keys: Option<PathBuf>,
    trust: Option<PathBuf>,
    release: Option<u32>,
}

fn named(file: Option<&Path>) -> Result<Named> {
    let Some(file) = file else {
        return Ok(Named::default());
    };
    let at_file = || file.display().to_string();
    let text = std::fs::read_to_string(file).with_context(at_file)?;
    let value: Value = serde_json::from_str(&text).with_context(at_file)?;
    let object = value
        .as_object()
        .with_context(|| format!("{}: a JSON object is expected", file.display()))?;
    let folder = file.parent().unwrap_or(Path::new(""));
    let mut named = Named::default();
    for (key, value) in object {
        let text = || {
            value
                .as_str()
                .map(str::to_owned)
                .with_context(|| format!("{}: {key} is a text", file.display()))
        };
        let path = || Ok::<_, anyhow::Error>(folder.join(text()?));
        match key.as_str() {
            "law" => {
                let law = text()?;
                let shipped = ElectionLaw::shipped_text(&law).is_some();
                named.law = Some(match shipped {
                    true => law,
                    false => folder.join(law).display().to_string(),
                });
            }
            "snapshot" => named.snapshot = Some(path()?),
            "keys" => named.keys = Some(path()?),
            "trust" => named.trust = Some(path()?),
            "release" => {
                let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
                let number =
                    number.with_context(|| format!("{}: release is a number", file.display()))?;
                named.release = Some(number);
            }
            _ => bail!(
                "{}: {key} is none of law, snapshot, keys, trust, release",
                file.display()
            ),
        }
    }
    Ok(named)
}

fn read_params(filter: &Filter, file: Option<&Path>) -> Result<Params> {
    let named = named(file)?;
    let mut params = Params::default();
    let missing = |key: &str| format!("step {}: the parameters name no {key}", filter.name);
    for need in filter.needs {
        match need {
            Need::Law => {
                let law = named.law.as_deref().with_context(|| missing("law"))?;
                params.law = Some(crate::law::read(law)?);
            }
            Need::Snapshot => {
                let law = params.law()?;
                let dir = named
                    .snapshot
                    .as_ref()
                    .with_context(|| missing("snapshot"))?;
                let register = match (&named.trust, &named.keys) {
                    (Some(file), _) => trust::from_anchors(file, law)?,
                    (None, Some(folder)) => trust::from_folder(folder)?
                        .with_context(|| format!("{}: no key of the register", folder.display()))?,
                    (None, None) => bail!(missing("keys or trust, to check the snapshot with")),
                };
                let side = SideTables::open(dir, law, register.trust(law.election.number))?;
                params.side = Some(side);
            }
            Need::Salts => {
                let folder = named.keys.as_ref().with_context(|| missing("keys"))?;
                let release = named.release.with_context(|| missing("release"))?;
                let signing = trust::Signing::read(folder)?;
                let randomness = Randomness::new(&signing.randomness);
                params.salts = Some(randomness.salt_key(release));
            }
        }
    }
    Ok(params)
}

fn columns(columns: &[Column]) -> Vec<Value> {
    let schema = schema_of(columns);
    let fields = schema.fields().iter();
    fields
        .map(|field| {
            json!({
                "name": field.name(), "type": field.data_type().to_string(), "optional": field.is_nullable(),
            })
        })
        .collect()
}

fn list(json: bool) -> Result<ExitCode> {
    if json {
        let steps: Vec<Value> = filters()
            .map(|filter| {
                let needs: Vec<_> = filter.needs.iter().map(|need| need.name()).collect();
                json!({
                    "name": filter.name, "about": filter.about, "input": columns(filter.input),
                    "output": columns(filter.output), "key": filter.key, "sort": filter.sort, "params": needs,
                })
            })
            .collect();
        println!("{}", serde_json::to_string_pretty(&steps)?);
        return Ok(ExitCode::SUCCESS);
    }
    let shown = |columns: &[Column]| {
        let schema = schema_of(columns);
        let fields = schema.fields().iter();
        let fields: Vec<String> = fields
            .map(|field| {
                let may = if field.is_nullable() { "?" } else { "" };
                format!("{}: {}{may}", field.name(), field.data_type())
            })
            .collect();
        fields.join(", ")
    };
    for filter in filters() {
        let key = match filter.key {
            [] => "none, all rows in one call".to_owned(),
            key => key.join(", "),
        };
        let needs: Vec<_> = filter.needs.iter().map(|need| need.name()).collect();
        println!("{}\n  {}", filter.name, filter.about);
        println!("  in     {}", shown(filter.input));
        println!("  out    {}", shown(filter.output));
        println!("  key    {key}\n  sort   {}", filter.sort.join(", "));
        println!("  params {}\n", needs.join(", "));
    }
    Ok(ExitCode::SUCCESS)
}
