//! Journals: records, signatures, chains, and what the kits say about each other.

use crate::Checked;
use crate::body::{
    self, BALLOT_ISSUED, DAY_DECIDED, GRANT_DECLINED, GRANT_RELEASED, GRANTED, IDENTIFIED, LINE_SIGNED, LIST_CHANGED,
    PAPER_ONLY, PAPER_SERVED, PEER_HEAD, RECEIPT_PRINTED, RECEIPT_VOID, RECONSTRUCTED, RESUMED, RETIRED, SERVED,
    SLIP_TAKEN, SLIP_VOIDED, UNDONE,
};
use crate::cbor::Value;
use crate::cose::{Hash, Kid, Subject};
use crate::day::Decision;
use crate::finding::Report;
use crate::fold::{Fold, heads};
use crate::incident::has_right;
use crate::list::{Change, Lists};
use crate::station::Station;
use std::collections::BTreeMap;

/// Bytes the longest event may have.
const EVENT_BYTES_MAX: usize = 4096;

/// A signed event that holds, and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// File, relative to the directory, and record in it, from 1.
    pub(crate) file: String,
    pub(crate) record: usize,
    pub(crate) kit: Kid,
    /// The kit's counter.
    pub(crate) seq: u32,
    /// SHA-256 of the signed bytes.
    pub(crate) id: Hash,
    /// Id of the kit's event before.
    previous: Hash,
    /// Microseconds since 1970 << 8 | logical counter.
    pub(crate) hlc: u64,
    pub(crate) kind: u8,
    pub(crate) body: Value,
    /// What a LIST_CHANGED carries.
    pub(crate) change: Option<Change>,
    /// What a DAY_DECIDED carries.
    pub(crate) decision: Option<Decision>,
}

impl Event {
    fn place(&self, station: &Station) -> String {
        format!("event {} of {} (record {})", self.seq, station.kit_name(&self.kit), self.record)
    }

    /// Element `at` of the body as a number, 0 when it is none.
    pub(crate) fn number(&self, at: u64) -> u32 {
        self.body.number(at).unwrap_or(0)
    }

    /// Element `at` of the body as a kit, zeros when it is none.
    pub(crate) fn named(&self, at: u64) -> Kid {
        self.body.array(at).unwrap_or_default()
    }

    /// The cards that consented to the event, in the order of its body.
    pub(crate) fn cards(&self) -> Vec<Kid> {
        let Value::Array(items) = &self.body else { return Vec::new() };
        // No body holds more than one list of pairs of byte strings beside heads, which are triples.
        let pairs = items.iter().filter_map(|item| if let Value::Array(list) = item { Some(list) } else { None });
        let cards = pairs.flatten().filter(|entry| entry.has_fields(2).is_ok() && entry.bytes(1).is_ok());
        cards.filter_map(|entry| entry.array(0).ok()).collect()
    }

    /// The line the event is about, 0 for none.
    pub(crate) fn line(&self) -> u32 {
        body::line(self.kind, &self.body)
    }

    /// Its place in the order of the day, which is total.
    pub(crate) fn order(&self) -> (u64, Kid, u32, Hash) {
        (self.hlc, self.kit, self.seq, self.id)
    }
}

/// CRC-32C (Castagnoli), bit by bit.
fn crc32c(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg());
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

/// Splits a journal into records (length, CRC-32C, event, length again; big-endian) up to zeros or
/// the end of the file; false when other bytes follow.
fn records(file: &[u8]) -> (Vec<&[u8]>, bool) {
    let (mut events, mut rest) = (Vec::new(), file);
    while rest.iter().any(|byte| *byte != 0) {
        let Some(event) = record(rest) else { return (events, false) };
        events.push(event);
        rest = &rest[event.len() + 12..];
    }
    (events, true)
}

/// See [`crate::probe`].
pub(crate) fn probe(bytes: &[u8]) -> usize {
    records(bytes).0.len()
}

/// The event of the whole record that `rest` begins with.
fn record(rest: &[u8]) -> Option<&[u8]> {
    let (length, crc, after) = (rest.get(..4)?, rest.get(4..8)?, rest.get(8..)?);
    let bytes = usize::try_from(u32::from_be_bytes(length.try_into().ok()?)).ok()?;
    let (event, after) = after.split_at_checked(bytes).filter(|_| (1..=EVENT_BYTES_MAX).contains(&bytes))?;
    (after.starts_with(length) && crc == crc32c(event).to_be_bytes()).then_some(event)
}

/// The succession of lists that the journals of a precinct show: every change that both institutions signed.
/// An event must stand on one of them; the signatures of a change speak for themselves, whoever carries it.
pub(crate) fn lists<'f>(files: impl Iterator<Item = &'f [u8]>, station: &Station) -> Lists {
    let subject = Subject { kind: "event", election: station.election };
    let mut lists = Lists::of(station);
    for bytes in files.flat_map(|file| records(file).0) {
        let carried = subject.peek(bytes).ok().filter(|payload| payload.number(8) == Ok(LIST_CHANGED));
        let body = carried.and_then(|payload| Value::parse(payload.bytes(9).ok()?).ok());
        let change = body.and_then(|body| Change::open(body.bytes(0).ok()?, station).ok());
        change.iter().for_each(|change| lists.take(change));
    }
    lists
}

