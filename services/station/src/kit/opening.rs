//! From a sealed package and two cards to an open kit.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use keys::KeyRing;
use lexicon::handover::card_grant::CardGrant;
use lexicon::handover::envelope::{
    DocumentType, Kid, PublicKey, Signer, Subject, decode, hex, open_all, peek_all,
};
use lexicon::handover::event::GLASS_REASONS;
use lexicon::handover::kit_grant::KitGrant;
use lexicon::handover::package::{self, Exercise, KeyAgreement, PackageBody, PackageManifest};
use pollbook::{Act, Book, Charter, DayCodes, DraftError, Rejection, VoterIndex};
use tokio::sync::watch;

use super::second_day::needs_reason;
use super::{
    Card, DayRefused, Desk, Kit, KitConfig, OpenError, Publishers, changes, corrections, hours,
    kept, list_pages, second_day, tickets,
};
use crate::capture::Fingers;
use crate::disk::{Disk, HostDisk, replace, settle_folder};
use crate::journal::{Journal, JournalError, failed, whole_frames};
use crate::mark::{Mark, MarkPlace};
use crate::mend;
use crate::restore::DOUBT;
use crate::training::leftovers;

/// Pairs that a day code never shows.
const BANNED_PAIRS: &[&str] = &["ЖП", "ПЖ", "СС", "КГ", "ГД", "ЛГ", "ПД", "ДГ"];

impl Kit {
    /// Opens a kit: manifest, package, journal, and on the first opening the event OPENED.
    ///
    /// `cards` are the officers' present cards; the first `k` that the manifest names are used.
    /// A kit that was open before (a restart) takes its journal up and writes no second OPENED.
    ///
    /// Keys of the commission above say why they stand in for officers by `glass` of the configuration, once for a kit.
    ///
    /// # Errors
    /// [`OpenError`]; each wrong input has its own variant, and nothing was written.
    pub fn open(
        config: KitConfig,
        key: Arc<dyn Card>,
        cards: &[&dyn Card],
    ) -> Result<Arc<Self>, OpenError> {
        Self::open_on(Arc::new(HostDisk), config, key, cards)
    }

