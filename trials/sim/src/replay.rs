//! A rehearsal's days played again: its arrivals, outcomes and failures drive the simulated hall; the tables are then
//! counted from journals alone, and beside them from the people.

mod table;

use std::sync::Arc;

use lexicon::Method;
use lexicon::RefusalReason;
use lexicon::handover::event::{Incident, frame, unframe};
use pollbook::{Body, Book};

use crate::dice::Dice;
use crate::plan::{Finger, Op, What};
use crate::precinct::Precinct;
use crate::world::{Halt, World};

pub use table::{
    Column, Misprint, Table, TableError, first_rehearsal, misprints, second_rehearsal,
};

/// What an incident of a kit that failed is called.
const FAILED: &str = "KIT_FAILED";
/// Listed voters of one simulated precinct-day; the last lines are the home list.
const VOTERS: u32 = 60;
const LISTED: u32 = 56;
/// Seconds in which people arrive.
const ARRIVALS: usize = 11 * 3600;

/// One row of the tables: a region or a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The region's code or the date.
    pub name: String,
    /// People who came.
    pub came: u64,
    /// Identified by a finger.
    pub finger: u64,
    /// Identified by PIN and photograph, by two officers.
    pub pin: u64,
    /// Not on the list of the precinct.
    pub not_in_list: u64,
    /// Failures of kits.
    pub failures: u64,
}

/// A row of the source, its replay counted twice.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// What was to happen: the source's row, divided by the share.
    pub wanted: Row,
    /// What the journals say.
    pub journals: Row,
    /// Whom it happened to: slips in hands, people sent away, kits that failed.
    pub people: Row,
    /// Simulated precinct-days.
    pub precincts: u64,
}

impl Replayed {
    /// Whether both counts are what was to happen.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.journals == self.people && self.people == self.wanted
    }
}

/// How the people of one row fare, one in `share` of them.
fn wanted(row: &Row, share: u64) -> Row {
    let part = |many: u64| (many + share / 2) / share;
    let (finger, pin, none) = (part(row.finger), part(row.pin), part(row.not_in_list));
    Row {
        name: row.name.clone(),
        came: finger + pin + none,
        finger,
        pin,
        not_in_list: none,
        failures: part(row.failures),
    }
}

/// Replays one row, one person in `share`; the same seed gives the same days.
///
/// # Errors
/// A text when an invariant breaks, or a journal does not read.
pub fn replay(row: &Row, share: u64, seed: u64) -> Result<Replayed, String> {
    let wanted = wanted(row, share.max(1));
    let precinct = Precinct::new(2, VOTERS, "segment", false).map_err(|error| error.to_string())?;
    let name = row
        .name
        .bytes()
        .fold(seed, |sum, byte| sum * 31 % (1 << 40) + u64::from(byte));
    let mut dice = Dice::new(name, 3);
    let mut left = [wanted.finger, wanted.pin, wanted.not_in_list];
    let mut failures = wanted.failures;
    let days = wanted.came.div_ceil(u64::from(LISTED)).max(1);
    let mut done = Replayed {
        journals: named(&wanted.name),
        people: named(&wanted.name),
        wanted,
        precincts: 0,
    };
    while left.iter().sum::<u64>() > 0 || failures > 0 {
        let fail = failures.div_ceil((days.saturating_sub(done.precincts)).max(1));
        failures -= fail;
        let ops = day(&mut left, fail, &mut dice);
        let mut world = World::new(&precinct, None, &[]);
        for op in &ops {
            world.apply(op).or_else(story)?;
        }
        world.evening().or_else(story)?;
        add(&mut done.people, &of_people(&world));
        add(
            &mut done.journals,
            &of_journals(&precinct, &journals(&world))?,
        );
        done.precincts += 1;
    }
    Ok(done)
}

fn story(halt: Halt) -> Result<(), String> {
    match halt {
        Halt::Down => Ok(()),
        Halt::Broken(violation) => Err(violation.to_string()),
    }
}

fn named(name: &str) -> Row {
    Row {
        name: name.to_owned(),
        ..Row::default()
    }
}

fn add(sum: &mut Row, one: &Row) {
    sum.came += one.came;
    sum.finger += one.finger;
    sum.pin += one.pin;
    sum.not_in_list += one.not_in_list;
    sum.failures += one.failures;
}

