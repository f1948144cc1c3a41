//! Which precinct an address belongs to.
//!
//! A precinct's territory is written as street ranges (street, parity, from house to house), as
//! polygons, or both. **The range wins where both exist**: the decision on a boundary names streets
//! and houses, the polygon is its drawing. Where the two disagree the address still gets exactly one
//! precinct, and the disagreement is a [`Finding`]. Of several ranges or polygons that claim one
//! address, the lowest precinct number gets it and the overlap is a finding.
//!
//! Points are integers (micro-degrees), so that no rounding decides. A point on the common edge of
//! two polygons belongs to exactly one of them (half-open crossing rule).

use std::collections::HashMap;

use lexicon::PrecinctCode;
use lexicon::handover::snapshot::Extent;

use crate::snapshot::{AddressAt, SecondAddress, Snapshot};
use crate::words::Word;

pub mod cover;
pub mod edit;
pub mod polygon;
pub mod split;

pub use polygon::{Point, Shape, ShapeError};

/// How an address was placed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PlacedBy {
    /// By a street range.
    Range,
    /// By a polygon.
    Polygon,
}

impl PlacedBy {
    /// The code in tables.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            PlacedBy::Range => "range",
            PlacedBy::Polygon => "polygon",
        }
    }
}

/// An address with its precinct.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Placed {
    /// The precinct.
    pub precinct: PrecinctCode,
    /// By which kind of boundary.
    pub by: PlacedBy,
}

/// What is wrong with boundaries; someone must act before the list is final.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Finding {
    /// No boundary holds the address.
    Gap {
        /// The address.
        address: AddressAt,
    },
    /// Two precincts' boundaries of one kind hold the address.
    Overlap {
        /// The address.
        address: AddressAt,
        /// Which kind of boundary.
        by: PlacedBy,
        /// The precincts, ascending; the first got the address.
        precincts: Vec<PrecinctCode>,
    },
    /// Street range and polygon disagree; the range's precinct got the address.
    Conflict {
        /// The address.
        address: AddressAt,
        /// By the street range.
        range: PrecinctCode,
        /// By the polygon.
        polygon: PrecinctCode,
    },
    /// A building whose second address lies in another precinct, or in none; the first address decides where it votes.
    TwoPrecincts {
        /// The building.
        address: AddressAt,
        /// By its first address.
        own: PrecinctCode,
        /// By its second address.
        other: Option<PrecinctCode>,
    },
    /// A boundary row that cannot be used.
    Unusable {
        /// Its precinct.
        precinct: PrecinctCode,
        /// Why.
        why: &'static str,
    },
    /// A polygon whose outline crosses itself: which side is inside cannot be told.
    Crossing {
        /// Its precinct.
        precinct: PrecinctCode,
    },
    /// Two polygons cover common land, whether or not a house stands there.
    AreaOverlap {
        /// The precincts, ascending.
        precincts: [PrecinctCode; 2],
        /// How much, square metres, an estimate.
        square_metres: u64,
    },
    /// Land that polygons enclose and none covers.
    AreaGap {
        /// A point in it, micro-degrees.
        lon: i32,
        /// A point in it, micro-degrees.
        lat: i32,
        /// A precinct beside it.
        beside: PrecinctCode,
        /// How much, square metres, an estimate.
        square_metres: u64,
    },
    /// A precinct that another surrounds on all sides.
    Enclave {
        /// The surrounded one.
        precinct: PrecinctCode,
        /// The one around it.
        inside: PrecinctCode,
    },
    /// A territorial precinct that nobody votes in.
    Empty {
        /// The precinct.
        precinct: PrecinctCode,
    },
    /// More voters than the law allows.
    TooLarge {
        /// The precinct.
        precinct: PrecinctCode,
        /// Its voters.
        voters: u32,
    },
}

