//! The parts of `roll/`: each is noted when it is whole, and what a stopped run left whole is taken up.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use lexicon::handover::envelope::encode;
use lexicon::handover::folder::FileEntry;
use lexicon::handover::release::SaltedLine;
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use roll::Snapshot;
use roll::form::PrecinctList;
use roll::reconcile::{Reconciliation, image};

use crate::columns::TableError;
use crate::folder::{FolderError, FolderWriter};
use crate::form::BatchError;
use crate::steps::{Progress, Report};
use crate::taken_up::{TakenUp, stands};

/// The name of the step that salts and commits lines.
pub(crate) const COMMIT: &str = "commit";
/// The name of the step that reconciles the commission's list.
pub(crate) const RECONCILE: &str = "reconcile";
/// The name of the step that writes tables.
pub(crate) const TABLES: &str = "tables";

/// The lines of a precinct, finished: their file, and their commitments one after another.
#[derive(Encode, Decode)]
#[cbor(array)]
struct Lines {
    #[n(0)]
    file: FileEntry,
    #[n(1)]
    commitments: ByteVec,
}

/// A folder being written, with the notes of what is finished of it.
pub(crate) struct Parts<'a> {
    folder: &'a FolderWriter,
    notes: &'a TakenUp,
    entries: Mutex<Vec<FileEntry>>,
    taken: Mutex<BTreeMap<&'static str, u64>>,
}

impl<'a> Parts<'a> {
    pub(crate) fn of(folder: &'a FolderWriter, notes: &'a TakenUp) -> Self {
        Self {
            folder,
            notes,
            entries: Mutex::default(),
            taken: Mutex::default(),
        }
    }

    /// The files that were written or taken up, and how many parts of each step were taken up.
    pub(crate) fn finish(self) -> (Vec<FileEntry>, BTreeMap<&'static str, u64>) {
        let entries = self.entries.into_inner();
        let taken = self.taken.into_inner();
        (
            entries.unwrap_or_else(PoisonError::into_inner),
            taken.unwrap_or_else(PoisonError::into_inner),
        )
    }

    fn keep(&self, entry: FileEntry) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.push(entry);
    }

    fn take_up(&self, step: &'static str) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        *taken.entry(step).or_default() += 1;
    }

    /// The commitments of a precinct's lines, and whether they were taken up; `make` is asked otherwise.
    pub(crate) fn lines(
        &self,
        list: &PrecinctList,
        make: impl FnOnce() -> Vec<SaltedLine>,
    ) -> Result<(Vec<[u8; 32]>, bool), FolderError> {
        let (name, path) = (
            format!("{COMMIT}-{}", list.precinct),
            format!("lines/{}.cbor", list.precinct),
        );
        let noted = self.notes.noted::<Lines>(&name);
        if let Some(noted) =
            noted.filter(|noted| noted.file.path == path && stands(self.folder, &noted.file))
        {
            self.keep(noted.file);
            self.take_up(COMMIT);
            return Ok((noted.commitments.as_chunks().0.to_vec(), true));
        }
        let lines = make();
        let commitments: Vec<_> = lines.iter().map(SaltedLine::commitment).collect();
        let file = self.folder.put(&path, &encode(&lines))?;
        self.keep(file.clone());
        let noted = Lines {
            file,
            commitments: commitments.concat().into(),
        };
        self.notes.note(&name, &noted)?;
        Ok((commitments, false))
    }

    /// The reconciliation, and whether it was taken up; `make` is asked otherwise.
    pub(crate) fn reconciliation(
        &self,
        snapshot: &Snapshot,
        make: impl FnOnce() -> Reconciliation,
    ) -> Result<(Reconciliation, bool), FolderError> {
        let noted = self.notes.bytes(RECONCILE);
        let noted = noted.and_then(|bytes| image::of_image(&bytes).ok());
        if let Some(found) = noted.filter(|found| found.fits(snapshot)) {
            self.take_up(RECONCILE);
            return Ok((found, true));
        }
        let found = make();
        self.notes.note_bytes(RECONCILE, image::image(&found))?;
        Ok((found, false))
    }

    /// A table is written, unless it was taken up.
    pub(crate) fn table(
        &self,
        report: Report<'_>,
        path: &str,
        write: impl FnOnce(&Path) -> Result<u64, TableError>,
    ) -> Result<(), BatchError> {
        let noted = self.notes.noted::<FileEntry>(path);
        let noted = noted.filter(|noted| noted.path == path && stands(self.folder, noted));
        let skipped = noted.is_some();
        let file = match noted {
            Some(file) => {
                self.take_up(TABLES);
                file
            }
            None => {
                write(&self.folder.place(path)?)?;
                let file = self.folder.measure(path)?;
                self.notes.note(path, &file)?;
                file
            }
        };
        self.keep(file);
        report(Progress {
            step: TABLES,
            done: 0,
            total: 4,
            skipped,
        });
        Ok(())
    }
}
