//! A spare kit that the package does not name: a kit of the station admits it with two officers, or the commission
//! above does with its keys. The grant is a file that every kit of the station reads when it starts.

use std::path::{Path, PathBuf};

use lexicon::handover::card_grant::CardGrant;
use lexicon::handover::envelope::{DocumentId, PublicKey, Signer, unhex};
use lexicon::handover::kit_grant::{GrantBy, KitGrant, Spare};
use lexicon::handover::package::{KeyAgreement, PackageError};
use pollbook::{Charter, OfficersError};

use crate::disk::{Disk, HostDisk, folder_of, replace, settle_folder};
use crate::kit::Card;

/// Why no grant was made. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum GrantFailed {
    /// The cards may not sign it together.
    #[error(transparent)]
    Officers(#[from] OfficersError),
    /// This kit or these keys cannot give the package's key.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// The spare is named already, or its name is taken.
    #[error("{0}")]
    Spare(&'static str),
    /// No kit would take the decision.
    #[error("no kit would take this decision: {0}")]
    Decision(String),
    /// A card failed.
    #[error("a card failed: {0}")]
    Card(String),
    /// The file could not be written.
    #[error("{path}: {why}")]
    File {
        /// Which file.
        path: String,
        /// What is wrong.
        why: String,
    },
}

/// Makes a grant for a spare with the cards of those who admit it and, for officers, a kit that opens the package.
///
/// # Errors
/// [`GrantFailed`].
pub fn grant(
    charter: &Charter,
    spare: &Spare,
    cards: &[&dyn Card],
    kit: &dyn KeyAgreement,
    secret: &[u8; 32],
) -> Result<Vec<u8>, GrantFailed> {
    let known = charter.kits().contains(&spare.point.kid());
    let mut names = charter.manifest().kits.iter().chain(charter.granted());
    if known || names.any(|entry| entry.name == spare.name) {
        return Err(GrantFailed::Spare(
            "the package or an earlier grant names this kit or its name already",
        ));
    }
    let kids: Vec<_> = cards.iter().map(|card| card.kid()).collect();
    let chosen = charter.signers(&kids);
    charter.approve_grant(&chosen)?;
    let cards: Vec<&dyn Card> = cards
        .iter()
        .copied()
        .filter(|card| chosen.contains(&card.kid()))
        .collect();
    let keys: Vec<&dyn KeyAgreement> = cards.iter().map(|card| *card as _).collect();
    let by = if chosen.iter().all(|card| charter.holder(*card).is_some()) {
        GrantBy::Commission(&keys)
    } else {
        GrantBy::Kit(kit)
    };
    let package: DocumentId = charter.package();
    let grant = KitGrant::make(charter.manifest(), package, &by, spare, secret)?;
    let signers: Vec<&dyn Signer> = cards.iter().map(|card| *card as _).collect();
    let signed = grant.sign(&signers);
    signed.map_err(|error| GrantFailed::Card(error.to_string()))
}

/// Signs a decision on one more card with keys of the commission above, and looks at it as a kit will.
///
/// # Errors
/// [`GrantFailed`].
pub fn admit_card(
    charter: &Charter,
    card: &CardGrant,
    cards: &[&dyn Card],
) -> Result<Vec<u8>, GrantFailed> {
    let signers: Vec<&dyn Signer> = cards.iter().map(|card| *card as _).collect();
    let signed = card.sign(&signers);
    let signed = signed.map_err(|error| GrantFailed::Card(error.to_string()))?;
    let ring = keys::KeyRing::of(charter.manifest().holders());
    let read = charter.read_card(&signed, &ring);
    read.map_err(|why| GrantFailed::Decision(why.to_string()))?;
    Ok(signed)
}

/// Writes a grant into the folder of grants beside a configuration, and says where.
///
/// # Errors
/// [`GrantFailed::File`].
pub fn keep(base: &Path, name: &str, signed: &[u8]) -> Result<PathBuf, GrantFailed> {
    let path = base
        .join(crate::config::GRANTS)
        .join(format!("{name}.cose"));
    let done = settle_folder(&HostDisk, folder_of(&path))
        .and_then(|()| replace(&HostDisk as &dyn Disk, &path, signed));
    done.map_err(|error| GrantFailed::File {
        path: path.display().to_string(),
        why: error.to_string(),
    })?;
    Ok(path)
}

/// A spare's public key as its holder gives it: 130 hexadecimal digits.
#[must_use]
pub fn spare_key(text: &str) -> Option<PublicKey> {
    PublicKey::from_bytes(&unhex(text.trim())?)
}
