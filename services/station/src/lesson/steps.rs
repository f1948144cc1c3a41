//! The tasks of both lessons, as data; their texts are `lesson.KEY` (title) and `lesson.KEY_do` (what to do).

use lexicon::{Method, RefusalReason};
use serde::{Deserialize, Serialize};

/// What a voter was looked for by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Fourteen digits.
    Pin,
    /// Two letters and seven digits.
    Document,
    /// A name.
    Name,
    /// A line, or whatever else.
    Line,
}

/// What must have happened for a task to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// A search found exactly this line.
    Found {
        /// By what.
        by: By,
        /// The line.
        line: u32,
    },
    /// A voter was checked in.
    Marked {
        /// The line.
        line: u32,
        /// How.
        method: Method,
        /// Captures at least.
        attempts: u8,
    },
    /// A voter was looked for this way and checked in by finger.
    FoundAndMarked {
        /// By what.
        by: By,
        /// The line.
        line: u32,
    },
    /// A refusal stands on record.
    Refused {
        /// The line, 0 for a person who is not on the list.
        line: u32,
        /// Why.
        reason: RefusalReason,
    },
    /// A mark was undone.
    Undone {
        /// The line.
        line: u32,
    },
    /// A voter's receipt came out.
    Printed {
        /// The line.
        line: u32,
    },
    /// The kit was opened.
    Opened,
    /// A report of this kind stands.
    Report(&'static str),
    /// An hour was said.
    Hour(u8),
    /// A kit was retired and its lines taken over.
    Retired,
    /// An officer looked at the paper line, and the voter was checked in by finger.
    LookedAndMarked {
        /// The line.
        line: u32,
    },
    /// A receipt of a lost kit was entered.
    Reconstructed {
        /// The line.
        line: u32,
    },
    /// The kit was closed with so many voters in line.
    Closed {
        /// How many.
        in_line: u32,
    },
}

/// What is arranged when a task begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prepare {
    /// Nothing.
    Nothing,
    /// The printer runs out of paper.
    NoPaper,
    /// The day moves on to this hour and minute, unless it is later already.
    Clock(u8, u8),
}

/// One task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Names its texts.
    pub key: &'static str,
    /// Minutes that it is meant to take.
    pub minutes: u8,
    /// The voter that it is about, 0 for none.
    pub line: u32,
    /// What is arranged.
    pub prepare: Prepare,
    /// What must happen.
    pub check: Check,
}

const fn step(key: &'static str, minutes: u8, line: u32, check: Check) -> Step {
    Step {
        key,
        minutes,
        line,
        prepare: Prepare::Nothing,
        check,
    }
}

const fn by_finger(line: u32, attempts: u8) -> Check {
    Check::Marked {
        line,
        method: Method::Finger,
        attempts,
    }
}

/// The operator's tasks.
pub const OPERATOR: &[Step] = &[
    step(
        "o_pin",
        2,
        3,
        Check::Found {
            by: By::Pin,
            line: 3,
        },
    ),
    step("o_finger", 2, 3, by_finger(3, 1)),
    step(
        "o_document",
        2,
        5,
        Check::FoundAndMarked {
            by: By::Document,
            line: 5,
        },
    ),
    step(
        "o_name",
        2,
        13,
        Check::FoundAndMarked {
            by: By::Name,
            line: 13,
        },
    ),
    step(
        "o_again",
        2,
        3,
        Check::Refused {
            line: 3,
            reason: RefusalReason::Already,
        },
    ),
    step(
        "o_absent",
        2,
        0,
        Check::Refused {
            line: 0,
            reason: RefusalReason::NotHere,
        },
    ),
    step("o_wet", 2, 7, by_finger(7, 2)),
    step(
        "o_worn",
        4,
        9,
        Check::Marked {
            line: 9,
            method: Method::Face2,
            attempts: 1,
        },
    ),
    step(
        "o_scanner",
        3,
        16,
        Check::Marked {
            line: 16,
            method: Method::Document2,
            attempts: 0,
        },
    ),
    step("o_undo", 3, 18, Check::Undone { line: 18 }),
    Step {
        key: "o_paper",
        minutes: 2,
        line: 20,
        prepare: Prepare::NoPaper,
        check: Check::Printed { line: 20 },
    },
    step(
        "o_other_kit",
        2,
        35,
        Check::Refused {
            line: 35,
            reason: RefusalReason::NotMyShare,
        },
    ),
    step("o_list", 2, 24, by_finger(24, 1)),
];

/// The chair's tasks.
pub const CHAIR: &[Step] = &[
    step("c_open", 3, 0, Check::Opened),
    step("c_initial", 3, 0, Check::Report("initial")),
    Step {
        key: "c_approve",
        minutes: 4,
        line: 9,
        prepare: Prepare::Clock(8, 40),
        check: Check::Marked {
            line: 9,
            method: Method::Face2,
            attempts: 0,
        },
    },
    step("c_undo", 4, 18, Check::Undone { line: 18 }),
    Step {
        key: "c_hour",
        minutes: 3,
        line: 0,
        prepare: Prepare::Clock(9, 2),
        check: Check::Hour(9),
    },
    step("c_lost", 3, 0, Check::Retired),
    step("c_look", 3, 35, Check::LookedAndMarked { line: 35 }),
    step("c_slip", 2, 38, Check::Reconstructed { line: 38 }),
    Step {
        key: "c_close",
        minutes: 2,
        line: 0,
        prepare: Prepare::Clock(20, 1),
        check: Check::Closed { in_line: 2 },
    },
    step("c_final", 2, 0, Check::Report("final")),
];
