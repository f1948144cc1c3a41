//! The commission's list against the register, and its export.

use std::collections::BTreeMap;

use lexicon::ReconciliationClass;
use lexicon::handover::snapshot::CommissionRow;
use roll::reconcile::Act;
use store::{ListStepKind, ReconciledRow, Store, StoreError};

use crate::pages::list::paging;
use crate::pages::parts::{PAGE_ROWS, address, name_text};
use crate::pages::reconciliation::{self, Rows};
use crate::pages::sentences;
use crate::reason::Reason;
use crate::row_evidence::RowEvidence;
use crate::visit::{Answer, Answered, Problem, Visit};

/// Rows of an export that are read at once.
const EXPORT_ROWS: u32 = 1_000;

pub(crate) fn counts(visit: &Visit<'_>) -> Answered {
    let (run, rows, sampled) = visit.office.store.read("reconciliation", |tx| {
        let run = tx.find_last_reconciliation()?;
        let edition = match run {
            Some(run) => tx.find_edition_of_run(run)?,
            None => None,
        };
        let steps = match edition {
            Some(edition) => tx.list_steps(edition)?,
            None => Vec::new(),
        };
        let read = steps.iter().find(|s| s.step == ListStepKind::Read);
        let sampled = match run {
            Some(run) => Some(super::review::sampled(&tx.sample_of_run(run)?)),
            None => None,
        };
        let rows = read.map(|step| step.rows - step.rejected);
        Ok::<_, StoreError>((run, rows, sampled))
    })?;
    // The list of an import folder is counted with the register.
    let rows = match rows {
        Some(rows) => rows,
        None => visit.office.figures()?.counts.commission,
    };
    let counts = match run {
        Some(run) => visit.office.classes(run)?.to_vec(),
        None => Vec::new(),
    };
    Ok(Answer::Page(reconciliation::counts(
        visit,
        run,
        rows,
        &counts,
        sampled.as_ref(),
    )))
}

pub(crate) fn rows(visit: &Visit<'_>) -> Answered {
    let class = ReconciliationClass::from_code(visit.part("class")?).ok_or(Problem::NotFound)?;
    let after = visit.asked("after").unwrap_or("");
    visit.within_budget()?;
    let (run, rows) = visit.office.store.read("reconciled_rows", |tx| {
        let Some(run) = tx.find_last_reconciliation()? else {
            return Ok::<_, StoreError>((None, Vec::new()));
        };
        Ok((Some(run), tx.reconciled_rows(run, class, after, PAGE_ROWS)?))
    })?;
    let counts = match run {
        Some(run) => visit.office.classes(run)?.to_vec(),
        None => Vec::new(),
    };
    let count = counts
        .iter()
        .find(|(known, _)| *known == class)
        .map_or(0, |(_, n)| *n);
    // Persons whom the list lacks have no cells of the list: their names are the register's.
    let missing: Vec<_> = rows
        .iter()
        .filter(|(_, list)| list.is_none())
        .filter_map(|(found, _)| found.person)
        .collect();
    let hits = visit
        .office
        .store
        .show_persons(visit.look(), "commission's list", &missing)?;
    let names: Vec<Option<String>> = rows
        .iter()
        .map(|(found, list)| {
            let hit = hits.iter().find(|hit| Some(hit.person) == found.person);
            hit.filter(|_| list.is_none())
                .map(|hit| name_text(hit.name.open(visit.look().purpose)))
        })
        .collect();
    let addresses = visit.office.store.read("addresses", |tx| {
        let mut found = BTreeMap::new();
        let evidence = rows.iter().map(|(row, _)| RowEvidence::parse(&row.detail));
        let homes = evidence.flat_map(|e| e.shown_by);
        for home in homes.filter(|shown| shown.table == "residences") {
            if let Some(row) = tx.find_address(&home.record)? {
                found.insert(home.record, address(&row));
            }
        }
        Ok::<_, StoreError>(found)
    })?;
    let base = format!("/reconciliation/{}", class.code());
    let next = rows
        .last()
        .map(|(found, _)| crate::serve::encode(&found.row));
    let shown = Rows {
        class,
        count,
        names: &names,
        addresses: &addresses,
        pager: paging(visit, &base, rows.len(), next),
        rows: &rows,
    };
    Ok(Answer::Page(reconciliation::rows(visit, &shown)))
}

