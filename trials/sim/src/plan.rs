//! A day as a list of things that happen: drawn from a seed, told in plain lines, cut down by shrinking.

use std::fmt;

use crate::dice::Dice;
use crate::precinct::{OPENS, VISITS, home_lines};

/// A class of things that go wrong.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fault {
    /// A program dies; the disk keeps everything.
    Crash,
    /// The power goes, at any step of an act.
    Power,
    /// Kits cannot reach each other.
    Partition,
    /// Messages are lost or come late.
    Delay,
    /// Late messages come in another order.
    Reorder,
    /// Messages come twice.
    Duplicate,
    /// Wall clocks jump or start wrong.
    Skew,
    /// A disk is full.
    DiskFull,
    /// A record is half written when the power goes.
    Torn,
    /// A bit of an old record flips.
    BitFlip,
    /// No paper, or the printer dies while it prints.
    Printer,
    /// Fingers are not read.
    Scanner,
    /// Officers err: a wrong line, a wrong look, a living kit retired, a retired kit switched on.
    Mistake,
    /// Kits are destroyed and their shares taken over.
    Takeover,
    /// S-01: one voter at two kits within a second.
    Race,
    /// S-12: forged receipts.
    Receipt,
    /// S-18: a stranger's finger.
    Impostor,
    /// S-26: a malicious peer.
    Peer,
    /// S-07: a disk is copied or set back.
    Clone,
    /// S-20, S-35: a change of the list comes on a stick to one kit.
    List,
    /// S-22, S-23: visits at home the day before; a mobile kit that is late or lost.
    Home,
    /// Officers' cards are lost: keys of the commission above sign.
    Glass,
    /// A spare outside the package serves by a grant.
    Grant,
    /// S-38: no kit works for a while, and voting goes on by paper.
    Paper,
    /// Two officers declare slips void.
    Void,
    /// A card is withdrawn during the day.
    Card,
    /// S-37: the precinct is closed before its time, and votes on the next day.
    SecondDay,
}

impl Fault {
    /// All, with their names on the command line.
    pub const ALL: &[(Self, &str)] = &[
        (Fault::Crash, "crash"),
        (Fault::Power, "power"),
        (Fault::Partition, "partition"),
        (Fault::Delay, "delay"),
        (Fault::Reorder, "reorder"),
        (Fault::Duplicate, "duplicate"),
        (Fault::Skew, "skew"),
        (Fault::DiskFull, "disk-full"),
        (Fault::Torn, "torn"),
        (Fault::BitFlip, "bit-flip"),
        (Fault::Printer, "printer"),
        (Fault::Scanner, "scanner"),
        (Fault::Mistake, "mistake"),
        (Fault::Takeover, "takeover"),
        (Fault::Race, "race"),
        (Fault::Receipt, "receipt"),
        (Fault::Impostor, "impostor"),
        (Fault::Peer, "peer"),
        (Fault::Clone, "clone"),
        (Fault::List, "list"),
        (Fault::Home, "home"),
        (Fault::Glass, "glass"),
        (Fault::Grant, "grant"),
        (Fault::Paper, "paper"),
        (Fault::Void, "void"),
        (Fault::Card, "card"),
        (Fault::SecondDay, "second-day"),
    ];

    /// The fault with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, known)| *known == name);
        found.map(|(fault, _)| *fault)
    }
}

/// Where the power goes within the next act of a kit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// Before anything is written.
    BeforeWrite,
    /// After this many bytes.
    Torn(usize),
    /// Written, not synced; the disk may have been faster.
    BeforeSync {
        /// Whether it was.
        keeps: bool,
    },
    /// Synced, nobody told, nothing printed.
    Durable,
    /// The receipt is out, and its event is not written.
    AfterPrint,
}

/// A printer's trouble.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Printer {
    /// It prints.
    Ready,
    /// It says beforehand that it has no paper.
    NoPaper,
    /// It fails while it prints: nothing that can be read came out.
    Breaks,
}

