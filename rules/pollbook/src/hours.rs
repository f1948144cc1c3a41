//! The hour's turnout: distinct voters checked in by a full hour, for the centre that no network reaches.

use lexicon::Instant;
use lexicon::handover::package::StationPolicy;
use lexicon::handover::turnout::{HourTurnout, ReadError, Scope};

use crate::book::Book;
use crate::clock::{Hlc, Reading};
use crate::second_day::VotingDay;

const MINUTE_MICROS: i64 = 60_000_000;
const HOUR_MICROS: i64 = 60 * MINUTE_MICROS;
const DAY_MICROS: i64 = 24 * HOUR_MICROS;
/// The last hour that a message can name.
const HOUR_MAX: u8 = 99;

/// Why no message is made of an hour: the chair waits, or chooses another hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HourError {
    /// The kit is not open yet.
    #[error("the kit is not open")]
    NotOpen,
    /// The hour is not over by this kit's clock.
    #[error("hour {hour} is not over")]
    NotOver {
        /// Which.
        hour: u8,
    },
    /// The station was not open in it, or a number does not fit the message.
    #[error("hour {hour} cannot be reported: {why}")]
    Unfit {
        /// Which.
        hour: u8,
        /// The field that does not fit.
        why: ReadError,
    },
}

/// When a full hour ends: `hour` hours after local midnight of the opening day.
#[must_use]
pub fn hour_end(policy: &StationPolicy, hour: u8) -> Instant {
    let offset = i64::from(policy.offset_minutes) * MINUTE_MICROS;
    let midnight = (policy.opens + offset).div_euclid(DAY_MICROS) * DAY_MICROS - offset;
    Instant::from_micros(midnight + i64::from(hour) * HOUR_MICROS)
}

/// Whether a station has voters in an hour that ends then: it begins before a closing, and ends after that opening.
fn is_within(days: &[VotingDay], end: i64) -> bool {
    days.iter().any(|day| {
        let until = day.suspended.as_ref();
        let closes = until.map_or(day.closes, |act| act.hlc.moment().micros());
        end > day.opens && end - HOUR_MICROS < closes
    })
}

impl Book {
    /// Distinct voters whose counted act is stamped before `until`: of all kits, or of this kit's own acts.
    #[must_use]
    pub fn counted_before(&self, until: Instant, scope: Scope) -> u32 {
        let until = Hlc::at(until);
        let counted = self.states().filter(|(_, state)| {
            state.counted.as_ref().is_some_and(|act| {
                let is_ours = match scope {
                    Scope::Precinct => true,
                    Scope::Kit => act.name.kit == self.me(),
                };
                is_ours && act.hlc < until
            })
        });
        u32::try_from(counted.count()).unwrap_or(u32::MAX)
    }

    /// What this kit can say of: the whole precinct while it is in touch with every kit at work, else its own acts.
    #[must_use]
    pub fn scope(&self, reading: Reading) -> Scope {
        if self.is_whole(reading) {
            Scope::Precinct
        } else {
            Scope::Kit
        }
    }

    /// The hours that are over and have something to say: those of every day of voting, and later ones in which voters of
    /// the queue were checked in. Ascending.
    #[must_use]
    pub fn hours_over(&self, reading: Reading) -> Vec<u8> {
        let policy = self.charter().policy();
        let days = self.voting_days();
        let counted = |hour| self.counted_before(hour_end(policy, hour), Scope::Precinct);
        (1..=HOUR_MAX)
            .take_while(|hour| hour_end(policy, *hour) <= reading.wall)
            .filter(|hour| {
                is_within(&days, hour_end(policy, *hour).micros())
                    || (hour_end(policy, *hour).micros() > policy.closes
                        && counted(*hour) > counted(hour - 1))
            })
            .collect()
    }

    /// The message of an hour from the events known now; `number` is 1, and rises when the kit corrects itself.
    ///
    /// Cost: one pass over the states of all voters.
    ///
    /// # Errors
    /// [`HourError`] when the hour is not over, not one of this station's, or the numbers are used up.
    pub fn hour_turnout(
        &self,
        hour: u8,
        number: u8,
        reading: Reading,
    ) -> Result<HourTurnout, HourError> {
        if self.opened(self.me()).is_none() {
            return Err(HourError::NotOpen);
        }
        let policy = self.charter().policy();
        let until = hour_end(policy, hour);
        if until > reading.wall {
            return Err(HourError::NotOver { hour });
        }
        let unfit = |why| HourError::Unfit { hour, why };
        if until.micros() <= policy.opens {
            return Err(unfit(ReadError::Field("hour")));
        }
        let manifest = self.charter().manifest();
        let place = self
            .charter()
            .kits()
            .iter()
            .position(|kit| *kit == self.me());
        let kit = place.and_then(|at| u8::try_from(at + 1).ok());
        let scope = self.scope(reading);
        let said = HourTurnout {
            election: manifest.election,
            precinct: manifest.precinct,
            kit: kit.ok_or(unfit(ReadError::Field("kit")))?,
            scope,
            hour,
            number,
            count: self.counted_before(until, scope),
        };
        said.fits().map_err(unfit)?;
        Ok(said)
    }
}

#[cfg(test)]
mod tests;
