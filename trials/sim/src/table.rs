//! The ballot table of a simulated day. Scanned: whoever got a slip signs and gets a ballot, once. Read: a kit takes each
//! slip once, and none that it knows to be taken.

use std::collections::BTreeMap;
use std::sync::Arc;

use lexicon::RefusalReason;
use lexicon::handover::envelope::Kid;
use pollbook::{Act, BallotTable, Body, TableRight, identified};

use crate::desk::TWO;
use crate::plan::Fault;
use crate::precinct::{OPENS, Table};
use crate::world::{Halt, Silence, World, broken};

/// One in so many visits to the table ends in a power cut between the line's signature and the ballot.
const CUT_ONE_IN: u64 = 40;

/// Of so many voters one comes to another table too, with a copy of the slip.
const COPY_ONE_IN: u32 = 8;

/// A slip: its line, kit and sequence number. A copied disk gives one number to the acts of two lines.
type Slip = (u32, Kid, u32);

/// The slip that an act takes in.
fn taken_by(act: &Act) -> Option<Slip> {
    if let Body::SlipTaken(body) = &act.body {
        Some((body.line, Kid(*body.kit), body.seq))
    } else {
        None
    }
}

impl World<'_> {
    fn is_scanned(&self) -> bool {
        self.precinct.charter.ballot_table() == BallotTable::Scanned
    }

    /// The voter goes with the slip from kit `at` to a table, usually of another kit.
    pub(crate) fn visit_table(&mut self, at: usize, line: u32, act: &Arc<Act>) -> Result<(), Halt> {
        if self.precinct.table == Table::Paper || Some(at) == self.precinct.mobile() {
            return Ok(());
        }
        let slip = if let Body::Resumed(body) = &act.body {
            // The slip that came out is the lost kit's act.
            let lost = self.devices[at].book.event(Kid(*body.kit), body.seq);
            lost.cloned()
        } else {
            Some(Arc::clone(act))
        };
        let Some(slip) = slip.filter(|slip| identified(slip).is_some()) else {
            return Ok(());
        };
        if let Some(person) = self.person_mut(line) {
            person.slips.push(Arc::clone(&slip));
            // The line bears the signature of a voter who was served on paper: no table gives a second ballot.
            if person.on_paper.is_some() {
                return Ok(());
            }
        }
        let able = self.able();
        let first = usize::try_from(line).unwrap_or(0) % able.len().max(1);
        let Some(table) = able.get(first).copied() else {
            return Ok(());
        };
        if self.is_scanned() {
            return self.quiet(|world| world.at_table(table, line, &slip));
        }
        self.quiet(|world| world.read_slip(table, line, &slip))?;
        if line.is_multiple_of(COPY_ONE_IN) {
            let other = able[(first + 1) % able.len()];
            self.quiet(|world| world.read_slip(other, line, &slip))?;
        }
        Ok(())
    }

    /// A slip is handed in at a table whose kit reads it.
    fn read_slip(&mut self, table: usize, line: u32, slip: &Arc<Act>) -> Result<(), Halt> {
        self.heartbeat(table)?;
        let name = (slip.body.line(), slip.name.kit, slip.name.seq);
        let reading = self.reading(table);
        let book = &mut self.devices[table].book;
        let is_known = book.events().any(|act| taken_by(act) == Some(name));
        match book.take_slip(slip, reading) {
            Ok(_) if is_known => broken(
                "I2",
                format!("the slip of line {line} is taken by a kit that knows it was"),
            ),
            Ok(draft) => {
                self.commit(table, draft, &[])?;
                self.tally.slips += 1;
                Ok(())
            }
            Err(refusal) if refusal.reason == RefusalReason::BallotIssued => {
                self.tally.copies += 1;
                let shown = refusal
                    .evidence
                    .is_some_and(|act| taken_by(&act) == Some(name));
                if is_known && shown {
                    return Ok(());
                }
                broken(
                    "stuck",
                    format!("the slip of line {line} is refused, and no table took it"),
                )
            }
            Err(refusal) => {
                let reason = refusal.reason;
                self.tell(|| format!("the slip of line {line} is not read: {reason}"));
                Ok(())
            }
        }
    }

    /// INVARIANT (slips): every book counts each slip that was taken once, and names those that were taken twice.
    pub(crate) fn slips_add_up(&mut self) -> Result<(), Halt> {
        for at in self.able() {
            let book = &self.devices[at].book;
            let mut taken: BTreeMap<Slip, u32> = BTreeMap::new();
            for slip in book.events().filter_map(|act| taken_by(act)) {
                *taken.entry(slip).or_default() += 1;
            }
            let counted = book.slips_taken().unwrap_or(0) as usize;
            let twice = taken.values().filter(|times| **times > 1).count();
            let incidents = book.incidents();
            let shown = incidents.iter().filter(|one| one.code == "SLIP_TWICE");
            if counted != taken.len() || shown.count() != twice {
                let all = taken.len();
                return broken(
                    "I4",
                    format!("{counted} of {all} slips are counted, {twice} were taken twice"),
                );
            }
        }
        Ok(())
    }

    fn at_table(&mut self, table: usize, line: u32, slip: &Arc<Act>) -> Result<(), Halt> {
        self.heartbeat(table)?;
        let reading = self.reading(table);
        let right = self.devices[table].book.at_table(slip, reading);
        let ask = match right {
            Err(refusal) => {
                let reason = refusal.reason;
                self.tell(|| format!("no ballot for line {line}: {reason}"));
                if reason == RefusalReason::BallotIssued && self.ballots(line) == 0 {
                    return broken(
                        "stuck",
                        format!("voter {line} has no ballot, the books say so"),
                    );
                }
                return Ok(());
            }
            Ok(TableRight::Officers) => return self.two_at_table(table, line, slip),
            Ok(TableRight::Clear { ask, .. }) => ask,
        };
        let reading = self.reading(table);
        let Ok(draft) = self.devices[table].book.sign_line(slip, reading) else {
            return Ok(());
        };
        let signed = self.commit(table, draft, &[])?;
        let is_day = self.now < OPENS + 11 * 3_600_000_000;
        if is_day && self.has(Fault::Power) && self.dice.word().is_multiple_of(CUT_ONE_IN) {
            self.tell(|| format!("line {line} is signed, the power goes before the ballot"));
            self.go_down(table, false);
            return Err(Halt::Down);
        }
        let mut holders = Vec::new();
        for kit in ask {
            let Some(peer) = self.reach(table, kit) else {
                continue;
            };
            match self.exchange(table, peer, None) {
                Ok(_) => {}
                Err(Silence::Lost) => continue,
                Err(Silence::Halt(halt)) => return Err(halt),
            }
            let me = self.devices[table].book.me();
            let held = self.devices[table].holdings.get(&kit);
            let mut heads = held.iter().flat_map(|held| &held.heads);
            if heads.any(|head| *head.kit == me.0 && head.seq >= signed.name.seq) {
                holders.push(kit);
            }
        }
        let reading = self.reading(table);
        let book = &mut self.devices[table].book;
        match book.give_ballot(slip, false, &holders, reading) {
            Ok(draft) => {
                self.commit(table, draft, &[])?;
                self.hand_over_ballot(line)
            }
            Err(_) => self.two_at_table(table, line, slip),
        }
    }

    /// Two officers look at the line and the stubs, and see what is so.
    fn two_at_table(&mut self, table: usize, line: u32, slip: &Arc<Act>) -> Result<(), Halt> {
        if self.ballots(line) > 0 {
            self.tell(|| format!("two officers find that line {line} has its ballot"));
            return Ok(());
        }
        let reading = self.reading(table);
        if !self.devices[table].book.has_signed(slip) {
            let Ok(draft) = self.devices[table].book.sign_line(slip, reading) else {
                return Ok(());
            };
            self.commit(table, draft, &[])?;
        }
        let reading = self.reading(table);
        let given = self.devices[table]
            .book
            .give_ballot(slip, true, &[], reading);
        let Ok(draft) = given else { return Ok(()) };
        self.tell(|| format!("two officers give line {line} its ballot"));
        self.tally.mended += 1;
        self.commit(table, draft, TWO)?;
        self.hand_over_ballot(line)
    }

    fn ballots(&self, line: u32) -> u32 {
        self.person(line).map_or(0, |person| person.ballots)
    }

    /// INVARIANT (one ballot): officers look at the stubs, so that not even a copied disk gives a second.
    fn hand_over_ballot(&mut self, line: u32) -> Result<(), Halt> {
        self.tally.ballots += 1;
        // A copied or set-back disk may have lost what it gave.
        let is_tainted = !self.tainted.is_empty();
        let Some(person) = self.person_mut(line) else {
            return Ok(());
        };
        person.ballots += 1;
        if person.ballots > 1 && !person.is_excused && !is_tainted {
            return broken(
                "I2",
                format!("voter {line} holds two ballots and nobody erred"),
            );
        }
        Ok(())
    }

    /// In the evening whoever holds a slip that counts has a ballot, at some table.
    pub(crate) fn ballots_for_all(&mut self) -> Result<(), Halt> {
        if !self.is_scanned() {
            return Ok(());
        }
        // What a table began is no longer under way.
        self.now += 400_000_000;
        self.settle()?;
        let last = u32::try_from(self.people.len()).unwrap_or(1) - 1;
        for line in 1..=last {
            for slip in self
                .person(line)
                .map_or_else(Vec::new, |person| person.slips.clone())
            {
                for table in self.able() {
                    if self.ballots(line) == 0 {
                        self.quiet(|world| world.at_table(table, line, &slip))?;
                    }
                }
            }
            let slips = self.person(line).map_or(&[][..], |person| &person.slips);
            let is_counted = self.able().first().is_some_and(|at| {
                let book = &self.devices[*at].book;
                slips.iter().any(|slip| book.is_slip_counted(slip))
            });
            if is_counted && self.ballots(line) == 0 {
                return broken(
                    "stuck",
                    format!("voter {line} holds a slip that counts, and no ballot"),
                );
            }
        }
        self.settle()
    }
}
