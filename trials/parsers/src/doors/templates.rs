//! Fingerprint templates in every format.

use fingerprint::record::{read, read_as, write};
use fingerprint::{Prepared, Record, TemplateFormat, score};

/// A template whose format shows in its bytes.
pub fn parse_template(bytes: &[u8]) -> bool {
    match TemplateFormat::detect(bytes) {
        Some(format) => {
            assert_eq!(read(bytes), read_as(bytes, format), "one reader a format");
            stands(bytes, format)
        }
        None => {
            assert!(read(bytes).is_err(), "what is not recognised is not read");
            false
        }
    }
}

/// An ISO/IEC 19794-2:2005 record.
pub fn parse_iso19794(bytes: &[u8]) -> bool {
    stands(bytes, TemplateFormat::Iso2005)
}

/// An ISO/IEC 19794-2:2011 record.
pub fn parse_iso2011(bytes: &[u8]) -> bool {
    stands(bytes, TemplateFormat::Iso2011)
}

/// An ANSI INCITS 378-2004 record.
pub fn parse_ansi2004(bytes: &[u8]) -> bool {
    stands(bytes, TemplateFormat::Ansi2004)
}

/// An ANSI INCITS 378-2009 record.
pub fn parse_ansi2009(bytes: &[u8]) -> bool {
    stands(bytes, TemplateFormat::Ansi2009)
}

/// A card's minutiae of five bytes.
pub fn parse_card_normal(bytes: &[u8]) -> bool {
    stands(bytes, TemplateFormat::CardNormal)
}

/// A card's minutiae of three bytes.
pub fn parse_card_compact(bytes: &[u8]) -> bool {
    stands(bytes, TemplateFormat::CardCompact)
}

/// A template in the house's own form.
pub fn parse_own_template(bytes: &[u8]) -> bool {
    stands(bytes, TemplateFormat::Own)
}

/// Read, written and read again alike from then on, compared with itself.
fn stands(bytes: &[u8], format: TemplateFormat) -> bool {
    let Ok(first) = read_as(bytes, format) else {
        return false;
    };
    let again = |record: &Record| {
        let written = write(record, format).ok()?;
        let read = read_as(&written, format);
        assert!(read.is_ok(), "{format}: what is written is read: {read:?}");
        read.ok()
    };
    // The first reading may hold an impression or an edge that the format writes otherwise.
    if let Some(second) = again(&first) {
        assert_eq!(second.views.len(), first.views.len(), "{format}");
        assert_eq!(again(&second).as_ref(), Some(&second), "{format}");
    }
    if let Some(view) = first.views.first() {
        let print = Prepared::new(&view.template);
        let _ = score(&print, &print);
    }
    true
}

/// Makes the checksum of the house's own form right.
pub fn mend_own(bytes: &mut [u8]) {
    if let Some(end) = bytes.len().checked_sub(4) {
        let sum = super::images::crc32(&bytes[..end]).to_be_bytes();
        bytes[end..].copy_from_slice(&sum);
    }
}
