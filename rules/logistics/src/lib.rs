//! What election day needs in things and people: kits, operators, reserve, queues, budget.
//!
//! ```text
//! Planning (a file) ─in force on the day─▶ Terms ◀─ ElectionLaw
//!                                            │
//! Precinct (voters, turnout, kits) ─plan─────┴─▶ Planned ─regions─▶ RegionPlan ─compare─▶ Compared
//!                                     │
//!                                     └ queue: simulated days of this hall, by hour
//! ```
//!
//! What is here:
//! - [`planning`]: the planning file; every number is data with its source, in editions with the day from which they
//!   hold, and a region may be given others;
//! - [`queue`]: a day of a precinct, from the first arrival to the last voter who stood in line at closing, and what many
//!   such days say about waiting;
//! - [`plan`]: kits, operators, things and flags of one precinct, then of regions and the country;
//! - [`compare`]: the plan beside what was really sent out.
//!
//! What is deliberately not here: files, threads and clocks (`services/tizme`), randomness that does not follow from the
//! seed (an argument), the shares that kits have of a list (`roll::package`), alarms of the day (`pollbook`).

pub mod compare;
pub mod dice;
pub mod plan;
pub mod planning;
pub mod queue;
pub mod times;

pub use compare::{Compared, Deployed, compare};
pub use dice::Dice;
pub use plan::{Flag, Planned, Precinct, RegionPlan, Stock, Texts, plan, regions};
pub use planning::{Edition, Planning, PlanningError, Terms};
pub use queue::{Hall, Outlook, Spread, outlook};
pub use times::Times;
