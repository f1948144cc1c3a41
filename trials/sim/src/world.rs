//! The simulated hall: devices with books and disks, the network between them, people and paper.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use lexicon::Instant;
use lexicon::handover::envelope::{Kid, Signer};
use lexicon::handover::event::{Incident, frame};
use pollbook::{
    Act, Body, Book, Draft, GrantAnswer, GrantAsk, Holdings, KitMessage, LineAsk, Merged,
    Partition, Reading, Rejection, Shelf, grant_of, identified,
};

use crate::dice::Dice;
use crate::disk::{Damage, Disk, Read};
use crate::glance::Seen;
use crate::mutation::{Mutation, Rules};
use crate::plan::{Fault, Printer, Stage};
use crate::precinct::{OPENS, Precinct, VISITS};

/// The policy's ten seconds after which a silent peer is unreachable.
const MOMENT_MICROS: i64 = 10_000_000;

/// A broken invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which: `I1` … `I10`, or `stuck`.
    pub invariant: &'static str,
    /// What was seen.
    pub text: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.text)
    }
}

/// Why an act did not go on.
#[derive(Clone, Debug)]
pub enum Halt {
    /// The device went down or its disk failed: nothing more happens there.
    Down,
    /// An invariant is broken: the day ends.
    Broken(Violation),
}

/// Shorthand for a broken invariant.
pub(crate) fn broken<T>(invariant: &'static str, text: String) -> Result<T, Halt> {
    Err(Halt::Broken(Violation { invariant, text }))
}

/// One machine: usually one for each kit, two when a disk was copied.
pub struct Device {
    /// Which kit's key it holds.
    pub key: usize,
    /// Whether it runs.
    pub is_on: bool,
    /// Whether disk and machine are gone.
    pub is_destroyed: bool,
    /// Whether its journal was refused at the start.
    pub is_damaged: bool,
    /// Its book; of no meaning while it is off.
    pub book: Book,
    /// Its disk.
    pub disk: Disk,
    /// Highest own counter that anybody was told of.
    pub top: u32,
    pub(crate) holdings: BTreeMap<Kid, Holdings>,
    pub(crate) skew_micros: i64,
    pub(crate) trip: Option<Stage>,
    pub(crate) is_disk_full: bool,
    pub(crate) is_storage_lost: bool,
    pub(crate) printer: Printer,
    pub(crate) group: u32,
    pub(crate) clocks_told: BTreeSet<Kid>,
    /// What its book held when it was looked at last.
    pub(crate) seen: Seen,
}

/// A person of the list.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// Whether the voter came and was not served at once.
    pub is_waiting: bool,
    /// Receipts in hand: device's kit, receipt number, the act.
    pub issued: Vec<(usize, u32, Arc<Act>)>,
    /// When the last receipt came out, microseconds UTC.
    pub issued_at: Option<i64>,
    /// Slips taken to a scanned ballot table.
    pub slips: Vec<Arc<Act>>,
    /// Ballots in hand, from a scanned ballot table.
    pub ballots: u32,
    /// Whether an officer's error explains a second receipt.
    pub is_excused: bool,
    /// Slip of the book by which the voter was served while no kit worked.
    pub on_paper: Option<u32>,
}

/// Counters of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Receipts handed out.
    pub receipts: u64,
    /// Ballots given at scanned tables.
    pub ballots: u64,
    /// Slips taken at tables that read them.
    pub slips: u64,
    /// Slips that such a table refused because one like it was taken.
    pub copies: u64,
    /// Refusals recorded.
    pub refusals: u64,
    /// Events written.
    pub events: u64,
    /// Messages sent.
    pub messages: u64,
    /// Incidents in the last report.
    pub incidents: u64,
    /// Voters who got a second receipt, each explained by a named error or attack.
    pub duplicates: u64,
    /// Acts whose right is not in the set; each with a cause.
    pub rightless: u64,
    /// Receipts entered for a kit whose takeover did not stand in the end.
    pub entered_unretired: u64,
    /// Voters identified at home.
    pub at_home: u64,
    /// Voters served on paper while no kit worked.
    pub on_paper: u64,
    /// Days that went on after a precinct was closed before its time.
    pub second_days: u64,
    /// Acts that the commission above signed.
    pub by_commission: u64,
    /// RESUME, reconstruction, takeover: acts by two officers in trouble.
    pub mended: u64,
}

