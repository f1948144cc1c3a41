//! The lines of the roll, counted and hashed against the release before any is printed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lexicon::handover::envelope::{EnvelopeError, decode};
use lexicon::handover::release::{PrecinctTotal, SaltedLine};
use rayon::prelude::*;
use tlog::{TILE_WIDTH, Tile, TileKind};

use crate::release::OpenRelease;

/// SHA-256 over a salted line, an entry of the list tree.
pub type Commitment = [u8; 32];

/// Why a precinct's list is not printed: an engineer fetches the right files.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The file is missing or unreadable.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The bytes are no lines.
    #[error("{path}: {source}")]
    Encoding {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: EnvelopeError,
    },
    /// More or fewer lines than the release counts.
    #[error("the file has {found} lines, the release counts {expected}")]
    Count {
        /// By the release.
        expected: u32,
        /// In the file.
        found: usize,
    },
    /// A line of another precinct.
    #[error("line {line} belongs to precinct {precinct}")]
    Foreign {
        /// Place in the file, from 1.
        line: u32,
        /// Whose it is.
        precinct: u16,
    },
    /// Line numbers have a gap.
    #[error("line {expected} bears number {found}")]
    Number {
        /// Place in the file, from 1.
        expected: u32,
        /// Its number.
        found: u32,
    },
    /// A page begins too early, too late, or with another number.
    #[error("line {line} stands on page {found}, by the law it is page {expected}")]
    Page {
        /// Which line.
        line: u32,
        /// By the law's lines a page.
        expected: u32,
        /// By the line.
        found: u32,
    },
    /// The release commits to another line.
    #[error("line {line} is not the one the release commits to")]
    NotOfRelease {
        /// Which line.
        line: u32,
    },
    /// The root differs and nothing tells which list is at fault.
    #[error(
        "the lists together are not those of the release; a publication would tell which one differs"
    )]
    Unproven,
}

/// A precinct's lines whose count, numbers and pages fit the release.
pub struct PrecinctLines {
    /// In order.
    pub lines: Vec<SaltedLine>,
    /// Of each line.
    pub commitments: Vec<Commitment>,
}

impl std::fmt::Debug for PrecinctLines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PrecinctLines({})", self.lines.len())
    }
}

impl PrecinctLines {
    /// Reads `lines/PPPP.cbor` and demands that it counts as the release and the law say.
    ///
    /// # Errors
    /// [`ListError`].
    pub fn read(
        roll: &Path,
        total: &PrecinctTotal,
        lines_per_page: u16,
    ) -> Result<Self, ListError> {
        let path = roll.join(format!("lines/{:04}.cbor", total.precinct));
        let bytes = std::fs::read(&path).map_err(|source| ListError::File {
            path: path.clone(),
            source,
        })?;
        let lines: Vec<SaltedLine> = decode(&bytes).map_err(|source| ListError::Encoding {
            path: path.clone(),
            source,
        })?;
        if lines.len() != total.lines as usize {
            return Err(ListError::Count {
                expected: total.lines,
                found: lines.len(),
            });
        }
        for (expected, salted) in (1u32..).zip(&lines) {
            demand_place(salted, expected, total.precinct, lines_per_page)?;
        }
        let commitments = lines.iter().map(SaltedLine::commitment).collect();
        Ok(Self { lines, commitments })
    }

    /// Demands that these are the lines proven before.
    ///
    /// # Errors
    /// [`ListError::NotOfRelease`] naming the first line that differs.
    pub fn demand(&self, proven: &[Commitment]) -> Result<(), ListError> {
        let same = self.commitments.iter().zip(proven);
        let held = same.take_while(|(own, proven)| own == proven).count();
        if held == proven.len() && held == self.commitments.len() {
            return Ok(());
        }
        Err(ListError::NotOfRelease {
            line: u32::try_from(held + 1).unwrap_or(u32::MAX),
        })
    }
}

