//! What is drawn unsigned and signed by each institution alone: station packages, deltas of the list, and their cuts for
//! stations.
//!
//! Each institution looks at a folder at its own place ([`check_drawn`]) and gives its signatures as a file
//! ([`sign_drawn`]): one document a line, in hexadecimal digits, each with that one signature. [`join_drawn`] puts them
//! under the documents of the folder and signs its manifest anew, so that the bytes are those that both keys in one place
//! would give. Until both have signed, a station refuses what was drawn.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use lexicon::handover::delta::{ChangeKind, ListDelta};
use lexicon::handover::envelope::{
    AddSignatureError, DocumentId, DocumentType, Kid, Signer, Subject, add_signature, decode,
    encode, hex, id_all, join_signatures, open_all, peek_all, sha256, unsigned_all,
};
use lexicon::handover::folder::{FileEntry, MANIFEST_FILE, bytes};
use lexicon::handover::package::{Exercise, PackageManifest};
use lexicon::handover::release::ListRelease;
use lexicon::handover::station_delta::{StationChangeKind, StationDelta, StationDeltaFile};
use lexicon::{ExclusionReason, ReleaseRefusal};
use rayon::prelude::*;

use crate::deltas::{DELTAS, LastDrawn, ListPlace, STATION_DELTAS, read};
use crate::folder::{file_error, hash_file, open_manifest, renew_manifest, replace};
use crate::form::{BatchError, ROLL};
use crate::packages::PACKAGES;
use crate::sign::{Expected, refused};
use crate::steps::Steps;

/// What is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Drawn {
    /// `packages/`.
    Packages,
    /// `deltas/`: the last one, the others are signed.
    Deltas,
    /// `station-deltas/`.
    StationDeltas,
}

impl Drawn {
    /// The folder's name, which the files of signatures bear too.
    #[must_use]
    pub fn folder(self) -> &'static str {
        match self {
            Drawn::Packages => PACKAGES,
            Drawn::Deltas => DELTAS,
            Drawn::StationDeltas => STATION_DELTAS,
        }
    }

    fn kind(self) -> DocumentType {
        match self {
            Drawn::Packages => DocumentType::PackageManifest,
            Drawn::Deltas => DocumentType::ListDelta,
            Drawn::StationDeltas => DocumentType::StationDelta,
        }
    }

    fn is_document(self, name: &str) -> bool {
        match self {
            Drawn::Packages => name.ends_with(".manifest.cose"),
            Drawn::Deltas => name.starts_with("delta-") && name.ends_with(".cose"),
            Drawn::StationDeltas => name.ends_with(".delta"),
        }
    }
}

/// One document of a drawn folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DrawnDocument {
    /// Its file.
    pub name: String,
    /// Its id, which no signature changes.
    pub id: DocumentId,
    /// Who of the two has signed it.
    pub signers: Vec<Kid>,
}

/// A drawn folder that is of the released list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckedDrawn {
    /// The documents, by name.
    pub documents: Vec<DrawnDocument>,
    /// The root that they are for: of the release, or of the list after the last delta.
    pub root: [u8; 32],
    /// What was counted anew: lines, kits, officers, changes, sealed files that were hashed and that are not here.
    pub counts: BTreeMap<&'static str, u64>,
}

impl CheckedDrawn {
    /// How many documents a key has signed.
    #[must_use]
    pub fn signed_by(&self, kid: Kid) -> usize {
        let by = |of: &&DrawnDocument| of.signers.contains(&kid);
        self.documents.iter().filter(by).count()
    }
}

/// A document as it stands in the folder.
struct Stands {
    name: String,
    subject: Subject,
    /// The whole file.
    file: Vec<u8>,
    /// The `COSE_Sign` in it.
    signed: Vec<u8>,
    payload: Vec<u8>,
}

