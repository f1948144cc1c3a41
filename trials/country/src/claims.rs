//! Claims: Form 2 (change of the voting address) and corrections, some filed twice, some late.

use crate::calendar::{CUT_OFF, Day};
use crate::dice::{Dice, Lane, choose};
use crate::land::ABROAD;
use crate::names::Name;
use crate::person::{NONE, Person, Records, flag, quota};
use crate::precinct::{Precinct, PrecinctKind};

/// What is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Ask {
    /// Vote at this precinct.
    Form2(u16),
    /// Write this field so.
    Correction(&'static str, String),
    /// Put me on the list.
    Inclusion,
    /// Strike this person.
    Exclusion,
}

/// A claim as filed.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub record: u32,
    pub ask: Ask,
    /// Local minutes since 1970-01-01.
    pub filed: i64,
    pub identified: bool,
    /// Is the one that has effect.
    pub counts: bool,
}

struct Desk<'a> {
    seed: u64,
    records: &'a Records,
    precincts: &'a [Precinct],
    claims: Vec<Claim>,
}

/// All claims, in the order of filing.
pub(crate) fn file(
    seed: u64,
    records: &Records,
    precincts: &[Precinct],
    home: impl Fn(&Person) -> u16,
) -> Vec<Claim> {
    let mut desk = Desk {
        seed,
        records,
        precincts,
        claims: Vec::new(),
    };
    desk.form2(&home);
    desk.missions();
    desk.others();
    let mut claims = desk.claims;
    claims.sort_by_key(|c| (c.filed, c.record));
    settle(&mut claims);
    claims
}

