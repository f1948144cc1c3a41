//! Step `delta`: the list in force and a newer snapshot → one more delta in `deltas/`, drawn without a signature of the
//! institutions: each signs alone ([`crate::drawn`]), and nothing is drawn after it until both have.
//!
//! `deltas/` belongs to the release in `roll/`: for each delta N it holds `delta-N.cose`, the added and
//! changed lines `lines-N.cbor`, who stands on them `people-N.parquet`, and `supplement-N.csv` for paper.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use lexicon::handover::delta::{ChangeKind, ListDelta};
use lexicon::handover::envelope::{
    DocumentId, DocumentType, Kid, Subject, Verifier, decode, encode, id_all, open_all,
    unsigned_all,
};
use lexicon::handover::release::{ListRelease, RollLine, SaltKey, SaltedLine};
use lexicon::{
    Date, ElectionLaw, ExclusionReason, Instant, PersonId, PrecinctCode, ReleaseRefusal,
};
use roll::answers::SignedDelta;
use roll::delta::{DeltaError, DeltaTerms, Difference, Facts, InForce, delta, difference};
use roll::form;

use crate::columns::{read_table, write_table};
use crate::folder::{Contents, FolderWriter, Trust, file_error, open_folder};
use crate::form::{BatchError, Job, Keys, ROLL};
use crate::randomness::Randomness;
use crate::sign::refused;
use crate::snapshot::read_snapshot;
use crate::steps::{Progress, Report};
use rows::{ChangedLine, Stands};

mod received;
pub(crate) mod rows;
mod stations;

pub use received::{DeltaInForce, DeltasInForce, deltas_in_force};
pub use stations::{STATION_DELTAS, StationDeltaMade, write_station_deltas};

/// The folder's name.
pub const DELTAS: &str = "deltas";

/// One run of the step.
#[derive(Clone, Copy)]
pub struct DeltaJob<'a> {
    /// The law; that of the release.
    pub law: &'a ElectionLaw,
    /// The directory that holds `roll/` and, after the first, `deltas/`.
    pub from: &'a Path,
    /// The newer snapshot.
    pub snapshot: &'a Path,
    /// Keys.
    pub keys: Keys<'a>,
    /// Salts of new lines come from here.
    pub randomness: &'a Randomness,
    /// From when the delta holds.
    pub effective_at: Instant,
    /// The day on which the new facts became known.
    pub known_on: Date,
    /// Where progress goes.
    pub report: Report<'a>,
}

impl std::fmt::Debug for DeltaJob<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DeltaJob({}, {})", self.law.id, self.from.display())
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct DeltaMade {
    /// The delta with its id; none when nothing changes.
    pub delta: Option<(DocumentId, ListDelta)>,
    /// What the law's policy holds back: reason, act, how many.
    pub held: BTreeMap<(&'static str, &'static str), u64>,
}

/// The list in force, read from its folders.
pub(crate) struct Read {
    pub(crate) release: ListRelease,
    pub(crate) release_id: DocumentId,
    /// Id of the last delta, or of the release.
    last: DocumentId,
    /// Deltas so far.
    pub(crate) count: u32,
    pub(crate) in_force: InForce,
    /// The deltas that were applied, in their order.
    pub(crate) applied: Vec<SignedDelta>,
    /// Why everybody else was not on the list.
    was: HashMap<PersonId, ExclusionReason>,
}

pub(crate) fn unopened(path: &Path, why: impl std::fmt::Display) -> BatchError {
    BatchError::Document {
        path: path.to_owned(),
        why: why.to_string(),
    }
}

/// What a reader of the list in force does with a last delta that both institutions have not signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LastDrawn {
    /// It is not in force; one that bears no signature is drawn anew.
    Passed,
    /// It is looked at as if it were in force: somebody is to sign it.
    Taken,
}

/// A directory with a list and what changed it, and whose it must be.
#[derive(Clone, Copy)]
pub struct ListPlace<'a> {
    /// The law; that of the release.
    pub law: &'a ElectionLaw,
    /// The directory that holds `roll/` and, after the first, `deltas/`.
    pub dir: &'a Path,
    /// Checks signatures.
    pub verifier: &'a dyn Verifier,
    /// The registration service's release key, which signs folders.
    pub srs: Kid,
    /// The commission's release key.
    pub cec: Kid,
    /// Where progress goes.
    pub report: Report<'a>,
}

impl std::fmt::Debug for ListPlace<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ListPlace({}, {})", self.law.id, self.dir.display())
    }
}

