//! Packages that were sealed before a stop, taken up by the next run of the same inputs.

use std::fs;
use std::path::PathBuf;

use lexicon::PrecinctCode;
use lexicon::handover::envelope::{decode, encode};
use lexicon::handover::folder::FileEntry;
use lexicon::handover::package::PackageManifest;

use crate::folder::{FolderError, FolderWriter, file_error};

/// The file beside the notes that says from which inputs they are.
const INPUTS_FILE: &str = "inputs";

/// One note for each sealed package, below `.steps/`: its manifest, which names the hash of the ciphertext. The ciphertext
/// itself lies in the folder that is being written.
#[derive(Debug)]
pub(crate) struct TakenUp {
    dir: PathBuf,
}

impl TakenUp {
    /// The notes of a run from these inputs and the folder that it was writing; notes of other inputs are removed and the
    /// folder begins anew.
    pub(crate) fn begin(
        dir: PathBuf,
        inputs: &str,
        target: &std::path::Path,
    ) -> Result<(Self, FolderWriter), FolderError> {
        let path = dir.join(INPUTS_FILE);
        if fs::read_to_string(&path).is_ok_and(|found| found == inputs) {
            return Ok((Self { dir }, FolderWriter::resume(target)?));
        }
        if dir.exists() {
            fs::remove_dir_all(&dir).map_err(file_error(&dir))?;
        }
        // The folder first: a stop in between must not leave notes of these inputs beside packages of others.
        let folder = FolderWriter::create(target)?;
        fs::create_dir_all(&dir).map_err(file_error(&dir))?;
        fs::write(&path, inputs).map_err(file_error(&path))?;
        Ok((Self { dir }, folder))
    }

    fn path(&self, precinct: PrecinctCode) -> PathBuf {
        self.dir.join(precinct.to_string())
    }

    /// The package of a precinct with its file, when it was sealed whole before; the ciphertext is read and must have the hash
    /// that its manifest names, so a file that a power cut tore is sealed again.
    pub(crate) fn sealed(
        &self,
        precinct: PrecinctCode,
        file: &str,
        folder: &FolderWriter,
    ) -> Option<(PackageManifest, FileEntry)> {
        let note = fs::read(self.path(precinct)).ok()?;
        let manifest: PackageManifest = decode(&note).ok()?;
        let entry = folder.measure(file).ok()?;
        (entry.sha256 == manifest.ciphertext_sha256).then_some((manifest, entry))
    }

    /// Notes a package whose ciphertext stands in the folder.
    pub(crate) fn note(
        &self,
        precinct: PrecinctCode,
        manifest: &PackageManifest,
    ) -> Result<(), FolderError> {
        crate::folder::replace(&self.path(precinct), &encode(manifest))
    }

    /// Forgets the notes once the folder stands under its name.
    pub(crate) fn discard(self) {
        // What is left over is removed at the next run: it names a folder that is not there any more.
        let _ = fs::remove_dir_all(&self.dir);
    }
}
