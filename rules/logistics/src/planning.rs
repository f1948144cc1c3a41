//! The planning file: every number of the planner, with its source and the day from which it holds.
//!
//! The format is documented in `docs/planning.md`; unknown keys are refused, and a number outside its range is refused with
//! its line.

use std::collections::BTreeSet;

use lexicon::{Date, ElectionLaw, Sentence};
use serde::Deserialize;

use crate::queue::{Over, Path, Trouble};
use crate::times::Times;

/// The planning file shipped for Kyrgyzstan.
const KYRGYZSTAN: &str = include_str!("../../../countries/kg/planning.toml");

/// Why a planning file was refused: the planner mends it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanningError {
    /// No TOML of this shape, or a number outside its range; the message names the line.
    #[error("{0}")]
    Toml(String),
    /// Entries that do not go together.
    #[error("{place}: {what}")]
    Together {
        /// Edition and entry.
        place: String,
        /// What is wrong.
        what: String,
    },
    /// The election is before the first edition.
    #[error("no edition is in force on {0}")]
    NoEdition(Date),
}

/// A whole number of a range, refused at the door with its line otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "i64")]
pub struct Whole<const LEAST: u32, const MOST: u32>(u32);

impl<const LEAST: u32, const MOST: u32> Whole<LEAST, MOST> {
    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl<const LEAST: u32, const MOST: u32> TryFrom<i64> for Whole<LEAST, MOST> {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, String> {
        match u32::try_from(number) {
            Ok(number) if (LEAST..=MOST).contains(&number) => Ok(Self(number)),
            Ok(_) | Err(_) => Err(format!("a whole number from {LEAST} to {MOST} is expected")),
        }
    }
}

/// A planning file: editions by the day from which they hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planning {
    editions: Vec<Edition>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    edition: Vec<Edition>,
}

/// Everything that holds from one day on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edition {
    /// The first election day for which it holds.
    pub from: Date,
    /// How many kits, and how long a wait is too long.
    pub kits: KitRule,
    /// How many operators.
    pub operators: OperatorRule,
    /// How many come.
    pub turnout: TurnoutRule,
    /// When they come.
    pub arrivals: ArrivalRule,
    /// What a kit does with one visitor.
    pub path: Vec<PathRule>,
    /// How kits fail.
    pub trouble: TroubleRule,
    /// Regions with numbers of their own.
    #[serde(default)]
    pub region: Vec<RegionRule>,
    /// Things and services that are counted, sent and paid.
    #[serde(default)]
    pub item: Vec<Item>,
}

/// Kits of a precinct.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KitRule {
    /// A kit for so many voters begun; none: as the law has it.
    pub voters_per_kit: Option<Whole<1, 100_000>>,
    /// And at least so many.
    pub at_least: Whole<1, 500>,
    /// 95 of 100 visitors should wait no longer, minutes.
    pub wait_minutes_max: Whole<1, 720>,
    /// Whether that is for the visitors of the day or of every hour apart; none: of the day.
    #[serde(default)]
    pub wait_over: Over,
    /// Days that are simulated of each precinct.
    pub days: Whole<1, 10_000>,
    /// Where this is from.
    pub source: String,
}

/// Operators of a precinct.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorRule {
    /// Operators for 100 kits; in a precinct a part of a person is a whole one.
    pub per_hundred_kits: Whole<100, 1_000>,
    /// Where this is from.
    pub source: String,
}

/// Turnout.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TurnoutRule {
    /// Of 1,000 on the list so many come and are identified.
    pub permille: Whole<0, 1_000>,
    /// Where this is from.
    pub source: String,
}

/// Arrivals by hour.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArrivalRule {
    /// One weight for each hour begun from opening to closing.
    pub weights: Vec<Whole<0, 1_000>>,
    /// Where this is from.
    pub source: String,
}

/// One way through a kit.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PathRule {
    /// Its code, as `finger`.
    pub code: String,
    /// Of 1,000 visitors so many go this way; all ways together make 1,000.
    pub share_permille: Whole<0, 1_000>,
    /// Whether it ends with a voter who is identified, who counts into the turnout.
    pub identified: bool,
    /// Measured rows: seconds that a kit was busy with one visitor, each as likely as the other.
    pub seconds: Option<Vec<Whole<1, 86_400>>>,
    /// Or only the mean of an exponential time, seconds.
    pub mean_seconds: Option<Whole<1, 86_400>>,
    /// Where this is from.
    pub source: String,
}

/// Breakdowns.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TroubleRule {
    /// Breakdowns of 1,000 kits in a day of voting.
    pub per_thousand_days: Whole<0, 10_000>,
    /// Measured rows: seconds until a kit works again.
    pub repair_seconds: Vec<Whole<1, 86_400>>,
    /// Where this is from.
    pub source: String,
}

/// A region with numbers of its own; what is left out is as everywhere.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegionRule {
    /// Its code; additional precincts of `x` are the region `x_additional`.
    pub code: String,
    /// A kit for so many voters begun.
    pub voters_per_kit: Option<Whole<1, 100_000>>,
    /// And at least so many.
    pub kits_at_least: Option<Whole<1, 500>>,
    /// Operators for 100 kits.
    pub operators_per_hundred_kits: Option<Whole<100, 1_000>>,
    /// Turnout of 1,000.
    pub turnout_permille: Option<Whole<0, 1_000>>,
    /// Where this is from.
    pub source: String,
}

