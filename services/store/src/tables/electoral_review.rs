//! Tables `electoral_review_item`, `electoral_review_answer` and `electoral_address_placed`: what people are asked
//! about rows of the commission's list, and what they answered. Rows never change: a question that is asked again keeps
//! its earlier answers, and the views `…_now` give what counts ([`again`](super::electoral_review_again)).

use std::collections::BTreeMap;

use lexicon::handover::snapshot::{CommissionRow, ReviewAnswerRow};
use lexicon::{Instant, PersonId, PrecinctCode};
use roll::review::{Review, Says, review, subject_of};
use roll::snapshot::CommissionEntry;

use super::electoral_precinct::read_precinct;
use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "electoral_review_item (run, subject, kind, id, person, precinct, reason, suggestions, doubled)",
    columns: 9,
    then: "",
};

/// The reason of a question about a link that nobody doubted: it was drawn to see how often sure links are wrong.
pub const SAMPLED: &str = "sample";

/// The columns that [`read_item`] reads, and their table.
pub(super) const ITEM: &str = "i.subject, i.kind, i.id, i.person, i.precinct, i.reason, i.suggestions, i.doubled \
     FROM electoral_review_item_now i";

/// Of the questions of all runs each as it was asked last.
pub(super) const ASKED_LAST: &str = "JOIN (SELECT subject, MAX(run) AS run FROM electoral_review_item GROUP BY subject) l \
     ON i.run = l.run AND i.subject = l.subject";

/// What is asked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ReviewKind {
    /// Whether a row means a person of the register.
    Link,
    /// Which house an address text means.
    Address,
}

impl ReviewKind {
    /// The code that the store keeps.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            ReviewKind::Link => "link",
            ReviewKind::Address => "address",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        [ReviewKind::Link, ReviewKind::Address]
            .into_iter()
            .find(|known| known.code() == code)
    }
}

/// A question about a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewItem {
    /// The row's content with what it is held against: [`ReviewItem::subject_of`].
    pub subject: String,
    /// What is asked.
    pub kind: ReviewKind,
    /// The row of the commission's list.
    pub row: String,
    /// The person it is thought to mean; none for an address.
    pub person: Option<PersonId>,
    /// The precinct that the row names.
    pub precinct: Option<PrecinctCode>,
    /// Why a human is asked: a code.
    pub reason: String,
    /// Ids of houses, the best first.
    pub suggestions: Vec<String>,
    /// Whether two persons answer it.
    pub doubled: bool,
}

impl ReviewItem {
    /// The subject of a question: the same row with the same person is the same question in a later run.
    #[must_use]
    pub fn subject_of(row: &CommissionRow, person: Option<PersonId>) -> String {
        let entry = CommissionEntry {
            row: &row.row,
            pin: &row.pin,
            surname: &row.surname,
            given: &row.given,
            patronymic: &row.patronymic,
            born: &row.born,
            address: &row.address,
            precinct: &row.precinct,
        };
        subject_of(&entry, person)
    }
}

/// An answer about a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewAnswer {
    /// Who.
    pub staff: String,
    /// What they say.
    pub says: Says,
    /// When.
    pub at: Instant,
}

/// Which questions are read.
#[derive(Clone, Copy, Debug)]
pub struct ReviewFilter<'a> {
    /// Of which run.
    pub run: u32,
    /// Of which kind.
    pub kind: ReviewKind,
    /// After this subject.
    pub after: &'a str,
    /// At most so many.
    pub limit: u32,
}

