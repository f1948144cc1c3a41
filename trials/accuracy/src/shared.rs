//! The real prints, which lie outside the repository: where they are, their sets and their images.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use fingerprint::{GreyImage, decode};

use crate::peers::dpi_of;

/// The folder of the sets with the peers' scores beside them; says so and gives `None` where it is not.
#[must_use]
pub fn prints() -> Option<PathBuf> {
    let shared = std::env::var_os("TIZME_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let folder = shared.join("data/fingerprints");
    if folder.join("peer_scores/nbis.csv").is_file() {
        return Some(folder);
    }
    println!("skipped: {} is not there", folder.display());
    None
}

/// The folders of the sets below a folder, in the order of their names.
///
/// # Errors
/// When the folder cannot be read.
pub fn sets(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut sets = entries(folder)?;
    sets.retain(|set| set.is_dir() && !set.ends_with("peer_scores"));
    Ok(sets)
}

/// What lies in a folder, in the order of names.
///
/// # Errors
/// When the folder cannot be read.
pub fn entries(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .with_context(|| folder.display().to_string())?
        .map(|entry| Ok(entry?.path()))
        .collect::<anyhow::Result<_>>()?;
    entries.sort();
    Ok(entries)
}

/// An image of a set, at the set's resolution.
///
/// # Errors
/// Naming the file, when it cannot be read or is no image.
pub fn image(path: &Path, set: &str) -> anyhow::Result<GreyImage> {
    let named = || path.display().to_string();
    let bytes = std::fs::read(path).with_context(named)?;
    decode(&bytes, Some(dpi_of(set))).with_context(named)
}

/// The name of a set's folder or of an image without its extension.
#[must_use]
pub fn name_of(path: &Path) -> &str {
    path.file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default()
}
