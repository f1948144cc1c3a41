//! The end of the day: sealed journals and reports of the stations, checked, kept, and folded into what the day was.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use keys::KeyRing;
use lexicon::handover::capture::CaptureList;
use lexicon::handover::card_grant::CardGrant;
use lexicon::handover::envelope::{
    DocumentId, DocumentType, Kid, PublicKey, Subject, decode, hex, open_all, peek_all, peek1,
    sha256,
};
use lexicon::handover::event::{Event, Tail, event_subject, unframe};
use lexicon::handover::kit_grant::KitGrant;
use lexicon::handover::package::PackageManifest;
use lexicon::handover::picture::{FILE_END, KeptPicture};
use lexicon::handover::report::{Report, kind};
use lexicon::{ElectionLaw, Instant, Method, PersonId, PrecinctCode};
use pollbook::{Act, Book, Charter, arithmetic_fault, method_of, taken_of};
use store::{
    DayDocument, DayDocumentKind, DayIncident, DayKit, DayMark, DayPrecinct, Store, StoreError, Tx,
    VotingDayRow,
};

use crate::captures::{self, CapturesRefused};
use crate::manifests;
use crate::pictures;

/// Why a file was not kept: whoever brought it looks for the right one, or calls the engineer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DayRefused {
    /// It is neither a journal nor a report.
    #[error("this is neither a journal nor a report of a station")]
    Unreadable,
    /// The office has no manifest of the precinct: `tizme office packages` first.
    #[error("no manifest of precinct {0:04} is here")]
    NoManifest(u16),
    /// The journal is damaged behind its whole records.
    #[error("the journal is damaged after {whole} whole events")]
    Damaged {
        /// Events before the damage.
        whole: usize,
    },
    /// An event does not hold.
    #[error("event {number} does not hold: {why}")]
    Event {
        /// Its place in the file, from 1.
        number: usize,
        /// What is wrong.
        why: String,
    },
    /// A report's signatures or its sums do not hold.
    #[error("the report does not hold: {0}")]
    Report(String),
    /// A grant for a spare kit that does not hold, or whose signers may not admit one.
    #[error("the grant for a spare kit does not hold: {0}")]
    Grant(String),
    /// A sealed picture that no journal here names: its journal comes first.
    #[error("no journal here names this picture")]
    Picture,
    /// A list of captures that does not hold, or whose journal is not here yet.
    #[error(transparent)]
    Captures(#[from] CapturesRefused),
}

impl DayRefused {
    /// The code of the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            DayRefused::Unreadable => "unreadable",
            DayRefused::NoManifest(_) => "no_manifest",
            DayRefused::Damaged { .. } => "damaged",
            DayRefused::Event { .. } => "event",
            DayRefused::Report(_) => "report",
            DayRefused::Grant(_) => "grant",
            DayRefused::Picture => "picture",
            DayRefused::Captures(_) => "captures",
        }
    }

    /// Every code.
    pub const CODES: [&'static str; 8] = [
        "unreadable",
        "no_manifest",
        "damaged",
        "event",
        "report",
        "grant",
        "picture",
        "captures",
    ];
}

/// Why a folder could not be taken in at all.
#[derive(Debug, thiserror::Error)]
pub enum DayError {
    /// A file or folder cannot be read.
    #[error("{}: {source}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What became of the files.
#[derive(Debug, Default)]
pub struct DayReceived {
    /// Kept as new.
    pub kept: usize,
    /// Known already, byte for byte.
    pub known: usize,
    /// Refused, with the file's name.
    pub refused: Vec<(String, DayRefused)>,
    /// Precincts that were counted anew.
    pub precincts: Vec<u16>,
}

/// A precinct's rules with the keys that speak in it.
pub(crate) struct Hall {
    pub charter: std::sync::Arc<Charter>,
    pub ring: KeyRing,
}

impl Hall {
    pub fn find(tx: &mut Tx<'_>, precinct: u16, election: u32) -> Result<Option<Self>, StoreError> {
        let Ok(code) = PrecinctCode::new(precinct) else {
            return Ok(None);
        };
        let row = tx.find_station_manifest(code)?;
        let read = row.and_then(|row| manifests::opened(&row, election));
        let hall = read.and_then(|(manifest, package)| Self::of(manifest, package));
        let grants = tx.kit_grants(precinct)?;
        Ok(hall.map(|hall| {
            grants
                .iter()
                .fold(hall, |hall, grant| hall.with_spare(grant))
        }))
    }

