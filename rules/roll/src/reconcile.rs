//! Reconciliation: every row of the commission's list gets classes, evidence and a proposed act.
//!
//! The meaning of each class is fixed in docs/reconciliation-classes.md; sentence numbers in comments
//! are those of that page. A row is never struck by this: it proposes, and an act names its source.

use std::ops::Range;

use lexicon::{Date, ElectionLaw, PrecinctCode, ReconciliationClass as Class};

use crate::eligibility::Terms;
use crate::form::Roll;
use crate::snapshot::{AddressAt, EventKind, PersonAt, Snapshot, Standing};

pub mod address;
pub mod again;
mod answered;
mod find;
mod human;
pub mod image;
mod row;
mod spelling;

pub use answered::contradicting_rows;
pub use find::FoundBy;
use human::Humans;
use row::ParsedRow;

/// The classes of one row, as a set.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Classes(u32);

impl Classes {
    fn add(&mut self, class: Class) {
        self.0 |= 1 << class as u32;
    }

    /// Whether a class is among them.
    #[must_use]
    pub fn has(self, class: Class) -> bool {
        self.0 >> class as u32 & 1 == 1
    }

    /// In the order of [`Class::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Class> {
        Class::ALL
            .iter()
            .copied()
            .filter(move |class| self.has(*class))
    }

    /// Codes joined by `+`, as `moved+renamed`.
    #[must_use]
    pub fn joined(self) -> String {
        self.iter().map(Class::code).collect::<Vec<_>>().join("+")
    }
}

/// What is proposed for a class of row; the office decides.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Act {
    /// Nothing to do.
    Confirm,
    /// The register's name, PIN, address or precinct is taken.
    TakeRegister,
    /// One row of the group is kept.
    Merge,
    /// Does not enter the list, by the act or record named.
    Strike,
    /// Invited to enrol.
    Invite,
    /// A case goes to the passport agency.
    OpenCase,
    /// The local commission verifies.
    Verify,
    /// The original is asked from the commission.
    AskOriginal,
    /// Added to the list.
    Add,
}

impl Act {
    /// The code in tables.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Act::Confirm => "CONFIRM",
            Act::TakeRegister => "TAKE_REGISTER",
            Act::Merge => "MERGE",
            Act::Strike => "STRIKE",
            Act::Invite => "INVITE",
            Act::OpenCase => "OPEN_CASE",
            Act::Verify => "VERIFY",
            Act::AskOriginal => "ASK_ORIGINAL",
            Act::Add => "ADD",
        }
    }

    /// The act proposed for a class.
    #[must_use]
    pub fn of(class: Class) -> Self {
        match class {
            Class::Same => Act::Confirm,
            Class::Moved
            | Class::Renamed
            | Class::PinCorrected
            | Class::WrongPrecinct
            | Class::NoPrecinct => Act::TakeRegister,
            Class::Duplicate => Act::Merge,
            Class::Dead | Class::UnderAge | Class::NotCitizen => Act::Strike,
            Class::NoBiometrics => Act::Invite,
            Class::SharedPin | Class::TwoPins => Act::OpenCase,
            Class::NotFound => Act::Verify,
            Class::Unreadable => Act::AskOriginal,
            Class::New => Act::Add,
        }
    }
}

/// What was found about one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciled {
    /// Its classes.
    pub classes: Classes,
    /// The record that the row means.
    pub record: Option<PersonAt>,
    /// How it was found.
    pub found_by: FoundBy,
    /// The row of its group that is kept, for duplicates; places count from 0.
    pub kept: Option<usize>,
    /// The precinct by boundary of the residence on C.
    pub precinct: Option<PrecinctCode>,
    /// A finding beside the classes: the birth date differs from the register's.
    pub birth_differs: bool,
    /// Records that show the classes, as `class=table/id@date`, then what people answered about the row, as
    /// `joined=review/subject@date`; joined by `;`.
    pub evidence: String,
}

/// By what a row looks for people: whose rows change where nobody else does is told by this.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mark {
    /// Its number, when well formed.
    pub pin: Option<u64>,
    /// Its birth date.
    pub born: Option<Date>,
    /// Whether people answered about it.
    pub answered: bool,
}

/// The commission's list, reconciled.
#[derive(Clone, Debug, Default)]
pub struct Reconciliation {
    /// For each row, in the order of the list.
    pub rows: Vec<Reconciled>,
    /// Persons of the roll whom no row means, in the order of the snapshot.
    pub new: Vec<PersonAt>,
    /// For each row, by what it looked for people.
    pub marks: Vec<Mark>,
}

