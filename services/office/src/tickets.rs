//! Tickets of stations at the support desk: reading what was typed from paper or heard over a telephone, and the desk's
//! times.

use std::collections::{BTreeMap, BTreeSet};

use lexicon::handover::ticket::{Cause, Ticket, TicketError};
use lexicon::{ElectionLaw, Instant};
use roll::tickets::TicketState;
use store::{StoreError, TicketRow, Tx};

use crate::{hours, manifests};

const KG: &str = include_str!("../../../countries/kg/support.toml");
/// Kits that a precinct may have when its package is not here: `K1` to this.
const KITS_TRIED: u8 = 99;

/// Within how many minutes the desk solves a ticket, by cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupportTerms(BTreeMap<Cause, u32>);

/// Why the desk's times were not read: an engineer mends the file.
#[derive(Debug, thiserror::Error)]
pub enum TermsError {
    /// It is no TOML of this shape.
    #[error("support times: {0}")]
    Shape(#[from] toml::de::Error),
    /// A cause has no time, or none but 1 to 1440 minutes.
    #[error("support times: {0} needs 1 to 1440 minutes")]
    Minutes(&'static str),
    /// A name is no cause.
    #[error("support times: {0} is no cause")]
    Unknown(String),
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct TermsFile {
    minutes: BTreeMap<String, u32>,
}

impl SupportTerms {
    /// Reads a file of times; every cause has one.
    ///
    /// # Errors
    /// [`TermsError`].
    pub fn parse(text: &str) -> Result<Self, TermsError> {
        let TermsFile { mut minutes } = toml::from_str(text)?;
        let mut terms = BTreeMap::new();
        for cause in Cause::ALL {
            let given = minutes.remove(cause.code());
            let given = given.filter(|minutes| (1..=1440).contains(minutes));
            terms.insert(cause, given.ok_or(TermsError::Minutes(cause.code()))?);
        }
        match minutes.into_keys().next() {
            Some(name) => Err(TermsError::Unknown(name)),
            None => Ok(Self(terms)),
        }
    }

    /// Those that are shipped.
    #[must_use]
    pub fn kg() -> Self {
        Self::parse(KG).expect("a test parses the shipped times")
    }

    /// Minutes for a cause.
    #[must_use]
    pub fn minutes(&self, cause: Cause) -> u32 {
        self.0.get(&cause).copied().unwrap_or(0)
    }
}

/// Why what was entered is no ticket: whoever typed it reads the paper again, or asks the station.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryRefused {
    /// The text of the code cannot be read.
    Text(TicketError),
    /// No precinct was named, or none with a list has this number.
    NoPrecinct,
    /// The text is of another precinct than the one that was named.
    OtherPrecinct(u16),
    /// No cause has this number there.
    Misheard,
}

impl EntryRefused {
    /// Every code.
    pub const CODES: [&'static str; 6] = [
        "no_ticket",
        "part",
        "number",
        "precinct",
        "other_precinct",
        "misheard",
    ];

    /// The code of its sentence.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            EntryRefused::Text(TicketError::NoTicket) => "no_ticket",
            EntryRefused::Text(TicketError::Part(_)) => "part",
            EntryRefused::Text(TicketError::Number) => "number",
            EntryRefused::NoPrecinct => "precinct",
            EntryRefused::OtherPrecinct(_) => "other_precinct",
            EntryRefused::Misheard => "misheard",
        }
    }

    /// What stands in place of `{n}` in its sentence.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            EntryRefused::OtherPrecinct(found) => format!("{found:04}"),
            EntryRefused::Text(_) | EntryRefused::NoPrecinct | EntryRefused::Misheard => {
                String::new()
            }
        }
    }

    /// The field that is wrong.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            EntryRefused::NoPrecinct => "precinct",
            EntryRefused::Text(_) | EntryRefused::OtherPrecinct(_) | EntryRefused::Misheard => {
                "number"
            }
        }
    }
}

/// What an entry is held against: the precincts with a list, the kits that their packages name.
pub struct TicketDesk {
    election: u32,
    kits: BTreeMap<u16, Vec<String>>,
    regions: BTreeMap<u16, String>,
}

