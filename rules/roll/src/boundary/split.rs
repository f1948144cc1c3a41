//! A proposal for dividing a precinct that is larger than the law allows.
//!
//! Streets are taken in the order of a walk along the longer side of the precinct, the houses of a street
//! by number, and the walk is cut into the fewest parts that stay below the limit, as even as the houses
//! allow. Each part is a list of street ranges, so the proposal can be enacted as a boundary. A human
//! decides; nothing is changed here.

use std::collections::BTreeMap;

/// Last number of a range that ends with its street: houses built later belong to it.
pub const STREET_END: u32 = 9_999;

/// A house of the precinct with those who vote there.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct VotersAt<'a> {
    /// The street's id.
    pub street: &'a str,
    /// The number; `12` and `12а` have one and stay together. `None`: no number can be read.
    pub house: Option<u32>,
    /// Longitude, micro-degrees.
    pub lon: i32,
    /// Latitude, micro-degrees.
    pub lat: i32,
    /// Voters.
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
    /// Its voters.
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
    /// Houses without a number cannot be named by a street range.
    #[error("{voters} voters live in houses whose number cannot be read; give them numbers first")]
    Unnumbered {
        /// Voters in such houses.
        voters: u32,
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
/// The order of `houses` does not matter.
///
/// # Errors
/// [`SplitError`] when no cut between house numbers can meet the limit.
pub fn propose(houses: &[VotersAt<'_>], limit: u32) -> Result<Vec<SplitPart>, SplitError> {
    if limit == 0 {
        return Err(SplitError::NoLimit);
    }
    let unnumbered: u32 = houses
        .iter()
        .filter(|h| h.house.is_none())
        .map(|h| h.voters)
        .sum();
    if unnumbered > 0 {
        return Err(SplitError::Unnumbered { voters: unnumbered });
    }
    let walk = walk(houses);
    if let Some(block) = walk.iter().find(|block| block.voters > limit) {
        return Err(SplitError::HouseTooLarge {
            voters: block.voters,
            limit,
        });
    }
    Ok(parts(&walk, least_capacity(&walk, limit)))
}

/// Blocks in the order of the walk.
fn walk<'a>(houses: &[VotersAt<'a>]) -> Vec<Block<'a>> {
    let span = |of: fn(&VotersAt<'_>) -> i32| {
        let low = houses.iter().map(of).min().unwrap_or(0);
        let high = houses.iter().map(of).max().unwrap_or(0);
        i64::from(high) - i64::from(low)
    };
    // A degree of longitude is about three quarters of one of latitude in this country; the rest is shape.
    let eastward = span(|h| h.lon) * 3 >= span(|h| h.lat) * 4;
    let mut streets: BTreeMap<&str, (i64, i64, BTreeMap<u32, u32>)> = BTreeMap::new();
    for house in houses {
        let along = i64::from(if eastward { house.lon } else { house.lat });
        let entry = streets.entry(house.street).or_default();
        entry.0 += along;
        entry.1 += 1;
        *entry.2.entry(house.house.unwrap_or(0)).or_default() += house.voters;
    }
    let mut order: Vec<(i64, &str)> = streets
        .iter()
        .map(|(street, (sum, count, _))| (sum.div_euclid((*count).max(1)), *street))
        .collect();
    order.sort_unstable();
    let blocks = order.into_iter().flat_map(|(_, street)| {
        streets[street]
            .2
            .iter()
            .map(move |(&number, &voters)| Block {
                street,
                number,
                voters,
            })
    });
    blocks.collect()
}

/// How many parts a walk needs when none may have more than `capacity`.
fn parts_needed(walk: &[Block<'_>], capacity: u32) -> usize {
    let (mut parts, mut held) = (1, 0);
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
fn least_capacity(walk: &[Block<'_>], limit: u32) -> u32 {
    let fewest = parts_needed(walk, limit);
    let (mut low, mut high) = (walk.iter().map(|b| b.voters).max().unwrap_or(0), limit);
    while low < high {
        let middle = low + (high - low) / 2;
        if parts_needed(walk, middle) <= fewest {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

fn parts(walk: &[Block<'_>], capacity: u32) -> Vec<SplitPart> {
    let mut parts = vec![SplitPart::default()];
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