pub(crate) fn export(visit: &Visit<'_>) -> Answered {
    let class = ReconciliationClass::from_code(visit.field("class"));
    let reason = Reason::from_code(visit.field("why"));
    let Some(class) = class else {
        return Err(Problem::Unreadable);
    };
    let Some(reason) = reason.filter(|r| Reason::of_role(visit.role).contains(r)) else {
        let said = visit.t("export.needs_reason");
        let page = reconciliation::export_again(visit, Some(class), said);
        return Ok(Answer::Correct(page));
    };
    let run = visit
        .office
        .store
        .read("last_run", |tx| tx.find_last_reconciliation())?;
    let Some(run) = run else {
        return Err(Problem::NotFound);
    };
    let look = store::Look {
        staff: &visit.staff,
        purpose: reason.purpose(),
        reason: reason.code(),
    };
    let what = format!("export {}", class.code());
    visit.office.store.record_look(look, &what)?;
    let mut export = Export {
        store: visit.office.store.clone(),
        run,
        class,
        after: None,
        language: visit.language,
        is_done: false,
    };
    Ok(Answer::Table {
        name: format!("reconciliation-{run}-{}.csv", class.code()),
        next: Box::new(move || export.next()),
    })
}

/// An export under way: a thousand rows at a time.
struct Export {
    store: Store,
    run: u32,
    class: ReconciliationClass,
    after: Option<String>,
    language: lexicon::Language,
    is_done: bool,
}

impl Export {
    fn next(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        if self.is_done {
            return Ok(None);
        }
        let is_first = self.after.is_none();
        let after = self.after.clone().unwrap_or_default();
        let rows = self.store.read("export", |tx| {
            tx.reconciled_rows(self.run, self.class, &after, EXPORT_ROWS)
        })?;
        self.is_done = rows.len() < EXPORT_ROWS as usize;
        self.after = rows.last().map(|(found, _)| found.row.clone());
        Ok(Some(part(&rows, is_first, self.language)))
    }
}

const COLUMNS: [&str; 12] = [
    "row",
    "class",
    "pin",
    "surname",
    "given",
    "patronymic",
    "birth_date",
    "address",
    "precinct",
    "evidence",
    "act",
    "next_step",
];

/// A part of the file; the first one opens with the mark of UTF-8 and the names of the columns.
fn part(
    rows: &[(ReconciledRow, Option<CommissionRow>)],
    is_first: bool,
    language: lexicon::Language,
) -> Vec<u8> {
    let mut out = if is_first {
        "\u{feff}".as_bytes().to_vec()
    } else {
        Vec::new()
    };
    let mut writer = csv::Writer::from_writer(&mut out);
    let mut put = |cells: [&str; 12]| {
        writer
            .write_record(cells.map(harmless))
            .expect("a Vec takes every record");
    };
    if is_first {
        put(COLUMNS);
    }
    let blank = CommissionRow {
        row: String::new(),
        pin: String::new(),
        surname: String::new(),
        given: String::new(),
        patronymic: String::new(),
        born: String::new(),
        address: String::new(),
        precinct: String::new(),
    };
    for (found, list) in rows {
        let list = list.as_ref().unwrap_or(&blank);
        let evidence = told(&RowEvidence::parse(&found.detail));
        let next = sentences()
            .reconciliation
            .get(found.class.code())
            .map_or("", |said| said.next.get(language));
        put([
            &list.row,
            found.class.code(),
            &list.pin,
            &list.surname,
            &list.given,
            &list.patronymic,
            &list.born,
            &list.address,
            &list.precinct,
            &evidence,
            Act::of(found.class).code(),
            next,
        ]);
    }
    drop(writer);
    out
}

/// The evidence without ids of persons, which are printed nowhere.
fn told(evidence: &RowEvidence) -> String {
    let mut public = evidence.clone();
    public.shown_by.retain(|shown| shown.table != "persons");
    public.text()
}

/// A cell that a spreadsheet does not run as a formula.
pub(super) fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_of_an_export_is_a_formula_and_no_person_id_leaves() {
        assert_eq!(harmless("=1+1"), "'=1+1");
        assert_eq!(harmless("Асанов"), "Асанов");
        let row = ReconciledRow {
            row: "C1".to_owned(),
            class: ReconciliationClass::Moved,
            person: None,
            detail: "found=pin;shows=persons/6f1c;shows=residences/A7".to_owned(),
        };
        let list = CommissionRow {
            row: "C1".to_owned(),
            pin: "1".to_owned(),
            surname: "=HYPERLINK(1)".to_owned(),
            given: "А, Б".to_owned(),
            patronymic: String::new(),
            born: String::new(),
            address: String::new(),
            precinct: String::new(),
        };
        let bytes = part(&[(row, Some(list))], true, lexicon::Language::En);
        let text = String::from_utf8(bytes).unwrap_or_default();
        assert!(text.starts_with("\u{feff}row,class,pin"), "{text}");
        assert!(text.contains("'=HYPERLINK(1),\"А, Б\""), "{text}");
        assert!(
            text.contains("found=pin;shows=residences/A7,TAKE_REGISTER"),
            "{text}"
        );
        assert!(!text.contains("6f1c"), "{text}");
    }
}
