//! The return from a total failure (S-38): while no kit worked, two officers served voters by the paper list and the
//! book of slips. Afterwards the interval is entered (PAPER_ONLY), and each line served in it (PAPER_SERVED).
//!
//! INVARIANT (paper counts like any act): a PAPER_SERVED stands on its line as an act does; with an electronic act of
//! the same line one of the two is counted, and both are shown (`DUPLICATE`). No kit has to be retired for it.

use std::sync::Arc;

use lexicon::handover::envelope::Kid;
use lexicon::handover::event::{Incident, PaperOnly, PaperServed, SlipVoided, Undone};
use lexicon::handover::report::PaperInterval;
use lexicon::{Instant, Method, RefusalReason};

use crate::act::{Act, Body};
use crate::book::Book;
use crate::clock::Reading;
use crate::decide::{Refusal, identified};
use crate::draft::Draft;
use crate::incidents::incident;
use crate::standing::Place;

fn served(act: &Act) -> Option<&PaperServed> {
    if let Body::PaperServed(body) = &act.body {
        Some(body)
    } else {
        None
    }
}

/// The interval that an act declares.
fn interval_of(act: &Act) -> Option<&PaperOnly> {
    if let Body::PaperOnly(body) = &act.body {
        Some(body)
    } else {
        None
    }
}

impl Book {
    /// Declares that from `from` to `to` no kit worked and `count` slips of the book were given; two officers consent.
    ///
    /// # Errors
    /// [`RefusalReason::KitBlocked`] when this kit must not write or is not open; [`RefusalReason::NotHere`] when the
    /// interval is empty, is not over, or lies outside the days of the package.
    pub fn paper_only(
        &mut self,
        from: Instant,
        to: Instant,
        count: u32,
        reading: Reading,
    ) -> Result<Draft, Refusal> {
        self.may_enter(reading)?;
        let manifest = self.charter().manifest();
        let last = self.voting_days().last().map_or(0, |day| day.closes);
        let not_after = manifest.not_after.max(last);
        let is_within = from.micros() >= manifest.not_before && to.micros() <= not_after;
        if !is_within || from >= to || to > reading.wall {
            return Err(Refusal::of(RefusalReason::NotHere));
        }
        let body = PaperOnly {
            from: from.micros(),
            to: to.micros(),
            count,
            officers: Vec::new(),
        };
        let hlc = self.stamp(reading);
        Ok(Draft::new(self, hlc, Body::PaperOnly(body)))
    }

    /// Enters a line that was served on paper with a slip of the book, in an interval that this kit declared under
    /// the counter `interval`; two officers consent.
    ///
    /// # Errors
    /// [`RefusalReason::KitBlocked`]; [`RefusalReason::NotHere`] for a line, slip or interval that is none;
    /// [`RefusalReason::Already`] with the act when the slip was entered before.
    pub fn paper_served(
        &mut self,
        interval: u32,
        line: u32,
        slip: u32,
        method: Method,
        reading: Reading,
    ) -> Result<Draft, Refusal> {
        self.may_enter(reading)?;
        let own = self.event(self.me(), interval);
        let is_interval = own.is_some_and(|act| interval_of(act).is_some());
        if !is_interval || !self.has_line(line) || slip == 0 {
            return Err(Refusal::of(RefusalReason::NotHere));
        }
        let known = {
            let mut standing = self
                .states()
                .flat_map(|(_, state)| state.counted.iter().chain(&state.duplicates));
            let is_slip = |act: &&Arc<Act>| served(act).is_some_and(|body| body.slip == slip);
            standing.find(is_slip).cloned()
        };
        if let Some(act) = known {
            return Err(Refusal {
                reason: RefusalReason::Already,
                kit: Some(act.name.kit),
                evidence: Some(act),
            });
        }
        let body = PaperServed {
            line,
            slip,
            interval,
            method: method.number(),
            officers: Vec::new(),
        };
        let hlc = self.stamp(reading);
        Ok(Draft::new(self, hlc, Body::PaperServed(body)))
    }

    /// Takes a line back that was entered from paper by mistake; two officers consent. The kit that entered it, or its
    /// heir, does.
    ///
    /// # Errors
    /// [`RefusalReason::NotHere`] when no such entry stands; [`RefusalReason::NotMyShare`] names its kit.
    pub fn undo_paper(
        &mut self,
        line: u32,
        slip: u32,
        reason: &str,
        reading: Reading,
    ) -> Result<Draft, Refusal> {
        self.may_enter(reading)?;
        let state = self.state(line);
        let mut standing = state.counted.iter().chain(&state.duplicates);
        let entry = standing.find(|act| served(act).is_some_and(|body| body.slip == slip));
        let Some(name) = entry.map(|act| act.name) else {
            return Err(Refusal::of(RefusalReason::NotHere));
        };
        if self.standing().succession(name.kit).last() != Some(&self.me()) {
            return Err(Refusal::naming(RefusalReason::NotMyShare, name.kit));
        }
        let body = Undone {
            line,
            kit: name.kit.0.into(),
            seq: name.seq,
            reason: reason.to_owned(),
            officers: Vec::new(),
        };
        let hlc = self.stamp(reading);
        Ok(Draft::new(self, hlc, Body::Undone(body)))
    }

