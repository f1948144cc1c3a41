//! Break-glass: keys of the commission above sign in place of officers whose cards are lost, say first why, and sign only
//! what the law lets them.

use std::sync::Arc;

use lexicon::RefusalReason;
use lexicon::handover::envelope::Kid;
use lexicon::handover::event::{GLASS_REASONS, GlassBroken, Incident};
use lexicon::handover::report::GlassSaid;

use crate::act::{Act, Body};
use crate::book::Book;
use crate::cards::cards_of;
use crate::charter::OfficersError;
use crate::clock::Reading;
use crate::decide::Refusal;
use crate::draft::Draft;
use crate::incidents::incident;

impl Book {
    /// Says why keys of the commission above sign at this kit; they consent. Also before the kit is opened.
    ///
    /// # Errors
    /// [`RefusalReason::KitBlocked`]; [`RefusalReason::NotHere`] for a reason that is none of [`GLASS_REASONS`].
    pub fn break_glass(&mut self, reason: &str, reading: Reading) -> Result<Draft, Refusal> {
        self.inspect_clock(reading);
        if self.block().is_some() {
            return Err(Refusal::of(RefusalReason::KitBlocked));
        }
        if !GLASS_REASONS.contains(&reason) {
            return Err(Refusal::of(RefusalReason::NotHere));
        }
        let body = GlassBroken {
            reason: reason.to_owned(),
            officers: Vec::new(),
        };
        let hlc = self.stamp(reading);
        Ok(Draft::new(self, hlc, Body::GlassBroken(body)))
    }

    /// Whether this kit's journal says why keys of the commission above sign here.
    #[must_use]
    pub fn is_glass_broken(&self) -> bool {
        self.glass().any(|act| act.name.kit == self.me())
    }

    /// Whether these cards may sign an act now as far as the reason goes: officers always, the commission above once it
    /// has said why.
    pub(crate) fn is_glass_said(&self, body: &Body, cards: &[Kid]) -> Result<(), OfficersError> {
        let is_theirs = cards
            .iter()
            .any(|card| self.charter().holder(*card).is_some());
        if !is_theirs || matches!(body, Body::GlassBroken(_)) || self.is_glass_broken() {
            Ok(())
        } else {
            Err(OfficersError::NoReason)
        }
    }

    /// What was said, in the order of the events; `None` when nothing was.
    #[must_use]
    pub fn glass_said(&self) -> Option<Vec<GlassSaid>> {
        let said = self.glass().filter_map(|act| {
            let Body::GlassBroken(body) = &act.body else {
                return None;
            };
            Some(GlassSaid {
                kit: act.name.kit.0.into(),
                seq: act.name.seq,
                at: act.hlc.moment().micros(),
                reason: body.reason.clone(),
            })
        });
        let said: Vec<GlassSaid> = said.collect();
        (!said.is_empty()).then_some(said)
    }

    /// `BREAK_GLASS`, and `BREAK_GLASS_UNSAID` where the kit's journal does not say why before.
    pub(crate) fn glass_incidents(&self, act: &Arc<Act>, found: &mut Vec<Incident>) {
        let is_theirs = cards_of(act).any(|card| self.charter().holder(card).is_some());
        if !is_theirs {
            return;
        }
        found.push(incident("BREAK_GLASS", act.body.line(), &[act]));
        let is_said =
            |said: &Arc<Act>| said.name.kit == act.name.kit && said.order() <= act.order();
        if !self.glass().any(is_said) {
            found.push(incident("BREAK_GLASS_UNSAID", act.body.line(), &[act]));
        }
    }
}

#[cfg(test)]
mod tests;