/// One precinct-day: people in drawn order until its list is used up.
fn day(left: &mut [u64; 3], failures: u64, dice: &mut Dice) -> Vec<Op> {
    let mut ops = Vec::new();
    let mut push = |dice: &mut Dice, at: i64, what: What| {
        let salt = dice.word();
        ops.push(Op { at, what, salt });
    };
    for kit in 0..2 {
        push(dice, -1800, What::Open(kit));
    }
    let mut line = 0;
    while line < LISTED {
        let all: u64 = left.iter().sum();
        let Some(most) = usize::try_from(all).ok().filter(|all| *all > 0) else {
            break;
        };
        let mut drawn = dice.below(most) as u64;
        let kind = left.iter().position(|many| {
            let is_it = drawn < *many;
            drawn = drawn.saturating_sub(*many);
            is_it
        });
        let kind = kind.unwrap_or(2);
        left[kind] -= 1;
        let at = i64::try_from(dice.below(ARRIVALS)).unwrap_or(0);
        let kit = dice.below(2);
        if kind == 2 {
            push(dice, at, What::NotListed(kit));
            // So that a day ends when many are not on the list.
            if dice.chance(10) {
                line += 1;
            }
            continue;
        }
        line += 1;
        let finger = if kind == 0 {
            Finger::Fits
        } else {
            Finger::ByPin
        };
        push(
            dice,
            at,
            What::Present {
                kit,
                line,
                finger,
                is_quiet: false,
                errs: false,
            },
        );
    }
    for _ in 0..failures {
        let at = i64::try_from(dice.below(ARRIVALS)).unwrap_or(0);
        let kit = dice.below(2);
        push(dice, at, What::Fails(kit));
    }
    ops.sort_by_key(|op| op.at);
    ops
}

/// The own journals of all kits, as bytes.
fn journals(world: &World<'_>) -> Vec<Vec<u8>> {
    let own = world.devices.iter().map(|device| &device.disk.own);
    own.map(|acts| acts.iter().flat_map(|act| frame(&act.signed())).collect())
        .collect()
}

/// From journals alone, by the report's own counters.
fn of_journals(precinct: &Precinct, journals: &[Vec<u8>]) -> Result<Row, String> {
    let mut book = Book::new(
        Arc::clone(&precinct.charter),
        precinct.kid(0),
        precinct.home.clone(),
    );
    for journal in journals {
        for signed in unframe(journal).events {
            let act = book.admit(signed, &*precinct.ring);
            book.merge(act.map_err(|why| why.to_string())?, None);
        }
    }
    let by = |wanted: Method| {
        let methods = book.by_method();
        let found = methods.iter().find(|one| one.method == wanted.number());
        u64::from(found.map_or(0, |one| one.count))
    };
    let refusals = book.refusals();
    let none = refusals
        .iter()
        .find(|one| one.reason == RefusalReason::NotHere.code());
    let failed = book
        .events()
        .filter(|act| matches!(&act.body, Body::Incident(body) if body.code == FAILED));
    let row = Row {
        name: String::new(),
        came: 0,
        finger: by(Method::Finger),
        pin: by(Method::Document2),
        not_in_list: none.map_or(0, |one| u64::from(one.count)),
        failures: failed.count() as u64,
    };
    Ok(Row {
        came: row.finger + row.pin + row.not_in_list,
        ..row
    })
}

/// From the people: who holds a slip and how they were known, who was sent away, which kits failed.
fn of_people(world: &World<'_>) -> Row {
    let methods = world.people.iter().filter_map(|person| {
        let (_, _, act) = person.issued.first()?;
        pollbook::identified(act).map(|body| body.method)
    });
    let methods: Vec<u8> = methods.collect();
    let by = |method: Method| {
        methods
            .iter()
            .filter(|one| **one == method.number())
            .count() as u64
    };
    Row {
        name: String::new(),
        came: methods.len() as u64 + world.sent_away,
        finger: by(Method::Finger),
        pin: by(Method::Document2),
        not_in_list: world.sent_away,
        failures: world.failed,
    }
}

impl World<'_> {
    /// A person who is on no list here asks at a kit, or at the next that works.
    pub(crate) fn not_listed(&mut self, at: usize) -> Result<(), Halt> {
        let Some(at) = [at, 0, 1].into_iter().find(|at| self.is_working(*at)) else {
            return Ok(());
        };
        let reading = self.reading(at);
        let book = &mut self.devices[at].book;
        let draft = book.refuse(0, RefusalReason::NotHere, None, reading);
        self.commit(at, draft, &[])?;
        self.sent_away += 1;
        Ok(())
    }

    /// A kit fails, is started again, and the officers write that down.
    pub(crate) fn fails(&mut self, at: usize) -> Result<(), Halt> {
        self.failed += 1;
        if self.is_working(at) {
            self.go_down(at, true);
        }
        self.now += 300_000_000;
        self.start_again(at, 0)?;
        let reading = self.reading(at);
        let incident = Incident {
            code: FAILED.to_owned(),
            line: 0,
            evidence: Vec::new(),
        };
        let draft = self.devices[at].book.incident(incident, reading);
        self.commit(at, draft, &[]).map(|_| ())
    }
}