impl Stands {
    fn read(place: &ListPlace<'_>, drawn: Drawn, name: String) -> Result<Self, BatchError> {
        let path = place.dir.join(drawn.folder()).join(&name);
        let file = fs::read(&path).map_err(file_error(&path))?;
        let differs = |why: String| refused(ReleaseRefusal::DrawnDiffers, format!("{name}: {why}"));
        let signed = match drawn {
            Drawn::Packages | Drawn::Deltas => file.clone(),
            Drawn::StationDeltas => {
                let read = decode::<StationDeltaFile>(&file);
                read.map_err(|error| differs(error.to_string()))?
                    .signed
                    .to_vec()
            }
        };
        let mut subject = Subject {
            kind: drawn.kind(),
            election: place.law.election.number,
        };
        let payload = peek_all(subject, &signed).map_err(|error| differs(error.to_string()))?;
        if drawn == Drawn::Packages {
            // A rehearsal's packages are of its own day and say so; nothing else may bear another election.
            let manifest: PackageManifest =
                decode(&payload).map_err(|error| differs(error.to_string()))?;
            let is_rehearsal = manifest.exercise == Some(Exercise::Rehearsal);
            if is_rehearsal != (manifest.election != subject.election) {
                return Err(differs(format!("of election {}", manifest.election)));
            }
            subject.election = manifest.election;
        }
        Ok(Self {
            name,
            subject,
            file,
            signed,
            payload,
        })
    }

    fn id(&self) -> DocumentId {
        id_all(self.subject, &self.payload)
    }

    fn differs(&self, why: impl std::fmt::Display) -> BatchError {
        refused(
            ReleaseRefusal::DrawnDiffers,
            format!("{}: {why}", self.name),
        )
    }

    /// Its id and signers; a signature of anybody but the two is refused.
    fn document(&self, place: &ListPlace<'_>) -> Result<DrawnDocument, BatchError> {
        let opened = open_all(self.subject, &self.signed, place.verifier, &[])
            .map_err(|error| self.differs(error))?;
        if let Some(other) = opened
            .signers
            .iter()
            .find(|kid| !place.signers().contains(kid))
        {
            return Err(self.differs(format!("signed by {}", other.hex())));
        }
        Ok(DrawnDocument {
            name: self.name.clone(),
            id: opened.id,
            signers: opened.signers,
        })
    }

    /// The file with another `COSE_Sign` in it.
    fn with(&self, signed: &[u8]) -> Result<Vec<u8>, BatchError> {
        if self.subject.kind != DocumentType::StationDelta {
            return Ok(signed.to_vec());
        }
        let read = decode::<StationDeltaFile>(&self.file);
        let mut file = read.map_err(|error| self.differs(error))?;
        file.signed = bytes(signed);
        Ok(encode(&file))
    }
}

/// The documents of a folder by name; none is a finding of its own.
fn documents(place: &ListPlace<'_>, drawn: Drawn) -> Result<Vec<Stands>, BatchError> {
    let dir = place.dir.join(drawn.folder());
    let mut names = Vec::new();
    for entry in fs::read_dir(&dir).map_err(file_error(&dir))? {
        let name = entry.map_err(file_error(&dir))?.file_name();
        let name = name.to_string_lossy().into_owned();
        if drawn.is_document(&name) {
            names.push(name);
        }
    }
    names.sort();
    names
        .into_iter()
        .map(|name| Stands::read(place, drawn, name))
        .collect()
}

/// The documents must be those whose bytes the folder's signed manifest names; other files of it may be elsewhere.
fn demand_named(place: &ListPlace<'_>, drawn: Drawn, found: &[Stands]) -> Result<(), BatchError> {
    let dir = place.dir.join(drawn.folder());
    let changed = |why: String| refused(ReleaseRefusal::Changed, why);
    let (manifest, _) = open_manifest(&dir, drawn.folder(), place.trust(place.srs))
        .map_err(|error| changed(error.to_string()))?;
    let named: HashMap<&str, &FileEntry> = manifest
        .files
        .iter()
        .filter(|entry| drawn.is_document(&entry.path))
        .map(|entry| (entry.path.as_str(), entry))
        .collect();
    let fits = |document: &&Stands| {
        named.get(document.name.as_str()).is_some_and(|entry| {
            entry.length == document.file.len() as u64 && *entry.sha256 == sha256(&document.file)
        })
    };
    if let Some(document) = found.iter().find(|document| !fits(document)) {
        return Err(changed(format!("{} was changed", document.name)));
    }
    if named.len() != found.len() {
        return Err(changed(format!(
            "{} documents of {}",
            found.len(),
            named.len()
        )));
    }
    Ok(())
}

