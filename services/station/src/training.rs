//! Training: a precinct that nobody lives in, with keys that no election knows, made by the binary alone.
//!
//! What is trained on are the shipped screens and the shipped rules; only the package says that it is a
//! training ([`Exercise::Training`]), and with it every screen wears a striped frame and every paper the word.

mod people;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use keys::FileKey;
use lexicon::Instant;
use lexicon::handover::envelope::{
    DocumentType, PublicKey, SUITE, Signer, Subject, encode, hex, peek1, sha256, sign_all,
};
use lexicon::handover::event::{Event, event_subject, unframe};
use lexicon::handover::folder::bytes;
use lexicon::handover::package::{
    Exercise, KitEntry, OfficerEntry, PackageBody, PackageFinger, PackageManifest, PackageVoter,
    SealSecrets, StationPolicy, TRAINING_ELECTION, index_token, seal,
};

pub use people::{PEOPLE, Trainee, of_line};

use crate::cards::{CardFile, Holder};
use crate::clock::MachineClock;
use crate::config::{ConfigFile, ExerciseEntry};
use crate::disk::{Disk, HostDisk};
use crate::print::{Job, Width};
use crate::printer::{Printer, PrinterError, Supply};

/// The number of the training precinct.
pub const PRECINCT: u16 = 9999;

/// 08:00 of the training day, 2 January 2000 in Bishkek: no election was that day.
pub const OPENS: i64 = 946_778_400_000_000;
const HOUR: i64 = 3_600_000_000;
const OFFSET_MINUTES: i32 = 360;
const RELEASE: u32 = 1;

/// The passphrase of every training card: there is nothing to guard.
pub const PASSPHRASE: &str = "1111";

/// Lines that the kit K2 owns, which is never switched on: the last of the list.
const OF_K2: u32 = 10;

/// Why a training folder was not made: whoever trains acts.
#[derive(Debug, thiserror::Error)]
pub enum TrainingError {
    /// A file or folder.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A key or a card was not written, or the package not sealed.
    #[error("{0}")]
    Made(String),
}

/// The moment at which the training day reads this local time.
#[must_use]
pub fn at(hour: i64, minute: i64) -> Instant {
    Instant::from_micros(OPENS + (hour - 8) * HOUR + minute * 60_000_000)
}

/// The file that says that a folder's keys are a training's.
const MADE_HERE: &str = ".training";

/// Makes a training folder unless there is one: keys, cards, package, records for the scanner, `kit.toml`.
///
/// The same seed gives the same keys; `pages` is the address of the screens. Returns the configuration's path.
///
/// # Errors
/// [`TrainingError`]; what was written stays and is written again next time.
pub fn make(folder: &Path, seed: &[u8], pages: &str) -> Result<PathBuf, TrainingError> {
    let config = folder.join("kit.toml");
    let made = |error: &dyn std::fmt::Display| TrainingError::Made(error.to_string());
    if config.exists() {
        let file = ConfigFile::read(&config).map_err(|error| made(&error))?;
        if file.exercise != Some(ExerciseEntry::Training) {
            let told = format!(
                "{} is no training kit's: name another folder",
                config.display()
            );
            return Err(TrainingError::Made(told));
        }
        return Ok(config);
    }
    if folder.join("keys/K1.key").exists() && !folder.join(MADE_HERE).exists() {
        let told = format!(
            "{} holds the keys of another kit: name another folder",
            folder.display()
        );
        return Err(TrainingError::Made(told));
    }
    for part in ["", "cards", "glass", "keys", "packages"] {
        make_folder(&folder.join(part))?;
    }
    write(&folder.join(MADE_HERE), b"")?;
    let key = |label: &str| FileKey::from_seed(seed, &format!("training {label}"));
    let publishers = [key("first publisher"), key("second publisher")];
    let kits = [key("K1"), key("K2")];
    let mut officers = Vec::new();
    for (at, (name, role, body)) in OFFICERS.into_iter().enumerate() {
        let mut salt = [0u8; 16];
        salt.copy_from_slice(&sha256(&[seed, &[u8::try_from(at).unwrap_or(0)]].concat())[..16]);
        let holder = Holder {
            name: name.to_owned(),
            role: role.to_owned(),
            body: body.to_owned(),
        };
        let (card, public) = CardFile::issue(&holder, &salt, PASSPHRASE);
        let path = folder.join(format!("cards/{}.card", at + 1));
        card.write(&path).map_err(|error| made(&error))?;
        officers.push((holder, public.public_key()));
    }
    let (manifest, ciphertext) = package(seed, &kits, &officers).map_err(|error| made(&error))?;
    let subject = Subject {
        kind: DocumentType::PackageManifest,
        election: TRAINING_ELECTION,
    };
    let signers: Vec<&dyn Signer> = publishers.iter().map(|key| key as _).collect();
    let signed = sign_all(subject, &encode(&manifest), &signers).map_err(|error| made(&error))?;
    let stem = folder.join("packages").join(format!("{PRECINCT}"));
    write(&stem.with_extension("manifest.cose"), &signed)?;
    write(&stem.with_extension("package"), &ciphertext)?;
    let path = folder.join("keys/K1.key");
    kits[0].write(&path).map_err(|error| made(&error))?;
    for trainee in PEOPLE {
        for (name, record) in people::glass(trainee) {
            write(&folder.join("glass").join(name), &record)?;
        }
    }
    let points = publishers.map(|key| format!("\"{}\"", hex(&key.public_key().0)));
    // Written last: a folder with it is whole.
    write(&config, configuration(&points, pages).as_bytes())?;
    Ok(config)
}

