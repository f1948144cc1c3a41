//! ISO/IEC 19794-2:2011, record format (format version `030`).
//!
//! Layout: a header of 15 bytes; each view behind its own length, with time, device, records of quality
//! and of certificates, its frame, a byte that says how long minutiae are and where ridge endings
//! lie, the minutiae and extended data. Source: ISO/IEC 19794-1:2011, 12; ISO/IEC 19794-2:2011, 8.

use super::bytes::{self, Bytes};
use super::iso2005::position;
use super::minutiae::{AngleUnit, EndingAt, Frame, Reliability, Style, from_254};
use super::view::numbers;
use super::{Impression, RecordError, TemplateFormat, View};
use crate::template::Template;

const MAGIC: &[u8] = b"FMR\x00030\0";
const HEADER: usize = 15;
/// A view without records of quality and certificates and without minutiae.
const VIEW_MIN: u32 = 34;

/// The bytes of a minutia stand in the upper half of one byte; in the lower 1 says that ridge endings
/// lie at the tip of the ridge.
const SIX_BYTES_AT_TIP: u8 = 0x61;

const STYLE: Style = Style {
    angle: AngleUnit::Step,
    reliability: Reliability::From254,
    ending_at: EndingAt::RidgeTip,
};

/// Whether the lengths of the views add up to the length in the header, as they do not in ANSI 2009.
///
/// Cost: one step a view, of which there are at most one for 34 bytes.
pub(super) fn adds_up(all: &[u8]) -> bool {
    let sum = || -> Result<bool, RecordError> {
        let mut input = Bytes::new(all);
        input.take(MAGIC.len(), "header")?;
        let stated = u64::from(input.be32("header")?);
        let count = input.be16("header")?;
        input.take(1, "header")?;
        let mut sum = HEADER as u64;
        for _ in 0..count {
            let length = input.be32("view length")?;
            if length < VIEW_MIN {
                return Ok(false);
            }
            input.take(length as usize - 4, "view")?;
            sum += u64::from(length);
        }
        Ok(sum == stated)
    };
    sum().unwrap_or(false)
}

pub(super) fn write(views: &[View]) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER + views.len() * 640);
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&(views.len() as u16).to_be_bytes());
    out.push(0); // no certificates
    for (view, number) in views.iter().zip(numbers(views)) {
        let start = out.len();
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&[0xFF; 9]); // time: not reported, it is not ours to know
        out.extend_from_slice(&[0; 5]); // device: technology, vendor and identifier not reported
        match view.template.quality.min(100) {
            0 => out.push(0),
            quality => out.extend_from_slice(&[1, quality, 0, 0, 0, 0]),
        }
        let frame = Frame::of(&view.template);
        out.push(view.position.code());
        out.push(number);
        for field in [frame.per_cm.0, frame.per_cm.1] {
            out.extend_from_slice(&field.to_be_bytes());
        }
        out.push(view.impression.code());
        for field in [frame.width, frame.height] {
            out.extend_from_slice(&field.to_be_bytes());
        }
        out.push(SIX_BYTES_AT_TIP);
        STYLE.write(&view.template, &frame, &mut out);
        let length = (out.len() - start) as u32;
        out[start..start + 4].copy_from_slice(&length.to_be_bytes());
    }
    let length = out.len() as u32;
    out[8..12].copy_from_slice(&length.to_be_bytes());
    out
}

pub(super) fn read(all: &[u8]) -> Result<Vec<View>, RecordError> {
    if !all.starts_with(MAGIC) {
        let expected = TemplateFormat::Iso2011;
        return Err(RecordError::NotARecord { expected });
    }
    let mut input = Bytes::new(all);
    input.take(MAGIC.len(), "header")?;
    bytes::length(input.be32("header")?, all)?;
    let count = input.be16("header")?;
    let certificates = input.byte("header")? != 0;
    (0..usize::from(count))
        .map(|view| {
            let length = input.be32("view length")?.max(4);
            let mut part = input.part(length as usize - 4, "view")?;
            read_view(&mut part, view, certificates)
        })
        .collect()
}

fn read_view(input: &mut Bytes<'_>, view: usize, certificates: bool) -> Result<View, RecordError> {
    input.take(9 + 5, "capture time and device")?;
    let qualities = usize::from(input.byte("number of qualities")?);
    let records = input.take(5 * qualities, "quality records")?;
    // The first that is a measure; 255 says that measuring failed.
    let measured = records.chunks_exact(5).map(|record| record[0]);
    let quality = measured.filter(|q| *q <= 100).map(from_254).next();
    if certificates {
        let count = usize::from(input.byte("number of certificates")?);
        input.take(3 * count, "certificates")?;
    }
    let at = input.at();
    let head = input.take(2, "view header")?;
    let position = position(head[0], view, at)?;
    let at = input.at();
    let per_cm = (input.be16("view header")?, input.be16("view header")?);
    let impression = Impression::from_code(input.byte("view header")?);
    let size = (input.be16("view header")?, input.be16("view header")?);
    let frame = Frame::new(size, per_cm, at)?;
    let at = input.at();
    let head = input.take(2, "view header")?;
    let style = Style {
        reliability: match head[0] >> 4 {
            5 => Reliability::Absent,
            6 => Reliability::From254,
            size => return Err(RecordError::MinutiaSize { size, view, at }),
        },
        ending_at: match head[0] & 15 {
            1 => EndingAt::RidgeTip,
            _ => EndingAt::ValleyFork,
        },
        ..STYLE
    };
    let minutiae = style.read(input, head[1], &frame, view)?;
    input.skip_extended()?;
    let (width, height) = frame.at_500();
    Ok(View {
        position,
        impression,
        template: Template {
            width,
            height,
            quality: quality.unwrap_or(0),
            minutiae,
        },
        foreground: None,
    })
}
