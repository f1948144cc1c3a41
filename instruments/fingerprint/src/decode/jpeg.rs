//! What of a JPEG file is read here: segments, resolution, whether it is whole.

use super::tiff;

const SOS: u8 = 0xDA;

/// The segments before the first scan, and where that begins.
struct Segments<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Segments<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        while self.bytes.get(self.at..self.at + 2)? == [0xFF, 0xFF] {
            self.at += 1;
        }
        let head = self.bytes.get(self.at..self.at + 4)?;
        if head[0] != 0xFF {
            return None;
        }
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let end = self.at + 2 + length;
        let body = self.bytes.get(self.at + 4..end)?;
        self.at = end;
        Some((head[1], body))
    }
}

/// Pixels per inch by the JFIF density, else by EXIF.
pub(super) fn dpi(bytes: &[u8]) -> Option<u32> {
    let before_scan = || Segments { bytes, at: 2 }.take_while(|segment| segment.0 != SOS);
    let jfif = before_scan().find_map(|(marker, body)| {
        let density = body.strip_prefix(b"JFIF\0").filter(|_| marker == 0xE0)?;
        let across = u32::from(u16::from_be_bytes([*density.get(3)?, *density.get(4)?]));
        match density.get(2)? {
            1 => Some(across),
            2 => Some((f64::from(across) * 2.54).round() as u32),
            _ => None,
        }
    });
    jfif.or_else(|| {
        before_scan().find_map(|(marker, body)| {
            tiff::dpi(body.strip_prefix(b"Exif\0\0").filter(|_| marker == 0xE1)?)
        })
    })
}

/// Whether an end of image follows the first scan: no marker occurs within coded data.
pub(super) fn is_whole(bytes: &[u8]) -> bool {
    let mut segments = Segments { bytes, at: 2 };
    let scan = segments.any(|(marker, _)| marker == SOS);
    scan && bytes[segments.at..]
        .windows(2)
        .any(|two| two == [0xFF, 0xD9])
}
