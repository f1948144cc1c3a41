//! The one envelope: COSE (RFC 9052) over deterministic CBOR, ES256.
//!
//! `external_aad = "kg1|" ‖ type ‖ "|" ‖ election`, protected headers `{1: -7, 3: "kg1/" ‖ type, 4: kid}`,
//! unprotected headers empty, `id = SHA-256(Sig_structure)` and never over a signature.
//! Decoding re-encodes and demands equal bytes. Source: SECURITY.md §3.1, docs/formats.md.

use coset::{CborSerializable, CoseSign, CoseSign1, CoseSignature, HeaderBuilder, iana};
use ring::digest;

/// The suite every document names; a new suite is a new document version.
pub const SUITE: &str = "kg1";

/// First eight bytes of SHA-256 over the key's SubjectPublicKeyInfo.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Kid(pub [u8; 8]);

impl Kid {
    /// Lower-case hexadecimal, 16 characters.
    #[must_use]
    pub fn hex(&self) -> String {
        hex(&self.0)
    }
}

/// The id of a document: SHA-256 of the bytes that were signed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct DocumentId(pub [u8; 32]);

impl DocumentId {
    /// Lower-case hexadecimal, 64 characters.
    #[must_use]
    pub fn hex(&self) -> String {
        hex(&self.0)
    }
}

/// A P-256 public key as an uncompressed point: 0x04 ‖ x ‖ y.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PublicKey(pub [u8; 65]);

/// DER of a SubjectPublicKeyInfo for a P-256 key, up to the point (RFC 5480).
const SPKI_P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

impl PublicKey {
    /// Reads 65 bytes starting with 0x04; whether the point is on the curve shows at first use.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let point: [u8; 65] = bytes.try_into().ok()?;
        (point[0] == 4).then_some(Self(point))
    }

    /// The key's id.
    #[must_use]
    pub fn kid(&self) -> Kid {
        let mut spki = SPKI_P256.to_vec();
        spki.extend_from_slice(&self.0);
        let mut kid = [0u8; 8];
        kid.copy_from_slice(&sha256(&spki)[..8]);
        Kid(kid)
    }
}

/// SHA-256.
#[must_use]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0u8; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Bytes from hexadecimal digits of either case; `None` for anything else, also for a sign or an odd number of digits.
#[must_use]
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    let digits: Option<Vec<u8>> = text.bytes().map(digit).collect();
    let pairs = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    Some(
        pairs
            .chunks_exact(2)
            .map(|pair| pair[0] << 4 | pair[1])
            .collect(),
    )
}

/// The kinds of signed document, each with its domain-separating name and size limit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum DocumentType {
    /// Hashes of every file in one folder.
    FolderManifest,
    /// Which keys speak for which role.
    TrustAnchors,
    /// One release of the voter list.
    ListRelease,
    /// A change between two releases.
    ListDelta,
    /// The public manifest of a station package.
    PackageManifest,
    /// One event of a station's journal.
    Event,
    /// A report of a polling station.
    Report,
    /// An officer's consent to one act (inside an event).
    Consent,
    /// A message between two kits that is not an event (grant request, head).
    KitMessage,
    /// A statement that a person is not on the list, with its reason.
    Absence,
    /// A voter placed by hand.
    AssignmentOverride,
    /// Blockers that both institutions let pass.
    SignOff,
    /// How many voters were checked in by a full hour (its envelope is rebuilt by the reader).
    HourTurnout,
    /// A change of one precinct's list while it votes.
    StationDelta,
    /// What a citizen says is wrong with the interim list of a rehearsal.
    Correction,
    /// The frozen home list of one precinct.
    HomeList,
    /// One more kit for a package that is sealed.
    KitGrant,
    /// One more officer's card for a precinct.
    CardGrant,
    /// Voting goes on another day at one precinct.
    DayDecision,
    /// What the office has not settled at a freeze.
    OfficeCounts,
    /// Who approved a release in the office.
    Approvals,
    /// Claims that an office took while it was cut off.
    ClaimFile,
    /// Captures of fingers that a kit kept sealed.
    Captures,
    /// Pairs of acts behind which one finger may stand.
    CapturePairs,
}

