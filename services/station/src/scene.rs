//! What the kit's screens show: one scene, read by operator and monitor alike.

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, RwLock};

use lexicon::handover::envelope::Kid;
use lexicon::handover::package::Exercise;
use lexicon::person::ParsePersonError;
use lexicon::{FingerPosition, RefusalReason};
use pollbook::Found;
use tokio::sync::watch;

use crate::ballots::TableScene;
use crate::camera::{Camera, CameraError, Picture};
use crate::capture::Capture;
use crate::cards::{CardBox, CardError};
use crate::config::Opening;
use crate::kit::{
    ActError, Card, CheckedIn, Kit, Method2, OpenError, Outcome, Refused, ReportsError, SayError,
    SignedReport, Verdict, charter_of,
};
use crate::lock::Lock;
use crate::mend::MendError;
use crate::print::Bitmap;
use crate::printer::PrinterError;
use crate::reader::ReaderNote;
use crate::repair::Repair;
use crate::replay::Seen;
use crate::scanner::{Scanner, ScannerError};
use crate::teach::School;

/// Seconds after which a verdict leaves the operator's screen, and the monitor.
const CLEAR_OPERATOR_SECONDS: u64 = 20;
const CLEAR_MONITOR_SECONDS: u64 = 15;

/// What two officers are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A check-in without a finger.
    CheckIn(Method2, &'static str),
    /// Undo of this kit's act.
    Undo,
    /// Another copy of the receipt.
    Reprint,
    /// The receipt of an act whose kit is lost.
    Resume,
}

/// What the last capture led to, while a finger is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LastTry {
    /// No capture yet.
    None,
    /// Not read.
    Unread,
    /// Read, and it differed.
    Differed,
    /// A pause runs, seconds.
    Pause(u64),
    /// The scanner did not answer or gave no usable image.
    Scanner(ScannerError),
    /// The very same capture was there before: it counts for nothing.
    Replayed,
    /// The slip would not come out: nobody is checked in before it can.
    Printer(PrinterError),
    /// The monitor is lost, and the law lets nobody be identified without it.
    Monitor,
    /// The operator said that the photograph is not this person's: recorded, the finger decides.
    Photo,
}

/// One screen, one question.
#[derive(Clone, Debug)]
pub enum Scene {
    /// Waiting for the next voter.
    Idle,
    /// What was typed cannot be a PIN or a document.
    Malformed(String, ParsePersonError),
    /// Several voters, or one, to choose from.
    Hits(String, Vec<u32>),
    /// Nobody here by these data.
    Nobody(String),
    /// A voter who may be served: the finger is asked for.
    Finger {
        /// The voter's line.
        line: u32,
        /// The finger asked for; `None` when the package holds none.
        finger: Option<FingerPosition>,
        /// What came before.
        last: LastTry,
        /// Captures so far.
        attempts: u8,
    },
    /// An officer is asked to look at the paper line before the voter is served.
    Look {
        /// The voter's line.
        line: u32,
        /// Why the last answer was not taken.
        problem: Option<Arc<ChairError>>,
    },
    /// Two officers are asked on the chair's screen.
    Approval {
        /// The voter's line.
        line: u32,
        /// For what.
        wanted: Wanted,
    },
    /// Identified.
    Green(Box<CheckedIn>),
    /// Refused.
    Red(Box<Refused>, Option<u16>),
    /// An act that did not happen, in words.
    Fault(String),
}

