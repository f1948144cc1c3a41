//! The formats, their names and their marks.

/// A format of minutiae records.
///
/// | | views | quality | reliabilities | foreground | recognised |
/// |---|---|---|---|---|---|
/// | `Own` | 255 | yes | yes | yes | yes |
/// | `Iso2005`, `Iso2011`, `Ansi2004`, `Ansi2009` | 16 a finger | yes | yes | no | yes |
/// | `CardNormal`, `CardCompact` | 1, finger not named | no | no | no | no |
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TemplateFormat {
    /// Our own compact form with foreground and checksum.
    Own,
    /// ISO/IEC 19794-2:2005, record format.
    Iso2005,
    /// ISO/IEC 19794-2:2011, record format.
    Iso2011,
    /// ANSI INCITS 378-2004.
    Ansi2004,
    /// ANSI INCITS 378-2009; its amendment 1 is read too.
    Ansi2009,
    /// ISO/IEC 19794-2:2005, card format of normal size: five bytes a minutia.
    CardNormal,
    /// ISO/IEC 19794-2, card format of compact size: three bytes a minutia.
    CardCompact,
}

/// A name that is none of [`TemplateFormat::NAMES`]. The operator chooses one of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("template format must be one of {}", TemplateFormat::NAMES.join(", "))]
pub struct UnknownFormatName;

impl TemplateFormat {
    /// All formats, in the order of [`TemplateFormat::NAMES`].
    pub const ALL: [TemplateFormat; 7] = [
        TemplateFormat::Own,
        TemplateFormat::Iso2005,
        TemplateFormat::Iso2011,
        TemplateFormat::Ansi2004,
        TemplateFormat::Ansi2009,
        TemplateFormat::CardNormal,
        TemplateFormat::CardCompact,
    ];

    /// The names that a command line takes.
    pub const NAMES: [&'static str; 7] = [
        "own",
        "iso2005",
        "iso2011",
        "ansi2004",
        "ansi2009",
        "card-normal",
        "card-compact",
    ];

    /// The name that a command line takes.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// What the format is called in full.
    pub fn standard(self) -> &'static str {
        match self {
            TemplateFormat::Own => "tizme template",
            TemplateFormat::Iso2005 => "ISO/IEC 19794-2:2005",
            TemplateFormat::Iso2011 => "ISO/IEC 19794-2:2011",
            TemplateFormat::Ansi2004 => "ANSI INCITS 378-2004",
            TemplateFormat::Ansi2009 => "ANSI INCITS 378-2009",
            TemplateFormat::CardNormal => "ISO/IEC 19794-2:2005 card, normal size",
            TemplateFormat::CardCompact => "ISO/IEC 19794-2 card, compact size",
        }
    }

    /// The usual ending of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            TemplateFormat::Own => "tzt",
            TemplateFormat::Iso2005 | TemplateFormat::Iso2011 => "fmr",
            TemplateFormat::Ansi2004 | TemplateFormat::Ansi2009 => "ansi",
            TemplateFormat::CardNormal => "card",
            TemplateFormat::CardCompact => "ccard",
        }
    }

    /// The format of these bytes by their beginning; `None` for card forms and anything else.
    ///
    /// Two pairs of standards share their first eight bytes. ISO 2005 and ANSI 2004 are told apart by
    /// the width of the length behind them, ISO 2011 and ANSI 2009 by whether the lengths of the views
    /// add up.
    ///
    /// ```
    /// use fingerprint::{FingerPosition, Template, TemplateFormat};
    ///
    /// let template = Template { width: 300, height: 400, quality: 60, minutiae: vec![] };
    /// let bytes = template.to_iso(FingerPosition::Unknown);
    /// assert_eq!(TemplateFormat::detect(&bytes), Some(TemplateFormat::Iso2005));
    /// assert_eq!(TemplateFormat::detect(b"\x89PNG"), None);
    /// ```
    pub fn detect(bytes: &[u8]) -> Option<TemplateFormat> {
        if bytes.starts_with(super::own::MAGIC) {
            return Some(TemplateFormat::Own);
        }
        let rest = bytes.strip_prefix(b"FMR\0")?;
        match rest.get(..4)? {
            b" 20\0" => Some(Self::of_version_20(rest.get(4..8)?)),
            b"030\0" if super::iso2011::adds_up(bytes) => Some(TemplateFormat::Iso2011),
            b"030\0" | b"035\0" => Some(TemplateFormat::Ansi2009),
            _ => None,
        }
    }

    /// ISO states the length in four bytes, ANSI in two or, after two zeros, in four.
    ///
    /// ISO's header of 24 bytes and ANSI's of 26 decide: a smaller number is no length.
    fn of_version_20(length: &[u8]) -> TemplateFormat {
        let (first, second) = (
            u16::from_be_bytes([length[0], length[1]]),
            u16::from_be_bytes([length[2], length[3]]),
        );
        if first >= 26 || (first == 0 && second < 24) {
            TemplateFormat::Ansi2004
        } else {
            TemplateFormat::Iso2005
        }
    }
}

impl std::fmt::Display for TemplateFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for TemplateFormat {
    type Err = UnknownFormatName;

    fn from_str(name: &str) -> Result<Self, UnknownFormatName> {
        let place = Self::NAMES.iter().position(|n| *n == name);
        place.map(|i| Self::ALL[i]).ok_or(UnknownFormatName)
    }
}
