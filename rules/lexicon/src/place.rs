//! Places: the state classifier's codes and precinct numbers.

use std::fmt;
use std::str::FromStr;

/// Why a place code was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParsePlaceError {
    /// A precinct number has four digits, the first of them 1 to 9.
    #[error("a precinct number has four digits and does not start with 0")]
    Precinct,
    /// A SOATE code has 14 digits and starts with 417.
    #[error("a SOATE code has 14 digits and starts with 417")]
    Soate,
}

/// A precinct number, 1000 to 9999; the first digit is its region.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PrecinctCode(u16);

impl PrecinctCode {
    /// Takes a number from 1000 to 9999.
    ///
    /// # Errors
    /// [`ParsePlaceError::Precinct`] outside that range.
    pub fn new(number: u16) -> Result<Self, ParsePlaceError> {
        if (1000..=9999).contains(&number) {
            Ok(Self(number))
        } else {
            Err(ParsePlaceError::Precinct)
        }
    }

    /// The number.
    #[must_use]
    pub fn number(self) -> u16 {
        self.0
    }

    /// The first digit: 1 Bishkek … 9 abroad.
    #[must_use]
    pub fn region_digit(self) -> u8 {
        u8::try_from(self.0 / 1000).unwrap_or(0)
    }
}

impl fmt::Display for PrecinctCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.0)
    }
}

impl FromStr for PrecinctCode {
    type Err = ParsePlaceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.trim()
            .parse()
            .map_err(|_| ParsePlaceError::Precinct)
            .and_then(Self::new)
    }
}

/// A SOATE code: `417`, oblast (2), raion (3), ayil aimak (3), place (3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Soate(u64);

impl Soate {
    /// The oblast's two digits.
    #[must_use]
    pub fn oblast(self) -> u8 {
        u8::try_from((self.0 / 1_000_000_000) % 100).unwrap_or(0)
    }

    /// The oblast and raion digits together, five digits: a district.
    #[must_use]
    pub fn district(self) -> u32 {
        u32::try_from((self.0 / 1_000_000) % 100_000).unwrap_or(0)
    }

    /// The whole code as an integer.
    #[must_use]
    pub fn as_u64(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Soate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:014}", self.0)
    }
}

impl FromStr for Soate {
    type Err = ParsePlaceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.len() != 14 || !text.starts_with("417") {
            return Err(ParsePlaceError::Soate);
        }
        text.parse().map(Self).map_err(|_| ParsePlaceError::Soate)
    }
}
