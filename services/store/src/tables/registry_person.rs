//! Table `registry_person`: everybody, with source row, sex, birth date, citizenship as recorded. Rows never change; a
//! birth date that was wrong is put right by `registry_correction`.

use lexicon::handover::snapshot::PersonRow;
use lexicon::person::NameParts;
use lexicon::{CivilName, PersonId};
use register::Act;
use register::act::PinClaim;
use register::door::rows::Person;

use super::registry_name::NewName;
use super::registry_pin_claim::NewPinClaim;
use crate::engine::{Insert, values};
use crate::error::StoreError;
use crate::import::SOURCE;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "registry_person (person, source_row, sex, born, citizenship, import_hash)",
    columns: 6,
    then: "",
};

/// A person to record, with the mark of the row they come from.
#[derive(Clone, Debug)]
pub(crate) struct NewPerson {
    pub(crate) person: PersonId,
    pub(crate) row: Person,
    pub(crate) mark: i64,
}

impl Tx<'_> {
    /// Takes persons into the register, each with their first name and PIN.
    pub(crate) fn record_persons(&mut self, persons: &[NewPerson]) -> Result<(), StoreError> {
        let mut table = Vec::with_capacity(persons.len() * INSERT.columns);
        let mut names = Vec::with_capacity(persons.len());
        let mut claims = Vec::with_capacity(persons.len());
        for new in persons {
            let row = &new.row;
            let pin = row.pin.map(|pin| PinClaim {
                pin,
                source: SOURCE.to_owned(),
                from: None,
                until: None,
            });
            let act = Act::Recorded {
                source_row: row.source_row.clone(),
                sex: row.sex,
                born: row.born,
                citizenship: row.citizenship.clone(),
                source_at: row.recorded_at,
                name: row.name.clone(),
                pin: pin.clone(),
            };
            let position = self.journal_act(Some(new.person), &act)?;
            table.extend(values![
                new.person,
                row.source_row.as_str(),
                row.sex.letter().to_string(),
                row.born,
                row.citizenship.as_str(),
                new.mark,
            ]);
            names.push(NewName {
                person: new.person,
                position,
                from: None,
                name: &row.name,
            });
            claims.extend(pin.map(|claim| NewPinClaim {
                person: new.person,
                position,
                claim,
            }));
        }
        self.insert(&INSERT, table)?;
        self.record_names(&names)?;
        self.record_pin_claims(&claims)
    }

    /// Source row and mark of every person.
    pub(crate) fn marks_of_persons(
        &mut self,
        take: &mut dyn FnMut(&str, i64),
    ) -> Result<(), StoreError> {
        self.each(
            "SELECT source_row, import_hash FROM registry_person",
            Vec::new(),
            |row| {
                take(row.text(0)?, row.int(1)?);
                Ok(())
            },
        )
    }

    /// Everybody in the order of their ids, with an empty name and no standing yet.
    pub(crate) fn bare_persons(&mut self) -> Result<Vec<PersonRow>, StoreError> {
        let unnamed = CivilName::parse(NameParts {
            surname: "-",
            given: "",
            patronymic: "",
        })
        .map_err(|_| StoreError::Stored { column: 0 })?;
        let mut rows = self.collect(
            "SELECT person, sex, born, citizenship FROM registry_person",
            Vec::new(),
            |row| {
                Ok(PersonRow {
                    person: row.parsed(0)?,
                    pin: None,
                    name: unnamed.clone(),
                    sex: row.parsed(1)?,
                    born: row.parsed(2)?,
                    citizenship: row.text(3)?.to_owned(),
                    standing: String::new(),
                    duplicate_of: None,
                    died: None,
                    pin_conflict: false,
                })
            },
        )?;
        rows.sort_unstable_by_key(|row| row.person);
        for (person, born) in self.births_put_right()? {
            if let Ok(at) = rows.binary_search_by_key(&person, |row| row.person) {
                rows[at].born = born;
            }
        }
        Ok(rows)
    }

    /// Hands over sex and birth date of everybody, by id.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn each_person_born(
        &mut self,
        take: &mut dyn FnMut(PersonId, lexicon::Sex, lexicon::Date),
    ) -> Result<(), StoreError> {
        let right = self.births_put_right()?;
        self.each(
            "SELECT person, sex, born FROM registry_person ORDER BY person",
            Vec::new(),
            |row| {
                let person = row.parsed(0)?;
                let born = match right.get(&person) {
                    Some(born) => *born,
                    None => row.parsed(2)?,
                };
                take(person, row.parsed(1)?, born);
                Ok(())
            },
        )
    }

    /// True when the person is in the register.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn has_person(&mut self, person: PersonId) -> Result<bool, StoreError> {
        let found = self.row(
            "SELECT 1 FROM registry_person WHERE person = $1",
            values![person],
        )?;
        Ok(found.is_some())
    }

    /// How many persons are in the register.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn count_persons(&mut self) -> Result<u64, StoreError> {
        let row = self.row("SELECT COUNT(*) FROM registry_person", Vec::new())?;
        row.map_or(Ok(0), |row| row.number(0))
    }
}
