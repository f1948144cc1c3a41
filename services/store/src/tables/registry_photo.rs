//! Table `registry_photo`: the face photograph of a capture, at most 8 KiB. Rows never change.

use lexicon::PersonId;
use lexicon::handover::envelope::sha256;
use register::Act;

use super::registry_print::hex;
use crate::engine::{Insert, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "registry_photo (enrolment, image, import_hash)",
    columns: 3,
    then: "",
};

/// One photograph.
#[derive(Clone, Debug)]
pub(crate) struct NewPhoto {
    pub(crate) person: PersonId,
    pub(crate) enrolment: String,
    pub(crate) image: Vec<u8>,
    pub(crate) mark: i64,
}

impl Tx<'_> {
    /// Records photographs.
    pub(crate) fn record_photos(&mut self, photos: &[NewPhoto]) -> Result<(), StoreError> {
        let mut table = Vec::with_capacity(photos.len() * INSERT.columns);
        for new in photos {
            let act = Act::PhotoReceived {
                enrolment: new.enrolment.clone(),
                sha256: hex(&sha256(&new.image)),
            };
            self.journal_act(Some(new.person), &act)?;
            table.extend(values![new.enrolment.as_str(), new.image.clone(), new.mark]);
        }
        self.insert(&INSERT, table)?;
        Ok(())
    }

    /// Enrolment and mark of every photograph.
    pub(crate) fn marks_of_photos(
        &mut self,
        take: &mut dyn FnMut(&str, i64),
    ) -> Result<(), StoreError> {
        self.each(
            "SELECT enrolment, import_hash FROM registry_photo",
            Vec::new(),
            |row| {
                take(row.text(0)?, row.int(1)?);
                Ok(())
            },
        )
    }

    /// The photograph of a person's latest capture that has one.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_photo_of(&mut self, person: PersonId) -> Result<Option<Vec<u8>>, StoreError> {
        let row = self.row(
            "SELECT f.image FROM registry_enrolment e JOIN registry_photo f ON f.enrolment = e.enrolment \
             WHERE e.person = $1 ORDER BY e.captured DESC, e.enrolment DESC LIMIT 1",
            values![person],
        )?;
        row.map(|row| row.blob(0).map(<[u8]>::to_vec)).transpose()
    }

    /// True when the register holds a photograph.
    pub(crate) fn has_photos(&mut self) -> Result<bool, StoreError> {
        let found = self.row("SELECT 1 FROM registry_photo LIMIT 1", Vec::new())?;
        Ok(found.is_some())
    }

    /// Hands over the latest photograph of persons from `first` to `last`, by person.
    pub(crate) fn each_photo_between(
        &mut self,
        first: PersonId,
        last: PersonId,
        take: &mut dyn FnMut(PersonId, Vec<u8>),
    ) -> Result<(), StoreError> {
        let mut given = None;
        self.each(
            "SELECT e.person, f.image FROM registry_enrolment e JOIN registry_photo f ON f.enrolment = e.enrolment \
             WHERE e.person >= $1 AND e.person <= $2 ORDER BY e.person, e.captured DESC, e.enrolment DESC",
            values![first, last],
            |row| {
                let person: PersonId = row.parsed(0)?;
                if given.replace(person) != Some(person) {
                    take(person, row.blob(1)?.to_vec());
                }
                Ok(())
            },
        )
    }
}
