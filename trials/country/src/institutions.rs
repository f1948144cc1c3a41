//! Lists that institutions hand over: who votes in a hospital, a place of detention, a unit, on a pasture.
//!
//! Most rows are good. Some come a day late, some name people who have no vote, some name a precinct of another kind; some
//! patients had applied elsewhere themselves, some go home and take it back, and some stand on two lists.

use crate::calendar::{Day, ELECTION_DAY};
use crate::claims::{Ask, Category, Claim, Desk};
use crate::dice::{Dice, Lane, choose};
use crate::land::ABROAD;
use crate::person::{NONE, Person, flag};
use crate::precinct::Precinct;

/// Rows of a list, the least and the most.
fn size(category: Category) -> (i32, i32) {
    match category {
        Category::Hospital => (24, 60),
        Category::Detention => (14, 40),
        Category::Military => (30, 80),
        // A pasture has few people: their count is one that open data withholds.
        Category::Mobile => (4, 12),
        Category::Ordinary | Category::Abroad => (0, 0),
    }
}

/// Whom a row may name.
type Pool<'a> = &'a (dyn Fn(&Person) -> bool + Sync);

/// One list: where to, and when the head hands it over.
#[derive(Clone, Copy)]
struct List {
    precinct: u16,
    category: Category,
    handed: i64,
    /// A second sheet after the last day.
    late: i64,
}

impl Desk<'_> {
    /// Files the rows of every institution's list.
    pub(crate) fn hand_over(&mut self, home: &impl Fn(&Person) -> u16) {
        let lists: Vec<List> = self
            .precincts
            .iter()
            .filter(|p| Category::of(p.kind).is_listed())
            .map(|p| self.list_of(p))
            .collect();
        for (index, list) in lists.iter().enumerate() {
            let other = lists[(index + 1) % lists.len()];
            for record in self.members(*list) {
                self.row(*list, other, record, home);
            }
            self.rows_without_effect(*list, other);
        }
    }

    fn list_of(&self, precinct: &Precinct) -> List {
        let number = precinct.code.number();
        let category = Category::of(precinct.kind);
        let mut dice = Dice::new(self.seed, Lane::Precinct, 2 << 32 | u64::from(number));
        let last = category.last_day();
        let mut at = |day: Day| i64::from(day.0) * 1440 + i64::from(dice.between(9 * 60, 1079));
        List {
            precinct: number,
            category,
            handed: at(last.plus(-(i32::from(number) % 6))),
            late: at(last.plus(1 + i32::from(number) % 3)),
        }
    }

    /// Who stands on a list and has a vote: patients and herders of the region, servicemen, people in detention, of
    /// whom some have no address.
    fn members(&self, list: List) -> Vec<u32> {
        let region = self
            .precincts
            .iter()
            .find(|p| p.code.number() == list.precinct)
            .map_or("", |p| p.region);
        let of_region =
            |p: &Person| crate::data::DATA.regions[usize::from(p.enrol_region)].code == region;
        let here = |p: &Person| p.home() != NONE && p.enrol_region != ABROAD;
        let pool = match list.category {
            Category::Hospital | Category::Mobile => self.eligible(|p| here(p) && of_region(p)),
            Category::Military => {
                self.eligible(|p| here(p) && !p.name.female && (18..28).contains(&p.age()))
            }
            Category::Detention | Category::Ordinary | Category::Abroad => self.eligible(here),
        };
        let mut dice = Dice::new(
            self.seed,
            Lane::Precinct,
            3 << 32 | u64::from(list.precinct),
        );
        let (least, most) = size(list.category);
        let wanted = (dice.between(least, most) as usize).min((pool.len() / 20).max(4));
        let salt = 60_000 + u64::from(list.precinct);
        let mut members = choose(self.seed, salt, &pool, wanted);
        if list.category == Category::Detention {
            let nowhere = self.eligible(|p| p.home() == NONE && p.enrol_region != ABROAD);
            members.extend(choose(self.seed, salt, &nowhere, 3));
        }
        members
    }

    fn put(&mut self, record: u32, ask: Ask, filed: i64, identified: bool) {
        self.claims.push(Claim {
            record,
            ask,
            filed,
            identified,
            counts: false,
        });
    }

    /// A member's row, and what they themselves filed beside it.
    fn row(&mut self, list: List, other: List, record: u32, home: &impl Fn(&Person) -> u16) {
        let mut dice = Dice::new(
            self.seed,
            Lane::Claim,
            6 << 40 | u64::from(list.precinct) << 44 | u64::from(record),
        );
        let filed = if dice.chance(0.1) {
            list.late
        } else {
            list.handed
        };
        let ask = Ask::Form2(list.precinct, list.category);
        // On a pasture more than half apply themselves; nobody else is asked for a finger.
        let identified = list.category == Category::Mobile && dice.chance(0.6);
        self.put(record, ask, filed, identified);
        if dice.chance(0.1) {
            let own = home(&self.records.persons[record as usize]);
            if let Some(target) = self.target(own, &mut dice) {
                let minute = self.minute(&mut dice, false);
                self.put(record, Ask::Form2(target, Category::Ordinary), minute, true);
            }
        }
        if dice.chance(0.08) {
            let gone = list.handed + i64::from(dice.between(60, 3 * 1440));
            self.put(record, Ask::TakeBack, gone, true);
        }
        if dice.chance(0.08) {
            let there = Ask::Form2(other.precinct, other.category);
            self.put(record, there, other.handed, false);
        }
    }

    /// Rows that move nobody: the dead, minors, people without enrolment, convicts and foreigners, and a wrong kind.
    fn rows_without_effect(&mut self, list: List, other: List) {
        let lone = |p: &Person| p.pin != 0 && !p.has(flag::FIRST | flag::SECOND | flag::SHARED);
        let since = Day(ELECTION_DAY.0 - 400);
        let dead = |p: &Person| lone(p) && p.death.is_some() && p.death > since;
        let young = |p: &Person| lone(p) && p.alive() && p.citizen() && (15..18).contains(&p.age());
        let unknown = |p: &Person| lone(p) && p.may_vote() && !p.captured.is_some();
        let convict = |p: &Person| lone(p) && p.alive() && p.has(flag::COURT);
        let foreign = |p: &Person| lone(p) && p.alive() && !p.citizen();
        let is_detention = list.category == Category::Detention;
        let pools: [(Pool<'_>, usize); 5] = [
            (&dead, 1),
            (&young, 1),
            (&unknown, 2),
            (&convict, if is_detention { 3 } else { 0 }),
            (&foreign, if is_detention { 2 } else { 0 }),
        ];
        let salt = 70_000 + u64::from(list.precinct);
        for (pool, count) in pools {
            let pool = self.records.records_where(pool);
            for record in choose(self.seed, salt, &pool, count) {
                let ask = Ask::Form2(list.precinct, list.category);
                self.put(record, ask, list.handed, list.category == Category::Mobile);
            }
        }
        if other.category != list.category {
            let pool = self.eligible(|p| p.home() != NONE);
            for record in choose(self.seed, salt, &pool, 1) {
                let ask = Ask::Form2(other.precinct, list.category);
                self.put(record, ask, list.handed, false);
            }
        }
    }
}
