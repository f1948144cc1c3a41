//! Explanations: why a pair has its weight, as bars, one sentence, or a picture.

use crate::compare::level_at;
use crate::fixed::probability_ppm;
use crate::level::Ask;
use crate::model::{Comparison, Label};
use crate::run::{Link, Session};
use crate::weigh::Bar;
use std::fmt::Write;

/// Language of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Kyrgyz.
    Ky,
    /// Russian.
    Ru,
    /// English.
    En,
}

impl Label {
    /// The text in one language.
    #[must_use]
    pub fn text(&self, language: Language) -> &str {
        match language {
            Language::Ky => &self.ky,
            Language::Ru => &self.ru,
            Language::En => &self.en,
        }
    }
}

/// One comparison's part in a weight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What was compared.
    pub label: Label,
    /// How the values agree.
    pub finding: Label,
    /// Name of the level; `missing` for none.
    pub level: String,
    /// The numbers.
    pub bar: Bar,
}

impl Reason {
    /// Level and frequency together, milli-bits.
    #[must_use]
    pub fn milli_bits(&self) -> i32 {
        self.bar.level_milli_bits + self.bar.frequency_milli_bits
    }
}

/// Why a pair has its weight. Holds no value of the records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Log-odds before anything is compared, milli-bits.
    pub prior_milli_bits: i32,
    /// One for each comparison, in the model's order. Prior and reasons add up to the weight.
    pub reasons: Vec<Reason>,
    /// The weight, milli-bits.
    pub weight_milli_bits: i32,
    /// The probability, millionths.
    pub probability_ppm: u32,
}

impl Session<'_> {
    /// Explains a pair of rows, as [`crate::link`] or [`crate::dedupe`] returned it.
    ///
    /// `None` when a row does not exist. Cost: one pass over the order of rows.
    #[must_use]
    pub fn explain(&self, link: &Link) -> Option<Explanation> {
        let left = self
            .prepared
            .left
            .order
            .iter()
            .position(|&row| row == link.left)?;
        let right = self
            .prepared
            .right()
            .order
            .iter()
            .position(|&row| row == link.right)?;
        let (left, right) = (
            self.prepared.left.at(u32::try_from(left).ok()?),
            self.prepared.right().at(u32::try_from(right).ok()?),
        );
        let bars = self.weights.bars(link.levels, left, right);
        let weight_milli_bits = self.weights.weigh(link.levels, left, right);
        let reasons = bars
            .into_iter()
            .map(|bar| reason(&self.model.comparisons[bar.comparison], bar, link.levels))
            .collect();
        Some(Explanation {
            prior_milli_bits: self.weights.prior,
            reasons,
            weight_milli_bits,
            probability_ppm: probability_ppm(weight_milli_bits),
        })
    }
}

fn reason(comparison: &Comparison, bar: Bar, levels: u64) -> Reason {
    let level = level_at(levels, bar.comparison)
        .checked_sub(1)
        .and_then(|place| comparison.levels.get(place));
    let finding = match level {
        None => phrase("маалымат жок", "нет данных", "is missing"),
        Some(level) => level.say.clone().unwrap_or_else(|| {
            standard_phrase(comparison, &level.when[0].ask, level.when[0].feature)
        }),
    };
    Reason {
        label: comparison.label.clone(),
        finding,
        level: level.map_or("missing", |level| &level.name).to_owned(),
        bar,
    }
}

fn phrase(ky: &str, ru: &str, en: &str) -> Label {
    Label {
        ky: ky.to_owned(),
        ru: ru.to_owned(),
        en: en.to_owned(),
    }
}

fn standard_phrase(comparison: &Comparison, ask: &Ask, feature: usize) -> Label {
    match ask {
        Ask::Exact if feature == comparison.feature => phrase("дал келет", "совпадает", "agrees"),
        Ask::Exact | Ask::Value(_) => phrase(
            "жарым-жартылай дал келет",
            "совпадает частично",
            "agrees in part",
        ),
        Ask::JaroWinkler(_) | Ask::Starts(_) => phrase("окшош", "похоже", "is similar"),
        Ask::Edits(1) | Ask::Slip => phrase(
            "бир белги менен айырмаланат",
            "отличается одним знаком",
            "differs in one character",
        ),
        Ask::Edits(_) => phrase(
            "бир нече белги менен айырмаланат",
            "отличается несколькими знаками",
            "differs in a few characters",
        ),
        Ask::Swapped(_) | Ask::Crossed(_) => {
            phrase("орун алмашкан", "переставлено", "is exchanged")
        }
        Ask::Differs | Ask::Unlike(_) | Ask::Else => phrase("айырмаланат", "отличается", "differs"),
    }
}

