//! An ESC/POS printer on a cable: USB, serial or network; its state is asked before and after every paper.
//!
//! Commands as in Epson's *ESC/POS Command Reference*: `DLE EOT n` (state now, also while the printer stands
//! still), `GS r 1` (answered in turn, after what was sent before is on paper), `DLE ENQ 2` and `DLE DC4 8`
//! (forget the rest of a job that failed).

use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::OFlags;
use rustix::termios::{OptionalActions, speed, tcgetattr, tcsetattr};

use super::{Printer, PrinterError, Supply};
use crate::print::{Job, Width, escpos};

/// How long a printer may take to answer a question about its state.
const ANSWER: Duration = Duration::from_secs(1);
/// Bytes that are passed over in one question: more is noise.
const PASSED_MAX: u32 = 4_096;
/// How long it may take nothing while it is sent a paper: its buffer is full while it prints.
const TAKING: Duration = Duration::from_secs(5);
/// How often, once a second, a printer is asked for a paper after its last byte was sent: 30 cm at 30 mm/s.
const PRINTING: u32 = 10;

/// What forgets the rest of a job that failed: recover with empty buffers, then empty them.
const FORGET: [u8; 13] = [0x10, 0x05, 2, 0x10, 0x14, 8, 1, 3, 20, 1, 6, 2, 8];

/// Where the printer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cable {
    /// `/dev/usb/lp0`.
    Usb(PathBuf),
    /// `/dev/ttyUSB0` at so many baud, 8 bits, no parity.
    Serial(PathBuf, u32),
    /// TCP, commonly port 9100.
    Network(SocketAddr),
}

/// A printer on a cable.
#[derive(Debug)]
pub struct CablePrinter {
    cable: Cable,
    width: Width,
    /// Whether the printer answers questions. A cheap one does not: then only the cable is known.
    answers: bool,
    last: Mutex<Result<Supply, PrinterError>>,
    /// Whether the last paper did not come out whole: its rest may wait in the printer.
    is_unsure: AtomicBool,
    /// One paper or question at a time.
    turn: Mutex<()>,
}

impl CablePrinter {
    /// A printer on this cable with paper of this width. `answers`: it tells its state.
    #[must_use]
    pub fn new(cable: Cable, width: Width, answers: bool) -> Self {
        Self {
            cable,
            width,
            answers,
            last: Mutex::new(Ok(Supply::Enough)),
            is_unsure: AtomicBool::new(false),
            turn: Mutex::new(()),
        }
    }

    fn connect(&self) -> Result<Wire, PrinterError> {
        let off = |error: std::io::Error| PrinterError::Off(error.to_string());
        let file = match &self.cable {
            Cable::Network(address) => {
                let stream = TcpStream::connect_timeout(address, ANSWER).map_err(off)?;
                stream.set_nonblocking(true).map_err(off)?;
                stream.set_nodelay(true).map_err(off)?;
                File::from(OwnedFd::from(stream))
            }
            Cable::Usb(path) => line(&first_of(path).map_err(off)?).map_err(off)?,
            Cable::Serial(path, _) => line(path).map_err(off)?,
        };
        if let Cable::Serial(_, baud) = &self.cable {
            set_raw(&file, *baud).map_err(off)?;
        }
        Ok(Wire(file))
    }

    fn ask(&self) -> Result<Supply, PrinterError> {
        let mut wire = self.connect()?;
        if self.answers {
            wire.state()
        } else {
            Ok(Supply::Enough)
        }
    }

    fn send(&self, job: &Job) -> Result<Supply, PrinterError> {
        let mut wire = self.connect()?;
        // Half a picture that an earlier fault left would swallow the beginning of this one.
        if self.is_unsure.swap(true, Ordering::SeqCst) && self.answers {
            wire.forget();
        }
        let sent = self.send_over(&mut wire, job);
        match &sent {
            Ok(_) => self.is_unsure.store(false, Ordering::SeqCst),
            Err(_) if self.answers => wire.forget(),
            Err(_) => {}
        }
        sent
    }

