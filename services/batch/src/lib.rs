//! Batch work: named steps from the register's snapshot to signed folders.
//!
//! What is here: the Parquet tables of the snapshot ([`snapshot`]) and of the roll ([`tables`]),
//! signed folders ([`folder`]), and the steps [`form`]… that call the rules of `roll` on threads and
//! write beside and rename. Keys and randomness are arguments; a step whose inputs have not changed
//! is skipped ([`steps`]). The steps are filters of Arrow streams too ([`filter`]), for any engine with a shuffle.
//!
//! What is deliberately not here: decisions (`roll`), where keys live (`keys`), the register's
//! database (`store`), screens.

pub mod changes;
pub mod columns;
pub mod deltas;
pub mod drawn;
pub mod filter;
pub mod folder;
pub mod form;
pub mod gate;
mod journals;
pub mod kept;
mod logs;
pub mod open_data;
pub mod packages;
mod parts;
pub mod publication;
pub mod randomness;
mod references;
pub mod sealed;
pub mod sign;
pub mod snapshot;
mod snapshot_rows;
pub mod steps;
pub mod tables;
mod taken_up;

pub use changes::{Between, ChangesMade, write_changes};
pub use deltas::{
    DeltaInForce, DeltaJob, DeltaMade, DeltasInForce, ListPlace, StationDeltaMade, deltas_in_force,
    write_delta, write_station_deltas,
};
pub use drawn::{Drawn, check_drawn, join_drawn, sign_drawn, sign_drawn_by_both};
pub use form::{
    BatchError, Formed, Job, Keys, Release, form_roll, form_roll_again, form_roll_through,
};
pub use gate::Gate;
pub use journals::JOURNALS;
pub use kept::{Reading, Rerun};
pub use logs::LogKeys;
pub use packages::{PackageTerms, Packed, Roster, Station, write_packages};
pub use publication::{Publication, PublicationTerms, publish};
pub use randomness::Randomness;
pub use sign::{Approved, Expected, RollFolder, check_release, sign_release};
pub use snapshot::{SnapshotWriter, read_snapshot, write_snapshot};
