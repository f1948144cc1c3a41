//! Acts of the day: identify, refuse, undo, release, close; each is on disk before anybody is told.

use std::sync::Arc;

use fingerprint::Template;
use lexicon::handover::package::PackageVoter;
use lexicon::{FingerPosition, Instant, Method, RefusalReason};
use pollbook::{
    Act, Attempts, CheckIn, Draft, DraftError, LineAsk, Next, Owed, Partition, Refusal, Right,
    Step, identified,
};

use super::{ActError, Card, Desk, Kit};
use crate::camera::Picture;
use crate::capture::{Capture, position};
use crate::print;
use crate::printer::PrinterError;

/// Reasons for a two-person method and for an undo, as codes.
pub const REASONS_TWO: &[&str] = &[
    "FINGERS_UNREADABLE",
    "NO_FINGERS",
    "FINGER_MISMATCH",
    "SCANNER_FAULT",
    TWO_PERSONS,
];

/// Two officers say that the voter is another person than the one whose marked line the finger fits too.
pub const TWO_PERSONS: &str = "TWO_PERSONS";

/// Reasons for an undo.
pub const REASONS_UNDO: &[&str] = &[
    "WRONG_VOTER",
    "LEFT_WITHOUT_BALLOT",
    "OPERATOR_SLIP",
    pollbook::BALLOT_RETURNED,
];

/// A method that two officers vouch for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method2 {
    /// The face against the photograph.
    Face,
    /// PIN or document, and the photograph.
    Document,
    /// Override with a written reason.
    Override,
}

impl Method2 {
    /// The method as events carry it.
    #[must_use]
    pub fn method(self) -> Method {
        match self {
            Method2::Face => Method::Face2,
            Method2::Document => Method::Document2,
            Method2::Override => Method::Override2,
        }
    }
}

/// What became of a receipt's paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Paper {
    /// It came out.
    Printed,
    /// It did not: the screen stays amber, the receipt is printed later or declared void.
    Pending(PrinterError),
}

/// A voter who was checked in.
#[derive(Clone, Debug)]
pub struct CheckedIn {
    /// The signed event.
    pub act: Arc<Act>,
    /// Line on the paper list.
    pub line: u32,
    /// Page of the paper list.
    pub page: u32,
    /// `K2-0139`.
    pub receipt: String,
    /// When, by the kit's clock.
    pub at: Instant,
    /// How.
    pub method: Method,
    /// Which finger.
    pub finger: Option<FingerPosition>,
    /// The receipt's paper.
    pub paper: Paper,
}

/// A voter who was not served; the refusal is on record.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Why, and what shows it.
    pub refusal: Refusal,
    /// The REFUSED event.
    pub act: Arc<Act>,
    /// Line, 0 for a person who is not on the list.
    pub line: u32,
    /// Captures tried.
    pub attempts: u8,
    /// The one other line of the list that the finger fits, for [`RefusalReason::FingerOtherLine`]; the first marked one,
    /// for [`RefusalReason::FingerMarked`].
    pub fits: Option<u32>,
}

/// How a presentation of a finger ended.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// Identified, on record, receipt printed or pending.
    Green(Box<CheckedIn>),
    /// The same or another finger is asked for.
    Again {
        /// What is asked for now; `None` when the package holds no finger.
        finger: Option<FingerPosition>,
        /// Tries left for it.
        tries_left: u8,
        /// Captures so far.
        attempts: u8,
        /// Whether the last capture was read and differed.
        differed: bool,
    },
    /// Too many failures: wait.
    Pause {
        /// Seconds left.
        seconds: u64,
        /// What will be asked for.
        finger: Option<FingerPosition>,
    },
    /// Refused, on record.
    Red(Box<Refused>),
}

/// How a two-person check-in ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// On record, receipt printed or pending.
    Green(Box<CheckedIn>),
    /// Refused, on record.
    Red(Box<Refused>),
}

