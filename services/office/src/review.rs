//! What people are asked about a reconciled list: links found without a PIN or against the birth date, and addresses
//! that no rule places.

use std::collections::BTreeMap;

use lexicon::handover::snapshot::CommissionRow;
use lexicon::{AddressDoubt, Date, PrecinctCode, ReconciliationClass};
use register::address::{Answer, Context, Places, Seeker};
use roll::Snapshot;
use roll::audit::draw;
use roll::boundary::place_all;
use roll::houses::Houses;
use roll::reconcile::FoundBy;
use roll::review::{Review, Says, is_doubled, is_doubtful, review};
use roll::snapshot::AddressAt;
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
    day: Date,
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
    // Of a building with two addresses one is enough.
    let ids = |buildings: &mut dyn Iterator<Item = AddressAt>| {
        let mut ids: Vec<String> = Vec::new();
        for at in buildings {
            let id = &snapshot.addresses[at.at()].id;
            if !ids.iter().any(|known| **known == **id) {
                ids.push(id.to_string());
            }
        }
        ids
    };
    let (placed, _) = place_all(snapshot);
    let houses = Houses::of(snapshot, &placed, Places::shipped(), day);
    let mut seeker = Seeker::new(&houses.index);
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
                    suggestions: ids(&mut queued
                        .suggestions
                        .iter()
                        .map(|s| houses.building(s.house))),
                    precinct,
                }),
            }
        })
        .collect()
}

/// How a row's person was found, with the row's evidence; none without a person, or found in a way that nobody looks at.
fn link(found: &ReconciledRow) -> Option<(FoundBy, RowEvidence)> {
    found.person?;
    let evidence = RowEvidence::parse(&found.detail);
    let mut ways = [FoundBy::Pin, FoundBy::PinAmong, FoundBy::Details].into_iter();
    let by = ways.find(|by| evidence.found_by.as_deref() == Some(by.code()))?;
    Some((by, evidence))
}

/// The evidence of a row of a run whose link a human looks at; none of another's.
fn asked(found: &ReconciledRow) -> Option<RowEvidence> {
    let (by, evidence) = link(found)?;
    is_doubtful(by, evidence.birth_differs).then_some(evidence)
}

/// What of a run's links is asked for control.
#[derive(Clone, Copy)]
pub(crate) struct Control<'a> {
    /// Part of the doubtful links that two accounts decide, 0 to 100.
    pub doubled_percent: u8,
    /// Of 100,000 sure links, how many two accounts answer without knowing that they were sure.
    pub sampled_per_100000: u32,
    /// What draws them: public, and fixed before the run (the SHA-256 of the list's file, the root of a release).
    pub seed: &'a str,
}

/// The sure links of a run that are drawn: row and person. Rows stand by their id, so that anybody with the list and the
/// seed draws the same ([`draw`]); a list of few rows has none.
fn drawn<'r>(rows: &'r [ReconciledRow], control: Control<'_>) -> Vec<&'r ReconciledRow> {
    // A link by details is always doubtful.
    let is_sure = |found: &&ReconciledRow| {
        link(found).is_some_and(|(by, evidence)| !is_doubtful(by, evidence.birth_differs))
    };
    let mut sure: Vec<&ReconciledRow> = rows.iter().filter(is_sure).collect();
    sure.sort_by(|a, b| (&a.row, a.person).cmp(&(&b.row, b.person)));
    sure.dedup_by(|a, b| (&a.row, a.person) == (&b.row, b.person));
    let all = sure.len() as u64;
    let wanted = all * u64::from(control.sampled_per_100000.min(100_000)) / 100_000;
    if wanted == 0 {
        return Vec::new();
    }
    let places = draw(control.seed, "sure links", all, wanted);
    let at = |place: u64| usize::try_from(place).ok().and_then(|at| sure.get(at));
    places.into_iter().filter_map(at).copied().collect()
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
    control: Control<'_>,
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
            doubled: is_doubled(&subject, control.doubled_percent),
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
    for found in drawn(rows, control) {
        let Some(list) = tx.find_row_of_list(edition, &found.row)? else {
            continue;
        };
        let subject = ReviewItem::subject_of(&list, found.person);
        items.entry(subject.clone()).or_insert_with(|| ReviewItem {
            subject,
            kind: ReviewKind::Link,
            row: found.row.clone(),
            person: found.person,
            precinct: precinct_of(&list),
            reason: store::SAMPLED.to_owned(),
            suggestions: Vec::new(),
            doubled: true,
        });
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

#[cfg(test)]
mod tests {
    use super::*;
    use lexicon::PersonId;

    fn row(n: u32, detail: &str) -> ReconciledRow {
        ReconciledRow {
            row: format!("C{n:05}"),
            class: ReconciliationClass::Same,
            person: Some(PersonId::of_source("test", &n.to_string())),
            detail: detail.to_owned(),
        }
    }

    #[test]
    fn only_sure_links_are_drawn_by_the_seed_and_in_no_order_of_the_list() {
        let mut rows: Vec<ReconciledRow> = (0..1_000).map(|n| row(n, "found=pin")).collect();
        rows.extend((1_000..1_500).map(|n| row(n, "found=details")));
        let control = |seed| Control {
            doubled_percent: 10,
            sampled_per_100000: 2_000,
            seed,
        };
        let ids = |rows: &[ReconciledRow], seed| {
            let found = drawn(rows, control(seed));
            found.iter().map(|row| row.row.clone()).collect::<Vec<_>>()
        };
        let first = ids(&rows, "one");
        assert_eq!(first.len(), 20, "2 % of the thousand sure ones");
        assert!(first.iter().all(|id| id.as_str() < "C01000"), "{first:?}");
        assert_ne!(first, ids(&rows, "two"), "another seed draws others");
        rows.reverse();
        assert_eq!(
            first,
            ids(&rows, "one"),
            "the order of rows changes nothing"
        );
        let few: Vec<ReconciledRow> = (0..40).map(|n| row(n, "found=pin")).collect();
        assert!(ids(&few, "one").is_empty());
    }
}
