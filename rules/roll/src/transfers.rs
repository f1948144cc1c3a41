//! Mass transfer: an alarm when Form 2 fills a precinct as no ordinary one is filled (L-07).
//!
//! The alarm refuses nobody. It counts what was filed, by precinct and day, and scores four signs with
//! integers: how much of the precinct the newcomers would be, how few days they came in, how many come
//! from one place, how many left one telephone number.

use std::collections::BTreeMap;

use lexicon::{Date, ElectionLaw, PrecinctCode};

use crate::boundary::Placed;
use crate::form::Roll;
use crate::snapshot::{AddressAt, PersonAt, Snapshot};

/// One application that names a precinct.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Filing {
    /// The day it was captured on.
    pub day: Date,
    /// Number of the place the applicant comes from; equal numbers, equal places. None: not on file.
    pub origin: Option<u64>,
    /// Number of the telephone left; none where the desk keeps none.
    pub phone: Option<u64>,
}

/// Limits of the alarm. Points are out of 1,000.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AlarmPolicy {
    /// Fewer applications than this are never scored.
    pub filings_min: u32,
    /// Days that count as one burst.
    pub burst_days: i32,
    /// The score from which the alarm is raised.
    pub alarm: u32,
}

impl AlarmPolicy {
    /// The shipped limits: on simulated campaigns they find at least 95 of 100 and wake for fewer than 1 of
    /// 100 ordinary precincts (a test of this module).
    #[must_use]
    pub fn standard() -> Self {
        Self {
            filings_min: 50,
            burst_days: 3,
            alarm: 400,
        }
    }
}

/// The signs of one precinct, in points.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Score {
    /// Newcomers against those who live there: full at a quarter. A precinct without land has none.
    pub size: u32,
    /// The share that came within the busiest days.
    pub burst: u32,
    /// The share from one place.
    pub origin: u32,
    /// How many left one telephone number: full at twenty.
    pub phone: u32,
}

/// The most points each sign gives.
const SIZE_MAX: u32 = 350;
const BURST_MAX: u32 = 200;
const ORIGIN_MAX: u32 = 300;
const PHONE_MAX: u32 = 150;

impl Score {
    /// All points, 0 to 1,000.
    #[must_use]
    pub fn total(self) -> u32 {
        self.size + self.burst + self.origin + self.phone
    }
}

/// What was filed for one precinct.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inflow {
    /// The precinct.
    pub precinct: PrecinctCode,
    /// Who live within its boundaries and are on the list; none where it has no land.
    pub residents: Option<u32>,
    /// Applications that name it.
    pub filings: u32,
    /// Applications by day, ascending; days without one are left out.
    pub by_day: Vec<(Date, u32)>,
    /// The most from one place.
    pub from_one_place: u32,
    /// The most with one telephone number.
    pub with_one_phone: u32,
    /// Applications within the busiest days.
    pub within_burst: u32,
    /// Its score; zero below the least number of applications.
    pub score: Score,
    /// Whether the alarm is raised.
    pub alarm: bool,
}

fn most<T: Ord>(of: impl Iterator<Item = T>) -> u32 {
    let mut counts: BTreeMap<T, u32> = BTreeMap::new();
    for item in of {
        *counts.entry(item).or_default() += 1;
    }
    counts.into_values().max().unwrap_or(0)
}

/// Points for a share of the whole: none at `none` thousandths, all at `all`.
fn points(part: u32, whole: u32, (none, all): (u32, u32), most: u32) -> u32 {
    let share = u64::from(part) * 1000 / u64::from(whole.max(1));
    let above = share
        .saturating_sub(u64::from(none))
        .min(u64::from(all - none));
    u32::try_from(above * u64::from(most) / u64::from(all - none)).unwrap_or(most)
}

