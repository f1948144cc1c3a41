//! A ticket for the support desk: what a station without a network tells of one alarm (S-19).
//!
//! Its number follows from election, precinct, cause and kit alone: every kit gives the same, and the desk opens one
//! ticket however often it is told. Who reads it over a telephone names the precinct and eight digits; the desk works out
//! which cause they are of, and a digit that was misheard is of none.

use super::envelope::{hex, sha256};

/// What the text begins with: suite and kind.
const MARK: &str = "KG1S";
/// Digits of a number.
pub const DIGITS: usize = 8;
/// Longest short name of a kit, characters.
pub const KIT_CHARS: usize = 32;

/// Whether a character may stand in a kit's short name: none that parts the text, or that nobody sees.
#[must_use]
pub fn may_name(c: char) -> bool {
    c != ':' && !c.is_whitespace() && !c.is_control()
}

/// What is wrong at the station.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// More identifications by two officers than the law's share.
    OverrideQuota,
    /// One pair of officers signed too many in a row.
    OverridePair,
    /// A kit's clock is off.
    ClockOff,
    /// A kit works by another list.
    OtherList,
    /// The monitor was there and is not.
    MonitorLost,
    /// A kit's roll is near its end.
    PaperLow,
    /// A kit that worked is not heard.
    PeerLost,
    /// A kit's battery is nearly empty and there is no mains.
    BatteryLow,
    /// A finger was read well and is not that of the line whose number was shown: perhaps two people with one number.
    FingerMismatch,
    /// A keyboard that was not handed out was attached to a kit.
    ForeignDevice,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Cause; 10] = [
        Cause::OverrideQuota,
        Cause::OverridePair,
        Cause::ClockOff,
        Cause::OtherList,
        Cause::MonitorLost,
        Cause::PaperLow,
        Cause::PeerLost,
        Cause::BatteryLow,
        Cause::FingerMismatch,
        Cause::ForeignDevice,
    ];

    /// The code on paper and in the store.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Cause::OverrideQuota => "OVERRIDE_QUOTA",
            Cause::OverridePair => "OVERRIDE_PAIR",
            Cause::ClockOff => "CLOCK_OFF",
            Cause::OtherList => "MISMATCH",
            Cause::MonitorLost => "MONITOR_LOST",
            Cause::PaperLow => "PAPER_LOW",
            Cause::PeerLost => "PEER_LOST",
            Cause::BatteryLow => "BATTERY_LOW",
            Cause::FingerMismatch => "FINGER_MISMATCH",
            Cause::ForeignDevice => "FOREIGN_DEVICE",
        }
    }

    /// The cause with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.code() == code)
    }

    /// Whether it is of one kit, not of the whole station.
    #[must_use]
    pub fn is_of_a_kit(self) -> bool {
        match self {
            Cause::ClockOff
            | Cause::OtherList
            | Cause::PaperLow
            | Cause::PeerLost
            | Cause::BatteryLow
            | Cause::ForeignDevice => true,
            Cause::OverrideQuota
            | Cause::OverridePair
            | Cause::MonitorLost
            | Cause::FingerMismatch => false,
        }
    }
}

/// Why what was typed or scanned is no ticket: whoever entered it reads the paper again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// Not the text of a ticket.
    #[error("this is no ticket of a station")]
    NoTicket,
    /// A part of the text holds what cannot be.
    #[error("the part {0} holds what cannot be")]
    Part(&'static str),
    /// The number is not that of precinct, cause and kit: a character is wrong, or it is of another election.
    #[error("the number does not fit the rest")]
    Number,
}

/// What a station tells the desk.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket {
    precinct: u16,
    cause: Cause,
    kit: String,
}

impl Ticket {
    /// A ticket; `kit` is the short name of the kit concerned, empty for the whole station.
    ///
    /// # Errors
    /// [`TicketError::Part`] when the kit does not fit the cause, or is no short name.
    pub fn new(precinct: u16, cause: Cause, kit: &str) -> Result<Self, TicketError> {
        let is_name = kit.chars().count() <= KIT_CHARS && kit.chars().all(may_name);
        if !is_name || kit.is_empty() == cause.is_of_a_kit() {
            return Err(TicketError::Part("kit"));
        }
        Ok(Self {
            precinct,
            cause,
            kit: kit.to_owned(),
        })
    }

    /// The precinct.
    #[must_use]
    pub fn precinct(&self) -> u16 {
        self.precinct
    }

    /// What is wrong.
    #[must_use]
    pub fn cause(&self) -> Cause {
        self.cause
    }

    /// Short name of the kit concerned; empty for the whole station.
    #[must_use]
    pub fn kit(&self) -> &str {
        &self.kit
    }

    /// Its number, 8 hexadecimal digits in capitals: the same on every kit, whenever it is asked.
    #[must_use]
    pub fn number(&self, election: u32) -> String {
        let cause = format!(
            "kg1/ticket:{election}:{}:{}:{}",
            self.precinct,
            self.cause.code(),
            self.kit
        );
        hex(&sha256(cause.as_bytes())[..DIGITS / 2]).to_uppercase()
    }

