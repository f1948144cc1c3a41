//! Table `registry_residence`: who lives or stays where. Rows never change.

use lexicon::handover::snapshot::ResidenceRow;
use register::Act;
use register::act::Residence;

use super::registry_document::New;
use crate::engine::{Insert, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "registry_residence (person, address, kind, from_day, until_day, import_hash)",
    columns: 6,
    then: "",
};

impl Tx<'_> {
    /// Records residences and stays.
    pub(crate) fn record_residences(
        &mut self,
        residences: &[New<Residence>],
    ) -> Result<(), StoreError> {
        let mut table = Vec::with_capacity(residences.len() * INSERT.columns);
        for new in residences {
            self.journal_act(Some(new.person), &Act::Resided(new.row.clone()))?;
            table.extend(values![
                new.person,
                new.row.address.as_str(),
                new.row.kind.code(),
                new.row.from,
                new.row.until,
                new.mark
            ]);
        }
        self.insert(&INSERT, table)?;
        Ok(())
    }

    /// Key (`person`, `address`, `kind`, `from`, joined by spaces) and mark of every residence.
    pub(crate) fn marks_of_residences(
        &mut self,
        take: &mut dyn FnMut(&str, i64),
    ) -> Result<(), StoreError> {
        self.each(
            "SELECT person || ' ' || address || ' ' || kind || ' ' || from_day, import_hash FROM registry_residence",
            Vec::new(),
            |row| {
                take(row.text(0)?, row.int(1)?);
                Ok(())
            },
        )
    }

    /// All residences, by person, then address, kind and first day.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn snapshot_residences(&mut self) -> Result<Vec<ResidenceRow>, StoreError> {
        let mut rows = self.collect(
            "SELECT person, address, kind, from_day, until_day FROM registry_residence",
            Vec::new(),
            |row| {
                Ok(ResidenceRow {
                    person: row.parsed(0)?,
                    address: row.text(1)?.to_owned(),
                    kind: row.text(2)?.to_owned(),
                    from: row.parsed(3)?,
                    until: row.some_parsed(4)?,
                })
            },
        )?;
        rows.sort_unstable_by(|a, b| {
            (a.person, &a.address, &a.kind, a.from).cmp(&(b.person, &b.address, &b.kind, b.from))
        });
        Ok(rows)
    }
}
