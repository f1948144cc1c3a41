//! Why a record was not read or not written.

use super::{FingerPosition, TemplateFormat};

/// Why a record was not read. Whoever made it has to send it again.
///
/// `at` is the byte, from 0, where the offending field begins; views and minutiae count from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "at, view and index are explained above")]
pub enum RecordError {
    /// The bytes begin like none of the formats (card forms have no mark).
    #[error("bytes are no fingerprint template of a known format")]
    UnknownFormat,
    /// The bytes begin otherwise than the stated format does.
    #[error("not a template of the format {expected}")]
    NotARecord { expected: TemplateFormat },
    /// Our own form in a version of the future: an engineer updates this program.
    #[error("template form has version {found}, this program reads version {known}")]
    UnknownVersion { found: u8, known: u8 },
    /// The checksum of our own form does not fit: the bytes were damaged.
    #[error("checksum does not fit: the template is damaged")]
    Checksum,
    /// The bytes end inside the named field.
    #[error("template ends inside {field}: byte {at} and on need {needed}, there are {left}")]
    CutShort {
        field: &'static str,
        at: usize,
        /// Bytes the field takes.
        needed: usize,
        /// Bytes there are.
        left: usize,
    },
    /// The stated length and the length of the bytes differ.
    #[error("template states {stated} bytes, there are {got}")]
    Length {
        /// Length by the header.
        stated: u32,
        /// Bytes given.
        got: usize,
    },
    /// The minutiae of a card form do not fill its bytes.
    #[error("{got} bytes are no whole number of card minutiae of {size} bytes")]
    CardLength { got: usize, size: usize },
    /// More minutiae than a template may hold.
    #[error("{count} minutiae are more than {} allowed", crate::MINUTIAE_MAX)]
    TooManyMinutiae { count: usize },
    /// A resolution outside 98–473 pixels per centimetre (250–1200 dpi).
    #[error("resolution of {per_cm} pixels per centimetre at byte {at} is outside 98 to 473")]
    Resolution { per_cm: u16, at: usize },
    /// A code that no standard defines for a finger.
    #[error("finger position {code} of view {view} at byte {at} is not defined")]
    Position { code: u8, view: usize, at: usize },
    /// A minutia of ISO/IEC 19794-2:2011 takes five or six bytes.
    #[error("view {view} states {size} bytes a minutia at byte {at}, the standard knows 5 and 6")]
    MinutiaSize { size: u8, view: usize, at: usize },
    /// An angle of ANSI 378 is at most 179.
    #[error("angle {angle} of minutia {index}, view {view}, at byte {at} is over 179")]
    Angle {
        angle: u8,
        view: usize,
        index: usize,
        at: usize,
    },
    /// A minutia lies outside the image by the header.
    #[error("minutia {index} of view {view} at byte {at} lies outside the image")]
    OutsideImage {
        view: usize,
        index: usize,
        at: usize,
    },
    /// A field of our own form has a value that it never has.
    #[error("{field} of view {view} at byte {at} is not valid")]
    Field {
        field: &'static str,
        view: usize,
        at: usize,
    },
    /// The record has no view.
    #[error("template has no finger view")]
    NoView,
}

/// Why a record was not written in a format. The caller chooses another or splits the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// There is nothing to write.
    #[error("record has no finger view")]
    NoView,
    /// A card form is one view.
    #[error("a card form holds one view, the record has {views}")]
    OneViewOnly {
        /// Views of the record.
        views: usize,
    },
    /// More than 255 views.
    #[error("{views} views are more than 255")]
    TooManyViews {
        /// Views of the record.
        views: usize,
    },
    /// The standards number the views of one finger 0 to 15.
    #[error("more than 16 views of finger {}", .position.code())]
    TooManyOfOneFinger {
        /// The finger.
        position: FingerPosition,
    },
}
