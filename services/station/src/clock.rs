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
}

/// The machine's wall clock and its steady clock.
#[derive(Clone, Copy, Debug)]
pub struct MachineClock {
    start: std::time::Instant,
    offset_micros: i64,
}

impl MachineClock {
    /// The machine's own time.
    #[must_use]
    pub fn new() -> Self {
        Self {
            start: steady_now(),
            offset_micros: 0,
        }
    }

    /// A simulated time that reads `now` at this moment and runs on with the machine.
    #[must_use]
    pub fn starting_at(now: Instant) -> Self {
        let offset_micros = now.micros() - SystemClock.now().micros();
        Self {
            start: steady_now(),
            offset_micros,
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the kit's one door to the machine's steady clock"
)]
fn steady_now() -> std::time::Instant {
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
        Reading {
            wall: SystemClock.now().plus_micros(self.offset_micros),
            steady_micros: u64::try_from(steady).unwrap_or(u64::MAX),
        }
    }

    fn is_simulated(&self) -> bool {
        self.offset_micros != 0
    }
}

/// A clock that a driver sets: wall and steady time move together.
#[derive(Debug, Default)]
pub struct SetClock(AtomicI64);

impl SetClock {
    /// A clock that shows this moment until it is set.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self(AtomicI64::new(now.micros()))
    }

    /// Sets the time; it never goes back.
    pub fn set(&self, now: Instant) {
        self.0.fetch_max(now.micros(), Ordering::SeqCst);
    }
}

impl KitClock for SetClock {
    fn read(&self) -> Reading {
        let micros = self.0.load(Ordering::SeqCst);
        Reading {
            wall: Instant::from_micros(micros),
            steady_micros: u64::try_from(micros).unwrap_or(0),
        }
    }

    fn is_simulated(&self) -> bool {
        true
    }
}
