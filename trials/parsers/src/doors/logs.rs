//! Formats of the public log.

use tlog::{
    Checkpoint, Hash, Note, Policy, Tile, TlogProof, TreeHead, VerifierKey, bundle_entries,
    entry_bundle, leaf_hash, tile_hashes, verify_consistency, verify_inclusion,
};

use crate::seeds::hands;

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// A signed note: what is read is written alike.
pub fn parse_note(bytes: &[u8]) -> bool {
    let Ok(note) = Note::parse(bytes) else {
        return false;
    };
    assert_eq!(
        note.to_string().as_bytes(),
        bytes,
        "a note is written as it was read"
    );
    if let Ok(checkpoint) = note.text().parse::<Checkpoint>() {
        assert_eq!(
            checkpoint.to_string(),
            note.text(),
            "a checkpoint is written as it was read"
        );
    }
    true
}

/// A checkpoint, opened by the log's key and judged by the witnesses' policy.
pub fn parse_checkpoint(bytes: &[u8]) -> bool {
    let hands = hands();
    let opened = Checkpoint::open(bytes, &hands.log);
    if let Ok(note) = Note::parse(bytes) {
        let _ = hands.policy.judge(&note);
    }
    opened.is_ok()
}

/// A voter's proof.
pub fn parse_log_proof(bytes: &[u8]) -> bool {
    let Some(text) = text(bytes) else {
        return false;
    };
    let Ok(proof) = text.parse::<TlogProof>() else {
        return false;
    };
    assert_eq!(proof.to_string(), text, "a proof is written as it was read");
    let _ = proof.verify(leaf_hash(b"delta 1"), &hands().policy);
    true
}

/// A witness policy or a verifier key.
pub fn parse_log_policy(bytes: &[u8]) -> bool {
    let Some(text) = text(bytes) else {
        return false;
    };
    let key = text.parse::<VerifierKey>();
    if let Ok(key) = &key {
        assert_eq!(key.to_string(), text, "a key is written as it was read");
    }
    let policy = text.parse::<Policy>();
    if let Ok(policy) = &policy {
        assert_eq!(
            policy.to_string().parse::<Policy>().as_ref(),
            Ok(policy),
            "a policy means the same when read again"
        );
    }
    key.is_ok() || policy.is_ok()
}

/// A tile's path on the first line, its bytes after it.
pub fn parse_tile(bytes: &[u8]) -> bool {
    let split = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(bytes.len());
    let (path, body) = (&bytes[..split], bytes.get(split + 1..).unwrap_or_default());
    let Some(Ok(tile)) = text(path).map(str::parse::<Tile>) else {
        return false;
    };
    assert_eq!(tile.path().as_bytes(), path, "a tile has one path");
    if let Ok(entries) = bundle_entries(body, tile.width()) {
        assert_eq!(
            entry_bundle(&entries).as_deref(),
            Ok(body),
            "a bundle is written as it was read"
        );
        return true;
    }
    tile_hashes(body, tile.width()).is_some()
}

/// Index and sizes (u64, big end first), a root, a leaf, then the hashes of a proof.
pub fn verify_tree_proof(bytes: &[u8]) -> bool {
    let Some((numbers, rest)) = bytes.split_at_checked(16) else {
        return false;
    };
    let number = |at: usize| {
        numbers[at..at + 8]
            .iter()
            .fold(0u64, |n, byte| n << 8 | u64::from(*byte))
    };
    let (index, size) = (number(0), number(8));
    let mut hashes = rest.chunks_exact(32).map(|chunk| {
        let mut hash = [0u8; 32];
        hash.copy_from_slice(chunk);
        Hash(hash)
    });
    let (Some(root), Some(leaf)) = (hashes.next(), hashes.next()) else {
        return false;
    };
    let proof: Vec<Hash> = hashes.collect();
    let old = TreeHead {
        size: index,
        root: leaf,
    };
    let consistent = verify_consistency(&proof, old, TreeHead { size, root }).is_ok();
    verify_inclusion(&proof, index, size, leaf, root).is_ok() | consistent
}
