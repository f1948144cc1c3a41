//! Days as numbers: 0 is 1970-01-01. Proleptic Gregorian, no leap seconds.

/// A day; [`Day::NONE`] when there is none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Day(pub i32);

/// Election day, 4 October 2015.
pub const ELECTION_DAY: Day = Day::of(2015, 10, 4);
/// The register's cut-off, 15 days before.
pub const CUT_OFF: Day = Day(ELECTION_DAY.0 - 15);

impl Day {
    /// No day.
    pub const NONE: Day = Day(i32::MIN);

    /// The day of a date. Source: H. Hinnant, "chrono-compatible low-level date algorithms".
    #[must_use]
    pub const fn of(year: i32, month: i32, day: i32) -> Day {
        let y = if month <= 2 { year - 1 } else { year };
        let era = y.div_euclid(400);
        let yoe = y - era * 400;
        let shifted = (month + 9) % 12;
        let doy = (153 * shifted + 2) / 5 + day - 1;
        Day(era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468)
    }

    /// Year, month, day of the month.
    #[must_use]
    pub const fn civil(self) -> (i32, i32, i32) {
        let z = self.0 + 719_468;
        let era = z.div_euclid(146_097);
        let doe = z - era * 146_097;
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        let shifted = (5 * doy + 2) / 153;
        let day = doy - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 {
            shifted + 3
        } else {
            shifted - 9
        };
        let year = yoe + era * 400 + if month <= 2 { 1 } else { 0 };
        (year, month, day)
    }

    /// Whether there is a day.
    #[must_use]
    pub fn is_some(self) -> bool {
        self != Day::NONE
    }

    /// Whole years from this day to `on`, as ages are counted.
    #[must_use]
    pub fn age_on(self, on: Day) -> i32 {
        let (by, bm, bd) = self.civil();
        let (y, m, d) = on.civil();
        y - by - i32::from((m, d) < (bm, bd))
    }

    /// The day `days` later.
    #[must_use]
    pub fn plus(self, days: i32) -> Day {
        Day(self.0 + days)
    }

    /// `YYYY-MM-DD`, empty for no day.
    #[must_use]
    pub fn text(self) -> String {
        if !self.is_some() {
            return String::new();
        }
        let (y, m, d) = self.civil();
        format!("{y:04}-{m:02}-{d:02}")
    }

    /// `DDMMYYYY` as a number, as a PIN holds it.
    #[must_use]
    pub(crate) fn pin_digits(self) -> u64 {
        let (y, m, d) = self.civil();
        (d as u64) * 1_000_000 + (m as u64) * 10_000 + y as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_go_there_and_back() {
        assert_eq!(Day::of(1970, 1, 1).0, 0);
        assert_eq!(ELECTION_DAY.text(), "2015-10-04");
        for day in (-40_000..20_000).step_by(37) {
            let (y, m, d) = Day(day).civil();
            assert_eq!(Day::of(y, m, d), Day(day));
        }
        assert_eq!(Day::of(1997, 10, 4).age_on(ELECTION_DAY), 18);
        assert_eq!(Day::of(1997, 10, 5).age_on(ELECTION_DAY), 17);
    }
}
