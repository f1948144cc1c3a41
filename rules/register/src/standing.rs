//! A person's place in the register.

use lexicon::{Date, PersonId};

use crate::case::VerdictId;

/// A person's place in the register, once a civil act or an enrolment gave them one.
///
/// A person never enrolled and not known to be dead has none (`Option<Standing>`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Enrolled, duplicate check not finished: "collected, not yet processed".
    Pending {
        /// Day of capture.
        since: Date,
    },
    /// The only standing that may enter a roll.
    Unique {
        /// Day the duplicate check was finished.
        checked: Date,
    },
    /// Another record of the same person is counted.
    Duplicate {
        /// The record that is counted.
        of: PersonId,
        /// The verdict that says so.
        verdict: VerdictId,
    },
    /// The civil registry holds a death act.
    Deceased {
        /// Day of death.
        on: Date,
    },
}

impl Standing {
    /// The code of [`Standing::Unique`].
    pub const UNIQUE: &'static str = "unique";

    /// True for the one standing that may enter a roll.
    #[must_use]
    pub fn may_enter_roll(&self) -> bool {
        match self {
            Standing::Unique { .. } => true,
            Standing::Pending { .. } | Standing::Duplicate { .. } | Standing::Deceased { .. } => {
                false
            }
        }
    }

    /// The code that the snapshot carries.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Standing::Pending { .. } => "pending",
            Standing::Unique { .. } => Self::UNIQUE,
            Standing::Duplicate { .. } => "duplicate",
            Standing::Deceased { .. } => "deceased",
        }
    }
}

/// The code of a person who was never enrolled.
pub const NEVER_ENROLLED: &str = "none";

/// The facts that standing follows from; days of the person's own acts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StandingFacts {
    /// Day of death, the earliest act.
    pub died: Option<Date>,
    /// The duplicate verdict in force.
    pub duplicate: Option<(PersonId, VerdictId)>,
    /// The earliest day on which a duplicate check of an enrolment was finished.
    pub checked: Option<Date>,
    /// The earliest capture.
    pub captured: Option<Date>,
}

impl StandingFacts {
    /// Adds one enrolment.
    pub fn see_enrolment(&mut self, captured: Date, processed: Option<Date>) {
        self.captured = Some(self.captured.map_or(captured, |d| d.min(captured)));
        if let Some(day) = processed {
            self.checked = Some(self.checked.map_or(day, |d| d.min(day)));
        }
    }

    /// Adds one death act.
    pub fn see_death(&mut self, on: Date) {
        self.died = Some(self.died.map_or(on, |d| d.min(on)));
    }

    /// The standing that follows: a death first, then a verdict, then the enrolments.
    #[must_use]
    pub fn standing(&self) -> Option<Standing> {
        if let Some(on) = self.died {
            return Some(Standing::Deceased { on });
        }
        if let Some((of, verdict)) = self.duplicate {
            return Some(Standing::Duplicate { of, verdict });
        }
        match (self.checked, self.captured) {
            (Some(checked), _) => Some(Standing::Unique { checked }),
            (None, Some(since)) => Some(Standing::Pending { since }),
            (None, None) => None,
        }
    }
}
