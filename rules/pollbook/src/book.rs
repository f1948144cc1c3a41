//! The poll book of one kit: a set of admitted events and what they add up to.

use std::collections::BTreeMap;
use std::sync::Arc;

use lexicon::handover::envelope::{DocumentId, Kid};
use lexicon::handover::event::{Incident, PeerHead};
use lexicon::{Instant, Method};

use crate::act::{Act, Body, Order};
use crate::charter::Charter;
use crate::clock::{ClockFault, Hlc, HybridClock, Reading};
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

#[derive(Clone, Debug, Default)]
struct Chain {
    /// By counter; more than one event under a counter is equivocation.
    events: BTreeMap<u32, Vec<Arc<Act>>>,
    /// Highest counter below which none is missing.
    whole: u32,
    acts: u32,
    opened: Option<Arc<Act>>,
    closed: Option<Arc<Act>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Peer {
    heard: Option<u64>,
    skew_micros: i64,
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
    chains: BTreeMap<Kid, Chain>,
    lines: BTreeMap<u32, BTreeMap<Order, Arc<Act>>>,
    states: BTreeMap<u32, VoterState>,
    counted: u32,
    clock: HybridClock,
    peers: BTreeMap<Kid, Peer>,
    block: Option<Block>,
    rejected: u32,
}

static NOT_SEEN: VoterState = VoterState {
    counted: None,
    duplicates: Vec::new(),
    undone: Vec::new(),
    grants_unused: Vec::new(),
    refused: 0,
};

impl Book {
    /// An empty book of the kit `me`; `home` holds the lines reserved for home voting.
    #[must_use]
    pub fn new(charter: Arc<Charter>, me: Kid, mut home: Vec<u32>) -> Self {
        let bound = charter.policy().skew_block_seconds;
        home.sort_unstable();
        Self {
            charter,
            me,
            home,
            chains: BTreeMap::new(),
            lines: BTreeMap::new(),
            states: BTreeMap::new(),
            counted: 0,
            clock: HybridClock::new(Hlc::default(), bound),
            peers: BTreeMap::new(),
            block: None,
            rejected: 0,
        }
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
    pub fn merge(&mut self, act: Act, wall: Option<Instant>) -> Merged {
        let chain = self.chains.entry(act.name.kit).or_default();
        let bearers = chain.events.entry(act.name.seq).or_default();
        if bearers.iter().any(|known| known.name.id == act.name.id) {
            return Merged::Known;
        }
        let merged = if bearers.is_empty() {
            Merged::New
        } else {
            Merged::Equivocation
        };
        let act = Arc::new(act);
        bearers.push(Arc::clone(&act));
        bearers.sort_by_key(|known| known.name.id);
        chain.advance();
        match &act.body {
            Body::Identified(_) => chain.acts += 1,
            Body::Opened(_) => chain.opened = earlier(chain.opened.take(), &act),
            Body::Closed(_) => chain.closed = earlier(chain.closed.take(), &act),
            Body::Refused(_)
            | Body::Undone(_)
            | Body::Granted(_)
            | Body::Printed(_)
            | Body::Void(_)
            | Body::PeerHead(_)
            | Body::Incident(_)
            | Body::Released(_) => {}
        }
        match wall {
            Some(wall) => {
                self.clock.observe(act.hlc, wall);
            }
            None => self.clock.restore(act.hlc),
        }
        self.notice_fault(&act, merged);
        let line = act.body.line();
        if line > 0 {
            let acts = self.lines.entry(line).or_default();
            acts.insert(act.order(), act);
            let state = VoterState::fold(acts);
            let before = self.states.get(&line).is_some_and(|s| s.counted.is_some());
            self.counted = self.counted - u32::from(before) + u32::from(state.counted.is_some());
            self.states.insert(line, state);
        }
        merged
    }

    fn notice_fault(&mut self, act: &Act, merged: Merged) {
        if merged == Merged::Equivocation && act.name.kit == self.me {
            self.block = Some(Block::Equivocation { seq: act.name.seq });
        }
        if let Body::PeerHead(head) = &act.body
            && Kid(*head.kit) == self.me
            && act.name.kit != self.me
        {
            self.peer_saw(head);
        }
    }

    /// Compares what a peer saw of this kit's journal with the journal itself.
    fn peer_saw(&mut self, seen: &PeerHead) {
        let held = self.head(self.me);
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

    /// Notes a signed message of a peer: when it came, what its clock showed, how it saw this kit.
    pub fn hear(&mut self, kit: Kid, sent: Instant, saw_me: Option<&PeerHead>, reading: Reading) {
        // A peer may claim any moment.
        let skew_micros = sent.micros().saturating_sub(reading.wall.micros());
        self.peers.insert(
            kit,
            Peer {
                heard: Some(reading.steady_micros),
                skew_micros,
            },
        );
        if let Some(seen) = saw_me {
            self.peer_saw(seen);
        }
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
        if self.block.is_none()
            && let Err(fault) = self.clock.inspect(reading)
        {
            self.block = Some(Block::Clock(fault));
        }
    }

    /// The next stamp.
    pub(crate) fn stamp(&mut self, reading: Reading) -> Hlc {
        match self.clock.tick(reading) {
            Ok(stamp) => stamp,
            Err(fault) => {
                self.block.get_or_insert(Block::Clock(fault));
                self.clock.step()
            }
        }
    }

    /// What is known about a line.
    #[must_use]
    pub fn state(&self, line: u32) -> &VoterState {
        self.states.get(&line).unwrap_or(&NOT_SEEN)
    }

    /// Lines with any event, ascending.
    pub fn states(&self) -> impl Iterator<Item = (u32, &VoterState)> {
        self.states.iter().map(|(line, state)| (*line, state))
    }

    /// Whether a line is reserved for home voting.
    #[must_use]
    pub fn is_home(&self, line: u32) -> bool {
        self.home.binary_search(&line).is_ok()
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
        let nothing = Head {
            kit,
            seq: 0,
            id: DocumentId([0; 32]),
        };
        self.chains.get(&kit).map_or(nothing, |chain| {
            chain
                .events
                .get(&chain.whole)
                .and_then(|bearers| bearers.first())
                .map_or(nothing, |act| Head {
                    kit,
                    seq: act.name.seq,
                    id: act.name.id,
                })
        })
    }

    /// When a kit opened, if it has.
    #[must_use]
    pub fn opened(&self, kit: Kid) -> Option<&Arc<Act>> {
        self.chains
            .get(&kit)
            .and_then(|chain| chain.opened.as_ref())
    }

    /// When a kit closed, if it has.
    #[must_use]
    pub fn closed(&self, kit: Kid) -> Option<&Arc<Act>> {
        self.chains
            .get(&kit)
            .and_then(|chain| chain.closed.as_ref())
    }

    /// Every event, kit by kit, by counter.
    pub fn events(&self) -> impl Iterator<Item = &Arc<Act>> {
        self.chains
            .values()
            .flat_map(|chain| chain.events.values().flatten())
    }

    /// A kit's events after a counter, in order.
    pub fn events_after(&self, kit: Kid, seq: u32) -> impl Iterator<Item = &Arc<Act>> {
        self.chains
            .get(&kit)
            .into_iter()
            .flat_map(move |chain| chain.events.range(seq.saturating_add(1)..))
            .flat_map(|(_, bearers)| bearers)
    }

    /// One event by kit and counter; the first by id when there are several.
    #[must_use]
    pub fn event(&self, kit: Kid, seq: u32) -> Option<&Arc<Act>> {
        self.chains.get(&kit)?.events.get(&seq)?.first()
    }

    /// Counted acts by two officers instead of a finger.
    #[must_use]
    pub fn overrides(&self) -> u32 {
        let by_hand = self.states.values().filter(|state| {
            state.counted.as_ref().is_some_and(|act| match &act.body {
                Body::Identified(body) => {
                    Method::from_number(body.method).is_some_and(|m| match m {
                        Method::Face2 | Method::Document2 | Method::Override2 => true,
                        Method::Finger | Method::Home => false,
                    })
                }
                Body::Opened(_)
                | Body::Refused(_)
                | Body::Undone(_)
                | Body::Granted(_)
                | Body::Printed(_)
                | Body::Void(_)
                | Body::PeerHead(_)
                | Body::Incident(_)
                | Body::Closed(_)
                | Body::Released(_) => false,
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

    /// Incidents that the set of events shows, and those that kits recorded; sorted, each once.
    #[must_use]
    pub fn incidents(&self) -> Vec<Incident> {
        let mut found = Vec::new();
        for (line, state) in &self.states {
            if !state.duplicates.is_empty() {
                let evidence = state
                    .counted
                    .iter()
                    .chain(&state.duplicates)
                    .map(|act| act.reference())
                    .collect();
                found.push(Incident {
                    code: "DUPLICATE".to_owned(),
                    line: *line,
                    evidence,
                });
            }
        }
        for chain in self.chains.values() {
            for bearers in chain.events.values().filter(|bearers| bearers.len() > 1) {
                let evidence = bearers.iter().map(|act| act.reference()).collect();
                found.push(Incident {
                    code: "EQUIVOCATION".to_owned(),
                    line: 0,
                    evidence,
                });
            }
            for act in chain.events.values().flatten() {
                if let Body::Incident(body) = &act.body {
                    found.push(body.clone());
                }
            }
        }
        if self.override_alarm() {
            found.push(Incident {
                code: "OVERRIDE_QUOTA".to_owned(),
                line: 0,
                evidence: Vec::new(),
            });
        }
        found.sort_by(|a, b| (&a.code, a.line, &a.evidence).cmp(&(&b.code, b.line, &b.evidence)));
        found.dedup();
        found
    }
}

fn earlier(known: Option<Arc<Act>>, act: &Arc<Act>) -> Option<Arc<Act>> {
    Some(match known {
        Some(known) if known.order() <= act.order() => known,
        Some(_) | None => Arc::clone(act),
    })
}

impl Chain {
    fn advance(&mut self) {
        while self.events.contains_key(&(self.whole + 1)) {
            self.whole += 1;
        }
    }
}
