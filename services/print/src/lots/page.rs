//! Pages of a lot as data for the template: every text broken, every height known.

use lexicon::handover::envelope::sha256;
use serde::Serialize;

use super::form::{Columns, LotForm, Sheet, TextSizes, aimak_name};
use super::table::{BadCell, Entry, Kind, LotFacts};
use crate::code::code_svg;
use crate::face::{Faces, UnknownLetter, Weight};
use crate::form::PaperLanguage;
use crate::page::{PITCH, bound, capitals, mm};
use crate::wrap::{Word, room, words, wrap};
use crate::written::{day, grouped};

/// Why a lot could not be laid out; no page of it is printed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LotPageError {
    /// A cell holds what the paper cannot show: whoever prepared the file acts, or an engineer widens the font.
    #[error(transparent)]
    Cell(#[from] BadCell),
    /// A word of the form or the name of the place has such a letter: an engineer acts.
    #[error("head of the page: {0}")]
    Letter(#[from] UnknownLetter),
    /// Head or captions do not fit: an engineer mends the form.
    #[error("the head of the page does not fit")]
    Head,
    /// The page's code does not fit a QR code: an engineer acts.
    #[error("the code of page {0} does not fit")]
    Code(u32),
}

/// Everything the template needs for one lot.
#[derive(Serialize)]
pub(crate) struct LotData<'a> {
    title: String,
    keywords: [String; 2],
    lang: &'static str,
    sheet: &'a Sheet,
    columns: &'a Columns,
    text: &'a TextSizes,
    captions: Vec<Vec<String>>,
    boxes: Vec<Vec<String>>,
    note: Vec<String>,
    head: Head,
    pages: Vec<Page>,
}

impl LotData<'_> {
    pub(crate) fn pages(&self) -> usize {
        self.pages.len()
    }

    pub(crate) fn json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts and numbers encode as JSON")
    }
}

#[derive(Serialize)]
struct Head {
    title: Vec<String>,
    place: Vec<String>,
    due_label: String,
    due: String,
}

#[derive(Serialize)]
struct Page {
    number: u32,
    label: String,
    of_pages: String,
    facts: Vec<String>,
    /// The QR code as SVG.
    code: String,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    number: u32,
    height: f64,
    /// Bold part and regular part of each line; none for an address.
    name: Vec<(String, String)>,
    /// Birth date and where the entry is from.
    below: Vec<String>,
    address: Vec<String>,
    version: String,
    is_person: bool,
}

/// The text of a page's QR code, `F17:2:9:12-22:7C1E90AB44D25F0AE19F`: lot, page, pages, entries, first 20 hexadecimal digits
/// of the file's SHA-256. Only letters of the compact alphanumeric mode.
#[must_use]
pub fn lot_code(lot: u32, (page, pages): (u32, u32), entries: (u32, u32), sha256: &str) -> String {
    let mark: String = sha256.chars().take(20).collect();
    format!("F{lot}:{page}:{pages}:{}-{}:{mark}", entries.0, entries.1).to_uppercase()
}

/// Lays out lots in one language.
pub(crate) struct LotPlanner<'a> {
    pub form: &'a LotForm,
    pub faces: &'a Faces,
    pub language: PaperLanguage,
    /// Parts of a surname that stay small.
    pub particles: &'a [String],
}

