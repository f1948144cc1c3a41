//! Rows of a CSV file that may be broken anywhere: a bad row is told by its line, and the next one is read.
//!
//! A row is bounded in bytes and in lines, so neither a line without an end nor a quote that is never closed takes
//! the rest of the file with it or fills the memory.

use std::collections::VecDeque;
use std::io::{BufRead, Read as _, Result};
use std::ops::Range;

use super::rejects::Reason;

/// The longest row that is read, bytes.
pub const ROW_MAX_BYTES: usize = 1 << 20;
/// Most lines of one row: a field in quotes may hold line ends.
const ROW_MAX_LINES: usize = 64;

/// Reads rows one after the other.
pub struct Rows<R> {
    input: R,
    delimiter: u8,
    /// Lines read, counted from 1.
    line: u64,
    /// Lines looked at in vain while a quote was open, to be read again.
    again: VecDeque<Vec<u8>>,
    row: Vec<u8>,
    fields: Vec<Range<usize>>,
}

/// A row of the file.
pub enum Row<'r> {
    /// Its line and fields, quotes taken away.
    Good(u64, Fields<'r>),
    /// Its line and why it cannot be read.
    Bad(u64, Reason),
}

/// The fields of one row.
pub struct Fields<'r> {
    row: &'r [u8],
    fields: &'r [Range<usize>],
}

impl Fields<'_> {
    /// Number of fields.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// A field; empty beyond the end.
    pub fn get(&self, place: usize) -> &[u8] {
        self.fields
            .get(place)
            .map_or(b"", |range| &self.row[range.clone()])
    }
}

impl<R: BufRead> Rows<R> {
    /// Starts at the first line of `input`.
    pub fn new(input: R, delimiter: u8) -> Rows<R> {
        Rows {
            input,
            delimiter,
            line: 0,
            again: VecDeque::new(),
            row: Vec::new(),
            fields: Vec::new(),
        }
    }

    /// The next row, `None` at the end. Empty lines are passed over. `expected` is the number of fields, where known.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn next(&mut self, expected: Option<usize>) -> Result<Option<Row<'_>>> {
        loop {
            let Some(mut line) = self.read_line()? else {
                return Ok(None);
            };
            let start = self.line;
            if line.is_empty() {
                continue;
            }
            if line.len() > ROW_MAX_BYTES {
                return Ok(Some(Row::Bad(start, Reason::TooLong)));
            }
            let mut followed: Vec<Vec<u8>> = Vec::new();
            let mut open = is_open(&line);
            while open && followed.len() + 1 < ROW_MAX_LINES && line.len() <= ROW_MAX_BYTES {
                let Some(next) = self.read_line()? else { break };
                line.push(b'\n');
                line.extend_from_slice(&next);
                open ^= is_open(&next);
                followed.push(next);
            }
            self.row = line;
            let closed = !open && split(&mut self.row, self.delimiter, &mut self.fields);
            let found = self.fields.len();
            let reason = match expected {
                _ if !closed => Some(Reason::OpenQuote),
                Some(expected) if found != expected => Some(Reason::Fields { found, expected }),
                Some(_) | None => None,
            };
            if let Some(reason) = reason {
                // Only the first line is at fault; those it swallowed are rows of their own.
                self.line = start;
                for line in followed.into_iter().rev() {
                    self.again.push_front(line);
                }
                return Ok(Some(Row::Bad(start, reason)));
            }
            let fields = Fields {
                row: &self.row,
                fields: &self.fields,
            };
            return Ok(Some(Row::Good(start, fields)));
        }
    }

    /// The next line without its end; of one that is too long, a byte more than is allowed.
    fn read_line(&mut self) -> Result<Option<Vec<u8>>> {
        if let Some(line) = self.again.pop_front() {
            self.line += 1;
            return Ok(Some(line));
        }
        let mut line = Vec::new();
        let most = ROW_MAX_BYTES as u64 + 2;
        let read = self
            .input
            .by_ref()
            .take(most)
            .read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(None);
        }
        self.line += 1;
        if line.last() == Some(&b'\n') {
            line.pop();
        } else if line.len() > ROW_MAX_BYTES {
            self.skip_line()?;
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(Some(line))
    }

    /// Passes over the rest of a line without keeping it.
    fn skip_line(&mut self) -> Result<()> {
        loop {
            let bytes = self.input.fill_buf()?;
            if bytes.is_empty() {
                return Ok(());
            }
            let end = bytes.iter().position(|&byte| byte == b'\n');
            let used = end.map_or(bytes.len(), |end| end + 1);
            self.input.consume(used);
            if end.is_some() {
                return Ok(());
            }
        }
    }
}

