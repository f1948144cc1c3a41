//! Table `registry_civil_event`: deaths, changes of name, losses of citizenship, court acts. Rows never change.

use lexicon::handover::snapshot::CivilEventRow;
use lexicon::{CivilName, Date, PersonId};
use register::act::CivilEvent;
use register::{Act, CivilEventKind};

use super::registry_document::New;
use super::registry_name::NewName;
use crate::engine::{Insert, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "registry_civil_event (event, person, kind, day, act_number, surname, given, patronymic, import_hash)",
    columns: 9,
    then: "",
};

impl Tx<'_> {
    /// Records civil acts; a change of name also records the name.
    pub(crate) fn record_civil_events(
        &mut self,
        events: &[New<CivilEvent>],
    ) -> Result<(), StoreError> {
        let mut table = Vec::with_capacity(events.len() * INSERT.columns);
        let mut names = Vec::new();
        for new in events {
            let position = self.journal_act(Some(new.person), &Act::CivilEvent(new.row.clone()))?;
            let part = |take: fn(&CivilName) -> &str| new.row.name.as_ref().map_or("", take);
            table.extend(values![
                new.row.event.as_str(),
                new.person,
                new.row.kind.code(),
                new.row.day,
                new.row.act_number.as_str(),
                part(CivilName::surname),
                part(CivilName::given),
                part(CivilName::patronymic),
                new.mark
            ]);
            if let Some(name) = &new.row.name {
                names.push(NewName {
                    person: new.person,
                    position,
                    from: Some(new.row.day),
                    name,
                });
            }
        }
        self.insert(&INSERT, table)?;
        self.record_names(&names)
    }

    /// Id and mark of every civil act.
    pub(crate) fn marks_of_civil_events(
        &mut self,
        take: &mut dyn FnMut(&str, i64),
    ) -> Result<(), StoreError> {
        self.each(
            "SELECT event, import_hash FROM registry_civil_event",
            Vec::new(),
            |row| {
                take(row.text(0)?, row.int(1)?);
                Ok(())
            },
        )
    }

    /// Every death, by person.
    pub(crate) fn each_death(
        &mut self,
        take: &mut dyn FnMut(PersonId, Date),
    ) -> Result<(), StoreError> {
        self.each(
            "SELECT person, day FROM registry_civil_event WHERE kind = $1",
            values![CivilEventKind::Death.code()],
            |row| {
                take(row.parsed(0)?, row.parsed(1)?);
                Ok(())
            },
        )
    }

    /// All civil acts, by id.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn snapshot_civil_events(&mut self) -> Result<Vec<CivilEventRow>, StoreError> {
        let mut rows = self.collect(
            "SELECT event, person, kind, day, act_number, surname, given, patronymic FROM registry_civil_event",
            Vec::new(),
            |row| {
                Ok(CivilEventRow {
                    event: row.text(0)?.to_owned(),
                    person: row.parsed(1)?,
                    kind: row.text(2)?.to_owned(),
                    date: row.parsed(3)?,
                    act: row.text(4)?.to_owned(),
                    surname: row.text(5)?.to_owned(),
                    given: row.text(6)?.to_owned(),
                    patronymic: row.text(7)?.to_owned(),
                })
            },
        )?;
        rows.sort_unstable_by(|a, b| a.event.cmp(&b.event));
        Ok(rows)
    }
}