    /// A grant for a spare kit, checked as a kit of the precinct checks it: signatures, package, who signed.
    fn grant(&self, file: &[u8]) -> Result<(KitGrant, Vec<Kid>), DayRefused> {
        let read = self.charter.read_grant(file, &self.ring);
        read.map_err(|why| DayRefused::Grant(why.to_string()))
    }

    /// A decision on one more officer's card, checked as a kit of the precinct checks it.
    fn card(&self, file: &[u8]) -> Result<(CardGrant, Vec<Kid>), DayRefused> {
        let read = self.charter.read_card(file, &self.ring);
        read.map_err(|why| DayRefused::Grant(why.to_string()))
    }

    /// The same precinct with the spare or the card that a grant admits; as it was when the grant does not hold.
    fn with_spare(self, file: &[u8]) -> Self {
        let charter = (*self.charter).clone();
        match charter.admit_signed(file, &self.ring) {
            Ok((charter, key)) => {
                let mut ring = self.ring;
                ring.add(key);
                let charter = std::sync::Arc::new(charter);
                Self { charter, ring }
            }
            Err(_) => self,
        }
    }

    /// The rules of a manifest that was checked when it was taken in.
    pub fn of(manifest: PackageManifest, package: DocumentId) -> Option<Self> {
        let ring = KeyRing::of(manifest.keys());
        let charter = Charter::new(manifest, package).ok()?.believing_kits();
        Some(Self {
            charter: std::sync::Arc::new(charter),
            ring,
        })
    }

    pub fn manifest(&self) -> &PackageManifest {
        self.charter.manifest()
    }

    /// Every event of a journal, admitted as a kit of the precinct admits it.
    pub fn acts(&self, file: &[u8]) -> Result<Vec<Act>, DayRefused> {
        let frames = unframe(file);
        if frames.tail == Tail::Damaged {
            return Err(DayRefused::Damaged {
                whole: frames.events.len(),
            });
        }
        let kit = self.charter.kits().first().copied();
        let kit = kit.ok_or(DayRefused::Unreadable)?;
        // A kit's own journal says by which list each of its events stands.
        let mut lists = Book::new(std::sync::Arc::clone(&self.charter), kit, Vec::new());
        let mut acts = Vec::with_capacity(frames.events.len());
        for (at, signed) in frames.events.iter().enumerate() {
            let admitted = lists.admit(signed, &self.ring);
            let act = admitted.map_err(|error| DayRefused::Event {
                number: at + 1,
                why: error.to_string(),
            })?;
            if taken_of(&act).is_some() {
                lists.merge(act.clone(), None);
            }
            acts.push(act);
        }
        Ok(acts)
    }

    /// The fold of the journals that are kept: checked when they were; a later, longer copy of one brings the same
    /// events again.
    pub fn book(&self, documents: &[DayDocument]) -> Option<Book> {
        let first = self.charter.kits().first().copied()?;
        let mut book = Book::new(std::sync::Arc::clone(&self.charter), first, Vec::new());
        let journals = documents
            .iter()
            .filter(|document| document.kind == DayDocumentKind::Journal);
        for journal in journals {
            for act in self.acts(&journal.bytes).unwrap_or_default() {
                book.merge(act, None);
            }
        }
        Some(book)
    }

