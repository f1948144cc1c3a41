//! The rows behind the figures of the review: each number leads to its rows, each row to its person.
//!
//! Nobody learns from a list what they are asked about themselves: questions that this account may still be asked stand
//! among the open ones alone, and there the sample of sure links is not told apart.

use std::collections::BTreeMap;

use lexicon::PersonId;
use lexicon::handover::snapshot::CommissionRow;
use roll::review::{Review, Says, review};
use store::{ReviewAnswer, ReviewFilter, ReviewItem, ReviewKind, StoreError, Tx};

use super::{Answers, Sample, is_for};
use crate::pages::list::paging;
use crate::pages::parts::PAGE_ROWS;
use crate::pages::review::rows::{self as page, Row, Shown};
use crate::review::says_of;
use crate::visit::{Answer, Answered, Problem, Visit};

/// Questions that are read at once while a page is filled.
const ITEMS_AT_ONCE: u32 = 1_000;

/// A figure of the review.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Figure {
    Open,
    Second,
    Third,
    Decided(Says),
    Sampled(Says),
    AddressOpen,
    Placed,
    NoHouse,
}

impl Figure {
    fn from_code(code: &str) -> Option<Self> {
        Some(match code {
            "open" => Figure::Open,
            "second" => Figure::Second,
            "third" => Figure::Third,
            "address_open" => Figure::AddressOpen,
            "placed" => Figure::Placed,
            "no_house" => Figure::NoHouse,
            other => match other.strip_prefix("sample_") {
                Some(says) => Figure::Sampled(Says::from_code(says)?),
                None => Figure::Decided(Says::from_code(other)?),
            },
        })
    }

    fn title(self, visit: &Visit<'_>) -> String {
        let says = |says: Says| visit.t(&format!("review_says.{}", says.code()));
        let of = |panel: &str, word: String| format!("{}: {word}", visit.t(panel));
        match self {
            Figure::Open => of("review.links", visit.t("review.open")),
            Figure::Second => of("review.links", visit.t("review.second")),
            Figure::Third => of("review.links", visit.t("review.third")),
            Figure::Decided(said) => of("review.links", says(said)),
            Figure::Sampled(said) => of("review.sample", says(said)),
            Figure::AddressOpen => of("review.addresses", visit.t("review.open")),
            Figure::Placed => of("review.addresses", visit.t("review.placed")),
            Figure::NoHouse => of("review.addresses", visit.t("review.no_house")),
        }
    }
}

/// What is known of a run's questions.
struct Run<'a> {
    run: u32,
    staff: &'a str,
    answers: Answers,
    sample: Sample,
}

impl Run<'_> {
    fn state(&self, subject: &str) -> Option<Review> {
        let (doubled, given) = self.answers.get(subject)?;
        Some(review(&says_of(given), *doubled))
    }

    /// Whether an answered question of this state is behind a figure.
    fn is_behind(&self, figure: Figure, subject: &str) -> bool {
        let is_sampled = self.sample.contains_key(subject);
        let waits = |wanted| matches!(self.state(subject), Some(Review::Waits { place }) if place == wanted);
        let decided =
            |wanted| matches!(self.state(subject), Some(Review::Decided(said)) if said == wanted);
        match figure {
            Figure::Second => !is_sampled && waits(2),
            Figure::Third => !is_sampled && waits(3),
            Figure::Decided(says) => !is_sampled && decided(says),
            Figure::Sampled(says) => is_sampled && decided(says),
            Figure::Open | Figure::AddressOpen | Figure::Placed | Figure::NoHouse => false,
        }
    }

    fn may_be_asked(&self, item: &ReviewItem) -> bool {
        let none: Vec<ReviewAnswer> = Vec::new();
        let given = self
            .answers
            .get(&item.subject)
            .map_or(&none, |(_, given)| given);
        is_for(self.staff, item, given)
    }

    fn open(
        &self,
        tx: &mut Tx<'_>,
        kind: ReviewKind,
        is_open: &dyn Fn(&str) -> bool,
        after: &str,
    ) -> Result<Vec<ReviewItem>, StoreError> {
        let (mut found, mut last) = (Vec::new(), after.to_owned());
        loop {
            let items = tx.review_items(ReviewFilter {
                run: self.run,
                kind,
                after: &last,
                limit: ITEMS_AT_ONCE,
            })?;
            let Some(end) = items.last().map(|item| item.subject.clone()) else {
                return Ok(found);
            };
            last = end;
            for item in items.into_iter().filter(|item| is_open(&item.subject)) {
                found.push(item);
                if found.len() == PAGE_ROWS as usize {
                    return Ok(found);
                }
            }
        }
    }
}

