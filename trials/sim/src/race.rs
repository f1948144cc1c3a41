//! S-01: one voter at two kits within a fifth of a second, on a LAN that delays, doubles and reorders.
//!
//! Here a question and its answer are two things that happen, each at its own millisecond: while one is under way the kits
//! go on. Every write keeps its kit busy, as the lock round its journal does. In one run of ten the second kit dies with
//! its question under way.
//!
//! Story: both kits ask for the same line. Expect: exactly one check-in, ever; the other kit is refused within a second,
//! with the act or the grant that stands against it; all books are equal within a second. A grant whose kit died stays
//! given, serves nobody else, and shows as not used until two officers take it back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lexicon::handover::envelope::Kid;
use lexicon::{FingerPosition, Instant, Method, RefusalReason};
use pollbook::{
    Act, Book, CheckIn, Draft, GrantAnswer, GrantAsk, Holdings, KitMessage, LineAsk, Reading,
    Refusal, Step, identified,
};

use crate::desk::{TWO, refusal_of};
use crate::dice::Dice;
use crate::mutation::{Mutation, Rules};
use crate::precinct::{OPENS, Precinct};
use crate::world::Violation;

/// When the race is, microseconds UTC: two hours after the opening.
const TEN: i64 = OPENS + 7_200_000_000;
/// Kits of the hall.
const KITS: usize = 3;
/// The line that both ask for: of the first kit's share.
const LINE: u32 = 2;
/// Furthest that the second kit is behind or ahead, milliseconds.
const APART: i64 = 200;
/// Longest way of a message, milliseconds.
const WAY: usize = 120;
/// How long a kit waits for an answer, milliseconds.
const PATIENCE: i64 = 3_000;
/// How long the loser's screen may take to turn red, and the books to be equal.
const RED: i64 = 1_000;

/// What a number of races came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Races {
    /// Races run.
    pub runs: u64,
    /// Races in which the second kit died.
    pub deaths: u64,
    /// Of these, those that left a grant which nobody used.
    pub unused: u64,
    /// Races that the second kit won.
    pub second_wins: u64,
    /// Longest time to the loser's red screen, milliseconds.
    pub red: i64,
    /// Longest time from the last act to equal books, milliseconds.
    pub equal: i64,
    /// The first race that broke a promise, by number.
    pub finding: Option<(u64, Violation)>,
}

/// Something that happens at a kit.
#[derive(Clone, Debug)]
enum Event {
    /// The voter stands before it.
    Present,
    /// A question comes.
    Question(KitMessage),
    /// An answer comes.
    Answer(KitMessage),
    /// It has waited long enough for the answers to its wish.
    Late(u64),
    /// It asks the others what they have.
    Beat,
    /// Its power goes.
    Dies,
}

/// What a kit that asked for the line waits for.
#[derive(Clone, Debug, Default)]
struct Wish {
    number: u64,
    from: BTreeSet<Kid>,
    /// Whether one kit alone decides.
    is_owner: bool,
}

struct Kit {
    book: Book,
    is_on: bool,
    /// Its wall clock minus the true one, milliseconds.
    skew: i64,
    /// Until when its journal is being written.
    busy: i64,
    theirs: BTreeMap<Kid, Holdings>,
    /// Its last question to each other kit: only an answer to that one is heard.
    asked: BTreeMap<Kid, u64>,
    wish: Option<Wish>,
    was_asked: bool,
    came: Option<i64>,
    refused: Option<(i64, Refusal)>,
}

struct Race<'a> {
    precinct: &'a Precinct,
    rules: Rules,
    kits: Vec<Kit>,
    queue: BTreeMap<(i64, u64), (usize, Event)>,
    dice: Dice,
    count: u64,
    now: i64,
    last_act: i64,
    equal_at: Option<i64>,
}

