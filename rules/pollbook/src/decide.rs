//! What a kit may do now: commands in, drafts or refusals out.

use std::sync::Arc;

use lexicon::handover::envelope::Kid;
use lexicon::handover::event::{
    Closed, Granted, Identified, Incident, Opened, Receipt, Refused, Released, Undone,
};
use lexicon::{FingerPosition, Method, RefusalReason};

use crate::act::{Act, Body};
use crate::book::Book;
use crate::charter::Partition;
use crate::clock::{Hlc, Reading};
use crate::draft::Draft;
use crate::right::Right;
use crate::table::BALLOT_RETURNED;

/// Why a voter is not served, with what shows it. A value, not an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The reason; its sentences are country data.
    pub reason: RefusalReason,
    /// The act that stands against it: when, where, which receipt.
    pub evidence: Option<Arc<Act>>,
    /// The kit to go to, or that holds the grant.
    pub kit: Option<Kid>,
}

impl Refusal {
    /// A refusal with nothing but its reason.
    #[must_use]
    pub fn of(reason: RefusalReason) -> Self {
        Self {
            reason,
            evidence: None,
            kit: None,
        }
    }

    pub(crate) fn naming(reason: RefusalReason, kit: Kid) -> Self {
        Self {
            reason,
            evidence: None,
            kit: Some(kit),
        }
    }
}

/// What is to be recorded about an identification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckIn {
    /// The line.
    pub line: u32,
    /// How the voter was identified.
    pub method: Method,
    /// The finger, for [`Method::Finger`].
    pub finger: Option<FingerPosition>,
    /// Captures tried.
    pub attempts: u8,
    /// Score class 0–3, never the score.
    pub score_class: u8,
    /// Why a two-person method was used, a code; empty for a finger.
    pub reason: String,
}

/// What follows from a check-in command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Sign, write, then print.
    Commit(Draft),
    /// Ask the owner for a grant, merge its answer, and give the command again.
    AskGrant(Kid),
    /// Have an officer look at the paper line, commit [`Book::check_line`], and give the command again.
    CheckLine,
    /// Sign and write this kit's own promise, then give the command again.
    Promise(Draft),
    /// Ask each of these kits for its promise, merge the answers, and give the command again; when it
    /// says so again there is no majority now: [`Book::decline`] what was given.
    AskMajority(Vec<Kid>),
}

/// A peer's wish to serve a line of this kit's share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrantAsk {
    /// Who asks.
    pub from: Kid,
    /// The line.
    pub line: u32,
    /// The asker's request number, rising.
    pub request: u64,
}

/// The owner's answer to a [`GrantAsk`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrantAnswer {
    /// Sign and write this GRANTED event, then send it.
    Give(Draft),
    /// It was given before to the same kit and is unused: send the same event again.
    Again(Arc<Act>),
    /// Not given.
    Refuse(Refusal),
}

impl Book {
    /// Whether voters may be served: opened, within the hours of the day, or standing in line at close; not while the
    /// precinct is closed before its time.
    #[must_use]
    pub fn is_voting(&self, reading: Reading) -> bool {
        let now = reading.wall.micros();
        let Some(day) = self.hours_now(now) else {
            return false;
        };
        match self.closed(self.me()) {
            None => now < day.closes,
            Some(act) => {
                matches!(&act.body, Body::Closed(body) if self.acts_after_close() < body.in_line)
            }
        }
    }

    fn acts_after_close(&self) -> u32 {
        let Some(closed) = self.closed(self.me()) else {
            return 0;
        };
        let after = self
            .events_after(self.me(), closed.name.seq)
            .filter(|act| identified(act).is_some())
            .count();
        u32::try_from(after).unwrap_or(u32::MAX)
    }

