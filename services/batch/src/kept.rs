//! What a run keeps for the next one: the compact tables and the reconciliation, as bytes, in `OUT/kept/`.
//!
//! A snapshot of the same id is then not read again, and a newer one is read as the changes since ([`crate::changes`]).
//! The image is bound to the snapshot's id, the law and the very program that wrote it, and signed with the release
//! key; one that does not fit in any way is passed over, with the reason told, and the whole snapshot is read. It holds
//! every PIN, as the snapshot does, so it is kept only when that is asked for.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use lexicon::PersonId;
use lexicon::handover::envelope::{DocumentId, hex, sha256};
use lexicon::handover::folder::{FileEntry, FolderManifest};
use rayon::prelude::*;
use roll::Snapshot;
use roll::reconcile::again::{Before, Change, reconcile_again};
use roll::reconcile::{Reconciliation, image as reconciled};
use roll::snapshot::image::{Part, VERSION};
use roll::snapshot::{Changes, Moves};
use roll::{Roll, snapshot::Replaced};

use crate::changes::read_changes;
use crate::folder::{
    Contents, FolderWriter, Trust, hash_file, open_manifest, renew_manifest, replace,
};
use crate::form::{BatchError, Job};
use crate::snapshot::{ReadSnapshot, SNAPSHOT, read_snapshot};

/// The folder's name.
pub const KEPT: &str = "kept";
/// The file of the reconciliation.
const RECONCILIATION: &str = "reconciliation.bin";

/// What a run takes from the one before, and leaves to the next.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rerun<'a> {
    /// The folder of changes from the snapshot whose image is kept to the one that is asked for.
    pub changes: Option<&'a Path>,
    /// Whether this run keeps an image.
    pub keep: bool,
}

/// How the snapshot was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reading {
    /// From its tables; the reason why an image or changes that were there were passed over.
    Anew(Option<String>),
    /// From the image of an earlier run, with changes about so many persons.
    Kept(u64),
}

/// A snapshot that was read, with what an earlier run left about it.
pub(crate) struct Read {
    pub id: DocumentId,
    pub snapshot: Snapshot,
    pub reading: Reading,
    pub earlier: Option<Earlier>,
}

impl Read {
    /// Whether an image of this very snapshot stands, its reconciliation included.
    pub fn is_whole_image(&self) -> bool {
        self.reading == Reading::Kept(0) && self.earlier.is_some()
    }
}

/// The reconciliation of an earlier run, and what changed since.
pub(crate) struct Earlier {
    reconciliation: Reconciliation,
    before: Before,
    moves: Moves,
    touched: Vec<PersonId>,
}

impl Earlier {
    /// The reconciliation of the snapshot that was read.
    pub fn reconcile(self, snapshot: &Snapshot, roll: &Roll, job: &Job<'_>) -> Reconciliation {
        let change = Change {
            before: &self.before,
            moves: &self.moves,
            touched: &self.touched,
        };
        reconcile_again(self.reconciliation, &change, snapshot, roll, job.law)
    }
}

/// Hash of the program that runs: another build may count otherwise.
pub(crate) fn program() -> Option<&'static str> {
    static PROGRAM: OnceLock<Option<String>> = OnceLock::new();
    let hash = || {
        let path = std::env::current_exe().ok()?;
        Some(hex(&hash_file(&path).ok()?.0))
    };
    PROGRAM.get_or_init(hash).as_deref()
}

fn file(part: Part) -> String {
    format!("{}.bin", part.name())
}

/// What an image must have been made under: facts of its manifest.
fn facts(job: &Job<'_>) -> Option<[(&'static str, String); 3]> {
    Some([
        ("program", program()?.to_owned()),
        ("image", VERSION.to_string()),
        ("law", hex(&job.law.hash)),
    ])
}

fn fact<'a>(manifest: &'a FolderManifest, name: &str) -> &'a str {
    let mut facts = manifest.facts.iter();
    facts
        .find(|fact| fact.name == name)
        .map_or("", |fact| &fact.value)
}

/// An image whose manifest fits.
struct Image {
    dir: PathBuf,
    manifest: FolderManifest,
}

