//! A secret in a document, sealed to one key that can agree: the content key follows from an ephemeral key and from
//! everything else that the document says.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use super::envelope::{PublicKey, sha256};
use super::package::{KeyAgreement, PackageError, hkdf_32, scalar, shared};

/// Seals `plain` to a key; gives the ephemeral public key and the sealed bytes.
///
/// `core` is the document without what depends on the sealing, `label` says which document it is. The content key is used
/// once, since `secret` is random and used once: hence the nonce of zeros.
///
/// # Errors
/// [`PackageError::BadPoint`] when `secret` or the key is none of P-256.
pub(super) fn seal(
    label: &[u8],
    core: &[u8],
    mut plain: Vec<u8>,
    to: &PublicKey,
    secret: &[u8; 32],
) -> Result<([u8; 65], Vec<u8>), PackageError> {
    let (secret, ephemeral) = scalar(secret)?;
    key(label, core, &shared(&secret, &to.0)?)
        .seal_in_place_append_tag(nonce(), Aad::from(core), &mut plain)
        .map_err(|_| PackageError::Body)?;
    Ok((ephemeral, plain))
}

/// Opens what [`seal`] sealed.
///
/// # Errors
/// [`PackageError::Wrap`] for another key or changed bytes, [`PackageError::Device`] from the key.
pub(super) fn open(
    label: &[u8],
    core: &[u8],
    (ephemeral, sealed): ([u8; 65], &[u8]),
    by: &dyn KeyAgreement,
) -> Result<Vec<u8>, PackageError> {
    let z = by.agree(&PublicKey(ephemeral))?;
    let mut bytes = sealed.to_vec();
    let length = key(label, core, &z)
        .open_in_place(nonce(), Aad::from(core), &mut bytes)
        .map_err(|_| PackageError::Wrap)?
        .len();
    bytes.truncate(length);
    Ok(bytes)
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

fn key(label: &[u8], core: &[u8], z: &[u8]) -> LessSafeKey {
    let key = hkdf_32(&sha256(core), z, label);
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).expect("the key has 32 bytes"))
}
