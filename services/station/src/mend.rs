//! A journal that is lost, damaged, cut short or set back: put together again from what is left of the file, the copy
//! on the medium and the other kits (S-27).
//!
//! Until it is whole the kit is not open: it identifies nobody and writes nothing. Every event is the kit's own signed
//! one, wherever it comes from; the chain is walked from its first event to its last before anything is written, and the
//! damaged file stays beside. The one thing that no signature tells is whether events behind the last known one are
//! gone. Where the file itself does not show its end, the number of the last slip on paper is asked for, and the kit then
//! asks for the paper list until it has heard all others.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keys::KeyRing;
use lexicon::handover::envelope::{DocumentId, Kid, Signer, decode, open1};
use lexicon::handover::event::{Event, event_subject, unframe};
use pollbook::{Book, Charter, Holdings, KitMessage, Merged};

use crate::disk::{Disk, replace, settle_folder};
use crate::journal::{Journal, JournalError, file_of, free_name_beside, salvage};
use crate::kit::{
    Card, KitConfig, OpenError, charter_of, copy_name, inspect_own, last_receipt, mark_place,
    ring_of, walk,
};
use crate::link::Link;
use crate::mark::MarkPlace;
use crate::restore::{DOUBT, take_small_files};

/// The most messages to one peer; each answer carries up to 48 KiB of events.
const ROUNDS_MAX: usize = 200;

/// `K1.mended` once the incident stands in the journal.
pub(crate) const RECORDED: &[u8] = b"recorded\n";

/// What is wrong with the journal, and what is left of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// What is wrong, in the words of the logs.
    pub why: String,
    /// Events that the file still holds whole.
    pub held: u32,
    /// Counters that are missing between them.
    pub missing: Vec<RangeInclusive<u32>>,
    /// Whether the file shows where it ended; else the last slip on paper is asked for.
    pub is_end_known: bool,
}

/// Where events may be had.
pub struct Sources<'a> {
    /// Ways to the other kits.
    pub links: &'a [(Kid, Arc<dyn Link>)],
    /// The medium's folder.
    pub medium: Option<&'a Path>,
}

/// A journal that is whole again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mended {
    /// Its events.
    pub events: u32,
    /// Number of its last receipt; 0 when it gave none.
    pub receipt: u32,
    /// Counters of the events that the file no longer held.
    pub fetched: Vec<u32>,
    /// Where the damaged file lies; `None` when there was none.
    pub kept: Option<PathBuf>,
}

/// Why a journal was not put together. The chair acts; the kit's files stay as they are.
#[derive(Debug, thiserror::Error)]
pub enum MendError {
    /// The manifest or the kit's key does not fit.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Nobody who could be asked holds these events.
    #[error("events {missing:?} are missing; {} kits did not answer", .silent.len())]
    Lacking {
        /// Ranges of counters; empty when not one event was found.
        missing: Vec<RangeInclusive<u32>>,
        /// Kits that did not answer, by short name.
        silent: Vec<String>,
    },
    /// The end is not known and nobody said which slip was the last.
    #[error("the number of the last slip on paper is needed")]
    Slip,
    /// Events behind the last known one happened and are nowhere.
    #[error("what is left ends at {held}, {witness} stands at {known}")]
    Behind {
        /// Last receipt, or event, that was found.
        held: u32,
        /// Who knows better.
        witness: &'static str,
        /// What it knows.
        known: u32,
    },
    /// Nothing is wrong with the journal.
    #[error("the journal is whole: open the kit")]
    Whole,
    /// Two different events bear one counter: this kit's key was used twice.
    #[error("two different events bear the number {0}")]
    Fork(u32),
    /// The events were found, and are no chain.
    #[error(transparent)]
    Chain(#[from] JournalError),
    /// A disk failed.
    #[error("{path}: {source}")]
    Disk {
        /// The file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
}

fn failed(path: &Path) -> impl Fn(io::Error) -> MendError {
    let path = path.display().to_string();
    move |source| MendError::Disk {
        path: path.clone(),
        source,
    }
}

/// One kit's own signed events from wherever they come, by counter.
struct Heap<'a> {
    election: u32,
    precinct: u16,
    me: Kid,
    ring: &'a KeyRing,
    events: BTreeMap<u32, (DocumentId, Vec<u8>)>,
    fork: Option<u32>,
}

impl<'a> Heap<'a> {
    fn new(charter: &Charter, me: Kid, ring: &'a KeyRing) -> Self {
        Self {
            election: charter.manifest().election,
            precinct: charter.manifest().precinct,
            me,
            ring,
            events: BTreeMap::new(),
            fork: None,
        }
    }

