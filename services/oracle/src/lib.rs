//! The one process that holds the look-up key.
//!
//! What is here: [`Oracle`], which answers a [`Question`] from a sealed look-up file within
//! budgets ([`budget`]), and [`serve`], which does so on a local socket.
//!
//! What is deliberately not here: HTTP, the network, any page, any table of people. A stolen
//! look-up file is noise without the key; the key alone answers nothing without PIN and document.

pub mod budget;
mod socket;

pub use socket::{ServeError, serve};

use lexicon::Instant;
use lexicon::handover::envelope::encode;
use lexicon::handover::lookup::{LookupError, LookupFile, LookupKey};
use lexicon::handover::question::{Question, Reply};

use budget::{Budget, Limits, Verdict};

/// Answers questions about one release.
pub struct Oracle {
    key: LookupKey,
    file: Vec<u8>,
    budget: Budget,
    /// A question that no person has; a refused question does the same work on it.
    decoy: Question,
}

/// Why an oracle could not start: the engineer acts.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The look-up file is malformed.
    #[error("look-up file: {0}")]
    File(#[from] LookupError),
}

impl Oracle {
    /// Takes the look-up file, the key and the limits.
    ///
    /// `file` is `publication/lookup.bin`; its order is checked once here.
    ///
    /// # Errors
    /// [`StartError::File`] when the file is malformed or out of order.
    pub fn new(file: Vec<u8>, key: &[u8; 32], limits: Limits) -> Result<Self, StartError> {
        LookupFile::parse(&file)?.check_order()?;
        let decoy = Question {
            pin: "0".repeat(14),
            document: "XX0000000".to_owned(),
        };
        let subject_key = ring::hmac::sign(
            &ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key),
            b"kg1/budget",
        );
        let mut seed = [0u8; 32];
        seed.copy_from_slice(subject_key.as_ref());
        Ok(Self {
            key: LookupKey::new(key),
            file,
            budget: Budget::new(limits, &seed),
            decoy,
        })
    }

    /// Answers one question at a moment.
    ///
    /// A miss, a wrong document and a refused question cost the same token, search and
    /// decryption as a hit, and their replies have one size.
    pub fn answer(&mut self, question: &Question, now: Instant) -> Reply {
        let verdict = self.budget.ask(&question.pin, now);
        let asked = match verdict {
            Verdict::Allowed => question,
            Verdict::Wait { .. } => &self.decoy,
        };
        let Ok(file) = LookupFile::parse(&self.file) else {
            return Reply::empty(3, 0);
        };
        let token = self
            .key
            .token(file.scope.election, &asked.pin, &asked.document);
        let found = file.find(&token);
        if let Verdict::Wait { minutes } = verdict {
            return Reply::empty(2, minutes);
        }
        match found {
            Ok(Some(answer)) => {
                self.budget.succeeded(&question.pin);
                Reply {
                    kind: 0,
                    wait_minutes: 0,
                    answer: encode(&answer).into(),
                    token: token.address().into(),
                }
            }
            Ok(None) => {
                self.budget.failed(&question.pin, now);
                // Does the decryption's work that a hit does.
                let blank = [0u8; 512];
                let _ = ring::digest::digest(&ring::digest::SHA256, &blank);
                Reply::empty(1, 0)
            }
            Err(_) => Reply::empty(3, 0),
        }
    }
}

#[cfg(test)]
mod tests;
