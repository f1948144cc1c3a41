//! The tables of `roll/`, for anyone with DuckDB, pandas or Spark.

use lexicon::ElectionLaw;
use roll::boundary::{Finding, PlacedBy};
use roll::eligibility::{Evidence, remedy_until};
use roll::reconcile::{Act, Reconciled};
use roll::snapshot::{AddressAt, PersonAt};
use roll::{Outcome, Roll, Snapshot};

use crate::columns::{Column, Kind, Put, Row, may, must};

/// How a listed person came to the precinct, as tables name it.
pub(crate) fn placed_by(by: Option<PlacedBy>, evidence: Evidence) -> &'static str {
    by.map_or_else(
        || match evidence {
            Evidence::Override(_) => "override",
            Evidence::Person
            | Evidence::Other(_)
            | Evidence::Event(_)
            | Evidence::Enrolment(_)
            | Evidence::Residence(_)
            | Evidence::Claim(_)
            | Evidence::Document(_)
            | Evidence::Missing => "form2",
        },
        PlacedBy::code,
    )
}

/// A row of `decisions.parquet`.
#[derive(Clone, Debug)]
pub struct DecisionRow<'a> {
    /// The register.
    pub snapshot: &'a Snapshot,
    /// The list.
    pub roll: &'a Roll,
    /// The law.
    pub law: &'a ElectionLaw,
    /// Who.
    pub person: PersonAt,
}

impl Row for DecisionRow<'_> {
    const TABLE: &'static str = "decisions";
    const COLUMNS: &'static [Column] = &[
        must("person", Kind::Text),
        must("outcome", Kind::Text),
        may("rule", Kind::Text),
        may("precinct", Kind::Number),
        may("line", Kind::Number),
        may("page", Kind::Number),
        may("placed_by", Kind::Text),
        may("evidence_table", Kind::Text),
        may("evidence_record", Kind::Text),
        may("evidence_date", Kind::Text),
        may("remedy_until", Kind::Text),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        let decision = self.roll.decisions[self.person.at()];
        let (table, record) = decision.evidence.record(self.snapshot, self.person);
        cells
            .shown(self.snapshot.person(self.person).id)
            .text(decision.code());
        match decision.outcome {
            Outcome::Listed(place) => cells
                .text(None)
                .number(u32::from(place.precinct.number()))
                .number(place.line)
                .number(place.page)
                .text(placed_by(place.by, decision.evidence)),
            Outcome::Excluded(_) => cells
                .text(decision.rule())
                .number(None)
                .number(None)
                .number(None)
                .text(None),
        };
        let filled = |text: &str| !text.is_empty();
        cells.text(Some(table).filter(|t| filled(t)));
        cells.text(Some(record.as_str()).filter(|t| filled(t)));
        cells.shown_if(decision.date);
        cells.shown_if(match decision.outcome {
            Outcome::Listed(_) => None,
            Outcome::Excluded(reason) => Some(remedy_until(self.law, reason)),
        });
    }
}

/// A row of `claims.parquet`; the value claimed stays in the snapshot.
#[derive(Clone, Debug)]
pub struct ClaimOutcomeRow<'a> {
    /// The register.
    pub snapshot: &'a Snapshot,
    /// The list.
    pub roll: &'a Roll,
    /// Place of the claim.
    pub at: usize,
}

impl Row for ClaimOutcomeRow<'_> {
    const TABLE: &'static str = "claims";
    const COLUMNS: &'static [Column] = &[
        must("claim", Kind::Text),
        must("kind", Kind::Text),
        may("person", Kind::Text),
        must("filed", Kind::Moment),
        may("target", Kind::Number),
        must("field", Kind::Text),
        must("outcome", Kind::Text),
        may("superseded_by", Kind::Text),
        may("street", Kind::Text),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        let claim = &self.snapshot.claims[self.at];
        let winner = self.roll.claims.superseded_by[self.at].map(|at| &self.snapshot.claims[at].id);
        cells
            .text(&*claim.id)
            .text(&*claim.kind)
            .shown_if(claim.person.map(|p| self.snapshot.person(p).id))
            .moment(claim.filed.micros())
            .number(claim.target.map(|p| u32::from(p.number())))
            .text(&*claim.field)
            .text(self.roll.claims.outcomes[self.at].code())
            .text(winner.map(|id| &**id))
            .text(self.roll.claims.streets.get(&self.at).map(|fit| fit.code()));
    }
}

/// A row of `findings.parquet`: what is wrong with boundaries.
#[derive(Clone, Debug)]
pub struct FindingRow<'a> {
    /// The register.
    pub snapshot: &'a Snapshot,
    /// The finding.
    pub finding: &'a Finding,
}

