//! A cursor over foreign bytes that knows where it is.

use super::RecordError;

/// What is left of the bytes, and how many came before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bytes<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Bytes<'a> {
    pub fn new(all: &'a [u8]) -> Bytes<'a> {
        Bytes { rest: all, at: 0 }
    }

    /// The place of the next byte in the whole.
    pub fn at(&self) -> usize {
        self.at
    }

    pub fn take(&mut self, count: usize, field: &'static str) -> Result<&'a [u8], RecordError> {
        if self.rest.len() < count {
            return Err(RecordError::CutShort {
                field,
                at: self.at,
                needed: count,
                left: self.rest.len(),
            });
        }
        let (head, tail) = self.rest.split_at(count);
        self.rest = tail;
        self.at += count;
        Ok(head)
    }

    /// The next `count` bytes as a cursor of their own.
    pub fn part(&mut self, count: usize, field: &'static str) -> Result<Bytes<'a>, RecordError> {
        let at = self.at;
        let rest = self.take(count, field)?;
        Ok(Bytes { rest, at })
    }

    pub fn byte(&mut self, field: &'static str) -> Result<u8, RecordError> {
        self.take(1, field).map(|b| b[0])
    }

    pub fn be16(&mut self, field: &'static str) -> Result<u16, RecordError> {
        self.take(2, field)
            .map(|b| u16::from_be_bytes([b[0], b[1]]))
    }

    pub fn be32(&mut self, field: &'static str) -> Result<u32, RecordError> {
        let four = self.take(4, field)?;
        Ok(u32::from_be_bytes([four[0], four[1], four[2], four[3]]))
    }

    /// Skips a block behind its length of two bytes: ridge counts, cores, deltas, zones and
    /// whatever a vendor added.
    pub fn skip_extended(&mut self) -> Result<(), RecordError> {
        let length = self.be16("extended data length")?;
        self.take(usize::from(length), "extended data").map(|_| ())
    }
}

/// Refuses a stated length beyond the bytes. Fewer than there are is the habit of some writers.
pub(super) fn length(stated: u32, bytes: &[u8]) -> Result<(), RecordError> {
    if stated as usize > bytes.len() {
        let got = bytes.len();
        return Err(RecordError::Length { stated, got });
    }
    Ok(())
}