/// A hall on one day.
pub struct World<'a> {
    /// What all days share.
    pub precinct: &'a Precinct,
    /// The rules, mutated or not.
    pub rules: Rules,
    /// Machines; the first are the kits in order, then the spare, then copies.
    pub devices: Vec<Device>,
    /// People by line, from 1.
    pub people: Vec<Person>,
    /// Kits whose acts may be doubled: copied, set back, retired although alive, run although retired.
    pub tainted: BTreeSet<usize>,
    /// Kits whose disk was copied or set back: only theirs may fork or miss events.
    pub forked: BTreeSet<usize>,
    /// True time, microseconds UTC.
    pub now: i64,
    /// What happened, in plain lines; kept when asked for.
    pub log: Option<Vec<String>>,
    /// Counters.
    pub tally: Tally,
    /// Events that were durable when somebody was told.
    pub told: Vec<Arc<Act>>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) dice: Dice,
    pub(crate) held_up: Vec<(usize, KitMessage)>,
    /// Whether every message goes over the wire as bytes; otherwise one in sixteen does.
    pub(crate) is_wired: bool,
    pub(crate) forged: u32,
    /// People on no list here who were told so.
    pub(crate) sent_away: u64,
    /// Failures of kits that people saw.
    pub(crate) failed: u64,
    /// Since when no kit works, microseconds UTC.
    pub(crate) out_since: Option<i64>,
    /// Kits whose own clock was wrong at some time of the day.
    pub(crate) clock_was_wrong: BTreeSet<usize>,
    /// Changes of the list that came to the precinct, on a stick that lies there.
    pub(crate) brought: BTreeSet<usize>,
}

impl<'a> World<'a> {
    /// A hall before opening: every kit is switched on and closed.
    #[must_use]
    pub fn new(precinct: &'a Precinct, mutation: Option<Mutation>, faults: &[Fault]) -> Self {
        let mut world = Self {
            precinct,
            rules: Rules::new(mutation),
            devices: Vec::new(),
            people: vec![
                Person::default();
                usize::try_from(precinct.charter.lines()).unwrap_or(0)
                    + precinct.changes.len()
                    + 1
            ],
            tainted: BTreeSet::new(),
            forked: BTreeSet::new(),
            now: if precinct.home.is_empty() {
                OPENS - 3_600_000_000
            } else {
                VISITS - 3_600_000_000
            },
            log: None,
            tally: Tally::default(),
            told: Vec::new(),
            faults: faults.to_vec(),
            dice: Dice::new(0, 0),
            held_up: Vec::new(),
            is_wired: precinct.is_real,
            forged: 0,
            sent_away: 0,
            failed: 0,
            out_since: None,
            clock_was_wrong: BTreeSet::new(),
            brought: BTreeSet::new(),
        };
        for key in 0..precinct.kits.len() {
            let device = world.device(key, Disk::default());
            world.devices.push(device);
        }
        world
    }

    pub(crate) fn device(&self, key: usize, disk: Disk) -> Device {
        Device {
            key,
            is_on: true,
            is_destroyed: false,
            is_damaged: false,
            book: self.empty_book(key),
            disk,
            top: 0,
            holdings: BTreeMap::new(),
            skew_micros: 0,
            trip: None,
            is_disk_full: false,
            is_storage_lost: false,
            printer: Printer::Ready,
            group: 0,
            clocks_told: BTreeSet::new(),
            seen: Seen::default(),
        }
    }

    pub(crate) fn empty_book(&self, key: usize) -> Book {
        Book::new(
            Arc::clone(&self.precinct.charter),
            self.precinct.kid(key),
            self.precinct.home.clone(),
        )
    }

    pub(crate) fn tell(&mut self, text: impl FnOnce() -> String) {
        if let Some(log) = &mut self.log {
            log.push(format!("            {}", text()));
        }
    }

    /// What a device's clocks show.
    #[must_use]
    pub fn reading(&self, device: usize) -> Reading {
        let skew = self.devices[device].skew_micros;
        Reading {
            wall: Instant::from_micros(self.now + skew),
            steady_micros: u64::try_from(self.now - OPENS + 10 * 86_400_000_000).unwrap_or(0),
        }
    }

    /// The kit's name on the screen.
    #[must_use]
    pub fn name(&self, device: usize) -> String {
        let key = self.devices[device].key;
        if device < self.precinct.kits.len() {
            format!("K{}", key + 1)
        } else {
            format!("the copy of K{}", key + 1)
        }
    }

