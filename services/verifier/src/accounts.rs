//! What a report says beside its counters, worked out from the events it knows (docs/formats.md §7, fields 35 to 47).

use crate::Checked;
use crate::body::{IDENTIFIED, RECONSTRUCTED, SHIFT_TAKEN};
use crate::cbor::Value;
use crate::cose::Kid;
use crate::finding::Report;
use crate::fold::Fold;
use crate::incident::Incident;
use crate::journal::Event;
use crate::list::{Lists, STRIKE};
use crate::station::Station;
use std::collections::{BTreeMap, BTreeSet};

/// Number of the kind of report that is made before the opening.
const INITIAL: u8 = 1;

/// Compares each of them with what the journals give.
pub(crate) fn compare(
    name: &str,
    payload: &Value,
    (station, day): (&Station, &[Event]),
    fold: &Fold,
    incidents: &[Incident],
    report: &mut Report,
) -> Checked<()> {
    let is_initial = payload.number::<u8>(5)? == INITIAL;
    let parts = [
        (35, "totals on paper", totals(fold)),
        (36, "pairs of officers", pairs(fold)),
        (37, "undone by operator", undone(fold)),
        (38, "evidence", evidence(fold, incidents)),
        (39, "moments of the heads", Some(heads_at(payload, station, day)?)),
        (41, "entered from receipts", reconstructed(station, fold)),
        (42, "voters by page", is_initial.then(|| pages(station, fold))),
        (46, "slips handed in", slips(fold)),
        (47, "pictures kept", pictures(fold)),
    ];
    for (field, what, shown) in parts {
        if payload.get(field) != shown.as_ref() {
            let message = format!("field {field} is not what the journals show");
            report.find(name, what, "report_sum", message);
        }
    }
    // What only the kit knew is said before the opening, or not at all.
    for field in [43, 44, 45] {
        if !is_initial && payload.get(field).is_some() {
            return Err(format!("field {field} on a report that is no initial one"));
        }
    }
    Ok(())
}

fn number(n: impl Into<u64>) -> Value {
    Value::Unsigned(n.into())
}

fn kid(kid: Kid) -> Value {
    Value::Bytes(kid.to_vec())
}

/// A list that is left out when it is empty.
fn some(items: Vec<Value>) -> Option<Value> {
    (!items.is_empty()).then_some(Value::Array(items))
}

/// Most first, then by what they are of.
fn most_first<K: Ord>(counts: BTreeMap<K, u32>) -> Vec<(K, u32)> {
    let mut counts: Vec<(K, u32)> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts
}

/// The last TOTALS_ENTERED in the order of the day, and how many stand before it.
fn totals(fold: &Fold) -> Option<Value> {
    let entries: Vec<&Event> = fold.totals().collect();
    let last = entries.last()?;
    let mut said = vec![kid(last.kit), number(last.seq), number(last.hlc >> 8)];
    said.extend((0..7).filter_map(|at| last.body.get(at).cloned()));
    said.push(number(entries.len() as u64 - 1));
    Some(Value::Array(said))
}

/// Counted identifications by hand of each set of officers.
fn pairs(fold: &Fold) -> Option<Value> {
    let mut counts: BTreeMap<Vec<Kid>, u32> = BTreeMap::new();
    let counted = fold.lines.values().filter_map(|line| line.counted);
    for act in counted.filter(|act| act.kind == IDENTIFIED && (2..=4).contains(&act.number(1))) {
        let mut cards = act.cards();
        cards.sort_unstable();
        *counts.entry(cards).or_default() += 1;
    }
    let entry = |(cards, count): (Vec<Kid>, u32)| {
        Value::Array(vec![Value::Array(cards.into_iter().map(kid).collect()), number(count)])
    };
    some(most_first(counts).into_iter().map(entry).collect())
}

/// Counted identifications that name a sealed picture.
fn pictures(fold: &Fold) -> Option<Value> {
    let counted = fold.lines.values().filter_map(|line| line.counted);
    let kept = counted.filter(|act| act.kind == IDENTIFIED && act.body.get(10).is_some()).count();
    (kept > 0).then(|| number(kept as u64))
}

