//! The day is handed over: everything that a kit hands in, in one folder of a stick, each file read back as it was written.

use std::io;
use std::path::{Path, PathBuf};

use lexicon::handover::envelope::{hex, sha256};
use lexicon::handover::event::{Tail, unframe};

use super::Kit;
use crate::config::signed_in;
use crate::disk::replace;
use crate::print::{self, HandOverPaper};

/// The list of files and hashes: the last file that is written.
const LIST: &str = "handover.txt";

/// A file that was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedFile {
    /// Its name in the folder.
    pub name: String,
    /// How many bytes.
    pub bytes: usize,
    /// SHA-256 of them.
    pub sha256: [u8; 32],
}

/// What a commission expects and this kit cannot hand over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// No final report was made.
    Final,
    /// What was counted on paper was not entered.
    Totals,
    /// The kit has no medium of its own, or its medium was not written.
    Medium,
    /// So many sealed pictures that the kit's acts name are not on its disk.
    Pictures(u32),
    /// So many acts by a finger have no sealed capture on the disk.
    Captures(u32),
    /// Another kit's close is not known here: its own stick must come.
    Kit(String),
}

/// A folder that was written whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedOver {
    /// `PLACE/1001-K1-handover`.
    pub folder: PathBuf,
    /// Its files, by name.
    pub files: Vec<HandedFile>,
    /// SHA-256 of the list of them; it stands on the paper.
    pub sha256: [u8; 32],
    /// What is not there.
    pub missing: Vec<Missing>,
    /// Whether the paper came out.
    pub is_printed: bool,
}

/// Why nothing was handed over: the chair acts, unless the message is for the engineer.
#[derive(Debug, thiserror::Error)]
pub enum HandOverRefused {
    /// The kit is not closed.
    #[error("the kit is not closed")]
    NotClosed,
    /// The place is no folder.
    #[error("there is no folder at this place")]
    NoFolder,
    /// A file of the kit is not whole: the engineer looks.
    #[error("{0} is not whole")]
    NotWhole(String),
    /// The stick did not take a file, or gave other bytes back.
    #[error("{name}: {source}")]
    Stick {
        /// Which file.
        name: String,
        /// What the system said.
        source: io::Error,
    },
}

impl HandOverRefused {
    /// The reason as a code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            HandOverRefused::NotClosed => "NOT_CLOSED",
            HandOverRefused::NoFolder => "NO_FOLDER",
            HandOverRefused::NotWhole(_) => "NOT_WHOLE",
            HandOverRefused::Stick { .. } => "STICK",
        }
    }
}

impl Kit {
    /// Writes what this kit hands in into `PLACE/1001-K1-handover`: journal, reports, hours, corrections, tickets, sealed pictures, sealed captures, grants,
    /// and last a list of them with their hashes, whose hash the printed paper bears.
    ///
    /// Cost: a read of the kit's files, a write and a read of the stick.
    ///
    /// # Errors
    /// [`HandOverRefused`]; what was written before stays on the stick without its list, and is no hand-over.
    pub fn hand_over(&self, place: &Path) -> Result<HandedOver, HandOverRefused> {
        if self.read(|book| book.closed(book.me()).is_none()) {
            return Err(HandOverRefused::NotClosed);
        }
        if !place.is_dir() {
            return Err(HandOverRefused::NoFolder);
        }
        let mut sources = self.handed_files()?;
        let captures = self.signed_captures().map_err(|error| {
            tracing::error!(%error, "the captures were not signed");
            HandOverRefused::NotWhole(self.captures_name())
        })?;
        let captures_lost = captures.as_ref().map_or(0, |(_, lost)| *lost);
        sources
            .extend(captures.map(|(signed, _)| (format!("{}.cose", self.captures_name()), signed)));
        let name = super::medium::copy_name(self.charter.manifest().precinct, &self.name());
        let folder = place.join(format!("{name}-handover"));
        let stick = |name: &str| {
            let name = name.to_owned();
            move |source| HandOverRefused::Stick { name, source }
        };
        self.disk
            .make_folder(&folder)
            .map_err(stick(&folder.to_string_lossy()))?;
        let mut files = Vec::new();
        for (name, bytes) in &sources {
            self.put(&folder, name, bytes).map_err(stick(name))?;
            files.push(HandedFile {
                name: name.clone(),
                bytes: bytes.len(),
                sha256: sha256(bytes),
            });
        }
        files.sort_by(|a, b| a.name.cmp(&b.name));
        let row =
            |file: &HandedFile| format!("{}  {}  {}\n", hex(&file.sha256), file.bytes, file.name);
        let list: String = files.iter().map(row).collect();
        self.put(&folder, LIST, list.as_bytes())
            .map_err(stick(LIST))?;
        let mut done = HandedOver {
            folder,
            files,
            sha256: sha256(list.as_bytes()),
            missing: self.missing(captures_lost),
            is_printed: false,
        };
        let job = print::hand_over(&HandOverPaper {
            heading: self.heading(),
            at: self.clock.read().wall,
            done: done.clone(),
        });
        let printed = self.printer.print(&job);
        done.is_printed = printed.is_ok();
        if let Err(error) = printed {
            tracing::warn!(%error, "the paper of the hand-over was not printed");
        }
        Ok(done)
    }

