//! The portal's look-up: sealed answers that open only to a PIN together with a document number.
//!
//! `t = HMAC-SHA-256(K_lookup, "kg1/lookup" ‖ election u32 BE ‖ PIN ‖ document number)`; the file maps
//! `t[..16]` to one sealed answer of one size. Without `K_lookup` the file is noise.
//! Source: SECURITY.md §3.7; exact bytes: docs/formats.md.

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::{hkdf, hmac};

use super::delta::ChangeKind;
use super::envelope::{decode, encode};
use super::folder::Bytes;
use super::release::SaltedLine;

/// First bytes of the file.
pub const LOOKUP_MAGIC: &[u8; 8] = b"kg1look1";
/// Length of the file's header.
pub const LOOKUP_HEADER_BYTES: usize = 32;
/// Token, nonce and tag around the padded answer.
const OVERHEAD: usize = 16 + 12 + 16;
/// Padded answers are a multiple of this long, so that a release rarely changes the size.
const PAD_TO: usize = 64;

/// The election's look-up key; in production it never leaves the HSM.
pub struct LookupKey(hmac::Key);

/// The answer's address and key: HMAC of election, PIN and document number.
#[derive(Clone, PartialEq, Eq)]
pub struct LookupToken([u8; 32]);

impl std::fmt::Debug for LookupToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LookupToken(sealed)")
    }
}

impl LookupKey {
    /// Takes 32 random bytes.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The token of one question: 14 digits and a document number such as `AN1234567`.
    #[must_use]
    pub fn token(&self, election: u32, pin_digits: &str, document: &str) -> LookupToken {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(b"kg1/lookup");
        context.update(&election.to_be_bytes());
        context.update(pin_digits.as_bytes());
        context.update(document.as_bytes());
        let mut token = [0u8; 32];
        token.copy_from_slice(context.sign().as_ref());
        LookupToken(token)
    }
}

impl LookupToken {
    /// Under which the file holds the answer: the first 16 bytes.
    #[must_use]
    pub fn address(&self) -> [u8; 16] {
        let mut address = [0u8; 16];
        address.copy_from_slice(&self.0[..16]);
        address
    }

    fn derive(&self, info: &'static [u8]) -> [u8; 32] {
        let mut out = [0u8; 32];
        hkdf::Salt::new(hkdf::HKDF_SHA256, &[])
            .extract(&self.0)
            .expand(&[info], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut out))
            .expect("32 bytes are within HKDF's limit");
        out
    }

    fn cipher(&self) -> LessSafeKey {
        let key = self.derive(b"kg1/answer");
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).expect("the key has 32 bytes"))
    }
}

/// What became of one claim, as the voter is told.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct ClaimStatus {
    /// `form2`, `correction`, `inclusion`, `exclusion`.
    #[n(0)]
    pub kind: String,
    /// When it was filed, microseconds UTC.
    #[n(1)]
    pub filed: i64,
    /// `ClaimOutcome` code.
    #[n(2)]
    pub outcome: String,
    /// Precinct wanted, 0 for none.
    #[n(3)]
    pub precinct: u16,
}

/// One change of a person's line by a delta that both institutions have signed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct LineTold {
    /// Number of the delta after its release, from 1.
    #[n(0)]
    pub delta: u32,
    /// From when it holds, microseconds UTC.
    #[n(1)]
    pub effective_at: i64,
    /// What happened to the line.
    #[n(2)]
    pub kind: ChangeKind,
    /// `ExclusionReason` or `ChangeReason` code.
    #[n(3)]
    pub reason: String,
    /// Precinct number.
    #[n(4)]
    pub precinct: u16,
    /// Line number, from 1.
    #[n(5)]
    pub line: u32,
}

