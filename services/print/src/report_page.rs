//! The A4 copy of a report as data for its template (ui/PRINT.md §6–§7).

use std::collections::BTreeMap;
use std::path::Path;

use lexicon::handover::envelope::{hex, sha256};
use lexicon::handover::report::{KitCount, MethodCount, Report, kind};
use lexicon::{Instant, Language, Method, Sentence, Texts};
use serde::{Deserialize, Serialize};

use crate::code::code_svg;
use crate::face::Faces;
use crate::files::{FileError, write_beside};
use crate::form::PaperLanguage;
use crate::report::OpenReport;
use crate::typesetter::{Stamp, TypesetError, Typesetter};
use crate::written::{day, grouped, spaced};

mod accounts;
mod sections;

const WORDS: &str = include_str!("../../../countries/kg/paper/report.toml");

/// The template's text.
pub const TEMPLATE: &str = include_str!("../../../countries/kg/paper/report.typ");

/// Why a report's paper could not be made: an engineer mends the words.
#[derive(Debug, thiserror::Error)]
pub enum ReportPageError {
    /// The words are no TOML of this shape.
    #[error("report words: {0}")]
    Shape(#[from] toml::de::Error),
    /// The shipped sentences.
    #[error(transparent)]
    Texts(#[from] lexicon::texts::TextsError),
    /// A word is missing.
    #[error("report words: no entry for {0}")]
    Missing(String),
    /// The QR code does not fit.
    #[error("the report's code does not fit")]
    Code,
    /// The template.
    #[error(transparent)]
    Typeset(#[from] TypesetError),
    /// The file could not be written.
    #[error(transparent)]
    File(#[from] FileError),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    words: BTreeMap<String, Sentence>,
}

/// A label and its value.
type Pair = (String, String);

/// Everything the template needs.
#[derive(Serialize)]
pub struct ReportData {
    title: String,
    lang: &'static str,
    head: Vec<String>,
    copy: String,
    notice: Option<String>,
    /// An inverted bar: what is missing, or why not to open.
    warning: Option<String>,
    facts: Vec<Pair>,
    frames: Vec<Pair>,
    sections: Vec<Section>,
    kits: Table,
    sums: Vec<String>,
    paper_title: String,
    paper: Vec<String>,
    signatures: Vec<String>,
    cards: String,
    code: String,
    heads: String,
    verify: String,
}

impl std::fmt::Debug for ReportData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReportData({})", self.title)
    }
}

#[derive(Serialize)]
struct Section {
    title: String,
    rows: Vec<Pair>,
}

#[derive(Serialize)]
struct Table {
    title: String,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
    sum: Vec<String>,
}

/// Makes the paper of one report in one language.
struct Writer<'a> {
    open: &'a OpenReport,
    words: BTreeMap<String, Sentence>,
    texts: Texts,
    language: PaperLanguage,
}

/// Lays out a report.
///
/// # Errors
/// [`ReportPageError`], which the tests of the shipped words exclude.
pub fn report_data(
    open: &OpenReport,
    language: PaperLanguage,
) -> Result<ReportData, ReportPageError> {
    let Words { words } = toml::from_str(WORDS)?;
    let texts = Texts::kg()?;
    let writer = Writer {
        open,
        words,
        texts,
        language,
    };
    writer.data()
}

/// Prints a report; returns the file's SHA-256. The same report gives the same bytes.
///
/// # Errors
/// [`ReportPageError`].
pub fn print_report(
    open: &OpenReport,
    language: PaperLanguage,
    path: &Path,
) -> Result<String, ReportPageError> {
    let data = report_data(open, language)?;
    let json = serde_json::to_vec(&data).expect("texts and numbers encode as JSON");
    let stamp = Stamp {
        ident: format!("{} {}", hex(&open.sha256), language.code()),
        at: Instant::from_micros(open.report.at),
        offset_minutes: i64::from(open.manifest().policy.offset_minutes),
    };
    let setter = Typesetter::new(TEMPLATE, "/report.json", &Faces::embedded());
    let pdf = setter.set(json, &stamp)?;
    let dir = path.parent().unwrap_or_else(|| Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    write_beside(dir, &name, &pdf)?;
    Ok(hex(&sha256(&pdf)))
}

/// `К2`: the kit as people say it; keys and files keep the Latin name.
fn kit_word(name: &str) -> String {
    name.replace('K', "К")
}

fn sum(report: &Report, field: fn(&KitCount) -> u32) -> u64 {
    report.kits.iter().map(|kit| u64::from(field(kit))).sum()
}

impl Writer<'_> {
    fn report(&self) -> &Report {
        &self.open.report
    }

    /// A word with its variables filled in, in each language of the paper.
    fn fill_each(
        &self,
        key: &str,
        values: &[(&str, &str)],
    ) -> Result<Vec<String>, ReportPageError> {
        let sentence = self
            .words
            .get(key)
            .ok_or_else(|| ReportPageError::Missing(key.to_owned()))?;
        let said = |language: &Language| {
            let text = sentence.get(*language).to_owned();
            values.iter().fold(text, |text, (name, value)| {
                text.replace(&format!("{{{name}}}"), value)
            })
        };
        let mut said: Vec<String> = self.language.languages().iter().map(said).collect();
        said.dedup();
        Ok(said)
    }

    /// A word whose one variable is another word, each in its own language, side by side.
    fn fill_with_word(&self, key: &str, name: &str, word: &str) -> Result<String, ReportPageError> {
        let missing = |key: &str| ReportPageError::Missing(key.to_owned());
        let sentence = self.words.get(key).ok_or_else(|| missing(key))?;
        let word = self.words.get(word).ok_or_else(|| missing(word))?;
        let said = |language: &Language| {
            let hole = format!("{{{name}}}");
            sentence.get(*language).replace(&hole, word.get(*language))
        };
        let said: Vec<String> = self.language.languages().iter().map(said).collect();
        Ok(said.join(" / "))
    }

    /// The same with the languages side by side.
    fn fill(&self, key: &str, values: &[(&str, &str)]) -> Result<String, ReportPageError> {
        Ok(self.fill_each(key, values)?.join(" / "))
    }

    fn word(&self, key: &str) -> Result<String, ReportPageError> {
        self.fill(key, &[])
    }

    fn pair(&self, key: &str, value: impl Into<String>) -> Result<Pair, ReportPageError> {
        Ok((self.word(key)?, value.into()))
    }

    fn is_initial(&self) -> bool {
        self.report().kind == kind::INITIAL
    }

    fn kind_word(&self) -> &'static str {
        match self.report().kind {
            kind::INITIAL => "initial",
            kind::FINAL if self.report().adds_to.is_some() => "addendum",
            kind::FINAL => "final",
            _ => "running",
        }
    }

