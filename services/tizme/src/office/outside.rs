//! What else comes into the office from outside: reference figures, and the sight of a publication.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde_json::json;
use store::ReferenceKind;

use super::{Configured, opened, source};

/// Arguments of `reference`.
#[derive(Args)]
pub struct Reference {
    /// The CSV: columns `region`, `precinct` (may be empty), `value`.
    file: PathBuf,
    /// What the figures are: `last_election` (voters then) or `kits` (in place of the planner's rule).
    #[arg(long)]
    kind: String,
    /// What stands on pages beside the figures, as `10.10.2010` or `Order 14`.
    #[arg(long)]
    label: String,
    #[command(flatten)]
    configured: Configured,
    /// Where rows that were left out are listed; default: rejects.csv beside the file.
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Arguments of `published`.
#[derive(Args)]
pub struct Published {
    /// The folder `publication/` of a run.
    publication: PathBuf,
    #[command(flatten)]
    configured: Configured,
}

pub fn reference(arguments: &Reference) -> Result<ExitCode> {
    let config = office::Config::read(&arguments.configured.config)?;
    let Some(kind) = ReferenceKind::from_code(&arguments.kind) else {
        let known = ReferenceKind::ALL.map(ReferenceKind::code).join(", ");
        bail!("--kind {}: it is one of {known}", arguments.kind);
    };
    let store = opened(&config)?;
    let found = office::reference::import(&store, &arguments.file, kind, &arguments.label)?;
    if !found.rejected.is_empty() {
        let path = arguments
            .rejects
            .clone()
            .unwrap_or_else(|| arguments.file.with_file_name("rejects.csv"));
        let mut text = String::from("file,line,field,reason\n");
        let name = arguments.file.file_name().unwrap_or_default();
        for row in &found.rejected {
            text.push_str(&format!(
                "{},{},{},{}\n",
                name.display(),
                row.line,
                row.column,
                row.why
            ));
        }
        std::fs::write(&path, text).with_context(|| path.display().to_string())?;
    }
    if arguments.json {
        let shown = json!({ "edition": found.edition, "rows": found.rows, "rejected": found.rejected.len() });
        println!("{shown}");
    } else {
        println!(
            "edition {}: {} rows taken, {} left out",
            found.edition,
            found.rows,
            found.rejected.len()
        );
    }
    Ok(ExitCode::from(u8::from(!found.rejected.is_empty())))
}

pub fn published(arguments: &Published) -> Result<ExitCode> {
    let config = office::Config::read(&arguments.configured.config)?;
    let store = opened(&config)?;
    let source = source(&config)?;
    let (number, is_new) =
        office::published::receive_publication(&store, &arguments.publication, source)?;
    if is_new {
        println!("release {number} was published");
    } else {
        println!("release {number} was known to be published");
    }
    Ok(ExitCode::SUCCESS)
}
