//! Rarer trouble of a simulated day: the commission above signs, no kit works for a while (S-38), slips are declared void,
//! a card is withdrawn, and the precinct is closed before its time and votes on the next day (S-37).

use lexicon::handover::envelope::Kid;
use lexicon::{Instant, Method};
use pollbook::Body;

use crate::desk::{ONE, TWO, Visit};
use crate::mutation::Mutation;
use crate::plan::Finger;
use crate::precinct::{CLOSES, NEXT_OPENS, OFFICERS};
use crate::world::{Halt, World, broken};

/// Two keys of the commission above.
const COMMISSION: &[usize] = &[OFFICERS, OFFICERS + 2];
/// The officer who looks at the paper list when the first one's card was withdrawn.
const OTHER_ONE: &[usize] = &[4];
/// The card that the commission above withdraws; nobody signs with it.
const LOST: usize = 1;

impl World<'_> {
    /// The commission above says why; then it opens the kit, or withdraws a lost card.
    pub(crate) fn commission(&mut self, at: usize) -> Result<(), Halt> {
        if !self.is_working(at) || self.devices[at].book.block().is_some() {
            return Ok(());
        }
        let reading = self.reading(at);
        if !self.devices[at].book.is_glass_broken() {
            let said = self.devices[at].book.break_glass("CARDS_LOST", reading);
            let Ok(draft) = said else { return Ok(()) };
            self.commit(at, draft, COMMISSION)?;
            self.tally.by_commission += 1;
        }
        let reading = self.reading(at);
        let lost = self.precinct.officers[LOST].kid();
        let book = &mut self.devices[at].book;
        let draft = match book.open(reading) {
            Some(draft) => Ok(draft),
            None => book.withdraw_card(lost, "CARD_LOST", reading),
        };
        if let Ok(draft) = draft {
            self.commit(at, draft, COMMISSION)?;
            self.tally.by_commission += 1;
        }
        Ok(())
    }

    /// Every kit of the hall loses power.
    pub(crate) fn all_out(&mut self) {
        for at in 0..self.devices.len() {
            if self.devices[at].is_on {
                self.go_down(at, true);
            }
        }
        self.out_since = Some(self.now);
    }

    /// Two officers serve a voter by the paper list and the book of slips, as long as no kit works.
    pub(crate) fn serve_on_paper(&mut self, line: u32) {
        let works = (0..self.devices.len()).any(|at| self.is_working(at));
        if works || self.out_since.is_none() || self.precinct.home.contains(&line) {
            return;
        }
        if self.is_signed(line) {
            self.tell(|| format!("line {line} is signed: no slip"));
            return;
        }
        self.tally.on_paper += 1;
        let slip = u32::try_from(self.tally.on_paper).unwrap_or(u32::MAX);
        self.tell(|| format!("line {line} is served on paper with slip {slip}"));
        if let Some(person) = self.person_mut(line) {
            person.on_paper = Some(slip);
            person.is_waiting = false;
            person.ballots += 1;
            // A kit that has not heard of it may serve the line once more; the entry shows it.
            person.is_excused = true;
        }
    }

    /// Lines that were served on paper and do not stand in a kit's book: line and slip.
    fn not_entered(&self, at: usize) -> Vec<(u32, u32)> {
        let book = &self.devices[at].book;
        let people = self.people.iter().enumerate();
        let lines = people.filter_map(|(line, person)| {
            let line = u32::try_from(line).ok()?;
            let slip = person.on_paper?;
            book.state(line)
                .on_paper()
                .is_none()
                .then_some((line, slip))
        });
        lines.collect()
    }

    /// Two officers declare the interval at a kit and enter the lines.
    pub(crate) fn enter_paper(&mut self, at: usize) -> Result<(), Halt> {
        let Some(since) = self.out_since else {
            return Ok(());
        };
        if !self.is_working(at) {
            return Ok(());
        }
        self.heartbeat(at)?;
        let lines = self.not_entered(at);
        if lines.is_empty() {
            return Ok(());
        }
        let reading = self.reading(at);
        let from = Instant::from_micros(since + reading.wall.micros() - self.now);
        let count = u32::try_from(lines.len()).unwrap_or(u32::MAX);
        let declared = self.devices[at]
            .book
            .paper_only(from, reading.wall, count, reading);
        let Ok(draft) = declared else { return Ok(()) };
        let interval = self.commit(at, draft, TWO)?.name.seq;
        for (line, slip) in lines {
            let reading = self.reading(at);
            let book = &mut self.devices[at].book;
            let entered = book.paper_served(interval, line, slip, Method::Document2, reading);
            if let Ok(draft) = entered {
                self.commit(at, draft, TWO)?;
                self.tally.mended += 1;
            }
        }
        Ok(())
    }

    /// In the evening the first kit enters what is missing still.
    pub(crate) fn enter_the_rest(&mut self) -> Result<(), Halt> {
        match self.able().first().copied() {
            Some(at) => self.quiet(|world| world.enter_paper(at)),
            None => Ok(()),
        }
    }

    /// Two officers declare the first slip of a line void that may be.
    pub(crate) fn void_slip(&mut self, at: usize, line: u32) -> Result<(), Halt> {
        if !self.is_working(at) {
            return Ok(());
        }
        let first = self.devices[at].book.voidable(line).into_iter().next();
        let Some(act) = first else { return Ok(()) };
        let reading = self.reading(at);
        let name = (act.name.kit, act.name.seq);
        let book = &mut self.devices[at].book;
        if let Ok(draft) = book.void_slip(line, name, "ACT_UNDONE", reading) {
            self.commit(at, draft, TWO)?;
            if self.devices[at].book.voided_by(name).is_none() {
                return broken(
                    "I2",
                    format!("a slip of line {line} stays good although void"),
                );
            }
        }
        Ok(())
    }

    /// Two officers withdraw the card of the officer who looks at the paper list.
    pub(crate) fn withdraw_card(&mut self, at: usize) -> Result<(), Halt> {
        if !self.is_working(at) {
            return Ok(());
        }
        let reading = self.reading(at);
        let card = self.precinct.officers[ONE[0]].kid();
        let book = &mut self.devices[at].book;
        if let Ok(draft) = book.withdraw_card(card, "CARD_STOLEN", reading) {
            self.commit(at, draft, TWO)?;
        }
        Ok(())
    }

    /// Whose card signs a look at the paper list at a kit: the first one's until the kit hears that it was withdrawn.
    pub(crate) fn looker(&self, at: usize) -> &'static [usize] {
        let card: Kid = self.precinct.officers[ONE[0]].kid();
        let is_out = self.devices[at].book.withdrawal(card).is_some();
        if is_out && !self.rules.has(Mutation::WithdrawnCard) {
            OTHER_ONE
        } else {
            ONE
        }
    }

    /// The chair and a second officer close the precinct before its time.
    pub(crate) fn suspend(&mut self, at: usize) -> Result<(), Halt> {
        if !self.is_working(at) {
            return Ok(());
        }
        let reading = self.reading(at);
        if let Ok(draft) = self.devices[at].book.suspend("FIRE", reading) {
            self.commit(at, draft, TWO)?;
        }
        Ok(())
    }

    /// Before an act is written: its kit has not heard that voting stands still, nor that the line was served on paper.
    pub(crate) fn is_open_for(&self, at: usize, line: u32) -> Result<(), Halt> {
        let book = &self.devices[at].book;
        if book.suspension().is_some() {
            let by = self.name(at);
            return broken(
                "I9",
                format!("{by} serves line {line} while voting stands still"),
            );
        }
        let is_entered = book
            .acts_on(line)
            .any(|act| matches!(act.body, Body::PaperServed(_)));
        if is_entered && book.state(line).on_paper().is_some() {
            return broken(
                "I2",
                format!("line {line} was served on paper, and its kit knew it"),
            );
        }
        Ok(())
    }

    /// The closing of the last day of voting.
    pub(crate) fn closing(&self) -> i64 {
        let days = self
            .able()
            .first()
            .map(|at| self.devices[*at].book.voting_days());
        let last = days.and_then(|days| days.last().map(|day| day.closes));
        last.unwrap_or(CLOSES).max(CLOSES)
    }

    /// A precinct that was closed before its time votes on: every kit starts anew from its disk, the commission's decision
    /// comes to one of them, each is opened for the day, and a part of the voters comes again.
    pub(crate) fn next_day(&mut self) -> Result<(), Halt> {
        let able = self.able();
        let stands = able
            .iter()
            .any(|at| self.devices[*at].book.suspension().is_some());
        if !stands {
            return Ok(());
        }
        self.tally.second_days += 1;
        self.tell(|| "the next morning: the commission above lets voting go on".to_owned());
        self.now = self.now.max(NEXT_OPENS - 3_600_000_000);
        for at in &able {
            self.go_down(*at, true);
        }
        for at in able {
            self.quiet(|world| world.start_again(at, 0))?;
        }
        self.settle()?;
        self.retire_the_lost()?;
        self.settle()?;
        if let Some(first) = self.able().first().copied() {
            let reading = self.reading(first);
            let decision = std::sync::Arc::clone(&self.precinct.decision);
            if let Some(draft) = self.devices[first].book.decide_day(&decision, reading) {
                self.quiet(|world| world.commit(first, draft, &[]).map(|_| ()))?;
            }
        }
        self.settle()?;
        for at in self.able() {
            let reading = self.reading(at);
            if let Ok(draft) = self.devices[at].book.open_session(reading) {
                self.quiet(|world| world.commit(at, draft, TWO).map(|_| ()))?;
            }
        }
        self.now = self.now.max(NEXT_OPENS + 60_000_000);
        self.settle()?;
        let last = u32::try_from(self.people.len()).unwrap_or(1) - 1;
        for line in (1..=last).step_by(7) {
            let able = self.able();
            let Some(at) = able.get(usize::try_from(line).unwrap_or(0) % able.len().max(1)) else {
                continue;
            };
            let (at, visit) = (
                *at,
                Visit {
                    line,
                    finger: Finger::Fits,
                    is_quiet: false,
                    errs: false,
                    ways: 2,
                },
            );
            self.quiet(|world| world.present(at, visit))?;
        }
        self.settle()
    }
}
