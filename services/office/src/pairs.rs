//! What the linkage is unsure of: the commission's list against the register by a model of `linkage`, and a question for
//! every pair of its clerical band. Each question says why, as a picture and as a sentence.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lexicon::handover::snapshot::{AddressRow, CommissionRow, PersonRow, ResidenceRow};
use lexicon::{Language, PersonId};
use linkage::{Band, Column, Effort, Link, LinkError, Model, Session, Table, TableError};
use register::address::written::Name;
use register::address::{HouseNumber, Written};
use roll::review::is_doubled;
use store::{LinkExplained, ReviewFilter, ReviewItem, ReviewKind, Store, StoreError};

use crate::review::CLERICAL;
use crate::row_evidence::RowEvidence;

/// Questions that are read at once.
const ITEMS_AT_ONCE: u32 = 5_000;

/// Why no pairs were asked about. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum PairsError {
    /// The list was not reconciled yet: upload it or receive a roll first.
    #[error("no list of the commission was reconciled yet")]
    NoRun,
    /// The model does not fit the columns.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// A list is larger than the linkage takes.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What became of the linkage's pairs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct AskedPairs {
    /// Pairs of the clerical band.
    pub clerical: u64,
    /// Of them, rows that the reconciliation has joined surely: nobody is asked.
    pub joined: u64,
    /// Questions that are new.
    pub asked: u64,
    /// Questions, new and old, that now say why.
    pub explained: u64,
}

/// The register as the linkage reads it, and the list.
struct Lists {
    persons: Vec<PersonId>,
    rows: Vec<CommissionRow>,
    left: Table,
    right: Table,
}

/// Columns of a table, filled row by row in the order of their names.
struct Filling(Vec<Column>);

impl Filling {
    fn of(names: &[&str]) -> Self {
        Self(names.iter().map(|name| Column::new(name)).collect())
    }

    fn push(&mut self, cells: &[&str]) -> Result<(), TableError> {
        self.0
            .iter_mut()
            .zip(cells)
            .try_for_each(|(column, cell)| column.push(cell))
    }
}

const COLUMNS: [&str; 8] = [
    "id",
    "pin",
    "surname",
    "given",
    "patronymic",
    "birth_date",
    "street",
    "house",
];

/// Street and house as the text of an address is read, so that both lists write them alike.
fn as_compared(house: &AddressRow) -> (String, String) {
    let number = match HouseNumber::parse(&house.house) {
        Some(number) => number.to_string(),
        None => script::plain(&house.house),
    };
    (Name::of(&house.street_name).words.join(" "), number)
}

/// Street and house of everybody's latest residence.
fn homes(
    addresses: &[AddressRow],
    residences: &[ResidenceRow],
) -> HashMap<PersonId, (String, String)> {
    let houses: HashMap<&str, &AddressRow> = addresses
        .iter()
        .map(|row| (row.address.as_str(), row))
        .collect();
    let mut latest: BTreeMap<PersonId, &ResidenceRow> = BTreeMap::new();
    for row in residences.iter().filter(|row| row.kind == "residence") {
        let kept = latest.entry(row.person).or_insert(row);
        if (row.from, &row.address) > (kept.from, &kept.address) {
            *kept = row;
        }
    }
    latest
        .into_iter()
        .filter_map(|(person, row)| {
            let house = houses.get(row.address.as_str())?;
            Some((person, as_compared(house)))
        })
        .collect()
}

impl Lists {
    fn read(store: &Store) -> Result<Self, PairsError> {
        let (mut persons, addresses, residences, rows) = store.read("pairs", |tx| {
            Ok::<_, StoreError>((
                tx.snapshot_persons()?,
                tx.snapshot_addresses()?,
                tx.snapshot_residences()?,
                tx.snapshot_commission()?,
            ))
        })?;
        let homes = homes(&addresses, &residences);
        // Another record of a person is not asked about: the counted one stands for them.
        persons.retain(|row: &PersonRow| row.duplicate_of.is_none());
        let mut left = Filling::of(&COLUMNS);
        let nowhere = (String::new(), String::new());
        for row in &persons {
            let (street, house) = homes.get(&row.person).unwrap_or(&nowhere);
            let pin = row.pin.map(lexicon::Pin::digits).unwrap_or_default();
            let (id, born) = (row.person.to_string(), row.born.to_string());
            let name = &row.name;
            let name = [name.surname(), name.given(), name.patronymic()];
            left.push(&[&id, &pin, name[0], name[1], name[2], &born, street, house])?;
        }
        let mut right = Filling::of(&COLUMNS);
        for row in &rows {
            let written = Written::parse(&row.address);
            let street = written
                .street
                .map_or_else(String::new, |s| s.words.join(" "));
            let house = written
                .house
                .map_or_else(String::new, |h| h.number.to_string());
            let [surname, given, patronymic] = [&row.surname, &row.given, &row.patronymic];
            right.push(&[
                &row.row, &row.pin, surname, given, patronymic, &row.born, &street, &house,
            ])?;
        }
        Ok(Self {
            persons: persons.iter().map(|row| row.person).collect(),
            left: Table::new(left.0)?,
            right: Table::new(right.0)?,
            rows,
        })
    }

