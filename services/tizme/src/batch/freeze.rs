//! The freeze: what holds a final list back, and the two acts that only both institutions can do.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ::batch::folder::{Trust, open_manifest};
use ::batch::gate::{Gate, sign_off as sign};
use ::batch::snapshot::{SNAPSHOT, read_snapshot};
use ::batch::steps::silent;
use ::batch::{Job, Keys, Randomness, Release};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use keys::{FileKey, KeyRing};
use lexicon::handover::envelope::{
    DocumentId, DocumentType, SUITE, Signer as _, Subject, decode, encode, open_all, sign_all,
};
use lexicon::handover::office_statement::{OfficeCounts, open_statement};
use lexicon::handover::release::ListRelease;
use lexicon::handover::two_persons::AssignmentOverride;
use lexicon::{Blocker, ElectionLaw, Instant, Language, PersonId, Sentence, Texts};
use roll::blockers::{
    Held, Waiting, blockers as find_blockers, may_be_signed_off, not_for_sign_off,
};
use roll::commit::Stage;
use roll::form;
use serde_json::{Value, json};

use super::{Place, trust};

/// What the office knows beside the snapshot, and the files of two signers.
#[derive(Args)]
pub struct Freeze {
    /// The release before, as its release.cose: its id and stage are read from it.
    #[arg(long, value_name = "FILE")]
    before: Option<PathBuf>,
    /// What the office says is not settled (`tizme office statement counts`), signed by its key (`office.pub` in the key
    /// folder), beside this snapshot. A final list waits for it.
    #[arg(long, value_name = "FILE")]
    office: Option<PathBuf>,
    /// Nobody's list: the counts below are typed instead, for a training. Refused when the trust anchors name keys that
    /// are no training files.
    #[arg(long, conflicts_with = "office")]
    exercise: bool,
    /// Claims without an answer, for an exercise.
    #[arg(long, default_value_t = 0, value_name = "N", requires = "exercise")]
    unanswered_claims: u64,
    /// Lots of the field verification that are not finished, for an exercise.
    #[arg(long, default_value_t = 0, value_name = "N", requires = "exercise")]
    open_lots: u64,
    /// Doubtful links and addresses of the commission's list without an answer, for an exercise.
    #[arg(long, default_value_t = 0, value_name = "N", requires = "exercise")]
    undecided_rows: u64,
    /// Undecided cases of records that may be one person, for an exercise.
    #[arg(long, default_value_t = 0, value_name = "N", requires = "exercise")]
    open_cases: u64,
    /// A file of `sign-off`: both institutions let the list pass over what it names.
    #[arg(long, value_name = "FILE")]
    sign_off: Option<PathBuf>,
    /// A file of `override`: both institutions place one voter by hand. May be given again.
    #[arg(long = "override", value_name = "FILE")]
    overrides: Vec<PathBuf>,
}

/// The signed files of a freeze.
pub struct Files {
    sign_off: Option<(PathBuf, Vec<u8>)>,
    overrides: Vec<(PathBuf, Vec<u8>)>,
}

fn bytes_of(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| path.display().to_string())
}

impl Files {
    /// Reads them.
    pub fn read(freeze: &Freeze) -> Result<Files> {
        let read = |path: &PathBuf| Ok::<_, anyhow::Error>((path.clone(), bytes_of(path)?));
        Ok(Files {
            sign_off: freeze.sign_off.as_ref().map(read).transpose()?,
            overrides: freeze.overrides.iter().map(read).collect::<Result<_>>()?,
        })
    }

    /// The gate they make.
    pub fn gate(&self, waiting: Waiting) -> Gate<'_> {
        let file = self.sign_off.as_ref();
        Gate {
            waiting,
            sign_off: file.map(|(path, bytes)| (path, bytes.as_slice())),
            overrides: &self.overrides,
        }
    }
}

