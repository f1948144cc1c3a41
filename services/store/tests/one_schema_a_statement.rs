//! Architecture invariant: no statement names both a `registry_` and an `electoral_` table.

#![expect(clippy::unwrap_used, reason = "tests may fail")]

use std::fs;
use std::path::{Path, PathBuf};

/// The string literals of a source file, with line continuations joined.
fn literals(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.peek() == Some(&'/') => {
                chars.by_ref().find(|c| *c == '\n');
            }
            '\'' => {
                // A character literal may hold a quote; a lifetime has no closing quote.
                let rest: String = chars.clone().take(3).collect();
                if rest.starts_with("\\\"'") || rest.starts_with("\"'") {
                    chars.nth(rest.find('\'').unwrap());
                }
            }
            '"' => {
                let mut text = String::new();
                while let Some(c) = chars.next() {
                    match c {
                        '"' => break,
                        '\\' => text.extend(chars.next()),
                        other => text.push(other),
                    }
                }
                found.push(text);
            }
            _ => {}
        }
    }
    found
}

/// The statements of a text that name both schemas.
fn mixed(texts: &[String]) -> Vec<&String> {
    texts
        .iter()
        .filter(|text| text.contains("registry_") && text.contains("electoral_"))
        .collect()
}

fn sources(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

#[test]
fn no_statement_names_both_schemas() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    let mut statements = 0;
    for file in files {
        let texts = literals(&fs::read_to_string(&file).unwrap());
        statements += texts
            .iter()
            .filter(|t| t.contains("registry_") || t.contains("electoral_"))
            .count();
        assert!(
            mixed(&texts).is_empty(),
            "{}: {:?}",
            file.display(),
            mixed(&texts)
        );
    }
    assert!(statements > 80, "only {statements} statements were seen");
    for migration in fs::read_dir(root.join("migrations")).unwrap() {
        let text = fs::read_to_string(migration.unwrap().path()).unwrap();
        let uncommented: String = text.lines().filter(|l| !l.starts_with("--")).collect();
        let parts: Vec<String> = uncommented.split(';').map(str::to_owned).collect();
        assert!(mixed(&parts).is_empty(), "{:?}", mixed(&parts));
    }
}

#[test]
fn a_planted_mixture_is_seen() {
    let source = "let a = '\"'; // \"registry_x\n let b = \"SELECT registry_person \\\n JOIN electoral_claim\";";
    assert_eq!(mixed(&literals(source)).len(), 1);
    assert!(
        mixed(&literals(
            "let a = \"registry_x\"; let b = \"electoral_y\";"
        ))
        .is_empty()
    );
}
