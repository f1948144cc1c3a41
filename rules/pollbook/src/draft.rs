//! An act that was decided and not yet signed: it gathers consents, then the kit's signature.

use lexicon::Method;
use lexicon::handover::envelope::{self, Kid, SignError, Signer};
use lexicon::handover::event::{Event, EventRef, OfficerSignature, consent_subject, event_subject};
use lexicon::handover::folder::bytes;

use crate::act::{Body, consent};
use crate::book::Book;
use crate::charter::OfficersError;
use crate::clock::Hlc;

/// An unsigned event. Only one may be outstanding: its counter is the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "an act that is not signed and committed did not happen"]
pub struct Draft {
    election: u32,
    precinct: u16,
    kit: Kid,
    seq: u32,
    previous: [u8; 32],
    hlc: Hlc,
    root: [u8; 16],
    body: Body,
}

/// Why a draft did not become an event. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// The officers that signed may not sign this together.
    #[error(transparent)]
    Officers(#[from] OfficersError),
    /// A card or the kit's key failed.
    #[error(transparent)]
    Device(#[from] SignError),
}

impl Draft {
    pub(crate) fn new(book: &Book, hlc: Hlc, body: Body) -> Self {
        let head = book.head(book.me());
        let manifest = book.charter().manifest();
        Self {
            election: manifest.election,
            precinct: manifest.precinct,
            kit: book.me(),
            seq: head.seq + 1,
            previous: head.id.0,
            hlc,
            root: book.own_root_prefix(),
            body,
        }
    }

    /// The counter that the act will have.
    #[must_use]
    pub fn seq(&self) -> u32 {
        self.seq
    }

    /// What the act will say.
    #[must_use]
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// The same with the sealed picture of who stands there named: before anybody consents.
    pub fn naming_picture(mut self, sha256: [u8; 32]) -> Self {
        if let Body::Identified(body) = &mut self.body
            && body.method != Method::Finger.number()
        {
            body.picture = Some(sha256.into());
        }
        self
    }

    fn consent_payload(&self) -> Vec<u8> {
        let reference = EventRef {
            kit: self.kit.0.into(),
            seq: self.seq,
        };
        envelope::encode(&consent(self.precinct, reference, &self.body))
    }

    /// Has officers' cards sign the consent, in the given order.
    ///
    /// # Errors
    /// [`DraftError::Device`] from the first card that fails.
    pub fn consented(mut self, cards: &[&dyn Signer]) -> Result<Self, DraftError> {
        let payload = self.consent_payload();
        let subject = consent_subject(self.election);
        let signatures = cards
            .iter()
            .map(|card| {
                let message = envelope::signed_bytes1(subject, card.kid(), &payload);
                Ok(OfficerSignature {
                    kid: card.kid().0.into(),
                    signature: card.sign(&message)?.into(),
                })
            })
            .collect::<Result<Vec<_>, SignError>>()?;
        self.body.set_officers(signatures);
        Ok(self)
    }

    /// Signs the event with the kit's key; refuses when officers are needed and may not sign so.
    ///
    /// # Errors
    /// [`DraftError`]; the act did not happen.
    pub fn sign(self, book: &Book, kit: &dyn Signer) -> Result<Vec<u8>, DraftError> {
        if self.body.needs_officers() {
            let cards: Vec<Kid> = self
                .body
                .officers()
                .into_iter()
                .flatten()
                .map(|officer| Kid(*officer.kid))
                .collect();
            self.body.approved(book.charter(), &cards)?;
            book.are_in_force(&cards)?;
            book.is_glass_said(&self.body, &cards)?;
        }
        let event = Event {
            version: 0,
            election: self.election,
            precinct: self.precinct,
            kit: self.kit.0.into(),
            seq: self.seq,
            previous: self.previous.into(),
            hlc: self.hlc.0,
            root: self.root.into(),
            kind: self.body.kind(),
            body: bytes(&self.body.encode()),
        };
        Ok(envelope::sign1(
            event_subject(self.election),
            &envelope::encode(&event),
            kit,
        )?)
    }
}
