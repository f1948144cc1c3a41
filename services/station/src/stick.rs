//! Files that the chair names on a stick: one, or those of a folder.

use std::path::{Path, PathBuf};

/// Files that are looked at in one folder.
const FILES_MAX: usize = 64;

/// The file at a place, or the wanted ones of the folder there, by name; none where nothing lies.
pub(crate) fn files_at(place: &Path, is_wanted: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    if place.is_file() {
        return vec![place.to_owned()];
    }
    let entries = std::fs::read_dir(place).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let mut files: Vec<PathBuf> = paths.filter(|path| is_wanted(path)).collect();
    files.sort();
    files.truncate(FILES_MAX);
    files
}
