//! The power cut (S-09): a day of every durable act, cut after each step that the kit takes on its disk.
//!
//! Story: K1 opens, reports, serves by finger and by two officers, refuses, grants, is granted, undoes, takes
//! back, declares a slip void, takes slips at the ballot table, sets its clock, loses K2 and takes it over,
//! enters its slip, resumes, closes and reports. Its disk is a model that records; K2 and K3 stand beside it.
//! Expect: whatever a cut leaves, the kit opens; its journal is the story up to an event, never between two;
//! what it had printed, shown or told a peer before the cut is there; it serves the next voter; and a second
//! cut, also one while it was opening again, changes nothing of that.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

mod cuts;
mod precinct;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, Weak};

use cuts::{Fate, Image, Mutation, Op, RecordingDisk, cut, fates, last_sync};
use lexicon::{Instant, Method};
use pollbook::{Body, identified};
use precinct::{CLOSES, OPENS, Precinct, at, capture};
use station::clock::SetClock;
use station::link::{InProcess, Link, LinkError};
use station::print::Job;
use station::printer::{MemoryPrinter, Printer, PrinterError};
use station::{
    Card, CheckedIn, Kit, Method2, Outcome, Paper, PaperReceipt, ReceiptAnswer, Verdict,
};

const CLOSE_SECONDS: i64 = (CLOSES - OPENS) / 1_000_000;
/// A line of K1 that the story does not touch.
const NEXT_VOTER: u32 = 29;
/// Drawn fates of each kind after each step.
const DRAWS: u64 = 2;

/// What was told to somebody when so many steps were taken.
#[derive(Clone, Debug)]
enum Promise {
    /// Own events up to this counter: shown on a screen, or sent to a peer.
    Events(u32),
    /// The slip with this name came out of the printer.
    Slip(String),
    /// A ballot was given for this slip of the ballot table.
    Ballot(usize),
    /// A report was handed over: so many of them so far, by the file's word.
    Report(&'static str, usize),
}

#[derive(Default)]
struct Ledger {
    disk: OnceLock<RecordingDisk>,
    promises: Mutex<Vec<(usize, Promise)>>,
}

impl Ledger {
    fn note(&self, promise: Promise) {
        let steps = self.disk.get().map_or(0, RecordingDisk::steps);
        self.promises.lock().unwrap().push((steps, promise));
    }
}

/// K1's printer: what comes out is a promise.
struct Watched {
    inner: MemoryPrinter,
    ledger: Arc<Ledger>,
}

impl Printer for Watched {
    fn print(&self, job: &Job) -> Result<(), PrinterError> {
        self.inner.print(job)?;
        self.ledger.note(Promise::Slip(job.name.clone()));
        Ok(())
    }

    fn kind(&self) -> &'static str {
        "watched"
    }
}

/// K1's cables: what leaves it is a promise.
struct Cable {
    inner: InProcess,
    one: Weak<Kit>,
    ledger: Arc<Ledger>,
    is_answer_lost: Arc<Mutex<bool>>,
    is_of_one: bool,
}

impl Cable {
    fn promise(&self) {
        if let Some(one) = self.one.upgrade() {
            let seq = one.read(|book| book.head(book.me()).seq);
            self.ledger.note(Promise::Events(seq));
        }
    }
}

impl Link for Cable {
    fn ask(&self, question: &[u8]) -> Result<Vec<u8>, LinkError> {
        if self.is_of_one {
            self.promise();
        }
        let answer = self.inner.ask(question)?;
        if std::mem::take(&mut *self.is_answer_lost.lock().unwrap()) {
            return Err(LinkError::Silent("the cable was pulled".to_owned()));
        }
        if !self.is_of_one {
            self.promise();
        }
        Ok(answer)
    }
}

struct Told {
    base: Image,
    ops: Vec<Op>,
    promises: Vec<(usize, Promise)>,
    /// From which step the clock showed which moment.
    times: Vec<(usize, Instant)>,
    /// Own events by counter.
    own: Vec<[u8; 32]>,
    /// Which counter each slip's event has.
    slips: BTreeMap<String, u32>,
    /// Slips of the ballot table: text of the QR, moment.
    ballots: Vec<(String, Instant)>,
    /// Contents that each report file had, oldest first.
    reports: BTreeMap<PathBuf, Vec<Vec<u8>>>,
    /// A slip of K3 that the story does not hand in.
    fresh_slip: String,
}

