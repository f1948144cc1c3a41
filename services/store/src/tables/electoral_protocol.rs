//! Tables `electoral_protocol_edition`, `electoral_protocol`, `electoral_protocol_refused`: the commissions' protocols
//! as files. Rows never change; of a precinct the latest file that names it stands.

use lexicon::Instant;
use roll::comparison::Protocol;

use crate::engine::{Insert, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

const ROWS: Insert = Insert {
    into: "electoral_protocol (edition, precinct, received, not_on_list, finger, fallback, fault)",
    columns: 7,
    then: "",
};
const REFUSED: Insert = Insert {
    into: "electoral_protocol_refused (edition, line, field, reason)",
    columns: 4,
    then: "",
};

/// A file of protocols.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtocolEdition {
    /// Its number.
    pub edition: u32,
    /// Rows taken.
    pub taken: u64,
    /// Rows refused.
    pub refused: u64,
    /// Who sent it.
    pub staff: String,
    /// When.
    pub at: Instant,
}

/// A row that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtocolRefused {
    /// Its line in the file, from 1.
    pub line: u64,
    /// The column.
    pub field: String,
    /// The code of the reason.
    pub reason: String,
}

impl Tx<'_> {
    /// Records a file of protocols with its refused rows; gives its number.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses; a precinct twice is a broken constraint.
    pub fn record_protocols(
        &mut self,
        rows: &[Protocol],
        refused: &[ProtocolRefused],
        staff: &str,
    ) -> Result<u32, StoreError> {
        let edition: u32 =
            self.next_number("SELECT MAX(edition) FROM electoral_protocol_edition")?;
        let at = self.at();
        self.execute(
            "INSERT INTO electoral_protocol_edition (edition, taken, refused, staff, at) VALUES ($1, $2, $3, $4, $5)",
            values![edition, rows.len() as u64, refused.len() as u64, staff, at],
        )?;
        let mut table = Vec::with_capacity(rows.len() * ROWS.columns);
        for row in rows {
            table.extend(values![
                edition,
                u32::from(row.precinct),
                row.received,
                row.not_on_list,
                row.finger,
                row.fallback,
                row.fault
            ]);
        }
        self.insert(&ROWS, table)?;
        let mut table = Vec::with_capacity(refused.len() * REFUSED.columns);
        for row in refused {
            table.extend(values![
                edition,
                row.line,
                row.field.as_str(),
                row.reason.as_str()
            ]);
        }
        self.insert(&REFUSED, table)?;
        let body = format!("{edition} {} {}", rows.len(), refused.len());
        self.journal_bytes(
            Journal::Electoral,
            None,
            "protocols_received",
            body.into_bytes(),
        )?;
        Ok(edition)
    }

    /// The protocols that stand, by precinct.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn protocols(&mut self) -> Result<Vec<Protocol>, StoreError> {
        self.collect(
            "SELECT precinct, received, not_on_list, finger, fallback, fault FROM electoral_protocol p WHERE edition = \
             (SELECT MAX(q.edition) FROM electoral_protocol q WHERE q.precinct = p.precinct) ORDER BY precinct",
            Vec::new(),
            |row| {
                Ok(Protocol {
                    precinct: row.number(0)?,
                    received: row.number(1)?,
                    not_on_list: row.number(2)?,
                    finger: row.number(3)?,
                    fallback: row.number(4)?,
                    fault: row.number(5)?,
                })
            },
        )
    }

    /// A file of protocols with its refused rows.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_protocol_edition(
        &mut self,
        edition: u32,
    ) -> Result<Option<(ProtocolEdition, Vec<ProtocolRefused>)>, StoreError> {
        let found = self.row(
            "SELECT edition, taken, refused, staff, at FROM electoral_protocol_edition WHERE edition = $1",
            values![edition],
        )?;
        let Some(row) = found else { return Ok(None) };
        let refused = self.collect(
            "SELECT line, field, reason FROM electoral_protocol_refused WHERE edition = $1 ORDER BY line, field",
            values![edition],
            |row| {
                Ok(ProtocolRefused {
                    line: row.number(0)?,
                    field: row.text(1)?.to_owned(),
                    reason: row.text(2)?.to_owned(),
                })
            },
        )?;
        let edition = ProtocolEdition {
            edition: row.number(0)?,
            taken: row.number(1)?,
            refused: row.number(2)?,
            staff: row.text(3)?.to_owned(),
            at: Instant::from_micros(row.int(4)?),
        };
        Ok(Some((edition, refused)))
    }
}