impl Tx<'_> {
    /// Records the questions of a run.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn record_review_items(
        &mut self,
        run: u32,
        items: &[ReviewItem],
    ) -> Result<(), StoreError> {
        for chunk in items.chunks(20_000) {
            let mut table = Vec::with_capacity(chunk.len() * INSERT.columns);
            for item in chunk {
                table.extend(values![
                    run,
                    item.subject.as_str(),
                    item.kind.code(),
                    item.row.as_str(),
                    item.person,
                    item.precinct.map(|code| u32::from(code.number())),
                    item.reason.as_str(),
                    item.suggestions.join(" "),
                    i64::from(item.doubled)
                ]);
            }
            self.insert(&INSERT, table)?;
        }
        Ok(())
    }

    /// Carries questions about addresses over from an earlier run of the same list that are not asked yet: a run over a
    /// received roll asks none of its own.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn carry_address_items(&mut self, from: u32, to: u32) -> Result<u64, StoreError> {
        if self.find_edition_of_run(from)? != self.find_edition_of_run(to)? {
            return Ok(0);
        }
        self.execute(
            "INSERT INTO electoral_review_item \
               (run, subject, kind, id, person, precinct, reason, suggestions, doubled) \
             SELECT $1, subject, kind, id, person, precinct, reason, suggestions, doubled \
             FROM electoral_review_item WHERE run = $2 AND kind = 'address'",
            values![to, from],
        )
    }

    /// Questions, by subject, which is no order of the list.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn review_items(
        &mut self,
        filter: ReviewFilter<'_>,
    ) -> Result<Vec<ReviewItem>, StoreError> {
        self.collect(
            &format!(
                "SELECT {ITEM} WHERE i.run = $1 AND i.kind = $2 AND i.subject > $3 ORDER BY i.subject LIMIT $4"
            ),
            values![filter.run, filter.kind.code(), filter.after, filter.limit],
            read_item,
        )
    }

    /// One question.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_review_item(
        &mut self,
        run: u32,
        subject: &str,
    ) -> Result<Option<ReviewItem>, StoreError> {
        let row = self.row(
            &format!("SELECT {ITEM} WHERE i.run = $1 AND i.subject = $2"),
            values![run, subject],
        )?;
        row.as_ref().map(read_item).transpose()
    }

    /// How many questions of a kind a run has.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn count_review_items(&mut self, run: u32, kind: ReviewKind) -> Result<u64, StoreError> {
        let row = self.row(
            "SELECT COUNT(*) FROM electoral_review_item WHERE run = $1 AND kind = $2",
            values![run, kind.code()],
        )?;
        row.map_or(Ok(0), |row| row.number(0))
    }

    /// Answers about links of a run, by subject, each in the order of giving, with whether two are needed.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn review_answers(
        &mut self,
        run: u32,
    ) -> Result<BTreeMap<String, (bool, Vec<ReviewAnswer>)>, StoreError> {
        let mut found: BTreeMap<String, (bool, Vec<ReviewAnswer>)> = BTreeMap::new();
        self.each(
            "SELECT a.subject, i.doubled, a.staff, a.says, a.at FROM electoral_review_answer_now a \
             JOIN electoral_review_item_now i ON i.subject = a.subject AND i.run = $1 ORDER BY a.subject, a.place",
            values![run],
            |row| {
                let entry = found.entry(row.text(0)?.to_owned()).or_default();
                entry.0 = row.int(1)? == 1;
                entry.1.push(ReviewAnswer {
                    staff: row.text(2)?.to_owned(),
                    says: row.code(3, Says::from_code)?,
                    at: Instant::from_micros(row.int(4)?),
                });
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// The sample of sure links of a run: each question with its answers in the order of giving.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn sample_of_run(&mut self, run: u32) -> Result<BTreeMap<String, Vec<Says>>, StoreError> {
        let mut found: BTreeMap<String, Vec<Says>> = BTreeMap::new();
        self.each(
            "SELECT i.subject, a.says FROM electoral_review_item_now i \
             LEFT JOIN electoral_review_answer_now a ON a.subject = i.subject \
             WHERE i.run = $1 AND i.kind = 'link' AND i.reason = $2 ORDER BY i.subject, a.place",
            values![run, SAMPLED],
            |row| {
                let given = found.entry(row.text(0)?.to_owned()).or_default();
                if row.some_text(1)?.is_some() {
                    given.push(row.code(1, Says::from_code)?);
                }
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// The answers about one question, in the order of giving.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn answers_about(&mut self, subject: &str) -> Result<Vec<ReviewAnswer>, StoreError> {
        self.collect(
            "SELECT staff, says, at FROM electoral_review_answer_now WHERE subject = $1 ORDER BY place",
            values![subject],
            |row| {
                Ok(ReviewAnswer {
                    staff: row.text(0)?.to_owned(),
                    says: row.code(1, Says::from_code)?,
                    at: Instant::from_micros(row.int(2)?),
                })
            },
        )
    }

    /// Links of a run that an account has not answered and that have a place for an answer, by subject. Whether one
    /// still waits follows from [`Tx::answers_about`]: two answers that agree leave a place that nobody needs.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn links_for(
        &mut self,
        staff: &str,
        run: u32,
        after: &str,
        limit: u32,
    ) -> Result<Vec<ReviewItem>, StoreError> {
        self.collect(
            &format!(
                "SELECT {ITEM} WHERE i.run = $1 AND i.kind = 'link' AND i.subject > $2 \
                   AND NOT EXISTS (SELECT 1 FROM electoral_review_answer a WHERE a.subject = i.subject AND a.staff = $3) \
                   AND NOT EXISTS (SELECT 1 FROM electoral_review_answer_again a WHERE a.subject = i.subject AND a.staff = $3) \
                   AND (SELECT COUNT(*) FROM electoral_review_answer_now a WHERE a.subject = i.subject) < 1 + 2 * i.doubled \
                 ORDER BY i.subject LIMIT $4"
            ),
            values![run, after, staff, limit],
            read_item,
        )
    }

    /// The first address of a run, by subject, that nobody has placed.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn next_address(&mut self, run: u32) -> Result<Option<ReviewItem>, StoreError> {
        let row = self.row(
            &format!(
                "SELECT {ITEM} WHERE i.run = $1 AND i.kind = 'address' \
                   AND NOT EXISTS (SELECT 1 FROM electoral_address_placed p WHERE p.subject = i.subject) \
                 ORDER BY i.subject LIMIT 1"
            ),
            values![run],
        )?;
        row.as_ref().map(read_item).transpose()
    }

    /// Whether a question about an address is decided.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn is_address_placed(&mut self, subject: &str) -> Result<bool, StoreError> {
        let row = self.row(
            "SELECT 1 FROM electoral_address_placed WHERE subject = $1",
            values![subject],
        )?;
        Ok(row.is_some())
    }

    /// Links that somebody answered, and those that the linkage asked about, each as it was asked last, by subject.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn links_to_carry(&mut self) -> Result<Vec<ReviewItem>, StoreError> {
        self.collect(
            &format!(
                "SELECT {ITEM} {ASKED_LAST} \
                 WHERE i.kind = 'link' AND (i.reason = 'clerical' \
                   OR EXISTS (SELECT 1 FROM electoral_review_answer a WHERE a.subject = i.subject)) \
                 ORDER BY i.subject"
            ),
            values![],
            read_item,
        )
    }

    /// Records an answer by the author of the transaction; `place` counts from 1.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when the place is taken or the account has answered it before.
    pub fn record_review_answer(
        &mut self,
        item: &ReviewItem,
        place: u8,
        says: Says,
    ) -> Result<(), StoreError> {
        let (staff, at) = (self.author.clone(), self.at);
        let into = if self.is_asked_again(&item.subject)? {
            "electoral_review_answer_again"
        } else {
            "electoral_review_answer"
        };
        self.execute(
            &format!(
                "INSERT INTO {into} (subject, place, staff, says, at) VALUES ($1, $2, $3, $4, $5)"
            ),
            values![
                item.subject.as_str(),
                i64::from(place),
                staff,
                says.code(),
                at
            ],
        )?;
        let body = format!("{} {} {place} {}", item.row, item.subject, says.code());
        self.journal_bytes(
            Journal::Electoral,
            item.person,
            "link_reviewed",
            body.into_bytes(),
        )
        .map(|_| ())
    }

    /// Records which house an address text means; none: no house of the register.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when it was decided before.
    pub fn record_address_placed(
        &mut self,
        run: u32,
        item: &ReviewItem,
        address: Option<&str>,
    ) -> Result<(), StoreError> {
        let (staff, at) = (self.author.clone(), self.at);
        self.execute(
            "INSERT INTO electoral_address_placed (subject, run, id, address, staff, at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            values![
                item.subject.as_str(),
                run,
                item.row.as_str(),
                address,
                staff,
                at
            ],
        )?;
        let body = format!("{} {} {}", item.row, item.subject, address.unwrap_or("-"));
        self.journal_bytes(
            Journal::Electoral,
            None,
            "address_placed",
            body.into_bytes(),
        )
        .map(|_| ())
    }

    /// Addresses of a run that are decided, by subject: the house, or none of the register.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn addresses_placed(
        &mut self,
        run: u32,
    ) -> Result<BTreeMap<String, Option<String>>, StoreError> {
        let rows = self.collect(
            "SELECT p.subject, p.address FROM electoral_address_placed p \
             JOIN electoral_review_item i ON i.subject = p.subject AND i.run = $1",
            values![run],
            |row| {
                let address = row.some_text(1)?.map(str::to_owned);
                Ok((row.text(0)?.to_owned(), address))
            },
        )?;
        Ok(rows.into_iter().collect())
    }
}