impl TicketDesk {
    /// Reads what stands in the store.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn read(tx: &mut Tx<'_>, law: &ElectionLaw) -> Result<Self, StoreError> {
        let election = law.election.number;
        let manifests = tx.station_manifests()?;
        let manifests = manifests
            .iter()
            .filter_map(|row| manifests::kept(row, election));
        let kits: BTreeMap<u16, Vec<String>> = manifests
            .map(|manifest| {
                let names = manifest.kits.into_iter().map(|kit| kit.name);
                (manifest.precinct, names.collect())
            })
            .collect();
        let stations = hours::stations(tx)?.into_iter();
        Ok(Self {
            election,
            kits,
            regions: stations.map(|s| (s.precinct, s.region)).collect(),
        })
    }

    /// The region of a precinct with a list; empty when none is known.
    #[must_use]
    pub fn region(&self, precinct: u16) -> &str {
        self.regions.get(&precinct).map_or("", String::as_str)
    }

    /// Reads what was entered: the whole text of a paper's code, or precinct and the eight digits of its number.
    ///
    /// # Errors
    /// [`EntryRefused`].
    pub fn judge(&self, precinct: &str, number: &str) -> Result<Ticket, EntryRefused> {
        let (precinct, number) = (precinct.trim(), number.trim());
        let named: Option<u16> = precinct.parse().ok();
        if number.contains(':') {
            let ticket = Ticket::read(number, self.election).map_err(EntryRefused::Text)?;
            let is_other = !precinct.is_empty() && named != Some(ticket.precinct());
            if is_other {
                return Err(EntryRefused::OtherPrecinct(ticket.precinct()));
            }
            return match self.is_known(ticket.precinct()) {
                true => Ok(ticket),
                false => Err(EntryRefused::NoPrecinct),
            };
        }
        let precinct = named.filter(|precinct| self.is_known(*precinct));
        let precinct = precinct.ok_or(EntryRefused::NoPrecinct)?;
        let mut kits: BTreeSet<String> = (1..=KITS_TRIED).map(|n| format!("K{n}")).collect();
        kits.extend(self.kits.get(&precinct).into_iter().flatten().cloned());
        let kits: Vec<String> = kits.into_iter().collect();
        let heard = Ticket::heard(precinct, number, self.election, &kits);
        heard.ok_or(EntryRefused::Misheard)
    }

    fn is_known(&self, precinct: u16) -> bool {
        self.regions.contains_key(&precinct) || self.kits.contains_key(&precinct)
    }
}

/// A ticket as the desk's pages show it.
#[derive(Clone, Debug)]
pub struct ShownTicket {
    /// Its row.
    pub row: TicketRow,
    /// Where it stands.
    pub state: TicketState,
    /// Region of its precinct.
    pub region: String,
    /// When it has to be solved by.
    pub due: Instant,
    /// Minutes left, negative when its time is over.
    pub left: i64,
    /// Not solved, and its time is over.
    pub is_late: bool,
}

/// Every ticket, the unsolved first by when they are due, then the solved, the latest first.
#[must_use]
pub fn shown(
    rows: Vec<TicketRow>,
    desk: &TicketDesk,
    terms: &SupportTerms,
    now: Instant,
) -> Vec<ShownTicket> {
    let one = |row: TicketRow| {
        let state = TicketState::of(&row.steps)?;
        let minutes = terms.minutes(row.ticket.cause());
        Some(ShownTicket {
            region: desk.region(row.ticket.precinct()).to_owned(),
            due: state.due(minutes),
            left: state.minutes_left(minutes, now),
            is_late: state.is_late(minutes, now),
            state,
            row,
        })
    };
    let mut all: Vec<ShownTicket> = rows.into_iter().filter_map(one).collect();
    all.sort_by_key(|shown| match shown.state.standing {
        roll::tickets::TicketStanding::Solved { at } => (1, -at.micros()),
        roll::tickets::TicketStanding::Open | roll::tickets::TicketStanding::InWork { .. } => {
            (0, shown.due.micros())
        }
    });
    all
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    use super::*;

    #[test]
    fn the_shipped_times_name_every_cause_and_a_wrong_file_says_what_is_wrong() {
        let terms = SupportTerms::kg();
        assert!(Cause::ALL.into_iter().all(|cause| terms.minutes(cause) > 0));
        let refused = |text: &str| SupportTerms::parse(text).unwrap_err().to_string();
        let without = KG.replace("CLOCK_OFF = 20\n", "");
        assert!(refused(&without).contains("CLOCK_OFF"));
        assert!(refused(&KG.replace("= 20", "= 0")).contains("CLOCK_OFF"));
        assert!(refused(&format!("{KG}FIRE = 5\n")).contains("FIRE is no cause"));
    }

    #[test]
    fn what_was_typed_or_heard_is_a_ticket_or_is_refused_by_its_place() {
        let desk = TicketDesk {
            election: 20_151_004,
            kits: BTreeMap::from([(1001, vec!["K2b".to_owned()])]),
            regions: BTreeMap::from([(1001, "chui".to_owned()), (1002, "chui".to_owned())]),
        };
        let clock = Ticket::new(1001, Cause::ClockOff, "K2b").unwrap();
        let (number, text) = (clock.number(20_151_004), clock.text(20_151_004));
        assert_eq!(desk.judge("1001", &number), Ok(clock.clone()));
        assert_eq!(desk.judge("", &text), Ok(clock.clone()));
        assert_eq!(desk.judge("1001", &text), Ok(clock));
        assert_eq!(desk.judge("1002", &number), Err(EntryRefused::Misheard));
        assert_eq!(
            desk.judge("1002", &text),
            Err(EntryRefused::OtherPrecinct(1001))
        );
        assert_eq!(desk.judge("", &number), Err(EntryRefused::NoPrecinct));
        assert_eq!(desk.judge("1003", &number), Err(EntryRefused::NoPrecinct));
        assert_eq!(
            desk.judge("", &text.replace("K2b", "K3")),
            Err(EntryRefused::Text(TicketError::Number))
        );
    }
}
