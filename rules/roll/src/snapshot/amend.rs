//! A snapshot goes on: the rows of people about whom something changed are taken out, new ones come in.
//!
//! What comes out is what the whole newer snapshot gives, but for the numbers of words, which mean nothing.

use lexicon::PersonId;
use lexicon::handover::snapshot::SnapshotTables;

use super::{
    AddressAt, Claim, PersonAt, RowAnswer, RowSays, Snapshot, SnapshotBuilder, SnapshotError,
    Standing,
};

/// Tables that come anew as a whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Replaced {
    /// `street_names`.
    pub street_names: bool,
    /// `second_addresses`.
    pub second_addresses: bool,
    /// `precincts`.
    pub precincts: bool,
    /// `boundaries`.
    pub boundaries: bool,
    /// `claims`.
    pub claims: bool,
    /// `commission`.
    pub commission: bool,
    /// `review_answers`.
    pub review_answers: bool,
}

/// What a newer snapshot says otherwise than an earlier one.
///
/// **Touched** is everybody one of whose rows in `persons`, `documents`, `residences`, `civil_events`, `enrolments`
/// differs, who resides or resided at a house that differs, or whose record is counted under one that came or went.
/// `claims` come whole when they differ or name somebody who came or went, `review_answers` likewise, `second_addresses`
/// when they differ or name a house that does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Everybody about whom something changed, also who came and who went.
    pub touched: Vec<PersonId>,
    /// Ids of the houses that changed, came or went.
    pub addresses: Vec<Box<str>>,
    /// Tables that stand in `rows` as a whole.
    pub replaced: Replaced,
    /// Of the newer snapshot: every row about a touched person, the houses that changed or came, the tables replaced.
    pub rows: SnapshotTables,
}

impl Changes {
    /// The newer snapshot, from the earlier one.
    ///
    /// # Errors
    /// As [`SnapshotBuilder::finish`]; [`SnapshotError::Stray`] for a row about what is not said to have changed.
    pub fn apply(&self, base: Snapshot) -> Result<(Snapshot, Moves), SnapshotError> {
        let mut builder = SnapshotBuilder::amend(
            base,
            self.touched.clone(),
            self.addresses.clone(),
            self.replaced,
        );
        let touched = builder.amended.as_ref().map(|amended| &amended.touched);
        self.no_stray(touched.unwrap_or(&Vec::new()))?;
        builder.take(&self.rows)?;
        builder.finish_amended()
    }

    fn no_stray(&self, touched: &[PersonId]) -> Result<(), SnapshotError> {
        let rows = &self.rows;
        let people = (rows.persons.iter().map(|row| ("persons", row.person)))
            .chain(rows.documents.iter().map(|row| ("documents", row.person)))
            .chain(rows.residences.iter().map(|row| ("residences", row.person)))
            .chain(
                rows.civil_events
                    .iter()
                    .map(|row| ("civil_events", row.person)),
            )
            .chain(rows.enrolments.iter().map(|row| ("enrolments", row.person)));
        let stray = |table, row| Err(SnapshotError::Stray { table, row });
        for (table, person) in people {
            if touched.binary_search(&person).is_err() {
                return stray(table, person.to_string());
            }
        }
        for row in &rows.addresses {
            if !self.addresses.iter().any(|id| **id == row.address) {
                return stray("addresses", row.address.clone());
            }
        }
        let whole = [
            (
                "street_names",
                self.replaced.street_names,
                rows.street_names.len(),
            ),
            (
                "second_addresses",
                self.replaced.second_addresses,
                rows.second_addresses.len(),
            ),
            ("precincts", self.replaced.precincts, rows.precincts.len()),
            (
                "boundaries",
                self.replaced.boundaries,
                rows.boundaries.len(),
            ),
            ("claims", self.replaced.claims, rows.claims.len()),
            (
                "commission",
                self.replaced.commission,
                rows.commission.len(),
            ),
            (
                "review_answers",
                self.replaced.review_answers,
                rows.review_answers.len(),
            ),
        ];
        match whole
            .into_iter()
            .find(|(_, replaced, rows)| !replaced && *rows > 0)
        {
            Some((table, _, _)) => stray(table, String::new()),
            None => Ok(()),
        }
    }
}

