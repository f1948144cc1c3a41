//! A day of every durable act at a kit, told step by step: what was on the disk and what was promised when.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

mod saturday;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, Weak};

use lexicon::handover::package::HomeVoting;
use lexicon::handover::station_delta::StationChangeKind;
use lexicon::{Instant, Method, RefusalReason};
use pollbook::identified;
use station::clock::SetClock;
use station::link::{InProcess, Link, LinkError};
use station::print::Job;
use station::printer::{MemoryPrinter, Printer, PrinterError};
use station::{
    Card, CheckedIn, Kit, Method2, Outcome, Paper, PaperReceipt, ReceiptAnswer, Verdict, Visit,
};

use super::{Image, Mutation, Op, RecordingDisk};
use crate::precinct::stick::{Stick, change};
use crate::precinct::{CLOSES, OPENS, Precinct, at, capture};

/// Saturday 10:00, seconds after Sunday's opening.
const SATURDAY: i64 = -22 * 3600;
const HOME_CLOSES: i64 = OPENS + (SATURDAY + 10 * 3600) * 1_000_000;
const CLOSE_SECONDS: i64 = (CLOSES - OPENS) / 1_000_000;

/// What was told to somebody when so many steps were taken.
#[derive(Clone, Debug)]
pub enum Promise {
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
    acts: Mutex<Vec<(usize, &'static str)>>,
}

impl Ledger {
    fn steps(&self) -> usize {
        self.disk.get().map_or(0, RecordingDisk::steps)
    }

    fn note(&self, promise: Promise) {
        self.promises.lock().unwrap().push((self.steps(), promise));
    }

    /// The steps from here on are of this kind of act.
    fn begins(&self, act: &'static str) {
        self.acts.lock().unwrap().push((self.steps(), act));
    }
}

/// The watched kit's printer: what comes out is a promise.
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

/// The watched kit's cables: what leaves it is a promise.
struct Cable {
    inner: InProcess,
    watched: Weak<Kit>,
    ledger: Arc<Ledger>,
    is_answer_lost: Arc<Mutex<bool>>,
    is_its_own: bool,
}

impl Cable {
    fn promise(&self) {
        if let Some(kit) = self.watched.upgrade() {
            let seq = kit.read(|book| book.head(book.me()).seq);
            self.ledger.note(Promise::Events(seq));
        }
    }
}

impl Link for Cable {
    fn ask(&self, question: &[u8]) -> Result<Vec<u8>, LinkError> {
        if self.is_its_own {
            self.promise();
        }
        let answer = self.inner.ask(question)?;
        if std::mem::take(&mut *self.is_answer_lost.lock().unwrap()) {
            return Err(LinkError::Silent("the cable was pulled".to_owned()));
        }
        if !self.is_its_own {
            self.promise();
        }
        Ok(answer)
    }
}

pub struct Told {
    /// The kit whose disk is cut.
    pub name: &'static str,
    /// A line of it that the story does not touch.
    pub next_voter: u32,
    /// When it stops serving, microseconds.
    pub ends: i64,
    /// Which kind of act the steps from one on belong to.
    pub acts: Vec<(usize, &'static str)>,
    pub base: Image,
    pub ops: Vec<Op>,
    pub promises: Vec<(usize, Promise)>,
    /// From which step the clock showed which moment.
    pub times: Vec<(usize, Instant)>,
    /// Own events by counter.
    pub own: Vec<[u8; 32]>,
    /// Which counter each slip's event has.
    pub slips: BTreeMap<String, u32>,
    /// Slips of the ballot table: text of the QR, moment.
    pub ballots: Vec<(String, Instant)>,
    /// Contents that each report file had, oldest first.
    pub reports: BTreeMap<PathBuf, Vec<Vec<u8>>>,
    /// A slip of K3 that the story does not hand in; a mobile kit has no ballot table.
    pub fresh_slip: Option<String>,
}

impl Told {
    /// The kind of act that the last of the first `steps` steps is of.
    pub fn act(&self, steps: usize) -> &'static str {
        let last = steps.saturating_sub(1);
        let act = self.acts.iter().rev().find(|(from, _)| *from <= last);
        act.map_or("start", |(_, act)| act)
    }

