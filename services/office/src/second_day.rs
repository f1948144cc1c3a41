//! Another day of voting (S-37) at the centre: decisions of the commission above that are handed in, what reports say of the
//! days of their precincts, and where each stands.

use std::collections::BTreeMap;

use lexicon::handover::day_decision::DayDecision;
use lexicon::handover::envelope::{hex, sha256};
use lexicon::handover::package::decided_by;
use lexicon::{ElectionLaw, Instant};
use pollbook::{Decided, OTHER_PACKAGE, Rejection};
use store::{DayDecisionRow, Store, StoreError, VotingDayRow};

use crate::day::Hall;

const MINUTE_MICROS: i64 = 60_000_000;

/// Why a decision was not kept: whoever brought it gets the right one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecisionRefused {
    /// The bytes are no decision.
    Unreadable,
    /// The office has no manifest of its precinct.
    NoManifest,
    /// It is of another election.
    Election,
    /// It is for another package than the one that stands here.
    Package,
    /// Those whom the law names did not sign it, or a signature does not fit.
    Signers,
    /// The law knows no such day or hours.
    NotAllowed,
    /// By this law two institutions sign it: the kits hold their keys, the office does not.
    Institutions,
    /// Another decision with its number is kept.
    Twice,
}

impl DecisionRefused {
    /// Every code.
    pub const CODES: [&'static str; 8] = [
        "unreadable",
        "no_manifest",
        "election",
        "package",
        "signers",
        "not_allowed",
        "institutions",
        "twice",
    ];

    /// The code of its sentence.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            DecisionRefused::Unreadable => "unreadable",
            DecisionRefused::NoManifest => "no_manifest",
            DecisionRefused::Election => "election",
            DecisionRefused::Package => "package",
            DecisionRefused::Signers => "signers",
            DecisionRefused::NotAllowed => "not_allowed",
            DecisionRefused::Institutions => "institutions",
            DecisionRefused::Twice => "twice",
        }
    }
}

fn refused(rejection: &Rejection) -> DecisionRefused {
    match rejection {
        Rejection::Election(_) => DecisionRefused::Election,
        Rejection::Envelope(_) | Rejection::Officers(_) => DecisionRefused::Signers,
        Rejection::Decision(OTHER_PACKAGE) => DecisionRefused::Package,
        Rejection::Decision(_) => DecisionRefused::NotAllowed,
        Rejection::Precinct(_)
        | Rejection::Version(_)
        | Rejection::Kind(_)
        | Rejection::ForeignKit { .. }
        | Rejection::UnknownKit(_)
        | Rejection::Root
        | Rejection::Delta(_)
        | Rejection::Range { .. }
        | Rejection::Vocabulary(_) => DecisionRefused::Unreadable,
    }
}

/// Takes a signed decision in, checked as a kit of the precinct checks it; gives precinct and number, and whether it is new.
///
/// # Errors
/// [`StoreError`]; nothing was written then.
pub fn receive_decision(
    store: &Store,
    law: &ElectionLaw,
    staff: &str,
    file: &[u8],
) -> Result<Result<(u16, bool), DecisionRefused>, StoreError> {
    let Ok((claimed, _)) = DayDecision::read(file) else {
        return Ok(Err(DecisionRefused::Unreadable));
    };
    let election = law.election.number;
    if claimed.election != election {
        return Ok(Err(DecisionRefused::Election));
    }
    store.transact("receive_day_decision", staff, |tx| {
        let Some(hall) = Hall::find(tx, claimed.precinct, election)? else {
            return Ok(Err(DecisionRefused::NoManifest));
        };
        let by = hall.charter.policy().second_day.as_ref();
        if by.is_some_and(|law| law.by == decided_by::INSTITUTIONS) {
            return Ok(Err(DecisionRefused::Institutions));
        }
        let Ok(decided) = Decided::read(file) else {
            return Ok(Err(DecisionRefused::Unreadable));
        };
        if let Err(rejection) = decided.verify(&hall.charter, &hall.ring) {
            return Ok(Err(refused(&rejection)));
        }
        let decision = &decided.decision;
        let hash = hex(&sha256(file));
        let known = tx.day_decisions()?;
        let of_number = |row: &&DayDecisionRow| {
            row.precinct == decision.precinct && row.number == decision.number
        };
        if known.iter().filter(of_number).any(|row| row.sha256 != hash) {
            return Ok(Err(DecisionRefused::Twice));
        }
        let is_new = tx.record_day_decision(&DayDecisionRow {
            sha256: hash,
            precinct: decision.precinct,
            number: decision.number,
            opens: Instant::from_micros(decision.opens),
            closes: Instant::from_micros(decision.closes),
            reason: decision.reason.clone(),
            bytes: file.to_vec(),
        })?;
        Ok(Ok((decision.precinct, is_new)))
    })
}

