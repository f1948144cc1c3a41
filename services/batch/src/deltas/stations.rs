//! Step `station-deltas`: the deltas of the country → what a stick carries to each station that they touch.
//!
//! `station-deltas/PPPP-NNN.delta` is change N after the package of precinct PPPP: drawn here, signed by each institution
//! alone ([`crate::drawn`]), the voters' entries sealed to the kits of that package. Facts that the law's policy holds back as a note (a death
//! after the freeze) go as stop-notes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;

use lexicon::handover::delta::ChangeKind;
use lexicon::handover::envelope::{
    DocumentId, DocumentType, PublicKey, Subject, encode, open_all, unsigned_all,
};
use lexicon::handover::folder::bytes;
use lexicon::handover::package::{PackageError, PackageManifest};
use lexicon::handover::snapshot::Reference;
use lexicon::handover::station_delta::{
    CHANGES_MAX, DeltaSecrets, StationChange, StationChangeKind, StationDelta, StationDeltaFile,
    StationEntry, station_delta_subject,
};
use lexicon::law::LateAct;
use lexicon::{ExclusionReason, PersonId, PrecinctCode, ReleaseRefusal};
use roll::form;
use roll::form::Outcome;
use roll::late::{Fact, late_act};
use roll::package::{References, voter_of};

use super::rows::ChangedLine;
use super::{
    BatchError, Contents, DELTAS, DeltaJob, FolderWriter, LastDrawn, ListDelta, RollLine,
    SaltedLine, decode, file_error, read, read_snapshot, read_table, unopened,
};
use crate::packages::PACKAGES;
use crate::sign::refused;
use crate::snapshot::for_each_reference;

/// The folder's name.
pub const STATION_DELTAS: &str = "station-deltas";

/// One file that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StationDeltaMade {
    /// Precinct.
    pub precinct: PrecinctCode,
    /// Number after its package.
    pub number: u32,
    /// Id.
    pub id: DocumentId,
    /// Lines with what happens to them.
    pub changes: Vec<(u32, StationChangeKind)>,
}

/// One change that a precinct is owed.
struct Owed {
    change: StationChange,
    who: Option<(PersonId, RollLine)>,
}

/// A precinct's package and the deltas that were cut for it.
struct Station {
    manifest: PackageManifest,
    last: DocumentId,
    number: u32,
    lines: u32,
    voters: u32,
    cut: BTreeSet<[u8; 32]>,
    stopped: BTreeSet<u32>,
}