    /// Decides a check-in: the one transition that counts a voter.
    ///
    /// # Errors
    /// [`Refusal`]; the shell records it with [`Book::refuse`].
    pub fn check_in(&mut self, act: &CheckIn, reading: Reading) -> Result<Step, Refusal> {
        // At home two officers witness every act, whether a finger fitted or not.
        if self.charter().is_mobile(self.me()) && act.method != Method::Home {
            // A slip that a power cut kept back is asked for where its act is: that answer comes first.
            return Err(match &self.state(act.line).counted {
                Some(counted) => Refusal {
                    reason: RefusalReason::Already,
                    kit: Some(counted.name.kit),
                    evidence: Some(Arc::clone(counted)),
                },
                None => Refusal::of(RefusalReason::NeedSecond),
            });
        }
        // A person whom the register believes dead: the finger decides, and nothing else (S-35).
        if self.list().stopped(act.line).is_some() && act.finger.is_none() {
            return Err(Refusal::of(RefusalReason::StopNote));
        }
        let (grant_seq, grant_kit) =
            match self.right(act.line, act.method == Method::Home, reading)? {
                Right::Own => (0, self.me()),
                Right::Grant(named) | Right::Paper(named) | Right::Majority(named) => {
                    (named.name.seq, named.name.kit)
                }
                Right::Ask(owner) => return Ok(Step::AskGrant(owner)),
                Right::CheckLine => return Ok(Step::CheckLine),
                Right::AskMajority(kits) => return Ok(Step::AskMajority(kits)),
                Right::Promise => {
                    let body = Granted {
                        line: act.line,
                        to: self.me().0.into(),
                        request: self.request_number(reading),
                    };
                    let hlc = self.stamp(reading);
                    return Ok(Step::Promise(Draft::new(self, hlc, Body::Granted(body))));
                }
            };
        let body = Identified {
            line: act.line,
            method: act.method.number(),
            finger: act.finger.map_or(0, FingerPosition::number),
            attempts: act.attempts,
            score_class: act.score_class,
            receipt: self.acts_of(self.me()) + 1,
            grant_seq,
            grant_kit: grant_kit.0.into(),
            officers: Vec::new(),
            reason: act.reason.clone(),
            picture: None,
        };
        let hlc = self.stamp(reading);
        Ok(Step::Commit(Draft::new(self, hlc, Body::Identified(body))))
    }

    /// Decides a peer's wish for a line of this kit's share.
    ///
    /// INVARIANT (granted once): while a grant is neither used nor taken back, the line is granted to
    /// nobody else and not served here; the GRANTED event is durable before the answer leaves.
    #[must_use]
    pub fn grant(&mut self, ask: GrantAsk, reading: Reading) -> GrantAnswer {
        self.inspect_clock(reading);
        if self.block().is_some() || self.opened(self.me()).is_none() {
            return GrantAnswer::Refuse(Refusal::naming(RefusalReason::KitBlocked, self.me()));
        }
        let mine = match self.charter().partition() {
            Partition::Segment | Partition::PaperLock => self.owner(ask.line) == Some(self.me()),
            Partition::Quorum => self.charter().voting_kits().any(|kit| kit == self.me()),
        };
        let is_known = self.charter().kit(ask.from).is_some()
            && self.standing().retirement(ask.from).is_none();
        if !mine || !is_known || ask.line == 0 || ask.line > self.own_lines() {
            return GrantAnswer::Refuse(Refusal::of(RefusalReason::NotHere));
        }
        if self.list().struck(ask.line).is_some() {
            return GrantAnswer::Refuse(Refusal::of(RefusalReason::Struck));
        }
        let state = self.state(ask.line);
        if let Some(act) = &state.counted {
            return GrantAnswer::Refuse(Refusal {
                reason: RefusalReason::Already,
                evidence: Some(Arc::clone(act)),
                kit: Some(act.name.kit),
            });
        }
        if let Some(act) = self.promised(ask.line) {
            let same = grant_of(&act).is_some_and(|grant| Kid(*grant.to) == ask.from);
            let is_running =
                self.charter().partition() == Partition::Quorum || self.is_running(&act, reading);
            if same && !is_running && ask.request > self.last_request(ask.from) {
                return self.give(ask, reading);
            }
            return if same {
                GrantAnswer::Again(act)
            } else {
                GrantAnswer::Refuse(granted_elsewhere(&act))
            };
        }
        if ask.request <= self.last_request(ask.from) {
            // A request that was answered before and is played again opens nothing new.
            return GrantAnswer::Refuse(Refusal::of(RefusalReason::NotMyShare));
        }
        self.give(ask, reading)
    }

    /// The grant, unless its stamp would lie further ahead of the asker's clock than that follows: the act would come
    /// before its own right. The request number is the asker's stamp; the voter goes to this kit instead.
    fn give(&mut self, ask: GrantAsk, reading: Reading) -> GrantAnswer {
        let asked = Hlc(ask.request).moment().micros();
        if self.next_moment(reading) - asked > self.bound_micros() {
            return GrantAnswer::Refuse(Refusal::naming(RefusalReason::NotMyShare, self.me()));
        }
        let body = Granted {
            line: ask.line,
            to: ask.from.0.into(),
            request: ask.request,
        };
        let hlc = self.stamp(reading);
        GrantAnswer::Give(Draft::new(self, hlc, Body::Granted(body)))
    }

