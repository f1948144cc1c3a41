//! Receiving a formed roll: the signed folder `roll/` becomes rows that the pages show.
//!
//! The folder is checked whole before a row is kept: its manifest, every file's hash, both signatures
//! of the release. A release that is there already is left as it is.

use std::fs;
use std::path::Path;

use batch::BatchError;
use batch::columns::{Column, Put, ReadRow, Row, TableError, read_table};
use batch::folder::{FolderError, Trust, open_folder};
use batch::form::ROLL;
use lexicon::handover::envelope::{
    DocumentType, EnvelopeError, Kid, Subject, Verifier, decode, open_all,
};
use lexicon::handover::release::ListRelease;
use lexicon::{ElectionLaw, Instant, PersonId, PrecinctCode, ReconciliationClass, ReleaseRefusal};
use store::{
    ClaimOutcomeRow, DecisionRow, FindingRow, ListPlace, ReconciledRow, ReleaseRow, Store,
    StoreError, Tx,
};

pub(crate) mod breakdown;
mod deltas;
mod rows;

pub use deltas::{ReceivedDeltas, receive_deltas};

use crate::review;

use rows::{ClaimRead, DecisionRead, FindingRead, ReconciliationRead};

/// Whom a roll must come from.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// Checks signatures.
    pub verifier: &'a dyn Verifier,
    /// The registration service's release key, which signs the folder and the release.
    pub srs: Kid,
    /// The commission's release key, which signs the release.
    pub cec: Kid,
    /// The law of the election.
    pub law: &'a ElectionLaw,
    /// Part of the doubtful links that two accounts decide, per cent.
    pub doubled_percent: u8,
    /// Of 100,000 sure links, how many two accounts answer blindly.
    pub sampled_per_100000: u32,
}

impl std::fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Source({}, {})", self.srs.hex(), self.cec.hex())
    }
}

