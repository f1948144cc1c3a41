//! A ring of public keys.

use std::collections::BTreeMap;

use lexicon::handover::envelope::{EnvelopeError, Kid, PublicKey, Verifier};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

/// Half the order of P-256: a signature with a larger `s` is refused as the malleable twin.
const HALF_ORDER: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xde, 0x73, 0x7d, 0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8,
];

/// Public keys by id; checks ES256 with `s` in the lower half.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyRing(BTreeMap<Kid, PublicKey>);

impl KeyRing {
    /// A ring of these keys.
    pub fn of(keys: impl IntoIterator<Item = PublicKey>) -> Self {
        Self(keys.into_iter().map(|key| (key.kid(), key)).collect())
    }

    /// Adds a key.
    pub fn add(&mut self, key: PublicKey) {
        self.0.insert(key.kid(), key);
    }

    /// The key with this id.
    #[must_use]
    pub fn get(&self, kid: Kid) -> Option<PublicKey> {
        self.0.get(&kid).copied()
    }
}

impl Verifier for KeyRing {
    fn verify(&self, kid: Kid, message: &[u8], signature: &[u8; 64]) -> Result<(), EnvelopeError> {
        let key = self.0.get(&kid).ok_or(EnvelopeError::UnknownKey(kid))?;
        if signature[32..] > HALF_ORDER[..] {
            return Err(EnvelopeError::BadSignature(kid));
        }
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.0)
            .verify(message, signature)
            .map_err(|_| EnvelopeError::BadSignature(kid))
    }
}