/// Runs races under a policy; the same seed gives the same ones.
///
/// # Errors
/// A text when the precinct cannot be made.
pub fn run(
    runs: u64,
    seed: u64,
    policy: &str,
    mutation: Option<Mutation>,
) -> Result<Races, String> {
    let precinct = Precinct::new(KITS, 9, policy, false).map_err(|error| error.to_string())?;
    let mut races = Races::default();
    for number in 0..runs {
        let dice = Dice::new(seed ^ number.wrapping_mul(0x9E37_79B9), 21);
        races.runs += 1;
        if let Err(violation) = one(&precinct, dice, mutation, &mut races) {
            races.finding = Some((number, violation));
            break;
        }
    }
    Ok(races)
}

fn broken(invariant: &'static str, text: String) -> Violation {
    Violation { invariant, text }
}

fn one(
    precinct: &Precinct,
    mut dice: Dice,
    mutation: Option<Mutation>,
    races: &mut Races,
) -> Result<(), Violation> {
    let first = dice.below(KITS);
    let second = (first + 1 + dice.below(KITS - 1)) % KITS;
    let apart = i64::try_from(dice.below(2 * APART as usize + 1)).unwrap_or(0) - APART;
    let dies = dice.chance(10);
    let death = i64::try_from(dice.below(60)).unwrap_or(0);
    let mut race = Race::new(precinct, dice, mutation);
    race.meet();
    let starts = [(first, 1_000), (second, 1_000 + apart)];
    for (kit, at) in starts {
        race.push(at, kit, Event::Present);
    }
    if dies {
        race.push(1_000 + apart + death, second, Event::Dies);
    }
    race.play()?;
    races.deaths += u64::from(dies);
    race.judge(races, [first, second])
}

impl<'a> Race<'a> {
    fn new(precinct: &'a Precinct, mut dice: Dice, mutation: Option<Mutation>) -> Self {
        let kits = (0..KITS)
            .map(|at| Kit {
                book: Book::new(Arc::clone(&precinct.charter), precinct.kid(at), Vec::new()),
                is_on: true,
                skew: i64::try_from(dice.below(2_001)).unwrap_or(0) - 1_000,
                busy: 0,
                theirs: BTreeMap::new(),
                asked: BTreeMap::new(),
                wish: None,
                was_asked: false,
                came: None,
                refused: None,
            })
            .collect();
        Self {
            precinct,
            rules: Rules::new(mutation),
            kits,
            queue: BTreeMap::new(),
            dice,
            count: 0,
            now: 0,
            last_act: 0,
            equal_at: None,
        }
    }

    fn push(&mut self, at: i64, kit: usize, event: Event) {
        self.count += 1;
        self.queue.insert((at, self.count), (kit, event));
    }

    fn reading(&self, kit: usize) -> Reading {
        Reading {
            wall: Instant::from_micros(TEN + (self.now + self.kits[kit].skew) * 1_000),
            steady_micros: u64::try_from(self.now).unwrap_or(0) * 1_000 + 86_400_000_000,
        }
    }

    /// The kits open, and each hears each, before the race: at once and without a loss.
    fn meet(&mut self) {
        for kit in 0..KITS {
            let reading = self.reading(kit);
            if let Some(draft) = self.kits[kit].book.open(reading) {
                self.commit(kit, draft, TWO);
            }
        }
        for _ in 0..2 {
            for from in 0..KITS {
                for to in (0..KITS).filter(|to| *to != from) {
                    let question = self.question(from, to, None);
                    let answer = self.answer(to, &question);
                    self.hear(from, &answer);
                }
            }
        }
        self.queue.clear();
        for kit in &mut self.kits {
            kit.busy = 0;
        }
        for kit in 0..KITS {
            let at = i64::try_from(self.dice.below(100)).unwrap_or(0);
            self.push(at, kit, Event::Beat);
        }
    }

    fn play(&mut self) -> Result<(), Violation> {
        // Ten seconds of the hall: whatever is under way has come by then.
        while let Some((&(at, number), _)) = self.queue.first_key_value() {
            if at > 10_000 {
                break;
            }
            let Some((kit, event)) = self.queue.remove(&(at, number)) else {
                break;
            };
            self.now = self.now.max(at);
            if !self.kits[kit].is_on {
                continue;
            }
            // One thing at a time: the lock is held while the disk is written.
            if self.kits[kit].busy > self.now && !matches!(event, Event::Dies) {
                self.push(self.kits[kit].busy, kit, event);
                continue;
            }
            self.happen(kit, event)?;
            if self.equal_at.is_none() && self.are_equal() {
                self.equal_at = Some(self.now);
            }
        }
        Ok(())
    }

