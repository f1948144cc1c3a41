//! The configuration file of `tizme-station serve`: typed TOML, unknown keys refused. What it leaves out a kit finds by
//! itself ([`found`]).

mod found;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keys::{Counters, FileKey, KeyRing, TokenModule};
use lexicon::handover::envelope::{Kid, PublicKey, unhex};
use lexicon::handover::package::{Exercise, OfficerEntry, TRAINING_ELECTION};
use lexicon::{Instant, Language, PrecinctCode};
use serde::Deserialize;

use crate::camera::{Camera, PictureFolder, VideoDevice};
use crate::cards::{CardBox, CardFile};
use crate::clock::MachineClock;
use crate::device::{FINGER_WAIT, Plugged};
use crate::disk::{HostDisk, folder_of};
use crate::kit::{Card, Ciphertext, Kit, KitConfig, Publishers, charter_of};
use crate::link::Lan;
use crate::print::Width;
use crate::printer::{Cable, CablePrinter, FilePrinter, Printer};
use crate::scanner::{ImageFolder, NoScanner, Scanner};
use crate::training::{Gear, TrainingPrinter, resumes_at};

/// The file as written. Paths are relative to the file's folder.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigFile {
    /// What the kit is for instead of an election: it then opens such a package and no other.
    #[serde(default)]
    pub exercise: Option<ExerciseEntry>,
    /// Election number; the manifest's when it is not said.
    #[serde(default)]
    pub election: u32,
    /// Precinct number; the manifest's when it is not said.
    #[serde(default)]
    pub precinct: u16,
    /// `PPPP.manifest.cose`; the one that lies beside the file, or in `packages`, when it is not said.
    #[serde(default)]
    pub manifest: PathBuf,
    /// `PPPP.package`; beside the manifest when it is not said.
    #[serde(default)]
    pub package: PathBuf,
    /// Hexadecimal points (130 digits) of the keys that must have signed the manifest; those of the trust anchors
    /// beside the package when none is said.
    #[serde(default)]
    pub publishers: Vec<String>,
    /// The kit's own key file (demo); or `kit_token`.
    #[serde(default)]
    pub kit_key: Option<PathBuf>,
    /// The kit's own key on a token.
    #[serde(default)]
    pub kit_token: Option<KitTokenEntry>,
    /// Card files of the officers (demo).
    #[serde(default)]
    pub cards: Vec<PathBuf>,
    /// The PKCS#11 library of the officers' cards and the kit's token; `pkcs11.so` beside the file, or one that is
    /// installed, when it is not said.
    #[serde(default)]
    pub pkcs11: Option<PathBuf>,
    /// Folder of the journals.
    #[serde(default = "found::journals")]
    pub journals: PathBuf,
    /// Folder of a medium that can be taken out, to which everything is copied; made one by
    /// `tizme-station medium --at DIR`. When it is not said: on a real day the first one that is put in.
    #[serde(default)]
    pub medium: Option<PathBuf>,
    /// Address of the pages; loopback, or the monitor's LAN.
    #[serde(default = "found::pages")]
    pub pages: SocketAddr,
    /// Address of the monitor for another device, as `192.0.2.10:8301`: read only, and it names nobody.
    #[serde(default)]
    pub monitor: Option<SocketAddr>,
    /// Address on which other kits ask.
    #[serde(default = "found::lan")]
    pub lan: SocketAddr,
    /// Other kits of the precinct.
    #[serde(default)]
    pub peers: Vec<PeerEntry>,
    /// Whether kits are looked for on the LAN (mDNS). When it is not said: where no peers are named.
    #[serde(default)]
    pub discovery: Option<bool>,
    /// The printer; the first USB printer when it is not said.
    #[serde(default = "found::printer")]
    pub printer: PrinterEntry,
    /// The scanner; what libfprint finds when it is not said.
    #[serde(default = "found::scanner")]
    pub scanner: ScannerEntry,
    /// A document reader on a serial line; one that types needs no entry.
    #[serde(default)]
    pub reader: Option<ReaderEntry>,
    /// The camera for two officers, where there is one.
    #[serde(default)]
    pub camera: Option<CameraEntry>,
    /// Hexadecimal point of the centre's turnout desk: digits read aloud then carry an authenticator.
    #[serde(default)]
    pub turnout_desk: Option<String>,
    /// Hexadecimal point of the office's key for corrections: without it a rehearsal's kit takes none.
    #[serde(default)]
    pub corrections_desk: Option<String>,
    /// Languages of the precinct's reports on paper, `["ky", "ru"]` when it is not said; `en` may be added.
    #[serde(default)]
    pub paper_languages: Option<Vec<String>>,
    /// Start of a simulated time, `2015-10-04T10:00:00+06:00`; screens say so.
    #[serde(default)]
    pub simulated_time: Option<String>,
}

