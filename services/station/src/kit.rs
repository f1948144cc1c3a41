//! The kit: an opened package, a durable journal, a poll book, a printer and links to its peers.

mod acts;
mod alarms;
mod captures;
mod cards;
mod changes;
mod corrections;
mod devices;
mod doubts;
mod errors;
mod exchange;
mod hand_over;
mod home;
mod hours;
mod kept;
mod list_pages;
mod medium;
mod opening;
mod paper_only;
mod papers;
mod pictures;
mod receipts;
mod second_day;
mod spares;
mod table;
mod tickets;
mod totals;
mod trouble;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use keys::{Counters, KeyRing};
use lexicon::handover::envelope::{Kid, PublicKey, Signer};
use lexicon::handover::package::{Exercise, KeyAgreement, PackageBody, PackageVoter};
use lexicon::{Language, PrecinctCode};
use pollbook::{
    Act, Attempts, Book, Charter, DayCodes, Draft, Found, Holdings, Reading, VoterIndex,
};
use tokio::sync::watch;

pub use acts::{
    CheckedIn, Method2, Outcome, Paper, REASONS_TWO, REASONS_UNDO, Refused, TWO_PERSONS, Verdict,
};
pub use alarms::{Alarm, ChainLook};
pub use cards::{CardView, REASONS_CARD};
pub use changes::{ChangeTaken, ChangeView, DeltaRefused};
pub use corrections::{CorrectError, Said as SaidCorrection, Taken as TakenCorrection};
pub(crate) use devices::battery_of;
pub use doubts::{DoubtedLine, DoubtedTry};
pub use errors::{ActError, AnswerError, OpenError, ReportsError};
pub use hand_over::{HandOverRefused, HandedFile, HandedOver, Missing};
pub use home::{HomeLine, HomeState, Visit};
pub use hours::{HourRow, SaidHour, SayError};
pub use list_pages::{PageRead, PagesView};

pub(crate) use medium::{SMALL, copy_name, last_receipt};
pub(crate) use opening::{charter_of, inspect_own, mark_place, ring_of, walk};
pub use paper_only::{EnteredView, PaperEntry, REASONS_VOID, Voided};
pub(crate) use papers::age_on;
pub use papers::{REASONS_MISSING, SignedReport};
pub use receipts::ReceiptAnswer;
pub use second_day::{DayRefused, DayView};
pub use spares::{SpareRefused, SpareView};
pub use table::{Slip, TableAnswer};
pub use trouble::{PaperReceipt, REASONS_TAKEOVER, Resumption};
pub use view::{PeerView, RecentView, Stop, VoterView};

use crate::capture::Fingers;
use crate::clock::KitClock;
use crate::disk::Disk;
use crate::journal::{Journal, JournalError};
use crate::lines::LineFile;
use crate::link::Link;
use crate::mark::Mark;
use crate::printer::Printer;

/// A card or a kit's own key: it signs and agrees.
pub trait Card: Signer + KeyAgreement + Send + Sync {}

impl<T: Signer + KeyAgreement + Send + Sync> Card for T {}

/// Who must have signed a manifest.
#[derive(Clone, Debug)]
pub struct Publishers {
    /// Their public keys.
    pub ring: KeyRing,
    /// The keys that must all have signed: `srs-release` and `cec-release`.
    pub required: Vec<Kid>,
}

/// A sealed package, here or still on the disk.
#[derive(Clone, Debug)]
pub enum Ciphertext {
    /// Its bytes.
    Bytes(Vec<u8>),
    /// Its file: read when the kit is opened, and given to a blank kit from there.
    File(PathBuf),
}

impl Ciphertext {
    fn read(&self) -> std::io::Result<Vec<u8>> {
        match self {
            Ciphertext::Bytes(bytes) => Ok(bytes.clone()),
            Ciphertext::File(path) => std::fs::read(path),
        }
    }
}

