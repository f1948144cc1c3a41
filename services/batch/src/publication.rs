//! Step `publish`: everything a stranger needs, as static files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use lexicon::handover::envelope::{
    DocumentId, DocumentType, Signer, decode, encode, id_all, open_all, sign1,
};
use lexicon::handover::lookup::{LookupKey, LookupScope, seal_lookup};
use lexicon::handover::release::ListRelease;
use lexicon::{Instant, PersonId, ReleaseRefusal};
use rayon::prelude::*;
use roll::answers::{After, Answers, ClaimsByPerson, PersonTold, told};
use roll::commit::precinct_totals;
use roll::form::form;

use crate::deltas::{self, DELTAS, LastDrawn, ListPlace, publish_deltas};
use crate::folder::{Contents, FolderWriter, file_error, files_below};
use crate::form::{BatchError, Formed, Job};
use crate::journals::{Day, read_day};
use crate::logs::{LogKeys, Published, read_entries, write_log};
use crate::open_data::{changes_of, precincts_geojson, statistics_of};
use crate::packages::PACKAGES;
use crate::sign::{Approved, demand_approvals, demand_both, refused};
use crate::snapshot::read_snapshot;

/// The folder's name.
pub const PUBLICATION: &str = "publication";

/// What a publication is made of beside the list.
#[derive(Clone, Copy)]
pub struct PublicationTerms<'a> {
    /// The publication's key.
    pub signer: &'a dyn Signer,
    /// `trust.cose`, signed by both roots.
    pub trust: &'a [u8],
    /// The law file, byte for byte.
    pub law_text: &'a str,
    /// Log and witnesses.
    pub log: &'a LogKeys,
    /// Look-up key of the election.
    pub lookup: &'a LookupKey,
    /// What the office says about who approved the release; a final list is not published without.
    pub approved: Option<Approved<'a>>,
    /// When this is published; stamped by the witnesses.
    pub at: Instant,
    /// The snapshot that the last delta was drawn from; needed when deltas stand after the release, because who was added
    /// asks with numbers that the release's snapshot may not know.
    pub after: Option<&'a Path>,
    /// Begin a new log. Otherwise the log that stands in `publication/` goes on, append-only.
    pub fresh_log: bool,
}

impl std::fmt::Debug for PublicationTerms<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "PublicationTerms(at {}, fresh {})",
            self.at, self.fresh_log
        )
    }
}

/// What was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// Entries of the election's log.
    pub log_entries: u64,
    /// Answers in the look-up file.
    pub answers: u64,
    /// Deltas after the release that the answers know.
    pub deltas: u32,
    /// Voters counted in the journals.
    pub counted: u64,
    /// Later acts on a line that was counted before.
    pub duplicates: u64,
}

/// Writes `publication/` from the roll, the packages and, after the day, the journals.
///
/// # Errors
/// [`BatchError`]; an older `publication/` then still stands.
pub fn publish(
    job: &Job<'_>,
    formed: &Formed,
    terms: &PublicationTerms<'_>,
) -> Result<Publication, BatchError> {
    demand_both(job, formed)?;
    demand_approvals(&formed.release, terms.approved)?;
    let after = InForceNow::read(job, terms)?;
    let target = job.out.join(PUBLICATION);
    let mut folder = FolderWriter::create(&target)?;
    folder.write("trust.cose", terms.trust)?;
    folder.write("law.toml", terms.law_text.as_bytes())?;
    let (mut documents, released) = releases(job, formed, &target, &mut folder)?;
    let release = (formed.release.release, formed.release_id);
    documents.extend(publish_deltas(job, release, &target, &mut folder)?);
    let stations = manifests(job, &mut documents)?;
    let day = read_day(job, &stations)?;
    documents.extend(day.reports.iter().map(|id| ("report".to_owned(), *id)));
    let log_entries = election_log(terms, &target, &documents, &mut folder)?;
    list_log(formed, terms, &mut folder)?;
    keep_older_lists(formed, &target, &mut folder)?;
    turnout(&day, &mut folder)?;
    job.tell("open data", 0, 2);
    folder.write("precincts.geojson", &precincts_geojson(formed)?)?;
    folder.write(
        "statistics.json",
        &statistics_of(job.law, &formed.snapshot, &formed.roll)?,
    )?;
    folder.write("changes.json", &changes_of(&released, job.law)?)?;
    job.tell("look-up", 0, formed.roll.count.considered);
    let (lookup, answers) = lookup(job, formed, terms, after.as_ref())?;
    folder.write("lookup.bin", &lookup)?;
    let mut contents = Contents::default();
    contents
        .count("log_entries", log_entries)
        .count("answers", answers);
    contents.count("counted", day.counted());
    folder.finish(PUBLICATION, job.law.election.number, contents, terms.signer)?;
    Ok(Publication {
        log_entries,
        answers,
        deltas: after.map_or(0, |after| after.deltas),
        counted: day.counted(),
        duplicates: day.duplicates(),
    })
}