impl Row for FindingRow<'_> {
    const TABLE: &'static str = "findings";
    const COLUMNS: &'static [Column] = &[
        must("code", Kind::Text),
        must("blocks", Kind::Flag),
        may("address", Kind::Text),
        may("precinct", Kind::Number),
        may("other_precinct", Kind::Number),
        must("detail", Kind::Text),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        cells.text(self.finding.code()).flag(self.finding.blocks());
        let address = |at: &AddressAt| Some(&*self.snapshot.addresses[at.at()].id);
        let number = |p: lexicon::PrecinctCode| Some(u32::from(p.number()));
        let (address, precinct, other, detail) = match self.finding {
            Finding::Gap { address: at } => (address(at), None, None, String::new()),
            Finding::Overlap {
                address: at,
                by,
                precincts,
            } => {
                let first = precincts.first().copied().and_then(number);
                let second = precincts.get(1).copied().and_then(number);
                (address(at), first, second, by.code().to_owned())
            }
            Finding::Conflict {
                address: at,
                range,
                polygon,
            } => (
                address(at),
                number(*range),
                number(*polygon),
                "range wins".to_owned(),
            ),
            Finding::TwoPrecincts {
                address: at,
                own,
                other,
            } => {
                let detail = "the first address decides".to_owned();
                (address(at), number(*own), other.and_then(number), detail)
            }
            Finding::Unusable { precinct, why } => {
                (None, number(*precinct), None, (*why).to_owned())
            }
            Finding::Empty { precinct } | Finding::Crossing { precinct } => {
                (None, number(*precinct), None, String::new())
            }
            Finding::AreaOverlap {
                precincts: [one, other],
                square_metres,
            } => {
                let detail = format!("{square_metres} m²");
                (None, number(*one), number(*other), detail)
            }
            Finding::AreaGap {
                lon,
                lat,
                beside,
                square_metres,
            } => {
                let degrees = |micro: i32| f64::from(micro) / 1e6;
                let detail = format!(
                    "{square_metres} m² at {:.6} {:.6}",
                    degrees(*lat),
                    degrees(*lon)
                );
                (None, number(*beside), None, detail)
            }
            Finding::Enclave { precinct, inside } => {
                (None, number(*precinct), number(*inside), String::new())
            }
            Finding::TooLarge { precinct, voters } => {
                (None, number(*precinct), None, format!("{voters} voters"))
            }
        };
        cells
            .text(address)
            .number(precinct)
            .number(other)
            .text(detail.as_str());
    }
}

/// What a row of the reconciliation is about.
#[derive(Clone, Copy, Debug)]
pub enum What<'a> {
    /// A row of the commission's list, by place.
    Row(usize, &'a Reconciled),
    /// A person of the roll whom no row means.
    New(PersonAt),
}

/// A row of `reconciliation.parquet`.
#[derive(Clone, Debug)]
pub struct ReconciliationRow<'a> {
    /// The register.
    pub snapshot: &'a Snapshot,
    /// The list.
    pub roll: &'a Roll,
    /// What it is about.
    pub what: What<'a>,
}

impl Row for ReconciliationRow<'_> {
    const TABLE: &'static str = "reconciliation";
    const COLUMNS: &'static [Column] = &[
        may("row", Kind::Text),
        must("classes", Kind::Text),
        may("person", Kind::Text),
        may("found_by", Kind::Text),
        must("acts", Kind::Text),
        may("precinct", Kind::Number),
        may("kept_row", Kind::Text),
        must("birth_differs", Kind::Flag),
        must("evidence", Kind::Text),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        let number = |p: lexicon::PrecinctCode| u32::from(p.number());
        match self.what {
            What::Row(at, row) => {
                let commission = &self.snapshot.commission;
                let mut acts: Vec<&str> = row
                    .classes
                    .iter()
                    .map(|class| Act::of(class).code())
                    .collect();
                acts.dedup();
                cells
                    .text(commission.get(at).row)
                    .text(row.classes.joined().as_str())
                    .shown_if(row.record.map(|p| self.snapshot.person(p).id))
                    .text(row.found_by.code())
                    .text(acts.join("+").as_str())
                    .number(row.precinct.map(number))
                    .text(row.kept.map(|at| commission.get(at).row))
                    .flag(row.birth_differs)
                    .text(row.evidence.as_str());
            }
            What::New(person) => {
                let place = self.roll.place(person);
                cells
                    .text(None)
                    .text(lexicon::ReconciliationClass::New.code())
                    .shown(self.snapshot.person(person).id)
                    .text(None)
                    .text(Act::Add.code())
                    .number(place.map(|place| number(place.precinct)))
                    .text(None)
                    .flag(false)
                    .text("");
            }
        }
    }
}
