//! What a document reader reads: machine-readable zones of passports and identity cards, barcodes, slips.
//!
//! A reader gives a line of text. It is believed only when its check digits fit (ICAO Doc 9303, part 3, 4.9): a
//! document that was moved while it was read opens nobody's line.

use lexicon::person::ParsePersonError;
use lexicon::{Date, DocumentNumber, Pin};

/// Characters of a passport's zone (two lines of 44), and of an identity card's (three of 30).
const TD3: usize = 44;
const TD1: usize = 30;
/// A text longer than any number on a document, without a filler `<`, is a slip's QR.
const SLIP_MIN: usize = 60;

/// What was read, and holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scan {
    /// A machine-readable zone: whose it is.
    Zone(Zone),
    /// A barcode with a PIN.
    Pin(Pin),
    /// A barcode with the number of a document.
    Document(DocumentNumber),
    /// The QR of a slip, as it was read: the ballot table judges it.
    Slip(String),
}

/// What a machine-readable zone says about its holder; at least one of the two numbers.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone {
    /// The personal number, where the document bears one.
    pub pin: Option<Pin>,
    /// The document's number, where it has the country's form.
    pub document: Option<DocumentNumber>,
}

impl std::fmt::Debug for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Zone(sealed)")
    }
}

/// A field of a machine-readable zone that has a check digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ZoneField {
    /// The document's number.
    Number,
    /// The date of birth.
    Birth,
    /// The date of expiry.
    Expiry,
    /// The personal number of a passport.
    Personal,
    /// All of them together.
    Whole,
}

/// Why what was read is not believed. The message never quotes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrokenScan {
    /// Nothing was read.
    #[error("nothing was read")]
    Empty,
    /// A zone that ended early or has too much: the document was moved.
    #[error("a zone of {got} characters, 88 or 90 are needed")]
    Length {
        /// Characters, line ends not counted.
        got: usize,
    },
    /// A character that no zone holds: the reader types another alphabet.
    #[error("a character that no zone holds")]
    Letter,
    /// A check digit does not fit.
    #[error("the check digit of {0:?} does not fit")]
    Check(ZoneField),
    /// A document without a number of this country.
    #[error("a document of another country")]
    Foreign,
    /// A barcode whose digits are no PIN.
    #[error(transparent)]
    Pin(ParsePersonError),
    /// Neither a number nor a zone nor a slip.
    #[error("a code that belongs to no document and no slip")]
    Unknown,
}

/// Reads what a reader gave in one go. `today` bounds the birth date inside a PIN.
///
/// Line ends within a zone are left out; an AIM symbology identifier (`]Q1`) before the text as well.
///
/// # Errors
/// [`BrokenScan`] says what to do again.
pub fn read_scan(text: &str, today: Date) -> Result<Scan, BrokenScan> {
    let text = without_symbology(text.trim_matches(['\r', '\n', '\t']));
    if text.trim().is_empty() {
        return Err(BrokenScan::Empty);
    }
    if text.contains('<') {
        return read_zone(text, today).map(Scan::Zone);
    }
    if text.chars().count() >= SLIP_MIN {
        return Ok(Scan::Slip(text.to_owned()));
    }
    let bare = text.trim();
    if bare.chars().all(|c| c.is_ascii_digit()) {
        return Pin::parse(bare, today)
            .map(Scan::Pin)
            .map_err(BrokenScan::Pin);
    }
    DocumentNumber::parse(bare)
        .map(Scan::Document)
        .map_err(|_| BrokenScan::Unknown)
}

fn without_symbology(text: &str) -> &str {
    let mut letters = text.chars();
    let is_identifier = letters.next() == Some(']')
        && letters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && letters.next().is_some_and(|c| c.is_ascii_alphanumeric());
    if is_identifier {
        letters.as_str()
    } else {
        text
    }
}

