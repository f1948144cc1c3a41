//! One day run through: things happen one by one, the hall is mended at the end, and all is compared.

use crate::desk::{TWO, Visit};
use crate::mutation::Mutation;
use crate::plan::{Fault, Finger, Op, What};
use crate::precinct::{OPENS, Precinct};
use crate::world::{Halt, Tally, Violation, World};

/// What a day came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Counters.
    pub tally: Tally,
    /// The first broken invariant.
    pub violation: Option<Violation>,
    /// What happened, in plain lines, when asked for.
    pub log: Vec<String>,
}

/// Runs a day.
#[must_use]
pub fn run(
    precinct: &Precinct,
    ops: &[Op],
    faults: &[Fault],
    mutation: Option<Mutation>,
    tells: bool,
) -> Outcome {
    let mut world = World::new(precinct, mutation, faults);
    if tells {
        world.log = Some(Vec::new());
    }
    let mut violation = None;
    for op in ops {
        if let Some(log) = &mut world.log {
            log.push(op.to_string());
        }
        if let Err(Halt::Broken(broken)) = world.apply(op) {
            violation = Some(broken);
            break;
        }
    }
    if violation.is_none() {
        world.tell(|| "the evening: everything is switched on, connected and compared".to_owned());
        if let Err(Halt::Broken(broken)) = world.evening() {
            violation = Some(broken);
        }
    }
    Outcome {
        tally: world.tally,
        violation,
        log: world.log.take().unwrap_or_default(),
    }
}

/// The shortest part of a day that breaks the same invariant: chunks are left out while it does.
#[must_use]
pub fn shrink(
    precinct: &Precinct,
    ops: &[Op],
    faults: &[Fault],
    mutation: Option<Mutation>,
    invariant: &str,
) -> Vec<Op> {
    let still_breaks = |ops: &[Op]| {
        run(precinct, ops, faults, mutation, false)
            .violation
            .is_some_and(|seen| seen.invariant == invariant)
    };
    let mut kept = ops.to_vec();
    let mut chunk = kept.len().div_ceil(2).max(1);
    let mut budget = 600;
    loop {
        let mut at = 0;
        let mut changed = false;
        while at < kept.len() && budget > 0 {
            budget -= 1;
            // Opening stays: a hall that never opened breaks in other ways.
            let end = (at + chunk).min(kept.len());
            let stays = |place: usize, op: &Op| {
                !(at..end).contains(&place) || matches!(op.what, What::Open(_)) && op.at < 0
            };
            let fewer: Vec<Op> = kept
                .iter()
                .enumerate()
                .filter(|(place, op)| stays(*place, op))
                .map(|(_, op)| *op)
                .collect();
            if fewer.len() < kept.len() && still_breaks(&fewer) {
                kept = fewer;
                changed = true;
            } else {
                at += chunk;
            }
        }
        if budget == 0 || chunk == 1 && !changed {
            return kept;
        }
        if !changed || chunk > 1 {
            chunk = (chunk / 2).max(1);
        }
    }
}

