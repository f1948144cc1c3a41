//! The arithmetic of the day: what the journals add up to, against what reports say.

use crate::Checked;
use crate::accounts;
use crate::body::{GLASS_BROKEN, GRANTED, IDENTIFIED, LINK_CHANGED, PAPER_SERVED, RECONSTRUCTED, REFUSED};
use crate::cbor::Value;
use crate::cose::{Hash, Kid, Subject, hex, sha256};
use crate::day::{Count, Days};
use crate::finding::Report;
use crate::fold::{Fold, Line};
use crate::incident::{Incident, incidents};
use crate::journal::Event;
use crate::list::Lists;
use crate::station::Station;
use std::collections::BTreeMap;

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
    /// Lines that are marked as identified, ascending.
    pub(crate) marked: Vec<u32>,
    /// What the day shows to be explained.
    pub(crate) incidents: Vec<Incident>,
    refusals: BTreeMap<String, u32>,
    /// Acts of retired kits after their retirement.
    set_aside: u32,
    after_close: u32,
    days: Vec<Count>,
    table: Table,
}

/// What a scanned ballot table adds up to, see docs/formats.md §7.
#[derive(Debug, Clone, Default)]
struct Table {
    /// Signed, issued, waiting, surplus, returned, at home, on paper.
    sums: [u32; 7],
    /// Ballots that each kit gave.
    ballots: BTreeMap<Kid, u32>,
}

/// Names of [`Table::sums`].
const TABLE: [&str; 7] = ["signed", "issued", "waiting", "surplus", "returned", "at home", "on paper"];

/// Where a report's table says each of [`TABLE`]; the ballots of the kits stand between.
const TABLE_FIELDS: [u64; 7] = [0, 1, 2, 3, 4, 5, 7];

impl Table {
    fn add(&mut self, station: &Station, fold: &Fold, line: &Line) {
        let count = |events: &[&Event]| u32::try_from(events.len()).unwrap_or(u32::MAX);
        let on_paper = line.counted.is_some_and(|act| act.kind == PAPER_SERVED);
        let at_home = !on_paper && line.counted.is_some_and(|act| fold.is_at_home(station, act));
        let in_hall = line.counted.is_some() && !at_home && !on_paper;
        let has_ballot = in_hall && line.ballots.iter().any(|ballot| !line.is_stray(ballot));
        let (has_signed, waits) = (in_hall && !line.signed.is_empty(), in_hall && !has_ballot);
        let facts = [has_signed, has_ballot, waits, false, false, at_home, on_paper];
        self.sums.iter_mut().zip(facts).for_each(|(sum, fact)| *sum += u32::from(fact));
        self.sums[3] += count(&line.ballots) - u32::from(has_ballot);
        self.sums[4] += count(&line.returned);
        for ballot in line.ballots.iter().chain(&line.returned) {
            *self.ballots.entry(ballot.kit).or_default() += 1;
        }
    }
}

/// Adds up what the events fold to.
pub(crate) fn tally(station: &Station, fold: &Fold) -> Tally {
    let days = Days::of(station, fold);
    let mut tally = Tally { incidents: incidents(station, fold), days: days.counts(fold), ..Tally::default() };
    for line in fold.lines.values() {
        for act in line.standing().chain(line.undone.iter().copied()) {
            let paper = fold.paper(act);
            let is = |other: &Event| other.order() == act.order();
            let (counts, is_undone) = (line.counted.is_some_and(is), line.undone.iter().any(|other| is(other)));
            let (is_void, is_out) = (paper.is_void || is_undone, paper.copies > 0 || paper.is_resumed);
            let facts =
                [true, is_undone, !is_undone && !counts, counts, !is_void && is_out, is_void, !is_void && !is_out];
            let kit = tally.kits.entry(act.kit).or_default();
            kit.iter_mut().zip(facts).for_each(|(counter, fact)| *counter += u32::from(fact));
            kit[7] += paper.copies.saturating_sub(1);
        }
        for grant in &line.unused {
            tally.kits.entry(grant.kit).or_default()[9] += 1;
        }
        tally.table.add(station, fold, line);
        tally.set_aside += u32::try_from(line.aside.len()).unwrap_or(u32::MAX);
        let Some(act) = line.counted else { continue };
        let method = act.number(if matches!(act.kind, RECONSTRUCTED | PAPER_SERVED) { 3 } else { 1 });
        let method = usize::try_from(method).unwrap_or(0);
        tally.by_method.iter_mut().skip(method.saturating_sub(1)).take(1).for_each(|count| *count += 1);
        tally.marked.push(act.line());
        tally.counted += 1;
        tally.at.push(act.hlc >> 8);
        tally.after_close += u32::from(days.is_outside(act));
    }
    for event in &fold.day {
        match event.kind {
            REFUSED => *tally.refusals.entry(event.body.text(1).unwrap_or_default().to_owned()).or_default() += 1,
            GRANTED => tally.kits.entry(event.kit).or_default()[8] += 1,
            _ => {}
        }
    }
    tally
}

