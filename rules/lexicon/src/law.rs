//! Country law as data: every number a statute sets, with its source.

use jiff::civil::Date;
use ring::digest;
use serde::Deserialize;

use crate::handover::event::kind;
use crate::handover::package::GRANTS;

mod calendar;
mod policy;

pub use calendar::{CalendarDay, Milestone, Rounding, Shortening, ShorteningError};
pub use policy::{
    Applicant, Category, Documents, LateAct, LateFact, ORDINARY, RemoteVoting, Series,
};

/// The law of one election, parsed from `countries/<cc>/laws/<year>.toml`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ElectionLaw {
    /// The law's name on the command line, as `kg-2015`.
    pub id: String,
    /// The election.
    pub election: Election,
    /// Who may vote.
    pub franchise: Franchise,
    /// Terms of the list.
    pub list: ListTerms,
    /// Change of voting address.
    pub form2: Form2,
    /// Voting at home.
    pub home: HomeVoting,
    /// What happens at the station.
    pub station: StationRules,
    /// The first round, when this day repeats it; none: an election of one round, or its first.
    #[serde(default)]
    pub repeat: Option<RepeatRound>,
    /// By how much an early election shortens every term; none: an election in its time.
    #[serde(default)]
    pub shortening: Shortening,
    /// Documents that count on election day.
    #[serde(default)]
    pub documents: Documents,
    /// Voting at any precinct.
    #[serde(default)]
    pub remote: RemoteVoting,
    /// What a fact does that becomes known late; none for a fact: [`LateAct::Delta`] after the freeze.
    #[serde(default)]
    pub late: Vec<LateFact>,
    /// SHA-256 of the file this law was read from.
    #[serde(skip)]
    pub hash: [u8; 32],
}

/// Which election, when, and on which clock.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Election {
    /// The number that documents carry, as 20151004.
    pub number: u32,
    /// Election day.
    pub day: Date,
    /// Offset of local time from UTC, minutes.
    pub offset_minutes: i64,
    /// Opening, minutes after local midnight.
    pub opens_minutes: u16,
    /// Closing, minutes after local midnight.
    pub closes_minutes: u16,
    /// Where the law says so.
    pub source: String,
}

/// A repeat round, whose list holds those of the first round; whom else it takes in is the law's to say.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepeatRound {
    /// The day of the first round, before election day.
    pub first_round: Date,
    /// Whether those are added who come of age between the rounds.
    pub adds_of_age: bool,
    /// Whether enrolments and residences after the first round's last day count.
    pub adds_enrolled: bool,
    /// Where the law says so.
    pub source: String,
}

/// Who may vote.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Franchise {
    /// Age in full years reached on election day, or on the day of the first round: [`RepeatRound::adds_of_age`].
    pub age_years: i16,
    /// ISO 3166-1 alpha-3 of the citizenship.
    pub citizenship: String,
    /// Whether biometric enrolment is a condition.
    pub biometrics_required: bool,
    /// Where the law says so.
    pub source: String,
}

/// Terms of forming the list; days before election day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListTerms {
    /// Enrolment counts when captured at least this many days before.
    pub enrolment_until_days: i32,
    /// Corrections and inclusions are taken until then.
    pub corrections_until_days: i32,
    /// Preliminary list on display.
    pub preliminary_days: i32,
    /// Final list handed to the commission.
    pub final_days: i32,
    /// Data on voters abroad are in.
    pub abroad_data_days: Option<i32>,
    /// Answer to a claim within this many days.
    pub answer_days: i32,
    /// The most voters a precinct may have.
    pub precinct_voters_max: u32,
    /// Lines on a page of the paper list.
    pub lines_per_page: u16,
    /// Kinds of precinct whose boundaries fill their list; every other kind holds those only who ask for it.
    pub landed_kinds: Vec<String>,
    /// Where the law says so.
    pub source: String,
}

/// Form 2, change of voting address.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form2 {
    /// Whether it exists under this law.
    pub enabled: bool,
    /// Taken until this many days before election day, end of day.
    pub until_days: i32,
    /// The table of categories; a category without a row has no right to file.
    pub category: Vec<Category>,
    /// Where the law says so.
    pub source: String,
}

