//! ANSI INCITS 378 of 2004 and 2009.
//!
//! 2004 is ISO/IEC 19794-2:2005 with another length (two bytes, or six when it needs more) and a
//! CBEFF product identifier in front, angles in units of 2°, and one impression more. 2009 gives each
//! view its own frame and widens the fields. Amendment 1 of 2009 has the mark `035` and the same
//! layout. Source: ANSI INCITS 378-2004, 6; ANSI INCITS 378-2009, 6.

use super::bytes::{self, Bytes};
use super::iso2005::{self, position};
use super::minutiae::{AngleUnit, EndingAt, Frame, Reliability, Style, from_254, to_254};
use super::view::numbers;
use super::{Impression, RecordError, TemplateFormat, View};
use crate::template::Template;

/// The CBEFF product identifier of a maker that is not registered: owner 0x0103, "unknown".
const PRODUCT: [u8; 4] = [0x01, 0x03, 0, 0];
/// The same for an algorithm of quality: vendor 0x0103, algorithm 1.
const QUALITY_BY: [u8; 4] = [0x01, 0x03, 0, 1];

const MAGIC_2009: &[u8] = b"FMR\x00030\0";
const MAGIC_2009_AMENDED: &[u8] = b"FMR\x00035\0";

const STYLE_2004: Style = Style {
    angle: AngleUnit::TwoDegrees,
    reliability: Reliability::ZeroUnknown,
    ending_at: EndingAt::ValleyFork,
};
const STYLE_2009: Style = Style {
    reliability: Reliability::From254,
    ..STYLE_2004
};

pub(super) fn write_2004(views: &[View]) -> Vec<u8> {
    let mut rest = Vec::with_capacity(24 + views.len() * 600);
    rest.extend_from_slice(&PRODUCT);
    iso2005::write_after_length(views, STYLE_2004, Impression::code_ansi2004, &mut rest);
    let mut out = iso2005::MAGIC.to_vec();
    match u16::try_from(out.len() + 2 + rest.len()) {
        Ok(short) => out.extend_from_slice(&short.to_be_bytes()),
        Err(_) => {
            let long = (out.len() + 6 + rest.len()) as u32;
            out.extend_from_slice(&[0, 0]);
            out.extend_from_slice(&long.to_be_bytes());
        }
    }
    out.append(&mut rest);
    out
}

pub(super) fn read_2004(all: &[u8]) -> Result<Vec<View>, RecordError> {
    if !all.starts_with(iso2005::MAGIC) {
        let expected = TemplateFormat::Ansi2004;
        return Err(RecordError::NotARecord { expected });
    }
    let mut input = Bytes::new(all);
    input.take(iso2005::MAGIC.len(), "header")?;
    let stated = match input.be16("header")? {
        0 => input.be32("header")?,
        short => u32::from(short),
    };
    bytes::length(stated, all)?;
    input.take(PRODUCT.len(), "header")?;
    iso2005::read_after_length(&mut input, STYLE_2004, Impression::from_ansi2004)
}

pub(super) fn write_2009(views: &[View]) -> Vec<u8> {
    let mut out = Vec::with_capacity(21 + views.len() * 600);
    out.extend_from_slice(MAGIC_2009);
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&PRODUCT);
    out.extend_from_slice(&[0, 0, 0]); // capture equipment: not certified, not reported
    out.push(views.len() as u8);
    out.push(0);
    // The standard wants the views of one finger together, its readers insist.
    let mut sorted: Vec<(&View, u8)> = views.iter().zip(numbers(views)).collect();
    let first = |view: &View| views.iter().position(|v| v.position == view.position);
    sorted.sort_by_key(|(view, number)| (first(view), *number));
    for (view, number) in sorted {
        let frame = Frame::of(&view.template);
        out.push(view.position.code());
        out.push(number);
        out.push(view.impression.code_ansi2009());
        out.push(to_254(view.template.quality));
        out.extend_from_slice(&QUALITY_BY);
        for field in [frame.width, frame.height, frame.per_cm.0, frame.per_cm.1] {
            out.extend_from_slice(&field.to_be_bytes());
        }
        STYLE_2009.write(&view.template, &frame, &mut out);
    }
    let length = out.len() as u32;
    out[8..12].copy_from_slice(&length.to_be_bytes());
    out
}

pub(super) fn read_2009(all: &[u8]) -> Result<Vec<View>, RecordError> {
    if !all.starts_with(MAGIC_2009) && !all.starts_with(MAGIC_2009_AMENDED) {
        let expected = TemplateFormat::Ansi2009;
        return Err(RecordError::NotARecord { expected });
    }
    let mut input = Bytes::new(all);
    input.take(MAGIC_2009.len(), "header")?;
    bytes::length(input.be32("header")?, all)?;
    input.take(PRODUCT.len() + 3, "header")?;
    let count = input.take(2, "header")?[0];
    (0..usize::from(count))
        .map(|view| view_2009(&mut input, view))
        .collect()
}

fn view_2009(input: &mut Bytes<'_>, view: usize) -> Result<View, RecordError> {
    let at = input.at();
    let head = input.take(8, "view header")?;
    let position = position(head[0], view, at)?;
    let size = (input.be16("view header")?, input.be16("view header")?);
    let at = input.at();
    let per_cm = (input.be16("view header")?, input.be16("view header")?);
    let frame = Frame::new(size, per_cm, at)?;
    let count = input.byte("view header")?;
    let minutiae = STYLE_2009.read(input, count, &frame, view)?;
    input.skip_extended()?;
    let (width, height) = frame.at_500();
    Ok(View {
        position,
        impression: Impression::from_ansi2009(head[2]),
        template: Template {
            width,
            height,
            quality: from_254(head[3]),
            minutiae,
        },
        foreground: None,
    })
}
