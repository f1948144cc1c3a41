//! The land: settlements, streets and houses inside the real outlines, peopled by families.

use std::collections::BTreeMap;
use std::ops::Range;

use rayon::prelude::*;

use crate::data::{DATA, RegionData, raion_of};
use crate::dice::{Dice, Lane, apportion};
use crate::family::Family;
use crate::outline::Point;

/// Regions inside the country; the tenth of the data is abroad.
pub(crate) const HOME_REGIONS: usize = 9;
/// The region index of missions abroad.
pub(crate) const ABROAD: u8 = 9;
/// Metres per 1e-7 degree of latitude, inverted.
const UNITS_PER_METRE: f64 = 89.83;
/// Between neighbours of one side of a street, metres.
const LOT_METRES: f64 = 24.0;
const ROW_METRES: f64 = 64.0;

/// A house: one address of the address register.
#[derive(Clone, Copy, Debug)]
pub(crate) struct House {
    /// 1e-7 degrees.
    pub x: i32,
    pub y: i32,
    pub street: u32,
    pub number: u16,
    /// 0, or `а` as 1.
    pub letter: u8,
    /// Index of its precinct.
    pub precinct: u16,
}

impl House {
    pub(crate) fn point(&self) -> Point {
        Point {
            x: i64::from(self.x),
            y: i64::from(self.y),
        }
    }