    pub fn folder(&self) -> PathBuf {
        folder(self.name)
    }
}

struct Story {
    /// The number of the kit whose disk is cut.
    watched: usize,
    precinct: Precinct,
    ledger: Arc<Ledger>,
    disk: RecordingDisk,
    printer: Arc<Watched>,
    clocks: Vec<Arc<SetClock>>,
    /// Printers of the kits that are not watched.
    papers: Vec<Arc<MemoryPrinter>>,
    kits: Vec<Option<Arc<Kit>>>,
    times: Vec<(usize, Instant)>,
    ballots: Vec<(String, Instant)>,
    reports: BTreeMap<PathBuf, Vec<Vec<u8>>>,
    is_answer_lost: Arc<Mutex<bool>>,
}

/// Three kits with a share of thirty lines each, and K4, which visits the home list on Saturday.
pub fn hall() -> Precinct {
    let home = HomeVoting {
        opens: OPENS + SATURDAY * 1_000_000,
        closes: HOME_CLOSES,
        kits: vec!["K4".to_owned()],
        voters: 4,
    };
    Precinct::with_mobile(1001, 90, 3, &[24, 25, 26, 27], home)
}

const NAMES: [&str; 4] = ["K1", "K2", "K3", "K4"];

fn folder(name: &str) -> PathBuf {
    Path::new("/disk/kits").join(name)
}

impl Story {
    /// Opens the four kits; `seconds` is the moment for each.
    fn begin(mutation: Mutation, watched: usize, seconds: [i64; 4]) -> Self {
        let precinct = hall();
        let ledger = Arc::new(Ledger::default());
        let disks = NAMES.map(|name| {
            let is_watched = name == NAMES[watched - 1];
            let mutation = if is_watched { mutation } else { Mutation::None };
            RecordingDisk::on(Image::with_folder("/disk"), mutation)
        });
        let disk = disks[watched - 1].clone();
        ledger.disk.set(disk.clone()).unwrap();
        let printer = Arc::new(Watched {
            inner: MemoryPrinter::default(),
            ledger: Arc::clone(&ledger),
        });
        ledger.begins("opening");
        let (mut clocks, mut kits, mut papers) = (Vec::new(), Vec::new(), Vec::new());
        for ((disk, name), start) in disks.into_iter().zip(NAMES).zip(seconds) {
            let clock = Arc::new(SetClock::new(at(start)));
            let own = Arc::new(MemoryPrinter::default());
            let mut config = precinct.config(&folder(name), &clock, &own);
            if name == NAMES[watched - 1] {
                config.printer = Arc::clone(&printer) as _;
            }
            let key = precinct.kit_key(name);
            let kit = Kit::open_on(Arc::new(disk), config, key, &precinct.pair()).unwrap();
            clocks.push(clock);
            papers.push(own);
            kits.push(Some(kit));
        }
        let story = Self {
            watched,
            precinct,
            ledger,
            disk,
            printer,
            clocks,
            papers,
            kits,
            times: vec![(0, at(seconds[watched - 1]))],
            ballots: Vec::new(),
            reports: BTreeMap::new(),
            is_answer_lost: Arc::default(),
        };
        story.connect();
        story.show();
        story
    }

    /// K4 has visited 24, has not found 25, and has closed.
    fn after_saturday(&self) {
        let mobile = self.kit(4);
        let finger = capture(240);
        let visited = mobile.visit(24, Visit::Finger(&finger), &self.pair());
        assert!(matches!(visited, Ok(Verdict::Green(_))), "{visited:?}");
        mobile.visit(25, Visit::NotFound, &self.pair()).unwrap();
        mobile.close(0, &self.pair()).unwrap();
        self.clocks[3].set(at(10));
        self.begins("copies of peers' events");
        self.meet();
        self.show();
    }

