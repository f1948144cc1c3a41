//! Lists of institutions: taking one in, what came of each row, who is told.

use store::{InstitutionEdition, InstitutionMember, InstitutionRefused, StoreError};

use super::hours::as_file;
use crate::institutions::{COLUMNS, InstitutionsError, receive};
use crate::pages::institutions::{self as page, List, Shown};
use crate::visit::{Answer, Answered, Problem, Visit};

/// Largest list: a country's hospitals in one file fit.
const FILE_BYTES_MAX: u64 = 16 << 20;

fn shown(visit: &Visit<'_>, wrong: Option<&str>) -> Answered {
    let editions = visit
        .office
        .store
        .read("institution_lists", |tx| tx.institution_editions())?;
    let page = page::all(
        visit,
        &Shown {
            editions: &editions,
            wrong,
        },
    );
    Ok(Answer::page(page, wrong.is_some()))
}

pub(crate) fn all(visit: &Visit<'_>) -> Answered {
    shown(visit, None)
}

/// Takes a list whose head signed a letter on paper.
pub(crate) fn take(visit: &Visit<'_>) -> Answered {
    visit.within_budget()?;
    let bytes = match visit.handed_in(FILE_BYTES_MAX) {
        Ok(bytes) => bytes,
        Err(wrong) => return shown(visit, Some(wrong.code())),
    };
    let office = visit.office;
    match receive(&office.store, &office.law, visit.look(), (&bytes, "")) {
        Ok(edition) => Ok(Answer::Go(format!("/institutions/{edition}?taken=1"))),
        Err(InstitutionsError::Again(edition)) => {
            Ok(Answer::Go(format!("/institutions/{edition}?again=1")))
        }
        Err(InstitutionsError::Column(_)) => shown(visit, Some("no_columns")),
        Err(InstitutionsError::Csv(_) | InstitutionsError::Folder(_)) => {
            shown(visit, Some("no_csv"))
        }
        Err(InstitutionsError::Store(error)) => Err(error.into()),
    }
}

/// A list with its rows.
struct Kept {
    edition: InstitutionEdition,
    members: Vec<InstitutionMember>,
    refused: Vec<InstitutionRefused>,
}

fn kept(visit: &Visit<'_>) -> Result<Kept, Problem> {
    let number: u32 = visit.parsed("edition")?;
    let found = visit.office.store.read("institution_list", |tx| {
        let mut editions = tx.institution_editions()?;
        editions.retain(|edition| edition.edition == number);
        let Some(edition) = editions.pop() else {
            return Ok::<_, StoreError>(None);
        };
        Ok(Some(Kept {
            edition,
            members: tx.institution_members(number)?,
            refused: tx.institution_refused(number)?,
        }))
    })?;
    found.ok_or(Problem::NotFound)
}

fn listed(visit: &Visit<'_>, what: &str, page: Page) -> Answered {
    visit.within_budget()?;
    let kept = kept(visit)?;
    let persons: Vec<_> = kept.members.iter().map(|member| member.person).collect();
    let hits = visit
        .office
        .store
        .show_persons(visit.look(), what, &persons)?;
    let list = List {
        edition: &kept.edition,
        members: &kept.members,
        refused: &kept.refused,
        hits: &hits,
    };
    Ok(Answer::Page(page(visit, &list)))
}

type Page = fn(&Visit<'_>, &List<'_>) -> maud::Markup;

pub(crate) fn one(visit: &Visit<'_>) -> Answered {
    listed(visit, "institution_list", page::one)
}

/// What each person and each precinct is told, to print.
pub(crate) fn notices(visit: &Visit<'_>) -> Answered {
    listed(visit, "institution_notices", page::notices)
}

/// The rows that were refused, as a file.
pub(crate) fn rejects(visit: &Visit<'_>) -> Answered {
    let kept = kept(visit)?;
    let mut rows = vec![
        ["file", "line", "field", "reason", "said", "next"]
            .map(str::to_owned)
            .to_vec(),
    ];
    for row in &kept.refused {
        let [said, next] = page::said(visit, &row.reason);
        rows.push(vec![
            format!("institution-list-{}.csv", kept.edition.edition),
            row.line.to_string(),
            row.field.clone(),
            row.reason.clone(),
            said,
            next,
        ]);
    }
    let name = format!("institution-rejects-{}.csv", kept.edition.edition);
    Ok(as_file(name, &rows))
}

/// An empty table to be filled in by an institution.
pub(crate) fn form(_visit: &Visit<'_>) -> Answered {
    let head = COLUMNS.map(str::to_owned).to_vec();
    Ok(as_file("institution-list.csv".to_owned(), &[head]))
}
