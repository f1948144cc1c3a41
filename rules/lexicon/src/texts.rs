//! Sentences that people read, by code and language; the words are country data.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The three languages of every screen and paper.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Language {
    /// Kyrgyz.
    Ky,
    /// Russian.
    Ru,
    /// English.
    En,
}

impl Language {
    /// All three, in the order of screens.
    pub const ALL: [Language; 3] = [Language::Ky, Language::Ru, Language::En];

    /// The BCP 47 tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Language::Ky => "ky",
            Language::Ru => "ru",
            Language::En => "en",
        }
    }

    /// The language with this tag.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.tag() == tag)
    }
}

/// One sentence in the three languages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sentence {
    /// Kyrgyz.
    pub ky: String,
    /// Russian.
    pub ru: String,
    /// English.
    pub en: String,
}

impl Sentence {
    /// The sentence in one language.
    #[must_use]
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Ky => &self.ky,
            Language::Ru => &self.ru,
            Language::En => &self.en,
        }
    }
}

/// What a code says and what the person does next.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    /// A few words for tables and charts.
    pub short: Sentence,
    /// One sentence for the person.
    pub sentence: Sentence,
    /// What the person does next.
    pub next: Sentence,
}

/// Every coded text of a country.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// Why not on the list, by `ExclusionReason` code.
    pub exclusion: BTreeMap<String, Explanation>,
    /// Why not issued, by `RefusalReason` code.
    pub refusal: BTreeMap<String, Explanation>,
    /// What was found about a commission row, by `ReconciliationClass` code.
    pub reconciliation: BTreeMap<String, Explanation>,
    /// What became of a claim, by `ClaimOutcome` code.
    pub claim: BTreeMap<String, Explanation>,
    /// Why a delta adds or changes a line, by `ChangeReason` code.
    pub change: BTreeMap<String, Explanation>,
    /// What a final list waits for, by `Blocker` code; the next step names the office that clears it.
    pub blocker: BTreeMap<String, Explanation>,
    /// Why a release is not signed or not published, by `ReleaseRefusal` code.
    pub release: BTreeMap<String, Explanation>,
    /// Why an address text waits for a human, by `AddressDoubt` code.
    pub address: BTreeMap<String, Explanation>,
}

/// Why a text catalogue was refused: an engineer mends the file.
#[derive(Debug, thiserror::Error)]
pub enum TextsError {
    /// The file is no TOML of this shape.
    #[error("texts: {0}")]
    Shape(#[from] toml::de::Error),
    /// A code of the vocabulary has no sentence.
    #[error("texts: no entry for code {0}")]
    Missing(&'static str),
}

impl Texts {
    /// Parses a catalogue and demands an entry for each code.
    ///
    /// # Errors
    /// [`TextsError`] when the file is malformed or a code is missing.
    pub fn parse(text: &str) -> Result<Self, TextsError> {
        let texts: Self = toml::from_str(text)?;
        let demand = |map: &BTreeMap<String, Explanation>, code: &'static str| {
            if map.contains_key(code) {
                Ok(())
            } else {
                Err(TextsError::Missing(code))
            }
        };
        for reason in crate::ExclusionReason::ALL {
            demand(&texts.exclusion, reason.code())?;
        }
        for reason in crate::RefusalReason::ALL {
            demand(&texts.refusal, reason.code())?;
        }
        for class in crate::ReconciliationClass::ALL {
            demand(&texts.reconciliation, class.code())?;
        }
        for outcome in crate::ClaimOutcome::ALL {
            demand(&texts.claim, outcome.code())?;
        }
        for reason in crate::ChangeReason::ALL {
            demand(&texts.change, reason.code())?;
        }
        for blocker in crate::Blocker::ALL {
            demand(&texts.blocker, blocker.code())?;
        }
        for refusal in crate::ReleaseRefusal::ALL {
            demand(&texts.release, refusal.code())?;
        }
        for doubt in crate::AddressDoubt::ALL {
            demand(&texts.address, doubt.code())?;
        }
        Ok(texts)
    }

    /// The catalogue shipped for Kyrgyzstan.
    ///
    /// # Errors
    /// [`TextsError`], which the test of the shipped file excludes.
    pub fn kg() -> Result<Self, TextsError> {
        Self::parse(include_str!("../../../countries/kg/texts/codes.toml"))
    }
}

/// The coded texts of the office's working desks; the rooms that own a code test that it has its entry.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeskTexts {
    /// What a person is told about their PIN, by the register's `NoticeKind` code.
    pub notice: BTreeMap<String, Explanation>,
    /// What became of an agency's answer, by the register's `AnswerState` code.
    pub answer: BTreeMap<String, Explanation>,
    /// Why a row of a table was not taken in, by the code of the register's `door::Reason` in rejects files.
    pub reject: BTreeMap<String, Explanation>,
}

impl DeskTexts {
    /// The texts shipped for Kyrgyzstan.
    ///
    /// # Errors
    /// [`TextsError::Shape`], which the test of the shipped file excludes.
    pub fn kg() -> Result<Self, TextsError> {
        let text = include_str!("../../../countries/kg/texts/desks.toml");
        Ok(toml::from_str(text)?)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    use super::*;

    #[test]
    fn every_code_has_its_sentence_and_next_step_in_three_languages() {
        let texts = Texts::kg().unwrap();
        for map in [
            &texts.exclusion,
            &texts.refusal,
            &texts.reconciliation,
            &texts.claim,
            &texts.change,
            &texts.blocker,
            &texts.release,
            &texts.address,
        ] {
            for (code, said) in map {
                for sentence in [&said.short, &said.sentence, &said.next] {
                    for language in Language::ALL {
                        assert!(
                            !sentence.get(language).is_empty(),
                            "{code} {}",
                            language.tag()
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn the_texts_of_the_desks_are_whole() {
        let texts = DeskTexts::kg().unwrap();
        for (code, said) in texts
            .notice
            .iter()
            .chain(&texts.answer)
            .chain(&texts.reject)
        {
            for sentence in [&said.short, &said.sentence, &said.next] {
                let whole = Language::ALL.iter().all(|l| !sentence.get(*l).is_empty());
                assert!(whole, "{code}");
            }
        }
    }

    #[test]
    fn a_missing_code_is_named() {
        let text = include_str!("../../../countries/kg/texts/codes.toml");
        let without = text.replace("[exclusion.COURT]", "[exclusion.CUORT]");
        assert!(matches!(
            Texts::parse(&without),
            Err(TextsError::Missing("COURT"))
        ));
    }
}
