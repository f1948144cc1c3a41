//! What the events of a precinct say together: who is retired, and what stands on each line.

use crate::body::{
    BALLOT_ISSUED, GRANT_DECLINED, GRANT_RELEASED, GRANTED, IDENTIFIED, LINE_CHECKED, LINE_SIGNED, PAPER_ONLY,
    PAPER_SERVED, RECEIPT_PRINTED, RECEIPT_VOID, RECONSTRUCTED, RESUMED, RETIRED, SERVED, SLIP_TAKEN, SLIP_VOIDED,
    TOTALS_ENTERED, UNDONE,
};
use crate::cose::{Hash, Kid};
use crate::journal::Event;
use crate::list::Lists;
use crate::station::Station;
use std::collections::{BTreeMap, BTreeSet};

/// A kit's counter or receipt number, with the kit.
type Named = (Kid, u32);

/// A kit that two officers retired.
#[derive(Debug, Clone, Copy)]
struct Retired {
    /// Its last event that was known then.
    head: (u32, Hash),
    /// The stamp of the takeover.
    hlc: u64,
    /// The kit that owns its lines since.
    heir: Kid,
}

/// How an event stands to its kit's retirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Not retired, or known when it was.
    OnTime,
    /// Signed before the takeover and not known then.
    Late,
    /// Signed after the takeover.
    After,
}

/// What the events say about one line.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line<'e> {
    /// Every event that names the line, in the order of the day.
    pub(crate) events: Vec<&'e Event>,
    /// The act that counts: IDENTIFIED, or RECONSTRUCTED whose act is not known.
    pub(crate) counted: Option<&'e Event>,
    /// Further acts that stand.
    pub(crate) duplicates: Vec<&'e Event>,
    /// Acts that an UNDONE names.
    pub(crate) undone: Vec<&'e Event>,
    /// Acts of a kit after its retirement: kept, not counted.
    pub(crate) aside: Vec<&'e Event>,
    /// Grants that are neither used nor given or taken back.
    pub(crate) unused: Vec<&'e Event>,
    /// LINE_SIGNED of acts that nobody undid, at a scanned ballot table.
    pub(crate) signed: Vec<&'e Event>,
    /// Ballots that were given and did not come back.
    pub(crate) ballots: Vec<&'e Event>,
    /// Ballots that came back when their act was undone.
    pub(crate) returned: Vec<&'e Event>,
}

impl<'e> Line<'e> {
    /// Slips that were handed in, by kit and counter of their act, each with its events in the order of the day.
    pub(crate) fn taken(&self) -> BTreeMap<Named, Vec<&'e Event>> {
        let mut taken: BTreeMap<Named, Vec<&'e Event>> = BTreeMap::new();
        for event in self.events.iter().copied().filter(|event| event.kind == SLIP_TAKEN) {
            taken.entry((event.named(1), event.number(2))).or_default().push(event);
        }
        taken
    }
}

/// The reason of an UNDONE that says that the ballot came back.
const BALLOT_RETURNED: &str = "BALLOT_RETURNED";

/// The receipts of one kit's act on paper.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Paper {
    /// How often it came out.
    pub(crate) copies: u32,
    pub(crate) is_void: bool,
    /// Whether a RESUMED stands for it.
    pub(crate) is_resumed: bool,
}

/// The events of a precinct, folded.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fold<'e> {
    /// Every event once, in the order of the day: stamp, kit, counter, id.
    pub(crate) day: Vec<&'e Event>,
    /// Events by kit and counter, by id where they fork.
    pub(crate) named: BTreeMap<Named, Vec<&'e Event>>,
    /// Lines with any event.
    pub(crate) lines: BTreeMap<u32, Line<'e>>,
    retired: BTreeMap<Kid, Retired>,
    copies: BTreeMap<Named, u32>,
    void: BTreeSet<Named>,
    resumed: BTreeSet<Named>,
    /// Those of the resumed acts whose receipt a kit of the hall gave.
    in_hall: BTreeSet<Named>,
    /// Acts whose slip two officers declared void.
    voided: BTreeSet<Named>,
    /// The list in force by all changes; none before the first event.
    pub(crate) list: Option<Lists>,
}