    fn report(&self, file: &[u8]) -> Result<Report, DayRefused> {
        let subject = report_subject(self.manifest().election);
        let wrong = |why: String| DayRefused::Report(why);
        let signed =
            open_all(subject, file, &self.ring, &[]).map_err(|error| wrong(error.to_string()))?;
        let report: Report = decode(&signed.payload).map_err(|error| wrong(error.to_string()))?;
        let kit = Kid(*report.kit);
        if self.charter.kit(kit).is_none() || !signed.signers.contains(&kit) {
            return Err(wrong("its kit did not sign it".to_owned()));
        }
        let officers: Vec<Kid> = signed
            .signers
            .into_iter()
            .filter(|kid| *kid != kit)
            .collect();
        self.charter
            .approve(&officers)
            .map_err(|error| wrong(error.to_string()))?;
        if report.precinct != self.manifest().precinct {
            return Err(wrong("it is of another precinct".to_owned()));
        }
        arithmetic_fault(&report).map_or(Ok(report), |fault| Err(wrong(fault)))
    }
}

pub(crate) fn report_subject(election: u32) -> Subject {
    Subject {
        kind: DocumentType::Report,
        election,
    }
}

/// What a file says that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Claim {
    /// A grant for a spare kit or a card: read before what they signed.
    Grant,
    Journal,
    Report,
    /// A sealed picture: read after the journals that name it.
    Picture,
    /// A kit's list of captures: read after the journals of their acts.
    Captures,
}

/// A file with its name, and what it says that it is.
type Claimed<'a> = (Claim, &'a (String, Vec<u8>));

/// Which precinct a file says it is of, without believing it, and what it is.
fn claims(file: &[u8], election: u32) -> Option<(u16, Claim)> {
    let granting = Subject {
        kind: DocumentType::KitGrant,
        election,
    };
    if let Ok(payload) = peek_all(granting, file) {
        let grant: KitGrant = decode(&payload).ok()?;
        return Some((grant.precinct, Claim::Grant));
    }
    let admitting = Subject {
        kind: DocumentType::CardGrant,
        election,
    };
    if let Ok(payload) = peek_all(admitting, file) {
        let grant: CardGrant = decode(&payload).ok()?;
        return Some((grant.precinct, Claim::Grant));
    }
    if let Ok(payload) = peek_all(report_subject(election), file) {
        let report: Report = decode(&payload).ok()?;
        return Some((report.precinct, Claim::Report));
    }
    if let Ok(list) = CaptureList::peek(file, election) {
        return Some((list.precinct, Claim::Captures));
    }
    if let Ok(kept) = KeptPicture::read(file) {
        return (kept.election == election).then_some((kept.precinct, Claim::Picture));
    }
    let first = unframe(file).events.first().copied()?.to_vec();
    let (_, payload) = peek1(event_subject(election), &first).ok()?;
    let event: Event = decode(&payload).ok()?;
    Some((event.precinct, Claim::Journal))
}

fn judge(
    tx: &mut Tx<'_>,
    file: &[u8],
    election: u32,
) -> Result<Result<DayDocument, DayRefused>, StoreError> {
    let Some((precinct, claim)) = claims(file, election) else {
        return Ok(Err(DayRefused::Unreadable));
    };
    let Some(hall) = Hall::find(tx, precinct, election)? else {
        return Ok(Err(DayRefused::NoManifest(precinct)));
    };
    let judged = if claim == Claim::Journal {
        hall.acts(file).and_then(|acts| {
            let first = acts.first().ok_or(DayRefused::Unreadable)?;
            let is_one = acts.iter().all(|act| act.name.kit == first.name.kit);
            is_one.then_some(()).ok_or(DayRefused::Unreadable)?;
            Ok((DayDocumentKind::Journal, first.name.kit, acts.len()))
        })
    } else {
        hall.report(file).map(|report| {
            let kind = match report.kind {
                kind::INITIAL => DayDocumentKind::Initial,
                kind::FINAL => DayDocumentKind::Final,
                _ => DayDocumentKind::Running,
            };
            (kind, Kid(*report.kit), report.number as usize)
        })
    };
    Ok(judged.map(|(kind, kit, number)| DayDocument {
        sha256: hex(&sha256(file)),
        precinct: hall.manifest().precinct,
        kind,
        kit: hall.charter.kit_name(kit),
        number: u64::try_from(number).unwrap_or(u64::MAX),
        bytes: file.to_vec(),
    }))
}

/// A precinct with what was handed in of it, and the fold of its journals.
struct Folded {
    hall: Hall,
    documents: Vec<DayDocument>,
    book: Option<Book>,
}

impl Folded {
    fn of(tx: &mut Tx<'_>, precinct: u16, election: u32) -> Result<Option<Self>, StoreError> {
        let Some(hall) = Hall::find(tx, precinct, election)? else {
            return Ok(None);
        };
        let documents = tx.day_documents(hall.manifest().precinct)?;
        let book = hall.book(&documents);
        Ok(Some(Self {
            hall,
            documents,
            book,
        }))
    }
}