impl DocumentType {
    /// The name in the AAD.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            DocumentType::FolderManifest => "folder-manifest",
            DocumentType::TrustAnchors => "trust-anchors",
            DocumentType::ListRelease => "list-release",
            DocumentType::ListDelta => "list-delta",
            DocumentType::PackageManifest => "package-manifest",
            DocumentType::Event => "event",
            DocumentType::Report => "report",
            DocumentType::Consent => "consent",
            DocumentType::KitMessage => "kit-message",
            DocumentType::Absence => "absence",
            DocumentType::AssignmentOverride => "assignment-override",
            DocumentType::SignOff => "sign-off",
            DocumentType::HourTurnout => "hour-turnout",
            DocumentType::StationDelta => "station-delta",
            DocumentType::Correction => "correction",
            DocumentType::HomeList => "home-list",
            DocumentType::KitGrant => "kit-grant",
            DocumentType::CardGrant => "card-grant",
            DocumentType::DayDecision => "day-decision",
            DocumentType::OfficeCounts => "office-counts",
            DocumentType::Approvals => "approvals",
            DocumentType::ClaimFile => "claim-file",
            DocumentType::Captures => "captures",
            DocumentType::CapturePairs => "capture-pairs",
        }
    }

    /// The content type in the protected header: `kg1/` ‖ name.
    #[must_use]
    pub fn content_type(self) -> String {
        format!("{SUITE}/{}", self.name())
    }

    /// The most bytes a document of this type may have.
    #[must_use]
    pub fn bytes_max(self) -> usize {
        match self {
            DocumentType::Event
            | DocumentType::Consent
            | DocumentType::Absence
            | DocumentType::Correction
            | DocumentType::HourTurnout => 4 << 10,
            // They stand whole in an event, beside the event's own fields and signature.
            DocumentType::StationDelta | DocumentType::DayDecision => 3584,
            DocumentType::KitMessage
            | DocumentType::AssignmentOverride
            | DocumentType::SignOff
            | DocumentType::OfficeCounts
            | DocumentType::Approvals
            | DocumentType::HomeList
            | DocumentType::KitGrant
            | DocumentType::CardGrant => 64 << 10,
            DocumentType::TrustAnchors
            | DocumentType::PackageManifest
            | DocumentType::ListRelease
            | DocumentType::Report => 1 << 20,
            DocumentType::ClaimFile | DocumentType::Captures | DocumentType::CapturePairs => {
                16 << 20
            }
            DocumentType::FolderManifest | DocumentType::ListDelta => 64 << 20,
        }
    }
}

/// What a document is about: its type and its election.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Subject {
    /// The kind of document.
    pub kind: DocumentType,
    /// The election's number.
    pub election: u32,
}

impl Subject {
    fn aad(self) -> Vec<u8> {
        format!("{SUITE}|{}|{}", self.kind.name(), self.election).into_bytes()
    }
}

/// Something that signs with one P-256 key: a card, a token, an HSM, a demo file.
pub trait Signer {
    /// The key's id.
    fn kid(&self) -> Kid;

    /// ES256 over `message`: r ‖ s, 64 bytes, low s.
    ///
    /// # Errors
    /// [`SignError`] when the device cannot sign now.
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError>;
}

/// A ring of public keys that checks signatures by key id.
pub trait Verifier {
    /// Checks `signature` over `message` by the key `kid`.
    ///
    /// # Errors
    /// [`EnvelopeError::UnknownKey`] or [`EnvelopeError::BadSignature`].
    fn verify(&self, kid: Kid, message: &[u8], signature: &[u8; 64]) -> Result<(), EnvelopeError>;
}

/// Why a device did not sign: the officer or the engineer acts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key {kid} could not sign: {why}", kid = .kid.hex())]
pub struct SignError {
    /// Which key.
    pub kid: Kid,
    /// What the device said, without personal data.
    pub why: String,
}