impl<'a> LotPlanner<'a> {
    /// Lays out a lot: as many rows on each page as fit.
    pub(crate) fn plan(
        &self,
        lot: &LotFacts,
        entries: &[Entry],
    ) -> Result<LotData<'a>, LotPageError> {
        let room_mm = self.form.rows_mm();
        let mut sheets: Vec<Vec<Row>> = vec![Vec::new()];
        let mut used = 0.0;
        for entry in entries {
            let row = self.row(lot, entry)?;
            if row.height > room_mm {
                let wrong = self.bad(lot, entry, "address", "is longer than a page is high");
                return Err(wrong.into());
            }
            if used + row.height > room_mm {
                sheets.push(Vec::new());
                used = 0.0;
            }
            used += row.height;
            if let Some(sheet) = sheets.last_mut() {
                sheet.push(row);
            }
        }
        let of_pages = u32::try_from(sheets.len()).unwrap_or(u32::MAX);
        let captions = self.captions()?;
        let head = self.head(lot)?;
        let pages = (1u32..)
            .zip(sheets)
            .map(|(number, rows)| self.page(lot, &head, (number, of_pages), rows))
            .collect::<Result<_, _>>()?;
        let (form, language) = (self.form, self.language);
        let said = |key: &str| -> Vec<String> {
            let words = form.words(key, language).into_iter();
            words.map(str::to_owned).collect()
        };
        Ok(LotData {
            title: format!("{} · F{}", self.place_text(lot).join(" / "), lot.lot),
            keywords: [format!("lot {}", lot.lot), format!("file {}", lot.sha256)],
            lang: language.languages()[0].tag(),
            sheet: &form.sheet,
            columns: &form.columns,
            text: &form.text,
            captions,
            boxes: ["box_handed", "box_returned", "box_answered"]
                .map(said)
                .to_vec(),
            note: said("note"),
            head,
            pages,
        })
    }

    fn page(
        &self,
        lot: &LotFacts,
        head: &Head,
        (number, pages): (u32, u32),
        rows: Vec<Row>,
    ) -> Result<Page, LotPageError> {
        let word = |key: &str| self.form.word(key, self.language);
        let ends = (
            rows.first().map_or(0, |row| row.number),
            rows.last().map_or(0, |row| row.number),
        );
        let text = lot_code(lot.lot, (number, pages), ends, &lot.sha256);
        let texts = [
            format!(
                "{} {} · {} {}, {} {}–{}",
                word("made"),
                day(&lot.made.to_string()),
                word("entries"),
                grouped(lot.entries.into()),
                word("on_page"),
                ends.0,
                ends.1,
            ),
            format!("SHA-256 {}", &lot.sha256[..20]),
        ];
        let room = room(self.head_mm(), self.form.text.cell);
        let mut facts = Vec::new();
        for text in &texts {
            facts.extend(self.lines(text, room)?);
        }
        self.demand_head(head, facts.len())?;
        Ok(Page {
            number,
            label: word("page"),
            of_pages: word("of_pages").replace("{n}", &pages.to_string()),
            facts,
            code: code_svg(&text).ok_or(LotPageError::Code(number))?,
            rows,
        })
    }

    fn row(&self, lot: &LotFacts, entry: &Entry) -> Result<Row, LotPageError> {
        let (sheet, columns, sizes) = (&self.form.sheet, &self.form.columns, &self.form.text);
        let inside = |width: f64, size: f64| room(width - 2.0 * sheet.cell_pad, size);
        let field = |field: &'static str| {
            move |UnknownLetter(letter)| {
                let why = format!("the paper's font has no letter U+{:04X}", letter as u32);
                LotPageError::Cell(self.bad(lot, entry, field, &why))
            }
        };
        let surname = capitals(&entry.surname, self.particles);
        let surname = surname.iter().map(|(text, weight)| Word {
            text,
            weight: *weight,
        });
        let name_room = inside(columns.who, sizes.name);
        // Each cell is tried alone first, so that a refusal names its field.
        for (name, text) in [
            ("surname", &entry.surname),
            ("given", &entry.given),
            ("patronymic", &entry.patronymic),
            ("birth_date", &entry.born),
        ] {
            for letters in [text.clone(), text.to_uppercase()] {
                self.faces
                    .text(&letters, Weight::Bold)
                    .map_err(field(name))?;
            }
        }
        let rest = [&entry.given, &entry.patronymic].map(|t| words(t, Weight::Regular));
        let name = wrap(
            surname.chain(rest.into_iter().flatten()),
            name_room,
            self.faces,
        )
        .map_err(field("surname"))?;
        let address = self
            .lines(&bound(&entry.address), inside(columns.address, sizes.cell))
            .map_err(field("address"))?;
        let kind = match entry.kind {
            Kind::Row => "row",
            Kind::Person => "person",
            Kind::Address => "house",
        };
        let born = day(&entry.born);
        let kind = self.form.word(kind, self.language);
        let below = if born.is_empty() {
            kind
        } else {
            format!("{born} · {kind}")
        };
        let below = self
            .lines(&below, inside(columns.who, sizes.cell))
            .map_err(field("birth_date"))?;
        let high = |lines: usize, size: f64| mm(lines as f64 * size * PITCH);
        let who_mm = high(name.len(), sizes.name) + high(below.len(), sizes.cell);
        let address_mm = high(address.len().max(1) + 1, sizes.cell);
        let height = who_mm.max(address_mm) + 2.0 * sheet.row_pad;
        Ok(Row {
            number: entry.number,
            height: sheet.row.max(height),
            name: name.into_iter().map(|l| (l.bold, l.regular)).collect(),
            below,
            address,
            version: entry.version.clone(),
            is_person: match entry.kind {
                Kind::Row | Kind::Person => true,
                Kind::Address => false,
            },
        })
    }

    fn bad(&self, lot: &LotFacts, entry: &Entry, field: &str, why: &str) -> BadCell {
        BadCell {
            file: lot.file(),
            line: entry.line,
            field: field.to_owned(),
            why: why.to_owned(),
        }
    }

    fn lines(&self, text: &str, room: u32) -> Result<Vec<String>, UnknownLetter> {
        let lines = wrap(words(text, Weight::Regular), room, self.faces)?;
        Ok(lines.into_iter().map(|line| line.regular).collect())
    }

    /// Width of the texts of the head: what the three boxes and their gaps leave.
    fn head_mm(&self) -> f64 {
        let s = &self.form.sheet;
        s.width - 2.0 * s.margin_x - s.due_box - s.page_box - s.code - 9.0
    }

    /// Where the lot belongs, in the paper's languages.
    fn place_text(&self, lot: &LotFacts) -> Vec<String> {
        let fill = |key: &str, value: &str| -> Vec<String> {
            let words = self.form.words(key, self.language).into_iter();
            words.map(|word| word.replace("{n}", value)).collect()
        };
        match (lot.precinct, lot.aimak.as_str()) {
            (Some(precinct), "") => fill("precinct", &precinct.to_string()),
            (Some(precinct), aimak) => {
                let name = aimak_name(aimak);
                let said = fill("precinct", &precinct.to_string()).into_iter();
                said.map(|said| format!("{said}, {name}")).collect()
            }
            (None, "") => fill("no_place", ""),
            (None, aimak) => vec![aimak_name(aimak).to_owned()],
        }
    }

    fn title(&self, lot: &LotFacts) -> String {
        let (form, language) = (self.form, self.language);
        let number = lot.lot.to_string();
        format!(
            "{} · {}",
            form.word("title", language),
            form.word("lot", language).replace("{n}", &number)
        )
    }

    fn head(&self, lot: &LotFacts) -> Result<Head, LotPageError> {
        let sizes = &self.form.text;
        let bold = |text: &str, size: f64| -> Result<Vec<String>, UnknownLetter> {
            let lines = wrap(
                words(text, Weight::Bold),
                room(self.head_mm(), size),
                self.faces,
            )?;
            Ok(lines.into_iter().map(|line| line.bold).collect())
        };
        let mut place = Vec::new();
        for text in self.place_text(lot) {
            place.extend(bold(&text, sizes.place)?);
        }
        Ok(Head {
            title: bold(&self.title(lot), sizes.title)?,
            place,
            due_label: self.form.word("due", self.language),
            due: day(&lot.due.to_string()),
        })
    }

    /// Refuses a head whose texts are higher than its block.
    fn demand_head(&self, head: &Head, facts: usize) -> Result<(), LotPageError> {
        let sizes = &self.form.text;
        let pt = head.title.len() as f64 * sizes.title
            + head.place.len() as f64 * sizes.place
            + facts as f64 * sizes.cell;
        match mm(pt * PITCH) <= self.form.sheet.head {
            true => Ok(()),
            false => Err(LotPageError::Head),
        }
    }

    fn captions(&self) -> Result<Vec<Vec<String>>, LotPageError> {
        let (form, sizes) = (self.form, &self.form.text);
        let columns = form.columns.all().into_iter();
        columns
            .map(|(key, width)| {
                let room = room(width - 2.0 * form.sheet.cell_pad, sizes.cell);
                let mut lines = Vec::new();
                for text in form.words(key, self.language) {
                    lines.extend(self.lines(text, room)?);
                }
                match mm(lines.len() as f64 * sizes.cell * PITCH) <= form.sheet.captions {
                    true => Ok(lines),
                    false => Err(LotPageError::Head),
                }
            })
            .collect()
    }
}

/// What a lot's paper is made from, beside the form: its file and what the table says of it.
pub(crate) fn facts_hash(lot: &LotFacts) -> [u8; 32] {
    let precinct = lot.precinct.map_or_else(String::new, |p| p.to_string());
    let text = [
        lot.lot.to_string(),
        precinct,
        lot.aimak.clone(),
        lot.made.to_string(),
        lot.due.to_string(),
        lot.entries.to_string(),
        lot.sha256.clone(),
    ];
    sha256(text.join("\n").as_bytes())
}
