//! Every order of events in a small hall, over the shipped transition and merge code.
//!
//! A state is what all kits hold, what is on its way, and what is on paper. An action is one durable
//! step of one kit, one exchange between kits, or one trouble from a budget. [`check`] walks all states
//! that differ in what the future can read ([`shape`]); [`check_plainly`] walks them without that
//! reduction, by stateright, and is the oracle of the first.

mod explore;
mod hall;
mod plain;
mod promise;
mod shape;
mod steps;

use std::fmt;
use std::sync::Arc;

use lexicon::Instant;
use lexicon::handover::envelope::Kid;
use pollbook::{Act, Book, Partition, Reading};

use crate::mutation::Mutation;
use crate::precinct::{NEXT_OPENS, OPENS, Precinct};

pub use explore::{Checked, Walked, check, walk_randomly};
pub use plain::{check_plainly, compare_shapes};

/// Seconds that a wait lasts: grants run out, silent kits are unreachable, releases are allowed.
const WAIT_SECONDS: i64 = 400;

/// How large the hall is and how much may go wrong.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Kits, each with a share.
    pub kits: usize,
    /// Voters who come.
    pub voters: u32,
    /// How often each comes, at most.
    pub attempts: u8,
    /// Power cuts.
    pub crashes: u8,
    /// Partitions: one kit cut off, or the link between two of three, later healed or not.
    pub partitions: u8,
    /// Takeovers, of a dead kit or of a living one.
    pub retirements: u8,
    /// Whether the precinct may be closed before its time and vote on the next day.
    pub second_day: bool,
    /// Whether two kits may exchange without the third in reach; otherwise all in reach do at once.
    pub pairs: bool,
}

impl Bounds {
    /// The bounds of the daily check.
    pub const DAILY: Self = Self {
        kits: 3,
        voters: 2,
        attempts: 2,
        crashes: 1,
        partitions: 1,
        retirements: 1,
        second_day: false,
        pairs: false,
    };
}

/// A hall to be checked.
pub struct Hall {
    precinct: Precinct,
    bounds: Bounds,
    mutation: Option<Mutation>,
    /// Which kits and lines may change places without changing the hall.
    mirrors: Vec<shape::Mirror>,
}

#[derive(Clone)]
enum Stage {
    Idle,
    /// Answers on their way to the kit.
    Asking(u32, Vec<Arc<Act>>),
    /// Durable, not printed.
    Printing(u32, Arc<Act>),
}

#[derive(Clone)]
struct Kit {
    is_up: bool,
    book: Arc<Book>,
    stage: Stage,
}

#[derive(Clone, Copy, Default)]
struct Voter {
    attempts: u8,
    /// Receipts in the voter's hand.
    receipts: u8,
    /// An officer said that the line is unsigned when it was signed.
    is_lied_about: bool,
    /// A kit decided to serve the voter again without a look at the paper line.
    is_unlooked: bool,
    /// A receipt came out while another kit waited for a right to the line: at two tables at one moment.
    is_crossed: bool,
    /// Two officers took back a grant of the line.
    is_released: bool,
}

/// What a partition cuts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// A kit from all others.
    Kit(usize),
    /// Two kits from each other; both reach the third.
    Link(usize, usize),
}

/// A state of the hall.
#[derive(Clone)]
pub struct State {
    kits: Vec<Kit>,
    voters: Vec<Voter>,
    cut: Option<Cut>,
    waited: bool,
    crashes: u8,
    partitions: u8,
    retirements: u8,
    /// The precinct may still be closed before its time.
    may_close: bool,
    /// The night has passed.
    is_next_day: bool,
    /// A kit was retired that ran, or switched on again where nobody told it.
    is_wrong: bool,
    /// A kit served somebody although it knew that voting stands still.
    is_shut_served: bool,
    /// Microseconds that have passed: one with every step, so that no two steps share a stamp.
    steps: i64,
    kids: Arc<Vec<Kid>>,
}

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A voter comes to a kit.
    Visit(u32, usize),
    /// The answers reach the asking kit.
    Deliver(usize),
    /// The answers are lost.
    Lose(usize),
    /// The receipt comes out.
    Print(usize),
    /// The power of a kit goes.
    Crash(usize),
    /// It comes back.
    Restart(usize),
    /// Pending receipts are printed or declared void.
    Pending(usize),
    /// Two kits exchange what they hold (only when pairs are asked for).
    Sync(usize, usize),
    /// All kits that can reach each other exchange what they hold.
    Gossip,
    /// A kit or a link is cut off.
    Cut(Cut),
    /// It is connected again.
    Heal,
    /// Minutes pass.
    Wait,
    /// The first kit takes over from the second.
    TakeOver(usize, usize),
    /// Two officers resume a voter's act at a kit.
    Resume(u32, usize),
    /// Two officers take back a kit's grant of a line.
    Release(u32, usize),
    /// Two officers close the precinct before its time at a kit.
    Suspend(usize),
    /// The night passes: every kit that runs is switched off and on.
    Night,
    /// The commission's decision that voting goes on is brought to a kit, and two officers open it for that day.
    Session(usize),
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, kit) in self.kits.iter().enumerate() {
            let events: Vec<String> = kit
                .book
                .events()
                .map(|act| {
                    let kit = self.place(act.name.kit).map_or(0, |at| at + 1);
                    format!("K{kit}:{}", act.body.kind())
                })
                .collect();
            writeln!(f, "K{} up={} {}", at + 1, kit.is_up, events.join(" "))?;
        }
        write!(f, "cut={:?}", self.cut)
    }
}

