//! Step `form`: snapshot → `roll/`, a folder with a release that both institutions have yet to sign (`crate::sign`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lexicon::handover::envelope::{
    DocumentId, DocumentType, Kid, SignError, Signer, Subject, Verifier, encode, id_all,
};
use lexicon::handover::release::{ListRelease, SaltKey, SaltedLine};
use lexicon::{ElectionLaw, Instant};
use rayon::prelude::*;
use roll::commit::{ReleaseTerms, Stage, release, root, salted_lines};
use roll::form::{FormError, form};
use roll::reconcile::{Meanings, Reconciler, Reconciliation};
use roll::{Roll, Snapshot};

use crate::columns::{TableError, write_table};
use crate::folder::{Contents, FolderError, RELEASE_FACT, RELEASE_FILE, Trust, file_error};
use crate::kept::{Read, Reading, Rerun};
use crate::parts::{COMMIT, Parts, RECONCILE, TABLES};
use crate::randomness::Randomness;
use crate::snapshot::SnapshotFileError;
use crate::steps::{Inputs, Progress, Report, Steps};
use crate::tables::{ClaimOutcomeRow, DecisionRow, FindingRow, ReconciliationRow, What};
use crate::taken_up::TakenUp;

/// The folder's name.
pub const ROLL: &str = "roll";
/// Rises when this step's output changes for the same inputs.
const VERSION: u32 = 3;

/// Why a step stopped. What stood before still stands.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// The snapshot.
    #[error(transparent)]
    Snapshot(#[from] SnapshotFileError),
    /// The sums.
    #[error(transparent)]
    Form(#[from] FormError),
    /// A table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The list in force and the newer facts do not fit together.
    #[error(transparent)]
    Delta(#[from] roll::delta::DeltaError),
    /// A final list that waits.
    #[error(transparent)]
    Held(#[from] crate::gate::HeldBack),
    /// A key.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// A station package could not be sealed.
    #[error("package of precinct {precinct}: {source}")]
    Package {
        /// Which precinct.
        precinct: u16,
        /// Why.
        source: lexicon::handover::package::PackageError,
    },
    /// The roster does not fit the precinct.
    #[error("precinct {precinct}: {why}")]
    Roster {
        /// Which precinct.
        precinct: u16,
        /// Why.
        why: String,
    },
    /// The log's key or its earlier state.
    #[error("the log: {0}")]
    Log(String),
    /// A document of an earlier step does not open.
    #[error("{path}: {why}")]
    Document {
        /// Which file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The release is not signed or not published.
    #[error(transparent)]
    Refused(#[from] crate::sign::Refused),
    /// Threads could not be started.
    #[error("threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}

/// The keys of one run; the private halves may be anywhere.
#[derive(Clone, Copy)]
pub struct Keys<'a> {
    /// The registration service's release key.
    pub srs: &'a dyn Signer,
    /// The commission's release key.
    pub cec: &'a dyn Signer,
    /// The register's key, which signed the snapshot.
    pub register: Kid,
    /// Checks signatures.
    pub verifier: &'a dyn Verifier,
}

impl std::fmt::Debug for Keys<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

/// What this release is, beside the list.
#[derive(Clone, Copy, Debug)]
pub struct Release {
    /// Number, from 1.
    pub number: u32,
    /// The release before.
    pub previous: Option<DocumentId>,
    /// When the list was frozen.
    pub frozen_at: Instant,
    /// Stage.
    pub stage: Stage,
}

/// One run of the chain: everything it depends on is here.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// The law.
    pub law: &'a ElectionLaw,
    /// The snapshot folder.
    pub snapshot: &'a Path,
    /// The directory that holds `roll/`, `packages/`, `publication/`.
    pub out: &'a Path,
    /// Keys.
    pub keys: Keys<'a>,
    /// Salts, ephemeral keys and package keys come from here.
    pub randomness: &'a Randomness,
    /// The release.
    pub release: Release,
    /// Threads; 0: as many as the machine has.
    pub threads: usize,
    /// Where progress goes.
    pub report: Report<'a>,
}

impl std::fmt::Debug for Job<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Job({}, {})", self.law.id, self.out.display())
    }
}

/// The list in memory, with its commitments and its release document.
#[derive(Debug)]
pub struct Formed {
    /// Id of the snapshot.
    pub snapshot_id: DocumentId,
    /// The register.
    pub snapshot: Snapshot,
    /// The list.
    pub roll: Roll,
    /// Commitments by precinct and line.
    pub commitments: Vec<[u8; 32]>,
    /// The release.
    pub release: ListRelease,
    /// Its id.
    pub release_id: DocumentId,
    /// The commission's list, reconciled; empty when the snapshot holds none.
    pub reconciliation: Reconciliation,
    /// How the snapshot was read.
    pub reading: Reading,
    /// How many parts of each step were taken up from a run of the same inputs that was stopped.
    pub taken_up: BTreeMap<&'static str, u64>,
}

impl Job<'_> {
    pub(crate) fn pool(&self) -> Result<rayon::ThreadPool, BatchError> {
        Ok(rayon::ThreadPoolBuilder::new()
            .num_threads(self.threads)
            .build()?)
    }

    pub(crate) fn tell(&self, step: &str, done: u64, total: u64) {
        (self.report)(Progress {
            step,
            done,
            total,
            skipped: false,
        });
    }

    /// Tells that a whole step is not done again.
    fn tell_skipped(&self, step: &str) {
        (self.report)(Progress {
            step,
            done: 1,
            total: 1,
            skipped: true,
        });
    }

    /// Salts of this release.
    #[must_use]
    pub fn salt_key(&self) -> SaltKey {
        self.randomness.salt_key(self.release.number)
    }

    pub(crate) fn inputs(&self, step: &str, version: u32, snapshot: DocumentId) -> Inputs {
        let mut inputs = Inputs::of(step, version);
        let previous = self.release.previous.map_or([0; 32], |id| id.0);
        inputs
            .add("law", &self.law.hash)
            .add("snapshot", &snapshot.0)
            .add("release", &self.release.number.to_be_bytes())
            .add("previous", &previous)
            .add("frozen", &self.release.frozen_at.micros().to_be_bytes())
            .add("stage", self.release.stage.code().as_bytes())
            .add("srs", &self.keys.srs.kid().0)
            .add("cec", &self.keys.cec.kid().0)
            .add("randomness", &self.randomness.draw("step inputs"));
        inputs
    }

    fn terms(&self, snapshot: DocumentId) -> ReleaseTerms {
        ReleaseTerms {
            release: self.release.number,
            previous: self.release.previous,
            snapshot,
            frozen_at: self.release.frozen_at,
            stage: self.release.stage,
        }
    }

    /// The subject of this election's documents of a type.
    #[must_use]
    pub fn subject(&self, kind: DocumentType) -> Subject {
        Subject {
            kind,
            election: self.law.election.number,
        }
    }

    pub(crate) fn trust(&self) -> Trust<'_> {
        Trust {
            verifier: self.keys.verifier,
            signer: self.keys.register,
            election: self.law.election.number,
        }
    }
}

