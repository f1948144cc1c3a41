//! The country's form of the paper list: sizes, words and template, as data.

use std::collections::BTreeMap;

use lexicon::handover::envelope::sha256;
use lexicon::{Language, Sentence};
use serde::{Deserialize, Serialize};

use crate::face;

const SHIPPED: &str = include_str!("../../../countries/kg/paper/list.toml");

/// The template's text.
pub const TEMPLATE: &str = include_str!("../../../countries/kg/paper/list.typ");

/// Rises when this room's output changes for the same form and the same list.
const VERSION: u32 = 1;

/// Every word the list uses.
const WORDS: [&str; 33] = [
    "title",
    "precinct",
    "release",
    "root",
    "lines",
    "total",
    "page",
    "sheet",
    "of_pages",
    "number",
    "name",
    "born",
    "address",
    "document",
    "signature",
    "officer",
    "box_signatures",
    "box_receipts",
    "box_struck",
    "box_home",
    "box_officer",
    "title_supplement",
    "end_supplement",
    "supplement",
    "act",
    "strike",
    "correct",
    "end",
    "stage_preliminary",
    "stage_control",
    "stage_final",
    "notice_demo",
    "notice_unsigned",
];

/// Why the form was refused: an engineer mends the file.
#[derive(Debug, thiserror::Error)]
pub enum FormError {
    /// No TOML of this shape.
    #[error("paper form: {0}")]
    Shape(#[from] toml::de::Error),
    /// A word is missing.
    #[error("paper form: no entry for {0}")]
    Missing(&'static str),
    /// The columns do not fill the sheet.
    #[error("paper form: columns take {columns_mm} mm, the sheet has {sheet_mm}")]
    Columns {
        /// Sum of the columns, mm.
        columns_mm: f64,
        /// Width between the margins, mm.
        sheet_mm: f64,
    },
    /// Not even a page of the least rows fits.
    #[error("paper form: {lines} rows do not fit on a sheet")]
    Rows {
        /// Lines a page has by law.
        lines: u16,
    },
}

/// The sheet, mm.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// Left and right margin.
    pub margin_x: f64,
    /// Upper margin.
    pub margin_top: f64,
    /// Lower margin.
    pub margin_bottom: f64,
    /// The block above the table.
    pub head: f64,
    /// Width of the page box.
    pub page_box: f64,
    /// Side of the QR code.
    pub code: f64,
    /// Height of the captions.
    pub captions: f64,
    /// Least height of a row.
    pub row: f64,
    /// Above and below the text of a row.
    pub row_pad: f64,
    /// Left and right of the text of a cell.
    pub cell_pad: f64,
    /// A thick rule below each line whose number this divides.
    pub rule_every: u32,
    /// The end of the list.
    pub end: f64,
    /// The warning bar.
    pub notice: f64,
    /// The boxes filled by hand.
    pub foot: f64,
    /// The gap above them.
    pub foot_gap: f64,
}

/// Widths of the columns from left to right, mm.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// Line number.
    pub number: f64,
    /// Name.
    pub name: f64,
    /// Birth date.
    pub born: f64,
    /// Address.
    pub address: f64,
    /// Document, filled by hand.
    pub document: f64,
    /// Signature.
    pub signature: f64,
    /// Officer.
    pub officer: f64,
    /// Line number again.
    pub number_again: f64,
}

impl Columns {
    fn all(&self) -> [f64; 8] {
        [
            self.number,
            self.name,
            self.born,
            self.address,
            self.document,
            self.signature,
            self.officer,
            self.number_again,
        ]
    }
}

/// Sizes of texts, pt.
#[derive(Clone, PartialEq, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TextSizes {
    /// Line numbers.
    pub number: f64,
    /// Names.
    pub name: f64,
    /// Other cells.
    pub cell: f64,
    /// Title.
    pub title: f64,
    /// Precinct and its place.
    pub head: f64,
    /// Factors tried one after the other on a page whose rows do not fit.
    pub crowded: Vec<f64>,
}

/// How names are set.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameRules {
    /// Parts of a surname that stay small beside the capitals.
    pub particles: Vec<String>,
}

/// The form of the paper list.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListForm {
    /// The sheet.
    pub sheet: Sheet,
    /// The columns.
    pub columns: Columns,
    /// Sizes of texts.
    pub text: TextSizes,
    /// How names are set.
    pub names: NameRules,
    words: BTreeMap<String, Sentence>,
}