    fn data(&self) -> Result<ReportData, ReportPageError> {
        let report = self.report();
        let heads = report
            .kits
            .iter()
            .map(|kit| format!("{} {}:{}", kit.name, kit.seq, hex(&kit.head[..2])))
            .collect::<Vec<_>>()
            .join(" ");
        // The same text as on the station's own roll, so that one reader serves both papers.
        let (precinct, kind) = (report.precinct, self.kind_word());
        let hash = hex(&self.open.sha256);
        let code = code_svg(&format!("KG1R:{precinct}:{kind}:{hash}:{heads}"));
        let signatures = ["chair", "secretary", "member", "observers"];
        let cards: Vec<&str> = self.open.officers.iter().map(|o| o.name.as_str()).collect();
        Ok(ReportData {
            title: self.word(&format!("title_{kind}"))?,
            lang: self.language.languages()[0].tag(),
            head: self.head()?,
            copy: self.word("copy")?,
            notice: match self.open.is_demo {
                true => Some(self.word("notice_demo")?),
                false => None,
            },
            warning: self.warning()?,
            facts: self.facts()?,
            frames: self.frames()?,
            sections: self.sections()?,
            kits: self.kits()?,
            sums: self.sums()?,
            paper_title: self.word("paper")?,
            paper: self.paper()?,
            signatures: signatures
                .iter()
                .map(|who| self.word(&format!("sign_{who}")))
                .collect::<Result<_, _>>()?,
            cards: format!("{}: {}", self.word("cards")?, cards.join(", ")),
            code: code.ok_or(ReportPageError::Code)?,
            heads: kit_word(&heads),
            verify: self.word("verify")?,
        })
    }