/// Why a signed document was refused; nothing of it was used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Longer than its type allows.
    #[error("the document has {got} bytes, {max} are allowed")]
    TooLarge {
        /// Bytes received.
        got: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// The bytes are no such COSE structure.
    #[error("the bytes are no signed document of this type")]
    NotCose,
    /// The bytes are not the one deterministic encoding.
    #[error("the document is not deterministically encoded")]
    NotDeterministic,
    /// The header names another type.
    #[error("the document is of another type")]
    WrongType,
    /// The header names another algorithm, or carries what must be empty.
    #[error("the document's headers are not those of suite kg1")]
    WrongHeader,
    /// No such key is trusted for this.
    #[error("the key {} is not known here", .0.hex())]
    UnknownKey(Kid),
    /// The signature does not fit bytes and key.
    #[error("the signature by {} does not fit", .0.hex())]
    BadSignature(Kid),
    /// A required signer is missing.
    #[error("{got} of {needed} required signatures are there")]
    MissingSignature {
        /// Signatures that fit.
        got: usize,
        /// Signatures required.
        needed: usize,
    },
    /// The payload is not the one that the type defines.
    #[error("the document's contents are malformed: {0}")]
    Payload(String),
}

/// A document whose signatures were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// SHA-256 of the signed bytes.
    pub id: DocumentId,
    /// Who signed, in the order of the document.
    pub signers: Vec<Kid>,
    /// The payload, deterministic CBOR.
    pub payload: Vec<u8>,
}

fn protected(kind: DocumentType, kid: Option<Kid>) -> coset::Header {
    let mut builder = HeaderBuilder::new()
        .algorithm(iana::Algorithm::ES256)
        .content_type(kind.content_type());
    if let Some(kid) = kid {
        builder = builder.key_id(kid.0.to_vec());
    }
    builder.build()
}

fn check_header(
    header: &coset::ProtectedHeader,
    kind: DocumentType,
) -> Result<Option<Kid>, EnvelopeError> {
    let kid = if header.header.key_id.is_empty() {
        None
    } else {
        let bytes: [u8; 8] = header
            .header
            .key_id
            .as_slice()
            .try_into()
            .map_err(|_| EnvelopeError::WrongHeader)?;
        Some(Kid(bytes))
    };
    if header.header.content_type != Some(coset::ContentType::Text(kind.content_type())) {
        return Err(EnvelopeError::WrongType);
    }
    if header.header != protected(kind, kid) {
        return Err(EnvelopeError::WrongHeader);
    }
    Ok(kid)
}

/// Signs a payload by one key: `COSE_Sign1`, untagged.
///
/// # Errors
/// [`SignError`] from the device.
pub fn sign1(subject: Subject, payload: &[u8], signer: &dyn Signer) -> Result<Vec<u8>, SignError> {
    let failed = |why: String| SignError {
        kid: signer.kid(),
        why,
    };
    coset::CoseSign1Builder::new()
        .protected(protected(subject.kind, Some(signer.kid())))
        .payload(payload.to_vec())
        .try_create_signature(&subject.aad(), |message| {
            signer.sign(message).map(|s| s.to_vec())
        })?
        .build()
        .to_vec()
        .map_err(|e| failed(e.to_string()))
}

/// The id that a payload gets under `sign1` by this key: SHA-256 of its Sig_structure.
#[must_use]
pub fn id1(subject: Subject, kid: Kid, payload: &[u8]) -> DocumentId {
    DocumentId(sha256(&signed_bytes1(subject, kid, payload)))
}

/// The exact bytes that a key signs under `sign1`: the Sig_structure.
///
/// For signatures that travel without their envelope, as an officer's consent inside an event.
#[must_use]
pub fn signed_bytes1(subject: Subject, kid: Kid, payload: &[u8]) -> Vec<u8> {
    coset::CoseSign1Builder::new()
        .protected(protected(subject.kind, Some(kid)))
        .payload(payload.to_vec())
        .build()
        .tbs_data(&subject.aad())
}

