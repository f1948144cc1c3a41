//! The kit's one place for storage: journal files that a power cut cannot half-write.
//!
//! A file is pre-allocated with zeros; a record is written at its place and synced before anybody is
//! told. Beside the own journal stands a *mark*, a second file with the last known counter: a journal
//! that is gone or shorter than its mark is refused, never replaced by an empty one.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use lexicon::handover::event::{Tail, frame, unframe};

/// Bytes of zeros that a file grows by.
const GROWTH_BYTES: usize = 256 << 10;

/// Events between two writings of the mark.
const MARK_EVERY: u32 = 50;

/// Why a journal was not opened or not written. The engineer acts; the kit does not start.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The mark says that there was a journal, and there is none.
    #[error("the journal {path} is gone, its mark says that it held {seq} events")]
    Lost {
        /// The file that should be there.
        path: String,
        /// Events that the mark knows of.
        seq: u32,
    },
    /// A record's checksum does not fit.
    #[error("the journal {path} is damaged after record {whole}, at byte {at}")]
    Damaged {
        /// The file.
        path: String,
        /// Whole records before the damage.
        whole: usize,
        /// Where the damage begins.
        at: usize,
    },
    /// The journal is shorter than its mark: an older copy was put in its place.
    #[error("the journal {path} ends at event {held}, its mark stands at {mark}")]
    SetBack {
        /// The file.
        path: String,
        /// Where the journal ends.
        held: u32,
        /// Where it stood.
        mark: u32,
    },
    /// A whole record that is not the next event of this kit and this package.
    #[error("record {record} of {path} does not belong here: {why}")]
    Foreign {
        /// The file.
        path: String,
        /// Which record, from 1.
        record: usize,
        /// What is wrong with it.
        why: String,
    },
    /// The disk failed.
    #[error("{path}: {source}")]
    Disk {
        /// The file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
}

fn disk(path: &Path) -> impl Fn(io::Error) -> JournalError {
    let path = path.display().to_string();
    move |source| JournalError::Disk {
        path: path.clone(),
        source,
    }
}

/// A file of framed records.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// Bytes that hold whole records.
    end: u64,
    /// Bytes of the file.
    allocated: u64,
}

/// A journal with the records it holds and what was cut off its end.
#[derive(Debug)]
pub struct Opened {
    /// The journal, ready for the next record.
    pub journal: Journal,
    /// The signed records, in order.
    pub records: Vec<Vec<u8>>,
    /// Whether a record that was begun and never acknowledged was cut off.
    pub was_torn: bool,
}

impl Journal {
    /// Opens a journal file, or makes an empty one.
    ///
    /// # Errors
    /// [`JournalError::Damaged`] or [`JournalError::Disk`]; the file stays as it is.
    pub fn open(path: &Path) -> Result<Opened, JournalError> {
        let failed = disk(path);
        let is_new = !path.exists();
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(&failed)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(&failed)?;
        let frames = unframe(&bytes);
        if frames.tail == Tail::Damaged {
            return Err(JournalError::Damaged {
                path: path.display().to_string(),
                whole: frames.events.len(),
                at: frames.whole_bytes,
            });
        }
        let records = frames.events.iter().map(|record| record.to_vec()).collect();
        let end = frames.whole_bytes as u64;
        let was_torn = frames.tail == Tail::Torn;
        let mut journal = Self {
            path: path.to_owned(),
            file,
            end,
            allocated: bytes.len() as u64,
        };
        if was_torn {
            journal.wipe_tail().map_err(&failed)?;
        }
        if is_new {
            journal.grow().map_err(&failed)?;
            sync_folder(path).map_err(&failed)?;
        }
        Ok(Opened {
            journal,
            records,
            was_torn,
        })
    }

    /// Overwrites what stands after the last whole record with zeros, and syncs.
    fn wipe_tail(&mut self) -> io::Result<()> {
        let length = usize::try_from(self.allocated.saturating_sub(self.end)).unwrap_or(0);
        self.file.write_all_at(&vec![0; length], self.end)?;
        self.file.sync_all()
    }

