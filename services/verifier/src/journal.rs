//! Journals: records, signatures, chains, and what the kits say about each other.

use crate::Checked;
use crate::cbor::Value;
use crate::cose::{Hash, Kid, Subject};
use crate::finding::Report;
use crate::station::Station;
use std::collections::BTreeMap;

/// Bytes the longest event may have.
const EVENT_BYTES_MAX: usize = 4096;

/// Kinds of events, see docs/formats.md §5.
pub(crate) const OPENED: u8 = 1;
pub(crate) const IDENTIFIED: u8 = 2;
pub(crate) const REFUSED: u8 = 3;
pub(crate) const UNDONE: u8 = 4;
pub(crate) const GRANTED: u8 = 5;
pub(crate) const RECEIPT_PRINTED: u8 = 6;
pub(crate) const RECEIPT_VOID: u8 = 7;
pub(crate) const PEER_HEAD: u8 = 8;
pub(crate) const INCIDENT: u8 = 9;
pub(crate) const CLOSED: u8 = 10;
pub(crate) const GRANT_RELEASED: u8 = 11;

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

    /// The line the event is about, 0 for none.
    pub(crate) fn line(&self) -> u32 {
        match self.kind {
            IDENTIFIED | REFUSED | UNDONE | GRANTED | GRANT_RELEASED => self.number(0),
            INCIDENT => self.number(1),
            _ => 0,
        }
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

/// Reads one journal file: every record must be an event of this station, signed by one of its kits.
pub(crate) fn read(name: &str, file: &[u8], station: &Station, report: &mut Report) -> Vec<Event> {
    let (records, whole) = records(file);
    if !whole {
        let message = "not a whole record: damaged, or not cut after a power cut as a hand-over must be";
        report.find(name, format!("record {}", records.len() + 1), "journal_damaged", message);
    }
    report.count("events", records.len() as u64);
    let mut events = Vec::new();
    for (at, bytes) in records.iter().enumerate() {
        match event(bytes, station) {
            Ok(event) => events.push(Event { file: name.to_owned(), record: at + 1, ..event }),
            Err(why) => report.find(name, format!("record {}", at + 1), "event_invalid", why),
        }
    }
    events
}

/// Opens one signed event, as a journal or a receipt holds it.
pub(crate) fn event(bytes: &[u8], station: &Station) -> Checked<Event> {
    let subject = Subject { kind: "event", election: station.election };
    let signed = subject.open1(bytes, &station.keys)?;
    let payload = signed.payload.has_fields(10)?;
    let event = Event {
        file: String::new(),
        record: 0,
        kit: payload.array(3)?,
        seq: payload.number(4)?,
        id: signed.id,
        previous: payload.array(5)?,
        hlc: payload.number(6)?,
        kind: payload.number(8)?,
        body: Value::parse(payload.bytes(9)?)?,
    };
    let here = [0, station.election.into(), station.precinct.into()].map(Value::Unsigned);
    if (0..).zip(&here).any(|(at, expected)| payload.get(at) != Some(expected)) {
        return Err("of another version, election or precinct".to_owned());
    }
    if signed.signers != [event.kit] || !station.kits.iter().any(|(kit, _)| *kit == event.kit) {
        return Err("not signed by the kit it names".to_owned());
    }
    if payload.bytes(7)? != &station.root[..16] {
        return Err("stands on another list".to_owned());
    }
    check_body(&event, station).map_err(|why| format!("event {}: {why}", event.seq))?;
    Ok(event)
}

/// Checks form, ranges and the officers' consents of a body.
fn check_body(event: &Event, station: &Station) -> Checked<()> {
    let (fields, officers) = match event.kind {
        IDENTIFIED => (10, Some(8)),
        UNDONE => (5, Some(4)),
        OPENED | GRANT_RELEASED => (3, Some(2)),
        CLOSED => (2, Some(1)),
        REFUSED => (4, None),
        GRANTED | RECEIPT_PRINTED | RECEIPT_VOID | PEER_HEAD | INCIDENT => (3, None),
        other => return Err(format!("kind {other} is not known")),
    };
    let (body, line) = (event.body.has_fields(fields)?, event.line());
    let needs_line = matches!(event.kind, IDENTIFIED | UNDONE | GRANTED | GRANT_RELEASED);
    if line > station.lines || (needs_line && line == 0) || event.seq == 0 {
        return Err(format!("line {line} is outside the list"));
    }
    if event.kind == OPENED && (body.array(0)?, body.number(1)?) != (station.id, station.lines) {
        return Err("opened with another package or list".to_owned());
    }
    if event.kind == IDENTIFIED {
        let (method, finger): (u8, u8) = (body.number(1)?, body.number(2)?);
        if !(1..=5).contains(&method) || finger > 10 || (method == 1 && finger == 0) {
            return Err(format!("method {method} with finger {finger} is not known"));
        }
        // A finger needs no officer; every other method needs two.
        if method == 1 && body.list(8)?.is_empty() {
            return Ok(());
        }
    }
    let numbers = [event.kind.into(), line, event.seq];
    officers.map_or(Ok(()), |at| station.consented(&event.kit, numbers, body, at))
}

/// Checks the chains of all kits of a precinct, what they say of each other, and their grants.
///
/// `events` may hold copies (kits keep each other's events). Returns one event for each kit and
/// counter, in the order of the day: stamp, kit, counter.
pub(crate) fn chains(station: &Station, events: Vec<Event>, report: &mut Report) -> Vec<Event> {
    let mut all: BTreeMap<(Kid, u32), Event> = BTreeMap::new();
    for event in events {
        let known = all.entry((event.kit, event.seq)).or_insert_with(|| event.clone());
        if known.id != event.id {
            let message = format!("differs from {} in {}", known.place(station), known.file);
            report.find(&event.file, event.place(station), "equivocation", message);
        }
    }
    for (kit, name) in &station.kits {
        let (mut before, mut receipts) = ((0, [0; 32], 0), 0);
        for event in all.range((*kit, 0)..=(*kit, u32::MAX)).map(|(_, event)| event) {
            let mut find = |code, message| report.find(&event.file, event.place(station), code, message);
            let (seq, id, hlc) = before;
            if event.seq != seq + 1 {
                find("journal_gap", format!("events {} to {} of this kit are missing", seq + 1, event.seq - 1));
            } else if event.previous != id {
                find("chain_broken", "does not name the kit's event before by its id".to_owned());
            } else if event.hlc <= hlc {
                find("clock_backwards", "is stamped no later than the kit's event before".to_owned());
            }
            before = (event.seq, event.id, event.hlc);
            // Receipt numbers run from 1 without gaps; only issued ones are printed or void.
            if event.kind == IDENTIFIED && event.number(5) != receipts + 1 {
                find("receipt_number", format!("has receipt {}, {} is next", event.number(5), receipts + 1));
            }
            receipts = if event.kind == IDENTIFIED { event.number(5) } else { receipts };
            let printing = matches!(event.kind, RECEIPT_PRINTED | RECEIPT_VOID);
            if printing && !(1..=receipts).contains(&event.number(0)) {
                find("receipt_number", format!("receipt {} was not issued by this kit", event.number(0)));
            }
        }
        if before.0 == 0 {
            report.notes.push(format!("precinct {:04}: no event of kit {name} is here", station.precinct));
        }
    }
    all.values().for_each(|event| check_reference(station, event, &all, report));
    let mut day: Vec<Event> = all.into_values().collect();
    day.sort_by_key(|event| (event.hlc, event.kit, event.seq));
    day
}

/// Checks that what an event says of other events is so.
fn check_reference(station: &Station, event: &Event, all: &BTreeMap<(Kid, u32), Event>, report: &mut Report) {
    let mut find = |code, message: String| report.find(&event.file, event.place(station), code, message);
    match event.kind {
        PEER_HEAD => match all.get(&(event.named(0), event.number(1))) {
            Some(head) if event.body.array(2) == Ok(head.id) => {}
            Some(head) => {
                find("equivocation", format!("saw another event than {} in {}", head.place(station), head.file));
            }
            None => {
                let (seq, kit) = (event.number(1), station.kit_name(&event.named(0)));
                find("journal_cut", format!("saw event {seq} of {kit}, which no journal here holds"));
            }
        },
        UNDONE => {
            let act = all.get(&(event.named(1), event.number(2)));
            if !act.is_some_and(|act| act.kind == IDENTIFIED && act.line() == event.line()) {
                find("undone_unknown", "undoes an act that no journal here holds".to_owned());
            }
        }
        IDENTIFIED if event.named(7) != event.kit => {
            let grant = all.get(&(event.named(7), event.number(6)));
            let fits = |grant: &&Event| grant.line() == event.line() && grant.named(1) == event.kit;
            if grant.filter(fits).is_none_or(|grant| grant.kind != GRANTED) {
                find("grant_missing", format!("line {} was served without a grant of its owner", event.line()));
            }
        }
        IDENTIFIED if station.owner(event.line()) != Some(&event.kit) || event.number(6) != 0 => {
            find("grant_missing", format!("line {} is not in the kit's share", event.line()));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
