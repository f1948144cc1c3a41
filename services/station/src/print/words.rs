//! Words of the papers, ky and ru. Kyrgyz texts are drafts until a native editor approves them.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use lexicon::{FingerPosition, Language, Method, RefusalReason, Sentence, Texts};
use serde::Deserialize;

use super::pictogram;

/// The name of a day mark, ky and ru.
#[must_use]
pub fn mark_name(mark: u8) -> (&'static str, &'static str) {
    pictogram::names(mark)
}

/// A method in ky and ru, with the finger as `П2` (right index) or `Л2`.
#[must_use]
pub fn method_words(method: Method, finger: Option<FingerPosition>) -> (String, String) {
    let finger = finger.map(|finger| {
        let number = finger.number();
        if number <= 5 {
            format!(" П{number}")
        } else {
            format!(" Л{}", number - 5)
        }
    });
    let finger = finger.unwrap_or_default();
    match method {
        Method::Finger => (format!("манжа{finger}"), format!("палец{finger}")),
        Method::Face2 => ("жүз, 2 кол".to_owned(), "лицо, 2 подписи".to_owned()),
        Method::Document2 => (
            "документ, 2 кол".to_owned(),
            "документ, 2 подписи".to_owned(),
        ),
        Method::Override2 => ("чечим, 2 кол".to_owned(), "решение, 2 подписи".to_owned()),
        Method::Home => ("үйдө".to_owned(), "на дому".to_owned()),
    }
}

/// A refusal in ky and ru: sentence and next step.
pub(super) fn refusal_words(reason: RefusalReason) -> [(String, String); 2] {
    let texts = Texts::kg().ok();
    let said = texts
        .as_ref()
        .and_then(|texts| texts.refusal.get(reason.code()));
    said.map_or_else(
        || {
            [
                (reason.code().to_owned(), reason.code().to_owned()),
                (String::new(), String::new()),
            ]
        },
        |said| {
            [
                (said.sentence.ky.clone(), said.sentence.ru.clone()),
                (said.next.ky.clone(), said.next.ru.clone()),
            ]
        },
    )
}

/// A refusal's few words, for report lines.
pub(super) fn refusal_short(code: &str, language: Language) -> String {
    Texts::kg()
        .ok()
        .and_then(|texts| {
            let said = texts.refusal.get(code)?;
            Some(said.short.get(language).to_owned())
        })
        .unwrap_or_else(|| code.to_owned())
}

/// An incident, for report lines; no raw code stands on paper.
pub(super) fn incident_word(code: &str, language: Language) -> String {
    crate::pages::incident_words(code, language)
}

/// The words of reports in one language; the A4 copy has the same.
#[derive(Clone, Copy)]
pub(super) struct ReportWords(pub Language);

#[derive(Deserialize)]
struct Table {
    words: BTreeMap<String, Sentence>,
}

const WORDS: &str = include_str!("../../../../countries/kg/paper/report.toml");

fn table() -> &'static BTreeMap<String, Sentence> {
    static TABLE: OnceLock<BTreeMap<String, Sentence>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let table: Table = toml::from_str(WORDS).expect("the shipped words are a table");
        table.words
    })
}

impl ReportWords {
    /// A word; a key that has none is shown as it is, which the test of the papers excludes.
    pub(super) fn word(self, key: &str) -> &'static str {
        table().get(key).map_or("?", |said| said.get(self.0))
    }

    /// A word with its variables filled in.
    pub(super) fn fill(self, key: &str, values: &[(&str, &str)]) -> String {
        values
            .iter()
            .fold(self.word(key).to_owned(), |text, (name, value)| {
                text.replace(&format!("{{{name}}}"), value)
            })
    }

    /// `К2` in Cyrillic, `K2` in English.
    pub(super) fn kit(self, name: &str) -> String {
        match self.0 {
            Language::En => name.to_owned(),
            Language::Ky | Language::Ru => name.replace('K', "К"),
        }
    }

    /// The decimal point of the language.
    pub(super) fn point(self) -> char {
        match self.0 {
            Language::En => '.',
            Language::Ky | Language::Ru => ',',
        }
    }

    /// `60,9 %`.
    pub(super) fn percent(self, part: u32, whole: u32) -> String {
        screen::format::percent(self.0, u64::from(part), u64::from(whole.max(1)))
    }
}

/// Whether the table has this word.
#[cfg(test)]
pub(super) fn has_word(key: &str) -> bool {
    table().contains_key(key)
}
