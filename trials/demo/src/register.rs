//! From tables to a checked register: country, import, duplicate check, adjudication.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use country::{Country, Params};
use dedup::{Policy, Says};
use lexicon::{Clock, ElectionLaw, Instant};
use register::CaseKind;
use serde::{Deserialize, Serialize};
use store::{CheckOptions, Store, import};

use crate::ground::Ground;
use crate::keychain::KeyChain;
use crate::measure::TruePairs;
use crate::options::Options;
use crate::progress::Progress;
use crate::real::{RealFingers, enrol_real_fingers};

/// Officers who judge pairs of records in the demo; two of them blind, the third on a split.
pub const ADJUDICATORS: [&str; 3] = ["adjudicator-1", "adjudicator-2", "adjudicator-3"];

/// The demo's time: a moment that stands still, so that journals are the same in every run.
#[derive(Clone, Copy, Debug)]
pub struct StillClock(pub Instant);

impl Clock for StillClock {
    fn now(&self) -> Instant {
        self.0
    }
}

/// Hour of the local day at which the register is filled, minutes.
const NOON: i64 = 12 * 60;

/// The moment at which the demo's office works: noon of the day on which the list is closed for claims.
#[must_use]
pub fn office_moment(law: &ElectionLaw) -> Instant {
    days_before(law, law.list.corrections_until_days, NOON)
}

/// A local time some days before election day.
#[must_use]
pub fn days_before(law: &ElectionLaw, days: i32, minutes: i64) -> Instant {
    let midnight = Instant::at_local(law.election.day, minutes, law.election.offset_minutes);
    midnight.plus_micros(-i64::from(days) * 86_400_000_000)
}

/// Makes the synthetic country; in memory only.
///
/// # Errors
/// When the wish cannot be met.
pub fn make_country(options: &Options) -> anyhow::Result<Country> {
    Ok(Country::generate(&Params {
        seed: options.seed,
        persons: options.persons,
        precincts: options.precincts(),
        image_persons: options.images,
        ..Params::default()
    })?)
}

/// Writes the country's tables to `register/`, with the real fingers' images among them.
///
/// # Errors
/// When the disk refuses.
pub fn write_tables(
    ground: &Ground,
    country: &Country,
    real: Option<&RealFingers>,
    progress: &Progress,
) -> anyhow::Result<u64> {
    if let Some(rows) = ground.finished("country") {
        return Ok(rows);
    }
    let (target, partial) = (ground.path("register"), ground.path("register.partial"));
    for old in [&target, &partial] {
        if old.exists() {
            fs::remove_dir_all(old).with_context(|| format!("removing {}", old.display()))?;
        }
    }
    let mut done = 0;
    let written = country.write_with(&partial, &mut |table, _| {
        done += 1;
        progress.show(&format!("country: {table}"), done, 16);
    })?;
    if let Some(real) = real {
        enrol_real_fingers(&partial, country, real)?;
    }
    fs::rename(&partial, &target).with_context(|| format!("writing {}", target.display()))?;
    let rows = written.tables.iter().map(|(_, rows)| rows).sum();
    ground.finish("country", &rows)?;
    Ok(rows)
}

/// Opens the register of the run.
///
/// # Errors
/// When the database cannot be opened, or holds somebody else's register.
pub fn open_store(ground: &Ground, options: &Options, law: &ElectionLaw) -> anyhow::Result<Store> {
    let url = match &options.postgres {
        Some(url) => url.clone(),
        None => format!("sqlite:{}", ground.path("register.db").display()),
    };
    let store = Store::open(&url, Arc::new(StillClock(office_moment(law))))
        .context("the register cannot be opened")?;
    if ground.finished::<bool>("store").is_none() {
        let persons = store.read("count_persons", |tx| tx.count_persons())?;
        if persons > 0 {
            bail!(
                "the database already holds {persons} persons of another run: name an empty database with --postgres"
            );
        }
        ground.finish("store", &true)?;
    }
    Ok(store)
}

/// What an import came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Imported {
    /// Rows read in all.
    pub rows: u64,
    /// Rows refused, with their reasons in `register-rejects.csv`.
    pub rejected: u64,
    /// Persons in the register.
    pub persons: u64,
    /// Enrolments in the register.
    pub enrolments: u64,
    /// Cases of one PIN claimed by two.
    pub shared_pin_cases: u64,
}

