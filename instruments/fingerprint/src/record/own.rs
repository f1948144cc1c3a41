//! Our own compact form: a view in less than 600 bytes with its reliabilities and its foreground.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `TZT` and a zero |
//! | 1 | version, 1 |
//! | 1 | views, 1 to 255 |
//! | … | the views |
//! | 4 | CRC-32 (ISO 3309) of everything before |
//!
//! A view: finger 1, impression 1, quality 1, dots per inch 2 (always 500 in this version), width 2,
//! height 2, side of a foreground cell 1 (0: no foreground), rows of cells 1, for each row its first cell
//! and the one behind its last, minutiae 1, and the minutiae as a stream of bits, the highest first, filled
//! up with zeros to a whole byte. A minutia: x and y in as many bits as width and height need, angle 8, kind
//! 2, reliability 7. Places are those of [`Template`]: nothing is moved or rounded.

use super::bytes::Bytes;
use super::iso2005::position;
use super::minutiae::{Frame, code_of_kind, kind_of_code};
use super::{Foreground, Impression, RecordError, TemplateFormat, View};
use crate::template::{MINUTIAE_MAX, Minutia, Template};

pub(super) const MAGIC: &[u8] = b"TZT\0";
const VERSION: u8 = 1;
const DPI: u16 = 500;
const CHECKSUM: usize = 4;

pub(super) fn write(views: &[View]) -> Vec<u8> {
    let mut out = Vec::with_capacity(16 + views.len() * 600);
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&[VERSION, views.len() as u8]);
    for view in views {
        write_view(view, &mut out);
    }
    let sum = crc32(&out);
    out.extend_from_slice(&sum.to_be_bytes());
    out
}

fn write_view(view: &View, out: &mut Vec<u8>) {
    let frame = Frame::of(&view.template);
    out.push(view.position.code());
    out.push(view.impression.code());
    out.push(view.template.quality.min(100));
    for field in [DPI, frame.width, frame.height] {
        out.extend_from_slice(&field.to_be_bytes());
    }
    match &view.foreground {
        None => out.extend_from_slice(&[0, 0]),
        Some(foreground) => {
            let rows = &foreground.rows()[..foreground.rows().len().min(255)];
            out.extend_from_slice(&[foreground.cell_px(), rows.len() as u8]);
            rows.iter().for_each(|&(from, to)| out.extend([from, to]));
        }
    }
    let minutiae = &view.template.minutiae[..view.template.minutiae.len().min(MINUTIAE_MAX)];
    out.push(minutiae.len() as u8);
    let (mut held, mut count) = (0u64, 0u32);
    for m in minutiae {
        let fields = fields(&frame).into_iter().zip([
            m.x,
            m.y,
            u16::from(m.angle),
            u16::from(code_of_kind(m.kind)),
            u16::from(m.quality.min(100)),
        ]);
        for (bits, value) in fields {
            held = (held << bits) | u64::from(value);
            count += bits;
            while count >= 8 {
                count -= 8;
                out.push((held >> count) as u8);
            }
        }
    }
    if count > 0 {
        out.push((held << (8 - count)) as u8);
    }
}

/// Bits of x, y, angle, kind and reliability.
fn fields(frame: &Frame) -> [u32; 5] {
    let bits = |most: u16| (u16::BITS - most.leading_zeros()).max(1);
    [bits(frame.width), bits(frame.height), 8, 2, 7]
}

