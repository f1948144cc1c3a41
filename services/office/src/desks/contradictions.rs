//! Rows about which decisions contradict each other: none of them counts until the questions are asked again.

use std::collections::BTreeMap;

use lexicon::PersonId;
use roll::review::Says;
use store::{DecidedLink, ReviewItem, StoreError, Tx};

use crate::pages::contradictions as page;
use crate::visit::{Answer, Answered, Problem, Visit};

/// The fewest letters of a reason.
const REASON_MIN: usize = 10;

/// A row with the decisions that contradict each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contradiction {
    /// The row of the list in force.
    pub row: String,
    /// What was decided about it, by subject.
    pub decisions: Vec<DecidedLink>,
}

impl Contradiction {
    /// Whether it can be asked again: each question is asked again once.
    pub fn may_be_asked_again(&self) -> bool {
        self.decisions.iter().any(|decided| !decided.asked_again)
    }
}

/// Whether two decisions cannot both be true, each about the record that is counted: the row is two people, or is one
/// and is not. The rule of `roll::reconcile`.
fn contradict(decisions: &[(PersonId, Says)]) -> bool {
    let of = |wanted: Says| {
        decisions
            .iter()
            .filter(move |(_, says)| *says == wanted)
            .map(|(person, _)| *person)
    };
    of(Says::Same).any(|meant| {
        of(Says::Same).any(|other| other != meant) || of(Says::Distinct).any(|not| not == meant)
    })
}

/// Every row of the list in force whose decisions contradict each other, by row.
///
/// # Errors
/// The store's.
pub(crate) fn contradictions(tx: &mut Tx<'_>) -> Result<Vec<Contradiction>, StoreError> {
    let mut found = Vec::new();
    let edition = tx.find_list_in_force()?;
    let together = tx.links_decided_together()?;
    let persons: Vec<PersonId> = together
        .values()
        .flatten()
        .filter_map(|decided| decided.item.person)
        .collect();
    let counted: BTreeMap<PersonId, PersonId> = match persons.is_empty() {
        true => BTreeMap::new(),
        false => persons
            .iter()
            .copied()
            .zip(tx.counted_records(&persons)?)
            .collect(),
    };
    for (row, mut decisions) in together {
        let Some(list) = tx.find_row_of_list(edition, &row)? else {
            continue;
        };
        // A decision about the row as it was before counts for nothing.
        decisions.retain(|d| ReviewItem::subject_of(&list, d.item.person) == d.item.subject);
        let said: Vec<(PersonId, Says)> = decisions
            .iter()
            .filter_map(|d| Some((*counted.get(&d.item.person?)?, d.says)))
            .collect();
        if contradict(&said) {
            found.push(Contradiction { row, decisions });
        }
    }
    Ok(found)
}

/// How many rows wait.
///
/// # Errors
/// The store's.
pub(crate) fn count(tx: &mut Tx<'_>) -> Result<u64, StoreError> {
    Ok(contradictions(tx)?.len() as u64)
}

fn shown(visit: &Visit<'_>, wrong: Option<(&str, &str)>) -> Result<maud::Markup, Problem> {
    let store = &visit.office.store;
    let found = store.read("contradictions", contradictions)?;
    Ok(page::list(visit, &found, wrong))
}

pub(crate) fn list(visit: &Visit<'_>) -> Answered {
    shown(visit, None).map(Answer::Page)
}

/// Asks every question about a row again.
pub(crate) fn ask_again(visit: &Visit<'_>) -> Answered {
    let (row, reason) = (visit.field("row"), visit.field("why").trim());
    if reason.chars().count() < REASON_MIN {
        let said = visit.t("contradiction.reason_short");
        return shown(visit, Some((row, &said))).map(Answer::Correct);
    }
    let staff = &visit.staff;
    let is_asked = visit.office.store.transact("ask_again", staff, |tx| {
        let found = contradictions(tx)?;
        let Some(of_row) = found.into_iter().find(|found| found.row == row) else {
            return Ok::<_, StoreError>(false);
        };
        for decided in of_row.decisions.iter().filter(|d| !d.asked_again) {
            tx.ask_again(&decided.item, reason)?;
        }
        Ok(true)
    })?;
    // Settled meanwhile by another: the page shows that.
    Ok(Answer::Go(if is_asked {
        "/review/contradictions?done=yes".to_owned()
    } else {
        "/review/contradictions".to_owned()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_people_or_one_and_not_one_contradict() {
        let (a, b) = (PersonId::of_source("t", "a"), PersonId::of_source("t", "b"));
        let check = |decisions: &[(PersonId, Says)], wanted| {
            assert_eq!(contradict(decisions), wanted, "{decisions:?}");
        };
        check(&[(a, Says::Same), (b, Says::Same)], true);
        check(&[(a, Says::Same), (a, Says::Distinct)], true);
        check(&[(a, Says::Same), (b, Says::Distinct)], false);
        check(&[(a, Says::Same), (a, Says::Same)], false);
        check(&[(a, Says::Distinct), (b, Says::Distinct)], false);
        check(&[(a, Says::Same), (b, Says::CannotTell)], false);
    }
}
