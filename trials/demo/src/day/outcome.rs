//! The whole day in figures.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::count::{PrecinctCount, PrecinctRow};
use super::crowd::Human;
use super::real::RealRates;
use super::witness::{Captures, End, Purpose, VisitNote};

/// Machine time of check-ins by finger: from capture to printed receipt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CheckInTimes {
    /// Check-ins measured.
    pub measured: u64,
    /// Half of them took at most this, milliseconds.
    pub p50_ms: f64,
    /// 95 of 100 took at most this, milliseconds.
    pub p95_ms: f64,
    /// The longest, milliseconds.
    pub longest_ms: f64,
}

impl CheckInTimes {
    fn of(mut micros: Vec<u32>) -> Self {
        micros.sort_unstable();
        let at = |share: usize| {
            let last = micros.len().saturating_sub(1);
            let micros = micros.get((micros.len() * share / 100).min(last));
            micros.map_or(0.0, |micros| f64::from(*micros) / 1000.0)
        };
        Self {
            measured: micros.len() as u64,
            p50_ms: at(50),
            p95_ms: at(95),
            longest_ms: at(100),
        }
    }
}

/// Check-ins of one precinct, hour and method.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnoutCell {
    /// Precinct number.
    pub precinct: u16,
    /// Local hour, 0 to 23.
    pub hour: u8,
    /// Code of the method.
    pub method: String,
    /// Check-ins that stand.
    pub voters: u64,
}

/// What the election day was. Everything but `times` and `precincts_standing` follows from the inputs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DayOutcome {
    /// By precinct, ascending.
    pub precincts: Vec<PrecinctRow>,
    /// Check-ins that stand, by precinct, local hour and method; ascending, none is empty.
    pub turnout: Vec<TurnoutCell>,
    /// People who came, each visit once.
    pub visits: u64,
    /// Check-ins that stand, from the journals.
    pub checkins_by_method: BTreeMap<String, u64>,
    /// Recorded refusals, from the journals. A voter whose finger was refused and who was then
    /// identified by two officers is in both tables.
    pub refusals_by_reason: BTreeMap<String, u64>,
    /// Check-ins that stand, by local hour.
    pub turnout_by_hour: BTreeMap<u8, u64>,
    /// How voters were found: `pin`, `passport`, `name`.
    pub found_by: BTreeMap<String, u64>,
    /// Visits by somebody who wanted to vote a second time.
    pub double_attempts: u64,
    /// Humans with more than one check-in that stands, over all journals.
    pub double_admitted: u64,
    /// Visits by somebody with another's papers.
    pub impostor_attempts: u64,
    /// Check-ins that stand on a line that is not the human's own.
    pub impostor_admitted: u64,
    /// Visits to a wrong precinct that the district index sent to the right one.
    pub sent_to_right_precinct: u64,
    /// Visits that it sent to another wrong one.
    pub sent_to_other_precinct: u64,
    /// Humans who came to their own precinct to vote and never were checked in, by the last reason.
    pub turned_away: BTreeMap<String, u64>,
    /// Captures of voters' own fingers at the desks; wrong is a rejection.
    pub genuine_captures: Captures,
    /// Captures of impostors' fingers at the desks; wrong is an acceptance.
    pub impostor_captures: Captures,
    /// Error rates of real fingers, when some were given.
    pub real: Option<RealRates>,
    /// Papers that the printers gave out, and the bytes of their streams.
    pub papers: (u64, u64),
    /// Machine time.
    pub times: CheckInTimes,
    /// Precincts whose day stood from an earlier run.
    pub precincts_standing: u64,
}

impl DayOutcome {
    /// Check-ins that stand.
    #[must_use]
    pub fn checked_in(&self) -> u64 {
        self.precincts.iter().map(|row| row.checked_in).sum()
    }

    /// A sum over the precincts.
    #[must_use]
    pub fn sum(&self, of: impl Fn(&PrecinctRow) -> u64) -> u64 {
        self.precincts.iter().map(of).sum()
    }

