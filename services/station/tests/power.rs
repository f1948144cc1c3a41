//! The power cut (S-09): a day of every durable act, cut after each step that the kit takes on its disk.
//!
//! Story: K1 opens, reports, serves by finger and by two officers, refuses, grants, is granted, undoes, takes
//! back, declares a slip void, takes slips at the ballot table, sets its clock, takes two changes of the list, the
//! second first, and one by a peer, releases a line of the home list that K4 visited in vain, loses K2 and takes it over, enters its
//! slip, resumes, closes and reports. Its disk is a model that records; K2, K3 and the mobile K4 stand beside it.
//! Expect: whatever a cut leaves, the kit opens; its journal is the story up to an event, never between two;
//! what it had printed, shown or told a peer before the cut is there; it serves the next voter; and a second
//! cut, also one while it was opening again, changes nothing of that.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

mod cuts;
mod precinct;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use cuts::day::{Promise, Told, hall, tell, tell_saturday};
use cuts::{Fate, Image, Mutation, Op, RecordingDisk, cut, fates, last_sync};
use lexicon::Instant;
use pollbook::{Body, identified};
use precinct::{Precinct, capture};
use station::clock::SetClock;
use station::printer::MemoryPrinter;
use station::{Kit, ReceiptAnswer, Verdict, Visit};

/// Changes of the list that came to K1 on a stick; the next came from a peer.
const STICKS: u32 = 2;
/// Drawn fates of each kind after each step.
const DRAWS: u64 = 2;

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
    /// Whether every entry of a change of the list that stands is there.
    holds_entries: bool,
    /// Whether every sealed picture that an act names is there.
    holds_pictures: bool,
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
    /// How many cuts of each kind of act.
    cuts: BTreeMap<&'static str, usize>,
    /// Cuts after which the kit said that its journal is damaged: only a disk that lied leaves that.
    stops: usize,
}

/// A kit that was started on what a cut left.
struct Opened {
    kit: Arc<Kit>,
    disk: RecordingDisk,
    clock: Arc<SetClock>,
}

/// A moment by which a kit waits for nobody who does not answer.
fn after_silence(now: Instant) -> Instant {
    Instant::from_micros(now.micros() + 60_000_000)
}

impl<'a> Judge<'a> {
    fn new(told: &'a Told, mutation: Mutation) -> Self {
        Self {
            told,
            precinct: hall(),
            mutation,
            known: BTreeMap::new(),
            cuts: BTreeMap::new(),
            stops: 0,
        }
    }

    fn open(&self, image: Image, now: Instant) -> Result<Opened, String> {
        let disk = RecordingDisk::on(image, self.mutation);
        let clock = Arc::new(SetClock::new(now));
        let config = self.precinct.config(
            &self.told.folder(),
            &clock,
            &Arc::new(MemoryPrinter::default()),
        );
        let key = self.precinct.kit_key(self.told.name);
        let kit = Kit::open_on(Arc::new(disk.clone()), config, key, &self.precinct.pair());
        Ok(Opened {
            kit: kit.map_err(|error| format!("does not open: {error}"))?,
            disk,
            clock,
        })
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
        let opened = self.open(image.clone(), now)?;
        let Opened { kit, disk, .. } = &opened;
        let recovery = disk.ops();
        let seq = self.events_of(kit)?;
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
            // What comes with a peer's event may be asked for later; what a stick brought is there first.
            holds_entries: kit
                .changes()
                .iter()
                .all(|change| change.number > STICKS || change.missing == 0),
            holds_pictures: kit.pictures_lost() == 0,
            recovery,
            went_on: (Vec::new(), 0),
        };
        self.go_on(&opened, &self.resumed_slips(image))?;
        let after = kit.read(|book| book.head(book.me()));
        facts.went_on = (disk.ops(), after.seq);
        let now = kit.read_clock().wall;
        let ops = disk.ops();
        drop(opened);
        let image = cut(image, &ops, Fate::Lost);
        let Opened { kit, .. } = self
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
        identified(act).is_some_and(|body| body.line != self.told.next_voter)
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

    /// Lines whose slip this kit gave for a lost one, as its file of them says.
    fn resumed_slips(&self, image: &Image) -> BTreeSet<u32> {
        let path = self
            .told
            .folder()
            .join(format!("{}.resumed", self.told.name));
        let text = String::from_utf8_lossy(image.bytes(&path).unwrap_or_default()).into_owned();
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole
            .lines()
            .filter_map(|line| line.trim().parse().ok())
            .collect()
    }

    /// Prints what is pending: nobody answers for so long that the kit waits no more, and an officer looks at each line.
    fn print_owed(&self, opened: &Opened) -> Result<u32, String> {
        let Opened { kit, clock, .. } = opened;
        let print = || kit.print_pending().map_err(|error| error.to_string());
        let mut printed = print()?;
        clock.set(after_silence(kit.read_clock().wall));
        for act in kit.pending_acts() {
            let looked = kit.check_line(act.body.line(), true, &self.precinct.officers[3]);
            looked.map_err(|error| format!("a look at the line of a slip: {error}"))?;
        }
        printed += print()?;
        Ok(printed)
    }