impl<'e> Fold<'e> {
    /// TOTALS_ENTERED in the order of the day; what a kit wrote after its retirement is not among them.
    pub(crate) fn totals(&self) -> impl Iterator<Item = &'e Event> {
        let entries = self.day.iter().copied().filter(|event| event.kind == TOTALS_ENTERED);
        entries.filter(|event| self.place(event) != Place::After)
    }

    /// Folds events given in the order of the day.
    pub(crate) fn of(station: &Station, day: impl Iterator<Item = &'e Event>) -> Self {
        let mut fold = Self::default();
        let mut list = Lists::of(station);
        let mut lines: BTreeMap<u32, Vec<&'e Event>> = BTreeMap::new();
        for event in day {
            fold.day.push(event);
            event.change.iter().for_each(|change| list.take(change));
            fold.named.entry((event.kit, event.seq)).or_default().push(event);
            match event.kind {
                RETIRED => fold.retire(event),
                RECEIPT_PRINTED => *fold.copies.entry((event.kit, event.number(0))).or_default() += 1,
                RECEIPT_VOID => drop(fold.void.insert((event.kit, event.number(0)))),
                SLIP_VOIDED => drop(fold.voided.insert((event.named(1), event.number(2)))),
                RESUMED if event.number(3) == SERVED => {
                    fold.resumed.insert((event.named(1), event.number(2)));
                    if !station.is_mobile(&event.kit) {
                        fold.in_hall.insert((event.named(1), event.number(2)));
                    }
                }
                _ => {}
            }
            if event.line() > 0 {
                lines.entry(event.line()).or_default().push(event);
            }
        }
        fold.named.values_mut().for_each(|bearers| bearers.sort_by_key(|event| event.id));
        fold.list = Some(list);
        // Only now: a takeover says something about events before and after it.
        fold.lines = lines.into_iter().map(|(line, events)| (line, fold.line(events))).collect();
        fold
    }

    /// The first takeover that names a kit stands, unless its author was retired before.
    fn retire(&mut self, takeover: &Event) {
        if self.place(takeover) == Place::After {
            return;
        }
        for (kit, seq, id) in heads(takeover) {
            if kit != takeover.kit {
                let how = Retired { head: (seq, id), hlc: takeover.hlc, heir: takeover.kit };
                self.retired.entry(kit).or_insert(how);
            }
        }
    }

    /// How an event stands to its kit's retirement.
    pub(crate) fn place(&self, event: &Event) -> Place {
        let Some(Retired { head: (seq, id), hlc, .. }) = self.retired.get(&event.kit) else { return Place::OnTime };
        let is_known = event.seq < *seq || (event.seq, event.id) == (*seq, *id);
        if is_known {
            Place::OnTime
        } else if event.hlc <= *hlc {
            Place::Late
        } else {
            Place::After
        }
    }

    /// Whether a kit was retired.
    pub(crate) fn is_retired(&self, kit: &Kid) -> bool {
        self.retired.contains_key(kit)
    }

    /// Every kit that owned a line today, first to last.
    pub(crate) fn owners(&self, station: &Station, line: u32) -> Vec<Kid> {
        let mut owners: Vec<Kid> = station.owner(line).copied().into_iter().collect();
        while let Some(Retired { heir, .. }) = owners.last().and_then(|kit| self.retired.get(kit)) {
            if owners.contains(heir) {
                break;
            }
            owners.push(*heir);
        }
        owners
    }

    fn line(&self, events: Vec<&'e Event>) -> Line<'e> {
        let heard = || events.iter().copied().filter(|event| self.place(event) != Place::After);
        let of = |kind: u8| heard().filter(move |event| event.kind == kind);
        let pairs = |kind: u8| of(kind).map(|event| (event.named(1), event.number(2))).collect::<BTreeSet<Named>>();
        let (undone, entered, declined) = (pairs(UNDONE), pairs(RECONSTRUCTED), pairs(GRANT_DECLINED));
        let released: BTreeSet<Named> = of(GRANT_RELEASED).map(|event| (event.kit, event.number(1))).collect();
        let acts: BTreeSet<Named> = of(IDENTIFIED).map(|act| (act.kit, act.number(5))).collect();
        // A grant is done with when its holder named it, served the voter later, or gave it back.
        let is_done = |grant: &Event| {
            let name = (grant.kit, grant.seq);
            let served = |act: &Event| {
                (act.named(7), act.number(6)) == name || (act.kit == grant.named(1) && grant.order() < act.order())
            };
            let given_back = |event: &Event| event.kit == grant.named(1) && (event.named(1), event.number(2)) == name;
            of(IDENTIFIED).any(served) || declined.contains(&name) && of(GRANT_DECLINED).any(given_back)
        };
        // A ballot came back when its act was undone so, after it was given.
        let came_back = |ballot: &Event| {
            let of_act = |event: &Event| (event.named(1), event.number(2)) == (ballot.named(1), ballot.number(2));
            let mut back = of(UNDONE).filter(|event| event.body.text(3) == Ok(BALLOT_RETURNED) && of_act(event));
            back.any(|event| ballot.order() < event.order())
        };
        let (mut line, mut late, mut papers) = (Line::default(), Vec::new(), BTreeSet::new());
        let mut slips = BTreeSet::new();
        for event in &events {
            let (place, name) = (self.place(event), (event.kit, event.seq));
            match event.kind {
                // Entered from its receipt, the paper counts instead.
                IDENTIFIED if place == Place::After && entered.contains(&(event.kit, event.number(5))) => {}
                IDENTIFIED if place == Place::After => line.aside.push(*event),
                IDENTIFIED if undone.contains(&name) => line.undone.push(*event),
                IDENTIFIED if place == Place::Late => late.push(*event),
                IDENTIFIED => line.stands(event),
                RECONSTRUCTED if place != Place::After => {
                    let receipt = (event.named(1), event.number(2));
                    if !acts.contains(&receipt) && papers.insert(receipt) {
                        line.stands(event);
                    }
                }
                PAPER_SERVED if place == Place::After => {}
                PAPER_SERVED if undone.contains(&name) => line.undone.push(*event),
                // The same slip entered at two kits is one act.
                PAPER_SERVED if slips.insert(event.number(1)) => line.stands(event),
                GRANTED if place != Place::After && !is_done(event) && !released.contains(&name) => {
                    line.unused.push(*event);
                }
                LINE_SIGNED if !undone.contains(&(event.named(1), event.number(2))) => line.signed.push(*event),
                BALLOT_ISSUED if came_back(event) => line.returned.push(*event),
                BALLOT_ISSUED => line.ballots.push(*event),
                _ => {}
            }
        }
        late.into_iter().for_each(|act| line.stands(act));
        line.events = events;
        line
    }

    /// What became of an act's receipt. What was entered from paper came out of a printer.
    pub(crate) fn paper(&self, act: &Event) -> Paper {
        if matches!(act.kind, RECONSTRUCTED | PAPER_SERVED) {
            return Paper { copies: 1, ..Paper::default() };
        }
        let receipt = (act.kit, act.number(5));
        Paper {
            copies: self.copies.get(&receipt).copied().unwrap_or(0),
            is_void: self.void.contains(&receipt) || self.voided.contains(&(act.kit, act.seq)),
            is_resumed: self.resumed.contains(&(act.kit, act.seq)),
        }
    }

    /// Whether the voter of an act got the ballot at home: by a mobile kit, or entered from its slip, unless two
    /// officers gave the slip in the hall.
    pub(crate) fn is_at_home(&self, station: &Station, act: &Event) -> bool {
        let kit = if act.kind == RECONSTRUCTED { act.named(1) } else { act.kit };
        station.is_mobile(&kit) && !self.in_hall.contains(&(act.kit, act.seq))
    }

    /// Intervals in which voting went on by paper alone, in the order of the day, each with the entries of its kit that
    /// were not taken back and those of them that count.
    pub(crate) fn intervals(&self) -> Vec<(&'e Event, [u32; 2])> {
        let on_time = |event: &&Event| self.place(event) != Place::After;
        let declared = self.day.iter().copied().filter(|event| event.kind == PAPER_ONLY).filter(on_time);
        let counts = |interval: &Event| {
            let names = |event: &&Event| {
                let is_own = event.kind == PAPER_SERVED && event.kit == interval.kit;
                is_own && event.number(2) == interval.seq
            };
            let mut counts = [0, 0];
            for entry in self.day.iter().copied().filter(names) {
                let is = |other: &Event| other.order() == entry.order();
                let Some(line) = self.lines.get(&entry.line()) else { continue };
                counts[0] += u32::from(on_time(&entry) && !line.undone.iter().any(|other| is(other)));
                counts[1] += u32::from(line.counted.is_some_and(is));
            }
            counts
        };
        declared.map(|interval| (interval, counts(interval))).collect()
    }

    /// The first event that carries a change of the list.
    pub(crate) fn change(&self, id: Hash) -> Option<&'e Event> {
        let carries = |event: &&Event| event.change.as_ref().is_some_and(|change| change.id == id);
        self.day.iter().copied().find(carries)
    }

    /// An event by kit and counter; the first by id where the kit's chain forks.
    pub(crate) fn event(&self, kit: Kid, seq: u32) -> Option<&'e Event> {
        self.named.get(&(kit, seq))?.first().copied()
    }
}

