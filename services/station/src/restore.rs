//! Putting the copy on a medium in the place of a journal that is lost or damaged.
//!
//! The copy is up to a second behind the journal. A kit that went on from a copy that lacks its last acts
//! would give their numbers to other acts, so the number of the last slip on paper is asked for: when the
//! copy does not know it, nothing is put back and the kit is taken over on another one.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lexicon::handover::envelope::Kid;
use lexicon::handover::event::{Tail, unframe};
use pollbook::Book;

use crate::disk::{Disk, replace, settle_folder};
use crate::journal::{Journal, JournalError, file_of};
use crate::kit::{KitConfig, OpenError, SMALL, charter_of, copy_name, mark_place, ring_of, walk};
use crate::mirror::set_aside;

/// `K1.restored` while the kit has not heard all others since its journal was put back.
pub(crate) const DOUBT: &[u8] = b"not met\n";
/// The same file afterwards.
pub(crate) const MET: &[u8] = b"met\n";

/// What was put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Events of the kit's own journal.
    pub events: u32,
    /// Number of its last receipt; 0 when it gave none.
    pub receipt: u32,
    /// Files that were there and are kept under other names.
    pub kept: Vec<PathBuf>,
}

/// Why nothing was put back. The engineer acts, with the chair.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The manifest or the kit's key does not fit.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The medium holds no copy of this kit.
    #[error("{path} is not there: the medium holds no copy of this kit")]
    NoCopy {
        /// The file that should be there.
        path: String,
    },
    /// The copy itself is damaged or another kit's.
    #[error("the copy cannot be used: {0}")]
    Copy(JournalError),
    /// The kit's journal is whole and knows as much.
    #[error(
        "{path} is whole and holds {held} events, the copy {copied}: start the kit, nothing is to be put back"
    )]
    Stands {
        /// The kit's journal.
        path: String,
        /// Its events.
        held: u32,
        /// Events of the copy.
        copied: u32,
    },
    /// The copy lacks acts that happened.
    #[error(
        "the copy ends at receipt {copied}, {witness} stands at {known}: take this kit over on another one (page \"If something failed\") and enter the slips after {copied} from paper"
    )]
    Behind {
        /// Last receipt, or event, of the copy.
        copied: u32,
        /// Who knows better.
        witness: &'static str,
        /// What it knows.
        known: u32,
    },
    /// A disk failed.
    #[error("{path}: {source}")]
    Disk {
        /// The file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
}

fn failed(path: &Path) -> impl Fn(io::Error) -> RestoreError {
    let path = path.display().to_string();
    move |source| RestoreError::Disk {
        path: path.clone(),
        source,
    }
}

/// Puts the copy of the kit `me` on `medium` in the place of its lost or damaged journal.
///
/// `last_receipt` is the number of the kit's last slip on paper, 0 when it gave none.
///
/// # Errors
/// [`RestoreError`]; the kit's files stay as they are.
pub fn restore(
    disk: &Arc<dyn Disk>,
    config: &KitConfig,
    me: Kid,
    medium: &Path,
    last_receipt: u32,
) -> Result<Restored, RestoreError> {
    let charter = Arc::new(charter_of(config)?);
    let name = charter.kit_name(me);
    let from = medium.join(copy_name(charter.manifest().precinct, &name));
    let copy_path = from.join(format!("{name}.journal"));
    let Some(copy) = disk.read(&copy_path).map_err(failed(&copy_path))? else {
        return Err(RestoreError::NoCopy {
            path: copy_path.display().to_string(),
        });
    };
    let frames = unframe(&copy);
    if frames.tail == Tail::Damaged {
        return Err(RestoreError::Copy(JournalError::Damaged {
            path: copy_path.display().to_string(),
            whole: frames.events.len(),
            at: frames.whole_bytes,
        }));
    }
    let mut book = Book::new(Arc::clone(&charter), me, Vec::new());
    let ring = ring_of(&charter, &config.publishers);
    walk(&mut book, &ring, &copy_path, frames.events.iter().copied())
        .map_err(RestoreError::Copy)?;
    let events = book.head(me).seq;
    let receipt = crate::kit::last_receipt(&book, me);
    if receipt != last_receipt {
        return Err(RestoreError::Behind {
            copied: receipt,
            witness: "the last slip on paper",
            known: last_receipt,
        });
    }
    let path = config.folder.join(format!("{name}.journal"));
    let mark = mark_place(disk, config, &charter, &name);
    if let Some(known) = mark.known().filter(|known| *known > events) {
        return Err(RestoreError::Behind {
            copied: events,
            witness: "the mark of the kit's journal, in events,",
            known,
        });
    }
    settle_folder(&**disk, &config.folder).map_err(failed(&config.folder))?;
    let there = disk.read(&path).map_err(failed(&path))?;
    let mut kept = Vec::new();
    if let Some(there) = &there {
        let held = unframe(there);
        let count = u32::try_from(held.events.len()).unwrap_or(u32::MAX);
        let is_damaged = held.tail == Tail::Damaged;
        if is_damaged && count > events {
            return Err(RestoreError::Behind {
                copied: events,
                witness: "the damaged journal, in whole events,",
                known: count,
            });
        }
        if !is_damaged && count >= events {
            return Err(RestoreError::Stands {
                path: path.display().to_string(),
                held: count,
                copied: events,
            });
        }
        kept.push(set_aside(&**disk, &path, there).map_err(failed(&path))?);
    }
    // INVARIANT (in doubt first): the kit asks for the paper until it has heard the others, from its first start on.
    let doubt = config.folder.join(format!("{name}.restored"));
    replace(&**disk, &doubt, DOUBT).map_err(failed(&doubt))?;
    let whole = file_of(frames.events.iter().copied());
    replace(&**disk, &path, &whole).map_err(failed(&path))?;
    mark.write(events).map_err(RestoreError::Copy)?;
    take_small_files(&**disk, &from, &config.folder, &name)
        .map_err(|(path, source)| failed(&path)(source))?;
    // What was put back must open as a kit's journal does.
    Journal::open(&**disk, &path).map_err(RestoreError::Copy)?;
    Ok(Restored {
        events,
        receipt,
        kept,
    })
}

/// Copies what a kit lacks beside its journal from its folder on a medium: slips handed in, reports, entries.
///
/// # Errors
/// The file, and what the system said.
pub(crate) fn take_small_files(
    disk: &dyn Disk,
    from: &Path,
    folder: &Path,
    name: &str,
) -> Result<(), (PathBuf, io::Error)> {
    let begins = ["entry", "running"].map(|kind| format!("{name}.{kind}-"));
    let found = std::fs::read_dir(from).into_iter().flatten().flatten();
    let found = found.filter_map(|found| found.file_name().into_string().ok());
    let numbered = found.filter(|file| begins.iter().any(|begins| file.starts_with(begins)));
    let small = SMALL.into_iter().chain(["peers"]);
    let small = small.map(|kind| format!("{name}.{kind}"));
    for file in small.chain(numbered) {
        let (from, to) = (from.join(&file), folder.join(&file));
        let failed = |path: &Path, error| (path.to_owned(), error);
        // What the kit has is not written over: entries are the same bytes, reports are its own.
        let is_missing = disk
            .read(&to)
            .map_err(|error| failed(&to, error))?
            .is_none();
        let copy = if is_missing {
            disk.read(&from).map_err(|error| failed(&from, error))?
        } else {
            None
        };
        if let Some(bytes) = copy {
            replace(disk, &to, &bytes).map_err(|error| failed(&to, error))?;
        }
    }
    Ok(())
}
