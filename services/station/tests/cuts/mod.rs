//! A model of a disk that records every write, sync, new name and rename, and says what a power cut leaves.
//!
//! It promises as little as POSIX does: bytes are certain after their file was synced, names after their
//! folder was. Everything else may be there or not, sector by sector, in any order.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

pub mod day;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use lexicon::handover::event::frame;
use station::disk::{Disk, OpenFile, folder_of};

/// The smallest piece that a disk writes whole.
pub const SECTOR: usize = 512;

/// One step of the kit that a power cut can come after.
#[derive(Clone, Debug)]
pub enum Op {
    MakeFolder(PathBuf),
    SyncFolder(PathBuf),
    /// A name for a new file.
    Name(PathBuf, usize),
    Rename(PathBuf, PathBuf, usize),
    Empty(usize),
    Write(usize, usize, Arc<[u8]>),
    Sync(usize),
}

/// What stands on a disk.
#[derive(Clone, Debug, Default)]
pub struct Image {
    folders: BTreeSet<PathBuf>,
    names: BTreeMap<PathBuf, usize>,
    files: BTreeMap<usize, Vec<u8>>,
}

impl Image {
    /// An empty disk with this folder.
    pub fn with_folder(folder: &str) -> Self {
        Self {
            folders: BTreeSet::from([PathBuf::from(folder)]),
            ..Self::default()
        }
    }

    pub fn bytes(&self, path: &Path) -> Option<&[u8]> {
        Some(self.files.get(self.names.get(path)?)?)
    }

    /// Two images with one fingerprint look the same to a kit.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.folders.hash(&mut hasher);
        for (name, file) in &self.names {
            let bytes = self.files.get(file).map_or(&[][..], Vec::as_slice);
            let used = bytes
                .iter()
                .rposition(|byte| *byte != 0)
                .map_or(0, |last| last + 1);
            (name, bytes.len(), &bytes[..used]).hash(&mut hasher);
        }
        hasher.finish()
    }

    /// `pages` says which pages of `page` bytes of a write come to the disk.
    fn apply(&mut self, op: &Op, page: usize, mut comes: impl FnMut(usize) -> bool) {
        match op {
            Op::MakeFolder(path) => {
                self.folders.insert(path.clone());
            }
            Op::Name(path, file) => {
                self.names.insert(path.clone(), *file);
                self.files.entry(*file).or_default();
            }
            Op::Rename(from, to, file) => {
                self.names.remove(from);
                self.names.insert(to.clone(), *file);
                self.files.entry(*file).or_default();
            }
            Op::Empty(file) => self.files.entry(*file).or_default().clear(),
            Op::Write(file, place, bytes) => {
                let bytes_there = self.files.entry(*file).or_default();
                let mut from = *place;
                while from < place + bytes.len() {
                    let to = ((from / page + 1) * page).min(place + bytes.len());
                    if comes(from / page) {
                        if bytes_there.len() < to {
                            bytes_there.resize(to, 0);
                        }
                        bytes_there[from..to].copy_from_slice(&bytes[from - place..to - place]);
                    }
                    from = to;
                }
            }
            Op::SyncFolder(_) | Op::Sync(_) => {}
        }
    }

    /// A name in a folder that is not there is not there.
    fn settle(&mut self) {
        let folders = std::mem::take(&mut self.folders);
        self.folders = folders
            .iter()
            .filter(|folder| {
                folder
                    .ancestors()
                    .skip(1)
                    .all(|above| above.parent().is_none() || folders.contains(above))
            })
            .cloned()
            .collect();
        let folders = &self.folders;
        self.names
            .retain(|name, _| folders.contains(folder_of(name)));
    }
}

/// What a cut does to what was not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// All of it came to the disk before the power went.
    Kept,
    /// None of it did.
    Lost,
    /// Of the last write its first or its last pages came, of the rest all or nothing.
    Torn {
        page: usize,
        pages: usize,
        from_end: bool,
        rest: bool,
    },
    /// The disk said that the last sync was done, and it was not; what was not certain is lost or drawn.
    Dropped { seed: Option<u64> },
    /// Each sector and each name by its own draw.
    Reordered { seed: u64 },
}

