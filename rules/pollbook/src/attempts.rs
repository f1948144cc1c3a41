//! Fingers, tries and pauses: which finger is asked for next, and when the kit stops asking.

use lexicon::handover::package::StationPolicy;

/// What a capture showed. The comparison itself is an instrument's; the threshold is the package's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capture {
    /// The finger reached the threshold; the class says how clearly, 0–3.
    Fits {
        /// Score class.
        class: u8,
    },
    /// The finger was read and did not reach it.
    Differs,
    /// Nothing could be read.
    Unreadable,
}

/// What the kit does after a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Check the voter in.
    Accept {
        /// Score class.
        class: u8,
    },
    /// Ask for the finger with this rank (0 is the best) again or anew.
    Ask {
        /// Rank within the package's fingers.
        rank: usize,
        /// Tries left for it.
        tries_left: u8,
    },
    /// Wait until the steady clock shows this, then ask.
    Pause {
        /// Microseconds of the steady clock.
        until_steady: u64,
        /// Rank within the package's fingers.
        rank: usize,
    },
    /// Every finger was tried: red, and the chair decides.
    Exhausted {
        /// Whether at least one capture was read and differed.
        differed: bool,
    },
}

/// The captures of one voter at one presentation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    rank: usize,
    at_finger: u8,
    total: u8,
    differed: bool,
    pause_until: Option<u64>,
}

impl Attempts {
    /// Captures so far.
    #[must_use]
    pub fn total(&self) -> u8 {
        self.total
    }

    /// The rank of the finger that is asked for now.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// The steady time before which no capture is taken, if a pause runs.
    #[must_use]
    pub fn pause_until(&self, steady_micros: u64) -> Option<u64> {
        self.pause_until.filter(|until| steady_micros < *until)
    }

    /// Moves to another finger at the operator's wish; stays when there is none.
    pub fn another_finger(&mut self, fingers: usize) {
        if fingers > 0 {
            self.rank = (self.rank + 1) % fingers;
            self.at_finger = 0;
        }
    }

    /// Takes a capture into account. `fingers` is how many the package holds.
    pub fn take(
        &mut self,
        capture: Capture,
        fingers: usize,
        policy: &StationPolicy,
        steady_micros: u64,
    ) -> Next {
        self.total = self.total.saturating_add(1);
        match capture {
            Capture::Fits { class } => return Next::Accept { class },
            Capture::Differs => self.differed = true,
            Capture::Unreadable => {}
        }
        self.at_finger += 1;
        if usize::from(self.total) >= fingers.max(1) * usize::from(policy.tries_per_finger.max(1)) {
            return Next::Exhausted {
                differed: self.differed,
            };
        }
        if self.at_finger >= policy.tries_per_finger {
            self.another_finger(fingers);
        }
        let pause = policy.pause_after_failures;
        if pause > 0 && self.total.is_multiple_of(pause) {
            let until = steady_micros + u64::from(policy.pause_seconds) * 1_000_000;
            self.pause_until = Some(until);
            return Next::Pause {
                until_steady: until,
                rank: self.rank,
            };
        }
        Next::Ask {
            rank: self.rank,
            tries_left: policy.tries_per_finger - self.at_finger,
        }
    }
}

/// The score class of a capture that fits: how many powers of ten the rate lies below the threshold's.
///
/// `score` and `threshold` are on the instrument's scale, 100 for each power of ten. Only the class
/// leaves the kit: a score would let an attacker climb.
#[must_use]
pub fn classify(score: u16, threshold: u16) -> Capture {
    if score < threshold {
        return Capture::Differs;
    }
    let class = ((score - threshold) / 100).min(3);
    Capture::Fits {
        class: u8::try_from(class).unwrap_or(3),
    }
}

/// The false match rate that one comparison may have when a finger is compared with `fingers` of other lines (1:N):
/// the policy's expected number of false hits of the whole search, divided among them. `None` where the policy does
/// not allow to look, or there is nothing to compare with.
#[must_use]
pub fn other_line_fmr(policy: &StationPolicy, fingers: usize) -> Option<f64> {
    share_of(policy.other_line_ppb?, fingers)
}

/// The same for the lines that are marked already, which are searched before a voter whose finger fits is served.
#[must_use]
pub fn marked_lines_fmr(policy: &StationPolicy, fingers: usize) -> Option<f64> {
    share_of(policy.marked_lines_ppb?, fingers)
}

