//! What the portal asks the oracle over the local socket, and what it hears.
//!
//! A question frame is `len u32 BE ‖ CBOR`, at most [`QUESTION_BYTES_MAX`] bytes of CBOR; a reply
//! is always [`REPLY_BYTES`] long, padded with zeros, so that its size tells nothing.

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};

use super::envelope::{EnvelopeError, decode, encode};
use super::folder::Bytes;

/// The most bytes of a question's CBOR.
pub const QUESTION_BYTES_MAX: usize = 256;

/// Every reply has this many bytes on the socket.
pub const REPLY_BYTES: usize = 4096;

/// One person's question: both numbers, already parsed.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Question {
    /// The PIN, 14 digits.
    #[n(0)]
    pub pin: String,
    /// The document number, two letters and seven digits.
    #[n(1)]
    pub document: String,
}

impl std::fmt::Debug for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Question(sealed)")
    }
}

/// The oracle's reply.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Reply {
    /// 0 found, 1 no record matches, 2 too many tries, 3 the oracle cannot answer now.
    #[n(0)]
    pub kind: u8,
    /// Minutes until another try is allowed, for kind 2.
    #[n(1)]
    pub wait_minutes: u32,
    /// CBOR of the `LookupAnswer`, for kind 0.
    #[n(2)]
    pub answer: Bytes,
    /// The answer's address in the file, for kind 0; zeros otherwise.
    #[n(3)]
    pub token: ByteArray<16>,
}

impl Reply {
    /// The reply without an answer.
    #[must_use]
    pub fn empty(kind: u8, wait_minutes: u32) -> Self {
        Self {
            kind,
            wait_minutes,
            answer: Vec::new().into(),
            token: [0; 16].into(),
        }
    }

    /// The padded frame: `len u16 BE ‖ CBOR ‖ zeros`, or `None` when it does not fit.
    #[must_use]
    pub fn frame(&self) -> Option<Vec<u8>> {
        let body = encode(self);
        let length = u16::try_from(body.len()).ok()?;
        let mut frame = length.to_be_bytes().to_vec();
        frame.extend_from_slice(&body);
        (frame.len() <= REPLY_BYTES).then(|| {
            frame.resize(REPLY_BYTES, 0);
            frame
        })
    }

    /// Reads a padded frame.
    ///
    /// # Errors
    /// [`EnvelopeError::Payload`] when the frame is not one.
    pub fn from_frame(frame: &[u8]) -> Result<Self, EnvelopeError> {
        let bad = || EnvelopeError::Payload("not a reply frame".to_owned());
        let head: [u8; 2] = frame
            .get(..2)
            .and_then(|h| h.try_into().ok())
            .ok_or_else(bad)?;
        let body = frame
            .get(2..2 + usize::from(u16::from_be_bytes(head)))
            .ok_or_else(bad)?;
        decode(body)
    }
}
