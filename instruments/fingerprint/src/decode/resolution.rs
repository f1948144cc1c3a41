//! What a file says of its resolution.

use image::ImageFormat;

use super::{jpeg, tiff};

/// What the file says of its resolution; `None` when it says nothing usable (0, or a bare ratio).
pub(super) fn stated(bytes: &[u8], format: ImageFormat) -> Option<u32> {
    let dpi = if format == ImageFormat::Png {
        png_dpi(bytes)
    } else if format == ImageFormat::Tiff {
        tiff::dpi(bytes)
    } else if format == ImageFormat::Bmp {
        bmp_dpi(bytes)
    } else if format == ImageFormat::Jpeg {
        jpeg::dpi(bytes)
    } else {
        None
    }?;
    usable(dpi)
}

/// `None` for the resolutions that mean nothing.
pub(super) fn usable(dpi: u32) -> Option<u32> {
    // 72 and 96 are what drawing programs write when they know nothing.
    (dpi != 0 && dpi != 72 && dpi != 96 && dpi != 1).then_some(dpi)
}

pub(super) fn per_metre_to_dpi(per_metre: f64) -> u32 {
    (per_metre * 0.0254).round() as u32
}

pub(super) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes([four[0], four[1], four[2], four[3]]))
}

pub(super) fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    be32(bytes, at).map(u32::swap_bytes)
}

pub(super) fn png_dpi(bytes: &[u8]) -> Option<u32> {
    let mut at = 8usize;
    loop {
        let length = be32(bytes, at)? as usize;
        let kind = bytes.get(at + 4..at + 8)?;
        if kind == b"pHYs" {
            let metre = *bytes.get(at + 16)? == 1;
            return metre
                .then(|| be32(bytes, at + 8))
                .flatten()
                .map(|per_metre| per_metre_to_dpi(f64::from(per_metre)));
        }
        if kind == b"IDAT" {
            return None;
        }
        at = at.checked_add(12)?.checked_add(length)?;
    }
}

fn bmp_dpi(bytes: &[u8]) -> Option<u32> {
    (le32(bytes, 14)? >= 40)
        .then(|| le32(bytes, 38))
        .flatten()
        .map(|per_metre| per_metre_to_dpi(f64::from(per_metre)))
}
