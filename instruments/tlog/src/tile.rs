//! Tiles and entry bundles: the static files a log is served as. Source: C2SP tlog-tiles.

use crate::hash::Hash;
use crate::tree::root;
use std::fmt;
use std::str::FromStr;

/// Hashes in a full tile, entries in a full bundle.
pub const TILE_WIDTH: u16 = 256;
/// Levels of the tree one tile spans.
pub const TILE_HEIGHT: u8 = 8;
/// Bytes the longest entry may have: its length is written in 16 bits.
pub const ENTRY_BYTES_MAX: usize = u16::MAX as usize;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// Hashes of level `0..=63`: level 0 holds leaf hashes, each hash above stands for a full tile below.
    Hashes(u8),
    /// The log entries themselves, each behind its length.
    Entries,
}

/// The address of one tile: its kind, its place in the row and how full it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    kind: TileKind,
    index: u64,
    width: u16,
}

/// Why there is no such tile. An engineer acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// Levels run from 0 to 63.
    #[error("tile level {0} is above 63")]
    Level(u8),
    /// A tile holds 1 to 256 hashes or entries.
    #[error("a tile holds 1 to 256 hashes, not {0}")]
    Width(u16),
    /// The path is not one the specification writes.
    #[error("not a tile path")]
    Path,
}

impl Tile {
    /// Names a tile: `index` counts tiles in the row from 0, `width` is 1 to 256.
    ///
    /// # Errors
    /// [`TileError::Level`] and [`TileError::Width`].
    pub fn new(kind: TileKind, index: u64, width: u16) -> Result<Self, TileError> {
        if let TileKind::Hashes(level @ 64..) = kind {
            return Err(TileError::Level(level));
        }
        if !(1..=TILE_WIDTH).contains(&width) {
            return Err(TileError::Width(width));
        }
        Ok(Self { kind, index, width })
    }

    /// The tile `index` of a row as it stands in a tree of `size` leaves; `None` when it is empty there.
    pub fn in_tree(kind: TileKind, index: u64, size: u64) -> Option<Self> {
        let in_row = match kind {
            TileKind::Hashes(level) => size
                .checked_shr(u32::from(level) * u32::from(TILE_HEIGHT))
                .unwrap_or(0),
            TileKind::Entries => size,
        };
        let before = index.checked_mul(u64::from(TILE_WIDTH))?;
        let width = in_row.saturating_sub(before).min(u64::from(TILE_WIDTH));
        Self::new(kind, index, u16::try_from(width).ok()?).ok()
    }

    /// All hash tiles of a tree of `size` leaves, level by level, in order.
    pub fn all(size: u64) -> impl Iterator<Item = Tile> {
        (0..TILE_HEIGHT).flat_map(move |level| {
            (0..).map_while(move |index| Tile::in_tree(TileKind::Hashes(level), index, size))
        })
    }

    /// What the tile holds.
    pub fn kind(&self) -> TileKind {
        self.kind
    }

    /// Place in the row, from 0.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Hashes or entries in the tile, 1 to 256.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// The path below the log's prefix, as `tile/1/x001/x234/067.p/8`.
    pub fn path(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Hashes(level) => write!(f, "tile/{level}/")?,
            TileKind::Entries => f.write_str("tile/entries/")?,
        }
        let digits = self.index.to_string();
        let digits = format!("{digits:0>width$}", width = digits.len().div_ceil(3) * 3);
        for at in (0..digits.len()).step_by(3) {
            let more = at + 3 < digits.len();
            write!(
                f,
                "{}{}{}",
                if more { "x" } else { "" },
                &digits[at..at + 3],
                if more { "/" } else { "" }
            )?;
        }
        if self.width < TILE_WIDTH {
            write!(f, ".p/{}", self.width)
        } else {
            Ok(())
        }
    }
}

impl FromStr for Tile {
    type Err = TileError;

    fn from_str(path: &str) -> Result<Self, TileError> {
        let rest = path.strip_prefix("tile/").ok_or(TileError::Path)?;
        let (row, rest) = rest.split_once('/').ok_or(TileError::Path)?;
        let kind = match row {
            "entries" => TileKind::Entries,
            level => TileKind::Hashes(level.parse().map_err(|_| TileError::Path)?),
        };
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => (number, width.parse().map_err(|_| TileError::Path)?),
            None => (rest, TILE_WIDTH),
        };
        let mut index = 0u64;
        for part in number.split('/') {
            let part: u64 = part
                .strip_prefix('x')
                .unwrap_or(part)
                .parse()
                .map_err(|_| TileError::Path)?;
            index = index
                .checked_mul(1000)
                .and_then(|index| index.checked_add(part))
                .ok_or(TileError::Path)?;
        }
        let tile = Self::new(kind, index, width)?;
        // Only the one spelling the specification writes names a tile: no leading zeros, no signs.
        if tile.to_string() == path {
            Ok(tile)
        } else {
            Err(TileError::Path)
        }
    }
}

/// Makes every hash tile of a log: pairs of path (below the log's prefix) and bytes, level by level.
///
/// Levels above 0 are hashed as they are reached. Cost: one SHA-256 for each leaf;
/// memory: one row of the tree.
pub fn tiles(leaves: &[Hash]) -> impl Iterator<Item = (String, Vec<u8>)> {
    tiles_since(0, leaves)
}

