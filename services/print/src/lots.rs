//! Lots of field verification on paper: each lot that the office made, as a sheet with boxes for the answers (PDF/A).
//!
//! A lot is printed only from the very file that was handed out, by its SHA-256 in the table of lots. Nothing stands on
//! the paper that the file does not hold, but the day of the table.

use std::collections::BTreeMap;
use std::path::PathBuf;

use lexicon::handover::envelope::{hex, sha256};
use lexicon::{Date, Instant};
use serde::Serialize;

use crate::face::Faces;
use crate::files::FileError;
use crate::form::{FormError, ListForm, PaperLanguage};
use crate::lists::{PrintedList, Progress, RefuseList, write_outcome};
use crate::press::{Press, Sheets, Task, hash_of};
use crate::typesetter::{Stamp, Typesetter};

mod form;
pub mod page;
pub mod table;

use form::{LotForm, TEMPLATE, shape_hash};
use page::{LotPageError, LotPlanner, facts_hash};
use table::{BadCell, Entry, LotFacts, bytes_of, read_lot, read_table};

/// Where the finished lots are named.
pub const LOTS_FILE: &str = "lots.json";

/// What is printed, from where, to where.
#[derive(Clone, Debug)]
pub struct LotsJob {
    /// The table of lots: `field-lots.csv` of the office's page, or `lots.csv` of the command.
    pub table: PathBuf,
    /// The folder with the lots' files, `field-lot-00001.csv` and so on.
    pub files: PathBuf,
    /// Where PDFs go.
    pub out: PathBuf,
    /// Lots; none means all of the table.
    pub lots: Vec<u32>,
    /// Languages of the paper.
    pub language: PaperLanguage,
    /// Documents set at the same time, at least 1.
    pub threads: usize,
}

/// One finished lot.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PrintedLot {
    /// Its number.
    pub lot: u32,
    /// Its precinct.
    pub precinct: Option<String>,
    /// Its ayil aimak; empty when unknown.
    pub aimak: String,
    /// The day until which answers are due.
    pub due: Date,
    /// File name.
    pub file: Option<String>,
    /// Pages.
    pub pages: u32,
    /// Entries.
    pub entries: u32,
    /// SHA-256 of the PDF.
    pub sha256: String,
    /// SHA-256 of the lot's file.
    pub of: String,
}

/// What a run came to; `lots` is what stands in the folder for this table, form and language.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct LotsOutcome {
    /// SHA-256 of the table.
    pub table: String,
    /// Languages of the paper.
    pub language: &'static str,
    /// Hash of form, template, places and fonts.
    pub form: String,
    /// Finished lots by number.
    pub lots: Vec<PrintedLot>,
    /// Printed in this run.
    #[serde(skip)]
    pub printed: usize,
    /// Stood already.
    #[serde(skip)]
    pub skipped: usize,
    /// What was not printed and why, in the order of the table.
    #[serde(skip)]
    pub refused: Vec<BadCell>,
}