    fn grow(&mut self) -> io::Result<()> {
        self.file
            .write_all_at(&vec![0; GROWTH_BYTES], self.allocated)?;
        self.file.sync_all()?;
        self.allocated += GROWTH_BYTES as u64;
        Ok(())
    }

    /// Writes a record without waiting for the disk: for copies of what peers hold as well.
    ///
    /// # Errors
    /// [`JournalError::Disk`]; the caller stops the kit.
    pub fn write(&mut self, signed: &[u8]) -> Result<(), JournalError> {
        let record = frame(signed);
        let place = self.end;
        let after = place + record.len() as u64;
        (|| {
            while after > self.allocated {
                self.grow()?;
            }
            self.file.write_all_at(&record, place)
        })()
        .map_err(disk(&self.path))?;
        self.end = after;
        Ok(())
    }

    /// Waits until the disk holds what was written.
    ///
    /// # Errors
    /// [`JournalError::Disk`]; after it nothing may be acknowledged.
    pub fn sync(&mut self) -> Result<(), JournalError> {
        self.file.sync_data().map_err(disk(&self.path))
    }

    /// Writes a record and waits for the disk: the act has happened when this returns.
    ///
    /// # Errors
    /// [`JournalError::Disk`]; the act did not happen, the caller stops the kit.
    pub fn append(&mut self, signed: &[u8]) -> Result<(), JournalError> {
        self.write(signed)?;
        self.sync()
    }

    /// The whole records' bytes, without the zeros after them: what is handed in.
    ///
    /// # Errors
    /// [`JournalError::Disk`].
    pub fn bytes(&self) -> Result<Vec<u8>, JournalError> {
        let mut bytes = vec![0; usize::try_from(self.end).unwrap_or(0)];
        self.file
            .read_exact_at(&mut bytes, 0)
            .map_err(disk(&self.path))?;
        Ok(bytes)
    }
}

/// The own journal's mark: how many events it has held.
#[derive(Debug)]
pub struct Mark {
    path: PathBuf,
    seq: u32,
}

impl Mark {
    /// Reads the mark beside a journal; `None` when there has never been one.
    ///
    /// # Errors
    /// [`JournalError::Disk`], also when the mark is no number.
    pub fn read(path: &Path) -> Result<Option<Self>, JournalError> {
        match std::fs::read_to_string(path) {
            Ok(text) => {
                let seq = text.trim().parse().map_err(|_| JournalError::Disk {
                    path: path.display().to_string(),
                    source: io::Error::new(io::ErrorKind::InvalidData, "the mark is no number"),
                })?;
                Ok(Some(Self {
                    path: path.to_owned(),
                    seq,
                }))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(disk(path)(error)),
        }
    }

    /// Writes a mark: beside, synced, renamed, synced.
    ///
    /// # Errors
    /// [`JournalError::Disk`].
    pub fn write(path: &Path, seq: u32) -> Result<Self, JournalError> {
        let failed = disk(path);
        let beside = path.with_extension("mark-new");
        let mut file = File::create(&beside).map_err(&failed)?;
        file.write_all(format!("{seq}\n").as_bytes())
            .map_err(&failed)?;
        file.sync_all().map_err(&failed)?;
        std::fs::rename(&beside, path).map_err(&failed)?;
        sync_folder(path).map_err(&failed)?;
        Ok(Self {
            path: path.to_owned(),
            seq,
        })
    }

    /// Moves the mark when enough events have passed, or `at_once`.
    ///
    /// # Errors
    /// [`JournalError::Disk`].
    pub fn follow(&mut self, seq: u32, at_once: bool) -> Result<(), JournalError> {
        if seq > self.seq && (at_once || seq - self.seq >= MARK_EVERY) {
            *self = Self::write(&self.path.clone(), seq)?;
        }
        Ok(())
    }

    /// Where the mark stands.
    #[must_use]
    pub fn seq(&self) -> u32 {
        self.seq
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests;
