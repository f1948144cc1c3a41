//! Handing the register over: the store at one moment becomes the signed folder `snapshot/`.

use std::collections::BTreeSet;
use std::path::Path;

use batch::snapshot::SnapshotFileError;
use batch::steps::{Progress, Report};
use batch::{SnapshotWriter, snapshot};
use lexicon::handover::envelope::{DocumentId, Signer, hex};
use lexicon::{ElectionLaw, PersonId};
use register::Standing;
use store::{Store, StoreError};

/// Tables of a snapshot, for the progress.
const TABLES: u64 = 12;

/// Why a snapshot was not handed over. What stood at its place before still stands.
#[derive(Debug, thiserror::Error)]
pub enum HandOverError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folder or its signature.
    #[error(transparent)]
    File(#[from] SnapshotFileError),
}

/// A snapshot that was handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandedOver {
    /// Its id, which stands in every release formed from it.
    pub id: DocumentId,
    /// Persons in it.
    pub persons: u64,
}

/// Writes and signs `dir` from the store; one table is in memory at a time.
///
/// References (prints and photographs) are those of persons whose duplicate check is finished.
///
/// # Errors
/// [`HandOverError`].
pub fn hand_over(
    store: &Store,
    law: &ElectionLaw,
    dir: &Path,
    register: &dyn Signer,
    report: Report<'_>,
) -> Result<HandedOver, HandOverError> {
    let tell = |done| {
        report(Progress {
            step: snapshot::SNAPSHOT,
            done,
            total: TABLES,
            skipped: false,
        });
    };
    let mut writer = SnapshotWriter::create(dir)?;
    let mut unique: BTreeSet<PersonId> = BTreeSet::new();
    let (mut persons, mut done) = (0, 0);
    let heads = store.each_snapshot_table(&mut |part| {
        tell(done);
        done += 1;
        persons += part.persons.len() as u64;
        let checked = part
            .persons
            .iter()
            .filter(|row| row.standing == Standing::UNIQUE);
        unique.extend(checked.map(|row| row.person));
        writer.push_tables(&part).map_err(HandOverError::File)
    })?;
    let mut failed = None;
    tell(done);
    store.each_reference(&|person| unique.contains(&person), &mut |row| {
        if failed.is_none() {
            failed = writer.push(&row).err();
        }
    })?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    let position = format!(
        "registry {} {} electoral {} {}",
        heads.registry.position,
        hex(&heads.registry.hash),
        heads.electoral.position,
        hex(&heads.electoral.hash)
    );
    let id = writer.finish(law, &position, register)?;
    tell(TABLES);
    Ok(HandedOver { id, persons })
}