    /// `12` or `12а`.
    pub(crate) fn number_text(&self) -> String {
        if self.letter == 0 {
            self.number.to_string()
        } else {
            format!("{}а", self.number)
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Street {
    pub settlement: u32,
    /// Index into the streets' names.
    pub name: u16,
    /// 0, or which of several streets of that name.
    pub serial: u16,
    pub first_house: u32,
    pub houses: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct Settlement {
    /// Index into the places of the data.
    pub place: usize,
    pub region: u8,
    pub raion: u16,
    pub persons: Range<u32>,
    pub houses: Range<u32>,
}

/// Land and, for every family, its first person and house.
pub(crate) struct Land {
    pub settlements: Vec<Settlement>,
    pub streets: Vec<Street>,
    pub houses: Vec<House>,
    /// House of each person, in person order.
    pub house_of: Vec<u32>,
}

/// Home voters of a region: those who voted at the additional precincts live elsewhere.
pub(crate) fn home_voters() -> Vec<f64> {
    let regions = &DATA.regions[..HOME_REGIONS];
    let additional: f64 = regions.iter().map(|r| r.additional_voters).sum();
    let others: f64 = regions
        .iter()
        .filter(|r| r.additional_voters == 0.0)
        .map(|r| r.voters)
        .sum();
    regions
        .iter()
        .map(|r| {
            let share = if r.additional_voters == 0.0 {
                r.voters / others
            } else {
                0.0
            };
            r.voters + additional * share
        })
        .collect()
}

/// How many persons and places a region gets: `(place index, raion, persons)`.
fn choose_places(region: &RegionData, persons: usize) -> Vec<(usize, usize, usize)> {
    let raions: Vec<(usize, usize)> = (0..DATA.places.len())
        .filter(|&p| (DATA.places[p].soate / 1_000_000_000) % 100 == u64::from(region.oblast))
        .filter_map(|p| raion_of(&DATA.raions, DATA.places[p].soate).map(|r| (p, r)))
        .collect();
    let mut villages: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    let factor = |p: usize| {
        let mut dice = Dice::new(DATA.places[p].soate, Lane::Settlement, 1);
        0.25 + dice.unit() + 2.0 * dice.unit() * dice.unit() * dice.unit()
    };
    // A town takes its known population from its raion's voters, the villages share the rest.
    for &(p, r) in &raions {
        let entry = villages
            .entry(r)
            .or_insert((DATA.raions[r].voters * 1.75, 0.0));
        match DATA.places[p].known {
            Some((_, population)) if population > 0.0 => entry.0 -= population,
            _ => entry.1 += factor(p),
        }
    }
    let mut weighted: Vec<(usize, usize, f64)> = raions
        .iter()
        .map(|&(p, r)| {
            let (left, sum) = villages[&r];
            let floor = 150.0 * sum.max(1.0);
            let weight = match DATA.places[p].known {
                Some((_, population)) if population > 0.0 => population,
                _ => left.max(floor) / sum.max(1.0) * factor(p),
            };
            (p, r, weight)
        })
        .collect();
    weighted.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)));
    let wanted = (persons / 350).clamp(1, weighted.len());
    let chosen = spread(&weighted, wanted);
    let weights: Vec<f64> = chosen.iter().map(|c| c.2).collect();
    let parts = apportion(
        persons,
        &weights,
        usize::from(persons > 40 * chosen.len()) * 40,
    );
    chosen
        .iter()
        .zip(parts)
        .map(|(c, n)| (c.0, c.1, n))
        .filter(|c| c.2 > 0)
        .collect()
}

/// The largest places, but the largest of every raion before the second of any.
fn spread(weighted: &[(usize, usize, f64)], wanted: usize) -> Vec<(usize, usize, f64)> {
    let mut seen: BTreeMap<usize, usize> = BTreeMap::new();
    let mut ranked: Vec<(usize, usize)> = Vec::new();
    for (order, place) in weighted.iter().enumerate() {
        let rank = seen.entry(place.1).or_insert(0);
        ranked.push(((*rank).min(1), order));
        *rank += 1;
    }
    ranked.sort_unstable();
    let mut chosen: Vec<(usize, usize, f64)> =
        ranked[..wanted].iter().map(|&(_, o)| weighted[o]).collect();
    chosen.sort_by_key(|c| DATA.places[c.0].soate);
    chosen
}

/// Families of one settlement: sizes, and whether each starts a new house.
struct Crowd {
    sizes: Vec<u8>,
    new_house: Vec<bool>,
}

fn crowd(seed: u64, settlement: u64, region: &RegionData, persons: usize, crowded: bool) -> Crowd {
    let mut crowd = Crowd {
        sizes: Vec::new(),
        new_house: Vec::new(),
    };
    let (mut left, mut in_house) = (persons, 0);
    while left > 0 {
        let family = Family::draw(
            seed,
            family_index(settlement, crowd.sizes.len()),
            region,
            crowded,
        );
        let size = family.members.len().min(left);
        let new = !family.shares_house || crowd.sizes.is_empty() || in_house >= 12;
        in_house = if new { 1 } else { in_house + 1 };
        crowd.sizes.push(size as u8);
        crowd.new_house.push(new);
        left -= size;
    }
    crowd
}

/// The number of a family, unique in the country.
pub(crate) fn family_index(settlement: u64, family: usize) -> u64 {
    settlement << 24 | family as u64
}

/// Whether a settlement is built of flats.
pub(crate) fn is_crowded(place: usize) -> bool {
    DATA.places[place]
        .known
        .is_some_and(|(_, population)| population >= 50_000.0)
}

impl Land {
    /// Settles `persons` people in the regions named by their indexes.
    pub(crate) fn build(seed: u64, persons: usize, regions: &[usize]) -> Land {
        let voters = home_voters();
        let weights: Vec<f64> = regions.iter().map(|&r| voters[r]).collect();
        let parts = apportion(persons, &weights, 1);
        let mut chosen: Vec<(usize, usize, usize, usize)> = Vec::new();
        for (&region, part) in regions.iter().zip(parts) {
            let places = choose_places(&DATA.regions[region], part);
            chosen.extend(places.into_iter().map(|(p, r, n)| (region, p, r, n)));
        }
        let crowds: Vec<Crowd> = chosen
            .par_iter()
            .enumerate()
            .map(|(s, &(region, place, _, n))| {
                crowd(seed, s as u64, &DATA.regions[region], n, is_crowded(place))
            })
            .collect();
        let mut land = Land {
            settlements: Vec::new(),
            streets: Vec::new(),
            houses: Vec::new(),
            house_of: Vec::with_capacity(persons),
        };
        for (&(region, place, raion, n), crowd) in chosen.iter().zip(&crowds) {
            land.settle(seed, (region, place, raion, n), crowd);
        }
        land.place_houses(seed);
        land
    }

