//! The kits' printers: every paper becomes the byte stream a printer would get, a few become pictures.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use station::print::{Job, escpos};
use station::printer::{Printer, PrinterError};

/// Pictures kept of one sort of paper and kit.
const KEPT: u32 = 2;

#[derive(Default)]
struct Drawer {
    papers: u64,
    bytes: u64,
    kept: BTreeMap<String, u32>,
}

/// A receipt printer that keeps the first pictures of every sort of paper.
pub(super) struct Papers {
    folder: PathBuf,
    drawer: Mutex<Drawer>,
    is_out_of_paper: AtomicBool,
}

/// The sort of a paper by its job's name: `receipt`, `receipt-copy`, `refusal`, `report`, `day`.
fn sort_of(name: &str) -> String {
    let first = name.split('-').next().unwrap_or(name);
    match (name.contains("-copy"), name.rsplit('-').next()) {
        (true, _) => format!("{first}-copy"),
        // Each kind of report is a sort of its own.
        (false, Some(last)) if first == "report" => format!("{first}-{last}"),
        (false, _) => first.to_owned(),
    }
}

impl Papers {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            drawer: Mutex::new(Drawer::default()),
            is_out_of_paper: AtomicBool::new(false),
        }
    }

    /// Takes the paper out or puts it in.
    pub(super) fn set_out_of_paper(&self, out: bool) {
        self.is_out_of_paper.store(out, Ordering::SeqCst);
    }

    /// Papers that came out, and the bytes of their streams.
    pub(super) fn total(&self) -> (u64, u64) {
        let drawer = self
            .drawer
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        (drawer.papers, drawer.bytes)
    }
}

impl Printer for Papers {
    fn print(&self, job: &Job) -> Result<(), PrinterError> {
        if self.is_out_of_paper.load(Ordering::SeqCst) {
            return Err(PrinterError::Paper);
        }
        let stream = escpos(&job.bitmap);
        let keep = {
            let mut drawer = self
                .drawer
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            drawer.papers += 1;
            drawer.bytes += stream.len() as u64;
            let kept = drawer.kept.entry(sort_of(&job.name)).or_default();
            *kept += 1;
            *kept <= KEPT
        };
        if keep {
            let path = self.folder.join(format!("{}.png", job.name));
            std::fs::write(&path, job.bitmap.png())
                .map_err(|error| PrinterError::Fault(error.kind().to_string()))?;
        }
        Ok(())
    }

    fn kind(&self) -> &'static str {
        "file"
    }
}

#[cfg(test)]
mod tests {
    use super::sort_of;

    #[test]
    fn papers_are_sorted_by_what_they_are() {
        let sorts = [
            "receipt-K1-0001",
            "receipt-K1-0001-copy1",
            "refusal-K2-9",
            "report-K1-initial",
            "day-table-K1",
        ]
        .map(sort_of);
        assert_eq!(
            sorts,
            [
                "receipt",
                "receipt-copy",
                "refusal",
                "report-initial",
                "day"
            ]
        );
    }
}
