//! What a precinct needs, then what regions and the country need.

use std::collections::BTreeMap;

use lexicon::texts::TextsError;
use lexicon::{Explanation, PrecinctCode, Sentence};
use serde::Deserialize;

use crate::planning::{At, Item, Per, Terms};
use crate::queue::{Hall, Outlook, Trials, enough, outlook};

/// The most voters of a precinct that is planned, and the most kits.
pub const VOTERS_MAX: u32 = 100_000;
/// The most kits of one precinct.
pub const KITS_MAX: u32 = 500;

/// A precinct as the planner is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Precinct {
    /// Its number.
    pub code: PrecinctCode,
    /// Region code of the report; additional precincts of `x` are `x_additional`.
    pub region: String,
    /// Voters on its list, at most [`VOTERS_MAX`].
    pub voters: u32,
    /// Turnout expected of 1,000, where it is known for this one.
    pub turnout_permille: Option<u32>,
    /// Kits that it is given, 1 to [`KITS_MAX`], where the rule does not decide.
    pub kits: Option<u32>,
}

/// Why a person should look at a precinct.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flag {
    /// More than five in 100 wait longer than the limit.
    LongWait,
    /// It was given fewer kits than the rule asks for.
    FewerThanRule,
    /// Its list is longer than the law allows.
    TooLarge,
}

impl Flag {
    /// All of them.
    pub const ALL: [Flag; 3] = [Flag::LongWait, Flag::FewerThanRule, Flag::TooLarge];

    /// Its code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Flag::LongWait => "LONG_WAIT",
            Flag::FewerThanRule => "FEWER_THAN_RULE",
            Flag::TooLarge => "TOO_LARGE",
        }
    }
}

/// What the planner says, as country data.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// What a flag says and what the planner does next, by [`Flag::code`].
    pub flag: BTreeMap<String, Explanation>,
    /// Words of the report, by name.
    pub report: BTreeMap<String, Sentence>,
}

impl Texts {
    /// The texts shipped for Kyrgyzstan.
    ///
    /// # Errors
    /// [`TextsError`], which a test of the shipped file excludes.
    pub fn kg() -> Result<Self, TextsError> {
        let text = include_str!("../../../countries/kg/texts/planning.toml");
        Ok(toml::from_str(text)?)
    }
}

/// What one precinct needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The precinct.
    pub precinct: Precinct,
    /// Turnout that was reckoned with, of 1,000.
    pub turnout_permille: u32,
    /// Visitors expected, those on no list among them.
    pub visitors: u32,
    /// Kits by the rule.
    pub kits_by_rule: u32,
    /// Kits planned: those given, otherwise those by the rule.
    pub kits: u32,
    /// The least number of kits, from those planned on, with which waits are within the limit; none when none is.
    pub kits_enough: Option<u32>,
    /// Operators.
    pub operators: u32,
    /// Things, in the order of the edition's items.
    pub items: Vec<u64>,
    /// What simulated days say of the kits planned.
    pub outlook: Outlook,
    /// Why a person should look at it.
    pub flags: Vec<Flag>,
}

/// The hall of a precinct with so many kits.
#[must_use]
pub fn hall(terms: &Terms, voters: u32, turnout_permille: u32, kits: u32) -> Hall<'_> {
    let identified = f64::from(terms.identified_permille.max(1));
    Hall {
        visitors: f64::from(voters) * f64::from(turnout_permille) / identified,
        weights: &terms.weights,
        open_ms: terms.open_ms,
        paths: &terms.paths,
        trouble: &terms.trouble,
        kits: kits.max(1),
    }
}

/// Plans a precinct. With `days` 0 its queue is not simulated and nothing is said of waiting.
#[must_use]
pub fn plan(precinct: &Precinct, terms: &Terms, days: u32, seed: u64) -> Planned {
    let region = precinct.region.as_str();
    let kits_by_rule = precinct
        .voters
        .div_ceil(terms.voters_per_kit(region))
        .max(terms.kits_at_least(region));
    let kits = precinct.kits.unwrap_or(kits_by_rule);
    let turnout_permille = precinct
        .turnout_permille
        .unwrap_or_else(|| terms.turnout_permille(region));
    let hall = hall(terms, precinct.voters, turnout_permille, kits);
    let trials = Trials {
        days,
        limit_ms: terms.limit_ms(),
        over: terms.edition.kits.wait_over,
        seed,
    };
    let lane = u64::from(precinct.code.number());
    let outlook = outlook(&hall, lane, trials);
    let waits_long = outlook.p95_ms(trials.over) > trials.limit_ms;
    let kits_enough = if waits_long {
        let more = Hall {
            kits: kits + 1,
            ..hall.clone()
        };
        enough(
            &more,
            kits.saturating_mul(4).saturating_add(20),
            lane,
            trials,
        )
    } else {
        Some(kits)
    };
    let mut flags = Vec::new();
    let mut raise = |flag, is_raised: bool| flags.extend(is_raised.then_some(flag));
    raise(Flag::LongWait, waits_long);
    raise(Flag::FewerThanRule, kits < kits_by_rule);
    raise(Flag::TooLarge, precinct.voters > terms.voters_max);
    let per_hundred = terms.operators_per_hundred_kits(region);
    let operators = kits.saturating_mul(per_hundred).div_ceil(100);
    let visitors = hall.visitors.ceil() as u32;
    let need = Need {
        kits,
        operators,
        visitors,
        precincts: 1,
        lans: u32::from(kits > 1),
    };
    Planned {
        items: terms
            .edition
            .item
            .iter()
            .map(|item| match item.whole_at {
                At::Precinct => need.of(item),
                At::Region => 0,
            })
            .collect(),
        precinct: precinct.clone(),
        turnout_permille,
        visitors,
        kits_by_rule,
        kits,
        kits_enough,
        operators,
        outlook,
        flags,
    }
}