/// A report whose signatures hold, as the chain of addenda sees it.
#[derive(Debug, Clone)]
pub(crate) struct Made {
    /// Id of the document.
    pub(crate) id: Hash,
    /// SHA-256 of the signed bytes: what an addendum names.
    bytes: Hash,
    kit: Kid,
    is_final: bool,
    number: u32,
    adds_to: Option<Hash>,
}

/// Checks a report of a polling station: signatures, list, and every counter against the journals.
/// Returns what it is when its signatures hold.
pub(crate) fn report(name: &str, bytes: &[u8], station: &Station, day: &[Event], report: &mut Report) -> Option<Made> {
    let opened = (Subject { kind: "report", election: station.election }).open_all(bytes, &station.keys, &[]);
    let signed = opened.map_err(|why| report.find(name, "", "report_invalid", why)).ok()?;
    if let Err(why) = counters(name, &signed.payload, &signed.signers, (station, day), report) {
        report.find(name, "", "report_invalid", why);
    }
    report.count("reports", 1);
    let payload = &signed.payload;
    Some(Made {
        id: signed.id,
        bytes: sha256(&[bytes]),
        kit: payload.array(4).unwrap_or_default(),
        is_final: payload.number(5) == Ok(3u8),
        number: payload.number(6).unwrap_or(0),
        adds_to: payload.array(23).ok(),
    })
}

/// Checks that the addenda of each kit name, one after another, the report before: a final report that was left out,
/// exchanged, or made a second time without saying so breaks the chain.
pub(crate) fn addenda(made: &[(String, Made)], station: &Station, report: &mut Report) {
    for (name, one) in made.iter().filter(|(_, one)| !one.is_final && one.adds_to.is_some()) {
        report.find(name, format!("report {}", one.number), "addendum_chain", "adds to a report and is no final one");
    }
    for (kit, kit_name) in &station.kits {
        let mut finals: Vec<&(String, Made)> = made.iter().filter(|(_, one)| one.is_final && one.kit == *kit).collect();
        finals.sort_by_key(|(_, one)| one.number);
        let mut before: Option<&(String, Made)> = None;
        for (at, entry) in finals.into_iter().enumerate() {
            let (name, one) = entry;
            let why = match (before, one.adds_to) {
                (None, None) => None,
                (None, Some(_)) => Some("adds to a final report that is not here".to_owned()),
                (Some((first, _)), None) => Some(format!("is a further final report and names none, after {first}")),
                (Some((_, last)), Some(named)) if last.bytes == named => None,
                (Some((last, _)), Some(_)) => Some(format!("does not name the report before, {last}, by its hash")),
            };
            if let Some(why) = why {
                report.find(name, format!("final report {} of kit {kit_name}", at + 1), "addendum_chain", why);
            }
            before = Some(entry);
        }
    }
}