    fn happen(&mut self, kit: usize, event: Event) -> Result<(), Violation> {
        match event {
            Event::Present => {
                self.kits[kit].came.get_or_insert(self.now);
                self.serve(kit)?;
            }
            Event::Question(question) => {
                let answer = self.answer(kit, &question);
                let to = self.precinct.index(question.sender()).unwrap_or(kit);
                self.send(kit, to, &Event::Answer(answer));
            }
            Event::Answer(answer) => {
                let from = answer.sender();
                if self.kits[kit].asked.get(&from) != Some(&answer.number) {
                    // To an older question, or the same once more: the link has been closed.
                    return Ok(());
                }
                self.kits[kit].asked.remove(&from);
                self.hear(kit, &answer);
                let Some(wish) = &mut self.kits[kit].wish else {
                    return Ok(());
                };
                wish.from.remove(&from);
                if !wish.from.is_empty() {
                    return Ok(());
                }
                let is_owner = wish.is_owner;
                self.kits[kit].wish = None;
                match answer.refusal.as_deref().filter(|_| is_owner) {
                    Some(code) => self.refused_by(kit, from, code)?,
                    None => self.serve(kit)?,
                }
            }
            Event::Late(number) => {
                let wish = &self.kits[kit].wish;
                if wish.as_ref().is_some_and(|wish| wish.number == number) {
                    self.kits[kit].wish = None;
                    self.serve(kit)?;
                }
            }
            Event::Beat => {
                // A kit asks one thing at a time over each link; a wish goes first.
                if self.kits[kit].wish.is_none() {
                    for to in (0..KITS).filter(|to| *to != kit) {
                        let question = self.question(kit, to, None);
                        self.send(kit, to, &Event::Question(question));
                    }
                }
                self.push(self.now + 200, kit, Event::Beat);
            }
            Event::Dies => self.kits[kit].is_on = false,
        }
        Ok(())
    }

    /// A message on its way: late by chance, so that a later one may pass it; one in five comes twice.
    fn send(&mut self, from: usize, to: usize, event: &Event) {
        let leaves = self.kits[from].busy.max(self.now);
        for _ in 0..1 + u8::from(self.dice.chance(20)) {
            let way = 1 + i64::try_from(self.dice.below(WAY)).unwrap_or(0);
            self.push(leaves + way, to, event.clone());
        }
    }

    fn question(&mut self, from: usize, to: usize, ask: Option<LineAsk>) -> KitMessage {
        let reading = self.reading(from);
        let peer = self.precinct.kid(to);
        let kit = &mut self.kits[from];
        let number = kit.book.request_number(reading);
        let unheard = Holdings::default();
        let theirs = kit.theirs.get(&peer).unwrap_or(&unheard);
        let mut question = kit.book.message(peer, number, theirs, reading.wall);
        question.ask = ask;
        kit.asked.insert(peer, number);
        question
    }

    fn answer(&mut self, at: usize, question: &KitMessage) -> KitMessage {
        self.hear(at, question);
        let reading = self.reading(at);
        let mut first: Vec<Arc<Act>> = Vec::new();
        let mut refusal = None;
        if let Some(wish) = question.ask {
            let ask = GrantAsk {
                from: question.sender(),
                line: wish.line,
                request: wish.request,
            };
            match self.rules.grant(&mut self.kits[at].book, ask, reading) {
                GrantAnswer::Give(draft) => first.push(self.commit(at, draft, &[])),
                GrantAnswer::Again(act) => first.push(act),
                GrantAnswer::Refuse(refused) => {
                    first.extend(refused.evidence);
                    refusal = Some(refused.reason);
                }
            }
        }
        self.kits[at]
            .book
            .answer(question, &first, refusal, reading.wall)
    }

