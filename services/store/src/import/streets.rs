//! Names of streets: what houses print otherwise than before, and the rows of `street_names`, held together street by
//! street when every table is in (`register::street`), so that no order of rows decides.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lexicon::handover::snapshot::{AddressRow, SecondAddressRow, StreetNameRow};
use register::change::{self, Unlawful};
use register::door::tables::{ADDRESSES, SECOND_ADDRESSES, STREET_NAMES};
use register::door::{Reason, Reject, rows};
use register::street::{self, Known, NameFate};

use super::changes::{Changed, Judged};
use super::load::{Job, Run};
use super::{ImportError, ImportReport};
use crate::error::StoreError;
use crate::tables::content_mark;
use crate::transact::Tx;

/// What a folder says of the names of streets, until every table is in.
#[derive(Default)]
pub(super) struct Waiting {
    streets: BTreeMap<String, Said>,
    pub(super) printed: PrintedNames,
}

/// By marks of streets: the mark of a name that a row of the folder prints, and whether others print another.
#[derive(Default)]
pub(super) struct PrintedNames(HashMap<i64, (i64, bool)>);

impl PrintedNames {
    /// A row prints a name of a street.
    pub(super) fn note(&mut self, street: &str, name: &str) {
        let name = content_mark(&[name.as_bytes()]);
        let street = content_mark(&[street.as_bytes()]);
        let (first, several) = self.0.entry(street).or_insert((name, false));
        *several |= *first != name;
    }

    fn are_several(&self, street: &str) -> bool {
        let printed = self.0.get(&content_mark(&[street.as_bytes()]));
        printed.is_some_and(|(_, several)| *several)
    }

    /// Whether every row of a street prints this name.
    fn are_all(&self, street: &str, name: &str) -> bool {
        let printed = self.0.get(&content_mark(&[street.as_bytes()]));
        printed == Some(&(content_mark(&[name.as_bytes()]), false))
    }
}