/// Keeps a grant that holds; false when it was kept before.
fn keep_grant(
    tx: &mut Tx<'_>,
    precinct: u16,
    file: &[u8],
    election: u32,
    staff: &str,
) -> Result<Result<bool, DayRefused>, StoreError> {
    let known = tx.kit_grants(precinct)?;
    if known.iter().any(|kept| kept == file) {
        return Ok(Ok(false));
    }
    let Some(hall) = Hall::find(tx, precinct, election)? else {
        return Ok(Err(DayRefused::NoManifest(precinct)));
    };
    // A card has no short name: its key id stands there.
    let name = if CardGrant::is_one(election, file) {
        let card = hall.card(file);
        card.map(|(card, _)| PublicKey(*card.officer.point).kid().hex())
    } else {
        hall.grant(file).map(|(grant, _)| grant.kit.name)
    };
    let name = match name {
        Ok(name) => name,
        Err(refused) => return Ok(Err(refused)),
    };
    let hash = hex(&sha256(file));
    let kept = tx.record_kit_grant(&hash, precinct, &name, file, staff)?;
    Ok(Ok(kept))
}

/// Keeps a sealed picture that an act of a journal kept here names; false when it was kept before.
fn keep_picture(
    tx: &mut Tx<'_>,
    precinct: u16,
    file: &[u8],
    named: &BTreeMap<[u8; 32], pictures::Named>,
    election: u32,
) -> Result<Result<bool, DayRefused>, StoreError> {
    let Some(hall) = Hall::find(tx, precinct, election)? else {
        return Ok(Err(DayRefused::NoManifest(precinct)));
    };
    let name = |kit| hall.charter.kit_name(Kid(kit));
    match pictures::row_of(file, named, name) {
        Some(row) => Ok(Ok(tx.record_picture(&row, file)?)),
        None => Ok(Err(DayRefused::Picture)),
    }
}

/// Keeps a kit's list of captures whose acts stand in journals kept here; false when it was kept before.
fn keep_captures(
    tx: &mut Tx<'_>,
    precinct: u16,
    file: &[u8],
    folded: Option<&Folded>,
) -> Result<Result<bool, DayRefused>, StoreError> {
    let Some(folded) = folded else {
        return Ok(Err(DayRefused::NoManifest(precinct)));
    };
    match captures::row_of(&folded.hall, folded.book.as_ref(), file) {
        Ok(row) => Ok(Ok(tx.record_captures(&row, file)?)),
        Err(refused) => Ok(Err(refused.into())),
    }
}

/// Keeps what a report says of days of voting, where it says so: the precinct was closed before its time, or votes on.
fn keep_days(tx: &mut Tx<'_>, document: &DayDocument, election: u32) -> Result<(), StoreError> {
    if document.kind == DayDocumentKind::Journal {
        return Ok(());
    }
    let payload = peek_all(report_subject(election), &document.bytes).ok();
    let report: Option<Report> = payload.and_then(|payload| decode(&payload).ok());
    let Some(report) = report else {
        return Ok(());
    };
    let days = report.days.unwrap_or_default();
    let row = |(place, day): (u32, lexicon::handover::report::DayCount)| VotingDayRow {
        precinct: document.precinct,
        place,
        opens: Instant::from_micros(day.opens),
        closes: Instant::from_micros(day.closes),
        decision: day.decision.map(|id| hex(&*id)),
        suspended: day
            .suspended
            .map(|at| (Instant::from_micros(at), day.reason.unwrap_or_default())),
        counted: day.counted,
        outside: day.outside,
        reported: Instant::from_micros(report.at),
    };
    let days: Vec<VotingDayRow> = (0..).zip(days).map(row).collect();
    tx.record_voting_days(&document.sha256, &days)
}

