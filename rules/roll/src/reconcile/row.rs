//! A row of the commission's list, read.

use lexicon::{Date, Pin, PrecinctCode};

use crate::words::Word;

/// What could be read of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct ParsedRow {
    /// The number, when it is well formed.
    pub pin: Option<u64>,
    /// All digits of the PIN field, at most 18, and how many there are.
    pub digits: (u64, u8),
    /// Cleaned surname, given name, patronymic.
    pub names: [Word; 3],
    /// Whether surname and given name together can be read.
    pub named: bool,
    /// Birth date.
    pub born: Option<Date>,
    /// A precinct of the register.
    pub precinct: Option<PrecinctCode>,
}

impl ParsedRow {
    /// Rule 1: nothing to go by.
    pub fn unreadable(&self) -> bool {
        self.pin.is_none() && !(self.named && self.born.is_some())
    }
}

/// The digits of a PIN field: spaces and dashes dropped, the letter О read as zero.
pub(super) fn pin_digits(text: &str) -> (u64, u8) {
    let digits = text.chars().filter_map(|c| match c {
        'О' | 'о' | 'O' | 'o' => Some(0),
        other => other.to_digit(10),
    });
    digits.take(18).fold((0, 0), |(value, count), digit| {
        (value * 10 + u64::from(digit), count + 1)
    })
}

/// A well-formed number: 14 digits, sex digit, calendar date. Births after 2100 do not occur.
pub(super) fn well_formed(text: &str) -> Option<u64> {
    Pin::parse(text, Date::constant(2100, 1, 1))
        .ok()
        .map(Pin::as_u64)
}

/// At least two letters in surname and given name together, and no sign of a ruined text.
pub(super) fn readable(surname: &str, given: &str) -> bool {
    let ruined = |c: char| c == '\u{FFFD}' || c == '?' || c.is_control();
    let letters = surname
        .chars()
        .chain(given.chars())
        .filter(|c| c.is_alphabetic())
        .count();
    letters >= 2 && !surname.chars().any(ruined) && !given.chars().any(ruined)
}

/// Whether two numbers differ in one digit, one missing or added digit, or two neighbours swapped.
pub(super) fn one_slip_apart(a: (u64, u8), b: (u64, u8)) -> bool {
    let text = |(value, count): (u64, u8)| {
        if count == 0 {
            String::new()
        } else {
            format!("{value:0width$}", width = usize::from(count))
        }
    };
    script::osa_within(text(a).as_bytes(), text(b).as_bytes(), 1) == Some(1)
}
