//! Two adjudicators who do not see each other, and a third when they differ.
//!
//! Source: SECURITY.md threats 11 and 13. The draw is random by an argument; nobody chooses their case.

use lexicon::handover::envelope::sha256;
use lexicon::{Date, PersonId};
use register::{CaseId, CaseKind, Outcome};

use crate::policy::PolicyHash;

/// What an adjudicator says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Says {
    /// One person.
    Same,
    /// Two persons.
    Distinct,
    /// The PIN is this person's.
    Keep(PersonId),
}

/// One opinion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opinion {
    /// Whose.
    pub officer: String,
    /// What.
    pub says: Says,
    /// The policy the officer worked under.
    pub policy: PolicyHash,
}

/// Who decides a case: two, and a third when they differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panel {
    /// Two different officers.
    pub blind: [String; 2],
    /// The third, asked only on a split; none when there are only two officers.
    pub third: Option<String>,
}

/// Draws the panel of a case: a ranking of the officers by a keyed hash of case and officer.
///
/// With secret randomness every pair is equally likely and nobody can foresee a draw; with the same
/// arguments it can be checked afterwards. None when there are fewer than two officers. `officers` in any
/// order; doubles count once. `round` counts the verdicts given before, so that an appeal is drawn anew.
#[must_use]
pub fn draw(case: CaseId, round: u32, officers: &[String], randomness: &[u8; 32]) -> Option<Panel> {
    let mut ranked: Vec<([u8; 32], &String)> = officers
        .iter()
        .map(|officer| {
            let mut text = randomness.to_vec();
            text.extend_from_slice(case.to_string().as_bytes());
            text.extend_from_slice(&round.to_be_bytes());
            text.extend_from_slice(officer.as_bytes());
            (sha256(&text), officer)
        })
        .collect();
    ranked.sort();
    ranked.dedup();
    let mut drawn = ranked.into_iter().map(|(_, officer)| officer.clone());
    Some(Panel {
        blind: [drawn.next()?, drawn.next()?],
        third: drawn.next(),
    })
}

/// The records of a case, as far as the outcome needs them: who, and their earliest capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Records {
    /// What the case asks.
    pub kind: CaseKind,
    /// Persons with their earliest capture; two for a duplicate case, at least two for a PIN.
    pub persons: Vec<(PersonId, Option<Date>)>,
}

/// What the opinions come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// An opinion is missing.
    Waiting,
    /// The two differ: the third is asked.
    Split,
    /// All three differ, or there is no third: the heads of the service decide.
    Open,
    /// Decided.
    Verdict(Outcome),
}

/// Why an opinion does not count. Nothing was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpinionError {
    /// The officer was not drawn for this case.
    #[error("this case was given to other adjudicators")]
    NotDrawn,
    /// The third is asked only when two differ.
    #[error("the third adjudicator is not asked before two differ")]
    TooEarly,
    /// The officer has decided already; afterwards there is the appeal.
    #[error("this adjudicator has decided already")]
    Twice,
    /// The policy was changed: reload the case.
    #[error("the opinion was given under another policy than the one in force")]
    StalePolicy,
    /// The answer does not fit the case's question.
    #[error("this answer does not fit the case")]
    Misfit,
    /// The case has a verdict already; an appeal reverses it first.
    #[error("the case is decided")]
    Decided,
}

/// Says what the opinions of a panel come to.
///
/// # Errors
/// [`OpinionError`] naming the first opinion that does not count.
pub fn settle(
    records: &Records,
    panel: &Panel,
    opinions: &[Opinion],
    policy: PolicyHash,
) -> Result<Settlement, OpinionError> {
    let mut blind: [Option<Says>; 2] = [None, None];
    let mut third = None;
    for opinion in opinions {
        if opinion.policy != policy {
            return Err(OpinionError::StalePolicy);
        }
        if !fits(records, opinion.says) {
            return Err(OpinionError::Misfit);
        }
        let seat = match panel
            .blind
            .iter()
            .position(|officer| *officer == opinion.officer)
        {
            Some(place) => &mut blind[place],
            None if panel.third.as_ref() == Some(&opinion.officer) => &mut third,
            None => return Err(OpinionError::NotDrawn),
        };
        if seat.replace(opinion.says).is_some() {
            return Err(OpinionError::Twice);
        }
    }
    let [Some(first), Some(second)] = blind else {
        return if third.is_some() {
            Err(OpinionError::TooEarly)
        } else {
            Ok(Settlement::Waiting)
        };
    };
    let decided = match third {
        None if first == second => Some(first),
        None => {
            return Ok(if panel.third.is_some() {
                Settlement::Split
            } else {
                Settlement::Open
            });
        }
        Some(_) if first == second => return Err(OpinionError::TooEarly),
        Some(third) => [first, second].into_iter().find(|says| *says == third),
    };
    Ok(decided.map_or(Settlement::Open, |says| {
        Settlement::Verdict(outcome(records, says))
    }))
}

fn fits(records: &Records, says: Says) -> bool {
    match (records.kind, says) {
        (CaseKind::Duplicate | CaseKind::SharedPin, Says::Distinct) => true,
        (CaseKind::Duplicate | CaseKind::SharedPin, Says::Same) => records.persons.len() == 2,
        (CaseKind::SharedPin, Says::Keep(keeper)) => {
            records.persons.iter().any(|(p, _)| *p == keeper)
        }
        (CaseKind::Duplicate, Says::Keep(_)) => false,
    }
}

/// Of one person's two records the one captured first is counted; without a capture, the smaller id.
///
/// The order is total, so that verdicts about three records never strike all of them.
fn outcome(records: &Records, says: Says) -> Outcome {
    match says {
        Says::Distinct => Outcome::Distinct,
        Says::Keep(keeper) => Outcome::PinKept { keeper },
        Says::Same => {
            let mut persons = records.persons.clone();
            persons.sort_by_key(|(person, captured)| (captured.is_none(), *captured, *person));
            match persons[..] {
                [(of, _), (person, _), ..] => Outcome::Duplicate { person, of },
                [] | [_] => Outcome::Distinct,
            }
        }
    }
}

#[cfg(test)]
mod tests;
