//! Paths that pages name exist, and no page or source carries a machine's own path.

use crate::{Finding, House};

/// Folders of a machine, never of the product. Split so that this file does not find itself.
const MACHINE: [&str; 3] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
];

/// Every path in backticks in ARCHITECTURE.md exists.
#[must_use]
pub fn named_paths_exist(house: &House) -> Vec<Finding> {
    let Some(page) = house.pages.get("ARCHITECTURE.md") else {
        return vec!["ARCHITECTURE.md is missing".to_owned()];
    };
    let shelves = [
        "instruments/",
        "rules/",
        "services/",
        "trials/",
        "countries/",
        "docs/",
    ];
    page.split('`')
        .skip(1)
        .step_by(2)
        .filter(|path| shelves.iter().any(|s| path.starts_with(s)))
        .map(|path| path.trim_end_matches('/'))
        .filter(|path| !path.contains(['*', '<', ' ', '{']))
        .filter(|path| !house.files.iter().any(|f| f == path))
        .map(|path| format!("ARCHITECTURE.md names {path}, which is not there"))
        .collect()
}

/// The repository speaks of the product alone.
#[must_use]
pub fn no_machine_paths(house: &House) -> Vec<Finding> {
    house
        .sources
        .iter()
        .chain(&house.pages)
        .flat_map(|(path, text)| {
            MACHINE
                .iter()
                .filter(|m| text.contains(**m))
                .map(move |m| format!("{path} carries the machine path {m}"))
        })
        .collect()
}

/// The minutes in the ledger add up to 60 or less.
#[must_use]
pub fn ledger_fits(house: &House) -> Vec<Finding> {
    let Some(ledger) = house.pages.get("trials/LEDGER.md") else {
        return vec!["trials/LEDGER.md is missing".to_owned()];
    };
    let tenths: u64 = ledger
        .lines()
        .filter(|line| line.starts_with('|'))
        .filter_map(|line| line.split('|').nth(2))
        .filter_map(|cell| cell.trim().parse::<f64>().ok())
        .map(|minutes| (minutes * 10.0).round() as u64)
        .sum();
    if tenths == 0 {
        vec!["trials/LEDGER.md declares no minutes".to_owned()]
    } else if tenths > 600 {
        vec![format!(
            "trials/LEDGER.md declares {} minutes, 60 are allowed",
            tenths / 10
        )]
    } else {
        Vec::new()
    }
}
