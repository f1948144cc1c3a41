#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a failed check should stop at once; test keys are random"
)]
use std::collections::BTreeMap;

use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, KeyPair as _};

use super::*;

struct Key(EcdsaKeyPair);

impl Key {
    fn new() -> Self {
        let rng = SystemRandom::new();
        let algorithm = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &rng).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &rng).unwrap())
    }

    fn public(&self) -> PublicKey {
        PublicKey::from_bytes(self.0.public_key().as_ref()).unwrap()
    }
}

impl Signer for Key {
    fn kid(&self) -> Kid {
        self.public().kid()
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        let signature = self.0.sign(&SystemRandom::new(), message).unwrap();
        Ok(signature.as_ref().try_into().unwrap())
    }
}

struct Ring(BTreeMap<Kid, PublicKey>);

impl Ring {
    fn of(keys: &[&Key]) -> Self {
        Self(keys.iter().map(|k| (k.kid(), k.public())).collect())
    }
}

impl Verifier for Ring {
    fn verify(&self, kid: Kid, message: &[u8], signature: &[u8; 64]) -> Result<(), EnvelopeError> {
        let key = self.0.get(&kid).ok_or(EnvelopeError::UnknownKey(kid))?;
        signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, key.0)
            .verify(message, signature)
            .map_err(|_| EnvelopeError::BadSignature(kid))
    }
}

const SUBJECT: Subject = Subject {
    kind: DocumentType::Event,
    election: 20_151_004,
};

#[test]
fn what_is_signed_opens_with_the_same_id() {
    let key = Key::new();
    let bytes = sign1(SUBJECT, b"\x83\x01\x02\x03", &key).unwrap();
    let signed = open1(SUBJECT, &bytes, &Ring::of(&[&key])).unwrap();
    assert_eq!(signed.payload, b"\x83\x01\x02\x03");
    assert_eq!(signed.id, id1(SUBJECT, key.kid(), b"\x83\x01\x02\x03"));
    let again = sign1(SUBJECT, b"\x83\x01\x02\x03", &key).unwrap();
    assert_ne!(bytes, again, "ECDSA by ring is randomised");
    assert_eq!(
        open1(SUBJECT, &again, &Ring::of(&[&key])).unwrap().id,
        signed.id
    );
}

#[test]
fn every_flipped_bit_is_refused() {
    let key = Key::new();
    let ring = Ring::of(&[&key]);
    let bytes = sign1(SUBJECT, b"\x83\x01\x02\x03", &key).unwrap();
    for at in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[at / 8] ^= 1 << (at % 8);
        assert!(open1(SUBJECT, &changed, &ring).is_err(), "bit {at}");
    }
    let both = sign_all(SUBJECT, b"\x01", &[&key, &Key::new()]).unwrap();
    for at in 0..both.len() * 8 {
        let mut changed = both.clone();
        changed[at / 8] ^= 1 << (at % 8);
        assert!(
            open_all(SUBJECT, &changed, &ring, &[key.kid()]).is_err(),
            "bit {at}"
        );
    }
}

#[test]
fn another_type_or_election_is_refused() {
    let key = Key::new();
    let ring = Ring::of(&[&key]);
    let bytes = sign1(SUBJECT, b"\x01", &key).unwrap();
    let other = Subject {
        election: 1,
        ..SUBJECT
    };
    assert_eq!(
        open1(other, &bytes, &ring),
        Err(EnvelopeError::BadSignature(key.kid()))
    );
    let other = Subject {
        kind: DocumentType::Consent,
        ..SUBJECT
    };
    assert_eq!(open1(other, &bytes, &ring), Err(EnvelopeError::WrongType));
}

#[test]
fn both_institutions_must_sign() {
    let (srs, cec) = (Key::new(), Key::new());
    let ring = Ring::of(&[&srs, &cec]);
    let subject = Subject {
        kind: DocumentType::ListRelease,
        election: 1,
    };
    let both = sign_all(subject, b"\x01", &[&srs, &cec]).unwrap();
    let turned = sign_all(subject, b"\x01", &[&cec, &srs]).unwrap();
    let needed = [srs.kid(), cec.kid()];
    let id = open_all(subject, &both, &ring, &needed).unwrap().id;
    assert_eq!(id, open_all(subject, &turned, &ring, &needed).unwrap().id);
    assert_eq!(id, id_all(subject, b"\x01"));
    let one = sign_all(subject, b"\x01", &[&srs]).unwrap();
    assert_eq!(
        open_all(subject, &one, &ring, &needed),
        Err(EnvelopeError::MissingSignature { got: 1, needed: 2 })
    );
    let twice = sign_all(subject, b"\x01", &[&srs, &srs]).unwrap();
    assert_eq!(
        open_all(subject, &twice, &ring, &needed),
        Err(EnvelopeError::WrongHeader)
    );
}

#[test]
fn a_document_over_its_size_is_refused_before_parsing() {
    let bytes = vec![0u8; DocumentType::Event.bytes_max() + 1];
    let error = open1(SUBJECT, &bytes, &Ring::of(&[])).unwrap_err();
    assert!(matches!(error, EnvelopeError::TooLarge { .. }));
}

#[test]
fn signatures_of_two_copies_join_in_either_order_and_once() {
    let (srs, cec) = (Key::new(), Key::new());
    let ring = Ring::of(&[&srs, &cec]);
    let both = [srs.kid(), cec.kid()];
    let drawn = unsigned_all(SUBJECT, b"\x01").unwrap();
    let [a, b] = [&srs, &cec].map(|key| add_signature(SUBJECT, &drawn, key).unwrap());
    for (first, second) in [(&a, &b), (&b, &a)] {
        let joined = join_signatures(SUBJECT, first, second).unwrap();
        let signed = open_all(SUBJECT, &joined, &ring, &both).unwrap();
        assert_eq!(signed.signers.len(), 2);
        assert_eq!(join_signatures(SUBJECT, &joined, first).unwrap(), joined);
    }
    assert!(open_all(SUBJECT, &a, &ring, &both).is_err(), "half signed");
    let other = sign_all(SUBJECT, b"\x02", &[&cec]).unwrap();
    assert_eq!(
        join_signatures(SUBJECT, &a, &other),
        Err(EnvelopeError::WrongHeader)
    );
}