/// What the deltas after the release did to one person's lines.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct AfterRelease {
    /// By delta; of one delta the strike before the addition. Never empty.
    #[n(0)]
    pub changes: Vec<LineTold>,
    /// The line that was struck, with its salt, for a person who is on the list no more: with it the
    /// commitment that the delta names can be computed.
    #[n(1)]
    pub was: Option<SaltedLine>,
}

/// What the portal answers about one person.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LookupAnswer {
    /// Release number.
    #[n(1)]
    pub release: u32,
    /// The line with its salt, for a person on the list in force.
    #[n(2)]
    pub line: Option<SaltedLine>,
    /// Index of the line's leaf in the release's list tree; 0 and without meaning when `after` is there.
    #[n(3)]
    pub leaf: u64,
    /// The signed `Absence`, for a person not on the list (`COSE_Sign1` by `srs-release`).
    #[n(4)]
    pub absence: Option<Bytes>,
    /// Claims about this person, by time filed.
    #[n(5)]
    pub claims: Vec<ClaimStatus>,
    /// Last day on which the next step helps, `YYYY-MM-DD`, empty when there is none.
    #[n(6)]
    pub until: String,
    /// What signed deltas changed about this person since the release; none: nothing.
    #[n(7)]
    pub after: Option<AfterRelease>,
}

/// One answer before it is sealed.
#[derive(Clone, Debug)]
pub struct LookupEntry {
    /// Whose question it answers.
    pub token: LookupToken,
    /// The answer.
    pub answer: LookupAnswer,
}

/// Which list the answers speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LookupScope {
    /// Election number.
    pub election: u32,
    /// Release number.
    pub release: u32,
    /// The last delta after the release that the answers know; 0: none.
    pub delta: u32,
}

impl LookupScope {
    fn aad(self) -> Vec<u8> {
        let release = format!("kg1|lookup|{}|{}", self.election, self.release);
        match self.delta {
            0 => release.into_bytes(),
            delta => format!("{release}|{delta}").into_bytes(),
        }
    }
}

/// Why a look-up file was refused: an engineer acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    /// The bytes are no look-up file, or cut short.
    #[error("the bytes are no look-up file")]
    Shape,
    /// The records are not sorted by token.
    #[error("the look-up records are not in order")]
    Order,
    /// An answer does not open: a changed file or another key.
    #[error("the look-up record does not open")]
    Sealed,
}

/// Seals the entries into the bytes of `lookup.bin`: one size each, sorted by token.
///
/// Of several entries with one token the first is kept. Cost: one AES pass an entry.
#[must_use]
pub fn seal_lookup(scope: LookupScope, mut entries: Vec<LookupEntry>) -> Vec<u8> {
    entries.sort_by_key(|entry| entry.token.address());
    entries.dedup_by_key(|entry| entry.token.address());
    let plain: Vec<Vec<u8>> = entries.iter().map(|e| encode(&e.answer)).collect();
    let longest = plain.iter().map(Vec::len).max().unwrap_or(0) + 2;
    let size = longest.div_ceil(PAD_TO) * PAD_TO;
    let mut file = Vec::with_capacity(LOOKUP_HEADER_BYTES + entries.len() * (size + OVERHEAD));
    file.extend_from_slice(LOOKUP_MAGIC);
    file.extend_from_slice(&scope.election.to_be_bytes());
    file.extend_from_slice(&scope.release.to_be_bytes());
    file.extend_from_slice(&u32::try_from(size).unwrap_or(u32::MAX).to_be_bytes());
    file.extend_from_slice(&(entries.len() as u64).to_be_bytes());
    file.extend_from_slice(&scope.delta.to_be_bytes());
    let aad = scope.aad();
    for (entry, answer) in entries.iter().zip(plain) {
        // INVARIANT (answers fit): `size` is at least the longest answer plus its two length bytes.
        let length = u16::try_from(answer.len()).expect("an answer is far below 64 KiB");
        let mut padded = Vec::with_capacity(size);
        padded.extend_from_slice(&length.to_be_bytes());
        padded.extend_from_slice(&answer);
        padded.resize(size, 0);
        // The nonce follows from the answer: a rebuilt release can never seal two answers alike.
        let nonce_key = hmac::Key::new(hmac::HMAC_SHA256, &entry.token.derive(b"kg1/nonce"));
        let mut nonce = [0u8; 12];
        nonce.copy_from_slice(&hmac::sign(&nonce_key, &padded).as_ref()[..12]);
        file.extend_from_slice(&entry.token.address());
        file.extend_from_slice(&nonce);
        entry
            .token
            .cipher()
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(&aad),
                &mut padded,
            )
            .expect("an answer is far below the cipher's limit");
        file.extend_from_slice(&padded);
    }
    file
}