fn draw(seed: u64, op: usize, piece: usize) -> bool {
    let mut x = seed
        ^ (op as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ (piece as u64).wrapping_mul(0xc2b2_ae3d_27d4_eb4f);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (x ^ (x >> 31)) & 1 == 1
}

/// For each op of the first `until`, whether it is certain. The op `without` is a sync that was not done.
fn certain(ops: &[Op], without: Option<usize>) -> Vec<bool> {
    let mut files = BTreeSet::new();
    let mut folders = BTreeSet::new();
    let mut sure = vec![false; ops.len()];
    for (at, op) in ops.iter().enumerate().rev() {
        match op {
            Op::Sync(file) if Some(at) != without => {
                files.insert(*file);
            }
            Op::SyncFolder(folder) if Some(at) != without => {
                folders.insert(folder.as_path());
            }
            Op::Write(file, ..) | Op::Empty(file) => sure[at] = files.contains(file),
            Op::MakeFolder(path) | Op::Name(path, _) | Op::Rename(_, path, _) => {
                sure[at] = folders.contains(folder_of(path));
            }
            Op::Sync(_) | Op::SyncFolder(_) => {}
        }
    }
    sure
}

/// The last sync of these ops.
pub fn last_sync(ops: &[Op]) -> Option<usize> {
    ops.iter()
        .rposition(|op| matches!(op, Op::Sync(_) | Op::SyncFolder(_)))
}

/// The disk after a cut that came when `ops` were done.
pub fn cut(base: &Image, ops: &[Op], fate: Fate) -> Image {
    let without = match fate {
        Fate::Dropped { .. } => last_sync(ops),
        Fate::Kept | Fate::Lost | Fate::Torn { .. } | Fate::Reordered { .. } => None,
    };
    let sure = certain(ops, without);
    let mut image = base.clone();
    for (at, op) in ops.iter().enumerate() {
        let is_last = at + 1 == ops.len();
        let (page, comes): (usize, Box<dyn FnMut(usize) -> bool>) = match fate {
            _ if sure[at] => (SECTOR, Box::new(|_| true)),
            Fate::Kept => (SECTOR, Box::new(|_| true)),
            Fate::Lost | Fate::Dropped { seed: None } => continue,
            Fate::Torn {
                page,
                pages,
                from_end,
                ..
            } if is_last => {
                let Op::Write(_, place, bytes) = op else {
                    continue;
                };
                let (first, all) = (place / page, pages_of(*place, bytes.len(), page));
                let range = if from_end {
                    first + all - pages..first + all
                } else {
                    first..first + pages
                };
                (page, Box::new(move |piece| range.contains(&piece)))
            }
            Fate::Torn { rest: true, .. } => (SECTOR, Box::new(|_| true)),
            Fate::Torn { rest: false, .. } => continue,
            Fate::Reordered { seed } | Fate::Dropped { seed: Some(seed) } => {
                if !matches!(op, Op::Write(..)) && !draw(seed, at, 0) {
                    continue;
                }
                (SECTOR, Box::new(move |piece| draw(seed, at, piece)))
            }
        };
        image.apply(op, page, comes);
    }
    image.settle();
    image
}

fn pages_of(place: usize, length: usize, page: usize) -> usize {
    (place + length).div_ceil(page) - place / page
}

/// Every way in which a cut right after the last of `ops` is tried; `draws` for each that is drawn.
pub fn fates(ops: &[Op], draws: u64) -> Vec<Fate> {
    let mut fates = vec![Fate::Kept, Fate::Lost];
    if let Some(Op::Write(_, place, bytes)) = ops.last() {
        for page in [SECTOR, 4096] {
            let all = pages_of(*place, bytes.len(), page);
            let some: BTreeSet<usize> = if all <= 8 {
                (1..all).collect()
            } else {
                [1, all / 2, all - 1].into()
            };
            for pages in some {
                for (from_end, rest) in [(false, false), (false, true), (true, false), (true, true)]
                {
                    fates.push(Fate::Torn {
                        page,
                        pages,
                        from_end,
                        rest,
                    });
                }
            }
        }
    }
    if last_sync(ops).is_some() {
        fates.push(Fate::Dropped { seed: None });
        fates.extend((0..draws).map(|seed| Fate::Dropped { seed: Some(seed) }));
    }
    fates.extend((0..draws).map(|seed| Fate::Reordered { seed }));
    fates
}

#[derive(Debug)]
struct State {
    live: Image,
    ops: Vec<Op>,
    next: usize,
}

/// A faulty disk, to see that the harness finds what it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutation {
    None,
    /// Files are not synced.
    NoSync,
    /// Folders are not synced.
    NoFolderSync,
    /// A replaced file is written in place, not beside.
    InPlace,
    /// The files of lines that a change of the list brought are not synced.
    NoEntrySync,
    /// A record is taken as it stands: its checksum is not looked at.
    NoChecksum,
}