/// Voting at home.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HomeVoting {
    /// Applications until this many days before election day.
    pub until_days: i32,
    /// Voting itself, days before election day.
    pub voting_days: Option<i32>,
    /// Accepted reasons.
    pub reasons: Vec<String>,
    /// Where the law says so.
    pub source: String,
}

/// What a kit does when the owner of a voter's number cannot be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartitionPolicy {
    /// Serve only the kit's own share.
    Segment,
    /// Serve after an officer confirms that the paper line is unsigned.
    PaperLock,
    /// Serve only with a majority of the kits.
    Quorum,
}

/// What a kit does when the register says that a voter of the list died after the freeze, and the finger fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopNotePolicy {
    /// The voter is served; the incident goes to the registry.
    Allow,
    /// The voter is refused and sent to the registry.
    Refuse,
}

/// An act that keys of the commission above may sign in place of officers, where the law says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HolderAct {
    /// Admit a spare kit.
    Grant,
    /// Open a kit.
    Open,
    /// Identify a voter without a finger.
    Identify,
    /// Undo an identification.
    Undo,
    /// Close a kit.
    Close,
    /// Take a lost grant of a line back.
    ReleaseGrant,
    /// Retire a kit and take its lines over.
    TakeOver,
    /// Enter the receipt of a lost kit.
    Reconstruct,
    /// Decide about a voter without a receipt.
    Resume,
    /// Look at the paper line.
    Look,
    /// Set a clock.
    SetClock,
    /// Release a line of the home list for the hall.
    ReleaseHome,
    /// Give a ballot at an interrupted table.
    Ballot,
    /// Close the precinct before its time.
    Suspend,
    /// Open a kit for another day.
    OpenSession,
    /// Declare that voting went on by paper alone.
    PaperOnly,
    /// Enter a line that was served on paper.
    PaperServed,
    /// Declare a slip void.
    VoidSlip,
    /// Take the operator's screen.
    TakeShift,
    /// Withdraw a card.
    WithdrawCard,
    /// Let slips come later.
    SlipsLater,
    /// Enter what was counted on paper after the close.
    EnterTotals,
}

impl HolderAct {
    /// The kind of event that it is; [`GRANTS`] for a grant to a spare.
    #[must_use]
    pub fn kind(self) -> u8 {
        match self {
            HolderAct::Grant => GRANTS,
            HolderAct::Open => kind::OPENED,
            HolderAct::Identify => kind::IDENTIFIED,
            HolderAct::Undo => kind::UNDONE,
            HolderAct::Close => kind::CLOSED,
            HolderAct::ReleaseGrant => kind::GRANT_RELEASED,
            HolderAct::TakeOver => kind::RETIRED,
            HolderAct::Reconstruct => kind::RECONSTRUCTED,
            HolderAct::Resume => kind::RESUMED,
            HolderAct::Look => kind::LINE_CHECKED,
            HolderAct::SetClock => kind::TIME_SET,
            HolderAct::ReleaseHome => kind::HOME_RELEASED,
            HolderAct::Ballot => kind::BALLOT_ISSUED,
            HolderAct::Suspend => kind::SUSPENDED,
            HolderAct::OpenSession => kind::SESSION_OPENED,
            HolderAct::PaperOnly => kind::PAPER_ONLY,
            HolderAct::PaperServed => kind::PAPER_SERVED,
            HolderAct::VoidSlip => kind::SLIP_VOIDED,
            HolderAct::TakeShift => kind::SHIFT_TAKEN,
            HolderAct::WithdrawCard => kind::CARD_WITHDRAWN,
            HolderAct::SlipsLater => kind::SLIPS_LATER,
            HolderAct::EnterTotals => kind::TOTALS_ENTERED,
        }
    }
}

/// Who decides that voting goes on another day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayDecidedBy {
    /// The commission above, with as many keys as break the glass.
    Holders,
    /// The two institutions that sign packages.
    Institutions,
}

