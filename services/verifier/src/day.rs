//! The days of voting: election day, and those that a signed decision added to a precinct that was closed before its time
//! (docs/formats.md §4.3).

use crate::Checked;
use crate::body::{DAY_DECIDED, IDENTIFIED, SESSION_OPENED, SUSPENDED};
use crate::cbor::Value;
use crate::cose::{Hash, Subject};
use crate::fold::{Fold, Place};
use crate::incident::Incident;
use crate::journal::Event;
use crate::station::Station;
use std::collections::BTreeSet;

/// Bytes the longest decision may have.
const BYTES_MAX: usize = 3584;
const HOUR: i128 = 3_600_000_000;
/// Why a precinct is closed before its time.
pub(crate) const REASONS: [&str; 5] = ["FIRE", "POWER", "FLOOD", "THREAT", "OTHER"];

/// What the package lays down about further days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rule {
    /// 1: the commission above; 2: both institutions.
    by: u8,
    days_max: u8,
    hours_max: u8,
}

impl Rule {
    /// Element 19 of a policy; none where the law knows no further day.
    pub(crate) fn read(policy: &Value) -> Checked<Option<Self>> {
        let Some(rule) = policy.get(19).filter(|rule| **rule != Value::Null) else { return Ok(None) };
        let rule = Self { by: rule.number(0)?, days_max: rule.number(1)?, hours_max: rule.number(2)? };
        if (1..=2).contains(&rule.by) {
            Ok(Some(rule))
        } else {
            Err("field 13: nobody decides a further day".to_owned())
        }
    }
}

/// A decision whose signatures hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    id: Hash,
    number: u8,
    opens: i64,
    closes: i64,
}

impl Decision {
    /// Opens a `day-decision`: who signed, election, precinct, package, form, and what the law allows.
    pub(crate) fn open(bytes: &[u8], station: &Station) -> Checked<Self> {
        let rule = station.second_day.ok_or("a decision on a day that the law does not know")?;
        if bytes.len() > BYTES_MAX {
            return Err("a decision that is too long".to_owned());
        }
        let subject = Subject { kind: "day-decision", election: station.election };
        let signed = if rule.by == 1 {
            let signed = subject.open_all(bytes, &station.keys, &[])?;
            station.approve_commission(&signed.signers)?;
            signed
        } else {
            subject.open_all(bytes, &station.trusted, &station.institutions)?
        };
        let payload = signed.payload.has_fields(9)?;
        let about = [payload.number::<u32>(2)?, payload.number(3)?];
        let is_here = about == [station.election, station.precinct.into()] && payload.array::<32>(4)? == station.id;
        if payload.text(1)? != "kg1" || !is_here {
            return Err("a decision of another suite, election, precinct or package".to_owned());
        }
        let decision =
            Self { id: signed.id, number: payload.number(5)?, opens: payload.signed(6)?, closes: payload.signed(7)? };
        payload.signed(9)?;
        let (opens, closes) = (i128::from(decision.opens), i128::from(decision.closes));
        let date = |at: i128| (at + i128::from(station.offset_minutes) * HOUR / 60).div_euclid(24 * HOUR);
        let within = opens > i128::from(station.opens)
            && opens < closes
            && closes - opens <= i128::from(rule.hours_max) * HOUR
            && date(opens) - date(station.opens.into()) <= i128::from(rule.days_max);
        if decision.number == 0 || !within || !REASONS.contains(&payload.text(8)?) {
            return Err("a decision that is malformed or that the law does not allow".to_owned());
        }
        Ok(decision)
    }
}

/// One day of voting.
#[derive(Debug, Clone)]
pub(crate) struct Day<'e> {
    opens: i64,
    closes: i64,
    decision: Option<Hash>,
    suspended: Option<&'e Event>,
}

/// The days that the events show, election day first.
#[derive(Debug, Clone)]
pub(crate) struct Days<'e> {
    days: Vec<Day<'e>>,
    /// SESSION_OPENED in the order of the day.
    sessions: Vec<&'e Event>,
}

impl<'e> Days<'e> {
    /// Of two decisions under one number the one with the smaller id is in force.
    pub(crate) fn of(station: &Station, fold: &Fold<'e>) -> Self {
        let first = Day { opens: station.opens, closes: station.closes, decision: None, suspended: None };
        let mut days = vec![first];
        days.extend(in_force(fold).into_iter().map(|decision| Day {
            opens: decision.opens,
            closes: decision.closes,
            decision: Some(decision.id),
            suspended: None,
        }));
        days.sort_by_key(|day| day.opens);
        let sessions = fold.day.iter().copied().filter(|event| event.kind == SESSION_OPENED).collect();
        let mut days = Self { days, sessions };
        for event in fold.day.iter().copied().filter(|event| event.kind == SUSPENDED) {
            let at = days.at(event);
            if fold.place(event) != Place::After {
                days.days[at].suspended.get_or_insert(event);
            }
        }
        days
    }