/// What items are counted by.
#[derive(Clone, Copy, Default)]
struct Need {
    kits: u32,
    operators: u32,
    visitors: u32,
    precincts: u32,
    lans: u32,
}

impl Need {
    fn of(&self, item: &Item) -> u64 {
        let many = match item.per {
            Per::Kit => self.kits,
            Per::Precinct => self.precincts,
            Per::Lan => self.lans,
            Per::Operator => self.operators,
            Per::Visitor => self.visitors,
        };
        (u64::from(many) * u64::from(item.times.get())).div_ceil(u64::from(item.one_for.get()))
    }
}

/// So many of one thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    /// In use.
    pub planned: u64,
    /// In reserve.
    pub reserve: u64,
    /// What both cost, in hundredths of a som.
    pub cost_tyiyn: u64,
}

/// A region, or the country.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegionPlan {
    /// Its code; `TOTAL` of the country.
    pub region: String,
    /// Precincts.
    pub precincts: u32,
    /// Voters on their lists.
    pub voters: u64,
    /// Visitors expected.
    pub visitors: u64,
    /// Kits by the rule.
    pub kits_by_rule: u64,
    /// Kits planned.
    pub kits: u64,
    /// Kits with which no precinct waits too long, as far as any number does it.
    pub kits_enough: u64,
    /// Operators.
    pub operators: u64,
    /// Precincts that wait too long.
    pub long_waits: u32,
    /// The longest 95th percentile of a precinct's waits, milliseconds.
    pub p95_ms_max: u32,
    /// Things, in the order of the edition's items.
    pub items: Vec<Stock>,
}

/// Regions in the order of their codes, then the country. Reserve is held by regions; the country's is their sum.
#[must_use]
pub fn regions(planned: &[Planned], terms: &Terms) -> Vec<RegionPlan> {
    let mut of: BTreeMap<&str, Vec<&Planned>> = BTreeMap::new();
    for precinct in planned {
        let region = precinct.precinct.region.as_str();
        of.entry(region).or_default().push(precinct);
    }
    let mut found: Vec<RegionPlan> = of
        .into_iter()
        .map(|(region, precincts)| of_region(region, &precincts, terms))
        .collect();
    let mut total = RegionPlan {
        region: "TOTAL".to_owned(),
        items: vec![Stock::default(); terms.edition.item.len()],
        ..RegionPlan::default()
    };
    for region in &found {
        total.precincts += region.precincts;
        total.voters += region.voters;
        total.visitors += region.visitors;
        total.kits_by_rule += region.kits_by_rule;
        total.kits += region.kits;
        total.kits_enough += region.kits_enough;
        total.operators += region.operators;
        total.long_waits += region.long_waits;
        total.p95_ms_max = total.p95_ms_max.max(region.p95_ms_max);
        for (sum, stock) in total.items.iter_mut().zip(&region.items) {
            sum.planned += stock.planned;
            sum.reserve += stock.reserve;
            sum.cost_tyiyn = sum.cost_tyiyn.saturating_add(stock.cost_tyiyn);
        }
    }
    found.push(total);
    found
}

fn of_region(region: &str, precincts: &[&Planned], terms: &Terms) -> RegionPlan {
    let sum = |of: fn(&Planned) -> u32| precincts.iter().map(|p| u64::from(of(p))).sum::<u64>();
    let small = |sum: u64| u32::try_from(sum).unwrap_or(u32::MAX);
    let need = Need {
        kits: small(sum(|p| p.kits)),
        operators: small(sum(|p| p.operators)),
        visitors: small(sum(|p| p.visitors)),
        precincts: small(precincts.len() as u64),
        lans: small(sum(|p| u32::from(p.kits > 1))),
    };
    let stock = |(at, item): (usize, &Item)| {
        let planned = match item.whole_at {
            At::Precinct => precincts.iter().filter_map(|p| p.items.get(at)).sum(),
            At::Region => need.of(item),
        };
        let share = (planned * u64::from(item.reserve_permille.get())).div_ceil(1000);
        let reserve = share.max(u64::from(item.reserve_at_least.get()));
        let price = u64::from(item.price_tyiyn.get());
        Stock {
            planned,
            reserve,
            cost_tyiyn: (planned + reserve).saturating_mul(price),
        }
    };
    RegionPlan {
        region: region.to_owned(),
        precincts: need.precincts,
        voters: sum(|p| p.precinct.voters),
        visitors: u64::from(need.visitors),
        kits_by_rule: sum(|p| p.kits_by_rule),
        kits: u64::from(need.kits),
        kits_enough: sum(|p| p.kits_enough.unwrap_or(p.kits)),
        operators: u64::from(need.operators),
        long_waits: small(sum(|p| u32::from(p.flags.contains(&Flag::LongWait)))),
        p95_ms_max: precincts
            .iter()
            .map(|p| p.outlook.all.p95_ms)
            .max()
            .unwrap_or(0),
        items: terms.edition.item.iter().enumerate().map(stock).collect(),
    }
}

#[cfg(test)]
mod tests;
