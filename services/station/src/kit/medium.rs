//! The kit's second copy: which files go to the medium, and the marks of the list.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use lexicon::handover::envelope::Kid;
use pollbook::{Act, Body, Book};

use super::Kit;
use crate::disk::Disk;
use crate::journal::{Journal, JournalError};
use crate::mirror::{MARKER, MediumView, Mirror, Source};
use crate::print::{LastOfKit, LineMark, Marks, marks_pdf};

/// The copy and what the screens say of it: they never wait for a slow medium.
pub(super) struct Medium {
    mirror: Mutex<Mirror>,
    view: Mutex<MediumView>,
    /// Where a medium is looked for while none is in; empty: only where one was named.
    places: Vec<PathBuf>,
    disk: Arc<dyn Disk>,
}

impl Kit {
    /// Gives the kit a medium to copy to; the first one given stays.
    pub fn set_medium(&self, disk: Arc<dyn Disk>, medium: PathBuf) {
        let name = copy_name(self.charter.manifest().precinct, &self.name());
        self.copy_with(disk, medium, &name, Vec::new());
    }

    /// Lets the kit copy to the first medium that is put in below one of these folders, where systems mount what can be
    /// taken out; while there is none, the screens say so. What was given first stays.
    pub fn look_for_medium(&self, disk: Arc<dyn Disk>, places: Vec<PathBuf>) {
        let name = copy_name(self.charter.manifest().precinct, &self.name());
        let Some(first) = places.first() else { return };
        let at = medium_below(&places).unwrap_or_else(|| first.clone());
        self.copy_with(disk, at, &name, places);
    }

    fn copy_with(&self, disk: Arc<dyn Disk>, at: PathBuf, name: &str, places: Vec<PathBuf>) {
        let mirror = Mirror::new(Arc::clone(&disk), at, name);
        let _ = self.medium.set(Medium {
            view: Mutex::new(mirror.view().clone()),
            mirror: Mutex::new(mirror),
            places,
            disk,
        });
    }

    /// What the screens say of the medium; `None` when the kit was given none.
    #[must_use]
    pub fn medium(&self) -> Option<MediumView> {
        let view = self.medium.get()?.view.lock();
        Some(view.map_or_else(
            |poisoned| poisoned.into_inner().clone(),
            |view| view.clone(),
        ))
    }

    /// Copies to the medium what was written since, and the pages of marks once a minute.
    ///
    /// For a worker, about every second. What goes wrong is shown ([`Kit::medium`]) and tried again.
    pub fn copy_to_medium(&self) {
        let Some(Medium {
            mirror,
            view,
            places,
            disk,
        }) = self.medium.get()
        else {
            return;
        };
        let Ok(mut mirror) = mirror.lock() else {
            return;
        };
        if !places.is_empty()
            && !mirror.is_there()
            && let Some(found) = medium_below(places)
        {
            let name = copy_name(self.charter.manifest().precinct, &self.name());
            *mirror = Mirror::new(Arc::clone(disk), found, &name);
        }
        let reading = self.clock.read();
        let is_due = mirror.is_there() && mirror.wants_pages(reading.steady_micros);
        let pages = is_due.then(|| marks_pdf(&self.marks()));
        let name = self.name();
        let (own, copies) = {
            let desk = self.desk();
            (desk.journal.end(), desk.peers.end())
        };
        let of_own = |place: u64| tail(&self.desk().journal, place, own);
        let of_peers = |place: u64| tail(&self.desk().peers, place, copies);
        let mut sources = vec![
            (
                format!("{name}.journal"),
                Source::Grows {
                    length: own,
                    from: &of_own,
                },
            ),
            (
                format!("{name}.peers"),
                Source::Grows {
                    length: copies,
                    from: &of_peers,
                },
            ),
        ];
        let of_captures = |place: u64| self.captures_from(place);
        let captures = self.captures_end();
        if captures > 0 {
            let grows = Source::Grows {
                length: captures,
                from: &of_captures,
            };
            sources.push((self.captures_name(), grows));
        }
        // An entry never changes: once it is on the medium it is not read again.
        let entries = self.entry_files();
        // Nor does a running report.
        let runs = (1..=self.running_kept())
            .flat_map(|at| ["cose", "json"].map(|kind| format!("{name}.running-{at}.{kind}")));
        // Nor a sealed picture.
        let pictures = self.picture_files().into_iter().map(|(name, _)| name);
        let entries = entries.into_iter().chain(runs).chain(pictures);
        let entries = entries.filter(|file| !mirror.holds(file));
        for file in SMALL
            .map(|kind| format!("{name}.{kind}"))
            .into_iter()
            .chain(entries)
        {
            if let Ok(Some(bytes)) = self.disk.read(&self.folder.join(&file)) {
                sources.push((file, Source::Whole(bytes)));
            }
        }
        mirror.follow(
            &sources,
            pages.as_deref(),
            reading.wall,
            reading.steady_micros,
        );
        if let Ok(mut view) = view.lock() {
            view.clone_from(mirror.view());
        }
    }

