//! Minutiae records: the views of a person's fingers in one document, in seven formats.
//!
//! ```
//! use fingerprint::{FingerPosition, Record, Template, TemplateFormat, View, record};
//!
//! let template = Template { width: 300, height: 400, quality: 60, minutiae: vec![] };
//! let record = Record { views: vec![View::of(&template, FingerPosition::LeftThumb)] };
//! let bytes = record::write(&record, TemplateFormat::Ansi2004)?;
//! assert_eq!(TemplateFormat::detect(&bytes), Some(TemplateFormat::Ansi2004));
//! assert_eq!(record::read(&bytes)?, record);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What each format holds and leaves out: `docs/fingerprint-formats.md`.

mod ansi378;
mod bytes;
mod card;
mod error;
mod foreground;
mod format;
mod iso2005;
mod iso2011;
mod minutiae;
mod own;
mod view;

pub use error::{RecordError, WriteError};
pub use foreground::Foreground;
pub use format::TemplateFormat;
pub use view::{FingerPosition, Impression, Record, View};

pub(crate) use iso2005::write as write_iso2005;

use card::Size;

/// Most views of a record in the formats of ISO and ANSI whose count is one byte.
const VIEWS_MAX: usize = 255;

/// Writes a record.
///
/// Every format but [`TemplateFormat::Own`] loses something: see [`TemplateFormat`]. Cost: about
/// six bytes a minutia. Minutiae beyond [`crate::MINUTIAE_MAX`] are left out.
///
/// ```
/// use fingerprint::{FingerPosition, Record, Template, TemplateFormat, View, WriteError, record};
///
/// let template = Template { width: 300, height: 400, quality: 60, minutiae: vec![] };
/// let view = View::of(&template, FingerPosition::LeftThumb);
/// let two = Record { views: vec![view.clone(), view] };
/// assert_eq!(record::write(&two, TemplateFormat::Iso2005)?.len(), 24 + 6 + 6);
/// let refused = record::write(&two, TemplateFormat::CardCompact);
/// assert_eq!(refused, Err(WriteError::OneViewOnly { views: 2 }));
/// # Ok::<(), WriteError>(())
/// ```
///
/// # Errors
/// [`WriteError`]: the format cannot hold so many views.
pub fn write(record: &Record, format: TemplateFormat) -> Result<Vec<u8>, WriteError> {
    let views = record.views.as_slice();
    if views.is_empty() {
        return Err(WriteError::NoView);
    }
    if views.len() > VIEWS_MAX {
        return Err(WriteError::TooManyViews { views: views.len() });
    }
    let of_one_finger = |position| views.iter().filter(|v| v.position == position).count();
    let numbered = match format {
        TemplateFormat::Iso2005 | TemplateFormat::Ansi2004 => true,
        TemplateFormat::Iso2011 | TemplateFormat::Ansi2009 => true,
        TemplateFormat::Own | TemplateFormat::CardNormal | TemplateFormat::CardCompact => false,
    };
    if let Some(view) = views
        .iter()
        .find(|v| numbered && of_one_finger(v.position) > 16)
    {
        return Err(WriteError::TooManyOfOneFinger {
            position: view.position,
        });
    }
    match format {
        TemplateFormat::Own => Ok(own::write(views)),
        TemplateFormat::Iso2005 => Ok(iso2005::write(views)),
        TemplateFormat::Iso2011 => Ok(iso2011::write(views)),
        TemplateFormat::Ansi2004 => Ok(ansi378::write_2004(views)),
        TemplateFormat::Ansi2009 => Ok(ansi378::write_2009(views)),
        TemplateFormat::CardNormal => card::write(views, Size::Normal),
        TemplateFormat::CardCompact => card::write(views, Size::Compact),
    }
}

/// Reads a record of any format that can be told from its bytes, at 500 dpi.
///
/// Bytes may come from anyone: there is no panic, and work and memory are bounded by their length.
/// Extended data (ridge counts, cores and deltas, zonal quality) is skipped.
///
/// # Errors
/// [`RecordError`]: what is wrong and at which byte; [`RecordError::UnknownFormat`] also for card
/// forms, which have no mark: [`read_as`] reads them.
pub fn read(bytes: &[u8]) -> Result<Record, RecordError> {
    let format = TemplateFormat::detect(bytes).ok_or(RecordError::UnknownFormat)?;
    read_as(bytes, format)
}

/// Reads a record of the stated format, at 500 dpi.
///
/// ```
/// use fingerprint::{MinutiaKind, TemplateFormat, record};
///
/// // A card's minutia of three bytes: 10.0 mm to the right, 12.7 mm down, fork, 90°.
/// let record = record::read_as(&[100, 127, 0x80 | 16], TemplateFormat::CardCompact)?;
/// let minutia = record.views[0].template.minutiae[0];
/// assert_eq!((minutia.x, minutia.y, minutia.angle), (197, 250, 64));
/// assert_eq!(minutia.kind, MinutiaKind::Bifurcation);
/// # Ok::<(), fingerprint::RecordError>(())
/// ```
///
/// # Errors
/// [`RecordError`]: what is wrong and at which byte.
pub fn read_as(bytes: &[u8], format: TemplateFormat) -> Result<Record, RecordError> {
    let views = match format {
        TemplateFormat::Own => own::read(bytes),
        TemplateFormat::Iso2005 => iso2005::read(bytes),
        TemplateFormat::Iso2011 => iso2011::read(bytes),
        TemplateFormat::Ansi2004 => ansi378::read_2004(bytes),
        TemplateFormat::Ansi2009 => ansi378::read_2009(bytes),
        TemplateFormat::CardNormal => card::read(bytes, Size::Normal),
        TemplateFormat::CardCompact => card::read(bytes, Size::Compact),
    }?;
    if views.is_empty() {
        return Err(RecordError::NoView);
    }
    Ok(Record { views })
}

#[cfg(test)]
mod tests;