/// What a kit is for when it is for no election.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExerciseEntry {
    /// Citizens look up their line on an interim list.
    Rehearsal,
    /// Operators and chairs learn.
    Training,
}

impl ExerciseEntry {
    fn exercise(self) -> Exercise {
        match self {
            ExerciseEntry::Rehearsal => Exercise::Rehearsal,
            ExerciseEntry::Training => Exercise::Training,
        }
    }
}

/// Another kit.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerEntry {
    /// Its key id, 16 hexadecimal digits.
    pub kit: String,
    /// Its `lan` address.
    pub address: SocketAddr,
}

/// The kit's key on a token.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KitTokenEntry {
    /// Its key id, 16 hexadecimal digits.
    pub key: String,
    /// A file that holds the token's PIN, readable by the kit's user alone; `kit.pin` when it is not said.
    #[serde(default = "pin_file")]
    pub pin_file: PathBuf,
}

fn pin_file() -> PathBuf {
    PathBuf::from("kit.pin")
}

/// A printer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "snake_case")]
pub enum PrinterEntry {
    /// Streams and previews as files.
    File {
        /// Where.
        folder: PathBuf,
        /// How many papers stay.
        keep: usize,
        /// Width of the paper.
        #[serde(default)]
        paper: PaperEntry,
    },
    /// ESC/POS over TCP.
    Network {
        /// Where.
        address: SocketAddr,
        /// Width of the paper.
        #[serde(default)]
        paper: PaperEntry,
        /// Whether the printer tells its state.
        #[serde(default = "answers")]
        answers: bool,
    },
    /// ESC/POS on a USB printer device.
    Usb {
        /// As `/dev/usb/lp0`; of a folder the first `lp…` in it, whenever a paper is printed.
        device: PathBuf,
        /// Width of the paper.
        #[serde(default)]
        paper: PaperEntry,
        /// Whether the printer tells its state.
        #[serde(default = "answers")]
        answers: bool,
    },
    /// ESC/POS on a serial line.
    Serial {
        /// As `/dev/ttyUSB0`.
        device: PathBuf,
        /// Speed of the line.
        baud: u32,
        /// Width of the paper.
        #[serde(default)]
        paper: PaperEntry,
        /// Whether the printer tells its state.
        #[serde(default = "answers")]
        answers: bool,
    },
}

/// Millimetres of a roll.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u16")]
pub enum PaperEntry {
    /// 58 mm.
    Narrow,
    /// 80 mm.
    #[default]
    Wide,
}

impl TryFrom<u16> for PaperEntry {
    type Error = &'static str;

    fn try_from(millimetres: u16) -> Result<Self, Self::Error> {
        match millimetres {
            58 => Ok(Self::Narrow),
            80 => Ok(Self::Wide),
            _ => Err("paper is 58 or 80 (mm)"),
        }
    }
}

impl PaperEntry {
    fn width(self) -> Width {
        match self {
            Self::Narrow => Width::Mm58,
            Self::Wide => Width::Mm80,
        }
    }
}

fn answers() -> bool {
    true
}

fn cable(cable: Cable, paper: PaperEntry, answers: bool) -> Arc<dyn Printer> {
    Arc::new(CablePrinter::new(cable, paper.width(), answers))
}

