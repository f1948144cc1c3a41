//! Which steps are possible in a state, and where they lead.

use lexicon::handover::envelope::Kid;
use pollbook::{Book, Draft, Partition, Reading, identified};

use super::{Action, Cut, Hall, Stage, State};
use crate::desk::TWO;

impl Hall {
    /// Every step that is possible.
    pub(super) fn actions_of(&self, state: &State, actions: &mut Vec<Action>) {
        let kits = state.kits.len();
        for kit in 0..kits {
            if !state.kits[kit].is_up {
                continue;
            }
            match &state.kits[kit].stage {
                Stage::Asking(..) => actions.extend([Action::Deliver(kit), Action::Lose(kit)]),
                Stage::Printing(..) => actions.push(Action::Print(kit)),
                Stage::Idle => {
                    for line in 1..=self.bounds.voters {
                        if state.voter(line).is_some_and(|voter| voter.attempts > 0) {
                            actions.push(Action::Visit(line, kit));
                        }
                    }
                }
            }
            if self.bounds.pairs {
                actions.extend(
                    (kit + 1..kits)
                        .filter(|other| state.is_linked(kit, *other))
                        .map(|other| Action::Sync(kit, other)),
                );
            }
        }
        if !self.bounds.pairs && !state.is_quiet() {
            actions.push(Action::Gossip);
        }
        self.troubles(state, actions);
    }

    /// Where a step leads; `None` when it changes nothing.
    pub(super) fn after(&self, before: &State, action: Action) -> Option<State> {
        let mut state = before.clone();
        let mut restarted = Vec::new();
        state.steps += 1;
        let reading = state.reading();
        match action {
            Action::Visit(line, kit) => {
                self.visit(&mut state, line, kit, false);
                // Who is sent away without a trace need not have come.
                if !self.bounds.pairs && state.weight() == before.weight() {
                    return None;
                }
                state.voter_mut(line)?.attempts -= 1;
            }
            Action::Deliver(kit) => self.deliver(&mut state, kit),
            Action::Lose(kit) => state.kits[kit].stage = Stage::Idle,
            Action::Print(kit) => {
                let stage = std::mem::replace(&mut state.kits[kit].stage, Stage::Idle);
                if let Stage::Printing(line, act) = stage {
                    let receipt = identified(&act)?.receipt;
                    self.print(&mut state, kit, line, receipt);
                }
            }
            Action::Crash(kit) => {
                state.crashes -= 1;
                state.kits[kit].is_up = false;
                state.kits[kit].stage = Stage::Idle;
            }
            Action::Restart(kit) => {
                self.restart(&mut state, kit);
                restarted.push(kit);
            }
            Action::Pending(kit) => {
                if state.kits[kit].book.block().is_some() {
                    return None;
                }
                self.pending(&mut state, kit);
            }
            Action::Sync(a, b) => {
                self.sync(&mut state, a, b);
            }
            Action::Gossip => self.gossip(&mut state),
            Action::Cut(cut) => {
                state.partitions -= 1;
                state.cut = Some(cut);
            }
            Action::Heal => state.cut = None,
            Action::Wait => {
                // Minutes of beats bring everything to everybody in reach.
                self.gossip(&mut state);
                state.waited = true;
                // What minutes did not bring does not come; who waited for it has left.
                for kit in &mut state.kits {
                    kit.stage = Stage::Idle;
                }
            }
            Action::TakeOver(heir, dead) => {
                let kid = self.precinct.kid(dead);
                let draft = self
                    .book(&mut state, heir)
                    .take_over(&[kid], "KIT_LOST", reading)
                    .ok()?;
                self.commit(&mut state, heir, draft, TWO)?;
                state.retirements -= 1;
                state.is_wrong |= state.kits[dead].is_up;
            }
            Action::Resume(line, kit) => {
                if !self.resume(&mut state, line, kit) {
                    return None;
                }
            }
            Action::Suspend(kit) => {
                let draft = self.book(&mut state, kit).suspend("FIRE", reading).ok()?;
                self.commit(&mut state, kit, draft, TWO)?;
                state.may_close = false;
            }
            Action::Night => {
                self.night(&mut state);
                restarted.extend((0..state.kits.len()).filter(|kit| state.kits[*kit].is_up));
            }
            Action::Session(kit) => {
                if !self.session(&mut state, kit) {
                    return None;
                }
            }
            Action::Release(line, kit) => {
                let draft = self.release(&mut state, line, kit, reading)?;
                self.commit(&mut state, kit, draft, TWO)?;
                state.voter_mut(line)?.is_released = true;
            }
        }
        // With nothing under way the heartbeats have brought everything to everybody in reach.
        if !self.bounds.pairs && state.is_quiet() {
            state.steps += 1;
            self.gossip(&mut state);
        }
        // A retired kit that is switched on where nobody tells it is an error of the officers.
        for kit in restarted {
            let kid = self.precinct.kid(kit);
            let is_retired = |book: &Book| book.standing().retirement(kid).is_some();
            let knows = is_retired(&state.kits[kit].book);
            state.is_wrong |= !knows && state.kits.iter().any(|kit| is_retired(&kit.book));
        }
        Some(state)
    }