fn read_zone(text: &str, today: Date) -> Result<Zone, BrokenScan> {
    let zone: Vec<u8> = text
        .bytes()
        .filter(|b| !b.is_ascii_whitespace())
        .map(|b| b.to_ascii_uppercase())
        .collect();
    if !zone
        .iter()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'<')
    {
        return Err(BrokenScan::Letter);
    }
    let (number, personal) = match zone.len() {
        got if got == 2 * TD3 => read_passport(&zone[TD3..])?,
        got if got == 3 * TD1 => read_card(&zone[..TD1], &zone[TD1..2 * TD1])?,
        got => return Err(BrokenScan::Length { got }),
    };
    let found = Zone {
        pin: Pin::parse(&personal, today).ok(),
        document: DocumentNumber::parse(&number).ok(),
    };
    if found.pin.is_none() && found.document.is_none() {
        return Err(BrokenScan::Foreign);
    }
    Ok(found)
}

/// The second line of a passport: number 1–9, birth 14–19, expiry 22–27, personal number 29–42, each with its digit.
fn read_passport(line: &[u8]) -> Result<(String, String), BrokenScan> {
    fits(ZoneField::Number, &[&line[..9]], line[9])?;
    fits(ZoneField::Birth, &[&line[13..19]], line[19])?;
    fits(ZoneField::Expiry, &[&line[21..27]], line[27])?;
    let personal = &line[28..42];
    // An empty personal number may bear a filler instead of its digit.
    if line[42] != b'<' || personal.iter().any(|b| *b != b'<') {
        fits(ZoneField::Personal, &[personal], line[42])?;
    }
    fits(
        ZoneField::Whole,
        &[&line[..10], &line[13..20], &line[21..43]],
        line[43],
    )?;
    Ok((bare(&line[..9]), bare(personal)))
}

/// The first two lines of an identity card. A Kyrgyz card bears the personal number in the first line's optional data.
fn read_card(first: &[u8], second: &[u8]) -> Result<(String, String), BrokenScan> {
    let optional = &first[15..];
    // A longer number goes on in the optional data, its digit behind it.
    let (number, rest) = if first[14] == b'<' && optional[0] != b'<' {
        let ends = optional
            .iter()
            .position(|b| *b == b'<')
            .unwrap_or(optional.len());
        let (more, rest) = optional.split_at(ends);
        let (digit, more) = more.split_last().unwrap_or((&b'<', &[]));
        fits(ZoneField::Number, &[&first[5..14], b"<", more], *digit)?;
        ([bare(&first[5..14]), bare(more)].concat(), rest)
    } else {
        fits(ZoneField::Number, &[&first[5..14]], first[14])?;
        (bare(&first[5..14]), optional)
    };
    fits(ZoneField::Birth, &[&second[..6]], second[6])?;
    fits(ZoneField::Expiry, &[&second[8..14]], second[14])?;
    fits(
        ZoneField::Whole,
        &[&first[5..], &second[..7], &second[8..15], &second[18..29]],
        second[29],
    )?;
    let personal = [bare(rest), bare(&second[18..29])];
    let personal = personal
        .into_iter()
        .find(|text| text.len() == 14)
        .unwrap_or_default();
    Ok((number, personal))
}

fn bare(field: &[u8]) -> String {
    field
        .iter()
        .filter(|b| **b != b'<')
        .map(|b| char::from(*b))
        .collect()
}

/// Compares a check digit with the weights 7, 3, 1 over the values of the characters, modulo 10.
fn fits(field: ZoneField, parts: &[&[u8]], digit: u8) -> Result<(), BrokenScan> {
    let value = |b: &u8| match b {
        b'0'..=b'9' => u32::from(b - b'0'),
        b'A'..=b'Z' => u32::from(b - b'A') + 10,
        _ => 0,
    };
    let sum: u32 = parts
        .iter()
        .flat_map(|part| part.iter())
        .zip([7, 3, 1].into_iter().cycle())
        .map(|(b, weight)| value(b) * weight)
        .sum();
    if digit.is_ascii_digit() && u32::from(digit - b'0') == sum % 10 {
        Ok(())
    } else {
        Err(BrokenScan::Check(field))
    }
}

#[cfg(test)]
mod tests;