/// A disk in memory that records; handles are shared.
#[derive(Clone, Debug)]
pub struct RecordingDisk {
    state: Arc<Mutex<State>>,
    mutation: Mutation,
}

impl RecordingDisk {
    pub fn on(image: Image, mutation: Mutation) -> Self {
        let next = image.files.keys().next_back().map_or(0, |last| last + 1);
        Self {
            state: Arc::new(Mutex::new(State {
                live: image,
                ops: Vec::new(),
                next,
            })),
            mutation,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// How many steps were taken.
    pub fn steps(&self) -> usize {
        self.state().ops.len()
    }

    pub fn ops(&self) -> Vec<Op> {
        self.state().ops.clone()
    }

    fn open_recording(&self, path: &Path) -> io::Result<RecordingFile> {
        let mut state = self.state();
        if !state.live.folders.contains(folder_of(path)) {
            return Err(gone(path));
        }
        let there = state.live.names.get(path).copied();
        let file = there.unwrap_or_else(|| {
            state.next += 1;
            let file = state.next;
            state.step(Op::Name(path.to_owned(), file));
            file
        });
        Ok(RecordingFile {
            disk: self.clone(),
            file,
            is_synced: true,
        })
    }
}

impl State {
    fn step(&mut self, op: Op) {
        self.live.apply(&op, SECTOR, |_| true);
        self.ops.push(op);
    }
}

/// Gives every record the checksum and the second length that fit it.
fn believe(mut bytes: Vec<u8>) -> Vec<u8> {
    let mut at = 0;
    while let Some(length) = bytes.get(at..at + 4) {
        let length = u32::from_be_bytes(length.try_into().unwrap()) as usize;
        let Some(signed) = bytes.get(at + 8..at + 8 + length).filter(|_| length > 0) else {
            break;
        };
        let record = frame(signed);
        let end = at + record.len();
        if end > bytes.len() {
            break;
        }
        bytes[at..end].copy_from_slice(&record);
        at = end;
    }
    bytes
}

fn gone(path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, path.display().to_string())
}

impl Disk for RecordingDisk {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        let bytes = self.state().live.bytes(path).map(<[u8]>::to_vec);
        let is_records = path
            .extension()
            .is_some_and(|kind| kind == "journal" || kind == "peers");
        if self.mutation == Mutation::NoChecksum && is_records {
            return Ok(bytes.map(believe));
        }
        Ok(bytes)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn OpenFile>> {
        Ok(Box::new(self.open_recording(path)?))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn OpenFile>> {
        let path = match (
            self.mutation,
            path.to_str().and_then(|name| name.strip_suffix("-new")),
        ) {
            (Mutation::InPlace, Some(name)) => PathBuf::from(name),
            _ => path.to_owned(),
        };
        let is_entry = path.to_str().is_some_and(|name| name.contains(".entry-"));
        let file = Box::new(RecordingFile {
            is_synced: !(is_entry && self.mutation == Mutation::NoEntrySync),
            ..self.open_recording(&path)?
        });
        let mut state = self.state();
        let number = state.live.names[&path];
        if !state.live.files[&number].is_empty() {
            state.step(Op::Empty(number));
        }
        Ok(file)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        if self.mutation == Mutation::InPlace {
            return Ok(());
        }
        let mut state = self.state();
        let file = *state.live.names.get(from).ok_or_else(|| gone(from))?;
        state.step(Op::Rename(from.to_owned(), to.to_owned(), file));
        Ok(())
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        if !state.live.folders.contains(path) {
            state.step(Op::MakeFolder(path.to_owned()));
        }
        Ok(())
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        if !state.live.folders.contains(path) {
            return Err(gone(path));
        }
        if self.mutation != Mutation::NoFolderSync {
            state.step(Op::SyncFolder(path.to_owned()));
        }
        Ok(())
    }
}

#[derive(Debug)]
struct RecordingFile {
    disk: RecordingDisk,
    file: usize,
    is_synced: bool,
}

impl OpenFile for RecordingFile {
    fn write_at(&mut self, bytes: &[u8], place: u64) -> io::Result<()> {
        let place = usize::try_from(place).unwrap();
        self.disk
            .state()
            .step(Op::Write(self.file, place, bytes.into()));
        Ok(())
    }

    fn read_at(&self, buffer: &mut [u8], place: u64) -> io::Result<()> {
        let state = self.disk.state();
        let place = usize::try_from(place).unwrap();
        let bytes = state.live.files[&self.file].get(place..place + buffer.len());
        buffer.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.is_synced && self.disk.mutation != Mutation::NoSync {
            self.disk.state().step(Op::Sync(self.file));
        }
        Ok(())
    }
}