    fn last_request(&self, from: Kid) -> u64 {
        self.events_after(self.me(), 0)
            .filter_map(|act| grant_of(act))
            .filter(|grant| Kid(*grant.to) == from)
            .map(|grant| grant.request)
            .max()
            .unwrap_or(0)
    }

    /// Opens the kit: the two officers' consents make it an event. `None` when it is open already.
    pub fn open(&mut self, reading: Reading) -> Option<Draft> {
        if self.opened(self.me()).is_some() {
            return None;
        }
        let body = Opened {
            package: self.charter().package().0.into(),
            lines: self.charter().lines(),
            officers: Vec::new(),
        };
        let hlc = self.stamp(reading);
        Some(Draft::new(self, hlc, Body::Opened(body)))
    }

    /// Records an attempt that ended without an issue; `line` is 0 for a person who is not on the list, as is a
    /// line that the list of this kit lacks.
    pub fn refuse(
        &mut self,
        line: u32,
        reason: RefusalReason,
        tried: Option<(Method, u8)>,
        reading: Reading,
    ) -> Draft {
        // Beyond the list that this kit works by there is no line to name.
        let is_known = line <= self.own_lines();
        let body = Refused {
            line: if is_known { line } else { 0 },
            reason: reason.code().to_owned(),
            method: tried.map_or(0, |(method, _)| method.number()),
            attempts: tried.map_or(0, |(_, attempts)| attempts),
        };
        let hlc = self.stamp(reading);
        Draft::new(self, hlc, Body::Refused(body))
    }

    /// Undoes this kit's own counted act on a line, or a retired kit's by its last heir; two officers consent.
    ///
    /// # Errors
    /// [`Refusal`] when nothing counts there, another kit did it (its name is in `kit`), or a ballot was given and
    /// the reason is not [`BALLOT_RETURNED`].
    pub fn undo(&mut self, line: u32, reason: &str, reading: Reading) -> Result<Draft, Refusal> {
        if self.block().is_some() {
            return Err(Refusal::of(RefusalReason::KitBlocked));
        }
        let Some(act) = self.state(line).counted.clone() else {
            return Err(Refusal::of(RefusalReason::NotHere));
        };
        let heirs = self.standing().succession(act.name.kit);
        if heirs.last() != Some(&self.me()) {
            return Err(Refusal::naming(RefusalReason::NotMyShare, act.name.kit));
        }
        if identified(&act).is_none() {
            return Err(Refusal::of(RefusalReason::NotHere));
        }
        // After the ballot an act is undone only with the ballot back on the table (S-29).
        let state = self.state(line);
        let mut ballots = state.ballots.iter();
        if let Some(ballot) = ballots.find(|ballot| !state.is_stray(ballot))
            && reason != BALLOT_RETURNED
        {
            return Err(Refusal {
                reason: RefusalReason::BallotIssued,
                evidence: Some(Arc::clone(ballot)),
                kit: Some(ballot.name.kit),
            });
        }
        let body = Undone {
            line,
            kit: act.name.kit.0.into(),
            seq: act.name.seq,
            reason: reason.to_owned(),
            officers: Vec::new(),
        };
        let hlc = self.stamp(reading);
        Ok(Draft::new(self, hlc, Body::Undone(body)))
    }

    /// Takes back this kit's own unused grant on a line; two officers consent.
    ///
    /// Not before the grant has run out on every clock, nor in the first seconds of a kit that started anew and has not heard
    /// the holder yet; and whoever serves the line afterwards looks at the paper first, for the holder may have used it. Under `quorum` a promise is never taken back: its holder may have a majority already.
    ///
    /// # Errors
    /// [`Refusal`] when there is no such grant.
    pub fn release(&mut self, line: u32, reading: Reading) -> Result<Draft, Refusal> {
        let me = self.me();
        if self.block().is_some() {
            return Err(Refusal::of(RefusalReason::KitBlocked));
        }
        if self.charter().partition() == Partition::Quorum {
            return Err(Refusal::of(RefusalReason::GrantedElsewhere));
        }
        let Some(grant) = self
            .state(line)
            .grants_unused
            .iter()
            .find(|act| act.name.kit == me)
            .cloned()
        else {
            return Err(Refusal::of(RefusalReason::NotHere));
        };
        let age = self.least_age_micros(&grant, reading);
        if age < i64::from(self.charter().limits().release_seconds) * 1_000_000 {
            return Err(granted_elsewhere(&grant));
        }
        let holder = grant_of(&grant).map(|body| Kid(*body.to));
        if let Some(holder) = holder
            && self.standing().retirement(holder).is_none()
            && !self.has_heard(holder, reading)
        {
            return Err(granted_elsewhere(&grant));
        }
        let body = Released {
            line,
            seq: grant.name.seq,
            officers: Vec::new(),
        };
        let hlc = self.stamp(reading);
        Ok(Draft::new(self, hlc, Body::Released(body)))
    }

