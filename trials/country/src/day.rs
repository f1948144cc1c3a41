//! Election day: who comes, when, where, and what goes wrong.

use lexicon::PrecinctCode;
use rayon::prelude::*;

use crate::dice::{Dice, Lane, choose};
use crate::person::{NONE, flag, quota};
use crate::{Country, RecordNo};

/// Why a visit is made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum VisitKind {
    /// A voter of this precinct comes to vote.
    Vote,
    /// A voter of another precinct comes to the wrong one (often that of a former address).
    WrongPrecinct,
    /// Somebody who is on no list comes all the same.
    NotOnList,
    /// Somebody who has voted comes again.
    Double,
    /// Somebody presents another voter's PIN.
    Impostor,
}

/// How the bearer's fingers are today.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum FingerState {
    /// As usual.
    Good,
    /// Wet, dry, worn or half on the glass at the first try; good afterwards.
    Poor,
    /// Cannot be read, whatever is tried.
    Unreadable,
}

/// One person at the desk.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Visit {
    /// Seconds since local midnight, 08:00 to 20:00.
    pub second: u32,
    /// Where they come.
    pub precinct: PrecinctCode,
    /// Whose PIN is presented.
    pub claimed: RecordNo,
    /// Whose fingers and face come with it.
    pub bearer: RecordNo,
    /// Why.
    pub kind: VisitKind,
    /// The bearer's fingers.
    pub fingers: FingerState,
}

/// All visits of the day, in the order of time.
#[derive(Clone, Debug)]
pub struct ElectionDay {
    /// Sorted by second, precinct, claimed record.
    pub visits: Vec<Visit>,
}

/// Shares of arrivals by hour, 08 to 20.
const ARRIVALS: [f64; 12] = [
    5.0, 8.5, 12.0, 13.0, 11.5, 9.5, 8.5, 8.0, 7.5, 6.5, 5.5, 4.5,
];
/// 1,600,104 of 2,761,297 voted.
const TURNOUT: f64 = 1_600_104.0 / 2_761_297.0;
/// Of those who come: fingers that cannot be read at all, and at the first try.
const UNREADABLE: f64 = 0.025;
const POOR: f64 = 0.06;
/// Of those who come: first at the wrong precinct.
const LOST: f64 = 0.012;
/// Adults without a place on the list who come all the same.
const HOPEFUL: f64 = 0.04;

fn arrival(dice: &mut Dice) -> u32 {
    let hour = dice.by_share(&ARRIVALS) as u32;
    8 * 3600 + hour * 3600 + dice.below(3600)
}

fn fingers(dice: &mut Dice, age: i32) -> FingerState {
    // Old and working hands are worse.
    let factor = if age > 60 { 2.2 } else { 0.85 };
    if dice.chance(UNREADABLE * factor) {
        FingerState::Unreadable
    } else if dice.chance(POOR * factor) {
        FingerState::Poor
    } else {
        FingerState::Good
    }
}

impl Country {
    /// The day of the election, by the country's seed. Cost: a second per million persons.
    #[must_use]
    pub fn day(&self) -> ElectionDay {
        let per_record: Vec<[Option<Visit>; 2]> = (0..self.record_count())
            .into_par_iter()
            .map(|r| self.ordinary(RecordNo(r)))
            .collect();
        let mut visits: Vec<Visit> = per_record.into_iter().flatten().flatten().collect();
        let voters: Vec<u32> = (0..visits.len() as u32)
            .filter(|&v| visits[v as usize].kind == VisitKind::Vote)
            .collect();
        let doubles = choose(
            self.params.seed,
            60,
            &voters,
            quota(voters.len(), 0.004, 20),
        );
        let again: Vec<Visit> = doubles
            .iter()
            .map(|&v| self.again(visits[v as usize]))
            .collect();
        let impostors = choose(
            self.params.seed,
            61,
            &voters,
            quota(voters.len(), 0.002, 15),
        );
        let false_claims: Vec<Visit> = impostors
            .iter()
            .filter_map(|&v| self.impostor(&visits, v))
            .collect();
        visits.extend(again);
        visits.extend(false_claims);
        visits.par_sort_unstable();
        ElectionDay { visits }
    }

    /// The honest visits of a record: one, or two when the first was to the wrong precinct.
    fn ordinary(&self, record: RecordNo) -> [Option<Visit>; 2] {
        let person = self.person(record);
        let mut dice = Dice::new(self.params.seed, Lane::Day, u64::from(record.0));
        if !person.alive() || person.has(flag::SECOND) || person.age() < 18 {
            return [None, None];
        }
        let visit = |precinct: PrecinctCode, kind: VisitKind, dice: &mut Dice| Visit {
            second: arrival(dice),
            precinct,
            claimed: record,
            bearer: record,
            kind,
            fingers: fingers(dice, person.age()),
        };
        if !self.belongs_on_list(record) {
            let hopeful = person.pin != 0 && dice.chance(HOPEFUL);
            let home = self.home_precinct(record).filter(|_| hopeful);
            return [
                home.map(|p| visit(p, VisitKind::NotOnList, &mut dice)),
                None,
            ];
        }
        let Some(right) = self
            .voting_precinct(record)
            .filter(|_| dice.chance(TURNOUT))
        else {
            return [None, None];
        };
        let vote = visit(right, VisitKind::Vote, &mut dice);
        let former = match person.past_house {
            NONE => self.home_precinct(record),
            house => {
                Some(self.precincts[usize::from(self.land.houses[house as usize].precinct)].code)
            }
        };
        let lost = former.filter(|&p| p != right && dice.chance(LOST * 12.0));
        let earlier = lost.map(|precinct| Visit {
            second: vote
                .second
                .saturating_sub(900 + dice.below(2700))
                .max(8 * 3600),
            precinct,
            kind: VisitKind::WrongPrecinct,
            ..vote
        });
        // Some give up after the wrong precinct.
        let gave_up = earlier.is_some() && dice.chance(0.3);
        [earlier, Some(vote).filter(|_| !gave_up)]
    }

    /// The same voter later the same day, sometimes at their home precinct after a Form 2.
    fn again(&self, first: Visit) -> Visit {
        let mut dice = Dice::new(
            self.params.seed,
            Lane::Day,
            1 << 40 | u64::from(first.claimed.0),
        );
        let elsewhere = self
            .home_precinct(first.claimed)
            .filter(|_| dice.chance(0.5));
        let left = (20 * 3600 - 1_u32).saturating_sub(first.second);
        Visit {
            second: first.second + 60 + dice.below(left.saturating_sub(60)),
            precinct: elsewhere.unwrap_or(first.precinct),
            kind: VisitKind::Double,
            ..first
        }
    }

    /// Another voter of the same precinct claims this voter's PIN, before or after they came.
    fn impostor(&self, visits: &[Visit], victim: u32) -> Option<Visit> {
        let of = visits[victim as usize];
        let mut dice = Dice::new(
            self.params.seed,
            Lane::Day,
            2 << 40 | u64::from(of.claimed.0),
        );
        let start = dice.below(visits.len() as u32);
        let another = |v: &&Visit| {
            v.precinct == of.precinct
                && v.kind == VisitKind::Vote
                && self.records.human(v.bearer.0) != self.records.human(of.bearer.0)
        };
        let (before, after) = visits.split_at(start as usize);
        let bearer = after.iter().chain(before).find(another)?;
        Some(Visit {
            second: arrival(&mut dice),
            bearer: bearer.bearer,
            kind: VisitKind::Impostor,
            fingers: FingerState::Good,
            ..of
        })
    }
}
