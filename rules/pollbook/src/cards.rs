//! Officers' cards during the day: who works at a kit, cards that were lost, slips that may come later; and silences
//! between kits.

use std::collections::BTreeMap;
use std::sync::Arc;

use lexicon::handover::envelope::Kid;
use lexicon::handover::event::{CardWithdrawn, Incident, LinkChanged, ShiftTaken, SlipsLater};
use lexicon::handover::report::Silence;
use lexicon::{Instant, RefusalReason};

use crate::act::{Act, Body, Order};
use crate::book::Book;
use crate::charter::OfficersError;
use crate::clock::Reading;
use crate::decide::Refusal;
use crate::draft::Draft;
use crate::incidents::incident;

/// What the set of events says about cards and links; a fold like everything else.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    withdrawn: BTreeMap<Order, Arc<Act>>,
    shifts: BTreeMap<Order, Arc<Act>>,
    links: BTreeMap<Order, Arc<Act>>,
    totals: BTreeMap<Order, Arc<Act>>,
}

impl Facts {
    pub(crate) fn note(&mut self, act: &Arc<Act>) {
        let shelf = if let Body::CardWithdrawn(_) = &act.body {
            &mut self.withdrawn
        } else if let Body::ShiftTaken(_) = &act.body {
            &mut self.shifts
        } else if let Body::LinkChanged(_) = &act.body {
            &mut self.links
        } else if let Body::TotalsEntered(_) = &act.body {
            &mut self.totals
        } else {
            return;
        };
        shelf.insert(act.order(), Arc::clone(act));
    }

    /// Every TOTALS_ENTERED, in the order of the fold.
    pub(crate) fn totals(&self) -> impl Iterator<Item = &Arc<Act>> {
        self.totals.values()
    }

    /// The card that held the operator's screen of an act's kit when it wrote the act.
    pub(crate) fn operator_of(&self, act: &Act) -> Option<Kid> {
        let before =
            |shift: &&Arc<Act>| shift.name.kit == act.name.kit && shift.name.seq < act.name.seq;
        let last = self.shifts.values().rev().find(before)?;
        cards_of(last).next()
    }
}

fn withdrawn_of(act: &Act) -> Option<&CardWithdrawn> {
    if let Body::CardWithdrawn(body) = &act.body {
        Some(body)
    } else {
        None
    }
}

fn link_of(act: &Act) -> Option<&LinkChanged> {
    if let Body::LinkChanged(body) = &act.body {
        Some(body)
    } else {
        None
    }
}

/// The cards that consented to an act.
pub(crate) fn cards_of(act: &Act) -> impl Iterator<Item = Kid> {
    let officers = act.body.officers().into_iter().flatten();
    officers.map(|officer| Kid(*officer.kid))
}

impl Book {
    /// The event that withdrew a card, the first by the fold; `None` while the card is in force.
    #[must_use]
    pub fn withdrawal(&self, card: Kid) -> Option<&Arc<Act>> {
        let mut withdrawn = self.facts().withdrawn.values();
        withdrawn.find(|act| withdrawn_of(act).is_some_and(|body| *body.card == card.0))
    }

    /// Whether none of these cards was withdrawn: looked at before anything is signed.
    ///
    /// # Errors
    /// [`OfficersError::Withdrawn`] names the first that was.
    pub fn are_in_force(&self, cards: &[Kid]) -> Result<(), OfficersError> {
        match cards.iter().find(|card| self.withdrawal(**card).is_some()) {
            Some(card) => Err(OfficersError::Withdrawn(*card)),
            None => Ok(()),
        }
    }

    /// The card that holds the operator's screen of a kit; `None` before the first one took it.
    #[must_use]
    pub fn shift(&self, kit: Kid) -> Option<Kid> {
        let mut shifts = self.facts().shifts.values().rev();
        let last = shifts.find(|act| act.name.kit == kit)?;
        cards_of(last).next()
    }

    /// An officer's card takes the operator's screen of this kit; the card consents.
    ///
    /// # Errors
    /// [`Refusal`] when the kit is stopped.
    pub fn take_shift(&mut self, reading: Reading) -> Result<Draft, Refusal> {
        let officers = Vec::new();
        self.of_cards(Body::ShiftTaken(ShiftTaken { officers }), reading)
    }

    /// The chair lets slips come later; the chair's card consents.
    ///
    /// # Errors
    /// [`Refusal`] when the kit is stopped.
    pub fn let_slips_come_later(&mut self, reading: Reading) -> Result<Draft, Refusal> {
        let officers = Vec::new();
        self.of_cards(Body::SlipsLater(SlipsLater { officers }), reading)
    }

    /// Two officers withdraw a card that was lost. Which cards may sign is looked at when the draft is signed.
    ///
    /// # Errors
    /// [`Refusal`] when the kit is stopped.
    pub fn withdraw_card(
        &mut self,
        card: Kid,
        reason: &str,
        reading: Reading,
    ) -> Result<Draft, Refusal> {
        let body = CardWithdrawn {
            card: card.0.into(),
            reason: reason.to_owned(),
            officers: Vec::new(),
        };
        self.of_cards(Body::CardWithdrawn(body), reading)
    }

    fn of_cards(&mut self, body: Body, reading: Reading) -> Result<Draft, Refusal> {
        self.inspect_clock(reading);
        if self.block().is_some() || self.opened(self.me()).is_none() {
            return Err(Refusal::of(RefusalReason::KitBlocked));
        }
        let hlc = self.stamp(reading);
        Ok(Draft::new(self, hlc, body))
    }

