//! When something is lost: a kit, a receipt, a clock, the way to a line's owner. Two officers sign, one looks.

use std::collections::BTreeSet;
use std::sync::Arc;

use lexicon::handover::envelope::{Kid, Signer};
use lexicon::handover::event::{EventRef, Incident};
use lexicon::{Instant, Method, RefusalReason};
use pollbook::{Act, Block, Body, Draft, Refusal, identified};

use super::{ActError, Card, CheckedIn, Desk, Kit, Paper, Refused};
use crate::print;

/// Why a kit is retired, as codes.
pub const REASONS_TAKEOVER: &[&str] = &["KIT_LOST", "KIT_BROKEN", "KIT_STOLEN"];

/// What a paper receipt of a lost kit says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaperReceipt {
    /// The kit that printed it.
    pub kit: Kid,
    /// The kit's receipt number.
    pub receipt: u32,
    /// Line on the paper list.
    pub line: u32,
    /// How the voter was identified.
    pub method: Method,
}

/// How a voter without a receipt was helped.
#[derive(Clone, Debug)]
pub enum Resumption {
    /// The paper line is clean: the receipt is printed, the act counts once.
    Served(Box<CheckedIn>),
    /// The paper line is signed: two officers send the voter away.
    SentAway(Box<Refused>),
}

impl Kit {
    /// Retires kits that do not answer and takes their lines over; two officers sign.
    ///
    /// # Errors
    /// [`ActError::StillThere`] and [`ActError::OutOfTouch`] name the kit that stands against it.
    pub fn take_over(
        &self,
        dead: &[Kid],
        reason: &str,
        cards: &[&dyn Card],
    ) -> Result<Arc<Act>, ActError> {
        if !REASONS_TAKEOVER.contains(&reason) {
            return Err(ActError::Reason(reason.to_owned()));
        }
        let reading = self.clock.read();
        let mut desk = self.desk();
        let draft = desk
            .book
            .take_over(dead, reason, reading)
            .map_err(|refusal| self.not_taken_over(&refusal))?;
        self.sign_and_tell(&mut desk, draft, cards)
    }

    fn not_taken_over(&self, refusal: &Refusal) -> ActError {
        let Some(kit) = refusal.kit.map(|kit| self.charter.kit_name(kit)) else {
            return self.refused(refusal);
        };
        if refusal.reason == RefusalReason::NotMyShare {
            ActError::StillThere(kit)
        } else {
            ActError::OutOfTouch(kit)
        }
    }

    /// Enters an act of a lost kit from its paper receipt; two officers sign.
    ///
    /// # Errors
    /// [`ActError::NoLine`], [`ActError::Refused`] when the kit is not retired or the act is known.
    pub fn enter_receipt(
        &self,
        paper: PaperReceipt,
        cards: &[&dyn Card],
    ) -> Result<Arc<Act>, ActError> {
        self.voter(paper.line).ok_or(ActError::NoLine(paper.line))?;
        let reading = self.clock.read();
        let mut desk = self.desk();
        let draft = desk
            .book
            .reconstruct(paper.line, paper.kit, paper.receipt, paper.method, reading)
            .map_err(|refusal| self.refused(&refusal))?;
        self.sign_and_tell(&mut desk, draft, cards)
    }

    /// What the QR of a paper receipt says, when it is a signed check-in of this precinct; `None` otherwise.
    #[must_use]
    pub fn read_receipt(&self, qr: &str) -> Option<PaperReceipt> {
        let signed = base45::decode(qr.trim()).ok()?;
        let act = self.read(|book| book.admit(&signed, &self.ring)).ok()?;
        let body = identified(&act)?;
        Some(PaperReceipt {
            kit: act.name.kit,
            receipt: body.receipt,
            line: body.line,
            method: Method::from_number(body.method)?,
        })
    }

    /// Records what a named officer saw on the paper line.
    ///
    /// # Errors
    /// [`ActError::NoLine`], [`ActError::Officers`] when the card is not of this precinct.
    pub fn check_line(
        &self,
        line: u32,
        is_unsigned: bool,
        card: &dyn Card,
    ) -> Result<Arc<Act>, ActError> {
        self.voter(line).ok_or(ActError::NoLine(line))?;
        let reading = self.clock.read();
        let mut desk = self.desk();
        let draft = desk.book.check_line(line, is_unsigned, reading);
        let draft = draft.consented(&[card as &dyn Signer])?;
        let act = self.commit(&mut desk, draft)?;
        drop(desk);
        self.push();
        Ok(act)
    }

    /// Whether an officer must look at the paper before this line is served here.
    #[must_use]
    pub fn needs_look(&self, line: u32) -> bool {
        let reading = self.clock.read();
        matches!(
            self.desk().book.gate(line, reading),
            Ok(pollbook::Right::CheckLine)
        )
    }

    /// Whether two officers may give this voter the receipt of an act whose kit is lost.
    #[must_use]
    pub fn is_resumable(&self, line: u32) -> bool {
        let reading = self.clock.read();
        self.desk().book.resumable(line, reading).is_some()
    }

