//! The register's places, streets and houses, arranged for the search.

use std::collections::{BTreeMap, HashMap};

use lexicon::{PrecinctCode, Soate};

use super::house::HouseNumber;
use super::places::Places;
use super::words::{Way, name_key, stem};
use super::written::Name;

/// A house by the order in which it was added to the [`Builder`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct HouseAt(pub u32);

/// A street name ready for comparison.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct StreetName {
    /// All words joined, endings kept.
    pub whole: Vec<u8>,
    /// Stems of the words that are no initials.
    pub stems: Vec<Vec<u8>>,
    /// The stems joined.
    pub joined: Vec<u8>,
    /// Initials.
    pub initials: Vec<u8>,
    /// Numbers, ascending.
    pub numbers: Vec<u32>,
    pub way: Option<Way>,
    /// A name the street no longer has.
    pub former: bool,
}

impl StreetName {
    pub fn of(name: &Name, former: bool) -> Self {
        let is_initial = |word: &&String| word.chars().count() == 1;
        let mut stems: Vec<Vec<u8>> = name
            .words
            .iter()
            .filter(|word| !is_initial(word))
            .map(|word| stem(word))
            .collect();
        let mut initials: Vec<u8> = Vec::new();
        for word in name.words.iter().filter(is_initial) {
            initials.extend(name_key(word).first());
        }
        if stems.is_empty() {
            stems = name.words.iter().map(|word| name_key(word)).collect();
            initials.clear();
        }
        let mut numbers = name.numbers.clone();
        numbers.sort_unstable();
        let whole: Vec<&str> = name
            .words
            .iter()
            .filter(|word| !is_initial(word))
            .map(String::as_str)
            .collect();
        Self {
            whole: name_key(&whole.join(" ")),
            joined: stems.concat(),
            stems,
            initials,
            numbers,
            way: name.way,
            former,
        }
    }
}

/// A street of one place.
#[derive(Debug)]
pub(super) struct Street {
    pub place: usize,
    pub names: Vec<StreetName>,
    /// Houses by number.
    pub houses: Vec<(HouseNumber, HouseAt)>,
}

/// A place with streets.
#[derive(Debug)]
pub(super) struct Place {
    pub soate: Soate,
    /// Key of the name; empty when the classifier does not know the place.
    pub key: Vec<u8>,
    pub streets: Vec<usize>,
}

/// The arranged register. Building the national one (1.3 M houses) takes about a second.
#[derive(Debug)]
pub struct Index {
    pub(super) hierarchy: Places,
    pub(super) places: Vec<Place>,
    pub(super) streets: Vec<Street>,
    /// Precinct of each house, where one is known.
    pub(super) precinct_of: Vec<Option<PrecinctCode>>,
    /// Places with a house in the precinct, and the raions they lie in.
    pub(super) of_precinct: HashMap<PrecinctCode, Near>,
    /// Streets of the whole country by stems and numbers.
    pub(super) by_name: HashMap<(Vec<u8>, Vec<u32>), Vec<usize>>,
}

/// What lies in a precinct.
#[derive(Debug, Default)]
pub(super) struct Near {
    pub places: Vec<usize>,
    pub raions: Vec<u32>,
}

/// A house as it is added.
#[derive(Clone, Copy, Debug)]
pub struct HouseRow<'a> {
    /// The place it lies in.
    pub soate: Soate,
    /// Its street's id at the source.
    pub street: &'a str,
    /// The street's name as printed.
    pub street_name: &'a str,
    /// Its number as printed.
    pub house: &'a str,
    /// The precinct it lies in, where that is known.
    pub precinct: Option<PrecinctCode>,
}

/// Collects the register.
#[derive(Debug)]
pub struct Builder {
    hierarchy: Places,
    places: BTreeMap<Soate, usize>,
    made: Vec<Place>,
    streets: Vec<Street>,
    /// Streets of a source id, one for each place that it runs through.
    by_id: HashMap<Box<str>, Vec<usize>>,
    precinct_of: Vec<Option<PrecinctCode>>,
}