/// What it says of one.
#[derive(Default)]
struct Said {
    /// Rows whose house prints another name than the register: table, line, name.
    houses: Vec<(&'static str, u64, String)>,
    /// Rows of `street_names` with their lines.
    names: Vec<(u64, StreetNameRow)>,
}

/// A row that prints another name of its street than the register; none: it says what is known.
type Printed = Result<Option<(String, String)>, Unlawful>;

/// What became of a row.
enum Fate {
    Added,
    Judged(Judged),
}

/// Table, line and fate of each row.
type Fates = Vec<(&'static str, u64, Fate)>;

/// A house that says something else: its street's name, or what never changes.
fn printed_by_house(tx: &mut Tx<'_>, row: &AddressRow) -> Result<Printed, StoreError> {
    let known = tx.find_address(&row.address)?;
    let found = known.map_or(Err(Unlawful::Row), |known| change::house(&known, row));
    Ok(found.map(|name| name.map(|name| (row.street.clone(), name))))
}

/// The same of a second address.
fn printed_by_second(tx: &mut Tx<'_>, row: &SecondAddressRow) -> Result<Printed, StoreError> {
    let known = tx.find_second_address(row)?;
    let found = known.map_or(Err(Unlawful::Row), |known| {
        change::second_address(&known, row)
    });
    Ok(found.map(|name| name.map(|name| (row.street.clone(), name))))
}

impl Job<'_> {
    /// Houses that say something else than before.
    pub(super) fn changed_houses(
        &mut self,
        run: &mut Run<'_>,
        rows: &[Changed<(AddressRow, i64)>],
    ) -> Result<(), ImportError> {
        let rows: Vec<_> = rows.iter().map(|(line, row)| (*line, &row.row.0)).collect();
        self.weigh(run, ADDRESSES.name, &rows, printed_by_house)
    }

    /// Second addresses that say something else than before.
    pub(super) fn changed_seconds(
        &mut self,
        run: &mut Run<'_>,
        rows: &[Changed<(SecondAddressRow, i64)>],
    ) -> Result<(), ImportError> {
        let rows: Vec<_> = rows.iter().map(|(line, row)| (*line, &row.row.0)).collect();
        self.weigh(run, SECOND_ADDRESSES.name, &rows, printed_by_second)
    }

    /// Keeps rows that print another name of their street; others are judged at once.
    fn weigh<T>(
        &mut self,
        run: &mut Run<'_>,
        table: &'static str,
        rows: &[(u64, &T)],
        printed: impl Fn(&mut Tx<'_>, &T) -> Result<Printed, StoreError>,
    ) -> Result<(), ImportError> {
        if rows.is_empty() {
            return Ok(());
        }
        let found: Vec<Printed> = self.store.read("changed_houses", |tx| {
            rows.iter().map(|(_, row)| printed(tx, row)).collect()
        })?;
        let mut judged = Vec::new();
        for ((line, _), found) in rows.iter().zip(found) {
            match found {
                Ok(Some((street, name))) => {
                    let said = self.streets.streets.entry(street).or_default();
                    said.houses.push((table, *line, name));
                }
                Ok(None) => judged.push((*line, Ok(false))),
                Err(why) => {
                    let reject = Reject::of("address_id", Reason::Changed(why));
                    judged.push((*line, Err(reject)));
                }
            }
        }
        self.count(&mut run.report, run.reasons, judged)
    }

    /// Reads the rows of `street_names`; houses and second addresses are in, so that streets are known.
    pub(super) fn street_names(&mut self, run: &mut Run<'_>) -> Result<(), ImportError> {
        loop {
            let mut read = Vec::new();
            let more = run.chunk(self.options.chunk_rows, &mut |line, row| {
                read.push((line, row.and_then(|row| rows::street_name(&row))));
            })?;
            let streets: BTreeSet<&str> = read
                .iter()
                .filter_map(|(_, row)| row.as_ref().ok())
                .map(|row| row.street.as_str())
                .collect();
            let known = self
                .store
                .read("printed_names", |tx| tx.printed_names(&streets))?;
            run.report.rows += read.len() as u64;
            let mut refused: Vec<(u64, Judged)> = Vec::new();
            for (line, row) in read {
                match row {
                    Ok(row) if known.contains_key(&row.street) => {
                        let said = self.streets.streets.entry(row.street.clone()).or_default();
                        said.names.push((line, row));
                    }
                    Ok(_) => refused.push((line, Err(Reject::of("street_id", Reason::Unknown)))),
                    Err(reject) => refused.push((line, Err(reject))),
                }
            }
            self.count(&mut run.report, run.reasons, refused)?;
            run.tell();
            if !more {
                return Ok(());
            }
        }
    }

    /// Renames streets and records their names; called once, when every house is in.
    pub(super) fn settle_streets(&mut self, report: &mut ImportReport) -> Result<(), ImportError> {
        let Waiting { streets, printed } = std::mem::take(&mut self.streets);
        if streets.is_empty() {
            return Ok(());
        }
        let day = self.day;
        let fates = self
            .store
            .transact("import_streets", &self.options.author, |tx| {
                settle(tx, &streets, &printed, day)
            })?;
        for (table, line, fate) in fates {
            let Some(of) = report.tables.iter_mut().find(|t| t.table == table) else {
                continue;
            };
            match fate {
                Fate::Added => of.added += 1,
                Fate::Judged(judged) => {
                    self.count(of, &mut report.reasons, vec![(line, judged)])?;
                }
            }
        }
        Ok(())
    }
}

fn settle(
    tx: &mut Tx<'_>,
    streets: &BTreeMap<String, Said>,
    printed_now: &PrintedNames,
    day: lexicon::Date,
) -> Result<Fates, StoreError> {
    let kept = tx.streets_kept()?;
    let asked: BTreeSet<&str> = streets.keys().map(String::as_str).collect();
    let printed = tx.printed_names(&asked)?;
    let mut fates: Fates = Vec::new();
    for (street, said) in streets {
        let printed = printed.get(street).map_or("", String::as_str);
        let known = kept.get(street).cloned().unwrap_or_default();
        let names = known.names();
        let known = Known {
            street,
            printed,
            renames: &known.renames,
            names: &names,
        };
        let written = said.houses.iter().map(|(_, _, name)| name.clone());
        let mut written: BTreeSet<String> = written.filter(|name| name != printed).collect();
        // Some houses of the street print another name than the others: two are in force.
        if !written.is_empty() && printed_now.are_several(street) {
            written.insert(printed.to_owned());
        }
        let rows: Vec<StreetNameRow> = said.names.iter().map(|(_, row)| row.clone()).collect();
        // Houses that print what they printed before the street was renamed say nothing new; a row that tells the day does.
        if let Some(row) = street::taken_again(known, &rows)
            && printed_now.are_all(street, &row.name)
        {
            written.insert(row.name.clone());
        }
        let settled = street::settle(known, &written, &rows, day);
        let renamed = match settled.rename {
            Ok(rename) => {
                if let Some(rename) = &rename {
                    tx.record_street_rename(street, rename)?;
                }
                Ok(rename.is_some())
            }
            Err(reject) => Err(reject),
        };
        for (table, line, name) in &said.houses {
            let judged = if name == printed { Ok(false) } else { renamed };
            fates.push((table, *line, Fate::Judged(judged)));
        }
        let mut new = Vec::new();
        for ((line, row), fate) in said.names.iter().zip(settled.rows) {
            let is_known = |held: &StreetNameRow| held.name == row.name && held.from == row.from;
            let fate = match fate {
                Ok(NameFate::New) => {
                    new.push(row);
                    match names.iter().any(is_known) {
                        true => Fate::Judged(Ok(true)),
                        false => Fate::Added,
                    }
                }
                Ok(NameFate::Unchanged) => Fate::Judged(Ok(false)),
                Err(reject) => Fate::Judged(Err(reject)),
            };
            fates.push((STREET_NAMES.name, *line, fate));
        }
        // In the order of their names, whatever the order of their lines.
        new.sort();
        tx.record_street_names(&new)?;
    }
    Ok(fates)
}