/// Where the rows of the earlier snapshot stand in the newer one.
#[derive(Clone, Debug, Default)]
pub struct Moves {
    persons: Vec<u32>,
    addresses: Vec<u32>,
}

/// The place of a row that is not there any more.
const GONE: u32 = u32::MAX;

impl Moves {
    /// Where a person of the earlier snapshot stands; none when the newer one does not hold it.
    #[must_use]
    pub fn person(&self, before: PersonAt) -> Option<PersonAt> {
        let now = *self.persons.get(before.at())?;
        (now != GONE).then_some(PersonAt(now))
    }

    fn address(&self, before: AddressAt) -> Option<AddressAt> {
        let now = self.addresses[before.at()];
        (now != GONE).then_some(AddressAt(now))
    }
}

/// What was taken out, until the new rows are in.
#[derive(Debug)]
pub(super) struct Amended {
    /// Sorted.
    touched: Vec<PersonId>,
    /// Sorted ids.
    addresses: Vec<Box<str>>,
    /// For each person of the earlier snapshot, whether the row stayed.
    stayed: Vec<bool>,
    /// Places and ids of the persons of the earlier snapshot who were taken out.
    people_out: Vec<(usize, PersonId)>,
    /// Places and ids of its addresses that were taken out.
    houses_out: Vec<(usize, Box<str>)>,
    /// How many addresses it had.
    houses: usize,
}

impl SnapshotBuilder {
    /// Goes on from a snapshot: every row about a touched person is taken out, every address that is named, and
    /// every table that comes as a whole. The rows of the newer snapshot about them are then given as always.
    ///
    /// Cost: some passes over the tables, about half a second for six million persons.
    #[must_use]
    pub fn amend(
        base: Snapshot,
        mut touched: Vec<PersonId>,
        mut addresses: Vec<Box<str>>,
        replaced: Replaced,
    ) -> Self {
        touched.sort_unstable();
        touched.dedup();
        addresses.sort_unstable();
        addresses.dedup();
        let mut builder = Self::new();
        let mut stayed = vec![true; base.persons.len()];
        let people_out: Vec<(usize, PersonId)> = touched
            .iter()
            .filter_map(|id| Some((base.find_person(*id)?.at(), *id)))
            .collect();
        people_out.iter().for_each(|(at, _)| stayed[*at] = false);
        let houses_out: Vec<(usize, Box<str>)> = addresses
            .iter()
            .filter_map(|id| Some((base.address_with_id(id)?.at(), id.clone())))
            .collect();
        builder.made = base;
        builder.links(&stayed);
        builder.unresolve(replaced);
        let made = &mut builder.made;
        let names = |row: &(&'static str, String)| {
            row.1
                .parse()
                .is_ok_and(|id: PersonId| touched.binary_search(&id).is_ok())
        };
        made.dangling.retain(|row| match row.0 {
            "review_answers" => !replaced.review_answers,
            "second_addresses" => !replaced.second_addresses,
            _ => !names(row),
        });
        let stays = |person: PersonAt| stayed[person.at()];
        made.documents.retain(|row| stays(row.person));
        made.residences.retain(|row| stays(row.person));
        made.events.retain(|row| stays(row.person));
        made.enrolments.retain(|row| stays(row.person));
        let mut at = 0;
        made.persons.retain(|_| {
            at += 1;
            stayed[at - 1]
        });
        let houses = made.addresses.len();
        made.addresses
            .retain(|row| addresses.binary_search(&row.id).is_err());
        if replaced.street_names {
            made.street_names.clear();
        }
        if replaced.precincts {
            made.precincts.clear();
        }
        if replaced.boundaries {
            made.boundaries.clear();
        }
        if replaced.commission {
            made.commission = super::CommissionList::default();
        }
        builder.amended = Some(Amended {
            touched,
            addresses,
            stayed,
            people_out,
            houses_out,
            houses,
        });
        builder
    }

    /// Verdicts of the rows that stay, by ids: places move.
    fn links(&mut self, stayed: &[bool]) {
        let persons = &self.made.persons;
        let links = persons
            .iter()
            .zip(stayed)
            .filter_map(|(row, stays)| match row.standing {
                Standing::Duplicate(Some(counted)) if *stays => {
                    Some((row.id, persons[counted.at()].id))
                }
                Standing::Duplicate(_)
                | Standing::Unique
                | Standing::Pending
                | Standing::Deceased(_)
                | Standing::NotEnrolled => None,
            });
        self.duplicate_of = links.collect();
    }

