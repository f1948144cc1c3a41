//! What of a state the future can read: two states of one shape have the same future.
//!
//! Left out: the numbers of stamps and counters (only the order on each line, and against the takeovers,
//! is kept), which kit gave a receipt, what a kit that is down forgets, how far a peer's clock is, and
//! everything about a line whose voter has one receipt and comes no more: no act on it can follow, and
//! what holds for it was looked at when it came about ([`State::line_shape`]). The least of a state and
//! its mirror images stands for all of them.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use lexicon::handover::envelope::Kid;
use pollbook::{Act, Body, identified};

use super::{Bounds, Cut, Hall, Stage, State};
use crate::mutation::Mutation;
use crate::precinct::{NEXT_OPENS, Precinct};

/// Kits and lines that change places: where each goes. Lines from 0 here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mirror {
    kits: Vec<usize>,
    lines: Vec<usize>,
}

impl Mirror {
    /// Everything stays where it is.
    pub(super) fn none(bounds: Bounds) -> Self {
        Self {
            kits: (0..bounds.kits).collect(),
            lines: (0..usize::try_from(bounds.voters).unwrap_or(0)).collect(),
        }
    }
}

/// The mirror images of a hall: under `segment` and `paper_lock` a line goes where its owner goes, under
/// `quorum` nobody owns a line.
pub(super) fn mirrors(precinct: &Precinct, bounds: Bounds) -> Vec<Mirror> {
    let lines = usize::try_from(bounds.voters).unwrap_or(0);
    let is_quorum = precinct.charter.partition() == pollbook::Partition::Quorum;
    let owner = |line: usize| {
        let line = u32::try_from(line + 1).ok()?;
        precinct.index(precinct.charter.owner(line)?)
    };
    let mut found = Vec::new();
    for kits in orders(bounds.kits) {
        for lines in orders(lines) {
            let keeps = |(line, to): (usize, &usize)| {
                owner(*to) == owner(line).and_then(|kit| kits.get(kit).copied())
            };
            if is_quorum || lines.iter().enumerate().all(keeps) {
                found.push(Mirror {
                    kits: kits.clone(),
                    lines,
                });
            }
        }
    }
    found
}

