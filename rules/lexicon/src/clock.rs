//! Time is an argument.

use std::fmt;

pub use jiff::civil::Date;

/// A moment: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Instant(i64);

/// Microseconds in a day.
const DAY_MICROS: i64 = 86_400_000_000;

impl Instant {
    /// Wraps microseconds since the epoch, UTC.
    #[must_use]
    pub fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch, UTC.
    #[must_use]
    pub fn micros(self) -> i64 {
        self.0
    }

    /// The moment `micros` later.
    #[must_use]
    pub fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// Local midnight of a day plus minutes, at an offset from UTC in minutes.
    #[must_use]
    pub fn at_local(day: Date, minutes: i64, offset_minutes: i64) -> Self {
        let days = i64::from(
            day.since(Date::constant(1970, 1, 1))
                .map_or(0, |span| span.get_days()),
        );
        let minutes = minutes.saturating_sub(offset_minutes);
        Self((days * DAY_MICROS).saturating_add(minutes.saturating_mul(60_000_000)))
    }

    fn local(self, offset_minutes: i64) -> i64 {
        self.0
            .saturating_add(offset_minutes.saturating_mul(60_000_000))
    }

    /// The local day at an offset from UTC in minutes; 1 January 1970 when the calendar has no such day.
    #[must_use]
    pub fn local_date(self, offset_minutes: i64) -> Date {
        let days = self.local(offset_minutes).div_euclid(DAY_MICROS);
        let first = Date::constant(1970, 1, 1);
        let span = jiff::Span::new().try_days(days);
        span.and_then(|span| first.checked_add(span))
            .unwrap_or(first)
    }

    /// Local time of day as `HH:MM:SS`.
    #[must_use]
    pub fn local_time(self, offset_minutes: i64) -> String {
        let local = self.local(offset_minutes).rem_euclid(DAY_MICROS) / 1_000_000;
        format!(
            "{:02}:{:02}:{:02}",
            local / 3600,
            local / 60 % 60,
            local % 60
        )
    }

    /// Local date and time as `2015-10-04T08:00:00`, without the offset.
    #[must_use]
    pub fn local_text(self, offset_minutes: i64) -> String {
        format!(
            "{}T{}",
            self.local_date(offset_minutes),
            self.local_time(offset_minutes)
        )
    }

    /// Local date and time to the minute, as people read it: `2015-10-04 08:00`.
    #[must_use]
    pub fn local_minute(self, offset_minutes: i64) -> String {
        let time: String = self.local_time(offset_minutes).chars().take(5).collect();
        format!("{} {time}", self.local_date(offset_minutes))
    }

    /// Reads `2015-10-04T08:00:00+06:00`, or with `Z`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>()
            .ok()
            .map(|t| Self(t.as_microsecond()))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}Z", self.local_text(0))
    }
}

/// Where a service takes its time from; rules only ever see the [`Instant`].
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Instant;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_day_goes_there_and_back() {
        let day = Date::constant(2015, 10, 4);
        let morning = Instant::at_local(day, 8 * 60, 360);
        assert_eq!(morning.local_text(360), "2015-10-04T08:00:00");
        assert_eq!(Some(morning), Instant::parse("2015-10-04T08:00:00+06:00"));
        assert_eq!(morning.local_date(360), day);
    }

    #[test]
    fn moments_beyond_the_calendar_are_shown_and_not_feared() {
        for micros in [i64::MIN, i64::MAX] {
            let text = Instant::from_micros(micros).local_text(i64::from(i32::MAX));
            assert!(text.starts_with("1970-01-01T"), "{text}");
        }
    }
}