/// Reads one journal file: every record must be an event of this station, signed by one of its kits.
pub(crate) fn read(name: &str, file: &[u8], station: &Station, lists: &Lists, report: &mut Report) -> Vec<Event> {
    let (records, whole) = records(file);
    if !whole {
        let message = "not a whole record: damaged, or not cut after a power cut as a hand-over must be";
        report.find(name, format!("record {}", records.len() + 1), "journal_damaged", message);
    }
    report.count("events", records.len() as u64);
    let mut events = Vec::new();
    for (at, bytes) in records.iter().enumerate() {
        match event(bytes, station, lists) {
            Ok(event) => events.push(Event { file: name.to_owned(), record: at + 1, ..event }),
            Err(why) => report.find(name, format!("record {}", at + 1), "event_invalid", why),
        }
    }
    events
}

/// Opens one signed event, as a journal or a receipt holds it.
pub(crate) fn event(bytes: &[u8], station: &Station, lists: &Lists) -> Checked<Event> {
    let subject = Subject { kind: "event", election: station.election };
    let signed = subject.open1(bytes, &station.keys)?;
    let payload = signed.payload.has_fields(10)?;
    let mut event = Event {
        file: String::new(),
        record: 0,
        kit: payload.array(3)?,
        seq: payload.number(4)?,
        id: signed.id,
        previous: payload.array(5)?,
        hlc: payload.number(6)?,
        kind: payload.number(8)?,
        body: Value::parse(payload.bytes(9)?)?,
        change: None,
        decision: None,
    };
    let here = [0, station.election.into(), station.precinct.into()].map(Value::Unsigned);
    if (0..).zip(&here).any(|(at, expected)| payload.get(at) != Some(expected)) {
        return Err("of another version, election or precinct".to_owned());
    }
    if signed.signers != [event.kit] || !station.kits.iter().any(|(kit, _)| *kit == event.kit) {
        return Err("not signed by the kit it names".to_owned());
    }
    let lines = lists.lines_at(payload.bytes(7)?).ok_or("stands on another list")?;
    body::check(&event, station, lines).map_err(|why| format!("event {}: {why}", event.seq))?;
    if event.kind == LIST_CHANGED {
        event.change = Some(Change::open(event.body.bytes(0)?, station)?);
    }
    if event.kind == DAY_DECIDED {
        event.decision = Some(Decision::open(event.body.bytes(0)?, station)?);
    }
    Ok(event)
}

/// Checks the chains of all kits of a precinct, and what events say of each other.
///
/// `events` may hold copies (kits keep each other's events). Returns each event once, those of a forked chain all,
/// in the order of the day: stamp, kit, counter, id.
pub(crate) fn chains(station: &Station, events: Vec<Event>, report: &mut Report) -> Vec<Event> {
    let mut all: BTreeMap<(Kid, u32), Vec<Event>> = BTreeMap::new();
    for event in events {
        let bearers = all.entry((event.kit, event.seq)).or_default();
        if bearers.iter().any(|known| known.id == event.id) {
            continue;
        }
        if let Some(known) = bearers.first() {
            let message = format!("differs from {} in {}", known.place(station), known.file);
            report.find(&event.file, event.place(station), "equivocation", message);
        }
        bearers.push(event);
    }
    for (kit, name) in &station.kits {
        // What an event follows: counter, id, stamp, last receipt. Of a fork, every branch.
        let mut before: Vec<(u32, Hash, u64, u32)> = vec![(0, [0; 32], 0, 0)];
        for bearers in all.range((*kit, 0)..=(*kit, u32::MAX)).map(|(_, bearers)| bearers) {
            before = bearers.iter().map(|event| follow(station, event, &before, report)).collect();
        }
        if before[0].0 == 0 {
            report.notes.push(format!("precinct {:04}: no event of kit {name} is here", station.precinct));
        }
    }
    let mut day: Vec<Event> = all.into_values().flatten().collect();
    day.sort_by_key(Event::order);
    let fold = Fold::of(station, day.iter());
    day.iter().for_each(|event| check_reference(station, event, &fold, report));
    check_rights(station, &fold, report);
    day
}

/// Checks that an event follows one of those before it; returns what the next one must follow.
fn follow(
    station: &Station,
    event: &Event,
    before: &[(u32, Hash, u64, u32)],
    report: &mut Report,
) -> (u32, Hash, u64, u32) {
    let mut find = |code, message| report.find(&event.file, event.place(station), code, message);
    let named = before.iter().find(|(_, id, ..)| *id == event.previous);
    let (seq, _, hlc, receipts) = *named.unwrap_or(&before[0]);
    if event.seq != seq + 1 {
        find("journal_gap", format!("events {} to {} of this kit are missing", seq + 1, event.seq - 1));
    } else if named.is_none() {
        find("chain_broken", "does not name the kit's event before by its id".to_owned());
    } else if event.hlc <= hlc {
        find("clock_backwards", "is stamped no later than the kit's event before".to_owned());
    }
    // Receipt numbers run from 1 without gaps; only issued ones are printed or void.
    if event.kind == IDENTIFIED && event.number(5) != receipts + 1 {
        find("receipt_number", format!("has receipt {}, {} is next", event.number(5), receipts + 1));
    }
    let receipts = if event.kind == IDENTIFIED { event.number(5) } else { receipts };
    let printing = matches!(event.kind, RECEIPT_PRINTED | RECEIPT_VOID);
    if printing && !(1..=receipts).contains(&event.number(0)) {
        find("receipt_number", format!("receipt {} was not issued by this kit", event.number(0)));
    }
    (event.seq, event.id, event.hlc, receipts)
}

