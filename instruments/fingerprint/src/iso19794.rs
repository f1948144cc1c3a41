//! Finger minutiae records of ISO/IEC 19794-2:2005 alone; [`crate::record`] knows the other formats.

use crate::record::{self, TemplateFormat};
pub use crate::record::{FingerPosition, Record, RecordError, View};

/// Writes a record with up to 255 views; the image size is that of the largest view.
///
/// Cost: 24 bytes, then 6 a view and 6 a minutia. Minutiae beyond [`crate::MINUTIAE_MAX`] are left
/// out.
pub fn write(views: &[View]) -> Vec<u8> {
    record::write_iso2005(views)
}

/// Reads a record and brings every view to 500 dpi.
///
/// Extended data blocks (ridge counts, cores, deltas) are skipped. The bytes may come from anyone:
/// work and memory are bounded by their length.
///
/// # Errors
/// Any [`RecordError`].
pub fn read(bytes: &[u8]) -> Result<Record, RecordError> {
    record::read_as(bytes, TemplateFormat::Iso2005)
}
