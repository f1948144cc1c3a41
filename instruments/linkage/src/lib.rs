//! How likely two biographic records are one person: probabilistic record linkage.
//!
//! Fellegi–Sunter weights over comparison levels that are data (a TOML [`Model`]), m and u estimated from
//! the lists themselves, agreement on rare values counting more, blocking rules whose union visits every
//! pair once, integer weights, bands, assignment and clusters. Same lists, same model: same bytes,
//! whatever the order of rows and the number of threads.
//!
//! What is here: [`link`] two lists, [`dedupe`] one, the shipped models ([`model::shipped`]).
//! What is deliberately not here: files, law, the decision what a link means, and any deletion.

mod assign;
mod block;
mod budget;
mod compare;
mod contradict;
mod dictionary;
mod explain;
mod fixed;
mod level;
pub mod model;
mod prepare;
mod run;
mod table;
mod train;
mod transform;
mod weigh;

pub use block::OversizedBlock;
pub use compare::{Levels, level_at};
pub use contradict::{Contradicting, Side};
pub use explain::{Explanation, Language, Reason};
pub use fixed::{probability_ppm, weight_of_ppm};
pub use model::{Model, ModelError};
pub use prepare::{LinkError, Unreadable};
pub use run::{Band, Effort, Link, Linked, Report, Session, Spread, alone, dedupe, link};
pub use table::{Column, Table, TableError};
pub use train::Trained;
pub use weigh::Bar;
