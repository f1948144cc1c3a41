//! The receipt and the refusal slip (ui/PRINT.md §2–§4).

use lexicon::handover::package::Exercise;
use lexicon::{FingerPosition, Instant, Method, RefusalReason};

use super::bitmap::Rect;
use super::paper::{Strip, plain};
use super::words::{mark_name, method_words, refusal_words};
use super::{Heading, Job, Width, pictogram};

/// What a receipt shows: no name, no PIN, no birth date.
#[derive(Clone, Debug)]
pub struct ReceiptPaper {
    /// Precinct, day, kit.
    pub heading: Heading,
    /// `K2-0139`.
    pub receipt: String,
    /// Page of the paper list.
    pub page: u32,
    /// Line of the paper list.
    pub line: u32,
    /// When the act was stamped.
    pub at: Instant,
    /// How the voter was identified.
    pub method: Method,
    /// Which finger.
    pub finger: Option<FingerPosition>,
    /// Day mark, 0–63.
    pub mark: u8,
    /// Day code of the line.
    pub code: String,
    /// The signed event; its Base45 text is the QR.
    pub event: Vec<u8>,
    /// 0 for the first print, then the number of the copy.
    pub copy: u8,
    /// Whether the receipt was declared void.
    pub is_void: bool,
}

/// What a refusal slip shows.
#[derive(Clone, Debug)]
pub struct RefusalPaper {
    /// Precinct, day, kit.
    pub heading: Heading,
    /// When.
    pub at: Instant,
    /// Counter of the REFUSED event: the slip's number.
    pub seq: u32,
    /// Why.
    pub reason: RefusalReason,
    /// Precinct to go to.
    pub go_to: Option<u16>,
    /// Where that precinct is, ky and ru, when the package says.
    pub address: Option<(String, String)>,
    /// Kit to go to, `K1`.
    pub kit: Option<String>,
    /// Until when the voter may come back and be served: the end of voting.
    pub until: Instant,
}

/// The text of a receipt's QR: the signed event in Base45 (RFC 9285).
#[must_use]
pub fn base45_of(event: &[u8]) -> String {
    base45::encode(event)
}

/// Draws a receipt.
#[must_use]
pub fn receipt(paper: &ReceiptPaper) -> Job {
    let heading = &paper.heading;
    let is_wide = heading.width == Width::Mm80;
    let mut strip = heading.strip();
    let size = if is_wide { 23 } else { 22 };
    strip.text(
        &format!("ШАЙЛОО УЧАСТКАСЫ № {}", heading.precinct),
        plain(size).bold().centred(),
    );
    strip.text(
        &format!("{} · Комплект {}", heading.date(), heading.kit_word()),
        plain(size - 2).centred(),
    );
    strip.rule();
    strip.bar(
        &[&format!("ЧЕК {}", paper.receipt.replace('K', "К"))],
        if is_wide { 32 } else { 28 },
    );
    // Capitals are 0.71 em: 10 mm on wide paper, 8 mm on narrow.
    let digits = if is_wide { 112 } else { 90 };
    let (page, line) = (paper.page.to_string(), paper.line.to_string());
    strip.boxes([("бет / стр.", &page), ("сап / строка", &line)], digits);
    let (ky, ru) = method_words(paper.method, paper.finger);
    strip.pair(
        "Убакыт / Время",
        &paper.at.local_time(heading.offset_minutes),
        22,
    );
    strip.pair(
        "Ыкма / Способ",
        &if is_wide { format!("{ky} · {ru}") } else { ru },
        22,
    );
    // In the middle, where no thumb covers it.
    if paper.copy > 0 {
        strip.bar(&[&format!("ДУБЛИКАТ / КӨЧҮРМӨ № {}", paper.copy)], 32);
    }
    if paper.is_void {
        super::void::fall(&mut strip);
    }
    strip.rule();
    mark_and_code(&mut strip, paper);
    strip.rule();
    // The event is about 210 bytes; a module is 4 dots (0.5 mm) and never less.
    strip.qr(&base45_of(&paper.event), 4);
    strip.text(
        &format!(
            "L{}·{}·{}   {}",
            heading.release,
            heading.precinct,
            paper.receipt,
            heading.root_spaced()
        ),
        plain(20).centred(),
    );
    strip.rule();
    let next = match heading.exercise {
        None | Some(Exercise::Training) => [
            "Тизмеге кол коюп, бюллетень алыңыз",
            "Распишитесь и получите бюллетень",
        ],
        Some(Exercise::Rehearsal) => [
            "Сиз тизмедесиз. Бүгүн добуш берүү жок",
            "Вы в списке. Сегодня голосования нет",
        ],
    };
    for text in next {
        strip.text(text, plain(21).centred());
    }
    let copy = if paper.copy > 0 {
        format!("-copy{}", paper.copy)
    } else {
        String::new()
    };
    Job {
        name: format!("receipt-{}{copy}", paper.receipt),
        bitmap: strip.done(),
    }
}

