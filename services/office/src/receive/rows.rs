//! Rows of the roll's tables as they are read, and what the store keeps of each.

use batch::columns::{CellError, Take};
use lexicon::{ClaimOutcome, Date, ExclusionReason};

use super::{
    ClaimOutcomeRow, Column, DecisionRow, FindingRow, ListPlace, PersonId, PrecinctCode, Put,
    ReadRow, ReceiveError, ReconciledRow, ReconciliationClass, Row,
};
use crate::row_evidence::{Answered, RowEvidence, ShownBy};

fn wrong(table: &'static str, why: &'static str) -> ReceiveError {
    ReceiveError::Contents { table, why }
}

fn precinct(table: &'static str, number: u32) -> Result<PrecinctCode, ReceiveError> {
    u16::try_from(number)
        .ok()
        .and_then(|number| PrecinctCode::new(number).ok())
        .ok_or(wrong(table, "a precinct number has four digits"))
}

/// A row of `decisions.parquet`.
pub(super) struct DecisionRead {
    person: PersonId,
    outcome: String,
    place: Option<(u32, u32, u32)>,
    evidence: (Option<String>, Option<String>),
    day: Option<Date>,
    cells: [Option<String>; 3],
}

impl Row for DecisionRead {
    const TABLE: &'static str = <batch::tables::DecisionRow<'static> as Row>::TABLE;
    const COLUMNS: &'static [Column] = <batch::tables::DecisionRow<'static> as Row>::COLUMNS;

    fn put(&self, cells: &mut Put<'_>) {
        let [rule, placed_by, remedy_until] = &self.cells;
        cells.shown(self.person).text(self.outcome.as_str());
        cells.text(rule.as_deref());
        cells.number(self.place.map(|p| p.0));
        cells.number(self.place.map(|p| p.1));
        cells.number(self.place.map(|p| p.2));
        cells.text(placed_by.as_deref());
        cells.text(self.evidence.0.as_deref());
        cells.text(self.evidence.1.as_deref());
        cells.shown_if(self.day);
        cells.text(remedy_until.as_deref());
    }
}

impl ReadRow for DecisionRead {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let person = cells.parsed()?;
        let outcome = cells.text()?.to_owned();
        let rule = owned(cells.text_if());
        let place = (cells.number_if(), cells.number_if(), cells.number_if());
        let placed_by = owned(cells.text_if());
        let evidence = (owned(cells.text_if()), owned(cells.text_if()));
        Ok(Self {
            person,
            outcome,
            place: match place {
                (Some(precinct), Some(line), Some(page)) => Some((precinct, line, page)),
                (_, _, _) => None,
            },
            evidence,
            day: cells.parsed_if()?,
            cells: [rule, placed_by, owned(cells.text_if())],
        })
    }
}

impl DecisionRead {
    pub fn kept(self) -> Result<DecisionRow, ReceiveError> {
        let place = match (self.outcome.as_str(), self.place) {
            (store::LISTED, Some((number, line, page))) => ListPlace::Listed {
                precinct: precinct(Self::TABLE, number)?,
                line,
                page,
            },
            (code, None) => ListPlace::Excluded(
                ExclusionReason::from_code(code)
                    .ok_or(wrong(Self::TABLE, "an outcome is none that we know"))?,
            ),
            (_, Some(_)) => return Err(wrong(Self::TABLE, "an excluded person has a line")),
        };
        let evidence = match self.evidence {
            (Some(table), Some(record)) => format!("{table}/{record}"),
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => String::new(),
        };
        Ok(DecisionRow {
            person: self.person,
            place,
            evidence,
            day: self.day,
        })
    }
}

/// A row of `claims.parquet`.
pub(super) struct ClaimRead {
    claim: String,
    kind: String,
    person: Option<PersonId>,
    filed: i64,
    target: Option<u32>,
    field: String,
    outcome: String,
    superseded_by: Option<String>,
}

impl Row for ClaimRead {
    const TABLE: &'static str = <batch::tables::ClaimOutcomeRow<'static> as Row>::TABLE;
    const COLUMNS: &'static [Column] = <batch::tables::ClaimOutcomeRow<'static> as Row>::COLUMNS;

    fn put(&self, cells: &mut Put<'_>) {
        cells.text(self.claim.as_str()).text(self.kind.as_str());
        cells.shown_if(self.person).moment(self.filed);
        cells.number(self.target).text(self.field.as_str());
        cells.text(self.outcome.as_str());
        cells.text(self.superseded_by.as_deref());
    }
}

impl ReadRow for ClaimRead {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        Ok(Self {
            claim: cells.text()?.to_owned(),
            kind: cells.text()?.to_owned(),
            person: cells.parsed_if()?,
            filed: cells.moment()?,
            target: cells.number_if(),
            field: cells.text()?.to_owned(),
            outcome: cells.text()?.to_owned(),
            superseded_by: cells.text_if().map(str::to_owned),
        })
    }
}