/// Where a precinct stands whose voting did not end with election day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayStanding {
    /// It was closed before its time, and no decision is here.
    Waits,
    /// A decision says when voting goes on.
    Decided,
    /// Voting goes on now.
    Votes,
    /// The last day that was decided is over.
    Over,
    /// It was closed before its time on its last day, and that day's end has come as well.
    Ended,
}

impl DayStanding {
    /// Every code.
    pub const CODES: [&'static str; 5] = ["waits", "decided", "votes", "over", "ended"];

    /// The code of its word.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            DayStanding::Waits => "waits",
            DayStanding::Decided => "decided",
            DayStanding::Votes => "votes",
            DayStanding::Over => "over",
            DayStanding::Ended => "ended",
        }
    }
}

/// A precinct whose voting did not end with election day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prolonged {
    /// Its days, from the report that was made last; empty before one was handed in.
    pub days: Vec<VotingDayRow>,
    /// The decisions that are kept here, by number.
    pub decisions: Vec<DayDecisionRow>,
}

impl Prolonged {
    /// The day that was decided last, by a decision kept here or by the report.
    #[must_use]
    pub fn last_day(&self) -> Option<(Instant, Instant)> {
        let kept = self.decisions.iter().map(|row| (row.opens, row.closes));
        let said = self.days.iter().filter(|day| day.decision.is_some());
        kept.chain(said.map(|day| (day.opens, day.closes))).max()
    }

    /// When it was closed before its time last, and why.
    #[must_use]
    pub fn suspension(&self) -> Option<&(Instant, String)> {
        let closed = self.days.iter().rev();
        closed
            .filter_map(|day| day.suspended.as_ref())
            .max_by_key(|(at, _)| *at)
    }

    /// Where it stands at a moment.
    #[must_use]
    pub fn standing(&self, now: Instant) -> DayStanding {
        let closed = self.suspension().map(|(at, _)| *at);
        match (self.last_day(), closed) {
            (None, _) => DayStanding::Waits,
            // Closed again on the day that was decided.
            (Some((opens, closes)), Some(at)) if at > opens => {
                if now < closes {
                    DayStanding::Waits
                } else {
                    DayStanding::Ended
                }
            }
            (Some((opens, _)), _) if now < opens => DayStanding::Decided,
            (Some((_, closes)), _) if now < closes => DayStanding::Votes,
            (Some(_), _) => DayStanding::Over,
        }
    }

    /// The command that makes the next decision, on the morning after by the hours of the law; the commission changes it.
    #[must_use]
    pub fn command(&self, law: &ElectionLaw) -> String {
        let offset = law.election.offset_minutes;
        let number = self.decisions.iter().map(|row| row.number).max();
        let number = number.unwrap_or(0).saturating_add(1);
        let last = self.days.last().map(|day| day.opens);
        let last = last.max(self.decisions.last().map(|row| row.opens));
        let day = last.map_or(law.election.day, |at| at.local_date(offset));
        let midnight = Instant::at_local(day, 24 * 60, offset);
        let at = |minutes: u16| {
            let at = midnight.plus_micros(i64::from(minutes) * MINUTE_MICROS);
            at.local_minute(offset)
        };
        let reason = self.suspension().map_or("OTHER", |(_, code)| code.as_str());
        format!(
            "tizme-station decide --config kit.toml --number {number} --opens \"{}\" --closes \"{}\" --reason {reason} --card … --card … --out .",
            at(law.election.opens_minutes),
            at(law.election.closes_minutes),
        )
    }
}

