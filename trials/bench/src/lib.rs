//! Speed of the instruments beside open-source peers, in the same run and on the same images.
//!
//! What is here:
//! - [`Prints`]: images named `FINGER_IMPRESSION`, from a folder or synthetic, and the pairs to compare;
//! - [`ours`]: extraction and comparison by `fingerprint`, one thread, processor time;
//! - [`peers`]: the same by peers that PyPI serves, in a virtual environment of their own;
//! - [`Figures`] and [`table`]: both beside each other, with ratios and with the error rates, so that speed is not
//!   compared without accuracy.
//!
//! What is deliberately not here: limits. A figure depends on the machine; `docs/fingerprint-accuracy.md` states the
//! last ones with theirs.

mod figures;
pub mod ours;
pub mod peers;
mod prints;

pub use figures::{Figures, table};
pub use prints::{Pair, Prints};
