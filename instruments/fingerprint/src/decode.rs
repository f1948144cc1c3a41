//! From the bytes of an image file to grey pixels with a resolution.
//!
//! The bytes come from outside, so the header is judged before anything is allocated and every
//! refusal says which of the facts was wrong.

use image::{ImageFormat, ImageReader, Limits};
use std::io::Cursor;

/// The smallest side of an image, in pixels: under it no print has enough ridges to compare.
pub const SIDE_MIN_PX: u32 = 100;
/// The largest side of an image, in pixels (a ten-print slap at 1200 dpi fits).
pub const SIDE_MAX_PX: u32 = 4096;
/// The lowest resolution taken, in pixels per inch (ISO/IEC 19794-4, setting level 10).
pub const DPI_MIN: u32 = 250;
/// The highest resolution taken, in pixels per inch.
pub const DPI_MAX: u32 = 1200;
/// The resolution the extractor works at and that is assumed when the file states none.
pub const DPI_DEFAULT: u32 = 500;

/// A grey image of one finger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GreyImage {
    /// Columns, [`SIDE_MIN_PX`] to [`SIDE_MAX_PX`].
    pub width: u32,
    /// Rows, [`SIDE_MIN_PX`] to [`SIDE_MAX_PX`].
    pub height: u32,
    /// Pixels per inch, [`DPI_MIN`] to [`DPI_MAX`].
    pub dpi: u32,
    /// Row-major, `width × height` bytes, 0 = black (ridge), 255 = white.
    pub pixels: Vec<u8>,
}

/// Why an image was not taken. The operator takes the print again or chooses another file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Neither PNG, TIFF, BMP nor PGM by its first bytes.
    #[error("not a PNG, TIFF, BMP or PGM image")]
    UnknownFormat,
    /// The header names a side over [`SIDE_MAX_PX`]; nothing was allocated.
    #[error("image of {width}×{height} pixels is larger than 4096×4096")]
    TooLarge {
        /// Columns by the header.
        width: u32,
        /// Rows by the header.
        height: u32,
    },
    /// The header names a side under [`SIDE_MIN_PX`].
    #[error("image of {width}×{height} pixels is smaller than 100×100")]
    TooSmall {
        /// Columns by the header.
        width: u32,
        /// Rows by the header.
        height: u32,
    },
    /// The resolution, given or read, is outside [`DPI_MIN`] to [`DPI_MAX`].
    #[error("resolution of {dpi} dpi is outside 250 to 1200 dpi")]
    Dpi {
        /// The resolution that was given or read.
        dpi: u32,
    },
    /// The file is cut short or damaged.
    #[error("image file is cut short or damaged: {reason}")]
    Corrupt {
        /// What the decoder said.
        reason: String,
    },
    /// Fewer bytes of pixels than `width × height`.
    #[error("expected {expected} bytes of pixels, got {got}")]
    PixelCount {
        /// `width × height`.
        expected: usize,
        /// The length that was given.
        got: usize,
    },
}

impl GreyImage {
    /// Makes an image from raw pixels, as a scanner gives them.
    ///
    /// # Errors
    /// [`DecodeError::TooSmall`], [`DecodeError::TooLarge`], [`DecodeError::Dpi`] or
    /// [`DecodeError::PixelCount`].
    pub fn from_raw(
        width: u32,
        height: u32,
        dpi: u32,
        pixels: Vec<u8>,
    ) -> Result<Self, DecodeError> {
        judge_sides(width, height)?;
        judge_dpi(dpi)?;
        let expected = width as usize * height as usize;
        if pixels.len() != expected {
            return Err(DecodeError::PixelCount {
                expected,
                got: pixels.len(),
            });
        }
        Ok(GreyImage {
            width,
            height,
            dpi,
            pixels,
        })
    }
}

