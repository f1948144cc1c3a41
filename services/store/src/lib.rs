//! The office's store: the only SQL for the register and the elections, on SQLite or PostgreSQL.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # struct Still; impl lexicon::Clock for Still { fn now(&self) -> lexicon::Instant { lexicon::Instant::from_micros(0) } }
//! # let clock = std::sync::Arc::new(Still);
//! use store::{Store, import};
//!
//! let store = Store::open("sqlite:register.db", clock)?; // or postgres://…
//! let report = import::folder(&store, "register".as_ref(), &import::Options::default(), &mut |_| {})?;
//! println!("{} rejected", report.rejected());
//! let taken = store.snapshot()?; // every table of lexicon::handover::snapshot, sorted
//! # let _ = taken; Ok(()) }
//! ```
//!
//! # What is here
//! - [`Store`]: connections, [`Store::transact`] (serializable, retried, timed, journalled), [`Store::read`].
//! - [`Tx`]: what can be done within a transaction; one function for each statement.
//! - [`import::folder`]: the tables of `docs/import.md`, once, resumable, with a rejects file.
//! - [`Store::snapshot`], [`Store::each_reference`]: what the register hands to the roll.
//! - [`Journal`]: two hash-chained journals, [`Tx::verify_journal`], [`Tx::acts_of`] a person.
//!
//! # What is deliberately not here
//! - Decisions: who is a duplicate, who may vote, which claim wins (`rules`).
//! - Repository traits: the engine is an enum behind [`Tx`].
//! - Files of a snapshot (`batch`), the station's journal (`station`), clocks and keys (`keys`).
//!
//! Architecture invariant: tables of facts are append-only, a trigger refuses `UPDATE` and `DELETE`.
//! Architecture invariant: no statement names both a `registry_` and an `electoral_` table.

mod engine;
mod error;
pub mod import;
mod journal;
mod migrate;
pub mod snapshot;
mod tables;
mod transact;

pub use error::StoreError;
pub use journal::{ChainHead, Journal};
pub use snapshot::TakenSnapshot;
pub use tables::registry_print::Prints;
pub use transact::{Store, Timing, Tx};
