//! Paper by Typst, a process of its own: 280 crates that nothing else links.
//!
//! What is here: a precinct's list as PDF/A ([`lists`]): the signed release is opened
//! ([`release`]), every line is counted and hashed against it ([`lines`]), pages are planned
//! ([`page`]) with texts broken by the font's own widths ([`wrap`], [`face`]), and set by the
//! country's template ([`form`], [`typesetter`]). What the deltas after the freeze change in a list, on sheets of their
//! own ([`deltas`], [`supplements`]). A station's report as an A4 copy ([`report`],
//! [`report_page`]). Lots of field verification as sheets with boxes for the answers ([`lots`]).
//!
//! What is deliberately not here: who is on the list and in which order (`roll`), thermal paper
//! (`station`), keys that sign, a clock, a network, fonts of the machine. The same input gives
//! the same bytes on every machine.

pub mod code;
pub mod deltas;
pub mod face;
pub mod files;
pub mod form;
pub mod lines;
pub mod lists;
pub mod lots;
pub mod page;
mod press;
pub mod release;
pub mod report;
pub mod report_page;
pub mod supplements;
pub mod trust;
pub mod typesetter;
pub mod wrap;
mod written;
