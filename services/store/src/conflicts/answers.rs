//! The agency's answers: a lot taken back, filled in. Every case of the file is judged once; what cannot be applied
//! is kept with its state.

use std::collections::{BTreeMap, BTreeSet};

use dedup::PolicyHash;
use lexicon::{Date, PersonId, Pin};
use register::conflict::{
    AnswerState, ConflictKind, Effect, Holding, Settled, Standing, Word, effects, judge, letter,
    notices,
};
use register::{CaseId, Outcome};

use super::{ConflictState, ConflictView};
use crate::error::StoreError;
use crate::lot_file::{LotFile, LotFileError, LotRow, RejectedRow};
use crate::snapshot::Verdicts;
use crate::tables::registry_conflict_lot::AnswerRow;
use crate::transact::{Store, Tx};

const COLUMNS: [&str; 7] = [
    "lot", "case", "record", "answer", "new_pin", "act", "act_day",
];

/// Most characters of the number of an agency's act.
const ACT_MAX: usize = 80;

/// Why a step at the desk of conflicts was refused. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConflictError {
    /// There is no such conflict.
    #[error("no such conflict")]
    NoCase,
    /// The conflict is settled: there is nothing to accept.
    #[error("the conflict is settled")]
    Settled,
    /// This officer accepted it already: a second officer is needed.
    #[error("this officer accepted it already; another officer signs second")]
    SignedAlready,
    /// The file cannot be taken at all: whoever filled it in mends it.
    #[error(transparent)]
    File(#[from] LotFileError),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How answers are taken.
#[derive(Clone, Copy, Debug)]
pub struct AnswerTerms {
    /// The day on which the file is taken.
    pub today: Date,
    /// Whether answers after their day are applied as well: the registrar's decision.
    pub accept_late: bool,
}

/// What became of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerReport {
    /// SHA-256 of the file, hexadecimal.
    pub file: String,
    /// Cases by what became of their answer.
    pub cases: BTreeMap<AnswerState, u64>,
    /// Cases of the file without an answer.
    pub left_blank: u64,
    /// Cases of this file that were taken before: nothing changed for them.
    pub known: u64,
    /// Rows that were not taken, by line.
    pub rejected: Vec<RejectedRow>,
}

/// The rows of one case.
struct Group<'f> {
    lot: u32,
    case: &'f str,
    rows: Vec<Said<'f>>,
}

/// A row, read.
struct Said<'f> {
    row: LotRow<'f>,
    word: Option<Word>,
    act_day: Option<Date>,
}

impl Store {
    /// Takes a file of answers. Applied answers become acts of the people concerned, and each is told; all others are
    /// kept with their state. The same file again changes nothing, except that late answers may be accepted.
    ///
    /// # Errors
    /// [`ConflictError::File`] when the file as a whole cannot be read; a bad row is no error.
    pub fn take_conflict_answers(
        &self,
        author: &str,
        bytes: &[u8],
        terms: AnswerTerms,
    ) -> Result<AnswerReport, ConflictError> {
        let file = LotFile::read(bytes, &COLUMNS)?;
        let policy: PolicyHash = file
            .sha256
            .parse()
            .map_err(|_| StoreError::Stored { column: 0 })?;
        self.transact("take_conflict_answers", author, |tx| {
            let mut report = AnswerReport {
                file: file.sha256.clone(),
                rejected: file.rejected.clone(),
                ..AnswerReport::default()
            };
            let groups = groups(&file, terms.today, &mut report.rejected);
            let mut taking = Taking {
                policy,
                terms,
                file: &file.sha256,
                known: tx.known_answers(&file.sha256)?,
                views: tx
                    .conflict_views(terms.today)?
                    .into_iter()
                    .map(|view| (view.conflict.case, view))
                    .collect(),
                verdicts: tx.verdicts()?,
            };
            for group in &groups {
                taking.take(tx, group, &mut report)?;
            }
            report.rejected.sort_by_key(|row| row.line);
            Ok(report)
        })
    }
}