/// What is kept of who stood at the table, beside the act.
#[derive(Clone, Copy)]
pub(super) enum Seen<'a> {
    /// Nothing.
    Nothing,
    /// The frame that two officers saw.
    Picture(&'a Picture),
    /// The finger that fitted, as a record.
    Finger(&'a [u8]),
}

impl<'a> Seen<'a> {
    fn of(picture: Option<&'a Picture>) -> Self {
        picture.map_or(Seen::Nothing, Seen::Picture)
    }

    fn picture(self) -> Option<&'a Picture> {
        match self {
            Seen::Picture(picture) => Some(picture),
            Seen::Nothing | Seen::Finger(_) => None,
        }
    }
}

enum Decided {
    Done(Arc<Act>),
    Refused(Refusal),
}

impl Kit {
    /// Before the card is shown: may this voter be served here? A refusal is recorded.
    ///
    /// `Ok(None)` says yes. A line of another kit's share is asked for only when the finger fits.
    ///
    /// # Errors
    /// [`ActError`] when the refusal could not be written.
    pub fn gate(&self, line: u32) -> Result<Option<Refused>, ActError> {
        let reading = self.clock.read();
        let mut desk = self.desk();
        match desk.book.gate(line, reading) {
            Ok(
                Right::Own
                | Right::Grant(_)
                | Right::Paper(_)
                | Right::Majority(_)
                | Right::Ask(_)
                | Right::CheckLine
                | Right::Promise
                | Right::AskMajority(_),
            ) => Ok(None),
            Err(refusal) => self
                .record_refusal(&mut desk, line, refusal, None)
                .map(Some),
        }
    }

    /// The finger that is asked for now, best first; `None` when the package holds none.
    #[must_use]
    pub fn asked_finger(&self, line: u32) -> Option<FingerPosition> {
        let rank = self.desk().attempts.get(&line).map_or(0, Attempts::rank);
        position(self.voter(line)?, rank)
    }

    /// Asks for the next finger at the operator's wish, and says which.
    pub fn another_finger(&self, line: u32) -> Option<FingerPosition> {
        let fingers = self.voter(line)?.fingers.len();
        self.desk()
            .attempts
            .entry(line)
            .or_default()
            .another_finger(fingers);
        self.asked_finger(line)
    }

    /// A finger on the glass for the voter of this line: compare, and check in when it fits.
    ///
    /// # Errors
    /// [`ActError`]; a refusal is a [`Verdict`], not an error.
    pub fn present(&self, line: u32, capture: &Capture) -> Result<Verdict, ActError> {
        self.present_by(line, capture, Method::Finger, &[])
    }

