//! The houses of a snapshot arranged for the search of texts: by the name that a street bears, by those it bore, and a
//! building by each of its addresses.

use std::cell::OnceCell;

use lexicon::Date;
use register::address::index::HouseRow;
use register::address::{Answer, Builder, Context, Fit, HouseAt, Index, Places, Seeker};

use crate::boundary::{Placed, Territory};
use crate::snapshot::{AddressAt, Snapshot, StreetName};

/// The arranged houses, and the building of each.
#[derive(Debug)]
pub struct Houses {
    /// For the search.
    pub index: Index,
    /// INVARIANT (buildings): in the order of the index; a building stands once for each of its addresses.
    buildings: Vec<AddressAt>,
}

/// Whether a name is one that its street no longer bears on a day.
fn is_former(row: &StreetName, day: Date) -> bool {
    row.until.is_some_and(|until| until <= day)
}

impl Houses {
    /// Arranges the houses of a snapshot on a day. `placed` are their precincts, in their order; without them none is
    /// known.
    #[must_use]
    pub fn of(snapshot: &Snapshot, placed: &[Option<Placed>], places: Places, day: Date) -> Self {
        let text = |word| snapshot.words.text(word);
        let mut builder = Builder::new(places);
        let mut buildings = Vec::with_capacity(snapshot.addresses.len());
        for (at, row) in snapshot.addresses.iter().enumerate() {
            builder.house(&HouseRow {
                soate: row.soate,
                street: text(row.street),
                street_name: text(row.street_name),
                house: text(row.house),
                precinct: placed
                    .get(at)
                    .copied()
                    .flatten()
                    .map(|placed| placed.precinct),
            });
            buildings.push(AddressAt::from_index(at));
        }
        let seconds = &snapshot.second_addresses;
        let is_placed = !seconds.is_empty() && !placed.is_empty();
        let territory = is_placed.then(|| Territory::of(snapshot));
        for row in seconds {
            builder.house(&HouseRow {
                soate: row.soate,
                street: text(row.street),
                street_name: text(row.street_name),
                house: text(row.house),
                precinct: territory
                    .as_ref()
                    .and_then(|land| land.second(snapshot, row)),
            });
            buildings.push(row.address);
        }
        for row in &snapshot.street_names {
            if row.from.is_none_or(|from| from <= day) {
                builder.other_name(text(row.street), text(row.name), is_former(row, day));
            }
        }
        Self {
            index: builder.finish(),
            buildings,
        }
    }

    /// The building of each house of the index, in its order.
    pub fn buildings(&self) -> impl Iterator<Item = AddressAt> + '_ {
        self.buildings.iter().copied()
    }

    /// The building of a house of the index.
    #[must_use]
    pub fn building(&self, house: HouseAt) -> AddressAt {
        self.buildings[house.0 as usize]
    }
}

/// Texts of one snapshot that each mean a house. The houses are arranged with the first text that needs it.
#[derive(Debug)]
pub struct HouseTexts<'a> {
    snapshot: &'a Snapshot,
    day: Date,
    houses: OnceCell<Houses>,
}

impl<'a> HouseTexts<'a> {
    /// Nothing is arranged yet.
    #[must_use]
    pub fn of(snapshot: &'a Snapshot, day: Date) -> Self {
        Self {
            snapshot,
            day,
            houses: OnceCell::new(),
        }
    }

    /// The building that a text means without doubt, and how its street agrees; by the source's id nothing has to agree.
    ///
    /// `street, house` as the register prints them is taken when one building alone has it; else the text is read as
    /// people write addresses. Cost: a pass over the houses; the first other text of a nation 3.5 s.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<(AddressAt, Option<Fit>)> {
        if let Some(at) = self.snapshot.address_with_id(text) {
            return Some((at, None));
        }
        let printed = self.printed(text);
        if let Some(&(at, fit)) = printed.first() {
            let is_one = printed.iter().all(|(other, _)| *other == at);
            return is_one.then_some((at, Some(fit)));
        }
        let arrange = || Houses::of(self.snapshot, &[], Places::shipped(), self.day);
        let houses = self.houses.get_or_init(arrange);
        match Seeker::new(&houses.index).seek(text, Context::default()) {
            Answer::Placed(found) => {
                let street = if found.former {
                    Fit::Former
                } else {
                    found.street
                };
                Some((houses.building(found.house), Some(street)))
            }
            Answer::Queued(_) => None,
        }
    }

    /// Buildings that print `street, house`, by any of their addresses and of the streets' names; the name in force first.
    fn printed(&self, text: &str) -> Vec<(AddressAt, Fit)> {
        let words = &self.snapshot.words;
        let parts = text.rsplit_once(',');
        let parts = parts.and_then(|(street, house)| {
            Some((words.find(street.trim())?, words.find(house.trim())?))
        });
        let Some((name, house)) = parts else {
            return Vec::new();
        };
        let names = self.snapshot.street_names.iter();
        let named = names.filter(|row| row.name == name && row.from.is_none_or(|d| d <= self.day));
        let named: Vec<&StreetName> = named.collect();
        let fits = |street, street_name| {
            if street_name == name {
                return Some(Fit::Same);
            }
            let of_it = named.iter().filter(|row| row.street == street);
            let formers = of_it.map(|row| is_former(row, self.day));
            let is_former = formers.reduce(|a, b| a && b)?;
            Some(if is_former { Fit::Former } else { Fit::Same })
        };
        let rows = self.snapshot.addresses.iter().enumerate();
        let own = rows
            .filter(|(_, row)| row.house == house)
            .filter_map(|(at, row)| {
                Some((
                    AddressAt::from_index(at),
                    fits(row.street, row.street_name)?,
                ))
            });
        let seconds = self.snapshot.second_addresses.iter();
        let seconds = seconds.filter(|row| row.house == house);
        let seconds =
            seconds.filter_map(|row| Some((row.address, fits(row.street, row.street_name)?)));
        let mut found: Vec<(AddressAt, Fit)> = own.chain(seconds).collect();
        found.sort_by_key(|(_, fit)| *fit);
        found
    }
}

#[cfg(test)]
mod tests;