/// Looks at a drawn folder as the one who is to sign it does: the folder is the one that was drawn, every document is of
/// the list that both institutions released, sealed files that are here have the hashes that the documents name, and
/// everything is counted anew.
///
/// Of `deltas/` the whole list is read and every delta applied; the other two need the release and the signed deltas.
/// `expected` is held against the release; of a delta root, total and snapshot are those after it.
///
/// # Errors
/// [`BatchError::Refused`] with the code; a file that cannot be read.
pub fn check_drawn(
    place: &ListPlace<'_>,
    drawn: Drawn,
    expected: &Expected,
) -> Result<CheckedDrawn, BatchError> {
    let found = documents(place, drawn)?;
    if found.is_empty() {
        let why = format!("nothing is drawn in {}", drawn.folder());
        return Err(refused(ReleaseRefusal::DrawnDiffers, why));
    }
    demand_named(place, drawn, &found)?;
    let documents = found
        .iter()
        .map(|document| document.document(place))
        .collect::<Result<Vec<_>, _>>()?;
    let mut checked = CheckedDrawn {
        documents,
        root: [0; 32],
        counts: BTreeMap::new(),
    };
    match drawn {
        Drawn::Packages => packages(place, expected, &found, &mut checked)?,
        Drawn::Deltas => deltas(place, expected, &mut checked)?,
        Drawn::StationDeltas => station_deltas(place, expected, &found, &mut checked)?,
    }
    Ok(checked)
}

fn release_of(place: &ListPlace<'_>) -> Result<(DocumentId, ListRelease), BatchError> {
    let path = place.dir.join(ROLL).join(crate::folder::RELEASE_FILE);
    place.open_by_both(DocumentType::ListRelease, &path)
}

fn packages(
    place: &ListPlace<'_>,
    expected: &Expected,
    found: &[Stands],
    checked: &mut CheckedDrawn,
) -> Result<(), BatchError> {
    let (_, release) = release_of(place)?;
    expected.demand(&release)?;
    checked.root = *release.root;
    let wanted: BTreeMap<String, (u16, u32)> = release
        .precincts
        .iter()
        .filter(|of| of.lines > 0)
        .map(|of| {
            (
                format!("{:04}.manifest.cose", of.precinct),
                (of.precinct, of.lines),
            )
        })
        .collect();
    if wanted.len() != found.len() {
        let why = format!(
            "{} packages for {} precincts with voters",
            found.len(),
            wanted.len()
        );
        return Err(refused(ReleaseRefusal::DrawnDiffers, why));
    }
    let dir = place.dir.join(PACKAGES);
    let needed = usize::from(place.law.station.officers_needed);
    let looked = found
        .par_iter()
        .map(|document| {
            let manifest: PackageManifest =
                decode(&document.payload).map_err(|error| document.differs(error))?;
            let of = wanted.get(&document.name);
            let fits = of == Some(&(manifest.precinct, manifest.lines))
                && (manifest.release, manifest.root) == (release.release, release.root);
            if !fits {
                return Err(
                    document.differs("of another release, root, precinct or number of lines")
                );
            }
            let shared: u64 = manifest
                .kits
                .iter()
                .map(|kit| (u64::from(kit.to) + 1).saturating_sub(u64::from(kit.from)))
                .sum();
            let officers = manifest.officers.len();
            if shared != u64::from(manifest.lines) {
                return Err(document.differs("the shares of its kits are not its lines"));
            }
            if usize::from(manifest.k) < needed || officers < needed {
                return Err(document.differs(format!("{officers} officers, {needed} are needed")));
            }
            let sealed = dir.join(format!("{:04}.package", manifest.precinct));
            let is_here = sealed.exists();
            if is_here {
                let (hash, length) = hash_file(&sealed)?;
                if (hash, length) != (*manifest.ciphertext_sha256, manifest.ciphertext_bytes) {
                    return Err(document.differs("its sealed file is another than it names"));
                }
            }
            Ok([
                ("lines", u64::from(manifest.lines)),
                ("kits", manifest.kits.len() as u64),
                ("officers", officers as u64),
                ("sealed", u64::from(is_here)),
                ("sealed_elsewhere", u64::from(!is_here)),
            ])
        })
        .collect::<Result<Vec<_>, BatchError>>()?;
    for (name, count) in looked.into_iter().flatten() {
        *checked.counts.entry(name).or_default() += count;
    }
    if checked.counts.get("lines") != Some(&release.total) {
        let why = "the packages together do not hold the lines of the release";
        return Err(refused(ReleaseRefusal::CountsDiffer, why));
    }
    Ok(())
}