impl Image {
    /// The image below the output directory; none when there is none.
    ///
    /// # Errors
    /// Why one that is there does not fit.
    fn open(job: &Job<'_>) -> Result<Option<Self>, String> {
        let dir = job.out.join(KEPT);
        if !dir.exists() {
            return Ok(None);
        }
        let trust = Trust {
            verifier: job.keys.verifier,
            signer: job.keys.srs.kid(),
            election: job.law.election.number,
        };
        let opened = open_manifest(&dir, KEPT, trust);
        let (manifest, _) = opened.map_err(|error| error.to_string())?;
        let demanded = facts(job).ok_or("this program cannot read itself")?;
        for (name, value) in demanded {
            if fact(&manifest, name) != value {
                return Err(format!("the image was kept under another {name}"));
            }
        }
        Ok(Some(Self { dir, manifest }))
    }

    fn snapshot(&self) -> &str {
        fact(&self.manifest, "snapshot")
    }

    /// The bytes of a file, when they are those that were signed.
    fn bytes(&self, name: &str) -> Result<Vec<u8>, String> {
        let path = self.dir.join(name);
        let bytes = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut files = self.manifest.files.iter();
        let known = files.find(|file| file.path == name);
        if known.is_none_or(|file| *file.sha256 != sha256(&bytes)) {
            return Err(format!("{}: the file was changed", path.display()));
        }
        Ok(bytes)
    }

    /// The snapshot, and its reconciliation unless the run was stopped before it had one.
    fn read(&self) -> Result<(Snapshot, Option<Reconciliation>), String> {
        enum Piece {
            Of(Part, Box<Snapshot>),
            Found(Reconciliation),
        }
        let wrong = |error: roll::snapshot::image::ImageError| error.to_string();
        let reconciled_too = self
            .manifest
            .files
            .iter()
            .any(|file| file.path == RECONCILIATION);
        let first = reconciled_too.then_some(None);
        let names: Vec<Option<Part>> = first.into_iter().chain(Part::ALL.map(Some)).collect();
        // The largest begin first, whichever thread is free takes the next.
        let pieces = names
            .into_par_iter()
            .with_max_len(1)
            .map(|name| match name {
                Some(part) => {
                    let bytes = self.bytes(&file(part))?;
                    let read = Snapshot::of_image(part, &bytes).map_err(wrong)?;
                    Ok(Piece::Of(part, Box::new(read)))
                }
                None => {
                    let bytes = self.bytes(RECONCILIATION)?;
                    Ok(Piece::Found(reconciled::of_image(&bytes).map_err(wrong)?))
                }
            });
        let mut parts = Vec::new();
        let mut found = None;
        for piece in pieces.collect::<Result<Vec<_>, String>>()? {
            match piece {
                Piece::Of(part, read) => parts.push((part, *read)),
                Piece::Found(read) => found = Some(read),
            }
        }
        let snapshot = Snapshot::of_parts(parts).map_err(wrong)?;
        if found.as_ref().is_some_and(|found| !found.fits(&snapshot)) {
            return Err("the reconciliation is of another snapshot".to_owned());
        }
        Ok((snapshot, found))
    }
}

/// Reads the snapshot: from the image that an earlier run kept and the changes since, where they fit; else its tables.
pub(crate) fn read(job: &Job<'_>, rerun: Rerun<'_>) -> Result<Read, BatchError> {
    let why = match from_image(job, rerun) {
        Ok(Some(read)) => return Ok(read),
        Ok(None) => None,
        Err(why) => Some(why),
    };
    let ReadSnapshot { id, snapshot } =
        read_snapshot(job.snapshot, job.law, job.trust(), job.threads)?;
    Ok(Read {
        id,
        snapshot,
        reading: Reading::Anew(why),
        earlier: None,
    })
}

fn from_image(job: &Job<'_>, rerun: Rerun<'_>) -> Result<Option<Read>, String> {
    let Some(image) = Image::open(job)? else {
        let why = "no image is kept that the changes could be applied to";
        return match rerun.changes {
            Some(_) => Err(why.to_owned()),
            None => Ok(None),
        };
    };
    let opened = open_manifest(job.snapshot, SNAPSHOT, job.trust());
    let (manifest, id) = opened.map_err(|error| error.to_string())?;
    let changes = if image.snapshot() == id.hex() {
        Changes::default()
    } else {
        let Some(dir) = rerun.changes else {
            return Err("the image is of another snapshot, and no changes were given".to_owned());
        };
        let read = read_changes(dir, job.law, job.trust()).map_err(|error| error.to_string())?;
        if read.newer != id.hex() {
            return Err("the changes lead to another snapshot".to_owned());
        }
        if read.base != image.snapshot() {
            return Err("the changes begin at another snapshot than the image's".to_owned());
        }
        read.changes
    };
    let pool = job.pool().map_err(|error| error.to_string())?;
    let (base, reconciliation) = pool.install(|| image.read())?;
    let before = Before::of(&base, &changes.touched);
    let (snapshot, moves) = changes.apply(base).map_err(|error| error.to_string())?;
    counts_agree(&manifest, &snapshot)?;
    let Replaced {
        street_names,
        second_addresses,
        precincts,
        boundaries,
        commission,
        ..
    } = changes.replaced;
    let touched = changes.touched.len() as u64;
    let whole = [
        street_names,
        second_addresses,
        precincts,
        boundaries,
        commission,
    ];
    let fits = !whole.contains(&true);
    let reconciliation = reconciliation.filter(|_| fits);
    let earlier = reconciliation.map(|reconciliation| Earlier {
        reconciliation,
        before,
        moves,
        touched: changes.touched,
    });
    Ok(Some(Read {
        id,
        snapshot,
        reading: Reading::Kept(if fits { touched } else { 0 }),
        earlier,
    }))
}