impl Reconciliation {
    /// How many rows carry each class (`new`: persons), in the order of [`Class::ALL`].
    #[must_use]
    pub fn by_class(&self) -> Vec<(Class, u64)> {
        let count = |class: Class| match class {
            Class::New => self.new.len() as u64,
            Class::Same
            | Class::Moved
            | Class::Renamed
            | Class::PinCorrected
            | Class::Duplicate
            | Class::Dead
            | Class::UnderAge
            | Class::NoBiometrics
            | Class::NotCitizen
            | Class::SharedPin
            | Class::TwoPins
            | Class::WrongPrecinct
            | Class::NoPrecinct
            | Class::NotFound
            | Class::Unreadable => self.rows.iter().filter(|r| r.classes.has(class)).count() as u64,
        };
        Class::ALL
            .iter()
            .map(|class| (*class, count(*class)))
            .collect()
    }
}

/// Reconciles the commission's list with the register and the roll.
///
/// Cost: about 10 µs a row; rows whose PIN does not lead to a person are compared with everybody of
/// their birth date.
#[must_use]
pub fn reconcile(snapshot: &Snapshot, roll: &Roll, law: &ElectionLaw) -> Reconciliation {
    let reconciler = Reconciler::new(snapshot, roll, law);
    let all = 0..reconciler.rows();
    let groups = reconciler.group(reconciler.find(all.clone()));
    let rows = reconciler.judge(all, &groups);
    reconciler.finish(rows, &groups)
}

/// The reconciliation in parts, for a caller with threads: ranges of any size give the same rows.
///
/// First [`Reconciler::find`] for every range; then [`Reconciler::group`] over all of them in order;
/// then [`Reconciler::judge`] for every range; then [`Reconciler::finish`].
pub struct Reconciler<'a> {
    roll: &'a Roll,
    law: &'a ElectionLaw,
    terms: Terms,
    finder: find::Finder<'a>,
    parsed: Vec<ParsedRow>,
}

impl std::fmt::Debug for Reconciler<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reconciler({} rows)", self.rows())
    }
}

/// Whom rows mean, in the order of the list.
#[derive(Debug, Default)]
pub struct Meanings(Vec<find::Found>);

impl Meanings {
    /// Adds those of the range that follows.
    pub fn append(&mut self, mut next: Meanings) {
        self.0.append(&mut next.0);
    }

    /// The record that each row means, in order; none for a row that means nobody.
    pub fn records(&self) -> impl Iterator<Item = Option<PersonAt>> + '_ {
        self.0.iter().map(|found| found.record)
    }
}

impl<'a> Reconciler<'a> {
    /// Reads the rows and makes what every range looks into.
    #[must_use]
    pub fn new(snapshot: &'a Snapshot, roll: &'a Roll, law: &'a ElectionLaw) -> Self {
        let mut finder = find::Finder::of(snapshot, law);
        let parsed = snapshot
            .commission
            .iter()
            .map(|entry| finder.parse(&entry))
            .collect();
        Self {
            roll,
            law,
            terms: Terms::of(law),
            finder,
            parsed,
        }
    }

    /// How many rows the list has.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.parsed.len()
    }

    /// Whom the rows of a range mean.
    #[must_use]
    pub fn find(&self, range: Range<usize>) -> Meanings {
        let rows = range.map(|at| self.finder.find(at, &self.parsed[at]));
        Meanings(rows.collect())
    }

    /// Which rows mean one human, by the meanings of all ranges in order.
    #[must_use]
    pub fn group(&self, meanings: Meanings) -> Groups {
        Groups::of(meanings.0, &self.finder.humans)
    }

    /// Classes, evidence and act for the rows of a range.
    #[must_use]
    pub fn judge(&self, range: Range<usize>, groups: &Groups) -> Vec<Reconciled> {
        let judge = Judge {
            snapshot: self.finder.snapshot,
            roll: self.roll,
            law: self.law,
            terms: self.terms,
            humans: &self.finder.humans,
            finder: &self.finder,
        };
        range
            .map(|at| judge.row(at, &self.parsed[at], &groups.found[at], groups))
            .collect()
    }

    /// The whole: the judged rows of all ranges in order, and the persons whom no row means.
    #[must_use]
    pub fn finish(&self, rows: Vec<Reconciled>, groups: &Groups) -> Reconciliation {
        let marks = self.parsed.iter().enumerate().map(|(at, row)| Mark {
            pin: row.pin,
            born: row.born,
            answered: self.finder.answered.at(at).is_some(),
        });
        Reconciliation {
            rows,
            new: groups.new_persons(self.roll, &self.finder.humans),
            marks: marks.collect(),
        }
    }
}

/// Rows by the human they mean: the first that counts, and whether there are more.
#[derive(Debug)]
pub struct Groups {
    found: Vec<find::Found>,
    /// For each person: the row that is kept of those that mean this human, and whether there are several.
    rows: Vec<(u32, bool)>,
}

/// No row means this human.
const NO_ROW: (u32, bool) = (u32::MAX, false);