/// The whole list with every delta applied: commitments, chain, roots, counts and people must come out.
fn deltas(
    place: &ListPlace<'_>,
    expected: &Expected,
    checked: &mut CheckedDrawn,
) -> Result<(), BatchError> {
    let differs = |error: &dyn std::fmt::Display| refused(ReleaseRefusal::DrawnDiffers, error);
    let list = match read(place, LastDrawn::Taken) {
        Err(BatchError::Delta(error)) => return Err(differs(&error)),
        read => read?,
    };
    if list.count as usize != checked.documents.len() {
        return Err(differs(&"the deltas are not of this release"));
    }
    let path = place
        .dir
        .join(DELTAS)
        .join(format!("delta-{}.cose", list.count));
    let (_, last, _) = place.open::<ListDelta>(DocumentType::ListDelta, &path)?;
    if *last.law != place.law.hash {
        return Err(differs(&"it was made under another law"));
    }
    // What was agreed upon is the list after the delta: in the words of a release.
    let after = ListRelease {
        root: last.root_after,
        total: last.voters_after,
        snapshot: last.snapshot,
        previous: Some(last.previous),
        ..list.release.clone()
    };
    expected.demand(&after)?;
    checked.root = *last.root_after;
    let of = |kind| {
        last.changes
            .iter()
            .filter(|change| change.kind == kind)
            .count() as u64
    };
    checked.counts = BTreeMap::from([
        ("strikes", of(ChangeKind::Strike)),
        ("additions", of(ChangeKind::Add)),
        ("changes", of(ChangeKind::Change)),
        ("voters", last.voters_after),
    ]);
    Ok(())
}