/// Checks that what an event says of other events is so.
fn check_reference(station: &Station, event: &Event, fold: &Fold, report: &mut Report) {
    let mut find = |code, message: String| report.find(&event.file, event.place(station), code, message);
    let bearers = |kit: Kid, seq: u32| fold.named.get(&(kit, seq)).map_or(&[][..], Vec::as_slice);
    let names = |kit: Kid, seq: u32, kinds: &[u8]| {
        bearers(kit, seq).iter().any(|named| kinds.contains(&named.kind) && named.line() == event.line())
    };
    let mut head = |kit: Kid, seq: u32, id: Hash| match bearers(kit, seq) {
        _ if seq == 0 && id == [0; 32] => {}
        [] => {
            let kit = station.kit_name(&kit);
            find("journal_cut", format!("saw event {seq} of {kit}, which no journal here holds"));
        }
        bearers if bearers.iter().any(|bearer| bearer.id == id) => {}
        [other, ..] => {
            find("equivocation", format!("saw another event than {} in {}", other.place(station), other.file))
        }
    };
    match event.kind {
        PEER_HEAD => head(event.named(0), event.number(1), event.body.array(2).unwrap_or_default()),
        RETIRED => {
            let kits = heads(event);
            kits.iter().for_each(|(kit, seq, id)| head(*kit, *seq, *id));
            let is_foreign = |kit: &Kid| !station.kits.iter().any(|(known, _)| known == kit);
            if kits.is_empty() || kits.iter().any(|(kit, ..)| *kit == event.kit || is_foreign(kit)) {
                find("takeover_invalid", "retires nobody, itself, or a kit of another precinct".to_owned());
            }
        }
        UNDONE if !names(event.named(1), event.number(2), &[IDENTIFIED, PAPER_SERVED]) => {
            find("undone_unknown", "undoes an act that no journal here holds".to_owned());
        }
        PAPER_SERVED if !bearers(event.kit, event.number(2)).iter().any(|named| named.kind == PAPER_ONLY) => {
            find("interval_unknown", "enters a line of an interval that this kit did not declare".to_owned());
        }
        SLIP_VOIDED if !names(event.named(1), event.number(2), &[IDENTIFIED]) => {
            find("slip_unknown", "declares the slip of an act void that no journal here holds".to_owned());
        }
        RECONSTRUCTED if !fold.is_retired(&event.named(1)) || event.number(2) == 0 => {
            let kit = station.kit_name(&event.named(1));
            find("reconstructed_alive", format!("enters receipt {} of {kit}, which was not lost", event.number(2)));
        }
        RESUMED => {
            let (kit, seq) = (event.named(1), event.number(2));
            let kinds: &[u8] = if event.number(3) == SERVED { &[IDENTIFIED] } else { &[IDENTIFIED, RECONSTRUCTED] };
            if seq > 0 && !names(kit, seq, kinds) {
                find("resumed_unknown", "stands for the receipt of an act that no journal here holds".to_owned());
            }
        }
        // The act of a lost kit may be here by its slip alone, entered as RECONSTRUCTED.
        LINE_SIGNED | BALLOT_ISSUED | SLIP_TAKEN
            if !names(event.named(1), event.number(2), &[IDENTIFIED]) && !fold.is_retired(&event.named(1)) =>
        {
            find("slip_unknown", "names the slip of an act that no journal here holds".to_owned());
        }
        GRANT_RELEASED if !names(event.kit, event.number(1), &[GRANTED]) => {
            find("grant_unknown", "takes back a grant that this kit did not give".to_owned());
        }
        GRANT_DECLINED => {
            let grants = bearers(event.named(1), event.number(2)).iter();
            let mut grants = grants.filter(|grant| grant.kind == GRANTED && grant.line() == event.line());
            if !grants.any(|grant| grant.named(1) == event.kit) {
                find("grant_unknown", "gives back a grant that this kit did not get".to_owned());
            }
        }
        _ => {}
    }
}

/// Checks that whoever served a line had the right to.
fn check_rights(station: &Station, fold: &Fold, report: &mut Report) {
    for line in fold.lines.values() {
        let acts = line.standing().chain(line.undone.iter().copied());
        for act in acts.filter(|act| !has_right(station, fold, line, act)) {
            let message = format!("line {} was served without share, grant, look or majority", act.line());
            report.find(&act.file, act.place(station), "grant_missing", message);
        }
    }
}

#[cfg(test)]
mod tests;