    /// Opens a kit as [`Kit::open`] does, on a given disk.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open_on(
        disk: Arc<dyn Disk>,
        config: KitConfig,
        key: Arc<dyn Card>,
        cards: &[&dyn Card],
    ) -> Result<Arc<Self>, OpenError> {
        let (charter, grants, refused) = charter_and_grants(&config)?;
        let charter = Arc::new(charter);
        let manifest = charter.manifest();
        let reading = config.clock.read();
        let now = reading.wall.micros();
        let is_late = now > manifest.not_after
            && second_day::last_closing(&config, &charter, key.kid())
                .is_none_or(|last| now >= last);
        if now < manifest.not_before || is_late {
            return Err(OpenError::NotNow {
                from: lexicon::Instant::from_micros(manifest.not_before),
                to: lexicon::Instant::from_micros(manifest.not_after),
                now: reading.wall,
            });
        }
        if let Some((from, to)) = charter.grant_window(key.kid())
            && !charter.is_admitted_at(key.kid(), now)
        {
            return Err(OpenError::GrantNotNow {
                from: lexicon::Instant::from_micros(from),
                to: lexicon::Instant::from_micros(to),
                now: reading.wall,
            });
        }
        let release = config
            .folder
            .join(format!("{}.release", charter.kit_name(key.kid())));
        let opened = opened_release(&*disk, &release, manifest)?;
        let ciphertext = config.ciphertext.read().map_err(OpenError::Unreadable)?;
        let got = ciphertext.len() as u64;
        if got < manifest.ciphertext_bytes {
            return Err(OpenError::Truncated {
                expected: manifest.ciphertext_bytes,
                got,
            });
        }
        let agreements: Vec<&dyn KeyAgreement> = cards.iter().map(|card| *card as _).collect();
        let mut known = grants.iter().map(|(grant, _)| grant);
        let grant = known.rfind(|grant| *grant.kit.point == key.public().0);
        if grant.is_none()
            && charter.kit(key.kid()).is_none()
            && let Some((file, why)) = refused.into_iter().next_back()
        {
            return Err(OpenError::Grant { file, why });
        }
        let body = package::open_granted(
            manifest,
            ciphertext,
            &agreements,
            &*key as &dyn KeyAgreement,
            grant,
        )?;
        agree(manifest, &body)?;
        let ring = ring_of(&charter, &config.publishers);
        let me = key.kid();
        let home = body
            .voters
            .iter()
            .filter(|voter| voter.home)
            .map(|voter| voter.line)
            .collect();
        let mut book = Book::new(Arc::clone(&charter), me, home);
        let (journal, peers, mark) = take_up(&disk, &config, &charter, &ring, &mut book)?;
        let said = config
            .folder
            .join(format!("{}.hours", charter.kit_name(me)));
        let said = hours::Said::read(&disk, &said, config.election).map_err(failed(&said))?;
        let doubt = config
            .folder
            .join(format!("{}.restored", charter.kit_name(me)));
        if disk.read(&doubt).map_err(failed(&doubt))?.as_deref() == Some(DOUBT) {
            book.doubt();
        }
        let resumed = config
            .folder
            .join(format!("{}.resumed", charter.kit_name(me)));
        let (resumed, unprinted) =
            kept::Resumed::read(&disk, &resumed, &book).map_err(failed(&resumed))?;
        let corrections = config
            .folder
            .join(format!("{}.corrections", charter.kit_name(me)));
        let corrections = corrections::Corrections::read(&disk, &corrections, config.election)
            .map_err(failed(&corrections))?;
        let read = config
            .folder
            .join(format!("{}.pages", charter.kit_name(me)));
        let list_pages = list_pages::PagesRead::read(&disk, &read).map_err(failed(&read))?;
        let printed = config
            .folder
            .join(format!("{}.tickets", charter.kit_name(me)));
        let tickets = tickets::Tickets::read(&disk, &printed).map_err(failed(&printed))?;
        let day = lexicon::Instant::from_micros(manifest.policy.opens)
            .local_date(i64::from(manifest.policy.offset_minutes));
        let kit = Arc::new(Self {
            index: VoterIndex::new(&body, day),
            day: DayCodes::new(&body.day_key, BANNED_PAIRS),
            fingers: Fingers::default(),
            entries: changes::Entries::default(),
            charter,
            me,
            key,
            ring,
            body,
            clock: config.clock,
            printer: config.printer,
            folder: config.folder,
            sealed: (config.manifest, config.ciphertext),
            disk,
            told: Mutex::default(),
            said: Mutex::new(said),
            turnout_desk: OnceLock::new(),
            corrections,
            list_pages: Mutex::new(list_pages),
            tickets: Mutex::new(tickets),
            paper_languages: OnceLock::new(),
            software: OnceLock::new(),
            supplies: OnceLock::new(),
            grants: OnceLock::new(),
            medium: OnceLock::new(),
            links: Mutex::new(BTreeMap::new()),
            desk: Mutex::new(Desk {
                book,
                journal,
                peers,
                mark,
                attempts: BTreeMap::new(),
                peer_heads: BTreeMap::new(),
                heard: BTreeMap::new(),
                other_list: std::collections::BTreeSet::new(),
                is_storage_lost: false,
                storage_fault: None,
                unprinted,
                resumed,
            }),
            captures: Mutex::new(None),
            printing: Mutex::new(()),
            reporting: Mutex::new(()),
            changed: watch::Sender::new(0),
        });
        kit.sign_opening(config.glass.as_deref(), cards)?;
        kit.note_admitted();
        for (file, signed) in &config.decisions {
            match kit.take_decision(signed) {
                Ok(_) | Err(DayRefused::Known) => {}
                Err(why) => {
                    tracing::warn!(file, code = why.code(), %why, "a decision on another day is not taken")
                }
            }
        }
        let now = kit.charter.manifest().release;
        if opened.is_none_or(|opened| opened < now) {
            replace(&*kit.disk, &release, now.to_string().as_bytes()).map_err(failed(&release))?;
        }
        kit.record_ahead(&mut kit.desk());
        kit.read_entries();
        kit.record_mended();
        Ok(kit)
    }

    /// Writes into the journal that it was put together before this opening; a kit that is stopped does it at the next.
    fn record_mended(&self) {
        let path = self.folder.join(format!("{}.mended", self.name()));
        let note = self.disk.read(&path).ok().flatten();
        let Some(seqs) = note.and_then(|note| mend::unrecorded(&note)) else {
            return;
        };
        let recorded = self.note_mended("JOURNAL_RESTORED", &seqs);
        if let Err(error) = recorded {
            tracing::warn!(%error, "the journal that was put together is not recorded yet");
        } else if let Err(error) = replace(&*self.disk, &path, mend::RECORDED) {
            tracing::warn!(%error, "the journal that was put together is recorded again at the next opening");
        }
    }

    fn sign_opening(&self, glass: Option<&str>, cards: &[&dyn Card]) -> Result<(), OpenError> {
        let reading = self.clock.read();
        let mut desk = self.desk();
        let signers = self.signers(cards);
        let chosen: Vec<Kid> = signers.iter().map(|card| card.kid()).collect();
        let is_theirs = chosen.iter().any(|kid| self.charter.holder(*kid).is_some());
        if is_theirs && !desk.book.is_glass_broken() {
            let reason = glass.filter(|reason| GLASS_REASONS.contains(reason));
            needs_reason(&self.charter, &chosen, reason.is_some()).map_err(DraftError::from)?;
            let draft = desk.book.break_glass(reason.unwrap_or_default(), reading);
            let draft = draft.map_err(|refusal| self.refused(&refusal))?;
            let draft = draft.consented(&signers)?;
            self.commit(&mut desk, draft)?;
        }
        if let Some(draft) = desk.book.open(reading) {
            let draft = draft.consented(&signers)?;
            self.commit(&mut desk, draft)?;
        }
        Ok(())
    }

    /// The cards that sign: each once, as many officers as are needed, or the commission above when there are not.
    pub(super) fn signers<'a>(&self, cards: &[&'a dyn Card]) -> Vec<&'a dyn Signer> {
        let kids: Vec<_> = cards.iter().map(|card| card.kid()).collect();
        let chosen = self.charter.signers(&kids);
        let card = |kid| cards.iter().find(|card| card.kid() == kid);
        let chosen = chosen.into_iter().filter_map(card);
        chosen.map(|card| *card as _).collect()
    }
}