/// A document of a list with its id and who signed it.
type Opened<T> = (DocumentId, T, Vec<Kid>);

impl<'a> ListPlace<'a> {
    fn tell(&self, step: &str, done: u64, total: u64) {
        (self.report)(Progress {
            step,
            done,
            total,
            skipped: false,
        });
    }

    pub(crate) fn signers(&self) -> [Kid; 2] {
        [self.srs, self.cec]
    }

    pub(crate) fn is_by_both(&self, signers: &[Kid]) -> bool {
        self.signers().iter().all(|kid| signers.contains(kid))
    }

    pub(crate) fn trust(&self, signer: Kid) -> Trust<'a> {
        Trust {
            verifier: self.verifier,
            signer,
            election: self.law.election.number,
        }
    }

    /// Opens a document, with whoever of the two has signed it.
    pub(crate) fn open<T>(&self, kind: DocumentType, path: &Path) -> Result<Opened<T>, BatchError>
    where
        T: for<'b> minicbor::Decode<'b, ()> + minicbor::Encode<()>,
    {
        let bytes = fs::read(path).map_err(file_error(path))?;
        let subject = Subject {
            kind,
            election: self.law.election.number,
        };
        let signed =
            open_all(subject, &bytes, self.verifier, &[]).map_err(|error| unopened(path, error))?;
        let value = decode(&signed.payload).map_err(|error| unopened(path, error))?;
        Ok((signed.id, value, signed.signers))
    }

    /// Opens a document that both must have signed.
    pub(crate) fn open_by_both<T>(
        &self,
        kind: DocumentType,
        path: &Path,
    ) -> Result<(DocumentId, T), BatchError>
    where
        T: for<'b> minicbor::Decode<'b, ()> + minicbor::Encode<()>,
    {
        let (id, value, signers) = self.open(kind, path)?;
        if !self.is_by_both(&signers) {
            return Err(refused(ReleaseRefusal::BeforeUnsigned, path.display()));
        }
        Ok((id, value))
    }
}

impl<'a> DeltaJob<'a> {
    /// The directory as those who sign look at it.
    #[must_use]
    pub fn place(&self) -> ListPlace<'a> {
        ListPlace {
            law: self.law,
            dir: self.from,
            verifier: self.keys.verifier,
            srs: self.keys.srs.kid(),
            cec: self.keys.cec.kid(),
            report: self.report,
        }
    }

    fn tell(&self, step: &str, done: u64, total: u64) {
        self.place().tell(step, done, total);
    }

    fn salt_key(&self, release: u32, number: u32) -> SaltKey {
        let name = format!(
            "salt/{release}/delta/{number}/{}",
            self.effective_at.micros()
        );
        SaltKey::new(&self.randomness.draw(&name))
    }
}

/// Reads a release and the deltas after it, each checked by its hashes, signatures and place in the chain.
pub(crate) fn read(place: &ListPlace<'_>, last: LastDrawn) -> Result<Read, BatchError> {
    let roll = place.dir.join(ROLL);
    place.tell("read list", 0, 0);
    open_folder(&roll, ROLL, place.trust(place.srs))?;
    let path = roll.join("release.cose");
    let (release_id, release) =
        place.open_by_both::<ListRelease>(DocumentType::ListRelease, &path)?;
    if *release.law != place.law.hash {
        return Err(unopened(&path, "it was formed under another law"));
    }
    let mut read = Read {
        release_id,
        last: release_id,
        count: 0,
        in_force: InForce::default(),
        applied: Vec::new(),
        was: HashMap::new(),
        release,
    };
    let total = read.release.precincts.len() as u64;
    for (done, precinct) in (1..).zip(&read.release.precincts) {
        let path = roll.join(format!("lines/{:04}.cbor", precinct.precinct));
        let bytes = fs::read(&path).map_err(file_error(&path))?;
        let lines: Vec<SaltedLine> = decode(&bytes).map_err(|error| unopened(&path, error))?;
        let code = PrecinctCode::new(precinct.precinct).map_err(|error| unopened(&path, error))?;
        read.in_force.take_precinct(code, &lines);
        place.tell("read list", done, total);
    }
    let path = roll.join("decisions.parquet");
    read_table(&path, |row: Stands| -> Result<(), BatchError> {
        match row.place {
            Some((precinct, line)) => read.in_force.take_person(row.person, precinct, line),
            None => {
                let reason = ExclusionReason::from_code(&row.outcome);
                let reason = reason.ok_or_else(|| unopened(&path, "an outcome is unknown"))?;
                read.was.insert(row.person, reason);
            }
        }
        Ok(())
    })?;
    read.in_force.check()?;
    if read.in_force.root() != *read.release.root {
        return Err(unopened(&roll, "the lines are not those of the release"));
    }
    earlier(place, &mut read, last)?;
    Ok(read)
}

