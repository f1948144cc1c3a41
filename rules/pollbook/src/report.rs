//! Initial, running and final report: what the set of events adds up to, by kit and method.

use std::collections::BTreeMap;

use lexicon::Method;
use lexicon::handover::envelope::Kid;
use lexicon::handover::report::{KitCount, MethodCount, ReasonCount, Report, TableCount, kind};

use crate::act::{Act, Body};
use crate::book::Book;
use crate::clock::Reading;
use crate::decide::identified;

/// Which report is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReportKind {
    /// Before the first voter.
    Initial,
    /// During the day.
    Running,
    /// After close.
    Final,
}

impl ReportKind {
    /// The number in the document.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            ReportKind::Initial => kind::INITIAL,
            ReportKind::Running => kind::RUNNING,
            ReportKind::Final => kind::FINAL,
        }
    }
}

/// Why a report may not be made now: the chair acts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// The kit is not open yet.
    #[error("the kit is not open")]
    NotOpen,
    /// The initial report states that nobody was identified, and somebody was.
    #[error("{acts} identifications stand already, an initial report shows none")]
    NotZero {
        /// How many.
        acts: u32,
    },
    /// The final report follows the close.
    #[error("the kit is not closed")]
    NotClosed,
    /// The counters contradict each other: a fault of this software, the report is not made.
    #[error("the arithmetic of the report does not hold: {0}")]
    Arithmetic(String),
}

/// A first arithmetic fault of a report, if there is one: the same check a stranger makes.
#[must_use]
pub fn arithmetic_fault(report: &Report) -> Option<String> {
    // A stranger's counters may be any numbers: sums are wider than they.
    let sum = |counters: [u32; 3]| -> u64 { counters.map(u64::from).iter().sum() };
    for kit in &report.kits {
        if u64::from(kit.acts) != sum([kit.counted, kit.undone, kit.duplicates]) {
            return Some(format!(
                "{}: acts are not counted + undone + duplicates",
                kit.name
            ));
        }
        if u64::from(kit.acts) != sum([kit.printed, kit.void, kit.pending]) {
            return Some(format!(
                "{}: acts are not printed + void + pending",
                kit.name
            ));
        }
    }
    let kits: u64 = report.kits.iter().map(|kit| u64::from(kit.counted)).sum();
    let methods: u64 = report
        .by_method
        .iter()
        .map(|method| u64::from(method.count))
        .sum();
    let counted = u64::from(report.counted);
    if kits != counted || methods != counted {
        return Some(format!(
            "counted {}, kits {kits}, methods {methods}",
            report.counted
        ));
    }
    let people = report.people.as_ref().map(|people| {
        let counts = people.iter().map(|people| u64::from(people.count));
        counts.sum::<u64>()
    });
    if people.is_some_and(|people| people != counted) {
        return Some(format!("counted {counted}, by sex and age {people:?}"));
    }
    let days = report.days.as_ref().map(|days| {
        let counts = days.iter().map(|day| u64::from(day.counted));
        counts.sum::<u64>()
    });
    if days.is_some_and(|days| days != counted) {
        return Some(format!("counted {counted}, by days {days:?}"));
    }
    for day in report.days.iter().flatten() {
        if day.outside > day.counted {
            return Some("more acts outside the hours of a day than of the day".to_owned());
        }
    }
    for interval in report.paper_only.iter().flatten() {
        if interval.served > interval.entered {
            return Some("more lines of an interval on paper count than were entered".to_owned());
        }
    }
    report
        .table
        .as_ref()
        .and_then(|table| table_fault(counted, table))
}

/// A first fault in the sums of the scanned ballot table.
fn table_fault(counted: u64, table: &TableCount) -> Option<String> {
    let [issued, waiting, home, surplus, returned, paper] = [
        table.issued,
        table.waiting,
        table.home,
        table.surplus,
        table.returned,
        table.paper,
    ]
    .map(u64::from);
    let ballots: u64 = table.ballots.iter().copied().map(u64::from).sum();
    if counted != issued + waiting + home + paper {
        return Some("counted is not ballots + waiting + at home + on paper".to_owned());
    }
    if ballots != issued + surplus + returned {
        return Some("ballots of the kits are not issued + surplus + returned".to_owned());
    }
    None
}

