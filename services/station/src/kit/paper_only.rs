//! The return from a total failure (S-38), and slips that two officers declare void.

use std::sync::Arc;

use lexicon::handover::envelope::Kid;
use lexicon::handover::report::PaperInterval;
use lexicon::{Instant, Method, RefusalReason};
use pollbook::{Act, Body, identified};

use super::{ActError, Card, Kit};
use crate::print::{self, Bitmap, VoidPaper};

/// Why a slip is declared void, as codes.
pub const REASONS_VOID: &[&str] = &["ACT_UNDONE", "NOT_PRINTED", "SPOILT"];

/// The reason of an undo of a line that was entered from paper by mistake.
const ENTRY_MISTAKE: &str = "ENTRY_MISTAKE";

/// A line that was served on paper while no kit worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaperEntry {
    /// Line on the paper list.
    pub line: u32,
    /// Number of the slip in the book.
    pub slip: u32,
}

/// A line entered from paper, as the chair's page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnteredView {
    /// Line and slip.
    pub entry: PaperEntry,
    /// The kit that entered it.
    pub kit: Kid,
    /// Seq of its interval.
    pub interval: u32,
    /// Whether another act of the line counts: an incident.
    pub is_duplicate: bool,
}

/// A slip that was declared void, with its paper.
#[derive(Clone, Debug)]
pub struct Voided {
    /// The event.
    pub act: Arc<Act>,
    /// The paper.
    pub paper: Bitmap,
    /// Whether it came out.
    pub is_printed: bool,
}

impl Kit {
    /// Declares that no kit worked from `from` to `to` and that `count` slips of the book were given; two officers sign.
    ///
    /// # Errors
    /// [`ActError::Interval`] when it is empty, not over, or outside the days of the package; [`ActError::Officers`].
    pub fn paper_only(
        &self,
        from: Instant,
        to: Instant,
        count: u32,
        cards: &[&dyn Card],
    ) -> Result<Arc<Act>, ActError> {
        let reading = self.clock.read();
        let mut desk = self.desk();
        let draft = desk.book.paper_only(from, to, count, reading);
        let draft = draft.map_err(|refusal| {
            if refusal.reason == RefusalReason::NotHere {
                ActError::Interval
            } else {
                self.refused(&refusal)
            }
        })?;
        self.sign_and_tell(&mut desk, draft, cards)
    }

    /// Enters lines that were served on paper in an interval that this kit declared, each an event of its own that two
    /// officers sign. What was entered before with the same slip is passed over, so that a list that was cut off by a
    /// power cut is entered again as it stands. Returns how many were written now.
    ///
    /// # Errors
    /// [`ActError::Entry`] names the first line whose slip is known for another line, stands twice, or that is no line;
    /// nothing is written then.
    pub fn paper_served(
        &self,
        interval: u32,
        entries: &[PaperEntry],
        method: Method,
        cards: &[&dyn Card],
    ) -> Result<u32, ActError> {
        self.approve(cards)?;
        let known = self.entered();
        let mut fresh: Vec<PaperEntry> = Vec::new();
        for entry in entries {
            let is_line = self.read(|book| book.has_line(entry.line));
            let mut before = known.iter().map(|known| &known.entry).chain(&fresh);
            let before = before.find(|other| other.slip == entry.slip);
            match before {
                Some(before) if before == entry => {}
                None if is_line && entry.slip > 0 => fresh.push(*entry),
                _ => return Err(ActError::Entry(entry.line)),
            }
        }
        let mut written = 0;
        for entry in fresh {
            let reading = self.clock.read();
            let mut desk = self.desk();
            let (line, slip) = (entry.line, entry.slip);
            let draft = desk
                .book
                .paper_served(interval, line, slip, method, reading);
            let draft = draft.map_err(|refusal| self.refused(&refusal))?;
            self.sign_and_tell(&mut desk, draft, cards)?;
            written += 1;
        }
        Ok(written)
    }

    /// Takes a line back that was entered from paper by mistake; two officers sign.
    ///
    /// # Errors
    /// [`ActError::Refused`] when no such entry stands, or another kit entered it.
    pub fn undo_paper(&self, entry: PaperEntry, cards: &[&dyn Card]) -> Result<Arc<Act>, ActError> {
        let reading = self.clock.read();
        let mut desk = self.desk();
        let draft = desk
            .book
            .undo_paper(entry.line, entry.slip, ENTRY_MISTAKE, reading)
            .map_err(|refusal| self.refused(&refusal))?;
        self.sign_and_tell(&mut desk, draft, cards)
    }

