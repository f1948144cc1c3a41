//! Changes of the list during the day: from a stick to this kit, from this kit to the others (S-20, S-35).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};

use lexicon::Instant;
use lexicon::handover::envelope::{EnvelopeError, decode, hex, sha256};
use lexicon::handover::folder::Bytes;
use lexicon::handover::package::{KeyAgreement, PackageBody, PackageVoter};
use lexicon::handover::station_delta::{
    ENTRY_BYTES_MAX, FILE_BYTES_MAX, StationChange, StationChangeKind, StationDeltaFile,
};
use pollbook::{Found, Rejection, Taken, VoterIndex};

use super::{ActError, Desk, Kit, Paper};
use crate::disk::replace;
use crate::print::{self, ChangePaper, ChangeRow};

/// Why a change of the list was not taken in: nothing was written. The chair acts.
#[derive(Debug, thiserror::Error)]
pub enum DeltaRefused {
    /// No file there, or none for this precinct.
    #[error("no change of the list was found there")]
    Nothing,
    /// The bytes are no change of the list.
    #[error("the file is no change of the list, or it is damaged")]
    Unreadable,
    /// Nobody signed it.
    #[error("nobody signed the change")]
    Unsigned,
    /// One institution of two signed it.
    #[error("one of two institutions signed the change")]
    OneSignature,
    /// A signature does not fit, or is by a key that speaks for neither institution.
    #[error("a signature under the change does not fit")]
    BadSignature,
    /// Another election.
    #[error("the change is of election {0}")]
    WrongElection(u32),
    /// Another precinct.
    #[error("the change is of precinct {0}")]
    WrongPrecinct(u16),
    /// It follows another package than the one this kit opened.
    #[error("the change follows another package")]
    OtherPackage,
    /// Signed, and contradicts itself or the list: the institutions must make another.
    #[error("the change does not fit the list")]
    DoesNotFit,
    /// The voters' entries that it names are not in the file, or not sealed to this kit.
    #[error("the entries of the added lines are missing or are not for this kit")]
    Incomplete,
    /// It stands already.
    #[error("the change was taken in before")]
    Known,
    /// The kit could not write.
    #[error(transparent)]
    Act(#[from] ActError),
}

impl DeltaRefused {
    /// The refusal as a code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            DeltaRefused::Nothing => "DELTA_NOTHING",
            DeltaRefused::Unreadable => "DELTA_UNREADABLE",
            DeltaRefused::Unsigned => "DELTA_UNSIGNED",
            DeltaRefused::OneSignature => "DELTA_ONE_SIGNATURE",
            DeltaRefused::BadSignature => "DELTA_BAD_SIGNATURE",
            DeltaRefused::WrongElection(_) => "DELTA_WRONG_ELECTION",
            DeltaRefused::WrongPrecinct(_) => "DELTA_WRONG_PRECINCT",
            DeltaRefused::OtherPackage => "DELTA_OTHER_PACKAGE",
            DeltaRefused::DoesNotFit => "DELTA_DOES_NOT_FIT",
            DeltaRefused::Incomplete => "DELTA_INCOMPLETE",
            DeltaRefused::Known => "DELTA_KNOWN",
            DeltaRefused::Act(_) => "DELTA_NOT_WRITTEN",
        }
    }
}

fn refused(rejection: Rejection) -> DeltaRefused {
    match rejection {
        Rejection::Election(found) => DeltaRefused::WrongElection(found),
        Rejection::Precinct(found) => DeltaRefused::WrongPrecinct(found),
        Rejection::Envelope(EnvelopeError::MissingSignature { got: 0, .. }) => {
            DeltaRefused::Unsigned
        }
        Rejection::Envelope(EnvelopeError::MissingSignature { .. }) => DeltaRefused::OneSignature,
        Rejection::Envelope(EnvelopeError::UnknownKey(_) | EnvelopeError::BadSignature(_)) => {
            DeltaRefused::BadSignature
        }
        Rejection::Delta("changes another package") => DeltaRefused::OtherPackage,
        Rejection::Delta(_) => DeltaRefused::DoesNotFit,
        Rejection::Envelope(_)
        | Rejection::Version(_)
        | Rejection::Kind(_)
        | Rejection::ForeignKit { .. }
        | Rejection::UnknownKit(_)
        | Rejection::Root
        | Rejection::Range { .. }
        | Rejection::Decision(_)
        | Rejection::Vocabulary(_)
        | Rejection::Officers(_) => DeltaRefused::Unreadable,
    }
}

