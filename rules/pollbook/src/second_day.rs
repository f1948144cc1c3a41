//! The second day (S-37): a precinct that fire or a power failure closed before its time votes on, by a signed decision of
//! the commission above.
//!
//! INVARIANT (yesterday counts): a day opens nothing anew. Every act of the days before stands; a kit goes on from its
//! journal with a signed SESSION_OPENED, and serves nobody whom the set of events shows as counted.

use std::collections::BTreeMap;
use std::sync::Arc;

use lexicon::handover::day_decision::{DayDecision, REASONS, day_decision_subject};
use lexicon::handover::envelope::{self, DocumentId, EnvelopeError, Kid, Verifier};
use lexicon::handover::event::{DayDecided, Incident, SessionOpened, Suspended};
use lexicon::handover::folder::bytes;
use lexicon::handover::package::decided_by;
use lexicon::handover::report::DayCount;
use lexicon::{Instant, RefusalReason};

use crate::act::{Act, Body, Order, Rejection};
use crate::book::Book;
use crate::charter::Charter;
use crate::clock::{Hlc, Reading};
use crate::decide::{Refusal, identified};
use crate::draft::Draft;
use crate::incidents::incident;
use crate::standing::Place;

/// Microseconds of an hour.
const HOUR_MICROS: i64 = 3_600_000_000;

/// What [`Rejection::Decision`] says of a decision for another package than the one that the kit opened.
pub const OTHER_PACKAGE: &str = "is for another package";

/// A decision as it stands in an event: its bytes, its id, what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The `COSE_Sign`, byte for byte.
    pub signed: Vec<u8>,
    /// Its id.
    pub id: DocumentId,
    /// Its payload.
    pub decision: DayDecision,
}

impl Decided {
    /// Reads a decision without looking at its signatures: [`Decided::verify`] does.
    ///
    /// # Errors
    /// [`EnvelopeError`] when the bytes are no such document.
    pub fn read(signed: &[u8]) -> Result<Self, EnvelopeError> {
        let (decision, id) = DayDecision::read(signed)?;
        Ok(Self {
            signed: signed.to_vec(),
            id,
            decision,
        })
    }

    /// Checks that those signed it whom the law names, for this package, and that the law allows such a day.
    ///
    /// # Errors
    /// [`Rejection::Election`], [`Rejection::Precinct`], [`Rejection::Decision`] with what is wrong,
    /// [`Rejection::Officers`] or [`Rejection::Envelope`] for its signatures.
    pub fn verify(&self, charter: &Charter, verifier: &dyn Verifier) -> Result<(), Rejection> {
        let manifest = charter.manifest();
        let decision = &self.decision;
        if decision.election != manifest.election {
            return Err(Rejection::Election(decision.election));
        }
        if decision.precinct != manifest.precinct {
            return Err(Rejection::Precinct(decision.precinct));
        }
        let law = charter.policy().second_day.as_ref();
        let law = law.ok_or(Rejection::Decision(
            "is for a day that the law does not know",
        ))?;
        if *decision.package != charter.package().0 {
            return Err(Rejection::Decision(OTHER_PACKAGE));
        }
        if !decision.is_well_formed() {
            return Err(Rejection::Decision("is malformed"));
        }
        if decision.opens <= charter.policy().opens
            || decision.closes - decision.opens > i64::from(law.hours_max) * HOUR_MICROS
            || charter.days_after(decision.opens) > i64::from(law.days_max)
        {
            return Err(Rejection::Decision(
                "names hours that the law does not allow",
            ));
        }
        let subject = day_decision_subject(manifest.election);
        match law.by {
            decided_by::HOLDERS => {
                let opened = envelope::open_all(subject, &self.signed, verifier, &[])?;
                charter.approve_commission(&opened.signers)?;
            }
            decided_by::INSTITUTIONS if charter.believes_kits() => {}
            decided_by::INSTITUTIONS => {
                let publishers = charter.publishers();
                if publishers.len() < 2 {
                    return Err(Rejection::Decision("is trusted by nobody here"));
                }
                envelope::open_all(subject, &self.signed, verifier, publishers)?;
            }
            _ => {
                return Err(Rejection::Decision(
                    "is for a day that the law does not know",
                ));
            }
        }
        Ok(())
    }

