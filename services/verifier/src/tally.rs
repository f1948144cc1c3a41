//! The arithmetic of the day: what the journals add up to, against what reports say.

use crate::Checked;
use crate::cbor::Value;
use crate::cose::{Hash, Kid, Subject, hex};
use crate::finding::Report;
use crate::journal::{Event, GRANT_RELEASED, GRANTED, IDENTIFIED, RECEIPT_PRINTED, RECEIPT_VOID, REFUSED, UNDONE};
use crate::station::Station;
use std::collections::{BTreeMap, BTreeSet};

/// Counters of a kit in the order of a report's fields 4 to 13.
const COUNTERS: [&str; 10] =
    ["acts", "undone", "duplicates", "counted", "printed", "void", "pending", "reprints", "granted", "granted unused"];

/// What the events of one precinct add up to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    /// [`COUNTERS`] of each kit.
    kits: BTreeMap<Kid, [u32; 10]>,
    /// Counted acts, all kits together.
    pub(crate) counted: u32,
    /// Counted acts by method, 1 to 5.
    pub(crate) by_method: [u32; 5],
    /// Stamps of the counted acts, microseconds since 1970.
    pub(crate) at: Vec<u64>,
    refusals: BTreeMap<String, u32>,
    after_close: u32,
}

/// Adds up events given in the order of the day.
///
/// An act that was undone does not count; of the others on one line the earliest counts, and every
/// later one is a duplicate, kept as evidence.
pub(crate) fn tally<'e>(station: &Station, day: impl Iterator<Item = &'e Event> + Clone) -> Tally {
    let mut tally = Tally::default();
    let of = |wanted: u8| day.clone().filter(move |event| event.kind == wanted);
    let named = |event: &Event, at: u64| (event.named(at), event.number(at + 1));
    let undone: BTreeSet<(Kid, u32)> = of(UNDONE).map(|event| named(event, 1)).collect();
    let own = |wanted, at| of(wanted).map(move |event| (event.kit, event.number(at))).collect::<BTreeSet<_>>();
    let (printed, void, mut used) = (own(RECEIPT_PRINTED, 0), own(RECEIPT_VOID, 0), own(GRANT_RELEASED, 1));
    let mut lines = BTreeSet::new();
    for act in of(IDENTIFIED) {
        let kit = tally.kits.entry(act.kit).or_default();
        let (is_undone, receipt) = (undone.contains(&(act.kit, act.seq)), (act.kit, act.number(5)));
        let counts = !is_undone && lines.insert(act.line());
        let is_void = is_undone || void.contains(&receipt);
        let is_printed = !is_void && printed.contains(&receipt);
        let facts = [true, is_undone, !is_undone && !counts, counts, is_printed, is_void, !is_void && !is_printed];
        kit.iter_mut().zip(facts).for_each(|(counter, fact)| *counter += u32::from(fact));
        used.insert((act.named(7), act.number(6)));
        if counts {
            let method = usize::try_from(act.number(1)).unwrap_or(0);
            tally.by_method.iter_mut().skip(method.saturating_sub(1)).take(1).for_each(|count| *count += 1);
            tally.counted += 1;
            tally.at.push(act.hlc >> 8);
            tally.after_close += u32::from(i128::from(act.hlc >> 8) >= i128::from(station.closes));
        }
    }
    for event in of(REFUSED) {
        *tally.refusals.entry(event.body.text(1).unwrap_or_default().to_owned()).or_default() += 1;
    }
    for event in of(RECEIPT_PRINTED).filter(|event| event.number(1) > 0) {
        tally.kits.entry(event.kit).or_default()[7] += 1;
    }
    for event in of(GRANTED) {
        let kit = tally.kits.entry(event.kit).or_default();
        kit[8] += 1;
        kit[9] += u32::from(!used.contains(&(event.kit, event.seq)));
    }
    tally
}

/// Checks a report of a polling station: signatures, list, and every counter against the journals.
/// Returns the report's id when its signatures hold.
pub(crate) fn report(name: &str, bytes: &[u8], station: &Station, day: &[Event], report: &mut Report) -> Option<Hash> {
    let opened = (Subject { kind: "report", election: station.election }).open_all(bytes, &station.keys, &[]);
    let signed = opened.map_err(|why| report.find(name, "", "report_invalid", why)).ok()?;
    if let Err(why) = counters(name, &signed.payload, &signed.signers, (station, day), report) {
        report.find(name, "", "report_invalid", why);
    }
    report.count("reports", 1);
    Some(signed.id)
}

