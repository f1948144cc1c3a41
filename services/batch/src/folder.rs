//! Signed folders: written beside, signed, renamed; read only when every byte fits.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use lexicon::handover::envelope::{
    DocumentId, DocumentType, EnvelopeError, Kid, SUITE, SignError, Signer, Subject, Verifier,
    decode, encode, id1, open1, sha256, sign1,
};
use lexicon::handover::folder::{Count, Fact, FileEntry, FolderManifest, MANIFEST_FILE};

/// Why a folder was not written or not read. Nothing half-written stays under its name.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The manifest is not signed as it must be.
    #[error("{path}: {source}")]
    Envelope {
        /// Which manifest.
        path: PathBuf,
        /// Why.
        source: EnvelopeError,
    },
    /// The manifest was signed by another key than the role's.
    #[error("{path}: signed by {}, expected {}", found.hex(), expected.hex())]
    WrongSigner {
        /// Which manifest.
        path: PathBuf,
        /// The key that signed.
        found: Kid,
        /// The key of the role.
        expected: Kid,
    },
    /// A file is missing, changed, or not named by the manifest.
    #[error("{path}: {why}")]
    Contents {
        /// Which file.
        path: PathBuf,
        /// Missing, changed or not listed.
        why: &'static str,
    },
    /// A key could not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// Names the file in what the system says of it.
pub fn file_error(path: &Path) -> impl FnOnce(std::io::Error) -> FolderError + '_ {
    move |source| FolderError::File {
        path: path.to_owned(),
        source,
    }
}

/// What the manifest says beside the files.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    counts: BTreeMap<String, u64>,
    facts: BTreeMap<String, String>,
}

impl Contents {
    /// Adds a count.
    pub fn count(&mut self, name: &str, value: u64) -> &mut Self {
        self.counts.insert(name.to_owned(), value);
        self
    }

    /// Adds a text fact.
    pub fn fact(&mut self, name: &str, value: impl Into<String>) -> &mut Self {
        self.facts.insert(name.to_owned(), value.into());
        self
    }
}

/// A folder being written beside its final place.
#[derive(Debug)]
pub struct FolderWriter {
    target: PathBuf,
    partial: PathBuf,
    files: BTreeMap<String, FileEntry>,
}

/// SHA-256 and length of a file, read in pieces.
///
/// # Errors
/// [`FolderError::File`].
pub fn hash_file(path: &Path) -> Result<([u8; 32], u64), FolderError> {
    let mut file = fs::File::open(path).map_err(file_error(path))?;
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    let mut piece = vec![0u8; 1 << 16];
    let mut length = 0u64;
    loop {
        let got = file.read(&mut piece).map_err(file_error(path))?;
        if got == 0 {
            break;
        }
        context.update(&piece[..got]);
        length += got as u64;
    }
    let mut hash = [0u8; 32];
    hash.copy_from_slice(context.finish().as_ref());
    Ok((hash, length))
}

/// Where a folder lies while it is being written: beside its place.
pub(crate) fn partial_of(target: &Path) -> PathBuf {
    let name = target
        .file_name()
        .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let parent = target.parent().unwrap_or_else(|| Path::new("."));
    parent.join(format!(".{name}.partial"))
}

impl FolderWriter {
    /// Begins a folder that will stand at `target`; what an earlier stop left is removed.
    ///
    /// # Errors
    /// [`FolderError::File`].
    pub fn create(target: &Path) -> Result<Self, FolderError> {
        let partial = partial_of(target);
        if partial.exists() {
            fs::remove_dir_all(&partial).map_err(file_error(&partial))?;
        }
        Self::resume(target)
    }

    /// Goes on with a folder that a stop left unfinished, or begins it. A file that lies there is part of the folder only once
    /// it is noted; the caller notes, overwrites or [`FolderWriter::drop_unnoted`]s each.
    ///
    /// # Errors
    /// [`FolderError::File`].
    pub fn resume(target: &Path) -> Result<Self, FolderError> {
        let partial = partial_of(target);
        fs::create_dir_all(&partial).map_err(file_error(&partial))?;
        Ok(Self {
            target: target.to_owned(),
            partial,
            files: BTreeMap::new(),
        })
    }

