//! What the list and the day came to, recorded in the office's store so that its pages show it.

use crate::day::TurnoutCell;
use batch::Formed;
use lexicon::{ElectionLaw, Instant, Method, PrecinctCode, ReconciliationClass};
use roll::Outcome;
use roll::snapshot::PersonAt;
use store::{DecisionRow, ListPlace, ReconciledRow, ReleaseRow, Store, StoreError, TurnoutRow};

/// Who records, for the journal.
const AUTHOR: &str = "batch";

/// Records the release with every decision, unless it stands there already.
///
/// # Errors
/// The store's.
pub fn record_release(
    store: &Store,
    formed: &Formed,
    law: &ElectionLaw,
    document: &[u8],
) -> Result<(), StoreError> {
    let release = ReleaseRow {
        number: formed.release.release,
        election: law.election.number,
        stage: formed.release.stage.clone(),
        root: *formed.release.root,
        total: formed.release.total,
        considered: formed.release.considered,
        frozen_at: Instant::from_micros(formed.release.frozen_at),
        document: document.to_vec(),
    };
    let decisions: Vec<DecisionRow> = formed
        .snapshot
        .people()
        .map(|person| decision(formed, person))
        .collect();
    store.transact("record_release", AUTHOR, |tx| {
        if tx
            .releases()?
            .iter()
            .any(|row| row.number == release.number)
        {
            return Ok(());
        }
        tx.record_release(&release, &decisions)
    })
}

fn decision(formed: &Formed, person: PersonAt) -> DecisionRow {
    let decision = formed.roll.decisions[person.at()];
    let (table, record) = decision.evidence.record(&formed.snapshot, person);
    let place = match decision.outcome {
        Outcome::Listed(place) => ListPlace::Listed {
            precinct: place.precinct,
            line: place.line,
            page: place.page,
        },
        Outcome::Excluded(reason) => ListPlace::Excluded(reason),
    };
    let evidence = match (table, record.as_str()) {
        ("", _) => String::new(),
        (table, record) => format!("{table}/{record}"),
    };
    DecisionRow {
        person: formed.snapshot.person(person).id,
        place,
        evidence,
        day: decision.date,
    }
}

/// Records what was found about the commission's list, unless it stands there already.
///
/// # Errors
/// The store's.
pub fn record_reconciliation(store: &Store, formed: &Formed) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for (entry, found) in formed
        .snapshot
        .commission
        .iter()
        .zip(&formed.reconciliation.rows)
    {
        for class in found.classes.iter() {
            rows.push(ReconciledRow {
                row: entry.row.to_owned(),
                class,
                person: found.record.map(|at| formed.snapshot.person(at).id),
                detail: detail(&found.evidence, class),
            });
        }
    }
    for person in &formed.reconciliation.new {
        let id = formed.snapshot.person(*person).id;
        rows.push(ReconciledRow {
            row: id.to_string(),
            class: ReconciliationClass::New,
            person: Some(id),
            detail: String::new(),
        });
    }
    store.transact("record_reconciliation", AUTHOR, |tx| {
        match tx.find_last_reconciliation()? {
            Some(_) => Ok(()),
            None => tx.record_reconciliation(1, &rows),
        }
    })
}

/// The part of a row's evidence that shows one class.
fn detail(evidence: &str, class: ReconciliationClass) -> String {
    evidence
        .split(';')
        .filter_map(|part| part.split_once('='))
        .find(|(code, _)| *code == class.code())
        .map(|(_, record)| record.to_owned())
        .unwrap_or_default()
}

/// Records the turnout of the day, unless a report of that moment stands there already.
///
/// # Errors
/// The store's.
pub fn record_turnout(store: &Store, at: Instant, cells: &[TurnoutCell]) -> Result<(), StoreError> {
    let rows: Vec<TurnoutRow> = cells.iter().filter_map(turnout_row).collect();
    store.transact("record_turnout", AUTHOR, |tx| {
        if rows.is_empty() || !tx.turnout()?.is_empty() {
            return Ok(());
        }
        tx.record_turnout(at, &rows)
    })
}

fn turnout_row(cell: &TurnoutCell) -> Option<TurnoutRow> {
    Some(TurnoutRow {
        precinct: PrecinctCode::new(cell.precinct).ok()?,
        hour: cell.hour,
        method: Method::from_code(&cell.method)?,
        voters: u32::try_from(cell.voters).ok()?,
    })
}