/// A page of a figure: how many there are, how many of them this account may not see, the rows.
struct Found {
    run: u32,
    all: u64,
    left_out: u64,
    items: Vec<(ReviewItem, Option<String>)>,
}

fn find(
    tx: &mut Tx<'_>,
    figure: Figure,
    staff: &str,
    after: &str,
) -> Result<Option<Found>, StoreError> {
    let Some(run) = tx.find_last_reconciliation()? else {
        return Ok(None);
    };
    let known = Run {
        run,
        staff,
        answers: tx.review_answers(run)?,
        sample: tx.sample_of_run(run)?,
    };
    let plain = |items: Vec<ReviewItem>| items.into_iter().map(|item| (item, None)).collect();
    let found = |all, left_out, items| Found {
        run,
        all,
        left_out,
        items,
    };
    match figure {
        Figure::Open => {
            let is_decided =
                |subject: &str| matches!(known.state(subject), Some(Review::Decided(_)));
            let decided = known
                .answers
                .keys()
                .filter(|subject| is_decided(subject))
                .count() as u64;
            let all = tx.count_review_items(run, ReviewKind::Link)?;
            let items = known.open(tx, ReviewKind::Link, &|s| !is_decided(s), after)?;
            Ok(Some(found(all.saturating_sub(decided), 0, plain(items))))
        }
        Figure::AddressOpen => {
            let placed = tx.addresses_placed(run)?;
            let all = tx.count_review_items(run, ReviewKind::Address)?;
            let items = known.open(tx, ReviewKind::Address, &|s| !placed.contains_key(s), after)?;
            let all = all.saturating_sub(placed.len() as u64);
            Ok(Some(found(all, 0, plain(items))))
        }
        Figure::Placed | Figure::NoHouse => {
            let placed: BTreeMap<String, Option<String>> = tx
                .addresses_placed(run)?
                .into_iter()
                .filter(|(_, house)| house.is_some() == (figure == Figure::Placed))
                .collect();
            let all = placed.len() as u64;
            let mut items = Vec::new();
            let next = placed
                .into_iter()
                .filter(|(subject, _)| subject.as_str() > after);
            for (subject, house) in next.take(PAGE_ROWS as usize) {
                if let Some(item) = tx.find_review_item(run, &subject)? {
                    items.push((item, house));
                }
            }
            Ok(Some(found(all, 0, items)))
        }
        Figure::Second | Figure::Third | Figure::Decided(_) | Figure::Sampled(_) => {
            let behind = known
                .answers
                .keys()
                .filter(|subject| known.is_behind(figure, subject));
            let (mut all, mut left_out, mut items) = (0, 0, Vec::new());
            for subject in behind {
                all += 1;
                let Some(item) = tx.find_review_item(run, subject)? else {
                    continue;
                };
                if known.may_be_asked(&item) {
                    left_out += 1;
                } else if subject.as_str() > after && items.len() < PAGE_ROWS as usize {
                    items.push((item, None));
                }
            }
            Ok(Some(found(all, left_out, items)))
        }
    }
}

pub(crate) fn show(visit: &Visit<'_>) -> Answered {
    let code = visit.part("figure")?;
    let figure = Figure::from_code(code).ok_or(Problem::NotFound)?;
    let after = visit.asked("after").unwrap_or("");
    visit.within_budget()?;
    let store = &visit.office.store;
    let (found, rows) = store.read("review_rows", |tx| {
        let Some(found) = find(tx, figure, &visit.staff, after)? else {
            return Ok::<_, StoreError>((None, Vec::new()));
        };
        let mut rows = Vec::new();
        for (item, house) in &found.items {
            let row: Option<CommissionRow> = tx.find_commission_row(&item.row)?;
            let of_row = tx.reconciled_of_row(found.run, &item.row)?;
            // Of an address the person is the one whom the row means, if somebody is.
            let person: Option<PersonId> = item
                .person
                .or_else(|| of_row.iter().find_map(|found| found.person));
            let house = match house {
                Some(house) => tx.find_address(house)?,
                None => None,
            };
            rows.extend(row.map(|row| Row { row, person, house }));
        }
        Ok((Some(found), rows))
    })?;
    let found = found.ok_or(Problem::NotFound)?;
    store.record_look(visit.look(), "rows of the review")?;
    let next = found
        .items
        .last()
        .map(|(item, _)| crate::serve::encode(&item.subject));
    let title = figure.title(visit);
    let shown = Shown {
        title: &title,
        all: found.all,
        left_out: found.left_out,
        with_sample: figure == Figure::Open,
        rows: &rows,
        pager: paging(
            visit,
            &format!("/review/rows/{code}"),
            found.items.len(),
            next,
        ),
    };
    Ok(Answer::Page(page::page(visit, &shown)))
}