/// Reads the snapshot, forms the list and writes `roll/`, unless it stands already.
///
/// The list is formed in memory in any case, because the steps after this one need it.
///
/// # Errors
/// [`BatchError`]; an older `roll/` then still stands.
pub fn form_roll(job: &Job<'_>) -> Result<Formed, BatchError> {
    form_roll_through(job, None)
}

/// The same, past a gate: voters placed by hand come in, and a final list waits for its blockers.
///
/// # Errors
/// As [`form_roll`]; [`BatchError::Held`] names every blocker, and nothing is written then.
pub fn form_roll_through(
    job: &Job<'_>,
    gate: Option<&crate::gate::Gate<'_>>,
) -> Result<Formed, BatchError> {
    form_roll_again(job, gate, Rerun::default())
}

/// The same, from what an earlier run kept where that fits, and keeping an image for the next when it is asked to.
///
/// What is written is the same, byte for byte, as without.
///
/// # Errors
/// As [`form_roll_through`]; an image that does not fit is no error, [`Formed::reading`] says why.
pub fn form_roll_again(
    job: &Job<'_>,
    gate: Option<&crate::gate::Gate<'_>>,
    rerun: Rerun<'_>,
) -> Result<Formed, BatchError> {
    job.tell("read snapshot", 0, 0);
    let read = crate::kept::read(job, rerun)?;
    if read.reading == Reading::Kept(0) {
        job.tell_skipped("read snapshot");
    }
    let stands = read.is_whole_image() && rerun.changes.is_none();
    let anew = matches!(read.reading, Reading::Anew(_));
    let formed = form_read(job, gate, read, rerun.keep && anew)?;
    if rerun.keep && !stands {
        job.tell("keep", 0, 0);
        let found = &formed.reconciliation;
        if anew {
            crate::kept::keep_reconciliation(job, found)?;
        } else {
            crate::kept::keep(job, formed.snapshot_id, &formed.snapshot, Some(found))?;
        }
    }
    Ok(formed)
}

