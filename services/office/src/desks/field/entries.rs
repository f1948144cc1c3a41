//! What stands behind the sums over all lots: each number leads to its entries, each entry to its person.

use roll::field::{Progress, Subject};
use store::field::{FieldAt, FieldWanted};

use super::field_classes;
use crate::pages::field::{self as page, entries};
use crate::pages::list::paging;
use crate::pages::parts::PAGE_ROWS;
use crate::visit::{Answer, Answered, Problem, Visit};

const ALL: [Progress; 4] = [
    Progress::Open,
    Progress::Late,
    Progress::Conflict,
    Progress::Done,
];

/// The sum of an address: of which entries, and what it is called.
fn wanted(visit: &Visit<'_>, code: &str) -> Result<(FieldWanted, String), Problem> {
    let not_handed = |kinds: &[Subject]| FieldWanted {
        not_handed: kinds.to_vec(),
        progress: Vec::new(),
    };
    if let Some(progress) = ALL
        .into_iter()
        .find(|known| page::progress_code(*known) == code)
    {
        let wanted = FieldWanted {
            not_handed: Vec::new(),
            progress: vec![progress],
        };
        return Ok((wanted, visit.t(&format!("field_progress.{code}"))));
    }
    if let Some(kind) = Subject::from_code(code) {
        let title = format!(
            "{}: {}",
            visit.t("fieldwork.not_handed"),
            visit.t(&format!("field_subject.{code}"))
        );
        return Ok((not_handed(&[kind]), title));
    }
    let unfinished = ALL.into_iter().filter(|known| *known != Progress::Done);
    match code {
        "all" => Ok((
            FieldWanted {
                progress: ALL.to_vec(),
                ..not_handed(&Subject::ALL)
            },
            visit.t("fieldwork.all"),
        )),
        "unfinished" => Ok((
            FieldWanted {
                progress: unfinished.collect(),
                ..not_handed(&Subject::ALL)
            },
            visit.t("fieldwork.unfinished"),
        )),
        _ => Err(Problem::NotFound),
    }
}

/// `e.12.7`, or `n.ROW.C0012`.
fn text_of(at: &FieldAt) -> String {
    match at {
        FieldAt::Entry(lot, place) => format!("e.{lot}.{place}"),
        FieldAt::NotHanded(kind, subject) => format!("n.{}.{subject}", kind.code()),
    }
}

fn place_of(text: &str) -> Option<FieldAt> {
    let mut parts = text.splitn(3, '.');
    let (sort, first, rest) = (parts.next()?, parts.next()?, parts.next()?);
    match sort {
        "e" => Some(FieldAt::Entry(first.parse().ok()?, rest.parse().ok()?)),
        "n" => Some(FieldAt::NotHanded(
            Subject::from_code(first)?,
            rest.to_owned(),
        )),
        _ => None,
    }
}

pub(crate) fn show(visit: &Visit<'_>) -> Answered {
    let code = visit.part("sum")?;
    let (wanted, title) = wanted(visit, code)?;
    let after = match visit.asked("after") {
        None => None,
        Some(text) => Some(place_of(text).ok_or(Problem::Unreadable)?),
    };
    visit.within_budget()?;
    let classes = field_classes();
    let store = &visit.office.store;
    let limit = PAGE_ROWS as usize;
    let rows = store.list_field(visit.look(), &wanted, &classes, after.as_ref(), limit)?;
    let progress = store.field_progress(&classes)?;
    let waiting = wanted.not_handed.iter();
    let waiting: u64 = waiting
        .map(|kind| progress.not_handed.get(kind).copied().unwrap_or(0))
        .sum();
    let in_lots: u64 = wanted.progress.iter().map(|at| progress.at(*at)).sum();
    let next = rows
        .last()
        .map(|row| crate::serve::encode(&text_of(&row.at)));
    let shown = entries::Shown {
        title: &title,
        all: waiting + in_lots,
        rows: &rows,
        pager: paging(visit, &format!("/field/sum/{code}"), rows.len(), next),
    };
    Ok(Answer::Page(entries::page(visit, &shown)))
}
