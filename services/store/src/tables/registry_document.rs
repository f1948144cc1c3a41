//! Table `registry_document`: passports and cards. Rows never change.

use lexicon::handover::snapshot::DocumentRow;
use lexicon::{DocumentNumber, PersonId};
use register::Act;
use register::act::Document;

use crate::engine::{Insert, Row, Value, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "registry_document (number, person, issued, expires, status, import_hash)",
    columns: 6,
    then: "",
};

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
        for new in documents {
            self.journal_act(Some(new.person), &Act::DocumentIssued(new.row.clone()))?;
            table.push(document_key(&new.row.number));
            table.extend(values![
                new.person,
                new.row.issued,
                new.row.expires,
                new.row.status.code(),
                new.mark
            ]);
        }
        self.insert(&INSERT, table)?;
        Ok(())
    }

    /// Number and mark of every document.
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
