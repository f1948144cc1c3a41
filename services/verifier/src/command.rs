//! The command line: `tizme-verify`, and `tizme verify` which hands its arguments on.

use crate::folder::TRUST;
use crate::{Checked, Report};
use std::io::Write;
use std::path::PathBuf;

const USAGE: &str = "\
Checks what was published about an election, without trusting who published it.

usage: verify [--json] [--root HEX]... DIR       a directory with snapshot, roll, packages, journals, publication
       verify [--json] [--root HEX]... FILE      one file inside such a directory
       verify [--json] [--root HEX]... receipt TEXT --in DIR [--precinct N]
                                                 a receipt: the text of its QR code; shown at precinct N
       verify [--json] [--root HEX]... proof FILE --in DIR
                                                 a voter's .tlog-proof, as the portal gives it

--root HEX   fingerprint of a root key (SHA-256 of its public key info, at least 16 digits), as published
             on paper; give both. Without it the directory's own root keys are believed and named.
--json       one JSON object: verdict, findings (file, place, code, message), checked, notes

exit: 0 all holds, 1 something is wrong, 2 bad use
";

#[derive(Debug, Default)]
struct Arguments {
    json: bool,
    roots: Vec<String>,
    inside: Option<PathBuf>,
    /// Where a receipt was shown, 0 for any precinct.
    precinct: u16,
    words: Vec<String>,
}

fn parse(arguments: impl IntoIterator<Item = String>) -> Checked<Arguments> {
    let (mut parsed, mut rest) = (Arguments::default(), arguments.into_iter());
    while let Some(word) = rest.next() {
        let mut value = |name: &str| rest.next().ok_or_else(|| format!("{name} needs a value"));
        match word.as_str() {
            "--json" => parsed.json = true,
            "--in" => parsed.inside = Some(PathBuf::from(value("--in")?)),
            "--precinct" => {
                let number = value("--precinct")?;
                parsed.precinct = number.parse().map_err(|_| "--precinct needs a number of up to four digits")?;
            }
            "--root" => {
                let root = value("--root")?.to_lowercase();
                if root.len() < 16 || !root.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                    return Err("--root needs at least 16 hexadecimal digits".to_owned());
                }
                parsed.roots.push(root);
            }
            option if option.starts_with("--") => return Err(format!("unknown option {option}")),
            _ => parsed.words.push(word),
        }
    }
    Ok(parsed)
}

/// Runs the command with its arguments (without the program's name), writes to `out`, and
/// returns the exit code: 0 all holds, 1 a finding, 2 bad use.
pub fn run(arguments: impl IntoIterator<Item = String>, out: &mut dyn Write) -> u8 {
    let arguments: Vec<String> = arguments.into_iter().collect();
    if arguments.iter().any(|word| word == "--help" || word == "-h") {
        let _ = out.write_all(USAGE.as_bytes());
        return 0;
    }
    match parse(arguments).and_then(|parsed| Ok((check(&parsed)?, parsed.json))) {
        Ok((report, json)) => {
            let text = if json { report.to_json() + "\n" } else { report.to_text() };
            // A closed pipe does not change the verdict.
            let _ = out.write_all(text.as_bytes());
            u8::from(!report.holds())
        }
        Err(why) => {
            let _ = write!(out, "verify: {why}\n\n{USAGE}");
            2
        }
    }
}

fn check(arguments: &Arguments) -> Checked<Report> {
    let words: Vec<&str> = arguments.words.iter().map(String::as_str).collect();
    match (words.as_slice(), &arguments.inside) {
        (["receipt", text], Some(dir)) => Ok(crate::receipt(dir, text, arguments.precinct, &arguments.roots)),
        (["proof", file], Some(dir)) => {
            let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {}", error.kind()))?;
            Ok(crate::proof(dir, &text, &arguments.roots))
        }
        (["proof", ..], _) => Err("a proof needs its file and --in DIR".to_owned()),
        (["receipt", ..], _) => Err("a receipt needs its text and --in DIR".to_owned()),
        ([path], None) => directory_or_file(PathBuf::from(path), &arguments.roots),
        _ => Err("one directory or file is expected".to_owned()),
    }
}

fn directory_or_file(path: PathBuf, roots: &[String]) -> Checked<Report> {
    let path = path.canonicalize().map_err(|error| format!("{}: {}", path.display(), error.kind()))?;
    if path.is_dir() {
        if !crate::FOLDERS.iter().any(|(folder, _)| path.join(folder).is_dir()) {
            return Err(format!("{} holds none of the five folders", path.display()));
        }
        return Ok(crate::verify(&path, roots));
    }
    let dir = path.ancestors().find(|dir| dir.join(TRUST).is_file());
    let dir = dir.ok_or("the file is in no directory with publication/trust.cose")?;
    let name = path.strip_prefix(dir).map_err(|_| "the file is outside its directory")?;
    let name = name.to_string_lossy().into_owned();
    let mut report = crate::verify(dir, roots);
    let all = report.findings.len();
    report.findings.retain(|finding| finding.file == name);
    let others = all - report.findings.len();
    report.notes.push(format!("checked {name} within {}; {others} finding(s) in other files", dir.display()));
    Ok(report)
}