    /// Writes a file and reads it back.
    fn put(&self, folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = folder.join(name);
        replace(&*self.disk, &path, bytes)?;
        let back = self.disk.read(&path)?;
        if back.as_deref() == Some(bytes) {
            Ok(())
        } else {
            Err(io::Error::other("it gives other bytes back"))
        }
    }

    /// The kit's files as they are handed in, each looked at.
    fn handed_files(&self) -> Result<Vec<(String, Vec<u8>)>, HandOverRefused> {
        let me = self.name();
        let not_whole = |name: &str| HandOverRefused::NotWhole(name.to_owned());
        let name = format!("{me}.journal");
        let journal = self.journal_bytes().map_err(|_| not_whole(&name))?;
        let frames = unframe(&journal);
        let held = self.read(|book| book.head(book.me()).seq) as usize;
        if frames.tail != Tail::Clean || frames.events.len() != held {
            return Err(not_whole(&name));
        }
        let mut files = vec![(name, journal)];
        let mut words = vec!["initial".to_owned(), "final".to_owned()];
        let days = self.read(|book| book.voting_days().len());
        words.extend((2..=days).map(|day| format!("initial-{day}")));
        words.extend((1..=self.running_kept()).map(|at| format!("running-{at}")));
        let finals = self
            .finals()
            .map_err(|_| not_whole(&format!("{me}.final.cose")))?;
        words.extend((1..finals.len()).map(|at| format!("addendum-{at}")));
        words.sort();
        words.dedup();
        let reports = words
            .iter()
            .flat_map(|word| [format!("{word}.cose"), format!("{word}.json")]);
        let others = ["hours", "corrections", "tickets", "resumed"].map(str::to_owned);
        for end in reports.chain(others) {
            let name = format!("{me}.{end}");
            let bytes = self.disk.read(&self.folder.join(&name));
            if let Some(bytes) = bytes.map_err(|_| not_whole(&name))? {
                files.push((name, bytes));
            }
        }
        files.extend(self.sealed_pictures().0);
        let grants = self.grants.get().map(|folder| signed_in(folder));
        for (name, signed) in grants.into_iter().flat_map(Result::unwrap_or_default) {
            files.push((name.replace(".cose", ".grant"), signed));
        }
        Ok(files)
    }

    fn missing(&self, captures_lost: u32) -> Vec<Missing> {
        let mut missing = Vec::new();
        if self.finals().is_ok_and(|finals| finals.is_empty()) {
            missing.push(Missing::Final);
        }
        if self.read(|book| book.totals_said().is_none()) {
            missing.push(Missing::Totals);
        }
        if self.medium().is_none_or(|medium| medium.why.is_some()) {
            missing.push(Missing::Medium);
        }
        let lost = Some(self.pictures_lost()).filter(|lost| *lost > 0);
        missing.extend(lost.map(Missing::Pictures));
        let lost = Some(captures_lost).filter(|lost| *lost > 0);
        missing.extend(lost.map(Missing::Captures));
        let kits = self
            .kits()
            .into_iter()
            .filter(|kit| !kit.is_me && kit.is_at_work);
        let open = kits.filter(|kit| self.read(|book| book.closed(kit.kit).is_none()));
        missing.extend(open.map(|kit| Missing::Kit(kit.name)));
        missing
    }
}
