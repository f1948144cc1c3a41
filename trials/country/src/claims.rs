//! Claims: Form 2 (change of the voting address) and corrections, some filed twice, some late.

use std::collections::BTreeMap;

use crate::calendar::{CUT_OFF, Day};
use crate::dice::{Dice, Lane, choose};
use crate::land::ABROAD;
use crate::names::Name;
use crate::person::{NONE, Person, Records, flag, quota};
use crate::precinct::{Precinct, PrecinctKind};

/// Whom a Form 2 is for, as the law's table names it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Category {
    /// Anybody, by their own application.
    Ordinary,
    /// At a mission abroad, by their own application.
    Abroad,
    /// By the list of a hospital's head.
    Hospital,
    /// By the list of the head of a place of detention.
    Detention,
    /// By the list of a unit's commander.
    Military,
    /// By the commission's decision in 2015, by application later.
    Mobile,
}

impl Category {
    /// The word of the table `claims`, empty for the ordinary one.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Category::Ordinary => "",
            Category::Abroad => "abroad",
            Category::Hospital => "hospital",
            Category::Detention => "detention",
            Category::Military => "military",
            Category::Mobile => "mobile",
        }
    }

    /// The category that fills a kind of precinct by list; for the other kinds the ordinary one.
    #[must_use]
    pub fn of(kind: PrecinctKind) -> Category {
        match kind {
            PrecinctKind::Territorial | PrecinctKind::Additional | PrecinctKind::Abroad => {
                Category::Ordinary
            }
            PrecinctKind::Hospital => Category::Hospital,
            PrecinctKind::Detention => Category::Detention,
            PrecinctKind::Military => Category::Military,
            PrecinctKind::Mobile => Category::Mobile,
        }
    }

    /// Whether somebody else than the voter hands the row over, by the law of 2015.
    #[must_use]
    pub fn is_listed(self) -> bool {
        match self {
            Category::Ordinary | Category::Abroad => false,
            Category::Hospital | Category::Detention | Category::Military | Category::Mobile => {
                true
            }
        }
    }

    fn may_name(self, kind: PrecinctKind) -> bool {
        match self {
            Category::Ordinary => Category::of(kind) == Category::Ordinary,
            Category::Abroad => kind == PrecinctKind::Abroad,
            Category::Hospital | Category::Detention | Category::Military | Category::Mobile => {
                Category::of(kind) == self
            }
        }
    }

    /// The last day, before election day 15 or 12 days.
    pub(crate) fn last_day(self) -> Day {
        match self {
            Category::Hospital | Category::Detention => CUT_OFF.plus(3),
            Category::Ordinary | Category::Abroad | Category::Military | Category::Mobile => {
                CUT_OFF
            }
        }
    }
}

/// Where the laws of 2015 and of later years differ about Form 2.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Switches {
    /// Anybody may change the voting address.
    pub ordinary: bool,
    /// A mobile precinct is filled by the commission's decision; else by application alone.
    pub mobile_listed: bool,
}

impl Switches {
    /// The law of 2015, which `truth/` follows.
    pub const OF_2015: Switches = Switches {
        ordinary: true,
        mobile_listed: true,
    };
    /// The laws after the reform of 2020.
    pub const AFTER_2020: Switches = Switches {
        ordinary: false,
        mobile_listed: false,
    };
}

/// What is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Ask {
    /// Vote at this precinct, as one of a category.
    Form2(u16, Category),
    /// Vote at home after all.
    TakeBack,
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

/// What claims to make.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wishes {
    pub seed: u64,
    pub institutions: bool,
}

pub(crate) struct Desk<'a> {
    pub(crate) seed: u64,
    pub(crate) institutions: bool,
    pub(crate) records: &'a Records,
    pub(crate) precincts: &'a [Precinct],
    pub(crate) claims: Vec<Claim>,
}