impl ClaimRead {
    pub fn kept(self) -> Result<ClaimOutcomeRow, ReceiveError> {
        Ok(ClaimOutcomeRow {
            claim: self.claim,
            person: self.person,
            outcome: ClaimOutcome::from_code(&self.outcome)
                .ok_or(wrong(Self::TABLE, "an outcome is none that we know"))?,
            superseded_by: self.superseded_by,
        })
    }
}

/// A row of `findings.parquet`.
pub(super) struct FindingRead {
    code: String,
    blocks: bool,
    address: Option<String>,
    precincts: (Option<u32>, Option<u32>),
    detail: String,
}

impl Row for FindingRead {
    const TABLE: &'static str = <batch::tables::FindingRow<'static> as Row>::TABLE;
    const COLUMNS: &'static [Column] = <batch::tables::FindingRow<'static> as Row>::COLUMNS;

    fn put(&self, cells: &mut Put<'_>) {
        cells.text(self.code.as_str()).flag(self.blocks);
        cells.text(self.address.as_deref());
        cells.number(self.precincts.0).number(self.precincts.1);
        cells.text(self.detail.as_str());
    }
}

impl ReadRow for FindingRead {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        Ok(Self {
            code: cells.text()?.to_owned(),
            blocks: cells.flag()?,
            address: cells.text_if().map(str::to_owned),
            precincts: (cells.number_if(), cells.number_if()),
            detail: cells.text()?.to_owned(),
        })
    }
}

impl FindingRead {
    pub fn kept(self) -> Result<FindingRow, ReceiveError> {
        let code = |number: Option<u32>| number.map(|n| precinct(Self::TABLE, n)).transpose();
        Ok(FindingRow {
            precinct: code(self.precincts.0)?,
            other_precinct: code(self.precincts.1)?,
            code: self.code,
            blocks: self.blocks,
            address: self.address,
            detail: self.detail,
        })
    }
}

/// A row of `reconciliation.parquet`.
pub(super) struct ReconciliationRead {
    row: Option<String>,
    classes: String,
    person: Option<PersonId>,
    found_by: Option<String>,
    acts: String,
    precinct: Option<u32>,
    kept_row: Option<String>,
    birth_differs: bool,
    evidence: String,
}

impl Row for ReconciliationRead {
    const TABLE: &'static str = <batch::tables::ReconciliationRow<'static> as Row>::TABLE;
    const COLUMNS: &'static [Column] = <batch::tables::ReconciliationRow<'static> as Row>::COLUMNS;

    fn put(&self, cells: &mut Put<'_>) {
        cells.text(self.row.as_deref()).text(self.classes.as_str());
        cells.shown_if(self.person).text(self.found_by.as_deref());
        cells.text(self.acts.as_str()).number(self.precinct);
        cells
            .text(self.kept_row.as_deref())
            .flag(self.birth_differs);
        cells.text(self.evidence.as_str());
    }
}

impl ReadRow for ReconciliationRead {
    fn take(cells: &mut Take<'_>) -> Result<Self, CellError> {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Ok(Self {
            row: owned(cells.text_if()),
            classes: cells.text()?.to_owned(),
            person: cells.parsed_if()?,
            found_by: owned(cells.text_if()),
            acts: cells.text()?.to_owned(),
            precinct: cells.number_if(),
            kept_row: owned(cells.text_if()),
            birth_differs: cells.flag()?,
            evidence: cells.text()?.to_owned(),
        })
    }
}

impl ReconciliationRead {
    /// One row for each class, with the evidence of that class only.
    pub fn keep(self, out: &mut Vec<ReconciledRow>) -> Result<(), ReceiveError> {
        let row = match (&self.row, self.person) {
            (Some(row), _) => row.clone(),
            (None, Some(person)) => person.to_string(),
            (None, None) => return Err(wrong(Self::TABLE, "a row is about nobody")),
        };
        let place = self
            .precinct
            .map(|n| precinct(Self::TABLE, n))
            .transpose()?;
        let items = self.evidence.split(';');
        let answers: Vec<Answered> = items.filter_map(Answered::parse).collect();
        let is_placed = answers.iter().any(|answer| answer.how == "placed");
        for code in self.classes.split('+') {
            let class = ReconciliationClass::from_code(code)
                .ok_or(wrong(Self::TABLE, "a class is none that we know"))?;
            let places = matches!(
                class,
                ReconciliationClass::Moved
                    | ReconciliationClass::WrongPrecinct
                    | ReconciliationClass::NoPrecinct
                    | ReconciliationClass::New
            );
            let prefix = format!("{code}=");
            let evidence = RowEvidence {
                found_by: self.found_by.clone(),
                shown_by: self
                    .evidence
                    .split(';')
                    .filter_map(|item| ShownBy::parse(item.strip_prefix(&prefix)?))
                    .collect(),
                kept: self
                    .kept_row
                    .clone()
                    .filter(|_| class == ReconciliationClass::Duplicate),
                // A human placed the address of the row: the precinct goes with what they said.
                precinct: place.filter(|_| places || is_placed),
                birth_differs: self.birth_differs,
                answers: answers.clone(),
            };
            out.push(ReconciledRow {
                row: row.clone(),
                class,
                person: self.person,
                detail: evidence.text(),
            });
        }
        Ok(())
    }
}
