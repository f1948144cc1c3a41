//! Guided lessons on a training kit: tasks in order, each done when the kit really did it, never by a click.
//!
//! What happened is read from the kit: its events, the searches, the reports and the hours said. The lesson's
//! own state (which task, seconds, what was passed over) lies in `lesson.json` and is taken up again.

mod steps;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lexicon::{Instant, Method, RefusalReason};
use pollbook::{Act, Body, Found, identified};
use serde::{Deserialize, Serialize};

pub use steps::{By, CHAIR, Check, OPERATOR, Prepare, Step};

use crate::disk::{HostDisk, replace};
use crate::kit::Kit;

/// The most seconds that a task is charged for one look: who goes away does not learn.
const IDLE_SECONDS: u64 = 120;

/// Who learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The operator's lesson.
    Operator,
    /// The chair's lesson.
    Chair,
}

impl Part {
    /// Both, in the order of the page.
    pub const ALL: [Part; 2] = [Part::Operator, Part::Chair];

    /// The code in forms and folders.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Part::Operator => "operator",
            Part::Chair => "chair",
        }
    }

    /// The part with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.code() == code)
    }

    /// Its tasks.
    #[must_use]
    pub fn steps(self) -> &'static [Step] {
        match self {
            Part::Operator => OPERATOR,
            Part::Chair => CHAIR,
        }
    }

    /// Minutes that its tasks are meant to take.
    #[must_use]
    pub fn minutes(self) -> u32 {
        self.steps()
            .iter()
            .map(|step| u32::from(step.minutes))
            .sum()
    }

    /// When its training day begins.
    #[must_use]
    pub fn begins(self) -> Instant {
        match self {
            Part::Operator => crate::training::at(9, 0),
            Part::Chair => crate::training::at(7, 20),
        }
    }
}

/// How a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Not reached, or being done.
    Open,
    /// The kit did it.
    Done,
    /// Passed over: missing at the end.
    Skipped,
}

/// A task's mark and its seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// How it stands.
    pub mark: Mark,
    /// Seconds at it.
    pub seconds: u64,
}

/// A search as the lesson saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// By what.
    pub by: By,
    /// The line found; 0 when none or several.
    pub line: u32,
}

impl Search {
    /// Reads what was typed and what was found.
    #[must_use]
    pub fn of(text: &str, found: &Found) -> Self {
        let line = match found {
            Found::Lines(lines) if lines.len() == 1 => lines[0],
            Found::Lines(_)
            | Found::Empty
            | Found::Malformed(_)
            | Found::Nobody
            | Found::Elsewhere(_) => 0,
        };
        let digits = text.chars().filter(char::is_ascii_digit).count();
        let letters = text.chars().filter(|c| c.is_alphabetic()).count();
        let by = match (digits, letters) {
            (14, 0) => By::Pin,
            (7, 2) => By::Document,
            (0, _) => By::Name,
            _ => By::Line,
        };
        Self { by, line }
    }
}

/// What the kit did since a task began.
pub struct Seen<'a> {
    /// The kit's own events.
    pub acts: &'a [Arc<Act>],
    /// Searches.
    pub searches: &'a [Search],
    /// Kinds of reports that stand: `initial`, `final`.
    pub reports: &'a [&'a str],
    /// Hours said of the training day.
    pub hours: &'a [u8],
}

/// Whether what a task asks for happened.
#[must_use]
pub fn holds(check: Check, seen: &Seen<'_>) -> bool {
    let some = |is: &dyn Fn(&Act) -> bool| seen.acts.iter().any(|act| is(act));
    let marked = |line: u32, method: Method, attempts: u8| {
        some(&|act| {
            identified(act).is_some_and(|body| {
                body.line == line && body.method == method.number() && body.attempts >= attempts
            })
        })
    };
    match check {
        Check::Found { by, line } => seen.searches.contains(&Search { by, line }),
        Check::Marked {
            line,
            method,
            attempts,
        } => marked(line, method, attempts),
        Check::FoundAndMarked { by, line } => {
            let is_found = seen
                .searches
                .iter()
                .any(|search| search.by == by && (search.line == line || by == By::Name));
            is_found && marked(line, Method::Finger, 1)
        }
        Check::Refused { line, reason } => some(
            &|act| matches!(&act.body, Body::Refused(body) if body.line == line && is_reason(&body.reason, reason)),
        ),
        Check::Undone { line } => {
            some(&|act| matches!(&act.body, Body::Undone(body) if body.line == line))
        }
        Check::Printed { line } => {
            let receipt = seen
                .acts
                .iter()
                .filter_map(|act| identified(act))
                .find(|body| body.line == line)
                .map(|body| body.receipt);
            some(&|act| matches!(&act.body, Body::Printed(body) if Some(body.receipt) == receipt))
        }
        Check::Opened => some(&|act| matches!(act.body, Body::Opened(_))),
        Check::Report(kind) => seen.reports.contains(&kind),
        Check::Hour(hour) => seen.hours.contains(&hour),
        Check::Retired => some(&|act| matches!(act.body, Body::Retired(_))),
        Check::LookedAndMarked { line } => {
            let is_looked =
                some(&|act| matches!(&act.body, Body::LineChecked(body) if body.line == line));
            is_looked && marked(line, Method::Finger, 1)
        }
        Check::Reconstructed { line } => {
            some(&|act| matches!(&act.body, Body::Reconstructed(body) if body.line == line))
        }
        Check::Closed { in_line } => {
            some(&|act| matches!(&act.body, Body::Closed(body) if body.in_line == in_line))
        }
    }
}

