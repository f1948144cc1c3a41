//! Officers' cards: tokens behind PKCS#11, and files for the demo and for training, of which every screen says so.
//!
//! A card file holds no key. The key is worked out from the passphrase and the file's salt
//! (PBKDF2-HMAC-SHA-256), so a stolen file signs nothing, and a wrong passphrase gives another key,
//! which is noticed by its id. A token is found by the key that it shows; its holder's PIN opens it.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Mutex;

use keys::{FileKey, TokenError, TokenModule};
use lexicon::handover::envelope::{Kid, Signer as _, hex, unhex};
use ring::pbkdf2;
use serde::{Deserialize, Serialize};

use crate::kit::Card;

/// Rounds of PBKDF2; about 60 ms.
const ROUNDS: u32 = 200_000;

/// Wrong passphrases before a card must wait.
const TRIES: u32 = 5;

/// A card file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardFile {
    /// The holder as on reports.
    pub holder: String,
    /// `chair`, `secretary`, `member`.
    pub role: String,
    /// Nominating body.
    pub body: String,
    /// The key's id, 16 hexadecimal digits.
    pub kid: String,
    /// Salt, 32 hexadecimal digits.
    pub salt: String,
    /// Rounds of PBKDF2.
    pub rounds: u32,
}

/// Why a card did not unlock: its holder acts.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    /// The file could not be read.
    #[error("card file {path}: {why}")]
    File {
        /// Which file.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// Another passphrase.
    #[error("the passphrase is wrong; {left} tries are left")]
    Passphrase {
        /// Tries before a pause.
        left: u32,
    },
    /// Too many wrong passphrases.
    #[error("too many wrong passphrases: wait {seconds} s")]
    Wait {
        /// Seconds.
        seconds: u64,
    },
    /// A token, or the library that talks to it.
    #[error(transparent)]
    Token(TokenError),
    /// No such card in the configuration.
    #[error("there is no card {0} in this kit's configuration")]
    Unknown(String),
}

/// The holder's particulars, before a card is made.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The holder as on reports.
    pub name: String,
    /// `chair`, `secretary`, `member`.
    pub role: String,
    /// Nominating body.
    pub body: String,
}

fn derive(salt: &[u8], rounds: u32, passphrase: &str) -> FileKey {
    let mut seed = [0u8; 32];
    let rounds = NonZeroU32::new(rounds).unwrap_or(NonZeroU32::MIN);
    pbkdf2::derive(
        pbkdf2::PBKDF2_HMAC_SHA256,
        rounds,
        salt,
        passphrase.as_bytes(),
        &mut seed,
    );
    FileKey::from_seed(&seed, "officer card")
}

impl CardFile {
    /// Makes a card: the file, and the key whose public half goes into the manifest.
    #[must_use]
    pub fn issue(holder: &Holder, salt: &[u8; 16], passphrase: &str) -> (Self, FileKey) {
        let key = derive(salt, ROUNDS, passphrase);
        let card = Self {
            holder: holder.name.clone(),
            role: holder.role.clone(),
            body: holder.body.clone(),
            kid: key.kid().hex(),
            salt: hex(salt),
            rounds: ROUNDS,
        };
        (card, key)
    }

    /// Reads a card file.
    ///
    /// # Errors
    /// [`CardError::File`].
    pub fn read(path: &Path) -> Result<Self, CardError> {
        let wrong = |why: String| CardError::File {
            path: path.display().to_string(),
            why,
        };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        toml::from_str(&text).map_err(|error| wrong(error.message().to_owned()))
    }

    /// Writes the card file.
    ///
    /// # Errors
    /// [`CardError::File`].
    pub fn write(&self, path: &Path) -> Result<(), CardError> {
        let wrong = |why: String| CardError::File {
            path: path.display().to_string(),
            why,
        };
        let text = toml::to_string(self).map_err(|error| wrong(error.to_string()))?;
        std::fs::write(path, text).map_err(|error| wrong(error.to_string()))
    }
}

/// A card that can be chosen on a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownCard {
    /// The key's id, 16 hexadecimal digits.
    pub kid: String,
    /// The holder as on reports; a token of nobody here shows its label.
    pub holder: String,
    /// Nominating body.
    pub body: String,
}

/// The cards that a kit may be shown, with their count of wrong passphrases.
#[derive(Debug, Default)]
pub struct CardBox {
    cards: Vec<CardFile>,
    tokens: Option<TokenModule>,
    /// The precinct's officers, as the manifest names them: key, name, body.
    officers: Vec<(Kid, String, String)>,
    /// By card: wrong passphrases in a row, and the steady time before which none is tried.
    wrong: Mutex<BTreeMap<String, (u32, u64)>>,
}

impl CardBox {
    /// A box of these cards.
    #[must_use]
    pub fn new(cards: Vec<CardFile>) -> Self {
        Self {
            cards,
            tokens: None,
            officers: Vec::new(),
            wrong: Mutex::new(BTreeMap::new()),
        }
    }

