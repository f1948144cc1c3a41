//! The names of a street by date: which its houses print, which it bore, and what contradicts.
//!
//! A street keeps its id whatever it is called. A [`Rename`] is an act: what the houses printed before, what they print
//! now, and the first day of it. A row of `street_names` tells a name beside the printed one: a former one, or another
//! language's. [`settle`] holds what a folder says of one street against what is known; **neither the order of rows nor
//! the order of houses decides anything**: of two rows that contradict each other neither stands.

use std::collections::BTreeSet;

use lexicon::Date;
use lexicon::handover::snapshot::StreetNameRow;

use crate::change::Unlawful;
use crate::door::{Reason, Reject};

/// A street is called otherwise from a day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rename {
    /// The name that its houses printed.
    pub before: String,
    /// The name that they print.
    pub after: String,
    /// The first day of it.
    pub from: Date,
}

/// What a name is on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameOn {
    /// The street was called so.
    Former,
    /// It is called so.
    InForce,
    /// It will be called so.
    NotYet,
}

/// What a name is on a day.
#[must_use]
pub fn name_on(row: &StreetNameRow, day: Date) -> NameOn {
    if row.from.is_some_and(|from| from > day) {
        NameOn::NotYet
    } else if row.until.is_some_and(|until| until <= day) {
        NameOn::Former
    } else {
        NameOn::InForce
    }
}

/// What is known of a street.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Its id.
    pub street: &'a str,
    /// The name that its houses print.
    pub printed: &'a str,
    /// How it was renamed, the earliest first.
    pub renames: &'a [Rename],
    /// Names on record, each with its last known end.
    pub names: &'a [StreetNameRow],
}

/// What became of a row of `street_names` that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameFate {
    /// A name that was not known, or an end of one.
    New,
    /// On record already.
    Unchanged,
}

/// What a folder's rows about one street come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// How it is renamed, if its houses print another name.
    pub rename: Result<Option<Rename>, Reject>,
    /// What became of each row of `street_names`.
    pub rows: Vec<Result<NameFate, Reject>>,
}

/// Holds what a folder says of one street against what is known of it.
///
/// `written` are the names that houses known before print otherwise than [`Known::printed`]; `day` is the day of the
/// folder. A renaming holds from the day that a row gives for the beginning of the new name or the end of the old one,
/// else from `day`.
#[must_use]
pub fn settle(
    known: Known<'_>,
    written: &BTreeSet<String>,
    rows: &[StreetNameRow],
    day: Date,
) -> Settled {
    let mut fates: Vec<Result<NameFate, Reject>> = Vec::with_capacity(rows.len());
    let mut seen: BTreeSet<(&str, Option<Date>)> = BTreeSet::new();
    for row in rows {
        fates.push(if seen.insert((&row.name, row.from)) {
            alone(known, row, day)
        } else {
            Err(Reject::of("name", Reason::DuplicateId))
        });
    }
    let renamed = renames_of(known);
    // Until it is known from which day the houses print another name, nothing is held against the one that ends.
    let is_open = |row: &StreetNameRow| {
        !written.is_empty() && row.until.is_none() && row.name == known.printed
    };
    let mut held = on_record(known, rows, &fates);
    held.extend(renamed);
    refuse_contradicting(&mut fates, rows, &held, is_open);
    let rename = rename(known, written, rows, &fates, day);
    if rename.is_err() {
        // Nothing ends the printed name.
        refuse_contradicting(&mut fates, rows, &held, |_| false);
    }
    if let Ok(Some(rename)) = &rename {
        let named = |name: &str, from: Option<Date>, until: Option<Date>| StreetNameRow {
            street: known.street.to_owned(),
            name: name.to_owned(),
            from,
            until,
        };
        let began = known.renames.last().map(|last| last.from);
        let chain = [
            named(&rename.before, began, Some(rename.from)),
            named(&rename.after, Some(rename.from), None),
        ];
        refuse_contradicting(&mut fates, rows, &chain, is_open);
    }
    Settled {
        rename,
        rows: fates,
    }
}

/// The row by which a street takes a name again that a renaming ended: it begins after the last renaming and has no end.
/// Its houses may print that name in an old folder too, so they alone say nothing.
#[must_use]
pub fn taken_again<'r>(known: Known<'_>, rows: &'r [StreetNameRow]) -> Option<&'r StreetNameRow> {
    let last = known.renames.last()?.from;
    let mut rows = rows.iter();
    rows.find(|row| {
        let is_former = known.renames.iter().any(|rename| rename.before == row.name);
        let is_later = row.from.is_some_and(|from| from > last);
        is_former && is_later && row.until.is_none() && row.name != known.printed
    })
}

/// A row by itself, and against the same name on record.
fn alone(known: Known<'_>, row: &StreetNameRow, day: Date) -> Result<NameFate, Reject> {
    if name_on(row, day) == NameOn::NotYet {
        return Err(Reject::of("from", Reason::NotInForce));
    }
    let same = |held: &&StreetNameRow| held.name == row.name && held.from == row.from;
    match known.names.iter().find(same).map(|held| held.until) {
        None => Ok(NameFate::New),
        Some(until) if until == row.until => Ok(NameFate::Unchanged),
        Some(None) => Ok(NameFate::New),
        Some(Some(_)) => {
            let why = Reason::Changed(Unlawful::NameEnded);
            Err(Reject::of("until", why))
        }
    }
}

