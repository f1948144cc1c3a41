//! WSQ: the wavelet compression of fingerprints (ANSI/FBI IAFIS-IC-0110, version 3.1).
//!
//! ```
//! use fingerprint::{GreyImage, wsq};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Ridges of 9 px, as a scanner of 500 dpi sees them.
//! let ridges = |i: u32| 128 + if (i / 200) % 9 < 4 { 70u8 } else { 0 };
//! let image = GreyImage::from_raw(200, 200, 500, (0..200 * 200).map(ridges).collect())?;
//! let file = wsq::encode(&image, wsq::RATE_DEFAULT);
//! assert!(file.len() < 200 * 200 / 8);
//! let back = wsq::decode(&file, None)?;
//! assert_eq!((back.width, back.height, back.dpi), (200, 200, 500));
//! # Ok(()) }
//! ```
//!
//! # What is here
//! - [`decode`]: every 8-bit file: any filter bank up to 32 taps (odd or even), any bins, up to
//!   eight Huffman tables, any number of blocks, restart markers, resolution from a NIST comment.
//! - [`encode`]: the symmetric 9/7 bank, bins by the variance of the bands, a wanted size.
//!
//! # What is deliberately not here
//! - Comments other than the NIST comment's resolution: they are skipped.
//! - The calibration greys (black, white) of the frame header: no reader applies them.

mod bits;
mod blocks;
mod huffman;
mod quantise;
mod segments;
mod tree;
mod wavelet;
mod write;

use crate::decode::{DPI_DEFAULT, DecodeError, GreyImage, judge_dpi, judge_sides};
use blocks::Blocks;
use quantise::Filler;
use segments::{Cursor, Tables};

/// Bits per pixel that the FBI asks for: about 10:1.
pub const RATE_DEFAULT: f32 = 0.75;
const RATE_MIN: f32 = 0.05;
const RATE_MAX: f32 = 8.0;

/// Whether bytes begin as a WSQ file does.
pub(crate) fn is_wsq(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xFF, segments::SOI, 0xFF])
}

/// Writes an image as WSQ with its resolution in a NIST comment; same image, same bytes.
///
/// `bits_per_pixel` counts the whole file and is kept within 0.05 to 8 ([`RATE_DEFAULT`] when it is
/// no number). The file meets it within 5 %, but for images too smooth to need so much (a constant
/// one) or too small for it: tables alone are about 900 bytes.
/// Cost: about 0.2 µs a pixel, 12 bytes a pixel while it runs.
///
/// ```
/// use fingerprint::{GreyImage, wsq};
///
/// let image = GreyImage::from_raw(120, 150, 500, vec![128; 120 * 150])?;
/// assert!(wsq::encode(&image, wsq::RATE_DEFAULT).starts_with(&[0xFF, 0xA0]));
/// # Ok::<(), fingerprint::DecodeError>(())
/// ```
pub fn encode(image: &GreyImage, bits_per_pixel: f32) -> Vec<u8> {
    let rate = if bits_per_pixel.is_nan() {
        RATE_DEFAULT
    } else {
        bits_per_pixel.clamp(RATE_MIN, RATE_MAX)
    };
    write::file(image, f64::from(rate))
}

/// Reads a WSQ file.
///
/// The resolution is `dpi_override` when given, else that of the NIST comment, else
/// [`DPI_DEFAULT`]. Sides and the number of coded coefficients are judged before anything of the
/// image's size is allocated. Cost: about 0.05 µs a pixel, 4 bytes a pixel beside the image.
///
/// ```
/// use fingerprint::{GreyImage, wsq};
///
/// let image = GreyImage::from_raw(120, 150, 500, vec![128; 120 * 150])?;
/// let again = wsq::decode(&wsq::encode(&image, wsq::RATE_DEFAULT), None)?;
/// assert_eq!((again.width, again.height, again.dpi), (120, 150, 500));
/// assert!(wsq::decode(b"no picture", None).is_err());
/// # Ok::<(), fingerprint::DecodeError>(())
/// ```
///
/// # Errors
/// [`DecodeError::TooSmall`], [`DecodeError::TooLarge`], [`DecodeError::Dpi`] or
/// [`DecodeError::Corrupt`].
pub fn decode(bytes: &[u8], dpi_override: Option<u32>) -> Result<GreyImage, DecodeError> {
    let mut cursor = Cursor { bytes, at: 0 };
    let mut tables = Tables::default();
    if cursor.marker().map_err(corrupt)? != segments::SOI {
        return Err(corrupt("does not begin as WSQ"));
    }
    let frame = tables.read_to_frame(&mut cursor).map_err(corrupt)?;
    judge_sides(frame.width, frame.height)?;
    let dpi = dpi_override.or(tables.dpi).unwrap_or(DPI_DEFAULT);
    judge_dpi(dpi)?;
    let (width, height) = (frame.width as usize, frame.height as usize);
    let tree = tree::tree(width, height);
    let blocks = Blocks::find(&mut tables, &mut cursor).map_err(corrupt)?;
    let (Some(filters), Some(quantisation)) = (&tables.filters, &tables.quantisation) else {
        return Err(corrupt("no filters or no bins before the data"));
    };
    // Counted first: a header that claims more than the data holds costs no memory.
    let expected = Filler::expected(&tree, &quantisation.bins);
    blocks.count(expected).map_err(corrupt)?;
    let mut plane = vec![0.0f32; width * height];
    blocks.fill(&mut plane, width, &tree, quantisation);
    wavelet::put_together(&mut plane, width, &tree, &wavelet::Bank::new(filters));
    let pixels = quantise::greys(&plane, frame.shift, frame.scale);
    GreyImage::from_raw(frame.width, frame.height, dpi, pixels)
}

fn corrupt(reason: &'static str) -> DecodeError {
    DecodeError::Corrupt {
        reason: format!("WSQ: {reason}"),
    }
}

#[cfg(test)]
mod tests;
