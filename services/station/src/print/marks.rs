//! The marks of the whole list as A4 pages, for the day on which every kit fails.
//!
//! Line numbers and kits only: no name, no number of a person, no time. Drawn here dot by dot and put
//! into a PDF that any computer prints; nothing secret and no typesetter is needed.

use pdf_writer::{Content, Filter, Finish as _, Name, Pdf, Rect as PdfRect, Ref};

use super::Heading;
use super::bitmap::{Bitmap, Rect};
use super::paper::{Strip, plain};

/// A4 at 200 dpi, dots.
const WIDTH: usize = 1654;
const HEIGHT: usize = 2339;
const MARGIN: usize = 90;
const COLUMNS: usize = 10;
const ROWS: usize = 60;
const ROW: usize = 31;

/// Lines on one page.
pub const LINES_A_PAGE: usize = COLUMNS * ROWS;

/// What stands at a line of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LineMark {
    /// Nobody came, or was only refused.
    #[default]
    None,
    /// Marked by the kit of this name, `K1`.
    Kit(String),
    /// Marked, and the mark was undone: the paper list decides.
    Undone,
}

/// A kit's last known event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastOfKit {
    /// `K1`.
    pub name: String,
    /// Counter of its last known event; 0 when none is known.
    pub seq: u32,
    /// Number of its last known receipt; 0 when none is known.
    pub receipt: u32,
}

/// The marks of a list at one moment.
#[derive(Clone, Debug)]
pub struct Marks {
    /// Precinct, day, kit, list.
    pub heading: Heading,
    /// When they were written, `10:03`.
    pub at: String,
    /// Every kit of the precinct.
    pub kits: Vec<LastOfKit>,
    /// One for each line, from line 1.
    pub lines: Vec<LineMark>,
}

/// Draws the pages.
#[must_use]
pub fn marks_pages(marks: &Marks) -> Vec<Bitmap> {
    let count = marks.lines.len().div_ceil(LINES_A_PAGE).max(1);
    (0..count).map(|page| draw(marks, page, count)).collect()
}

/// The pages as a PDF: one image of one bit a dot on each A4 page.
#[must_use]
pub fn marks_pdf(marks: &Marks) -> Vec<u8> {
    let pages = marks_pages(marks);
    let mut pdf = Pdf::new();
    let (catalog, tree) = (Ref::new(1), Ref::new(2));
    let own = |page: usize, part: i32| {
        let page = i32::try_from(page).unwrap_or(i32::MAX / 4);
        Ref::new(3 + page * 3 + part)
    };
    pdf.catalog(catalog).pages(tree);
    let kids = (0..pages.len()).map(|page| own(page, 0));
    pdf.pages(tree)
        .kids(kids)
        .count(i32::try_from(pages.len()).unwrap_or(i32::MAX));
    let paper = PdfRect::new(0.0, 0.0, 595.0, 842.0);
    for (at, bitmap) in pages.iter().enumerate() {
        let mut page = pdf.page(own(at, 0));
        page.media_box(paper).parent(tree).contents(own(at, 1));
        page.resources().x_objects().pair(Name(b"P"), own(at, 2));
        page.finish();
        let mut content = Content::new();
        content.transform([paper.x2, 0.0, 0.0, paper.y2, 0.0, 0.0]);
        content.x_object(Name(b"P"));
        pdf.stream(own(at, 1), &content.finish());
        let bits: Vec<u8> = (0..bitmap.height())
            .flat_map(|y| bitmap.row(y))
            .copied()
            .collect();
        let packed = miniz_oxide::deflate::compress_to_vec_zlib(&bits, 6);
        let mut image = pdf.image_xobject(own(at, 2), &packed);
        image.filter(Filter::FlateDecode);
        image.width(i32::try_from(bitmap.width()).unwrap_or(1));
        image.height(i32::try_from(bitmap.height()).unwrap_or(1));
        image.color_space().device_gray();
        image.bits_per_component(1);
        image.decode([1.0, 0.0]);
    }
    pdf.finish()
}

