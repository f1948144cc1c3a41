//! Receipt printers: bitmaps out, status back.

mod wire;

use std::path::PathBuf;
use std::sync::Mutex;

pub use wire::{Cable, CablePrinter};
pub(crate) use wire::{line, set_raw};

use crate::print::{Job, Width, escpos};

/// Why nothing came out: the operator acts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrinterError {
    /// The roll has ended.
    #[error("out of paper")]
    Paper,
    /// The cover is open.
    #[error("the printer's cover is open")]
    Cover,
    /// The cutter or the head needs a hand.
    #[error("the printer's cutter or head is stuck")]
    Stuck,
    /// Switched off, or the cable is out; the machine's words.
    #[error("the printer is off or not connected: {0}")]
    Off(String),
    /// Anything else, in the device's own words.
    #[error("the printer does not print: {0}")]
    Fault(String),
}

/// How much paper there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Supply {
    /// More than the sensor near the end tells.
    Enough,
    /// The roll is near its end.
    Low,
}

/// A device that prints one bitmap after another.
pub trait Printer: Send + Sync {
    /// Prints a job; returns when it came out as far as the device can tell.
    ///
    /// # Errors
    /// [`PrinterError`]: nothing usable came out.
    fn print(&self, job: &Job) -> Result<(), PrinterError>;

    /// The device in a word: `file`, `usb`, `serial`, `network`.
    fn kind(&self) -> &'static str;

    /// Asks the device how it stands. May take seconds.
    ///
    /// # Errors
    /// [`PrinterError`]: it would not print now.
    fn look(&self) -> Result<Supply, PrinterError> {
        self.state()
    }

    /// How it stood when it was last asked or printed; takes no time.
    ///
    /// # Errors
    /// [`PrinterError`]: it did not print then.
    fn state(&self) -> Result<Supply, PrinterError> {
        Ok(Supply::Enough)
    }

    /// The width of its paper.
    fn width(&self) -> Width {
        Width::Mm80
    }
}

/// Writes ESC/POS streams and preview pictures to a folder, keeping the newest ones.
///
/// While a file `out-of-paper` lies in the folder it prints nothing: so the fault is shown and trained.
#[derive(Debug)]
pub struct FilePrinter {
    folder: PathBuf,
    keep: usize,
    width: Width,
    kept: Mutex<Vec<String>>,
}

impl FilePrinter {
    /// A printer into this folder; `keep` papers of 80 mm stay, older ones are removed.
    #[must_use]
    pub fn new(folder: PathBuf, keep: usize) -> Self {
        Self {
            folder,
            keep,
            width: Width::Mm80,
            kept: Mutex::new(Vec::new()),
        }
    }

    /// The same with paper of this width.
    #[must_use]
    pub fn of_width(self, width: Width) -> Self {
        Self { width, ..self }
    }

    fn write(&self, job: &Job) -> std::io::Result<()> {
        if self.keep == 0 {
            return Ok(());
        }
        std::fs::create_dir_all(&self.folder)?;
        let stem = self.folder.join(&job.name);
        std::fs::write(stem.with_extension("escpos"), escpos(&job.bitmap))?;
        std::fs::write(stem.with_extension("png"), job.bitmap.png())?;
        let mut kept = self
            .kept
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        kept.push(job.name.clone());
        while kept.len() > self.keep {
            let old = self.folder.join(kept.remove(0));
            std::fs::remove_file(old.with_extension("escpos"))?;
            std::fs::remove_file(old.with_extension("png"))?;
        }
        Ok(())
    }
}

impl Printer for FilePrinter {
    fn print(&self, job: &Job) -> Result<(), PrinterError> {
        if self.keep > 0 && self.folder.join("out-of-paper").exists() {
            return Err(PrinterError::Paper);
        }
        self.write(job)
            .map_err(|error| PrinterError::Fault(error.to_string()))
    }

    fn kind(&self) -> &'static str {
        "file"
    }

    fn width(&self) -> Width {
        self.width
    }
}

/// A printer that can be switched off, for tests and training.
#[derive(Debug, Default)]
pub struct MemoryPrinter {
    jobs: Mutex<Vec<String>>,
    is_out_of_paper: std::sync::atomic::AtomicBool,
}

impl MemoryPrinter {
    /// Takes the paper out or puts it in.
    pub fn set_out_of_paper(&self, out: bool) {
        self.is_out_of_paper
            .store(out, std::sync::atomic::Ordering::SeqCst);
    }

    /// Names of what came out.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.jobs
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }
}

impl Printer for MemoryPrinter {
    fn print(&self, job: &Job) -> Result<(), PrinterError> {
        if self
            .is_out_of_paper
            .load(std::sync::atomic::Ordering::SeqCst)
        {
            return Err(PrinterError::Paper);
        }
        self.jobs
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .push(job.name.clone());
        Ok(())
    }

    fn kind(&self) -> &'static str {
        "memory"
    }
}