/// What a finger shows at a presentation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Finger {
    /// It fits.
    Fits,
    /// It fits after a failed capture.
    Second,
    /// It cannot be read: two officers decide by the photograph.
    Unreadable,
    /// None is asked for: two officers decide by PIN and photograph.
    ByPin,
}

/// What two members with the mobile kit find at a door.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum At {
    /// The voter, whose finger fits.
    Finger,
    /// The voter, whose finger cannot be read.
    Witness,
    /// Nobody.
    NobodyThere,
}

/// One thing that happens. Kits are numbered as devices, from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// Two officers open a kit.
    Open(usize),
    /// A person stands before a kit and asks for the line of a voter.
    Present {
        /// The kit.
        kit: usize,
        /// The voter's line.
        line: u32,
        /// What the finger shows.
        finger: Finger,
        /// Whether the kit acts between two heartbeats.
        is_quiet: bool,
        /// Whether an officer who looks at the paper line says the opposite of what is there.
        errs: bool,
    },
    /// An officer takes a neighbouring line by override, sees it and undoes it.
    WrongLine(usize, u32),
    /// A stranger's finger on somebody's line (S-18).
    Impostor(usize, u32),
    /// The program dies.
    Kill(usize),
    /// The power goes during the kit's next act.
    PowerCut(usize, Stage),
    /// The kit starts again; its wall clock is off by this many seconds.
    Restart(usize, i64),
    /// These devices (bits) are cut off from the others.
    Split(u32),
    /// All can reach each other again.
    Heal,
    /// The wall clock jumps by so many seconds.
    Jump(usize, i64),
    /// Two officers set the clock.
    SetClock(usize),
    /// The next write fails.
    DiskFull(usize),
    /// A bit of a record flips.
    FlipBit(usize, usize),
    /// The kit is destroyed with its disk.
    Destroy(usize),
    /// The printer's state changes.
    Printer(usize, Printer),
    /// Paper is there again: pending receipts are printed.
    PrintPending(usize),
    /// Two officers retire kits (bits) at a kit that takes their lines over.
    TakeOver(usize, u32),
    /// Receipts of retired kits are entered at a kit.
    Reconstruct(usize),
    /// Two officers take a lost grant back.
    Release(usize, u32),
    /// Heads are countersigned.
    Countersign(usize),
    /// A stranger hands a kit a forged event of this class (S-12, S-26).
    Forge(usize, usize),
    /// A second device with the disk and the key of a kit comes up, apart from the others (S-07).
    Copy(usize),
    /// A kit's disk is set back by so many records (S-07).
    SetBack(usize, usize),
    /// A kit is given a stick with this change of the list, from 0.
    Change(usize, usize),
    /// Two members come to a voter at home.
    Visit(u32, At),
    /// The mobile kit comes back, closes and tells the hall.
    EndVisits,
    /// The commission above says why and signs at a kit in place of officers.
    Glass(usize),
    /// Every kit loses power.
    AllOut,
    /// While no kit works two officers serve a voter by the paper list.
    OnPaper(u32),
    /// What was served on paper is entered at a kit.
    EnterPaper(usize),
    /// Two officers declare a slip of a line void at a kit.
    Void(usize, u32),
    /// Two officers withdraw the card of the officer who looks at the paper list.
    Withdraw(usize),
    /// The chair and a second officer close the precinct before its time.
    Suspend(usize),
    /// Somebody asks who is on no list here.
    NotListed(usize),
    /// A kit fails and is started again.
    Fails(usize),
    /// Messages that were held up arrive, the last first or the first first.
    Arrive(bool),
}

/// A thing that happens at a time, with its own dice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Op {
    /// Seconds after opening.
    pub at: i64,
    /// What.
    pub what: What,
    /// Decides what is left open: what becomes of messages.
    pub salt: u64,
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.at + 8 * 3600;
        write!(
            f,
            "{:02}:{:02}:{:02}  {}",
            seconds.div_euclid(3600),
            seconds.div_euclid(60).rem_euclid(60),
            seconds.rem_euclid(60),
            self.what
        )
    }
}

