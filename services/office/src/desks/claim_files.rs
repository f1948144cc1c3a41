//! Claims that offices took while they were cut off: a signed file is taken in, what became of each claim, which came in
//! after a freeze.

use lexicon::Instant;
use register::door::rows::Claim;
use roll::filing::answered_by;
use roll::taken::{Arrival, is_late};
use store::{ReleaseRow, StoreError, Tx};

use crate::claim_files::{ClaimFilesError, take};
use crate::pages::claim_files::{self as page, Late, List, Row, Shown};
use crate::pages::list::paging;
use crate::pages::parts::PAGE_ROWS;
use crate::visit::{Answer, Answered, Problem, Visit};

/// Largest file that the page takes: 100,000 claims.
const FILE_BYTES_MAX: u64 = 16 << 20;

fn shown(visit: &Visit<'_>, wrong: Option<&str>) -> Answered {
    let files = visit
        .office
        .store
        .read("claim_files", |tx| tx.claim_files())?;
    let page = page::all(
        visit,
        &Shown {
            files: &files,
            wrong,
        },
    );
    Ok(Answer::page(page, wrong.is_some()))
}

pub(crate) fn all(visit: &Visit<'_>) -> Answered {
    shown(visit, None)
}

/// Takes a signed file in.
pub(crate) fn receive(visit: &Visit<'_>) -> Answered {
    let bytes = match visit.handed_in(FILE_BYTES_MAX) {
        Ok(bytes) => bytes,
        Err(wrong) => {
            let said = crate::pages::lot_report::wrong_file(visit, wrong);
            return shown(visit, Some(&said));
        }
    };
    let office = visit.office;
    let law = &office.law;
    let due = |taken: Instant| answered_by(law, visit.date(taken));
    match take(&office.store, &office.config, &visit.staff, &bytes, &due) {
        Ok((file, true)) => Ok(Answer::Go(format!("/claims/files/{file}?taken=1"))),
        Ok((file, false)) => Ok(Answer::Go(format!("/claims/files/{file}?again=1"))),
        Err(ClaimFilesError::Store(error)) => Err(error.into()),
        Err(ClaimFilesError::File(why)) => {
            let said = page::refused(visit, &why);
            shown(visit, Some(&said))
        }
    }
}

/// What a late claim is to the list that was frozen before it came in.
fn late(
    tx: &mut Tx<'_>,
    release: &ReleaseRow,
    claim: &Claim,
    arrived: Instant,
) -> Result<Option<Late>, StoreError> {
    if !is_late(claim.filed, arrived, release.frozen_at) {
        return Ok(None);
    }
    // The claim of this person and kind that the list follows.
    let mut counts = None;
    for other in tx.claims_of_pin(claim.pin)? {
        if (other.kind, &other.field) != (claim.kind, &claim.field) {
            continue;
        }
        let outcome = tx.find_claim_outcome(release.number, &other.claim)?;
        if outcome.is_some_and(|o| o.outcome == lexicon::ClaimOutcome::Counts) {
            counts = Some(other);
        }
    }
    let order = |claim: &Claim| (claim.filed, claim.claim.clone());
    let wins = counts
        .as_ref()
        .is_none_or(|other| order(other) < order(claim));
    Ok(Some(Late {
        release: release.number,
        rival: counts.map(|other| other.claim),
        wins,
    }))
}

pub(crate) fn one(visit: &Visit<'_>) -> Answered {
    let number: u32 = visit.parsed("file")?;
    let after: u32 = visit.asked_as("after")?.unwrap_or(0);
    visit.within_budget()?;
    let found = visit.office.store.read("claim_file", |tx| {
        let files = tx.claim_files()?;
        let Some(file) = files.into_iter().find(|row| row.file == number) else {
            return Ok::<_, StoreError>(None);
        };
        let release = tx.releases()?.pop();
        let mut rows = Vec::new();
        for arrived in tx.arrived_claims(number, after, PAGE_ROWS)? {
            let claim = tx.find_claim(&arrived.claim)?;
            let late = match (&claim, &release) {
                (Some(claim), Some(release)) if arrived.state == Arrival::Taken => {
                    late(tx, release, claim, file.at)?
                }
                _ => None,
            };
            rows.push(Row {
                arrived,
                claim,
                late,
            });
        }
        Ok(Some((file, rows)))
    })?;
    let (file, rows) = found.ok_or(Problem::NotFound)?;
    visit.office.store.record_look(visit.look(), "claim file")?;
    let next = rows.last().map(|row| row.arrived.number.to_string());
    let list = List {
        file: &file,
        rows: &rows,
        pager: paging(visit, &format!("/claims/files/{number}"), rows.len(), next),
    };
    Ok(Answer::Page(page::one(visit, &list)))
}
