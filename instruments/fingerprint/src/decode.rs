//! From the bytes of an image file to grey pixels with a resolution.
//!
//! The bytes come from outside, so the header is judged before anything is allocated and every
//! refusal says which of the facts was wrong.

use image::{ImageFormat, ImageReader, Limits};
use std::io::Cursor;

use crate::wsq;

mod jpeg;
mod jpeg2000;
mod resolution;
mod tiff;

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
    /// None of the kinds that are read, by its first bytes.
    #[error("not a PNG, TIFF, BMP, PGM, JPEG, JPEG 2000 or WSQ image: save it as one of these")]
    UnknownFormat,
    /// The header names a side over [`SIDE_MAX_PX`]; nothing was allocated.
    #[error("image of {width}×{height} pixels is larger than 4096×4096: cut out one finger")]
    TooLarge {
        /// Columns by the header.
        width: u32,
        /// Rows by the header.
        height: u32,
    },
    /// The header names a side under [`SIDE_MIN_PX`].
    #[error(
        "image of {width}×{height} pixels is smaller than 100×100: take the print again, whole"
    )]
    TooSmall {
        /// Columns by the header.
        width: u32,
        /// Rows by the header.
        height: u32,
    },
    /// The resolution, given or read, is outside [`DPI_MIN`] to [`DPI_MAX`].
    #[error(
        "resolution of {dpi} dpi is outside 250 to 1200 dpi: scan again, or state the right one"
    )]
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

/// Reads an image file from its bytes: PNG, TIFF, BMP, PGM, JPEG, JPEG 2000 or WSQ, by its first
/// bytes.
///
/// The resolution is `dpi_override` when given, else what the file states (PNG `pHYs`, TIFF
/// `XResolution`, BMP pixels per metre, JPEG's JFIF density or EXIF `XResolution`, the `res ` box of
/// JP2, the NIST comment of WSQ), else [`DPI_DEFAULT`]. Colour becomes luma.
/// Cost: one decode, at most 64 MB beside the pixels up to 1 MP.
///
/// ```
/// use fingerprint::{DecodeError, decode};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // A PGM file states no resolution: 500 dpi unless the caller knows better.
/// let mut file = b"P5 160 120 255 ".to_vec();
/// file.extend((0..160 * 120).map(|i| (i % 251) as u8));
/// assert_eq!(decode(&file, None)?.dpi, 500);
/// assert_eq!(decode(&file, Some(1000))?.dpi, 1000);
/// assert_eq!(decode(&file, Some(96)), Err(DecodeError::Dpi { dpi: 96 }));
/// assert_eq!(decode(b"GIF89a", None), Err(DecodeError::UnknownFormat));
/// # Ok(()) }
/// ```
///
/// # Errors
/// Every [`DecodeError`] but `PixelCount`.
pub fn decode(bytes: &[u8], dpi_override: Option<u32>) -> Result<GreyImage, DecodeError> {
    match sniff(bytes).ok_or(DecodeError::UnknownFormat)? {
        Kind::Listed(format) => by_image_crate(bytes, format, dpi_override),
        Kind::Jpeg2000 => jpeg2000::decode(bytes, dpi_override),
        Kind::Wsq => wsq::decode(bytes, dpi_override),
    }
}

fn corrupt(reason: impl ToString) -> DecodeError {
    DecodeError::Corrupt {
        reason: reason.to_string(),
    }
}

/// The kinds that the `image` crate reads.
fn by_image_crate(
    bytes: &[u8],
    format: ImageFormat,
    dpi_override: Option<u32>,
) -> Result<GreyImage, DecodeError> {
    if format == ImageFormat::Tiff && !tiff::fields_are_within(bytes) {
        // The decoder would make room for as many values as the field claims.
        return Err(corrupt(
            "TIFF: a field claims more values than the file holds",
        ));
    }
    let (width, height) = reader(bytes, format, 0)
        .into_dimensions()
        .map_err(corrupt)?;
    judge_sides(width, height)?;
    let dpi = dpi_override
        .or_else(|| resolution::stated(bytes, format))
        .unwrap_or(DPI_DEFAULT);
    judge_dpi(dpi)?;
    if format == ImageFormat::Jpeg && !jpeg::is_whole(bytes) {
        // The decoder would fill what is missing with grey.
        return Err(corrupt("JPEG: no end of image"));
    }
    let pixels = u64::from(width) * u64::from(height);
    let picture = reader(bytes, format, pixels).decode().map_err(corrupt)?;
    let pixels = picture.into_luma8().into_raw();
    GreyImage::from_raw(width, height, dpi, pixels)
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

/// Four channels of 16 bits.
const PIXEL_BYTES_MAX: u64 = 8;
/// What a decoder may take beside the picture. A TIFF's decoder takes as much for each of its buffers.
const BESIDE_BYTES_MAX: u64 = 16 << 20;

fn reader(bytes: &[u8], format: ImageFormat, pixels: u64) -> ImageReader<Cursor<&[u8]>> {
    let mut limits = Limits::default();
    // The sides are judged by `judge_sides`, which names them; this is the second wall.
    limits.max_alloc = Some(pixels * PIXEL_BYTES_MAX + BESIDE_BYTES_MAX);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    reader
}

/// Who reads a file.
enum Kind {
    Listed(ImageFormat),
    Jpeg2000,
    Wsq,
}

fn sniff(bytes: &[u8]) -> Option<Kind> {
    let starts = |with: &[u8]| bytes.starts_with(with);
    if starts(b"\x89PNG\r\n\x1a\n") {
        Some(Kind::Listed(ImageFormat::Png))
    } else if starts(b"II*\0") || starts(b"MM\0*") {
        Some(Kind::Listed(ImageFormat::Tiff))
    } else if starts(b"BM") {
        Some(Kind::Listed(ImageFormat::Bmp))
    } else if starts(b"P5") || starts(b"P2") {
        Some(Kind::Listed(ImageFormat::Pnm))
    } else if starts(b"\xFF\xD8\xFF") {
        Some(Kind::Listed(ImageFormat::Jpeg))
    } else if jpeg2000::is_jpeg2000(bytes) {
        Some(Kind::Jpeg2000)
    } else if wsq::is_wsq(bytes) {
        Some(Kind::Wsq)
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
