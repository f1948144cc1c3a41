//! Which house of the register a text means.
//!
//! Every reading of the text is compared with the places, streets and houses it could name; each gets a
//! penalty, the sum of what disagrees. The best is placed when its penalty is at most [`PENALTY_MAX`] and
//! the next best house is [`MARGIN_MIN`] worse. A street that fits but lacks the house competes as
//! [`LACKS_HOUSE`], so that a new house is never put on another street of the same name.

use std::collections::HashMap;
use std::rc::Rc;

use lexicon::{AddressDoubt, PrecinctCode, Soate};

use super::house::HouseNumber;
use super::index::{HouseAt, Index, StreetName};
use super::words::name_key;
use super::written::{Name, Written};

mod fit;

pub use fit::Fit;

/// Largest penalty at which a house is placed without a human.
pub const PENALTY_MAX: u32 = 36;
/// Least distance to the next best house.
pub const MARGIN_MIN: u32 = 10;
/// Penalty of a street that fits but lacks the house: below [`MARGIN_MIN`].
pub const LACKS_HOUSE: u32 = 8;

const NO_PLACE_WRITTEN: u32 = 20;
const NOT_IN_PRECINCT: u32 = 20;
const OTHER_PLACE: u32 = 10;
const OTHER_RAION: u32 = 20;
const OTHER_AREA: u32 = 15;
const SUGGESTIONS_MAX: usize = 5;

/// What is known beside the text. It never decides alone: it ranks houses that the text fits equally.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Context {
    /// The precinct that the row names.
    pub precinct: Option<PrecinctCode>,
}

/// A house found without doubt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Placement {
    /// The house.
    pub house: HouseAt,
    /// How the place's name agrees.
    pub place: Fit,
    /// How the street's name agrees.
    pub street: Fit,
    /// Whether the street no longer bears the name that agrees, in whatever spelling.
    pub former: bool,
    /// Whether the house lies in the precinct that the row names; `None` when it names none.
    pub in_precinct: Option<bool>,
    /// The flat the text names.
    pub flat: Option<u32>,
    /// What disagrees, 0 (nothing) to [`PENALTY_MAX`].
    pub penalty: u32,
    /// How much worse the next best is, at least [`MARGIN_MIN`]; 100 when there is none.
    pub margin: u32,
}

/// A house a human may choose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Suggestion {
    /// The house.
    pub house: HouseAt,
    /// What disagrees.
    pub penalty: u32,
}

/// A text for the queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Queued {
    /// Why.
    pub reason: AddressDoubt,
    /// At most five houses, the best first.
    pub suggestions: Vec<Suggestion>,
}

/// What became of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// One house, without doubt.
    Placed(Placement),
    /// A human decides.
    Queued(Queued),
}

/// A place or a street that a name fits, with the penalty.
#[derive(Clone, Copy, Debug)]
struct Hit {
    at: usize,
    fit: Fit,
    former: bool,
    penalty: u32,
}

/// A street with or without the house.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    street: usize,
    house: Option<HouseAt>,
    place_fit: Fit,
    street_fit: Fit,
    former: bool,
    penalty: u32,
}

/// Seeks houses one text after another; remembers names it has compared, which changes no answer.
#[derive(Debug)]
pub struct Seeker<'a> {
    index: &'a Index,
    places: HashMap<String, Rc<[Hit]>>,
    streets: HashMap<(usize, Name), Rc<[Hit]>>,
    anywhere: HashMap<Name, Rc<[usize]>>,
}

impl<'a> Seeker<'a> {
    /// A seeker with nothing remembered.
    #[must_use]
    pub fn new(index: &'a Index) -> Self {
        Self {
            index,
            places: HashMap::new(),
            streets: HashMap::new(),
            anywhere: HashMap::new(),
        }
    }

    /// The house that a text means. About 5 µs where names repeat.
    pub fn seek(&mut self, text: &str, context: Context) -> Answer {
        self.seek_written(&Written::parse(text), context)
    }

    /// [`Seeker::seek`] of a text taken apart before.
    pub fn seek_written(&mut self, written: &Written, context: Context) -> Answer {
        let (Some(street), Some(house)) = (&written.street, &written.house) else {
            return Answer::Queued(Queued {
                reason: AddressDoubt::Unreadable,
                suggestions: Vec::new(),
            });
        };
        let mut search = Search {
            areas: self.areas(written),
            context,
            house: house.number,
            found: Vec::new(),
            place_known: false,
        };
        match &written.place {
            Some(place) => self.seek_in(&mut search, place, street),
            None => {
                self.seek_split(&mut search, street);
                self.seek_anywhere(&mut search, street);
            }
        }
        // `Садовое, Ленин көч. Жаңы 5`: nothing under the place as marked; perhaps it was cut wrongly.
        if search.found.is_empty() && written.place.is_some() {
            self.seek_split(&mut search, street);
        }
        self.decide(search, house.flat)
    }