struct Story {
    precinct: Precinct,
    ledger: Arc<Ledger>,
    disk: RecordingDisk,
    printer: Arc<Watched>,
    clocks: Vec<Arc<SetClock>>,
    kits: Vec<Option<Arc<Kit>>>,
    times: Vec<(usize, Instant)>,
    ballots: Vec<(String, Instant)>,
    reports: BTreeMap<PathBuf, Vec<Vec<u8>>>,
    is_answer_lost: Arc<Mutex<bool>>,
}

fn hall() -> Precinct {
    Precinct::under("segment", 1001, 90, 3)
}

fn folder() -> &'static Path {
    Path::new("/disk/kits/K1")
}

impl Story {
    fn begin(mutation: Mutation) -> Self {
        let precinct = hall();
        let base = Image::with_folder("/disk");
        let ledger = Arc::new(Ledger::default());
        let mut disks: Vec<RecordingDisk> = vec![RecordingDisk::on(base.clone(), mutation)];
        disks.extend([0; 2].map(|_| RecordingDisk::on(base.clone(), Mutation::None)));
        let disk = disks[0].clone();
        ledger.disk.set(disk.clone()).unwrap();
        let printer = Arc::new(Watched {
            inner: MemoryPrinter::default(),
            ledger: Arc::clone(&ledger),
        });
        let mut clocks = Vec::new();
        let mut kits = Vec::new();
        for (disk, name) in disks.into_iter().zip(["K1", "K2", "K3"]) {
            let clock = Arc::new(SetClock::new(at(10)));
            let mut config = precinct.config(
                &folder().with_file_name(name),
                &clock,
                &Arc::new(MemoryPrinter::default()),
            );
            if name == "K1" {
                config.printer = Arc::clone(&printer) as _;
            }
            let key = precinct.kit_key(name);
            let kit = Kit::open_on(Arc::new(disk), config, key, &precinct.pair()).unwrap();
            clocks.push(clock);
            kits.push(Some(kit));
        }
        let story = Self {
            precinct,
            ledger,
            disk,
            printer,
            clocks,
            kits,
            times: vec![(0, at(10))],
            ballots: Vec::new(),
            reports: BTreeMap::new(),
            is_answer_lost: Arc::default(),
        };
        story.connect();
        story.show();
        story
    }

    fn connect(&self) {
        let kits: Vec<_> = self.kits.iter().flatten().collect();
        for from in &kits {
            for to in kits.iter().filter(|to| to.kid() != from.kid()) {
                let one = Arc::downgrade(kits[0]);
                let cable = Cable {
                    inner: InProcess::to(to),
                    ledger: Arc::clone(&self.ledger),
                    is_answer_lost: Arc::clone(&self.is_answer_lost),
                    is_of_one: from.kid() == kits[0].kid(),
                    one: if from.kid() == kits[0].kid() || to.kid() == kits[0].kid() {
                        one
                    } else {
                        Weak::new()
                    },
                };
                from.connect(to.kid(), Arc::new(cable));
            }
        }
    }

    fn kit(&self, number: usize) -> &Arc<Kit> {
        self.kits[number - 1].as_ref().unwrap()
    }

    fn one(&self) -> &Arc<Kit> {
        self.kit(1)
    }

    fn pair(&self) -> [&dyn Card; 2] {
        self.precinct.pair()
    }

    fn later(&mut self, seconds: i64) {
        for clock in &self.clocks {
            clock.set(at(seconds));
        }
        self.times.push((self.disk.steps(), at(seconds)));
    }

    fn meet(&self) {
        for _ in 0..2 {
            for kit in self.kits.iter().flatten() {
                let _ = kit.sync_all();
            }
        }
    }

    /// The screen shows what the kit has done.
    fn show(&self) {
        let seq = self.one().read(|book| book.head(book.me()).seq);
        self.ledger.note(Promise::Events(seq));
    }

    fn serve(&self, kit: usize, line: u32) -> CheckedIn {
        let verdict = self.kit(kit).present(line, &capture(line * 10)).unwrap();
        let Verdict::Green(done) = verdict else {
            panic!("line {line} at K{kit}: {verdict:?}")
        };
        self.show();
        *done
    }

