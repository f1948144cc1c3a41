//! What is looked at after every step: each device whose book holds other events than before, and each pair of devices
//! that hold the same.

use std::sync::Arc;

use lexicon::handover::event::Incident;
use pollbook::{Act, Book, ReportError, ReportKind, arithmetic_fault, identified};

use crate::world::{Halt, World, broken};

/// What a device's book held when it was looked at last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Its events, kit by kit, by counter.
    events: Vec<Arc<Act>>,
    /// Exclusive or of the first eight bytes of their ids: two books with one number and sum hold the same.
    sum: u64,
    /// What went wrong, as its running report says it.
    incidents: Vec<Incident>,
}

impl Seen {
    fn of(book: &Book) -> Self {
        let events: Vec<Arc<Act>> = book.events().cloned().collect();
        let eight = |act: &Arc<Act>| act.name.id.0.first_chunk().copied();
        let ids = events
            .iter()
            .filter_map(eight)
            .fold(0, |sum, id| sum ^ u64::from_be_bytes(id));
        Self {
            events,
            sum: ids,
            incidents: Vec::new(),
        }
    }

    fn is_same_set(&self, other: &Self) -> bool {
        self.sum == other.sum && self.events.len() == other.events.len()
    }
}

impl World<'_> {
    /// What one step can break.
    pub(crate) fn glance(&mut self) -> Result<(), Halt> {
        let mut changed = Vec::new();
        for at in 0..self.devices.len() {
            let device = &self.devices[at];
            if !device.is_on {
                continue;
            }
            let me = device.book.me();
            let held = device.book.head(me).seq;
            if held < device.top && !self.tainted.contains(&device.key) {
                return broken(
                    "I3",
                    format!(
                        "the counter of {} fell from {} to {held}",
                        self.name(at),
                        device.top
                    ),
                );
            }
            if device.book.holds() != device.seen.events.len() {
                let mut seen = Seen::of(&device.book);
                self.only_grows(at, &seen)?;
                // Of devices that hold the same events one is looked at whole, and the others say what it says.
                let is_known = self.devices.iter().any(|other| {
                    let is_seen = other.book.holds() == other.seen.events.len();
                    other.is_on && is_seen && other.seen.is_same_set(&seen)
                });
                seen.incidents = if is_known {
                    self.stamps(at)?;
                    device.book.incidents()
                } else {
                    self.inspect(at)?
                };
                self.devices[at].seen = seen;
                changed.push(at);
            }
        }
        self.agree(&changed)
    }

    /// I1: nothing that the device held is gone or says something else. I8: what is new holds no name.
    fn only_grows(&self, at: usize, seen: &Seen) -> Result<(), Halt> {
        let mut now = seen.events.iter();
        for before in &self.devices[at].seen.events {
            let mut is_there = false;
            for act in now.by_ref() {
                if act.name == before.name {
                    is_there = Arc::ptr_eq(act, before) || act.body == before.body;
                    break;
                }
                self.words(act)?;
            }
            if !is_there {
                return broken(
                    "I1",
                    format!(
                        "event {} of {} has vanished from {}",
                        before.name.seq,
                        self.precinct.charter.kit_name(before.name.kit),
                        self.name(at)
                    ),
                );
            }
        }
        now.try_for_each(|act| self.words(act))
    }

    /// I1: devices that hold the same events say the same of every line, of the list and of what went wrong.
    fn agree(&self, changed: &[usize]) -> Result<(), Halt> {
        for at in changed {
            let seen = &self.devices[*at].seen;
            let is_other = |other: &usize| {
                let device = &self.devices[*other];
                other != at && device.is_on && device.seen.is_same_set(seen)
            };
            // Equality is passed on: with one that has not changed, else with the first of those that have.
            let mut others = (0..self.devices.len()).filter(is_other);
            let other = others
                .clone()
                .find(|other| !changed.contains(other))
                .or_else(|| others.find(|other| other < at));
            if let Some(other) = other {
                let said = &self.devices[other].seen.incidents;
                self.say_the_same(*at, other, &seen.incidents == said)?;
            }
        }
        Ok(())
    }

    /// I7: a report adds up, and its total is the number of marked lines. Gives the incidents that it names.
    pub(crate) fn adds_up(&self, at: usize, which: ReportKind) -> Result<Vec<Incident>, Halt> {
        let book = &self.devices[at].book;
        let report = match book.report(which, 1, 48, self.reading(at)) {
            Ok(report) => report,
            Err(ReportError::NotOpen) if which == ReportKind::Running => {
                return Ok(book.incidents());
            }
            Err(error) => return broken("I7", format!("{}: {error}", self.name(at))),
        };
        if let Some(fault) = arithmetic_fault(&report) {
            return broken("I7", fault);
        }
        let counted = book.states().filter(|(_, state)| state.counted.is_some());
        if u32::try_from(counted.count()) != Ok(report.counted) {
            return broken("I7", "the total is not the number of lines".to_owned());
        }
        Ok(report.incidents)
    }

    /// I7: the running report adds up, and its total is the number of marked lines. I3: the receipts of a kit are 1, 2,
    /// 3 … as far as its chain is known.
    pub(crate) fn totals(&self, at: usize) -> Result<Vec<Incident>, Halt> {
        let incidents = self.adds_up(at, ReportKind::Running)?;
        let book = &self.devices[at].book;
        for kit in self.precinct.charter.kits() {
            let key = self.precinct.index(*kit);
            if key.is_some_and(|key| self.tainted.contains(&key)) {
                continue;
            }
            let whole = book.head(*kit).seq;
            let known = book.events_after(*kit, 0);
            let known = known.take_while(|act| act.name.seq <= whole);
            let mut receipts = known.filter_map(|act| identified(act));
            let odd = receipts
                .by_ref()
                .zip(1..)
                .find(|(body, number)| body.receipt != *number);
            if let Some((body, number)) = odd {
                return broken(
                    "I3",
                    format!(
                        "receipt {} of {} stands where {number} is due",
                        body.receipt,
                        self.precinct.charter.kit_name(*kit)
                    ),
                );
            }
        }
        Ok(incidents)
    }
}