impl Finding {
    /// The code in tables.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Finding::Gap { .. } => "GAP",
            Finding::Overlap { .. } => "OVERLAP",
            Finding::Conflict { .. } => "CONFLICT",
            Finding::TwoPrecincts { .. } => "TWO_PRECINCTS",
            Finding::Unusable { .. } => "UNUSABLE",
            Finding::Crossing { .. } => "CROSSING",
            Finding::AreaOverlap { .. } => "AREA_OVERLAP",
            Finding::AreaGap { .. } => "AREA_GAP",
            Finding::Enclave { .. } => "ENCLAVE",
            Finding::Empty { .. } => "EMPTY",
            Finding::TooLarge { .. } => "TOO_LARGE",
        }
    }

    /// Whether a final release must wait for it: an address has no or more than one precinct.
    #[must_use]
    pub fn blocks(&self) -> bool {
        match self {
            Finding::Gap { .. }
            | Finding::Overlap { .. }
            | Finding::Unusable { .. }
            | Finding::Crossing { .. } => true,
            Finding::Conflict { .. }
            | Finding::TwoPrecincts { .. }
            | Finding::AreaOverlap { .. }
            | Finding::AreaGap { .. }
            | Finding::Enclave { .. }
            | Finding::Empty { .. }
            | Finding::TooLarge { .. } => false,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct HouseRange {
    precinct: PrecinctCode,
    parity: Parity,
    from: u32,
    to: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Parity {
    All,
    Odd,
    Even,
}

impl HouseRange {
    fn holds(&self, house: u32) -> bool {
        let side = match self.parity {
            Parity::All => true,
            Parity::Odd => house % 2 == 1,
            Parity::Even => house.is_multiple_of(2),
        };
        side && (self.from..=self.to).contains(&house)
    }
}

/// All boundaries of a country, indexed.
#[derive(Debug)]
pub struct Territory {
    ranges: HashMap<Word, Vec<HouseRange>>,
    shapes: rstar::RTree<Shape>,
    unusable: Vec<Finding>,
}

/// The number of a house: its leading digits, as 18 of `18а` and `18/2`.
#[must_use]
pub fn house_number(house: &str) -> Option<u32> {
    let digits: String = house
        .trim()
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}

impl Territory {
    /// Indexes the snapshot's boundaries; unusable ones become findings.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        let mut ranges: HashMap<Word, Vec<HouseRange>> = HashMap::new();
        let mut shapes = Vec::new();
        let mut unusable = Vec::new();
        for row in &snapshot.boundaries {
            let precinct = row.precinct;
            let mut refuse = |why| unusable.push(Finding::Unusable { precinct, why });
            if snapshot.precinct(precinct).is_none() {
                refuse("the precinct is not in the table of precincts");
                continue;
            }
            match &row.extent {
                Extent::Polygon(text) => match Shape::parse(precinct, text) {
                    Ok(shape) => shapes.push(shape),
                    Err(ShapeError::Crossing) => unusable.push(Finding::Crossing { precinct }),
                    Err(error) => refuse(error.why()),
                },
                Extent::Range {
                    street,
                    parity,
                    from,
                    to,
                } => {
                    let parity = match parity.as_str() {
                        "all" => Parity::All,
                        "odd" => Parity::Odd,
                        "even" => Parity::Even,
                        _ => {
                            refuse("the parity is none of all, odd, even");
                            continue;
                        }
                    };
                    if from > to {
                        refuse("the first house number is above the last");
                        continue;
                    }
                    // A street without a house needs no range.
                    if let Some(street) = snapshot.words.find(street) {
                        let range = HouseRange {
                            precinct,
                            parity,
                            from: *from,
                            to: *to,
                        };
                        ranges.entry(street).or_default().push(range);
                    }
                }
            }
        }
        Self {
            ranges,
            shapes: rstar::RTree::bulk_load(shapes),
            unusable,
        }
    }

    /// Indexes polygons alone.
    #[must_use]
    pub fn of_shapes(shapes: Vec<Shape>) -> Self {
        Self {
            ranges: HashMap::new(),
            shapes: rstar::RTree::bulk_load(shapes),
            unusable: Vec::new(),
        }
    }

    /// The precinct whose polygon holds a point; the lowest number where several do. About 1 µs.
    #[must_use]
    pub fn precinct_at(&self, point: Point) -> Option<PrecinctCode> {
        self.shapes
            .locate_all_at_point(&[point.lon.into(), point.lat.into()])
            .filter(|shape| shape.holds(point))
            .map(Shape::precinct)
            .min()
    }

    /// Boundary rows that could not be used.
    #[must_use]
    pub fn unusable(&self) -> &[Finding] {
        &self.unusable
    }

    /// Precincts that have a house in a range of its street.
    fn in_ranges(&self, street: Word, house: &str) -> Vec<PrecinctCode> {
        let (Some(ranges), Some(house)) = (self.ranges.get(&street), house_number(house)) else {
            return Vec::new();
        };
        let holding = ranges.iter().filter(|range| range.holds(house));
        holding.map(|range| range.precinct).collect()
    }

    /// The precinct of a second address: by the range of its street, else where its building stands.
    #[must_use]
    pub fn second(&self, snapshot: &Snapshot, second: &SecondAddress) -> Option<PrecinctCode> {
        let in_ranges = self.in_ranges(second.street, snapshot.words.text(second.house));
        let building = &snapshot.addresses[second.address.at()];
        let point = Point {
            lon: building.lon,
            lat: building.lat,
        };
        in_ranges
            .into_iter()
            .min()
            .or_else(|| self.precinct_at(point))
    }

    /// The precinct of one address, and what is wrong about it.
    pub fn place(
        &self,
        snapshot: &Snapshot,
        address: AddressAt,
        findings: &mut Vec<Finding>,
    ) -> Option<Placed> {
        let row = &snapshot.addresses[address.at()];
        let in_ranges = self.in_ranges(row.street, snapshot.words.text(row.house));
        let by_range = one_of(in_ranges, address, PlacedBy::Range, findings);
        let point = Point {
            lon: row.lon,
            lat: row.lat,
        };
        let holding = self
            .shapes
            .locate_all_at_point(&[row.lon.into(), row.lat.into()])
            .filter(|shape| shape.holds(point))
            .map(Shape::precinct);
        let by_polygon = one_of(holding.collect(), address, PlacedBy::Polygon, findings);
        match (by_range, by_polygon) {
            (Some(range), Some(polygon)) if range != polygon => {
                findings.push(Finding::Conflict {
                    address,
                    range,
                    polygon,
                });
                Some(Placed {
                    precinct: range,
                    by: PlacedBy::Range,
                })
            }
            (Some(precinct), _) => Some(Placed {
                precinct,
                by: PlacedBy::Range,
            }),
            (None, Some(precinct)) => Some(Placed {
                precinct,
                by: PlacedBy::Polygon,
            }),
            (None, None) => {
                findings.push(Finding::Gap { address });
                None
            }
        }
    }
}

fn one_of(
    mut precincts: Vec<PrecinctCode>,
    address: AddressAt,
    by: PlacedBy,
    findings: &mut Vec<Finding>,
) -> Option<PrecinctCode> {
    precincts.sort_unstable();
    precincts.dedup();
    let first = precincts.first().copied();
    if precincts.len() > 1 {
        findings.push(Finding::Overlap {
            address,
            by,
            precincts,
        });
    }
    first
}

/// The precinct of every address of the snapshot, in their order, and what is wrong.
#[must_use]
pub fn place_all(snapshot: &Snapshot) -> (Vec<Option<Placed>>, Vec<Finding>) {
    let territory = Territory::of(snapshot);
    let mut findings = territory.unusable.clone();
    let placed: Vec<Option<Placed>> = (0..snapshot.addresses.len())
        .map(|at| territory.place(snapshot, AddressAt::from_index(at), &mut findings))
        .collect();
    for second in &snapshot.second_addresses {
        let other = territory.second(snapshot, second);
        let own = placed[second.address.at()].map(|placed| placed.precinct);
        if let Some(own) = own.filter(|own| other != Some(*own)) {
            findings.push(Finding::TwoPrecincts {
                address: second.address,
                own,
                other,
            });
        }
    }
    (placed, findings)
}

#[cfg(test)]
mod tests;