/// Whether an odd number of quotes leaves a field open at the end of the line.
fn is_open(line: &[u8]) -> bool {
    line.iter().filter(|&&byte| byte == b'"').count() % 2 == 1
}

/// Finds the fields and takes quotes away in place; false when a quote is not closed.
fn split(row: &mut [u8], delimiter: u8, fields: &mut Vec<Range<usize>>) -> bool {
    fields.clear();
    let (mut at, mut to) = (0, 0);
    loop {
        let start = to;
        let is_quoted = row.get(at) == Some(&b'"');
        at += usize::from(is_quoted);
        let mut in_quotes = is_quoted;
        loop {
            match row.get(at) {
                None if in_quotes => return false,
                Some(b'"') if in_quotes && row.get(at + 1) == Some(&b'"') => at += 1,
                Some(b'"') if in_quotes => {
                    in_quotes = false;
                    at += 1;
                    continue;
                }
                None => break,
                Some(&byte) if byte == delimiter && !in_quotes => break,
                Some(_) => {}
            }
            row[to] = row[at];
            to += 1;
            at += 1;
        }
        fields.push(start..to);
        if at >= row.len() {
            return true;
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    use super::*;

    /// Rows as `line: field|field`, bad ones as `line! reason`.
    fn rows(text: &[u8]) -> Vec<String> {
        let mut rows = Rows::new(text, b',');
        let mut told = Vec::new();
        while let Some(row) = rows.next(Some(2)).unwrap() {
            told.push(match row {
                Row::Good(line, fields) => {
                    let text = |at| String::from_utf8_lossy(fields.get(at)).into_owned();
                    format!("{line}: {}|{}", text(0), text(1))
                }
                Row::Bad(line, reason) => format!("{line}! {reason}"),
            });
        }
        told
    }

    #[test]
    fn quotes_line_ends_and_empty_lines_are_read() {
        let told = rows(b"a,b\r\n\"c,\"\"d\"\"\",\n\n\"two\nlines\",x\n");
        assert_eq!(told, ["1: a|b", "2: c,\"d\"|", "4: two\nlines|x"]);
    }

    #[test]
    fn an_open_quote_costs_one_row() {
        let told = rows(b"a,\"b\nc,d\ne,f\n");
        assert_eq!(told, ["1! a quote is not closed", "2: c|d", "3: e|f"]);
        // The next quote closes it; what it swallowed is read again.
        let told = rows(b"a,\"b\nc,d\n\"e,f\ng,h\n");
        assert_eq!(told[1], "2: c|d");
        assert_eq!(told.last().unwrap(), "4: g|h");
    }

    #[test]
    fn a_huge_line_is_passed_over_without_being_kept() {
        let mut text = b"a,b\n".to_vec();
        text.extend(std::iter::repeat_n(b'x', 3 * ROW_MAX_BYTES));
        text.extend(b"\nc,d\n");
        let told = rows(&text);
        assert_eq!(
            told,
            ["1: a|b", "2! the row is longer than 1 MiB", "3: c|d"]
        );
    }

    #[test]
    fn rows_of_another_width_are_told() {
        assert_eq!(
            rows(b"a\nb,c\n"),
            ["1! the row has 1 fields, the header has 2", "2: b|c"]
        );
    }
}
