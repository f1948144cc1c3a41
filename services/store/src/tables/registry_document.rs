//! Tables `registry_document` and `registry_document_status`: passports and cards, and what became of them. Rows never
//! change: of the statuses of one document the last recorded is in force.

use lexicon::handover::snapshot::DocumentRow;
use lexicon::{Date, DocumentNumber, PersonId};
use register::act::Document;
use register::change::KnownDocument;
use register::{Act, DocumentStatus};

use crate::engine::{Insert, Row, Value, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "registry_document (number, person, issued, expires, status, import_hash)",
    columns: 6,
    then: "",
};

const INSERT_STATUS: Insert = Insert {
    into: "registry_document_status (number, position, status, from_day, import_hash)",
    columns: 5,
    then: "",
};

/// What became of a document: its number, what it is from which day on, by which act, and the mark of the row.
pub(crate) struct NewStatus<'a> {
    pub(crate) number: &'a DocumentNumber,
    pub(crate) status: DocumentStatus,
    pub(crate) from: Date,
    pub(crate) position: u64,
    pub(crate) mark: i64,
}

/// The word of a status in `registry_document`, whose check is older than the finer ones: a document that comes with one
/// of them stands there as invalid, and as what it is among the statuses.
fn first_word(status: DocumentStatus) -> &'static str {
    match status {
        DocumentStatus::Valid | DocumentStatus::Invalid | DocumentStatus::Lost => status.code(),
        DocumentStatus::Stolen
        | DocumentStatus::Exchanged
        | DocumentStatus::Expired
        | DocumentStatus::Withdrawn => DocumentStatus::Invalid.code(),
    }
}

/// A typed row about a person, with the mark of the row it comes from.
#[derive(Clone, Debug)]
pub(crate) struct New<T> {
    pub(crate) person: PersonId,
    pub(crate) row: T,
    pub(crate) mark: i64,
}

/// What a document number is stored and looked up by: the one place to change when the column is sealed.
pub(crate) fn document_key(number: &DocumentNumber) -> Value {
    Value::from(number.as_str())
}

impl Tx<'_> {
    /// Records documents.
    pub(crate) fn record_documents(
        &mut self,
        documents: &[New<Document>],
    ) -> Result<(), StoreError> {
        let mut table = Vec::with_capacity(documents.len() * INSERT.columns);
        let mut finer = Vec::new();
        for new in documents {
            let act = Act::DocumentIssued(new.row.clone());
            let position = self.journal_act(Some(new.person), &act)?;
            let word = first_word(new.row.status);
            if word != new.row.status.code() {
                finer.push(NewStatus {
                    number: &new.row.number,
                    status: new.row.status,
                    from: new.row.issued,
                    position,
                    mark: new.mark,
                });
            }
            table.push(document_key(&new.row.number));
            table.extend(values![
                new.person,
                new.row.issued,
                new.row.expires,
                word,
                new.mark
            ]);
        }
        self.insert(&INSERT, table)?;
        self.record_document_statuses(&finer)
    }

    /// Records what became of documents.
    pub(crate) fn record_document_statuses(
        &mut self,
        statuses: &[NewStatus<'_>],
    ) -> Result<(), StoreError> {
        let mut table = Vec::with_capacity(statuses.len() * INSERT_STATUS.columns);
        for new in statuses {
            table.push(document_key(new.number));
            table.extend(values![new.position, new.status.code(), new.from, new.mark]);
        }
        self.insert(&INSERT_STATUS, table)?;
        Ok(())
    }

    /// One document with the status in force.
    pub(crate) fn find_document(
        &mut self,
        number: &DocumentNumber,
    ) -> Result<Option<KnownDocument>, StoreError> {
        let row = self.row(
            "SELECT number, person, issued, expires, status FROM registry_document WHERE number = $1",
            vec![document_key(number)],
        )?;
        let Some(row) = row else { return Ok(None) };
        let mut known = KnownDocument {
            person: row.parsed(1)?,
            document: Document {
                number: number.clone(),
                issued: row.parsed(2)?,
                expires: row.some_parsed(3)?,
                status: row.code(4, DocumentStatus::from_code)?,
            },
            since: row.parsed(2)?,
        };
        let last = self.row(
            "SELECT status, from_day FROM registry_document_status WHERE number = $1 ORDER BY position DESC LIMIT 1",
            vec![document_key(number)],
        )?;
        if let Some(last) = last {
            known.document.status = last.code(0, DocumentStatus::from_code)?;
            known.since = last.parsed(1)?;
        }
        Ok(Some(known))
    }

    /// Number and last mark of every document.
    pub(crate) fn marks_of_documents(
        &mut self,
        take: &mut dyn FnMut(&str, i64),
    ) -> Result<(), StoreError> {
        self.each(
            "SELECT number, import_hash FROM registry_document",
            Vec::new(),
            |row| {
                take(row.text(0)?, row.int(1)?);
                Ok(())
            },
        )?;
        self.each(
            "SELECT number, import_hash FROM registry_document_status ORDER BY position",
            Vec::new(),
            |row| {
                take(row.text(0)?, row.int(1)?);
                Ok(())
            },
        )
    }

    /// Whose document this is.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_person_of_document(
        &mut self,
        number: &DocumentNumber,
    ) -> Result<Option<PersonId>, StoreError> {
        let row = self.row(
            "SELECT person FROM registry_document WHERE number = $1",
            vec![document_key(number)],
        )?;
        row.map(|row| row.parsed(0)).transpose()
    }

    /// All documents, by number.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn snapshot_documents(&mut self) -> Result<Vec<DocumentRow>, StoreError> {
        let mut rows = self.collect(
            "SELECT number, person, issued, expires, status FROM registry_document",
            Vec::new(),
            read_document,
        )?;
        rows.sort_unstable_by(|a, b| a.number.as_str().cmp(b.number.as_str()));
        self.each(
            "SELECT number, status FROM registry_document_status ORDER BY position",
            Vec::new(),
            |row| {
                let number = row.text(0)?;
                if let Ok(at) = rows.binary_search_by(|held| held.number.as_str().cmp(number)) {
                    row.text(1)?.clone_into(&mut rows[at].status);
                }
                Ok(())
            },
        )?;
        Ok(rows)
    }
}

fn read_document(row: &Row) -> Result<DocumentRow, StoreError> {
    Ok(DocumentRow {
        number: DocumentNumber::parse(row.text(0)?)
            .map_err(|_| StoreError::Stored { column: 0 })?,
        person: row.parsed(1)?,
        issued: row.parsed(2)?,
        expires: row.some_parsed(3)?,
        status: row.text(4)?.to_owned(),
    })
}
