//! Signed messages between the kits of one precinct: heads, events, grants.

use lexicon::Instant;
use lexicon::handover::envelope::{
    self, DocumentType, EnvelopeError, Kid, SignError, Signer, Subject, Verifier,
};
use lexicon::handover::event::PeerHead;
use lexicon::handover::folder::{Bytes, bytes};
use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};

use crate::book::Book;
use crate::charter::Charter;

/// The most bytes of events in one message, so that the message fits its limit.
pub const EVENTS_BYTES_MAX: usize = 48 << 10;

/// A message's payload, question or answer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct KitMessage {
    /// Version, 0.
    #[n(1)]
    pub version: u8,
    /// Precinct number.
    #[n(2)]
    pub precinct: u16,
    /// The kit that signs.
    #[n(3)]
    pub from: ByteArray<8>,
    /// The kit that is meant.
    #[n(4)]
    pub to: ByteArray<8>,
    /// The question's number; its answer bears the same.
    #[n(5)]
    pub number: u64,
    /// The sender's wall clock, microseconds UTC.
    #[n(6)]
    pub sent: i64,
    /// Whether this is an answer.
    #[n(7)]
    pub answer: bool,
    /// The sender's heads, kit by kit.
    #[n(8)]
    pub heads: Vec<PeerHead>,
    /// Signed events that the receiver seems to lack.
    #[n(9)]
    pub events: Vec<Bytes>,
    /// A wish for a line of the receiver's share.
    #[n(10)]
    pub ask: Option<LineAsk>,
    /// Why the wish was refused: a `RefusalReason` code.
    #[n(11)]
    pub refusal: Option<String>,
}

/// A wish for a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct LineAsk {
    /// The line.
    #[n(0)]
    pub line: u32,
    /// The asker's request number.
    #[n(1)]
    pub request: u64,
}

/// Why a message was refused: it is dropped and counted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// No signed message of this election.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// Signed by a key that is no kit of this precinct, or named for another.
    #[error("the message is not from a kit of this precinct")]
    Stranger,
    /// Meant for another kit or precinct.
    #[error("the message is for another kit or precinct")]
    NotForMe,
    /// A version that this station does not know, or an answer to another question.
    #[error("the message is of another version or answers another question")]
    Unexpected,
}

fn subject(charter: &Charter) -> Subject {
    Subject {
        kind: DocumentType::KitMessage,
        election: charter.manifest().election,
    }
}

impl KitMessage {
    /// Signs the message.
    ///
    /// # Errors
    /// [`SignError`] from the kit's key.
    pub fn sign(&self, charter: &Charter, kit: &dyn Signer) -> Result<Vec<u8>, SignError> {
        envelope::sign1(subject(charter), &envelope::encode(self), kit)
    }

    /// Opens a message meant for `me`; nothing inside is parsed before the signature fits.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn open(
        charter: &Charter,
        me: Kid,
        signed: &[u8],
        verifier: &dyn Verifier,
    ) -> Result<Self, MessageError> {
        let opened = envelope::open1(subject(charter), signed, verifier)?;
        let signer = opened
            .signers
            .first()
            .copied()
            .ok_or(MessageError::Stranger)?;
        if charter.kit(signer).is_none() || signer == me {
            return Err(MessageError::Stranger);
        }
        let message: Self = envelope::decode(&opened.payload)?;
        if *message.from != signer.0 {
            return Err(MessageError::Stranger);
        }
        if *message.to != me.0 || message.precinct != charter.manifest().precinct {
            return Err(MessageError::NotForMe);
        }
        if message.version != 0 {
            return Err(MessageError::Unexpected);
        }
        Ok(message)
    }

    /// The sender.
    #[must_use]
    pub fn sender(&self) -> Kid {
        Kid(*self.from)
    }

    /// When it was sent, by the sender's clock.
    #[must_use]
    pub fn sent(&self) -> Instant {
        Instant::from_micros(self.sent)
    }

    /// How the sender sees a kit's journal.
    #[must_use]
    pub fn head_of(&self, kit: Kid) -> Option<&PeerHead> {
        self.heads.iter().find(|head| *head.kit == kit.0)
    }
}

impl Book {
    /// A message from this kit: its heads, and the events that `theirs` shows the peer to lack.
    #[must_use]
    pub fn message(&self, to: Kid, number: u64, theirs: &[PeerHead], now: Instant) -> KitMessage {
        let kits = self.charter().kits();
        let heads = kits
            .iter()
            .map(|kit| self.head(*kit))
            .map(|head| PeerHead {
                kit: head.kit.0.into(),
                seq: head.seq,
                head: head.id.0.into(),
            })
            .collect();
        let mut events: Vec<Bytes> = Vec::new();
        let mut room = EVENTS_BYTES_MAX;
        for kit in kits.iter().filter(|kit| **kit != to) {
            let known = theirs
                .iter()
                .find(|head| *head.kit == kit.0)
                .map_or(0, |head| head.seq);
            for act in self.events_after(*kit, known) {
                let Some(left) = room.checked_sub(act.signed.len() + 4) else {
                    break;
                };
                room = left;
                events.push(bytes(&act.signed));
            }
        }
        KitMessage {
            version: 0,
            precinct: self.charter().manifest().precinct,
            from: self.me().0.into(),
            to: to.0.into(),
            number,
            sent: now.micros(),
            answer: false,
            heads,
            events,
            ask: None,
            refusal: None,
        }
    }
}