    /// A grant taken back: where no holder is in reach the officers wait until a kit that has just started would have heard it.
    fn release(&self, state: &mut State, line: u32, kit: usize, reading: Reading) -> Option<Draft> {
        if let Ok(draft) = self.book(state, kit).release(line, reading) {
            return Some(draft);
        }
        let me = self.precinct.kid(kit);
        let holders: Vec<usize> = state.kits[kit]
            .book
            .state(line)
            .grants_unused
            .iter()
            .filter(|act| act.name.kit == me)
            .filter_map(|act| pollbook::grant_of(act))
            .filter_map(|grant| self.precinct.index(Kid(*grant.to)))
            .collect();
        if holders.iter().any(|holder| state.is_linked(kit, *holder)) {
            return None;
        }
        let later = Reading {
            steady_micros: reading.steady_micros + 60_000_000,
            ..reading
        };
        self.book(state, kit).release(line, later).ok()
    }

    /// Whether acts on a line may still follow, or two stand there: anything but a voter with one receipt
    /// who comes no more.
    pub(super) fn is_open(&self, state: &State, line: u32) -> bool {
        state.voter(line).is_none_or(|voter| {
            self.is_exact() || state.is_under_way(line) || voter.attempts > 0 || voter.receipts != 1
        })
    }

    /// What may go wrong now. What takes minutes (officers, repairs, waiting) happens while nothing is
    /// under way, unless pairs are asked for; a cut between answer and act is a lost answer and a cut.
    fn troubles(&self, state: &State, actions: &mut Vec<Action>) {
        let kits = state.kits.len();
        let is_quiet = self.bounds.pairs || state.is_quiet();
        let is_printing = state
            .kits
            .iter()
            .any(|kit| matches!(kit.stage, Stage::Printing(..)));
        for kit in 0..kits {
            if !state.kits[kit].is_up {
                if is_quiet {
                    actions.push(Action::Restart(kit));
                }
                continue;
            }
            if state.crashes > 0 {
                actions.push(Action::Crash(kit));
            }
            let may_cut = is_quiet || is_printing;
            if state.partitions > 0 && state.cut.is_none() && kits > 1 && may_cut {
                actions.push(Action::Cut(Cut::Kit(kit)));
                if kits > 2 {
                    let links = (kit + 1..kits).filter(|other| state.kits[*other].is_up);
                    actions.extend(links.map(|other| Action::Cut(Cut::Link(kit, other))));
                }
            }
            if !is_quiet {
                continue;
            }
            let is_idle = matches!(state.kits[kit].stage, Stage::Idle);
            if is_idle && state.may_close {
                actions.push(Action::Suspend(kit));
            }
            if is_idle && state.is_next_day {
                actions.push(Action::Session(kit));
            }
            if is_idle && !state.kits[kit].book.pending_receipts().is_empty() {
                actions.push(Action::Pending(kit));
            }
            if state.retirements > 0 && state.waited && is_idle {
                actions.extend(
                    (0..kits)
                        .filter(|dead| *dead != kit)
                        .map(|dead| Action::TakeOver(kit, dead)),
                );
            }
            for line in 1..=self.bounds.voters {
                // The voter stands at one kit only.
                let is_elsewhere = state.is_under_way(line);
                let is_counted = state.kits[kit].book.state(line).counted.is_some();
                if is_idle && is_counted && !is_elsewhere && !state.is_signed(line) {
                    actions.push(Action::Resume(line, kit));
                }
                let is_granted = !state.kits[kit].book.state(line).grants_unused.is_empty();
                let may_release = state.waited && self.policy() != Partition::Quorum;
                if is_idle && is_granted && may_release && self.is_open(state, line) {
                    actions.push(Action::Release(line, kit));
                }
            }
        }
        if !is_quiet {
            return;
        }
        if self.awaits_night(state) {
            actions.push(Action::Night);
        }
        if state.cut.is_some() {
            actions.push(Action::Heal);
        }
        let trouble = state.cut.is_some() || state.kits.iter().any(|kit| !kit.is_up);
        if trouble && !state.waited {
            actions.push(Action::Wait);
        }
    }
}

impl State {
    /// What grows with every event that anybody takes in, and with every stage.
    fn weight(&self) -> (usize, usize) {
        let events = self.kits.iter().map(|kit| kit.book.events().count()).sum();
        let busy = self
            .kits
            .iter()
            .filter(|kit| !matches!(kit.stage, Stage::Idle));
        (events, busy.count())
    }
}
