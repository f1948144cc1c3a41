//! Every parser of foreign bytes behind one list, and what garbles the bytes.
//!
//! A *door* is a function that takes bytes from outside as the house does: it parses, and where a parsed
//! document promises something (the same bytes when written again), it holds the promise. A door returns
//! whether it took the bytes in. The fuzz targets of `fuzz/` and the trial in `tests/garbled.rs` go
//! through the same doors.
//!
//! What is here:
//! - [`DOORS`]: the list, each with its seeds and how many garbled inputs `./test` sends through it;
//! - [`garble`]: garbled bytes from a seed, the same on every machine;
//! - [`watch`]: one door under watch: no panic, no input over 50 ms, none that takes over 64 MB.
//!
//! What is deliberately not here: files that only the owner of the machine writes (configurations,
//! keys), network protocols of the libraries (HTTP), and any judgement whether a document is true.

pub mod doors;
pub mod garble;
pub mod seeds;
pub mod watch;

pub use doors::{DOORS, Door};
pub use garble::{Dice, garbled};
pub use watch::{Finding, Rounds, watch};
