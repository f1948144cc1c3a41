//! Applications for voting at home: what the law says to one at the desk, and which stand when the home list is frozen.
//!
//! An application changes no line of the list: it says where the voter of a line votes. The last word of a person before
//! the law's cut-off stands; a withdrawal is such a word. What was refused is kept with its reason, like the rest.

use std::collections::BTreeMap;

use lexicon::{ElectionLaw, ExclusionReason, Instant, PersonId, PrecinctCode};

use crate::claim::deadline;

/// The first moment after the last day of applications: the cut-off, by the country's law.
#[must_use]
pub fn cut_off(law: &ElectionLaw) -> Instant {
    deadline(law, law.home.until_days)
}

/// Why an application, or its withdrawal, is not taken. The clerk tells the voter the next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HomeRefused {
    /// The law's last day is over.
    AfterCutOff,
    /// The applicant was not identified by finger or document.
    NotIdentified,
    /// The person stands on no list; why, when the list says so.
    NotOnList(Option<ExclusionReason>),
    /// The person stands on the list of this other precinct.
    OtherPrecinct(PrecinctCode),
    /// The law of this election knows no such category.
    NotInCategory,
    /// Nobody knows where to go: no place of the visit was named.
    NoPlace,
    /// An application of this person stands already.
    AlreadyApplied,
    /// There is no application to withdraw: none was made, or it is withdrawn.
    Withdrawn,
}

impl HomeRefused {
    /// Every code.
    pub const CODES: [&'static str; 8] = [
        "after_cut_off",
        "not_identified",
        "not_on_list",
        "other_precinct",
        "not_in_category",
        "no_place",
        "already_applied",
        "withdrawn",
    ];

    /// The code of the reason.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            HomeRefused::AfterCutOff => "after_cut_off",
            HomeRefused::NotIdentified => "not_identified",
            HomeRefused::NotOnList(_) => "not_on_list",
            HomeRefused::OtherPrecinct(_) => "other_precinct",
            HomeRefused::NotInCategory => "not_in_category",
            HomeRefused::NoPlace => "no_place",
            HomeRefused::AlreadyApplied => "already_applied",
            HomeRefused::Withdrawn => "withdrawn",
        }
    }

    /// Whether the clerk corrects the form and asks again; otherwise the voter is refused, and that is kept.
    #[must_use]
    pub fn is_slip_of_the_form(self) -> bool {
        match self {
            HomeRefused::NotIdentified | HomeRefused::NotInCategory | HomeRefused::NoPlace => true,
            HomeRefused::AfterCutOff
            | HomeRefused::NotOnList(_)
            | HomeRefused::OtherPrecinct(_)
            | HomeRefused::AlreadyApplied
            | HomeRefused::Withdrawn => false,
        }
    }

    /// What belongs to the reason: the other precinct, or why the list does not name the person; else empty.
    #[must_use]
    pub fn detail(self) -> String {
        match self {
            HomeRefused::NotOnList(Some(why)) => why.code().to_owned(),
            HomeRefused::OtherPrecinct(precinct) => precinct.to_string(),
            HomeRefused::AfterCutOff
            | HomeRefused::NotIdentified
            | HomeRefused::NotOnList(None)
            | HomeRefused::NotInCategory
            | HomeRefused::NoPlace
            | HomeRefused::AlreadyApplied
            | HomeRefused::Withdrawn => String::new(),
        }
    }
}

/// What a person asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish<'a> {
    /// To vote at home.
    Apply {
        /// Category of the law's table.
        category: &'a str,
        /// Where the members go.
        place: &'a str,
    },
    /// To take it back and vote in the hall.
    Withdraw,
}

/// A wish as it is uttered at the desk.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'a> {
    /// What is asked.
    pub wish: Wish<'a>,
    /// At which precinct.
    pub precinct: PrecinctCode,
    /// The applicant was identified by finger or document.
    pub identified: bool,
    /// When.
    pub at: Instant,
}

/// What is known of the applicant.
#[derive(Clone, Copy, Debug, Default)]
pub struct Applicant {
    /// Where they stand on the latest list.
    pub listed: Option<PrecinctCode>,
    /// Why they are not on it.
    pub excluded: Option<ExclusionReason>,
    /// Whether their last word is an application.
    pub has_applied: bool,
}

