//! Table `registry_print`: minutiae of a capture, ISO/IEC 19794-2:2005. Rows never change; the journal holds hashes.

use lexicon::handover::envelope::sha256;
use lexicon::{FingerPosition, PersonId};
use register::Act;

use crate::engine::{Insert, Value, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "registry_print (enrolment, finger, minutiae, import_hash)",
    columns: 4,
    then: "",
};

/// One print of one capture.
#[derive(Clone, Debug)]
pub(crate) struct NewPrint {
    pub(crate) person: PersonId,
    pub(crate) enrolment: String,
    pub(crate) finger: FingerPosition,
    pub(crate) minutiae: Vec<u8>,
    pub(crate) mark: i64,
}

/// The prints of one capture, by finger.
#[derive(Clone, PartialEq, Eq)]
pub struct Prints {
    /// Whose.
    pub person: PersonId,
    /// Which capture.
    pub enrolment: String,
    /// Finger and record, ISO/IEC 19794-2:2005.
    pub fingers: Vec<(FingerPosition, Vec<u8>)>,
}

impl std::fmt::Debug for Prints {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Prints({} fingers, sealed)", self.fingers.len())
    }
}

impl Tx<'_> {
    /// Records prints; one act for each run of prints of one capture.
    pub(crate) fn record_prints(&mut self, prints: &[NewPrint]) -> Result<(), StoreError> {
        for run in prints.chunk_by(|a, b| a.enrolment == b.enrolment) {
            let act = Act::PrintsReceived {
                enrolment: run[0].enrolment.clone(),
                prints: run
                    .iter()
                    .map(|p| (p.finger, hex(&sha256(&p.minutiae))))
                    .collect(),
            };
            self.journal_act(Some(run[0].person), &act)?;
        }
        let mut table = Vec::with_capacity(prints.len() * INSERT.columns);
        for new in prints {
            table.extend(values![
                new.enrolment.as_str(),
                i64::from(new.finger.number()),
                new.minutiae.clone(),
                new.mark
            ]);
        }
        self.insert(&INSERT, table)?;
        Ok(())
    }

    /// Key (`enrolment finger`) and mark of every print.
    pub(crate) fn marks_of_prints(
        &mut self,
        take: &mut dyn FnMut(&str, i64),
    ) -> Result<(), StoreError> {
        self.each(
            "SELECT enrolment, finger, import_hash FROM registry_print",
            Vec::new(),
            |row| {
                take(&format!("{} {}", row.text(0)?, row.int(1)?), row.int(2)?);
                Ok(())
            },
        )
    }

    /// Hands over the prints of every capture, by person, capture and finger.
    ///
    /// # Errors
    /// The engine's.
    pub fn each_prints(
        &mut self,
        take: &mut dyn FnMut(Prints) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.each_prints_by(
            "SELECT e.person, e.enrolment, p.finger, p.minutiae FROM registry_enrolment e \
             JOIN registry_print p ON p.enrolment = e.enrolment ORDER BY e.person, e.enrolment, p.finger",
            Vec::new(),
            take,
        )
    }

    /// True when the register holds a print.
    pub(crate) fn has_prints(&mut self) -> Result<bool, StoreError> {
        let found = self.row("SELECT 1 FROM registry_print LIMIT 1", Vec::new())?;
        Ok(found.is_some())
    }

    /// As [`Tx::each_prints`], only persons from `first` to `last`.
    pub(crate) fn each_prints_between(
        &mut self,
        first: PersonId,
        last: PersonId,
        take: &mut dyn FnMut(Prints) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.each_prints_by(
            "SELECT e.person, e.enrolment, p.finger, p.minutiae FROM registry_enrolment e \
             JOIN registry_print p ON p.enrolment = e.enrolment WHERE e.person >= $1 AND e.person <= $2 \
             ORDER BY e.person, e.enrolment, p.finger",
            values![first, last],
            take,
        )
    }

    /// As [`Tx::each_prints`], only captures whose duplicate check is finished or under way.
    pub(crate) fn each_processed_prints(
        &mut self,
        take: &mut dyn FnMut(Prints) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.each_prints_by(
            "SELECT e.person, e.enrolment, p.finger, p.minutiae FROM registry_enrolment e \
             JOIN registry_print p ON p.enrolment = e.enrolment \
             LEFT JOIN registry_processing d ON d.enrolment = e.enrolment \
             WHERE e.processed IS NOT NULL OR d.done_on IS NOT NULL ORDER BY e.person, e.enrolment, p.finger",
            Vec::new(),
            take,
        )
    }

    fn each_prints_by(
        &mut self,
        sql: &str,
        values: Vec<Value>,
        take: &mut dyn FnMut(Prints) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut current: Option<Prints> = None;
        self.each(sql, values, |row| {
            let person: PersonId = row.parsed(0)?;
            let enrolment = row.text(1)?;
            if current.as_ref().is_none_or(|c| c.enrolment != enrolment)
                && let Some(done) = current.replace(Prints {
                    person,
                    enrolment: enrolment.to_owned(),
                    fingers: Vec::new(),
                })
            {
                take(done)?;
            }
            let finger =
                FingerPosition::new(row.number(2)?).ok_or(StoreError::Stored { column: 2 })?;
            if let Some(current) = &mut current {
                current.fingers.push((finger, row.blob(3)?.to_vec()));
            }
            Ok(())
        })?;
        current.map_or(Ok(()), take)
    }

    /// The prints of one person, capture by capture.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn prints_of(&mut self, person: PersonId) -> Result<Vec<Prints>, StoreError> {
        let mut out: Vec<Prints> = Vec::new();
        self.each(
            "SELECT e.enrolment, p.finger, p.minutiae FROM registry_enrolment e \
             JOIN registry_print p ON p.enrolment = e.enrolment WHERE e.person = $1 \
             ORDER BY e.enrolment, p.finger",
            values![person],
            |row| {
                let enrolment = row.text(0)?;
                let finger =
                    FingerPosition::new(row.number(1)?).ok_or(StoreError::Stored { column: 1 })?;
                let print = (finger, row.blob(2)?.to_vec());
                match out.last_mut().filter(|last| last.enrolment == enrolment) {
                    Some(last) => last.fingers.push(print),
                    None => {
                        out.push(Prints {
                            person,
                            enrolment: enrolment.to_owned(),
                            fingers: vec![print],
                        });
                    }
                }
                Ok(())
            },
        )?;
        Ok(out)
    }
}

/// Bytes as hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            text.push_str(&format!("{byte:02x}"));
            text
        })
}