const OFFICERS: [(&str, &str, &str); 3] = [
    ("Төрага Т. Т. (окуу)", "chair", "А"),
    ("Катчы К. К. (окуу)", "secretary", "А"),
    ("Мүчө М. М. (окуу)", "member", "Б"),
];

fn configuration(publishers: &[String; 2], pages: &str) -> String {
    format!(
        "# A training kit: invented voters, keys that no election knows.\n\
         exercise = \"training\"\nelection = {TRAINING_ELECTION}\nprecinct = {PRECINCT}\n\
         manifest = \"packages/{PRECINCT}.manifest.cose\"\npackage = \"packages/{PRECINCT}.package\"\n\
         publishers = [{}, {}]\nkit_key = \"keys/K1.key\"\n\
         cards = [\"cards/1.card\", \"cards/2.card\", \"cards/3.card\"]\njournals = \"free\"\n\
         pages = \"{pages}\"\nlan = \"127.0.0.1:0\"\nsimulated_time = \"2000-01-02T09:00:00+06:00\"\n\
         printer = {{ kind = \"file\", folder = \"papers\", keep = 60 }}\n\
         scanner = {{ kind = \"folder\", folder = \"glass\" }}\n",
        publishers[0], publishers[1]
    )
}

fn policy() -> StationPolicy {
    StationPolicy {
        partition: "segment".to_owned(),
        ballot_table: "paper".to_owned(),
        tries_per_finger: 3,
        pause_after_failures: 5,
        // A pause is felt, and does not eat the lesson.
        pause_seconds: 5,
        finger_fmr_ppb: 100_000,
        override_quota_permille: 200,
        opens: OPENS,
        closes: OPENS + 12 * HOUR,
        offset_minutes: OFFSET_MINUTES,
        peer_stale_seconds: 10,
        skew_block_seconds: 60,
        different_bodies: true,
        lines_per_page: 25,
        stop_note: None,
        home: None,
        other_line_ppb: None,
        skew_warn_seconds: Some(2),
        limits: None,
        second_day: None,
        devices: None,
        marked_lines_ppb: None,
    }
}

fn package(
    seed: &[u8],
    kits: &[FileKey; 2],
    officers: &[(Holder, PublicKey)],
) -> Result<(PackageManifest, Vec<u8>), lexicon::handover::package::PackageError> {
    let drawn = |what: &[u8]| sha256(&[seed, b"training", what].concat());
    let lines = u32::try_from(PEOPLE.len()).unwrap_or(u32::MAX);
    let share = |at: usize| match at {
        0 => (1, lines - OF_K2),
        _ => (lines - OF_K2 + 1, lines),
    };
    let mut manifest = PackageManifest {
        suite: SUITE.to_owned(),
        election: TRAINING_ELECTION,
        precinct: PRECINCT,
        release: RELEASE,
        package: 1,
        previous: None,
        root: drawn(b"root").into(),
        lines,
        ciphertext_sha256: [0; 32].into(),
        ciphertext_bytes: 0,
        not_before: OPENS - 24 * HOUR,
        not_after: OPENS + 48 * HOUR,
        policy: policy(),
        kits: kits
            .iter()
            .enumerate()
            .map(|(at, key)| KitEntry {
                point: key.public_key().0.into(),
                name: format!("K{}", at + 1),
                from: share(at).0,
                to: share(at).1,
            })
            .collect(),
        officers: officers
            .iter()
            .map(|(holder, key)| OfficerEntry {
                point: key.0.into(),
                role: holder.role.clone(),
                body: holder.body.clone(),
                name: holder.name.clone(),
            })
            .collect(),
        k: 2,
        revoked: Vec::new(),
        ephemeral: [0; 65].into(),
        officer_wraps: Vec::new(),
        kit_wraps: Vec::new(),
        break_glass: None,
        exercise: Some(Exercise::Training),
        settings: None,
    };
    let index_key = drawn(b"index");
    let body = PackageBody {
        version: 0,
        election: TRAINING_ELECTION,
        precinct: PRECINCT,
        index_key: index_key.into(),
        voters: PEOPLE.iter().map(|one| voter(one, &index_key)).collect(),
        district: Vec::new(),
        day_key: drawn(b"day").into(),
        address_ky: "Окуу участкасы".to_owned(),
        address_ru: "Учебный участок".to_owned(),
        places: None,
    };
    let secrets = SealSecrets {
        ephemeral: drawn(b"ephemeral"),
        officers: drawn(b"officers"),
        kits: drawn(b"kits"),
    };
    let ciphertext = seal(&mut manifest, &body, &secrets)?;
    Ok((manifest, ciphertext))
}

