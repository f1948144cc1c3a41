//! The receipt that a voter hands in at the ballot table: real, of this place, not void, not seen before (S-12).

use lexicon::handover::envelope::{EnvelopeError, decode, peek1};
use lexicon::handover::event::{Event, event_subject};
use lexicon::{Instant, RefusalReason};
use pollbook::{Act, Rejection, identified};

use super::{ActError, Kit};

/// What the kit says of a receipt. Only [`ReceiptAnswer::Good`] is exchanged for a ballot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReceiptAnswer {
    /// Signed by a kit of this precinct, its act counts or is not known here yet, not seen before.
    Good {
        /// Line on the paper list.
        line: u32,
        /// `K2-0139`.
        receipt: String,
    },
    /// The same receipt was taken at a table of the hall before, or another act of the line counts.
    AlreadyUsed {
        /// When it was taken.
        at: Option<Instant>,
    },
    /// Changed after it was signed.
    BadSignature,
    /// Signed by no kit of this precinct.
    UnknownKey,
    /// Of another precinct.
    WrongPrecinct {
        /// Which.
        precinct: u16,
    },
    /// Of another election.
    WrongElection,
    /// Its act was undone, or the paper was declared void.
    Void,
    /// No receipt at all.
    Unreadable,
}

impl ReceiptAnswer {
    /// The answer as a code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            ReceiptAnswer::Good { .. } => "GOOD",
            ReceiptAnswer::AlreadyUsed { .. } => "ALREADY_USED",
            ReceiptAnswer::BadSignature => "BAD_SIG",
            ReceiptAnswer::UnknownKey => "UNKNOWN_KEY",
            ReceiptAnswer::WrongPrecinct { .. } => "WRONG_PRECINCT",
            ReceiptAnswer::WrongElection => "WRONG_ELECTION",
            ReceiptAnswer::Void => "VOID",
            ReceiptAnswer::Unreadable => "UNREADABLE",
        }
    }
}

impl Kit {
    /// Looks at a receipt that is handed in for a ballot: the text of its QR. A good one is taken: SLIP_TAKEN is on disk
    /// before it is called good, and goes to the other kits, so that a copy of it is good at no table that hears of it.
    ///
    /// Cost: one signature check, one synced event; the answer waits for no network.
    ///
    /// # Errors
    /// [`ActError::Storage`] when it could not be written, [`ActError::Refused`] when this kit must not write; then it is
    /// not good.
    pub fn take_receipt(&self, qr: &str) -> Result<ReceiptAnswer, ActError> {
        let answer = self.look_at_receipt(qr)?;
        if !matches!(answer, ReceiptAnswer::Good { .. }) {
            tracing::warn!(code = answer.code(), "a receipt was not taken");
        }
        Ok(answer)
    }

    /// Reads a slip's QR: a signed act of this precinct and election that is not void, or why not (S-12).
    pub(super) fn read_slip(&self, qr: &str) -> Result<Act, ReceiptAnswer> {
        let manifest = self.charter.manifest();
        let subject = event_subject(manifest.election);
        let signed = base45::decode(qr.trim()).ok();
        // Election and precinct are read before the signature: it holds for its own election alone.
        let peeked = signed.and_then(|signed| {
            let (_, payload) = peek1(subject, &signed).ok()?;
            let event: Event = decode(&payload).ok()?;
            Some((signed, event))
        });
        let Some((signed, event)) = peeked else {
            return Err(ReceiptAnswer::Unreadable);
        };
        if event.election != manifest.election {
            return Err(ReceiptAnswer::WrongElection);
        }
        if event.precinct != manifest.precinct {
            return Err(ReceiptAnswer::WrongPrecinct {
                precinct: event.precinct,
            });
        }
        let act = match self.read(|book| book.admit(&signed, &self.ring)) {
            Ok(act) => act,
            Err(
                Rejection::Envelope(EnvelopeError::UnknownKey(_))
                | Rejection::UnknownKit(_)
                | Rejection::ForeignKit { .. },
            ) => return Err(ReceiptAnswer::UnknownKey),
            Err(Rejection::Envelope(EnvelopeError::BadSignature(_))) => {
                return Err(ReceiptAnswer::BadSignature);
            }
            Err(error) => {
                tracing::warn!(%error, "a signed event that is no receipt");
                return Err(ReceiptAnswer::Unreadable);
            }
        };
        let line = identified(&act).ok_or(ReceiptAnswer::Unreadable)?.line;
        let is_void = self.read(|book| {
            let undone = &book.state(line).undone;
            undone.iter().any(|undone| undone.name == act.name) || book.is_void(&act)
        });
        if is_void {
            Err(ReceiptAnswer::Void)
        } else {
            Ok(act)
        }
    }

    fn look_at_receipt(&self, qr: &str) -> Result<ReceiptAnswer, ActError> {
        let act = match self.read_slip(qr) {
            Ok(act) => act,
            Err(answer) => return Ok(answer),
        };
        let line = act.body.line();
        let is_other = self.read(|book| {
            let state = book.state(line);
            // Whoever was served on paper while no kit worked has a ballot, whichever act counts.
            if state.on_paper().is_some() {
                return true;
            }
            let counted = state.counted.as_ref();
            counted.is_some_and(|counted| counted.name != act.name)
        });
        if is_other {
            return Ok(ReceiptAnswer::AlreadyUsed { at: None });
        }
        let mut desk = self.desk();
        let draft = match desk.book.take_slip(&act, self.clock.read()) {
            Ok(draft) => draft,
            Err(refusal) if refusal.reason == RefusalReason::BallotIssued => {
                let at = refusal.evidence.map(|before| before.hlc.moment());
                return Ok(ReceiptAnswer::AlreadyUsed { at });
            }
            Err(refusal) => return Err(self.refused(&refusal)),
        };
        self.commit(&mut desk, draft)?;
        drop(desk);
        self.push();
        Ok(ReceiptAnswer::Good {
            line,
            receipt: self.receipt_name(&act),
        })
    }
}
