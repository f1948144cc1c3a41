//! The desk of PIN conflicts: found in the register, sent to the issuing agency as a numbered lot, taken back as a
//! file with an answer per case, and accepted by two officers where they stay open.

mod answers;
mod lots;

use std::collections::{BTreeMap, BTreeSet};

use lexicon::{Date, PersonId, Pin};
use register::CaseId;
use register::conflict::{AnswerState, ConflictKind, NoticeKind};

pub use answers::{AnswerReport, AnswerTerms, ConflictError};
pub use lots::{LotMade, PersonNotice};

use crate::error::StoreError;
use crate::snapshot::Verdicts;
use crate::tables::registry_conflict::Conflict;
use crate::tables::registry_conflict_lot::{AnswerRow, Sent, SignOff};
use crate::transact::{Store, Tx};

/// Officers who must accept that a conflict stays open when the list is frozen.
pub const SIGN_OFFS_NEEDED: usize = 2;

/// Where a conflict stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ConflictState {
    /// Not yet sent to the agency, or records were added since.
    New,
    /// Sent; the answer is not due yet.
    Waiting,
    /// Sent; the answer is overdue.
    Overdue,
    /// Answered, and yet open: late, contradicting, or the agency cannot say.
    Unusable,
    /// With the experts, who decide whether the records are one person.
    Referred,
    /// Open, and two officers accept that.
    SignedOff,
    /// Settled.
    Settled,
}

impl ConflictState {
    /// Every state.
    pub const ALL: [ConflictState; 7] = [
        ConflictState::New,
        ConflictState::Waiting,
        ConflictState::Overdue,
        ConflictState::Unusable,
        ConflictState::Referred,
        ConflictState::SignedOff,
        ConflictState::Settled,
    ];

    /// The code in addresses and texts.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            ConflictState::New => "new",
            ConflictState::Waiting => "waiting",
            ConflictState::Overdue => "overdue",
            ConflictState::Unusable => "unusable",
            ConflictState::Referred => "referred",
            ConflictState::SignedOff => "signed_off",
            ConflictState::Settled => "settled",
        }
    }

    /// The state with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether a freeze of the list waits for it.
    #[must_use]
    pub fn blocks(self) -> bool {
        match self {
            ConflictState::New
            | ConflictState::Waiting
            | ConflictState::Overdue
            | ConflictState::Unusable
            | ConflictState::Referred => true,
            ConflictState::SignedOff | ConflictState::Settled => false,
        }
    }
}

/// A conflict with everything that happened to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictView {
    /// The conflict.
    pub conflict: Conflict,
    /// Where it stands.
    pub state: ConflictState,
    /// In which lots it was, the latest last.
    pub sent: Vec<Sent>,
    /// The answers taken, the latest last.
    pub answers: Vec<AnswerRow>,
    /// Who accepted that it stays open, with the records it has now.
    pub sign_offs: Vec<SignOff>,
}

/// How many conflicts stand where, by kind and state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConflictCounts(BTreeMap<(ConflictKind, ConflictState), u64>);

impl ConflictCounts {
    /// Counts conflicts that were read.
    #[must_use]
    pub fn of_views(views: &[ConflictView]) -> Self {
        let mut counts = Self::default();
        for view in views {
            *counts
                .0
                .entry((view.conflict.kind, view.state))
                .or_default() += 1;
        }
        counts
    }

    /// How many of a kind stand there.
    #[must_use]
    pub fn of(&self, kind: ConflictKind, state: ConflictState) -> u64 {
        self.0.get(&(kind, state)).copied().unwrap_or(0)
    }

    /// How many stand there, of both kinds.
    #[must_use]
    pub fn at(&self, state: ConflictState) -> u64 {
        ConflictKind::ALL
            .iter()
            .map(|kind| self.of(*kind, state))
            .sum()
    }