/// Reads a PNG, TIFF, BMP or PGM file from its bytes.
///
/// The resolution is `dpi_override` when given, else what the file states (PNG `pHYs`, TIFF
/// `XResolution`, BMP pixels per metre), else [`DPI_DEFAULT`]. Colour becomes luma.
/// Cost: one decode, at most 64 MB beside the pixels.
///
/// # Errors
/// Every [`DecodeError`] but `PixelCount`.
pub fn decode(bytes: &[u8], dpi_override: Option<u32>) -> Result<GreyImage, DecodeError> {
    let format = sniff(bytes).ok_or(DecodeError::UnknownFormat)?;
    let (width, height) = reader(bytes, format).into_dimensions().map_err(corrupt)?;
    judge_sides(width, height)?;
    let dpi = match dpi_override {
        Some(dpi) => dpi,
        None => stated_dpi(bytes, format).unwrap_or(DPI_DEFAULT),
    };
    judge_dpi(dpi)?;
    let picture = reader(bytes, format).decode().map_err(corrupt)?;
    let pixels = picture.into_luma8().into_raw();
    GreyImage::from_raw(width, height, dpi, pixels)
}

fn corrupt(error: image::ImageError) -> DecodeError {
    DecodeError::Corrupt {
        reason: error.to_string(),
    }
}

pub(crate) fn judge_sides(width: u32, height: u32) -> Result<(), DecodeError> {
    if width > SIDE_MAX_PX || height > SIDE_MAX_PX {
        return Err(DecodeError::TooLarge { width, height });
    }
    if width < SIDE_MIN_PX || height < SIDE_MIN_PX {
        return Err(DecodeError::TooSmall { width, height });
    }
    Ok(())
}

pub(crate) fn judge_dpi(dpi: u32) -> Result<(), DecodeError> {
    if (DPI_MIN..=DPI_MAX).contains(&dpi) {
        Ok(())
    } else {
        Err(DecodeError::Dpi { dpi })
    }
}

fn reader(bytes: &[u8], format: ImageFormat) -> ImageReader<Cursor<&[u8]>> {
    let mut limits = Limits::default();
    // The sides are judged by `judge_sides`, which names them; this is the second wall.
    limits.max_alloc = Some(96 << 20);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    reader
}

fn sniff(bytes: &[u8]) -> Option<ImageFormat> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some(ImageFormat::Png)
    } else if bytes.starts_with(b"II*\0") || bytes.starts_with(b"MM\0*") {
        Some(ImageFormat::Tiff)
    } else if bytes.starts_with(b"BM") {
        Some(ImageFormat::Bmp)
    } else if bytes.starts_with(b"P5") || bytes.starts_with(b"P2") {
        Some(ImageFormat::Pnm)
    } else {
        None
    }
}

/// What the file says of its resolution; `None` when it says nothing usable (0, or a bare ratio).
fn stated_dpi(bytes: &[u8], format: ImageFormat) -> Option<u32> {
    let dpi = if format == ImageFormat::Png {
        png_dpi(bytes)
    } else if format == ImageFormat::Tiff {
        tiff_dpi(bytes)
    } else if format == ImageFormat::Bmp {
        bmp_dpi(bytes)
    } else {
        None
    }?;
    // 72 and 96 are what drawing programs write when they know nothing.
    (dpi != 0 && dpi != 72 && dpi != 96 && dpi != 1).then_some(dpi)
}

fn per_metre_to_dpi(per_metre: u32) -> u32 {
    ((f64::from(per_metre) * 0.0254).round()) as u32
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes([four[0], four[1], four[2], four[3]]))
}

fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    be32(bytes, at).map(u32::swap_bytes)
}

fn png_dpi(bytes: &[u8]) -> Option<u32> {
    let mut at = 8usize;
    loop {
        let length = be32(bytes, at)? as usize;
        let kind = bytes.get(at + 4..at + 8)?;
        if kind == b"pHYs" {
            let metre = *bytes.get(at + 16)? == 1;
            return metre
                .then(|| be32(bytes, at + 8))
                .flatten()
                .map(per_metre_to_dpi);
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
        .map(per_metre_to_dpi)
}

fn tiff_dpi(bytes: &[u8]) -> Option<u32> {
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

#[cfg(test)]
mod tests;
