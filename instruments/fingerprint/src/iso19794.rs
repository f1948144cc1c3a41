//! Finger minutiae records of ISO/IEC 19794-2:2005 (`FMR`, format version ` 20`).
//!
//! Layout: a header of 24 bytes; for each view 4 bytes, 6 a minutia and a length of extended data. Coordinates are 14 bits in
//! pixels of the stated resolution, the origin is the upper left; an angle is one byte in units of
//! 1.40625°, counter-clockwise from the right; types are 1 ending, 2 bifurcation, 0 other.
//! Source: ISO/IEC 19794-2:2005, 7.3 to 7.5.

use crate::template::{MINUTIAE_MAX, Minutia, MinutiaKind, Template};

const HEADER: usize = 24;
const VIEW_HEADER: usize = 4;
const MINUTIA: usize = 6;
/// 500 dpi in pixels per centimetre, rounded as the standard does.
const PER_CM: u16 = 197;

/// Which finger, by the codes of ISO/IEC 19794-2:2005 table 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names say it all")]
pub enum FingerPosition {
    Unknown = 0,
    RightThumb = 1,
    RightIndex = 2,
    RightMiddle = 3,
    RightRing = 4,
    RightLittle = 5,
    LeftThumb = 6,
    LeftIndex = 7,
    LeftMiddle = 8,
    LeftRing = 9,
    LeftLittle = 10,
}

impl FingerPosition {
    /// The ten fingers in the order of their codes.
    pub const TEN: [FingerPosition; 10] = [
        FingerPosition::RightThumb,
        FingerPosition::RightIndex,
        FingerPosition::RightMiddle,
        FingerPosition::RightRing,
        FingerPosition::RightLittle,
        FingerPosition::LeftThumb,
        FingerPosition::LeftIndex,
        FingerPosition::LeftMiddle,
        FingerPosition::LeftRing,
        FingerPosition::LeftLittle,
    ];

    /// The finger of a code 0–10; `None` for any other.
    pub fn from_code(code: u8) -> Option<FingerPosition> {
        match code {
            0 => Some(FingerPosition::Unknown),
            1..=10 => Some(Self::TEN[code as usize - 1]),
            _ => None,
        }
    }

    /// The code 0–10.
    pub fn code(self) -> u8 {
        self as u8
    }
}

/// Why a record was not read. Whoever made it has to send it again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IsoError {
    /// The first eight bytes are not `FMR\0 20\0`.
    #[error("not an ISO/IEC 19794-2:2005 record")]
    NotARecord,
    /// The bytes end inside the named field.
    #[error("record ends inside {field}")]
    CutShort {
        /// The field that is missing.
        field: &'static str,
    },
    /// The stated length and the length of the bytes differ.
    #[error("record states {stated} bytes, there are {got}")]
    Length {
        /// Length by the header.
        stated: u32,
        /// Bytes given.
        got: usize,
    },
    /// A resolution outside 99–475 pixels per centimetre (250–1200 dpi).
    #[error("resolution of {per_cm} pixels per centimetre is outside 98 to 473")]
    Resolution {
        /// Pixels per centimetre by the header.
        per_cm: u16,
    },
    /// A code that the standard does not define for a finger.
    #[error("finger position {code} is not defined")]
    Position {
        /// The code found.
        code: u8,
    },
    /// A minutia lies outside the image by the header.
    #[error("minutia {index} of view {view} lies outside the image")]
    OutsideImage {
        /// View, from 0.
        view: usize,
        /// Minutia, from 0.
        index: usize,
    },
    /// The record has no view.
    #[error("record has no finger view")]
    NoView,
}

/// One view of one finger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The finger.
    pub position: FingerPosition,
    /// How it was taken: 0 live-scan plain, 1 live-scan rolled, 2 ink plain, 3 ink rolled, 8 swipe.
    pub impression: u8,
    /// Its minutiae, at 500 dpi.
    pub template: Template,
}

impl View {
    /// A live-scan plain view of `template`.
    pub fn of(template: &Template, position: FingerPosition) -> View {
        View {
            position,
            impression: 0,
            template: template.clone(),
        }
    }
}

/// A whole record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// At least one.
    pub views: Vec<View>,
}

