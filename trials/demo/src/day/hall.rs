//! One precinct's election day: desks, queues and the clock, from opening to the final reports.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs;
use std::sync::Arc;

use lexicon::handover::package::StationPolicy;
use lexicon::{Instant, Method};
use pollbook::ReportKind;
use station::clock::{KitClock as _, SetClock};
use station::link::InProcess;
use station::{Ciphertext, Kit, KitConfig, Publishers};

use super::DayError;
use super::crowd::{Crowd, Human};
use super::desk::{Desk, Room, Then, refs};
use super::papers::Papers;
use super::real::{RealRates, rates_of};
use super::station_package::StationPackage;
use super::witness::{End, Places, Purpose, VisitNote, Witness, file_error, write_synced};

const SECOND: i64 = 1_000_000;
/// The kits open this long before voting begins: 07:00 for 08:00.
const OPENS_BEFORE: i64 = 3600 * SECOND;
/// From one visitor to the next.
const BETWEEN_SECONDS: i64 = 2;
/// From an act to the peers' knowing of it.
const HEARTBEAT: i64 = SECOND;

/// From the last voter to the final reports.
const BEFORE_REPORTS: i64 = 300 * SECOND;

/// What happens when; among equal moments by rank: closing before anything else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Happening {
    Closing(usize),
    Hour,
    Arrival(usize),
    Exchange(usize),
    Step(usize),
}

/// What the hall depends on.
pub(super) struct Setting<'a> {
    pub package: &'a StationPackage,
    pub publishers: &'a Publishers,
    pub election: u32,
    pub crowd: &'a Crowd<'a>,
    pub places: &'a Places,
    pub seed: u64,
    /// Told after every visit.
    pub visited: &'a (dyn Fn(u64) + Sync),
}

/// A polling station at work.
struct Hall<'a> {
    room: Room<'a>,
    setting: &'a Setting<'a>,
    policy: StationPolicy,
    clock: Arc<SetClock>,
    desks: Vec<Desk>,
    /// Moment, happening, and a counter that keeps equal ones in order.
    agenda: BinaryHeap<Reverse<(i64, Happening, u64)>>,
    planned: u64,
    arrivals: usize,
    notes: Witness,
}

/// Runs the day and leaves journals and reports in the places' partial folder.
pub(super) fn run_day(setting: &Setting<'_>) -> Result<Witness, DayError> {
    setting.places.clean()?;
    let mut hall = Hall::open(setting)?;
    hall.plan();
    while let Some(Reverse((at, happening, _))) = hall.agenda.pop() {
        hall.clock.set(Instant::from_micros(at));
        hall.happen(at, happening)?;
    }
    hall.finish()?;
    Ok(hall.notes)
}

impl<'a> Hall<'a> {
    fn open(setting: &'a Setting<'a>) -> Result<Self, DayError> {
        let package = setting.package;
        let policy = package.manifest.policy.clone();
        let opening = (policy.opens - OPENS_BEFORE).max(package.manifest.not_before);
        let clock = Arc::new(SetClock::new(Instant::from_micros(opening)));
        let mut desks = Vec::new();
        for (at, key) in package.kits.iter().enumerate() {
            let name = &package.manifest.kits[at].name;
            clock.set(Instant::from_micros(opening + 40 * SECOND * at as i64));
            let printer = Arc::new(Papers::new(&setting.places.papers_partial()));
            let config = KitConfig {
                election: setting.election,
                precinct: package.precinct,
                manifest: package.signed.clone(),
                ciphertext: Ciphertext::Bytes(package.ciphertext.clone()),
                publishers: setting.publishers.clone(),
                folder: setting.places.kit(name),
                clock: Arc::clone(&clock) as _,
                printer: Arc::clone(&printer) as _,
                exercise: None,
                grants: Vec::new(),
                decisions: Vec::new(),
                glass: None,
                counters: None,
            };
            let cards = &package.officers[at % package.officers.len()];
            let kit = Kit::open(config, Arc::clone(key), &refs(cards)).map_err(|source| {
                DayError::Open {
                    precinct: package.precinct,
                    kit: name.clone(),
                    source,
                }
            })?;
            desks.push(Desk::new(kit, printer));
        }
        let hall = Self {
            room: Room {
                crowd: setting.crowd,
                visitors: setting.crowd.visitors(package.precinct),
                officers: &package.officers,
                precinct: package.precinct.number(),
                seed: setting.seed,
            },
            setting,
            policy,
            clock,
            desks,
            agenda: BinaryHeap::new(),
            planned: 0,
            arrivals: 0,
            notes: Witness::default(),
        };
        hall.connect();
        for at in 0..hall.desks.len() {
            hall.report(at, ReportKind::Initial)?;
        }
        hall.exchange_all()?;
        Ok(hall)
    }