/// Names on record, with the ends that rows of the folder tell.
fn on_record(
    known: Known<'_>,
    rows: &[StreetNameRow],
    fates: &[Result<NameFate, Reject>],
) -> Vec<StreetNameRow> {
    let ends = |held: &StreetNameRow| {
        let mut told = rows.iter().zip(fates).filter(|(_, fate)| fate.is_ok());
        told.any(|(row, _)| row.name == held.name && row.from == held.from)
    };
    let names = known.names.iter();
    names.filter(|held| !ends(held)).cloned().collect()
}

/// Refuses rows that stand beside another name on one day; of two new ones both.
fn refuse_contradicting(
    fates: &mut [Result<NameFate, Reject>],
    rows: &[StreetNameRow],
    held: &[StreetNameRow],
    is_open: impl Fn(&StreetNameRow) -> bool,
) {
    let standing: Vec<usize> = (0..rows.len()).filter(|at| fates[*at].is_ok()).collect();
    let refused = standing.iter().copied().filter(|&at| {
        let row = &rows[at];
        let others = standing.iter().map(|&other| &rows[other]).chain(held);
        let mut others = others.filter(|other| !is_open(other));
        fates[at] == Ok(NameFate::New)
            && !is_open(row)
            && others.any(|other| contradict(row, other))
    });
    let refused: Vec<usize> = refused.collect();
    for at in refused {
        fates[at] = Err(Reject::of("from", Reason::TwoNames));
    }
}

/// Whether two names are in force on one day. Names of one period are one naming in two languages; of a name whose
/// beginning nobody knows only its last day is certain, and without any day nothing.
fn contradict(a: &StreetNameRow, b: &StreetNameRow) -> bool {
    let certain = |row: &StreetNameRow| {
        let last = row.until.and_then(|until| until.yesterday().ok());
        let from = row.from.or(last)?;
        Some((from, row.until))
    };
    let is_one_naming =
        a.until == b.until && (a.from == b.from || a.from.is_none() || b.from.is_none());
    let (Some((a_from, a_until)), Some((b_from, b_until))) = (certain(a), certain(b)) else {
        return false;
    };
    let is_before = |day: Date, until: Option<Date>| until.is_none_or(|until| day < until);
    a.name != b.name
        && !is_one_naming
        && is_before(a_from, a_until)
        && is_before(b_from, b_until)
        && is_before(a_from, b_until)
        && is_before(b_from, a_until)
}

fn rename(
    known: Known<'_>,
    written: &BTreeSet<String>,
    rows: &[StreetNameRow],
    fates: &[Result<NameFate, Reject>],
    day: Date,
) -> Result<Option<Rename>, Reject> {
    let mut names = written.iter();
    let Some(after) = names.next() else {
        return Ok(None);
    };
    if names.next().is_some() {
        return Err(Reject::of("street_name", Reason::TwoNames));
    }
    let told = rows.iter().zip(fates).filter(|(_, fate)| fate.is_ok());
    let told: Vec<&StreetNameRow> = told.map(|(row, _)| row).chain(known.names).collect();
    let of = |name: &str| {
        let name = name.to_owned();
        told.iter().filter(move |row| row.name == name)
    };
    let begins = of(after).filter(|row| row.until.is_none());
    let begins = begins.filter_map(|row| row.from).max();
    let ends = of(known.printed).filter_map(|row| row.until).max();
    let from = begins.or(ends).unwrap_or(day);
    if from > day {
        return Err(Reject::of("street_name", Reason::TwoNames));
    }
    let began = of(known.printed).filter_map(|row| row.from);
    let began = began.chain(known.renames.last().map(|last| last.from));
    if began.max().is_some_and(|began| from < began) {
        let why = Reason::Changed(Unlawful::TooEarly);
        return Err(Reject::of("street_name", why));
    }
    Ok(Some(Rename {
        before: known.printed.to_owned(),
        after: after.clone(),
        from,
    }))
}

/// The names that renamings tell, the last one without an end.
fn renames_of(known: Known<'_>) -> Vec<StreetNameRow> {
    let mut from = None;
    let mut names = Vec::with_capacity(known.renames.len() + 1);
    let mut name = |name: &str, from, until| {
        names.push(StreetNameRow {
            street: known.street.to_owned(),
            name: name.to_owned(),
            from,
            until,
        });
    };
    for rename in known.renames {
        name(&rename.before, from, Some(rename.from));
        from = Some(rename.from);
    }
    if from.is_some() {
        name(known.printed, from, None);
    }
    names
}

/// Every name of a street beside the one that its houses print: what renamings ended, and what is on record. Sorted.
#[must_use]
pub fn other_names(known: Known<'_>) -> Vec<StreetNameRow> {
    let mut names = renames_of(known);
    names.retain(|row| row.until.is_some());
    for held in known.names {
        // A renaming ends the printed name on record, whatever end was told of it.
        let of_it = |rename: &&Rename| {
            rename.before == held.name && held.from.is_none_or(|from| from <= rename.from)
        };
        let ended = known.renames.iter().find(of_it);
        let ended = ended.filter(|_| held.name != known.printed);
        names.push(StreetNameRow {
            until: held.until.or(ended.map(|rename| rename.from)),
            ..held.clone()
        });
    }
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests;