fn names(bits: u32) -> String {
    let named: Vec<String> = (0..32)
        .filter(|at| bits >> at & 1 == 1)
        .map(|at| format!("K{}", at + 1))
        .collect();
    named.join(", ")
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let k = |kit: usize| kit + 1;
        match *self {
            What::Open(kit) => write!(f, "two officers open K{}", k(kit)),
            What::Present {
                kit,
                line,
                finger,
                is_quiet,
                errs,
            } => {
                write!(f, "voter {line} comes to K{}", k(kit))?;
                match finger {
                    Finger::Fits => {}
                    Finger::ByPin => write!(f, ", by PIN before two officers")?,
                    Finger::Second => write!(f, ", the second capture fits")?,
                    Finger::Unreadable => {
                        write!(f, ", no finger can be read: two officers decide")?
                    }
                }
                if is_quiet {
                    write!(f, ", between two heartbeats")?;
                }
                if errs {
                    write!(f, "; an officer who looks at the paper errs")?;
                }
                Ok(())
            }
            What::WrongLine(kit, line) => write!(
                f,
                "at K{} line {line} is taken by mistake, by override, and undone",
                k(kit)
            ),
            What::Impostor(kit, line) => {
                write!(f, "a stranger's finger at K{} on line {line}", k(kit))
            }
            What::Kill(kit) => write!(f, "the program of K{} dies", k(kit)),
            What::PowerCut(kit, stage) => {
                write!(f, "K{} loses power in its next act: {stage:?}", k(kit))
            }
            What::Restart(kit, 0) => write!(f, "K{} starts again", k(kit)),
            What::Restart(kit, off) => {
                write!(f, "K{} starts again, its clock {off} s off", k(kit))
            }
            What::Split(bits) => write!(f, "{} cut off from the others", names(bits)),
            What::Heal => write!(f, "the network is whole again"),
            What::Jump(kit, by) => write!(f, "the clock of K{} jumps by {by} s", k(kit)),
            What::SetClock(kit) => write!(f, "two officers set the clock of K{}", k(kit)),
            What::DiskFull(kit) => write!(f, "the disk of K{} is full", k(kit)),
            What::FlipBit(kit, at) => write!(f, "bit {at} of a record of K{} flips", k(kit)),
            What::Destroy(kit) => write!(f, "K{} is destroyed", k(kit)),
            What::Printer(kit, state) => write!(f, "the printer of K{}: {state:?}", k(kit)),
            What::PrintPending(kit) => write!(f, "K{} prints what is pending", k(kit)),
            What::TakeOver(heir, dead) => {
                write!(f, "two officers retire {} at K{}", names(dead), k(heir))
            }
            What::Reconstruct(kit) => {
                write!(f, "receipts of retired kits are entered at K{}", k(kit))
            }
            What::Release(kit, line) => write!(
                f,
                "two officers take back the grant of line {line} at K{}",
                k(kit)
            ),
            What::Countersign(kit) => write!(f, "K{} countersigns heads", k(kit)),
            What::Forge(kit, class) => write!(f, "a forged event, class {class}, at K{}", k(kit)),
            What::Copy(kit) => write!(f, "a copy of the disk of K{} runs elsewhere", k(kit)),
            What::SetBack(kit, by) => {
                write!(f, "the disk of K{} is set back by {by} records", k(kit))
            }
            What::Change(kit, number) => {
                write!(f, "change {} of the list comes to K{}", number + 1, k(kit))
            }
            What::Visit(line, found) => write!(f, "a visit to voter {line} at home: {found:?}"),
            What::EndVisits => write!(f, "the mobile kit comes back"),
            What::Glass(kit) => write!(f, "the commission above signs at K{}", k(kit)),
            What::AllOut => write!(f, "every kit loses power"),
            What::OnPaper(line) => write!(f, "voter {line} comes while no kit works"),
            What::EnterPaper(kit) => {
                write!(f, "what was served on paper is entered at K{}", k(kit))
            }
            What::Void(kit, line) => {
                write!(f, "a slip of line {line} is declared void at K{}", k(kit))
            }
            What::Withdraw(kit) => write!(f, "an officer's card is withdrawn at K{}", k(kit)),
            What::Suspend(kit) => {
                write!(f, "the precinct is closed before its time at K{}", k(kit))
            }
            What::NotListed(kit) => write!(f, "a stranger to the list at K{}", k(kit)),
            What::Fails(kit) => write!(f, "K{} fails and is started again", k(kit)),
            What::Arrive(true) => write!(f, "held-up messages arrive, the last first"),
            What::Arrive(false) => write!(f, "held-up messages arrive"),
        }
    }
}

