//! Where a kit reads its time: the machine, or a simulated election day that says so.

use std::sync::atomic::{AtomicI64, Ordering};

use keys::SystemClock;
use lexicon::{Clock as _, Instant};
use pollbook::Reading;

/// A kit's two clocks.
pub trait KitClock: Send + Sync {
    /// What both show now.
    fn read(&self) -> Reading;

    /// Whether the time is simulated; every screen then says so.
    fn is_simulated(&self) -> bool;

    /// Lets the wall clock show `wall` from now on; the steady clock goes on. Two officers signed it.
    fn set_wall(&self, wall: Instant);
}

/// The machine's wall clock and its steady clock. What officers set is kept until the program ends; the
/// machine's own clock is the engineer's.
#[derive(Debug)]
pub struct MachineClock {
    start: std::time::Instant,
    offset_micros: AtomicI64,
    /// How far both clocks were moved on together.
    ahead_micros: AtomicI64,
    is_simulated: bool,
}

impl MachineClock {
    /// The machine's own time.
    #[must_use]
    pub fn new() -> Self {
        Self {
            start: steady_now(),
            offset_micros: AtomicI64::new(0),
            ahead_micros: AtomicI64::new(0),
            is_simulated: false,
        }
    }

    /// A simulated time that reads `now` at this moment and runs on with the machine.
    #[must_use]
    pub fn starting_at(now: Instant) -> Self {
        let offset_micros = now.micros() - SystemClock.now().micros();
        Self {
            start: steady_now(),
            offset_micros: AtomicI64::new(offset_micros),
            ahead_micros: AtomicI64::new(0),
            is_simulated: true,
        }
    }

    /// Moves a simulated day on to a later moment, wall and steady clock alike, as if the time had been waited
    /// for; an earlier moment changes nothing. A machine's own time is not moved.
    pub fn pass_until(&self, moment: Instant) {
        let missing = moment.micros() - self.read().wall.micros();
        if self.is_simulated && missing > 0 {
            self.ahead_micros.fetch_add(missing, Ordering::SeqCst);
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the kit's one door to the machine's steady clock"
)]
pub(crate) fn steady_now() -> std::time::Instant {
    std::time::Instant::now()
}

impl Default for MachineClock {
    fn default() -> Self {
        Self::new()
    }
}

impl KitClock for MachineClock {
    fn read(&self) -> Reading {
        let steady = steady_now().duration_since(self.start).as_micros();
        let ahead = self.ahead_micros.load(Ordering::SeqCst);
        let offset = self.offset_micros.load(Ordering::SeqCst);
        Reading {
            wall: SystemClock.now().plus_micros(offset + ahead),
            steady_micros: u64::try_from(steady)
                .unwrap_or(u64::MAX)
                .saturating_add(ahead.unsigned_abs()),
        }
    }

    fn is_simulated(&self) -> bool {
        self.is_simulated
    }

    fn set_wall(&self, wall: Instant) {
        let ahead = self.ahead_micros.load(Ordering::SeqCst);
        let offset_micros = wall.micros().saturating_sub(SystemClock.now().micros());
        self.offset_micros
            .store(offset_micros.saturating_sub(ahead), Ordering::SeqCst);
    }
}

/// A clock that a driver sets: wall and steady time move together.
#[derive(Debug, Default)]
pub struct SetClock {
    micros: AtomicI64,
    /// How far the wall clock is off what the driver set.
    off_micros: AtomicI64,
}

impl SetClock {
    /// A clock that shows this moment until it is set.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self {
            micros: AtomicI64::new(now.micros()),
            off_micros: AtomicI64::new(0),
        }
    }

    /// Sets the time; it never goes back.
    pub fn set(&self, now: Instant) {
        self.micros.fetch_max(now.micros(), Ordering::SeqCst);
    }

    /// Lets the wall clock jump, as a flat battery does; the steady clock stays.
    pub fn jump(&self, by_micros: i64) {
        self.off_micros.fetch_add(by_micros, Ordering::SeqCst);
    }
}

impl KitClock for SetClock {
    fn read(&self) -> Reading {
        let micros = self.micros.load(Ordering::SeqCst);
        Reading {
            wall: Instant::from_micros(micros).plus_micros(self.off_micros.load(Ordering::SeqCst)),
            steady_micros: u64::try_from(micros).unwrap_or(0),
        }
    }

    fn is_simulated(&self) -> bool {
        true
    }

    fn set_wall(&self, wall: Instant) {
        let off = wall
            .micros()
            .saturating_sub(self.micros.load(Ordering::SeqCst));
        self.off_micros.store(off, Ordering::SeqCst);
    }
}
