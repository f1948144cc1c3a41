//! A hybrid logical clock with a drift bound: order without trust in anybody's wall clock.

use std::collections::BTreeMap;

use lexicon::Instant;

/// What a kit's clocks show at one moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reading {
    /// The wall clock, which an officer may set and a flat battery may reset.
    pub wall: Instant,
    /// Microseconds since an arbitrary start; never set, never goes back.
    pub steady_micros: u64,
}

/// A timestamp: microseconds since the epoch ‖ 8 bits of logical counter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Hlc(pub u64);

impl Hlc {
    /// The stamp of a moment, counter 0. Moments before 1970 count as 1970.
    #[must_use]
    pub fn at(moment: Instant) -> Self {
        Self(u64::try_from(moment.micros()).unwrap_or(0) << 8)
    }

    /// The physical part.
    #[must_use]
    pub fn moment(self) -> Instant {
        Instant::from_micros(i64::try_from(self.0 >> 8).unwrap_or(i64::MAX))
    }
}

/// Why a clock was not followed: two officers set it and open the kit again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockFault {
    /// The wall clock moved against the steady one.
    #[error("the wall clock jumped by {seconds} s")]
    Jumped {
        /// Forward positive.
        seconds: i64,
    },
    /// The wall clock differs from those of most other kits.
    #[error("the wall clock differs by {seconds} s from most kits heard")]
    AgainstPeers {
        /// This kit ahead of them: positive.
        seconds: i64,
    },
    /// The wall clock is behind the kit's own last event.
    #[error("the wall clock is {seconds} s behind the kit's last event")]
    Behind {
        /// How far.
        seconds: i64,
    },
}

/// The clock of one kit.
#[derive(Clone, Debug)]
pub struct HybridClock {
    last: Hlc,
    anchor: Option<Reading>,
    bound_micros: i64,
    /// Whether two officers vouched for the wall clock, wherever the last stamp stands.
    is_vouched: bool,
    /// Where the last stamp stood when they did: peers that followed the same wrong clock go on from there.
    floor: Hlc,
    /// Stamps that were given ahead of the wall clock since this clock started, and the steady clock then, microseconds.
    ahead: BTreeMap<Hlc, u64>,
}

impl HybridClock {
    /// Starts after the last durable stamp; `bound_seconds` is the skew that blocks.
    #[must_use]
    pub fn new(last: Hlc, bound_seconds: u16) -> Self {
        Self {
            last,
            anchor: None,
            bound_micros: i64::from(bound_seconds) * 1_000_000,
            is_vouched: false,
            floor: Hlc::default(),
            ahead: BTreeMap::new(),
        }
    }

    /// Takes the clocks as they stand now for agreeing: two officers set them.
    pub fn anchor(&mut self, reading: Reading) {
        self.anchor = Some(reading);
        self.is_vouched = true;
        self.floor = self.last;
    }

    /// Whether two officers vouched for the clocks.
    #[must_use]
    pub fn is_vouched(&self) -> bool {
        self.is_vouched
    }

    /// The last stamp given or followed.
    #[must_use]
    pub fn last(&self) -> Hlc {
        self.last
    }

    /// Compares the wall clock with the steady one and with the last stamp.
    ///
    /// # Errors
    /// [`ClockFault`] beyond the bound; the stamp does not move.
    pub fn inspect(&mut self, reading: Reading) -> Result<(), ClockFault> {
        let anchor = *self.anchor.get_or_insert(reading);
        let steady = reading.steady_micros.saturating_sub(anchor.steady_micros);
        let expected = anchor.wall.micros() + i64::try_from(steady).unwrap_or(i64::MAX / 2);
        let off = reading.wall.micros() - expected;
        if off.abs() > self.bound_micros {
            return Err(ClockFault::Jumped {
                seconds: off / 1_000_000,
            });
        }
        let behind = self.last.moment().micros() - reading.wall.micros();
        if behind > self.bound_micros && !self.is_vouched {
            return Err(ClockFault::Behind {
                seconds: behind / 1_000_000,
            });
        }
        Ok(())
    }

    /// The stamp of the next event: after every stamp before, at the wall clock if that is later.
    ///
    /// # Errors
    /// [`ClockFault`]; the kit is stopped, not followed.
    pub fn tick(&mut self, reading: Reading) -> Result<Hlc, ClockFault> {
        self.inspect(reading)?;
        self.last = self.next(reading.wall);
        Ok(self.given(reading))
    }

    fn given(&mut self, reading: Reading) -> Hlc {
        if self.last.moment() > reading.wall {
            self.ahead.insert(self.last, reading.steady_micros);
        }
        self.last
    }

    /// How long ago a stamp was given, microseconds: by the steady clock where this clock gave it ahead of the wall, by the
    /// wall else. `None` for a stamp further ahead of the wall than the bound, of which nothing else is known: after a wrong
    /// clock was followed and then set right, stamps stay where the wrong one stood.
    #[must_use]
    pub fn age_micros(&self, stamp: Hlc, reading: Reading) -> Option<i64> {
        if let Some(then) = self.ahead.get(&stamp) {
            return i64::try_from(reading.steady_micros.saturating_sub(*then)).ok();
        }
        let age = reading.wall.micros() - stamp.moment().micros();
        (age >= -self.bound_micros).then_some(age)
    }

    /// The least time that has passed since a stamp, microseconds: where its age is not known, since the clock started or
    /// officers set it.
    #[must_use]
    pub fn least_age_micros(&self, stamp: Hlc, reading: Reading) -> i64 {
        self.age_micros(stamp, reading).unwrap_or_else(|| {
            let since = self
                .anchor
                .map_or(reading.steady_micros, |anchor| anchor.steady_micros);
            i64::try_from(reading.steady_micros.saturating_sub(since)).unwrap_or(i64::MAX)
        })
    }

    /// The stamp that [`HybridClock::tick`] would give.
    #[must_use]
    pub fn next(&self, wall: Instant) -> Hlc {
        Hlc((self.last.0 + 1).max(Hlc::at(wall).0))
    }

    /// A stamp for saying that the clock is at fault: one step after the last, wherever the wall is.
    pub fn step(&mut self, reading: Reading) -> Hlc {
        self.last = Hlc(self.last.0 + 1);
        self.given(reading)
    }

    /// Follows a peer's stamp unless it lies beyond the bound; says whether it did.
    ///
    /// The bound runs from the wall clock, or from where the kit's own stamps stood when officers set it: two kits
    /// whose clocks were wrong alike go on side by side. That place is fixed, so that nobody can push it on.
    pub fn observe(&mut self, stamp: Hlc, wall: Instant) -> bool {
        let from = wall.micros().max(self.floor.moment().micros());
        if stamp.moment().micros() > from.saturating_add(self.bound_micros) {
            return false;
        }
        self.last = self.last.max(stamp);
        true
    }

    /// Takes back a stamp from the kit's own journal, whatever the wall says.
    pub fn restore(&mut self, stamp: Hlc) {
        self.last = self.last.max(stamp);
    }
}

#[cfg(test)]
mod tests;
