//! Finding a voter within one precinct: PIN, document, line, name; or the neighbour precinct.

use std::collections::BTreeMap;

use lexicon::handover::package::{PackageBody, index_token};
use lexicon::person::ParsePersonError;
use lexicon::{Date, DocumentNumber, Pin};
use script::{NameIndex, Query, SearchName, sort_key_of_fields};

/// The most hits a search answers: one for each key 1 to 9.
pub const HITS_MAX: usize = 9;

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Lines of this precinct, best first, at most [`HITS_MAX`].
    Lines(Vec<u32>),
    /// Not here; the PIN belongs to this precinct of the same district.
    Elsewhere(u16),
    /// Nobody in this precinct or its district.
    Nobody,
    /// The text has the shape of a PIN or a document and cannot be one.
    Malformed(ParsePersonError),
    /// Nothing searchable was typed.
    Empty,
}

impl Found {
    /// What two indexes of one station found together: the package's, and that of a line that came later.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Found::Lines(mut lines), Found::Lines(more)) => {
                lines.extend(more);
                let mut seen = std::collections::BTreeSet::new();
                lines.retain(|line| seen.insert(*line));
                lines.truncate(HITS_MAX);
                Found::Lines(lines)
            }
            (found @ Found::Lines(_), _) | (_, found @ Found::Lines(_)) => found,
            (
                found @ (Found::Elsewhere(_) | Found::Nobody | Found::Malformed(_) | Found::Empty),
                _,
            ) => found,
        }
    }
}

struct Entry {
    line: u32,
    key: Vec<u8>,
}

/// The search index of one opened package; a precinct is scanned in memory.
pub struct VoterIndex {
    key: [u8; 32],
    tokens: BTreeMap<[u8; 16], u32>,
    names: NameIndex,
    /// By place in `names`.
    entries: Vec<Entry>,
    district: BTreeMap<[u8; 16], u16>,
    today: Date,
}

impl VoterIndex {
    /// Indexes an opened package. Cost: a fold of every name; about 10 µs a voter.
    ///
    /// `today` bounds the birth date inside a typed PIN.
    #[must_use]
    pub fn new(body: &PackageBody, today: Date) -> Self {
        let mut tokens = BTreeMap::new();
        let mut names = Vec::with_capacity(body.voters.len());
        let mut entries = Vec::with_capacity(body.voters.len());
        for voter in &body.voters {
            tokens.insert(*voter.pin_token, voter.line);
            for token in &voter.document_tokens {
                tokens.insert(**token, voter.line);
            }
            let parts = [
                voter.surname.as_str(),
                voter.given.as_str(),
                voter.patronymic.as_str(),
            ];
            names.push(SearchName::of(&parts));
            entries.push(Entry {
                line: voter.line,
                key: sort_key_of_fields(&parts),
            });
        }
        let district = body
            .district
            .iter()
            .map(|entry| (*entry.token, entry.precinct))
            .collect();
        Self {
            key: *body.index_key,
            tokens,
            names: NameIndex::new(&names),
            entries,
            district,
            today,
        }
    }

    /// Finds by whatever was typed or scanned: 14 digits are a PIN, two letters and seven digits a
    /// document, one to five digits a line, anything else a name.
    #[must_use]
    pub fn find(&self, text: &str) -> Found {
        let bare: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '–' | '№'))
            .map(|c| if matches!(c, 'О' | 'о') { '0' } else { c })
            .collect();
        if bare.is_empty() {
            return Found::Empty;
        }
        if bare.chars().all(|c| c.is_ascii_digit()) {
            return self.find_number(&bare);
        }
        if let Ok(document) = DocumentNumber::parse(text) {
            return self
                .tokens
                .get(&index_token(&self.key, document.as_str()))
                .map_or(Found::Nobody, |line| Found::Lines(vec![*line]));
        }
        let digits = text.chars().filter(char::is_ascii_digit).count();
        if digits >= 5 {
            return Found::Malformed(ParsePersonError::Document);
        }
        self.find_name(text)
    }

    fn find_number(&self, digits: &str) -> Found {
        if digits.len() <= 5 {
            return match digits.parse::<u32>() {
                Ok(line) if self.entries.iter().any(|entry| entry.line == line) => {
                    Found::Lines(vec![line])
                }
                Ok(_) | Err(_) => Found::Nobody,
            };
        }
        match Pin::parse(digits, self.today) {
            Err(error) => Found::Malformed(error),
            Ok(pin) => {
                let token = index_token(&self.key, &pin.digits());
                match (self.tokens.get(&token), self.district.get(&token)) {
                    (Some(line), _) => Found::Lines(vec![*line]),
                    (None, Some(precinct)) => Found::Elsewhere(*precinct),
                    (None, None) => Found::Nobody,
                }
            }
        }
    }

    fn find_name(&self, text: &str) -> Found {
        let query = Query::parse(text);
        if query.is_empty() {
            return Found::Empty;
        }
        let hits = self.names.hits(&query).into_iter();
        let mut hits: Vec<_> = hits
            .map(|hit| (hit.answer, &self.entries[hit.place]))
            .collect();
        hits.sort_by(|(a_answer, a), (b_answer, b)| {
            b_answer
                .cmp(a_answer)
                .then_with(|| a.key.cmp(&b.key))
                .then(a.line.cmp(&b.line))
        });
        hits.truncate(HITS_MAX);
        if hits.is_empty() {
            Found::Nobody
        } else {
            Found::Lines(hits.into_iter().map(|(_, entry)| entry.line).collect())
        }
    }
}

#[cfg(test)]
mod tests;
