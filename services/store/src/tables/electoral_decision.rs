//! Table `electoral_decision`: why each considered person is or is not on a release. Rows never change.

use lexicon::{Date, ExclusionReason, PersonId, PrecinctCode, ReconciliationClass};

use super::electoral_precinct::read_precinct;
use crate::engine::{Insert, Row, Value, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "electoral_decision (number, person, code, precinct, line, page, evidence, day, cell)",
    columns: 9,
    then: "",
};

/// The code of a person who is on the list.
pub const LISTED: &str = "LISTED";

/// Where a person stands on a release, or why they do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListPlace {
    /// On the list.
    Listed {
        /// Precinct.
        precinct: PrecinctCode,
        /// Line, from 1.
        line: u32,
        /// Page, from 1.
        page: u32,
    },
    /// Not on the list.
    Excluded(ExclusionReason),
}

impl ListPlace {
    /// `LISTED` or the reason's code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            ListPlace::Listed { .. } => LISTED,
            ListPlace::Excluded(reason) => reason.code(),
        }
    }
}

/// The decision about one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionRow {
    /// Who.
    pub person: PersonId,
    /// The outcome.
    pub place: ListPlace,
    /// The record it rests on, as `table/record` (`civil_events/V12`, `residences/A3`); empty when the
    /// reason is that no record is there. No personal data.
    pub evidence: String,
    /// The date that decides, where there is one.
    pub day: Option<Date>,
}