/// When the visits at home begin, seconds after opening.
const SATURDAY: i64 = (VISITS - OPENS) / 1_000_000 + 300;

/// Length of the voting day, seconds.
const DAY: i64 = 12 * 3600;

/// Nothing happens later: who waits then is served before closing, seconds after opening.
const LAST: i64 = 11 * 3600 + 1500;

/// What a run draws its days from.
#[derive(Clone, Debug)]
pub struct Recipe {
    /// Kits with a share.
    pub kits: usize,
    /// Lines on the list.
    pub voters: u32,
    /// Faults that may happen.
    pub faults: Vec<Fault>,
    /// Faults of which every second trouble is drawn, when there are any.
    pub favoured: Vec<Fault>,
}

impl Recipe {
    fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    /// Draws one day.
    #[must_use]
    pub fn day(&self, seed: u64, day: u64) -> Vec<Op> {
        let mut dice = Dice::new(seed, day + 1);
        let mut ops: Vec<Op> = Vec::new();
        for kit in 0..self.kits {
            push(
                &mut ops,
                &mut dice,
                -1800 + i64::try_from(kit).unwrap_or(0),
                What::Open(kit),
            );
        }
        for line in 1..=self.voters {
            self.visits(&mut ops, &mut dice, line);
        }
        if self.has(Fault::Home) {
            self.saturday(&mut ops, &mut dice);
        }
        for kit in 0..self.kits {
            for hour in 0..4 {
                push(
                    &mut ops,
                    &mut dice,
                    hour * 3 * 3600 + 1800,
                    What::Countersign(kit),
                );
            }
        }
        let faults = self.faults.len();
        if faults > 0 {
            // A day has a handful of troubles, now and then a dozen.
            let most = if dice.chance(20) { 12 } else { 5 };
            let troubles = 2 + dice.below(most);
            for _ in 0..troubles {
                let is_near = !self.favoured.is_empty() && dice.chance(50);
                let from = if is_near {
                    &self.favoured
                } else {
                    &self.faults
                };
                if let Some(fault) = dice.pick(from) {
                    self.trouble(&mut ops, &mut dice, fault);
                }
            }
        }
        ops.sort_by_key(|op| op.at);
        ops
    }

    fn visits(&self, ops: &mut Vec<Op>, dice: &mut Dice, line: u32) {
        let is_home = self.has(Fault::Home) && home_lines(self.voters).contains(&line);
        if dice.chance(if is_home { 60 } else { 12 }) {
            return;
        }
        let visits = if dice.chance(6) { 2 } else { 1 };
        let mut at = i64::try_from(dice.below(11 * 3600)).unwrap_or(0);
        for _ in 0..visits {
            let finger = if !self.has(Fault::Scanner) || dice.chance(92) {
                Finger::Fits
            } else if dice.chance(50) {
                Finger::Second
            } else {
                Finger::Unreadable
            };
            let what = What::Present {
                kit: dice.below(self.kits),
                line,
                finger,
                is_quiet: dice.chance(8),
                errs: self.has(Fault::Mistake) && dice.chance(2),
            };
            push(ops, dice, at, what);
            at += i64::try_from(dice.below(3600)).unwrap_or(0);
        }
    }