    /// Records that a receipt came out, or a copy of it.
    pub fn printed(&mut self, receipt: u32, copy: u8, reading: Reading) -> Draft {
        let hlc = self.stamp(reading);
        Draft::new(
            self,
            hlc,
            Body::Printed(Receipt {
                receipt,
                copy,
                reason: String::new(),
            }),
        )
    }

    /// Records that a receipt is void or did not come out.
    pub fn void(&mut self, receipt: u32, reason: &str, reading: Reading) -> Draft {
        let hlc = self.stamp(reading);
        Draft::new(
            self,
            hlc,
            Body::Void(Receipt {
                receipt,
                copy: 0,
                reason: reason.to_owned(),
            }),
        )
    }

    /// Records something that the final report explains.
    pub fn incident(&mut self, incident: Incident, reading: Reading) -> Draft {
        let hlc = self.stamp(reading);
        Draft::new(self, hlc, Body::Incident(incident))
    }

    /// Countersigns a peer's head, unless nothing but countersignatures followed the last one.
    ///
    /// Otherwise two kits would countersign each other's countersignatures for ever.
    pub fn countersign(&mut self, kit: Kid, reading: Reading) -> Option<Draft> {
        let head = self.head(kit);
        let known = self.events_after(self.me(), 0).filter_map(|act| {
            let Body::PeerHead(seen) = &act.body else {
                return None;
            };
            (Kid(*seen.kit) == kit).then_some(seen.seq)
        });
        let known = known.max().unwrap_or(0);
        let has_news = self
            .events_after(kit, known)
            .any(|act| act.name.seq <= head.seq && !matches!(act.body, Body::PeerHead(_)));
        if !has_news {
            return None;
        }
        let body = head.into();
        let hlc = self.stamp(reading);
        Some(Draft::new(self, hlc, Body::PeerHead(body)))
    }

    /// Closes the kit for everybody but `in_line` voters who stand in its line; two officers consent.
    ///
    /// # Errors
    /// [`RefusalReason::OutOfHours`] before closing time of the last day, or when closed already.
    pub fn close(&mut self, in_line: u32, reading: Reading) -> Result<Draft, Refusal> {
        let is_mobile = self.charter().is_mobile(self.me());
        let closes = self.voting_days().last().map_or(0, |day| day.closes);
        let early = !is_mobile && reading.wall.micros() < closes;
        if early || self.opened(self.me()).is_none() || self.closed(self.me()).is_some() {
            return Err(Refusal::of(RefusalReason::OutOfHours));
        }
        let hlc = self.stamp(reading);
        Ok(Draft::new(
            self,
            hlc,
            Body::Closed(Closed {
                in_line,
                officers: Vec::new(),
            }),
        ))
    }

    /// A request number for a [`GrantAsk`]: rises with the clock, also over a restart.
    pub fn request_number(&mut self, reading: Reading) -> u64 {
        let Hlc(number) = self.stamp(reading);
        number
    }
}

pub(crate) fn granted_elsewhere(grant: &Arc<Act>) -> Refusal {
    Refusal {
        reason: RefusalReason::GrantedElsewhere,
        evidence: Some(Arc::clone(grant)),
        kit: grant_of(grant).map(|body| Kid(*body.to)),
    }
}

/// The body of a GRANTED event.
#[must_use]
pub fn grant_of(act: &Act) -> Option<&Granted> {
    if let Body::Granted(body) = &act.body {
        Some(body)
    } else {
        None
    }
}

/// The body of an IDENTIFIED event.
#[must_use]
pub fn identified(act: &Act) -> Option<&Identified> {
    if let Body::Identified(body) = &act.body {
        Some(body)
    } else {
        None
    }
}
