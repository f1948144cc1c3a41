//! The run: which lists are printed, skipped or refused, and what stands in the folder after it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use lexicon::PrecinctCode;
use lexicon::handover::envelope::hex;
use lexicon::handover::release::PrecinctTotal;
use serde::{Deserialize, Serialize};

use crate::face::Faces;
use crate::files::{FileError, file_error, write_beside};
use crate::form::{FormError, ListForm, PaperLanguage, TEMPLATE, shape_hash};
use crate::lines::{Commitment, ListError, PrecinctLines, prove};
use crate::lots::page::LotPageError;
use crate::lots::table::BadCell;
use crate::page::{Place, PlanError, Planner};
use crate::press::{Press, Sheets, Task, hash_of};
use crate::release::{OpenRelease, ReleaseError};
use crate::typesetter::{Stamp, TypesetError, Typesetter};

/// Where the finished lists are named.
pub const LISTS_FILE: &str = "lists.json";

/// What is printed, from where, to where.
#[derive(Clone, Debug)]
pub struct ListsJob {
    /// The folder `roll/`.
    pub roll: PathBuf,
    /// The folder `publication/`: signatures, law, addresses.
    pub publication: Option<PathBuf>,
    /// The shipped law, used when there is no publication.
    pub law_id: String,
    /// Where PDFs go.
    pub out: PathBuf,
    /// Precincts; none means all.
    pub precincts: Vec<PrecinctCode>,
    /// Languages of the paper.
    pub language: PaperLanguage,
    /// Documents set at the same time, at least 1.
    pub threads: usize,
}

/// What a run tells while it goes.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// Lists read and hashed.
    Proven {
        /// How many.
        done: u64,
        /// Of how many.
        total: u64,
    },
    /// A list stands.
    Printed {
        /// Which.
        list: &'a PrintedList,
        /// Lists finished or refused so far.
        done: usize,
        /// Of how many.
        total: usize,
        /// It stood already.
        is_skipped: bool,
    },
    /// A list was refused.
    Refused {
        /// Whose.
        of: u32,
        /// Why.
        why: &'a RefuseList,
    },
}

/// One finished list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PrintedList {
    /// Precinct number; of a lot's paper the lot.
    #[serde(rename = "precinct")]
    pub of: u32,
    /// File name; none where nobody stands on the list.
    pub file: Option<String>,
    /// Pages.
    pub pages: u32,
    /// Lines.
    pub lines: u32,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Hash of everything the file was made from.
    pub source: String,
}

/// A list that was not printed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct RefusedList {
    /// Precinct number; of a lot's paper the lot.
    #[serde(rename = "precinct")]
    pub of: u32,
    /// Why.
    pub why: String,
    /// The cell of a file at fault, when there is one.
    #[serde(skip)]
    pub cell: Option<BadCell>,
}

/// What a run came to; `lists` is what stands in the folder for this release, form and language.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct ListsOutcome {
    /// Election number.
    pub election: u32,
    /// Release number.
    pub release: u32,
    /// Id of the release.
    pub release_id: String,
    /// Root of the list.
    pub root: String,
    /// Languages of the paper.
    pub language: &'static str,
    /// Who vouches for the release.
    pub signatures: &'static str,
    /// Hash of form, template and fonts.
    pub form: String,
    /// Finished lists by precinct.
    pub lists: Vec<PrintedList>,
    /// Printed in this run.
    #[serde(skip)]
    pub printed: usize,
    /// Stood already.
    #[serde(skip)]
    pub skipped: usize,
    /// Refused in this run, by precinct.
    #[serde(skip)]
    pub refused: Vec<RefusedList>,
}

