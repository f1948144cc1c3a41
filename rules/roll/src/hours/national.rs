//! The country by moments of UTC (S-24): every precinct votes by its own clock, the sum has one order.
//!
//! A station says "by 14:00", and means its own 14:00. Two precincts that say so may be fourteen hours apart: the sum of
//! equal hours would add what never stood together. So the hours are put in order by when they ended, and at each such
//! moment a precinct counts once, with the last of its hours that was over.

use std::collections::{BTreeMap, BTreeSet};

use lexicon::{Date, ElectionLaw, Instant};

use super::{Figure, Hours, Proof, RegionHour, Station, falls};

const HOUR_MICROS: i64 = 3_600_000_000;

/// The hours of election day, by any precinct's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayClock {
    day: Date,
    /// The country's local time minus UTC, minutes.
    offset_minutes: i64,
    /// The first full hour with voters.
    first: u8,
    /// The last one before the closing.
    last: u8,
}

impl DayClock {
    /// The day of an election as its law has it.
    #[must_use]
    pub fn of(law: &ElectionLaw) -> Self {
        let hour = |minutes: u16| u8::try_from(minutes.div_ceil(60)).unwrap_or(u8::MAX);
        Self {
            day: law.election.day,
            offset_minutes: law.election.offset_minutes,
            first: hour(law.election.opens_minutes + 1),
            last: hour(law.election.closes_minutes),
        }
    }

    /// A precinct's local time minus UTC, minutes.
    #[must_use]
    pub fn offset(&self, station: &Station) -> i64 {
        station.offset_minutes.unwrap_or(self.offset_minutes)
    }

    /// When a full hour of the day ends by a clock.
    #[must_use]
    pub fn end(&self, offset_minutes: i64, hour: u8) -> Instant {
        Instant::at_local(self.day, i64::from(hour) * 60, offset_minutes)
    }

    /// How many full hours of the day are over by a clock; none before its midnight.
    fn over(&self, offset_minutes: i64, at: Instant) -> Option<u8> {
        let since = at.micros() - self.end(offset_minutes, 0).micros();
        (since >= 0).then(|| u8::try_from(since / HOUR_MICROS).unwrap_or(u8::MAX))
    }

    /// The last hour that a precinct should have reported; none before its first.
    fn due(&self, offset_minutes: i64, at: Instant) -> Option<u8> {
        let over = self.over(offset_minutes, at)?;
        (over >= self.first).then_some(over.min(self.last))
    }
}

/// The moments at which an hour that somebody reported ended, ascending, each once.
#[must_use]
pub fn moments(
    clock: &DayClock,
    stations: &[Station],
    hours: &BTreeMap<u16, Hours>,
) -> Vec<Instant> {
    let of = |station: &Station| {
        let offset = clock.offset(station);
        let known = hours.get(&station.precinct).into_iter();
        let known = known.flat_map(|hours| hours.figures.keys());
        known
            .map(|hour| clock.end(offset, *hour))
            .collect::<Vec<_>>()
    };
    let all: BTreeSet<Instant> = stations.iter().flat_map(of).collect();
    all.into_iter().collect()
}

/// Adds precincts up by region at a moment: each once, with the last of its own hours that was over; nothing is guessed
/// beyond it, and who owes an hour is named.
#[must_use]
pub fn roll_up(
    clock: &DayClock,
    stations: &[Station],
    hours: &BTreeMap<u16, Hours>,
    at: Instant,
) -> BTreeMap<String, RegionHour> {
    let mut regions: BTreeMap<String, RegionHour> = BTreeMap::new();
    for station in stations {
        let region = regions.entry(station.region.clone()).or_default();
        region.stations += 1;
        let offset = clock.offset(station);
        let known = hours.get(&station.precinct);
        let last: Option<(&u8, &Figure)> = known
            .zip(clock.over(offset, at))
            .and_then(|(hours, over)| hours.figures.range(..=over).next_back());
        match (clock.due(offset, at), last) {
            (None, _) => region.not_due += 1,
            (Some(due), Some((hour, _))) if *hour >= due => region.reported += 1,
            (Some(_), _) => region.missing.push(station.precinct),
        }
        let (Some((hour, figure)), Some(known)) = (last, known) else {
            continue;
        };
        let is_falling = falls(&known.figures).contains(hour);
        let is_guess = station.is_abroad && station.offset_minutes.is_none();
        region.lines += station.lines;
        region.count += figure.count;
        region.unchecked += u64::from(figure.proof == Proof::Unchecked);
        region.doubtful +=
            u64::from(figure.is_disputed || figure.parts.is_some() || is_falling || is_guess);
    }
    for region in regions.values_mut() {
        region.missing.sort_unstable();
    }
    regions
}
