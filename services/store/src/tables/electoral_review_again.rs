//! Tables `electoral_review_again` and `electoral_review_answer_again`: questions asked once more, because decisions
//! about their row contradict each other.

use std::collections::BTreeMap;

use lexicon::{Instant, PersonId};
use roll::review::{Review, Says, review};

use super::electoral_review::{ASKED_LAST, ITEM, ReviewAnswer, ReviewItem, read_item};
use crate::engine::values;
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

/// A question about a link with what is decided about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecidedLink {
    /// The question as it was asked last.
    pub item: ReviewItem,
    /// The decision.
    pub says: Says,
    /// When the answer that decided it was given.
    pub at: Instant,
    /// Whether it had been asked again.
    pub asked_again: bool,
}

impl Tx<'_> {
    /// Whether a question was asked again.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn is_asked_again(&mut self, subject: &str) -> Result<bool, StoreError> {
        let row = self.row(
            "SELECT 1 FROM electoral_review_again WHERE subject = $1",
            values![subject],
        )?;
        Ok(row.is_some())
    }

    /// Whether an account has answered a question, before it was asked again or since.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn has_answered(&mut self, subject: &str, staff: &str) -> Result<bool, StoreError> {
        let row = self.row(
            "SELECT 1 FROM electoral_review_answer WHERE subject = $1 AND staff = $2 \
             UNION ALL SELECT 1 FROM electoral_review_answer_again WHERE subject = $1 AND staff = $2",
            values![subject, staff],
        )?;
        Ok(row.is_some())
    }

    /// Decided questions about links, by row, of every row that more than one was answered about.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn links_decided_together(
        &mut self,
    ) -> Result<BTreeMap<String, Vec<DecidedLink>>, StoreError> {
        let items: Vec<ReviewItem> = self.collect(
            &format!(
                "SELECT {ITEM} {ASKED_LAST} WHERE i.kind = 'link' AND i.id IN ( \
                   SELECT o.id FROM electoral_review_item o \
                   JOIN (SELECT DISTINCT subject FROM electoral_review_answer) a ON a.subject = o.subject \
                   WHERE o.kind = 'link' GROUP BY o.id HAVING COUNT(DISTINCT o.subject) > 1) \
                 ORDER BY i.id, i.subject"
            ),
            values![],
            read_item,
        )?;
        let mut rows: BTreeMap<String, Vec<DecidedLink>> = BTreeMap::new();
        for item in items {
            let given: Vec<ReviewAnswer> = self.answers_about(&item.subject)?;
            let says: Vec<Says> = given.iter().map(|answer| answer.says).collect();
            let (Review::Decided(says), Some(last)) = (review(&says, item.doubled), given.last())
            else {
                continue;
            };
            let asked_again = self.is_asked_again(&item.subject)?;
            rows.entry(item.row.clone()).or_default().push(DecidedLink {
                item,
                says,
                at: last.at,
                asked_again,
            });
        }
        Ok(rows)
    }

    /// The records that are counted for persons, in their order: a duplicate verdict joins two records into one.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn counted_records(&mut self, persons: &[PersonId]) -> Result<Vec<PersonId>, StoreError> {
        let verdicts = self.verdicts()?;
        Ok(persons.iter().map(|p| verdicts.counted(*p)).collect())
    }

    /// Asks a question again, by the author of the transaction: earlier answers stay and count no more, two that agree
    /// are needed, and who answered before is not asked.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when it was asked again before.
    pub fn ask_again(&mut self, item: &ReviewItem, reason: &str) -> Result<(), StoreError> {
        let (staff, at) = (self.author.clone(), self.at);
        self.execute(
            "INSERT INTO electoral_review_again (subject, id, staff, reason, at) VALUES ($1, $2, $3, $4, $5)",
            values![item.subject.as_str(), item.row.as_str(), staff, reason, at],
        )?;
        let body = format!("{} {} {reason}", item.row, item.subject);
        self.journal_bytes(
            Journal::Electoral,
            item.person,
            "link_asked_again",
            body.into_bytes(),
        )
        .map(|_| ())
    }
}
