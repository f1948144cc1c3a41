//! What the deltas after the freeze change on paper: for each delta and precinct one document, to be bound with the list.

use std::collections::BTreeMap;
use std::path::PathBuf;

use lexicon::handover::delta::ChangeKind;
use lexicon::handover::envelope::hex;
use lexicon::texts::TextsError;
use lexicon::{PrecinctCode, Sentence, Texts};
use serde::Serialize;

use crate::deltas::{Changed, DeltasError, Supplement, supplements};
use crate::face::Faces;
use crate::files::FileError;
use crate::form::{FormError, ListForm, TEMPLATE, shape_hash};
use crate::lines::prove;
use crate::lists::{
    ListsError, ListsJob, PrintedList, Progress, RefuseList, RefusedList, places, write_outcome,
};
use crate::page::{ChangedRow, Edition, Place, Planner};
use crate::press::{Press, Sheets, Task, hash_of};
use crate::release::{OpenRelease, ReleaseError};
use crate::trust::{DocumentError, Trust};
use crate::typesetter::{Stamp, Typesetter};

/// Where the finished supplements are named.
pub const SUPPLEMENTS_FILE: &str = "supplements.json";

/// What is printed, from where, to where.
#[derive(Clone, Debug)]
pub struct SupplementsJob {
    /// List, publication, precincts, language and folder, as for the lists; the folder may be theirs.
    pub lists: ListsJob,
    /// The folder `deltas/`.
    pub deltas: PathBuf,
    /// Only what came with this delta; none means all of them.
    pub number: Option<u32>,
}

/// One finished supplement.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PrintedSupplement {
    /// Number of the delta after its release.
    pub delta: u32,
    /// Id of the delta.
    pub delta_id: String,
    /// Root of the list after it.
    pub root: String,
    /// The last line of the precinct after it, and its page.
    pub last_line: u32,
    /// Pages of the precinct's list after it, supplementary ones among them.
    pub last_page: u32,
    /// Numbers of the lines that were added.
    pub added: Vec<u32>,
    /// Numbers of the lines that were struck or corrected.
    pub changed: Vec<u32>,
    /// The document; `lines` are those named on it.
    #[serde(flatten)]
    pub printed: PrintedList,
}

