//! Packages and deltas that were drawn: one institution looks and gives its signatures as a file; the files are joined.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ::batch::drawn::CheckedDrawn;
use ::batch::{BatchError, Drawn, Expected, ListPlace, check_drawn, join_drawn, sign_drawn};
use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};
use keys::FileKey;
use lexicon::ElectionLaw;
use lexicon::handover::envelope::{Kid, Signer as _, hex};
use serde_json::{Value, json};

use super::sign::{Institutions, refuse};
use super::trust::ReleaseKey;

/// What was drawn, by its folder.
#[derive(Clone, Copy, ValueEnum)]
pub enum DrawnName {
    Packages,
    Deltas,
    StationDeltas,
}

impl DrawnName {
    fn drawn(self) -> Drawn {
        match self {
            DrawnName::Packages => Drawn::Packages,
            DrawnName::Deltas => Drawn::Deltas,
            DrawnName::StationDeltas => Drawn::StationDeltas,
        }
    }
}

/// Arguments of `join`.
#[derive(Args)]
pub struct Join {
    /// The output folder that holds what was drawn.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// What was drawn.
    #[arg(long, value_enum)]
    drawn: DrawnName,
    /// The law.
    #[arg(long, value_name = "L")]
    law: String,
    /// Files of signatures that `sign --drawn` wrote; default: those of both institutions in the output folder.
    #[arg(long, value_name = "FILE")]
    signatures: Vec<PathBuf>,
    /// The folder with srs-release.key, which signs the folder, and cec-release.pub; default: `keys` in the output folder.
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

fn place<'a>(
    law: &'a ElectionLaw,
    out: &'a Path,
    ring: &'a keys::KeyRing,
    [srs, cec]: [Kid; 2],
) -> ListPlace<'a> {
    ListPlace {
        law,
        dir: out,
        verifier: ring,
        srs,
        cec,
        report: &::batch::steps::silent,
    }
}

/// The file of an institution's signatures.
fn file_of(out: &Path, drawn: Drawn, institution: &str) -> PathBuf {
    out.join(format!("{}.{institution}.signatures", drawn.folder()))
}

/// Looks at what was drawn; with a key, signs and writes the signatures beside the folder.
///
/// # Errors
/// A key or a file that cannot be read. What is not of the list is told by its code, exit 1.
pub(super) fn sign(
    law: &ElectionLaw,
    institutions: &Institutions,
    (out, name): (&Path, DrawnName),
    expected: &Expected,
    key: Option<&FileKey>,
    as_json: bool,
) -> Result<ExitCode> {
    let (ring, kids) = (institutions.ring(), institutions.kids());
    let place = place(law, out, &ring, kids);
    let drawn = name.drawn();
    let looked = match key {
        None => check_drawn(&place, drawn, expected).map(|looked| (looked, None)),
        Some(key) => sign_drawn(&place, drawn, expected, key)
            .map(|(looked, file)| (looked, Some((file, key.kid())))),
    };
    let (looked, signed) = match looked {
        Ok(looked) => looked,
        Err(BatchError::Refused(refused)) => {
            return Ok(refuse(as_json, refused.refusal, &refused.detail));
        }
        Err(error) => return Err(error.into()),
    };
    let mut written = None;
    if let Some((file, kid)) = signed {
        let institution = Institutions::NAMES[usize::from(kid != kids[0])];
        let path = file_of(out, drawn, institution);
        std::fs::write(&path, file).with_context(|| path.display().to_string())?;
        written = Some(path);
    }
    let by = kids.map(|kid| looked.signed_by(kid));
    tell(as_json, drawn, &looked, by, written.as_deref());
    Ok(ExitCode::SUCCESS)
}

fn tell(
    as_json: bool,
    drawn: Drawn,
    looked: &CheckedDrawn,
    [srs, cec]: [usize; 2],
    written: Option<&Path>,
) {
    let all = looked.documents.len();
    let root = hex(&looked.root);
    if as_json {
        let counts: serde_json::Map<String, Value> = looked
            .counts
            .iter()
            .map(|(name, count)| ((*name).to_owned(), json!(count)))
            .collect();
        println!(
            "{}",
            json!({
                "drawn": drawn.folder(), "documents": all, "root": root, "counts": counts,
                "signed": { "registration_service": srs, "commission": cec },
                "signatures": written.map(|path| path.display().to_string()),
            })
        );
        return;
    }
    println!(
        "{}: {all} documents of the released list; everything was counted anew",
        drawn.folder()
    );
    for (name, count) in &looked.counts {
        println!("  {:<18}{count:>10}", name.replace('_', " "));
    }
    let groups: Vec<&str> = (0..root.len())
        .step_by(8)
        .map(|at| &root[at..at + 8])
        .collect();
    println!("root {}", groups.join(" "));
    println!("registration service has signed {srs}, commission {cec}");
    if let Some(path) = written {
        println!(
            "signatures: {}; they count when both are joined: tizme batch join",
            path.display()
        );
    }
}

/// Joins signatures under what was drawn.
///
/// # Errors
/// A key or a file that cannot be read. Signatures of another drawing are told by their code, exit 1.
pub fn join(arguments: &Join) -> Result<ExitCode> {
    let law = crate::law::read(&arguments.law)?;
    let folder = arguments
        .keys
        .clone()
        .unwrap_or_else(|| arguments.out.join("keys"));
    let srs = ReleaseKey::read(&folder, "srs-release")?;
    let cec = ReleaseKey::read(&folder, "cec-release")?;
    let ring = keys::KeyRing::of([srs.public_key(), cec.public_key()]);
    let kids = [srs.kid(), cec.kid()];
    let drawn = arguments.drawn.drawn();
    let mut paths = arguments.signatures.clone();
    if paths.is_empty() {
        let standing = Institutions::NAMES.map(|name| file_of(&arguments.out, drawn, name));
        paths.extend(standing.into_iter().filter(|path| path.is_file()));
    }
    if paths.is_empty() {
        bail!("no file of signatures: --signatures, or `sign --drawn` first");
    }
    let mut files = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        files.push((path, text));
    }
    let place = place(&law, &arguments.out, &ring, kids);
    let joined = match join_drawn(&place, drawn, &files, &srs) {
        Ok(joined) => joined,
        Err(BatchError::Refused(refused)) => {
            return Ok(refuse(arguments.json, refused.refusal, &refused.detail));
        }
        Err(error) => return Err(error.into()),
    };
    let by = kids.map(|kid| {
        let documents = joined.documents.iter();
        documents.filter(|of| of.signers.contains(&kid)).count()
    });
    let all = joined.documents.len();
    let is_whole = by == [all, all];
    if arguments.json {
        println!(
            "{}",
            json!({
                "drawn": drawn.folder(), "documents": all, "changed": joined.added, "whole": is_whole,
                "signed": { "registration_service": by[0], "commission": by[1] },
            })
        );
    } else {
        let told = if is_whole {
            "signed by both"
        } else {
            "not signed by both yet: stations refuse them"
        };
        println!(
            "{}: {all} documents, {} with new signatures; {told} (registration service {}, commission {})",
            drawn.folder(),
            joined.added,
            by[0],
            by[1]
        );
    }
    Ok(ExitCode::SUCCESS)
}