    fn report(&mut self, word: &'static str) {
        let report = match word {
            "initial" => self.one().report_initial(&self.pair()),
            _ => self.one().report_final(&self.pair()),
        };
        let report = report.unwrap();
        for (kind, bytes) in [("cose", report.signed), ("json", report.json.into_bytes())] {
            let path = folder().join(format!("K1.{word}.{kind}"));
            self.reports.entry(path).or_default().push(bytes);
        }
        let count = self.reports[&folder().join(format!("K1.{word}.cose"))].len();
        self.ledger.note(Promise::Report(word, count));
    }

    fn hand_in(&mut self, done: &CheckedIn, seconds: i64) {
        self.later(seconds);
        let qr = base45::encode(&done.act.signed);
        let answer = self.one().take_receipt(&qr).unwrap();
        assert!(matches!(answer, ReceiptAnswer::Good { .. }), "{answer:?}");
        self.ballots.push((qr, at(seconds)));
        self.ledger.note(Promise::Ballot(self.ballots.len() - 1));
    }

    fn morning(&mut self) {
        self.report("initial");
        self.report("initial");
        for line in 1..=4 {
            self.later(60 + i64::from(line));
            self.serve(1, line);
        }
        assert!(self.one().gate(2).unwrap().is_some());
        self.show();
        self.printer.inner.set_out_of_paper(true);
        let waiting = [5, 6].map(|line| self.serve(1, line));
        assert!(
            waiting
                .iter()
                .all(|done| matches!(done.paper, Paper::Pending(_)))
        );
        let receipt = identified(&waiting[1].act).unwrap().receipt;
        self.one().void_receipt(receipt, "SPOILT").unwrap();
        self.printer.inner.set_out_of_paper(false);
        assert_eq!(self.one().print_pending().unwrap(), 1);
        self.one().reprint(3, &self.pair()).unwrap();
        self.one()
            .refuse(7, lexicon::RefusalReason::FingerMismatch)
            .unwrap();
        let done =
            self.one()
                .check_in_two_officers(7, Method2::Document, "FINGER_MISMATCH", &self.pair());
        assert!(matches!(done, Ok(Outcome::Green(_))));
        self.one().undo(7, "WRONG_VOTER", &self.pair()).unwrap();
        self.show();
    }

    /// Grants both ways, one of them lost on its way; copies of peers' events; countersigned heads.
    fn noon(&mut self) {
        self.later(400);
        let ours_at_two = self.serve(2, 8);
        let theirs_at_one = self.serve(1, 32);
        *self.is_answer_lost.lock().unwrap() = true;
        assert!(matches!(
            self.kit(2).present(9, &capture(90)).unwrap(),
            Verdict::Red(_)
        ));
        self.serve(3, 62);
        self.meet();
        self.one().countersign().unwrap();
        self.show();
        for line in 63..70 {
            self.serve(3, line);
        }
        self.meet();
        self.one().countersign().unwrap();
        self.show();
        self.later(800);
        self.meet();
        self.one().release(9, &self.pair()).unwrap();
        self.show();
        self.hand_in(&ours_at_two, 810);
        self.hand_in(&theirs_at_one, 820);
        let officer = &self.precinct.officers[3];
        self.one().check_line(9, true, officer).unwrap();
        self.serve(1, 9);
        let now = self.one().read_clock().wall;
        self.one().set_clock(now, &self.pair()).unwrap();
        self.show();
    }

    /// K2 serves one more that nobody heard of, one whose slip does not come out, and is lost.
    fn evening(&mut self) {
        let stranded = self.serve(2, 33);
        self.meet();
        let unheard = self.serve(2, 34);
        let lost = self.kit(2).kid();
        self.kits[1] = None;
        self.later(1_000);
        self.meet();
        self.one()
            .take_over(&[lost], "KIT_LOST", &self.pair())
            .unwrap();
        self.show();
        let paper = PaperReceipt {
            kit: lost,
            receipt: identified(&unheard.act).unwrap().receipt,
            line: 34,
            method: Method::Finger,
        };
        self.one().enter_receipt(paper, &self.pair()).unwrap();
        self.show();
        if self.one().is_resumable(stranded.line) {
            self.one()
                .resume(stranded.line, false, &self.pair())
                .unwrap();
            self.show();
        }
        self.one()
            .check_line(35, true, &self.precinct.officers[3])
            .unwrap();
        self.serve(1, 35);
        for line in 14..=22 {
            self.serve(1, line);
        }
        let last = self.serve(1, 23);
        self.hand_in(&last, 1_200);
        self.later(CLOSE_SECONDS + 5);
        self.one().close(0, &self.pair()).unwrap();
        self.show();
        self.report("final");
    }

