//! Which room may know which.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Finding, House, SHELVES};

/// Which crate may know which (normal dependencies). A new arrow is its own commit, with a reason.
pub const ARROWS: &[(&str, &[&str])] = &[
    ("fingerprint", &[]),
    ("linkage", &["script"]),
    ("script", &[]),
    ("tlog", &[]),
    ("lexicon", &[]),
    ("register", &["lexicon", "script"]),
    ("dedup", &["lexicon", "register", "fingerprint", "linkage"]),
    (
        "roll",
        &["lexicon", "register", "script", "linkage", "tlog"],
    ),
    ("pollbook", &["lexicon", "script", "fingerprint", "tlog"]),
    // The planner reads the law and speaks in the vocabulary of all; it knows no person and no list.
    ("logistics", &["lexicon"]),
    ("keys", &["lexicon"]),
    (
        "store",
        &[
            "lexicon",
            "register",
            "dedup",
            "roll",
            "pollbook",
            "tlog",
            "script",
            "fingerprint",
        ],
    ),
    (
        "batch",
        &[
            "lexicon", "roll", "tlog", "keys", "linkage", "script", "pollbook",
        ],
    ),
    ("screen", &["lexicon"]),
    (
        "office",
        &[
            "lexicon",
            "register",
            "dedup",
            "roll",
            "pollbook",
            "store",
            "fingerprint",
            // The office shows why the linkage is unsure of a pair, and asks people about it.
            "linkage",
            "tlog",
            "keys",
            "screen",
            "script",
            "batch",
        ],
    ),
    (
        "station",
        &[
            "lexicon",
            "pollbook",
            "fingerprint",
            "tlog",
            "keys",
            "screen",
            "script",
        ],
    ),
    ("oracle", &["lexicon", "keys"]),
    ("portal", &["lexicon", "tlog", "screen"]),
    // Printing what nobody signed would be worse than not printing: it opens, checks and hashes, and asks the precinct's
    // own rules who may sign.
    ("print", &["lexicon", "tlog", "keys", "pollbook"]),
    (
        "tizme",
        &[
            "lexicon",
            "fingerprint",
            "linkage",
            "script",
            "store",
            "batch",
            "office",
            "portal",
            "oracle",
            "verifier",
            "keys",
            "roll",
            "dedup",
            "register",
            "logistics",
        ],
    ),
    ("verifier", &[]),
];

/// Rooms of `trials` may know every room; none may know them.
const FREE_SHELF: &str = "trials";

/// What a room may not reach even through others.
const FORBIDDEN_REACH: &[(&str, &[&str])] = &[
    (
        "portal",
        &[
            "store",
            "register",
            "dedup",
            "fingerprint",
            "linkage",
            "roll",
            "keys",
            "oracle",
        ],
    ),
    (
        "station",
        &["store", "register", "dedup", "linkage", "roll"],
    ),
    (
        "oracle",
        &[
            "store",
            "register",
            "dedup",
            "fingerprint",
            "linkage",
            "roll",
            "screen",
        ],
    ),
    ("verifier", &["lexicon", "tlog", "keys", "store"]),
    (
        "country",
        &["fingerprint", "linkage", "script", "roll", "store"],
    ),
    (
        "ridges",
        &["fingerprint", "linkage", "script", "roll", "store"],
    ),
];

/// The house crates among the normal and build dependencies of a manifest.
fn house_dependencies(manifest: &str, rooms: &BTreeSet<&str>) -> Result<BTreeSet<String>, String> {
    let table: toml::Table = manifest
        .parse()
        .map_err(|e| format!("unreadable manifest: {e}"))?;
    let mut found = BTreeSet::new();
    for section in ["dependencies", "build-dependencies"] {
        if let Some(toml::Value::Table(dependencies)) = table.get(section) {
            found.extend(
                dependencies
                    .keys()
                    .filter(|k| rooms.contains(k.as_str()))
                    .cloned(),
            );
        }
    }
    Ok(found)
}

/// Every arrow is in the table, and none points to a later shelf or out of `trials`.
#[must_use]
pub fn arrows_are_agreed(house: &House) -> Vec<Finding> {
    let rooms: BTreeSet<&str> = house.rooms.iter().map(|r| r.name.as_str()).collect();
    let shelf_of: BTreeMap<&str, usize> = house
        .rooms
        .iter()
        .map(|r| {
            (
                r.name.as_str(),
                SHELVES.iter().position(|s| *s == r.shelf).unwrap_or(9),
            )
        })
        .collect();
    let mut findings = Vec::new();
    for room in &house.rooms {
        let knows = match house_dependencies(&room.manifest, &rooms) {
            Ok(knows) => knows,
            Err(why) => {
                findings.push(format!("{}: {why}", room.name));
                continue;
            }
        };
        for known in &knows {
            if shelf_of.get(known.as_str()) > shelf_of.get(room.name.as_str()) {
                findings.push(format!("{} -> {known} points to a later shelf", room.name));
            }
        }
        if room.shelf == FREE_SHELF {
            continue;
        }
        let Some((_, agreed)) = ARROWS.iter().find(|(name, _)| *name == room.name) else {
            findings.push(format!("room {} is not in the table of arrows", room.name));
            continue;
        };
        for known in knows.iter().filter(|k| !agreed.contains(&k.as_str())) {
            findings.push(format!(
                "{} -> {known} is not in the table of arrows",
                room.name
            ));
        }
    }
    findings
}

/// What must not be linked is not reachable, not even through another crate.
#[must_use]
pub fn forbidden_reach_is_empty(house: &House) -> Vec<Finding> {
    let rooms: BTreeSet<&str> = house.rooms.iter().map(|r| r.name.as_str()).collect();
    let graph: BTreeMap<&str, BTreeSet<String>> = house
        .rooms
        .iter()
        .map(|r| {
            (
                r.name.as_str(),
                house_dependencies(&r.manifest, &rooms).unwrap_or_default(),
            )
        })
        .collect();
    let mut findings = Vec::new();
    for (name, forbidden) in FORBIDDEN_REACH {
        let mut seen: BTreeSet<String> = BTreeSet::new();
        let mut open: Vec<String> = vec![(*name).to_owned()];
        while let Some(at) = open.pop() {
            for known in graph.get(at.as_str()).into_iter().flatten() {
                if seen.insert(known.clone()) {
                    open.push(known.clone());
                }
            }
        }
        for other in forbidden.iter().filter(|other| seen.contains(**other)) {
            findings.push(format!("{name} reaches {other}"));
        }
    }
    findings
}
