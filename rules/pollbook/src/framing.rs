//! Readings of a document reader on a line: bytes as they come, put together.
//!
//! A reading ends when the line is quiet. How long it must be is the shell's to say by [`Framing::waits`]: shortly after a
//! line end, since a machine-readable zone is two or three lines, and longer where a reader ends nothing.

/// The longest reading, characters; longer ones are no document and no slip.
pub const READING_MAX: usize = 2_048;

/// Bytes of a line as they come, put together to readings. Knows no clock: quiet is told to it.
#[derive(Debug, Default)]
pub struct Framing {
    held: Vec<u8>,
    is_too_long: bool,
}

/// How long the line must be quiet for a reading to be over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waits {
    /// Nothing is held.
    ForAnything,
    /// The last sign was no line end.
    ForLine,
    /// The last sign was a line end: another line of the same document may follow.
    ForNext,
}

impl Framing {
    /// Takes bytes in; what is longer than [`READING_MAX`] is passed over up to the next quiet.
    pub fn push(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if self.held.len() >= READING_MAX {
                self.is_too_long = true;
                return;
            }
            // Leading line ends, and signs that some readers put before (STX) or behind (ETX, NUL), are no text.
            let is_line_end = matches!(byte, b'\r' | b'\n');
            let is_text = *byte >= b' ' || (is_line_end && !self.held.is_empty());
            if is_text {
                self.held.push(*byte);
            }
        }
    }

    /// What is waited for.
    #[must_use]
    pub fn waits(&self) -> Waits {
        match self.held.last() {
            None => Waits::ForAnything,
            Some(b'\r' | b'\n') => Waits::ForNext,
            Some(_) => Waits::ForLine,
        }
    }

    /// The line is quiet: the reading, its lines parted by `\n`; `None` when nothing was read, or what was is no text.
    pub fn quiet(&mut self) -> Option<String> {
        let held = std::mem::take(&mut self.held);
        if std::mem::take(&mut self.is_too_long) {
            return None;
        }
        let text = String::from_utf8(held).ok()?;
        let lines: Vec<&str> = text
            .split(['\r', '\n'])
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

#[cfg(test)]
mod tests;