impl Groups {
    /// Of several rows the one is kept that was found most surely, then the first.
    fn of(found: Vec<find::Found>, humans: &Humans) -> Self {
        let mut rows = vec![NO_ROW; humans.len()];
        for (at, one) in found.iter().enumerate() {
            let Some(record) = one.record else { continue };
            let number = u32::try_from(at).expect("fewer than 4 G rows");
            let kept = &mut rows[humans.human(record).at()];
            if *kept == NO_ROW {
                *kept = (number, false);
            } else if found[kept.0 as usize].by > one.by {
                *kept = (number, true);
            } else {
                kept.1 = true;
            }
        }
        Self { found, rows }
    }

    fn kept(&self, human: PersonAt) -> Option<(usize, bool)> {
        let (row, several) = self.rows[human.at()];
        ((row, several) != NO_ROW).then_some((row as usize, several))
    }

    /// Persons of the roll whom no row means, in the order of the snapshot.
    fn new_persons(&self, roll: &Roll, humans: &Humans) -> Vec<PersonAt> {
        let persons = (0..humans.len()).map(PersonAt::from_index);
        persons
            .filter(|&person| roll.place(person).is_some())
            .filter(|&person| self.kept(humans.human(person)).is_none())
            .collect()
    }
}

struct Judge<'a> {
    snapshot: &'a Snapshot,
    roll: &'a Roll,
    law: &'a ElectionLaw,
    terms: Terms,
    humans: &'a Humans,
    finder: &'a find::Finder<'a>,
}

/// Classes and what shows them, while a row is judged.
#[derive(Default)]
struct Verdict {
    classes: Classes,
    evidence: Vec<String>,
}

impl Verdict {
    fn add(&mut self, class: Class, table: &str, id: &str, date: Option<Date>) {
        self.classes.add(class);
        let date = date.map_or_else(String::new, |date| format!("@{date}"));
        self.evidence
            .push(format!("{}={table}/{id}{date}", class.code()));
    }
}