/// Opens a `COSE_Sign1` and checks its signature.
///
/// # Errors
/// [`EnvelopeError`]; nothing of the document may be used.
pub fn open1(
    subject: Subject,
    bytes: &[u8],
    verifier: &dyn Verifier,
) -> Result<Signed, EnvelopeError> {
    let (sign, kid) = parse1(subject, bytes)?;
    let message = sign.tbs_data(&subject.aad());
    let signature: [u8; 64] = sign
        .signature
        .as_slice()
        .try_into()
        .map_err(|_| EnvelopeError::BadSignature(kid))?;
    verifier.verify(kid, &message, &signature)?;
    let payload = sign.payload.unwrap_or_default();
    Ok(Signed {
        id: DocumentId(sha256(&message)),
        signers: vec![kid],
        payload,
    })
}

/// Reads who claims to have signed a `COSE_Sign1`, without believing it.
///
/// # Errors
/// [`EnvelopeError`] when the bytes are no such document.
pub fn peek1(subject: Subject, bytes: &[u8]) -> Result<(Kid, Vec<u8>), EnvelopeError> {
    let (sign, kid) = parse1(subject, bytes)?;
    Ok((kid, sign.payload.unwrap_or_default()))
}

fn parse1(subject: Subject, bytes: &[u8]) -> Result<(CoseSign1, Kid), EnvelopeError> {
    let max = subject.kind.bytes_max();
    if bytes.len() > max {
        return Err(EnvelopeError::TooLarge {
            got: bytes.len(),
            max,
        });
    }
    let sign = CoseSign1::from_slice(bytes).map_err(|_| EnvelopeError::NotCose)?;
    let again = sign.clone().to_vec().map_err(|_| EnvelopeError::NotCose)?;
    if again != bytes {
        return Err(EnvelopeError::NotDeterministic);
    }
    if !sign.unprotected.is_empty() || sign.payload.is_none() {
        return Err(EnvelopeError::WrongHeader);
    }
    let kid = check_header(&sign.protected, subject.kind)?.ok_or(EnvelopeError::WrongHeader)?;
    // The protected bucket is kept as received: it must be its own one encoding too.
    let canonical = protected(subject.kind, Some(kid))
        .to_vec()
        .map_err(|_| EnvelopeError::NotCose)?;
    if sign.protected.original_data.as_deref() != Some(canonical.as_slice()) {
        return Err(EnvelopeError::NotDeterministic);
    }
    Ok((sign, kid))
}

/// Signs a payload by several keys: `COSE_Sign`, untagged, signatures in the given order.
///
/// # Errors
/// [`SignError`] from the first device that fails.
pub fn sign_all(
    subject: Subject,
    payload: &[u8],
    signers: &[&dyn Signer],
) -> Result<Vec<u8>, SignError> {
    let mut builder = coset::CoseSignBuilder::new()
        .protected(protected(subject.kind, None))
        .payload(payload.to_vec());
    let mut last = Kid([0; 8]);
    for signer in signers {
        last = signer.kid();
        let slot = coset::CoseSignatureBuilder::new()
            .protected(protected(subject.kind, Some(signer.kid())))
            .build();
        builder = builder.try_add_created_signature(slot, &subject.aad(), |message| {
            signer.sign(message).map(|s| s.to_vec())
        })?;
    }
    builder.build().to_vec().map_err(|e| SignError {
        kid: last,
        why: e.to_string(),
    })
}

/// A `COSE_Sign` that nobody has signed yet, to be signed by one key after the other with [`add_signature`].
///
/// # Errors
/// [`EnvelopeError::NotCose`] when it cannot be encoded.
pub fn unsigned_all(subject: Subject, payload: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
    coset::CoseSignBuilder::new()
        .protected(protected(subject.kind, None))
        .payload(payload.to_vec())
        .build()
        .to_vec()
        .map_err(|_| EnvelopeError::NotCose)
}

