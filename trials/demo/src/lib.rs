//! `./tizme demo`: the whole way on one machine, from a register to counted check-ins.
//!
//! What is here: the stages of the run ([`run`]) on the shipped rooms; the election day
//! ([`day`]) with the shipped station; truth compared with what the product found
//! ([`measure`]); the summary and its page; the services left running at the end ([`live`]).
//!
//! What is deliberately not here: any decision of the product, and anything installed at a
//! customer's. Keys come from the seed and are demo keys, which every screen says.

pub mod day;
pub mod ground;
pub mod keychain;
pub mod list;
pub mod live;
pub mod measure;
pub mod options;
pub mod page;
pub mod progress;
pub mod real;
pub mod record;
pub mod register;
pub mod run;
pub mod summary;
