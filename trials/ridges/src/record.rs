//! Minutiae as a finger minutiae record of ISO/IEC 19794-2:2005 (format "FMR", version " 20").
//!
//! One finger view, record format (not card format), no extended data. Layout, big-endian:
//! header 24 bytes (identifier, version, length, capture equipment, width, height, px/cm twice,
//! number of views, reserved), view header 4 bytes (finger position, view number and impression
//! type, quality, number of minutiae), 6 bytes a minutia (2 bits type and 14 bits x, 2 bits
//! reserved and 14 bits y, angle in units of 360°/256, quality), 2 bytes length of extended data.

use crate::finger::Position;
use crate::minutia::{MinutiaKind, TrueMinutia};

/// 500 dpi in px/cm as the standard rounds it.
const PX_PER_CM: u16 = 197;
const HEADER: usize = 28;

/// Writes minutiae as ISO/IEC 19794-2:2005 bytes.
///
/// `width` and `height` are those of the picture in px, `quality` is 0 to 100. A record holds at
/// most 255 minutiae: if there are more, those with the best quality are kept. Minutiae outside
/// the picture are left out. Angles run counter-clockwise from +x, the origin is the upper left
/// corner.
pub fn iso_19794_2(
    minutiae: &[TrueMinutia],
    (width, height): (usize, usize),
    position: Position,
    quality: u8,
) -> Vec<u8> {
    let inside = |m: &&TrueMinutia| {
        m.x >= 0.0 && m.y >= 0.0 && m.x + 0.5 < width as f32 && m.y + 0.5 < height as f32
    };
    let mut kept: Vec<&TrueMinutia> = minutiae.iter().filter(inside).collect();
    if kept.len() > 255 {
        kept.sort_by_key(|m| std::cmp::Reverse(m.quality));
        kept.truncate(255);
    }
    let length = HEADER + 6 * kept.len() + 2;
    let mut bytes = Vec::with_capacity(length);
    bytes.extend(b"FMR\0 20\0");
    bytes.extend((length as u32).to_be_bytes());
    bytes.extend(0_u16.to_be_bytes());
    for value in [width as u16, height as u16, PX_PER_CM, PX_PER_CM] {
        bytes.extend(value.to_be_bytes());
    }
    bytes.extend([1, 0]);
    // View 0, impression type 0: live-scan plain.
    bytes.extend([position.number(), 0, quality.min(100), kept.len() as u8]);
    for minutia in kept {
        let kind: u16 = match minutia.kind {
            MinutiaKind::Ending => 1,
            MinutiaKind::Bifurcation => 2,
        };
        bytes.extend((kind << 14 | (minutia.x + 0.5) as u16).to_be_bytes());
        bytes.extend(((minutia.y + 0.5) as u16).to_be_bytes());
        let turn = minutia.angle * (256.0 / core::f32::consts::TAU);
        bytes.push(((turn + 0.5) as u32 % 256) as u8);
        bytes.push(minutia.quality);
    }
    bytes.extend(0_u16.to_be_bytes());
    bytes
}
