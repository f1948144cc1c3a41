//! An append-only Merkle log in the public formats of C2SP.
//!
//! What is here:
//! - RFC 6962 hashing: [`leaf_hash`], [`node_hash`], a streaming [`Tree`] and a [`FullTree`] for many proofs;
//! - inclusion and consistency proofs: [`prove_inclusion`], [`prove_consistency`] from leaf hashes, a
//!   [`FullTree`] or stored tiles ([`TiledTree`]), and [`verify_inclusion`], [`verify_consistency`];
//! - static files (tlog-tiles): [`tiles`], [`entry_bundles`], their paths ([`Tile`]) and readers; a whole log at once: [`log_files`];
//! - checkpoints (tlog-checkpoint) as signed notes ([`Note`], [`Checkpoint`]), keys ([`SigningKey`], [`VerifierKey`]);
//! - witnesses (tlog-cosignature): [`may_cosign`], `cosignature/v1`, and the quorum rule [`Policy`] (tlog-policy);
//! - offline proofs (tlog-proof): [`TlogProof`].
//!
//! What is deliberately not here: files, network, clock and randomness (times and seeds are arguments,
//! tiles come through [`TileReader`]); ML-DSA cosignatures (type 0x06), ECDSA and RFC 6962 tree head
//! signatures; pruning; what the entries mean.
//!
//! # Example: a log of three entries, one witness, one offline proof
//! ```
//! use tlog::{Checkpoint, KeyKind, Policy, SigningKey, TlogProof, TreeHead};
//!
//! // The log hashes its entries and signs the head of its tree.
//! let entries = ["first release", "delta 1", "delta 2"];
//! let leaves: Vec<_> = entries.iter().map(|entry| tlog::leaf_hash(entry.as_bytes())).collect();
//! let head = TreeHead { size: 3, root: tlog::root(&leaves) };
//! let log = SigningKey::from_seed("log.example/2015", KeyKind::Ed25519, &[1; 32])?;
//! let checkpoint = Checkpoint::new("log.example/2015", head)?;
//! let mut note = checkpoint.sign(&log);
//!
//! // A witness saw the tree of one entry before, checks that it only grew, and cosigns.
//! let seen = Checkpoint::new("log.example/2015", TreeHead { size: 1, root: leaves[0] })?;
//! let proof = tlog::prove_consistency(&leaves[..], 1, 3)?;
//! tlog::may_cosign(Some(&seen), &checkpoint, &proof)?;
//! let witness = SigningKey::from_seed("witness.example/w1", KeyKind::CosignatureV1, &[2; 32])?;
//! note.sign(&witness, 1_443_934_800);
//!
//! // Anyone who knows both public keys can check one entry without the log.
//! let policy = Policy::k_of_n(&[log.verifier().clone()], &[witness.verifier().clone()], 1)?;
//! let hashes = tlog::prove_inclusion(&leaves[..], 1, 3)?;
//! let file = TlogProof { index: 1, hashes, extra: None, checkpoint: note }.to_string();
//! let accepted = file.parse::<TlogProof>()?.verify(tlog::leaf_hash(b"delta 1"), &policy)?;
//! assert_eq!(accepted.witnesses, [("witness.example/w1".to_owned(), 1_443_934_800)]);
//!
//! // The tree as static files.
//! let files: Vec<(String, Vec<u8>)> = tlog::tiles(&leaves).collect();
//! assert_eq!(files[0].0, "tile/0/000.p/3");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod checkpoint;
mod files;
mod hash;
mod key;
mod note;
mod policy;
mod proof;
mod tile;
mod tiled;
mod tlog_proof;
mod tree;

pub use checkpoint::{Checkpoint, CheckpointError, CosignRefusal, OpenCheckpointError, may_cosign};
pub use files::{LogFilesError, LogSigners, log_files};
pub use hash::{Hash, ParseHashError, leaf_hash, node_hash};
pub use key::{KeyError, KeyKind, SigningKey, VerifierKey};
pub use note::{NOTE_BYTES_MAX, SIGNATURES_MAX};
pub use note::{Note, NoteError, NoteSignature, Verified, VerifyNoteError, cosigned_message};
pub use policy::{Accepted, Policy, PolicyError, RefuseCheckpoint};
pub use proof::{Nodes, ProofError, ProveError, TreeHead};
pub use proof::{
    prove_consistency, prove_inclusion, root_from_inclusion, verify_consistency, verify_inclusion,
};
pub use tile::{BundleError, ENTRY_BYTES_MAX, TILE_HEIGHT, TILE_WIDTH, Tile, TileError, TileKind};
pub use tile::{
    bundle_entries, entry_bundle, entry_bundles, first_wrong_tile, tile_hashes, tiles, tiles_since,
};
pub use tiled::{TileReader, TiledError, TiledTree};
pub use tlog_proof::{ParseTlogProofError, RefuseProof, TlogProof};
pub use tree::{EdgeError, FullTree, Tree, root};