/// Rows by case, in the order of the file; a case with a row that cannot be read is left out whole.
fn groups<'f>(file: &'f LotFile, today: Date, rejected: &mut Vec<RejectedRow>) -> Vec<Group<'f>> {
    let mut groups: Vec<Group<'f>> = Vec::new();
    let mut places: BTreeMap<(&str, u32), usize> = BTreeMap::new();
    let mut spoilt: BTreeSet<&str> = BTreeSet::new();
    for row in file.rows() {
        let case = row.cell("case");
        match read(row, today) {
            Ok((lot, said)) => {
                let place = *places.entry((case, lot)).or_insert_with(|| {
                    groups.push(Group {
                        lot,
                        case,
                        rows: Vec::new(),
                    });
                    groups.len() - 1
                });
                groups[place].rows.push(said);
            }
            Err(reject) => {
                spoilt.insert(case);
                rejected.push(reject);
            }
        }
    }
    groups.retain(|group| !spoilt.contains(group.case));
    groups
}

fn read(row: LotRow<'_>, today: Date) -> Result<(u32, Said<'_>), RejectedRow> {
    let wrong = |field, reason: &str| RejectedRow::new(row.line, field, reason);
    let lot: u32 = row.parsed("lot", "must be the number of the lot")?;
    if row.cell("case").is_empty() {
        return Err(wrong("case", "is empty"));
    }
    let code = row.cell("answer").to_ascii_uppercase();
    let new_pin = match row.cell("new_pin") {
        "" => None,
        text => Some(
            Pin::parse(text, today).map_err(|why| RejectedRow::new(row.line, "new_pin", why))?,
        ),
    };
    let word = if code.is_empty() {
        None
    } else {
        let word = Word::parse(&code, new_pin);
        Some(word.ok_or_else(|| match (code.as_str(), new_pin) {
            ("NEW_PIN", None) => wrong("new_pin", "is empty, and the answer is NEW_PIN"),
            ("KEEPS" | "ENDS" | "ONE_PERSON" | "CANNOT_SAY", Some(_)) => {
                wrong("new_pin", "stands beside another answer than NEW_PIN")
            }
            (_, _) => wrong(
                "answer",
                "must be KEEPS, NEW_PIN, ENDS, ONE_PERSON or CANNOT_SAY",
            ),
        })?)
    };
    let act_day = match row.cell("act_day") {
        "" => None,
        _ => Some(row.parsed::<Date>("act_day", "must be a day as YYYY-MM-DD")?),
    };
    if act_day.is_some_and(|day| day > today) {
        return Err(wrong("act_day", "lies in the future"));
    }
    if row.cell("act").chars().count() > ACT_MAX {
        return Err(wrong("act", "is longer than 80 characters"));
    }
    Ok((lot, Said { row, word, act_day }))
}

/// A file being taken.
struct Taking<'t> {
    policy: PolicyHash,
    terms: AnswerTerms,
    file: &'t str,
    /// The state of the answers of this very file that were taken before, by line.
    known: BTreeMap<u64, AnswerState>,
    views: BTreeMap<CaseId, ConflictView>,
    verdicts: Verdicts,
}

/// What a case's answer comes to before it is judged.
struct Meant {
    effects: Vec<Effect>,
    act: String,
    act_day: Option<Date>,
}

