//! A whole log as static files, ready to be published.

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::hash::leaf_hash;
use crate::key::SigningKey;
use crate::proof::TreeHead;
use crate::tile::{BundleError, entry_bundles, tiles};
use crate::tree::root;

/// Who signs a checkpoint.
#[derive(Debug, Clone, Copy)]
pub struct LogSigners<'k> {
    /// The log's key; its name is the origin of the checkpoint.
    pub log: &'k SigningKey,
    /// Witnesses that cosign. For the demo and tests: real witnesses sign by themselves, after [`crate::may_cosign`].
    pub witnesses: &'k [SigningKey],
    /// Time under the cosignatures, seconds since 1970.
    pub time_s: u64,
}

/// Why a log was not written. An engineer acts; nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogFilesError {
    /// An entry is too long for the format.
    #[error(transparent)]
    Entry(#[from] BundleError),
    /// The log key's name is no origin.
    #[error("the log's name cannot be an origin: {0}")]
    Origin(#[from] CheckpointError),
}

/// Makes all files of a log at its current size: `checkpoint`, hash tiles and entry bundles, by path
/// below the log's prefix.
///
/// Cost: one SHA-256 for each entry and each tile row; memory: the entries once more, and 33 bytes for each.
///
/// # Errors
/// [`LogFilesError`].
///
/// ```
/// use tlog::{KeyKind, LogSigners, SigningKey};
/// let log = SigningKey::from_seed("log.example", KeyKind::Ed25519, &[1; 32])?;
/// let files = tlog::log_files(&["one", "two"], LogSigners { log: &log, witnesses: &[], time_s: 0 })?;
/// let paths: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
/// assert_eq!(paths, ["checkpoint", "tile/0/000.p/2", "tile/entries/000.p/2"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn log_files<E: AsRef<[u8]>>(
    entries: &[E],
    signers: LogSigners<'_>,
) -> Result<Vec<(String, Vec<u8>)>, LogFilesError> {
    let leaves: Vec<_> = entries
        .iter()
        .map(|entry| leaf_hash(entry.as_ref()))
        .collect();
    let head = TreeHead {
        size: leaves.len() as u64,
        root: root(&leaves),
    };
    let mut note = Checkpoint::new(signers.log.verifier().name(), head)?.sign(signers.log);
    signers
        .witnesses
        .iter()
        .for_each(|witness| note.sign(witness, signers.time_s));
    let mut files = vec![("checkpoint".to_owned(), note.to_string().into_bytes())];
    files.extend(tiles(&leaves));
    for bundle in entry_bundles(entries) {
        files.push(bundle?);
    }
    Ok(files)
}

#[cfg(test)]
mod tests;