fn counters(
    name: &str,
    payload: &Value,
    signers: &[Kid],
    (station, day): (&Station, &[Event]),
    report: &mut Report,
) -> Checked<()> {
    payload.has_fields(47)?;
    let maker: Kid = payload.array(4)?;
    let cards: Vec<Kid> = signers.iter().filter(|kid| **kid != maker).copied().collect();
    if cards.len() == signers.len() {
        return Err("not signed by the kit that made it".to_owned());
    }
    station.approve(&cards)?;
    let numbers = [2, 3, 10].map(|at| payload.number::<u32>(at));
    let about = [station.election, station.precinct.into(), station.release].map(Ok);
    if payload.text(1)? != "kg1" || numbers != about || payload.array::<32>(8)? != station.id {
        return Err("of another suite, election, precinct, release or package".to_owned());
    }
    let (kits, known) = (payload.list(15)?, heads(name, payload, (station, day), report)?);
    let knows = |event: &&Event| known.get(&event.kit).is_some_and(|seq| event.seq <= *seq);
    let fold = Fold::of(station, day.iter().filter(knows));
    let sum = tally(station, &fold);
    let said = payload.list(40).unwrap_or_default().iter().map(Silence::parse);
    let said: Vec<Silence> = said.collect::<Option<_>>().ok_or("field 40 lists no silences")?;
    if said != Silence::of(&fold) {
        report.find(name, "silences", "report_sum", "are not those that the journals show".to_owned());
    }
    let said = optional(payload, 30)?.iter().map(Count::parse).collect::<Checked<Vec<Count>>>()?;
    if said != sum.days {
        report.find(name, "days", "report_sum", "are not those that the journals show".to_owned());
    }
    let said = optional(payload, 31)?.iter().map(Glass::parse).collect::<Checked<Vec<Glass>>>()?;
    if said != Glass::of(&fold) {
        report.find(name, "break-glass", "report_sum", "are not the reasons that the journals show".to_owned());
    }
    accounts::compare(name, payload, (station, day), &fold, &sum.incidents, report)?;
    let intervals = fold.intervals();
    let list = fold.list.unwrap_or_else(|| Lists::of(station));
    if payload.array::<32>(9)? != list.root() {
        return Err("of another list".to_owned());
    }
    let mut compare = |place: String, said: u32, counted: u32| {
        if said != counted {
            report.find(name, place, "report_sum", format!("says {said}, the journals give {counted}"));
        }
    };
    let length = |list: usize| u32::try_from(list).unwrap_or(u32::MAX);
    let per_page = u32::from(station.lines_per_page.max(1));
    let pages = station.lines.div_ceil(per_page) + (list.lines() - station.lines).div_ceil(per_page);
    compare("change of the list".to_owned(), payload.number(21).unwrap_or(0), list.number().unwrap_or(0));
    compare("lines".to_owned(), payload.number(11)?, list.voters());
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
    if station.is_scanned {
        let said = payload.get(22).ok_or("field 22, the ballot table, is missing")?.has_fields(8)?;
        for (at, (what, counted)) in TABLE_FIELDS.into_iter().zip(TABLE.iter().zip(sum.table.sums)) {
            compare(format!("ballot table: {what}"), said.number(at)?, counted);
        }
        compare("ballot table: kits".to_owned(), length(said.list(6)?.len()), length(station.kits.len()));
        for (given, (kit, kit_name)) in said.list(6)?.iter().zip(&station.kits) {
            let counted = sum.table.ballots.get(kit).copied().unwrap_or(0);
            let given = if let Value::Unsigned(given) = given { u32::try_from(*given).ok() } else { None };
            compare(format!("ballots of {kit_name}"), given.ok_or("a count that is none")?, counted);
        }
    } else if payload.get(22).is_some() {
        return Err("field 22, a ballot table that the package does not know".to_owned());
    }
    let said = optional(payload, 26)?;
    compare("intervals on paper".to_owned(), length(said.len()), length(intervals.len()));
    for (entry, (event, counts)) in said.iter().zip(&intervals) {
        let entry = entry.has_fields(7)?;
        let name = format!("interval {}/{}", station.kit_name(&event.kit), event.seq);
        let is_same = |at, element| Ok::<bool, String>(entry.signed(at)? == event.body.signed(element)?);
        if entry.array::<8>(0)? != event.kit || !is_same(2, 0)? || !is_same(3, 1)? {
            return Err(format!("{name} is another one in field 26"));
        }
        let shown = [("event", 1, event.seq), ("slips", 4, event.number(2)), ("entered", 5, counts[0])];
        for (what, at, counted) in shown.into_iter().chain([("counted", 6, counts[1])]) {
            compare(format!("{name}: {what}"), entry.number(at)?, counted);
        }
    }
    if payload.get(25).is_some() {
        let counts = payload.list(25)?.iter().map(|entry| entry.number(2)).collect::<Checked<Vec<u32>>>()?;
        compare(
            "by sex and age".to_owned(),
            counts.iter().fold(0, |sum: u32, count| sum.saturating_add(*count)),
            sum.counted,
        );
    }
    let mut refusals = sum.refusals;
    for entry in payload.list(16)? {
        let counted = refusals.remove(entry.text(0)?).unwrap_or(0);
        compare(format!("refusals {}", entry.text(0)?), entry.number(1)?, counted);
    }
    refusals.into_iter().for_each(|(reason, counted)| compare(format!("refusals {reason}"), 0, counted));
    if payload.number::<u32>(19)? < sum.set_aside {
        compare("refused at the door".to_owned(), payload.number(19)?, sum.set_aside);
    }
    compare_incidents(name, payload.list(17)?, &sum.incidents, station, report)
}