    fn told(self) -> Told {
        let own = self.one().read(|book| {
            let own = book.events_after(book.me(), 0);
            own.map(|act| (act.name.id.0, Arc::clone(act)))
                .collect::<Vec<_>>()
        });
        let slips = own
            .iter()
            .filter(|(_, act)| identified(act).is_some())
            .map(|(_, act)| {
                (
                    format!("receipt-{}", self.one().receipt_name(act)),
                    act.name.seq,
                )
            })
            .collect();
        let fresh = self.kit(3).read(|book| {
            let counted = book.state(65).counted.clone().unwrap();
            base45::encode(&counted.signed)
        });
        let promises = self.ledger.promises.lock().unwrap().clone();
        Told {
            base: Image::with_folder("/disk"),
            ops: self.disk.ops(),
            promises,
            times: self.times,
            own: own.into_iter().map(|(id, _)| id).collect(),
            slips,
            ballots: self.ballots,
            reports: self.reports,
            fresh_slip: fresh,
        }
    }
}

fn tell(mutation: Mutation) -> Told {
    let mut story = Story::begin(mutation);
    story.morning();
    story.noon();
    story.evening();
    story.told()
}

/// What a kit that opened again holds.
#[derive(Clone, Debug)]
struct Facts {
    /// Events of the story.
    seq: usize,
    /// Ballots that it knows to be given.
    ballots: BTreeSet<usize>,
    /// Which version of each report is there.
    reports: BTreeMap<PathBuf, usize>,
    /// Whether it holds what it countersigned.
    holds_countersigned: bool,
    /// What the kit wrote while it opened.
    recovery: Vec<Op>,
    /// That, and what it wrote while it went on; how many own events it had then.
    went_on: (Vec<Op>, u32),
}

struct Judge<'a> {
    told: &'a Told,
    precinct: Precinct,
    mutation: Mutation,
    known: BTreeMap<(u64, usize), Result<Facts, String>>,
    cuts: usize,
    /// Cuts after which the kit said that its journal is damaged: only a disk that lied leaves that.
    stops: usize,
}

impl<'a> Judge<'a> {
    fn new(told: &'a Told, mutation: Mutation) -> Self {
        Self {
            told,
            precinct: hall(),
            mutation,
            known: BTreeMap::new(),
            cuts: 0,
            stops: 0,
        }
    }

    fn open(&self, image: Image, now: Instant) -> Result<(Arc<Kit>, RecordingDisk), String> {
        let disk = RecordingDisk::on(image, self.mutation);
        let clock = Arc::new(SetClock::new(now));
        let config = self
            .precinct
            .config(folder(), &clock, &Arc::new(MemoryPrinter::default()));
        let key = self.precinct.kit_key("K1");
        let kit = Kit::open_on(Arc::new(disk.clone()), config, key, &self.precinct.pair());
        Ok((
            kit.map_err(|error| format!("does not open: {error}"))?,
            disk,
        ))
    }

    /// Opens what a cut left, looks at it, goes on, and cuts again with nothing kept that was not synced.
    fn look(&mut self, image: &Image, now: (usize, Instant)) -> Result<Facts, String> {
        let key = (image.fingerprint(), now.0);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let found = self.look_anew(image, now.1);
        self.known.insert(key, found.clone());
        found
    }

