//! The picture of a voter whom two officers identified: sealed on the kit before the act is signed, opened at the office
//! by two people (S-17).
//!
//! The act names the file by its SHA-256, and the officers consent to that: nobody can put another picture in its place.
//! Restated in docs/formats.md §16.

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};

use super::envelope::{EnvelopeError, PublicKey, SUITE, decode, encode, sha256};
use super::folder::{Bytes, bytes};
use super::package::{KeyAgreement, PackageError};
use super::sealed_once;

const LABEL: &[u8] = b"kg1/picture";

/// The most bytes of a picture.
pub const PICTURE_BYTES_MAX: usize = 4 << 20;

/// The most bytes of a sealed one.
pub const SEALED_BYTES_MAX: usize = PICTURE_BYTES_MAX + 1024;

/// How the names of such files end.
pub const FILE_END: &str = ".sealed";

/// A sealed picture as its file holds it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct KeptPicture {
    /// Suite, `kg1`.
    #[n(1)]
    pub suite: String,
    /// Election number.
    #[n(2)]
    pub election: u32,
    /// Precinct number.
    #[n(3)]
    pub precinct: u16,
    /// The kit's key id.
    #[n(4)]
    pub kit: ByteArray<8>,
    /// Line of the list.
    #[n(5)]
    pub line: u32,
    /// When it was sealed, microseconds UTC by the kit's clock.
    #[n(6)]
    pub at: i64,
    /// Id of the package manifest: by which list the line counts.
    #[n(7)]
    pub package: ByteArray<32>,
    /// Ephemeral public key.
    #[n(8)]
    pub ephemeral: ByteArray<65>,
    /// The picture, sealed.
    #[n(9)]
    pub sealed: Bytes,
}

/// What is sealed.
#[derive(Encode, Decode)]
#[cbor(map)]
struct Contents {
    #[n(1)]
    picture: Bytes,
}

/// Of which act a picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureOf {
    /// Election number.
    pub election: u32,
    /// Precinct number.
    pub precinct: u16,
    /// The kit's key id.
    pub kit: [u8; 8],
    /// Line of the list.
    pub line: u32,
    /// When, microseconds UTC.
    pub at: i64,
    /// Id of the package manifest.
    pub package: [u8; 32],
}

impl KeptPicture {
    /// Seals a picture to the office's key; `scalar` is random and used once.
    ///
    /// # Errors
    /// [`PackageError::BadPoint`] when the scalar or the office's key is none of P-256, [`PackageError::Body`] for a
    /// picture that is too large.
    pub fn seal(
        of: PictureOf,
        picture: &[u8],
        office: &PublicKey,
        scalar: &[u8; 32],
    ) -> Result<Self, PackageError> {
        if picture.len() > PICTURE_BYTES_MAX {
            return Err(PackageError::Body);
        }
        let mut kept = Self {
            suite: SUITE.to_owned(),
            election: of.election,
            precinct: of.precinct,
            kit: of.kit.into(),
            line: of.line,
            at: of.at,
            package: of.package.into(),
            ephemeral: [0; 65].into(),
            sealed: bytes(&[]),
        };
        let contents = encode(&Contents {
            picture: bytes(picture),
        });
        let (ephemeral, sealed) = sealed_once::seal(LABEL, &kept.core(), contents, office, scalar)?;
        kept.ephemeral = ephemeral.into();
        kept.sealed = bytes(&sealed);
        Ok(kept)
    }

    /// Reads the file of a sealed picture.
    ///
    /// # Errors
    /// [`EnvelopeError`] for bytes that are none, or too many.
    pub fn read(file: &[u8]) -> Result<Self, EnvelopeError> {
        if file.len() > SEALED_BYTES_MAX {
            return Err(EnvelopeError::TooLarge {
                got: file.len(),
                max: SEALED_BYTES_MAX,
            });
        }
        let kept: Self = decode(file)?;
        if kept.suite != SUITE {
            return Err(EnvelopeError::WrongHeader);
        }
        Ok(kept)
    }

    /// The file, and the SHA-256 by which the act names it.
    #[must_use]
    pub fn file(&self) -> (Vec<u8>, [u8; 32]) {
        let file = encode(self);
        let hash = sha256(&file);
        (file, hash)
    }

    /// Opens the picture with the office's key.
    ///
    /// # Errors
    /// [`PackageError::Wrap`] for another key or changed bytes, [`PackageError::Body`] for contents that are malformed,
    /// [`PackageError::Device`] from the key.
    pub fn open(&self, office: &dyn KeyAgreement) -> Result<Vec<u8>, PackageError> {
        let sealed = (*self.ephemeral, self.sealed.as_slice());
        let plain = sealed_once::open(LABEL, &self.core(), sealed, office)?;
        let contents: Contents = decode(&plain).map_err(|_| PackageError::Body)?;
        Ok(contents.picture.to_vec())
    }

    /// The file's map without what depends on the sealing.
    fn core(&self) -> Vec<u8> {
        encode(&Self {
            ephemeral: [0; 65].into(),
            sealed: bytes(&[]),
            ..self.clone()
        })
    }
}
