//! What the list does with a fact by the day on which it became known; the policy is law data.

use lexicon::law::LateAct;
use lexicon::{ChangeReason, Date, ElectionLaw, ExclusionReason};

/// A kind of fact that may arrive late.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Fact {
    /// A death.
    Death,
    /// A court act on the right to vote.
    Court,
    /// Citizenship lost or found to be another.
    CitizenshipLoss,
    /// A name or a birth date changed.
    NameChange,
    /// A document was issued or lost.
    Document,
    /// An enrolment was processed.
    Enrolment,
    /// A residence changed, or a claim moves the voter.
    Residence,
}

/// When a fact became known, by the calendar of the election.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Window {
    /// Until the day of the final list.
    BeforeFreeze,
    /// After it, until the eve.
    AfterFreeze,
    /// On election day.
    OnTheDay,
    /// After it.
    AfterTheDay,
}

impl Window {
    /// The window of a day.
    #[must_use]
    pub fn of(law: &ElectionLaw, known_on: Date) -> Self {
        match known_on.cmp(&law.election.day) {
            std::cmp::Ordering::Greater => Window::AfterTheDay,
            std::cmp::Ordering::Equal => Window::OnTheDay,
            std::cmp::Ordering::Less if known_on > law.days_before(law.list.final_days) => {
                Window::AfterFreeze
            }
            std::cmp::Ordering::Less => Window::BeforeFreeze,
        }
    }
}

impl Fact {
    /// Every kind.
    pub const ALL: [Fact; 7] = [
        Fact::Death,
        Fact::Court,
        Fact::CitizenshipLoss,
        Fact::NameChange,
        Fact::Document,
        Fact::Enrolment,
        Fact::Residence,
    ];

    /// The code in a law file.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Fact::Death => "death",
            Fact::Court => "court",
            Fact::CitizenshipLoss => "citizenship_loss",
            Fact::NameChange => "name_change",
            Fact::Document => "document",
            Fact::Enrolment => "enrolment",
            Fact::Residence => "residence",
        }
    }

    /// The kind of fact that a rule of exclusion rests on, whether it begins or ceases to fail.
    #[must_use]
    pub fn behind(reason: ExclusionReason) -> Self {
        match reason {
            ExclusionReason::Dead => Fact::Death,
            ExclusionReason::NotCitizen => Fact::CitizenshipLoss,
            ExclusionReason::Court => Fact::Court,
            ExclusionReason::UnderAge => Fact::NameChange,
            // A verdict on records and a processed capture are both the centre's work finished late.
            ExclusionReason::Duplicate
            | ExclusionReason::NoBiometrics
            | ExclusionReason::NotYetProcessed
            | ExclusionReason::PinConflict => Fact::Enrolment,
            ExclusionReason::NoAddress | ExclusionReason::AbroadNotRegistered => Fact::Residence,
            ExclusionReason::NoValidDocument => Fact::Document,
        }
    }

    /// The kind of fact behind a change of the list that no rule of exclusion made.
    #[must_use]
    pub fn behind_change(reason: ChangeReason) -> Self {
        match reason {
            ChangeReason::Corrected => Fact::NameChange,
            ChangeReason::Transferred => Fact::Residence,
            ChangeReason::Eligible => Fact::Enrolment,
        }
    }
}

/// What the list does with a fact that became known on a day.
///
/// A fact that the law does not name: into the list before the freeze, a delta after it, a note on the
/// day, the record after.
#[must_use]
pub fn late_act(law: &ElectionLaw, fact: Fact, known_on: Date) -> LateAct {
    let window = Window::of(law, known_on);
    let Some(policy) = law.late.iter().find(|row| row.fact == fact.code()) else {
        return match window {
            Window::BeforeFreeze => LateAct::List,
            Window::AfterFreeze => LateAct::Delta,
            Window::OnTheDay => LateAct::Note,
            Window::AfterTheDay => LateAct::Record,
        };
    };
    match window {
        Window::BeforeFreeze => policy.before_freeze,
        Window::AfterFreeze => policy.after_freeze,
        Window::OnTheDay => policy.on_the_day,
        Window::AfterTheDay => policy.after_the_day,
    }
}

#[cfg(test)]
mod tests;
