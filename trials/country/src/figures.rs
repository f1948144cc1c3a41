//! The country's figures beside those of 2015.

use std::collections::BTreeMap;
use std::fmt;

use crate::calendar::ELECTION_DAY;
use crate::data::{CAMPAIGN_MONTHS, DATA};
use crate::land::HOME_REGIONS;
use crate::person::flag;
use crate::{Country, RecordNo, VisitKind};

/// Counts of a country, for people to read and tests to check.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// Records of the register.
    pub records: u64,
    /// Houses and streets.
    pub houses: u64,
    /// Streets.
    pub streets: u64,
    /// Precincts made.
    pub precincts: u64,
    /// Of the living: under 18, 18 to 59, 60 and over.
    pub ages: [u64; 3],
    /// Enrolled, by region of enrolment and month of the campaign (nine regions, eleven months).
    pub campaign: Vec<[u64; 11]>,
    /// Enrolled at missions abroad.
    pub enrolled_abroad: u64,
    /// Enrolled and not processed by the cut-off.
    pub waiting: u64,
    /// Humans who belong on the list (two records of one human counted once).
    pub on_list: u64,
    /// Voters of each precinct by truth.
    pub voters: BTreeMap<u16, u64>,
    /// Rows of the commission's list.
    pub commission_rows: u64,
    /// Rows by class; a row with several counts in each.
    pub classes: BTreeMap<&'static str, u64>,
    /// On the list and unknown to the commission.
    pub new: u64,
    /// Humans with two records, and pairs who share a PIN.
    pub doubles: u64,
    /// Pairs of humans who share a PIN.
    pub shared_pins: u64,
    /// Claims filed, and those that count.
    pub claims: u64,
    /// Claims that count.
    pub claims_counting: u64,
    /// Form 2 claims that count: one for each voter who uses it.
    pub form2: u64,
    /// Visits of election day by kind.
    pub visits: BTreeMap<VisitKind, u64>,
}

impl Country {
    /// Counts the country.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let persons = &self.records.persons;
        let mut ages = [0; 3];
        let mut campaign = vec![[0; 11]; HOME_REGIONS];
        let (mut enrolled_abroad, mut waiting) = (0, 0);
        for p in persons.iter().filter(|p| !p.has(flag::SECOND)) {
            if p.alive() {
                ages[match p.birth.age_on(ELECTION_DAY) {
                    ..18 => 0,
                    18..60 => 1,
                    60.. => 2,
                }] += 1;
            }
            if !p.captured.is_some() {
                continue;
            }
            waiting += u64::from(!p.processed_in_time());
            let month = CAMPAIGN_MONTHS.partition_point(|m| *m <= p.captured);
            match campaign.get_mut(usize::from(p.enrol_region)) {
                Some(row) if (1..=11).contains(&month) => row[month - 1] += 1,
                Some(_) => {}
                None => enrolled_abroad += 1,
            }
        }
        let (mut on_list, mut new, mut voters) = (0, 0, BTreeMap::new());
        let meant = self.list.meant(&self.records);
        for r in 0..self.record_count() {
            if self.person_of(r).has(flag::SECOND) || !self.belongs_on_list(RecordNo(r)) {
                continue;
            }
            on_list += 1;
            new += u64::from(meant[r as usize] == 0 && !self.person_of(r).has(flag::FIRST));
            let precinct = self.voting_precinct(RecordNo(r)).map_or(0, |p| p.number());
            *voters.entry(precinct).or_insert(0) += 1;
        }
        let mut visits = BTreeMap::new();
        for visit in self.day().visits {
            *visits.entry(visit.kind).or_insert(0) += 1;
        }
        Figures {
            records: persons.len() as u64,
            houses: self.land.houses.len() as u64,
            streets: self.land.streets.len() as u64,
            precincts: self.precincts.len() as u64,
            ages,
            campaign,
            enrolled_abroad,
            waiting,
            on_list,
            voters,
            commission_rows: self.list.rows.len() as u64,
            classes: self.class_counts(&meant),
            new,
            doubles: self.records.doubles.len() as u64,
            shared_pins: self.records.shared.len() as u64,
            claims: self.claims.len() as u64,
            claims_counting: self.claims.iter().filter(|c| c.counts).count() as u64,
            form2: self.form2.len() as u64,
            visits,
        }
    }

    fn class_counts(&self, meant: &[u8]) -> BTreeMap<&'static str, u64> {
        use rayon::prelude::*;
        let count = |row| {
            let (_, classes) =
                self.list
                    .write(row, &self.land, &self.records, &self.precincts, meant);
            classes
                .into_iter()
                .map(|c| (c.code(), 1))
                .collect::<BTreeMap<_, u64>>()
        };
        let add = |mut a: BTreeMap<&'static str, u64>, b: BTreeMap<&'static str, u64>| {
            for (code, n) in b {
                *a.entry(code).or_insert(0) += n;
            }
            a
        };
        self.list
            .rows
            .par_iter()
            .map(count)
            .reduce(BTreeMap::new, add)
    }
}