impl World<'_> {
    /// One thing happens; then the books that may have changed are looked at.
    pub(crate) fn apply(&mut self, op: &Op) -> Result<(), Halt> {
        self.now = self.now.max(OPENS + op.at * 1_000_000);
        self.dice = crate::dice::Dice::new(op.salt, 1);
        let done = self.happen(op);
        match done {
            Ok(()) | Err(Halt::Down) => {}
            Err(halt) => return Err(halt),
        }
        self.glance()
    }

    fn happen(&mut self, op: &Op) -> Result<(), Halt> {
        match op.what {
            What::Open(kit) => self.open_kit(kit),
            What::Present {
                kit,
                line,
                finger,
                is_quiet,
                errs,
            } => self.present(
                kit,
                Visit {
                    line,
                    finger,
                    is_quiet,
                    errs,
                    ways: 2,
                },
            ),
            What::WrongLine(kit, line) => self.wrong_line(kit, line),
            What::Impostor(kit, line) => self.impostor(kit, line),
            What::Kill(kit) => {
                if self.devices[kit].is_on {
                    self.go_down(kit, true);
                }
                Ok(())
            }
            What::PowerCut(kit, stage) => {
                if self.devices[kit].is_on {
                    self.devices[kit].trip = Some(stage);
                }
                Ok(())
            }
            What::Restart(kit, off) => self.start_again(kit, off),
            What::Split(bits) => {
                for (at, device) in self.devices.iter_mut().enumerate() {
                    if device.group < 8 {
                        device.group = bits >> at & 1;
                    }
                }
                Ok(())
            }
            What::Heal => {
                self.heal();
                Ok(())
            }
            What::Jump(kit, by) => {
                self.devices[kit].skew_micros += by * 1_000_000;
                self.clock_was_wrong.insert(self.devices[kit].key);
                Ok(())
            }
            What::SetClock(kit) => self.set_clock(kit),
            What::DiskFull(kit) => {
                self.devices[kit].is_disk_full = true;
                Ok(())
            }
            What::FlipBit(kit, bit) => {
                let disk = &mut self.devices[kit].disk;
                if !disk.own.is_empty() && disk.damage.is_none() {
                    let record = bit % disk.own.len();
                    disk.damage = Some(crate::disk::Damage::Flip { record, bit });
                }
                Ok(())
            }
            What::Destroy(kit) => {
                self.go_down(kit, false);
                self.devices[kit].is_destroyed = true;
                Ok(())
            }
            What::Printer(kit, state) => {
                self.devices[kit].printer = state;
                Ok(())
            }
            What::PrintPending(kit) => self.print_pending(kit),
            What::TakeOver(heir, dead) => self.take_over(heir, dead).map(|_| ()),
            What::Reconstruct(kit) => self.reconstruct(kit),
            What::Release(kit, line) => self.release(kit, line),
            What::Countersign(kit) => self.countersign(kit),
            What::Forge(kit, class) => self.forge(kit, class % crate::attack::CLASSES),
            What::Copy(kit) => self.copy_disk(kit),
            What::SetBack(kit, by) => {
                self.set_back(kit, by);
                Ok(())
            }
            What::Change(kit, number) => self.change_list(kit, number),
            What::Visit(line, found) => self.visit_home(line, found),
            What::EndVisits => self.end_visits(),
            What::Glass(kit) => self.commission(kit),
            What::AllOut => {
                self.all_out();
                Ok(())
            }
            What::OnPaper(line) => {
                self.serve_on_paper(line);
                Ok(())
            }
            What::EnterPaper(kit) => self.enter_paper(kit),
            What::Void(kit, line) => self.void_slip(kit, line),
            What::Withdraw(kit) => self.withdraw_card(kit),
            What::Suspend(kit) => self.suspend(kit),
            What::NotListed(kit) => self.not_listed(kit),
            What::Fails(kit) => self.fails(kit),
            What::Arrive(last_first) => self.arrive_all(last_first),
        }
    }

    pub(crate) fn open_kit(&mut self, kit: usize) -> Result<(), Halt> {
        if !self.is_working(kit) {
            return Ok(());
        }
        let reading = self.reading(kit);
        if let Some(draft) = self.devices[kit].book.open(reading) {
            self.commit(kit, draft, TWO)?;
        }
        // A kit that starts records what it heard of before it serves anybody.
        self.follow_list(kit)
    }

    /// Two institutions' change of the list comes to a kit.
    fn change_list(&mut self, kit: usize, number: usize) -> Result<(), Halt> {
        let Some(taken) = self.precinct.changes.get(number).cloned() else {
            return Ok(());
        };
        self.brought.insert(number);
        if !self.is_working(kit) || self.devices[kit].book.block().is_some() {
            return Ok(());
        }
        let reading = self.reading(kit);
        if let Some(draft) = self.devices[kit].book.change_list(&taken, reading) {
            self.commit(kit, draft, &[])?;
        }
        Ok(())
    }

    /// A kit records what it heard of.
    pub(crate) fn follow_list(&mut self, at: usize) -> Result<(), Halt> {
        for _ in 0..=self.precinct.changes.len() {
            let reading = self.reading(at);
            let Some(draft) = self.devices[at].book.follow_list(reading) else {
                return Ok(());
            };
            self.commit(at, draft, &[])?;
        }
        Ok(())
    }

    pub(crate) fn start_again(&mut self, kit: usize, off: i64) -> Result<(), Halt> {
        // A kit that is started although it was retired, out of reach of the others, is an error.
        let kid = self.precinct.kid(self.devices[kit].key);
        let is_retired = self
            .devices
            .iter()
            .any(|device| device.book.standing().retirement(kid).is_some());
        if is_retired {
            self.tainted.insert(self.devices[kit].key);
        }
        self.restart(kit, off)?;
        if !self.is_working(kit) {
            return Ok(());
        }
        // A kit that never opened is opened first.
        self.open_kit(kit)?;
        self.heartbeat(kit)?;
        self.print_pending(kit)
    }

    fn arrive_all(&mut self, last_first: bool) -> Result<(), Halt> {
        let mut held = std::mem::take(&mut self.held_up);
        if last_first {
            held.reverse();
        }
        for (to, question) in held {
            self.arrive(to, &question)?;
        }
        Ok(())
    }

    pub(crate) fn countersign(&mut self, kit: usize) -> Result<(), Halt> {
        if !self.is_working(kit) {
            return Ok(());
        }
        self.heartbeat(kit)?;
        let device = &mut self.devices[kit];
        device.disk.copies_synced = device.disk.copies.len();
        for peer in 0..self.precinct.kits.len() {
            if peer == self.devices[kit].key || !self.is_working(kit) {
                continue;
            }
            let reading = self.reading(kit);
            let peer = self.precinct.kid(peer);
            if let Some(draft) = self.devices[kit].book.countersign(peer, reading) {
                self.commit(kit, draft, &[])?;
            }
        }
        Ok(())
    }

    pub(crate) fn heal(&mut self) {
        for device in &mut self.devices {
            if device.group < 8 {
                device.group = 0;
            }
        }
    }

    /// After closing time everything is connected, mended, handed in and compared.
    pub(crate) fn evening(&mut self) -> Result<(), Halt> {
        self.dice = crate::dice::Dice::new(1, 1);
        self.faults
            .retain(|fault| !matches!(fault, Fault::Delay | Fault::Reorder | Fault::Duplicate));
        self.now = self.now.max(OPENS + 11 * 3_600_000_000 + 1_800_000_000);
        for device in &mut self.devices {
            device.group = 0;
            device.printer = crate::plan::Printer::Ready;
            device.trip = None;
            device.is_disk_full = false;
        }
        self.switch_on()?;
        self.settle()?;
        self.retire_the_lost()?;
        self.settle()?;
        self.next_day()?;
        self.bring_sticks()?;
        self.serve_who_waits()?;
        self.hand_in()?;
        self.enter_receipts()?;
        self.settle()?;
        self.enter_the_rest()?;
        self.settle()?;
        self.ballots_for_all()?;
        self.slips_add_up()?;
        self.now = self.now.max(self.closing() + 60_000_000);
        self.close_all()?;
        self.settle()?;
        self.compare()
    }

    fn switch_on(&mut self) -> Result<(), Halt> {
        for at in 0..self.devices.len() {
            if at >= self.precinct.spare() && self.devices[at].top == 0 {
                continue;
            }
            let down = !self.is_working(at);
            if down {
                match self.start_again(at, 0) {
                    Ok(()) | Err(Halt::Down) => {}
                    Err(halt) => return Err(halt),
                }
            }
            self.quiet(|world| world.open_kit(at))?;
            self.quiet(|world| world.set_clock(at))?;
        }
        Ok(())
    }

    /// Runs a step; a device that goes down in it is no finding.
    pub(crate) fn quiet(
        &mut self,
        step: impl FnOnce(&mut Self) -> Result<(), Halt>,
    ) -> Result<(), Halt> {
        match step(self) {
            Ok(()) | Err(Halt::Down) => Ok(()),
            Err(halt) => Err(halt),
        }
    }

    /// Everybody exchanges with everybody until nobody learns anything.
    pub(crate) fn settle(&mut self) -> Result<(), Halt> {
        for _ in 0..40 {
            let before: usize = self.devices.iter().map(|d| d.disk.copies.len()).sum();
            let own: u32 = self.devices.iter().map(|d| d.top).sum();
            for at in 0..self.devices.len() {
                self.quiet(|world| world.heartbeat(at))?;
            }
            let after: usize = self.devices.iter().map(|d| d.disk.copies.len()).sum();
            if before == after && own == self.devices.iter().map(|d| d.top).sum::<u32>() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The kits that can serve, in order.
    pub(crate) fn able(&self) -> Vec<usize> {
        (0..self.precinct.kits.len())
            .filter(|at| self.is_working(*at))
            .filter(|at| {
                let book = &self.devices[*at].book;
                Some(*at) != self.precinct.mobile()
                    && book.block().is_none()
                    && book.opened(book.me()).is_some()
            })
            .collect()
    }

    /// Kits that cannot serve any more are switched off and retired by one that can, or by the spare.
    pub(crate) fn retire_the_lost(&mut self) -> Result<(), Halt> {
        for at in 0..self.devices.len() {
            let is_copy = at >= self.precinct.kits.len();
            let blocked = self.devices[at].book.block().is_some();
            if self.devices[at].is_on && (blocked || is_copy) {
                self.go_down(at, true);
            }
        }
        self.now += 60_000_000;
        let spare = self.precinct.spare();
        if self.able().is_empty() {
            self.quiet(|world| world.open_kit(spare))?;
        }
        let Some(heir) = self.able().first().copied() else {
            return Ok(());
        };
        let dead = (0..self.precinct.kits.len())
            .filter(|at| !self.devices[*at].is_on && (*at < spare || self.devices[*at].top > 0))
            .fold(0, |bits, at| bits | 1 << at);
        if dead != 0 {
            self.quiet(|world| world.take_over(heir, dead).map(|_| ()))?;
        }
        Ok(())
    }

    /// A lost kit may alone have been given a change of the list: its stick goes to one that runs.
    fn bring_sticks(&mut self) -> Result<(), Halt> {
        if let Some(at) = self.able().first().copied() {
            for number in self.brought.clone() {
                self.quiet(|world| world.change_list(at, number))?;
            }
            self.settle()?;
        }
        Ok(())
    }

    /// Every voter who waits goes from kit to kit until served; in between the operators look at the slips that wait for
    /// word from another kit, because one of them may be free or void by then.
    fn serve_who_waits(&mut self) -> Result<(), Halt> {
        let last = u32::try_from(self.people.len()).unwrap_or(1) - 1;
        let waits = |world: &Self, line| world.person(line).is_some_and(|person| person.is_waiting);
        for _ in 0..3 {
            let waiting: Vec<u32> = (1..=last).filter(|line| waits(self, *line)).collect();
            for line in waiting {
                for at in self.able() {
                    let visit = Visit {
                        line,
                        finger: Finger::Fits,
                        is_quiet: false,
                        errs: false,
                        ways: 2,
                    };
                    if waits(self, line) {
                        self.quiet(|world| world.present(at, visit))?;
                    }
                }
            }
            self.settle()?;
            if (1..=last).all(|line| !waits(self, line)) {
                break;
            }
            for at in self.able() {
                self.quiet(|world| world.print_pending(at))?;
            }
            self.settle()?;
        }
        Ok(())
    }

    /// The journals of kits that are off are read from their disks and brought to those that run.
    fn hand_in(&mut self) -> Result<(), Halt> {
        let late: Vec<_> = self
            .devices
            .iter()
            .filter(|device| !device.is_on && !device.is_destroyed && !device.is_damaged)
            .flat_map(|device| device.disk.own.clone())
            .collect();
        for at in self.able() {
            let wall = self.reading(at).wall;
            for act in &late {
                // The same door as on the wire.
                let book = &self.devices[at].book;
                let admitted = self.rules.admit(book, &act.signed(), &*self.precinct.ring);
                if let Ok(act) = admitted {
                    self.take_event(at, act, wall);
                }
            }
            self.quiet(|world| world.follow_list(at))?;
        }
        Ok(())
    }

    fn enter_receipts(&mut self) -> Result<(), Halt> {
        if let Some(at) = self.able().first().copied() {
            self.quiet(|world| world.reconstruct(at))?;
        }
        Ok(())
    }

    fn close_all(&mut self) -> Result<(), Halt> {
        self.quiet(Self::close_mobile)?;
        for at in self.able() {
            self.quiet(|world| world.print_pending(at))?;
            self.quiet(|world| world.undo_uncalled(at))?;
            let reading = self.reading(at);
            if let Ok(draft) = self.devices[at].book.close(0, reading) {
                self.quiet(|world| world.commit(at, draft, TWO).map(|_| ()))?;
            }
        }
        Ok(())
    }
}