/// Every order of `0..many`.
fn orders(many: usize) -> Vec<Vec<usize>> {
    if many == 0 {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for shorter in orders(many - 1) {
        for at in 0..=shorter.len() {
            let mut longer = shorter.clone();
            longer.insert(at, many - 1);
            all.push(longer);
        }
    }
    all
}

/// An event as the future reads it, before kits and lines change places.
struct Brief {
    /// The book's act; of a copy that a mutation changed, the first seen.
    act: Arc<Act>,
    kit: usize,
    /// 0 for none.
    line: usize,
    /// Place among the stamps of its line and the takeovers.
    rank: u64,
    /// Which kits hold it.
    held: u32,
    /// Which kit it names, 15 for none; which of that kit's events on the line, 63 for none.
    names: (usize, u64),
    /// What else it says.
    says: u64,
}

const NOBODY: usize = 15;
const NOTHING: u64 = 63;

impl Hall {
    /// What the future of a state depends on, as 128 bits of a hash.
    pub(super) fn shape(&self, state: &State) -> u128 {
        let briefs = self.briefs(state);
        let open: Vec<bool> = (1..=self.bounds.voters)
            .map(|line| self.is_open(state, line))
            .collect();
        let least = self
            .mirrors
            .iter()
            .map(|mirror| self.whole_under(state, &briefs, &open, mirror))
            .min();
        hash(&least)
    }

    /// What the healed hall says of one line: its events, who holds them, and the takeovers.
    pub(super) fn line_shape(&self, state: &State, line: u32) -> u128 {
        let at = usize::try_from(line).unwrap_or(1) - 1;
        let briefs = self.briefs(state);
        let mut open = vec![false; state.voters.len()];
        open[at] = true;
        let least = self
            .mirrors
            .iter()
            .map(|mirror| {
                let mut shape = self.events_under(&briefs, &open, mirror);
                let mut kits: Vec<u64> = (0..state.kits.len())
                    .map(|kit| {
                        let book = &state.kits[kit].book;
                        let flags = u64::from(state.kits[kit].is_up)
                            | u64::from(book.block().is_some()) << 1;
                        (mirror.kits[kit] as u64) << 8 | flags
                    })
                    .collect();
                kits.sort_unstable();
                shape.extend(kits);
                let voter = state.voters[at];
                shape.push((mirror.lines[at] as u64) << 32 | u64::from(voter.receipts));
                shape
            })
            .min();
        hash(&least)
    }

    /// Whether counters are kept: where the last event may be lost, or kits exchange in pairs, the order
    /// within a chain matters, and lines depend on each other through it.
    pub(super) fn is_exact(&self) -> bool {
        self.bounds.pairs
            || matches!(
                self.mutation,
                Some(Mutation::NoFsync | Mutation::FallingCounter)
            )
    }

    /// All events of the hall.
    fn briefs(&self, state: &State) -> Vec<Brief> {
        let mut briefs: Vec<Brief> = Vec::with_capacity(24);
        for (at, kit) in state.kits.iter().enumerate() {
            for act in kit.book.events() {
                let author = state.place(act.name.kit).unwrap_or(NOBODY);
                // What a kit that is down has of others it forgets.
                if !kit.is_up && author != at {
                    continue;
                }
                let known = briefs
                    .iter_mut()
                    .find(|brief| brief.kit == author && brief.act.name == act.name);
                if let Some(known) = known {
                    known.held |= 1 << at;
                } else {
                    briefs.push(Brief {
                        act: Arc::clone(act),
                        kit: author,
                        line: usize::try_from(act.body.line()).unwrap_or(0),
                        rank: 0,
                        held: 1 << at,
                        names: (NOBODY, NOTHING),
                        says: 0,
                    });
                }
            }
        }
        let mut takeovers: Vec<Arc<Act>> = briefs
            .iter()
            .filter(|brief| matches!(brief.act.body, Body::Retired(_)))
            .map(|brief| Arc::clone(&brief.act))
            .collect();
        takeovers.sort_by_key(|act| act.order());
        let stamps: Vec<(usize, u64)> = briefs
            .iter()
            .map(|brief| (brief.line, brief.act.hlc.0))
            .collect();
        let rank = |line: usize, act: &Act| {
            let before = stamps
                .iter()
                .filter(|(other, stamp)| *other == line && line > 0 && *stamp < act.hlc.0);
            let retired = takeovers.iter().filter(|other| other.hlc < act.hlc);
            (before.count() + retired.count()) as u64
        };
        let ranks: Vec<u64> = briefs
            .iter()
            .map(|brief| rank(brief.line, &brief.act))
            .collect();
        for (brief, rank) in briefs.iter_mut().zip(&ranks) {
            brief.rank = *rank;
        }
        // The place of an event that another names.
        let places: Vec<(usize, u32, usize, u64, u32)> = briefs
            .iter()
            .map(|brief| {
                let receipt = identified(&brief.act).map_or(0, |body| body.receipt);
                let seq = brief.act.name.seq;
                (brief.kit, seq, brief.line, brief.rank, receipt)
            })
            .collect();
        let named = |kit: &[u8; 8], seq: u32| {
            let kit = state.place(Kid(*kit)).unwrap_or(NOBODY);
            let place = places.iter().find(|place| (place.0, place.1) == (kit, seq));
            (kit, place.map_or(NOTHING, |place| place.3))
        };
        for brief in &mut briefs {
            let act = Arc::clone(&brief.act);
            let author = brief.kit;
            let own = |seq: u32| named(&act.name.kit.0, seq);
            let mut says = u64::from(state.is_old(&act));
            let mut names = (NOBODY, NOTHING);
            if let Body::Identified(body) = &act.body {
                (says, names) = (0, named(&body.grant_kit, body.grant_seq));
            } else if let Body::Granted(body) = &act.body {
                names = (state.place(Kid(*body.to)).unwrap_or(NOBODY), NOTHING);
            } else if let Body::LineChecked(body) = &act.body {
                says |= u64::from(body.unsigned) << 1;
            } else if let Body::Resumed(body) = &act.body {
                (says, names) = (body.outcome.into(), named(&body.kit, body.seq));
            } else if let Body::Declined(body) = &act.body {
                (says, names) = (0, named(&body.kit, body.seq));
            } else if let Body::Released(body) = &act.body {
                (says, names) = (0, own(body.seq));
            } else if let Body::Printed(body) | Body::Void(body) = &act.body {
                says = 0;
                let place = places
                    .iter()
                    .find(|place| place.0 == author && place.4 == body.receipt && place.4 > 0);
                if let Some(place) = place {
                    (brief.line, brief.rank) = (place.2, place.3);
                }
            } else if let Body::Retired(body) = &act.body {
                says = 0;
                let first = body.kits.first();
                names = first.map_or(names, |head| named(&head.kit, NOBODY as u32));
            } else {
                says = 0;
            }
            // Which acts belong to which day.
            let is_of_next = state.is_next_day && act.hlc.moment().micros() >= NEXT_OPENS;
            says |= u64::from(is_of_next) << 16;
            // Which takeovers knew this event when they retired its kit.
            for (at, takeover) in takeovers.iter().take(4).enumerate() {
                if let Body::Retired(body) = &takeover.body {
                    let knew = body
                        .kits
                        .iter()
                        .any(|head| *head.kit == act.name.kit.0 && act.name.seq <= head.seq);
                    says |= u64::from(knew) << (4 + at);
                }
            }
            if self.is_exact() {
                says |= u64::from(act.name.seq & 0xff) << 8;
            }
            (brief.says, brief.names) = (says, names);
        }
        briefs
    }

    fn events_under(&self, briefs: &[Brief], open: &[bool], mirror: &Mirror) -> Vec<u64> {
        let kit_to = |kit: usize| mirror.kits.get(kit).copied().unwrap_or(NOBODY) as u64;
        let mut events: Vec<u64> = Vec::with_capacity(briefs.len() + 24);
        for brief in briefs {
            let line = match brief.line.checked_sub(1) {
                None => 0,
                Some(at) if open.get(at).copied().unwrap_or(true) => {
                    mirror.lines.get(at).map_or(9, |to| *to as u64 + 1)
                }
                Some(_) => continue,
            };
            let held = (0..mirror.kits.len())
                .filter(|kit| brief.held >> kit & 1 == 1)
                .fold(0u64, |bits, kit| bits | 1 << mirror.kits[kit]);
            events.push(
                kit_to(brief.kit) << 60
                    | u64::from(brief.act.body.kind()) << 54
                    | line << 50
                    | brief.rank.min(63) << 44
                    | held << 36
                    | kit_to(brief.names.0) << 32
                    | brief.names.1 << 26
                    | brief.says,
            );
        }
        events.sort_unstable();
        events
    }

    fn whole_under(
        &self,
        state: &State,
        briefs: &[Brief],
        open: &[bool],
        mirror: &Mirror,
    ) -> Vec<u64> {
        let mut shape = self.events_under(briefs, open, mirror);
        let kit_to = |kit: usize| mirror.kits.get(kit).copied().unwrap_or(NOBODY) as u64;
        let reading = state.reading();
        let mut kits: Vec<u64> = Vec::with_capacity(8);
        for (at, kit) in state.kits.iter().enumerate() {
            let mut word = kit_to(at) << 60
                | u64::from(kit.is_up)
                | u64::from(kit.book.block().is_some()) << 1;
            // Who is in reach has been heard, unless kits exchange in pairs.
            let listens = self.bounds.pairs && kit.is_up && kit.book.has_listened(reading);
            word |= u64::from(listens) << 2;
            let owed = if self.bounds.pairs && kit.is_up {
                kit.book.pending_receipts()
            } else {
                Vec::new()
            };
            let me = state.kids[at];
            let owed: Vec<u32> = owed
                .iter()
                .filter_map(|receipt| kit.book.act_of_receipt(me, *receipt))
                .map(|act| act.name.seq)
                .collect();
            for (other, kid) in state.kids.iter().enumerate() {
                if kit.is_up && other != at {
                    let near = u64::from(kit.book.is_reachable(*kid, reading))
                        | u64::from(kit.book.is_in_touch(*kid, reading)) << 1;
                    word |= near << (8 + 2 * kit_to(other));
                    // Which pending receipts it said to know.
                    let shown = owed.iter().filter(|seq| kit.book.has_shown(*kid, **seq));
                    word |= (shown.count() as u64) << (20 + 4 * kit_to(other));
                }
            }
            let place = |act: &Act| {
                let found = briefs.iter().find(|brief| brief.act.name == act.name);
                let kit = state.place(act.name.kit).unwrap_or(NOBODY);
                kit_to(kit) << 8 | found.map_or(NOTHING, |brief| brief.rank)
            };
            let line_to = |line: &u32| {
                let at = usize::try_from(*line).unwrap_or(0).checked_sub(1);
                at.and_then(|at| mirror.lines.get(at))
                    .map_or(9, |to| *to as u64 + 1)
            };
            match &kit.stage {
                Stage::Idle => {}
                Stage::Asking(line, acts) => {
                    word |= 1 << 40 | line_to(line) << 44;
                    let mut answers: Vec<u64> = acts
                        .iter()
                        .map(|act| kit_to(at) << 60 | 1 << 59 | place(act))
                        .collect();
                    answers.sort_unstable();
                    kits.extend(answers);
                }
                Stage::Printing(line, act) => {
                    word |= 2 << 40 | line_to(line) << 44 | (place(act) & 0xff) << 48;
                }
            }
            if self.is_exact() {
                kits.extend(kit.book.heard().map(|(kid, _, head)| {
                    let peer = kit_to(state.place(kid).unwrap_or(NOBODY));
                    kit_to(at) << 60 | 1 << 58 | peer << 32 | u64::from(head)
                }));
            }
            kits.push(word);
        }
        kits.sort_unstable();
        shape.push(u64::MAX);
        shape.extend(kits);
        let mut voters: Vec<u64> = state
            .voters
            .iter()
            .enumerate()
            .map(|(at, voter)| {
                (mirror.lines[at] as u64) << 32
                    | u64::from(voter.attempts) << 16
                    | u64::from(voter.receipts) << 8
                    | u64::from(voter.is_crossed) << 3
                    | u64::from(voter.is_unlooked) << 2
                    | u64::from(voter.is_released) << 1
                    | u64::from(voter.is_lied_about)
            })
            .collect();
        voters.sort_unstable();
        shape.extend(voters);
        let cut = match state.cut {
            None => 0,
            Some(Cut::Kit(kit)) => 1 << 8 | kit_to(kit),
            Some(Cut::Link(a, b)) => 2 << 8 | 1 << (10 + kit_to(a)) | 1 << (10 + kit_to(b)),
        };
        let budgets = u64::from(state.crashes) << 40
            | u64::from(state.partitions) << 44
            | u64::from(state.retirements) << 48;
        let flags = u64::from(state.waited)
            | u64::from(state.is_wrong) << 1
            | u64::from(state.may_close) << 2
            | u64::from(state.is_next_day) << 3
            | u64::from(state.is_shut_served) << 4;
        shape.push(cut | budgets | flags << 52);
        shape
    }
}

fn hash<T: Hash>(what: &T) -> u128 {
    let mut halves = [0u128; 2];
    for (at, half) in halves.iter_mut().enumerate() {
        let mut hasher = std::hash::DefaultHasher::new();
        at.hash(&mut hasher);
        what.hash(&mut hasher);
        *half = hasher.finish().into();
    }
    halves[0] << 64 | halves[1]
}