    fn head(&self) -> Result<Vec<String>, ReportPageError> {
        let report = self.report();
        let offset = i64::from(self.open.manifest().policy.offset_minutes);
        let date = |micros| day(&Instant::from_micros(micros).local_date(offset).to_string());
        let at = Instant::from_micros(report.at);
        let sign = if offset < 0 { '-' } else { '+' };
        let zone = format!("{sign}{:02}", offset.abs() / 60);
        let utc = at.local_text(0).replace('T', " ");
        let own = report.kits.iter().find(|kit| *kit.kit == *report.kit);
        let kit = own.map_or_else(String::new, |kit| kit_word(&kit.name));
        let precinct = self.fill("precinct", &[("n", &format!("{:04}", report.precinct))])?;
        let number = self.fill("number", &[("n", &format!("{:04}", report.number))])?;
        Ok(vec![
            format!("{precinct} · {}", date(self.open.manifest().policy.opens)),
            format!(
                "{number} · {kit} · {} {} ({zone}) · {utc} UTC",
                date(report.at),
                at.local_time(offset)
            ),
        ])
    }

    /// The list, and what an addendum adds to and why.
    fn facts(&self) -> Result<Vec<Pair>, ReportPageError> {
        let report = self.report();
        let mut facts = vec![
            self.pair("list", format!("L{}", report.release))?,
            self.pair("root", spaced(&hex(&report.root[..10])))?,
            self.pair("voters", grouped(report.lines.into()))?,
            self.pair("pages", grouped(report.pages.into()))?,
        ];
        if let Some(before) = &report.adds_to {
            facts.push(self.pair("adds_to", spaced(&hex(&before[..8])))?);
        }
        if let Some(code) = &report.why_incomplete {
            let why = self.word(&format!("missing_{code}"));
            facts.push(self.pair("why", why.unwrap_or_else(|_| code.clone()))?);
        }
        Ok(facts)
    }

    /// Counted acts that stand before the first voter of the day: who voted at home, and on the days before.
    fn counted_before(&self) -> u64 {
        let report = self.report();
        let home = |count: &&MethodCount| count.method == Method::Home.number();
        let home: u32 = report.by_method.iter().find(home).map_or(0, |m| m.count);
        let days = report.days.as_deref().unwrap_or_default();
        let earlier = days.split_last().map_or(&days[..0], |(_, earlier)| earlier);
        let earlier: u64 = earlier.iter().map(|day| u64::from(day.counted)).sum();
        earlier.max(u64::from(home))
    }

    /// Whether an initial report stands at zero: nobody is counted in the hall on its day, and without earlier acts nothing
    /// was undone or marked twice.
    fn is_zero(&self) -> bool {
        let (counted, before) = (u64::from(self.report().counted), self.counted_before());
        counted <= before && (before > 0 || sum(self.report(), |kit| kit.acts) == 0)
    }