impl Builder {
    /// Starts with the places of the country.
    #[must_use]
    pub fn new(hierarchy: Places) -> Self {
        Self {
            hierarchy,
            places: BTreeMap::new(),
            made: Vec::new(),
            streets: Vec::new(),
            by_id: HashMap::new(),
            precinct_of: Vec::new(),
        }
    }

    /// Adds a house; the answer counts from 0 in the order of adding.
    ///
    /// # Panics
    /// Never: a country has fewer than 4 G houses.
    pub fn house(&mut self, row: &HouseRow<'_>) -> HouseAt {
        let at = HouseAt(u32::try_from(self.precinct_of.len()).expect("fewer than 4 G houses"));
        self.precinct_of.push(row.precinct);
        let street = self.street(row.soate, row.street, row.street_name);
        if let Some(number) = HouseNumber::parse(row.house) {
            self.streets[street].houses.push((number, at));
        }
        at
    }

    /// Adds another name of a street: the other language's, or one it no longer has.
    pub fn other_name(&mut self, street: &str, name: &str, former: bool) {
        let name = Name::of(name);
        for at in self.by_id.get(street).cloned().unwrap_or_default() {
            self.streets[at].names.push(StreetName::of(&name, former));
        }
    }

    fn street(&mut self, soate: Soate, id: &str, name: &str) -> usize {
        let place = self.place(soate);
        let known = self.by_id.get(id).map_or(&[][..], Vec::as_slice);
        if let Some(&at) = known.iter().find(|&&at| self.streets[at].place == place) {
            return at;
        }
        let at = self.streets.len();
        self.by_id.entry(id.into()).or_default().push(at);
        self.streets.push(Street {
            place,
            names: vec![StreetName::of(&Name::of(name), false)],
            houses: Vec::new(),
        });
        self.made[place].streets.push(at);
        at
    }

    fn place(&mut self, soate: Soate) -> usize {
        if let Some(&at) = self.places.get(&soate) {
            return at;
        }
        let key = self
            .hierarchy
            .find_name(soate)
            .map(|name| name_key(&name.text()));
        let at = self.made.len();
        self.made.push(Place {
            soate,
            key: key.unwrap_or_default(),
            streets: Vec::new(),
        });
        self.places.insert(soate, at);
        at
    }

    /// Arranges what was added.
    #[must_use]
    pub fn finish(mut self) -> Index {
        let mut of_precinct: HashMap<PrecinctCode, Near> = HashMap::new();
        let mut by_name: HashMap<(Vec<u8>, Vec<u32>), Vec<usize>> = HashMap::new();
        for (at, street) in self.streets.iter_mut().enumerate() {
            street.houses.sort_unstable();
            let raion = self.made[street.place].soate.district();
            for (_, house) in &street.houses {
                if let Some(precinct) = self.precinct_of[house.0 as usize] {
                    let near = of_precinct.entry(precinct).or_default();
                    if !near.places.contains(&street.place) {
                        near.places.push(street.place);
                    }
                    if !near.raions.contains(&raion) {
                        near.raions.push(raion);
                    }
                }
            }
            for name in &street.names {
                let same = by_name
                    .entry((name.joined.clone(), name.numbers.clone()))
                    .or_default();
                if same.last() != Some(&at) {
                    same.push(at);
                }
            }
        }
        Index {
            hierarchy: self.hierarchy,
            places: self.made,
            streets: self.streets,
            precinct_of: self.precinct_of,
            of_precinct,
            by_name,
        }
    }
}

impl Index {
    /// Houses, those without a readable number included.
    #[must_use]
    pub fn houses(&self) -> usize {
        self.precinct_of.len()
    }

    /// Streets, counted once for each place they run through.
    #[must_use]
    pub fn streets(&self) -> usize {
        self.streets.len()
    }
}