    /// The day before: four doors, and the way back, on which the mobile kit may be late.
    fn saturday(&self, ops: &mut Vec<Op>, dice: &mut Dice) {
        let home = home_lines(self.voters);
        if home.is_empty() {
            return;
        }
        let mobile = self.kits + 1;
        push(ops, dice, SATURDAY, What::Open(mobile));
        let mut at = SATURDAY + 600;
        for line in home {
            let found = dice
                .pick(&[At::Finger, At::Finger, At::Witness, At::NobodyThere])
                .unwrap_or(At::Finger);
            push(ops, dice, at, What::Visit(line, found));
            at += 600 + i64::try_from(dice.below(3600)).unwrap_or(0);
        }
        push(ops, dice, at, What::EndVisits);
    }

    fn trouble(&self, ops: &mut Vec<Op>, dice: &mut Dice, fault: Fault) {
        let kit = dice.below(self.kits);
        let line =
            1 + u32::try_from(dice.below(usize::try_from(self.voters).unwrap_or(1))).unwrap_or(0);
        let at = i64::try_from(dice.below(usize::try_from(DAY - 1800).unwrap_or(1))).unwrap_or(0);
        let later = at + 60 + i64::try_from(dice.below(7200)).unwrap_or(0);
        let off = if self.has(Fault::Skew) && dice.chance(25) {
            dice.pick(&[-3600, 3600, 45, -45, 400_000_000]).unwrap_or(0)
        } else {
            0
        };
        match fault {
            Fault::Crash => {
                push(ops, dice, at, What::Kill(kit));
                push(ops, dice, later, What::Restart(kit, off));
            }
            Fault::Power | Fault::Torn => {
                let stages = [
                    Stage::BeforeWrite,
                    Stage::BeforeSync { keeps: false },
                    Stage::BeforeSync { keeps: true },
                    Stage::Durable,
                    Stage::AfterPrint,
                ];
                let torn = [0, 3, 12, 100, 200, 512, 4096].map(Stage::Torn);
                let stage = if fault == Fault::Torn {
                    dice.pick(&torn)
                } else {
                    dice.pick(&stages)
                };
                push(
                    ops,
                    dice,
                    at,
                    What::PowerCut(kit, stage.unwrap_or(Stage::Durable)),
                );
                push(ops, dice, later, What::Restart(kit, off));
            }
            Fault::Partition => {
                let bits = 1 + u32::try_from(dice.below((1 << self.kits) - 1)).unwrap_or(0);
                push(ops, dice, at, What::Split(bits));
                push(ops, dice, later, What::Heal);
            }
            Fault::Delay | Fault::Duplicate => push(ops, dice, at, What::Arrive(false)),
            Fault::Reorder => push(ops, dice, at, What::Arrive(true)),
            Fault::Skew if dice.chance(50) => {
                // A jump is seen by the kit itself, a start with a wrong clock only beside the others.
                let off = dice.pick(&[3600, -3600, 90, 450_000_000]).unwrap_or(90);
                push(ops, dice, at, What::Kill(kit));
                push(ops, dice, at + 30, What::Restart(kit, off));
                push(ops, dice, later + 60, What::SetClock(kit));
            }
            Fault::Skew => {
                let by = dice
                    .pick(&[45, -45, 3600, -3600, 90, 450_000_000])
                    .unwrap_or(45);
                push(ops, dice, at, What::Jump(kit, by));
                push(ops, dice, later, What::SetClock(kit));
            }
            Fault::DiskFull => {
                push(ops, dice, at, What::DiskFull(kit));
                push(ops, dice, later, What::Restart(kit, 0));
            }
            Fault::BitFlip => {
                let bit = dice.below(1 << 20);
                push(ops, dice, at, What::FlipBit(kit, bit));
                push(ops, dice, later, What::Kill(kit));
                push(ops, dice, later + 300, What::Restart(kit, 0));
            }
            Fault::Printer => {
                let state = dice.pick(&[Printer::NoPaper, Printer::Breaks]);
                push(
                    ops,
                    dice,
                    at,
                    What::Printer(kit, state.unwrap_or(Printer::NoPaper)),
                );
                push(ops, dice, later, What::Printer(kit, Printer::Ready));
                push(ops, dice, later + 1, What::PrintPending(kit));
            }
            Fault::Scanner => {}
            Fault::Mistake => self.mistake(ops, dice, at, later, line),
            Fault::Takeover => {
                let first = if dice.chance(40) {
                    What::Destroy(kit)
                } else {
                    What::PowerCut(kit, Stage::Durable)
                };
                push(ops, dice, at, first);
                push(ops, dice, at + 900, What::Kill(kit));
                let heir = dice.below(self.kits + 1);
                if heir == self.kits {
                    push(ops, dice, later + 890, What::Open(heir));
                }
                push(ops, dice, later + 900, What::TakeOver(heir, 1 << kit));
                push(ops, dice, later + 1200, What::Reconstruct(heir));
                push(ops, dice, later + 2400, What::Restart(kit, off));
            }
            Fault::Race => {
                let other = (kit + 1 + dice.below(self.kits.max(2) - 1)) % self.kits;
                for (at, kit, is_quiet) in
                    [(at, kit, false), (at, other, true), (at + 1, kit, true)]
                {
                    let what = What::Present {
                        kit,
                        line,
                        finger: Finger::Fits,
                        is_quiet,
                        errs: false,
                    };
                    push(ops, dice, at, what);
                }
            }
            Fault::Receipt => push(ops, dice, at, What::Forge(kit, dice_class(at))),
            Fault::Impostor => push(ops, dice, at, What::Impostor(kit, line)),
            Fault::Peer => push(ops, dice, at, What::Forge(kit, 8 + dice_class(at))),
            Fault::List => {
                // Now and then the second stick comes first, or both to different kits.
                let other = dice.below(self.kits);
                let order = if dice.chance(30) { [1, 0] } else { [0, 1] };
                push(ops, dice, at, What::Change(kit, order[0]));
                push(ops, dice, later, What::Change(other, order[1]));
                let added = [self.voters + 1, self.voters + 2];
                for line in [1, 2, added[0], added[1], 1] {
                    let after = i64::try_from(dice.below(5400)).unwrap_or(0);
                    let what = What::Present {
                        kit: dice.below(self.kits),
                        line,
                        finger: dice
                            .pick(&[Finger::Fits, Finger::Fits, Finger::Unreadable])
                            .unwrap_or(Finger::Fits),
                        is_quiet: dice.chance(30),
                        errs: false,
                    };
                    push(ops, dice, later + after, what);
                }
            }
            Fault::Home => {
                // On Saturday the power goes, the kit is lost, or it comes back on Sunday only.
                let mobile = self.kits + 1;
                let early = SATURDAY + 300 + at / 5;
                match dice.below(3) {
                    0 => {
                        let stage = dice.pick(&[Stage::Durable, Stage::AfterPrint]);
                        let stage = stage.unwrap_or(Stage::Durable);
                        push(ops, dice, early, What::PowerCut(mobile, stage));
                        push(ops, dice, early + 3600, What::Restart(mobile, off));
                    }
                    1 => {
                        push(ops, dice, early, What::Destroy(mobile));
                        let heir = dice.below(self.kits);
                        push(ops, dice, later, What::TakeOver(heir, 1 << mobile));
                        push(ops, dice, later + 600, What::Reconstruct(heir));
                    }
                    _ => {
                        push(ops, dice, early, What::Kill(mobile));
                        push(ops, dice, later, What::Restart(mobile, off));
                        push(ops, dice, later + 60, What::EndVisits);
                    }
                }
            }
            Fault::Glass => push(ops, dice, at, What::Glass(kit)),
            Fault::Grant => {
                // The spare comes last in the list of kits; it acts from 09:00 on. Or it is the package's own.
                let granted = if dice.chance(30) {
                    self.kits
                } else {
                    self.kits + 1 + usize::from(!home_lines(self.voters).is_empty())
                };
                push(ops, dice, at, What::Open(granted));
                for _ in 0..8 {
                    let after = i64::try_from(dice.below(7200)).unwrap_or(0);
                    let any = dice.below(usize::try_from(self.voters).unwrap_or(1));
                    let what = What::Present {
                        kit: granted,
                        line: 1 + u32::try_from(any).unwrap_or(0),
                        finger: Finger::Fits,
                        is_quiet: false,
                        errs: false,
                    };
                    push(ops, dice, at + 60 + after, what);
                }
            }
            Fault::Paper => {
                push(ops, dice, at, What::AllOut);
                for _ in 0..6 {
                    let after = i64::try_from(dice.below(1200)).unwrap_or(0);
                    let any = dice.below(usize::try_from(self.voters).unwrap_or(1));
                    let line = 1 + u32::try_from(any).unwrap_or(0);
                    push(ops, dice, at + 60 + after, What::OnPaper(line));
                    // Now and then somebody tries again at a kit.
                    if dice.chance(30) {
                        let what = What::Present {
                            kit: dice.below(self.kits),
                            line,
                            finger: Finger::Fits,
                            is_quiet: dice.chance(50),
                            errs: false,
                        };
                        push(ops, dice, at + 1500 + after, what);
                    }
                }
                for other in 0..self.kits {
                    push(ops, dice, at + 1300, What::Restart(other, 0));
                }
                push(ops, dice, at + 1400, What::EnterPaper(kit));
            }
            Fault::Void => {
                push(ops, dice, at, What::WrongLine(kit, line));
                push(ops, dice, at + 60, What::Void(kit, line));
                let other = dice.below(self.kits);
                push(ops, dice, later, What::Void(other, line));
            }
            Fault::Card => push(ops, dice, at, What::Withdraw(kit)),
            Fault::SecondDay => push(ops, dice, at, What::Suspend(kit)),
            Fault::Clone => {
                if dice.chance(50) {
                    push(ops, dice, at, What::Copy(kit));
                } else {
                    push(ops, dice, at, What::Kill(kit));
                    let by = 1 + dice.below(6);
                    push(ops, dice, at + 1, What::SetBack(kit, by));
                    push(ops, dice, later, What::Restart(kit, 0));
                }
            }
        }
    }