    fn connect(&self) {
        for one in &self.desks {
            for other in &self.desks {
                if one.kit.kid() != other.kit.kid() {
                    let link = Arc::new(InProcess::to(&other.kit));
                    one.kit.connect(other.kit.kid(), link);
                }
            }
        }
    }

    /// Makes a signed report of a kit and puts it where journals are handed in.
    fn report(&self, at: usize, kind: ReportKind) -> Result<(), DayError> {
        let (desk, groups) = (&self.desks[at], self.room.officers);
        let cards = refs(&groups[at % groups.len()]);
        let made = desk.kit.report_because(kind, Some("LOST"), &cards);
        let made = made.map_err(|source| DayError::Report {
            precinct: self.setting.package.precinct,
            kit: desk.name.clone(),
            source,
        })?;
        let word = match kind {
            ReportKind::Initial => "initial",
            ReportKind::Running => "running",
            ReportKind::Final => "final",
        };
        self.keep(&format!("{}.{word}.cose", desk.name), &made.signed)
    }

    fn keep(&self, name: &str, bytes: &[u8]) -> Result<(), DayError> {
        write_synced(&self.setting.places.journals_partial().join(name), bytes)
    }

    fn at(&mut self, moment: i64, happening: Happening) {
        self.planned += 1;
        self.agenda.push(Reverse((moment, happening, self.planned)));
    }

    /// Puts arrivals, hours and closing on the agenda.
    fn plan(&mut self) {
        let (opens, closes) = (self.policy.opens, self.policy.closes);
        let offset = i64::from(self.policy.offset_minutes) * 60 * SECOND;
        let midnight = opens - (opens + offset).rem_euclid(86_400 * SECOND);
        for visitor in 0..self.room.visitors.len() {
            let arrives = midnight + i64::from(self.room.visitors[visitor].second) * SECOND;
            if arrives < closes {
                self.at(arrives.max(opens), Happening::Arrival(visitor));
            } else {
                self.turn_away_at_the_door(visitor);
            }
        }
        let mut hour = opens + 3600 * SECOND;
        while hour < closes {
            self.at(hour, Happening::Hour);
            hour += 3600 * SECOND;
        }
        for desk in 0..self.desks.len() {
            self.at(closes, Happening::Closing(desk));
        }
    }

    /// The doors are shut: no kit hears of it.
    fn turn_away_at_the_door(&mut self, visitor: usize) {
        let visitor = &self.room.visitors[visitor];
        self.notes.visits.push(VisitNote {
            purpose: visitor.kind.into(),
            bearer: self.room.crowd.human(visitor.bearer),
            end: End::Refused {
                reason: lexicon::RefusalReason::OutOfHours.code().to_owned(),
            },
            sent_to: None,
            sent_rightly: false,
        });
        (self.setting.visited)(1);
    }

    fn happen(&mut self, now: i64, happening: Happening) -> Result<(), DayError> {
        match happening {
            Happening::Closing(desk) => self.close(desk),
            Happening::Hour => {
                self.exchange_all()?;
                self.countersign()
            }
            Happening::Arrival(visitor) => {
                self.queue(now, visitor);
                Ok(())
            }
            Happening::Exchange(desk) => self.exchange(desk),
            Happening::Step(desk) => self.step(now, desk),
        }
    }

    /// The visitor takes the shortest queue; among equal ones the next in turn.
    fn queue(&mut self, now: i64, visitor: usize) {
        let count = self.desks.len();
        let turn = (0..count).map(|n| (self.arrivals + n) % count);
        let Some(desk) = turn.min_by_key(|desk| self.desks[*desk].people()) else {
            return;
        };
        self.arrivals += 1;
        self.desks[desk].waiting.push_back(visitor);
        if !self.desks[desk].is_busy() {
            self.call_next(now, desk);
        }
    }

    fn call_next(&mut self, now: i64, desk: usize) {
        if self.desks[desk].call_next(&self.room) {
            // Looking somebody up takes a few seconds, and not always the same.
            let seconds = 5 + (self.planned % 7) as i64;
            self.at(now + seconds * SECOND, Happening::Step(desk));
        }
    }

