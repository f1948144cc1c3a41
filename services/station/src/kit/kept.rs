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
use crate::replay::Seen;

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

/// Running reports that a kit keeps at most.
const RUNNING_MAX: u32 = 10_000;

/// A signed report as it stands on the disk.
pub(super) struct KeptReport {
    pub report: Report,
    pub signed: Vec<u8>,
}

impl Kit {
    /// What lay on the kit's glass before, in `K1.glass`.
    ///
    /// # Errors
    /// What the system said.
    pub(crate) fn glass(&self) -> io::Result<Seen> {
        let path = self.folder.join(format!("{}.glass", self.name()));
        Seen::kept_in(&self.disk, &path, &*self.body.day_key)
    }

    /// The signed reports that stand on the kit's disk, by word (`initial`, `running` for the last one, `final`, and
    /// `addendum` for the last one). One that is not this kit's, or that a power cut left in part, is passed over: the chair makes it again.
    #[must_use]
    pub fn kept_reports(&self) -> Vec<(&'static str, SignedReport)> {
        let running = format!("running-{}", self.running_kept());
        let initial = self.initial_word();
        let files = [
            ("initial", initial.as_str()),
            ("running", running.as_str()),
            ("final", "final"),
        ];
        let mut kept: Vec<_> = files
            .into_iter()
            .filter_map(|(word, file)| Some((word, self.kept(file).ok().flatten()?)))
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

    /// How many running reports stand on the kit's disk: `K1.running-1.cose` … without a gap; none is ever overwritten.
    pub(super) fn running_kept(&self) -> u32 {
        let mut kept = 0u32;
        loop {
            let file = format!("{}.running-{}.cose", self.name(), kept + 1);
            match self.disk.read(&self.folder.join(file)) {
                // What cannot be read is there, and is not written over.
                Ok(Some(_)) | Err(_) if kept < RUNNING_MAX => kept += 1,
                _ => return kept,
            }
        }
    }

    /// The greatest number of a report on the kit's disk, whose final ones these are; 0 without one.
    pub(super) fn last_number(&self, finals: &[KeptReport]) -> u32 {
        // The numbers of running reports rise: the last that can be read has the greatest.
        let runs = (1..=self.running_kept()).rev();
        let mut runs = runs.filter_map(|at| self.kept(&format!("running-{at}")).ok()?);
        let others = self.kept("initial").ok().flatten();
        let others = others.into_iter().chain(runs.next());
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
