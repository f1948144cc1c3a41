//! A document reader on a serial line (USB in its CDC mode): what it reads comes to the kit itself, whatever has the
//! focus on the screen. It goes the way of a reader that types ([`Station::take_scan`]).
//!
//! The bytes are put together by [`Framing`]. The device may be pulled out and put back at any time.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pollbook::{Framing, Waits};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::printer::{line, set_raw};
use crate::reader::ScanDone;
use crate::scene::Station;

/// Quiet after a line end: the next line of a zone comes sooner, at 9,600 baud 44 characters take 46 ms.
const AFTER_LINE: Duration = Duration::from_millis(120);
/// Quiet that ends a reading without a line end.
const AFTER_SIGN: Duration = Duration::from_millis(300);
/// Between two looks for a device that is not there.
const AGAIN: Duration = Duration::from_secs(1);

/// What the pages are told of a reader on a line.
#[derive(Debug, Default)]
pub(crate) struct SerialReader {
    is_configured: AtomicBool,
    is_there: AtomicBool,
    /// A slip that was read: the first page that asks for it takes it to the ballot table.
    slip: Mutex<Option<String>>,
    /// Pages that listen and have a field of their own for what is read: ballot table, list's pages, lost kit's slip.
    takers: Arc<AtomicUsize>,
    /// How many readings there were, and what became of the last.
    last: Mutex<(u64, &'static str)>,
}

/// A page that has a field of its own; it is counted until this is dropped.
pub(crate) struct Taker(Arc<AtomicUsize>);

impl Drop for Taker {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl SerialReader {
    /// Counts a page that has a field of its own.
    pub(crate) fn taker(&self) -> Taker {
        self.takers.fetch_add(1, Ordering::SeqCst);
        Taker(Arc::clone(&self.takers))
    }

    /// Whether the reader is there; `None` without one in the configuration.
    pub(crate) fn is_there(&self) -> Option<bool> {
        self.is_configured
            .load(Ordering::SeqCst)
            .then(|| self.is_there.load(Ordering::SeqCst))
    }

    /// The slip that was read, once.
    pub(crate) fn take_slip(&self) -> Option<String> {
        self.slip
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// How many readings there were, and what became of the last: the pages' word for it.
    pub(crate) fn last(&self) -> (u64, &'static str) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Station {
    /// Takes what a reader on a line read in one go. A slip waits for a page that brings it to the ballot table.
    pub fn take_reading(&self, text: &str) -> ScanDone {
        // A locked screen shows no voter, whoever holds a document to the reader.
        if self.is_locked() {
            return ScanDone::AnswerFirst;
        }
        let is_for_a_field = self.serial.takers.load(Ordering::SeqCst) > 0
            && self
                .kit()
                .is_some_and(|kit| pollbook::read_scan(text, kit.today()).is_err());
        let done = if is_for_a_field {
            ScanDone::Table
        } else {
            self.take_scan(text)
        };
        if done == ScanDone::Table {
            let mut slip = self
                .serial
                .slip
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            *slip = Some(text.to_owned());
        }
        self.used();
        let mut last = self
            .serial
            .last
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *last = (last.0 + 1, done.word());
        drop(last);
        self.tell();
        done
    }

    fn set_reader(&self, is_there: bool) {
        if self.serial.is_there.swap(is_there, Ordering::SeqCst) != is_there {
            self.tell();
        }
    }
}

/// Ends the reader's thread when it is dropped.
#[derive(Debug)]
pub struct Reading(Arc<AtomicBool>);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Reads from a device until the answer is dropped: it may come late, go, and come back.
#[must_use]
pub fn read_from(station: &Arc<Station>, device: &Path, baud: u32) -> Reading {
    let is_over = Arc::new(AtomicBool::new(false));
    station.serial.is_configured.store(true, Ordering::SeqCst);
    let (station, device) = (Arc::clone(station), device.to_owned());
    let over = Arc::clone(&is_over);
    std::thread::spawn(move || keep_reading(&station, &device, baud, &over));
    Reading(is_over)
}

fn keep_reading(station: &Station, device: &Path, baud: u32, is_over: &AtomicBool) {
    while !is_over.load(Ordering::SeqCst) {
        let opened = line(device).and_then(|file| set_raw(&file, baud).map(|()| file));
        match opened {
            Ok(file) => {
                station.set_reader(true);
                read_line(station, file, is_over);
                station.set_reader(false);
            }
            Err(error) => tracing::debug!(%error, "the document reader is not there"),
        }
        std::thread::sleep(AGAIN);
    }
}

/// Reads until the device is gone.
fn read_line(station: &Station, mut file: File, is_over: &AtomicBool) {
    let mut framing = Framing::default();
    let mut bytes = [0; 256];
    while !is_over.load(Ordering::SeqCst) {
        let patience = match framing.waits() {
            Waits::ForAnything => AGAIN,
            Waits::ForLine => AFTER_SIGN,
            Waits::ForNext => AFTER_LINE,
        };
        let mut places = [PollFd::new(&file, PollFlags::IN)];
        let patience = Timespec::try_from(patience).ok();
        match poll(&mut places, patience.as_ref()) {
            Ok(0) => {
                if let Some(text) = framing.quiet() {
                    station.take_reading(&text);
                }
                continue;
            }
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => return,
        }
        match file.read(&mut bytes) {
            Ok(count @ 1..) => framing.push(&bytes[..count]),
            // The end of the line: the device was pulled out.
            Ok(0) => return,
            Err(error)
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::WouldBlock | std::io::ErrorKind::Interrupted
                ) => {}
            Err(_) => return,
        }
    }
}
