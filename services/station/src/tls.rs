//! TLS 1.3 between kits: both sides show the key that the package names for them, and nothing else counts.
//!
//! Raw public keys (RFC 7250) are shown instead of certificates: a kit's key stands in the signed manifest,
//! so no authority, no name and no date has to be believed, and a clock that is wrong shuts nobody out.

use std::sync::Arc;

use lexicon::handover::envelope::{Kid, PublicKey};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::{
    ClientConfig, DigitallySignedStruct, DistinguishedName, Error, ServerConfig,
    SignatureAlgorithm, SignatureScheme,
};

use crate::kit::Card;

/// DER of a SubjectPublicKeyInfo for a P-256 key up to its point (RFC 5480).
const SPKI_P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// The kit whose raw key this is; `None` when it is no P-256 key.
pub(crate) fn kid_of(spki: &[u8]) -> Option<Kid> {
    let point = spki.strip_prefix(&SPKI_P256)?;
    PublicKey::from_bytes(point).map(|key| key.kid())
}

/// Which kits may talk: asked at each handshake, since a kit learns its list when it is given its package.
pub type Allowed = Arc<dyn Fn(Kid) -> bool + Send + Sync>;

/// The kit's key as TLS sees it: it never leaves its card.
struct KitKey {
    key: Arc<dyn Card>,
    spki: Vec<u8>,
}

impl std::fmt::Debug for KitKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KitKey({})", self.key.kid().hex())
    }
}

impl SigningKey for KitKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let scheme = SignatureScheme::ECDSA_NISTP256_SHA256;
        offered
            .contains(&scheme)
            .then(|| Box::new(KitSigner(Arc::clone(&self.key))) as Box<dyn Signer>)
    }

    fn public_key(&self) -> Option<SubjectPublicKeyInfoDer<'_>> {
        Some(SubjectPublicKeyInfoDer::from(self.spki.as_slice()))
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

struct KitSigner(Arc<dyn Card>);

impl std::fmt::Debug for KitSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KitSigner({})", self.0.kid().hex())
    }
}

impl Signer for KitSigner {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let signature = self
            .0
            .sign(message)
            .map_err(|error| Error::General(error.to_string()))?;
        Ok(der(&signature))
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ECDSA_NISTP256_SHA256
    }
}

/// r ‖ s as the DER that TLS wants.
fn der(signature: &[u8; 64]) -> Vec<u8> {
    let mut body = Vec::with_capacity(72);
    for half in signature.chunks(32) {
        let from = half.iter().position(|byte| *byte != 0).unwrap_or(31);
        let digits = &half[from..];
        let is_padded = digits[0] >= 0x80;
        body.push(0x02);
        body.push(u8::try_from(digits.len()).unwrap_or(0) + u8::from(is_padded));
        if is_padded {
            body.push(0);
        }
        body.extend_from_slice(digits);
    }
    let mut out = vec![0x30, u8::try_from(body.len()).unwrap_or(0)];
    out.append(&mut body);
    out
}

/// Checks the other side's raw key.
struct Pinned {
    allowed: Allowed,
    provider: Arc<CryptoProvider>,
}

impl std::fmt::Debug for Pinned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pinned")
    }
}

impl Pinned {
    fn admit(&self, shown: &CertificateDer<'_>) -> Result<(), Error> {
        match kid_of(shown) {
            Some(kid) if (self.allowed)(kid) => Ok(()),
            Some(kid) => Err(Error::General(format!(
                "the kit {} is not of this precinct",
                kid.hex()
            ))),
            None => Err(Error::General("the key shown is no P-256 key".to_owned())),
        }
    }

    fn signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let spki = SubjectPublicKeyInfoDer::from(shown.as_ref());
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature_with_raw_key(message, &spki, signed, algorithms)
    }
}

const OLD: Error = Error::PeerIncompatible(rustls::PeerIncompatible::Tls12NotOffered);

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.admit(end_entity)
            .map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(OLD)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ECDSA_NISTP256_SHA256]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

impl ClientCertVerifier for Pinned {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.admit(end_entity)
            .map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(OLD)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ECDSA_NISTP256_SHA256]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

fn shown(key: Arc<dyn Card>) -> Arc<CertifiedKey> {
    let mut spki = SPKI_P256.to_vec();
    spki.extend_from_slice(&key.public().0);
    let raw = CertificateDer::from(spki.clone());
    Arc::new(CertifiedKey::new(vec![raw], Arc::new(KitKey { key, spki })))
}

/// The library's cryptography, and the check of the other side's key by it.
fn pinned(allowed: Allowed) -> (Arc<CryptoProvider>, Arc<Pinned>) {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let pinned = Pinned {
        allowed,
        provider: Arc::clone(&provider),
    };
    (provider, Arc::new(pinned))
}

/// The side that answers: it shows `key` and lets in whom `allowed` names.
///
/// # Errors
/// What the library said; not with a P-256 key.
pub fn server(key: Arc<dyn Card>, allowed: Allowed) -> Result<ServerConfig, Error> {
    let (provider, pinned) = pinned(allowed);
    let resolver = rustls::server::AlwaysResolvesServerRawPublicKeys::new(shown(key));
    Ok(ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(pinned)
        .with_cert_resolver(Arc::new(resolver)))
}

/// The side that asks: it shows `key` and goes on only with whom `allowed` names.
///
/// # Errors
/// As [`server`].
pub fn client(key: Arc<dyn Card>, allowed: Allowed) -> Result<ClientConfig, Error> {
    let (provider, pinned) = pinned(allowed);
    let resolver = rustls::client::AlwaysResolvesClientRawPublicKeys::new(shown(key));
    Ok(ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(pinned)
        .with_client_cert_resolver(Arc::new(resolver)))
}

#[cfg(test)]
mod tests {
    use super::der;

    #[test]
    fn numbers_of_a_signature_are_shortest_and_never_negative() {
        let mut signature = [0u8; 64];
        signature[31] = 0x7f;
        signature[32] = 0x80;
        let made = der(&signature);
        let mut expected = vec![0x30, 3 + 2 + 33, 0x02, 1, 0x7f, 0x02, 33, 0, 0x80];
        expected.extend([0; 31]);
        assert_eq!(made, expected);
    }
}
