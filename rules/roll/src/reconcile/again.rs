//! Reconciliation again, after a few acts: only rows whose outcome can have changed are looked at.
//!
//! A row finds people by its number (every holder of it) or by its birth date (everybody born then), or by answers;
//! what it says of the record it means follows from that person's own rows, from other records of the same human,
//! from other holders of the record's number, and from other rows that mean the same human. So a row is judged anew
//! when one of those is among the people about whom something changed. The plain twin is [`super::reconcile`]: a
//! property test holds the two against each other.

use std::collections::HashSet;

use lexicon::{Date, ElectionLaw, PersonId};

use super::find::{Finder, Found, FoundBy, Sought};
use super::human::Humans;
use super::row::ParsedRow;
use super::{Groups, Judge, Reconciliation};
use crate::eligibility::Terms;
use crate::form::Roll;
use crate::snapshot::{Moves, PersonAt, Snapshot};

/// What the earlier snapshot said of the people about whom something changed, taken before it is amended.
pub struct Before {
    /// The human behind each record.
    humans: Humans,
    /// Touched people who stood there.
    touched: Vec<PersonAt>,
    /// Numbers that they held.
    pins: Vec<u64>,
    /// Their birth dates.
    births: Vec<Date>,
}

impl std::fmt::Debug for Before {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Before({} persons)", self.touched.len())
    }
}

impl Before {
    /// Of the earlier snapshot.
    #[must_use]
    pub fn of(snapshot: &Snapshot, touched: &[PersonId]) -> Self {
        let touched: Vec<PersonAt> = touched
            .iter()
            .filter_map(|id| snapshot.find_person(*id))
            .collect();
        let persons = || touched.iter().map(|at| snapshot.person(*at));
        Self {
            humans: Humans::of(snapshot),
            pins: persons()
                .filter_map(|p| p.pin)
                .map(|p| p.as_u64())
                .collect(),
            births: persons().map(|p| p.born).collect(),
            touched,
        }
    }
}

/// What changed between the two snapshots.
#[derive(Debug)]
pub struct Change<'a> {
    /// The earlier snapshot.
    pub before: &'a Before,
    /// Where its people stand now.
    pub moves: &'a Moves,
    /// Everybody about whom something changed, came or went.
    pub touched: &'a [PersonId],
}

/// People and numbers whose rows are looked at.
struct Stirred {
    /// By place, in the newer snapshot.
    persons: Vec<bool>,
    pins: HashSet<u64>,
    births: HashSet<Date>,
}

impl Stirred {
    /// Touched people, and everybody whose records are, or were, one human with theirs.
    fn of(snapshot: &Snapshot, humans: &Humans, change: &Change<'_>) -> Self {
        let Change {
            before,
            moves,
            touched,
        } = change;
        let mut stirred = Self {
            persons: vec![false; humans.len()],
            pins: before.pins.iter().copied().collect(),
            births: before.births.iter().copied().collect(),
        };
        let mut found: Vec<PersonAt> = Vec::new();
        for id in *touched {
            found.extend(snapshot.find_person(*id));
        }
        // Records that were joined to another human, or that stand alone now.
        for old in (0..before.humans.len()).map(PersonAt::from_index) {
            let Some(now) = moves.person(old) else {
                continue;
            };
            if moves.person(before.humans.human(old)) != Some(humans.human(now)) {
                found.push(now);
                let were = before.humans.records(old).iter();
                found.extend(were.filter_map(|record| moves.person(*record)));
            }
        }
        for old in &before.touched {
            let were = before.humans.records(*old).iter();
            found.extend(were.filter_map(|record| moves.person(*record)));
        }
        for person in found {
            for &record in humans.records(person).iter().chain([&person]) {
                if !std::mem::replace(&mut stirred.persons[record.at()], true) {
                    let row = snapshot.person(record);
                    stirred.pins.extend(row.pin.map(|pin| pin.as_u64()));
                    stirred.births.insert(row.born);
                }
            }
        }
        stirred
    }
}

/// The people whom rows with these numbers and birth dates can mean.
fn sought(snapshot: &Snapshot, pins: &HashSet<u64>, births: &HashSet<Date>) -> Sought {
    let mut sought = Sought::default();
    for at in snapshot.people() {
        let person = snapshot.person(at);
        if let Some(pin) = person.pin.map(|pin| pin.as_u64())
            && pins.contains(&pin)
        {
            sought.by_pin.push((pin, at));
        }
        if births.contains(&person.born) {
            sought.by_birth.push((person.born, at));
        }
    }
    sought
}

