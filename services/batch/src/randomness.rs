//! Randomness as an argument: one seed, a value for each name.

use lexicon::handover::release::SaltKey;
use ring::hmac;

/// Gives 32 bytes for each name; without the seed they cannot be told from random ones.
///
/// `HMAC-SHA-256(seed, name)`. In production the seed is fresh from the machine's random source and
/// destroyed after the run; in the demo it follows from the demo's seed. One name is asked once.
pub struct Randomness(hmac::Key);

impl std::fmt::Debug for Randomness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Randomness(sealed)")
    }
}

impl Randomness {
    /// Takes 32 random bytes.
    #[must_use]
    pub fn new(seed: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, seed))
    }

    /// The value of a name.
    #[must_use]
    pub fn draw(&self, name: &str) -> [u8; 32] {
        let mut value = [0u8; 32];
        value.copy_from_slice(hmac::sign(&self.0, name.as_bytes()).as_ref());
        value
    }

    /// Salts of a release.
    #[must_use]
    pub fn salt_key(&self, release: u32) -> SaltKey {
        SaltKey::new(&self.draw(&format!("salt/{release}")))
    }
}