    /// Prints what is pending, serves the next voter or says that the day is over, takes a slip.
    fn go_on(&self, opened: &Opened, slips: &BTreeSet<u32>) -> Result<(), String> {
        let kit = &opened.kit;
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
            let resumed = own
                .iter()
                .filter(|act| matches!(&act.body, Body::Resumed(body) if body.outcome == 1))
                .filter(|act| !slips.contains(&act.body.line()))
                // The cut may have taken the copy of the lost kit's act: it is printed when a peer gives it again.
                .filter(|act| book.state(act.body.line()).counted.is_some());
            let served = own
                .iter()
                .filter_map(|act| identified(act))
                .filter(|body| !settled.contains(&body.receipt) && !undone(body.line));
            served.count() + resumed.count()
        });
        let printed = self.print_owed(opened)?;
        if printed as usize != owed {
            return Err(format!("{owed} slips are owed and {printed} were printed"));
        }
        let next = self.told.next_voter;
        let finger = capture(next * 10);
        let is_closed = kit.read(|book| book.closed(book.me()).is_some())
            || kit.read_clock().wall.micros() > self.told.ends;
        let served = if kit.is_mobile() {
            kit.visit(next, Visit::Finger(&finger), &self.precinct.pair())
        } else {
            kit.present(next, &finger)
        };
        match served {
            Ok(Verdict::Green(_)) if !is_closed => {}
            Ok(Verdict::Red(_)) if is_closed => {}
            other => return Err(format!("the next voter: {other:?}")),
        }
        let Some(slip) = &self.told.fresh_slip else {
            return Ok(());
        };
        match kit.take_receipt(slip) {
            Ok(ReceiptAnswer::Good { .. }) => Ok(()),
            other => Err(format!("a slip handed in after the cut: {other:?}")),
        }
    }

    fn count(&mut self, step: usize) {
        *self.cuts.entry(self.told.act(step)).or_default() += 1;
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
                    let path = self.told.folder().join(format!("K1.{word}.{kind}"));
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
        self.count(step);
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
        if is_honest && !facts.holds_pictures {
            return Err("an act names a picture that is not there".to_owned());
        }
        if is_honest && !facts.holds_entries {
            return Err("a change of the list stands and an entry of it is missing".to_owned());
        }
        if fate == Fate::Kept {
            self.kill_then_cut(&image, step)?;
        }
        self.cut_again(&image, step, until, &facts.recovery)
    }

    /// The program is killed, not the power: the disk still owes what was not synced. It starts again and goes
    /// on; then the power goes.
    fn kill_then_cut(&mut self, image: &Image, step: usize) -> Result<(), String> {
        self.count(step);
        let (at, now) = self.now(step);
        let (went_on, events) = self.look(image, (at, now))?.went_on;
        let ops: Vec<Op> = self.told.ops[..step]
            .iter()
            .cloned()
            .chain(went_on)
            .collect();
        let left = cut(&self.told.base, &ops, Fate::Lost);
        let Opened { kit, .. } = self
            .open(left, after_silence(now))
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
                self.count(step);
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
    if let Op::Write(file, place, bytes) = op {
        return format!("write file {file} at {place}, {} bytes", bytes.len());
    }
    format!("{op:?}")
}

/// Judges every cut of a day and prints how many there were of each kind of act.
fn every_cut_of(told: &Told) -> usize {
    let mut judge = Judge::new(told, Mutation::None);
    let broken = judge.all(20);
    let cuts: usize = judge.cuts.values().sum();
    println!(
        "{}: {} events in {} steps, {cuts} cuts, {} different disks, {} stops after a sync that was not done",
        told.name,
        told.own.len(),
        told.ops.len(),
        judge.known.len(),
        judge.stops
    );
    for (act, cuts) in &judge.cuts {
        println!("{cuts:>7}  {act}");
    }
    assert_eq!(broken, Vec::<String>::new());
    for (_, act) in &told.acts {
        assert!(
            judge.cuts.contains_key(act) || PAPER_ONLY.contains(act),
            "no cut of {act}"
        );
    }
    cuts
}

/// Acts that write nothing on the disk.
const PAPER_ONLY: [&str; 1] = ["home register"];

#[test]
fn every_cut_ends_before_or_after_an_act_and_the_kit_goes_on() {
    let cuts = every_cut_of(&tell(Mutation::None));
    assert!(cuts >= 5_000, "{cuts} cuts");
}

/// Story: the mobile kit's Saturday, cut after each step. Expect: a voter at home is counted once, with a slip or one owed;
/// what the witnesses signed is there or not, never between.
#[test]
fn every_cut_of_voting_at_home_ends_before_or_after_a_visit() {
    let cuts = every_cut_of(&tell_saturday(Mutation::None));
    assert!(cuts >= 1_000, "{cuts} cuts");
}

/// A harness that finds nothing proves nothing: each planted fault of the disk's use is found, on each day where it can
/// show.
#[test]
fn each_planted_fault_is_found() {
    let days = [tell, tell_saturday];
    for (mutation, days) in [
        (Mutation::NoSync, &days[..]),
        (Mutation::NoFolderSync, &days[..]),
        (Mutation::InPlace, &days[..1]),
        (Mutation::NoChecksum, &days[..]),
        (Mutation::NoEntrySync, &days[..1]),
    ] {
        for day in days {
            let told = day(mutation);
            let broken = Judge::new(&told, mutation).all(1);
            println!("{} {mutation:?}: {broken:?}", told.name);
            assert_eq!(broken.len(), 1, "{mutation:?} is not found");
        }
    }
}