/// Why a kit of a real day takes no key from a file.
const FILE_CARDS: &str = "keys in files are for training and simulated days only: name the tokens' library (pkcs11) \
                          and the kit's token (kit_token)";

/// A scanner.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "snake_case")]
pub enum ScannerEntry {
    /// A folder of images; simulated.
    Folder {
        /// Where.
        folder: PathBuf,
    },
    /// The first device that libfprint finds; it may be plugged in later.
    Libfprint {
        /// Names of libfprint's drivers of the scanners that were handed out, as `uru4000`; empty: any.
        #[serde(default)]
        drivers: Vec<String>,
    },
}

/// A document reader on a serial line, as a USB reader in its CDC mode is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReaderEntry {
    /// As `/dev/ttyACM0`.
    pub device: PathBuf,
    /// Speed of the line; a CDC device does not mind.
    #[serde(default = "baud")]
    pub baud: u32,
}

fn baud() -> u32 {
    9_600
}

/// A camera.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, tag = "kind", rename_all = "snake_case")]
pub enum CameraEntry {
    /// A folder of pictures; simulated.
    Folder {
        /// Where.
        folder: PathBuf,
    },
    /// A device of Video4Linux.
    V4l2 {
        /// As `/dev/video0`.
        device: PathBuf,
    },
}

/// Why a configuration was refused: the engineer mends the file.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file could not be read.
    #[error("{path}: {why}")]
    File {
        /// Which file.
        path: String,
        /// What is wrong, with line and field where there are any.
        why: String,
    },
    /// A field holds something that cannot be.
    #[error("field {field}: {why}")]
    Field {
        /// Which field.
        field: &'static str,
        /// What is wrong.
        why: String,
    },
}

/// What is needed to open a kit, ready but for the cards.
pub struct Opening {
    /// Package, folder, clock, printer.
    pub config: KitConfig,
    /// The kit's key.
    pub key: Arc<dyn Card>,
    /// Peers and their addresses.
    pub peers: Vec<(Kid, SocketAddr)>,
    /// Languages of the precinct's reports on paper; empty: as a kit has them.
    pub paper_languages: Vec<Language>,
    /// The centre's turnout desk, when it is known.
    pub turnout_desk: Option<PublicKey>,
    /// The medium that the kit copies to, when one is named.
    pub medium: Option<PathBuf>,
    /// Where a medium is looked for when none is named; empty: nowhere.
    pub media: Vec<PathBuf>,
    /// The publishers' keys, as the chair compares them.
    pub publishers: Vec<PublicKey>,
    /// Whether the program keeps its memory out of swap; `None` where nobody asked.
    pub is_memory_locked: Option<bool>,
    /// The office's key for corrections of an interim list, when it is known.
    pub corrections_desk: Option<PublicKey>,
    /// Where grants for spare kits are kept, when the kit has such a place.
    pub grants: Option<PathBuf>,
    /// What a training kit has beside an election's.
    pub training: Option<Arc<Gear>>,
}

impl Opening {
    /// Whether a kit of a real day may find what it decrypted in its swap.
    #[must_use]
    pub fn is_memory_open(&self) -> bool {
        let is_real = self.config.exercise.is_none() && !self.config.clock.is_simulated();
        is_real && self.is_memory_locked == Some(false)
    }

    /// Whether the law forbids to open such a kit.
    pub(crate) fn lacks_locked_memory(&self) -> bool {
        let needed = || {
            let rules = charter_of(&self.config).ok()?.policy().devices?;
            Some(rules.memory_is_needed)
        };
        self.is_memory_open() && needed() == Some(true)
    }

