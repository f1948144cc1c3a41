//! What the day came to, recorded in the office's store so that its pages show it.

use lexicon::{Instant, Method, PrecinctCode};
use store::{Store, StoreError, TurnoutRow};

use crate::day::TurnoutCell;

/// Who records, for the journal.
const AUTHOR: &str = "batch";

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
