//! Lots of conflicts for the issuing agency, and the notices for the people.

use lexicon::handover::envelope::{hex, sha256};
use lexicon::{Date, PersonId, Sealed};
use register::conflict::{Holding, letter};
use register::{PersonState, fold};

use super::{ConflictState, ConflictView};
use crate::error::StoreError;
use crate::find::Look;
use crate::lot_file::table;
use crate::tables::registry_conflict_lot::{ConflictLot, Notice};
use crate::transact::{Store, Tx};

/// The columns of a lot: the agency fills in the last four and gives the same file back.
const COLUMNS: [&str; 15] = [
    "lot",
    "case",
    "kind",
    "record",
    "pin",
    "surname",
    "given",
    "patronymic",
    "sex",
    "birth_date",
    "documents",
    "answer",
    "new_pin",
    "act",
    "act_day",
];

/// A lot that was made, with its file.
#[derive(Clone, Debug)]
pub struct LotMade {
    /// The lot.
    pub lot: ConflictLot,
    /// Its file.
    pub file: Sealed<Vec<u8>>,
}

/// A notice with the person as they are now.
#[derive(Clone, Debug)]
pub struct PersonNotice {
    /// The notice.
    pub notice: Notice,
    /// The fold of the person's acts.
    pub state: Sealed<PersonState>,
    /// The address of their residence, as text; empty when none is on file.
    pub address: Sealed<String>,
}

impl Store {
    /// Makes a lot of every conflict that waits to be asked: new, overdue, or answered without use. None when
    /// there is none. The look at the records is recorded.
    ///
    /// # Errors
    /// The engine's.
    pub fn make_conflict_lot(
        &self,
        look: Look<'_>,
        due: Date,
        today: Date,
    ) -> Result<Option<LotMade>, StoreError> {
        self.transact("make_conflict_lot", look.staff, |tx| {
            let mut views = tx.conflict_views(today)?;
            views.retain(|view| match view.state {
                ConflictState::New | ConflictState::Overdue | ConflictState::Unusable => true,
                ConflictState::Waiting
                | ConflictState::Referred
                | ConflictState::SignedOff
                | ConflictState::Settled => false,
            });
            if views.is_empty() {
                return Ok(None);
            }
            let number = tx.next_conflict_lot()?;
            let mut rows = Vec::new();
            for view in &views {
                for (place, record) in view.conflict.records.iter().enumerate() {
                    rows.push(tx.lot_row(number, view, place, *record)?);
                }
            }
            let file = table(&COLUMNS, rows.into_iter());
            let lot = ConflictLot {
                lot: number,
                made_at: tx.at(),
                due,
                cases: views.len() as u64,
                sha256: hex(&sha256(&file)),
            };
            let cases: Vec<_> = views
                .iter()
                .map(|view| (view.conflict.case, view.conflict.records.len()))
                .collect();
            tx.record_conflict_lot(&lot, &file, &cases)?;
            tx.record_read(None, look.purpose, &look.detail("conflict lot"))?;
            Ok(Some(LotMade {
                lot,
                file: file.into(),
            }))
        })
    }

    /// The file of a lot once more; the look is recorded. None when there is no such lot.
    ///
    /// # Errors
    /// The engine's.
    pub fn open_conflict_lot(
        &self,
        look: Look<'_>,
        lot: u32,
    ) -> Result<Option<Sealed<Vec<u8>>>, StoreError> {
        self.transact("open_conflict_lot", look.staff, |tx| {
            let file = tx.find_conflict_file(lot)?;
            tx.record_read(None, look.purpose, &look.detail("conflict lot"))?;
            Ok(file.map(Into::into))
        })
    }

    /// Notices with the people they are for, by number: of one case or of all. With `hand_over` they count as
    /// handed over from now on. The look at each person is recorded.
    ///
    /// # Errors
    /// The engine's.
    pub fn open_notices(
        &self,
        look: Look<'_>,
        case: Option<register::CaseId>,
        hand_over: bool,
    ) -> Result<Vec<PersonNotice>, StoreError> {
        self.transact("open_notices", look.staff, |tx| {
            let mut notices = tx.notices(case)?;
            if hand_over {
                notices.retain(|notice| notice.handed.is_none());
                let numbers: Vec<u64> = notices.iter().map(|notice| notice.notice).collect();
                tx.record_handed(&numbers)?;
            }
            let mut out = Vec::with_capacity(notices.len());
            for notice in notices {
                let state = tx.state_of(notice.person)?;
                let address = tx.home_of(&state)?;
                tx.record_read(Some(notice.person), look.purpose, &look.detail("notice"))?;
                out.push(PersonNotice {
                    notice,
                    state: state.into(),
                    address: address.into(),
                });
            }
            Ok(out)
        })
    }

    /// The people of a conflict as they are now, in the order of its records; each look is recorded.
    ///
    /// # Errors
    /// The engine's.
    pub fn open_conflict_records(
        &self,
        look: Look<'_>,
        records: &[Holding],
    ) -> Result<Vec<Sealed<PersonState>>, StoreError> {
        self.transact("open_conflict", look.staff, |tx| {
            let mut states = Vec::with_capacity(records.len());
            for record in records {
                states.push(tx.state_of(record.person)?.into());
                tx.record_read(Some(record.person), look.purpose, &look.detail("conflict"))?;
            }
            Ok(states)
        })
    }
}

impl Tx<'_> {
    pub(crate) fn state_of(&mut self, person: PersonId) -> Result<PersonState, StoreError> {
        Ok(fold(person, &self.acts_of(person)?))
    }

    /// The address where somebody lives now, as text.
    pub(crate) fn home_of(&mut self, state: &PersonState) -> Result<String, StoreError> {
        let home = state.residences.iter().rev().find(|r| r.until.is_none());
        let Some(home) = home else {
            return Ok(String::new());
        };
        Ok(self
            .find_address(&home.address)?
            .map_or_else(String::new, |address| {
                format!("{}, {}", address.street_name, address.house)
            }))
    }

    fn lot_row(
        &mut self,
        lot: u32,
        view: &ConflictView,
        place: usize,
        record: Holding,
    ) -> Result<Vec<String>, StoreError> {
        let state = self.state_of(record.person)?;
        let (sex, born) = state.recorded.as_ref().map_or_else(
            || (String::new(), String::new()),
            |(sex, born, _)| (sex.letter().to_string(), born.to_string()),
        );
        let part = |part: fn(&lexicon::CivilName) -> &str| {
            state.name().map(part).unwrap_or_default().to_owned()
        };
        let documents: Vec<&str> = state.documents.iter().map(|d| d.number.as_str()).collect();
        Ok(vec![
            lot.to_string(),
            view.conflict.case.to_string(),
            view.conflict.kind.code().to_owned(),
            letter(place),
            record.pin.digits(),
            part(lexicon::CivilName::surname),
            part(lexicon::CivilName::given),
            part(lexicon::CivilName::patronymic),
            sex,
            born,
            documents.join(" "),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
        ])
    }
}