    /// A finger that fits is an act of this method, with these officers' consents.
    pub(super) fn present_by(
        &self,
        line: u32,
        capture: &Capture,
        method: Method,
        cards: &[&dyn Card],
    ) -> Result<Verdict, ActError> {
        let voter = self.voter(line).ok_or(ActError::NoLine(line))?;
        if let Some(refused) = self.gate(line)? {
            return Ok(Verdict::Red(Box::new(refused)));
        }
        let reading = self.clock.read();
        let (rank, waiting) = {
            let mut desk = self.desk();
            let attempts = desk.attempts.entry(line).or_default();
            (attempts.rank(), attempts.pause_until(reading.steady_micros))
        };
        if let Some(until) = waiting {
            let seconds = (until - reading.steady_micros).div_ceil(1_000_000);
            return Ok(Verdict::Pause {
                seconds,
                finger: position(voter, rank),
            });
        }
        // The comparison runs without the lock: peers' questions are answered meanwhile.
        let live = capture.template();
        let seen = self
            .fingers
            .compare(voter, rank, live.as_ref(), self.charter.policy());
        let (next, attempts) = {
            let mut desk = self.desk();
            let attempts = desk.attempts.entry(line).or_default();
            let fingers = voter.fingers.len();
            let next = attempts.take(seen, fingers, self.charter.policy(), reading.steady_micros);
            (next, attempts.total())
        };
        match next {
            Next::Accept { class } => {
                if let Some(refused) = self.marked_before(voter, rank, live.as_ref())? {
                    return Ok(Verdict::Red(Box::new(refused)));
                }
                let check_in = CheckIn {
                    line,
                    method,
                    finger: position(voter, rank),
                    attempts,
                    score_class: class,
                    reason: String::new(),
                };
                let record = self.record_of(check_in.finger, live.as_ref());
                let seen = record.as_deref().map_or(Seen::Nothing, Seen::Finger);
                Ok(match self.check_in(&check_in, seen, cards)? {
                    Outcome::Green(done) => Verdict::Green(done),
                    Outcome::Red(refused) => Verdict::Red(refused),
                })
            }
            Next::Ask { rank, tries_left } => Ok(Verdict::Again {
                finger: position(voter, rank),
                tries_left,
                attempts,
                differed: seen == pollbook::Capture::Differs,
            }),
            Next::Pause { until_steady, rank } => Ok(Verdict::Pause {
                seconds: (until_steady - reading.steady_micros).div_ceil(1_000_000),
                finger: position(voter, rank),
            }),
            Next::Exhausted { differed } => {
                let fits = live
                    .filter(|_| differed)
                    .and_then(|live| self.whose(line, &live));
                let reason = match (differed, fits) {
                    (true, Some(_)) => RefusalReason::FingerOtherLine,
                    (true, None) => RefusalReason::FingerMismatch,
                    (false, _) => RefusalReason::FingerUnreadable,
                };
                let refused = self.refuse(line, reason)?;
                Ok(Verdict::Red(Box::new(Refused { fits, ..refused })))
            }
        }
    }

    /// The one other line of the list in force that a finger fits, where the policy allows to look. Nobody is
    /// identified by it: the operator opens that line and the finger is taken anew.
    fn whose(&self, open: u32, live: &Template) -> Option<u32> {
        self.charter.policy().other_line_ppb?;
        let lines = self.read(|book| {
            let list = book.list();
            let all = 1..=list.lines();
            all.filter(|line| list.struck(*line).is_none())
                .collect::<Vec<u32>>()
        });
        let voters: Vec<_> = lines.iter().filter_map(|line| self.voter(*line)).collect();
        crate::capture::whose(&voters, open, live, self.charter.policy())
    }

    /// Where the policy allows to look: the finger that fits the open line fits a marked one too. Refused before a slip
    /// or another kit's grant, with the incident `ONE_FINGER`, once for a line and the acts that it fits; neither line
    /// is marked or unmarked by it, and two officers may still decide.
    fn marked_before(
        &self,
        voter: &PackageVoter,
        rank: usize,
        live: Option<&Template>,
    ) -> Result<Option<Refused>, ActError> {
        let open = voter.line;
        let policy = self.charter.policy();
        let fitted = voter.fingers.get(rank);
        let Some(fitted) = fitted.filter(|_| policy.marked_lines_ppb.is_some()) else {
            return Ok(None);
        };
        let marked: Vec<u32> = self.read(|book| {
            let states = book.states();
            let marked = states.filter(|(line, state)| *line != open && state.counted.is_some());
            marked.map(|(line, _)| line).collect()
        });
        let voters: Vec<_> = marked.iter().filter_map(|line| self.voter(*line)).collect();
        let fit = crate::capture::marked_that_fit(&voters, live, fitted, policy);
        let Some(first) = fit.first().copied() else {
            return Ok(None);
        };
        let refused = self.refuse(open, RefusalReason::FingerMarked)?;
        self.note_one_finger(open, &fit)?;
        Ok(Some(Refused {
            fits: Some(first),
            ..refused
        }))
    }