fn mark_and_code(strip: &mut Strip, paper: &ReceiptPaper) {
    let half = paper.heading.width.dots() / 2;
    let side = half * 2 / 5;
    let top = strip.y;
    strip.skip((side + 48).max(156));
    let (ky, _) = mark_name(paper.mark);
    let place = Rect {
        x: (half - side) / 2,
        y: top,
        width: side,
        height: side,
    };
    pictogram::draw(strip, place, paper.mark);
    let below = Rect {
        x: 0,
        y: top + side + 8,
        width: half,
        height: 0,
    };
    strip.text_in(below, ky, plain(21).bold().centred());
    let mut right = Rect {
        x: half,
        y: top + 4,
        width: half,
        height: 0,
    };
    strip.text_in(right, "күндүн коду", plain(20).centred());
    right.y += 28;
    strip.text_in(
        right,
        &format!("код дня · …{:02}", paper.line % 100),
        plain(20).centred(),
    );
    right.y += 30;
    strip.text_in(right, &paper.code, plain(64).bold().centred());
}

/// Draws a refusal slip.
#[must_use]
pub fn refusal(paper: &RefusalPaper) -> Job {
    let heading = &paper.heading;
    let mut strip = heading.strip();
    strip.bar(&["ОТКАЗ / БАШ ТАРТУУ"], 32);
    strip.pair(
        "Участок · комплект",
        &format!("{} · {}", heading.precinct, heading.kit_word()),
        22,
    );
    strip.pair(
        "Убакыт / Время",
        &paper.at.local_time(heading.offset_minutes),
        22,
    );
    strip.pair("Код", paper.reason.code(), 22);
    strip.rule();
    let [(why_ky, why_ru), (next_ky, next_ru)] = refusal_words(paper.reason);
    strip.text(&why_ky, plain(22).bold());
    strip.text(&why_ru, plain(22));
    if let Some(precinct) = paper.go_to {
        strip.text("Сиздин участок / Ваш участок", plain(21));
        strip.text(&format!("№ {precinct}"), plain(64).bold());
        if let Some((ky, ru)) = &paper.address {
            strip.text(ky, plain(22).bold());
            if ru != ky {
                strip.text(ru, plain(22));
            }
        }
    } else if let Some(kit) = &paper.kit {
        strip.text("Комплект", plain(21));
        strip.text(&kit.replace('K', "К"), plain(64).bold());
    }
    strip.rule();
    strip.text(&next_ky, plain(21));
    strip.text(&next_ru, plain(21));
    let until = paper.until.local_time(heading.offset_minutes);
    let until: String = until.chars().take(5).collect();
    strip.text(
        &format!("{} саат {until} чейин · до {until}", heading.date()),
        plain(22).bold(),
    );
    strip.text(
        "Макул эмессизби? Төрагага арыз бериңиз. Не согласны? Заявление у председателя.",
        plain(20),
    );
    strip.rule();
    strip.text(
        "аты-жөнү жана ПИН жок · бюллетенге укук бербейт",
        plain(20).centred(),
    );
    strip.text(
        "без имени и ПИН · не даёт права на бюллетень",
        plain(20).centred(),
    );
    Job {
        name: format!("refusal-{}-{}", heading.kit, paper.seq),
        bitmap: strip.done(),
    }
}