/// Applies the deltas that stand after the release; those of an earlier release are not of this list.
fn earlier(
    place: &ListPlace<'_>,
    read: &mut Read,
    last_drawn: LastDrawn,
) -> Result<(), BatchError> {
    let dir = place.dir.join(DELTAS);
    if !dir.exists() {
        return Ok(());
    }
    open_folder(&dir, DELTAS, place.trust(place.srs))?;
    for number in 1.. {
        let path = dir.join(format!("delta-{number}.cose"));
        if !path.exists() {
            break;
        }
        let (id, delta, signers) = place.open::<ListDelta>(DocumentType::ListDelta, &path)?;
        if number == 1 && *delta.release != read.release_id.0 {
            // A newer release has taken all of them in.
            return Ok(());
        }
        if delta.number != number || *delta.release != read.release_id.0 {
            return Err(DeltaError::Chain { number }.into());
        }
        if !place.is_by_both(&signers) {
            let is_last = !dir.join(format!("delta-{}.cose", number + 1)).exists();
            match last_drawn {
                LastDrawn::Passed if is_last && signers.is_empty() => return Ok(()),
                LastDrawn::Taken if is_last => {}
                LastDrawn::Passed | LastDrawn::Taken => {
                    return Err(refused(ReleaseRefusal::BeforeUnsigned, path.display()));
                }
            }
        }
        let beside = dir.join(format!("lines-{number}.cbor"));
        let bytes = fs::read(&beside).map_err(file_error(&beside))?;
        let lines: Vec<SaltedLine> = decode(&bytes).map_err(|error| unopened(&beside, error))?;
        let lines: BTreeMap<_, _> = lines
            .into_iter()
            .map(|salted| ((salted.line.precinct, salted.line.line), salted))
            .collect();
        let mut people = Vec::new();
        let beside = dir.join(format!("people-{number}.parquet"));
        read_table(&beside, |row: ChangedLine| -> Result<(), BatchError> {
            people.push(row.person);
            Ok(())
        })?;
        read.in_force.apply(&delta, read.last, &lines, &people)?;
        (read.last, read.count) = (id, number);
        read.applied.push(SignedDelta {
            delta,
            lines,
            people,
        });
    }
    Ok(())
}

/// Computes the difference of the list in force and the one of the newer snapshot and puts it into `deltas/`, to be signed
/// by both institutions; nothing is written when nothing changes. A last delta that nobody has signed yet is drawn anew.
///
/// Cost: reads `roll/` and the snapshot whole, forms the list once.
///
/// # Errors
/// [`BatchError`]; an older `deltas/` then still stands.
pub fn write_delta(job: &DeltaJob<'_>) -> Result<DeltaMade, BatchError> {
    let place = job.place();
    let read = read(&place, LastDrawn::Passed)?;
    job.tell("read snapshot", 0, 0);
    let newer = read_snapshot(job.snapshot, job.law, place.trust(job.keys.register), 0)?;
    job.tell("form", 0, newer.snapshot.persons.len() as u64);
    let formed = form(&newer.snapshot, job.law)?;
    let facts = Facts {
        snapshot: &newer.snapshot,
        roll: &formed,
        law: job.law,
        known_on: job.known_on,
    };
    let number = read.count + 1;
    let key = job.salt_key(read.release.release, number);
    let was = |person| read.was.get(&person).copied();
    let found = difference(&read.in_force, facts, &was, &key)?;
    if found.changes.is_empty() {
        return Ok(DeltaMade {
            delta: None,
            held: found.held,
        });
    }
    let terms = DeltaTerms {
        number,
        release: read.release_id,
        previous: read.last,
        snapshot: newer.id,
        effective_at: job.effective_at,
    };
    let (document, _) = delta(&read.in_force, &found, job.law, terms)?;
    let id = write(job, &document, &found, facts, read.count)?;
    Ok(DeltaMade {
        delta: Some((id, document)),
        held: found.held,
    })
}

