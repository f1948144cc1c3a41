//! Signing in: one slow hash at a time, failures slow the account down, nobody learns which names exist.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use lexicon::Instant;
use lexicon::handover::envelope::sha256;
use store::{Store, StoreError};

use crate::password;

/// Failures in a row before an account is closed for a while.
const FREE_FAILURES: u32 = 5;
/// The first closing, microseconds; each further failure doubles it.
const FIRST_LOCK_MICROS: i64 = 60_000_000;
/// The longest closing.
const LONGEST_LOCK_MICROS: i64 = 3_600_000_000;
/// Sign-ins that may wait for their turn; more are sent away.
const WAITING_MAX: u32 = 24;
/// Names without an account whose failures are remembered.
const STRANGERS_MAX: usize = 10_000;

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The password is right.
    Welcome,
    /// Account or password is wrong, or the account is closed for good.
    Wrong,
    /// No attempt before this moment.
    Locked(Instant),
    /// Too many sign-ins at once.
    Busy,
}

/// Failures of a name that has no account.
#[derive(Clone, Copy, Default)]
struct Stranger {
    failures: u32,
    locked_until: Instant,
}

/// The door: attempts pass one by one, because a slow hash takes 64 MiB and a core.
#[derive(Default)]
pub struct Door {
    one_by_one: Mutex<()>,
    waiting: AtomicU32,
    strangers: Mutex<BTreeMap<[u8; 32], Stranger>>,
}

/// Until when an account is closed after its failures.
fn locked_until(failures: u32, now: Instant) -> Instant {
    let Some(over) = failures.checked_sub(FREE_FAILURES) else {
        return Instant::from_micros(0);
    };
    let span = FIRST_LOCK_MICROS
        .checked_shl(over.min(10))
        .unwrap_or(LONGEST_LOCK_MICROS)
        .min(LONGEST_LOCK_MICROS);
    now.plus_micros(span)
}

impl Door {
    /// Tries an account with a password.
    ///
    /// # Errors
    /// The store's.
    pub fn attempt(
        &self,
        store: &Store,
        staff: &str,
        password: &str,
    ) -> Result<Attempt, StoreError> {
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= WAITING_MAX {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Ok(Attempt::Busy);
        }
        let turn = self
            .one_by_one
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let outcome = self.tried(store, staff, password);
        drop(turn);
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        outcome
    }

    fn tried(&self, store: &Store, staff: &str, password: &str) -> Result<Attempt, StoreError> {
        let now = store.now();
        let Some(account) = store.read("find_staff", |tx| tx.find_staff(staff))? else {
            return Ok(self.stranger(staff, now));
        };
        if account.locked_until > now {
            return Ok(Attempt::Locked(account.locked_until));
        }
        let is_right = password::verify(password, &account.password);
        if is_right && account.active {
            store.transact("sign_in", staff, |tx| tx.note_sign_in(staff))?;
            return Ok(Attempt::Welcome);
        }
        let until = locked_until(account.failures + 1, now);
        store.transact("sign_in_failed", staff, |tx| {
            tx.note_failed_sign_in(staff, until)
        })?;
        Ok(answer_of_failure(until, now))
    }

    /// A name without an account: the same time, the same words, the same locks.
    fn stranger(&self, staff: &str, now: Instant) -> Attempt {
        let name = sha256(staff.as_bytes());
        let lock = || {
            self.strangers
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        let known = lock().get(&name).copied().unwrap_or_default();
        if known.locked_until > now {
            return Attempt::Locked(known.locked_until);
        }
        password::spend();
        let failures = known.failures + 1;
        let until = locked_until(failures, now);
        let mut strangers = lock();
        if strangers.len() >= STRANGERS_MAX {
            strangers.clear();
        }
        strangers.insert(
            name,
            Stranger {
                failures,
                locked_until: until,
            },
        );
        answer_of_failure(until, now)
    }
}

fn answer_of_failure(until: Instant, now: Instant) -> Attempt {
    if until > now {
        Attempt::Locked(until)
    } else {
        Attempt::Wrong
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    use std::sync::Arc;
    use std::sync::atomic::AtomicI64;

    use lexicon::Clock;
    use store::Staff;

    use super::*;

    struct Hand(AtomicI64);

    impl Clock for Hand {
        fn now(&self) -> Instant {
            Instant::from_micros(self.0.load(Ordering::Relaxed))
        }
    }

    fn account(active: bool) -> Staff {
        Staff {
            staff: "aida".to_owned(),
            display: "Аида".to_owned(),
            role: "clerk".to_owned(),
            password: password::hash("correct horse battery", &[1; 16]).unwrap(),
            active,
            failures: 0,
            locked_until: Instant::from_micros(0),
        }
    }

    #[test]
    fn failures_close_an_account_for_longer_and_longer_and_a_stranger_sees_no_difference() {
        let clock = Arc::new(Hand(AtomicI64::new(1_000_000_000)));
        let store = Store::open("sqlite::memory:", clock.clone()).unwrap();
        let door = Door::default();
        store
            .transact("staff", "admin", |tx| tx.record_staff(&account(true)))
            .unwrap();
        let mut answers = [Vec::new(), Vec::new()];
        for _ in 0..7 {
            for (at, name) in ["aida", "nobody"].into_iter().enumerate() {
                answers[at].push(door.attempt(&store, name, "guess guess guess").unwrap());
            }
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[0][3], Attempt::Wrong);
        let until = Instant::from_micros(1_060_000_000);
        assert_eq!(answers[0][4..], [Attempt::Locked(until); 3]);
        // While it is closed the right password does not open it.
        let right = || {
            door.attempt(&store, "aida", "correct horse battery")
                .unwrap()
        };
        assert_eq!(right(), Attempt::Locked(until));
        clock.0.store(1_061_000_000, Ordering::Relaxed);
        let again = door.attempt(&store, "aida", "guess guess guess").unwrap();
        assert_eq!(again, Attempt::Locked(Instant::from_micros(1_181_000_000)));
        clock.0.store(1_182_000_000, Ordering::Relaxed);
        assert_eq!(right(), Attempt::Welcome);
        let known = store
            .read("staff", |tx| tx.find_staff("aida"))
            .unwrap()
            .unwrap();
        assert_eq!(known.failures, 0);
        store
            .transact("staff", "admin", |tx| tx.record_staff(&account(false)))
            .unwrap();
        assert_eq!(right(), Attempt::Wrong, "a closed account stays closed");
    }

    #[test]
    fn a_closing_never_lasts_longer_than_an_hour() {
        let now = Instant::from_micros(0);
        assert_eq!(locked_until(4, now), now);
        assert_eq!(locked_until(5, now).micros(), FIRST_LOCK_MICROS);
        assert_eq!(locked_until(6, now).micros(), 2 * FIRST_LOCK_MICROS);
        assert_eq!(locked_until(u32::MAX, now).micros(), LONGEST_LOCK_MICROS);
    }
}
