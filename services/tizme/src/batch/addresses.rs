//! `tizme batch addresses`: the houses that the commission's address texts mean.

use std::collections::BTreeMap;
use std::process::ExitCode;

use ::batch::columns::{Column, Kind, Put, Row, may, must, write_table};
use anyhow::{Result, bail};
use rayon::prelude::*;
use register::address::index::HouseRow;
use register::address::{Answer, Builder, Context, Index, Places, Seeker};
use roll::Snapshot;
use roll::boundary::place_all;
use serde_json::json;

use super::Place;

/// Texts that one seeker reads before the next begins; the answers do not depend on it.
const TEXTS_A_SEEKER: usize = 200_000;

/// A row of `addresses.parquet`: placed, or queued with its reason.
pub(super) struct AddressedRow<'a> {
    pub snapshot: &'a Snapshot,
    pub row: &'a str,
    pub answer: &'a Answer,
}

impl Row for AddressedRow<'_> {
    const TABLE: &'static str = "addressed";
    const COLUMNS: &'static [Column] = &[
        must("row", Kind::Text),
        may("address", Kind::Text),
        may("place", Kind::Text),
        may("street", Kind::Text),
        may("flat", Kind::Number),
        may("in_precinct", Kind::Flag),
        may("penalty", Kind::Number),
        may("margin", Kind::Number),
        may("reason", Kind::Text),
        may("suggestions", Kind::Text),
    ];

    fn put(&self, cells: &mut Put<'_>) {
        let id = |at: u32| &*self.snapshot.addresses[at as usize].id;
        cells.text(self.row);
        match self.answer {
            Answer::Placed(found) => cells
                .text(id(found.house.0))
                .text(found.place.code())
                .text(found.street.code())
                .number(found.flat)
                .flag(found.in_precinct)
                .number(found.penalty)
                .number(found.margin)
                .text(None)
                .text(None),
            Answer::Queued(queued) => {
                let ids: Vec<&str> = queued.suggestions.iter().map(|s| id(s.house.0)).collect();
                let ids = ids.join(" ");
                cells
                    .text(None)
                    .text(None)
                    .text(None)
                    .number(None)
                    .flag(None)
                    .number(None)
                    .number(None)
                    .text(queued.reason.code())
                    .text((!ids.is_empty()).then_some(ids.as_str()))
            }
        };
    }
}

/// The register of the snapshot, arranged; a house's number is its place in the snapshot.
pub(super) fn index(snapshot: &Snapshot) -> Index {
    let (placed, _) = place_all(snapshot);
    let mut builder = Builder::new(Places::shipped());
    let text = |word| snapshot.words.text(word);
    for (row, placed) in snapshot.addresses.iter().zip(placed) {
        builder.house(&HouseRow {
            soate: row.soate,
            street: text(row.street),
            street_name: text(row.street_name),
            house: text(row.house),
            precinct: placed.map(|placed| placed.precinct),
        });
    }
    builder.finish()
}

/// Reads every address text of the commission's list; rows without one are left out.
pub(super) fn address(place: &Place) -> Result<ExitCode> {
    let law = place.law()?;
    let snapshot = place.snapshot(&law)?;
    if snapshot.commission.is_empty() {
        bail!(
            "{}: holds no list of the commission",
            place.snapshot.display()
        );
    }
    let index = index(&snapshot);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(place.threads)
        .build()?;
    let rows: Vec<usize> = (0..snapshot.commission.len()).collect();
    let answers: Vec<Vec<(usize, Answer)>> = pool.install(|| {
        rows.par_chunks(TEXTS_A_SEEKER)
            .map(|rows| {
                let mut seeker = Seeker::new(&index);
                let entries = rows.iter().map(|&at| (at, snapshot.commission.get(at)));
                entries
                    .filter(|(_, entry)| !entry.address.trim().is_empty())
                    .map(|(at, entry)| {
                        let precinct = entry.precinct.trim().parse().ok();
                        (at, seeker.seek(entry.address, Context { precinct }))
                    })
                    .collect()
            })
            .collect()
    });
    let mut queued: BTreeMap<&str, u64> = BTreeMap::new();
    let mut placed = 0u64;
    for (_, answer) in answers.iter().flatten() {
        match answer {
            Answer::Placed(_) => placed += 1,
            Answer::Queued(of) => *queued.entry(of.reason.code()).or_default() += 1,
        }
    }
    let path = place.write("addresses.parquet", |path| {
        let rows = answers.iter().flatten().map(|(at, answer)| AddressedRow {
            snapshot: &snapshot,
            row: snapshot.commission.get(*at).row,
            answer,
        });
        write_table(path, rows)?;
        Ok(())
    })?;
    let waiting: u64 = queued.values().sum();
    place.tell(
        &json!({ "texts": placed + waiting, "placed": placed, "queued": queued, "file": path.display().to_string() }),
        || {
            let lines: Vec<String> = queued.iter().map(|(reason, rows)| format!("{rows:>10} {reason}\n")).collect();
            format!("{placed} of {} addresses placed, the rest waits for a human: {}\n{}", placed + waiting, path.display(), lines.concat())
        },
    );
    Ok(ExitCode::SUCCESS)
}
