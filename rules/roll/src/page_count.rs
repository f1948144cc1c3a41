//! The paper list beside the electronic one, page by page: what people counted on a page, what the kits marked on it, and
//! which lines differ where the signed ones were written out.
//!
//! Who voted at home signed the home register and not the page, so their marks are no signatures of it.

use std::collections::BTreeSet;

/// A page of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageLines {
    /// First line.
    pub from: u32,
    /// Last line.
    pub to: u32,
}

/// What people counted on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageCount {
    /// Signatures.
    pub signatures: u32,
    /// The signed lines, ascending, where they were written out.
    pub lines: Option<Vec<u32>>,
}

/// Why a count was not taken: whoever typed it looks at the page again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CountRefused {
    /// No number of signatures.
    #[error("the number of signatures is missing")]
    NoNumber,
    /// More signatures than the page has lines.
    #[error("the page has {0} lines")]
    TooMany(u32),
    /// The lines are not as `1, 3, 7-12`.
    #[error("the lines are not numbers and ranges")]
    Unreadable,
    /// A line that stands on another page.
    #[error("line {0} is on another page")]
    OtherPage(u32),
    /// Not as many lines as signatures.
    #[error("{lines} lines and {signatures} signatures")]
    NotAsMany {
        /// Lines written out.
        lines: u32,
        /// Signatures said.
        signatures: u32,
    },
}

impl CountRefused {
    /// Every code.
    pub const CODES: [&'static str; 5] = [
        "no_number",
        "too_many",
        "unreadable",
        "other_page",
        "not_as_many",
    ];

    /// The code of the reason.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            CountRefused::NoNumber => "no_number",
            CountRefused::TooMany(_) => "too_many",
            CountRefused::Unreadable => "unreadable",
            CountRefused::OtherPage(_) => "other_page",
            CountRefused::NotAsMany { .. } => "not_as_many",
        }
    }
}

impl PageCount {
    /// Takes what was typed: the number, and the signed lines as `1, 3, 7-12` or nothing.
    ///
    /// # Errors
    /// [`CountRefused`].
    pub fn of(page: PageLines, number: &str, lines: &str) -> Result<Self, CountRefused> {
        let signatures: u32 = number.trim().parse().map_err(|_| CountRefused::NoNumber)?;
        let room = page.to.saturating_sub(page.from) + 1;
        if signatures > room {
            return Err(CountRefused::TooMany(room));
        }
        let lines = read_lines(lines)?;
        if lines.is_empty() && signatures > 0 {
            return Ok(Self {
                signatures,
                lines: None,
            });
        }
        if let Some(line) = lines.iter().find(|line| !page.holds(**line)) {
            return Err(CountRefused::OtherPage(*line));
        }
        let count = u32::try_from(lines.len()).unwrap_or(u32::MAX);
        if count != signatures {
            return Err(CountRefused::NotAsMany {
                lines: count,
                signatures,
            });
        }
        Ok(Self {
            signatures,
            lines: Some(lines.into_iter().collect()),
        })
    }
}

impl PageLines {
    /// Whether a line stands on the page.
    #[must_use]
    pub fn holds(self, line: u32) -> bool {
        (self.from..=self.to).contains(&line)
    }
}

/// Lines as `1, 3, 7-12`; a dash of any kind, blanks anywhere. A range has 10,000 lines at most.
fn read_lines(text: &str) -> Result<BTreeSet<u32>, CountRefused> {
    let mut lines = BTreeSet::new();
    let parts = text.split([',', ';']).map(str::trim);
    for part in parts.filter(|part| !part.is_empty()) {
        let number = |text: &str| -> Result<u32, CountRefused> {
            text.trim().parse().map_err(|_| CountRefused::Unreadable)
        };
        let (from, to) = match part.split_once(['-', '–', '—']) {
            Some((from, to)) => (number(from)?, number(to)?),
            None => (number(part)?, number(part)?),
        };
        if from > to || to - from >= 10_000 {
            return Err(CountRefused::Unreadable);
        }
        lines.extend(from..=to);
    }
    Ok(lines)
}

/// A page of both lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedPage {
    /// Marks of voters who came to the hall.
    pub marks: u32,
    /// Marks of voters at home, who signed the home register.
    pub home: u32,
    /// What people counted; none before.
    pub count: Option<PageCount>,
    /// Signed and not marked, where the signed lines are known.
    pub unmarked: Vec<u32>,
    /// Marked in the hall and not signed, where the signed lines are known.
    pub unsigned: Vec<u32>,
}

/// Compares a page: the lines marked on it, and those of them that voted at home.
#[must_use]
pub fn compare(
    marked: &BTreeSet<u32>,
    at_home: &BTreeSet<u32>,
    count: Option<PageCount>,
) -> ComparedPage {
    let hall: BTreeSet<u32> = marked.difference(at_home).copied().collect();
    let signed = count.as_ref().and_then(|count| count.lines.as_ref());
    let signed: Option<BTreeSet<u32>> = signed.map(|lines| lines.iter().copied().collect());
    let only = |of: &BTreeSet<u32>, other: &BTreeSet<u32>| of.difference(other).copied().collect();
    let number = |set: &BTreeSet<u32>| u32::try_from(set.len()).unwrap_or(u32::MAX);
    ComparedPage {
        marks: number(&hall),
        home: number(marked).saturating_sub(number(&hall)),
        unmarked: signed
            .as_ref()
            .map_or(Vec::new(), |signed| only(signed, &hall)),
        unsigned: signed
            .as_ref()
            .map_or(Vec::new(), |signed| only(&hall, signed)),
        count,
    }
}

impl ComparedPage {
    /// Marks of the hall minus signatures; none before the page was counted.
    #[must_use]
    pub fn difference(&self) -> Option<i64> {
        let count = self.count.as_ref()?;
        Some(i64::from(self.marks) - i64::from(count.signatures))
    }

    /// Whether somebody should look: other sums, or other lines behind equal sums.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.difference().is_some_and(|off| off != 0)
            || !self.unmarked.is_empty()
            || !self.unsigned.is_empty()
    }
}

#[cfg(test)]
mod tests;
