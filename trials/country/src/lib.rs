//! A synthetic country with known truth, at any scale, from a seed.
//!
//! Truth is not made with the tool that is judged by it: nothing here uses folding, linkage or
//! fingerprint code of the house; of `lexicon` only nouns.
//!
//! What is here:
//! - [`Country::generate`]: people in families, land, precincts, enrolments, the commission's old
//!   list with its errors, claims; the same bytes for the same [`Params`] on any number of threads;
//! - [`Country::write`]: the tables of `docs/import.md`, and `truth/`, which the product never reads;
//! - [`Country::day`]: who comes when on election day, honest or not;
//! - [`Country::capture`]: a finger on a scanner, by the seeds of its enrolment;
//! - [`Country::figures`]: the country beside the report's real figures.
//!
//! What is deliberately not here: real persons, real prints, votes, and any decision about who
//! belongs on the list (room `roll` decides, this room only knows).
//!
//! How real it is: `docs/synthetic-country.md`.

mod address;
mod calendar;
mod claims;
mod commission;
mod data;
mod day;
mod dice;
mod enrolment;
mod family;
mod figures;
mod institutions;
mod land;
mod names;
mod outline;
mod person;
mod portrait;
mod precinct;
mod prints;
mod spelling;
mod table;
mod tables;

use std::collections::BTreeMap;

use lexicon::{PersonId, PrecinctCode};

pub use calendar::{CUT_OFF, Day, ELECTION_DAY};
pub use claims::{Category, Switches};
pub use day::{ElectionDay, FingerState, Visit, VisitKind};
pub use figures::Figures;
pub use names::Name;
pub use outline::Point;
pub use precinct::{Precinct, PrecinctKind};
pub use prints::Capture;
pub use tables::{WriteError, Written};

use claims::{Ask, Claim};
use commission::CommissionList;
use land::Land;
use person::{NONE, Person, Records, flag};

/// What country to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Params {
    /// The same seed gives the same country.
    pub seed: u64,
    /// People, living and dead of the last years; at least 20.
    pub persons: usize,
    /// Precincts of all kinds, 1 to 9,000. From 10 on one in 66 is abroad, from 12 on one in 52 is
    /// additional, from 250 on some are hospitals, prisons and military units.
    pub precincts: usize,
    /// Humans whose prints are images instead of templates: the first enrolled of the first precincts.
    pub image_persons: usize,
    /// Fingers stored per enrolment, 1 to 10: thumbs and index fingers first.
    pub fingers: u8,
    /// Write `prints`.
    pub prints: bool,
    /// Write `photos`.
    pub photos: bool,
    /// Add a hospital, a place of detention, a unit and a mobile precinct for each 200 precincts (at least one of
    /// each), and the lists that fill them; everything else stays as it is without.
    pub institutions: bool,
}

impl Default for Params {
    fn default() -> Params {
        Params {
            seed: 7,
            persons: 20_000,
            precincts: 12,
            image_persons: 0,
            fingers: 4,
            prints: true,
            photos: true,
            institutions: false,
        }
    }
}

/// Why a country cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// Families and precincts need people.
    #[error("a country needs 20 to 50000000 persons, {0} were asked for")]
    Persons(usize),
    /// Precinct numbers have four digits.
    #[error("a country has 1 to 9000 precincts, {0} were asked for")]
    Precincts(usize),
    /// A precinct needs houses.
    #[error("{persons} persons are too few for {precincts} precincts: at least 15 a precinct")]
    TooThin {
        /// Persons asked for.
        persons: usize,
        /// Precincts asked for.
        precincts: usize,
    },
    /// A person has ten fingers.
    #[error("fingers run from 1 to 10, {0} were asked for")]
    Fingers(u8),
}

/// The number of a record of the register, from 0. A human with two records has two numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RecordNo(pub u32);

/// A country in memory; about 150 bytes a person.
pub struct Country {
    params: Params,
    land: Land,
    records: Records,
    precincts: Vec<Precinct>,
    list: CommissionList,
    claims: Vec<Claim>,
    /// Winning Form 2 targets by record.
    form2: BTreeMap<u32, u16>,
    /// Humans with image-level prints, ascending.
    image_humans: Vec<u32>,
}

impl Country {
    /// Makes the country. Cost: about 1.5 s per million persons on two cores.
    ///
    /// # Errors
    /// [`ParamsError`] when the wish cannot be met.
    pub fn generate(params: &Params) -> Result<Country, ParamsError> {
        params.check()?;
        let territorial = precinct::shares(params.precincts).territorial;
        let regions = precinct::populated_regions(territorial);
        let mut land = Land::build(params.seed, params.persons, &regions);
        let records = Records::build(params.seed, &land);
        let mut precincts = precinct::divide(params.seed, params.precincts, &mut land, &records);
        if params.institutions {
            precinct::add_institutions(&land, &mut precincts);
        }
        let list = CommissionList::build(params.seed, &land, &records, &precincts);
        let home = |p: &Person| match p.home() {
            NONE => 0,
            house => precincts[usize::from(land.houses[house as usize].precinct)]
                .code
                .number(),
        };
        let wishes = claims::Wishes {
            seed: params.seed,
            institutions: params.institutions,
        };
        let claims = claims::file(wishes, &records, &precincts, home);
        let wins = |c: &&Claim| c.counts && matches!(c.ask, Ask::Form2(..));
        let form2 = claims
            .iter()
            .filter(wins)
            .filter_map(|c| match c.ask {
                Ask::Form2(target, _) => Some((c.record, target)),
                Ask::TakeBack | Ask::Correction(..) | Ask::Inclusion | Ask::Exclusion => None,
            })
            .collect();
        let mut country = Country {
            params: params.clone(),
            land,
            records,
            precincts,
            list,
            claims,
            form2,
            image_humans: Vec::new(),
        };
        country.image_humans = country.choose_image_humans();
        Ok(country)
    }