/// The rules that a kit's manifest states; no card is needed to read them.
pub(crate) fn charter_of(config: &KitConfig) -> Result<Charter, OpenError> {
    charter_and_grants(config).map(|(charter, _, _)| charter)
}

/// The same, with the grants that were taken and those that were not, read once.
fn charter_and_grants(config: &KitConfig) -> Result<(Charter, Granted, Refused), OpenError> {
    let subject = Subject {
        kind: DocumentType::PackageManifest,
        election: config.election,
    };
    let signed = open_all(
        subject,
        &config.manifest,
        &config.publishers.ring,
        &config.publishers.required,
    )
    .map_err(|error| other_election(config, subject).unwrap_or(OpenError::Manifest(error)))?;
    let manifest: PackageManifest = decode(&signed.payload).map_err(OpenError::Manifest)?;
    if manifest.precinct != config.precinct.number() {
        return Err(OpenError::WrongPrecinct {
            expected: config.precinct,
            found: manifest.precinct,
        });
    }
    if manifest.election != config.election {
        return Err(OpenError::Contents("election"));
    }
    if manifest.exercise != config.exercise {
        return Err(OpenError::Exercise {
            expected: config.exercise,
            found: manifest.exercise,
        });
    }
    let charter = Charter::new(manifest, signed.id)?.signed_by(&config.publishers.required);
    let (grants, cards, refused) = grants_of(config, &charter);
    for (file, why) in &refused {
        tracing::warn!(file, why, "a grant is not taken");
    }
    let charter = charter.granting(&grants);
    let charter = charter.and_then(|charter| charter.admitting(&cards));
    let charter = charter.map_err(|error| OpenError::Consent(error.into()))?;
    Ok((charter, grants, refused))
}

type Granted = Vec<(KitGrant, Vec<Kid>)>;
type Cards = Vec<(CardGrant, Vec<Kid>)>;
/// File names of grants that are not taken, each with what is wrong.
type Refused = Vec<(String, String)>;