    /// Claims and answers name people and houses by id again.
    fn unresolve(&mut self, replaced: Replaced) {
        let made = &mut self.made;
        let claims = std::mem::take(&mut made.claims);
        let answers = std::mem::take(&mut made.answers);
        let seconds = std::mem::take(&mut made.second_addresses);
        if !replaced.second_addresses {
            let house = |at: AddressAt| made.addresses[at.at()].id.clone();
            let pending = seconds.into_iter().map(|row| (house(row.address), row));
            self.pending.second_addresses = pending.collect();
        }
        let id = |at: PersonAt| made.persons[at.at()].id;
        if !replaced.claims {
            let pending = claims.into_iter().map(|row: Claim| {
                let person = row.person.map(id);
                (
                    person,
                    Claim {
                        person: None,
                        ..row
                    },
                )
            });
            self.pending.claims = pending.collect();
        }
        if !replaced.review_answers {
            let pending = answers.into_iter().map(|row: RowAnswer| {
                let (person, address) = match row.says {
                    RowSays::Link(at, _) => (Some(id(at)), Box::default()),
                    RowSays::House(at) => (None, made.addresses[at.at()].id.clone()),
                    RowSays::NoHouse => (None, Box::default()),
                };
                (person, address, row)
            });
            self.pending.answers = pending.collect();
        }
    }
}

impl Amended {
    /// Points the rows that stayed at the new places; persons and addresses stand sorted.
    pub(super) fn move_rows(self, made: &mut Snapshot) -> Moves {
        let mut persons = vec![GONE; self.stayed.len()];
        let new = places(&made.persons, &self.touched, |row| &row.id);
        let old = (0..self.stayed.len()).filter(|at| self.stayed[*at]);
        old.zip(new).for_each(|(old, new)| persons[old] = new);
        for (old, id) in &self.people_out {
            if let Some(PersonAt(new)) = made.find_person(*id) {
                persons[*old] = new;
            }
        }
        let mut addresses = vec![GONE; self.houses];
        let mut out = self.houses_out.iter().peekable();
        let old = (0..self.houses).filter(|at| out.next_if(|(gone, _)| gone == at).is_none());
        let new = places(&made.addresses, &self.addresses, |row| &row.id);
        old.zip(new).for_each(|(old, new)| addresses[old] = new);
        for (old, id) in &self.houses_out {
            if let Some(AddressAt(new)) = made.address_with_id(id) {
                addresses[*old] = new;
            }
        }
        let moves = Moves { persons, addresses };
        // INVARIANT (moves): rows of people who were taken out went with them.
        let moved = |person: PersonAt| moves.person(person).unwrap_or(person);
        made.documents
            .iter_mut()
            .for_each(|row| row.person = moved(row.person));
        made.events
            .iter_mut()
            .for_each(|row| row.person = moved(row.person));
        made.enrolments
            .iter_mut()
            .for_each(|row| row.person = moved(row.person));
        let mut lost = Vec::new();
        let persons = &made.persons;
        made.residences.retain_mut(|row| {
            row.person = moved(row.person);
            match moves.address(row.address) {
                Some(place) => {
                    row.address = place;
                    true
                }
                None => {
                    lost.push(("residences", persons[row.person.at()].id.to_string()));
                    false
                }
            }
        });
        made.dangling.extend(lost);
        moves
    }
}

/// Places of the rows whose keys are not among the `taken`, in order; both stand sorted.
fn places<'a, T, K: Ord>(
    rows: &'a [T],
    taken: &'a [K],
    key: impl Fn(&T) -> &K + 'a,
) -> impl Iterator<Item = u32> + 'a {
    let mut taken = taken.iter().peekable();
    rows.iter()
        .zip(0u32..)
        .filter(move |(row, _)| {
            while taken.next_if(|next| *next < key(row)).is_some() {}
            taken.peek().is_none_or(|next| *next != key(row))
        })
        .map(|(_, at)| at)
}
