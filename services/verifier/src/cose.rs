//! Signed documents: COSE_Sign1 and COSE_Sign with ES256, suite `kg1` of docs/formats.md §1.

use crate::Checked;
use crate::cbor::Value;
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// First eight bytes of SHA-256 over a key's SubjectPublicKeyInfo.
pub(crate) type Kid = [u8; 8];
pub(crate) type Hash = [u8; 32];

/// SubjectPublicKeyInfo of a P-256 key up to the point (RFC 5480).
const SPKI_P256: &[u8] =
    b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";

/// SHA-256 over the parts one after another.
pub(crate) fn sha256(parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 over the public key info of an uncompressed point (65 bytes).
pub(crate) fn fingerprint(point: &[u8]) -> Hash {
    sha256(&[SPKI_P256, point])
}

pub(crate) fn kid_of(point: &[u8]) -> Kid {
    let [a, b, c, d, e, f, g, h, ..] = fingerprint(point);
    [a, b, c, d, e, f, g, h]
}

/// Public keys by their ids.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keys(BTreeMap<Kid, VerifyingKey>);

impl Keys {
    /// Adds an uncompressed point and returns its id.
    pub(crate) fn add(&mut self, point: &[u8; 65]) -> Checked<Kid> {
        let key = VerifyingKey::from_sec1_bytes(point).map_err(|_| "a key is not a point of P-256")?;
        self.0.insert(kid_of(point), key);
        Ok(kid_of(point))
    }

    /// Whether a key is among them.
    pub(crate) fn has(&self, kid: &Kid) -> bool {
        self.0.contains_key(kid)
    }

    /// Checks that `signature` (r ‖ s) is the key's over `message`. ECDSA is malleable: of s and n − s
    /// only the lower one is accepted.
    pub(crate) fn has_signed(&self, kid: &Kid, message: &[u8], signature: &[u8]) -> Checked<()> {
        let key = self.0.get(kid).ok_or_else(|| format!("the key {} is not known here", hex(kid)))?;
        let signature = Signature::from_slice(signature).ok().filter(|signature| signature.normalize_s() == *signature);
        let holds = signature.is_some_and(|signature| key.verify(message, &signature).is_ok());
        if holds { Ok(()) } else { Err(format!("the signature by {} does not hold", hex(kid))) }
    }
}

/// A document whose signatures hold.
#[derive(Debug, Clone)]
pub(crate) struct Signed {
    /// SHA-256 of the bytes that were signed; with several signers, without their own headers.
    pub(crate) id: Hash,
    pub(crate) signers: Vec<Kid>,
    pub(crate) payload: Value,
}

/// The type and election of the documents to open.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject {
    pub(crate) kind: &'static str,
    pub(crate) election: u32,
}

impl Subject {
    fn header(self, kid: Option<&[u8]>) -> Vec<u8> {
        let mut pairs = vec![(1, Value::Negative(-7)), (3, Value::Text(format!("kg1/{}", self.kind)))];
        pairs.extend(kid.map(|kid| (4, Value::Bytes(kid.to_vec()))));
        Value::Map(pairs).to_bytes()
    }

    /// The key id in a protected header that is exactly the suite's.
    fn signer(self, protected: &[u8]) -> Checked<Kid> {
        let kid: Kid = Value::parse(protected)?.array(4)?;
        if self.header(Some(&kid)) == protected { Ok(kid) } else { Err(self.wrong("other headers")) }
    }

    fn wrong(self, what: &str) -> String {
        format!("not a signed document of type {}: {what}", self.kind)
    }

    /// The Sig_structure (RFC 9052 §4.4).
    fn message(self, context: &str, headers: &[&[u8]], payload: &[u8]) -> Vec<u8> {
        let aad = format!("kg1|{}|{}", self.kind, self.election);
        let parts = headers.iter().copied().chain([aad.as_bytes(), payload]).map(|part| Value::Bytes(part.to_vec()));
        Value::Array([Value::Text(context.to_owned())].into_iter().chain(parts).collect()).to_bytes()
    }

    /// The bytes that the only signer signs.
    pub(crate) fn message1(self, kid: &Kid, payload: &[u8]) -> Vec<u8> {
        self.message("Signature1", &[&self.header(Some(kid))], payload)
    }

    /// The four parts of COSE with nothing in the unprotected header.
    fn outside(self, bytes: &[u8]) -> Checked<Value> {
        let outside = Value::parse(bytes).map_err(|why| self.wrong(&why))?;
        let fits = outside.has_fields(4).is_ok() && outside.get(1) == Some(&Value::Map(Vec::new()));
        if fits { Ok(outside) } else { Err(self.wrong("not its four parts, or unprotected headers")) }
    }

    /// The payload of a document whose signatures were not looked at: to learn which keys to ask for.
    pub(crate) fn peek(self, bytes: &[u8]) -> Checked<Value> {
        Value::parse(self.outside(bytes)?.bytes(2)?)
    }

    /// The key id that a COSE_Sign1 names, whose signature was not looked at.
    pub(crate) fn signer1(self, bytes: &[u8]) -> Checked<Kid> {
        Value::parse(self.outside(bytes)?.bytes(0)?)?.array(4)
    }

    /// Opens a COSE_Sign1.
    pub(crate) fn open1(self, bytes: &[u8], keys: &Keys) -> Checked<Signed> {
        let outside = self.outside(bytes)?;
        let kid = self.signer(outside.bytes(0)?)?;
        let message = self.message1(&kid, outside.bytes(2)?);
        keys.has_signed(&kid, &message, outside.bytes(3)?)?;
        Ok(Signed { id: sha256(&[&message]), signers: vec![kid], payload: Value::parse(outside.bytes(2)?)? })
    }

    /// Opens a COSE_Sign, verifies every signature in it, and demands those of `required`.
    pub(crate) fn open_all(self, bytes: &[u8], keys: &Keys, required: &[Kid]) -> Checked<Signed> {
        let outside = self.outside(bytes)?;
        let (body, payload) = (outside.bytes(0)?, outside.bytes(2)?);
        let mut signers = Vec::new();
        for slot in outside.list(3)? {
            let protected = slot.has_fields(3)?.bytes(0)?;
            let kid = self.signer(protected)?;
            if slot.get(1) != Some(&Value::Map(Vec::new())) || signers.contains(&kid) {
                return Err(self.wrong("unprotected headers, or one key twice"));
            }
            keys.has_signed(&kid, &self.message("Signature", &[body, protected], payload), slot.bytes(2)?)?;
            signers.push(kid);
        }
        if body != self.header(None) {
            return Err(self.wrong("other headers"));
        }
        if let Some(missing) = required.iter().find(|kid| !signers.contains(*kid)) {
            return Err(format!("the signature by {} is missing", hex(missing)));
        }
        let id = sha256(&[&self.message("Signature", &[body, &[]], payload)]);
        Ok(Signed { id, signers, payload: Value::parse(payload)? })
    }
}
