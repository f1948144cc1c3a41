//! A signed folder sealed to one key while it travels: a snapshot holds every PIN and leaves the register's host in no other
//! way. Restated in docs/formats.md §2.3.
//!
//! Beside a header ([`SEALED_FILE`]) each file `F` of the folder lies as `F.sealed`: pieces of [`CHUNK_BYTES`] and a shorter
//! last one, each AES-256-GCM with a tag of 16 bytes, the nonce `0 ‖ last ‖ index` (3, 1 and 8 bytes): no piece can be taken
//! out, moved or cut off unseen. The key of a file is derived from the shared point, the whole header and the file's name.
//! Who wrote the folder is not this layer's matter: its own signed manifest is one of the sealed files.

use std::io::{Read, Write};

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use super::envelope::{EnvelopeError, PublicKey, SUITE, SignError, decode, encode, sha256};
use super::package::{KeyAgreement, PackageError, hkdf_32, scalar, shared};

/// The header's file name.
pub const SEALED_FILE: &str = "SEALED.cbor";
/// What is added to a sealed file's name.
pub const SEALED_SUFFIX: &str = ".sealed";
/// Plain bytes of a piece.
pub const CHUNK_BYTES: usize = 1 << 20;
const TAG_BYTES: usize = 16;

/// One file of the folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(map)]
pub struct SealedFile {
    /// Path with `/`, as in the folder.
    #[n(1)]
    pub path: String,
    /// Plain bytes.
    #[n(2)]
    pub length: u64,
}

/// The header: `SEALED.cbor`. It tells names and lengths, no contents.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SealedFolder {
    /// Suite, `kg1`.
    #[n(1)]
    pub suite: String,
    /// Election number.
    #[n(2)]
    pub election: u32,
    /// Which folder, as `snapshot`.
    #[n(3)]
    pub folder: String,
    /// The public key that opens it.
    #[n(4)]
    pub recipient: ByteArray<65>,
    /// Ephemeral public key.
    #[n(5)]
    pub ephemeral: ByteArray<65>,
    /// The files, ascending by path.
    #[n(6)]
    pub files: Vec<SealedFile>,
}

/// Why a folder could not be sealed or opened. Nothing of it was used.
#[derive(Debug, thiserror::Error)]
pub enum SealedFolderError {
    /// A key is no point of P-256, or the random scalar none of its field: draw again.
    #[error("a key is not on the curve")]
    BadPoint,
    /// The folder was sealed to somebody else: ask its sender for one sealed to this key.
    #[error("sealed to the key {found}, not to this one, {own}")]
    OtherKey {
        /// The key named by the header.
        found: String,
        /// The key at hand.
        own: String,
    },
    /// A piece does not open: the file or the header was changed, or is not whole. Ask the sender for it again.
    #[error("does not open: changed, exchanged or cut off on the way")]
    Changed,
    /// The header is malformed.
    #[error("the header is malformed: {0}")]
    Header(&'static str),
    /// The card or token refused.
    #[error(transparent)]
    Device(#[from] SignError),
    /// The system could not read or write.
    #[error(transparent)]
    File(#[from] std::io::Error),
}

impl From<EnvelopeError> for SealedFolderError {
    fn from(_: EnvelopeError) -> Self {
        Self::Header("no canonical CBOR of its shape")
    }
}

/// The keys of a sealed folder's files; the secret half never leaves it.
pub struct FolderKeys {
    header_hash: [u8; 32],
    z: [u8; 32],
}

impl std::fmt::Debug for FolderKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FolderKeys(sealed)")
    }
}

impl SealedFolder {
    /// Draws the header of a folder sealed to `recipient`, and the keys of its files; `secret` is random and used once.
    ///
    /// # Errors
    /// [`SealedFolderError::BadPoint`].
    pub fn draw(
        election: u32,
        folder: &str,
        mut files: Vec<SealedFile>,
        recipient: &PublicKey,
        secret: &[u8; 32],
    ) -> Result<(Self, FolderKeys), SealedFolderError> {
        let bad = |_: PackageError| SealedFolderError::BadPoint;
        let (secret, ephemeral) = scalar(secret).map_err(bad)?;
        let z = shared(&secret, &recipient.0).map_err(bad)?;
        files.sort();
        let header = Self {
            suite: SUITE.to_owned(),
            election,
            folder: folder.to_owned(),
            recipient: recipient.0.into(),
            ephemeral: ephemeral.into(),
            files,
        };
        let keys = FolderKeys {
            header_hash: sha256(&encode(&header)),
            z,
        };
        Ok((header, keys))
    }