    /// Checks a voter in on two officers' word: photograph, document, or a written reason.
    ///
    /// # Errors
    /// [`ActError::Officers`] when the cards may not sign this together; nothing was written.
    pub fn check_in_two_officers(
        &self,
        line: u32,
        method: Method2,
        reason: &str,
        cards: &[&dyn Card],
    ) -> Result<Outcome, ActError> {
        self.check_in_seen(line, method, reason, None, cards)
    }

    /// The same with the picture of who stood there, as both officers saw it: sealed, on the disk and named by the act
    /// where this election keeps pictures.
    ///
    /// # Errors
    /// As [`Kit::check_in_two_officers`].
    pub fn check_in_seen(
        &self,
        line: u32,
        method: Method2,
        reason: &str,
        picture: Option<&Picture>,
        cards: &[&dyn Card],
    ) -> Result<Outcome, ActError> {
        if !REASONS_TWO.contains(&reason) {
            return Err(ActError::Reason(reason.to_owned()));
        }
        self.voter(line).ok_or(ActError::NoLine(line))?;
        let attempts = self.desk().attempts.get(&line).map_or(0, Attempts::total);
        let check_in = CheckIn {
            line,
            method: method.method(),
            finger: None,
            attempts,
            score_class: 0,
            reason: reason.to_owned(),
        };
        self.check_in(&check_in, Seen::of(picture), cards)
    }

    pub(super) fn check_in(
        &self,
        check_in: &CheckIn,
        seen: Seen<'_>,
        cards: &[&dyn Card],
    ) -> Result<Outcome, ActError> {
        let decided = self.decide_check_in(check_in, seen, cards)?;
        let mut desk = self.desk();
        let act = match decided {
            Decided::Done(act) => act,
            Decided::Refused(refusal) => {
                let tried = Some((check_in.method, check_in.attempts));
                let refused = self.record_refusal(&mut desk, check_in.line, refusal, tried)?;
                return Ok(Outcome::Red(Box::new(refused)));
            }
        };
        desk.attempts.remove(&check_in.line);
        drop(desk);
        self.push();
        let paper = self.print_receipt(&act, 0)?;
        Ok(Outcome::Green(Box::new(self.checked_in(&act, paper))))
    }

    /// Decides and commits; asks the owner for a grant at most once, without holding the lock.
    fn decide_check_in(
        &self,
        check_in: &CheckIn,
        seen: Seen<'_>,
        cards: &[&dyn Card],
    ) -> Result<Decided, ActError> {
        let mut was_asked = false;
        loop {
            let reading = self.clock.read();
            let mut desk = self.desk();
            let asked = match desk.book.check_in(check_in, reading) {
                Ok(Step::Commit(draft)) => {
                    let picture = seen.picture();
                    if picture.is_some() {
                        // Nothing is kept of an act that these cards cannot sign.
                        let kids: Vec<_> =
                            self.signers(cards).iter().map(|card| card.kid()).collect();
                        self.charter.approve(&kids).map_err(DraftError::from)?;
                        desk.book.are_in_force(&kids).map_err(DraftError::from)?;
                    }
                    let draft = self.with_picture(draft, check_in.line, picture);
                    let draft = self.consented(draft, cards)?;
                    if let (Seen::Finger(record), Some(finger)) = (seen, check_in.finger) {
                        self.keep_capture(draft.seq(), check_in.line, finger.number(), record);
                    }
                    return Ok(Decided::Done(self.commit(&mut desk, draft)?));
                }
                Ok(Step::AskGrant(owner)) if was_asked => {
                    return Ok(Decided::Refused(desk.book.isolated(owner)));
                }
                Ok(Step::AskGrant(owner)) => vec![owner],
                Ok(Step::CheckLine) => {
                    return Ok(Decided::Refused(Refusal::of(RefusalReason::CheckLine)));
                }
                Ok(Step::Promise(draft)) => {
                    self.commit(&mut desk, draft)?;
                    continue;
                }
                Ok(Step::AskMajority(_)) if was_asked => {
                    self.give_back(&mut desk, check_in.line)?;
                    return Ok(Decided::Refused(desk.book.no_majority(check_in.line)));
                }
                Ok(Step::AskMajority(kits)) => kits,
                Err(refusal) => {
                    self.give_back(&mut desk, check_in.line)?;
                    return Ok(Decided::Refused(refusal));
                }
            };
            // Consents are checked before the owner is troubled: a grant must not be wasted.
            if check_in.method != Method::Finger {
                let kids: Vec<_> = self.signers(cards).iter().map(|card| card.kid()).collect();
                self.charter.approve(&kids).map_err(DraftError::from)?;
                desk.book.are_in_force(&kids).map_err(DraftError::from)?;
            }
            let request = desk.book.request_number(reading);
            drop(desk);
            was_asked = true;
            let wish = LineAsk {
                line: check_in.line,
                request,
            };
            let is_majority_asked = self.charter.partition() == Partition::Quorum;
            for kit in asked {
                match self.ask(kit, Some(wish)) {
                    Ok(None) => {}
                    // A majority may still be found among the others.
                    Ok(Some(_)) | Err(_) if is_majority_asked => {}
                    Ok(Some(refusal)) => return Ok(Decided::Refused(refusal)),
                    Err(_) => return Ok(Decided::Refused(self.desk().book.isolated(kit))),
                }
            }
        }
    }

