//! Inclusion and consistency proofs: who is in the tree, and that a tree only grew.

use crate::hash::{Hash, node_hash};
use crate::tree::FullTree;
use std::convert::Infallible;

/// A source of perfect subtree hashes, from which any proof can be made.
///
/// Implemented for a slice of leaf hashes (O(n) a proof), for [`FullTree`] (O(log n)) and for
/// [`crate::TiledTree`] over stored tiles.
pub trait Nodes {
    /// What can go wrong while fetching a node; [`Infallible`] in memory.
    type Error;

    /// The hash over leaves `index·2^level .. (index+1)·2^level`; `None` beyond the source's leaves.
    ///
    /// # Errors
    /// The source's own, for instance a missing or damaged tile.
    fn node(&self, level: u8, index: u64) -> Result<Option<Hash>, Self::Error>;
}

impl Nodes for [Hash] {
    type Error = Infallible;

    fn node(&self, level: u8, index: u64) -> Result<Option<Hash>, Infallible> {
        let span = |index: u64| {
            usize::try_from(index)
                .ok()?
                .checked_mul(1usize.checked_shl(level.into())?)
        };
        let range = span(index).zip(span(index.saturating_add(1)));
        Ok(range
            .and_then(|(from, to)| self.get(from..to))
            .map(crate::tree::root))
    }
}

impl Nodes for FullTree {
    type Error = Infallible;

    fn node(&self, level: u8, index: u64) -> Result<Option<Hash>, Infallible> {
        Ok(FullTree::node(self, level, index))
    }
}

/// Why no proof could be made. An engineer acts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProveError<E> {
    /// The entry asked for is not in a tree of that size.
    #[error("entry {index} is not in a tree of {size} entries")]
    IndexOutOfRange {
        /// Zero-based entry asked for.
        index: u64,
        /// Leaves in the tree.
        size: u64,
    },
    /// A tree cannot have shrunk.
    #[error("the old tree has {old} entries, the new one only {new}")]
    OldLargerThanNew {
        /// Leaves in the older tree.
        old: u64,
        /// Leaves in the newer tree.
        new: u64,
    },
    /// The source has fewer leaves than the tree the proof is asked for.
    #[error("the source lacks the node over entries {from} to {to} (exclusive)")]
    MissingNode {
        /// First leaf under the node.
        from: u64,
        /// One past the last leaf under the node.
        to: u64,
    },
    /// The source could not be read.
    #[error("a node could not be read")]
    Source(#[source] E),
}

/// Why a proof was refused. Nobody should rely on what it claims.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The entry cannot be in a tree of that size.
    #[error("entry {index} is not in a tree of {size} entries")]
    IndexOutOfRange {
        /// Zero-based entry the proof is for.
        index: u64,
        /// Leaves in the tree.
        size: u64,
    },
    /// A tree cannot have shrunk.
    #[error("the old tree has {old} entries, the new one only {new}")]
    OldLargerThanNew {
        /// Leaves in the older tree.
        old: u64,
        /// Leaves in the newer tree.
        new: u64,
    },
    /// The proof has too few or too many hashes for these sizes.
    #[error("a proof for these sizes does not have {found} hashes")]
    WrongLength {
        /// Hashes in the proof.
        found: usize,
    },
    /// The hashes lead to another root than the one of the (new) tree.
    #[error("the proof leads to root {computed}, the tree's root is {expected}")]
    RootMismatch {
        /// Root the proof leads to.
        computed: Hash,
        /// Root of the tree, from a checkpoint.
        expected: Hash,
    },
    /// The hashes lead to another root than the one of the old tree.
    #[error("the proof leads to old root {computed}, the old tree's root is {expected}")]
    OldRootMismatch {
        /// Old root the proof leads to.
        computed: Hash,
        /// Root of the old tree, from a checkpoint.
        expected: Hash,
    },
}

