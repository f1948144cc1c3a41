//! Biometric accuracy: sets of prints, scores of their pairs, error rates, plots.
//!
//! What is here:
//! - [`sets`]: real sets from a folder and synthetic sets from `ridges`, as prepared templates;
//! - [`rates`]: EER, FNMR at a false match rate, quantiles, with intervals by finger;
//! - [`plot`]: score distributions as SVG.
//!
//! What is deliberately not here: the matcher (`fingerprint`), the maker of prints (`ridges`),
//! linkage accuracy, and any real print.

pub mod plot;
pub mod rates;
pub mod sets;