/// Cuts what the deltas of the list and the newer snapshot owe to the stations with a package in `packages/`, and
/// adds it to `station-deltas/`; what was cut before stays byte for byte.
///
/// Cost: reads `roll/`, `deltas/` and the snapshot whole, forms the list once.
///
/// # Errors
/// [`BatchError`]; an older `station-deltas/` then still stands.
pub fn write_station_deltas(job: &DeltaJob<'_>) -> Result<Vec<StationDeltaMade>, BatchError> {
    let place = job.place();
    let list = read(&place, LastDrawn::Passed)?;
    let newer = read_snapshot(job.snapshot, job.law, place.trust(job.keys.register), 0)?;
    let formed = form(&newer.snapshot, job.law)?;
    let mut stations: BTreeMap<u16, Station> = BTreeMap::new();
    let mut parts: Vec<Part> = Vec::new();
    for number in 1..=list.count {
        let (id, delta, changes) = changes_of(job, number)?;
        for (precinct, owed) in changes {
            parts.push((precinct, Some(id), *delta.root_after, owed));
        }
    }
    let mut notes: BTreeMap<u16, Vec<Owed>> = BTreeMap::new();
    if late_act(job.law, Fact::Death, job.known_on) == LateAct::Note {
        for (person, precinct, line) in list.in_force.people() {
            let dead = newer.snapshot.find_person(person).is_some_and(|at| {
                formed.decisions[at.at()].outcome == Outcome::Excluded(ExclusionReason::Dead)
            });
            if dead {
                notes.entry(precinct.number()).or_default().push(Owed {
                    change: StationChange {
                        line,
                        kind: StationChangeKind::Stop,
                        entry: None,
                        reason: ExclusionReason::Dead.code().to_owned(),
                    },
                    who: None,
                });
            }
        }
    }
    let root = list.in_force.root();
    for (precinct, owed) in notes {
        parts.push((precinct, None, root, owed));
    }
    let wanted: BTreeSet<PersonId> = parts
        .iter()
        .flat_map(|(.., owed)| owed)
        .filter_map(|owed| Some(owed.who.as_ref()?.0))
        .collect();
    let references = references(job, &wanted)?;
    let target = job.from.join(STATION_DELTAS);
    let mut folder = FolderWriter::create(&target)?;
    let mut made = Vec::new();
    for (precinct, list_delta, root, mut owed) in parts {
        if let std::collections::btree_map::Entry::Vacant(place) = stations.entry(precinct)
            && let Some(station) = station(job, precinct, &mut folder)?
        {
            place.insert(station);
        }
        let Some(station) = stations.get_mut(&precinct) else {
            continue;
        };
        if list_delta.is_some_and(|id| station.cut.contains(&id.0)) {
            continue;
        }
        owed.retain(|owed| {
            owed.change.kind != StationChangeKind::Stop
                || !station.stopped.contains(&owed.change.line)
        });
        owed.sort_by_key(|owed| owed.change.line);
        while !owed.is_empty() {
            let rest = owed.split_off(owed.len().min(CHANGES_MAX));
            let part = std::mem::replace(&mut owed, rest);
            let entry = |owed: &Owed, key: &[u8; 32]| {
                let (person, line) = owed.who.as_ref()?;
                let at = newer.snapshot.find_person(*person)?;
                let known = references.get(person).cloned().unwrap_or_default();
                let voter = voter_of(&newer.snapshot, &formed, job.law, at, line, known, key);
                Some(StationEntry {
                    index_key: (*key).into(),
                    voter,
                })
            };
            let (name, file, done) = cut(job, station, (list_delta, root), &part, &entry)?;
            folder.write(&name, &file)?;
            made.push(done);
        }
    }
    // Packages that nothing touched this time keep what was cut for them.
    for name in standing(&target) {
        let precinct = name.get(..4).and_then(|digits| digits.parse().ok());
        if precinct.is_some_and(|precinct| !stations.contains_key(&precinct)) {
            let path = target.join(&name);
            folder.write(&name, &fs::read(&path).map_err(file_error(&path))?)?;
        }
    }
    let mut contents = Contents::default();
    contents.count("made", made.len() as u64);
    folder.finish(
        STATION_DELTAS,
        job.law.election.number,
        contents,
        job.keys.srs,
    )?;
    Ok(made)
}

/// The names of files that were cut before.
fn standing(target: &std::path::Path) -> Vec<String> {
    let entries = fs::read_dir(target).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".delta")).collect();
    names.sort();
    names
}

/// A precinct, the delta of the country that it comes from, the root after it, and what changes.
type Part = (u16, Option<DocumentId>, [u8; 32], Vec<Owed>);

/// What changes, by precinct.
type OwedBy = BTreeMap<u16, Vec<Owed>>;

