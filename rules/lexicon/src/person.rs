//! Who a person is, and what is only claimed about them.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use ring::digest;
use uuid::Uuid;

use crate::Sealed;

/// A person in the register: opaque, never derived from a PIN, never printed.
///
/// A PIN, a name, a document and a fingerprint are claims about a `PersonId`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PersonId(Uuid);

impl PersonId {
    /// Derives the id of a record by its source and the source's own row id.
    ///
    /// The same source row gets the same id on every database: the first 16 bytes
    /// of SHA-256(`source` ‖ 0x1f ‖ `row`) as a version 8 UUID (RFC 9562 §5.8).
    #[must_use]
    pub fn of_source(source: &str, row: &str) -> Self {
        let mut text = Vec::with_capacity(source.len() + row.len() + 1);
        text.extend_from_slice(source.as_bytes());
        text.push(0x1f);
        text.extend_from_slice(row.as_bytes());
        let hash = digest::digest(&digest::SHA256, &text);
        let mut bytes = [0u8; 16];
        bytes.copy_from_slice(&hash.as_ref()[..16]);
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// Wraps a UUID read back from a store or a snapshot.
    #[must_use]
    pub fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The id as 16 bytes, in the order of its text form.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl FromStr for PersonId {
    type Err = ParsePersonError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(text)
            .map(Self)
            .map_err(|_| ParsePersonError::Id)
    }
}

/// Why a claim about a person could not be read. The message never quotes the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParsePersonError {
    /// The clerk gave something that is no person id.
    #[error("not a person id")]
    Id,
    /// The clerk typed fewer or more than 14 digits.
    #[error("a PIN has 14 digits, this has {got}")]
    PinLength {
        /// How many characters were given, spaces and dashes not counted.
        got: usize,
    },
    /// A character that is no digit stands in the PIN.
    #[error("a PIN holds digits only")]
    PinDigit,
    /// The first digit is neither 1 (female) nor 2 (male).
    #[error("the first digit of a PIN is 1 or 2")]
    PinSex,
    /// Digits 2 to 9 are no calendar date.
    #[error("digits 2 to 9 of a PIN are a birth date DDMMYYYY")]
    PinDate,
    /// The birth date within the PIN lies after the given day.
    #[error("the birth date in the PIN lies in the future")]
    PinFuture,
    /// A document number is two Latin letters and seven digits.
    #[error("a document number is two letters and seven digits")]
    Document,
    /// Sex is written `F` or `M`.
    #[error("sex is F or M")]
    Sex,
    /// A name needs a surname or a given name.
    #[error("a name needs a surname or a given name")]
    EmptyName,
}

/// Sex as the register and the PIN write it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Sex {
    /// Female, first PIN digit 1.
    Female,
    /// Male, first PIN digit 2.
    Male,
}

impl Sex {
    /// One letter: `F` or `M`.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Sex::Female => 'F',
            Sex::Male => 'M',
        }
    }
}

impl FromStr for Sex {
    type Err = ParsePersonError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "F" | "f" | "Ж" | "ж" => Ok(Sex::Female),
            "M" | "m" | "М" | "м" => Ok(Sex::Male),
            _ => Err(ParsePersonError::Sex),
        }
    }
}

/// A personal identification number: 14 digits, sex, DDMMYYYY, five-digit serial.
///
/// There is no check digit. The PIN is not the person: two people may hold one
/// PIN and one person two. Source: the registration service's numbering rule.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pin(u64);

impl Pin {
    /// Parses 14 digits; spaces, dashes and a Cyrillic О for zero are accepted.
    ///
    /// `today` bounds the birth date inside the number.
    ///
    /// # Errors
    /// A [`ParsePersonError`] naming the first rule that fails.
    pub fn parse(text: &str, today: Date) -> Result<Self, ParsePersonError> {
        let digits: Vec<char> = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-' && *c != '\u{2013}')
            .map(|c| {
                if matches!(c, 'О' | 'о' | 'O' | 'o') {
                    '0'
                } else {
                    c
                }
            })
            .collect();
        if digits.len() != 14 {
            return Err(ParsePersonError::PinLength { got: digits.len() });
        }
        let mut value = 0u64;
        for c in digits {
            let digit = c.to_digit(10).ok_or(ParsePersonError::PinDigit)?;
            value = value * 10 + u64::from(digit);
        }
        let pin = Self(value);
        if !matches!(value / 10_000_000_000_000, 1 | 2) {
            return Err(ParsePersonError::PinSex);
        }
        let born = pin.date_digits().ok_or(ParsePersonError::PinDate)?;
        if born > today {
            return Err(ParsePersonError::PinFuture);
        }
        Ok(pin)
    }