    /// Nobody else could serve the voter while this kit holds grants or promises in vain.
    fn give_back(&self, desk: &mut Desk, line: u32) -> Result<(), ActError> {
        while let Some(draft) = desk.book.decline(line, self.clock.read()) {
            self.commit(desk, draft)?;
        }
        Ok(())
    }

    pub(super) fn consented(&self, draft: Draft, cards: &[&dyn Card]) -> Result<Draft, ActError> {
        if !draft.body().needs_officers() {
            return Ok(draft);
        }
        Ok(draft.consented(&self.signers(cards))?)
    }

    /// Records that a voter was not served; `line` is 0 for a person who is not on the list.
    ///
    /// # Errors
    /// [`ActError::Storage`].
    pub fn refuse(&self, line: u32, reason: RefusalReason) -> Result<Refused, ActError> {
        let mut desk = self.desk();
        let attempts = desk.attempts.get(&line).map_or(0, Attempts::total);
        let tried = (attempts > 0).then_some((Method::Finger, attempts));
        self.record_refusal(&mut desk, line, Refusal::of(reason), tried)
    }

    fn record_refusal(
        &self,
        desk: &mut Desk,
        line: u32,
        refusal: Refusal,
        tried: Option<(Method, u8)>,
    ) -> Result<Refused, ActError> {
        let draft = desk
            .book
            .refuse(line, refusal.reason, tried, self.clock.read());
        let act = self.commit(desk, draft)?;
        desk.attempts.remove(&line);
        Ok(Refused {
            refusal,
            act,
            line,
            attempts: tried.map_or(0, |(_, attempts)| attempts),
            fits: None,
        })
    }

    /// The voter turned away without a verdict. Nothing is recorded, and the tries stay: whoever comes back to this
    /// line has as many left as before, and a pause goes on.
    pub fn leave(&self, line: u32) {
        tracing::debug!(line, "left without a verdict");
    }

    /// Undoes this kit's own act on a line; two officers sign.
    ///
    /// # Errors
    /// [`ActError::Refused`] names the kit that did the act, [`ActError::Officers`] what is missing.
    pub fn undo(&self, line: u32, reason: &str, cards: &[&dyn Card]) -> Result<Arc<Act>, ActError> {
        if !REASONS_UNDO.contains(&reason) {
            return Err(ActError::Reason(reason.to_owned()));
        }
        let reading = self.clock.read();
        let mut desk = self.desk();
        let draft = desk
            .book
            .undo(line, reason, reading)
            .map_err(|refusal| self.refused(&refusal))?;
        let draft = self.consented(draft, cards)?;
        let act = self.commit(&mut desk, draft)?;
        drop(desk);
        self.push();
        Ok(act)
    }