impl Freeze {
    /// Id and stage of the release before, when both institutions signed it.
    pub fn before(
        &self,
        law: &ElectionLaw,
        ring: &KeyRing,
        signing: &trust::Signing,
    ) -> Result<Option<(DocumentId, Stage)>> {
        let Some(path) = &self.before else {
            return Ok(None);
        };
        let at_file = || path.display().to_string();
        let subject = Subject {
            kind: DocumentType::ListRelease,
            election: law.election.number,
        };
        let both = [signing.srs.kid(), signing.cec.kid()];
        let signed = open_all(subject, &bytes_of(path)?, ring, &both).with_context(at_file)?;
        let release: ListRelease = decode(&signed.payload).with_context(at_file)?;
        let stage = Stage::from_code(&release.stage)
            .with_context(|| format!("{}: its stage is unknown", path.display()))?;
        Ok(Some((signed.id, stage)))
    }

    /// What the office says beside the snapshot; none when it says nothing, or spoke beside another one.
    ///
    /// # Errors
    /// A file that the office's key did not sign; typed counts where they have no place.
    pub fn said(
        &self,
        place: &Place,
        law: &ElectionLaw,
        register: &trust::Register,
    ) -> Result<Option<OfficeCounts>> {
        if self.exercise {
            demand_training(place, law)?;
            return Ok(None);
        }
        let Some(path) = &self.office else {
            return Ok(None);
        };
        let key = trust::office_key(&place.key_folder())?;
        let (ring, election) = (KeyRing::of([key]), law.election.number);
        let said: OfficeCounts = open_statement(&bytes_of(path)?, election, &ring, key.kid())
            .with_context(|| path.display().to_string())?;
        let (_, id) = open_manifest(&place.snapshot, SNAPSHOT, register.trust(election))?;
        Ok((*said.snapshot == id.0).then_some(said))
    }

    /// What waits outside the snapshot.
    pub fn waiting(&self, said: Option<&OfficeCounts>, signed_stage: Option<Stage>) -> Waiting {
        let of = |typed: u64, blocker| said.map_or(typed, |said| said.of(blocker));
        Waiting {
            unanswered_claims: of(self.unanswered_claims, Blocker::UnansweredClaim),
            open_lots: of(self.open_lots, Blocker::FieldLot),
            undecided_rows: of(self.undecided_rows, Blocker::UndecidedRow),
            open_cases: of(self.open_cases, Blocker::OpenCase),
            is_office_silent: said.is_none() && !self.exercise,
            signed_stage,
        }
    }
}

/// Typed counts are for a training: the anchors, where they stand, must name files as the homes of the release keys.
fn demand_training(place: &Place, law: &ElectionLaw) -> Result<()> {
    let found = [
        place.trust.clone(),
        Some(place.key_folder().join("trust.cose")),
        Some(place.beside("publication/trust.cose")),
    ];
    for path in found.into_iter().flatten().filter(|path| path.is_file()) {
        let at_file = || path.display().to_string();
        let named = trust::anchors(&bytes_of(&path)?, law).with_context(at_file)?;
        let is_real = named
            .anchors
            .iter()
            .filter(|anchor| ["srs-release", "cec-release"].contains(&anchor.role.as_str()))
            .any(|anchor| anchor.home != FileKey::HOME);
        if is_real {
            bail!(
                "--exercise: {} names keys of a real election; let the office say what waits: tizme office statement counts",
                path.display()
            );
        }
    }
    Ok(())
}

/// Names what holds the list back, each with its owner and next step.
pub fn tell(json: bool, held: &[Held]) {
    if json {
        println!("{}", json!({ "blockers": shown(held) }));
        return;
    }
    let texts = Texts::kg().ok();
    for held in held {
        let said = texts
            .as_ref()
            .and_then(|t| t.blocker.get(held.blocker.code()));
        let sentence = said.map_or("", |said| said.sentence.get(Language::En));
        let next = said.map_or("", |said| said.next.get(Language::En));
        println!(
            "{:>10} {} [{}] {sentence} {next}",
            held.count,
            held.blocker,
            held.owner.code()
        );
    }
    let word = if held.is_empty() {
        "nothing holds a final list back"
    } else {
        "a final list is held back"
    };
    println!("{word}");
}