    fn hear(&mut self, at: usize, message: &KitMessage) {
        let reading = self.reading(at);
        let kit = &mut self.kits[at];
        kit.book.hear(message, reading);
        kit.theirs.insert(message.sender(), message.holdings());
        for signed in &message.events {
            if let Ok(act) = self.rules.admit(&kit.book, signed, &*self.precinct.ring) {
                self.rules.merge(&mut kit.book, act, Some(reading.wall));
            }
        }
    }

    /// Signs, writes and takes in; the kit is busy while its disk is.
    fn commit(&mut self, at: usize, draft: Draft, cards: &[usize]) -> Arc<Act> {
        let signed = self.precinct.sign(at, &self.kits[at].book, draft, cards);
        let signed = signed.expect("stub keys sign");
        let kit = &mut self.kits[at];
        let act = self
            .rules
            .admit(&kit.book, &signed, &*self.precinct.ring)
            .expect("an own event is admitted");
        self.rules.merge(&mut kit.book, Arc::clone(&act), None);
        let sync = 1 + i64::try_from(self.dice.below(25)).unwrap_or(0);
        kit.busy = kit.busy.max(self.now) + sync;
        self.last_act = kit.busy;
        self.equal_at = None;
        let woken = kit.busy;
        self.push(woken, at, Event::Beat);
        act
    }

    /// Gives the command until it is an act, a refusal, or waits for others.
    fn serve(&mut self, at: usize) -> Result<(), Violation> {
        let check_in = CheckIn {
            line: LINE,
            method: Method::Finger,
            finger: FingerPosition::new(2),
            attempts: 1,
            score_class: 2,
            reason: String::new(),
        };
        for _ in 0..8 {
            let reading = self.reading(at);
            let step = self
                .rules
                .check_in(&mut self.kits[at].book, &check_in, reading);
            match step {
                Ok(Step::Commit(draft)) => {
                    let act = self.commit(at, draft, &[]);
                    let receipt = identified(&act).map_or(0, |body| body.receipt);
                    let reading = self.reading(at);
                    let draft = self.kits[at].book.printed(receipt, 0, reading);
                    self.commit(at, draft, &[]);
                    return Ok(());
                }
                Ok(Step::Promise(draft)) => {
                    self.commit(at, draft, &[]);
                }
                Ok(Step::CheckLine) => {
                    // The voter has signed when the receipt is out: one line, one pen.
                    let is_unsigned = self.acts().is_empty();
                    let draft = self.kits[at].book.check_line(LINE, is_unsigned, reading);
                    self.commit(at, draft, &[3]);
                }
                Ok(Step::AskGrant(owner)) if !self.kits[at].was_asked => {
                    self.ask(at, &[owner]);
                    return Ok(());
                }
                Ok(Step::AskMajority(kits)) if !self.kits[at].was_asked && !kits.is_empty() => {
                    self.ask(at, &kits);
                    return Ok(());
                }
                Ok(Step::AskGrant(owner)) => {
                    let refusal = self.kits[at].book.isolated(owner);
                    return self.refuse(at, refusal);
                }
                Ok(Step::AskMajority(_)) => {
                    let refusal = self.kits[at].book.no_majority(LINE);
                    return self.refuse(at, refusal);
                }
                Err(refusal) => return self.refuse(at, refusal),
            }
        }
        Err(broken(
            "stuck",
            format!("the command at K{} goes in circles", at + 1),
        ))
    }

    fn ask(&mut self, at: usize, kits: &[Kid]) {
        let reading = self.reading(at);
        let request = self.kits[at].book.request_number(reading);
        let wish = LineAsk {
            line: LINE,
            request,
        };
        self.kits[at].was_asked = true;
        self.kits[at].wish = Some(Wish {
            number: request,
            from: kits.iter().copied().collect(),
            is_owner: kits.len() == 1,
        });
        for kit in kits {
            let Some(to) = self.precinct.index(*kit) else {
                continue;
            };
            let question = self.question(at, to, Some(wish));
            self.send(at, to, &Event::Question(question));
        }
        self.push(self.now + PATIENCE, at, Event::Late(request));
    }