fn draw(marks: &Marks, page: usize, count: usize) -> Bitmap {
    let mut strip = Strip::new(WIDTH);
    strip.bitmap.grow(HEIGHT);
    let place = |y: usize| Rect {
        x: MARGIN,
        y,
        width: WIDTH - 2 * MARGIN,
        height: 0,
    };
    let heading = &marks.heading;
    let mut y = MARGIN;
    let title = format!(
        "Участок {} · отметки в списке / тизмедеги белгилер",
        heading.precinct
    );
    strip.text_in(place(y), &title, plain(38).bold());
    let number = format!("{} / {count}", page + 1);
    strip.text_in(place(y), &number, plain(38).bold().right());
    y += Strip::line_height(38);
    if let Some(stamp) = heading.stamp() {
        strip.text_in(place(y), stamp, plain(38).bold());
        y += Strip::line_height(38);
    }
    let list = format!(
        "{} {} · список L{} · корень {} · записал {}",
        heading.date(),
        marks.at,
        heading.release,
        heading.root_spaced(),
        heading.kit_word()
    );
    strip.text_in(place(y), &list, plain(26));
    y += Strip::line_height(26);
    let marked = marks
        .lines
        .iter()
        .filter(|mark| matches!(mark, LineMark::Kit(_)));
    let mut known = format!("Отмечено / белгиленди: {}", marked.count());
    for kit in &marks.kits {
        let word = kit.name.replace('K', "К");
        known.push_str(&format!(
            " · {word}: чек {}, событие {}",
            kit.receipt, kit.seq
        ));
    }
    for line in super::paper::wrap(&known, WIDTH - 2 * MARGIN, plain(26)) {
        strip.text_in(place(y), &line, plain(26));
        y += Strip::line_height(26);
    }
    for text in [
        "Чёрное поле: избиратель отмечен этим комплектом. Чеки с большим номером внести от руки. ×: отметка отменена, смотрите подпись.",
        "Кара талаа: шайлоочу ушул комплектте белгиленген. Номери чоңураак чектерди колдон жазыңыз. ×: белги жокко чыгарылды, колду караңыз.",
    ] {
        for line in super::paper::wrap(text, WIDTH - 2 * MARGIN, plain(21)) {
            strip.text_in(place(y), &line, plain(21));
            y += Strip::line_height(21);
        }
    }
    y += 10;
    let first = page * LINES_A_PAGE;
    let column = (WIDTH - 2 * MARGIN) / COLUMNS;
    for (at, mark) in marks
        .lines
        .iter()
        .skip(first)
        .take(LINES_A_PAGE)
        .enumerate()
    {
        let cell = Rect {
            x: MARGIN + at / ROWS * column,
            y: y + at % ROWS * ROW,
            width: column - 6,
            height: ROW,
        };
        draw_line(&mut strip, cell, first + at + 1, mark);
    }
    strip.bitmap.cut(HEIGHT);
    strip.bitmap
}

fn draw_line(strip: &mut Strip, cell: Rect, line: usize, mark: &LineMark) {
    let inside = Rect {
        y: cell.y + 1,
        x: cell.x + 6,
        width: cell.width - 12,
        ..cell
    };
    let word = match mark {
        LineMark::None => None,
        LineMark::Kit(kit) => Some(kit.replace('K', "К")),
        LineMark::Undone => Some("×".to_owned()),
    };
    let is_black = matches!(mark, LineMark::Kit(_));
    let filled = Rect {
        height: ROW - 3,
        ..cell
    };
    if is_black {
        strip.bitmap.fill(filled, true);
    }
    let number = plain(22);
    let number = if is_black {
        number.bold().white()
    } else {
        number
    };
    strip.text_in(inside, &line.to_string(), number);
    if let Some(word) = word {
        let style = plain(22).bold().right();
        strip.text_in(inside, &word, if is_black { style.white() } else { style });
    }
    let rule = Rect {
        y: cell.y + ROW - 2,
        height: 1,
        ..cell
    };
    strip.bitmap.fill(rule, true);
}