/// What one delta of the country does in each precinct.
fn changes_of(
    job: &DeltaJob<'_>,
    number: u32,
) -> Result<(DocumentId, ListDelta, OwedBy), BatchError> {
    let dir = job.from.join(DELTAS);
    let path = dir.join(format!("delta-{number}.cose"));
    let place = job.place();
    let (id, delta) = place.open_by_both::<ListDelta>(DocumentType::ListDelta, &path)?;
    let beside = dir.join(format!("lines-{number}.cbor"));
    let read = fs::read(&beside).map_err(file_error(&beside))?;
    let lines: Vec<SaltedLine> = decode(&read).map_err(|error| unopened(&beside, error))?;
    let mut lines: HashMap<(u16, u32), RollLine> = lines
        .into_iter()
        .map(|salted| ((salted.line.precinct, salted.line.line), salted.line))
        .collect();
    let mut people = Vec::new();
    let beside = dir.join(format!("people-{number}.parquet"));
    read_table(&beside, |row: ChangedLine| -> Result<(), BatchError> {
        people.push(row.person);
        Ok(())
    })?;
    let mut by_precinct: BTreeMap<u16, Vec<Owed>> = BTreeMap::new();
    for (change, person) in delta.changes.iter().zip(people) {
        let line = lines.remove(&(change.precinct, change.line));
        let owed = Owed {
            change: StationChange {
                line: change.line,
                kind: match change.kind {
                    ChangeKind::Strike => StationChangeKind::Strike,
                    ChangeKind::Add => StationChangeKind::Add,
                    ChangeKind::Change => StationChangeKind::Correct,
                },
                entry: None,
                reason: change.reason.clone(),
            },
            who: line.map(|line| (person, line)),
        };
        by_precinct.entry(change.precinct).or_default().push(owed);
    }
    Ok((id, delta, by_precinct))
}

/// A precinct's package with what was cut for it, which is carried over into the new folder; none without a package.
fn station(
    job: &DeltaJob<'_>,
    precinct: u16,
    folder: &mut FolderWriter,
) -> Result<Option<Station>, BatchError> {
    let path = job
        .from
        .join(PACKAGES)
        .join(format!("{precinct:04}.manifest.cose"));
    if !path.exists() {
        return Ok(None);
    }
    let place = job.place();
    let (package, manifest) =
        place.open_by_both::<PackageManifest>(DocumentType::PackageManifest, &path)?;
    let mut station = Station {
        last: package,
        number: 0,
        lines: manifest.lines,
        voters: manifest.lines,
        manifest,
        cut: BTreeSet::new(),
        stopped: BTreeSet::new(),
    };
    let target = job.from.join(STATION_DELTAS);
    for name in standing(&target) {
        if !name.starts_with(&format!("{precinct:04}-")) {
            continue;
        }
        let path = target.join(&name);
        let read = fs::read(&path).map_err(file_error(&path))?;
        let file: StationDeltaFile = decode(&read).map_err(|error| unopened(&path, error))?;
        let subject = station_delta_subject(job.law.election.number);
        let signed = open_all(subject, &file.signed, job.keys.verifier, &[])
            .map_err(|error| unopened(&path, error))?;
        if !place.is_by_both(&signed.signers) {
            // What nobody has signed is cut anew; what one has signed waits for the other.
            if signed.signers.is_empty() {
                break;
            }
            return Err(refused(ReleaseRefusal::BeforeUnsigned, path.display()));
        }
        let delta: StationDelta =
            decode(&signed.payload).map_err(|error| unopened(&path, error))?;
        if *delta.package != package.0 {
            // Of an older package, whose successor has taken it in.
            continue;
        }
        if *delta.previous != station.last.0 {
            return Err(unopened(&path, "it does not follow the one before"));
        }
        (station.last, station.number) = (signed.id, delta.number);
        (station.lines, station.voters) = (delta.lines, delta.voters);
        station.cut.extend(delta.list_delta.map(|id| *id));
        let stops = delta
            .changes
            .iter()
            .filter(|c| c.kind == StationChangeKind::Stop);
        station.stopped.extend(stops.map(|change| change.line));
        folder.write(&name, &read)?;
    }
    Ok(Some(station))
}

