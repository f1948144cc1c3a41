//! The hour's turnout as this kit says it: signed, kept on disk before anybody hears it, never unsaid.

use std::path::Path;
use std::sync::{Arc, PoisonError};

use lexicon::Instant;
use lexicon::handover::envelope::{PublicKey, SignError};
use lexicon::handover::turnout::{self, DeskKey, HourTurnout, Scope, Written};
use pollbook::{HourError, hour_end};

use super::{ActError, Kit};
use crate::disk::Disk;
use crate::lines::LineFile;
use crate::print::{self, HourPaper};

/// Why an hour was not said: the chair waits, or calls the engineer.
#[derive(Debug, thiserror::Error)]
pub enum SayError {
    /// The hour is not one that can be said now.
    #[error(transparent)]
    Hour(#[from] HourError),
    /// The kit's key did not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The disk refused: nothing was said.
    #[error("the message could not be written: {0}")]
    Storage(std::io::Error),
    /// It is signed and kept; the paper did not come out.
    #[error(transparent)]
    Print(#[from] ActError),
}

/// A message that this kit gave out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaidHour {
    /// What it says.
    pub said: HourTurnout,
    /// Its text with the signature: for an SMS or a QR.
    pub text: String,
    /// When it was made.
    pub at: Instant,
}

/// One hour of the day with what was said of it.
#[derive(Clone, Debug)]
pub struct HourRow {
    /// Full hours since midnight of the opening day.
    pub hour: u8,
    /// When it ends.
    pub until: Instant,
    /// Voters before it, by the events known now; whose, says `scope`.
    pub count: u32,
    /// Whose check-ins `count` holds.
    pub scope: Scope,
    /// What was said, oldest first.
    pub said: Vec<SaidHour>,
}

impl HourRow {
    /// What was said last.
    #[must_use]
    pub fn last(&self) -> Option<&SaidHour> {
        self.said.last()
    }

    /// Whether what was said last is not what the events say now.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.last()
            .is_some_and(|last| (last.said.count, last.said.scope) != (self.count, self.scope))
    }
}

/// Messages given out: `KIT.hours`, a line for each with its moment and text; counts alone, nobody's line.
pub(super) struct Said {
    file: LineFile,
    known: Vec<SaidHour>,
}

impl Said {
    /// Reads what was given out before; a line that a power cut left unfinished was never shown.
    pub(super) fn read(disk: &Arc<dyn Disk>, path: &Path, election: u32) -> std::io::Result<Self> {
        let (file, lines) = LineFile::read(disk, path)?;
        let whole = lines.iter().filter_map(|line| {
            let (micros, text) = line.split_once(' ')?;
            let at = Instant::from_micros(micros.parse().ok()?);
            match turnout::read(text, election) {
                Ok(Written::Text { said, .. }) => Some(SaidHour {
                    said,
                    text: text.to_owned(),
                    at,
                }),
                Ok(Written::Digits(_)) | Err(_) => None,
            }
        });
        let known = whole.collect();
        Ok(Self { file, known })
    }

    fn of(&self, hour: u8) -> impl Iterator<Item = &SaidHour> {
        self.known
            .iter()
            .filter(move |known| known.said.hour == hour)
    }

    fn keep(&mut self, said: SaidHour) -> std::io::Result<()> {
        self.file
            .add(&format!("{} {}", said.at.micros(), said.text))?;
        self.known.push(said);
        Ok(())
    }
}

impl Kit {
    /// Tells the kit whose key the centre's turnout desk has, so that digits read aloud can be vouched for.
    pub fn set_turnout_desk(&self, desk: PublicKey) {
        // The first one holds: a kit serves one election.
        let _ = self.turnout_desk.set(desk);
    }

    fn said(&self) -> std::sync::MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The hours that are over, each with its count now and what was said of it.
    #[must_use]
    pub fn hours(&self) -> Vec<HourRow> {
        let reading = self.clock.read();
        let policy = self.charter.policy();
        let counted: Vec<_> = self.read(|book| {
            let scope = book.scope(reading);
            let hours = book.hours_over(reading).into_iter();
            hours
                .map(|hour| {
                    let until = hour_end(policy, hour);
                    (hour, until, book.counted_before(until, scope), scope)
                })
                .collect()
        });
        let said = self.said();
        let row = |(hour, until, count, scope)| HourRow {
            hour,
            until,
            count,
            scope,
            said: said.of(hour).cloned().collect(),
        };
        counted.into_iter().map(row).collect()
    }

    /// Makes and keeps the message of an hour; when the last one about it says the same, that one stands.
    ///
    /// # Errors
    /// [`SayError`]; nothing was given out then.
    pub fn say_hour(&self, hour: u8) -> Result<SaidHour, SayError> {
        let reading = self.clock.read();
        let mut kept = self.said();
        let first = self.read(|book| book.hour_turnout(hour, 1, reading))?;
        let of_scope = kept
            .of(hour)
            .filter(|known| known.said.scope == first.scope);
        let number = of_scope.map(|known| known.said.number).max().unwrap_or(0);
        if let Some(last) = kept.of(hour).last()
            && (last.said.count, last.said.scope) == (first.count, first.scope)
        {
            return Ok(last.clone());
        }
        let said = HourTurnout {
            number: number.saturating_add(1),
            ..first
        };
        said.fits().map_err(|why| HourError::Unfit { hour, why })?;
        let made = SaidHour {
            said,
            text: said.text(&said.sign(&*self.key)?),
            at: reading.wall,
        };
        kept.keep(made.clone()).map_err(SayError::Storage)?;
        drop(kept);
        self.tell();
        Ok(made)
    }

    /// The digits of a message to be read aloud, in groups of four; none when the kit's number is too high for them.
    ///
    /// # Errors
    /// [`SignError`] when the kit's key refuses to agree with the desk's.
    pub fn hour_digits(&self, said: &HourTurnout) -> Result<Option<Vec<String>>, SignError> {
        let desk = match self.turnout_desk.get() {
            Some(desk) => Some(DeskKey::agree(&*self.key, desk, said.election)?),
            None => None,
        };
        let digits = said.digits(desk.as_ref());
        let groups = |digits: String| {
            let groups = turnout::grouped(&digits).into_iter();
            groups.map(str::to_owned).collect()
        };
        Ok(digits.map(groups))
    }

    /// Whether digits of this kit carry an authenticator.
    #[must_use]
    pub fn has_turnout_desk(&self) -> bool {
        self.turnout_desk.get().is_some()
    }

    /// Prints the last message of an hour: digits, text and QR.
    ///
    /// # Errors
    /// [`SayError`]; the message stands all the same.
    pub fn print_hour(&self, hour: u8) -> Result<(), SayError> {
        let last = self.said().of(hour).last().cloned();
        let Some(last) = last else {
            return Err(SayError::Hour(HourError::NotOver { hour }));
        };
        let groups = self.hour_digits(&last.said)?;
        let job = print::hour(&HourPaper {
            heading: self.heading(),
            until: hour_end(self.charter.policy(), hour),
            said: last.said,
            text: last.text,
            groups: groups.unwrap_or_default(),
        });
        self.printer.print(&job).map_err(ActError::from)?;
        Ok(())
    }
}