impl State {
    fn place(&self, kid: Kid) -> Option<usize> {
        self.kids.iter().position(|known| *known == kid)
    }

    /// Whether an event is so old that a grant of then ran out and a look of then holds no more.
    fn is_old(&self, act: &Act) -> bool {
        let began = if self.is_next_day { NEXT_OPENS } else { OPENS };
        let wait = began + WAIT_SECONDS * 1_000_000;
        let moment = act.hlc.moment().micros();
        self.waited && moment < wait || self.is_next_day && moment < NEXT_OPENS
    }

    fn is_quiet(&self) -> bool {
        self.kits.iter().all(|kit| matches!(kit.stage, Stage::Idle))
    }

    fn is_linked(&self, a: usize, b: usize) -> bool {
        let apart = match self.cut {
            None => false,
            Some(Cut::Kit(kit)) => kit == a || kit == b,
            Some(Cut::Link(one, two)) => (one, two) == (a.min(b), a.max(b)),
        };
        a != b && !apart && self.kits[a].is_up && self.kits[b].is_up
    }

    fn reading(&self) -> Reading {
        let passed = i64::from(self.waited) * WAIT_SECONDS * 1_000_000;
        let night = if self.is_next_day {
            NEXT_OPENS - OPENS
        } else {
            0
        };
        let passed = passed + night + self.steps;
        Reading {
            wall: Instant::from_micros(OPENS + passed),
            steady_micros: u64::try_from(86_400_000_000 + passed).unwrap_or(0),
        }
    }

    fn is_signed(&self, line: u32) -> bool {
        self.voter(line).is_some_and(|voter| voter.receipts > 0)
    }

    fn voter(&self, line: u32) -> Option<&Voter> {
        self.voters.get(usize::try_from(line).ok()?.checked_sub(1)?)
    }

    fn voter_mut(&mut self, line: u32) -> Option<&mut Voter> {
        self.voters
            .get_mut(usize::try_from(line).ok()?.checked_sub(1)?)
    }

    fn issue(&mut self, line: u32) {
        let waits = |kit: &Kit| matches!(&kit.stage, Stage::Asking(at, _) if *at == line);
        let is_crossed = self.kits.iter().any(waits);
        if let Some(voter) = self.voter_mut(line) {
            voter.receipts += 1;
            voter.is_crossed |= is_crossed;
        }
    }

    /// Whether a kit has the voter of this line before it.
    fn is_under_way(&self, line: u32) -> bool {
        self.kits.iter().any(|kit| match &kit.stage {
            Stage::Idle => false,
            Stage::Asking(at, _) | Stage::Printing(at, _) => *at == line,
        })
    }
}

impl Hall {
    /// A hall with stub signatures.
    ///
    /// # Errors
    /// A text when the bounds make no hall.
    pub fn new(bounds: Bounds, policy: &str, mutation: Option<Mutation>) -> Result<Self, String> {
        let mut hall = Self::unmirrored(bounds, policy, mutation)?;
        hall.mirrors = shape::mirrors(&hall.precinct, bounds);
        Ok(hall)
    }

    /// A hall whose mirror images are told apart: eight kits have more of them than states are worth.
    fn unmirrored(
        bounds: Bounds,
        policy: &str,
        mutation: Option<Mutation>,
    ) -> Result<Self, String> {
        let lines = bounds.voters.max(u32::try_from(bounds.kits).unwrap_or(1));
        let precinct =
            Precinct::new(bounds.kits, lines, policy, false).map_err(|error| error.to_string())?;
        Ok(Self {
            precinct,
            bounds,
            mutation,
            mirrors: vec![shape::Mirror::none(bounds)],
        })
    }

    fn policy(&self) -> Partition {
        self.precinct.charter.partition()
    }

    /// The hall opened, every kit in touch with every other.
    fn opened(&self) -> State {
        let kits = (0..self.bounds.kits)
            .map(|kit| Kit {
                is_up: true,
                book: Arc::new(Book::new(
                    Arc::clone(&self.precinct.charter),
                    self.precinct.kid(kit),
                    Vec::new(),
                )),
                stage: Stage::Idle,
            })
            .collect();
        let voter = Voter {
            attempts: self.bounds.attempts,
            ..Voter::default()
        };
        let mut state = State {
            kits,
            voters: vec![voter; usize::try_from(self.bounds.voters).unwrap_or(0)],
            cut: None,
            waited: false,
            crashes: self.bounds.crashes,
            partitions: self.bounds.partitions,
            retirements: self.bounds.retirements,
            may_close: self.bounds.second_day,
            is_next_day: false,
            is_wrong: false,
            is_shut_served: false,
            steps: 0,
            kids: Arc::new(
                (0..self.bounds.kits)
                    .map(|kit| self.precinct.kid(kit))
                    .collect(),
            ),
        };
        for kit in 0..self.bounds.kits {
            let reading = state.reading();
            if let Some(draft) = self.book(&mut state, kit).open(reading) {
                self.commit(&mut state, kit, draft, crate::desk::TWO);
            }
        }
        self.gossip(&mut state);
        state
    }
}