/// Hears a wish.
///
/// # Errors
/// [`HomeRefused`]: the voter is told why, and what to do.
pub fn hear(law: &ElectionLaw, draft: Draft<'_>, applicant: Applicant) -> Result<(), HomeRefused> {
    // Nothing is kept under a person's name on the word of somebody who was not identified.
    if !draft.identified {
        return Err(HomeRefused::NotIdentified);
    }
    if draft.at >= cut_off(law) {
        return Err(HomeRefused::AfterCutOff);
    }
    match (draft.wish, applicant.has_applied) {
        // Who moved to another list may still take back what they asked at this one.
        (Wish::Withdraw, true) => return Ok(()),
        (Wish::Withdraw, false) => return Err(HomeRefused::Withdrawn),
        (Wish::Apply { .. }, _) => {}
    }
    stands(draft.precinct, applicant)?;
    if let Wish::Apply { category, place } = draft.wish {
        if !law.home.reasons.iter().any(|known| known == category) {
            return Err(HomeRefused::NotInCategory);
        }
        if place.trim().is_empty() {
            return Err(HomeRefused::NoPlace);
        }
    }
    if applicant.has_applied {
        return Err(HomeRefused::AlreadyApplied);
    }
    Ok(())
}

/// Whether a person stands on the list of a precinct.
fn stands(precinct: PrecinctCode, applicant: Applicant) -> Result<(), HomeRefused> {
    match applicant.listed {
        Some(listed) if listed == precinct => Ok(()),
        Some(listed) => Err(HomeRefused::OtherPrecinct(listed)),
        None => Err(HomeRefused::NotOnList(applicant.excluded)),
    }
}

/// A wish that was taken: an application or its withdrawal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Rises with each wish.
    pub number: u64,
    /// Whose.
    pub person: PersonId,
    /// At which precinct.
    pub precinct: PrecinctCode,
    /// When.
    pub at: Instant,
    /// Whether it takes an application back.
    pub withdraws: bool,
}

/// What became of an application when the home list was frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The line is served at home.
    Stands {
        /// Line of the precinct's list.
        line: u32,
    },
    /// A later word of the same person took its place.
    Superseded,
    /// It does not stand on the list that is packed.
    Lapsed(HomeRefused),
}

/// The home lists of a release, and what became of every application.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frozen {
    /// Lines served at home, by precinct, ascending.
    pub lines: BTreeMap<PrecinctCode, Vec<u32>>,
    /// Fate by number; withdrawals have none.
    pub fates: BTreeMap<u64, Fate>,
}

/// Freezes the home lists: the last word of each person before the cut-off, on the list that is packed.
///
/// `place` says where a person stands on that list: the precinct and line, or why nowhere. The order of `taken` changes
/// nothing. Cost: one sort.
pub fn freeze(
    law: &ElectionLaw,
    taken: &[Taken],
    place: impl Fn(PersonId) -> Result<(PrecinctCode, u32), Option<ExclusionReason>>,
) -> Frozen {
    let until = cut_off(law);
    let mut last: BTreeMap<PersonId, &Taken> = BTreeMap::new();
    for wish in taken.iter().filter(|wish| wish.at < until) {
        let known = last.entry(wish.person).or_insert(wish);
        if (wish.at, wish.number) > (known.at, known.number) {
            *known = wish;
        }
    }
    let mut frozen = Frozen::default();
    for wish in taken.iter().filter(|wish| !wish.withdraws) {
        let is_last = last
            .get(&wish.person)
            .is_some_and(|last| last.number == wish.number);
        let fate = if wish.at >= until {
            Fate::Lapsed(HomeRefused::AfterCutOff)
        } else if !is_last {
            Fate::Superseded
        } else {
            match place(wish.person) {
                Ok((precinct, line)) if precinct == wish.precinct => Fate::Stands { line },
                Ok((precinct, _)) => Fate::Lapsed(HomeRefused::OtherPrecinct(precinct)),
                Err(why) => Fate::Lapsed(HomeRefused::NotOnList(why)),
            }
        };
        if let Fate::Stands { line } = fate {
            frozen.lines.entry(wish.precinct).or_default().push(line);
        }
        frozen.fates.insert(wish.number, fate);
    }
    for lines in frozen.lines.values_mut() {
        lines.sort_unstable();
    }
    frozen
}

#[cfg(test)]
mod tests;
