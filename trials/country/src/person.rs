//! The register's records: who they are, where they live, when they were enrolled.

use rayon::prelude::*;

use crate::calendar::{CUT_OFF, Day, ELECTION_DAY};
use crate::data::DATA;
use crate::dice::{Dice, Lane, choose};
use crate::family::{Family, Member};
use crate::land::{Land, family_index, is_crowded};
use crate::names::NameKey;

/// No house, no record.
pub(crate) const NONE: u32 = u32::MAX;

/// What is special about a record, as bits.
pub(crate) mod flag {
    pub(crate) const NOT_CITIZEN: u16 = 1;
    pub(crate) const LOST_CITIZENSHIP: u16 = 2;
    pub(crate) const COURT: u16 = 4;
    pub(crate) const NO_ADDRESS: u16 = 8;
    pub(crate) const ABROAD: u16 = 16;
    /// The second record of a human.
    pub(crate) const SECOND: u16 = 32;
    /// The first record of a human with two.
    pub(crate) const FIRST: u16 = 64;
    /// Holds a PIN together with another human.
    pub(crate) const SHARED: u16 = 128;
    /// Stays somewhere else for a while.
    pub(crate) const STAY: u16 = 256;
}

/// A record of the register.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Person {
    pub name: NameKey,
    /// Index into the former names, or [`NONE`].
    pub former: u32,
    pub birth: Day,
    pub death: Day,
    /// 0: none on file.
    pub pin: u64,
    pub house: u32,
    /// Where they lived before `moved`, or [`NONE`].
    pub past_house: u32,
    pub moved: Day,
    /// The residence ended without a new one.
    pub left: Day,
    pub captured: Day,
    pub processed: Day,
    pub enrol_region: u8,
    pub flags: u16,
}

/// A name before an act.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FormerName {
    pub name: NameKey,
    /// Day of the act.
    pub until: Day,
}

/// All records.
pub(crate) struct Records {
    pub persons: Vec<Person>,
    pub former: Vec<FormerName>,
    /// `(first record, second record)` of one human, ascending.
    pub doubles: Vec<(u32, u32)>,
    /// `(holder, holder)` of one PIN, two humans.
    pub shared: Vec<(u32, u32)>,
}

impl Person {
    pub(crate) fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    pub(crate) fn age(&self) -> i32 {
        self.birth.age_on(ELECTION_DAY)
    }

    /// Alive on election day.
    pub(crate) fn alive(&self) -> bool {
        !self.death.is_some() || self.death > ELECTION_DAY
    }

    pub(crate) fn citizen(&self) -> bool {
        !self.has(flag::NOT_CITIZEN | flag::LOST_CITIZENSHIP)
    }

    /// Alive, of age, citizen, no court act.
    pub(crate) fn may_vote(&self) -> bool {
        self.alive() && self.citizen() && self.age() >= 18 && !self.has(flag::COURT)
    }

    /// Enrolled and processed by the cut-off.
    pub(crate) fn processed_in_time(&self) -> bool {
        self.captured.is_some()
            && self.captured <= CUT_OFF
            && self.processed.is_some()
            && self.processed <= CUT_OFF
    }

    /// The house of the residence on the cut-off, or [`NONE`].
    pub(crate) fn home(&self) -> u32 {
        let gone = self.left.is_some() && self.left <= CUT_OFF;
        if self.has(flag::NO_ADDRESS) || gone {
            NONE
        } else {
            self.house
        }
    }

    /// Nothing special: may be chosen for something planted.
    pub(crate) fn plain(&self) -> bool {
        self.flags & !flag::STAY == 0
            && self.may_vote()
            && self.home() != NONE
            && self.processed_in_time()
    }
}

impl Records {
    /// The people of the land, with PINs, moves, enrolments and what is planted.
    pub(crate) fn build(seed: u64, land: &Land) -> Records {
        let per_settlement: Vec<Vec<(Person, Option<FormerName>)>> = (0..land.settlements.len())
            .into_par_iter()
            .map(|s| inhabitants(seed, land, s))
            .collect();
        let mut records = Records {
            persons: Vec::with_capacity(land.house_of.len() * 101 / 100),
            former: Vec::new(),
            doubles: Vec::new(),
            shared: Vec::new(),
        };
        for (mut person, former) in per_settlement.into_iter().flatten() {
            if let Some(former) = former {
                person.former = records.former.len() as u32;
                records.former.push(former);
            }
            records.persons.push(person);
        }
        crate::enrolment::enrol(seed, land, &mut records.persons);
        records.share_pins(seed);
        records.number(seed);
        records.double(seed, land);
        records
    }