    /// The declared intervals, in the order of the day.
    #[must_use]
    pub fn paper_intervals(&self) -> Vec<PaperInterval> {
        self.read(pollbook::Book::paper_intervals)
            .unwrap_or_default()
    }

    /// Lines entered from paper that stand, by slip.
    #[must_use]
    pub fn entered(&self) -> Vec<EnteredView> {
        let mut entered: Vec<EnteredView> = self.read(|book| {
            let standing = book.states().flat_map(|(_, state)| {
                let counted = state.counted.iter().map(|act| (act, false));
                counted.chain(state.duplicates.iter().map(|act| (act, true)))
            });
            let entries = standing.filter_map(|(act, is_duplicate)| {
                let Body::PaperServed(body) = &act.body else {
                    return None;
                };
                Some(EnteredView {
                    entry: PaperEntry {
                        line: body.line,
                        slip: body.slip,
                    },
                    kit: act.name.kit,
                    interval: body.interval,
                    is_duplicate,
                })
            });
            entries.collect()
        });
        entered.sort_by_key(|view| view.entry.slip);
        entered
    }

    /// Acts of a line whose slip may be declared void: undone, or never out of a printer.
    #[must_use]
    pub fn voidable(&self, line: u32) -> Vec<Arc<Act>> {
        self.read(|book| book.voidable(line))
    }

    /// Slips of a line that two officers declared void: name and when.
    #[must_use]
    pub fn voided(&self, line: u32) -> Vec<(String, Instant)> {
        self.read(|book| {
            let acts = book.acts_on(line);
            let voided = acts.filter_map(|act| {
                let Body::SlipVoided(body) = &act.body else {
                    return None;
                };
                let slip = book.event(Kid(*body.kit), body.seq)?;
                Some((self.receipt_name(slip), act.hlc.moment()))
            });
            voided.collect()
        })
    }

    /// Declares the slip of an act of this line void and prints the paper that says so; two officers sign. A printer
    /// that fails takes nothing back: the paper is printed again by [`Kit::print_void`].
    ///
    /// # Errors
    /// [`ActError::Reason`], [`ActError::Refused`] when the act is not among [`Kit::voidable`], [`ActError::Officers`].
    pub fn void_slip(
        &self,
        line: u32,
        act: (Kid, u32),
        reason: &str,
        cards: &[&dyn Card],
    ) -> Result<Voided, ActError> {
        if !REASONS_VOID.contains(&reason) {
            return Err(ActError::Reason(reason.to_owned()));
        }
        let event = {
            let reading = self.clock.read();
            let mut desk = self.desk();
            let draft = desk
                .book
                .void_slip(line, act, reason, reading)
                .map_err(|refusal| self.refused(&refusal))?;
            self.sign_and_tell(&mut desk, draft, cards)?
        };
        self.print_void(act)
            .map(|(paper, is_printed)| Voided {
                act: event,
                paper,
                is_printed,
            })
            .ok_or(ActError::NoLine(line))
    }

    /// Prints the VOID paper of an act whose slip was declared void, and gives it as a picture with whether it came out;
    /// `None` without such a declaration.
    #[must_use]
    pub fn print_void(&self, act: (Kid, u32)) -> Option<(Bitmap, bool)> {
        let job = print::void_slip(&self.void_paper(act)?);
        let done = self.printer.print(&job);
        if let Err(error) = &done {
            tracing::warn!(%error, "the paper of a void slip was not printed");
        }
        Some((job.bitmap, done.is_ok()))
    }

    fn void_paper(&self, act: (Kid, u32)) -> Option<VoidPaper> {
        let (slip, event) = self.read(|book| {
            let event = Arc::clone(book.voided_by(act)?);
            Some((Arc::clone(book.event(act.0, act.1)?), event))
        })?;
        let Body::SlipVoided(body) = &event.body else {
            return None;
        };
        identified(&slip)?;
        let name = |kid: Kid| {
            let mut known = self.charter.officers();
            let officer = known.find(|officer| {
                lexicon::handover::envelope::PublicKey(*officer.point).kid() == kid
            });
            officer.map(|officer| officer.name.clone())
        };
        let officers = body.officers.iter();
        Some(VoidPaper {
            heading: self.heading(),
            receipt: self.receipt_name(&slip),
            page: self.voter(body.line).map_or(0, |voter| voter.page),
            line: body.line,
            identified_at: slip.hlc.moment(),
            voided_at: event.hlc.moment(),
            reason: body.reason.clone(),
            officers: officers.filter_map(|o| name(Kid(*o.kid))).collect(),
            event: event.name.id.0[..6]
                .iter()
                .map(|b| format!("{b:02x}"))
                .collect(),
        })
    }
}