    /// How many there are.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.0.values().sum()
    }

    /// How many of a kind are not settled, accepted by two officers or not.
    #[must_use]
    pub fn unsettled(&self, kind: ConflictKind) -> u64 {
        let open = |(known, state): &(ConflictKind, ConflictState)| {
            *known == kind && *state != ConflictState::Settled
        };
        let found = self.0.iter().filter(|(at, _)| open(at));
        found.map(|(_, n)| n).sum()
    }

    /// How many a freeze of the list waits for: neither settled nor accepted by two officers.
    #[must_use]
    pub fn blocking(&self) -> u64 {
        let blocks = |((_, state), n): (&(ConflictKind, ConflictState), &u64)| {
            if state.blocks() { *n } else { 0 }
        };
        self.0.iter().map(blocks).sum()
    }
}

/// What a search for conflicts found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundConflicts {
    /// Opened now, shared PINs.
    pub shared_pins: u64,
    /// Opened now, people with two PINs.
    pub two_pins: u64,
    /// Notices written now.
    pub notices: u64,
    /// Where all conflicts stand.
    pub counts: ConflictCounts,
}

impl Store {
    /// Opens a conflict for every shared PIN and every person with several; running it again changes nothing.
    ///
    /// The people of a new conflict are told by a notice. Cost: one pass over the claims to PINs.
    ///
    /// # Errors
    /// The engine's.
    pub fn find_conflicts(&self, author: &str, today: Date) -> Result<FoundConflicts, StoreError> {
        self.transact("find_conflicts", author, |tx| {
            tx.open_shared_pin_cases()?;
            let verdicts = tx.verdicts()?;
            let shared = tx.shared_pins(&verdicts)?;
            let double = tx.people_with_two_pins(&verdicts)?;
            let (shared_pins, mut news) = tx.record_conflicts(&shared)?;
            let (two_pins, more) = tx.record_conflicts(&double)?;
            news.extend(more);
            let mut told: BTreeMap<CaseId, Vec<(PersonId, NoticeKind)>> = BTreeMap::new();
            for (case, person) in &news {
                let person = verdicts.counted(*person);
                let list = told.entry(*case).or_default();
                if !list.contains(&(person, NoticeKind::Opened)) {
                    list.push((person, NoticeKind::Opened));
                }
            }
            for (case, list) in &told {
                tx.write_notices(*case, list)?;
            }
            Ok(FoundConflicts {
                shared_pins,
                two_pins,
                notices: told.values().map(|list| list.len() as u64).sum(),
                counts: tx.conflict_counts(today)?,
            })
        })
    }

    /// Accepts that a conflict stays open: the second officer's acceptance counts.
    ///
    /// # Errors
    /// [`ConflictError`]: no such case, it is settled, or this officer accepted it already.
    pub fn sign_off_conflict(
        &self,
        officer: &str,
        case: CaseId,
        reason: &str,
        today: Date,
    ) -> Result<ConflictState, ConflictError> {
        self.transact("sign_off_conflict", officer, |tx| {
            let view = tx
                .conflict_view(case, today)?
                .ok_or(ConflictError::NoCase)?;
            if view.state == ConflictState::Settled {
                return Err(ConflictError::Settled);
            }
            let sign_off = SignOff {
                officer: officer.to_owned(),
                records: view.conflict.records.len(),
                reason: reason.to_owned(),
                signed_at: tx.at(),
            };
            let mut persons: Vec<PersonId> =
                view.conflict.records.iter().map(|h| h.person).collect();
            persons.sort_unstable();
            persons.dedup();
            if !tx.record_conflict_sign_off(case, &sign_off, &persons)? {
                return Err(ConflictError::SignedAlready);
            }
            Ok(tx
                .conflict_view(case, today)?
                .map_or(view.state, |now| now.state))
        })
    }
}

