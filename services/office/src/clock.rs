//! The office's time: the machine's, or a simulated one that runs on from a given moment.

use keys::SystemClock;
use lexicon::{Clock, Instant};

/// The machine's clock, moved by a fixed span.
#[derive(Clone, Copy, Debug, Default)]
pub struct OfficeClock {
    shift_micros: i64,
}

impl OfficeClock {
    /// The machine's own time.
    #[must_use]
    pub fn machine() -> Self {
        Self::default()
    }

    /// A time that is `start` now and runs on as the machine's does.
    #[must_use]
    pub fn starting_at(start: Instant) -> Self {
        Self {
            shift_micros: start.micros() - SystemClock.now().micros(),
        }
    }
}

impl Clock for OfficeClock {
    fn now(&self) -> Instant {
        SystemClock.now().plus_micros(self.shift_micros)
    }
}