/// Makes the inclusion proof of entry `index` (zero-based) in the tree of the first `size` leaves.
///
/// Order: from the leaf's sibling up to the root's child. Source: RFC 6962 §2.1.1.
///
/// # Errors
/// [`ProveError`] when the entry is not in the tree or the source lacks a node.
pub fn prove_inclusion<N: Nodes + ?Sized>(
    nodes: &N,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, ProveError<N::Error>> {
    if index >= size {
        return Err(ProveError::IndexOutOfRange { index, size });
    }
    let (mut from, mut to) = (0, size);
    let mut siblings = Vec::new();
    while to - from > 1 {
        let middle = from + left_width(to - from);
        if index < middle {
            siblings.push((middle, to));
            to = middle;
        } else {
            siblings.push((from, middle));
            from = middle;
        }
    }
    siblings
        .iter()
        .rev()
        .map(|&(from, to)| range_hash(nodes, from, to))
        .collect()
}

/// Makes the proof that the tree of the first `old` leaves is a beginning of the tree of the first `new`.
///
/// Empty when `old` is 0 or equals `new`. Source: RFC 6962 §2.1.2.
///
/// # Errors
/// [`ProveError`] when `old` is larger than `new` or the source lacks a node.
pub fn prove_consistency<N: Nodes + ?Sized>(
    nodes: &N,
    old: u64,
    new: u64,
) -> Result<Vec<Hash>, ProveError<N::Error>> {
    if old > new {
        return Err(ProveError::OldLargerThanNew { old, new });
    }
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let (mut from, mut to) = (0, new);
    let mut ranges = Vec::new();
    // Walk down to the subtree that ends exactly where the old tree ends.
    while to != old {
        let middle = from + left_width(to - from);
        if old <= middle {
            ranges.push((middle, to));
            to = middle;
        } else {
            ranges.push((from, middle));
            from = middle;
        }
    }
    if from != 0 {
        ranges.push((from, to));
    }
    ranges
        .iter()
        .rev()
        .map(|&(from, to)| range_hash(nodes, from, to))
        .collect()
}

/// Checks that `leaf` is entry `index` of the tree with `size` leaves and root `root`.
///
/// Cost: one SHA-256 for each hash of the proof. Source: RFC 9162 §2.1.3.2.
///
/// # Errors
/// [`ProofError`] when it is not.
pub fn verify_inclusion(
    proof: &[Hash],
    index: u64,
    size: u64,
    leaf: Hash,
    root: Hash,
) -> Result<(), ProofError> {
    let computed = root_from_inclusion(proof, index, size, leaf)?;
    if computed == root {
        Ok(())
    } else {
        Err(ProofError::RootMismatch {
            computed,
            expected: root,
        })
    }
}

/// Computes the root an inclusion proof leads to.
///
/// # Errors
/// [`ProofError::IndexOutOfRange`] and [`ProofError::WrongLength`].
pub fn root_from_inclusion(
    proof: &[Hash],
    index: u64,
    size: u64,
    leaf: Hash,
) -> Result<Hash, ProofError> {
    if index >= size {
        return Err(ProofError::IndexOutOfRange { index, size });
    }
    let wrong_length = ProofError::WrongLength { found: proof.len() };
    let (mut at, mut last) = (index, size - 1);
    let mut hash = leaf;
    for &sibling in proof {
        if last == 0 {
            return Err(wrong_length);
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(sibling, hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    if last == 0 {
        Ok(hash)
    } else {
        Err(wrong_length)
    }
}

/// A size and the root at that size: what a checkpoint says about its tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeHead {
    /// Leaves in the tree.
    pub size: u64,
    /// Merkle tree hash of those leaves.
    pub root: Hash,
}

/// Checks that the `new` tree begins with the leaves of the `old` one.
///
/// From the empty tree everything follows, given its own root [`Hash::EMPTY_ROOT`].
/// Source: RFC 9162 §2.1.4.2.
///
/// # Errors
/// [`ProofError`] when the proof does not show it.
pub fn verify_consistency(proof: &[Hash], old: TreeHead, new: TreeHead) -> Result<(), ProofError> {
    if old.size > new.size {
        return Err(ProofError::OldLargerThanNew {
            old: old.size,
            new: new.size,
        });
    }
    let wrong_length = ProofError::WrongLength { found: proof.len() };
    if old.size == 0 || old.size == new.size {
        let expected = if old.size == 0 {
            Hash::EMPTY_ROOT
        } else {
            new.root
        };
        return match proof {
            [] if old.root == expected => Ok(()),
            [] => Err(ProofError::OldRootMismatch {
                computed: expected,
                expected: old.root,
            }),
            _ => Err(wrong_length),
        };
    }
    // When the old tree is perfect its root is the first hash and the proof leaves it out.
    let (first, rest) = if old.size.is_power_of_two() {
        (old.root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or_else(|| wrong_length.clone())?;
        (*first, rest)
    };
    let skip = (old.size - 1).trailing_ones();
    let (mut at, mut last) = ((old.size - 1) >> skip, (new.size - 1) >> skip);
    let (mut old_hash, mut new_hash) = (first, first);
    for &hash in rest {
        if last == 0 {
            return Err(wrong_length);
        }
        if at & 1 == 1 || at == last {
            old_hash = node_hash(hash, old_hash);
            new_hash = node_hash(hash, new_hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(new_hash, hash);
        }
        at >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(wrong_length);
    }
    if old_hash != old.root {
        return Err(ProofError::OldRootMismatch {
            computed: old_hash,
            expected: old.root,
        });
    }
    if new_hash != new.root {
        return Err(ProofError::RootMismatch {
            computed: new_hash,
            expected: new.root,
        });
    }
    Ok(())
}

/// Leaves of the left subtree: the largest power of two below `leaves` (at least 2).
fn left_width(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}

/// The Merkle tree hash of leaves `from .. to`, which is a node of the tree: `from` is a multiple of
/// every power of two up to the first subtree's width.
pub(crate) fn range_hash<N: Nodes + ?Sized>(
    nodes: &N,
    from: u64,
    to: u64,
) -> Result<Hash, ProveError<N::Error>> {
    let mut start = from;
    let mut perfect = Vec::new();
    while start < to {
        let level = (to - start).ilog2();
        let end = start + (1 << level);
        let level = u8::try_from(level).expect("a u64 has 64 levels");
        let node = nodes
            .node(level, start >> level)
            .map_err(ProveError::Source)?;
        perfect.push(node.ok_or(ProveError::MissingNode {
            from: start,
            to: end,
        })?);
        start = end;
    }
    let mut hashes = perfect.into_iter().rev();
    let Some(last) = hashes.next() else {
        return Ok(Hash::EMPTY_ROOT);
    };
    Ok(hashes.fold(last, |right, left| node_hash(left, right)))
}

#[cfg(test)]
mod tests;