/// Why a run did not begin; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ListsError {
    /// The release.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// The form.
    #[error(transparent)]
    Form(#[from] FormError),
    /// The release knows no such precinct.
    #[error("the release has no precinct {0}")]
    UnknownPrecinct(PrecinctCode),
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The published precincts are malformed.
    #[error("{path}: {why}")]
    Precincts {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

impl ListsError {
    /// Whether the documents are at fault, not the way the command was called.
    #[must_use]
    pub fn is_finding(&self) -> bool {
        match self {
            ListsError::Release(error) => error.is_finding(),
            ListsError::Form(_)
            | ListsError::UnknownPrecinct(_)
            | ListsError::File(_)
            | ListsError::Precincts { .. } => false,
        }
    }
}

/// Why one list was not printed; others go on.
#[derive(Debug, thiserror::Error)]
pub enum RefuseList {
    /// The lines are not those of the release.
    #[error(transparent)]
    Lines(#[from] ListError),
    /// They do not fit the form.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A cell of a lot's file.
    #[error(transparent)]
    Cell(BadCell),
    /// A lot does not fit its form.
    #[error(transparent)]
    Lot(LotPageError),
    /// The template.
    #[error(transparent)]
    Typeset(#[from] TypesetError),
    /// The file could not be written.
    #[error(transparent)]
    File(#[from] FileError),
}

/// Prints the lists of a release.
///
/// Every list of the release is read and proven first, also those that are not printed. PDFs are
/// written beside and renamed; one whose source has not changed is skipped.
///
/// # Errors
/// [`ListsError`] before anything is written; refusals of single lists are in the outcome.
pub fn print_lists(
    job: &ListsJob,
    report: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<ListsOutcome, ListsError> {
    let publication = job.publication.as_deref();
    let release = OpenRelease::open(&job.roll, publication, &job.law_id)?;
    let form = ListForm::kg()?;
    form.demand_rows(release.law.list.lines_per_page)?;
    let places = publication.map(places).transpose()?.unwrap_or_default();
    let chosen = chosen(&release, &job.precincts)?;
    let press = Press::open(&job.out, job.threads)?;
    let mut proven = prove(&job.roll, &release, publication, &|done, total| {
        report(Progress::Proven { done, total });
    });
    let faces = Faces::embedded();
    let setting = Setting {
        job,
        planner: Planner {
            form: &form,
            faces: &faces,
            release: &release,
            language: job.language,
        },
        setter: Typesetter::new(TEMPLATE, "/list.json", &faces),
        places,
        shape: shape_hash(),
    };
    let work = chosen
        .iter()
        .filter_map(|total| {
            Some((
                setting.task(total),
                (total, proven.remove(&total.precinct)?),
            ))
        })
        .collect();
    let made = press.run(
        work,
        &|task, (total, proven)| match proven {
            Ok(proven) => setting.set(task, total, &proven),
            Err(error) => Err(error.into()),
        },
        report,
    );
    let refused = |precinct: u16| made.refused.iter().any(|r| r.of == u32::from(precinct));
    let lists = release
        .document
        .precincts
        .iter()
        .filter(|total| !refused(total.precinct))
        .filter_map(|total| press.standing(&setting.task(total)))
        .collect();
    let outcome = ListsOutcome {
        election: release.document.election,
        release: release.document.release,
        release_id: release.id.hex(),
        root: hex(&*release.document.root),
        language: job.language.code(),
        signatures: release.signatures.code(),
        form: hex(&setting.shape),
        lists,
        printed: made.printed,
        skipped: made.skipped,
        refused: made.refused,
    };
    write_outcome(&job.out, LISTS_FILE, &outcome)?;
    Ok(outcome)
}

fn chosen(
    release: &OpenRelease,
    wanted: &[PrecinctCode],
) -> Result<Vec<PrecinctTotal>, ListsError> {
    let all = &release.document.precincts;
    let known = |code: &&PrecinctCode| !all.iter().any(|p| p.precinct == code.number());
    if let Some(unknown) = wanted.iter().find(known) {
        return Err(ListsError::UnknownPrecinct(*unknown));
    }
    let is_chosen = |total: &&PrecinctTotal| {
        wanted.is_empty() || wanted.iter().any(|w| w.number() == total.precinct)
    };
    Ok(all.iter().filter(is_chosen).cloned().collect())
}

#[derive(Deserialize)]
struct Collection {
    features: Vec<Feature>,
}

#[derive(Deserialize)]
struct Feature {
    properties: Properties,
}

#[derive(Deserialize)]
struct Properties {
    precinct: u16,
    #[serde(default)]
    address_ky: String,
    #[serde(default)]
    address_ru: String,
}

/// Addresses of the precincts from `precincts.geojson`; none when there is no such file.
pub(crate) fn places(publication: &Path) -> Result<BTreeMap<u16, Place>, ListsError> {
    let path = publication.join("precincts.geojson");
    if !path.exists() {
        return Ok(BTreeMap::new());
    }
    let bytes = fs::read(&path).map_err(file_error(&path))?;
    let found: Collection =
        serde_json::from_slice(&bytes).map_err(|error| ListsError::Precincts {
            path: path.clone(),
            why: error.to_string(),
        })?;
    let place = |p: Properties| {
        let (ky, ru) = (p.address_ky, p.address_ru);
        (p.precinct, Place { ky, ru })
    };
    Ok(found
        .features
        .into_iter()
        .map(|f| place(f.properties))
        .collect())
}

/// Everything a list needs beside its lines.
struct Setting<'a> {
    job: &'a ListsJob,
    planner: Planner<'a>,
    setter: Typesetter,
    places: BTreeMap<u16, Place>,
    shape: [u8; 32],
}

impl Setting<'_> {
    fn task(&self, total: &PrecinctTotal) -> Task {
        Task {
            of: total.precinct.into(),
            name: format!("{:04}", total.precinct),
            lines: total.lines,
            source: self.source(total.precinct),
        }
    }

    /// Sets one list; none for a precinct without voters.
    fn set(
        &self,
        task: &Task,
        total: &PrecinctTotal,
        proven: &[Commitment],
    ) -> Result<Option<Sheets>, RefuseList> {
        if total.lines == 0 {
            return Ok(None);
        }
        let release = self.planner.release;
        let lines_per_page = release.law.list.lines_per_page;
        let lines = PrecinctLines::read(&self.job.roll, total, lines_per_page)?;
        // The file may have changed since it was proven.
        lines.demand(proven)?;
        let nowhere = Place::default();
        let place = self.places.get(&total.precinct).unwrap_or(&nowhere);
        let data = self.planner.plan(total.precinct, &lines, place)?;
        drop(lines);
        let pages = u32::try_from(data.pages()).unwrap_or(u32::MAX);
        let stamp = Stamp {
            ident: format!(
                "{} {} {}",
                release.id.hex(),
                task.name,
                self.job.language.code()
            ),
            at: release.frozen_at(),
            offset_minutes: release.law.election.offset_minutes,
        };
        let json = data.json();
        drop(data);
        let pdf = self.setter.set(json, &stamp)?;
        Ok(Some(Sheets { pages, pdf }))
    }

    /// Hash of everything a list is made from; the release's id commits to the lines.
    fn source(&self, precinct: u16) -> String {
        let release = self.planner.release;
        let place = self.places.get(&precinct).cloned().unwrap_or_default();
        hash_of(&[
            release.id.0.as_slice(),
            &precinct.to_be_bytes(),
            &self.shape,
            self.job.language.code().as_bytes(),
            release.signatures.code().as_bytes(),
            place.ky.as_bytes(),
            place.ru.as_bytes(),
        ])
    }
}

pub(crate) fn write_outcome(
    out: &Path,
    name: &str,
    outcome: &impl Serialize,
) -> Result<(), FileError> {
    let mut text = serde_json::to_vec_pretty(outcome).expect("texts and numbers encode as JSON");
    text.push(b'\n');
    write_beside(out, name, &text)
}
