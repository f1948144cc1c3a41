//! Tables `registry_conflict_lot`, `_sent`, `_answer`, `_sign_off` and `registry_notice`, `_handed`: what was sent to
//! the issuing agency, what it answered, who accepted what stays open, and who was told. Rows never change.

use std::collections::BTreeMap;

use lexicon::{Date, Instant, PersonId};
use register::conflict::{AnswerState, NoticeKind};
use register::{Act, CaseId};

use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

const INSERT_LOT: Insert = Insert {
    into: "registry_conflict_lot (lot, made_at, due_day, cases, sha256, file)",
    columns: 6,
    then: "",
};
const INSERT_SENT: Insert = Insert {
    into: "registry_conflict_sent (lot, id, records)",
    columns: 3,
    then: "",
};
const INSERT_ANSWER: Insert = Insert {
    into: "registry_conflict_answer (answer, file, line, lot, id, words, act, act_day, state, received_at)",
    columns: 10,
    then: "",
};
const INSERT_SIGN_OFF: Insert = Insert {
    into: "registry_conflict_sign_off (id, officer, records, reason, signed_at)",
    columns: 5,
    then: "ON CONFLICT (id, officer, records) DO NOTHING",
};
const INSERT_NOTICE: Insert = Insert {
    into: "registry_notice (notice, person, id, kind, written_at)",
    columns: 5,
    then: "",
};
const INSERT_HANDED: Insert = Insert {
    into: "registry_notice_handed (notice, officer, handed_at)",
    columns: 3,
    then: "ON CONFLICT (notice) DO NOTHING",
};

/// A lot of conflicts handed to the issuing agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictLot {
    /// Its number, from 1.
    pub lot: u32,
    /// When it was made.
    pub made_at: Instant,
    /// The day until which the answer is due.
    pub due: Date,
    /// How many cases are in it.
    pub cases: u64,
    /// SHA-256 of its file, hexadecimal.
    pub sha256: String,
}

/// That a case was in a lot, with how many records it had then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The lot.
    pub lot: u32,
    /// Records at that time: a case only gains records.
    pub records: usize,
    /// The day until which the answer is due.
    pub due: Date,
}

/// An answer to a case, as it was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerRow {
    /// Its number, from 1.
    pub answer: u64,
    /// SHA-256 of the file it came in, hexadecimal.
    pub file: String,
    /// The line of the file where the case begins.
    pub line: u64,
    /// The lot that the file names.
    pub lot: u32,
    /// The case as written.
    pub case: String,
    /// The words beside the records: `A=KEEPS B=NEW_PIN:…`.
    pub words: String,
    /// The agency's act.
    pub act: String,
    /// Day of that act; none when the agency cannot say.
    pub act_day: Option<Date>,
    /// What became of it.
    pub state: AnswerState,
    /// When it was taken.
    pub received_at: Instant,
}

/// Who accepted that a conflict stays open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignOff {
    /// The account.
    pub officer: String,
    /// Records of the case at that time; with more records it does not count any more.
    pub records: usize,
    /// Why, in their words.
    pub reason: String,
    /// When.
    pub signed_at: Instant,
}

/// Something that a person is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its number, from 1.
    pub notice: u64,
    /// Who is told.
    pub person: PersonId,
    /// The case it is about.
    pub case: CaseId,
    /// What.
    pub kind: NoticeKind,
    /// When it was written.
    pub written_at: Instant,
    /// When it was handed over or posted, and by whom.
    pub handed: Option<(Instant, String)>,
}