/// The method number of an act that identified a voter, also of one entered from paper; `None` for any other event.
#[must_use]
pub fn method_of(act: &Act) -> Option<u8> {
    if let Body::Reconstructed(body) = &act.body {
        return Some(body.method);
    }
    if let Body::PaperServed(body) = &act.body {
        return Some(body.method);
    }
    identified(act).map(|body| body.method)
}

/// SHA-256 of the sealed picture that an act names.
#[must_use]
pub fn picture_of(act: &Act) -> Option<[u8; 32]> {
    Some(**identified(act)?.picture.as_ref()?)
}

impl Book {
    /// Makes a report from the events known now; its arithmetic is checked before it leaves.
    ///
    /// `number` is the kit's report counter from 1, `pages` the pages of the paper list.
    ///
    /// # Errors
    /// [`ReportError`] when the day is not at that point, or the arithmetic fails.
    pub fn report(
        &self,
        which: ReportKind,
        number: u32,
        pages: u32,
        reading: Reading,
    ) -> Result<Report, ReportError> {
        let me = self.me();
        if self.opened(me).is_none() {
            return Err(ReportError::NotOpen);
        }
        match which {
            ReportKind::Initial => {
                // Who voted at home the day before, or on a day before this session's, is counted before the hall opens.
                let acts = self.acts_of_session();
                if acts > 0 {
                    return Err(ReportError::NotZero { acts });
                }
            }
            ReportKind::Running => {}
            ReportKind::Final => {
                self.closed(me).ok_or(ReportError::NotClosed)?;
            }
        }
        let manifest = self.charter().manifest();
        let incidents = self.incidents();
        let report = Report {
            suite: manifest.suite.clone(),
            election: manifest.election,
            precinct: manifest.precinct,
            kit: me.0.into(),
            kind: which.number(),
            number,
            at: reading.wall.micros(),
            package: self.charter().package().0.into(),
            root: self.list().root().into(),
            release: manifest.release,
            lines: self.list().voters(),
            pages,
            counted: self.counted(),
            by_method: self.by_method(),
            kits: self.kit_counts(),
            refusals: self.refusals(),
            evidence: self.evidence_said(&incidents),
            incidents,
            incomplete: self.incomplete(which, reading),
            rejected: self.rejected() + self.set_aside(),
            after_close: self.outside_hours(),
            delta: self.list().number(),
            table: self.table_count(),
            adds_to: None,
            why_incomplete: None,
            people: None,
            days: self.day_counts(),
            glass: self.glass_said(),
            silences: Some(self.silences()).filter(|silences| !silences.is_empty()),
            paper_only: self.paper_intervals(),
            software: None,
            pages_read: None,
            clocks: None,
            battery: None,
            supply: None,
            totals: self.totals_said(),
            pairs: self.pairs_said(),
            undone_by: self.undone_by(),
            heads_at: Some(self.heads_at()),
            reconstructed: self.reconstructed(),
            page_voters: (which == ReportKind::Initial).then(|| self.page_voters()),
            devices: None,
            spare_seal: None,
            training_events: None,
            slips_taken: self.slips_taken(),
            pictures: self.pictures_kept(),
        };
        match arithmetic_fault(&report) {
            Some(fault) => Err(ReportError::Arithmetic(fault)),
            None => Ok(report),
        }
    }

    /// Counted acts by method, every method, in the order of numbers.
    #[must_use]
    pub fn by_method(&self) -> Vec<MethodCount> {
        let mut counts: BTreeMap<u8, u32> = Method::ALL.iter().map(|m| (m.number(), 0)).collect();
        for (_, state) in self.states() {
            if let Some(method) = state.counted.as_deref().and_then(method_of) {
                *counts.entry(method).or_default() += 1;
            }
        }
        counts
            .into_iter()
            .map(|(method, count)| MethodCount { method, count })
            .collect()
    }

    /// Counted acts whose voter's picture is kept; `None` without any.
    #[must_use]
    pub fn pictures_kept(&self) -> Option<u32> {
        let acts = self
            .states()
            .filter_map(|(_, state)| state.counted.as_deref());
        let kept = acts.filter(|act| picture_of(act).is_some()).count();
        u32::try_from(kept).ok().filter(|kept| *kept > 0)
    }

    /// Refusals by reason, all kits, sorted by code.
    #[must_use]
    pub fn refusals(&self) -> Vec<ReasonCount> {
        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        for act in self.events() {
            if let Body::Refused(body) = &act.body {
                *counts.entry(&body.reason).or_default() += 1;
            }
        }
        counts
            .into_iter()
            .map(|(reason, count)| ReasonCount {
                reason: reason.to_owned(),
                count,
            })
            .collect()
    }

