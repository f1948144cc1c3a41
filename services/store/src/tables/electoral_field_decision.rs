//! Tables `electoral_field_file` and `electoral_field_decision`: the file of a lot as it was handed out, and which answer
//! a person let stand where answers contradict each other or came late. Rows never change.

use lexicon::{Instant, PersonId};

use crate::engine::values;
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

/// Which answer about an entry stands, by a person's decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDecision {
    /// The lot and the place in it.
    pub entry: (u32, u32),
    /// How many answers there were, in the order they were taken.
    pub seen: u32,
    /// The answer that stands, from 1.
    pub chosen: u32,
    /// Why, in the clerk's words.
    pub reason: String,
    /// Who decided.
    pub staff: String,
    /// When.
    pub at: Instant,
}

impl Tx<'_> {
    /// Keeps the file of a lot, byte for byte as it is handed out.
    pub(crate) fn record_field_file(&mut self, lot: u32, file: &[u8]) -> Result<(), StoreError> {
        self.execute(
            "INSERT INTO electoral_field_file (lot, file) VALUES ($1, $2)",
            values![lot, file.to_vec()],
        )
        .map(|_| ())
    }

    /// The file of a lot; none for a lot of before files were kept.
    pub(crate) fn find_field_file(&mut self, lot: u32) -> Result<Option<Vec<u8>>, StoreError> {
        let row = self.row(
            "SELECT file FROM electoral_field_file WHERE lot = $1",
            values![lot],
        )?;
        row.map(|row| Ok(row.blob(0)?.to_vec())).transpose()
    }

    /// Every decision, by entry, the latest last.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn field_decisions(&mut self) -> Result<Vec<FieldDecision>, StoreError> {
        self.collect(
            "SELECT lot, place, seen, chosen, reason, staff, at FROM electoral_field_decision \
             ORDER BY lot, place, seen",
            Vec::new(),
            |row| {
                Ok(FieldDecision {
                    entry: (row.number(0)?, row.number(1)?),
                    seen: row.number(2)?,
                    chosen: row.number(3)?,
                    reason: row.text(4)?.to_owned(),
                    staff: row.text(5)?.to_owned(),
                    at: Instant::from_micros(row.int(6)?),
                })
            },
        )
    }

    /// Keeps a decision of the author of the transaction, with its act in the journal.
    pub(crate) fn record_field_decision(
        &mut self,
        person: Option<PersonId>,
        decision: &FieldDecision,
    ) -> Result<(), StoreError> {
        let (lot, place) = decision.entry;
        self.execute(
            "INSERT INTO electoral_field_decision (lot, place, seen, chosen, reason, staff, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            values![
                lot,
                place,
                decision.seen,
                decision.chosen,
                decision.reason.as_str(),
                decision.staff.as_str(),
                decision.at
            ],
        )?;
        let body = format!(
            "{lot} {place} {} {} {}",
            decision.seen, decision.chosen, decision.reason
        );
        self.journal_bytes(
            Journal::Electoral,
            person,
            "field_decided",
            body.into_bytes(),
        )
        .map(|_| ())
    }

    /// How far the tables of field verification have grown: lots, answers, decisions. Their rows are only added, so the
    /// same numbers mean the same rows.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn field_growth(&mut self) -> Result<[u64; 3], StoreError> {
        Ok([
            self.counted("SELECT MAX(lot) FROM electoral_field_lot")?,
            self.counted("SELECT MAX(answer) FROM electoral_field_answer")?,
            self.counted("SELECT COUNT(*) FROM electoral_field_decision")?,
        ])
    }

    /// How far the tables of the review have grown: questions, answers, questions asked again, answers to those, addresses placed.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn review_growth(&mut self) -> Result<[u64; 5], StoreError> {
        Ok([
            self.counted("SELECT COUNT(*) FROM electoral_review_item")?,
            self.counted("SELECT COUNT(*) FROM electoral_review_answer")?,
            self.counted("SELECT COUNT(*) FROM electoral_review_again")?,
            self.counted("SELECT COUNT(*) FROM electoral_review_answer_again")?,
            self.counted("SELECT COUNT(*) FROM electoral_address_placed")?,
        ])
    }

    /// How far the tables of verdicts have grown: verdicts, reversals.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn verdict_growth(&mut self) -> Result<[u64; 2], StoreError> {
        Ok([
            self.counted("SELECT COUNT(*) FROM registry_verdict")?,
            self.counted("SELECT COUNT(*) FROM registry_reversal")?,
        ])
    }

    /// How many claims were filed by a moment.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn count_claims_filed(&mut self, by: Instant) -> Result<u64, StoreError> {
        let row = self.row(
            "SELECT COUNT(*) FROM electoral_claim WHERE filed <= $1",
            values![by],
        )?;
        row.map_or(Ok(0), |row| row.number(0))
    }

    /// A single number; 0 for none.
    fn counted(&mut self, sql: &str) -> Result<u64, StoreError> {
        let row = self.row(sql, Vec::new())?;
        match row {
            Some(row) => Ok(row.some_number(0)?.unwrap_or(0)),
            None => Ok(0),
        }
    }
}