    fn step(&mut self, now: i64, desk: usize) -> Result<(), DayError> {
        let then = self.desks[desk].step(&self.room, &mut self.notes)?;
        match then {
            Then::Step(seconds) => self.at(now + seconds * SECOND, Happening::Step(desk)),
            Then::Done => {
                (self.setting.visited)(1);
                self.at(now + HEARTBEAT, Happening::Exchange(desk));
                self.call_next(now + BETWEEN_SECONDS * SECOND, desk);
            }
        }
        Ok(())
    }

    fn exchange(&self, desk: usize) -> Result<(), DayError> {
        match self.desks[desk].kit.sync_all().first() {
            None => Ok(()),
            Some(silent) => Err(DayError::Silent {
                precinct: self.setting.package.precinct,
                kit: silent.hex(),
            }),
        }
    }

    fn exchange_all(&self) -> Result<(), DayError> {
        (0..self.desks.len()).try_for_each(|desk| self.exchange(desk))
    }

    fn countersign(&self) -> Result<(), DayError> {
        self.desks.iter().try_for_each(|desk| {
            desk.kit.countersign().map_err(|source| DayError::Act {
                precinct: self.room.precinct,
                kit: desk.name.clone(),
                source,
            })
        })
    }

    /// Closing time: those who stand in line are still served.
    fn close(&mut self, at: usize) -> Result<(), DayError> {
        let groups = self.room.officers;
        let desk = &mut self.desks[at];
        let in_line = u32::try_from(desk.people()).unwrap_or(u32::MAX);
        let cards = refs(&groups[at % groups.len()]);
        desk.is_closed = true;
        let closed = desk.kit.close(in_line, &cards);
        closed.map(|_| ()).map_err(|source| DayError::Act {
            precinct: self.room.precinct,
            kit: desk.name.clone(),
            source,
        })
    }

    /// After the last voter: all kits hold the same set, final reports, journals.
    fn finish(&mut self) -> Result<(), DayError> {
        let now = self.clock.read().wall;
        self.clock.set(now.plus_micros(BEFORE_REPORTS));
        self.exchange_all()?;
        self.countersign()?;
        self.exchange_all()?;
        for at in 0..self.desks.len() {
            self.report(at, ReportKind::Final)?;
        }
        for desk in &self.desks {
            let name = format!("{}.journal", desk.name);
            let path = self.setting.places.kit(&desk.name).join(&name);
            let bytes = desk
                .kit
                .journal_bytes()
                .map_err(|source| DayError::Journal { path, source })?;
            self.keep(&name, &bytes)?;
            let (papers, bytes) = desk.printer.total();
            self.notes.papers.0 += papers;
            self.notes.papers.1 += bytes;
        }
        let folder = self.setting.places.journals_partial();
        let synced = fs::File::open(&folder).and_then(|folder| folder.sync_all());
        synced.map_err(file_error(&folder))?;
        self.notes.real = self.real_rates();
        Ok(())
    }

    /// The error rates of the real fingers whose voters stand on this precinct's list.
    fn real_rates(&self) -> Option<RealRates> {
        let (crowd, kit) = (self.room.crowd, &self.desks.first()?.kit);
        let live = crowd.real()?;
        let mut sum = RealRates::default();
        for record in live.records() {
            let pins = crowd.pins(record);
            let found = pins.iter().map(|pin| kit.find(pin)).next()?;
            if let pollbook::Found::Lines(lines) = found
                && let Some(voter) = lines.first().and_then(|line| kit.voter(*line))
            {
                sum.add(&rates_of(live, record, voter, &self.policy));
                let method = self.voted_by(crowd.human(record));
                sum.checked_in += u64::from(method.is_some());
                sum.by_finger += u64::from(method == Some(Method::Finger.code()));
            }
        }
        (sum.voters > 0).then_some(sum)
    }

    /// How a human's own visit to vote ended in a check-in.
    fn voted_by(&self, human: Human) -> Option<&str> {
        self.notes.visits.iter().find_map(|visit| match &visit.end {
            End::Admitted { method, .. }
                if visit.bearer == human && visit.purpose != Purpose::Impostor =>
            {
                Some(method.as_str())
            }
            End::Admitted { .. } | End::Refused { .. } => None,
        })
    }
}