    /// Takes tokens as well; `officers` are the precinct's: key, name, body.
    #[must_use]
    pub fn with_tokens(self, tokens: TokenModule, officers: Vec<(Kid, String, String)>) -> Self {
        Self {
            tokens: Some(tokens),
            officers,
            ..self
        }
    }

    /// Whether some cards are files: screens say so.
    #[must_use]
    pub fn has_files(&self) -> bool {
        !self.cards.is_empty()
    }

    /// The cards to choose from: files, then the officers' tokens that are connected now.
    #[must_use]
    pub fn cards(&self) -> Vec<KnownCard> {
        let files = self.cards.iter().map(|card| KnownCard {
            kid: card.kid.clone(),
            holder: card.holder.clone(),
            body: card.body.clone(),
        });
        let connected = self.tokens.as_ref().map(TokenModule::cards);
        let connected = match connected {
            None => Vec::new(),
            Some(Ok(connected)) => connected,
            Some(Err(error)) => {
                tracing::warn!(%error, "tokens are not listed");
                Vec::new()
            }
        };
        let tokens = connected.into_iter().filter_map(|token| {
            let kid = token.public.kid();
            let (_, holder, body) = self.officers.iter().find(|(known, ..)| *known == kid)?;
            Some(KnownCard {
                kid: kid.hex(),
                holder: holder.clone(),
                body: body.clone(),
            })
        });
        files.chain(tokens).collect()
    }

    /// Unlocks a card by its id, with its passphrase or PIN. After five wrong passphrases each next try waits twice as long.
    ///
    /// # Errors
    /// [`CardError`]; the holder is told what to do.
    pub fn unlock(
        &self,
        kid: &str,
        passphrase: &str,
        steady_micros: u64,
    ) -> Result<Box<dyn Card>, CardError> {
        let file = self.cards.iter().find(|card| card.kid == kid);
        let officer = self.officers.iter().find(|(known, ..)| known.hex() == kid);
        if file.is_none() && (officer.is_none() || self.tokens.is_none()) {
            return Err(CardError::Unknown(kid.to_owned()));
        }
        let mut wrong = self
            .wrong
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let (count, until) = wrong.get(kid).copied().unwrap_or_default();
        if steady_micros < until {
            return Err(CardError::Wait {
                seconds: (until - steady_micros).div_ceil(1_000_000),
            });
        }
        let key: Option<Box<dyn Card>> = match (file, &self.tokens, officer) {
            (Some(card), ..) => {
                let salt = unhex(&card.salt).unwrap_or_default();
                let key = derive(&salt, card.rounds, passphrase);
                (key.kid().hex() == card.kid).then(|| Box::new(key) as _)
            }
            (None, Some(tokens), Some((id, ..))) => match tokens.unlock(*id, passphrase) {
                Ok(key) => Some(Box::new(key)),
                Err(TokenError::Pin) => None,
                Err(error) => return Err(CardError::Token(error)),
            },
            (None, ..) => return Err(CardError::Unknown(kid.to_owned())),
        };
        if let Some(key) = key {
            wrong.remove(kid);
            return Ok(key);
        }
        let count = count + 1;
        let wait = match count.checked_sub(TRIES) {
            Some(over) => 30_000_000u64 << over.min(10),
            None => 0,
        };
        wrong.insert(kid.to_owned(), (count, steady_micros + wait));
        match TRIES.checked_sub(count) {
            Some(left) if left > 0 => Err(CardError::Passphrase { left }),
            Some(_) | None => Err(CardError::Wait {
                seconds: wait / 1_000_000,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    use super::*;

    #[test]
    fn only_the_right_passphrase_gives_the_key_and_guessing_slows_down() {
        let holder = Holder {
            name: "Бакиев Т. С.".to_owned(),
            role: "chair".to_owned(),
            body: "P".to_owned(),
        };
        let (mut card, _) = CardFile::issue(&holder, &[7; 16], "бүркүт 42");
        card.rounds = 10;
        card.kid = derive(&[7; 16], 10, "бүркүт 42").kid().hex();
        let kid = card.kid.clone();
        let cards = CardBox::new(vec![card]);
        for left in (1..5).rev() {
            let wrong = cards.unlock(&kid, "беркут", 0).err().unwrap();
            assert!(
                matches!(wrong, CardError::Passphrase { left: l } if l == left),
                "{wrong}"
            );
        }
        assert!(matches!(
            cards.unlock(&kid, "беркут", 0),
            Err(CardError::Wait { seconds: 30 })
        ));
        assert!(matches!(
            cards.unlock(&kid, "бүркүт 42", 1),
            Err(CardError::Wait { .. })
        ));
        assert_eq!(
            cards
                .unlock(&kid, "бүркүт 42", 31_000_000)
                .unwrap()
                .kid()
                .hex(),
            kid
        );
        assert!(matches!(
            cards.unlock("00", "x", 0),
            Err(CardError::Unknown(_))
        ));
    }
}
