//! Answers that contradict each other or came late, decided between by a person; the file of a lot once more.

use lexicon::{PersonId, Sealed};
use roll::field::{Merged, Progress, Subject};

use super::{FieldEntryPage, stands};
use crate::error::StoreError;
use crate::find::Look;
use crate::tables::electoral_field::FieldLot;
use crate::tables::electoral_field_decision::FieldDecision;
use crate::transact::{Store, Tx};

/// An entry that waits for a decision, with its lot.
#[derive(Clone, Debug)]
pub struct Disputed {
    /// The lot.
    pub lot: FieldLot,
    /// The entry, its answers, and a decision that newer answers overtook.
    pub entry: FieldEntryPage,
}

/// Which answer a person lets stand.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    /// The lot and the place in it.
    pub entry: (u32, u32),
    /// How many answers the person saw.
    pub seen: u32,
    /// The answer that stands, from 1 in the order they were taken.
    pub chosen: u32,
    /// Why.
    pub reason: &'a str,
}

/// Why a decision was not taken; nothing was written. The clerk acts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecideError {
    /// No lot has such an entry.
    #[error("no lot has such an entry")]
    NoEntry,
    /// Its answers agree, it has none, or somebody decided meanwhile.
    #[error("nothing is to be decided about this entry")]
    NothingToDecide,
    /// Another answer came in since the page was shown.
    #[error("another answer came in since; look again")]
    Changed,
    /// There is no such answer, or it is about another version of the entry.
    #[error("this answer cannot stand")]
    NoSuchAnswer,
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DecideError {
    /// The code of its sentence.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            DecideError::NoEntry => "no_entry",
            DecideError::NothingToDecide => "nothing",
            DecideError::Changed => "changed",
            DecideError::NoSuchAnswer => "no_answer",
            DecideError::Store(_) => "store",
        }
    }
}

/// Whether a person has to decide.
fn waits(progress: Progress) -> bool {
    match progress {
        Progress::Conflict | Progress::Late => true,
        Progress::Done | Progress::Open => false,
    }
}

impl Store {
    /// The entries that wait for a decision, those in conflict first, then by lot and place, at most `limit` of each;
    /// the look is recorded.
    ///
    /// # Errors
    /// The engine's.
    pub fn open_field_disputes(
        &self,
        look: Look<'_>,
        limit: usize,
    ) -> Result<Vec<Disputed>, StoreError> {
        self.transact("open_field_disputes", look.staff, |tx| {
            let mut found = Vec::new();
            for wanted in [Progress::Conflict, Progress::Late] {
                let mut left = limit;
                for lot in tx.lots_that_wait(wanted)? {
                    let mut entries = tx.entry_pages(lot.lot, |at| at == wanted)?;
                    entries.truncate(left);
                    left -= entries.len();
                    found.extend(entries.into_iter().map(|entry| Disputed {
                        lot: lot.clone(),
                        entry,
                    }));
                    if left == 0 {
                        break;
                    }
                }
            }
            tx.record_read(None, look.purpose, &look.detail("field disputes"))?;
            Ok(found)
        })
    }

    /// Lets one of the answers about an entry stand. All answers are kept, and so is who decided and why.
    ///
    /// # Errors
    /// [`DecideError`].
    pub fn decide_field_entry(&self, staff: &str, choice: Choice<'_>) -> Result<(), DecideError> {
        self.transact("decide_field_entry", staff, |tx| {
            let (lot, place) = choice.entry;
            let entries = tx.field_entries(lot)?;
            let entry = entries.iter().find(|entry| entry.place == place);
            let entry = entry.ok_or(DecideError::NoEntry)?;
            let mut answers = tx.field_answers(lot)?;
            answers.retain(|answer| answer.entry.1 == place);
            let states: Vec<Merged> = answers.iter().map(|answer| answer.state).collect();
            let decided = tx.last_field_decisions()?;
            if !waits(stands(&states, decided.get(&choice.entry))) {
                return Err(DecideError::NothingToDecide);
            }
            if answers.len() != choice.seen as usize {
                return Err(DecideError::Changed);
            }
            let chosen = (choice.chosen as usize)
                .checked_sub(1)
                .and_then(|at| states.get(at));
            if chosen.is_none_or(|state| *state == Merged::Unknown) {
                return Err(DecideError::NoSuchAnswer);
            }
            let person: Option<PersonId> = match entry.kind {
                Subject::Person => entry.subject.parse().ok(),
                Subject::Row | Subject::Address => None,
            };
            let decision = FieldDecision {
                entry: choice.entry,
                seen: choice.seen,
                chosen: choice.chosen,
                reason: choice.reason.to_owned(),
                staff: staff.to_owned(),
                at: tx.at(),
            };
            Ok(tx.record_field_decision(person, &decision)?)
        })
    }

    /// The file of a lot as it was handed out; the look is recorded. None when there is no such lot, or it is of before
    /// files were kept.
    ///
    /// # Errors
    /// The engine's.
    pub fn open_field_file(
        &self,
        look: Look<'_>,
        lot: u32,
    ) -> Result<Option<Sealed<Vec<u8>>>, StoreError> {
        self.transact("open_field_file", look.staff, |tx| {
            let file = tx.find_field_file(lot)?;
            tx.record_read(None, look.purpose, &look.detail("field lot"))?;
            Ok(file.map(Into::into))
        })
    }
}

impl Tx<'_> {
    /// Lots with an entry that stands there, by number.
    fn lots_that_wait(&mut self, wanted: Progress) -> Result<Vec<FieldLot>, StoreError> {
        let decided = self.last_field_decisions()?;
        let waiting: std::collections::BTreeSet<u32> = self
            .field_states()?
            .into_iter()
            .filter(|(entry, states)| stands(states, decided.get(entry)) == wanted)
            .map(|(entry, _)| entry.0)
            .collect();
        let mut lots = self.field_lots()?;
        lots.retain(|lot| waiting.contains(&lot.lot));
        Ok(lots)
    }
}
