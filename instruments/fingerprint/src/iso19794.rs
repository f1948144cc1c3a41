//! Finger minutiae records of ISO/IEC 19794-2:2005 alone; [`crate::record`] knows the other formats.

use crate::record::{self, TemplateFormat};
pub use crate::record::{FingerPosition, Record, RecordError, View};

/// Writes a record with up to 255 views; the image size is that of the largest view.
///
/// Cost: 24 bytes, then 6 a view and 6 a minutia. Minutiae beyond [`crate::MINUTIAE_MAX`] are left
/// out.
///
/// ```
/// use fingerprint::iso19794::{self, FingerPosition, View};
/// use fingerprint::Template;
///
/// let template = Template { width: 300, height: 400, quality: 60, minutiae: vec![] };
/// let bytes = iso19794::write(&[View::of(&template, FingerPosition::LeftThumb)]);
/// assert!(bytes.starts_with(b"FMR\0 20\0"));
/// assert_eq!(iso19794::read(&bytes)?.views[0].template, template);
/// # Ok::<(), fingerprint::RecordError>(())
/// ```
pub fn write(views: &[View]) -> Vec<u8> {
    record::write_iso2005(views)
}

/// Reads a record and brings every view to 500 dpi.
///
/// Extended data blocks (ridge counts, cores, deltas) are skipped. The bytes may come from anyone:
/// work and memory are bounded by their length.
///
/// ```
/// use fingerprint::iso19794;
///
/// assert!(iso19794::read(b"FMR\0 20\0 and no more").is_err());
/// ```
///
/// # Errors
/// Any [`RecordError`].
pub fn read(bytes: &[u8]) -> Result<Record, RecordError> {
    record::read_as(bytes, TemplateFormat::Iso2005)
}