/// Writes a record with up to 255 views; the image size is that of the largest view.
///
/// Cost: 24 bytes, then 6 a view and 6 a minutia. Minutiae beyond [`MINUTIAE_MAX`] are left out.
pub fn write(views: &[View]) -> Vec<u8> {
    let views = &views[..views.len().min(255)];
    let width = views.iter().map(|v| v.template.width).max().unwrap_or(0);
    let height = views.iter().map(|v| v.template.height).max().unwrap_or(0);
    let mut out = Vec::with_capacity(HEADER + views.len() * 600);
    out.extend_from_slice(b"FMR\0 20\0");
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&[0, 0]); // capture equipment: not reported
    for field in [width, height, PER_CM, PER_CM] {
        out.extend_from_slice(&field.to_be_bytes());
    }
    out.push(views.len() as u8);
    out.push(0);
    for (index, view) in views.iter().enumerate() {
        let number = views[..index]
            .iter()
            .filter(|v| v.position == view.position)
            .count() as u8;
        let minutiae = &view.template.minutiae[..view.template.minutiae.len().min(MINUTIAE_MAX)];
        out.push(view.position.code());
        out.push((number.min(15) << 4) | (view.impression & 15));
        out.push(view.template.quality.min(100));
        out.push(minutiae.len() as u8);
        for m in minutiae {
            let kind: u16 = match m.kind {
                MinutiaKind::Ending => 1,
                MinutiaKind::Bifurcation => 2,
                MinutiaKind::Other => 0,
            };
            out.extend_from_slice(&((kind << 14) | m.x.min(0x3FFF)).to_be_bytes());
            out.extend_from_slice(&m.y.min(0x3FFF).to_be_bytes());
            out.push(m.angle);
            out.push(m.quality.min(100));
        }
        out.extend_from_slice(&[0, 0]); // no extended data
    }
    let length = out.len() as u32;
    out[8..12].copy_from_slice(&length.to_be_bytes());
    out
}

struct Bytes<'a> {
    rest: &'a [u8],
}

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize, field: &'static str) -> Result<&'a [u8], IsoError> {
        if self.rest.len() < count {
            return Err(IsoError::CutShort { field });
        }
        let (head, tail) = self.rest.split_at(count);
        self.rest = tail;
        Ok(head)
    }
}

fn be16(two: &[u8]) -> u16 {
    u16::from_be_bytes([two[0], two[1]])
}

/// Reads a record and brings every view to 500 dpi.
///
/// Extended data blocks (ridge counts, cores, deltas) are skipped. The bytes may come from anyone:
/// work and memory are bounded by their length.
///
/// # Errors
/// Any [`IsoError`].
pub fn read(bytes: &[u8]) -> Result<Record, IsoError> {
    if !bytes.starts_with(b"FMR\0 20\0") {
        return Err(IsoError::NotARecord);
    }
    let mut input = Bytes { rest: bytes };
    let header = input.take(HEADER, "header")?;
    let stated = u32::from_be_bytes([header[8], header[9], header[10], header[11]]);
    if stated as usize > bytes.len() {
        return Err(IsoError::Length {
            stated,
            got: bytes.len(),
        });
    }
    let size = (be16(&header[14..16]), be16(&header[16..18]));
    let per_cm = (be16(&header[18..20]), be16(&header[20..22]));
    for side in [per_cm.0, per_cm.1] {
        if !(98..=473).contains(&side) {
            return Err(IsoError::Resolution { per_cm: side });
        }
    }
    let count = header[22] as usize;
    let mut views = Vec::with_capacity(count);
    for view in 0..count {
        views.push(read_view(&mut input, view, size, per_cm)?);
    }
    if views.is_empty() {
        return Err(IsoError::NoView);
    }
    Ok(Record { views })
}

fn read_view(
    input: &mut Bytes<'_>,
    view: usize,
    size: (u16, u16),
    per_cm: (u16, u16),
) -> Result<View, IsoError> {
    let head = input.take(VIEW_HEADER, "view header")?;
    let position =
        FingerPosition::from_code(head[0]).ok_or(IsoError::Position { code: head[0] })?;
    let (impression, quality, count) = (head[1] & 15, head[2].min(100), head[3] as usize);
    let body = input.take(count * MINUTIA, "minutiae")?;
    let mut minutiae = Vec::with_capacity(count);
    for (index, m) in body.chunks_exact(MINUTIA).enumerate() {
        let (x, y) = (be16(&m[0..2]) & 0x3FFF, be16(&m[2..4]) & 0x3FFF);
        if x > size.0 || y > size.1 {
            return Err(IsoError::OutsideImage { view, index });
        }
        let kind = match m[0] >> 6 {
            1 => MinutiaKind::Ending,
            2 => MinutiaKind::Bifurcation,
            _ => MinutiaKind::Other,
        };
        // ISO 2005 quality: 0 not reported, 1–100; some writers use more.
        minutiae.push(Minutia {
            x: scaled(x, per_cm.0),
            y: scaled(y, per_cm.1),
            angle: m[4],
            kind,
            quality: m[5].min(100),
        });
    }
    let extended = be16(input.take(2, "extended data length")?) as usize;
    input.take(extended, "extended data")?;
    let template = Template {
        width: scaled(size.0, per_cm.0),
        height: scaled(size.1, per_cm.1),
        quality,
        minutiae,
    };
    Ok(View {
        position,
        impression,
        template,
    })
}

/// From pixels at `per_cm` to pixels at 500 dpi. 196 and 197 both stand for 500 dpi in the field.
fn scaled(value: u16, per_cm: u16) -> u16 {
    if (196..=197).contains(&per_cm) {
        return value;
    }
    let at_500 =
        (u32::from(value) * 50_000 + u32::from(per_cm) * 127) / (u32::from(per_cm) * 254).max(1);
    at_500.min(u32::from(u16::MAX)) as u16
}

#[cfg(test)]
mod tests;