    pub(crate) fn body(&self) -> DayDecided {
        DayDecided {
            decision: bytes(&self.signed),
        }
    }
}

/// One day of voting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VotingDay {
    /// Opening, microseconds UTC.
    pub opens: i64,
    /// Closing by the law or the decision, microseconds UTC.
    pub closes: i64,
    /// The decision; `None` for election day.
    pub decision: Option<DocumentId>,
    /// The event that closed it before its time, the first.
    pub suspended: Option<Arc<Act>>,
}

/// What the set of events says about days; a fold like everything else.
#[derive(Clone, Debug, Default)]
pub(crate) struct DayFacts {
    suspended: BTreeMap<Order, Arc<Act>>,
    decided: BTreeMap<Order, Arc<Act>>,
    sessions: BTreeMap<Order, Arc<Act>>,
}

impl DayFacts {
    pub(crate) fn note(&mut self, act: &Arc<Act>) {
        let shelf = if let Body::Suspended(_) = &act.body {
            &mut self.suspended
        } else if let Body::DayDecided(_) = &act.body {
            &mut self.decided
        } else if let Body::SessionOpened(_) = &act.body {
            &mut self.sessions
        } else {
            return;
        };
        shelf.insert(act.order(), Arc::clone(act));
    }
}

fn decided_of(act: &Act) -> Option<&Arc<Decided>> {
    if let Body::DayDecided(decided) = &act.body {
        Some(decided)
    } else {
        None
    }
}

fn session_of(act: &Act) -> Option<DocumentId> {
    if let Body::SessionOpened(body) = &act.body {
        Some(DocumentId(*body.decision))
    } else {
        None
    }
}

fn suspension_of(act: &Act) -> Option<&Suspended> {
    if let Body::Suspended(body) = &act.body {
        Some(body)
    } else {
        None
    }
}

impl Charter {
    /// Days from election day to a moment, both by the local date.
    pub(crate) fn days_after(&self, micros: i64) -> i64 {
        const DAY_MICROS: i64 = 24 * HOUR_MICROS;
        let offset = i64::from(self.policy().offset_minutes) * 60_000_000;
        let date = |at: i64| (at + offset).div_euclid(DAY_MICROS);
        date(micros) - date(self.policy().opens)
    }
}

impl Book {
    /// The decisions in force, by number; of two under one number the one with the smaller id, on every kit.
    #[must_use]
    pub fn decisions(&self) -> Vec<Arc<Decided>> {
        let all = self.day_facts().decided.values();
        let mut known: Vec<Arc<Decided>> = all.filter_map(|act| decided_of(act).cloned()).collect();
        known.sort_by_key(|decided| (decided.decision.number, decided.id));
        known.dedup_by_key(|decided| decided.decision.number);
        known
    }

    /// The days of voting, election day first.
    ///
    /// Cost: one pass over the few events about days.
    #[must_use]
    pub fn voting_days(&self) -> Vec<VotingDay> {
        let policy = self.charter().policy();
        let mut days = vec![VotingDay {
            opens: policy.opens,
            closes: policy.closes,
            decision: None,
            suspended: None,
        }];
        let facts = self.day_facts();
        if facts.suspended.is_empty() && facts.decided.is_empty() {
            return days;
        }
        days.extend(self.decisions().iter().map(|decided| VotingDay {
            opens: decided.decision.opens,
            closes: decided.decision.closes,
            decision: Some(decided.id),
            suspended: None,
        }));
        days.sort_by_key(|day| day.opens);
        for act in facts.suspended.values() {
            if self.standing().place(act) == Place::After {
                continue;
            }
            let at = self.day_of(&days, act);
            if let Some(day) = days.get_mut(at) {
                day.suspended.get_or_insert_with(|| Arc::clone(act));
            }
        }
        days
    }

    /// The place of the day that an act belongs to: the one that its kit was open for when it wrote it. A kit whose
    /// clock is wrong does not bring its acts to another day.
    fn day_of(&self, days: &[VotingDay], act: &Act) -> usize {
        let mut sessions = self.day_facts().sessions.values().rev();
        let last = sessions.find(|s| s.name.kit == act.name.kit && s.order() < act.order());
        place_of(days, last.and_then(|session| session_of(session)))
    }

    /// The day that this kit is open for.
    fn own_day(&self) -> VotingDay {
        let mut days = self.voting_days();
        let at = place_of(&days, self.session(self.me()));
        days.swap_remove(at)
    }