/// Milli-bits as signed bits with one decimal: `+26,2` in ky and ru, `+26.2` in en; the minus is U+2212.
fn bits(milli_bits: i32, language: Language) -> String {
    let tenths = (milli_bits.unsigned_abs() + 50) / 100;
    let sign = if tenths == 0 {
        ""
    } else if milli_bits < 0 {
        "\u{2212}"
    } else {
        "+"
    };
    let point = if language == Language::En { '.' } else { ',' };
    format!("{sign}{}{point}{}", tenths / 10, tenths % 10)
}

impl Explanation {
    /// One sentence: every comparison with its finding and bits, then the sum and the probability.
    #[must_use]
    pub fn sentence(&self, language: Language) -> String {
        let (start, sum, chance) = match language {
            Language::Ky => ("башталышы", "жыйынтыгы", "ыктымалдыгы"),
            Language::Ru => ("исходно", "итог", "вероятность"),
            Language::En => ("to begin with", "in all", "probability"),
        };
        let mut out = format!("{start}: {}", bits(self.prior_milli_bits, language));
        for reason in &self.reasons {
            let (label, finding) = (reason.label.text(language), reason.finding.text(language));
            let _ = write!(
                out,
                "; {label} {finding}: {}",
                bits(reason.milli_bits(), language)
            );
        }
        // Nothing is certain: what rounds to one is said to be above the last value below it.
        let (above, ppm) = match self.probability_ppm {
            1_000_000.. => ("> ", 999_999),
            ppm => ("", ppm),
        };
        let percent = format!("{above}{}.{:04}", ppm / 10_000, ppm % 10_000);
        let percent = if language == Language::En {
            percent
        } else {
            percent.replace('.', ",")
        };
        let _ = write!(
            out,
            "; {sum}: {} ({chance} {percent}\u{00A0}%)",
            bits(self.weight_milli_bits, language)
        );
        out
    }

    /// The waterfall as a picture of its own, with its style in it: for a file that is opened by itself.
    #[must_use]
    pub fn waterfall_file(&self, language: Language) -> String {
        const STYLE: &str = "<style>svg{background:#fff;font:14px sans-serif}text{fill:#1a1a1a}\
            .wf-for{fill:#2f7d4f}.wf-against{fill:#b3402e}.wf-sum{fill:#3f5f8a}.wf-line{stroke:#767676}</style>";
        self.waterfall_svg(language)
            .replacen("\"><line", &format!("\">{STYLE}<line"), 1)
    }

    /// A waterfall picture (SVG, 720 wide): prior, one bar for each comparison, the sum.
    ///
    /// Colours come from the page's style by class (`wf-for`, `wf-against`, `wf-sum`, `wf-line`); each bar
    /// carries its words and number, so colour never stands alone.
    #[must_use]
    pub fn waterfall_svg(&self, language: Language) -> String {
        let names = match language {
            Language::Ky => ("башталышы", "жыйынтыгы"),
            Language::Ru => ("исходно", "итог"),
            Language::En => ("to begin with", "in all"),
        };
        let mut rows: Vec<(String, i32, i32)> =
            vec![(names.0.to_owned(), 0, self.prior_milli_bits)];
        let mut level = self.prior_milli_bits;
        for reason in &self.reasons {
            let next = level + reason.milli_bits();
            rows.push((
                format!(
                    "{}: {}",
                    reason.label.text(language),
                    reason.finding.text(language)
                ),
                level,
                next,
            ));
            level = next;
        }
        rows.push((names.1.to_owned(), 0, level));
        let low = rows
            .iter()
            .flat_map(|row| [row.1, row.2])
            .min()
            .unwrap_or(0)
            .min(0);
        let high = rows
            .iter()
            .flat_map(|row| [row.1, row.2])
            .max()
            .unwrap_or(0)
            .max(0);
        let x = |milli_bits: i32| {
            300 + i64::from(milli_bits - low) * 340 / i64::from((high - low).max(1))
        };
        let height = 28 * rows.len() + 8;
        let title = escape(&self.sentence(language));
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 {height}\" role=\"img\" aria-label=\"{title}\"><line class=\"wf-line\" x1=\"{0}\" x2=\"{0}\" y1=\"0\" y2=\"{height}\"/>",
            x(0)
        );
        let last = rows.len() - 1;
        for (place, (text, from, to)) in rows.iter().enumerate() {
            let class = if place == 0 || place == last {
                "wf-sum"
            } else if to < from {
                "wf-against"
            } else {
                "wf-for"
            };
            let (y, left, right) = (28 * place + 4, x(*from.min(to)), x(*from.max(to)));
            let _ = write!(
                out,
                "<text x=\"290\" y=\"{}\" text-anchor=\"end\">{}</text><rect class=\"{class}\" x=\"{left}\" y=\"{y}\" width=\"{}\" height=\"22\"/><text x=\"{}\" y=\"{}\">{}</text>",
                y + 16,
                escape(text),
                (right - left).max(1),
                right + 6,
                y + 16,
                bits(to - from, language)
            );
        }
        out.push_str("</svg>");
        out
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}
