//! A form with a file, as browsers send it (RFC 7578), read part by part: nothing of the file stands in memory.

/// Longest head of a part, bytes.
const HEAD_MAX: usize = 8 << 10;

/// Why the bytes are no such form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MultipartError {
    /// The content type names no boundary.
    #[error("the request is no form with a file")]
    NoBoundary,
    /// A part is not as the rule says.
    #[error("a part of the form cannot be read")]
    Broken,
    /// The bytes end within a part.
    #[error("the form ends within a part")]
    Truncated,
}

/// What was met in the bytes.
#[derive(Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A part begins.
    Begin {
        /// The field's name.
        field: &'a str,
        /// Whether it is a file.
        is_file: bool,
    },
    /// Bytes of the part.
    Data(&'a [u8]),
    /// The part ends.
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Preamble,
    AfterDelimiter,
    Head,
    Body,
    Done,
}

/// A form on its way in.
#[derive(Debug)]
pub struct Multipart {
    delimiter: Vec<u8>,
    held: Vec<u8>,
    state: State,
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let (first, rest) = wanted.split_first()?;
    let mut from = 0;
    while let Some(at) = bytes[from..].iter().position(|byte| byte == first) {
        let at = from + at;
        if bytes[at + 1..].starts_with(rest) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

/// A parameter of a header's value, `name="…"` or `name=…`.
fn parameter<'h>(header: &'h str, name: &str) -> Option<&'h str> {
    header.split(';').skip(1).find_map(|part| {
        let (key, value) = part.split_once('=')?;
        let value = value.trim();
        let value = value
            .strip_prefix('"')
            .and_then(|v| v.strip_suffix('"'))
            .unwrap_or(value);
        key.trim().eq_ignore_ascii_case(name).then_some(value)
    })
}

impl Multipart {
    /// Starts with the request's content type.
    ///
    /// # Errors
    /// [`MultipartError::NoBoundary`].
    pub fn of(content_type: &str) -> Result<Self, MultipartError> {
        let kind = content_type.split(';').next().unwrap_or("").trim();
        let boundary = parameter(content_type, "boundary").unwrap_or("");
        let is_one = kind.eq_ignore_ascii_case("multipart/form-data");
        if !is_one || boundary.is_empty() || boundary.len() > 70 {
            return Err(MultipartError::NoBoundary);
        }
        Ok(Self {
            delimiter: format!("\r\n--{boundary}").into_bytes(),
            // The first delimiter stands at the start, where no line end is before it.
            held: b"\r\n".to_vec(),
            state: State::Preamble,
        })
    }

    /// Takes the next bytes and hands over what is in them.
    ///
    /// # Errors
    /// [`MultipartError`], or what `take` returns.
    pub fn push<E: From<MultipartError>>(
        &mut self,
        bytes: &[u8],
        take: &mut dyn FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.held.extend_from_slice(bytes);
        loop {
            match self.state {
                State::Preamble | State::Body => {
                    let is_body = self.state == State::Body;
                    let found = find(&self.held, &self.delimiter);
                    // What may be the start of a delimiter waits for the bytes that follow.
                    let sure = found.unwrap_or_else(|| {
                        self.held.len().saturating_sub(self.delimiter.len() - 1)
                    });
                    if is_body && sure > 0 {
                        take(Event::Data(&self.held[..sure]))?;
                    }
                    if found.is_none() {
                        self.held.drain(..sure);
                        return Ok(());
                    }
                    if is_body {
                        take(Event::End)?;
                    }
                    self.held.drain(..sure + self.delimiter.len());
                    self.state = State::AfterDelimiter;
                }
                State::AfterDelimiter if self.held.len() < 2 => return Ok(()),
                State::AfterDelimiter => {
                    self.state = match &self.held[..2] {
                        b"--" => State::Done,
                        b"\r\n" => State::Head,
                        _ => return Err(MultipartError::Broken.into()),
                    };
                    self.held.drain(..2);
                }
                State::Head => match find(&self.held, b"\r\n\r\n") {
                    Some(end) => {
                        let head = self.held[..end].to_vec();
                        self.held.drain(..end + 4);
                        begin(&head, take)?;
                        self.state = State::Body;
                    }
                    None if self.held.len() > HEAD_MAX => {
                        return Err(MultipartError::Broken.into());
                    }
                    None => return Ok(()),
                },
                State::Done => {
                    self.held.clear();
                    return Ok(());
                }
            }
        }
    }

    /// Checks that the form came to its end.
    ///
    /// # Errors
    /// [`MultipartError::Truncated`].
    pub fn finish(&self) -> Result<(), MultipartError> {
        if self.state == State::Done {
            Ok(())
        } else {
            Err(MultipartError::Truncated)
        }
    }
}

fn begin<E: From<MultipartError>>(
    head: &[u8],
    take: &mut dyn FnMut(Event<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let head = std::str::from_utf8(head).map_err(|_| MultipartError::Broken)?;
    let disposition = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-disposition")
            .then_some(value)
    });
    let disposition = disposition.ok_or(MultipartError::Broken)?;
    let field = parameter(disposition, "name").ok_or(MultipartError::Broken)?;
    take(Event::Begin {
        field,
        is_file: parameter(disposition, "filename").is_some(),
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    use super::*;

    const FORM: &str = "--xy\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n--xy\r\n\
        content-disposition: form-data; name=\"list\"; filename=\"a;b.csv\"\r\nContent-Type: text/csv\r\n\r\n\
        row\r\n--x\r\nend\r\n--xy--\r\n";

    fn read(form: &[u8], part: usize) -> Result<String, MultipartError> {
        let mut parser = Multipart::of("multipart/form-data; boundary=xy")?;
        let mut said = String::new();
        for bytes in form.chunks(part) {
            parser.push(bytes, &mut |event| {
                match event {
                    Event::Begin { field, is_file } => {
                        said.push_str(&format!("<{field} {is_file}>"));
                    }
                    Event::Data(bytes) => said.push_str(std::str::from_utf8(bytes).unwrap()),
                    Event::End => said.push_str("</>"),
                }
                Ok::<_, MultipartError>(())
            })?;
        }
        parser.finish().map(|()| said)
    }

    #[test]
    fn a_form_is_read_the_same_however_its_bytes_are_cut() {
        let whole = "<note false>hello</><list true>row\r\n--x\r\nend</>";
        for part in 1..=FORM.len() {
            assert_eq!(
                read(FORM.as_bytes(), part).as_deref(),
                Ok(whole),
                "parts of {part}"
            );
        }
    }

    #[test]
    fn what_is_no_form_or_ends_too_early_is_refused() {
        for cut in 0..FORM.len() - 4 {
            let got = read(&FORM.as_bytes()[..cut], 7);
            assert!(got.is_err(), "{cut}: {got:?}");
        }
        let other = Multipart::of("application/x-www-form-urlencoded");
        assert_eq!(other.err(), Some(MultipartError::NoBoundary));
        let broken = "--xy\r\nContent-Type: text/csv\r\n\r\nrow\r\n--xy--";
        assert_eq!(read(broken.as_bytes(), 9), Err(MultipartError::Broken));
        let endless = format!("--xy\r\n{}", "a".repeat(HEAD_MAX + 10));
        assert_eq!(read(endless.as_bytes(), 99), Err(MultipartError::Broken));
    }
}