/// All claims, in the order of filing.
pub(crate) fn file(
    wishes: Wishes,
    records: &Records,
    precincts: &[Precinct],
    home: impl Fn(&Person) -> u16,
) -> Vec<Claim> {
    let mut desk = Desk {
        seed: wishes.seed,
        institutions: wishes.institutions,
        records,
        precincts,
        claims: Vec::new(),
    };
    desk.form2(&home);
    desk.missions();
    desk.others();
    if wishes.institutions {
        desk.hand_over(&home);
    }
    let mut claims = desk.claims;
    claims.sort_by_key(|c| (c.filed, c.record));
    let counts = settled(&claims, records, precincts, Switches::OF_2015);
    for (claim, counts) in claims.iter_mut().zip(counts) {
        claim.counts = counts;
    }
    claims
}

/// Says which claims have effect under a law: identified or listed, filed by the deadline, for somebody who has a vote
/// into a precinct of the right kind, the last of their kind.
pub(crate) fn settled(
    claims: &[Claim],
    records: &Records,
    precincts: &[Precinct],
    switches: Switches,
) -> Vec<bool> {
    let kinds: BTreeMap<u16, PrecinctKind> = precincts
        .iter()
        .map(|p| (p.code.number(), p.kind))
        .collect();
    let has_vote = |record: u32| {
        let p = &records.persons[record as usize];
        p.may_vote() && p.processed_in_time()
    };
    let mut last: BTreeMap<(u32, &'static str), usize> = BTreeMap::new();
    for (index, claim) in claims.iter().enumerate() {
        let by = |day: Day| claim.filed < i64::from(day.0 + 1) * 1440;
        if claim.record == NONE {
            continue;
        }
        let own = claim.identified && by(CUT_OFF);
        let (kind, fine) = match &claim.ask {
            Ask::Form2(target, category) => {
                let is_known = match category {
                    Category::Ordinary => switches.ordinary && claim.identified,
                    Category::Abroad => claim.identified,
                    Category::Mobile => switches.mobile_listed || claim.identified,
                    Category::Hospital | Category::Detention | Category::Military => true,
                };
                let fits = kinds
                    .get(target)
                    .is_some_and(|kind| category.may_name(*kind));
                let fine = is_known && by(category.last_day()) && fits && has_vote(claim.record);
                ("form2", fine)
            }
            // Only what stands is taken back.
            Ask::TakeBack => (
                "form2",
                own && has_vote(claim.record) && last.contains_key(&(claim.record, "form2")),
            ),
            Ask::Correction(field, _) => (*field, own),
            Ask::Inclusion => ("inclusion", own),
            Ask::Exclusion => ("exclusion", own),
        };
        if fine {
            last.insert((claim.record, kind), index);
        }
    }
    let mut counts = vec![false; claims.len()];
    for index in last.into_values() {
        counts[index] = true;
    }
    counts
}

impl Desk<'_> {
    pub(crate) fn eligible(&self, also: impl Fn(&Person) -> bool + Sync) -> Vec<u32> {
        let doubtful = flag::FIRST | flag::SECOND | flag::SHARED;
        self.records
            .records_where(|p| p.may_vote() && p.processed_in_time() && !p.has(doubtful) && also(p))
    }

    /// A minute of an office day in the filing weeks, denser towards the deadline.
    pub(crate) fn minute(&self, dice: &mut Dice, late: bool) -> i64 {
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
                    ask: Ask::Form2(target, Category::Ordinary),
                    filed,
                    identified,
                    counts: false,
                });
            }
        }
    }

    pub(crate) fn target(&self, own: u16, dice: &mut Dice) -> Option<u16> {
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
        let category = if self.institutions {
            Category::Abroad
        } else {
            Category::Ordinary
        };
        for record in self.eligible(|p| p.enrol_region == ABROAD) {
            let mut dice = Dice::new(self.seed, Lane::Claim, 1 << 40 | u64::from(record));
            if dice.chance(0.85) {
                let target = *dice.one(&missions);
                let filed = self.minute(&mut dice, false);
                self.claims.push(Claim {
                    record,
                    ask: Ask::Form2(target, category),
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
                let ask = Ask::Form2(target, Category::Ordinary);
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
