//! Receipt printers: bitmaps out, status back.

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use crate::print::{Job, escpos};

/// Why nothing came out: the operator acts.
#[derive(Debug, thiserror::Error)]
pub enum PrinterError {
    /// Paper, cover, cable, or the device's own words.
    #[error("the printer does not print: {0}")]
    Fault(String),
}

/// A printer's word for its commonest fault; screens say it in the operator's language.
pub const OUT_OF_PAPER: &str = "out of paper";

/// A device that prints one bitmap after another.
pub trait Printer: Send + Sync {
    /// Prints a job; returns when it came out as far as the device can tell.
    ///
    /// # Errors
    /// [`PrinterError`]: nothing usable came out.
    fn print(&self, job: &Job) -> Result<(), PrinterError>;

    /// The device in a word: `file`, `network`.
    fn kind(&self) -> &'static str;
}

/// Writes ESC/POS streams and preview pictures to a folder, keeping the newest ones.
///
/// While a file `out-of-paper` lies in the folder it prints nothing: so the fault is shown and trained.
#[derive(Debug)]
pub struct FilePrinter {
    folder: PathBuf,
    keep: usize,
    kept: Mutex<Vec<String>>,
}

impl FilePrinter {
    /// A printer into this folder; `keep` papers stay, older ones are removed.
    #[must_use]
    pub fn new(folder: PathBuf, keep: usize) -> Self {
        Self {
            folder,
            keep,
            kept: Mutex::new(Vec::new()),
        }
    }

    fn write(&self, job: &Job) -> std::io::Result<()> {
        if self.keep == 0 {
            return Ok(());
        }
        std::fs::create_dir_all(&self.folder)?;
        if self.folder.join("out-of-paper").exists() {
            return Err(std::io::Error::other(OUT_OF_PAPER));
        }
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
        self.write(job)
            .map_err(|error| PrinterError::Fault(error.to_string()))
    }

    fn kind(&self) -> &'static str {
        "file"
    }
}

/// Sends ESC/POS over TCP, as network printers take it on port 9100.
#[derive(Clone, Debug)]
pub struct NetworkPrinter {
    address: SocketAddr,
    previews: Option<PathBuf>,
}

impl NetworkPrinter {
    /// A printer at this address; previews go to a folder when one is given.
    #[must_use]
    pub fn new(address: SocketAddr, previews: Option<PathBuf>) -> Self {
        Self { address, previews }
    }
}

impl Printer for NetworkPrinter {
    fn print(&self, job: &Job) -> Result<(), PrinterError> {
        let fault = |error: std::io::Error| PrinterError::Fault(error.to_string());
        let patience = Duration::from_secs(3);
        let mut stream = TcpStream::connect_timeout(&self.address, patience).map_err(fault)?;
        stream.set_write_timeout(Some(patience)).map_err(fault)?;
        stream.write_all(&escpos(&job.bitmap)).map_err(fault)?;
        stream.flush().map_err(fault)?;
        if let Some(folder) = &self.previews {
            let path = folder.join(&job.name).with_extension("png");
            std::fs::write(path, job.bitmap.png()).map_err(fault)?;
        }
        Ok(())
    }

    fn kind(&self) -> &'static str {
        "network"
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
            return Err(PrinterError::Fault(OUT_OF_PAPER.to_owned()));
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