/// A list that a report may leave out.
fn optional(payload: &Value, field: u64) -> Checked<&[Value]> {
    if payload.get(field).is_some() { payload.list(field) } else { Ok(&[]) }
}

/// Why keys of the commission above signed in place of officers: kit, counter, microseconds UTC, code.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Glass(Kid, u32, u64, String);

impl Glass {
    fn parse(entry: &Value) -> Checked<Self> {
        Ok(Self(entry.array(0)?, entry.number(1)?, entry.number(2)?, entry.text(3)?.to_owned()))
    }

    /// In the order of the events.
    fn of(fold: &Fold) -> Vec<Self> {
        let said = fold.day.iter().filter(|event| event.kind == GLASS_BROKEN);
        let text = |event: &Event| event.body.text(0).unwrap_or_default().to_owned();
        said.map(|event| Self(event.kit, event.seq, event.hlc >> 8, text(event))).collect()
    }
}

/// A time in which one kit did not hear another.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Silence {
    by: Kid,
    kit: Kid,
    /// Microseconds UTC.
    from: u64,
    until: Option<u64>,
}

impl Silence {
    fn parse(entry: &Value) -> Option<Self> {
        let until = entry.get(3).filter(|value| **value != Value::Null);
        let until = if until.is_some() { Some(entry.number(3).ok()?) } else { None };
        Some(Self { by: entry.array(0).ok()?, kit: entry.array(1).ok()?, from: entry.number(2).ok()?, until })
    }

    /// Those that the events show, in the order in which they began.
    fn of(fold: &Fold) -> Vec<Self> {
        let mut silences: Vec<Self> = Vec::new();
        for event in fold.day.iter().filter(|event| event.kind == LINK_CHANGED) {
            let (kit, at) = (event.named(0), event.hlc >> 8);
            let is_heard = event.body.get(1) == Some(&Value::Bool(true));
            let mut open = silences.iter_mut().rev();
            let open = open.find(|silence| silence.by == event.kit && silence.kit == kit && silence.until.is_none());
            match (open, is_heard) {
                (Some(silence), true) => silence.until = Some(at),
                (None, false) => silences.push(Self { by: event.kit, kit, from: at, until: None }),
                (Some(_), false) | (None, true) => {}
            }
        }
        silences
    }
}

/// The incidents that a report names are those that the journals show, no more and no fewer.
fn compare_incidents(
    name: &str,
    said: &[Value],
    shown: &[Incident],
    station: &Station,
    report: &mut Report,
) -> Checked<()> {
    let said: Option<Vec<Incident>> = said.iter().map(Incident::parse).collect();
    let said = said.ok_or("field 17 does not list incidents")?;
    for incident in shown.iter().filter(|incident| !said.contains(incident)) {
        let message = format!("leaves out {}, which the journals show", incident.words(station));
        report.find(name, "incidents", "report_incident", message);
    }
    for incident in said.iter().filter(|incident| !shown.contains(incident)) {
        let message = format!("names {}, which the journals do not show", incident.words(station));
        report.find(name, "incidents", "report_incident", message);
    }
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
        let mut bearers = day.iter().filter(|event| event.kit == *kit && event.seq == seq);
        let holds = if seq == 0 { head == [0; 32] } else { bearers.any(|event| event.id == head) };
        if !holds {
            let message = format!("ends at event {seq} with id {}, which the journals do not hold", hex(&head[..8]));
            report.find(name, format!("kit {kit_name}"), "report_head", message);
        }
        let later = day
            .iter()
            .any(|event| event.kit == *kit && event.seq > seq && matches!(event.kind, IDENTIFIED | PAPER_SERVED));
        let incomplete = payload.list(18)?.contains(&Value::Text(kit_name.clone()));
        if payload.number::<u8>(5)? == 3 && later && !incomplete {
            let message = format!("the final report ends at event {seq}, the journal has voters after it");
            report.find(name, format!("kit {kit_name}"), "report_late", message);
        }
    }
    Ok(known)
}
