//! One kit's events by counter: gaps, forks, and sums by which two kits compare what they hold.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Deref;
use std::sync::Arc;

use lexicon::handover::envelope::DocumentId;

use crate::act::{Act, Body, Order};
use crate::book::Merged;

/// Counters in one block of the sums.
pub(crate) const BLOCK: u32 = 64;

/// The events under one counter, by id: nearly always one, which then needs no memory of its own.
#[derive(Clone, Debug)]
pub(crate) enum Bearers {
    One(Arc<Act>),
    More(Vec<Arc<Act>>),
}

impl Deref for Bearers {
    type Target = [Arc<Act>];

    fn deref(&self) -> &[Arc<Act>] {
        match self {
            Bearers::One(act) => std::slice::from_ref(act),
            Bearers::More(acts) => acts,
        }
    }
}

/// The events of one kit. More than one under a counter is equivocation: all are kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chain {
    pub(crate) events: BTreeMap<u32, Bearers>,
    /// Highest counter below which none is missing.
    pub(crate) whole: u32,
    /// How many events it holds, forks counted.
    pub(crate) held: usize,
    pub(crate) acts: u32,
    pub(crate) opened: Option<Arc<Act>>,
    closings: BTreeMap<Order, Arc<Act>>,
    /// Where the kit's last session began: what closed before it closed another day.
    session: Option<Order>,
    /// For each block of counters the exclusive or of the first eight bytes of its events' ids.
    pub(crate) sums: BTreeMap<u32, u64>,
}

impl Chain {
    pub(crate) fn insert(&mut self, act: Arc<Act>) -> Merged {
        let merged = match self.events.entry(act.name.seq) {
            Entry::Vacant(place) => {
                place.insert(Bearers::One(Arc::clone(&act)));
                Merged::New
            }
            Entry::Occupied(mut place) => {
                let bearers = place.get();
                if bearers.iter().any(|known| known.name.id == act.name.id) {
                    return Merged::Known;
                }
                let mut more = bearers.to_vec();
                more.push(Arc::clone(&act));
                more.sort_by_key(|known| known.name.id);
                place.insert(Bearers::More(more));
                Merged::Equivocation
            }
        };
        self.held += 1;
        if let Some(eight) = act.name.id.0.first_chunk() {
            *self.sums.entry(block_of(act.name.seq)).or_default() ^= u64::from_be_bytes(*eight);
        }
        while self.events.contains_key(&(self.whole + 1)) {
            self.whole += 1;
        }
        if let Body::Identified(_) = &act.body {
            self.acts += 1;
        } else if let Body::Opened(_) = &act.body {
            self.opened = earlier(self.opened.take(), &act);
        } else if let Body::Closed(_) = &act.body {
            self.closings.insert(act.order(), Arc::clone(&act));
        } else if let Body::SessionOpened(_) = &act.body {
            self.session = self.session.max(Some(act.order()));
        }
        merged
    }

    /// What closed the kit's last session, the first; `None` while it is open.
    pub(crate) fn closed(&self) -> Option<&Arc<Act>> {
        let mut closings = self.closings.iter();
        let closing = closings.find(|(order, _)| self.session.is_none_or(|begun| **order > begun));
        closing.map(|(_, act)| act)
    }

    pub(crate) fn head(&self) -> Option<(u32, DocumentId)> {
        let bearers = self.events.get(&self.whole)?;
        bearers.first().map(|act| (act.name.seq, act.name.id))
    }

    /// Whether the event with this counter and id is held; true when the counter lies beyond the head.
    pub(crate) fn agrees(&self, seq: u32, id: &[u8; 32]) -> bool {
        seq == 0
            || seq > self.whole
            || self
                .events
                .get(&seq)
                .is_some_and(|bearers| bearers.iter().any(|act| act.name.id.0 == *id))
    }
}

/// The block that a counter lies in.
pub(crate) fn block_of(seq: u32) -> u32 {
    seq.saturating_sub(1) / BLOCK
}

fn earlier(known: Option<Arc<Act>>, act: &Arc<Act>) -> Option<Arc<Act>> {
    Some(match known {
        Some(known) if known.order() <= act.order() => known,
        Some(_) | None => Arc::clone(act),
    })
}