    fn settle(
        &mut self,
        seed: u64,
        (region, place, raion, n): (usize, usize, usize, usize),
        crowd: &Crowd,
    ) {
        let first_person = self.house_of.len() as u32;
        let first_house = self.houses.len() as u32;
        let settlement = self.settlements.len() as u32;
        let houses = crowd.new_house.iter().filter(|&&new| new).count() as u32;
        let mut dice = Dice::new(seed, Lane::Street, u64::from(settlement));
        let (mut left, mut count) = (houses, 0);
        while left > 0 {
            let length = (12 + dice.below(60)).min(left);
            let length = if left - length < 6 { left } else { length };
            self.add_street(settlement, count, length, &mut dice);
            left -= length;
            count += 1;
        }
        let mut house = first_house.wrapping_sub(1);
        for (&size, &new) in crowd.sizes.iter().zip(&crowd.new_house) {
            house = house.wrapping_add(u32::from(new));
            self.house_of
                .extend(std::iter::repeat_n(house, usize::from(size)));
        }
        self.settlements.push(Settlement {
            place,
            region: region as u8,
            raion: raion as u16,
            persons: first_person..first_person + n as u32,
            houses: first_house..first_house + houses,
        });
    }

    fn add_street(&mut self, settlement: u32, count: u32, length: u32, dice: &mut Dice) {
        let names = DATA.streets.len() as u32;
        let offset = crate::dice::mix(u64::from(settlement)) as u32 % names;
        let street = self.streets.len() as u32;
        self.streets.push(Street {
            settlement,
            name: ((offset + count * 37) % names) as u16,
            serial: (count / names) as u16,
            first_house: self.houses.len() as u32,
            houses: length,
        });
        let (mut number, mut letter) = (0, 0);
        for _ in 0..length {
            if letter == 0 && number > 0 && dice.chance(0.02) {
                letter = 1;
            } else {
                (number, letter) = (number + 1, 0);
            }
            self.houses.push(House {
                x: 0,
                y: 0,
                street,
                number,
                letter,
                precinct: 0,
            });
        }
    }

    fn place_houses(&mut self, seed: u64) {
        let placed: Vec<Vec<(i32, i32)>> = (0..self.settlements.len())
            .into_par_iter()
            .map(|s| self.layout(seed, s))
            .collect();
        for (settlement, points) in self.settlements.iter().zip(placed) {
            for (house, (x, y)) in settlement.houses.clone().zip(points) {
                let house = &mut self.houses[house as usize];
                (house.x, house.y) = (x, y);
            }
        }
    }

    /// Places the houses of a settlement along parallel streets round its centre.
    fn layout(&self, seed: u64, index: usize) -> Vec<(i32, i32)> {
        let settlement = &self.settlements[index];
        let centre = self.centre(settlement);
        let mut dice = Dice::new(seed, Lane::House, index as u64);
        let streets: Vec<&Street> = self.streets_of(settlement);
        let columns = ((streets.len() as f64 * ROW_METRES / 560.0).sqrt().ceil() as usize).max(1);
        let rows = streets.len().div_ceil(columns);
        let (cos, sin) = *dice.one(&[
            (1.0, 0.0),
            (0.8, 0.6),
            (0.6, 0.8),
            (12.0 / 13.0, 5.0 / 13.0),
            (15.0 / 17.0, -8.0 / 17.0),
        ]);
        let mut points = Vec::with_capacity(settlement.houses.len());
        for (order, street) in streets.iter().enumerate() {
            let column = (order % columns) as f64 - (columns as f64 - 1.0) / 2.0;
            let row = (order / columns) as f64 - (rows as f64 - 1.0) / 2.0;
            let length = f64::from(street.houses) / 2.0 * LOT_METRES;
            for house in street.first_house..street.first_house + street.houses {
                let h = &self.houses[house as usize];
                let along =
                    f64::from(h.number / 2) * LOT_METRES - length / 2.0 + f64::from(h.letter) * 9.0;
                let side = if h.number % 2 == 1 { 15.0 } else { -15.0 };
                let x = column * 900.0 + along + dice.unit() * 5.0;
                let y = row * ROW_METRES + side + dice.unit() * 5.0;
                let metres = (x * cos - y * sin, x * sin + y * cos);
                points.push(self.inside(settlement, centre, metres, &mut dice));
            }
        }
        points
    }