    fn areas(&self, written: &Written) -> Vec<Soate> {
        let named = written
            .areas
            .iter()
            .flat_map(|name| self.index.hierarchy.areas_named(name));
        named.copied().collect()
    }

    fn seek_in(&mut self, search: &mut Search, place: &Name, street: &Name) {
        for hit in self.places_like(place).iter() {
            search.place_known = true;
            let penalty = hit.penalty + self.far(search, hit.at);
            self.seek_street(search, Hit { penalty, ..*hit }, street);
        }
    }

    /// Place and street in one run of words, cut at each word.
    fn seek_split(&mut self, search: &mut Search, both: &Name) {
        for cut in 1..both.words.len() {
            let place = Name {
                words: both.words[..cut].to_vec(),
                ..Name::default()
            };
            let mut rest = both.words[cut..].to_vec();
            // `Садовое а. Ленин к.`: the sign of the village stayed between them.
            if rest.len() > 1 && matches!(rest[0].as_str(), "а" | "a") {
                rest.remove(0);
            }
            let street = Name {
                words: rest,
                numbers: both.numbers.clone(),
                way: both.way,
            };
            self.seek_in(search, &place, &street);
        }
    }

    /// Without a place: streets of the precinct's places, or of the whole country by exact name.
    fn seek_anywhere(&mut self, search: &mut Search, street: &Name) {
        let index = self.index;
        let near = search
            .context
            .precinct
            .and_then(|p| index.of_precinct.get(&p));
        if let Some(near) = near {
            for &at in &near.places {
                let hit = Hit {
                    at,
                    fit: Fit::Missing,
                    former: false,
                    penalty: NO_PLACE_WRITTEN,
                };
                self.seek_street(search, hit, street);
            }
            return;
        }
        for &at in self.streets_named(street).iter() {
            let place = index.streets[at].place;
            let far = self.far(search, place);
            let hit = Hit {
                at: place,
                fit: Fit::Missing,
                former: false,
                penalty: NO_PLACE_WRITTEN + far,
            };
            let hits = self.streets_like(place, street);
            if let Some(fits) = hits.iter().find(|hit| hit.at == at) {
                self.seek_house(search, hit, *fits);
            }
        }
    }

    fn seek_street(&mut self, search: &mut Search, place: Hit, street: &Name) {
        for hit in self.streets_like(place.at, street).iter() {
            self.seek_house(search, place, *hit);
        }
    }

    fn seek_house(&self, search: &mut Search, place: Hit, street: Hit) {
        let houses = &self.index.streets[street.at].houses;
        let from = houses.partition_point(|(number, _)| *number < search.house);
        let same = houses[from..]
            .iter()
            .take_while(|(number, _)| *number == search.house);
        let candidate = Candidate {
            street: street.at,
            house: None,
            place_fit: place.fit,
            street_fit: street.fit,
            former: street.former,
            penalty: place.penalty + street.penalty,
        };
        let before = search.found.len();
        for (_, house) in same {
            let outside =
                place.fit == Fit::Missing && self.in_precinct(search, *house) == Some(false);
            search.found.push(Candidate {
                house: Some(*house),
                penalty: candidate.penalty + if outside { NOT_IN_PRECINCT } else { 0 },
                ..candidate
            });
        }
        if search.found.len() == before {
            search.found.push(Candidate {
                penalty: candidate.penalty + LACKS_HOUSE,
                ..candidate
            });
        }
    }

    fn in_precinct(&self, search: &Search, house: HouseAt) -> Option<bool> {
        let named = search.context.precinct?;
        let lies = self.index.precinct_of[house.0 as usize]?;
        Some(named == lies)
    }

    /// How far a place lies from what the row says beside the street.
    fn far(&self, search: &Search, place: usize) -> u32 {
        let soate = self.index.places[place].soate;
        let inside = search.areas.is_empty()
            || search
                .areas
                .iter()
                .any(|area| self.index.hierarchy.lies_in(soate, *area));
        let area = if inside { 0 } else { OTHER_AREA };
        let near = search
            .context
            .precinct
            .and_then(|p| self.index.of_precinct.get(&p));
        let precinct = match near {
            None => 0,
            Some(near) if near.places.contains(&place) => 0,
            Some(near) if near.raions.contains(&soate.district()) => OTHER_PLACE,
            Some(_) => OTHER_RAION,
        };
        area + precinct
    }

    fn places_like(&mut self, name: &Name) -> Rc<[Hit]> {
        let text = name.text();
        if let Some(hits) = self.places.get(&text) {
            return Rc::clone(hits);
        }
        let key = name_key(&text);
        let all = self.index.places.iter().enumerate();
        let hits: Rc<[Hit]> = all
            .filter_map(|(at, place)| {
                let fit = fit::names(&key, &place.key)?;
                Some(Hit {
                    at,
                    fit,
                    former: false,
                    penalty: fit.penalty(),
                })
            })
            .collect();
        self.places.insert(text, Rc::clone(&hits));
        hits
    }

