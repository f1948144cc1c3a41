//! What may stand in a source file.

use crate::{Finding, House};

/// File names that say nothing: if a function has no home, a noun is missing.
const HOMELESS: [&str; 7] = [
    "utils",
    "util",
    "helpers",
    "common",
    "misc",
    "manager",
    "processor",
];

/// Ambient time, randomness, I/O and state that a rule or an instrument may not name.
const AMBIENT: [&str; 16] = [
    "SystemTime",
    "std::time::Instant",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "thread_local!",
    "thread_rng",
    "SystemRandom",
    "getrandom",
    "rand::rng",
    "Timestamp::now",
    "Zoned::now",
    "tokio",
    "std::io::stdin",
];

/// How SQL looks.
const SQL: [&str; 7] = [
    "SELECT ",
    "INSERT INTO",
    "UPDATE ",
    "DELETE FROM",
    "CREATE TABLE",
    "DROP TABLE",
    "ALTER TABLE",
];

fn in_tests(path: &str) -> bool {
    path.contains("/tests/")
        || path.ends_with("/tests.rs")
        || path.contains("/fuzz/")
        || path.contains("/examples/")
}

/// The part of a source before its test module, with comments and doc text removed.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| !line.trim_start().starts_with("#[cfg(test)]"))
        .map(|(at, line)| (at + 1, line.split("//").next().unwrap_or("")))
}

/// Instruments and rules name no clock, file, socket, environment, thread or random source.
#[must_use]
pub fn pure_rooms_stay_pure(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in &house.sources {
        let pure = path.starts_with("instruments/") || path.starts_with("rules/");
        if !pure || in_tests(path) {
            continue;
        }
        for (line, code) in code(text) {
            for word in AMBIENT {
                if code.contains(word) {
                    findings.push(format!("{path}:{line} names {word}"));
                }
            }
        }
    }
    findings
}

/// SQL text stands only under `services/store`; no statement names both schemas.
#[must_use]
pub fn sql_has_one_place(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in &house.sources {
        if path.starts_with("trials/tidy/") || path.starts_with("services/store/") || in_tests(path)
        {
            continue;
        }
        for (line, code) in code(text) {
            if SQL.iter().any(|s| code.contains(s)) {
                findings.push(format!("{path}:{line} holds SQL"));
            }
        }
    }
    for path in house.files.iter().filter(|f| f.ends_with(".sql")) {
        if !path.starts_with("services/store/") {
            findings.push(format!("{path} is SQL outside the store"));
        }
    }
    findings
}

/// No file is named after nothing.
#[must_use]
pub fn files_are_named_after_a_noun(house: &House) -> Vec<Finding> {
    house
        .sources
        .keys()
        .filter(|path| {
            path.split('/')
                .any(|part| HOMELESS.contains(&part.trim_end_matches(".rs")))
        })
        .map(|path| format!("{path} has no noun"))
        .collect()
}

/// Every ignored test is listed in the ledger with the run that covers it.
#[must_use]
pub fn ignored_tests_are_listed(house: &House) -> Vec<Finding> {
    let ledger = house
        .pages
        .get("trials/LEDGER.md")
        .map_or("", String::as_str);
    let mut findings = Vec::new();
    for (path, text) in &house.sources {
        if path.starts_with("trials/tidy/") {
            continue;
        }
        let mut ignored = false;
        for line in text.lines() {
            let line = line.trim();
            if line.starts_with("#[ignore") {
                ignored = true;
            } else if ignored
                && let Some(rest) = line
                    .strip_prefix("fn ")
                    .or_else(|| line.strip_prefix("async fn "))
            {
                let name = rest.split('(').next().unwrap_or("");
                if !ledger.contains(name) {
                    findings.push(format!(
                        "{path}: ignored test {name} is not in trials/LEDGER.md"
                    ));
                }
                ignored = false;
            }
        }
    }
    findings
}
