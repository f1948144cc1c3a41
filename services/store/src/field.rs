//! The desk of field verification: what nobody could place is handed to local commissions in numbered lots, and their
//! answers are merged while the base moves on. What is not yet handed out, not answered or in conflict is counted.

use std::collections::{BTreeMap, BTreeSet};

use lexicon::handover::envelope::{hex, sha256};
use lexicon::handover::field_lot::{FILLED, HANDED};
use lexicon::handover::snapshot::{AddressRow, CommissionRow};
use lexicon::{Date, ExclusionReason, PersonId, PrecinctCode, ReconciliationClass, Sealed};
use roll::field::{Finding, Merged, Progress, Seen, Subject, merge, progress, progress_decided};

use crate::error::StoreError;
use crate::find::Look;
use crate::journal::Journal;
use crate::lot_file::{LotFile, LotFileError, LotRow, RejectedRow, table};
use crate::tables::electoral_field::{FieldAnswer, FieldEntry, FieldLot};
use crate::tables::electoral_field_decision::FieldDecision;
use crate::transact::{Store, Tx};

mod decide;

pub use decide::{Choice, DecideError, Disputed};

/// What is read of a lot taken back.
const ANSWERED: [&str; 7] = [
    "lot",
    "entry",
    "version",
    "finding",
    "found_precinct",
    "visited",
    "member",
];

/// Persons of a release that are read at once.
const PERSONS_AT_ONCE: u32 = 10_000;

/// Most characters of a member's name.
const MEMBER_MAX: usize = 120;

/// What goes into lots, and how.
#[derive(Clone, Debug)]
pub struct FieldTerms {
    /// Classes of the reconciliation whose rows a local commission verifies.
    pub verify: Vec<ReconciliationClass>,
    /// Day until which the answers are due.
    pub due: Date,
    /// Most entries of one lot, at least 1.
    pub entries_max: usize,
}

/// An entry as a lot shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldRow {
    /// The entry.
    pub entry: FieldEntry,
    /// Surname, given name, patronymic, birth date, address: as the source has them now.
    pub cells: Sealed<[String; 5]>,
}

/// A lot with its entries and their answers.
#[derive(Clone, Debug)]
pub struct FieldLotPage {
    /// The lot.
    pub lot: FieldLot,
    /// Its entries, by place.
    pub rows: Vec<FieldEntryPage>,
}

/// An entry with everything that came of it.
#[derive(Clone, Debug)]
pub struct FieldEntryPage {
    /// The entry.
    pub row: FieldRow,
    /// Where it stands.
    pub progress: Progress,
    /// The answers, in the order they were taken.
    pub answers: Vec<FieldAnswer>,
    /// The latest decision between them.
    pub decision: Option<FieldDecision>,
}

/// Where an entry stands: by its answers, or by what a person decided between them.
fn stands(states: &[Merged], decision: Option<&FieldDecision>) -> Progress {
    match decision {
        Some(decision) => progress_decided(states, decision.seen as usize),
        None => progress(states),
    }
}

/// What of field verification is listed: not handed out of these kinds, and in lots standing there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldWanted {
    /// Kinds of what is in no lot yet.
    pub not_handed: Vec<Subject>,
    /// Where entries of lots stand.
    pub progress: Vec<Progress>,
}

/// The place of something to verify in the list of all lots.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldAt {
    /// In no lot yet.
    NotHanded(Subject, String),
    /// An entry of a lot: the lot, its place there.
    Entry(u32, u32),
}

/// Something to verify as the list of all lots shows it.
#[derive(Clone, Debug)]
pub struct FieldListed {
    /// Its place.
    pub at: FieldAt,
    /// What it is about.
    pub kind: Subject,
    /// The row, person or address.
    pub subject: String,
    /// Surname, given name, patronymic, birth date, address: as the source has them now.
    pub cells: Sealed<[String; 5]>,
    /// Where the entry of a lot stands.
    pub progress: Option<Progress>,
    /// The person of the register, where one is known.
    pub person: Option<PersonId>,
}

/// A lot that was made, with its file.
#[derive(Clone, Debug)]
pub struct FieldLotMade {
    /// The lot.
    pub lot: FieldLot,
    /// Its file.
    pub file: Sealed<Vec<u8>>,
}

