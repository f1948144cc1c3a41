//! Every order of events in a small hall, over the shipped transition and merge code.
//!
//! A state is what all kits hold, what is on its way, and what is on paper. An action is one durable
//! step of one kit, one exchange between two kits, or one trouble from a budget. Two states that differ
//! only in the numbers of their stamps, not in their order, are one.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use lexicon::Instant;
use lexicon::handover::envelope::{Kid, Signer};
use lexicon::handover::event::EventName;
use lexicon::{FingerPosition, Method};
use pollbook::{
    Act, Body, Book, CheckIn, Draft, GrantAnswer, GrantAsk, Partition, Reading, Step, admit,
    identified,
};
use stateright::{Checker, Model, Property};

use crate::desk::{ONE, TWO};
use crate::mutation::{self, Mutation};
use crate::precinct::{OPENS, Precinct};

/// Seconds that a wait lasts: grants run out, silent kits are unreachable, releases are allowed.
const WAIT_SECONDS: i64 = 400;

/// How large the hall is and how much may go wrong.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Kits, each with a share.
    pub kits: usize,
    /// Voters who come.
    pub voters: u32,
    /// How often each comes.
    pub attempts: u8,
    /// Power cuts.
    pub crashes: u8,
    /// Partitions: one kit cut off, later healed or not.
    pub partitions: u8,
    /// Takeovers, of a dead kit or of a living one.
    pub retirements: u8,
    /// Whether two kits may exchange without the third in reach; otherwise all in reach do at once.
    pub pairs: bool,
}

impl Bounds {
    /// The larger of the two bounds of the daily check; two attempts each are a long run.
    pub const DAILY: Self = Self {
        kits: 3,
        voters: 2,
        attempts: 1,
        crashes: 1,
        partitions: 1,
        retirements: 1,
        pairs: false,
    };
}

/// A hall to be checked.
pub struct Hall {
    precinct: Precinct,
    bounds: Bounds,
    mutation: Option<Mutation>,
}

#[derive(Clone)]
enum Stage {
    Idle,
    /// Answers on their way to the kit.
    Asking(u32, Vec<Arc<Act>>),
    /// Durable, not printed.
    Printing(u32, Arc<Act>),
}

#[derive(Clone)]
struct Kit {
    is_up: bool,
    book: Arc<Book>,
    stage: Stage,
}

#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Voter {
    attempts: u8,
    /// Kits whose receipts the voter holds.
    receipts: Vec<usize>,
}

/// A state of the hall.
#[derive(Clone)]
pub struct State {
    kits: Vec<Kit>,
    voters: Vec<Voter>,
    cut: Option<usize>,
    waited: bool,
    crashes: u8,
    partitions: u8,
    retirements: u8,
    /// A kit was retired that ran.
    is_wrong: bool,
    is_released: bool,
    /// What the healed hall shows, one bit for each property; worked out once while nothing is under way.
    verdict: u8,
    /// Microseconds that have passed: one with every step, so that no two steps share a stamp.
    steps: i64,
    kids: Arc<Vec<Kid>>,
}

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A voter comes to a kit.
    Visit(u32, usize),
    /// The answers reach the asking kit.
    Deliver(usize),
    /// The answers are lost.
    Lose(usize),
    /// The receipt comes out.
    Print(usize),
    /// The power of a kit goes.
    Crash(usize),
    /// It comes back.
    Restart(usize),
    /// Pending receipts are printed or declared void.
    Pending(usize),
    /// Two kits exchange what they hold (only when pairs are asked for).
    Sync(usize, usize),
    /// All kits that can reach each other exchange what they hold.
    Gossip,
    /// A kit is cut off.
    Cut(usize),
    /// It is connected again.
    Heal,
    /// Minutes pass.
    Wait,
    /// The first kit takes over from the second.
    TakeOver(usize, usize),
    /// Two officers resume a voter's act at a kit.
    Resume(u32, usize),
    /// Two officers take back a kit's grant of a line.
    Release(u32, usize),
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, kit) in self.kits.iter().enumerate() {
            let events: Vec<String> = kit
                .book
                .events()
                .map(|act| {
                    format!(
                        "{}:{}",
                        act.name.kit.hex().get(..2).unwrap_or(""),
                        act.body.kind()
                    )
                })
                .collect();
            writeln!(f, "K{} up={} {}", at + 1, kit.is_up, events.join(" "))?;
        }
        write!(f, "cut={:?}", self.cut)
    }
}

impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        self.shape() == other.shape()
    }
}

impl Hash for State {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.shape().hash(state);
    }
}

impl State {
    /// What all future steps depend on: which events each kit holds, their order on each line and
    /// against the takeovers, what is on its way and on paper. The smaller of the state and its mirror
    /// image (first two kits with their lines exchanged) stands for both.
    fn shape(&self) -> Vec<u64> {
        let orders = self.orders();
        let plain = self.shape_under(&orders, &|at| at);
        if self.kits.len() < 2 || self.voters.len() != 2 {
            return plain;
        }
        let mirrored = self.shape_under(&orders, &|at| match at {
            0 => 1,
            1 => 0,
            other => other,
        });
        plain.min(mirrored)
    }

    /// The stamps of all events of each line, with those of the takeovers, ascending.
    fn orders(&self) -> BTreeMap<u32, Vec<u64>> {
        let mut all: BTreeMap<EventName, &Arc<Act>> = BTreeMap::new();
        for kit in &self.kits {
            all.extend(kit.book.events().map(|act| (act.name, act)));
        }
        // Time moves with every step, so stamps order what happened; equal ones cannot occur.
        let mut orders: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
        let takeovers: Vec<u64> = all
            .values()
            .filter(|act| matches!(act.body, Body::Retired(_)))
            .map(|act| act.hlc.0)
            .collect();
        for act in all.values().filter(|act| act.body.line() > 0) {
            orders.entry(act.body.line()).or_default().push(act.hlc.0);
        }
        for order in orders.values_mut() {
            order.extend(&takeovers);
            order.sort_unstable();
        }
        orders
    }

    fn shape_under(
        &self,
        orders: &BTreeMap<u32, Vec<u64>>,
        mirror: &dyn Fn(usize) -> usize,
    ) -> Vec<u64> {
        let line_of = |line: u32| {
            let at = usize::try_from(line).unwrap_or(0);
            if at == 0 {
                0
            } else {
                mirror(at - 1) as u64 + 1
            }
        };
        let kit_of = |kid: &[u8; 8]| {
            let found = self.kids.iter().position(|known| known.0 == *kid);
            found.map_or(15, |at| mirror(at) as u64)
        };
        let mut shape = Vec::with_capacity(96);
        let mut places: Vec<usize> = (0..self.kits.len()).collect();
        places.sort_by_key(|at| mirror(*at));
        for at in places {
            let kit = &self.kits[at];
            shape.push(u64::from(kit.is_up) | u64::from(kit.book.block().is_some()) << 1);
            let mut events: Vec<u64> = kit
                .book
                .events()
                .map(|act| {
                    let line = act.body.line();
                    let rank = orders
                        .get(&line)
                        .map_or(0, |order| order.partition_point(|known| *known < act.hlc.0));
                    kit_of(&act.name.kit.0) << 60
                        | u64::from(act.name.seq) << 52
                        | u64::from(act.body.kind()) << 44
                        | line_of(line) << 40
                        | (rank as u64) << 32
                        | u64::from(act.hlc.moment() >= self.wait_at()) << 31
                        | reference(&act.body, &kit_of)
                })
                .collect();
            events.sort_unstable();
            shape.extend(events);
            match &kit.stage {
                Stage::Idle => shape.push(0),
                Stage::Asking(line, acts) => {
                    shape.push(1 << 32 | line_of(*line));
                    shape.extend(
                        acts.iter()
                            .map(|act| kit_of(&act.name.kit.0) << 32 | u64::from(act.name.seq)),
                    );
                }
                Stage::Printing(line, act) => {
                    shape.push(2 << 32 | line_of(*line));
                    shape.push(act.name.seq.into());
                }
            }
            let steady = self.reading().steady_micros;
            let mut heard: Vec<u64> = kit
                .book
                .heard()
                .filter(|(_, heard, _)| steady - heard <= 10_000_000)
                .map(|(kid, _, head)| kit_of(&kid.0) << 32 | u64::from(head))
                .collect();
            heard.sort_unstable();
            shape.extend(heard);
        }
        let mut voters: Vec<(u64, Vec<u64>)> = self
            .voters
            .iter()
            .zip(0..)
            .map(|(voter, at)| {
                let held = voter
                    .receipts
                    .iter()
                    .map(|kit| mirror(*kit) as u64)
                    .collect();
                ((mirror(at) as u64) << 8 | u64::from(voter.attempts), held)
            })
            .collect();
        voters.sort();
        for (voter, held) in voters {
            shape.push(voter);
            shape.extend(held);
        }
        shape.extend([
            self.cut.map_or(9, |kit| mirror(kit) as u64),
            self.waited.into(),
            self.crashes.into(),
            self.partitions.into(),
            self.retirements.into(),
            self.is_wrong.into(),
            self.is_released.into(),
        ]);
        shape
    }