    /// Where a file of this folder stands while the folder is being written.
    ///
    /// # Errors
    /// [`FolderError::File`] when its parent cannot be made.
    pub fn place(&self, path: &str) -> Result<PathBuf, FolderError> {
        let place = self.partial.join(path);
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent).map_err(file_error(parent))?;
        }
        Ok(place)
    }

    /// Writes a file and notes it; what [`FolderWriter::note`] takes.
    ///
    /// # Errors
    /// [`FolderError::File`].
    pub fn put(&self, path: &str, bytes: &[u8]) -> Result<FileEntry, FolderError> {
        let place = self.place(path)?;
        fs::write(&place, bytes).map_err(file_error(&place))?;
        let (length, hash) = (bytes.len() as u64, sha256(bytes));
        Ok(FileEntry {
            path: path.to_owned(),
            length,
            sha256: hash.into(),
        })
    }

    /// Writes a file of this folder.
    ///
    /// # Errors
    /// [`FolderError::File`].
    pub fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), FolderError> {
        let entry = self.put(path, bytes)?;
        self.note(entry);
        Ok(())
    }

    /// Notes a file that [`FolderWriter::put`] wrote.
    pub fn note(&mut self, entry: FileEntry) {
        self.files.insert(entry.path.clone(), entry);
    }

    /// Removes the files of an unfinished folder that nobody noted.
    ///
    /// # Errors
    /// [`FolderError::File`].
    pub fn drop_unnoted(&self) -> Result<(), FolderError> {
        for path in files_below(&self.partial)? {
            if !self.files.contains_key(&path) {
                let path = self.partial.join(path);
                fs::remove_file(&path).map_err(file_error(&path))?;
            }
        }
        Ok(())
    }

    /// Notes a file that somebody wrote at its [`FolderWriter::place`].
    ///
    /// # Errors
    /// [`FolderError::File`].
    pub fn adopt(&mut self, path: &str) -> Result<(), FolderError> {
        let entry = self.measure(path)?;
        self.note(entry);
        Ok(())
    }

    /// Length and hash of such a file; what [`FolderWriter::note`] takes.
    ///
    /// # Errors
    /// [`FolderError::File`].
    pub fn measure(&self, path: &str) -> Result<FileEntry, FolderError> {
        let (hash, length) = hash_file(&self.partial.join(path))?;
        Ok(FileEntry {
            path: path.to_owned(),
            length,
            sha256: hash.into(),
        })
    }

    /// Signs the manifest and puts the folder in its place; an older one is replaced whole.
    ///
    /// # Errors
    /// [`FolderError`]; the older folder then still stands.
    pub fn finish(
        self,
        folder: &str,
        election: u32,
        contents: Contents,
        signer: &dyn Signer,
    ) -> Result<DocumentId, FolderError> {
        let files = self.files.into_values().collect();
        let (bytes, id) = manifest(folder, election, files, contents, signer)?;
        let path = self.partial.join(MANIFEST_FILE);
        fs::write(&path, &bytes).map_err(file_error(&path))?;
        fs::File::open(&path)
            .and_then(|file| file.sync_all())
            .map_err(file_error(&path))?;
        let old = self.partial.with_extension("old");
        if old.exists() {
            fs::remove_dir_all(&old).map_err(file_error(&old))?;
        }
        if self.target.exists() {
            fs::rename(&self.target, &old).map_err(file_error(&self.target))?;
        }
        fs::rename(&self.partial, &self.target).map_err(file_error(&self.target))?;
        if old.exists() {
            fs::remove_dir_all(&old).map_err(file_error(&old))?;
        }
        Ok(id)
    }
}