    /// Another kit that fell silent, or is heard again, since this kit last wrote so: the next one to be written.
    ///
    /// A kit that was never heard is no silence: it may not be switched on yet.
    pub fn link_change(&mut self, reading: Reading) -> Option<Draft> {
        if self.block().is_some() || self.opened(self.me()).is_none() {
            return None;
        }
        let me = self.me();
        let heard: Vec<Kid> = self.heard().map(|(kit, ..)| kit).collect();
        let at_work = |kit: &Kid| self.is_at_work(*kit) && self.closed(*kit).is_none();
        let kits = self.charter().kits().iter().copied();
        let (kit, is_heard) = kits.filter(|kit| *kit != me).find_map(|kit| {
            let mut own = self.facts().links.values().rev();
            let last = own
                .find(|act| act.name.kit == me && link_of(act).is_some_and(|b| *b.kit == kit.0))
                .and_then(|act| link_of(act))
                .is_none_or(|body| body.heard);
            let is_heard = self.is_reachable(kit, reading);
            let is_lost = last && !is_heard && heard.contains(&kit) && at_work(&kit);
            (is_lost || !last && is_heard).then_some((kit, is_heard))
        })?;
        let body = LinkChanged {
            kit: kit.0.into(),
            heard: is_heard,
        };
        let hlc = self.stamp(reading);
        Some(Draft::new(self, hlc, Body::LinkChanged(body)))
    }

    /// When kits did not hear each other, each by the kit that wrote it, in the order in which they began.
    #[must_use]
    pub fn silences(&self) -> Vec<Silence> {
        let mut silences: Vec<Silence> = Vec::new();
        for act in self.facts().links.values() {
            let Some(body) = link_of(act) else { continue };
            let at = act.hlc.moment().micros();
            let open = silences.iter_mut().rev().find(|silence| {
                *silence.by == act.name.kit.0 && silence.kit == body.kit && silence.until.is_none()
            });
            match (open, body.heard) {
                (Some(silence), true) => silence.until = Some(at),
                (None, false) => silences.push(Silence {
                    by: act.name.kit.0.into(),
                    kit: body.kit,
                    from: at,
                    until: None,
                }),
                (Some(_), false) | (None, true) => {}
            }
        }
        silences
    }

    /// What withdrawn cards signed afterwards, and pairs that signed too many identifications in a row.
    pub(crate) fn card_incidents(&self, found: &mut Vec<Incident>) {
        if !self.facts().withdrawn.is_empty() {
            for act in self.events() {
                let after = cards_of(act)
                    .filter_map(|card| self.withdrawal(card))
                    .find(|withdrawal| withdrawal.order() < act.order());
                if let Some(withdrawal) = after {
                    found.push(incident(
                        "WITHDRAWN_CARD",
                        act.body.line(),
                        &[act, withdrawal],
                    ));
                }
            }
        }
        if self.is_pair_alarm() {
            found.push(incident("OVERRIDE_PAIR", 0, &[]));
        }
    }

    /// Whether one pair of officers signed more identifications in a row than the law lets pass.
    #[must_use]
    pub fn is_pair_alarm(&self) -> bool {
        let most = u32::from(self.charter().limits().pair_run_max);
        self.longest_run().is_some_and(|run| run > most)
    }

    /// The longest run of identifications that the same officers signed, in the order of the fold, all kits together.
    #[must_use]
    pub fn longest_run(&self) -> Option<u32> {
        let mut by_hand: Vec<(Order, Vec<Kid>)> = Vec::new();
        for (_, state) in self.states() {
            for act in state.counted.iter().chain(&state.duplicates) {
                let is_by_hand =
                    crate::identified(act).is_some_and(|body| (2..=4).contains(&body.method));
                if is_by_hand {
                    let mut cards: Vec<Kid> = cards_of(act).collect();
                    cards.sort_unstable();
                    by_hand.push((act.order(), cards));
                }
            }
        }
        by_hand.sort();
        let runs = by_hand.chunk_by(|(_, a), (_, b)| a == b);
        runs.map(|run| u32::try_from(run.len()).unwrap_or(u32::MAX))
            .max()
    }

    /// How often each pair of officers identified voters by hand, most first, then by cards.
    #[must_use]
    pub fn pairs(&self) -> Vec<(Vec<Kid>, u32)> {
        let mut pairs: BTreeMap<Vec<Kid>, u32> = BTreeMap::new();
        for (_, state) in self.states() {
            let Some(act) = &state.counted else { continue };
            if crate::identified(act).is_some_and(|body| (2..=4).contains(&body.method)) {
                let mut cards: Vec<Kid> = cards_of(act).collect();
                cards.sort_unstable();
                *pairs.entry(cards).or_default() += 1;
            }
        }
        most_first(pairs)
    }

    /// Kits whose clock is off from this kit's by more than the law shows, of those heard lately: kit, microseconds.
    #[must_use]
    pub fn clocks_off(&self, reading: Reading) -> Vec<(Kid, i64)> {
        let Some(warn) = self.charter().policy().skew_warn_seconds else {
            return Vec::new();
        };
        let bound = i64::from(warn) * 1_000_000;
        let kits = self.charter().kits().iter().copied();
        kits.filter(|kit| self.is_reachable(*kit, reading))
            .filter_map(|kit| Some((kit, self.skew_micros(kit)?)))
            .filter(|(_, skew)| skew.abs() > bound)
            .collect()
    }

    /// When an event was made, by its kit's clock.
    #[must_use]
    pub fn moment_of(&self, evidence: &lexicon::handover::event::EventRef) -> Option<Instant> {
        let act = self.event(Kid(*evidence.kit), evidence.seq)?;
        Some(act.hlc.moment())
    }
}

/// Most first, then by what they are of.
pub(crate) fn most_first<K: Ord>(counts: BTreeMap<K, u32>) -> Vec<(K, u32)> {
    let mut counts: Vec<(K, u32)> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts
}

#[cfg(test)]
mod tests;
