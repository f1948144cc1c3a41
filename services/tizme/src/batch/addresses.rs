//! `tizme batch addresses`: the houses that the commission's address texts mean.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use ::batch::columns::{Column, Kind, Put, Row, may, must, write_table};
use anyhow::{Result, bail};
use clap::Args;
use rayon::prelude::*;
use register::address::{Answer, Context, Seeker};
use serde_json::json;

use super::Place;
use super::rejects::Rejects;

mod land;

pub(super) use land::Land;

/// Arguments of `addresses`.
#[derive(Args)]
pub struct Addresses {
    #[command(flatten)]
    place: Place,
    /// The address register as its keeper hands it over, instead of the snapshot's houses: `addresses.csv`, `.parquet`
    /// or `.geojson`, with `street_names`, `second_addresses` and `places` where there are any (docs/addresses.md).
    /// Rows that cannot stand go to `rejects.csv`.
    #[arg(long, value_name = "DIR")]
    register: Option<PathBuf>,
}

/// Texts that one seeker reads before the next begins; the answers do not depend on it.
const TEXTS_A_SEEKER: usize = 200_000;

/// A row of `addresses.parquet`: placed, or queued with its reason.
pub(super) struct AddressedRow<'a> {
    /// Buildings by house of the index.
    pub ids: &'a [Box<str>],
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
        let id = |at: u32| &*self.ids[at as usize];
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
                let mut ids: Vec<&str> = Vec::new();
                for house in queued.suggestions.iter().map(|s| id(s.house.0)) {
                    // Of a building with two addresses one is enough.
                    if !ids.contains(&house) {
                        ids.push(house);
                    }
                }
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

/// Reads every address text of the commission's list; rows without one are left out.
///
/// # Errors
/// Of the snapshot, of a list that is missing, or of a file of the register that cannot be read at all.
pub(super) fn address(arguments: &Addresses) -> Result<ExitCode> {
    let place = &arguments.place;
    let law = place.law()?;
    let snapshot = place.snapshot(&law)?;
    if snapshot.commission.is_empty() {
        bail!(
            "{}: holds no list of the commission",
            place.snapshot.display()
        );
    }
    let mut rejects = Rejects::default();
    let Land { index, ids } = match &arguments.register {
        Some(folder) => Land::read(folder, &snapshot, law.election.day, &mut rejects)?,
        None => Land::of_snapshot(&snapshot, law.election.day),
    };
    if arguments.register.is_some() {
        rejects.write(&place.out)?;
    }
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
            ids: &ids,
            row: snapshot.commission.get(*at).row,
            answer,
        });
        write_table(path, rows)?;
        Ok(())
    })?;
    let waiting: u64 = queued.values().sum();
    place.tell(
        &json!({ "texts": placed + waiting, "placed": placed, "queued": queued, "houses": index.houses(), "rejects": rejects.len(), "file": path.display().to_string() }),
        || {
            let lines: Vec<String> = queued.iter().map(|(reason, rows)| format!("{rows:>10} {reason}\n")).collect();
            format!("{placed} of {} addresses placed, the rest waits for a human: {}\n{}", placed + waiting, path.display(), lines.concat())
        },
    );
    Ok(ExitCode::SUCCESS)
}