    /// The place of the day that an event belongs to: the one that its kit was open for when it wrote it.
    fn at(&self, event: &Event) -> usize {
        let mut before = self.sessions.iter().rev();
        let last = before.find(|session| session.kit == event.kit && session.order() < event.order());
        let Some(decision) = last.and_then(|session| session.body.array(0).ok()) else { return 0 };
        self.days.iter().position(|day| day.decision == Some(decision)).unwrap_or(0)
    }

    /// Whether an act lies outside the hours of its day.
    pub(crate) fn is_outside(&self, act: &Event) -> bool {
        let day = &self.days[self.at(act)];
        let is_late = i128::from(act.hlc >> 8) >= i128::from(day.closes);
        is_late || day.suspended.is_some_and(|suspended| act.order() > suspended.order())
    }

    /// What field 30 of a report must say: opening, closing, decision, when and why it was closed before its time, counted
    /// acts, those outside the hours; empty where there is election day alone.
    pub(crate) fn counts(&self, fold: &Fold) -> Vec<Count> {
        if self.days.len() == 1 && self.days[0].suspended.is_none() {
            return Vec::new();
        }
        let mut sums = vec![[0u32; 2]; self.days.len()];
        for act in fold.lines.values().filter_map(|line| line.counted) {
            let sum = &mut sums[self.at(act)];
            sum[0] += 1;
            sum[1] += u32::from(self.is_outside(act));
        }
        let count = |(day, sums): (&Day, [u32; 2])| Count {
            hours: (day.opens, day.closes),
            decision: day.decision,
            suspended: day.suspended.map(|event| event.hlc >> 8),
            reason: day.suspended.and_then(|event| event.body.text(0).ok()).map(str::to_owned),
            sums,
        };
        self.days.iter().zip(sums).map(count).collect()
    }

    /// `WHILE_SUSPENDED`, `DAY_TWICE`, `NO_DECISION`.
    pub(crate) fn incidents(&self, fold: &Fold, found: &mut BTreeSet<Incident>) {
        for (number, line) in &fold.lines {
            for act in line.standing().filter(|act| act.kind == IDENTIFIED) {
                let suspended = self.days[self.at(act)].suspended;
                if let Some(suspended) = suspended.filter(|suspended| act.order() > suspended.order()) {
                    found.insert(Incident::new("WHILE_SUSPENDED", *number, &[act, suspended]));
                }
            }
        }
        let known = in_force(fold);
        let decided = |id: &Hash| fold.day.iter().any(|event| event.decision.as_ref().is_some_and(|one| one.id == *id));
        for event in fold.day.iter().copied() {
            let is_other = |one: &Decision| known.iter().all(|known| known.id != one.id);
            if event.kind == DAY_DECIDED && event.decision.as_ref().is_some_and(is_other) {
                found.insert(Incident::new("DAY_TWICE", 0, &[event]));
            }
            if event.kind == SESSION_OPENED && !decided(&event.body.array(0).unwrap_or_default()) {
                found.insert(Incident::new("NO_DECISION", 0, &[event]));
            }
        }
    }
}

fn in_force(fold: &Fold) -> Vec<Decision> {
    let mut known: Vec<Decision> = fold.day.iter().filter_map(|event| event.decision.clone()).collect();
    known.sort_by_key(|decision| (decision.number, decision.id));
    known.dedup_by_key(|decision| decision.number);
    known
}

/// What one day adds up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Count {
    hours: (i64, i64),
    decision: Option<Hash>,
    /// Microseconds UTC.
    suspended: Option<u64>,
    reason: Option<String>,
    /// Counted acts, and those outside the hours.
    sums: [u32; 2],
}

impl Count {
    /// An entry of field 30.
    pub(crate) fn parse(entry: &Value) -> Checked<Self> {
        let entry = entry.has_fields(7)?;
        let is_said = |at| entry.get(at).is_some_and(|value| *value != Value::Null);
        Ok(Self {
            hours: (entry.signed(0)?, entry.signed(1)?),
            decision: if is_said(2) { Some(entry.array(2)?) } else { None },
            suspended: if is_said(3) { Some(entry.number(3)?) } else { None },
            reason: if is_said(4) { Some(entry.text(4)?.to_owned()) } else { None },
            sums: [entry.number(5)?, entry.number(6)?],
        })
    }
}
