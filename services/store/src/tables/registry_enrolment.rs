//! Tables `registry_enrolment` and `registry_processing`: biometric captures, and the end of their duplicate check.
//! Rows never change: a capture that was imported as not yet processed gets a row in `registry_processing`.

use lexicon::handover::snapshot::EnrolmentRow;
use lexicon::{Date, PersonId};
use register::act::Enrolment;
use register::{Act, Region};

use super::registry_document::New;
use crate::engine::{Insert, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "registry_enrolment (enrolment, person, captured, processed, region, kit, operator, import_hash)",
    columns: 8,
    then: "",
};
const INSERT_PROCESSING: Insert = Insert {
    into: "registry_processing (enrolment, done_on, position)",
    columns: 3,
    then: "ON CONFLICT (enrolment) DO NOTHING",
};

/// Captures of one region and month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrolmentCount {
    /// Region of the campaign.
    pub region: Region,
    /// `YYYY-MM`.
    pub month: String,
    /// Captured.
    pub captured: u64,
    /// Of those, with the duplicate check finished.
    pub processed: u64,
}

impl Tx<'_> {
    /// Records captures.
    pub(crate) fn record_enrolments(
        &mut self,
        enrolments: &[New<Enrolment>],
    ) -> Result<(), StoreError> {
        let mut table = Vec::with_capacity(enrolments.len() * INSERT.columns);
        for new in enrolments {
            self.journal_act(Some(new.person), &Act::Enrolled(new.row.clone()))?;
            table.extend(values![
                new.row.enrolment.as_str(),
                new.person,
                new.row.captured,
                new.row.processed,
                new.row.region.code(),
                new.row.kit.as_str(),
                new.row.operator.as_str(),
                new.mark
            ]);
        }
        self.insert(&INSERT, table)?;
        Ok(())
    }

    /// Records that the duplicate check of captures was finished on a day.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn record_processing(
        &mut self,
        done: &[(String, PersonId)],
        on: Date,
    ) -> Result<(), StoreError> {
        let mut table = Vec::with_capacity(done.len() * INSERT_PROCESSING.columns);
        for (enrolment, person) in done {
            let act = Act::Processed {
                enrolment: enrolment.clone(),
                on,
            };
            let position = self.journal_act(Some(*person), &act)?;
            table.extend(values![enrolment.as_str(), on, position]);
        }
        self.insert(&INSERT_PROCESSING, table)?;
        Ok(())
    }

    /// Id, person and mark of every capture.
    pub(crate) fn marks_of_enrolments(
        &mut self,
        take: &mut dyn FnMut(&str, PersonId, i64),
    ) -> Result<(), StoreError> {
        self.each(
            "SELECT enrolment, person, import_hash FROM registry_enrolment",
            Vec::new(),
            |row| {
                take(row.text(0)?, row.parsed(1)?, row.int(2)?);
                Ok(())
            },
        )
    }

    /// Every capture, by person: day of capture and day on which the duplicate check was finished.
    pub(crate) fn each_enrolment(
        &mut self,
        take: &mut dyn FnMut(PersonId, Date, Option<Date>),
    ) -> Result<(), StoreError> {
        self.each(
            "SELECT e.person, e.captured, COALESCE(e.processed, p.done_on) FROM registry_enrolment e \
             LEFT JOIN registry_processing p ON p.enrolment = e.enrolment ORDER BY e.person",
            Vec::new(),
            |row| {
                take(row.parsed(0)?, row.parsed(1)?, row.some_parsed(2)?);
                Ok(())
            },
        )
    }

    /// Everybody who was captured, by id.
    pub(crate) fn captured_persons(&mut self) -> Result<Vec<PersonId>, StoreError> {
        self.collect(
            "SELECT DISTINCT person FROM registry_enrolment ORDER BY person",
            Vec::new(),
            |row| row.parsed(0),
        )
    }

    /// The day of a person's earliest capture.
    pub(crate) fn find_earliest_capture(
        &mut self,
        person: PersonId,
    ) -> Result<Option<Date>, StoreError> {
        let row = self.row(
            "SELECT MIN(captured) FROM registry_enrolment WHERE person = $1",
            values![person],
        )?;
        row.map_or(Ok(None), |row| row.some_parsed(0))
    }

    /// Captures by region and month (`2014-12`): captured, and of those with the duplicate check finished.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn enrolment_counts(&mut self) -> Result<Vec<EnrolmentCount>, StoreError> {
        self.collect(
            "SELECT e.region, SUBSTR(e.captured, 1, 7), COUNT(*), COUNT(COALESCE(e.processed, p.done_on)) \
             FROM registry_enrolment e LEFT JOIN registry_processing p ON p.enrolment = e.enrolment \
             GROUP BY e.region, SUBSTR(e.captured, 1, 7) ORDER BY e.region, SUBSTR(e.captured, 1, 7)",
            Vec::new(),
            |row| {
                Ok(EnrolmentCount {
                    region: row.code(0, Region::from_code)?,
                    month: row.text(1)?.to_owned(),
                    captured: row.number(2)?,
                    processed: row.number(3)?,
                })
            },
        )
    }

    /// All captures, by id.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn snapshot_enrolments(&mut self) -> Result<Vec<EnrolmentRow>, StoreError> {
        self.collect(
            "SELECT e.enrolment, e.person, e.captured, COALESCE(e.processed, p.done_on), e.region \
             FROM registry_enrolment e LEFT JOIN registry_processing p ON p.enrolment = e.enrolment \
             ORDER BY e.enrolment",
            Vec::new(),
            |row| {
                Ok(EnrolmentRow {
                    enrolment: row.text(0)?.to_owned(),
                    person: row.parsed(1)?,
                    captured: row.parsed(2)?,
                    processed: row.some_parsed(3)?,
                    region: row.text(4)?.to_owned(),
                })
            },
        )
    }
}
