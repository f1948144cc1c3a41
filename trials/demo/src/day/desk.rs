//! One desk: an honest operator with a kit and one visitor at a time, as UI.md tells the steps.

use std::collections::VecDeque;
use std::sync::Arc;

use country::VisitKind;
use lexicon::{FingerPosition, Method, RefusalReason};
use pollbook::Found;
use station::{
    ActError, Capture, Card, CheckedIn, Fingers, Kit, Method2, Outcome, Paper, Refused, Verdict,
    is_finger_trouble,
};

use super::DayError;
use super::crowd::{Crowd, Visitor, lot};
use super::papers::Papers;
use super::witness::{Captures, End, GreenNote, VisitNote, Witness};

/// Greens of a desk after which something goes wrong once: a slip that is undone, a receipt that is
/// torn, an empty paper roll.
const SLIP_AT: u32 = 57;
const TORN_AT: u32 = 23;
const NO_PAPER_AT: u32 = 91;
/// And again after so many more.
const AGAIN_AFTER: u32 = 400;

/// How the operator looks a visitor up.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Way {
    Pin,
    Passport,
    Name,
}

impl Way {
    fn word(self) -> &'static str {
        match self {
            Way::Pin => "pin",
            Way::Passport => "passport",
            Way::Name => "name",
        }
    }
}

/// What happens next at the desk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    Search,
    Finger,
    Officers(&'static str),
    Paper,
    Undo,
    Reprint,
}

struct Session {
    visitor: usize,
    stage: Stage,
    way: Way,
    line: u32,
    captures: u32,
    has_differed: bool,
}

/// What all desks of a precinct share.
pub(super) struct Room<'a> {
    pub crowd: &'a Crowd<'a>,
    pub visitors: &'a [Visitor],
    /// Groups of officers who may sign together.
    pub officers: &'a [Vec<Arc<dyn Card>>],
    pub precinct: u16,
    pub seed: u64,
}

/// What an act at the desk leads to.
pub(super) enum Then {
    /// The same visitor's next step after so many seconds.
    Step(i64),
    /// The visit is over.
    Done,
}

/// A kit, its printer, its operator and its queue.
pub(super) struct Desk {
    pub kit: Arc<Kit>,
    pub printer: Arc<Papers>,
    pub name: String,
    pub waiting: VecDeque<usize>,
    session: Option<Session>,
    greens: u32,
    signings: usize,
    pub is_closed: bool,
}

impl Desk {
    pub fn new(kit: Arc<Kit>, printer: Arc<Papers>) -> Self {
        Self {
            name: kit.name(),
            kit,
            printer,
            waiting: VecDeque::new(),
            session: None,
            greens: 0,
            signings: 0,
            is_closed: false,
        }
    }

    pub fn is_busy(&self) -> bool {
        self.session.is_some()
    }

    /// People at this desk, the one who is served included.
    pub fn people(&self) -> usize {
        self.waiting.len() + usize::from(self.is_busy())
    }

    /// Calls the next visitor, if one waits.
    pub fn call_next(&mut self, room: &Room<'_>) -> bool {
        let Some(visitor) = self.waiting.pop_front() else {
            return false;
        };
        let papers = &room.visitors[visitor].papers;
        let way = match lot(room.seed, "way", self.lot_of(room, visitor), 100) {
            0..=84 => Way::Pin,
            85..=94 if papers.passport.is_some() => Way::Passport,
            85..=94 => Way::Pin,
            95.. => Way::Name,
        };
        self.session = Some(Session {
            visitor,
            stage: Stage::Search,
            way,
            line: 0,
            captures: 0,
            has_differed: false,
        });
        true
    }

    fn lot_of(&self, room: &Room<'_>, visitor: usize) -> u64 {
        u64::from(room.precinct) << 32 | visitor as u64
    }

    fn failed(&self, room: &Room<'_>) -> impl FnOnce(ActError) -> DayError + use<> {
        let (precinct, kit) = (room.precinct, self.name.clone());
        move |source| DayError::Act {
            precinct,
            kit,
            source,
        }
    }

