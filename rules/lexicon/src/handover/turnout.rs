//! The hour's turnout of a station that has no internet: a message short enough for an SMS, a QR or a telephone.
//!
//! Two forms of one statement. The **text** carries the kit's ES256 signature and is what a gateway or a QR brings.
//! The **digits** are read aloud: 24 of them in groups of four, with a check (ISO/IEC 7064, MOD 97-10) against slips
//! of tongue and ear, and seven digits of a MAC whose key only the kit and the turnout desk can work out. Strength and
//! layout: docs/formats.md §11.

use minicbor::{Decode, Encode};
use ring::hmac;

use super::envelope::{
    DocumentType, EnvelopeError, Kid, PublicKey, SignError, Signer, Subject, Verifier, encode,
    signed_bytes1,
};
use super::package::{KeyAgreement, hkdf_32};

/// What every text begins with: suite and kind.
const MARK: &str = "KG1T";
/// Characters of a signature in the text: 64 bytes in base64url without padding.
const SIGNATURE_CHARS: usize = 86;
/// Digits of the dictated form.
pub const DIGITS: usize = 24;
/// Digits of a group.
pub const GROUP: usize = 4;
/// Kits whose number fits the dictated form; above it the own count of kit `n` is `50 + n`.
const DICTATED_KITS_MAX: u8 = 49;
const OWN_FROM: u8 = 50;
/// Authenticators run from 1 to this; 0 says that the kit knows no desk.
const AUTHENTICATORS: u64 = 9_999_999;

/// Whose check-ins a count holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// All kits of the precinct: the kit held every event of those at work.
    Precinct,
    /// The signing kit's own: it was not in touch with all others.
    Kit,
}

impl Scope {
    /// The number in the payload: 1 precinct, 2 kit.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Scope::Precinct => 1,
            Scope::Kit => 2,
        }
    }

    /// The scope with this number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        [Scope::Precinct, Scope::Kit]
            .into_iter()
            .find(|scope| scope.number() == number)
    }

    fn letter(self) -> &'static str {
        match self {
            Scope::Precinct => "P",
            Scope::Kit => "K",
        }
    }
}

/// How many distinct voters were checked in by a full hour, as one kit knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HourTurnout {
    /// Election number.
    pub election: u32,
    /// Precinct number.
    pub precinct: u16,
    /// The kit's place in the package's manifest, from 1.
    pub kit: u8,
    /// Whose check-ins are counted.
    pub scope: Scope,
    /// Full hours since local midnight of the opening day, 1 to 99: 10 is "by 10:00", 34 "by 10:00 of the next day".
    pub hour: u8,
    /// 1 for the kit's first statement about the hour and scope, 2 and more when it corrects itself; at most 99.
    pub number: u8,
    /// Distinct voters whose counted check-in is stamped before the hour; at most 99,999.
    pub count: u32,
}

#[derive(Encode, Decode)]
#[cbor(array)]
struct Payload {
    #[n(0)]
    version: u8,
    #[n(1)]
    election: u32,
    #[n(2)]
    precinct: u16,
    #[n(3)]
    kit: u8,
    #[n(4)]
    scope: u8,
    #[n(5)]
    hour: u8,
    #[n(6)]
    number: u8,
    #[n(7)]
    count: u32,
}

/// Why what was typed or sent is no such message: whoever typed it looks at the named place again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Neither a text of this kind nor digits.
    #[error("this is no turnout message")]
    NoMessage,
    /// The dictated form has another number of digits.
    #[error("{got} digits were given, {DIGITS} are needed")]
    Digits {
        /// Digits found.
        got: usize,
    },
    /// The check does not fit: at least one digit is wrong.
    #[error("the check of the digits does not fit")]
    Check,
    /// A field holds what cannot be.
    #[error("the field {0} holds what cannot be")]
    Field(&'static str),
    /// The text names another election.
    #[error("the message is of election {found}")]
    Election {
        /// Which.
        found: u32,
    },
    /// The signature is cut short or changed in length.
    #[error("the signature is not whole")]
    Signature,
}

/// A message as it came in; nothing of it is believed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// From an SMS or a QR, with the kit's signature.
    Text {
        /// What it says.
        said: HourTurnout,
        /// ES256, r ‖ s.
        signature: [u8; 64],
    },
    /// Read aloud.
    Digits(Dictated),
}

/// The dictated form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dictated {
    /// What it says.
    pub said: HourTurnout,
    /// Seven digits of the MAC; none when the kit knows no desk.
    pub authenticator: Option<u32>,
}

/// The secret that one kit shares with the turnout desk: never sent, worked out by both from their keys.
pub struct DeskKey([u8; 32]);

impl std::fmt::Debug for DeskKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeskKey(sealed)")
    }
}

