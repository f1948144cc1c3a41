//! A reader that no line can fill the memory of: what goes on beyond a limit is dropped to the end of its row.
//!
//! Quotes are followed as the CSV reader follows them, so that a row is cut as a row even when it holds line
//! ends, and the rows after it come through whole. A row that was cut is named by its line, and refused.

use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

/// The longest row that is read, bytes: a precinct's outline with 100,000 corners has room.
pub(crate) const ROW_MAX_BYTES: usize = 4 << 20;
/// Bytes taken from the file at a time.
const TAKEN: usize = 1 << 16;

/// Rows that were cut: the line at which the CSV reader sees each begin, and the line ends dropped from it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cuts(Arc<Mutex<Vec<(u64, u64)>>>);

impl Cuts {
    /// The line in the file of a row that the CSV reader sees at `line`, and whether the row was cut.
    pub(crate) fn place(&self, line: u64) -> (u64, bool) {
        let cuts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = cuts.iter().filter(|(at, _)| *at < line);
        let dropped: u64 = before.map(|(_, dropped)| dropped).sum();
        let is_cut = cuts.iter().any(|(at, _)| *at == line);
        (line + dropped, is_cut)
    }
}

/// Where in a row the next byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// At the beginning of a field: a quote opens it.
    Start,
    /// In a field without quotes.
    Bare,
    /// Between quotes.
    Quoted,
    /// Behind a quote that closed a field, or is the first of a doubled one.
    Closed,
}

/// The reader.
pub(crate) struct Bounded<R> {
    inner: R,
    delimiter: u8,
    row_max: usize,
    cuts: Cuts,
    taken: Box<[u8; TAKEN]>,
    next: usize,
    end: usize,
    at: At,
    /// Bytes of the row so far.
    length: usize,
    /// Line ends handed over so far.
    lines: u64,
    /// Line, from 1, at which the row begins as the CSV reader counts.
    begins: u64,
    /// The row is dropped; whether it was cut between quotes, and line ends dropped.
    dropping: Option<(bool, u64)>,
    /// What ends a cut row, waiting to be handed over.
    closing: Vec<u8>,
}

impl<R: Read> Bounded<R> {
    pub(crate) fn new(inner: R, delimiter: u8, row_max: usize) -> Self {
        Self {
            inner,
            delimiter,
            row_max,
            cuts: Cuts::default(),
            taken: Box::new([0; TAKEN]),
            next: 0,
            end: 0,
            at: At::Start,
            length: 0,
            lines: 0,
            begins: 1,
            dropping: None,
            closing: Vec::new(),
        }
    }

    /// Where the rows that are cut will be named.
    pub(crate) fn cuts(&self) -> Cuts {
        self.cuts.clone()
    }

    fn step(&mut self, byte: u8) {
        self.at = match (self.at, byte) {
            (At::Quoted, b'"') => At::Closed,
            (At::Quoted, _) | (At::Closed | At::Start, b'"') => At::Quoted,
            (At::Start | At::Bare | At::Closed, b'\n') => At::Start,
            (At::Start | At::Bare | At::Closed, byte) if byte == self.delimiter => At::Start,
            (At::Start | At::Bare | At::Closed, _) => At::Bare,
        };
    }

    /// Drops bytes of a cut row that stand in the buffer; a row's end leaves what closes it.
    fn drop_row(&mut self) {
        while self.next < self.end {
            let rest = &self.taken[self.next..self.end];
            // Between quotes only a quote or a line end matters, elsewhere a line end or a field's beginning.
            let plain = match self.at {
                At::Quoted | At::Bare => {
                    let delimiter = self.delimiter;
                    let matters = |byte: &u8| matches!(*byte, b'"' | b'\n') || *byte == delimiter;
                    rest.iter().position(matters).unwrap_or(rest.len())
                }
                At::Start | At::Closed => 0,
            };
            self.next += plain;
            let Some(byte) = rest.get(plain).copied() else {
                continue;
            };
            self.next += 1;
            self.step(byte);
            if byte == b'\n' {
                if self.at == At::Quoted {
                    if let Some((_, dropped)) = &mut self.dropping {
                        *dropped += 1;
                    }
                } else {
                    self.close();
                    return;
                }
            }
        }
    }

    /// Ends the cut row where it stands.
    fn close(&mut self) {
        if let Some((quoted, dropped)) = self.dropping.take() {
            let mut cuts = self.cuts.0.lock().unwrap_or_else(PoisonError::into_inner);
            cuts.push((self.begins, dropped));
            self.closing = if quoted {
                b"\n\"".to_vec()
            } else {
                b"\n".to_vec()
            };
        }
        self.at = At::Start;
        self.length = 0;
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let mut given = 0;
        while given < out.len() {
            if let Some(byte) = self.closing.pop() {
                out[given] = byte;
                given += 1;
                if byte == b'\n' {
                    self.lines += 1;
                    self.begins = self.lines + 1;
                }
                continue;
            }
            if self.next == self.end {
                if given > 0 {
                    break;
                }
                self.end = self.inner.read(&mut self.taken[..])?;
                self.next = 0;
                if self.end == 0 {
                    if self.dropping.is_none() {
                        break;
                    }
                    // The file ends within a row that was cut.
                    self.close();
                    continue;
                }
            }
            if self.dropping.is_some() {
                self.drop_row();
                continue;
            }
            let byte = self.taken[self.next];
            if self.length == self.row_max {
                self.dropping = Some((self.at == At::Quoted, 0));
                continue;
            }
            self.next += 1;
            self.step(byte);
            self.length += 1;
            out[given] = byte;
            given += 1;
            if byte == b'\n' {
                self.lines += 1;
                if self.at != At::Quoted {
                    self.length = 0;
                    self.begins = self.lines + 1;
                }
            }
        }
        Ok(given)
    }
}

#[cfg(test)]
mod tests;