fn unopened(path: &Path, why: impl std::fmt::Display) -> BatchError {
    BatchError::Document {
        path: path.to_owned(),
        why: why.to_string(),
    }
}

/// Releases as the log names them, and what they say, ascending.
type Releases = (Vec<(String, DocumentId)>, Vec<ListRelease>);

/// Copies the older releases, adds this one, and names all for the log.
fn releases(
    job: &Job<'_>,
    formed: &Formed,
    target: &Path,
    folder: &mut FolderWriter,
) -> Result<Releases, BatchError> {
    let subject = job.subject(DocumentType::ListRelease);
    let required = [job.keys.srs.kid(), job.keys.cec.kid()];
    let last = formed.release.release;
    let (mut documents, mut released) = (Vec::new(), Vec::new());
    for number in 1..=last {
        let name = format!("release-{number}.cose");
        let path = match number {
            n if n == last => job.out.join(crate::form::ROLL).join("release.cose"),
            _ => target.join(&name),
        };
        let bytes = fs::read(&path).map_err(file_error(&path))?;
        let signed = open_all(subject, &bytes, job.keys.verifier, &required)
            .map_err(|error| unopened(&path, error))?;
        if number == last && signed.id != formed.release_id {
            return Err(unopened(&path, "it is not the release of this list"));
        }
        folder.write(&name, &bytes)?;
        documents.push((subject.kind.name().to_owned(), signed.id));
        released.push(decode(&signed.payload).map_err(|error| unopened(&path, error))?);
    }
    Ok((documents, released))
}

/// Opens every package manifest and names it for the log.
fn manifests(
    job: &Job<'_>,
    documents: &mut Vec<(String, DocumentId)>,
) -> Result<Vec<lexicon::handover::package::PackageManifest>, BatchError> {
    let subject = job.subject(DocumentType::PackageManifest);
    let required = [job.keys.srs.kid(), job.keys.cec.kid()];
    let dir = job.out.join(PACKAGES);
    let mut found = Vec::new();
    if !dir.exists() {
        return Ok(found);
    }
    for name in files_below(&dir)?
        .iter()
        .filter(|name| name.ends_with(".manifest.cose"))
    {
        let path = dir.join(name);
        let bytes = fs::read(&path).map_err(file_error(&path))?;
        let signed = open_all(subject, &bytes, job.keys.verifier, &[])
            .map_err(|error| unopened(&path, error))?;
        crate::drawn::demand_both(&signed.signers, required, &path)?;
        let manifest = decode(&signed.payload).map_err(|error| unopened(&path, error))?;
        documents.push((subject.kind.name().to_owned(), signed.id));
        found.push(manifest);
    }
    Ok(found)
}

/// The entry of a document in the election's log: CBOR `["TYPE", id]`.
#[must_use]
pub fn log_entry(kind: &str, id: DocumentId) -> Vec<u8> {
    encode(&(kind, minicbor::bytes::ByteArray::from(id.0)))
}

fn election_log(
    terms: &PublicationTerms<'_>,
    target: &Path,
    documents: &[(String, DocumentId)],
    folder: &mut FolderWriter,
) -> Result<u64, BatchError> {
    let before = match terms.fresh_log {
        true => Published::default(),
        false => read_entries(target, &terms.log.name, terms.log)?,
    };
    let known: BTreeSet<&Vec<u8>> = before.entries.iter().collect();
    let new: Vec<Vec<u8>> = documents
        .iter()
        .map(|(kind, id)| log_entry(kind, *id))
        .filter(|entry| !known.contains(entry))
        .collect();
    let mut entries = before.entries.clone();
    entries.extend(new);
    write_log(
        folder,
        "",
        &terms.log.name,
        &entries,
        &before,
        terms.log,
        terms.at,
    )?;
    Ok(entries.len() as u64)
}

/// The list tree of this release as a log of its own, so that every line can be proven.
fn list_log(
    formed: &Formed,
    terms: &PublicationTerms<'_>,
    folder: &mut FolderWriter,
) -> Result<(), BatchError> {
    let number = formed.release.release;
    let name = format!("{}/list-{number}", terms.log.name);
    let place = format!("list-{number}/");
    let fresh = Published::default();
    write_log(
        folder,
        &place,
        &name,
        &formed.commitments,
        &fresh,
        terms.log,
        terms.at,
    )
}