    /// Connects an opened kit with its peers and tells it the turnout desk and the medium.
    pub fn connect(&self, kit: &Kit) {
        kit.set_paper_languages(self.paper_languages.clone());
        if let Some(sha256) = crate::machine::own_program() {
            kit.set_software(sha256);
        }
        kit.set_supplies(PathBuf::from(crate::machine::SUPPLIES));
        if let Some(grants) = &self.grants {
            kit.set_grants(grants.clone());
        }
        // What is typed stands; else what both institutions signed in the manifest.
        let settings = kit.charter().manifest().settings.as_ref();
        let turnout =
            settings.and_then(|told| PublicKey::from_bytes(&**told.turnout_desk.as_ref()?));
        if let Some(desk) = self.turnout_desk.or(turnout) {
            kit.set_turnout_desk(desk);
        }
        let corrections =
            settings.and_then(|told| PublicKey::from_bytes(&**told.corrections_desk.as_ref()?));
        if let Some(desk) = self.corrections_desk.or(corrections) {
            kit.set_corrections_desk(desk);
        }
        if let Some(medium) = &self.medium {
            kit.set_medium(Arc::new(HostDisk), medium.clone());
        } else if !self.media.is_empty() {
            kit.look_for_medium(Arc::new(HostDisk), self.media.clone());
        }
        let kept = found::remember(&HostDisk, &self.config.folder, &self.publishers);
        if let Err(error) = kept {
            tracing::warn!(%error, "the publishers of this kit are not remembered");
        }
        for (peer, address) in &self.peers {
            if *peer != kit.kid() {
                match Lan::to(*address, *peer, Arc::clone(&self.key)) {
                    Ok(link) => kit.connect(*peer, Arc::new(link)),
                    Err(error) => tracing::error!(%error, "no link to a peer"),
                }
            }
        }
    }
}

/// A configuration read and checked.
pub struct Config {
    /// What is needed to open the kit.
    pub opening: Opening,
    /// The officers' cards.
    pub cards: CardBox,
    /// The scanner.
    pub scanner: Arc<dyn Scanner>,
    /// The camera for two officers.
    pub camera: Option<Arc<dyn Camera>>,
    /// The document reader on a serial line, when there is one.
    pub reader: Option<ReaderEntry>,
    /// Where the pages are served.
    pub pages: SocketAddr,
    /// Where the monitor of another device is served.
    pub monitor: Option<SocketAddr>,
    /// Where peers ask.
    pub lan: SocketAddr,
    /// Whether kits are looked for on the LAN.
    pub discovery: bool,
}

fn read(path: &Path) -> Result<Vec<u8>, ConfigError> {
    std::fs::read(path).map_err(|error| ConfigError::File {
        path: path.display().to_string(),
        why: error.to_string(),
    })
}

impl ConfigFile {
    /// Whether kits are looked for on the LAN.
    #[must_use]
    pub fn looks_around(&self) -> bool {
        self.discovery.unwrap_or(self.peers.is_empty())
    }

    /// Reads the file, and looks for what it leaves out. A folder with a package needs no file at all.
    ///
    /// # Errors
    /// [`ConfigError::File`] with line and field; [`ConfigError::Field`] for what is neither said nor found.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let wrong = |why: String| ConfigError::File {
            path: path.display().to_string(),
            why,
        };
        let base = folder_of(path);
        let text = match std::fs::read_to_string(path) {
            Err(error) if error.kind() == ErrorKind::NotFound && found::is_kit(base) => {
                String::new()
            }
            text => text.map_err(|error| wrong(error.to_string()))?,
        };
        let mut file: Self = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        file.complete(base)?;
        Ok(file)
    }
}

/// The kit's token where none is named: the connected one whose key a package or a grant names.
fn own_token(
    file: &ConfigFile,
    base: &Path,
    tokens: &TokenModule,
) -> Result<KitTokenEntry, ConfigError> {
    let wrong = |why: String| ConfigError::Field {
        field: "kit_token",
        why,
    };
    let kits = file.kits(base)?;
    let cards = tokens.cards().map_err(|error| wrong(error.to_string()))?;
    let own = cards.iter().find(|card| kits.contains(&card.public.kid()));
    let own = own.ok_or_else(|| {
        wrong("no connected token holds the key of a kit of this package".to_owned())
    })?;
    Ok(KitTokenEntry {
        key: own.public.kid().hex(),
        pin_file: pin_file(),
    })
}