    /// Takes the desk's next step.
    pub fn step(&mut self, room: &Room<'_>, notes: &mut Witness) -> Result<Then, DayError> {
        let Some(mut session) = self.session.take() else {
            return Ok(Then::Done);
        };
        let then = match session.stage {
            Stage::Search => self.search(&mut session, room, notes)?,
            Stage::Finger => self.finger(&mut session, room, notes)?,
            Stage::Officers(reason) => self.officers(&mut session, reason, room, notes)?,
            Stage::Paper => self.new_roll(room)?,
            Stage::Undo => {
                let cards = self.cards(room);
                let undone = self.kit.undo(session.line, "OPERATOR_SLIP", &refs(&cards));
                undone.map_err(self.failed(room))?;
                session.stage = Stage::Finger;
                Then::Step(6)
            }
            Stage::Reprint => {
                let cards = self.cards(room);
                let copy = self.kit.reprint(session.line, &refs(&cards));
                copy.map_err(self.failed(room))?;
                Then::Done
            }
        };
        if matches!(then, Then::Step(_)) {
            self.session = Some(session);
        }
        Ok(then)
    }

    /// The next two officers who sign, in turn.
    fn cards(&mut self, room: &Room<'_>) -> Vec<Arc<dyn Card>> {
        self.signings += 1;
        let groups = room.officers.len().max(1);
        let group = room.officers.get(self.signings % groups);
        group.cloned().unwrap_or_default()
    }

    fn search(
        &mut self,
        session: &mut Session,
        room: &Room<'_>,
        notes: &mut Witness,
    ) -> Result<Then, DayError> {
        let visitor = &room.visitors[session.visitor];
        let (found, way) = self.look_up(visitor, session.way);
        session.way = way;
        let line = match found {
            Found::Lines(lines) if lines.len() == 1 => lines[0],
            Found::Elsewhere(precinct) => {
                return self.not_here(session, Some(precinct), room, notes);
            }
            Found::Lines(_) | Found::Nobody | Found::Malformed(_) | Found::Empty => {
                return self.not_here(session, None, room, notes);
            }
        };
        *notes.found_by.entry(way.word().to_owned()).or_default() += 1;
        session.line = line;
        if let Some(refused) = self.kit.gate(line).map_err(self.failed(room))? {
            return self.turn_away(session, &refused, None, room, notes);
        }
        session.stage = match self.kit.asked_finger(line) {
            Some(_) => Stage::Finger,
            None => Stage::Officers("NO_FINGERS"),
        };
        Ok(Then::Step(5))
    }

    /// Looks up by passport or name where the visitor wishes so, and by PIN when that shows nobody for
    /// certain. Among several of a name the passport in the hand decides: the PIN that it bears.
    fn look_up(&self, visitor: &Visitor, way: Way) -> (Found, Way) {
        let papers = &visitor.papers;
        let by_pin = self.kit.find(&papers.pin);
        let first = match way {
            Way::Pin => return (by_pin, Way::Pin),
            Way::Passport => self
                .kit
                .find(papers.passport.as_deref().unwrap_or_default()),
            Way::Name => self.kit.find(&papers.name),
        };
        let hits = match first {
            Found::Lines(lines) => lines,
            Found::Elsewhere(_) | Found::Nobody | Found::Malformed(_) | Found::Empty => Vec::new(),
        };
        let born = papers.born();
        let fits = |line: &u32| {
            let is_born = self
                .kit
                .voter(*line)
                .is_some_and(|voter| voter.born == born);
            is_born && by_pin == Found::Lines(vec![*line])
        };
        match hits.into_iter().find(fits) {
            Some(line) => (Found::Lines(vec![line]), way),
            None => (by_pin, Way::Pin),
        }
    }

    fn not_here(
        &mut self,
        session: &Session,
        elsewhere: Option<u16>,
        room: &Room<'_>,
        notes: &mut Witness,
    ) -> Result<Then, DayError> {
        let refused = self
            .kit
            .refuse(0, RefusalReason::NotHere)
            .map_err(self.failed(room))?;
        self.turn_away(session, &refused, elsewhere, room, notes)
    }

