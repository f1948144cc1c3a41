//! A voter before a kit, and two officers when something is in the way.

use std::sync::Arc;

use lexicon::handover::envelope::Kid;
use lexicon::{FingerPosition, Method, RefusalReason};
use pollbook::{
    Act, Attempts, Block, Book, Capture, CheckIn, LineAsk, Next, Owed, Partition, Refusal, Right,
    Step, identified,
};

use crate::mutation::Mutation;
use crate::plan::{Finger, Printer, Stage};
use crate::world::{Halt, Silence, World, broken};

/// Two officers of different nominating bodies.
pub(crate) const TWO: &[usize] = &[0, 2];
/// The officer who looks at the paper list.
pub(crate) const ONE: &[usize] = &[3];

/// How a voter stands before a kit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Visit {
    pub(crate) line: u32,
    pub(crate) finger: Finger,
    pub(crate) is_quiet: bool,
    pub(crate) errs: bool,
    /// How often the voter may still be sent to another kit.
    pub(crate) ways: u8,
}

/// What a visit came to.
enum Served {
    /// Checked in; the receipt is to be printed.
    Act(Arc<Act>),
    /// Not served.
    Refused(Refusal),
}

/// The owner's answer was no, with what stands against it here.
pub(crate) fn refusal_of(book: &Book, line: u32, owner: Kid, code: &str) -> Refusal {
    let evidence = book.state(line).counted.clone();
    Refusal {
        reason: RefusalReason::from_code(code).unwrap_or(RefusalReason::NotMyShare),
        kit: Some(evidence.as_ref().map_or(owner, |act| act.name.kit)),
        evidence,
    }
}

