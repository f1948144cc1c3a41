//! The template: what is kept of a print.

use crate::iso19794;
use crate::record::{FingerPosition, RecordError, View};

/// Most minutiae one template may hold (the count is one byte in ISO/IEC 19794-2:2005).
pub const MINUTIAE_MAX: usize = 255;

/// What kind of point a minutia is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MinutiaKind {
    /// A ridge ends.
    Ending,
    /// A ridge forks.
    Bifurcation,
    /// Neither, or not known.
    Other,
}

/// A point where a ridge ends or forks: the end or the fork of the ridge's middle line.
///
/// Records whose standard puts a ridge ending where the valley in front of it forks are converted when
/// they are written and read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minutia {
    /// Pixels at 500 dpi from the left edge.
    pub x: u16,
    /// Pixels at 500 dpi from the top edge.
    pub y: u16,
    /// Steps of 1/256 turn (1.40625°), counter-clockwise from the right as seen on the image.
    ///
    /// By ISO/IEC 19794-2:2005: along the ridge for an ending, into the valley for a bifurcation.
    pub angle: u8,
    /// Ending, bifurcation or other.
    pub kind: MinutiaKind,
    /// Reliability 1–100; 0 when not reported.
    pub quality: u8,
}

/// The minutiae of one print, at 500 dpi.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Columns of the image at 500 dpi.
    pub width: u16,
    /// Rows of the image at 500 dpi.
    pub height: u16,
    /// Quality of the print 0–100, higher is better; 0 also when a foreign record does not say.
    pub quality: u8,
    /// At most [`MINUTIAE_MAX`], the most reliable first.
    pub minutiae: Vec<Minutia>,
}

impl Template {
    /// Writes an ISO/IEC 19794-2:2005 record with this one view: 30 + 6 bytes a minutia.
    ///
    /// Reading it back with [`Template::from_iso`] gives an equal template.
    ///
    /// ```
    /// use fingerprint::{FingerPosition, Template};
    ///
    /// let template = Template { width: 300, height: 400, quality: 60, minutiae: vec![] };
    /// let record = template.to_iso(FingerPosition::RightIndex);
    /// assert_eq!(record.len(), 30);
    /// assert_eq!(Template::from_iso(&record)?, template);
    /// # Ok::<(), fingerprint::RecordError>(())
    /// ```
    pub fn to_iso(&self, position: FingerPosition) -> Vec<u8> {
        iso19794::write(&[View::of(self, position)])
    }

    /// Reads the first view of an ISO/IEC 19794-2:2005 record from any vendor.
    ///
    /// Minutiae are brought to 500 dpi.
    ///
    /// ```
    /// use fingerprint::Template;
    ///
    /// assert!(Template::from_iso(b"no record").is_err());
    /// ```
    ///
    /// # Errors
    /// Any [`RecordError`]; foreign bytes never panic.
    pub fn from_iso(bytes: &[u8]) -> Result<Template, RecordError> {
        iso19794::read(bytes)?
            .views
            .into_iter()
            .next()
            .map(|view| view.template)
            .ok_or(RecordError::NoView)
    }
}
