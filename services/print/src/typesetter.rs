//! Typst as a library: a template, one file of data, two fonts; nothing of the machine is in reach.

use lexicon::Instant;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::face::Faces;

/// Why a document was not set: an engineer mends the template.
///
/// The message quotes nothing of the document, because its texts are names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the template cannot be set: {}", .0.join("; "))]
pub struct TypesetError(Vec<String>);

/// What makes a document the same document on every machine.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// Names the document; its hash becomes the PDF's id.
    pub ident: String,
    /// The document's date.
    pub at: Instant,
    /// Local time minus UTC, minutes.
    pub offset_minutes: i64,
}

/// Sets documents by one template.
pub struct Typesetter {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: [Font; 2],
    main: Source,
    data: FileId,
}

impl std::fmt::Debug for Typesetter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Typesetter")
    }
}

fn file_id(path: &str) -> FileId {
    let path = VirtualPath::new(path).expect("the path is a constant of this room");
    RootedPath::new(VirtualRoot::Project, path).intern()
}

/// A template with its data file: the world that Typst sees.
struct Sheet<'a> {
    setter: &'a Typesetter,
    data: Bytes,
}

impl World for Sheet<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.setter.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.setter.book
    }

    fn main(&self) -> FileId {
        self.setter.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.setter.main.id() {
            Ok(self.setter.main.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.setter.data {
            Ok(self.data.clone())
        } else {
            Err(FileError::AccessDenied)
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.setter.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        // Time is an argument: a template that asks for today is refused.
        None
    }
}

impl Typesetter {
    /// Takes a template that reads its data from `data_path`.
    #[must_use]
    pub fn new(template: &str, data_path: &str, faces: &Faces) -> Self {
        let fonts = faces.fonts().clone();
        Self {
            library: LazyHash::new(<Library as LibraryExt>::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            main: Source::new(file_id("/main.typ"), template.to_owned()),
            data: file_id(data_path),
        }
    }

    /// Sets one document as PDF/A-2u. Same data and stamp, same bytes.
    ///
    /// Cost: see `docs/paper.md`.
    ///
    /// # Errors
    /// [`TypesetError`].
    pub fn set(&self, data: Vec<u8>, stamp: &Stamp) -> Result<Vec<u8>, TypesetError> {
        let sheet = Sheet {
            setter: self,
            data: Bytes::new(data),
        };
        let warned = typst::compile(&sheet);
        let document = warned.output.map_err(|errors| sheet.refused(&errors))?;
        let standards = PdfStandards::new(&[PdfStandard::A_2u])
            .map_err(|error| TypesetError(vec![error.message().to_string()]))?;
        let options = PdfOptions {
            ident: Smart::Custom(stamp.ident.clone()),
            creator: Smart::Custom(Some("tizme-print".to_owned())),
            timestamp: timestamp(stamp),
            page_ranges: None,
            standards,
            tagged: false,
            pretty: false,
        };
        let bytes = typst_pdf::pdf(&document, &options).map_err(|errors| sheet.refused(&errors));
        drop(document);
        // Another precinct shares nothing worth keeping but the template, which is parsed once.
        typst::comemo::evict(0);
        bytes
    }
}

impl Sheet<'_> {
    fn refused(&self, errors: &[SourceDiagnostic]) -> TypesetError {
        let line = |error: &SourceDiagnostic| {
            let from = self.range(error.span)?.start;
            let lines = self.setter.main.lines();
            Some(lines.byte_to_line(from)? + 1)
        };
        let mut messages: Vec<String> = errors
            .iter()
            .map(|error| match line(error) {
                Some(line) => format!("line {line}: {}", unquoted(&error.message)),
                None => unquoted(&error.message),
            })
            .collect();
        messages.sort();
        messages.dedup();
        TypesetError(messages)
    }
}

/// A message without what it quotes.
fn unquoted(message: &str) -> String {
    let mut parts = message.split(['"', '`', '“', '”', '«', '»']);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for (at, part) in parts.enumerate() {
        text.push_str(if at % 2 == 0 { "…" } else { part });
    }
    text
}

fn timestamp(stamp: &Stamp) -> Option<Timestamp> {
    let day = stamp.at.local_date(stamp.offset_minutes);
    let seconds = (stamp.at.micros() / 1_000_000 + stamp.offset_minutes * 60).rem_euclid(86_400);
    let part = |n: i64| u8::try_from(n).unwrap_or(0);
    let at = Datetime::from_ymd_hms(
        i32::from(day.year()),
        day.month().unsigned_abs(),
        day.day().unsigned_abs(),
        part(seconds / 3600),
        part(seconds / 60 % 60),
        part(seconds % 60),
    )?;
    Timestamp::new_local(at, i32::try_from(stamp.offset_minutes).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_quotes_nothing() {
        assert_eq!(
            unquoted("the text \"АСАНОВ\" has no glyph"),
            "the text … has no glyph"
        );
        assert_eq!(unquoted("unclosed \"АСАНОВ"), "unclosed …");
    }
}
