//! Why a kit did not open, act or answer.

use lexicon::handover::envelope::EnvelopeError;
use lexicon::handover::package::{Exercise, PackageError};
use lexicon::{Instant, PrecinctCode, RefusalReason};
use pollbook::{CharterError, DraftError, MessageError, Rejection, ReportError};

use crate::journal::JournalError;
use crate::print::Block;
use crate::printer::PrinterError;

/// Why a kit did not open. Nothing was written; the person named in each line acts.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The chair: this stick is another precinct's.
    #[error("the package is for precinct {found}, this station serves {expected}")]
    WrongPrecinct {
        /// What the kit serves.
        expected: PrecinctCode,
        /// What the package is for.
        found: u16,
    },
    /// The chair: the package of another election; the manifest says so, nobody looked at its signatures.
    #[error("the package is for election {found}, this kit is for {expected}")]
    OtherElection {
        /// What the kit is for.
        expected: u32,
        /// What the package says.
        found: u32,
    },
    /// The chair: an older list than one that this kit has opened.
    #[error("the package is of release {found}, this kit has opened release {opened}")]
    Older {
        /// The greatest release that was opened here.
        opened: u32,
        /// What the package is of.
        found: u32,
    },
    /// The engineer: the manifest is changed, malformed, or lacks a signature.
    #[error("manifest: {0}")]
    Manifest(EnvelopeError),
    /// The engineer: the package file was cut short.
    #[error("the package file has {got} bytes, the manifest says {expected}: it was cut short")]
    Truncated {
        /// Bytes that should be there.
        expected: u64,
        /// Bytes that are.
        got: u64,
    },
    /// The officers or the engineer: wrong cards, wrong kit, changed package.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// The engineer: the package's contents contradict its manifest.
    #[error("the package contents do not agree with the manifest: {0}")]
    Contents(&'static str),
    /// The chair: too early or too late for this package, or the clock is wrong.
    #[error("the package may be used from {from} to {to}, the clock shows {now}")]
    NotNow {
        /// From when.
        from: Instant,
        /// Until when.
        to: Instant,
        /// What the kit's clock shows.
        now: Instant,
    },
    /// The chair or the engineer: a training's or a rehearsal's package for an election, or the reverse.
    #[error("the package is for {}, this kit is for {}", exercise_word(*.found), exercise_word(*.expected))]
    Exercise {
        /// What the kit is for; `None` for an election.
        expected: Option<Exercise>,
        /// What the package is for.
        found: Option<Exercise>,
    },
    /// The chair: events of a training lie where the kit's own belong (S-30).
    #[error("{file} holds {events} training events")]
    Training {
        /// Which file.
        file: String,
        /// How many.
        events: usize,
    },
    /// The engineer: shares or policy that this station does not know.
    #[error(transparent)]
    Charter(#[from] CharterError),
    /// The chair and the engineer: a journal that is lost, damaged, set back or foreign.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The chair: the package does not name this kit, and what should add it does not hold.
    #[error("the package does not name this kit, and its grant {file} is not taken: {why}")]
    Grant {
        /// Which file.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// The chair: the grant that admits this kit is not in force yet, or no more, or the clock is wrong.
    #[error("the grant admits this kit from {from} to {to}, the clock shows {now}")]
    GrantNotNow {
        /// From when.
        from: Instant,
        /// Until when.
        to: Instant,
        /// What the kit's clock shows.
        now: Instant,
    },
    /// The officers: their consents to the opening.
    #[error(transparent)]
    Consent(#[from] DraftError),
    /// The engineer: the opening was written and is not admitted by the kit's own door.
    #[error("opening: {0}")]
    Opening(#[from] ActError),
    /// The engineer: the package's file cannot be read.
    #[error("the package's file: {0}")]
    Unreadable(std::io::Error),
}

/// Why an act did not happen. Nothing was counted.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// The operator: there is no such line.
    #[error("the list has no line {0}")]
    NoLine(u32),
    /// The officers: cards that may not sign this together, or a card that failed.
    #[error(transparent)]
    Officers(#[from] DraftError),
    /// The engineer: a signed event that the kit's own door does not admit.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The chair: the disk failed; the kit does nothing more.
    #[error("the journal could not be written: the kit stops")]
    Storage,
    /// The chair: the day is not at that point, or another kit did the act.
    #[error("not possible now: {reason}")]
    Refused {
        /// Why.
        reason: RefusalReason,
        /// The kit to go to, where there is one.
        kit: Option<String>,
    },
    /// The chair: a kit that answers is not retired.
    #[error("the kit {0} answers: it is not lost")]
    StillThere(String),
    /// The chair: another kit must be reached first, or retired as well.
    #[error("the kit {0} does not answer: reach it, or retire it as well")]
    OutOfTouch(String),
    /// The chair: a time outside the days of the package, or none at all.
    #[error("the time is outside the days of the package")]
    Time,
    /// The chair: an interval on paper that is empty, not over, or outside the days of the package.
    #[error("this is no interval that is over, within the days of the package")]
    Interval,
    /// The chair: a line served on paper that the list has not, or whose slip stands twice or is known for another line.
    #[error("line {0} and its slip do not fit what is known")]
    Entry(u32),
    /// The chair: no decision on another day is known here, or the kit is open for it.
    #[error("no decision on another day is known that this kit is not open for")]
    NoDay,
    /// The chair: what was counted on paper differs, and no reason is given.
    #[error("the numbers differ and no reason is given: {0:?}")]
    Unexplained(lexicon::handover::report::Differences),
    /// The chair: totals stand already, and no reason for another entry is given; or one is given and none stand.
    #[error(
        "totals stand already and no reason for another entry is given, or none stand and one is"
    )]
    Correction,
    /// The operator: the reason is none of the station's list.
    #[error("the reason {0} is not in the list")]
    Reason(String),
    /// The operator: the printer.
    #[error(transparent)]
    Printer(#[from] PrinterError),
}

impl ActError {
    /// The printer's fault; whatever else stopped a paper, in its own words.
    pub(crate) fn into_printer(self) -> PrinterError {
        if let ActError::Printer(why) = self {
            why
        } else {
            PrinterError::Fault(self.to_string())
        }
    }
}

/// Why a peer's question was not answered.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// Not a message for this kit.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// The kit could not act.
    #[error(transparent)]
    Act(#[from] ActError),
}

fn exercise_word(exercise: Option<Exercise>) -> &'static str {
    exercise.map_or("an election", Exercise::code)
}

/// Why a report was not made.
#[derive(Debug, thiserror::Error)]
pub enum ReportsError {
    /// The chair: something forbids the opening; the paper says what in the place of the total (S-30).
    #[error("the opening is forbidden: {0:?}")]
    Blocked(Vec<Block>),
    /// The chair: these kits' events are missing from the final report, and nobody said why.
    #[error("events of {} are missing, and no reason is given", .0.join(", "))]
    Unexplained(Vec<String>),
    /// The chair: whether there are any could not be read.
    #[error("the kit's folder: {0}")]
    Folder(std::io::Error),
    /// The day is not at that point, or the arithmetic failed.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The officers.
    #[error(transparent)]
    Officers(#[from] pollbook::OfficersError),
    /// A card or the kit's key.
    #[error(transparent)]
    Device(#[from] lexicon::handover::envelope::SignError),
}
