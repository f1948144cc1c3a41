//! Card formats of ISO/IEC 19794-2: the minutiae of one view and nothing else.
//!
//! Lengths are metric, so no resolution is stated. Normal size, 2005 only: type and x in two bytes,
//! y in two, both in 0.01 mm, angle in 1/256 turn. Compact size, 2005 and 2011: x and y in a byte each, in
//! 0.1 mm, then type in two bits and angle in six, in 1/64 turn. What size a card uses stands in the
//! card's biometric information template, not in the data. Source: ISO/IEC 19794-2:2005, 8.

use super::minutiae::{EndingAt, code_of_kind, kind_of_code};
use super::{FingerPosition, RecordError, View, WriteError};
use crate::template::{MINUTIAE_MAX, Minutia, Template};

/// The two sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    Normal,
    Compact,
}

impl Size {
    fn bytes(self) -> usize {
        match self {
            Size::Normal => 5,
            Size::Compact => 3,
        }
    }

    /// The largest coordinate.
    fn most(self) -> u16 {
        match self {
            Size::Normal => 0x3FFF,
            Size::Compact => 0xFF,
        }
    }

    /// Units in 500 pixels, which are 25.4 mm at 500 dpi.
    fn in_500_px(self) -> u32 {
        match self {
            Size::Normal => 2540,
            Size::Compact => 254,
        }
    }

    fn units(self, px: u16) -> u32 {
        (u32::from(px) * self.in_500_px() + 250) / 500
    }

    fn px(self, units: u16) -> u16 {
        ((u32::from(units) * 500 + self.in_500_px() / 2) / self.in_500_px()) as u16
    }

    /// The angle as written and the step that it stands for.
    fn angle(self, step: u8) -> (u8, u8) {
        match self {
            Size::Normal => (step, step),
            Size::Compact => {
                let written = ((u16::from(step) + 2) / 4 % 64) as u8;
                (written, written * 4)
            }
        }
    }
}

/// Writes the most reliable minutiae first, so that a card with a limit keeps the best.
///
/// A print wider than the largest coordinate is moved to the corner; what lies beyond is left out.
pub(super) fn write(views: &[View], size: Size) -> Result<Vec<u8>, WriteError> {
    let [view] = views else {
        let views = views.len();
        return Err(WriteError::OneViewOnly { views });
    };
    let far = (u16::MAX, u16::MAX);
    let minutiae = &view.template.minutiae[..view.template.minutiae.len().min(MINUTIAE_MAX)];
    let placed: Vec<(u32, u32, &Minutia)> = minutiae
        .iter()
        .map(|m| {
            let angle = size.angle(m.angle).1;
            let at = EndingAt::ValleyFork.as_written(Minutia { angle, ..*m }, far);
            (size.units(at.x), size.units(at.y), m)
        })
        .collect();
    let origin = |of: fn(&(u32, u32, &Minutia)) -> u32| {
        let most = placed.iter().map(of).max().unwrap_or(0);
        let least = placed.iter().map(of).min().unwrap_or(0);
        if most > u32::from(size.most()) {
            least
        } else {
            0
        }
    };
    let (left, top) = (origin(|p| p.0), origin(|p| p.1));
    let mut out = Vec::with_capacity(placed.len() * size.bytes());
    for (x, y, m) in placed {
        let (x, y) = ((x - left) as u16, (y - top) as u16);
        if x > size.most() || y > size.most() {
            continue;
        }
        let (angle, kind) = (size.angle(m.angle).0, code_of_kind(m.kind));
        match size {
            Size::Normal => {
                out.extend_from_slice(&((u16::from(kind) << 14) | x).to_be_bytes());
                out.extend_from_slice(&y.to_be_bytes());
                out.push(angle);
            }
            Size::Compact => out.extend_from_slice(&[x as u8, y as u8, (kind << 6) | angle]),
        }
    }
    Ok(out)
}

/// Reads minutiae, alone or inside a biometric data template (tag `7F2E`).
pub(super) fn read(all: &[u8], size: Size) -> Result<Vec<View>, RecordError> {
    let body = unwrapped(all).unwrap_or(all);
    if !body.len().is_multiple_of(size.bytes()) {
        let (got, size) = (body.len(), size.bytes());
        return Err(RecordError::CardLength { got, size });
    }
    let count = body.len() / size.bytes();
    if count > MINUTIAE_MAX {
        return Err(RecordError::TooManyMinutiae { count });
    }
    let far = (u16::MAX, u16::MAX);
    let minutiae: Vec<Minutia> = body
        .chunks_exact(size.bytes())
        .map(|m| {
            let (x, y, kind, angle) = match size {
                Size::Normal => (
                    u16::from_be_bytes([m[0], m[1]]) & 0x3FFF,
                    u16::from_be_bytes([m[2], m[3]]) & 0x3FFF,
                    m[0] >> 6,
                    m[4],
                ),
                Size::Compact => (u16::from(m[0]), u16::from(m[1]), m[2] >> 6, (m[2] & 63) * 4),
            };
            let minutia = Minutia {
                x: size.px(x),
                y: size.px(y),
                angle,
                kind: kind_of_code(kind),
                quality: 0,
            };
            EndingAt::ValleyFork.at_tip(minutia, far)
        })
        .collect();
    // No image is stated: the smallest that holds them.
    let template = Template {
        width: minutiae.iter().map(|m| m.x).max().unwrap_or(0),
        height: minutiae.iter().map(|m| m.y).max().unwrap_or(0),
        quality: 0,
        minutiae,
    };
    Ok(vec![View::of(&template, FingerPosition::Unknown)])
}

/// The value of tag `81` or `90` as the first element of tag `7F2E`, when the lengths fit exactly.
fn unwrapped(all: &[u8]) -> Option<&[u8]> {
    let (template, behind) = value(all.strip_prefix(&[0x7F, 0x2E])?)?;
    let inner = match template.split_first()? {
        (0x81 | 0x90, inner) => inner,
        _ => return None,
    };
    behind
        .is_empty()
        .then(|| value(inner))?
        .map(|(data, _)| data)
}

/// A value behind its length by the basic encoding rules, and what follows it.
fn value(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match bytes {
        [0x82, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
        [0x81, length, rest @ ..] => (usize::from(*length), rest),
        [length @ 0..=0x7F, rest @ ..] => (usize::from(*length), rest),
        _ => return None,
    };
    (length <= rest.len()).then(|| rest.split_at(length))
}