/// A look-up file, read in place.
#[derive(Clone, Copy, Debug)]
pub struct LookupFile<'a> {
    /// Which list it speaks of.
    pub scope: LookupScope,
    size: usize,
    records: &'a [u8],
}

impl<'a> LookupFile<'a> {
    /// Reads the header and checks the length; the order is checked by [`LookupFile::check_order`].
    ///
    /// # Errors
    /// [`LookupError::Shape`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, LookupError> {
        let header = bytes.get(..LOOKUP_HEADER_BYTES).ok_or(LookupError::Shape)?;
        let word = |at: usize| {
            u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
        };
        if &header[..8] != LOOKUP_MAGIC {
            return Err(LookupError::Shape);
        }
        let size = word(16) as usize;
        let count = u64::from(word(20)) << 32 | u64::from(word(24));
        let expected = (size + OVERHEAD) as u64;
        let records = &bytes[LOOKUP_HEADER_BYTES..];
        if size > 1 << 16 || count.checked_mul(expected) != Some(records.len() as u64) {
            return Err(LookupError::Shape);
        }
        Ok(Self {
            scope: LookupScope {
                election: word(8),
                release: word(12),
                delta: word(28),
            },
            size,
            records,
        })
    }

    /// How many answers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len() / (self.size + OVERHEAD)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    fn record(&self, at: usize) -> &'a [u8] {
        let width = self.size + OVERHEAD;
        &self.records[at * width..(at + 1) * width]
    }

    /// Checks that tokens rise strictly.
    ///
    /// # Errors
    /// [`LookupError::Order`].
    pub fn check_order(&self) -> Result<(), LookupError> {
        let rising = (1..self.len()).all(|at| self.record(at - 1)[..16] < self.record(at)[..16]);
        if rising {
            Ok(())
        } else {
            Err(LookupError::Order)
        }
    }

    /// The answer to a question, by binary search; `None` when there is no such record.
    ///
    /// # Errors
    /// [`LookupError::Sealed`] when the record is there and does not open.
    pub fn find(&self, token: &LookupToken) -> Result<Option<LookupAnswer>, LookupError> {
        let address = token.address();
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.record(middle)[..16] < address[..] {
                low = middle + 1
            } else {
                high = middle
            }
        }
        if low == self.len() || self.record(low)[..16] != address[..] {
            return Ok(None);
        }
        let record = self.record(low);
        let mut nonce = [0u8; 12];
        nonce.copy_from_slice(&record[16..28]);
        let mut sealed = record[28..].to_vec();
        let plain = token
            .cipher()
            .open_in_place(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(self.scope.aad()),
                &mut sealed,
            )
            .map_err(|_| LookupError::Sealed)?;
        let length = plain.get(..2).ok_or(LookupError::Sealed)?;
        let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
        let answer = plain.get(2..2 + length).ok_or(LookupError::Sealed)?;
        decode(answer).map(Some).map_err(|_| LookupError::Sealed)
    }
}

/// The token's address as the [`super::release::Absence`] carries it.
#[must_use]
pub fn absence_token(token: &LookupToken) -> ByteArray<16> {
    token.address().into()
}

#[cfg(test)]
mod tests;
