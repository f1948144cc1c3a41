//! The statistical audit of the day: electronic marks beside signatures on paper, by a sample that anybody can draw again.
//!
//! Two samples are drawn by one public seed, as dice thrown before observers: marks, whose line must be signed on
//! paper, and lines of all lists, whose signature must have a mark. They go to the people who look into the paper as one
//! sheet in the order of the pages; what the electronic list says of a line does not stand on it. A page that is missing
//! is a mismatch.
//!
//! With a sample of [`sample_size`] and no mismatch, fewer than one in `one_in` records are wrong, at the risk given.

use std::collections::{BTreeMap, BTreeSet};

use lexicon::PrecinctCode;
use lexicon::handover::envelope::sha256;

use crate::delta::page_of;

/// What is audited: who is marked, and which lists there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Population {
    /// The list of each precinct.
    pub lists: BTreeMap<PrecinctCode, List>,
    /// Lines with a counted mark.
    pub marks: BTreeSet<(PrecinctCode, u32)>,
}

/// A precinct's list on paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct List {
    /// Lines, those that came with a delta among them.
    pub lines: u32,
    /// Lines of the bound list; later ones stand on supplementary pages, which begin anew after it.
    pub bound: u32,
    /// Lines on a page of paper.
    pub on_page: u16,
}

/// How sure the audit is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// A share of one in so many wrong records is to be found. At least 2.
    pub one_in: u32,
    /// The risk that such a share is missed, in thousandths; 1 to 999.
    pub risk_permille: u32,
}

/// A line of a list that is looked up on paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its precinct.
    pub precinct: PrecinctCode,
    /// Page of the paper list, from 1.
    pub page: u32,
    /// Line, from 1.
    pub line: u32,
}

/// What people found on paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The line is signed.
    Signed,
    /// It is not.
    Unsigned,
    /// The page is not there, or cannot be read.
    Missing,
}

impl Seen {
    /// Reads the word on a sheet: `signed`, `unsigned`, `missing`.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "signed" => Some(Seen::Signed),
            "unsigned" => Some(Seen::Unsigned),
            "missing" => Some(Seen::Missing),
            _ => None,
        }
    }
}

/// The drawn sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Marks that are looked up, every one of [`Sample::places`].
    pub marks: BTreeSet<Place>,
    /// Lines that are looked up whether they are marked or not.
    pub lines: BTreeSet<Place>,
}

impl Sample {
    /// Both samples as one sheet, in the order of precincts, pages and lines.
    #[must_use]
    pub fn places(&self) -> BTreeSet<Place> {
        self.marks.union(&self.lines).copied().collect()
    }
}

/// A difference between electronic list and paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// Marked, and the line is not signed.
    NotSigned,
    /// Signed, and the line has no mark.
    NotMarked,
    /// The page is missing.
    PageMissing,
}

impl Mismatch {
    /// Its code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Mismatch::NotSigned => "MARK_WITHOUT_SIGNATURE",
            Mismatch::NotMarked => "SIGNATURE_WITHOUT_MARK",
            Mismatch::PageMissing => "PAGE_MISSING",
        }
    }
}

/// What the audit found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finding {
    /// Marks looked up.
    pub marks: u64,
    /// Mismatches among them.
    pub marks_wrong: u64,
    /// Lines looked up.
    pub lines: u64,
    /// Mismatches among them.
    pub lines_wrong: u64,
    /// Every mismatch once.
    pub mismatches: Vec<(Place, Mismatch)>,
    /// Places of the sample that nobody looked up.
    pub unanswered: Vec<Place>,
}

impl Finding {
    /// Whether everything was looked up and nothing differs.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.mismatches.is_empty() && self.unanswered.is_empty()
    }
}

/// The least sample that misses a share of one in `one_in` wrong records with at most the risk given: with 1,000 and 50
/// permille 2,995.
#[must_use]
pub fn sample_size(terms: Terms) -> u32 {
    let (right, risk) = (
        1.0 - 1.0 / f64::from(terms.one_in.max(2)),
        f64::from(terms.risk_permille.clamp(1, 999)) / 1000.0,
    );
    let (mut missed, mut size) = (1.0, 0);
    while missed > risk {
        missed *= right;
        size += 1;
    }
    size
}