    /// Takes bytes that are an event of this kit with its signature; anything else is passed over.
    fn offer(&mut self, signed: &[u8]) -> bool {
        let Ok(opened) = open1(event_subject(self.election), signed, self.ring) else {
            return false;
        };
        let Ok(event) = decode::<Event>(&opened.payload) else {
            return false;
        };
        let is_own = opened.signers.first() == Some(&self.me)
            && *event.kit == self.me.0
            && (event.election, event.precinct) == (self.election, self.precinct)
            && event.seq > 0;
        if !is_own {
            return false;
        }
        match self.events.get(&event.seq) {
            Some((id, _)) => {
                if *id != opened.id {
                    self.fork = Some(event.seq);
                }
                false
            }
            None => {
                self.events.insert(event.seq, (opened.id, signed.to_vec()));
                true
            }
        }
    }

    fn last(&self) -> u32 {
        self.events.keys().next_back().copied().unwrap_or(0)
    }

    fn missing(&self) -> Vec<RangeInclusive<u32>> {
        let mut missing = Vec::new();
        let mut next = 1;
        for seq in self.events.keys() {
            if *seq > next {
                missing.push(next..=seq - 1);
            }
            next = seq + 1;
        }
        missing
    }

    fn row(&self) -> impl Iterator<Item = &[u8]> {
        self.events.values().map(|(_, signed)| signed.as_slice())
    }
}

/// The paths and bytes that everything begins with.
struct Place {
    charter: Arc<Charter>,
    name: String,
    path: PathBuf,
    mark: MarkPlace,
    there: Option<Vec<u8>>,
}

impl Place {
    fn of(disk: &Arc<dyn Disk>, config: &KitConfig, me: Kid) -> Result<Self, MendError> {
        let charter = Arc::new(charter_of(config)?);
        let name = charter.kit_name(me);
        let path = config.folder.join(format!("{name}.journal"));
        Ok(Self {
            mark: mark_place(disk, config, &charter, &name),
            there: disk.read(&path).map_err(failed(&path))?,
            charter,
            name,
            path,
        })
    }

    fn copy(&self, medium: &Path) -> PathBuf {
        let folder = medium.join(copy_name(self.charter.manifest().precinct, &self.name));
        folder.join(format!("{}.journal", self.name))
    }

