//! How many questions one address may ask in a day: what slows somebody down who tries numbers in a row.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Mutex;

use lexicon::Instant;

const DAY_MICROS: i64 = 86_400_000_000;
/// The most addresses that are remembered; when there are more, those of the earliest beginning are forgotten.
const REMEMBERED_MAX: usize = 1 << 20;

#[derive(Clone, Copy, Debug)]
struct Seen {
    since: i64,
    asked: u32,
}

/// Counts questions by address, in memory only; nothing is written or logged.
#[derive(Debug)]
pub struct Askers {
    per_day: u32,
    seen: Mutex<HashMap<IpAddr, Seen>>,
}

/// What is counted together: an IPv4 address, or the 64 bits that a household or a telephone has of IPv6.
fn subject(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

impl Askers {
    /// Nobody has asked yet; `per_day` questions of an address within 24 hours are passed on.
    #[must_use]
    pub fn new(per_day: u32) -> Self {
        Self {
            per_day,
            seen: Mutex::new(HashMap::new()),
        }
    }

    /// Counts a question; when there were too many, the whole minutes to wait.
    pub fn ask(&self, address: IpAddr, now: Instant) -> Option<u32> {
        let at = now.micros();
        let mut seen = self
            .seen
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let subject = subject(address);
        if seen.len() >= REMEMBERED_MAX && !seen.contains_key(&subject) {
            seen.retain(|_, of| at - of.since < DAY_MICROS);
            if seen.len() >= REMEMBERED_MAX {
                let mut since: Vec<i64> = seen.values().map(|of| of.since).collect();
                let (_, middle, _) = since.select_nth_unstable(REMEMBERED_MAX / 2);
                let middle = *middle;
                seen.retain(|_, of| of.since > middle);
            }
        }
        let of = seen.entry(subject).or_insert(Seen {
            since: at,
            asked: 0,
        });
        if at - of.since >= DAY_MICROS {
            *of = Seen {
                since: at,
                asked: 0,
            };
        }
        if of.asked >= self.per_day {
            let left = of.since + DAY_MICROS - at;
            return Some(u32::try_from(left / 60_000_000 + 1).unwrap_or(1_440));
        }
        of.asked += 1;
        None
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_micros(1_443_900_000_000_000 + seconds * 1_000_000)
    }

    #[test]
    fn an_address_asks_so_often_a_day_and_another_one_is_not_held_up() {
        let askers = Askers::new(3);
        let ask = |address: &str, seconds| askers.ask(address.parse().unwrap(), at(seconds));
        for second in 0..3 {
            assert_eq!(ask("192.0.2.7", second), None);
        }
        assert_eq!(ask("192.0.2.7", 60), Some(1_440));
        assert_eq!(ask("::ffff:192.0.2.7", 120), Some(1_439), "the same one");
        assert_eq!(ask("192.0.2.8", 120), None);
        assert_eq!(ask("192.0.2.7", 86_400), None, "a day later");
        // Whoever has a network of IPv6 addresses asks from one of them.
        for host in 1..=3 {
            assert_eq!(ask(&format!("2001:db8:1:2::{host}"), 0), None);
        }
        assert_eq!(ask("2001:db8:1:2:ffff::9", 0), Some(1_441));
        assert_eq!(ask("2001:db8:1:3::1", 0), None);
    }
}