/// How far field verification is; every entry is counted exactly once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldProgress {
    /// To be verified and in no lot yet, by kind.
    pub not_handed: BTreeMap<Subject, u64>,
    /// Every lot with the number of its entries in each progress.
    pub lots: Vec<(FieldLot, BTreeMap<Progress, u64>)>,
    /// Answers about entries that no lot has.
    pub stray_answers: u64,
}

impl FieldProgress {
    /// Entries of all lots that stand there.
    #[must_use]
    pub fn at(&self, wanted: Progress) -> u64 {
        let of = |(_, counts): &(FieldLot, BTreeMap<Progress, u64>)| {
            counts.get(&wanted).copied().unwrap_or(0)
        };
        self.lots.iter().map(of).sum()
    }

    /// What is to be verified in all: in lots and not.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.waiting() + self.lots.iter().map(|(lot, _)| lot.entries).sum::<u64>()
    }

    /// To be verified and in no lot yet.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.not_handed.values().sum()
    }

    /// Everything that is not done: a freeze of the list asks for it.
    #[must_use]
    pub fn unfinished(&self) -> u64 {
        self.all() - self.at(Progress::Done)
    }
}

/// What became of a file from the field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldReport {
    /// SHA-256 of the file, hexadecimal.
    pub file: String,
    /// Answers by what became of them.
    pub answers: BTreeMap<Merged, u64>,
    /// Entries of the file without a finding.
    pub left_blank: u64,
    /// Lines of this very file that were taken before.
    pub known: u64,
    /// Rows that were not taken, by line.
    pub rejected: Vec<RejectedRow>,
}