/// What a kit starts from.
#[derive(Clone)]
pub struct KitConfig {
    /// The election that this kit serves.
    pub election: u32,
    /// The precinct that this kit serves.
    pub precinct: PrecinctCode,
    /// `PPPP.manifest.cose`.
    pub manifest: Vec<u8>,
    /// `PPPP.package`.
    pub ciphertext: Ciphertext,
    /// Who must have signed the manifest.
    pub publishers: Publishers,
    /// The folder of the kit's journals; made when missing.
    pub folder: PathBuf,
    /// The kit's clocks.
    pub clock: Arc<dyn KitClock>,
    /// The kit's receipt printer.
    pub printer: Arc<dyn Printer>,
    /// What the kit is for instead of an election; a package for anything else is refused.
    pub exercise: Option<Exercise>,
    /// Grants for spare kits, by file name; one that does not hold is left out and named in the log.
    pub grants: Vec<(String, Vec<u8>)>,
    /// Decisions on another day, by file name; one that does not hold is left out and named in the log.
    pub decisions: Vec<(String, Vec<u8>)>,
    /// Why keys of the commission above open the kit, a code; `None` when officers do.
    pub glass: Option<String>,
    /// Counters on the token of the kit's key; `None` for a key in a file.
    pub counters: Option<Arc<dyn Counters>>,
}

/// What changes while the kit works. One lock: an act is decided, written and taken in at once.
struct Desk {
    book: Book,
    journal: Journal,
    /// Copies of what peers wrote.
    peers: Journal,
    mark: Mark,
    attempts: BTreeMap<u32, Attempts>,
    /// What each peer said it has.
    peer_heads: BTreeMap<Kid, Holdings>,
    /// When each peer was last heard.
    heard: BTreeMap<Kid, devices::Heard>,
    /// Kits whose events stand on a list that is not known here.
    other_list: BTreeSet<Kid>,
    /// Set when the disk failed: nothing more is acknowledged.
    is_storage_lost: bool,
    /// What the system said then.
    storage_fault: Option<std::io::ErrorKind>,
    /// Lines whose receipt this kit resumed and has not printed yet.
    unprinted: BTreeSet<u32>,
    resumed: kept::Resumed,
}

/// One polling-station kit, opened.
pub struct Kit {
    charter: Arc<Charter>,
    me: Kid,
    key: Arc<dyn Card>,
    ring: KeyRing,
    body: PackageBody,
    index: VoterIndex,
    fingers: Fingers,
    entries: changes::Entries,
    day: DayCodes,
    clock: Arc<dyn KitClock>,
    printer: Arc<dyn Printer>,
    folder: PathBuf,
    /// The signed manifest as it came, and the sealed package: what a blank kit is given.
    sealed: (Vec<u8>, Ciphertext),
    disk: Arc<dyn Disk>,
    told: Mutex<papers::Told>,
    said: Mutex<hours::Said>,
    turnout_desk: OnceLock<PublicKey>,
    corrections: corrections::Corrections,
    list_pages: Mutex<list_pages::PagesRead>,
    tickets: Mutex<tickets::Tickets>,
    /// `K1.captures`, once a capture was written.
    captures: Mutex<Option<LineFile>>,
    paper_languages: OnceLock<Vec<Language>>,
    software: OnceLock<[u8; 32]>,
    supplies: OnceLock<PathBuf>,
    grants: OnceLock<PathBuf>,
    medium: OnceLock<medium::Medium>,
    links: Mutex<BTreeMap<Kid, Arc<dyn Link>>>,
    desk: Mutex<Desk>,
    /// Held while a slip is printed and its event written.
    printing: Mutex<()>,
    /// Held while a report is made, signed, kept and printed.
    reporting: Mutex<()>,
    changed: watch::Sender<u64>,
}

impl Kit {
    /// The precinct's rules.
    #[must_use]
    pub fn charter(&self) -> &Charter {
        &self.charter
    }

    /// The kit's id.
    #[must_use]
    pub fn kid(&self) -> Kid {
        self.me
    }

    /// The kit's short name, `K1`.
    #[must_use]
    pub fn name(&self) -> String {
        self.charter.kit_name(self.me)
    }

    /// What the clocks show.
    #[must_use]
    pub fn read_clock(&self) -> Reading {
        self.clock.read()
    }

    /// Whether the time is simulated.
    #[must_use]
    pub fn is_time_simulated(&self) -> bool {
        self.clock.is_simulated()
    }

    /// The day mark and codes.
    #[must_use]
    pub fn day(&self) -> &DayCodes {
        &self.day
    }

    /// The station's address as printed, ky and ru.
    #[must_use]
    pub fn address(&self) -> (&str, &str) {
        (&self.body.address_ky, &self.body.address_ru)
    }

    /// Where another precinct of the district is, ky and ru, when the package says.
    #[must_use]
    pub fn place_of(&self, precinct: u16) -> Option<(&str, &str)> {
        let places = self.body.places.as_ref()?;
        let place = places.iter().find(|place| place.precinct == precinct)?;
        Some((&place.address_ky, &place.address_ru))
    }

