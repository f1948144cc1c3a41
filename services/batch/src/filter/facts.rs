//! Steps `decide` and `claims`: everything about some clusters of records, judged by the whole chain of rules.
//!
//! A fact is a row of one of the snapshot's tables about a person, with the table's name and the cluster's;
//! columns of other tables are null. A claim that names nobody is a cluster of its own.

use arrow::array::{Array as _, BooleanArray, RecordBatch, StringArray};
use arrow::compute::filter_record_batch;
use lexicon::handover::snapshot::{
    CivilEventRow, ClaimRow, DocumentRow, EnrolmentRow, PersonRow, ResidenceRow,
};
use roll::commit::line_of;
use roll::eligibility::remedy_until;
use roll::snapshot::PersonAt;
use roll::{Outcome, Roll, Snapshot, SnapshotBuilder, form};

use super::lines::Decided;
use super::{Filter, FilterError, Need, Params};
use crate::columns::{Column, Kind, ReadRow, Row, batch_of, may, must, rows_of};
use crate::tables::{ClaimOutcomeRow, placed_by};

/// The columns of all tables about persons.
const FACTS: &[Column] = &[
    must("cluster", Kind::Text),
    must("table", Kind::Text),
    may("person", Kind::Text),
    may("pin", Kind::Text),
    may("surname", Kind::Text),
    may("given", Kind::Text),
    may("patronymic", Kind::Text),
    may("sex", Kind::Text),
    may("born", Kind::Text),
    may("citizenship", Kind::Text),
    may("standing", Kind::Text),
    may("duplicate_of", Kind::Text),
    may("died", Kind::Text),
    may("pin_conflict", Kind::Flag),
    may("number", Kind::Text),
    may("issued", Kind::Text),
    may("expires", Kind::Text),
    may("status", Kind::Text),
    may("address", Kind::Text),
    may("kind", Kind::Text),
    may("from", Kind::Text),
    may("until", Kind::Text),
    may("event", Kind::Text),
    may("date", Kind::Text),
    may("act", Kind::Text),
    may("enrolment", Kind::Text),
    may("captured", Kind::Text),
    may("processed", Kind::Text),
    may("region", Kind::Text),
    may("claim", Kind::Text),
    may("filed", Kind::Moment),
    may("target", Kind::Number),
    may("field", Kind::Text),
    may("value", Kind::Text),
    may("identified", Kind::Flag),
];

/// The tables that a fact may be of.
const TABLES: [&str; 6] = [
    PersonRow::TABLE,
    DocumentRow::TABLE,
    ResidenceRow::TABLE,
    CivilEventRow::TABLE,
    EnrolmentRow::TABLE,
    ClaimRow::TABLE,
];

pub(super) const DECIDE: Filter = Filter {
    name: "decide",
    about: "Decides who is on the list and in which precinct, with rule, record and date; lines follow by `number`.",
    input: FACTS,
    output: Decided::COLUMNS,
    key: &["cluster"],
    sort: &["person"],
    needs: &[Need::Law, Need::Snapshot],
    run: decide,
};

pub(super) const CLAIMS: Filter = Filter {
    name: "claims",
    about: "Settles corrections and Form 2, whatever the order they arrived in.",
    input: FACTS,
    output: ClaimOutcomeRow::COLUMNS,
    key: &["cluster"],
    sort: &["filed", "claim"],
    needs: &[Need::Law, Need::Snapshot],
    run: claims,
};

/// The rows of one table among facts.
fn of_table(facts: &RecordBatch, table: &str) -> Result<RecordBatch, FilterError> {
    let tables = tables_of(facts)?;
    let mask: BooleanArray = (0..tables.len())
        .map(|at| Some(tables.value(at) == table))
        .collect();
    Ok(filter_record_batch(facts, &mask)?)
}

fn tables_of(facts: &RecordBatch) -> Result<&StringArray, FilterError> {
    let missing = FilterError::Missing {
        field: "table",
        kind: Kind::Text,
    };
    facts
        .column_by_name("table")
        .and_then(|array| array.as_any().downcast_ref())
        .ok_or(missing)
}

