//! The polling station as a state machine: a package and a set of events give the state.
//!
//! # What is here
//! - [`Charter`]: what the package's manifest lays down: kits and their shares, officers, policy.
//! - [`admit`]: signed bytes → [`Act`], or why not. The only door into a book.
//! - [`Book`]: a set of acts that only grows; the state is a fold over it in one total order.
//! - Commands on [`Book`] (`gate`, `check_in`, `grant`, `undo`, `release`, `close` …; for trouble
//!   `take_over`, `reconstruct`, `resume`, `check_line`, `decline`, `set_clock`, `paper_only`, `paper_served`,
//!   `void_slip`): each gives a [`Draft`]
//!   to be signed, written and merged, or a [`Refusal`].
//! - `take_slip`: a slip handed in at a table that does not scan. [`PaperTotals`]: what was counted on paper
//!   (`enter_totals`).
//! - [`TableRight`]: the scanned ballot table (`at_table`, `sign_line`, `give_ballot`).
//! - [`Decided`], [`VotingDay`]: closed before its time, and voting on another day (`suspend`, `decide_day`,
//!   `open_session`). `break_glass`: why keys of the commission above sign.
//! - [`ListInForce`]: the package's list with the signed deltas taken in during the day.
//! - [`Standing`]: who is retired and who owns which line, folded from the takeovers.
//! - [`KitMessage`]: what kits tell each other. [`Book::report`]: what the day adds up to.
//!   [`Book::hour_turnout`]: what it had added up to by a full hour, for a telephone.
//! - [`Owed`]: whether a receipt that was written and did not come out may still be printed (`owed`).
//! - [`Framing`]: readings of a document reader on a line.
//! - [`read_scan`]: what a document reader gave: machine-readable zones, barcodes, slips.
//! - [`VoterIndex`]: finding a voter. [`Attempts`]: fingers and tries. [`DayCodes`]: day mark and codes.
//!
//! One act runs: `command → Draft → consented(cards) → sign(kit) → write and sync → admit → merge`.
//! A simulator and a model checker drive the same calls with their own clock, disk and signer.
//!
//! # What is deliberately not here
//! - Files, sockets, screens, printers: the room `services/station`.
//! - Time, randomness and keys: they arrive as [`Reading`], `Signer`, `Verifier`.

mod accounts;
mod act;
mod attempts;
mod book;
mod cards;
mod chain;
mod charter;
mod clock;
mod day;
mod decide;
mod draft;
mod exchange;
mod find;
mod framing;
mod glass;
mod home;
mod hours;
mod incidents;
mod list;
mod list_page;
mod owed;
mod paper_only;
mod report;
mod right;
mod scan;
mod second_day;
mod slips;
mod standing;
mod table;
mod totals;
mod trouble;
mod voter;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use act::{Act, Body, Order, Rejection, admit, consent, outcome};
pub use attempts::{
    Attempts, Capture, Next, classify, marked_lines_fmr, other_line, other_line_fmr,
};
pub use book::{Block, Book, Head, Merged};
pub use charter::{BallotTable, Charter, CharterError, GrantRefused, OfficersError, Partition};
pub use clock::{ClockFault, Hlc, HybridClock, Reading};
pub use day::{DayCodes, LETTERS, MARKS};
pub use decide::{CheckIn, GrantAnswer, GrantAsk, Refusal, Step, grant_of, identified};
pub use draft::{Draft, DraftError};
pub use exchange::{
    ChainSums, DeviceStates, EVENTS_BYTES_MAX, Holdings, KitMessage, LineAsk, MessageError, Shelf,
};
pub use find::{Found, HITS_MAX, VoterIndex};
pub use framing::{Framing, READING_MAX, Waits};
pub use hours::{HourError, hour_end};
pub use list::{ListInForce, Taken, taken_of};
pub use list_page::{BoundList, ListPage, PageFault};
pub use owed::{LINE_SIGNED, Owed, SERVED_ELSEWHERE};
pub use report::{ReportError, ReportKind, arithmetic_fault, method_of, picture_of};
pub use right::Right;
pub use scan::{BrokenScan, Scan, Zone, ZoneField, read_scan};
pub use second_day::{Decided, OTHER_PACKAGE, VotingDay};
pub use standing::{Place, Retirement, Standing};
pub use table::{BALLOT_RETURNED, TableRight};
pub use totals::{PaperTotals, TotalsRefused};
pub use voter::VoterState;