    /// What was asked for.
    #[must_use]
    pub fn params(&self) -> &Params {
        &self.params
    }

    /// Records of the register, second records of one human included.
    #[must_use]
    pub fn record_count(&self) -> u32 {
        self.records.persons.len() as u32
    }

    /// The `person_id` of a record in the tables.
    #[must_use]
    pub fn row_id(&self, record: RecordNo) -> String {
        format!("P{:08}", record.0 + 1)
    }

    /// The register's id of a record when its table was imported under the name `source`.
    #[must_use]
    pub fn person_id(&self, source: &str, record: RecordNo) -> PersonId {
        PersonId::of_source(source, &self.row_id(record))
    }

    /// The PIN as 14 digits, empty when the record has none.
    #[must_use]
    pub fn pin(&self, record: RecordNo) -> String {
        match self.person(record).pin {
            0 => String::new(),
            pin => format!("{pin:014}"),
        }
    }

    /// The current name.
    #[must_use]
    pub fn name(&self, record: RecordNo) -> Name {
        self.person(record).name.text()
    }

    /// The other record of the same human, when there are two.
    #[must_use]
    pub fn other_record(&self, record: RecordNo) -> Option<RecordNo> {
        self.records.other_record(record.0).map(RecordNo)
    }

    /// Precincts: those with land first, by region; then additional, special, abroad, and what `institutions` adds.
    #[must_use]
    pub fn precincts(&self) -> &[Precinct] {
        &self.precincts
    }

    /// Whether the record should be on the list by truth. Of two records of one human both say
    /// yes, though only one of them may stand there.
    #[must_use]
    pub fn belongs_on_list(&self, record: RecordNo) -> bool {
        self.has_vote(record) && self.voting_precinct(record).is_some()
    }

    /// Whether nothing but a missing precinct could keep the record off the list by truth.
    #[must_use]
    pub fn has_vote(&self, record: RecordNo) -> bool {
        let p = self.person(record);
        p.may_vote() && p.processed_in_time() && !p.has(flag::SHARED)
    }

    /// Where Form 2 sends records under another law than that of 2015 (days and terms are those of 2015 all the same).
    #[must_use]
    pub fn transfers_under(&self, switches: Switches) -> BTreeMap<RecordNo, PrecinctCode> {
        let counts = claims::settled(&self.claims, &self.records, &self.precincts, switches);
        let winning = self.claims.iter().zip(counts).filter(|(_, counts)| *counts);
        winning
            .filter_map(|(claim, _)| match claim.ask {
                Ask::Form2(target, _) => {
                    Some((RecordNo(claim.record), PrecinctCode::new(target).ok()?))
                }
                Ask::TakeBack | Ask::Correction(..) | Ask::Inclusion | Ask::Exclusion => None,
            })
            .collect()
    }

    /// The `claim_id` of each claim, and whether it is the one that has effect under a law.
    #[must_use]
    pub fn claims_under(&self, switches: Switches) -> Vec<(String, bool)> {
        let counts = claims::settled(&self.claims, &self.records, &self.precincts, switches);
        let named = counts.into_iter().enumerate();
        named
            .map(|(index, counts)| (tables::claim_id(index), counts))
            .collect()
    }

    /// Where the record votes: the winning Form 2, else the precinct of the residence.
    #[must_use]
    pub fn voting_precinct(&self, record: RecordNo) -> Option<PrecinctCode> {
        if let Some(target) = self.form2.get(&record.0) {
            return PrecinctCode::new(*target).ok();
        }
        self.home_precinct(record)
    }

    /// The precinct of the residence on the cut-off.
    #[must_use]
    pub fn home_precinct(&self, record: RecordNo) -> Option<PrecinctCode> {
        match self.person(record).home() {
            NONE => None,
            house => {
                Some(self.precincts[usize::from(self.land.houses[house as usize].precinct)].code)
            }
        }
    }

    fn person(&self, record: RecordNo) -> &Person {
        &self.records.persons[record.0 as usize]
    }

    /// Image-level humans: the first enrolled voters, precinct by precinct.
    fn choose_image_humans(&self) -> Vec<u32> {
        if self.params.image_persons == 0 {
            return Vec::new();
        }
        let voters = (0..self.record_count()).filter(|&r| {
            !self.person(RecordNo(r)).has(flag::SECOND) && self.belongs_on_list(RecordNo(r))
        });
        let mut ranked: Vec<(u16, u32)> = voters
            .map(|r| {
                (
                    self.voting_precinct(RecordNo(r))
                        .map_or(0, PrecinctCode::number),
                    r,
                )
            })
            .collect();
        ranked.sort_unstable();
        let mut humans: Vec<u32> = ranked
            .into_iter()
            .take(self.params.image_persons)
            .map(|(_, r)| r)
            .collect();
        humans.sort_unstable();
        humans
    }
}

impl Params {
    fn check(&self) -> Result<(), ParamsError> {
        if !(20..=50_000_000).contains(&self.persons) {
            return Err(ParamsError::Persons(self.persons));
        }
        if !(1..=9_000).contains(&self.precincts) {
            return Err(ParamsError::Precincts(self.precincts));
        }
        if self.persons < self.precincts * 15 {
            return Err(ParamsError::TooThin {
                persons: self.persons,
                precincts: self.precincts,
            });
        }
        if !(1..=10).contains(&self.fingers) {
            return Err(ParamsError::Fingers(self.fingers));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
