//! Signed notes: a text and the signatures under it. Source: C2SP signed-note.

use crate::key::{KeyKind, SigningKey, VerifierKey, is_key_name};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;

/// Bytes the longest note may have; a longer one is refused before it is read.
pub const NOTE_BYTES_MAX: usize = 1_000_000;
/// Signatures a note may carry.
pub const SIGNATURES_MAX: usize = 100;

/// One signature line: who claims to have signed, and the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    name: String,
    key_id: u32,
    bytes: Vec<u8>,
}

impl NoteSignature {
    /// The key name in the line. Not verified.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key identifier in the line. Not verified.
    pub fn key_id(&self) -> u32 {
        self.key_id
    }

    /// The bytes behind the key identifier; what they mean depends on the key's kind.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Takes a type 0x01 signature made elsewhere, for instance in a hardware module,
    /// over exactly the note text. [`Note::verify`] tells whether it holds.
    pub fn ed25519(key: &VerifierKey, signature: [u8; 64]) -> Self {
        Self {
            name: key.name().to_owned(),
            key_id: key.id(),
            bytes: signature.to_vec(),
        }
    }

    /// Takes a type 0x04 signature made elsewhere over [`cosigned_message`]; `time_s` counts
    /// seconds since 1970.
    pub fn cosignature(key: &VerifierKey, time_s: u64, signature: [u8; 64]) -> Self {
        let mut bytes = time_s.to_be_bytes().to_vec();
        bytes.extend_from_slice(&signature);
        Self {
            name: key.name().to_owned(),
            key_id: key.id(),
            bytes,
        }
    }

    fn parse(line: &str) -> Option<Self> {
        let (name, signature) = line.strip_prefix("— ")?.split_once(' ')?;
        let bytes = STANDARD.decode(signature).ok()?;
        let (key_id, bytes) = bytes.split_first_chunk::<4>()?;
        let whole = is_key_name(name) && !bytes.is_empty();
        let key_id = u32::from_be_bytes(*key_id);
        whole.then(|| Self {
            name: name.to_owned(),
            key_id,
            bytes: bytes.to_vec(),
        })
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.key_id.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.bytes);
        writeln!(f, "— {} {}", self.name, STANDARD.encode(bytes))
    }
}

/// A text with its signatures. Parsing verifies nothing: see [`Note::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// Why bytes are not a signed note. An engineer acts: the file is damaged or of another format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Above [`NOTE_BYTES_MAX`].
    #[error("a note has at most 1000000 bytes, not {0}")]
    TooLong(usize),
    /// Notes are UTF-8 without control characters other than newline.
    #[error("a note is UTF-8 without control characters other than newline")]
    NotText,
    /// The text is empty or does not end in a newline.
    #[error("the text of a note ends in a newline")]
    Text,
    /// No blank line between text and signatures, or nothing after it.
    #[error("a note has a blank line and at least one signature after its text")]
    NoSignatures,
    /// A line after the last blank one is not a signature.
    #[error("signature line {0} is not of the form: dash, key name, base64")]
    Signature(usize),
    /// Above [`SIGNATURES_MAX`].
    #[error("a note has at most 100 signatures")]
    TooManySignatures,
}

/// Why a note's signatures were refused. The text must not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyNoteError {
    /// A line claims a known key, and the signature does not hold.
    #[error("the signature of {name} does not hold")]
    Invalid {
        /// Name of the known key.
        name: String,
    },
    /// None of the known keys has signed.
    #[error("no known key has signed the note")]
    NoKnownKey,
}

/// A signature that holds, and whose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified<'k> {
    /// The known key.
    pub key: &'k VerifierKey,
    /// Seconds since 1970 that a witness put under its cosignature; `None` for type 0x01.
    pub time_s: Option<u64>,
}

impl Note {
    /// A note without signatures yet.
    ///
    /// # Errors
    /// [`NoteError::NotText`], [`NoteError::Text`] and [`NoteError::TooLong`].
    pub fn new(text: impl Into<String>) -> Result<Self, NoteError> {
        let text = text.into();
        if text.len() > NOTE_BYTES_MAX {
            return Err(NoteError::TooLong(text.len()));
        }
        if text.bytes().any(|byte| byte < 0x20 && byte != b'\n') {
            return Err(NoteError::NotText);
        }
        if !text.ends_with('\n') {
            return Err(NoteError::Text);
        }
        Ok(Self {
            text,
            signatures: Vec::new(),
        })
    }

