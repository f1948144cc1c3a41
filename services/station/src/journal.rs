//! The kit's one place for storage: journal files that a power cut cannot half-write.
//!
//! A file is pre-allocated with zeros; a record is written at its place and synced before anybody is
//! told. Beside the own journal stands a *mark*, a second file with the last known counter: a journal
//! that is gone or shorter than its mark is refused, never replaced by an empty one.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lexicon::handover::event::{Frames, Tail, frame, unframe};

use crate::disk::{Disk, OpenFile, beside, folder_of, replace};

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

pub(crate) fn failed(path: &Path) -> impl Fn(io::Error) -> JournalError {
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
    file: Box<dyn OpenFile>,
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
    pub fn open(disk: &dyn Disk, path: &Path) -> Result<Opened, JournalError> {
        let bytes = disk.read(path).map_err(failed(path))?;
        let frames = unframe(bytes.as_deref().unwrap_or_default());
        if frames.tail == Tail::Damaged {
            return Err(JournalError::Damaged {
                path: path.display().to_string(),
                whole: frames.events.len(),
                at: frames.whole_bytes,
            });
        }
        Self::take_up(disk, path, bytes.as_deref(), &frames)
    }

    /// Opens a file of copies, as [`Journal::open`]. They are written without waiting, so that a power cut
    /// may take one and leave the next: from the first that is not whole they are given up, the file is
    /// kept beside as `NAME.damaged-N`, and the peers give them again.
    ///
    /// # Errors
    /// [`JournalError::Disk`].
    pub fn open_copies(disk: &dyn Disk, path: &Path) -> Result<Opened, JournalError> {
        let bytes = disk.read(path).map_err(failed(path))?;
        let frames = unframe(bytes.as_deref().unwrap_or_default());
        if let Some(bytes) = &bytes
            && frames.tail == Tail::Damaged
        {
            (|| {
                replace(disk, &free_name_beside(disk, path)?, bytes)?;
                replace(disk, path, &bytes[..frames.whole_bytes])
            })()
            .map_err(failed(path))?;
            tracing::warn!(path = %path.display(), at = frames.whole_bytes, "copies of peers' events given up and fetched again");
            return Self::open(disk, path);
        }
        Self::take_up(disk, path, bytes.as_deref(), &frames)
    }

    fn take_up(
        disk: &dyn Disk,
        path: &Path,
        bytes: Option<&[u8]>,
        frames: &Frames<'_>,
    ) -> Result<Opened, JournalError> {
        let failed = failed(path);
        let was_torn = frames.tail == Tail::Torn;
        let mut journal = Self {
            path: path.to_owned(),
            file: disk.open(path).map_err(&failed)?,
            end: frames.whole_bytes as u64,
            allocated: bytes.map_or(0, <[u8]>::len) as u64,
        };
        if was_torn {
            journal.wipe_tail().map_err(&failed)?;
        }
        if bytes.is_none() {
            journal.grow().map_err(&failed)?;
        }
        // Also when it was there: a kit that was stopped may have made it and not come this far.
        disk.sync_folder(folder_of(path)).map_err(&failed)?;
        Ok(Opened {
            journal,
            records: frames.events.iter().map(|record| record.to_vec()).collect(),
            was_torn,
        })
    }

    /// Overwrites what stands after the last whole record with zeros, and syncs.
    fn wipe_tail(&mut self) -> io::Result<()> {
        let length = usize::try_from(self.allocated.saturating_sub(self.end)).unwrap_or(0);
        self.file.write_at(&vec![0; length], self.end)?;
        self.file.sync()
    }

    fn grow(&mut self) -> io::Result<()> {
        self.file.write_at(&[0; GROWTH_BYTES], self.allocated)?;
        self.file.sync()?;
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
            self.file.write_at(&record, place)
        })()
        .map_err(failed(&self.path))?;
        self.end = after;
        Ok(())
    }

    /// Waits until the disk holds what was written.
    ///
    /// # Errors
    /// [`JournalError::Disk`]; after it nothing may be acknowledged.
    pub fn sync(&mut self) -> Result<(), JournalError> {
        self.file.sync().map_err(failed(&self.path))
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
        self.bytes_between(0, self.end)
    }

    /// The bytes from one place up to another, both at most [`Journal::end`].
    ///
    /// # Errors
    /// [`JournalError::Disk`].
    pub fn bytes_between(&self, place: u64, end: u64) -> Result<Vec<u8>, JournalError> {
        let mut bytes = vec![0; usize::try_from(end.saturating_sub(place)).unwrap_or(0)];
        self.file
            .read_at(&mut bytes, place)
            .map_err(failed(&self.path))?;
        Ok(bytes)
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of whole records.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.end
    }
}

/// `NAME.damaged-N`, the first that is free.
pub(crate) fn free_name_beside(disk: &dyn Disk, path: &Path) -> io::Result<PathBuf> {
    let mut number = 1u32;
    loop {
        let name = beside(path, &format!(".damaged-{number}"));
        if disk.read(&name)?.is_none() {
            return Ok(name);
        }
        number += 1;
    }
}

/// The own journal's mark: how many events it has held.
#[derive(Debug)]
pub struct Mark {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    seq: u32,
}

impl Mark {
    /// Reads the mark beside a journal; `None` when there has never been one.
    ///
    /// # Errors
    /// [`JournalError::Disk`], also when the mark is no number.
    pub fn read(disk: &Arc<dyn Disk>, path: &Path) -> Result<Option<Self>, JournalError> {
        let Some(bytes) = disk.read(path).map_err(failed(path))? else {
            return Ok(None);
        };
        let seq = std::str::from_utf8(&bytes)
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .ok_or_else(|| {
                failed(path)(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "the mark is no number",
                ))
            })?;
        Ok(Some(Self {
            disk: Arc::clone(disk),
            path: path.to_owned(),
            seq,
        }))
    }

    /// Writes a mark: beside, synced, renamed, synced.
    ///
    /// # Errors
    /// [`JournalError::Disk`].
    pub fn write(disk: &Arc<dyn Disk>, path: &Path, seq: u32) -> Result<Self, JournalError> {
        replace(&**disk, path, format!("{seq}\n").as_bytes()).map_err(failed(path))?;
        Ok(Self {
            disk: Arc::clone(disk),
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
            *self = Self::write(&Arc::clone(&self.disk), &self.path.clone(), seq)?;
        }
        Ok(())
    }

    /// Where the mark stands.
    #[must_use]
    pub fn seq(&self) -> u32 {
        self.seq
    }
}

#[cfg(test)]
mod tests;