impl Tx<'_> {
    /// Every conflict with where it stands on a day, by id. Cost: a pass over all of them.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn conflict_views(&mut self, today: Date) -> Result<Vec<ConflictView>, StoreError> {
        let conflicts = self.conflicts()?;
        self.view_conflicts(conflicts, today)
    }

    /// One conflict with where it stands on a day.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn conflict_view(
        &mut self,
        case: CaseId,
        today: Date,
    ) -> Result<Option<ConflictView>, StoreError> {
        let found: Vec<Conflict> = self.find_conflict(case)?.into_iter().collect();
        Ok(self.view_conflicts(found, today)?.pop())
    }

    fn view_conflicts(
        &mut self,
        conflicts: Vec<Conflict>,
        today: Date,
    ) -> Result<Vec<ConflictView>, StoreError> {
        let verdicts = self.verdicts()?;
        let held = self.pins_of_conflicts()?;
        let mut sent = self.sent_conflicts()?;
        let mut signed = self.conflict_sign_offs()?;
        let mut answers: BTreeMap<CaseId, Vec<AnswerRow>> = BTreeMap::new();
        for answer in self.conflict_answers()? {
            // An answer to a case that nobody knows stays among the answers only.
            if let Ok(case) = answer.case.parse() {
                answers.entry(case).or_default().push(answer);
            }
        }
        let views = conflicts.into_iter().map(|conflict| {
            let records = conflict.records.len();
            let mut view = ConflictView {
                state: ConflictState::New,
                sent: sent.remove(&conflict.case).unwrap_or_default(),
                answers: answers.remove(&conflict.case).unwrap_or_default(),
                sign_offs: signed.remove(&conflict.case).unwrap_or_default(),
                conflict,
            };
            view.sign_offs.retain(|one| one.records == records);
            view.state = if is_settled(&view.conflict, &verdicts, &held) {
                ConflictState::Settled
            } else {
                open_state(&view, today)
            };
            view
        });
        Ok(views.collect())
    }

    /// How many conflicts stand where on a day: what a freeze of the list asks.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn conflict_counts(&mut self, today: Date) -> Result<ConflictCounts, StoreError> {
        Ok(ConflictCounts::of_views(&self.conflict_views(today)?))
    }
}

/// Whether the register holds no contradiction any more.
fn is_settled(
    conflict: &Conflict,
    verdicts: &Verdicts,
    held: &BTreeMap<PersonId, BTreeSet<Pin>>,
) -> bool {
    let people: BTreeSet<PersonId> = conflict
        .records
        .iter()
        .map(|record| verdicts.counted(record.person))
        .collect();
    match conflict.kind {
        ConflictKind::SharedPin => people.len() < 2 || verdicts.answered.contains(&conflict.case),
        ConflictKind::TwoPins => {
            let mut pins: BTreeSet<Pin> = BTreeSet::new();
            for person in conflict.records.iter().map(|record| record.person) {
                let own = held.get(&person).into_iter().flatten();
                pins.extend(own.filter(|pin| verdicts.keeps_pin(person, **pin)));
            }
            // Records that are not one person any more are no case of two PINs.
            people.len() > 1 || pins.len() < 2
        }
    }
}

fn open_state(view: &ConflictView, today: Date) -> ConflictState {
    if view.sign_offs.len() >= SIGN_OFFS_NEEDED {
        return ConflictState::SignedOff;
    }
    let Some(sent) = view
        .sent
        .last()
        .filter(|sent| sent.records == view.conflict.records.len())
    else {
        return ConflictState::New;
    };
    match view.answers.iter().rev().find(|a| a.lot == sent.lot) {
        Some(answer) => match answer.state {
            AnswerState::Referred => ConflictState::Referred,
            // An applied answer leaves it open only when its verdict was reversed: it is asked anew.
            AnswerState::Applied => ConflictState::New,
            AnswerState::CannotSay
            | AnswerState::Repeated
            | AnswerState::Late
            | AnswerState::Contradicts
            | AnswerState::ChangedSince
            | AnswerState::UnknownCase
            | AnswerState::NotInLot => ConflictState::Unusable,
        },
        None if sent.due < today => ConflictState::Overdue,
        None => ConflictState::Waiting,
    }
}