/// How voting goes on another day at a precinct that was closed before its time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecondDayRule {
    /// Who decides.
    pub by: DayDecidedBy,
    /// It begins at most so many days after election day.
    pub days_max: u8,
    /// It lasts at most so many hours.
    pub hours_max: u8,
    /// Where the law says so.
    pub source: String,
}

/// What happens to identification while something of the kit is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenMissing {
    /// It goes on; the screens say what is missing.
    Allow,
    /// It waits until it is there again.
    Block,
}

/// What a kit does when a device or its memory is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DevicesRule {
    /// The monitor was there and is lost (S-33).
    pub monitor: WhenMissing,
    /// The memory of a kit of a real day cannot be kept out of swap.
    pub locked_memory: WhenMissing,
    /// Where the law says so.
    pub source: String,
}

/// When a kit may compare a finger with other voters of its precinct (1:N).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherLine {
    /// False hits that one search may give on average; the threshold follows from it and the number of fingers that
    /// are searched.
    pub false_hits: f64,
    /// Where the law says so.
    pub source: String,
}

/// Rules of the polling station.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StationRules {
    /// What an isolated kit does.
    pub partition: PartitionPolicy,
    /// `paper` or `scanned` (DESIGN.md §6).
    pub ballot_table: String,
    /// The most fingers in a package.
    pub fingers_max: u8,
    /// Tries for each finger.
    pub tries_per_finger: u8,
    /// Failures after which the kit pauses.
    pub pause_after_failures: u8,
    /// The pause, seconds.
    pub pause_seconds: u16,
    /// False match rate the finger threshold is set for.
    pub finger_fmr: f64,
    /// Alarm when overrides pass this percentage of the list.
    pub override_quota_percent: f64,
    /// Officers that must sign a fallback, undo or opening.
    pub officers_needed: u8,
    /// Keys of the commission above that open a kit when too few officers can; left out where nobody else may.
    #[serde(default)]
    pub holders_needed: Option<u8>,
    /// Acts that these keys may sign in place of officers; they may always say why, and sign reports.
    #[serde(default)]
    pub holders_may: Vec<HolderAct>,
    /// Officers with cards at each precinct.
    pub officers: u8,
    /// Whether two signing officers must come from different nominating bodies.
    pub different_bodies: bool,
    /// Kits are planned for this many voters each.
    pub voters_per_kit: u32,
    /// Seconds after which a silent peer counts as unreachable.
    pub peer_stale_seconds: u16,
    /// Clock skew that is shown, seconds.
    pub skew_warn_seconds: u16,
    /// Clock skew that blocks, seconds.
    pub skew_block_seconds: u16,
    /// Seconds without use after which the operator's screen locks.
    pub lock_seconds: u16,
    /// Identifications in a row that one pair of officers may sign before it is an incident.
    pub pair_run_max: u8,
    /// Seconds in which a grant of a line must be used.
    pub grant_seconds: u16,
    /// Seconds after which two officers may take such a grant back.
    pub release_seconds: u16,
    /// Seconds for which an officer's look at the paper line may be used.
    pub look_seconds: u16,
    /// What a stop-note does when the finger fits.
    pub stop_note: StopNotePolicy,
    /// How voting goes on another day; a law that is silent knows no such day.
    pub second_day: Option<SecondDayRule>,
    /// Looking for another line of the precinct whose finger it is; a law that is silent does not allow it.
    pub other_line: Option<OtherLine>,
    /// Looking, before a voter whose finger fits is served, if it fits a line that is marked already (S-16); a law that
    /// is silent does not allow it.
    pub marked_lines: Option<OtherLine>,
    /// Keeping captures of fingers that identified voters, sealed, and comparing them after the day (S-16): false hits of
    /// one search among all of them; a law that is silent does not allow it.
    pub captures: Option<OtherLine>,
    /// When a monitor or the guard of the memory is missing; a law that is silent lets voting go on.
    pub devices: Option<DevicesRule>,
    /// Where the law or the commission's rules say so.
    pub source: String,
}