    /// Reads a header; paths stay within the folder.
    ///
    /// # Errors
    /// [`SealedFolderError::Header`].
    pub fn parse(bytes: &[u8]) -> Result<Self, SealedFolderError> {
        let header: Self = decode(bytes)?;
        let malformed = |why| Err(SealedFolderError::Header(why));
        if header.suite != SUITE {
            return malformed("another suite");
        }
        if !header.files.is_sorted_by(|a, b| a.path < b.path) {
            return malformed("its files do not ascend");
        }
        let is_within = |path: &str| {
            !path.contains('\\')
                && path
                    .split('/')
                    .all(|part| !matches!(part, "" | "." | "..") && !part.contains('\0'))
        };
        if !header.files.iter().all(|file| is_within(&file.path)) {
            return malformed("a path leaves the folder");
        }
        Ok(header)
    }

    /// The keys of its files, with the key it was sealed to.
    ///
    /// # Errors
    /// [`SealedFolderError::OtherKey`], [`SealedFolderError::Device`].
    pub fn keys(&self, key: &dyn KeyAgreement) -> Result<FolderKeys, SealedFolderError> {
        let found = PublicKey(*self.recipient);
        if key.public() != found {
            return Err(SealedFolderError::OtherKey {
                found: found.kid().hex(),
                own: key.public().kid().hex(),
            });
        }
        Ok(FolderKeys {
            header_hash: sha256(&encode(self)),
            z: key.agree(&PublicKey(*self.ephemeral))?,
        })
    }
}

/// The pieces of one file, in turn.
struct Pieces {
    key: LessSafeKey,
    at: u64,
    /// Plain bytes of the pieces to come; none after the last, which a file without bytes has too.
    left: Option<u64>,
}

impl Pieces {
    /// Plain bytes and nonce of the next piece.
    fn next(&mut self) -> Option<(u64, Nonce)> {
        let left = self.left?;
        let length = left.min(CHUNK_BYTES as u64);
        let is_last = length == left;
        self.left = (!is_last).then_some(left - length);
        let mut nonce = [0u8; 12];
        nonce[3] = u8::from(is_last);
        nonce[4..].copy_from_slice(&self.at.to_be_bytes());
        self.at += 1;
        Some((length, Nonce::assume_unique_for_key(nonce)))
    }
}

/// A file that goes on after its last piece is not the one of the header.
fn ends(rest: &mut dyn Read) -> Result<(), SealedFolderError> {
    match rest.read(&mut [0])? {
        0 => Ok(()),
        _ => Err(SealedFolderError::Changed),
    }
}

impl FolderKeys {
    fn pieces(&self, file: &SealedFile) -> Pieces {
        let mut info = b"kg1/sealed-folder/".to_vec();
        info.extend_from_slice(file.path.as_bytes());
        let key = hkdf_32(&self.header_hash, &self.z, &info);
        Pieces {
            key: LessSafeKey::new(
                UnboundKey::new(&AES_256_GCM, &key).expect("the key has 32 bytes"),
            ),
            at: 0,
            left: Some(file.length),
        }
    }

    /// Seals one file as it streams by; once for each file of the header.
    ///
    /// # Errors
    /// [`SealedFolderError::Changed`] when `plain` has not the length that the header names, [`SealedFolderError::File`].
    pub fn seal(
        &self,
        file: &SealedFile,
        plain: &mut dyn Read,
        out: &mut dyn Write,
    ) -> Result<(), SealedFolderError> {
        let mut pieces = self.pieces(file);
        let mut piece = Vec::with_capacity(CHUNK_BYTES + TAG_BYTES);
        while let Some((length, nonce)) = pieces.next() {
            piece.clear();
            let got = plain.take(length).read_to_end(&mut piece)?;
            if got as u64 != length {
                return Err(SealedFolderError::Changed);
            }
            pieces
                .key
                .seal_in_place_append_tag(nonce, Aad::empty(), &mut piece)
                .map_err(|_| SealedFolderError::Changed)?;
            out.write_all(&piece)?;
        }
        ends(plain)
    }

    /// Opens one file as it streams by. What was written is to be thrown away on an error.
    ///
    /// # Errors
    /// [`SealedFolderError::Changed`], [`SealedFolderError::File`].
    pub fn open(
        &self,
        file: &SealedFile,
        sealed: &mut dyn Read,
        out: &mut dyn Write,
    ) -> Result<(), SealedFolderError> {
        let mut pieces = self.pieces(file);
        let mut piece = Vec::with_capacity(CHUNK_BYTES + TAG_BYTES);
        while let Some((length, nonce)) = pieces.next() {
            piece.clear();
            sealed
                .take(length + TAG_BYTES as u64)
                .read_to_end(&mut piece)?;
            let plain = pieces
                .key
                .open_in_place(nonce, Aad::empty(), &mut piece)
                .map_err(|_| SealedFolderError::Changed)?;
            if plain.len() as u64 != length {
                return Err(SealedFolderError::Changed);
            }
            out.write_all(plain)?;
        }
        ends(sealed)
    }
}

#[cfg(test)]
mod tests;