/// A change of the list as the chair sees it.
#[derive(Clone, Debug)]
pub struct ChangeView {
    /// Its number after the package.
    pub number: u32,
    /// First 8 hexadecimal digits of its id.
    pub id: String,
    /// Whether it waits for one before it.
    pub is_held: bool,
    /// From when it holds.
    pub effective_at: Instant,
    /// Lines with what happens to them and why.
    pub changes: Vec<StationChange>,
    /// Kits that recorded it.
    pub kits: Vec<String>,
    /// Entries of added lines that this kit has not got yet.
    pub missing: usize,
}

/// What was taken in.
#[derive(Clone, Debug)]
pub struct ChangeTaken {
    /// The change.
    pub view: ChangeView,
    /// The slip for the paper list.
    pub paper: Paper,
}

/// A line that came with a change of the list.
struct Line {
    number: u32,
    voter: PackageVoter,
    index: VoterIndex,
    next: OnceLock<Box<Line>>,
}

/// Entries of added and corrected lines: sealed ones by their hash, and the lines of changes in force.
///
/// Lines are only added, so that what a screen has borrowed stays.
#[derive(Default)]
pub(super) struct Entries {
    sealed: Mutex<BTreeMap<[u8; 32], Vec<u8>>>,
    first: OnceLock<Box<Line>>,
}

impl Entries {
    fn lines(&self) -> impl Iterator<Item = &Line> {
        let first = self.first.get().map(|line| &**line);
        std::iter::successors(first, |line| line.next.get().map(|line| &**line))
    }

    fn push(&self, line: Line) {
        let last = self.lines().last().map_or(&self.first, |line| &line.next);
        // Two threads never add at once: the desk is locked.
        let _ = last.set(Box::new(line));
    }

    fn sealed(&self) -> std::sync::MutexGuard<'_, BTreeMap<[u8; 32], Vec<u8>>> {
        self.sealed
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The voter of a line by the last change that touches it.
    pub(super) fn voter(&self, number: u32) -> Option<&PackageVoter> {
        let of_line = self.lines().filter(|line| line.voter.line == number);
        of_line
            .max_by_key(|line| line.number)
            .map(|line| &line.voter)
    }

    /// Adds what is found among these lines.
    pub(super) fn find(&self, text: &str, found: Found) -> Found {
        self.lines()
            .fold(found, |found, line| found.or(line.index.find(text)))
    }
}

/// Every entry that the known changes of the list name, with its change.
fn named(book: &pollbook::Book) -> impl Iterator<Item = (&Arc<Taken>, &StationChange, [u8; 32])> {
    let list = book.list();
    let taken = list.applied().iter().chain(list.held());
    taken.flat_map(|taken| {
        let changes = taken.delta.changes.iter();
        changes.filter_map(move |change| Some((taken, change, **change.entry.as_ref()?)))
    })
}

impl Kit {
    /// Takes a change of the list in from the file on a stick: both signatures, the place, the chain, the entries; then
    /// the kit's own event, and the slip for the paper list. No card is asked for: two institutions signed.
    ///
    /// # Errors
    /// [`DeltaRefused`]; nothing was written then.
    pub fn take_change(&self, file: &[u8]) -> Result<ChangeTaken, DeltaRefused> {
        if file.len() > FILE_BYTES_MAX {
            return Err(DeltaRefused::Unreadable);
        }
        let file: StationDeltaFile = decode(file).map_err(|_| DeltaRefused::Unreadable)?;
        let taken = Taken::read(&file.signed).map_err(|_| DeltaRefused::Unreadable)?;
        taken.verify(&self.charter, &self.ring).map_err(refused)?;
        let taken = Arc::new(taken);
        let mut entries = Vec::new();
        for change in &taken.delta.changes {
            let Some(hash) = &change.entry else { continue };
            let sealed = file.entries.iter().find(|entry| sha256(entry) == **hash);
            let sealed = sealed.ok_or(DeltaRefused::Incomplete)?;
            self.open_entry(&taken, change, sealed)
                .ok_or(DeltaRefused::Incomplete)?;
            entries.push((**hash, sealed.to_vec()));
        }
        let mut desk = self.desk();
        let list = desk.book.list();
        let is_next = list.follows(&taken);
        let names_last = *taken.delta.previous == list.last().0;
        let is_past = list.number().is_some_and(|last| taken.delta.number <= last);
        if names_last && !is_next {
            return Err(DeltaRefused::DoesNotFit);
        }
        let reading = self.clock.read();
        let Some(draft) = desk.book.change_list(&taken, reading) else {
            // It stands already; what its lines hold may have been lost with the kit that had it.
            let mut missing = entries;
            missing.retain(|(hash, _)| !self.entries.sealed().contains_key(hash));
            if missing.is_empty() {
                return Err(DeltaRefused::Known);
            }
            for (hash, sealed) in missing {
                self.keep_entry(hash, sealed)?;
            }
            self.settle_entries(&desk);
            let view = self.change_view(&desk, &taken);
            return Ok(ChangeTaken {
                view,
                paper: Paper::Printed,
            });
        };
        if is_past && !list_has(desk.book.list(), &taken) {
            return Err(DeltaRefused::DoesNotFit);
        }
        // INVARIANT (entries first): a change is in the journal only when what it names is on this disk.
        for (hash, sealed) in entries {
            self.keep_entry(hash, sealed)?;
        }
        self.commit(&mut desk, draft)?;
        self.settle_entries(&desk);
        let view = self.change_view(&desk, &taken);
        drop(desk);
        self.push();
        let paper = self.print_change(taken.delta.number);
        Ok(ChangeTaken { view, paper })
    }

