//! The poll book of one kit: a set of admitted events and what they add up to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lexicon::handover::envelope::{DocumentId, Kid};
use lexicon::handover::event::{EventName, PeerHead};
use lexicon::{Instant, Method};

use crate::act::{Act, Body, Order, outcome};
use crate::cards::Facts;
use crate::chain::Chain;
use crate::charter::Charter;
use crate::clock::{ClockFault, Hlc, HybridClock, Reading};
use crate::exchange::KitMessage;
use crate::list::{ListInForce, taken_of};
use crate::second_day::DayFacts;
use crate::standing::Standing;
use crate::voter::VoterState;

/// Why a kit is stopped: the chair acts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Block {
    /// The clock is not followed; two officers set it and open the kit again.
    #[error(transparent)]
    Clock(#[from] ClockFault),
    /// Two different events bear one counter of this kit: its disk was copied or set back.
    #[error("two different events bear seq {seq} of this kit")]
    Equivocation {
        /// The counter.
        seq: u32,
    },
    /// A peer has seen more of this kit's journal than the kit itself holds.
    #[error("a peer has seen seq {seen} of this kit, its journal ends at {held}")]
    Rollback {
        /// What the peer saw.
        seen: u32,
        /// Where the own journal ends.
        held: u32,
    },
    /// Two officers retired this kit: it is handed to the chair.
    #[error("this kit was retired")]
    Retired,
}

/// What became of an event that was offered to the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merged {
    /// It was not there before.
    New,
    /// It was there.
    Known,
    /// Another event bears the same kit and counter: both are kept.
    Equivocation,
}

/// The last event of a kit up to which nothing is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The kit.
    pub kit: Kid,
    /// Its counter, 0 before the first event.
    pub seq: u32,
    /// The event's id, zeros before the first.
    pub id: DocumentId,
}

impl From<Head> for PeerHead {
    fn from(head: Head) -> Self {
        Self {
            kit: head.kit.0.into(),
            seq: head.seq,
            head: head.id.0.into(),
        }
    }
}