/// A desk at the centre, by its point.
fn desk(field: &'static str, point: Option<&str>) -> Result<Option<PublicKey>, ConfigError> {
    let read = |point: &str| {
        unhex(point)
            .and_then(|bytes| PublicKey::from_bytes(&bytes))
            .ok_or_else(|| ConfigError::Field {
                field,
                why: "a point has 130 hexadecimal digits".to_owned(),
            })
    };
    point.map(read).transpose()
}

/// The kit's key: a file in the demo, a token else.
fn kit_key(
    file: &ConfigFile,
    base: &Path,
    tokens: Option<&TokenModule>,
) -> Result<Arc<dyn Card>, ConfigError> {
    let wrong = |field: &'static str, why: String| ConfigError::Field { field, why };
    let found = match (&file.kit_key, &file.kit_token, tokens) {
        (None, None, Some(tokens)) => Some(own_token(file, base, tokens)?),
        _ => None,
    };
    match (&file.kit_key, file.kit_token.as_ref().or(found.as_ref())) {
        (Some(path), None) => {
            let key = FileKey::read(&base.join(path));
            Ok(Arc::new(
                key.map_err(|error| wrong("kit_key", error.to_string()))?,
            ))
        }
        (None, Some(entry)) => {
            let kid: Option<[u8; 8]> = unhex(&entry.key).and_then(|bytes| bytes.try_into().ok());
            let kid = kid.ok_or_else(|| {
                wrong("kit_token", "a key id has 16 hexadecimal digits".to_owned())
            })?;
            let tokens = tokens
                .ok_or_else(|| wrong("pkcs11", "kit_token needs the PKCS#11 library".to_owned()))?;
            let pin = read(&base.join(&entry.pin_file))?;
            let key = tokens.unlock(Kid(kid), String::from_utf8_lossy(&pin).trim());
            Ok(Arc::new(
                key.map_err(|error| wrong("kit_token", error.to_string()))?,
            ))
        }
        (None, None) | (Some(_), Some(_)) => Err(wrong(
            "kit_key",
            "name the kit's key once: kit_key (demo) or kit_token".to_owned(),
        )),
    }
}

/// The counters on the token of the kit's key. A token that keeps none is named in the log: nobody is stranded by it.
fn counters_of(tokens: &TokenModule, kit: Kid) -> Option<Arc<dyn Counters>> {
    match tokens.counters(kit) {
        Ok(counters) => Some(Arc::new(counters)),
        Err(error) => {
            tracing::warn!(%error, "the kit's token keeps no counters");
            None
        }
    }
}

/// The folder of grants for spare kits, beside the configuration.
pub(crate) const GRANTS: &str = "grants";

/// The folder of decisions on another day, beside the configuration.
const DECISIONS: &str = "decisions";

/// Every `*.cose` of a folder, by name; none when there is no folder.
pub(crate) fn signed_in(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, ConfigError> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Ok(Vec::new());
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ext| ext == "cose"));
    paths.sort();
    let named = |path: PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok((name.into_owned(), read(&path)?))
    };
    paths.into_iter().map(named).collect()
}