/// Takes files in: each is checked alone, good ones are kept, and the precincts they are of are counted anew.
///
/// One transaction for each precinct's files; what was kept before stays. Cost: a signature check for each event.
///
/// # Errors
/// [`StoreError`]; nothing of the transaction was written then.
pub fn receive_files(
    store: &Store,
    law: &ElectionLaw,
    staff: &str,
    files: &[(String, Vec<u8>)],
) -> Result<DayReceived, StoreError> {
    let election = law.election.number;
    let mut received = DayReceived::default();
    let mut by_precinct: BTreeMap<u16, Vec<Claimed<'_>>> = BTreeMap::new();
    for file in files {
        match claims(&file.1, election) {
            Some((precinct, claim)) => by_precinct.entry(precinct).or_default().push((claim, file)),
            None => received
                .refused
                .push((file.0.clone(), DayRefused::Unreadable)),
        }
    }
    for (precinct, mut files) in by_precinct {
        files.sort_by_key(|(claim, _)| *claim);
        let found = store.transact("receive_day", staff, |tx| {
            let mut found = DayReceived::default();
            let mut is_counted = false;
            let mut named = None;
            // Folded once for captures and figures: journals of the same hand-in stand before them.
            let mut folded = None;
            for (claim, (name, bytes)) in &files {
                if *claim == Claim::Picture {
                    // Journals of the same hand-in stand before it.
                    let named = match &mut named {
                        Some(named) => named,
                        none => none.insert(pictures::named(tx, precinct, election)?),
                    };
                    match keep_picture(tx, precinct, bytes, named, election)? {
                        Err(refused) => found.refused.push((name.clone(), refused)),
                        Ok(true) => found.kept += 1,
                        Ok(false) => found.known += 1,
                    }
                    continue;
                }
                if *claim == Claim::Captures {
                    if folded.is_none() {
                        folded = Folded::of(tx, precinct, election)?;
                    }
                    match keep_captures(tx, precinct, bytes, folded.as_ref())? {
                        Err(refused) => found.refused.push((name.clone(), refused)),
                        Ok(true) => found.kept += 1,
                        Ok(false) => found.known += 1,
                    }
                    continue;
                }
                if *claim == Claim::Grant {
                    match keep_grant(tx, precinct, bytes, election, staff)? {
                        Err(refused) => found.refused.push((name.clone(), refused)),
                        Ok(true) => (found.kept, is_counted) = (found.kept + 1, true),
                        Ok(false) => found.known += 1,
                    }
                    continue;
                }
                match judge(tx, bytes, election)? {
                    Err(refused) => found.refused.push((name.clone(), refused)),
                    Ok(document) if tx.record_day_document(&document, staff)? => {
                        keep_days(tx, &document, election)?;
                        (found.kept, is_counted) = (found.kept + 1, true);
                    }
                    Ok(_) => found.known += 1,
                }
            }
            if is_counted {
                if folded.is_none() {
                    folded = Folded::of(tx, precinct, election)?;
                }
                if let Some(folded) = &folded {
                    count(tx, precinct, folded)?;
                }
            }
            Ok::<_, StoreError>(found)
        })?;
        received.kept += found.kept;
        received.known += found.known;
        received.refused.extend(found.refused);
        if found.kept > 0 {
            received.precincts.push(precinct);
        }
    }
    Ok(received)
}

/// Takes a folder `journals/` in, at any depth; files that are neither `*.journal`, `*.grant`, `*.cose` nor
/// `*.sealed` are passed over, and
/// the folder's own manifest with them.
///
/// # Errors
/// [`DayError`].
pub fn receive_folder(
    store: &Store,
    law: &ElectionLaw,
    staff: &str,
    dir: &Path,
) -> Result<DayReceived, DayError> {
    let mut paths = Vec::new();
    walk(dir, &mut paths)?;
    paths.sort_unstable();
    let mut all = DayReceived::default();
    // A precinct's files lie in one folder: the memory of one folder at a time is enough.
    for group in paths.chunk_by(|a, b| a.parent() == b.parent()) {
        let mut files = Vec::new();
        for path in group {
            let bytes = std::fs::read(path).map_err(|source| DayError::File {
                path: path.clone(),
                source,
            })?;
            let name = path.strip_prefix(dir).unwrap_or(path).display().to_string();
            files.push((name, bytes));
        }
        let found = receive_files(store, law, staff, &files)?;
        all.kept += found.kept;
        all.known += found.known;
        all.refused.extend(found.refused);
        all.precincts.extend(found.precincts);
    }
    Ok(all)
}