impl<'e> Line<'e> {
    fn stands(&mut self, act: &'e Event) {
        if self.counted.is_none() {
            self.counted = Some(act);
        } else {
            self.duplicates.push(act);
        }
    }

    /// The acts that stand, the counted one first.
    pub(crate) fn standing(&self) -> impl Iterator<Item = &'e Event> + '_ {
        self.counted.iter().chain(&self.duplicates).copied()
    }

    /// Whether the line was served on paper while no kit worked: its ballot left the table.
    pub(crate) fn is_on_paper(&self) -> bool {
        self.standing().any(|act| act.kind == PAPER_SERVED)
    }

    /// Whether a ballot was given for an act that was undone without it: nobody here knew of it then.
    pub(crate) fn is_stray(&self, ballot: &Event) -> bool {
        let slip = (ballot.named(1), ballot.number(2));
        self.undone.iter().any(|act| (act.kit, act.seq) == slip)
    }

    /// The looks at the paper line.
    pub(crate) fn looks(&self) -> impl Iterator<Item = &'e Event> + '_ {
        self.events.iter().copied().filter(|event| event.kind == LINE_CHECKED)
    }
}

/// The kits that a takeover retires, with their last known heads.
pub(crate) fn heads(takeover: &Event) -> Vec<(Kid, u32, Hash)> {
    let heads = takeover.body.list(0).unwrap_or_default().iter();
    heads.filter_map(|head| Some((head.array(0).ok()?, head.number(1).ok()?, head.array(2).ok()?))).collect()
}
