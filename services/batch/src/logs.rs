//! Logs as static files in the C2SP formats, signed and cosigned.

use std::fs;
use std::path::Path;

use lexicon::Instant;
use lexicon::handover::folder::TrustAnchors;
use tlog::{Checkpoint, Hash, KeyKind, LogSigners, SigningKey, TreeHead};

use crate::folder::FolderWriter;
use crate::form::BatchError;

/// The log's key and its witnesses. A file seed serves the demo; in production the HSM signs.
pub struct LogKeys {
    /// The log's name, which is its origin, as `log.tizme.example/20151004`.
    pub name: String,
    /// Seed of the Ed25519 key.
    pub seed: [u8; 32],
    /// Witnesses that cosign; in production each runs at another institution.
    pub witnesses: Vec<SigningKey>,
}

impl std::fmt::Debug for LogKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "LogKeys({}, {} witnesses)",
            self.name,
            self.witnesses.len()
        )
    }
}

fn refused(error: impl std::fmt::Display) -> BatchError {
    BatchError::Log(error.to_string())
}

impl LogKeys {
    /// Keys from their names and Ed25519 seeds.
    ///
    /// # Errors
    /// [`BatchError::Log`] when a name is no key name.
    pub fn of_seeds(
        name: &str,
        seed: [u8; 32],
        witnesses: &[(String, [u8; 32])],
    ) -> Result<Self, BatchError> {
        let witness = |(name, seed): &(String, [u8; 32])| {
            SigningKey::from_seed(name, KeyKind::CosignatureV1, seed).map_err(refused)
        };
        Ok(Self {
            name: name.to_owned(),
            seed,
            witnesses: witnesses.iter().map(witness).collect::<Result<_, _>>()?,
        })
    }

    /// Demands that these are the log and enough of the witnesses that the anchors name.
    ///
    /// # Errors
    /// [`BatchError::Log`] saying which key is another.
    pub fn demand(&self, anchors: &TrustAnchors) -> Result<(), BatchError> {
        if self.signer(&self.name)?.verifier().to_string() != anchors.log_key {
            return Err(refused(
                "the log's key is not the one that the anchors name",
            ));
        }
        let known = self
            .witnesses
            .iter()
            .filter(|witness| {
                anchors
                    .witness_keys
                    .contains(&witness.verifier().to_string())
            })
            .count();
        if known < usize::from(anchors.witnesses_needed) {
            return Err(refused(format!(
                "{known} of {} witnesses that the anchors ask for are here",
                anchors.witnesses_needed
            )));
        }
        Ok(())
    }

    /// The signing key under a name of this log.
    ///
    /// # Errors
    /// [`BatchError::Log`] when the name is no key name.
    pub fn signer(&self, name: &str) -> Result<SigningKey, BatchError> {
        SigningKey::from_seed(name, KeyKind::Ed25519, &self.seed).map_err(refused)
    }
}

/// A log as it was published before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Published {
    pub entries: Vec<Vec<u8>>,
    pub checkpoint: Option<Checkpoint>,
}

/// Reads back what stands in `dir`; nothing there is an empty log.
pub(crate) fn read_entries(
    dir: &Path,
    name: &str,
    keys: &LogKeys,
) -> Result<Published, BatchError> {
    let path = dir.join("checkpoint");
    if !path.exists() {
        return Ok(Published::default());
    }
    let read = |path: &Path| {
        fs::read(path).map_err(|error| refused(format!("{}: {error}", path.display())))
    };
    let signer = keys.signer(name)?;
    let checkpoint = Checkpoint::open(&read(&path)?, signer.verifier()).map_err(refused)?;
    let size = checkpoint.head().size;
    let mut entries: Vec<Vec<u8>> = Vec::new();
    while (entries.len() as u64) < size {
        let index = entries.len() as u64 / u64::from(tlog::TILE_WIDTH);
        let tile = tlog::Tile::in_tree(tlog::TileKind::Entries, index, size)
            .ok_or_else(|| refused("the log has no such bundle"))?;
        let bytes = read(&dir.join(tile.path()))?;
        let bundle = tlog::bundle_entries(&bytes, tile.width()).map_err(refused)?;
        entries.extend(bundle.into_iter().map(<[u8]>::to_vec));
    }
    let leaves: Vec<Hash> = entries.iter().map(|entry| tlog::leaf_hash(entry)).collect();
    if tlog::root(&leaves) != checkpoint.head().root {
        return Err(refused(
            "the published entries do not hash to the published root",
        ));
    }
    Ok(Published {
        entries,
        checkpoint: Some(checkpoint),
    })
}

/// Writes checkpoint, tiles and entry bundles; witnesses cosign only what grew from what they saw.
pub(crate) fn write_log<E: AsRef<[u8]>>(
    folder: &mut FolderWriter,
    place: &str,
    name: &str,
    entries: &[E],
    before: &Published,
    keys: &LogKeys,
    at: Instant,
) -> Result<(), BatchError> {
    let leaves: Vec<Hash> = entries
        .iter()
        .map(|entry| tlog::leaf_hash(entry.as_ref()))
        .collect();
    let head = TreeHead {
        size: leaves.len() as u64,
        root: tlog::root(&leaves),
    };
    let checkpoint = Checkpoint::new(name, head).map_err(refused)?;
    let proof = match &before.checkpoint {
        Some(seen) => tlog::prove_consistency(&leaves[..], seen.head().size, head.size)
            .map_err(|_| refused("the new log does not contain the published one"))?,
        None => Vec::new(),
    };
    // Each witness signs only what grew from what it saw: the demo's witnesses are asked here.
    tlog::may_cosign(before.checkpoint.as_ref(), &checkpoint, &proof).map_err(refused)?;
    let signers = LogSigners {
        log: &keys.signer(name)?,
        witnesses: &keys.witnesses,
        time_s: u64::try_from(at.micros() / 1_000_000).unwrap_or(0),
    };
    for (path, bytes) in tlog::log_files(entries, signers).map_err(refused)? {
        folder.write(&format!("{place}{path}"), &bytes)?;
    }
    Ok(())
}
