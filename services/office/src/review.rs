//! What people are asked about a reconciled list: links found without a PIN or against the birth date, and addresses
//! that no rule places.

use std::collections::BTreeMap;

use lexicon::handover::snapshot::CommissionRow;
use lexicon::{AddressDoubt, PrecinctCode, ReconciliationClass};
use register::address::index::HouseRow;
use register::address::{Answer, Builder, Context, Places, Seeker};
use roll::Snapshot;
use roll::boundary::place_all;
use roll::reconcile::FoundBy;
use roll::review::{Review, Says, is_doubled, is_doubtful, review};
use store::{ReconciledRow, ReviewAnswer, ReviewItem, ReviewKind, StoreError, Tx};

use crate::row_evidence::RowEvidence;

/// The reason of a question that the linkage asks: a pair of its clerical band.
pub(crate) const CLERICAL: &str = "clerical";

/// An address text of the list that a human places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DoubtfulAddress {
    /// The row.
    pub row: String,
    /// Why.
    pub reason: AddressDoubt,
    /// Ids of houses, the best first.
    pub suggestions: Vec<String>,
    /// The precinct that the row names.
    pub precinct: Option<PrecinctCode>,
}

/// Whether a row's own address counts: the register has none for it.
fn needs_place(class: ReconciliationClass) -> bool {
    matches!(
        class,
        ReconciliationClass::NotFound | ReconciliationClass::NoBiometrics
    )
}

/// Addresses that cannot be placed, of rows whom the register has no home for. Cost: about 5 s for 1.3 M houses, and
/// 12 µs a row.
pub(crate) fn doubtful_addresses(
    snapshot: &Snapshot,
    rows: &[ReconciledRow],
) -> Vec<DoubtfulAddress> {
    let mut wanted: Vec<&str> = rows
        .iter()
        .filter(|found| needs_place(found.class))
        .map(|found| found.row.as_str())
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    if wanted.is_empty() {
        return Vec::new();
    }
    let (placed, _) = place_all(snapshot);
    let mut builder = Builder::new(Places::shipped());
    let text = |word| snapshot.words.text(word);
    for (row, placed) in snapshot.addresses.iter().zip(placed) {
        builder.house(&HouseRow {
            soate: row.soate,
            street: text(row.street),
            street_name: text(row.street_name),
            house: text(row.house),
            precinct: placed.map(|placed| placed.precinct),
        });
    }
    let index = builder.finish();
    let mut seeker = Seeker::new(&index);
    let entries = snapshot.commission.iter();
    let asked = entries.filter(|entry| wanted.binary_search(&entry.row).is_ok());
    asked
        .filter(|entry| !entry.address.trim().is_empty())
        .filter_map(|entry| {
            let precinct: Option<PrecinctCode> = entry.precinct.trim().parse().ok();
            match seeker.seek(entry.address, Context { precinct }) {
                Answer::Placed(_) => None,
                Answer::Queued(queued) => Some(DoubtfulAddress {
                    row: entry.row.to_owned(),
                    reason: queued.reason,
                    suggestions: queued
                        .suggestions
                        .iter()
                        .map(|s| snapshot.addresses[s.house.0 as usize].id.to_string())
                        .collect(),
                    precinct,
                }),
            }
        })
        .collect()
}

/// The evidence of a row of a run whose link a human looks at; none of another's.
fn asked(found: &ReconciledRow) -> Option<RowEvidence> {
    let evidence = RowEvidence::parse(&found.detail);
    let by = [FoundBy::Pin, FoundBy::PinAmong, FoundBy::Details]
        .into_iter()
        .find(|by| evidence.found_by.as_deref() == Some(by.code()));
    let is_asked =
        found.person.is_some() && by.is_some_and(|by| is_doubtful(by, evidence.birth_differs));
    is_asked.then_some(evidence)
}

/// Records the questions of a run.
///
/// # Errors
/// The store's.
pub(crate) fn record_items(
    tx: &mut Tx<'_>,
    run: u32,
    rows: &[ReconciledRow],
    houses: &[DoubtfulAddress],
    doubled_percent: u8,
) -> Result<(), StoreError> {
    // A row of several classes is one question.
    let mut items: BTreeMap<String, ReviewItem> = BTreeMap::new();
    let edition = tx.find_list_in_force()?;
    for (found, evidence) in rows.iter().filter_map(|row| Some((row, asked(row)?))) {
        let Some(list) = tx.find_row_of_list(edition, &found.row)? else {
            continue;
        };
        let subject = ReviewItem::subject_of(&list, found.person);
        let item = items.entry(subject.clone()).or_insert_with(|| ReviewItem {
            doubled: is_doubled(&subject, doubled_percent),
            subject,
            kind: ReviewKind::Link,
            row: found.row.clone(),
            person: found.person,
            precinct: precinct_of(&list),
            reason: evidence.found_by.unwrap_or_default(),
            suggestions: Vec::new(),
        });
        if evidence.birth_differs && item.reason != FoundBy::Details.code() {
            "birth_differs".clone_into(&mut item.reason);
        }
    }
    for house in houses {
        let Some(list) = tx.find_row_of_list(edition, &house.row)? else {
            continue;
        };
        let subject = ReviewItem::subject_of(&list, None);
        let item = ReviewItem {
            subject: subject.clone(),
            kind: ReviewKind::Address,
            row: house.row.clone(),
            person: None,
            precinct: house.precinct,
            reason: house.reason.code().to_owned(),
            suggestions: house.suggestions.clone(),
            doubled: false,
        };
        items.insert(subject, item);
    }
    // A row that an answer joined or kept apart is not asked about again; its question stays with the run it counts in.
    // What the linkage asked about stays asked until somebody answers, and so does what is asked again.
    for item in tx.links_to_carry()? {
        let is_kept = item.reason == CLERICAL
            || is_decided(tx, &item)?
            || tx.is_asked_again(&item.subject)?;
        if items.contains_key(&item.subject) || !is_kept {
            continue;
        }
        let list = tx.find_row_of_list(edition, &item.row)?;
        if list.is_some_and(|list| ReviewItem::subject_of(&list, item.person) == item.subject) {
            items.insert(item.subject.clone(), item);
        }
    }
    let items: Vec<ReviewItem> = items.into_values().collect();
    tx.record_review_items(run, &items)
}

fn is_decided(tx: &mut Tx<'_>, item: &ReviewItem) -> Result<bool, StoreError> {
    let given = tx.answers_about(&item.subject)?;
    let standing = review(&says_of(&given), item.doubled);
    Ok(matches!(standing, Review::Decided(_)))
}

/// What answers say, in the order of giving.
pub(crate) fn says_of(answers: &[ReviewAnswer]) -> Vec<Says> {
    answers.iter().map(|answer| answer.says).collect()
}

fn precinct_of(list: &CommissionRow) -> Option<PrecinctCode> {
    list.precinct.trim().parse().ok()
}
