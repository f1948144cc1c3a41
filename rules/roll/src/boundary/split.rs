//! A proposal for dividing a precinct that is larger than the law allows.
//!
//! Places are taken in the order of a walk along the longer side of the precinct, the streets of a place along the longer
//! side of the place, the houses of a street by number, and the walk is cut into the fewest parts that stay below the
//! limit, as even as the houses allow. So a part is one stretch of the walk: it takes up a place where the part before
//! left it. Each part is a list of street ranges, so the proposal can be enacted as a boundary. Who cannot be named by
//! a range (Form 2, houses without a number) stays with the first part, which keeps the precinct's number. A human
//! decides; nothing is changed here.

use std::collections::BTreeMap;

/// Last number of a range that ends with its street: houses built later belong to it.
pub const STREET_END: u32 = 9_999;

/// A house of the precinct with those who vote there.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct VotersAt<'a> {
    /// The place the house lies in, by its code in the classifier.
    pub place: u64,
    /// The street's id.
    pub street: &'a str,
    /// The number; `12` and `12а` have one and stay together. `None`: no number can be read.
    pub house: Option<u32>,
    /// Longitude, micro-degrees.
    pub lon: i32,
    /// Latitude, micro-degrees.
    pub lat: i32,
    /// Voters; none where nobody votes: the house has its part all the same.
    pub voters: u32,
}

/// Houses of both sides of a street, from one number to another.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct SplitRange {
    /// The street's id.
    pub street: String,
    /// First number.
    pub from: u32,
    /// Last number; [`STREET_END`] when the range ends with the street.
    pub to: u32,
}

/// One of the proposed precincts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SplitPart {
    /// Its streets, in the order of the walk.
    pub ranges: Vec<SplitRange>,
    /// Its voters; of the first part those too who stay with it. The parts' add up to all.
    pub voters: u32,
}

/// Why no proposal can be made; the registrar acts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SplitError {
    /// The law's limit is no limit.
    #[error("the largest number of voters of a precinct is 0")]
    NoLimit,
    /// One house number has more voters than a precinct may have.
    #[error("{voters} voters share one house number, {limit} is the limit of a precinct")]
    HouseTooLarge {
        /// Voters under the number.
        voters: u32,
        /// The limit.
        limit: u32,
    },
    /// Who cannot be named by a street range stays with the first part, and these are more than a precinct may have.
    #[error("{voters} voters stay with the first part, {limit} is the limit of a precinct")]
    TooManyStay {
        /// Voters who stay.
        voters: u32,
        /// The limit.
        limit: u32,
    },
}

/// A house number of a street: the smallest thing that is not cut.
#[derive(Clone, Copy, Debug)]
struct Block<'a> {
    street: &'a str,
    number: u32,
    voters: u32,
}

