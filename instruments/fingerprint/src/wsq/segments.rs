//! The segments of a file in front of its coded data.

use std::rc::Rc;

use super::huffman::{Code, Reader};
use super::quantise::{Bins, Scaled};
use super::wavelet::{Filters, TAPS_MAX};

pub(super) const SOI: u8 = 0xA0;
pub(super) const EOI: u8 = 0xA1;
pub(super) const SOF: u8 = 0xA2;
pub(super) const SOB: u8 = 0xA3;
pub(super) const DTT: u8 = 0xA4;
pub(super) const DQT: u8 = 0xA5;
pub(super) const DHT: u8 = 0xA6;
pub(super) const DRT: u8 = 0xA7;
pub(super) const COM: u8 = 0xA8;

/// Huffman tables that may be defined at a time.
const TABLES: usize = 8;

/// Smaller taps change no pixel; taken for 0, they cannot lead to the slow numbers near 0.
const TAP_MIN: f32 = 1e-6;

/// What the frame header says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub width: u32,
    pub height: u32,
    pub shift: f32,
    pub scale: f32,
}

/// How coefficients were made whole numbers.
#[derive(Debug, Clone)]
pub(super) struct Quantisation {
    pub centre: f32,
    pub bins: [Bins; 64],
}

/// What the segments so far have said.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub filters: Option<Filters>,
    pub quantisation: Option<Quantisation>,
    pub frame: Option<Frame>,
    pub huffman: [Option<Rc<Reader>>; TABLES],
    /// Pixels per inch from a NIST comment.
    pub dpi: Option<u32>,
}

/// What the caller does next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Coded data by the table of this number.
    Block { table: usize },
    /// The image is at its end.
    End,
}

/// Walks from marker to marker.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    pub bytes: &'a [u8],
    pub at: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], &'static str> {
        let end = self.at.checked_add(count).ok_or("cut short")?;
        let taken = self.bytes.get(self.at..end).ok_or("cut short")?;
        self.at = end;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, &'static str> {
        Ok(self.take(1)?[0])
    }

    fn half(&mut self) -> Result<u16, &'static str> {
        let two = self.take(2)?;
        Ok(u16::from_be_bytes([two[0], two[1]]))
    }

    fn word(&mut self) -> Result<u32, &'static str> {
        Ok(u32::from(self.half()?) << 16 | u32::from(self.half()?))
    }

    /// A power of ten, then 16 bits.
    fn scaled(&mut self) -> Result<f32, &'static str> {
        let (power, digits) = (self.byte()?, u32::from(self.half()?));
        Ok(Scaled { digits, power }.value())
    }

    pub fn marker(&mut self) -> Result<u8, &'static str> {
        if self.byte()? != 0xFF {
            return Err("no marker where one must be");
        }
        self.byte()
    }

    /// The body of a segment.
    fn segment(&mut self) -> Result<Cursor<'a>, &'static str> {
        let length = usize::from(self.half()?);
        let bytes = self.take(length.checked_sub(2).ok_or("segment without a length")?)?;
        Ok(Cursor { bytes, at: 0 })
    }

    fn done(&self) -> bool {
        self.at >= self.bytes.len()
    }
}

impl Tables {
    /// Reads segments up to the frame header, which is the last thing read.
    pub fn read_to_frame(&mut self, cursor: &mut Cursor<'_>) -> Result<Frame, &'static str> {
        loop {
            match self.read_one(cursor)? {
                Some(_) => return Err("no frame header before the data"),
                None => {
                    if let Some(frame) = self.frame {
                        return Ok(frame);
                    }
                }
            }
        }
    }

    /// Reads segments up to the next block's data or the end.
    pub fn read_to_block(&mut self, cursor: &mut Cursor<'_>) -> Result<Next, &'static str> {
        loop {
            if let Some(next) = self.read_one(cursor)? {
                return Ok(next);
            }
        }
    }

    fn read_one(&mut self, cursor: &mut Cursor<'_>) -> Result<Option<Next>, &'static str> {
        let marker = cursor.marker()?;
        if marker == EOI {
            return Ok(Some(Next::End));
        }
        let mut body = cursor.segment()?;
        match marker {
            SOB => {
                let table = usize::from(body.byte()?);
                return Ok(Some(Next::Block { table }));
            }
            SOF => self.frame = Some(frame(&mut body)?),
            DTT => self.filters = Some(filters(&mut body)?),
            DQT => self.quantisation = Some(quantisation(&mut body)?),
            DHT => self.huffman(&mut body)?,
            COM => self.dpi = comment_dpi(body.bytes).or(self.dpi),
            // The interval says nothing that the restart markers do not.
            DRT => {}
            _ => return Err("unknown marker"),
        }
        Ok(None)
    }

    fn huffman(&mut self, body: &mut Cursor<'_>) -> Result<(), &'static str> {
        while !body.done() {
            let number = usize::from(body.byte()?);
            let mut lengths = [0u8; 16];
            lengths.copy_from_slice(body.take(16)?);
            let count = lengths.iter().map(|&n| usize::from(n)).sum();
            let symbols = body.take(count)?.to_vec();
            let slot = self
                .huffman
                .get_mut(number)
                .ok_or("Huffman table number over 7")?;
            let code = Code { lengths, symbols };
            let reader = Reader::new(&code).ok_or("Huffman table with too many words")?;
            *slot = Some(Rc::new(reader));
        }
        Ok(())
    }
}

fn frame(body: &mut Cursor<'_>) -> Result<Frame, &'static str> {
    let _black_and_white = body.half()?;
    let (height, width) = (u32::from(body.half()?), u32::from(body.half()?));
    Ok(Frame {
        width,
        height,
        shift: body.scaled()?,
        scale: body.scaled()?,
    })
}

fn quantisation(body: &mut Cursor<'_>) -> Result<Quantisation, &'static str> {
    let centre = body.scaled()?;
    let mut bins = [Bins::default(); 64];
    for bin in &mut bins {
        *bin = Bins {
            width: body.scaled()?,
            zero: body.scaled()?,
        };
    }
    Ok(Quantisation { centre, bins })
}

/// The analysis filters: lengths of low and high, then the right half of each from the centre on.
fn filters(body: &mut Cursor<'_>) -> Result<Filters, &'static str> {
    let (low, high) = (usize::from(body.byte()?), usize::from(body.byte()?));
    if low % 2 != high % 2 {
        return Err("filters of odd and even length together");
    }
    if !(1..=TAPS_MAX).contains(&low) || !(1..=TAPS_MAX).contains(&high) {
        return Err("filters without or with too many taps");
    }
    Ok(Filters {
        low: filter(body, low, 1.0)?,
        high: filter(body, high, -1.0)?,
    })
}

fn filter(body: &mut Cursor<'_>, length: usize, even_sign: f32) -> Result<Vec<f32>, &'static str> {
    let mut filter = vec![0.0; length];
    for at in length / 2..length {
        let negative = body.byte()? != 0;
        let (power, digits) = (body.byte()?, body.word()?);
        let size = Scaled { digits, power }.value();
        let tap = match size {
            _ if size < TAP_MIN => 0.0,
            _ if negative => -size,
            _ => size,
        };
        let sign = if length.is_multiple_of(2) {
            even_sign
        } else {
            1.0
        };
        filter[length - 1 - at] = sign * tap;
        filter[at] = tap;
    }
    Ok(filter)
}

/// The resolution of a NIST comment: lines of a name and a value, `PPI 500` among them.
fn comment_dpi(text: &[u8]) -> Option<u32> {
    if !text.starts_with(b"NIST_COM") {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix("PPI "))?;
    value.trim().parse().ok()
}
