//! The planner of precincts above the legal maximum: all houses that a precinct holds, whatever place they lie in, and a
//! proposal in which every voter of the precinct is in exactly one part.

use std::collections::{BTreeMap, BTreeSet};

use lexicon::PrecinctCode;
use lexicon::handover::snapshot::{AddressRow, BoundaryRow, PrecinctRow};
use roll::boundary::split::{SplitError, SplitPart, SplitRange, VotersAt, propose};
use roll::boundary::{house_number, place_all};
use store::{StoreError, Tx};

use crate::boundaries::{WorkOutError, arranged, land, near, streets_of};

/// A part of a precinct that is above the legal maximum, as the planner proposes it.
#[derive(Debug, Default)]
pub(crate) struct ProposedPart {
    /// Its voters; of the first part those too who stay with it. With those who leave they add up to the precinct's list.
    pub voters: u32,
    /// Its streets: nothing of them lies in another precinct.
    pub ranges: Vec<SplitRange>,
    /// Its houses, longitude and latitude in microdegrees; each house of the precinct is in one part.
    pub houses: Vec<[i32; 2]>,
}

/// Voters of the list whom no range can name: they stay with the first part, which keeps the number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stay {
    /// Not on the list by their residence: Form 2.
    pub by_form2: u32,
    /// In houses of the precinct without a number or a street.
    pub unnumbered: u32,
}

impl Stay {
    fn all(self) -> u32 {
        self.by_form2.saturating_add(self.unnumbered)
    }
}

/// A street as the register writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Street {
    /// Code of the place it lies in.
    pub place: u64,
    /// Its name; empty where the place names no streets.
    pub name: String,
}

/// How a precinct could be divided.
#[derive(Debug)]
pub(crate) struct Split {
    /// The precinct.
    pub precinct: PrecinctCode,
    /// Its parts; the first keeps its number.
    pub parts: Vec<ProposedPart>,
    /// Who of the first part's voters only stay with it.
    pub stay: Stay,
    /// Voters of the list in houses outside the boundaries of now: they leave with the next list and are in no part.
    pub leaving: u32,
    /// Lines of its list.
    pub listed: u64,
    /// The streets of the parts, by id.
    pub streets: BTreeMap<String, Street>,
    /// The places in which the precinct has houses.
    pub places: BTreeSet<u64>,
}

impl Split {
    /// Voters of all parts, and those who leave: the lines of the list, each once.
    pub fn sum(&self) -> u64 {
        let parts = self.parts.iter().map(|part| u64::from(part.voters));
        parts.sum::<u64>() + u64::from(self.leaving)
    }
}

/// Houses with the precinct that holds each.
struct Held {
    houses: BTreeMap<String, AddressRow>,
    of: BTreeMap<String, PrecinctCode>,
}

impl Held {
    fn place(
        precincts: &[PrecinctRow],
        boundaries: &[BoundaryRow],
        houses: BTreeMap<String, AddressRow>,
    ) -> Result<Self, WorkOutError> {
        let snapshot = arranged(precincts, boundaries, &houses, &[])?;
        let (placed, _) = place_all(&snapshot);
        let of = snapshot.addresses.iter().zip(&placed);
        let of =
            of.filter_map(|(row, placed)| Some((row.id.to_string(), placed.as_ref()?.precinct)));
        Ok(Self {
            of: of.collect(),
            houses,
        })
    }

    fn all_of(&self, precinct: PrecinctCode) -> impl Iterator<Item = &AddressRow> {
        let rows = self.houses.values();
        rows.filter(move |row| self.is_of(&row.address, precinct))
    }

    fn is_of(&self, house: &str, precinct: PrecinctCode) -> bool {
        self.of.get(house) == Some(&precinct)
    }
}

/// Every house that can be a precinct's: on the land of its outline, or on a street of its ranges.
fn gather(
    tx: &mut Tx<'_>,
    boundaries: &[BoundaryRow],
    of: &BTreeSet<PrecinctCode>,
) -> Result<BTreeMap<String, AddressRow>, StoreError> {
    let mut found = Vec::new();
    if let Some(held) = land(boundaries, of) {
        found = tx.addresses_within(held, u32::MAX)?;
    }
    found.extend(tx.addresses_on_streets(&streets_of(boundaries, of))?);
    Ok(by_id(found))
}

fn by_id(rows: Vec<AddressRow>) -> BTreeMap<String, AddressRow> {
    let keyed = rows.into_iter().map(|row| (row.address.clone(), row));
    keyed.collect()
}

/// The houses that some precincts hold now, whatever place they lie in, by id. Cost: a look at the houses of their land.
pub(crate) fn houses_of(
    tx: &mut Tx<'_>,
    boundaries: &[BoundaryRow],
    of: &BTreeSet<PrecinctCode>,
) -> Result<Vec<AddressRow>, WorkOutError> {
    let houses = gather(tx, boundaries, of)?;
    let near = near(boundaries, &[land(boundaries, of)], of);
    let held = Held::place(&tx.snapshot_precincts()?, &near, houses)?;
    let is_own = |row: &AddressRow| {
        let precinct = held.of.get(&row.address);
        precinct.is_some_and(|precinct| of.contains(precinct))
    };
    let rows = held.houses.values().filter(|row| is_own(row));
    Ok(rows.cloned().collect())
}