    /// What the code on its paper says: `KG1S:1001:OVERRIDE_QUOTA::7C1E90AB`, precinct, cause, kit, number.
    #[must_use]
    pub fn text(&self, election: u32) -> String {
        format!(
            "{MARK}:{}:{}:{}:{}",
            self.precinct,
            self.cause.code(),
            self.kit,
            self.number(election)
        )
    }

    /// Reads such a text; spaces around it are passed over.
    ///
    /// # Errors
    /// [`TicketError`].
    pub fn read(text: &str, election: u32) -> Result<Self, TicketError> {
        let parts: Vec<&str> = text.trim().split(':').collect();
        let [MARK, precinct, cause, kit, number] = parts[..] else {
            return Err(TicketError::NoTicket);
        };
        let precinct = precinct.parse().ok().filter(|number| *number > 0);
        let precinct = precinct.ok_or(TicketError::Part("precinct"))?;
        let cause = Cause::from_code(cause).ok_or(TicketError::Part("cause"))?;
        let ticket = Self::new(precinct, cause, kit)?;
        if ticket.number(election) == number.to_uppercase() {
            Ok(ticket)
        } else {
            Err(TicketError::Number)
        }
    }

    /// The ticket of a precinct whose number was read out; `kits` are short names that its kits may have. `None`: no cause
    /// has this number there, so that it was misheard, or is of another precinct or election.
    ///
    /// Spaces and dashes between the digits are passed over. Cost: one hash for each cause and kit.
    #[must_use]
    pub fn heard(precinct: u16, number: &str, election: u32, kits: &[String]) -> Option<Self> {
        let digits: String = number
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .collect();
        let digits = digits.to_uppercase();
        let whole = Cause::ALL.into_iter().filter(|cause| !cause.is_of_a_kit());
        let whole = whole.map(|cause| (cause, ""));
        let of_kits = Cause::ALL.into_iter().filter(|cause| cause.is_of_a_kit());
        let of_kits = of_kits.flat_map(|cause| kits.iter().map(move |kit| (cause, kit.as_str())));
        whole
            .chain(of_kits)
            .filter_map(|(cause, kit)| Self::new(precinct, cause, kit).ok())
            .find(|ticket| ticket.number(election) == digits)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    use super::*;

    const ELECTION: u32 = 20_151_004;

    fn kits() -> Vec<String> {
        (1..=9).map(|n| format!("K{n}")).collect()
    }

    #[test]
    fn a_text_is_read_back_and_a_changed_one_is_none() {
        let ticket = Ticket::new(1001, Cause::ClockOff, "K2").unwrap();
        let text = ticket.text(ELECTION);
        assert_eq!(Ticket::read(&format!(" {text}\n"), ELECTION), Ok(ticket));
        assert_eq!(
            Ticket::read(&text, ELECTION + 1),
            Err(TicketError::Number),
            "another election"
        );
        let other = text.replace("K2", "K3");
        assert_eq!(Ticket::read(&other, ELECTION), Err(TicketError::Number));
        let check = |text: &str, expected| assert_eq!(Ticket::read(text, ELECTION), Err(expected));
        check("KG1T:1001", TicketError::NoTicket);
        check("", TicketError::NoTicket);
        check(
            "KG1S:0:CLOCK_OFF:K2:00000000",
            TicketError::Part("precinct"),
        );
        check("KG1S:1001:FIRE:K2:00000000", TicketError::Part("cause"));
        check("KG1S:1001:CLOCK_OFF::00000000", TicketError::Part("kit"));
        check("KG1S:1001:CLOCK_OFF:K 2:00000000", TicketError::Part("kit"));
        check(
            "KG1S:1001:OVERRIDE_PAIR:K2:00000000",
            TicketError::Part("kit"),
        );
    }

    #[test]
    fn a_number_that_was_read_out_is_of_one_cause_and_a_misheard_one_of_none() {
        let mut numbers = std::collections::BTreeSet::new();
        for cause in Cause::ALL {
            let kit = if cause.is_of_a_kit() { "K9" } else { "" };
            let ticket = Ticket::new(1001, cause, kit).unwrap();
            let number = ticket.number(ELECTION);
            let said = format!("{} {}", &number[..4].to_lowercase(), &number[4..]);
            assert_eq!(Ticket::heard(1001, &said, ELECTION, &kits()), Some(ticket));
            assert_eq!(Ticket::heard(1002, &number, ELECTION, &kits()), None);
            // One digit misheard, at each place.
            for at in 0..DIGITS {
                let mut wrong = number.clone().into_bytes();
                wrong[at] = if wrong[at] == b'5' { b'9' } else { b'5' };
                let wrong = String::from_utf8(wrong).unwrap();
                assert_eq!(
                    Ticket::heard(1001, &wrong, ELECTION, &kits()),
                    None,
                    "{wrong}"
                );
            }
            numbers.insert(number);
        }
        assert_eq!(numbers.len(), Cause::ALL.len());
    }
}