    fn send_over(&self, wire: &mut Wire, job: &Job) -> Result<Supply, PrinterError> {
        if self.answers {
            wire.state()?;
        }
        wire.write(&escpos(&job.bitmap))?;
        if !self.answers {
            return Ok(Supply::Enough);
        }
        wire.write(&[0x1d, b'r', 1])?;
        let is_done = wire.is_done();
        let state = wire.state();
        match (is_done, state) {
            (true, Ok(supply)) => Ok(supply),
            (false, Ok(_)) => Err(PrinterError::Fault(
                "it did not finish the paper".to_owned(),
            )),
            (_, Err(why)) => Err(why),
        }
    }

    fn remember(&self, told: Result<Supply, PrinterError>) -> Result<Supply, PrinterError> {
        self.last
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone_from(&told);
        told
    }
}

impl Printer for CablePrinter {
    fn print(&self, job: &Job) -> Result<(), PrinterError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.remember(self.send(job)).map(|_| ())
    }

    fn kind(&self) -> &'static str {
        match self.cable {
            Cable::Usb(_) => "usb",
            Cable::Serial(..) => "serial",
            Cable::Network(_) => "network",
        }
    }

    fn look(&self) -> Result<Supply, PrinterError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.remember(self.ask())
    }

    fn state(&self) -> Result<Supply, PrinterError> {
        self.last
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn width(&self) -> Width {
        self.width
    }
}

/// A device's line, opened without waiting for anything.
///
/// # Errors
/// What the system said.
pub(crate) fn line(path: &Path) -> std::io::Result<File> {
    File::options()
        .read(true)
        .write(true)
        .custom_flags(OFlags::NONBLOCK.union(OFlags::NOCTTY).bits().cast_signed())
        .open(path)
}

/// The device itself, or of a folder the first `lp…` in it: a printer that was pulled out may come back under another
/// number.
fn first_of(path: &Path) -> std::io::Result<PathBuf> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let mut found: Vec<PathBuf> = std::fs::read_dir(path)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("lp")
        })
        .collect();
    found.sort();
    let none = || std::io::Error::new(ErrorKind::NotFound, "no USB printer is connected");
    found.into_iter().next().ok_or_else(none)
}

/// Bytes as they are, at this speed.
///
/// # Errors
/// What the system said: it is no serial line, or knows no such speed.
pub(crate) fn set_raw(file: &File, baud: u32) -> std::io::Result<()> {
    let mut terminal = tcgetattr(file)?;
    terminal.make_raw();
    terminal.set_speed(if baud == 0 { speed::B9600 } else { baud })?;
    tcsetattr(file, OptionalActions::Now, &terminal)?;
    Ok(())
}

/// An open cable that never blocks for longer than it is told.
struct Wire(File);

impl Wire {
    /// Waits until bytes can go (`OUT`) or come (`IN`).
    fn is_ready(&self, way: PollFlags, patience: Duration) -> bool {
        let mut places = [PollFd::new(&self.0, way)];
        let patience = Timespec::try_from(patience).ok();
        matches!(poll(&mut places, patience.as_ref()), Ok(1..)) && places[0].revents().contains(way)
    }

    fn write(&mut self, mut bytes: &[u8]) -> Result<(), PrinterError> {
        while !bytes.is_empty() {
            if !self.is_ready(PollFlags::OUT, TAKING) {
                // It stands still in the middle of a paper: it says why, if it can.
                self.state()?;
                return Err(PrinterError::Fault("it takes no more data".to_owned()));
            }
            match self.0.write(bytes) {
                Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
                Err(error) if is_passing(&error) => {}
                Err(error) => return Err(PrinterError::Off(error.to_string())),
            }
        }
        Ok(())
    }