fn form_read(
    job: &Job<'_>,
    gate: Option<&crate::gate::Gate<'_>>,
    read: Read,
    keep: bool,
) -> Result<Formed, BatchError> {
    let (snapshot_id, snapshot) = (read.id, &read.snapshot);
    job.tell("form", 0, snapshot.persons.len() as u64);
    let roll = match gate {
        Some(gate) => gate.form(job, snapshot)?,
        None => form(snapshot, job.law)?,
    };
    let target = job.out.join(ROLL);
    let steps = Steps::below(job.out);
    let mut inputs = job.inputs("form", VERSION, snapshot_id);
    if let Some(gate) = gate {
        gate.pass(job, (snapshot_id, snapshot), &roll)?;
        inputs.add("gate", &gate.marks());
    }
    if keep {
        // Before the long steps: a run that goes on after a stop reads the image.
        job.tell("keep", 0, 0);
        crate::kept::keep(job, snapshot_id, snapshot, None)?;
    }
    if steps.stands("form", &inputs, &target) && target.join(RELEASE_FILE).is_file() {
        let formed = commit(job, read, roll, None)?;
        job.tell_skipped("form");
        return Ok(formed);
    }
    let mut of_parts = inputs.clone();
    of_parts
        .add(
            "program",
            crate::kept::program().unwrap_or_default().as_bytes(),
        )
        .add("image", &roll::snapshot::image::VERSION.to_be_bytes());
    let (notes, hash) = (steps.unfinished("form"), of_parts.digest());
    let (notes, mut folder) = TakenUp::begin(notes, &hash, job.randomness, &target)?;
    let parts = Parts::of(&folder, &notes);
    let mut formed = commit(job, read, roll, Some(&parts))?;
    write_tables(job, &formed, &parts)?;
    let (entries, taken_up) = parts.finish();
    formed.taken_up = taken_up;
    entries.into_iter().for_each(|entry| folder.note(entry));
    folder.drop_unnoted()?;
    let release = crate::sign::to_be_signed(job, &formed.release, &target)?;
    let place = folder.place(RELEASE_FILE)?;
    std::fs::write(&place, release).map_err(file_error(&place))?;
    let mut contents = Contents::default();
    contents.fact(RELEASE_FACT, formed.release_id.hex());
    contents.count("considered", formed.roll.count.considered);
    contents.count("lines", formed.roll.count.total);
    contents.count("claims", formed.snapshot.claims.len() as u64);
    contents.count("findings", formed.roll.findings.len() as u64);
    contents.count("commission_rows", formed.reconciliation.rows.len() as u64);
    folder.finish(ROLL, job.law.election.number, contents, job.keys.srs)?;
    steps.mark("form", &inputs, &target)?;
    notes.discard();
    Ok(formed)
}

