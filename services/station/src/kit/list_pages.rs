//! The bound paper list, page by page: the chair reads the codes at opening, and a foreign page stops the initial report (S-30).

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::{Arc, PoisonError};

use pollbook::{BoundList, ListPage, PageFault};

use super::Kit;
use crate::disk::Disk;
use crate::lines::LineFile;

/// Pages whose codes this kit read: `K1.pages`, a line of the file each.
pub(super) struct PagesRead {
    file: LineFile,
    read: BTreeSet<u32>,
    /// Foreign pages by the place that they take, with the release that they are of.
    foreign: BTreeMap<u32, u32>,
}

/// What the kit knows of the bound list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PagesView {
    /// Pages of the package's list.
    pub bound: u32,
    /// Pages that were read and belong.
    pub read: BTreeSet<u32>,
    /// Foreign pages and the release that each is of.
    pub foreign: Vec<(u32, u32)>,
}

/// What became of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageRead {
    /// The page belongs.
    Fits(u32),
    /// It does not.
    Fault(PageFault),
}

impl PagesRead {
    /// Reads the file; what a power cut left unfinished is passed over.
    ///
    /// # Errors
    /// What the system said.
    pub(super) fn read(disk: &Arc<dyn Disk>, path: &Path) -> io::Result<Self> {
        let (file, lines) = LineFile::read(disk, path)?;
        let mut pages = Self {
            file,
            read: BTreeSet::new(),
            foreign: BTreeMap::new(),
        };
        for line in &lines {
            let mut words = line.split_whitespace().map(str::parse::<u32>);
            match (words.next(), words.next()) {
                (Some(Ok(page)), None) => pages.take(page, None),
                (Some(Ok(page)), Some(Ok(release))) => pages.take(page, Some(release)),
                (_, _) => {}
            }
        }
        Ok(pages)
    }

    fn take(&mut self, page: u32, foreign_release: Option<u32>) {
        match foreign_release {
            // The right page takes the place of the foreign one.
            None => {
                self.foreign.remove(&page);
                self.read.insert(page);
            }
            Some(release) => {
                self.read.remove(&page);
                self.foreign.insert(page, release);
            }
        }
    }
}

impl Kit {
    /// The list as the package binds it; changes of the day stand on supplementary pages and have no code.
    fn bound_list(&self) -> BoundList {
        let manifest = self.charter.manifest();
        let mut pages: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
        for voter in &self.body.voters {
            let lines = pages.entry(voter.page).or_insert((voter.line, voter.line));
            *lines = (lines.0.min(voter.line), lines.1.max(voter.line));
        }
        BoundList {
            release: manifest.release,
            precinct: manifest.precinct,
            root: *manifest.root,
            pages: pages.into_values().collect(),
        }
    }

    /// Takes the code of a page of the bound list; what was found is durable when this returns.
    ///
    /// A page of another release or another list is kept as foreign until the right one is read in its place.
    ///
    /// # Errors
    /// What the system said: nothing was taken.
    pub fn read_list_page(&self, text: &str) -> io::Result<PageRead> {
        let page = match ListPage::read(text) {
            Ok(page) => page,
            Err(fault) => return Ok(PageRead::Fault(fault)),
        };
        let judged = page.belongs(&self.bound_list());
        let mut pages = self
            .list_pages
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let foreign = match judged {
            Ok(()) => None,
            Err(_) => Some(page.release),
        };
        let line = match foreign {
            None => page.page.to_string(),
            Some(release) => format!("{} {release}", page.page),
        };
        pages.file.add(&line)?;
        pages.take(page.page, foreign);
        drop(pages);
        self.tell();
        Ok(judged.map_or_else(PageRead::Fault, |()| PageRead::Fits(page.page)))
    }

    /// What is known of the bound list.
    #[must_use]
    pub fn list_pages(&self) -> PagesView {
        let pages = self
            .list_pages
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let bound = self.body.voters.iter().map(|voter| voter.page).max();
        PagesView {
            bound: bound.unwrap_or(0),
            read: pages.read.clone(),
            foreign: pages
                .foreign
                .iter()
                .map(|(page, of)| (*page, *of))
                .collect(),
        }
    }
}
