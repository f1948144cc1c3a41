//! What the events say about one line of the list.

use std::collections::BTreeMap;
use std::sync::Arc;

use lexicon::handover::envelope::Kid;

use crate::act::{Act, Body, Order};

/// A voter's state: the fold of the events that name the line, in their one order.
///
/// INVARIANT (one counted): at most one act of a line is counted; every further one that stands is
/// a duplicate, kept and shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VoterState {
    /// The act that counts: the first IDENTIFIED that nobody undid.
    pub counted: Option<Arc<Act>>,
    /// Further acts that stand: incidents.
    pub duplicates: Vec<Arc<Act>>,
    /// Acts that two officers undid.
    pub undone: Vec<Arc<Act>>,
    /// Grants that no act has used and nobody took back.
    pub grants_unused: Vec<Arc<Act>>,
    /// Attempts that ended without an issue.
    pub refused: u32,
}

impl VoterState {
    /// Folds a line's events. The map's order is the fold's order, so arrival order cannot matter.
    #[must_use]
    pub fn fold(acts: &BTreeMap<Order, Arc<Act>>) -> Self {
        let mut undone: Vec<(Kid, u32)> = Vec::new();
        let mut used: Vec<(Kid, u32)> = Vec::new();
        let mut released: Vec<(Kid, u32)> = Vec::new();
        for act in acts.values() {
            match &act.body {
                Body::Undone(body) => undone.push((Kid(*body.kit), body.seq)),
                Body::Identified(body) if body.grant_seq > 0 => {
                    used.push((Kid(*body.grant_kit), body.grant_seq));
                }
                Body::Released(body) => released.push((act.name.kit, body.seq)),
                Body::Identified(_)
                | Body::Opened(_)
                | Body::Refused(_)
                | Body::Granted(_)
                | Body::Printed(_)
                | Body::Void(_)
                | Body::PeerHead(_)
                | Body::Incident(_)
                | Body::Closed(_) => {}
            }
        }
        let mut state = Self::default();
        for act in acts.values() {
            let name = (act.name.kit, act.name.seq);
            match &act.body {
                Body::Identified(_) if undone.contains(&name) => state.undone.push(Arc::clone(act)),
                Body::Identified(_) if state.counted.is_none() => {
                    state.counted = Some(Arc::clone(act))
                }
                Body::Identified(_) => state.duplicates.push(Arc::clone(act)),
                Body::Granted(_) if !used.contains(&name) && !released.contains(&name) => {
                    state.grants_unused.push(Arc::clone(act));
                }
                Body::Refused(_) => state.refused += 1,
                Body::Granted(_)
                | Body::Opened(_)
                | Body::Undone(_)
                | Body::Printed(_)
                | Body::Void(_)
                | Body::PeerHead(_)
                | Body::Incident(_)
                | Body::Closed(_)
                | Body::Released(_) => {}
            }
        }
        state
    }

    /// Every act that was an identification, counted or not.
    pub fn acts(&self) -> impl Iterator<Item = &Arc<Act>> {
        self.counted
            .iter()
            .chain(&self.duplicates)
            .chain(&self.undone)
    }
}