/// Writes the folder anew: the deltas before as they are, and this one.
fn write(
    job: &DeltaJob<'_>,
    document: &ListDelta,
    found: &Difference,
    facts: Facts<'_>,
    before: u32,
) -> Result<DocumentId, BatchError> {
    let target = job.from.join(DELTAS);
    let mut folder = FolderWriter::create(&target)?;
    for number in 1..=before {
        for name in names(number) {
            let path = target.join(&name);
            let bytes = fs::read(&path).map_err(file_error(&path))?;
            folder.write(&name, &bytes)?;
        }
    }
    let [signed, lines, people, supplement] = names(document.number);
    let subject = Subject {
        kind: DocumentType::ListDelta,
        election: job.law.election.number,
    };
    let payload = encode(document);
    let bytes =
        unsigned_all(subject, &payload).map_err(|error| unopened(&target.join(&signed), error))?;
    let id = id_all(subject, &payload);
    folder.write(&signed, &bytes)?;
    let said: Vec<&SaltedLine> = found
        .changes
        .iter()
        .filter_map(|p| p.line.as_ref())
        .collect();
    folder.write(&lines, &encode(&said))?;
    let rows = found.changes.iter().map(ChangedLine::of);
    write_table(&folder.place(&people)?, rows)?;
    folder.adopt(&people)?;
    folder.write(&supplement, supplement_of(found, facts).as_bytes())?;
    let mut contents = Contents::default();
    contents.count("deltas", u64::from(document.number));
    folder.finish(DELTAS, job.law.election.number, contents, job.keys.srs)?;
    Ok(id)
}

fn names(number: u32) -> [String; 4] {
    [
        format!("delta-{number}.cose"),
        format!("lines-{number}.cbor"),
        format!("people-{number}.parquet"),
        format!("supplement-{number}.csv"),
    ]
}

/// What is pasted into the paper list: struck and changed lines, and the supplementary pages.
fn supplement_of(found: &Difference, facts: Facts<'_>) -> String {
    let mut text =
        String::from("precinct,set,page,line,act,reason,surname,given,patronymic,born,address\n");
    for planned in &found.changes {
        let change = &planned.change;
        let line = planned.line.as_ref().map(|salted| salted.line.clone());
        let line = line.or_else(|| {
            let person = facts.snapshot.find_person(planned.person)?;
            Some(roll::commit::line_of(facts.snapshot, facts.roll, person))
        });
        let Some(line) = line else { continue };
        let set = match change.kind {
            ChangeKind::Add => "supplement",
            ChangeKind::Strike | ChangeKind::Change => "list",
        };
        // A struck line is found by its number; its page is that of the bound list.
        let page = match change.kind {
            ChangeKind::Strike => String::new(),
            ChangeKind::Add | ChangeKind::Change => line.page.to_string(),
        };
        let RollLine {
            surname,
            given,
            patronymic,
            born,
            address,
            ..
        } = &line;
        let words = [surname, given, patronymic, born, address].map(|word| quoted(word));
        text += &format!(
            "{:04},{set},{page},{},{},{},{}\n",
            change.precinct,
            change.line,
            change.kind.code(),
            change.reason,
            words.join(",")
        );
    }
    text
}

/// A CSV field (RFC 4180).
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// Copies the deltas into a publication, those of older releases from the one that stands, and names all
/// for the log, in their order.
pub(crate) fn publish_deltas(
    job: &Job<'_>,
    release: (u32, DocumentId),
    target: &Path,
    folder: &mut FolderWriter,
) -> Result<Vec<(String, DocumentId)>, BatchError> {
    let subject = job.subject(DocumentType::ListDelta);
    let required = [job.keys.srs.kid(), job.keys.cec.kid()];
    let mut documents = Vec::new();
    for of in 1..=release.0 {
        for number in 1u32.. {
            let name = format!("delta-{of}-{number}.cose");
            let path = match of {
                of if of == release.0 => job.out.join(DELTAS).join(format!("delta-{number}.cose")),
                _ => target.join(&name),
            };
            if !path.exists() {
                break;
            }
            let bytes = fs::read(&path).map_err(file_error(&path))?;
            let signed = open_all(subject, &bytes, job.keys.verifier, &[])
                .map_err(|error| unopened(&path, error))?;
            let delta: ListDelta =
                decode(&signed.payload).map_err(|error| unopened(&path, error))?;
            if of == release.0 && *delta.release != release.1.0 {
                break;
            }
            crate::drawn::demand_both(&signed.signers, required, &path)?;
            folder.write(&name, &bytes)?;
            documents.push((subject.kind.name().to_owned(), signed.id));
        }
    }
    Ok(documents)
}