/// `count` different numbers below `population`, all of them when there are no more. Anybody who knows the seed draws
/// the same: the i-th number is the first eight bytes of SHA-256 of `tizme audit`, purpose, a zero byte, the seed, a
/// zero byte and i (eight bytes, highest first), taken modulo the population; one at or above the greatest multiple of
/// the population, or drawn before, is passed over.
#[must_use]
pub fn draw(seed: &str, purpose: &str, population: u64, count: u64) -> BTreeSet<u64> {
    if count >= population {
        return (0..population).collect();
    }
    let mut text = b"tizme audit".to_vec();
    for part in [purpose, seed] {
        text.extend_from_slice(part.as_bytes());
        text.push(0);
    }
    let head = text.len();
    let bound = u64::MAX - u64::MAX % population;
    let mut drawn = BTreeSet::new();
    for at in 0u64.. {
        if drawn.len() as u64 == count {
            break;
        }
        text.truncate(head);
        text.extend_from_slice(&at.to_be_bytes());
        let mut first = [0u8; 8];
        first.copy_from_slice(&sha256(&text)[..8]);
        let number = u64::from_be_bytes(first);
        if number < bound {
            drawn.insert(number % population);
        }
    }
    drawn
}

impl Population {
    /// SHA-256 of what is audited, 16 hexadecimal digits: a sample belongs to the marks that it was drawn from.
    #[must_use]
    pub fn id(&self) -> String {
        let mut text = b"tizme audit population".to_vec();
        for (precinct, list) in &self.lists {
            text.extend_from_slice(&precinct.number().to_be_bytes());
            text.extend_from_slice(&list.lines.to_be_bytes());
            text.extend_from_slice(&list.bound.to_be_bytes());
            text.extend_from_slice(&list.on_page.to_be_bytes());
        }
        for (precinct, line) in &self.marks {
            text.extend_from_slice(&precinct.number().to_be_bytes());
            text.extend_from_slice(&line.to_be_bytes());
        }
        let hash = sha256(&text);
        hash[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn place(&self, precinct: PrecinctCode, line: u32) -> Place {
        let list = self.lists.get(&precinct);
        Place {
            precinct,
            page: list.map_or(0, |list| page_of(line, list.bound, list.on_page)),
            line,
        }
    }

    /// Draws both samples.
    #[must_use]
    pub fn sample(&self, seed: &str, terms: Terms) -> Sample {
        let size = u64::from(sample_size(terms));
        let chosen = draw(seed, "marks", self.marks.len() as u64, size);
        let marks = (0u64..)
            .zip(&self.marks)
            .filter(|(at, _)| chosen.contains(at))
            .map(|(_, (precinct, line))| self.place(*precinct, *line));
        let all = self.lists.values().map(|list| u64::from(list.lines)).sum();
        let mut lines = BTreeSet::new();
        let mut chosen = draw(seed, "lines", all, size).into_iter().peekable();
        let mut before = 0;
        for (precinct, list) in &self.lists {
            let after = before + u64::from(list.lines);
            while let Some(at) = chosen.next_if(|at| *at < after) {
                let line = u32::try_from(at - before + 1).unwrap_or(u32::MAX);
                lines.insert(self.place(*precinct, line));
            }
            before = after;
        }
        Sample {
            marks: marks.collect(),
            lines,
        }
    }

    /// Compares what people saw with the marks.
    #[must_use]
    pub fn judge(&self, sample: &Sample, seen: &BTreeMap<Place, Seen>) -> Finding {
        let mut finding = Finding::default();
        for place in sample.places() {
            let (of_marks, of_lines) =
                (sample.marks.contains(&place), sample.lines.contains(&place));
            let is_marked = self.marks.contains(&(place.precinct, place.line));
            let Some(seen) = seen.get(&place) else {
                finding.unanswered.push(place);
                continue;
            };
            finding.marks += u64::from(of_marks);
            finding.lines += u64::from(of_lines);
            let wrong = match seen {
                Seen::Missing => Mismatch::PageMissing,
                Seen::Signed if !is_marked => Mismatch::NotMarked,
                Seen::Unsigned if is_marked => Mismatch::NotSigned,
                Seen::Signed | Seen::Unsigned => continue,
            };
            finding.marks_wrong += u64::from(of_marks);
            finding.lines_wrong += u64::from(of_lines);
            finding.mismatches.push((place, wrong));
        }
        finding
    }
}

/// The share of wrong records, in millionths, that is exceeded at most with the risk given when `wrong` of `looked` were
/// wrong (Clopper and Pearson's upper bound).
#[must_use]
pub fn upper_bound_ppm(looked: u64, wrong: u64, risk_permille: u32) -> u32 {
    let risk = f64::from(risk_permille.clamp(1, 999)) / 1000.0;
    let at_most = |share: f64| {
        // P(at most `wrong` of `looked`), term by term.
        let mut term = (looked as f64 * (1.0 - share).ln()).exp();
        let mut sum = term;
        for k in 1..=wrong {
            term *= (looked - k + 1) as f64 / k as f64 * share / (1.0 - share);
            sum += term;
        }
        sum
    };
    if looked == 0 || wrong >= looked {
        return 1_000_000;
    }
    let (mut low, mut high) = (0u32, 1_000_000u32);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if at_most(f64::from(middle) / 1e6) > risk {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests;