    /// What must not be overlooked: kits that may know more, or acts before opening.
    fn warning(&self) -> Result<Option<String>, ReportPageError> {
        let report = self.report();
        if self.is_initial() {
            if self.is_zero() {
                return Ok(None);
            }
            let early = report.kits.iter().filter(|kit| kit.acts > 0);
            let kits: Vec<String> = early
                .map(|kit| format!("{}: {}", kit_word(&kit.name), kit.acts))
                .collect();
            return Ok(Some(
                self.fill("do_not_open", &[("kits", &kits.join(", "))])?,
            ));
        }
        if report.incomplete.is_empty() {
            return Ok(None);
        }
        let missing = report
            .kits
            .iter()
            .filter(|kit| report.incomplete.contains(&kit.name));
        let kits = missing
            .map(|kit| self.until(kit))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Some(
            self.fill("incomplete", &[("kits", &kits.join(", "))])?,
        ))
    }

    fn frames(&self) -> Result<Vec<Pair>, ReportPageError> {
        let report = self.report();
        let counted = grouped(report.counted.into());
        if self.is_initial() {
            let home = |count: &&MethodCount| count.method == Method::Home.number();
            let home = report.by_method.iter().find(home).map_or(0, |m| m.count);
            let hall = grouped(report.counted.saturating_sub(home).into());
            // A day that does not begin at zero shows no total: the bar says what to do.
            let hall = if self.is_zero() {
                hall
            } else {
                "—".to_owned()
            };
            return Ok(vec![
                self.pair("hall_total", hall)?,
                self.pair("home_eve", grouped(home.into()))?,
            ]);
        }
        let (counted_now, lines) = (u64::from(report.counted), u64::from(report.lines.max(1)));
        let tenths = (counted_now * 1000 + lines / 2) / lines;
        let share = format!("{},{} %", tenths / 10, tenths % 10);
        Ok(vec![
            self.pair("counted", counted)?,
            self.pair("turnout", share)?,
        ])
    }

    fn kits(&self) -> Result<Table, ReportPageError> {
        let report = self.report();
        type Field = fn(&KitCount) -> u32;
        let fields: [(&str, Field); 7] = [
            ("acts", |k| k.acts),
            ("undone", |k| k.undone),
            ("duplicates", |k| k.duplicates),
            ("kit_counted", |k| k.counted),
            ("printed", |k| k.printed),
            ("void", |k| k.void),
            ("pending", |k| k.pending),
        ];
        let shown = if self.is_initial() {
            &fields[..1]
        } else {
            &fields[..]
        };
        let mut columns = vec![self.word("kit")?];
        for (key, _) in shown {
            columns.push(self.word(key)?);
        }
        columns.push(self.word("head")?);
        let row = |kit: &KitCount| {
            let id = hex(&kit.kit[..3]).to_uppercase();
            let mut cells = vec![format!("{} · {id}", kit_word(&kit.name))];
            cells.extend(shown.iter().map(|(_, field)| grouped(field(kit).into())));
            cells.push(format!("{}:{}", kit.seq, hex(&kit.head[..8])));
            cells
        };
        let mut total = vec![self.word("sum")?];
        total.extend(shown.iter().map(|(_, field)| grouped(sum(report, *field))));
        total.push(String::new());
        let title = if self.is_initial() {
            "before_opening"
        } else {
            "by_kit"
        };
        Ok(Table {
            title: self.word(title)?,
            columns,
            rows: report.kits.iter().map(row).collect(),
            sum: total,
        })
    }

    fn sums(&self) -> Result<Vec<String>, ReportPageError> {
        if self.is_initial() {
            return Ok(Vec::new());
        }
        let report = self.report();
        let text = |field: fn(&KitCount) -> u32| sum(report, field).to_string();
        let (acts, counted) = (text(|k| k.acts), report.counted.to_string());
        let (undone, duplicates) = (text(|k| k.undone), text(|k| k.duplicates));
        let (printed, void, pending) = (text(|k| k.printed), text(|k| k.void), text(|k| k.pending));
        let values = [
            ("acts", acts.as_str()),
            ("undone", &undone),
            ("duplicates", &duplicates),
            ("counted", &counted),
            ("printed", &printed),
            ("void", &void),
            ("pending", &pending),
        ];
        let mut sums = self.fill_each("arithmetic_acts", &values)?;
        sums.extend(self.fill_each("arithmetic_receipts", &values)?);
        sums.extend(self.entered()?);
        Ok(sums)
    }

    fn paper(&self) -> Result<Vec<String>, ReportPageError> {
        if self.is_initial() {
            return ["paper_checked", "paper_home", "paper_mark"]
                .iter()
                .map(|key| self.word(key))
                .collect();
        }
        // What was entered at the kit stands in its section, with the differences.
        if self.report().totals.is_some() {
            return Ok(Vec::new());
        }
        let counted = self.report().counted.to_string();
        Ok(vec![
            self.word("paper_signatures")?,
            self.word("paper_ballots")?,
            self.fill("paper_difference", &[("n", &counted)])?,
        ])
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed check should stop at once")]
    use super::*;
    use crate::face::Weight;

    #[test]
    fn every_word_stands_in_three_languages_with_the_same_variables_and_letters_of_the_font() {
        let faces = Faces::embedded();
        let Words { words } = toml::from_str(WORDS).unwrap();
        for (key, sentence) in &words {
            let variables = |l: &Language| sentence.get(*l).matches('{').count();
            let counts: Vec<usize> = Language::ALL.iter().map(variables).collect();
            assert!(counts.iter().all(|c| *c == counts[0]), "{key}");
            for said in Language::ALL.map(|l| sentence.get(l)) {
                assert!(!said.is_empty(), "{key}");
                faces.text(said, Weight::Regular).unwrap();
                faces.text(said, Weight::Bold).unwrap();
            }
        }
    }
}
