//! Claims that come in from an office that took them while it was cut off: what becomes of each, and what one that comes
//! in after a freeze is to the list.
//!
//! Which of two claims of a person counts follows from moment and id alone (the order of the snapshot), never from when
//! they came in.

use lexicon::Instant;

/// What becomes of a claim that comes in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Arrival {
    /// It is taken, under its own moment.
    Taken,
    /// It is there already, the same.
    Known,
    /// Another claim is there under its number: both papers go to the commission.
    Differs,
    /// It says that it was taken after now.
    Future,
    /// It says that it was taken before one of a lower number, or after one of a higher.
    Order,
    /// PIN, kind, precinct or field are none.
    Unreadable,
}

impl Arrival {
    /// Every one.
    pub const ALL: [Arrival; 6] = [
        Arrival::Taken,
        Arrival::Known,
        Arrival::Differs,
        Arrival::Future,
        Arrival::Order,
        Arrival::Unreadable,
    ];

    /// The code in tables and texts.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Arrival::Taken => "TAKEN",
            Arrival::Known => "KNOWN",
            Arrival::Differs => "DIFFERS",
            Arrival::Future => "FUTURE",
            Arrival::Order => "ORDER",
            Arrival::Unreadable => "UNREADABLE",
        }
    }

    /// The one with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.code() == code)
    }
}

/// What is known when a claim comes in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Before {
    /// Of the claim under this number, whether it says the same.
    pub same: Option<bool>,
    /// When the office's claim of the next lower number was taken.
    pub lower: Option<Instant>,
    /// When the office's claim of the next higher number was taken.
    pub higher: Option<Instant>,
}

/// What becomes of a claim taken at a moment.
#[must_use]
pub fn arrival(taken: Instant, now: Instant, before: Before) -> Arrival {
    match before.same {
        Some(true) => return Arrival::Known,
        Some(false) => return Arrival::Differs,
        None => {}
    }
    if taken > now {
        return Arrival::Future;
    }
    let fits = before.lower.is_none_or(|lower| lower <= taken)
        && before.higher.is_none_or(|higher| taken <= higher);
    if fits { Arrival::Taken } else { Arrival::Order }
}

/// Whether a claim came in after a list was frozen that it should have been on: it changes the list in force.
#[must_use]
pub fn is_late(taken: Instant, arrived: Instant, frozen: Instant) -> bool {
    taken < frozen && frozen <= arrived
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: i64) -> Instant {
        Instant::from_micros(micros)
    }

    #[test]
    fn a_claim_is_taken_once_and_not_from_the_future() {
        let check = |taken, same, expected| {
            let before = Before {
                same,
                ..Before::default()
            };
            assert_eq!(arrival(at(taken), at(100), before), expected);
        };
        check(100, None, Arrival::Taken);
        check(101, None, Arrival::Future);
        check(50, Some(true), Arrival::Known);
        check(50, Some(false), Arrival::Differs);
        check(101, Some(true), Arrival::Known);
    }

    #[test]
    fn numbers_and_moments_rise_together() {
        let check = |lower: Option<i64>, higher: Option<i64>, expected| {
            let before = Before {
                same: None,
                lower: lower.map(at),
                higher: higher.map(at),
            };
            assert_eq!(arrival(at(50), at(100), before), expected);
        };
        check(Some(50), Some(50), Arrival::Taken);
        check(Some(51), None, Arrival::Order);
        check(None, Some(49), Arrival::Order);
        check(Some(10), None, Arrival::Taken);
    }

    #[test]
    fn late_is_what_was_taken_before_the_freeze_and_came_after() {
        assert!(is_late(at(9), at(10), at(10)));
        assert!(!is_late(at(10), at(20), at(10)), "the freeze is the end");
        assert!(!is_late(at(1), at(9), at(10)), "it came in time");
    }
}