impl DeskKey {
    /// Works the secret out of one's own private and the other side's public key: static ECDH, then HKDF-SHA-256.
    ///
    /// # Errors
    /// [`SignError`] when the device refuses or the other key is no point.
    pub fn agree(
        mine: &dyn KeyAgreement,
        theirs: &PublicKey,
        election: u32,
    ) -> Result<Self, SignError> {
        let mut info = b"kg1/hour-desk".to_vec();
        info.extend_from_slice(&election.to_be_bytes());
        Ok(Self(hkdf_32(&[], &mine.agree(theirs)?, &info)))
    }

    fn authenticator(&self, said: &HourTurnout) -> u32 {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0);
        let tag = hmac::sign(&key, &said.payload());
        let mut first = [0u8; 8];
        first.copy_from_slice(&tag.as_ref()[..8]);
        let number = u64::from_be_bytes(first) % AUTHENTICATORS + 1;
        u32::try_from(number).expect("at most seven digits")
    }

    /// Whether the digits were made with this secret. A forger's chance is 1 in 9,999,999 for each try.
    #[must_use]
    pub fn vouches_for(&self, dictated: &Dictated) -> bool {
        dictated.authenticator == Some(self.authenticator(&dictated.said))
    }
}

impl HourTurnout {
    fn payload(&self) -> Vec<u8> {
        encode(&Payload {
            version: 0,
            election: self.election,
            precinct: self.precinct,
            kit: self.kit,
            scope: self.scope.number(),
            hour: self.hour,
            number: self.number,
            count: self.count,
        })
    }

    fn subject(&self) -> Subject {
        Subject {
            kind: DocumentType::HourTurnout,
            election: self.election,
        }
    }

    /// Whether the numbers fit what the message can hold.
    ///
    /// # Errors
    /// [`ReadError::Field`] names the first that does not.
    pub fn fits(&self) -> Result<(), ReadError> {
        let fields = [
            ("precinct", (1..=9_999).contains(&self.precinct)),
            ("kit", (1..=99).contains(&self.kit)),
            ("hour", (1..=99).contains(&self.hour)),
            ("number", (1..=99).contains(&self.number)),
            ("count", self.count <= 99_999),
        ];
        match fields.iter().find(|(_, is_good)| !is_good) {
            Some((field, _)) => Err(ReadError::Field(field)),
            None => Ok(()),
        }
    }

    /// Signs by the kit's key: the signature of a `COSE_Sign1` of type `hour-turnout`.
    ///
    /// # Errors
    /// [`SignError`] from the device.
    pub fn sign(&self, kit: &dyn Signer) -> Result<[u8; 64], SignError> {
        kit.sign(&signed_bytes1(self.subject(), kit.kid(), &self.payload()))
    }

    /// Checks a kit's signature.
    ///
    /// # Errors
    /// [`EnvelopeError`] when the key is not known or the signature does not fit.
    pub fn verify(
        &self,
        kit: Kid,
        signature: &[u8; 64],
        verifier: &dyn Verifier,
    ) -> Result<(), EnvelopeError> {
        let message = signed_bytes1(self.subject(), kit, &self.payload());
        verifier.verify(kit, &message, signature)
    }

    /// The text of an SMS or a QR: at most 130 characters, all of them in the GSM alphabet.
    #[must_use]
    pub fn text(&self, signature: &[u8; 64]) -> String {
        format!(
            "{MARK}.{}.{:04}.{}.{}.{}.{}.{}.{}",
            self.election,
            self.precinct,
            self.kit,
            self.scope.letter(),
            self.hour,
            self.number,
            self.count,
            base64url(signature)
        )
    }

    /// The 24 digits to read aloud, without spaces; none when the kit's number is above 49.
    #[must_use]
    pub fn digits(&self, desk: Option<&DeskKey>) -> Option<String> {
        if self.kit > DICTATED_KITS_MAX || self.fits().is_err() {
            return None;
        }
        let kit = match self.scope {
            Scope::Precinct => self.kit,
            Scope::Kit => OWN_FROM + self.kit,
        };
        let authenticator = desk.map_or(0, |desk| desk.authenticator(self));
        let said = format!(
            "{:04}{:02}{:02}{kit:02}{:05}{authenticator:07}",
            self.precinct, self.hour, self.number, self.count
        );
        // ISO/IEC 7064, MOD 97-10: the whole number leaves the rest 1.
        let check = 98 - remainder(&format!("{said}00"));
        Some(format!("{said}{check:02}"))
    }
}

/// Digits in groups of four, as they are read aloud.
#[must_use]
pub fn grouped(digits: &str) -> Vec<&str> {
    (0..digits.len())
        .step_by(GROUP)
        .filter_map(|at| digits.get(at..(at + GROUP).min(digits.len())))
        .collect()
}

/// The rest of a number of any length by 97.
fn remainder(digits: &str) -> u32 {
    digits
        .bytes()
        .fold(0, |rest, digit| (rest * 10 + u32::from(digit - b'0')) % 97)
}

