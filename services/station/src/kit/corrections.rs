//! What citizens say is wrong with the interim list of a rehearsal: signed, sealed to the office, kept before it is
//! confirmed (`KIT.corrections`, a line of hexadecimal digits for each).

use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use lexicon::handover::correction::{
    Correction, CorrectionKind, CorrectionText, TEXT_CHARS_MAX, correction_subject,
};
use lexicon::handover::envelope::{
    DocumentId, PublicKey, SUITE, SignError, Signer, decode, encode, hex, peek1, sign1, unhex,
};
use lexicon::handover::folder::bytes;
use lexicon::handover::package::{Exercise, PackageError};
use lexicon::{Date, Instant, Pin};

use super::Kit;
use crate::disk::Disk;
use crate::lines::LineFile;

/// Why a correction was not taken: the operator mends what was typed, or calls the engineer.
#[derive(Debug, thiserror::Error)]
pub enum CorrectError {
    /// The kit is for no rehearsal.
    #[error("corrections are taken at a rehearsal only")]
    NoRehearsal,
    /// The kit does not know the office's key.
    #[error("the office's key for corrections is not known to this kit")]
    NoDesk,
    /// There is no such line.
    #[error("the list has no such line")]
    Line,
    /// Nothing was said, or more than fits.
    #[error("what is right is missing or too long")]
    Text,
    /// The date is none.
    #[error("this is no date")]
    Date,
    /// The PIN is none.
    #[error("this is no PIN")]
    Pin,
    /// The office's key is no key.
    #[error(transparent)]
    Seal(#[from] PackageError),
    /// The kit's key did not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The disk refused: nothing was taken.
    #[error("the correction could not be written: {0}")]
    Storage(std::io::Error),
}

/// What was typed.
#[derive(Clone)]
pub struct Said {
    /// What is wrong.
    pub kind: CorrectionKind,
    /// The line; not looked at for a person who is not on the list.
    pub line: u32,
    /// The PIN of a person who is not on the list.
    pub pin: String,
    /// How it should be.
    pub right: String,
}

impl std::fmt::Debug for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Said(line {}, sealed)", self.line)
    }
}

/// A correction that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The kit's own counter.
    pub number: u32,
    /// When.
    pub at: Instant,
    /// The line, 0 for a person who is not on the list.
    pub line: u32,
    /// What is wrong.
    pub kind: CorrectionKind,
}

impl Taken {
    fn of(correction: &Correction) -> Self {
        Self {
            number: correction.number,
            at: Instant::from_micros(correction.at),
            line: correction.line,
            kind: correction.kind,
        }
    }
}

/// Corrections on disk, and the desk that reads them.
pub(super) struct Corrections {
    desk: OnceLock<PublicKey>,
    kept: Mutex<(LineFile, Vec<Taken>)>,
}

impl Corrections {
    /// Reads what was taken before; a line that a power cut left unfinished was never confirmed.
    pub(super) fn read(disk: &Arc<dyn Disk>, path: &Path, election: u32) -> std::io::Result<Self> {
        let (file, lines) = LineFile::read(disk, path)?;
        let whole = lines.iter().filter_map(|line| {
            let (_, payload) = peek1(correction_subject(election), &unhex(line)?).ok()?;
            decode::<Correction>(&payload).ok()
        });
        let taken = whole.map(|correction| Taken::of(&correction)).collect();
        Ok(Self {
            desk: OnceLock::new(),
            kept: Mutex::new((file, taken)),
        })
    }
}

/// `1985-04-15` from that or from `15.04.1985`.
fn date(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split('.').collect();
    let iso = match parts[..] {
        [day, month, year] => format!("{year:0>4}-{month:0>2}-{day:0>2}"),
        _ => text.to_owned(),
    };
    iso.parse::<Date>().ok().map(|_| iso)
}

impl Kit {
    /// Tells the kit the key to which corrections are sealed; the first one holds.
    pub fn set_corrections_desk(&self, desk: PublicKey) {
        let _ = self.corrections.desk.set(desk);
    }

    /// Whether corrections are taken here: at a rehearsal, when the office's key is known.
    #[must_use]
    pub fn takes_corrections(&self) -> bool {
        self.charter.exercise() == Some(Exercise::Rehearsal)
            && self.corrections.desk.get().is_some()
    }

    /// Corrections taken by this kit, oldest first.
    #[must_use]
    pub fn corrections(&self) -> Vec<Taken> {
        let kept = self.corrections.kept.lock();
        kept.unwrap_or_else(PoisonError::into_inner).1.clone()
    }

    /// Takes a correction: sealed, signed and on disk when this returns.
    ///
    /// # Errors
    /// [`CorrectError`]; nothing was taken.
    pub fn correct(&self, said: &Said) -> Result<Taken, CorrectError> {
        if self.charter.exercise() != Some(Exercise::Rehearsal) {
            return Err(CorrectError::NoRehearsal);
        }
        let desk = self.corrections.desk.get().ok_or(CorrectError::NoDesk)?;
        let wall = self.clock.read().wall;
        let text = self.checked(said, wall)?;
        let line = if said.kind.has_line() { said.line } else { 0 };
        let DocumentId(package) = self.charter.package();
        let mut kept = self
            .corrections
            .kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let last = kept.1.iter().map(|taken| taken.number).max();
        let mut correction = Correction {
            suite: SUITE.to_owned(),
            election: self.charter.manifest().election,
            precinct: self.charter.manifest().precinct,
            kit: self.me.0.into(),
            number: last.unwrap_or(0) + 1,
            at: wall.micros(),
            package: package.into(),
            line,
            kind: said.kind,
            ephemeral: [0; 65].into(),
            sealed: bytes(&[]),
        };
        correction.seal(&text, desk, &keys::random::<32>())?;
        let subject = correction_subject(correction.election);
        let signed = sign1(subject, &encode(&correction), &*self.key as &dyn Signer)?;
        kept.0.add(&hex(&signed)).map_err(CorrectError::Storage)?;
        let taken = Taken::of(&correction);
        kept.1.push(taken);
        drop(kept);
        self.tell();
        Ok(taken)
    }

    fn checked(&self, said: &Said, wall: Instant) -> Result<CorrectionText, CorrectError> {
        let right = said.right.trim();
        let offset = i64::from(self.charter.policy().offset_minutes);
        if right.chars().count() > TEXT_CHARS_MAX {
            return Err(CorrectError::Text);
        }
        if said.kind.has_line() && self.voter(said.line).is_none() {
            return Err(CorrectError::Line);
        }
        let (pin, right) = match said.kind {
            CorrectionKind::Extra => (String::new(), right.to_owned()),
            CorrectionKind::Born => (String::new(), date(right).ok_or(CorrectError::Date)?),
            CorrectionKind::Name | CorrectionKind::Address if right.is_empty() => {
                return Err(CorrectError::Text);
            }
            CorrectionKind::Name | CorrectionKind::Address => (String::new(), right.to_owned()),
            CorrectionKind::Missing if right.is_empty() => return Err(CorrectError::Text),
            CorrectionKind::Missing => {
                let digits: String = said.pin.chars().filter(char::is_ascii_digit).collect();
                Pin::parse(&digits, wall.local_date(offset)).map_err(|_| CorrectError::Pin)?;
                (digits, right.to_owned())
            }
        };
        Ok(CorrectionText { pin, right })
    }
}