/// Salts, commits and reconciles, and writes each precinct's lines where parts are written; precincts run in parallel.
fn commit(
    job: &Job<'_>,
    read: Read,
    roll: Roll,
    parts: Option<&Parts<'_>>,
) -> Result<Formed, BatchError> {
    let Read {
        id: snapshot_id,
        snapshot,
        reading,
        earlier,
    } = read;
    let key = job.salt_key();
    let total = roll.lists.len() as u64;
    let done = std::sync::atomic::AtomicU64::new(0);
    // Keys stay on this thread: a device's session belongs to one.
    let report = job.report;
    let by_precinct: Vec<Vec<[u8; 32]>> = job.pool()?.install(|| {
        roll.lists
            .par_iter()
            .map(|list| {
                let lines = || salted_lines(&snapshot, &roll, list, &key);
                let (commitments, skipped) = match parts {
                    Some(parts) => parts.lines(list, lines)?,
                    None => (lines().iter().map(SaltedLine::commitment).collect(), false),
                };
                let done = 1 + done.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                report(Progress {
                    step: COMMIT,
                    done,
                    total,
                    skipped,
                });
                Ok(commitments)
            })
            .collect::<Result<_, FolderError>>()
    })?;
    let commitments = by_precinct.concat();
    let release = release(&roll, job.law, root(&commitments), job.terms(snapshot_id));
    let release_id = id_all(job.subject(DocumentType::ListRelease), &encode(&release));
    job.tell(RECONCILE, 0, snapshot.commission.len() as u64);
    let pool = job.pool()?;
    let reconcile = || match earlier {
        Some(earlier) => earlier.reconcile(&snapshot, &roll, job),
        None => pool.install(|| reconcile_on_threads(&snapshot, &roll, job.law)),
    };
    // Without a list of the commission there is nobody to call new.
    let reconciliation = match parts {
        _ if snapshot.commission.is_empty() => Reconciliation::default(),
        None => reconcile(),
        Some(parts) => {
            let (found, skipped) = parts.reconciliation(&snapshot, reconcile)?;
            if skipped {
                job.tell_skipped(RECONCILE);
            }
            found
        }
    };
    Ok(Formed {
        snapshot_id,
        snapshot,
        roll,
        commitments,
        release,
        release_id,
        reconciliation,
        reading,
        taken_up: BTreeMap::new(),
    })
}

/// Rows of one part of the list.
const PART_ROWS: usize = 4_096;

/// The reconciliation on the threads of the pool that it is called in; the same as `roll::reconcile::reconcile`.
#[must_use]
pub fn reconcile_on_threads(snapshot: &Snapshot, roll: &Roll, law: &ElectionLaw) -> Reconciliation {
    let reconciler = Reconciler::new(snapshot, roll, law);
    let parts: Vec<_> = (0..reconciler.rows())
        .step_by(PART_ROWS)
        .map(|from| from..(from + PART_ROWS).min(reconciler.rows()))
        .collect();
    let found: Vec<Meanings> = parts
        .par_iter()
        .map(|part| reconciler.find(part.clone()))
        .collect();
    let mut meanings = Meanings::default();
    found.into_iter().for_each(|part| meanings.append(part));
    let groups = reconciler.group(meanings);
    let judged: Vec<_> = parts
        .par_iter()
        .map(|part| reconciler.judge(part.clone(), &groups))
        .collect();
    reconciler.finish(judged.concat(), &groups)
}

fn write_tables(job: &Job<'_>, formed: &Formed, parts: &Parts<'_>) -> Result<(), BatchError> {
    let Formed { snapshot, roll, .. } = formed;
    job.tell(TABLES, 0, 4);
    // Keys stay on this thread: a device's session belongs to one.
    let (law, report) = (job.law, job.report);
    // The two long tables beside each other.
    let (persons, rest) = job.pool()?.join(
        || {
            parts.table(report, "decisions.parquet", |path| {
                let rows = snapshot.people().map(|person| DecisionRow {
                    snapshot,
                    roll,
                    law,
                    person,
                });
                write_table(path, rows)
            })
        },
        || {
            parts.table(report, "claims.parquet", |path| {
                let rows =
                    (0..snapshot.claims.len()).map(|at| ClaimOutcomeRow { snapshot, roll, at });
                write_table(path, rows)
            })?;
            parts.table(report, "findings.parquet", |path| {
                let findings = roll.findings.iter();
                write_table(
                    path,
                    findings.map(|finding| FindingRow { snapshot, finding }),
                )
            })?;
            parts.table(report, "reconciliation.parquet", |path| {
                write_reconciliation(path, snapshot, roll, &formed.reconciliation)
            })
        },
    );
    persons?;
    rest?;
    job.tell(TABLES, 4, 4);
    Ok(())
}

/// Writes the commission's rows and then the new persons.
///
/// # Errors
/// [`TableError`].
pub fn write_reconciliation(
    path: &Path,
    snapshot: &Snapshot,
    roll: &Roll,
    found: &Reconciliation,
) -> Result<u64, TableError> {
    let of = |what| ReconciliationRow {
        snapshot,
        roll,
        what,
    };
    let rows = found
        .rows
        .iter()
        .enumerate()
        .map(|(at, row)| of(What::Row(at, row)));
    let new = found.new.iter().map(|person| of(What::New(*person)));
    write_table(path, rows.chain(new))
}
