//! The hand-overs: versioned, signed documents, the only coupling between institutions.
//!
//! `docs/formats.md` is the public description; an independent reader lives in the
//! `verifier`. One envelope ([`envelope`]), then a module for each document.

pub mod capture;
pub mod card_grant;
pub mod claim_file;
pub mod correction;
pub mod day_decision;
pub mod delta;
pub mod envelope;
pub mod event;
pub mod field_lot;
pub mod folder;
pub mod home_list;
pub mod index;
pub mod kit_grant;
pub mod lookup;
pub mod office_statement;
pub mod package;
pub mod picture;
pub mod question;
pub mod release;
pub mod report;
pub mod sealed_folder;
mod sealed_once;
pub mod snapshot;
pub mod station_delta;
#[cfg(test)]
mod testing;
pub mod ticket;
pub mod turnout;
pub mod two_persons;
