//! Synthetic fingerprints with known truth: masters, impressions, templates.
//!
//! Truth is not made with the tool that is judged by it: nothing here uses the `fingerprint`
//! instrument, and the instrument uses nothing from here.
//!
//! What is here:
//! - [`Master::grow`]: the ridges of a whole finger and its true minutiae, from a seed;
//! - [`Master::impression`]: a picture of it as an optical sensor would take it, with truth;
//! - [`Skeleton::draw`] and [`Skeleton::impression`]: the same without pictures, a thousand times
//!   faster, for national numbers;
//! - [`iso_19794_2`] and [`png`]: the forms other programs read;
//! - [`finger_seed`]: the seed of a person's finger.
//!
//! What is deliberately not here: an extractor, a matcher, quality measurement, rolled or latent
//! prints, other sensors than optical, spoofs, and any real print.
//!
//! Everything is a function of its seed: the same bytes on every machine and thread.

mod centreline;
mod condition;
mod exact;
mod field;
mod finger;
mod growth;
mod impression;
mod master;
mod minutia;
mod noise;
mod picture;
mod placement;
mod record;
mod template;

pub use condition::ImpressionParams;
pub use field::{MASTER_HEIGHT, MASTER_WIDTH};
pub use finger::{PatternClass, Position, finger_seed};
pub use impression::Impression;
pub use master::Master;
pub use minutia::{MinutiaKind, TrueMinutia};
pub use picture::{Grey, png};
pub use placement::Pose;
pub use record::iso_19794_2;
pub use template::{Skeleton, impression_template};
