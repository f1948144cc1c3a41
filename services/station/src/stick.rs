//! Files that the chair names on a stick: one, or those of a folder.

use std::path::{Path, PathBuf};

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use lexicon::Language;
use lexicon::handover::envelope::DocumentType;
use maud::Markup;

use crate::serve::with_language;

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

/// A file's name, for the page that says what became of it.
pub(crate) fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Takes in every document of a kind at a place: one file, or the `*.cose` of a folder; what became of each by its name.
/// `nothing` when no file lies there, `unreadable` for one that is too large or cannot be read.
pub(crate) fn bring<T, E>(
    place: &Path,
    kind: DocumentType,
    nothing: E,
    unreadable: impl Fn() -> E,
    take: impl Fn(&[u8]) -> Result<T, E>,
) -> Vec<(String, Result<T, E>)> {
    let files = files_at(place, |path| {
        path.extension().is_some_and(|end| end == "cose")
    });
    if files.is_empty() {
        let name = place.file_name().unwrap_or(place.as_os_str());
        return vec![(name.to_string_lossy().into_owned(), Err(nothing))];
    }
    let most = kind.bytes_max() as u64;
    let one = |path: PathBuf| {
        let is_small = std::fs::metadata(&path).is_ok_and(|file| file.len() <= most);
        let read = is_small.then(|| std::fs::read(&path).ok()).flatten();
        let done = read.map_or_else(|| Err(unreadable()), |signed| take(&signed));
        (name_of(&path), done)
    };
    files.into_iter().map(one).collect()
}

/// The page that says what became of each file; its status says whether one was refused.
pub(crate) fn answered<T, E>(
    brought: &[(String, Result<T, E>)],
    page: Markup,
    chosen: (Language, bool),
) -> Response {
    let status = if brought.iter().any(|(_, done)| done.is_err()) {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    (status, with_language(page, chosen)).into_response()
}
