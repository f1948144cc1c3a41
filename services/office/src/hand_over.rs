//! Handing the register over: the store at one moment becomes the signed folder `snapshot/`.

use std::path::Path;

use batch::snapshot::SnapshotFileError;
use batch::steps::{Progress, Report};
use batch::{SnapshotWriter, snapshot};
use lexicon::handover::envelope::{DocumentId, Signer, hex};
use lexicon::handover::snapshot::SnapshotTables;
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

/// Writes and signs `dir` from the store; one table is read while another is written, and no more are in memory.
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
    // By id, as the persons come.
    let mut unique: Vec<PersonId> = Vec::new();
    let (mut persons, mut done) = (0, 0);
    // One table is written while the next is read.
    let (heads, written) = std::thread::scope(|scope| {
        let (give, taken) = std::sync::mpsc::sync_channel::<SnapshotTables>(0);
        let writer = &mut writer;
        let writing =
            scope.spawn(move || taken.iter().try_for_each(|part| writer.push_tables(&part)));
        let heads = store.each_snapshot_table(&mut |part| {
            tell(done);
            done += 1;
            persons += part.persons.len() as u64;
            let checked = part
                .persons
                .iter()
                .filter(|row| row.standing == Standing::UNIQUE);
            unique.extend(checked.map(|row| row.person));
            // Nobody takes it any more when an earlier table could not be written: reading ends, and its error is told.
            give.send(part).map_err(|_| None::<StoreError>)
        });
        drop(give);
        let written = writing.join();
        (
            heads,
            written.unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        )
    });
    written?;
    // INVARIANT (taken): a table is not taken only after an error of writing, which was told above.
    let heads = heads.map_err(|error| error.expect("every table was taken"))?;
    let mut failed = None;
    tell(done);
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
