//! What shows the class of a row of the commission's list: the text that the store keeps with it.
//!
//! Items joined by `;`: `found=pin`, `shows=civil_events/V1@2015-02-01`, `kept=C0000012`,
//! `precinct=1001`, `birth_differs`, and what people answered: `joined=review/3f…@2015-09-20`. Nothing of it is personal
//! data; ids are the sources'.

use lexicon::{Date, PrecinctCode};

/// A record that shows a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownBy {
    /// Its table.
    pub table: String,
    /// The source's id.
    pub record: String,
    /// The day that decides, where there is one.
    pub day: Option<Date>,
}

/// What people decided about the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// One of [`ANSWERED`].
    pub how: &'static str,
    /// The question and the day.
    pub by: ShownBy,
}

/// How a decision about a row is named in the evidence, as `roll::reconcile` writes it.
pub const ANSWERED: [&str; 6] = [
    "joined",
    "apart",
    "cannot_tell",
    "contradicts",
    "placed",
    "no_house",
];

impl Answered {
    /// Reads `joined=review/subject@day`.
    #[must_use]
    pub fn parse(item: &str) -> Option<Self> {
        let (how, by) = item.split_once('=')?;
        let how = ANSWERED.into_iter().find(|known| *known == how)?;
        let by = ShownBy::parse(by)?;
        Some(Self { how, by })
    }
}

/// What shows a class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowEvidence {
    /// How the row's person was found: `pin`, `pin_among_holders`, `details`, `nobody`, `unreadable`.
    pub found_by: Option<String>,
    /// Records.
    pub shown_by: Vec<ShownBy>,
    /// The row of its group that is kept, for duplicates.
    pub kept: Option<String>,
    /// The precinct by boundary.
    pub precinct: Option<PrecinctCode>,
    /// The row's birth date is not the register's.
    pub birth_differs: bool,
    /// What people decided about the row.
    pub answers: Vec<Answered>,
}

impl RowEvidence {
    /// The text of it.
    #[must_use]
    pub fn text(&self) -> String {
        let mut items = Vec::new();
        if let Some(found) = &self.found_by {
            items.push(format!("found={found}"));
        }
        let shown = self.shown_by.iter();
        items.extend(shown.map(|shown| format!("shows={}", shown.text())));
        if let Some(kept) = &self.kept {
            items.push(format!("kept={kept}"));
        }
        if let Some(precinct) = self.precinct {
            items.push(format!("precinct={precinct}"));
        }
        if self.birth_differs {
            items.push("birth_differs".to_owned());
        }
        let answers = self.answers.iter();
        items.extend(answers.map(|answer| format!("{}={}", answer.how, answer.by.text())));
        items.join(";")
    }

    /// Reads the text; an item it does not know is left out.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut evidence = Self::default();
        for item in text.split(';') {
            match item.split_once('=') {
                Some(("found", value)) => evidence.found_by = Some(value.to_owned()),
                Some(("shows", value)) => evidence.shown_by.extend(ShownBy::parse(value)),
                Some(("kept", value)) => evidence.kept = Some(value.to_owned()),
                Some(("precinct", value)) => evidence.precinct = value.parse().ok(),
                // A record alone, as older runs kept it.
                None if item.contains('/') => evidence.shown_by.extend(ShownBy::parse(item)),
                Some(_) => evidence.answers.extend(Answered::parse(item)),
                None => evidence.birth_differs |= item == "birth_differs",
            }
        }
        evidence
    }
}

impl ShownBy {
    /// `table/record` or `table/record@day`.
    fn text(&self) -> String {
        let day = self.day.map_or_else(String::new, |day| format!("@{day}"));
        format!("{}/{}{day}", self.table, self.record)
    }

    /// Reads `table/record` or `table/record@day`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (table, rest) = text.split_once('/')?;
        let (record, day) = match rest.rsplit_once('@') {
            Some((record, day)) => (record, day.parse().ok()),
            None => (rest, None),
        };
        Some(Self {
            table: table.to_owned(),
            record: record.to_owned(),
            day,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_is_read_as_it_was_written() {
        let texts = [
            "",
            "found=pin",
            "found=details;shows=civil_events/V1@2015-02-01;kept=C12;precinct=1001;birth_differs",
            "shows=residences/A7;shows=persons/x",
            "found=review;joined=review/00a1@2015-09-20;placed=review/00a2@2015-09-21",
        ];
        for text in texts {
            assert_eq!(RowEvidence::parse(text).text(), text);
        }
        let strange = RowEvidence::parse("weight=7;found=pin;shows=nothing");
        assert_eq!(strange.text(), "found=pin");
        let alone = RowEvidence::parse("civil_events/V1@2015-02-01");
        assert_eq!(alone.text(), "shows=civil_events/V1@2015-02-01");
    }
}