/// Every precinct of which a report or a decision says that its voting did not end with election day.
#[must_use]
pub fn prolonged(
    days: Vec<VotingDayRow>,
    decisions: Vec<DayDecisionRow>,
) -> BTreeMap<u16, Prolonged> {
    let mut all: BTreeMap<u16, Prolonged> = BTreeMap::new();
    for day in days {
        all.entry(day.precinct).or_default().days.push(day);
    }
    for row in decisions {
        all.entry(row.precinct).or_default().decisions.push(row);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 60 * MINUTE_MICROS;

    fn at(hour: i64) -> Instant {
        Instant::from_micros(hour * HOUR)
    }

    fn day(place: u32, hours: (i64, i64), suspended: Option<i64>) -> VotingDayRow {
        VotingDayRow {
            precinct: 1001,
            place,
            opens: at(hours.0),
            closes: at(hours.1),
            decision: (place > 0).then(|| "ab".to_owned()),
            suspended: suspended.map(|hour| (at(hour), "FIRE".to_owned())),
            counted: 0,
            outside: 0,
            reported: at(hours.1),
        }
    }

    fn decided(opens: i64, closes: i64) -> DayDecisionRow {
        DayDecisionRow {
            sha256: String::new(),
            precinct: 1001,
            number: 1,
            opens: at(opens),
            closes: at(closes),
            reason: "FIRE".to_owned(),
            bytes: Vec::new(),
        }
    }

    #[test]
    fn a_precinct_stands_where_its_days_and_decisions_leave_it() {
        let first = day(0, (8, 20), Some(12));
        let mut one = prolonged(vec![first.clone()], Vec::new());
        let mut one = one.remove(&1001).unwrap_or_default();
        assert_eq!(one.standing(at(15)), DayStanding::Waits);
        assert_eq!(
            one.standing(at(40)),
            DayStanding::Waits,
            "and goes on waiting"
        );
        one.decisions.push(decided(33, 44));
        assert_eq!(one.standing(at(30)), DayStanding::Decided);
        assert_eq!(one.standing(at(33)), DayStanding::Votes);
        assert_eq!(one.standing(at(44)), DayStanding::Over);
        // Closed once more on the day that was decided.
        one.days = vec![first, day(1, (33, 44), Some(36))];
        assert_eq!(one.standing(at(37)), DayStanding::Waits);
        assert_eq!(one.standing(at(44)), DayStanding::Ended);
        // A decision alone: the report has not come yet.
        let alone = Prolonged {
            days: Vec::new(),
            decisions: vec![decided(33, 44)],
        };
        assert_eq!(alone.standing(at(34)), DayStanding::Votes);
    }

    #[test]
    fn the_command_names_the_next_number_and_the_next_morning() {
        let law = ElectionLaw::shipped("kg-2015").expect("a shipped law");
        let opens = Instant::at_local(law.election.day, 480, law.election.offset_minutes);
        let closed = VotingDayRow {
            opens,
            suspended: Some((opens, "POWER".to_owned())),
            ..day(0, (8, 20), None)
        };
        let mut one = Prolonged {
            days: vec![closed],
            decisions: Vec::new(),
        };
        let said = one.command(&law);
        assert!(
            said.contains("--number 1 --opens \"2015-10-05 08:00\" --closes \"2015-10-05 20:00\" --reason POWER"),
            "{said}"
        );
        one.decisions.push(DayDecisionRow {
            opens: opens.plus_micros(24 * HOUR),
            ..decided(0, 0)
        });
        let said = one.command(&law);
        assert!(
            said.contains("--number 2 --opens \"2015-10-06 08:00\""),
            "{said}"
        );
    }
}
