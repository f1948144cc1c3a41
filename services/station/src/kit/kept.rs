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

/// A signed report as it stands on the disk.
pub(super) struct KeptReport {
    pub report: Report,
    pub signed: Vec<u8>,
}

impl Kit {
    /// The signed reports that stand on the kit's disk, by word (`initial`, `running`, `final`, and `addendum` for the
    /// last one). One that is not this kit's, or that a power cut left in part, is passed over: the chair makes it again.
    #[must_use]
    pub fn kept_reports(&self) -> Vec<(&'static str, SignedReport)> {
        let mut kept: Vec<_> = ["initial", "running", "final"]
            .into_iter()
            .filter_map(|word| Some((word, self.kept(word).ok().flatten()?)))
            .collect();
        let addendum = self.finals().unwrap_or_default().pop();
        let addendum = addendum.filter(|last| last.report.adds_to.is_some());
        kept.extend(addendum.map(|last| ("addendum", last)));
        kept.into_iter()
            .map(|(word, kept)| (word, self.shown(kept)))
            .collect()
    }

    /// The final report and its addenda, in their order.
    ///
    /// # Errors
    /// What the system said, or that one of them is there and is not this kit's: it is kept, and nothing is written
    /// in its place.
    pub(super) fn finals(&self) -> io::Result<Vec<KeptReport>> {
        let mut finals = Vec::new();
        loop {
            let word = match finals.len() {
                0 => "final".to_owned(),
                n => format!("addendum-{n}"),
            };
            match self.kept(&word)? {
                Some(kept) => finals.push(kept),
                None => return Ok(finals),
            }
        }
    }

    /// The greatest number of a report on the kit's disk, whose final ones these are; 0 without one.
    pub(super) fn last_number(&self, finals: &[KeptReport]) -> u32 {
        let others = ["initial", "running"];
        let others = others.iter().filter_map(|word| self.kept(word).ok()?);
        let numbers = others.map(|kept| kept.report.number);
        numbers
            .chain(finals.iter().map(|kept| kept.report.number))
            .max()
            .unwrap_or(0)
    }

    /// A report as screens show it.
    pub(super) fn shown(&self, kept: KeptReport) -> SignedReport {
        let KeptReport { report, signed } = kept;
        SignedReport {
            paper: print::report(&self.heading(), &report, &self.day, &signed).bitmap,
            json: print::report_json(&report, self.heading().offset_minutes),
            report,
            signed,
        }
    }

    /// Reads one; `None` when there is no such file.
    fn kept(&self, word: &str) -> io::Result<Option<KeptReport>> {
        let path = self.folder.join(format!("{}.{word}.cose", self.name()));
        let Some(signed) = self.disk.read(&path)? else {
            return Ok(None);
        };
        let subject = Subject {
            kind: DocumentType::Report,
            election: self.charter.manifest().election,
        };
        let opened = open_all(subject, &signed, &self.ring, &[self.me]);
        let report: Option<Report> = opened.ok().and_then(|opened| decode(&opened.payload).ok());
        let Some(report) = report else {
            let path = path.display();
            tracing::warn!(%path, "a report on the disk is not this kit's");
            return Err(io::Error::other(format!("{path} is not this kit's report")));
        };
        Ok(Some(KeptReport { report, signed }))
    }
}
