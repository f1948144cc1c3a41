//! The voter list as a pure function: `form(snapshot, law) → roll`; same inputs, same bytes.
//!
//! What is here:
//! - [`snapshot`]: the register's hand-over as compact tables, built row by row;
//! - [`boundary`]: which precinct an address belongs to, by street range and polygon;
//! - [`houses`]: which building a text means, by the names that its streets bear and bore;
//! - [`claim`]: corrections and Form 2, settled independently of the order they arrived in;
//! - [`transfers`]: the alarm when Form 2 fills a precinct as no ordinary one is filled;
//! - [`overrides`]: a voter placed by hand, which takes an act of two institutions;
//! - [`eligibility`]: the rule chain R01 … R11, one decision with evidence for each person;
//! - [`form`]: all of it together, numbered in Kyrgyz order, with sums added up by two paths;
//! - [`numbering`]: the lines of one precinct alone, for a part of a country;
//! - [`commit`]: lines, salted leaves, the Merkle root and the release document;
//! - [`blockers`]: what a final list waits for; [`late`]: what a late fact does, by law data;
//! - [`delta`]: the signed change of a list that is in force;
//! - [`package`]: shares of kits and the contents of a station package;
//! - [`answers`]: what the portal tells each person, listed or not;
//! - [`reconcile`]: a class, evidence and a proposed act for every row of the commission's list;
//! - [`review`]: what people decide about its doubtful rows, a part of it twice and blind;
//! - [`comparison`]: the commissions' protocols beside the voters identified, by cause;
//! - [`page_count`]: the paper list beside the electronic one, page by page;
//! - [`audit`]: a sample of marks and lines beside the paper, drawn by a public seed;
//! - [`hours`]: which statement of a station's turnout by an hour counts, and what regions add up to;
//! - [`tickets`]: where a ticket of the support desk stands, and until when it has to be solved;
//! - [`turnout`] and [`statistics`]: what is published, no cell under ten.
//!
//! What is deliberately not here: files and threads (`batch`), keys and randomness (arguments),
//! deciding who a person is (`register`, `dedup`), the station's day (`pollbook`).

pub mod answers;
pub mod audit;
pub mod blockers;
pub mod boundary;
pub mod claim;
pub mod commit;
pub mod comparison;
pub mod delta;
pub mod eligibility;
pub mod field;
pub mod filing;
pub mod form;
pub mod home;
pub mod hours;
pub mod houses;
pub mod late;
pub mod numbering;
pub mod overrides;
pub mod package;
pub mod page_count;
pub mod reconcile;
pub mod review;
pub mod snapshot;
pub mod statistics;
pub mod taken;
pub mod tickets;
pub mod transfers;
pub mod turnout;
pub mod words;

#[cfg(test)]
mod testkit;

pub use form::{Decision, Outcome, Roll, form, form_with};
pub use snapshot::{Snapshot, SnapshotBuilder};
