//! A stand-in for a key: what it signs and agrees on is a hash, which is all that tests of documents ask of it.

use super::envelope::{EnvelopeError, Kid, PublicKey, SignError, Signer, Verifier, sha256};
use super::package::KeyAgreement;

pub(super) struct HashKey(pub u8);

impl HashKey {
    pub fn point(&self) -> PublicKey {
        let mut point = [self.0; 65];
        point[0] = 4;
        PublicKey(point)
    }

    fn hash(&self, message: &[u8]) -> [u8; 64] {
        let mut bytes = [0u8; 64];
        bytes[..32].copy_from_slice(&sha256(&[message, &[self.0]].concat()));
        bytes[32..].copy_from_slice(&sha256(&[message, &[self.0, 1]].concat()));
        bytes
    }
}

impl Signer for HashKey {
    fn kid(&self) -> Kid {
        self.point().kid()
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        Ok(self.hash(message))
    }
}

impl Verifier for HashKey {
    fn verify(&self, kid: Kid, message: &[u8], signature: &[u8; 64]) -> Result<(), EnvelopeError> {
        if kid != Signer::kid(self) {
            return Err(EnvelopeError::UnknownKey(kid));
        }
        if self.hash(message) != *signature {
            return Err(EnvelopeError::BadSignature(kid));
        }
        Ok(())
    }
}

impl KeyAgreement for HashKey {
    fn public(&self) -> PublicKey {
        self.point()
    }

    /// Commutes, as ECDH does.
    fn agree(&self, theirs: &PublicKey) -> Result<[u8; 32], SignError> {
        Ok(sha256(&[self.0 ^ theirs.0[1]]))
    }
}
