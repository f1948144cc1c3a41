//! The voter list at the size of a country: a signed snapshot from the tables of `trials/country`, and the found classes beside the truth.
//!
//! What is here:
//! - [`snapshot`]: tables of `docs/import.md` → `snapshot/`, one table in memory at a time, as the register
//!   would hand them over; in file order or shuffled, once or several times the country;
//! - [`acts`]: some acts later, the newer snapshot and the changes between the two;
//! - [`chain`]: keys, kits and officers for every precinct, and the chain from snapshot to packages, timed;
//! - [`truth`]: precision and recall of each class of the reconciliation;
//! - [`paper`]: printed lists beside the packages, line by line, and codes read again.
//!
//! What is deliberately not here: the register's database. `tizme office import` and `tizme office snapshot`
//! go that way; this room starts behind it, so that the chain can be measured alone and at several sizes.

pub mod acts;
pub mod chain;
pub mod paper;
pub mod snapshot;
pub mod truth;
