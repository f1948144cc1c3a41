//! Fingerprint: image → quality → template → score.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let (enrolled_png, live_png): (Vec<u8>, Vec<u8>) = (vec![], vec![]);
//! use fingerprint::{FingerPosition, Prepared, Score, Template, decode, extract, score};
//!
//! // At the desk: image to template to the ISO record that is kept.
//! let enrolled = extract(&decode(&enrolled_png, None)?)?;
//! let kept: Vec<u8> = enrolled.to_iso(FingerPosition::RightIndex);
//!
//! // At the polling station: the live finger against the kept record.
//! let live = Prepared::new(&extract(&decode(&live_png, Some(500))?)?);
//! let known = Prepared::new(&Template::from_iso(&kept)?);
//! let same = score(&live, &known) >= Score::at_fmr(1e-4);
//! # let _ = same; Ok(()) }
//! ```
//!
//! # What is here
//! - [`decode()`]: PNG, TIFF, BMP, PGM, JPEG, JPEG 2000 and WSQ from bytes, refused clearly when
//!   unusable; [`wsq`]: WSQ in and out.
//! - [`extract`]: segmentation, orientation, period, enhancement, thinning, minutiae, quality.
//! - [`Template`] and [`record`]: ISO/IEC 19794-2 of 2005 and 2011, its card forms, ANSI INCITS 378 of 2004
//!   and 2009 and our own compact form, in and out.
//! - [`Prepared`], [`score`], [`Score`]: 1:1 comparison on a calibrated scale.
//! - [`Gallery`]: 1:N over several fingers a person.
//! - [`stage_pictures`], [`pair_pictures`]: what each stage of the extraction left and what a comparison saw,
//!   for people.
//!
//! # What is deliberately not here
//! - Files, clocks, randomness, persons, decisions: those are the callers'.
//! - Learned weights from elsewhere: the net was taught on synthetic prints (`trials/orientation`).
//!
//! How it works and where each number comes from: `docs/fingerprint-algorithm.md`.

mod compare;
mod decode;
mod extract;
mod field;
mod gabor;
mod gallery;
mod ground;
mod hull;
pub mod iso19794;
mod local;
mod net;
mod period;
mod prepared;
mod quality;
mod raster;
pub mod record;
mod recount;
mod score;
mod screen;
mod show;
mod simd;
mod skeleton;
mod template;
mod thin;
mod trig;
pub mod wsq;

pub use compare::{Comparison, Measures, compare, score};
pub use decode::{
    DPI_DEFAULT, DPI_MAX, DPI_MIN, DecodeError, GreyImage, SIDE_MAX_PX, SIDE_MIN_PX, decode,
};
pub use extract::{ExtractError, extract, extract_view, extract_with_quality};
pub use gallery::{
    Candidate, EntryId, Gallery, HOPELESS_FMR, SCREENED_FINGERS, SCREENED_MIN, SCREENED_SHARE,
    Search, SearchPolicy, compare_fingers,
};
pub use prepared::Prepared;
pub use quality::{Quality, QualityMeasures, QualityReason};
pub use record::{
    FingerPosition, Foreground, Impression, Record, RecordError, TemplateFormat, View, WriteError,
};
pub use score::Score;
pub use show::{
    Ended, Exhibit, Laid, NumberedPair, PairExplanation, StagePicture, pair_pictures,
    stage_pictures,
};
pub use template::{MINUTIAE_MAX, Minutia, MinutiaKind, Template};