fn shown(held: &[Held]) -> Vec<Value> {
    let texts = Texts::kg().ok();
    let one = |held: &Held| {
        let said = texts
            .as_ref()
            .and_then(|t| t.blocker.get(held.blocker.code()));
        json!({
            "code": held.blocker.code(), "count": held.count, "owner": held.owner.code(),
            "may_be_signed_off": may_be_signed_off(held.blocker),
            "sentence": said.map(|s| in_three(&s.sentence)), "next": said.map(|s| in_three(&s.next)),
        })
    };
    held.iter().map(one).collect()
}

fn in_three(said: &Sentence) -> Value {
    json!({ "ky": said.ky, "ru": said.ru, "en": said.en })
}

/// The code of a sign-off that is refused.
const NOT_FOR_SIGN_OFF: &str = "NOT_FOR_SIGN_OFF";

/// Why a sign-off is refused, and what comes next.
fn not_for_sign_off_said() -> [Sentence; 2] {
    let said = |ky: &str, ru: &str, en: &str| Sentence {
        ky: ky.to_owned(),
        ru: ru.to_owned(),
        en: en.to_owned(),
    };
    [
        said(
            "Муну эки мекеме да кол коюп өткөрө албайт: тизме өзү туура эмес болуп калат.",
            "Это не пропускают и две подписи: сам список был бы неверен.",
            "Not even both institutions may sign this off: the list itself would be wrong.",
        ),
        said(
            "Адегенде төмөнкүлөрдү оңдоңуз, анан калганына кол коюңуз.",
            "Сначала устраните названное ниже, затем подпишите остальное.",
            "Settle what is named below first, then sign off the rest.",
        ),
    ]
}

/// Refuses a sign-off of what nobody may sign off; nothing is written.
fn refuse(json: bool, never: &[Held]) -> ExitCode {
    let [sentence, next] = not_for_sign_off_said();
    if json {
        let refused = json!({ "code": NOT_FOR_SIGN_OFF, "sentence": in_three(&sentence), "next": in_three(&next) });
        println!(
            "{}",
            json!({ "refused": refused, "blockers": shown(never) })
        );
    } else {
        println!("{NOT_FOR_SIGN_OFF}: {} {}", sentence.en, next.en);
        tell(false, never);
    }
    ExitCode::from(1)
}

/// Arguments of `blockers`.
#[derive(Args)]
pub struct Blockers {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    freeze: Freeze,
}

/// Arguments of `sign-off`.
#[derive(Args)]
pub struct SignOffFile {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    freeze: Freeze,
    /// Why, in words; it is shown.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// When, as 2015-09-25T12:00:00+06:00.
    #[arg(long, value_name = "MOMENT")]
    at: String,
}