    /// Reads back a number that was parsed before it was stored.
    #[must_use]
    pub fn from_stored(value: u64) -> Self {
        Self(value)
    }

    /// The number as an integer of 14 decimal digits.
    #[must_use]
    pub fn as_u64(self) -> u64 {
        self.0
    }

    fn date_digits(self) -> Option<Date> {
        let ddmmyyyy = (self.0 / 100_000) % 100_000_000;
        let day = i8::try_from(ddmmyyyy / 1_000_000).ok()?;
        let month = i8::try_from((ddmmyyyy / 10_000) % 100).ok()?;
        let year = i16::try_from(ddmmyyyy % 10_000).ok()?;
        if year < 1850 {
            return None;
        }
        Date::new(year, month, day).ok()
    }

    /// The birth date inside the number; a finding when the register's differs.
    #[must_use]
    pub fn birth_date(self) -> Option<Date> {
        self.date_digits()
    }

    /// The sex inside the number.
    #[must_use]
    pub fn sex(self) -> Option<Sex> {
        match self.0 / 10_000_000_000_000 {
            1 => Some(Sex::Female),
            2 => Some(Sex::Male),
            _ => None,
        }
    }

    /// The masked form for office lists: `2 ••••1985 ••471`.
    #[must_use]
    pub fn masked(self) -> String {
        let text = format!("{:014}", self.0);
        format!("{} ••••{} ••{}", &text[0..1], &text[5..9], &text[11..14])
    }

    /// All 14 digits. Opening a PIN is for documents and sealed stores only.
    #[must_use]
    pub fn digits(self) -> String {
        format!("{:014}", self.0)
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(sealed)")
    }
}

/// The number of a passport or identity card, as `AN1234567`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentNumber(String);

impl DocumentNumber {
    /// Parses two letters (Cyrillic look-alikes are turned) and seven digits.
    ///
    /// # Errors
    /// [`ParsePersonError::Document`] for any other shape.
    pub fn parse(text: &str) -> Result<Self, ParsePersonError> {
        let number: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .flat_map(char::to_uppercase)
            .map(|c| match c {
                'А' => 'A',
                'С' => 'C',
                'Е' => 'E',
                'Н' => 'H',
                'Р' => 'P',
                other => other,
            })
            .collect();
        let bytes = number.as_bytes();
        let shaped = bytes.len() == 9
            && bytes[..2].iter().all(u8::is_ascii_uppercase)
            && bytes[2..].iter().all(u8::is_ascii_digit);
        if shaped {
            Ok(Self(number))
        } else {
            Err(ParsePersonError::Document)
        }
    }

    /// The two letters and seven digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DocumentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DocumentNumber(sealed)")
    }
}

/// A name as the document writes it; no patronymic is normal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CivilName {
    surname: String,
    given: String,
    patronymic: String,
}

/// The parts of a name, before they are parsed.
#[derive(Clone, Copy, Debug)]
pub struct NameParts<'a> {
    /// Surname; may be empty (`Жаныбек уулу Үсөн` has its father's name here).
    pub surname: &'a str,
    /// Given name or names.
    pub given: &'a str,
    /// Patronymic; may be empty.
    pub patronymic: &'a str,
}

impl CivilName {
    /// Parses a name: spaces are folded, `Ӊ` becomes `Ң`, letters stay as written.
    ///
    /// # Errors
    /// [`ParsePersonError::EmptyName`] when surname and given name are both empty.
    pub fn parse(parts: NameParts<'_>) -> Result<Self, ParsePersonError> {
        let tidy = |s: &str| -> String {
            s.replace('\u{04C9}', "Ң")
                .replace('\u{04CA}', "ң")
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        };
        let name = Self {
            surname: tidy(parts.surname),
            given: tidy(parts.given),
            patronymic: tidy(parts.patronymic),
        };
        if name.surname.is_empty() && name.given.is_empty() {
            return Err(ParsePersonError::EmptyName);
        }
        Ok(name)
    }

    /// Surname as written.
    #[must_use]
    pub fn surname(&self) -> &str {
        &self.surname
    }

    /// Given name as written.
    #[must_use]
    pub fn given(&self) -> &str {
        &self.given
    }

    /// Patronymic as written, empty when there is none.
    #[must_use]
    pub fn patronymic(&self) -> &str {
        &self.patronymic
    }

    /// `Surname Given Patronymic`, as printed on lists.
    #[must_use]
    pub fn full(&self) -> String {
        [&self.surname, &self.given, &self.patronymic]
            .into_iter()
            .filter(|s| !s.is_empty())
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

impl fmt::Debug for CivilName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CivilName(sealed)")
    }
}

/// A PIN that may be shown only for a recorded purpose.
pub type SealedPin = Sealed<Pin>;

#[cfg(test)]
mod tests;
