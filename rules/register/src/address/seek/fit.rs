//! How two names agree, and what disagreement costs.

use script::osa_within;

use crate::address::index::StreetName;

/// Letters a name needs before one slip, and before two slips, are forgiven.
const ONE_SLIP: usize = 4;
const TWO_SLIPS: usize = 8;
const SLIP: u32 = 12;
const OTHER_WAY: u32 = 12;
const FORMER: u32 = 3;

/// How a name in the text agrees with the register's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Fit {
    /// Equal, or equal in its other language or case.
    Same,
    /// A first name stands for an initial.
    Initial,
    /// A short name with another ending: `Абая` for `Абай`, but also `Бакы` for `Бак` or for `Бакыт`.
    Ending,
    /// So many letters are wrong, one or two.
    Spelling(u8),
    /// A name that the street no longer has.
    Former,
    /// A part of the name is left out.
    Part,
    /// The text has no such part.
    Missing,
}

impl Fit {
    /// The code in tables.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Fit::Same => "same",
            Fit::Initial => "initial",
            Fit::Ending => "ending",
            Fit::Spelling(1) => "one_letter",
            Fit::Spelling(_) => "two_letters",
            Fit::Former => "former",
            Fit::Part => "part",
            Fit::Missing => "missing",
        }
    }

    /// What it costs.
    #[must_use]
    pub fn penalty(self) -> u32 {
        match self {
            Fit::Same => 0,
            Fit::Initial => 4,
            Fit::Ending => 6,
            Fit::Spelling(letters) => SLIP * u32::from(letters),
            Fit::Former => FORMER,
            Fit::Part => 24,
            Fit::Missing => 20,
        }
    }
}

/// Slips that names of this length may hold.
fn slips(a: &[u8], b: &[u8]) -> usize {
    match a.len().min(b.len()) {
        n if n >= TWO_SLIPS => 2,
        n if n >= ONE_SLIP => 1,
        _ => 0,
    }
}

/// Which letters occur, one bit each; letters of the Russian alphabet never share one.
fn letters_of(key: &[u8]) -> u64 {
    key.iter().fold(0, |seen, letter| seen | 1 << (letter % 64))
}

/// Two keys of one kind; `None` when they are two names.
pub(super) fn names(a: &[u8], b: &[u8]) -> Option<Fit> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    if a == b {
        return Some(Fit::Same);
    }
    let allowed = slips(a, b);
    // A slip changes at most two of the letters that occur: most pairs of names end here.
    let unlike = (letters_of(a) ^ letters_of(b)).count_ones() as usize;
    if unlike > 2 * allowed {
        return None;
    }
    let letters = osa_within(a, b, allowed).filter(|n| *n > 0)?;
    u8::try_from(letters).ok().map(Fit::Spelling)
}

/// Two streets' names with the penalty; `None` when they are two names.
pub(super) fn streets(written: &StreetName, held: &StreetName) -> Option<(Fit, u32)> {
    if written.numbers != held.numbers {
        return None;
    }
    let fit = if written.joined.is_empty() && held.joined.is_empty() {
        Fit::Same
    } else {
        words(written, held)?
    };
    let clash = match (written.way, held.way) {
        (Some(a), Some(b)) if a != b => OTHER_WAY,
        _ => 0,
    };
    let fit_penalty = fit.penalty();
    Some(if held.former {
        (
            if fit == Fit::Same { Fit::Former } else { fit },
            fit_penalty + FORMER + clash,
        )
    } else {
        (fit, fit_penalty + clash)
    })
}

fn words(written: &StreetName, held: &StreetName) -> Option<Fit> {
    let initials_clash = !written.initials.is_empty()
        && !held.initials.is_empty()
        && written.initials.first() != held.initials.first();
    if written.joined == held.joined || written.whole == held.whole {
        // Beside a number two letters are enough: `1 Мая` and `1-Май`.
        let told_by_number = !written.numbers.is_empty() && written.joined.len() <= 2;
        let ending =
            written.whole != held.whole && written.joined.len() < ONE_SLIP && !told_by_number;
        return Some(match (initials_clash, ending) {
            (true, _) => Fit::Part,
            (false, true) => Fit::Ending,
            (false, false) => Fit::Same,
        });
    }
    if let Some(fit) = part(written, held) {
        return Some(fit);
    }
    let by_stem = names(&written.joined, &held.joined);
    let by_whole = names(&written.whole, &held.whole);
    match (by_stem, by_whole) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}

/// `Чынгыз Айтматов` for `Ч. Айтматов`; `Абдрахманов` for `Жусуп Абдрахманов`.
fn part(written: &StreetName, held: &StreetName) -> Option<Fit> {
    let (long, short) = if written.stems.len() > held.stems.len() {
        (written, held)
    } else {
        (held, written)
    };
    if long.stems.len() == short.stems.len() || long.stems.last() != short.stems.last() {
        return None;
    }
    let stands_for = short
        .initials
        .first()
        .is_some_and(|initial| long.stems.first().and_then(|word| word.first()) == Some(initial));
    match (stands_for, short.initials.is_empty(), short.stems.len()) {
        (true, _, _) => Some(Fit::Initial),
        (false, true, 1) if short.joined.len() >= ONE_SLIP => Some(Fit::Part),
        _ => None,
    }
}
