//! A snapshot sealed to one key for its way to another host, and opened there (docs/formats.md §2.3).

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use lexicon::handover::envelope::{DocumentId, PublicKey, encode};
use lexicon::handover::package::KeyAgreement;
use lexicon::handover::sealed_folder::{
    SEALED_FILE, SEALED_SUFFIX, SealedFile, SealedFolder, SealedFolderError,
};

use crate::folder::{FolderError, Trust, file_error, files_below, open_folder, partial_of};
use crate::snapshot::SNAPSHOT;
use crate::steps::{Progress, Report};

/// Why a folder was not sealed or not opened; the place it was meant for is as it was.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// A folder or file.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// One file does not seal or open.
    #[error("{path}: {source}")]
    Sealed {
        /// Which.
        path: PathBuf,
        /// Why.
        source: SealedFolderError,
    },
    /// Something stands where the result should go.
    #[error("{0} is there already: name a folder that is not")]
    Stands(PathBuf),
    /// The header is of another election or folder.
    #[error(
        "{path}: sealed is {folder} of election {election}, not {expected_folder} of {expected}"
    )]
    Other {
        /// The header.
        path: PathBuf,
        /// Which folder it seals.
        folder: String,
        /// Of which election.
        election: u32,
        /// The folder wanted.
        expected_folder: &'static str,
        /// The election wanted.
        expected: u32,
    },
    /// A file lies beside the sealed ones that the header does not name.
    #[error("{0}: the header names no such file")]
    Unnamed(PathBuf),
}

/// What was sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Id of the snapshot's manifest.
    pub snapshot: DocumentId,
    /// Files.
    pub files: u64,
    /// Plain bytes.
    pub bytes: u64,
}

fn sealed_error(path: &Path) -> impl FnOnce(SealedFolderError) -> SealError + '_ {
    move |source| SealError::Sealed {
        path: path.to_owned(),
        source,
    }
}

/// Writes a folder beside its place, which must be free, and renames it when it is whole.
fn beside<T>(out: &Path, fill: impl FnOnce(&Path) -> Result<T, SealError>) -> Result<T, SealError> {
    if out.exists() {
        return Err(SealError::Stands(out.to_owned()));
    }
    let partial = partial_of(out);
    if partial.exists() {
        std::fs::remove_dir_all(&partial).map_err(file_error(&partial))?;
    }
    std::fs::create_dir_all(&partial).map_err(file_error(&partial))?;
    match fill(&partial) {
        Ok(done) => {
            std::fs::rename(&partial, out).map_err(file_error(out))?;
            Ok(done)
        }
        Err(error) => {
            // What was deciphered so far must not stay behind.
            std::fs::remove_dir_all(&partial).map_err(file_error(&partial))?;
            Err(error)
        }
    }
}

/// Where a file lies sealed.
fn sealed_path(dir: &Path, file: &SealedFile) -> PathBuf {
    dir.join(format!("{}{SEALED_SUFFIX}", file.path))
}

/// The named step of sealing or opening, and where it tells how far it is.
type Told<'a> = (&'static str, Report<'a>);

/// Lets every file of a header stream from its place to another, each written to the end; plain bytes in all.
fn stream(
    header: &SealedFolder,
    (step, report): Told<'_>,
    places: impl Fn(&SealedFile) -> (PathBuf, PathBuf),
    through: impl Fn(&SealedFile, &mut dyn Read, &mut dyn Write) -> Result<(), SealedFolderError>,
) -> Result<u64, SealError> {
    let add = |sum: u64, file: &SealedFile| sum.saturating_add(file.length);
    let total = header.files.iter().fold(0, add);
    let mut done = 0;
    for file in &header.files {
        let (from, to) = places(file);
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent).map_err(file_error(parent))?;
        }
        let mut reader = BufReader::new(File::open(&from).map_err(file_error(&from))?);
        let mut writer = BufWriter::new(File::create(&to).map_err(file_error(&to))?);
        through(file, &mut reader, &mut writer).map_err(sealed_error(&from))?;
        writer
            .flush()
            .and_then(|()| writer.get_ref().sync_all())
            .map_err(file_error(&to))?;
        done = add(done, file);
        report(Progress {
            step,
            done,
            total,
            skipped: false,
        });
    }
    Ok(total)
}

/// Seals a snapshot, checked whole before, to `recipient`: `out/`; `secret` is random and used once.
///
/// # Errors
/// [`SealError`]; nothing is left at `out` then.
pub fn seal_snapshot(
    snapshot: &Path,
    trust: Trust<'_>,
    recipient: &PublicKey,
    secret: &[u8; 32],
    out: &Path,
    report: Report<'_>,
) -> Result<Moved, SealError> {
    let (_, id) = open_folder(snapshot, SNAPSHOT, trust)?;
    let mut files = Vec::new();
    for path in files_below(snapshot)? {
        let place = snapshot.join(&path);
        let length = std::fs::metadata(&place).map_err(file_error(&place))?.len();
        files.push(SealedFile { path, length });
    }
    let (header, keys) = SealedFolder::draw(trust.election, SNAPSHOT, files, recipient, secret)
        .map_err(sealed_error(out))?;
    beside(out, |partial| {
        let bytes = stream(
            &header,
            ("seal", report),
            |file| (snapshot.join(&file.path), sealed_path(partial, file)),
            |file, plain, sealed| keys.seal(file, plain, sealed),
        )?;
        let path = partial.join(SEALED_FILE);
        std::fs::write(&path, encode(&header)).map_err(file_error(&path))?;
        Ok(Moved {
            snapshot: id,
            files: header.files.len() as u64,
            bytes,
        })
    })
}

/// Opens a sealed snapshot with the key it was sealed to, and checks its signature and every file: `out/`.
///
/// # Errors
/// [`SealError`]; nothing deciphered is left then.
pub fn open_snapshot(
    sealed: &Path,
    trust: Trust<'_>,
    key: &dyn KeyAgreement,
    out: &Path,
    report: Report<'_>,
) -> Result<Moved, SealError> {
    let path = sealed.join(SEALED_FILE);
    let bytes = std::fs::read(&path).map_err(file_error(&path))?;
    let header = SealedFolder::parse(&bytes).map_err(sealed_error(&path))?;
    if header.folder != SNAPSHOT || header.election != trust.election {
        return Err(SealError::Other {
            path,
            folder: header.folder,
            election: header.election,
            expected_folder: SNAPSHOT,
            expected: trust.election,
        });
    }
    for file in files_below(sealed)? {
        let named = file.strip_suffix(SEALED_SUFFIX);
        let is_named = named.is_some_and(|named| header.files.iter().any(|of| of.path == named));
        if !is_named && file != SEALED_FILE {
            return Err(SealError::Unnamed(sealed.join(file)));
        }
    }
    let keys = header.keys(key).map_err(sealed_error(&path))?;
    beside(out, |partial| {
        let bytes = stream(
            &header,
            ("open", report),
            |file| (sealed_path(sealed, file), partial.join(&file.path)),
            |file, sealed, plain| keys.open(file, sealed, plain),
        )?;
        let (_, snapshot) = open_folder(partial, SNAPSHOT, trust)?;
        Ok(Moved {
            snapshot,
            files: header.files.len() as u64,
            bytes,
        })
    })
}