fn manifest(
    folder: &str,
    election: u32,
    files: Vec<FileEntry>,
    contents: Contents,
    signer: &dyn Signer,
) -> Result<(Vec<u8>, DocumentId), FolderError> {
    let payload = encode(&FolderManifest {
        suite: SUITE.to_owned(),
        election,
        folder: folder.to_owned(),
        files,
        counts: contents
            .counts
            .into_iter()
            .map(|(name, value)| Count { name, value })
            .collect(),
        facts: contents
            .facts
            .into_iter()
            .map(|(name, value)| Fact { name, value })
            .collect(),
    });
    let subject = Subject {
        kind: DocumentType::FolderManifest,
        election,
    };
    let bytes = sign1(subject, &payload, signer)?;
    Ok((bytes, id1(subject, signer.kid(), &payload)))
}

/// Signs the manifest of a folder anew, in which some files were changed since; counts, facts and all other files stay as
/// the manifest that stands says.
///
/// # Errors
/// [`FolderError`]; the earlier manifest then still stands.
pub(crate) fn renew_manifest(
    dir: &Path,
    folder: &str,
    trust: Trust<'_>,
    changed: Vec<FileEntry>,
    signer: &dyn Signer,
) -> Result<(), FolderError> {
    let (before, _) = open_manifest(dir, folder, trust)?;
    let mut files: BTreeMap<String, FileEntry> = before
        .files
        .into_iter()
        .map(|entry| (entry.path.clone(), entry))
        .collect();
    for entry in changed {
        files.insert(entry.path.clone(), entry);
    }
    let contents = Contents {
        counts: before
            .counts
            .into_iter()
            .map(|of| (of.name, of.value))
            .collect(),
        facts: before
            .facts
            .into_iter()
            .map(|of| (of.name, of.value))
            .collect(),
    };
    let files = files.into_values().collect();
    let (bytes, _) = manifest(folder, trust.election, files, contents, signer)?;
    replace(&dir.join(MANIFEST_FILE), &bytes)
}

/// Writes a file beside its place and renames it.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), FolderError> {
    let partial = path.with_extension("partial");
    fs::write(&partial, bytes).map_err(file_error(&partial))?;
    fs::rename(&partial, path).map_err(file_error(path))
}

/// Signs a folder that others filled (as `journals/`): every file at any depth but the manifest.
///
/// # Errors
/// [`FolderError`].
pub fn sign_folder(
    dir: &Path,
    folder: &str,
    election: u32,
    contents: Contents,
    signer: &dyn Signer,
) -> Result<DocumentId, FolderError> {
    let mut files = Vec::new();
    for path in files_below(dir)? {
        if path != MANIFEST_FILE {
            let (hash, length) = hash_file(&dir.join(&path))?;
            files.push(FileEntry {
                path,
                length,
                sha256: hash.into(),
            });
        }
    }
    let (bytes, id) = manifest(folder, election, files, contents, signer)?;
    let partial = dir.join(".MANIFEST.partial");
    fs::write(&partial, bytes).map_err(file_error(&partial))?;
    let path = dir.join(MANIFEST_FILE);
    fs::rename(&partial, &path).map_err(file_error(&path))?;
    Ok(id)
}

/// Paths of all files below a folder, with `/`, sorted by bytes.
///
/// # Errors
/// [`FolderError::File`].
pub fn files_below(dir: &Path) -> Result<Vec<String>, FolderError> {
    fn walk(dir: &Path, prefix: &str, found: &mut Vec<String>) -> Result<(), FolderError> {
        for entry in fs::read_dir(dir).map_err(file_error(dir))? {
            let entry = entry.map_err(file_error(dir))?;
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type().map_err(file_error(dir))?.is_dir() {
                walk(&entry.path(), &format!("{path}/"), found)?;
            } else {
                found.push(path);
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    walk(dir, "", &mut found)?;
    found.sort();
    Ok(found)
}

/// Whom a folder must be signed by, and for which election.
#[derive(Clone, Copy)]
pub struct Trust<'a> {
    /// Checks signatures.
    pub verifier: &'a dyn Verifier,
    /// The role's key.
    pub signer: Kid,
    /// The election.
    pub election: u32,
}

impl std::fmt::Debug for Trust<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Trust({}, {})", self.signer.hex(), self.election)
    }
}