    pub(super) fn of(counts: Vec<PrecinctCount>) -> Self {
        let mut outcome = Self::default();
        let mut admitted: BTreeMap<Human, u64> = BTreeMap::new();
        let mut visits: Vec<VisitNote> = Vec::new();
        let mut micros = Vec::new();
        for count in counts {
            for admission in &count.admissions {
                *admitted.entry(admission.human).or_default() += 1;
                outcome.impostor_admitted += u64::from(!admission.is_own_line);
            }
            outcome.turned_out(&count);
            add(&mut outcome.refusals_by_reason, &count.refusals);
            let witness = count.witness;
            add(&mut outcome.found_by, &witness.found_by);
            outcome.genuine_captures.add(&witness.genuine);
            outcome.impostor_captures.add(&witness.impostor);
            if let Some(rates) = &witness.real {
                outcome.real.get_or_insert_default().add(rates);
            }
            outcome.papers.0 += witness.papers.0;
            outcome.papers.1 += witness.papers.1;
            outcome.precincts_standing += u64::from(count.was_standing);
            micros.extend(witness.check_in_micros);
            visits.extend(witness.visits);
            outcome.precincts.push(count.row);
        }
        outcome.double_admitted = admitted.values().filter(|times| **times > 1).count() as u64;
        outcome.times = CheckInTimes::of(micros);
        let admitted: BTreeSet<Human> = admitted.into_keys().collect();
        outcome.visited(&visits, &admitted);
        outcome
    }

    fn turned_out(&mut self, count: &PrecinctCount) {
        for ((hour, method), voters) in &count.turnout {
            let method = method.code().to_owned();
            *self.turnout_by_hour.entry(*hour).or_default() += voters;
            *self.checkins_by_method.entry(method.clone()).or_default() += voters;
            self.turnout.push(TurnoutCell {
                precinct: count.row.precinct,
                hour: *hour,
                method,
                voters: *voters,
            });
        }
    }

    fn visited(&mut self, visits: &[VisitNote], admitted: &BTreeSet<Human>) {
        let mut turned_away: BTreeMap<Human, &str> = BTreeMap::new();
        for visit in visits {
            self.visits += 1;
            match visit.purpose {
                Purpose::Double => self.double_attempts += 1,
                Purpose::Impostor => self.impostor_attempts += 1,
                Purpose::Vote | Purpose::WrongPrecinct | Purpose::NotOnList => {}
            }
            self.sent_to_right_precinct += u64::from(visit.sent_rightly);
            self.sent_to_other_precinct +=
                u64::from(visit.sent_to.is_some() && !visit.sent_rightly);
            if let (Purpose::Vote, End::Refused { reason }) = (visit.purpose, &visit.end)
                && !admitted.contains(&visit.bearer)
            {
                turned_away.insert(visit.bearer, reason);
            }
        }
        for reason in turned_away.values() {
            *self.turned_away.entry((*reason).to_owned()).or_default() += 1;
        }
    }
}

fn add<K: Ord + Clone>(sum: &mut BTreeMap<K, u64>, more: &BTreeMap<K, u64>) {
    for (key, count) in more {
        *sum.entry(key.clone()).or_default() += count;
    }
}

#[cfg(test)]
mod tests {
    use super::super::count::Admission;
    use super::super::witness::Witness;
    use super::*;

    fn precinct(humans: &[(u32, bool)]) -> PrecinctCount {
        PrecinctCount {
            row: PrecinctRow::default(),
            admissions: humans
                .iter()
                .map(|(human, is_own_line)| Admission {
                    human: Human(*human),
                    is_own_line: *is_own_line,
                })
                .collect(),
            turnout: BTreeMap::new(),
            refusals: BTreeMap::new(),
            witness: Witness::default(),
            was_standing: false,
        }
    }

    #[test]
    fn a_human_with_two_check_ins_in_two_precincts_is_a_double_and_a_foreign_line_an_impostor() {
        let honest = DayOutcome::of(vec![
            precinct(&[(1, true), (2, true)]),
            precinct(&[(3, true)]),
        ]);
        assert_eq!((honest.double_admitted, honest.impostor_admitted), (0, 0));
        let wrong = DayOutcome::of(vec![
            precinct(&[(1, true), (2, true)]),
            precinct(&[(1, true), (4, false)]),
        ]);
        assert_eq!((wrong.double_admitted, wrong.impostor_admitted), (1, 1));
    }

    #[test]
    fn times_are_read_off_the_sorted_row() {
        let times = CheckInTimes::of((1..=100).rev().map(|ms| ms * 1000).collect());
        assert_eq!(
            (times.measured, times.p50_ms, times.p95_ms, times.longest_ms),
            (100, 51.0, 96.0, 100.0)
        );
        assert_eq!(CheckInTimes::of(Vec::new()), CheckInTimes::default());
    }
}