/// The reconciliation of the newer snapshot, from that of the earlier one; the same as [`super::reconcile`] gives.
///
/// The commission's list, precincts and boundaries must be those of the earlier snapshot, and the law the same.
/// Cost: a pass over rows and persons, and about 10 µs for each row that is looked at anew.
#[must_use]
pub fn reconcile_again(
    mut kept: Reconciliation,
    change: &Change<'_>,
    snapshot: &Snapshot,
    roll: &Roll,
    law: &ElectionLaw,
) -> Reconciliation {
    let humans = Humans::of(snapshot);
    let stirred = Stirred::of(snapshot, &humans, change);
    let answered = Finder::answered_in(snapshot, &humans, law);
    let mut mark_answered = vec![false; kept.rows.len()];
    answered.rows().for_each(|(at, _)| mark_answered[at] = true);
    let sought_anew = |at: usize| {
        let (mark, by) = (&kept.marks[at], kept.rows[at].found_by);
        let by_date = match by {
            FoundBy::Details | FoundBy::Nobody => true,
            FoundBy::Pin | FoundBy::PinAmong | FoundBy::Review | FoundBy::Unreadable => false,
        };
        mark.answered
            || mark_answered[at]
            || mark.pin.is_some_and(|pin| stirred.pins.contains(&pin))
            || by_date && mark.born.is_some_and(|born| stirred.births.contains(&born))
    };
    let anew: Vec<usize> = (0..kept.rows.len()).filter(|at| sought_anew(*at)).collect();
    // Whom these rows mean.
    let marks = || anew.iter().map(|at| &kept.marks[*at]);
    let pins: HashSet<u64> = marks().filter_map(|mark| mark.pin).collect();
    let births: HashSet<Date> = marks().filter_map(|mark| mark.born).collect();
    let mut people = sought(snapshot, &pins, &births);
    people.others = answered.rows().filter_map(|(_, same)| same).collect();
    let mut finder = Finder::among(snapshot, law, humans, people);
    let mut found: Vec<Found> = kept
        .rows
        .iter()
        .map(|row| Found {
            record: row.record.and_then(|at| change.moves.person(at)),
            by: row.found_by,
        })
        .collect();
    for &at in &anew {
        let row = finder.parse(&snapshot.commission.get(at));
        found[at] = finder.find(at, &row);
    }
    let groups = Groups::of(found, &finder.humans);
    // What is said of them, and of rows whose record or group changed.
    let mut looked_at = vec![false; kept.rows.len()];
    anew.iter().for_each(|at| looked_at[*at] = true);
    let humans = finder.humans;
    let judged_anew = |at: usize| {
        let Some(record) = groups.found[at].record else {
            return looked_at[at];
        };
        let several = groups
            .kept(humans.human(record))
            .filter(|(_, several)| *several);
        let pin = snapshot.person(record).pin;
        looked_at[at]
            || stirred.persons[record.at()]
            || pin.is_some_and(|pin| stirred.pins.contains(&pin.as_u64()))
            || several.map(|(row, _)| row) != kept.rows[at].kept
    };
    let anew: Vec<usize> = (0..kept.rows.len()).filter(|at| judged_anew(*at)).collect();
    let records: Vec<PersonAt> = anew
        .iter()
        .filter_map(|at| groups.found[*at].record)
        .collect();
    let pins: HashSet<u64> = records
        .iter()
        .filter_map(|at| snapshot.person(*at).pin)
        .map(|pin| pin.as_u64())
        .collect();
    let mut people = sought(snapshot, &pins, &HashSet::new());
    people.others = records;
    let mut finder = Finder::among(snapshot, law, humans, people);
    let parsed: Vec<ParsedRow> = anew
        .iter()
        .map(|at| finder.parse(&snapshot.commission.get(*at)))
        .collect();
    let judge = Judge {
        snapshot,
        roll,
        law,
        terms: Terms::of(law),
        humans: &finder.humans,
        finder: &finder,
    };
    for (row, found) in kept.rows.iter_mut().zip(&groups.found) {
        row.record = found.record;
        row.found_by = found.by;
    }
    for (&at, row) in anew.iter().zip(&parsed) {
        kept.rows[at] = judge.row(at, row, &groups.found[at], &groups);
    }
    for (mark, answered) in kept.marks.iter_mut().zip(mark_answered) {
        mark.answered = answered;
    }
    kept.new = groups.new_persons(roll, &finder.humans);
    kept
}

#[cfg(test)]
mod tests;