pub(super) fn read(all: &[u8]) -> Result<Vec<View>, RecordError> {
    if !all.starts_with(MAGIC) {
        let expected = TemplateFormat::Own;
        return Err(RecordError::NotARecord { expected });
    }
    let mut input = Bytes::new(all);
    input.take(MAGIC.len(), "header")?;
    let found = input.byte("version")?;
    if found != VERSION {
        let known = VERSION;
        return Err(RecordError::UnknownVersion { found, known });
    }
    let Some(summed) = all.len().checked_sub(CHECKSUM) else {
        return Err(RecordError::Checksum);
    };
    let sum = [
        all[summed],
        all[summed + 1],
        all[summed + 2],
        all[summed + 3],
    ];
    if crc32(&all[..summed]) != u32::from_be_bytes(sum) {
        return Err(RecordError::Checksum);
    }
    let mut input = Bytes::new(&all[..summed]);
    let count = input.take(MAGIC.len() + 2, "header")?[MAGIC.len() + 1];
    let views = (0..usize::from(count))
        .map(|view| read_view(&mut input, view))
        .collect::<Result<Vec<View>, RecordError>>()?;
    if input.at() != summed {
        return Err(RecordError::Field {
            field: "end",
            view: views.len(),
            at: input.at(),
        });
    }
    Ok(views)
}

fn read_view(input: &mut Bytes<'_>, view: usize) -> Result<View, RecordError> {
    let start = input.at();
    let invalid = |field, at| RecordError::Field { field, view, at };
    let head = input.take(3, "view header")?;
    let position = position(head[0], view, start)?;
    let (impression, quality) = (Impression::from_code(head[1]), head[2]);
    if quality > 100 {
        return Err(invalid("quality", start + 2));
    }
    if input.be16("view header")? != DPI {
        return Err(invalid("resolution", start + 3));
    }
    let (width, height) = (input.be16("view header")?, input.be16("view header")?);
    let at = input.at();
    let (cell_px, rows) = (input.byte("foreground")?, input.byte("foreground")?);
    let runs = input.take(2 * usize::from(rows), "foreground")?;
    let rows: Vec<(u8, u8)> = runs.chunks_exact(2).map(|run| (run[0], run[1])).collect();
    let foreground = match (cell_px, rows.len()) {
        (0, 0) => None,
        _ => Some(Foreground::from_rows(cell_px, rows).ok_or(invalid("foreground", at))?),
    };
    let frame = Frame {
        width,
        height,
        per_cm: (197, 197),
    };
    Ok(View {
        position,
        impression,
        template: Template {
            width,
            height,
            quality,
            minutiae: read_minutiae(input, view, &frame)?,
        },
        foreground,
    })
}

fn read_minutiae(
    input: &mut Bytes<'_>,
    view: usize,
    frame: &Frame,
) -> Result<Vec<Minutia>, RecordError> {
    let count = usize::from(input.byte("minutiae")?);
    let fields = fields(frame);
    let bits = fields.iter().sum::<u32>() as usize;
    let start = input.at();
    let mut stream = input.take((count * bits).div_ceil(8), "minutiae")?.iter();
    let (mut held, mut left) = (0u64, 0u32);
    let mut minutiae = Vec::with_capacity(count);
    for index in 0..count {
        let values = fields.map(|bits| {
            while left < bits {
                // INVARIANT (the stream was taken whole): it holds every bit asked for.
                held = (held << 8) | u64::from(stream.next().copied().unwrap_or(0));
                left += 8;
            }
            left -= bits;
            ((held >> left) & ((1 << bits) - 1)) as u16
        });
        let at = start + index * bits / 8;
        let [x, y, angle, kind, quality] = values;
        if x > frame.width || y > frame.height {
            return Err(RecordError::OutsideImage { view, index, at });
        }
        if quality > 100 || kind == 3 {
            let field = if kind == 3 { "kind" } else { "reliability" };
            return Err(RecordError::Field { field, view, at });
        }
        minutiae.push(Minutia {
            x,
            y,
            angle: angle as u8,
            kind: kind_of_code(kind as u8),
            quality: quality as u8,
        });
    }
    Ok(minutiae)
}

/// CRC-32 of ISO 3309, as in PNG.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        CRC[((sum ^ u32::from(*byte)) & 0xFF) as usize] ^ (sum >> 8)
    })
}

/// The remainder of each byte.
const CRC: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut sum, mut bit) = (byte as u32, 0);
        while bit < 8 {
            sum = if sum & 1 == 1 {
                (sum >> 1) ^ 0xEDB8_8320
            } else {
                sum >> 1
            };
            bit += 1;
        }
        table[byte] = sum;
        byte += 1;
    }
    table
};
