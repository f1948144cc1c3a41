//! Speed of the instruments beside open-source peers, in the same run and on the same images; speed of a polling-station kit.
//!
//! What is here:
//! - [`Prints`]: images named `FINGER_IMPRESSION`, from a folder or synthetic, and the pairs to compare;
//! - [`ours`]: extraction and comparison by `fingerprint`, one thread, processor time;
//! - [`peers`]: the same by peers that PyPI serves, in a virtual environment of their own;
//! - [`slips`] and [`typing`]: names as hurried people type them, how often and how fast a kit's search finds them;
//! - [`hall`]: a kit at work: check-in, commit, merge, start, memory, hostile messages;
//! - [`marked`]: alarms, misses and time of the search among marked lines, on drawn prints;
//! - [`together`]: eight kits over TLS: how soon an act is seen, twelve hours of memory;
//! - `doors`, a part of [`hall`]: a voter over HTTP, slips at the ballot table, a kit cloned over TLS;
//! - [`siege`]: hostile messages at a kit's door, over sockets and TLS, with check-ins meanwhile;
//! - [`enumeration`]: somebody who tries numbers in a row against the portal, from many addresses;
//! - [`Figures`] and [`table`]: both beside each other, with ratios and with the error rates, so that speed is not
//!   compared without accuracy.
//!
//! What is deliberately not here: limits. A figure depends on the machine; `docs/fingerprint-accuracy.md` states the
//! last ones with theirs.

mod doors;
pub mod enumeration;
mod figures;
pub mod hall;
pub mod marked;
pub mod ours;
pub mod peers;
mod prints;
pub mod siege;
pub mod slips;
pub mod together;
pub mod twice;
pub mod typing;

pub use figures::{Figures, table};
pub use prints::{Pair, Prints};