fn demand_place(
    salted: &SaltedLine,
    expected: u32,
    precinct: u16,
    lines_per_page: u16,
) -> Result<(), ListError> {
    let line = &salted.line;
    if line.precinct != precinct {
        return Err(ListError::Foreign {
            line: expected,
            precinct: line.precinct,
        });
    }
    if line.line != expected {
        return Err(ListError::Number {
            expected,
            found: line.line,
        });
    }
    let page = (expected - 1) / u32::from(lines_per_page.max(1)) + 1;
    if line.page != page {
        return Err(ListError::Page {
            line: expected,
            expected: page,
            found: line.page,
        });
    }
    Ok(())
}

/// The outcome for every precinct of the release: its commitments, or why it is refused.
pub type Proven = BTreeMap<u16, Result<Vec<Commitment>, ListError>>;

/// Reads every list of the release and proves them against its root.
///
/// When the root fits, every list that was read is the release's. When it does not, or a list could
/// not be read, the published entries of the list tree (`publication/list-N/`) tell which lists hold;
/// without them none is proven. Cost: one SHA-256 pass over `roll/lines`, 32 bytes a line in memory.
pub fn prove(
    roll: &Path,
    release: &OpenRelease,
    publication: Option<&Path>,
    report: &(dyn Fn(u64, u64) + Sync),
) -> Proven {
    let totals = &release.document.precincts;
    let done = std::sync::atomic::AtomicU64::new(0);
    let mut proven: Proven = totals
        .par_iter()
        .map(|total| {
            let read = PrecinctLines::read(roll, total, release.law.list.lines_per_page);
            let done = 1 + done.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            report(done, totals.len() as u64);
            (total.precinct, read.map(|lines| lines.commitments))
        })
        .collect();
    let all: Option<Vec<_>> = proven.values().map(|list| list.as_ref().ok()).collect();
    if all.map(root_of) == Some(*release.document.root) {
        return proven;
    }
    let published = publication.and_then(|dir| published_entries(dir, release));
    for total in totals {
        let Some(list) = proven.get_mut(&total.precinct) else {
            continue;
        };
        let Ok(own) = list.as_ref() else { continue };
        let first = usize::try_from(total.first_leaf).unwrap_or(usize::MAX);
        let theirs = published
            .as_ref()
            .and_then(|entries| entries.get(first..first + total.lines as usize));
        let refusal = match theirs {
            None => Some(ListError::Unproven),
            Some(theirs) => {
                let differs = own.iter().zip(theirs).position(|(a, b)| a != b);
                differs.map(|at| ListError::NotOfRelease {
                    line: u32::try_from(at + 1).unwrap_or(u32::MAX),
                })
            }
        };
        if let Some(error) = refusal {
            *list = Err(error);
        }
    }
    proven
}

/// The root of the tree over the leaves of all precincts, in their order.
pub(crate) fn root_of<'a>(lists: impl IntoIterator<Item = &'a Vec<Commitment>>) -> [u8; 32] {
    let mut tree = tlog::Tree::new();
    for commitment in lists.into_iter().flatten() {
        tree.push(tlog::leaf_hash(commitment));
    }
    *tree.root().as_bytes()
}

/// The commitments as published, if they give the release's root; otherwise they prove nothing.
fn published_entries(publication: &Path, release: &OpenRelease) -> Option<Vec<Commitment>> {
    let dir = publication.join(format!("list-{}", release.document.release));
    let size = release.document.total;
    let mut entries: Vec<Commitment> = Vec::new();
    let mut tree = tlog::Tree::new();
    for index in 0..size.div_ceil(u64::from(TILE_WIDTH)) {
        let tile = Tile::in_tree(TileKind::Entries, index, size)?;
        let bytes = std::fs::read(dir.join(tile.path())).ok()?;
        for entry in tlog::bundle_entries(&bytes, tile.width()).ok()? {
            tree.push(tlog::leaf_hash(entry));
            entries.push(entry.try_into().ok()?);
        }
    }
    (tree.root().as_bytes() == &*release.document.root).then_some(entries)
}

#[cfg(test)]
mod tests;