/// What a thing is counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// Each kit.
    Kit,
    /// Each precinct.
    Precinct,
    /// Each precinct with two kits or more, which need a network.
    Lan,
    /// Each operator.
    Operator,
    /// Each visitor expected.
    Visitor,
}

/// Where a part of a thing is made a whole one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum At {
    /// In every precinct.
    #[default]
    Precinct,
    /// In the region: people and things that precincts share.
    Region,
}

/// A thing or a service.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its code, as `laptop`.
    pub code: String,
    /// What people call it.
    pub name: Sentence,
    /// What it is counted by.
    pub per: Per,
    /// So many for …
    #[serde(default = "one")]
    pub times: Whole<1, 1_000>,
    /// … so many of what it is counted by, begun.
    #[serde(default = "one_of_many")]
    pub one_for: Whole<1, 1_000_000>,
    /// Where parts become whole.
    #[serde(default)]
    pub whole_at: At,
    /// Reserve of a region, of 1,000 planned there.
    #[serde(default = "none")]
    pub reserve_permille: Whole<0, 1_000>,
    /// And at least so many a region.
    #[serde(default = "none_at_least")]
    pub reserve_at_least: Whole<0, 100_000>,
    /// What one costs, in hundredths of a som.
    #[serde(default = "free")]
    pub price_tyiyn: Whole<0, 4_000_000_000>,
    /// Where this is from.
    pub source: String,
}

fn one() -> Whole<1, 1_000> {
    Whole(1)
}

fn one_of_many() -> Whole<1, 1_000_000> {
    Whole(1)
}

fn none() -> Whole<0, 1_000> {
    Whole(0)
}

fn none_at_least() -> Whole<0, 100_000> {
    Whole(0)
}

fn free() -> Whole<0, 4_000_000_000> {
    Whole(0)
}

impl Planning {
    /// Parses a planning file.
    ///
    /// # Errors
    /// [`PlanningError`], naming the line or the entry.
    pub fn parse(text: &str) -> Result<Self, PlanningError> {
        let file: File = toml::from_str(text)
            .map_err(|e| PlanningError::Toml(e.to_string().trim().to_owned()))?;
        if file.edition.is_empty() {
            return Err(together("edition", "at least one is expected"));
        }
        for (number, edition) in (1..).zip(&file.edition) {
            edition
                .agrees()
                .map_err(|(place, what)| together(&format!("edition {number}, {place}"), &what))?;
        }
        let in_order = |pair: &[Edition]| pair[0].from < pair[1].from;
        if !file.edition.windows(2).all(in_order) {
            return Err(together(
                "edition",
                "the days from which editions hold must ascend",
            ));
        }
        Ok(Self {
            editions: file.edition,
        })
    }

    /// The text of the file shipped for Kyrgyzstan.
    #[must_use]
    pub fn kg_text() -> &'static str {
        KYRGYZSTAN
    }

    /// What holds for an election, the law's numbers among it.
    ///
    /// # Errors
    /// [`PlanningError`] when no edition is in force on its day, or it has another number of hours than the law.
    pub fn terms(&self, law: &ElectionLaw) -> Result<Terms, PlanningError> {
        let day = law.election.day;
        let edition = self.editions.iter().rev().find(|e| e.from <= day);
        let edition = edition.ok_or(PlanningError::NoEdition(day))?.clone();
        let opens = law.election.opens_minutes;
        let open_minutes = law.election.closes_minutes.saturating_sub(opens).max(1);
        let hours = usize::from(open_minutes.div_ceil(60));
        if edition.arrivals.weights.len() != hours {
            let what = format!(
                "{} weights, the law {} opens for {hours} hours",
                edition.arrivals.weights.len(),
                law.id
            );
            return Err(together(
                &format!("edition of {}, arrivals.weights", edition.from),
                &what,
            ));
        }
        let rows = |rows: &[Whole<1, 86_400>]| {
            Times::Rows(rows.iter().map(|second| second.get() * 1000).collect())
        };
        let path = |rule: &PathRule| Path {
            code: rule.code.clone(),
            share_permille: rule.share_permille.get(),
            times: match (&rule.seconds, rule.mean_seconds) {
                (Some(seconds), _) => rows(seconds),
                (None, mean) => Times::Exponential(mean.map_or(1, Whole::get) * 1000),
            },
        };
        let identified = edition.path.iter().filter(|path| path.identified);
        Ok(Terms {
            voters_per_kit: law.station.voters_per_kit.max(1),
            voters_max: law.list.precinct_voters_max,
            opens_minutes: opens,
            open_ms: u64::from(open_minutes) * 60_000,
            weights: edition.arrivals.weights.iter().map(|w| w.get()).collect(),
            identified_permille: identified.map(|path| path.share_permille.get()).sum(),
            paths: edition.path.iter().map(path).collect(),
            trouble: Trouble {
                per_thousand_days: edition.trouble.per_thousand_days.get(),
                repair: rows(&edition.trouble.repair_seconds),
            },
            edition,
        })
    }
}

