//! Table `registry_correction`: acts of the civil registry that put a record right. Rows never change; what the record
//! said before stands in its own row and in the act.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use lexicon::{Date, PersonId};
use register::act::Correction;
use register::door::rows::CorrectionRow;
use register::{Act, change};

use super::registry_document::New;
use super::registry_name::NewName;
use crate::engine::{Insert, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "registry_correction (event, person, day, act_number, born, position, import_hash)",
    columns: 7,
    then: "",
};

impl Tx<'_> {
    /// Records corrections; a name put right also counts as a name since birth.
    pub(crate) fn record_corrections(
        &mut self,
        rows: &[New<CorrectionRow>],
    ) -> Result<(), StoreError> {
        // The acts of this transaction are not in the table yet: a second correction must see the first.
        let mut acts: HashMap<PersonId, Vec<register::Entry>> = HashMap::new();
        let mut done: Vec<(PersonId, u64, Correction)> = Vec::with_capacity(rows.len());
        let mut table = Vec::with_capacity(rows.len() * INSERT.columns);
        for new in rows {
            let known = match acts.entry(new.person) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => place.insert(self.acts_of(new.person)?),
            };
            let correction = change::correction(new.person, known, &new.row);
            let act = Act::Corrected(correction.clone());
            let position = self.journal_act(Some(new.person), &act)?;
            known.push(register::Entry {
                position,
                at: self.at,
                person: Some(new.person),
                act,
            });
            table.extend(values![
                correction.event.as_str(),
                new.person,
                correction.day,
                correction.act_number.as_str(),
                correction.born.map(|(_, right)| right),
                position,
                new.mark
            ]);
            done.push((new.person, position, correction));
        }
        self.insert(&INSERT, table)?;
        let names: Vec<NewName<'_>> = done
            .iter()
            .filter_map(|(person, position, correction)| {
                let (_, right) = correction.name.as_ref()?;
                Some(NewName {
                    person: *person,
                    position: *position,
                    from: None,
                    name: right,
                })
            })
            .collect();
        self.record_names(&names)
    }

    /// Id and mark of every correction.
    pub(crate) fn marks_of_corrections(
        &mut self,
        take: &mut dyn FnMut(&str, i64),
    ) -> Result<(), StoreError> {
        self.each(
            "SELECT event, import_hash FROM registry_correction",
            Vec::new(),
            |row| {
                take(row.text(0)?, row.int(1)?);
                Ok(())
            },
        )
    }

    /// Birth dates that were put right, by person.
    pub(crate) fn births_put_right(&mut self) -> Result<HashMap<PersonId, Date>, StoreError> {
        let mut births = HashMap::new();
        self.each(
            "SELECT person, born FROM registry_correction WHERE born IS NOT NULL ORDER BY position",
            Vec::new(),
            |row| {
                births.insert(row.parsed(0)?, row.parsed(1)?);
                Ok(())
            },
        )?;
        Ok(births)
    }
}