/// Arguments of `override`.
#[derive(Args)]
pub struct OverrideFile {
    /// The law.
    #[arg(long, value_name = "L")]
    law: String,
    /// The folder of keys with both release keys.
    #[arg(long, value_name = "DIR")]
    keys: PathBuf,
    /// The person's id in the register.
    #[arg(long, value_name = "ID")]
    person: String,
    /// The precinct.
    #[arg(long, value_name = "N")]
    precinct: u16,
    /// Why, in words; it is shown.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// When, as 2015-09-25T12:00:00+06:00.
    #[arg(long, value_name = "MOMENT")]
    at: String,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// What is looked at before a freeze.
struct Looked {
    law: ElectionLaw,
    ring: KeyRing,
    signing: trust::Signing,
    register: lexicon::handover::envelope::Kid,
    snapshot: DocumentId,
    held: Vec<Held>,
}

fn look(place: &Place, freeze: &Freeze) -> Result<Looked> {
    let law = place.law()?;
    let register = place.register(&law)?;
    let signing = trust::Signing::read(&place.key_folder())?;
    let mut ring = register.ring();
    for key in signing.public_keys() {
        ring.add(key);
    }
    let trust: Trust<'_> = register.trust(law.election.number);
    let read = read_snapshot(&place.snapshot, &law, trust, 0)?;
    let before = freeze.before(&law, &ring, &signing)?;
    let roll = form(&read.snapshot, &law)?;
    let said = freeze.said(place, &law, &register)?;
    let waiting = freeze.waiting(said.as_ref(), before.map(|(_, stage)| stage));
    let held = find_blockers(&read.snapshot, &roll, Stage::Final, waiting);
    Ok(Looked {
        register: register.kid(),
        snapshot: read.id,
        law,
        ring,
        signing,
        held,
    })
}

/// Lists what holds a final list back.
pub fn blockers(arguments: &Blockers) -> Result<ExitCode> {
    let looked = look(&arguments.place, &arguments.freeze)?;
    tell(arguments.place.json, &looked.held);
    Ok(ExitCode::from(u8::from(!looked.held.is_empty())))
}

fn moment(text: &str) -> Result<Instant> {
    Instant::parse(text).with_context(|| format!("--at: {text} is no moment"))
}

/// Signs off what holds a final list back now, for this snapshot alone.
pub fn sign_off(arguments: &SignOffFile) -> Result<ExitCode> {
    let place = &arguments.place;
    if arguments.reason.trim().is_empty() {
        bail!("--reason: a sign-off gives its reason");
    }
    let looked = look(place, &arguments.freeze)?;
    let never = not_for_sign_off(&looked.held);
    if !never.is_empty() {
        return Ok(refuse(place.json, &never));
    }
    let randomness = Randomness::new(&looked.signing.randomness);
    let job = Job {
        law: &looked.law,
        snapshot: &place.snapshot,
        out: &place.out,
        keys: Keys {
            srs: &looked.signing.srs,
            cec: &looked.signing.cec,
            register: looked.register,
            verifier: &looked.ring,
        },
        randomness: &randomness,
        release: Release {
            number: 1,
            previous: None,
            frozen_at: moment(&arguments.at)?,
            stage: Stage::Final,
        },
        threads: place.threads,
        report: &silent,
    };
    let at = (arguments.reason.as_str(), moment(&arguments.at)?);
    let bytes = sign(
        &job,
        looked.snapshot,
        &looked.held,
        at,
        &looked.signing.here(),
    )?;
    let path = place.write("sign-off.cose", |path| Ok(std::fs::write(path, &bytes)?))?;
    place.tell(
        &json!({ "signed_off": shown(&looked.held), "file": path.display().to_string() }),
        || {
            format!(
                "{} blockers signed off: {}",
                looked.held.len(),
                path.display()
            )
        },
    );
    Ok(ExitCode::SUCCESS)
}

/// Signs the act that places one voter by hand.
pub fn place_by_hand(arguments: &OverrideFile) -> Result<ExitCode> {
    let law = crate::law::read(&arguments.law)?;
    let signing = trust::Signing::read(&arguments.keys)?;
    let person: PersonId = arguments
        .person
        .parse()
        .context("--person: not a person id")?;
    if arguments.reason.trim().is_empty() {
        bail!("--reason: an override gives its reason");
    }
    let act = AssignmentOverride {
        suite: SUITE.to_owned(),
        election: law.election.number,
        person: (*person.as_bytes()).into(),
        precinct: arguments.precinct,
        reason: arguments.reason.clone(),
        at: moment(&arguments.at)?.micros(),
    };
    let subject = Subject {
        kind: DocumentType::AssignmentOverride,
        election: law.election.number,
    };
    let bytes = sign_all(subject, &encode(&act), &signing.here())?;
    std::fs::write(&arguments.out, bytes).with_context(|| arguments.out.display().to_string())?;
    println!("{}", arguments.out.display());
    Ok(ExitCode::SUCCESS)
}