fn percent(part: f64, whole: f64) -> f64 {
    if whole == 0.0 {
        0.0
    } else {
        part / whole * 100.0
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = self.records as f64 / 6_000_000.0;
        let enrolled: u64 = self.campaign.iter().flatten().sum();
        let living: u64 = self.ages.iter().sum();
        let voters = self.on_list as f64;
        writeln!(f, "{:38} {:>12} {:>14}", "", "this country", "2015, scaled")?;
        let mut line = |name: &str, here: u64, real: f64| {
            writeln!(f, "{name:38} {here:>12} {:>14.0}", real * scale)
        };
        line("records", self.records, 6_000_000.0)?;
        line("streets", self.streets, 32_000.0)?;
        line("houses", self.houses, 1_300_000.0)?;
        line("precincts", self.precincts, 2_374.0 / scale)?;
        line("enrolled in the campaign", enrolled, 2_849_542.0)?;
        line("on the list", self.on_list, 2_761_297.0)?;
        line("commission's rows", self.commission_rows, 2_633_420.0)?;
        line("of them dead", self.class("dead"), 6_245.0)?;
        line(
            "of them without precinct",
            self.class("no_precinct"),
            6_147.0,
        )?;
        line("new to the commission", self.new, 909_718.0)?;
        line("PINs held by two", self.shared_pins, 667.0)?;
        line("voted", self.visit(VisitKind::Vote), 1_600_104.0)?;
        line("Form 2 in effect", self.form2, 106_352.0)?;
        writeln!(f)?;
        let mut share =
            |name: &str, here: f64, real: &str| writeln!(f, "{name:38} {here:>11.1}% {real:>14}");
        share(
            "under 18",
            percent(self.ages[0] as f64, living as f64),
            "36%",
        )?;
        share(
            "60 and over",
            percent(self.ages[2] as f64, living as f64),
            "7%",
        )?;
        share(
            "enrolled of adults",
            percent(enrolled as f64, (self.ages[1] + self.ages[2]) as f64),
            "76%",
        )?;
        share(
            "wrong precinct of rows",
            percent(
                self.class("wrong_precinct") as f64,
                self.commission_rows as f64,
            ),
            "7%",
        )?;
        share(
            "turnout",
            percent(self.visit(VisitKind::Vote) as f64, voters),
            "57.9%",
        )?;
        writeln!(
            f,
            "\nrows by class: {:?}\nvisits: {:?}",
            self.classes, self.visits
        )?;
        writeln!(f, "\nenrolled by region, this country % | campaign table %")?;
        let total: f64 = DATA.regions.iter().flat_map(|r| &r.campaign).sum();
        for (region, months) in DATA.regions.iter().zip(&self.campaign) {
            let here: u64 = months.iter().sum();
            let real: f64 = region.campaign.iter().sum();
            writeln!(
                f,
                "{:12} {:6.2} | {:6.2}",
                region.code,
                percent(here as f64, enrolled as f64),
                percent(real, total)
            )?;
        }
        writeln!(f, "by month")?;
        for month in 0..11 {
            let here: u64 = self.campaign.iter().map(|m| m[month]).sum();
            let real: f64 = DATA
                .regions
                .iter()
                .filter_map(|r| r.campaign.get(month))
                .sum();
            let (year, number, _) = CAMPAIGN_MONTHS[month].civil();
            writeln!(
                f,
                "{year}-{number:02}      {:6.2} | {:6.2}",
                percent(here as f64, enrolled as f64),
                percent(real, total)
            )?;
        }
        Ok(())
    }
}

impl Figures {
    /// Rows that carry a class.
    #[must_use]
    pub fn class(&self, code: &str) -> u64 {
        self.classes.get(code).copied().unwrap_or(0)
    }

    /// Visits of a kind.
    #[must_use]
    pub fn visit(&self, kind: VisitKind) -> u64 {
        self.visits.get(&kind).copied().unwrap_or(0)
    }
}
