//! Named steps that are skipped when nothing they depend on has changed.

use std::fs;
use std::path::{Path, PathBuf};

use lexicon::handover::envelope::hex;
use lexicon::handover::folder::MANIFEST_FILE;

use crate::folder::{FolderError, file_error, hash_file};

/// What a step tells while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The step's name.
    pub step: &'a str,
    /// Parts done.
    pub done: u64,
    /// Parts in all, 0 when not known yet.
    pub total: u64,
    /// Whether the step was skipped because its result still stands.
    pub skipped: bool,
}

/// Where progress goes.
pub type Report<'a> = &'a (dyn Fn(Progress<'_>) + Sync);

/// A report that nobody reads.
pub fn silent(_progress: Progress<'_>) {}

/// The inputs of a step, hashed: the same hash, the same result.
#[derive(Clone)]
pub struct Inputs(ring::digest::Context);

impl Inputs {
    /// Begins with the step's name and version; the version rises when its code changes its output.
    #[must_use]
    pub fn of(step: &str, version: u32) -> Self {
        let context = ring::digest::Context::new(&ring::digest::SHA256);
        let mut inputs = Self(context);
        inputs
            .add("step", step.as_bytes())
            .add("version", &version.to_be_bytes());
        inputs
    }

    /// Adds a named input; lengths keep neighbours apart.
    pub fn add(&mut self, name: &str, value: &[u8]) -> &mut Self {
        for part in [name.as_bytes(), value] {
            self.0.update(&(part.len() as u64).to_be_bytes());
            self.0.update(part);
        }
        self
    }

    /// The hash so far, 64 hexadecimal digits.
    pub(crate) fn digest(&self) -> String {
        hex(self.0.clone().finish().as_ref())
    }
}

/// Marks of finished steps below an output directory, outside the signed folders.
#[derive(Clone, Debug)]
pub struct Steps {
    dir: PathBuf,
}

impl Steps {
    /// Marks stand in `out/.steps/`.
    #[must_use]
    pub fn below(out: &Path) -> Self {
        Self {
            dir: out.join(".steps"),
        }
    }

    /// A place for what a step leaves for itself should it be stopped.
    pub(crate) fn unfinished(&self, step: &str) -> PathBuf {
        self.dir.join(format!("{step}.unfinished"))
    }

    /// Whether a step's folder still stands as it was written from these inputs.
    ///
    /// The folder's manifest must be the one that was written; a file changed behind it is a
    /// matter for `tizme verify`, which reads every byte.
    #[must_use]
    pub fn stands(&self, step: &str, inputs: &Inputs, folder: &Path) -> bool {
        let Ok((hash, _)) = hash_file(&folder.join(MANIFEST_FILE)) else {
            return false;
        };
        let mark = format!("{} {}\n", inputs.digest(), hex(&hash));
        fs::read_to_string(self.dir.join(step)).is_ok_and(|found| found == mark)
    }

    /// Lets a step's mark follow its folder's manifest, which was signed anew over more signatures; a mark of another
    /// manifest stays as it is.
    ///
    /// # Errors
    /// [`FolderError::File`].
    pub(crate) fn follow(
        &self,
        step: &str,
        before: &[u8; 32],
        folder: &Path,
    ) -> Result<(), FolderError> {
        let path = self.dir.join(step);
        let Ok(found) = fs::read_to_string(&path) else {
            return Ok(());
        };
        let Some(inputs) = found.strip_suffix(&format!(" {}\n", hex(before))) else {
            return Ok(());
        };
        let (hash, _) = hash_file(&folder.join(MANIFEST_FILE))?;
        let partial = self.dir.join(format!(".{step}.partial"));
        fs::write(&partial, format!("{inputs} {}\n", hex(&hash))).map_err(file_error(&partial))?;
        fs::rename(&partial, &path).map_err(file_error(&path))
    }

    /// Marks a step as finished.
    ///
    /// # Errors
    /// [`FolderError::File`].
    pub fn mark(&self, step: &str, inputs: &Inputs, folder: &Path) -> Result<(), FolderError> {
        let (hash, _) = hash_file(&folder.join(MANIFEST_FILE))?;
        fs::create_dir_all(&self.dir).map_err(file_error(&self.dir))?;
        let partial = self.dir.join(format!(".{step}.partial"));
        let mark = format!("{} {}\n", inputs.digest(), hex(&hash));
        fs::write(&partial, mark).map_err(file_error(&partial))?;
        let path = self.dir.join(step);
        fs::rename(&partial, &path).map_err(file_error(&path))
    }
}
