//! What a kit owes and has shown, read again after a restart: signed reports, receipts it resumed.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::Arc;

use lexicon::handover::envelope::{DocumentType, Kid, Subject, decode, open_all};
use lexicon::handover::report::Report;
use pollbook::{Body, Book};

use super::{Kit, SignedReport};
use crate::disk::Disk;
use crate::lines::LineFile;
use crate::print;

/// Receipts of lost kits that came out here: `K1.resumed`, a line of the list each.
pub(super) struct Resumed {
    file: LineFile,
}

impl Resumed {
    /// Reads the file and gives the lines whose receipt this kit resumed and never printed.
    ///
    /// # Errors
    /// What the system said.
    pub(super) fn read(
        disk: &Arc<dyn Disk>,
        path: &Path,
        book: &Book,
    ) -> io::Result<(Self, BTreeSet<u32>)> {
        let (file, lines) = LineFile::read(disk, path)?;
        let printed: BTreeSet<u32> = lines
            .iter()
            .filter_map(|line| line.trim().parse().ok())
            .collect();
        let resumed = book.events_after(book.me(), 0).filter_map(|act| {
            let Body::Resumed(body) = &act.body else {
                return None;
            };
            (body.outcome == 1 && Kid(*body.kit) != book.me()).then_some(body.line)
        });
        let owed = resumed.filter(|line| !printed.contains(line)).collect();
        Ok((Self { file }, owed))
    }

    /// Keeps that the receipt of a line came out.
    ///
    /// # Errors
    /// What the system said; after a restart the receipt is then offered again.
    pub(super) fn printed(&mut self, line: u32) -> io::Result<()> {
        self.file.add(&line.to_string())
    }
}

impl Kit {
    /// The signed reports that stand on the kit's disk, by word (`initial`, `running`, `final`, and `addendum` for the
    /// last one). One that is not this kit's, or
    /// that a power cut left in part, is passed over: the chair makes it again.
    #[must_use]
    pub fn kept_reports(&self) -> Vec<(&'static str, SignedReport)> {
        let mut kept: Vec<_> = ["initial", "running", "final"]
            .into_iter()
            .filter_map(|word| Some((word, self.kept_report(word)?)))
            .collect();
        let addendum = self.finals().unwrap_or_default().pop();
        let addendum = addendum.filter(|last| last.report.adds_to.is_some());
        kept.extend(addendum.map(|last| ("addendum", last)));
        kept
    }

    /// The final report and its addenda, in their order.
    ///
    /// # Errors
    /// What the system said, or that one of them is there and is not this kit's: it is kept, and nothing is written
    /// in its place.
    pub(super) fn finals(&self) -> io::Result<Vec<SignedReport>> {
        let mut finals = Vec::new();
        loop {
            let word = match finals.len() {
                0 => "final".to_owned(),
                n => format!("addendum-{n}"),
            };
            let path = self.folder.join(format!("{}.{word}.cose", self.name()));
            if self.disk.read(&path)?.is_none() {
                return Ok(finals);
            }
            finals.push(self.kept_report(&word).ok_or_else(|| {
                io::Error::other(format!("{} is not this kit's report", path.display()))
            })?);
        }
    }

    /// The greatest number of a report on the kit's disk; 0 without one.
    pub(super) fn last_number(&self) -> u32 {
        let kept = self.kept_reports();
        kept.iter()
            .map(|(_, kept)| kept.report.number)
            .max()
            .unwrap_or(0)
    }

    fn kept_report(&self, word: &str) -> Option<SignedReport> {
        let path = self.folder.join(format!("{}.{word}.cose", self.name()));
        let signed = self.disk.read(&path).ok()??;
        let subject = Subject {
            kind: DocumentType::Report,
            election: self.charter.manifest().election,
        };
        let opened = open_all(subject, &signed, &self.ring, &[self.me]);
        let report: Option<Report> = opened.ok().and_then(|opened| decode(&opened.payload).ok());
        let Some(report) = report else {
            tracing::warn!(path = %path.display(), "a report on the disk is not this kit's");
            return None;
        };
        Some(SignedReport {
            paper: print::report(&self.heading(), &report, &self.day, &signed).bitmap,
            json: print::report_json(&report, self.heading().offset_minutes),
            report,
            signed,
        })
    }
}