/// Why a run did not begin; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum LotsError {
    /// The table as a whole: whoever prepared it acts.
    #[error(transparent)]
    Table(#[from] BadCell),
    /// The form: an engineer acts.
    #[error(transparent)]
    Form(#[from] FormError),
    /// The table names no such lot.
    #[error("the table has no lot {0}")]
    UnknownLot(u32),
    /// A file could not be written.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Prints lots, one PDF each. A lot whose file cannot stand is refused by file, line and field, and the rest goes on. PDFs
/// are written beside and renamed; one whose source has not changed is skipped.
///
/// # Errors
/// [`LotsError`] before anything is written.
pub fn print_lots(
    job: &LotsJob,
    report: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<LotsOutcome, LotsError> {
    let table = job.table.file_name().unwrap_or_default().to_string_lossy();
    let bytes = bytes_of(&job.table, &table)?;
    let mut refused = Vec::new();
    let mut lots = Vec::new();
    for row in read_table(&table, &bytes)? {
        match row {
            Ok(lot) => lots.push(lot),
            Err(bad) => refused.push(bad),
        }
    }
    if let Some(unknown) = job
        .lots
        .iter()
        .find(|lot| lots.iter().all(|of| of.lot != **lot))
    {
        return Err(LotsError::UnknownLot(*unknown));
    }
    lots.sort_by_key(|lot| lot.lot);
    let form = LotForm::kg()?;
    let names = ListForm::kg()?.names;
    let faces = Faces::embedded();
    let setting = Setting {
        language: job.language,
        planner: LotPlanner {
            form: &form,
            faces: &faces,
            language: job.language,
            particles: &names.particles,
        },
        setter: Typesetter::new(TEMPLATE, "/lot.json", &faces),
        shape: shape_hash(),
    };
    let press = Press::open(&job.out, job.threads)?;
    let mut work = Vec::new();
    let is_chosen = |lot: &&LotFacts| job.lots.is_empty() || job.lots.contains(&lot.lot);
    for lot in lots.iter().filter(is_chosen) {
        let name = lot.file();
        let read = match job.files.join(&name) {
            path if path.is_file() => bytes_of(&path, &name),
            _ => Err(BadCell {
                file: table.to_string(),
                line: lot.line,
                field: "lot".to_owned(),
                why: format!("{name} is not in the folder of files"),
            }),
        };
        match read.and_then(|bytes| read_lot(lot, &table, &bytes)) {
            Ok(entries) => work.push((setting.task(lot), (lot, entries))),
            Err(bad) => refused.push(bad),
        }
    }
    let made = press.run(
        work,
        &|task, (lot, entries): (&LotFacts, Vec<Entry>)| setting.set(task, lot, &entries).map(Some),
        report,
    );
    let by_number: BTreeMap<u32, &LotFacts> = lots.iter().map(|lot| (lot.lot, lot)).collect();
    for one in made.refused {
        let line = by_number.get(&one.of).map_or(0, |lot| lot.line);
        refused.push(one.cell.unwrap_or_else(|| BadCell {
            file: table.to_string(),
            line,
            field: "lot".to_owned(),
            why: one.why,
        }));
    }
    let is_refused = |lot: &LotFacts| {
        let file = lot.file();
        let table: &str = &table;
        let of = |bad: &BadCell| bad.file == file || bad.file == table && bad.line == lot.line;
        refused.iter().any(of)
    };
    let standing = lots.iter().filter(|lot| !is_refused(lot));
    let standing = standing.filter_map(|lot| {
        let printed = press.standing(&setting.task(lot))?;
        Some(printed_lot(lot, printed))
    });
    let outcome = LotsOutcome {
        table: hex(&sha256(&bytes)),
        language: job.language.code(),
        form: hex(&setting.shape),
        lots: standing.collect(),
        printed: made.printed,
        skipped: made.skipped,
        refused,
    };
    write_outcome(&job.out, LOTS_FILE, &outcome)?;
    Ok(outcome)
}

fn printed_lot(lot: &LotFacts, printed: PrintedList) -> PrintedLot {
    PrintedLot {
        lot: lot.lot,
        precinct: lot.precinct.map(|p| p.to_string()),
        aimak: lot.aimak.clone(),
        due: lot.due,
        file: printed.file,
        pages: printed.pages,
        entries: lot.entries,
        sha256: printed.sha256,
        of: lot.sha256.clone(),
    }
}

/// Everything a lot's paper needs beside the lot.
struct Setting<'a> {
    language: PaperLanguage,
    planner: LotPlanner<'a>,
    setter: Typesetter,
    shape: [u8; 32],
}

impl Setting<'_> {
    fn task(&self, lot: &LotFacts) -> Task {
        Task {
            of: lot.lot,
            name: format!("lot-{:05}", lot.lot),
            lines: lot.entries,
            source: hash_of(&[
                &facts_hash(lot),
                &self.shape,
                self.language.code().as_bytes(),
            ]),
        }
    }

    fn set(&self, task: &Task, lot: &LotFacts, entries: &[Entry]) -> Result<Sheets, RefuseList> {
        let data = self.planner.plan(lot, entries)?;
        let pages = u32::try_from(data.pages()).unwrap_or(u32::MAX);
        let stamp = Stamp {
            ident: format!("{} {} {}", lot.sha256, task.name, self.language.code()),
            at: Instant::at_local(lot.made, 0, 0),
            offset_minutes: 0,
        };
        let pdf = self.setter.set(data.json(), &stamp)?;
        Ok(Sheets { pages, pdf })
    }
}

impl From<LotPageError> for RefuseList {
    fn from(error: LotPageError) -> Self {
        match error {
            LotPageError::Cell(bad) => RefuseList::Cell(bad),
            error @ (LotPageError::Letter(_) | LotPageError::Head | LotPageError::Code(_)) => {
                RefuseList::Lot(error)
            }
        }
    }
}
