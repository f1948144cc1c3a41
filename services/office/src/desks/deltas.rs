//! The people behind the numbers of a signed change.

use lexicon::PersonId;
use lexicon::handover::delta::ChangeKind;
use store::StoreError;

use super::lists::find;
use crate::pages::list::{self, deltas::people_title, people};
use crate::pages::parts::PAGE_ROWS;
use crate::visit::{Answer, Answered, Problem, Visit};

pub(crate) fn people(visit: &Visit<'_>) -> Answered {
    let (release, _) = find(visit)?;
    let number: u32 = visit.parsed("delta")?;
    let act = visit.part("act")?;
    let kind = ChangeKind::from_code(act).ok_or(Problem::NotFound)?;
    let after: Option<PersonId> = visit.asked_as("after")?;
    visit.within_budget()?;
    let n = release.number;
    let (rows, persons) = visit.office.store.read("delta_people", |tx| {
        let persons = tx.persons_of_delta((n, number), kind, after, PAGE_ROWS)?;
        Ok::<_, StoreError>((tx.deltas_of(n)?, persons))
    })?;
    let row = rows
        .iter()
        .find(|row| row.delta == number)
        .ok_or(Problem::NotFound)?;
    let hits = visit
        .office
        .store
        .show_persons(visit.look(), "people of a delta", &persons)?;
    let base = format!("/list/{n}/delta/{number}/{act}");
    let next = persons.last().map(PersonId::to_string);
    Ok(Answer::Page(people::page(
        visit,
        &people::People {
            release: Some(&release),
            title: &people_title(visit, row, kind),
            said: "",
            all: match kind {
                ChangeKind::Strike => row.struck,
                ChangeKind::Add => row.added,
                ChangeKind::Change => row.changed,
            },
            hits: &hits,
            paging: &list::paging(visit, &base, persons.len(), next),
        },
    )))
}