    /// Takes back this kit's own grant that no act has used; two officers sign.
    ///
    /// # Errors
    /// As [`Kit::undo`].
    pub fn release(&self, line: u32, cards: &[&dyn Card]) -> Result<Arc<Act>, ActError> {
        let reading = self.clock.read();
        let mut desk = self.desk();
        let draft = desk
            .book
            .release(line, reading)
            .map_err(|refusal| self.refused(&refusal))?;
        let draft = self.consented(draft, cards)?;
        self.commit(&mut desk, draft)
    }

    /// Closes the kit for everybody but `in_line` voters; two officers sign.
    ///
    /// # Errors
    /// [`ActError::Refused`] before closing time, [`ActError::Officers`] what is missing.
    pub fn close(&self, in_line: u32, cards: &[&dyn Card]) -> Result<Arc<Act>, ActError> {
        let reading = self.clock.read();
        let mut desk = self.desk();
        let draft = desk
            .book
            .close(in_line, reading)
            .map_err(|refusal| self.refused(&refusal))?;
        let draft = self.consented(draft, cards)?;
        let act = self.commit(&mut desk, draft)?;
        if let Err(error) = desk.mark.follow(act.name.seq, true) {
            tracing::warn!(%error, "mark not moved");
        }
        drop(desk);
        self.push();
        Ok(act)
    }

    pub(super) fn refused(&self, refusal: &Refusal) -> ActError {
        ActError::Refused {
            reason: refusal.reason,
            kit: refusal.kit.map(|kit| self.charter.kit_name(kit)),
        }
    }

    /// Prints a receipt's bitmap and records that it came out; a printer that fails leaves it pending.
    ///
    /// The printer runs without the lock: peers' questions are answered meanwhile.
    fn print_receipt(&self, act: &Act, copy: u8) -> Result<Paper, ActError> {
        let Some(body) = identified(act) else {
            return Ok(Paper::Printed);
        };
        // One slip after another: of two presses at once the second finds it out of the printer.
        let _turn = self
            .printing
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if copy == 0 && self.read(|book| book.copies_of(body.receipt)) > 0 {
            return Ok(Paper::Printed);
        }
        let paper = self.receipt_paper(act, body, copy);
        if let Err(error) = self.printer.print(&print::receipt(&paper)) {
            return Ok(Paper::Pending(error));
        }
        let mut desk = self.desk();
        let draft = desk.book.printed(body.receipt, copy, self.clock.read());
        self.commit(&mut desk, draft)?;
        Ok(Paper::Printed)
    }

    /// Prints what is pending and may come out, oldest first, and says how many did. A slip whose voter was served
    /// elsewhere is declared void; what waits for another kit or for a look at the paper stays pending.
    ///
    /// # Errors
    /// [`ActError::Printer`] from the first that fails; those before it came out.
    pub fn print_pending(&self) -> Result<u32, ActError> {
        let out = self.print_owed(None)?;
        Ok(u32::try_from(out.len()).unwrap_or(u32::MAX))
    }

    /// Prints what is pending of one line, or of all, and gives what came out.
    ///
    /// # Errors
    /// As [`Kit::print_pending`].
    pub(crate) fn print_owed(&self, line: Option<u32>) -> Result<Vec<Arc<Act>>, ActError> {
        let mut out = Vec::new();
        for act in self.pending_acts() {
            if line.is_some_and(|line| line != act.body.line()) {
                continue;
            }
            let paper = match self.owed(&act) {
                Owed::Print if act.name.kit == self.me => self.print_receipt(&act, 0)?,
                Owed::Print => self.print_resumed(act.body.line()),
                Owed::Void(reason) => {
                    let receipt = identified(&act).map_or(0, |body| body.receipt);
                    self.void_receipt(receipt, reason)?;
                    continue;
                }
                Owed::Wait(_) | Owed::Look => continue,
            };
            match paper {
                Paper::Printed => out.push(act),
                Paper::Pending(why) => return Err(why.into()),
            }
        }
        Ok(out)
    }