    /// The day that this kit is open for, once it has begun and unless it was closed before its time.
    pub(crate) fn hours_now(&self, now: i64) -> Option<VotingDay> {
        self.opened(self.me())?;
        let day = self.own_day();
        (day.suspended.is_none() && now >= day.opens).then_some(day)
    }

    /// Whether voting stands still at this kit: the day that it is open for was closed before its time.
    #[must_use]
    pub fn suspension(&self) -> Option<Arc<Act>> {
        self.own_day().suspended
    }

    /// The decision that a kit opened its last session for; `None` on election day.
    #[must_use]
    pub fn session(&self, kit: Kid) -> Option<DocumentId> {
        let mut sessions = self.day_facts().sessions.values().rev();
        let last = sessions.find(|act| act.name.kit == kit)?;
        session_of(last)
    }

    /// Closes the precinct before its time, for all kits that hear of it; the chair and a second officer consent.
    ///
    /// # Errors
    /// [`RefusalReason::KitBlocked`]; [`RefusalReason::Suspended`] with the event when it stands still already;
    /// [`RefusalReason::OutOfHours`] when the day is over; [`RefusalReason::NotHere`] for a reason that is none.
    pub fn suspend(&mut self, reason: &str, reading: Reading) -> Result<Draft, Refusal> {
        self.inspect_clock(reading);
        if self.block().is_some() || self.opened(self.me()).is_none() {
            return Err(Refusal::of(RefusalReason::KitBlocked));
        }
        if !REASONS.contains(&reason) {
            return Err(Refusal::of(RefusalReason::NotHere));
        }
        if let Some(act) = self.suspension() {
            return Err(Refusal {
                reason: RefusalReason::Suspended,
                kit: Some(act.name.kit),
                evidence: Some(act),
            });
        }
        if reading.wall.micros() >= self.own_day().closes {
            return Err(Refusal::of(RefusalReason::OutOfHours));
        }
        let body = Suspended {
            reason: reason.to_owned(),
            officers: Vec::new(),
        };
        let hlc = self.stamp(reading);
        Ok(Draft::new(self, hlc, Body::Suspended(body)))
    }

    /// Writes a decision into this kit's chain; [`Decided::verify`] was asked before. `None` when a decision with its
    /// number is known already, or the kit is stopped or not open.
    pub fn decide_day(&mut self, decided: &Arc<Decided>, reading: Reading) -> Option<Draft> {
        let number = decided.decision.number;
        let mut known = self.decisions().into_iter();
        if self.block().is_some()
            || self.opened(self.me()).is_none()
            || known.any(|known| known.decision.number == number)
        {
            return None;
        }
        let hlc = self.stamp(reading);
        Some(Draft::new(self, hlc, Body::DayDecided(Arc::clone(decided))))
    }

    /// Opens this kit for the last day that was decided; two officers consent.
    ///
    /// # Errors
    /// [`RefusalReason::KitBlocked`]; [`RefusalReason::NotHere`] when no decision is known, or the kit is open for it;
    /// [`RefusalReason::OutOfHours`] when that day is over.
    pub fn open_session(&mut self, reading: Reading) -> Result<Draft, Refusal> {
        self.inspect_clock(reading);
        let me = self.me();
        if self.block().is_some() || self.opened(me).is_none() {
            return Err(Refusal::of(RefusalReason::KitBlocked));
        }
        let days = self.voting_days();
        let last = days.last().and_then(|day| Some((day, day.decision?)));
        let Some((day, decision)) = last else {
            return Err(Refusal::of(RefusalReason::NotHere));
        };
        if self.session(me) == Some(decision) {
            return Err(Refusal::of(RefusalReason::NotHere));
        }
        if reading.wall.micros() >= day.closes {
            return Err(Refusal::of(RefusalReason::OutOfHours));
        }
        let body = SessionOpened {
            decision: decision.0.into(),
            officers: Vec::new(),
        };
        let hlc = self.stamp(reading);
        Ok(Draft::new(self, hlc, Body::SessionOpened(body)))
    }