/// Reads a message in either form: a text as sent, or digits with any spaces and dashes.
///
/// # Errors
/// [`ReadError`] says what does not fit; nothing of the message may be used.
pub fn read(text: &str, election: u32) -> Result<Written, ReadError> {
    let bare: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '\u{feff}')
        .collect();
    if bare.starts_with(MARK) {
        return read_text(&bare, election);
    }
    let digits: String = bare
        .chars()
        .filter(|c| !matches!(c, '-' | '–' | '·' | ','))
        .collect();
    if digits.is_empty() || !digits.bytes().all(|c| c.is_ascii_digit()) {
        return Err(ReadError::NoMessage);
    }
    read_digits(&digits, election).map(Written::Digits)
}

fn read_text(bare: &str, election: u32) -> Result<Written, ReadError> {
    let fields: Vec<&str> = bare.split('.').collect();
    let [_, of, precinct, kit, scope, hour, number, count, signature] = fields[..] else {
        return Err(ReadError::NoMessage);
    };
    let found = whole(of, "election")?;
    if found != election {
        return Err(ReadError::Election { found });
    }
    let said = HourTurnout {
        election,
        precinct: whole(precinct, "precinct")?,
        kit: whole(kit, "kit")?,
        scope: match scope {
            "P" => Scope::Precinct,
            "K" => Scope::Kit,
            _ => return Err(ReadError::Field("scope")),
        },
        hour: whole(hour, "hour")?,
        number: whole(number, "number")?,
        count: whole(count, "count")?,
    };
    said.fits()?;
    let signature = base64url_read(signature).ok_or(ReadError::Signature)?;
    // One message has one text: leading zeros and signs would make a second.
    if said.text(&signature) != bare {
        return Err(ReadError::NoMessage);
    }
    Ok(Written::Text { said, signature })
}

fn whole<T: std::str::FromStr>(digits: &str, field: &'static str) -> Result<T, ReadError> {
    if digits.is_empty() || !digits.bytes().all(|c| c.is_ascii_digit()) {
        return Err(ReadError::Field(field));
    }
    digits.parse().map_err(|_| ReadError::Field(field))
}

fn read_digits(digits: &str, election: u32) -> Result<Dictated, ReadError> {
    if digits.len() != DIGITS {
        return Err(ReadError::Digits { got: digits.len() });
    }
    if remainder(digits) != 1 {
        return Err(ReadError::Check);
    }
    let kit: u8 = whole(&digits[8..10], "kit")?;
    let (scope, kit) = if kit > OWN_FROM {
        (Scope::Kit, kit - OWN_FROM)
    } else {
        (Scope::Precinct, kit)
    };
    let said = HourTurnout {
        election,
        precinct: whole(&digits[0..4], "precinct")?,
        kit,
        scope,
        hour: whole(&digits[4..6], "hour")?,
        number: whole(&digits[6..8], "number")?,
        count: whole(&digits[10..15], "count")?,
    };
    if kit > DICTATED_KITS_MAX {
        return Err(ReadError::Field("kit"));
    }
    said.fits()?;
    let authenticator: u32 = whole(&digits[15..22], "authenticator")?;
    Ok(Dictated {
        said,
        authenticator: (authenticator > 0).then_some(authenticator),
    })
}

/// The groups, from 1, of which one alone may be wrong: with another four digits in its place check and authenticator
/// fit. Empty when several are wrong or nobody can vouch for the digits.
///
/// The right digits are never shown: whoever dictates reads the group again. `vouch` works the desk's secret out.
/// Cost: 60,000 sums; `vouch` is asked about one in 97.
#[must_use]
pub fn doubtful_groups(text: &str, election: u32, vouch: &dyn Fn(&Dictated) -> bool) -> Vec<usize> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if digits.len() != DIGITS {
        return Vec::new();
    }
    let fits = |at: usize| {
        let (before, after) = (&digits[..at], &digits[at + GROUP..]);
        (0..10_000u32).any(|four| {
            let tried = format!("{before}{four:04}{after}");
            read_digits(&tried, election).is_ok_and(|dictated| vouch(&dictated))
        })
    };
    (0..DIGITS / GROUP)
        .filter(|group| fits(group * GROUP))
        .map(|group| group + 1)
        .collect()
}

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// RFC 4648 §5 without padding.
fn base64url(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let mut bits = 0u32;
        for at in 0..3 {
            bits = bits << 8 | u32::from(three.get(at).copied().unwrap_or(0));
        }
        for at in 0..=three.len() {
            let letter = bits >> (18 - 6 * at) & 63;
            text.push(char::from(LETTERS[letter as usize]));
        }
    }
    text
}

/// A signature from its text; none when a letter is none or the length differs. Spare bits are caught by the caller,
/// who writes the text again.
fn base64url_read(text: &str) -> Option<[u8; 64]> {
    if text.len() != SIGNATURE_CHARS {
        return None;
    }
    let mut bytes = Vec::with_capacity(66);
    let (mut bits, mut held) = (0u32, 0);
    for letter in text.bytes() {
        let value = LETTERS.iter().position(|known| *known == letter)?;
        bits = bits << 6 | u32::try_from(value).ok()?;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 255).ok()?);
        }
    }
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests;