fn station_deltas(
    place: &ListPlace<'_>,
    expected: &Expected,
    found: &[Stands],
    checked: &mut CheckedDrawn,
) -> Result<(), BatchError> {
    let (release_id, release) = release_of(place)?;
    expected.demand(&release)?;
    checked.root = *release.root;
    let mut deltas: HashMap<[u8; 32], ListDelta> = HashMap::new();
    for number in 1u32.. {
        let path = place.dir.join(DELTAS).join(format!("delta-{number}.cose"));
        if !path.exists() {
            break;
        }
        let (id, delta, signers) = place.open::<ListDelta>(DocumentType::ListDelta, &path)?;
        if *delta.release != release_id.0 || !place.is_by_both(&signers) {
            break;
        }
        checked.root = *delta.root_after;
        deltas.insert(id.0, delta);
    }
    // What each precinct with a package is owed by the signed deltas, line by line; what is cut is taken out of it.
    let mut owed: BTreeSet<([u8; 32], u16, u32)> = BTreeSet::new();
    let mut packages: HashMap<u16, (DocumentId, PackageManifest)> = HashMap::new();
    for of in release.precincts.iter().filter(|of| of.lines > 0) {
        let path = place
            .dir
            .join(PACKAGES)
            .join(format!("{:04}.manifest.cose", of.precinct));
        if path.exists() {
            let opened = place.open_by_both(DocumentType::PackageManifest, &path)?;
            packages.insert(of.precinct, opened);
        }
    }
    for (id, delta) in &deltas {
        let of = delta
            .changes
            .iter()
            .filter(|of| packages.contains_key(&of.precinct));
        owed.extend(of.map(|change| (*id, change.precinct, change.line)));
    }
    let mut last: HashMap<u16, (DocumentId, u32, u32, u32)> = packages
        .iter()
        .map(|(precinct, (id, of))| (*precinct, (*id, 0, of.lines, of.lines)))
        .collect();
    let (mut changes, mut entries) = (0, 0);
    for (document, signed) in found.iter().zip(&checked.documents) {
        let differs = |why: &str| document.differs(why);
        let delta: StationDelta =
            decode(&document.payload).map_err(|error| document.differs(error))?;
        let package = packages.get(&delta.precinct);
        let package = package.ok_or_else(|| differs("its precinct has no package"))?;
        if *delta.package != package.0.0 {
            if place.is_by_both(&signed.signers) {
                // Of an older package, whose successor has taken it in.
                continue;
            }
            return Err(differs("of another package"));
        }
        let name = format!("{:04}-{:03}.delta", delta.precinct, delta.number);
        let place_in_chain = last.get_mut(&delta.precinct);
        let (before, number, lines, voters) =
            place_in_chain.ok_or_else(|| differs("its precinct has no package"))?;
        let of = |kind| delta.changes.iter().filter(|of| of.kind == kind).count() as u32;
        let (added, struck) = (of(StationChangeKind::Add), of(StationChangeKind::Strike));
        let follows = name == document.name
            && *delta.previous == before.0
            && delta.number == *number + 1
            && delta.lines == *lines + added
            && delta.voters + struck == *voters + added
            && delta.is_well_formed();
        if !follows {
            return Err(differs("it does not follow the one before"));
        }
        (*before, *number, *lines, *voters) = (signed.id, delta.number, delta.lines, delta.voters);
        demand_changes(document, &delta, &deltas, &mut owed)?;
        changes += delta.changes.len() as u64;
        entries += demand_entries(document, &delta)?;
    }
    if let Some((_, precinct, line)) = owed.first() {
        let why = format!("precinct {precinct:04} line {line} is changed and was not cut");
        return Err(refused(ReleaseRefusal::DrawnDiffers, why));
    }
    checked.counts = BTreeMap::from([("changes", changes), ("entries", entries)]);
    Ok(())
}

/// The changes must be those of the signed delta that is named; a stop-note says only that somebody died.
fn demand_changes(
    document: &Stands,
    delta: &StationDelta,
    deltas: &HashMap<[u8; 32], ListDelta>,
    owed: &mut BTreeSet<([u8; 32], u16, u32)>,
) -> Result<(), BatchError> {
    let Some(id) = &delta.list_delta else {
        let stops = delta.changes.iter().all(|change| {
            change.kind == StationChangeKind::Stop && change.reason == ExclusionReason::Dead.code()
        });
        return if stops {
            Ok(())
        } else {
            Err(document.differs("it names no delta of the list and is no stop-note"))
        };
    };
    let of = deltas.get(&**id);
    let of = of.ok_or_else(|| document.differs("its delta of the list is not signed by both"))?;
    if of.root_after != delta.root {
        return Err(document.differs("its root is not that of its delta"));
    }
    for change in &delta.changes {
        let kind = match change.kind {
            StationChangeKind::Strike => Some(ChangeKind::Strike),
            StationChangeKind::Add => Some(ChangeKind::Add),
            StationChangeKind::Correct => Some(ChangeKind::Change),
            StationChangeKind::Stop => None,
        };
        let is_said = of.changes.iter().any(|said| {
            (said.precinct, said.line) == (delta.precinct, change.line)
                && Some(said.kind) == kind
                && said.reason == change.reason
        });
        if !is_said || !owed.remove(&(**id, delta.precinct, change.line)) {
            return Err(document.differs(format!("line {} is not of its delta", change.line)));
        }
    }
    Ok(())
}

