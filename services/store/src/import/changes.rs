//! Rows that were imported before and say something else now: each becomes the act that leads from what the register
//! knows to what the row says, or a reject with what to send instead (`register::change`).

use std::collections::BTreeMap;

use lexicon::handover::snapshot::PrecinctRow;
use register::Act;
use register::act::{Document, Enrolment, Residence};
use register::change::{self, Unlawful};
use register::door::{Reason, Reject};

use super::load::{Job, Parsed, Run};
use super::{ImportError, ImportReport, SOURCE, TableReport};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::tables::electoral_precinct::NewPremises;
use crate::tables::registry_document::{New, NewStatus};
use crate::tables::registry_person::NewPerson;
use crate::tables::registry_pin_claim::NewPinClaim;
use crate::tables::registry_residence::NewEnd;
use crate::transact::Tx;

/// Changed rows of `persons` that wait for the civil acts of their folder; what is beyond is judged without them.
const WAITING_MAX: usize = 500_000;

/// What became of a changed row: true when an act was entered, false when the register says the same already.
pub(super) type Judged = Result<bool, Reject>;

/// A changed row and the line it stands on.
pub(super) type Changed<T> = (u64, Parsed<T>);

impl Job<'_> {
    /// Judges changed rows in one transaction and counts what became of them.
    pub(super) fn judge<T>(
        &mut self,
        report: &mut TableReport,
        reasons: &mut BTreeMap<String, u64>,
        rows: &[Changed<T>],
        mut change: impl FnMut(&mut Tx<'_>, &Parsed<T>) -> Result<Judged, StoreError>,
    ) -> Result<(), ImportError> {
        if rows.is_empty() {
            return Ok(());
        }
        let judged = self
            .store
            .transact("import_changes", &self.options.author, |tx| {
                let each = rows
                    .iter()
                    .map(|(line, parsed)| Ok((*line, change(tx, parsed)?)));
                each.collect::<Result<Vec<_>, StoreError>>()
            })?;
        self.count(report, reasons, judged)
    }

    /// Keeps changed rows of `persons` until the civil acts of the folder are in.
    pub(super) fn wait(
        &mut self,
        run: &mut Run<'_>,
        rows: Vec<Changed<NewPerson>>,
    ) -> Result<(), ImportError> {
        if self.waiting.len() + rows.len() > WAITING_MAX {
            return self.judge(&mut run.report, run.reasons, &rows, change_person);
        }
        self.waiting.extend(rows);
        Ok(())
    }

    /// Judges the rows of `persons` that waited; called once, after every table.
    pub(super) fn settle(&mut self, report: &mut ImportReport) -> Result<(), ImportError> {
        let waiting = std::mem::take(&mut self.waiting);
        let table = report.tables.iter_mut().find(|t| t.table == "persons");
        match table {
            Some(table) => self.judge(table, &mut report.reasons, &waiting, change_person),
            None => Ok(()),
        }
    }

    /// Counts rows and lists those that were refused.
    pub(super) fn count(
        &mut self,
        report: &mut TableReport,
        reasons: &mut BTreeMap<String, u64>,
        judged: Vec<(u64, Judged)>,
    ) -> Result<(), ImportError> {
        for (line, judged) in judged {
            let reject = match judged {
                Ok(true) => {
                    report.changed += 1;
                    continue;
                }
                Ok(false) => {
                    report.unchanged += 1;
                    continue;
                }
                Err(reject) => reject,
            };
            report.rejected += 1;
            let reason = reject.reason.to_string();
            self.rejects
                .write(&report.file, line, reject.field, &reason)
                .map_err(ImportError::Rejects)?;
            *reasons
                .entry(format!("{} {} {reason}", report.table, reject.field))
                .or_default() += 1;
        }
        Ok(())
    }
}

fn refused(field: &'static str, why: Unlawful) -> Reject {
    Reject::of(field, Reason::Changed(why))
}

/// A table whose rows never change.
pub(super) fn fixed<T>(_: &mut Tx<'_>, parsed: &Parsed<T>) -> Result<Judged, StoreError> {
    Ok(Err(refused(parsed.field, Unlawful::Row)))
}

