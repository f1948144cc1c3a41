//! A second copy of what a kit wrote, on a medium that can be taken out.
//!
//! A worker follows the kit's files about every second and writes the marks of the list as pages every
//! minute; no act waits for it. A medium that is pulled out is told on the screens and taken up again when
//! it is back. A folder counts as a medium only when [`MARKER`] lies in it: without the marker a mount
//! point whose stick is gone would be filled in its place.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lexicon::Instant;

use crate::disk::{Disk, beside, folder_of, replace, settle_folder};

/// The file that makes a folder a medium; `tizme-station medium --at DIR` writes it.
pub const MARKER: &str = "tizme-medium";

/// The file with the pages of marks.
pub const PAGES: &str = "marks.pdf";

/// Microseconds between two sets of pages.
const PAGES_EVERY: u64 = 60_000_000;

/// Where the bytes of a file of the kit come from.
pub(crate) enum Source<'a> {
    /// A file that only grows: its length, and what gives its bytes from a place on.
    Grows {
        /// Bytes of whole records.
        length: u64,
        /// Gives the bytes from a place to the end.
        from: &'a dyn Fn(u64) -> io::Result<Vec<u8>>,
    },
    /// A small file that is written whole.
    Whole(Vec<u8>),
}

/// What the screens say of the medium.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MediumView {
    /// When the copy was last whole; `None` when it never was.
    pub copied: Option<Instant>,
    /// When pages were last written.
    pub pages: Option<Instant>,
    /// Why the last try failed; `None` when the medium works.
    pub why: Option<String>,
}

/// The copy of one kit on one medium.
#[derive(Debug)]
pub(crate) struct Mirror {
    disk: Arc<dyn Disk>,
    medium: PathBuf,
    /// `MEDIUM/1001-K1`.
    folder: PathBuf,
    /// Files of the medium that are known to be the kit's own: bytes of a growing one.
    lengths: BTreeMap<String, u64>,
    /// Small files as they were last written.
    wholes: BTreeMap<String, Vec<u8>>,
    is_settled: bool,
    pages_at: Option<u64>,
    view: MediumView,
}

impl Mirror {
    /// A copy named `name` (`1001-K1`) on a medium; nothing is written yet.
    pub(crate) fn new(disk: Arc<dyn Disk>, medium: PathBuf, name: &str) -> Self {
        Self {
            disk,
            folder: medium.join(name),
            medium,
            lengths: BTreeMap::new(),
            wholes: BTreeMap::new(),
            is_settled: false,
            pages_at: None,
            view: MediumView::default(),
        }
    }

    /// What the screens say.
    pub(crate) fn view(&self) -> &MediumView {
        &self.view
    }

    /// Whether a small file was written since the medium was put in.
    pub(crate) fn holds(&self, name: &str) -> bool {
        self.wholes.contains_key(name)
    }

    /// Whether the medium is in.
    pub(crate) fn is_there(&self) -> bool {
        matches!(self.disk.read(&self.medium.join(MARKER)), Ok(Some(_)))
    }

    /// Whether the last pages are a minute old, or there are none, by the steady clock in microseconds.
    pub(crate) fn wants_pages(&self, steady: u64) -> bool {
        self.pages_at
            .is_none_or(|at| steady.saturating_sub(at) >= PAGES_EVERY)
    }

    /// Brings the medium up to the kit's files, and writes pages when there are any.
    ///
    /// `now` is what the screens show, `steady` the kit's steady clock in microseconds.
    pub(crate) fn follow(
        &mut self,
        sources: &[(String, Source<'_>)],
        pages: Option<&[u8]>,
        now: Instant,
        steady: u64,
    ) {
        let done = self.try_follow(sources, pages);
        match done {
            Ok(()) => {
                if pages.is_some() {
                    self.pages_at = Some(steady);
                    self.view.pages = Some(now);
                }
                self.view.copied = Some(now);
                self.view.why = None;
            }
            Err(error) => {
                let why = error.to_string();
                if self.view.why.as_ref() != Some(&why) {
                    tracing::warn!(%error, "the medium was not written");
                }
                self.view.why = Some(why);
                // Whatever is put in next is looked at anew.
                self.lengths.clear();
                self.wholes.clear();
                self.is_settled = false;
                self.pages_at = None;
            }
        }
    }

    fn try_follow(
        &mut self,
        sources: &[(String, Source<'_>)],
        pages: Option<&[u8]>,
    ) -> io::Result<()> {
        if self.disk.read(&self.medium.join(MARKER))?.is_none() {
            let why = format!("no {MARKER} in {}", self.medium.display());
            return Err(io::Error::new(io::ErrorKind::NotFound, why));
        }
        if !self.is_settled {
            settle_folder(&*self.disk, &self.folder)?;
            self.is_settled = true;
        }
        for (name, source) in sources {
            match source {
                Source::Grows { length, from } => self.grow(name, *length, from)?,
                Source::Whole(bytes) => {
                    if self.wholes.get(name) != Some(bytes) {
                        replace(&*self.disk, &self.folder.join(name), bytes)?;
                        self.wholes.insert(name.clone(), bytes.clone());
                    }
                }
            }
        }
        if let Some(pages) = pages {
            replace(&*self.disk, &self.folder.join(PAGES), pages)?;
        }
        Ok(())
    }

    fn grow(
        &mut self,
        name: &str,
        length: u64,
        from: &dyn Fn(u64) -> io::Result<Vec<u8>>,
    ) -> io::Result<()> {
        let path = self.folder.join(name);
        let held = match self.lengths.get(name) {
            Some(held) => *held,
            None => self.take_up(&path, from)?,
        };
        if held < length || !self.lengths.contains_key(name) {
            let mut file = self.disk.open(&path)?;
            file.write_at(&from(held)?, held)?;
            file.sync()?;
            self.disk.sync_folder(&self.folder)?;
        }
        self.lengths.insert(name.to_owned(), held.max(length));
        Ok(())
    }

    /// Bytes of a file on the medium that are the kit's own. A file that holds anything else is kept beside.
    fn take_up(&self, path: &Path, from: &dyn Fn(u64) -> io::Result<Vec<u8>>) -> io::Result<u64> {
        let Some(there) = self.disk.read(path)? else {
            return Ok(0);
        };
        let own = from(0)?;
        // Zeros after the end are what a power cut left of a write that was begun.
        let whole = there.len() - there.iter().rev().take_while(|byte| **byte == 0).count();
        if own.starts_with(&there[..whole]) {
            return Ok(whole as u64);
        }
        let common = own.iter().zip(&there).take_while(|(a, b)| a == b).count();
        set_aside(&*self.disk, path, &there)?;
        replace(&*self.disk, path, &own[..common])?;
        Ok(common as u64)
    }
}

/// Keeps bytes beside a file as `NAME.other-N`, the first number that is free.
pub(crate) fn set_aside(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let mut number = 1u32;
    loop {
        let name = beside(path, &format!(".other-{number}"));
        match disk.read(&name)? {
            None => {
                replace(disk, &name, bytes)?;
                return Ok(name);
            }
            Some(kept) if kept == bytes => return Ok(name),
            Some(_) => number += 1,
        }
    }
}

/// Makes a folder a medium: puts the marker into it.
///
/// # Errors
/// What the system said; the folder must be there.
pub fn make_medium(disk: &dyn Disk, folder: &Path) -> io::Result<()> {
    let path = folder.join(MARKER);
    if disk.read(&path)?.is_none() {
        replace(disk, &path, b"tizme-station\n")?;
    }
    disk.sync_folder(folder_of(&path))
}

#[cfg(test)]
mod tests;