/// Draws one part and moves the station on.
fn cut(
    job: &DeltaJob<'_>,
    station: &mut Station,
    (list_delta, root): (Option<DocumentId>, [u8; 32]),
    part: &[Owed],
    entry: &dyn Fn(&Owed, &[u8; 32]) -> Option<StationEntry>,
) -> Result<(String, Vec<u8>, StationDeltaMade), BatchError> {
    let precinct = station.manifest.precinct;
    let count = |kind| {
        let of = part.iter().filter(|owed| owed.change.kind == kind).count();
        u32::try_from(of).unwrap_or(u32::MAX)
    };
    let (added, struck) = (
        count(StationChangeKind::Add),
        count(StationChangeKind::Strike),
    );
    let number = station.number + 1;
    let mut delta = StationDelta {
        suite: station.manifest.suite.clone(),
        election: station.manifest.election,
        precinct,
        number,
        package: [0; 32].into(),
        previous: station.last.0.into(),
        list_delta: list_delta.map(|id| id.0.into()),
        root: root.into(),
        lines: station.lines + added,
        voters: station.voters + added - struck,
        effective_at: job.effective_at.micros(),
        changes: part.iter().map(|owed| owed.change.clone()).collect(),
        ephemeral: None,
        kit_wraps: Vec::new(),
    };
    let subject = Subject {
        kind: DocumentType::PackageManifest,
        election: station.manifest.election,
    };
    let package = lexicon::handover::envelope::id_all(subject, &encode(&station.manifest));
    delta.package = package.0.into();
    let name = format!("station-delta/{}/{precinct:04}/{number}", package.hex());
    let draw = |what: &str| job.randomness.draw(&format!("{name}/{what}"));
    let key = draw("index");
    let entries: Vec<StationEntry> = part.iter().filter_map(|owed| entry(owed, &key)).collect();
    let kits: Vec<PublicKey> = station
        .manifest
        .kits
        .iter()
        .map(|kit| PublicKey(*kit.point))
        .collect();
    let refused = |source: PackageError| BatchError::Package { precinct, source };
    // INVARIANT (a key seals once): the same number cut again with other contents gets other keys.
    let mut contents = encode(&delta);
    for entry in &entries {
        contents.extend_from_slice(&encode(entry));
    }
    let contents =
        lexicon::handover::envelope::hex(&lexicon::handover::envelope::sha256(&contents));
    let draw = |what: &str| job.randomness.draw(&format!("{name}/{contents}/{what}"));
    let secrets = DeltaSecrets {
        ephemeral: draw("ephemeral"),
        content: draw("content"),
    };
    let sealed = delta.seal(&entries, &kits, &secrets).map_err(refused)?;
    if !delta.is_well_formed() {
        return Err(refused(PackageError::Body));
    }
    let subject = station_delta_subject(delta.election);
    let signed = unsigned_all(subject, &encode(&delta))
        .map_err(|error| unopened(&job.from.join(STATION_DELTAS), error))?;
    let id = lexicon::handover::envelope::id_all(subject, &encode(&delta));
    let file = encode(&StationDeltaFile {
        signed: bytes(&signed),
        entries: sealed.iter().map(|entry| bytes(entry)).collect(),
    });
    (station.last, station.number) = (id, number);
    (station.lines, station.voters) = (delta.lines, delta.voters);
    let code = PrecinctCode::new(precinct).map_err(|_| refused(PackageError::Body))?;
    let done = StationDeltaMade {
        precinct: code,
        number,
        id,
        changes: part
            .iter()
            .map(|owed| (owed.change.line, owed.change.kind))
            .collect(),
    };
    Ok((format!("{precinct:04}-{number:03}.delta"), file, done))
}

/// Photographs and fingers of these people.
fn references(
    job: &DeltaJob<'_>,
    wanted: &BTreeSet<PersonId>,
) -> Result<HashMap<PersonId, References>, BatchError> {
    let mut found: HashMap<PersonId, References> = HashMap::new();
    for_each_reference(job.snapshot, |row| -> Result<(), BatchError> {
        if wanted.contains(&row.person) {
            let of = found.entry(row.person).or_default();
            match row.reference {
                Reference::Finger {
                    position,
                    rank,
                    minutiae,
                } => of.fingers.push((position.number(), rank, minutiae)),
                Reference::Photo(image) => of.photo = image,
            }
        }
        Ok(())
    })?;
    Ok(found)
}