    /// The owner's answer was no, with what stands against it.
    fn refused_by(&mut self, at: usize, owner: Kid, code: &str) -> Result<(), Violation> {
        let refusal = refusal_of(&self.kits[at].book, LINE, owner, code);
        self.refuse(at, refusal)
    }

    fn refuse(&mut self, at: usize, refusal: Refusal) -> Result<(), Violation> {
        self.kits[at].refused = Some((self.now, refusal.clone()));
        for _ in 0..8 {
            let reading = self.reading(at);
            let Some(draft) = self.kits[at].book.decline(LINE, reading) else {
                break;
            };
            self.commit(at, draft, &[]);
        }
        let reading = self.reading(at);
        let draft = self.kits[at]
            .book
            .refuse(LINE, refusal.reason, None, reading);
        self.commit(at, draft, &[]);
        Ok(())
    }

    /// Every check-in of the line that any book holds, by kit and counter.
    fn acts(&self) -> BTreeSet<(Kid, u32)> {
        let books = self.kits.iter().map(|kit| &kit.book);
        let acts = books.flat_map(|book| book.acts_on(LINE));
        let acts = acts.filter(|act| identified(act).is_some());
        acts.map(|act| (act.name.kit, act.name.seq)).collect()
    }

    fn are_equal(&self) -> bool {
        let mut on = self.kits.iter().filter(|kit| kit.is_on);
        let Some(first) = on.next() else {
            return true;
        };
        let wanted = || first.book.events().map(|act| act.name);
        on.all(|kit| kit.book.events().map(|act| act.name).eq(wanted()))
    }

    fn judge(&self, races: &mut Races, [first, second]: [usize; 2]) -> Result<(), Violation> {
        let acts = self.acts();
        let dead = !self.kits[second].is_on;
        if acts.len() > 1 {
            return Err(broken(
                "I2",
                format!("{} check-ins of one voter", acts.len()),
            ));
        }
        let on = || self.kits.iter().filter(|kit| kit.is_on);
        let equal = self.equal_at.map(|at| at - self.last_act);
        let Some(equal) = equal.filter(|equal| *equal <= RED) else {
            return Err(broken(
                "I1",
                format!("the books are not equal after a second: {equal:?} ms"),
            ));
        };
        races.equal = races.equal.max(equal);
        let folds: Vec<_> = on().map(|kit| kit.book.state(LINE)).collect();
        if folds.iter().any(|fold| *fold != folds[0]) {
            return Err(broken("I1", "equal books say different things".to_owned()));
        }
        let winner = acts.first().and_then(|(kit, _)| self.precinct.index(*kit));
        if acts.is_empty() && !dead {
            return Err(broken("stuck", "both kits refused the voter".to_owned()));
        }
        let unused = folds
            .first()
            .is_some_and(|fold| !fold.grants_unused.is_empty() && fold.counted.is_none());
        races.unused += u64::from(unused);
        if acts.is_empty() && !unused {
            let text = "the second kit died, nobody was served and no grant says why";
            return Err(broken("stuck", text.to_owned()));
        }
        races.second_wins += u64::from(winner == Some(second));
        for loser in [first, second]
            .into_iter()
            .filter(|kit| Some(*kit) != winner)
        {
            let kit = &self.kits[loser];
            let (true, Some(came)) = (kit.is_on, kit.came) else {
                continue;
            };
            let Some((at, refusal)) = &kit.refused else {
                return Err(broken(
                    "I9",
                    format!("K{} neither served the voter nor refused", loser + 1),
                ));
            };
            // A kit that asks a dead one waits as long as it may.
            if dead {
                continue;
            }
            let red = at - came;
            if red > RED {
                return Err(broken("I9", format!("a red screen after {red} ms")));
            }
            races.red = races.red.max(red);
            let may = [
                RefusalReason::Already,
                RefusalReason::GrantedElsewhere,
                RefusalReason::NoMajority,
            ];
            if !may.contains(&refusal.reason) || refusal.kit.is_none() {
                return Err(broken(
                    "I9",
                    format!("refused with {} and no kit to go to", refusal.reason),
                ));
            }
        }
        Ok(())
    }
}
