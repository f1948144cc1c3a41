//! A day of every durable act at K1, told step by step: what was on the disk and what was promised when.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a failed check should stop at once"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, Weak};

use lexicon::{Instant, Method};
use pollbook::identified;
use station::clock::SetClock;
use station::link::{InProcess, Link, LinkError};
use station::print::Job;
use station::printer::{MemoryPrinter, Printer, PrinterError};
use station::{
    Card, CheckedIn, Kit, Method2, Outcome, Paper, PaperReceipt, ReceiptAnswer, Verdict,
};

use super::{Image, Mutation, Op, RecordingDisk};
use crate::precinct::{CLOSES, OPENS, Precinct, at, capture};

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

pub struct Told {
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
    /// A slip of K3 that the story does not hand in.
    pub fresh_slip: String,
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

pub fn hall() -> Precinct {
    Precinct::under("segment", 1001, 90, 3)
}

pub fn folder() -> &'static Path {
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

pub fn tell(mutation: Mutation) -> Told {
    let mut story = Story::begin(mutation);
    story.morning();
    story.noon();
    story.evening();
    story.told()
}
