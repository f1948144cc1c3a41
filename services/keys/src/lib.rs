//! Keys that sign and agree, behind the traits of `lexicon`.
//!
//! What is here: [`KeyRing`], which checks signatures; [`FileKey`], a P-256 key in a file for
//! the demo and for training, which says so through [`FileKey::HOME`] on every screen; [`TokenKey`], one on
//! a card, token or HSM behind PKCS#11, with its [`TokenCounters`];
//! [`SystemClock`] and [`random`], the one door to the machine's clock and randomness.
//!
//! What is deliberately not here: which role a key has (`lexicon::handover::folder::Anchor`),
//! and any way to read the private half out of a key.
//!
//! ```
//! use keys::{FileKey, KeyRing};
//! use lexicon::handover::envelope::{DocumentType, Signer as _, Subject, open1, sign1};
//! let key = FileKey::from_seed(b"seed of the example", "chair");
//! let subject = Subject { kind: DocumentType::Consent, election: 20_151_004 };
//! let signed = sign1(subject, &[0x01], &key)?;
//! let ring = KeyRing::of([key.public_key()]);
//! assert_eq!(open1(subject, &signed, &ring)?.signers, vec![key.kid()]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod counter;
mod file;
mod ring_of_keys;
mod token;

pub use counter::{Counters, TokenCounters};
pub use file::{FileKey, KeyFileError, NoteKey};
pub use ring_of_keys::KeyRing;
pub use token::{TokenCard, TokenError, TokenKey, TokenModule};

use lexicon::{Clock, Instant};

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one door to the machine's clock"
    )]
    fn now(&self) -> Instant {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Instant::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

/// Bytes from the machine's random source.
///
/// # Panics
/// When the operating system has no randomness to give: nothing safe can go on.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one door to the machine's randomness"
)]
pub fn random<const N: usize>() -> [u8; N] {
    use ring::rand::SecureRandom as _;
    let mut bytes = [0u8; N];
    ring::rand::SystemRandom::new()
        .fill(&mut bytes)
        .expect("the operating system gives randomness");
    bytes
}