    fn look_anew(&self, image: &Image, now: Instant) -> Result<Facts, String> {
        let (kit, disk) = self.open(image.clone(), now)?;
        let recovery = disk.ops();
        let seq = self.events_of(&kit)?;
        let holds_countersigned = kit.read(|book| {
            let own = book.events_after(book.me(), 0);
            own.filter_map(|act| {
                let Body::PeerHead(head) = &act.body else {
                    return None;
                };
                Some((lexicon::handover::envelope::Kid(*head.kit), head.seq))
            })
            .all(|(peer, seen)| book.head(peer).seq >= seen)
        });
        let mut facts = Facts {
            seq,
            ballots: BTreeSet::new(),
            reports: self.reports(image)?,
            holds_countersigned,
            recovery,
            went_on: (Vec::new(), 0),
        };
        self.go_on(&kit)?;
        let after = kit.read(|book| book.head(book.me()));
        facts.went_on = (disk.ops(), after.seq);
        drop(kit);
        let image = cut(image, &disk.ops(), Fate::Lost);
        let (kit, _) = self
            .open(image, now)
            .map_err(|why| format!("the second time it {why}"))?;
        if kit.read(|book| book.head(book.me())) != after {
            return Err("what it did after the cut did not outlive the next".to_owned());
        }
        // A slip printed after the cut may be, byte for byte, the story's own next event.
        if self.events_of(&kit)? < seq {
            return Err("the story is another after the second cut".to_owned());
        }
        for (ballot, (qr, moment)) in self.told.ballots.iter().enumerate() {
            match kit.take_receipt(qr) {
                Ok(ReceiptAnswer::AlreadyUsed { at: Some(at) }) if at == *moment => {
                    facts.ballots.insert(ballot);
                }
                Ok(ReceiptAnswer::AlreadyUsed { at: Some(_) }) => {
                    return Err(format!(
                        "slip {ballot} was handed in at a moment that never was"
                    ));
                }
                _ => {}
            }
        }
        Ok(facts)
    }

    /// How many events of the story the kit holds, which must be its first ones.
    fn events_of(&self, kit: &Kit) -> Result<usize, String> {
        let own: Vec<_> = kit.read(|book| book.events_after(book.me(), 0).cloned().collect());
        let same = own
            .iter()
            .zip(&self.told.own)
            .take_while(|(act, id)| act.name.id.0 == **id)
            .count();
        let rest = &own[same..];
        let is_opening =
            same == 0 && matches!(rest.first().map(|act| &act.body), Some(Body::Opened(_)));
        if !rest.is_empty()
            && !is_opening
            && same < self.told.own.len()
            && rest.iter().any(|act| self.is_story(act))
        {
            return Err(format!("event {} is not the story's", same + 1));
        }
        let undone: BTreeSet<u32> = own
            .iter()
            .filter(|act| matches!(act.body, Body::Undone(_)))
            .map(|act| act.body.line())
            .collect();
        for act in own.iter().filter(|act| identified(act).is_some()) {
            let line = act.body.line();
            if !undone.contains(&line) && kit.read(|book| book.state(line).counted.is_none()) {
                return Err(format!("line {line} was served and is not counted"));
            }
        }
        Ok(same)
    }

    /// Whether an event after the cut pretends to be one of the story: it served a line of it again.
    fn is_story(&self, act: &pollbook::Act) -> bool {
        identified(act).is_some_and(|body| body.line != NEXT_VOTER)
    }

    fn reports(&self, image: &Image) -> Result<BTreeMap<PathBuf, usize>, String> {
        let mut found = BTreeMap::new();
        for (path, versions) in &self.told.reports {
            let Some(bytes) = image.bytes(path) else {
                continue;
            };
            let version = versions.iter().position(|version| version == bytes);
            let version = version
                .ok_or_else(|| format!("{} is neither the old nor the new", path.display()))?;
            found.insert(path.clone(), version + 1);
        }
        Ok(found)
    }

    /// Prints what is pending, serves the next voter or says that the day is over, takes a slip.
    fn go_on(&self, kit: &Kit) -> Result<(), String> {
        let owed = kit.read(|book| {
            let own: Vec<_> = book.events_after(book.me(), 0).collect();
            let settled: BTreeSet<u32> = own
                .iter()
                .filter_map(|act| match_receipt(&act.body))
                .collect();
            let undone = |line| {
                own.iter()
                    .any(|act| matches!(act.body, Body::Undone(_)) && act.body.line() == line)
            };
            own.iter()
                .filter_map(|act| identified(act))
                .filter(|body| !settled.contains(&body.receipt) && !undone(body.line))
                .count()
        });
        let printed = kit.print_pending().map_err(|error| error.to_string())?;
        if printed as usize != owed {
            return Err(format!("{owed} slips are owed and {printed} were printed"));
        }
        let is_closed = kit.read(|book| book.closed(book.me()).is_some())
            || kit.read_clock().wall.micros() > CLOSES;
        match kit.present(NEXT_VOTER, &capture(NEXT_VOTER * 10)) {
            Ok(Verdict::Green(_)) if !is_closed => {}
            Ok(Verdict::Red(_)) if is_closed => {}
            other => return Err(format!("the next voter: {other:?}")),
        }
        match kit.take_receipt(&self.told.fresh_slip) {
            Ok(ReceiptAnswer::Good { .. }) => Ok(()),
            other => Err(format!("a slip handed in after the cut: {other:?}")),
        }
    }