    /// The acts of a line whose slip two officers may declare void: acts that were undone, and acts of whose slip no
    /// kit wrote that it came out; each without such a declaration yet.
    #[must_use]
    pub fn voidable(&self, line: u32) -> Vec<Arc<Act>> {
        let state = self.state(line);
        let standing = state.counted.iter().chain(&state.duplicates);
        let pending = standing.filter(|act| {
            let paper = self.paper(act);
            identified(act).is_some() && paper.copies == 0 && !paper.resumed && !paper.void
        });
        let undone = state.undone.iter().filter(|act| {
            identified(act).is_some() && self.voided_by((act.name.kit, act.name.seq)).is_none()
        });
        undone.chain(pending).cloned().collect()
    }

    /// Declares the slip of an act void; two officers consent.
    ///
    /// # Errors
    /// [`RefusalReason::NotHere`] when the act is not among the [`Book::voidable`] of its line.
    pub fn void_slip(
        &mut self,
        line: u32,
        act: (Kid, u32),
        reason: &str,
        reading: Reading,
    ) -> Result<Draft, Refusal> {
        self.may_enter(reading)?;
        let is_named = |known: &Arc<Act>| (known.name.kit, known.name.seq) == act;
        if !self.voidable(line).iter().any(is_named) {
            return Err(Refusal::of(RefusalReason::NotHere));
        }
        let body = SlipVoided {
            line,
            kit: act.0.0.into(),
            seq: act.1,
            reason: reason.to_owned(),
            officers: Vec::new(),
        };
        let hlc = self.stamp(reading);
        Ok(Draft::new(self, hlc, Body::SlipVoided(body)))
    }

    /// The event that declared the slip of this act void, the first.
    #[must_use]
    pub fn voided_by(&self, act: (Kid, u32)) -> Option<&Arc<Act>> {
        let line = self.event(act.0, act.1)?.body.line();
        self.acts_on(line).find(|other| {
            matches!(&other.body, Body::SlipVoided(body) if (Kid(*body.kit), body.seq) == act)
        })
    }

    fn may_enter(&mut self, reading: Reading) -> Result<(), Refusal> {
        self.inspect_clock(reading);
        if self.block().is_some() || self.opened(self.me()).is_none() {
            return Err(Refusal::of(RefusalReason::KitBlocked));
        }
        Ok(())
    }

    /// Declared intervals in the order of the day; what a kit declared after its retirement is not among them.
    fn intervals(&self) -> Vec<(&Arc<Act>, &PaperOnly)> {
        let on_time = |act: &&Arc<Act>| self.standing().place(act) != Place::After;
        let mut found: Vec<(&Arc<Act>, &PaperOnly)> = self
            .events()
            .filter(on_time)
            .filter_map(|act| Some((act, interval_of(act)?)))
            .collect();
        found.sort_by_key(|(act, _)| act.order());
        found
    }

    /// Entries of an interval that nobody took back, and how many of them count their voter.
    fn entered(&self, interval: &Act) -> (u32, u32) {
        let (mut entered, mut counted) = (0, 0);
        let names = |act: &Act| {
            act.name.kit == interval.name.kit
                && served(act).is_some_and(|body| body.interval == interval.name.seq)
        };
        let entries = self.events_after(interval.name.kit, 0);
        for act in entries.filter(|act| names(act)) {
            let state = self.state(act.body.line());
            let is_said = self.standing().place(act) != Place::After;
            let is_undone = state.undone.iter().any(|other| other.name == act.name);
            let is_counted = state.counted.as_ref().is_some_and(|c| c.name == act.name);
            entered += u32::from(is_said && !is_undone);
            counted += u32::from(is_counted);
        }
        (entered, counted)
    }

    /// Intervals without any kit, as reports state them; `None` without any.
    #[must_use]
    pub fn paper_intervals(&self) -> Option<Vec<PaperInterval>> {
        let intervals: Vec<PaperInterval> = self
            .intervals()
            .into_iter()
            .map(|(act, body)| {
                let (entered, served) = self.entered(act);
                PaperInterval {
                    kit: act.name.kit.0.into(),
                    seq: act.name.seq,
                    from: body.from,
                    to: body.to,
                    count: body.count,
                    entered,
                    served,
                }
            })
            .collect();
        (!intervals.is_empty()).then_some(intervals)
    }

    /// `PAPER_COUNT`: not as many lines were entered as slips were given; `PAPER_OVERLAP`: a kit identified somebody
    /// within the interval.
    pub(crate) fn paper_incidents(&self, found: &mut Vec<Incident>) {
        for (act, body) in self.intervals() {
            if self.entered(act).0 != body.count {
                found.push(incident("PAPER_COUNT", 0, &[act]));
            }
            let within = self.events().filter(|other| {
                let at = other.hlc.moment().micros();
                identified(other).is_some() && (body.from..body.to).contains(&at)
            });
            if let Some(first) = within.min_by_key(|other| other.order()) {
                found.push(incident("PAPER_OVERLAP", 0, &[act, first]));
            }
        }
    }
}

#[cfg(test)]
mod tests;
