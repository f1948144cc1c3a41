//! The country's form of a lot's sheet: sizes, words and template, as data; and the names of its ayil aimaks.

use std::collections::BTreeMap;

use lexicon::Sentence;
use lexicon::handover::envelope::sha256;
use serde::{Deserialize, Serialize};

use crate::face;
use crate::form::{FormError, PaperLanguage};

const SHIPPED: &str = include_str!("../../../../countries/kg/paper/lot.toml");

/// The template's text.
pub(crate) const TEMPLATE: &str = include_str!("../../../../countries/kg/paper/lot.typ");

/// The state classifier of places: `soate,parent,name` lines.
const PLACES: &str = include_str!("../../../../countries/kg/places.csv");

/// Rises when this room's output changes for the same form and the same lot.
const VERSION: u32 = 1;

/// Every word the sheet uses.
const WORDS: [&str; 26] = [
    "title",
    "lot",
    "precinct",
    "no_place",
    "due",
    "made",
    "entries",
    "on_page",
    "page",
    "of_pages",
    "number",
    "who",
    "address",
    "here",
    "not_here",
    "died",
    "no_house",
    "visited",
    "member",
    "row",
    "person",
    "house",
    "note",
    "box_handed",
    "box_returned",
    "box_answered",
];

/// The sheet, mm.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sheet {
    pub width: f64,
    pub height: f64,
    pub margin_x: f64,
    pub margin_top: f64,
    pub margin_bottom: f64,
    pub head: f64,
    pub due_box: f64,
    pub page_box: f64,
    pub code: f64,
    pub captions: f64,
    pub row: f64,
    pub row_pad: f64,
    pub cell_pad: f64,
    pub tick: f64,
    pub foot: f64,
    pub note: f64,
    pub foot_gap: f64,
}

/// Widths of the columns from left to right, mm.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Columns {
    pub number: f64,
    pub who: f64,
    pub address: f64,
    pub here: f64,
    pub not_here: f64,
    pub died: f64,
    pub no_house: f64,
    pub visited: f64,
    pub member: f64,
}

impl Columns {
    /// Each with the word of its caption.
    pub(crate) fn all(&self) -> [(&'static str, f64); 9] {
        [
            ("number", self.number),
            ("who", self.who),
            ("address", self.address),
            ("here", self.here),
            ("not_here", self.not_here),
            ("died", self.died),
            ("no_house", self.no_house),
            ("visited", self.visited),
            ("member", self.member),
        ]
    }
}

/// Sizes of texts, pt.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TextSizes {
    pub number: f64,
    pub name: f64,
    pub cell: f64,
    pub title: f64,
    pub place: f64,
    pub due: f64,
}

/// The form of a lot's sheet.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LotForm {
    pub sheet: Sheet,
    pub columns: Columns,
    pub text: TextSizes,
    words: BTreeMap<String, Sentence>,
}

impl LotForm {
    fn parse(text: &str) -> Result<Self, FormError> {
        let form: Self = toml::from_str(text)?;
        let mut all = WORDS.iter();
        if let Some(missing) = all.find(|word| !form.words.contains_key(**word)) {
            return Err(FormError::Missing(missing));
        }
        let columns_mm: f64 = form.columns.all().iter().map(|(_, width)| width).sum();
        let sheet_mm = form.sheet.width - 2.0 * form.sheet.margin_x;
        if (columns_mm - sheet_mm).abs() > 0.01 {
            return Err(FormError::Columns {
                columns_mm,
                sheet_mm,
            });
        }
        Ok(form)
    }

    /// The form shipped for Kyrgyzstan.
    pub(crate) fn kg() -> Result<Self, FormError> {
        Self::parse(SHIPPED)
    }

    /// A word in the paper's languages, Kyrgyz first, each once.
    pub(crate) fn words(&self, key: &str, language: PaperLanguage) -> Vec<&str> {
        let sentence = self.words.get(key);
        let of = language.languages().iter();
        let mut words: Vec<&str> = of.filter_map(|l| sentence.map(|s| s.get(*l))).collect();
        words.dedup();
        words
    }

    /// The same on one line.
    pub(crate) fn word(&self, key: &str, language: PaperLanguage) -> String {
        self.words(key, language).join(" / ")
    }

    /// What rows may take on a page, mm.
    pub(crate) fn rows_mm(&self) -> f64 {
        let s = &self.sheet;
        let fixed = s.margin_top + s.head + s.captions + s.margin_bottom;
        s.height - fixed - s.foot_gap - s.note - s.foot
    }
}

/// The name of an ayil aimak as the classifier prints it; its first eleven digits when it has none.
pub(crate) fn aimak_name(code: &str) -> &str {
    let line = PLACES.lines().find(|line| {
        let rest = line.strip_prefix(code);
        rest.is_some_and(|rest| rest.starts_with("000,"))
    });
    let name = line.and_then(|line| line.splitn(3, ',').nth(2));
    name.map_or(code, |name| name.trim().trim_matches('"'))
}

/// SHA-256 over everything that shapes the paper beside the lot: form, template, places, fonts, version.
pub(crate) fn shape_hash() -> [u8; 32] {
    let mut text = VERSION.to_be_bytes().to_vec();
    for part in [
        SHIPPED.as_bytes(),
        TEMPLATE.as_bytes(),
        PLACES.as_bytes(),
        face::REGULAR,
        face::BOLD,
    ] {
        text.extend_from_slice(&sha256(part));
    }
    sha256(&text)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    use super::*;
    use crate::face::{Faces, Weight};
    use lexicon::Language;

    #[test]
    fn the_shipped_form_holds_a_useful_page_and_every_word_has_letters() {
        let (form, faces) = (LotForm::kg().unwrap(), Faces::embedded());
        assert!(form.rows_mm() / form.sheet.row >= 8.0, "rows on a page");
        assert!(form.sheet.row >= 12.0, "a signature and a tick by hand");
        for key in WORDS {
            for language in ["ky", "ru", "en"] {
                let said = form.words[key].get(Language::from_tag(language).unwrap());
                assert!(!said.is_empty(), "{key} {language}");
                faces.text(said, Weight::Regular).unwrap();
            }
        }
        assert_eq!(form.words.len(), WORDS.len(), "a word that nothing uses");
        let without = SHIPPED.replace("no_house = {", "no_hose = {");
        assert!(matches!(
            LotForm::parse(&without),
            Err(FormError::Missing("no_house"))
        ));
        let wide = SHIPPED.replace("visited = 18.0", "visited = 25.0");
        assert!(matches!(
            LotForm::parse(&wide),
            Err(FormError::Columns { .. })
        ));
    }

    #[test]
    fn an_aimak_has_its_printed_name() {
        assert_eq!(aimak_name("41711000000"), "г. Бишкек");
        assert_eq!(aimak_name("99999999999"), "99999999999");
    }
}