    /// What must happen with a pending receipt: see [`pollbook::Book::owed`]. What two officers resumed comes out.
    pub(crate) fn owed(&self, act: &Act) -> Owed {
        match identified(act) {
            Some(body) if act.name.kit == self.me => {
                let reading = self.clock.read();
                self.desk().book.owed(body.receipt, reading)
            }
            _ => Owed::Print,
        }
    }

    /// Own acts whose receipt neither came out nor was declared void, oldest first; then acts of lost kits that were
    /// resumed here and whose receipt has not come out.
    #[must_use]
    pub fn pending_acts(&self) -> Vec<Arc<Act>> {
        let desk = self.desk();
        let receipts = desk.book.pending_receipts().into_iter();
        let own =
            receipts.filter_map(|receipt| desk.book.act_of_receipt(self.me, receipt).cloned());
        let resumed = desk.unprinted.iter();
        let resumed = resumed.filter_map(|line| desk.book.state(*line).counted.clone());
        own.chain(resumed).collect()
    }

    /// Prints a receipt once more, marked as a copy; two officers must be entitled.
    ///
    /// # Errors
    /// [`ActError::Officers`], [`ActError::Printer`], or [`ActError::NoLine`] without such an act here.
    pub fn reprint(&self, line: u32, cards: &[&dyn Card]) -> Result<u8, ActError> {
        let kids: Vec<_> = self.signers(cards).iter().map(|card| card.kid()).collect();
        self.may_sign(&kids).map_err(DraftError::from)?;
        let (act, copy) = {
            let desk = self.desk();
            let act = desk
                .book
                .state(line)
                .counted
                .clone()
                .filter(|act| act.name.kit == self.me && identified(act).is_some());
            let act = act.ok_or(ActError::NoLine(line))?;
            let receipt = identified(&act).map_or(0, |body| body.receipt);
            (
                act,
                u8::try_from(desk.book.copies_of(receipt)).unwrap_or(u8::MAX),
            )
        };
        match self.print_receipt(&act, copy)? {
            Paper::Printed => Ok(copy),
            Paper::Pending(why) => Err(why.into()),
        }
    }

    /// Declares a pending receipt void: no printer, or the paper is spoilt.
    ///
    /// # Errors
    /// [`ActError::Storage`].
    pub fn void_receipt(&self, receipt: u32, reason: &str) -> Result<Arc<Act>, ActError> {
        let mut desk = self.desk();
        let draft = desk.book.void(receipt, reason, self.clock.read());
        self.commit(&mut desk, draft)
    }

    pub(crate) fn checked_in(&self, act: &Arc<Act>, paper: Paper) -> CheckedIn {
        let body = identified(act);
        let line = body.map_or(0, |body| body.line);
        CheckedIn {
            act: Arc::clone(act),
            line,
            page: self.voter(line).map_or(0, |voter| voter.page),
            receipt: self.receipt_name(act),
            at: act.hlc.moment(),
            method: body
                .and_then(|body| Method::from_number(body.method))
                .unwrap_or(Method::Finger),
            finger: body.and_then(|body| FingerPosition::new(body.finger)),
            paper,
        }
    }

    /// `K2-0139`: the kit and its own counter.
    #[must_use]
    pub fn receipt_name(&self, act: &Act) -> String {
        let receipt = identified(act).map_or(0, |body| body.receipt);
        format!("{}-{receipt:04}", self.charter.kit_name(act.name.kit))
    }
}
