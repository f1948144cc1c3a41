//! The paper of a slip that two officers declared void: who, when, why, and the word across it (ui/PRINT.md §2).

use lexicon::Instant;

use super::bitmap::Rect;
use super::paper::{Strip, plain};
use super::reports::in_each;
use super::{Heading, Job};

/// What stands on the paper of a void slip.
#[derive(Clone, Debug)]
pub struct VoidPaper {
    /// Precinct, day, kit.
    pub heading: Heading,
    /// `K2-0139`.
    pub receipt: String,
    /// Page of the paper list.
    pub page: u32,
    /// Line of the paper list.
    pub line: u32,
    /// When the voter was identified.
    pub identified_at: Instant,
    /// When the slip was declared void.
    pub voided_at: Instant,
    /// Why, a code.
    pub reason: String,
    /// The officers who signed.
    pub officers: Vec<String>,
    /// First digits of the declaration's id.
    pub event: String,
}

/// Draws the paper. It bears no code: nobody can hand it in for a ballot.
#[must_use]
pub fn void_slip(paper: &VoidPaper) -> Job {
    let heading = &paper.heading;
    let mut strip = heading.strip();
    strip.text(
        &format!("ШАЙЛОО УЧАСТКАСЫ № {}", heading.precinct),
        plain(23).bold().centred(),
    );
    strip.text(
        &format!("{} · Комплект {}", heading.date(), heading.kit_word()),
        plain(21).centred(),
    );
    strip.rule();
    strip.bar(&[&format!("ЧЕК {}", paper.receipt.replace('K', "К"))], 28);
    let (page, line) = (paper.page.to_string(), paper.line.to_string());
    strip.boxes([("бет / стр.", &page), ("сап / строка", &line)], 72);
    let time = |at: Instant| at.local_time(heading.offset_minutes);
    strip.pair("Аныкталган / Отмечен", &time(paper.identified_at), 22);
    strip.pair("Жокко чыкты / Аннулирован", &time(paper.voided_at), 22);
    let (ky, ru) = reason_words(&paper.reason);
    strip.text(&format!("Себеби: {ky}"), plain(21));
    strip.text(&format!("Причина: {ru}"), plain(21));
    for officer in &paper.officers {
        strip.pair("Чечкен / Решил", officer, 21);
    }
    strip.pair("Окуя / Событие", &paper.event, 21);
    fall(&mut strip);
    strip.rule();
    strip.text(
        "Бюллетень берүүгө укук бербейт · Не даёт права на бюллетень",
        plain(20).centred(),
    );
    for who in ["sign_chair", "sign_one"] {
        strip.sign_here(&in_each(heading, who));
    }
    Job {
        name: format!("void-{}", paper.receipt),
        bitmap: strip.done(),
    }
}

/// The words fall across the paper from where it is now.
pub(super) fn fall(strip: &mut Strip) {
    let top = strip.y;
    strip.skip(ACROSS_HIGH);
    across(strip, top);
}

/// Dots that the words fall through, below the facts: neither hides the other.
const ACROSS_HIGH: usize = 250;

/// The two words fall across the paper side by side, letter by letter, from `top` on.
fn across(strip: &mut Strip, top: usize) {
    const LONGEST: usize = "АННУЛИРОВАН".len() / 2;
    let step = strip.bitmap.width() / LONGEST;
    for (word, size, lift) in [("АННУЛИРОВАН", 52u16, 0), ("ЖОКТУ", 44, 80)] {
        let height = Strip::line_height(size);
        let fall = ACROSS_HIGH.saturating_sub(80 + height) / LONGEST;
        let first = (LONGEST - word.chars().count().min(LONGEST)) / 2;
        for (at, letter) in (first..).zip(word.chars()) {
            let place = Rect {
                x: at * step,
                y: top + lift + at * fall,
                width: step,
                height,
            };
            strip.text_in(place, &letter.to_string(), plain(size).bold().centred());
        }
    }
}

/// A reason in ky and ru.
fn reason_words(code: &str) -> (&str, &str) {
    match code {
        "ACT_UNDONE" => ("белги жокко чыгарылды", "отметка отменена"),
        "NOT_PRINTED" => ("чек чыккан жок", "чек не вышел"),
        "SPOILT" => ("чек бузулган", "чек испорчен"),
        other => (other, other),
    }
}