    fn mistake(&self, ops: &mut Vec<Op>, dice: &mut Dice, at: i64, later: i64, line: u32) {
        let kit = dice.below(self.kits);
        match dice.below(3) {
            0 => push(ops, dice, at, What::WrongLine(kit, line)),
            1 => {
                // A living kit, out of reach, is taken for dead; it serves on.
                push(ops, dice, at, What::Split(1 << kit));
                let heir = (kit + 1) % (self.kits + 1);
                if heir == self.kits {
                    push(ops, dice, at + 10, What::Open(heir));
                }
                push(ops, dice, at + 60, What::TakeOver(heir, 1 << kit));
                let visit = |kit| What::Present {
                    kit,
                    line,
                    finger: Finger::Fits,
                    is_quiet: false,
                    errs: true,
                };
                push(ops, dice, at + 30, visit(kit));
                for _ in 0..3 {
                    push(ops, dice, at + 120, visit(kit));
                    push(ops, dice, at + 180, visit(heir));
                }
                push(ops, dice, later + 300, What::Heal);
            }
            _ => push(ops, dice, at, What::Release(kit, line)),
        }
    }
}

/// Spreads the classes of forgeries over the hours.
fn dice_class(at: i64) -> usize {
    usize::try_from(at.rem_euclid(8)).unwrap_or(0)
}

fn push(ops: &mut Vec<Op>, dice: &mut Dice, at: i64, what: What) {
    ops.push(Op {
        at: at.min(LAST),
        what,
        salt: dice.word(),
    });
}
