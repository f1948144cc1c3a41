//! The public site: serves a publication, and answers "am I on the list, where do I vote".
//!
//! What is here: [`publication::Publication`] read from a folder of static files, pages without
//! script ([`pages`]), a map drawn on the server ([`map`]), and the client of the oracle's socket.
//!
//! How often one address may ask in a day is counted in memory alone ([`askers`]).
//!
//! What is deliberately not here: the look-up key, any database, any record of who asked what. Both
//! numbers travel in a POST body, never in a URL, and no answer may be stored by a cache.

pub mod askers;
pub mod map;
mod oracle_client;
pub mod pages;
pub mod publication;
mod service;

pub use oracle_client::{AskError, OracleClient};
pub use publication::{Publication, PublicationError};
pub use service::{Config, ServeError, router, serve};