    /// RESUME: two officers looked at the paper line of a voter who is counted and has no receipt.
    ///
    /// # Errors
    /// [`ActError::Refused`] when no act stands without a receipt here, [`ActError::Officers`].
    pub fn resume(
        &self,
        line: u32,
        is_line_signed: bool,
        cards: &[&dyn Card],
    ) -> Result<Resumption, ActError> {
        let reading = self.clock.read();
        let mut desk = self.desk();
        let counted = desk.book.state(line).counted.clone();
        let draft = desk
            .book
            .resume(line, is_line_signed, reading)
            .map_err(|refusal| self.refused(&refusal))?;
        let act = self.sign_and_tell(&mut desk, draft, cards)?;
        let served = counted.filter(|_| !is_line_signed);
        let Some(served) = served else {
            return Ok(Resumption::SentAway(Box::new(Refused {
                refusal: Refusal::of(RefusalReason::LineSigned),
                act,
                line,
                attempts: 0,
                fits: None,
            })));
        };
        desk.unprinted.insert(line);
        drop(desk);
        let paper = self.print_resumed(line);
        Ok(Resumption::Served(Box::new(
            self.checked_in(&served, paper),
        )))
    }

    /// Prints the receipt of an act that this kit resumed and that has not come out yet. The RESUMED event
    /// stands for the receipt: the lost kit alone numbers its papers.
    #[must_use]
    pub fn print_resumed(&self, line: u32) -> Paper {
        let _turn = self
            .printing
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let act = {
            let desk = self.desk();
            let counted = desk.book.state(line).counted.clone();
            counted.filter(|_| desk.unprinted.contains(&line))
        };
        let Some((act, body)) = act.and_then(|act| {
            let body = identified(&act)?.clone();
            Some((act, body))
        }) else {
            return Paper::Printed;
        };
        match self
            .printer
            .print(&print::receipt(&self.receipt_paper(&act, &body, 0)))
        {
            Ok(()) => {
                let mut desk = self.desk();
                desk.unprinted.remove(&line);
                if let Err(error) = desk.resumed.printed(line) {
                    tracing::warn!(%error, "a resumed receipt came out and is not kept as such");
                }
                Paper::Printed
            }
            Err(error) => Paper::Pending(error),
        }
    }

    /// Sets the kit's clock; two officers sign what it shows from now on.
    ///
    /// # Errors
    /// [`ActError::Time`] outside the days of the package, [`ActError::Officers`]; the clock stays.
    pub fn set_clock(&self, wall: Instant, cards: &[&dyn Card]) -> Result<Arc<Act>, ActError> {
        let manifest = self.charter.manifest();
        if wall.micros() < manifest.not_before || wall.micros() > manifest.not_after {
            return Err(ActError::Time);
        }
        let reading = pollbook::Reading {
            wall,
            ..self.clock.read()
        };
        let mut desk = self.desk();
        let draft = desk.book.set_clock(reading);
        let act = self.sign_and_tell(&mut desk, draft, cards)?;
        // INVARIANT (durable first): the officers' word is on disk before the clock is followed.
        self.clock.set_wall(wall);
        desk.book.clock_was_set(self.clock.read());
        // What it heard of the list while it was stopped is recorded before it serves anybody.
        self.follow_list(&mut desk);
        drop(desk);
        self.tell();
        Ok(act)
    }

    /// Whether the kit is stopped by its clock, which two officers may set.
    #[must_use]
    pub fn is_stopped_by_clock(&self) -> bool {
        let reading = self.clock.read();
        let mut desk = self.desk();
        desk.book.inspect_clock(reading);
        matches!(desk.book.block(), Some(Block::Clock(_)))
    }

    pub(super) fn sign_and_tell(
        &self,
        desk: &mut Desk,
        draft: Draft,
        cards: &[&dyn Card],
    ) -> Result<Arc<Act>, ActError> {
        let draft = self.consented(draft, cards)?;
        let act = self.commit(desk, draft)?;
        self.push();
        Ok(act)
    }

    /// Records the kits whose events came with a stamp beyond the bound, each kit once a day: an
    /// incident for each of its events would fill the journal.
    pub(super) fn record_ahead(&self, desk: &mut Desk) {
        let ahead = desk.book.take_ahead();
        // A kit that must not write (set back, forked, retired) lets the others say it.
        if ahead.is_empty() || !matches!(desk.book.block(), None | Some(Block::Clock(_))) {
            return;
        }
        let own = desk.book.events_after(self.me, 0);
        let mut told: BTreeSet<[u8; 8]> = own
            .filter_map(|act| {
                let Body::Incident(body) = &act.body else {
                    return None;
                };
                (body.code == "CLOCK").then_some(&body.evidence)
            })
            .flatten()
            .map(|seen| *seen.kit)
            .collect();
        for name in ahead {
            if !told.insert(name.kit.0) {
                continue;
            }
            let incident = Incident {
                code: "CLOCK".to_owned(),
                line: 0,
                evidence: vec![EventRef {
                    kit: name.kit.0.into(),
                    seq: name.seq,
                }],
            };
            let draft = desk.book.incident(incident, self.clock.read());
            if let Err(error) = self.commit(desk, draft) {
                tracing::error!(%error, "a clock ahead was not recorded");
                return;
            }
        }
    }
}
