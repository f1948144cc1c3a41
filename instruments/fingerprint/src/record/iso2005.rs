//! ISO/IEC 19794-2:2005, record format (format version ` 20`).
//!
//! Layout: a header of 24 bytes; for each view 4 bytes, 6 a minutia, and a length of extended data.
//! Source: ISO/IEC 19794-2:2005, 7.3 to 7.5.

use super::bytes::{self, Bytes};
use super::minutiae::{AngleUnit, EndingAt, Frame, Reliability, Style};
use super::view::numbers;
use super::{FingerPosition, Impression, RecordError, TemplateFormat, View};
use crate::template::Template;

pub(super) const MAGIC: &[u8] = b"FMR\0 20\0";

const STYLE: Style = Style {
    angle: AngleUnit::Step,
    reliability: Reliability::ZeroUnknown,
    ending_at: EndingAt::ValleyFork,
};

/// Writes up to 255 views; the image size is that of the largest.
pub(crate) fn write(views: &[View]) -> Vec<u8> {
    let views = &views[..views.len().min(255)];
    let mut out = Vec::with_capacity(24 + views.len() * 600);
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&[0; 4]);
    write_after_length(views, STYLE, Impression::code_2005, &mut out);
    let length = out.len() as u32;
    out[8..12].copy_from_slice(&length.to_be_bytes());
    out
}

/// Capture equipment, frame and views: what ISO 2005 and ANSI 2004 have alike.
pub(super) fn write_after_length(
    views: &[View],
    style: Style,
    code: fn(Impression) -> u8,
    out: &mut Vec<u8>,
) {
    let frame = Frame::of_all(views);
    out.extend_from_slice(&[0, 0]); // capture equipment: not reported
    for field in [frame.width, frame.height, frame.per_cm.0, frame.per_cm.1] {
        out.extend_from_slice(&field.to_be_bytes());
    }
    out.push(views.len() as u8);
    out.push(0);
    for (view, number) in views.iter().zip(numbers(views)) {
        out.push(view.position.code());
        out.push((number << 4) | code(view.impression));
        out.push(view.template.quality.min(100));
        style.write(&view.template, &frame, out);
    }
}

/// Reads every view, at 500 dpi.
pub(super) fn read(all: &[u8]) -> Result<Vec<View>, RecordError> {
    if !all.starts_with(MAGIC) {
        let expected = TemplateFormat::Iso2005;
        return Err(RecordError::NotARecord { expected });
    }
    let mut input = Bytes::new(all);
    input.take(MAGIC.len(), "header")?;
    bytes::length(input.be32("header")?, all)?;
    read_after_length(&mut input, STYLE, Impression::from_code)
}

/// See [`write_after_length`].
pub(super) fn read_after_length(
    input: &mut Bytes<'_>,
    style: Style,
    impression: fn(u8) -> Impression,
) -> Result<Vec<View>, RecordError> {
    input.take(2, "header")?;
    let size = (input.be16("header")?, input.be16("header")?);
    let at = input.at();
    let per_cm = (input.be16("header")?, input.be16("header")?);
    let frame = Frame::new(size, per_cm, at)?;
    let count = input.take(2, "header")?[0];
    (0..usize::from(count))
        .map(|view| {
            let at = input.at();
            let head = input.take(4, "view header")?;
            let position = position(head[0], view, at)?;
            let minutiae = style.read(input, head[3], &frame, view)?;
            input.skip_extended()?;
            let (width, height) = frame.at_500();
            Ok(View {
                position,
                impression: impression(head[1] & 15),
                template: Template {
                    width,
                    height,
                    quality: head[2].min(100),
                    minutiae,
                },
                foreground: None,
            })
        })
        .collect()
}

/// The finger of a code, or where the code stands.
pub(super) fn position(code: u8, view: usize, at: usize) -> Result<FingerPosition, RecordError> {
    FingerPosition::from_code(code).ok_or(RecordError::Position { code, view, at })
}
