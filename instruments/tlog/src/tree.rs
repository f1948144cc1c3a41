//! The tree: a streaming builder in O(log n) memory, and a tree that keeps every node.

use crate::hash::{Hash, node_hash};

/// Builds a Merkle tree leaf by leaf and keeps only the right edge: at most 64 hashes.
///
/// Cost: one SHA-256 of 65 bytes for each leaf, amortised. Source: RFC 6962 §2.1.
///
/// ```
/// let mut tree = tlog::Tree::new();
/// tree.push(tlog::leaf_hash(b"first"));
/// tree.push(tlog::leaf_hash(b"second"));
/// assert_eq!(tree.size(), 2);
/// assert_eq!(tree.root(), tlog::node_hash(tlog::leaf_hash(b"first"), tlog::leaf_hash(b"second")));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    /// Roots of the perfect subtrees the leaves fall into, largest first.
    // INVARIANT (edge): one hash for each 1 bit of `size`.
    edge: Vec<Hash>,
}

/// Why a saved edge was refused. An engineer acts: the saved state is damaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a tree of {size} leaves has {expected} hashes on its edge, not {found}")]
pub struct EdgeError {
    /// Leaves the tree is said to have.
    pub size: u64,
    /// Hashes that size needs.
    pub expected: usize,
    /// Hashes given.
    pub found: usize,
}

impl Tree {
    /// A tree without leaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes up a tree where [`Tree::edge`] left it.
    ///
    /// # Errors
    /// [`EdgeError`] when the number of hashes is not the number of 1 bits of `size`.
    pub fn from_edge(size: u64, edge: Vec<Hash>) -> Result<Self, EdgeError> {
        let expected = size.count_ones() as usize;
        if edge.len() != expected {
            return Err(EdgeError {
                size,
                expected,
                found: edge.len(),
            });
        }
        Ok(Self { size, edge })
    }

    /// Appends the hash of one entry, from [`crate::leaf_hash`].
    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        for _ in 0..self.size.trailing_ones() {
            // INVARIANT (edge): as many hashes wait on the edge as the size has 1 bits.
            let left = self
                .edge
                .pop()
                .expect("one hash on the edge for each 1 bit of the size");
            node = node_hash(left, node);
        }
        self.edge.push(node);
        self.size += 1;
    }

    /// Leaves pushed so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Roots of the perfect subtrees on the right edge, largest first; enough to go on later.
    pub fn edge(&self) -> &[Hash] {
        &self.edge
    }

    /// The Merkle tree hash of the leaves so far; [`Hash::EMPTY_ROOT`] without leaves.
    pub fn root(&self) -> Hash {
        let mut hashes = self.edge.iter().rev().copied();
        let Some(last) = hashes.next() else {
            return Hash::EMPTY_ROOT;
        };
        hashes.fold(last, |right, left| node_hash(left, right))
    }
}

impl Extend<Hash> for Tree {
    fn extend<T: IntoIterator<Item = Hash>>(&mut self, leaves: T) {
        leaves.into_iter().for_each(|leaf| self.push(leaf));
    }
}

impl FromIterator<Hash> for Tree {
    fn from_iter<T: IntoIterator<Item = Hash>>(leaves: T) -> Self {
        let mut tree = Tree::new();
        tree.extend(leaves);
        tree
    }
}

/// The root over leaf hashes in order. Cost: one SHA-256 a leaf.
pub fn root(leaves: &[Hash]) -> Hash {
    leaves.iter().copied().collect::<Tree>().root()
}

/// A tree that keeps every perfect node, so that a proof costs O(log n).
///
/// Memory: 64 bytes a leaf (2.76 M leaves: 177 MB). For a single proof the slice of leaf hashes
/// does as well, see [`crate::Nodes`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FullTree {
    /// `levels[l][i]` is the hash over leaves `i·2^l .. (i+1)·2^l`.
    levels: Vec<Vec<Hash>>,
}

impl FullTree {
    /// Hashes all levels over the leaf hashes in order.
    pub fn new(leaves: Vec<Hash>) -> Self {
        let mut levels = vec![leaves];
        while let Some(below) = levels.last().filter(|below| below.len() > 1) {
            let above = below
                .chunks_exact(2)
                .map(|pair| node_hash(pair[0], pair[1]))
                .collect();
            levels.push(above);
        }
        Self { levels }
    }

    /// Leaves in the tree.
    pub fn size(&self) -> u64 {
        self.levels[0].len() as u64
    }

    /// The leaf hashes in order.
    pub fn leaves(&self) -> &[Hash] {
        &self.levels[0]
    }

    /// The Merkle tree hash of all leaves.
    pub fn root(&self) -> Hash {
        // The edge of `Tree`: the last node of each level whose bit of the size is set.
        let size = self.levels[0].len();
        let edge = self.levels.iter().enumerate().rev();
        let edge: Vec<Hash> = edge
            .filter(|(l, _)| size >> l & 1 == 1)
            .map(|(l, level)| level[(size >> l) - 1])
            .collect();
        Tree {
            size: size as u64,
            edge,
        }
        .root()
    }

    pub(crate) fn node(&self, level: u8, index: u64) -> Option<Hash> {
        self.levels
            .get(usize::from(level))?
            .get(usize::try_from(index).ok()?)
            .copied()
    }
}
