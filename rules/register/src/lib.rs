//! The population register: acts about persons, and the state that follows from them.
//!
//! Facts are only added. An [`Act`] is one entry of the journal; a [`PersonState`] is the fold of
//! a person's acts ([`fold`]); a [`Standing`] is read from that state. Nothing is overwritten: a
//! correction is a new act, a reversed verdict is an act after the verdict.
//!
//! What is here: the acts and their stored form ([`act`]), the fold ([`state`]), standing
//! ([`standing`]), cases about one person twice or one PIN twice ([`case`]), PIN conflicts and what
//! the issuing agency's answer does ([`conflict`]), what a row that was imported before and says something else is
//! ([`change`]), the names of a street by date ([`street`]), addresses as people write them ([`address`]), and the
//! parsers that turn a row of an import table into typed rows or a [`door::Reject`] ([`door`]).
//!
//! What is deliberately not here: tables, files and clocks (`services/store`), fingers and scores
//! (`rules/dedup`), who may vote (`rules/roll`).

pub mod act;
pub mod address;
pub mod case;
pub mod change;
pub mod conflict;
pub mod door;
pub mod standing;
pub mod state;
pub mod street;
pub mod words;

pub use act::{Act, DecodeActError, Entry};
pub use case::{CaseId, CaseKind, Outcome, VerdictId};
pub use standing::Standing;
pub use state::{PersonState, fold};
pub use words::{CivilEventKind, ClaimKind, DocumentStatus, PrecinctKind, Region, ResidenceKind};