impl Head {
    fn none(kit: Kid) -> Self {
        Self {
            kit,
            seq: 0,
            id: DocumentId([0; 32]),
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Peer {
    heard: Option<u64>,
    skew_micros: i64,
    /// Where the peer said that its own chain ends.
    head: u32,
    /// Up to which counter the peer said that it holds this kit's chain.
    holds: u32,
}

/// What became of one receipt on paper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Paper {
    /// Times it came out of its own kit's printer.
    pub copies: u32,
    /// Whether it was declared void.
    pub void: bool,
    /// Whether two officers let another event stand for it.
    pub resumed: bool,
}

/// The state of one kit: a fold over a set of events that only grows.
///
/// INVARIANT (set union): merging is inserting into a set; nothing admitted ever leaves it, and the
/// state depends on the set alone, never on the order of arrival.
#[derive(Clone, Debug)]
pub struct Book {
    charter: Arc<Charter>,
    me: Kid,
    home: Vec<u32>,
    pub(crate) chains: BTreeMap<Kid, Chain>,
    /// What names a line, in the order of the fold.
    lines: BTreeMap<u32, Vec<Arc<Act>>>,
    states: BTreeMap<u32, Box<VoterState>>,
    takeovers: BTreeMap<Order, Arc<Act>>,
    standing: Standing,
    /// LIST_CHANGED events, whoever wrote them.
    list_changes: BTreeMap<Order, Arc<Act>>,
    /// The list by all of them, and by this kit's own.
    list: ListInForce,
    own_list: ListInForce,
    papers: BTreeMap<(Kid, u32), Paper>,
    facts: Facts,
    days: DayFacts,
    glass: BTreeMap<Order, Arc<Act>>,
    /// Acts by kit and counter that another event stands for as the receipt.
    resumed: BTreeSet<(Kid, u32)>,
    /// Those among them whose receipt a kit of the hall gave.
    resumed_in_hall: BTreeSet<(Kid, u32)>,
    /// Acts whose slip two officers declared void.
    voided: BTreeSet<(Kid, u32)>,
    counted: u32,
    clock: HybridClock,
    peers: BTreeMap<Kid, Peer>,
    block: Option<Block>,
    rejected: u32,
    /// Acts that came with a stamp beyond the bound, not yet recorded as incidents.
    ahead: Vec<EventName>,
    /// Whether the kit's chain was put back from a copy and the others have not all been heard since.
    in_doubt: bool,
    /// Microseconds of the steady clock since which this book has been able to hear others, and where its own chain ended
    /// then; none before its first reading.
    listening: Option<(u64, u32)>,
}

static NOT_SEEN: VoterState = VoterState {
    counted: None,
    duplicates: Vec::new(),
    undone: Vec::new(),
    set_aside: Vec::new(),
    grants_unused: Vec::new(),
    grants_released: Vec::new(),
    signed: Vec::new(),
    ballots: Vec::new(),
    returned: Vec::new(),
    checks: Vec::new(),
    home_release: None,
    not_found: 0,
    refused: 0,
};

impl Book {
    /// An empty book of the kit `me`; `home` holds the lines reserved for home voting.
    #[must_use]
    pub fn new(charter: Arc<Charter>, me: Kid, mut home: Vec<u32>) -> Self {
        let bound = charter.policy().skew_block_seconds;
        home.sort_unstable();
        let list = ListInForce::of(&charter);
        Self {
            charter,
            me,
            home,
            chains: BTreeMap::new(),
            lines: BTreeMap::new(),
            states: BTreeMap::new(),
            takeovers: BTreeMap::new(),
            standing: Standing::default(),
            list_changes: BTreeMap::new(),
            list: list.clone(),
            own_list: list,
            papers: BTreeMap::new(),
            facts: Facts::default(),
            days: DayFacts::default(),
            glass: BTreeMap::new(),
            resumed: BTreeSet::new(),
            resumed_in_hall: BTreeSet::new(),
            voided: BTreeSet::new(),
            counted: 0,
            listening: None,
            clock: HybridClock::new(Hlc::default(), bound),
            peers: BTreeMap::new(),
            block: None,
            rejected: 0,
            ahead: Vec::new(),
            in_doubt: false,
        }
    }

    /// Notes that the kit's chain was put back from a copy: its last events may be missing, as a grant that printed no
    /// receipt. Until every other kit at work has been heard, each line needs a look at the paper.
    pub fn doubt(&mut self) {
        self.in_doubt = true;
    }

    /// Whether the kit still waits for the others after it was put back from a copy.
    #[must_use]
    pub fn is_in_doubt(&self) -> bool {
        self.in_doubt
    }

    /// Ends the doubt when all others are in touch; `true` when it ended now.
    pub fn settle_doubt(&mut self, reading: Reading) -> bool {
        let ends = self.in_doubt && self.is_whole(reading);
        self.in_doubt &= !ends;
        ends
    }

    /// The rules of the precinct.
    #[must_use]
    pub fn charter(&self) -> &Charter {
        &self.charter
    }

    /// The kit whose book this is.
    #[must_use]
    pub fn me(&self) -> Kid {
        self.me
    }

    /// Takes an admitted event into the set, from the own journal or from a peer.
    ///
    /// `wall` is the kit's own clock when the event comes from a peer, `None` for the own journal.
    pub fn merge(&mut self, act: impl Into<Arc<Act>>, wall: Option<Instant>) -> Merged {
        let act: Arc<Act> = act.into();
        let merged = self
            .chains
            .entry(act.name.kit)
            .or_default()
            .insert(Arc::clone(&act));
        if merged == Merged::Known {
            return merged;
        }
        match wall {
            Some(wall) if act.name.kit != self.me => {
                if !self.clock.observe(act.hlc, wall) {
                    self.ahead.push(act.name);
                }
            }
            // INVARIANT (own stamps rise): what this kit signed is followed wherever its clock stood then,
            // also when a peer gives it back; the next stamp lies after it.
            Some(_) | None => self.clock.restore(act.hlc),
        }
        self.note_paper(&act);
        self.facts.note(&act);
        self.days.note(&act);
        if let Body::GlassBroken(_) = &act.body {
            self.glass.insert(act.order(), Arc::clone(&act));
        }
        let line = act.body.line();
        if line > 0 {
            let acts = self.lines.entry(line).or_default();
            let at = acts.partition_point(|other| other.order() < act.order());
            // Few acts name a line, and it keeps no room for more of them.
            acts.reserve_exact(1);
            acts.insert(at, Arc::clone(&act));
            self.refold(line);
        }
        if matches!(act.body, Body::Retired(_)) {
            self.takeovers.insert(act.order(), Arc::clone(&act));
            self.standing = Standing::fold(&self.takeovers);
            let lines: Vec<u32> = self.lines.keys().copied().collect();
            lines.into_iter().for_each(|line| self.refold(line));
        }
        if taken_of(&act).is_some() {
            self.list_changes.insert(act.order(), Arc::clone(&act));
            self.refold_list();
        }
        self.notice_fault(&act, merged, wall.is_some());
        merged
    }

    fn refold_list(&mut self) {
        let all = self.list_changes.values();
        self.list = ListInForce::with(&self.charter, all.filter_map(|act| taken_of(act)));
        let own = self
            .list_changes
            .values()
            .filter(|act| act.name.kit == self.me);
        self.own_list = ListInForce::with(&self.charter, own.filter_map(|act| taken_of(act)));
    }

    /// The list in force by every change that is known here.
    #[must_use]
    pub fn list(&self) -> &ListInForce {
        &self.list
    }

    /// Whether this kit wrote the change of the list into its own chain.
    pub(crate) fn has_recorded(&self, delta: DocumentId) -> bool {
        let mut own = self
            .list_changes
            .values()
            .filter(|act| act.name.kit == self.me);
        own.any(|act| taken_of(act).is_some_and(|taken| taken.id == delta))
    }

    /// The first event that carries a change of the list.
    pub(crate) fn list_change(&self, delta: DocumentId) -> Option<&Arc<Act>> {
        let mut changes = self.list_changes.values();
        changes.find(|act| taken_of(act).is_some_and(|taken| taken.id == delta))
    }

    /// The last line of the list that this kit's own chain stands on.
    pub(crate) fn own_lines(&self) -> u32 {
        self.own_list.lines()
    }

    /// First 16 bytes of the root that this kit's own chain stands on.
    pub(crate) fn own_root_prefix(&self) -> [u8; 16] {
        let mut prefix = [0u8; 16];
        prefix.copy_from_slice(&self.own_list.root()[..16]);
        prefix
    }

    fn refold(&mut self, line: u32) {
        let Some(acts) = self.lines.get(&line) else {
            return;
        };
        let state = VoterState::fold(acts, &self.standing);
        let before = self.states.get(&line).is_some_and(|s| s.counted.is_some());
        self.counted = self.counted - u32::from(before) + u32::from(state.counted.is_some());
        self.states.insert(line, Box::new(state));
    }

    fn note_paper(&mut self, act: &Act) {
        if let Body::Printed(body) = &act.body {
            self.papers
                .entry((act.name.kit, body.receipt))
                .or_default()
                .copies += 1;
        } else if let Body::Void(body) = &act.body {
            self.papers
                .entry((act.name.kit, body.receipt))
                .or_default()
                .void = true;
        } else if let Body::SlipVoided(body) = &act.body {
            self.voided.insert((Kid(*body.kit), body.seq));
        } else if let Body::Resumed(body) = &act.body
            && body.outcome == outcome::SERVED
        {
            let name = (Kid(*body.kit), body.seq);
            self.resumed.insert(name);
            if !self.charter.is_mobile(act.name.kit) {
                self.resumed_in_hall.insert(name);
            }
        }
    }

    /// Whether two officers gave the voter of this act the slip in the hall: the kit that identified them was lost.
    pub(crate) fn is_resumed_in_hall(&self, act: &Act) -> bool {
        self.resumed_in_hall.contains(&(act.name.kit, act.name.seq))
    }

    /// What is known of days.
    pub(crate) fn day_facts(&self) -> &DayFacts {
        &self.days
    }

    /// Every GLASS_BROKEN, in the order of the fold.
    pub(crate) fn glass(&self) -> impl Iterator<Item = &Arc<Act>> {
        self.glass.values()
    }

    /// What is known of cards and links.
    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// What became of the receipt of an act.
    pub(crate) fn paper(&self, act: &Act) -> Paper {
        if let Body::Reconstructed(_) | Body::PaperServed(_) = &act.body {
            return Paper {
                copies: 1,
                ..Paper::default()
            };
        }
        let receipt = crate::identified(act).map_or(0, |body| body.receipt);
        let mut paper = self
            .papers
            .get(&(act.name.kit, receipt))
            .copied()
            .unwrap_or_default();
        paper.void |= self.voided.contains(&(act.name.kit, act.name.seq));
        paper.resumed = self.resumed.contains(&(act.name.kit, act.name.seq));
        paper
    }

    fn notice_fault(&mut self, act: &Act, merged: Merged, from_peer: bool) {
        if act.name.kit == self.me {
            if merged == Merged::Equivocation {
                self.block = Some(Block::Equivocation { seq: act.name.seq });
            } else if from_peer {
                // The own journal lost it: it is fetched back, and nothing new is written meanwhile.
                let seen = act.name.seq;
                let held = self.head(self.me).seq;
                if seen > held && !self.is_blocked_for_good() {
                    self.block = Some(Block::Rollback { seen, held });
                }
            }
            self.lift_rollback();
        }
        if self.standing.retirement(self.me).is_some()
            && !matches!(self.block, Some(Block::Equivocation { .. }))
        {
            self.block = Some(Block::Retired);
        }
        if let Body::PeerHead(head) = &act.body
            && Kid(*head.kit) == self.me
            && act.name.kit != self.me
        {
            self.peer_saw(head);
        }
    }

    fn is_blocked_for_good(&self) -> bool {
        matches!(
            self.block,
            Some(Block::Equivocation { .. } | Block::Retired)
        )
    }

    /// A rollback is over when the peers have given back everything that they saw.
    fn lift_rollback(&mut self) {
        if let Some(Block::Rollback { seen, .. }) = self.block
            && self.head(self.me).seq >= seen
        {
            self.block = None;
        }
    }

    /// Compares what a peer saw of this kit's journal with the journal itself.
    fn peer_saw(&mut self, seen: &PeerHead) {
        let held = self.head(self.me);
        if self.is_blocked_for_good() {
            return;
        }
        if seen.seq > held.seq {
            self.block = Some(Block::Rollback {
                seen: seen.seq,
                held: held.seq,
            });
        } else if seen.seq > 0
            && let Some(bearers) = self
                .chains
                .get(&self.me)
                .and_then(|c| c.events.get(&seen.seq))
            && bearers.iter().all(|known| known.name.id.0 != *seen.head)
        {
            self.block = Some(Block::Equivocation { seq: seen.seq });
        }
    }

    /// Notes that an event was refused at the door.
    pub fn count_rejected(&mut self) {
        self.rejected += 1;
    }

    /// How many events were refused at the door.
    #[must_use]
    pub fn rejected(&self) -> u32 {
        self.rejected
    }

    /// Notes a signed message of a peer: when it came, what its clock showed, how it saw this kit. The
    /// shell has checked that an answer is to this kit's own last question.
    ///
    /// The kit stops when its clock is beyond the bound from more than half of those heard lately,
    /// unless two officers vouched for it.
    pub fn hear(&mut self, message: &KitMessage, reading: Reading) {
        self.listen(reading);
        let kit = message.sender();
        if let Some(seen) = message.head_of(self.me) {
            self.peer_saw(seen);
        }
        // A question may be an old one, held up or played back: only an answer to this kit's own
        // question shows that the peer is there now, and what its clock shows.
        if !message.answer {
            return;
        }
        // A peer may claim any moment.
        let skew_micros = message
            .sent()
            .micros()
            .saturating_sub(reading.wall.micros());
        self.peers.insert(
            kit,
            Peer {
                heard: Some(reading.steady_micros),
                skew_micros,
                head: message.head_of(kit).map_or(0, |head| head.seq),
                holds: message.head_of(self.me).map_or(0, |head| head.seq),
            },
        );
        self.compare_clocks(reading);
    }

    fn compare_clocks(&mut self, reading: Reading) {
        if self.clock.is_vouched() || self.block.is_some() {
            return;
        }
        let bound = self.bound_micros();
        let skews: Vec<i64> = self
            .peers
            .iter()
            .filter(|(kit, _)| self.standing.retirement(**kit).is_none())
            .filter(|(kit, _)| self.is_reachable(**kit, reading))
            .map(|(_, peer)| peer.skew_micros)
            .collect();
        let off = skews.iter().filter(|skew| skew.abs() > bound).count();
        if off * 2 > skews.len()
            && let Some(skew) = skews.iter().find(|skew| skew.abs() > bound)
        {
            self.block = Some(Block::Clock(ClockFault::AgainstPeers {
                seconds: -skew / 1_000_000,
            }));
        }
    }

    /// Takes the clock as it is now; the shell calls it after the officers' TIME_SET event is durable.
    pub fn clock_was_set(&mut self, reading: Reading) {
        self.clock.anchor(reading);
        if matches!(self.block, Some(Block::Clock(_))) {
            self.block = None;
        }
    }

    /// When each peer was last heard, microseconds of the steady clock, and where it said its chain ends.
    pub fn heard(&self) -> impl Iterator<Item = (Kid, u64, u32)> {
        self.peers
            .iter()
            .filter_map(|(kit, peer)| Some((*kit, peer.heard?, peer.head)))
    }

    /// Whether a kit was heard within the policy's bound.
    #[must_use]
    pub fn is_reachable(&self, kit: Kid, reading: Reading) -> bool {
        let bound = u64::from(self.charter.policy().peer_stale_seconds) * 1_000_000;
        self.peers
            .get(&kit)
            .and_then(|peer| peer.heard)
            .is_some_and(|heard| reading.steady_micros.saturating_sub(heard) <= bound)
    }

    /// Whether a kit was heard lately and nothing that it said to have is missing here.
    #[must_use]
    pub fn is_in_touch(&self, kit: Kid, reading: Reading) -> bool {
        self.is_reachable(kit, reading)
            && self
                .peers
                .get(&kit)
                .is_some_and(|peer| self.head(kit).seq >= peer.head)
    }

    fn listen(&mut self, reading: Reading) {
        if self.listening.is_none() {
            self.listening = Some((reading.steady_micros, self.head(self.me).seq));
        }
    }

    /// Whether whoever is in reach would have been heard since this kit started.
    #[must_use]
    pub fn has_listened(&self, reading: Reading) -> bool {
        let bound = u64::from(self.charter.policy().peer_stale_seconds) * 1_000_000;
        self.listening
            .is_some_and(|(since, _)| reading.steady_micros.saturating_sub(since) > bound)
    }

    /// Whether this kit wrote the event with a counter since it started.
    #[must_use]
    pub fn wrote_since_start(&self, seq: u32) -> bool {
        self.listening.is_some_and(|(_, head)| seq > head)
    }

    /// Whether a peer said that it holds this kit's chain up to a counter.
    #[must_use]
    pub fn has_shown(&self, kit: Kid, seq: u32) -> bool {
        self.peers.get(&kit).is_some_and(|peer| peer.holds >= seq)
    }

    /// Every other kit at work, in the package's order.
    pub(crate) fn others_at_work(&self) -> impl Iterator<Item = Kid> {
        let kits = self.charter.kits().iter().copied();
        kits.filter(|kit| *kit != self.me && self.is_at_work(*kit))
    }

    /// Whether what a kit did before now is known here as far as it can be: it is in touch, or it is out of reach, and not
    /// only because this kit started a moment ago.
    pub(crate) fn has_heard(&mut self, kit: Kid, reading: Reading) -> bool {
        self.listen(reading);
        if self.is_reachable(kit, reading) {
            self.is_in_touch(kit, reading)
        } else {
            self.has_listened(reading)
        }
    }

    /// Whether every other kit that is not retired is in touch; kits that never opened do not count.
    #[must_use]
    pub fn is_whole(&self, reading: Reading) -> bool {
        self.others_at_work()
            .all(|kit| self.is_in_touch(kit, reading))
    }

    /// Whether nothing that another kit of the hall did can be unknown here: all are in touch, and none was retired. What
    /// a retired kit did out of everybody's reach, by its paper, went with it.
    #[must_use]
    pub(crate) fn hears_all(&self, reading: Reading) -> bool {
        let mut kits = self.charter.kits().iter();
        self.is_whole(reading)
            && !kits.any(|kit| {
                !self.charter.is_mobile(*kit) && self.standing.retirement(*kit).is_some()
            })
    }

    /// Whether a kit must be assumed to serve voters: it has a share or was seen to open, and is not
    /// retired. A spare without a share is at work from its opening.
    #[must_use]
    pub fn is_at_work(&self, kit: Kid) -> bool {
        // A mobile kit that closed after its visits is switched off on election day.
        if self.charter.is_mobile(kit) && self.closed(kit).is_some() {
            return false;
        }
        self.standing.retirement(kit).is_none()
            && (self.opened(kit).is_some()
                || self.charter.voting_kits().any(|voting| voting == kit))
    }

    /// Which kits are retired.
    #[must_use]
    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Which kit owns a line's number now, takeovers followed.
    #[must_use]
    pub fn owner(&self, line: u32) -> Option<Kid> {
        if !self.has_line(line) {
            return None;
        }
        if self.standing.is_empty() {
            return self.charter.owner(line);
        }
        self.standing.owners(&self.charter, line).last().copied()
    }

    /// Acts that came with a stamp beyond the clock's bound since the last call: the shell records
    /// each as an incident `CLOCK`.
    pub fn take_ahead(&mut self) -> Vec<EventName> {
        std::mem::take(&mut self.ahead)
    }

    /// A peer's clock minus the own, microseconds, when last heard.
    #[must_use]
    pub fn skew_micros(&self, kit: Kid) -> Option<i64> {
        self.peers.get(&kit).map(|peer| peer.skew_micros)
    }

    /// Why the kit is stopped, if it is.
    #[must_use]
    pub fn block(&self) -> Option<&Block> {
        self.block.as_ref()
    }

    /// Looks at the clock before anything else is decided; a fault stops the kit.
    pub fn inspect_clock(&mut self, reading: Reading) {
        self.listen(reading);
        if self.block.is_none()
            && let Err(fault) = self.clock.inspect(reading)
        {
            self.block = Some(Block::Clock(fault));
        }
    }

    /// The moment that the next stamp will bear, microseconds UTC, when the clock is not at fault.
    pub(crate) fn next_moment(&self, reading: Reading) -> i64 {
        let last = self.clock.last().moment().micros();
        last.max(reading.wall.micros())
    }

    /// The next stamp of this kit, when the clock is not at fault.
    pub(crate) fn next_stamp(&self, reading: Reading) -> Hlc {
        self.clock.next(reading.wall)
    }

    /// How long ago an event was written, microseconds; `None` where no clock tells.
    pub(crate) fn age_micros(&self, act: &Act, reading: Reading) -> Option<i64> {
        self.clock.age_micros(act.hlc, reading)
    }

    /// The least time that has passed since an event was written, microseconds.
    pub(crate) fn least_age_micros(&self, act: &Act, reading: Reading) -> i64 {
        self.clock.least_age_micros(act.hlc, reading)
    }

    /// How far a stamp may lie ahead of a clock that follows it, microseconds.
    pub(crate) fn bound_micros(&self) -> i64 {
        i64::from(self.charter.policy().skew_block_seconds) * 1_000_000
    }

    /// The next stamp.
    pub(crate) fn stamp(&mut self, reading: Reading) -> Hlc {
        self.listen(reading);
        match self.clock.tick(reading) {
            Ok(stamp) => stamp,
            Err(fault) => {
                self.block.get_or_insert(Block::Clock(fault));
                self.clock.step(reading)
            }
        }
    }

    /// The stamp of an event about the clock itself: after the last, at the wall only when it agrees.
    pub(crate) fn clock_step(&mut self, reading: Reading) -> Hlc {
        match self.clock.tick(reading) {
            Ok(stamp) => stamp,
            Err(_) => self.clock.step(reading),
        }
    }

    /// What is known about a line.
    #[must_use]
    pub fn state(&self, line: u32) -> &VoterState {
        self.states.get(&line).map_or(&NOT_SEEN, |state| &**state)
    }

    /// Lines with any event, ascending.
    pub fn states(&self) -> impl Iterator<Item = (u32, &VoterState)> {
        self.states.iter().map(|(line, state)| (*line, &**state))
    }

    /// Whether a line is reserved for home voting: on the frozen home list, and not released for the hall.
    #[must_use]
    pub fn is_home(&self, line: u32) -> bool {
        self.home.binary_search(&line).is_ok() && self.state(line).home_release.is_none()
    }

    pub(crate) fn home_list(&self) -> &[u32] {
        &self.home
    }

    /// Voters counted as identified, all kits together.
    #[must_use]
    pub fn counted(&self) -> u32 {
        self.counted
    }

    /// IDENTIFIED events of a kit: also the last receipt number it gave.
    #[must_use]
    pub fn acts_of(&self, kit: Kid) -> u32 {
        self.chains.get(&kit).map_or(0, |chain| chain.acts)
    }

    /// A kit's head.
    #[must_use]
    pub fn head(&self, kit: Kid) -> Head {
        self.chains
            .get(&kit)
            .and_then(Chain::head)
            .map_or_else(|| Head::none(kit), |(seq, id)| Head { kit, seq, id })
    }

    /// When a kit opened, if it has.
    #[must_use]
    pub fn opened(&self, kit: Kid) -> Option<&Arc<Act>> {
        self.chains
            .get(&kit)
            .and_then(|chain| chain.opened.as_ref())
    }

    /// When a kit closed, if it has: on the last day that it was opened for.
    #[must_use]
    pub fn closed(&self, kit: Kid) -> Option<&Arc<Act>> {
        self.chains.get(&kit).and_then(Chain::closed)
    }

    /// Every event, kit by kit, by counter.
    pub fn events(&self) -> impl Iterator<Item = &Arc<Act>> {
        self.chains
            .values()
            .flat_map(|chain| chain.events.values().flat_map(|bearers| &**bearers))
    }

    /// How many events the set holds.
    #[must_use]
    pub fn holds(&self) -> usize {
        self.chains.values().map(|chain| chain.held).sum()
    }

    /// A kit's events after a counter, in order.
    pub fn events_after(&self, kit: Kid, seq: u32) -> impl Iterator<Item = &Arc<Act>> {
        self.chains
            .get(&kit)
            .into_iter()
            .flat_map(move |chain| chain.events.range(seq.saturating_add(1)..))
            .flat_map(|(_, bearers)| &**bearers)
    }

    /// One event by kit and counter; the first by id when there are several.
    #[must_use]
    pub fn event(&self, kit: Kid, seq: u32) -> Option<&Arc<Act>> {
        self.chains.get(&kit)?.events.get(&seq)?.first()
    }

    /// Every event that names a line, in the order of the fold.
    pub fn acts_on(&self, line: u32) -> impl Iterator<Item = &Arc<Act>> {
        self.lines.get(&line).into_iter().flatten()
    }

    /// Every takeover, in the order of the fold.
    pub(crate) fn takeovers(&self) -> impl Iterator<Item = &Arc<Act>> {
        self.takeovers.values()
    }

    /// Whether a kit is named by more than one takeover.
    pub(crate) fn has_rival_takeovers(&self) -> bool {
        let mut named: Vec<[u8; 8]> = self
            .takeovers
            .values()
            .filter_map(|act| match_retired(act))
            .flat_map(|body| body.kits.iter().map(|head| *head.kit))
            .collect();
        let all = named.len();
        named.sort_unstable();
        named.dedup();
        named.len() < all
    }

    /// The act that bears a kit's receipt number, the first when there are several.
    #[must_use]
    pub fn act_of_receipt(&self, kit: Kid, receipt: u32) -> Option<&Arc<Act>> {
        self.events_after(kit, 0)
            .find(|act| crate::identified(act).is_some_and(|body| body.receipt == receipt))
    }

    /// Counted acts by two officers instead of a finger.
    #[must_use]
    pub fn overrides(&self) -> u32 {
        let by_hand = self.states.values().filter(|state| {
            let body = state
                .counted
                .as_ref()
                .and_then(|act| crate::identified(act));
            let method = body.and_then(|body| Method::from_number(body.method));
            method.is_some_and(|method| match method {
                Method::Face2 | Method::Document2 | Method::Override2 => true,
                Method::Finger | Method::Home => false,
            })
        });
        u32::try_from(by_hand.count()).unwrap_or(u32::MAX)
    }

    /// Whether overrides have passed the policy's share of the list: an alarm, never a refusal.
    #[must_use]
    pub fn override_alarm(&self) -> bool {
        let quota = u64::from(self.charter.policy().override_quota_permille);
        u64::from(self.overrides()) * 1000 > quota * u64::from(self.charter.lines())
    }
}

fn match_retired(act: &Act) -> Option<&lexicon::handover::event::Retired> {
    if let Body::Retired(body) = &act.body {
        Some(body)
    } else {
        None
    }
}