impl World<'_> {
    /// A person asks for a line at a kit.
    pub(crate) fn present(&mut self, at: usize, visit: Visit) -> Result<(), Halt> {
        let line = visit.line;
        if !self.is_signed(line)
            && let Some(person) = self.person_mut(line)
        {
            person.is_waiting = true;
        }
        if !self.is_working(at) {
            self.tell(|| "the kit is off: the voter waits".to_owned());
            return Ok(());
        }
        if !visit.is_quiet {
            self.heartbeat(at)?;
        }
        for _ in 0..6 {
            if !self.is_working(at) {
                return Ok(());
            }
            match self.serve(at, visit)? {
                Served::Act(act) => {
                    self.tell(|| format!("check-in, receipt {}", receipt_of(&act)));
                    return self.print(at, line, &act);
                }
                Served::Refused(refusal) => {
                    let reason = refusal.reason;
                    self.tell(|| format!("refused: {reason}"));
                    self.tally.refusals += 1;
                    let reading = self.reading(at);
                    let draft = self.devices[at].book.refuse(line, reason, None, reading);
                    self.commit(at, draft, &[])?;
                    if self.is_signed(line) || !self.help(at, visit, &refusal)? {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    fn captures(&self, finger: Finger) -> (Method, u8) {
        let policy = self.precinct.charter.policy();
        let mut attempts = Attempts::default();
        let (all, until) = match finger {
            Finger::Fits => (&[Capture::Fits { class: 2 }][..], 1),
            Finger::Second => (&[Capture::Differs, Capture::Fits { class: 1 }][..], 2),
            Finger::Unreadable => (&[Capture::Unreadable][..], 9),
            Finger::ByPin => return (Method::Document2, 0),
        };
        for at in 0..until {
            let capture = all.get(at).or(all.last()).copied();
            let capture = capture.unwrap_or(Capture::Unreadable);
            if let Next::Accept { .. } = attempts.take(capture, 3, policy, 0) {
                return (Method::Finger, attempts.total());
            }
        }
        (Method::Face2, attempts.total())
    }

    /// Gives the command and does what it asks for until it is an act or a refusal.
    fn serve(&mut self, at: usize, visit: Visit) -> Result<Served, Halt> {
        let line = visit.line;
        let (method, attempts) = self.captures(visit.finger);
        let check_in = CheckIn {
            line,
            method,
            finger: (method == Method::Finger)
                .then(|| FingerPosition::new(2))
                .flatten(),
            attempts,
            score_class: 2,
            reason: if method == Method::Finger {
                String::new()
            } else {
                "FINGERS_UNREADABLE".to_owned()
            },
        };
        let mut was_asked = false;
        for _ in 0..12 {
            let reading = self.reading(at);
            match self
                .rules
                .check_in(&mut self.devices[at].book, &check_in, reading)
            {
                Err(refusal) => {
                    self.decline_all(at, line)?;
                    return Ok(Served::Refused(refusal));
                }
                Ok(Step::Commit(draft)) => {
                    self.is_open_for(at, line)?;
                    let cards = if method == Method::Finger {
                        &[][..]
                    } else {
                        TWO
                    };
                    return self.commit(at, draft, cards).map(Served::Act);
                }
                Ok(Step::Promise(draft)) => {
                    self.commit(at, draft, &[])?;
                }
                Ok(Step::CheckLine) => self.look(at, line, visit.errs)?,
                Ok(Step::AskGrant(owner)) => {
                    if was_asked {
                        let refusal = self.devices[at].book.isolated(owner);
                        return Ok(Served::Refused(refusal));
                    }
                    was_asked = true;
                    if let Some(refusal) = self.ask(at, &[owner], line)? {
                        return Ok(Served::Refused(refusal));
                    }
                }
                Ok(Step::AskMajority(kits)) => {
                    if was_asked {
                        self.decline_all(at, line)?;
                        let refusal = self.devices[at].book.no_majority(line);
                        return Ok(Served::Refused(refusal));
                    }
                    was_asked = true;
                    self.ask(at, &kits, line)?;
                }
            }
        }
        broken(
            "stuck",
            format!("the command for line {line} goes in circles"),
        )
    }

    fn ask(&mut self, at: usize, kits: &[Kid], line: u32) -> Result<Option<Refusal>, Halt> {
        let reading = self.reading(at);
        let request = self.devices[at].book.request_number(reading);
        let wish = LineAsk { line, request };
        for kit in kits {
            let Some(peer) = self.reach(at, *kit) else {
                continue;
            };
            let answered = match self.exchange(at, peer, Some(wish)) {
                Ok(answered) => answered,
                Err(Silence::Lost) => continue,
                Err(Silence::Halt(halt)) => return Err(halt),
            };
            if let Some(code) = &answered {
                let name = self.name(peer);
                self.tell(|| format!("{name} does not give the line: {code}"));
            }
            if let (Some(code), [_]) = (answered, kits) {
                let book = &self.devices[at].book;
                return Ok(Some(refusal_of(book, line, *kit, &code)));
            }
        }
        Ok(None)
    }

    /// Gives back every grant or promise that this kit holds for a line.
    pub(crate) fn decline_all(&mut self, at: usize, line: u32) -> Result<(), Halt> {
        for _ in 0..8 {
            let reading = self.reading(at);
            let Some(draft) = self.devices[at].book.decline(line, reading) else {
                return Ok(());
            };
            self.commit(at, draft, &[])?;
        }
        Ok(())
    }

    /// A named officer looks at the paper line and says what is there; or errs; or never looks.
    pub(crate) fn look(&mut self, at: usize, line: u32, errs: bool) -> Result<(), Halt> {
        let is_signed = self.is_signed(line);
        let says_unsigned = if self.rules.has(Mutation::NoPaper) {
            true
        } else {
            is_signed == errs
        };
        if errs && let Some(person) = self.person_mut(line) {
            person.is_excused = true;
        }
        self.tell(|| {
            let said = if says_unsigned { "unsigned" } else { "signed" };
            let truth = if is_signed { "signed" } else { "unsigned" };
            format!("an officer says that line {line} is {said}; it is {truth}")
        });
        let reading = self.reading(at);
        let draft = self.devices[at]
            .book
            .check_line(line, says_unsigned, reading);
        let one = self.looker(at);
        self.commit(at, draft, one).map(|_| ())
    }

    /// The receipt of an act: out, pending, or out with its event unwritten.
    pub(crate) fn print(&mut self, at: usize, line: u32, act: &Arc<Act>) -> Result<(), Halt> {
        if !self.is_working(at) {
            return Ok(());
        }
        if self.devices[at].printer != Printer::Ready {
            self.tell(|| "no receipt comes out: it is pending".to_owned());
            return Ok(());
        }
        self.issue(at, line, act)?;
        if self.devices[at].trip == Some(Stage::AfterPrint) {
            self.tell(|| "the receipt is out, the power goes".to_owned());
            self.go_down(at, false);
            return Err(Halt::Down);
        }
        let Some(body) = identified(act) else {
            return Ok(());
        };
        let reading = self.reading(at);
        let draft = self.devices[at].book.printed(body.receipt, 0, reading);
        self.commit(at, draft, &[]).map(|_| ())
    }

    /// Pending receipts: printed for whoever waits, declared out or void where the line is signed.
    pub(crate) fn print_pending(&mut self, at: usize) -> Result<(), Halt> {
        if !self.is_working(at) || self.devices[at].book.block().is_some() {
            return Ok(());
        }
        let me = self.devices[at].book.me();
        for receipt in self.devices[at].book.pending_receipts() {
            let Some(act) = self.devices[at].book.act_of_receipt(me, receipt).cloned() else {
                return broken("I3", format!("receipt {receipt} is pending and has no act"));
            };
            let line = act.body.line();
            let came_out = self.person(line).is_some_and(|person| {
                person
                    .issued
                    .iter()
                    .any(|(_, _, known)| known.name == act.name)
            });
            let reading = self.reading(at);
            if came_out {
                self.tell(|| format!("receipt {receipt} lies there: noted as printed"));
                let draft = self.devices[at].book.printed(receipt, 0, reading);
                self.commit(at, draft, &[])?;
                continue;
            }
            let is_here = self.person(line).is_some_and(|person| person.is_waiting);
            let is_called = is_here || self.is_signed(line) || self.rules.has(Mutation::HastyPrint);
            if self.owed(at, receipt) == Owed::Look && is_called {
                self.look(at, line, false)?;
            }
            match self.owed(at, receipt) {
                Owed::Print if is_called => {
                    self.tell(|| format!("receipt {receipt} is printed for voter {line}"));
                    self.print(at, line, &act)?;
                }
                Owed::Print | Owed::Look => {}
                Owed::Wait(_) => self.tell(|| format!("receipt {receipt} waits for others")),
                Owed::Void(reason) => {
                    self.tell(|| format!("receipt {receipt} is void: {reason}"));
                    let reading = self.reading(at);
                    let draft = self.devices[at].book.void(receipt, reason, reading);
                    self.commit(at, draft, &[])?;
                }
            }
        }
        Ok(())
    }

    fn owed(&mut self, at: usize, receipt: u32) -> Owed {
        let reading = self.reading(at);
        let book = &mut self.devices[at].book;
        self.rules.owed(book, receipt, reading)
    }

    /// Two officers help an honest voter without a receipt; says whether to try again at this kit.
    fn help(&mut self, at: usize, visit: Visit, refusal: &Refusal) -> Result<bool, Halt> {
        let line = visit.line;
        let reading = self.reading(at);
        match refusal.reason {
            RefusalReason::Already => self.help_counted(at, visit, refusal),
            RefusalReason::LineSigned => {
                // An officer erred before; this one looks again.
                self.look(at, line, false)?;
                Ok(true)
            }
            RefusalReason::GrantedElsewhere => {
                let holder = refusal.kit.and_then(|kit| self.reach(at, kit));
                if let Some(holder) = holder {
                    self.heartbeat(holder)?;
                    self.decline_all(holder, line)?;
                    self.heartbeat(at)?;
                    return Ok(true);
                }
                let old = self.devices[at].book.release(line, reading);
                match old {
                    Ok(draft) => {
                        self.tell(|| "two officers take the lost grant back".to_owned());
                        self.tally.mended += 1;
                        self.commit(at, draft, TWO)?;
                        Ok(true)
                    }
                    Err(_) => Ok(false),
                }
            }
            RefusalReason::NotMyShare => self.send_on(at, visit, refusal.kit),
            RefusalReason::HomeReserved => self.release_home(at, line),
            RefusalReason::KitBlocked
            | RefusalReason::NoMajority
            | RefusalReason::CheckLine
            | RefusalReason::NotHere
            | RefusalReason::FingerMismatch
            | RefusalReason::FingerUnreadable
            | RefusalReason::HomeNotFound
            | RefusalReason::HomeOnly
            | RefusalReason::HomeReleased
            | RefusalReason::FingerOtherLine
            | RefusalReason::FingerMarked
            | RefusalReason::NotIdentified
            | RefusalReason::BallotIssued
            | RefusalReason::BallotInterrupted
            | RefusalReason::Struck
            | RefusalReason::StopNote
            | RefusalReason::OutOfHours
            | RefusalReason::Suspended
            | RefusalReason::NeedSecond => Ok(false),
        }
    }

    fn send_on(&mut self, at: usize, visit: Visit, kit: Option<Kid>) -> Result<bool, Halt> {
        let there = kit.and_then(|kit| self.precinct.index(kit));
        let there = there.filter(|there| *there != at && self.is_working(*there));
        if let Some(there) = there
            && visit.ways > 0
        {
            self.tell(|| format!("the voter goes to K{}", there + 1));
            let visit = Visit {
                ways: visit.ways - 1,
                ..visit
            };
            self.present(there, visit)?;
        }
        Ok(false)
    }

    /// The voter holds no receipt and an act stands: printed where it was done, resumed, or undone.
    fn help_counted(&mut self, at: usize, visit: Visit, refusal: &Refusal) -> Result<bool, Halt> {
        let line = visit.line;
        let reading = self.reading(at);
        let Some(act) = refusal.evidence.clone() else {
            return Ok(false);
        };
        let doer = act.name.kit;
        let me = self.devices[at].book.me();
        if doer == me {
            let receipt = receipt_of(&act);
            if self.devices[at].book.pending_receipts().contains(&receipt) {
                self.print_pending(at)?;
                return Ok(false);
            }
            return self.undo(at, line);
        }
        if self.reach(at, doer).is_some() {
            return self.send_on(at, visit, Some(doer));
        }
        let resumable = if self.rules.has(Mutation::NoResume) {
            None
        } else {
            self.devices[at].book.resumable(line, reading)
        };
        if resumable.is_some() {
            // The officers looked: the line is unsigned, the stubs agree.
            if let Ok(draft) = self.devices[at].book.resume(line, false, reading) {
                self.tally.mended += 1;
                let resumed = self.commit(at, draft, TWO)?;
                self.tell(|| "two officers resume the act of the lost kit".to_owned());
                self.issue(at, line, &resumed)?;
                return Ok(false);
            }
        }
        if self.devices[at].book.standing().retirement(doer).is_some() {
            return self.undo(at, line);
        }
        Ok(false)
    }

    fn undo(&mut self, at: usize, line: u32) -> Result<bool, Halt> {
        if self.rules.has(Mutation::NoResume) {
            return Ok(false);
        }
        let reading = self.reading(at);
        match self.devices[at].book.undo(line, "WRONG_VOTER", reading) {
            Ok(draft) => {
                self.tell(|| "two officers undo an act whose line is unsigned".to_owned());
                self.commit(at, draft, TWO)?;
                Ok(true)
            }
            Err(_) => Ok(false),
        }
    }

    /// Receipts that nobody came for, of lines that nobody signed: two officers undo the acts.
    pub(crate) fn undo_uncalled(&mut self, at: usize) -> Result<(), Halt> {
        let me = self.devices[at].book.me();
        for receipt in self.devices[at].book.pending_receipts() {
            let act = self.devices[at].book.act_of_receipt(me, receipt);
            if let Some(line) = act.map(|act| act.body.line())
                && !self.is_signed(line)
            {
                self.undo(at, line)?;
            }
        }
        // So are acts whose slip was declared void before it came out.
        let book = &self.devices[at].book;
        let void = book.states().filter(|(_, state)| {
            let act = state.counted.as_ref();
            act.is_some_and(|act| act.name.kit == me && book.is_void(act))
        });
        let void: Vec<u32> = void.map(|(line, _)| line).collect();
        // And a lost kit's acts on lines that nobody signed and nobody waits for: its heir undoes them.
        let left = book.states().filter(|(line, state)| {
            let heir = state
                .counted
                .as_ref()
                .and_then(|act| book.standing().succession(act.name.kit).last().copied());
            let waits = self.person(*line).is_some_and(|person| person.is_waiting);
            heir == Some(me)
                && !waits
                && state.counted.as_ref().is_some_and(|act| act.name.kit != me)
        });
        let left: Vec<u32> = left.map(|(line, _)| line).collect();
        for line in void.into_iter().chain(left) {
            if !self.is_signed(line) {
                self.undo(at, line)?;
            }
        }
        Ok(())
    }

    /// An officer takes the wrong line by override, sees it before the signature, and undoes it.
    pub(crate) fn wrong_line(&mut self, at: usize, line: u32) -> Result<(), Halt> {
        if !self.is_working(at) {
            return Ok(());
        }
        self.heartbeat(at)?;
        let reading = self.reading(at);
        let right = self.devices[at].book.gate(line, reading);
        if !matches!(right, Ok(Right::Own)) {
            return Ok(());
        }
        let check_in = CheckIn {
            line,
            method: Method::Override2,
            finger: None,
            attempts: 3,
            score_class: 0,
            reason: "SCANNER_FAULT".to_owned(),
        };
        if let Ok(Step::Commit(draft)) = self.devices[at].book.check_in(&check_in, reading) {
            let act = self.commit(at, draft, TWO)?;
            let reading = self.reading(at);
            let draft = self.devices[at].book.printed(receipt_of(&act), 0, reading);
            self.commit(at, draft, &[])?;
            self.undo(at, line)?;
        }
        Ok(())
    }

    /// S-18: nine captures of a stranger's finger end in red, and the voter may still vote.
    pub(crate) fn impostor(&mut self, at: usize, line: u32) -> Result<(), Halt> {
        if !self.is_working(at) {
            return Ok(());
        }
        let policy = self.precinct.charter.policy();
        let mut attempts = Attempts::default();
        let mut last = None;
        for _ in 0..9 {
            last = Some(attempts.take(Capture::Differs, 3, policy, 0));
        }
        if last != Some(Next::Exhausted { differed: true }) {
            return broken("I9", format!("nine wrong captures end in {last:?}"));
        }
        let reading = self.reading(at);
        let before = self.devices[at].book.state(line).counted.is_some();
        let draft = self.devices[at].book.refuse(
            line,
            RefusalReason::FingerMismatch,
            Some((Method::Finger, attempts.total())),
            reading,
        );
        self.commit(at, draft, &[])?;
        if self.devices[at].book.state(line).counted.is_some() != before {
            return broken("I2", format!("a stranger's finger counted line {line}"));
        }
        Ok(())
    }

    /// Retires kits at an heir. Retiring one that runs is the officers' error: its acts are tainted.
    pub(crate) fn take_over(&mut self, heir: usize, dead: u32) -> Result<bool, Halt> {
        if !self.is_working(heir) {
            return Ok(false);
        }
        self.heartbeat(heir)?;
        let reading = self.reading(heir);
        let dead: Vec<usize> = (0..self.precinct.kits.len())
            .filter(|kit| dead >> kit & 1 == 1 && *kit != self.devices[heir].key)
            .filter(|kit| {
                let kid = self.precinct.kid(*kit);
                self.devices[heir].book.standing().retirement(kid).is_none()
            })
            .collect();
        let kids: Vec<Kid> = dead.iter().map(|kit| self.precinct.kid(*kit)).collect();
        let Ok(draft) = self.devices[heir]
            .book
            .take_over(&kids, "KIT_LOST", reading)
        else {
            return Ok(false);
        };
        self.commit(heir, draft, TWO)?;
        self.tally.mended += 1;
        self.tell(|| "the takeover stands".to_owned());
        for kit in dead {
            if self
                .devices
                .iter()
                .any(|device| device.key == kit && device.is_on)
            {
                self.tainted.insert(kit);
            }
        }
        Ok(true)
    }

    /// Enters at a kit what the receipts of retired kits say and the book does not.
    pub(crate) fn reconstruct(&mut self, at: usize) -> Result<(), Halt> {
        if !self.is_working(at) {
            return Ok(());
        }
        let receipts: Vec<(usize, u32, u32, u8)> = self
            .people
            .iter()
            .flat_map(|person| &person.issued)
            .filter_map(|(kit, receipt, act)| {
                let body = identified(act)?;
                Some((*kit, *receipt, body.line, body.method))
            })
            .collect();
        for (kit, receipt, line, method) in receipts {
            let kid = self.precinct.kid(kit);
            let reading = self.reading(at);
            let method = Method::from_number(method).unwrap_or(Method::Finger);
            if let Ok(draft) = self.devices[at]
                .book
                .reconstruct(line, kid, receipt, method, reading)
            {
                self.tell(|| format!("receipt {receipt} of K{} is entered", kit + 1));
                self.commit(at, draft, TWO)?;
                self.tally.mended += 1;
            }
        }
        Ok(())
    }

    /// Two officers take a grant back, rightly or not.
    pub(crate) fn release(&mut self, at: usize, line: u32) -> Result<(), Halt> {
        if !self.is_working(at) {
            return Ok(());
        }
        let reading = self.reading(at);
        if let Ok(draft) = self.devices[at].book.release(line, reading) {
            self.commit(at, draft, TWO)?;
        }
        Ok(())
    }

    /// Two officers set a clock that runs wrong.
    pub(crate) fn set_clock(&mut self, at: usize) -> Result<(), Halt> {
        if !self.is_working(at) {
            return Ok(());
        }
        self.devices[at].skew_micros = 0;
        let reading = self.reading(at);
        if matches!(self.devices[at].book.block(), Some(Block::Clock(_))) {
            let draft = self.devices[at].book.set_clock(reading);
            self.commit(at, draft, TWO)?;
            self.devices[at].book.clock_was_set(reading);
        }
        // What it heard of the list while it was stopped is recorded before it serves anybody.
        self.follow_list(at)
    }

    /// Whether the law is `quorum`.
    #[must_use]
    pub fn is_quorum(&self) -> bool {
        self.precinct.charter.partition() == Partition::Quorum
    }
}

/// The receipt number of an act, 0 when it bears none.
pub(crate) fn receipt_of(act: &Act) -> u32 {
    identified(act).map_or(0, |body| body.receipt)
}
