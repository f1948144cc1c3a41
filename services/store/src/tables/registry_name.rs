//! Tables `registry_name` and `registry_name_word`: names as claimed, and what they are found by. Rows never change.

use std::collections::BTreeSet;

use lexicon::person::NameParts;
use lexicon::{CivilName, Date, PersonId};
use script::search::skeleton;

use crate::engine::{Insert, Row, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "registry_name (person, position, from_day, surname, given, patronymic, sort_key)",
    columns: 7,
    then: "",
};
const INSERT_WORD: Insert = Insert {
    into: "registry_name_word (skeleton, person)",
    columns: 2,
    then: "ON CONFLICT (skeleton, person) DO NOTHING",
};

/// A name that counts from a day on.
pub(crate) struct NewName<'a> {
    pub(crate) person: PersonId,
    pub(crate) position: u64,
    pub(crate) from: Option<Date>,
    pub(crate) name: &'a CivilName,
}

impl Tx<'_> {
    /// Records names and the words they are found by.
    pub(crate) fn record_names(&mut self, names: &[NewName<'_>]) -> Result<(), StoreError> {
        let mut table = Vec::with_capacity(names.len() * INSERT.columns);
        let mut words: BTreeSet<(String, String)> = BTreeSet::new();
        for new in names {
            let parts = [new.name.surname(), new.name.given(), new.name.patronymic()];
            table.extend(values![
                new.person,
                new.position,
                new.from,
                parts[0],
                parts[1],
                parts[2],
                script::sort_key_of_fields(&parts)
            ]);
            for word in parts.iter().flat_map(|part| part.split([' ', '-'])) {
                let key = skeleton(word);
                if !key.is_empty() {
                    words.insert((key, new.person.to_string()));
                }
            }
        }
        self.insert(&INSERT, table)?;
        let words = words
            .into_iter()
            .flat_map(|(key, person)| values![key, person])
            .collect();
        self.insert(&INSERT_WORD, words)?;
        Ok(())
    }

    /// Every name in no order; of one person's names the one with the greatest day and position is in force.
    pub(crate) fn each_name(
        &mut self,
        take: &mut dyn FnMut(PersonId, (Option<Date>, u64), CivilName),
    ) -> Result<(), StoreError> {
        self.each(
            "SELECT person, from_day, position, surname, given, patronymic FROM registry_name",
            Vec::new(),
            |row| {
                let since = (row.some_parsed(1)?, row.number(2)?);
                take(row.parsed(0)?, since, read_name(row, 3)?);
                Ok(())
            },
        )
    }
}

/// Reads surname, given name and patronymic from three columns.
pub(crate) fn read_name(row: &Row, column: usize) -> Result<CivilName, StoreError> {
    CivilName::parse(NameParts {
        surname: row.text(column)?,
        given: row.text(column + 1)?,
        patronymic: row.text(column + 2)?,
    })
    .map_err(|_| StoreError::Stored { column })
}