/// Refuses a fact of a table that is none of those known.
pub(super) fn check_tables(facts: &RecordBatch, known: &[&str]) -> Result<(), FilterError> {
    let tables = tables_of(facts)?;
    match (0..tables.len()).find(|at| !known.contains(&tables.value(*at))) {
        Some(at) => Err(FilterError::Code {
            field: "table",
            row: at + 1,
        }),
        None => Ok(()),
    }
}

/// The rows of one table among the facts.
fn rows_in<R: ReadRow>(facts: &RecordBatch) -> Result<Vec<R>, FilterError> {
    Ok(rows_of(R::TABLE, &of_table(facts, R::TABLE)?)?)
}

/// The part of the country that the facts are about, and its list.
fn judged(facts: &RecordBatch, params: &Params) -> Result<(Snapshot, Roll), FilterError> {
    check_tables(facts, &TABLES)?;
    let mut builder = SnapshotBuilder::new();
    for row in rows_in::<PersonRow>(facts)? {
        builder.person(&row)?;
    }
    for row in rows_in::<DocumentRow>(facts)? {
        builder.document(&row);
    }
    for row in rows_in::<ResidenceRow>(facts)? {
        builder.residence(&row);
    }
    for row in rows_in::<CivilEventRow>(facts)? {
        builder.civil_event(&row)?;
    }
    for row in rows_in::<EnrolmentRow>(facts)? {
        builder.enrolment(&row);
    }
    for row in rows_in::<ClaimRow>(facts)? {
        builder.claim(&row);
    }
    params.side()?.places(&mut builder)?;
    let snapshot = builder.finish()?;
    let roll = form(&snapshot, params.law()?)?;
    Ok((snapshot, roll))
}

fn decide(facts: &RecordBatch, params: &Params) -> Result<RecordBatch, FilterError> {
    let law = params.law()?;
    let (snapshot, roll) = judged(facts, params)?;
    let rows = snapshot.people().map(|person| {
        let decision = roll.decisions[person.at()];
        let (table, record) = decision.evidence.record(&snapshot, person);
        let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let mut row = Decided {
            person: snapshot.person(person).id,
            outcome: decision.code().to_owned(),
            rule: None,
            precinct: None,
            placed_by: None,
            evidence_table: filled(table),
            evidence_record: filled(&record),
            evidence_date: decision.date.map(|date| date.to_string()),
            remedy_until: None,
            line: None,
        };
        match decision.outcome {
            Outcome::Listed(place) => {
                row.precinct = Some(u32::from(place.precinct.number()));
                row.placed_by = Some(placed_by(place.by, decision.evidence).to_owned());
                row.line = Some(printed_line(&snapshot, &roll, person, place.precinct));
            }
            Outcome::Excluded(reason) => {
                row.rule = Some(decision.rule().to_owned());
                row.remedy_until = Some(remedy_until(law, reason).to_string());
            }
        }
        row
    });
    Ok(batch_of(rows)?)
}

fn printed_line(
    snapshot: &Snapshot,
    roll: &Roll,
    person: PersonAt,
    precinct: lexicon::PrecinctCode,
) -> super::lines::Line {
    let line = line_of(snapshot, roll, person);
    super::lines::Line {
        surname: line.surname,
        given: line.given,
        patronymic: line.patronymic,
        born: line.born,
        address: line.address,
        sex: snapshot.person(person).sex,
        region: snapshot
            .precinct(precinct)
            .map_or_else(String::new, |row| row.region.clone()),
    }
}

fn claims(facts: &RecordBatch, params: &Params) -> Result<RecordBatch, FilterError> {
    let (snapshot, roll) = judged(facts, params)?;
    let rows = (0..snapshot.claims.len()).map(|at| ClaimOutcomeRow {
        snapshot: &snapshot,
        roll: &roll,
        at,
    });
    Ok(batch_of(rows)?)
}
