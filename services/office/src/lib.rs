//! The staff web application: search, the person page, why (not) on the list, releases, precincts,
//! reconciliation, claims, cases, PIN conflicts, field verification.
//!
//! # What is here
//! - [`serve`], [`serve_store`], [`router`]: the office over HTTP, by [`Config`].
//! - [`ROUTES`]: every address with the right it asks for; [`Role`] and [`Right`] say who has which.
//! - [`hand_over`]: the register at one moment as a signed snapshot.
//! - [`field_classes`]: which rows of the commission's list a local commission verifies.
//! - [`receive_roll`]: the signed folder of a formed roll becomes what the pages show.
//! - [`receive_deltas`]: the signed changes after a release become what the same pages show.
//! - [`why::chain`], [`sums::Sums`], [`print_pair::pair`]: what pages explain, as functions.
//! - [`blockers::SOURCES`]: what keeps a release from being signed.
//! - [`published::receive_publication`], [`reference::import`]: what else comes in by the command line.
//! - [`upload`]: the commission's list as a file from a browser, read and reconciled in the background.
//! - [`manifests::receive_manifests`], [`hours::HourDesk`]: the kits' keys, and what stations say of their turnout.
//! - [`day`]: journals and reports after close, folded into what the day was.
//! - [`rehearsal`]: the same of the days on which citizens look up an interim list, and their corrections as claims.
//! - [`protocols::receive_protocols`]: the commissions' protocols, held against the voters identified.
//! - [`institutions::receive`]: lists that the heads of institutions hand over, each row a Form 2 of its category.
//! - [`pairs::ask_about_pairs`]: what the linkage is unsure of becomes questions of the review, each with its reasons.
//! - [`statement`]: what the office says under its own key to those who freeze and publish.
//! - [`password::hash`], [`sign_in::Door`]: accounts.
//!
//! # What is deliberately not here
//! - Decisions: who may vote (`roll`), who is whom (`dedup`, `register`).
//! - SQL (`store`), keys and clocks (`keys`), the forming of a roll (`batch`).
//!
//! Architecture invariant: no page opens personal data without a reason, and every look is recorded
//! in the transaction that reads it.
//! Architecture invariant: a PIN, a document number or a name never stands in a URL.

mod address_book;
pub mod blockers;
mod boundaries;
pub mod captures;
pub mod claim_files;
pub mod clock;
pub mod config;
mod country;
pub mod day;
mod desks;
pub mod hand_over;
pub mod home_voting;
pub mod hours;
pub mod institutions;
mod lines;
pub mod manifests;
mod office;
mod pages;
pub mod pairs;
mod paper_day;
pub mod password;
mod pictures;
mod place;
mod planner;
pub mod print_pair;
pub mod protocols;
pub mod published;
pub mod reason;
pub mod receive;
pub mod reference;
pub mod rehearsal;
mod review;
pub mod role;
mod routes;
pub mod row_evidence;
pub mod second_day;
mod serve;
pub mod sign_in;
pub mod statement;
pub mod statistics;
mod stood;
pub mod sums;
mod territory;
pub mod tickets;
mod transfers;
pub mod upload;
mod visit;
pub mod why;

pub use config::{Config, ConfigError, ConfigFile, DOUBLED_PERCENT};
pub use country::sure_links_per_100000;
pub use desks::field::field_classes;
pub use hand_over::{HandOverError, HandedOver, hand_over};
pub use office::Office;
pub use receive::{ReceiveError, Received, ReceivedDeltas, Source, receive_deltas, receive_roll};
pub use role::{Right, Role};
pub use routes::{ROUTES, Route, Verb};
pub use serve::{ServeError, Serving, router, serve, serve_store};