    /// Tells the kit in what languages the precinct's reports are; without it Kyrgyz and Russian.
    pub fn set_paper_languages(&self, languages: Vec<Language>) {
        if !languages.is_empty() {
            // The first one holds: a kit serves one election.
            let _ = self.paper_languages.set(languages);
        }
    }

    /// Tells the kit which program it runs, for the initial report.
    pub fn set_software(&self, sha256: [u8; 32]) {
        let _ = self.software.set(sha256);
    }

    /// Tells the kit where its machine's batteries stand, a folder as [`crate::machine::SUPPLIES`], for the initial report.
    pub fn set_supplies(&self, folder: PathBuf) {
        let _ = self.supplies.set(folder);
    }

    /// Finds voters by whatever was typed or scanned.
    #[must_use]
    pub fn find(&self, text: &str) -> Found {
        self.entries.find(text, self.index.find(text))
    }

    /// A voter of the list in force: of the package, or of the last change that touches the line.
    #[must_use]
    pub fn voter(&self, line: u32) -> Option<&PackageVoter> {
        if let Some(voter) = self.entries.voter(line) {
            return Some(voter);
        }
        let at = usize::try_from(line.checked_sub(1)?).ok()?;
        self.body.voters.get(at).filter(|voter| voter.line == line)
    }

    /// Pages of the paper list, supplementary ones among them.
    #[must_use]
    pub fn pages(&self) -> u32 {
        let bound = self.body.voters.iter().map(|voter| voter.page).max();
        let lines = self.read(|book| book.list().lines());
        let added = lines.saturating_sub(self.charter.lines());
        let per_page = u32::from(self.charter.policy().lines_per_page.max(1));
        bound.unwrap_or(0) + added.div_ceil(per_page)
    }

    /// Tells that the kit's state changed; a screen reads it anew.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Connects a peer.
    pub fn connect(&self, peer: Kid, link: Arc<dyn Link>) {
        if let Ok(mut links) = self.links.lock() {
            links.insert(peer, link);
        }
    }

    fn link(&self, peer: Kid) -> Option<Arc<dyn Link>> {
        self.links.lock().ok()?.get(&peer).cloned()
    }

    /// The journal's whole records, byte for byte: what is handed in after close.
    ///
    /// # Errors
    /// [`JournalError::Disk`].
    pub fn journal_bytes(&self) -> Result<Vec<u8>, JournalError> {
        self.desk().journal.bytes()
    }

    /// The signed manifest, byte for byte.
    #[must_use]
    pub fn manifest_bytes(&self) -> &[u8] {
        &self.sealed.0
    }

    /// The sealed package's file, when the kit was opened from one.
    #[must_use]
    pub fn package_file(&self) -> Option<&std::path::Path> {
        match &self.sealed.1 {
            Ciphertext::File(path) => Some(path),
            Ciphertext::Bytes(_) => None,
        }
    }

    /// The kit's key, for the LAN's handshakes.
    pub(crate) fn key(&self) -> Arc<dyn Card> {
        Arc::clone(&self.key)
    }

    /// Reads something off the book.
    pub fn read<T>(&self, look: impl FnOnce(&Book) -> T) -> T {
        look(&self.desk().book)
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        // A thread that died at the desk left a whole state: every step writes before it changes.
        self.desk
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn tell(&self) {
        self.changed.send_modify(|revision| *revision += 1);
    }

    /// Signs, writes and takes in a draft: when this returns the act is on disk.
    ///
    /// INVARIANT (durable first): nothing is printed, shown or sent before the sync has returned.
    fn commit(&self, desk: &mut Desk, draft: Draft) -> Result<Arc<Act>, ActError> {
        if desk.is_storage_lost {
            return Err(ActError::Storage);
        }
        let signed = draft.sign(&desk.book, &*self.key as &dyn Signer)?;
        // The same door that peers and verifiers use: what would be refused there is never written.
        let act = desk.book.admit(&signed, &self.ring)?;
        let name = act.name;
        if let Err(error) = desk.journal.append(&signed) {
            tracing::error!(%error, "journal not written, the kit stops");
            desk.is_storage_lost = true;
            desk.storage_fault = error.kind();
            self.tell();
            return Err(ActError::Storage);
        }
        desk.book.merge(act.lean(), None);
        if let Err(error) = desk.mark.follow(name.seq, false) {
            tracing::warn!(%error, "mark not moved");
        }
        self.tell();
        desk.book
            .event(name.kit, name.seq)
            .cloned()
            .ok_or(ActError::Storage)
    }
}
