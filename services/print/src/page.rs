//! Pages of a precinct's list as data for the template: every text broken, every height known.

use std::collections::BTreeMap;

use lexicon::handover::envelope::hex;
use lexicon::handover::release::{RollLine, SaltedLine};
use serde::Serialize;

use crate::code::{PageFacts, code_svg, code_text, page_hash};
use crate::face::{Faces, UnknownLetter, Weight};
use crate::form::{Columns, ListForm, PaperLanguage, Sheet, TextSizes};
use crate::lines::{Commitment, PrecinctLines};
use crate::release::OpenRelease;
use crate::wrap::{Word, room, words, wrap};
use crate::written::{day, grouped, spaced};

/// A line of text is this much of its size high; the template says the same.
const PITCH: f64 = 1.15;

/// Sizes tried for the precinct's place, pt, after the form's own.
const PLACE_PT: [f64; 5] = [9.0, 8.0, 7.0, 6.0, 5.0];

/// Where a precinct is, as the commission writes it; empty when nobody said.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Place {
    /// Address, Kyrgyz.
    pub ky: String,
    /// Address, Russian.
    pub ru: String,
}

/// Why a list could not be laid out; no page of it is printed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A name or an address has a letter that the font lacks: an engineer widens the font.
    #[error("line {line}: {source}")]
    Letter {
        /// Which line.
        line: u32,
        /// Which letter.
        source: UnknownLetter,
    },
    /// A word of the form or the precinct's place has such a letter.
    #[error("head of the page: {0}")]
    HeadLetter(#[from] UnknownLetter),
    /// The rows of a page do not fit in the smallest size.
    #[error("the lines of page {page} do not fit on a sheet in the smallest size")]
    Crowded {
        /// Which page.
        page: u32,
    },
    /// The precinct's place does not fit.
    #[error("the head of the page does not fit in the smallest size")]
    Head,
    /// The page's code does not fit a QR code.
    #[error("the code of page {page} does not fit")]
    Code {
        /// Which page.
        page: u32,
    },
}

/// Everything the template needs for one document.
#[derive(Serialize)]
pub struct ListData<'a> {
    title: String,
    keywords: [String; 3],
    lang: &'static str,
    sheet: &'a Sheet,
    columns: &'a Columns,
    text: &'a TextSizes,
    words: BTreeMap<&'static str, String>,
    captions: Vec<Vec<String>>,
    boxes: Vec<Vec<String>>,
    notice: Option<String>,
    head: Head,
    pages: Vec<Page>,
}

impl std::fmt::Debug for ListData<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ListData({}, {} pages)", self.title, self.pages.len())
    }
}

impl ListData<'_> {
    /// How many pages.
    #[must_use]
    pub fn pages(&self) -> usize {
        self.pages.len()
    }
}

#[derive(Serialize)]
struct Head {
    title: Vec<String>,
    title_pt: f64,
    place: Vec<String>,
    place_pt: f64,
}

#[derive(Serialize)]
struct Page {
    number: u32,
    facts: Vec<String>,
    /// The QR code as SVG.
    code: String,
    is_last: bool,
    /// What the rows leave free, mm.
    blank: f64,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    number: u32,
    height: f64,
    name_pt: f64,
    cell_pt: f64,
    /// Bold part and regular part of each line.
    name: Vec<(String, String)>,
    born: String,
    address: Vec<String>,
    is_ruled: bool,
}

/// Lays out lists of one release in one language.
#[derive(Clone, Copy, Debug)]
pub struct Planner<'a> {
    /// The form.
    pub form: &'a ListForm,
    /// The font.
    pub faces: &'a Faces,
    /// The release.
    pub release: &'a OpenRelease,
    /// The paper's languages.
    pub language: PaperLanguage,
}

