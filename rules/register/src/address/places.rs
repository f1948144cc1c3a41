//! The places of the country: oblasts, raions, ayil aimaks, towns, villages, each below another.

use std::collections::{BTreeMap, HashMap, HashSet};

use lexicon::Soate;

use super::words::name_key;
use super::written::Name;

/// A row of the classifier.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlaceRow {
    /// Its code.
    pub soate: Soate,
    /// The code of what it lies in.
    pub parent: Option<Soate>,
    /// Its name as printed.
    pub name: String,
}

/// Why a row of the classifier is left out; the others stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PlaceReject {
    /// The code stands in an earlier row already.
    #[error("the code stands in an earlier row already")]
    Twice,
    /// The place it lies in is in no row.
    #[error("the place it lies in is in no row")]
    NoParent,
    /// It lies in itself, by however many steps.
    #[error("it lies in itself: the hierarchy is circular")]
    Circular,
    /// A column is missing or unreadable.
    #[error("a column is missing or unreadable")]
    Unreadable,
}

/// A row that stands.
#[derive(Clone, Debug)]
struct Row {
    parent: Option<Soate>,
    name: Name,
    /// The name as the classifier prints it.
    printed: String,
}

/// The hierarchy; every path upwards ends.
#[derive(Clone, Debug, Default)]
pub struct Places {
    rows: BTreeMap<Soate, Row>,
    /// Places that hold others, by the key of their name.
    areas: HashMap<Vec<u8>, Vec<Soate>>,
}

const KYRGYZSTAN: &str = include_str!("../../../../countries/kg/places.csv");

impl Places {
    /// The state classifier that is shipped: 2,438 codes before the reform of 2024, Russian names.
    #[must_use]
    pub fn shipped() -> Self {
        let rows = Self::parse(KYRGYZSTAN).into_iter().filter_map(Result::ok);
        Self::of(&rows.collect::<Vec<_>>()).0
    }

    /// Reads `soate,parent,name` lines after a header; a line that cannot be read gives its reason.
    #[must_use]
    pub fn parse(text: &str) -> Vec<Result<PlaceRow, PlaceReject>> {
        let lines = text.lines().skip(1).filter(|line| !line.trim().is_empty());
        lines
            .map(|line| {
                let mut columns = line.splitn(3, ',').map(str::trim);
                let mut next = || columns.next().ok_or(PlaceReject::Unreadable);
                let (soate, parent, name) = (next()?, next()?, next()?.trim_matches('"'));
                let code = |text: &str| text.parse::<Soate>().map_err(|_| PlaceReject::Unreadable);
                Ok(PlaceRow {
                    soate: code(soate)?,
                    parent: if parent.is_empty() {
                        None
                    } else {
                        Some(code(parent)?)
                    },
                    name: name.to_owned(),
                })
            })
            .collect()
    }

    /// Takes rows in; each that cannot stand is named with its place in `rows`, and the rest goes on.
    ///
    /// Of a circle every row is refused, and so is what lies below it.
    #[must_use]
    pub fn of(rows: &[PlaceRow]) -> (Self, Vec<(usize, PlaceReject)>) {
        let mut rejects = Vec::new();
        let mut parents: BTreeMap<Soate, (usize, Option<Soate>)> = BTreeMap::new();
        for (at, row) in rows.iter().enumerate() {
            match parents.entry(row.soate) {
                std::collections::btree_map::Entry::Vacant(free) => {
                    free.insert((at, row.parent));
                }
                std::collections::btree_map::Entry::Occupied(_) => {
                    rejects.push((at, PlaceReject::Twice))
                }
            }
        }
        let mut places = Self::default();
        for (&soate, &(at, parent)) in &parents {
            match path_ends(&parents, soate) {
                Ok(()) => {
                    let printed = rows[at].name.clone();
                    let name = Name::of_place(&printed);
                    let row = Row {
                        parent,
                        name,
                        printed,
                    };
                    places.rows.insert(soate, row);
                }
                Err(why) => rejects.push((at, why)),
            }
        }
        let holding: HashSet<Soate> = places.rows.values().filter_map(|row| row.parent).collect();
        for (&soate, row) in &places.rows {
            if holding.contains(&soate) {
                let key = area_key(&row.name);
                places.areas.entry(key).or_default().push(soate);
            }
        }
        rejects.sort_by_key(|(at, _)| *at);
        (places, rejects)
    }

    /// The name of a place.
    #[must_use]
    pub fn find_name(&self, soate: Soate) -> Option<&Name> {
        self.rows.get(&soate).map(|row| &row.name)
    }

    /// The name of a place as the classifier prints it: `г. Каракол`.
    #[must_use]
    pub fn find_printed(&self, soate: Soate) -> Option<&str> {
        self.rows.get(&soate).map(|row| row.printed.as_str())
    }

    /// Areas that bear this name: several raions may.
    #[must_use]
    pub fn areas_named(&self, name: &Name) -> &[Soate] {
        self.areas.get(&area_key(name)).map_or(&[], Vec::as_slice)
    }

    /// Whether a place is the area or lies in it.
    #[must_use]
    pub fn lies_in(&self, place: Soate, area: Soate) -> bool {
        // INVARIANT (paths end): rows on a circle were refused.
        let mut at = Some(place);
        while let Some(soate) = at {
            if soate == area {
                return true;
            }
            at = self.rows.get(&soate).and_then(|row| row.parent);
        }
        false
    }
}

fn area_key(name: &Name) -> Vec<u8> {
    name_key(&name.text())
}

/// Whether the path upwards from a place ends at one that lies in nothing.
fn path_ends(
    parents: &BTreeMap<Soate, (usize, Option<Soate>)>,
    from: Soate,
) -> Result<(), PlaceReject> {
    let mut seen = HashSet::from([from]);
    let mut at = from;
    while let Some(&(_, parent)) = parents.get(&at) {
        let Some(parent) = parent else {
            return Ok(());
        };
        if !seen.insert(parent) {
            return Err(PlaceReject::Circular);
        }
        at = parent;
    }
    Err(PlaceReject::NoParent)
}