    /// Gives PINs: sex, birth date, a serial unique for that day and sex.
    fn number(&mut self, seed: u64) {
        let mut issued: std::collections::HashMap<(i32, bool), u32> =
            std::collections::HashMap::new();
        for person in &mut self.persons {
            let serial = issued
                .entry((person.birth.0, person.name.female))
                .or_insert(0);
            person.pin = pin(seed, person.birth, person.name.female, *serial);
            *serial += 1;
        }
        let without: Vec<u32> = (0..self.persons.len() as u32)
            .filter(|&r| self.persons[r as usize].has(flag::NOT_CITIZEN))
            .filter(|&r| Dice::new(seed, Lane::Plant, 1 << 40 | u64::from(r)).chance(0.2))
            .collect();
        for record in without {
            self.persons[record as usize].pin = 0;
        }
        for &(a, b) in &self.shared {
            self.persons[b as usize].pin = self.persons[a as usize].pin;
        }
    }

    /// Makes pairs of humans with one birth day and (later) one PIN. Report: 667 PINs of 2.76 M.
    fn share_pins(&mut self, seed: u64) {
        let plain: Vec<u32> = self.records_where(Person::plain);
        let pairs = quota(plain.len(), 667.0 / 2_761_297.0, 14);
        let mut chosen = choose(seed, 1, &plain, pairs * 2);
        let key = |r: &u32| {
            let p = &self.persons[*r as usize];
            (p.name.female, p.birth, *r)
        };
        chosen.sort_by_key(key);
        for pair in chosen.chunks_exact(2) {
            let (a, b) = (pair[0], pair[1]);
            let (first, second) = (self.persons[a as usize], self.persons[b as usize]);
            let alike =
                first.name.given == second.name.given || first.name.surname == second.name.surname;
            if first.name.female != second.name.female || alike {
                continue;
            }
            self.persons[b as usize].birth = first.birth;
            for record in [a, b] {
                self.persons[record as usize].flags |= flag::SHARED;
            }
            self.shared.push((a.min(b), a.max(b)));
        }
        self.shared.sort_unstable();
    }

    /// Gives some humans a second record with its own PIN, name, house and enrolment.
    fn double(&mut self, seed: u64, land: &Land) {
        let plain: Vec<u32> = self.records_where(|p| p.plain() && p.captured < Day::of(2015, 7, 1));
        let count = quota(plain.len(), 2_000.0 / 2_761_297.0, 24);
        for first in choose(seed, 2, &plain, count) {
            let second = self.persons.len() as u32;
            let record = self.second_record(seed, land, first);
            self.persons[first as usize].flags |= flag::FIRST;
            self.persons.push(record);
            self.doubles.push((first, second));
        }
    }

    fn second_record(&self, seed: u64, land: &Land, first: u32) -> Person {
        let one = self.persons[first as usize];
        let mut dice = Dice::new(seed, Lane::Plant, u64::from(first));
        let mut name = one.name;
        if name.female && dice.chance(0.6) {
            // Renamed by marriage and registered anew.
            let group = DATA.given[usize::from(name.given)].group;
            name.surname = crate::names::draw_surname(&mut dice, group);
            name.form = crate::names::SurnameForm::Ov;
        } else {
            name.spelling = if name.spelling == 0 { 1 } else { 0 };
        }
        let serial = 99_000 - (first % 5_000);
        let captured = one.captured.plus(dice.between(20, 70));
        let region = land.settlement_of(one.house).region;
        let house = if dice.chance(0.5) {
            one.house
        } else {
            dice.below(land.houses.len() as u32)
        };
        Person {
            name,
            former: NONE,
            pin: pin_digits(one.birth, name.female, u64::from(serial)),
            house,
            past_house: NONE,
            captured,
            processed: captured.plus(dice.between(2, 9)),
            enrol_region: if house == one.house {
                region
            } else {
                land.settlement_of(house).region
            },
            flags: flag::SECOND,
            ..one
        }
    }

    pub(crate) fn records_where(&self, holds: impl Fn(&Person) -> bool + Sync) -> Vec<u32> {
        (0..self.persons.len() as u32)
            .filter(|&r| holds(&self.persons[r as usize]))
            .collect()
    }

    /// The other record of the same human.
    pub(crate) fn other_record(&self, record: u32) -> Option<u32> {
        let person = &self.persons[record as usize];
        if person.has(flag::FIRST) {
            let at = self.doubles.binary_search_by_key(&record, |d| d.0).ok()?;
            Some(self.doubles[at].1)
        } else if person.has(flag::SECOND) {
            self.doubles.iter().find(|d| d.1 == record).map(|d| d.0)
        } else {
            None
        }
    }

    /// The record that stands for the human: the first.
    pub(crate) fn human(&self, record: u32) -> u32 {
        let second = self.persons[record as usize].has(flag::SECOND);
        if second {
            self.other_record(record).unwrap_or(record)
        } else {
            record
        }
    }
}