    fn streets_like(&mut self, place: usize, name: &Name) -> Rc<[Hit]> {
        let key = (place, name.clone());
        if let Some(hits) = self.streets.get(&key) {
            return Rc::clone(hits);
        }
        let written = StreetName::of(name, false);
        let index = self.index;
        let streets = index.places[place].streets.iter();
        let hits: Rc<[Hit]> = streets
            .filter_map(|&at| {
                let names = index.streets[at].names.iter();
                let hits = names.filter_map(|held| {
                    let (fit, penalty) = fit::streets(&written, held)?;
                    let former = held.former;
                    Some(Hit {
                        at,
                        fit,
                        former,
                        penalty,
                    })
                });
                hits.min_by_key(|hit| hit.penalty)
            })
            .collect();
        self.streets.insert(key, Rc::clone(&hits));
        hits
    }

    fn streets_named(&mut self, name: &Name) -> Rc<[usize]> {
        if let Some(streets) = self.anywhere.get(name) {
            return Rc::clone(streets);
        }
        let written = StreetName::of(name, false);
        let streets = self.index.by_name.get(&(written.joined, written.numbers));
        let streets: Rc<[usize]> = streets.map_or(&[][..], Vec::as_slice).into();
        self.anywhere.insert(name.clone(), Rc::clone(&streets));
        streets
    }

    fn decide(&self, mut search: Search, flat: Option<u32>) -> Answer {
        // One house found by two readings counts once, by its better one.
        search
            .found
            .sort_by_key(|c| (c.penalty, c.house.is_none(), c.house, c.street));
        let mut seen: Vec<(usize, Option<HouseAt>)> = Vec::new();
        search.found.retain(|c| {
            let new = !seen.contains(&(c.street, c.house));
            if new {
                seen.push((c.street, c.house));
            }
            new
        });
        let Some(best) = search.found.first().copied() else {
            let reason = if search.place_known {
                AddressDoubt::NoStreet
            } else {
                AddressDoubt::NoPlace
            };
            return Answer::Queued(Queued {
                reason,
                suggestions: Vec::new(),
            });
        };
        let margin = search
            .found
            .get(1)
            .map_or(100, |next| next.penalty - best.penalty);
        let reason = match best.house {
            None => AddressDoubt::NoHouse,
            Some(_) if margin < MARGIN_MIN => AddressDoubt::Ambiguous,
            Some(_) if best.penalty > PENALTY_MAX => AddressDoubt::Unsure,
            Some(house) => {
                return Answer::Placed(Placement {
                    house,
                    place: best.place_fit,
                    street: best.street_fit,
                    former: best.former,
                    in_precinct: self.in_precinct(&search, house),
                    flat,
                    penalty: best.penalty,
                    margin,
                });
            }
        };
        Answer::Queued(Queued {
            reason,
            suggestions: self.suggestions(&search),
        })
    }

    /// The houses found, and where a street lacks the house its nearest ones.
    fn suggestions(&self, search: &Search) -> Vec<Suggestion> {
        let mut suggestions: Vec<Suggestion> = Vec::new();
        for candidate in &search.found {
            if suggestions.len() >= SUGGESTIONS_MAX {
                break;
            }
            let penalty = candidate.penalty;
            match candidate.house {
                Some(house) => suggestions.push(Suggestion { house, penalty }),
                None => suggestions.extend(
                    nearest(&self.index.streets[candidate.street].houses, search.house)
                        .into_iter()
                        .map(|(house, steps)| Suggestion {
                            house,
                            penalty: penalty + steps,
                        }),
                ),
            }
        }
        suggestions.sort_by_key(|s| (s.penalty, s.house));
        suggestions.dedup_by_key(|s| s.house);
        suggestions.truncate(SUGGESTIONS_MAX);
        suggestions
    }
}

/// Houses of a street whose numbers are nearest, at most three, with their distance.
fn nearest(houses: &[(HouseNumber, HouseAt)], wanted: HouseNumber) -> Vec<(HouseAt, u32)> {
    let from =
        houses.partition_point(|(number, _)| number.number < wanted.number.saturating_sub(2));
    let near = houses[from..]
        .iter()
        .take_while(|(number, _)| number.number <= wanted.number + 2);
    let mut near: Vec<(HouseAt, u32)> = near
        .map(|(number, house)| {
            let other_part = *number != wanted;
            (
                *house,
                2 * number.number.abs_diff(wanted.number) + u32::from(other_part),
            )
        })
        .collect();
    near.sort_by_key(|(house, steps)| (*steps, *house));
    near.truncate(3);
    near
}

#[derive(Debug)]
struct Search {
    areas: Vec<Soate>,
    context: Context,
    house: HouseNumber,
    found: Vec<Candidate>,
    place_known: bool,
}

#[cfg(test)]
mod tests;