impl<'a> Planner<'a> {
    /// Lays out a precinct's list.
    ///
    /// # Errors
    /// [`PlanError`]; nothing is ever cut to make it fit.
    pub fn plan(
        &self,
        precinct: u16,
        list: &PrecinctLines,
        place: &Place,
    ) -> Result<ListData<'a>, PlanError> {
        let pages: Vec<&[SaltedLine]> = list
            .lines
            .chunk_by(|a, b| a.line.page == b.line.page)
            .collect();
        let count = u32::try_from(pages.len()).unwrap_or(u32::MAX);
        let mut planned = Vec::with_capacity(pages.len());
        let mut at = 0;
        for lines in pages {
            let own = &list.commitments[at..at + lines.len()];
            at += lines.len();
            planned.push(self.page(lines, own, count)?);
        }
        let facts = planned.iter().map(|p| p.facts.len()).max().unwrap_or(0);
        let word = |key: &str| self.form.word(key, self.language);
        Ok(ListData {
            title: format!("{precinct:04} · L{}", self.release.document.release),
            keywords: [
                format!("election {}", self.release.document.election),
                format!("release {}", self.release.id.hex()),
                format!("root {}", hex(&*self.release.document.root)),
            ],
            lang: self.language.languages()[0].tag(),
            sheet: &self.form.sheet,
            columns: &self.form.columns,
            text: &self.form.text,
            words: BTreeMap::from([
                ("page", word("page")),
                (
                    "of_pages",
                    word("of_pages").replace("{n}", &count.to_string()),
                ),
                ("end", format!("{} · {}", word("end"), grouped(at as u64))),
            ]),
            captions: self.captions()?,
            boxes: self.boxes(),
            notice: self.release.notice().map(word),
            head: self.head(precinct, place, facts)?,
            pages: planned,
        })
    }

    fn page(
        &self,
        lines: &[SaltedLine],
        own: &[Commitment],
        pages: u32,
    ) -> Result<Page, PlanError> {
        let (first, last) = (&lines[0].line, &lines[lines.len() - 1].line);
        let facts = PageFacts {
            precinct: first.precinct,
            page: first.page,
            pages,
            from: first.line,
            to: last.line,
        };
        let too_long = PlanError::Code { page: facts.page };
        let text = code_text(self.release, &facts, &page_hash(own));
        let is_last = facts.page == pages;
        let room_mm = self.form.rows_mm(self.release.notice().is_some(), is_last);
        let rows = self.rows(lines, room_mm)?;
        Ok(Page {
            number: facts.page,
            facts: self.facts(&facts)?,
            code: code_svg(&text).ok_or(too_long)?,
            is_last,
            blank: room_mm - taken(&rows),
            rows,
        })
    }

    /// The rows of a page; while they do not fit, the highest is set one step smaller.
    fn rows(&self, lines: &[SaltedLine], room_mm: f64) -> Result<Vec<Row>, PlanError> {
        let row = |at: usize, factor: f64| {
            let line = &lines[at].line;
            self.row(line, factor).map_err(|source| PlanError::Letter {
                line: line.line,
                source,
            })
        };
        let mut rows = (0..lines.len())
            .map(|at| row(at, 1.0))
            .collect::<Result<Vec<_>, _>>()?;
        let factors = &self.form.text.crowded;
        let mut steps = vec![0; rows.len()];
        while taken(&rows) > room_mm {
            let smaller = (0..rows.len())
                .filter(|at| rows[*at].height > self.form.sheet.row && steps[*at] < factors.len())
                .max_by(|a, b| rows[*a].height.total_cmp(&rows[*b].height).then(b.cmp(a)));
            let at = smaller.ok_or(PlanError::Crowded {
                page: lines[0].line.page,
            })?;
            rows[at] = row(at, factors[steps[at]])?;
            steps[at] += 1;
        }
        Ok(rows)
    }

    fn row(&self, line: &RollLine, factor: f64) -> Result<Row, UnknownLetter> {
        let (sheet, columns) = (&self.form.sheet, &self.form.columns);
        let name_pt = self.form.text.name * factor;
        let mut cell_pt = self.form.text.cell;
        let inside = |column: f64, size: f64| room(column - 2.0 * sheet.cell_pad, size);
        let height = |lines: usize, size: f64| {
            let text = mm(lines as f64 * size * PITCH);
            sheet.row.max(text + 2.0 * sheet.row_pad)
        };
        let surname = self.capitals(&line.surname);
        let rest = [&line.given, &line.patronymic].map(|t| words(t, Weight::Regular));
        let name = surname
            .iter()
            .map(|(text, weight)| Word {
                text,
                weight: *weight,
            })
            .chain(rest.into_iter().flatten());
        let name: Vec<_> = wrap(name, inside(columns.name, name_pt), self.faces)?
            .into_iter()
            .map(|line| (line.bold, line.regular))
            .collect();
        let name_mm = height(name.len(), name_pt);
        let address = bound(&line.address);
        let mut lines = self.lines(&address, inside(columns.address, cell_pt))?;
        if height(lines.len(), cell_pt) > name_mm {
            cell_pt *= factor;
            lines = self.lines(&address, inside(columns.address, cell_pt))?;
        }
        let born = day(&line.born);
        self.faces.text(&born, Weight::Regular)?;
        Ok(Row {
            number: line.line,
            height: name_mm.max(height(lines.len(), cell_pt)),
            name_pt,
            cell_pt,
            name,
            born,
            address: lines,
            is_ruled: line.line.is_multiple_of(sheet.rule_every.max(1)),
        })
    }

    /// The surname's words: capitals and bold, but particles after the first word as they are.
    fn capitals(&self, surname: &str) -> Vec<(String, Weight)> {
        let mut particles = false;
        words(surname, Weight::Bold)
            .enumerate()
            .map(|(at, word)| {
                let small = word.text.to_lowercase();
                // From the first particle on everything is regular: bold text comes first.
                particles |= at > 0 && self.form.names.particles.contains(&small);
                if particles {
                    (small, Weight::Regular)
                } else {
                    (word.text.to_uppercase(), Weight::Bold)
                }
            })
            .collect()
    }

    fn lines(&self, text: &str, room: u32) -> Result<Vec<String>, UnknownLetter> {
        let lines = wrap(words(text, Weight::Regular), room, self.faces)?;
        Ok(lines.into_iter().map(|line| line.regular).collect())
    }

    /// Release, root and lines of a page.
    fn facts(&self, facts: &PageFacts) -> Result<Vec<String>, UnknownLetter> {
        let word = |key: &str| self.form.word(key, self.language);
        let release = &self.release.document;
        let at = self.release.frozen_at();
        let offset = self.release.law.election.offset_minutes;
        let frozen = format!(
            "{} {}",
            day(&at.local_date(offset).to_string()),
            &at.local_time(offset)[..5]
        );
        let stage = word(match release.stage.as_str() {
            "preliminary" => "stage_preliminary",
            "control" => "stage_control",
            _ => "stage_final",
        });
        let total = release
            .precincts
            .iter()
            .find(|p| p.precinct == facts.precinct)
            .map_or(0, |p| p.lines);
        let texts = [
            format!(
                "{} L{} · {frozen} · {stage}",
                word("release"),
                release.release
            ),
            format!("{} {}", word("root"), spaced(&self.release.root_20())),
            format!(
                "{} {}–{} · {} {}",
                word("lines"),
                facts.from,
                facts.to,
                word("total"),
                grouped(u64::from(total))
            ),
        ];
        let room = room(self.head_mm(), self.form.text.cell);
        let mut lines = Vec::new();
        for text in &texts {
            lines.extend(self.lines(text, room)?);
        }
        Ok(lines)
    }

    /// Width of the texts of the head: what page box, code and two gaps leave.
    fn head_mm(&self) -> f64 {
        let s = &self.form.sheet;
        s.width - 2.0 * s.margin_x - s.page_box - s.code - 6.0
    }

    fn head(&self, precinct: u16, place: &Place, facts: usize) -> Result<Head, PlanError> {
        let (form, language) = (self.form, self.language);
        let title_pt = form.text.title;
        let title = wrap(
            words(&form.word("title", language), Weight::Bold),
            room(self.head_mm(), title_pt),
            self.faces,
        )?;
        let day = day(&self.release.law.election.day.to_string());
        let number = format!("{precinct:04}");
        let texts: Vec<String> = form
            .words("precinct", language)
            .iter()
            .zip(language.languages())
            .enumerate()
            .map(|(at, (word, of))| {
                let address = match of {
                    lexicon::Language::Ky => &place.ky,
                    lexicon::Language::Ru | lexicon::Language::En => &place.ru,
                };
                let day = if at == 0 { day.as_str() } else { "" };
                [&word.replace("{n}", &number), address.as_str(), day]
                    .into_iter()
                    .filter(|part| !part.is_empty())
                    .collect::<Vec<_>>()
                    .join(" · ")
            })
            .collect();
        let fixed_pt = title.len() as f64 * title_pt + facts as f64 * form.text.cell;
        for place_pt in std::iter::once(form.text.head).chain(PLACE_PT) {
            let room = room(self.head_mm(), place_pt);
            let mut lines = Vec::new();
            for text in &texts {
                lines.extend(self.lines(text, room)?);
            }
            if mm((fixed_pt + lines.len() as f64 * place_pt) * PITCH) <= form.sheet.head {
                return Ok(Head {
                    title: title.into_iter().map(|line| line.bold).collect(),
                    title_pt,
                    place: lines,
                    place_pt,
                });
            }
        }
        Err(PlanError::Head)
    }

    fn captions(&self) -> Result<Vec<Vec<String>>, PlanError> {
        let (form, columns) = (self.form, &self.form.columns);
        let all = [
            ("number", columns.number),
            ("name", columns.name),
            ("born", columns.born),
            ("address", columns.address),
            ("document", columns.document),
            ("signature", columns.signature),
            ("officer", columns.officer),
            ("number", columns.number_again),
        ];
        all.iter()
            .map(|(key, width)| {
                let room = room(width - 2.0 * form.sheet.cell_pad, form.text.cell);
                let mut said = form.words(key, self.language);
                said.dedup();
                let mut lines = Vec::new();
                for text in said {
                    lines.extend(self.lines(text, room)?);
                }
                match mm(lines.len() as f64 * form.text.cell * PITCH) <= form.sheet.captions {
                    true => Ok(lines),
                    false => Err(PlanError::Head),
                }
            })
            .collect()
    }

    fn boxes(&self) -> Vec<Vec<String>> {
        [
            "box_signatures",
            "box_receipts",
            "box_struck",
            "box_home",
            "box_officer",
        ]
        .iter()
        .map(|key| {
            let said = self.form.words(key, self.language);
            said.into_iter().map(str::to_owned).collect()
        })
        .collect()
    }
}

fn taken(rows: &[Row]) -> f64 {
    rows.iter().map(|row| row.height).sum()
}

/// An address whose house number stays with its street and whose short forms (`Ч.`) with their name.
fn bound(address: &str) -> String {
    let mut text = String::with_capacity(address.len() + 8);
    for word in address.split_whitespace() {
        let before = text.rsplit(' ').next().unwrap_or_default();
        let is_short = before.ends_with('.') && before.chars().count() <= 4;
        if !text.is_empty() {
            let binds = is_short || word.starts_with(|c: char| c.is_ascii_digit());
            text.push(if binds { '\u{00A0}' } else { ' ' });
        }
        text.push_str(word);
    }
    text
}

fn mm(pt: f64) -> f64 {
    pt / 72.0 * 25.4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_house_number_stays_with_its_street() {
        assert_eq!(
            bound("Көк-Жар, Ч. Айтматов, 14"),
            "Көк-Жар, Ч.\u{A0}Айтматов,\u{A0}14"
        );
        assert_eq!(bound("8 мартынын көчөсү 3"), "8 мартынын көчөсү\u{A0}3");
        assert_eq!(bound(""), "");
    }
}
