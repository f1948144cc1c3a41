//! Deterministic election days with faults over the shipped rules, and a model check of them.
//!
//! What is here: [`plan`] draws a day from a seed; [`world`] plays it with `pollbook`'s own transition
//! and merge code on simulated disks, clocks, networks and printers; the invariants I1 to I10 are looked
//! at after every step; [`day`] runs and shrinks; [`mutation`] plants faults that must be found.
//!
//! What is deliberately not here: any rule of the protocol. What a kit may do is asked of `pollbook`.

mod attack;
mod check;
pub mod day;
mod desk;
pub mod dice;
mod disk;
mod glance;
pub mod handover;
mod home;
pub mod model;
pub mod mutation;
pub mod plan;
pub mod precinct;
pub mod race;
pub mod replay;
mod rights;
pub mod run;
mod table;
mod trouble;
pub mod world;