/// Why a law file was refused: an engineer mends the file.
#[derive(Debug, thiserror::Error)]
pub enum LawError {
    /// The file is no TOML of this shape.
    #[error("law: {0}")]
    Shape(#[from] toml::de::Error),
    /// No law of this id is shipped.
    #[error("law: no law is known as {0}")]
    Unknown(String),
    /// The first round is not before the repeat round.
    #[error("law: [repeat] first_round {first} is not before election.day {day}")]
    Rounds {
        /// The first round as named.
        first: Date,
        /// Election day.
        day: Date,
    },
}

/// The laws shipped, by id.
const SHIPPED: &[(&str, &str)] = &[
    (
        "kg-2015",
        include_str!("../../../countries/kg/laws/2015.toml"),
    ),
    (
        "kg-2020",
        include_str!("../../../countries/kg/laws/2020.toml"),
    ),
    (
        "kg-2025",
        include_str!("../../../countries/kg/laws/2025.toml"),
    ),
];

impl ElectionLaw {
    /// Parses a law file.
    ///
    /// # Errors
    /// [`LawError::Shape`] naming the line and field; [`LawError::Rounds`].
    pub fn parse(text: &str) -> Result<Self, LawError> {
        let mut law: Self = toml::from_str(text)?;
        if let Some(repeat) = &law.repeat
            && repeat.first_round >= law.election.day
        {
            return Err(LawError::Rounds {
                first: repeat.first_round,
                day: law.election.day,
            });
        }
        law.hash
            .copy_from_slice(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
        Ok(law)
    }

    /// A law shipped with the product.
    ///
    /// # Errors
    /// [`LawError::Unknown`] when no such law is shipped.
    pub fn shipped(id: &str) -> Result<Self, LawError> {
        let text = Self::shipped_text(id).ok_or_else(|| LawError::Unknown(id.to_owned()))?;
        Self::parse(text)
    }

    /// The text of a shipped law, for publication.
    #[must_use]
    pub fn shipped_text(id: &str) -> Option<&'static str> {
        SHIPPED
            .iter()
            .find(|(known, _)| *known == id)
            .map(|(_, text)| *text)
    }

    /// Ids of the laws shipped.
    pub fn shipped_ids() -> impl Iterator<Item = &'static str> {
        SHIPPED.iter().map(|(id, _)| *id)
    }

    /// The day on which a term of the law falls: `days` before election day, shortened by the law's
    /// factor; election day itself when there is no such day in the calendar.
    #[must_use]
    pub fn days_before(&self, days: i32) -> Date {
        self.day_minus(self.shortening.shorten(days))
    }

    /// The day so many days before election day, as counted on a wall calendar.
    #[must_use]
    pub fn day_minus(&self, days: i32) -> Date {
        minus_days(self.election.day, days)
    }

    /// The last day on which an enrolment counts, and on which residences are judged: before election day, or before the
    /// first round when a repeat round adds nobody enrolled since.
    #[must_use]
    pub fn enrolment_until(&self) -> Date {
        let fixed = self.repeat.as_ref().filter(|round| !round.adds_enrolled);
        let day = fixed.map_or(self.election.day, |round| round.first_round);
        minus_days(day, self.shortening.shorten(self.list.enrolment_until_days))
    }

    /// The latest birth date that reaches the franchise age on election day, or on the day of the first round when a repeat
    /// round adds nobody who came of age since.
    ///
    /// Someone born on 29 February comes of age on 1 March of a common year.
    #[must_use]
    pub fn born_no_later_than(&self) -> Date {
        let fixed = self.repeat.as_ref().filter(|round| !round.adds_of_age);
        let day = fixed.map_or(self.election.day, |round| round.first_round);
        let span = jiff::Span::new().try_years(self.franchise.age_years);
        span.and_then(|span| day.checked_sub(span)).unwrap_or(day)
    }
}

/// The day itself when there is no such day in the calendar.
fn minus_days(day: Date, days: i32) -> Date {
    let span = jiff::Span::new().try_days(days);
    span.and_then(|span| day.checked_sub(span)).unwrap_or(day)
}

#[cfg(test)]
mod tests;
