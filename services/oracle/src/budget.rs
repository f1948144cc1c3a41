//! How much the oracle answers: in all, and about one PIN.

use std::collections::BTreeMap;

use lexicon::Instant;
use ring::hmac;

/// Limits of one oracle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Answers a second, over all questions.
    pub per_second: u32,
    /// Failed questions about one PIN within 24 hours.
    pub failures_per_day: u32,
    /// Questions of any outcome about one PIN within 24 hours.
    pub questions_per_day: u32,
}

impl Default for Limits {
    /// 50 a second, 5 failures and 30 questions a day (SECURITY.md §3.7).
    fn default() -> Self {
        Self {
            per_second: 50,
            failures_per_day: 5,
            questions_per_day: 30,
        }
    }
}

/// What the budget says about a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Answer it.
    Allowed,
    /// Do not; say when to try again.
    Wait {
        /// Whole minutes, at least 1.
        minutes: u32,
    },
}

const DAY_MICROS: i64 = 86_400_000_000;
const SECOND_MICROS: i64 = 1_000_000;

#[derive(Clone, Copy, Debug, Default)]
struct Subject {
    since: i64,
    asked: u32,
    failed: u32,
}

/// Counts by keyed hash of the PIN: no PIN is kept.
pub struct Budget {
    limits: Limits,
    key: hmac::Key,
    subjects: BTreeMap<[u8; 16], Subject>,
    /// Answers still allowed in this second, and the second.
    left: u32,
    second: i64,
    swept: i64,
}

impl Budget {
    /// An empty budget; `key` blinds the PINs it counts by.
    #[must_use]
    pub fn new(limits: Limits, key: &[u8; 32]) -> Self {
        Self {
            limits,
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
            subjects: BTreeMap::new(),
            left: limits.per_second,
            second: 0,
            swept: 0,
        }
    }

    fn name(&self, pin: &str) -> [u8; 16] {
        let mut name = [0u8; 16];
        name.copy_from_slice(&hmac::sign(&self.key, pin.as_bytes()).as_ref()[..16]);
        name
    }

    /// Whether a question may be answered now; counts it.
    pub fn ask(&mut self, pin: &str, now: Instant) -> Verdict {
        let at = now.micros();
        self.sweep(at);
        if at.div_euclid(SECOND_MICROS) != self.second {
            self.second = at.div_euclid(SECOND_MICROS);
            self.left = self.limits.per_second;
        }
        if self.left == 0 {
            return Verdict::Wait { minutes: 1 };
        }
        self.left -= 1;
        let limits = self.limits;
        let name = self.name(pin);
        let subject = self.subjects.entry(name).or_default();
        if at - subject.since >= DAY_MICROS {
            *subject = Subject {
                since: at,
                asked: 0,
                failed: 0,
            };
        }
        if subject.failed >= limits.failures_per_day || subject.asked >= limits.questions_per_day {
            let left = subject.since + DAY_MICROS - at;
            let minutes = u32::try_from(left / 60_000_000 + 1).unwrap_or(1440);
            return Verdict::Wait { minutes };
        }
        subject.asked += 1;
        Verdict::Allowed
    }

    /// The question failed: no record, or a wrong second number.
    pub fn failed(&mut self, pin: &str, now: Instant) {
        let name = self.name(pin);
        let subject = self.subjects.entry(name).or_insert(Subject {
            since: now.micros(),
            ..Subject::default()
        });
        subject.failed = subject.failed.saturating_add(1);
    }

    /// The question was answered: earlier slips of the same person are forgiven.
    pub fn succeeded(&mut self, pin: &str) {
        let name = self.name(pin);
        if let Some(subject) = self.subjects.get_mut(&name) {
            subject.failed = 0;
        }
    }

    /// Forgets subjects of yesterday once an hour, so that memory stays bounded by a day's questions.
    fn sweep(&mut self, at: i64) {
        if at - self.swept >= 3600 * SECOND_MICROS {
            self.swept = at;
            self.subjects
                .retain(|_, subject| at - subject.since < DAY_MICROS);
        }
    }
}
