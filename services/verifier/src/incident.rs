//! What the day shows to be explained, worked out from the events alone (docs/formats.md §5).

use crate::body::{
    CARD_WITHDRAWN, GLASS_BROKEN, GRANTED, HOME_RELEASED, IDENTIFIED, INCIDENT, LINE_CHECKED, LINE_SIGNED,
    RECONSTRUCTED, RETIRED, cards,
};
use crate::cbor::Value;
use crate::cose::Kid;
use crate::day::Days;
use crate::fold::{Fold, Line, Place, heads};
use crate::journal::Event;
use crate::list::{STOP, STRIKE};
use crate::station::{Partition, Station};
use std::collections::{BTreeMap, BTreeSet};

/// Method of an act at home.
const HOME: u32 = 5;

/// One thing to be explained; sorted by code, line and evidence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Incident {
    /// Its code, as `DUPLICATE`.
    pub code: String,
    /// The line it is about, 0 for none.
    pub line: u32,
    /// The events that show it: key id of the kit, counter.
    pub evidence: Vec<([u8; 8], u32)>,
}

impl Incident {
    pub(crate) fn new(code: &str, line: u32, acts: &[&Event]) -> Self {
        let mut evidence: Vec<(Kid, u32)> = acts.iter().map(|act| (act.kit, act.seq)).collect();
        evidence.sort_unstable();
        Self { code: code.to_owned(), line, evidence }
    }

    /// `[code, line, [[kit, seq], …]]`, as reports and INCIDENT events write it.
    pub(crate) fn parse(entry: &Value) -> Option<Self> {
        let evidence = entry.list(2).ok()?.iter().map(|name| Some((name.array(0).ok()?, name.number(1).ok()?)));
        Some(Self {
            code: entry.text(0).ok()?.to_owned(),
            line: entry.number(1).ok()?,
            evidence: evidence.collect::<Option<_>>()?,
        })
    }

    /// Code, line and events in words.
    pub(crate) fn words(&self, station: &Station) -> String {
        let line = if self.line > 0 { format!(" line {}", self.line) } else { String::new() };
        let name = |(kit, seq): &(Kid, u32)| format!("{}/{seq}", station.kit_name(kit));
        let evidence: Vec<String> = self.evidence.iter().map(name).collect();
        format!("{}{line} [{}]", self.code, evidence.join(" "))
    }
}

/// The incidents that the events show and those that kits recorded; sorted, each once.
pub(crate) fn incidents(station: &Station, fold: &Fold) -> Vec<Incident> {
    let mut found: BTreeSet<Incident> = BTreeSet::new();
    for (number, line) in &fold.lines {
        of_line(station, fold, *number, line, &mut found);
    }
    let recorded = fold.day.iter().filter(|event| event.kind == INCIDENT);
    found.extend(recorded.filter_map(|event| Incident::parse(&event.body)));
    let forks = fold.named.values().filter(|bearers| bearers.len() > 1);
    found.extend(forks.map(|bearers| Incident::new("EQUIVOCATION", 0, bearers)));
    for rival in fold.list.iter().flat_map(|list| list.rivals()) {
        let events: Vec<&Event> = fold.change(rival).into_iter().collect();
        found.insert(Incident::new("DELTA_TWICE", 0, &events));
    }
    for (interval, [entered, _]) in fold.intervals() {
        if entered != interval.number(2) {
            found.insert(Incident::new("PAPER_COUNT", 0, &[interval]));
        }
        let at = |element| interval.body.signed(element).unwrap_or_default();
        let is_within = |act: &&&Event| {
            act.kind == IDENTIFIED && (i128::from(at(0))..i128::from(at(1))).contains(&i128::from(act.hlc >> 8))
        };
        if let Some(first) = fold.day.iter().find(is_within) {
            found.insert(Incident::new("PAPER_OVERLAP", 0, &[interval, first]));
        }
    }
    let firsts: Vec<&Event> = fold.totals().filter(|event| event.body.text(6) == Ok("")).collect();
    if firsts.len() > 1 {
        found.insert(Incident::new("TOTALS_TWICE", 0, &firsts));
    }
    let takeovers: Vec<&Event> = fold.day.iter().copied().filter(|event| event.kind == RETIRED).collect();
    let retired: Vec<Kid> = takeovers.iter().flat_map(|event| heads(event)).map(|(kit, ..)| kit).collect();
    if retired.iter().collect::<BTreeSet<_>>().len() < retired.len() {
        found.insert(Incident::new("TAKEOVER_TWICE", 0, &takeovers));
    }
    for event in &fold.day {
        if cards(event).iter().any(|card| station.is_holder(card)) {
            found.insert(Incident::new("BREAK_GLASS", event.line(), &[event]));
            let is_said =
                |said: &&Event| said.kind == GLASS_BROKEN && said.kit == event.kit && said.order() <= event.order();
            if !fold.day.iter().copied().any(|said| is_said(&said)) {
                found.insert(Incident::new("BREAK_GLASS_UNSAID", event.line(), &[event]));
            }
        }
    }
    let by_hand = |act: &&Event| act.kind == IDENTIFIED && (2..=4).contains(&act.number(1));
    let overrides = fold.lines.values().filter_map(|line| line.counted).filter(by_hand).count() as u64;
    if overrides * 1000 > u64::from(station.quota_permille) * u64::from(station.lines) {
        found.insert(Incident::new("OVERRIDE_QUOTA", 0, &[]));
    }
    of_cards(station, fold, &mut found);
    Days::of(station, fold).incidents(fold, &mut found);
    found.into_iter().collect()
}