/// Why a roll was not received. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// The folder or a file of it: whoever formed the roll acts.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The release's signatures.
    #[error("release.cose: {0}")]
    Release(#[from] EnvelopeError),
    /// The release could not be read from disk.
    #[error("release.cose: {0}")]
    File(#[from] std::io::Error),
    /// A table says something that cannot be.
    #[error("table {table}: {why}")]
    Contents {
        /// Which table.
        table: &'static str,
        /// What is wrong.
        why: &'static str,
    },
    /// Another list is kept under this number.
    #[error("release {number} is kept already with another root")]
    Another {
        /// The number.
        number: u32,
    },
    /// Deltas that are not what they should be, by file.
    #[error(transparent)]
    Deltas(#[from] BatchError),
    /// Deltas that do not follow what is kept here.
    #[error("{refusal}: {detail}")]
    Refused {
        /// Sentence and next step are `texts.release` of it.
        refusal: ReleaseRefusal,
        /// What was found. No personal data.
        detail: String,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ReceiveError {
    /// The code with a sentence and a next step, and what was found, when the refusal has one.
    #[must_use]
    pub fn refusal(&self) -> Option<(ReleaseRefusal, &str)> {
        match self {
            ReceiveError::Refused { refusal, detail } => Some((*refusal, detail)),
            ReceiveError::Deltas(BatchError::Refused(refused)) => {
                Some((refused.refusal, &refused.detail))
            }
            ReceiveError::Deltas(_)
            | ReceiveError::Folder(_)
            | ReceiveError::Table(_)
            | ReceiveError::Release(_)
            | ReceiveError::File(_)
            | ReceiveError::Contents { .. }
            | ReceiveError::Another { .. }
            | ReceiveError::Store(_) => None,
        }
    }
}

/// What was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Release number.
    pub release: u32,
    /// Whether it was kept now; false when it was there already.
    pub is_new: bool,
    /// Decisions.
    pub decisions: usize,
    /// Claims with an outcome.
    pub claims: usize,
    /// What is wrong with boundaries.
    pub findings: usize,
    /// Classes of rows of the commission's list.
    pub reconciled: usize,
}

/// Checks the folder `roll/` and keeps what it says.
///
/// # Errors
/// [`ReceiveError`]; nothing was written then.
pub fn receive_roll(
    store: &Store,
    dir: &Path,
    source: Source<'_>,
) -> Result<Received, ReceiveError> {
    let trust = Trust {
        verifier: source.verifier,
        signer: source.srs,
        election: source.law.election.number,
    };
    open_folder(dir, ROLL, trust)?;
    let document = fs::read(dir.join("release.cose"))?;
    let subject = Subject {
        kind: DocumentType::ListRelease,
        election: source.law.election.number,
    };
    let signed = open_all(
        subject,
        &document,
        source.verifier,
        &[source.srs, source.cec],
    )?;
    let release: ListRelease = decode(&signed.payload)?;
    let tables = Tables::read(dir)?;
    let known = store.read("releases", |tx| tx.releases())?;
    let known = known.iter().find(|row| row.number == release.release);
    if known.is_some_and(|row| row.root != *release.root) {
        return Err(ReceiveError::Another {
            number: release.release,
        });
    }
    let is_new = known.is_none();
    let received = Received {
        release: release.release,
        is_new,
        decisions: tables.decisions.len(),
        claims: tables.claims.len(),
        findings: tables.findings.len(),
        reconciled: tables.reconciled.len(),
    };
    if is_new {
        keep(store, source, &release, document, &tables)?;
    }
    Ok(received)
}

fn keep(
    store: &Store,
    source: Source<'_>,
    release: &ListRelease,
    document: Vec<u8>,
    tables: &Tables,
) -> Result<(), StoreError> {
    let row = ReleaseRow {
        number: release.release,
        election: release.election,
        stage: release.stage.clone(),
        root: *release.root,
        total: release.total,
        considered: release.considered,
        frozen_at: Instant::from_micros(release.frozen_at),
        document,
    };
    // One transaction: a release without its decisions, or the reverse, never stands.
    let keep_all = |tx: &mut Tx<'_>| {
        let figures = breakdown::figures(tx, &row, &tables.decisions, source.law)?;
        tx.record_release_with(&row, &tables.decisions, &figures)?;
        tx.record_claim_outcomes(row.number, &tables.claims)?;
        tx.record_findings(row.number, &tables.findings)?;
        if !tables.reconciled.is_empty() {
            let before = tx.find_last_reconciliation()?;
            let run = tx.record_run(Some(row.number), &tables.reconciled)?;
            let root = crate::serve::hex(&row.root);
            let control = review::Control {
                doubled_percent: source.doubled_percent,
                sampled_per_100000: source.sampled_per_100000,
                seed: &root,
            };
            review::record_items(tx, run, &tables.reconciled, &[], control)?;
            if let Some(before) = before {
                tx.carry_address_items(before, run)?;
            }
        }
        Ok(())
    };
    store.bulk(|| store.transact("receive_roll", "roll", keep_all))
}

/// Reads `reconciliation.parquet`: one row for each class of each row of the list.
///
/// # Errors
/// [`ReceiveError`].
pub(crate) fn read_reconciliation(
    path: &Path,
    out: &mut Vec<ReconciledRow>,
) -> Result<(), ReceiveError> {
    read_table(path, |row: ReconciliationRead| row.keep(out)).map(|_| ())
}

/// The tables of a roll as the store keeps them.
#[derive(Default)]
struct Tables {
    decisions: Vec<DecisionRow>,
    claims: Vec<ClaimOutcomeRow>,
    findings: Vec<FindingRow>,
    reconciled: Vec<ReconciledRow>,
}

impl Tables {
    fn read(dir: &Path) -> Result<Self, ReceiveError> {
        let mut tables = Self::default();
        let path = |table: &str| dir.join(format!("{table}.parquet"));
        read_table(&path(DecisionRead::TABLE), |row: DecisionRead| {
            tables.decisions.push(row.kept()?);
            Ok::<_, ReceiveError>(())
        })?;
        // What is counted walks along the register, which is in this order.
        if !tables.decisions.is_sorted_by_key(|row| row.person) {
            tables.decisions.sort_unstable_by_key(|row| row.person);
        }
        read_table(&path(ClaimRead::TABLE), |row: ClaimRead| {
            tables.claims.push(row.kept()?);
            Ok::<_, ReceiveError>(())
        })?;
        read_table(&path(FindingRead::TABLE), |row: FindingRead| {
            tables.findings.push(row.kept()?);
            Ok::<_, ReceiveError>(())
        })?;
        read_reconciliation(&path(ReconciliationRead::TABLE), &mut tables.reconciled)?;
        Ok(tables)
    }
}