/// Scores one precinct's applications. Order of the filings changes nothing.
#[must_use]
pub fn score(
    precinct: PrecinctCode,
    residents: Option<u32>,
    filings: &[Filing],
    policy: AlarmPolicy,
) -> Inflow {
    let mut days: BTreeMap<Date, u32> = BTreeMap::new();
    for filing in filings {
        *days.entry(filing.day).or_default() += 1;
    }
    let by_day: Vec<(Date, u32)> = days.into_iter().collect();
    let days_after = |from: Date, to: Date| to.since(from).map_or(0, |span| span.get_days());
    let within_burst = (0..by_day.len())
        .map(|at| {
            let rest = by_day[at..].iter();
            rest.take_while(|(day, _)| days_after(by_day[at].0, *day) < policy.burst_days)
                .map(|(_, count)| count)
                .sum()
        })
        .max()
        .unwrap_or(0);
    let count = u32::try_from(filings.len()).unwrap_or(u32::MAX);
    let mut inflow = Inflow {
        precinct,
        residents,
        filings: count,
        from_one_place: most(filings.iter().filter_map(|f| f.origin)),
        with_one_phone: most(filings.iter().filter_map(|f| f.phone)),
        within_burst,
        by_day,
        score: Score::default(),
        alarm: false,
    };
    if count < policy.filings_min {
        return inflow;
    }
    inflow.score = Score {
        // A small precinct is filled by few; below a hundred residents the share says little.
        size: residents.map_or(0, |r| points(count, r.max(100), (20, 250), SIZE_MAX)),
        burst: points(within_burst, count, (400, 900), BURST_MAX),
        origin: points(inflow.from_one_place, count, (250, 750), ORIGIN_MAX),
        phone: points(inflow.with_one_phone, 20, (100, 1000), PHONE_MAX),
    };
    inflow.alarm = inflow.score.total() >= policy.alarm;
    inflow
}

/// Telephone numbers left with claims, as opaque numbers, by claim id.
pub type Phones = BTreeMap<String, u64>;

/// The inflow of every precinct that an application names, by precinct.
///
/// Each person counts once for a precinct, with the first application for it: a re-send adds nothing.
/// The origin is the place (SOATE) of the address that counts on the cut-off.
#[must_use]
pub fn inflows(
    snapshot: &Snapshot,
    roll: &Roll,
    law: &ElectionLaw,
    phones: &Phones,
    policy: AlarmPolicy,
) -> Vec<Inflow> {
    let mut filed: BTreeMap<PrecinctCode, BTreeMap<PersonAt, Filing>> = BTreeMap::new();
    for claim in snapshot
        .claims
        .iter()
        .filter(|claim| &*claim.kind == "form2")
    {
        let (Some(person), Some(target)) = (claim.person, claim.target) else {
            continue;
        };
        if snapshot.precinct(target).is_none() {
            continue;
        }
        let origin = home_of(snapshot, roll, person)
            .map(|at| snapshot.addresses[at.at()].soate)
            .and_then(|soate| soate.to_string().parse().ok());
        filed
            .entry(target)
            .or_default()
            .entry(person)
            .or_insert(Filing {
                day: claim.filed.local_date(law.election.offset_minutes),
                origin,
                phone: phones.get(&*claim.id).copied(),
            });
    }
    let residents = residents(snapshot, roll);
    filed
        .into_iter()
        .map(|(precinct, people)| {
            let filings: Vec<Filing> = people.into_values().collect();
            let landed = snapshot
                .precinct(precinct)
                .is_some_and(|row| law.list.landed_kinds.contains(&row.kind));
            let here = landed.then(|| residents.get(&precinct).copied().unwrap_or(0));
            score(precinct, here, &filings, policy)
        })
        .collect()
}

fn home_of(snapshot: &Snapshot, roll: &Roll, person: PersonAt) -> Option<AddressAt> {
    let amended = roll.claims.amendments.get(&person).and_then(|a| a.address);
    amended.map(|(address, _)| address).or_else(|| {
        let at = snapshot.residence_on(person, roll.cut_off)?;
        Some(snapshot.residences[at].address)
    })
}

/// Listed persons by the precinct of their own address, whether they moved away by Form 2 or not.
fn residents(snapshot: &Snapshot, roll: &Roll) -> BTreeMap<PrecinctCode, u32> {
    let mut counts = BTreeMap::new();
    for person in roll.lists.iter().flat_map(|list| &list.persons) {
        let placed: Option<Placed> =
            home_of(snapshot, roll, *person).and_then(|at| roll.placed[at.at()]);
        if let Some(placed) = placed {
            *counts.entry(placed.precinct).or_default() += 1;
        }
    }
    counts
}

#[cfg(test)]
mod tests;
