//! `tizme batch publish`: the static files that anybody may mirror, from a release that stands.
//!
//! Beside the release keys the key folder holds `publication.key` (P-256), `log.key` and `witness-N.key`
//! (a note's name and 64 hexadecimal digits, with a space between), `lookup.key` (64 digits), and
//! `trust.cose`. In production log and witnesses sign elsewhere: keys in files are for training, and the
//! anchors say so on every page.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ::batch::folder::{Contents, file_error, sign_folder};
use ::batch::form::ROLL;
use ::batch::publication::PUBLICATION;
use ::batch::{
    Approved, BatchError, JOURNALS, Job, LogKeys, PublicationTerms, form_roll_again, publish,
};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use keys::{FileKey, KeyRing};
use lexicon::ElectionLaw;
use lexicon::handover::envelope::hex;
use lexicon::handover::lookup::LookupKey;
use serde_json::json;

use super::{Form, moment, trust};

/// Most witnesses of a key folder.
const WITNESSES_MAX: u32 = 64;

/// Arguments of `publish`.
#[derive(Args)]
pub struct Publish {
    #[command(flatten)]
    form: Form,
    /// When this is published, as 2015-09-26T12:00:00+06:00: log and witnesses stamp it.
    #[arg(long, value_name = "MOMENT")]
    at: String,
    /// Trust anchors to publish, signed by both roots; default: `trust.cose` in the key folder.
    #[arg(long, value_name = "FILE")]
    anchors: Option<PathBuf>,
    /// What the office says about who approved this release: the file of its page of approval, or of
    /// `tizme office statement approvals`, signed by its key (`office.pub` in the key folder). A final list needs it.
    #[arg(long, value_name = "FILE")]
    approvals: Option<PathBuf>,
    /// The snapshot that the last delta was drawn from; needed when deltas stand after the list.
    #[arg(long, value_name = "DIR")]
    after: Option<PathBuf>,
}

/// Keys that publish, and the anchors that name them.
struct Publishing {
    signer: FileKey,
    anchors: Vec<u8>,
    log: LogKeys,
    lookup: LookupKey,
}

impl Publishing {
    fn read(folder: &Path, anchors: Option<&Path>, law: &ElectionLaw) -> Result<Self> {
        let signer = FileKey::read(&folder.join("publication.key"))?;
        let lookup = trust::secret(&folder.join("lookup.key"))?;
        let (name, seed) = note(&folder.join("log.key"))?;
        let witnesses = (1..=WITNESSES_MAX)
            .map(|n| folder.join(format!("witness-{n}.key")))
            .take_while(|path| path.is_file())
            .map(|path| note(&path))
            .collect::<Result<Vec<_>>>()?;
        let log = LogKeys::of_seeds(&name, seed, &witnesses)?;
        let path = anchors.map_or_else(|| folder.join("trust.cose"), Path::to_owned);
        let at_file = || path.display().to_string();
        let anchors = std::fs::read(&path).with_context(at_file)?;
        let named = trust::anchors(&anchors, law).with_context(at_file)?;
        log.demand(&named).with_context(at_file)?;
        let signing = trust::Signing::read(folder)?;
        for (role, key) in [
            ("publication", signer.public_key()),
            ("srs-release", signing.srs.public_key()),
            ("cec-release", signing.cec.public_key()),
        ] {
            if trust::point(&named, role) != Some(key) {
                bail!("{}: names another key for {role}", path.display());
            }
        }
        Ok(Self {
            signer,
            anchors,
            log,
            lookup: LookupKey::new(&lookup),
        })
    }
}

/// A note's name and seed.
fn note(path: &Path) -> Result<(String, [u8; 32])> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let parts = text.trim().split_once(' ');
    parts
        .and_then(|(name, seed)| Some((name.to_owned(), trust::digits(seed)?)))
        .with_context(|| {
            format!(
                "{}: a name and 64 hexadecimal digits are expected",
                path.display()
            )
        })
}

/// Before the day no journal has come: an empty folder, signed by the commission, says so.
fn sign_no_journals(job: &Job<'_>) -> Result<(), BatchError> {
    let dir = job.out.join(JOURNALS);
    if dir.exists() {
        return Ok(());
    }
    std::fs::create_dir_all(&dir).map_err(file_error(&dir))?;
    let election = job.law.election.number;
    sign_folder(&dir, JOURNALS, election, Contents::default(), job.keys.cec)?;
    Ok(())
}

/// Runs the command.
///
/// # Errors
/// A key or anchor that is missing or another one, by file; the chain's. An older `publication/` then still stands.
pub fn run(arguments: &Publish) -> Result<ExitCode> {
    let place = &arguments.form.place;
    let law = place.law()?;
    let law_text = crate::law::text(&place.law)?;
    let at = moment("--at", &arguments.at)?;
    let release = place.out.join(ROLL).join("release.cose");
    if !release.is_file() {
        bail!(
            "{}: no list stands there to be published",
            release.display()
        );
    }
    let before = std::fs::read(&release).with_context(|| release.display().to_string())?;
    let keys = Publishing::read(&place.key_folder(), arguments.anchors.as_deref(), &law)?;
    let approvals = arguments
        .approvals
        .as_deref()
        .map(|path| -> Result<_> {
            let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
            Ok((bytes, trust::office_key(&place.key_folder())?))
        })
        .transpose()?;
    let office_ring = KeyRing::of(approvals.iter().map(|(_, key)| *key));
    let terms = PublicationTerms {
        approved: approvals.as_ref().map(|(document, key)| Approved {
            document,
            verifier: &office_ring,
            office: key.kid(),
        }),
        signer: &keys.signer,
        trust: &keys.anchors,
        law_text: &law_text,
        log: &keys.log,
        lookup: &keys.lookup,
        at,
        after: arguments.after.as_deref(),
        fresh_log: false,
    };
    let done = arguments.form.with_job(|job, gate| {
        let formed = form_roll_again(job, Some(gate), arguments.form.rerun())?;
        sign_no_journals(job)?;
        let published = publish(job, &formed, &terms)?;
        Ok((formed.release, published))
    })?;
    let Some((released, published)) = done else {
        return Ok(ExitCode::FAILURE);
    };
    let anew = std::fs::read(&release).with_context(|| release.display().to_string())? != before;
    let folder = place.out.join(PUBLICATION);
    let root = hex(released.root.as_slice());
    place.tell(
        &json!({
            "release": released.release, "root": root, "formed_anew": anew, "log_entries": published.log_entries,
            "answers": published.answers, "deltas": published.deltas, "counted": published.counted, "duplicates": published.duplicates,
            "folder": folder.display().to_string(),
        }),
        || {
            let formed = if anew { "\nthe list was formed anew from these inputs" } else { "" };
            let after = match published.deltas {
                0 => String::new(),
                deltas => format!(" with deltas 1 to {deltas}"),
            };
            format!(
                "release {}{after} published: {} entries in the log, {} sealed answers, {} voters counted: {}{formed}\nroot {root}",
                released.release,
                published.log_entries,
                published.answers,
                published.counted,
                folder.display()
            )
        },
    );
    Ok(ExitCode::SUCCESS)
}