impl Tx<'_> {
    pub(crate) fn record_decisions(
        &mut self,
        release: u32,
        decisions: &[DecisionRow],
        cells: &[u32],
    ) -> Result<(), StoreError> {
        let mut cells = cells.iter();
        // 3 M decisions at once would stand in memory twice: 20,000 at a time.
        for chunk in decisions.chunks(20_000) {
            let mut table: Vec<Value> = Vec::with_capacity(chunk.len() * INSERT.columns);
            for row in chunk {
                let place = match row.place {
                    ListPlace::Listed {
                        precinct,
                        line,
                        page,
                    } => (Some(u32::from(precinct.number())), Some(line), Some(page)),
                    ListPlace::Excluded(_) => (None, None, None),
                };
                table.extend(values![
                    release,
                    row.person,
                    row.place.code(),
                    place.0,
                    place.1,
                    place.2,
                    row.evidence.as_str(),
                    row.day,
                    cells.next().copied().unwrap_or(0)
                ]);
            }
            self.insert(&INSERT, table)?;
        }
        Ok(())
    }

    /// The decisions about a person, by release, the latest last.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn decisions_of(
        &mut self,
        person: PersonId,
    ) -> Result<Vec<(u32, DecisionRow)>, StoreError> {
        self.collect(
            "SELECT person, code, precinct, line, page, evidence, day, number FROM electoral_decision \
             WHERE person = $1 ORDER BY number",
            values![person],
            |row| Ok((row.number(7)?, read_decision(row)?)),
        )
    }

    /// How many persons by code (`LISTED` or a reason), counted by SQL: the waterfall's second count.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn decision_counts(&mut self, release: u32) -> Result<Vec<(String, u64)>, StoreError> {
        self.collect(
            "SELECT code, COUNT(*) FROM electoral_decision WHERE number = $1 GROUP BY code ORDER BY code",
            values![release],
            |row| Ok((row.text(0)?.to_owned(), row.number(1)?)),
        )
    }

    /// Hands over the code of every decision, by person: the waterfall's first count is a fold over these.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn each_decision_code(
        &mut self,
        release: u32,
        take: &mut dyn FnMut(&str),
    ) -> Result<(), StoreError> {
        self.each(
            "SELECT code FROM electoral_decision WHERE number = $1 ORDER BY person",
            values![release],
            |row| {
                take(row.text(0)?);
                Ok(())
            },
        )
    }

    /// How many persons changed their code from one release to another: `(before, now, persons)`;
    /// before is empty for a person whom the earlier release did not know.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn decision_changes(
        &mut self,
        from: u32,
        to: u32,
    ) -> Result<Vec<(String, String, u64)>, StoreError> {
        self.collect(
            "SELECT COALESCE(b.code, ''), n.code, COUNT(*) FROM electoral_decision n \
             LEFT JOIN electoral_decision b ON b.number = $1 AND b.person = n.person \
             WHERE n.number = $2 AND (b.code IS NULL OR b.code <> n.code) \
             GROUP BY COALESCE(b.code, ''), n.code ORDER BY COALESCE(b.code, ''), n.code",
            values![from, to],
            |row| {
                Ok((
                    row.text(0)?.to_owned(),
                    row.text(1)?.to_owned(),
                    row.number(2)?,
                ))
            },
        )
    }

    /// Lines by precinct.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn precinct_counts(
        &mut self,
        release: u32,
    ) -> Result<Vec<(PrecinctCode, u64)>, StoreError> {
        self.collect(
            "SELECT precinct, COUNT(*) FROM electoral_decision \
             WHERE number = $1 AND precinct IS NOT NULL GROUP BY precinct ORDER BY precinct",
            values![release],
            |row| Ok((read_precinct(row, 0)?, row.number(1)?)),
        )
    }

    /// Lines by the table of the record that places the voter: `residences`, `claims`, `overrides`, or empty for any
    /// other. Cost: a pass over the decisions, about 1 s for 3 M.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn placement_counts(&mut self, release: u32) -> Result<Vec<(String, u64)>, StoreError> {
        self.collect(
            "SELECT CASE WHEN evidence LIKE 'residences/%' THEN 'residences' \
             WHEN evidence LIKE 'claims/%' THEN 'claims' \
             WHEN evidence LIKE 'overrides/%' THEN 'overrides' ELSE '' END, COUNT(*) \
             FROM electoral_decision WHERE number = $1 AND code = $2 GROUP BY 1 ORDER BY 1",
            values![release, LISTED],
            |row| Ok((row.text(0)?.to_owned(), row.number(1)?)),
        )
    }

    /// How many of a release's persons whose biometrics were taken in time no row of a run's list means, whether they
    /// are on the release or not. Cost: both sides sorted once, seconds for 3 M.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn count_without_row(&mut self, release: u32, run: u32) -> Result<u64, StoreError> {
        let row = self.row(
            "SELECT COUNT(*) FROM (SELECT person FROM electoral_decision \
             WHERE number = $1 AND code <> $3 EXCEPT SELECT person FROM electoral_reconciliation \
             WHERE run = $2 AND class <> $4 AND person IS NOT NULL) AS missing",
            values![
                release,
                run,
                ExclusionReason::NoBiometrics.code(),
                ReconciliationClass::New.code()
            ],
        )?;
        row.map_or(Ok(0), |row| row.number(0))
    }

    /// Persons behind one bar of the waterfall, by id, after a given one.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn persons_by_code(
        &mut self,
        release: u32,
        code: &str,
        after: Option<PersonId>,
        limit: u32,
    ) -> Result<Vec<PersonId>, StoreError> {
        let cells = self.cells_of_code(release, code)?;
        self.persons_of_cells(release, code, &cells, after, limit)
    }

    /// Persons of one code in some cells of a release, by id, after a given one. Cost: `limit` index entries of
    /// each cell.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn persons_of_cells(
        &mut self,
        release: u32,
        code: &str,
        cells: &[u32],
        after: Option<PersonId>,
        limit: u32,
    ) -> Result<Vec<PersonId>, StoreError> {
        let after = after.map(|p| p.to_string()).unwrap_or_default();
        let mut persons: Vec<PersonId> = Vec::new();
        for cell in cells {
            let found: Vec<PersonId> = self.collect(
                "SELECT person FROM electoral_decision \
                 WHERE number = $1 AND code = $2 AND cell = $3 AND person > $4 ORDER BY person LIMIT $5",
                values![release, code, *cell, after.as_str(), limit],
                |row| row.parsed(0),
            )?;
            persons.extend(found);
        }
        persons.sort_unstable();
        persons.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(persons)
    }

    /// Addresses from which people stand on a precinct's list by residence, at most so many, by id. Cost: the lines
    /// of one precinct.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn addresses_on_list(
        &mut self,
        release: u32,
        precinct: PrecinctCode,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        let mut found = std::collections::BTreeSet::new();
        self.each(
            "SELECT evidence FROM electoral_decision WHERE number = $1 AND precinct = $2 ORDER BY line",
            values![release, u32::from(precinct.number())],
            |row| {
                if let Some(address) = row.text(0)?.strip_prefix("residences/")
                    && found.len() < limit
                {
                    found.insert(address.to_owned());
                }
                Ok(())
            },
        )?;
        Ok(found.into_iter().collect())
    }

    /// Voters of a precinct's list by the address that places them, by residence only.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn voters_by_address(
        &mut self,
        release: u32,
        precinct: PrecinctCode,
    ) -> Result<Vec<(String, Vec<PersonId>)>, StoreError> {
        let mut found: std::collections::BTreeMap<String, Vec<PersonId>> =
            std::collections::BTreeMap::new();
        self.each(
            "SELECT evidence, person FROM electoral_decision WHERE number = $1 AND precinct = $2 ORDER BY line",
            values![release, u32::from(precinct.number())],
            |row| {
                if let Some(address) = row.text(0)?.strip_prefix("residences/") {
                    let person = row.parsed(1)?;
                    found.entry(address.to_owned()).or_default().push(person);
                }
                Ok(())
            },
        )?;
        Ok(found.into_iter().collect())
    }

    /// Hands over who stood where on a release, by person.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn each_decision_place(
        &mut self,
        release: u32,
        take: &mut dyn FnMut(PersonId, Result<PrecinctCode, ExclusionReason>),
    ) -> Result<(), StoreError> {
        self.each(
            "SELECT person, code, precinct FROM electoral_decision WHERE number = $1 ORDER BY person",
            values![release],
            |row| {
                let place = if row.text(1)? == LISTED {
                    Ok(read_precinct(row, 2)?)
                } else {
                    Err(row.code(1, ExclusionReason::from_code)?)
                };
                take(row.parsed(0)?, place);
                Ok(())
            },
        )
    }

    /// One precinct's list, by line, after a given line.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn precinct_lines(
        &mut self,
        release: u32,
        precinct: PrecinctCode,
        after_line: u32,
        limit: u32,
    ) -> Result<Vec<DecisionRow>, StoreError> {
        self.collect(
            "SELECT person, code, precinct, line, page, evidence, day FROM electoral_decision \
             WHERE number = $1 AND precinct = $2 AND line > $3 ORDER BY line LIMIT $4",
            values![release, u32::from(precinct.number()), after_line, limit],
            read_decision,
        )
    }
}

fn read_decision(row: &Row) -> Result<DecisionRow, StoreError> {
    let code = row.text(1)?;
    let place = if code == LISTED {
        ListPlace::Listed {
            precinct: read_precinct(row, 2)?,
            line: row.number(3)?,
            page: row.number(4)?,
        }
    } else {
        ListPlace::Excluded(row.code(1, ExclusionReason::from_code)?)
    };
    Ok(DecisionRow {
        person: row.parsed(0)?,
        place,
        evidence: row.text(5)?.to_owned(),
        day: row.some_parsed(6)?,
    })
}