/// What the rule says, or that the register does not hold the row at all: then somebody else's row has its key.
fn asked(
    field: &'static str,
    found: Option<Result<Option<Act>, Unlawful>>,
) -> Result<Option<Act>, Reject> {
    found
        .unwrap_or(Err(Unlawful::Row))
        .map_err(|why| refused(field, why))
}

/// Enters a lawful act; what is none stays a reject.
fn enter(
    tx: &mut Tx<'_>,
    asked: Result<Option<Act>, Reject>,
    record: impl FnOnce(&mut Tx<'_>, Act) -> Result<(), StoreError>,
) -> Result<Judged, StoreError> {
    match asked {
        Ok(Some(act)) => record(tx, act).map(|()| Ok(true)),
        Ok(None) => Ok(Ok(false)),
        Err(reject) => Ok(Err(reject)),
    }
}

/// A document: what became of it.
pub(super) fn change_document(
    tx: &mut Tx<'_>,
    parsed: &Parsed<New<Document>>,
) -> Result<Judged, StoreError> {
    let New { person, row, mark } = &parsed.row;
    let known = tx.find_document(&row.number)?;
    let found = known.map(|known| change::document(&known, *person, row, parsed.from));
    enter(tx, asked("status", found), |tx, act| {
        let position = tx.journal_act(Some(*person), &act)?;
        tx.record_document_statuses(&[NewStatus {
            number: &row.number,
            status: row.status,
            from: parsed.from,
            position,
            mark: *mark,
        }])
    })
}

/// A residence or stay: its end.
pub(super) fn change_residence(
    tx: &mut Tx<'_>,
    parsed: &Parsed<New<Residence>>,
) -> Result<Judged, StoreError> {
    let New { person, row, mark } = &parsed.row;
    let known = tx.find_residence(*person, row)?;
    let found = known.map(|known| change::residence(&known, row));
    enter(tx, asked("until", found), |tx, act| {
        let position = tx.journal_act(Some(*person), &act)?;
        let Some(until) = row.until else {
            return Ok(());
        };
        tx.record_residence_end(&NewEnd {
            person: *person,
            residence: row,
            until,
            position,
            mark: *mark,
        })
    })
}

/// A capture: the end of its duplicate check.
pub(super) fn change_enrolment(
    tx: &mut Tx<'_>,
    parsed: &Parsed<New<Enrolment>>,
) -> Result<Judged, StoreError> {
    let New { person, row, .. } = &parsed.row;
    let known = tx.find_enrolment(&row.enrolment)?;
    let found = known.map(|(of, known)| change::enrolment((of, &known), (*person, row)));
    match (asked("processed", found), row.processed) {
        (Ok(Some(_)), Some(on)) => {
            tx.record_processing(&[(row.enrolment.clone(), *person)], on)?;
            Ok(Ok(true))
        }
        (Ok(_), _) => Ok(Ok(false)),
        (Err(reject), _) => Ok(Err(reject)),
    }
}

/// A precinct: where its polling station is.
pub(super) fn change_precinct(
    tx: &mut Tx<'_>,
    parsed: &Parsed<(PrecinctRow, i64)>,
) -> Result<Judged, StoreError> {
    let (row, mark) = &parsed.row;
    let known = tx.find_precinct(row.precinct)?;
    let since = tx.find_premises_since(row.precinct)?;
    let found = known.map(|known| change::precinct(&known, since, row, parsed.from));
    enter(tx, asked("address_ru", found), |tx, act| {
        let position = tx.journal(Journal::Electoral, None, &act)?;
        tx.record_premises(&NewPremises {
            row,
            from: parsed.from,
            position,
            mark: *mark,
        })
    })
}

/// A person: what their civil acts explain, and a first PIN.
fn change_person(tx: &mut Tx<'_>, parsed: &Parsed<NewPerson>) -> Result<Judged, StoreError> {
    let NewPerson { person, row, .. } = &parsed.row;
    let acts = tx.acts_of(*person)?;
    let found = change::person(*person, &acts, row, parsed.from, SOURCE);
    enter(tx, asked(parsed.field, Some(found)), |tx, act| {
        let position = tx.journal_act(Some(*person), &act)?;
        let Act::PinClaimed(claim) = act else {
            return Ok(());
        };
        tx.record_pin_claims(&[NewPinClaim {
            person: *person,
            position,
            claim,
        }])
    })
}