    fn wait_at(&self) -> Instant {
        Instant::from_micros(OPENS + WAIT_SECONDS * 1_000_000)
    }

    fn is_quiet(&self) -> bool {
        self.kits.iter().all(|kit| matches!(kit.stage, Stage::Idle))
    }

    fn is_linked(&self, a: usize, b: usize) -> bool {
        let apart = self.cut == Some(a) || self.cut == Some(b);
        a != b && !apart && self.kits[a].is_up && self.kits[b].is_up
    }

    fn reading(&self) -> Reading {
        let passed = i64::from(self.waited) * WAIT_SECONDS * 1_000_000;
        let passed = passed + self.steps;
        Reading {
            wall: Instant::from_micros(OPENS + passed),
            steady_micros: u64::try_from(86_400_000_000 + passed).unwrap_or(0),
        }
    }

    fn is_signed(&self, line: u32) -> bool {
        self.voter(line)
            .is_some_and(|voter| !voter.receipts.is_empty())
    }

    fn voter(&self, line: u32) -> Option<&Voter> {
        self.voters.get(usize::try_from(line).ok()?.checked_sub(1)?)
    }

    fn issue(&mut self, line: u32, kit: usize) {
        let at = usize::try_from(line).unwrap_or(1) - 1;
        if let Some(voter) = self.voters.get_mut(at) {
            voter.receipts.push(kit);
        }
    }
}

/// What an event refers to, in 31 bits.
fn reference(body: &Body, kit_of: &dyn Fn(&[u8; 8]) -> u64) -> u64 {
    let named = |kit: &[u8; 8], seq: u32| kit_of(kit) << 8 | u64::from(seq & 0xff);
    if let Body::Identified(body) = body {
        named(&body.grant_kit, body.grant_seq)
    } else if let Body::Granted(body) = body {
        named(&body.to, 0)
    } else if let Body::Resumed(body) = body {
        named(&body.kit, body.seq) << 2 | u64::from(body.outcome)
    } else if let Body::Retired(body) = body {
        body.kits
            .iter()
            .fold(0, |sum, head| sum << 12 | named(&head.kit, head.seq))
    } else if let Body::LineChecked(body) = body {
        body.unsigned.into()
    } else if let Body::Declined(body) = body {
        named(&body.kit, body.seq)
    } else if let Body::Released(body) = body {
        body.seq.into()
    } else if let Body::Printed(body) | Body::Void(body) = body {
        body.receipt.into()
    } else {
        0
    }
}

impl Hall {
    /// A hall with stub signatures.
    ///
    /// # Errors
    /// A text when the bounds make no hall.
    pub fn new(bounds: Bounds, policy: &str, mutation: Option<Mutation>) -> Result<Self, String> {
        let lines = bounds.voters.max(u32::try_from(bounds.kits).unwrap_or(1));
        let precinct =
            Precinct::new(bounds.kits, lines, policy, false).map_err(|error| error.to_string())?;
        Ok(Self {
            precinct,
            bounds,
            mutation,
        })
    }

    fn policy(&self) -> Partition {
        self.precinct.charter.partition()
    }