/// The folder that the register comes from.
#[must_use]
pub fn source(ground: &Ground, options: &Options) -> PathBuf {
    options
        .import
        .clone()
        .unwrap_or_else(|| ground.path("register"))
}

/// Imports the tables; a rerun goes on where a stopped one ended.
///
/// # Errors
/// [`import::ImportError`] naming the file.
pub fn import_tables(
    ground: &Ground,
    store: &Store,
    folder: &Path,
    progress: &Progress,
) -> anyhow::Result<Imported> {
    if let Some(done) = ground.finished("import") {
        return Ok(done);
    }
    let options = import::Options {
        rejects: Some(ground.path("register-rejects.csv")),
        ..import::Options::default()
    };
    let report = import::folder(store, folder, &options, &mut |at| {
        progress.show(&format!("import: {}", at.table), at.done, at.total);
    })?;
    let counts = store.read("register_counts", |tx| tx.register_counts())?;
    let imported = Imported {
        rows: report.tables.iter().map(|table| table.rows).sum(),
        rejected: report.rejected(),
        persons: counts.persons,
        enrolments: counts.enrolments,
        shared_pin_cases: report.shared_pin_cases,
    };
    ground.finish("import", &imported)?;
    Ok(imported)
}

/// What the duplicate check came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Checked {
    /// Captures compared.
    pub captures: u64,
    /// Whether each was compared with each in full.
    pub exhaustive: bool,
    /// Pairs referred to adjudicators.
    pub referred: u64,
    /// Pairs that are one person by truth.
    pub planted: u64,
    /// Of those, how many were referred and found to be one person.
    pub found: u64,
    /// Pairs that adjudicators found to be two persons: false alarms of the comparison.
    pub distinct: u64,
    /// Verdicts "one person" that truth denies.
    pub false_verdicts: u64,
}

/// Compares everybody with everybody and has each referred pair judged by two blind adjudicators.
///
/// The adjudicators of the demo know the truth, as experts with the images before them mostly do; without
/// truth (an imported register) cases stay open for the office.
///
/// # Errors
/// The store's.
pub fn check_duplicates(
    ground: &Ground,
    store: &Store,
    truth: Option<&TruePairs>,
    chain: &KeyChain,
    threads: usize,
    progress: &Progress,
) -> anyhow::Result<Checked> {
    if let Some(done) = ground.finished("duplicates") {
        return Ok(done);
    }
    let policy = Policy::standard();
    let options = CheckOptions { policy, threads };
    let report = store.check_duplicates("deduplicate", options, &|done, all| {
        progress.show("compare everybody", done as u64, all as u64);
    })?;
    let mut checked = Checked {
        captures: report.captures as u64,
        exhaustive: report.exhaustive,
        referred: report.pairs.len() as u64,
        planted: truth.map_or(0, |truth| truth.len() as u64),
        found: 0,
        distinct: 0,
        false_verdicts: 0,
    };
    if let Some(truth) = truth {
        for pair in &report.pairs {
            match truth.same(pair.first, pair.second) {
                true => checked.found += 1,
                false => checked.distinct += 1,
            }
        }
        judge(store, truth, chain, progress)?;
    }
    ground.finish("duplicates", &checked)?;
    Ok(checked)
}

/// Draws panels and gives the opinions that the adjudicators come to.
fn judge(
    store: &Store,
    truth: &TruePairs,
    chain: &KeyChain,
    progress: &Progress,
) -> anyhow::Result<()> {
    let officers: Vec<String> = ADJUDICATORS.iter().map(|name| (*name).to_owned()).collect();
    store.assign_cases("office", &officers, &chain.secret("panels"))?;
    let hash = Policy::standard().hash();
    for officer in &officers {
        let queue = store.read("queue", |tx| tx.queue_of(officer, u32::MAX >> 1))?;
        let all = queue.len() as u64;
        for (done, queued) in (0u64..).zip(queue) {
            progress.show("adjudicate", done, all);
            let view = store.read("case", |tx| tx.find_case(queued.case))?;
            let Some(view) = view.filter(|view| view.kind == CaseKind::Duplicate) else {
                continue;
            };
            let [(a, _), (b, _)] = view.persons[..] else {
                continue;
            };
            if view.verdict.is_some() {
                continue;
            }
            let says = match truth.same(a, b) {
                true => Says::Same,
                false => Says::Distinct,
            };
            store.give_opinion(officer, queued.case, says, hash, hash)?;
        }
    }
    Ok(())
}
