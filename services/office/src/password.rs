//! Passwords: Argon2id, kept as PHC text.
//!
//! Source: SECURITY design §2, 64 MiB, three passes, one lane: 0.2 CPU-s. Letters of other
//! keyboards count as they are; nothing is trimmed but the line's end.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};

/// Fewest characters of a password (NIST SP 800-63B: length is what counts).
pub const CHARACTERS_MIN: usize = 12;
/// Most bytes of a password: a longer one is refused before it is hashed.
pub const BYTES_MAX: usize = 256;

/// Why a password was refused when an account was made: the administrator chooses another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too short.
    #[error("a password has at least {CHARACTERS_MIN} characters")]
    TooShort,
    /// Too long.
    #[error("a password has at most {BYTES_MAX} bytes")]
    TooLong,
    /// The hash could not be made: an engineer looks at the machine's memory.
    #[error("the password could not be hashed")]
    Hash,
}

fn argon2() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(64 * 1024, 3, 1, None).map_err(|_| PasswordError::Hash)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes a password for the store; `salt` is random.
///
/// # Errors
/// [`PasswordError`].
pub fn hash(password: &str, salt: &[u8; 16]) -> Result<String, PasswordError> {
    if password.chars().count() < CHARACTERS_MIN {
        return Err(PasswordError::TooShort);
    }
    if password.len() > BYTES_MAX {
        return Err(PasswordError::TooLong);
    }
    argon2()?
        .hash_password_with_salt(password.as_bytes(), salt)
        .map(|hash| hash.to_string())
        .map_err(|_| PasswordError::Hash)
}

/// Whether a password is the one behind a PHC text; false for a text that is none.
#[must_use]
pub fn verify(password: &str, kept: &str) -> bool {
    if password.len() > BYTES_MAX {
        return false;
    }
    let (Ok(argon2), Ok(hash)) = (argon2(), PasswordHash::new(kept)) else {
        return false;
    };
    argon2.verify_password(password.as_bytes(), &hash).is_ok()
}

/// Spends the time that a check takes, for an account that is not there.
pub fn spend() {
    let spent = argon2()
        .ok()
        .and_then(|a| a.hash_password_with_salt(b"nobody's", &[0x5a; 16]).ok());
    std::hint::black_box(spent.is_some());
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    use super::*;

    #[test]
    fn only_the_same_password_is_accepted() {
        let kept = hash("таза суу агат 7", &[7; 16]).unwrap();
        assert!(
            kept.starts_with("$argon2id$v=19$m=65536,t=3,p=1$"),
            "{kept}"
        );
        assert!(verify("таза суу агат 7", &kept));
        assert!(!verify("таза суу агат 8", &kept));
        assert!(!verify("", &kept));
        assert!(!verify("таза суу агат 7", "plain text"));
        assert_eq!(hash("short", &[7; 16]), Err(PasswordError::TooShort));
        assert_eq!(
            hash(&"x".repeat(BYTES_MAX + 1), &[7; 16]),
            Err(PasswordError::TooLong)
        );
    }
}