/// The answers about one question while its rows are read.
struct Asked {
    row: ReviewAnswerRow,
    doubled: bool,
    says: Vec<Says>,
}

impl Asked {
    /// The decision, when the answers are enough for one.
    fn decided(mut self) -> Option<ReviewAnswerRow> {
        match review(&self.says, self.doubled) {
            Review::Decided(says) => {
                says.code().clone_into(&mut self.row.says);
                Some(self.row)
            }
            Review::Waits { .. } => None,
        }
    }
}

impl Tx<'_> {
    /// Everything that people decided about rows of the commission's lists, by subject. Which of it still holds is
    /// seen by whoever has the rows: an answer counts for the row that gives its subject.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn snapshot_review_answers(&mut self) -> Result<Vec<ReviewAnswerRow>, StoreError> {
        let mut asked: Vec<Asked> = Vec::new();
        self.each(
            &format!(
                "SELECT a.subject, i.id, i.person, i.doubled, a.says, a.at FROM electoral_review_item_now i {ASKED_LAST} \
                 JOIN electoral_review_answer_now a ON a.subject = i.subject \
                 ORDER BY a.subject, a.place"
            ),
            values![],
            |row| {
                let subject = row.text(0)?;
                if asked.last().is_none_or(|last| last.row.subject != subject) {
                    asked.push(Asked {
                        row: ReviewAnswerRow {
                            subject: subject.to_owned(),
                            row: row.text(1)?.to_owned(),
                            person: row.some_parsed(2)?,
                            says: String::new(),
                            address: None,
                            decided: Instant::from_micros(0),
                        },
                        doubled: row.int(3)? == 1,
                        says: Vec::new(),
                    });
                }
                if let Some(last) = asked.last_mut() {
                    last.says.push(row.code(4, Says::from_code)?);
                    last.row.decided = Instant::from_micros(row.int(5)?);
                }
                Ok(())
            },
        )?;
        let mut rows: Vec<_> = asked.into_iter().filter_map(Asked::decided).collect();
        rows.extend(self.collect(
            "SELECT subject, id, address, at FROM electoral_address_placed",
            values![],
            |row| {
                let address = row.some_text(2)?.map(str::to_owned);
                let says = if address.is_some() {
                    "house"
                } else {
                    "no_house"
                };
                Ok(ReviewAnswerRow {
                    subject: row.text(0)?.to_owned(),
                    row: row.text(1)?.to_owned(),
                    person: None,
                    says: says.to_owned(),
                    address,
                    decided: Instant::from_micros(row.int(3)?),
                })
            },
        )?);
        rows.sort_by(|a, b| a.subject.cmp(&b.subject));
        Ok(rows)
    }
}

pub(super) fn read_item(row: &Row) -> Result<ReviewItem, StoreError> {
    Ok(ReviewItem {
        subject: row.text(0)?.to_owned(),
        kind: row.code(1, ReviewKind::from_code)?,
        row: row.text(2)?.to_owned(),
        person: row.some_parsed(3)?,
        precinct: match row.some_int(4)? {
            None => None,
            Some(_) => Some(read_precinct(row, 4)?),
        },
        reason: row.text(5)?.to_owned(),
        suggestions: row.text(6)?.split_whitespace().map(str::to_owned).collect(),
        doubled: row.int(7)? == 1,
    })
}
