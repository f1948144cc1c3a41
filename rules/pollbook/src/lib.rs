//! The polling station as a state machine: a package and a set of events give the state.
//!
//! # What is here
//! - [`Charter`]: what the package's manifest lays down: kits and their shares, officers, policy.
//! - [`admit`]: signed bytes → [`Act`], or why not. The only door into a book.
//! - [`Book`]: a set of acts that only grows; the state is a fold over it in one total order.
//! - Commands on [`Book`] (`gate`, `check_in`, `grant`, `undo`, `release`, `close` …): each gives a
//!   [`Draft`] to be signed, written and merged, or a [`Refusal`].
//! - [`KitMessage`]: what kits tell each other. [`Book::report`]: what the day adds up to.
//! - [`VoterIndex`]: finding a voter. [`Attempts`]: fingers and tries. [`DayCodes`]: day mark and codes.
//!
//! One act runs: `command → Draft → consented(cards) → sign(kit) → write and sync → admit → merge`.
//! A simulator and a model checker drive the same calls with their own clock, disk and signer.
//!
//! # What is deliberately not here
//! - Files, sockets, screens, printers: the room `services/station`.
//! - Time, randomness and keys: they arrive as [`Reading`], `Signer`, `Verifier`.
//! - The policies `paper_lock` and `quorum`, takeover, home voting on a mobile kit, list deltas:
//!   a package that asks for them is refused ([`CharterError`]).

mod act;
mod attempts;
mod book;
mod charter;
mod clock;
mod day;
mod decide;
mod draft;
mod exchange;
mod find;
mod report;
mod voter;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use act::{Act, Body, Order, Rejection, admit, consent};
pub use attempts::{Attempts, Capture, Next, classify};
pub use book::{Block, Book, Head, Merged};
pub use charter::{Charter, CharterError, OfficersError};
pub use clock::{ClockFault, Hlc, HybridClock, Reading};
pub use day::{DayCodes, LETTERS, MARKS};
pub use decide::{CheckIn, GrantAnswer, GrantAsk, Refusal, Right, Step, grant_of, identified};
pub use draft::{Draft, DraftError};
pub use exchange::{EVENTS_BYTES_MAX, KitMessage, LineAsk, MessageError};
pub use find::{Found, HITS_MAX, VoterIndex};
pub use report::{ReportError, ReportKind, arithmetic_fault};
pub use voter::VoterState;
