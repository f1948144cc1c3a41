//! CSV written in parallel and in order: rows are made in blocks on all threads, blocks land in turn.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use rayon::prelude::*;

/// Items of one block, and blocks in flight.
const BLOCK: usize = 4096;
const FLIGHT: usize = 32;

/// A line under way.
pub(crate) struct Line<'a> {
    bytes: &'a mut Vec<u8>,
    first: bool,
    rows: &'a mut u64,
}

impl Line<'_> {
    /// Adds a field, quoted when it must be.
    pub(crate) fn put(&mut self, text: &str) -> &mut Self {
        if !self.first {
            self.bytes.push(b',');
        }
        self.first = false;
        if text
            .bytes()
            .any(|b| matches!(b, b',' | b'"' | b'\n' | b'\r'))
        {
            self.bytes.push(b'"');
            for byte in text.bytes() {
                if byte == b'"' {
                    self.bytes.push(b'"');
                }
                self.bytes.push(byte);
            }
            self.bytes.push(b'"');
        } else {
            self.bytes.extend_from_slice(text.as_bytes());
        }
        self
    }

    /// Ends the row.
    pub(crate) fn end(&mut self) {
        self.bytes.push(b'\n');
        self.first = true;
        *self.rows += 1;
    }
}

/// Writes a table: `row` is called for every item and may put any number of rows. Returns the rows.
///
/// # Errors
/// Those of the file system.
pub(crate) fn write(
    path: &Path,
    header: &str,
    items: usize,
    row: impl Fn(usize, &mut Line<'_>) + Sync,
) -> std::io::Result<u64> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    file.write_all(header.as_bytes())?;
    file.write_all(b"\n")?;
    let mut rows = 0;
    let blocks = items.div_ceil(BLOCK);
    for flight in (0..blocks).step_by(FLIGHT) {
        let made: Vec<(Vec<u8>, u64)> = (flight..(flight + FLIGHT).min(blocks))
            .into_par_iter()
            .map(|block| {
                let (mut bytes, mut rows) = (Vec::with_capacity(BLOCK * 64), 0);
                for item in block * BLOCK..((block + 1) * BLOCK).min(items) {
                    row(
                        item,
                        &mut Line {
                            bytes: &mut bytes,
                            first: true,
                            rows: &mut rows,
                        },
                    );
                }
                (bytes, rows)
            })
            .collect();
        for (bytes, count) in made {
            file.write_all(&bytes)?;
            rows += count;
        }
    }
    file.flush()?;
    Ok(rows)
}