/// The sealed entries must be those that the changes name.
fn demand_entries(document: &Stands, delta: &StationDelta) -> Result<u64, BatchError> {
    let file = decode::<StationDeltaFile>(&document.file);
    let file = file.map_err(|error| document.differs(error))?;
    let named: Vec<[u8; 32]> = delta
        .changes
        .iter()
        .filter_map(|change| change.entry.as_ref().map(|hash| **hash))
        .collect();
    let sealed: Vec<[u8; 32]> = file.entries.iter().map(|entry| sha256(entry)).collect();
    if named != sealed {
        return Err(document.differs("its sealed entries are others than it names"));
    }
    Ok(named.len() as u64)
}

/// One institution looks at a drawn folder and signs every document of it that it has not signed; gives what was looked
/// at and the file of signatures. Nothing in the folder changes.
///
/// # Errors
/// As [`check_drawn`], and [`BatchError::Refused`] when the key is of neither institution or has signed everything.
pub fn sign_drawn(
    place: &ListPlace<'_>,
    drawn: Drawn,
    expected: &Expected,
    signer: &dyn Signer,
) -> Result<(CheckedDrawn, String), BatchError> {
    let kid = signer.kid();
    if !place.signers().contains(&kid) {
        return Err(refused(ReleaseRefusal::NotASigner, kid.hex()));
    }
    let mut checked = check_drawn(place, drawn, expected)?;
    let found = documents(place, drawn)?;
    let mut file = String::new();
    // A device signs one document after the other: an HSM session belongs to one thread.
    for (document, looked) in found.iter().zip(&mut checked.documents) {
        if looked.id != document.id() {
            return Err(refused(ReleaseRefusal::Changed, &document.name));
        }
        if looked.signers.contains(&kid) {
            continue;
        }
        let unsigned = unsigned_all(document.subject, &document.payload)
            .map_err(|error| document.differs(error))?;
        let signed = add_signature(document.subject, &unsigned, signer);
        let signed = signed.map_err(|error| match error {
            AddSignatureError::Sign(error) => BatchError::from(error),
            AddSignatureError::Already(_) | AddSignatureError::Envelope(_) => {
                document.differs(error)
            }
        })?;
        file.push_str(&hex(&signed));
        file.push('\n');
        looked.signers.push(kid);
    }
    if file.is_empty() {
        return Err(refused(ReleaseRefusal::SignedAlready, kid.hex()));
    }
    Ok((checked, file))
}

/// What a join came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Joined {
    /// The documents with their signers now.
    pub documents: Vec<DrawnDocument>,
    /// Signatures that were added.
    pub added: usize,
}