/// A count by rate, but enough to measure where the country is large enough to hold it.
pub(crate) fn quota(of: usize, rate: f64, least: usize) -> usize {
    let by_rate = (of as f64 * rate).round() as usize;
    by_rate.max(least.min(of / 60))
}

fn pin_digits(birth: Day, female: bool, serial: u64) -> u64 {
    (if female { 1 } else { 2 }) * 10_000_000_000_000
        + birth.pin_digits() * 100_000
        + serial % 100_000
}

/// Serials of one day are scattered, not counted up; those from 94,000 stay free.
fn pin(seed: u64, birth: Day, female: bool, serial: u32) -> u64 {
    let start = crate::dice::mix(seed ^ birth.0 as u64) % 94_000;
    pin_digits(birth, female, (start + u64::from(serial) * 7_919) % 93_997)
}

/// The people of one settlement.
fn inhabitants(seed: u64, land: &Land, index: usize) -> Vec<(Person, Option<FormerName>)> {
    let settlement = &land.settlements[index];
    let region = &DATA.regions[usize::from(settlement.region)];
    let crowded = is_crowded(settlement.place);
    let mut people = Vec::with_capacity(settlement.persons.len());
    let mut record = settlement.persons.start;
    let mut family = 0;
    while record < settlement.persons.end {
        let drawn = Family::draw(seed, family_index(index as u64, family), region, crowded);
        family += 1;
        for member in drawn.members {
            if record == settlement.persons.end {
                break;
            }
            people.push(settle_member(seed, land, record, member));
            record += 1;
        }
    }
    people
}

fn settle_member(
    seed: u64,
    land: &Land,
    record: u32,
    member: Member,
) -> (Person, Option<FormerName>) {
    let house = land.house_of[record as usize];
    let mut person = Person {
        name: member.name,
        former: NONE,
        birth: member.birth,
        death: member.death,
        pin: 0,
        house,
        past_house: NONE,
        moved: Day::NONE,
        left: if member.death.is_some() {
            member.death
        } else {
            Day::NONE
        },
        captured: Day::NONE,
        processed: Day::NONE,
        enrol_region: land.settlement_of(house).region,
        flags: 0,
    };
    let mut dice = Dice::new(seed, Lane::Member, u64::from(record));
    mark(&mut person, &mut dice);
    relocate(seed, land, &mut person, record);
    let former = member
        .former
        .map(|(name, until)| FormerName { name, until });
    (person, former)
}

fn mark(person: &mut Person, dice: &mut Dice) {
    let adult = person.age() >= 18 && !person.death.is_some();
    if dice.chance(0.008) {
        person.flags |= flag::NOT_CITIZEN;
    } else if adult {
        match dice.by_share(&[0.0015, 0.0012, 0.0012, 0.04, 0.015, 0.9411]) {
            0 => person.flags |= flag::LOST_CITIZENSHIP,
            1 => person.flags |= flag::COURT,
            2 => person.flags |= flag::NO_ADDRESS,
            3 => {
                person.flags |= flag::ABROAD;
                if dice.chance(0.3) {
                    person.left = Day(ELECTION_DAY.0 - dice.between(200, 6 * 365));
                }
            }
            4 => person.flags |= flag::STAY,
            _ => {}
        }
    }
}

/// Nine houses of a hundred were moved into in the last six years; some people moved alone.
fn relocate(seed: u64, land: &Land, person: &mut Person, record: u32) {
    if person.has(flag::NO_ADDRESS) || person.death.is_some() || person.left.is_some() {
        return;
    }
    let mut house_dice = Dice::new(seed, Lane::Residence, u64::from(person.house));
    let mut own_dice = Dice::new(seed, Lane::Residence, 1 << 40 | u64::from(record));
    let dice = if house_dice.chance(0.09) {
        &mut house_dice
    } else if person.age() >= 18 && own_dice.chance(0.035) {
        &mut own_dice
    } else {
        return;
    };
    let moved = Day(CUT_OFF.0 - dice.between(20, 6 * 365));
    let settlement = land.settlement_of(person.house);
    for _ in 0..8 {
        let near = dice.chance(0.55);
        let past = if near {
            settlement.houses.start + dice.below(settlement.houses.len() as u32)
        } else {
            dice.below(land.houses.len() as u32)
        };
        if moved.0 - person.birth.0 > 60 && !same_address(land, past, person.house) {
            (person.past_house, person.moved) = (past, moved);
            return;
        }
    }
}

/// Whether two houses read alike: street and number, whatever the settlement.
pub(crate) fn same_address(land: &Land, a: u32, b: u32) -> bool {
    let (x, y) = (&land.houses[a as usize], &land.houses[b as usize]);
    let (s, t) = (
        &land.streets[x.street as usize],
        &land.streets[y.street as usize],
    );
    (s.name, s.serial, x.number, x.letter) == (t.name, t.serial, y.number, y.letter)
}
