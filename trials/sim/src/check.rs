//! The invariants of SCENARIOS.md as far as they show in the simulated hall.
//!
//! After every step (`glance`), on every device that runs: its counter, and its whole book when it holds other events
//! than before: nothing of it has vanished (I1), at most one counted act (I2), receipts in a row (I3), chains and stamps
//! (I4), rights by takeovers and lists (I5), a running report that adds up (I7), codes in the place of words (I8); I10
//! through the counters. Devices that hold the same events say the same (I1). I2 and I6 when a receipt comes out; I9
//! whenever an act is refused. In the evening what needs the whole hall: equal books, final reports, who holds a receipt.

use std::collections::BTreeSet;
use std::sync::Arc;

use lexicon::handover::envelope::Kid;
use lexicon::handover::event::Incident;
use pollbook::{Act, Body, Book, ListInForce, Place, ReportKind, Taken, identified, taken_of};

use crate::dice::Dice;
use crate::world::{Halt, World, broken};

/// Furthest that a stamp may stand from the true time without an incident: the bound of the clock, once
/// for the kit and once for the peer that it followed.
const STAMP_SECONDS: i64 = 125;

impl World<'_> {
    /// The whole book of a device. Gives the incidents that its running report names.
    pub(crate) fn inspect(&self, at: usize) -> Result<Vec<Incident>, Halt> {
        let book = &self.devices[at].book;
        for (line, state) in book.states() {
            if state.counted.is_none() && !state.duplicates.is_empty() {
                return broken(
                    "I2",
                    format!("line {line} has duplicates and no counted act"),
                );
            }
            for act in state.counted.iter().chain(&state.duplicates) {
                if self.is_after_retirement(book, act) {
                    return broken(
                        "I5",
                        format!(
                            "an act of {} after its retirement counts on line {line}",
                            self.precinct.charter.kit_name(act.name.kit)
                        ),
                    );
                }
            }
        }
        self.no_forks(book)?;
        self.lists(book)?;
        let incidents = self.totals(at)?;
        self.stamps(at)?;
        Ok(incidents)
    }

    /// I5: every event stands on the list that its own chain made, and no kit serves a line that it struck.
    fn lists(&self, book: &Book) -> Result<(), Halt> {
        for kit in self.precinct.charter.kits() {
            let mut recorded: Vec<Arc<Taken>> = Vec::new();
            let mut list = ListInForce::of(&self.precinct.charter);
            let is_forked = self
                .precinct
                .index(*kit)
                .is_some_and(|key| self.forked.contains(&key));
            if is_forked {
                continue;
            }
            let whole = book.head(*kit).seq;
            for act in book
                .events_after(*kit, 0)
                .filter(|act| act.name.seq <= whole)
            {
                let name = || self.precinct.charter.kit_name(*kit);
                if act.root[..] != list.root()[..16] {
                    let text = format!(
                        "event {} of {} stands on another list",
                        act.name.seq,
                        name()
                    );
                    return broken("I5", text);
                }
                if let Some(taken) = taken_of(act) {
                    recorded.push(Arc::clone(taken));
                    list = ListInForce::with(&self.precinct.charter, recorded.iter());
                }
                if identified(act).is_some() && list.struck(act.body.line()).is_some() {
                    let text = format!(
                        "{} served line {} that it had struck",
                        name(),
                        act.body.line()
                    );
                    return broken("I5", text);
                }
            }
        }
        Ok(())
    }

    /// By the bytes that were signed, not by what the book remembers of them.
    fn is_after_retirement(&self, book: &Book, act: &Act) -> bool {
        let signed = self
            .told
            .iter()
            .rev()
            .find(|told| told.name == act.name)
            .map_or(act, |told| told);
        book.standing().place(signed) == Place::After
    }

    fn no_forks(&self, book: &Book) -> Result<(), Halt> {
        for (at, _) in self.precinct.kits.iter().enumerate() {
            if self.forked.contains(&at) {
                continue;
            }
            let mut last: Option<&Arc<Act>> = None;
            for act in book.events_after(self.precinct.kid(at), 0) {
                if let Some(before) = last {
                    if before.name.seq == act.name.seq {
                        return broken(
                            "I4",
                            format!("two events of K{} bear number {}", at + 1, act.name.seq),
                        );
                    }
                    if before.name.seq + 1 == act.name.seq && act.previous != before.name.id {
                        return broken(
                            "I4",
                            format!("event {} of K{} breaks its chain", act.name.seq, at + 1),
                        );
                    }
                }
                last = Some(act);
            }
        }
        Ok(())
    }

    /// No device follows a stamp beyond the bound (S-08, row 26).
    pub(crate) fn stamps(&self, at: usize) -> Result<(), Halt> {
        let device = &self.devices[at];
        let me = device.book.me();
        let head = device.book.head(me);
        let Some(act) = device.book.event(me, head.seq) else {
            return Ok(());
        };
        let ahead = (act.hlc.moment().micros() - self.now) / 1_000_000;
        if ahead > STAMP_SECONDS && !self.clock_was_wrong.contains(&device.key) {
            return broken(
                "I4",
                format!(
                    "the clock of {} was right all day and its stamps run {ahead} s ahead",
                    self.name(at)
                ),
            );
        }
        Ok(())
    }

    /// In the evening: equal books, whole chains, true totals.
    pub(crate) fn compare(&mut self) -> Result<(), Halt> {
        let able = self.able();
        for at in 0..self.devices.len() {
            if self.devices[at].is_on {
                self.inspect(at)?;
            }
        }
        let Some(first) = able.first().copied() else {
            // S-38: every kit is lost; the paper list decides.
            return Ok(());
        };
        for other in &able {
            self.are_equal(first, *other)?;
        }
        self.nothing_vanished(first)?;
        self.order_does_not_matter(first)?;
        for at in &able {
            self.adds_up(*at, ReportKind::Final)?;
        }
        self.truth(first)?;
        self.rights(first)?;
        self.tally.incidents =
            u64::try_from(self.devices[first].book.incidents().len()).unwrap_or(0);
        Ok(())
    }

    pub(crate) fn are_equal(&self, a: usize, b: usize) -> Result<(), Halt> {
        let (one, two) = (&self.devices[a].book, &self.devices[b].book);
        self.say_the_same(a, b, one.incidents() == two.incidents())
    }

    /// I1: two devices hold the same events and say the same; whether their incidents are equal is known already.
    pub(crate) fn say_the_same(&self, a: usize, b: usize, incidents: bool) -> Result<(), Halt> {
        let (one, two) = (&self.devices[a].book, &self.devices[b].book);
        let (names, others) = (one.events(), two.events());
        if !names.map(|act| act.name).eq(others.map(|act| act.name)) {
            return broken(
                "I1",
                format!(
                    "{} and {} hold different events",
                    self.name(a),
                    self.name(b)
                ),
            );
        }
        if one.list().root() != two.list().root() || !one.states().eq(two.states()) || !incidents {
            return broken(
                "I1",
                format!(
                    "{} and {} hold the same events and differ in their state",
                    self.name(a),
                    self.name(b)
                ),
            );
        }
        Ok(())
    }

    /// What anybody was told of is there, unless its disk was destroyed, damaged or set back.
    fn nothing_vanished(&self, at: usize) -> Result<(), Halt> {
        let book = &self.devices[at].book;
        for act in &self.told {
            let lost = self.devices.iter().any(|device| {
                self.precinct.kid(device.key) == act.name.kit
                    && (device.is_destroyed || device.is_damaged)
            });
            let key = self.precinct.index(act.name.kit);
            if lost || key.is_some_and(|key| self.forked.contains(&key)) {
                continue;
            }
            let held = book.event(act.name.kit, act.name.seq);
            if held.is_none_or(|held| held.name != act.name || held.body != act.body) {
                return broken(
                    "I1",
                    format!(
                        "event {} of {} has vanished",
                        act.name.seq,
                        self.precinct.charter.kit_name(act.name.kit)
                    ),
                );
            }
        }
        Ok(())
    }

    /// The same set in another order gives the same state.
    fn order_does_not_matter(&self, at: usize) -> Result<(), Halt> {
        let book = &self.devices[at].book;
        let mut acts: Vec<Arc<Act>> = book.events().cloned().collect();
        let mut dice = Dice::new(u64::try_from(acts.len()).unwrap_or(0), 7);
        for at in (1..acts.len()).rev() {
            let other = dice.below(at + 1);
            acts.swap(at, other);
        }
        let mut shuffled = self.empty_book(self.devices[at].key);
        for act in acts {
            shuffled.merge(act, None);
        }
        let same = shuffled.states().eq(book.states())
            && shuffled.counted() == book.counted()
            && shuffled.standing() == book.standing()
            && shuffled.incidents() == book.incidents();
        if same {
            Ok(())
        } else {
            broken("I1", "the order of arrival changes the state".to_owned())
        }
    }

    /// Who voted by the book is who holds a receipt; every second receipt is shown.
    fn truth(&self, at: usize) -> Result<(), Halt> {
        let book = &self.devices[at].book;
        let incidents = book.incidents();
        let shown: BTreeSet<u32> = incidents
            .iter()
            .filter(|incident| {
                matches!(
                    incident.code.as_str(),
                    "DUPLICATE" | "AFTER_RETIREMENT" | "LATE"
                )
            })
            .map(|incident| incident.line)
            .collect();
        let last = u32::try_from(self.people.len()).unwrap_or(1) - 1;
        for line in 1..=last {
            let Some(person) = self.person(line) else {
                continue;
            };
            let counted = book.state(line).counted.is_some();
            let issued = !person.issued.is_empty() || person.on_paper.is_some();
            let served = person.issued.len() + usize::from(person.on_paper.is_some());
            if served > 1 && !shown.contains(&line) && !self.is_lost_copy(line) {
                return broken(
                    "I2",
                    format!("voter {line} holds two receipts and no incident shows it"),
                );
            }
            if issued && !counted && !self.is_lost_copy(line) {
                return broken(
                    "I1",
                    format!("voter {line} holds a receipt and is not counted"),
                );
            }
            if person.is_waiting && !issued && !self.may_wait(book, line) {
                return broken(
                    "stuck",
                    format!(
                        "voter {line} came, has no receipt, and no kit serves or refuses for good"
                    ),
                );
            }
            if counted && !issued && !person.is_waiting {
                self.uncalled(book, line)?;
            }
        }
        Ok(())
    }

    /// A receipt of a copied or set-back device whose act is nowhere: found by counting the paper.
    fn is_lost_copy(&self, line: u32) -> bool {
        self.person(line).is_some_and(|person| {
            person
                .issued
                .iter()
                .any(|(kit, _, _)| self.tainted.contains(kit))
        })
    }

    /// Who may still wait in the evening: under `quorum` without a majority, or with promises that a
    /// lost kit holds, two officers send the voter to the paper list (S-38).
    fn may_wait(&self, book: &Book, line: u32) -> bool {
        // Struck, or on a change of the list that no kit was given: refused for good.
        if book.list().struck(line).is_some() || !book.has_line(line) {
            return true;
        }
        if !self.is_quorum() {
            return self.able().is_empty();
        }
        // A kit whose disk was set back does not know what it asked for: it completes no majority.
        let voting = self
            .able()
            .iter()
            .filter(|at| **at < self.precinct.halls() && !self.tainted.contains(*at))
            .count();
        let gone = |kid: Kid| {
            self.precinct
                .index(kid)
                .is_some_and(|key| !self.able().contains(&key))
        };
        let held = book.state(line).grants_unused.iter().any(|act| {
            pollbook::grant_of(act).is_some_and(|grant| gone(Kid(*grant.to))) || gone(act.name.kit)
        });
        voting < self.precinct.charter.majority() || held
    }

    /// A counted act without a receipt: nobody came back for it, its receipt is pending or void.
    fn uncalled(&self, book: &Book, line: u32) -> Result<(), Halt> {
        let Some(act) = book.state(line).counted.clone() else {
            return Ok(());
        };
        let tainted = self
            .precinct
            .index(act.name.kit)
            .is_some_and(|key| self.tainted.contains(&key));
        if tainted {
            return Ok(());
        }
        broken(
            "I2",
            format!(
                "line {line} is counted by {} and nobody holds its receipt",
                self.precinct.charter.kit_name(act.name.kit)
            ),
        )
    }

    /// I8: every text in an event is a code; no name, number or address can stand there.
    pub(crate) fn words(&self, act: &Act) -> Result<(), Halt> {
        let is_code = |text: &str| {
            text.bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        };
        let text = if let Body::Identified(body) = &act.body {
            &body.reason
        } else if let Body::Refused(body) = &act.body {
            &body.reason
        } else if let Body::Undone(body) = &act.body {
            &body.reason
        } else if let Body::Void(body) = &act.body {
            &body.reason
        } else if let Body::Incident(body) = &act.body {
            &body.code
        } else if let Body::Retired(body) = &act.body {
            &body.reason
        } else if let Body::Suspended(body) = &act.body {
            &body.reason
        } else if let Body::GlassBroken(body) = &act.body {
            &body.reason
        } else if let Body::CardWithdrawn(body) = &act.body {
            &body.reason
        } else if let Body::SlipVoided(body) = &act.body {
            &body.reason
        } else if let Body::TotalsEntered(body) = &act.body {
            if !is_code(&body.correction) {
                return broken("I8", "totals carry a text that is no code".to_owned());
            }
            &body.difference
        } else {
            return Ok(());
        };
        if is_code(text) {
            return Ok(());
        }
        broken("I8", format!("an event carries the text {text:?}"))
    }
}
