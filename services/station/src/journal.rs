//! The kit's one place for storage: journal files that a power cut cannot half-write.
//!
//! A file is pre-allocated with zeros; a record is written at its place and synced before anybody is
//! told. Beside the own journal stands a *mark* (`mark.rs`) with the last known counter: a journal that is gone or
//! shorter than its mark is refused, never replaced by an empty one.

use std::io;
use std::path::{Path, PathBuf};

use lexicon::handover::event::{Frames, Tail, frame, unframe};

use crate::disk::{Disk, OpenFile, beside, folder_of, replace};

/// Bytes of zeros that a file grows by.
const GROWTH_BYTES: usize = 256 << 10;

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
    /// The file ends before its pre-allocated zeros: its end is gone.
    #[error("the journal {path} was cut short: {bytes} bytes with {held} whole events stand")]
    Short {
        /// The file.
        path: String,
        /// Whole records at its beginning.
        held: usize,
        /// Bytes of the file.
        bytes: usize,
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
    /// The look before the opening found that it may not be opened.
    #[error("{why}")]
    Unfit {
        /// What is wrong, as that look said it.
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

impl JournalError {
    /// What the system said of a disk that failed.
    pub(crate) fn kind(&self) -> Option<io::ErrorKind> {
        if let JournalError::Disk { source, .. } = self {
            Some(source.kind())
        } else {
            None
        }
    }
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
    /// [`JournalError::Damaged`], [`JournalError::Short`] or [`JournalError::Disk`]; the file stays as it is.
    pub fn open(disk: &dyn Disk, path: &Path) -> Result<Opened, JournalError> {
        let bytes = disk.read(path).map_err(failed(path))?;
        let frames = whole_frames(path, bytes.as_deref().unwrap_or_default())?;
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
            let bytes = disk.read(path).map_err(failed(path))?;
            let frames = unframe(bytes.as_deref().unwrap_or_default());
            return Self::take_up(disk, path, bytes.as_deref(), &frames);
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
        // A cut may have left a part of a piece.
        let is_whole = journal.allocated.is_multiple_of(GROWTH_BYTES as u64);
        if bytes.is_none() || !is_whole {
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
        // Up to a whole piece, also when a full disk or a cut left a part of one: see `is_short`.
        let grown = (self.allocated / GROWTH_BYTES as u64 + 1) * GROWTH_BYTES as u64;
        let zeros = usize::try_from(grown - self.allocated).unwrap_or(GROWTH_BYTES);
        self.file.write_at(&vec![0; zeros], self.allocated)?;
        self.file.sync()?;
        self.allocated = grown;
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

/// The records of an own journal's bytes.
///
/// # Errors
/// [`JournalError::Damaged`] or [`JournalError::Short`].
pub(crate) fn whole_frames<'a>(path: &Path, bytes: &'a [u8]) -> Result<Frames<'a>, JournalError> {
    let frames = unframe(bytes);
    if frames.tail == Tail::Damaged {
        return Err(JournalError::Damaged {
            path: path.display().to_string(),
            whole: frames.events.len(),
            at: frames.whole_bytes,
        });
    }
    if is_short(&frames, bytes.len()) {
        return Err(JournalError::Short {
            path: path.display().to_string(),
            held: frames.events.len(),
            bytes: bytes.len(),
        });
    }
    Ok(frames)
}

/// Whether a journal's end was cut off.
///
/// INVARIANT (whole pieces): a file grows by [`GROWTH_BYTES`] of synced zeros before a record is written into them. A
/// power cut can leave a piece unfinished, and then no record stands in it but one that began in the piece before.
fn is_short(frames: &Frames<'_>, length: usize) -> bool {
    let last = frames.events.last().map_or(0, |last| last.len() + 12);
    let start = frames.whole_bytes - last;
    !length.is_multiple_of(GROWTH_BYTES) && start > length / GROWTH_BYTES * GROWTH_BYTES
}

/// The bytes of a journal file that holds these signed records.
pub(crate) fn file_of<'a>(records: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut bytes: Vec<u8> = records.flat_map(frame).collect();
    let pieces = bytes.len().div_ceil(GROWTH_BYTES).max(1);
    bytes.resize(pieces * GROWTH_BYTES, 0);
    bytes
}

/// What stands in a file that is not whole.
pub(crate) struct Salvaged<'a> {
    /// Every whole record, wherever it stands.
    pub records: Vec<&'a [u8]>,
    /// Whether nothing can have stood behind the last of them: zeros do, up to the end of a whole piece.
    pub is_end_known: bool,
}

/// Looks for whole records at every place of a file: behind a damaged one as well.
pub(crate) fn salvage(file: &[u8]) -> Salvaged<'_> {
    let length_at = |at: usize| -> Option<usize> {
        let four: [u8; 4] = file.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(u32::from_be_bytes(four)).ok()
    };
    let record_at = |at: usize| -> Option<&[u8]> {
        let length = length_at(at).filter(|length| *length > 0)?;
        let framed = file.get(at..at.checked_add(length + 12)?)?;
        // The two lengths first: they are cheap, and a byte in a thousand million passes them.
        let is_framed = length_at(at + 8 + length) == Some(length);
        is_framed.then(|| unframe(framed).events.first().copied())?
    };
    let mut records = Vec::new();
    let (mut at, mut end) = (0, 0);
    while at < file.len() {
        if let Some(signed) = record_at(at) {
            records.push(signed);
            at += signed.len() + 12;
            end = at;
        } else {
            at += 1;
        }
    }
    Salvaged {
        records,
        is_end_known: !file.is_empty()
            && file.len().is_multiple_of(GROWTH_BYTES)
            && file[end..].iter().all(|byte| *byte == 0),
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

#[cfg(test)]
mod tests;
