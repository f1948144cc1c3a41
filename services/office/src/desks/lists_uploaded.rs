//! Lists of the commission uploaded in the office: all of them, one with its progress and figures, taking a file.

use std::io::Read as _;

use store::StoreError;

use crate::pages::lists_uploaded::{self as page, All, One, Wrong};
use crate::upload::{KeepError, SpoolError, code_of, standing};
use crate::visit::{Answer, Answered, Problem, Visit};

/// Bytes of a rejects file that are sent at once.
const PART_BYTES: u64 = 1 << 16;

fn shown(visit: &Visit<'_>, wrong: Option<Wrong>) -> Answered {
    let all = visit
        .office
        .store
        .read("list_editions", |tx| tx.list_editions())?;
    let is_wrong = wrong.is_some();
    let page = page::all(
        visit,
        &All {
            editions: &all,
            work: visit.office.list_work(),
            uploads: &visit.office.config.uploads,
            wrong,
        },
    );
    Ok(Answer::page(page, is_wrong))
}

pub(crate) fn all(visit: &Visit<'_>) -> Answered {
    shown(visit, None)
}

/// Keeps the file of the form as an edition and starts its work.
pub(crate) fn take(visit: &Visit<'_>) -> Answered {
    let wrong = match &visit.file {
        Some(Ok(file)) => match visit.office.list_work().keep(file, &visit.staff) {
            Ok((edition, _)) => {
                visit.office.list_work().start();
                return Ok(Answer::Go(format!("/lists/{edition}")));
            }
            Err(KeepError::Store(error)) => return Err(error.into()),
            Err(KeepError::File(why)) => Wrong::File(code_of(&why)),
            Err(KeepError::Disk(error)) => {
                tracing::error!(%error, "an uploaded list was not kept");
                Wrong::Code("disk")
            }
            Err(KeepError::Hash(error)) => {
                tracing::error!(%error, "an uploaded list was not kept");
                Wrong::Code("disk")
            }
        },
        Some(Err(SpoolError::Off)) => Wrong::Code("off"),
        Some(Err(SpoolError::TooLarge { .. })) => Wrong::Code("too_large"),
        Some(Err(SpoolError::Disk(error))) => {
            tracing::error!(%error, "an uploaded list was not written");
            Wrong::Code("disk")
        }
        Some(Err(SpoolError::Form(_) | SpoolError::NoFile)) | None => Wrong::Code("no_file"),
    };
    shown(visit, Some(wrong))
}

pub(crate) fn one(visit: &Visit<'_>) -> Answered {
    let number: u32 = visit.parsed("edition")?;
    let (all, last) = visit.office.store.read("list_edition", |tx| {
        Ok::<_, StoreError>((tx.list_editions()?, tx.find_last_reconciliation()?))
    })?;
    let found = all.iter().find(|(known, _)| known.edition == number);
    let (edition, steps) = found.ok_or(Problem::NotFound)?;
    let standing = standing(&all, number);
    let counts = match standing {
        crate::upload::Standing::Reconciled { run } => visit.office.classes(run)?.to_vec(),
        crate::upload::Standing::Unfinished
        | crate::upload::Standing::Refused
        | crate::upload::Standing::Superseded => Vec::new(),
    };
    let work = visit.office.list_work();
    Ok(Answer::Page(page::one(
        visit,
        &One {
            edition,
            steps,
            standing,
            under_way: work.under_way(number),
            failure: work.failure(number),
            has_rejects: work.rejects(number).is_some(),
            counts: &counts,
            is_latest_run: steps
                .iter()
                .any(|step| step.run.is_some() && step.run == last),
        },
    )))
}

/// The rows that were not taken, as a file.
pub(crate) fn rejects(visit: &Visit<'_>) -> Answered {
    let number: u32 = visit.parsed("edition")?;
    let path = visit.office.list_work().rejects(number);
    let path = path.ok_or(Problem::NotFound)?;
    let mut file = std::fs::File::open(path).map_err(|_| Problem::NotFound)?;
    Ok(Answer::Table {
        name: format!("rejects-{number}.csv"),
        next: Box::new(move || {
            let mut part = Vec::new();
            let got = (&mut file).take(PART_BYTES).read_to_end(&mut part);
            match got {
                Ok(0) | Err(_) => Ok(None),
                Ok(_) => Ok(Some(part)),
            }
        }),
    })
}

/// Takes the work up again after a fault.
pub(crate) fn resume(visit: &Visit<'_>) -> Answered {
    let number: u32 = visit.parsed("edition")?;
    visit.office.list_work().try_again(number);
    Ok(Answer::Go(format!("/lists/{number}")))
}
