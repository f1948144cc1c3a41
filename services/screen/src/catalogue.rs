//! Texts of a surface, by key and language.

use std::collections::BTreeMap;

use lexicon::{Language, Sentence};
use serde::Deserialize;

/// The texts of one surface: each key in Kyrgyz, Russian and English.
///
/// The file is TOML: `[key] ky = "…" ru = "…" en = "…"`, or `key = { ky = …, ru = …, en = … }`.
/// Variables stand in braces: `{n}`. A key with several Russian forms of number has the
/// keys `key.one`, `key.few`, `key.many` (in quotes); Kyrgyz and English use `one`, `many`.
#[derive(Clone, Debug, Default)]
pub struct Catalogue(BTreeMap<String, Sentence>);

/// Why a catalogue was refused: an engineer mends the file.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// Not TOML of this shape; a missing language shows here too.
    #[error("texts: {0}")]
    Shape(#[from] toml::de::Error),
    /// A language is there but empty.
    #[error("texts: key {key} is empty in {language}")]
    Empty {
        /// Which key.
        key: String,
        /// Which language's tag.
        language: &'static str,
    },
    /// Languages use different variables.
    #[error("texts: key {0} has other variables in other languages")]
    Variables(String),
}

#[derive(Deserialize)]
struct File(BTreeMap<String, Sentence>);

impl Catalogue {
    /// Parses a catalogue and demands all three languages with the same variables.
    ///
    /// # Errors
    /// [`CatalogueError`] naming the key.
    pub fn parse(text: &str) -> Result<Self, CatalogueError> {
        let File(map) = toml::from_str(text)?;
        for (key, sentence) in &map {
            let mut expected: Option<Vec<&str>> = None;
            for language in Language::ALL {
                let text = sentence.get(language);
                if text.is_empty() {
                    return Err(CatalogueError::Empty {
                        key: key.clone(),
                        language: language.tag(),
                    });
                }
                let found = variables(text);
                if expected.get_or_insert_with(|| found.clone()) != &found {
                    return Err(CatalogueError::Variables(key.clone()));
                }
            }
        }
        Ok(Self(map))
    }

    /// The text of a key.
    ///
    /// # Panics
    /// Never in a release: a test of each surface asks for every key it uses; here an
    /// unknown key shows itself as `⟦key⟧`.
    #[must_use]
    pub fn text(&self, language: Language, key: &str) -> String {
        self.0
            .get(key)
            .map_or_else(|| format!("⟦{key}⟧"), |s| s.get(language).to_owned())
    }

    /// The text of a key with its variables filled in.
    #[must_use]
    pub fn fill(&self, language: Language, key: &str, values: &[(&str, &str)]) -> String {
        values
            .iter()
            .fold(self.text(language, key), |text, (name, value)| {
                text.replace(&format!("{{{name}}}"), value)
            })
    }

    /// A counted text: `key.one`, `key.few` or `key.many` by the language's rule, with `{n}`.
    #[must_use]
    pub fn count(&self, language: Language, key: &str, n: u64) -> String {
        let form = plural_form(language, n);
        self.fill(
            language,
            &format!("{key}.{form}"),
            &[("n", &crate::format::number(n))],
        )
    }

    /// Whether a key is there.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// Every key, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// The form of number, CLDR cardinal rules: ru one/few/many, ky and en one/many.
#[must_use]
pub fn plural_form(language: Language, n: u64) -> &'static str {
    match language {
        Language::Ru => match (n % 10, n % 100) {
            (1, last_two) if last_two != 11 => "one",
            (2..=4, last_two) if !(12..=14).contains(&last_two) => "few",
            _ => "many",
        },
        Language::Ky | Language::En => {
            if n == 1 {
                "one"
            } else {
                "many"
            }
        }
    }
}

fn variables(text: &str) -> Vec<&str> {
    let mut found: Vec<&str> = text
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    use super::*;

    #[test]
    fn russian_counts_have_three_forms() {
        let check = |n, form| assert_eq!(plural_form(Language::Ru, n), form, "{n}");
        for (n, form) in [
            (1, "one"),
            (2, "few"),
            (5, "many"),
            (11, "many"),
            (21, "one"),
            (111, "many"),
            (22, "few"),
        ] {
            check(n, form);
        }
    }

    #[test]
    fn a_missing_language_or_variable_is_refused() {
        assert!(Catalogue::parse("a = { ky = 'x', ru = 'y' }").is_err());
        let text = "a = { ky = '{n}', ru = '{n}', en = 'n' }";
        assert!(matches!(
            Catalogue::parse(text),
            Err(CatalogueError::Variables(_))
        ));
        let text = "a = { ky = '{n} k', ru = '{n} r', en = '{n} e' }";
        let catalogue = Catalogue::parse(text).unwrap();
        assert_eq!(catalogue.fill(Language::Ru, "a", &[("n", "5")]), "5 r");
    }
}
