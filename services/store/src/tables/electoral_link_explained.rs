//! Table `electoral_link_explained`: why a row and a person are thought to be one, as the linkage weighed them. Rows
//! never change.

use lexicon::Language;

use crate::engine::{Insert, values};
use crate::error::StoreError;
use crate::transact::Tx;

const INSERT: Insert = Insert {
    into: "electoral_link_explained (run, subject, weight, probability, sentence_ky, sentence_ru, sentence_en, \
           picture_ky, picture_ru, picture_en)",
    columns: 10,
    then: "ON CONFLICT (run, subject) DO NOTHING",
};

/// What the linkage says to a question about a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkExplained {
    /// The question, by `roll::review::subject_of`.
    pub subject: String,
    /// Log-odds, thousandths of a bit.
    pub weight_milli_bits: i64,
    /// The probability that both are one person, millionths.
    pub probability_ppm: u32,
    /// One sentence and one picture (SVG) in each language, in the order of [`Language::ALL`]. They name what agrees
    /// and hold no value of the records.
    pub said: [(String, String); 3],
}

impl LinkExplained {
    /// Sentence and picture in a language.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &(String, String) {
        let at = Language::ALL.iter().position(|known| *known == language);
        &self.said[at.unwrap_or(0)]
    }
}

impl Tx<'_> {
    /// Records how the linkage weighed links of a run; what a run knows already stays.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses.
    pub fn record_links_explained(
        &mut self,
        run: u32,
        links: &[LinkExplained],
    ) -> Result<(), StoreError> {
        for chunk in links.chunks(1_000) {
            let mut table = Vec::with_capacity(chunk.len() * INSERT.columns);
            for link in chunk {
                table.extend(values![
                    run,
                    link.subject.as_str(),
                    link.weight_milli_bits,
                    link.probability_ppm
                ]);
                let sentences = link.said.iter().map(|said| said.0.as_str());
                let pictures = link.said.iter().map(|said| said.1.as_str());
                for text in sentences.chain(pictures) {
                    table.extend(values![text]);
                }
            }
            self.insert(&INSERT, table)?;
        }
        Ok(())
    }

    /// How the linkage weighed a link last; none: it was not asked.
    ///
    /// # Errors
    /// [`StoreError`] when the engine refuses or a stored value cannot be read.
    pub fn find_link_explained(
        &mut self,
        run: u32,
        subject: &str,
    ) -> Result<Option<LinkExplained>, StoreError> {
        let row = self.row(
            "SELECT weight, probability, sentence_ky, sentence_ru, sentence_en, picture_ky, picture_ru, picture_en \
             FROM electoral_link_explained WHERE run = $1 AND subject = $2",
            values![run, subject],
        )?;
        let Some(row) = row else { return Ok(None) };
        let text = |column: usize| row.text(column).map(str::to_owned);
        Ok(Some(LinkExplained {
            subject: subject.to_owned(),
            weight_milli_bits: row.int(0)?,
            probability_ppm: row.number(1)?,
            said: [
                (text(2)?, text(5)?),
                (text(3)?, text(6)?),
                (text(4)?, text(7)?),
            ],
        }))
    }
}
