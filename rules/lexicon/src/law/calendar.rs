//! The calendar of an election, computed from the terms of its law and its shortening factor.

use jiff::civil::Date;
use serde::Deserialize;

use super::ElectionLaw;

/// Which way a part of a day goes when a term is shortened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// A day that has begun counts whole: 15 days less a quarter are 12.
    Up,
    /// Only whole days count: 15 days less a quarter are 11.
    Down,
}

/// By how much an early election shortens every term.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, try_from = "Written")]
pub struct Shortening {
    numerator: u32,
    denominator: u32,
    rounding: Rounding,
    source: String,
}

/// A shortening as a law file writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    numerator: u32,
    denominator: u32,
    rounding: Rounding,
    source: String,
}

impl TryFrom<Written> for Shortening {
    type Error = ShorteningError;

    fn try_from(written: Written) -> Result<Self, ShorteningError> {
        let mut shortening = Self::by(written.numerator, written.denominator)?;
        shortening.rounding = written.rounding;
        shortening.source = written.source;
        Ok(shortening)
    }
}

/// Why a factor was refused: who wrote the law file mends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a term is shortened by less than all of itself: {numerator}/{denominator} is no such part"
)]
pub struct ShorteningError {
    /// Above the line.
    pub numerator: u32,
    /// Below the line.
    pub denominator: u32,
}

impl Default for Shortening {
    /// An election in its time: no term is shortened.
    fn default() -> Self {
        Self {
            numerator: 0,
            denominator: 1,
            rounding: Rounding::Up,
            source: String::new(),
        }
    }
}

impl Shortening {
    /// Shortened by `numerator`/`denominator`, a begun day counting whole.
    ///
    /// # Errors
    /// [`ShorteningError`] unless the part lies between 0 and 1.
    pub fn by(numerator: u32, denominator: u32) -> Result<Self, ShorteningError> {
        if numerator >= denominator {
            return Err(ShorteningError {
                numerator,
                denominator,
            });
        }
        Ok(Self {
            numerator,
            denominator,
            ..Self::default()
        })
    }

    /// The same part, rounded another way.
    #[must_use]
    pub fn rounded(self, rounding: Rounding) -> Self {
        Self { rounding, ..self }
    }

    /// Reads `1/4`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (numerator, denominator) = text.split_once('/')?;
        Self::by(
            numerator.trim().parse().ok()?,
            denominator.trim().parse().ok()?,
        )
        .ok()
    }

    /// Whether terms are shortened at all.
    #[must_use]
    pub fn is_early(&self) -> bool {
        self.numerator > 0
    }

    /// The part as it is written, `1/4`.
    #[must_use]
    pub fn part(&self) -> String {
        format!("{}/{}", self.numerator, self.denominator)
    }

    /// Which way a part of a day goes.
    #[must_use]
    pub fn rounding(&self) -> Rounding {
        self.rounding
    }

    /// Where the law says so.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// A term of so many days after shortening. It never grows, and a longer term never becomes the shorter one.
    #[must_use]
    pub fn shorten(&self, days: i32) -> i32 {
        if self.numerator == 0 || days <= 0 {
            return days;
        }
        let (whole, kept) = (
            i64::from(self.denominator),
            i64::from(self.denominator - self.numerator),
        );
        let product = i64::from(days) * kept;
        let shortened = match self.rounding {
            Rounding::Up => product.div_euclid(whole) + i64::from(product.rem_euclid(whole) > 0),
            Rounding::Down => product.div_euclid(whole),
        };
        i32::try_from(shortened).unwrap_or(days)
    }
}

/// What happens on a day of the calendar.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Milestone {
    /// The preliminary list is on display.
    Preliminary,
    /// Data on voters abroad are in.
    AbroadData,
    /// Last day on which an enrolment counts.
    EnrolmentUntil,
    /// Last day of corrections and inclusions.
    CorrectionsUntil,
    /// Last day of Form 2.
    Form2Until,
    /// Last day of answers to claims of the last day.
    AnswersUntil,
    /// Lists of hospitals and places of detention are in.
    ListsOfInstitutions,
    /// The final list is with the commission.
    Final,
    /// Last day of applications for voting at home.
    HomeUntil,
    /// Voting at home.
    HomeVoting,
    /// Election day.
    Election,
}