    /// The first byte within `patience` that `is_it`; others are answers to bytes of pictures that look like
    /// questions, and are passed over. A line that never falls silent does not prolong it.
    #[expect(
        clippy::disallowed_methods,
        reason = "a printer on a cable answers in real time, whatever clock the kit goes by"
    )]
    fn read(&mut self, patience: Duration, is_it: impl Fn(u8) -> bool) -> Option<u8> {
        let mut byte = [0];
        let until = Instant::now() + patience;
        let left = || until.saturating_duration_since(Instant::now());
        let mut passed = 0u32;
        while passed < PASSED_MAX && self.is_ready(PollFlags::IN, left()) {
            passed += 1;
            match self.0.read(&mut byte) {
                Ok(1..) if is_it(byte[0]) => return Some(byte[0]),
                Ok(1..) => {}
                Ok(0) => return None,
                Err(error) if is_passing(&error) => {}
                Err(_) => return None,
            }
        }
        None
    }

    /// Waits until what was sent is on paper; `false` when the printer stands still or takes too long.
    fn is_done(&mut self) -> bool {
        let is_answer = |byte: u8| byte & 0x90 == 0;
        for _ in 0..PRINTING {
            if self.read(ANSWER, is_answer).is_some() {
                return true;
            }
            self.put(&[0x10, 0x04, 2]);
            match self.read(ANSWER, |byte| is_answer(byte) || is_state(byte)) {
                Some(byte) if is_answer(byte) => return true,
                Some(state) if state & STANDS_STILL != 0 => return false,
                // It prints still; on a slow line the question waits behind the picture.
                Some(_) | None => {}
            }
        }
        false
    }

    /// Asks how the printer stands.
    fn state(&mut self) -> Result<Supply, PrinterError> {
        // What it said unasked is no answer.
        for _ in 0..PASSED_MAX {
            if self.read(Duration::ZERO, |_| true).is_none() {
                break;
            }
        }
        let mut told = [0; 4];
        for (question, answer) in (1..).zip(&mut told) {
            self.put(&[0x10, 0x04, question]);
            *answer = self
                .read(ANSWER, is_state)
                .ok_or_else(|| PrinterError::Off("it does not answer".to_owned()))?;
        }
        verdict(told)
    }

    /// Sends a few bytes that a printer takes at once, also while it stands still.
    fn put(&mut self, bytes: &[u8]) {
        if self.is_ready(PollFlags::OUT, ANSWER)
            && let Err(error) = self.0.write_all(bytes)
        {
            tracing::debug!(%error, "the printer takes no question");
        }
    }

    fn forget(&mut self) {
        self.put(&FORGET);
    }
}

fn is_passing(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

/// The fixed bits of an answer to `DLE EOT n`.
fn is_state(byte: u8) -> bool {
    byte & 0x93 == 0x12
}

/// Bits of the answer to `DLE EOT 2`: the cover is open, paper has ended, something is wrong.
const STANDS_STILL: u8 = COVER_OPEN | STOPPED_FOR_PAPER | 0x40;
const COVER_OPEN: u8 = 0x04;
const STOPPED_FOR_PAPER: u8 = 0x20;

/// What the answers to `DLE EOT 1` to `4` mean.
fn verdict([printer, offline, fault, paper]: [u8; 4]) -> Result<Supply, PrinterError> {
    const IS_OFFLINE: u8 = 0x08;
    const FAULTS: u8 = 0x04 | 0x08 | 0x20 | 0x40;
    const PAPER_OUT: u8 = 0x60;
    const PAPER_LOW: u8 = 0x0c;
    if offline & COVER_OPEN != 0 {
        Err(PrinterError::Cover)
    } else if offline & STOPPED_FOR_PAPER != 0 || paper & PAPER_OUT != 0 {
        Err(PrinterError::Paper)
    } else if fault & FAULTS != 0 {
        Err(PrinterError::Stuck)
    } else if printer & IS_OFFLINE != 0 {
        Err(PrinterError::Fault("it is off line".to_owned()))
    } else if paper & PAPER_LOW != 0 {
        Ok(Supply::Low)
    } else {
        Ok(Supply::Enough)
    }
}