/// Makes the hash tiles that a log of `old_size` leaves lacks once it has all of `leaves`.
///
/// A partial tile that grew is written again under its new width.
pub fn tiles_since(old_size: u64, leaves: &[Hash]) -> impl Iterator<Item = (String, Vec<u8>)> {
    let mut rows: Vec<Vec<Hash>> = Vec::new();
    let size = leaves.len() as u64;
    Tile::all(size).filter_map(move |tile| {
        let TileKind::Hashes(level) = tile.kind else {
            return None;
        };
        while rows.len() < usize::from(level) {
            let below = rows.last().map_or(leaves, Vec::as_slice);
            rows.push(
                below
                    .chunks_exact(usize::from(TILE_WIDTH))
                    .map(root)
                    .collect(),
            );
        }
        if Tile::in_tree(tile.kind, tile.index, old_size) == Some(tile) {
            return None;
        }
        let row = if level == 0 {
            leaves
        } else {
            rows[usize::from(level) - 1].as_slice()
        };
        let from = usize::try_from(tile.index).ok()? * usize::from(TILE_WIDTH);
        let hashes = &row[from..from + usize::from(tile.width)];
        Some((tile.path(), hashes.iter().flat_map(|hash| hash.0).collect()))
    })
}

/// Splits a tile's bytes into its hashes; `None` when they are not `width` hashes.
pub fn tile_hashes(bytes: &[u8], width: u16) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<{ Hash::LEN }>();
    (rest.is_empty() && hashes.len() == usize::from(width))
        .then(|| hashes.iter().map(|hash| Hash(*hash)).collect())
}

/// Why an entry bundle was not made or not read. An engineer acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// The length of an entry is written in 16 bits.
    #[error("entry {entry} has {bytes} bytes, 65535 is the most a bundle can hold")]
    EntryTooLong {
        /// Zero-based entry, counted from the first one given.
        entry: usize,
        /// Its bytes.
        bytes: usize,
    },
    /// The bundle ends inside an entry.
    #[error("the bundle ends inside its entry {entry}")]
    Truncated {
        /// Zero-based entry within the bundle.
        entry: usize,
    },
    /// The bundle holds another number of entries than its path says.
    #[error("the bundle holds {found} entries, its path says {expected}")]
    WrongCount {
        /// Entries found; 257 stands for more than a full bundle.
        found: usize,
        /// Entries expected, 1 to 256.
        expected: u16,
    },
}

/// Makes the entry bundles of a log: pairs of path (below the log's prefix) and bytes, in order.
///
/// # Errors
/// [`BundleError::EntryTooLong`] as the item in place of the bundle that holds such an entry.
pub fn entry_bundles<E: AsRef<[u8]>>(
    entries: &[E],
) -> impl Iterator<Item = Result<(String, Vec<u8>), BundleError>> {
    let width = usize::from(TILE_WIDTH);
    entries.chunks(width).enumerate().map(move |(at, chunk)| {
        let count = u16::try_from(chunk.len()).expect("a chunk has at most 256 entries");
        let tile = Tile {
            kind: TileKind::Entries,
            index: at as u64,
            width: count,
        };
        Ok((
            tile.path(),
            entry_bundle(chunk).map_err(|error| shift(error, at * width))?,
        ))
    })
}

/// Writes entries one after another, each behind its length in 16 bits, big-endian.
///
/// # Errors
/// [`BundleError::EntryTooLong`].
pub fn entry_bundle<E: AsRef<[u8]>>(entries: &[E]) -> Result<Vec<u8>, BundleError> {
    let mut bytes = Vec::new();
    for (entry, body) in entries.iter().map(AsRef::as_ref).enumerate() {
        let length = u16::try_from(body.len()).map_err(|_| BundleError::EntryTooLong {
            entry,
            bytes: body.len(),
        })?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(body);
    }
    Ok(bytes)
}

fn shift(error: BundleError, by: usize) -> BundleError {
    match error {
        BundleError::EntryTooLong { entry, bytes } => BundleError::EntryTooLong {
            entry: entry + by,
            bytes,
        },
        other @ (BundleError::Truncated { .. } | BundleError::WrongCount { .. }) => other,
    }
}

/// Reads the `width` entries of a bundle.
///
/// # Errors
/// [`BundleError::Truncated`] and [`BundleError::WrongCount`].
pub fn bundle_entries(bytes: &[u8], width: u16) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() && entries.len() <= usize::from(TILE_WIDTH) {
        let truncated = BundleError::Truncated {
            entry: entries.len(),
        };
        let (length, body) = rest.split_first_chunk::<2>().ok_or(truncated)?;
        let (entry, after) = body
            .split_at_checked(u16::from_be_bytes(*length).into())
            .ok_or(truncated)?;
        entries.push(entry);
        rest = after;
    }
    if entries.len() == usize::from(width) {
        Ok(entries)
    } else {
        Err(BundleError::WrongCount {
            found: entries.len(),
            expected: width,
        })
    }
}

/// Compares stored tiles with the leaf hashes they stand for and returns the first wrong one.
///
/// `read` returns the bytes at a path, `None` when there is no such file. Used before a signature:
/// a flipped bit or a restored backup must not be signed (SECURITY.md, row 38).
pub fn first_wrong_tile(
    leaves: &[Hash],
    mut read: impl FnMut(&str) -> Option<Vec<u8>>,
) -> Option<String> {
    tiles(leaves)
        .find(|(path, bytes)| read(path).as_ref() != Some(bytes))
        .map(|(path, _)| path)
}

#[cfg(test)]
mod tests;