/// The tables must have as many rows as the register vouches for in the newer snapshot.
fn counts_agree(manifest: &FolderManifest, snapshot: &Snapshot) -> Result<(), String> {
    let lost = |table: &str| {
        let rows = snapshot.dangling.iter();
        rows.filter(|(of, _)| *of == table).count()
    };
    let got = [
        ("persons", snapshot.persons.len()),
        ("documents", snapshot.documents.len() + lost("documents")),
        ("addresses", snapshot.addresses.len()),
        ("street_names", snapshot.street_names.len()),
        (
            "second_addresses",
            snapshot.second_addresses.len() + lost("second_addresses"),
        ),
        ("residences", snapshot.residences.len() + lost("residences")),
        ("civil_events", snapshot.events.len() + lost("civil_events")),
        ("enrolments", snapshot.enrolments.len() + lost("enrolments")),
        ("precincts", snapshot.precincts.len()),
        ("commission", snapshot.commission.len()),
    ];
    for count in &manifest.counts {
        let rows = got.iter().find(|(table, _)| *table == count.name);
        if rows.is_some_and(|(_, rows)| *rows as u64 != count.value) {
            return Err(format!(
                "table {} has another number of rows after the changes than its snapshot",
                count.name
            ));
        }
    }
    Ok(())
}

/// Keeps the image of a snapshot, with its reconciliation where there is one yet, beside the output, and renames it into
/// place.
pub(crate) fn keep(
    job: &Job<'_>,
    id: DocumentId,
    snapshot: &Snapshot,
    found: Option<&Reconciliation>,
) -> Result<(), BatchError> {
    let Some(facts) = facts(job) else {
        return Ok(());
    };
    enum Piece<'a> {
        Of(Part),
        Found(&'a Reconciliation),
    }
    let mut folder = FolderWriter::create(&job.out.join(KEPT))?;
    let found = found.into_iter().map(Piece::Found);
    let pieces: Vec<Piece<'_>> = found.chain(Part::ALL.map(Piece::Of)).collect();
    let entries = job.pool()?.install(|| {
        let written = pieces
            .into_par_iter()
            .with_max_len(1)
            .map(|piece| match piece {
                Piece::Of(part) => folder.put(&file(part), &snapshot.image(part)),
                Piece::Found(found) => folder.put(RECONCILIATION, &reconciled::image(found)),
            });
        written.collect::<Result<Vec<_>, _>>()
    })?;
    entries.into_iter().for_each(|entry| folder.note(entry));
    let mut contents = Contents::default();
    contents.fact("snapshot", id.hex());
    for (name, value) in facts {
        contents.fact(name, value);
    }
    folder.finish(KEPT, job.law.election.number, contents, job.keys.srs)?;
    Ok(())
}

/// Adds the reconciliation to the image that [`keep`] left of the snapshot alone.
pub(crate) fn keep_reconciliation(job: &Job<'_>, found: &Reconciliation) -> Result<(), BatchError> {
    if facts(job).is_none() {
        return Ok(());
    }
    let (dir, bytes) = (job.out.join(KEPT), reconciled::image(found));
    replace(&dir.join(RECONCILIATION), &bytes)?;
    let entry = FileEntry {
        path: RECONCILIATION.to_owned(),
        length: bytes.len() as u64,
        sha256: sha256(&bytes).into(),
    };
    let trust = Trust {
        verifier: job.keys.verifier,
        signer: job.keys.srs.kid(),
        election: job.law.election.number,
    };
    renew_manifest(&dir, KEPT, trust, vec![entry], job.keys.srs)?;
    Ok(())
}