    /// The book as far as the file's whole beginning and the copies of the peers' events fill it: what is not asked for.
    fn book(&self, disk: &dyn Disk, folder: &Path, ring: &KeyRing, heap: &Heap<'_>) -> Book {
        let mut book = Book::new(Arc::clone(&self.charter), heap.me, Vec::new());
        let own = (1..).zip(&heap.events);
        let own = own.take_while(|(next, (seq, _))| next == *seq);
        let own: Vec<&[u8]> = own.map(|(_, (_, (_, signed)))| signed.as_slice()).collect();
        let copies = disk.read(&folder.join(format!("{}.peers", self.name)));
        let copies = copies.ok().flatten().unwrap_or_default();
        for signed in own.into_iter().chain(unframe(&copies).events) {
            if let Ok(act) = book.admit(signed, ring) {
                book.merge(act.lean(), None);
            }
        }
        book
    }
}

/// Whether a damaged file tells by itself where it ended. One that is gone, cut short, set back or another's does not.
fn shows_end(error: &JournalError, is_padded: bool, heap: &Heap<'_>) -> bool {
    is_padded && heap.last() > 0 && matches!(error, JournalError::Damaged { .. })
}

/// Looks at a kit's journal before any card is there. `None` when it may be opened.
///
/// A kit that has no journal and no trace of one is asked about at its medium and at the other kits: a disk that was
/// changed must not begin an empty journal where events of this kit are known.
///
/// # Errors
/// [`MendError::Open`] when the manifest does not fit, [`MendError::Disk`].
pub fn look(
    disk: &Arc<dyn Disk>,
    config: &KitConfig,
    key: &Arc<dyn Card>,
    sources: &Sources<'_>,
) -> Result<Option<Damage>, MendError> {
    let me = key.kid();
    let place = Place::of(disk, config, me)?;
    let ring = ring_of(&place.charter, &config.publishers);
    let mut heap = Heap::new(&place.charter, me, &ring);
    let left = salvage(place.there.as_deref().unwrap_or_default());
    for signed in left.records {
        heap.offer(signed);
    }
    let mut book = Book::new(Arc::clone(&place.charter), me, Vec::new());
    let error = match inspect_own(
        disk,
        &place.mark,
        &config.folder,
        &place.name,
        &ring,
        &mut book,
    ) {
        Err(error) => error,
        Ok(()) if book.head(me).seq > 0 => return Ok(None),
        Ok(()) => {
            let known = elsewhere(&**disk, config, key, &place, &ring, sources)?;
            if known == 0 {
                return Ok(None);
            }
            JournalError::Lost {
                path: place.path.display().to_string(),
                seq: known,
            }
        }
    };
    Ok(Some(Damage {
        why: error.to_string(),
        held: u32::try_from(heap.events.len()).unwrap_or(u32::MAX),
        missing: heap.missing(),
        is_end_known: shows_end(&error, left.is_end_known, &heap),
    }))
}

/// The last counter of this kit that its medium or a peer knows; 0 when nobody knows any.
fn elsewhere(
    disk: &dyn Disk,
    config: &KitConfig,
    key: &Arc<dyn Card>,
    place: &Place,
    ring: &KeyRing,
    sources: &Sources<'_>,
) -> Result<u32, MendError> {
    let mut heap = Heap::new(&place.charter, key.kid(), ring);
    if let Some(medium) = sources.medium {
        let copy = place.copy(medium);
        // A medium that is not in knows nothing.
        let copy = disk.read(&copy).ok().flatten().unwrap_or_default();
        salvage(&copy).records.into_iter().for_each(|signed| {
            heap.offer(signed);
        });
    }
    let mut book = place.book(disk, &config.folder, ring, &heap);
    let told = ask_all(config, key, ring, &mut book, &mut heap, sources.links, 1);
    Ok(heap.last().max(told.head))
}

/// Puts a kit's journal together and in its place. `last_slip` is the number of the kit's last slip on paper, 0 when
/// it gave none; it is used where the file does not show its end.
///
/// # Errors
/// [`MendError`]; the kit's files stay as they are.
pub fn mend(
    disk: &Arc<dyn Disk>,
    config: &KitConfig,
    key: &Arc<dyn Card>,
    sources: &Sources<'_>,
    last_slip: Option<u32>,
) -> Result<Mended, MendError> {
    let me = key.kid();
    let place = Place::of(disk, config, me)?;
    let ring = ring_of(&place.charter, &config.publishers);
    let mut heap = Heap::new(&place.charter, me, &ring);
    let left = salvage(place.there.as_deref().unwrap_or_default());
    for signed in &left.records {
        heap.offer(signed);
    }
    let held: BTreeSet<u32> = heap.events.keys().copied().collect();
    let mut book = Book::new(Arc::clone(&place.charter), me, Vec::new());
    let is_end_known = match inspect_own(
        disk,
        &place.mark,
        &config.folder,
        &place.name,
        &ring,
        &mut book,
    ) {
        Err(error) => shows_end(&error, left.is_end_known, &heap),
        Ok(()) if book.head(me).seq > 0 => return Err(MendError::Whole),
        // Nothing was ever here, and others know of this kit.
        Ok(()) => false,
    };
    let copy = sources.medium.map(|medium| place.copy(medium));
    if let Some(copy) = &copy {
        let copy = disk.read(copy).ok().flatten().unwrap_or_default();
        for signed in salvage(&copy).records {
            heap.offer(signed);
        }
    }
    let mut told = Told::default();
    if !is_end_known || !heap.missing().is_empty() {
        let mut book = place.book(&**disk, &config.folder, &ring, &heap);
        let rounds = ROUNDS_MAX;
        told = ask_all(
            config,
            key,
            &ring,
            &mut book,
            &mut heap,
            sources.links,
            rounds,
        );
    }
    if let Some(seq) = heap.fork {
        return Err(MendError::Fork(seq));
    }
    let missing = heap.missing();
    if !missing.is_empty() || heap.events.is_empty() {
        let name = |kit: &Kid| place.charter.kit_name(*kit);
        return Err(MendError::Lacking {
            missing,
            silent: told.silent.iter().map(name).collect(),
        });
    }
    let events = heap.last();
    if let Some(known) = place.mark.known().filter(|known| *known > events) {
        return Err(MendError::Behind {
            held: events,
            witness: "the mark of the journal, in events,",
            known,
        });
    }
    if told.head > events {
        return Err(MendError::Behind {
            held: events,
            witness: "another kit, in events,",
            known: told.head,
        });
    }
    let mut book = Book::new(Arc::clone(&place.charter), me, Vec::new());
    walk(&mut book, &ring, &place.path, heap.row())?;
    let receipt = last_receipt(&book, me);
    if !is_end_known {
        let slip = last_slip.ok_or(MendError::Slip)?;
        // Slips that the events still owe are not on paper.
        let owed = u32::try_from(book.pending_receipts().len()).unwrap_or(0);
        if slip > receipt || slip < receipt.saturating_sub(owed) {
            return Err(MendError::Behind {
                held: receipt,
                witness: "the last slip on paper",
                known: slip,
            });
        }
    }
    let folder = &config.folder;
    settle_folder(&**disk, folder).map_err(failed(folder))?;
    let mut kept = None;
    if let Some(there) = &place.there {
        let beside = free_name_beside(&**disk, &place.path).map_err(failed(&place.path))?;
        replace(&**disk, &beside, there).map_err(failed(&beside))?;
        kept = Some(beside);
    }
    if !is_end_known {
        // INVARIANT (in doubt first): the kit asks for the paper until it has heard the others, from its first start on.
        let doubt = folder.join(format!("{}.restored", place.name));
        replace(&**disk, &doubt, DOUBT).map_err(failed(&doubt))?;
    }
    let fetched: Vec<u32> = (1..=events).filter(|seq| !held.contains(seq)).collect();
    let note = folder.join(format!("{}.mended", place.name));
    let rows: Vec<String> = fetched.iter().map(u32::to_string).collect();
    let rows = format!("mended\n{}\n", rows.join("\n"));
    replace(&**disk, &note, rows.as_bytes()).map_err(failed(&note))?;
    replace(&**disk, &place.path, &file_of(heap.row())).map_err(failed(&place.path))?;
    place.mark.write(events)?;
    if let Some(from) = copy.as_deref().and_then(Path::parent) {
        take_small_files(&**disk, from, folder, &place.name)
            .map_err(|(path, source)| failed(&path)(source))?;
    }
    // What was put together must open as a kit's journal does.
    Journal::open(&**disk, &place.path)?;
    Ok(Mended {
        events,
        receipt,
        fetched,
        kept,
    })
}

/// What asking the other kits gave, beside events.
#[derive(Default)]
struct Told {
    /// The last counter of this kit that anybody named.
    head: u32,
    /// Kits that did not answer.
    silent: Vec<Kid>,
}

/// Asks each peer for what it knows of this kit, at most `rounds` times.
fn ask_all(
    config: &KitConfig,
    key: &Arc<dyn Card>,
    ring: &KeyRing,
    book: &mut Book,
    heap: &mut Heap<'_>,
    links: &[(Kid, Arc<dyn Link>)],
    rounds: usize,
) -> Told {
    let mut told = Told::default();
    for (peer, link) in links {
        if !book.charter().kits().contains(peer) || *peer == key.kid() {
            continue;
        }
        for round in 0..rounds {
            let Some(answer) = ask(config, key, ring, book, *peer, &**link) else {
                if round == 0 {
                    told.silent.push(*peer);
                }
                break;
            };
            let head = answer.head_of(key.kid()).map_or(0, |head| head.seq);
            told.head = told.head.max(head);
            let mut is_new = false;
            for signed in &answer.events {
                is_new |= heap.offer(signed);
                // The book only shows the peer what is known already.
                if let Ok(act) = book.admit(signed, ring) {
                    is_new |= book.merge(act, None) != Merged::Known;
                }
            }
            if !is_new {
                break;
            }
        }
    }
    told
}

fn ask(
    config: &KitConfig,
    key: &Arc<dyn Card>,
    ring: &KeyRing,
    book: &mut Book,
    peer: Kid,
    link: &dyn Link,
) -> Option<KitMessage> {
    let reading = config.clock.read();
    let number = book.request_number(reading);
    let mut question = book.message(peer, number, &Holdings::default(), reading.wall);
    // It asks and tells nothing.
    question.events.clear();
    let charter = book.charter();
    let question = question.sign(charter, &**key as &dyn Signer).ok()?;
    let answer = link.ask(&question).ok()?;
    let answer = KitMessage::open(charter, key.kid(), &answer, ring).ok()?;
    (answer.answer && answer.number == number && answer.sender() == peer).then_some(answer)
}

/// Counters that `K1.mended` names and no incident records yet; `None` when there is nothing to record.
pub(crate) fn unrecorded(bytes: &[u8]) -> Option<Vec<u32>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let rows = text.strip_prefix("mended\n")?.lines();
    Some(rows.filter_map(|row| row.trim().parse().ok()).collect())
}