    /// The question that a pair is, as the latest run would ask it.
    fn item(&self, link: &Link, doubled_percent: u8) -> Option<ReviewItem> {
        let person = *self.persons.get(link.left as usize)?;
        let row = self.rows.get(link.right as usize)?;
        let subject = ReviewItem::subject_of(row, Some(person));
        Some(ReviewItem {
            doubled: is_doubled(&subject, doubled_percent),
            subject,
            kind: ReviewKind::Link,
            row: row.row.clone(),
            person: Some(person),
            precinct: row.precinct.trim().parse().ok(),
            reason: CLERICAL.to_owned(),
            suggestions: Vec::new(),
        })
    }
}

/// What the linkage says to a pair; none for rows that are not there.
fn explained(session: &Session<'_>, link: &Link, subject: &str) -> Option<LinkExplained> {
    let why = session.explain(link)?;
    let said = Language::ALL.map(|language| {
        let language = match language {
            Language::Ky => linkage::Language::Ky,
            Language::Ru => linkage::Language::Ru,
            Language::En => linkage::Language::En,
        };
        (why.sentence(language), why.waterfall_svg(language))
    });
    Some(LinkExplained {
        subject: subject.to_owned(),
        weight_milli_bits: i64::from(why.weight_milli_bits),
        probability_ppm: why.probability_ppm,
        said,
    })
}

/// Whether the reconciliation has joined a row so surely that nobody needs to be asked.
fn is_sure(detail: &str) -> bool {
    let evidence = RowEvidence::parse(detail);
    match evidence.found_by.as_deref() {
        Some("pin" | "pin_among_holders") => !evidence.birth_differs,
        Some("review") => true,
        Some(_) | None => false,
    }
}

/// Links the list in force with the register and asks, in the latest run, about every pair of the clerical band; links
/// that are asked about already say why from now on. The same again asks nothing new.
///
/// Cost: the linkage (about a microsecond a candidate pair), then one pass over the records a question.
///
/// # Errors
/// [`PairsError`].
pub fn ask_about_pairs(
    store: &Store,
    model: &Model,
    effort: Effort,
    doubled_percent: u8,
) -> Result<AskedPairs, PairsError> {
    let run = store.read("last_run", |tx| tx.find_last_reconciliation())?;
    let run = run.ok_or(PairsError::NoRun)?;
    let lists = Lists::read(store)?;
    let session = Session::new(&lists.left, Some(&lists.right), model, effort)?;
    let found = session.link();
    let clerical: Vec<&Link> = found
        .links
        .iter()
        .filter(|link| link.band == Band::Clerical)
        .collect();
    let mut report = AskedPairs {
        clerical: clerical.len() as u64,
        ..AskedPairs::default()
    };
    let known = items_of(store, run)?;
    let subjects: BTreeSet<&str> = known.iter().map(|item| item.subject.as_str()).collect();
    let (joined, new) = store.read("rows", |tx| {
        let (mut joined, mut new) = (0, Vec::new());
        let items = clerical.iter();
        for item in items.filter_map(|link| lists.item(link, doubled_percent)) {
            let found = tx.reconciled_of_row(run, &item.row)?;
            if found.iter().any(|row| is_sure(&row.detail)) {
                joined += 1;
            } else if !subjects.contains(item.subject.as_str()) {
                new.push(item);
            }
        }
        Ok::<_, StoreError>((joined, new))
    })?;
    report.joined = joined;
    report.asked = new.len() as u64;
    let at_left: HashMap<PersonId, u32> = (0..).zip(&lists.persons).map(|(n, p)| (*p, n)).collect();
    let at_right: HashMap<&str, u32> = (0..)
        .zip(&lists.rows)
        .map(|(n, row)| (row.row.as_str(), n))
        .collect();
    let why: Vec<LinkExplained> = known
        .iter()
        .chain(&new)
        .filter_map(|item| {
            let left = *at_left.get(&item.person?)?;
            let right = *at_right.get(item.row.as_str())?;
            explained(&session, &session.pair(left, right)?, &item.subject)
        })
        .collect();
    report.explained = why.len() as u64;
    store.transact("ask_about_pairs", "linkage", |tx| {
        tx.record_review_items(run, &new)?;
        tx.record_links_explained(run, &why)
    })?;
    Ok(report)
}

/// The links that a run asks about.
fn items_of(store: &Store, run: u32) -> Result<Vec<ReviewItem>, StoreError> {
    let mut all: Vec<ReviewItem> = Vec::new();
    loop {
        let after = all
            .last()
            .map_or_else(String::new, |item| item.subject.clone());
        let items = store.read("links", |tx| {
            tx.review_items(ReviewFilter {
                run,
                kind: ReviewKind::Link,
                after: &after,
                limit: ITEMS_AT_ONCE,
            })
        })?;
        let is_last = items.len() < ITEMS_AT_ONCE as usize;
        all.extend(items);
        if is_last {
            return Ok(all);
        }
    }
}