/// What withdrawn cards signed afterwards, and one pair of officers that signed too many identifications in a row.
fn of_cards(station: &Station, fold: &Fold, found: &mut BTreeSet<Incident>) {
    let mut withdrawn: BTreeMap<Kid, &Event> = BTreeMap::new();
    for event in fold.day.iter().copied().filter(|event| event.kind == CARD_WITHDRAWN) {
        withdrawn.entry(event.named(0)).or_insert(event);
    }
    for event in fold.day.iter().copied().filter(|_| !withdrawn.is_empty()) {
        let mut withdrawals = event.cards().into_iter().filter_map(|card| withdrawn.get(&card).copied());
        if let Some(withdrawal) = withdrawals.find(|withdrawal| withdrawal.order() < event.order()) {
            found.insert(Incident::new("WITHDRAWN_CARD", event.line(), &[event, withdrawal]));
        }
    }
    let standing = fold.lines.values().flat_map(Line::standing);
    let by_hand = standing.filter(|act| act.kind == IDENTIFIED && (2..=4).contains(&act.number(1)));
    let mut signed: Vec<_> = by_hand.map(|act| (act.order(), BTreeSet::from_iter(act.cards()))).collect();
    signed.sort();
    if signed.chunk_by(|(_, a), (_, b)| a == b).any(|run| run.len() as u64 > u64::from(station.pair_run_max)) {
        found.insert(Incident::new("OVERRIDE_PAIR", 0, &[]));
    }
}