    fn merge(&self, state: &mut State, kit: usize, act: Arc<Act>, is_own: bool) {
        let wall = (!is_own).then(|| state.reading().wall);
        mutation::merge(
            self.mutation,
            Arc::make_mut(&mut state.kits[kit].book),
            act,
            wall,
        );
    }

    /// Signs, writes and takes in: one durable step.
    fn commit(
        &self,
        state: &mut State,
        kit: usize,
        draft: Draft,
        cards: &[usize],
    ) -> Option<Arc<Act>> {
        let cards: Vec<&dyn Signer> = cards
            .iter()
            .map(|card| &*self.precinct.officers[*card] as &dyn Signer)
            .collect();
        let draft = if cards.is_empty() {
            draft
        } else {
            draft.consented(&cards).ok()?
        };
        let key = &*self.precinct.kits[kit] as &dyn Signer;
        let signed = draft.sign(&state.kits[kit].book, key).ok()?;
        let act = admit(&self.precinct.charter, &signed, &*self.precinct.ring).ok()?;
        let act = Arc::new(act);
        self.merge(state, kit, Arc::clone(&act), true);
        Some(act)
    }

    fn book<'s>(&self, state: &'s mut State, kit: usize) -> &'s mut Book {
        Arc::make_mut(&mut state.kits[kit].book)
    }

    /// A voter's finger fits: the command, as far as it goes without waiting for others.
    fn visit(&self, state: &mut State, line: u32, kit: usize, was_asked: bool) {
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
            match self.book(state, kit).check_in(&command, reading) {
                Err(_) => return,
                Ok(Step::Commit(draft)) => {
                    if let Some(act) = self.commit(state, kit, draft, &[]) {
                        state.kits[kit].stage = Stage::Printing(line, act);
                    }
                    return;
                }
                Ok(Step::Promise(draft)) => {
                    self.commit(state, kit, draft, &[]);
                }
                Ok(Step::CheckLine) => {
                    let says = self.mutation == Some(Mutation::NoPaper) || !state.is_signed(line);
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

    fn ask(&self, state: &mut State, from: usize, kits: &[Kid], line: u32) {
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
        }
        if self.policy() == Partition::Quorum || !answers.is_empty() {
            state.kits[from].stage = Stage::Asking(line, answers);
        }
    }

    fn decline(&self, state: &mut State, kit: usize, line: u32) {
        for _ in 0..state.kits.len() {
            let reading = state.reading();
            let Some(draft) = self.book(state, kit).decline(line, reading) else {
                return;
            };
            self.commit(state, kit, draft, &[]);
        }
    }

    /// Question and answer between two kits, over the shipped messages.
    fn sync(&self, state: &mut State, a: usize, b: usize) {
        let reading = state.reading();
        for (to, from) in [(a, b), (b, a)] {
            let theirs = state.kits[to].book.holdings();
            let me = self.precinct.kid(to);
            let mut message = state.kits[from].book.message(me, 0, &theirs, reading.wall);
            message.answer = true;
            self.book(state, to).hear(&message, reading);
            for signed in &message.events {
                if let Ok(act) = admit(&self.precinct.charter, signed, &*self.precinct.ring) {
                    self.merge(state, to, Arc::new(act), false);
                }
            }
        }
    }

    /// Everybody with everybody in reach, once.
    fn round(&self, state: &mut State) {
        for a in 0..state.kits.len() {
            for b in a + 1..state.kits.len() {
                if state.is_linked(a, b) {
                    self.sync(state, a, b);
                }
            }
        }
    }

    /// Everybody with everybody in reach, twice: then all in reach hold the same.
    fn gossip(&self, state: &mut State) {
        self.round(state);
        self.round(state);
    }

    fn restart(&self, state: &mut State, kit: usize) {
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

    fn pending(&self, state: &mut State, kit: usize) {
        let me = self.precinct.kid(kit);
        for receipt in state.kits[kit].book.pending_receipts() {
            let Some(act) = state.kits[kit].book.act_of_receipt(me, receipt).cloned() else {
                continue;
            };
            let reading = state.reading();
            let line = act.body.line();
            if state.is_signed(line) {
                let draft = self.book(state, kit).void(receipt, "LINE_SIGNED", reading);
                self.commit(state, kit, draft, &[]);
            } else {
                self.print(state, kit, line, receipt);
            }
        }
    }

    fn print(&self, state: &mut State, kit: usize, line: u32, receipt: u32) {
        let reading = state.reading();
        let draft = self.book(state, kit).printed(receipt, 0, reading);
        if self.commit(state, kit, draft, &[]).is_some() {
            state.issue(line, kit);
        }
    }

    fn resume(&self, state: &mut State, line: u32, kit: usize) -> bool {
        let reading = state.reading();
        if self.mutation == Some(Mutation::NoResume) || state.is_signed(line) {
            return false;
        }
        let Ok(draft) = self.book(state, kit).resume(line, false, reading) else {
            return false;
        };
        let done = self.commit(state, kit, draft, TWO).is_some();
        if done {
            state.issue(line, kit);
        }
        done
    }

    /// Everything connected, switched on and exchanged, on a copy.
    fn healed(&self, state: &State) -> State {
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

    /// The properties that are seen on the healed hall; a bit that is set is broken.
    fn verdict(&self, state: &State) -> u8 {
        let healed = self.healed(state);
        [
            self.heals_equal(state, &healed),
            self.is_sound(&healed),
            self.finds_duplicates(state, &healed),
            self.is_live(state, &healed),
        ]
        .iter()
        .enumerate()
        .fold(0, |bits, (at, holds)| bits | u8::from(!holds) << at)
    }

    /// I1: after healing all kits hold the same and say the same, whatever the order.
    fn heals_equal(&self, state: &State, healed: &State) -> bool {
        let Some(first) = healed.kits.first() else {
            return true;
        };
        let mut before: Vec<_> = state
            .kits
            .iter()
            .flat_map(|kit| kit.book.events().map(|act| act.name))
            .collect();
        before.sort();
        before.dedup();
        let kept: Vec<_> = first.book.events().map(|act| act.name).collect();
        healed.kits.iter().all(|kit| {
            kit.book.events().eq(first.book.events())
                && kit.book.states().eq(first.book.states())
                && kit.book.incidents() == first.book.incidents()
                && kit.book.standing() == first.book.standing()
        }) && before.iter().all(|name| kept.contains(name))
    }

    /// I2 and I4 on the healed book: one counted act, every further one shown, chains without forks.
    fn is_sound(&self, healed: &State) -> bool {
        let Some(first) = healed.kits.first() else {
            return true;
        };
        let book = &first.book;
        let chains = self.precinct.charter.kits().iter().all(|kit| {
            book.events_after(*kit, 0)
                .zip(1..)
                .all(|(act, seq)| act.name.seq == seq)
        });
        let shown = book
            .states()
            .all(|(_, voter)| voter.counted.is_some() || voter.duplicates.is_empty());
        chains && shown
    }

    /// A voter with two receipts is always an incident after healing.
    fn finds_duplicates(&self, state: &State, healed: &State) -> bool {
        let doubled: Vec<u32> = (1..=self.bounds.voters)
            .filter(|line| state.voter(*line).is_some_and(|v| v.receipts.len() > 1))
            .collect();
        if doubled.is_empty() {
            return true;
        }
        let Some(first) = healed.kits.first() else {
            return true;
        };
        let incidents = first.book.incidents();
        doubled.iter().all(|line| {
            incidents
                .iter()
                .any(|incident| incident.code == "DUPLICATE" && incident.line == *line)
        })
    }

    /// What the policy promises.
    fn keeps_policy(&self, state: &State) -> bool {
        let acts = |line: u32| {
            let mut names: Vec<_> = state
                .kits
                .iter()
                .flat_map(|kit| kit.book.acts_on(line))
                .filter(|act| identified(act).is_some())
                .map(|act| act.name)
                .collect();
            names.sort();
            names.dedup();
            names.len()
        };
        (1..=self.bounds.voters).all(|line| {
            let receipts = state.voter(line).map_or(0, |voter| voter.receipts.len());
            match self.policy() {
                Partition::Segment => {
                    let untouched =
                        state.retirements == self.bounds.retirements && !state.is_released;
                    (state.is_wrong || receipts <= 1) && (!untouched || acts(line) <= 1)
                }
                Partition::Quorum => receipts <= 1 && acts(line) <= 1,
                Partition::PaperLock => {
                    receipts <= 1
                        || state
                            .kits
                            .iter()
                            .flat_map(|kit| kit.book.acts_on(line))
                            .any(
                                |act| matches!(&act.body, Body::LineChecked(look) if look.unsigned),
                            )
                }
            }
        })
    }

    /// No stuck state: whoever has no receipt can still get one, or under `quorum` is sent to the paper
    /// by two officers because a lost kit holds the promise.
    fn is_live(&self, state: &State, healed: &State) -> bool {
        let waiting: Vec<u32> = (1..=self.bounds.voters)
            .filter(|line| !state.is_signed(*line))
            .collect();
        if waiting.is_empty() {
            return true;
        }
        waiting.iter().all(|line| self.can_end(healed, *line))
    }

    fn can_end(&self, healed: &State, line: u32) -> bool {
        // A promise is never taken back: when a retired kit holds it, two officers refuse here and send
        // the voter to the paper list.
        let is_held = healed.kits.iter().any(|kit| {
            kit.book.state(line).grants_unused.iter().any(|act| {
                pollbook::grant_of(act)
                    .is_some_and(|grant| kit.book.standing().retirement(Kid(*grant.to)).is_some())
            })
        });
        if self.policy() == Partition::Quorum && is_held {
            return true;
        }
        let mut ready = healed.clone();
        for at in 0..ready.kits.len() {
            if ready.kits[at].book.block().is_none() {
                self.pending(&mut ready, at);
            }
        }
        if ready.is_signed(line) {
            return true;
        }
        for at in 0..ready.kits.len() {
            self.decline(&mut ready, at, line);
        }
        self.round(&mut ready);
        (0..ready.kits.len()).any(|kit| {
            let mut state = ready.clone();
            if self.resume(&mut state, line, kit) {
                return true;
            }
            self.visit(&mut state, line, kit, false);
            self.deliver(&mut state, kit);
            matches!(state.kits[kit].stage, Stage::Printing(..))
        })
    }

    fn deliver(&self, state: &mut State, kit: usize) {
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

    /// Whether a power cut takes anything: from an idle kit whose events all others hold it takes no more
    /// than a partition does.
    fn can_lose(&self, state: &State, kit: usize) -> bool {
        let me = self.precinct.kid(kit);
        let head = state.kits[kit].book.head(me).seq;
        let is_idle = matches!(state.kits[kit].stage, Stage::Idle);
        self.bounds.pairs
            || !is_idle
            || state
                .kits
                .iter()
                .any(|other| other.book.head(me).seq < head)
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
            if state.crashes > 0 && self.can_lose(state, kit) {
                actions.push(Action::Crash(kit));
            }
            let may_cut = is_quiet || is_printing;
            if state.partitions > 0 && state.cut.is_none() && kits > 1 && may_cut {
                actions.push(Action::Cut(kit));
            }
            if !is_quiet {
                continue;
            }
            let is_idle = matches!(state.kits[kit].stage, Stage::Idle);
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
                let is_elsewhere = state.kits.iter().any(|other| match &other.stage {
                    Stage::Idle => false,
                    Stage::Asking(at, _) | Stage::Printing(at, _) => *at == line,
                });
                let is_counted = state.kits[kit].book.state(line).counted.is_some();
                if is_idle && is_counted && !is_elsewhere && !state.is_signed(line) {
                    actions.push(Action::Resume(line, kit));
                }
                let is_granted = !state.kits[kit].book.state(line).grants_unused.is_empty();
                if is_idle && is_granted && state.waited && self.policy() != Partition::Quorum {
                    actions.push(Action::Release(line, kit));
                }
            }
        }
        if !is_quiet {
            return;
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

impl Model for Hall {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let kits = (0..self.bounds.kits)
            .map(|kit| Kit {
                is_up: true,
                book: Arc::new(Book::new(
                    Arc::clone(&self.precinct.charter),
                    self.precinct.kid(kit),
                    Vec::new(),
                )),
                stage: Stage::Idle,
            })
            .collect();
        let voter = Voter {
            attempts: self.bounds.attempts,
            receipts: Vec::new(),
        };
        let voters = usize::try_from(self.bounds.voters).unwrap_or(0);
        let mut state = State {
            kits,
            voters: vec![voter; voters],
            cut: None,
            waited: false,
            crashes: self.bounds.crashes,
            partitions: self.bounds.partitions,
            retirements: self.bounds.retirements,
            is_wrong: false,
            is_released: false,
            verdict: 0,
            steps: 0,
            kids: Arc::new(
                (0..self.bounds.kits)
                    .map(|kit| self.precinct.kid(kit))
                    .collect(),
            ),
        };
        for kit in 0..self.bounds.kits {
            let reading = state.reading();
            if let Some(draft) = self.book(&mut state, kit).open(reading) {
                self.commit(&mut state, kit, draft, TWO);
            }
        }
        for a in 0..self.bounds.kits {
            for b in a + 1..self.bounds.kits {
                self.sync(&mut state, a, b);
            }
        }
        vec![state]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
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

    fn next_state(&self, before: &State, action: Action) -> Option<State> {
        let mut state = before.clone();
        state.steps += 1;
        let reading = state.reading();
        match action {
            Action::Visit(line, kit) => {
                let at = usize::try_from(line).ok()?.checked_sub(1)?;
                state.voters.get_mut(at)?.attempts -= 1;
                self.visit(&mut state, line, kit, false);
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
            Action::Restart(kit) => self.restart(&mut state, kit),
            Action::Pending(kit) => {
                if state.kits[kit].book.block().is_some() {
                    return None;
                }
                self.pending(&mut state, kit);
            }
            Action::Sync(a, b) => self.sync(&mut state, a, b),
            Action::Gossip => self.gossip(&mut state),
            Action::Cut(kit) => {
                state.partitions -= 1;
                state.cut = Some(kit);
            }
            Action::Heal => state.cut = None,
            Action::Wait => {
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
            Action::Release(line, kit) => {
                let draft = self.book(&mut state, kit).release(line, reading).ok()?;
                self.commit(&mut state, kit, draft, TWO)?;
                state.is_released = true;
            }
        }
        // With nothing under way the heartbeats have brought everything to everybody in reach.
        if !self.bounds.pairs && state.is_quiet() {
            state.steps += 1;
            self.gossip(&mut state);
        }
        state.verdict = 0;
        if state.is_quiet() {
            state.verdict = self.verdict(&state);
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(
                "the policy's promise holds",
                |hall: &Hall, state: &State| hall.keeps_policy(state),
            ),
            Property::always("I1: healed is equal", |_: &Hall, state: &State| {
                state.verdict & 1 == 0
            }),
            Property::always("I2, I4: one counted, no fork", |_: &Hall, state: &State| {
                state.verdict & 2 == 0
            }),
            Property::always(
                "a second receipt is always found",
                |_: &Hall, state: &State| state.verdict & 4 == 0,
            ),
            Property::always("nobody is stuck", |_: &Hall, state: &State| {
                state.verdict & 8 == 0
            }),
        ]
    }
}

/// What a check came to.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Different states.
    pub states: usize,
    /// Longest path from the start.
    pub depth: usize,
    /// Properties that broke, each with the steps to it.
    pub broken: Vec<(String, Vec<String>)>,
}

/// Checks a hall exhaustively.
///
/// # Errors
/// A text when the bounds make no hall.
pub fn check(
    bounds: Bounds,
    policy: &str,
    mutation: Option<Mutation>,
    threads: usize,
) -> Result<Checked, String> {
    let hall = Hall::new(bounds, policy, mutation)?;
    // With one thread stateright's breadth-first search was seen to stop half-way and wait for ever.
    let checker = hall.checker().threads(threads.max(2)).spawn_bfs().join();
    let mut broken: Vec<(String, Vec<String>)> = checker
        .discoveries()
        .into_iter()
        .map(|(name, path)| {
            let steps = path
                .into_actions()
                .iter()
                .map(|action| format!("{action:?}"))
                .collect();
            (name.to_owned(), steps)
        })
        .collect();
    broken.sort();
    Ok(Checked {
        states: checker.unique_state_count(),
        depth: checker.max_depth(),
        broken,
    })
}