    /// Red: the slip comes out at the visitor's wish, and the visit is over.
    fn turn_away(
        &mut self,
        session: &Session,
        refused: &Refused,
        elsewhere: Option<u16>,
        room: &Room<'_>,
        notes: &mut Witness,
    ) -> Result<Then, DayError> {
        let visitor = &room.visitors[session.visitor];
        let wishes = lot(room.seed, "slip", self.lot_of(room, session.visitor), 3) == 0;
        if wishes || elsewhere.is_some() {
            self.kit
                .print_refusal(refused, elsewhere)
                .map_err(self.failed(room))?;
        }
        let right = room.crowd.voting_precinct(visitor.bearer);
        notes.visits.push(VisitNote {
            purpose: visitor.kind.into(),
            bearer: room.crowd.human(visitor.bearer),
            end: End::Refused {
                reason: refused.refusal.reason.code().to_owned(),
            },
            sent_to: elsewhere,
            sent_rightly: elsewhere.is_some() && elsewhere == right,
        });
        Ok(Then::Done)
    }

    fn finger(
        &mut self,
        session: &mut Session,
        room: &Room<'_>,
        notes: &mut Witness,
    ) -> Result<Then, DayError> {
        let visitor = &room.visitors[session.visitor];
        let asked = self.kit.asked_finger(session.line);
        let capture = asked.and_then(|asked| {
            let capture = room.crowd.capture(visitor, asked, session.captures)?;
            Some((asked, capture))
        });
        let Some((asked, capture)) = capture else {
            session.stage = Stage::Officers("NO_FINGERS");
            return Ok(Then::Step(10));
        };
        let is_last_of_roll = (self.greens + 1) % AGAIN_AFTER == NO_PAPER_AT;
        self.printer.set_out_of_paper(is_last_of_roll);
        #[expect(
            clippy::disallowed_methods,
            reason = "the day measures a check-in's wall time"
        )]
        let start = std::time::Instant::now();
        let verdict = self
            .kit
            .present(session.line, &capture)
            .map_err(self.failed(room))?;
        let micros = u32::try_from(start.elapsed().as_micros()).unwrap_or(u32::MAX);
        // The operator sees the empty roll only when a receipt is wanted.
        self.printer.set_out_of_paper(false);
        session.captures += 1;
        let side = match visitor.kind {
            VisitKind::Impostor => &mut notes.impostor,
            VisitKind::Vote
            | VisitKind::WrongPrecinct
            | VisitKind::NotOnList
            | VisitKind::Double => &mut notes.genuine,
        };
        let is_impostor = visitor.kind == VisitKind::Impostor;
        match verdict {
            Verdict::Green(done) => {
                note(side, Seen::Accepted, is_impostor);
                notes.check_in_micros.push(micros);
                Ok(self.green(session, &done, room, notes))
            }
            Verdict::Again { differed, .. } => {
                session.has_differed |= differed;
                let seen = if differed {
                    Seen::Rejected
                } else {
                    Seen::Unread
                };
                note(side, seen, is_impostor);
                Ok(Then::Step(4))
            }
            Verdict::Pause { seconds, .. } => {
                let seen = self.look(session.line, asked, &capture);
                session.has_differed |= seen == Seen::Rejected;
                note(side, seen, is_impostor);
                if !session.has_differed {
                    // Nothing was read five times: the operator calls two officers at once.
                    session.stage = Stage::Officers("FINGERS_UNREADABLE");
                }
                Ok(Then::Step(i64::try_from(seconds).unwrap_or(60)))
            }
            Verdict::Red(refused) if is_finger_trouble(&refused) => {
                note(side, self.look(session.line, asked, &capture), is_impostor);
                let is_unread = refused.refusal.reason == RefusalReason::FingerUnreadable;
                session.stage = Stage::Officers(if is_unread {
                    "FINGERS_UNREADABLE"
                } else {
                    "FINGER_MISMATCH"
                });
                Ok(Then::Step(45))
            }
            Verdict::Red(refused) => self.turn_away(session, &refused, None, room, notes),
        }
    }

    /// What the kit saw in a capture, where its verdict does not tell: after a pause and after the last try.
    fn look(&self, line: u32, asked: FingerPosition, capture: &Capture) -> Seen {
        let Some(voter) = self.kit.voter(line) else {
            return Seen::Unread;
        };
        let rank = voter
            .fingers
            .iter()
            .position(|f| f.position == asked.number());
        let policy = self.kit.charter().policy();
        match Fingers::default().compare(
            voter,
            rank.unwrap_or(0),
            capture.template().as_ref(),
            policy,
        ) {
            pollbook::Capture::Fits { .. } => Seen::Accepted,
            pollbook::Capture::Differs => Seen::Rejected,
            pollbook::Capture::Unreadable => Seen::Unread,
        }
    }

    /// Two honest officers look at the passport's PIN and the photograph on the screen, and at the person.
    fn officers(
        &mut self,
        session: &mut Session,
        reason: &'static str,
        room: &Room<'_>,
        notes: &mut Witness,
    ) -> Result<Then, DayError> {
        let visitor = &room.visitors[session.visitor];
        let own = room.crowd.pins(visitor.bearer);
        let is_the_voter = own
            .iter()
            .any(|pin| self.kit.find(pin) == Found::Lines(vec![session.line]));
        if !is_the_voter {
            let refused = self
                .kit
                .refuse(session.line, RefusalReason::NeedSecond)
                .map_err(self.failed(room))?;
            return self.turn_away(session, &refused, None, room, notes);
        }
        let method = match session.way {
            Way::Pin | Way::Passport => Method2::Document,
            Way::Name => Method2::Face,
        };
        let cards = self.cards(room);
        let outcome = self
            .kit
            .check_in_two_officers(session.line, method, reason, &refs(&cards))
            .map_err(self.failed(room))?;
        match outcome {
            Outcome::Green(done) => Ok(self.green(session, &done, room, notes)),
            Outcome::Red(refused) => self.turn_away(session, &refused, None, room, notes),
        }
    }

    /// Green: the witness notes who stands there; now and then the operator has more to do.
    fn green(
        &mut self,
        session: &mut Session,
        done: &CheckedIn,
        room: &Room<'_>,
        notes: &mut Witness,
    ) -> Then {
        let visitor = &room.visitors[session.visitor];
        let bearer = room.crowd.human(visitor.bearer);
        let seq = done.act.name.seq;
        notes.greens.push(GreenNote {
            kit: self.name.clone(),
            seq,
            bearer,
        });
        self.greens += 1;
        let turn = self.greens % AGAIN_AFTER;
        // A voter of the queue after closing has one act only: nothing is undone then.
        if turn == SLIP_AT && done.method == Method::Finger && !self.is_closed {
            session.stage = Stage::Undo;
            return Then::Step(20);
        }
        notes.visits.push(VisitNote {
            purpose: visitor.kind.into(),
            bearer,
            end: End::Admitted {
                kit: self.name.clone(),
                seq,
                method: done.method.code().to_owned(),
            },
            sent_to: None,
            sent_rightly: false,
        });
        match &done.paper {
            Paper::Pending(_) => session.stage = Stage::Paper,
            Paper::Printed if turn == TORN_AT => session.stage = Stage::Reprint,
            Paper::Printed => return Then::Done,
        }
        Then::Step(30)
    }

    /// A new roll: what was pending comes out.
    fn new_roll(&mut self, room: &Room<'_>) -> Result<Then, DayError> {
        self.kit.print_pending().map_err(self.failed(room))?;
        Ok(Then::Done)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Accepted,
    Rejected,
    Unread,
}

fn note(side: &mut Captures, seen: Seen, is_impostor: bool) {
    match seen {
        Seen::Unread => side.unreadable += 1,
        Seen::Accepted => side.read.note(is_impostor),
        Seen::Rejected => side.read.note(!is_impostor),
    }
}

pub(super) fn refs(cards: &[Arc<dyn Card>]) -> Vec<&dyn Card> {
    cards.iter().map(|card| &**card).collect()
}