/// Why the chair's act failed, in words for the chair.
#[derive(Debug, thiserror::Error)]
pub enum ChairError {
    /// A card.
    #[error(transparent)]
    Card(#[from] CardError),
    /// The opening.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// An act.
    #[error(transparent)]
    Act(#[from] ActError),
    /// A report.
    #[error(transparent)]
    Report(#[from] ReportsError),
    /// A damaged journal was not put together.
    #[error(transparent)]
    Mend(#[from] MendError),
    /// The hour's turnout.
    #[error(transparent)]
    Hour(#[from] SayError),
    /// The scanner gave nothing at a visit.
    #[error(transparent)]
    Scanner(ScannerError),
    /// The capture was there before.
    #[error("this very capture was there before")]
    Replayed,
    /// The chair or the engineer: the monitor is lost, and the law lets nobody be identified without it.
    #[error("the monitor is lost")]
    Monitor,
    /// The engineer: this machine cannot keep what is decrypted out of its swap, and the law asks for that.
    #[error("the memory of this machine is not locked")]
    Memory,
    /// The number of voters in line is no number.
    #[error("the number of voters in line is no number")]
    InLine,
    /// What was typed for a clock is no date and time.
    #[error("this is no date and time")]
    Time,
    /// The receipt's kit, number, line or method is missing, or its QR is not of this precinct.
    #[error("this is no receipt of this precinct")]
    Receipt,
    /// A row of what was typed is no line and slip; which one, from 1.
    #[error("row {0} is no line and slip")]
    Row(usize),
    /// What was typed for a number is none.
    #[error("this is no number")]
    Number,
    /// No kit was chosen.
    #[error("no kit was chosen")]
    Kit,
    /// Nothing is asked for, or the kit is not open.
    #[error("there is nothing to sign now")]
    Nothing,
}

struct Stage {
    scene: Scene,
    /// Steady clock when the scene began.
    since: u64,
    slip: Option<Bitmap>,
    /// What is said of the last thing that was read.
    read: Option<ReaderNote>,
    /// The ballot table's own small screen.
    table: TableScene,
    /// Who stands at the table, while two signatures are waited for.
    live: Option<Result<Picture, CameraError>>,
    reports: Vec<(&'static str, SignedReport)>,
}

/// A kit with its devices and screens; the kit itself comes when it is opened.
pub struct Station {
    kit: RwLock<Option<Arc<Kit>>>,
    opening: Option<Opening>,
    /// The officers' cards.
    pub cards: CardBox,
    /// The scanner.
    pub scanner: Arc<dyn Scanner>,
    camera: OnceLock<Arc<dyn Camera>>,
    stage: Mutex<Stage>,
    /// Whether the chair allowed that slips come later.
    pub(crate) slips_later: AtomicBool,
    /// The monitors that are listening.
    pub(crate) monitors: Arc<crate::monitors::Monitors>,
    /// Screens on cables, and keyboards.
    pub(crate) attached: crate::attached::Attached,
    /// The document reader on a serial line.
    pub(crate) serial: crate::serial::SerialReader,
    /// How the scanner stood when it was last asked.
    glass: Mutex<Result<(), ScannerError>>,
    /// The operator's screen without its operator.
    pub(crate) lock: Lock,
    /// How the screens look.
    pub(crate) theme: crate::theme::Chosen,
    /// What is wrong with the journal of a kit that cannot be opened, and who is on the LAN to be asked.
    pub(crate) repair: Repair,
    /// What lay on the glass.
    seen: RwLock<Arc<Seen>>,
    /// The lessons, on a training kit.
    school: Option<School>,
    changed: watch::Sender<u64>,
}

/// One card and its passphrase, as typed.
#[derive(Clone, Debug, Default)]
pub struct OneCard {
    /// Card id.
    pub kid: String,
    /// Passphrase.
    pub passphrase: String,
}

/// What stood on the chair's screen when two officers signed.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The line.
    pub line: u32,
    /// [`Picture::digits`] of the picture; empty without one.
    pub picture: String,
}

/// Two cards and their passphrases, as typed.
#[derive(Clone, Debug, Default)]
pub struct TwoCards {
    /// Card ids.
    pub kids: [String; 2],
    /// Passphrases.
    pub passphrases: [String; 2],
}

impl TwoCards {
    /// As a form gives them: `card0`, `pass0`, `card1`, `pass1`.
    pub(crate) fn of(fields: &HashMap<String, String>) -> Self {
        let field = |name: &str| fields.get(name).cloned().unwrap_or_default();
        Self {
            kids: [field("card0"), field("card1")],
            passphrases: [field("pass0"), field("pass1")],
        }
    }
}

/// Why the voter on the screen is undone: after the ballot only with the ballot back.
fn undo_reason(kit: &Kit, line: u32) -> &'static str {
    if kit.read(|book| book.state(line).ballots.is_empty()) {
        "WRONG_VOTER"
    } else {
        pollbook::BALLOT_RETURNED
    }
}

impl Station {
    /// A station whose kit is opened by the chair, or by the caller with [`Station::install`].
    #[must_use]
    pub fn new(opening: Option<Opening>, cards: CardBox, scanner: Arc<dyn Scanner>) -> Arc<Self> {
        let stage = Stage {
            scene: Scene::Idle,
            since: 0,
            slip: None,
            read: None,
            table: TableScene::Idle,
            live: None,
            reports: Vec::new(),
        };
        let gear = opening
            .as_ref()
            .and_then(|opening| opening.training.clone());
        Arc::new(Self {
            school: gear.map(School::new),
            kit: RwLock::new(None),
            opening,
            cards,
            scanner,
            camera: OnceLock::new(),
            stage: Mutex::new(stage),
            slips_later: AtomicBool::new(false),
            monitors: Arc::default(),
            attached: crate::attached::Attached::default(),
            serial: crate::serial::SerialReader::default(),
            glass: Mutex::new(Ok(())),
            lock: Lock::default(),
            theme: crate::theme::Chosen::default(),
            repair: Repair::default(),
            seen: RwLock::default(),
            changed: watch::Sender::new(0),
        })
    }

    /// Lets the station look at what is attached to the machine; the folders given first stay.
    pub fn watch_places(&self, places: crate::attached::Places) {
        self.attached.look_at(places);
    }

    /// How the scanner stood when it was last asked.
    ///
    /// # Errors
    /// [`ScannerError`] as the look or the capture gave it.
    pub fn glass(&self) -> Result<(), ScannerError> {
        self.glass
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }

    fn set_glass(&self, told: Result<(), ScannerError>) {
        let mut glass = self
            .glass
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if *glass != told {
            *glass = told;
            drop(glass);
            self.tell();
        }
    }

    /// Asks whether the scanner is there, while no finger is asked for.
    pub(crate) fn watch_scanner(&self) {
        if self.kit().is_some() && !matches!(self.scene(), Scene::Finger { .. }) {
            self.set_glass(self.scanner.look());
        }
    }

    /// What the pictures come from: `video`, `folder`; `None` without a camera.
    pub(crate) fn camera_kind(&self) -> Option<&'static str> {
        let kind = |is_simulated| if is_simulated { "folder" } else { "video" };
        self.camera_is_simulated().map(kind)
    }

    /// Gives the station its camera; the first one stays.
    pub fn set_camera(&self, camera: Arc<dyn Camera>) {
        let _ = self.camera.set(camera);
    }

    /// Whether this machine of a real day may write what is decrypted into its swap.
    pub(crate) fn is_memory_open(&self) -> bool {
        self.opening.as_ref().is_some_and(Opening::is_memory_open)
    }

    /// Whether there is a camera, and whether it is simulated.
    pub(crate) fn camera_is_simulated(&self) -> Option<bool> {
        self.camera.get().map(|camera| camera.is_simulated())
    }

    /// Takes a picture of who stands at the table while two officers are asked about a check-in. Blocks with the camera.
    fn take_picture(&self) {
        let is_asked = || {
            matches!(
                self.scene(),
                Scene::Approval {
                    wanted: Wanted::CheckIn(..),
                    ..
                }
            )
        };
        let Some(camera) = self.camera.get().filter(|_| is_asked()) else {
            return;
        };
        let taken = camera.picture();
        if let Err(error) = &taken {
            tracing::warn!(%error, "no picture for the two officers");
        }
        // The scene may have gone meanwhile: the picture goes with it.
        if is_asked() {
            self.stage().live = Some(taken);
            self.tell();
        }
    }

    /// The picture of who stands at the table; `None` without a camera or a question.
    pub(crate) fn live(&self) -> Option<Result<Picture, CameraError>> {
        self.stage().live.clone()
    }

    /// What the ballot table's screen shows.
    pub(crate) fn table(&self) -> TableScene {
        self.stage().table.clone()
    }

    pub(crate) fn show_table(&self, table: TableScene) {
        self.stage().table = table;
        self.tell();
    }

    /// The opened kit.
    #[must_use]
    pub fn kit(&self) -> Option<Arc<Kit>> {
        self.kit.read().ok()?.clone()
    }

    /// Puts an opened kit to work.
    pub fn install(&self, kit: Arc<Kit>) {
        self.stage().reports = kit.kept_reports();
        match kit.glass() {
            Ok(glass) => {
                if let Ok(mut seen) = self.seen.write() {
                    *seen = Arc::new(glass);
                }
            }
            Err(error) => tracing::error!(%error, "what lay on the glass before is not known"),
        }
        if let Ok(mut place) = self.kit.write() {
            *place = Some(kit);
        }
        self.used();
        self.tell();
    }

    /// Closes the training kit's books: the next lesson opens others.
    pub(crate) fn leave_kit(&self) {
        if let Ok(mut place) = self.kit.write() {
            *place = None;
        }
        let mut stage = self.stage();
        stage.scene = Scene::Idle;
        stage.slip = None;
        stage.table = TableScene::Idle;
        stage.reports.clear();
        drop(stage);
        self.tell();
    }

    /// The lessons, on a training kit.
    pub(crate) fn school(&self) -> Option<&School> {
        self.school.as_ref()
    }

    /// What the station is for instead of an election; known before the kit is opened.
    #[must_use]
    pub fn exercise(&self) -> Option<Exercise> {
        self.kit().map_or_else(
            || {
                self.opening
                    .as_ref()
                    .and_then(|opening| opening.config.exercise)
            },
            |kit| kit.charter().exercise(),
        )
    }

    /// Precinct and kit before the opening, for headings.
    #[must_use]
    pub fn opening(&self) -> Option<&Opening> {
        self.opening.as_ref()
    }

    /// The kit's key and the kits of its precinct, for the LAN: known before the package is opened.
    pub(crate) fn identity(&self) -> Option<(Arc<dyn Card>, Vec<Kid>)> {
        if let Some(kit) = self.kit() {
            return Some((kit.key(), kit.charter().kits().to_vec()));
        }
        let opening = self.opening.as_ref()?;
        let kits = charter_of(&opening.config).map(|charter| charter.kits().to_vec());
        Some((Arc::clone(&opening.key), kits.unwrap_or_default()))
    }

    /// Tells when a screen has something new to show.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    pub(crate) fn tell(&self) {
        self.changed.send_modify(|revision| *revision += 1);
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn steady(&self) -> u64 {
        self.kit().map_or(0, |kit| kit.read_clock().steady_micros)
    }

    pub(crate) fn show(&self, scene: Scene) {
        if !matches!(scene, Scene::Finger { .. }) {
            self.scanner.stop();
        }
        let since = self.steady();
        let mut stage = self.stage();
        stage.live = None;
        stage.read = None;
        stage.scene = scene;
        stage.since = since;
        drop(stage);
        self.tell();
    }

    /// What is said of the last thing that was read.
    pub(crate) fn reader_note(&self) -> Option<ReaderNote> {
        self.stage().read
    }

    pub(crate) fn note_reader(&self, note: ReaderNote) {
        self.stage().read = Some(note);
        self.tell();
    }

    /// The operator's scene; a verdict leaves after 20 s.
    #[must_use]
    pub fn scene(&self) -> Scene {
        self.scene_within(CLEAR_OPERATOR_SECONDS)
    }

    /// The monitor's scene; a verdict leaves after 15 s.
    #[must_use]
    pub fn monitor_scene(&self) -> Scene {
        self.scene_within(CLEAR_MONITOR_SECONDS)
    }

    fn scene_within(&self, seconds: u64) -> Scene {
        let now = self.steady();
        let stage = self.stage();
        let is_over = now.saturating_sub(stage.since) > seconds * 1_000_000;
        match &stage.scene {
            Scene::Green(_) | Scene::Red(..) if is_over => Scene::Idle,
            Scene::Idle
            | Scene::Malformed(..)
            | Scene::Hits(..)
            | Scene::Nobody(_)
            | Scene::Finger { .. }
            | Scene::Look { .. }
            | Scene::Approval { .. }
            | Scene::Green(_)
            | Scene::Red(..)
            | Scene::Fault(_) => stage.scene.clone(),
        }
    }

    /// Searches; a line is opened at once when it is the only one.
    pub fn find(&self, text: &str) {
        let Some(kit) = self.kit() else { return };
        self.leave(&kit);
        let text = text.trim().to_owned();
        // A reader that types slowly, or into a page without its script.
        if text.contains('<') {
            self.show(Scene::Idle);
            self.take_scan(&text);
            return;
        }
        let found = kit.find(&text);
        self.saw_search(&text, &found);
        self.show_found(&kit, text, found);
    }

    /// Shows what a search found.
    pub(crate) fn show_found(&self, kit: &Kit, text: String, found: Found) {
        let scene = match found {
            Found::Empty => Scene::Idle,
            Found::Malformed(error) => Scene::Malformed(text, error),
            Found::Nobody => Scene::Nobody(text),
            Found::Elsewhere(precinct) => match kit.refuse(0, RefusalReason::NotHere) {
                Ok(refused) => Scene::Red(Box::new(refused), Some(precinct)),
                Err(error) => Scene::Fault(error.to_string()),
            },
            Found::Lines(lines) if lines.len() == 1 => return self.choose(lines[0]),
            Found::Lines(lines) => Scene::Hits(text, lines),
        };
        self.show(scene);
    }

    /// Opens a voter: state first, then the card.
    pub fn choose(&self, line: u32) {
        let Some(kit) = self.kit() else { return };
        let scene = match kit.gate(line) {
            Ok(None) if kit.needs_look(line) => Scene::Look {
                line,
                problem: None,
            },
            Ok(None) => Self::finger_scene(&kit, line),
            Ok(Some(refused)) => Scene::Red(Box::new(refused), None),
            Err(error) => Scene::Fault(error.to_string()),
        };
        self.show(scene);
    }

    /// The operator says that the person is not on the list: recorded, with where to go.
    pub fn not_here(&self) {
        let Some(kit) = self.kit() else { return };
        self.show(match kit.refuse(0, RefusalReason::NotHere) {
            Ok(refused) => Scene::Red(Box::new(refused), None),
            Err(error) => Scene::Fault(error.to_string()),
        });
    }

    /// Takes one capture for the voter on the screen. Blocks with the scanner.
    pub fn capture(&self) {
        let (
            Some(kit),
            Scene::Finger {
                line,
                finger,
                attempts,
                ..
            },
        ) = (self.kit(), self.scene())
        else {
            return;
        };
        let again = |last| Scene::Finger {
            line,
            finger,
            last,
            attempts,
        };
        if let Some(why) = self.printer_in_the_way() {
            return self.show(again(LastTry::Printer(why)));
        }
        if self.is_monitor_in_the_way() {
            return self.show(again(LastTry::Monitor));
        }
        let captured = self.scanner.capture();
        self.set_glass(match &captured {
            Ok(_) | Err(ScannerError::NoFinger | ScannerError::Image(_)) => Ok(()),
            Err(why) => Err(why.clone()),
        });
        // The operator turned to something else while the scanner waited: this finger is nobody's.
        if !matches!(self.scene(), Scene::Finger { line: now, finger: asked, .. } if now == line && asked == finger)
        {
            return;
        }
        let capture = match captured {
            Ok(capture) => capture,
            Err(error) => return self.show(again(LastTry::Scanner(error))),
        };
        if self.is_replay(&capture) {
            return self.show(again(LastTry::Replayed));
        }
        self.show(match kit.present(line, &capture) {
            Ok(Verdict::Green(done)) => Scene::Green(done),
            Ok(Verdict::Red(refused)) => Scene::Red(refused, None),
            Ok(Verdict::Again {
                finger,
                attempts,
                differed,
                ..
            }) => {
                let last = if differed {
                    LastTry::Differed
                } else {
                    LastTry::Unread
                };
                Scene::Finger {
                    line,
                    finger,
                    last,
                    attempts,
                }
            }
            Ok(Verdict::Pause { seconds, finger }) => Scene::Finger {
                line,
                finger,
                last: LastTry::Pause(seconds),
                attempts,
            },
            Err(error) => Scene::Fault(error.to_string()),
        });
    }

    /// Whether a capture was there before. A folder gives the same file again and again and is not asked; what a device
    /// gives twice was fed to it.
    pub(crate) fn is_replay(&self, capture: &Capture) -> bool {
        let is_replay = self.scanner.as_folder().is_none() && self.seen().is_replay(capture);
        if is_replay {
            tracing::warn!("a capture was there before: refused");
            let line = if let Scene::Finger { line, .. } = self.scene() {
                line
            } else {
                0
            };
            let noted = self.kit().map(|kit| kit.note_replay(line));
            if let Some(Err(error)) = noted {
                tracing::error!(%error, "the capture that was there before was not recorded");
            }
        }
        is_replay
    }

    fn seen(&self) -> Arc<Seen> {
        let seen = self.seen.read();
        Arc::clone(&seen.unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// Another finger at the operator's wish.
    pub fn another_finger(&self) {
        if let (Some(kit), Scene::Finger { line, attempts, .. }) = (self.kit(), self.scene()) {
            let finger = kit.another_finger(line);
            self.scanner.stop();
            self.show(Scene::Finger {
                line,
                finger,
                last: LastTry::None,
                attempts,
            });
        }
    }

    /// The photograph of the list is not of who stands there: recorded once for the line. The finger decides.
    pub fn wrong_photo(&self) {
        let (
            Some(kit),
            Scene::Finger {
                line,
                finger,
                attempts,
                ..
            },
        ) = (self.kit(), self.scene())
        else {
            return;
        };
        if let Err(error) = kit.note_photo(line) {
            return self.show(Scene::Fault(error.to_string()));
        }
        self.show(Scene::Finger {
            line,
            finger,
            last: LastTry::Photo,
            attempts,
        });
    }

    /// Calls two officers for the voter on the screen.
    pub fn call_two(&self, wanted: Wanted) {
        let line = match (self.scene(), &wanted) {
            (Scene::Finger { line, .. }, Wanted::CheckIn(..)) => line,
            (Scene::Red(refused, None), Wanted::CheckIn(..)) if is_finger_trouble(&refused) => {
                refused.line
            }
            (Scene::Green(done), Wanted::Undo | Wanted::Reprint) => done.line,
            (Scene::Red(refused, None), Wanted::Undo)
                if self
                    .kit()
                    .is_some_and(|kit| kit.may_take_ballot_back(&refused)) =>
            {
                refused.line
            }
            (Scene::Red(refused, None), Wanted::Resume)
                if self.kit().is_some_and(|kit| kit.is_resumable(refused.line)) =>
            {
                refused.line
            }
            (
                Scene::Idle
                | Scene::Malformed(..)
                | Scene::Hits(..)
                | Scene::Nobody(_)
                | Scene::Finger { .. }
                | Scene::Look { .. }
                | Scene::Approval { .. }
                | Scene::Green(_)
                | Scene::Red(..)
                | Scene::Fault(_),
                _,
            ) => return,
        };
        self.show(Scene::Approval { line, wanted });
        self.take_picture();
    }

    /// Back to waiting; tries of a voter who turned away are forgotten.
    pub fn next(&self) {
        if let Some(kit) = self.kit() {
            self.leave(&kit);
        }
        self.show(Scene::Idle);
    }

    fn leave(&self, kit: &Kit) {
        if let Scene::Finger { line, .. } = self.scene() {
            kit.leave(line);
        }
    }

    /// The receipt did not come out: prints what is pending, else asks officers for a copy.
    pub fn receipt_again(&self) {
        let Some(kit) = self.kit() else { return };
        let scene = self.scene();
        if let Scene::Green(mut done) = scene {
            if done.act.name.kit != kit.kid() {
                done.paper = kit.print_resumed(done.line);
                return self.show(Scene::Green(done));
            }
            if kit.pending_receipts().is_empty() {
                return self.call_two(Wanted::Reprint);
            }
        } else if let Scene::Red(refused, _) = scene {
            // For the voter who stands here; the others' slips are asked for by the list of them.
            if !self.print_pending(&kit, Some(refused.line)) {
                self.choose(refused.line);
            }
            return;
        }
        self.print_pending(&kit, None);
    }

    /// Prints the slip of the refusal on the screen and keeps its picture.
    pub fn print_slip(&self) {
        let (Some(kit), Scene::Red(refused, elsewhere)) = (self.kit(), self.scene()) else {
            return;
        };
        if let Ok(picture) = kit.print_refusal(&refused, elsewhere) {
            self.stage().slip = Some(picture);
            self.tell();
        }
    }

    /// The last slip's picture.
    #[must_use]
    pub fn slip(&self) -> Option<Bitmap> {
        self.stage().slip.clone()
    }

    /// The reports made so far, by kind.
    #[must_use]
    pub fn reports(&self) -> Vec<(&'static str, SignedReport)> {
        self.stage().reports.clone()
    }

    /// Opens the kit with two cards.
    ///
    /// # Errors
    /// [`ChairError`] in words for the chair.
    pub fn open(&self, cards: &TwoCards) -> Result<(), ChairError> {
        self.open_saying(cards, None)
    }

    /// The same with keys of the commission above, which say why they stand in for officers: a code.
    ///
    /// # Errors
    /// [`ChairError`].
    pub fn open_saying(&self, cards: &TwoCards, glass: Option<String>) -> Result<(), ChairError> {
        if self.kit().is_some() {
            return Err(ChairError::Nothing);
        }
        let opening = self.opening.as_ref().ok_or(ChairError::Nothing)?;
        let steady = opening.config.clock.read().steady_micros;
        let keys = self.unlock(cards, steady)?;
        let cards: Vec<&dyn Card> = keys.iter().map(|key| &**key).collect();
        let mut config = opening.config.clone();
        config.glass = glass;
        if let Some(journals) = self.school().and_then(School::journals) {
            config.folder = journals;
        }
        self.look_before(&config, opening)?;
        if opening.lacks_locked_memory() {
            return Err(ChairError::Memory);
        }
        let kit = Kit::open(config, Arc::clone(&opening.key), &cards)?;
        opening.connect(&kit);
        if opening.is_memory_open()
            && let Err(error) = kit.note_device("MEMORY")
        {
            tracing::error!(%error, "that the memory is not locked was not recorded");
        }
        self.install(kit);
        Ok(())
    }

    pub(crate) fn unlock(
        &self,
        cards: &TwoCards,
        steady: u64,
    ) -> Result<Vec<Box<dyn Card>>, ChairError> {
        let mut keys: Vec<Box<dyn Card>> = Vec::new();
        for (kid, passphrase) in cards.kids.iter().zip(&cards.passphrases) {
            let key = self.cards.unlock(kid, passphrase, steady)?;
            if keys.iter().any(|other| other.kid() == key.kid()) {
                continue;
            }
            keys.push(key);
        }
        Ok(keys)
    }

    pub(crate) fn with_cards<T>(
        &self,
        cards: &TwoCards,
        act: impl FnOnce(&Kit, &[&dyn Card]) -> Result<T, ChairError>,
    ) -> Result<T, ChairError> {
        let kit = self.kit().ok_or(ChairError::Nothing)?;
        let keys = self.unlock(cards, kit.read_clock().steady_micros)?;
        let cards: Vec<&dyn Card> = keys.iter().map(|key| &**key).collect();
        let done = act(&kit, &cards);
        self.tell();
        done
    }

    /// Signs what the operator asked for.
    ///
    /// # Errors
    /// [`ChairError`]; the scene stays.
    pub fn approve(&self, cards: &TwoCards) -> Result<(), ChairError> {
        self.approve_as(cards, None, "", None)
    }

    /// The same as the chair chose: another method of a check-in, another reason of it or of an undo; empty: as asked.
    /// `shown` is what the chair saw: cards sign for no other line, and no other picture is kept.
    ///
    /// # Errors
    /// [`ChairError`]; [`ChairError::Nothing`] when the operator has turned to another line or taken another picture.
    pub fn approve_as(
        &self,
        cards: &TwoCards,
        method: Option<Method2>,
        reason: &str,
        shown: Option<&Shown>,
    ) -> Result<(), ChairError> {
        let Scene::Approval { line, wanted } = self.scene() else {
            return Err(ChairError::Nothing);
        };
        if shown.is_some_and(|shown| shown.line != line) {
            return Err(ChairError::Nothing);
        }
        let in_the_way = self.printer_in_the_way();
        if matches!(wanted, Wanted::CheckIn(..)) && self.is_monitor_in_the_way() {
            return Err(ChairError::Monitor);
        }
        let live = self.live().and_then(Result::ok);
        let seen = match shown {
            // They signed before it was on their screen.
            Some(shown) if shown.picture.is_empty() => None,
            Some(shown) => {
                let is_it = |live: &Picture| live.digits() == shown.picture;
                Some(live.filter(is_it).ok_or(ChairError::Nothing)?)
            }
            None => live,
        };
        let scene = self.with_cards(cards, |kit, cards| {
            Ok(match wanted {
                Wanted::CheckIn(asked, why) => {
                    let method = method.unwrap_or(asked);
                    let reason = if reason.is_empty() { why } else { reason };
                    if let Some(why) = in_the_way {
                        return Err(ActError::Printer(why).into());
                    }
                    match kit.check_in_seen(line, method, reason, seen.as_ref(), cards)? {
                        Outcome::Green(done) => Scene::Green(done),
                        Outcome::Red(refused) => Scene::Red(refused, None),
                    }
                }
                Wanted::Undo => {
                    // What was chosen is signed or refused: a ballot given meanwhile did not come back by itself.
                    let usual = undo_reason(kit, line);
                    kit.undo(line, if reason.is_empty() { usual } else { reason }, cards)?;
                    Scene::Idle
                }
                Wanted::Reprint => {
                    kit.reprint(line, cards)?;
                    Scene::Idle
                }
                Wanted::Resume => crate::rescue::resumed(kit.resume(line, false, cards)?),
            })
        })?;
        self.show(scene);
        Ok(())
    }

    /// The officers decline what the operator asked for; a check-in becomes a recorded refusal.
    pub fn decline(&self) {
        let (Some(kit), Scene::Approval { line, wanted }) = (self.kit(), self.scene()) else {
            return;
        };
        self.show(match wanted {
            Wanted::CheckIn(..) => match kit.refuse(line, RefusalReason::NeedSecond) {
                Ok(refused) => Scene::Red(Box::new(refused), None),
                Err(error) => Scene::Fault(error.to_string()),
            },
            Wanted::Undo | Wanted::Reprint | Wanted::Resume => Scene::Idle,
        });
    }

    /// Makes a report.
    ///
    /// # Errors
    /// [`ChairError`].
    pub fn report(&self, kind: pollbook::ReportKind, cards: &TwoCards) -> Result<(), ChairError> {
        self.report_because(kind, None, cards)
    }

    /// The same, with what the chair says of a missing kit.
    ///
    /// # Errors
    /// [`ChairError`].
    pub fn report_because(
        &self,
        kind: pollbook::ReportKind,
        missing: Option<&str>,
        cards: &TwoCards,
    ) -> Result<(), ChairError> {
        let report = self.with_cards(cards, |kit, cards| {
            Ok(kit.report_because(kind, missing, cards)?)
        })?;
        let word = match kind {
            pollbook::ReportKind::Final if report.report.adds_to.is_some() => "addendum",
            pollbook::ReportKind::Initial => "initial",
            pollbook::ReportKind::Running => "running",
            pollbook::ReportKind::Final => "final",
        };
        let mut stage = self.stage();
        stage.reports.retain(|(known, _)| *known != word);
        stage.reports.push((word, report));
        drop(stage);
        self.tell();
        Ok(())
    }

    /// Closes the kit.
    ///
    /// # Errors
    /// [`ChairError`].
    pub fn close(&self, in_line: u32, cards: &TwoCards) -> Result<(), ChairError> {
        self.with_cards(cards, |kit, cards| {
            kit.close(in_line, cards)?;
            Ok(())
        })
    }

    /// Takes back a grant that no act has used.
    ///
    /// # Errors
    /// [`ChairError`].
    pub fn release(&self, line: u32, cards: &TwoCards) -> Result<(), ChairError> {
        self.with_cards(cards, |kit, cards| {
            kit.release(line, cards)?;
            Ok(())
        })
    }
}

/// Whether two officers may still identify the voter: the finger failed, nothing else stands against it.
#[must_use]
pub fn is_finger_trouble(refused: &Refused) -> bool {
    refused.line > 0
        && matches!(
            refused.refusal.reason,
            RefusalReason::FingerMismatch
                | RefusalReason::FingerUnreadable
                | RefusalReason::FingerOtherLine
                | RefusalReason::FingerMarked
        )
}
