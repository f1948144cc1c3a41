//! Thermal paper: one-bit bitmaps at 203 dpi (8 dots a millimetre), drawn here with the vendored font.
//!
//! Printer code pages lack Ң Ө Ү, so nothing is ever sent as text. No PIN is in reach of this module, and
//! no name but on the slip of a list change, which becomes a part of the paper list.

mod accounts;
mod bitmap;
mod change;
mod day;
mod hand_over;
mod home;
mod hour;
mod marks;
mod paper;
mod pictogram;
mod protocol;
mod receipt;
mod reports;
mod ticket;
mod void;
mod words;

pub use bitmap::Bitmap;
pub use change::{ChangePaper, ChangeRow, change};
pub use day::day_table;
pub use hand_over::{HandOverPaper, hand_over};
pub use home::{HomeMark, HomePaper, HomeRow, home_register};
pub use hour::{HourPaper, hour, hour_code};
pub use marks::{LINES_A_PAGE, LastOfKit, LineMark, Marks, marks_pages, marks_pdf};
pub use protocol::{ProtocolPaper, protocol};
pub use receipt::{ReceiptPaper, RefusalPaper, base45_of, receipt, refusal};
pub use reports::{Block, not_opened, report, report_json, zone};
pub use ticket::{TicketPaper, ticket};
pub use void::{VoidPaper, void_slip};
pub use words::{mark_name, method_words};

use lexicon::Language;
use lexicon::handover::package::Exercise;

use paper::Strip;

/// Paper width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// 58 mm paper, 48 mm printable.
    Mm58,
    /// 80 mm paper, 72 mm printable.
    Mm80,
}

impl Width {
    /// Printable dots.
    #[must_use]
    pub fn dots(self) -> usize {
        match self {
            Width::Mm58 => 384,
            Width::Mm80 => 576,
        }
    }
}

/// Something to print.
#[derive(Clone, Debug)]
pub struct Job {
    /// File name without extension; never personal.
    pub name: String,
    /// The picture.
    pub bitmap: Bitmap,
}

/// What stands on every paper of a kit.
#[derive(Clone, Debug)]
pub struct Heading {
    /// Precinct number.
    pub precinct: u16,
    /// Election day.
    pub day: lexicon::Date,
    /// Local time minus UTC, minutes.
    pub offset_minutes: i64,
    /// `K2`.
    pub kit: String,
    /// Release of the list.
    pub release: u32,
    /// First 12 hexadecimal digits of the list root.
    pub root: String,
    /// Width of the printer's paper.
    pub width: Width,
    /// Languages of the precinct's reports, in their order; at least one.
    pub languages: Vec<Language>,
    /// The officers' cards with their names, as reports name them.
    pub officers: Vec<([u8; 8], String)>,
    /// What the kit is for instead of an election: stands in every block of every paper.
    pub exercise: Option<Exercise>,
}

impl Heading {
    /// The officer whose card it is; digits of a card that is no officer's.
    fn officer(&self, card: &[u8; 8]) -> String {
        let known = self.officers.iter().find(|(kid, _)| kid == card);
        known.map_or_else(
            || lexicon::handover::envelope::hex(&card[..4]),
            |(_, name)| name.clone(),
        )
    }

    /// The word that tells a paper from an election's.
    fn stamp(&self) -> Option<&'static str> {
        self.exercise.map(|exercise| match exercise {
            Exercise::Training => "УЧЕБНЫЙ / ОКУУ",
            Exercise::Rehearsal => "ПРОВЕРКА СПИСКА / ТИЗМЕНИ ТЕКШЕРҮҮ",
        })
    }

    /// A strip of paper for this kit.
    fn strip(&self) -> Strip {
        Strip::stamped(self.width.dots(), self.stamp())
    }

    fn date(&self) -> String {
        format!(
            "{:02}.{:02}.{}",
            self.day.day(),
            self.day.month(),
            self.day.year()
        )
    }

    /// `К2`: the kit as people say it; keys and files keep the Latin name.
    fn kit_word(&self) -> String {
        self.kit.replace('K', "К")
    }

    fn root_spaced(&self) -> String {
        let digits: Vec<char> = self.root.chars().collect();
        digits
            .chunks(4)
            .map(|four| four.iter().collect::<String>())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// The ESC/POS stream of a bitmap: initialise, raster bands of 255 lines (`GS v 0`), feed, cut.
#[must_use]
pub fn escpos(bitmap: &Bitmap) -> Vec<u8> {
    const BAND: usize = 255;
    let mut stream = vec![0x1b, b'@'];
    let row_bytes = bitmap.width().div_ceil(8);
    for from in (0..bitmap.height()).step_by(BAND) {
        let rows = BAND.min(bitmap.height() - from);
        stream.extend_from_slice(&[0x1d, b'v', b'0', 0]);
        stream.extend_from_slice(&u16::try_from(row_bytes).unwrap_or(u16::MAX).to_le_bytes());
        stream.extend_from_slice(&u16::try_from(rows).unwrap_or(u16::MAX).to_le_bytes());
        for y in from..from + rows {
            stream.extend_from_slice(bitmap.row(y));
        }
    }
    stream.extend_from_slice(&[0x1b, b'd', 4, 0x1d, b'V', 1]);
    stream
}

#[cfg(test)]
mod tests;