/// What a run came to; `supplements` is what stands in the folder for these deltas, form and language.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SupplementsOutcome {
    /// Election number.
    pub election: u32,
    /// Release number.
    pub release: u32,
    /// Id of the release.
    pub release_id: String,
    /// Languages of the paper.
    pub language: &'static str,
    /// Who vouches for release and deltas.
    pub signatures: &'static str,
    /// Hash of form, template and fonts.
    pub form: String,
    /// Finished documents by delta and precinct.
    pub supplements: Vec<PrintedSupplement>,
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
pub enum SupplementsError {
    /// What the lists need too.
    #[error(transparent)]
    Lists(#[from] ListsError),
    /// The deltas.
    #[error(transparent)]
    Deltas(#[from] DeltasError),
    /// The words for reasons.
    #[error(transparent)]
    Texts(#[from] TextsError),
    /// No delta has this number.
    #[error("the release has no delta {0}")]
    UnknownDelta(u32),
}

impl SupplementsError {
    /// Whether the documents are at fault, not the way the command was called.
    #[must_use]
    pub fn is_finding(&self) -> bool {
        match self {
            SupplementsError::Lists(error) => error.is_finding(),
            SupplementsError::Deltas(error) => error.is_finding(),
            SupplementsError::Texts(_) | SupplementsError::UnknownDelta(_) => false,
        }
    }
}

macro_rules! through_lists {
    ($($error:ty)*) => {
        $(impl From<$error> for SupplementsError {
            fn from(error: $error) -> Self {
                Self::Lists(error.into())
            }
        })*
    };
}

through_lists!(ReleaseError FormError FileError);

impl From<DocumentError> for SupplementsError {
    fn from(error: DocumentError) -> Self {
        Self::Deltas(error.into())
    }
}

/// Prints what the deltas of a release change, one PDF for each delta and precinct.
///
/// Every list is proven against the release and every delta applied to all of them first. PDFs are written beside and
/// renamed; one whose source has not changed is skipped.
///
/// # Errors
/// [`SupplementsError`] before anything is written; refusals of single documents are in the outcome.
pub fn print_supplements(
    job: &SupplementsJob,
    report: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<SupplementsOutcome, SupplementsError> {
    let lists = &job.lists;
    let publication = lists.publication.as_deref();
    let release = OpenRelease::open(&lists.roll, publication, &lists.law_id)?;
    let form = ListForm::kg()?;
    form.demand_rows(release.law.list.lines_per_page)?;
    let texts = Texts::kg()?;
    let trust = publication.map(Trust::open).transpose()?;
    let proven = prove(&lists.roll, &release, publication, &|done, total| {
        report(Progress::Proven { done, total });
    });
    let found = supplements(&job.deltas, &lists.roll, &release, proven, trust.as_ref())?;
    if let Some(number) = job.number
        && found.iter().all(|supplement| supplement.number != number)
    {
        return Err(SupplementsError::UnknownDelta(number));
    }
    let is_of = |code: &PrecinctCode, total: u16| code.number() == total;
    let totals = &release.document.precincts;
    let unknown = |code: &&PrecinctCode| !totals.iter().any(|of| is_of(code, of.precinct));
    if let Some(unknown) = lists.precincts.iter().find(unknown) {
        return Err(ListsError::UnknownPrecinct(*unknown).into());
    }
    let is_chosen = |supplement: &&Supplement| {
        let precincts = &lists.precincts;
        job.number.is_none_or(|number| supplement.number == number)
            && (precincts.is_empty()
                || precincts
                    .iter()
                    .any(|code| is_of(code, supplement.precinct)))
    };
    let faces = Faces::embedded();
    let setting = Setting {
        job: lists,
        texts,
        planner: Planner {
            form: &form,
            faces: &faces,
            release: &release,
            language: lists.language,
        },
        setter: Typesetter::new(TEMPLATE, "/list.json", &faces),
        places: publication.map(places).transpose()?.unwrap_or_default(),
        shape: shape_hash(),
    };
    let press = Press::open(&lists.out, lists.threads)?;
    let work = found.iter().filter(is_chosen);
    let work = work
        .map(|supplement| (setting.task(supplement), supplement))
        .collect();
    let made = press.run(
        work,
        &|task, supplement| setting.set(task, supplement).map(Some),
        report,
    );
    let standing = found.iter().filter_map(|supplement| {
        let printed = press.standing(&setting.task(supplement))?;
        Some(PrintedSupplement {
            delta: supplement.number,
            delta_id: supplement.id.hex(),
            root: hex(&supplement.root),
            last_line: supplement.lines,
            last_page: supplement.pages,
            added: supplement.added.iter().map(|of| of.line.line).collect(),
            changed: supplement.changed.iter().map(|of| of.line.line).collect(),
            printed,
        })
    });
    let outcome = SupplementsOutcome {
        election: release.document.election,
        release: release.document.release,
        release_id: release.id.hex(),
        language: lists.language.code(),
        signatures: release.signatures.code(),
        form: hex(&setting.shape),
        supplements: standing.collect(),
        printed: made.printed,
        skipped: made.skipped,
        refused: made.refused,
    };
    write_outcome(&lists.out, SUPPLEMENTS_FILE, &outcome)?;
    Ok(outcome)
}

/// Everything a supplement needs beside its lines.
struct Setting<'a> {
    job: &'a ListsJob,
    texts: Texts,
    planner: Planner<'a>,
    setter: Typesetter,
    places: BTreeMap<u16, Place>,
    shape: [u8; 32],
}

impl Setting<'_> {
    /// `L7.1` for delta 1 of release 7.
    fn mark(&self, supplement: &Supplement) -> String {
        let release = self.planner.release.document.release;
        format!("L{release}.{}", supplement.number)
    }

    fn task(&self, supplement: &Supplement) -> Task {
        let place = self.place(supplement.precinct);
        let language = self.job.language.code();
        let lines = supplement.changed.len() + supplement.added.len();
        Task {
            of: supplement.precinct.into(),
            name: format!("{:04}-{}", supplement.precinct, self.mark(supplement)),
            lines: u32::try_from(lines).unwrap_or(u32::MAX),
            // The delta's id commits to all that it says; words of reasons are the country's.
            source: hash_of(&[
                self.planner.release.id.0.as_slice(),
                supplement.id.0.as_slice(),
                &supplement.precinct.to_be_bytes(),
                &self.shape,
                language.as_bytes(),
                self.planner.release.signatures.code().as_bytes(),
                place.ky.as_bytes(),
                place.ru.as_bytes(),
                self.acts(supplement).concat().as_bytes(),
            ]),
        }
    }

    fn place(&self, precinct: u16) -> Place {
        self.places.get(&precinct).cloned().unwrap_or_default()
    }

    fn set(&self, task: &Task, supplement: &Supplement) -> Result<Sheets, RefuseList> {
        let release = self.planner.release;
        let edition = Edition {
            precinct: supplement.precinct,
            words: ("title_supplement", "end_supplement"),
            mark: self.mark(supplement),
            stage: "supplement",
            at: supplement.at,
            root: &supplement.root,
            pages: supplement.pages,
            lines: supplement.lines,
            id: format!("delta {}", supplement.id.hex()),
        };
        let acts = self.acts(supplement);
        let changed: Vec<ChangedRow<'_>> = supplement
            .changed
            .iter()
            .zip(acts)
            .map(|(changed, act)| ChangedRow {
                line: &changed.line,
                act,
                after: changed.after,
            })
            .collect();
        let added = (
            supplement.added.as_slice(),
            supplement.commitments.as_slice(),
        );
        let place = self.place(supplement.precinct);
        let data = self
            .planner
            .plan_supplement(&edition, &changed, added, &place)?;
        let pages = u32::try_from(data.pages()).unwrap_or(u32::MAX);
        let stamp = Stamp {
            ident: format!(
                "{} {} {}",
                supplement.id.hex(),
                task.name,
                self.job.language.code()
            ),
            at: supplement.at,
            offset_minutes: release.law.election.offset_minutes,
        };
        let pdf = self.setter.set(data.json(), &stamp)?;
        Ok(Sheets { pages, pdf })
    }

    /// What is done with each changed line, and why, in the paper's languages.
    fn acts(&self, supplement: &Supplement) -> Vec<String> {
        let changed = supplement.changed.iter();
        changed.map(|changed| self.act(changed)).collect()
    }

    fn act(&self, changed: &Changed) -> String {
        let word = match changed.kind {
            ChangeKind::Strike => "strike",
            ChangeKind::Change | ChangeKind::Add => "correct",
        };
        let exclusion = self.texts.exclusion.get(&changed.reason);
        let said = exclusion.or_else(|| self.texts.change.get(&changed.reason));
        let short: Option<&Sentence> = said.map(|said| &said.short);
        let language = self.job.language;
        let acts = self.planner.form.words(word, language);
        let one = |(act, of): (&str, &lexicon::Language)| {
            let why = short.map_or(changed.reason.as_str(), |short| short.get(*of));
            format!("{act}: {why}")
        };
        let all: Vec<String> = acts
            .into_iter()
            .zip(language.languages())
            .map(one)
            .collect();
        all.join(" / ")
    }
}
