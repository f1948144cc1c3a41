//! Tables `registry_enrolment` and `registry_processing`: biometric captures, and the end of their duplicate check.
//! Rows never change: a capture that was imported as not yet processed gets a row in `registry_processing`.

use lexicon::handover::snapshot::EnrolmentRow;
use lexicon::{Date, PersonId};
use register::act::Enrolment;
use register::{Act, Region};

use super::mark_about;
use super::registry_document::New;
use crate::engine::{Insert, Row, values};
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

/// A capture that waits for its duplicate check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingCapture {
    /// Who.
    pub person: PersonId,
    /// When.
    pub captured: Date,
    /// Where.
    pub region: Region,
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

    /// One capture with its person, and the end of its duplicate check if it is known.
    pub(crate) fn find_enrolment(
        &mut self,
        enrolment: &str,
    ) -> Result<Option<(PersonId, Enrolment)>, StoreError> {
        let row = self.row(
            "SELECT e.person, e.captured, COALESCE(e.processed, p.done_on), e.region, e.kit, e.operator \
             FROM registry_enrolment e LEFT JOIN registry_processing p ON p.enrolment = e.enrolment \
             WHERE e.enrolment = $1",
            values![enrolment],
        )?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some((row.parsed(0)?, read_enrolment(&row, enrolment)?)))
    }

    /// Id, person and mark of every capture; where its duplicate check ended later, the mark of the row that says so.
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
        )?;
        self.each(
            "SELECT e.person, e.captured, p.done_on, e.region, e.kit, e.operator, e.enrolment \
             FROM registry_processing p JOIN registry_enrolment e ON p.enrolment = e.enrolment",
            Vec::new(),
            |row| {
                let (person, enrolment): (PersonId, &str) = (row.parsed(0)?, row.text(6)?);
                let act = Act::Enrolled(read_enrolment(row, enrolment)?);
                take(enrolment, person, mark_about(person, &act));
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
             LEFT JOIN registry_processing p ON p.enrolment = e.enrolment",
            Vec::new(),
            |row| {
                take(row.parsed(0)?, row.parsed(1)?, row.some_parsed(2)?);
                Ok(())
            },
        )
    }

    /// Hands over every capture with its region, by person: day of capture, day on which its check was finished.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn each_capture(
        &mut self,
        take: &mut dyn FnMut(PersonId, Region, Date, Option<Date>),
    ) -> Result<(), StoreError> {
        self.each(
            "SELECT e.person, e.region, e.captured, COALESCE(e.processed, p.done_on) \
             FROM registry_enrolment e LEFT JOIN registry_processing p ON p.enrolment = e.enrolment ORDER BY e.person",
            Vec::new(),
            |row| {
                let region = row.code(1, Region::from_code)?;
                take(row.parsed(0)?, region, row.parsed(2)?, row.some_parsed(3)?);
                Ok(())
            },
        )
    }

    /// Captures that wait for their duplicate check, the oldest first, of one region or of all.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn oldest_waiting(
        &mut self,
        region: Option<Region>,
        limit: u32,
    ) -> Result<Vec<WaitingCapture>, StoreError> {
        self.collect(
            "SELECT e.person, e.captured, e.region FROM registry_enrolment e \
             WHERE e.processed IS NULL AND ($1 = '' OR e.region = $1) \
               AND NOT EXISTS (SELECT 1 FROM registry_processing p WHERE p.enrolment = e.enrolment) \
             ORDER BY e.captured, e.person LIMIT $2",
            values![region.map_or("", Region::code), limit],
            |row| {
                Ok(WaitingCapture {
                    person: row.parsed(0)?,
                    captured: row.parsed(1)?,
                    region: row.code(2, Region::from_code)?,
                })
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

    /// Captures by region: counted apart from the months, so that the two can be held against each other.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn captures_by_region(&mut self) -> Result<Vec<(Region, u64)>, StoreError> {
        self.collect(
            "SELECT region, COUNT(*) FROM registry_enrolment GROUP BY region ORDER BY region",
            Vec::new(),
            |row| Ok((row.code(0, Region::from_code)?, row.number(1)?)),
        )
    }

    /// Captures by month (`2014-12`): counted apart from the regions.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn captures_by_month(&mut self) -> Result<Vec<(String, u64)>, StoreError> {
        self.collect(
            "SELECT SUBSTR(captured, 1, 7), COUNT(*) FROM registry_enrolment \
             GROUP BY SUBSTR(captured, 1, 7) ORDER BY SUBSTR(captured, 1, 7)",
            Vec::new(),
            |row| Ok((row.text(0)?.to_owned(), row.number(1)?)),
        )
    }

    /// Captures by the month (`2015-09`) in which their duplicate check ended.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn processed_by_month(&mut self) -> Result<Vec<(String, u64)>, StoreError> {
        self.collect(
            "SELECT SUBSTR(COALESCE(e.processed, p.done_on), 1, 7), COUNT(*) FROM registry_enrolment e \
             LEFT JOIN registry_processing p ON p.enrolment = e.enrolment \
             WHERE COALESCE(e.processed, p.done_on) IS NOT NULL \
             GROUP BY SUBSTR(COALESCE(e.processed, p.done_on), 1, 7) \
             ORDER BY SUBSTR(COALESCE(e.processed, p.done_on), 1, 7)",
            Vec::new(),
            |row| Ok((row.text(0)?.to_owned(), row.number(1)?)),
        )
    }

    /// All captures, by id.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn snapshot_enrolments(&mut self) -> Result<Vec<EnrolmentRow>, StoreError> {
        let mut rows = self.collect(
            "SELECT e.enrolment, e.person, e.captured, COALESCE(e.processed, p.done_on), e.region \
             FROM registry_enrolment e LEFT JOIN registry_processing p ON p.enrolment = e.enrolment",
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
        )?;
        rows.sort_unstable_by(|a, b| a.enrolment.cmp(&b.enrolment));
        Ok(rows)
    }
}

/// Reads captured, processed, region, kit and operator from the second column on.
fn read_enrolment(row: &Row, enrolment: &str) -> Result<Enrolment, StoreError> {
    Ok(Enrolment {
        enrolment: enrolment.to_owned(),
        captured: row.parsed(1)?,
        processed: row.some_parsed(2)?,
        region: row.code(3, Region::from_code)?,
        kit: row.text(4)?.to_owned(),
        operator: row.text(5)?.to_owned(),
    })
}
