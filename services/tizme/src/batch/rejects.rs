//! What was not taken, as a file: `file,line,field,code,reason`; a value is never quoted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use lexicon::ClaimOutcome;
use lexicon::handover::snapshot::{BoundaryRow, ClaimRow};
use lexicon::texts::{DeskTexts, Explanation, Language, Texts};
use register::door::Reject;
use roll::boundary::Finding;
use roll::{Roll, Snapshot};

/// The file's name in an output folder.
pub const REJECTS: &str = "rejects.csv";

/// One row that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rejected {
    file: String,
    /// Line of a text file; of a signed table the key of the row.
    line: String,
    field: String,
    code: String,
    reason: String,
}

/// Rows that were not taken, in the order in which they were found.
#[derive(Debug, Default)]
pub struct Rejects {
    rows: Vec<Rejected>,
}

impl Rejects {
    /// A row of a file that the door refused.
    pub fn refuse(&mut self, file: &Path, line: u64, reject: &Reject) {
        let name = file.file_name().unwrap_or(file.as_os_str());
        self.rows.push(Rejected {
            file: name.to_string_lossy().into_owned(),
            line: line.to_string(),
            field: reject.field.to_owned(),
            code: reject.reason.code().to_owned(),
            reason: reject.to_string(),
        });
    }

    /// A row of a table that a rule refused.
    pub fn name(
        &mut self,
        file: &str,
        line: impl Into<String>,
        field: &str,
        code: &str,
        reason: &str,
    ) {
        self.rows.push(Rejected {
            file: file.to_owned(),
            line: line.into(),
            field: field.to_owned(),
            code: code.to_owned(),
            reason: reason.to_owned(),
        });
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// How many by code, each with its sentence and next step in the three languages, as the country's texts have them.
    ///
    /// # Errors
    /// When the shipped sentences cannot be read.
    pub fn explained(&self) -> Result<BTreeMap<&str, (u64, Option<Explanation>)>> {
        let texts = DeskTexts::kg()?;
        let mut found: BTreeMap<&str, (u64, Option<Explanation>)> = BTreeMap::new();
        for row in &self.rows {
            let said = || texts.reject.get(&row.code).cloned();
            found.entry(&row.code).or_insert_with(|| (0, said())).0 += 1;
        }
        Ok(found)
    }

    /// Writes the file beside and renames it; without a reject none stands there.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<Option<PathBuf>> {
        let path = folder.join(REJECTS);
        if self.rows.is_empty() {
            if path.exists() {
                std::fs::remove_file(&path).with_context(|| path.display().to_string())?;
            }
            return Ok(None);
        }
        let written = super::write_beside(folder, REJECTS, |partial| {
            let mut writer = csv::Writer::from_path(partial)?;
            writer.write_record(["file", "line", "field", "code", "reason"])?;
            for row in &self.rows {
                writer.write_record([&row.file, &row.line, &row.field, &row.code, &row.reason])?;
            }
            Ok(writer.flush()?)
        });
        written.map(Some)
    }
}

/// What a formed list did not take of its snapshot: boundaries, rows about nobody, claims that do not count.
///
/// A claim that was superseded or moved nobody is an outcome, not a reject; `roll/claims.parquet` has them all.
///
/// # Errors
/// When the shipped sentences cannot be read.
pub fn of_list(snapshot: &Snapshot, roll: &Roll) -> Result<Rejects> {
    let texts = Texts::kg()?;
    let mut rejects = Rejects::default();
    let boundaries = table_file::<BoundaryRow>();
    for finding in &roll.findings {
        let (precinct, why) = match finding {
            Finding::Crossing { precinct } => (precinct, "the outline crosses itself"),
            Finding::Unusable { precinct, why } => (precinct, *why),
            Finding::Gap { .. }
            | Finding::Overlap { .. }
            | Finding::Conflict { .. }
            | Finding::TwoPrecincts { .. }
            | Finding::AreaOverlap { .. }
            | Finding::AreaGap { .. }
            | Finding::Enclave { .. }
            | Finding::Empty { .. }
            | Finding::TooLarge { .. } => continue,
        };
        let line = precinct.to_string();
        rejects.name(&boundaries, line, "geojson", finding.code(), why);
    }
    for (table, person) in &snapshot.dangling {
        let field = if *table == "second_addresses" {
            "address"
        } else {
            "person"
        };
        let why = "names a person or a house that is not in the snapshot";
        rejects.name(&format!("{table}.parquet"), person, field, "UNKNOWN", why);
    }
    let claims = table_file::<ClaimRow>();
    for (claim, outcome) in snapshot.claims.iter().zip(&roll.claims.outcomes) {
        let field = match outcome {
            ClaimOutcome::UnknownPerson
            | ClaimOutcome::NotEligible
            | ClaimOutcome::ApplicantDead
            | ClaimOutcome::ApplicantUnderAge => "person",
            ClaimOutcome::NotIdentified => "identified",
            ClaimOutcome::AfterDeadline | ClaimOutcome::LateList => "filed",
            ClaimOutcome::NoSuchPrecinct | ClaimOutcome::PrecinctKind => "target",
            ClaimOutcome::NotEnabled
            | ClaimOutcome::NotInCategory
            | ClaimOutcome::UnreadableValue => "value",
            ClaimOutcome::Counts
            | ClaimOutcome::Superseded
            | ClaimOutcome::SamePrecinct
            | ClaimOutcome::NoGround
            | ClaimOutcome::AlreadySo => continue,
        };
        let said = texts.claim.get(outcome.code());
        let why = said.map_or("", |said| said.sentence.get(Language::En));
        rejects.name(&claims, &*claim.id, field, outcome.code(), why);
    }
    Ok(rejects)
}

fn table_file<R: ::batch::columns::Row>() -> String {
    format!("{}.parquet", R::TABLE)
}
