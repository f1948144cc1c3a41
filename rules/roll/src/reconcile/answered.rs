//! What people decided about rows, for the rows that still say what they were asked about.

use std::collections::HashMap;

use super::human::Humans;
use crate::review::{Says, subject_of};
use crate::snapshot::{AddressAt, PersonAt, RowAnswer, RowSays, Snapshot};

/// Decisions by the place of their row.
pub(super) struct Answered(HashMap<usize, OfRow>);

/// The decisions about one row.
#[derive(Debug, Default)]
pub(super) struct OfRow {
    /// The record that it means.
    pub same: Option<PersonAt>,
    /// People whom it does not mean.
    pub apart: Vec<PersonAt>,
    /// The house that its address means.
    pub house: Option<AddressAt>,
    /// One decision says what another denies: none about a link counts.
    pub contradicts: bool,
    /// Every decision as `joined=review/subject@date`, in the order of subjects, joined by `;`.
    pub evidence: String,
}

impl OfRow {
    /// `same` with two people, or `same` and `distinct` with one: nobody's answer is preferred.
    fn settle(&mut self, same: &[PersonAt], humans: &Humans) {
        let mut meant: Vec<PersonAt> = same.iter().map(|r| humans.human(*r)).collect();
        meant.sort_unstable();
        meant.dedup();
        self.contradicts = meant.len() > 1 || meant.iter().any(|human| self.apart.contains(human));
        if self.contradicts {
            self.apart.clear();
        } else {
            self.same = same.first().copied();
        }
    }
}

impl Answered {
    /// Finds the rows of the answers; an answer whose row is gone or was written anew counts for nothing.
    pub fn of(snapshot: &Snapshot, humans: &Humans, offset_minutes: i64) -> Self {
        let mut rows: HashMap<usize, Vec<&RowAnswer>> = HashMap::new();
        for answer in &snapshot.answers {
            let Some(at) = snapshot.commission.find(&answer.row) else {
                continue;
            };
            let person = match answer.says {
                RowSays::Link(record, _) => Some(snapshot.person(record).id),
                RowSays::House(_) | RowSays::NoHouse => None,
            };
            if *subject_of(&snapshot.commission.get(at), person) == *answer.subject {
                rows.entry(at).or_default().push(answer);
            }
        }
        let of_row = |answers: Vec<&RowAnswer>| {
            let mut row = OfRow::default();
            let mut same = Vec::new();
            for answer in &answers {
                match answer.says {
                    RowSays::Link(record, Says::Same) => same.push(record),
                    RowSays::Link(record, Says::Distinct) => row.apart.push(humans.human(record)),
                    RowSays::House(house) => row.house = Some(house),
                    RowSays::Link(_, Says::CannotTell) | RowSays::NoHouse => {}
                }
            }
            row.settle(&same, humans);
            let shown = answers.iter().map(|answer| {
                let what = named(answer.says, row.contradicts);
                let day = answer.decided.local_date(offset_minutes);
                format!("{what}=review/{}@{day}", answer.subject)
            });
            row.evidence = shown.collect::<Vec<_>>().join(";");
            row
        };
        Self(
            rows.into_iter()
                .map(|(at, row)| (at, of_row(row)))
                .collect(),
        )
    }

    /// Places of the rows with decisions, and the records that those name as the same.
    pub fn rows(&self) -> impl Iterator<Item = (usize, Option<PersonAt>)> + '_ {
        self.0.iter().map(|(at, row)| (*at, row.same))
    }

    /// The decisions about the row at a place.
    pub fn at(&self, at: usize) -> Option<&OfRow> {
        self.0.get(&at)
    }
}

/// How a decision is named in the evidence.
fn named(says: RowSays, contradicts: bool) -> &'static str {
    match says {
        RowSays::Link(_, Says::Same | Says::Distinct) if contradicts => "contradicts",
        RowSays::Link(_, Says::Same) => "joined",
        RowSays::Link(_, Says::Distinct) => "apart",
        RowSays::Link(_, Says::CannotTell) => "cannot_tell",
        RowSays::House(_) => "placed",
        RowSays::NoHouse => "no_house",
    }
}

/// Ids of rows about which decisions contradict each other, in the order of the list: a final list waits for them.
#[must_use]
pub fn contradicting_rows(snapshot: &Snapshot) -> Vec<&str> {
    if snapshot.answers.is_empty() {
        return Vec::new();
    }
    let answered = Answered::of(snapshot, &Humans::of(snapshot), 0);
    let mut places: Vec<usize> = answered
        .0
        .iter()
        .filter(|(_, row)| row.contradicts)
        .map(|(at, _)| *at)
        .collect();
    places.sort_unstable();
    places
        .into_iter()
        .map(|at| snapshot.commission.get(at).row)
        .collect()
}

#[cfg(test)]
mod tests;
