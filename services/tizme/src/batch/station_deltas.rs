//! `tizme batch station-deltas`: the deltas of the list, cut for the stations that they touch.

use std::process::ExitCode;

use ::batch::write_station_deltas;
use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::delta::Delta;

/// Arguments of `station-deltas`: those of `delta`; the snapshot is the one of the last delta.
#[derive(Args)]
pub struct StationDeltas {
    #[command(flatten)]
    delta: Delta,
}

/// Cuts them.
pub fn run(arguments: &StationDeltas) -> Result<ExitCode> {
    let done = arguments
        .delta
        .with_job(|_, job| write_station_deltas(job))?;
    let (place, made) = match done {
        Ok(made) => made,
        Err(code) => return Ok(code),
    };
    let files: Vec<_> = made
        .iter()
        .map(|made| {
            let changes: Vec<_> = made
                .changes
                .iter()
                .map(|(line, kind)| json!({ "line": line, "act": kind.code() }))
                .collect();
            json!({
                "file": format!("station-deltas/{}-{:03}.delta", made.precinct, made.number),
                "id": made.id.hex(), "changes": changes,
            })
        })
        .collect();
    place.tell(&json!({ "made": files }), || {
        let mut text = format!("{} files for stations", made.len());
        for made in &made {
            text += &format!(
                "\nstation-deltas/{}-{:03}.delta  {} changes",
                made.precinct,
                made.number,
                made.changes.len()
            );
        }
        text
    });
    Ok(ExitCode::SUCCESS)
}