fn of_line(station: &Station, fold: &Fold, number: u32, line: &Line, found: &mut BTreeSet<Incident>) {
    let mut add = |code, acts: &[&Event]| found.insert(Incident::new(code, number, acts));
    // Late or set aside and never printed: a check-in that ended before its paper, so no second ballot.
    let may_be_issued = |act: &&Event| {
        let paper = fold.paper(act);
        fold.place(act) == Place::OnTime || paper.copies > 0 || paper.is_resumed
    };
    let issued: Vec<&Event> = line.standing().chain(line.aside.iter().copied()).filter(may_be_issued).collect();
    if issued.len() > 1 {
        add("DUPLICATE", &issued);
    }
    for act in line.standing() {
        let paper = fold.paper(act);
        if paper.is_resumed && paper.copies > 0 {
            add("DUPLICATE", &[act]);
        }
        if act.kind == IDENTIFIED && fold.place(act) == Place::Late {
            add("LATE", &[act]);
        }
        if !has_right(station, fold, line, act) {
            add("NO_RIGHT", &[act]);
        }
        if act.kind == IDENTIFIED && !station.is_admitted_at(&act.kit, act.hlc >> 8) {
            add("GRANT_OVER", &[act]);
        }
    }
    for (code, kind) in [("CONFLICT", STRIKE), ("STOP_NOTE", STOP)] {
        let change = fold.list.as_ref().and_then(|list| list.of_line(number, kind));
        let change = change.and_then(|change| fold.change(change.id));
        if let (Some(act), Some(change)) = (line.counted, change) {
            add(code, &[act, change]);
        }
    }
    if let Some(release) = line.events.iter().find(|event| event.kind == HOME_RELEASED) {
        let visits = line.standing().filter(|act| act.kind == IDENTIFIED && station.is_mobile(&act.kit));
        for act in visits.filter(|act| act.order() > release.order()) {
            add("HOME_RELEASED", &[act, release]);
        }
    }
    for act in &line.aside {
        add("AFTER_RETIREMENT", &[act]);
    }
    if line.ballots.len() > 1 {
        add("BALLOT_TWICE", &line.ballots);
    }
    let is_loose = |ballot: &&Event| line.counted.is_none() || line.is_stray(ballot);
    let loose: Vec<&Event> = line.ballots.iter().copied().filter(is_loose).collect();
    if !loose.is_empty() {
        add("BALLOT_NOT_COUNTED", &loose);
    }
    for ballot in &line.ballots {
        let slip = |event: &Event| (event.kit, event.named(1), event.number(2));
        let signs = |event: &&&Event| event.kind == LINE_SIGNED && slip(event) == slip(ballot);
        if !line.events.iter().filter(signs).any(|event| event.order() < ballot.order()) {
            add("BALLOT_UNSIGNED", &[ballot]);
        }
        if fold.place(ballot) == Place::After {
            add("AFTER_RETIREMENT", &[ballot]);
        }
    }
    for events in line.taken().into_values().filter(|events| events.len() > 1) {
        add("SLIP_TWICE", &events);
    }
    for entered in line.events.iter().filter(|event| event.kind == RECONSTRUCTED) {
        let (kit, receipt) = (entered.named(1), entered.number(2));
        let acts = fold.named.range((kit, 0)..=(kit, u32::MAX)).flat_map(|(_, bearers)| bearers);
        let act = acts.copied().find(|act| act.kind == IDENTIFIED && act.number(5) == receipt);
        if let Some(act) = act.filter(|act| act.line() != number) {
            add("RECEIPT_DIFFERS", &[entered, act]);
        }
    }
}

/// Whether the events hold what allowed a kit to serve the line: its share, a grant, a look at the paper, a majority.
/// What was entered from paper needs no right of its own.
pub(crate) fn has_right(station: &Station, fold: &Fold, line: &Line, act: &Event) -> bool {
    if act.kind != IDENTIFIED {
        return true;
    }
    // The home list is sealed; the commission's paper register shows it.
    if station.is_mobile(&act.kit) && act.number(1) == HOME {
        return true;
    }
    if station.partition == Partition::Quorum {
        let promises = line.events.iter().filter(|event| event.kind == GRANTED && event.order() < act.order());
        let promises = promises.filter(|event| event.named(1) == act.kit && station.votes(&event.kit));
        return promises.map(|event| event.kit).collect::<BTreeSet<_>>().len() >= station.majority();
    }
    let owners = fold.owners(station, act.line());
    let (kit, seq) = (act.named(7), act.number(6));
    if seq == 0 {
        // An heir looks at the paper before it serves what it took over.
        let looked = || line.looks().any(|look| look.kit == act.kit && look.order() < act.order());
        return owners.first() == Some(&act.kit) || (owners.contains(&act.kit) && looked());
    }
    fold.event(kit, seq).is_some_and(|right| {
        let comes_before = right.line() == act.line() && right.order() < act.order();
        comes_before
            && match right.kind {
                GRANTED => owners.contains(&kit) && right.named(1) == act.kit,
                LINE_CHECKED => {
                    let is_unsigned = right.body.get(1) == Some(&Value::Bool(true));
                    is_unsigned && kit == act.kit && station.partition == Partition::PaperLock
                }
                _ => false,
            }
    })
}