impl Taking<'_> {
    fn take(
        &mut self,
        tx: &mut Tx<'_>,
        group: &Group<'_>,
        report: &mut AnswerReport,
    ) -> Result<(), StoreError> {
        let Some(first) = group.rows.first() else {
            return Ok(());
        };
        let line = first.row.line;
        if group.rows.iter().all(|said| said.word.is_none()) {
            report.left_blank += 1;
            return Ok(());
        }
        let is_late = self.known.get(&line) == Some(&AnswerState::Late);
        if self.known.contains_key(&line) && !(is_late && self.terms.accept_late) {
            report.known += 1;
            return Ok(());
        }
        let found: Option<CaseId> = group.case.parse().ok();
        let view = found.and_then(|case| self.views.get(&case)).cloned();
        let (state, meant) = match &view {
            None => (AnswerState::UnknownCase, None),
            Some(view) => match self.mean(tx, group, view)? {
                Ok(meant) => (self.judged(group, view, &meant), Some(meant)),
                Err(reject) => {
                    report.rejected.push(reject);
                    return Ok(());
                }
            },
        };
        let act = first.row.cell("act").chars().take(ACT_MAX).collect();
        let row = AnswerRow {
            answer: 0,
            file: self.file.to_owned(),
            line,
            lot: group.lot,
            case: view
                .as_ref()
                .map_or_else(|| group.case.to_owned(), |v| v.conflict.case.to_string()),
            words: words_text(group),
            act: meant.as_ref().map_or(act, |m: &Meant| m.act.clone()),
            act_day: meant.as_ref().map_or(first.act_day, |m| m.act_day),
            state,
            received_at: tx.at(),
        };
        tx.record_conflict_answer(&row)?;
        *report.cases.entry(state).or_default() += 1;
        if let (Some(view), Some(meant)) = (&view, &meant)
            && matches!(state, AnswerState::Applied | AnswerState::Referred)
        {
            self.apply(tx, group.lot, view, meant)?;
            // A later group about the same case meets what this one did.
            let now = tx.conflict_view(view.conflict.case, self.terms.today)?;
            self.views.extend(now.map(|now| (now.conflict.case, now)));
        }
        Ok(())
    }

    /// The records of a case as a lot had them; all of them when it was not in the lot.
    fn asked<'v>(group: &Group<'_>, view: &'v ConflictView) -> &'v [Holding] {
        let records = &view.conflict.records;
        let sent = view.sent.iter().find(|sent| sent.lot == group.lot);
        records
            .get(..sent.map_or(records.len(), |sent| sent.records))
            .unwrap_or(records)
    }

    fn mean(
        &self,
        tx: &mut Tx<'_>,
        group: &Group<'_>,
        view: &ConflictView,
    ) -> Result<Result<Meant, RejectedRow>, StoreError> {
        let records = Self::asked(group, view);
        let mut words: Vec<Option<Word>> = vec![None; records.len()];
        let (mut act, mut act_day) = (String::new(), None);
        for said in &group.rows {
            let wrong = |reason| Err(RejectedRow::new(said.row.line, "record", reason));
            let written = said.row.cell("record").to_ascii_uppercase();
            let Some(place) = (0..records.len()).find(|place| letter(*place) == written) else {
                return Ok(wrong("the case has no record of this letter"));
            };
            if words[place].is_some() {
                return Ok(wrong("this record stands twice"));
            }
            words[place] = said.word;
            if act.is_empty() {
                said.row.cell("act").clone_into(&mut act);
            }
            act_day = act_day.or(said.act_day);
        }
        let line = group.rows.first().map_or(0, |said| said.row.line);
        let counted = records
            .first()
            .map(|record| self.verdicts.counted(record.person));
        let Some(counted) = counted else {
            return Ok(Err(RejectedRow::new(line, "case", "has no records")));
        };
        let effects = match effects(view.conflict.kind, records, &words, counted) {
            Ok(effects) => effects,
            Err(why) => return Ok(Err(RejectedRow::new(line, "answer", why))),
        };
        let is_said = !effects.is_empty();
        if is_said && act.is_empty() {
            let reason = "is empty: nothing changes without the agency's act";
            return Ok(Err(RejectedRow::new(line, "act", reason)));
        }
        if is_said && act_day.is_none() {
            let reason = "is empty: nothing changes without the day of the act";
            return Ok(Err(RejectedRow::new(line, "act_day", reason)));
        }
        for effect in &effects {
            if let Effect::Claim(new) = effect {
                let own = self.verdicts.counted(new.person);
                let holders = tx.persons_of_pin(new.pin)?;
                if holders.iter().any(|p| self.verdicts.counted(*p) != own) {
                    let reason = "somebody else in the register claims this PIN";
                    return Ok(Err(RejectedRow::new(line, "new_pin", reason)));
                }
            }
        }
        Ok(Ok(Meant {
            effects,
            act,
            act_day,
        }))
    }

    fn judged(&self, group: &Group<'_>, view: &ConflictView, meant: &Meant) -> AnswerState {
        let sent = view.sent.iter().find(|sent| sent.lot == group.lot);
        let standing = Standing {
            in_lot: sent.is_some(),
            settled: self.settled(group, view, meant),
            changed: sent.is_some_and(|sent| sent.records != view.conflict.records.len()),
            late: sent.is_some_and(|sent| sent.due < self.terms.today) && !self.terms.accept_late,
        };
        judge(standing, &meant.effects)
    }

    /// Whether the conflict is settled, and by the same as this answer says.
    fn settled(&self, group: &Group<'_>, view: &ConflictView, meant: &Meant) -> Settled {
        let words = words_text(group);
        let held =
            view.answers.iter().rev().find(|answer| {
                matches!(answer.state, AnswerState::Applied | AnswerState::Referred)
            });
        match view.state {
            ConflictState::Settled => {
                let alike = held.is_some_and(|answer| answer.words == words)
                    || self.experts_said(view.conflict.case, &meant.effects);
                if alike {
                    Settled::Alike
                } else {
                    Settled::Otherwise
                }
            }
            // The experts have it; another word of the agency does not take it from them.
            ConflictState::Referred => match held {
                Some(answer) if answer.words == words => Settled::Alike,
                Some(_) => Settled::Otherwise,
                None => Settled::No,
            },
            ConflictState::New
            | ConflictState::Waiting
            | ConflictState::Overdue
            | ConflictState::Unusable
            | ConflictState::SignedOff => Settled::No,
        }
    }

    /// A verdict gave the PIN to the one whom the answer names, and the answer names no new PIN.
    fn experts_said(&self, case: CaseId, effects: &[Effect]) -> bool {
        match effects {
            [Effect::KeptBy(keeper)] => self.verdicts.keeper(case) == Some(*keeper),
            _ => false,
        }
    }

    fn apply(
        &mut self,
        tx: &mut Tx<'_>,
        lot: u32,
        view: &ConflictView,
        meant: &Meant,
    ) -> Result<(), StoreError> {
        let source = format!("agency, lot {lot}: {}", meant.act);
        let Some(day) = meant.act_day else {
            return Ok(());
        };
        let case = view.conflict.case;
        for effect in &meant.effects {
            match *effect {
                Effect::KeptBy(keeper) => {
                    if let Some(shared) = tx.find_case(case)? {
                        tx.record_verdict(&shared, Outcome::PinKept { keeper }, self.policy)?;
                    }
                }
                Effect::End(holding) => tx.end_pin_claim(holding, day, &source)?,
                Effect::Claim(holding) => tx.claim_pin(holding, day, &source)?,
                Effect::Refer(first, second) => {
                    tx.open_duplicate_cases(&[(first, second, 0)])?;
                }
            }
        }
        // What is referred is not settled: nobody is told of an end that did not come.
        let is_applied = !meant.effects.iter().any(|e| matches!(e, Effect::Refer(..)));
        if is_applied {
            let told: Vec<(PersonId, _)> = match view.conflict.kind {
                ConflictKind::SharedPin => notices(&view.conflict.records, &meant.effects),
                ConflictKind::TwoPins => {
                    let mut told = notices(&view.conflict.records, &meant.effects);
                    for (person, _) in &mut told {
                        *person = self.verdicts.counted(*person);
                    }
                    told.dedup();
                    told
                }
            };
            tx.write_notices(case, &told)?;
        }
        self.verdicts = tx.verdicts()?;
        Ok(())
    }
}

impl Tx<'_> {
    fn known_answers(&mut self, file: &str) -> Result<BTreeMap<u64, AnswerState>, StoreError> {
        let answers = self.conflict_answers()?;
        Ok(answers
            .into_iter()
            .filter(|answer| answer.file == file)
            .map(|answer| (answer.line, answer.state))
            .collect())
    }
}

/// The words of a case in the order of its letters: `A=KEEPS B=NEW_PIN:…`.
fn words_text(group: &Group<'_>) -> String {
    let mut words: Vec<String> = group
        .rows
        .iter()
        .filter_map(|said| {
            let word = said.word?;
            let pin = match word {
                Word::NewPin(pin) => format!(":{}", pin.digits()),
                Word::Keeps | Word::Ends | Word::OnePerson | Word::CannotSay => String::new(),
            };
            let record = said.row.cell("record").to_ascii_uppercase();
            Some(format!("{record}={}{pin}", word.code()))
        })
        .collect();
    words.sort();
    words.join(" ")
}
