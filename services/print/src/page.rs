//! Pages of a precinct's list, or of a supplement to it, as data for the template: every text broken, every height known.

use std::collections::BTreeMap;

use lexicon::Instant;
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
pub(crate) const PITCH: f64 = 1.15;

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
    captions: [Vec<Vec<String>>; 2],
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

    /// The template's file of data.
    pub(crate) fn json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts and numbers encode as JSON")
    }
}

/// What all pages of one document say of themselves.
pub(crate) struct Edition<'a> {
    pub precinct: u16,
    /// The form's word for its title, and for the end behind its last line.
    pub words: (&'static str, &'static str),
    /// `L7` of a list, `L7.1` of a delta's sheets.
    pub mark: String,
    /// The word behind the moment: a list's stage.
    pub stage: &'static str,
    /// From when it holds.
    pub at: Instant,
    pub root: &'a [u8; 32],
    /// Pages of the precinct's list with all that came after it, and the last line given.
    pub pages: u32,
    pub lines: u32,
    /// Names the document in its keywords.
    pub id: String,
}

impl Edition<'_> {
    fn root_20(&self) -> String {
        hex(&self.root[..10])
    }
}

/// One line of the bound list that a delta strikes or corrects.
pub(crate) struct ChangedRow<'a> {
    /// As it stands on paper when it is struck, as it reads from now on when it is corrected.
    pub line: &'a RollLine,
    /// What is done with it, in the paper's languages.
    pub act: String,
    /// The leaf after it.
    pub after: Commitment,
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
    /// Above and below the number.
    label: String,
    of_pages: String,
    /// A sheet of changes: its rows say page and act, and its captions are the second ones.
    is_changes: bool,
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
    /// Of a changed line: its page, and what is done with it.
    page: Option<u32>,
    act: Vec<String>,
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
        let release = &self.release.document;
        let pages = list.lines.last().map_or(0, |salted| salted.line.page);
        let edition = Edition {
            precinct,
            words: ("title", "end"),
            mark: format!("L{}", release.release),
            stage: match release.stage.as_str() {
                "preliminary" => "stage_preliminary",
                "control" => "stage_control",
                _ => "stage_final",
            },
            at: self.release.frozen_at(),
            root: &release.root,
            pages,
            lines: u32::try_from(list.lines.len()).unwrap_or(u32::MAX),
            id: format!("release {}", self.release.id.hex()),
        };
        let planned = self.pages(&edition, &list.lines, &list.commitments)?;
        self.document(&edition, list.lines.len(), place, planned)
    }

    /// Lays out what a delta does to a precinct's list: sheets of changes of the bound list, then supplementary pages.
    ///
    /// # Errors
    /// [`PlanError`]; nothing is ever cut to make it fit.
    pub(crate) fn plan_supplement(
        &self,
        edition: &Edition<'_>,
        changed: &[ChangedRow<'_>],
        added: (&[SaltedLine], &[Commitment]),
        place: &Place,
    ) -> Result<ListData<'a>, PlanError> {
        let mut planned = self.changes(edition, changed)?;
        planned.extend(self.pages(edition, added.0, added.1)?);
        self.document(edition, changed.len() + added.0.len(), place, planned)
    }

    fn document(
        &self,
        edition: &Edition<'_>,
        lines: usize,
        place: &Place,
        mut pages: Vec<Page>,
    ) -> Result<ListData<'a>, PlanError> {
        if let Some(last) = pages.last_mut() {
            last.is_last = true;
        }
        let facts = pages.iter().map(|p| p.facts.len()).max().unwrap_or(0);
        let word = |key: &str| self.form.word(key, self.language);
        let (title, end) = edition.words;
        Ok(ListData {
            title: format!("{:04} · {}", edition.precinct, edition.mark),
            keywords: [
                format!("election {}", self.release.document.election),
                edition.id.clone(),
                format!("root {}", hex(edition.root)),
            ],
            lang: self.language.languages()[0].tag(),
            sheet: &self.form.sheet,
            columns: &self.form.columns,
            text: &self.form.text,
            words: BTreeMap::from([("end", format!("{} · {}", word(end), grouped(lines as u64)))]),
            captions: [
                self.captions(["document", "signature", "officer"])?,
                self.captions(["page", "act", "officer"])?,
            ],
            boxes: self.boxes(),
            notice: self.release.notice().map(word),
            head: self.head(edition.precinct, title, place, facts)?,
            pages,
        })
    }

    /// Pages of lines, as each line names its own.
    fn pages(
        &self,
        edition: &Edition<'_>,
        lines: &[SaltedLine],
        commitments: &[Commitment],
    ) -> Result<Vec<Page>, PlanError> {
        let pages: Vec<&[SaltedLine]> = lines.chunk_by(|a, b| a.line.page == b.line.page).collect();
        let count = pages.len();
        let mut planned = Vec::with_capacity(count);
        let mut at = 0;
        for lines in pages {
            let own = &commitments[at..at + lines.len()];
            at += lines.len();
            let first = &lines[0].line;
            let facts = PageFacts {
                precinct: edition.precinct,
                is_changes: false,
                page: first.page,
                pages: edition.pages,
                from: first.line,
                to: lines[lines.len() - 1].line.line,
            };
            let room_mm = self.room_mm(planned.len() + 1 == count);
            let rows = self.rows(lines, room_mm)?;
            planned.push(self.page(edition, facts, own, (room_mm, rows))?);
        }
        Ok(planned)
    }

    /// Sheets of changes: as many rows on each as fit in the form's own sizes.
    fn changes(
        &self,
        edition: &Edition<'_>,
        changed: &[ChangedRow<'_>],
    ) -> Result<Vec<Page>, PlanError> {
        let room_mm = self.room_mm(true);
        let mut sheets: Vec<(&[ChangedRow<'_>], Vec<Row>)> = Vec::new();
        let (mut from, mut rows) = (0, Vec::new());
        for (at, change) in changed.iter().enumerate() {
            let letter = |source| PlanError::Letter {
                line: change.line.line,
                source,
            };
            let row = self.changed_row(change).map_err(letter)?;
            if row.height > room_mm {
                let page = u32::try_from(sheets.len() + 1).unwrap_or(u32::MAX);
                return Err(PlanError::Crowded { page });
            }
            if taken(&rows) + row.height > room_mm {
                sheets.push((&changed[from..at], std::mem::take(&mut rows)));
                from = at;
            }
            rows.push(row);
        }
        if !rows.is_empty() {
            sheets.push((&changed[from..], rows));
        }
        let pages = u32::try_from(sheets.len()).unwrap_or(u32::MAX);
        (1u32..)
            .zip(sheets)
            .map(|(page, (of, rows))| {
                let facts = PageFacts {
                    precinct: edition.precinct,
                    is_changes: true,
                    page,
                    pages,
                    from: of[0].line.line,
                    to: of[of.len() - 1].line.line,
                };
                let own: Vec<Commitment> = of.iter().map(|change| change.after).collect();
                self.page(edition, facts, &own, (room_mm, rows))
            })
            .collect()
    }

    fn room_mm(&self, is_last: bool) -> f64 {
        self.form.rows_mm(self.release.notice().is_some(), is_last)
    }

    fn page(
        &self,
        edition: &Edition<'_>,
        facts: PageFacts,
        own: &[Commitment],
        (room_mm, rows): (f64, Vec<Row>),
    ) -> Result<Page, PlanError> {
        let too_long = PlanError::Code { page: facts.page };
        let text = code_text(&edition.mark, &edition.root_20(), &facts, &page_hash(own));
        let word = |key: &str| self.form.word(key, self.language);
        let label = if facts.is_changes { "sheet" } else { "page" };
        Ok(Page {
            number: facts.page,
            label: word(label),
            of_pages: word("of_pages").replace("{n}", &facts.pages.to_string()),
            is_changes: facts.is_changes,
            facts: self.facts(edition, &facts)?,
            code: code_svg(&text).ok_or(too_long)?,
            is_last: false,
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
        let surname = capitals(&line.surname, &self.form.names.particles);
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
            page: None,
            act: Vec::new(),
            is_ruled: line.line.is_multiple_of(sheet.rule_every.max(1)),
        })
    }

    /// A row of a sheet of changes: the line, its page, and what is done with it where the voter would sign.
    fn changed_row(&self, change: &ChangedRow<'_>) -> Result<Row, UnknownLetter> {
        let (sheet, columns) = (&self.form.sheet, &self.form.columns);
        let mut row = self.row(change.line, 1.0)?;
        let cell_pt = self.form.text.cell;
        let room = room(columns.signature - 2.0 * sheet.cell_pad, cell_pt);
        row.act = self.lines(&change.act, room)?;
        let act_mm = mm(row.act.len() as f64 * cell_pt * PITCH) + 2.0 * sheet.row_pad;
        row.height = row.height.max(act_mm);
        row.page = Some(change.line.page);
        row.is_ruled = false;
        Ok(row)
    }

    fn lines(&self, text: &str, room: u32) -> Result<Vec<String>, UnknownLetter> {
        let lines = wrap(words(text, Weight::Regular), room, self.faces)?;
        Ok(lines.into_iter().map(|line| line.regular).collect())
    }

    /// Release or delta, root and lines of a page.
    fn facts(
        &self,
        edition: &Edition<'_>,
        facts: &PageFacts,
    ) -> Result<Vec<String>, UnknownLetter> {
        let word = |key: &str| self.form.word(key, self.language);
        let (at, offset) = (edition.at, self.release.law.election.offset_minutes);
        let moment = format!(
            "{} {}",
            day(&at.local_date(offset).to_string()),
            &at.local_time(offset)[..5]
        );
        let texts = [
            format!(
                "{} {} · {moment} · {}",
                word("release"),
                edition.mark,
                word(edition.stage)
            ),
            format!("{} {}", word("root"), spaced(&edition.root_20())),
            format!(
                "{} {}–{} · {} {}",
                word("lines"),
                facts.from,
                facts.to,
                word("total"),
                grouped(u64::from(edition.lines))
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

    fn head(
        &self,
        precinct: u16,
        title: &str,
        place: &Place,
        facts: usize,
    ) -> Result<Head, PlanError> {
        let (form, language) = (self.form, self.language);
        let title_pt = form.text.title;
        let title = wrap(
            words(&form.word(title, language), Weight::Bold),
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

    /// Captions of the columns; `filled` are those between the address and the number on the right edge.
    fn captions(&self, filled: [&str; 3]) -> Result<Vec<Vec<String>>, PlanError> {
        let (form, columns) = (self.form, &self.form.columns);
        let all = [
            ("number", columns.number),
            ("name", columns.name),
            ("born", columns.born),
            ("address", columns.address),
            (filled[0], columns.document),
            (filled[1], columns.signature),
            (filled[2], columns.officer),
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

/// The surname's words: capitals and bold, but particles after the first word as they are.
pub(crate) fn capitals(surname: &str, particles: &[String]) -> Vec<(String, Weight)> {
    let mut is_particle = false;
    words(surname, Weight::Bold)
        .enumerate()
        .map(|(at, word)| {
            let small = word.text.to_lowercase();
            // From the first particle on everything is regular: bold text comes first.
            is_particle |= at > 0 && particles.contains(&small);
            if is_particle {
                (small, Weight::Regular)
            } else {
                (word.text.to_uppercase(), Weight::Bold)
            }
        })
        .collect()
}

fn taken(rows: &[Row]) -> f64 {
    rows.iter().map(|row| row.height).sum()
}

/// An address whose house number stays with its street and whose short forms (`Ч.`) with their name.
pub(crate) fn bound(address: &str) -> String {
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

pub(crate) fn mm(pt: f64) -> f64 {
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
