//! JPEG 2000: what is judged before the decoder sees a file, and its resolution.

use hayro_jpeg2000::{ColorSpace, DecodeSettings, Image};

use super::resolution::{be32, per_metre_to_dpi, usable};
use super::{DPI_DEFAULT, DecodeError, GreyImage, corrupt, judge_dpi, judge_sides};

const FILE: &[u8] = b"\0\0\0\x0CjP  ";
const CODESTREAM: &[u8] = b"\xFF\x4F\xFF\x51";
/// More components than red, green, blue and opacity are no picture of a finger.
const COMPONENTS_MAX: usize = 4;
/// 4096×4096 pixels in tiles of 128×128.
const TILES_MAX: u64 = 1024;
/// At less than a twentieth of a bit a pixel (160:1) no ridge is left; a header that claims more
/// pixels than that is not believed, so that it costs no memory.
const PIXELS_PER_BYTE_MAX: u64 = 160;

pub(super) fn is_jpeg2000(bytes: &[u8]) -> bool {
    bytes.starts_with(FILE) || bytes.starts_with(CODESTREAM)
}

pub(super) fn decode(bytes: &[u8], dpi_override: Option<u32>) -> Result<GreyImage, DecodeError> {
    let (stream, stated) = if bytes.starts_with(CODESTREAM) {
        (bytes, None)
    } else {
        let stream = boxed(bytes, b"jp2c").ok_or_else(|| corrupt("JPEG 2000: no codestream"))?;
        if boxes(bytes).filter(|found| found.0 == b"jp2c").count() > 1 {
            return Err(corrupt("JPEG 2000: more than one codestream"));
        }
        (stream, dpi(bytes))
    };
    judge_header(stream)?;
    let dpi = dpi_override.or(stated).unwrap_or(DPI_DEFAULT);
    judge_dpi(dpi)?;
    let image = Image::new(bytes, &DecodeSettings::default()).map_err(corrupt)?;
    let (width, height) = (image.width(), image.height());
    judge_sides(width, height)?;
    let colours = match image.color_space() {
        ColorSpace::Gray => 1,
        ColorSpace::RGB => 3,
        ColorSpace::Icc { num_channels, .. } if matches!(num_channels, 1 | 3) => {
            usize::from(*num_channels)
        }
        ColorSpace::CMYK | ColorSpace::Unknown { .. } | ColorSpace::Icc { .. } => {
            return Err(corrupt("JPEG 2000: neither grey nor red, green and blue"));
        }
    };
    let channels = colours + usize::from(image.has_alpha());
    let samples = image.decode().map_err(corrupt)?;
    let pixels = samples
        .chunks_exact(channels)
        .map(|pixel| match pixel {
            // The weights of the other formats (Rec. 709).
            [red, green, blue, ..] if colours == 3 => {
                let sum =
                    2126 * u32::from(*red) + 7152 * u32::from(*green) + 722 * u32::from(*blue);
                (sum / 10_000) as u8
            }
            _ => pixel[0],
        })
        .collect();
    GreyImage::from_raw(width, height, dpi, pixels)
}

/// Sides, components, tiles and size of the codestream by its first segment (ISO/IEC 15444-1,
/// A.5.1), and whether it is whole.
fn judge_header(stream: &[u8]) -> Result<(), DecodeError> {
    let damaged = || corrupt("JPEG 2000: damaged header");
    if !stream.starts_with(CODESTREAM) {
        return Err(damaged());
    }
    let word = |at: usize| be32(stream, at).ok_or_else(damaged);
    let (right, bottom, left, top) = (word(8)?, word(12)?, word(16)?, word(20)?);
    let (tile_width, tile_height) = (word(24)?, word(28)?);
    let (tile_left, tile_top) = (word(32)?, word(36)?);
    let components = usize::from(u16::from_be_bytes([
        *stream.get(40).ok_or_else(damaged)?,
        *stream.get(41).ok_or_else(damaged)?,
    ]));
    let (width, height) = (right.saturating_sub(left), bottom.saturating_sub(top));
    judge_sides(width, height)?;
    if components == 0 || components > COMPONENTS_MAX {
        return Err(corrupt("JPEG 2000: more than four components"));
    }
    if tile_width == 0 || tile_height == 0 {
        return Err(damaged());
    }
    let across = u64::from(right.saturating_sub(tile_left).div_ceil(tile_width));
    let down = u64::from(bottom.saturating_sub(tile_top).div_ceil(tile_height));
    if across * down > TILES_MAX {
        return Err(corrupt("JPEG 2000: more than 1024 tiles"));
    }
    let pixels = u64::from(width) * u64::from(height) * components as u64;
    if pixels > PIXELS_PER_BYTE_MAX * stream.len() as u64 {
        return Err(corrupt("JPEG 2000: too few bytes for so many pixels"));
    }
    let tail = &stream[stream.len().saturating_sub(64)..];
    if !tail.windows(2).any(|two| two == [0xFF, 0xD9]) {
        return Err(corrupt("JPEG 2000: no end of codestream"));
    }
    Ok(())
}

/// Kind and body of each box; ends at the first that is damaged.
fn boxes(mut bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        let (head, length) = match be32(bytes, 0)? as usize {
            0 => (8, bytes.len()),
            1 if be32(bytes, 8)? == 0 => (16, be32(bytes, 12)? as usize),
            stated => (8, stated),
        };
        let found = (bytes.get(4..8)?, bytes.get(head..length)?);
        bytes = &bytes[length..];
        Some(found)
    })
}

/// The body of the first box of a kind.
fn boxed<'a>(bytes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    boxes(bytes)
        .find(|found| found.0 == kind)
        .map(|found| found.1)
}

/// Pixels per inch across by the capture resolution, else by the display resolution (ISO/IEC
/// 15444-1, I.5.3.7).
fn dpi(bytes: &[u8]) -> Option<u32> {
    let resolution = boxed(boxed(bytes, b"jp2h")?, b"res ")?;
    let body = boxed(resolution, b"resc").or_else(|| boxed(resolution, b"resd"))?;
    let half = |at: usize| {
        Some(f64::from(u16::from_be_bytes([
            *body.get(at)?,
            *body.get(at + 1)?,
        ])))
    };
    let exponent = (*body.get(9)? as i8).clamp(-9, 9);
    let (top, bottom) = (half(4)?, half(6)?);
    let power = (0..exponent.unsigned_abs()).fold(1.0, |power, _| power * 10.0);
    let ratio = top / bottom;
    let per_metre = if exponent < 0 {
        ratio / power
    } else {
        ratio * power
    };
    (bottom > 0.0)
        .then(|| per_metre_to_dpi(per_metre))
        .and_then(usable)
}
