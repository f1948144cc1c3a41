//! What else comes into the office from outside: reference figures, and the sight of a publication.

use std::path::PathBuf;
use std::process::ExitCode;

use ::batch::folder::Trust;
use anyhow::{Context as _, Result, bail};
use clap::Args;
use keys::{FileKey, KeyRing};
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

/// Arguments of `day`.
#[derive(Args)]
pub struct Day {
    /// The folder `journals/` of a run, or of one precinct.
    journals: PathBuf,
    #[command(flatten)]
    configured: Configured,
    /// Where files that were refused are listed; default: rejects.csv beside the folder.
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Arguments of `rehearsal`.
#[derive(Args)]
pub struct Rehearsal {
    /// The folder with `PPPP.manifest.cose`, `KIT.journal` and `KIT.corrections`, at any depth.
    folder: PathBuf,
    #[command(flatten)]
    configured: Configured,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Arguments of `protocols`.
#[derive(Args)]
pub struct Protocols {
    /// The CSV: `precinct`, `received`, and `not_on_list`, `finger`, `fallback`, `fault` where they are known.
    file: PathBuf,
    #[command(flatten)]
    configured: Configured,
    /// Where rows that were refused are listed; default: rejects.csv beside the file.
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
}

/// Arguments of `institutions`.
#[derive(Args)]
pub struct Institutions {
    /// The CSV, with the head's letter on paper; or, with --signer, the folder of `sign-institutions`.
    file: PathBuf,
    #[command(flatten)]
    configured: Configured,
    /// The institution's public key, 130 hexadecimal digits.
    #[arg(long, value_name = "POINT")]
    signer: Option<String>,
    /// Where rows that were refused are listed; default: rejects.csv beside the file.
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
}

/// Arguments of `sign-institutions`.
#[derive(Args)]
pub struct SignInstitutions {
    /// The folder that holds list.csv.
    folder: PathBuf,
    /// The law.
    #[arg(long, value_name = "L")]
    law: String,
    /// The institution's private key: a file of 64 hexadecimal digits.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
}

/// Arguments of `packages`.
#[derive(Args)]
pub struct Packages {
    /// The folder `packages/` of a run.
    packages: PathBuf,
    #[command(flatten)]
    configured: Configured,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Arguments of `pairs`.
#[derive(Args)]
pub struct Pairs {
    /// A model file in place of `kg-persons`; its columns are `id`, `pin`, `surname`, `given`, `patronymic`,
    /// `birth_date`, `street`, `house`.
    #[arg(long, value_name = "TOML")]
    model: Option<PathBuf>,
    /// Threads; 0: as many as the machine has. They never change what is asked.
    #[arg(long, default_value_t = 0, value_name = "N")]
    threads: usize,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    configured: Configured,
}

pub fn pairs(arguments: &Pairs) -> Result<ExitCode> {
    let config = office::Config::read(&arguments.configured.config)?;
    let text = match &arguments.model {
        Some(path) => std::fs::read_to_string(path).with_context(|| path.display().to_string())?,
        None => linkage::model::shipped("kg-persons")
            .context("the shipped model is missing")?
            .to_owned(),
    };
    let model = linkage::Model::parse(&text)?;
    let store = opened(&config)?;
    let effort = crate::linkage::effort(arguments.threads);
    let doubled = config.uploads.doubled_percent;
    let asked = office::pairs::ask_about_pairs(&store, &model, effort, doubled)?;
    if arguments.json {
        let shown = json!({ "clerical": asked.clerical, "joined": asked.joined, "asked": asked.asked, "explained": asked.explained });
        println!("{shown}");
    } else {
        println!(
            "{} pairs of the clerical band, {} joined surely already, {} new questions; {} questions say why",
            asked.clerical, asked.joined, asked.asked, asked.explained
        );
    }
    Ok(ExitCode::SUCCESS)
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

pub fn day(arguments: &Day) -> Result<ExitCode> {
    let config = office::Config::read(&arguments.configured.config)?;
    let store = opened(&config)?;
    let found = office::day::receive_folder(&store, &config.law, "command", &arguments.journals)?;
    if !found.refused.is_empty() {
        let path = arguments
            .rejects
            .clone()
            .unwrap_or_else(|| arguments.journals.with_file_name("rejects.csv"));
        let mut text = String::from("file,code,reason\n");
        for (name, why) in &found.refused {
            // Quoted, because a reason may hold a comma.
            let why_said = why.to_string().replace('"', "'");
            text.push_str(&format!("\"{name}\",{},\"{why_said}\"\n", why.code()));
        }
        std::fs::write(&path, text).with_context(|| path.display().to_string())?;
    }
    if arguments.json {
        let shown = json!({
            "kept": found.kept, "known": found.known, "refused": found.refused.len(),
            "precincts": found.precincts,
        });
        println!("{shown}");
    } else {
        println!(
            "{} files kept, {} known already, {} refused; {} precincts counted",
            found.kept,
            found.known,
            found.refused.len(),
            found.precincts.len()
        );
    }
    Ok(ExitCode::from(u8::from(!found.refused.is_empty())))
}

/// Files of a rehearsal's days below a folder, by name.
fn of_rehearsal(dir: &std::path::Path, files: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    let mut entries = std::fs::read_dir(dir)
        .and_then(Iterator::collect::<std::io::Result<Vec<_>>>)
        .with_context(|| dir.display().to_string())?;
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        let name = path.display().to_string();
        let is_wanted = [".manifest.cose", ".journal", ".corrections"]
            .iter()
            .any(|end| name.ends_with(end));
        if path.is_dir() {
            of_rehearsal(&path, files)?;
        } else if is_wanted {
            let bytes = std::fs::read(&path).with_context(|| name.clone())?;
            files.push((name, bytes));
        }
    }
    Ok(())
}

pub fn rehearsal(arguments: &Rehearsal) -> Result<ExitCode> {
    let config = office::Config::read(&arguments.configured.config)?;
    let store = opened(&config)?;
    let mut files = Vec::new();
    of_rehearsal(&arguments.folder, &mut files)?;
    let terms = office::rehearsal::Terms {
        law: &config.law,
        verifier: config.publishers.ring.as_ref(),
        publishers: &config.publishers.required,
        key: config.corrections_key.as_deref(),
    };
    let found = office::rehearsal::receive(&store, terms, "command", &files)?;
    for (name, why) in &found.refused {
        eprintln!("{name}: {why}");
    }
    if arguments.json {
        let shown = json!({
            "kept": found.kept, "known": found.known, "refused": found.refused.len(),
            "days": found.counted.len(), "corrections": found.corrections,
        });
        println!("{shown}");
    } else {
        println!(
            "{} files kept, {} known already, {} refused; {} days of precincts counted, {} corrections",
            found.kept,
            found.known,
            found.refused.len(),
            found.counted.len(),
            found.corrections.values().sum::<usize>()
        );
    }
    Ok(ExitCode::from(u8::from(!found.refused.is_empty())))
}

pub fn protocols(arguments: &Protocols) -> Result<ExitCode> {
    let config = office::Config::read(&arguments.configured.config)?;
    let store = opened(&config)?;
    let name = arguments.file.display().to_string();
    let file = std::fs::read(&arguments.file).with_context(|| name.clone())?;
    let edition = office::protocols::receive_protocols(&store, "command", &file)
        .with_context(|| name.clone())?;
    let kept = store.read("protocols", |tx| tx.find_protocol_edition(edition))?;
    let (kept, refused) = kept.context("the file that was just kept is gone")?;
    if !refused.is_empty() {
        let path = arguments
            .rejects
            .clone()
            .unwrap_or_else(|| arguments.file.with_file_name("rejects.csv"));
        let mut text = String::from("file,line,field,reason\n");
        for row in &refused {
            text.push_str(&format!(
                "\"{name}\",{},{},{}\n",
                row.line, row.field, row.reason
            ));
        }
        std::fs::write(&path, text).with_context(|| path.display().to_string())?;
    }
    println!(
        "edition {edition}: {} rows taken, {} refused",
        kept.taken, kept.refused
    );
    Ok(ExitCode::from(u8::from(!refused.is_empty())))
}

pub fn institutions(arguments: &Institutions) -> Result<ExitCode> {
    let config = office::Config::read(&arguments.configured.config)?;
    let store = opened(&config)?;
    let name = arguments.file.display().to_string();
    let (bytes, signer) = match arguments.signer.as_deref() {
        None => (
            std::fs::read(&arguments.file).with_context(|| name.clone())?,
            String::new(),
        ),
        Some(point) => {
            let key = crate::batch::public_key(point)
                .context("--signer: no public key; 130 hexadecimal digits are expected")?;
            let ring = KeyRing::of([key]);
            let trust = Trust {
                verifier: &ring,
                signer: key.kid(),
                election: config.law.election.number,
            };
            office::institutions::open_signed(&arguments.file, trust)?
        }
    };
    let look = store::Look {
        staff: "command",
        purpose: lexicon::Purpose::Serve,
        reason: "",
    };
    let edition = office::institutions::receive(&store, &config.law, look, (&bytes, &signer))
        .with_context(|| name.clone())?;
    let (members, refused) = store.read("institution_list", |tx| {
        Ok::<_, store::StoreError>((
            tx.institution_members(edition)?,
            tx.institution_refused(edition)?,
        ))
    })?;
    if !refused.is_empty() {
        let path = arguments
            .rejects
            .clone()
            .unwrap_or_else(|| arguments.file.with_file_name("rejects.csv"));
        let mut text = String::from("file,line,field,reason\n");
        for row in &refused {
            text.push_str(&format!(
                "\"{name}\",{},{},{}\n",
                row.line, row.field, row.reason
            ));
        }
        std::fs::write(&path, text).with_context(|| path.display().to_string())?;
    }
    println!(
        "list {edition}: {} rows taken, {} refused",
        members.len(),
        refused.len()
    );
    Ok(ExitCode::from(u8::from(!refused.is_empty())))
}

pub fn sign_institutions(arguments: &SignInstitutions) -> Result<ExitCode> {
    let law = crate::law::read(&arguments.law)?;
    let key = FileKey::read(&arguments.key)?;
    office::institutions::sign(&arguments.folder, &law, &key)?;
    println!("{}", arguments.folder.display());
    Ok(ExitCode::SUCCESS)
}

pub fn packages(arguments: &Packages) -> Result<ExitCode> {
    let config = office::Config::read(&arguments.configured.config)?;
    let store = opened(&config)?;
    let source = source(&config)?;
    let (all, new) = office::manifests::receive_manifests(&store, &arguments.packages, source)?;
    if arguments.json {
        println!("{}", json!({ "manifests": all, "new": new }));
    } else {
        println!("{all} manifests, {new} of them new");
    }
    Ok(ExitCode::SUCCESS)
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