    /// Reads a signed note.
    ///
    /// # Errors
    /// [`NoteError`] with the line of a malformed signature, counted from 1 after the blank line.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > NOTE_BYTES_MAX {
            return Err(NoteError::TooLong(bytes.len()));
        }
        let whole = std::str::from_utf8(bytes).map_err(|_| NoteError::NotText)?;
        // The last blank line divides; the text keeps its own newline.
        let divide = whole.rfind("\n\n").ok_or(NoteError::NoSignatures)?;
        let (text, lines) = (&whole[..=divide], &whole[divide + 2..]);
        let mut note = Self::new(text)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::NoSignatures)?;
        for (at, line) in lines.split('\n').enumerate() {
            if at == SIGNATURES_MAX {
                return Err(NoteError::TooManySignatures);
            }
            note.signatures
                .push(NoteSignature::parse(line).ok_or(NoteError::Signature(at + 1))?);
        }
        Ok(note)
    }

    /// The text that is signed, with its final newline. Not verified.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// All signature lines in order. Not verified.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Adds the signature of a type 0x01 key, or with `time_s` (seconds since 1970) the
    /// cosignature of a type 0x04 key.
    ///
    /// A witness must have checked [`crate::may_cosign`] before.
    pub fn sign(&mut self, key: &SigningKey, time_s: u64) {
        let verifier = key.verifier();
        let signature = match verifier.kind() {
            KeyKind::Ed25519 => NoteSignature::ed25519(verifier, key.sign(self.text.as_bytes())),
            KeyKind::CosignatureV1 => NoteSignature::cosignature(
                verifier,
                time_s,
                key.sign(&cosigned_message(&self.text, time_s)),
            ),
        };
        self.attach(signature);
    }

    /// Adds a signature line, as a witness returned it; an earlier line of the same key is replaced.
    pub fn attach(&mut self, signature: NoteSignature) {
        self.signatures
            .retain(|old| (old.key_id, &old.name) != (signature.key_id, &signature.name));
        self.signatures.push(signature);
    }

    /// Verifies the signatures of the `known` keys and says which have signed, in the order of the keys.
    ///
    /// Lines of unknown keys are ignored, as the specification asks.
    ///
    /// # Errors
    /// [`VerifyNoteError::Invalid`] when any line of a known key does not hold,
    /// [`VerifyNoteError::NoKnownKey`] when no known key has signed.
    pub fn verify<'k>(
        &self,
        known: &'k [VerifierKey],
    ) -> Result<Vec<Verified<'k>>, VerifyNoteError> {
        let mut verified = Vec::new();
        for key in known {
            let id = key.id();
            let mut first = None;
            for line in self
                .signatures
                .iter()
                .filter(|line| line.key_id == id && line.name == key.name())
            {
                let invalid = || VerifyNoteError::Invalid {
                    name: key.name().to_owned(),
                };
                let time_s = self.verify_line(key, line).ok_or_else(invalid)?;
                first = first.or(Some(Verified { key, time_s }));
            }
            verified.extend(first);
        }
        if verified.is_empty() {
            Err(VerifyNoteError::NoKnownKey)
        } else {
            Ok(verified)
        }
    }

    /// `None` when the line does not hold, else the time under it, if its kind has one.
    fn verify_line(&self, key: &VerifierKey, line: &NoteSignature) -> Option<Option<u64>> {
        match key.kind() {
            KeyKind::Ed25519 => key
                .has_signed(self.text.as_bytes(), &line.bytes)
                .then_some(None),
            KeyKind::CosignatureV1 => {
                let (time, signature) = line.bytes.split_first_chunk::<8>()?;
                let time_s = u64::from_be_bytes(*time);
                let message = cosigned_message(&self.text, time_s);
                (i64::try_from(time_s).is_ok() && key.has_signed(&message, signature))
                    .then_some(Some(time_s))
            }
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures
            .iter()
            .try_for_each(|signature| signature.fmt(f))
    }
}

/// The bytes a witness signs: a header, the time, the whole text. Source: C2SP tlog-cosignature.
pub fn cosigned_message(text: &str, time_s: u64) -> Vec<u8> {
    format!("cosignature/v1\ntime {time_s}\n{text}").into_bytes()
}

#[cfg(test)]
mod tests;