/// Undone acts by the card that had the screen of the act's kit when it was written.
fn undone(fold: &Fold) -> Option<Value> {
    let mut counts: BTreeMap<Kid, u32> = BTreeMap::new();
    for act in fold.lines.values().flat_map(|line| line.undone.iter().copied()) {
        let mut shifts = fold.day.iter().rev().filter(|event| event.kind == SHIFT_TAKEN && event.kit == act.kit);
        let card = shifts.find(|shift| shift.seq < act.seq).and_then(|shift| shift.cards().first().copied());
        *counts.entry(card.unwrap_or_default()).or_default() += 1;
    }
    let entry = |(card, count): (Kid, u32)| Value::Array(vec![kid(card), number(count)]);
    some(most_first(counts).into_iter().map(entry).collect())
}

/// Moment and receipt of each event that an incident names.
fn evidence(fold: &Fold, incidents: &[Incident]) -> Option<Value> {
    let named: BTreeSet<(Kid, u32)> = incidents.iter().flat_map(|incident| incident.evidence.iter().copied()).collect();
    let entry = |(kit, seq): (Kid, u32)| {
        let event = fold.event(kit, seq)?;
        let (of, receipt) = match event.kind {
            IDENTIFIED => (event.kit, event.number(5)),
            RECONSTRUCTED => (event.named(1), event.number(2)),
            _ => (Kid::default(), 0),
        };
        Some(Value::Array(vec![kid(kit), number(seq), number(event.hlc >> 8), kid(of), number(receipt)]))
    };
    some(named.into_iter().filter_map(entry).collect())
}

/// The moment of the event that field 15 names as each kit's last.
fn heads_at(payload: &Value, station: &Station, day: &[Event]) -> Checked<Value> {
    let mut moments = Vec::new();
    for (entry, (kit, _)) in payload.list(15)?.iter().zip(&station.kits) {
        let (seq, id) = (entry.number::<u32>(2)?, entry.array::<32>(3)?);
        let head = day.iter().find(|event| event.kit == *kit && event.seq == seq && event.id == id);
        moments.push(number(head.map_or(0, |event| event.hlc >> 8)));
    }
    Ok(Value::Array(moments))
}

/// Counted acts that were entered from the receipts of each kit.
fn reconstructed(station: &Station, fold: &Fold) -> Option<Value> {
    let acts = fold.lines.values().filter_map(|line| line.counted).filter(|act| act.kind == RECONSTRUCTED);
    let lost: Vec<Kid> = acts.map(|act| act.named(1)).collect();
    let count = |kit: &Kid| lost.iter().filter(|other| *other == kit).count() as u64;
    let counts: Vec<u64> = station.kits.iter().map(|(kit, _)| count(kit)).collect();
    let is_any = counts.iter().any(|count| *count > 0);
    is_any.then(|| Value::Array(counts.into_iter().map(number).collect()))
}

/// Lines that are not struck on each page of the paper list, supplementary pages last.
fn pages(station: &Station, fold: &Fold) -> Value {
    let of_package = Lists::of(station);
    let list = fold.list.as_ref().unwrap_or(&of_package);
    let per_page = usize::from(station.lines_per_page.max(1));
    let voters = |line: &u32| list.of_line(*line, STRIKE).is_none();
    let (bound, added): (Vec<u32>, Vec<u32>) = (1..=list.lines()).partition(|line| *line <= station.lines);
    let pages = bound.chunks(per_page).chain(added.chunks(per_page));
    Value::Array(pages.map(|page| number(page.iter().filter(|line| voters(line)).count() as u64)).collect())
}

/// Slips that were handed in, each once.
fn slips(fold: &Fold) -> Option<Value> {
    let slips: u64 = fold.lines.values().map(|line| line.taken().len() as u64).sum();
    (slips > 0).then(|| number(slips))
}