/// Trees of older releases stay provable: their files are copied as they are.
fn keep_older_lists(
    formed: &Formed,
    target: &Path,
    folder: &mut FolderWriter,
) -> Result<(), BatchError> {
    for number in 1..formed.release.release {
        let place = format!("list-{number}");
        let old = target.join(&place);
        if !old.exists() {
            continue;
        }
        for path in files_below(&old)? {
            let bytes = fs::read(old.join(&path)).map_err(file_error(&old))?;
            folder.write(&format!("{place}/{path}"), &bytes)?;
        }
    }
    Ok(())
}

fn turnout(day: &Day, folder: &mut FolderWriter) -> Result<(), BatchError> {
    let tables = roll::turnout::tables(&day.precincts);
    folder.write("turnout.csv", tables.turnout.as_bytes())?;
    folder.write("hours.csv", tables.hours.as_bytes())?;
    folder.write("methods.csv", tables.methods.as_bytes())?;
    Ok(())
}

/// The list after the last delta, as far as answers speak of it.
struct InForceNow {
    deltas: u32,
    told: BTreeMap<PersonId, PersonTold>,
    snapshot: roll::Snapshot,
    roll: roll::Roll,
}

impl InForceNow {
    /// Reads the deltas after the release and the snapshot of the last one; none when nothing is signed after it.
    ///
    /// A delta that one institution has signed alone stops the publication: the one that stands goes on.
    fn read(job: &Job<'_>, terms: &PublicationTerms<'_>) -> Result<Option<Self>, BatchError> {
        if !job.out.join(DELTAS).exists() {
            return Ok(None);
        }
        let place = ListPlace {
            law: job.law,
            dir: job.out,
            verifier: job.keys.verifier,
            srs: job.keys.srs.kid(),
            cec: job.keys.cec.kid(),
            report: job.report,
        };
        let read = deltas::read(&place, LastDrawn::Passed)?;
        let Some(last) = read.applied.last() else {
            return Ok(None);
        };
        let is_another = |what| refused(ReleaseRefusal::DeltaSnapshot, what);
        let dir = terms.after.ok_or_else(|| {
            is_another(format!("{} deltas and no snapshot of the last", read.count))
        })?;
        let newer = read_snapshot(dir, job.law, place.trust(job.keys.register), job.threads)?;
        if newer.id.0 != *last.delta.snapshot {
            return Err(is_another(format!(
                "{} is not the snapshot of delta {}",
                dir.display(),
                read.count
            )));
        }
        job.tell("form", 0, newer.snapshot.persons.len() as u64);
        Ok(Some(Self {
            deltas: read.count,
            told: told(&read.applied),
            roll: form(&newer.snapshot, job.law)?,
            snapshot: newer.snapshot,
        }))
    }
}

/// The sealed answers for everybody on the list in force and everybody who is not.
fn lookup(
    job: &Job<'_>,
    formed: &Formed,
    terms: &PublicationTerms<'_>,
    now: Option<&InForceNow>,
) -> Result<(Vec<u8>, u64), BatchError> {
    let salts = job.salt_key();
    let claims = ClaimsByPerson::of(&formed.snapshot);
    let claims_now = now.map(|now| ClaimsByPerson::of(&now.snapshot));
    let after = now.zip(claims_now.as_ref()).map(|(now, claims)| After {
        snapshot: &now.snapshot,
        roll: &now.roll,
        claims,
        told: &now.told,
    });
    let answers = Answers {
        snapshot: &formed.snapshot,
        roll: &formed.roll,
        law: job.law,
        release: formed.release.release,
        salts: &salts,
        key: terms.lookup,
        claims: &claims,
        after,
    };
    let totals = precinct_totals(&formed.roll);
    // Of several answers under one token the first is kept: what a delta says goes before the release.
    let mut entries = answers.of_deltas();
    let of_lists: Vec<_> = job.pool()?.install(|| {
        formed
            .roll
            .lists
            .par_iter()
            .zip(&totals)
            .flat_map_iter(|(list, total)| answers.of_list(list, total.first_leaf))
            .collect()
    });
    entries.extend(of_lists);
    let subject = job.subject(DocumentType::Absence);
    for absent in answers.absences() {
        let signed = sign1(subject, &encode(&absent.statement), job.keys.srs)?;
        entries.push(absent.entry(&signed));
    }
    let scope = LookupScope {
        election: job.law.election.number,
        release: formed.release.release,
        delta: now.map_or(0, |now| now.deltas),
    };
    let count = entries.len() as u64;
    Ok((seal_lookup(scope, entries), count))
}

/// The id a release of this job gets, whoever signs it.
#[must_use]
pub fn release_id(job: &Job<'_>, formed: &Formed) -> DocumentId {
    id_all(
        job.subject(DocumentType::ListRelease),
        &encode(&formed.release),
    )
}
