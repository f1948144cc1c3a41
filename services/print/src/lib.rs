//! Paper by Typst, a process of its own: 280 crates that nothing else links.
//!
//! What is here: a precinct's list as PDF/A ([`lists`]): the signed release is opened
//! ([`release`]), every line is counted and hashed against it ([`lines`]), pages are planned
//! ([`page`]) with texts broken by the font's own widths ([`wrap`], [`face`]), and set by the
//! country's template ([`form`], [`typesetter`]). A station's report as an A4 copy ([`report`],
//! [`report_page`]).
//!
//! What is deliberately not here: who is on the list and in which order (`roll`), thermal paper
//! (`station`), keys that sign, a clock, a network, fonts of the machine. The same input gives
//! the same bytes on every machine.

pub mod code;
pub mod face;
pub mod files;
pub mod form;
pub mod lines;
pub mod lists;
pub mod page;
pub mod release;
pub mod report;
pub mod report_page;
pub mod trust;
pub mod typesetter;
pub mod wrap;
mod written;
