//! A blank kit takes the signed package from a peer: no stick has to be brought to a spare.
//!
//! The peer gives it only to a kit that the manifest names, by its key. What is fetched is checked before it
//! is written: both publishers' signatures, the precinct, and the ciphertext's hash. It stays sealed; two
//! officers' cards open it on the chair's page, and events come by the ordinary exchange.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use lexicon::handover::envelope::{Kid, sha256};

use crate::config::{Config, ConfigError, ConfigFile};
use crate::disk::{Disk, replace};
use crate::kit::{OpenError, charter_of};
use crate::link::{Lan, LinkError};

/// The most bytes of a manifest, and of a package: 10,000 voters with photographs take about 74 MB. A peer is given
/// time by the length that the signed manifest states ([`Lan::fetch`]): one that drips does not hold a blank kit.
const MANIFEST_MAX: u64 = 1 << 20;
const PACKAGE_MAX: u64 = 512 << 20;

/// Why a peer's package was not taken.
#[derive(Debug, thiserror::Error)]
pub enum CloneError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There is nobody to ask.
    #[error("there is no package here, and the configuration names no peers to fetch it from")]
    NoPeers,
    /// No kit has announced itself on the LAN yet.
    #[error("no kit was found on the LAN yet")]
    NobodyFound,
    /// The peer.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// TLS could not be begun.
    #[error("the kit's key cannot be used: {0}")]
    Key(#[from] rustls::Error),
    /// What the peer gave is not this precinct's package.
    #[error("what the peer gave is not taken: {0}")]
    Foreign(#[from] OpenError),
    /// The ciphertext is not the manifest's.
    #[error("what the peer gave is not taken: the package is not the one that the manifest names")]
    Ciphertext,
    /// The disk failed.
    #[error("{0}")]
    Disk(String),
}

/// Whether the files of the package are missing.
#[must_use]
pub fn is_blank(file: &ConfigFile, base: &Path) -> bool {
    !base.join(&file.manifest).exists() || !base.join(&file.package).exists()
}

/// Announced addresses that are asked in one pass; anybody on the cable can announce more.
pub const FOUND_TRIED: usize = 8;

/// Asks each peer of the configuration, and some of `found` (kits that announced themselves), in turn for the package,
/// writes it, and says which peer gave it.
///
/// # Errors
/// [`CloneError`] of the last peer that was asked; nothing is written.
pub fn fetch(
    disk: &dyn Disk,
    file: &ConfigFile,
    base: &Path,
    found: &[(Kid, SocketAddr)],
) -> Result<SocketAddr, CloneError> {
    let blank = Config::blank(file, base)?;
    let mut last = if file.looks_around() {
        CloneError::NobodyFound
    } else {
        CloneError::NoPeers
    };
    for (peer, address) in blank.peers.iter().chain(found.iter().take(FOUND_TRIED)) {
        let link = Lan::to(*address, *peer, Arc::clone(&blank.key))?;
        match fetch_from(&link, &blank) {
            Ok((manifest, package)) => {
                let write = |path: &Path, bytes: &[u8]| {
                    let path = base.join(path);
                    let folder = crate::disk::folder_of(&path);
                    crate::disk::settle_folder(disk, folder)
                        .and_then(|()| replace(disk, &path, bytes))
                        .map_err(|error| CloneError::Disk(format!("{}: {error}", path.display())))
                };
                // The manifest last: where it stands, its package stands.
                write(&file.package, &package)?;
                write(&file.manifest, &manifest)?;
                return Ok(*address);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn fetch_from(
    link: &Lan,
    blank: &crate::config::Opening,
) -> Result<(Vec<u8>, Vec<u8>), CloneError> {
    let manifest = link.fetch("/kit/manifest", MANIFEST_MAX)?;
    let mut config = blank.config.clone();
    config.manifest.clone_from(&manifest);
    let charter = charter_of(&config)?;
    let length = charter.manifest().ciphertext_bytes.min(PACKAGE_MAX);
    let package = link.fetch("/kit/package", length)?;
    if sha256(&package) != *charter.manifest().ciphertext_sha256 {
        return Err(CloneError::Ciphertext);
    }
    Ok((manifest, package))
}