fn walk(dir: &Path, paths: &mut Vec<PathBuf>) -> Result<(), DayError> {
    let at = |source| DayError::File {
        path: dir.to_owned(),
        source,
    };
    for entry in std::fs::read_dir(dir).map_err(at)? {
        let path = entry.map_err(at)?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_dir() {
            walk(&path, paths)?;
        } else if name.ends_with(".journal")
            || name.ends_with(".grant")
            || name.ends_with(FILE_END)
            || (name.ends_with(".cose") && name != "MANIFEST.cose")
        {
            paths.push(path);
        }
    }
    Ok(())
}

/// Folds a precinct's documents anew and keeps the result as its next edition.
fn count(tx: &mut Tx<'_>, precinct: u16, folded: &Folded) -> Result<(), StoreError> {
    let Folded {
        hall,
        documents,
        book: Some(book),
    } = folded
    else {
        return Ok(());
    };
    let finals = documents
        .iter()
        .filter(|document| document.kind == DayDocumentKind::Final);
    let reports: Vec<Report> = finals
        .filter_map(|document| hall.report(&document.bytes).ok())
        .collect();
    let code = PrecinctCode::new(precinct).map_err(|_| StoreError::Stored { column: 0 })?;
    let release = hall.manifest().release;
    let persons: BTreeMap<u32, PersonId> = tx.line_persons(release, code)?.into_iter().collect();
    let marks = marks(book, &persons);
    let kits = kits(book, &reports);
    let day = DayPrecinct {
        precinct: code,
        edition: 0,
        release,
        lines: u64::from(book.list().lines()),
        lines_per_page: u32::from(hall.manifest().policy.lines_per_page),
        counted: marks.len() as u64,
        is_whole: kits.iter().all(|kit| kit.is_closed && kit.has_report),
        reported: agreeing(book, &reports),
    };
    tx.record_day_precinct(&day, &kits, &marks, &incidents(book))
}

/// What the final reports count, when one of them knows as much as the journals do.
fn agreeing(book: &Book, reports: &[Report]) -> Option<u64> {
    let knows_all = |report: &&Report| {
        report
            .kits
            .iter()
            .all(|kit| kit.seq <= book.head(Kid(*kit.kit)).seq)
    };
    let latest = reports
        .iter()
        .filter(knows_all)
        .max_by_key(|report| report.at);
    latest.map(|report| u64::from(report.counted))
}

fn marks(book: &Book, persons: &BTreeMap<u32, PersonId>) -> Vec<DayMark> {
    let mark = |(line, act): (u32, &Act)| {
        Some(DayMark {
            line,
            kit: book.charter().kit_name(act.name.kit),
            at: act.hlc.moment(),
            method: Method::from_number(method_of(act)?)?,
            person: persons.get(&line).copied(),
        })
    };
    book.states()
        .filter_map(|(line, state)| Some((line, state.counted.as_deref()?)))
        .filter_map(mark)
        .collect()
}

/// The kits that belong to the day: with a share or seen to open.
fn kits(book: &Book, reports: &[Report]) -> Vec<DayKit> {
    let charter = book.charter();
    let belongs =
        |kit: &&Kid| book.is_at_work(**kit) || book.standing().retirement(**kit).is_some();
    let of = |kit: &Kid| DayKit {
        name: charter.kit_name(*kit),
        events: u64::from(book.head(*kit).seq),
        acts: u64::from(book.acts_of(*kit)),
        is_retired: book.standing().retirement(*kit).is_some(),
        is_closed: book.closed(*kit).is_some() || book.standing().retirement(*kit).is_some(),
        has_report: book.standing().retirement(*kit).is_some()
            || reports.iter().any(|report| Kid(*report.kit) == *kit),
    };
    charter.kits().iter().filter(belongs).map(of).collect()
}

fn incidents(book: &Book) -> Vec<DayIncident> {
    let name = |kit: &[u8; 8]| book.charter().kit_name(Kid(*kit));
    book.incidents()
        .into_iter()
        .map(|incident| DayIncident {
            code: incident.code,
            line: incident.line,
            evidence: incident
                .evidence
                .iter()
                .map(|event| format!("{}:{}", name(&event.kit), event.seq))
                .collect::<Vec<_>>()
                .join(" "),
        })
        .collect()
}