/// The grants of kits and of cards that hold for this package, with their signers, and the others with what is wrong with them.
fn grants_of(config: &KitConfig, charter: &Charter) -> (Granted, Cards, Refused) {
    let ring = ring_of(charter, &config.publishers);
    let (mut good, mut cards, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for (file, signed) in &config.grants {
        if CardGrant::is_one(config.election, signed) {
            match charter.read_card(signed, &ring) {
                Ok(card) => cards.push(card),
                Err(why) => refused.push((file.clone(), why.to_string())),
            }
            continue;
        }
        match charter.read_grant(signed, &ring) {
            Ok(grant) => good.push(grant),
            Err(why) => refused.push((file.clone(), why.to_string())),
        }
    }
    (good, cards, refused)
}

/// The keys that may sign what stands in a journal: the precinct's kits and officers, and the institutions that sign
/// changes of the list. An event itself is signed by a kit: the door looks who it is.
pub(crate) fn ring_of(charter: &Charter, publishers: &Publishers) -> KeyRing {
    let manifest = charter.manifest();
    let kits = manifest.kits.iter().chain(charter.granted());
    let kits = kits.map(|kit| PublicKey(*kit.point));
    let officers = charter.officers();
    let officers = officers.map(|officer| PublicKey(*officer.point));
    let institutions = publishers.required.iter();
    let institutions = institutions.filter_map(|kid| publishers.ring.get(*kid));
    KeyRing::of(
        kits.chain(officers)
            .chain(manifest.holders())
            .chain(institutions),
    )
}

/// Whether the manifest that did not open says itself that it is another election's.
fn other_election(config: &KitConfig, subject: Subject) -> Option<OpenError> {
    let payload = peek_all(subject, &config.manifest).ok()?;
    let manifest: PackageManifest = decode(&payload).ok()?;
    let (expected, found) = (config.election, manifest.election);
    (expected != found).then_some(OpenError::OtherElection { expected, found })
}

/// The greatest release that was opened in this folder, and where it is kept: `K1.release`.
fn opened_release(
    disk: &dyn Disk,
    path: &Path,
    manifest: &PackageManifest,
) -> Result<Option<u32>, OpenError> {
    let kept = disk.read(path).map_err(failed(path))?;
    let opened = kept.and_then(|kept| String::from_utf8(kept).ok()?.trim().parse().ok());
    match opened {
        Some(opened) if opened > manifest.release => Err(OpenError::Older {
            opened,
            found: manifest.release,
        }),
        other => Ok(other),
    }
}

fn agree(manifest: &PackageManifest, body: &PackageBody) -> Result<(), OpenError> {
    if body.version != 0 {
        return Err(OpenError::Contents("version"));
    }
    if body.election != manifest.election || body.precinct != manifest.precinct {
        return Err(OpenError::Contents("election or precinct"));
    }
    let lines = u32::try_from(body.voters.len()).unwrap_or(u32::MAX);
    let in_order = body
        .voters
        .iter()
        .zip(1..)
        .all(|(voter, line)| voter.line == line);
    if lines != manifest.lines || !in_order {
        return Err(OpenError::Contents("lines"));
    }
    if body
        .voters
        .iter()
        .any(|voter| voter.fingers.len() > 4 || voter.photo.len() > 8 << 10)
    {
        return Err(OpenError::Contents(
            "more than 4 fingers or 8 KiB of photograph",
        ));
    }
    Ok(())
}

/// Reads the own journal, the copies of the peers' and the mark into the book.
fn take_up(
    disk: &Arc<dyn Disk>,
    config: &KitConfig,
    charter: &Charter,
    ring: &KeyRing,
    book: &mut Book,
) -> Result<(Journal, Journal, Mark), OpenError> {
    let folder = &config.folder;
    settle_folder(&**disk, folder).map_err(failed(folder))?;
    let name = charter.kit_name(book.me());
    let path = folder.join(format!("{name}.journal"));
    if charter.exercise() != Some(Exercise::Training)
        && let Some((file, events)) = leftovers(&**disk, folder, std::slice::from_ref(&name))
            .map_err(failed(folder))?
            .into_iter()
            .next()
    {
        return Err(OpenError::Training { file, events });
    }
    let place = mark_place(disk, config, charter, &name);
    inspect_own(disk, &place, folder, &name, ring, book)?;
    let own = Journal::open(&**disk, &path)?;
    if own.was_torn {
        tracing::warn!(path = %path.display(), "an unfinished record was cut off; it was never acknowledged");
    }
    let mark = Mark::take_up(&place, book.head(book.me()).seq)?;
    let copies = Journal::open_copies(&**disk, &folder.join(format!("{name}.peers")))?;
    // A peer's stamp from the future is no more followed here than when it came.
    let wall = config.clock.read().wall;
    for record in &copies.records {
        let admitted: Result<Act, Rejection> = book.admit(record, ring);
        match admitted {
            Ok(act) => {
                book.merge(act.lean(), Some(wall));
            }
            Err(_) => book.count_rejected(),
        }
    }
    Ok((own.journal, copies.journal, mark))
}

/// Where the mark of a kit's journal stands. Of an exercise it stands in the folder alone.
pub(crate) fn mark_place(
    disk: &Arc<dyn Disk>,
    config: &KitConfig,
    charter: &Charter,
    name: &str,
) -> MarkPlace {
    let counters = config.counters.as_ref();
    let token = counters
        .filter(|_| config.exercise.is_none())
        .map(|counters| {
            let manifest = charter.manifest();
            let list = hex(&charter.root_prefix());
            let counter = format!("journal {} {} {list}", manifest.election, manifest.precinct);
            (Arc::clone(counters), counter)
        });
    MarkPlace::new(disk, config.folder.join(format!("{name}.mark")), token)
}

/// Takes the own journal into the book, and finds whatever is wrong with it; nothing is written.
///
/// A folder in which a mark stands, or a release that was opened, has held a journal: one that is gone or empty is
/// refused, never begun anew.
///
/// # Errors
/// [`JournalError`]; the book is then of no use.
pub(crate) fn inspect_own(
    disk: &Arc<dyn Disk>,
    place: &MarkPlace,
    folder: &Path,
    name: &str,
    ring: &KeyRing,
    book: &mut Book,
) -> Result<(), JournalError> {
    let path = folder.join(format!("{name}.journal"));
    let release = folder.join(format!("{name}.release"));
    let was_opened = disk.read(&release).map_err(failed(&release))?.is_some();
    let mark = place.read()?.map(|mark| mark.seq());
    let lost = || JournalError::Lost {
        path: path.display().to_string(),
        seq: mark.unwrap_or(0).max(u32::from(was_opened)),
    };
    let bytes = disk.read(&path).map_err(failed(&path))?;
    if bytes.is_none() && (was_opened || mark.is_some()) {
        return Err(lost());
    }
    let bytes = bytes.unwrap_or_default();
    let frames = whole_frames(&path, &bytes)?;
    walk(book, ring, &path, frames.events.iter().copied())?;
    let held = book.head(book.me()).seq;
    if held == 0 && was_opened {
        return Err(lost());
    }
    match mark {
        Some(mark) if mark > held => Err(JournalError::SetBack {
            path: path.display().to_string(),
            held,
            mark,
        }),
        _ => Ok(()),
    }
}

/// Takes the kit's own records into its book, each the next of the chain.
///
/// # Errors
/// [`JournalError::Foreign`] naming `path` and the record.
pub(crate) fn walk<'a>(
    book: &mut Book,
    ring: &KeyRing,
    path: &Path,
    records: impl Iterator<Item = &'a [u8]>,
) -> Result<(), JournalError> {
    for (record, signed) in (1..).zip(records) {
        let foreign = |why: String| JournalError::Foreign {
            path: path.display().to_string(),
            record,
            why,
        };
        let act = book
            .admit(signed, ring)
            .map_err(|rejection| foreign(rejection.to_string()))?;
        follows(book, &act).map_err(|why| foreign(why.to_owned()))?;
        book.merge(act.lean(), None);
    }
    Ok(())
}

/// Whether an act is the next of the own chain.
fn follows(book: &Book, act: &Act) -> Result<(), &'static str> {
    let head = book.head(book.me());
    if act.name.kit != book.me() {
        Err("it is another kit's")
    } else if act.name.seq != head.seq + 1 {
        Err("its counter is not the next")
    } else if act.previous != head.id {
        Err("it does not name the event before")
    } else if head.seq > 0
        && book
            .event(head.kit, head.seq)
            .is_some_and(|before| act.hlc <= before.hlc)
    {
        Err("its time is not after the event before")
    } else {
        Ok(())
    }
}
