//! Handing the register over: the store at one moment becomes the signed folder `snapshot/`.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use batch::snapshot::SnapshotFileError;
use batch::steps::{Progress, Report};
use batch::{SnapshotWriter, snapshot};
use lexicon::handover::envelope::{DocumentId, Signer, hex};
use lexicon::{ElectionLaw, PersonId};
use register::Standing;
use store::{Store, StoreError};

/// Tables of a snapshot, for the progress.
const TABLES: u64 = 12;

/// So many tables are read at once at most: each is in memory until it is written.
const HANDS_MAX: usize = 4;

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

/// Writes and signs `dir` from the store; tables are read and written beside each other, a few in memory at once.
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
    let (persons, done) = (AtomicU64::new(0), AtomicU64::new(0));
    // By id, as the persons come.
    let unique: Mutex<Vec<PersonId>> = Mutex::default();
    let hands = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    tell(0);
    let heads = store.each_snapshot_table(hands.min(HANDS_MAX), &|part| {
        if !part.persons.is_empty() {
            persons.store(part.persons.len() as u64, Relaxed);
            let checked = part
                .persons
                .iter()
                .filter(|row| row.standing == Standing::UNIQUE);
            *unique.lock().unwrap_or_else(PoisonError::into_inner) =
                checked.map(|row| row.person).collect();
        }
        writer.push_tables(&part)?;
        tell(1 + done.fetch_add(1, Relaxed));
        Ok::<(), HandOverError>(())
    })?;
    let persons = persons.into_inner();
    let unique = unique.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut failed = None;
    store.each_reference(
        &|person| unique.binary_search(&person).is_ok(),
        &mut |row| {
            if failed.is_none() {
                failed = writer.push(&row).err();
            }
        },
    )?;
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