/// Why a signature was not added; the document is as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddSignatureError {
    /// The bytes are no such document.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// This key has signed it already.
    #[error("the key {} has signed it already", .0.hex())]
    Already(Kid),
    /// The device did not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// Adds one key's signature behind those that a `COSE_Sign` bears; the id stays the same.
///
/// The signatures that are there are not checked: open the document with [`open_all`] first.
///
/// # Errors
/// [`AddSignatureError`].
pub fn add_signature(
    subject: Subject,
    bytes: &[u8],
    signer: &dyn Signer,
) -> Result<Vec<u8>, AddSignatureError> {
    peek_all(subject, bytes)?;
    let mut sign = CoseSign::from_slice(bytes).map_err(|_| EnvelopeError::NotCose)?;
    for slot in &sign.signatures {
        let kid = check_slot(slot, subject.kind)?;
        if kid == signer.kid() {
            return Err(AddSignatureError::Already(kid));
        }
    }
    let mut slot = coset::CoseSignatureBuilder::new()
        .protected(protected(subject.kind, Some(signer.kid())))
        .build();
    slot.signature = signer.sign(&sign.tbs_data(&subject.aad(), &slot))?.to_vec();
    sign.signatures.push(slot);
    let signed = sign.to_vec().map_err(|_| EnvelopeError::NotCose)?;
    Ok(signed)
}

/// Adds to a `COSE_Sign` the signatures that another copy of the same document bears; those that both bear stand once.
///
/// Nothing is checked but that both are the same document: open the result with [`open_all`].
///
/// # Errors
/// [`EnvelopeError`]; [`EnvelopeError::WrongHeader`] when the two are not the same document.
pub fn join_signatures(
    subject: Subject,
    bytes: &[u8],
    copy: &[u8],
) -> Result<Vec<u8>, EnvelopeError> {
    if peek_all(subject, bytes)? != peek_all(subject, copy)? {
        return Err(EnvelopeError::WrongHeader);
    }
    let mut sign = CoseSign::from_slice(bytes).map_err(|_| EnvelopeError::NotCose)?;
    let copy = CoseSign::from_slice(copy).map_err(|_| EnvelopeError::NotCose)?;
    let mut signers = Vec::new();
    for slot in &sign.signatures {
        signers.push(check_slot(slot, subject.kind)?);
    }
    for slot in copy.signatures {
        let kid = check_slot(&slot, subject.kind)?;
        if !signers.contains(&kid) {
            signers.push(kid);
            sign.signatures.push(slot);
        }
    }
    sign.to_vec().map_err(|_| EnvelopeError::NotCose)
}

/// Opens a `COSE_Sign` and demands that every key in `required` signed it.
///
/// The id is SHA-256 of the Sig_structure with an empty signer header, so that it does not
/// depend on who signed in which order.
///
/// # Errors
/// [`EnvelopeError`]; nothing of the document may be used.
pub fn open_all(
    subject: Subject,
    bytes: &[u8],
    verifier: &dyn Verifier,
    required: &[Kid],
) -> Result<Signed, EnvelopeError> {
    let max = subject.kind.bytes_max();
    if bytes.len() > max {
        return Err(EnvelopeError::TooLarge {
            got: bytes.len(),
            max,
        });
    }
    let sign = CoseSign::from_slice(bytes).map_err(|_| EnvelopeError::NotCose)?;
    if sign.clone().to_vec().map_err(|_| EnvelopeError::NotCose)? != bytes {
        return Err(EnvelopeError::NotDeterministic);
    }
    if !sign.unprotected.is_empty() || sign.payload.is_none() {
        return Err(EnvelopeError::WrongHeader);
    }
    if check_header(&sign.protected, subject.kind)?.is_some() {
        return Err(EnvelopeError::WrongHeader);
    }
    let aad = subject.aad();
    let mut signers = Vec::with_capacity(sign.signatures.len());
    for slot in &sign.signatures {
        let kid = check_slot(slot, subject.kind)?;
        let signature: [u8; 64] = slot
            .signature
            .as_slice()
            .try_into()
            .map_err(|_| EnvelopeError::BadSignature(kid))?;
        verifier.verify(kid, &sign.tbs_data(&aad, slot), &signature)?;
        if signers.contains(&kid) {
            return Err(EnvelopeError::WrongHeader);
        }
        signers.push(kid);
    }
    let got = required.iter().filter(|kid| signers.contains(kid)).count();
    if got < required.len() {
        return Err(EnvelopeError::MissingSignature {
            got,
            needed: required.len(),
        });
    }
    let id = DocumentId(sha256(&sign.tbs_data(&aad, &CoseSignature::default())));
    Ok(Signed {
        id,
        signers,
        payload: sign.payload.unwrap_or_default(),
    })
}