impl ListForm {
    /// Parses a form.
    ///
    /// # Errors
    /// [`FormError`] when a word is missing or the columns do not fill the sheet.
    pub fn parse(text: &str) -> Result<Self, FormError> {
        let form: Self = toml::from_str(text)?;
        if let Some(missing) = WORDS.iter().find(|w| !form.words.contains_key(**w)) {
            return Err(FormError::Missing(missing));
        }
        let columns_mm: f64 = form.columns.all().iter().sum();
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
    ///
    /// # Errors
    /// [`FormError`], which the test of the shipped file excludes.
    pub fn kg() -> Result<Self, FormError> {
        Self::parse(SHIPPED)
    }

    /// A word in the paper's languages, Kyrgyz first.
    #[must_use]
    pub fn words(&self, key: &str, language: PaperLanguage) -> Vec<&str> {
        let sentence = self.words.get(key);
        language
            .languages()
            .iter()
            .filter_map(|l| sentence.map(|s| s.get(*l)))
            .collect()
    }

    /// The languages of a word on one line, each once.
    #[must_use]
    pub fn word(&self, key: &str, language: PaperLanguage) -> String {
        let mut words = self.words(key, language);
        words.dedup();
        words.join(" / ")
    }

    /// What rows may take on a page, mm.
    #[must_use]
    pub fn rows_mm(&self, has_notice: bool, is_last: bool) -> f64 {
        let s = &self.sheet;
        let fixed = s.margin_top + s.head + s.captions + s.foot_gap + s.foot + s.margin_bottom;
        let notice = if has_notice { s.notice } else { 0.0 };
        let end = if is_last { s.end } else { 0.0 };
        s.height - fixed - notice - end
    }

    /// Refuses a form on which a page of the law has no room.
    ///
    /// # Errors
    /// [`FormError::Rows`].
    pub fn demand_rows(&self, lines: u16) -> Result<(), FormError> {
        if f64::from(lines) * self.sheet.row > self.rows_mm(true, true) {
            return Err(FormError::Rows { lines });
        }
        Ok(())
    }
}

/// SHA-256 over everything that shapes the paper beside the list: form, template, fonts, version.
#[must_use]
pub fn shape_hash() -> [u8; 32] {
    let mut text = VERSION.to_be_bytes().to_vec();
    for part in [
        SHIPPED.as_bytes(),
        TEMPLATE.as_bytes(),
        face::REGULAR,
        face::BOLD,
    ] {
        text.extend_from_slice(&sha256(part));
    }
    sha256(&text)
}

/// The languages of a paper.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PaperLanguage {
    /// Kyrgyz.
    Ky,
    /// Russian.
    Ru,
    /// English.
    En,
    /// Kyrgyz and Russian side by side.
    Both,
}

impl PaperLanguage {
    /// The languages, Kyrgyz first.
    #[must_use]
    pub fn languages(self) -> &'static [Language] {
        match self {
            PaperLanguage::Ky => &[Language::Ky],
            PaperLanguage::Ru => &[Language::Ru],
            PaperLanguage::En => &[Language::En],
            PaperLanguage::Both => &[Language::Ky, Language::Ru],
        }
    }

    /// The code on the command line.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            PaperLanguage::Ky => "ky",
            PaperLanguage::Ru => "ru",
            PaperLanguage::En => "en",
            PaperLanguage::Both => "both",
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    use super::*;
    use crate::face::{Faces, Weight};

    #[test]
    fn the_shipped_form_holds_a_page_of_the_law_with_room_for_long_names() {
        let (form, faces) = (ListForm::kg().unwrap(), Faces::embedded());
        let law = lexicon::ElectionLaw::shipped("kg-2015").unwrap();
        form.demand_rows(law.list.lines_per_page).unwrap();
        assert!(form.demand_rows(law.list.lines_per_page + 2).is_err());
        assert!(form.sheet.row >= 8.0, "a signature needs 8 mm");
        for key in WORDS {
            for language in ["ky", "ru", "en"] {
                let said = form.words[key].get(Language::from_tag(language).unwrap());
                assert!(!said.is_empty(), "{key} {language}");
                faces.text(said, Weight::Regular).unwrap();
                faces.text(said, Weight::Bold).unwrap();
            }
        }
    }

    #[test]
    fn a_missing_word_and_columns_that_do_not_fit_are_named() {
        let without = SHIPPED.replace("box_home =", "box_hone =");
        assert!(matches!(
            ListForm::parse(&without),
            Err(FormError::Missing("box_home"))
        ));
        let wide = SHIPPED.replace("born = 20.0", "born = 25.0");
        assert!(matches!(
            ListForm::parse(&wide),
            Err(FormError::Columns { .. })
        ));
    }
}
