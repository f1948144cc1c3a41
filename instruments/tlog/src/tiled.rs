//! Proofs out of stored tiles: the tree of a log that does not fit in memory or is somewhere else.

use crate::hash::{Hash, leaf_hash};
use crate::proof::{Nodes, ProofError, ProveError, TreeHead};
use crate::proof::{
    prove_consistency, prove_inclusion, range_hash, verify_consistency, verify_inclusion,
};
use crate::tile::{TILE_HEIGHT, TILE_WIDTH, Tile, TileKind, tile_hashes};
use crate::tree::{Tree, root};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Fetches tiles: from a directory, from memory or over the network. The bytes are not trusted.
pub trait TileReader {
    /// What can go wrong while fetching.
    type Error;

    /// The bytes at [`Tile::path`]. When a partial tile is gone, its full tile's first
    /// `width` hashes do as well, and the reader cuts them.
    ///
    /// # Errors
    /// The reader's own, for instance a missing file.
    fn read_tile(&self, tile: &Tile) -> Result<Vec<u8>, Self::Error>;
}

/// Why stored tiles did not give a node or a proof. An engineer acts: the store is damaged or old.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TiledError<E> {
    /// The reader failed.
    #[error("{} could not be read", tile.path())]
    Read {
        /// The tile asked for.
        tile: Tile,
        /// The reader's own error.
        #[source]
        source: E,
    },
    /// A tile has another length than its path says.
    #[error("{} has {found} bytes, {} are expected", tile.path(), usize::from(tile.width()) * Hash::LEN)]
    Length {
        /// The tile asked for.
        tile: Tile,
        /// Bytes read.
        found: usize,
    },
    /// The tiles do not hash to the root of the checkpoint.
    #[error("the stored tiles do not lead to the root of the checkpoint")]
    Root(#[source] ProofError),
    /// The entry or the size asked for is not in the tree.
    #[error("{asked} is beyond the tree of {size} entries")]
    OutOfRange {
        /// Entry or old size asked for.
        asked: u64,
        /// Leaves in the tree.
        size: u64,
    },
}

/// The tree behind a verified tree head, read from stored tiles.
///
/// Every answer is checked against the head's root before it is given, so a wrong tile gives an
/// error and never a wrong proof. Tiles read once are kept.
#[derive(Debug)]
pub struct TiledTree<R> {
    reader: R,
    head: TreeHead,
    read: RefCell<BTreeMap<Tile, Vec<Hash>>>,
}

impl<R: TileReader> TiledTree<R> {
    /// Opens the tree at `head` and checks that the tiles on its right edge hash to the head's root.
    ///
    /// Cost: at most 64 nodes out of at most 8 tiles.
    ///
    /// # Errors
    /// [`TiledError`] when a tile is missing, of wrong length, or leads to another root.
    pub fn open(reader: R, head: TreeHead) -> Result<Self, TiledError<R::Error>> {
        let tree = Self {
            reader,
            head,
            read: RefCell::default(),
        };
        let computed =
            range_hash(&tree, 0, head.size).map_err(|error| tree.plain(error, head.size))?;
        if computed != head.root {
            return Err(TiledError::Root(ProofError::RootMismatch {
                computed,
                expected: head.root,
            }));
        }
        Ok(tree)
    }

    /// The head the tree was opened at.
    pub fn head(&self) -> TreeHead {
        self.head
    }

    /// The builder at the end of the tree, to append further leaves.
    ///
    /// # Errors
    /// [`TiledError`] as for [`TiledTree::open`].
    pub fn builder(&self) -> Result<Tree, TiledError<R::Error>> {
        let size = self.head.size;
        let mut edge = Vec::new();
        for level in (0..64u8).rev().filter(|level| size >> level & 1 == 1) {
            let node = self.node(level, (size >> level) - 1)?;
            edge.extend(node);
        }
        Tree::from_edge(size, edge).map_err(|_| TiledError::OutOfRange { asked: size, size })
    }