fn is_reason(code: &str, reason: RefusalReason) -> bool {
    RefusalReason::from_code(code) == Some(reason)
}

/// A lesson under way, or over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    /// Who learns.
    pub part: Part,
    /// Its number in this folder, from 1: names the folder of its events.
    pub run: u32,
    /// The current task, `records.len()` when all are behind.
    pub at: usize,
    /// Each task's mark and seconds.
    pub records: Vec<Record>,
    /// The kit's last event when the current task began.
    pub since: u32,
    /// Searches since then.
    pub searches: Vec<Search>,
    /// The training day's time when this was written, microseconds.
    pub day: i64,
}

impl Lesson {
    /// A lesson at its first task.
    #[must_use]
    pub fn new(part: Part, run: u32) -> Self {
        let open = Record {
            mark: Mark::Open,
            seconds: 0,
        };
        Self {
            part,
            run,
            at: 0,
            records: vec![open; part.steps().len()],
            since: 0,
            searches: Vec::new(),
            day: part.begins().micros(),
        }
    }

    /// Reads the lesson of a training folder; one of another version of the tasks is none.
    #[must_use]
    pub fn read(folder: &Path) -> Option<Self> {
        let text = std::fs::read(folder.join(FILE)).ok()?;
        let lesson: Self = serde_json::from_slice(&text).ok()?;
        let fits =
            lesson.records.len() == lesson.part.steps().len() && lesson.at <= lesson.records.len();
        fits.then_some(lesson)
    }

    /// Writes it beside and renames; what cannot be kept costs the progress, not the lesson.
    pub fn keep(&self, folder: &Path) {
        let kept = serde_json::to_vec_pretty(self)
            .map_err(std::io::Error::other)
            .and_then(|text| replace(&HostDisk, &folder.join(FILE), &text));
        if let Err(error) = kept {
            tracing::warn!(%error, "the lesson's progress was not kept");
        }
    }

    /// The folder of its events.
    #[must_use]
    pub fn journals(&self, folder: &Path) -> PathBuf {
        folder.join(format!("lesson-{}-{}", self.part.code(), self.run))
    }

    /// The current task; none when the lesson is over.
    #[must_use]
    pub fn step(&self) -> Option<&'static Step> {
        self.part.steps().get(self.at)
    }

    /// Seconds of all tasks.
    #[must_use]
    pub fn seconds(&self) -> u64 {
        self.records.iter().map(|record| record.seconds).sum()
    }

    /// How many tasks bear a mark.
    #[must_use]
    pub fn count(&self, mark: Mark) -> usize {
        self.records
            .iter()
            .filter(|record| record.mark == mark)
            .count()
    }

    /// Charges the current task for time that went by.
    pub fn charge(&mut self, seconds: u64) {
        if let Some(record) = self.records.get_mut(self.at) {
            record.seconds += seconds.min(IDLE_SECONDS);
        }
    }

    /// Ends the current task with a mark; the next begins after the event `since`.
    pub fn pass(&mut self, mark: Mark, since: u32) {
        if let Some(record) = self.records.get_mut(self.at) {
            record.mark = mark;
            self.at += 1;
            self.since = since;
            self.searches.clear();
        }
    }

    /// Whether the kit did what the current task asks for.
    #[must_use]
    pub fn is_done(&self, kit: &Kit, reports: &[&str]) -> bool {
        let Some(step) = self.step() else {
            return false;
        };
        let acts: Vec<Arc<Act>> =
            kit.read(|book| book.events_after(book.me(), self.since).cloned().collect());
        let hours: Vec<u8> = kit
            .hours()
            .iter()
            .filter(|row| !row.said.is_empty())
            .map(|row| row.hour)
            .collect();
        let seen = Seen {
            acts: &acts,
            searches: &self.searches,
            reports,
            hours: &hours,
        };
        holds(step.check, &seen)
    }
}

const FILE: &str = "lesson.json";

#[cfg(test)]
mod tests;
