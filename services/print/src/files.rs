//! Files written beside their place and renamed.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A file could not be read or written: the operator acts.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}")]
pub struct FileError {
    /// Which file.
    pub path: PathBuf,
    /// What the system said.
    pub source: std::io::Error,
}

pub(crate) fn file_error(path: &Path) -> impl FnOnce(std::io::Error) -> FileError + '_ {
    move |source| FileError {
        path: path.to_owned(),
        source,
    }
}

/// Writes a file beside its place and renames it, so that no half-written list stands there.
pub(crate) fn write_beside(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), FileError> {
    let partial = dir.join(format!(".{name}.partial"));
    fs::File::create(&partial)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .map_err(file_error(&partial))?;
    let path = dir.join(name);
    fs::rename(&partial, &path).map_err(file_error(&path))
}