    fn open_entry(
        &self,
        taken: &Taken,
        change: &StationChange,
        sealed: &[u8],
    ) -> Option<(PackageVoter, [u8; 32])> {
        let at = self.charter.kits().iter().position(|kit| *kit == self.me)?;
        let key = &*self.key as &dyn KeyAgreement;
        match taken.delta.open_entry(change, sealed, at, key) {
            Ok(entry) => Some((entry.voter, *entry.index_key)),
            Err(error) => {
                tracing::warn!(%error, "an entry of a list change does not open");
                None
            }
        }
    }

    fn entry_path(&self, hash: &[u8; 32]) -> PathBuf {
        let name = format!("{}.entry-{}", self.name(), hex(&hash[..8]));
        self.folder.join(name)
    }

    /// Names of the files of entries that this kit holds.
    pub(super) fn entry_files(&self) -> Vec<String> {
        let hashes: Vec<[u8; 32]> = self.entries.sealed().keys().copied().collect();
        let names = hashes.iter().map(|hash| self.entry_path(hash));
        names
            .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
            .collect()
    }

    fn keep_entry(&self, hash: [u8; 32], sealed: Vec<u8>) -> Result<(), ActError> {
        if let Err(error) = replace(&*self.disk, &self.entry_path(&hash), &sealed) {
            tracing::error!(%error, "an entry of a list change was not written");
            return Err(ActError::Storage);
        }
        self.entries.sealed().insert(hash, sealed);
        Ok(())
    }

    /// Reads the entries that are on disk; what is missing comes from the peers.
    pub(super) fn read_entries(&self) {
        let hashes: Vec<[u8; 32]> = self.read(|book| named(book).map(|named| named.2).collect());
        for hash in hashes {
            match self.disk.read(&self.entry_path(&hash)) {
                Ok(Some(sealed)) if sha256(&sealed) == hash => {
                    self.entries.sealed().insert(hash, sealed);
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "an entry of a list change was not read"),
            }
        }
        let mut desk = self.desk();
        self.follow_list(&mut desk);
        self.settle_entries(&desk);
    }

    /// Records every change of the list that this kit heard of: its own chain says by which list it works.
    pub(super) fn follow_list(&self, desk: &mut Desk) {
        while let Some(draft) = desk.book.follow_list(self.clock.read()) {
            if let Err(error) = self.commit(desk, draft) {
                tracing::error!(%error, "a change of the list was not recorded");
                return;
            }
        }
    }

    /// Hashes of entries that this kit lacks, for its next question.
    pub(super) fn wanted(&self, book: &pollbook::Book) -> Vec<[u8; 32]> {
        let sealed = self.entries.sealed();
        let named = named(book).map(|(.., hash)| hash);
        named.filter(|hash| !sealed.contains_key(hash)).collect()
    }

    /// The entries that a peer asked for, as far as they are here.
    pub(super) fn entries_for(&self, wants: impl Iterator<Item = [u8; 32]>) -> Vec<Vec<u8>> {
        let sealed = self.entries.sealed();
        wants
            .filter_map(|hash| sealed.get(&hash).cloned())
            .collect()
    }

    /// Takes entries from a peer: only those that a change of the list names, by their hash.
    pub(super) fn take_entries(&self, desk: &Desk, entries: &[Bytes]) {
        for sealed in entries
            .iter()
            .filter(|entry| entry.len() <= ENTRY_BYTES_MAX)
        {
            let hash = sha256(sealed);
            let is_wanted = named(&desk.book).any(|named| named.2 == hash)
                && !self.entries.sealed().contains_key(&hash);
            if is_wanted && self.keep_entry(hash, sealed.to_vec()).is_err() {
                return;
            }
        }
        self.settle_entries(desk);
    }

