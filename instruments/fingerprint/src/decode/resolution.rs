//! What a file says of its resolution.

use image::ImageFormat;

use super::jpeg;

/// What the file says of its resolution; `None` when it says nothing usable (0, or a bare ratio).
pub(super) fn stated(bytes: &[u8], format: ImageFormat) -> Option<u32> {
    let dpi = if format == ImageFormat::Png {
        png_dpi(bytes)
    } else if format == ImageFormat::Tiff {
        tiff_dpi(bytes)
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

fn le32(bytes: &[u8], at: usize) -> Option<u32> {
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

pub(super) fn tiff_dpi(bytes: &[u8]) -> Option<u32> {
    let little = bytes.first() == Some(&b'I');
    let word = |at: usize| {
        if little {
            le32(bytes, at)
        } else {
            be32(bytes, at)
        }
    };
    let half = |at: usize| {
        let two = bytes.get(at..at.checked_add(2)?)?;
        let raw = [two[0], two[1]];
        Some(if little {
            u16::from_le_bytes(raw)
        } else {
            u16::from_be_bytes(raw)
        })
    };
    let directory = word(4)? as usize;
    let count = half(directory)? as usize;
    let (mut per_unit, mut unit) = (None, 2u16);
    for entry in 0..count {
        let at = directory.checked_add(2 + 12 * entry)?;
        match half(at)? {
            282 => {
                let offset = word(at + 8)? as usize;
                let (top, bottom) = (word(offset)?, word(offset.checked_add(4)?)?);
                per_unit = (bottom != 0).then(|| f64::from(top) / f64::from(bottom));
            }
            296 => unit = half(at + 8)?,
            _ => {}
        }
    }
    let per_unit = per_unit?;
    match unit {
        2 => Some(per_unit.round() as u32),
        3 => Some((per_unit * 2.54).round() as u32),
        _ => None,
    }
}
