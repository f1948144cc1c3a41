//! Tables `registry_street_rename` and `registry_street_name`: how streets were renamed, and their names beside the one
//! that their houses print. Rows never change; of two rows with one name and first day the last recorded holds.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lexicon::handover::snapshot::StreetNameRow;
use register::Act;
use register::street::{self, Known, Rename};

use crate::engine::{Insert, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT_RENAME: Insert = Insert {
    into: "registry_street_rename (street, position, name_before, name_after, from_day)",
    columns: 5,
    then: "",
};

const INSERT_NAME: Insert = Insert {
    into: "registry_street_name (street, position, name, from_day, until_day)",
    columns: 5,
    then: "",
};

/// What the register knows of a street's names.
#[derive(Clone, Debug, Default)]
pub(crate) struct StreetKept {
    pub(crate) renames: Vec<Rename>,
    /// Names on record by name and first day.
    names: BTreeMap<(String, Option<lexicon::Date>), StreetNameRow>,
}

impl StreetKept {
    /// Names on record, each with its last known end.
    pub(crate) fn names(&self) -> Vec<StreetNameRow> {
        self.names.values().cloned().collect()
    }
}

impl Tx<'_> {
    /// Records that a street is called otherwise.
    pub(crate) fn record_street_rename(
        &mut self,
        street: &str,
        rename: &Rename,
    ) -> Result<(), StoreError> {
        let act = Act::StreetRenamed {
            street: street.to_owned(),
            rename: rename.clone(),
        };
        let position = self.journal_act(None, &act)?;
        let row = values![
            street,
            position,
            rename.before.as_str(),
            rename.after.as_str(),
            rename.from
        ];
        self.insert(&INSERT_RENAME, row)?;
        Ok(())
    }

    /// Records names of streets, or ends of them.
    pub(crate) fn record_street_names(
        &mut self,
        names: &[&StreetNameRow],
    ) -> Result<(), StoreError> {
        let mut table = Vec::with_capacity(names.len() * INSERT_NAME.columns);
        for row in names {
            let position = self.journal_act(None, &Act::StreetNamed((*row).clone()))?;
            table.extend(values![
                row.street.as_str(),
                position,
                row.name.as_str(),
                row.from,
                row.until
            ]);
        }
        self.insert(&INSERT_NAME, table)?;
        Ok(())
    }

    /// What is known of every street that was renamed or has further names.
    pub(crate) fn streets_kept(&mut self) -> Result<BTreeMap<String, StreetKept>, StoreError> {
        let mut kept: BTreeMap<String, StreetKept> = BTreeMap::new();
        self.each(
            "SELECT street, name_before, name_after, from_day FROM registry_street_rename ORDER BY position",
            Vec::new(),
            |row| {
                let street = kept.entry(row.text(0)?.to_owned()).or_default();
                street.renames.push(Rename {
                    before: row.text(1)?.to_owned(),
                    after: row.text(2)?.to_owned(),
                    from: row.parsed(3)?,
                });
                Ok(())
            },
        )?;
        self.each(
            "SELECT street, name, from_day, until_day FROM registry_street_name ORDER BY position",
            Vec::new(),
            |row| {
                let name = StreetNameRow {
                    street: row.text(0)?.to_owned(),
                    name: row.text(1)?.to_owned(),
                    from: row.some_parsed(2)?,
                    until: row.some_parsed(3)?,
                };
                let street = kept.entry(name.street.clone()).or_default();
                street.names.insert((name.name.clone(), name.from), name);
                Ok(())
            },
        )?;
        Ok(kept)
    }

    /// The names in force of the streets that were renamed.
    pub(crate) fn renamed_streets(&mut self) -> Result<HashMap<String, String>, StoreError> {
        let mut names = HashMap::new();
        self.each(
            "SELECT street, name_after FROM registry_street_rename ORDER BY position",
            Vec::new(),
            |row| {
                names.insert(row.text(0)?.to_owned(), row.text(1)?.to_owned());
                Ok(())
            },
        )?;
        Ok(names)
    }

    /// Which of some streets the register has, by a house or a second address, with the name that each prints: that of its
    /// last renaming, else of its first house.
    pub(crate) fn printed_names(
        &mut self,
        streets: &BTreeSet<&str>,
    ) -> Result<HashMap<String, String>, StoreError> {
        let mut printed = HashMap::new();
        for street in streets {
            let row = self.row(
                "SELECT COALESCE( \
                   (SELECT name_after FROM registry_street_rename WHERE street = $1 ORDER BY position DESC LIMIT 1), \
                   (SELECT street_name FROM registry_address WHERE street = $1 ORDER BY address LIMIT 1), \
                   (SELECT street_name FROM registry_second_address WHERE street = $1 ORDER BY address, house LIMIT 1))",
                values![*street],
            )?;
            if let Some(name) = row.map(|row| row.some_text(0).map(|name| name.map(str::to_owned)))
            {
                printed.extend(name?.map(|name| ((*street).to_owned(), name)));
            }
        }
        Ok(printed)
    }

    /// Names of streets beside the printed ones: former ones, and those of other languages. Sorted.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn snapshot_street_names(&mut self) -> Result<Vec<StreetNameRow>, StoreError> {
        let kept = self.streets_kept()?;
        let streets: BTreeSet<&str> = kept.keys().map(String::as_str).collect();
        let printed = self.printed_names(&streets)?;
        let mut rows = Vec::new();
        for (street, kept) in &kept {
            rows.extend(street::other_names(Known {
                street,
                printed: printed.get(street).map_or("", String::as_str),
                renames: &kept.renames,
                names: &kept.names(),
            }));
        }
        rows.sort();
        Ok(rows)
    }

    /// How many acts about names of streets and about second addresses there are: it rises with each.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn count_street_acts(&mut self) -> Result<u64, StoreError> {
        let row = self.row(
            "SELECT (SELECT COUNT(*) FROM registry_street_rename) + (SELECT COUNT(*) FROM registry_street_name) \
             + (SELECT COUNT(*) FROM registry_second_address)",
            Vec::new(),
        )?;
        row.map_or(Ok(0), |row| row.number(0))
    }
}