    fn connect(&self) {
        let kits: Vec<_> = self.kits.iter().flatten().collect();
        let watched = self.its();
        for from in &kits {
            for to in kits.iter().filter(|to| to.kid() != from.kid()) {
                let is_its = [from.kid(), to.kid()].contains(&watched.kid());
                let cable = Cable {
                    inner: InProcess::to(to),
                    ledger: Arc::clone(&self.ledger),
                    is_answer_lost: Arc::clone(&self.is_answer_lost),
                    is_its_own: from.kid() == watched.kid(),
                    watched: if is_its {
                        Arc::downgrade(watched)
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

    /// The kit whose disk is cut.
    fn its(&self) -> &Arc<Kit> {
        self.kit(self.watched)
    }

    fn begins(&self, act: &'static str) {
        self.ledger.begins(act);
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
        let seq = self.its().read(|book| book.head(book.me()).seq);
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
            _ => {
                let kind = pollbook::ReportKind::Final;
                self.one().report_because(kind, Some("LOST"), &self.pair())
            }
        };
        let report = report.unwrap();
        for (kind, bytes) in [("cose", report.signed), ("json", report.json.into_bytes())] {
            let path = folder("K1").join(format!("K1.{word}.{kind}"));
            self.reports.entry(path).or_default().push(bytes);
        }
        let count = self.reports[&folder("K1").join(format!("K1.{word}.cose"))].len();
        self.ledger.note(Promise::Report(word, count));
    }

    fn hand_in(&mut self, done: &CheckedIn, seconds: i64) {
        self.later(seconds);
        self.begins("slip at the ballot table");
        let qr = base45::encode(done.act.signed());
        let answer = self.one().take_receipt(&qr).unwrap();
        assert!(matches!(answer, ReceiptAnswer::Good { .. }), "{answer:?}");
        self.ballots.push((qr, at(seconds)));
        self.ledger.note(Promise::Ballot(self.ballots.len() - 1));
    }

    fn morning(&mut self) {
        self.begins("initial report");
        self.report("initial");
        self.report("initial");
        self.begins("check-in by finger");
        for line in 1..=4 {
            self.later(60 + i64::from(line));
            self.serve(1, line);
        }
        self.begins("refusal");
        assert!(self.one().gate(2).unwrap().is_some());
        self.show();
        self.begins("slip that waits, is void, is printed again");
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
        self.begins("refusal");
        self.one()
            .refuse(7, lexicon::RefusalReason::FingerMismatch)
            .unwrap();
        self.begins("check-in by two officers");
        // Over some pages of the disk, so that a cut may leave a part of it.
        let face = [&b"\xff\xd8\xff"[..], &[7; 9_000], b"\xff\xd9"].concat();
        let face = station::camera::Picture::of(face).unwrap();
        let done = self.one().check_in_seen(
            7,
            Method2::Document,
            "FINGER_MISMATCH",
            Some(&face),
            &self.pair(),
        );
        assert!(matches!(done, Ok(Outcome::Green(_))));
        self.begins("undo");
        self.one().undo(7, "WRONG_VOTER", &self.pair()).unwrap();
        self.show();
    }

    /// Grants both ways, one of them lost on its way; copies of peers' events; countersigned heads.
    fn noon(&mut self) {
        self.later(400);
        self.begins("grant given");
        let ours_at_two = self.serve(2, 8);
        self.begins("check-in under a grant");
        let theirs_at_one = self.serve(1, 32);
        self.begins("grant given");
        *self.is_answer_lost.lock().unwrap() = true;
        assert!(matches!(
            self.kit(2).present(9, &capture(90)).unwrap(),
            Verdict::Red(_)
        ));
        self.begins("copies of peers' events");
        self.serve(3, 62);
        self.meet();
        self.begins("countersigned head");
        self.one().countersign().unwrap();
        self.show();
        self.begins("copies of peers' events");
        for line in 63..70 {
            self.serve(3, line);
        }
        self.meet();
        self.begins("countersigned head");
        self.one().countersign().unwrap();
        self.show();
        self.later(800);
        self.meet();
        self.begins("grant taken back");
        self.one().release(9, &self.pair()).unwrap();
        self.show();
        self.hand_in(&ours_at_two, 810);
        self.hand_in(&theirs_at_one, 820);
        let officer = &self.precinct.officers[3];
        self.begins("look at the paper line");
        self.one().check_line(9, true, officer).unwrap();
        self.serve(1, 9);
        self.begins("clock set");
        let now = self.one().read_clock().wall;
        self.one().set_clock(now, &self.pair()).unwrap();
        self.show();
    }

    /// Sticks with changes of the list come to K1, the second first, and one to K3; voters of the home list come to
    /// the hall.
    fn afternoon(&mut self) {
        self.later(850);
        let strike = |line| change(line, StationChangeKind::Strike, "COURT");
        let add = |line| change(line, StationChangeKind::Add, "ELIGIBLE");
        let first = Stick::new(&self.precinct, None, vec![strike(28), add(91)]);
        let second = Stick::new(&self.precinct, Some(&first), vec![add(92)]);
        let third = Stick::new(&self.precinct, Some(&second), vec![strike(70), add(93)]);
        self.begins("change of the list from a stick, held");
        self.one().take_change(&second.file()).unwrap();
        self.show();
        self.begins("change of the list from a stick");
        self.one().take_change(&first.file()).unwrap();
        self.show();
        self.begins("copies of peers' events");
        self.meet();
        self.begins("change of the list from a peer");
        self.kit(3).take_change(&third.file()).unwrap();
        self.meet();
        self.show();
        assert_eq!(self.one().changes().len(), 3);
        self.begins("refusal");
        let reason = |kit: &Kit, line| kit.gate(line).unwrap().map(|no| no.refusal.reason);
        assert_eq!(reason(self.one(), 28), Some(RefusalReason::Struck));
        assert_eq!(reason(self.one(), 24), Some(RefusalReason::Already));
        assert_eq!(reason(self.one(), 25), Some(RefusalReason::HomeReserved));
        self.begins("release of a home line");
        let chair = &self.precinct.officers[0];
        self.one().release_home(25, chair).unwrap();
        self.show();
        self.begins("check-in of a released home line");
        self.serve(1, 25);
        // The added lines are of the last share: K1 asks K3 for them.
        self.begins("check-in of an added line");
        self.serve(1, 91);
        self.serve(1, 93);
    }

    /// K2 serves one more that nobody heard of, one whose slip does not come out, and is lost.
    fn evening(&mut self) {
        self.begins("copies of peers' events");
        self.papers[1].set_out_of_paper(true);
        let stranded = self.serve(2, 33);
        self.papers[1].set_out_of_paper(false);
        self.meet();
        let unheard = self.serve(2, 34);
        let lost = self.kit(2).kid();
        self.kits[1] = None;
        self.later(1_000);
        self.meet();
        self.begins("takeover");
        self.one()
            .take_over(&[lost], "KIT_LOST", &self.pair())
            .unwrap();
        self.show();
        self.begins("act entered from its receipt");
        let paper = PaperReceipt {
            kit: lost,
            receipt: identified(&unheard.act).unwrap().receipt,
            line: 34,
            method: Method::Finger,
        };
        self.one().enter_receipt(paper, &self.pair()).unwrap();
        self.show();
        self.begins("voter resumed");
        assert!(self.one().is_resumable(stranded.line));
        self.one()
            .resume(stranded.line, false, &self.pair())
            .unwrap();
        self.show();
        self.begins("look at the paper line");
        self.one()
            .check_line(35, true, &self.precinct.officers[3])
            .unwrap();
        self.serve(1, 35);
        self.begins("check-in by finger");
        for line in 14..=22 {
            self.serve(1, line);
        }
        let last = self.serve(1, 23);
        self.hand_in(&last, 1_200);
        self.later(CLOSE_SECONDS + 5);
        self.begins("close");
        self.one().close(0, &self.pair()).unwrap();
        self.show();
        self.begins("final report");
        self.report("final");
    }

    fn told(self) -> Told {
        let own = self.its().read(|book| {
            let own = book.events_after(book.me(), 0);
            own.map(|act| (act.name.id.0, Arc::clone(act)))
                .collect::<Vec<_>>()
        });
        let slips = own
            .iter()
            .filter(|(_, act)| identified(act).is_some())
            .map(|(_, act)| {
                (
                    format!("receipt-{}", self.its().receipt_name(act)),
                    act.name.seq,
                )
            })
            .collect();
        let fresh = self.kit(3).read(|book| {
            let counted = book.state(65).counted.clone();
            counted.map(|counted| base45::encode(counted.signed()))
        });
        let promises = self.ledger.promises.lock().unwrap().clone();
        let mobile = self.its().is_mobile();
        Told {
            name: NAMES[self.watched - 1],
            next_voter: if mobile { 27 } else { 29 },
            ends: if mobile { HOME_CLOSES } else { CLOSES },
            acts: self.ledger.acts.lock().unwrap().clone(),
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

/// The day of K1.
pub fn tell(mutation: Mutation) -> Told {
    let mut story = Story::begin(mutation, 1, [10, 10, 10, SATURDAY + 60]);
    story.after_saturday();
    story.morning();
    story.noon();
    story.afternoon();
    story.evening();
    story.told()
}

/// The Saturday of the mobile kit K4.
pub fn tell_saturday(mutation: Mutation) -> Told {
    let mut story = Story::begin(mutation, 4, [SATURDAY + 60; 4]);
    story.saturday();
    story.told()
}