/// Opens a folder's manifest without reading the files.
///
/// # Errors
/// [`FolderError`].
pub fn open_manifest(
    dir: &Path,
    folder: &str,
    trust: Trust<'_>,
) -> Result<(FolderManifest, DocumentId), FolderError> {
    let path = dir.join(MANIFEST_FILE);
    let bytes = fs::read(&path).map_err(file_error(&path))?;
    let refused = |source| FolderError::Envelope {
        path: path.clone(),
        source,
    };
    let subject = Subject {
        kind: DocumentType::FolderManifest,
        election: trust.election,
    };
    let signed = open1(subject, &bytes, trust.verifier).map_err(refused)?;
    if signed.signers != [trust.signer] {
        let found = signed.signers.first().copied().unwrap_or(trust.signer);
        return Err(FolderError::WrongSigner {
            path,
            found,
            expected: trust.signer,
        });
    }
    let manifest: FolderManifest = decode(&signed.payload).map_err(refused)?;
    if manifest.folder != folder || manifest.election != trust.election {
        return Err(FolderError::Contents {
            path,
            why: "the manifest is of another folder",
        });
    }
    Ok((manifest, signed.id))
}

/// Checks one file of a folder against the signed manifest.
///
/// # Errors
/// [`FolderError`] when the manifest or the file does not fit.
pub fn check_file(
    dir: &Path,
    folder: &str,
    file: &str,
    trust: Trust<'_>,
) -> Result<(), FolderError> {
    let (manifest, _) = open_manifest(dir, folder, trust)?;
    let path = dir.join(file);
    let (hash, length) = hash_file(&path)?;
    let mut files = manifest.files.iter();
    match files.find(|entry| entry.path == file) {
        Some(entry) if entry.length == length && *entry.sha256 == hash => Ok(()),
        Some(_) | None => Err(FolderError::Contents {
            path,
            why: "the file was changed",
        }),
    }
}

/// The document of `roll/` that gathers signatures after the folder was written, so no manifest names its bytes: the fact
/// [`RELEASE_FACT`] holds its id instead, which no signature changes.
pub const RELEASE_FILE: &str = "release.cose";

/// The fact of the manifest of `roll/` that names the release.
pub const RELEASE_FACT: &str = "release";

/// Opens a folder and checks every file: none missing, changed or added. Of `roll/` the release itself
/// ([`RELEASE_FILE`]) is not looked at here, its own signatures speak for it.
///
/// # Errors
/// [`FolderError`] naming the first file that does not fit.
pub fn open_folder(
    dir: &Path,
    folder: &str,
    trust: Trust<'_>,
) -> Result<(FolderManifest, DocumentId), FolderError> {
    let (manifest, id) = open_manifest(dir, folder, trust)?;
    let wrong = |path: &str, why| {
        Err(FolderError::Contents {
            path: dir.join(path),
            why,
        })
    };
    let there = files_below(dir)?;
    let listed: BTreeSet<&str> = manifest.files.iter().map(|f| f.path.as_str()).collect();
    for path in &there {
        let gathers = folder == crate::form::ROLL && path == RELEASE_FILE;
        if !listed.contains(path.as_str()) && path != MANIFEST_FILE && !gathers {
            return wrong(path, "the file is not named by the manifest");
        }
    }
    for file in &manifest.files {
        if there.binary_search(&file.path).is_err() {
            return wrong(&file.path, "the file is missing");
        }
        let (hash, length) = hash_file(&dir.join(&file.path))?;
        if length != file.length || hash != *file.sha256 {
            return wrong(&file.path, "the file was changed");
        }
    }
    Ok((manifest, id))
}
