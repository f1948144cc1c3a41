//! `tizme batch sign`: one institution looks at a formed list, at what was drawn for it, or at an act of two, and signs.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ::batch::folder::open_manifest;
use ::batch::form::ROLL;
use ::batch::sign::CheckedRelease;
use ::batch::snapshot::SNAPSHOT;
use ::batch::{BatchError, Expected, RollFolder, check_release, sign_release};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use keys::{FileKey, KeyRing};
use lexicon::handover::envelope::{
    AddSignatureError, DocumentType, Kid, PublicKey, Signer as _, Subject, add_signature, decode,
    hex, open_all,
};
use lexicon::handover::two_persons::{AssignmentOverride, SignOff};
use lexicon::{ElectionLaw, PersonId, ReleaseRefusal, Texts};
use serde_json::{Value, json};

use super::drawn::{self, DrawnName};
use super::{id_of, trust};

/// Arguments of `sign`.
#[derive(Args)]
pub struct Sign {
    /// The output folder that holds the formed list, `roll/`.
    #[arg(long, value_name = "DIR", required_unless_present = "file")]
    out: Option<PathBuf>,
    /// Sign what was drawn for this list, not the list: the signatures go into a file beside it, which `join` takes.
    #[arg(long, value_enum, requires = "out", conflicts_with = "file")]
    drawn: Option<DrawnName>,
    /// Sign this file of `sign-off` or `override` instead of a list; what it says is printed.
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    file: Option<PathBuf>,
    /// The law: its bytes must be those that the release names.
    #[arg(long, value_name = "L")]
    law: String,
    /// The institution's private release key: a file of 64 hexadecimal digits. Without it the list is looked at only.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The folder with both public keys, srs-release.pub and cec-release.pub; default: `keys` in the output folder.
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
    /// Trust anchors that name both keys, instead of the folder.
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// The root that the other institution read out, 64 hexadecimal digits.
    #[arg(long, value_name = "ROOT")]
    root: Option<String>,
    /// How many lines the list was agreed to have.
    #[arg(long, value_name = "N")]
    total: Option<u64>,
    /// Number of the release that is to be signed.
    #[arg(long, value_name = "N")]
    release: Option<u32>,
    /// Id of the release before, 64 hexadecimal digits.
    #[arg(long, value_name = "ID")]
    previous: Option<String>,
    /// The institution's own copy of the snapshot: the release must be formed from it.
    #[arg(long, value_name = "DIR")]
    snapshot: Option<PathBuf>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// The public keys of both institutions.
pub(super) struct Institutions([PublicKey; 2]);

impl Institutions {
    /// Their names in results and files, the registration service first.
    pub(super) const NAMES: [&'static str; 2] = ["registration_service", "commission"];

    fn read(arguments: &Sign, law: &ElectionLaw) -> Result<Self> {
        if let Some(file) = &arguments.trust {
            let at_file = || file.display().to_string();
            let bytes = std::fs::read(file).with_context(at_file)?;
            let named = trust::anchors(&bytes, law).with_context(at_file)?;
            let point = |role: &str| {
                trust::point(&named, role).with_context(|| format!("names no key for {role}"))
            };
            return Ok(Self([point("srs-release")?, point("cec-release")?]));
        }
        let folder = match (&arguments.keys, &arguments.out) {
            (Some(keys), _) => keys.clone(),
            (None, Some(out)) => out.join("keys"),
            (None, None) => bail!("--keys or --trust: whose signatures count?"),
        };
        Ok(Self([
            trust::ReleaseKey::read(&folder, "srs-release")?.public_key(),
            trust::ReleaseKey::read(&folder, "cec-release")?.public_key(),
        ]))
    }

    pub(super) fn ring(&self) -> KeyRing {
        KeyRing::of(self.0)
    }

    pub(super) fn kids(&self) -> [Kid; 2] {
        self.0.map(|key| key.kid())
    }

    /// Who has signed and who has not, as codes.
    fn state(&self, signers: &[Kid]) -> [(&'static str, bool); 2] {
        let [srs, cec] = self.kids().map(|kid| signers.contains(&kid));
        [(Self::NAMES[0], srs), (Self::NAMES[1], cec)]
    }
}

impl Sign {
    fn expected(&self, law: &ElectionLaw, folder: &Path) -> Result<Expected> {
        let root = self.root.as_deref().map(|text| {
            trust::digits(&text.split_whitespace().collect::<String>())
                .context("--root: a root has 64 hexadecimal digits")
        });
        let snapshot = self.snapshot.as_deref().map(|dir| {
            let register = match &self.trust {
                Some(file) => Some(trust::from_anchors(file, law)?),
                None => trust::from_folder(folder)?,
            };
            let register = register.context("--snapshot: no register.pub says whose it must be")?;
            let (_, id) = open_manifest(dir, SNAPSHOT, register.trust(law.election.number))?;
            Ok::<_, anyhow::Error>(id)
        });
        Ok(Expected {
            root: root.transpose()?,
            total: self.total,
            number: self.release,
            law: Some(law.hash),
            snapshot: snapshot.transpose()?,
            previous: self.previous.as_deref().map(id_of).transpose()?,
        })
    }
}

/// Tells why a release is not signed or not published; the same words for every command.
pub fn refuse(json: bool, refusal: ReleaseRefusal, detail: &str) -> ExitCode {
    let texts = Texts::kg().ok();
    let said = texts.as_ref().and_then(|t| t.release.get(refusal.code()));
    if json {
        let three = |of: &lexicon::Sentence| json!({ "ky": of.ky, "ru": of.ru, "en": of.en });
        let refused = json!({
            "code": refusal.code(), "detail": detail,
            "sentence": said.map(|s| three(&s.sentence)), "next": said.map(|s| three(&s.next)),
        });
        println!("{}", json!({ "refused": refused }));
    } else {
        println!("{refusal}: {detail}");
        if let Some(said) = said {
            for of in [&said.sentence, &said.next] {
                println!("  {}\n  {}\n  {}", of.ky, of.ru, of.en);
            }
        }
    }
    ExitCode::FAILURE
}

/// Runs the command.
///
/// # Errors
/// A key or a file that cannot be read. A release that is not what it says is told by its code, exit 1.
pub fn run(arguments: &Sign) -> Result<ExitCode> {
    let law = crate::law::read(&arguments.law)?;
    let institutions = Institutions::read(arguments, &law)?;
    let key = arguments.key.as_deref().map(FileKey::read).transpose()?;
    match (&arguments.out, &arguments.file) {
        (Some(out), None) => match arguments.drawn {
            None => sign_list(arguments, &law, &institutions, (out, key.as_ref())),
            Some(name) => {
                let keys = arguments.keys.clone().unwrap_or_else(|| out.join("keys"));
                let expected = arguments.expected(&law, &keys)?;
                let (drawn, key) = ((out.as_path(), name), key.as_ref());
                drawn::sign(&law, &institutions, drawn, &expected, key, arguments.json)
            }
        },
        (None, Some(file)) => sign_act(arguments, &law, &institutions, (file, key.as_ref())),
        (Some(_), Some(_)) | (None, None) => bail!("either --out or --file"),
    }
}

fn sign_list(
    arguments: &Sign,
    law: &ElectionLaw,
    institutions: &Institutions,
    (out, key): (&Path, Option<&FileKey>),
) -> Result<ExitCode> {
    let ring = institutions.ring();
    let [srs, cec] = institutions.0.map(|key| key.kid());
    let folder = RollFolder {
        dir: out.join(ROLL),
        election: law.election.number,
        verifier: &ring,
        srs,
        cec,
    };
    let keys = arguments.keys.clone().unwrap_or_else(|| out.join("keys"));
    let expected = arguments.expected(law, &keys)?;
    let looked = match key {
        Some(key) => sign_release(&folder, &expected, key),
        None => check_release(&folder, &expected),
    };
    match looked {
        Ok(looked) => {
            tell(arguments.json, institutions, &looked);
            Ok(ExitCode::SUCCESS)
        }
        Err(BatchError::Refused(refused)) => {
            Ok(refuse(arguments.json, refused.refusal, &refused.detail))
        }
        Err(error) => Err(error.into()),
    }
}

fn signed_json(state: [(&'static str, bool); 2]) -> Value {
    json!({ state[0].0: state[0].1, state[1].0: state[1].1 })
}

fn signed_text(state: [(&'static str, bool); 2]) -> String {
    let one = |(who, is): (&str, bool)| {
        let word = if is {
            "has signed"
        } else {
            "has not signed yet"
        };
        format!("{who} {word}")
    };
    state.map(one).join(", ")
}

fn tell(as_json: bool, institutions: &Institutions, looked: &CheckedRelease) {
    let release = &looked.release;
    let state = institutions.state(&looked.signers);
    let root = hex(release.root.as_slice());
    if as_json {
        println!(
            "{}",
            json!({
                "release": release.release, "stage": release.stage, "id": looked.id.hex(), "root": root,
                "list_total": release.total, "considered": release.considered, "precincts": release.precincts.len(),
                "signed": signed_json(state),
            })
        );
        return;
    }
    let groups: Vec<&str> = (0..root.len())
        .step_by(8)
        .map(|at| &root[at..at + 8])
        .collect();
    println!(
        "release {} ({}): {} lines in {} precincts, {} considered; the lines hash to the root, every count was counted anew",
        release.release,
        release.stage,
        release.total,
        release.precincts.len(),
        release.considered
    );
    for of in release.excluded.iter().filter(|of| of.count > 0) {
        println!("{:>10} {}", of.count, of.reason);
    }
    println!(
        "root    {}\nrelease {}\n{}",
        groups.join(" "),
        looked.id.hex(),
        signed_text(state)
    );
}

/// Signs an act of two: what it says is shown first, so that nobody signs what he has not read.
fn sign_act(
    arguments: &Sign,
    law: &ElectionLaw,
    institutions: &Institutions,
    (file, key): (&Path, Option<&FileKey>),
) -> Result<ExitCode> {
    let at_file = || file.display().to_string();
    let bytes = std::fs::read(file).with_context(at_file)?;
    let ring = institutions.ring();
    let found = [DocumentType::SignOff, DocumentType::AssignmentOverride]
        .into_iter()
        .find_map(|kind| {
            let election = law.election.number;
            let subject = Subject { kind, election };
            Some((subject, open_all(subject, &bytes, &ring, &[]).ok()?))
        });
    let Some((subject, opened)) = found else {
        let detail = format!("{}: neither a sign-off nor an override", file.display());
        return Ok(refuse(arguments.json, ReleaseRefusal::Changed, &detail));
    };
    let says = if subject.kind == DocumentType::SignOff {
        let act: SignOff = decode(&opened.payload).with_context(at_file)?;
        let passed: Vec<String> = act
            .passed
            .iter()
            .map(|of| format!("{} {}", of.count, of.blocker))
            .collect();
        format!("sign-off of {}: {}", passed.join(", "), act.reason)
    } else {
        let act: AssignmentOverride = decode(&opened.payload).with_context(at_file)?;
        let person = PersonId::from_uuid(lexicon::Uuid::from_bytes(*act.person));
        format!("{person} to precinct {}: {}", act.precinct, act.reason)
    };
    let mut signers = opened.signers;
    if let Some(key) = key {
        let kid = key.kid();
        if !institutions.0.iter().any(|known| known.kid() == kid) {
            let refusal = ReleaseRefusal::NotASigner;
            return Ok(refuse(arguments.json, refusal, &kid.hex()));
        }
        let signed = match add_signature(subject, &bytes, key) {
            Ok(signed) => signed,
            Err(AddSignatureError::Already(kid)) => {
                let refusal = ReleaseRefusal::SignedAlready;
                return Ok(refuse(arguments.json, refusal, &kid.hex()));
            }
            Err(error) => return Err(error.into()),
        };
        let partial = file.with_extension("partial");
        std::fs::write(&partial, signed).with_context(at_file)?;
        std::fs::rename(&partial, file).with_context(at_file)?;
        signers.push(kid);
    }
    let state = institutions.state(&signers);
    if arguments.json {
        println!(
            "{}",
            json!({ "says": says, "id": opened.id.hex(), "signed": signed_json(state) })
        );
    } else {
        println!("{says}\n{}", signed_text(state));
    }
    Ok(ExitCode::SUCCESS)
}
