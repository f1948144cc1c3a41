//! What the check found: each finding names the file, the place in it and what is wrong.

use std::fmt::Write as _;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, relative to the directory that was checked.
    pub file: String,
    /// Where in the file: `leaf 17`, `event 4`, `line 203`; empty when it is the whole file.
    pub place: String,
    /// A stable code, one for each kind of fault, as `file_changed`.
    pub code: &'static str,
    /// What is wrong, in words without personal data.
    pub message: String,
}

/// Everything one run found out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// What is wrong, sorted by file and place; empty when all holds.
    pub findings: Vec<Finding>,
    /// What was checked and how much of it, in the order of the checks.
    pub checked: Vec<(&'static str, u64)>,
    /// What the reader must know besides, for instance whom the check had to believe.
    pub notes: Vec<String>,
}

impl Finding {
    /// Whether the finding is about the bytes of a file itself; others may only follow from such a one.
    fn is_about_bytes(&self) -> bool {
        let codes =
            ["file_changed", "file_missing", "file_unlisted", "manifest_invalid", "trust_invalid", "not_a_file"];
        codes.contains(&self.code)
    }
}

impl Report {
    /// Whether nothing is wrong.
    pub fn holds(&self) -> bool {
        self.findings.is_empty()
    }

    /// Adds a finding.
    pub fn find(&mut self, file: &str, place: impl Into<String>, code: &'static str, message: impl Into<String>) {
        let (file, place, message) = (file.to_owned(), place.into(), message.into());
        self.findings.push(Finding { file, place, code, message });
    }

    /// Counts what was checked.
    pub fn count(&mut self, what: &'static str, more: u64) {
        match self.checked.iter_mut().find(|(name, _)| *name == what) {
            Some((_, number)) => *number += more,
            None => self.checked.push((what, more)),
        }
    }

    /// Takes over what another part of the check found.
    pub fn absorb(&mut self, other: Report) {
        self.findings.extend(other.findings);
        self.notes.extend(other.notes);
        other.checked.into_iter().for_each(|(what, number)| self.count(what, number));
    }

    /// Puts changed files first, then what may follow from them; by file and place, each once.
    pub(crate) fn sort(&mut self) {
        self.findings.sort_by_cached_key(|finding| (!finding.is_about_bytes(), finding.clone()));
        self.findings.dedup();
    }

    /// The report as lines for people.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let bytes = self.findings.first().is_some_and(Finding::is_about_bytes);
        for finding in &self.findings {
            let Finding { file, place, code, message } = finding;
            let gap = if place.is_empty() { "" } else { ", " };
            let mark = if bytes && !finding.is_about_bytes() { "  may follow:" } else { "WRONG" };
            let _ = writeln!(text, "{mark} {file}{gap}{place}: {message} [{code}]");
        }
        let counts: Vec<String> = self.checked.iter().map(|(what, number)| format!("{number} {what}")).collect();
        let _ = writeln!(text, "checked: {}", counts.join(", "));
        for note in &self.notes {
            let _ = writeln!(text, "note: {note}");
        }
        let verdict = match self.findings.len() {
            0 => "ok: everything that was checked holds".to_owned(),
            number => format!("{number} finding(s)"),
        };
        text + &verdict + "\n"
    }

    /// The report as one JSON object with `verdict`, `findings`, `checked` and `notes`.
    pub fn to_json(&self) -> String {
        let list = |items: Vec<String>| format!("[{}]", items.join(","));
        let findings = self.findings.iter().map(|finding| {
            format!(
                "{{\"file\":{},\"place\":{},\"code\":{},\"message\":{}}}",
                quote(&finding.file),
                quote(&finding.place),
                quote(finding.code),
                quote(&finding.message)
            )
        });
        let checked: Vec<String> =
            self.checked.iter().map(|(what, number)| format!("{}:{number}", quote(what))).collect();
        let notes = self.notes.iter().map(|note| quote(note)).collect();
        format!(
            "{{\"verdict\":\"{}\",\"findings\":{},\"checked\":{{{}}},\"notes\":{}}}",
            if self.holds() { "ok" } else { "findings" },
            list(findings.collect()),
            checked.join(","),
            list(notes)
        )
    }
}

/// A JSON string (RFC 8259 §7).
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control if control < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out + "\""
}
