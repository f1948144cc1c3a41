//! What a record holds.

use super::Foreground;
use crate::template::Template;

/// Which finger, by the codes of ISO/IEC 19794-2:2005 table 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names say it all")]
pub enum FingerPosition {
    Unknown = 0,
    RightThumb = 1,
    RightIndex = 2,
    RightMiddle = 3,
    RightRing = 4,
    RightLittle = 5,
    LeftThumb = 6,
    LeftIndex = 7,
    LeftMiddle = 8,
    LeftRing = 9,
    LeftLittle = 10,
}

impl FingerPosition {
    /// The ten fingers in the order of their codes.
    pub const TEN: [FingerPosition; 10] = [
        FingerPosition::RightThumb,
        FingerPosition::RightIndex,
        FingerPosition::RightMiddle,
        FingerPosition::RightRing,
        FingerPosition::RightLittle,
        FingerPosition::LeftThumb,
        FingerPosition::LeftIndex,
        FingerPosition::LeftMiddle,
        FingerPosition::LeftRing,
        FingerPosition::LeftLittle,
    ];

    /// The finger of a code 0–10; `None` for any other.
    pub fn from_code(code: u8) -> Option<FingerPosition> {
        match code {
            0 => Some(FingerPosition::Unknown),
            1..=10 => Some(Self::TEN[code as usize - 1]),
            _ => None,
        }
    }

    /// The code 0–10.
    pub fn code(self) -> u8 {
        self as u8
    }
}

/// How a print was taken, by the codes of ISO/IEC 19794-2:2011 table 6.
///
/// The older formats know fewer: see [`Impression::code_2005`] and its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(u8)]
pub enum Impression {
    /// A finger laid on a scanner.
    #[default]
    LivePlain = 0,
    /// A finger rolled over a scanner.
    LiveRolled = 1,
    /// Ink on paper, laid.
    InkPlain = 2,
    /// Ink on paper, rolled.
    InkRolled = 3,
    /// A mark found at a place.
    LatentImpression = 4,
    /// A tracing of a mark.
    LatentTracing = 5,
    /// A photograph of a mark.
    LatentPhoto = 6,
    /// A mark lifted with tape.
    LatentLift = 7,
    /// A finger drawn over a line sensor.
    Swipe = 8,
    /// A finger rolled from below to its tip.
    VerticalRoll = 9,
    /// A finger that touched nothing.
    Contactless = 24,
    /// None of these.
    Other = 28,
    /// Not known.
    Unknown = 29,
}

impl Impression {
    /// The code of ISO/IEC 19794-2:2011.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The impression of a code of ISO/IEC 19794-2:2011; `Unknown` for any other.
    pub fn from_code(code: u8) -> Impression {
        match code {
            0 => Impression::LivePlain,
            1 => Impression::LiveRolled,
            2 => Impression::InkPlain,
            3 => Impression::InkRolled,
            4 => Impression::LatentImpression,
            5 => Impression::LatentTracing,
            6 => Impression::LatentPhoto,
            7 => Impression::LatentLift,
            8 => Impression::Swipe,
            9 => Impression::VerticalRoll,
            24 => Impression::Contactless,
            28 => Impression::Other,
            _ => Impression::Unknown,
        }
    }

    /// The code of ISO/IEC 19794-2:2005: 0–3 and 8. A mark becomes 2 (not live, plain), any other 0.
    pub fn code_2005(self) -> u8 {
        match self {
            Impression::LiveRolled => 1,
            Impression::InkPlain
            | Impression::LatentImpression
            | Impression::LatentTracing
            | Impression::LatentPhoto
            | Impression::LatentLift => 2,
            Impression::InkRolled => 3,
            Impression::Swipe => 8,
            Impression::LivePlain
            | Impression::VerticalRoll
            | Impression::Contactless
            | Impression::Other
            | Impression::Unknown => 0,
        }
    }

    /// The code of ANSI INCITS 378-2004: as 2005, and 9 for a finger that touched nothing.
    pub fn code_ansi2004(self) -> u8 {
        if self == Impression::Contactless {
            9
        } else {
            self.code_2005()
        }
    }

    /// The impression of a code of ANSI INCITS 378-2004.
    pub fn from_ansi2004(code: u8) -> Impression {
        if code == 9 {
            Impression::Contactless
        } else {
            Impression::from_code(code)
        }
    }

    /// The code of ANSI INCITS 378-2009: as 2005, and 24, 28, 29 as in ISO 2011.
    pub fn code_ansi2009(self) -> u8 {
        match self {
            Impression::Contactless | Impression::Other | Impression::Unknown => self.code(),
            Impression::VerticalRoll => Impression::Other.code(),
            Impression::LivePlain
            | Impression::LiveRolled
            | Impression::InkPlain
            | Impression::InkRolled
            | Impression::LatentImpression
            | Impression::LatentTracing
            | Impression::LatentPhoto
            | Impression::LatentLift
            | Impression::Swipe => self.code_2005(),
        }
    }

    /// The impression of a code of ANSI INCITS 378-2009, which also names kinds of sensors.
    pub fn from_ansi2009(code: u8) -> Impression {
        match code {
            10 | 11 => Impression::Other,
            20 | 22 => Impression::LivePlain,
            21 | 23 => Impression::LiveRolled,
            24..=27 => Impression::Contactless,
            _ => Impression::from_code(code),
        }
    }
}

/// One view of one finger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The finger.
    pub position: FingerPosition,
    /// How it was taken.
    pub impression: Impression,
    /// Its minutiae and its quality, at 500 dpi.
    pub template: Template,
    /// Where there was skin; only our own form keeps it.
    pub foreground: Option<Foreground>,
}

impl View {
    /// A live-scan plain view of `template`.
    pub fn of(template: &Template, position: FingerPosition) -> View {
        View {
            position,
            impression: Impression::LivePlain,
            template: template.clone(),
            foreground: None,
        }
    }
}

/// A whole record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// At least one.
    pub views: Vec<View>,
}

/// For each view its number among those of the same finger, from 0.
pub(super) fn numbers(views: &[View]) -> impl Iterator<Item = u8> + '_ {
    views.iter().enumerate().map(|(index, view)| {
        let before = views[..index].iter();
        before
            .filter(|v| v.position == view.position)
            .count()
            .min(15) as u8
    })
}
