//! A file that only grows, line by line; a line is certain before anybody is told of it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk::{Disk, folder_of};

/// Such a file.
#[derive(Debug)]
pub(crate) struct LineFile {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    /// Bytes of the file.
    end: u64,
    /// Whether the file's name is certain.
    is_settled: bool,
}

impl LineFile {
    /// Opens it and gives its whole lines; one that a power cut left unfinished, and bytes that are no text, are
    /// passed over.
    ///
    /// # Errors
    /// What the system said.
    pub(crate) fn read(disk: &Arc<dyn Disk>, path: &Path) -> io::Result<(Self, Vec<String>)> {
        let bytes = disk.read(path)?.unwrap_or_default();
        let lines = bytes
            .split_inclusive(|byte| *byte == b'\n')
            .filter_map(|line| std::str::from_utf8(line).ok()?.strip_suffix('\n'))
            .map(str::to_owned)
            .collect();
        let file = Self {
            disk: Arc::clone(disk),
            path: path.to_owned(),
            end: bytes.len() as u64,
            is_settled: false,
        };
        Ok((file, lines))
    }

    /// Bytes of the file.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// Adds a line and waits until the disk holds it.
    ///
    /// # Errors
    /// What the system said; the line may be there or not.
    pub(crate) fn add(&mut self, line: &str) -> io::Result<()> {
        let mut file = self.disk.open(&self.path)?;
        // The blank spoils a line that a power cut left unfinished, the line feed ends it: without the
        // blank a moment that lost its last digits would be read as another moment.
        let bytes = format!(" \n{line}\n");
        file.write_at(bytes.as_bytes(), self.end)?;
        file.sync()?;
        if !self.is_settled {
            self.disk.sync_folder(folder_of(&self.path))?;
            self.is_settled = true;
        }
        self.end += bytes.len() as u64;
        Ok(())
    }
}
