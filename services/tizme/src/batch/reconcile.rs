//! `tizme batch reconcile`: a class for every row of the commission's list, from the snapshot or from a file.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ::batch::form::{reconcile_on_threads, write_reconciliation};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use lexicon::handover::snapshot::CommissionRow;
use register::door::{Reason, Reject, rows, tables};
use roll::{Snapshot, SnapshotBuilder, form};
use serde_json::json;

use super::Place;
use super::rejects::{REJECTS, Rejects};

/// Arguments of `reconcile`.
#[derive(Args)]
pub struct Reconcile {
    #[command(flatten)]
    place: Place,
    /// The commission's list, CSV or Parquet (table `commission` of docs/import.md), instead of the snapshot's.
    /// Rows that cannot be read go to `rejects.csv`.
    #[arg(long, value_name = "FILE")]
    commission: Option<PathBuf>,
}

/// Of so many rows in a hundred a column must look like itself; below, columns were swapped.
const LIKE_ITSELF_PERCENT: u64 = 50;

/// How often a column looks like what its name says.
#[derive(Default)]
struct Looks {
    filled: u64,
    like_itself: u64,
    first_unlike: Option<u64>,
}

impl Looks {
    fn see(&mut self, line: u64, text: &str, like_itself: bool) {
        if text.trim().is_empty() {
            return;
        }
        self.filled += 1;
        if like_itself {
            self.like_itself += 1;
        } else {
            self.first_unlike.get_or_insert(line);
        }
    }

    fn demand(&self, file: &Path, column: &str, what: &str) -> Result<()> {
        if self.like_itself * 100 < self.filled * LIKE_ITSELF_PERCENT {
            bail!(
                "{}, line {}, column {column}: {} of {} rows {what}; are columns swapped?",
                file.display(),
                self.first_unlike.unwrap_or(1),
                self.filled - self.like_itself,
                self.filled
            );
        }
        Ok(())
    }
}

fn is_number(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit())
}

fn is_name(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
}

/// The rows of a file; what cannot be read is refused row by row.
fn read(file: &Path, rejects: &mut Rejects) -> Result<Vec<CommissionRow>> {
    let mut taken: Vec<CommissionRow> = Vec::new();
    let mut ids: HashSet<String> = HashSet::new();
    let (mut pins, mut dates, mut names) = (Looks::default(), Looks::default(), Looks::default());
    let mut take = |line: u64, row: Result<register::door::Row<'_>, Reject>| {
        let parsed = row.and_then(|row| rows::commission(&row));
        match parsed {
            Err(reject) => rejects.refuse(file, line, &reject),
            Ok(row) if !ids.insert(row.row.clone()) => {
                let reason = Reason::DuplicateId;
                let field = "row_id";
                rejects.refuse(file, line, &Reject::of(field, reason));
            }
            Ok(row) => {
                pins.see(line, &row.pin, is_number(&row.pin));
                dates.see(line, &row.born, is_number(&row.born));
                names.see(line, &row.surname, is_name(&row.surname));
                taken.push(row);
            }
        }
    };
    store::import::rows_of_file(file, &tables::COMMISSION, &mut take)
        .map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
    pins.demand(file, "pin", "hold no digit")?;
    dates.demand(file, "birth_date", "hold no digit")?;
    names.demand(file, "surname", "hold no letter")?;
    Ok(taken)
}

/// Puts a file's rows in the place of the snapshot's.
fn replace(snapshot: &mut Snapshot, rows: &[CommissionRow]) -> Result<()> {
    let mut builder = SnapshotBuilder::new();
    rows.iter().for_each(|row| builder.commission(row));
    snapshot.commission = builder.finish()?.commission;
    Ok(())
}

/// A sentence by the tags of its languages.
fn in_three(of: &lexicon::Sentence) -> BTreeMap<&'static str, &str> {
    let one = |language: &lexicon::Language| (language.tag(), of.get(*language));
    lexicon::Language::ALL.iter().map(one).collect()
}

/// Runs the command.
///
/// # Errors
/// A file that cannot be read at all, naming it; swapped columns, naming line and column; no list anywhere.
pub fn run(arguments: &Reconcile) -> Result<ExitCode> {
    let place = &arguments.place;
    let law = place.law()?;
    let mut rejects = Rejects::default();
    let from_file = arguments
        .commission
        .as_deref()
        .map(|file| read(file, &mut rejects))
        .transpose()?;
    let mut snapshot = place.snapshot(&law)?;
    if let Some(rows) = &from_file {
        replace(&mut snapshot, rows)?;
        rejects.write(&place.out)?;
    }
    if snapshot.commission.is_empty() {
        bail!(
            "{}: holds no list of the commission",
            place.snapshot.display()
        );
    }
    let roll = form(&snapshot, &law)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(place.threads)
        .build()
        .context("threads")?;
    let found = pool.install(|| reconcile_on_threads(&snapshot, &roll, &law));
    let path = place.write("reconciliation.parquet", |path| {
        write_reconciliation(path, &snapshot, &roll, &found)?;
        Ok(())
    })?;
    let classes: Vec<_> = found
        .by_class()
        .into_iter()
        .map(|(class, rows)| (class.code(), rows))
        .collect();
    let by_class: BTreeMap<_, _> = classes.iter().copied().collect();
    let refused = rejects.len();
    let reasons = rejects.explained()?;
    let shown: BTreeMap<_, _> = reasons
        .iter()
        .map(|(code, (rows, said))| {
            let said = said.as_ref();
            let sentence = said.map(|said| in_three(&said.sentence));
            let next = said.map(|said| in_three(&said.next));
            (
                *code,
                json!({ "rows": rows, "sentence": sentence, "next": next }),
            )
        })
        .collect();
    place.tell(
        &json!({ "rows": found.rows.len(), "rejects": refused, "reject_reasons": shown, "by_class": by_class, "file": path.display().to_string() }),
        || {
            let lines: Vec<_> = classes
                .iter()
                .map(|(class, rows)| format!("{rows:>10} {class}\n"))
                .collect();
            let told = match refused {
                0 => String::new(),
                _ => {
                    let why: Vec<_> = reasons
                        .iter()
                        .map(|(code, (rows, said))| {
                            let said = said.as_ref().map_or_else(String::new, |said| {
                                let en = lexicon::Language::En;
                                format!(": {} {}", said.sentence.get(en), said.next.get(en))
                            });
                            format!("\n{rows:>10} {code}{said}")
                        })
                        .collect();
                    format!("\n{refused} rows were not taken: {}{}", place.out.join(REJECTS).display(), why.concat())
                }
            };
            format!("{}{} rows: {}{told}", lines.concat(), found.rows.len(), path.display())
        },
    );
    Ok(ExitCode::SUCCESS)
}
