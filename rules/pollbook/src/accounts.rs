//! What a report says beside its counters: who signed and who was corrected, when, and where it began.

use std::collections::{BTreeMap, BTreeSet};

use lexicon::handover::envelope::Kid;
use lexicon::handover::event::Incident;
use lexicon::handover::report::{EventSaid, OperatorCount, PairCount};

use crate::act::{Act, Body};
use crate::book::Book;
use crate::cards::most_first;
use crate::decide::identified;

/// The receipt that an event is: its kit and its number.
fn receipt_of(act: &Act) -> Option<(Kid, u32)> {
    if let Body::Reconstructed(body) = &act.body {
        return Some((Kid(*body.kit), body.receipt));
    }
    identified(act).map(|body| (act.name.kit, body.receipt))
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

impl Book {
    /// Counted identifications by hand of each pair of officers; `None` without any.
    pub(crate) fn pairs_said(&self) -> Option<Vec<PairCount>> {
        let pairs = self.pairs().into_iter().map(|(cards, count)| PairCount {
            cards: cards.into_iter().map(|card| card.0.into()).collect(),
            count,
        });
        some(pairs.collect())
    }

    /// Acts that were undone, by the operator who had the screen when they were written; `None` without any.
    pub(crate) fn undone_by(&self) -> Option<Vec<OperatorCount>> {
        let mut counts: BTreeMap<Kid, u32> = BTreeMap::new();
        for act in self.states().flat_map(|(_, state)| &state.undone) {
            let operator = self.facts().operator_of(act).unwrap_or(Kid([0; 8]));
            *counts.entry(operator).or_default() += 1;
        }
        let said = most_first(counts)
            .into_iter()
            .map(|(card, count)| OperatorCount {
                card: card.0.into(),
                count,
            });
        some(said.collect())
    }

    /// The events that incidents name and this set holds, with moment and receipt; `None` without any.
    pub(crate) fn evidence_said(&self, incidents: &[Incident]) -> Option<Vec<EventSaid>> {
        let named: BTreeSet<_> = incidents.iter().flat_map(|one| &one.evidence).collect();
        let said = named.into_iter().filter_map(|name| {
            let act = self.event(Kid(*name.kit), name.seq)?;
            let (kit, receipt) = receipt_of(act).unwrap_or((Kid([0; 8]), 0));
            Some(EventSaid {
                kit: name.kit,
                seq: name.seq,
                at: act.hlc.moment().micros(),
                receipt_kit: kit.0.into(),
                receipt,
            })
        });
        some(said.collect())
    }

    /// When the last event of each kit was made, in the order of the charter, microseconds UTC; 0 for none.
    pub(crate) fn heads_at(&self) -> Vec<i64> {
        let at = |kit: &Kid| {
            let head = self.event(*kit, self.head(*kit).seq);
            head.map_or(0, |act| act.hlc.moment().micros())
        };
        self.charter().kits().iter().map(at).collect()
    }

    /// Counted acts that were entered from the receipts of each kit, in the order of the charter; `None` without any.
    pub(crate) fn reconstructed(&self) -> Option<Vec<u32>> {
        let kits = self.charter().kits();
        let mut counts = vec![0; kits.len()];
        for (_, state) in self.states() {
            let Some(Body::Reconstructed(body)) = state.counted.as_ref().map(|act| &act.body)
            else {
                continue;
            };
            let at = kits.iter().position(|kit| kit.0 == *body.kit);
            if let Some(count) = at.and_then(|at| counts.get_mut(at)) {
                *count += 1;
            }
        }
        counts.iter().any(|count| *count > 0).then_some(counts)
    }

    /// Voters on each page of the paper list: lines that are not struck; supplementary pages last.
    pub(crate) fn page_voters(&self) -> Vec<u32> {
        let per_page = u32::from(self.charter().policy().lines_per_page.max(1));
        let (bound, all) = (self.charter().lines(), self.list().lines());
        let pages = bound.div_ceil(per_page);
        let mut voters = vec![0; (pages + (all - bound).div_ceil(per_page)) as usize];
        for line in (1..=all).filter(|line| self.list().struck(*line).is_none()) {
            let page = if line <= bound {
                (line - 1) / per_page
            } else {
                pages + (line - bound - 1) / per_page
            };
            if let Some(count) = voters.get_mut(page as usize) {
                *count += 1;
            }
        }
        voters
    }
}

#[cfg(test)]
mod tests;