impl Config {
    /// Reads a configuration file and everything it names.
    ///
    /// # Errors
    /// [`ConfigError`] naming file or field.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let file = ConfigFile::read(path)?;
        Self::of(&file, folder_of(path))
    }

    /// Takes a configuration whose paths are relative to `base`.
    ///
    /// # Errors
    /// [`ConfigError`] naming file or field.
    pub fn of(file: &ConfigFile, base: &Path) -> Result<Self, ConfigError> {
        let (mut config, tokens) = Self::without_package(file, base)?;
        config.opening.config.manifest = read(&base.join(&file.manifest))?;
        if let Some(tokens) = tokens {
            // A manifest that is not taken has no officers; the chair is told at the opening.
            let officers = charter_of(&config.opening.config).map_or_else(
                |_| Vec::new(),
                |charter| {
                    let named = |officer: &OfficerEntry| {
                        let kid = PublicKey(*officer.point).kid();
                        (kid, officer.name.clone(), officer.body.clone())
                    };
                    let manifest = charter.manifest();
                    let glass = manifest.break_glass.iter();
                    let holders = glass.flat_map(|glass| &glass.holders);
                    charter.officers().chain(holders).map(named).collect()
                },
            );
            config.cards = config.cards.with_tokens(tokens, officers);
        }
        let package = base.join(&file.package);
        std::fs::metadata(&package).map_err(|error| ConfigError::File {
            path: package.display().to_string(),
            why: error.to_string(),
        })?;
        Ok(config)
    }

    /// The rules that the package's manifest states, with the spare kits that grants added; no card is needed.
    ///
    /// # Errors
    /// [`crate::OpenError`] when the manifest is not this precinct's.
    pub fn charter(&self) -> Result<pollbook::Charter, crate::OpenError> {
        charter_of(&self.opening.config)
    }

    /// What is known of a kit whose package is not there yet.
    ///
    /// # Errors
    /// As [`Config::of`].
    pub fn blank(file: &ConfigFile, base: &Path) -> Result<Opening, ConfigError> {
        Ok(Self::without_package(file, base)?.0.opening)
    }

    fn without_package(
        file: &ConfigFile,
        base: &Path,
    ) -> Result<(Self, Option<TokenModule>), ConfigError> {
        let field = |field, why: &str| ConfigError::Field {
            field,
            why: why.to_owned(),
        };
        let precinct = PrecinctCode::new(file.precinct)
            .map_err(|error| field("precinct", &error.to_string()))?;
        let publishers = file
            .publishers
            .iter()
            .map(|point| unhex(point).and_then(|bytes| PublicKey::from_bytes(&bytes)))
            .collect::<Option<Vec<_>>>()
            .filter(|keys| keys.len() >= 2)
            .ok_or_else(|| field("publishers", "two or more points of 130 hexadecimal digits"))?;
        let is_training = file.exercise == Some(ExerciseEntry::Training);
        let clock = Arc::new(match &file.simulated_time {
            None => MachineClock::new(),
            Some(text) => {
                let start = Instant::parse(text)
                    .ok_or_else(|| field("simulated_time", "no moment with offset"))?;
                let held = is_training.then(|| resumes_at(&base.join(&file.journals)));
                MachineClock::starting_at(held.flatten().map_or(start, |held| held.max(start)))
            }
        });
        let is_simulated = is_training || file.simulated_time.is_some();
        if !is_simulated && !file.cards.is_empty() {
            return Err(field("cards", FILE_CARDS));
        }
        if !is_simulated && file.kit_key.is_some() {
            return Err(field("kit_key", FILE_CARDS));
        }
        // A kit of a real day copies itself wherever it can.
        let media = if is_simulated || file.exercise.is_some() {
            Vec::new()
        } else {
            found::MEDIA.map(PathBuf::from).to_vec()
        };
        let printer: Arc<dyn Printer> = match &file.printer {
            PrinterEntry::File {
                folder,
                keep,
                paper,
            } => Arc::new(FilePrinter::new(base.join(folder), *keep).of_width(paper.width())),
            PrinterEntry::Network {
                address,
                paper,
                answers,
            } => cable(Cable::Network(*address), *paper, *answers),
            PrinterEntry::Usb {
                device,
                paper,
                answers,
            } => cable(Cable::Usb(base.join(device)), *paper, *answers),
            PrinterEntry::Serial {
                device,
                baud,
                paper,
                answers,
            } => cable(Cable::Serial(base.join(device), *baud), *paper, *answers),
        };
        let training = is_training.then(|| {
            Arc::new(Gear {
                folder: base.to_owned(),
                clock: Arc::clone(&clock),
                printer: Arc::new(TrainingPrinter::new(Arc::clone(&printer))),
            })
        });
        let printer = match &training {
            Some(gear) => Arc::clone(&gear.printer) as Arc<dyn Printer>,
            None => printer,
        };
        let scanner: Arc<dyn Scanner> = match &file.scanner {
            ScannerEntry::Folder { folder } => Arc::new(ImageFolder::new(base.join(folder))),
            ScannerEntry::Libfprint { drivers } => {
                match Plugged::new(drivers.clone(), FINGER_WAIT) {
                    Ok(plugged) => Arc::new(plugged),
                    // The kit serves by two officers' signatures meanwhile, and the bar says what is missing.
                    Err(error) => {
                        tracing::error!(%error, "no scanner can be used");
                        Arc::new(NoScanner(error))
                    }
                }
            }
        };
        let camera = file.camera.as_ref().map(|camera| match camera {
            CameraEntry::Folder { folder } => {
                Arc::new(PictureFolder::new(base.join(folder))) as Arc<dyn Camera>
            }
            CameraEntry::V4l2 { device } => Arc::new(VideoDevice::new(base.join(device))),
        });
        let tokens = file
            .pkcs11
            .as_ref()
            .map(|module| TokenModule::load(module))
            .transpose()
            .map_err(|error| field("pkcs11", &error.to_string()))?;
        let key = kit_key(file, base, tokens.as_ref())?;
        let counters = tokens.as_ref().filter(|_| file.kit_key.is_none());
        let counters = counters.and_then(|tokens| counters_of(tokens, key.kid()));
        let cards = file
            .cards
            .iter()
            .map(|card| CardFile::read(&base.join(card)))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| field("cards", &error.to_string()))?;
        let peers = file
            .peers
            .iter()
            .map(|peer| {
                let kid: [u8; 8] = unhex(&peer.kit)?.try_into().ok()?;
                Some((Kid(kid), peer.address))
            })
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| field("peers", "a kit id has 16 hexadecimal digits"))?;
        let peers = peers
            .into_iter()
            .filter(|(kid, _)| *kid != key.kid())
            .collect();
        let named = file.paper_languages.clone().unwrap_or_default();
        let paper_languages = named
            .iter()
            .map(|tag| Language::from_tag(tag))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| field("paper_languages", "ky, ru or en"))?;
        let turnout_desk = desk("turnout_desk", file.turnout_desk.as_deref())?;
        let corrections_desk = desk("corrections_desk", file.corrections_desk.as_deref())?;
        let exercise = file.exercise.map(ExerciseEntry::exercise);
        if !Exercise::fits(exercise, file.election) {
            return Err(field(
                "exercise",
                &format!(
                    "the election number {TRAINING_ELECTION} is for training, and no other is"
                ),
            ));
        }
        let config = KitConfig {
            election: file.election,
            precinct,
            manifest: Vec::new(),
            ciphertext: Ciphertext::File(base.join(&file.package)),
            publishers: Publishers {
                required: publishers.iter().map(PublicKey::kid).collect(),
                ring: KeyRing::of(publishers.iter().copied()),
            },
            folder: base.join(&file.journals),
            clock: Arc::clone(&clock) as _,
            printer,
            exercise,
            grants: signed_in(&base.join(GRANTS))?,
            decisions: signed_in(&base.join(DECISIONS))?,
            glass: None,
            counters,
        };
        let config = Self {
            opening: Opening {
                config,
                key,
                peers,
                paper_languages,
                turnout_desk,
                corrections_desk,
                training,
                grants: Some(base.join(GRANTS)),
                medium: file.medium.as_ref().map(|medium| base.join(medium)),
                media,
                publishers,
                is_memory_locked: None,
            },
            cards: CardBox::new(cards),
            scanner,
            camera,
            reader: file.reader.clone().map(|reader| ReaderEntry {
                device: base.join(reader.device),
                ..reader
            }),
            pages: file.pages,
            monitor: file.monitor,
            lan: file.lan,
            discovery: file.looks_around(),
        };
        Ok((config, tokens))
    }
}