    /// The streets of a settlement, in order.
    pub(crate) fn streets_of(&self, settlement: &Settlement) -> Vec<&Street> {
        let mut streets = Vec::new();
        let mut house = settlement.houses.start;
        while house < settlement.houses.end {
            let street = &self.streets[self.houses[house as usize].street as usize];
            streets.push(street);
            house += street.houses;
        }
        streets
    }

    /// The known centre, or a place by chance in the raion, fixed by the place's code.
    fn centre(&self, settlement: &Settlement) -> Point {
        let place = &DATA.places[settlement.place];
        let outline = &DATA.raions[usize::from(settlement.raion)].outline;
        if let Some((centre, _)) = place.known.filter(|(c, _)| outline.contains(*c)) {
            return centre;
        }
        let oblast = DATA
            .oblasts
            .get(&DATA.regions[usize::from(settlement.region)].oblast);
        let mut dice = Dice::new(place.soate, Lane::Settlement, 2);
        let mut centre = Point {
            x: outline.low.0,
            y: outline.low.1,
        };
        for tries in 0..4000 {
            let w = (outline.high.0 - outline.low.0) as f64;
            let h = (outline.high.1 - outline.low.1) as f64;
            centre = Point {
                x: outline.low.0 + (dice.unit() * w) as i64,
                y: outline.low.1 + (dice.unit() * h) as i64,
            };
            // Room around the centre, as far as the raion has it.
            let room = (15_000 - tries * 4).max(0) * UNITS_PER_METRE as i64 / 10;
            let corners = [
                (0, 0),
                (-room, -room),
                (room, -room),
                (-room, room),
                (room, room),
            ];
            let fits = |p: Point| outline.contains(p) && oblast.is_none_or(|o| o.contains(p));
            if corners.iter().all(|(dx, dy)| {
                fits(Point {
                    x: centre.x + dx,
                    y: centre.y + dy,
                })
            }) {
                return centre;
            }
        }
        centre
    }

    /// A point `metres` from the centre; drawn towards the centre until it lies in its raion only.
    fn inside(
        &self,
        settlement: &Settlement,
        centre: Point,
        metres: (f64, f64),
        dice: &mut Dice,
    ) -> (i32, i32) {
        let stretch = UNITS_PER_METRE / (centre.y as f64 / 1e7).to_radians().cos();
        let own = usize::from(settlement.raion);
        let oblast = DATA
            .oblasts
            .get(&DATA.regions[usize::from(settlement.region)].oblast);
        let mut scale = 1.0;
        loop {
            let x = centre.x + (metres.0 * scale * stretch) as i64;
            let y = centre.y + (metres.1 * scale * UNITS_PER_METRE) as i64;
            let point = Point {
                x: x.div_euclid(10) * 10,
                y: y.div_euclid(10) * 10,
            };
            let point = Point {
                x: point.x + cut_gap(point.x),
                y: point.y + cut_gap(point.y),
            };
            let alone = DATA
                .raions
                .iter()
                .enumerate()
                .all(|(r, raion)| raion.outline.contains(point) == (r == own));
            if (alone && oblast.is_none_or(|o| o.contains(point))) || scale < 1e-3 {
                return (point.x as i32, point.y as i32);
            }
            scale *= 0.6 + 0.3 * dice.unit();
        }
    }

    /// The settlement that holds a house.
    pub(crate) fn settlement_of(&self, house: u32) -> &Settlement {
        let street = self.houses[house as usize].street;
        &self.settlements[self.streets[street as usize].settlement as usize]
    }
}

/// What to add to a multiple of 10 so that it is never 50 beyond a multiple of 100.
fn cut_gap(value: i64) -> i64 {
    if value.rem_euclid(100) == 50 { 10 } else { 0 }
}
