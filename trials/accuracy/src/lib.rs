//! Biometric accuracy: sets of prints, scores of their pairs, error rates, plots.
//!
//! What is here:
//! - [`sets`]: real sets from a folder and synthetic sets from `ridges`, as prepared templates;
//! - [`rates`]: EER, FNMR at a false match rate, quantiles, with intervals by finger;
//! - [`peers`]: the pairs that open-source peers scored, scored by us;
//! - [`shared`]: the real prints beside the project, [`cost`]: processor time of a task;
//! - [`crowd`]: synthetic persons with four fingers each, for the calibration;
//! - [`plot`]: score distributions as SVG, [`det`]: error trade-offs as SVG;
//! - the programs `tizme-realism` (synthetic prints beside real ones), `tizme-prefilter` (what 1:N loses),
//!   `tizme-f1` (links against their truth), `tizme-calibration` with `calibration.py` (score to false match rate),
//!   `tizme-quality` with `quality.py` (quality to error), `tizme-det` (trade-off curves beside peers), `tizme-stages`
//!   (stages and pairs as pictures, and those of the docs).
//!
//! What is deliberately not here: the matcher (`fingerprint`), the maker of prints (`ridges`),
//! the linkage engine, and any real print.

pub mod cost;
pub mod crowd;
pub mod det;
pub mod peers;
pub mod plot;
pub mod rates;
pub mod sets;
pub mod shared;
