//! What the office says under its own key to those who freeze and publish a list: what is not settled, and who approved.
//! Nobody types these figures.

use batch::folder::{FolderError, Trust, open_manifest};
use batch::snapshot::SNAPSHOT;
use lexicon::ElectionLaw;
use lexicon::handover::envelope::{SUITE, SignError, Signer};
use lexicon::handover::folder::FolderManifest;
use lexicon::handover::office_statement::{Approval, Approvals, OfficeCount, OfficeCounts, state};
use std::path::Path;
use store::{Institution, Journal, ReleaseRow, Store, StoreError};

use crate::blockers::{Asked, SOURCES};

/// Why the office said nothing. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    /// There is no such release here: receive its roll first.
    #[error("the office has no such release; receive its roll first")]
    NoRelease,
    /// Somebody worked on between: the engineer takes a new snapshot and asks again.
    #[error(
        "the electoral journal stands at {now}, the snapshot was taken at {then}: take the snapshot again"
    )]
    Moved {
        /// Entries in the snapshot.
        then: u64,
        /// Entries now.
        now: u64,
    },
    /// The snapshot does not say where the journals stood.
    #[error("the snapshot does not say where the journals stood")]
    NoPosition,
    /// The snapshot's folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The key.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where the register's and the electoral journal stood, as a snapshot says.
fn positions(manifest: &FolderManifest) -> Option<[u64; 2]> {
    let fact = manifest
        .facts
        .iter()
        .find(|fact| fact.name == "journal_position")?;
    let words: Vec<&str> = fact.value.split(' ').collect();
    match words[..] {
        ["registry", registry, _, "electoral", electoral, _] => {
            Some([registry.parse().ok()?, electoral.parse().ok()?])
        }
        _ => None,
    }
}

/// Says what is not settled beside a snapshot of this store; every source is named, also with none.
///
/// Claims are those that the latest release should have answered: a claim filed since is answered by the list that is
/// about to be formed. Acts of the register since the snapshot do not matter, acts about the list do.
///
/// # Errors
/// [`StatementError`].
pub fn state_counts(
    store: &Store,
    law: &ElectionLaw,
    (snapshot, trust): (&Path, Trust<'_>),
    signer: &dyn Signer,
) -> Result<(OfficeCounts, Vec<u8>), StatementError> {
    let (manifest, id) = open_manifest(snapshot, SNAPSHOT, trust)?;
    let then = positions(&manifest).ok_or(StatementError::NoPosition)?;
    let said = store.read("office_counts", |tx| {
        let journals = [
            tx.journal_head(Journal::Registry)?.position,
            tx.journal_head(Journal::Electoral)?.position,
        ];
        let release = tx.releases()?.pop();
        let Some(release) = release else {
            return Ok::<_, StoreError>(None);
        };
        let today = tx.at().local_date(law.election.offset_minutes);
        let conflicts = tx.conflict_counts(today)?;
        let cases = tx.case_counts()?;
        let asked = Asked {
            release: &release,
            conflicts: &conflicts,
            cases: &cases,
        };
        let mut counts = Vec::with_capacity(SOURCES.len());
        for source in SOURCES {
            counts.push(OfficeCount {
                source: source.code.to_owned(),
                blocker: source.kind.code().to_owned(),
                count: (source.count)(tx, asked)?,
            });
        }
        Ok(Some(OfficeCounts {
            suite: SUITE.to_owned(),
            election: law.election.number,
            snapshot: id.0.into(),
            journals,
            counts,
            at: tx.at().micros(),
        }))
    })?;
    let said = said.ok_or(StatementError::NoRelease)?;
    if said.journals[1] != then[1] {
        return Err(StatementError::Moved {
            then: then[1],
            now: said.journals[1],
        });
    }
    let bytes = state(&said, signer)?;
    Ok((said, bytes))
}

/// Says who approved a release: the latest, or the one of a number.
///
/// # Errors
/// [`StatementError`].
pub fn state_approvals(
    store: &Store,
    law: &ElectionLaw,
    number: Option<u32>,
    signer: &dyn Signer,
) -> Result<(Approvals, Vec<u8>), StatementError> {
    let said = store.read("approvals", |tx| {
        let releases = tx.releases()?;
        let is_it = |row: &&ReleaseRow| number.is_none_or(|number| row.number == number);
        let Some(release) = releases.iter().rev().find(is_it) else {
            return Ok::<_, StoreError>(None);
        };
        let approvals = tx.approvals(release.number)?;
        let approvals = approvals.into_iter().map(|row| Approval {
            institution: match row.institution {
                Institution::Registration => Approval::REGISTRATION,
                Institution::Commission => Approval::COMMISSION,
            }
            .to_owned(),
            staff: row.staff,
            root: row.root.into(),
            at: row.at.micros(),
        });
        Ok(Some(Approvals {
            suite: SUITE.to_owned(),
            election: law.election.number,
            release: release.number,
            root: release.root.into(),
            approvals: approvals.collect(),
            at: tx.at().micros(),
        }))
    })?;
    let said = said.ok_or(StatementError::NoRelease)?;
    let bytes = state(&said, signer)?;
    Ok((said, bytes))
}
