//! Proposals for precincts above the legal limit: `splits.parquet` of `tizme batch assign`.

use std::collections::BTreeMap;

use ::batch::columns::{Column, Kind, Put, Row, may, must};
use lexicon::PrecinctCode;
use roll::boundary::split::{SplitPart, SplitRange, VotersAt, propose};
use roll::boundary::{Finding, house_number};
use roll::eligibility::Evidence;
use roll::{Outcome, Roll, Snapshot};

/// A street range of a proposed part, or why there is no proposal.
pub(super) struct SplitRow {
    precinct: PrecinctCode,
    part: u32,
    voters: u32,
    range: Option<(String, u32, u32)>,
    refused: Option<String>,
}

impl Row for SplitRow {
    const TABLE: &'static str = "splits";
    const COLUMNS: &'static [Column] = &[
        must("precinct", Kind::Number),
        must("part", Kind::Number),
        must("voters", Kind::Number),
        may("street", Kind::Text),
        may("house_from", Kind::Number),
        may("house_to", Kind::Number),
        may("refused", Kind::Text),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        let range = self.range.as_ref();
        cells
            .number(u32::from(self.precinct.number()))
            .number(self.part)
            .number(self.voters)
            .text(range.map(|(street, _, _)| street.as_str()))
            .number(range.map(|(_, from, _)| *from))
            .number(range.map(|(_, _, to)| *to))
            .text(self.refused.as_deref());
    }
}

/// A proposal for each precinct above the limit. Voters by Form 2 have no house there and stay with the first part, whose
/// voters they are.
pub(super) fn proposals(snapshot: &Snapshot, roll: &Roll, limit: u32) -> Vec<SplitRow> {
    let too_large = roll.findings.iter().filter_map(|finding| match finding {
        Finding::TooLarge { precinct, voters } => Some((*precinct, *voters)),
        Finding::Gap { .. }
        | Finding::Overlap { .. }
        | Finding::Conflict { .. }
        | Finding::TwoPrecincts { .. }
        | Finding::Unusable { .. }
        | Finding::Crossing { .. }
        | Finding::AreaOverlap { .. }
        | Finding::AreaGap { .. }
        | Finding::Enclave { .. }
        | Finding::Empty { .. } => None,
    });
    let mut rows = Vec::new();
    for (precinct, voters) in too_large {
        let houses = houses(snapshot, roll, precinct);
        let housed: u32 = houses.iter().map(|house| house.voters).sum();
        match propose(&houses, limit, voters.saturating_sub(housed)) {
            Ok(parts) => rows.extend(part_rows(precinct, &parts)),
            Err(why) => rows.push(SplitRow {
                precinct,
                part: 0,
                voters,
                range: None,
                refused: Some(why.to_string()),
            }),
        }
    }
    rows
}

fn part_rows(precinct: PrecinctCode, parts: &[SplitPart]) -> Vec<SplitRow> {
    let numbered = (1u32..).zip(parts);
    numbered
        .flat_map(|(number, part)| {
            let row = move |range: Option<&SplitRange>| SplitRow {
                precinct,
                part: number,
                voters: part.voters,
                range: range.map(|range| (range.street.clone(), range.from, range.to)),
                refused: None,
            };
            // A first part of those alone who stay with the number has its row too, so that the sum is the list's.
            let alone = part.ranges.is_empty().then(|| row(None));
            part.ranges
                .iter()
                .map(move |range| row(Some(range)))
                .chain(alone)
        })
        .collect()
}

/// Voters of a precinct by the house of the residence they vote by.
fn houses<'a>(snapshot: &'a Snapshot, roll: &Roll, precinct: PrecinctCode) -> Vec<VotersAt<'a>> {
    let list = roll.lists.iter().find(|list| list.precinct == precinct);
    let mut voters: BTreeMap<usize, u32> = BTreeMap::new();
    for person in list.map_or(&[][..], |list| &list.persons) {
        let decision = &roll.decisions[person.at()];
        if let (Outcome::Listed(_), Evidence::Residence(at)) = (decision.outcome, decision.evidence)
        {
            *voters
                .entry(snapshot.residences[at].address.at())
                .or_default() += 1;
        }
    }
    let of = |(at, voters): (usize, u32)| {
        let row = &snapshot.addresses[at];
        VotersAt {
            place: row.soate.as_u64(),
            street: snapshot.words.text(row.street),
            house: house_number(snapshot.words.text(row.house)),
            lon: row.lon,
            lat: row.lat,
            voters,
        }
    };
    voters.into_iter().map(of).collect()
}
