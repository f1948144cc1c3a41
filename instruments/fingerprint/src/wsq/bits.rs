//! Bits within coded data: a byte FF is followed by a stuffed 00, anything else is a marker.

/// Reads bits, the highest of a byte first, up to the next marker.
#[derive(Debug, Clone)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
    current: u32,
    left: u32,
}

impl<'a> BitReader<'a> {
    pub fn new(bytes: &'a [u8], at: usize) -> BitReader<'a> {
        BitReader {
            bytes,
            at,
            current: 0,
            left: 0,
        }
    }

    /// The next bit; `None` at a marker and at the end of the file.
    #[inline]
    pub fn bit(&mut self) -> Option<u32> {
        if self.left == 0 {
            self.refill()?;
        }
        self.left -= 1;
        Some(self.current >> self.left & 1)
    }

    fn refill(&mut self) -> Option<()> {
        let mut byte = *self.bytes.get(self.at)?;
        while byte == 0xFF {
            match *self.bytes.get(self.at + 1)? {
                0 => break,
                // A restart marker: the data goes on at a whole byte.
                0xB0..=0xB7 => {
                    self.at += 2;
                    byte = *self.bytes.get(self.at)?;
                }
                _ => return None,
            }
        }
        self.at += if byte == 0xFF { 2 } else { 1 };
        self.current = u32::from(byte);
        self.left = 8;
        Some(())
    }
}

/// Writes bits, the highest first.
#[derive(Debug, Default)]
pub(super) struct BitWriter {
    pub bytes: Vec<u8>,
    pending: u64,
    count: u32,
}

impl BitWriter {
    /// The lowest `count` (0 to 16) bits of `value`.
    pub fn put(&mut self, value: u32, count: u32) {
        self.pending = self.pending << count | u64::from(value);
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            self.byte((self.pending >> self.count) as u8);
        }
        self.pending &= (1 << self.count) - 1;
    }

    fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
        if byte == 0xFF {
            self.bytes.push(0);
        }
    }

    /// Fills the last byte with ones, which are no word of any code.
    pub fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            let fill = 8 - self.count;
            self.put((1 << fill) - 1, fill);
        }
        self.bytes
    }
}
