//! Three kits of one station on a real network, with the cable in the test's hand, and a search for what must not leave
//! a kit.
//!
//! # What is here
//! - [`wire`]: the cable. Three network namespaces on a bridge where the machine lets them be made; else three
//!   loopback ports with relays that can be cut, which is said. Either records what passes between kits.
//! - [`kits`]: folders and processes of the shipped `tizme-station`.
//! - [`operator`]: a person at a kit, a node process with Chromium that is told what to do line by line.
//! - [`canary`]: planted values, the forms in which they might be written, and the search for them.
//!
//! # What is deliberately not here
//! - Any stand-in for a kit, a browser or TLS: the programs are the shipped ones.
//! - Orders of events that a network seldom gives: those are `trials/sim`'s and the model check's.

pub mod canary;
pub mod kits;
pub mod operator;
mod relay;
pub mod wire;
