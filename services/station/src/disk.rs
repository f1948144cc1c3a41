//! The door to the disk: every durable write of a kit goes through it, and nothing else does.
//!
//! Few verbs, so that a model of a disk can stand in for the machine's and cut the power after each of
//! them. What a verb promises is what POSIX promises and no more: bytes are certain after
//! [`OpenFile::sync`], a name in a folder after [`Disk::sync_folder`].

use std::fmt::Debug;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

/// A file that is held open.
pub trait OpenFile: Debug + Send {
    /// Writes bytes at a place; the disk may still lose them.
    ///
    /// # Errors
    /// What the system said; any part of the bytes may be there.
    fn write_at(&mut self, bytes: &[u8], place: u64) -> io::Result<()>;

    /// Fills a buffer from a place.
    ///
    /// # Errors
    /// What the system said, also when the file ends before.
    fn read_at(&self, buffer: &mut [u8], place: u64) -> io::Result<()>;

    /// Waits until the disk holds every byte written and the file's length.
    ///
    /// # Errors
    /// What the system said; after it nothing may be acknowledged.
    fn sync(&mut self) -> io::Result<()>;
}

/// A disk.
pub trait Disk: Debug + Send + Sync {
    /// The whole file; `None` when there is none.
    ///
    /// # Errors
    /// What the system said.
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>>;

    /// Opens a file for reading and writing; makes an empty one when there is none.
    ///
    /// # Errors
    /// What the system said.
    fn open(&self, path: &Path) -> io::Result<Box<dyn OpenFile>>;

    /// Makes an empty file, in the place of one with that name.
    ///
    /// # Errors
    /// What the system said.
    fn create(&self, path: &Path) -> io::Result<Box<dyn OpenFile>>;

    /// Gives a file another name in the same folder, in the place of a file that bears it.
    ///
    /// # Errors
    /// What the system said.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Makes one folder; it may be there already.
    ///
    /// # Errors
    /// What the system said.
    fn make_folder(&self, path: &Path) -> io::Result<()>;

    /// Waits until the disk holds the names in a folder.
    ///
    /// # Errors
    /// What the system said.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
}

/// The machine's own disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostDisk;

impl OpenFile for File {
    fn write_at(&mut self, bytes: &[u8], place: u64) -> io::Result<()> {
        self.write_all_at(bytes, place)
    }

    fn read_at(&self, buffer: &mut [u8], place: u64) -> io::Result<()> {
        self.read_exact_at(buffer, place)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

impl Disk for HostDisk {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        match std::fs::read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn OpenFile>> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)?;
        Ok(Box::new(file))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn OpenFile>> {
        Ok(Box::new(File::create(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        match std::fs::create_dir(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
            made => made,
        }
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }
}

/// The folder that holds a path; `.` for a bare name.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Makes a folder and those above it that are missing, and waits until each name is certain.
///
/// The names of folders that are there are synced as well: a kit that was stopped may have made them and not
/// come this far. One above that may not be opened was not made by a kit and is passed over.
///
/// # Errors
/// What the system said.
pub fn settle_folder(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    let mut chain: Vec<&Path> = path
        .ancestors()
        .filter(|folder| !folder.as_os_str().is_empty() && folder.parent().is_some())
        .collect();
    chain.reverse();
    for folder in chain {
        let is_there = disk.sync_folder(folder).is_ok();
        if !is_there {
            disk.make_folder(folder)?;
        }
        let synced = disk.sync_folder(folder_of(folder));
        if !is_there || folder == path {
            synced?;
        }
    }
    Ok(())
}

/// The path of a file whose name goes on with `suffix`.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Puts bytes in the place of a file: written beside, synced, renamed, the name synced. After a power cut
/// the old file is there or the new one, whole, also when the disk did not do the last sync it reported.
///
/// # Errors
/// What the system said; the old file stands unless only the last sync failed.
pub fn replace(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let newer = beside(path, "-new");
    let mut file = disk.create(&newer)?;
    file.write_at(bytes, 0)?;
    file.sync()?;
    // A second sync before the new name: a disk that loses its last one has the bytes by the first.
    disk.sync_folder(folder_of(path))?;
    disk.rename(&newer, path)?;
    disk.sync_folder(folder_of(path))
}
