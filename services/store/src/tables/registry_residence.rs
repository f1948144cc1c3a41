//! Tables `registry_residence` and `registry_residence_end`: who lives or stays where, and the end of what was
//! registered without one. Rows never change.

use lexicon::handover::snapshot::ResidenceRow;
use lexicon::{Date, PersonId};
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

const INSERT_END: Insert = Insert {
    into: "registry_residence_end (person, address, kind, from_day, until_day, position, import_hash)",
    columns: 7,
    then: "",
};

/// The last day of a residence, told by a later row: of whom, by which act, with the mark of the row.
pub(crate) struct NewEnd<'a> {
    pub(crate) person: PersonId,
    pub(crate) residence: &'a Residence,
    pub(crate) until: Date,
    pub(crate) position: u64,
    pub(crate) mark: i64,
}

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

    /// Records the end of a residence or stay that was registered without one.
    pub(crate) fn record_residence_end(&mut self, new: &NewEnd<'_>) -> Result<(), StoreError> {
        let row = values![
            new.person,
            new.residence.address.as_str(),
            new.residence.kind.code(),
            new.residence.from,
            new.until,
            new.position,
            new.mark
        ];
        self.insert(&INSERT_END, row)?;
        Ok(())
    }

    /// The residence of the same person, address, kind and first day, with its end if it is known.
    pub(crate) fn find_residence(
        &mut self,
        person: PersonId,
        like: &Residence,
    ) -> Result<Option<Residence>, StoreError> {
        let key = values![person, like.address.as_str(), like.kind.code(), like.from];
        let row = self.row(
            "SELECT COALESCE(r.until_day, e.until_day) FROM registry_residence r LEFT JOIN registry_residence_end e \
               ON e.person = r.person AND e.address = r.address AND e.kind = r.kind AND e.from_day = r.from_day \
             WHERE r.person = $1 AND r.address = $2 AND r.kind = $3 AND r.from_day = $4",
            key,
        )?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Residence {
            until: row.some_parsed(0)?,
            ..like.clone()
        }))
    }

    /// Key (`person`, `address`, `kind`, `from`, joined by spaces) and last mark of every residence.
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
        )?;
        self.each(
            "SELECT person || ' ' || address || ' ' || kind || ' ' || from_day, import_hash FROM registry_residence_end",
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
        self.each(
            "SELECT person, address, kind, from_day, until_day FROM registry_residence_end",
            Vec::new(),
            |row| {
                let (person, from): (PersonId, Date) = (row.parsed(0)?, row.parsed(3)?);
                let (address, kind) = (row.text(1)?, row.text(2)?);
                let ended = rows.binary_search_by(|held| {
                    (
                        held.person,
                        held.address.as_str(),
                        held.kind.as_str(),
                        held.from,
                    )
                        .cmp(&(person, address, kind, from))
                });
                if let Ok(at) = ended {
                    rows[at].until = Some(row.parsed(4)?);
                }
                Ok(())
            },
        )?;
        Ok(rows)
    }
}