impl Milestone {
    /// The code in tables; a page has its words under it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Milestone::Preliminary => "preliminary",
            Milestone::AbroadData => "abroad_data",
            Milestone::EnrolmentUntil => "enrolment_until",
            Milestone::CorrectionsUntil => "corrections_until",
            Milestone::Form2Until => "form2_until",
            Milestone::AnswersUntil => "answers_until",
            Milestone::ListsOfInstitutions => "institution_lists",
            Milestone::Final => "final",
            Milestone::HomeUntil => "home_until",
            Milestone::HomeVoting => "home_voting",
            Milestone::Election => "election",
        }
    }

    /// What happens, in English, for the command line; screens have their own words under [`Self::code`].
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Milestone::Preliminary => "preliminary list on display",
            Milestone::AbroadData => "data on voters abroad are in",
            Milestone::EnrolmentUntil => "last day on which an enrolment counts",
            Milestone::CorrectionsUntil => "last day of corrections and inclusions",
            Milestone::Form2Until => "last day of Form 2",
            Milestone::AnswersUntil => "the last claims are answered",
            Milestone::ListsOfInstitutions => "lists of hospitals and places of detention are in",
            Milestone::Final => "final list with the commission",
            Milestone::HomeUntil => "last day of applications for voting at home",
            Milestone::HomeVoting => "voting at home",
            Milestone::Election => "election day",
        }
    }
}

/// One day of the calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalendarDay {
    /// What happens.
    pub milestone: Milestone,
    /// On which day.
    pub day: Date,
    /// Days before election day, after shortening.
    pub days_before: i32,
    /// Days before election day as the law writes the term.
    pub term_days: i32,
    /// Where the law says so.
    pub source: String,
}

impl ElectionLaw {
    /// The named days of this election, the earliest first; what the law does not know is left out.
    ///
    /// Every term is shortened by the law's factor; the rounding is the factor's ([`Shortening::shorten`]).
    #[must_use]
    pub fn calendar(&self) -> Vec<CalendarDay> {
        let list = &self.list;
        let mut days = vec![
            (Milestone::Preliminary, list.preliminary_days, &list.source),
            (
                Milestone::EnrolmentUntil,
                list.enrolment_until_days,
                &list.source,
            ),
            (
                Milestone::CorrectionsUntil,
                list.corrections_until_days,
                &list.source,
            ),
            (Milestone::Final, list.final_days, &list.source),
            (
                Milestone::HomeUntil,
                self.home.until_days,
                &self.home.source,
            ),
            (Milestone::Election, 0, &self.election.source),
        ];
        if let Some(abroad) = list.abroad_data_days {
            days.push((Milestone::AbroadData, abroad, &list.source));
        }
        if let Some(eve) = self.home.voting_days {
            days.push((Milestone::HomeVoting, eve, &self.home.source));
        }
        if self.form2.enabled {
            days.push((
                Milestone::Form2Until,
                self.form2.until_days,
                &self.form2.source,
            ));
            let own = self.form2.category.iter().filter(|c| c.enabled);
            if let Some((term, source)) = own
                .filter_map(|c| Some((c.until_days?, &c.source)))
                .min_by_key(|(term, _)| *term)
            {
                days.push((Milestone::ListsOfInstitutions, term, source));
            }
        }
        let mut calendar: Vec<CalendarDay> = days
            .into_iter()
            .map(|(milestone, term_days, source)| CalendarDay {
                milestone,
                day: self.days_before(term_days),
                days_before: self.shortening.shorten(term_days),
                term_days,
                source: source.clone(),
            })
            .collect();
        calendar.push(self.answers_day());
        calendar.sort_by_key(|day| (-day.days_before, day.milestone));
        calendar
    }

    /// The day by which the claims of the last day are answered: never after the final list.
    fn answers_day(&self) -> CalendarDay {
        let list = &self.list;
        let mut last = list.corrections_until_days;
        if self.form2.enabled {
            last = last.min(self.form2.until_days);
        }
        let answered = self.shortening.shorten(last) - self.answer_days();
        let days_before = answered.max(self.shortening.shorten(list.final_days));
        CalendarDay {
            milestone: Milestone::AnswersUntil,
            day: self.day_minus(days_before),
            days_before,
            term_days: (last - list.answer_days).max(list.final_days),
            source: list.source.clone(),
        }
    }

    /// Days within which a claim is answered, after shortening.
    #[must_use]
    pub fn answer_days(&self) -> i32 {
        self.shortening.shorten(self.list.answer_days)
    }

    /// The last day on which a claim filed on a day may be answered: within the answer term, and never
    /// after the day of the final list, because an answer after it could not enter the list.
    #[must_use]
    pub fn answer_due(&self, filed: Date) -> Date {
        let span = jiff::Span::new().try_days(self.answer_days());
        let due = span
            .and_then(|span| filed.checked_add(span))
            .unwrap_or(filed);
        due.min(self.days_before(self.list.final_days))
    }
}
