//! Tables `electoral_delta` and `electoral_delta_line`: signed deltas of a release, and whose line each change is. Rows
//! never change.

use lexicon::handover::delta::ChangeKind;
use lexicon::{Instant, PersonId, PrecinctCode};

use super::electoral_precinct::read_precinct;
use super::registry_print::hex;
use crate::engine::{Insert, Row, Value, values};
use crate::error::StoreError;
use crate::journal::Journal;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "electoral_delta (number, delta, id, voters, struck, added, changed, effective_at, document)",
    columns: 9,
    then: "",
};

const INSERT_LINE: Insert = Insert {
    into: "electoral_delta_line (number, delta, position, person, act, reason, precinct, line, page)",
    columns: 9,
    then: "",
};

/// One delta of a release, as both institutions signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeltaRow {
    /// The release it changes.
    pub release: u32,
    /// Number after it, from 1.
    pub delta: u32,
    /// Its document's id.
    pub id: [u8; 32],
    /// Voters after it.
    pub voters: u64,
    /// Lines struck.
    pub struck: u64,
    /// Lines added.
    pub added: u64,
    /// Lines that say something else.
    pub changed: u64,
    /// From when it holds.
    pub effective_at: Instant,
    /// The signed document.
    pub document: Vec<u8>,
}

/// One change of one person's line. A strike has no page: the line is found in the bound list by its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeltaLine {
    /// The release that is changed.
    pub release: u32,
    /// Number of the delta.
    pub delta: u32,
    /// From when the delta holds.
    pub effective_at: Instant,
    /// Whose line.
    pub person: PersonId,
    /// What happens to it.
    pub kind: ChangeKind,
    /// `ExclusionReason` or `ChangeReason` code.
    pub reason: String,
    /// Precinct.
    pub precinct: PrecinctCode,
    /// Line, from 1.
    pub line: u32,
    /// Page of an added or changed line, from 1; 0 for a strike.
    pub page: u32,
}

/// Columns of a [`DeltaLine`].
const LINE: &str = "SELECT l.number, l.delta, d.effective_at, l.person, l.act, l.reason, l.precinct, l.line, \
     COALESCE(l.page, 0) FROM electoral_delta_line l \
     JOIN electoral_delta d ON d.number = l.number AND d.delta = l.delta";

impl Tx<'_> {
    /// Records a delta with its changes, in their order: the lines of one delta together, of one person a strike before an
    /// addition.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses; a delta that is there already breaks its key.
    pub fn record_delta(&mut self, row: &DeltaRow, lines: &[DeltaLine]) -> Result<(), StoreError> {
        self.insert(
            &INSERT,
            values![
                row.release,
                row.delta,
                row.id.to_vec(),
                row.voters,
                row.struck,
                row.added,
                row.changed,
                row.effective_at,
                row.document.clone()
            ],
        )?;
        let mut table: Vec<Value> = Vec::with_capacity(lines.len() * INSERT_LINE.columns);
        for (position, line) in (1u32..).zip(lines) {
            let page = (line.kind != ChangeKind::Strike).then_some(line.page);
            table.extend(values![
                row.release,
                row.delta,
                position,
                line.person,
                line.kind.code(),
                line.reason.as_str(),
                u32::from(line.precinct.number()),
                line.line,
                page
            ]);
        }
        self.insert(&INSERT_LINE, table)?;
        let body = format!("{} {} {}", row.release, row.delta, hex(&row.id));
        self.journal_bytes(
            Journal::Electoral,
            None,
            "delta_received",
            body.into_bytes(),
        )
        .map(|_| ())
    }

    /// The deltas of a release, by number.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn deltas_of(&mut self, release: u32) -> Result<Vec<DeltaRow>, StoreError> {
        self.collect(
            "SELECT number, delta, id, voters, struck, added, changed, effective_at, document \
             FROM electoral_delta WHERE number = $1 ORDER BY delta",
            values![release],
            |row| {
                Ok(DeltaRow {
                    release: row.number(0)?,
                    delta: row.number(1)?,
                    id: row
                        .blob(2)?
                        .try_into()
                        .map_err(|_| StoreError::Stored { column: 2 })?,
                    voters: row.number(3)?,
                    struck: row.number(4)?,
                    added: row.number(5)?,
                    changed: row.number(6)?,
                    effective_at: Instant::from_micros(row.int(7)?),
                    document: row.blob(8)?.to_vec(),
                })
            },
        )
    }

    /// Number of the last delta of a release; 0: none.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn last_delta(&mut self, release: u32) -> Result<u32, StoreError> {
        let row = self.row(
            "SELECT COALESCE(MAX(delta), 0) FROM electoral_delta WHERE number = $1",
            values![release],
        )?;
        row.map_or(Ok(0), |row| row.number(0))
    }

    /// Every change of a person's lines, by release and delta; of one delta the strike before the addition.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn delta_lines_of(&mut self, person: PersonId) -> Result<Vec<DeltaLine>, StoreError> {
        self.collect(
            &format!("{LINE} WHERE l.person = $1 ORDER BY l.number, l.delta, l.position"),
            values![person],
            read_line,
        )
    }

    /// Every change of a precinct's list since a release, by delta.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn delta_lines_in(
        &mut self,
        release: u32,
        precinct: PrecinctCode,
    ) -> Result<Vec<DeltaLine>, StoreError> {
        self.collect(
            &format!("{LINE} WHERE l.number = $1 AND l.precinct = $2 ORDER BY l.delta, l.position"),
            values![release, u32::from(precinct.number())],
            read_line,
        )
    }

    /// Persons behind one number of a delta, by id, after a given one.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn persons_of_delta(
        &mut self,
        (release, delta): (u32, u32),
        kind: ChangeKind,
        after: Option<PersonId>,
        limit: u32,
    ) -> Result<Vec<PersonId>, StoreError> {
        self.collect(
            "SELECT person FROM electoral_delta_line \
             WHERE number = $1 AND delta = $2 AND act = $3 AND person > $4 ORDER BY person LIMIT $5",
            values![
                release,
                delta,
                kind.code(),
                after.map(|p| p.to_string()).unwrap_or_default(),
                limit
            ],
            |row| row.parsed(0),
        )
    }
}

fn read_line(row: &Row) -> Result<DeltaLine, StoreError> {
    Ok(DeltaLine {
        release: row.number(0)?,
        delta: row.number(1)?,
        effective_at: Instant::from_micros(row.int(2)?),
        person: row.parsed(3)?,
        kind: row.code(4, ChangeKind::from_code)?,
        reason: row.text(5)?.to_owned(),
        precinct: read_precinct(row, 6)?,
        line: row.number(7)?,
        page: row.number(8)?,
    })
}