fn counters(
    name: &str,
    payload: &Value,
    signers: &[Kid],
    (station, day): (&Station, &[Event]),
    report: &mut Report,
) -> Checked<()> {
    payload.has_fields(20)?;
    let maker: Kid = payload.array(4)?;
    let cards: Vec<Kid> = signers.iter().filter(|kid| **kid != maker).copied().collect();
    if cards.len() == signers.len() {
        return Err("not signed by the kit that made it".to_owned());
    }
    station.approve(&cards)?;
    let numbers = [2, 3, 10].map(|at| payload.number::<u32>(at));
    let about = [station.election, station.precinct.into(), station.release].map(Ok);
    let ids = [payload.array::<32>(8)?, payload.array(9)?];
    if payload.text(1)? != "kg1" || numbers != about || ids != [station.id, station.root] {
        return Err("of another suite, election, precinct, release, package or list".to_owned());
    }
    let (kits, known) = (payload.list(15)?, heads(name, payload, (station, day), report)?);
    let knows = |event: &&Event| known.get(&event.kit).is_some_and(|seq| event.seq <= *seq);
    let sum = tally(station, day.iter().filter(knows));
    let mut compare = |place: String, said: u32, counted: u32| {
        if said != counted {
            report.find(name, place, "report_sum", format!("says {said}, the journals give {counted}"));
        }
    };
    let length = |list: usize| u32::try_from(list).unwrap_or(u32::MAX);
    let pages = station.lines.div_ceil(u32::from(station.lines_per_page.max(1)));
    compare("lines".to_owned(), payload.number(11)?, station.lines);
    compare("pages".to_owned(), payload.number(12)?, pages);
    compare("counted".to_owned(), payload.number(13)?, sum.counted);
    compare("after close".to_owned(), payload.number(20)?, sum.after_close);
    compare("number of kits".to_owned(), length(kits.len()), length(station.kits.len()));
    compare("number of methods".to_owned(), length(payload.list(14)?.len()), 5);
    for (entry, (method, counted)) in payload.list(14)?.iter().zip((1..).zip(sum.by_method)) {
        compare(format!("row of method {method}"), entry.number(0)?, method);
        compare(format!("method {method}"), entry.number(1)?, counted);
    }
    for (entry, (kit, kit_name)) in kits.iter().zip(&station.kits) {
        let counters = sum.kits.get(kit).copied().unwrap_or_default();
        for (at, (what, counted)) in (4..).zip(COUNTERS.iter().zip(counters)) {
            compare(format!("kit {kit_name}: {what}"), entry.number(at)?, counted);
        }
    }
    let mut refusals = sum.refusals;
    for entry in payload.list(16)? {
        let counted = refusals.remove(entry.text(0)?).unwrap_or(0);
        compare(format!("refusals {}", entry.text(0)?), entry.number(1)?, counted);
    }
    refusals.into_iter().for_each(|(reason, counted)| compare(format!("refusals {reason}"), 0, counted));
    Ok(())
}

/// The heads of the journals that a report knows: each must be there, and a final report knows all voters.
fn heads(
    name: &str,
    payload: &Value,
    (station, day): (&Station, &[Event]),
    report: &mut Report,
) -> Checked<BTreeMap<Kid, u32>> {
    let mut known: BTreeMap<Kid, u32> = BTreeMap::new();
    for (entry, (kit, kit_name)) in payload.list(15)?.iter().zip(&station.kits) {
        if entry.array(0)? != *kit || entry.text(1)? != kit_name {
            return Err("field 15 does not name the kits in the order of the package".to_owned());
        }
        let (seq, head): (u32, Hash) = (entry.number(2)?, entry.array(3)?);
        known.insert(*kit, seq);
        let event = day.iter().find(|event| event.kit == *kit && event.seq == seq);
        if event.map_or([0; 32], |event| event.id) != head || event.is_some() != (seq > 0) {
            let message = format!("ends at event {seq} with id {}, which the journals do not hold", hex(&head[..8]));
            report.find(name, format!("kit {kit_name}"), "report_head", message);
        }
        let later = day.iter().any(|event| event.kit == *kit && event.seq > seq && event.kind == IDENTIFIED);
        let incomplete = payload.list(18)?.contains(&Value::Text(kit_name.clone()));
        if payload.number::<u8>(5)? == 3 && later && !incomplete {
            let message = format!("the final report ends at event {seq}, the journal has voters after it");
            report.find(name, format!("kit {kit_name}"), "report_late", message);
        }
    }
    Ok(known)
}
