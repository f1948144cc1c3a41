//! What kits, voters and officers do in the hall, by the shipped rules.

use std::sync::Arc;

use lexicon::Instant;
use lexicon::handover::envelope::Kid;
use lexicon::{FingerPosition, Method};
use pollbook::{
    Act, Body, Book, CheckIn, Draft, GrantAnswer, GrantAsk, Holdings, KitMessage, Merged, Owed,
    Partition, Step, admit, identified,
};

use super::{Hall, Kit, Stage, State};
use crate::desk::{ONE, TWO};
use crate::mutation::{self, Mutation};

impl Hall {
    pub(super) fn merge(
        &self,
        state: &mut State,
        kit: usize,
        act: Arc<Act>,
        is_own: bool,
    ) -> Merged {
        let wall = (!is_own).then(|| state.reading().wall);
        let book = Arc::make_mut(&mut state.kits[kit].book);
        mutation::merge(self.mutation, book, act, wall)
    }

    /// Signs, writes and takes in: one durable step.
    pub(super) fn commit(
        &self,
        state: &mut State,
        kit: usize,
        draft: Draft,
        cards: &[usize],
    ) -> Option<Arc<Act>> {
        let book = &state.kits[kit].book;
        let signed = self.precinct.sign(kit, book, draft, cards).ok()?;
        let act = admit(&self.precinct.charter, &signed, &*self.precinct.ring).ok()?;
        let act = Arc::new(act);
        self.merge(state, kit, Arc::clone(&act), true);
        Some(act)
    }

