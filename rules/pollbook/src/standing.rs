//! Which kits are retired and who owns which line: the fold of the takeovers.

use std::collections::BTreeMap;
use std::sync::Arc;

use lexicon::handover::envelope::{DocumentId, Kid};

use crate::act::{Act, Body, Order};
use crate::charter::Charter;
use crate::clock::Hlc;

/// One kit's retirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retirement {
    /// Its last known counter: what came before counts as if nothing had happened.
    pub seq: u32,
    /// The id of that event.
    pub head: DocumentId,
    /// When the officers retired it.
    pub hlc: Hlc,
    /// Who owns its lines now.
    pub heir: Kid,
}

/// How an act stands to the retirement of its kit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The kit is not retired, or the takeover names this act or a later one as the last known.
    OnTime,
    /// Signed before the takeover and not known then: late evidence, it counts once.
    Late,
    /// Signed after the takeover: kept, shown, and not counted.
    After,
}

/// The fold of all takeovers in their one order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    retired: BTreeMap<Kid, Retirement>,
}

impl Standing {
    /// Folds takeovers: the first that retires a kit stands; a kit that was retired retires nobody.
    pub(crate) fn fold(takeovers: &BTreeMap<Order, Arc<Act>>) -> Self {
        let mut standing = Self::default();
        for act in takeovers.values() {
            let Body::Retired(body) = &act.body else {
                continue;
            };
            if standing.place(act) == Place::After {
                continue;
            }
            for head in &body.kits {
                let kit = Kid(*head.kit);
                if kit == act.name.kit {
                    continue;
                }
                standing.retired.entry(kit).or_insert(Retirement {
                    seq: head.seq,
                    head: DocumentId(*head.head),
                    hlc: act.hlc,
                    heir: act.name.kit,
                });
            }
        }
        standing
    }

    /// A kit's retirement, if it is retired.
    #[must_use]
    pub fn retirement(&self, kit: Kid) -> Option<&Retirement> {
        self.retired.get(&kit)
    }

    /// Whether anybody is retired.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.retired.is_empty()
    }

    /// How an act stands to its kit's retirement.
    #[must_use]
    pub fn place(&self, act: &Act) -> Place {
        let Some(how) = self.retired.get(&act.name.kit) else {
            return Place::OnTime;
        };
        let is_known = act.name.seq < how.seq || act.name.seq == how.seq && act.name.id == how.head;
        if is_known {
            Place::OnTime
        } else if act.hlc <= how.hlc {
            Place::Late
        } else {
            Place::After
        }
    }

    /// Every kit that owned a line today, first to last; the last owns it now.
    pub fn owners(&self, charter: &Charter, line: u32) -> Vec<Kid> {
        charter
            .owner(line)
            .map_or_else(Vec::new, |kit| self.succession(kit))
    }

    /// A kit, its heir, the heir's heir, to the one that is not retired.
    #[must_use]
    pub fn succession(&self, kit: Kid) -> Vec<Kid> {
        let mut owners = vec![kit];
        while let Some(how) = owners.last().and_then(|kit| self.retired.get(kit)) {
            if owners.contains(&how.heir) {
                break;
            }
            owners.push(how.heir);
        }
        owners
    }
}
