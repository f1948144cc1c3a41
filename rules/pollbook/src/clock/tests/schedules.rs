//! Clocks that drift, jump, forget the day and are set by officers, at random (S-08). `TIZME_ROUNDS` says how many
//! schedules are tried.

#![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]

use std::cell::Cell;

use lexicon::Instant;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::exchange::Holdings;
use crate::testing::{CLOSES, OPENS, StubRing, TestKit, by_finger, kits};
use crate::{Body, Reading, Step};

/// What the law lets a clock be off before the kit is stopped.
const BOUND: i64 = 60_000_000;
const SHARES: [(u32, u32); 2] = [(1, 50), (51, 100)];

/// What happens next.
#[derive(Clone, Copy, Debug)]
enum Op {
    /// So many seconds pass.
    Pass(i64),
    /// The wall clock moves by so many seconds.
    Jump(i64),
    /// The power goes and comes back; the wall clock is off by so many seconds then.
    Cut(i64),
    /// Two officers set the clock, so many seconds wrong.
    Set(i64),
    /// The other kit, whose clock is right, answers and takes what it lacks.
    Meet,
    /// A voter comes.
    Voter,
}

/// How far a clock is off: mostly little, around the bound, hours, days, years.
fn off() -> impl Strategy<Value = i64> {
    let far = prop_oneof![
        -30i64..30,
        -65i64..65,
        -7_200i64..7_200,
        -200_000i64..200_000,
        Just(315_360_000),
        Just(-315_360_000)
    ];
    prop_oneof![3 => Just(0), 2 => far]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => (0i64..7_200).prop_map(Op::Pass),
        1 => off().prop_map(Op::Jump),
        1 => off().prop_map(Op::Cut),
        1 => off().prop_map(Op::Set),
        2 => Just(Op::Meet),
        5 => Just(Op::Voter),
    ]
}

/// The kit under test, the other one, and the truth.
struct Hall {
    one: TestKit,
    two: TestKit,
    /// Microseconds UTC.
    now: i64,
    /// The wall clock of the kit, ahead of the truth.
    off: i64,
    /// When the kit was switched on, and how far its clock was off then.
    on: (i64, i64),
    /// Whether officers set the clock since.
    was_set: bool,
    /// Whether the other kit answered since.
    met: bool,
    line: u32,
}

impl Hall {
    fn new() -> Self {
        let mut both = kits(&SHARES).into_iter();
        let [one, two] = [both.next(), both.next()].map(|kit| kit.unwrap().opened(-3_600));
        Self {
            one,
            two,
            now: OPENS - 3_500_000_000,
            off: 0,
            // As the clocks of `testing::at` stand.
            on: (OPENS - 100_000_000_000, 0),
            was_set: false,
            met: false,
            line: 3,
        }
    }

    fn reading(&self) -> Reading {
        Reading {
            wall: Instant::from_micros(self.now + self.off),
            steady_micros: u64::try_from(self.now - self.on.0).unwrap(),
        }
    }

    fn cut(&mut self, off: i64) {
        let journal = std::mem::take(&mut self.one.journal);
        self.one = kits(&SHARES).remove(0);
        for signed in &journal {
            let act = self.one.book.admit(signed, &StubRing).unwrap();
            self.one.book.merge(act, None);
        }
        self.one.journal = journal;
        (self.off, self.on) = (off, (self.now, off));
        (self.was_set, self.met) = (false, false);
        // A kit looks at its clock when it starts.
        let reading = self.reading();
        self.one.book.inspect_clock(reading);
    }

    fn meet(&mut self) {
        let (me, sent) = (self.one.book.me(), Instant::from_micros(self.now));
        let mut answer = self.two.book.message(me, 1, &Holdings::default(), sent);
        answer.answer = true;
        let reading = self.reading();
        self.one.book.hear(&answer, reading);
        for signed in &self.one.journal {
            let act = self.two.book.admit(signed, &StubRing).unwrap();
            self.two.book.merge(act, Some(sent));
        }
        self.met = true;
    }

    /// Whether the voter was served. Every act outside the hours, by the truth or by its stamp, has a cause that shows.
    fn voter(&mut self) -> bool {
        let reading = self.reading();
        let asked = self.one.book.check_in(&by_finger(self.line + 1), reading);
        let Ok(Step::Commit(draft)) = asked else {
            return false;
        };
        self.line += 1;
        let act = self.one.commit(draft);
        let is_within = |at: i64| (OPENS - BOUND..CLOSES + BOUND).contains(&at);
        assert!(
            self.was_set || (self.off - self.on.1).abs() <= BOUND,
            "the clock went {} s away under the kit, and it serves",
            (self.off - self.on.1) / 1_000_000
        );
        if !is_within(self.now) {
            assert!(
                self.was_set || !self.met && self.on.1.abs() > BOUND,
                "served {} s after opening, and no officer set the clock",
                (self.now - OPENS) / 1_000_000
            );
        }
        if !is_within(act.hlc.moment().micros()) {
            // Whoever holds the journal sees that the clock was set, or that the stamp lies ahead.
            let was_set = self
                .one
                .book
                .events()
                .any(|known| matches!(known.body, Body::TimeSet(_)));
            self.meet();
            let is_ahead = self
                .two
                .book
                .take_ahead()
                .iter()
                .any(|name| name.kit == act.name.kit);
            assert!(
                was_set || is_ahead,
                "a stamp outside the hours, and nothing shows it"
            );
        }
        true
    }
}

/// Story S-08: whatever the clocks do, a kit that was not set by officers serves nobody more than the bound outside the
/// hours once it heard another kit, and never after its clock moved under it.
#[test]
fn no_clock_makes_a_kit_serve_outside_the_hours_unseen() {
    let rounds = std::env::var("TIZME_ROUNDS").ok();
    let rounds = rounds.and_then(|text| text.parse().ok()).unwrap_or(3_000);
    let mut config = Config::with_cases(rounds);
    config.failure_persistence = None;
    let (served, stopped) = (Cell::new(0u32), Cell::new(0u32));
    let days = proptest::collection::vec(op(), 1..40);
    let played = TestRunner::new(config).run(&days, |ops| {
        let mut hall = Hall::new();
        for op in ops {
            match op {
                Op::Pass(seconds) => hall.now += seconds * 1_000_000,
                Op::Jump(seconds) => hall.off += seconds * 1_000_000,
                Op::Cut(seconds) => hall.cut(seconds * 1_000_000),
                Op::Meet => hall.meet(),
                Op::Set(seconds) => {
                    hall.off = seconds * 1_000_000;
                    let reading = hall.reading();
                    let draft = hall.one.book.set_clock(reading);
                    hall.one.commit_by(draft, ["O1", "O3"]);
                    hall.one.book.clock_was_set(reading);
                    hall.was_set = true;
                }
                Op::Voter => {
                    let told = if hall.voter() { &served } else { &stopped };
                    told.set(told.get() + 1);
                }
            }
        }
        Ok(())
    });
    played.unwrap();
    assert!(
        served.get() > rounds && stopped.get() > rounds,
        "{served:?} {stopped:?}"
    );
}
