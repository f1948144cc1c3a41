//! Turnout from the journals of the stations.
//!
//! An act that was undone does not count; of the others on one line the earliest counts, and a later
//! one is kept as a duplicate. "Earliest" is by stamp, then kit, then counter.

use std::collections::{BTreeMap, BTreeSet};

use lexicon::handover::envelope::decode;
use lexicon::handover::event::{Event, Identified, Undone, kind};
use lexicon::{Date, Instant, Method};

use crate::statistics::{CELL_MIN, open_counts};

/// What the journals of one precinct add up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Voters counted.
    pub counted: u64,
    /// Later acts on a line that was counted before.
    pub duplicates: u64,
    /// Acts undone by two officers.
    pub undone: u64,
    /// By method, in the order of numbers.
    pub by_method: [u64; 5],
    /// By local day and hour of the day: a precinct that was closed before its time votes on another day (S-37).
    pub by_hour: BTreeMap<(Date, u8), u64>,
    /// Events whose body could not be read.
    pub unreadable: u64,
}

/// Adds up the events of one precinct, in any order; each event once.
#[must_use]
pub fn tally<'a>(events: impl IntoIterator<Item = &'a Event>, offset_minutes: i64) -> Tally {
    let mut tally = Tally::default();
    let mut day: Vec<&Event> = events.into_iter().collect();
    day.sort_by_key(|event| (event.hlc, *event.kit, event.seq));
    day.dedup_by_key(|event| (*event.kit, event.seq));
    let mut undone = BTreeSet::new();
    for event in day.iter().filter(|event| event.kind == kind::UNDONE) {
        match decode::<Undone>(&event.body) {
            Ok(body) => {
                undone.insert((*body.kit, body.seq));
            }
            Err(_) => tally.unreadable += 1,
        }
    }
    let mut lines = BTreeSet::new();
    for event in day.iter().filter(|event| event.kind == kind::IDENTIFIED) {
        let Ok(body) = decode::<Identified>(&event.body) else {
            tally.unreadable += 1;
            continue;
        };
        if undone.contains(&(*event.kit, event.seq)) {
            tally.undone += 1;
        } else if !lines.insert(body.line) {
            tally.duplicates += 1;
        } else {
            tally.counted += 1;
            if let Some(method) = Method::from_number(body.method) {
                tally.by_method[usize::from(method.number()) - 1] += 1;
            }
            let micros = i64::try_from(event.hlc >> 8).unwrap_or(0);
            let minutes = micros.div_euclid(60_000_000) + offset_minutes;
            let hour = u8::try_from(minutes.div_euclid(60).rem_euclid(24)).unwrap_or(0);
            let day = Instant::from_micros(micros).local_date(offset_minutes);
            *tally.by_hour.entry((day, hour)).or_default() += 1;
        }
    }
    tally
}

/// One precinct's row of the turnout table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrecinctTurnout {
    /// Precinct number.
    pub precinct: u16,
    /// Lines on its list.
    pub lines: u64,
    /// What its journals add up to.
    pub tally: Tally,
}

/// The three public tables, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnoutTables {
    /// `turnout.csv`.
    pub turnout: String,
    /// `hours.csv`.
    pub hours: String,
    /// `methods.csv`.
    pub methods: String,
}

/// A published total: 1 to 9 is `<10`.
#[must_use]
pub fn shown(count: u64) -> String {
    if (1..CELL_MIN).contains(&count) {
        "<10".to_owned()
    } else {
        count.to_string()
    }
}

/// The cells of a column that stands beside its sum: 1 to 9 is `<10`, and what would let it follow by subtraction is
/// `>=10`. Nobody is nothing to hide: 0 stays.
#[must_use]
pub fn column(counts: &[u64]) -> Vec<String> {
    let filled: Vec<u64> = counts.iter().copied().filter(|count| *count > 0).collect();
    let mut open = open_counts(&filled).into_iter();
    let cell = |count: &u64| match *count {
        0 => "0".to_owned(),
        // INVARIANT (column): `open` has a place for each count above 0, in their order.
        count => match open.next() {
            Some(false) if count >= CELL_MIN => ">=10".to_owned(),
            Some(_) | None => shown(count),
        },
    };
    counts.iter().map(cell).collect()
}

/// The tables of docs/formats.md §6, precincts ascending.
#[must_use]
pub fn tables(precincts: &[PrecinctTurnout]) -> TurnoutTables {
    let of = |count: &dyn Fn(&PrecinctTurnout) -> u64| -> Vec<u64> {
        precincts.iter().map(count).collect()
    };
    let (lines, counted) = (of(&|row| row.lines), of(&|row| row.tally.counted));
    let mut hours: BTreeMap<(Date, u8), u64> = BTreeMap::new();
    let mut methods = [0u64; 5];
    for row in precincts {
        for (at, count) in &row.tally.by_hour {
            *hours.entry(*at).or_default() += count;
        }
        for (sum, count) in methods.iter_mut().zip(row.tally.by_method) {
            *sum += count;
        }
    }
    let mut turnout = "precinct,lines,counted\n".to_owned();
    for (row, (lines, counted)) in precincts
        .iter()
        .zip(column(&lines).iter().zip(column(&counted)))
    {
        turnout += &format!("{:04},{lines},{counted}\n", row.precinct);
    }
    let sum = |counts: &[u64]| shown(counts.iter().sum());
    turnout += &format!("total,{},{}\n", sum(&lines), sum(&counted));
    let by_hour: Vec<u64> = hours.values().copied().collect();
    let mut hours_text = "day,hour,counted\n".to_owned();
    for ((day, hour), count) in hours.keys().zip(column(&by_hour)) {
        hours_text += &format!("{day},{hour},{count}\n");
    }
    let mut methods_text = "method,counted\n".to_owned();
    for (method, count) in Method::ALL.iter().zip(column(&methods)) {
        methods_text += &format!("{},{count}\n", method.code());
    }
    TurnoutTables {
        turnout,
        hours: hours_text,
        methods: methods_text,
    }
}

#[cfg(test)]
mod tests;
