//! The first directory of a TIFF, read before its decoder reads it (TIFF 6.0, section 2).

use super::resolution::{be32, le32};

/// One field of twelve bytes.
struct Field {
    tag: u16,
    kind: u16,
    /// Values, not bytes.
    count: u32,
    /// Where the last four bytes begin: the value itself, or its offset.
    at: usize,
}

struct Directory<'a> {
    bytes: &'a [u8],
    little: bool,
}

impl<'a> Directory<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        Directory {
            bytes,
            little: bytes.first() == Some(&b'I'),
        }
    }

    fn word(&self, at: usize) -> Option<u32> {
        if self.little {
            le32(self.bytes, at)
        } else {
            be32(self.bytes, at)
        }
    }

    fn half(&self, at: usize) -> Option<u16> {
        let two = self.bytes.get(at..at.checked_add(2)?)?;
        let raw = [two[0], two[1]];
        Some(if self.little {
            u16::from_le_bytes(raw)
        } else {
            u16::from_be_bytes(raw)
        })
    }

    /// The fields that the file really holds, in order.
    fn fields(&self) -> impl Iterator<Item = Field> + '_ {
        let start = self.word(4).map(|at| at as usize);
        let count = start.and_then(|start| self.half(start)).unwrap_or(0);
        (0..usize::from(count)).map_while(move |entry| {
            let at = start?.checked_add(2 + 12 * entry)?;
            Some(Field {
                tag: self.half(at)?,
                kind: self.half(at + 2)?,
                count: self.word(at + 4)?,
                at: at + 8,
            })
        })
    }
}

/// Dots per inch by the fields XResolution and ResolutionUnit.
pub(super) fn dpi(bytes: &[u8]) -> Option<u32> {
    let directory = Directory::of(bytes);
    let (mut per_unit, mut unit) = (None, 2u16);
    for field in directory.fields() {
        match field.tag {
            282 => {
                let offset = directory.word(field.at)? as usize;
                let top = directory.word(offset)?;
                let bottom = directory.word(offset.checked_add(4)?)?;
                per_unit = (bottom != 0).then(|| f64::from(top) / f64::from(bottom));
            }
            296 => unit = directory.half(field.at)?,
            _ => {}
        }
    }
    let per_unit = per_unit?;
    match unit {
        2 => Some(per_unit.round() as u32),
        3 => Some((per_unit * 2.54).round() as u32),
        _ => None,
    }
}

/// Whether no field claims more bytes of values than the whole file has.
pub(super) fn fields_are_within(bytes: &[u8]) -> bool {
    Directory::of(bytes).fields().all(|field| {
        let size: u64 = match field.kind {
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 | 16 | 17 | 18 => 8,
            _ => 1,
        };
        u64::from(field.count) * size <= bytes.len() as u64
    })
}