    pub(super) fn book<'s>(&self, state: &'s mut State, kit: usize) -> &'s mut Book {
        Arc::make_mut(&mut state.kits[kit].book)
    }

    /// A voter's finger fits: the command, as far as it goes without waiting for others.
    pub(super) fn visit(&self, state: &mut State, line: u32, kit: usize, was_asked: bool) {
        let reading = state.reading();
        let command = CheckIn {
            line,
            method: Method::Finger,
            finger: FingerPosition::new(2),
            attempts: 1,
            score_class: 2,
            reason: String::new(),
        };
        for _ in 0..6 {
            let decided =
                mutation::check_in(self.mutation, self.book(state, kit), &command, reading);
            match decided {
                Err(_) => {
                    self.decline(state, kit, line);
                    return;
                }
                Ok(Step::Commit(draft)) => {
                    state.is_shut_served |= state.kits[kit].book.suspension().is_some();
                    let is_unlooked = state.is_signed(line) && self.is_blind(state, line, kit);
                    if let Some(voter) = state.voter_mut(line) {
                        voter.is_unlooked |= is_unlooked && !voter.is_crossed;
                    }
                    if let Some(act) = self.commit(state, kit, draft, &[]) {
                        state.kits[kit].stage = Stage::Printing(line, act);
                    }
                    return;
                }
                Ok(Step::Promise(draft)) => {
                    self.commit(state, kit, draft, &[]);
                }
                Ok(Step::CheckLine) => {
                    let is_signed = state.is_signed(line);
                    let says = self.mutation == Some(Mutation::NoPaper) || !is_signed;
                    if let Some(voter) = state.voter_mut(line) {
                        voter.is_lied_about |= says && is_signed;
                    }
                    let draft = self.book(state, kit).check_line(line, says, reading);
                    self.commit(state, kit, draft, ONE);
                }
                Ok(Step::AskGrant(_) | Step::AskMajority(_)) if was_asked => {
                    if self.policy() == Partition::Quorum {
                        self.decline(state, kit, line);
                    }
                    return;
                }
                Ok(Step::AskGrant(owner)) => {
                    self.ask(state, kit, &[owner], line);
                    return;
                }
                Ok(Step::AskMajority(kits)) => {
                    self.ask(state, kit, &kits, line);
                    return;
                }
            }
        }
    }

    pub(super) fn ask(&self, state: &mut State, from: usize, kits: &[Kid], line: u32) {
        let reading = state.reading();
        let request = self.book(state, from).request_number(reading);
        let mut answers = Vec::new();
        for kid in kits {
            let Some(owner) = self.precinct.index(*kid) else {
                continue;
            };
            if owner >= state.kits.len() || !state.is_linked(from, owner) {
                continue;
            }
            let ask = GrantAsk {
                from: self.precinct.kid(from),
                line,
                request,
            };
            let theirs = self.bounds.pairs.then(|| state.kits[from].book.holdings());
            let book = self.book(state, owner);
            match mutation::grant(self.mutation, book, ask, reading) {
                GrantAnswer::Give(draft) => answers.extend(self.commit(state, owner, draft, &[])),
                GrantAnswer::Again(act) => answers.push(act),
                GrantAnswer::Refuse(refusal) => {
                    // The evidence travels with the refusal.
                    if let Some(act) = refusal.evidence {
                        self.merge(state, from, act, false);
                    }
                }
            }
            if let Some(theirs) = theirs {
                // Else the asker holds it already: an answer brings what the asker lacks.
                let me = self.precinct.kid(from);
                answers.extend(state.kits[owner].book.lacked(me, &theirs).cloned());
            }
        }
        if self.policy() == Partition::Quorum || !answers.is_empty() {
            state.kits[from].stage = Stage::Asking(line, answers);
        }
    }

    pub(super) fn decline(&self, state: &mut State, kit: usize, line: u32) {
        for _ in 0..state.kits.len() {
            let reading = state.reading();
            let Some(draft) = self.book(state, kit).decline(line, reading) else {
                return;
            };
            self.commit(state, kit, draft, &[]);
        }
    }

    /// Question and answer between two kits, over the shipped choice of what is sent; says whether anything was new.
    pub(super) fn sync(&self, state: &mut State, a: usize, b: usize) -> bool {
        let reading = state.reading();
        let mut is_news = false;
        for (to, from) in [(a, b), (b, a)] {
            let theirs = state.kits[to].book.holdings();
            let me = self.precinct.kid(to);
            let sender = &state.kits[from].book;
            let acts: Vec<Arc<Act>> = sender.lacked(me, &theirs).cloned().collect();
            let message = answer_of(sender, me, reading.wall);
            self.book(state, to).hear(&message, reading);
            for act in acts {
                is_news |= self.merge(state, to, act, false) != Merged::Known;
            }
        }
        is_news
    }

    /// Everybody with everybody in reach, once.
    pub(super) fn round(&self, state: &mut State) -> bool {
        let mut is_news = false;
        for a in 0..state.kits.len() {
            for b in a + 1..state.kits.len() {
                if state.is_linked(a, b) {
                    is_news |= self.sync(state, a, b);
                }
            }
        }
        is_news
    }

    /// Everybody with everybody in reach, until nobody learns anything: then all in reach hold the same.
    pub(super) fn gossip(&self, state: &mut State) {
        for _ in 0..4 {
            if !self.round(state) {
                return;
            }
        }
    }

    pub(super) fn restart(&self, state: &mut State, kit: usize) {
        let me = self.precinct.kid(kit);
        let mut book = Book::new(Arc::clone(&self.precinct.charter), me, Vec::new());
        let mut own: Vec<Arc<Act>> = state.kits[kit].book.events_after(me, 0).cloned().collect();
        if matches!(
            self.mutation,
            Some(Mutation::FallingCounter | Mutation::NoFsync)
        ) && own.len() > 1
        {
            own.pop();
        }
        for act in own {
            mutation::merge(self.mutation, &mut book, act, None);
        }
        state.kits[kit] = Kit {
            is_up: true,
            book: Arc::new(book),
            stage: Stage::Idle,
        };
    }

    /// Whether the precinct was closed before its time, and the night has not passed.
    pub(super) fn awaits_night(&self, state: &State) -> bool {
        self.bounds.second_day && !state.may_close && !state.is_next_day
    }

    /// The night after the precinct was closed: every kit that runs starts anew from its journal; minutes of the evening
    /// are over.
    pub(super) fn night(&self, state: &mut State) {
        state.is_next_day = true;
        state.waited = false;
        for kit in 0..state.kits.len() {
            if state.kits[kit].is_up {
                self.restart(state, kit);
            }
        }
    }

    /// The morning of the second day in a healed hall that was closed before its time: the decision is brought, every kit
    /// is opened for the day.
    pub(super) fn morning(&self, state: &mut State) {
        if self.awaits_night(state) {
            self.night(state);
            self.gossip(state);
        }
        if !state.is_next_day {
            return;
        }
        for at in 0..state.kits.len() {
            self.session(state, at);
        }
        self.gossip(state);
    }

    /// The decision is brought to a kit that has not heard of it, and two officers open the kit for that day; `false` when
    /// it is open for it or cannot be.
    pub(super) fn session(&self, state: &mut State, kit: usize) -> bool {
        let reading = state.reading();
        let decision = Arc::clone(&self.precinct.decision);
        if let Some(draft) = self.book(state, kit).decide_day(&decision, reading) {
            self.commit(state, kit, draft, &[]);
        }
        let Ok(draft) = self.book(state, kit).open_session(reading) else {
            return false;
        };
        self.commit(state, kit, draft, TWO).is_some()
    }

    /// Whoever works at the kit does what it says about its pending receipts. Looks are taken only where the voter stands
    /// there: what no kit in reach can know.
    pub(super) fn pending(&self, state: &mut State, kit: usize) {
        let me = self.precinct.kid(kit);
        for receipt in state.kits[kit].book.pending_receipts() {
            let Some(act) = state.kits[kit].book.act_of_receipt(me, receipt).cloned() else {
                continue;
            };
            let reading = state.reading();
            let line = act.body.line();
            match mutation::owed(self.mutation, self.book(state, kit), receipt, reading) {
                Owed::Print => self.print(state, kit, line, receipt),
                Owed::Wait(_) => {}
                Owed::Look if state.is_signed(line) => {
                    let looked = self.book(state, kit).check_line(line, false, reading);
                    self.commit(state, kit, looked, ONE);
                    self.void(state, kit, receipt, pollbook::LINE_SIGNED);
                }
                Owed::Look if state.is_under_way(line) => {}
                Owed::Look => {
                    let looked = self.book(state, kit).check_line(line, true, reading);
                    self.commit(state, kit, looked, ONE);
                    self.print(state, kit, line, receipt);
                }
                Owed::Void(reason) => self.void(state, kit, receipt, reason),
            }
        }
    }

    fn void(&self, state: &mut State, kit: usize, receipt: u32, reason: &str) {
        let reading = state.reading();
        let draft = self.book(state, kit).void(receipt, reason, reading);
        self.commit(state, kit, draft, &[]);
    }

    pub(super) fn print(&self, state: &mut State, kit: usize, line: u32, receipt: u32) {
        let reading = state.reading();
        let draft = self.book(state, kit).printed(receipt, 0, reading);
        if self.commit(state, kit, draft, &[]).is_some() {
            state.issue(line);
        }
    }

    /// Whether no officer looked at the paper line for this kit, and whoever served the line was not in touch a moment ago.
    fn is_blind(&self, state: &State, line: u32, kit: usize) -> bool {
        let me = self.precinct.kid(kit);
        let book = &state.kits[kit].book;
        let has_looked = book.acts_on(line).any(|act| {
            act.name.kit == me && matches!(&act.body, Body::LineChecked(look) if look.unsigned)
        });
        let mut acts = state.kits.iter().flat_map(|kit| kit.book.acts_on(line));
        let reading = state.reading();
        !has_looked
            && acts.any(|act| {
                identified(act).is_some()
                    && act.name.kit != me
                    && !book.is_in_touch(act.name.kit, reading)
            })
    }

    pub(super) fn resume(&self, state: &mut State, line: u32, kit: usize) -> bool {
        let reading = state.reading();
        if self.mutation == Some(Mutation::NoResume) || state.is_signed(line) {
            return false;
        }
        let Ok(draft) = self.book(state, kit).resume(line, false, reading) else {
            return false;
        };
        let done = self.commit(state, kit, draft, TWO).is_some();
        if done {
            state.issue(line);
        }
        done
    }

    /// Everything connected, switched on and exchanged, on a copy.
    pub(super) fn healed(&self, state: &State) -> State {
        let mut state = state.clone();
        state.cut = None;
        state.waited = true;
        state.steps += 1_000;
        for kit in &mut state.kits {
            kit.stage = Stage::Idle;
        }
        for kit in 0..state.kits.len() {
            if !state.kits[kit].is_up {
                self.restart(&mut state, kit);
            }
        }
        self.gossip(&mut state);
        state
    }

    pub(super) fn deliver(&self, state: &mut State, kit: usize) {
        let stage = std::mem::replace(&mut state.kits[kit].stage, Stage::Idle);
        if let Stage::Asking(line, acts) = stage {
            for act in acts {
                self.merge(state, kit, act, false);
            }
            self.visit(state, line, kit, true);
        } else {
            state.kits[kit].stage = stage;
        }
    }
}

/// The answer of a kit without its events: heads, sums, and that it is there.
fn answer_of(sender: &Book, to: Kid, now: Instant) -> KitMessage {
    let Holdings { heads, sums } = sender.holdings();
    KitMessage {
        version: 0,
        precinct: sender.charter().manifest().precinct,
        from: sender.me().0.into(),
        to: to.0.into(),
        number: 0,
        sent: now.micros(),
        answer: true,
        heads,
        events: Vec::new(),
        ask: None,
        refusal: None,
        sums,
        wants: None,
        entries: None,
        devices: None,
    }
}
