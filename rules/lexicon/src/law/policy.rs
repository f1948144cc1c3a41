//! Who may change the voting address, how a precinct is filled, what a late fact does: law as data.

use jiff::civil::Date;
use serde::Deserialize;

/// How an applicant of a category makes themselves known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Applicant {
    /// In person, identified at the desk by finger or document.
    Identified,
    /// By a list that the head of the institution signs: a hospital, a unit, a place of detention.
    Listed,
}

/// One row of the table of Form 2: a category of applicants, with its switch.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Its code, as the claim carries it; `ordinary` is a claim that names none.
    pub code: String,
    /// The switch.
    pub enabled: bool,
    /// How the applicant is known.
    pub applicant: Applicant,
    /// Kinds of precinct it may name.
    pub kinds: Vec<String>,
    /// A last day of its own, days before election day; otherwise that of Form 2.
    pub until_days: Option<i32>,
    /// Where the law says so.
    pub source: String,
}

/// The category of a claim that names none.
pub const ORDINARY: &str = "ordinary";

/// Whose document counts on election day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Documents {
    /// Whether a person without a valid document stays off the list.
    pub required: bool,
    /// The series that identify a voter.
    pub series: Vec<Series>,
    /// Where the law says so.
    pub source: String,
}

/// One series of documents, by the letters before the number.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Series {
    /// The letters, as `AN`.
    pub letters: String,
    /// Issued from this day on, if the series has a beginning.
    pub from: Option<Date>,
    /// The first day on which no document of the series is valid any more, if that was decided.
    pub invalid_from: Option<Date>,
}

impl Default for Documents {
    /// No document is demanded.
    fn default() -> Self {
        Self {
            required: false,
            series: Vec::new(),
            source: String::new(),
        }
    }
}

impl Documents {
    /// Whether a document's series identifies a voter on a day; without a table every series does.
    #[must_use]
    pub fn accepts(&self, number: &str, on: Date) -> bool {
        let digits = number.find(|c: char| c.is_ascii_digit());
        let letters = &number[..digits.unwrap_or(number.len())];
        self.series.is_empty()
            || self.series.iter().any(|series| {
                letters == series.letters
                    && series.from.is_none_or(|from| from <= on)
                    && series.invalid_from.is_none_or(|end| on < end)
            })
    }
}

/// Voting at any precinct, away from one's own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoteVoting {
    /// Whether the law knows it.
    pub enabled: bool,
    /// Whether only a precinct outside the voter's own district takes them.
    pub outside_own_district: bool,
    /// Whether a station must ask the centre first whether the voter has voted.
    pub central_check: bool,
    /// How a remote voter is identified, by code of the method.
    pub methods: Vec<String>,
    /// Where the law says so.
    pub source: String,
}

impl Default for RemoteVoting {
    /// Not known to the law.
    fn default() -> Self {
        Self {
            enabled: false,
            outside_own_district: false,
            central_check: false,
            methods: Vec::new(),
            source: String::new(),
        }
    }
}

/// What the list does with a fact that became known within one window of time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LateAct {
    /// The next release is formed with it.
    List,
    /// A signed delta and a paper supplement.
    Delta,
    /// The line stays as printed; the station is told, nobody is turned away for it.
    Note,
    /// This election's list stays; the register has it.
    Record,
}

/// The policy for one kind of fact, by when it became known.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LateFact {
    /// Kind of fact: `death`, `court`, `citizenship_loss`, `name_change`, `document`, `enrolment`, `residence`.
    pub fact: String,
    /// Until the last day of the final list.
    pub before_freeze: LateAct,
    /// After it, until the eve.
    pub after_freeze: LateAct,
    /// On election day.
    pub on_the_day: LateAct,
    /// After election day.
    pub after_the_day: LateAct,
    /// Where the law says so.
    pub source: String,
}