/// Reads the payload of a `COSE_Sign` without believing it: for a mirror that shows what the
/// verifier checks, and for the first look at `trust.cose`, which names its own keys.
///
/// # Errors
/// [`EnvelopeError`] when the bytes are no such document.
pub fn peek_all(subject: Subject, bytes: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
    let max = subject.kind.bytes_max();
    if bytes.len() > max {
        return Err(EnvelopeError::TooLarge {
            got: bytes.len(),
            max,
        });
    }
    let sign = CoseSign::from_slice(bytes).map_err(|_| EnvelopeError::NotCose)?;
    check_header(&sign.protected, subject.kind)?;
    sign.payload.ok_or(EnvelopeError::WrongHeader)
}

/// The id that a payload gets under `sign_all`, whoever signs it.
#[must_use]
pub fn id_all(subject: Subject, payload: &[u8]) -> DocumentId {
    let sign = coset::CoseSignBuilder::new()
        .protected(protected(subject.kind, None))
        .payload(payload.to_vec())
        .build();
    DocumentId(sha256(
        &sign.tbs_data(&subject.aad(), &CoseSignature::default()),
    ))
}

fn check_slot(slot: &CoseSignature, kind: DocumentType) -> Result<Kid, EnvelopeError> {
    if !slot.unprotected.is_empty() {
        return Err(EnvelopeError::WrongHeader);
    }
    check_header(&slot.protected, kind)?.ok_or(EnvelopeError::WrongHeader)
}

/// Decodes a payload and demands that encoding it again gives the same bytes.
///
/// # Errors
/// [`EnvelopeError::Payload`] or [`EnvelopeError::NotDeterministic`].
pub fn decode<'b, T>(payload: &'b [u8]) -> Result<T, EnvelopeError>
where
    T: minicbor::Decode<'b, ()> + minicbor::Encode<()>,
{
    let value: T = minicbor::decode(payload).map_err(|e| EnvelopeError::Payload(e.to_string()))?;
    let mut rest = Rest(payload);
    match minicbor::encode(&value, &mut rest) {
        Ok(()) if rest.0.is_empty() => Ok(value),
        Ok(()) | Err(_) => Err(EnvelopeError::NotDeterministic),
    }
}

/// What of a payload has not been written again yet: it is compared piece by piece, since a package of 10,000 voters
/// would take its 74 MB once more.
struct Rest<'a>(&'a [u8]);

/// The bytes written differ from those read.
#[derive(Debug, thiserror::Error)]
#[error("not the bytes that were read")]
struct Differs;

impl minicbor::encode::Write for Rest<'_> {
    type Error = Differs;

    fn write_all(&mut self, written: &[u8]) -> Result<(), Differs> {
        self.0 = self.0.strip_prefix(written).ok_or(Differs)?;
        Ok(())
    }
}

/// Encodes a payload; the types of this module encode deterministically by construction.
#[must_use]
pub fn encode<T: minicbor::Encode<()>>(value: &T) -> Vec<u8> {
    minicbor::to_vec(value).expect("writing to a Vec cannot fail")
}

#[cfg(test)]
mod tests;
