//! On which line of a CSV file a record begins.

/// Lines of records in a file. The reader's own count stays one behind where lines end with a carriage return.
pub(crate) struct Lines<'a> {
    file: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    /// Before the first record of `file`, the bytes that the reader reads.
    pub(crate) fn new(file: &'a [u8]) -> Self {
        Self {
            file,
            at: 0,
            line: 1,
        }
    }

    /// The line on which a record begins, from 1; records come in order. Cost: each byte of the file once in all.
    pub(crate) fn of(&mut self, record: &csv::StringRecord) -> u64 {
        let from = record.position().map_or(0, csv::Position::byte);
        let from = usize::try_from(from).unwrap_or(self.file.len());
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        while self.at < self.file.len() && (self.at < from || is_end(&self.file[self.at])) {
            self.line += u64::from(self.file[self.at] == b'\n');
            self.at += 1;
        }
        self.line
    }
}
