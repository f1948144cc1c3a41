//! Keys in files: for the demo and training only.

use std::path::Path;

use lexicon::handover::envelope::{Kid, PublicKey, SignError, Signer, hex, sha256, unhex};
use lexicon::handover::package::KeyAgreement;
use p256::ecdsa::signature::Signer as _;
use p256::elliptic_curve::sec1::ToSec1Point as _;

/// A P-256 key whose private half lies in a file.
///
/// Signatures follow RFC 6979 (no randomness is needed) with `s` in the lower half.
pub struct FileKey {
    secret: p256::SecretKey,
    signing: p256::ecdsa::SigningKey,
    public: PublicKey,
}

/// Why a key file was not read or written: the engineer acts.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file could not be read or written.
    #[error("key file {path}: {source}")]
    File {
        /// Which file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file holds no P-256 scalar in hexadecimal.
    #[error("key file {path} holds no key: 64 hexadecimal digits are expected")]
    Shape {
        /// Which file.
        path: String,
    },
}

impl FileKey {
    /// What screens and trust anchors say about a key of this kind.
    pub const HOME: &'static str = "file (demo)";

    /// Derives a key from a seed and a label; the same both, the same key.
    #[must_use]
    pub fn from_seed(seed: &[u8], label: &str) -> Self {
        let mut counter = 0u32;
        loop {
            let mut text = b"tizme file key".to_vec();
            text.extend_from_slice(&counter.to_be_bytes());
            text.extend_from_slice(&sha256(seed));
            text.extend_from_slice(label.as_bytes());
            if let Ok(secret) = p256::SecretKey::from_slice(&sha256(&text)) {
                return Self::of(secret);
            }
            counter += 1;
        }
    }

    /// Reads a key file: 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`KeyFileError`] naming the file.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|source| KeyFileError::File {
            path: name.clone(),
            source,
        })?;
        unhex(text.trim())
            .and_then(|bytes| p256::SecretKey::from_slice(&bytes).ok())
            .map(Self::of)
            .ok_or(KeyFileError::Shape { path: name })
    }

    /// Writes the key file, readable by its owner only.
    ///
    /// # Errors
    /// [`KeyFileError::File`].
    pub fn write(&self, path: &Path) -> Result<(), KeyFileError> {
        use std::io::Write as _;
        use std::os::unix::fs::OpenOptionsExt as _;
        std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)
            .and_then(|mut file| file.write_all(hex(&self.secret.to_bytes()).as_bytes()))
            .map_err(|source| KeyFileError::File {
                path: path.display().to_string(),
                source,
            })
    }

    fn of(secret: p256::SecretKey) -> Self {
        let point = secret.public_key().as_affine().to_sec1_point(false);
        let public = PublicKey::from_bytes(point.as_bytes())
            .expect("an uncompressed P-256 point has 65 bytes and starts with 4");
        let signing = p256::ecdsa::SigningKey::from(&secret);
        Self {
            secret,
            signing,
            public,
        }
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        self.public
    }
}

impl Signer for FileKey {
    fn kid(&self) -> Kid {
        self.public.kid()
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        let signature: p256::ecdsa::Signature = self.signing.sign(message);
        let low = signature.normalize_s();
        let mut out = [0u8; 64];
        out.copy_from_slice(&low.to_bytes());
        Ok(out)
    }
}

impl KeyAgreement for FileKey {
    fn public(&self) -> PublicKey {
        self.public
    }

    fn agree(&self, ephemeral: &PublicKey) -> Result<[u8; 32], SignError> {
        let point = p256::PublicKey::from_sec1_bytes(&ephemeral.0).map_err(|_| SignError {
            kid: self.public.kid(),
            why: "the ephemeral key is not on the curve".to_owned(),
        })?;
        let z = p256::ecdh::diffie_hellman(self.secret.to_nonzero_scalar(), point.as_affine());
        let mut out = [0u8; 32];
        out.copy_from_slice(z.raw_secret_bytes());
        Ok(out)
    }
}

/// An Ed25519 key for signed notes (checkpoints and witnesses), derived from a seed: demo only.
pub struct NoteKey(ed25519_dalek::SigningKey);

impl NoteKey {
    /// Derives a key from a seed and a label.
    #[must_use]
    pub fn from_seed(seed: &[u8], label: &str) -> Self {
        let mut text = b"tizme note key".to_vec();
        text.extend_from_slice(&sha256(seed));
        text.extend_from_slice(label.as_bytes());
        Self(ed25519_dalek::SigningKey::from_bytes(&sha256(&text)))
    }

    /// The secret key's 32 bytes, for `tlog`'s note signer.
    #[must_use]
    pub fn secret_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The public key's 32 bytes.
    #[must_use]
    pub fn public_bytes(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }
}

#[cfg(test)]
mod tests;