    /// The leaf hash of entry `index`, with its inclusion proof, both checked against the root.
    ///
    /// # Errors
    /// [`TiledError`] when the entry is beyond the tree or a tile on its way is wrong.
    pub fn prove_inclusion(&self, index: u64) -> Result<(Hash, Vec<Hash>), TiledError<R::Error>> {
        let TreeHead { size, root } = self.head;
        let proof = prove_inclusion(self, index, size).map_err(|error| self.plain(error, index))?;
        let leaf = self
            .node(0, index)?
            .ok_or(TiledError::OutOfRange { asked: index, size })?;
        verify_inclusion(&proof, index, size, leaf, root).map_err(TiledError::Root)?;
        Ok((leaf, proof))
    }

    /// The proof that this tree begins with its first `old_size` leaves, with the old root.
    ///
    /// # Errors
    /// [`TiledError`] when the old size is beyond the tree or a tile on the way is wrong.
    pub fn prove_consistency(
        &self,
        old_size: u64,
    ) -> Result<(TreeHead, Vec<Hash>), TiledError<R::Error>> {
        let plain = |error| self.plain(error, old_size);
        let proof = prove_consistency(self, old_size, self.head.size).map_err(plain)?;
        let old = TreeHead {
            size: old_size,
            root: range_hash(self, 0, old_size).map_err(plain)?,
        };
        verify_consistency(&proof, old, self.head).map_err(TiledError::Root)?;
        Ok((old, proof))
    }

    /// Whether `entry` is the log's entry `index`: its hash is the one in the tile and under the root.
    ///
    /// # Errors
    /// [`TiledError`] as for [`TiledTree::prove_inclusion`].
    pub fn holds(&self, index: u64, entry: &[u8]) -> Result<bool, TiledError<R::Error>> {
        Ok(self.prove_inclusion(index)?.0 == leaf_hash(entry))
    }

    fn plain(&self, error: ProveError<TiledError<R::Error>>, asked: u64) -> TiledError<R::Error> {
        match error {
            ProveError::Source(error) => error,
            ProveError::IndexOutOfRange { .. }
            | ProveError::OldLargerThanNew { .. }
            | ProveError::MissingNode { .. } => TiledError::OutOfRange {
                asked,
                size: self.head.size,
            },
        }
    }

    fn tile(&self, tile: Tile) -> Result<Vec<Hash>, TiledError<R::Error>> {
        if let Some(hashes) = self.read.borrow().get(&tile) {
            return Ok(hashes.clone());
        }
        let bytes = self
            .reader
            .read_tile(&tile)
            .map_err(|source| TiledError::Read { tile, source })?;
        let hashes = tile_hashes(&bytes, tile.width()).ok_or(TiledError::Length {
            tile,
            found: bytes.len(),
        })?;
        self.read.borrow_mut().insert(tile, hashes.clone());
        Ok(hashes)
    }
}

impl<R: TileReader> Nodes for TiledTree<R> {
    type Error = TiledError<R::Error>;

    fn node(&self, level: u8, index: u64) -> Result<Option<Hash>, Self::Error> {
        // The tile whose own level is the next at or below, and the span of its hashes under the node.
        let (row, height) = (level / TILE_HEIGHT, level % TILE_HEIGHT);
        let first = u128::from(index) << height;
        let Ok(tile_index) = u64::try_from(first / u128::from(TILE_WIDTH)) else {
            return Ok(None);
        };
        let Some(tile) = Tile::in_tree(TileKind::Hashes(row), tile_index, self.head.size) else {
            return Ok(None);
        };
        let from = usize::try_from(first % u128::from(TILE_WIDTH)).expect("below 256");
        let hashes = self.tile(tile)?;
        Ok(hashes.get(from..from + (1 << height)).map(root))
    }
}

#[cfg(test)]
mod tests;
