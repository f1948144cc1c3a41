//! How long something takes.

use crate::dice::Dice;

/// The longest time of one act, milliseconds: a day.
pub const TIME_MAX_MS: u32 = 86_400_000;

/// A distribution of times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Times {
    /// Measured rows in milliseconds; one as likely as the other. Never empty.
    Rows(Vec<u32>),
    /// Exponential with this mean in milliseconds: nothing was measured but the mean.
    Exponential(u32),
}

impl Times {
    /// Takes measured rows, 1 to [`TIME_MAX_MS`] each; none when there is no row or one is outside.
    #[must_use]
    pub fn of_rows(rows: Vec<u32>) -> Option<Self> {
        let fits = |ms: &u32| (1..=TIME_MAX_MS).contains(ms);
        (!rows.is_empty() && rows.iter().all(fits)).then_some(Times::Rows(rows))
    }

    /// One time, milliseconds; an exponential one is cut off at a day.
    pub fn draw_ms(&self, dice: &mut Dice) -> u32 {
        match self {
            Times::Rows(rows) => {
                let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
                rows.get(dice.below(count) as usize).copied().unwrap_or(0)
            }
            Times::Exponential(mean) => {
                let ms = f64::from(*mean) * dice.exponential();
                ms.min(f64::from(TIME_MAX_MS)) as u32
            }
        }
    }

    /// The mean, milliseconds.
    #[must_use]
    pub fn mean_ms(&self) -> f64 {
        match self {
            Times::Rows(rows) => {
                rows.iter().map(|ms| f64::from(*ms)).sum::<f64>() / rows.len().max(1) as f64
            }
            Times::Exponential(mean) => f64::from(*mean),
        }
    }
}
