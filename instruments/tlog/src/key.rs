//! Keys of logs and witnesses: names, key identifiers, the text form of verifier keys, signing keys.
//!
//! Source: C2SP signed-note, "Verifier keys" and "Signature types".

use crate::hash::sha256;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use std::fmt;
use std::str::FromStr;

/// What a key signs, and how: the signature type byte of C2SP signed-note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// Type 0x01: Ed25519 over the note text. The log's own signature.
    Ed25519,
    /// Type 0x04: Ed25519 with a time over a checkpoint (`cosignature/v1`). A witness's signature.
    CosignatureV1,
}

impl KeyKind {
    /// The type byte.
    pub fn byte(self) -> u8 {
        match self {
            KeyKind::Ed25519 => 0x01,
            KeyKind::CosignatureV1 => 0x04,
        }
    }
}

/// A public key with its name, as known to whoever verifies.
///
/// Text form (a *vkey*): `name+key id in hex+base64(type ‖ 32 bytes)`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VerifierKey {
    name: String,
    kind: KeyKind,
    public: [u8; 32],
}

/// Why a key was refused. An engineer acts: the configuration is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Key names are not empty and have neither spaces, nor control characters, nor a plus sign.
    #[error("a key name is not empty and has no spaces, control characters or plus signs")]
    Name,
    /// Not of the form `name+hash+key`.
    #[error("a verifier key has the form name+hash+key")]
    Form,
    /// Only Ed25519 (0x01) and cosignature/v1 (0x04) keys of 32 bytes are supported.
    #[error("signature type {0:#04x} is not supported, or its key has not 32 bytes")]
    Unsupported(u8),
    /// The key identifier does not belong to this name and key: a typing error or a swapped key.
    #[error("the key identifier is {found:08x}, this name and key have {expected:08x}")]
    IdMismatch {
        /// Identifier in the text.
        found: u32,
        /// Identifier of this name and key.
        expected: u32,
    },
}

impl VerifierKey {
    /// Names a public key of 32 bytes (RFC 8032 encoding).
    ///
    /// # Errors
    /// [`KeyError::Name`].
    pub fn new(name: &str, kind: KeyKind, public: [u8; 32]) -> Result<Self, KeyError> {
        if !is_key_name(name) {
            return Err(KeyError::Name);
        }
        Ok(Self {
            name: name.to_owned(),
            kind,
            public,
        })
    }

    /// The name that stands in signature lines.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the key signs.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The Ed25519 public key.
    pub fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// The key identifier: the first four bytes of SHA-256(name ‖ newline ‖ type ‖ public key).
    pub fn id(&self) -> u32 {
        let mut bytes = Vec::with_capacity(self.name.len() + 34);
        bytes.extend_from_slice(self.name.as_bytes());
        bytes.extend_from_slice(&[b'\n', self.kind.byte()]);
        bytes.extend_from_slice(&self.public);
        let [a, b, c, d, ..] = sha256(&bytes).0;
        u32::from_be_bytes([a, b, c, d])
    }

    /// Whether `signature` (64 bytes) is this key's over exactly `message`.
    pub(crate) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.public)
            .verify(message, signature)
            .is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![self.kind.byte()];
        key.extend_from_slice(&self.public);
        write!(
            f,
            "{}+{:08x}+{}",
            self.name,
            self.id(),
            STANDARD.encode(key)
        )
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(vkey: &str) -> Result<Self, KeyError> {
        // Base64 may hold plus signs, names never do: split from the left.
        let mut parts = vkey.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError::Form);
        };
        let lower_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if id.len() != 8 || !id.bytes().all(lower_hex) {
            return Err(KeyError::Form);
        }
        let found = u32::from_str_radix(id, 16).map_err(|_| KeyError::Form)?;
        let key = STANDARD.decode(key).map_err(|_| KeyError::Form)?;
        let (&kind_byte, public) = key.split_first().ok_or(KeyError::Form)?;
        let unsupported = KeyError::Unsupported(kind_byte);
        let public = public.try_into().map_err(|_| unsupported.clone())?;
        let kind = match kind_byte {
            0x01 => KeyKind::Ed25519,
            0x04 => KeyKind::CosignatureV1,
            _ => return Err(unsupported),
        };
        let key = Self::new(name, kind, public)?;
        let expected = key.id();
        if found == expected {
            Ok(key)
        } else {
            Err(KeyError::IdMismatch { found, expected })
        }
    }
}

/// Whether `name` may stand in a signature line.
pub(crate) fn is_key_name(name: &str) -> bool {
    !name.is_empty()
        && !name
            .contains(|letter: char| letter.is_whitespace() || letter.is_control() || letter == '+')
}

/// A private Ed25519 key with its name. `Debug` shows the public part only.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    verifier: VerifierKey,
}

impl SigningKey {
    /// Makes a key from its 32-byte seed (RFC 8032 private key), which the caller draws and keeps.
    ///
    /// # Errors
    /// [`KeyError::Name`].
    pub fn from_seed(name: &str, kind: KeyKind, seed: &[u8; 32]) -> Result<Self, KeyError> {
        let pair =
            Ed25519KeyPair::from_seed_unchecked(seed).expect("any 32 bytes are an Ed25519 seed");
        let public = pair
            .public_key()
            .as_ref()
            .try_into()
            .expect("an Ed25519 public key has 32 bytes");
        Ok(Self {
            pair,
            verifier: VerifierKey::new(name, kind, public)?,
        })
    }

    /// The public part.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.pair
            .sign(message)
            .as_ref()
            .try_into()
            .expect("an Ed25519 signature has 64 bytes")
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.verifier)
    }
}