    /// Acts of retired kits after their retirement: refused, kept as evidence.
    #[must_use]
    pub fn set_aside(&self) -> u32 {
        let acts: usize = self.states().map(|(_, state)| state.set_aside.len()).sum();
        u32::try_from(acts).unwrap_or(u32::MAX)
    }

    /// Other kits that opened, or must be assumed to have, and are not known to have closed.
    fn incomplete(&self, which: ReportKind, reading: Reading) -> Vec<String> {
        self.charter()
            .kits()
            .iter()
            .filter(|kit| **kit != self.me() && self.is_expected(**kit))
            .filter(|kit| match which {
                ReportKind::Final => self.closed(**kit).is_none(),
                ReportKind::Initial | ReportKind::Running => !self.is_reachable(**kit, reading),
            })
            .map(|kit| self.charter().kit_name(*kit))
            .collect()
    }

    /// Whether a kit's journal belongs to the day: it has a share, opened, or was retired.
    fn is_expected(&self, kit: Kid) -> bool {
        self.is_at_work(kit) || self.standing().retirement(kit).is_some()
    }

    fn kit_counts(&self) -> Vec<KitCount> {
        let mut counts: Vec<KitCount> = self
            .charter()
            .kits()
            .iter()
            .map(|kit| {
                let head = self.head(*kit);
                KitCount {
                    kit: kit.0.into(),
                    name: self.charter().kit_name(*kit),
                    seq: head.seq,
                    head: head.id.0.into(),
                    acts: 0,
                    undone: 0,
                    duplicates: 0,
                    counted: 0,
                    printed: 0,
                    void: 0,
                    pending: 0,
                    reprints: 0,
                    granted: 0,
                    granted_unused: 0,
                }
            })
            .collect();
        let at = |kit: Kid| self.charter().kits().iter().position(|known| *known == kit);
        for (_, state) in self.states() {
            for act in state.acts() {
                let Some(count) = at(act.name.kit).and_then(|at| counts.get_mut(at)) else {
                    continue;
                };
                let is_counted = state.counted.as_ref().is_some_and(|c| c.name == act.name);
                let is_undone = state.undone.iter().any(|undone| undone.name == act.name);
                count.counted += u32::from(is_counted);
                count.undone += u32::from(is_undone);
                count.duplicates += u32::from(!is_counted && !is_undone);
                let paper = self.paper(act);
                let void = paper.void || is_undone;
                let is_out = paper.copies > 0 || paper.resumed;
                count.acts += 1;
                count.void += u32::from(void);
                count.printed += u32::from(!void && is_out);
                count.pending += u32::from(!void && !is_out);
                count.reprints += paper.copies.saturating_sub(1);
            }
            for act in &state.grants_unused {
                if let Some(count) = at(act.name.kit).and_then(|at| counts.get_mut(at)) {
                    count.granted_unused += 1;
                }
            }
        }
        for act in self.events() {
            if let Body::Granted(_) = &act.body
                && let Some(count) = at(act.name.kit).and_then(|at| counts.get_mut(at))
            {
                count.granted += 1;
            }
        }
        counts
    }

    /// Own receipts that neither came out nor were declared void, oldest first: print them.
    #[must_use]
    pub fn pending_receipts(&self) -> Vec<u32> {
        let me = self.me();
        let mut pending: Vec<u32> = self
            .states()
            .flat_map(|(_, state)| state.counted.iter().chain(&state.duplicates))
            .filter(|act| act.name.kit == me)
            .filter(|act| {
                let paper = self.paper(act);
                !paper.void && !paper.resumed && paper.copies == 0
            })
            .filter_map(|act| identified(act))
            .map(|body| body.receipt)
            .collect();
        pending.sort_unstable();
        pending
    }

    /// Whether an act's paper was declared void by its kit.
    #[must_use]
    pub fn is_void(&self, act: &Act) -> bool {
        self.paper(act).void
    }

    /// How often a receipt of this kit came out.
    #[must_use]
    pub fn copies_of(&self, receipt: u32) -> u32 {
        self.act_of_receipt(self.me(), receipt)
            .map_or(0, |act| self.paper(act).copies)
    }
}