/// Says which claims have effect: identified, filed by the deadline, the last of their kind.
fn settle(claims: &mut [Claim]) {
    let mut last: std::collections::BTreeMap<(u32, &'static str), usize> =
        std::collections::BTreeMap::new();
    for (index, claim) in claims.iter().enumerate() {
        let in_time = claim.filed < i64::from(CUT_OFF.0 + 1) * 1440;
        if claim.identified && in_time && claim.record != NONE {
            let kind = match &claim.ask {
                Ask::Form2(_) => "form2",
                Ask::Correction(field, _) => field,
                Ask::Inclusion => "inclusion",
                Ask::Exclusion => "exclusion",
            };
            last.insert((claim.record, kind), index);
        }
    }
    for index in last.into_values() {
        claims[index].counts = true;
    }
}

impl Desk<'_> {
    fn eligible(&self, also: impl Fn(&Person) -> bool + Sync) -> Vec<u32> {
        let doubtful = flag::FIRST | flag::SECOND | flag::SHARED;
        self.records
            .records_where(|p| p.may_vote() && p.processed_in_time() && !p.has(doubtful) && also(p))
    }

    /// A minute of an office day in the filing weeks, denser towards the deadline.
    fn minute(&self, dice: &mut Dice, late: bool) -> i64 {
        let day = if late {
            CUT_OFF.plus(dice.between(1, 8))
        } else {
            let back = dice.below(46).min(dice.below(46));
            CUT_OFF.plus(-(back as i32))
        };
        i64::from(day.0) * 1440 + i64::from(dice.between(9 * 60, 18 * 60 - 1))
    }

    /// 106,352 of 2,761,297: three of four to Bishkek.
    fn form2(&mut self, home: &impl Fn(&Person) -> u16) {
        let voters = self.eligible(|p| p.home() != NONE && p.enrol_region != ABROAD);
        let wanted = quota(voters.len(), 106_352.0 / 2_761_297.0, 20);
        for record in choose(self.seed, 50, &voters, wanted) {
            let mut dice = Dice::new(self.seed, Lane::Claim, u64::from(record));
            let own = home(&self.records.persons[record as usize]);
            let filings = 1 + usize::from(dice.chance(0.08)) + usize::from(dice.chance(0.01));
            for n in 0..filings {
                let Some(target) = self.target(own, &mut dice) else {
                    return;
                };
                let late = dice.chance(0.04) || n == 1 && dice.chance(0.15);
                let filed = self.minute(&mut dice, late);
                let identified = !dice.chance(0.025);
                self.claims.push(Claim {
                    record,
                    ask: Ask::Form2(target),
                    filed,
                    identified,
                    counts: false,
                });
            }
        }
    }

    fn target(&self, own: u16, dice: &mut Dice) -> Option<u16> {
        let of_kind = |kind: PrecinctKind| -> Vec<u16> {
            let list = self
                .precincts
                .iter()
                .filter(|p| p.kind == kind && p.code.number() != own);
            list.map(|p| p.code.number()).collect()
        };
        let additional = of_kind(PrecinctKind::Additional);
        let land = of_kind(PrecinctKind::Territorial);
        if !additional.is_empty() && dice.chance(0.75) {
            Some(*dice.one(&additional))
        } else if land.is_empty() {
            None
        } else {
            Some(*dice.one(&land))
        }
    }

    /// Voters abroad ask for the list of a mission; some forget.
    fn missions(&mut self) {
        let missions: Vec<u16> = self
            .precincts
            .iter()
            .filter(|p| p.kind == PrecinctKind::Abroad)
            .map(|p| p.code.number())
            .collect();
        if missions.is_empty() {
            return;
        }
        for record in self.eligible(|p| p.enrol_region == ABROAD) {
            let mut dice = Dice::new(self.seed, Lane::Claim, 1 << 40 | u64::from(record));
            if dice.chance(0.85) {
                let target = *dice.one(&missions);
                let filed = self.minute(&mut dice, false);
                self.claims.push(Claim {
                    record,
                    ask: Ask::Form2(target),
                    filed,
                    identified: true,
                    counts: false,
                });
            }
        }
    }

    fn others(&mut self) {
        let voters = self.eligible(|p| p.home() != NONE);
        let rate = |count: f64, least: usize| quota(voters.len(), count / 2_761_297.0, least);
        for record in choose(self.seed, 51, &voters, rate(9_000.0, 12)) {
            let mut dice = Dice::new(self.seed, Lane::Claim, 2 << 40 | u64::from(record));
            let right = self.records.persons[record as usize].name.text();
            let (field, value) = correction(&right, &mut dice);
            let twice = dice.chance(0.1);
            for _ in 0..=usize::from(twice) {
                let late = dice.chance(0.05);
                let filed = self.minute(&mut dice, late);
                let ask = Ask::Correction(field, value.clone());
                let identified = !dice.chance(0.05);
                self.claims.push(Claim {
                    record,
                    ask,
                    filed,
                    identified,
                    counts: false,
                });
            }
        }
        let waiting = self
            .records
            .records_where(|p| p.may_vote() && p.captured.is_some() && !p.processed_in_time());
        for record in choose(self.seed, 52, &waiting, rate(4_000.0, 6)) {
            self.simple(record, Ask::Inclusion, 3);
        }
        let dead = self
            .records
            .records_where(|p| p.death.is_some() && p.death > Day::of(2014, 1, 1));
        for record in choose(self.seed, 53, &dead, rate(1_500.0, 4)) {
            self.simple(record, Ask::Exclusion, 4);
        }
        // Somebody whose PIN the register does not know.
        let target = self.precincts.first().map(|p| p.code.number());
        for n in 0..rate(300.0, 2) as u64 {
            let mut dice = Dice::new(self.seed, Lane::Claim, 5 << 40 | n);
            let filed = self.minute(&mut dice, false);
            if let Some(target) = target {
                let ask = Ask::Form2(target);
                self.claims.push(Claim {
                    record: NONE,
                    ask,
                    filed,
                    identified: false,
                    counts: false,
                });
            }
        }
    }

    fn simple(&mut self, record: u32, ask: Ask, lane: u64) {
        let mut dice = Dice::new(self.seed, Lane::Claim, lane << 40 | u64::from(record));
        let filed = self.minute(&mut dice, false);
        self.claims.push(Claim {
            record,
            ask,
            filed,
            identified: true,
            counts: false,
        });
    }
}

/// A field of the name the way its owner wants it: Kyrgyz letters where the record has Russian ones.
fn correction(right: &Name, dice: &mut Dice) -> (&'static str, String) {
    let kyrgyz = |text: &str| text.replacen('о', "ө", 1).replacen('у', "ү", 1);
    if dice.chance(0.5) {
        ("given", kyrgyz(&right.given))
    } else {
        ("surname", kyrgyz(&right.surname))
    }
}