    /// What each day adds up to; `None` where there is election day alone, and nobody closed it before its time.
    #[must_use]
    pub fn day_counts(&self) -> Option<Vec<DayCount>> {
        let days = self.voting_days();
        if days.len() == 1 && days.iter().all(|day| day.suspended.is_none()) {
            return None;
        }
        let mut counts: Vec<DayCount> = days
            .iter()
            .map(|day| {
                let by = day.suspended.as_deref();
                DayCount {
                    opens: day.opens,
                    closes: day.closes,
                    decision: day.decision.map(|id| id.0.into()),
                    suspended: by.map(|act| act.hlc.moment().micros()),
                    reason: by.and_then(suspension_of).map(|body| body.reason.clone()),
                    counted: 0,
                    outside: 0,
                }
            })
            .collect();
        for (_, state) in self.states() {
            let Some(act) = &state.counted else { continue };
            let at = self.day_of(&days, act);
            if let (Some(day), Some(count)) = (days.get(at), counts.get_mut(at)) {
                count.counted += 1;
                count.outside += u32::from(is_outside(day, act));
            }
        }
        Some(counts)
    }

    /// Counted acts outside the hours of their day: by voters who stood in line at its closing, or after it was closed
    /// before its time.
    pub(crate) fn outside_hours(&self) -> u32 {
        let days = self.voting_days();
        let outside = self.states().filter(|(_, state)| {
            state.counted.as_ref().is_some_and(|act| {
                let day = days.get(self.day_of(&days, act));
                day.is_some_and(|day| is_outside(day, act))
            })
        });
        u32::try_from(outside.count()).unwrap_or(u32::MAX)
    }

    /// Identifications by kits of the hall since the day of this kit's session opened; all of them on election day.
    #[must_use]
    pub fn acts_of_session(&self) -> u32 {
        let Some(session) = self.session(self.me()) else {
            let kits = self.charter().kits().iter();
            let hall = kits.filter(|kit| !self.charter().is_mobile(**kit));
            return hall.map(|kit| self.acts_of(*kit)).sum();
        };
        let days = self.voting_days();
        let at = place_of(&days, Some(session));
        let acts = self.events().filter(|act| {
            identified(act).is_some()
                && self.day_of(&days, act) == at
                && !self.charter().is_mobile(act.name.kit)
        });
        u32::try_from(acts.count()).unwrap_or(u32::MAX)
    }

    /// `WHILE_SUSPENDED`: a kit identified somebody after the precinct was closed before its time, and before the next
    /// day opened; with that event. `DAY_TWICE`: two different decisions under one number. `NO_DECISION`: a kit was
    /// opened for a day whose decision no journal here holds.
    pub(crate) fn day_incidents(&self, found: &mut Vec<Incident>) {
        let facts = self.day_facts();
        let days = self.voting_days();
        for (at, day) in days.iter().enumerate() {
            let Some(suspended) = &day.suspended else {
                continue;
            };
            for (line, state) in self.states() {
                for act in state.counted.iter().chain(&state.duplicates) {
                    let is_here = self.day_of(&days, act) == at;
                    if identified(act).is_some() && is_here && act.order() > suspended.order() {
                        found.push(incident("WHILE_SUSPENDED", line, &[act, suspended]));
                    }
                }
            }
        }
        let known = self.decisions();
        for act in facts.decided.values() {
            let is_other =
                |decided: &&Arc<Decided>| known.iter().all(|known| known.id != decided.id);
            if decided_of(act).filter(is_other).is_some() {
                found.push(incident("DAY_TWICE", 0, &[act]));
            }
        }
        let decided = |id| {
            let mut all = facts.decided.values().filter_map(|act| decided_of(act));
            all.any(|decided| decided.id == id)
        };
        for act in facts.sessions.values() {
            if session_of(act).is_some_and(|id| !decided(id)) {
                found.push(incident("NO_DECISION", 0, &[act]));
            }
        }
    }
}

/// The place of the day that a decision opened; election day's where none did, or it is not known.
fn place_of(days: &[VotingDay], decision: Option<DocumentId>) -> usize {
    let found = decision.and_then(|id| days.iter().position(|day| day.decision == Some(id)));
    found.unwrap_or(0)
}

fn is_outside(day: &VotingDay, act: &Act) -> bool {
    let after = day.suspended.as_ref();
    act.hlc >= Hlc::at(Instant::from_micros(day.closes))
        || after.is_some_and(|suspended| act.order() > suspended.order())
}

#[cfg(test)]
mod tests;
