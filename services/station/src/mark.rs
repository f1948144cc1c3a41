//! How many events the own journal has held, kept apart from it: a journal that is shorter was set back.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use keys::Counters;

use crate::disk::{Disk, replace};
use crate::journal::{JournalError, failed};

/// Events between two writings of the mark.
const MARK_EVERY: u32 = 50;

/// Where a journal's mark stands: in a file beside it and, where the kit's key lies on a token, on the token too.
#[derive(Clone)]
pub struct MarkPlace {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    token: Option<(Arc<dyn Counters>, String)>,
}

impl MarkPlace {
    /// The file `path`, and beside it the counter of that name on the kit's token.
    #[must_use]
    pub fn new(
        disk: &Arc<dyn Disk>,
        path: PathBuf,
        token: Option<(Arc<dyn Counters>, String)>,
    ) -> Self {
        Self {
            disk: Arc::clone(disk),
            path,
            token,
        }
    }

    fn in_file(&self) -> Result<Option<u32>, JournalError> {
        let path = &self.path;
        let Some(bytes) = self.disk.read(path).map_err(failed(path))? else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&bytes).ok();
        let seq = text.and_then(|text| text.trim().parse().ok());
        let what = "the mark is no number";
        seq.map(Some)
            .ok_or_else(|| failed(path)(io::Error::new(io::ErrorKind::InvalidData, what)))
    }

    /// A token that does not answer says nothing: the file's mark and the peers are asked all the same.
    fn on_token(&self) -> Option<u32> {
        let (counters, name) = self.token.as_ref()?;
        counters.read(name).unwrap_or_else(|error| {
            tracing::warn!(%error, "the token does not say how far the journal went");
            None
        })
    }

    /// How many events the journal has held, as far as a mark says it that can be read.
    #[must_use]
    pub fn known(&self) -> Option<u32> {
        self.in_file().ok().flatten().max(self.on_token())
    }

    /// Reads the mark; `None` when there has never been one. The greater of file and token counts.
    ///
    /// # Errors
    /// [`JournalError::Disk`], also when the file's mark is no number.
    pub fn read(&self) -> Result<Option<Mark>, JournalError> {
        let seq = self.in_file()?.max(self.on_token());
        Ok(seq.map(|seq| Mark {
            place: self.clone(),
            seq,
        }))
    }

    /// Writes a mark: the file beside, synced, renamed, synced; then the token.
    ///
    /// # Errors
    /// [`JournalError::Disk`]. A token that keeps no counter is named in the log: the file is kept all the same.
    pub fn write(&self, seq: u32) -> Result<Mark, JournalError> {
        let path = &self.path;
        replace(&*self.disk, path, format!("{seq}\n").as_bytes()).map_err(failed(path))?;
        self.raise(seq);
        Ok(Mark {
            place: self.clone(),
            seq,
        })
    }

    fn raise(&self, seq: u32) {
        let Some((counters, name)) = &self.token else {
            return;
        };
        if let Err(error) = counters.raise(name, seq) {
            tracing::warn!(%error, "the token keeps no counter of the journal: the mark stands in its file alone");
        }
    }
}

/// The own journal's mark: how many events it has held.
pub struct Mark {
    place: MarkPlace,
    seq: u32,
}

impl Mark {
    /// Takes up the mark of a journal that ends at `head`; token and file stand alike afterwards.
    ///
    /// # Errors
    /// [`JournalError::Disk`].
    pub fn take_up(place: &MarkPlace, head: u32) -> Result<Self, JournalError> {
        match place.read()? {
            Some(mark) => {
                place.raise(mark.seq);
                Ok(mark)
            }
            None => place.write(head),
        }
    }

    /// Moves the mark when enough events have passed, or `at_once`.
    ///
    /// # Errors
    /// [`JournalError::Disk`].
    pub fn follow(&mut self, seq: u32, at_once: bool) -> Result<(), JournalError> {
        if seq > self.seq && (at_once || seq - self.seq >= MARK_EVERY) {
            *self = self.place.write(seq)?;
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