/// Proposes how a precinct is divided so that no part is above the limit. Cost: a pass over the houses of its land, and over
/// its list.
pub(crate) fn split(
    tx: &mut Tx<'_>,
    (precinct, release): (PrecinctCode, u32),
    limit: u32,
) -> Result<Result<Split, SplitError>, WorkOutError> {
    let of = BTreeSet::from([precinct]);
    let boundaries = tx.snapshot_boundaries()?;
    let boundaries = near(&boundaries, &[land(&boundaries, &of)], &of);
    let mut houses = gather(tx, &boundaries, &of)?;
    let precincts = tx.snapshot_precincts()?;
    let held = Held::place(&precincts, &boundaries, houses.clone())?;
    let own_streets: BTreeSet<String> = held
        .all_of(precinct)
        .map(|row| row.street.clone())
        .collect();
    // A range is cut where a house of another precinct stands between: whole streets are looked at.
    houses.extend(by_id(tx.addresses_on_streets(&own_streets)?));
    let held = Held::place(&precincts, &boundaries, houses)?;
    let own: Vec<&AddressRow> = held.all_of(precinct).collect();

    let size = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let voters: BTreeMap<String, u32> = tx
        .voters_by_address(release, precinct)?
        .into_iter()
        .map(|(house, persons)| (house, size(persons.len())))
        .collect();
    let lines = tx.release_precincts(release)?;
    let listed = lines.into_iter().find(|(of, _)| *of == precinct);
    let listed = listed.map_or(0, |(_, n)| n);
    let mut stay = Stay::default();
    let mut at = Vec::new();
    for row in &own {
        let voters = voters.get(&row.address).copied().unwrap_or(0);
        match number_of(row) {
            Some(number) => at.push(VotersAt {
                place: row.soate.as_u64(),
                street: &row.street,
                house: Some(number),
                lon: row.lon_microdegrees,
                lat: row.lat_microdegrees,
                voters,
            }),
            None => stay.unnumbered += voters,
        }
    }
    let is_own = |(house, _): &(&String, &u32)| held.is_of(house, precinct);
    let leaving = voters.iter().filter(|one| !is_own(one));
    let leaving = leaving.map(|(_, n)| n).sum();
    let by_residence: u64 = voters.values().map(|n| u64::from(*n)).sum();
    stay.by_form2 = u32::try_from(listed.saturating_sub(by_residence)).unwrap_or(u32::MAX);
    let parts = match propose(&at, limit, stay.all()) {
        Ok(parts) => parts,
        Err(why) => return Ok(Err(why)),
    };
    let mut proposed: Vec<ProposedPart> = parts
        .iter()
        .map(|part| ProposedPart {
            voters: part.voters,
            houses: Vec::new(),
            ranges: part
                .ranges
                .iter()
                .flat_map(|range| within(range, &held, precinct))
                .collect(),
        })
        .collect();
    for row in &own {
        let point = [row.lon_microdegrees, row.lat_microdegrees];
        if let Some(part) = proposed.get_mut(part_of(&parts, row)) {
            part.houses.push(point);
        }
    }
    let mut streets: BTreeMap<String, Street> = BTreeMap::new();
    for row in &own {
        streets.entry(row.street.clone()).or_insert_with(|| Street {
            place: row.soate.as_u64(),
            name: row.street_name.clone(),
        });
    }
    Ok(Ok(Split {
        precinct,
        parts: proposed,
        stay,
        leaving,
        listed,
        streets,
        places: own.iter().map(|row| row.soate.as_u64()).collect(),
    }))
}

/// The number by which a range of the form can name a house.
fn number_of(row: &AddressRow) -> Option<u32> {
    let is_named = !row.street.is_empty() && !row.street.contains(char::is_whitespace);
    house_number(&row.house).filter(|_| is_named)
}

/// The part that a house is in; what no range names stays with the first.
fn part_of(parts: &[SplitPart], row: &AddressRow) -> usize {
    let number = number_of(row);
    let holds = |range: &SplitRange| {
        range.street == row.street && number.is_some_and(|n| (range.from..=range.to).contains(&n))
    };
    let found = parts.iter().position(|part| part.ranges.iter().any(holds));
    found.unwrap_or(0)
}

/// A range of the planner without the houses of other precincts on the same street: it is cut where one of them stands
/// between.
fn within(range: &SplitRange, held: &Held, precinct: PrecinctCode) -> Vec<SplitRange> {
    let mut numbers: BTreeMap<u32, bool> = BTreeMap::new();
    let street = held.houses.values();
    for row in street.filter(|row| row.street == range.street) {
        if let Some(number) = house_number(&row.house) {
            *numbers.entry(number).or_default() |= held.is_of(&row.address, precinct);
        }
    }
    if numbers.values().all(|is_own| *is_own) {
        let from = range.from.max(1);
        return vec![SplitRange {
            from,
            ..range.clone()
        }];
    }
    let mut cut: Vec<SplitRange> = Vec::new();
    let mut is_open = false;
    for (number, is_own) in numbers.range(range.from..=range.to) {
        match cut.last_mut().filter(|_| is_open && *is_own) {
            Some(last) => last.to = *number,
            None if *is_own => cut.push(SplitRange {
                street: range.street.clone(),
                from: *number,
                to: *number,
            }),
            None => {}
        }
        is_open = *is_own;
    }
    cut
}