fn share_of(expected_ppb: u32, fingers: usize) -> Option<f64> {
    let fingers = u32::try_from(fingers).ok().filter(|fingers| *fingers > 0)?;
    Some(f64::from(expected_ppb) * 1e-9 / f64::from(fingers))
}

/// Which line a finger fits, by the scores of other lines that reached the threshold: one line alone, and neither the
/// line that is open nor one of two. A finger is never said to be somebody's when it may be another's.
#[must_use]
pub fn other_line(open: u32, lines: &[u32]) -> Option<u32> {
    let first = lines.first().copied()?;
    let is_one = lines.iter().all(|line| *line == first);
    (is_one && first != open).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> StationPolicy {
        crate::testing::policy()
    }

    #[test]
    fn best_finger_first_three_tries_each_then_the_next_and_a_pause_after_five() {
        let mut attempts = Attempts::default();
        let policy = policy();
        let mut take = |capture| attempts.take(capture, 3, &policy, 1_000_000);
        assert_eq!(
            take(Capture::Unreadable),
            Next::Ask {
                rank: 0,
                tries_left: 2
            }
        );
        assert_eq!(
            take(Capture::Differs),
            Next::Ask {
                rank: 0,
                tries_left: 1
            }
        );
        assert_eq!(
            take(Capture::Differs),
            Next::Ask {
                rank: 1,
                tries_left: 3
            }
        );
        assert_eq!(
            take(Capture::Differs),
            Next::Ask {
                rank: 1,
                tries_left: 2
            }
        );
        assert_eq!(
            take(Capture::Differs),
            Next::Pause {
                until_steady: 31_000_000,
                rank: 1
            }
        );
        assert_eq!(
            take(Capture::Differs),
            Next::Ask {
                rank: 2,
                tries_left: 3
            }
        );
        assert_eq!(take(Capture::Fits { class: 2 }), Next::Accept { class: 2 });
    }

    #[test]
    fn after_three_times_three_tries_the_chair_decides() {
        let mut attempts = Attempts::default();
        let mut last = None;
        for _ in 0..9 {
            last = Some(attempts.take(Capture::Differs, 3, &policy(), 0));
        }
        assert_eq!(last, Some(Next::Exhausted { differed: true }));
        let mut unread = Attempts::default();
        let only = (0..3)
            .map(|_| unread.take(Capture::Unreadable, 1, &policy(), 0))
            .last();
        assert_eq!(only, Some(Next::Exhausted { differed: false }));
    }

    #[test]
    fn a_search_divides_its_false_hits_among_the_fingers_and_a_silent_law_allows_none() {
        let mut policy = policy();
        assert_eq!(other_line_fmr(&policy, 4_800), None, "the law is silent");
        policy.other_line_ppb = Some(1_000_000);
        let fmr = other_line_fmr(&policy, 4_000).unwrap_or(1.0);
        assert!((fmr - 2.5e-7).abs() < 1e-12, "{fmr}");
        assert_eq!(other_line_fmr(&policy, 0), None);
        assert_eq!(marked_lines_fmr(&policy, 4_000), None, "the law is silent");
        policy.marked_lines_ppb = Some(10_000);
        let fmr = marked_lines_fmr(&policy, 4_000).unwrap_or(1.0);
        assert!((fmr - 2.5e-9).abs() < 1e-15, "{fmr}");
    }

    #[test]
    fn a_finger_fits_one_other_line_or_none_is_named() {
        assert_eq!(other_line(7, &[127]), Some(127));
        assert_eq!(
            other_line(7, &[127, 127]),
            Some(127),
            "two fingers of one line"
        );
        assert_eq!(other_line(7, &[127, 128]), None);
        assert_eq!(other_line(7, &[7]), None, "the voter's own other finger");
        assert_eq!(other_line(7, &[127, 7]), None);
        assert_eq!(other_line(7, &[]), None);
    }

    #[test]
    fn a_score_shows_only_its_class() {
        assert_eq!(classify(399, 400), Capture::Differs);
        assert_eq!(classify(400, 400), Capture::Fits { class: 0 });
        assert_eq!(classify(650, 400), Capture::Fits { class: 2 });
        assert_eq!(classify(2000, 400), Capture::Fits { class: 3 });
    }
}