fn together(place: &str, what: &str) -> PlanningError {
    PlanningError::Together {
        place: place.to_owned(),
        what: what.to_owned(),
    }
}

/// Whether codes are written and stand once.
fn distinct<'a>(codes: impl Iterator<Item = &'a str>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for code in codes {
        let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if code.is_empty() || code.len() > 40 || !code.chars().all(is_word) {
            return Err("a code is 1 to 40 of the letters a to z, digits and _".to_owned());
        }
        if !seen.insert(code) {
            return Err(format!("{code} stands twice"));
        }
    }
    Ok(())
}

impl Edition {
    /// Whether the entries go together; otherwise the place and what is wrong.
    fn agrees(&self) -> Result<(), (String, String)> {
        let at = |place: &str, what: &str| Err((place.to_owned(), what.to_owned()));
        let named = |place: &str| {
            let place = place.to_owned();
            move |what: String| (place, what)
        };
        distinct(self.path.iter().map(|path| path.code.as_str())).map_err(named("path"))?;
        distinct(self.region.iter().map(|r| r.code.as_str())).map_err(named("region"))?;
        distinct(self.item.iter().map(|item| item.code.as_str())).map_err(named("item"))?;
        let shares: u32 = self.path.iter().map(|p| p.share_permille.get()).sum();
        if shares != 1000 {
            return at(
                "path",
                &format!("the shares add up to {shares} of 1000 visitors"),
            );
        }
        let identified = self.path.iter().filter(|path| path.identified);
        if identified.map(|p| p.share_permille.get()).sum::<u32>() == 0 {
            return at("path", "nobody is identified");
        }
        for path in &self.path {
            let place = format!("path {}", path.code);
            match (&path.seconds, path.mean_seconds) {
                (Some(rows), None) if !rows.is_empty() => {}
                (None, Some(_)) => {}
                (Some(_), None) => return at(&place, "seconds has no row"),
                (Some(_), Some(_)) | (None, None) => {
                    return at(&place, "either seconds or mean_seconds is expected");
                }
            }
        }
        if self.trouble.repair_seconds.is_empty() {
            return at("trouble", "repair_seconds has no row");
        }
        if self.arrivals.weights.iter().all(|weight| weight.get() == 0) {
            return at("arrivals", "nobody comes in any hour");
        }
        Ok(())
    }
}

/// What holds for one election: the edition in force, and the numbers of the law.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The edition.
    pub edition: Edition,
    /// The law's voters per kit, where neither edition nor region has others.
    voters_per_kit: u32,
    /// The most voters a precinct may have by law.
    pub voters_max: u32,
    /// Opening, minutes after local midnight.
    pub opens_minutes: u16,
    /// From opening to closing, milliseconds.
    pub open_ms: u64,
    /// Arrivals by hour.
    pub weights: Vec<u32>,
    /// Of 1,000 visitors so many are identified.
    pub identified_permille: u32,
    /// Ways through a kit.
    pub paths: Vec<Path>,
    /// Breakdowns.
    pub trouble: Trouble,
}

impl Terms {
    fn region(&self, region: &str) -> Option<&RegionRule> {
        self.edition.region.iter().find(|rule| rule.code == region)
    }

    /// Voters per kit of a region: its own, the edition's, or the law's.
    #[must_use]
    pub fn voters_per_kit(&self, region: &str) -> u32 {
        let own = self.region(region).and_then(|rule| rule.voters_per_kit);
        own.or(self.edition.kits.voters_per_kit)
            .map_or(self.voters_per_kit, Whole::get)
    }

    /// The least number of kits of a precinct there.
    #[must_use]
    pub fn kits_at_least(&self, region: &str) -> u32 {
        let own = self.region(region).and_then(|rule| rule.kits_at_least);
        own.unwrap_or(self.edition.kits.at_least).get()
    }

    /// Operators for 100 kits there.
    #[must_use]
    pub fn operators_per_hundred_kits(&self, region: &str) -> u32 {
        let own = self
            .region(region)
            .and_then(|rule| rule.operators_per_hundred_kits);
        own.unwrap_or(self.edition.operators.per_hundred_kits).get()
    }

    /// Turnout of 1,000 there.
    #[must_use]
    pub fn turnout_permille(&self, region: &str) -> u32 {
        let own = self.region(region).and_then(|rule| rule.turnout_permille);
        own.unwrap_or(self.edition.turnout.permille).get()
    }

    /// The longest wait that 95 of 100 visitors should have, milliseconds.
    #[must_use]
    pub fn limit_ms(&self) -> u32 {
        self.edition.kits.wait_minutes_max.get() * 60_000
    }

    /// Puts measured times in the place of a way's; false when there is no such way.
    pub fn measure(&mut self, code: &str, times: Times) -> bool {
        let path = self.paths.iter_mut().find(|path| path.code == code);
        path.map(|path| path.times = times).is_some()
    }
}

#[cfg(test)]
mod tests;