/// Proposes parts of at most `limit` voters; a precinct within the limit is one part.
///
/// `staying` voters of the list have no house here and stay with the first part, as do those of houses without a number.
/// The order of `houses` does not matter.
///
/// # Errors
/// [`SplitError`] when no cut between house numbers can meet the limit.
pub fn propose(
    houses: &[VotersAt<'_>],
    limit: u32,
    staying: u32,
) -> Result<Vec<SplitPart>, SplitError> {
    if limit == 0 {
        return Err(SplitError::NoLimit);
    }
    let numbered: Vec<&VotersAt<'_>> = houses.iter().filter(|h| h.house.is_some()).collect();
    let unnumbered = houses.iter().filter(|h| h.house.is_none());
    let staying = unnumbered.fold(staying, |sum, h| sum.saturating_add(h.voters));
    if staying > limit {
        return Err(SplitError::TooManyStay {
            voters: staying,
            limit,
        });
    }
    let walk = walk(&numbered);
    if let Some(block) = walk.iter().find(|block| block.voters > limit) {
        return Err(SplitError::HouseTooLarge {
            voters: block.voters,
            limit,
        });
    }
    let capacity = least_capacity(&walk, limit, staying);
    Ok(parts(&walk, capacity, staying))
}

/// Whether the longer side lies from west to east.
fn is_eastward(houses: &[&VotersAt<'_>]) -> bool {
    let span = |of: fn(&VotersAt<'_>) -> i32| {
        let low = houses.iter().map(|h| of(h)).min().unwrap_or(0);
        let high = houses.iter().map(|h| of(h)).max().unwrap_or(0);
        i64::from(high) - i64::from(low)
    };
    // A degree of longitude is about three quarters of one of latitude in this country; the rest is shape.
    span(|h| h.lon) * 3 >= span(|h| h.lat) * 4
}

/// Groups of houses in the order of their middles along a side, of equals the lower key.
fn along<'h, 'a, K: Ord + Copy>(
    houses: &[&'h VotersAt<'a>],
    is_eastward: bool,
    key: impl Fn(&VotersAt<'a>) -> K,
) -> Vec<Vec<&'h VotersAt<'a>>> {
    let mut groups: BTreeMap<K, Vec<&VotersAt<'a>>> = BTreeMap::new();
    for house in houses {
        groups.entry(key(house)).or_default().push(house);
    }
    let middle = |of: &[&VotersAt<'_>]| {
        let at = |h: &&VotersAt<'_>| i64::from(if is_eastward { h.lon } else { h.lat });
        let count = i64::try_from(of.len()).unwrap_or(i64::MAX);
        of.iter().map(at).sum::<i64>().div_euclid(count.max(1))
    };
    let mut order: Vec<(i64, K)> = groups.iter().map(|(key, of)| (middle(of), *key)).collect();
    order.sort_unstable();
    let taken = order.iter().filter_map(|(_, key)| groups.remove(key));
    taken.collect()
}

/// Blocks in the order of the walk.
fn walk<'a>(houses: &[&VotersAt<'a>]) -> Vec<Block<'a>> {
    // A street that is written in two places is walked once, in the one with the lower code.
    let mut place_of: BTreeMap<&str, u64> = BTreeMap::new();
    for house in houses {
        let place = place_of.entry(house.street).or_insert(house.place);
        *place = house.place.min(*place);
    }
    let places = along(houses, is_eastward(houses), |h| {
        place_of.get(h.street).copied().unwrap_or(h.place)
    });
    let streets = places.iter().flat_map(|of| {
        let side = is_eastward(of);
        along(of, side, |h| h.street)
    });
    streets.flat_map(|of| blocks(&of)).collect()
}

/// The numbers of one street, ascending.
fn blocks<'a>(street: &[&VotersAt<'a>]) -> Vec<Block<'a>> {
    let mut numbers: BTreeMap<u32, Block<'a>> = BTreeMap::new();
    for house in street {
        let number = house.house.unwrap_or(0);
        let block = numbers.entry(number).or_insert(Block {
            street: house.street,
            number,
            voters: 0,
        });
        block.voters += house.voters;
    }
    numbers.into_values().collect()
}

/// How many parts a walk needs when none may have more than `capacity`; `staying` are in the first.
fn parts_needed(walk: &[Block<'_>], capacity: u32, staying: u32) -> usize {
    let (mut parts, mut held) = (1, staying);
    for block in walk {
        if held + block.voters > capacity {
            parts += 1;
            held = 0;
        }
        held += block.voters;
    }
    parts
}

/// The smallest largest part among the divisions with the fewest parts.
fn least_capacity(walk: &[Block<'_>], limit: u32, staying: u32) -> u32 {
    let fewest = parts_needed(walk, limit, staying);
    let largest = walk.iter().map(|b| b.voters).max().unwrap_or(0);
    let (mut low, mut high) = (largest.max(staying), limit);
    while low < high {
        let middle = low + (high - low) / 2;
        if parts_needed(walk, middle, staying) <= fewest {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

fn parts(walk: &[Block<'_>], capacity: u32, staying: u32) -> Vec<SplitPart> {
    let mut parts = vec![SplitPart {
        voters: staying,
        ..SplitPart::default()
    }];
    let mut last: Option<Block<'_>> = None;
    for block in walk {
        let held = parts.last().map_or(0, |part| part.voters);
        let cut = held > 0 && held + block.voters > capacity;
        let same_street = last.is_some_and(|last| last.street == block.street);
        if cut {
            parts.push(SplitPart::default());
        }
        if cut || !same_street {
            let from = match last.filter(|_| same_street) {
                // The range before ends where this one begins, so that a house built between has one.
                Some(_) => block.number,
                None => 0,
            };
            if let (true, [.., before, _]) = (cut && same_street, &mut parts[..])
                && let Some(range) = before.ranges.last_mut()
            {
                range.to = block.number - 1;
            }
            if let Some(part) = parts.last_mut() {
                part.ranges.push(SplitRange {
                    street: block.street.to_owned(),
                    from,
                    to: STREET_END,
                });
            }
        }
        if let Some(part) = parts.last_mut() {
            part.voters += block.voters;
        }
        last = Some(*block);
    }
    parts
}

#[cfg(test)]
mod tests;