impl Tx<'_> {
    /// The number of the next lot.
    pub(crate) fn next_conflict_lot(&mut self) -> Result<u32, StoreError> {
        self.next_number("SELECT MAX(lot) FROM registry_conflict_lot")
    }

    /// Keeps a lot with its file and the cases in it.
    pub(crate) fn record_conflict_lot(
        &mut self,
        lot: &ConflictLot,
        file: &[u8],
        cases: &[(CaseId, usize)],
    ) -> Result<(), StoreError> {
        self.insert(
            &INSERT_LOT,
            values![
                lot.lot,
                lot.made_at,
                lot.due,
                lot.cases,
                lot.sha256.as_str(),
                file.to_vec()
            ],
        )?;
        let sent = cases
            .iter()
            .flat_map(|(case, records)| values![lot.lot, case.to_string(), *records as u64]);
        let sent = sent.collect();
        self.insert(&INSERT_SENT, sent)?;
        let body = format!("{} {} {}", lot.lot, lot.cases, lot.sha256);
        self.journal_bytes(
            Journal::Registry,
            None,
            "conflict_lot_made",
            body.into_bytes(),
        )
        .map(|_| ())
    }

    /// Every lot, the latest first.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn conflict_lots(&mut self) -> Result<Vec<ConflictLot>, StoreError> {
        self.collect(
            "SELECT lot, made_at, due_day, cases, sha256 FROM registry_conflict_lot ORDER BY lot DESC",
            Vec::new(),
            |row| {
                Ok(ConflictLot {
                    lot: row.number(0)?,
                    made_at: Instant::from_micros(row.int(1)?),
                    due: row.parsed(2)?,
                    cases: row.number(3)?,
                    sha256: row.text(4)?.to_owned(),
                })
            },
        )
    }

    /// The file of a lot, byte for byte as it was handed over.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_conflict_file(&mut self, lot: u32) -> Result<Option<Vec<u8>>, StoreError> {
        let row = self.row(
            "SELECT file FROM registry_conflict_lot WHERE lot = $1",
            values![lot],
        )?;
        row.map(|row| Ok(row.blob(0)?.to_vec())).transpose()
    }

    /// In which lots every case was, by case, the latest last.
    pub(crate) fn sent_conflicts(&mut self) -> Result<BTreeMap<CaseId, Vec<Sent>>, StoreError> {
        let mut sent: BTreeMap<CaseId, Vec<Sent>> = BTreeMap::new();
        self.each(
            "SELECT s.id, s.lot, s.records, l.due_day FROM registry_conflict_sent s \
             JOIN registry_conflict_lot l ON l.lot = s.lot ORDER BY s.id, s.lot",
            Vec::new(),
            |row| {
                let one = Sent {
                    lot: row.number(1)?,
                    records: row.number::<u32>(2)? as usize,
                    due: row.parsed(3)?,
                };
                sent.entry(row.parsed(0)?).or_default().push(one);
                Ok(())
            },
        )?;
        Ok(sent)
    }

    /// Keeps an answer; gives its number.
    pub(crate) fn record_conflict_answer(&mut self, row: &AnswerRow) -> Result<u64, StoreError> {
        let number = self.next_number("SELECT MAX(answer) FROM registry_conflict_answer")?;
        self.insert(
            &INSERT_ANSWER,
            values![
                number,
                row.file.as_str(),
                row.line,
                row.lot,
                row.case.as_str(),
                row.words.as_str(),
                row.act.as_str(),
                row.act_day,
                row.state.code(),
                row.received_at
            ],
        )?;
        Ok(number)
    }

    /// Every answer, in the order they were taken.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn conflict_answers(&mut self) -> Result<Vec<AnswerRow>, StoreError> {
        self.collect(
            "SELECT answer, file, line, lot, id, words, act, act_day, state, received_at \
             FROM registry_conflict_answer ORDER BY answer",
            Vec::new(),
            read_answer,
        )
    }

    /// Keeps that an officer accepts an open conflict; false when they had already.
    pub(crate) fn record_conflict_sign_off(
        &mut self,
        case: CaseId,
        sign_off: &SignOff,
        persons: &[PersonId],
    ) -> Result<bool, StoreError> {
        let rows = self.insert(
            &INSERT_SIGN_OFF,
            values![
                case.to_string(),
                sign_off.officer.as_str(),
                sign_off.records as u64,
                sign_off.reason.as_str(),
                sign_off.signed_at
            ],
        )?;
        if rows == 0 {
            return Ok(false);
        }
        let act = Act::ConflictSignedOff {
            case,
            reason: sign_off.reason.clone(),
        };
        for person in persons {
            self.journal_act(Some(*person), &act)?;
        }
        Ok(true)
    }

    /// Who accepted which open conflict, by case and time.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn conflict_sign_offs(&mut self) -> Result<BTreeMap<CaseId, Vec<SignOff>>, StoreError> {
        let mut signed: BTreeMap<CaseId, Vec<SignOff>> = BTreeMap::new();
        self.each(
            "SELECT id, officer, records, reason, signed_at FROM registry_conflict_sign_off \
             ORDER BY id, signed_at, officer",
            Vec::new(),
            |row| {
                let one = SignOff {
                    officer: row.text(1)?.to_owned(),
                    records: row.number::<u32>(2)? as usize,
                    reason: row.text(3)?.to_owned(),
                    signed_at: Instant::from_micros(row.int(4)?),
                };
                signed.entry(row.parsed(0)?).or_default().push(one);
                Ok(())
            },
        )?;
        Ok(signed)
    }

    /// Writes notices, each with its act in the person's journal.
    pub(crate) fn write_notices(
        &mut self,
        case: CaseId,
        told: &[(PersonId, NoticeKind)],
    ) -> Result<(), StoreError> {
        let first: u64 = self.next_number("SELECT MAX(notice) FROM registry_notice")?;
        let at = self.at();
        let mut rows = Vec::new();
        for (number, (person, kind)) in (first..).zip(told) {
            let act = Act::Told {
                case,
                notice: *kind,
            };
            self.journal_act(Some(*person), &act)?;
            rows.extend(values![number, *person, case.to_string(), kind.code(), at]);
        }
        self.insert(&INSERT_NOTICE, rows).map(|_| ())
    }

    /// Notices by number: of one case, or of all.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn notices(&mut self, case: Option<CaseId>) -> Result<Vec<Notice>, StoreError> {
        self.collect(
            "SELECT n.notice, n.person, n.id, n.kind, n.written_at, h.handed_at, h.officer \
             FROM registry_notice n LEFT JOIN registry_notice_handed h ON h.notice = n.notice \
             WHERE $1 = '' OR n.id = $1 ORDER BY n.notice",
            values![case.map(|case| case.to_string()).unwrap_or_default()],
            |row| {
                let handed = match row.some_int(5)? {
                    None => None,
                    Some(at) => Some((Instant::from_micros(at), row.text(6)?.to_owned())),
                };
                Ok(Notice {
                    notice: row.number(0)?,
                    person: row.parsed(1)?,
                    case: row.parsed(2)?,
                    kind: row.code(3, NoticeKind::from_code)?,
                    written_at: Instant::from_micros(row.int(4)?),
                    handed,
                })
            },
        )
    }

    /// Keeps that notices were handed over or posted; one handed before stays as it was.
    pub(crate) fn record_handed(&mut self, notices: &[u64]) -> Result<(), StoreError> {
        let (officer, at) = (self.author.clone(), self.at());
        let rows = notices
            .iter()
            .flat_map(|notice| values![*notice, officer.as_str(), at])
            .collect();
        self.insert(&INSERT_HANDED, rows).map(|_| ())
    }
}

fn read_answer(row: &Row) -> Result<AnswerRow, StoreError> {
    Ok(AnswerRow {
        answer: row.number(0)?,
        file: row.text(1)?.to_owned(),
        line: row.number(2)?,
        lot: row.number(3)?,
        case: row.text(4)?.to_owned(),
        words: row.text(5)?.to_owned(),
        act: row.text(6)?.to_owned(),
        act_day: row.some_parsed(7)?,
        state: row.code(8, AnswerState::from_code)?,
        received_at: Instant::from_micros(row.int(9)?),
    })
}