/// Why a file from the field was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// The file cannot be taken at all: whoever filled it in mends it.
    #[error(transparent)]
    File(#[from] LotFileError),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Something to verify, with its place.
struct Open {
    kind: Subject,
    subject: String,
    precinct: Option<PrecinctCode>,
    aimak: String,
    cells: [String; 5],
}

impl Store {
    /// Makes lots of everything to be verified that is in no lot yet, by precinct and ayil aimak; running it again
    /// makes lots of what is new only. One look at the records is recorded for each lot.
    ///
    /// # Errors
    /// The engine's.
    pub fn make_field_lots(
        &self,
        look: Look<'_>,
        terms: &FieldTerms,
    ) -> Result<Vec<FieldLotMade>, StoreError> {
        self.transact("make_field_lots", look.staff, |tx| {
            let mut groups: BTreeMap<(u16, String), Vec<Open>> = BTreeMap::new();
            for open in tx.what_to_verify(&terms.verify)? {
                let precinct = open.precinct.map_or(0, PrecinctCode::number);
                groups
                    .entry((precinct, open.aimak.clone()))
                    .or_default()
                    .push(open);
            }
            let mut next = tx.next_field_lot()?;
            let mut made = Vec::new();
            for ((_, aimak), group) in &groups {
                for part in group.chunks(terms.entries_max.max(1)) {
                    made.push(tx.make_field_lot(next, aimak, part, terms.due)?);
                    tx.record_read(None, look.purpose, &look.detail("field lot"))?;
                    next += 1;
                }
            }
            Ok(made)
        })
    }

    /// How far field verification is. Cost: a pass over everything to be verified.
    ///
    /// # Errors
    /// The engine's.
    pub fn field_progress(
        &self,
        verify: &[ReconciliationClass],
    ) -> Result<FieldProgress, StoreError> {
        self.read("field_progress", |tx| tx.field_progress(verify))
    }

    /// A lot with its entries as they are now and the answers taken; the look is recorded. None when there is none.
    ///
    /// # Errors
    /// The engine's.
    pub fn open_field_lot(
        &self,
        look: Look<'_>,
        lot: u32,
    ) -> Result<Option<FieldLotPage>, StoreError> {
        self.transact("open_field_lot", look.staff, |tx| {
            let Some(found) = tx.field_lots()?.into_iter().find(|known| known.lot == lot) else {
                return Ok(None);
            };
            let rows = tx.entry_pages(lot, |_| true)?;
            tx.record_read(None, look.purpose, &look.detail("field lot"))?;
            Ok(Some(FieldLotPage { lot: found, rows }))
        })
    }

    /// What stands behind a sum of field verification after a place, at most so many; the look is recorded. Cost: a pass
    /// over everything to be verified.
    ///
    /// # Errors
    /// The engine's.
    pub fn list_field(
        &self,
        look: Look<'_>,
        wanted: &FieldWanted,
        verify: &[ReconciliationClass],
        after: Option<&FieldAt>,
        limit: usize,
    ) -> Result<Vec<FieldListed>, StoreError> {
        self.transact("list_field", look.staff, |tx| {
            let rows = tx.list_field(wanted, verify, after, limit)?;
            tx.record_read(None, look.purpose, &look.detail("field entries"))?;
            Ok(rows)
        })
    }

    /// Takes a file from the field. An answer never overwrites anything: it is kept with what became of it. The same
    /// file again changes nothing.
    ///
    /// # Errors
    /// [`FieldError::File`] when the file as a whole cannot be read; a bad row is no error.
    pub fn take_field_answers(
        &self,
        author: &str,
        bytes: &[u8],
        today: Date,
    ) -> Result<FieldReport, FieldError> {
        let file = LotFile::read(bytes, &ANSWERED)?;
        self.transact("take_field_answers", author, |tx| {
            let mut report = FieldReport {
                file: file.sha256.clone(),
                rejected: file.rejected.clone(),
                ..FieldReport::default()
            };
            let mut lots: BTreeMap<u32, KnownLot> = BTreeMap::new();
            for row in file.rows() {
                if row.cell("finding").is_empty() {
                    report.left_blank += 1;
                    continue;
                }
                let answer = match read(row, &file.sha256, today, tx.at()) {
                    Ok(answer) => answer,
                    Err(reject) => {
                        report.rejected.push(reject);
                        continue;
                    }
                };
                if tx.has_field_line(&answer.file, answer.line)? {
                    report.known += 1;
                    continue;
                }
                let number = answer.entry.0;
                if let std::collections::btree_map::Entry::Vacant(place) = lots.entry(number) {
                    place.insert(tx.known_lot(number)?);
                }
                let Some(lot) = lots.get_mut(&number) else {
                    continue;
                };
                match tx.merge_answer(lot, answer, today)? {
                    Ok(state) => *report.answers.entry(state).or_default() += 1,
                    Err(reject) => report.rejected.push(reject),
                }
            }
            report.rejected.sort_by_key(|row| row.line);
            let new: u64 = report.answers.values().sum();
            if new > 0 {
                let body = format!("{} {new}", report.file).into_bytes();
                tx.journal_bytes(Journal::Electoral, None, "field_answers_taken", body)?;
            }
            Ok(report)
        })
    }
}

/// A lot while a file is merged.
struct KnownLot {
    due: Option<Date>,
    entries: BTreeMap<u32, FieldEntry>,
    /// What was taken for an entry: the first answer in time.
    taken: BTreeMap<u32, String>,
}

fn read(
    row: LotRow<'_>,
    file: &str,
    today: Date,
    received_at: lexicon::Instant,
) -> Result<FieldAnswer, RejectedRow> {
    let wrong = |field, reason: &str| RejectedRow::new(row.line, field, reason);
    let lot = row.parsed("lot", "must be the number of the lot")?;
    let place = row.parsed("entry", "must be the number of the entry")?;
    let code = row.cell("finding").to_ascii_uppercase();
    let finding = Finding::from_code(&code).ok_or_else(|| {
        wrong(
            "finding",
            "must be LIVES_HERE, NOT_HERE, DIED, NO_SUCH_ADDRESS or BELONGS",
        )
    })?;
    let precinct = match (row.cell("found_precinct"), finding.names_precinct()) {
        ("", false) => None,
        ("", true) => {
            return Err(wrong(
                "found_precinct",
                "is empty, and the finding needs it",
            ));
        }
        (_, true) => {
            Some(row.parsed("found_precinct", "must be a precinct number of four digits")?)
        }
        (_, false) => {
            let reason = "stands beside a finding that names no precinct";
            return Err(wrong("found_precinct", reason));
        }
    };
    let visited: Date = row.parsed("visited", "must be a day as YYYY-MM-DD")?;
    if visited > today {
        return Err(wrong("visited", "lies in the future"));
    }
    let member = row.cell("member");
    if member.is_empty() || member.chars().count() > MEMBER_MAX {
        return Err(wrong(
            "member",
            "must name the member, in at most 120 characters",
        ));
    }
    Ok(FieldAnswer {
        entry: (lot, place),
        file: file.to_owned(),
        line: row.line,
        version: row.cell("version").to_owned(),
        finding,
        precinct,
        visited: Some(visited),
        member: member.to_owned(),
        state: Merged::Unknown,
        received_at,
    })
}

impl Tx<'_> {
    /// How far field verification is. Cost: a pass over everything to be verified.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn field_progress(
        &mut self,
        verify: &[ReconciliationClass],
    ) -> Result<FieldProgress, StoreError> {
        let mut shown = FieldProgress {
            not_handed: self.field_waiting(verify)?,
            ..FieldProgress::default()
        };
        let decided = self.last_field_decisions()?;
        let mut states = self.field_states()?;
        for lot in self.field_lots()? {
            let mut counts: BTreeMap<Progress, u64> = BTreeMap::new();
            for place in 1..=u32::try_from(lot.entries).unwrap_or(u32::MAX) {
                let entry = (lot.lot, place);
                let of = states.remove(&entry).unwrap_or_default();
                *counts.entry(stands(&of, decided.get(&entry))).or_default() += 1;
            }
            shown.lots.push((lot, counts));
        }
        shown.stray_answers = states.values().map(|of| of.len() as u64).sum();
        Ok(shown)
    }

    /// Entries of all lots by where they stand. Cost: a pass over the answers.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn field_in_lots(&mut self) -> Result<BTreeMap<Progress, u64>, StoreError> {
        let sizes: BTreeMap<u32, u64> = self
            .field_lots()?
            .into_iter()
            .map(|lot| (lot.lot, lot.entries))
            .collect();
        let decided = self.last_field_decisions()?;
        let mut counts: BTreeMap<Progress, u64> = BTreeMap::new();
        let mut open: u64 = sizes.values().sum();
        for (entry, states) in self.field_states()? {
            // An answer about an entry that no lot has is none of them.
            if sizes
                .get(&entry.0)
                .is_some_and(|n| u64::from(entry.1) <= *n)
            {
                open = open.saturating_sub(1);
                let at = stands(&states, decided.get(&entry));
                *counts.entry(at).or_default() += 1;
            }
        }
        *counts.entry(Progress::Open).or_default() += open;
        Ok(counts)
    }

    /// The latest decision of each entry that has one.
    fn last_field_decisions(&mut self) -> Result<BTreeMap<(u32, u32), FieldDecision>, StoreError> {
        let all = self.field_decisions()?;
        Ok(all.into_iter().map(|one| (one.entry, one)).collect())
    }

    /// What is to be verified and in no lot yet, in the order of kind and id.
    fn field_not_handed(
        &mut self,
        verify: &[ReconciliationClass],
    ) -> Result<BTreeSet<(Subject, String)>, StoreError> {
        let mut waiting: BTreeSet<(Subject, String)> = BTreeSet::new();
        if let Some(run) = self.find_last_reconciliation()? {
            for class in verify {
                self.each_reconciled_id(run, *class, &mut |row| {
                    waiting.insert((Subject::Row, row.to_owned()));
                })?;
            }
        }
        for person in self.persons_without_place()? {
            waiting.insert((Subject::Person, person.to_string()));
        }
        for (address, _) in self.addresses_in_doubt()? {
            waiting.insert((Subject::Address, address));
        }
        self.each_field_subject(&mut |kind, subject| {
            waiting.remove(&(kind, subject.to_owned()));
        })?;
        Ok(waiting)
    }

    fn list_field(
        &mut self,
        wanted: &FieldWanted,
        verify: &[ReconciliationClass],
        after: Option<&FieldAt>,
        limit: usize,
    ) -> Result<Vec<FieldListed>, StoreError> {
        let mut found: Vec<(FieldAt, Subject, String, Option<Progress>)> = Vec::new();
        let is_next = |at: &FieldAt| after.is_none_or(|after| at > after);
        if !wanted.not_handed.is_empty() {
            for (kind, subject) in self.field_not_handed(verify)? {
                let at = FieldAt::NotHanded(kind, subject.clone());
                if wanted.not_handed.contains(&kind) && is_next(&at) && found.len() < limit {
                    found.push((at, kind, subject, None));
                }
            }
        }
        if !wanted.progress.is_empty() && found.len() < limit {
            let decided = self.last_field_decisions()?;
            let mut states = self.field_states()?;
            for lot in self.field_lots()? {
                if found.len() >= limit {
                    break;
                }
                let last = u32::try_from(lot.entries).unwrap_or(u32::MAX);
                if !is_next(&FieldAt::Entry(lot.lot, last)) {
                    continue;
                }
                for entry in self.field_entries(lot.lot)? {
                    let key = (lot.lot, entry.place);
                    let of = states.remove(&key).unwrap_or_default();
                    let progress = stands(&of, decided.get(&key));
                    let at = FieldAt::Entry(key.0, key.1);
                    if wanted.progress.contains(&progress) && is_next(&at) && found.len() < limit {
                        found.push((at, entry.kind, entry.subject, Some(progress)));
                    }
                }
            }
        }
        let run = self.find_last_reconciliation()?;
        let mut listed = Vec::with_capacity(found.len());
        for (at, kind, subject, progress) in found {
            let person = match (kind, run) {
                (Subject::Person, _) => subject.parse().ok(),
                (Subject::Row, Some(run)) => {
                    let rows = self.reconciled_of_row(run, &subject)?;
                    rows.iter().find_map(|row| row.person)
                }
                (Subject::Row, None) | (Subject::Address, _) => None,
            };
            listed.push(FieldListed {
                cells: self.cells_of(kind, &subject)?.into(),
                at,
                kind,
                subject,
                progress,
                person,
            });
        }
        Ok(listed)
    }

    /// Entries of a lot whose standing is wanted, by place, with what they say now.
    fn entry_pages(
        &mut self,
        lot: u32,
        is_wanted: impl Fn(Progress) -> bool,
    ) -> Result<Vec<FieldEntryPage>, StoreError> {
        let mut answers: BTreeMap<u32, Vec<FieldAnswer>> = BTreeMap::new();
        for answer in self.field_answers(lot)? {
            answers.entry(answer.entry.1).or_default().push(answer);
        }
        let mut decided = self.last_field_decisions()?;
        let mut rows = Vec::new();
        for entry in self.field_entries(lot)? {
            let answers = answers.remove(&entry.place).unwrap_or_default();
            let states: Vec<Merged> = answers.iter().map(|answer| answer.state).collect();
            let decision = decided.remove(&(lot, entry.place));
            let progress = stands(&states, decision.as_ref());
            if !is_wanted(progress) {
                continue;
            }
            let cells = self.cells_of(entry.kind, &entry.subject)?.into();
            rows.push(FieldEntryPage {
                row: FieldRow { entry, cells },
                progress,
                answers,
                decision,
            });
        }
        Ok(rows)
    }

    fn known_lot(&mut self, lot: u32) -> Result<KnownLot, StoreError> {
        let due = self
            .field_lots()?
            .iter()
            .find(|l| l.lot == lot)
            .map(|l| l.due);
        let entries = self.field_entries(lot)?;
        let answers = self.field_answers(lot)?;
        let mut taken = BTreeMap::new();
        for answer in answers.iter().filter(|a| a.state == Merged::Taken) {
            taken.entry(answer.entry.1).or_insert_with(|| answer.says());
        }
        // What a person let stand is what later answers are held against.
        for ((of, place), decision) in self.last_field_decisions()? {
            let mut own = answers.iter().filter(|answer| answer.entry.1 == place);
            let chosen = (decision.chosen as usize).saturating_sub(1);
            if let Some(answer) = own.nth(chosen).filter(|_| of == lot) {
                taken.insert(place, answer.says());
            }
        }
        Ok(KnownLot {
            due,
            entries: entries
                .into_iter()
                .map(|entry| (entry.place, entry))
                .collect(),
            taken,
        })
    }

    fn merge_answer(
        &mut self,
        lot: &mut KnownLot,
        mut answer: FieldAnswer,
        today: Date,
    ) -> Result<Result<Merged, RejectedRow>, StoreError> {
        let entry = lot.entries.get(&answer.entry.1);
        if let Some(entry) = entry.filter(|entry| !answer.finding.fits(entry.kind)) {
            let reason = format!(
                "this finding cannot be said of an entry {}",
                entry.kind.code()
            );
            return Ok(Err(RejectedRow::new(answer.line, "finding", reason)));
        }
        let now = match entry {
            Some(entry) => self.version_of(entry.kind, &entry.subject)?,
            None => String::new(),
        };
        let says = answer.says();
        answer.state = merge(Seen {
            handed: entry.map(|entry| entry.version.as_str()),
            stated: &answer.version,
            now: &now,
            before: lot.taken.get(&answer.entry.1).map(String::as_str),
            says: &says,
            late: lot.due.is_some_and(|due| due < today),
        });
        if answer.state == Merged::Taken {
            lot.taken.insert(answer.entry.1, says);
        }
        self.record_field_answer(&answer)?;
        Ok(Ok(answer.state))
    }

    fn make_field_lot(
        &mut self,
        number: u32,
        aimak: &str,
        part: &[Open],
        due: Date,
    ) -> Result<FieldLotMade, StoreError> {
        let mut entries = Vec::with_capacity(part.len());
        let mut rows = Vec::with_capacity(part.len());
        for (place, open) in (1u32..).zip(part) {
            let version = self.version_of(open.kind, &open.subject)?;
            let mut row = vec![
                number.to_string(),
                place.to_string(),
                open.kind.code().to_owned(),
                version.clone(),
                open.precinct.map_or_else(String::new, |p| p.to_string()),
                aimak.to_owned(),
            ];
            row.extend(open.cells.iter().cloned());
            row.extend(std::iter::repeat_n(String::new(), 4));
            rows.push(row);
            entries.push(FieldEntry {
                place,
                kind: open.kind,
                subject: open.subject.clone(),
                version,
            });
        }
        let file = table(&[&HANDED[..], &FILLED].concat(), rows.into_iter());
        let lot = FieldLot {
            lot: number,
            precinct: part.first().and_then(|open| open.precinct),
            aimak: aimak.to_owned(),
            made_at: self.at(),
            due,
            entries: entries.len() as u64,
            sha256: hex(&sha256(&file)),
        };
        self.record_field_lot(&lot, &entries)?;
        self.record_field_file(number, &file)?;
        Ok(FieldLotMade {
            lot,
            file: file.into(),
        })
    }

    /// How much is to be verified and in no lot yet, by kind. Cost: a pass over everything to be verified.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn field_waiting(
        &mut self,
        verify: &[ReconciliationClass],
    ) -> Result<BTreeMap<Subject, u64>, StoreError> {
        let mut counts = BTreeMap::new();
        for (kind, _) in self.field_not_handed(verify)? {
            *counts.entry(kind).or_default() += 1;
        }
        Ok(counts)
    }

    /// Everything to be verified that is in no lot yet, in the order of kind and id.
    fn what_to_verify(&mut self, verify: &[ReconciliationClass]) -> Result<Vec<Open>, StoreError> {
        let mut handed: BTreeSet<(Subject, String)> = BTreeSet::new();
        self.each_field_subject(&mut |kind, subject| {
            handed.insert((kind, subject.to_owned()));
        })?;
        let aimaks: BTreeMap<PrecinctCode, String> = self
            .snapshot_precincts()?
            .into_iter()
            .map(|row| (row.precinct, aimak_of(row.soate.as_u64())))
            .collect();
        let mut open = Vec::new();
        for row in self.rows_to_verify(verify)? {
            if handed.contains(&(Subject::Row, row.row.clone())) {
                continue;
            }
            let precinct: Option<PrecinctCode> = row.precinct.parse().ok();
            let known = precinct.and_then(|precinct| aimaks.get(&precinct));
            open.push(Open {
                kind: Subject::Row,
                precinct: precinct.filter(|_| known.is_some()),
                aimak: known.cloned().unwrap_or_default(),
                cells: row_cells(&row),
                subject: row.row,
            });
        }
        for person in self.persons_without_place()? {
            let subject = person.to_string();
            if !handed.contains(&(Subject::Person, subject.clone())) {
                let (cells, home) = self.person_cells(person)?;
                open.push(Open {
                    kind: Subject::Person,
                    subject,
                    precinct: None,
                    aimak: home.map_or_else(String::new, |home| aimak_of(home.soate.as_u64())),
                    cells,
                });
            }
        }
        for (address, precinct) in self.addresses_in_doubt()? {
            if !handed.contains(&(Subject::Address, address.clone())) {
                let row = self.find_address(&address)?;
                let aimak = row
                    .as_ref()
                    .map_or_else(String::new, |row| aimak_of(row.soate.as_u64()));
                open.push(Open {
                    kind: Subject::Address,
                    subject: address,
                    precinct,
                    aimak,
                    cells: address_cells(row.as_ref()),
                });
            }
        }
        Ok(open)
    }

    /// Rows of the latest reconciliation in one of the classes, by id, each once.
    fn rows_to_verify(
        &mut self,
        verify: &[ReconciliationClass],
    ) -> Result<Vec<CommissionRow>, StoreError> {
        let mut rows = BTreeMap::new();
        if let Some(run) = self.find_last_reconciliation()? {
            for class in verify {
                let found = self.reconciled_rows(run, *class, "", u32::MAX)?;
                rows.extend(
                    found
                        .into_iter()
                        .filter_map(|(known, row)| Some((known.row, row?))),
                );
            }
        }
        Ok(rows.into_values().collect())
    }

    /// Persons whom the latest release leaves out because their address lies in no precinct.
    fn persons_without_place(&mut self) -> Result<Vec<PersonId>, StoreError> {
        let mut persons = Vec::new();
        let Some(release) = self.releases()?.last().map(|release| release.number) else {
            return Ok(persons);
        };
        let code = ExclusionReason::NoAddress.code();
        loop {
            let after = persons.last().copied();
            let part = self.persons_by_code(release, code, after, PERSONS_AT_ONCE)?;
            let is_last = part.len() < PERSONS_AT_ONCE as usize;
            persons.extend(part);
            if is_last {
                return Ok(persons);
            }
        }
    }

    fn cells_of(&mut self, kind: Subject, subject: &str) -> Result<[String; 5], StoreError> {
        Ok(match kind {
            Subject::Row => {
                let row = self.find_commission_row(subject)?;
                row.as_ref().map(row_cells).unwrap_or_default()
            }
            Subject::Person => match subject.parse() {
                Ok(person) => self.person_cells(person)?.0,
                Err(_) => return Err(StoreError::Stored { column: 0 }),
            },
            Subject::Address => address_cells(self.find_address(subject)?.as_ref()),
        })
    }

    fn person_cells(
        &mut self,
        person: PersonId,
    ) -> Result<([String; 5], Option<AddressRow>), StoreError> {
        let state = self.state_of(person)?;
        let home = state.residences.iter().rev().find(|r| r.until.is_none());
        let home = match home {
            Some(home) => self.find_address(&home.address)?,
            None => None,
        };
        let part = |part: fn(&lexicon::CivilName) -> &str| {
            state.name().map(part).unwrap_or_default().to_owned()
        };
        let born = state.recorded.as_ref().map(|(_, born, _)| born.to_string());
        let cells = [
            part(lexicon::CivilName::surname),
            part(lexicon::CivilName::given),
            part(lexicon::CivilName::patronymic),
            born.unwrap_or_default(),
            home.as_ref().map_or_else(String::new, address_text),
        ];
        Ok((cells, home))
    }

    /// The version of a subject now: 16 hexadecimal digits over everything that an answer rests on.
    fn version_of(&mut self, kind: Subject, subject: &str) -> Result<String, StoreError> {
        let text = match kind {
            Subject::Row => self.row_version_text(subject)?,
            Subject::Person => {
                let person: PersonId = subject
                    .parse()
                    .map_err(|_| StoreError::Stored { column: 0 })?;
                // Only what concerns the person's place and name: a notice or a look changes no version.
                let (cells, _) = self.person_cells(person)?;
                format!("{} | {}", cells.join("\u{1f}"), self.decision_text(person)?)
            }
            Subject::Address => {
                let found = self.address_findings_text(subject)?;
                let cells = address_cells(self.find_address(subject)?.as_ref());
                format!("{} | {found}", cells.join("\u{1f}"))
            }
        };
        Ok(hex(&sha256(text.as_bytes())).chars().take(16).collect())
    }
}

/// The first eleven of the fourteen digits of a SOATE code: oblast, raion, ayil aimak.
fn aimak_of(soate: u64) -> String {
    format!("{soate:014}").chars().take(11).collect()
}

fn row_cells(row: &CommissionRow) -> [String; 5] {
    [
        row.surname.clone(),
        row.given.clone(),
        row.patronymic.clone(),
        row.born.clone(),
        row.address.clone(),
    ]
}

fn address_text(row: &AddressRow) -> String {
    format!("{}, {}", row.street_name, row.house)
}

fn address_cells(row: Option<&AddressRow>) -> [String; 5] {
    let text = row.map_or_else(String::new, address_text);
    [
        String::new(),
        String::new(),
        String::new(),
        String::new(),
        text,
    ]
}