fn voter(one: &Trainee, index_key: &[u8; 32]) -> PackageVoter {
    PackageVoter {
        line: one.line,
        page: one.line.div_ceil(25),
        surname: one.surname.to_owned(),
        given: one.given.to_owned(),
        patronymic: one.patronymic.to_owned(),
        born: one.born.to_owned(),
        sex: if one.is_woman { "F" } else { "M" }.to_owned(),
        photo: bytes(&[]),
        fingers: people::FINGERS
            .iter()
            .map(|position| PackageFinger {
                position: *position,
                minutiae: bytes(&people::record(one.line, *position, 0)),
            })
            .collect(),
        pin_token: index_token(index_key, &one.pin()).into(),
        document_tokens: vec![index_token(index_key, &one.document()).into()],
        home: false,
    }
}

fn make_folder(path: &Path) -> Result<(), TrainingError> {
    std::fs::create_dir_all(path).map_err(|source| TrainingError::File {
        path: path.display().to_string(),
        source,
    })
}

fn write(path: &Path, contents: &[u8]) -> Result<(), TrainingError> {
    std::fs::write(path, contents).map_err(|source| TrainingError::File {
        path: path.display().to_string(),
        source,
    })
}

/// What a training kit has that an election's has not: a day that can be moved on, a roll that can run out.
#[derive(Debug)]
pub struct Gear {
    /// The folder of the training.
    pub folder: PathBuf,
    /// The training day.
    pub clock: Arc<MachineClock>,
    /// The printer.
    pub printer: Arc<TrainingPrinter>,
}

/// A printer whose paper the lesson takes out.
pub struct TrainingPrinter {
    inner: Arc<dyn Printer>,
    is_out_of_paper: AtomicBool,
}

impl std::fmt::Debug for TrainingPrinter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TrainingPrinter")
    }
}

impl TrainingPrinter {
    /// Wraps a printer; it has paper.
    #[must_use]
    pub fn new(inner: Arc<dyn Printer>) -> Self {
        Self {
            inner,
            is_out_of_paper: AtomicBool::new(false),
        }
    }

    /// Takes the paper out, or puts a roll in.
    pub fn set_out_of_paper(&self, is_out: bool) {
        self.is_out_of_paper.store(is_out, Ordering::SeqCst);
    }

    /// Whether the roll is out.
    #[must_use]
    pub fn is_out_of_paper(&self) -> bool {
        self.is_out_of_paper.load(Ordering::SeqCst)
    }
}

impl Printer for TrainingPrinter {
    fn print(&self, job: &Job) -> Result<(), PrinterError> {
        if self.is_out_of_paper() {
            return Err(PrinterError::Paper);
        }
        self.inner.print(job)
    }

    fn kind(&self) -> &'static str {
        "training"
    }

    // The roll that a lesson takes out ends in the middle of a slip: nobody knows before.
    fn look(&self) -> Result<Supply, PrinterError> {
        self.inner.look()
    }

    fn state(&self) -> Result<Supply, PrinterError> {
        self.inner.state()
    }

    fn width(&self) -> Width {
        self.inner.width()
    }
}

/// A second after the last event of the journal K1 in a folder: a training day that is taken up again goes on
/// from there, not from its beginning.
#[must_use]
pub fn resumes_at(journals: &Path) -> Option<Instant> {
    let file = HostDisk.read(&journals.join("K1.journal")).ok()??;
    let last = unframe(&file).events.last().copied()?.to_vec();
    let (_, payload) = peek1(event_subject(TRAINING_ELECTION), &last).ok()?;
    let event: Event = lexicon::handover::envelope::decode(&payload).ok()?;
    let micros = i64::try_from(event.hlc >> 8).ok()?;
    Some(Instant::from_micros(micros + 1_000_000))
}

/// Whether an event says that it is a training's. The domain of a signature is not in its bytes: what the event says
/// of itself is enough to leave it alone.
fn is_training(event: &[u8]) -> bool {
    peek1(event_subject(TRAINING_ELECTION), event)
        .ok()
        .and_then(|(_, payload)| lexicon::handover::envelope::decode::<Event>(&payload).ok())
        .is_some_and(|event| event.election == TRAINING_ELECTION)
}

/// Training events in a kit's own folder, by file: an election kit that has any says so (S-30).
///
/// Cost: reads the files `NAME.journal` and `NAME.peers` once; only the first event is parsed unless it is a
/// training's.
///
/// # Errors
/// What the disk said.
pub(crate) fn leftovers(
    disk: &dyn Disk,
    folder: &Path,
    names: &[String],
) -> std::io::Result<Vec<(String, usize)>> {
    let mut found = Vec::new();
    for name in names {
        for kind in ["journal", "peers"] {
            let file = format!("{name}.{kind}");
            let Some(held) = disk.read(&folder.join(&file))? else {
                continue;
            };
            let events = unframe(&held).events;
            if events.first().is_some_and(|first| is_training(first)) {
                found.push((
                    file,
                    events.iter().filter(|event| is_training(event)).count(),
                ));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
