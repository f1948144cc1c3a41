//! The hour's turnout at the centre: which statement of a station counts, and what a region has added up to by an hour.
//!
//! Nothing is overwritten: every statement stays, and this rule says which one counts. An unchecked statement never
//! stands in place of one whose origin was checked, however high its number.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use lexicon::handover::turnout::{HourTurnout, Scope};

mod national;

pub use national::{DayClock, moments, roll_up};

/// How sure the centre is of a statement's origin; the greater the surer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Proof {
    /// Nobody could check it: the centre has no certificate of the kit, or the digits carry no authenticator.
    Unchecked,
    /// Read aloud with the authenticator that only the kit and the desk can work out.
    Vouched,
    /// Signed by the kit.
    Signed,
}

impl Proof {
    /// Every proof.
    pub const ALL: [Proof; 3] = [Proof::Unchecked, Proof::Vouched, Proof::Signed];

    /// The code that the store keeps.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Proof::Unchecked => "unchecked",
            Proof::Vouched => "vouched",
            Proof::Signed => "signed",
        }
    }

    /// The proof with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|proof| proof.code() == code)
    }
}

/// A statement as it was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Rises with each receipt.
    pub order: u64,
    /// What it says.
    pub said: HourTurnout,
    /// How sure its origin is.
    pub proof: Proof,
}

/// What became of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is the station's figure of the hour, or a part of it.
    Counts,
    /// A kit's own count beside one of the whole precinct, or a lower number.
    Superseded,
    /// Another count under the same number has the better proof, or came first.
    Contradicted,
    /// Newer than the one that counts, and its origin is less sure: it waits for a check.
    Waits,
}

impl Place {
    /// Every place.
    pub const ALL: [Place; 4] = [
        Place::Counts,
        Place::Superseded,
        Place::Contradicted,
        Place::Waits,
    ];

    /// The code that pages and exports show.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Place::Counts => "counts",
            Place::Superseded => "superseded",
            Place::Contradicted => "contradicted",
            Place::Waits => "waits",
        }
    }
}

/// A precinct's figure of an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Distinct voters checked in by the hour; the sum of the kits when no statement is of the whole precinct.
    pub count: u64,
    /// The least sure proof among what was added up.
    pub proof: Proof,
    /// Kits added up; none when a statement is of the whole precinct.
    pub parts: Option<u32>,
    /// The number of the statement; the highest of the parts.
    pub number: u8,
    /// When it was received: the latest of the parts.
    pub order: u64,
    /// Whether a statement contradicts another under the same number, or waits for a check.
    pub is_disputed: bool,
}

/// What the hours of one precinct add up to, with the place of each statement in the order given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hours {
    /// By hour.
    pub figures: BTreeMap<u8, Figure>,
    /// As many as there were statements.
    pub places: Vec<Place>,
}

/// Decides about the statements of one precinct, in any order.
#[must_use]
pub fn decide(heard: &[Heard]) -> Hours {
    let mut hours = Hours {
        figures: BTreeMap::new(),
        places: vec![Place::Superseded; heard.len()],
    };
    let every: BTreeSet<u8> = heard.iter().map(|heard| heard.said.hour).collect();
    for hour in every {
        let of_hour: Vec<usize> = (0..heard.len())
            .filter(|at| heard[*at].said.hour == hour)
            .collect();
        if let Some(figure) = decide_hour(heard, &of_hour, &mut hours.places) {
            hours.figures.insert(hour, figure);
        }
    }
    hours
}