    /// Puts the lines of changes in force among the voters, once their entries are here.
    fn settle_entries(&self, desk: &Desk) {
        let mut is_new = false;
        for (taken, change, hash) in named(&desk.book) {
            let is_applied = list_has(desk.book.list(), taken);
            let number = taken.delta.number;
            let stands = self
                .entries
                .lines()
                .any(|line| (line.number, line.voter.line) == (number, change.line));
            let sealed = self.entries.sealed().get(&hash).cloned();
            let (true, false, Some(sealed)) = (is_applied, stands, sealed) else {
                continue;
            };
            let Some((voter, key)) = self.open_entry(taken, change, &sealed) else {
                continue;
            };
            let policy = self.charter.policy();
            let day =
                Instant::from_micros(policy.opens).local_date(i64::from(policy.offset_minutes));
            let alone = PackageBody {
                index_key: key.into(),
                voters: vec![voter.clone()],
                district: Vec::new(),
                ..self.body_shape()
            };
            self.entries.push(Line {
                number,
                index: VoterIndex::new(&alone, day),
                voter,
                next: OnceLock::new(),
            });
            self.fingers.forget(change.line);
            is_new = true;
        }
        if is_new {
            self.tell();
        }
    }

    /// The package's body without its voters.
    fn body_shape(&self) -> PackageBody {
        PackageBody {
            version: self.body.version,
            election: self.body.election,
            precinct: self.body.precinct,
            index_key: self.body.index_key,
            voters: Vec::new(),
            district: Vec::new(),
            day_key: self.body.day_key,
            address_ky: String::new(),
            address_ru: String::new(),
            places: None,
        }
    }

    fn change_view(&self, desk: &Desk, taken: &Arc<Taken>) -> ChangeView {
        let kits = self.charter.kits().iter().filter(|kit| {
            let mut events = desk.book.events_after(**kit, 0);
            events.any(|act| pollbook::taken_of(act).is_some_and(|other| other.id == taken.id))
        });
        let sealed = self.entries.sealed();
        let changes = taken.delta.changes.iter();
        let entries = changes.filter_map(|change| change.entry.as_ref());
        ChangeView {
            number: taken.delta.number,
            id: hex(&taken.id.0[..4]),
            is_held: !list_has(desk.book.list(), taken),
            effective_at: Instant::from_micros(taken.delta.effective_at),
            changes: taken.delta.changes.clone(),
            kits: kits.map(|kit| self.charter.kit_name(*kit)).collect(),
            missing: entries
                .filter(|hash| !sealed.contains_key(&***hash))
                .count(),
        }
    }

    /// The changes of the list that are known here: those in force in order, then those that are held.
    #[must_use]
    pub fn changes(&self) -> Vec<ChangeView> {
        let desk = self.desk();
        let list = desk.book.list();
        let known = list.applied().iter().chain(list.held());
        known.map(|taken| self.change_view(&desk, taken)).collect()
    }

    /// Prints the slip of a change for the paper list: what is struck, what stands on the supplementary pages.
    #[must_use]
    pub fn print_change(&self, number: u32) -> Paper {
        let known = self.changes();
        let Some(change) = known.into_iter().find(|change| change.number == number) else {
            return Paper::Printed;
        };
        let rows = change.changes.iter().map(|change| {
            let voter = self.voter(change.line);
            let is_read = change.kind != StationChangeKind::Stop;
            ChangeRow {
                line: change.line,
                page: voter.map_or(0, |voter| voter.page),
                kind: change.kind,
                reason: change.reason.clone(),
                name: voter.filter(|_| is_read).map_or_else(String::new, |voter| {
                    [&*voter.surname, &*voter.given, &*voter.patronymic].join(" ")
                }),
                born: voter
                    .filter(|_| change.kind.has_entry())
                    .map_or_else(String::new, |voter| voter.born.clone()),
            }
        });
        let job = print::change(&ChangePaper {
            heading: self.heading(),
            number,
            id: change.id.clone(),
            is_held: change.is_held,
            rows: rows.collect(),
        });
        match self.printer.print(&job) {
            Ok(()) => Paper::Printed,
            Err(error) => Paper::Pending(error),
        }
    }
}

fn list_has(list: &pollbook::ListInForce, taken: &Taken) -> bool {
    list.applied().iter().any(|known| known.id == taken.id)
}