impl Judge<'_> {
    fn row(&self, at: usize, row: &ParsedRow, found: &find::Found, groups: &Groups) -> Reconciled {
        let answered = self.finder.answered.at(at);
        let mut verdict = Verdict::default();
        let mut out = Reconciled {
            classes: Classes::default(),
            record: found.record,
            found_by: found.by,
            kept: None,
            precinct: None,
            birth_differs: false,
            evidence: String::new(),
        };
        let Some(record) = found.record else {
            let class = if found.by == FoundBy::Unreadable {
                Class::Unreadable
            } else {
                Class::NotFound
            };
            out.classes.add(class);
            if let Some(answered) = answered {
                out.precinct = self.house_precinct(answered.house);
                out.evidence.clone_from(&answered.evidence);
            }
            return out;
        };
        self.identity(row, record, &mut verdict);
        if let Some((kept, true)) = groups.kept(self.humans.human(record)) {
            out.kept = Some(kept);
            let kept = self.snapshot.commission.get(kept).row;
            verdict.add(Class::Duplicate, "commission", kept, None);
        }
        if self.may_vote(record, &mut verdict) {
            out.precinct = self.place(at, row, record, &mut verdict);
            let home = self.snapshot.residence_on(record, self.terms.cut_off);
            if let (None, Some(answered)) = (home, answered) {
                out.precinct = self.house_precinct(answered.house);
            }
        }
        if verdict.classes == Classes::default() {
            verdict.classes.add(Class::Same);
        }
        out.birth_differs = row.born != Some(self.snapshot.person(record).born);
        out.classes = verdict.classes;
        verdict
            .evidence
            .extend(answered.map(|answered| answered.evidence.clone()));
        out.evidence = verdict.evidence.join(";");
        out
    }

    /// The precinct of the house that people said a row's address means.
    fn house_precinct(&self, house: Option<AddressAt>) -> Option<PrecinctCode> {
        let placed = self.roll.placed[house?.at()]?;
        Some(placed.precinct)
    }

    /// `renamed`, `pin_corrected`, `two_pins`, `shared_pin`.
    fn identity(&self, row: &ParsedRow, record: PersonAt, verdict: &mut Verdict) {
        let person = self.snapshot.person(record);
        let id = person.id.to_string();
        if self.finder.renamed(row, record) {
            let change = self
                .snapshot
                .events_of(record)
                .rev()
                .find(|&at| self.snapshot.events[at].kind == EventKind::NameChange);
            match change {
                Some(at) => {
                    let event = &self.snapshot.events[at];
                    let source = self.snapshot.ids.text(event.id);
                    verdict.add(Class::Renamed, "civil_events", source, Some(event.date));
                }
                None => verdict.add(Class::Renamed, "persons", &id, None),
            }
        }
        let records = self.humans.records(record);
        let mut pins: Vec<u64> = records
            .iter()
            .filter_map(|r| self.snapshot.person(*r).pin)
            .map(|p| p.as_u64())
            .collect();
        pins.sort_unstable();
        pins.dedup();
        if !pins.is_empty() && !row.pin.is_some_and(|pin| pins.contains(&pin)) {
            verdict.add(Class::PinCorrected, "persons", &id, None);
        }
        if pins.len() > 1 {
            let other = records
                .iter()
                .find(|r| **r != record)
                .copied()
                .unwrap_or(record);
            let other = self.snapshot.person(other).id.to_string();
            verdict.add(Class::TwoPins, "persons", &other, None);
        }
        if let Some(other) = self.finder.shares_pin(record) {
            let other = self.snapshot.person(other).id.to_string();
            verdict.add(Class::SharedPin, "persons", &other, None);
        }
    }

    /// `dead`, `not_citizen`, `under_age`, `no_biometrics`; says whether the place is judged at all.
    fn may_vote(&self, record: PersonAt, verdict: &mut Verdict) -> bool {
        let id = self.snapshot.person(record).id.to_string();
        if let Some((table, source, date)) = self.death(record) {
            verdict.add(Class::Dead, table, &source, date);
            return false;
        }
        let person = self.snapshot.person(record);
        let lost = self.event(record, EventKind::CitizenshipLoss);
        if let Some((source, date)) = lost {
            verdict.add(Class::NotCitizen, "civil_events", &source, Some(date));
            return false;
        }
        if self.snapshot.words.text(person.citizenship) != self.law.franchise.citizenship {
            verdict.add(Class::NotCitizen, "persons", &id, None);
            return false;
        }
        if person.born > self.terms.born_until {
            verdict.add(Class::UnderAge, "persons", &id, Some(person.born));
            return false;
        }
        let cut_off = self.terms.cut_off;
        let processed = self.humans.records(record).iter().any(|r| {
            self.snapshot.enrolments_of(*r).any(|at| {
                self.snapshot.enrolments[at]
                    .processed
                    .is_some_and(|day| day <= cut_off)
            })
        });
        if !processed {
            verdict.add(Class::NoBiometrics, "persons", &id, None);
        }
        true
    }

    fn event(&self, record: PersonAt, kind: EventKind) -> Option<(String, Date)> {
        let at = self.snapshot.events_of(record).find(|&at| {
            let event = &self.snapshot.events[at];
            event.kind == kind && event.date <= self.terms.election
        })?;
        let event = &self.snapshot.events[at];
        Some((self.snapshot.ids.text(event.id).to_owned(), event.date))
    }

    fn death(&self, record: PersonAt) -> Option<(&'static str, String, Option<Date>)> {
        self.humans.records(record).iter().find_map(|r| {
            if let Some((source, date)) = self.event(*r, EventKind::Death) {
                return Some(("civil_events", source, Some(date)));
            }
            match self.snapshot.person(*r).standing {
                Standing::Deceased(on) if on.is_none_or(|on| on <= self.terms.election) => {
                    Some(("persons", self.snapshot.person(*r).id.to_string(), on))
                }
                Standing::Deceased(_)
                | Standing::Unique
                | Standing::Pending
                | Standing::Duplicate(_)
                | Standing::NotEnrolled => None,
            }
        })
    }

    /// `moved`, `no_precinct`, `wrong_precinct`; gives the precinct of the residence on C.
    fn place(
        &self,
        at: usize,
        row: &ParsedRow,
        record: PersonAt,
        verdict: &mut Verdict,
    ) -> Option<PrecinctCode> {
        let id = self.snapshot.person(record).id.to_string();
        let on_file = self
            .snapshot
            .residences_of(record)
            .any(|r| self.snapshot.residences[r].settled);
        let home = self.snapshot.residence_on(record, self.terms.cut_off);
        let address = home.map(|r| self.snapshot.residences[r].address);
        let written = address::House::parse(self.snapshot.commission.get(at).address);
        let mut moved = false;
        if let Some(written) = written.filter(|_| on_file) {
            let same = address.is_some_and(|a| self.finder.is_house(&written, a));
            if !same {
                moved = true;
                let (table, source) = match address {
                    Some(a) => ("residences", self.snapshot.addresses[a.at()].id.to_string()),
                    None => ("persons", id.clone()),
                };
                verdict.add(Class::Moved, table, &source, None);
            }
        }
        let precinct = address
            .and_then(|a| self.roll.placed[a.at()])
            .map(|p| p.precinct);
        match (row.precinct, precinct) {
            (None, _) => verdict.add(Class::NoPrecinct, "persons", &id, None),
            (Some(written), Some(right)) if !moved && written != right => {
                verdict.add(Class::WrongPrecinct, "precincts", &right.to_string(), None);
            }
            (Some(_), Some(_) | None) => {}
        }
        precinct
    }
}

#[cfg(test)]
mod tests;