fn decide_hour(heard: &[Heard], of_hour: &[usize], places: &mut [Place]) -> Option<Figure> {
    let mut standing: Vec<usize> = Vec::new();
    for &at in of_hour {
        let known = |other: &&usize| {
            let (one, two) = (heard[at].said, heard[**other].said);
            (one.kit, one.scope, one.number) == (two.kit, two.scope, two.number)
        };
        // Under one number the surest counts, of equals the first that came.
        let best = of_hour
            .iter()
            .filter(known)
            .min_by_key(|at| (Reverse(heard[**at].proof), heard[**at].order))?;
        if heard[*best].said.count == heard[at].said.count {
            if *best == at {
                standing.push(at);
            }
        } else {
            places[at] = Place::Contradicted;
        }
    }
    let newest = |at: &&usize| {
        (
            heard[**at].proof,
            heard[**at].said.number,
            heard[**at].order,
        )
    };
    let whole = standing
        .iter()
        .filter(|at| heard[**at].said.scope == Scope::Precinct)
        .max_by_key(newest);
    let counting: Vec<usize> = match whole {
        Some(at) => vec![*at],
        None => {
            let kits: BTreeSet<u8> = standing.iter().map(|at| heard[*at].said.kit).collect();
            let best = |kit| {
                let of_kit = standing.iter().filter(|at| heard[**at].said.kit == kit);
                of_kit.max_by_key(newest).copied()
            };
            kits.into_iter().filter_map(best).collect()
        }
    };
    for &at in &counting {
        places[at] = Place::Counts;
    }
    for &at in &standing {
        let is_newer = counting.iter().any(|by| {
            let (new, old) = (heard[at], heard[*by]);
            new.said.scope == old.said.scope
                && (new.said.scope == Scope::Precinct || new.said.kit == old.said.kit)
                && new.proof < old.proof
                && new.said.number > old.said.number
                && new.said.count != old.said.count
        });
        if is_newer {
            places[at] = Place::Waits;
        }
    }
    let is_disputed = of_hour
        .iter()
        .any(|at| matches!(places[*at], Place::Contradicted | Place::Waits));
    let parts = u32::try_from(counting.len()).unwrap_or(u32::MAX);
    Some(Figure {
        count: counting
            .iter()
            .map(|at| u64::from(heard[*at].said.count))
            .sum(),
        proof: counting.iter().map(|at| heard[*at].proof).min()?,
        parts: whole.is_none().then_some(parts),
        number: counting.iter().map(|at| heard[*at].said.number).max()?,
        order: counting.iter().map(|at| heard[*at].order).max()?,
        is_disputed,
    })
}

/// Whether a precinct's count fell between two hours that it reported: distinct voters can only become more.
#[must_use]
pub fn falls(figures: &BTreeMap<u8, Figure>) -> Vec<u8> {
    let pairs = figures.iter().zip(figures.iter().skip(1));
    pairs
        .filter(|((_, before), (_, after))| after.count < before.count)
        .map(|(_, (hour, _))| *hour)
        .collect()
}

/// A precinct with its list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Station {
    /// Precinct number.
    pub precinct: u16,
    /// Region code.
    pub region: String,
    /// Voters on its list.
    pub lines: u64,
    /// Its local time minus UTC, minutes; none: that of the country.
    pub offset_minutes: Option<i64>,
    /// Whether it is abroad: then a clock that nobody said is a guess.
    pub is_abroad: bool,
}

/// A region, or the country, by a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegionHour {
    /// Precincts with a list.
    pub stations: u64,
    /// Precincts whose first hour is not over yet, by their own clocks.
    pub not_due: u64,
    /// Precincts that reported their last full hour.
    pub reported: u64,
    /// Voters on the lists of those that are counted.
    pub lines: u64,
    /// Voters checked in, by the last figure of each precinct so far.
    pub count: u64,
    /// Reports whose origin nobody could check.
    pub unchecked: u64,
    /// Reports that are disputed, in parts, or fall below an earlier hour.
    pub doubtful: u64,
    /// Precincts that did not report their last full hour, ascending.
    pub missing: Vec<u16>,
}

impl RegionHour {
    /// The sum of several.
    #[must_use]
    pub fn sum<'a>(of: impl IntoIterator<Item = &'a RegionHour>) -> RegionHour {
        let mut sum = RegionHour::default();
        for region in of {
            sum.stations += region.stations;
            sum.not_due += region.not_due;
            sum.reported += region.reported;
            sum.lines += region.lines;
            sum.count += region.count;
            sum.unchecked += region.unchecked;
            sum.doubtful += region.doubtful;
            sum.missing.extend(&region.missing);
        }
        sum.missing.sort_unstable();
        sum
    }
}

#[cfg(test)]
mod tests;