    pub(crate) fn is_linked(&self, a: usize, b: usize) -> bool {
        let (a, b) = (&self.devices[a], &self.devices[b]);
        a.is_on && b.is_on && a.group == b.group && a.key != b.key
    }

    /// Whether the device can do anything.
    #[must_use]
    pub fn is_working(&self, device: usize) -> bool {
        self.devices
            .get(device)
            .is_some_and(|device| device.is_on && !device.is_storage_lost)
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    /// The device that answers for a kit where `from` stands.
    pub(crate) fn reach(&self, from: usize, kit: Kid) -> Option<usize> {
        let key = self.precinct.index(kit)?;
        (0..self.devices.len())
            .find(|other| self.devices[*other].key == key && self.is_linked(from, *other))
    }

    /// Goes down: the disk keeps what was synced, and the rest when only the program died.
    pub(crate) fn go_down(&mut self, device: usize, keeps: bool) {
        let device = &mut self.devices[device];
        device.is_on = false;
        device.trip = None;
        device.disk.cut(keeps);
    }

    /// Signs, writes, syncs and takes in a draft, the way of every act.
    pub(crate) fn commit(
        &mut self,
        at: usize,
        draft: Draft,
        cards: &[usize],
    ) -> Result<Arc<Act>, Halt> {
        if !self.is_working(at) {
            return Err(Halt::Down);
        }
        self.now += 100_000;
        let device = &self.devices[at];
        let signed = self
            .precinct
            .sign(device.key, &device.book, draft, cards)
            .map_err(|error| fault("I9", error.to_string()))?;
        let act = self
            .rules
            .admit(&self.devices[at].book, &signed, &*self.precinct.ring)
            .map_err(|rejection| fault("I5", format!("own event refused: {rejection}")))?;
        self.write(at, &act)?;
        self.tally.events += 1;
        let device = &mut self.devices[at];
        device.top = device.top.max(act.name.seq);
        self.told.push(Arc::clone(&act));
        self.rules
            .merge(&mut self.devices[at].book, Arc::clone(&act), None);
        if identified(&act).is_some() && self.devices[at].trip == Some(Stage::Durable) {
            self.tell(|| "the power goes: the act is on disk, nothing is printed".to_owned());
            self.go_down(at, false);
            return Err(Halt::Down);
        }
        Ok(act)
    }

    /// Writes a record as the disk allows; the power may go in between.
    fn write(&mut self, at: usize, act: &Arc<Act>) -> Result<(), Halt> {
        let is_act = identified(act).is_some();
        let device = &mut self.devices[at];
        let trip = device.trip.filter(|_| is_act);
        if device.is_disk_full {
            device.is_storage_lost = true;
            self.tell(|| "the disk is full: nothing is acknowledged".to_owned());
            return Err(Halt::Down);
        }
        match trip {
            Some(Stage::BeforeWrite) => {
                self.go_down(at, false);
                return Err(Halt::Down);
            }
            Some(Stage::Torn(written)) => {
                let record = frame(&act.signed());
                if written >= record.len() {
                    device.disk.own.push(Arc::clone(act));
                    self.go_down(at, true);
                } else {
                    if written > 0 {
                        device.disk.damage = Some(Damage::Torn(record[..written].to_vec()));
                    }
                    self.go_down(at, false);
                }
                return Err(Halt::Down);
            }
            Some(Stage::BeforeSync { keeps }) => {
                device.disk.own.push(Arc::clone(act));
                if !self.rules.has(Mutation::NoFsync) {
                    self.go_down(at, keeps);
                    return Err(Halt::Down);
                }
            }
            Some(Stage::Durable | Stage::AfterPrint) | None => {
                device.disk.own.push(Arc::clone(act));
            }
        }
        if !self.rules.has(Mutation::NoFsync) {
            let disk = &mut self.devices[at].disk;
            disk.synced = disk.own.len();
        }
        Ok(())
    }

    /// Starts a device from its disk.
    pub(crate) fn restart(&mut self, at: usize, off_seconds: i64) -> Result<(), Halt> {
        let falls = self.rules.has(Mutation::FallingCounter);
        let device = &mut self.devices[at];
        if device.is_on && !device.is_storage_lost || device.is_destroyed || device.is_damaged {
            return Ok(());
        }
        if device.is_on {
            // The officers switch it off first.
            device.disk.cut(false);
        }
        let mut records = match device.disk.read() {
            Read::Whole(records) => records,
            Read::Damaged => {
                if matches!(device.disk.damage, Some(Damage::Torn(_))) {
                    return broken("I10", "a torn record is taken for damage".to_owned());
                }
                device.is_damaged = true;
                device.is_on = false;
                self.tell(|| "the journal is damaged: the kit does not start".to_owned());
                return Ok(());
            }
        };
        let whole = device.disk.own.len();
        if records.len() != whole {
            return broken(
                "I10",
                format!("{} of {whole} records are read back", records.len()),
            );
        }
        if falls && whole > 1 {
            records.pop();
            device.disk.own.pop();
            device.disk.synced = device.disk.own.len();
        }
        let key = device.key;
        let copies = device.disk.copies.clone();
        device.skew_micros = off_seconds * 1_000_000;
        if off_seconds != 0 {
            self.clock_was_wrong.insert(key);
        }
        device.is_on = true;
        device.is_storage_lost = false;
        device.is_disk_full = false;
        device.holdings.clear();
        device.trip = None;
        let mut book = self.empty_book(key);
        for record in &records {
            let admitted = self.rules.admit(&book, record, &*self.precinct.ring);
            let is_forked = self.forked.contains(&key);
            let head = book.head(book.me());
            let follows = admitted
                .as_ref()
                .is_ok_and(|act| act.name.seq == head.seq + 1 && act.previous == head.id);
            // On a fork a change of the list may stand on the other branch only.
            let is_elsewhere = matches!(admitted, Err(Rejection::Root));
            if is_forked && (is_elsewhere || admitted.is_ok() && !follows) {
                // A kit that wrote after its fork: blocked for good before, and not started again.
                let device = &mut self.devices[at];
                (device.is_damaged, device.is_on) = (true, false);
                self.tell(|| "the journal is forked: the kit does not start".to_owned());
                return Ok(());
            }
            let act = admitted
                .map_err(|why| fault("I10", format!("a record of the own journal: {why}")))?;
            if !follows {
                return broken(
                    "I4",
                    format!("record {} does not follow its chain", act.name.seq),
                );
            }
            self.rules.merge(&mut book, act, None);
        }
        let wall = self.reading(at).wall;
        for act in copies {
            self.rules.merge(&mut book, act, Some(wall));
        }
        let held = book.head(book.me()).seq;
        let device = &mut self.devices[at];
        if held < device.top && !self.tainted.contains(&key) {
            let top = device.top;
            return broken(
                "I10",
                format!(
                    "K{} told others of event {top} and starts again with {held}",
                    key + 1
                ),
            );
        }
        // A record that was whole when the power went is an act that happened.
        let more: Vec<_> = device
            .disk
            .own
            .iter()
            .filter(|act| act.name.seq > device.top)
            .cloned()
            .collect();
        device.top = device.top.max(held);
        device.book = book;
        device.seen = Seen::default();
        self.told.extend(more);
        Ok(())
    }

    /// Sends a question and takes in the answer; says what the peer refused, or that it is silent.
    pub(crate) fn exchange(
        &mut self,
        from: usize,
        to: usize,
        wish: Option<LineAsk>,
    ) -> Result<Option<String>, Silence> {
        if !self.is_linked(from, to) {
            return Err(Silence::Lost);
        }
        let fate = self.dice.word();
        let (lost, late, twice) = (fate % 50, fate / 50 % 50, fate / 2500 % 50);
        let peer = self.precinct.kid(self.devices[to].key);
        let reading = self.reading(from);
        let number = self.devices[from].book.request_number(reading);
        let asker = &self.devices[from];
        let unheard = Holdings::default();
        let theirs = asker.holdings.get(&peer).unwrap_or(&unheard);
        let mut question = asker.book.message(peer, number, theirs, reading.wall);
        question.ask = wish;
        if self.has(Fault::Delay) && lost == 0 {
            return Err(Silence::Lost);
        }
        if self.has(Fault::Duplicate) && twice < 2 {
            // The same bytes once more: at once, or when nobody thinks of them any longer.
            if twice == 0 {
                self.answer(to, &question)?;
            } else {
                self.held_up.push((to, question.clone()));
            }
        }
        if (self.has(Fault::Delay) || self.has(Fault::Reorder)) && late == 0 {
            self.held_up.push((to, question));
            return Err(Silence::Lost);
        }
        let answer = self.answer(to, &question)?;
        if self.has(Fault::Delay) && lost == 1 {
            return Err(Silence::Lost);
        }
        match self.carried(from, answer) {
            Some(answer) if answer.answer && answer.number == number => {
                self.take_in(from, &answer)?;
                Ok(answer.refusal)
            }
            Some(_) | None => Err(Silence::Lost),
        }
    }

    /// A message on its way: signed, sent, opened. Most days a copy of it goes instead of its bytes, for
    /// speed; one message in sixteen, and all of a day with real signatures, go as bytes.
    fn carried(&mut self, to: usize, message: KitMessage) -> Option<KitMessage> {
        self.tally.messages += 1;
        if !self.is_wired && !self.tally.messages.is_multiple_of(16) {
            let is_meant = Kid(*message.to) == self.precinct.kid(self.devices[to].key);
            return is_meant.then_some(message);
        }
        let from = self.precinct.index(message.sender())?;
        let key = &*self.precinct.kits[from] as &dyn Signer;
        let signed = message.sign(&self.precinct.charter, key).ok()?;
        let me = self.precinct.kid(self.devices[to].key);
        KitMessage::open(&self.precinct.charter, me, &signed, &*self.precinct.ring).ok()
    }

    /// A late question or a played-back one comes to a device; its answer goes nowhere.
    pub(crate) fn arrive(&mut self, at: usize, question: &KitMessage) -> Result<(), Halt> {
        match self.answer(at, question) {
            Ok(_) | Err(Silence::Lost) => Ok(()),
            Err(Silence::Halt(halt)) => Err(halt),
        }
    }

    fn answer(&mut self, at: usize, question: &KitMessage) -> Result<KitMessage, Silence> {
        if !self.is_working(at) {
            return Err(Silence::Lost);
        }
        let Some(question) = self.carried(at, question.clone()) else {
            return Err(Silence::Lost);
        };
        self.take_in(at, &question)?;
        let reading = self.reading(at);
        let mut first: Vec<Arc<Act>> = Vec::new();
        let mut refusal = None;
        if let Some(wish) = question.ask {
            let ask = GrantAsk {
                from: question.sender(),
                line: wish.line,
                request: wish.request,
            };
            match self.rules.grant(&mut self.devices[at].book, ask, reading) {
                GrantAnswer::Give(draft) => first.push(self.commit(at, draft, &[])?),
                GrantAnswer::Again(act) => first.push(act),
                GrantAnswer::Refuse(refused) => {
                    first.extend(refused.evidence);
                    refusal = Some(refused.reason);
                }
            }
        }
        let book = &self.devices[at].book;
        Ok(book.answer(&question, &first, refusal, reading.wall))
    }

    /// Hears a message and merges what it brings.
    fn take_in(&mut self, at: usize, message: &KitMessage) -> Result<(), Halt> {
        let reading = self.reading(at);
        let sender = message.sender();
        let device = &mut self.devices[at];
        device.book.hear(message, reading);
        device.holdings.insert(sender, message.holdings());
        for signed in &message.events {
            let admitted = self
                .rules
                .admit(&self.devices[at].book, signed, &*self.precinct.ring);
            match admitted {
                Ok(act) => self.take_event(at, act, reading.wall),
                Err(Rejection::Root) if self.devices[at].book.waits_for(signed) => {}
                Err(_) => self.devices[at].book.count_rejected(),
            }
        }
        self.record_clocks(at)?;
        self.follow_list(at)
    }

    pub(crate) fn take_event(&mut self, at: usize, act: Arc<Act>, wall: Instant) {
        let device = &mut self.devices[at];
        let shelf = device.book.shelf(&act);
        if shelf == Shelf::Wait {
            return;
        }
        let merged = self
            .rules
            .merge(&mut device.book, Arc::clone(&act), Some(wall));
        if merged == Merged::Known {
            return;
        }
        if shelf == Shelf::Own {
            device.top = device.top.max(act.name.seq);
            device.disk.own.push(act);
            device.disk.synced = device.disk.own.len();
        } else {
            device.disk.copies.push(act);
        }
    }

    /// Acts that came with a stamp beyond the bound become incidents, one for each kit.
    fn record_clocks(&mut self, at: usize) -> Result<(), Halt> {
        for name in self.devices[at].book.take_ahead() {
            if !self.devices[at].clocks_told.insert(name.kit) {
                continue;
            }
            let reading = self.reading(at);
            let incident = Incident {
                code: "CLOCK".to_owned(),
                line: 0,
                evidence: vec![lexicon::handover::event::EventRef {
                    kit: name.kit.0.into(),
                    seq: name.seq,
                }],
            };
            let draft = self.devices[at].book.incident(incident, reading);
            self.commit(at, draft, &[])?;
        }
        Ok(())
    }

    /// A heartbeat: the device exchanges with everybody it can reach.
    pub(crate) fn heartbeat(&mut self, at: usize) -> Result<(), Halt> {
        for other in 0..self.devices.len() {
            if other != at && self.is_working(at) && self.is_working(other) {
                match self.exchange(at, other, None) {
                    Ok(_) | Err(Silence::Lost) => {}
                    Err(Silence::Halt(halt)) => return Err(halt),
                }
            }
        }
        Ok(())
    }

    /// Whether the voter's line on paper bears a signature.
    #[must_use]
    pub fn is_signed(&self, line: u32) -> bool {
        self.person(line)
            .is_some_and(|person| !person.issued.is_empty() || person.on_paper.is_some())
    }

    /// The person of a line.
    #[must_use]
    pub fn person(&self, line: u32) -> Option<&Person> {
        self.people.get(usize::try_from(line).ok()?)
    }

    pub(crate) fn person_mut(&mut self, line: u32) -> Option<&mut Person> {
        self.people.get_mut(usize::try_from(line).ok()?)
    }

    /// The receipt is in the voter's hand and the line is signed: there is no way back.
    pub(crate) fn issue(&mut self, at: usize, line: u32, act: &Arc<Act>) -> Result<(), Halt> {
        let is_durable = self.devices[at]
            .disk
            .own
            .iter()
            .take(self.devices[at].disk.synced)
            .rev()
            .any(|known| known.name == act.name);
        if !is_durable {
            return broken(
                "I6",
                format!("a receipt for line {line} comes out and its event is not on disk"),
            );
        }
        let key = self.devices[at].key;
        let receipt = identified(act).map_or(0, |body| body.receipt);
        self.tally.receipts += 1;
        self.tally.at_home += u64::from(Some(at) == self.precinct.mobile());
        let now = self.now;
        let is_paper = self.precinct.charter.partition() == Partition::PaperLock;
        let Some(person) = self.person_mut(line) else {
            return Ok(());
        };
        person.is_waiting = false;
        // Under `paper_lock` a kit that was heard a moment ago may serve by its paper; one person cannot
        // sign at two tables within that moment.
        let is_moment = person.issued_at.is_some_and(|at| now - at <= MOMENT_MICROS);
        person.is_excused |= is_paper && is_moment;
        person.issued_at = Some(now);
        person.issued.push((key, receipt, Arc::clone(act)));
        let kits: Vec<usize> = person.issued.iter().map(|(kit, _, _)| *kit).collect();
        let excused = person.is_excused;
        if kits.len() > 1 {
            self.tally.duplicates += 1;
            let doer = if let Body::Resumed(body) = &act.body {
                self.precinct.index(Kid(*body.kit))
            } else {
                None
            };
            let touched = kits
                .iter()
                .chain(&doer)
                .any(|kit| self.tainted.contains(kit));
            if !excused && !touched && !self.forgot_a_grant(line) {
                return broken(
                    "I2",
                    format!("voter {line} holds two receipts and nobody erred"),
                );
            }
        }
        self.visit_table(at, line, act)
    }

    /// Whether a kit whose disk was copied or set back together with its counter granted or promised this line to a kit that
    /// served the person: it may have forgotten one grant and given another.
    fn forgot_a_grant(&self, line: u32) -> bool {
        let served = |kit: Kid| {
            let key = self.precinct.index(kit);
            self.person(line)
                .is_some_and(|person| person.issued.iter().any(|(at, _, _)| Some(*at) == key))
        };
        self.told.iter().any(|act| {
            let granter = self.precinct.index(act.name.kit);
            act.body.line() == line
                && granter.is_some_and(|key| self.forked.contains(&key))
                && grant_of(act).is_some_and(|grant| served(Kid(*grant.to)))
        })
    }
}

/// Why no answer came.
pub enum Silence {
    /// The message was lost, late, or refused.
    Lost,
    /// The asking or answering device went down, or an invariant broke.
    Halt(Halt),
}

impl From<Halt> for Silence {
    fn from(halt: Halt) -> Self {
        match halt {
            Halt::Down => Silence::Lost,
            Halt::Broken(_) => Silence::Halt(halt),
        }
    }
}

fn fault(invariant: &'static str, text: String) -> Halt {
    Halt::Broken(Violation { invariant, text })
}