/// Puts signatures under the documents of a drawn folder and signs its manifest anew. A stop in between is made good by
/// the same join.
///
/// # Errors
/// [`BatchError::Refused`] when a signature is of another drawing or of neither institution; then nothing was written.
pub fn join_drawn(
    place: &ListPlace<'_>,
    drawn: Drawn,
    files: &[(PathBuf, String)],
    srs: &dyn Signer,
) -> Result<Joined, BatchError> {
    let found = documents(place, drawn)?;
    let by_id: HashMap<DocumentId, usize> =
        (0..).zip(&found).map(|(at, of)| (of.id(), at)).collect();
    let mut signed: Vec<Vec<u8>> = found.iter().map(|of| of.signed.clone()).collect();
    for (path, text) in files {
        for (line, copy) in (1..)
            .zip(text.lines())
            .filter(|(_, line)| !line.trim().is_empty())
        {
            let foreign = |why: &dyn std::fmt::Display| {
                let detail = format!("{} line {line}: {why}", path.display());
                refused(ReleaseRefusal::OfAnotherDrawing, detail)
            };
            let copy = unhex(copy.trim()).ok_or_else(|| foreign(&"no hexadecimal digits"))?;
            let subject = found.first().map(|of| of.subject);
            let subject = subject.ok_or_else(|| foreign(&"nothing is drawn"))?;
            let payload = peek_all(subject, &copy).map_err(|error| foreign(&error))?;
            let at = by_id.get(&id_all(subject, &payload));
            let at = *at.ok_or_else(|| foreign(&"no document of this drawing"))?;
            let joined = join_signatures(subject, &signed[at], &copy);
            signed[at] = joined.map_err(|error| foreign(&error))?;
        }
    }
    let looked = found
        .iter()
        .zip(&signed)
        .map(|(document, signed)| {
            let foreign = |why: String| {
                refused(
                    ReleaseRefusal::OfAnotherDrawing,
                    format!("{}: {why}", document.name),
                )
            };
            let opened = open_all(document.subject, signed, place.verifier, &[])
                .map_err(|error| foreign(error.to_string()))?;
            if let Some(other) = opened
                .signers
                .iter()
                .find(|kid| !place.signers().contains(kid))
            {
                return Err(foreign(format!("signed by {}", other.hex())));
            }
            Ok(DrawnDocument {
                name: document.name.clone(),
                id: opened.id,
                signers: opened.signers,
            })
        })
        .collect::<Result<Vec<_>, BatchError>>()?;
    let dir = place.dir.join(drawn.folder());
    let mut changed = Vec::new();
    let mut added = 0;
    for (document, signed) in found.iter().zip(&signed) {
        let file = document.with(signed)?;
        if *signed != document.signed {
            replace(&dir.join(&document.name), &file)?;
            added += 1;
        }
        changed.push(FileEntry {
            path: document.name.clone(),
            length: file.len() as u64,
            sha256: sha256(&file).into(),
        });
    }
    let (before, _) = hash_file(&dir.join(MANIFEST_FILE))?;
    renew_manifest(&dir, drawn.folder(), place.trust(place.srs), changed, srs)?;
    if drawn == Drawn::Packages {
        Steps::below(place.dir).follow(PACKAGES, &before, &dir)?;
    }
    Ok(Joined {
        documents: looked,
        added,
    })
}

/// Looks, signs with both keys and joins, where one process plays both institutions: in trials and in the demo.
///
/// # Errors
/// As [`sign_drawn`] and [`join_drawn`].
pub fn sign_drawn_by_both(
    place: &ListPlace<'_>,
    drawn: Drawn,
    [srs, cec]: [&dyn Signer; 2],
) -> Result<(), BatchError> {
    let expected = Expected::default();
    let mut files = Vec::new();
    for signer in [srs, cec] {
        match sign_drawn(place, drawn, &expected, signer) {
            Ok((_, file)) => files.push((PathBuf::from(signer.kid().hex()), file)),
            Err(BatchError::Refused(why)) if why.refusal == ReleaseRefusal::SignedAlready => {}
            Err(error) => return Err(error),
        }
    }
    if !files.is_empty() {
        join_drawn(place, drawn, &files, srs)?;
    }
    Ok(())
}

/// Demands both institutions' signatures under a drawn document, each by its own code.
pub(crate) fn demand_both(
    signers: &[Kid],
    [srs, cec]: [Kid; 2],
    path: &Path,
) -> Result<(), BatchError> {
    for (kid, lacking) in [
        (srs, ReleaseRefusal::SrsUnsigned),
        (cec, ReleaseRefusal::CecUnsigned),
    ] {
        if !signers.contains(&kid) {
            let detail = format!("{}: {} has not signed", path.display(), kid.hex());
            return Err(refused(lacking, detail));
        }
    }
    Ok(())
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}