    fn now(&self, step: usize) -> (usize, Instant) {
        let at = self
            .told
            .times
            .iter()
            .rposition(|(from, _)| *from <= step)
            .unwrap();
        (at, self.told.times[at].1)
    }

    /// What the promises up to a step say against what was found.
    fn keeps(&self, facts: &Facts, until: usize) -> Result<(), String> {
        for (_, promise) in self.told.promises.iter().filter(|(step, _)| *step <= until) {
            let is_kept = match promise {
                Promise::Events(seq) => facts.seq >= *seq as usize,
                Promise::Slip(name) => {
                    let name = name.strip_suffix("-copy1").unwrap_or(name);
                    self.told
                        .slips
                        .get(name)
                        .is_none_or(|seq| facts.seq >= *seq as usize)
                }
                Promise::Ballot(ballot) => facts.ballots.contains(ballot),
                Promise::Report(word, count) => ["cose", "json"].iter().all(|kind| {
                    let path = folder().join(format!("K1.{word}.{kind}"));
                    facts
                        .reports
                        .get(&path)
                        .is_some_and(|version| version >= count)
                }),
            };
            if !is_kept {
                return Err(format!(
                    "{promise:?} is not kept: {} events of the story",
                    facts.seq
                ));
            }
        }
        Ok(())
    }

    fn judge(&mut self, step: usize, fate: Fate) -> Result<(), String> {
        let told = self.told;
        let ops = &told.ops[..step];
        let image = cut(&told.base, ops, fate);
        self.cuts += 1;
        let is_honest = !matches!(fate, Fate::Dropped { .. });
        let facts = match self.look(&image, self.now(step)) {
            // What was acknowledged is gone and what came after it is there: the kit says so and stays shut.
            Err(why)
                if matches!(fate, Fate::Dropped { seed: Some(_) })
                    && why.contains("is damaged") =>
            {
                self.stops += 1;
                return Ok(());
            }
            looked => looked?,
        };
        // A disk that lied about its last sync keeps what was promised before that sync.
        let until = if is_honest {
            step
        } else {
            last_sync(ops).unwrap_or(0)
        };
        self.keeps(&facts, until)?;
        if is_honest && !facts.holds_countersigned {
            return Err("it countersigned what it does not hold".to_owned());
        }
        if fate == Fate::Kept {
            self.kill_then_cut(&image, step)?;
        }
        self.cut_again(&image, step, until, &facts.recovery)
    }

    /// The program is killed, not the power: the disk still owes what was not synced. It starts again and goes
    /// on; then the power goes.
    fn kill_then_cut(&mut self, image: &Image, step: usize) -> Result<(), String> {
        self.cuts += 1;
        let (_, now) = self.now(step);
        let (went_on, events) = self.look_anew(image, now)?.went_on;
        let ops: Vec<Op> = self.told.ops[..step]
            .iter()
            .cloned()
            .chain(went_on)
            .collect();
        let left = cut(&self.told.base, &ops, Fate::Lost);
        let (kit, _) = self
            .open(left, now)
            .map_err(|why| format!("killed, went on, cut: {why}"))?;
        let held = kit.read(|book| book.head(book.me()).seq);
        if held < events {
            return Err(format!(
                "killed, went on to event {events}, cut: {held} are left"
            ));
        }
        Ok(())
    }