    /// The marks of the whole list as the kit knows them now.
    #[must_use]
    pub fn marks(&self) -> Marks {
        let wall = self.clock.read().wall;
        let desk = self.desk();
        let count = usize::try_from(desk.book.list().lines()).unwrap_or(0);
        let mut lines = vec![LineMark::None; count];
        for (line, state) in desk.book.states() {
            let at = usize::try_from(line).unwrap_or(0).wrapping_sub(1);
            let Some(place) = lines.get_mut(at) else {
                continue;
            };
            *place = match &state.counted {
                Some(act) => LineMark::Kit(self.charter.kit_name(whose(act))),
                None if state.undone.is_empty() => LineMark::None,
                None => LineMark::Undone,
            };
        }
        let kits = self.charter.kits().iter().map(|kit| LastOfKit {
            name: self.charter.kit_name(*kit),
            seq: desk.book.head(*kit).seq,
            receipt: last_receipt(&desk.book, *kit),
        });
        let heading = self.heading();
        let at = wall.local_time(heading.offset_minutes);
        Marks {
            at: at.chars().take(5).collect(),
            kits: kits.collect(),
            heading,
            lines,
        }
    }
}

/// The first folder with the medium's marker among these and two levels below, by name.
fn medium_below(places: &[PathBuf]) -> Option<PathBuf> {
    let folders = |of: &PathBuf| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(of).into_iter().flatten().flatten();
        let mut found: Vec<PathBuf> = entries
            .map(|entry| entry.path())
            .filter(|path| path.is_dir())
            .collect();
        found.sort();
        found
    };
    let is_medium = |folder: &PathBuf| folder.join(MARKER).is_file();
    let mut level = places.to_vec();
    for _ in 0..3 {
        if let Some(found) = level.iter().find(|folder| is_medium(folder)) {
            return Some(found.clone());
        }
        level = level.iter().flat_map(folders).collect();
    }
    None
}

/// Files that are copied whole when they change: `K1.hours` …
pub(crate) const SMALL: [&str; 16] = [
    "corrections",
    "resumed",
    "hours",
    "initial.cose",
    "initial.json",
    "final.cose",
    "final.json",
    "addendum-1.cose",
    "addendum-1.json",
    "addendum-2.cose",
    "addendum-2.json",
    "addendum-3.cose",
    "addendum-3.json",
    "addendum-4.cose",
    "addendum-4.json",
    "release",
];

fn tail(journal: &Journal, place: u64, end: u64) -> io::Result<Vec<u8>> {
    journal.bytes_between(place, end).map_err(|error| {
        if let JournalError::Disk { source, .. } = error {
            source
        } else {
            io::Error::other(error.to_string())
        }
    })
}

/// Whose receipt an act stands for.
fn whose(act: &Act) -> Kid {
    if let Body::Reconstructed(body) = &act.body {
        Kid(*body.kit)
    } else {
        act.name.kit
    }
}

/// `1001-K1`: a kit's folder on a medium.
pub(crate) fn copy_name(precinct: u16, kit: &str) -> String {
    format!("{precinct}-{kit}")
}

/// Number of a kit's last known receipt; 0 when none is known.
pub(crate) fn last_receipt(book: &Book, kit: Kid) -> u32 {
    let receipts = book
        .events_after(kit, 0)
        .filter_map(|act| pollbook::identified(act));
    receipts.map(|body| body.receipt).max().unwrap_or(0)
}