    /// The power goes a second time, while the kit opens: after each step of its recovery.
    fn cut_again(
        &mut self,
        image: &Image,
        step: usize,
        until: usize,
        recovery: &[Op],
    ) -> Result<(), String> {
        let writes = recovery
            .iter()
            .any(|op| !matches!(op, Op::Sync(_) | Op::SyncFolder(_)));
        if !writes {
            return Ok(());
        }
        for taken in 1..=recovery.len() {
            for fate in [
                Fate::Kept,
                Fate::Lost,
                Fate::Reordered { seed: step as u64 },
            ] {
                self.cuts += 1;
                let again = cut(image, &recovery[..taken], fate);
                let facts = self
                    .look(&again, self.now(step))
                    .map_err(|why| format!("cut {taken} of its opening, {fate:?}: {why}"))?;
                self.keeps(&facts, until)
                    .map_err(|why| format!("cut {taken} of its opening, {fate:?}: {why}"))?;
            }
        }
        Ok(())
    }

    /// Every step and fate; what broke, at most `most` of them.
    fn all(&mut self, most: usize) -> Vec<String> {
        let mut broken = Vec::new();
        for step in 0..=self.told.ops.len() {
            for fate in fates(&self.told.ops[..step], DRAWS) {
                if let Err(why) = self.judge(step, fate) {
                    let last = step.checked_sub(1).map(|last| short(&self.told.ops[last]));
                    broken.push(format!("after step {step} {last:?}, {fate:?}: {why}"));
                    if broken.len() >= most {
                        return broken;
                    }
                }
            }
        }
        broken
    }
}

fn match_receipt(body: &Body) -> Option<u32> {
    if let Body::Printed(receipt) | Body::Void(receipt) = body {
        Some(receipt.receipt)
    } else {
        None
    }
}

fn short(op: &Op) -> String {
    match op {
        Op::Write(file, place, bytes) => {
            format!("write file {file} at {place}, {} bytes", bytes.len())
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn every_cut_ends_before_or_after_an_act_and_the_kit_goes_on() {
    let told = tell(Mutation::None);
    let mut judge = Judge::new(&told, Mutation::None);
    let broken = judge.all(20);
    println!(
        "{} events in {} steps, {} cuts, {} different disks, {} stops after a sync that was not done",
        told.own.len(),
        told.ops.len(),
        judge.cuts,
        judge.known.len(),
        judge.stops
    );
    assert_eq!(broken, Vec::<String>::new());
    assert!(judge.cuts >= 5_000, "{} cuts", judge.cuts);
}

/// Story: the last slip's line in the file of slips ends at any byte. Expect: the next slip is taken, and the
/// torn one is unknown, or known with its own moment; never with one that lost its last digits.
#[test]
fn a_slip_whose_line_was_torn_at_any_byte_is_handed_in_once_or_not_at_all() {
    let told = tell(Mutation::None);
    let judge = Judge::new(&told, Mutation::None);
    let whole = cut(&told.base, &told.ops, Fate::Kept);
    let path = folder().join("K1.seen");
    let length = whole.bytes(&path).unwrap().len();
    let now = told.times.last().unwrap().1;
    let (qr, moment) = told.ballots.last().unwrap();
    for end in length - 84..length {
        let mut image = whole.clone();
        image.shorten(&path, end);
        let (kit, disk) = judge.open(image.clone(), now).unwrap();
        let taken = kit.take_receipt(&told.fresh_slip).unwrap();
        assert!(matches!(taken, ReceiptAnswer::Good { .. }), "{end}");
        let (kit, _) = judge
            .open(cut(&image, &disk.ops(), Fate::Lost), now)
            .unwrap();
        match kit.take_receipt(qr).unwrap() {
            ReceiptAnswer::Good { .. } => {}
            ReceiptAnswer::AlreadyUsed { at } => assert_eq!(at, Some(*moment), "{end} of {length}"),
            other => panic!("{other:?}"),
        }
    }
}

/// A harness that finds nothing proves nothing: each planted fault of the disk's use is found.
#[test]
fn each_planted_fault_is_found() {
    for mutation in [
        Mutation::NoSync,
        Mutation::NoFolderSync,
        Mutation::InPlace,
        Mutation::NoChecksum,
    ] {
        let told = tell(mutation);
        let broken = Judge::new(&told, mutation).all(1);
        println!("{mutation:?}: {broken:?}");
        assert_eq!(broken.len(), 1, "{mutation:?} is not found");
    }
}
